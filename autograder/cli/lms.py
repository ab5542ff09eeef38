"""The commands `course export`, `course roster` and `course lti`."""

import sys
from pathlib import Path

import click

from autograder.cli.options import COURSE_DIR, EXERCISES, STUDENTS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DRY = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")


class _Export(click.Command):
    """Lists the targets below the options."""

    def format_epilog(self, context, formatter):
        from autograder.lms.exporting import TARGETS

        with formatter.section("Targets"):
            lines = [(name, target.__doc__.partition("\n")[0]) for name, target in TARGETS.items()]
            formatter.write_dl(
                [*lines, ("ags", "LTI 1.3 Assignment and Grade Services: sent directly, without a file.")]
            )


@click.command(cls=_Export)
@click.argument("target")
@EXERCISES
@STUDENTS
@click.option("--template", type=_FILE, help="The LMS's own download: its header, ids and people are kept.")
@click.option("--percent", is_flag=True, help="Write grades out of 100.")
@click.option("--missing", type=click.Choice(["skip", "zero"]), default="skip", show_default=True,
              help="What to write for what was not handed in.")  # fmt: skip
@click.option("--include", type=click.Choice(["needs_review"]), multiple=True,
              help="Grades that are not final and go out all the same.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Also write grades where the LMS has another one.")
@click.option("--adopt", is_flag=True, help="ags: use the LMS's columns of the exercises' names, whoever made them.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.  [TARGET.csv]")
@_DRY
@COURSE_DIR
def export(target, exercises, students, template, percent, missing, include, replace, adopt, to, dry_run, course_dir):
    """Write final grades in the form that an LMS imports.

    Without EXERCISES all are written, a file for each where TARGET takes no more.

    \b
    Example:
      course export canvas ex04_batch_norm --template downloaded.csv --dry-run
      course export canvas ex04_batch_norm --template downloaded.csv --to grades.csv

    Exit status: 0 written or sent, 1 some final grade is not, 2 there is no such target.
    """
    from autograder.classroom.gradebook import gradebook
    from autograder.lms import delivery
    from autograder.lms.exporting import TARGETS, Selection

    if target not in (*TARGETS, "ags"):
        raise click.UsageError(f"unknown target {target!r}; there are: {', '.join([*TARGETS, 'ags'])}")
    if target == "ags" and (template or to):
        raise click.UsageError("ags writes no file: leave --template and --to out")
    if adopt and target != "ags":
        raise click.UsageError("--adopt is for ags only: a file has a column for each exercise")
    selection = Selection(exercises, students, missing, include, percent, replace)
    with gradebook(course_dir) as book:
        if target == "ags":
            stuck = delivery.send(book, selection, course_dir, adopt, dry_run)
        else:
            stuck = delivery.write(book, target, selection, course_dir, template, to, dry_run)
    sys.exit(int(stuck))


@click.group()
def roster():
    """Bring the LMS's list of people into nbgrader.

    \b
    Example:
      course roster import gradebook.csv --add
    """


@roster.command("import")
@click.argument("file", type=_FILE)
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN",
              help="Where a field is: id, name (Last, First), first_name, last_name, email or lms_id.")  # fmt: skip
@click.option("--add", is_flag=True, help="Also add people whom nbgrader doesn't know (an empty gradebook takes all).")
@_DRY
@COURSE_DIR
def import_(file, mapping, add, dry_run, course_dir):
    """Read FILE, the list of people that an LMS gives.

    Known are the downloads of Canvas, Moodle, Blackboard, Brightspace and Sakai; with --map any CSV file is read.

    \b
    Example:
      course roster import gradebook.csv --add
      course roster import people.csv --map id=Login --map name=Student

    Exit status: 0 read, 1 not a list of people.
    """
    from rich.console import Console

    from autograder.classroom.gradebook import gradebook
    from autograder.lms.people import listing
    from autograder.lms.people import roster as people
    from autograder.lms.table import tables

    pairs = dict(part.partition("=")[::2] for part in mapping)
    with gradebook(course_dir) as book:
        listed = listing.read(file.read_bytes(), pairs)
        found = people.compare(book, listed.people)
        add = add or not (found.known or found.absent)
        tables.roster(found, listed.without_id, add, Console(highlight=False))
        if not dry_run:
            people.apply(book, found, add)


@click.group()
def lti():
    """Register with an LMS to send it grades directly (LTI 1.3).

    \b
    Example:
      course lti keys
      course export ags --dry-run
    """


@lti.command()
@COURSE_DIR
def keys(course_dir):
    """Make the key pair and print what the LMS's admin enters.

    A pair that is there already is kept.

    \b
    Example:
      course lti keys

    Exit status: 0 printed.
    """
    import json

    from autograder.lms.lti import registration as tool

    path = tool.make_keys(course_dir / tool.FOLDER)
    pem, jwk = tool.public_key(path.parent)
    click.echo(f"The private key is {path}: keep it to yourself. What the LMS's admin enters:\n")
    click.echo("LTI version       1.3")
    click.echo(
        "Addresses         any, such as https://localhost/ for tool, login and redirect: nothing is ever launched"
    )
    click.echo("Services          Assignment and Grade Services with column management; Names and Role Provisioning")
    click.echo("Privacy           share names and e-mail addresses\nScopes")
    for scope in tool.SCOPES:
        click.echo(f"                  {scope}")
    click.echo(f"\nPublic key, where the LMS asks for an RSA key (Moodle)\n{pem}")
    click.echo(f"Public key, where it asks for a JWK (Canvas)\n{json.dumps(jwk)}")


@lti.command()
@click.option("--issuer", required=True, help="The LMS's name for itself, such as https://moodle.example.edu.")
@click.option("--client-id", required=True, help="The tool's name there.")
@click.option("--token-url", required=True, help="Where tokens are given.")
@click.option("--lineitems-url", required=True, help="The course's line items.")
@click.option("--memberships-url", required=True, help="The course's people.")
@click.option("--audience", default="", help="Whom assertions are for, where it is not the token's address.")
@COURSE_DIR
def register(course_dir, **facts):
    """Keep what the LMS's admin says after registering.

    \b
    Example:
      course lti register --issuer https://moodle.example.edu --client-id Ab3 \\
        --token-url https://moodle.example.edu/mod/lti/token.php \\
        --lineitems-url "https://moodle.example.edu/mod/lti/services.php/2/lineitems?type_id=1" \\
        --memberships-url https://moodle.example.edu/mod/lti/services.php/CourseSection/2/bindings/1/memberships

    Exit status: 0 kept.
    """
    from autograder.lms.lti import registration as tool

    path = tool.register(course_dir / tool.FOLDER, tool.Platform(**facts))
    click.echo(f"wrote {path}: try it with `course export ags --dry-run`")
