"""What the course is: its exercises, read from the texts in `solutions/`."""

from __future__ import annotations

import difflib
import functools
import importlib.util
import types
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import authored

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
HIDDEN = Path(__file__).parent / "hidden"
MISCONCEPTIONS = Path(__file__).parent / "misconceptions"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
NOTEBOOK_ONLY = "active-ipynb"


class CourseError(Exception):
    """What is wrong with a written file: where, what, and how it is mended; `course` ends with `status`."""

    status = 1


@dataclass(frozen=True)
class Task:
    """One graded unit: nbgrader's grade cell, its points, and the solution cell that it judges."""

    name: str
    points: Fraction
    solution: str


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that students give: one edit of the reference (`old` becomes `new`) in the solution of `task`."""

    name: str
    task: str
    old: str
    new: str
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One exercise as its text tells it; `cells` are jupytext's, with the text's own metadata."""

    name: str
    title: str
    cells: tuple[NotebookNode, ...]
    tasks: tuple[Task, ...]
    solutions: Mapping[str, str]

    def module(self, answers: Mapping[str, str] | None = None) -> types.ModuleType:
        """A fresh module of the notebook's definitions, with the solution cells in `answers` replaced.

        Cells that draw, train or check are left out.
        """
        module = types.ModuleType(self.name)
        for cell in self.cells:
            if cell.cell_type == "code" and not is_notebook_only(cell) and "grades" not in cell.metadata:
                source = (answers or {}).get(cell.metadata.get("solution"), cell.source)
                try:
                    exec(compile(source, f"<reference {self.name}>", "exec"), module.__dict__)
                except Exception as error:
                    where = f"solutions/{self.name}.py, the cell that begins {source.strip().partition(chr(10))[0]!r}"
                    raise CourseError(f"{where}: {type(error).__name__}: {error}") from error
        return module

    def tasks_of(self, solution: str) -> tuple[Task, ...]:
        """The tasks that judge one solution cell."""
        return tuple(task for task in self.tasks if task.solution == solution)

    def task(self, name: str) -> Task:
        """The task of that name."""
        return next(task for task in self.tasks if task.name == name)


def is_notebook_only(cell: NotebookNode) -> bool:
    """Whether the cell draws or trains: it runs in the notebook, not when the text is imported or judged."""
    return NOTEBOOK_ONLY in cell.metadata.get("tags", [])


def names() -> list[str]:
    """The names of all exercises, in order."""
    return sorted(path.stem for path in (ROOT / "solutions").glob("*.py"))


def hidden_tests(name: str) -> Path:
    """The file of an exercise's hidden tests."""
    return HIDDEN / f"test_{name}.py"


@functools.cache
def exercise(name: str) -> Exercise:
    """The exercise of that name; raises CourseError with every mistake found in its text."""
    path = ROOT / "solutions" / f"{name}.py"
    if not path.is_file():
        near = difflib.get_close_matches(name, names(), 1, 0)
        raise CourseError(f"there is no exercise {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    from autograder.parsing import parse  # and jupytext, a second that the completion of words has no need of

    return parse(name, path.read_text(encoding="utf-8"))


@functools.cache
def misconceptions(name: str) -> tuple[Misconception, ...]:
    """The known wrong answers of an exercise; raises CourseError for one that does not fit its text."""
    path = MISCONCEPTIONS / f"{name}.py"
    if not path.is_file():
        return ()
    found = getattr(load(path), "MISCONCEPTIONS", None)
    if found is None:
        raise CourseError(f"{_relative(path)}: there is no list MISCONCEPTIONS; write MISCONCEPTIONS = [...]")
    if problems := list(authored.misconception_problems(path, _relative(path), found, exercise(name))):
        raise CourseError("\n".join(problems))
    return tuple(found)


def answer_with(name: str, wrong: Misconception) -> dict[str, str]:
    """The solution cell, by name, that a misconception gives."""
    solution = exercise(name).task(wrong.task).solution
    return {solution: exercise(name).solutions[solution].replace(wrong.old, wrong.new)}


def load(path: Path) -> types.ModuleType:
    """Import the file at `path`, under no name of its own; raises CourseError where that fails."""
    if not path.is_file():
        raise CourseError(f"there is no {_relative(path)}: write it (docs/adding-an-exercise.md shows how)")
    spec = importlib.util.spec_from_file_location(f"_autograder_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CourseError(f"{_relative(path)}, {authored.failure(error, path)}") from error
    return module


def _relative(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
