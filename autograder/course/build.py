"""Derives nbgrader's notebooks in `source/` and `release/` from the texts in `solutions/`."""

import copy
import functools
import hashlib
import re
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config, PyFileConfigLoader

from autograder import CourseError, course

ANSWER = "{}-answer"
_GRADED = {"schema_version": 3, "task": False}


def derive() -> dict[str, str]:
    """Every derived file: its path from the course's root, and its text. Raises CourseError."""
    files = {}
    _refuse_formulas_that_stay_text()
    for name in course.names():
        files[f"source/{name}/{name}.ipynb"] = _write(source_notebook(name))
        files[f"release/{name}/{name}.ipynb"] = _release_text(name)
    return files


def _refuse_formulas_that_stay_text():
    # Here alone: how pages show formulas is nothing that a verdict rests on.
    from autograder.pages import markup

    found = [
        f"solutions/{name}.py, cell {index + 1}: feedback pages show a part of this formula as LaTeX: {latex.strip()}"
        for name in course.names()
        for index, cell in enumerate(course.exercise(name).cells)
        if cell.cell_type == "markdown"
        for latex in markup.unrendered(cell.source)
    ]
    if found:
        raise CourseError("\n".join([*found, "write it with commands that latex2mathml has, or in another form"]))


def drift(root: Path = course.ROOT) -> list[str]:
    """What in `source/` and `release/` is stale, missing or unexpected, one line each."""
    files = derive()
    lines = []
    for path, text in files.items():
        if not (root / path).is_file():
            lines.append(f"missing     {path}")
        elif (root / path).read_text(encoding="utf-8") != text:
            lines.append(f"stale       {path}")
    return sorted(lines + [f"unexpected  {path}" for path in _present(root) if path not in files])


def write(root: Path = course.ROOT) -> list[str]:
    """Bring `source/` and `release/` up to date; returns what `drift` had found."""
    lines = drift(root)
    files = derive()
    for line in lines:
        path = line.split(maxsplit=1)[1]
        if path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(files[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return lines


def _present(root):
    found = [path for tree in ("source", "release") for path in (root / tree).rglob("*") if path.is_file()]
    return [str(path.relative_to(root)) for path in found if ".ipynb_checkpoints" not in path.parts]


def source_notebook(name: str) -> NotebookNode:
    """The instructor's notebook of an exercise."""
    notebook = new_notebook(
        metadata={
            "autograder": {"generated": f"from solutions/{name}.py by `course build`; edit that file instead"},
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    taken: set[str] = set()
    exercise = course.exercise(name)
    rubrics = _rubrics(exercise)
    for index, cell in enumerate(exercise.cells):
        new = new_markdown_cell if cell.cell_type == "markdown" else new_code_cell
        source = _below_heading(cell.source, rubrics[index]) if index in rubrics else cell.source
        notebook.cells.append(new(source, id=_cell_id(cell, taken), metadata=_metadata(cell, exercise)))
    return notebook


def _rubrics(exercise):
    """By the number of the cell with a task's heading, what the points of its tasks are for."""
    found, heading = {}, 0
    for index, cell in enumerate(exercise.cells):
        if cell.cell_type == "markdown" and re.match("##? ", cell.source):  # a check's own heading is below its task's
            heading = index
        elif grades := cell.metadata.get("grades"):
            found.setdefault(heading, []).append(exercise.task(grades))
    return {index: [_rubric(task, len(tasks) > 1) for task in tasks] for index, tasks in found.items()}


def _rubric(task, among_others):
    (central, most), *others = task.criteria.items()
    name = f"{task.name.replace('_', ' ')}, " * among_others
    rest = ", ".join(f"*{criterion}* {float(points):g}" for criterion, points in others)
    return (
        f"**{name}{float(task.points):g} points**: *{central}* {float(most):g} and, once at least half of these are "
        f"earned, {rest}."
    )


def _below_heading(source, lines):
    heading, _, text = source.partition("\n")
    return "\n\n".join([heading, *lines, text.strip("\n")]).rstrip("\n")


def _cell_id(cell, taken):
    metadata = cell.metadata
    if "grades" in metadata:
        base = metadata["grades"]
    elif "solution" in metadata:
        base = ANSWER.format(metadata["solution"])
    elif heading := re.match(r"#+ (.+)", cell.source):
        base = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")
    else:
        base = "cell-" + hashlib.sha256(cell.source.encode()).hexdigest()[:8]
    base = base[:60].replace("_", "-") if "grades" not in metadata and "solution" not in metadata else base[:64]
    number = next(n for n in range(1, 1000) if (base if n == 1 else f"{base}-{n}") not in taken)
    taken.add(identifier := base if number == 1 else f"{base}-{number}")
    return identifier


def _metadata(cell, exercise):
    if "solution" in cell.metadata:
        grade_id = ANSWER.format(cell.metadata["solution"])
        return {"nbgrader": {**_GRADED, "grade": False, "grade_id": grade_id, "locked": False, "solution": True}}
    if "grades" in cell.metadata:
        points = float(exercise.task(cell.metadata["grades"]).points)
        points = int(points) if points.is_integer() else points
        graded = {"grade": True, "grade_id": cell.metadata["grades"], "locked": True, "solution": False}
        return {"nbgrader": {**_GRADED, **graded, "points": points}}
    return {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}


def release_notebook(name: str) -> NotebookNode:
    """The students' notebook of an exercise, as a fresh copy."""
    return copy.deepcopy(_release(name))


@functools.cache
def _release(name):
    return nbformat.reads(_release_text(name), as_version=4)


@functools.cache
def _release_text(name):
    """What `nbgrader generate_assignment` makes of the source notebook, without its database."""
    exporter = NotebookExporter(config=_exporter_config())
    for preprocessor in GenerateAssignment.preprocessors.default():
        if preprocessor is not SaveCells:
            exporter.register_preprocessor(preprocessor)
    text, _ = exporter.from_notebook_node(
        nbformat.reads(_write(source_notebook(name)), as_version=4),
        resources={"nbgrader": {"assignment": name, "notebook": name, "student": "."}},
    )
    return text


def _exporter_config():
    config = Config(PyFileConfigLoader("nbgrader_config.py", path=str(course.ROOT)).load_config())
    config.Exporter.default_preprocessors = []
    return config


def _write(notebook):
    return nbformat.writes(notebook, version=4) + "\n"
