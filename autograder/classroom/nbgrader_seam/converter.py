"""One run of `nbgrader autograde`, which no submission stops, and which says at its end who needs a person."""

import glob
import importlib
import shutil
from pathlib import Path

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from traitlets import Dict

from autograder import CourseError, course
from autograder.classroom import verdict_files
from autograder.classroom.nbgrader_seam import stock, students
from autograder.classroom.nbgrader_seam.preprocessors import JudgeSubmission
from autograder.files import printable
from autograder.judging import basis
from autograder.judging.fence.sandbox import shared
from autograder.judging.fence.settings import Settings
from autograder.judging.intake.given import read
from autograder.judging.intake.reading import EXCHANGED
from autograder.judging.verdict import Verdict


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, which leaves the reading of what was handed in to the judge."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(self.parent, Recording):
            stock.take_over(self.parent, Batch)
            stock.take_over(self.parent.coursedir, stock.TimedDirectory)

    def from_filename(self, filename, resources=None, **kwargs):
        if self.parent._sanitizing:
            return self.from_notebook_node(new_notebook(), resources)
        return super().from_filename(filename, resources, **kwargs)


class _ExchangedOnly(BaseConverter):
    """nbgrader's converters, less their copying of all that was handed in: through links, and ten thousand files."""

    def init_assignment(self, assignment_id, student_id):
        folder = Path(self._format_dest(assignment_id, student_id))
        for name in EXCHANGED:
            path = Path(self._format_source(assignment_id, student_id), name)
            if path.is_file() and not path.is_symlink():
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, folder)


class Recording(Autograde, _ExchangedOnly):
    """nbgrader's converter, which records verdicts; `verdicts` has those of this run, by exercise and student."""

    verdicts = Dict()

    def judge(self, folder: Path, exercise: str, settings: Settings) -> tuple[Verdict, NotebookNode]:
        """The verdict on what was handed in, and its notebook."""
        raise NotImplementedError

    def decided(self, student: str, exercise: str, settings: Settings) -> tuple[Verdict, NotebookNode]:
        """The verdict to record: a person has to look where nobody knows when something was handed in."""
        folder = Path(self._format_source(exercise, student))
        verdict, notebook = self.judge(folder, exercise, settings)
        try:
            self.coursedir.time_in(folder)
        except ValueError as error:
            verdict.leave_to_a_person(str(error))
        self.verdicts[exercise, student] = verdict
        return verdict, notebook

    def init_destination(self, assignment_id, student_id):
        folder = Path(self._format_dest(assignment_id, student_id))
        if folder.is_dir() and not _is_decided(folder):
            # nbgrader would take it for done: it makes the folder before it grades.
            self.log.warning("%s was interrupted, or could not be judged: judging it again", folder)
            shutil.rmtree(folder)
        return super().init_destination(assignment_id, student_id)

    def init_assignment(self, assignment_id, student_id):
        super().init_assignment(assignment_id, student_id)
        # Until it is judged nothing is known; nbgrader gives a notebook that is not in its place 0 points here.
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            for grade in book.find_submission_notebook(assignment_id, assignment_id, student_id).grades:
                grade.auto_score = None
            book.db.commit()

    def set_permissions(self, assignment_id, student_id):
        # nbgrader's last step with a submission: the verdict makes its folder final.
        verdict_files.write(
            self.verdicts[assignment_id, student_id], Path(self._format_dest(assignment_id, student_id))
        )
        super().set_permissions(assignment_id, student_id)


class Batch(Recording):
    """What `nbgrader autograde` runs: all that was handed in for an exercise, one after the other."""

    def convert_notebooks(self):
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        folders = [Path(path) for path in glob.glob(pattern) if Path(path).is_dir()]  # noqa: PTH207 (as nbgrader does)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as book:
            refused = students.misnamed([folder.parent.name for folder in folders], [one.id for one in book.students])
        misnamed = {folder: refused[folder.parent.name] for folder in folders if folder.parent.name in refused}
        folders = [folder for folder in folders if folder not in misnamed]
        self._refuse_what_nobody_could_pass({folder.name for folder in folders})
        # Also where there is no such notebook: what was handed in instead is for the judge to say.
        self.assignments = {str(folder): [str(folder / f"{folder.name}.ipynb")] for folder in folders}
        try:
            super().convert_notebooks()
        finally:
            waiting = [f"{printable(str(folder))}: {why}" for folder, why in misnamed.items()]
            waiting += [
                f"{student}: {verdict.status}: {'; '.join(verdict.causes)}"
                for (_, student), verdict in self.verdicts.items()
                if verdict.needs_person
            ]
            for line in waiting:
                self.log.error(line)
        if waiting:
            self.log.error(
                "%d of these submissions need a person: give points in nbgrader's formgrader, or mend what is said "
                "above and judge again with `nbgrader autograde %s --student=... --force`",
                len(waiting), self.coursedir.assignment_id,
            )  # fmt: skip
            raise NbGraderException

    def _refuse_what_nobody_could_pass(self, exercises):
        server = shared(JudgeSubmission(parent=self.exporter).settings)
        try:
            list(map(course.exercise, exercises))
            importlib.import_module("autograder.judging.judge")  # while the server warms up
            server.ready()
        except CourseError as error:
            self.log.error(str(error))
            raise NbGraderException from error

    def judge(self, folder, exercise, settings):
        from autograder.judging.judge import judge_given, undecided

        given = read(folder, exercise)
        try:
            verdict, notebook = judge_given(given, exercise, shared(settings), settings.seconds)
        except CourseError as error:
            # The walls stood when the batch began: the server has died, and the next submission gets another one.
            shared.cache_clear()
            return undecided(exercise, "needs_review", failure=str(error))
        verdict.key = given.key(basis.basis(exercise, settings))
        return verdict, notebook


def _is_decided(folder):
    found = verdict_files.read(folder)
    return found is not None and found.points is not None
