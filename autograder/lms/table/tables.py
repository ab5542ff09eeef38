"""Shows on the terminal what an export changes, whom it leaves out, and how a roster compares."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.lms.lti.ags import Outcome
from autograder.lms.people.roster import Comparison
from autograder.lms.table.text import number
from autograder.lms.target import Change, LeftOut


def changes(made: Sequence[Change], console: Console) -> None:
    """Each grade that is not in the LMS yet, with what is there."""
    news = [one for one in made if one.is_new]
    lines = [(one.row.student, one.row.name, one.column, one.before.strip(), number(one.row.points)) for one in news]
    _show(console, ["student", "name", "column", "LMS has", "gradebook has"], lines)
    console.print(f"{len(news)} grades to change, {len(made) - len(news)} as they are")


def outcomes(found: Sequence[Outcome], console: Console) -> None:
    """What became of each grade that was not there already."""
    news = [one for one in found if one.result != "unchanged"]
    lines = [(one.row.student, one.row.exercise, one.before, number(one.row.points), one.result) for one in news]
    _show(console, ["student", "exercise", "LMS had", "gradebook has", "result"], lines)
    counts = {"sent": 0, "would be sent": 0, "unchanged": 0, "failed": 0}
    for one in found:
        counts["failed" if one.failed else one.result] += 1
    console.print(", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to send")


def left_out(rows: LeftOut, console: Console) -> None:
    """Each row that does not leave the gradebook, with the reason."""
    lines = [(row.student, row.name, row.exercise, reason) for row, reason in rows]
    _show(console, ["left out", "name", "exercise", "why"], lines)


def roster(found: Comparison, add: bool, console: Console) -> None:
    """What an import changes, who is new, and who is missing in the file."""
    changed = [(who, field, value) for who, (_, fields) in found.known.items() for field, value in fields.items()]
    _show(console, ["student", "field", "new value"], changed)
    people = [(one.id, one.name, closest) for one, closest in found.new.items()]
    _show(console, ["added" if add else "in the file only (--add adds them)", "name", "closest here"], people)
    _show(console, ["in nbgrader only", "closest in the file"], found.absent.items())
    console.print(
        f"{len(found.known)} matched, {len(found.new)} in the file only, {len(found.absent)} in nbgrader only"
    )


def _show(console: Console, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    if not (lines := list(lines)):
        return
    table = Table(*header)
    for line in lines:
        table.add_row(*map(escape, line))
    console.print(table)
