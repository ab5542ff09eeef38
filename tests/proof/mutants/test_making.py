"""Where mutants are made, and what they are called."""

from autograder.proof.mutants import making
from autograder.proof.mutants.making import Edit


def test_only_what_stands_between_the_markers_of_a_solution_is_edited(name):
    assert {mutant.line for mutant in making.mutants(name)} == {9, 10, 11}


def test_an_edit_is_called_by_the_words_of_its_lines(name):
    edit = Edit("share", "return part / whole", "return part * whole")
    (mutant,) = (mutant for mutant in making.mutants(name) if mutant.edit == edit)
    assert mutant.line == 11
    assert "    return part * whole\n" in mutant.source


def test_the_same_edit_of_the_same_line_elsewhere_is_counted(monkeypatch):
    source = "### BEGIN SOLUTION\na = b + c\na = b + c\n### END SOLUTION"
    edits = [edit for edit, *_ in making._of_solution("twice", source, frozenset())]
    assert {edit.number for edit in edits if edit.new == "a = b - c"} == {1, 2}
    assert len(set(edits)) == len(edits)
