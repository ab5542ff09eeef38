"""`course grade`: the same as `nbgrader autograde`, in parallel, and nothing twice or lost."""

import contextlib
import errno
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from pathlib import Path
from unittest import mock

import psutil
import pytest
from click.testing import CliRunner
from conftest import course_folder, hand_in, nbgrader

from autograder import CourseError, course
from autograder.classroom import pool, submissions
from autograder.classroom.folder import course_in
from autograder.classroom.gradebook import gradebook
from autograder.classroom.nbgrader_seam.recorder import grade
from autograder.classroom.run import locked
from autograder.classroom.verdict_files import FILE
from autograder.cli import main
from autograder.judging import basis
from autograder.judging.verdict import from_json
from autograder.proof import zoo

NAME = "ex04_batch_norm"
COURSE = [sys.executable, "-c", "from autograder.cli import main; main()"]
# Made anew by each run, and not the same even in two runs of nbgrader.
PASSING = {"id", "cell_id", "notebook_id", "assignment_id", "rubric_id"}


def run(folder, *arguments, **options):
    return subprocess.run([*COURSE, *arguments], cwd=folder, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Four students: right and late, wrong, right, and one whose file is no notebook."""
    class_folder = course_folder(tmp_path_factory.mktemp("prepared"))
    wrong = next(one for one in course.misconceptions(NAME) if one.name == "keeps the biased variance")
    hand_in(class_folder, "ana", NAME, zoo.reference(NAME), "2026-11-24 10:00:00 UTC")
    hand_in(class_folder, "ben", NAME, zoo.wrong(NAME, wrong), "2026-11-19 10:00:00 UTC")
    hand_in(class_folder, "cleo", NAME, zoo.right(NAME, next(iter(zoo.right_answers(NAME)))))
    (hand_in(class_folder, "dan", NAME, zoo.reference(NAME)) / f"{NAME}.ipynb").write_text("{")
    assert nbgrader(class_folder, "generate_assignment", NAME).returncode == 0
    return class_folder


@pytest.fixture
def classroom(prepared, tmp_path):
    """A course folder in which nothing is graded yet."""
    return Path(shutil.copytree(prepared, tmp_path / "course"))


@pytest.fixture(scope="module")
def undisturbed(prepared, tmp_path_factory):
    """The course folder after a run that nothing disturbed."""
    return graded(Path(shutil.copytree(prepared, tmp_path_factory.mktemp("undisturbed") / "course")))


@pytest.fixture
def done(undisturbed, tmp_path):
    """A course folder in which all is graded, to do something with."""
    return Path(shutil.copytree(undisturbed, tmp_path / "course"))


def table(folder, query):
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as book:
        return sorted(book.execute(query).fetchall(), key=repr)


SCORES = """select s.student_id, s.timestamp, n.late_submission_penalty, b.name, g.auto_score, g.manual_score,
    g.extra_credit, g.needs_manual_grade from grade g join submitted_notebook n on g.notebook_id = n.id
    join submitted_assignment s on n.assignment_id = s.id join base_cell b on g.cell_id = b.id"""
COMMENTS = """select s.student_id, b.name, c.auto_comment, c.manual_comment from comment c
    join submitted_notebook n on c.notebook_id = n.id join submitted_assignment s on n.assignment_id = s.id
    join base_cell b on c.cell_id = b.id"""


def results(folder):
    """All that a run leaves: the gradebook's rows, and the notebooks and verdicts less times and seals."""
    files = {}
    for path in sorted(folder.glob("autograded/**/*")):
        if path.name == FILE:
            files[str(path.relative_to(folder))] = json.loads(path.read_text()) | {"seconds": 0, "seal": ""}
        elif path.is_file():
            files[str(path.relative_to(folder))] = path.read_text()
    return table(folder, SCORES), table(folder, COMMENTS), files


def test_it_leaves_what_autograde_leaves_row_by_row_and_file_by_file(classroom, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "course"
    shutil.copytree(classroom, other)
    assert nbgrader(other, "autograde", NAME).returncode == 1  # dan's is for a person
    done = run(classroom, "grade", "--jobs", "2")
    assert done.returncode == 1, done.stderr
    assert "dan: unreadable" in done.stdout
    ours, theirs = results(classroom), results(other)
    assert len(ours[0]) == 4 * len(course.exercise(NAME).tasks)
    assert ours == theirs


def graded(folder):
    """The folder, when all in it is graded."""
    ended = run(folder, "grade")
    assert ended.returncode == 1, ended.stderr  # dan's file is for a person
    return folder


def test_what_is_graded_is_not_judged_again_unless_an_answer_changes(done):
    before = (done / "autograded/cleo" / NAME / FILE).read_bytes()
    (done / "submitted/ana" / NAME / "timestamp.txt").write_text("2026-11-25 10:00:00 UTC")
    path = done / "submitted/ben" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("return", "return ", 1))
    kept = set(done.glob(".autograder/verdicts/*/*"))
    assert "2 of them judged or recorded now" in run(done, "grade").stdout  # ana's time, ben's answer
    assert len(set(done.glob(".autograder/verdicts/*/*")) - kept) == 1
    assert (done / "autograded/cleo" / NAME / FILE).read_bytes() == before
    assert {row[1] for row in table(done, SCORES) if row[0] == "ana"} == {"2026-11-25 10:00:00.000000"}


def test_a_second_run_on_the_same_course_says_that_there_is_a_first(classroom):
    with locked(classroom / ".autograder"):
        done = run(classroom, "grade")
    assert (done.returncode, done.stdout) == (2, "")
    assert "another run is grading" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ex04_batch_nrom"], "did you mean 'ex04_batch_norm'?"),
        (["--student", "nobody"], "nothing was handed in by nobody"),
        (["--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler"),
    ],
)
def test_what_cannot_be_graded_is_said_and_exits_with_2(classroom, arguments, message):
    done = run(classroom, "grade", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


KNOWN: dict[str, tuple[str, str]] = {}


def recall(work):
    """What the pool gives, known from another run: fifty runs need not judge."""
    return KNOWN[work.given.key(work.basis)]


def kept_verdicts(folder):
    """By what was handed in, the verdicts that a finished run has kept, in the form that the pool gives."""
    place = course_in(folder)
    kept = {one.key: place.store.get(one.key) for one in submissions.find(place)}
    return {key: (found[0].to_json(), json.dumps(found[1])) for key, found in kept.items() if found}


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing(classroom, undisturbed, tmp_path_factory, monkeypatch):
    KNOWN.update(kept_verdicts(undisturbed))
    monkeypatch.setattr(pool, "judge_work", recall)
    monkeypatch.setattr(pool, "shared", lambda settings: mock.Mock())
    chance, kills, number = random.Random(4), 0, 0
    while kills < 50:
        folder = tmp_path_factory.mktemp("killed") / f"course{number}"
        number += 1
        shutil.copytree(classroom, folder)
        while not finished(folder, chance.uniform(0, 0.6)):
            kills += 1
        assert results(folder) == results(undisturbed)


def finished(folder, seconds):
    """Grade in a process of its own and kill it, with all it started, after a time; whether it was done by then."""
    process = os.fork()
    if process == 0:
        os.setsid()
        try:
            place = course_in(folder)
            with locked(place.state), pool.executor(place.settings, 2) as runs:
                grade(place, submissions.pending(place, submissions.find(place)), runs, 2, lambda judged: None, "")
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    ended = time.monotonic() + seconds
    while time.monotonic() < ended:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            assert status == 0
            return True
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)  # what it started dies with it
    os.waitpid(process, 0)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["a judging process", "the sandbox server"])
def test_what_loses_a_part_of_itself_goes_on_or_can_be_run_again(classroom, undisturbed, victim):
    grading = subprocess.Popen([*COURSE, "grade", "--jobs", "2"], cwd=classroom, stderr=subprocess.PIPE, text=True)
    children = psutil.Process(grading.pid).children
    while len(found := children()) < 3 and grading.poll() is None:  # the server, then the two that judge
        time.sleep(0.01)
    servers = [one for one in found if "-I" in one.cmdline()]
    (servers[0] if victim == "the sandbox server" else next(one for one in found if one not in servers)).kill()
    _, said = grading.communicate()
    assert "Traceback" not in said
    assert grading.returncode in (1, 2), said  # done all the same, or told to run again
    graded(classroom)
    assert results(classroom) == results(undisturbed)


@pytest.mark.slow
def test_a_full_disk_is_said_and_loses_nothing(classroom, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    place = course_in(classroom)
    with monkeypatch.context() as patch:
        patch.setattr("autograder.classroom.verdict_files.write_atomically", full)
        with (
            locked(place.state),
            pool.executor(place.settings, 1) as runs,
            pytest.raises(CourseError, match="No space left"),
        ):
            grade(place, submissions.find(place), runs, 1, lambda judged: None, "")
    graded(classroom)


@pytest.mark.slow
@pytest.mark.parametrize("words", [[*COURSE, "grade"], [sys.executable, "-m", "nbgrader", "autograde", NAME]])
def test_a_locked_gradebook_is_waited_for_with_a_sentence(words, done):
    (done / "submitted/ana" / NAME / "timestamp.txt").write_text("2026-11-25 10:00:00 UTC")
    with contextlib.closing(sqlite3.connect(done / "gradebook.db", isolation_level=None)) as formgrader:
        formgrader.execute("begin immediate")
        grading = subprocess.Popen(words, cwd=done, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert any("another program has locked the gradebook: waiting" in line for line in grading.stderr)
        formgrader.execute("commit")
        said, _ = grading.communicate()
    assert grading.returncode == 1 and "ana" not in said  # dan's file is for a person
    assert {row[1] for row in table(done, SCORES) if row[0] == "ana"} == {"2026-11-25 10:00:00.000000"}


def judged_stricter(work):
    """What the pool would give if a hidden test of the first task had become one that nobody passes."""
    verdict, notebook = KNOWN[work.given]
    found = from_json(verdict)
    found.tasks[0].points = 0.0
    return found.to_json(), notebook


def test_a_regrade_shows_who_loses_what_and_keeps_what_a_person_gave(done, monkeypatch):
    place = course_in(done)
    for one in submissions.find(place):
        verdict, notebook = place.store.get(one.key)
        KNOWN[one.given] = verdict.to_json(), json.dumps(notebook)
    task = course.exercise(NAME).tasks[0].name
    with gradebook(done) as book:
        book.find_grade(task, NAME, NAME, "cleo").manual_score = 12
        book.find_comment("custom_batch_norm-answer", NAME, NAME, "cleo").manual_comment = "Well done."
        book.db.commit()
    monkeypatch.setattr("autograder.judging.basis.versions", lambda: {"judge": "stricter"})
    basis.basis.cache_clear()
    monkeypatch.setattr(pool, "judge_work", judged_stricter)
    monkeypatch.setattr(pool, "shared", lambda settings: mock.Mock())
    before = results(done)
    shown = CliRunner().invoke(main, ["regrade", NAME, "--course-dir", str(done)], env={"COLUMNS": "120"})
    assert re.search(rf"cleo +│ {task} +│ +30 +│ +0 +│ +-30", shown.output), shown.output
    assert "Nothing is recorded yet" in shown.output
    assert results(done) == before
    words = ["regrade", NAME, "--course-dir", str(done), "--apply", "--reason", "eps"]
    assert CliRunner().invoke(main, words).exit_code == 0
    basis.basis.cache_clear()
    rows = {row[0]: row for row in table(done, SCORES) if row[3] == task}
    assert [rows[student][4:6] for student in ("ana", "cleo")] == [(0.0, None), (0.0, 12.0)]
    assert ("cleo", "custom_batch_norm-answer", None, "Well done.") in table(done, COMMENTS)
    (kept,) = done.glob(f".autograder/replaced/{NAME}/cleo/*.json")
    old = json.loads(kept.read_text())
    assert (old["reason"], old["verdict"]["points"]) == ("eps", 100.0)
