"""What came from students and is nobody's yet: while it lies there, nobody is known to have handed in nothing."""

import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.coursedir import CourseDirectory

from autograder.classroom.folder import CourseFolder
from autograder.classroom.grade import Row
from autograder.lms.people.naming import parse

# By exercise and student, why it isn't known that nothing came from them; the student "" is everyone.
Doubts = dict[tuple[str, str], str]


def doubts(gradebook: Gradebook, folder: Path, rows: Iterable[Row]) -> Doubts:
    """Why some who have no grade may have handed in something all the same; `rows` are all of the class."""
    directory, rows = CourseFolder.at(folder).directory, list(rows)
    exercises = sorted({row.exercise for row in rows})
    students = {student.id for student in gradebook.students}
    everywhere = {assignment.name for assignment in gradebook.assignments}
    found: Doubts = {}
    for exercise in exercises:
        found |= _downloaded(directory, exercise)
    root = Path(directory.root, directory.submitted_directory)
    return found | _misplaced(root, exercises, everywhere, students) | _unlisted(rows, root)


def _unlisted(rows: list[Row], root: Path) -> Doubts:
    """Graded students of whom the roster knows nothing, where it knows others: folders under another name."""
    listed = {row.student for row in rows if row.first_name or row.last_name or row.email or row.lms_id}
    return {
        (row.exercise, ""): f"{row.student!r} is graded and not on the roster, and may be them: rename the folder in "
        f"{root.name}/, or bring the name with `course roster import`"
        for row in rows
        if listed and row.status in ("graded", "needs_review") and row.student not in listed
    }


def _misplaced(root: Path, exercises: list[str], everywhere: Collection[str], students: Collection[str]) -> Doubts:
    """What is handed in outside STUDENT/EXERCISE: a stranger's may be anyone's, a student's may be any exercise's."""
    found: Doubts = {}
    for owner in _visible(root):
        known = owner.name in students
        for work in _visible(owner) if owner.is_dir() else [owner]:
            if known and work.name in everywhere:
                continue
            theirs = [work.name] if work.name in everywhere else exercises
            for exercise in theirs:
                found[exercise, owner.name if known else ""] = (
                    f"{work.relative_to(root.parent)} may be theirs: move it to {root.name}/STUDENT/EXERCISE/, or away"
                )
    return found


def _visible(folder: Path) -> list[Path]:
    """What lies in a folder, but for what is hidden or an empty folder."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return [one for one in entries if one.name[0] != "." and (one.is_file() or any(map(Path.is_file, one.rglob("*"))))]


def _downloaded(directory: CourseDirectory, exercise: str) -> Doubts:
    """Hand-ins from an LMS that `nbgrader zip_collect` skipped or has not seen, and those that it knows."""
    course = CourseDirectory(config=directory.config, root=directory.root, assignment_id=exercise)
    app = ZipCollectApp(config=directory.config, coursedir=course, log_level="CRITICAL")
    files = [path for path in _files(app, app.extracted_directory) if path.suffix == ".ipynb" or parse(path)]
    names = {name for path in _files(app, app.archive_directory) for name in _notebooks(path)}
    if new := sorted(names - {path.name for path in files}):
        return {
            (
                exercise,
                "",
            ): f"{new[0]} is not collected, and may be theirs: run `nbgrader zip_collect --force {exercise}`"
        }
    if not files:
        return {}
    app.init_plugins()
    collected = {path: app.collector_plugin_inst.collect(str(path)) for path in files}
    settled = {_owner(path) for path, found in collected.items() if found}
    came = {found["student_id"] for found in collected.values() if found}
    known = {(exercise, student): "a hand-in of theirs was downloaded: collect and grade it" for student in came}
    if skipped := next((path for path in files if _owner(path) not in settled), None):
        known[exercise, ""] = f"{skipped.name} was downloaded, is nobody's, and may be theirs: settle whose it is"
    return known


def _files(app: ZipCollectApp, step: str) -> list[Path]:
    """The files of a step of collecting, without what a Mac adds."""
    parts = {"downloaded": app.downloaded_directory, "assignment_id": app.coursedir.assignment_id, "collect_step": step}
    found = sorted(Path(app.coursedir.root, app.collect_directory_structure.format(**parts)).rglob("*"))
    return [path for path in found if path.is_file() and not path.name.startswith("._")]


def _notebooks(path: Path) -> Iterator[str]:
    """The names of the notebooks in an archive, or of the one that the file is."""
    inside = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else [path.name]
    names = (name.replace("\\", "/").rpartition("/")[2] for name in inside)
    return (name for name in names if name.endswith(".ipynb") and not name.startswith("._"))


def _owner(path: Path) -> tuple[str, str]:
    """Whose a downloaded file is, as far as its name says."""
    found = parse(path)
    return (found.kind, found.student) if found else ("path", str(path))
