"""Names a mistake: replays a failed task on its misconceptions and looks for the one, or two, that give the same."""

import functools
import itertools
from dataclasses import dataclass

from autograder import course
from autograder.course.model import Misconception
from autograder.judging.hidden_tests.collecting import Test
from autograder.judging.hidden_tests.memo import kept
from autograder.judging.hidden_tests.reference import mistaken, ours
from autograder.judging.hidden_tests.running import Record, attempt


@dataclass(frozen=True)
class Diagnosis:
    """The misconceptions that explain a failed task; none if in doubt. `partly`: some failed tests are left over."""

    mistakes: tuple[Misconception, ...] = ()
    partly: bool = False


def find(heard: list[tuple[Test, Record]]) -> Diagnosis:
    """The misconceptions that explain a failed task: one, or two that show in different tests.

    One is possible if in every test it passes or gives the same; it explains the failed tests in which it gives the
    same. What explains them all is named if nothing else of its size does; else the only one that explains half of
    them or more.
    """
    failed = {test for test, record in heard if not record.passed}
    if all(record.unwritten for _, record in heard if not record.passed):
        return Diagnosis()
    # Failed tests first: a mistake that gives something else there, or passes them all, need not be replayed further.
    heard = sorted(heard, key=lambda one: one[1].passed)
    explained = {wrong: tests for wrong in _misconceptions(heard[0][0]) if (tests := _explained(heard, wrong))}
    for size in (1, 2):
        groups = itertools.combinations(explained, size)
        found = [group for group in groups if failed == set().union(*map(explained.get, group))]
        if found:
            return Diagnosis(found[0]) if len(found) == 1 else Diagnosis()
    most = [wrong for wrong, tests in explained.items() if 2 * len(tests) >= len(failed)]
    return Diagnosis((most[0],), partly=True) if len(most) == 1 else Diagnosis()


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
