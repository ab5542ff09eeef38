"""The page on adding an exercise, followed word by word; and what authors are told of each mistake in its table."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import CourseError, course
from autograder.judging.hidden_tests import memo
from autograder.proof import invariants, zoo

PAGE = (course.ROOT / "docs" / "adding-an-exercise.md").read_text(encoding="utf-8")
NAME = "ex11_weight_decay"
# In order: a file to write, commands to run, or what the commands before have to show.
STEPS = re.findall(r"^(?:[^\n]*Write this to `([\w/.]+)`:\n\n)?```(python|bash|text)\n(.*?)^```$", PAGE, re.M | re.S)
FILES = {path: text for path, kind, text in STEPS if kind == "python"}
TOLD = dict(re.findall(r"^\| ([^|]+) \| `(.+)` \|$", PAGE.partition("## What you are told")[2], re.M))
COPIED = ["autograder", "solutions", "source", "release", "tests/zoo"]


def test_the_page_holds_all_the_files_and_commands_that_are_followed_below():
    folders = ["solutions", "autograder/hidden", "autograder/misconceptions", "tests/zoo/right"]
    assert [str(Path(path).parent) for path in FILES] == folders
    assert sum(kind == "bash" for _, kind, _ in STEPS) == 5
    assert len(TOLD) >= 10


@pytest.fixture
def copy(tmp_path):
    """A copy of the course, in which its commands run."""
    ignore = shutil.ignore_patterns("__pycache__", ".autograder", ".ipynb_checkpoints")
    for folder in COPIED:
        shutil.copytree(course.ROOT / folder, tmp_path / folder, ignore=ignore)
    shutil.copy(course.ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_who_follows_the_page_has_a_graded_class(copy):
    shown = ""
    for path, kind, text in STEPS:
        if kind == "python":
            (copy / path).write_text(text, encoding="utf-8")
        elif kind == "bash":
            shown = _shell(copy, text)
        else:
            assert [line for line in text.splitlines() if line.strip() not in shown] == [], shown
    report = (copy / "report.html").read_text(encoding="utf-8")
    assert "Weight decay" in report and "lets the weight grow" in report


def _shell(folder, commands):
    """What commands show in a shell where the copy's own package comes first; the spaces in it are single."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(
        ["bash", "-ec", commands],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


TEXT, HIDDEN, WRONG, _ = FILES
# The words of the table, a file, and the edit of it that is the mistake.
MISTAKES = [
    ("forgot points", TEXT, ' points={"the sum of squares": 35, "the weights themselves": 5}', ""),
    ("gave points that don't add up", TEXT, 'squares": 35', 'squares": 25'),
    ("misspelt a word", TEXT, 'grades="l2_penalty"', 'grade="l2_penalty"'),
    ("misspelt a task in a mark", HIDDEN, 'task("l2_penalty"', 'task("l2_penality"'),
    ("misspelt a criterion in a mark", HIDDEN, '"the step")', '"the steps")'),
    ("gave a criterion no test", HIDDEN, '"the weights themselves")', '"the sum of squares")'),
    ("took a mistake for worse than it costs", WRONG, 'severity="fundamental"', 'severity="substantial"'),
    (
        "let a probe use the test's variables",
        HIDDEN,
        "weights, 0.3)\n\n    weights",
        "weights, decay)\n\n    decay = 0.3\n    weights",
    ),
    ("edit a text that isn't there", WRONG, 'old="decay / 2 * sum"', 'old="decay * sum"'),
    ("edit a text that is there twice", WRONG, 'old="gradient + decay * weight"', 'old="weight"'),
    ("left the hint empty", WRONG, 'hint="Your penalty', 'hint="", # "Your penalty'),
    ("have a misconception that no test fails", WRONG, 'new="decay * sum"', 'new="(decay / 2) * sum"'),
    (
        "have a test that no misconception fails",
        WRONG,
        'new="weight -= rate *',
        'new="weight = weight - 2 * rate *',
    ),
    ("wrote a test that your own answer fails", HIDDEN, "assert_close(student(probe, weight), weight)", "assert False"),
    # What is in no table, because the message says it all.
    ("left a syntax error in the text", TEXT, "return weight - rate", "return weight - * rate"),
    ("imported what is not there", TEXT, "import torch", "import torhc"),
    ("wrote a test without a mark", HIDDEN, '@mark.task("l2_penalty", "the sum of squares")\n', ""),
    ("left a syntax error in the tests", HIDDEN, "def probe(answer, weights):", "def probe(answer, weights)"),
    ("left a task without tests", HIDDEN, "def test_the_squares", "def the_squares"),
    ("left out the hint", WRONG, 'hint="Your weight', '# hint="Your weight'),
    ("edited a text to what is no Python", WRONG, 'new="decay * sum"', 'new="decay * * sum"'),
    ("left a syntax error in the misconceptions", WRONG, "MISCONCEPTIONS = [", "MISCONCEPTIONS = "),
    ("misspelt a forbidden name", HIDDEN, "import assert_close", 'import assert_close\n\nFORBIDDEN = {"l2": None}'),
]
ALONE = {
    "left a syntax error in the text": ["solutions/", "line 35", "line 4 of the cell is no Python"],
    "imported what is not there": ["solutions/", "the cell that begins 'import torhc'", "No module named 'torhc'"],
    "wrote a test without a mark": ["hidden/", "line 9", 'write @mark.task("...", "...")', "l2_penalty, decayed_step"],
    "left a syntax error in the tests": ["hidden/", "line 11", "SyntaxError: expected ':'"],
    "left a task without tests": ["no test is about 'the sum of squares' of l2_penalty"],
    "left out the hint": ["misconceptions/", "line 31", "argument: 'hint'"],
    "edited a text to what is no Python": ["misconceptions/", "line 7", "'takes the whole decay'", "no Python"],
    "left a syntax error in the misconceptions": ["misconceptions/", "line 47", "SyntaxError: unmatched ']'"],
    "misspelt a forbidden name": ["FORBIDDEN", "no solution defines 'l2'"],
}


def test_every_row_of_the_table_is_tried():
    assert set(TOLD) == {words for words, *_ in MISTAKES} - set(ALONE)


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[words for words, *_ in MISTAKES])
def test_a_mistake_is_told_with_its_place_and_mend(number, tmp_path, monkeypatch, settings):
    words, path, old, new = MISTAKES[number]
    name = NAME.replace("11", str(20 + number))  # what is kept of one name must not answer for another
    _write(tmp_path, name, FILES | {path: _edited(FILES[path], old, new)})
    for module, attribute, folder in [
        (course, "ROOT", "."),
        (course, "HIDDEN", "autograder/hidden"),
        (course, "MISCONCEPTIONS", "autograder/misconceptions"),
        (zoo, "ZOO", "tests/zoo"),
        (memo, "FOLDER", "kept"),
    ]:
        monkeypatch.setattr(module, attribute, tmp_path / folder)
    told = _told(name, settings).replace(name, NAME)
    for part in ALONE.get(words) or [TOLD[words]]:
        assert part in told
    assert "Traceback" not in told


def _edited(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def _write(folder, name, files):
    shutil.copy(course.ROOT / "nbgrader_config.py", folder)
    for path, text in files.items():
        target = folder / path.replace(NAME, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _told(name, settings):
    try:
        found = list(invariants.check(name, settings))
    except CourseError as error:
        return str(error)
    return "\n".join(problem for one in found for problem in one.problems)
