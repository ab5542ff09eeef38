"""Shows on the terminal what an export changes, whom it leaves out, and how a roster compares."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.lms.lti.push import Outcome
from autograder.lms.people.roster import Comparison
from autograder.lms.table.text import number
from autograder.lms.target import Change, LeftOut


def changes(made: Sequence[Change], console: Console) -> None:
    """Each grade that is not in the LMS yet, with what is there."""
    news = [one for one in made if one.is_new]
    lines = [(one.row.student, one.row.name, one.column, _there(one), _ours(one.row)) for one in news]
    _show(console, ["student", "name", "column", "LMS has", "gradebook has"], lines)
    console.print(f"{len(news)} grades to change, {len(made) - len(news)} as they are")
    if any(one.before is None for one in news):
        console.print("What the LMS has now is not known without --template.")


def _there(change):
    return "?" if change.before is None else change.before.strip()


def _ours(row):
    """The points, and where they come from if nobody gave them."""
    return f"{number(row.points)} (nothing came)" if row.status == "absent" else number(row.points)


def outcomes(found: Sequence[Outcome], console: Console) -> None:
    """What became of each grade that was not there already."""
    news = [one for one in found if one.result != "unchanged"]
    lines = [(one.row.student, one.row.name, one.row.exercise, one.before, _ours(one.row), one.result) for one in news]
    _show(console, ["student", "name", "exercise", "LMS had", "gradebook has", "result"], lines)
    counts = Counter("failed" if one.failed else one.result for one in found)
    console.print(", ".join(f"{counts[what]} {what}" for what in sorted(counts)) or "nothing to send")


def left_out(rows: LeftOut, console: Console) -> None:
    """Each row that does not leave the gradebook, with the reason."""
    lines = [(row.student, row.name, row.exercise, reason) for row, reason in rows]
    _show(console, ["left out", "name", "exercise", "why"], lines)


def roster(found: Comparison, without_id: Sequence[str], add: bool, console: Console) -> None:
    """What an import changes, who is new, who is missing in the file, and who has no id there."""
    changed = [(who, field, value) for who, (_, fields) in found.known.items() for field, value in fields.items()]
    _show(console, ["student", "field", "new value"], changed)
    people = [(one.id, one.name, closest) for one, closest in found.new.items()]
    _show(console, ["added" if add else "in the file only (--add adds them)", "name", "closest here"], people)
    _show(console, ["in nbgrader only", "closest in the file"], found.absent.items())
    _show(console, ["left out, having no id in the file (--map id=COLUMN takes another)"], zip(without_id))
    console.print(
        f"{len(found.known)} matched, {len(found.new)} in the file only, {len(found.absent)} in nbgrader only, "
        f"{len(without_id)} without an id"
    )


def _show(console: Console, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    if not (lines := list(lines)):
        return
    table = Table(*header)
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)
