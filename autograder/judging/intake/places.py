"""Finds which of the exercise's cells each of the student's is: by its text, its label, what it defines, its lines."""

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder import course
from autograder.course import build
from autograder.course.model import is_notebook_only
from autograder.judging.intake.source import bound, code, joined

_NAME = re.compile(r"[^\W\d]\w*")

Given = Mapping[str, NotebookNode]
Names = Mapping[str, frozenset[str]]


class Places(NamedTuple):
    """The student's cells, with answers as code and in one piece, and the place of each: None for what was added.

    `read_as_code` and `rejoined` are the places of answers that were text and that were split in the middle;
    `recognized` has, by place, the label that its answer had; `elsewhere`, by place without an answer of its own, the
    place at which its answer stands.
    """

    cells: list[NotebookNode]
    places: list[str | None]
    read_as_code: list[str]
    rejoined: list[str]
    recognized: dict[str, str | None]
    elsewhere: dict[str, str]


@functools.cache
def answer_names(name: str) -> Names:
    """By the id of each solution cell, the names that only its answer binds."""
    exercise = course.exercise(name)
    given = [cell for cell in exercise.cells if cell.cell_type == "code" and "solution" not in cell.metadata]
    others = frozenset().union(*(bound(cell.source) for cell in given))
    return {build.ANSWER.format(key): bound(text) - others for key, text in exercise.solutions.items()}


def find(cells: list[NotebookNode], given: Given, names: Names) -> Places:
    """The places of a student's cells among the exercise's cells by id; `names` are those of its solutions."""
    whole, read_as_code = _as_code(cells, given, names)
    cells = joined(whole, lambda cell: _label(cell, given) or next(iter(_twins(cell, given)), None))
    places = _by_text(cells, given)
    pairs = zip(cells, places, strict=True)
    answered = {place for cell, place in pairs if place in names and _is_answer(cell, given[place], names[place])}
    recognized = {}
    for number, cell in enumerate(cells):
        place, label = _by_names(cell, places[number], given, names, answered), places[number]
        if place := place or (label is None and _by_lines(cell, given, places)):
            places[number] = place
            if place in names:
                recognized[place] = label
    known = {id(cell) for cell in whole}
    rejoined = [place for cell, place in zip(cells, places, strict=True) if id(cell) not in known and place in names]
    return Places(cells, places, read_as_code, rejoined, recognized, _elsewhere(cells, places, given, names))


def is_changed(cell: NotebookNode, given: NotebookNode) -> bool:
    """Whether a cell says something else than the exercise's: for code, beyond blanks, comments and docstrings."""
    if cell.cell_type == given.cell_type == "code":
        return code(cell.source) != code(given.source)
    return cell.source.strip() != given.source.strip()


def _label(cell, given):
    """The exercise's cell that nbgrader's label or the id names."""
    labels = [cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("id")]
    return next((label for label in labels if label in given), None)


def _as_code(cells, given, names):
    """Answers that were turned into text are code again; Jupyter puts marks of a heading before their first line."""
    in_code = {_label(cell, given) for cell in cells if cell.cell_type == "code"}
    found, changed = [], []
    for cell in cells:
        label = _label(cell, given)
        if cell.cell_type != "code" and label in names.keys() - in_code:
            plain = re.sub(r"^\s*#{1,6} ", "", cell.source)
            source = plain if names[label] & bound(plain) else cell.source
            cell = new_code_cell(source, id=cell.id, metadata=cell.metadata)
            changed.append(label)
        found.append(cell)
    return found, changed


def _by_text(cells, given):
    """By a text that is as it was given, else by the label; of cells that were given alike, each is taken once."""
    labels = [_label(cell, given) for cell in cells]
    pairs = list(zip(cells, labels, strict=True))
    places = [label if label and not is_changed(cell, given[label]) else None for cell, label in pairs]
    for number, (cell, label) in enumerate(pairs):
        if not places[number]:
            twins = _twins(cell, given)
            places[number] = next((twin for twin in twins if twin not in places), next(iter(twins), label))
    return places


def _twins(cell, given):
    """The exercise's cells that say what a cell says."""
    alike = [key for key, one in given.items() if one.cell_type == cell.cell_type and not is_changed(cell, one)]
    return [key for key in alike if given[key].source.strip() == cell.source.strip()] or alike


def _by_names(cell, place, given, names, answered):
    """The first solution without an answer of its own that a cell defines, unless the cell answers an earlier one."""
    if cell.cell_type != "code" or (place and _is_given(cell, given[place])):
        return None
    defined, order = bound(cell.source), list(names)
    first = next((key for key in order if key not in answered and names[key] & defined), None)
    stays = place in answered and first and order.index(place) < order.index(first)
    return None if stays else first


def _is_answer(cell, given, names):
    """Whether a cell in a solution's place answers it: it defines its names, or nothing that can be told."""
    defined = bound(cell.source)
    return is_changed(cell, given) and (not defined or bool(names & defined))


def _is_given(cell, given):
    """Whether a cell is the exercise's still, experiments with most of their lines among them."""
    return not is_changed(cell, given) or (is_notebook_only(given) and _share(cell, given) > 0.5)


def _by_lines(cell, given, places):
    """The missing code cell of the exercise that a cell has most lines of, be it with other names of variables."""
    missing = [one for place, one in given.items() if place not in places and one.cell_type == "code"]
    if cell.cell_type != "code" or not missing:
        return None
    likest = max(missing, key=lambda one: _share(cell, one))
    if _share(cell, likest) > 0.5:
        return likest.id
    experiments = [one for one in missing if is_notebook_only(one)]
    likest = max(experiments, key=lambda one: _share(cell, one, _shapes), default=None)
    return likest.id if likest and _share(cell, likest, _shapes) > 0.75 else None


def _lines(cell):
    return {line.strip() for line in cell.source.split("\n")} - {""}


def _shapes(cell):
    """The lines of a cell whatever its variables are called."""
    return {_NAME.sub("x", line) for line in _lines(cell)}


def _share(cell, given, parts=_lines):
    """The share of a given cell's lines that a cell has."""
    lines = parts(given)
    return len(lines & parts(cell)) / max(1, len(lines))


def _elsewhere(cells, places, given, names):
    """By solution without an answer of its own, the solution whose cell defines it."""
    written = [
        (place, bound(cell.source))
        for cell, place in zip(cells, places, strict=True)
        if place in names and is_changed(cell, given[place])
    ]
    own = {place for place, _ in written}
    found = {key: [place for place, defined in written if names[key] & defined] for key in names if key not in own}
    return {key: standing[0] for key, standing in found.items() if standing}
