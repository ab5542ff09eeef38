"""Breaking a notebook at random never raises, never hangs, and never earns more than the notebook as it was."""

import functools
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from nbformat.v4 import new_code_cell
from test_repair import broken

from autograder import course
from autograder.judging.fence.settings import Seconds
from autograder.judging.judge import judge, judge_file
from autograder.judging.verdict import STATUSES
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SECONDS = Seconds(cell=2, probe=1, submission=5)


@functools.cache
def half_right():
    """A notebook with one mistake and one answer that is missing."""
    mistake = course.misconceptions(NAME)[0]
    solutions = {**course.exercise(NAME).solutions, **course.answer_with(NAME, mistake)}
    solutions.pop(next(key for key in solutions if key != course.exercise(NAME).task(mistake.task).solution))
    return zoo.submission(NAME, solutions)


@functools.cache
def whole(sandbox):
    return judge(half_right(), NAME, sandbox, Seconds())[0]


@given(broken(half_right()))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_broken_notebook_earns_no_more_than_the_whole_one(sandbox, tmp_path_factory, notebook):
    path = tmp_path_factory.getbasetemp() / "broken.ipynb"
    path.write_text(json.dumps(notebook))
    started = time.monotonic()
    verdict, _ = judge_file(path, NAME, sandbox, SECONDS)
    assert time.monotonic() - started < 60
    assert verdict.status in STATUSES and verdict.failure == "" and verdict.failures == []
    for task, most in zip(verdict.tasks, whole(sandbox).tasks, strict=True):
        assert task.points is None or task.points <= most.points


@pytest.mark.slow
def test_added_cells_leave_time_for_the_answers(sandbox):
    """Wherever they stand, and whatever they do: a tool's copies of experiments, or loops without an end."""
    notebook = zoo.reference(NAME)
    notebook.cells[1:1] = [new_code_cell("while True: pass") for _ in range(5)]
    verdict, _ = judge(notebook, NAME, sandbox, Seconds(cell=5, probe=5, submission=20))
    assert (verdict.points, verdict.status) == (100, "timeout")
