"""What was handed in: found, read once, and known under the key of what its verdict will rest on."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import select

from autograder import CourseError, course
from autograder.classroom import verdict_files
from autograder.classroom.folder import CourseFolder
from autograder.classroom.gradebook import gradebook
from autograder.judging import basis
from autograder.judging.given import Given, read


@dataclass(frozen=True)
class Submission:
    """One student's work on one exercise, as it was when it was read; its verdict is kept under `key`."""

    exercise: str
    student: str
    folder: Path
    given: Given = field(repr=False)
    key: str


def find(place: CourseFolder, exercises: Iterable[str] = (), students: Iterable[str] = ()) -> list[Submission]:
    """What was handed in, by exercise and student; raises CourseError for names that nothing goes by."""
    chosen, wanted = list(exercises) or course.names(), set(students)
    for name in set(chosen) - set(course.names()):
        course.exercise(name)  # says which one was meant
    found = list(_read(place, chosen, wanted))
    where = place.directory.submitted_directory
    if missing := wanted - {one.student for one in found}:
        raise CourseError(f"nothing was handed in by {', '.join(sorted(missing))}: look into {where}/")
    if not found:
        raise CourseError(f"nothing was handed in in {place.root}: put notebooks into {where}/STUDENT/EXERCISE/")
    return found


def _read(place, exercises, wanted) -> Iterator[Submission]:
    for name in exercises:
        rests_on = basis.basis(name, place.settings)
        for student, folder in place.handed_in(name):
            if not wanted or student in wanted:
                given = read(folder, name)
                yield Submission(name, student, folder, given, given.key(rests_on))


def pending(place: CourseFolder, submissions: Iterable[Submission]) -> list[Submission]:
    """Those that are not recorded as they are now."""
    recorded = _recorded(place)
    return [one for one in submissions if recorded.get((one.exercise, one.student)) != one.key]


def _recorded(place) -> dict[tuple[str, str], str]:
    """By exercise and student, the key of the verdict that the gradebook and the graded notebook have."""
    query = select(Assignment.name, SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    with gradebook(place.root) as book:
        known = book.db.execute(query.join(SubmittedAssignment.assignment)).all()
    found = {}
    for exercise, student, timestamp in known:
        with contextlib.suppress(OSError, ValueError):
            if place.directory.get_existing_timestamp(place.submitted(student, exercise)) == timestamp:
                found[exercise, student] = verdict_files.key_in(place.autograded(student, exercise))
    return found
