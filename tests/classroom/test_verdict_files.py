"""A verdict on disk is read as it was written, or it is noticed that it is not."""

import json
import shutil

import pytest
from click.testing import CliRunner
from conftest import course_folder, hand_in, nbgrader

from autograder.classroom.verdict_files import FILE, read, write
from autograder.cli import main
from autograder.judging.verdict import EDITED, UNSEALED, TaskResult, TestResult, Verdict
from autograder.proof import zoo

SEALED = Verdict("x", "graded", [TaskResult("a", 10, 5.0, [TestResult("test_it_holds", "failed", "no", "1", "2")])])


@pytest.fixture
def written(tmp_path):
    """A verdict as it lies beside ana's notebook."""
    write(SEALED, tmp_path / "ana" / "x")
    return tmp_path / "ana" / "x" / FILE


def test_what_is_written_is_read_whatever_its_layout(written):
    assert read(written.parent) == SEALED
    written.write_text(json.dumps(json.loads(written.read_text()), sort_keys=True))
    assert read(written.parent) == SEALED
    assert read(written.parents[1]) is None


@pytest.mark.parametrize(
    ("old", "new"), [('"points": 5.0', '"points": 9.0'), ('"failed"', '"passed"'), ("{", ""), ('"tasks"', '"task"')]
)
def test_what_is_changed_by_hand_is_noticed_and_nothing_of_it_is_used(written, old, new):
    written.write_text(written.read_text().replace(old, new, 1))
    found = read(written.parent)
    assert (found.edited, found.needs_person, found.tasks, found.causes) == (True, True, [], [EDITED])


def test_the_verdict_of_somebody_else_is_noticed(written):
    shutil.copytree(written.parents[1], written.parents[2] / "bob")
    assert read(written.parents[2] / "bob" / "x").edited


def test_a_verdict_from_before_there_were_seals_is_read_and_says_so(written):
    data = json.loads(written.read_text())
    del data["seal"], data["seconds"]
    written.write_text(json.dumps(data))
    found = read(written.parent)
    assert (found.doubt, found.edited, found.needs_person) == (UNSEALED, False, False)
    assert found.tasks == SEALED.tasks and "doubt" not in found.to_json()


NAME = "ex04_batch_norm"


@pytest.fixture(scope="module")
def tampered(tmp_path_factory):
    """A graded course in which somebody gave a student without an answer points, in the file beside the notebook."""
    folder = course_folder(tmp_path_factory.mktemp("tampered"))
    hand_in(folder, "ana", NAME, zoo.submission(NAME, {}))
    assert nbgrader(folder, "generate_assignment", NAME).returncode == 0
    assert nbgrader(folder, "autograde", NAME).returncode == 0
    path = folder / "autograded" / "ana" / NAME / FILE
    path.write_text(path.read_text().replace('"points": 0.0', '"points": 30.0'))
    return folder


def test_feedback_tells_the_student_nothing_of_a_changed_verdict_and_the_instructor_that_it_is_changed(tampered):
    done = nbgrader(tampered, "generate_feedback", NAME)
    assert done.returncode == 0
    assert EDITED in done.stderr and f"course regrade {NAME} --apply" in done.stderr
    page = (tampered / "feedback" / "ana" / NAME / f"{NAME}.html").read_text()
    assert "This result is being checked by your instructor." in page
    assert "points" not in page.split("</style>")[1] and "verdict.json" not in page


def test_explain_and_regrade_say_that_a_verdict_was_changed_and_regrade_makes_it_anew(tampered):
    where = ["--course-dir", str(tampered)]
    explained = CliRunner().invoke(main, ["explain", "ana", NAME, *where])
    assert explained.exit_code == 1
    assert EDITED in explained.output and f"course regrade {NAME} --apply" in explained.output
    shown = CliRunner().invoke(main, ["regrade", NAME, *where])
    assert f"{NAME}, ana: {EDITED}" in shown.output and "Nothing is recorded yet" in shown.output
    assert read(tampered / "autograded" / "ana" / NAME).edited
    assert CliRunner().invoke(main, ["regrade", NAME, "--apply", *where]).exit_code == 0
    found = read(tampered / "autograded" / "ana" / NAME)
    assert (found.doubt, found.points) == ("", 0.0)
    (kept,) = tampered.glob(f".autograder/replaced/{NAME}/ana/*.json")
    assert "30.0" in json.dumps(json.loads(kept.read_text())["verdict"])
