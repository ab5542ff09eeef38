"""Records verdicts through nbgrader's own converter, one after the other, while others are still judged."""

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from nbgrader.converters.base import NbGraderException

from autograder.classroom.folder import LOG, STATE, Grading, Judged, Submission
from autograder.classroom.nbgrader_seam.converter import Batch


class Recorder(Batch):
    """nbgrader's converter for verdicts that arrive: it writes `autograded/` and the gradebook as `autograde` does."""

    def __init__(self, grading: Grading, arriving: Iterable[Judged], reason: str):
        super().__init__(coursedir=grading.directory, config=grading.config, force=True)
        self.arriving, self.verdicts, self.troubles = arriving, {}, []
        self.log, self._keep = grading.log, functools.partial(grading.keep_old, reason=reason)

    def init_notebooks(self):
        """Nothing is looked for: what arrives is recorded."""

    def convert_notebooks(self):
        for judged in self.arriving:
            self._now, one = judged, judged.submission
            self.coursedir.assignment_id = one.exercise
            self.assignments = {str(one.folder): [str(one.folder / f"{one.exercise}.ipynb")]}
            if not self._is_timed(one.folder):
                self.troubles.append(
                    f"{one.exercise}, {one.student}: timestamp.txt is no time: correct it or delete it"
                )
                continue
            self._keep(one)
            try:
                super(Batch, self).convert_notebooks()
            except NbGraderException:
                why = f"could not be recorded: see {STATE}/{LOG}, then run this again"
                self.troubles.append(f"{one.exercise}, {one.student}: {why}")

    def judge(self, folder, exercise, settings):
        """What has arrived."""
        return self._now.verdict, self._now.notebook


def grade(
    grading: Grading, submissions: Iterable[Submission], runs: Executor, jobs: int, seen: Callable, reason: str
) -> list[str]:
    """Judge and record submissions, calling `seen` with each that is judged; returns what could not be recorded."""

    def arriving():
        for judged in grading.judged(submissions, runs, jobs):
            seen(judged)
            yield judged

    recorder = Recorder(grading, arriving(), reason)
    recorder.start()
    return recorder.troubles
