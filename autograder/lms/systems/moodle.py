"""Moodle: the gradebook's XML and CSV imports, and the worksheet of one assignment.

Source: moodle/moodle 5.1, grade/import/{xml,csv} and mod/assign/feedback/offline; tried on a real site.
"""

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from autograder import CourseError
from autograder.lms.table.sheet import Sheet, refuse_formulas
from autograder.lms.table.text import ESCAPE, Dialect, decode, number, parse, split
from autograder.lms.target import Change, File, Target, matched

_KEYS = {"Username": ["student"], "ID number": ["student", "lms_id"], "Email address": ["email", "student"]}
_NAMES = ("First name", "Last name", "Surname", "Full name")
# Moodle's parser drops a blank beside an entity, and XML has no control characters.
_SPOILED = re.compile(r"\s[&<>]|[&<>]\s|[\x00-\x1f\ufffe\uffff]")


class _Moodle(Sheet):
    # For PHP a backslash keeps the quote behind it from ending a cell.
    dialect = Dialect(escapes=True)
    keys = _KEYS
    others = _NAMES
    heading = re.compile(r"([\w ]+: )?(?P<title>.+?)( \(Real\))?")

    def parse(self, data):
        """As PHP takes it apart."""
        text = decode(data)[0]
        if ESCAPE.search(text):
            raise CourseError("Moodle misreads a backslash before a quote or at the end of a cell")
        if not all(map(any, lines := split(text))):
            raise CourseError("Moodle refuses empty lines")
        return lines

    def blank(self, rows, maxima):
        """The ids and names that Moodle can match, then the exercise."""
        refuse_formulas(maxima)
        people = {row.student: row for row in rows}.values()
        lines = [[row.student, row.lms_id, row.email, row.first_name, row.last_name, ""] for row in people]
        return [["Username", "ID number", "Email address", "First name", "Last name", *maxima], *lines]


class MoodleCsv(_Moodle):
    """Moodle's gradebook: Grades > Import > CSV file; each column is mapped by hand."""

    name = "moodle-csv"
    over_maximum = "refuses the whole file then"


class MoodleWorksheet(_Moodle):
    """Moodle's offline grading worksheet of one assignment, filled."""

    name = "moodle-worksheet"
    template = "required for each exercise"
    over_maximum = "skips it without a word"
    keys = {"Identifier": [], **_KEYS}  # noqa: RUF012
    heading = re.compile("(?P<title>Grade)")

    def is_kept(self, header):
        """The whole worksheet comes back: its dates are how Moodle sees that nobody graded meanwhile."""
        return header != "Grade"

    def locate(self, header, body, exercise):
        """The worksheet has one grade, whatever the assignment is called."""
        if missing := [name for name in ("Identifier", "Grade", "Last modified (grade)") if name not in header]:
            raise CourseError(f"the worksheet has no column {missing[0]!r}: download it with Moodle in English")
        return header.index("Grade")

    def maximum(self, header, body, column):
        """The worksheet says it on each line."""
        return next((line[header.index("Maximum Grade")] for line in body), "") if "Maximum Grade" in header else ""

    def refusal(self, row, line):
        """Moodle skips what is locked."""
        if line.get("Grade can be changed", "").strip().lower() == "no":
            return "Moodle has locked the grade"
        return super().refusal(row, line)


class MoodleXml(Target):
    """Moodle's gradebook: Grades > Import > XML file; grade items and students by their ID numbers, with comments."""

    name = "moodle-xml"
    suffix = "xml"
    per_exercise = False
    over_maximum = "caps it without a word"

    def make(self, rows, maxima, template):
        """A result for each row; a template (the gradebook's CSV export) gives the students' ID numbers."""
        ids, left_out = self._ids(rows, template)
        results, changes = [], []
        for row in (row for row in rows if row.student in ids):
            who = ids[row.student]
            if reason := self._reason(row, who):
                left_out.append((row, reason))
                continue
            changes.append(Change(row, who, row.exercise))
            results.append(_result(row, who))
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<results batch="grades">\n'
        return File(f"{head}{''.join(results)}</results>\n".encode(), changes, left_out)

    def read(self, data):
        """By ID number of student and item; a score that is no number stops the import, an empty one clears."""
        found = {}
        for result in ElementTree.fromstring(data).iter("result"):
            key = tuple(_blanks_beside_entities_lost(result.findtext(tag) or "") for tag in ("student", "assignment"))
            if key in found:
                raise CourseError(f"Moodle would read {key[0]!r} twice")
            found[key] = MoodleCsv().grade(result.findtext("score") or "")
        return found

    def _reason(self, row, who):
        if not who:
            return "has no ID number in Moodle"
        if _SPOILED.search(who) or _SPOILED.search(row.exercise):
            return f"Moodle would misread the ID number {who!r} of {row.exercise!r}"
        return self.objection(row, [])

    def _ids(self, rows, template):
        if not template:
            ids, owners = {row.student: row.lms_id or row.student for row in rows}, {}
            for student, who in ids.items():
                if owners.setdefault(who, student) != student:
                    raise CourseError(f"{owners[who]} and {student} are one person by their id {who!r}: correct it")
            return ids, []
        header, *body = parse(template)[0]
        lines = [dict(zip(header, line, strict=True)) for line in body]
        found, left_out = matched(rows, lines, _KEYS)
        return {student: lines[index].get("ID number", "").strip() for student, index in found.items()}, left_out


def _result(row, who):
    fields = {"state": "new", "assignment": row.exercise, "student": who, "score": number(row.points)}
    fields |= {"feedback": row.comment} if row.comment else {}
    return "<result>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in fields.items()) + "</result>\n"


def _blanks_beside_entities_lost(text):
    return re.sub(r"\s+(?=[&<>])|(?<=[&<>])\s+", "", text).strip()
