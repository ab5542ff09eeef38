"""The feedback page that `nbgrader generate_feedback` makes: what the verdict says, then the notebook."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder import CourseError, course
from autograder.classroom import verdict_files
from autograder.course.build import ANSWER
from autograder.course.model import is_notebook_only
from autograder.judging.verdict import OUTCOMES, STATUSES, TaskResult, Verdict
from autograder.pages import grade_cell, markup, value_tables
from autograder.pages.rendering import template

_HEADING = re.compile(r"^#{1,6} +(.+)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """One task on the page: its result, the gradebook's points (None while they are open), and its answer's cell."""

    result: TaskResult
    points: float | None
    answer: NotebookNode
    section: str

    @property
    def lost(self) -> float:
        """The points that can still be had."""
        return 0.0 if self.points is None else max(self.result.max_points - self.points, 0.0)

    @property
    def by_hand(self) -> bool:
        """Whether a person gave other points than the tests."""
        return self.points is not None and self.points != self.result.points

    @property
    def failed(self) -> list:
        """The tests that failed."""
        return [test for test in self.result.tests if test.outcome == "failed"]

    @property
    def shared(self) -> str:
        """The message with which half of the failed tests or more failed, if these are several; else ""."""
        message, count = Counter(test.message for test in self.failed).most_common(1)[0] if self.failed else ("", 0)
        return message if count >= max(2, len(self.failed) / 2) else ""

    @property
    def next_step(self) -> str:
        """What to do about this task, in a sentence."""
        if self.points is None:
            return "Nothing for now: a person has to look at it."
        if not self.failed and not self.result.note:
            return "Read what your instructor wrote." if self.lost else "Nothing: all of it holds."
        if self.result.note:
            return self.result.note
        if mistakes := self.result.mistakes:
            names = " and ".join(mistake.name for mistake in mistakes)
            return f"It looks like an answer that {names}: read the hint{'s' * (len(mistakes) > 1)}."
        if self.shared and not self.result.passed:
            return f"{self.shared[:1].upper()}{self.shared[1:]}."
        return f"Make this hold first: {self.failed[0].sentence}."


class FeedbackPage(Exporter):
    """Writes one page that loads nothing and runs nothing; all that is put into it is escaped."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(self, nb, resources=None, **kwargs):
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        folder, facts = Path(resources["metadata"]["path"]), resources["nbgrader"]
        verdict = read_verdict(folder)
        if verdict.doubt:
            self.log.warning("%s, %s: %s", verdict.exercise, facts["student"], verdict.doubt)
        if verdict.edited:
            self.log.warning("`course regrade %s --apply` makes it anew", verdict.exercise)
            return template("feedback_open.html.j2").render(
                student=facts["student"], title=course.exercise(verdict.exercise).title
            ), resources
        return render(verdict, nb, facts), resources


def read_verdict(folder: Path) -> Verdict:
    """The verdict beside a graded notebook; raises CourseError where there is none."""
    if (verdict := verdict_files.read(folder)) is None:
        student, exercise = folder.parts[-2:]
        path, again = folder / verdict_files.FILE, f"nbgrader autograde {exercise} --student={student} --force"
        raise CourseError(f"{path} is missing, so there is nothing to say about it: judge it again with `{again}`")
    return verdict


def render(verdict: Verdict, notebook: NotebookNode, facts: dict) -> str:
    """The page; `facts` are nbgrader's: student, score (None while it is open), max_score, late_penalty."""
    return template("feedback.html.j2").render(
        verdict=verdict,
        title=course.exercise(verdict.exercise).title,
        meaning=STATUSES[verdict.status].words,
        outcomes=OUTCOMES,
        facts=facts,
        parts=list(_parts(verdict, notebook)),
        # The banner says what the top of the page says.
        cells=[cell for cell in notebook.cells if cell.get("id") != grade_cell.BANNER],
        is_notebook_only=is_notebook_only,
        markup=markup,
        values=value_tables,
    )


def _parts(verdict: Verdict, notebook: NotebookNode) -> Iterator[Part]:
    sections, section = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = next(iter(_HEADING.findall(cell.source)[-1:]), section)
        elif is_solution(cell):
            sections[cell.metadata.nbgrader.grade_id] = cell, section
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.score for cell in filter(is_grade, notebook.cells)
    }
    for result in verdict.tasks:
        solution = course.exercise(verdict.exercise).task(result.name).solution
        yield Part(result, points[result.name], *sections[ANSWER.format(solution)])
