"""What the tests share: one warm sandbox, a course directory to grade in, and nbgrader's commands."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import torch

from autograder import course
from autograder.judging.fence.sandbox import shared
from autograder.judging.fence.settings import Settings
from autograder.proof import invariants

# Tests run side by side, one on each core: more threads than cores wait for each other, in what tests start too.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"
# nbgrader finds `alembic` on the path, where an activated environment has it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def settings():
    return Settings(invariants.PATIENT)


@pytest.fixture(scope="session")
def sandbox(settings):
    return shared(settings)


@pytest.fixture
def class_folder(tmp_path):
    return course_folder(tmp_path)


def course_folder(folder: Path) -> Path:
    """A course directory with the course's own configuration and sources, and a gradebook of its own."""
    shutil.copy(course.ROOT / "nbgrader_config.py", folder)
    shutil.copytree(course.ROOT / "source", folder / "source")
    return folder


@dataclass(frozen=True)
class People:
    """An instructor's and a student's folder, each with its own view of one exchange."""

    instructor: Path
    student: Path

    @staticmethod
    def run(folder: Path, *arguments: str) -> str:
        """What an nbgrader command says, which has to end well."""
        process = nbgrader(folder, *arguments)
        assert process.returncode == 0, process.stderr
        return process.stdout + process.stderr


@pytest.fixture
def people(class_folder, tmp_path_factory):
    exchange, student = tmp_path_factory.mktemp("exchange"), tmp_path_factory.mktemp("student")
    exchange.chmod(0o777)
    root = f"c.Exchange.root = {str(exchange)!r}\n"
    with (class_folder / "nbgrader_config.py").open("a") as file:
        file.write(root)
    own = "c = get_config()\nc.CourseDirectory.course_id = 'initialization-normalization-regularization'\n"
    (student / "nbgrader_config.py").write_text(own + root)
    return People(class_folder, student)


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
