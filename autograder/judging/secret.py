"""The course's secret: seeds that no student can guess are made with it, and seals that nobody can forge."""

import functools
import hashlib
import hmac
import secrets
from contextvars import ContextVar

from autograder import course
from autograder.files import create_atomically

_PATH = course.ROOT / ".autograder" / "secret"
_shared: ContextVar[str] = ContextVar("secret", default="")


def get() -> str:
    """The secret: made once, kept beside the gradebook, in no repository."""
    return _shared.get() or _own()


def use(text: str) -> None:
    """Work with the secret of a course that is on another machine."""
    _shared.set(text)


def seal(text: str) -> str:
    """What only somebody with the secret can make of a text (HMAC, RFC 2104)."""
    return hmac.new(get().encode(), text.encode(), hashlib.sha256).hexdigest()


@functools.cache
def _own():
    if not _PATH.is_file():
        create_atomically(_PATH, secrets.token_hex(16), mode=0o600)
    return _PATH.read_text().strip()
