"""A verdict: what each task earned and why, as plain data and as JSON."""

import dataclasses
import functools
import json
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple


class Status(NamedTuple):
    """How a submission can end: in words for its student; as the class report calls it, and explains it."""

    words: str
    label: str
    meaning: str
    is_final: bool = False
    needs_person: bool = False


STATUSES = {
    "graded": Status("judged to the end", "graded", "judged to the end", is_final=True),
    "crashed": Status(
        "the code ended its Python process; what was right all the same counts",
        "crashed", "the student’s code ended its process", is_final=True,
    ),
    "timeout": Status(
        "the code took too long; what was right all the same counts",
        "timeout", "the student’s code took too long", is_final=True,
    ),
    "needs_review": Status(
        "not decided yet: a person has to look at it",
        "needs a person", "the grader could not decide", needs_person=True,
    ),
    "unreadable": Status(
        "not decided yet: what was handed in is no notebook that can be opened",
        "not a notebook", "the file cannot be opened", needs_person=True,
    ),
    "ungraded": Status("handed in, but not judged yet", "not graded yet", "handed in, without a verdict"),
    "absent": Status("nothing was handed in", "not handed in", "no points, not zero points"),
}  # fmt: skip


class Outcome(NamedTuple):
    """How a hidden test can end: its sign, and that sign's color on a terminal and on a page."""

    sign: str
    color: str
    hue: str


OUTCOMES = {
    "passed": Outcome("✓", "green", "#007F5F"),
    "failed": Outcome("✗", "red", "#D55E00"),
    "broken": Outcome("?", "yellow", "#B07D00"),
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
    """A known mistake that explains what an answer gives, all of it or `partly`, and the hint that goes with it."""

    name: str
    hint: str
    partly: bool = False

    @property
    def opening(self) -> str:
        """The words before its name."""
        return "This explains part of what fails: an answer that" if self.partly else "This looks like an answer that"


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
        return STATUSES[self.status].needs_person

    def leave_to_a_person(self, why: str) -> None:
        """Say what only a person can decide; points and a status that wait for one already stay as they are."""
        self.notes.append(why)
        if not self.needs_person:
            self.status = "needs_review"

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


def decided(points: float | None, verdict: Verdict | None, otherwise: str) -> str:
    """The verdict's status, unless the gradebook knows better: what a person decided is final, what is open is not.

    `points` are the gradebook's final ones; `otherwise` is the status of what has no verdict.
    """
    final = verdict is not None and STATUSES[verdict.status].is_final
    if points is not None:
        return verdict.status if final else "graded"
    if verdict is not None:
        return "needs_review" if final else verdict.status
    return otherwise


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
