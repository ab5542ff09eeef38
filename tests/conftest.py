"""What the tests share: one warm sandbox, a course directory to grade in, and nbgrader's commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch

from autograder import course
from autograder.sandbox import Sandbox

# Tests run side by side, one on each core.
torch.set_num_threads(1)
# nbgrader finds `alembic` on the path, where an activated environment has it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox() as box:
        yield box


@pytest.fixture
def class_folder(tmp_path):
    return course_folder(tmp_path)


def course_folder(folder: Path) -> Path:
    """A course directory with the course's own configuration and sources, and a gradebook of its own."""
    shutil.copy(course.ROOT / "nbgrader_config.py", folder)
    shutil.copytree(course.ROOT / "source", folder / "source")
    return folder


def hand_in(folder: Path, student: str, exercise: str, notebook, stamp: str = "") -> Path:
    """Put a notebook where nbgrader collects it."""
    path = folder / "submitted" / student / exercise
    path.mkdir(parents=True)
    nbformat.write(notebook, path / f"{exercise}.ipynb")
    if stamp:
        (path / "timestamp.txt").write_text(stamp)
    return path


def nbgrader(folder: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    """Run an nbgrader command in a course directory, as an instructor types it."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)


def build_site(docs: Path, site: Path, builder: str = "html") -> subprocess.CompletedProcess:
    """Build the documentation as `make docs` does."""
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fresh-env", "--fail-on-warning", "--keep-going"]
    return subprocess.run([*command, "-b", builder, docs, site], capture_output=True, text=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build_site(course.ROOT / "docs", folder)
    assert done.returncode == 0, done.stderr
    return folder
