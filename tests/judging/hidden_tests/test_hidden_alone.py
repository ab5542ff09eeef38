"""`pytest autograder/hidden/test_EXERCISE.py --submission NOTEBOOK`, for those who write hidden tests."""

import re
import subprocess
import sys

import nbformat
import pytest

from autograder import course
from autograder.judging.fence.settings import Seconds
from autograder.judging.judge import judge
from autograder.proof import zoo

NAME = "ex04_batch_norm"


def run(*arguments):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)]
    done = subprocess.run(command, cwd=course.ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


@pytest.mark.slow
def test_they_say_the_same_as_the_judge(tmp_path, sandbox):
    wrong = next(one for one in course.misconceptions(NAME) if one.name == "keeps the biased variance")
    notebook = zoo.wrong(NAME, wrong)
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    said = run(course.hidden_tests(NAME), "--submission", tmp_path / "wrong.ipynb")
    tests = [test for task in judge(notebook, NAME, sandbox, Seconds())[0].tasks for test in task.tests]
    failed = {test.name for test in tests if test.outcome == "failed"}
    assert set(re.findall(r"^FAILED \S+::(\S+)", said, re.MULTILINE)) == failed
    assert f"{len(failed)} failed, {len(tests) - len(failed)} passed" in said


def test_one_file_has_to_be_named(tmp_path):
    assert "name that one file" in run("autograder/hidden", "--submission", tmp_path / "any.ipynb")
