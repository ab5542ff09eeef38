"""Runs a hidden test's probe beside the student's code and gives back what it returned, as plain data."""

import builtins
import copy
import functools
import importlib
import inspect
import itertools
import math
import random
import sys
import traceback
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

try:  # as a program the folder is the path; for the trusted side it is a package
    from . import call_watch, jail, wire
except ImportError:
    import call_watch
    import jail
    import wire


def error_of(function, *args, **kwargs) -> str:
    """The name of the builtin exception class that the call raises, or "" when it raises nothing."""
    try:
        function(*args, **kwargs)
    except Exception as error:
        return _builtin_name(error)
    return ""


def describe_figure(figure) -> list[dict]:
    """What a matplotlib figure shows, one dict per axes, however it was drawn."""
    return [_describe_axes(axes) for axes in figure.axes]


def _describe_axes(axes):
    legend = axes.get_legend()
    lines = [
        {
            "label": str(line.get_label()),
            "x": np.asarray(line.get_xdata(), dtype=float),
            "y": np.asarray(line.get_ydata(), dtype=float),
            "linestyle": str(line.get_linestyle()),
        }
        for line in axes.get_lines()
    ]
    bars = [
        {
            "x": float(p.get_x()),
            "y": float(p.get_y()),
            "width": float(p.get_width()),
            "height": float(p.get_height()),
        }
        for p in axes.patches
        if hasattr(p, "get_width")
    ]
    return {
        "title": axes.get_title() or axes.get_title(loc="left") or axes.get_title(loc="right"),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "xlim": tuple(map(float, axes.get_xlim())),
        "ylim": tuple(map(float, axes.get_ylim())),
        "lines": lines,
        "bars": bars,
        "texts": [text.get_text() for text in axes.texts],
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
    }


NAMES = {
    "torch": torch, "nn": nn, "F": F, "np": np, "math": math, "copy": copy,
    "functools": functools, "itertools": itertools, "warnings": warnings, "inspect": inspect,
    "error_of": error_of, "describe_figure": describe_figure,
}  # fmt: skip
# Slow to load: only for the probes that name them.
LIBRARIES = {"pd": "pandas", "plt": "matplotlib.pyplot"}


class Answer:
    """The names of a notebook as attributes; what is set through it is undone by `restored`."""

    def __init__(self, namespace: dict):
        object.__setattr__(self, "_namespace", namespace)

    def __getattr__(self, name):
        try:
            return self._namespace[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self._namespace[name] = value


def seed_globals(seed: int) -> None:
    """Seed the global generators of python, numpy and torch's CPU (`torch.manual_seed` spends 2 ms on others)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def call(source: str, namespace: dict, args, seed: int):
    """Run the probe that `source` defines on `namespace`, with seeded global generators; the names set are undone."""
    defined: dict = {}
    exec(compile(source, "<probe>", "exec"), scope := dict(NAMES), defined)
    (probe,) = defined.values()
    scope |= {name: importlib.import_module(path) for name, path in LIBRARIES.items() if f"{name}." in source}
    seed_globals(seed)
    # What an earlier probe may have left switched must not cost this one.
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    before = dict(namespace)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return probe(Answer(namespace), *args)
    finally:
        namespace.clear()
        namespace.update(before)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")


def answer(request: dict, namespace: dict, watcher: call_watch.Watcher) -> dict:
    """The reply to one probe request: its `value` or its `error`, and the forbidden `calls` that were seen."""
    try:
        with watcher:
            value = call(request["source"], namespace, request["args"], request["seed"])
        reply = {"value": value, "calls": sorted(watcher.seen)}
        wire.encode(reply)
    except wire.WireError as error:
        return {"error": {"type": "WireError", "message": str(error)[:80]}, "calls": sorted(watcher.seen)}
    except BaseException as error:
        return {"error": describe_error(error), "calls": sorted(watcher.seen)}
    return reply


def describe_error(error: BaseException) -> dict:
    """An exception as plain data: its builtin kind, and the line of the answer it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if frame.filename.startswith("<cell ")]
    missing = error.name if isinstance(error, AttributeError) and isinstance(error.obj, Answer) else None
    place = {"cell": mine[-1].filename[6:-1], "line": mine[-1].lineno} if mine else {"cell": None, "line": None}
    return {"type": jail.reached(error) or _builtin_name(error), "missing": missing, **place}


def _builtin_name(error):
    names = (kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
    return next(names, "Exception")
