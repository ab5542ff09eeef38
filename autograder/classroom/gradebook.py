"""Grades as the gradebook has them, one row a student and exercise, and whether each of them is final."""

import gc
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
from sqlalchemy import exists, make_url, select, true

from autograder import CourseError
from autograder.classroom.folder import CourseFolder, course_in
from autograder.classroom.grade import Row, Task, decimal, less

_PERSON = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
_WHY_OPEN = {
    "needs_review": "waits for a person: decide it in nbgrader's formgrader, or export with --include needs_review",
    "ungraded": "has no score yet: run `nbgrader autograde`, or decide it in nbgrader's formgrader",
    "absent": "nothing was handed in (--missing zero writes 0)",
}


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
def rows(gradebook: Gradebook, exercises: Iterable[str] = (), students: Iterable[str] = ()) -> list[Row]:
    """Every submitted grade, late penalties taken off, in order of exercise and student; empty filters mean all.

    A few queries, whatever the size of the class.
    """
    submitted = (
        select(
            SubmittedNotebook.id, SubmittedAssignment.id, SubmittedNotebook.late_submission_penalty,
            *_PERSON, Assignment.name, Assignment.duedate,
        )
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .order_by(Assignment.name, Student.id)
    )  # fmt: skip
    submitted = _only(submitted, exercises, students)
    facts, penalties, notebooks = {}, defaultdict(float), defaultdict(list)
    for notebook, submission, penalty, *person, exercise, due in gradebook.db.execute(submitted):
        facts[submission] = (*(text or "" for text in person), exercise, due)
        penalties[submission] += penalty or 0
        notebooks[submission].append(notebook)
    cells, tasks = _cells(gradebook, exercises)
    grades = _grades(gradebook, cells)
    return [
        _row(fact, penalties[key], [grade for notebook in notebooks[key] for grade in grades[notebook]], tasks)
        for key, fact in facts.items()
    ]


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


def _grades(gradebook, cells):
    """By submitted notebook, each task with whether a person still has to decide it."""
    found = defaultdict(list)
    scores = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    query = select(Grade.notebook_id, Grade.cell_id, *scores).where(Grade.cell_id.in_(cells))
    for notebook, cell, auto, manual, extra, waits in gradebook.db.connection().execute(query):
        name, most = cells[cell]
        given = auto if manual is None else manual
        found[notebook].append((Task(name, None if given is None else given + (extra or 0), most), waits))
    return found


def _row(fact, penalty, grades, tasks):
    *person, exercise, due = fact
    theirs = tuple(sorted((task for task, _ in grades), key=lambda task: task.name))
    given = [task.points for task in theirs if task.points is not None]
    waits = len(given) < len(tasks[exercise]) or any(waits for _, waits in grades)
    status = ("needs_review" if waits else "graded") if given else "ungraded"
    penalty, most = decimal(penalty), decimal(sum(tasks[exercise]))
    points = less(given, penalty) if status == "graded" else None
    return Row(*person, exercise, points, most, status, theirs, penalty, due)


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
