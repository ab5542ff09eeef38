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

    Raises CourseError where one student has two lines or one line belongs to two students.
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
        if owners.setdefault(number, person.student) != person.student:
            raise CourseError(f"{owners[number]} and {person.student} are one person in {where}: correct their ids")
    free = [number for number in range(len(lines)) if number not in owners]
    described = [" ".join(filter(None, lines[number].values())) for number in free]
    return found, {person.student: closest(f"{person.name} {person.student}", described) for person in lost}


def closest(text: str, others: Sequence[str], limit: int = 2) -> str:
    """The likest of the others, for a person to look at."""
    scored = process.extract(text, others, scorer=fuzz.token_sort_ratio, limit=limit, score_cutoff=45)
    return " or ".join(repr(other) for other, _, _ in scored) or "nobody like that"


@functools.lru_cache(100_000)
def _plain(text: str) -> str:
    """An id as it is compared: e-mail addresses in any case, everything else to the letter."""
    text = unicodedata.normalize("NFC", text).strip()
    return text.casefold() if "@" in text else text
