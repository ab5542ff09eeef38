"""Plain CSV for statistics programs: one line a student and task."""

import functools
import operator
from decimal import Decimal

from autograder import CourseError
from autograder.classroom.grade import decimal
from autograder.lms.table.text import decode, lines_of, number, safe
from autograder.lms.target import Change, File, Target

_HEADER = [
    "exercise", "task", "student_id", "last_name", "first_name", "email", "points", "max_points",
    "exercise_points", "exercise_max_points", "late_penalty", "status",
]  # fmt: skip


class Csv(Target):
    """Tidy CSV: one line a student and task, beside the points of the whole exercise."""

    name = "csv"
    per_exercise = False
    tells_tasks = True
    template = "unused"

    def make(self, rows, maxima, template, replace):
        """A line a task; what was not handed in is one line without a task."""
        lines, changes, left_out = [",".join(_HEADER)], [], []
        for row in rows:
            if reason := self.objection(row, [row.student, row.exercise]):
                left_out.append((row, reason))
                continue
            changes.append(Change(row, row.student, row.exercise))
            # A class has hundreds of thousands of tasks, whose lines differ in three cells only.
            person = ",".join(map(_cell, (row.student, row.last_name, row.first_name, row.email)))
            whole = f"{number(row.points)},{number(row.max_points)},{number(row.penalty)},{row.status}"
            exercise = _cell(row.exercise)
            for name, points, most in row.tasks or [("", None, None)]:
                lines.append(f"{exercise},{_cell(name)},{person},{_text(points)},{_text(most)},{whole}")
        return File("\n".join([*lines, ""]).encode(), changes, left_out)

    def read(self, data):
        """By student and exercise, the points of the whole."""
        body = lines_of(decode(data)[0])
        header = next(body)
        places = [header.index(name) for name in ("student_id", "exercise", "exercise_points")]
        said = set(map(operator.itemgetter(*places), body))
        found = {(student, exercise): Decimal(points) for student, exercise, points in said}
        if len(found) < len(said):
            raise CourseError("some student would have two grades in an exercise")
        return found


@functools.lru_cache(100_000)
def _cell(text):
    text = safe(text).replace('"', '""')
    return f'"{text}"' if "," in text or '"' in text else text


@functools.lru_cache(100_000)
def _text(points):
    return "" if points is None else number(decimal(points))
