"""What an LTI 1.3 tool keeps: its key pair, and what the platform's admin told it."""

import base64
import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from autograder import CourseError
from autograder.files import write_atomically

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope"
SCOPES = (
    f"{_AGS}/lineitem",
    f"{_AGS}/result.readonly",
    f"{_AGS}/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
FOLDER = ".lti"


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
    key = private_key(folder).public_key()
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


def private_key(folder: Path) -> rsa.RSAPrivateKey:
    """The tool's private key; raises CourseError where there is none, or others can read it."""
    path = folder / "private.pem"
    if not path.is_file():
        raise CourseError(f"{folder} has no key: run `course lti keys`")
    if path.stat().st_mode & 0o077:
        raise CourseError(f"others can read {path}: run `chmod 600 {path}`, or make a new key if they did")
    return serialization.load_pem_private_key(path.read_bytes(), password=None)


def _write_privately(path, data):
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, data, mode=0o600)
