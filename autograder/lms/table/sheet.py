"""Targets that are a table: one line a student, one column a grade, in a template of the system or a made-up one."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.people import matching
from autograder.lms.table.template import DOWNLOAD, compare, opened
from autograder.lms.table.text import Dialect, decode, is_formula, number, render, safe, split
from autograder.lms.target import Change, File, LeftOut, Target, everyone, matched, standing

Line = list[str]
_NUMBER = re.compile(r"\d+(\.\d+)?")


class Sheet(Target):
    """A table; a system's class says how its columns are named and what its importer does.

    `keys`: the columns that say who a line is, in the importer's order, and what of our students they may hold.
    `others`: further columns that are kept from a template; `needed`: those that it must have.
    `heading`: a grade's column, with the groups `title` and, where the name tells it, `max`.
    `tells_maximum`: a template says what each column is worth; `download` says how a template has to be made.
    """

    dialect = Dialect()
    keys: ClassVar[matching.Keys]
    others: ClassVar[Sequence[str]] = ()
    needed: ClassVar[Sequence[str]] = ()
    heading: ClassVar[re.Pattern]
    tells_maximum = True
    download = DOWNLOAD

    # What a system may do in another way.

    def open(self, template: bytes) -> tuple[list[Line], Dialect]:
        """The template's lines, the header first, and how to write them; raises CourseError."""
        return opened(template, self)[0], self.dialect

    def blank(self, rows: Sequence[Row], maxima: Mapping[str, Decimal]) -> list[Line]:
        """The table without grades that takes a template's place, where there need be none."""
        raise NotImplementedError

    def is_student(self, line: Line) -> bool:
        """Whether the importer takes the line for a student's."""
        return True

    def is_kept(self, header: str) -> bool:
        """Whether a template's column that is no exercise's stays in the file."""
        return header in self.keys or header in self.others

    def locate(self, header: Line, body: Sequence[Line], exercise: str) -> int:
        """The number of the exercise's column; raises CourseError."""
        titles, wanted = {n: found["title"] for n, found in self.headings(header).items()}, exercise.casefold()
        found = [n for n, title in titles.items() if wanted in (title.casefold(), header[n].casefold())]
        if len(found) != 1:
            raise CourseError(
                f"the template has {len(found) or 'no'} columns {exercise!r}; it has "
                f"{', '.join(map(repr, titles.values())) or 'no column of grades'}: "
                "give the LMS's column the exercise's name and download the file again"
            )
        return found[0]

    def maximum(self, header: Line, body: Sequence[Line], column: int) -> str:
        """The points of a column as the template tells them, if it does."""
        return self.heading.fullmatch(header[column]).groupdict().get("max") or ""

    def shown(self, header: Line, column: int) -> int:
        """The number of the column that tells what the LMS has in a grade's column."""
        return column

    def grade(self, cell: str) -> Decimal | None:
        """What the importer takes from a cell; None clears the grade. Raises CourseError for what it refuses."""
        if not cell.strip():
            return None
        if (points := _decimal(cell)) is None:
            raise CourseError(f"{self.name} would not read {cell!r} as a grade")
        return points

    def fill(self, line: Line, header: Line, column: int, row: Row) -> None:
        """Put a grade into its line."""
        line[column] = number(row.points)

    def refusal(self, row: Row, line: Mapping[str, str], before: str) -> str:
        """Why the system would not take this row on this line, or nothing; `before` is what it has."""
        return self.objection(row, (line[key] for key in self.keys if key in line))

    def parse(self, data: bytes) -> list[Line]:
        """The file's cells, as the importer takes it apart; raises CourseError."""
        return split(decode(data)[0], self.dialect.delimiter)

    # What all of them do.

    def headings(self, header: Line) -> dict[int, re.Match]:
        """By number, the columns that hold grades."""
        found = {n: self.heading.fullmatch(text) for n, text in enumerate(header) if not self.is_kept(text)}
        return {index: match for index, match in found.items() if match}

    def who(self, line: Mapping[str, str]) -> str:
        """What the importer knows the student by: the first id that is there."""
        for key in self.keys:
            if text := line.get(key, "").strip():
                return text
        return ""

    def make(self, rows, maxima, template, replace) -> File:
        """Fill the template, or a made-up one: only students and columns that have a final grade are in the file."""
        (header, *body), dialect = self.open(template) if template else (self.blank(rows, maxima), self.dialect)
        columns = {exercise: self.locate(header, body, exercise) for exercise in maxima}
        students, lines = [], [header]
        for line in body:
            (students if self.is_student(line) else lines).append(line)
        if template:
            if not students:
                raise CourseError(f"the template lists no students: {self.download}")
            compare(self, header, body, columns, maxima)
            pairs, left_out = matched(rows, [self._ids(header, line) for line in students], self.keys)
        else:
            pairs, left_out = self._own(rows, header, students), []
        theirs, changes = defaultdict(list), []
        for row, index in pairs:
            theirs[index].append(row)
        shown = {column: self.shown(header, column) for column in columns.values()} if template else {}
        for index, ours in sorted(theirs.items()):
            line, made, refused = self._line(header, students[index], ours, columns, shown, replace)
            lines += [line] if made else []
            changes += made
            left_out += refused
        kept = [n for n, text in enumerate(header) if n in columns.values() or self.is_kept(text)]
        return File(render([[line[n] for n in kept] for line in lines], dialect), changes, left_out)

    def _own(self, rows, header, students):
        """Each row with the number of its student's line in a table that was made of the rows."""
        places, owners = {row.student: n for n, row in enumerate(everyone(rows))}, {}
        for student, place in places.items():
            who = self.who(dict(zip(header, students[place], strict=True)))
            if owners.setdefault(who, student) != student:
                raise CourseError(f"{owners[who]} and {student} are one person by their id {who!r}: correct it")
        return [(row, places[row.student]) for row in rows]

    def _line(self, header, before, rows, columns, shown, replace) -> tuple[Line, list[Change], LeftOut]:
        """One student's line, the changes in it, and what stays as it is there; `shown` is where that stands."""
        line, named, made, refused = list(map(safe, before)), dict(zip(header, before, strict=True)), [], []
        for column in columns.values():
            line[column] = ""
        who = self.who(named)
        for row in rows:
            column = columns[row.exercise]
            theirs = before[shown[column]] if shown else None
            reason = self.refusal(row, named, theirs or "") or (shown and standing(row, theirs, replace))
            if reason:
                refused.append((row, reason))
                continue
            self.fill(line, header, column, row)
            made.append(Change(row, who, header[column], theirs))
        return line, made, refused

    def _ids(self, header, line):
        return {text: cell for text, cell in zip(header, line, strict=True) if text in self.keys or text in self.others}

    def read(self, data: bytes) -> dict[tuple[str, str], Decimal | None]:
        """By the importer's id and column, what it would take."""
        header, *body = self.parse(data)
        if any(len(line) != len(header) for line in body):
            raise CourseError(f"{self.name} refuses lines of different lengths")
        columns, found = self.headings(header), {}
        ids = [header.index(key) for key in self.keys if key in header]
        for line in filter(self.is_student, body):
            who = next((text for n in ids if (text := line[n].strip())), "")
            for column in columns:
                if (who, header[column]) in found:
                    raise CourseError(f"{self.name} would read {who!r} twice")
                if (points := self.grade(line[column])) is not None or self.per_exercise:
                    found[who, header[column]] = points
        return found


@functools.lru_cache(100_000)
def _decimal(cell):
    return Decimal(cell) if _NUMBER.fullmatch(cell) else None


def refuse_formulas(exercises: Iterable[str]) -> None:
    """Refuse names of exercises that no header may hold."""
    if formula := next(filter(is_formula, exercises), None):
        raise CourseError(f"a spreadsheet would take the exercise's name {formula!r} for a formula: rename it")
