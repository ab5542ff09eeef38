"""Delimited text as learning management systems read and write it: numbers, encodings, and never a formula."""

import csv
import functools
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder import CourseError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
ESCAPE = re.compile(r'\\(?=["\r\n,])')
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
_POINTS = re.compile(r"-?\d[\d.,]*")
# What Moodle puts an apostrophe before, and we too.
_GUARDED = re.compile(r"'(?=\s*[=+\-@\t\r])")


@dataclass(frozen=True)
class Dialect:
    """How a table is written; the encoding `utf-8-sig` writes a byte order mark.

    `escapes`: the reader takes a backslash for an escape, so that one before a quote or an end needs a space behind it.
    """

    delimiter: str = ","
    line_end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    escapes: bool = False


@functools.lru_cache(100_000)
def number(points: Decimal) -> str:
    """At most two decimals, a decimal point, nothing else: `82.5`, `0`."""
    return f"{points.normalize():f}"


def points(cell: str) -> Decimal | None:
    """What a download's cell says: a decimal point or comma, other separators go, None for none; raises ValueError."""
    text = unguarded(cell.strip())
    if text in ("", "-"):
        return None
    if not _POINTS.fullmatch(text):
        raise ValueError(f"{cell!r} is no number of points")
    whole, *parts = re.split("[.,]", text)
    return Decimal(f"{''.join([whole, *parts[:-1]])}.{''.join(parts[-1:])}")


def unguarded(text: str) -> str:
    """The text without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return _GUARDED.sub("", text, count=1) if text[:1] == "'" else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula."""
    return text[:1] in _FORMULA and len(text) > 1 and not _PLAIN_NUMBER.fullmatch(text)


@functools.lru_cache(100_000)
def safe(text: str) -> str:
    """The text on one line, as no spreadsheet takes it for a formula."""
    text = _CONTROL.sub(" ", text)
    return f"'{text}" if is_formula(text) else text


def decode(data: bytes) -> tuple[str, str]:
    """A download's text and its encoding, UTF-8 unless a byte order mark says UTF-16; raises CourseError."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding), encoding if data[:2] in (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb") else "utf-8"
    except UnicodeDecodeError as error:
        raise CourseError(
            f"the file is not UTF-8 (byte {error.start}): download it again, and don't save it in a spreadsheet"
        ) from None


def parse(data: bytes) -> tuple[list[list[str]], Dialect]:
    """A download's lines, each as wide as its header, and how they were written; raises CourseError."""
    text, encoding = decode(data)
    dialect = Dialect(_delimiter(text), "\r\n" if "\r\n" in text else "\n", encoding=encoding)
    lines = [line for line in split(text, dialect.delimiter) if any(line)]
    if not lines:
        raise CourseError("the file is empty: download it again")
    width = len(lines[0])
    if long := next((line for line in lines if len(line) > width), None):
        raise CourseError(f"the line of {long[0]!r} has more cells than the header: download the file again")
    return [line if len(line) == width else line + [""] * (width - len(line)) for line in lines], dialect


def _delimiter(text):
    """The mark that cuts most of the first lines into as many cells as the header, and the header into most."""

    def evenness(mark):
        lines = itertools.islice(csv.reader(io.StringIO(text[:1_000_000], newline=""), delimiter=mark), 50)
        widths = [len(line) for line in lines if line]
        return widths[0] > 1 and widths.count(widths[0]), widths[0]

    return max(",\t;", key=evenness) if text.strip() else ","


def respelled(header: Sequence[str], names: Iterable[str]) -> list[str]:
    """The header with the names that are known as they are known, in whatever case it has them; raises CourseError."""
    known = {name.casefold(): name for name in names}
    found = [known.get(text.strip().casefold(), text) for text in header]
    if twice := next((name for name in known.values() if found.count(name) > 1), None):
        raise CourseError(f"the file has two columns {twice!r}: download it again")
    return found


def split(text: str, delimiter: str = ",") -> list[list[str]]:
    """The cells of a delimited text, by lines; raises CourseError where a quote is left open."""
    return list(lines_of(text, delimiter))


def lines_of(text: str, delimiter: str = ",") -> Iterator[list[str]]:
    """What `split` gives, one line after the other: of a large text the list of all takes longer to make."""
    csv.field_size_limit(1 << 24)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise CourseError(f"the file is no proper table ({error}): download it again") from None


def render(lines: Iterable[Sequence[str]], dialect: Dialect) -> bytes:
    """The lines as a file."""
    out = io.StringIO()
    csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=dialect.quoting).writerows(
        lines
    )
    text = out.getvalue()
    return (ESCAPE.sub(r"\\ ", text) if dialect.escapes else text).encode(dialect.encoding)
