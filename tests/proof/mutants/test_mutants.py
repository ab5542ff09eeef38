"""From an exercise's text to the list of its survivors, on a made-up exercise with a hole in its hidden tests."""

import itertools
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder import course
from autograder.cli import main
from autograder.judging.hidden_tests import memo
from autograder.proof.mutants import judging, making, survivors
from autograder.proof.mutants.making import Edit

NUMBERS = itertools.count(20)  # what is collected of one name must not answer for another
TEXT = """
# %% [markdown]
# # Made up

# %% solution="share"
def share(part, whole):
    'The share, where whole is at least 1.'
    ### BEGIN SOLUTION
    if whole < 1:
        raise ValueError(f"whole is {whole}")
    return part / whole
    ### END SOLUTION

# %% grades="share" points=100
assert share(1, 2) == 0.5
"""
HIDDEN = """
from pytest import mark
from autograder.course.testing import assert_close

@mark.task("share")
def test_it_is_the_quotient(student):
    def probe(answer):
        return answer.share(3.0, 2.0), answer.share(2.0, 1.0), error_of(answer.share, 1, 0)
    assert_close(student(probe), (1.5, 2.0, "ValueError"))
"""
HOLE = 'share\n- raise ValueError(f"whole is {whole}")\n+ raise ValueError("XX")\n'
BLOCK = f"""
# Why these are right too.

{HOLE}= the words are free,
  so far
"""
GONE = "share (2)\n- return part / whole\n+ return part * whole\n+ return part\n"


@pytest.fixture
def name(tmp_path, monkeypatch):
    """The exercise's name, in a course of its own."""
    name = f"ex{next(NUMBERS)}_made_up"
    for path, text in [(f"solutions/{name}.py", TEXT), (f"hidden/test_{name}.py", HIDDEN)]:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "HIDDEN", tmp_path / "hidden")
    monkeypatch.setattr(memo, "FOLDER", tmp_path / "kept")
    return name


# making


def test_only_what_stands_between_the_markers_of_a_solution_is_edited(name):
    assert {mutant.line for mutant in making.mutants(name)} == {9, 10, 11}


def test_an_edit_is_called_by_the_words_of_its_lines(name):
    edit = Edit("share", "return part / whole", "return part * whole")
    (mutant,) = (mutant for mutant in making.mutants(name) if mutant.edit == edit)
    assert mutant.line == 11
    assert "    return part * whole\n" in mutant.source


def test_the_same_edit_of_the_same_line_elsewhere_is_counted():
    source = "### BEGIN SOLUTION\na = b + c\na = b + c\n### END SOLUTION"
    edits = [edit for edit, *_ in making._of_solution("twice", source, frozenset())]
    assert {edit.number for edit in edits if edit.new == "a = b - c"} == {1, 2}
    assert len(set(edits)) == len(edits)


# judging


def test_a_mutant_survives_where_no_hidden_test_looks(name):
    survive = {mutant.edit.new for mutant, survives in judging.judged(making.mutants(name), 2) if survives}
    assert survive == {'raise ValueError("XX")'}


@pytest.mark.parametrize("body", ["while True: pass", "return [0] * 10**10", "raise SystemExit", "1 / 0", "1 +"])
def test_a_mutant_is_killed_however_it_ends(body, name):
    mutant = replace(making.mutants(name)[0], source=f"def share(part, whole): {body}")
    assert list(judging.judged([mutant], 1)) == [(mutant, False)]


# survivors


def _mutants(name, *options):
    return CliRunner().invoke(main, ["mutants", *options, name])


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ("", 1, f", line 10: no hidden test fails\n\n{HOLE}"),
        (BLOCK, 0, "1 of them named equivalent, 0 others survive, 0 named ones do not; 100.0% of those"),
        (f"{BLOCK}\n{GONE}= it was once\n", 1, f"does not survive any more: take out\n\n{GONE}"),
        (f"{HOLE}= ", 1, "'share' begins no block: write the solution"),
    ],
)
def test_survivors_have_to_be_those_that_are_named(text, status, told, name):
    survivors.path(name).write_text(text, encoding="utf-8")
    result = _mutants(name, "--check")
    assert told in result.output
    assert result.exit_code == status


def test_what_is_shown_of_survivors_can_be_put_into_the_file(name):
    made = making.mutants(name)
    *shown, _ = survivors.Outcome(name, len(made), 0, [], [mutant.edit for mutant in made]).lines()
    survivors.path(name).write_text("\n".join(f"{block}= so it is\n" for block in shown[1:]), encoding="utf-8")
    assert survivors.named(name) == [mutant.edit for mutant in made]


def test_without_check_survivors_are_only_shown(name):
    assert _mutants(name).exit_code == 0


def test_a_reference_that_fails_its_tests_has_no_mutants(name):
    hidden = survivors.path(name).with_name(f"test_{name}.py")
    hidden.write_text(hidden.read_text(encoding="utf-8").replace("1.5", "2.5"), encoding="utf-8")
    assert "the reference fails test_it_is_the_quotient" in _mutants(name).output
