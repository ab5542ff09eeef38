"""A verdict: what each task earned and why, as plain data and as JSON."""

import dataclasses
import functools
import json
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FINAL = ("graded", "crashed", "timeout")
STATUSES = {
    "graded": "judged to the end",
    "crashed": "the code ended its Python process; what was right all the same counts",
    "timeout": "the code took too long; what was right all the same counts",
    "needs_review": "not decided yet: a person has to look at it",
    "unreadable": "not decided yet: what was handed in is no notebook that can be opened",
    "absent": "nothing was handed in",
}
EDITED = "verdict.json does not fit its seal: it was changed by hand, moved, or written with another course's secret"
UNSEALED = "verdict.json has no seal: an older version wrote it, or the seal was taken out"


@dataclass
class TestResult:
    """One hidden test: passed, failed, or broken (the grader's own fault)."""

    __test__ = False  # for pytest, which collects by name

    name: str
    outcome: str
    message: str = ""
    observed: str = ""
    expected: str = ""

    @property
    def sentence(self) -> str:
        """The test's name as the sentence that feedback shows."""
        words, _, case = self.name.removeprefix("test_").partition("[")
        text = words.replace("_", " ")
        return text[:1].upper() + text[1:] + (f" ({case.rstrip(']')})" if case else "")


@dataclass
class Mistake:
    """A known mistake that explains what an answer gives, and the hint that goes with it."""

    name: str
    hint: str


@dataclass
class TaskResult:
    """One task: `points` is None where the grader could not decide; `note` says why it is less than its tests earn."""

    name: str
    max_points: float
    points: float | None
    tests: list[TestResult]
    mistakes: list[Mistake] = field(default_factory=list)
    note: str = ""

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(test.outcome == "passed" for test in self.tests)


@dataclass
class Verdict:
    """What is recorded of one submission: how it ended, and what each task earned.

    `repairs` were mended, `notes` are doubts about what was handed in, for a person to decide; `failure` is what the
    grader itself stopped at, which says nothing about the student; `doubt` is why what was read back may not be what
    was written.
    """

    exercise: str
    status: str
    tasks: list[TaskResult]
    repairs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failure: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    jail: str = ""
    seconds: float = 0.0
    key: str = ""
    doubt: str = ""

    @property
    def points(self) -> float | None:
        """The sum of the tasks' points, or None where one of them is undecided."""
        points = [task.points for task in self.tasks]
        return None if None in points else float(sum(Fraction(str(number)) for number in points))

    @property
    def max_points(self) -> float:
        """The points of all tasks."""
        return float(sum(Fraction(str(task.max_points)) for task in self.tasks))

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to look before this submission is done with."""
        return self.status not in (*FINAL, "absent")

    @property
    def edited(self) -> bool:
        """Whether somebody changed it after it was written; nothing of it is kept then."""
        return self.doubt == EDITED

    @property
    def failures(self) -> list[str]:
        """What the grader itself failed at, for the instructor."""
        broken = [test for task in self.tasks for test in task.tests if test.outcome == "broken"]
        return [self.failure] * bool(self.failure) + [
            f"{test.sentence}: {test.message or 'not heard'}" for test in broken
        ]

    @property
    def causes(self) -> list[str]:
        """Why the verdict is not final, for the instructor."""
        failures = [f"the grader failed: {failure}" for failure in self.failures]
        return [*self.notes, *failures, *[self.doubt] * self.edited]

    def to_json(self) -> str:
        """The verdict as JSON, with its sums beside the parts."""
        data = dataclasses.asdict(self) | {"points": self.points, "max_points": self.max_points}
        del data["doubt"]
        for task, result in zip(data["tasks"], self.tasks, strict=True):
            for test, known in zip(task["tests"], result.tests, strict=True):
                test["sentence"] = known.sentence
        return dump(data)


def from_json(text: str) -> Verdict:
    """Read what `to_json` wrote; fields that this version does not know, or that are missing, are let be."""
    data = json.loads(text)
    tasks = []
    for task in data.pop("tasks"):
        tests = [_make(TestResult, test) for test in task.pop("tests")]
        tasks.append(_make(TaskResult, task | {"tests": tests, "mistakes": _mistakes(task)}))
    return _make(Verdict, data | {"tasks": tasks})


def _mistakes(task):
    """The named mistakes of a task; an earlier version kept one, as two texts."""
    one = {"name": task.get("misconception"), "hint": task.get("hint", "")}
    return [_make(Mistake, known) for known in task.get("mistakes", [one] if one["name"] else [])]


def _make(kind, data):
    return kind(**{key: data[key] for key in data.keys() & _names(kind)})


@functools.cache
def _names(kind):
    return {part.name for part in dataclasses.fields(kind)}


def share(points: Fraction, passed: int, total: int) -> float:
    """The part of a task's points that its passed tests earn, to the last hundredth, halves rounded up."""
    exact = points * Fraction(passed, total)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return float(decimal.quantize(Decimal("0.01"), ROUND_HALF_UP))


def dump(data: dict) -> str:
    """A verdict's data as a file that a person can read."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
