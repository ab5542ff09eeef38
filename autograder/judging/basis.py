"""Keeps each verdict under the hash of all that it depends on, so that nothing is judged twice."""

import functools
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

from autograder import course
from autograder.judging import secret
from autograder.judging.fence.settings import Settings


@functools.cache
def versions() -> dict[str, str]:
    """The versions that a grade depends on."""
    names = ["autograder", "torch", "numpy", "matplotlib", "pandas", "scikit-learn", "ipython", "nbgrader"]
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def judging_code() -> list[Path]:
    """The package's files that judging runs: a change elsewhere (reports, exports, commands) judges nobody again."""
    folders, files = [course.PACKAGE / "course", course.PACKAGE / "judging"], ["__init__.py", "files.py"]
    return sorted(
        [*map(course.PACKAGE.joinpath, files), *(path for folder in folders for path in folder.rglob("*.py"))]
    )


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


def key(given: str, rests_on: dict[str, str]) -> str:
    """What the verdict on a submission is kept under; the course's secret is in it, as random numbers rest on that."""
    return hashlib.sha256(f"{secret.get()}\0{json.dumps(rests_on, sort_keys=True)}\0{given}".encode()).hexdigest()
