"""Grades as the gradebook has them, one row a student and exercise, and whether each of them is final."""

import functools
import gc
import itertools
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import Integer, cast, exists, func, make_url, select, true

from autograder import CourseError
from autograder.classroom.folder import CourseFolder, course_in
from autograder.classroom.grade import Row, Task, decimal, less

_PERSON = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
_WHY_OPEN = {
    "needs_review": "waits for a person: decide it in nbgrader's formgrader, or export with --include needs_review",
    "ungraded": "has no score yet: run `nbgrader autograde`, or decide it in nbgrader's formgrader",
    "absent": "nothing was handed in (--missing zero writes 0)",
}


# A named tuple's own constructor takes three times as long, and a class of 5,000 has 300,000 tasks.
_TASK = functools.partial(tuple.__new__, Task)
_NAME = operator.itemgetter(0)
_GIVEN = func.coalesce(Grade.manual_score, Grade.auto_score) + func.coalesce(Grade.extra_credit, 0)
# What a notebook without grades adds to its submission: points, how many are given, whether one waits.
_NOTHING = (0.0, 0, 0)


@contextmanager
def collector_at_rest():
    """Python's garbage collector at rest: it took half of the time, looking through a large class again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@collector_at_rest()
def rows(
    gradebook: Gradebook, exercises: Iterable[str] = (), students: Iterable[str] = (), tasks: bool = True
) -> list[Row]:
    """Every submitted grade, late penalties taken off, in order of exercise and student; empty filters mean all.

    A few queries, whatever the size of the class: of its grades, the sums are read, and each one only with `tasks`.
    """
    person = (Student.id, *(func.coalesce(column, "") for column in _PERSON[1:]))
    submitted = (
        select(
            SubmittedAssignment.id, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty,
            *person, Assignment.name, Assignment.duedate,
        )
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .order_by(Assignment.name, Student.id)
    )  # fmt: skip
    cells, points = _cells(gradebook, exercises)
    worth = {exercise: (decimal(sum(most)), len(most)) for exercise, most in points.items()}
    # Of a whole course, the condition on cells would hold for all grades and double the time.
    condition = Grade.cell_id.in_(cells) if exercises else true()
    sums = _sums(gradebook, condition)
    found = gradebook.db.connection().execute(_only(submitted, exercises, students)).all()
    by_submission = itertools.groupby(found, operator.itemgetter(0))
    parts = _tasks(gradebook, condition, cells) if tasks else {}
    return [_row(list(notebooks), sums, worth, parts) for _, notebooks in by_submission]


def _cells(gradebook, exercises):
    """By id, each graded cell with its points; and by exercise, the points of all of its cells."""
    cells, tasks = {}, defaultdict(list)
    for kind in (GradeCell, TaskCell):
        query = select(kind.id, kind.name, kind.max_score, Assignment.name)
        query = query.join(Notebook, kind.notebook_id == Notebook.id).join(Assignment)
        for key, name, most, exercise in gradebook.db.execute(_only(query, exercises, ())):
            cells[key] = (name, most)
            tasks[exercise].append(most)
    return cells, tasks


def _sums(gradebook, condition):
    """By submitted notebook: the sum of its points, how many are given, and whether one waits for a person."""
    waits = func.max(cast(Grade.needs_manual_grade, Integer))
    query = select(Grade.notebook_id, func.sum(_GIVEN), func.count(_GIVEN), waits).group_by(Grade.notebook_id)
    return {one[0]: one[1:] for one in gradebook.db.connection().execute(query.where(condition)).all()}


def _tasks(gradebook, condition, cells):
    """By submitted notebook, its tasks."""
    found = defaultdict(list)
    query = select(Grade.notebook_id, Grade.cell_id, _GIVEN).where(condition)
    for notebook, cell, points in gradebook.db.connection().execute(query).all():
        name, most = cells[cell]
        found[notebook].append(_TASK((name, points, most)))
    return found


def _row(notebooks, sums, worth, tasks):
    """The grade of one submission, of which these are the notebooks."""
    _, keys, penalties, *_ = zip(*notebooks, strict=True)
    *person, exercise, due = notebooks[0][3:]
    points, counts, waits = zip(*[sums.get(key, _NOTHING) for key in keys], strict=True)
    most, count = worth.get(exercise, (Decimal(0), 0))
    penalty = decimal(sum(filter(None, penalties)))
    status = "ungraded" if not any(counts) else "needs_review" if any(waits) or sum(counts) < count else "graded"
    earned = less(sum(filter(None, points)), penalty)
    theirs = sorted(itertools.chain(*(tasks.get(key, ()) for key in keys)), key=_NAME) if tasks else ()
    final = earned if status == "graded" else None
    return Row(*person, exercise, final, most, status, theirs, penalty, due, earned)


def absences(
    gradebook: Gradebook, folder: Path, exercises: Iterable[str] = (), students: Iterable[str] = ()
) -> list[Row]:
    """Who has no grade in an exercise that others have; "ungraded" where a hand-in lies in the course `folder`."""
    submitted = SubmittedAssignment.assignment_id == Assignment.id
    absent = select(Assignment.name, Assignment.duedate, *_PERSON).join(Student, true())
    absent = absent.where(exists().where(submitted))
    absent = absent.where(~exists().where(submitted, SubmittedAssignment.student_id == Student.id))
    tasks, found, course = _cells(gradebook, exercises)[1], [], CourseFolder.at(folder)
    for exercise, due, *person in gradebook.db.execute(_only(absent, exercises, students)):
        student, *texts = (text or "" for text in person)
        status, most = course.unrecorded(student, exercise), decimal(sum(tasks[exercise]))
        found.append(Row(student, *texts, exercise, None, most, status, due=due))
    return sorted(found, key=lambda row: (row.exercise, row.student))


def decide(found: Iterable[Row], missing: str = "skip", include: Collection[str] = ()):
    """The rows that may leave the gradebook, and those that stay with the reason; only here is said what is final.

    `missing="zero"` gives 0 to what was not handed in; `include={"needs_review"}` gives what is earned so far.
    """
    final, open_ = [], []
    for row in found:
        if row.points is not None:
            final.append(row)
        elif row.status == "absent" and missing == "zero":
            final.append(replace(row, points=Decimal(0)))
        elif row.status in include and row.status == "needs_review":
            final.append(replace(row, points=row.earned))
        else:
            open_.append((row, _WHY_OPEN[row.status]))
    return final, open_


def _only(query, exercises, students):
    if exercises := list(exercises):
        query = query.where(Assignment.name.in_(exercises))
    if students := list(students):
        query = query.where(Student.id.in_(students))
    return query


def gradebook(folder: Path) -> Gradebook:
    """The gradebook of the course in `folder`; raises CourseError."""
    directory = course_in(folder).directory
    kept = make_url(directory.db_url)
    if kept.drivername == "sqlite" and not Path(kept.database).is_file():
        raise CourseError(
            f"there is no gradebook {kept.database}: run `nbgrader generate_assignment --force EXERCISE` there first"
        )
    return Gradebook(directory.db_url, directory.course_id)
