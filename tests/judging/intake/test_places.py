"""Which of the exercise's cells each of a student's cells is."""

from nbformat.v4 import new_code_cell

from autograder.judging.intake import places


def test_two_stubs_with_one_text_are_two():
    given = {key: new_code_cell("x = None", id=key) for key in ("first-answer", "second-answer")}
    cells = [new_code_cell("x = None", id=f"n{number}") for number in range(2)]
    assert places.find(cells, given, {}).places == ["first-answer", "second-answer"]
