"""nbgrader's own exchange carries the course: released, fetched, submitted, collected, graded, fed back."""

import nbformat
import pytest
from conftest import nbgrader
from nbgrader.utils import get_username

from autograder import course, zoo

NAME = "ex04_batch_norm"
COURSE = "initialization-normalization-regularization"
EXCHANGE = """
c = get_config()
c.Exchange.root = {root!r}
c.CourseDirectory.course_id = {course!r}
"""


@pytest.fixture
def people(class_folder, tmp_path_factory):
    """An instructor's and a student's folder, each with its own view of one exchange."""
    exchange, student = tmp_path_factory.mktemp("exchange"), tmp_path_factory.mktemp("student")
    exchange.chmod(0o777)
    text = EXCHANGE.format(root=str(exchange), course=COURSE)
    with (class_folder / "nbgrader_config.py").open("a") as file:
        file.write(text)
    (student / "nbgrader_config.py").write_text(text)
    return class_folder, student


def done(folder, *arguments):
    process = nbgrader(folder, *arguments)
    assert process.returncode == 0, process.stderr
    return process.stdout + process.stderr


def test_an_exercise_goes_to_the_student_and_the_answer_comes_back(people):
    instructor, student = people
    done(instructor, "generate_assignment", NAME)
    done(instructor, "release_assignment", NAME)
    assert f"{COURSE} {NAME}" in done(student, "list")
    done(student, "fetch_assignment", NAME)
    path = student / NAME / f"{NAME}.ipynb"
    assert path.read_text() == (course.ROOT / "release" / NAME / f"{NAME}.ipynb").read_text()

    nbformat.write(zoo.reference(NAME), path)
    done(student, "submit", NAME)
    assert f"{COURSE} {get_username()} {NAME}" in done(instructor, "list", "--inbound")
    done(instructor, "collect", NAME)
    (collected,) = (instructor / "submitted").glob(f"*/{NAME}/{NAME}.ipynb")
    assert collected.read_text() == path.read_text()

    done(instructor, "autograde", NAME)
    done(instructor, "generate_feedback", NAME)
    done(instructor, "release_feedback", NAME)
    done(student, "fetch_feedback", NAME)
    (page,) = (student / NAME / "feedback").rglob(f"{NAME}.html")
    assert "<b>100</b> of 100 points" in page.read_text()
