"""Puts a submission back into the shape that the exercise has, and says what was mended and what is in doubt.

Only answers, and cells that the student added, come from the student; in what order they stand is the exercise's.
"""

from difflib import SequenceMatcher
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import course
from autograder.course import build
from autograder.course.model import is_notebook_only
from autograder.judging.intake.places import answer_names, find, is_changed
from autograder.judging.intake.source import bound, code, conflict, used

ADDED = "added-"  # with a number behind it, the id of a cell that the student added
_LISTED = 5


class Mended(NamedTuple):
    """A notebook in the exercise's shape, what was mended in it, and what only a person can decide."""

    notebook: NotebookNode
    repairs: list[str]
    doubts: list[str]


def repair(submitted: NotebookNode, name: str) -> Mended:
    """The exercise's released notebook with the student's answers and added cells."""
    mended = Mended(build.release_notebook(name), [], [])
    given, names = {cell.id: cell for cell in mended.notebook.cells}, answer_names(name)
    found = find(submitted.cells, given, names)
    graded = {build.ANSWER.format(task.solution) for task in course.exercise(name).tasks}
    _say_what_was_found(found, graded, given, mended)
    copies, added = _sorted(found, given, names)
    cells = added.get(None, [])
    for cell in given.values():
        handed_in = copies.get(cell.id, [])
        if cell.id in found.elsewhere:
            cell.source = f"# This answer stands in the cell {found.elsewhere[cell.id]!r}."
            cells.append(cell)
        elif cell.id in names:
            doubts = mended.doubts if cell.id in graded else mended.repairs
            cells += [*_answer(cell, handed_in, names[cell.id], mended.repairs, doubts), cell]
        else:
            cells += [cell, *_changed(cell, handed_in, mended.repairs)]
        cells += added.get(cell.id, [])
    _say_what_is_missing(name, found, graded, given, mended)
    loose = (cell for cell in cells if given.get(cell.id) is not cell)
    fresh = {id(cell): _plain(cell, f"{ADDED}{number}") for number, cell in enumerate(loose, 1)}
    mended.notebook.cells = [fresh.get(id(cell), cell) for cell in cells]
    return mended


def _sorted(found, given, names):
    """By place, the cells that stand for it; and by place, the added cells behind it."""
    copies, added = {}, {}
    for cell, place, anchor in zip(found.cells, found.places, _anchors(found, given, names), strict=True):
        if place is None:
            added.setdefault(anchor, []).append(cell)
        else:
            copies.setdefault(place, []).append(cell)
    return copies, added


def _anchors(found, given, names):
    """For each cell the place that an added one follows: the last one above it that was not moved, or the one before
    an answer that was put back to an earlier place and needs what the cell defines."""
    order, anchors, last = [None, *given], [], None
    stay = set(given) - set(_moved(filter(None, found.places), given))
    for number, (cell, place) in enumerate(zip(found.cells, found.places, strict=True)):
        last = place if place in stay else last
        stay.discard(place)  # copies of it further down are none of its place
        anchors.append(last)
        needed = set(used(cell.source)) if place in names else set()
        for earlier in range(number - 1, -1, -1) if needed else ():
            if found.places[earlier] is None and bound(found.cells[earlier].source) & needed:
                needed |= used(found.cells[earlier].source)
                anchors[earlier] = min(anchors[earlier], order[order.index(place) - 1], key=order.index)
    return anchors


def _say_what_was_found(found, graded, given, mended):
    unlabelled = [place for place, label in found.recognized.items() if not label]
    _say(mended.repairs, "turned into text, and read as code", found.read_as_code)
    _say(mended.repairs, "split inside a statement, and put together", found.rejoined)
    _say(mended.repairs, "without a label, and recognized by the text", unlabelled)
    for place, label in found.recognized.items():
        _say(mended.repairs, f"answered in the cell {label!r}", [place] * bool(label))
    for home in dict.fromkeys(found.elsewhere.values()):
        _say(
            mended.repairs, f"answered in the cell {home!r}", [key for key, at in found.elsewhere.items() if at == home]
        )
    places = [place for place in found.places if place in given and given[place].cell_type == "code"]
    moved = [place for place in _moved(places, given) if place not in found.recognized]
    _say(mended.repairs, "moved, and put back", moved)
    for cell, place in zip(found.cells, found.places, strict=True):
        if (place is None or place in graded) and (line := conflict(cell.source)):
            where = f"line {line} of {f'the answer {place!r}' if place else 'an added cell'}"
            mended.doubts.append(f"{where} begins a conflict that git left open: look which of the two sides is meant")


def _say(repairs, what, places):
    """One line for all cells to which the same was done."""
    if places:
        more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
        repairs.append(f"{what}: {', '.join(map(repr, places[:_LISTED]))}{more}")


def _moved(places, given):
    """The cells that do not stand in the exercise's order."""
    rank = {key: number for number, key in enumerate(given)}
    once = list(dict.fromkeys(places))
    order = [rank[place] for place in once]
    kept = SequenceMatcher(None, order, sorted(order), autojunk=False).get_matching_blocks()
    in_order = {number for block in kept for number in order[block.a : block.a + block.size]}
    return [place for place in once if rank[place] not in in_order]


def _answer(cell, copies, names, repairs, doubts):
    """Give a solution cell its answer; returns the parts of it that stand in other cells and run before."""
    changed = [copy for copy in copies if is_changed(copy, cell)]
    written = changed or [copy for copy in copies if copy.source.strip() != cell.source.strip()]
    code_only = [copy for copy in written if copy.cell_type == "code"]
    parts = list({code(copy.source): copy for copy in reversed(code_only or written)}.values())[::-1]
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
    changed = [copy for copy in copies if copy.cell_type == "code" and is_changed(copy, cell)]
    kept = [copy for copy in changed if bound(copy.source) - bound(cell.source)]
    if changed and "nbgrader" not in cell.metadata:
        behind = ", and as it was handed in after that" * bool(kept)
        repairs.append(f"{cell.id!r} was changed; it is run as it was given{behind}")
    return kept


def _say_what_is_missing(name, found, graded, given, mended):
    names = answer_names(name)
    missing = [place for place in names if place not in found.places and place not in found.elsewhere]
    if graded <= set(missing):
        mended.doubts.append(f"none of the answers of {name} is in this notebook: look whether it is the right one")
    _say(mended.repairs, "missing, and counted as not answered", [place for place in missing if place in graded])
    _say(mended.repairs, "missing, which changes no points", [place for place in missing if place not in graded])
    code_cells = [key for key, cell in given.items() if cell.cell_type == "code" and key not in names]
    _say(mended.repairs, "deleted, and put back", [key for key in code_cells if key not in found.places])
    pairs = zip(found.cells, found.places, strict=True)
    changed = {place for cell, place in pairs if place in given and is_changed(cell, given[place])}
    checks = [key for key in code_cells if "nbgrader" in given[key].metadata and key in changed]
    _say(mended.repairs, "changed checks, which decide no points", checks)


def _plain(cell, identifier):
    """A cell of the student's, with nothing but its text."""
    new = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return new(cell.source, id=identifier)
