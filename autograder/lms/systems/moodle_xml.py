"""Moodle: the gradebook's XML import.

Source: moodle/moodle 5.1, below public/: grade/import/xml/lib.php, grade/import/lib.php; tried on a real site.
"""

import functools
import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from autograder import CourseError
from autograder.lms.systems.moodle import KEYS, MoodleCsv
from autograder.lms.table.template import require
from autograder.lms.table.text import number
from autograder.lms.target import Change, File, Target, matched, standing

# Moodle's parser drops a blank beside an entity, and XML has no control characters.
_SPOILED = re.compile(r"\s[&<>]|[&<>]\s|[\x00-\x1f\ufffe\uffff]")


class MoodleXml(Target):
    """Moodle's gradebook: Grades > Import > XML file; grade items and students by their ID numbers, with comments."""

    name = "moodle-xml"
    suffix = "xml"
    per_exercise = False
    tells_tasks = True
    over_maximum = "caps it without a word"

    def make(self, rows, maxima, template, replace):
        """A result for each row; a template (the gradebook's CSV export) gives ID numbers, and the grades there."""
        people, left_out = self._people(rows, maxima, template)
        results, changes = [], []
        for row, who, before in people:
            if reason := self._reason(row, who) or (template and standing(row, before, replace)):
                left_out.append((row, reason))
                continue
            changes.append(Change(row, who, row.exercise, before))
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

    def _people(self, rows, maxima, template):
        """Each row with the student's ID number and the grade in Moodle, and the rows that have no student there."""
        if not template:
            ids, owners = {row.student: row.lms_id or row.student for row in rows}, {}
            for student, who in ids.items():
                if owners.setdefault(who, student) != student:
                    raise CourseError(f"{owners[who]} and {student} are one person by their id {who!r}: correct it")
            return [(row, ids[row.student], None) for row in rows], []
        export = MoodleCsv()
        header, *body = export.open(template)[0]
        require(header, ["ID number"], export.download)
        columns = {exercise: export.locate(header, body, exercise) for exercise in maxima}
        number = header.index("ID number")
        pairs, left_out = matched(rows, [dict(zip(header, line, strict=True)) for line in body], KEYS)
        return [(row, body[n][number].strip(), body[n][columns[row.exercise]]) for row, n in pairs], left_out


def _result(row, who):
    feedback = f"<feedback>{escape(comment)}</feedback>" if (comment := row.comment) else ""
    return (
        f"<result><state>new</state><assignment>{_escaped(row.exercise)}</assignment><student>{_escaped(who)}</student>"
        f"<score>{number(row.points)}</score>{feedback}</result>\n"
    )


_escaped = functools.lru_cache(100_000)(escape)


@functools.lru_cache(100_000)
def _blanks_beside_entities_lost(text):
    return re.sub(r"\s+(?=[&<>])|(?<=[&<>])\s+", "", text).strip()
