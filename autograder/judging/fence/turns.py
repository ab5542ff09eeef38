"""Lets a submission be judged alone: while no other one of this course is judged on this machine."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from autograder import course

_FOLDER = course.ROOT / ".autograder"


def beside() -> contextlib.AbstractContextManager:
    """While it is entered, others may be judged too, but nobody is `alone`."""
    return _locked(fcntl.LOCK_SH)


def alone() -> contextlib.AbstractContextManager:
    """While it is entered, nobody else is judged; those who come later wait."""
    return _locked(fcntl.LOCK_EX)


@contextlib.contextmanager
def _locked(how) -> Iterator[None]:
    with _file("next") as turn, _file("judging") as judging:
        fcntl.flock(turn, how)  # first come, first served: one who waits to be alone lets nobody pass
        fcntl.flock(judging, how)
        fcntl.flock(turn, fcntl.LOCK_UN)
        yield


@contextlib.contextmanager
def _file(name):
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    file = os.open(_FOLDER / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)
