"""A small LTI 1.3 platform on loopback: it checks what the specifications ask for, and fails when told to.

Security Framework 1.0, Assignment and Grade Services 2.0, Names and Role Provisioning Services 2.0.
"""

import json
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE = 2


class Platform:
    """The platform's state; `faults` are (part of the path, what goes wrong), each used once, in order."""

    def __init__(self, public_key: str, client_id: str = "client-1"):
        self.public_key, self.client_id = public_key, client_id
        self.scopes = {f"{AGS}/lineitem", f"{AGS}/result.readonly", f"{AGS}/score", NRPS}
        self.members, self.items, self.scores = [], {}, {}
        self.faults, self.seen, self.tokens, self.used = [], [], {}, set()
        self.comments = True
        # How many entries further the next page begins, as its link says; the platform gives it those of `start`.
        self.step, self.endless = PAGE, False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"platform": self}))
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def enrol(self, user, email="", number="", role=LEARNER, status="Active", name=""):
        facts = {"user_id": user, "email": email, "lis_person_sourcedid": number, "name": name or user}
        self.members.append(facts | {"roles": [role], "status": status})

    def add(self, item):
        """A new column; a teacher's own has no tag."""
        number = str(len(self.items) + 1)
        self.items[number] = item | {"id": f"{self.url}/lineitems/{number}?type_id=7"}
        return self.items[number]

    def fault(self, what):
        """Whether something goes wrong with this request; each fault happens once."""
        for number, (part, fault) in enumerate(self.faults):
            if part in what:
                del self.faults[number]
                return fault
        return None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Refused(Exception):
    """A status that the request gets."""


class _Handler(BaseHTTPRequestHandler):
    platform: Platform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def handle_one(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, query = urlsplit(self.path)[2:4]
        self.platform.seen.append((method, path, self.body.decode()))
        fault = self.platform.fault(f"{method} {path} {self.body.decode()}")
        if fault == "cut":
            self.close_connection = True
            self.connection.close()
            return
        try:
            if isinstance(fault, int):
                raise Refused(fault)
            answer = self.route(method, path, parse_qs(query))
            # The work is done, but its answer is lost.
            if fault == "cut after":
                self.close_connection = True
                self.connection.close()
                return
            self.answer(*answer)
        except Refused as refused:
            headers = {"Retry-After": "0"} if refused.args[0] == 429 else {}
            # A careless platform repeats what it was sent.
            status, error = (*refused.args, "")[:2]
            echo = {"error": error, "sent": str(self.headers) + self.body.decode()}
            self.answer(status, "application/json", echo, headers)

    def answer(self, status, media, content, headers=None):
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def route(self, method, path, query):
        if (method, path) == ("POST", "/token"):
            return self.token(parse_qs(self.body.decode()))
        if (method, path) == ("GET", "/members"):
            self.allow(NRPS, accept=MEMBERS)
            return self.page(MEMBERS, self.platform.members, query, lambda part: {"id": path, "members": part})
        if path == "/lineitems":
            return self.line_items(method, query)
        _, first, item, last = [*path.split("/"), ""][:4]
        if first != "lineitems" or item not in self.platform.items or query.get("type_id") != ["7"]:
            raise Refused(404)
        return self.results(item, query) if (method, last) == ("GET", "results") else self.score(item, method, last)

    def token(self, form):
        """Checks the assertion as the Security Framework says, and gives the scopes that are granted."""
        if form.get("grant_type") != ["client_credentials"]:
            raise Refused(400, "unsupported_grant_type")
        if form.get("client_assertion_type") != ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]:
            raise Refused(400, "invalid_request")
        try:
            said = jwt.decode(
                form["client_assertion"][0], self.platform.public_key, ["RS256"], audience=f"{self.platform.url}/token",
                options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            raise Refused(401, "invalid_client") from None
        if said["iss"] != self.platform.client_id or said["sub"] != said["iss"] or said["jti"] in self.platform.used:
            raise Refused(401, "invalid_client")
        self.platform.used.add(said["jti"])
        granted = set(form["scope"][0].split()) & self.platform.scopes
        if not granted:
            raise Refused(400, "invalid_scope")
        token = f"token-{len(self.platform.tokens)}-secret"
        self.platform.tokens[token] = (granted, time.monotonic() + 3600)
        told = {"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": " ".join(sorted(granted))}
        return 200, "application/json", told

    def allow(self, scope, accept=None, content_type=None):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        granted, until = self.platform.tokens.get(token, (set(), 0))
        if time.monotonic() > until:
            raise Refused(401, "invalid_token")
        if scope not in granted:
            raise Refused(403, "insufficient_scope")
        if accept and self.headers.get("Accept") != accept:
            raise Refused(406)
        if content_type and self.headers.get("Content-Type") != content_type:
            raise Refused(415)

    def page(self, media, everything, query, wrap):
        start = int(query.get("start", ["0"])[0])
        headers = {}
        if start + PAGE < len(everything) or self.platform.endless:
            path = urlsplit(self.path).path
            more = "&type_id=7" if "type_id" in query else ""
            headers["Link"] = f'<{self.platform.url}{path}?start={start + self.platform.step}{more}>; rel="next"'
        first = 0 if self.platform.endless else start
        return 200, media, wrap(everything[first : first + PAGE]), headers

    def line_items(self, method, query):
        if method == "GET":
            self.allow(f"{AGS}/lineitem", accept=LINE_ITEMS)
            return self.page(LINE_ITEMS, list(self.platform.items.values()), query, list)
        self.allow(f"{AGS}/lineitem", content_type=LINE_ITEM)
        item = json.loads(self.body)
        if not item["label"] or item["scoreMaximum"] <= 0:
            raise Refused(400)
        return 201, LINE_ITEM, self.platform.add(item)

    def score(self, item, method, last):
        if (method, last) != ("POST", "scores"):
            raise Refused(405)
        self.allow(f"{AGS}/score", content_type=SCORE)
        score = json.loads(self.body)
        when = datetime.fromisoformat(score["timestamp"])
        if when.tzinfo is None or "." not in score["timestamp"]:
            raise Refused(400)
        if score["scoreGiven"] < 0 or score["scoreMaximum"] <= 0:
            raise Refused(400)
        if (score["activityProgress"], score["gradingProgress"]) != ("Completed", "FullyGraded"):
            raise Refused(400)
        if score["userId"] not in {one["user_id"] for one in self.platform.members}:
            raise Refused(404)
        before = self.platform.scores.get((item, score["userId"]))
        if before and datetime.fromisoformat(before["timestamp"]) >= when:
            raise Refused(409)
        self.platform.scores[item, score["userId"]] = score
        return 200, "application/json", {}

    def results(self, item, query):
        self.allow(f"{AGS}/result.readonly", accept=RESULTS)
        most = self.platform.items[item]["scoreMaximum"]
        found = []
        for (theirs, user), score in self.platform.scores.items():
            if theirs == item:
                result = {"id": user, "userId": user, "resultScore": score["scoreGiven"] / score["scoreMaximum"] * most,
                          "resultMaximum": most, "scoreOf": self.platform.items[item]["id"]}  # fmt: skip
                found.append(result | ({"comment": score["comment"]} if self.platform.comments else {}))
        return self.page(RESULTS, found, query, list)
