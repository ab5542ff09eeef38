"""Sums a class up: the numbers of each exercise, its mistakes, and the students who may need help."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from autograder.pages.report.items import analyze
from autograder.pages.report.reading import Submission

BINS = 10
LOW = 0.5
DROP = 0.3


@dataclass(frozen=True)
class Help:
    """Why somebody may need help in an exercise."""

    submission: Submission
    reason: str


def summarize(found: Mapping[str, Sequence[Submission]]) -> list[dict]:
    """The numbers of each exercise: points, tasks with the hardest first, mistakes with the commonest first."""
    shares = pd.DataFrame({name: {one.student: one.share for one in ones} for name, ones in found.items()}, dtype=float)
    return [_exercise(ones) | {"help": list(_help(ones, shares))} for ones in found.values()]


def _exercise(submissions):
    judged = [one for one in submissions if one.verdict]
    points = pd.Series([one.points for one in submissions if one.points is not None], dtype=float)
    max_points = max(one.max_points for one in submissions)
    bins = Counter(min(BINS - 1, int(number * BINS / max_points)) for number in points)
    return {
        "exercise": submissions[0].exercise,
        "max_points": max_points,
        "submissions": submissions,
        "statuses": Counter(one.status for one in submissions),
        "waiting": [one for one in submissions if one.waits],
        "doubts": _doubts(submissions),
        "judged": len(judged),
        "points": points,
        "bins": [(max_points * low / BINS, max_points * (low + 1) / BINS, bins[low]) for low in range(BINS)],
        "worth": (worth := _worth(judged, submissions)),
        "tasks": _tasks(judged, submissions, worth),
        "mistakes": _mistakes(judged),
        "time": _time(judged),
    }


def _worth(judged, submissions):
    """The points of each task, in the order of the notebook as far as a verdict tells it."""
    worth = {task.name: task.max_points for one in judged for task in one.verdict.tasks}
    return worth | {task: points for one in submissions for task, points in one.worth.items()}


def _tasks(judged, submissions, worth):
    """Each task with its item analysis and its tests, by the share of those decided that passed."""
    final = [one.scores for one in submissions if one.points is not None]
    items = analyze(pd.DataFrame(final, columns=list(worth), dtype=float), worth)
    tests = {task: found.to_dict("records") for task, found in _tests(judged).groupby("task")}
    criteria = {task: found.to_dict("records") for task, found in _criteria(judged).groupby("task", sort=False)}
    tasks = [
        {"name": name, "max": worth[name], "tests": tests.get(name, []), "criteria": criteria.get(name, [])}
        | items.loc[name].to_dict()
        for name in worth
    ]
    return sorted(tasks, key=lambda task: task["difficulty"])


def _criteria(judged):
    """The mean points of each criterion of a task, of the verdicts that give some, in the order of the first one."""
    rows = [
        (task.name, one.name, one.max_points, one.points)
        for verdict in (submission.verdict for submission in judged)
        for task in verdict.tasks
        for one in task.criteria
    ]
    found = pd.DataFrame(rows, columns=["task", "name", "max", "mean"]).dropna()
    return found.groupby(["task", "name", "max"], sort=False, as_index=False)["mean"].mean()


def _tests(judged):
    tasks = [task for one in judged for task in one.verdict.tasks]
    outcomes = [(task.name, test.sentence, test.outcome) for task in tasks for test in task.tests]
    counts = pd.DataFrame(outcomes, columns=["task", "sentence", "outcome"]).value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=["passed", "failed", "broken"], fill_value=0)
    counts["share"] = counts.passed / (counts.passed + counts.failed)
    return counts.sort_values("share", kind="stable").reset_index()


def _mistakes(judged):
    """The misconceptions and broken rules by task and name, each with its hint and students."""
    found = {}
    for student, task in [(one.student, task) for one in judged for task in one.verdict.tasks]:
        known = [(mistake.name, mistake.hint) for mistake in task.mistakes]
        for name, hint in known or [(task.note, "")] * bool(task.note):
            mistake = {"task": task.name, "name": name, "hint": hint, "students": []}
            found.setdefault((task.name, name), mistake)["students"].append(student)
    return sorted(found.values(), key=lambda mistake: -len(mistake["students"]))


def _time(judged):
    """How many seconds judging took, and for whom it took longest; None where no verdict has it."""
    if not any(one.verdict.seconds for one in judged):
        return None
    seconds = pd.Series({one.name: one.verdict.seconds for one in judged})
    return {"median": seconds.median(), "most": seconds.quantile(0.9), "longest": seconds.nlargest(3)}


def _doubts(submissions):
    """By doubt about a verdict, who has it."""
    doubts = dict.fromkeys(one.doubt for one in submissions if one.doubt)
    return {doubt: [one.student for one in submissions if one.doubt == doubt] for doubt in doubts}


def _help(submissions: Sequence[Submission], shares: pd.DataFrame) -> Iterator[Help]:
    """Those with few points, with far fewer than elsewhere, or without anything handed in; the fewest points first."""
    elsewhere = shares.drop(columns=submissions[0].exercise).mean(axis=1)
    for one in sorted(submissions, key=lambda one: (one.points is None, one.points)):
        usual = elsewhere[one.student]
        if one.status == "absent":
            yield Help(one, "handed in nothing" + (f", has {usual:.0%} elsewhere" if usual == usual else ""))
        elif one.points is not None and one.share <= usual - DROP:
            yield Help(one, f"has {one.share:.0%} of the points, {usual:.0%} elsewhere")
        elif one.points is not None and one.share < LOW:
            yield Help(one, f"has {one.share:.0%} of the points")
