"""Reads a class from the gradebook and the verdicts: every student in every exercise."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, Student
from sqlalchemy import select

from autograder import CourseError
from autograder.classroom import verdict_files
from autograder.classroom.folder import CourseFolder, course_in
from autograder.classroom.gradebook import gradebook, rows
from autograder.judging.verdict import Verdict, decided


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
        graded = {(row.exercise, row.student): row for row in rows(book, exercises)}
    if unknown := sorted(set(exercises) - set(known)):
        raise CourseError(f"the gradebook has no {', '.join(unknown)}; it has {', '.join(known) or 'no exercise'}")
    named = {student: ", ".join(filter(None, names)) or student for student, *names in students}
    found, place = {}, course_in(folder)
    for exercise in exercises or known:
        ones = [
            _submission(place, exercise, student, named[student], graded.get((exercise, student)))
            for student in sorted(named, key=lambda student: _alphabetical(named[student]))
        ]
        if exercises or any(one.status != "absent" for one in ones):
            found[exercise] = ones
    if not named or not found:
        raise CourseError(f"nothing is handed in in {folder}: run `nbgrader autograde EXERCISE` there first")
    return found


def _alphabetical(name):
    return unicodedata.normalize("NFKD", name).casefold()


def _submission(place: CourseFolder, exercise, student, name, row):
    verdict = verdict_files.read(place.autograded(student, exercise))
    points = float(row.points) if row and row.points is not None else None
    return Submission(
        exercise,
        student,
        name,
        status=decided(points, verdict, "ungraded" if row else place.unrecorded(student, exercise)),
        points=points,
        max_points=float(row.max_points) if row else 0,
        worth={task.name: task.max_points for task in row.tasks} if row else {},
        scores={task.name: task.points for task in row.tasks} if row else {},
        verdict=None if verdict and verdict.edited else verdict,
        doubt=verdict.doubt if verdict else "",
    )
