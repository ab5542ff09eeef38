"""What every target shares: from rows to a file, and back by the rules of the system that will read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.people import matching
from autograder.lms.table.text import number, safe


@dataclass(frozen=True)
class Change:
    """One grade as the file says it: for whom and in which column, in the LMS's words; `before` is what it had."""

    row: Row
    who: str
    column: str
    before: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the LMS has another grade, or none that we know of."""
        try:
            return Decimal(self.before.strip()) != self.row.points
        except InvalidOperation:
            return True


LeftOut = list[tuple[Row, str]]


@dataclass(frozen=True)
class File:
    """A file for one system: what it changes there, and which rows it leaves out, with the reason."""

    data: bytes
    changes: list[Change]
    left_out: LeftOut


class Target:
    """A system that takes files: `write` makes one, `read` takes it apart as the system does.

    `per_exercise`: a file holds one exercise, because a blank cell would clear a grade.
    `template`: the system's own download is "unused", "optional", "required", or "required for each exercise".
    `over_maximum`: what the system does with more than the maximum, where it doesn't take it.
    """

    name = ""
    suffix = "csv"
    per_exercise = True
    template = "optional"
    over_maximum = ""

    def write(self, rows: Sequence[Row], maxima: Mapping[str, Decimal], template: bytes | None = None) -> File:
        """The rows as a file; `maxima` are the points of each exercise. Raises CourseError."""
        if template is None and self.template.startswith("required"):
            raise CourseError(f"{self.name} needs the file that you download there: name it with --template")
        if template and self.template == "unused":
            raise CourseError(f"{self.name} has no template: leave --template out")
        return self.make(rows, maxima, template)

    def make(self, rows: Sequence[Row], maxima: Mapping[str, Decimal], template: bytes | None) -> File:
        """What `write` does, when there is a template where one is needed."""
        raise NotImplementedError

    def read(self, data: bytes) -> dict[tuple[str, str], Decimal | None]:
        """By student and column, the grades that the system would take from the file; raises CourseError."""
        raise NotImplementedError

    def objection(self, row: Row, identifiers: Iterable[str]) -> str:
        """Why the system would not take this row, or nothing."""
        if row.points > row.max_points and self.over_maximum:
            return f"{number(row.points)} of {number(row.max_points)} points: {self.name} {self.over_maximum}"
        if changed := next((text for text in identifiers if safe(text) != text), ""):
            return f"a spreadsheet would take the id {changed!r} for a formula, or for several lines"
        return ""

    def verify(self, data: bytes, changes: Iterable[Change]) -> None:
        """Compare what the system would read with the gradebook; raises CourseError on any difference."""
        found, expected = self.read(data), {(one.who, one.column): one.row.points for one in changes}
        if wrong := sorted(key for key in found.keys() | expected if found.get(key) != expected.get(key)):
            who, column = wrong[0]
            raise CourseError(
                f"{self.name} would read {found.get(wrong[0])} for {who!r} in {column!r} and the gradebook has "
                f"{expected.get(wrong[0])} ({len(wrong)} differences): nothing was written"
            )


def everyone(rows: Iterable[Row]) -> list[Row]:
    """One row of each student."""
    return list({row.student: row for row in rows}.values())


def matched(
    rows: Sequence[Row], lines: Sequence[Mapping[str, str]], keys: matching.Keys
) -> tuple[dict[str, int], LeftOut]:
    """By student the number of their line in the template, and the rows of those who are not in it."""
    found, lost = matching.match(everyone(rows), lines, keys, "the template")
    if lost and not found:
        raise CourseError(
            f"none of {len(lost)} students is in the template, such as {next(iter(lost))!r} (closest: "
            f"{next(iter(lost.values()))}): `course roster import` brings the LMS's ids here"
        )
    return found, [(row, f"not in the template; closest: {lost[row.student]}") for row in rows if row.student in lost]
