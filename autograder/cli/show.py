"""Shows verdicts on the terminal."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.judging.verdict import OUTCOMES, STATUSES, TaskResult, Verdict

SIGN = {name: f"[{outcome.color}]{outcome.sign}[/]" for name, outcome in OUTCOMES.items()}
_PAIRS = 20


def verdict(found: Verdict, console: Console | None = None) -> None:
    """Print a verdict: each task with its points, each test as a sentence, and what was observed where it failed."""
    out = (console or Console(highlight=False)).print
    points = f"{_points(found.points)} of {found.max_points:g} points"
    out(f"[bold]{found.exercise}: {points}[/] ({found.status}, {found.seconds:.2f} s)")
    if found.status != "graded":
        out(f"  [bold]{STATUSES[found.status].words}[/]")
    for line in found.repairs:
        out(f"  mended: {escape(line)}")
    for line in found.causes:
        out(f"  [yellow]{escape(line)}[/]")
    for task in found.tasks:
        out(f"\n[bold]{task.name}[/]  {_points(task.points)} of {task.max_points:g}")
        for line in _lines(task):
            out(line)


def _lines(task: TaskResult) -> Iterator[str]:
    """Each test as a sentence, with what was observed where it failed; then what explains the points."""
    for test in task.tests:
        yield f"  {SIGN[test.outcome]} {escape(test.sentence)}"
        if test.outcome != "passed":
            known = {"": test.message, "observed: ": test.observed, "expected: ": test.expected}
            for label, text in known.items():
                if text:
                    yield "      " + escape(label + text).replace("\n", "\n" + " " * 16)
    if task.note:
        yield f"  [red]{escape(task.note)}[/]"
    for mistake in task.mistakes:
        yield f"  [cyan]{mistake.opening} {escape(mistake.name)}.[/] {escape(mistake.hint)}"


@contextlib.contextmanager
def progress(total: int, console: Console | None = None) -> Iterator[Callable]:
    """A function to pass each judged submission through: a bar on a terminal, a plain line a minute elsewhere."""
    console = console or Console(stderr=True, highlight=False)
    columns = [TextColumn("judged"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}")]
    columns += [TimeRemainingColumn(), TextColumn("{task.fields[trouble]}")]
    started = spoken = time.monotonic()
    count, trouble = 0, ""
    with Progress(*columns, console=console, disable=not console.is_terminal or not total) as bar:
        task = bar.add_task("", total=total, rate="", trouble="")

        def seen(judged):
            nonlocal count, trouble, spoken
            count += 1
            if judged.verdict.status != "graded":
                trouble = f"{judged.submission.student}: {judged.verdict.status}"
            rate = f"{60 * count / (time.monotonic() - started):.0f}/min"
            bar.update(task, completed=count, rate=rate, trouble=escape(trouble))
            if not console.is_terminal and time.monotonic() - spoken > 60:
                spoken = time.monotonic()
                left = (total - count) * (spoken - started) / count
                console.print(f"{count} of {total} judged, {rate}, {left / 60:.0f} min left. {escape(trouble)}")
            return judged

        yield seen


def graded(verdicts: Mapping[str, Verdict | None], judged: int, problems: list[str]) -> None:
    """Print how a run ended: by status, and what needs a person."""
    out = Console(highlight=False).print
    known = {who: found for who, found in verdicts.items() if found}
    out(f"{len(verdicts)} submissions, {judged} of them judged or recorded now")
    counts = Counter(found.status for found in known.values())
    for status in STATUSES:
        if counts[status]:
            out(f"  {counts[status]:5}  {status}")
    for who, found in known.items():
        if found.needs_person:
            out(f"[yellow]{escape(who)}: {found.status}[/]: {escape('; '.join(found.causes))}")
    troubles(problems)


def troubles(problems: list[str]) -> None:
    """Print what could not be recorded."""
    for line in problems:
        Console(highlight=False).print(f"[red]{escape(line)}[/]")


def changes(found: Iterable[tuple], penalties: Mapping[tuple[str, str], tuple[float, float]]) -> None:
    """Print who gains or loses what, task by task, of (submission, old verdict, new verdict), and late penalties.

    The penalties are by exercise and student: the recorded one and the one that would be taken now.
    """
    table = Table("exercise", "student", "task", "was", "is", "change", title="What would change", title_justify="left")
    same = 0
    for one, old, new in found:
        different = list(_different(old, new))
        if late := penalties.get((one.exercise, one.student)):
            different.append(("late penalty", *late))
        same += not different
        for name, was, now in different:
            change = "" if None in (was, now) else f"{now - was:+g}"
            table.add_row(one.exercise, one.student, name, *map(_points, (was, now)), change)
    if table.row_count:
        Console().print(table)
    print(f"{same} verdicts give the same points as before")


def _different(old, new):
    """Each task that has other points in the new verdict, with both."""
    before, after = ({task.name: task.points for task in verdict.tasks} for verdict in (old, new))
    return ((name, before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name))


def similar(found) -> None:
    """Print which pairs of a `similarity.Found` share the most, and what that is and is not."""
    out = Console(highlight=False).print
    title = f"{found.exercise.name}: {found.compared} submissions compared"
    table = Table("", "student", "own code shared", "student", "own code shared", title=title, title_justify="left")
    for number, pair in enumerate(found.pairs[:_PAIRS], 1):
        sides = zip(pair.answers, pair.shares, strict=True)
        table.add_row(str(number), *(text for one, share in sides for text in (escape(one.student), f"{share:.0%}")))
    if found.pairs:
        out(table)
    else:
        out(f"{title}; no two of them share more than the course explains")
    if more := len(found.pairs) - table.row_count:
        out(f"{more} more pairs are on the page")
    if found.not_shown:
        out(f"[yellow]{found.not_shown} more pairs, which say less, are not shown[/]")
    for student, reason in found.left_out.items():
        out(f"[yellow]not compared: {escape(student)}[/]: {escape(reason)}")
    out("A place to look, not a verdict: read both before you think anything of either.")


def _points(number):
    return "undecided" if number is None else f"{number:g}"
