"""The command `course`: thin commands over the package's functions."""

import os
import sys
from pathlib import Path

import click

from autograder import course
from autograder.lms import commands as lms

_JAIL = click.option("--unsafe-no-jail", is_flag=True, help="Run student code without walls; every verdict says so.")


class _Errors(click.Group):
    """Shows the errors that a person can mend without a traceback."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except course.CourseError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Errors, context_settings={"help_option_names": ["-h", "--help"]})
def main():
    """Build, check and judge the course; grade a class with the `nbgrader` commands."""
    # nbgrader runs `alembic` by name, which is on the path only where the environment is activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; list what is not up to date and exit with 1.")
def build(check):
    """Derive source/ and release/ from the texts in solutions/."""
    from autograder import build as builder

    lines = builder.drift() if check else builder.write()
    for line in lines:
        click.echo(line)
    if check and lines:
        click.echo("source/ and release/ differ from solutions/: run `course build`", err=True)
        sys.exit(1)
    click.echo(f"{len(course.names())} exercises are up to date")


@main.command()
@click.argument("exercise")
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the whole verdict as JSON.")
@_JAIL
def judge(exercise, notebook, as_json, unsafe_no_jail):
    """Judge one NOTEBOOK (without one: the reference) and show the verdict."""
    import nbformat

    from autograder import show, zoo
    from autograder.judge import judge as hear
    from autograder.sandbox import Sandbox, Seconds

    course.exercise(exercise)
    submitted = nbformat.read(notebook, as_version=4) if notebook else zoo.reference(exercise)
    with Sandbox(jail=not unsafe_no_jail) as sandbox:
        verdict, _ = hear(submitted, exercise, sandbox, Seconds())
    click.echo(verdict.to_json(), nl=False) if as_json else show.verdict(verdict)


@main.command()
@click.argument("exercises", nargs=-1)
@click.option("--seeds", type=click.IntRange(1), help="Instead: look for false alarms on so many seeds.")
@_JAIL
def check(exercises, seeds, unsafe_no_jail):
    """Prove EXERCISES (without any: all) sound: right answers earn everything, each wrong one loses its own task.

    \b
    course check ex02_xavier
    course check --seeds 1000 ex02_xavier
    """
    from autograder import checks
    from autograder.sandbox import Sandbox, Seconds

    count = problems = 0
    with Sandbox(jail=not unsafe_no_jail) as sandbox:
        for name in exercises or course.names():
            for what, found in checks.false_alarms(name, seeds) if seeds else checks.check(name, sandbox, Seconds()):
                count += 1
                problems += bool(found)
                click.secho(f"{'✗' if found else '✓'} {name}  {what}", fg="red" if found else "green")
                for line in found:
                    click.echo(f"    {line}")
    click.echo(f"{count} checks, {problems} with problems")
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("exercises", nargs=-1)
@click.option("--to", default="report.html", show_default=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--course-dir", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def report(exercises, to, course_dir):
    """Write the class report on EXERCISES (without any: all that someone has handed in) as one HTML page.

    \b
    course report ex04_batch_norm --to batch_norm.html
    """
    from autograder import report as reporter

    reporter.write(course_dir, to, exercises)
    click.echo(f"wrote {to}")


@main.command()
@click.option("--to", default="demo", show_default=True, type=click.Path(file_okay=False, path_type=Path))
def demo(to):
    """Take a made-up class through the whole day: release, grade, feedback, export, report."""
    from rich.console import Console

    from autograder import demo as day

    day.run(to.resolve(), Console(highlight=False))


for command in (lms.export, lms.roster, lms.lti):
    main.add_command(command)
