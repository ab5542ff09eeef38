"""Comparing looks at kind, shape, dtype and finiteness first, and says how values differ."""

import numpy as np
import pytest
import torch

from autograder.compare import Mismatch, assert_close, show

WRONG = [
    (torch.zeros(0, 5), torch.ones(1, 5), "shape"),
    (torch.ones(3), torch.ones(3, dtype=torch.float64), "dtype"),
    (np.ones(3), torch.ones(3), "an array, not a tensor"),
    (torch.tensor(1.0), torch.ones(3), "shape"),
    (torch.tensor([1.0, float("nan")]), torch.ones(2), "nan or infinite"),
    (True, 1, "a bool, not an int"),
    (1, 1.0, "an int, not a float"),
    ([1.0], [1.0, 2.0], "length"),
    ({"a": 1}, {"b": 1}, "keys"),
    ("one", "two", "value"),
    (None, 1.0, "None, not a float"),
    (torch.tensor([2.0, 4.0, 6.0]), torch.tensor([1.0, 2.0, 3.0]), "every entry is 2 times"),
    (torch.tensor([2.0, 3.0, 4.5]), torch.tensor([1.0, 2.0, 3.5]), "off by +1"),
    (torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 5.0, 3.0]), "2 instead of 5 at [1]; 1 of 3 entries"),
    (1.0 + 1e-8, 1.0, "instead of"),
    ([{"x": 1.0}], [{"x": 2.0}], "[0]['x']"),
    (float("inf"), 1.0, "nan or infinite"),
]


@pytest.mark.parametrize(("observed", "expected", "words"), WRONG)
def test_a_difference_is_named(observed, expected, words):
    with pytest.raises(Mismatch) as error:
        assert_close(observed, expected)
    assert words in error.value.message


@pytest.mark.parametrize(
    "value", [torch.ones(2, 3), np.arange(3), 1.5, True, None, "a", [1, (2.0, {"k": torch.zeros(1)})], float("nan")]
)
def test_equal_things_are_close(value):
    assert_close(value, value)


def test_the_tolerance_follows_the_dtype():
    assert_close(torch.tensor([1.00005]), torch.tensor([1.0]))
    with pytest.raises(Mismatch):
        assert_close(torch.tensor([1.00005], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64))
    assert_close(1.00005, 1.0, rtol=1e-4)


def test_what_is_shown_is_bounded():
    assert len(show(torch.randn(1000, 1000))) < 400
    assert len(show("x" * 10_000)) <= 200
    assert "shape (1000, 1000)" in show(torch.randn(1000, 1000))
