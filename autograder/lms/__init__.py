"""Grades for learning management systems: `course export`, and `nbgrader export --exporter=autograder.lms.Canvas`."""

import importlib

_EXPORTING = ("EVERYTHING", "TARGETS", "Export", "Selection", "export", "save")


def __getattr__(name):
    # The gradebook's libraries take a second to load, and most commands of `course` don't need them.
    if name in _EXPORTING or name[0].isupper():
        return getattr(importlib.import_module(f"{__name__}.{'exporting' if name in _EXPORTING else 'plugins'}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
