"""The pytest plugin that hears hidden tests: gives them their two sides, seeds them, and keeps how each one ended."""

import functools
import hashlib
import os
import secrets
from contextlib import suppress

import pytest

from autograder import course, diagnose
from autograder.compare import Mismatch
from autograder.sandbox import SandboxError
from autograder.student import Student, StudentError
from autograder.verdict import TestResult

VARIANTS = 16
_SECRET = course.ROOT / ".autograder" / "secret"


def seed_of(exercise: str, test: str, variant: int) -> int:
    """The seed of one hidden test: unknown to students, the same whenever the same submission is judged."""
    digest = hashlib.sha256(f"{_secret()}/{exercise}/{test}/{variant}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


@functools.cache
def _secret():
    """The course's secret: made once, kept beside the gradebook, in no repository."""
    if not _SECRET.is_file():
        _SECRET.parent.mkdir(exist_ok=True)
        new = _SECRET.with_name(f"secret.{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(secrets.token_hex(16))
        with suppress(FileExistsError):  # whoever is first
            os.link(new, _SECRET)
        new.unlink()
    return _SECRET.read_text().strip()


class Hearing:
    """Hears one submission; `results` has, by task, each test's result, its item, and what its probes gave."""

    def __init__(self, exercise: str, student: Student, variant: int):
        self.exercise, self.variant = exercise, variant
        self.results: dict[str, list[tuple[TestResult, pytest.Item, diagnose.Record]]] = {}
        self._student = student
        self._records: dict[str, diagnose.Record] = {}

    def pytest_configure(self, config):
        config.addinivalue_line("markers", "task(name): the task whose points the test shares")

    @pytest.fixture
    def student(self, request):
        """Runs a probe beside the student's code; what comes back is plain data."""
        task, seed = _task(request.node), self._seed(request.node)
        record = self._records[request.node.nodeid] = diagnose.Record()
        return record.keeping(lambda probe, *args: self._student.probe(task, probe, args, seed + 1))

    @pytest.fixture
    def reference(self, request):
        """Runs a probe on the reference."""
        return diagnose.side(self.exercise, None, self._seed(request.node))

    def _seed(self, item):
        return seed_of(self.exercise, item.name, self.variant)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        diagnose.seed_globals(self._seed(item))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if call.when == "call" or (call.when == "setup" and call.excinfo):
            record = self._records.pop(item.nodeid, diagnose.Record())
            result = self._result(item, call.excinfo.value if call.excinfo else None, record)
            record.passed = result.outcome == "passed"
            self.results.setdefault(_task(item), []).append((result, item, record))
        return report

    def _result(self, item, error, record):
        if error is None:
            return TestResult(item.name, "passed")
        if isinstance(error, Mismatch):
            return TestResult(item.name, "failed", error.message, error.observed, error.expected)
        if isinstance(error, AssertionError):
            return TestResult(item.name, "failed", str(error)[:500])
        if isinstance(error, StudentError):
            return TestResult(item.name, "failed", self._student.explain(error))
        # The test could not use what it got. If it can use the reference's, it is the student's value that is odd.
        fair = diagnose.replay(self.exercise, None, item, self._seed(item)).passed
        if fair and not isinstance(error, SandboxError):
            kinds = ", ".join(dict.fromkeys(type(value).__name__ for value in record.values))
            return TestResult(item.name, "failed", f"what your code gives has another form than asked for ({kinds})")
        return TestResult(item.name, "broken", f"{type(error).__name__}: {error}"[:500])

    def misconception(self, task: str) -> course.Misconception | None:
        """The known wrong answer that would have given exactly this on every test of the task."""
        results = self.results.get(task, [])
        return diagnose.find(self.exercise, task, [(item, self._seed(item), record) for _, item, record in results])


def _task(item):
    return item.get_closest_marker("task").args[0]
