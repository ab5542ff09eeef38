"""What was handed in: found, read once, and known under the key of what its verdict will rest on."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, Student, SubmittedAssignment
from sqlalchemy import select

from autograder import CourseError, course
from autograder.classroom import verdict_files
from autograder.classroom.folder import CourseFolder
from autograder.classroom.gradebook import gradebook
from autograder.classroom.nbgrader_seam import penalties, students, times
from autograder.files import printable
from autograder.judging import basis
from autograder.judging.intake.given import Given, read


@dataclass(frozen=True)
class Submission:
    """One student's work on one exercise, as it was when it was read; its verdict is kept under `key`."""

    exercise: str
    student: str
    folder: Path
    given: Given = field(repr=False)
    key: str


def find(place: CourseFolder, exercises: Iterable[str] = (), only: Iterable[str] = ()) -> list[Submission]:
    """What was handed in, by exercise and student; raises CourseError for names that nothing goes by."""
    chosen, wanted = list(exercises) or course.names(), set(only)
    for name in set(chosen) - set(course.names()):
        course.exercise(name)  # says which one was meant
    found = list(_read(place, chosen, wanted))
    where = place.directory.submitted_directory
    if missing := wanted - {one.student for one in found}:
        if refused := [line for line in misnamed(place, chosen) if Path(line.partition(": ")[0]).name in missing]:
            raise CourseError("\n".join(refused))
        raise CourseError(f"nothing was handed in by {', '.join(sorted(missing))}: look into {where}/")
    if not found:
        raise CourseError(f"nothing was handed in in {place.root}: put notebooks into {where}/STUDENT/EXERCISE/")
    return found


def _read(place, exercises, wanted) -> Iterator[Submission]:
    refused = _refused(place)
    for name in exercises:
        rests_on = basis.basis(name, place.settings)
        for student, folder in place.handed_in(name):
            if (not wanted or student in wanted) and student not in refused:
                given = read(folder, name)
                yield Submission(name, student, folder, given, given.key(rests_on))


def misnamed(place: CourseFolder, exercises: Iterable[str] = ()) -> list[str]:
    """Whose work cannot be graded because of their folder's name, and what to do."""
    found = {student for name in exercises or course.names() for student, _ in place.handed_in(name)}
    where = place.directory.submitted_directory
    return [f"{where}/{printable(name)}: {why}" for name, why in _refused(place).items() if name in found]


def _refused(place):
    """By name of a folder, why nothing is recorded under it."""
    known = []
    with contextlib.suppress(CourseError), gradebook(place.root) as book:
        known = book.db.execute(select(Student.id)).scalars().all()
    folders = {student for name in course.names() for student, _ in place.handed_in(name)}
    return students.misnamed(folders, known)


def pending(place: CourseFolder, submissions: Iterable[Submission]) -> list[Submission]:
    """Those that are not recorded as they are now: with this key, this time and the late penalty that is due."""
    recorded = _recorded(place)
    return [one for one in submissions if recorded.get((one.exercise, one.student)) != one.key]


def _recorded(place) -> dict[tuple[str, str], str]:
    """By exercise and student, the key of the verdict that the gradebook and the graded notebook have."""
    query = select(Assignment.name, SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    with gradebook(place.root) as book:
        known = book.db.execute(query.join(SubmittedAssignment.assignment)).all()
    stale = penalties.changed(place)
    written = {(name, student): verdict_files.as_written(place.autograded(student, name)) for name, student, _ in known}
    return {
        (exercise, student): written[exercise, student].get("key", "")
        for exercise, student, timestamp in known
        if (exercise, student) not in stale
        and _is_timed_alike(place, student, exercise, timestamp, written[exercise, student].get("notes", []))
    }


def _is_timed_alike(place, student, exercise, timestamp, notes):
    """Whether the time of handing in is the recorded one; where that is no time, whether the verdict says so."""
    said = [note for note in notes if note.startswith(times.FILE)]
    try:
        return place.directory.time_in(place.submitted(student, exercise)) == timestamp and not said
    except ValueError as error:
        return said == [str(error)]
