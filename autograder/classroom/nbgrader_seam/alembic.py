"""Finds nbgrader's helper where no environment is activated."""

import os
import sys
from pathlib import Path


def put_on_path() -> None:
    """Let nbgrader find `alembic`, which it runs by name: without it a new gradebook has no version, for good."""
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
