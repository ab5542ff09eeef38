"""Probes see what a figure shows, however it was drawn."""

import datetime

import matplotlib.figure
import pytest

from autograder.judging.fence.worker.probes import describe_figure


@pytest.mark.parametrize(
    ("x", "numbers"),
    [
        (["layer 0", "layer 1"], [0, 1]),
        ([0.5, 2], [0.5, 2]),
        ([datetime.date(1970, 1, 2), datetime.date(1970, 1, 3)], [1, 2]),
        (["3", "5"], [0, 1]),
    ],
)
def test_lines_and_bars_over_anything_are_numbers(x, numbers):
    axes = matplotlib.figure.Figure().subplots()
    axes.plot(x, [3, 4])
    axes.bar(x, [3, 4], width=0.5)
    (shown,) = describe_figure(axes.figure)
    assert shown["lines"][0]["x"].tolist() == numbers and shown["lines"][0]["y"].tolist() == [3, 4]
    assert [bar["x"] + 0.25 for bar in shown["bars"]] == numbers
