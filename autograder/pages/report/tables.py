"""The class report as tidy tables: one observation a row, one variable a column."""

from collections.abc import Sequence

import pandas as pd

from autograder.lms.table.text import safe

_TASK = ["exercise", "task"]


def tables(summaries: Sequence[dict]) -> dict[str, pd.DataFrame]:
    """By name: submissions, scores by task and criterion, tasks, tests, mistakes, and students who may need help."""
    found = [(summary["exercise"], summary) for summary in summaries]
    submissions = [one for summary in summaries for one in summary["submissions"]]
    return {
        "submissions": _table(
            ["exercise", "student", "name", "status", "points", "max_points", "late_penalty", "seconds", "doubt"],
            ((one.exercise, one.student, one.name, one.status, one.points, one.max_points, one.penalty,
              one.verdict.seconds if one.verdict else None, one.doubt) for one in submissions),
        ),
        "scores": _table(
            [*_TASK, "student", "points", "max_points"],
            ((name, task, one.student, points, summary["worth"][task])
             for name, summary in found for one in summary["submissions"] for task, points in one.scores.items()),
        ),
        "tasks": _table(
            [*_TASK, "max_points", "mean", "difficulty", "discrimination"],
            ((name, task["name"], task["max"], task["mean"], task["difficulty"], task["discrimination"])
             for name, summary in found for task in summary["tasks"]),
        ),
        "criteria": _table(
            [*_TASK, "criterion", "student", "points", "max_points"],
            ((name, task.name, one.name, submission.student, one.points, one.max_points)
             for name, summary in found for submission in summary["submissions"] if submission.verdict
             for task in submission.verdict.tasks for one in task.criteria),
        ),
        "tests": _table(
            [*_TASK, "test", "passed", "failed", "broken"],
            ((name, task["name"], test["sentence"], test["passed"], test["failed"], test["broken"])
             for name, summary in found for task in summary["tasks"] for test in task["tests"]),
        ),
        "mistakes": _table(
            [*_TASK, "mistake", "student"],
            ((name, mistake["task"], mistake["name"], student)
             for name, summary in found for mistake in summary["mistakes"] for student in mistake["students"]),
        ),
        "help": _table(
            ["exercise", "student", "reason"],
            ((name, one.submission.student, one.reason) for name, summary in found for one in summary["help"]),
        ),
    }  # fmt: skip


def csv(table: pd.DataFrame) -> str:
    """A table as CSV, in which no text is a formula."""
    return table.map(lambda value: safe(value) if isinstance(value, str) else value).to_csv(index=False)


def _table(columns, rows):
    return pd.DataFrame(list(rows), columns=columns)
