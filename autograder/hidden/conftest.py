"""Lets pytest run hidden tests alone: `pytest autograder/hidden/test_ex04_batch_norm.py --submission path.ipynb`."""

from pathlib import Path

import pytest

from autograder import judge, sandbox
from autograder.hearing import Hearing
from autograder.reading import read_submission
from autograder.repair import repair
from autograder.student import Student


def pytest_addoption(parser):
    parser.addoption("--submission", metavar="NOTEBOOK", help="the notebook to run the hidden tests on")


def pytest_configure(config):
    path = config.getoption("--submission")
    if not path:
        return
    files = [argument for argument in config.args if "test_ex" in argument]
    if len(files) != 1:
        raise pytest.UsageError("--submission goes with the hidden tests of one exercise: name that one file")
    name = files[0].partition("::")[0].rpartition("test_")[2].removesuffix(".py")
    notebook = repair(read_submission(Path(path), name)[0], name).notebook
    box = sandbox.Sandbox()
    config.add_cleanup(box.close)
    student = Student(box, judge.runnable(notebook), judge.watched(name), sandbox.Seconds())
    config.pluginmanager.register(Hearing(name, student, judge.variant(notebook)))


def pytest_collection_modifyitems(config):
    if not config.getoption("--submission"):
        raise pytest.UsageError("hidden tests need a notebook to judge: add --submission path.ipynb")
