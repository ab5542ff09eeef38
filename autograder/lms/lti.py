"""The tool's side of LTI 1.3: its key pair, what the platform's admin told it, and a session that is let in.

The services need no launch and no web server: a signed assertion buys a token (1EdTech Security Framework 1.0).
"""

import base64
import dataclasses
import hashlib
import http
import json
import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from autograder.course import CourseError

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope"
SCOPES = (
    f"{_AGS}/lineitem",
    f"{_AGS}/result.readonly",
    f"{_AGS}/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
FOLDER = ".lti"
SECONDS = 30
PAUSES = (1, 4, 0)
# So many requests in a row that fail, each after its retries, mean that the platform is down.
GIVE_UP = 3
# A busy platform is asked again, later each time: 0.5, 1, 2, 4, 8 seconds and a little, or as it says itself.
RETRY = Retry(
    total=5, backoff_factor=0.5, backoff_jitter=0.2, backoff_max=30, retry_after_max=60,
    status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None, raise_on_status=False,
)  # fmt: skip


@dataclass(frozen=True)
class Platform:
    """What the LMS's admin says after registering the tool; `audience` is the token's address unless told otherwise."""

    issuer: str
    client_id: str
    token_url: str
    lineitems_url: str
    memberships_url: str
    audience: str = ""


def make_keys(folder: Path) -> Path:
    """The tool's private key, made unless it is there, readable by its owner only."""
    path = folder / "private.pem"
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        _write_privately(path, pem)
    return path


def public_key(folder: Path) -> tuple[str, dict]:
    """The public half, as PEM and as JWK with its thumbprint (RFC 7638) as `kid`; raises CourseError."""
    key = _private_key(folder).public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    jwk = RSAAlgorithm.to_jwk(key, as_dict=True)
    parts = {name: jwk[name] for name in ("e", "kty", "n")}
    digest = hashlib.sha256(json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return pem.decode(), {**parts, "alg": "RS256", "use": "sig", "kid": kid}


def register(folder: Path, platform: Platform) -> Path:
    """Keep what the admin said, readable by its owner only; raises CourseError for an address without https."""
    for field in ("token_url", "lineitems_url", "memberships_url"):
        parts = urlsplit(getattr(platform, field))
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise CourseError(f"the {field.replace('_', ' ')} must begin with https://: tokens are sent there")
    path = folder / "platform.json"
    _write_privately(path, json.dumps(dataclasses.asdict(platform), indent=1).encode() + b"\n")
    return path


def registered(folder: Path) -> Platform:
    """What `register` kept; raises CourseError."""
    path = folder / "platform.json"
    if not path.is_file():
        raise CourseError(f"no platform is registered in {folder}: run `course lti register`")
    return Platform(**json.loads(path.read_text(encoding="utf-8")))


class Unreachable(CourseError):
    """The platform gave no answer that counts, however often it was asked."""


class Session:
    """Requests that the platform lets in: with tokens, with retries, and to its own addresses only."""

    def __init__(self, folder: Path):
        self.platform = registered(folder)
        self._key, self._kid = _private_key(folder), public_key(folder)[1]["kid"]
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


def _private_key(folder):
    path = folder / "private.pem"
    if not path.is_file():
        raise CourseError(f"{folder} has no key: run `course lti keys`")
    if path.stat().st_mode & 0o077:
        raise CourseError(f"others can read {path}: run `chmod 600 {path}`, or make a new key if they did")
    return serialization.load_pem_private_key(path.read_bytes(), password=None)


def _write_privately(path, data):
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    draft.replace(path)
