"""What nbgrader's commands do with each notebook: judge it, record it, show it; chosen in `nbgrader_config.py`."""

import functools
from pathlib import Path

import nbgrader.api
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade
from traitlets import Bool, Float, Integer

from autograder.judging.fence.settings import Seconds, Settings
from autograder.judging.fence.worker.jail import Limits
from autograder.pages import grade_cell

# nbgrader opens the gradebook eight times a submission, each time with an engine that knows no statement yet: with one
# engine for all of them, each statement is compiled once.
nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)


class JudgeSubmission(NbGraderPreprocessor):
    """Judges what was handed in; the verdict becomes the outputs of the notebook's grade cells."""

    seconds_per_cell = Float(
        30,
        help="Seconds of processor time that one cell may take, by the clock three times as long and 5 s; it is "
        "stopped then, the others go on.",
    ).tag(config=True)
    seconds_per_probe = Float(
        5,
        help="Seconds of processor time that the student's code may take for one question of a hidden test, by the "
        "clock three times as long and 5 s; a fifth of them where two tests of the task have waited in vain.",
    ).tag(config=True)
    seconds_per_submission = Float(
        120,
        help="Seconds of processor time that all of a submission may take, by the clock three times as long and 5 s.",
    ).tag(config=True)
    memory_mb = Integer(2048, help="Memory that a submission may use beyond the loaded libraries, in MiB.").tag(
        config=True
    )
    disk_mb = Integer(64, help="What the files of a submission may take in its scratch folder, in MiB.").tag(
        config=True
    )
    processes = Integer(64, help="Threads that a submission may have. It can start no other process.").tag(config=True)
    output_kb_per_cell = Integer(1000, help="What is kept of one cell's output, pictures too, in kB.").tag(config=True)
    output_kb = Integer(10_000, help="What is kept of the output of all cells together, in kB.").tag(config=True)
    unsafe_no_jail = Bool(False, help="Run student code without walls. Every verdict says so.").tag(config=True)

    @property
    def settings(self) -> Settings:
        """The limits and walls that are configured."""
        seconds = Seconds(self.seconds_per_cell, self.seconds_per_probe, self.seconds_per_submission)
        return Settings(seconds, self._limits(), not self.unsafe_no_jail)

    def preprocess(self, nb, resources):
        facts, batch = resources["nbgrader"], self.parent.parent
        name, student = facts["assignment"], facts["student"]
        verdict, nb = batch.judge(Path(batch._format_source(name, student)), name, self.settings)
        for cell in filter(is_grade, nb.cells):
            cell.outputs = grade_cell.outputs(verdict, cell.metadata.nbgrader["grade_id"])
        nb.cells[:0] = grade_cell.banner(verdict)
        for line in verdict.repairs:
            self.log.warning("%s: %s", student, line)
        self.log.info("%s: %s", student, grade_cell.summary(verdict))
        batch.verdicts[name, student] = verdict
        return nb, resources | {"verdict": verdict}

    def _limits(self):
        return Limits(
            memory_mb=self.memory_mb,
            disk_mb=self.disk_mb,
            processes=self.processes,
            cpu_seconds=int(self.seconds_per_submission) + 60,
            cell_kb=self.output_kb_per_cell,
            output_kb=self.output_kb,
        )


class RecordVerdict(SaveAutoGrades):
    """Records the points of all tasks at once, and leaves open what the judge could not decide."""

    def preprocess(self, nb, resources):
        self._verdict = resources["verdict"]
        nb, resources = super().preprocess(nb, resources)
        with Gradebook(self.db_url) as self.gradebook:
            for task in self._verdict.tasks:
                self._record(task)
            self.gradebook.db.commit()
        return nb, resources

    def _record(self, task):
        grade = self.gradebook.find_grade(task.name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = task.points
        by_hand, needs_person = grade.manual_score is not None, self._verdict.needs_person
        # A person's points stand where the judge has none, and are looked at again where it has.
        grade.needs_manual_grade = needs_person and not by_hand if task.points is None else needs_person or by_hand

    def _add_score(self, cell, resources):
        """nbgrader commits each cell's score, which waits for the disk: they are recorded together, at the end."""

    def _add_comment(self, cell, resources):
        """nbgrader remarks where an answer was not touched, which is known of what could be judged only."""
        if self._verdict.points is not None:
            super()._add_comment(cell, resources)


class ShowGrades(GetGrades):
    """Puts the grades into a feedback page as nbgrader does, but for open ones, which it would show as 0."""

    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        if any(cell.metadata.nbgrader["score"] is None for cell in filter(is_grade, nb.cells)):
            resources["nbgrader"]["score"] = None
        return nb, resources

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        if grade.needs_manual_grade or (grade.auto_score is None and grade.manual_score is None):
            cell.metadata.nbgrader["score"] = None
