"""The derived notebooks are up to date, repeatable, free of leaks, and what nbgrader would make."""

import re
import shutil
import subprocess
import sys

import jupytext
import nbformat
import pytest
from conftest import nbgrader
from jupytext.config import load_jupytext_config

from autograder import CourseError, course
from autograder.course import build
from autograder.course.text import parse

TEXT = '''# %% [markdown]
# # Toy

# %%
import math

# %% solution="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% grades="double" points={"value": 90, "type": 10}
assert double(1) == 2
'''
POINTS = ' points={"value": 90, "type": 10}'


def test_the_derived_trees_are_up_to_date():
    assert build.drift() == []


def test_deriving_twice_gives_the_same_bytes():
    program = "import hashlib; from autograder.course import build; "
    program += "print(hashlib.sha256(repr(build.derive()).encode()).hexdigest())"
    runs = {subprocess.check_output([sys.executable, "-c", program], text=True) for _ in range(2)}
    assert len(runs) == 1


def test_drift_names_what_is_stale_missing_and_unexpected(tmp_path):
    build.write(tmp_path)
    first, second, *_ = build.derive()
    (tmp_path / first).write_text("old")
    (tmp_path / second).unlink()
    (tmp_path / "release" / "notes.txt").write_text("mine")
    lines = {f"stale       {first}", f"missing     {second}", "unexpected  release/notes.txt"}
    assert set(build.drift(tmp_path)) == lines
    build.write(tmp_path)
    assert build.drift(tmp_path) == []


def test_nbgrader_generate_assignment_makes_the_same_release(class_folder):
    done = nbgrader(class_folder, "generate_assignment", "*")
    assert done.returncode == 0, done.stderr
    made = {str(path.relative_to(class_folder)): path.read_text() for path in class_folder.glob("release/*/*")}
    assert made == {path: text for path, text in build.derive().items() if path.startswith("release/")}


@pytest.mark.parametrize("name", course.names())
def test_cells_are_stubs_or_checks_that_a_student_may_not_change(name):
    for cell in build.release_notebook(name).cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            assert "raise NotImplementedError" in cell.source
        elif marks.get("grade"):
            assert marks["locked"] and not cell.metadata["editable"]


@pytest.mark.parametrize("name", course.names())
def test_points_and_criteria_stand_below_each_tasks_heading(name):
    texts = [cell.source for cell in build.release_notebook(name).cells if cell.cell_type == "markdown"]
    headed = [text for text in texts if re.match("## (Task|Going further): ", text)]
    found = re.findall(r"points\*\*: \*", "".join(headed))
    assert len(found) == len(course.exercise(name).tasks)
    assert all(re.match(r"## .*\n\n\*\*.* points\*\*: \*", text) for text in headed)


@pytest.mark.parametrize("name", course.names())
def test_the_text_survives_a_round_through_jupyterlab(name, tmp_path):
    """JupyterLab opens the text with jupytext's contents manager, adds metadata of its own, and saves it there."""
    from jupytext import TextFileContentsManager

    shutil.copy(course.ROOT / "pyproject.toml", tmp_path)
    shutil.copy(course.ROOT / "solutions" / f"{name}.py", tmp_path)
    manager = TextFileContentsManager()
    manager.root_dir = str(tmp_path)
    model = manager.get(f"{name}.py", content=True)
    notebook = model["content"]
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    for cell in notebook.cells:
        cell.metadata["trusted"] = True
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 1, [nbformat.v4.new_output("stream", text="seen\n")]
    manager.save({"type": "notebook", "content": notebook}, f"{name}.py")
    assert (tmp_path / f"{name}.py").read_text() == (course.ROOT / "solutions" / f"{name}.py").read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (POINTS, "", ["cell 4 (line 14)", "no points", "points={"]),
        (POINTS, ' points={"value": 80, "type": 10}', ["add up to 90", "make it 100"]),
        (POINTS, ' points="many"', ["no points"]),
        (POINTS, " points=100", ["two to five criteria"]),
        (POINTS, ' points={"value": 100}', ["two to five criteria"]),
        (POINTS, ' points={"value": 100, "type": 0}', ["two to five criteria"]),
        ("    ### BEGIN SOLUTION\n", "", ["cell 3 (line 7)", "### BEGIN SOLUTION", "found 0 and 1"]),
        ("grades=", "grade=", ["unknown word 'grade'", "did you mean 'grades'"]),
        ('grades="double"', 'grades="Double It"', ["snake_case"]),
        ("import math", "### BEGIN SOLUTION", ["marker outside a solution cell"]),
        ('solution="double"', "", ["stands before any solution cell"]),
        (
            "assert double(1) == 2\n",
            'assert double(1) == 2\n\n# %% grades="double" points={"value": 1, "type": 1}\n1\n',
            ["a second grades", "another name"],
        ),
        (
            "# %% grades",
            '# %% solution="double"\n### BEGIN SOLUTION\n### END SOLUTION\n\n# %% grades',
            ["a second solution"],
        ),
        (
            "    return 2 * x\n",
            "    # %%\n    return 2 * x\n",
            ["cell 4 (line 11)", "an indented # %%", "at the margin"],
        ),
        ("    return 2 * x\n", '    """\n# %%\n"""\n    return 2 * x +\n', ["cell 3 (line 7)", "line 7 of the cell"]),
    ],
)
def test_a_malformed_text_is_an_error_that_names_file_cell_and_mend(old, new, words):
    assert old in TEXT
    with pytest.raises(CourseError) as error:
        parse("ex98_toy", TEXT.replace(old, new))
    assert "solutions/ex98_toy.py" in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_the_sound_text_is_read_as_it_stands():
    exercise = parse("ex98_toy", TEXT)
    assert [(task.name, task.points, task.solution) for task in exercise.tasks] == [("double", 100, "double")]
    assert exercise.title == "Toy"
    assert exercise.module().double(4) == 8


def test_every_text_is_what_jupytext_writes():
    configuration = load_jupytext_config(str(course.ROOT / "solutions" / "x.py"))
    for name in course.names():
        text = (course.ROOT / "solutions" / f"{name}.py").read_text()
        notebook = jupytext.reads(text, fmt="py:percent", config=configuration)
        assert jupytext.writes(notebook, fmt="py:percent", config=configuration) == text


@pytest.mark.parametrize("formula", [r"\nosuchthing{x}", r"\newcommand{\x}{y} \x"])
def test_a_formula_that_a_page_cannot_show_is_refused_with_its_place(formula, monkeypatch):
    toy = parse("ex98_toy", TEXT.replace("# # Toy", f"# # Toy\n#\n# Let ${formula}$ be."))
    monkeypatch.setattr(course, "names", lambda: ["ex98_toy"])
    monkeypatch.setattr(course, "exercise", lambda name: toy)
    with pytest.raises(CourseError) as error:
        build.derive()
    assert f"solutions/ex98_toy.py, cell 1: feedback pages show a part of this formula as LaTeX: {formula}" in str(
        error.value
    )
    assert "latex2mathml" in str(error.value)
