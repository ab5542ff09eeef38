"""A course whose folders all have other names than nbgrader's own is graded, shown, reported, exported and regraded."""

import re

import nbformat
import pytest
from click.testing import CliRunner
from conftest import course_folder, nbgrader

from autograder.classroom.folder import course_in
from autograder.classroom.gradebook import gradebook
from autograder.cli import main
from autograder.proof import zoo

NAME = "ex04_batch_norm"
NAMES = {
    "source": "masters", "release": "for_students", "submitted": "handed_in", "autograded": "marked",
    "feedback": "returned",
}  # fmt: skip


def course(folder, *words):
    """What a command of ours says, which has to end well."""
    done = CliRunner().invoke(main, [*words, "--course-dir", str(folder)])
    assert done.exit_code == 0, done.output
    return done.output


def stock(folder, *words):
    """What a command of nbgrader's says, which has to end well."""
    done = nbgrader(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stderr


def hand_in(place, student):
    folder = place.submitted(student, NAME)
    folder.mkdir(parents=True)
    nbformat.write(zoo.reference(NAME), folder / f"{NAME}.ipynb")


@pytest.fixture(scope="module")
def renamed(tmp_path_factory):
    """ana is graded, ben has handed in what is not graded yet, cy nothing."""
    folder = course_folder(tmp_path_factory.mktemp("renamed"))
    (folder / "source").rename(folder / NAMES["source"])
    lines = [f"c.CourseDirectory.{step}_directory = {name!r}\n" for step, name in NAMES.items()]
    with (folder / "nbgrader_config.py").open("a") as file:
        file.writelines(lines)
    stock(folder, "generate_assignment", NAME)
    place = course_in(folder)
    hand_in(place, "ana")
    course(folder, "grade")
    hand_in(place, "ben")
    with gradebook(folder) as book:
        for student in ("ana", "ben", "cy"):
            book.update_or_create_student(student, email=f"{student}@example.edu")
    return folder


def test_what_lies_in_the_folder_of_another_name_is_graded_and_fed_back(renamed):
    stock(renamed, "generate_feedback", NAME)
    assert "<b>100</b> of 100 points" in (renamed / f"returned/ana/{NAME}/{NAME}.html").read_text()


def test_an_export_gives_no_zero_to_what_is_not_graded_yet(renamed, tmp_path):
    to = tmp_path / "grades.csv"
    said = course(renamed, "export", "moodle-csv", NAME, "--missing", "zero", "--to", str(to))
    assert re.search(r"ben.*has no score yet", said), said
    assert [line.split(",")[0] for line in to.read_text().splitlines()[1:]] == ["ana", "cy"]


def test_the_report_knows_whose_verdict_is_there_and_who_waits(renamed, tmp_path):
    course(renamed, "report", "--to", str(tmp_path / "report.html"), "--csv", str(tmp_path))
    lines = (tmp_path / "submissions.csv").read_text().splitlines()[1:]
    assert [line.split(",")[3] for line in lines] == ["graded", "ungraded", "absent"]


def test_a_regrade_finds_what_is_recorded(renamed):
    assert "nothing that they rest on has changed" in course(renamed, "regrade", NAME)


def test_none_of_the_usual_names_appears(renamed):
    assert {path.name for path in renamed.iterdir() if path.is_dir()} == {*NAMES.values(), ".autograder"}
