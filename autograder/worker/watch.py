"""Notices calls of forbidden functions while a probe runs, under whatever name the answer calls them.

The interpreter's profile hook sees every call: Python functions are known by their code, builtin ones by identity,
and torch's operators, which all go through one function, by the operator's name.
"""

import contextlib
import fnmatch
import importlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import _ops, nn

_OPERATOR_CALLS = {_ops.OpOverload.__call__.__code__, _ops.OpOverloadPacket.__call__.__code__}


@dataclass(frozen=True)
class Watched:
    """What to look for: functions by code or identity, with their names, and torch's operators by patterns."""

    functions: Mapping
    operators: tuple[str, ...]


NOTHING = Watched({}, ())


def resolve(patterns: Iterable[str]) -> Watched:
    """What dotted names stand for, whose last part may have wildcards; `torch.ops.aten.*` names are operators."""
    operators = tuple(pattern for pattern in patterns if pattern.startswith("torch.ops."))
    found = {}
    for pattern in [pattern for pattern in patterns if pattern not in operators]:
        path, last = pattern.rsplit(".", 1)
        owner = _find(path)
        for name in fnmatch.filter(dir(owner), last):
            found |= {key: f"{path}.{name}" for key in _keys(getattr(owner, name))}
    return Watched(found, operators)


def _find(path):
    parts = path.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part)
        return found
    raise ImportError(path)


def _keys(thing):
    if inspect.isclass(thing):
        thing = inspect.getattr_static(thing, "__init__")
    if callable(thing) and inspect.isfunction(unwrapped := inspect.unwrap(thing)):
        return [unwrapped.__code__] if unwrapped is not nn.Module.__init__ else []  # every module calls that one
    return [thing] if inspect.isbuiltin(thing) else []


class Watcher:
    """While it is entered, `seen` collects the names of the watched functions that the answer calls."""

    def __init__(self, watched: Watched):
        self.seen: set[str] = set()
        self._functions, self._operators = watched.functions, watched.operators

    def __enter__(self):
        if self._functions or self._operators:
            sys.setprofile(self._notice)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)

    def _notice(self, frame, event, called):
        # Only calls from the answer itself count: torch calls its own functions too, say to build a Linear.
        if event == "c_call" and _is_answer(frame):
            self._see(called)
        elif event == "call" and frame.f_back and _is_answer(frame.f_back):
            self._see(frame.f_code)
            if frame.f_code in _OPERATOR_CALLS:
                self._see_operator(frame.f_locals["self"])

    def _see(self, key):
        with contextlib.suppress(TypeError):  # a bound method of something that cannot be hashed
            if key in self._functions:
                self.seen.add(self._functions[key])

    def _see_operator(self, operator):
        name = f"torch.ops.{operator}"  # such as torch.ops.aten.native_batch_norm.default
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in self._operators):
            self.seen.add(name)


def _is_answer(frame):
    return frame.f_code.co_filename.startswith("<cell ")
