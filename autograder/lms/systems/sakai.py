"""Sakai: the spreadsheet of the gradebook's import wizard.

Source: sakaiproject/sakai, gradebookng/tool, business/util/ImportGradesHelper.java (the header's pattern, a decimal
comma made a point) and GradebookCsvIO.java of 2026 (the mark, the delimiter of the locale).
"""

import re
from dataclasses import replace

from autograder import CourseError
from autograder.lms.table.sheet import Sheet, refuse_formulas
from autograder.lms.table.text import ESCAPE, Dialect, decode, number, parse, respelled, split

_PEOPLE = ["Student ID", "Student Name"]


class Sakai(Sheet):
    """Sakai's gradebook: Import/Export > Import, with the score by task as comment."""

    name = "sakai"
    tells_tasks = True
    over_maximum = "asks about it on the way"
    # Without the byte order mark Sakai reads windows-1252.
    dialect = Dialect(line_end="\r\n", encoding="utf-8-sig", escapes=True)
    keys = {"Student ID": ["student", "lms_id"]}  # noqa: RUF012
    others = ("Student Name",)
    heading = re.compile(r"(?P<title>[^#*\[\]][^\[\]]*?)( ?\[(?P<max>[\d.,]+)\])?")

    def open(self, template):
        """The first two columns are known by their places, whatever they are called."""
        (header, *body), found = parse(template)
        if set(respelled(header[1:], _PEOPLE)) & set(_PEOPLE[:1]):
            raise CourseError(f"the column {_PEOPLE[0]!r} is not the template's first: {self.download}")
        # Where the decimal mark is a comma, cells are separated by semicolons; decimal points are taken all the same.
        return [[*_PEOPLE, *header[2:]], *body], replace(self.dialect, delimiter=found.delimiter)

    def blank(self, rows, maxima):
        """Ids, names, the exercise with its points, and its comments."""
        refuse_formulas(maxima)
        (exercise, points), people = next(iter(maxima.items())), {row.student: row for row in rows}.values()
        if re.search(r"[\[\]]|^[#*]", exercise):
            raise CourseError(f"Sakai can't import an item named {exercise!r}: rename the exercise")
        header = [*_PEOPLE, f"{exercise} [{number(points)}]", f"* {exercise}"]
        return [header, *([row.student, row.sortable_name, "", ""] for row in people)]

    def is_kept(self, header):
        """Comments stay with their grades."""
        return super().is_kept(header) or header.startswith("* ")

    def fill(self, line, header, column, row):
        """The grade, and the score by task where there is a column for it that holds no person's comment."""
        super().fill(line, header, column, row)
        if (comments := f"* {row.exercise}") in header:
            index = header.index(comments)
            if not line[index] or line[index].startswith(tuple(f"{task.name} " for task in row.tasks[:1])):
                line[index] = row.comment

    def parse(self, data):
        """With the mark, UTF-8; two headers of one name, and a backslash before a quote, stop it."""
        text = decode(data)[0]
        if not data.startswith(b"\xef\xbb\xbf") or ESCAPE.search(text):
            raise CourseError("Sakai would misread the file: no byte order mark, or a backslash at the end of a cell")
        header, *body = split(text, parse(data)[1].delimiter)
        if len(set(header)) < len(header) or "" in header:
            raise CourseError("Sakai refuses headers that are empty or there twice")
        return [[*_PEOPLE, *header[2:]], *body]
