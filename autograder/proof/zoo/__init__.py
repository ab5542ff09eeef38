"""Whole submissions made of parts: right answers, attacks and misconceptions put into the student's notebook."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder import CourseError, course
from autograder.course import build
from autograder.course.model import BEGIN, END, Misconception

ZOO = course.ROOT / "tests" / "zoo"


@dataclass(frozen=True)
class Attack:
    """One submission that makes trouble: what it does, which exercise it is for, and what it must end as.

    `earns` is None where it must stay undecided; `says` is a part of what the verdict must say of it.
    """

    name: str
    exercise: str
    story: str
    earns: float | None
    status: str
    says: str
    cells: tuple[NotebookNode, ...]


@dataclass(frozen=True)
class WrongAnswer:
    """One solution cell with known mistakes, written in another way than the reference and the misconceptions are."""

    style: str
    solution: str
    holds: tuple[str, ...]
    source: str


def submission(name: str, answers: Mapping[str, str]) -> NotebookNode:
    """The released notebook with the solution cells in `answers` filled in; the others stay stubs."""
    notebook = build.release_notebook(name)
    by_id = {build.ANSWER.format(solution): _as_handed_in(text) for solution, text in answers.items()}
    for cell in notebook.cells:
        cell.source = by_id.get(cell.id, cell.source)
    return notebook


def _as_handed_in(text):
    return "\n".join(line for line in text.split("\n") if line.strip() not in (BEGIN, END))


def reference(name: str) -> NotebookNode:
    """A submission of the reference solutions."""
    return submission(name, course.exercise(name).solutions)


def wrong(name: str, misconception: Misconception) -> NotebookNode:
    """The reference with one misconception in it."""
    return submission(name, {**course.exercise(name).solutions, **course.answer_with(name, misconception)})


def right_answers(name: str) -> dict[str, dict[str, str]]:
    """By style, the solution cells of right answers that are written in another way than the reference."""
    styles: dict[str, dict[str, str]] = {}
    for cell in _cells(ZOO / "right" / f"{name}.py"):
        if cell.cell_type == "code":
            if not {"style", "solution"} <= set(cell.metadata):
                first = cell.source.partition("\n")[0]
                where = f"tests/zoo/right/{name}.py, the cell that begins {first!r}"
                raise CourseError(f'{where}: write # %% solution="..." style="..." above it')
            styles.setdefault(cell.metadata["style"], {})[cell.metadata["solution"]] = cell.source
    return styles


def right(name: str, style: str) -> NotebookNode:
    """The reference with the cells of one style in place of its own."""
    return submission(name, {**course.exercise(name).solutions, **right_answers(name)[style]})


def wrong_answers(name: str) -> list[WrongAnswer]:
    """The wrong answers that are written in another way; `holds` are the names of the misconceptions in each."""
    cells = [cell for cell in _cells(ZOO / "wrong" / f"{name}.py") if cell.cell_type == "code"]
    return [
        WrongAnswer(cell.metadata["style"], cell.metadata["solution"], tuple(cell.metadata["holds"]), cell.source)
        for cell in cells
    ]


def rewritten(name: str, answer: WrongAnswer) -> NotebookNode:
    """The reference with a wrong answer in another style in place of its own."""
    return submission(name, {**course.exercise(name).solutions, answer.solution: answer.source})


def content_free(name: str) -> dict[str, str]:
    """The solution cells of an answer that refuses what is wrong and gives results of the right form, and no more."""
    cells = [cell for cell in _cells(ZOO / "empty" / f"{name}.py") if cell.cell_type == "code"]
    return {cell.metadata["solution"]: cell.source for cell in cells}


def attacks() -> list[Attack]:
    """Every attack in the zoo, and the honest trouble that must cost nothing."""
    return [_attack(path) for folder in ("hostile", "honest") for path in sorted((ZOO / folder).glob("*.py"))]


def odd(name: str) -> list[Attack]:
    """What honest people hand in of an exercise after an odd tool, or an odd hand, has been at it."""
    cases = map(_attack, sorted((ZOO / "odd").glob("*.py")))
    return [case for case in cases if case.exercise == name]


def _attack(path):
    first, *rest = _cells(path)
    facts = first.metadata
    earns, says = float(facts["earns"]) if "earns" in facts else None, facts.get("says", "")
    return Attack(path.stem, facts["exercise"], first.source, earns, facts["status"], says, tuple(rest))


def hand_in(case: Attack, folder: Path) -> None:
    """Write what was handed in into a folder: the notebook, or what the function `files` of a cell tagged so writes."""
    notebook = hostile(case)
    for cell in case.cells:
        if "files" in cell.metadata.get("tags", []):
            _called(cell, "files", folder, notebook)
            return
    (folder / f"{case.exercise}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _called(cell, function, *arguments):
    scope: dict = {}
    exec(cell.source, scope)
    scope[function](*arguments)


def hostile(attack: Attack) -> NotebookNode:
    """The reference with an attack's cells, each where its metadata says.

    One that names a solution replaces it; one tagged `last` goes to the end; the function `tamper` of one tagged so is
    given the whole notebook; any other follows the one before it.
    """
    notebook = reference(attack.exercise)
    position = next(i for i, cell in enumerate(notebook.cells) if cell.id.endswith("-answer"))
    for number, cell in enumerate(attack.cells, 1):
        tags, new = cell.metadata.get("tags", []), new_code_cell(cell.source, id=f"attack-{number}")
        if "tamper" in tags:
            _called(cell, "tamper", notebook)
        elif "files" in tags:
            continue
        elif "last" in tags:
            notebook.cells.append(new)
        elif "solution" in cell.metadata:
            identifier = build.ANSWER.format(cell.metadata["solution"])
            position = 1 + next(i for i, other in enumerate(notebook.cells) if other.id == identifier)
            notebook.cells[position - 1].source = cell.source
        else:
            notebook.cells.insert(position, new)
            position += 1
    return notebook


def _cells(path: Path):
    return _parsed(path.read_text(encoding="utf-8")) if path.is_file() else []


@functools.cache  # each style and each attack asks for all of them
def _parsed(text):
    return jupytext.reads(text, fmt="py:percent").cells
