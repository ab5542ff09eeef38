"""Runs hidden tests: each gets its two sides and its seed, and what its probes gave is recorded."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from autograder.judging.fence.sandbox import SandboxError
from autograder.judging.fence.student import Student, StudentError
from autograder.judging.fence.worker import probes
from autograder.judging.hidden_tests.collecting import Test, tests
from autograder.judging.hidden_tests.compare import Mismatch, assert_close
from autograder.judging.hidden_tests.reference import reference
from autograder.judging.verdict import TestResult

# `pytest.fail`, an unmet `pytest.raises` and `pytest.skip` raise what derives from BaseException alone.
_OUTCOMES = (pytest.fail.Exception, pytest.skip.Exception)
_LOOSE = {"rtol": 1e-5, "atol": 1e-7}  # another style rounds otherwise; a mistake is far larger


@dataclass
class Record:
    """What a test asked, probes with their inputs, and what they gave, errors included; and whether it passed."""

    asked: list = field(default_factory=list)
    values: list = field(default_factory=list)
    passed: bool = False

    @property
    def unwritten(self) -> bool:
        """Whether the student has not written what the test asks for."""
        last = self.values[-1] if self.values else ""
        return isinstance(last, str) and last.startswith("raised NotImplementedError")

    def keeping(self, ask: Callable) -> Callable:
        """`ask`, with everything that it gives or raises kept in this record."""

        def kept(probe, *args):
            self.asked.append((probe, args))
            try:
                value = ask(probe, *args)
            except StudentError as error:
                self.values.append(f"raised {error.kind}")
                raise
            self.values.append(value)
            return value

        return kept

    def same_as(self, other: "Record") -> bool:
        """Whether both passed, or both failed with the same values."""
        if self.passed or other.passed:
            return self.passed == other.passed
        try:
            assert_close(self.values, other.values, **_LOOSE)
        except AssertionError:
            return False
        return True


def attempt(test: Test, student: Callable, expected: Callable | None = None) -> tuple[Record, BaseException | None]:
    """What the probes of a test gave on one side, `student`, and what it raised, if anything.

    `expected` is the other side: what is kept of the reference, unless given.
    """
    record = Record()
    sides = {"student": record.keeping(student), "reference": expected or reference(test.exercise, test.seed)}
    wanted = {name: sides[name] for name in inspect.signature(test.run).parameters if name in sides}
    probes.seed_globals(test.seed)
    try:
        test.run(**wanted)
    except (Exception, *_OUTCOMES) as error:
        return record, error
    record.passed = True
    return record, None


@dataclass(frozen=True)
class Heard:
    """How one test of a submission ended, and what its probes gave."""

    test: Test
    result: TestResult
    record: Record


def hear(exercise: str, student: Student, variant: int) -> dict[str, list[Heard]]:
    """By task, how each hidden test ended on a submission."""
    heard: dict[str, list[Heard]] = {}
    for test in tests(exercise, variant):
        record, error = attempt(test, functools.partial(_ask, student, test))
        heard.setdefault(test.task, []).append(Heard(test, _result(test, error, record, student), record))
    return heard


def _ask(student, test, probe, *args):
    return student.probe(test.task, probe, args, test.seed + 1)


def _result(test, error, record, student):
    if error is None:
        return TestResult(test.name, "passed")
    if isinstance(error, Mismatch):
        return TestResult(test.name, "failed", error.message, error.observed, error.expected)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return TestResult(test.name, "failed", str(error)[:500])
    if isinstance(error, StudentError):
        return TestResult(test.name, "failed", student.explain(error))
    # The test could not use what it got. If it can use the reference's, it is the student's value that is odd.
    ours = isinstance(error, SandboxError | pytest.skip.Exception)
    if not ours and attempt(test, reference(test.exercise, test.seed))[0].passed:
        kinds = ", ".join(dict.fromkeys(type(value).__name__ for value in record.values))
        return TestResult(test.name, "failed", f"what your code gives has another form than asked for ({kinds})")
    return TestResult(test.name, "broken", f"{type(error).__name__}: {error}"[:500])
