"""Item analysis, as classical test theory defines it (Crocker and Algina, Introduction to Classical and Modern Test
Theory, 1986, chapter 14): an item is a task, a test is an exercise."""

from collections.abc import Mapping

import pandas as pd

FEW = 10


def analyze(points: pd.DataFrame, worth: Mapping[str, float]) -> pd.DataFrame:
    """By task: `mean` points, `difficulty`, and `discrimination`, NaN where the class cannot tell.

    `points` has a row for each student and a column for each task. Difficulty is the mean share of a task's points,
    1 for what everybody can do. Discrimination is the corrected item-total correlation: Pearson's, between a task and
    the sum of all others. With fewer than ten students it is chance.
    """
    mean = points.mean()
    # To the cent: the sums' last bits would correlate where all others are equal.
    others = points.rsub(points.sum(axis=1), axis=0).round(2)
    tells = (len(points) >= FEW) & (points.nunique() > 1) & (others.nunique() > 1)
    correlation = pd.Series({task: points[task].corr(others[task]) for task in tells.index[tells]}, dtype=float)
    return pd.DataFrame({"mean": mean, "difficulty": mean / pd.Series(worth), "discrimination": correlation})
