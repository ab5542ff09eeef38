"""Probes travel as text, with the functions of their own file that they call, and nothing else."""

import pytest
import torch

from autograder import CourseError
from autograder.judging.fence.worker import probes
from autograder.judging.hidden_tests.probe import travelling

LIMIT = 3


def twice(x):
    return 2 * x


def four_times(x):
    return twice(twice(x))


def with_another_layer(answer):
    answer.layer = twice


def run(probe, names, *args):
    return probes.call(probes.compiled(probe.source), names, args, 1)


def test_the_functions_that_it_calls_come_along():
    def probe(answer, x):
        return four_times(answer.layer(x)) + torch.ones(1)

    assert run(travelling(probe), {"layer": lambda x: x + 1}, 2).item() == 13


def test_what_stands_in_does_so_for_one_probe():
    def probe(answer, x):
        return answer.layer(x)

    names = {"layer": lambda x: 0}
    assert run(travelling(probe, with_another_layer), names, 5) == 10
    assert run(travelling(probe), names, 5) == 0


def test_a_probe_that_uses_more_is_refused_with_its_place_and_mend():
    limit = 4

    def of_the_file(answer):
        return LIMIT

    def of_the_test(answer):
        return [limit for _ in range(2)]

    for probe, name in [(of_the_file, "LIMIT"), (of_the_test, "limit")]:
        with pytest.raises(CourseError, match=rf"test_probe.py, line \d+: .*student\({probe.__name__}, {name}\)"):
            travelling(probe)
