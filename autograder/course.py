"""What the course is: its exercises, read from the texts in `solutions/`."""

from __future__ import annotations

import difflib
import functools
import importlib.util
import re
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

_VOCABULARY = {"solution", "grades", "points"}
_JUPYTEXT = {"tags", "lines_to_next_cell", "lines_to_end_of_cell_marker"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STEM = re.compile(r"ex\d\d_[a-z0-9_]+")


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
    return parse(name, path.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Exercise:
    """The exercise that a text in percent format describes; raises CourseError."""
    import jupytext  # takes a second, which `course` and the completion of its words have no need of

    cells = tuple(jupytext.reads(text, fmt="py:percent").cells)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"# ?%%", line)]
    if cells and not re.match(r"# ?%%", text.lstrip()):
        lines.insert(0, 1)
    problems, tasks, solutions = [], [], {}

    def problem(index, text):
        problems.append(f"solutions/{name}.py, cell {index + 1} (line {lines[index]}): {text}")

    if not _STEM.fullmatch(name):
        problems.append(f"solutions/{name}.py: name the file like ex04_batch_norm.py")
    for index, cell in enumerate(cells):
        _check_cell(cell, functools.partial(problem, index))
        solution, grades = cell.metadata.get("solution"), cell.metadata.get("grades")
        if solution is not None:
            if solution in solutions:
                problem(index, f'a second solution="{solution}"; give one of them another name')
            solutions[solution] = cell.source
        if grades is not None:
            if grades in [task.name for task in tasks]:
                problem(index, f'a second grades="{grades}"; give one of the tasks another name')
            if not solutions:
                problem(index, f'grades="{grades}" stands before any solution cell; put it behind the cell it checks')
            points = cell.metadata.get("points", 0)
            valid = isinstance(points, int | float) and not isinstance(points, bool)
            tasks.append(Task(grades, Fraction(str(points)) if valid else Fraction(0), next(reversed(solutions), "")))
    if (total := sum(task.points for task in tasks)) != 100:
        shares = " + ".join(f"{float(task.points):g}" for task in tasks) or "no task"
        problems.append(f"solutions/{name}.py: the points add up to {float(total):g} ({shares}); make it 100")
    if problems:
        raise CourseError("\n".join(problems))
    heading = next((cell.source for cell in cells if cell.cell_type == "markdown"), "").splitlines() or [name]
    return Exercise(name, heading[0].lstrip("# "), cells, tuple(tasks), types.MappingProxyType(solutions))


def _check_cell(cell, problem):
    metadata = cell.metadata
    runs = cell.cell_type == "code" and not is_notebook_only(cell)
    if runs and (error := authored.syntax_error(cell.source)):
        problem(f"line {error.lineno} of the cell is no Python ({error.msg}): {(error.text or '').strip()}")
    for key in set(metadata) - _VOCABULARY - _JUPYTEXT:
        near = difflib.get_close_matches(key, _VOCABULARY, 1)
        problem(f"unknown word {key!r}; {f'did you mean {near[0]!r}?' if near else f'known are {sorted(_VOCABULARY)}'}")
    for key in {"solution", "grades"} & set(metadata):
        if not _NAME.fullmatch(str(metadata[key])):
            problem(f"{key}={metadata[key]!r}: write the name in snake_case")
    begins, ends = cell.source.count("BEGIN SOLUTION"), cell.source.count("END SOLUTION")
    if "solution" in metadata and "grades" in metadata:
        problem("a cell is either a solution or grades one; split it")
    if "solution" in metadata and not (begins == ends == cell.source.count(BEGIN) == cell.source.count(END) > 0):
        problem(f"a solution needs its answer between the lines '{BEGIN}' and '{END}'; found {begins} and {ends}")
    if "solution" not in metadata and begins + ends:
        problem('a solution marker outside a solution cell; write solution="..." behind the cell\'s %%')
    if "grades" in metadata:
        points = metadata.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
            problem(f'the task {metadata["grades"]!r} has no points; write points=10, say, behind grades="..."')
    elif "points" in metadata:
        problem('points without a task; write grades="..." before them')


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
