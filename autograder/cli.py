"""The command `course`: thin commands over the package's functions."""

import contextlib
import os
import sys
from pathlib import Path

import click

from autograder import course
from autograder.lms import commands as lms
from autograder.terminal import (
    COURSE_DIR,
    EXERCISE,
    EXERCISES,
    JOBS,
    NO_JAIL,
    SCHEDULER,
    STUDENT,
    STUDENTS,
    Course,
    page,
)


@click.group(cls=Course, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show where in the program an error comes from; stands before COMMAND.")
@click.version_option(package_name="autograder")
def main(debug):
    """A course of nbgrader assignments that grades itself, and is graded.

    An exercise is a text in solutions/, with hidden tests, which students never see, and misconceptions: wrong answers
    that are known, each with a hint. Judging an answer gives a verdict: points, what each hidden test found, and the
    mistake's name. What the judge cannot decide is left to a person.

    `course COMMAND --help` has an example of each command. nbgrader's own commands work beside these.

    \b
    Example:
      course demo
      course grade --help

    \b
    Exit status: 0 done, 1 something needs a person or could not be done,
    2 the command could not be understood or begun, 3 a fault of `course` itself.

    \b
    The Tab key completes exercises and students in bash (zsh, fish: docs/instructors.md) after
      eval "$(_COURSE_COMPLETE=bash_source course)"
    """
    # nbgrader runs `alembic` by name, which is on the path only where the environment is activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; list what is not up to date and exit with 1.")
def build(check):
    """Derive source/ and release/ from the texts in solutions/.

    \b
    Example:
      course build
      course build --check

    Exit status: 0 up to date, 1 not (with --check), or a mistake in a text.
    """
    from autograder import build as builder

    lines = builder.drift() if check else builder.write()
    for line in lines:
        click.echo(line)
    if check and lines:
        click.echo("source/ and release/ differ from solutions/: run `course build`", err=True)
        sys.exit(1)
    click.echo(f"{len(course.names())} exercises are up to date")


@main.command()
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
    from autograder import release as releasing

    for path in releasing.write(to):
        click.echo(f"wrote {path}")


@main.command()
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
    from autograder.sandbox import Sandbox
    from autograder.settings import Seconds

    course.exercise(exercise)
    with Sandbox(jail=not unsafe_no_jail) as sandbox:
        from autograder import judge as judging  # while the server warms up
        from autograder import show, zoo

        if notebook:
            verdict, _ = judging.judge_file(notebook, exercise, sandbox, Seconds())
        else:
            verdict, _ = judging.judge(zoo.reference(exercise), exercise, sandbox, Seconds())
    click.echo(verdict.to_json(), nl=False) if as_json else show.verdict(verdict)
    sys.exit(1 if verdict.needs_person else 0)


@main.command()
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
    from autograder import checks, matrix, pool
    from autograder.settings import Settings

    settings, all_found = Settings(checks.PATIENT, jail=not unsafe_no_jail), []
    with pool.executor(settings, jobs) as runs:
        for name in exercises or course.names():
            found = []
            for one in checks.false_alarms(name, seeds, runs.map) if seeds else checks.check(name, settings, runs.map):
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
        click.echo(checks.share_named(all_found))
    sys.exit(1 if problems else 0)


def _check_visible(exercises):
    """Write what visible checks say of each misconception; 1 where a message has still to be read by a person."""
    from autograder import visible

    found, slowest = [], 0.0
    for name in exercises:
        slowest = max(slowest, *(one.seconds for one in visible.on_reference(name)))
        read = visible.read_again(visible.on_mistakes(name), visible.readings(name))
        visible.write(name, read)
        for one in (one for one, reading in read.items() if reading == "unread"):
            click.secho(f"unread: {one.mistake} ({name}, {one.task})", fg="yellow")
            click.echo(f"    {one.message}")
        found += read.values()
    click.echo(visible.share(found))
    click.echo(f"a right answer waits {slowest:.1f} s for the slowest check")
    if unread := "unread" in found:
        click.echo("write `points` or `vague` for each `unread` in docs/visible/", err=True)
    return int(unread)


@main.command()
@EXERCISES
@STUDENTS
@JOBS
@SCHEDULER
@COURSE_DIR
def grade(exercises, students, jobs, scheduler, course_dir):
    """Grade what was handed in and is new, in parallel.

    Does what `nbgrader autograde` does, and goes on where it was stopped. Without EXERCISES all are graded.

    \b
    Example:
      course grade ex04_batch_norm --jobs 4
      course grade --student ana

    Exit status: 0 all is graded, 1 some of it needs a person, 2 nothing could be graded.
    """
    from autograder import show

    with _grading(course_dir) as grading:
        found = grading.submissions(exercises, students)
        pending, troubles = grading.pending(found), []
        if pending:
            from autograder import pool, recording

            with pool.executor(grading.settings, jobs, scheduler) as runs, show.progress(len(pending)) as seen:
                troubles = recording.grade(grading, pending, runs, jobs, seen, reason="graded anew")
        verdicts = {f"{one.exercise}, {one.student}": grading.verdict(one) for one in found}
    show.graded(verdicts, len(pending), troubles)
    sys.exit(1 if troubles or any(one is None or one.needs_person for one in verdicts.values()) else 0)


@main.command()
@EXERCISES
@click.option("--apply", is_flag=True, help="Record what is shown; without it nothing is changed.")
@click.option("--reason", default="regraded", show_default=True, help="Why; kept with the verdicts that are replaced.")
@JOBS
@SCHEDULER
@COURSE_DIR
def regrade(exercises, apply, reason, jobs, scheduler, course_dir):
    """Judge again what rests on something that has changed; show who gains or loses.

    A changed hidden test, reference or misconception touches its own exercise only. Manual scores and comments stay.

    \b
    Example:
      course regrade ex04_batch_norm
      course regrade ex04_batch_norm --apply --reason "the test of eps was too strict"

    Exit status: 0 shown or recorded, 1 some could not be recorded, 2 nothing could be graded.
    """
    from autograder import pool, recording, show

    with _grading(course_dir) as grading:
        recorded = [(one, grading.verdict(one)) for one in grading.submissions(exercises)]
        changed = {one: old for one, old in recorded if old and (old.edited or old.key != one.key)}
        for one in (one for one, old in changed.items() if old.edited):
            click.secho(f"{one.exercise}, {one.student}: {changed[one].doubt}", fg="yellow", err=True)
        if changed:
            with pool.executor(grading.settings, jobs, scheduler) as runs, show.progress(len(changed)) as seen:
                new = {judged.submission: judged.verdict for judged in map(seen, grading.judged(changed, runs, jobs))}
                show.changes([(one, old, new[one]) for one, old in changed.items()])
                if apply:
                    troubles = recording.grade(grading, changed, runs, jobs, lambda judged: judged, reason)
    if not changed:
        click.echo(f"{len(recorded)} submissions, and nothing that they rest on has changed")
    elif not apply:
        click.echo("Nothing is recorded yet: repeat this with --apply")
    else:
        show.troubles(troubles)
        click.echo(f"{len(changed) - len(troubles)} verdicts are recorded")
        sys.exit(1 if troubles else 0)


@main.command()
@STUDENT
@EXERCISE
@click.option("--as-student", is_flag=True, help="Show only what the student may see.")
@COURSE_DIR
def explain(student, exercise, as_student, course_dir):
    """Show all that the hidden tests asked of one answer.

    STUDENT's answer to EXERCISE is judged once more, with the random numbers of its recorded verdict.

    \b
    Example:
      course explain ana ex04_batch_norm
      course explain ana ex04_batch_norm --as-student

    Exit status: 0 shown, 1 not graded yet, or the verdict was edited.
    """
    from rich.console import Console

    from autograder import explain as explaining
    from autograder import judge, show
    from autograder.grading import Grading
    from autograder.reading import NoNotebook, read_submission
    from autograder.sandbox import Sandbox

    grading = Grading(course_dir)
    (one,) = grading.submissions([exercise], [student])
    recorded = grading.verdict(one)
    if recorded is None:
        raise course.CourseError(f"{student} is not graded yet: run `course grade {exercise} --student {student}`")
    if recorded.edited:
        raise course.CourseError(f"{recorded.doubt}: `course regrade {exercise} --apply` makes it anew")
    for line in [*filter(None, [recorded.doubt]), *judge.differences(recorded)]:
        click.secho(line, fg="yellow", err=True)
    if as_student:
        return show.verdict(recorded)
    try:
        submitted, _ = read_submission(one.folder, exercise)
    except NoNotebook as error:
        raise course.CourseError(str(error)) from error
    settings = grading.settings
    with Sandbox(settings.limits, settings.jail) as sandbox:
        heard = explaining.explain(submitted, exercise, recorded.seed, sandbox, settings.seconds)
    return explaining.print_all(heard, Console(highlight=False))


@contextlib.contextmanager
def _grading(course_dir):
    """The course's folder, locked; what cannot be graded at all ends with status 2."""
    from autograder.grading import Grading

    try:
        grading = Grading(course_dir)
        with grading.locked():
            yield grading
    except course.CourseError as error:
        error.status = 2
        raise


@main.command()
def doctor():
    """Check the walls that keep student code in on this machine.

    Says which walls there are and what brings those that are missing, and tries to break out.

    \b
    Example:
      course doctor

    Exit status: 0 nothing got out, 1 something did, or there are no walls here.
    """
    from autograder import doctor as house
    from autograder.sandbox import Sandbox

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
    sys.exit(1 if escaped else 0)


@main.command()
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
    from autograder import report as reporter

    for path in reporter.write(course_dir, to, exercises, csv):
        click.echo(f"wrote {path}")


@main.command()
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
    from autograder import show
    from autograder import similarity as comparing

    show.similar(comparing.write(course_dir, exercise, to))
    click.echo(f"wrote {to}")


@main.command()
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

    from autograder import demo as day

    day.run(to.resolve(), Console(highlight=False))


for command in (lms.export, lms.roster, lms.lti):
    main.add_command(command)
