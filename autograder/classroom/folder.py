"""The folder of an nbgrader course: what its configuration says of names, places and limits."""

import functools
import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader
from traitlets.config.loader import ConfigFileNotFound

from autograder import CourseError
from autograder.classroom.nbgrader_seam.preprocessors import JudgeSubmission
from autograder.classroom.nbgrader_seam.stock import TimedDirectory
from autograder.classroom.verdict_files import Store
from autograder.judging.fence.settings import Settings

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class CourseFolder:
    """Where a course keeps what is handed in and what is graded: nbgrader's own view of it, as paths."""

    directory: TimedDirectory

    @classmethod
    def at(cls, folder: Path) -> "CourseFolder":
        """The course in a folder, with nbgrader's own names where it has no configuration."""
        try:
            config = PyFileConfigLoader(CONFIG, path=str(folder)).load_config()
        except ConfigFileNotFound:
            config = Config()
        return cls(TimedDirectory(config=config, root=str(folder.resolve())))

    @property
    def root(self) -> Path:
        """The folder itself."""
        return Path(self.directory.root)

    @property
    def state(self) -> Path:
        """Where grading keeps its own: verdicts, lock, log."""
        return self.root / ".autograder"

    @functools.cached_property
    def settings(self) -> Settings:
        """The limits and walls that are configured."""
        return JudgeSubmission(config=self.directory.config).settings

    @property
    def store(self) -> Store:
        """The verdicts that are kept whoever they are recorded for, so that nothing is judged twice."""
        return Store(self.state / "verdicts")

    def replaced(self, student: str, exercise: str) -> Path:
        """Where verdicts are kept that others have replaced."""
        return self.state / "replaced" / exercise / student

    def submitted(self, student: str, exercise: str) -> Path:
        """Where a student's work is handed in."""
        return self._path(self.directory.submitted_directory, student, exercise)

    def autograded(self, student: str, exercise: str) -> Path:
        """Where its graded notebook and its verdict are."""
        return self._path(self.directory.autograded_directory, student, exercise)

    def feedback(self, student: str, exercise: str) -> Path:
        """Where its feedback page is."""
        return self._path(self.directory.feedback_directory, student, exercise)

    def source(self, exercise: str) -> Path:
        """Where the instructor's notebook of an exercise is."""
        return self._path(self.directory.source_directory, ".", exercise)

    def unrecorded(self, student: str, exercise: str) -> str:
        """The status of a student of whom the gradebook has nothing in an exercise."""
        return "ungraded" if self.submitted(student, exercise).is_dir() else "absent"

    def handed_in(self, exercise: str) -> Iterator[tuple[str, Path]]:
        """Each student who has handed something in for an exercise, and the folder that it is in."""
        step, format_path = self.directory.submitted_directory, self.directory.format_path
        student = re.compile(format_path(re.escape(step), "([^/]+)", re.escape(exercise), escape=True))
        pattern = Path(format_path(glob.escape(step), "*", glob.escape(exercise))).relative_to(self.root)
        for folder in sorted(self.root.glob(str(pattern))):
            if folder.is_dir():
                yield student.fullmatch(str(folder))[1], folder

    def _path(self, step, student, exercise):
        return Path(self.directory.format_path(step, student, exercise))


def course_in(folder: Path) -> CourseFolder:
    """The course in a folder; raises CourseError where there is none."""
    if not (folder / CONFIG).is_file():
        raise CourseError(f"{folder} has no {CONFIG}: name the course's folder with --course-dir")
    return CourseFolder.at(folder)
