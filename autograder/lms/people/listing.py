"""Reads an LMS's list of people: names, e-mail addresses and ids, without what keeps spreadsheets off them."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder import CourseError
from autograder.lms.table.text import parse, unguarded

FIELDS = ("id", "name", "first_name", "last_name", "email", "lms_id")

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
# In this order: Blackboard's columns are among Moodle's, but for their letters.
_NEEDED = {
    "canvas": ("Student", "ID", "SIS Login ID"),
    "moodle": ("Email address",),
    "brightspace": ("OrgDefinedId", "Username"),
    "blackboard": ("Username", "Last Name", "First Name"),
    "sakai": ("Student ID",),
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
class Listing:
    """The people of a file, and those in it without an id, as they are written there."""

    people: list[Person]
    without_id: list[str]


def read(data: bytes, mapping: Mapping[str, str]) -> Listing:
    """The people of an LMS's download, or of any CSV file with `mapping` from fields to columns; raises CourseError."""
    (header, *body), _ = parse(data)
    columns = _columns(header, mapping)
    lines = [{field: _unwrapped(line[index]) for field, index in columns.items()} for line in body]
    people = {row: _person(fields) for row, fields in enumerate(lines, 2) if fields["id"]}
    if not people:
        raise CourseError(f"nobody has an id in {header[columns['id']]!r}: name another column with --map id=COLUMN")
    for field in ("id", "email", "lms_id"):
        _refuse_twice(field, {row: getattr(person, field) for row, person in people.items()})
    for row, person in people.items():
        _refuse_id(row, person.id)
    # Canvas's and Sakai's lines between the header and the students are nobody.
    nobody = [" ".join(filter(None, fields.values())) for fields in lines if not fields["id"]]
    return Listing(list(people.values()), [text for text in nobody if text and "Points Possible" not in text])


def _columns(header, mapping):
    if unknown := sorted(set(mapping) - set(FIELDS)):
        raise CourseError(f"--map knows no field {unknown[0]!r}; it has {', '.join(FIELDS)}")
    places = {text.strip().casefold(): index for index, text in reversed(list(enumerate(header)))}
    if missing := sorted(name for name in mapping.values() if name.casefold() not in places):
        raise CourseError(f"the file has no column {missing[0]!r}; it has {', '.join(map(repr, header))}")
    kind = next((kind for kind, needed in _NEEDED.items() if {name.casefold() for name in needed} <= set(places)), None)
    if kind is None and "id" not in mapping:
        raise CourseError(
            f"the columns {', '.join(map(repr, header))} are no LMS's that is known here: download the list in "
            "English, or say which is which, such as --map id=Login --map name=Student"
        )
    usual = {**FORMATS.get(kind, {}), **{field: [name] for field, name in mapping.items()}}
    found = {field: next(filter(places.__contains__, map(str.casefold, names)), "") for field, names in usual.items()}
    return {field: places[name] for field, name in found.items() if name}


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
    """Without what keeps spreadsheets off: Canvas's `="..."`, Moodle's apostrophe, Brightspace's #."""
    text = unguarded(cell.strip())
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].replace('""', '"')
    return text.removeprefix("#")


def _refuse_twice(field, values):
    rows = defaultdict(list)
    for row, value in values.items():
        rows[value.casefold() if field == "email" else value].append(row)
    if twice := next((value for value, where in rows.items() if value and len(where) > 1), None):
        raise CourseError(
            f"{field} {twice!r} is there twice, in rows {' and '.join(map(str, rows[twice]))}: correct the file, or "
            "choose another column with --map"
        )


def _refuse_id(row, text):
    if re.search(r"^\.|[/\\]", text):
        raise CourseError(
            f"row {row}: {text!r} can't be an nbgrader student: the id is the name of a folder; use --map id=COLUMN"
        )
    if re.fullmatch(r"\d+([.,]\d+)?E\+\d+", text, re.IGNORECASE):
        raise CourseError(
            f"row {row}: a spreadsheet rounded the id {text!r}: download the file again and don't open it"
        )
