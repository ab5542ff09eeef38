"""Open edX: the bulk grades file of a course's subsections.

Source: openedx/edx-bulk-grades 1.2.
"""

import re

from autograder import CourseError
from autograder.lms.table.sheet import Sheet


class Edx(Sheet):
    """Open edX: Instructor > Gradebook > Bulk Management; grades become overrides."""

    name = "edx"
    per_exercise = False
    template = "required"
    keys = {"user_id": ["lms_id"], "username": ["student"], "student_key": ["student", "lms_id"]}  # noqa: RUF012
    heading = re.compile(r"new_override-(?P<title>.+)")

    def is_kept(self, header):
        """All of the download but overrides that are not ours; a blank there is no change."""
        return not header.startswith("new_override-")

    def locate(self, header, body, exercise):
        """The column's number is in the header, the subsection's name in another column's cells."""
        if missing := [name for name in ("user_id", "course_id") if name not in header]:
            raise CourseError(f"the template has no column {missing[0]!r}: download it from Bulk Management")
        marks = {n: text.removeprefix("name-") for n, text in enumerate(header) if text.startswith("name-")}
        names = {line[n]: mark for line in body[:1] for n, mark in marks.items()}
        if exercise not in names:
            there = ", ".join(map(repr, names)) or "none"
            raise CourseError(f"the template has no subsection {exercise!r}; it has {there}: rename one of them")
        return header.index(f"new_override-{names[exercise]}")
