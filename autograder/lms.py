"""Writes grades in the forms that learning management systems take; `nbgrader export --exporter=autograder.lms.Canvas`.

A target is one function from the rows of one exercise to text, named in `TARGETS`.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from nbgrader.plugins import ExportPlugin

from autograder import grades
from autograder.course import CourseError
from autograder.grades import Row
from autograder.verdict import write_atomically

_CANVAS_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_NUMBER = re.compile(r"-?[\d.,]*%?")


def canvas(rows: Sequence[Row], template: str | None = None) -> str:
    """Canvas's gradebook file: a header, the points possible, then one line a student with a final grade.

    `template` is a gradebook file downloaded from Canvas: its header, ids and names are kept, and only students
    that are matched by their login or id are written. Canvas takes a blank for "clear the grade", so there is none.
    Raises CourseError where the file could not be imported as it stands.
    Source: instructure/canvas-lms, lib/gradebook_importer.rb.
    """
    final = [row for row in rows if row.points is not None]
    if template is not None:
        return _fill_canvas(final, template)
    for row in final:
        _refuse_number_with_separators(row.student, row.lms_id)
    lines = [[*_CANVAS_HEADER, rows[0].exercise], ["    Points Possible", *[""] * 4, _number(rows[0].max_points)]]
    for row in final:
        lines.append([_safe(row.sortable_name), row.lms_id, "", row.student, "", _number(row.points)])
    return _csv(lines)


def _fill_canvas(rows, template):
    header, *body = list(csv.reader(io.StringIO(template.removeprefix("\ufeff"))))
    column = _canvas_column(header, rows)
    known = {key: line for line in body for key in _canvas_keys(header, line)}
    possible = next((line for line in body if "Points Possible" in line[0]), None)
    if possible and (maximum := possible[column].strip()) and rows and Decimal(maximum) != rows[0].max_points:
        raise CourseError(
            f"{header[column]!r} is worth {maximum} points in Canvas and {rows[0].max_points} here: make them equal"
        )
    end = header.index("Section") + 1
    lines = [[*header[:end], header[column]], *([[*possible[:end], possible[column]]] if possible else [])]
    unmatched = [row.student for row in rows if row.student not in known and row.lms_id not in known]
    if unmatched:
        raise CourseError(f"not in the Canvas file: {', '.join(unmatched)}; leave them out with --student, or add them")
    for row in rows:
        line = known.get(row.student) or known[row.lms_id]
        lines.append([*line[:end], _number(row.points)])
    return _csv(lines)


def _canvas_column(header, rows):
    title = rows[0].exercise if rows else ""
    for index, name in enumerate(header):
        if name == title or re.fullmatch(rf"{re.escape(title)} \(\d+\)", name):
            return index
    raise CourseError(f"the Canvas file has no column {title!r}; make the assignment in Canvas and download it again")


def _canvas_keys(header, line):
    columns = [header.index(name) for name in ("SIS Login ID", "SIS User ID", "ID") if name in header]
    return [line[column] for column in columns if line[column]]


def _refuse_number_with_separators(*identifiers):
    for text in identifiers:
        if _NUMBER.fullmatch(text) and re.search(r"[.,%]", text):
            raise CourseError(f"Canvas would read the id {text!r} as a number; export with --template instead")


def _safe(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@" else name


def _number(points: Decimal) -> str:
    return f"{points.normalize():f}"


def _csv(lines) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()


TARGETS: dict[str, Callable[..., str]] = {"canvas": canvas}


def export(gradebook, target: str, exercises=(), students=(), template: str | None = None) -> dict[str, str]:
    """By exercise, the text that the target takes; raises CourseError where there is nothing to write."""
    by_exercise: dict[str, list[Row]] = {}
    for row in grades.rows(gradebook, exercises, students):
        by_exercise.setdefault(row.exercise, []).append(row)
    if missing := sorted(set(exercises) - set(by_exercise)):
        raise CourseError(f"no submission of {', '.join(missing)} is in the gradebook: run `nbgrader autograde` first")
    if not by_exercise:
        raise CourseError("the gradebook has no submissions: run `nbgrader autograde` first")
    return {name: TARGETS[target](rows, template) for name, rows in by_exercise.items()}


def save(texts: dict[str, str], to: Path) -> list[Path]:
    """Write each exercise's text, whole or not at all: to `to`, or beside it with the exercise's name where several."""
    paths = []
    for name, text in texts.items():
        path = to if len(texts) == 1 else to.with_name(f"{to.stem}-{name}{to.suffix}")
        write_atomically(path, text)
        paths.append(path)
    return paths


class _Plugin(ExportPlugin):
    """nbgrader's `export` command with one of the targets."""

    target = ""

    def export(self, gradebook):
        texts = export(gradebook, self.target, self.assignment, self.student)
        for path in save(texts, Path(self.to or f"{self.target}.csv")):
            self.log.info("Wrote %s", path)


class Canvas(_Plugin):
    """`nbgrader export --exporter=autograder.lms.Canvas --to=grades.csv`."""

    target = "canvas"
