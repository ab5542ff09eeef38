"""The seams to nbgrader: its own commands repair, judge and record with these, chosen in `nbgrader_config.py`."""

import functools
import re
import shutil
import warnings
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade
from sqlalchemy.exc import SAWarning
from traitlets import Bool, Float, Integer

from autograder import feedback
from autograder.judge import broken, judge
from autograder.sandbox import Sandbox, SandboxError, Seconds
from autograder.verdict import FILE, Verdict, write
from autograder.worker.jail import Limits

# nbgrader's own queries raise it three times a submission; nobody who grades can do anything about it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

# Verdicts of notebooks that nbgrader has not finished with, by the folder that they belong beside.
_pending: dict[Path, Verdict] = {}


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, which first takes away what a kill left behind: a folder without a verdict is unfinished.

    nbgrader makes the folder before it grades and would skip it in the next run, with the scores still empty.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        converter = self.parent
        pattern = converter._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        for source in converter.assignments:
            found = re.match(pattern, source)
            folder = found and Path(converter._format_dest(found["assignment"], found["student"]))
            if folder and folder.is_dir() and not (folder / FILE).is_file():
                self.log.warning("Grading of %s was interrupted: grading it again", folder)
                shutil.rmtree(folder)


class JudgeSubmission(NbGraderPreprocessor):
    """Repairs and judges the submission; the verdict becomes the outputs of its grade cells."""

    seconds_per_cell = Float(30, help="Seconds that one cell may run; it is stopped then, the others go on.").tag(
        config=True
    )
    seconds_per_probe = Float(5, help="Seconds that one hidden test may wait for the student's code.").tag(config=True)
    seconds_per_submission = Float(120, help="Seconds that all of a submission may take.").tag(config=True)
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

    def preprocess(self, nb, resources):
        facts = resources["nbgrader"]
        seconds = Seconds(self.seconds_per_cell, self.seconds_per_probe, self.seconds_per_submission)
        sandbox = _sandbox(self._limits(), not self.unsafe_no_jail)
        try:
            verdict, nb = judge(nb, facts["assignment"], sandbox, seconds)
        except SandboxError:
            raise
        except Exception as error:
            # The grader failed, not the student: nothing is scored, and a person is asked to look.
            self.log.exception("Judging %s of %s failed", facts["assignment"], facts["student"])
            verdict, nb = broken(nb, facts["assignment"], error)
        for cell in filter(is_grade, nb.cells):
            cell.outputs = feedback.outputs(verdict, cell.metadata.nbgrader["grade_id"])
        for line in [*verdict.repairs, *verdict.notes]:
            self.log.warning("%s: %s", facts["student"], line)
        self.log.info("%s: %s", facts["student"], feedback.summary(verdict))
        converter = self.parent.parent
        _pending[Path(converter._format_dest(facts["assignment"], facts["student"]))] = verdict
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


@functools.cache
def _sandbox(limits: Limits, jail: bool) -> Sandbox:
    """The one warm server of this process."""
    return Sandbox(limits, jail)


class RecordVerdict(SaveAutoGrades):
    """Records the scores as nbgrader does, and leaves open what the judge could not decide."""

    def preprocess(self, nb, resources):
        self._verdict = resources["verdict"]
        return super().preprocess(nb, resources)

    def _add_score(self, cell, resources):
        super()._add_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        task = next(task for task in self._verdict.tasks if task.name == name)
        if task.points is None or self._verdict.status == "needs_review":
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score = task.points
            grade.needs_manual_grade = True
            self.gradebook.db.commit()


def keep_verdict(assignment, student, notebooks) -> None:
    """nbgrader's hook behind a finished submission: the verdict is written last, and makes its folder final."""
    for folder, verdict in list(_pending.items()):
        if folder.is_dir():
            write(verdict, folder)
            (folder / FILE).chmod(0o444)
        del _pending[folder]
