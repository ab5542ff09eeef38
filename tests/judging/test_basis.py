"""What a verdict rests on: the hash covers exactly the modules that judging loads, found by judging."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder import course
from autograder.judging.basis import judging_code
from autograder.proof import zoo

NAME = "ex04_batch_norm"
# Judges a notebook, then prints which files of the package this process has loaded.
LOADED = """
import pathlib, sys
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.judge import judge_file

name, notebook = sys.argv[1:]
with Sandbox() as sandbox:
    assert judge_file(pathlib.Path(notebook), name, sandbox, Seconds(120, 60, 900))[0].points == 100
print(*(getattr(module, "__file__", None) for module in list(sys.modules.values())), sep=chr(10))
"""
WORKER = course.PACKAGE / "judging" / "fence" / "worker"
# What a stub says stands in nbgrader_config.py, which imports these for nbgrader's own commands; judging calls none.
SEAM = course.PACKAGE / "classroom" / "nbgrader_seam"
CONFIGURED = {SEAM.parent / "__init__.py", *(SEAM / f"{name}.py" for name in ("__init__", "alembic", "stock", "times"))}
KEY = f"""
from autograder.judging import basis
from autograder.judging.fence.settings import Settings
print(basis.key("", basis.basis({NAME!r}, Settings())))
"""


def test_the_hash_covers_exactly_what_judging_loads(tmp_path):
    nbformat.write(zoo.reference(NAME), tmp_path / "answer.ipynb")
    command = [sys.executable, "-c", LOADED, NAME, str(tmp_path / "answer.ipynb")]
    ours = subprocess.check_output(command, text=True).splitlines()
    # The student's side hides what it has loaded; Python says it while that program starts, and fails for want of more.
    started = subprocess.run([sys.executable, "-I", "-v", WORKER], capture_output=True, text=True).stderr
    theirs = re.findall(r"^# (?:.* matches|code object from) '?(.+?\.py)'?$", started, re.MULTILINE)
    loaded = {path for path in map(Path, [*ours, *theirs]) if path.is_relative_to(course.PACKAGE)}
    assert loaded - {course.hidden_tests(NAME)} - CONFIGURED == set(judging_code())


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the course, to be edited, and the key of an answer there."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("autograder", "solutions"):
        shutil.copytree(course.ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder, _key(folder)


def _key(folder):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.check_output([sys.executable, "-c", KEY], text=True, cwd=folder, env=environment)


@pytest.mark.parametrize(
    ("path", "judges_again"),
    [
        ("autograder/proof/demo.py", False),
        ("autograder/classroom/pool.py", False),
        ("autograder/misconceptions/ex05_normalization.py", False),
        ("autograder/judging/judge.py", True),
        ("autograder/judging/fence/worker/wire.py", True),
        ("autograder/misconceptions/ex04_batch_norm.py", True),
        ("solutions/ex04_batch_norm.py", True),
    ],
)
def test_a_blank_line_judges_again_where_judging_reads_it(path, judges_again, copy):
    folder, before = copy
    text = (folder / path).read_text(encoding="utf-8")
    (folder / path).write_text(text + "\n", encoding="utf-8")
    try:
        assert (_key(folder) != before) == judges_again
    finally:
        (folder / path).write_text(text, encoding="utf-8")
