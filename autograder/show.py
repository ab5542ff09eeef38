"""Shows verdicts on the terminal."""

from rich.console import Console
from rich.markup import escape

from autograder.verdict import STATUSES, Verdict

_SIGN = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "broken": "[yellow]?[/]"}


def verdict(found: Verdict, console: Console | None = None) -> None:
    """Print a verdict: each task with its points, each test as a sentence, and what was observed where it failed."""
    out = (console or Console(highlight=False)).print
    total = "undecided" if found.points is None else f"{found.points:g}"
    out(f"[bold]{found.exercise}: {total} of {found.max_points:g} points[/] ({found.status}, {found.seconds:.2f} s)")
    if found.status != "graded":
        out(f"  [bold]{STATUSES[found.status]}[/]")
    for line in found.repairs:
        out(f"  mended: {escape(line)}")
    for line in found.causes:
        out(f"  [yellow]{escape(line)}[/]")
    for task in found.tasks:
        points = "undecided" if task.points is None else f"{task.points:g}"
        out(f"\n[bold]{task.name}[/]  {points} of {task.max_points:g}")
        for test in task.tests:
            out(f"  {_SIGN[test.outcome]} {escape(test.sentence)}")
            if test.outcome != "passed":
                for text in [test.message, test.observed and f"observed: {test.observed}",
                             test.expected and f"expected: {test.expected}"]:  # fmt: skip
                    if text:
                        out("      " + escape(text).replace("\n", "\n" + " " * 16))
        if task.note:
            out(f"  [red]{escape(task.note)}[/]")
        if task.misconception:
            out(f"  [cyan]This looks like: {escape(task.misconception)}.[/] {escape(task.hint)}")
