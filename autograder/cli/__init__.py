"""The command `course`."""

import click

from autograder.classroom.nbgrader_seam import alembic
from autograder.cli import authoring, grading, looking
from autograder.cli import lms as lms
from autograder.cli.options import Course


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
    alembic.put_on_path()


for command in (
    authoring.build, authoring.judge, authoring.check, authoring.mutants, authoring.release, grading.grade,
    grading.explain, grading.regrade, looking.demo, looking.doctor, looking.report, looking.similarity, lms.roster,
    lms.export, lms.lti,
):  # fmt: skip
    main.add_command(command)
