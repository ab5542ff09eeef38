"""The class report as one HTML page that needs nothing beside itself."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from autograder import course
from autograder.judging.verdict import EDITED, STATUSES
from autograder.pages.rendering import template
from autograder.pages.report.items import FEW

_STEPS = "abcdefghijk"


def render(summaries: Sequence[dict]) -> str:
    """The page; exercises that the course does not have go by their names."""
    known = set(course.names())
    names = [one["exercise"] for one in summaries]
    titles = {name: course.exercise(name).title if name in known else name for name in names}
    facts = {"summaries": summaries, "titles": titles, "heat": heat(summaries), "FEW": FEW, "EDITED": EDITED}
    facts["statuses"] = STATUSES
    return template("report.html.j2").render(facts)


def heat(summaries: Sequence[dict]) -> list[dict]:
    """A row for each student: the mean share of the points, how often help may be needed, and a cell for each task.

    A cell is a pair: its step of eleven as a letter, or "w" where it waits for a person; and its text.
    """
    troubles = Counter(one.submission.student for summary in summaries for one in summary["help"])
    rows = []
    for ones in zip(*(summary["submissions"] for summary in summaries), strict=True):
        shares = [one.share for one in ones if one.share is not None]
        cells = [_cell(one.scores, task, worth) for one, worth in _tasks(ones, summaries) for task in worth]
        mean = _percent(np.mean(shares)) if shares else ""
        rows.append({"name": ones[0].name, "mean": mean, "help": troubles[ones[0].student], "cells": cells})
    return rows


def _tasks(ones, summaries):
    return [(one, summary["worth"]) for one, summary in zip(ones, summaries, strict=True)]


def _cell(scores: Mapping[str, float | None], task, worth):
    if task not in scores:
        return "", ""
    if scores[task] is None:
        return "w", "?"
    share = min(1, max(0, scores[task] / worth[task]))
    return _STEPS[round(10 * share)], _percent(share)


def _percent(share):
    return round(100 * share)
