"""How `course` speaks to a person: commands in the order of a day, errors that are no tracebacks, words completed."""

import contextlib
import os
from pathlib import Path

import click

from autograder import CourseError, course

# In the order of an instructor's day.
SECTIONS = {
    "First steps": ["demo", "doctor"],
    "Write and prove an exercise": ["build", "judge", "check", "mutants", "release"],
    "Grade a class": ["grade", "explain", "regrade"],
    "Look at a class": ["report", "similarity"],
    "Exchange people and grades with a learning management system (LMS)": ["roster", "export", "lti"],
}


# The exit status of every command; its help says what the first three mean there.
DONE, NEEDS_PERSON, NOT_BEGUN, OUR_FAULT = range(4)


class Course(click.Group):
    """The command `course` itself."""

    def list_commands(self, context):
        return [name for names in SECTIONS.values() for name in names]

    def format_commands(self, context, formatter):
        for title, names in SECTIONS.items():
            with formatter.section(title):
                width = formatter.width - 14
                formatter.write_dl([(name, self.commands[name].get_short_help_str(width)) for name in names], 10)

    def invoke(self, context):
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if context.params["debug"]:
                raise
            raise _shown(error, context.invoked_subcommand) from error


def _shown(error, command):
    """An error as a sentence; one that is no person's to mend says how to learn more, and has a status of its own."""
    if isinstance(error, CourseError | OSError):
        shown, status = click.ClickException(str(error)), getattr(error, "status", NEEDS_PERSON)
    else:
        more = f"`course --debug {command} ...`, with the same words behind it, shows where this came from"
        shown, status = click.ClickException(f"{type(error).__name__}: {error}\n{more}"), OUR_FAULT
    shown.exit_code = status
    return shown


def _exercises(context, parameter, incomplete):
    with contextlib.suppress(CourseError):  # the Tab key is silent where there is no course
        return [name for name in course.names() if name.startswith(incomplete)]
    return []


def _students(context, parameter, incomplete):
    """Those who have handed in something."""
    from autograder.classroom.folder import CourseFolder

    place = CourseFolder.at(Path(context.params.get("course_dir") or "."))
    return sorted(path.name for path in place.submitted(".", ".").glob("*/") if path.name.startswith(incomplete))


EXERCISE = click.argument("exercise", shell_complete=_exercises)
EXERCISES = click.argument("exercises", nargs=-1, shell_complete=_exercises)
STUDENT = click.argument("student", shell_complete=_students)
STUDENTS = click.option(
    "--student",
    "students",
    multiple=True,
    shell_complete=_students,
    help="Only this student; may be given more than once.",
)
COURSE_DIR = click.option(
    "--course-dir",
    default=".",
    show_default="this folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course's folder, the one with nbgrader_config.py.",
)
NO_JAIL = click.option(
    "--unsafe-no-jail",
    is_flag=True,
    help="Run student code without the walls that `course doctor` shows; every verdict says so.",
)
JOBS = click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count, show_default="all cores", help="Submissions judged at once."
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Judge on the Dask cluster there, such as tcp://host:8786 (docs/cluster.md).",
)


def page(default: str):
    """The option that names the page to write."""
    to = click.Path(dir_okay=False, path_type=Path)
    return click.option("--to", default=default, show_default=True, type=to, help="The page to write.")
