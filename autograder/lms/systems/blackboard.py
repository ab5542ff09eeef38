"""Blackboard: the Grade Center's file for working offline.

Source: Blackboard's help for instructors, "Upload or download grades"; not tried on a real site.
"""

import csv
import re
from dataclasses import replace

from autograder.lms.table.sheet import Sheet
from autograder.lms.table.text import Dialect, decode, parse, split


class Blackboard(Sheet):
    """Blackboard's Grade Center: Work Offline > Upload; a column is known by the number in its header."""

    name = "blackboard"
    suffix = "xls"
    template = "required"
    over_maximum = "may refuse it"
    dialect = Dialect(delimiter="\t")
    keys = {"Username": ["student", "email"], "Student ID": ["student", "lms_id"]}  # noqa: RUF012
    others = ("Last Name", "First Name")
    heading = re.compile(r"(?P<title>.+?) \[Total Pts: (up to )?(?P<max>[\d.]+)[^\]]*\] \|\d+")

    def open(self, template):
        """The upload is written as the download was: commas with every cell in quotes, or tabs."""
        lines, found = parse(template)
        return lines, replace(found, quoting=csv.QUOTE_ALL)

    def parse(self, data):
        """Commas or tabs, whichever the header has."""
        return split(decode(data)[0], parse(data)[1].delimiter)
