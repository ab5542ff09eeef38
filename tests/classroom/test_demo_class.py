"""The demo class, all of it: `course grade` leaves what nbgrader's own command leaves."""

import re
import shutil

import pytest
from rich.console import Console
from test_grading import results, run

from autograder.classroom.gradebook import gradebook
from autograder.proof import demo


@pytest.mark.slow
def test_course_grade_leaves_what_autograde_leaves_row_by_row_and_file_by_file(tmp_path):
    theirs, ours = tmp_path / "autograde", tmp_path / "grade"
    demo.run(theirs, Console(quiet=True))
    shutil.copytree(theirs, ours, ignore=shutil.ignore_patterns("autograded", "feedback", ".autograder"))
    with gradebook(ours) as book:
        for handed_in in ours.glob("submitted/*/*/"):
            book.remove_submission(handed_in.name, handed_in.parent.name)
    assert results(ours) == ([], [], {})
    done = run(ours, "grade", "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    (*rows, files), (*expected_rows, expected_files) = results(ours), results(theirs)
    assert len({row[0] for row in rows[0]}) > 70
    assert rows == expected_rows
    assert blurred(files) == blurred(expected_files)


def blurred(files):
    """Without what a student's cell prints of numbers that it draws, which are others in every run."""
    drawn = re.compile(r" *-?\d+\.\d+(e[-+]\d+)?")
    return {name: text if isinstance(text, dict) else drawn.sub("#", text) for name, text in files.items()}
