"""Collects the hidden tests of an exercise, once, with pytest; each gets its seed."""

import contextlib
import functools
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from autograder import CourseError, course
from autograder.course.problems import test_problems
from autograder.judging import secret

VARIANTS = 4  # seeds are secret anyhow, and with each new one all that mistakes give has to be computed once
# Only what collecting needs: it is quick, and no plug-in that happens to be installed takes part.
_PYTEST = ["--collect-only", "--assert=plain", "--import-mode=importlib", "--disable-plugin-autoload", "--noconftest"]
_PYTEST += ["--capture=no", "-c", os.devnull, "--rootdir", str(course.HIDDEN)]
_PYTEST += [part for plugin in ("terminal", "cacheprovider", "warnings") for part in ("-p", f"no:{plugin}")]


@dataclass(frozen=True)
class Test:
    """One hidden test with its seed: `run` takes the two sides by name."""

    __test__ = False  # for pytest, which collects by name

    exercise: str
    task: str
    name: str
    seed: int
    run: Callable = field(compare=False)


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
        if report.skipped:
            self.problems = (
                *self.problems,
                f"the file skips itself ({report.longrepr[-1]}); every test in it has to run",
            )

    def pytest_collection_finish(self, session):
        self.items = tuple(session.items)


@functools.cache
def _items(exercise):
    collector = _Collector()
    code = pytest.main([*_PYTEST, str(course.hidden_tests(exercise))], plugins=[collector])
    if code != pytest.ExitCode.OK or collector.problems:
        with contextlib.suppress(pytest.skip.Exception, pytest.fail.Exception):  # pytest has said it
            course.load(course.hidden_tests(exercise))  # says more of what is wrong with the file than pytest does
        reason = "\n".join(collector.problems) or f"pytest's exit code {int(code)}"
        raise CourseError(f"the hidden tests of {exercise} could not be collected: {reason}")
    where, tasks = f"autograder/hidden/test_{exercise}.py", [task.name for task in course.exercise(exercise).tasks]
    if problems := list(test_problems(collector.items, where, tasks)):
        raise CourseError("\n".join(problems))
    return [(item, item.get_closest_marker("task").args[0], _bound(item)) for item in collector.items]


def _bound(item):
    """The test with the values of its parametrized arguments."""
    return functools.partial(item.obj, **item.callspec.params) if hasattr(item, "callspec") else item.obj


def tests(exercise: str, variant: int) -> list[Test]:
    """The hidden tests of an exercise with the seeds of a variant; raises CourseError where they cannot be read."""
    return [
        Test(exercise, task, item.name, seed_of(exercise, item.name, variant), run)
        for item, task, run in _items(exercise)
    ]
