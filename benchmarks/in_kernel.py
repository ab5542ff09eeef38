"""Runs hidden tests in the kernel of stock nbgrader; this text stands before theirs in the first grade cell.

It is kept cheap, in favor of stock nbgrader: pytest isn't imported, and nothing is done that would only be safe.
"""

import contextlib
import copy
import functools  # noqa: F401
import itertools
import math  # noqa: F401
import random
import sys
import types
import warnings

import numpy as np
import torch
from torch import nn  # noqa: F401
from torch.nn import functional as F  # noqa: F401

# Underscores, because students' code has the same namespace; the other names are what probes may use.
_TESTS: dict[str, list] = {}
_REFERENCE = types.ModuleType("reference")


class mark:
    """What the hidden tests use of `pytest.mark`."""

    @staticmethod
    def task(name):
        """Keep the test with its task."""
        return lambda test: _TESTS.setdefault(name, []).append(test) or test

    @staticmethod
    def parametrize(names, cases):
        """Give the test one more dimension of cases."""
        names = [name.strip() for name in names.split(",")]
        rows = [dict(zip(names, case if len(names) > 1 else [case], strict=True)) for case in cases]

        def add(test):
            test.rows = [*getattr(test, "rows", []), rows]
            return test

        return add


def error_of(function, *args, **kwargs):
    """The name of the exception that the call raises, or ""."""
    try:
        function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__
    return ""


def _define(solutions):
    """Make the reference: the notebook's own names, then the text of the solutions."""
    _complete()
    exec(solutions, vars(_REFERENCE))


def _complete():
    """Give the reference what the notebook has defined since."""
    vars(_REFERENCE).update({name: value for name, value in globals().items() if name not in vars(_REFERENCE)})


def _score(task, points):
    """The part of a task's points that its passed tests earn."""
    _complete()
    sides = {"student": _side(sys.modules["__main__"]), "reference": _side(_REFERENCE)}
    passed = [_passes(test, sides | known) for test, known in _cases(task)]
    return round(float(points) * sum(passed) / len(passed), 2)


def _passes(test, known):
    arguments = {name: known[name] for name in test.__code__.co_varnames[: test.__code__.co_argcount]}
    _seed(1)
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test(**arguments)
        return True
    return False


def _side(module):
    """Calls a probe on a module; the names that it sets there are undone."""

    def ask(probe, *args):
        before, state = dict(vars(module)), torch.get_rng_state()
        _seed(2)
        try:
            return _plain(probe(module, *_plain(args)))
        finally:
            torch.set_rng_state(state)
            vars(module).clear()
            vars(module).update(before)

    return ask


def _seed(number):
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def _plain(value):
    """A copy without its graph; numbers become Python's."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    return value.item() if isinstance(value, np.generic) else copy.copy(value)


def _cases(task):
    """Every hidden test of a task with its arguments, as functions of the two sides."""
    for test in _TESTS[task]:
        for rows in itertools.product(*getattr(test, "rows", [])):
            yield test, dict(itertools.chain.from_iterable(row.items() for row in rows))


def _count(task):
    return len(list(_cases(task)))


def _enter(names, solutions):
    """Take the student's names, and make the reference, where the tests are in a module of their own."""
    global _STUDENT
    _STUDENT = types.ModuleType("student")
    vars(_STUDENT).update(names)
    vars(_REFERENCE).update(names)
    exec(solutions, vars(_REFERENCE))


def _nth(task, number):
    """Whether the test of that number passes."""
    test, known = list(_cases(task))[number]
    return _passes(test, {"student": _side(_STUDENT), "reference": _side(_REFERENCE)} | known)
