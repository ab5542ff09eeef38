"""A made-up exercise with a hole in its hidden tests."""

import itertools

import pytest

from autograder import course
from autograder.judging.hidden_tests import memo

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
