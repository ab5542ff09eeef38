"""Requests that an LTI 1.3 platform lets in.

Its services need no launch and no web server: a signed assertion buys a token (1EdTech Security Framework 1.0).
"""

import http
import re
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from autograder import CourseError
from autograder.lms.lti.registration import SCOPES, private_key, public_key, registered

SECONDS = 30
PAUSES = (1, 4, 0)
# So many requests in a row that fail, each after its retries, mean that the platform is down.
GIVE_UP = 3
# A busy platform is asked again, later each time: 0.5, 1, 2, 4, 8 seconds and a little, or as it says itself.
RETRY = Retry(
    total=5, backoff_factor=0.5, backoff_jitter=0.2, backoff_max=30, retry_after_max=60,
    status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None, raise_on_status=False,
)  # fmt: skip


class Unreachable(CourseError):
    """The platform gave no answer that counts, however often it was asked."""


class Session:
    """Requests that the platform lets in: with tokens, with retries, and to its own addresses only."""

    def __init__(self, folder: Path):
        self.platform = registered(folder)
        self._key, self._kid = private_key(folder), public_key(folder)[1]["kid"]
        self._token, self._until, self._misses = "", 0.0, 0
        self._homes = {urlsplit(url)[:2] for url in (self.platform.lineitems_url, self.platform.memberships_url)}
        self._patient, self._once = requests.Session(), requests.Session()
        for scheme in ("https://", "http://"):
            self._patient.mount(scheme, HTTPAdapter(max_retries=RETRY))

    def call(self, method: str, url: str, once: bool = False, **options) -> requests.Response:
        """One request to a service, with a new token where the old one has run out; raises CourseError.

        `once` is for what must not be done twice; everything else is tried again while the platform is in trouble.
        """
        if urlsplit(url)[:2] not in self._homes:
            raise CourseError(f"the platform named an address at {urlsplit(url).hostname}, where no token is sent")
        response = self._try(method, url, once, self._bearer(), **options)
        if response.status_code == 401:
            self._token = ""
            response = self._try(method, url, once, self._bearer(), **options)
        if not 200 <= response.status_code < 300:
            kind = Unreachable if response.status_code in RETRY.status_forcelist else CourseError
            service = urlsplit(url).path.rstrip("/").rpartition("/")[2]
            raise kind(f"the LMS answered {_reason(response)} ({service})")
        return response

    def _bearer(self):
        if not self._token or time.monotonic() > self._until:
            told = self._buy()
            self._token, self._until = told["access_token"], time.monotonic() + float(told.get("expires_in", 60)) - 10
        return self._token

    def _buy(self):
        response = self._ask_for_token()
        told = content(response) if response.status_code == 200 else {}
        if not told.get("access_token"):
            raise CourseError(
                f"{urlsplit(self.platform.token_url).hostname} gives no token ({_reason(response)}): "
                "compare `course lti keys` and `course lti register` with what its admin has"
            )
        if missing := sorted(set(SCOPES) - set(told.get("scope", " ".join(SCOPES)).split())):
            raise CourseError(f"the platform doesn't grant {', '.join(missing)}: its admin has to allow it to the tool")
        return told

    def _ask_for_token(self):
        """The answer of the token's address; each attempt has an assertion of its own, which counts once."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "scope": " ".join(SCOPES),
        }
        for pause in PAUSES:
            form["client_assertion"] = self._assertion()
            try:
                response = self._try("POST", self.platform.token_url, once=True, data=form)
                if response.status_code not in RETRY.status_forcelist:
                    return response
                reason = Unreachable(f"{urlsplit(self.platform.token_url).hostname} answered {_reason(response)}")
            except Unreachable as error:
                reason = error
            time.sleep(pause)
        raise reason

    def _assertion(self):
        who, now = self.platform.client_id, int(time.time())
        audience = self.platform.audience or self.platform.token_url
        claims = {"iss": who, "sub": who, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}
        return jwt.encode(claims, self._key, "RS256", {"kid": self._kid})

    def _try(self, method, url, once=False, token="", headers=None, **options):
        if self._misses >= GIVE_UP:
            raise Unreachable(f"{urlsplit(url).hostname} does not answer: given up")
        headers = (headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        session = self._once if once else self._patient
        try:
            response = session.request(method, url, headers=headers, timeout=SECONDS, allow_redirects=False, **options)
        except requests.RequestException as error:
            self._misses += 1
            # The exception's own text may quote the request.
            raise Unreachable(f"{urlsplit(url).hostname} could not be reached: {type(error).__name__}") from None
        self._misses = self._misses + 1 if response.status_code in RETRY.status_forcelist else 0
        return response


def content(response: requests.Response):
    """The JSON of an answer; raises CourseError where it is none."""
    try:
        return response.json()
    except ValueError:
        raise CourseError(f"{urlsplit(response.url).hostname} did not answer in JSON: check the addresses") from None


def _reason(response):
    """The status, and OAuth's own word for what is wrong; nothing else, as a platform may repeat what we sent."""
    try:
        word = str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        word = ""
    status = http.HTTPStatus(response.status_code)
    return f"{status} {status.phrase}{f', {word}' if re.fullmatch('[a-z_]{1,40}', word) else ''}"
