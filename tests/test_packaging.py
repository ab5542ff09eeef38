"""Set-up: what is pinned, what a wheel holds, and that it all works without an activated environment."""

import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distributions, requires
from importlib.metadata import distribution as installed
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from autograder import course

OLDEST = Version("3.11.0")
PINS = {
    canonicalize_name(line.partition("==")[0]): line.partition("==")[2]
    for line in (course.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if "==" in line
}


def needed(name: str, extras: tuple[str, ...], found: set[str]) -> set[str]:
    """The names of what a package brings with it on the oldest Python, and what those bring."""
    for text in requires(name) or []:
        one = Requirement(text)
        here = {"python_version": "3.11", "python_full_version": str(OLDEST)}
        wanted = one.marker is None or any(one.marker.evaluate({**here, "extra": extra}) for extra in ("", *extras))
        key = canonicalize_name(one.name)
        if wanted and (key not in found or one.extras):
            found.add(key)
            try:
                needed(one.name, tuple(one.extras), found)
            except PackageNotFoundError:
                continue  # not for this Python: its own needs can't be read here
    return found


def test_all_that_set_up_brings_is_pinned_and_nothing_else():
    assert needed("autograder", ("dev",), set()) == set(PINS)


def test_every_pin_installs_on_the_oldest_python_that_is_promised():
    assert installed("autograder").metadata["Requires-Python"] == ">=3.11"
    names = {canonicalize_name(one.name) for one in distributions()} & set(PINS)
    here = {name: installed(name) for name in names}
    assert {name: Version(one.version).public for name, one in here.items()} == {name: PINS[name] for name in names}
    asked = {name: one.metadata["Requires-Python"] or "" for name, one in here.items()}
    assert {name: text for name, text in asked.items() if OLDEST not in SpecifierSet(text)} == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What `pip install .` installs, unpacked."""
    clone, folder = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("installed")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(course.ROOT / name, clone)
    shutil.copytree(course.PACKAGE, clone / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        clone,
    ]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as packed:
        packed.extractall(folder)
    return folder


def plain(wheel, folder, *arguments, **variables):
    """`course` as it is installed without --editable, in a folder."""
    program = "import sys; from autograder.cli import main; main(sys.argv[1:], 'course')"
    command = [sys.executable, "-P", "-c", program, *arguments]
    environment = os.environ | {"PYTHONPATH": str(wheel)} | variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_a_wheel_holds_the_engine_and_nothing_of_the_course(wheel):
    content = {"hidden", "misconceptions", "__pycache__"}
    ours = [path.relative_to(course.PACKAGE) for path in course.PACKAGE.rglob("*") if path.is_file()]
    held = {path.relative_to(wheel / "autograder") for path in (wheel / "autograder").rglob("*") if path.is_file()}
    assert held == {path for path in ours if not content & set(path.parts)}


@pytest.mark.slow
def test_an_installed_package_finds_the_clone_that_it_is_used_in(wheel):
    done = plain(wheel, course.ROOT / "docs", "judge", "ex04_batch_norm")
    assert "ex04_batch_norm: 100 of 100 points" in done.stdout, done.stderr


@pytest.mark.slow
def test_where_no_clone_is_that_is_said_with_what_to_do(wheel, tmp_path):
    for words in (["build", "--check"], ["judge", "ex04_batch_norm"], ["demo"]):
        done = plain(wheel, tmp_path, *words)
        assert done.returncode == 1 and "lies in no clone" in done.stderr and "--editable" in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_tab_key_is_silent_where_no_clone_is(wheel, tmp_path):
    typed = {"_COURSE_COMPLETE": "bash_complete", "COMP_WORDS": "course judge ", "COMP_CWORD": "2"}
    for folder, first in ((course.ROOT, "plain,ex01_gradient_flow"), (tmp_path, "")):
        done = plain(wheel, folder, **typed)
        assert (done.stdout.partition("\n")[0], done.stderr) == (first, "")


def test_nbgrader_and_course_need_no_activated_environment(class_folder):
    folder, environment = Path(sys.executable).parent, os.environ | {"PATH": "/usr/bin:/bin"}
    for command in (["nbgrader", "generate_assignment", "ex04_batch_norm"], ["course", "--help"]):
        done = subprocess.run(
            [folder / command[0], *command[1:]], cwd=class_folder, env=environment, text=True, stderr=-1
        )
        assert done.returncode == 0, done.stderr
    versions = sqlite3.connect(class_folder / "gradebook.db").execute("SELECT version_num FROM alembic_version")
    assert len(versions.fetchall()) == 1
