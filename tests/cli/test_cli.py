"""The command `course`: what it says of itself, and of what is wrong."""

import itertools
import re
import shlex
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from autograder import CourseError, course
from autograder.cli import main, options

RUN = CliRunner()
COMPLETE = BashComplete(main, {}, "course", "_COURSE_COMPLETE").get_completions


def _commands(command=main, path=()):
    """Every command by the words that call it, groups and `course` itself included."""
    found = {path: command}
    for name, inner in getattr(command, "commands", {}).items():
        found |= _commands(inner, (*path, name))
    return found


COMMANDS = _commands()
RUNNABLE = {path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)}


def _words(path):
    return " ".join(["course", *path])


@pytest.mark.parametrize("path", COMMANDS, ids=_words)
def test_every_command_shows_an_example_that_can_be_parsed(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = RUN.invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    examples = re.findall(r"^ +(course .+)$", COMMANDS[path].help.replace("\\\n", " "), re.MULTILINE)
    assert any(example.startswith(_words(path)) for example in examples)
    for example in examples:
        _parse(main, shlex.split(example)[1:])


def _parse(command, words):
    for word in words:
        if re.search(r"\.(csv|ipynb)$", word):
            path = Path(word)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    if "--help" in words:
        return
    context = command.make_context("course", list(words))
    if isinstance(command, click.Group):
        _, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        _parse(inner, rest)


@pytest.mark.parametrize("path", [(), *RUNNABLE], ids=_words)
def test_every_command_says_what_its_exit_status_means(path):
    assert re.search(r"Exit status: 0 \w+", RUN.invoke(main, [*path, "--help"]).output)


@pytest.mark.parametrize("path", COMMANDS, ids=_words)
def test_every_command_and_option_says_what_it_is_for(path):
    help_ = COMMANDS[path].get_short_help_str(80)
    assert help_.endswith(".") and not help_.endswith("...")
    options = [one for one in COMMANDS[path].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_course_alone_lists_every_command_once_in_the_order_of_a_day():
    output = RUN.invoke(main, []).output
    listed = list(itertools.chain(*options.SECTIONS.values()))
    assert sorted(listed) == sorted(main.commands), "put new commands into autograder.cli.options.SECTIONS"
    assert [line.split()[0] for line in output.splitlines() if re.match(r"  [a-z]+  +[A-Z]", line)] == listed
    assert [title for title in options.SECTIONS if f"{title}:" not in output] == []


@pytest.mark.parametrize("words", [["judge"], ["grade"], ["explain", "ana"], ["export", "canvas"], ["check"]])
def test_exercises_are_completed(words):
    assert [item.value for item in COMPLETE(words, "ex0")] == [
        name for name in course.names() if name.startswith("ex0")
    ]


@pytest.mark.parametrize("words", [["explain"], ["grade", "--student"], ["export", "canvas", "--student"]])
def test_students_who_handed_in_are_completed(words, tmp_path, monkeypatch):
    for student in ("ana", "anton", "ben"):
        (tmp_path / "submitted" / student).mkdir(parents=True)
    inside = [words[0], "--course-dir", str(tmp_path), *words[1:]]
    assert [item.value for item in COMPLETE(inside, "an")] == ["ana", "anton"]
    monkeypatch.chdir(tmp_path)
    assert [item.value for item in COMPLETE(words, "b")] == ["ben"]


@pytest.mark.parametrize(
    ("error", "status", "shown"),
    [
        (CourseError("solutions/ex99.py: mend this"), 1, "Error: solutions/ex99.py: mend this\n"),
        (PermissionError(13, "Permission denied", "source"), 1, "Error: [Errno 13] Permission denied: 'source'\n"),
        (KeyError("points"), 3, "Error: KeyError: 'points'\n`course --debug build ...`"),
    ],
)
def test_an_error_is_a_sentence_and_a_traceback_only_with_debug(error, status, shown, monkeypatch):
    def fail():
        raise error

    monkeypatch.setattr("autograder.course.build.write", fail)
    result = RUN.invoke(main, ["build"])
    assert result.exit_code == status
    assert result.output.startswith(shown) and "Traceback" not in result.output
    assert RUN.invoke(main, ["--debug", "build"]).exception is error


def test_what_cannot_be_graded_at_all_is_an_exit_of_two(tmp_path):
    result = RUN.invoke(main, ["grade", "--course-dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "has no nbgrader_config.py" in result.output


def test_a_stale_tree_is_an_exit_of_one_with_the_command_that_mends_it(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.build.drift", lambda: ["stale       release/x.ipynb"])
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
