"""What was handed in is read once, and whatever happens to it then ends no run and costs nobody else anything."""

import os
import shutil
from unittest import mock

from at_a_glance import NAME, SOLVED, run, verdict
from at_a_glance import generated_once as generated_once  # its fixtures
from at_a_glance import place as place
from conftest import hand_in

from autograder.classroom import pool, submissions
from autograder.classroom.gradebook import gradebook
from autograder.classroom.nbgrader_seam import converter
from autograder.classroom.nbgrader_seam.recorder import grade
from autograder.classroom.run import locked
from autograder.judging import judge
from autograder.judging.intake import given
from autograder.judging.verdict import Verdict


def test_what_is_replaced_after_it_was_read_is_kept_as_what_it_was(place):
    found = submissions.find(place)
    shutil.copy(place.submitted("ben", NAME) / f"{NAME}.ipynb", place.submitted("ana", NAME))
    with locked(place.state), pool.executor(place.settings, 1) as runs:
        assert grade(place, found, runs, 1, lambda judged: None, "") == []
    assert (verdict(place, "ana").points, verdict(place, "ben").points) == (100, 0)
    code, said = run(place, "grade")
    assert code == 0 and "1 of them judged or recorded now" in said
    assert (verdict(place, "ana").points, verdict(place, "ben").points) == (0, 0)


def test_autograde_keys_what_it_has_judged(place, monkeypatch):
    folder = place.submitted("ana", NAME)
    key = next(one.key for one in submissions.find(place) if one.student == "ana")

    def judge_given(*what):
        shutil.copy(place.submitted("ben", NAME) / f"{NAME}.ipynb", folder)
        return Verdict(NAME, "graded", []), None

    monkeypatch.setattr(converter, "shared", mock.Mock())
    monkeypatch.setattr(judge, "judge_given", judge_given)
    assert converter.Batch.judge(None, folder, NAME, place.settings)[0].key == key


def test_what_is_taken_away_while_it_is_read_is_for_a_person(place, monkeypatch):
    def read_submission(path, name, read=given.read_submission):
        if "ana" in str(path):
            shutil.rmtree(path)
        return read(path, name)

    monkeypatch.setattr(given, "read_submission", read_submission)
    code, said = run(place, "grade")
    assert code == 1 and "was taken away while it was read" in said
    assert (verdict(place, "ana").status, verdict(place, "ben").status) == ("needs_review", "graded")


def test_names_that_are_not_utf_8_end_no_run_and_are_said(place):
    for student, name in [("cy", b"\xff.ipynb"), ("dee", b"\xff.pdf"), (os.fsdecode(b"\xff"), b"a.ipynb")]:
        folder = hand_in(place.root, student, NAME, SOLVED)
        (folder / f"{NAME}.ipynb").rename(folder / os.fsdecode(name))
    code, said = run(place, "grade")
    assert code == 1 and "submitted/\\udcff: this name is not written in UTF-8: rename it" in said
    assert verdict(place, "cy").points == 100 and "was handed in as \\udcff.ipynb" in verdict(place, "cy").repairs[0]
    assert (verdict(place, "dee").status, verdict(place, "ana").points) == ("unreadable", 100)


def test_a_folder_that_is_almost_a_students_makes_no_second_student(place):
    run(place, "grade")
    hand_in(place.root, "Ana", NAME, SOLVED)
    code, said = run(place, "grade")
    assert code == 1 and "submitted/Ana: ana is spelled almost like it" in " ".join(said.split())
    with gradebook(place.root) as book:
        assert "Ana" not in [student.id for student in book.students]


def test_a_kept_verdict_counts_only_for_what_it_was_made_of(place):
    run(place, "grade")
    ana, ben = (place.store._path(one.key) for one in submissions.find(place))
    shutil.copy(ana, ben)
    shutil.rmtree(place.root / "autograded")
    run(place, "grade")
    assert (verdict(place, "ana").points, verdict(place, "ben").points) == (100, 0)


def test_what_is_no_time_is_judged_and_left_to_a_person_until_it_is_corrected(place):
    stamp = place.submitted("ana", NAME) / "timestamp.txt"
    for text, why in [("yesterday", "'yesterday' is no time"), ("2026-11-20 10:00 PST", "PST could be -0800 or +0800")]:
        stamp.write_text(text)
        code, said = run(place, "grade")
        assert code == 1 and "write it as 2026-11-20 23:59:00 UTC" in " ".join(said.split())
        found = verdict(place, "ana")
        assert (found.status, found.points) == ("needs_review", 100)
        assert why in found.notes[0]
        assert "0 of them judged or recorded now" in run(place, "grade")[1]
    stamp.write_text("2026-11-20 10:00:00 +0100")
    assert run(place, "grade")[0] == 0
    with gradebook(place.root) as book:
        assert str(book.find_submission(NAME, "ana").timestamp) == "2026-11-20 09:00:00"
