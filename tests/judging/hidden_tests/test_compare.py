"""Comparing looks at kind, shape, dtype and finiteness first, and says how values differ."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.judging.hidden_tests.compare import Mismatch, assert_close, show

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
    (1.0 + 1e-8, 1.0, "1.00000001 instead of 1"),
    (4.2351, 4.2354, "4.2351 instead of 4.2354"),
    # A missing ReLU: what is right elsewhere is no relation.
    (np.array([-1.0, 2.0, -3.0, 4.0]), np.array([0.0, 2.0, 0.0, 4.0]), "-3 instead of 0 at [2]; 2 of 4 entries"),
    (np.array([1.0, 1.0, 2.0, 4.0, 6.0]), np.array([0.0, 0.0, 1.0, 2.0, 3.0]), "6 instead of 3 at [4]"),
    (np.array([0.0, 2.0, 4.0, 6.0]), np.array([0.0, 1.0, 2.0, 3.0]), "every entry is 2 times"),
    ({"fan_in of a 3x5 convolution": 70.1}, {"fan_in of a 3x5 convolution": 2.0}, "convolution: 70.1 instead of 2"),
    (np.array([1.0, 2.0, 4.0]) * (1 - 2e-8), np.array([1.0, 2.0, 4.0]), "too small by 2e-08 of what is expected"),
    (torch.tensor([-2.0, 4.0, -6.0]), torch.tensor([2.0, -4.0, 6.0]), "every entry has the opposite sign"),
    ([4.0, 9.0, 16.0], [2.0, 3.0, 4.0], "every entry is the square of what is expected"),
    ({"std": [2.0, 3.0, 4.0]}, {"std": [4.0, 9.0, 16.0]}, "every entry of std is the square root of what is expected"),
    ([3.0, 1.0, 2.0], [1.0, 2.0, 3.0], "the values are right, but they stand in another order"),
    (torch.tensor([[1.0, 3.0], [2.0, 4.0]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "rows and columns are exchanged"),
    (np.eye(3)[[1, 0, 2]], np.eye(3), "0 instead of 1 at [0, 0]; 4 of 9 entries differ"),
    (
        np.arange(12.0).reshape(4, 3) * [1, 1, 3],
        np.arange(12.0).reshape(4, 3),
        "entry that differs, 4 of 12, is 3 times",
    ),
    (np.arange(12.0).reshape(4, 3) * [1, 1, 3], np.arange(12.0).reshape(4, 3), "all of them in [:, 2]"),
    (np.diag([1, 1, np.inf]) + np.diag([0, np.nan], -1), np.eye(3), "nan or infinite, all of them in [2, :]"),
    ([1.0, 2, 3.0], [1.0, 2.0, 3.0], "result 2 of 3 is an int, not a float"),
    ([{"x": 1.0}], [{"x": 2.0}], "result 1 of 1, x: 1 instead of 2"),
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


def test_what_is_said_is_bounded_whatever_differs():
    with np.errstate(all="ignore"):
        odd = [np.full((9, 9, 9), value) for value in (0.0, 1e-300, 1e300, np.inf, np.nan)]
        for observed, expected in itertools.permutations(
            [*odd[1:], np.random.default_rng(0).normal(size=(9, 9, 9))], 2
        ):
            with pytest.raises(Mismatch) as error:
                assert_close(observed, expected)
            assert len(error.value.message) < 120


def test_what_is_shown_is_bounded():
    assert len(show(torch.randn(1000, 1000))) < 400
    assert len(show("x" * 10_000)) <= 200
    assert "shape (1000, 1000)" in show(torch.randn(1000, 1000))


NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-12, float("inf"), float("nan")])
SHAPES = hnp.array_shapes(max_dims=3, max_side=4)
# What may have become of what is expected: everywhere, or in a part of it only.
MISTAKES = [lambda x: 2 * x, lambda x: -x, lambda x: x + 3, np.square, lambda x: np.maximum(x, 0), lambda x: 0 * x]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_what_is_said_of_every_entry_holds_for_every_entry(data):
    expected = data.draw(hnp.arrays(float, SHAPES, elements=NUMBERS))
    with np.errstate(all="ignore"):
        changed = data.draw(st.sampled_from(MISTAKES))(expected)
        where = data.draw(hnp.arrays(bool, expected.shape))
        observed = np.where(where, changed, expected)
        try:
            assert_close(observed, expected)
            return
        except Mismatch as mismatch:
            said = mismatch.message
        if "that differs" in said:
            differs = ~np.isclose(observed, expected, rtol=1e-9, atol=1e-9, equal_nan=True)
            assert f"that differs, {differs.sum()} of {observed.size}," in said
            observed, expected = observed[differs], expected[differs]
        elif not said.startswith("every entry"):
            return
        rounded = 1e-3 * max(np.abs(observed).max(), np.abs(expected).max())  # numbers are said at four digits
        assert np.allclose(observed, _claimed(said, expected), rtol=1e-3, atol=rounded)


def _claimed(said, expected):
    """What the values would be if the sentence were true of all of them."""
    if found := re.search(r"is (\S+) times", said):
        return float(found[1]) * expected
    if found := re.search(r"is off by (\S+?)(,|$)", said):
        return expected + float(found[1])
    if found := re.search(r"too (large|small) by (\S+) of", said):
        return expected * (1 + float(found[2]) * (1 if found[1] == "large" else -1))
    return {"opposite sign": -expected, "the square of": expected**2, "the square root of": np.sqrt(np.abs(expected))}[
        re.search("opposite sign|the square of|the square root of", said)[0]
    ]
