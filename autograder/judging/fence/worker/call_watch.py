"""Notices calls of forbidden functions while a probe runs, under whatever name the answer calls them.

The interpreter's profile hook sees every call that is made in Python: Python functions are known by their code, builtin
ones by identity. A function mode sees what of torch is called from C, and torch's operators by their names.
"""

import contextlib
import fnmatch
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import _ops, nn
from torch.overrides import TorchFunctionMode

_FORWARD = {"forward", "_call_impl", "_wrapped_call_impl", "__call__", "handle_torch_function"}
SWITCHED_OFF = "sys.setprofile"
_TORCH = str(Path(torch.__file__).parent)
_NOT_THE_ANSWER = ("<probe>", "<frozen", sys.prefix, sys.base_prefix, str(Path(__file__).parent))


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
        self._mode = _Mode(self)
        self._active = bool(watched.functions or watched.operators)

    def __enter__(self):
        if self._active:
            self._mode.__enter__()
            threading.setprofile(self._notice)
            sys.setprofile(self._notice)
        return self

    def __exit__(self, *error):
        if self._active:
            if sys.getprofile() != self._notice:
                self.seen.add(SWITCHED_OFF)
            sys.setprofile(None)
            threading.setprofile(None)
            self._mode.__exit__(*error)

    def _notice(self, frame, event, called):
        # Only calls from the answer itself count: torch calls its own functions too, say to build a Linear.
        if event == "c_call" and _is_answer(frame.f_code.co_filename):
            self._see(called)
        elif event == "call" and frame.f_back and _is_answer(frame.f_back.f_code.co_filename):
            self._see(frame.f_code)

    def see_call(self, function, frame):
        """Notice a call of torch's, made in `frame` or in the forward of one of torch's modules below it."""
        passing = {function.__name__, *_FORWARD} if hasattr(function, "__name__") else _FORWARD
        while frame.f_back and frame.f_code.co_name in passing and frame.f_code.co_filename.startswith(_TORCH):
            frame = frame.f_back
        if _is_answer(frame.f_code.co_filename):
            self._see(getattr(function, "__code__", function))
            if isinstance(function, _ops.OpOverload | _ops.OpOverloadPacket):
                name = _matching(getattr(function, "overloadpacket", function), self._operators)
                self.seen.update([name] if name else [])

    def _see(self, key):
        with contextlib.suppress(TypeError):  # a bound method of something that cannot be hashed
            if key in self._functions:
                self.seen.add(self._functions[key])


class _Mode(TorchFunctionMode):
    """Passes every call of torch on, once the watcher has seen it."""

    def __init__(self, watcher):
        super().__init__()
        self._watcher = watcher

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self._watcher.see_call(function, sys._getframe(1))
        return function(*args, **(kwargs or {}))


@functools.cache
def _matching(operator, patterns):
    name = f"torch.ops.{operator}"  # such as torch.ops.aten.native_batch_norm
    return name if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns) else ""


@functools.cache
def _is_answer(filename):
    """Whether code is the student's: of a cell, of a file beside the notebook, or made while it runs."""
    return not filename.startswith(_NOT_THE_ANSWER)
