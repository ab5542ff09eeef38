"""From the gradebook to files: which rows, one file or several, checked, compared, and written whole or not at all."""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy
from nbgrader.api import Student

from autograder import CourseError
from autograder.classroom.gradebook import Row, absences, collector_at_rest, decide, rows
from autograder.files import replacing
from autograder.lms.people.arrivals import doubts
from autograder.lms.systems.blackboard import Blackboard
from autograder.lms.systems.brightspace import Brightspace
from autograder.lms.systems.canvas import Canvas
from autograder.lms.systems.edx import Edx
from autograder.lms.systems.moodle import MoodleCsv, MoodleWorksheet
from autograder.lms.systems.moodle_xml import MoodleXml
from autograder.lms.systems.oneroster import OneRoster, OneRoster11
from autograder.lms.systems.sakai import Sakai
from autograder.lms.table.tidy import Csv
from autograder.lms.target import Change, File, LeftOut, Target

_KINDS = (
    Canvas, MoodleXml, MoodleCsv, MoodleWorksheet, Sakai, Brightspace, Blackboard, Edx, OneRoster, OneRoster11, Csv,
)  # fmt: skip
TARGETS: dict[str, Target] = {kind.name: kind() for kind in _KINDS}


@dataclass(frozen=True)
class Selection:
    """What of the gradebook leaves it; empty filters mean all. See `gradebook.decide`.

    `replace`: also where the LMS has another grade.
    """

    exercises: Collection[str] = ()
    students: Collection[str] = ()
    missing: str = "skip"
    include: Collection[str] = ()
    percent: bool = False
    replace: bool = False


EVERYTHING = Selection()
HERE = Path()


@dataclass(frozen=True)
class Export:
    """Files by exercise (by "" where one holds all), and the rows that don't leave the gradebook, as not final."""

    target: Target
    files: dict[str, File]
    open: LeftOut = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        """What all the files say."""
        return [change for file in self.files.values() for change in file.changes]

    @property
    def stuck(self) -> LeftOut:
        """The final rows that are in no file."""
        return [one for file in self.files.values() for one in file.left_out]

    @property
    def left_out(self) -> LeftOut:
        """All rows that are in no file."""
        return self.open + self.stuck


def select(gradebook, selection: Selection, folder: Path, tasks: bool = True) -> tuple[list[Row], LeftOut, dict]:
    """The final rows, the others with the reason, and each exercise's maximum; raises CourseError without any."""
    filters = (selection.exercises, selection.students)
    found = rows(gradebook, *filters, tasks) + absences(gradebook, folder, *filters)
    known = sqlalchemy.select(Student.id).where(Student.id.in_(selection.students))
    if unknown := sorted(set(selection.students) - set(gradebook.db.scalars(known))):
        raise CourseError(f"the gradebook has no student {', '.join(unknown)}")
    if missing := sorted(set(selection.exercises) - {row.exercise for row in found}):
        raise CourseError(f"no submission of {', '.join(missing)} is in the gradebook: run `nbgrader autograde` first")
    if not found:
        raise CourseError("the gradebook has no submissions: run `nbgrader autograde` first")
    if selection.percent:
        found = [row.as_percent() for row in found]
    final, left_out = decide(found, selection.missing, selection.include)
    if any(row.status == "absent" for row in final):
        final, doubted = _known(final, doubts(gradebook, folder, _everybody(gradebook, folder, selection)))
        left_out += doubted
    return final, left_out, dict(sorted({row.exercise: row.max_points for row in found}.items()))


def _everybody(gradebook, folder, selection):
    """The rows of the whole class in the chosen exercises, whoever is exported."""
    return rows(gradebook, selection.exercises, tasks=False) + absences(gradebook, folder, selection.exercises)


def _known(final, doubted):
    """The rows without those of whom it isn't known that nothing came, and these with the reason."""
    reasons = {
        (row.exercise, row.student): doubted.get((row.exercise, row.student)) or doubted.get((row.exercise, ""))
        for row in final
        if row.status == "absent"
    }
    sure = [row for row in final if not reasons.get((row.exercise, row.student))]
    return sure, [(row, why) for row in final if (why := reasons.get((row.exercise, row.student)))]


@collector_at_rest()
def export(
    gradebook, target: str, selection: Selection = EVERYTHING, template: bytes | None = None, folder: Path = HERE
) -> Export:
    """The gradebook as files for the target, not yet written; raises CourseError where that can't be."""
    kind = TARGETS[target]
    final, left_out, maxima = select(gradebook, selection, folder, kind.tells_tasks)
    if kind.per_exercise:
        parts = {name: ([], {name: most}) for name, most in maxima.items()}
        for row in final:
            parts[row.exercise][0].append(row)
    else:
        parts = {"": (final, maxima)}
    if kind.template == "required for each exercise" and len(parts) > 1:
        raise CourseError(f"the template of {target} is one exercise's: name the exercise that it is for")
    files = {name: kind.write(rows, most, template, selection.replace) for name, (rows, most) in parts.items()}
    return Export(kind, files, left_out)


@collector_at_rest()
def save(made: Export, to: Path) -> list[Path]:
    """Write the files: to `to`, or beside it with the exercise's name where there are several.

    A file that would hold no grade is not written. Each is read back from the disk by the target's rules and compared
    with the gradebook, and takes its place only when all of them agree. Raises CourseError, and leaves nothing behind,
    where one does not.
    """
    files = {name: file for name, file in made.files.items() if file.changes}
    paths = {name: to if len(made.files) == 1 else to.with_name(f"{to.stem}-{name}{to.suffix}") for name in files}
    with contextlib.ExitStack() as drafts:
        for name, file in files.items():
            draft = drafts.enter_context(replacing(paths[name]))
            draft.write_bytes(file.data)
            made.target.verify(draft.read_bytes(), file.changes)
    return list(paths.values())
