"""A small class that is judged at a glance: what happens to a submission, without the seconds of its judging."""

import json
import shutil
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from conftest import course_folder, hand_in, nbgrader

from autograder import course
from autograder.classroom import pool
from autograder.classroom.folder import CourseFolder, course_in
from autograder.classroom.verdict_files import read
from autograder.cli import main
from autograder.course import build
from autograder.judging.judge import undecided
from autograder.judging.verdict import TaskResult, Verdict
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SOLVED, STUB = zoo.reference(NAME), zoo.submission(NAME, {})


def judged_at_a_glance(work):
    """What the pool gives: everything for a notebook without stubs, nothing for others, no points without one."""
    if not work.given.text:
        verdict, notebook = undecided(NAME, work.given.status, notes=[work.given.note])
        return verdict.to_json(), json.dumps(notebook)
    share, repairs = "NotImplementedError" not in work.given.text, work.given.notebook()[1]
    tasks = [TaskResult(task.name, float(task.points), float(share * task.points), [])
             for task in course.exercise(NAME).tasks]  # fmt: skip
    return Verdict(NAME, "graded", tasks, repairs).to_json(), json.dumps(build.release_notebook(NAME))


@pytest.fixture(scope="session")
def generated_once(tmp_path_factory):
    folder = course_folder(tmp_path_factory.mktemp("generated"))
    assert nbgrader(folder, "generate_assignment", NAME).returncode == 0
    return folder


@pytest.fixture
def place(generated_once, tmp_path, monkeypatch):
    """A course in which ana's answers are right and ben's notebook is untouched."""
    monkeypatch.setattr(pool, "judge_work", judged_at_a_glance)
    monkeypatch.setattr(pool, "shared", lambda settings: mock.Mock())
    folder = Path(shutil.copytree(generated_once, tmp_path / "course"))
    hand_in(folder, "ana", NAME, SOLVED, "2026-11-20 10:00:00 UTC")
    hand_in(folder, "ben", NAME, STUB, "2026-11-20 10:00:00 UTC")
    return course_in(folder)


def run(place: CourseFolder, *words: str) -> tuple[int, str]:
    """How `course` ends in that course, and what it says."""
    done = CliRunner().invoke(main, [words[0], "--course-dir", str(place.root), *words[1:]], env={"COLUMNS": "120"})
    return done.exit_code, done.output


def verdict(place: CourseFolder, student: str) -> Verdict | None:
    """What is recorded of a student."""
    return read(place.autograded(student, NAME))
