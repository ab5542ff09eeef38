"""What the student reads: a task's verdict as the one output of its grade cell."""

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from autograder.judging.verdict import OUTCOMES, STATUSES, TaskResult, Verdict
from autograder.pages.rendering import template

BANNER = "verdict"  # the id of the first cell where it is a banner


def outputs(verdict: Verdict, task_name: str) -> list[NotebookNode]:
    """The outputs of a grade cell: one result, which nbgrader reads as the score and a person as the feedback.

    Its text is one plain float; what nbgrader cannot read as a number it would take for full marks.
    """
    task = next(task for task in verdict.tasks if task.name == task_name)
    points = 0.0 if task.points is None else task.points
    data = {"text/plain": repr(float(points)), "text/html": _html(task, bool(verdict.failures))}
    return [new_output("execute_result", data, execution_count=None)]


def banner(verdict: Verdict) -> list[NotebookNode]:
    """A first cell that says how the submission ended and what was mended in it; none where all is as it should be."""
    if verdict.status == "graded" and not verdict.repairs:
        return []
    html = template("verdict.html.j2").render(verdict=verdict, meaning=STATUSES[verdict.status].words)
    return [new_markdown_cell(html, id=BANNER)]


def summary(verdict: Verdict) -> str:
    """A verdict in one line."""
    points = "undecided" if verdict.points is None else f"{verdict.points:g}"
    named = [mistake.name for task in verdict.tasks for mistake in task.mistakes]
    return f"{points} of {verdict.max_points:g} points, {verdict.status}" + (f" ({'; '.join(named)})" if named else "")


def _html(task: TaskResult, failed: bool) -> str:
    return template("task.html.j2").render(task=task, outcomes=OUTCOMES, failed=failed)
