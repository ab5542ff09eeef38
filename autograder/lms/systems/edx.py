"""Open edX: the bulk grades file of a course's subsections.

Source: openedx/edx-bulk-grades 1.2, bulk_grades/api.py (GradeCSVProcessor).
"""

import re

from autograder import CourseError
from autograder.lms.table.sheet import Sheet
from autograder.lms.table.template import require

# By subsection: its name, what the platform graded, what somebody put in its place, and what an import puts there.
_NAME, _SHOWN, _NEW = "name-", "previous_override-", "new_override-"


class Edx(Sheet):
    """Open edX: Instructor > Gradebook > Bulk Management; grades become overrides."""

    name = "edx"
    per_exercise = False
    template = "required"
    tells_maximum = False
    needed = ("user_id", "course_id")
    download = "download it from Bulk Management"
    keys = {"user_id": ["lms_id"], "username": ["student"], "student_key": ["student", "lms_id"]}  # noqa: RUF012
    heading = re.compile(rf"{_NEW}(?P<title>.+)")

    def open(self, template):
        """Its headers are all in small letters."""
        (header, *body), dialect = super().open(template)
        return [list(map(str.lower, header)), *body], dialect

    def is_kept(self, header):
        """All of the download but overrides that are not ours; a blank there is no change."""
        return not header.startswith(_NEW)

    def locate(self, header, body, exercise):
        """The column's number is in the header, the subsection's name in another column's cells."""
        marks = {n: text.removeprefix(_NAME) for n, text in enumerate(header) if text.startswith(_NAME)}
        names = {line[n]: mark for line in body[:1] for n, mark in marks.items()}
        found = [mark for name, mark in names.items() if name.casefold() == exercise.casefold()]
        if len(found) != 1:
            there = ", ".join(map(repr, names)) or "none"
            raise CourseError(f"the template has no subsection {exercise!r}; it has {there}: rename one of them")
        require(header, [f"{_NEW}{found[0]}", f"{_SHOWN}{found[0]}"], self.download)
        return header.index(f"{_NEW}{found[0]}")

    def shown(self, header, column):
        """What somebody put in place of the platform's own grade."""
        return header.index(header[column].replace(_NEW, _SHOWN))
