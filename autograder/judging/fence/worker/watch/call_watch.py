"""Notices calls of forbidden functions while a probe runs, under whatever name the answer calls them.

The interpreter's profile hook sees every call that is made in Python: Python functions are known by their code, builtin
ones by identity. A function mode sees what of torch is called from C, and a dispatch mode every operator that runs,
also one that TorchScript, a loaded module or native code reaches without any such call.
"""

import _thread
import contextlib
import fnmatch
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

from torch import _ops, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from . import origin

SWITCHED_OFF, UNSEEN, REWRITTEN = "sys.setprofile", "unseen operators", "the worker's own code"
HIDDEN_WAYS = {
    SWITCHED_OFF: "switches off what notices forbidden calls",
    UNSEEN: "reaches torch's operators in a way that cannot be watched, such as TorchScript, or native code",
    REWRITTEN: "changes the code that asks it",
}
_FORWARD = {"forward", "_call_impl", "_wrapped_call_impl", "__call__", "handle_torch_function"}
_STARTS_UNSEEN = {_thread.start_new_thread, sys.setprofile}
# What honest Python reaches without a call of torch's that a mode sees, beside views: torch.Tensor(2, 3), torch.load.
_CONSTRUCTORS = {"aten.empty", "aten.set_"}


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
        self._modes = _Calls(self), _Operators(self)
        self._active = bool(watched.functions or watched.operators)
        self._probe: frozenset[int] = frozenset()

    def watching(self, probe: CodeType) -> "Watcher":
        """This watcher, to be entered around a probe: what that calls itself is not the answer's doing."""
        self._probe = frozenset(map(id, origin.nested(probe)))
        return self

    def __enter__(self):
        if self._active:
            self._enter_modes()
            threading.setprofile(self._begin_thread)
            sys.setprofile(self._notice)
        return self

    def __exit__(self, *error):
        if self._active:
            if sys.getprofile() != self._notice:
                self.seen.add(SWITCHED_OFF)
            sys.setprofile(None)
            threading.setprofile(None)
            for mode in reversed(self._modes):
                mode.__exit__(*error)

    def _enter_modes(self):
        for mode in self._modes:
            mode.__enter__()

    def _begin_thread(self, frame, event, called):
        """Watch a thread too that the answer has started: modes are each thread's own."""
        for mode in _Calls(self), _Operators(self):
            mode.__enter__()
        sys.setprofile(self._notice)

    def _notice(self, frame, event, called):
        # Only calls from the answer itself count: torch calls its own functions too, say to build a Linear.
        if event == "c_call":
            self._see(called, frame)
            if called in _STARTS_UNSEEN and self._is_answer(frame):
                self.seen.add(SWITCHED_OFF)
        elif event == "call" and frame.f_back:
            self._see(frame.f_code, frame.f_back)

    def see_call(self, function, frame: FrameType):
        """Notice a call of torch's, made in `frame` or in the forward of one of torch's modules below it."""
        passing = {function.__name__, *_FORWARD} if hasattr(function, "__name__") else _FORWARD
        while frame.f_back and frame.f_code.co_name in passing and origin.is_librarys(frame):
            frame = frame.f_back
        self._see(getattr(function, "__code__", function), frame)
        if isinstance(function, _ops.OpOverload | _ops.OpOverloadPacket) and self._is_answer(frame):
            self._see_operator(getattr(function, "overloadpacket", function))

    def see_operator(self, operator, frame: FrameType, called: bool):
        """Notice an operator that runs; `called` tells whether a call of torch's was seen that it is a part of."""
        while frame.f_back and origin.is_librarys(frame):
            frame = frame.f_back
        # A gradient's operators run where backward is called, whoever has built the graph.
        if self._is_answer(frame) and not str(operator).endswith("_backward"):
            self._see_operator(operator)
            if not called:
                self.seen.add(UNSEEN)

    def _see_operator(self, operator):
        name = _matching(operator, self._operators)
        self.seen.update([name] if name else [])

    def _see(self, key, caller):
        with contextlib.suppress(TypeError):  # a bound method of something that cannot be hashed
            if key in self._functions and self._is_answer(caller):
                self.seen.add(self._functions[key])

    def _is_answer(self, frame):
        """Whether a frame runs the student's code: of a cell, of a file beside the notebook, or made while it runs."""
        return id(frame.f_code) not in self._probe and not origin.is_librarys(frame)


class _Calls(TorchFunctionMode):
    """Passes every call of torch on, once the watcher has seen it."""

    depth = threading.local()

    def __init__(self, watcher):
        super().__init__()
        self._watcher = watcher

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self._watcher.see_call(function, sys._getframe(1))
        _Calls.depth.now = getattr(_Calls.depth, "now", 0) + 1
        try:
            return function(*args, **(kwargs or {}))
        finally:
            _Calls.depth.now -= 1


class _Operators(TorchDispatchMode):
    """Passes every operator on, once the watcher has seen it."""

    def __init__(self, watcher):
        super().__init__()
        self._watcher = watcher

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        called = getattr(_Calls.depth, "now", 0) > 0 or _computes_nothing(function)
        self._watcher.see_operator(function.overloadpacket, sys._getframe(1), called)
        return function(*args, **(kwargs or {}))


@functools.cache
def _computes_nothing(operator):
    returned = [one.alias_info for one in operator._schema.returns]
    is_view = bool(returned) and all(alias and not alias.is_write for alias in returned)
    return is_view or str(operator.overloadpacket) in _CONSTRUCTORS


@functools.cache
def _matching(operator, patterns):
    name = f"torch.ops.{operator}"  # such as torch.ops.aten.native_batch_norm
    return name if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns) else ""
