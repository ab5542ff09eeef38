"""Canvas: the gradebook's CSV file.

Source: instructure/canvas-lms, lib/gradebook_importer.rb and lib/gradebook_exporter.rb.
"""

import csv
import functools
import re

from autograder import CourseError
from autograder.lms.table.sheet import Sheet, refuse_formulas
from autograder.lms.table.text import number, split

_NUMBER = re.compile(r"-?[0-9.,]+%?")
_POINTS = "Points Possible"
_EXCUSED = re.compile(r"\s*(EX|excused)\s*", re.IGNORECASE)
_IGNORED = re.compile("(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_MUTED = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)


class Canvas(Sheet):
    """Canvas's gradebook: Grades > Import."""

    name = "canvas"
    needed = ("ID", "Section")
    download = "download it with Grades > Export, in English"
    keys = {"ID": ["lms_id"], "SIS User ID": ["student", "lms_id"], "SIS Login ID": ["student", "email"]}  # noqa: RUF012
    others = ("Student", "LastName", "FirstName", "Integration ID", "Root Account", "Section")
    heading = re.compile(r"(?P<title>.*?)( \(\d+\))?", re.DOTALL)

    def blank(self, rows, maxima):
        """A header, the points possible, and a line a student; an id that is no plain number can be no Canvas `ID`."""
        refuse_formulas(maxima)
        (exercise, points), people = next(iter(maxima.items())), {row.student: row for row in rows}.values()
        lines = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", exercise],
            [f"    {_POINTS}", "", "", "", "", number(points)],
        ]
        for row in people:
            ids = [row.lms_id, ""] if re.fullmatch(r"[1-9]\d*", row.lms_id) else ["", row.lms_id]
            lines.append([row.sortable_name, *ids, row.student, "", ""])
        return lines

    def locate(self, header, body, exercise):
        """The exercise's column, which Canvas must neither ignore nor read as a number."""
        if header[:2] != ["Student", "ID"] and header[:3] != ["LastName", "FirstName", "ID"]:
            raise CourseError(f"the columns 'Student' and 'ID' don't come first in the template: {self.download}")
        column = super().locate(header, body, exercise)
        if _IGNORED.search(header[column]) or _as_number(header[column]) != header[column]:
            raise CourseError(f"Canvas does not import a column named {header[column]!r}: rename the assignment")
        return column

    def maximum(self, header, body, column):
        """The points possible, from the line of that name."""
        cell = next((line[column] for line in body if _is_points(line[0])), "")
        if "read only" in cell:
            raise CourseError(f"{header[column]!r} is read-only in Canvas: grades can't be imported into it")
        return _as_number(cell.strip())

    def is_student(self, line):
        """All but the points possible and the marks of muted assignments."""
        return not _is_points(line[0]) and not all(map(_MUTED.fullmatch, line))

    def refusal(self, row, line, before):
        """Ids that Canvas takes for numbers are changed on the way, unless its own `ID` is there; excuses stay."""
        if before and _EXCUSED.fullmatch(before):
            return "excused in Canvas"
        if not line.get("ID", "").strip() and _as_number(who := self.who(line)) != who:
            return f"Canvas would read the id {who!r} as the number {_as_number(who)}: use --template"
        return super().refusal(row, line, before)

    def parse(self, data):
        """Strict UTF-8; the delimiter is guessed from three lines; what looks like a number is made one."""
        text = data.decode("utf-8")
        if text.startswith('\ufeff"') or len(set(re.findall("\r\n|\r|\n", text))) > 1:
            raise CourseError("Canvas refuses a quoted header behind a byte order mark, and mixed line ends")
        lines = split(text.removeprefix("\ufeff"), _delimiter(text.splitlines()[:3]))
        return [[_as_number(cell) for cell in line] for line in lines]


@functools.lru_cache(100_000)
def _is_points(cell):
    return _POINTS.casefold() in cell[:40].casefold()


def _delimiter(lines):
    counts = {}
    for mark in ";,":
        widths = {len(next(csv.reader([line], delimiter=mark))) for line in lines}
        counts[mark] = widths.pop() if len(widths) == 1 else 0
    return ";" if counts[";"] > counts[","] else ","


@functools.lru_cache(100_000)
def _as_number(cell: str) -> str:
    """What Canvas makes of a cell: in a number the last separator is the decimal point, the others go."""
    if not _NUMBER.fullmatch(cell):
        return cell
    *thousands, last = re.split("[.,]", cell)
    return f"{''.join(thousands)}.{last}" if thousands else last
