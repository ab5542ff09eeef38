"""Broken notebooks are mended where the student's intent is certain, and what was mended is said."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import build, course, zoo
from autograder.repair import repair

NAME = "ex04_batch_norm"
SOLUTION = next(iter(course.exercise(NAME).solutions))


def answers(notebook):
    return {cell.id: cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")}


@pytest.fixture
def whole():
    return zoo.reference(NAME)


def index_of(notebook, solution=SOLUTION):
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == build.ANSWER.format(solution))


def test_an_intact_submission_needs_no_repair(whole):
    mended, repairs, _ = repair(whole, NAME)
    assert repairs == []
    assert answers(mended) == answers(whole)
    nbformat.validate(mended)


def test_only_solution_cells_come_from_the_student(whole):
    for cell in whole.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = "1 / 0"
    mended, *_ = repair(whole, NAME)
    released = build.release_notebook(NAME)
    assert [c.source for c in mended.cells if "nbgrader" not in c.metadata] == [
        c.source for c in released.cells if "nbgrader" not in c.metadata
    ]


def test_points_and_flags_in_a_students_metadata_are_ignored(whole):
    for cell in whole.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, locked=False, grade=True, task=True)
    mended, *_ = repair(whole, NAME)
    released = build.release_notebook(NAME)
    assert [c.metadata for c in mended.cells] == [c.metadata for c in released.cells]


def test_the_last_of_two_copies_counts(whole):
    place = index_of(whole)
    twin = copy.deepcopy(whole.cells[place])
    twin.source = "# the second\n" + twin.source
    whole.cells.insert(place + 1, twin)
    mended, repairs, _ = repair(whole, NAME)
    assert answers(mended)[twin.id] == twin.source
    assert len(repairs) == 1 and "more than once" in repairs[0]


def test_a_deleted_answer_counts_as_not_answered(whole):
    del whole.cells[index_of(whole)]
    mended, repairs, _ = repair(whole, NAME)
    assert "NotImplementedError" in answers(mended)[build.ANSWER.format(SOLUTION)]
    assert "missing" in repairs[0]


def test_deleted_checks_and_another_order_change_nothing(whole):
    expected = answers(whole)
    whole.cells = [cell for cell in whole.cells[::-1] if not cell.metadata.get("nbgrader", {}).get("grade")]
    mended, repairs, _ = repair(whole, NAME)
    assert answers(mended) == expected
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]
    assert repairs == []


def test_answers_are_recognized_when_all_metadata_is_gone(whole):
    expected = answers(whole)
    for number, cell in enumerate(whole.cells):
        cell.metadata = nbformat.NotebookNode()
        cell.id = f"n{number}"
    mended, repairs, _ = repair(whole, NAME)
    found = answers(mended)
    named = [key for key, text in expected.items() if "def " in text or "class " in text]
    assert {key: found[key] for key in named} == {key: expected[key] for key in named}
    assert any("lost its label" in line for line in repairs)


def test_cells_that_the_student_added_stay_where_they_were(whole):
    place = index_of(whole)
    whole.cells.insert(place, new_code_cell("helper = 1"))
    whole.cells.insert(place + 2, new_markdown_cell("my notes"))
    mended, *_ = repair(whole, NAME)
    after = next(i for i, cell in enumerate(mended.cells) if cell.id == build.ANSWER.format(SOLUTION))
    assert mended.cells[after - 1].source == "helper = 1"
    assert mended.cells[after + 1].source == "my notes"
    nbformat.validate(mended)


def test_a_draft_beside_a_labelled_answer_is_not_taken_for_it(whole):
    expected = answers(whole)
    whole.cells.append(new_code_cell(course.exercise(NAME).solutions[SOLUTION] + "\n# my first draft"))
    mended, *_ = repair(whole, NAME)
    assert answers(mended) == expected
