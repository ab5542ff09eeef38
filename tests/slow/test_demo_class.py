"""The demo class, all of it: `course grade` leaves what nbgrader's own command leaves. `.ci/run` runs this."""

import shutil

from rich.console import Console
from test_grading import results, run

from autograder import demo
from autograder.grades import gradebook


def test_course_grade_leaves_what_autograde_leaves_row_by_row_and_file_by_file(tmp_path):
    theirs, ours = tmp_path / "autograde", tmp_path / "grade"
    demo.run(theirs, Console(quiet=True))
    shutil.copytree(theirs, ours, ignore=shutil.ignore_patterns("autograded", "feedback", ".autograder"))
    with gradebook(ours) as book:
        for handed_in in ours.glob("submitted/*/*/"):
            book.remove_submission(handed_in.name, handed_in.parent.name)
    assert results(ours) == ([], [], {})
    assert run(ours, "grade", "--jobs", "2").returncode == 1  # some need a person
    expected = results(theirs)
    assert len({row[0] for row in expected[0]}) > 70
    assert results(ours) == expected
