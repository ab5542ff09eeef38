"""Plain CSV for statistics programs: one line a student and task."""

import functools
from decimal import Decimal

from autograder import CourseError
from autograder.classroom.grade import decimal
from autograder.lms.table.text import Dialect, decode, number, render, safe, split
from autograder.lms.target import Change, File, Target

_HEADER = [
    "exercise", "task", "student_id", "last_name", "first_name", "email", "points", "max_points",
    "exercise_points", "exercise_max_points", "late_penalty", "status",
]  # fmt: skip


class Csv(Target):
    """Tidy CSV: one line a student and task, beside the points of the whole exercise."""

    name = "csv"
    per_exercise = False
    template = "unused"

    def make(self, rows, maxima, template, replace):
        """A line a task; what was not handed in is one line without a task."""
        lines, changes, left_out = [_HEADER], [], []
        for row in rows:
            if reason := self.objection(row, [row.student, row.exercise]):
                left_out.append((row, reason))
                continue
            changes.append(Change(row, row.student, row.exercise))
            person = [row.student, *map(safe, (row.last_name, row.first_name, row.email))]
            whole = [number(row.points), number(row.max_points), number(row.penalty), row.status]
            for name, points, most in row.tasks or [("", None, None)]:
                lines.append([row.exercise, safe(name), *person, _text(points), _text(most), *whole])
        return File(render(lines, Dialect()), changes, left_out)

    def read(self, data):
        """By student and exercise, the points of the whole."""
        header, *body = split(decode(data)[0])
        student, exercise, points = map(header.index, ("student_id", "exercise", "exercise_points"))
        found = {}
        for line in body:
            if found.setdefault((line[student], line[exercise]), line[points]) != line[points]:
                raise CourseError(f"{line[student]} would have two grades in {line[exercise]}")
        return {key: Decimal(text) for key, text in found.items()}


@functools.lru_cache(100_000)
def _text(points):
    return "" if points is None else number(decimal(points))
