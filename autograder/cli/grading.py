"""The commands that grade a class: `grade`, `explain`, `regrade`."""

import contextlib
import sys

import click

from autograder import CourseError
from autograder.cli.options import (
    COURSE_DIR,
    DONE,
    EXERCISE,
    EXERCISES,
    JOBS,
    NEEDS_PERSON,
    NOT_BEGUN,
    SCHEDULER,
    STUDENT,
    STUDENTS,
)


@click.command()
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
    from autograder.classroom import submissions, verdict_files
    from autograder.cli import show

    with _locked(course_dir) as place:
        found = submissions.find(place, exercises, students)
        pending, troubles = submissions.pending(place, found), submissions.misnamed(place, exercises)
        if pending:
            from autograder.classroom import pool
            from autograder.classroom.nbgrader_seam import recorder

            with pool.executor(place.settings, jobs, scheduler) as runs, show.progress(len(pending)) as seen:
                troubles += recorder.grade(place, pending, runs, jobs, seen, reason="graded anew")
        verdicts = {
            f"{one.exercise}, {one.student}": verdict_files.read(place.autograded(one.student, one.exercise))
            for one in found
        }
    show.graded(verdicts, len(pending), troubles)
    open_ = troubles or any(one is None or one.needs_person for one in verdicts.values())
    sys.exit(NEEDS_PERSON if open_ else DONE)


@click.command()
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

    from autograder.classroom import submissions, verdict_files
    from autograder.classroom.folder import course_in
    from autograder.cli import explain as explaining
    from autograder.cli import show
    from autograder.judging import judge
    from autograder.judging.fence.sandbox import Sandbox

    place = course_in(course_dir)
    (one,) = submissions.find(place, [exercise], [student])
    recorded = verdict_files.read(place.autograded(student, exercise))
    if recorded is None:
        raise CourseError(f"{student} is not graded yet: run `course grade {exercise} --student {student}`")
    if recorded.edited:
        raise CourseError(f"{recorded.doubt}: `course regrade {exercise} --apply` makes it anew")
    for line in [*filter(None, [recorded.doubt]), *judge.differences(recorded)]:
        click.secho(line, fg="yellow", err=True)
    if as_student:
        return show.verdict(recorded)
    if not one.given.text:
        raise CourseError(one.given.note or one.given.failure)
    settings, (submitted, _) = place.settings, one.given.notebook()
    with Sandbox(settings.limits, settings.jail) as sandbox:
        heard = explaining.explain(submitted, exercise, recorded.seed, sandbox, settings.seconds)
    return explaining.print_all(heard, Console(highlight=False))


@click.command()
@EXERCISES
@click.option("--apply", is_flag=True, help="Record what is shown; without it nothing is changed.")
@click.option("--reason", default="regraded", show_default=True, help="Why; kept with the verdicts that are replaced.")
@JOBS
@SCHEDULER
@COURSE_DIR
def regrade(exercises, apply, reason, jobs, scheduler, course_dir):
    """Judge again what rests on something that has changed; show who gains or loses.

    A changed hidden test, reference or misconception touches its own exercise only; a due date that was moved, or
    another plug-in for late penalties, those who are late. Manual scores and comments stay.

    \b
    Example:
      course regrade ex04_batch_norm
      course regrade ex04_batch_norm --apply --reason "the test of eps was too strict"

    Exit status: 0 shown or recorded, 1 some could not be recorded, 2 nothing could be graded.
    """
    from autograder.classroom import pool, submissions
    from autograder.classroom.nbgrader_seam import penalties, recorder
    from autograder.cli import show

    with _locked(course_dir) as place:
        found, late = submissions.find(place, exercises), penalties.changed(place)
        changed = _changed(place, found, late)
        if changed:
            with pool.executor(place.settings, jobs, scheduler) as runs, show.progress(len(changed)) as seen:
                judged = map(seen, pool.judged(changed, place, runs, jobs))
                new = {one.submission: one.verdict for one in judged}
                show.changes([(one, old, new[one]) for one, old in changed.items()], late)
                if apply:
                    troubles = recorder.grade(place, changed, runs, jobs, lambda judged: judged, reason)
    if not changed:
        click.echo(f"{len(found)} submissions, and nothing that they rest on has changed")
    elif not apply:
        click.echo("Nothing is recorded yet: repeat this with --apply")
    else:
        show.troubles(troubles)
        click.echo(f"{len(changed) - len(troubles)} verdicts are recorded")
        sys.exit(NEEDS_PERSON if troubles else DONE)


def _changed(place, found, late):
    """What is recorded and would be recorded otherwise now, with its old verdict; says whose was changed by hand."""
    from autograder.classroom import verdict_files

    changed = {}
    for one in found:
        old = verdict_files.read(place.autograded(one.student, one.exercise))
        if old and (old.edited or old.key != one.key or (one.exercise, one.student) in late):
            changed[one] = old
        if old and old.edited:
            click.secho(f"{one.exercise}, {one.student}: {old.doubt}", fg="yellow", err=True)
    return changed


@contextlib.contextmanager
def _locked(course_dir):
    """The course, kept from other runs; what cannot be graded at all ends with status 2."""
    from autograder.classroom import run
    from autograder.classroom.folder import course_in

    try:
        place = course_in(course_dir)
        with run.locked(place.state):
            yield place
    except CourseError as error:
        error.status = NOT_BEGUN
        raise
