"""Puts a submission back into the shape that the exercise has, and says what was mended.

Only the text of solution cells, and cells that the student added, come from the student.
"""

import copy

from nbformat import NotebookNode

from autograder import build, course
from autograder.forbidden import definitions


def repair(submitted: NotebookNode, name: str) -> tuple[NotebookNode, list[str]]:
    """The exercise's released notebook with the student's answers and added cells, and the list of what was mended."""
    notebook = build.release_notebook(name)
    known = {cell.id: cell for cell in notebook.cells}
    labelled = {label for cell in submitted.cells if (label := _label(cell, known))}
    repairs: list[str] = []
    answers: dict[str, NotebookNode] = {}
    added: dict[str | None, list[NotebookNode]] = {}
    last = None
    for cell in submitted.cells:
        identifier = _label(cell, known) or _recognize(cell, known.values(), name, labelled)
        if identifier is None:
            added.setdefault(last, []).append(_plain(cell, f"added-{sum(map(len, added.values())) + 1}"))
            continue
        if identifier in answers:
            repairs.append(f"cell {identifier!r} is there more than once; the last one counts")
        elif identifier not in labelled and _is_solution(known[identifier]):
            repairs.append(f"cell {identifier!r} had lost its label; recognized by what it defines")
        answers[identifier] = cell
        last = identifier
    cells = list(added.get(None, []))
    for cell in notebook.cells:
        if _is_solution(cell):
            if cell.id in answers:
                cell.source = answers[cell.id].source
            else:
                repairs.append(f"cell {cell.id!r} is missing; it counts as not answered")
        cells += [cell, *added.get(cell.id, [])]
    notebook.cells = cells
    return notebook, repairs


def _is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def _label(cell, known):
    """Which of the exercise's cells this is, by nbgrader's label or by its id."""
    labels = [cell.metadata.get("nbgrader", {}).get("grade_id"), cell.get("id")]
    return next((label for label in labels if label in known), None)


def _recognize(cell, known, name, labelled):
    """Which of the exercise's cells an unlabelled one is: the same text, or a solution that nothing else claims."""
    if same := [other.id for other in known if other.source == cell.source]:
        return same[0]
    defined = definitions(cell.source) if cell.cell_type == "code" else set()
    for solution, text in course.exercise(name).solutions.items():
        identifier = build.ANSWER.format(solution)
        if identifier not in labelled and defined & definitions(text):
            return identifier
    return None


def _plain(cell, identifier):
    cell = copy.deepcopy(cell)
    cell.metadata = NotebookNode()
    cell.id = identifier
    cell.pop("attachments", None)
    return cell
