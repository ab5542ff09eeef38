"""An export as a command does it: made or tried out, shown on the terminal, then written or sent."""

from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console

from autograder.lms import exporting
from autograder.lms.lti import ags, push, registration, session
from autograder.lms.table import tables


def write(
    gradebook: Gradebook,
    target: str,
    selection: exporting.Selection,
    folder: Path,
    template: Path | None = None,
    to: Path | None = None,
    dry_run: bool = False,
) -> bool:
    """Write the files; whether some final grade is in none of them."""
    made = exporting.export(gradebook, target, selection, template and template.read_bytes(), folder)
    out = Console(highlight=False)
    if dry_run:
        tables.changes(made.changes, out)
    tables.left_out(made.left_out, out)
    if not made.changes:
        out.print("no grade to write")
    for path in () if dry_run else exporting.save(made, to or Path(f"{target}.{made.target.suffix}")):
        out.print(f"wrote {path}", markup=False, soft_wrap=True)
    return bool(made.stuck)


def send(
    gradebook: Gradebook, selection: exporting.Selection, folder: Path, adopt: bool = False, dry_run: bool = False
) -> bool:
    """Send the grades; whether some final grade has not arrived."""
    final, open_, maxima = exporting.select(gradebook, selection, folder)
    lms = ags.Gradebook(session.Session(folder / registration.FOLDER))
    found, lost = push.push(lms, final, maxima, dry_run, selection.replace, adopt)
    out = Console(highlight=False)
    tables.outcomes(found, out)
    tables.left_out(open_ + lost, out)
    return bool(lost) or any(one.failed for one in found)
