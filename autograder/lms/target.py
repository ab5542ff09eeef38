"""What every target shares: from rows to a file, and back by the rules of the system that will read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.people import matching
from autograder.lms.table.text import number, points, safe


@dataclass(frozen=True)
class Change:
    """One grade as the file says it: for whom and in which column, in the LMS's words.

    `before` is what the LMS has; None where that isn't known.
    """

    row: Row
    who: str
    column: str
    before: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the LMS has another grade, or none that we know of."""
        try:
            return self.before is None or points(self.before) != self.row.points
        except ValueError:
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
    `tells_tasks`: a file says more than the grade of the whole.
    `over_maximum`: what the system does with more than the maximum, where it doesn't take it.
    """

    name = ""
    suffix = "csv"
    per_exercise = True
    template = "optional"
    tells_tasks = False
    over_maximum = ""

    def write(
        self, rows: Sequence[Row], maxima: Mapping[str, Decimal], template: bytes | None = None, replace: bool = False
    ) -> File:
        """The rows as a file; `maxima` are the points of each exercise. Raises CourseError.

        With `replace` a grade goes out where the template has another one, too.
        """
        if template is None and self.template.startswith("required"):
            raise CourseError(f"{self.name} needs the file that you download there: name it with --template")
        if template and self.template == "unused":
            raise CourseError(f"{self.name} has no template: leave --template out")
        return self.make(rows, maxima, template, replace)

    def make(self, rows: Sequence[Row], maxima: Mapping[str, Decimal], template: bytes | None, replace: bool) -> File:
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
        wrong = found != expected and sorted(
            key for key in found.keys() | expected if found.get(key) != expected.get(key)
        )
        if wrong:
            who, column = wrong[0]
            raise CourseError(
                f"{self.name} would read {found.get(wrong[0])} for {who!r} in {column!r} and the gradebook has "
                f"{expected.get(wrong[0])} ({len(wrong)} differences): nothing was written"
            )


def everyone(rows: Iterable[Row]) -> list[Row]:
    """One row of each student."""
    return list({row.student: row for row in rows}.values())


def standing(row: Row, before: str, replace: bool) -> str:
    """Why the grade that the LMS has stays, or nothing; what nobody handed in never replaces a grade."""
    try:
        same = (theirs := points(before)) is None or theirs == row.points
    except ValueError:
        same = False
    if same:
        return ""
    if row.status == "absent":
        return f"the LMS has {before.strip()}, and nothing was handed in here: find out who is right"
    return "" if replace else f"the LMS has {before.strip()}: --replace writes {number(row.points)}"


def matched(
    rows: Sequence[Row], lines: Sequence[Mapping[str, str]], keys: matching.Keys, where: str = "the template"
) -> tuple[list[tuple[Row, int]], LeftOut]:
    """Each row with the number of its student's line, and the rows that have none.

    A hand-in that is nobody's there may be anyone's, so that then it isn't known who handed in nothing.
    """
    found, lost = matching.match(everyone(rows), lines, keys, where)
    if lost and not found:
        raise CourseError(
            f"none of {len(lost)} students is in {where}, such as {next(iter(lost))!r} (closest: "
            f"{next(iter(lost.values()))}): `course roster import` brings the LMS's ids here"
        )
    strangers = {row.exercise: row.student for row in rows if row.student in lost and row.status != "absent"}
    pairs, left_out = [], []
    for row in rows:
        if row.student in lost:
            left_out.append((row, f"not in {where}; closest: {lost[row.student]}"))
        elif row.status == "absent" and row.exercise in strangers:
            left_out.append((row, f"who is not in {where} may be them: settle {strangers[row.exercise]!r} first"))
        else:
            pairs.append((row, found[row.student]))
    return pairs, left_out
