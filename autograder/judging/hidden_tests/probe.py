"""Probes: how a function of a hidden test travels to the student's side."""

import functools
import inspect
import textwrap
import types
from pathlib import Path

from autograder import CourseError


@functools.lru_cache(4096)
def source_of(code: types.CodeType) -> str:
    """The text of a probe, which is how it travels; raises CourseError for one that cannot."""
    if problem := probe_problem(code):
        raise CourseError(problem)
    return textwrap.dedent(inspect.getsource(code))


def probe_problem(code: types.CodeType) -> str:
    """Why a probe cannot travel to the student's side, or ""."""
    if not code.co_freevars:
        return ""
    names = ", ".join(code.co_freevars)
    place = f"{Path(code.co_filename).name}, line {code.co_firstlineno}"
    return (
        f"{place}: {code.co_name} uses {names} of the test around it; "
        f"a probe travels alone: give it as an argument, student({code.co_name}, {names})"
    )
