"""What other programs do on a machine takes no points from anybody."""

import contextlib
import subprocess
import sys
import threading
import time

import pytest

from autograder.judging import judge
from autograder.judging.fence import turns
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student, StudentError
from autograder.judging.hidden_tests.probe import travelling
from autograder.proof import zoo

IMPATIENT = Seconds(cell=2, probe=1, submission=8)


@pytest.fixture
def busy(sandbox):
    sandbox.ready()
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def test_the_reference_earns_everything_beside_busy_loops(sandbox, busy):
    verdict, _ = judge.judge(zoo.reference("ex04_batch_norm"), "ex04_batch_norm", sandbox, IMPATIENT, seed=0)
    assert (verdict.points, verdict.status) == (100, "graded")


@pytest.mark.parametrize(("code", "hindered"), [("while True: pass", True), ("time.sleep(99)", False)])
def test_who_waited_for_a_processor_was_hindered_and_who_slept_was_not(sandbox, busy, code, hindered):
    def probe(answer):
        return answer.f()

    answer = Student(sandbox, [("a", f"import time\ndef f():\n    {code}")], {}, Seconds(), {}, patience=0.02)
    answer.seconds = Seconds(cell=600, probe=40)
    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe), (), 1)
    answer.end()
    assert error.value.kind == "Waited"
    assert answer.hindered is hindered


def test_who_was_hindered_is_judged_once_more_alone_and_with_patience(sandbox, monkeypatch):
    made, student_of = [], judge.student_of

    def hindered_once(*arguments):
        student = student_of(*arguments)
        student.hindered = not made
        made.append(student)
        return student

    monkeypatch.setattr(judge, "student_of", hindered_once)
    verdict, _ = judge.judge(zoo.reference("ex04_batch_norm"), "ex04_batch_norm", sandbox, Seconds())
    assert (verdict.points, verdict.status) == (100, "graded")
    assert [student.patience for student in made] == [1, 4]
    assert "judged once more, alone" in verdict.repairs[-1]


def test_a_machine_that_stays_busy_is_a_case_for_a_person(sandbox, monkeypatch):
    student_of = judge.student_of

    def hindered(*arguments):
        student = student_of(*arguments)
        student.hindered = True
        return student

    monkeypatch.setattr(judge, "student_of", hindered)
    verdict, _ = judge.judge(zoo.reference("ex04_batch_norm"), "ex04_batch_norm", sandbox, Seconds())
    assert verdict.status == "needs_review" and "too busy" in verdict.notes[-1]


def test_nobody_else_is_judged_beside_one_who_is_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(turns, "_FOLDER", tmp_path / "locks")
    told = []

    def other():
        with turns.beside():
            told.append("other")

    with turns.alone():
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.3)
        told.append("alone")
    thread.join()
    assert told == ["alone", "other"]
