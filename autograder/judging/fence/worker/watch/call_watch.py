"""Notices calls of forbidden functions while a probe runs, under whatever name the answer calls them.

The interpreter's profile hook sees every call that is made in Python: Python functions are known by their code, builtin
ones by identity. A function mode sees what of torch is called from C. Where TorchScript runs, which calls nothing that
these can see, a dispatch mode sees the operators; everywhere it would make loops over numbers many times as slow.
"""

import _thread
import fnmatch
import functools
import importlib
import inspect
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType

import torch
from torch import _ops, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from . import origin

SWITCHED_OFF, UNSEEN, REWRITTEN = "sys.setprofile", "TorchScript", "the worker's own code"
HIDDEN_WAYS = {
    SWITCHED_OFF: "switches off what notices forbidden calls",
    UNSEEN: "computes in TorchScript, where not every call can be watched",
    REWRITTEN: "changes the code that asks it",
}
_FORWARD = {"forward", "_call_impl", "_wrapped_call_impl", "__call__", "handle_torch_function"}
_LOOKS_AWAY = dict.fromkeys([_thread.start_new_thread, sys.setprofile], SWITCHED_OFF)
_SCRIPTED = [(torch._C.ScriptFunction, "__call__"), (torch._C.ScriptMethod, "__call__")]
_SCRIPTED += [(torch._C.LiteScriptModule, name) for name in ("forward", "run_method")]
_OPERATORS = (_ops.OpOverload, _ops.OpOverloadPacket)
_entered: list["Watcher"] = []


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
        self._functions, self._operators = {**watched.functions, **_LOOKS_AWAY}, watched.operators
        self._mode, self._notice = _Calls(self), self._noticing()
        self._active = bool(watched.functions or watched.operators)
        self._probe: frozenset[int] = frozenset()

    def watching(self, probe: CodeType) -> "Watcher":
        """This watcher, to be entered around a probe: what that calls itself is not the answer's doing."""
        self._probe = frozenset(map(id, origin.nested(probe)))
        return self

    def __enter__(self):
        if self._active:
            self._mode.__enter__()
            _entered.append(self)
            threading.setprofile(self._begin_thread)
            sys.setprofile(self._notice)
        return self

    def __exit__(self, *error):
        if self._active:
            if sys.getprofile() != self._notice:
                self.seen.add(SWITCHED_OFF)
            sys.setprofile(None)
            threading.setprofile(None)
            _entered.remove(self)
            self._mode.__exit__(*error)

    def _begin_thread(self, frame, event, called):
        """Watch a thread too that the answer has started: a mode is each thread's own."""
        _Calls(self).__enter__()
        sys.setprofile(self._notice)

    def _noticing(self):
        """The profile hook: an answer makes a million calls, nearly all of which are nobody's concern."""
        functions = self._functions

        # Only calls from the answer itself count: torch calls its own functions too, say to build a Linear.
        def notice(frame, event, called):
            if event == "c_call":
                if called in functions:
                    self._see(called, frame)
            elif event == "call" and frame.f_code in functions and frame.f_back:
                self._see(frame.f_code, frame.f_back)

        return notice

    def see_call(self, function, frame: FrameType):
        """Notice a call of torch's, made in `frame` or in the forward of one of torch's modules below it."""
        key, is_operator = getattr(function, "__code__", function), isinstance(function, _OPERATORS)
        is_watched = key in self._functions
        if not (is_watched or is_operator):
            return
        passing = {function.__name__, *_FORWARD} if hasattr(function, "__name__") else _FORWARD
        while frame.f_back and frame.f_code.co_name in passing and origin.is_librarys(frame):
            frame = frame.f_back
        if is_watched:
            self._see(key, frame)
        if is_operator and self._is_answer(frame):
            self._see_operator(getattr(function, "overloadpacket", function))

    def see_scripted(self, operator, frame: FrameType):
        """Notice an operator that TorchScript runs, where code in `frame` has called it."""
        while frame.f_back and origin.is_librarys(frame):
            frame = frame.f_back
        if self._is_answer(frame):
            self.seen.add(UNSEEN)
            self._see_operator(operator)

    def _see_operator(self, operator):
        name = _matching(operator, self._operators)
        self.seen.update([name] if name else [])

    def _see(self, key, caller):
        if self._is_answer(caller):
            self.seen.add(self._functions[key])

    def _is_answer(self, frame):
        """Whether a frame runs the student's code: of a cell, of a file beside the notebook, or made while it runs."""
        return id(frame.f_code) not in self._probe and not origin.is_librarys(frame)


class _Calls(TorchFunctionMode):
    """Passes every call of torch on, once the watcher has seen it."""

    def __init__(self, watcher):
        super().__init__()
        self._watcher = watcher

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self._watcher.see_call(function, sys._getframe(1))
        return function(*args, **(kwargs or {}))


class _Operators(TorchDispatchMode):
    """Passes every operator on, once the watcher has seen it."""

    def __init__(self, watcher, frame):
        super().__init__()
        self._watcher, self._frame = watcher, frame

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self._watcher.see_scripted(function.overloadpacket, self._frame)
        return function(*args, **(kwargs or {}))


def watch_scripts() -> None:
    """From now on, what TorchScript runs is seen by the watcher that is entered."""
    for kind, name in _SCRIPTED:
        setattr(kind, name, _seen(getattr(kind, name)))


def _seen(method):
    @functools.wraps(method)
    def call(*args, **kwargs):
        if not _entered:
            return method(*args, **kwargs)
        with _Operators(_entered[-1], sys._getframe(1)):
            return method(*args, **kwargs)

    return call


@functools.cache
def _matching(operator, patterns):
    name = f"torch.ops.{operator}"  # such as torch.ops.aten.native_batch_norm
    return name if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns) else ""
