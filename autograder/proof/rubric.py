"""What each misconception costs, weighed in seconds: its tests are run on this side of the fence, and kept."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from autograder import course
from autograder.course.model import SEVERITIES, Misconception
from autograder.judging.diagnosis import replay
from autograder.judging.hidden_tests.collecting import tests
from autograder.judging.verdict import TestResult, earned, total


@dataclass(frozen=True)
class Cost:
    """The share of its task's points that a misconception costs, in percent, and the tests that it fails."""

    wrong: Misconception
    percent: float
    failed: tuple[str, ...]


def costs(name: str) -> Iterator[Cost]:
    """What each misconception of an exercise costs by the hidden tests; a broken rule would cost everything."""
    for wrong in course.misconceptions(name):
        task = course.exercise(name).task(wrong.task)
        theirs = [test for test in tests(name, 0) if test.task == wrong.task]
        failed = [test for test in theirs if not replay(test, wrong).passed]
        results = [
            TestResult(test.name, "failed" if test in failed else "passed", criterion=test.criterion) for test in theirs
        ]
        kept = total(one.points for one in earned(task.criteria, results))
        yield Cost(wrong, 100 * (1 - kept / float(task.points)), tuple(test.name for test in failed))


def summary(found: list[Cost]) -> Iterator[str]:
    """By severity: how many there are, and the median of what they cost."""
    for severity in SEVERITIES:
        if percents := [cost.percent for cost in found if cost.wrong.severity == severity]:
            yield f"{severity}: {len(percents)}, median {statistics.median(percents):.0f} %"
