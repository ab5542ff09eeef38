"""Blackboard: the Grade Center's file for working offline.

Source: Blackboard's help for instructors, "Upload or download grades"; its importer's code is not public, and no real
site was tried.
"""

import csv
import re
from dataclasses import replace

from autograder.lms.table.sheet import Sheet
from autograder.lms.table.template import opened
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
    download = "download it with Work Offline > Download, in English"
    heading = re.compile(r"(?P<title>.+?) \[Total Pts: (up to )?(?P<max>[\d.,]+)[^\]]*\] \|\d+", re.IGNORECASE)

    def open(self, template):
        """The upload is written as the download was: commas with every cell in quotes, or tabs."""
        lines, found = opened(template, self)
        return lines, replace(found, quoting=csv.QUOTE_ALL)

    def parse(self, data):
        """Commas or tabs, whichever the header has."""
        return split(decode(data)[0], parse(data)[1].delimiter)
