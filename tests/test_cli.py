"""The command `course`: what it says of itself, and of what is wrong."""

import pytest
from click.testing import CliRunner

from autograder import course
from autograder.cli import main

RUN = CliRunner()


@pytest.mark.parametrize("command", ["", *main.commands])
def test_every_command_has_help(command):
    result = RUN.invoke(main, [*filter(None, [command]), "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_a_stale_tree_is_an_exit_of_one_with_the_command_that_mends_it(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.build.drift", lambda: ["stale       release/x.ipynb"])
    result = RUN.invoke(main, ["build", "--check"])
    assert result.exit_code == 1
    assert "release/x.ipynb" in result.output and "course build" in result.output


def test_an_unknown_exercise_is_named_with_the_nearest_one():
    result = RUN.invoke(main, ["judge", "ex04_batchnorm"])
    assert result.exit_code == 1
    assert "there is no exercise 'ex04_batchnorm'; did you mean 'ex04_batch_norm'?" in result.output


def test_an_unknown_target_is_named_with_those_that_there_are(tmp_path):
    result = RUN.invoke(main, ["export", "moodlf", "--course-dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "there are: canvas" in result.output


def test_a_folder_that_is_no_course_is_said_to_be_none(tmp_path):
    result = RUN.invoke(main, ["export", "canvas", "--course-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "has no nbgrader_config.py" in result.output
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    result = RUN.invoke(main, ["export", "canvas", "--course-dir", str(tmp_path)])
    assert "there is no gradebook" in result.output
    assert not (tmp_path / "gradebook.db").exists()


def test_the_demo_overwrites_nothing_that_it_did_not_make(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = RUN.invoke(main, ["demo", "--to", str(tmp_path)])
    assert result.exit_code == 1
    assert "is no demo course" in result.output
    assert (tmp_path / "mine.txt").exists()


def test_verdicts_are_shown_as_sentences_and_as_json(tmp_path):
    name = course.names()[0]
    result = RUN.invoke(main, ["judge", name, str(course.ROOT / "release" / name / f"{name}.ipynb"), "--json"])
    assert result.exit_code == 0
    assert '"status": "graded"' in result.output and '"points": 0.0' in result.output


@pytest.mark.parametrize("raw, status", [(b"{", "unreadable"), (b'{"cells": []}', "needs_review")])
def test_a_verdict_for_a_person_is_an_exit_of_one(tmp_path, raw, status):
    (tmp_path / "a.ipynb").write_bytes(raw)
    for path in (tmp_path, tmp_path / "a.ipynb"):
        result = RUN.invoke(main, ["judge", course.names()[0], str(path)])
        assert result.exit_code == 1
        assert status in result.output and "Traceback" not in result.output
