"""The commands for those who write exercises: `build`, `judge`, `check`, `mutants`, `release`."""

import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from autograder import course
from autograder.cli.options import DONE, EXERCISE, EXERCISES, JOBS, NEEDS_PERSON, NO_JAIL


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; list what is not up to date and exit with 1.")
def build(check):
    """Derive source/ and release/ from the texts in solutions/.

    \b
    Example:
      course build
      course build --check

    Exit status: 0 up to date, 1 not (with --check), or a mistake in a text.
    """
    from autograder.course import build as builder

    lines = builder.drift() if check else builder.write()
    for line in lines:
        click.echo(line)
    if check and lines:
        click.echo("source/ and release/ differ from solutions/: run `course build`", err=True)
        sys.exit(1)
    click.echo(f"{len(course.names())} exercises are up to date")


@click.command()
@EXERCISE
@click.argument("notebook", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the whole verdict as JSON.")
@NO_JAIL
def judge(exercise, notebook, as_json, unsafe_no_jail):
    """Judge one notebook and show the verdict.

    NOTEBOOK is a file or the folder of a submission; without it the reference solution is judged.

    \b
    Example:
      course judge ex04_batch_norm
      course judge ex04_batch_norm submitted/ana/ex04_batch_norm/ex04_batch_norm.ipynb

    Exit status: 0 judged, 1 a person has to look.
    """
    from autograder.judging.fence.sandbox import Sandbox
    from autograder.judging.fence.settings import Seconds

    course.exercise(exercise)
    with Sandbox(jail=not unsafe_no_jail) as sandbox:
        from autograder.cli import show
        from autograder.judging import judge as judging  # while the server warms up
        from autograder.proof import zoo

        if notebook:
            verdict, _ = judging.judge_file(notebook, exercise, sandbox, Seconds())
        else:
            verdict, _ = judging.judge(zoo.reference(exercise), exercise, sandbox, Seconds())
    click.echo(verdict.to_json(), nl=False) if as_json else show.verdict(verdict)
    sys.exit(NEEDS_PERSON if verdict.needs_person else DONE)


@click.command()
@EXERCISES
@click.option("--seeds", type=click.IntRange(1), help="Instead: look for false alarms on so many seeds.")
@click.option("--pages", is_flag=True, help="Write docs/matrix/: which answer loses which task.")
@click.option("--visible", is_flag=True, help="Instead: write docs/visible/, what visible checks say of each mistake.")
@JOBS
@NO_JAIL
def check(exercises, seeds, pages, visible, jobs, unsafe_no_jail):
    """Prove exercises sound: judge answers that are known to be right or wrong.

    Right answers have to earn everything, and each wrong one has to lose points in its own task only and be called by
    its name. The last line says which share of the mistakes in wrong answers of another style is named. Without
    EXERCISES all are checked.

    \b
    Example:
      course check ex02_xavier
      course check --pages
      course check --seeds 1000 ex02_xavier
      course check --visible ex02_xavier

    Exit status: 0 sound, 1 not.
    """
    if visible:
        sys.exit(_check_visible(exercises or course.names()))
    from autograder.classroom import pool
    from autograder.judging.fence.settings import Settings
    from autograder.proof import invariants, matrix

    settings, all_found = Settings(invariants.PATIENT, jail=not unsafe_no_jail), []
    with pool.executor(settings, jobs) as runs:
        for name in exercises or course.names():
            found = []
            for one in (
                invariants.false_alarms(name, seeds, runs.map) if seeds else invariants.check(name, settings, runs.map)
            ):
                found.append(one)
                sign, color = ("✗", "red") if one.problems else ("✓", "green")
                click.secho(f"{sign} {name}  {one.kind}: {one.name}", fg=color)
                for line in one.problems:
                    click.echo(f"    {line}")
            all_found += found
            if pages and not seeds:
                click.echo(f"wrote {matrix.write(name, found)}")
    if pages:
        click.echo(f"wrote {matrix.write_index()}")
    problems = sum(bool(one.problems) for one in all_found)
    click.echo(f"{len(all_found)} checks, {problems} with problems")
    if not seeds:
        click.echo(invariants.share_named(all_found))
    sys.exit(1 if problems else 0)


def _check_visible(exercises):
    """Write what visible checks say of each misconception; 1 where a message has still to be read by a person."""
    from autograder.proof import visible_checks

    found, slowest = [], 0.0
    for name in exercises:
        slowest = max(slowest, *(one.seconds for one in visible_checks.on_reference(name)))
        read = visible_checks.read_again(visible_checks.on_mistakes(name), visible_checks.readings(name))
        visible_checks.write(name, read)
        for one in (one for one, reading in read.items() if reading == "unread"):
            click.secho(f"unread: {one.mistake} ({name}, {one.task})", fg="yellow")
            click.echo(f"    {one.message}")
        found += read.values()
    click.echo(visible_checks.share(found))
    click.echo(f"a right answer waits {slowest:.1f} s for the slowest check")
    if unread := "unread" in found:
        click.echo("write `points` or `vague` for each `unread` in docs/visible/", err=True)
    return int(unread)


@click.command()
@EXERCISES
@click.option("--check", is_flag=True, help="Exit with 1 where the survivors are not those that are committed.")
@JOBS
def mutants(exercises, check, jobs):
    """Edit the reference in small ways, one at a time, and show what no test notices.

    Each is a hole in the tests. Write a test that fails it into autograder/hidden/test_EXERCISE.py; or,
    where no answer of a student could be wrong in that way, put it into equivalent_EXERCISE.txt beside that, as it is
    shown, with a line `= why` below. Without EXERCISES all are looked at.

    \b
    Example:
      course mutants ex02_xavier
      course mutants --check ex02_xavier ex06_dropout

    Exit status: 0 done, 1 survivors differ from the committed ones (with --check).
    """
    from autograder.proof.mutants import judging, making, survivors

    console, differs = Console(stderr=True), False
    for name in exercises or course.names():
        started, made = time.monotonic(), making.mutants(name)
        judged = track(judging.judged(made, jobs), name, len(made), console=console, disable=not console.is_terminal)
        outcome = survivors.compare(name, judged)
        differs |= outcome.differs
        for line in outcome.lines():
            click.echo(line)
        click.echo(f"    {time.monotonic() - started:.0f} s")
    sys.exit(1 if check and differs else 0)


@click.command()
@click.option("--to", default="bundles", show_default=True, type=click.Path(file_okay=False, path_type=Path),
              help="The folder to write the zips to.")  # fmt: skip
def release(to):
    """Pack what students get: a zip for each exercise, and one of all.

    Each has the notebook, a README and the requirements. Nothing is packed where the notebooks are stale, show
    something of a solution or a hidden test, or where the reference does not earn everything, or the untouched
    notebook something.

    \b
    Example:
      course release --to bundles

    Exit status: 0 packed, 1 something is wrong with what would be packed.
    """
    from autograder.proof import release as releasing

    for path in releasing.write(to):
        click.echo(f"wrote {path}")
