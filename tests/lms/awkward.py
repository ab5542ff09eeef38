"""The class of people on whom exporters fail, and the systems' downloads that know them."""

import atexit
import functools
import io
import shutil
import tempfile
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from nbgrader.api import Gradebook

from autograder.classroom.grade import Row, Task

EXERCISE = "ex04_batch_norm"
HERE = Path(__file__).parent
GOLDEN = HERE / "golden"


def row(student, points="90", first="Ada", last="Lovelace", lms_id="", email=None, most="100", **more):
    """A row of the exercise; `points` of two tasks, of which the first is worth 30."""
    points = None if points is None else Decimal(points)
    tasks = () if points is None else tuple(_tasks(points))
    email = f"{student}@x.org" if email is None else email
    more = {"tasks": tasks, "due": datetime(2026, 11, 20), **more}
    return Row(student, first, last, email, lms_id, EXERCISE, points, Decimal(most), **more)


def _tasks(points):
    yield Task("forward", float(min(points, 30)), 30)
    yield Task("state", float(max(points - 30, 0)), 70)


CLASS = [
    row("jose", "82.5", "José", "Núñez", lms_id="s1"),
    row("0012", "0", "Pat", "O'Hara, Jr.", email="pat@x.org"),
    row("sam", "99.99", 'Sam "the"', "Smith"),
    row("evil", "100", "=HYPERLINK(1)", "=1+1", lms_id="s5"),
    row("ming", "7.10", "明", "王\\", lms_id="s6"),
    row("ali", "33.33", "علي 😀", "محمد", lms_id="s7"),
    row("=1+1", "50", "@at", "-minus", email="+49@x.org"),
]
MAXIMA = {EXERCISE: Decimal(100)}


@functools.cache
def _empty():
    # Making a gradebook starts another program and takes a second; copying one does not.
    path = Path(tempfile.mkdtemp()) / "gradebook.db"
    atexit.register(shutil.rmtree, path.parent)
    Gradebook(f"sqlite:///{path}").close()
    return path


def gradebook(folder):
    """A new gradebook in a new course folder."""
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    shutil.copy(_empty(), folder)
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


def template(name):
    """A system's download that knows the class (but for its last member), as bytes."""
    [path] = (HERE / "templates").glob(f"{name}.[a-z]*")
    data = path.read_bytes()
    if name.startswith("oneroster"):
        return zipped(data.decode())
    # Blackboard's tables are UTF-16, which no reviewer can read in a diff.
    return data.decode().encode("utf-16") if name == "blackboard" else data


def zipped(text):
    """The zip of the tables that stand one below the other, each under its name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in text.split("== ")[1:]:
            archive.writestr(*part.split("\n", 1))
    return out.getvalue()
