"""Records verdicts through nbgrader's own converter, one after the other, while others are still judged."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from logging import Logger

from nbgrader.converters.base import NbGraderException

from autograder.classroom import pool, run, verdict_files
from autograder.classroom.folder import CourseFolder
from autograder.classroom.nbgrader_seam.converter import Recording
from autograder.classroom.pool import Judged
from autograder.classroom.submissions import Submission


class Recorder(Recording):
    """Records what it is given: it writes the graded notebook and the gradebook as `nbgrader autograde` does."""

    def __init__(self, place: CourseFolder, reason: str, log: Logger):
        super().__init__(coursedir=place.directory, config=place.directory.config, force=True)
        self.place, self.reason, self.log, self.troubles = place, reason, log, []

    def record(self, arriving: Iterable[Judged]) -> list[str]:
        """Record verdicts as they arrive; returns what could not be recorded."""
        self._arriving = iter(arriving)
        self.start()
        return self.troubles

    def init_notebooks(self):
        """Nothing is looked for: what arrives is recorded."""

    def convert_notebooks(self):
        for judged in self._arriving:
            self._now, one = judged, judged.submission
            self.coursedir.assignment_id = one.exercise
            self.assignments = {str(one.folder): [str(one.folder / f"{one.exercise}.ipynb")]}
            self._put_aside(one)
            try:
                super().convert_notebooks()
            except NbGraderException:
                where = f"{self.place.state.name}/{run.LOG}"
                self.troubles.append(
                    f"{one.exercise}, {one.student}: could not be recorded: see {where}, then run this again"
                )

    def _put_aside(self, one):
        """Keep the verdict that is to be replaced."""
        folder = self.place.autograded(one.student, one.exercise)
        old = verdict_files.read(folder)
        if old and (old.edited or old.key != one.key):
            verdict_files.put_aside(folder, self.place.replaced(one.student, one.exercise), self.reason)

    def judge(self, folder, exercise, settings):
        """What has arrived."""
        return self._now.verdict, self._now.notebook


def grade(
    place: CourseFolder, submissions: Iterable[Submission], runs: Executor, jobs: int, seen: Callable, reason: str
) -> list[str]:
    """Judge and record submissions, calling `seen` with each that is judged; returns what could not be recorded."""

    def arriving() -> Iterator[Judged]:
        for one in pool.judged(submissions, place, runs, jobs):
            seen(one)
            yield one

    with run.logged(place.state) as log:
        return Recorder(place, reason, log).record(arriving())
