"""Brings an LMS's list of people into nbgrader's students: names, e-mail addresses and the LMS's ids."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nbgrader.api import Gradebook, Student

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.people import matching
from autograder.lms.table.text import parse

FIELDS = ("id", "name", "first_name", "last_name", "email", "lms_id")
_KEYS = {"id": ["student"], "email": ["email"], "lms_id": ["lms_id"]}

# By system, where its downloads have each field: the first of the columns that is there.
FORMATS: dict[str, dict[str, Sequence[str]]] = {
    "canvas": {"id": ["SIS Login ID"], "name": ["Student"], "lms_id": ["ID"]},
    "brightspace": {
        "id": ["Username"], "first_name": ["First Name"], "last_name": ["Last Name"], "email": ["Email"],
        "lms_id": ["OrgDefinedId"],
    },
    "blackboard": {
        "id": ["Username"], "first_name": ["First Name"], "last_name": ["Last Name"], "lms_id": ["Student ID"],
    },
    "sakai": {"id": ["Student ID"], "name": ["Student Name", "Name"]},
    "moodle": {
        "id": ["Username", "ID number", "Email address"], "first_name": ["First name"],
        "last_name": ["Last name", "Surname"], "name": ["Full name"], "email": ["Email address"],
        "lms_id": ["ID number"],
    },
}  # fmt: skip
_NEEDED = {
    "canvas": ("Student", "ID", "SIS Login ID"),
    "brightspace": ("OrgDefinedId", "Username"),
    "blackboard": ("Username", "Last Name", "First Name"),
    "sakai": ("Student ID",),
    "moodle": ("Email address",),
}


@dataclass(frozen=True)
class Person:
    """One person as the LMS lists them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First name, last name."""
        return " ".join(filter(None, [self.first_name, self.last_name]))


@dataclass(frozen=True)
class Comparison:
    """The people of a file beside nbgrader's students.

    `known`: person by student id, with the fields that change. `new`: people without a student; `absent`: students
    without a person; both with those who are closest to them by name.
    """

    known: dict[str, tuple[Person, dict[str, str]]]
    new: dict[Person, str]
    absent: dict[str, str]


def read(data: bytes, mapping: Mapping[str, str]) -> list[Person]:
    """The people of an LMS's download, or of any CSV file with `mapping` from fields to columns; raises CourseError."""
    (header, *body), _ = parse(data)
    columns = _columns(header, mapping)
    found = []
    for line in body:
        fields = {field: _unwrapped(line[index]) for field, index in columns.items()}
        # Canvas and Sakai put lines between the header and the students; those have no ids.
        if fields.get("id"):
            found.append(_person(fields))
    if not found:
        raise CourseError(f"nobody has an id in {header[columns['id']]!r}: name another column with --map id=COLUMN")
    for field in ("id", "email", "lms_id"):
        _refuse_twice(field, [getattr(person, field) for person in found])
    if bad := next((person.id for person in found if re.search(r"^\.|[/\\]", person.id)), None):
        raise CourseError(f"{bad!r} can't be an nbgrader student: the id is the name of a folder; use --map id=COLUMN")
    return found


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


def _columns(header, mapping):
    if unknown := sorted(set(mapping) - set(FIELDS)):
        raise CourseError(f"--map knows no field {unknown[0]!r}; it has {', '.join(FIELDS)}")
    if missing := sorted(set(mapping.values()) - set(header)):
        raise CourseError(f"the file has no column {missing[0]!r}; it has {', '.join(map(repr, header))}")
    kind = next((kind for kind, needed in _NEEDED.items() if set(needed) <= set(header)), None)
    if kind is None and "id" not in mapping:
        raise CourseError(
            f"the columns {', '.join(map(repr, header))} are no LMS's that is known here: "
            "say which is which, such as --map id=Login --map name=Student"
        )
    usual = FORMATS.get(kind, {})
    found = {field: next((name for name in names if name in header), None) for field, names in usual.items()}
    return {field: header.index(name) for field, name in {**found, **mapping}.items() if name}


def _person(fields):
    last, _, first = fields.get("name", "").partition(", ")
    return Person(
        fields["id"],
        fields.get("first_name") or first,
        fields.get("last_name") or last,
        fields.get("email", ""),
        fields.get("lms_id", ""),
    )


def _unwrapped(cell):
    """Without what keeps spreadsheets off: Canvas's `="..."`, Brightspace's #."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].replace('""', '"')
    return text.removeprefix("#")


def _refuse_twice(field, values):
    given = Counter(value.casefold() if field == "email" else value for value in values if value)
    if twice := next((value for value, count in given.items() if count > 1), None):
        raise CourseError(f"{field} {twice!r} is there twice: correct the file, or choose another column with --map")


def _row(student):
    texts = (student.first_name, student.last_name, student.email, student.lms_user_id)
    return Row(student.id, *(text or "" for text in texts), "", None, Decimal(0))
