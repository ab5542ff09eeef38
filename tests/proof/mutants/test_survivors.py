"""The list of survivors that are named equivalent, and the command that compares."""

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.proof.mutants import making, survivors

BLOCK = """
# Why these are right too.

share
- raise ValueError(f"whole is {whole}")
+ raise ValueError("XX")
= the words are free,
  so far
"""
STALE = """
share (2)
- return part / whole
+ return part * whole
= it was once
"""


def _mutants(name, *options):
    return CliRunner().invoke(main, ["mutants", *options, name])


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ("", 1, 'line 10:\nshare\n- raise ValueError(f"whole is {whole}")\n+ raise ValueError("XX")\n'),
        (BLOCK, 0, "1 of them named equivalent, 0 others survive, 0 named ones do not; 100.0% of those"),
        (BLOCK + STALE, 1, f"does not survive any more:\n{STALE.partition('= ')[0].strip()}\n"),
        ("share\n- a\n+ b\n", 1, "'share' begins no block of four lines"),
    ],
)
def test_survivors_have_to_be_those_that_are_named(text, status, told, name):
    survivors.path(name).write_text(text, encoding="utf-8")
    result = _mutants(name, "--check")
    assert told in result.output
    assert result.exit_code == status


def test_what_is_shown_of_a_survivor_can_be_put_into_the_file(name):
    edits = [mutant.edit for mutant in making.mutants(name)]
    survivors.path(name).write_text("\n\n".join(f"{edit}\n= so it is" for edit in edits), encoding="utf-8")
    assert survivors.named(name) == dict.fromkeys(edits, "so it is")


def test_without_check_survivors_are_only_shown(name):
    assert _mutants(name).exit_code == 0


def test_a_reference_that_fails_its_tests_has_no_mutants(name):
    hidden = survivors.path(name).with_name(f"test_{name}.py")
    hidden.write_text(hidden.read_text(encoding="utf-8").replace("1.5", "2.5"), encoding="utf-8")
    assert "the reference fails test_it_is_the_quotient" in _mutants(name).output
