"""A task's probes see the names as they stood at its check."""

import pytest

from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student
from autograder.judging.hidden_tests.probe import travelling

LATER = {
    "a builtin": "range = 10",
    "a name": "f = 10",
    "a module": "torch = math = None",
    "a loop": "for f in 1, 2:\n    g = f",
    "an unpacking": "f, (g, *torch) = 1, (2, 3, 4)",
    "a deletion": "del f, g, math",
    "a reset": "%reset -f",
    "a star import": "from operator import *",
    "an import": "import json as math, json as g",
    "a with": "import io\nwith io.StringIO() as f:\n    pass",
    "a class": "class Layer:\n    pass",
    "a class's method": "Layer.double = lambda self, x: 0",
    "a global": "def h():\n    global g\n    g = None\nh()",
}
ANSWER = """
import math, torch
def g(x):
    return sum(x + i for i in range(3))
class Layer:
    def double(self, x):
        return 2 * x
def f(x):
    return math.floor(Layer().double(g(x)) + abs(mul(0)) + torch.zeros(1).item())
def mul(x):
    return x
"""


def probe(answer, x):
    return answer.f(x)


@pytest.mark.parametrize("what", LATER)
def test_what_is_tried_out_below_a_check_costs_nothing(sandbox, what):
    cells = [("answer", ANSWER), ("later", LATER[what])]
    answer = Student(sandbox, cells, {}, Seconds(), {"t": 1})
    assert answer.probe("t", travelling(probe), (1,), 1) == 12
    assert answer.ran["later"]["ended"] == "ok"
    answer.end()


def test_a_helper_that_stands_below_the_check_is_found(sandbox):
    cells = [("answer", "def f(x):\n    return helper(x)"), ("later", "def helper(x):\n    return 3 * x")]
    answer = Student(sandbox, cells, {}, Seconds(), {"t": 1})
    assert answer.probe("t", travelling(probe), (1,), 1) == 3
    answer.end()


def test_each_task_has_its_own_names(sandbox):
    cells = [("one", "def f(x):\n    return 1"), ("two", "def f(x):\n    return 2"), ("three", "f = None")]
    answer = Student(sandbox, cells, {}, Seconds(), {"a": 1, "b": 2})
    assert [answer.probe(task, travelling(probe), (0,), 1) for task in ("a", "b", "a")] == [1, 2, 1]
    answer.end()
