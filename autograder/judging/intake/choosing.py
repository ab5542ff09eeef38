"""Which of several notebooks counts: the one with answers, or with all answers of the others; else a person says."""

from pathlib import PurePosixPath
from typing import NamedTuple

from nbformat import NotebookNode

from autograder import course
from autograder.course import build
from autograder.judging.intake.parsing import NoNotebook
from autograder.judging.intake.places import is_changed
from autograder.judging.intake.repair import repair
from autograder.judging.intake.source import code

_LISTED = 5


class Candidate(NamedTuple):
    """A notebook that was handed in, by the name that a person finds it under, and what was mended to read it."""

    name: str
    notebook: NotebookNode
    repairs: list[str]


def choose(
    found: list[Candidate], problems: list[NoNotebook], exercise: str, in_place: str
) -> tuple[NotebookNode, list[str]]:
    """The notebook that counts and what is to be said of it; raises NoNotebook where a person has to choose.

    `problems` say why others cannot be read; `in_place` is the name that it should have.
    """
    if not found:
        raise problems[0]
    # The name that was asked for first, then the same name further down.
    found = sorted(found, key=lambda one: (one.name != in_place, PurePosixPath(one.name).name != in_place))
    chosen, said = (found[0], []) if len(found) == 1 else _chosen(found, exercise, in_place)
    if chosen.name != in_place:
        said.insert(0, f"{in_place} was handed in as {chosen.name}")
    said += [f"{problem}; {chosen.name} was judged" for problem in problems]
    return chosen.notebook, said + chosen.repairs


def _chosen(found, exercise, in_place):
    """The one that counts of several: no other has an answer that it has not, or none under the exercise's name has."""
    answers = {one.name: _answers(one.notebook, exercise) for one in found}
    rivals = [one for one in found if answers[one.name]]
    named = [one for one in rivals if exercise in one.name.lower()]
    chosen = _with_most(rivals, answers) or _with_most(named, answers) if rivals else _without_answers(found, in_place)
    if not chosen:
        listed = ", ".join(one.name for one in (rivals or found)[:_LISTED])
        keep = f"keep the one that counts as {in_place}, and delete the others"
        raise NoNotebook("needs_review", f"there are several notebooks with different answers ({listed}): {keep}")
    said = []
    for name, own in answers.items():
        if own != answers[chosen.name] and (own or name == in_place):
            kind = "other" if own.items() - answers[chosen.name].items() else "fewer" if own else "no"
            said.append(f"{name} has {kind} answers; {chosen.name} was judged")
    return chosen, said


def _with_most(rivals, answers):
    """The first notebook with all the answers of the others."""
    every = [answers[one.name].items() for one in rivals]
    return next((one for one in rivals if all(own <= answers[one.name].items() for own in every)), None)


def _without_answers(found, in_place):
    """The one that stands for all where none has answers: they are alike, or it has the right name."""
    texts = {tuple(cell.source for cell in one.notebook.cells) for one in found}
    return found[0] if len(texts) == 1 or found[0].name == in_place else None


def _answers(notebook, exercise):
    """By solution cell that is graded, the answer in it, where there is one."""
    given = {cell.id: cell for cell in build.release_notebook(exercise).cells}
    graded = {build.ANSWER.format(task.solution) for task in course.exercise(exercise).tasks}
    cells = [cell for cell in repair(notebook, exercise).notebook.cells if cell.id in graded]
    return {cell.id: code(cell.source) for cell in cells if is_changed(cell, given[cell.id])}
