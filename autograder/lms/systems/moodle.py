"""Moodle: the gradebook's CSV import, and the worksheet of one assignment.

Source: moodle/moodle 5.1, below public/: grade/import/csv/classes/load_data.php, grade/export/lib.php,
mod/assign/gradingtable.php, mod/assign/feedback/offline, lib/csvlib.class.php, lib/classes/dataformat.php; tried on a
real site.
"""

import re

from autograder import CourseError
from autograder.lms.table.sheet import Sheet, refuse_formulas
from autograder.lms.table.template import require
from autograder.lms.table.text import ESCAPE, Dialect, decode, split
from autograder.lms.target import everyone

KEYS = {"Username": ["student"], "ID number": ["student", "lms_id"], "Email address": ["email", "student"]}
_NAMES = ("First name", "Last name", "Surname", "Full name")
_NOTHING = re.compile(r"(No |Nothing |-|$)")


class _Moodle(Sheet):
    # For PHP a backslash keeps the quote behind it from ending a cell.
    dialect = Dialect(escapes=True)
    keys = KEYS
    others = _NAMES
    heading = re.compile(r"([\w ]+: )?(?P<title>.+?)( \(Real\))?", re.IGNORECASE)
    tells_maximum = False
    download = "export it with Moodle in English, grades as Real"

    def locate(self, header, body, exercise):
        """Percentages and letters have columns of their own."""
        titles = {found["title"].casefold() for found in self.headings(header).values()}
        others = [f"{exercise} ({kind})" for kind in ("Percentage", "Letter")]
        if exercise.casefold() not in titles and (other := next((o for o in others if o.casefold() in titles), "")):
            raise CourseError(f"the template has {other!r} and not the points: {self.download}")
        return super().locate(header, body, exercise)

    def parse(self, data):
        """As PHP takes it apart."""
        text = decode(data)[0]
        if ESCAPE.search(text):
            raise CourseError("Moodle misreads a backslash before a quote or at the end of a cell")
        if not all(map(any, lines := split(text))):
            raise CourseError("Moodle refuses empty lines")
        return lines

    def blank(self, rows, maxima):
        """The ids and names that Moodle can match, each in its own column, then the exercise."""
        refuse_formulas(maxima)
        header = ["Username", "ID number", "Email address", "First name", "Last name", *maxima]
        lines = [[*_ids(row), row.first_name, row.last_name, ""] for row in everyone(rows)]
        filled = [n for n, name in enumerate(header) if name not in KEYS or any(line[n] for line in lines)]
        return [[line[n] for n in filled] for line in (header, *lines)]


def _ids(row):
    """User name, ID number and e-mail address, of which the student's id in nbgrader may be any."""
    is_address, is_number = "@" in row.student.strip("@"), row.student == row.lms_id
    address = row.email.strip() or (row.student if is_address else "")
    return ["" if is_address or is_number else row.student, row.lms_id, address]


class MoodleCsv(_Moodle):
    """Moodle's gradebook: Grades > Import > CSV file; each column is mapped by hand."""

    name = "moodle-csv"
    over_maximum = "refuses the whole file then"


class MoodleWorksheet(_Moodle):
    """Moodle's offline grading worksheet of one assignment, filled."""

    name = "moodle-worksheet"
    template = "required for each exercise"
    over_maximum = "skips it without a word"
    keys = {"Identifier": [], **KEYS}  # noqa: RUF012
    # Comments are left out: Moodle would change their line ends and backslashes, and keeps those that don't come.
    others = ("Status", "Maximum grade", "Grade can be changed", "Last modified (grade)", *_NAMES)
    needed = ("Identifier", "Grade", "Grade can be changed", "Last modified (grade)")
    heading = re.compile("(?P<title>Grade)")
    tells_maximum = True
    download = (
        "download it with Moodle in English, with names or ID numbers to be seen; where marking is blind or by a "
        "scale, use moodle-xml"
    )

    def locate(self, header, body, exercise):
        """The worksheet has one grade, whatever the assignment is called."""
        if scale := [name for name in header if name.casefold() == "scale"]:
            raise CourseError(
                f"the template has a column {scale[0]!r}: points don't go into an assignment with a scale"
            )
        require(header, ["Maximum grade"], self.download)
        return header.index("Grade")

    def maximum(self, header, body, column):
        """The worksheet says it on each line."""
        return next((line[header.index("Maximum grade")] for line in body), "")

    def refusal(self, row, line, before):
        """What is locked, or overridden in the gradebook, Moodle skips; what it has got was handed in."""
        if line["Grade can be changed"].strip().lower() != "yes":
            return "Moodle says that the grade can't be changed: it is locked, or overridden in the gradebook"
        status = line.get("Status", "").strip()
        if row.status == "absent" and not _NOTHING.match(status):
            return f"nothing was handed in here, and Moodle says {status!r}: collect it first"
        return super().refusal(row, line, before)
