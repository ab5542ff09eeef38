"""The list of survivors that are named equivalent, and the command that compares."""

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.proof.mutants import making, survivors

HOLE = 'share\n- raise ValueError(f"whole is {whole}")\n+ raise ValueError("XX")\n'
BLOCK = f"""
# Why these are right too.

{HOLE}= the words are free,
  so far
"""
GONE = "share (2)\n- return part / whole\n+ return part * whole\n+ return part\n"


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
