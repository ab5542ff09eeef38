"""Brings an LMS's list of people into nbgrader's students: names, e-mail addresses and the LMS's ids."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nbgrader.api import Gradebook, Student

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.people import matching
from autograder.lms.people.listing import Person

_KEYS = {"id": ["student"], "email": ["email"], "lms_id": ["lms_id"]}


@dataclass(frozen=True)
class Comparison:
    """The people of a file beside nbgrader's students.

    `known`: person by student id, with the fields that change. `new`: people without a student; `absent`: students
    without a person; both with those who are closest to them by name.
    """

    known: dict[str, tuple[Person, dict[str, str]]]
    new: dict[Person, str]
    absent: dict[str, str]


def compare(gradebook: Gradebook, found: Sequence[Person]) -> Comparison:
    """Match by id, e-mail address or LMS id, exactly; raises CourseError where that says two things."""
    students = [_row(student) for student in gradebook.students]
    lines = [{"id": one.id, "email": one.email, "lms_id": one.lms_id, "name": one.name} for one in found]
    matched, absent = matching.match(students, lines, _KEYS, "the file")
    by_id = {student.student: student for student in students}
    known = {}
    for student, number in matched.items():
        fields = ("first_name", "last_name", "email", "lms_id")
        news = {field: value for field in fields if (value := getattr(found[number], field))}
        known[student] = found[number], {k: v for k, v in news.items() if v != getattr(by_id[student], k)}
    names = [f"{by_id[student].name} {student}" for student in absent]
    taken = set(matched.values())
    new = {one: matching.closest(f"{one.name} {one.id}", names) for n, one in enumerate(found) if n not in taken}
    for one, student in itertools.product(new, absent):
        if matching.is_same_number(one.id, student) or matching.is_same_number(one.lms_id, by_id[student].lms_id):
            raise CourseError(
                f"{one.name or one.id} has the id {one.id!r} in the file, and {student!r} in nbgrader differs by zeros "
                "in front only: a spreadsheet dropped them; download the file again and don't open it"
            )
    return Comparison(known, new, absent)


def apply(gradebook: Gradebook, comparison: Comparison, add: bool) -> None:
    """Write what changes into the gradebook, and with `add` the new people; all of it or nothing."""
    students = {student.id: student for student in gradebook.students}
    for student, (_, fields) in comparison.known.items():
        for field, value in fields.items():
            setattr(students[student], "lms_user_id" if field == "lms_id" else field, value)
    for one in comparison.new if add else ():
        names = {"first_name": one.first_name or None, "last_name": one.last_name or None}
        gradebook.db.add(Student(id=one.id, **names, email=one.email or None, lms_user_id=one.lms_id or None))
    gradebook.db.commit()


def _row(student):
    texts = (student.first_name, student.last_name, student.email, student.lms_user_id)
    return Row(student.id, *(text or "" for text in texts), "", None, Decimal(0))
