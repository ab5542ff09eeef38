"""Brightspace: the grades' CSV file.

Source: D2L's documentation (community.d2l.com, article 3538); its importer is not public;
no real site was tried.
"""

import re

from autograder.lms.table.sheet import Sheet, refuse_formulas

_END = "End-of-Line Indicator"


class Brightspace(Sheet):
    """Brightspace's grades: Enter Grades > Import."""

    name = "brightspace"
    over_maximum = "caps it unless the item can exceed its maximum"
    keys = {"OrgDefinedId": ["student", "lms_id"], "Username": ["student", "email"]}  # noqa: RUF012
    others = (_END,)
    download = "export it with Points grade ticked, in English"
    heading = re.compile(r"(?P<title>.+) Points Grade( <.*?MaxPoints:(?P<max>[\d.,]+).*>)?", re.IGNORECASE)

    def open(self, template):
        """Its downloads put a # before each id, so that spreadsheets leave them alone."""
        (header, *body), dialect = super().open(template)
        ids = {n for n, text in enumerate(header) if text in self.keys}
        lines = [[text.removeprefix("#") if n in ids else text for n, text in enumerate(line)] for line in body]
        return [header, *lines], dialect

    def blank(self, rows, maxima):
        """User names, the exercise's points, and the mark that ends a line."""
        refuse_formulas(maxima)
        people = {row.student: row for row in rows}
        return [["Username", f"{next(iter(maxima))} Points Grade", _END], *([name, "", "#"] for name in people)]
