"""Lets pytest run hidden tests alone: `pytest autograder/hidden/test_ex04_batch_norm.py --submission path.ipynb`."""

from pathlib import Path

import pytest

from autograder.judging import judge
from autograder.judging.fence import sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.worker import probes
from autograder.judging.hidden_tests.collecting import seed_of
from autograder.judging.hidden_tests.reference import reference
from autograder.judging.intake.reading import read_submission
from autograder.judging.intake.repair import repair


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
    student = judge.student_of(notebook, name, box, Seconds())
    config.pluginmanager.register(_Sides(name, student, judge.variant(notebook)))


def pytest_collection_modifyitems(config):
    if not config.getoption("--submission"):
        raise pytest.UsageError("hidden tests need a notebook to judge: add --submission path.ipynb")


class _Sides:
    """The fixtures of hidden tests: the two sides, with the seeds that judging gives them."""

    def __init__(self, exercise, student, variant):
        self._exercise, self._student, self._variant = exercise, student, variant

    def _seed(self, request):
        return seed_of(self._exercise, request.node.name, self._variant)

    @pytest.fixture(autouse=True)
    def _seeded(self, request):
        probes.seed_globals(self._seed(request))

    @pytest.fixture
    def student(self, request):
        """Runs a probe beside the student's code; what comes back is plain data."""
        task = request.node.get_closest_marker("task").args[0]
        return lambda probe, *args: self._student.probe(task, probe, args, self._seed(request) + 1)

    @pytest.fixture
    def reference(self, request):
        """Runs a probe on the reference."""
        return reference(self._exercise, self._seed(request))
