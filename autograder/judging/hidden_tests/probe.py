"""Probes: how a function of a hidden test travels to the student's side."""

import builtins
import dis
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import CourseError
from autograder.judging.fence.worker import probes

_FOUND_THERE = {*dir(builtins), *probes.NAMES, *probes.LIBRARIES}
# What a task's stand-in does to the answer comes first; what the probe gives is the result.
_AFTER_STAND_IN = """

def after_stand_in(answer, *args):
    {stand_in}(answer)
    return {probe}(answer, *args)
"""


@dataclass(frozen=True)
class Probe:
    """A probe on its way: its text, whose last function is the probe; those that it calls stand above it."""

    name: str
    source: str


def travelling(function: Callable, stand_in: Callable | None = None) -> Probe:
    """A probe of a hidden test, run behind the task's stand-in; raises CourseError for one that cannot travel."""
    key = function.__code__, stand_in
    if key not in _travelling:
        _travelling[key] = Probe(function.__name__, _text(function, stand_in))
    return _travelling[key]


_travelling: dict[tuple, Probe] = {}  # a test makes the same function anew for each submission


def _text(function, stand_in):
    roots = [stand_in, function] if stand_in else [function]
    found = {code.co_name: code for root in roots for code in _with_callees(root.__code__, root.__globals__)}
    text = "\n\n".join(textwrap.dedent(inspect.getsource(code)) for code in found.values())
    return text + (_AFTER_STAND_IN.format(stand_in=stand_in.__name__, probe=function.__name__) if stand_in else "")


def _with_callees(code: types.CodeType, names: dict) -> Iterator[types.CodeType]:
    """The functions of its own file that a function calls, and what these call, then itself."""
    if problem := _problem(code, names):
        raise CourseError(problem)
    for name in sorted(_globals_of(code) & names.keys()):
        function = names[name]
        if isinstance(function, types.FunctionType) and function.__code__ is not code:
            yield from _with_callees(function.__code__, names)
    yield code


def _globals_of(code):
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    own = {str(step.argval) for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return own.union(*map(_globals_of, inner))


def _problem(code, names):
    """Why a probe cannot travel to the student's side, or ""."""
    stays = [*code.co_freevars]
    for name in sorted(_globals_of(code) - _FOUND_THERE):
        theirs = getattr(getattr(names.get(name), "__code__", None), "co_filename", None)
        if theirs != code.co_filename:
            stays.append(name)
    if not stays:
        return ""
    place = f"{Path(code.co_filename).name}, line {code.co_firstlineno}"
    return (
        f"{place}: {code.co_name} uses {', '.join(stays)} of the file around it; only functions of its own file travel "
        f"with a probe: give it as an argument, student({code.co_name}, {', '.join(stays)})"
    )
