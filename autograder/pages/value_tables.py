"""Reads the short texts of a verdict's values back into rows of numbers: to show them as a table, or as a curve."""

import math
import re
from dataclasses import dataclass

_SHAPE = re.compile(r"\.\.\. shape \((?P<shape>[\d, ]+)\)")
_CURVE = 6  # shorter rows say as much as a table
_WIDTH, _HEIGHT, _LEFT, _TOP = 320, 120, 58, 8


@dataclass(frozen=True)
class Values:
    """Rows of numbers as they were written; `shape` is that of the whole where these are its first entries."""

    rows: list[list[str]]
    shape: str = ""

    @property
    def is_table(self) -> bool:
        """Whether there is more than one number."""
        return len(self.rows) * len(self.rows[0]) > 1

    @property
    def numbers(self) -> list[float]:
        """The first row."""
        return [float(entry) for entry in self.rows[0]]


@dataclass(frozen=True)
class Curves:
    """Two rows of numbers over their index, in the coordinates of a small picture."""

    observed: list[tuple[float, float]]
    expected: list[tuple[float, float]]
    ticks: list[tuple[float, str]]
    is_log: bool


def read(text: str) -> Values | None:
    """The numbers that `compare.show` wrote; None where the text is anything else."""
    *lines, last = text.splitlines() or [""]
    cut = _SHAPE.fullmatch(last)
    rows = [line.split() for line in (lines if cut else [*lines, last])]
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        return None
    try:
        [list(map(float, row)) for row in rows]
    except ValueError:
        return None
    return Values(rows, cut["shape"] if cut else "")


def differing(these: Values, others: Values | None) -> set[tuple[int, int]]:
    """The places at which two tables differ; none where that would be all of them, or where their forms differ."""
    rows, other_rows = these.rows, others.rows if others else []
    if [len(row) for row in rows] != [len(row) for row in other_rows]:
        return set()
    places = {(i, j) for i, row in enumerate(rows) for j, entry in enumerate(row)}
    found = {(i, j) for i, j in places if rows[i][j] != other_rows[i][j]}
    return found if found < places else set()


def curves(observed: Values, expected: Values) -> Curves | None:
    """Both as curves; None unless they are rows of the same length, long enough and finite."""
    pair = observed.numbers, expected.numbers
    everything = [*pair[0], *pair[1]]
    if len(observed.rows) + len(expected.rows) > 2 or len(pair[0]) != len(pair[1]) or len(pair[0]) < _CURVE:
        return None
    if not all(map(math.isfinite, everything)) or min(everything) == max(everything):
        return None
    is_log = min(everything) > 0 and max(everything) / min(everything) > 30
    scale = math.log10 if is_log else float
    low, high = scale(min(everything)), scale(max(everything))

    def place(numbers):
        step = (_WIDTH - _LEFT - 8) / (len(numbers) - 1)
        return [(round(_LEFT + index * step, 1), y(number)) for index, number in enumerate(numbers)]

    def y(number):
        return round(_TOP + (_HEIGHT - 2 * _TOP) * (high - scale(number)) / (high - low), 1)

    ticks = [(y(number), f"{number:.3g}") for number in (min(everything), max(everything))]
    return Curves(place(pair[0]), place(pair[1]), ticks, is_log)
