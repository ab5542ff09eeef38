"""Hears a submission: pytest collects the hidden tests once, then each of them gets its two sides and its seed."""

import functools
import hashlib
import os
from dataclasses import dataclass

import pytest

from autograder import authored, course, diagnose, secret, sides
from autograder.compare import Mismatch
from autograder.course import CourseError
from autograder.sandbox import SandboxError
from autograder.student import Student, StudentError
from autograder.verdict import TestResult

VARIANTS = 4  # seeds are secret anyhow, and with each new one all that mistakes give has to be computed once
# Only what collecting needs: it is quick, and no plug-in that happens to be installed takes part.
_PYTEST = ["--collect-only", "--assert=plain", "--import-mode=importlib", "--disable-plugin-autoload", "--noconftest"]
_PYTEST += ["--capture=no", "-c", os.devnull, "--rootdir", str(course.HIDDEN)]
_PYTEST += [part for plugin in ("terminal", "cacheprovider", "warnings") for part in ("-p", f"no:{plugin}")]


@dataclass(frozen=True)
class Heard:
    """How one test of a submission ended, and what its probes gave."""

    test: diagnose.Test
    result: TestResult
    record: diagnose.Record


def seed_of(exercise: str, test: str, variant: int) -> int:
    """The seed of one hidden test: unknown to students, the same whenever the same submission is judged."""
    digest = hashlib.sha256(f"{secret.get()}/{exercise}/{test}/{variant}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


class _Collector:
    items = ()
    problems = ()

    def pytest_configure(self, config):
        config.addinivalue_line("markers", "task(name): the task whose points the test shares")

    def pytest_collectreport(self, report):
        if report.failed:
            self.problems = (*self.problems, str(report.longrepr)[-500:])

    def pytest_collection_finish(self, session):
        self.items = tuple(session.items)


@functools.cache
def _items(exercise):
    collector = _Collector()
    code = pytest.main([*_PYTEST, str(course.hidden_tests(exercise))], plugins=[collector])
    if code != pytest.ExitCode.OK or collector.problems:
        course.load(course.hidden_tests(exercise))  # says more of what is wrong with the file than pytest does
        reason = "\n".join(collector.problems) or f"pytest's exit code {int(code)}"
        raise CourseError(f"the hidden tests of {exercise} could not be collected: {reason}")
    where, tasks = f"autograder/hidden/test_{exercise}.py", [task.name for task in course.exercise(exercise).tasks]
    if problems := list(authored.test_problems(collector.items, where, tasks)):
        raise CourseError("\n".join(problems))
    return [(item, item.get_closest_marker("task").args[0], _bound(item)) for item in collector.items]


def _bound(item):
    """The test with the values of its parametrized arguments."""
    return functools.partial(item.obj, **item.callspec.params) if hasattr(item, "callspec") else item.obj


def tests(exercise: str, variant: int) -> list[diagnose.Test]:
    """The hidden tests of an exercise with the seeds of a variant; raises CourseError where they cannot be read."""
    return [
        diagnose.Test(exercise, task, item.name, seed_of(exercise, item.name, variant), run)
        for item, task, run in _items(exercise)
    ]


def hear(exercise: str, student: Student, variant: int) -> dict[str, list[Heard]]:
    """By task, how each hidden test ended on a submission."""
    heard: dict[str, list[Heard]] = {}
    for test in tests(exercise, variant):
        record, error = diagnose.attempt(test, functools.partial(_ask, student, test))
        heard.setdefault(test.task, []).append(Heard(test, _result(test, error, record, student), record))
    return heard


def _ask(student, test, probe, *args):
    return student.probe(test.task, probe, args, test.seed + 1)


def _result(test, error, record, student):
    if error is None:
        return TestResult(test.name, "passed")
    if isinstance(error, Mismatch):
        return TestResult(test.name, "failed", error.message, error.observed, error.expected)
    if isinstance(error, AssertionError):
        return TestResult(test.name, "failed", str(error)[:500])
    if isinstance(error, StudentError):
        return TestResult(test.name, "failed", student.explain(error))
    # The test could not use what it got. If it can use the reference's, it is the student's value that is odd.
    if (
        not isinstance(error, SandboxError)
        and diagnose.attempt(test, sides.reference(test.exercise, test.seed))[0].passed
    ):
        kinds = ", ".join(dict.fromkeys(type(value).__name__ for value in record.values))
        return TestResult(test.name, "failed", f"what your code gives has another form than asked for ({kinds})")
    return TestResult(test.name, "broken", f"{type(error).__name__}: {error}"[:500])
