"""A system's own download: whether it is one, whom it tells apart, and whether its columns are worth what ours are."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from autograder import CourseError
from autograder.lms.table.text import Dialect, number, parse, points, respelled, unguarded

if TYPE_CHECKING:
    from autograder.lms.table.sheet import Sheet

DOWNLOAD = "download it again, with the LMS in English"
_GUARD = re.compile(rb"'\s*[=+\-@]")


def opened(template: bytes, sheet: "Sheet") -> tuple[list[list[str]], Dialect]:
    """A download's lines, with its columns named as the system names them, and how they were written.

    Raises CourseError where a needed column is missing, or all that say who a line is.
    """
    (header, *body), dialect = parse(template)
    header = respelled(header, [*sheet.keys, *sheet.others, *sheet.needed])
    require(header, sheet.needed, sheet.download)
    telling = [key for key, attributes in sheet.keys.items() if attributes]
    if not set(telling) & set(header):
        raise CourseError(
            f"the template has no column {' or '.join(map(repr, telling))}, and names nobody: {sheet.download}"
        )
    if _GUARD.search(template):
        body = [list(map(unguarded, line)) for line in body]
    return [header, *body], dialect


def require(header: Sequence[str], needed: Sequence[str], download: str = DOWNLOAD, what: str = "the template") -> None:
    """Refuse a download without one of the columns that are needed."""
    if missing := next((name for name in needed if name not in header), None):
        raise CourseError(f"{what} has no column {missing!r}; it has {', '.join(map(repr, header))}: {download}")


def compare(
    sheet: "Sheet",
    header: list[str],
    body: Sequence[list[str]],
    columns: Mapping[str, int],
    maxima: Mapping[str, Decimal],
) -> None:
    """Refuse a download where a column is not worth what its exercise is, or that doesn't tell what it should."""
    for exercise, column in columns.items():
        theirs, ours = sheet.maximum(header, body, column).strip(), maxima[exercise]
        if not theirs and sheet.tells_maximum:
            raise CourseError(f"the template doesn't tell the maximum of {header[column]!r}: {sheet.download}")
        try:
            same = not theirs or points(theirs) == ours
        except ValueError:
            same = False
        if not same:
            percent = "; --percent writes them out of 100" if re.fullmatch(r"100([.,]0*)?", theirs) else ""
            raise CourseError(
                f"{header[column]!r} is worth {theirs} points in the template and {exercise} {number(ours)} here: "
                f"make them equal{percent}"
            )
