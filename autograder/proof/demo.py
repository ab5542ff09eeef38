"""The main job on a made-up class: release, collect, grade with the stock commands, feedback, export, report."""

import collections
import datetime
import fnmatch
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder import CourseError, course, lms
from autograder.classroom import verdict_files
from autograder.classroom.folder import course_in
from autograder.classroom.gradebook import gradebook, rows
from autograder.course import build
from autograder.judging.fence.settings import Seconds
from autograder.pages import report
from autograder.proof import zoo

_FIRST = ["José", "Zoë", "Anne-Marie", "Nguyễn", "Łukasz", "Ada", "Søren", "Fatima", "Þórunn", "Ravi", "明", "Chloé"]
_LAST = ["Núñez", "O'Hara, Jr.", 'Smith "Sam"', "Văn An", "Wójcik", "Lovelace", "Kierkegård", "al-Fihri", "Ægisdóttir"]
_LAST += ["Šimek; Novák", "王", "=D'Arcy", "García Márquez"]
_DUE = datetime.datetime(2026, 11, 20, 23, 59)
_SHOWN_WHOLE = "ex04_batch_norm"
_SHOWN_OF_OTHERS = {"right, as in the reference", "half finished"}  # and one mistake
# Of the zoo's attacks and accidents those that a real class brings, and two that it seldom does.
_TROUBLE = {"warns_and_logs", "prints_a_hundred_lines", "loops_in_a_later_cell", "never_ends", "exits_python"}
_TROUBLE |= {"eats_memory", "reads_the_answers", "patches_the_comparisons"}
SECONDS = Seconds(cell=2, probe=2, submission=8)
_MARKER = "made by `course demo`"
_CONFIG = '''"""The demo course, {marker}: the course's own configuration, with less patience."""

c = get_config()  # noqa: F821
load_subconfig("nbgrader_config.py", path={root!r})  # noqa: F821

c.JudgeSubmission.seconds_per_cell = {seconds.cell}
c.JudgeSubmission.seconds_per_probe = {seconds.probe}
c.JudgeSubmission.seconds_per_submission = {seconds.submission}
'''


@dataclass(frozen=True)
class Role:
    """One made-up student's submission of one exercise; `hours` is how long before the due date it came."""

    story: str
    write: Callable[[], NotebookNode] | None
    hours: float = 5


def roles(name: str) -> Iterator[Role]:
    """The class of an exercise: right in several styles, wrong in many known ways, unfinished, late, in trouble."""
    exercise = course.exercise(name)
    asked = list(dict.fromkeys(task.solution for task in exercise.tasks))
    yield Role("right, as in the reference", partial(zoo.reference, name))
    yield from (Role(f"right: {style}", partial(zoo.right, name, style)) for style in zoo.right_answers(name))
    yield Role("untouched", partial(zoo.submission, name, {}))
    half = {solution: exercise.solutions[solution] for solution in asked[: (len(asked) + 1) // 2]}
    yield Role("half finished", partial(zoo.submission, name, half))
    yield Role("right, but two days late", partial(zoo.reference, name), -48)
    yield Role("never handed in", None)
    for attack in zoo.attacks():
        if attack.exercise == name and attack.name in _TROUBLE:
            yield Role(attack.name.replace("_", " "), partial(zoo.hostile, attack))
    yield from (Role(wrong.name, partial(zoo.wrong, name, wrong)) for wrong in course.misconceptions(name))


def run(folder: Path, console: Console) -> None:
    """Make the class in `folder` and take it through the whole day; raises CourseError where a command fails.

    One exercise is shown with everything that can happen, the others with a few students each.
    """
    _clear(folder)
    place = course_in(folder)
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console) as progress:
        for name in course.names():
            _copy_source(place, name)
        released = progress.add_task("nbgrader generate_assignment", total=len(course.names()))
        _follow(progress, released, "Converting", _nbgrader(place, "generate_assignment", "*"))
        stories = {(student, name): story for name in course.names() for student, story in _hand_in(place, name)}
        handed_in = sum(len(list(place.handed_in(name))) for name in course.names())
        bars = {
            command: (progress.add_task(f"nbgrader {command}", total=handed_in), step)
            for command, step in [("autograde", "Autograding"), ("generate_feedback", "Converting")]
        }

        def grade(names):
            for command, (bar, step) in bars.items():
                _follow(progress, bar, step, _nbgrader(place, command, names))

        # nbgrader takes patterns: on one core the exercise that is shown whole, on another all but that one.
        with ThreadPoolExecutor(2) as cores:
            list(cores.map(grade, [_SHOWN_WHOLE, f"ex?[!{_SHOWN_WHOLE[3]}]*"]))
    with gradebook(folder) as book:
        lms.save(lms.export(book, "canvas", folder=folder), folder / "canvas.csv")
        found = {(row.student, row.exercise): row for row in rows(book)}
    report.write(folder, folder / "report.html")
    _show(console, place, stories, found)


def _follow(progress, bar, step, lines):
    for line in lines:
        progress.advance(bar, step in line)


def _clear(folder):
    config = folder / "nbgrader_config.py"
    if folder.exists() and not (config.is_file() and _MARKER in config.read_text(encoding="utf-8")):
        raise CourseError(f"{folder} is there already and is no demo course: name another folder with --to")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config.write_text(_CONFIG.format(marker=_MARKER, root=str(course.ROOT), seconds=SECONDS), encoding="utf-8")


def _copy_source(place, name):
    target = place.source(name)
    target.mkdir(parents=True)
    nbformat.write(build.source_notebook(name), target / f"{name}.ipynb")


def _hand_in(place, name):
    """Put the roles' notebooks where nbgrader collects them; yields each student's id and story."""
    with gradebook(place.root) as book:
        book.update_or_create_assignment(name, duedate=_DUE)
        cast = list(roles(name))
        if name != _SHOWN_WHOLE:
            cast = [role for role in cast if role.story in _SHOWN_OF_OTHERS] + cast[-1:]
        for number, role in enumerate(cast, 1):
            student = f"s{number:03}"
            first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
            book.update_or_create_student(student, first_name=first, last_name=last, lms_user_id=str(70_000 + number))
            if role.write:
                target = place.submitted(student, name)
                target.mkdir(parents=True)
                nbformat.write(nbformat.from_dict(role.write()), target / f"{name}.ipynb")
                stamp = _DUE - datetime.timedelta(hours=role.hours)
                (target / "timestamp.txt").write_text(f"{stamp:%Y-%m-%d %H:%M:%S} UTC")
            yield student, role.story


def _nbgrader(place, command, name):
    """Run a stock nbgrader command on the demo course; yields each line that it logs."""
    arguments = [sys.executable, "-m", "nbgrader", command, name]
    process = subprocess.Popen(arguments, cwd=place.root, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    last = collections.deque(maxlen=20)
    for line in process.stderr:
        last.append(line)
        yield line
    # Autograding ends with 1 also where a person has to look at a submission.
    if process.wait() and not (command == "autograde" and _all_have_verdicts(place, name)):
        raise CourseError(f"`nbgrader {command} {name}` in {place.root} failed:\n{''.join(last)}")


def _all_have_verdicts(place, pattern):
    names = fnmatch.filter(course.names(), pattern)
    verdicts = (
        place.autograded(student, name) / verdict_files.FILE for name in names for student, _ in place.handed_in(name)
    )
    return all(verdict.is_file() for verdict in verdicts)


def _show(console, place, stories, found):
    for name in course.names():
        table = Table(title=f"{name}: what was handed in, and what it earned", title_justify="left")
        for heading, justify in [("student", "left"), ("handed in", "left"), ("points", "right"), ("status", "left")]:
            table.add_column(heading, justify=justify)
        table.add_column("diagnosis")
        for (student, exercise), story in stories.items():
            if exercise == name:
                table.add_row(student, story, *_outcome(place, student, name, found.get((student, name))))
        console.print(table)
    console.print("\nLook at:")
    for path, what in [
        ("report.html", "the class report"),
        (f"{place.directory.feedback_directory}/", "the feedback pages"),
        ("canvas*.csv", "the grades for Canvas"),
        ("gradebook.db", f"the gradebook: cd {os.path.relpath(place.root)} && jupyter lab, menu Nbgrader > Formgrader"),
    ]:
        console.print(f"  {os.path.relpath(place.root / path):32} {what}")


def _outcome(place, student, name, row):
    known = verdict_files.read(place.autograded(student, name))
    if known is None:
        return "", "absent", ""
    points = "" if row is None or row.points is None else f"{row.points:f}"
    return points, known.status, "; ".join(mistake.name for task in known.tasks for mistake in task.mistakes)
