"""`nbgrader generate_feedback`, as it is typed, renews a page whenever what it shows has changed."""

import nbformat
from at_a_glance import NAME, SOLVED, run
from at_a_glance import generated_once as generated_once  # its fixtures
from at_a_glance import place as place
from conftest import nbgrader

from autograder import course
from autograder.classroom.gradebook import gradebook

TASK = course.exercise(NAME).tasks[0].name


def page(place, student):
    """The page as it is after the command."""
    done = nbgrader(place.root, "generate_feedback", NAME)
    assert done.returncode == 0, done.stderr
    return (place.feedback(student, NAME) / f"{NAME}.html").read_text()


def test_points_and_comments_by_hand_and_what_is_handed_in_anew_are_on_the_page(place):
    run(place, "grade")
    shown = page(place, "ben")
    assert "<b>0</b> of 100 points" in shown and "No response." not in shown
    with gradebook(place.root) as book:
        book.find_grade(TASK, NAME, NAME, "ben").manual_score = 12
        book.find_comment("custom_batch_norm-answer", NAME, NAME, "ben").manual_comment = "A good start."
        book.db.commit()
    shown = page(place, "ben")
    assert "<b>12</b> of 100 points" in shown and "A good start." in shown
    nbformat.write(SOLVED, place.submitted("ben", NAME) / f"{NAME}.ipynb")
    run(place, "grade")
    with gradebook(place.root) as book:
        book.find_grade(TASK, NAME, NAME, "ben").manual_score = None
        book.find_grade(TASK, NAME, NAME, "ben").needs_manual_grade = False
        book.db.commit()
    assert "<b>100</b> of 100 points" in page(place, "ben")
