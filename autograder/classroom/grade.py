"""A grade as plain data: one student's row in one exercise, with its tasks."""

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from autograder import CourseError

_CENT = Decimal("0.01")
_NAME = operator.itemgetter(0)


class Task(NamedTuple):
    """One task's part of a grade; `points` is None while it is open."""

    name: str
    points: float | None
    max_points: float


class Marks(Sequence[Task]):
    """The tasks of a grade, in order of name, kept as the database's text until somebody looks at one: few targets do.

    `task` makes a task of each part of the text, between commas.
    """

    def __init__(self, text: str, task: Callable[[str], Task]):
        self._text, self._task = text, task

    @functools.cached_property
    def _tasks(self):
        return sorted(map(self._task, self._text.split(",")), key=_NAME) if self._text else []

    def __getitem__(self, index):
        return self._tasks[index]

    def __len__(self):
        return len(self._tasks)

    def __iter__(self):
        return iter(self._tasks)


@dataclass(frozen=True)
class Row:
    """One student's grade in one exercise; `points` is None while nothing final exists.

    `status` is "graded", "needs_review" (a person has to decide a part of it), "ungraded" or "absent".
    """

    student: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    exercise: str
    points: Decimal | None
    max_points: Decimal
    status: str = "graded"
    tasks: Sequence[Task] = ()
    penalty: Decimal = Decimal(0)
    due: datetime | None = None

    @property
    def sortable_name(self) -> str:
        """Last name, first name; the id where the gradebook knows no name."""
        return ", ".join(filter(None, [self.last_name, self.first_name])) or self.student

    @property
    def name(self) -> str:
        """First name, last name; the id where the gradebook knows no name."""
        return " ".join(filter(None, [self.first_name, self.last_name])) or self.student

    @property
    def earned(self) -> Decimal:
        """The decided tasks' points less the late penalty, final or not."""
        return less(sum(task.points or 0 for task in self.tasks), self.penalty)

    @property
    def comment(self) -> str:
        """The score by task, short enough for an LMS's comment."""
        late = [f"late penalty {self.penalty.normalize():f}"] if self.penalty else []
        return "; ".join([*map(_score, self.tasks), *late])

    def as_percent(self) -> "Row":
        """The same grade out of 100."""
        if not self.max_points:
            raise CourseError(f"{self.exercise} is worth no points: leave it out, or export without --percent")
        points = None if self.points is None else (self.points * 100 / self.max_points).quantize(_CENT, ROUND_HALF_UP)
        return replace(self, points=points, max_points=Decimal(100))


# In a large class most tasks have a score that others have, too.
@functools.lru_cache(100_000)
def _score(task):
    points = "open" if task.points is None else f"{task.points:g}"
    return f"{task.name} {points}/{task.max_points:g}"


@functools.lru_cache(100_000)
def decimal(number: float) -> Decimal:
    """The number to the last hundredth, halves away from zero."""
    return Decimal(str(round(number, 6))).quantize(_CENT, ROUND_HALF_UP)


def less(points: float, penalty: Decimal) -> Decimal:
    """The points less the penalty, never below 0."""
    return max(Decimal(0), decimal(points) - penalty)
