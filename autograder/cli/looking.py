"""The commands that show something: `demo`, `doctor`, `report`, `similarity`."""

import sys
from pathlib import Path

import click

from autograder.cli.options import COURSE_DIR, DONE, EXERCISE, EXERCISES, NEEDS_PERSON, page


@click.command()
@click.option(
    "--to",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to make the course in.",
)
def demo(to):
    """Take a made-up class through the whole day.

    Releases, grades, writes feedback pages, a Canvas file and a class report.

    \b
    Example:
      course demo --to demo

    Exit status: 0 done, 1 not, for instance because the folder holds something else.
    """
    from rich.console import Console

    from autograder.proof import demo as day

    day.run(to.resolve(), Console(highlight=False))


@click.command()
def doctor():
    """Check the walls that keep student code in on this machine.

    Says which walls there are and what brings those that are missing, and tries to break out.

    \b
    Example:
      course doctor

    Exit status: 0 nothing got out, 1 something did, or there are no walls here.
    """
    from autograder.judging.fence.sandbox import Sandbox
    from autograder.proof import doctor as house

    click.echo(house.machine())
    if reason := house.unsupported():
        raise click.ClickException(reason)
    for tier, reason, remedy in house.missing():
        click.secho(f"{'✗' if reason else '✓'} {house.WHAT[tier]}", fg="yellow" if reason else "green")
        if reason:
            click.echo(f"    {reason}\n    to have it: {remedy}")
    escaped = 0
    with Sandbox() as sandbox:
        for what, how in house.tried(sandbox):
            escaped += not how
            click.secho(
                f"{'✓' if how else '✗'} cannot {what}" + (f" ({how})" if how else ": IT CAN"), fg=None if how else "red"
            )
    click.echo(f"active: {house.WHAT[sandbox.tier]}; {len(house.ESCAPES)} escapes tried, {escaped} got through")
    sys.exit(NEEDS_PERSON if escaped else DONE)


@click.command()
@EXERCISES
@page("report.html")
@click.option("--csv", type=click.Path(file_okay=False, path_type=Path), help="A folder for the numbers as tables.")
@COURSE_DIR
def report(exercises, to, csv, course_dir):
    """Write the class report as one HTML page.

    Without EXERCISES it is about all that someone has handed in.

    \b
    Example:
      course report ex04_batch_norm --to batch_norm.html
      course report --csv tables

    Exit status: 0 written, 1 there is nothing to report on.
    """
    from autograder.pages import report as reporter

    for path in reporter.write(course_dir, to, exercises, csv):
        click.echo(f"wrote {path}")


@click.command()
@EXERCISE
@page("similarity.html")
@COURSE_DIR
def similarity(exercise, to, course_dir):
    """Find answers that share more than the course explains.

    Writes a page of pairs: places to look, not verdicts.

    \b
    Example:
      course similarity ex04_batch_norm --to batch_norm.html

    Exit status: 0 written, 1 there is nothing to compare.
    """
    from autograder.cli import show
    from autograder.pages import similarity as comparing

    show.similar(comparing.write(course_dir, exercise, to))
    click.echo(f"wrote {to}")
