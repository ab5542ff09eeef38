"""nbgrader's own exchange carries the course: released, fetched, submitted, collected, graded, fed back."""

import nbformat
import pytest
from nbgrader.utils import get_username

from autograder import course
from autograder.proof import zoo

NAME = "ex04_batch_norm"
LISTED = "initialization-normalization-regularization {}".format


@pytest.mark.slow
def test_an_exercise_goes_to_the_student_and_the_answer_comes_back(people):
    run, instructor, student = people.run, people.instructor, people.student
    run(instructor, "generate_assignment", NAME)
    run(instructor, "release_assignment", NAME)
    assert LISTED(NAME) in run(student, "list")
    run(student, "fetch_assignment", NAME)
    path = student / NAME / f"{NAME}.ipynb"
    assert path.read_text() == (course.ROOT / "release" / NAME / f"{NAME}.ipynb").read_text()

    nbformat.write(zoo.reference(NAME), path)
    run(student, "submit", NAME)
    assert LISTED(f"{get_username()} {NAME}") in run(instructor, "list", "--inbound")
    run(instructor, "collect", NAME)
    (collected,) = (instructor / "submitted").glob(f"*/{NAME}/{NAME}.ipynb")
    assert collected.read_text() == path.read_text()

    run(instructor, "autograde", NAME)
    run(instructor, "generate_feedback", NAME)
    run(instructor, "release_feedback", NAME)
    run(student, "fetch_feedback", NAME)
    (page,) = (student / NAME / "feedback").rglob(f"{NAME}.html")
    assert "<b>100</b> of 100 points" in page.read_text()
