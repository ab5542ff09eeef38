"""Reads the text of an exercise, and says everything that is wrong with it at once."""

import difflib
import functools
import re
import types
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


def parse(name: str, text: str) -> Exercise:
    """The exercise that a text in percent format describes; raises CourseError."""
    cells = tuple(jupytext.reads(text, fmt="py:percent").cells)
    lines = _starts(text)[-len(cells) :]  # a header of jupytext's stands before the first cell, and is none
    problems, tasks, solutions = [], [], {}

    def problem(index, text):
        problems.append(f"solutions/{name}.py, cell {index + 1} (line {lines[index]}): {text}")

    if not _STEM.fullmatch(name):
        problems.append(f"solutions/{name}.py: name the file like ex04_batch_norm.py")
    for index, cell in enumerate(cells):
        _check_cell(cell, functools.partial(problem, index))
        if text.splitlines()[lines[index] - 1][:1].isspace():
            problem(
                index,
                "it begins with an indented # %%; write that at the margin, or other words where no cell is meant",
            )
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


def _starts(text):
    """The line in which each cell begins, found as jupytext does: a text between quotes begins none."""
    lines, starts = text.splitlines(), [0]
    while starts[-1] < len(lines):
        _, length = DoublePercentScriptCellReader({"extension": ".py"}).read(lines[starts[-1] :])
        starts.append(starts[-1] + length)
    return [start + 1 for start in starts[:-1]]


def _check_cell(cell, problem):
    metadata = cell.metadata
    runs = cell.cell_type == "code" and not is_notebook_only(cell)
    if runs and (error := syntax_error(cell.source)):
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
