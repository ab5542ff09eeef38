"""Reads a class from the gradebook and the verdicts: every student in every exercise."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)  # fmt: skip
from sqlalchemy import case, or_, select

from autograder import grades, sealed
from autograder.course import CourseError
from autograder.grades import gradebook
from autograder.verdict import FINAL, Verdict


@dataclass(frozen=True)
class Submission:
    """One student in one exercise; `points` are final, less the late penalty, and None while there are none.

    `status` is a verdict's, or "ungraded" for what was handed in only. By task, `worth` has the points that there are
    and `scores` those that were given, None where that is open. A verdict that was changed by hand is left out;
    `doubt` says so.
    """

    exercise: str
    student: str
    name: str
    status: str
    points: float | None = None
    max_points: float = 0
    worth: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)
    verdict: Verdict | None = None
    doubt: str = ""

    @property
    def penalty(self) -> float:
        """The points that were taken off for being late."""
        return 0 if self.points is None else round(sum(self.scores.values()) - self.points, 2)

    @property
    def share(self) -> float | None:
        """The part of the possible points that was earned; None where there are no final points."""
        return None if self.points is None else self.points / self.max_points

    @property
    def waits(self) -> bool:
        """Whether it was handed in and has no final points yet."""
        return self.points is None and self.status != "absent"


def read(folder: Path, exercises: Collection[str] = ()) -> dict[str, list[Submission]]:
    """By exercise, every student of the course; raises CourseError where there is nothing to report."""
    with gradebook(folder) as book:
        students = list(book.db.execute(select(Student.id, Student.last_name, Student.first_name)))
        known = sorted(book.db.scalars(select(Assignment.name)))
        rows = {(row.exercise, row.student): row for row in grades.rows(book, exercises)}
        scores, worth = _scores(book), _worth(book)
    if unknown := sorted(set(exercises) - set(known)):
        raise CourseError(f"the gradebook has no {', '.join(unknown)}; it has {', '.join(known) or 'no exercise'}")
    named = {student: ", ".join(filter(None, names)) or student for student, *names in students}
    found = {}
    for exercise in exercises or known:
        ones = [
            _submission(folder, exercise, student, named[student], rows, scores, worth[exercise])
            for student in sorted(named, key=lambda student: _alphabetical(named[student]))
        ]
        if exercises or any(one.status != "absent" for one in ones):
            found[exercise] = ones
    if not named or not found:
        raise CourseError(f"nothing is handed in in {folder}: run `nbgrader autograde EXERCISE` there first")
    return found


def _alphabetical(name):
    return unicodedata.normalize("NFKD", name).casefold()


def _submission(folder, exercise, student, name, rows, scores, worth):
    key, place = (exercise, student), Path(student) / exercise
    row, verdict = rows.get(key), sealed.read(folder / "autograded" / place)
    points = float(row.points) if row and row.points is not None else None
    status = _status(points, verdict, row or (folder / "submitted" / place).is_dir())
    most = float(row.max_points) if row else 0
    doubt = verdict.doubt if verdict else ""
    kept = None if verdict and verdict.edited else verdict
    return Submission(exercise, student, name, status, points, most, worth, scores[key], kept, doubt)


def _status(points, verdict, handed_in):
    """The verdict's status, unless the gradebook knows better: what a person decided is final, what is open is not."""
    if points is not None:
        return verdict.status if verdict and verdict.status in FINAL else "graded"
    if verdict:
        return "needs_review" if verdict.status in FINAL else verdict.status
    return "ungraded" if handed_in else "absent"


def _scores(book):
    """By exercise and student, what the gradebook has for each task."""
    given = case((or_(Grade.auto_score.is_not(None), Grade.manual_score.is_not(None)), Grade.score))
    query = select(Assignment.name, SubmittedAssignment.student_id, BaseCell.name, given).select_from(Grade)
    query = query.join(Grade.cell).join(Grade.notebook)
    query = query.join(SubmittedNotebook.assignment).join(SubmittedAssignment.assignment)
    found = defaultdict(dict)
    for exercise, student, task, points in book.db.execute(query):
        found[exercise, student][task] = points
    return found


def _worth(book):
    """By exercise, the points that there are for each task."""
    query = select(Assignment.name, GradeCell.name, GradeCell.max_score).select_from(GradeCell)
    found = defaultdict(dict)
    for exercise, task, points in book.db.execute(query.join(GradeCell.notebook).join(Notebook.assignment)):
        found[exercise][task] = float(points)
    return found
