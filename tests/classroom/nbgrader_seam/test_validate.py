"""What a student's own `nbgrader validate` says, and that a notebook without its metadata is graded all the same."""

import re

import nbformat
import pytest
from conftest import nbgrader

from autograder import course
from autograder.course import build
from autograder.course.model import is_notebook_only
from autograder.judging.judge import judge_file
from autograder.proof import invariants, zoo

NAME = "ex04_batch_norm"
WRONG = next(one for one in course.misconceptions(NAME) if one.name == "leaves eps out when folding")
VALIDATED = {
    "untouched": (lambda: build.release_notebook(NAME), 5, "NotImplementedError: Replace this line by your code"),
    "wrong": (lambda: zoo.wrong(NAME, WRONG), 1, "AssertionError: Channel 0 is multiplied by 2 / 4"),
    "right": (lambda: zoo.reference(NAME), 0, "Success! Your notebook passes all the tests."),
}


@pytest.mark.parametrize("state", VALIDATED)
def test_validating_says_how_many_checks_fail_and_what_they_say(state, tmp_path):
    notebook, failing, words = VALIDATED[state]
    notebook = notebook()
    notebook.cells = [cell for cell in notebook.cells if not is_notebook_only(cell)]  # experiments take long
    nbformat.write(notebook, tmp_path / f"{NAME}.ipynb")
    # On a busy machine importing PyTorch alone may take longer than the half minute that a cell has.
    patience = ["--Execute.timeout=600", "--Execute.startup_timeout=600"]
    done = nbgrader(tmp_path, "validate", *patience, f"{NAME}.ipynb")
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.count("The following cell failed") == failing
    assert (f"FAILED ON {failing} CELL(S)" in said) == bool(failing)
    assert len(re.findall(rf"^ *{re.escape(words)}", said, re.MULTILINE)) == max(failing, 1)


def as_colab_saves(notebook):
    """The notebook as JSON of an older format: new ids, which stand in the metadata, and none of nbgrader's."""
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        del cell["id"]
        cell.metadata = nbformat.NotebookNode(id=f"colab{number}")
    notebook.metadata = nbformat.NotebookNode(colab={"provenance": []}, kernelspec={"name": "python3"})
    return nbformat.writes(notebook)


@pytest.mark.parametrize("name", course.names())
def test_a_notebook_from_colab_is_graded_as_it_would_have_been(name, sandbox, tmp_path):
    wrong = zoo.wrong(name, course.misconceptions(name)[0])
    found = []
    for folder, text in [("jupyterlab", nbformat.writes(wrong)), ("colab", as_colab_saves(wrong))]:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.ipynb").write_text(text)
        found.append(judge_file(tmp_path / folder, name, sandbox, invariants.PATIENT)[0])
    own, colabs = found
    assert colabs.tasks == own.tasks and colabs.status == own.status == "graded"
    assert 0 < colabs.points < 100
