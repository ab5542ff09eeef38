"""Matches the gradebook's students with an LMS's people by their ids: exactly or not at all."""

import functools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from autograder import CourseError
from autograder.classroom.grade import Row

# By column of the LMS, what of a student its cells may be: attributes of a `Row`.
Keys = Mapping[str, Sequence[str]]


def match(
    people: Iterable[Row], lines: Sequence[Mapping[str, str]], keys: Keys, where: str
) -> tuple[dict[str, int], dict[str, str]]:
    """By student, the number of the line that is theirs; and by student without one, the closest people there.

    Raises CourseError where one student has two lines, one line belongs to two students, or an id lost its zeros.
    """
    index = defaultdict(set)
    for number, line in enumerate(lines):
        for column, attributes in keys.items():
            if text := _plain(line.get(column, "")):
                for attribute in attributes:
                    index[attribute, text].add(number)
    wanted = sorted({attribute for attributes in keys.values() for attribute in attributes})
    found, lost, owners = {}, [], {}
    for person in people:
        texts = {attribute: _plain(getattr(person, attribute)) for attribute in wanted}
        numbers = set().union(*(index.get(item, ()) for item in texts.items() if item[1]))
        if len(numbers) > 1:
            raise CourseError(f"{person.student} is on {len(numbers)} lines of {where}: correct the ids there, or here")
        if not numbers:
            lost.append(person)
            continue
        found[person.student] = number = numbers.pop()
        _refuse_spoiled(person, lines[number], keys, where)
        if owners.setdefault(number, person.student) != person.student:
            raise CourseError(f"{owners[number]} and {person.student} are one person in {where}: correct their ids")
    free = [number for number in range(len(lines)) if number not in owners]
    described = [" ".join(filter(None, lines[number].values())) for number in free]
    return found, {person.student: closest(f"{person.name} {person.student}", described) for person in lost}


def _refuse_spoiled(person, line, keys, where):
    """Refuse an id that is the student's but for zeros in front: a spreadsheet took it for a number."""
    for column, attributes in keys.items():
        text = line.get(column, "").strip()
        if text.isdigit():
            known = {getattr(person, attribute) for attribute in attributes}
            if text not in known and (ours := next((one for one in known if is_same_number(one, text)), "")):
                raise CourseError(
                    f"{where} has {text!r} as {column} of {person.student}, and the gradebook {ours!r}: a spreadsheet "
                    "dropped the zeros; download it again and don't open it"
                )


def is_same_number(one: str, other: str) -> bool:
    """Whether two ids differ by zeros in front only."""
    return one.isdigit() and other.isdigit() and one.lstrip("0") == other.lstrip("0")


def closest(text: str, others: Sequence[str], limit: int = 2) -> str:
    """The likest of the others, for a person to look at."""
    scored = process.extract(text, others, scorer=fuzz.token_sort_ratio, limit=limit, score_cutoff=45)
    return " or ".join(repr(other) for other, _, _ in scored) or "nobody like that"


@functools.lru_cache(100_000)
def _plain(text: str) -> str:
    """An id as it is compared: e-mail addresses in any case, everything else to the letter."""
    text = unicodedata.normalize("NFC", text).strip()
    return text.casefold() if "@" in text else text
