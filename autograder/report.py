"""The class report: one page with what a class earned, which tests it fails, and which mistakes it makes."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import case, or_, select

from autograder import course, feedback, grades
from autograder.course import CourseError
from autograder.grades import gradebook
from autograder.verdict import FILE, FINAL, Verdict, from_json, write_atomically

_BINS = 10


@dataclass(frozen=True)
class Submission:
    """One student in one exercise; `points` are final, less the late penalty, and None while there are none.

    `status` is a verdict's, or "ungraded" for what was handed in only; `scores` are by task, None where open.
    """

    exercise: str
    student: str
    name: str
    status: str
    points: float | None = None
    max_points: float = 0
    scores: Mapping[str, float | None] = field(default_factory=dict)
    verdict: Verdict | None = None

    @property
    def penalty(self) -> float:
        """The points that were taken off for being late."""
        return 0 if self.points is None else round(sum(self.scores.values()) - self.points, 2)


def write(folder: Path, path: Path, exercises: Collection[str] = ()) -> None:
    """Write the report on the nbgrader course in `folder`; without names, on all that someone has handed in."""
    found = read(folder, exercises)
    titles = {name: course.exercise(name).title for name in course.names() if name in found}
    write_atomically(path, page(list(map(summarize, found.values())), titles))


def read(folder: Path, exercises: Collection[str] = ()) -> dict[str, list[Submission]]:
    """By exercise, every student of the course; raises CourseError where there is nothing to report."""
    with gradebook(folder) as book:
        names = [(", ".join(filter(None, [one.last_name, one.first_name])) or one.id, one.id) for one in book.students]
        known = sorted(assignment.name for assignment in book.assignments)
        rows = {(row.exercise, row.student): row for row in grades.rows(book, exercises)}
        scores = _scores(book)
    if unknown := sorted(set(exercises) - set(known)):
        raise CourseError(f"the gradebook has no {', '.join(unknown)}; it has {', '.join(known) or 'no exercise'}")
    students = sorted(names, key=lambda one: unicodedata.normalize("NFKD", one[0]).casefold())
    found = {}
    for exercise in exercises or known:
        ones = [_submission(folder, exercise, *student, rows, scores) for student in students]
        if exercises or any(one.status != "absent" for one in ones):
            found[exercise] = ones
    if not students or not found:
        raise CourseError(f"nothing is handed in in {folder}: run `nbgrader autograde EXERCISE` there first")
    return found


def summarize(submissions: Sequence[Submission]) -> dict:
    """The numbers of one exercise: final points, tasks with the hardest first, mistakes with the commonest first."""
    judged = [one for one in submissions if one.verdict]
    points = pd.Series([one.points for one in submissions if one.points is not None], dtype=float)
    max_points = max(one.max_points for one in submissions)
    bins = Counter(min(_BINS - 1, int(number * _BINS / max_points)) for number in points)
    columns = [task.name for one in judged for task in one.verdict.tasks]
    columns += [task for one in submissions for task in one.scores]
    return {
        "exercise": submissions[0].exercise,
        "max_points": max_points,
        "submissions": submissions,
        "statuses": Counter(one.status for one in submissions),
        "waiting": [one for one in submissions if one.points is None and one.status != "absent"],
        "judged": len(judged),
        "points": points,
        "bins": [(max_points * low / _BINS, max_points * (low + 1) / _BINS, bins[low]) for low in range(_BINS)],
        "columns": list(dict.fromkeys(columns)),
        "tasks": _tasks(judged),
        "mistakes": _mistakes(judged),
    }


def page(summaries: Sequence[dict], titles: Mapping[str, str]) -> str:
    """The report as one HTML page that needs nothing beside itself."""
    return feedback.template("report.html.j2").render(summaries=summaries, titles=titles)


def _tasks(judged):
    """Each task with the mean of its final points and its tests, by the share of those decided that passed."""
    most = {task.name: task.max_points for one in judged for task in one.verdict.tasks}
    final = [one.scores for one in judged if one.points is not None]
    means = pd.DataFrame(final, columns=list(most), dtype=float).mean()
    tests = {task: found.to_dict("records") for task, found in _tests(judged).groupby("task")}
    tasks = [{"name": name, "mean": means[name], "max": most[name], "tests": tests.get(name, [])} for name in most]
    return sorted(tasks, key=lambda task: task["mean"] / task["max"])


def _tests(judged):
    tasks = [task for one in judged for task in one.verdict.tasks]
    outcomes = [(task.name, test.sentence, test.outcome) for task in tasks for test in task.tests]
    counts = pd.DataFrame(outcomes, columns=["task", "sentence", "outcome"]).value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=["passed", "failed", "broken"], fill_value=0)
    counts["share"] = counts.passed / (counts.passed + counts.failed)
    return counts.sort_values("share", kind="stable").reset_index()


def _mistakes(judged):
    """The misconceptions and broken rules by task and name, each with its hint and students."""
    found = {}
    for student, task in [(one.student, task) for one in judged for task in one.verdict.tasks]:
        known = [(mistake.name, mistake.hint) for mistake in task.mistakes]
        for name, hint in known or [(task.note, "")] * bool(task.note):
            mistake = {"task": task.name, "name": name, "hint": hint, "students": []}
            found.setdefault((task.name, name), mistake)["students"].append(student)
    return sorted(found.values(), key=lambda mistake: -len(mistake["students"]))


def _submission(folder, exercise, name, student, rows, scores):
    key, place = (exercise, student), Path(student) / exercise
    row, path = rows.get(key), folder / "autograded" / place / FILE
    verdict = from_json(path.read_text(encoding="utf-8")) if path.is_file() else None
    points = float(row.points) if row and row.points is not None else None
    status = _status(points, verdict, row or (folder / "submitted" / place).is_dir())
    most = float(row.max_points) if row else 0
    return Submission(exercise, student, name, status, points, most, scores[key], verdict)


def _status(points, verdict, handed_in):
    """The verdict's status, unless the gradebook knows better: what a person decided is final, what is open is not."""
    if points is not None:
        return verdict.status if verdict and verdict.status in FINAL else "graded"
    if verdict:
        return "needs_review" if verdict.status in FINAL else verdict.status
    return "ungraded" if handed_in else "absent"


def _scores(book):
    """By exercise and student, what the gradebook has for each task."""
    given = case((or_(Grade.auto_score.is_not(None), Grade.manual_score.is_not(None)), Grade.score))
    query = select(Assignment.name, SubmittedAssignment.student_id, BaseCell.name, given).select_from(Grade)
    query = query.join(Grade.cell).join(Grade.notebook)
    query = query.join(SubmittedNotebook.assignment).join(SubmittedAssignment.assignment)
    found = defaultdict(dict)
    for exercise, student, task, points in book.db.execute(query):
        found[exercise, student][task] = points
    return found
