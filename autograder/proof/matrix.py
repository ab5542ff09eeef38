"""The misconception matrix: which tasks each right and wrong answer loses, a page for each exercise."""

from collections.abc import Sequence
from pathlib import Path

from autograder import course
from autograder.files import write_atomically
from autograder.pages.rendering import template
from autograder.proof import zoo
from autograder.proof.invariants import Checked

FOLDER = course.ROOT / "docs" / "matrix"


def path(name: str) -> Path:
    """Where an exercise's page is."""
    return FOLDER / f"{name}.html"


def page(name: str, found: Sequence[Checked]) -> str:
    """An exercise's page: a row an answer, a column a task."""
    exercise = course.exercise(name)
    known = {wrong.name: wrong for wrong in course.misconceptions(name)}
    answers = [one for one in found if one.kind in ("right", "misconception")]
    groups = [("Right answers", [one for one in answers if one.kind == "right"])]
    groups += [
        (f"Wrong answers to {task.name}", [one for one in answers if one.task == task.name]) for task in exercise.tasks
    ]
    return template("matrix.html.j2").render(exercise=exercise, groups=groups, known=known)


def write(name: str, found: Sequence[Checked]) -> Path:
    """Write an exercise's page."""
    write_atomically(path(name), page(name, found))
    return path(name)


def index() -> str:
    """The course's page: how many answers there are, and a link to each exercise."""
    rows = [
        (course.exercise(name), 1 + len(zoo.right_answers(name)), len(course.misconceptions(name)))
        for name in course.names()
    ]
    return template("matrix_index.html.j2").render(rows=rows)


def write_index() -> Path:
    """Write the course's page."""
    write_atomically(FOLDER / "index.html", index())
    return FOLDER / "index.html"
