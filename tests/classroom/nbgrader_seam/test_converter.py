"""The stock nbgrader commands grade with the judge, and a kill leaves nothing behind that counts."""

import csv
import datetime
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import course_folder, hand_in, nbgrader
from nbgrader.api import Gradebook

from autograder import course
from autograder.proof import zoo

NAME = "ex04_batch_norm"


def wrong(words):
    return next(wrong for wrong in course.misconceptions(NAME) if words in wrong.name)


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = course_folder(tmp_path_factory.mktemp("generated"))
    assert nbgrader(folder, "generate_assignment", NAME).returncode == 0
    return folder


@pytest.fixture
def released(generated, tmp_path):
    """A course folder of one's own with the released assignment."""
    return Path(shutil.copytree(generated, tmp_path / "course"))


def scores(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.assignment_submissions(NAME)
        }


def times(folder):
    """When the submissions came, as late penalties have it."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        return {submission.timestamp for submission in book.assignment_submissions(NAME)}


def verdict(folder, student):
    return json.loads((folder / "autograded" / student / NAME / "verdict.json").read_text())


def test_a_class_is_graded_with_partial_credit_feedback_and_exports(released):
    mistake = course.misconceptions(NAME)[0]
    loud = "import sys, warnings\nwarnings.warn('deprecated')\nprint('noise', file=sys.stderr)\n"
    noisy = zoo.reference(NAME)
    noisy.cells.insert(2, zoo.new_code_cell(loud, id="loud"))
    for student, notebook in {
        "ana": zoo.reference(NAME), "bob": zoo.wrong(NAME, mistake), "cy": zoo.submission(NAME, {}), "dee": noisy,
    }.items():  # fmt: skip
        hand_in(released, student, NAME, notebook, "2026-11-20 10:00:00 +0100")
    done = nbgrader(released, "autograde", NAME)
    assert done.returncode == 0, done.stderr

    found = scores(released)
    assert times(released) == {datetime.datetime(2026, 11, 20, 9)}
    exercise = course.exercise(NAME)
    assert found["ana"] == {task.name: float(task.points) for task in exercise.tasks}
    assert sum(found["cy"].values()) == 0
    assert found["dee"] == found["ana"]
    assert {task for task in found["ana"] if found["bob"][task] < found["ana"][task]} == {mistake.task}

    known = verdict(released, "bob")
    lost = next(task for task in known["tasks"] if task["name"] == mistake.task)
    earned = round(sum(one["points"] for one in lost["criteria"]), 2)
    assert lost["points"] == found["bob"][mistake.task] == earned < lost["max_points"]
    named = {"name": mistake.name, "hint": mistake.hint, "partly": False}
    assert (known["status"], lost["mistakes"]) == ("graded", [named])
    assert known["versions"]["torch"].startswith("2.13.0")
    assert 0 <= known["seed"] < 16
    assert all(test["sentence"] for task in known["tasks"] for test in task["tests"])

    assert nbgrader(released, "generate_feedback", NAME).returncode == 0
    page = (released / "feedback" / "bob" / NAME / f"{NAME}.html").read_text()
    failed = next(test for test in lost["tests"] if test["outcome"] == "failed")
    for text in (failed["sentence"], mistake.name, "✓", "✗"):
        assert text in page
    for text in ("def test_", "def probe", "Traceback (most", "assert_close", "autograder/"):
        assert text not in page

    assert nbgrader(released, "export", "--to", "stock.csv").returncode == 0
    with (released / "stock.csv").open() as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == {
            student: sum(tasks.values()) for student, tasks in found.items()
        }
    assert nbgrader(released, "export", "--exporter=autograder.lms.Canvas", "--to=canvas.csv").returncode == 0
    assert (released / "canvas.csv").read_text().splitlines()[2] == "ana,,,ana,,100"


@pytest.mark.slow
def test_a_kill_in_mid_grading_leaves_nothing_that_the_next_run_skips(released):
    slow = zoo.reference(NAME)
    slow.cells.insert(2, zoo.new_code_cell("import time\ntime.sleep(20)", id="slow"))
    hand_in(released, "ana", NAME, zoo.reference(NAME), "2026-11-20 10:00:00 UTC")
    path = hand_in(released, "bob", NAME, slow, "2026-11-20 10:00:00 UTC")
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", "autograde", NAME], cwd=released, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if "Sanitizing" in line and "bob" in line:
            time.sleep(0.5)
            process.send_signal(signal.SIGKILL)
    process.wait()
    assert (released / "autograded" / "bob" / NAME).is_dir()

    shutil.rmtree(path)
    hand_in(released, "bob", NAME, zoo.reference(NAME), "2026-11-20 10:00:00 UTC")
    done = nbgrader(released, "autograde", NAME)
    assert done.returncode == 0
    assert "was interrupted, or could not be judged: judging it again" in done.stderr
    assert "Skipping existing assignment" in done.stderr and "ana: " not in done.stderr
    assert sum(scores(released)["bob"].values()) == 100


BREAK_THE_GRADER = """
from autograder.judging import judge
from autograder.judging.intake import given

def read_submission(path, name, read=given.read_submission):
    if "ana" in str(path):
        raise RuntimeError("the grader has a bug")
    return read(path, name)

def judge_given(what, name, sandbox, seconds, judge=judge.judge_given):
    if "bob" in what.text:
        sandbox._server.kill()
        sandbox._server.wait()
    return judge(what, name, sandbox, seconds)

given.read_submission, judge.judge_given = read_submission, judge_given
"""


@pytest.mark.slow
def test_a_failure_of_the_grader_is_never_the_students(released):
    """ana's judging meets a bug, bob's loses its sandbox, cy's is sound and worth nothing."""
    (released / "broken.py").write_text(BREAK_THE_GRADER)
    with (released / "nbgrader_config.py").open("a") as file:
        file.write("import sys\nsys.path.insert(0, '.')\nimport broken\n")
    named = zoo.reference(NAME)
    named.cells.append(zoo.new_code_cell("# bob"))
    for student, notebook in {"ana": zoo.reference(NAME), "bob": named, "cy": zoo.submission(NAME, {})}.items():
        hand_in(released, student, NAME, notebook)
    done = nbgrader(released, "autograde", NAME)
    assert done.returncode == 1
    for student, cause in {"ana": "RuntimeError: the grader has a bug", "bob": "the sandbox server is gone"}.items():
        assert set(scores(released)[student].values()) == {None}
        known = verdict(released, student)
        assert (known["status"], known["points"], known["notes"]) == ("needs_review", None, [])
        assert cause in known["failure"]
        assert f"{student}: needs_review: the grader failed: {known['failure']}" in done.stderr
    assert set(scores(released)["cy"].values()) == {0}
    assert verdict(released, "cy")["status"] == "graded"
    assert "cy: needs_review" not in done.stderr

    assert nbgrader(released, "generate_feedback", NAME).returncode == 0
    pages = {
        student: (released / "feedback" / student / NAME / f"{NAME}.html").read_text() for student in ("ana", "cy")
    }
    assert "Something in the grader failed, not in your answers" in pages["ana"]
    assert "has a bug" not in pages["ana"] and "<b>0</b> of" not in pages["ana"]
    assert "<b>0</b> of 100 points" in pages["cy"] and "grader failed" not in pages["cy"]

    assert nbgrader(released, "export", "--exporter=autograder.lms.Canvas", "--to=canvas.csv").returncode == 0
    assert [line.split(",")[0] for line in (released / "canvas.csv").read_text().splitlines()[2:]] == ["cy"]


def test_a_verdict_that_a_student_hands_in_counts_for_nothing(released):
    path = hand_in(released, "ana", NAME, zoo.submission(NAME, {}))
    (path / "verdict.json").write_text('{"points": 100}')
    assert nbgrader(released, "autograde", NAME).returncode == 0
    assert verdict(released, "ana")["points"] == 0


@pytest.mark.slow
def test_regrading_without_walls_says_so_in_the_verdict(released):
    hand_in(released, "ana", NAME, zoo.reference(NAME))
    assert nbgrader(released, "autograde", NAME, "--JudgeSubmission.unsafe_no_jail=True").returncode == 0
    assert verdict(released, "ana")["jail"] == "none"
    assert verdict(released, "ana")["points"] == 100
