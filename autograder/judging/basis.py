"""Keeps each verdict under the hash of all that it depends on, so that nothing is judged twice."""

import functools
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

from nbformat import NotebookNode, from_dict

from autograder import course
from autograder.judging import secret
from autograder.judging.fence.settings import Settings
from autograder.judging.intake.reading import NoNotebook, read_submission


@functools.cache
def versions() -> dict[str, str]:
    """The versions that a grade depends on."""
    names = ["autograder", "torch", "numpy", "matplotlib", "pandas", "scikit-learn", "ipython", "nbgrader"]
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def judging_code() -> list[Path]:
    """The package's files that judging runs: a change elsewhere (reports, exports, commands) judges nobody again."""
    folders = [course.PACKAGE / "course", course.PACKAGE / "judging"]
    return sorted([course.PACKAGE / "__init__.py", *(path for folder in folders for path in folder.rglob("*.py"))])


@functools.cache
def basis(exercise: str, settings: Settings) -> dict[str, str]:
    """What a verdict depends on beside the submission: versions, settings, and hashes of the code and written files."""
    written = [course.ROOT / "solutions" / f"{exercise}.py", course.hidden_tests(exercise)]
    written.append(course.MISCONCEPTIONS / f"{exercise}.py")
    known = {path.relative_to(course.ROOT).as_posix(): _hash([path], path.parent) for path in written if path.is_file()}
    return versions() | known | {"the package's code": _hash(judging_code(), course.PACKAGE), "settings": str(settings)}


def _hash(paths, root):
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def to_json(notebook: NotebookNode, repairs: list[str]) -> str:
    """What was handed in, as it was read."""
    return json.dumps([notebook, repairs], sort_keys=True)


def from_json(given: str) -> tuple[NotebookNode, list[str]]:
    """The other way."""
    notebook, repairs = json.loads(given)
    return from_dict(notebook), repairs


def key(given: str, rests_on: dict[str, str]) -> str:
    """What the verdict on a submission is kept under; the course's secret is in it, as random numbers rest on that."""
    return hashlib.sha256(f"{secret.get()}\0{json.dumps(rests_on, sort_keys=True)}\0{given}".encode()).hexdigest()


def key_of(folder: Path, exercise: str, settings: Settings) -> str:
    """What the verdict on what was handed in in a folder is kept under, be it a notebook or not."""
    try:
        given = to_json(*read_submission(folder, exercise))
    except NoNotebook as error:
        given = f"{error.status}: {error}"
    return key(given, basis(exercise, settings))
