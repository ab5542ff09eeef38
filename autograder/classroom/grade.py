"""A grade as plain data: one student's row in one exercise, with its tasks."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from autograder import CourseError

_CENT = Decimal("0.01")


class Task(NamedTuple):
    """One task's part of a grade; `points` is None while it is open."""

    name: str
    points: float | None
    max_points: float


@dataclass(frozen=True)
class Row:
    """One student's grade in one exercise; `points` is None while nothing final exists.

    `status` is "graded", "needs_review" (a person has to decide a part of it), "ungraded" or "absent"; `earned` is what
    is decided so far, less the late penalty; `tasks` are empty where nobody asked for them.
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
    earned: Decimal = Decimal(0)

    @property
    def sortable_name(self) -> str:
        """Last name, first name; the id where the gradebook knows no name."""
        return ", ".join(filter(None, [self.last_name, self.first_name])) or self.student

    @property
    def name(self) -> str:
        """First name, last name; the id where the gradebook knows no name."""
        return " ".join(filter(None, [self.first_name, self.last_name])) or self.student

    @property
    def comment(self) -> str:
        """The score by task, short enough for an LMS's comment."""
        late = [f"late penalty {self.penalty.normalize():f}"] if self.penalty else []
        scores = [f"{name} {_short(points)}/{_short(most)}" for name, points, most in self.tasks]
        return "; ".join([*scores, *late])

    def as_percent(self) -> "Row":
        """The same grade out of 100."""
        if not self.max_points:
            raise CourseError(f"{self.exercise} is worth no points: leave it out, or export without --percent")
        points, earned = (
            None if one is None else (one * 100 / self.max_points).quantize(_CENT, ROUND_HALF_UP)
            for one in (self.points, self.earned)
        )
        return replace(self, points=points, earned=earned, max_points=Decimal(100))


@functools.lru_cache(100_000)
def _short(points):
    return "open" if points is None else f"{points:g}"


@functools.lru_cache(100_000)
def decimal(number: float) -> Decimal:
    """The number to the last hundredth, halves away from zero."""
    return Decimal(str(round(number, 6))).quantize(_CENT, ROUND_HALF_UP)


def less(points: float, penalty: Decimal) -> Decimal:
    """The points less the penalty, never below 0."""
    return max(Decimal(0), decimal(points) - penalty)
