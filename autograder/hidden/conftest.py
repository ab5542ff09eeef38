"""Lets pytest run hidden tests alone: `pytest autograder/hidden/test_ex04_batch_norm.py --submission path.ipynb`."""

from pathlib import Path

import pytest

from autograder.judging import judge
from autograder.judging.fence import sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.worker import probes
from autograder.judging.hidden_tests.collecting import tests
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
        self._student, self._tests = student, {test.name: test for test in tests(exercise, variant)}

    def _test(self, request):
        return self._tests[request.node.name]

    @pytest.fixture(autouse=True)
    def _seeded(self, request):
        probes.seed_globals(self._test(request).seed)

    @pytest.fixture
    def student(self, request):
        """Runs a probe beside the student's code; what comes back is plain data."""
        test = self._test(request)
        return test.asking(lambda probe, *args: self._student.probe(test.task, probe, args, test.seed + 1))

    @pytest.fixture
    def reference(self, request):
        """Runs a probe on the reference."""
        test = self._test(request)
        return test.asking(reference(test.exercise, test.seed))
