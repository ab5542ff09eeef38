"""Puts a submission back into the shape that the exercise has, and says what was mended and what is in doubt.

Only answers, and cells that the student added, come from the student; in what order they stand is the exercise's.
"""

import functools
import symtable
from collections.abc import Mapping
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import course
from autograder.course import build
from autograder.course.model import is_notebook_only

_PARSED_CHARACTERS = 100_000


class Mended(NamedTuple):
    """A notebook in the exercise's shape, what was mended in it, and what only a person can decide."""

    notebook: NotebookNode
    repairs: list[str]
    doubts: list[str]


def repair(submitted: NotebookNode, name: str) -> Mended:
    """The exercise's released notebook with the student's answers and added cells."""
    mended = Mended(build.release_notebook(name), [], [])
    given = {cell.id: cell for cell in mended.notebook.cells}
    names, graded = answer_names(name), _graded(name)
    copies: dict[str, list[NotebookNode]] = {}
    added: dict[str | None, list[NotebookNode]] = {}
    last = None
    for cell, identifier in zip(submitted.cells, _places(submitted.cells, given, names, mended), strict=True):
        if identifier is None:
            added.setdefault(last, []).append(cell)
        else:
            copies.setdefault(identifier, []).append(cell)
            last = identifier
    cells = [*added.get(None, [])]
    for cell in given.values():
        handed_in = copies.get(cell.id, [])
        if cell.id in names:
            doubts = mended.doubts if cell.id in graded else mended.repairs
            cells += [*_answer(cell, handed_in, names[cell.id], mended.repairs, doubts), cell]
        else:
            cells += [cell, *_changed(cell, handed_in, mended.repairs)]
        cells += added.get(cell.id, [])
    _look_for_missing(name, copies, cells, mended)
    loose = (cell for cell in cells if given.get(cell.id) is not cell)
    fresh = {id(cell): _plain(cell, f"added-{number}") for number, cell in enumerate(loose, 1)}
    mended.notebook.cells = [fresh.get(id(cell), cell) for cell in cells]
    return mended


@functools.cache
def answer_names(name: str) -> Mapping[str, set[str]]:
    """By the id of each solution cell, the names that only its answer binds."""
    exercise = course.exercise(name)
    given = [cell for cell in exercise.cells if cell.cell_type == "code" and "solution" not in cell.metadata]
    others = set().union(*(bound(cell.source) for cell in given))
    return {build.ANSWER.format(key): bound(text) - others for key, text in exercise.solutions.items()}


def _graded(name):
    return {build.ANSWER.format(task.solution) for task in course.exercise(name).tasks}


def bound(source: str) -> set[str]:
    """The names that a cell binds at its top level; none where it cannot be parsed."""
    if len(source) > _PARSED_CHARACTERS:
        return set()
    lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.split("\n")]
    try:
        table = symtable.symtable("\n".join(lines), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}


def _places(cells, given: Mapping[str, NotebookNode], names, mended) -> list[str | None]:
    """Which of the exercise's cells each of the student's is: by its text, label, names, or most of its lines."""
    texts = {cell.source.strip(): identifier for identifier, cell in given.items()}
    places = [_place(cell, given, texts) for cell in cells]
    answered = {place for cell, place in zip(cells, places, strict=True) if place and _written(cell, given[place])}
    for number, cell in enumerate(cells):
        place = _by_names(cell, places[number] and given[places[number]], names, answered)
        if place := place or (places[number] is None and _by_lines(cell, given, places)):
            places[number] = place
            if place in names:
                mended.repairs.append(f"the answer {place!r} has lost its label; it was recognized by its text")
    return places


def _place(cell, given, texts):
    """By a text that is as it was given, else by nbgrader's label or by the id."""
    labels = [cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("id")]
    label = next((label for label in labels if label in given), None)
    return label if label and not _written(cell, given[label]) else texts.get(cell.source.strip(), label)


def _written(cell, given):
    return cell.source.strip() != given.source.strip()


def _by_names(cell, given, names, answered):
    """The solution that a cell answers by what it defines, where the cell that should is not there or not written."""
    if given and (given.id in names or not _written(cell, given) or _is_experiment(cell, given)):
        return None
    defined = bound(cell.source)
    return next((place for place, own in names.items() if place not in answered and own & defined), None)


def _is_experiment(cell, given):
    return is_notebook_only(given) and _share(cell, given) > 0.5


def _by_lines(cell, given, places):
    """The missing code cell of the exercise that a cell has most lines of."""
    missing = (one for place, one in given.items() if place not in places and one.cell_type == "code")
    shares = {one.id: _share(cell, one) for one in missing} if cell.cell_type == "code" else {}
    best = max(shares, key=shares.get, default=None)
    return best if best and shares[best] > 0.5 else None


def _share(cell, given):
    """The share of a given cell's lines that a cell has."""
    lines = _lines(given)
    return len(lines & _lines(cell)) / max(1, len(lines))


def _lines(cell):
    return {line.strip() for line in cell.source.split("\n")} - {""}


def _answer(cell, copies, names, repairs, doubts):
    """Give a solution cell its answer; returns the parts of it that stand in other cells and run before."""
    code = [copy for copy in copies if copy.cell_type == "code"]
    if copies and not code:
        repairs.append(f"the answer {cell.id!r} was turned into text; it is read as code")
    written = [copy for copy in code or copies if _written(copy, cell)]
    parts = list({copy.source.strip(): copy for copy in reversed(written)}.values())[::-1]
    defined = [names & bound(part.source) for part in parts]
    if twice := sorted(name for name in names if sum(name in own for own in defined) > 1):
        doubts.append(
            f"{cell.id!r} is there {len(parts)} times, with different answers for {', '.join(twice)}; "
            "the last one was judged: look whether it is the one that was meant"
        )
    elif len(parts) > 1:
        repairs.append(f"the answer {cell.id!r} is split into {len(parts)} cells; they are run in their order")
    elif len(copies) > 1:
        repairs.append(f"{cell.id!r} is there {len(copies)} times; the one answer among them counts")
    if parts:
        cell.source = parts.pop().source
    return parts


def _changed(cell, copies, repairs):
    """What a student wrote into a cell that was not for answers: kept behind it where it defines something more."""
    if cell.cell_type != "code" or is_notebook_only(cell):
        return []
    changed = [copy for copy in copies if copy.cell_type == "code" and _written(copy, cell)]
    kept = [copy for copy in changed if bound(copy.source) - bound(cell.source)]
    if kept:
        repairs.append(f"{cell.id!r} was changed; it is run as it was given, and as it was handed in after that")
    elif changed and "nbgrader" in cell.metadata:
        repairs.append(f"the check {cell.id!r} was changed; it is run as it was given")
    return kept


def _look_for_missing(name, copies, cells, mended):
    names = answer_names(name)
    missing = [place for place in names if place not in copies]
    if missing:
        given = {id(cell) for cell in mended.notebook.cells}
        elsewhere = set().union(*(bound(cell.source) for cell in cells if id(cell) not in given))
        missing = [place for place in missing if not names[place] & elsewhere]
    if _graded(name) <= set(missing):
        mended.doubts.append(f"none of the answers of {name} is in this notebook: look whether it is the right one")
    mended.repairs.extend(f"{place!r} is missing; it counts as not answered" for place in missing)


def _plain(cell, identifier):
    """A cell of the student's, with nothing but its text."""
    new = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return new(cell.source, id=identifier)
