"""Names a mistake: replays a failed task on its misconceptions and looks for the one, or two, that give the same."""

import functools
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder import course
from autograder.compare import assert_close
from autograder.course import Misconception
from autograder.kept import kept
from autograder.sides import mistaken, ours, reference
from autograder.student import StudentError
from autograder.worker import probes

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


def attempt(test: Test, student: Callable, expected: Callable | None = None) -> tuple[Record, Exception | None]:
    """What the probes of a test gave on one side, `student`, and what it raised, if anything.

    `expected` is the other side: what is kept of the reference, unless given.
    """
    record = Record()
    sides = {"student": record.keeping(student), "reference": expected or reference(test.exercise, test.seed)}
    wanted = {name: sides[name] for name in inspect.signature(test.run).parameters if name in sides}
    probes.seed_globals(test.seed)
    try:
        test.run(**wanted)
    except Exception as error:
        return record, error
    record.passed = True
    return record, None


def find(heard: list[tuple[Test, Record]]) -> tuple[Misconception, ...]:
    """The misconceptions that explain a failed task: one, or two that show in different tests; () if in doubt.

    One is possible if in every test it passes or gives the same; it explains the failed tests in which it gives the
    same. What explains them all is named if nothing else of its size does.
    """
    failed = {test for test, record in heard if not record.passed}
    if not failed or all(record.unwritten for _, record in heard):
        return ()
    # Failed tests first: a mistake that gives something else there, or passes them all, need not be replayed further.
    heard = sorted(heard, key=lambda one: one[1].passed)
    explained = {wrong: tests for wrong in _misconceptions(heard[0][0]) if (tests := _explained(heard, wrong))}
    for size in (1, 2):
        groups = itertools.combinations(explained, size)
        found = [group for group in groups if failed == set().union(*map(explained.get, group))]
        if found:
            return found[0] if len(found) == 1 else ()
    return ()


def _explained(heard, wrong):
    """The failed tests that a mistake explains; none where it is not possible."""
    explained = set()
    for test, record in heard:
        if record.passed and not explained:
            break
        known = replay(test, wrong)
        if not (known.passed or record.same_as(known)):
            return set()
        if not known.passed:
            explained.add(test)
    return explained


def _misconceptions(test):
    """Those of the task that a test belongs to."""
    return [wrong for wrong in course.misconceptions(test.exercise) if wrong.task == test.task]


@functools.lru_cache(1 << 14)
def replay(test: Test, wrong: Misconception) -> Record:
    """What a test records of a misconception: computed once and kept."""

    def compute():
        record = attempt(test, ours(mistaken(test.exercise, wrong), test.seed))[0]
        return record.values, record.passed

    values, passed = kept(test.exercise, f"replay {test.name} {test.seed} {wrong.name}".encode(), compute)
    return Record(values=values, passed=passed)
