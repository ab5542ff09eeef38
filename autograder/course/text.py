"""Reads the text of an exercise, and says everything that is wrong with it at once."""

import difflib
import re
import types
from collections.abc import Iterator
from fractions import Fraction

import jupytext
from jupytext.cell_reader import DoublePercentScriptCellReader

from autograder import CourseError
from autograder.course.model import BEGIN, END, Exercise, Task, is_notebook_only
from autograder.course.problems import syntax_error

_VOCABULARY = {"solution", "grades", "points"}
_JUPYTEXT = {"tags", "lines_to_next_cell", "lines_to_end_of_cell_marker"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STEM = re.compile(r"ex\d\d_[a-z0-9_]+")
_INDENTED = "it begins with an indented # %%; write that at the margin, or other words where no cell is meant"


def parse(name: str, text: str) -> Exercise:
    """The exercise that a text in percent format describes; raises CourseError."""
    cells = tuple(jupytext.reads(text, fmt="py:percent").cells)
    tasks, where, lines = tuple(_tasks(cells)), f"solutions/{name}.py", _starts(text)[-len(cells) :]
    problems = [f"{where}: name the file like ex04_batch_norm.py"] * (not _STEM.fullmatch(name))
    found = [(index, problem) for index, cell in enumerate(cells) for problem in _problems(cell)]
    found += [(index, _INDENTED) for index in range(len(cells)) if text.splitlines()[lines[index] - 1][:1].isspace()]
    for index, problem in sorted([*found, *_misplaced(cells)], key=lambda one: one[0]):
        problems.append(f"{where}, cell {index + 1} (line {lines[index]}): {problem}")
    if (total := sum(task.points for task in tasks)) != 100:
        shares = " + ".join(f"{float(task.points):g}" for task in tasks) or "no task"
        problems.append(f"{where}: the points add up to {float(total):g} ({shares}); make it 100")
    if problems:
        raise CourseError("\n".join(problems))
    heading = next((cell.source for cell in cells if cell.cell_type == "markdown"), "").splitlines() or [name]
    solutions = {cell.metadata["solution"]: cell.source for cell in cells if "solution" in cell.metadata}
    return Exercise(name, heading[0].lstrip("# "), cells, tasks, types.MappingProxyType(solutions))


def _starts(text):
    """The line in which each cell begins, found as jupytext does: a text between quotes begins none."""
    lines, starts = text.splitlines(), [0]
    while starts[-1] < len(lines):
        _, length = DoublePercentScriptCellReader({"extension": ".py"}).read(lines[starts[-1] :])
        starts.append(starts[-1] + length)
    return [start + 1 for start in starts[:-1]]


def _tasks(cells) -> Iterator[Task]:
    """Each task with the solution cell before it, which it checks."""
    solution = ""
    for cell in cells:
        solution = cell.metadata.get("solution", solution)
        if "grades" in cell.metadata:
            points = cell.metadata.get("points", 0)
            yield Task(cell.metadata["grades"], Fraction(str(points)) if _is_number(points) else Fraction(0), solution)


def _misplaced(cells) -> Iterator[tuple[int, str]]:
    """By a cell's index, what is wrong with it because of the cells before it."""
    solutions, tasks = [], []
    for index, cell in enumerate(cells):
        if (solution := cell.metadata.get("solution")) is not None:
            if solution in solutions:
                yield index, f'a second solution="{solution}"; give one of them another name'
            solutions.append(solution)
        if (task := cell.metadata.get("grades")) is not None:
            if task in tasks:
                yield index, f'a second grades="{task}"; give one of the tasks another name'
            if not solutions:
                yield index, f'grades="{task}" stands before any solution cell; put it behind the cell it checks'
            tasks.append(task)


def _problems(cell) -> Iterator[str]:
    """What is wrong with a cell, whatever stands before it."""
    runs = cell.cell_type == "code" and not is_notebook_only(cell)
    if runs and (error := syntax_error(cell.source)):
        yield f"line {error.lineno} of the cell is no Python ({error.msg}): {(error.text or '').strip()}"
    yield from _wording(cell.metadata)
    yield from _markers(cell)
    yield from _pricing(cell.metadata)


def _wording(metadata):
    for key in set(metadata) - _VOCABULARY - _JUPYTEXT:
        near = difflib.get_close_matches(key, _VOCABULARY, 1)
        yield f"unknown word {key!r}; {f'did you mean {near[0]!r}?' if near else f'known are {sorted(_VOCABULARY)}'}"
    for key in {"solution", "grades"} & set(metadata):
        if not _NAME.fullmatch(str(metadata[key])):
            yield f"{key}={metadata[key]!r}: write the name in snake_case"
    if "solution" in metadata and "grades" in metadata:
        yield "a cell is either a solution or grades one; split it"


def _markers(cell):
    begins, ends = cell.source.count("BEGIN SOLUTION"), cell.source.count("END SOLUTION")
    if "solution" not in cell.metadata:
        if begins + ends:
            yield 'a solution marker outside a solution cell; write solution="..." behind the cell\'s %%'
    elif not (begins == ends == cell.source.count(BEGIN) == cell.source.count(END) > 0):
        yield f"a solution needs its answer between the lines '{BEGIN}' and '{END}'; found {begins} and {ends}"


def _pricing(metadata):
    if "grades" not in metadata:
        if "points" in metadata:
            yield 'points without a task; write grades="..." before them'
    elif not _is_number(points := metadata.get("points")) or points <= 0:
        yield f'the task {metadata["grades"]!r} has no points; write points=10, say, behind grades="..."'


def _is_number(points):
    return isinstance(points, int | float) and not isinstance(points, bool)
