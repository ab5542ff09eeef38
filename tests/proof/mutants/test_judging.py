"""Which mutants survive."""

from dataclasses import replace

import pytest

from autograder.proof.mutants import judging, making


def test_a_mutant_survives_where_no_hidden_test_looks(name):
    survive = {mutant.edit.new for mutant, survives in judging.judged(making.mutants(name), 2) if survives}
    assert survive == {'raise ValueError("XX")'}


@pytest.mark.parametrize("body", ["while True: pass", "return [0] * 10**10", "raise SystemExit", "1 / 0", "1 +"])
def test_a_mutant_is_killed_however_it_ends(body, name):
    mutant = replace(making.mutants(name)[0], source=f"def share(part, whole): {body}")
    assert list(judging.judged([mutant], 1)) == [(mutant, False)]
