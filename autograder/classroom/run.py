"""One run that grades a course: it keeps other runs out, and writes down what nbgrader says."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from autograder import CourseError

LOG = "grading.log"


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep other runs out of the course that has its state there; raises CourseError where one is under way."""
    state.mkdir(exist_ok=True)
    try:
        with FileLock(state / "grading.lock").acquire(timeout=0):
            yield
    except Timeout:
        raise CourseError(f"another run is grading {state.parent}: wait until it has ended") from None


@contextlib.contextmanager
def logged(state: Path) -> Iterator[logging.Logger]:
    """Where nbgrader says what it does in this run, anew each time; a person reads it when something went wrong."""
    handler = logging.FileHandler(state / LOG, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.handleError = lambda record: None  # a full disk is said by what could not be kept
    logger = logging.Logger("autograder", logging.INFO)
    # nbgrader's gradebook speaks through tornado's logger, which without a handler writes to the terminal.
    speaking = (logger, tornado := logging.getLogger("tornado.application"))
    tornado.propagate = False
    for one in speaking:
        one.addHandler(handler)
    try:
        yield logger
    finally:
        for one in speaking:
            one.removeHandler(handler)
        handler.close()
