"""The class report: one page with what a class earned, which tests it fails, and which mistakes it makes."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from autograder import course, feedback, grades
from autograder.course import CourseError
from autograder.plugins import gradebook
from autograder.verdict import FILE, FINAL, Verdict, from_json, write_atomically

_BINS = 10


@dataclass(frozen=True)
class Score:
    """What the gradebook has for one task; `points` is None where nobody gave any."""

    points: float | None
    by_hand: bool = False


@dataclass(frozen=True)
class Submission:
    """One student in one exercise; `points` are the gradebook's, late penalty taken off, or None while not final.

    `status` is a verdict's, or "ungraded" for what was handed in and never graded to its end.
    """

    student: str
    name: str
    status: str
    points: float | None = None
    penalty: float = 0
    scores: dict[str, Score] = field(default_factory=dict)
    verdict: Verdict | None = None

    @property
    def reasons(self) -> list[str]:
        """Why the grader wants a person to look, in its own words."""
        if self.verdict is None:
            return []
        tests = [test for task in self.verdict.tasks for test in task.tests]
        broken = [f"{test.sentence}: {test.message}" for test in tests if test.outcome == "broken"]
        return [*self.verdict.notes, *self.verdict.repairs, *broken]


@dataclass(frozen=True)
class Class:
    """One exercise, and where each student of the course stands in it."""

    exercise: str
    title: str
    max_points: float
    submissions: Sequence[Submission]


def write(folder: Path, path: Path, exercises: Iterable[str] = ()) -> None:
    """Write the report on the nbgrader course in `folder`; without names, on all that someone has handed in."""
    write_atomically(path, page([summarize(found) for found in read(folder, list(exercises))]))


def read(folder: Path, exercises: Sequence[str] = ()) -> list[Class]:
    """What the gradebook, verdicts and handed-in folders say; raises CourseError where there is nothing to report."""
    with gradebook(folder) as book:
        students = sorted(((_name(student), student.id) for student in book.students), key=_alphabetical)
        maxima = {assignment.name: assignment.max_score for assignment in book.assignments}
        rows = {(row.exercise, row.student): row for row in grades.rows(book, exercises)}
        scores, penalties = _scores(book)
    if unknown := sorted(set(exercises) - set(maxima)):
        raise CourseError(f"the gradebook has no {', '.join(unknown)}; it has {', '.join(sorted(maxima)) or 'nothing'}")

    def submission(exercise, name, student):
        key = exercise, student
        path = folder / "autograded" / student / exercise / FILE
        verdict = from_json(path.read_text(encoding="utf-8")) if path.is_file() else None
        handed_in = key in rows or (folder / "submitted" / student / exercise).is_dir()
        points = rows[key].points if key in rows else None
        status = _status(points, verdict, handed_in)
        points = None if points is None else float(points)
        return Submission(student, name, status, points, penalties.get(key, 0), scores[key], verdict)

    classes = [
        Class(name, _title(name), maxima[name], [submission(name, *student) for student in students])
        for name in sorted(exercises or maxima)
    ]
    classes = [found for found in classes if exercises or {one.status for one in found.submissions} - {"absent"}]
    if not classes:
        raise CourseError(f"nothing is handed in in {folder}: run `nbgrader autograde EXERCISE` there first")
    return classes


def summarize(found: Class) -> dict:
    """One exercise's section: statuses, final points, tasks with the hardest first, mistakes with the commonest first."""
    judged = [one for one in found.submissions if one.verdict]
    points = pd.Series([one.points for one in found.submissions if one.points is not None], dtype=float)
    bins = Counter(min(_BINS - 1, int(score * _BINS / found.max_points)) for score in points if found.max_points)
    names = [task.name for one in judged for task in one.verdict.tasks]
    names += [name for one in found.submissions for name in one.scores]
    return vars(found) | {
        "statuses": Counter(one.status for one in found.submissions),
        "waiting": [one for one in found.submissions if one.status not in (*FINAL, "absent")],
        "judged": len(judged),
        "final": len(points),
        "mean": points.mean(),
        "median": points.median(),
        "bins": [
            (found.max_points * low / _BINS, found.max_points * (low + 1) / _BINS, bins[low]) for low in range(_BINS)
        ],
        "columns": list(dict.fromkeys(names)),
        "tasks": _tasks(judged),
        "mistakes": _mistakes(judged),
    }


def page(summaries: Sequence[dict]) -> str:
    """The report as one HTML page that needs nothing beside itself."""
    return feedback.template("report.html.j2").render(summaries=summaries)


def _tasks(judged):
    """Each task with its mean of final points and its tests, by the share of those decided that passed."""
    maxima = {task.name: task.max_points for one in judged for task in one.verdict.tasks}
    final = [{name: score.points for name, score in one.scores.items()} for one in judged if one.points is not None]
    means = pd.DataFrame(final, columns=list(maxima), dtype=float).mean()
    tests = _tests(judged)
    tasks = [
        {
            "name": name,
            "max_points": maxima[name],
            "mean": means[name],
            "tests": tests[tests.task == name].to_dict("records"),
        }
        for name in maxima
    ]
    return sorted(tasks, key=lambda task: task["mean"] / task["max_points"])


def _tests(judged):
    outcomes = [
        (task.name, test.sentence, test.outcome) for one in judged for task in one.verdict.tasks for test in task.tests
    ]
    counts = pd.DataFrame(outcomes, columns=["task", "sentence", "outcome"]).value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=["passed", "failed", "broken"], fill_value=0)
    counts["decided"] = counts.passed + counts.failed
    counts["share"] = counts.passed / counts.decided
    return counts.sort_values("share", kind="stable").reset_index()


def _mistakes(judged):
    """The misconceptions that were named and the rules that were broken, each with its students."""
    students, hints = defaultdict(list), {}
    for one in judged:
        for task in one.verdict.tasks:
            if name := task.misconception or task.note:
                students[task.name, name].append(one.student)
                hints[task.name, name] = task.hint
    found = [{"task": key[0], "name": key[1], "hint": hints[key], "students": ids} for key, ids in students.items()]
    return sorted(found, key=lambda mistake: -len(mistake["students"]))


def _scores(book):
    """By exercise and student: the score of each task, and the late penalty."""
    query = (
        select(
            Assignment.name, SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty,
            BaseCell.name, Grade.score, Grade.auto_score, Grade.manual_score,
        )
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )  # fmt: skip
    scores, penalties = defaultdict(dict), {}
    for exercise, student, penalty, task, points, automatic, manual in book.db.execute(query):
        given = automatic is not None or manual is not None
        scores[exercise, student][task] = Score(points if given else None, by_hand=manual is not None)
        penalties[exercise, student] = penalty or 0
    return scores, penalties


def _status(points, verdict, handed_in):
    """A verdict's status, unless the gradebook knows better: points given by a person are final, open ones are not."""
    if points is not None:
        return verdict.status if verdict and verdict.status in FINAL else "graded"
    if verdict:
        return "needs_review" if verdict.status in FINAL else verdict.status
    return "ungraded" if handed_in else "absent"


def _name(student):
    return ", ".join(filter(None, [student.last_name, student.first_name])) or student.id


def _alphabetical(student):
    return [unicodedata.normalize("NFKD", text).casefold() for text in student]


def _title(exercise):
    return course.exercise(exercise).title if exercise in course.names() else exercise
