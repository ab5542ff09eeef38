"""Names a mistake: replays a failed task on its misconceptions and looks for the one that gives the same."""

import contextlib
import functools
import inspect
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from autograder import course
from autograder.compare import assert_close
from autograder.course import Misconception
from autograder.student import StudentError, source_of
from autograder.worker import probes, wire

_LOOSE = {"rtol": 1e-5, "atol": 1e-7}  # another style rounds otherwise; a mistake is far larger


@dataclass
class Record:
    """What the probes of one test gave, errors included, and whether the test passed."""

    values: list = field(default_factory=list)
    passed: bool = False

    def keeping(self, ask: Callable) -> Callable:
        """`ask`, with everything that it gives or raises kept in this record."""

        def kept(probe, *args):
            try:
                value = ask(probe, *args)
            except StudentError as error:
                self.values.append(f"raised {error.kind} {error.digest}")
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


@dataclass(frozen=True)
class Test:
    """One hidden test with its seed: `run` takes the two sides by name."""

    __test__ = False  # for pytest, which collects by name

    exercise: str
    task: str
    name: str
    seed: int
    run: Callable = field(compare=False)


def attempt(test: Test, student: Callable) -> tuple[Record, Exception | None]:
    """What the probes of a test gave on one side, `student`, and what it raised, if anything."""
    record = Record()
    sides = {"student": record.keeping(student), "reference": reference(test.exercise, test.seed)}
    wanted = {name: sides[name] for name in inspect.signature(test.run).parameters if name in sides}
    probes.seed_globals(test.seed)
    try:
        test.run(**wanted)
    except Exception as error:
        return record, error
    record.passed = True
    return record, None


def find(heard: list[tuple[Test, Record]]) -> Misconception | None:
    """The one misconception that gives the same in every test of a task; None if there is not exactly one."""
    failed_first = sorted(heard, key=lambda pair: pair[1].passed)
    if not failed_first or failed_first[0][1].passed:
        return None
    test = failed_first[0][0]
    matches = [
        wrong
        for wrong in course.misconceptions(test.exercise)
        if wrong.task == test.task and all(record.same_as(replay(other, wrong)) for other, record in failed_first)
    ]
    return matches[0] if len(matches) == 1 else None


@functools.cache
def replay(test: Test, wrong: Misconception | None) -> Record:
    """What a test records of a misconception, or of the reference where `wrong` is None."""
    return attempt(test, ours(_namespace(test.exercise, wrong), test.seed))[0]


def reference(exercise: str, seed: int) -> Callable:
    """What `reference` is to a test: values pass through the same bytes as a student's."""
    return functools.partial(_ask, _namespace(exercise, None), seed)


def ours(namespace: dict, seed: int) -> Callable:
    """What `student` is to a test, for names of our own: an error becomes the one that a student's would be."""

    def ask(probe, *args):
        try:
            return _ask(namespace, seed, probe, *args)
        except Exception as error:
            known = probes.describe_error(error)
            raise StudentError(known["type"], digest=known["digest"]) from None

    return ask


def _ask(namespace, seed, probe, *args):
    with _kept_generators():
        return _through_wire(probes.call(source_of(probe.__code__), namespace, _through_wire(list(args)), seed + 1))


@functools.cache
def _namespace(exercise, wrong):
    return namespace(exercise, course.answer_with(exercise, wrong) if wrong else {})


def namespace(exercise: str, answers: Mapping[str, str]) -> dict:
    """The names of the reference, with the solution cells in `answers` run once more on top."""
    names = dict(_reference(exercise))
    for solution, source in answers.items():
        exec(compile(source, f"<{solution}>", "exec"), names)
    return names


@functools.cache
def _reference(exercise):
    return course.exercise(exercise).module().__dict__


def _through_wire(value):
    frame = wire.encode(value)
    size = int.from_bytes(frame[:4], "big")
    return wire.decode(frame[8 : 8 + size], frame[8 + size :])


@contextlib.contextmanager
def _kept_generators():
    """A probe seeds the global generators of its process; what the test draws afterwards must not follow from that."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
