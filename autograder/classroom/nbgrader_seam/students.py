"""Whose folder is whose: nbgrader makes a new student of every folder's name that it does not know."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from autograder.files import printable


def misnamed(folders: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """By name of a folder that nobody's work can be recorded under, why; `known` are the gradebook's students.

    A name that is spelled almost like a student's would become a second student, and leave the first without a grade.
    """
    names, students = set(folders), set(known)
    alike = defaultdict(set)
    for name in names | students:
        alike[_plain(name)].add(name)
    found = {}
    for name in sorted(names):
        others = sorted(alike[_plain(name)] - {name})
        if printable(name) != name:
            found[name] = "this name is not written in UTF-8: rename it"
        elif others and name not in students:
            found[name] = (
                f"{others[0]} is spelled almost like it ({_difference(name, others[0])}): rename the folder, "
                f"or, if they are two people, run `nbgrader db student add {name}`"
            )
    return found


def _plain(name):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold()).strip()


def _difference(name, other):
    composed = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)
    return "letters with accents are written in two ways" if composed else "other capitals or blanks"
