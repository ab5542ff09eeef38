"""Final grades as the gradebook has them, one row a student and exercise."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import and_, case, func, make_url, or_, select
from traitlets.config import PyFileConfigLoader
from traitlets.config.loader import ConfigFileNotFound

from autograder.course import CourseError

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """One student's grade in one exercise; `points` is None while nothing final exists."""

    student: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    exercise: str
    points: Decimal | None
    max_points: Decimal

    @property
    def sortable_name(self) -> str:
        """Last name, first name; the id where the gradebook knows no name."""
        return ", ".join(filter(None, [self.last_name, self.first_name])) or self.student


def rows(gradebook: Gradebook, exercises: Iterable[str] = (), students: Iterable[str] = ()) -> list[Row]:
    """Every submitted grade, late penalties taken off, in order of exercise and student; empty filters mean all.

    A submission that waits for a person, or that was never graded to its end, has no final points.
    """
    undecided = or_(Grade.needs_manual_grade, and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None)))
    query = (
        select(
            Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id, Assignment.name,
            func.sum(Grade.score), func.max(SubmittedNotebook.late_submission_penalty),
            func.max(case((undecided, 1), else_=0)), func.sum(Grade.max_score),
        )
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .group_by(SubmittedNotebook.id, Student.id, Assignment.id)
        .order_by(Assignment.name, Student.id)
    )  # fmt: skip
    if exercises := list(exercises):
        query = query.where(Assignment.name.in_(exercises))
    if students := list(students):
        query = query.where(Student.id.in_(students))
    return [_row(*found) for found in gradebook.db.execute(query)]


def _row(student, first, last, email, lms_id, exercise, score, penalty, undecided, max_score):
    points = None if undecided or score is None else max(Decimal(0), _decimal(score) - _decimal(penalty or 0))
    texts = (text or "" for text in (first, last, email, lms_id))
    return Row(student, *texts, exercise, points, _decimal(max_score))


def _decimal(number) -> Decimal:
    return Decimal(str(round(number, 6))).quantize(_CENT, ROUND_HALF_UP)


def course_directory(folder: Path) -> CourseDirectory:
    """nbgrader's view of the course in `folder`, as its configuration says; raises CourseError where there is none."""
    try:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        raise CourseError(f"{folder} has no nbgrader_config.py: name the course's folder with --course-dir") from None
    return CourseDirectory(config=config, root=str(folder.resolve()))


def gradebook(folder: Path) -> Gradebook:
    """The gradebook of the course in `folder`; raises CourseError."""
    directory = course_directory(folder)
    kept = make_url(directory.db_url)
    if kept.drivername == "sqlite" and not Path(kept.database).is_file():
        raise CourseError(f"there is no gradebook {kept.database}: run `nbgrader generate_assignment` there first")
    return Gradebook(directory.db_url, directory.course_id)
