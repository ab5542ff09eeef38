"""What an exercise is made of, as plain data: cells, tasks, misconceptions."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from autograder import CourseError

if TYPE_CHECKING:
    from nbformat import NotebookNode

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
NOTEBOOK_ONLY = "active-ipynb"
# What share of its task's points, in percent, a mistake costs: the idea is missed and ordinary results are wrong; it
# works in part, or one property that matters in use is wrong; an edge case, an error's type, a label.
SEVERITIES = {"fundamental": (50, 100), "substantial": (20, 50), "minor": (2, 20)}


@dataclass(frozen=True)
class Task:
    """One graded unit: nbgrader's grade cell, the solution cell that it judges, and its criteria with their points.

    The first criterion is the central one: the others earn only where at least half of it is met.
    """

    name: str
    criteria: Mapping[str, Fraction] = field(hash=False)
    solution: str

    @property
    def points(self) -> Fraction:
        """The points of all criteria."""
        return sum(self.criteria.values(), Fraction(0))


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that students give: one edit of the reference (`old` becomes `new`) in the solution of `task`.

    `severity` says how bad it is, in the words of `SEVERITIES`.
    """

    name: str
    task: str
    old: str
    new: str
    hint: str
    severity: str

    def fits(self, percent: float) -> bool:
        """Whether it may cost this share of its task's points."""
        least, most = SEVERITIES[self.severity]
        return least <= round(percent, 6) <= most


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
