"""What a course has to grade, what of it is graded already, and the verdicts that it keeps."""

import contextlib
import datetime
import functools
import json
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from nbformat import NotebookNode
from nbgrader.api import Assignment, SubmittedAssignment
from sqlalchemy import select

from autograder import CourseError, course
from autograder.classroom import verdict_files
from autograder.classroom.gradebook import course_directory, gradebook
from autograder.classroom.nbgrader_seam.preprocessors import JudgeSubmission
from autograder.classroom.verdict_files import FILE, Store
from autograder.files import write_atomically
from autograder.judging import basis, secret
from autograder.judging.fence.settings import Settings
from autograder.judging.intake.reading import NoNotebook, read_submission
from autograder.judging.verdict import Verdict

STATE, LOG = ".autograder", "grading.log"


@dataclass(frozen=True)
class Submission:
    """One student's work on one exercise, in the folder where it was handed in; its verdict is kept under `key`."""

    exercise: str
    student: str
    folder: Path
    key: str


@dataclass(frozen=True)
class Judged:
    """A submission with its verdict and its notebook."""

    submission: Submission
    verdict: Verdict
    notebook: NotebookNode


class Grading:
    """One course's folder, with its configuration, and the verdicts kept in it."""

    def __init__(self, folder: Path):
        """Raises CourseError where the folder is no course."""
        self.folder = folder.resolve()
        self.directory = course_directory(self.folder)
        self.config = self.directory.config
        self.settings: Settings = JudgeSubmission(config=self.config).settings
        self.store = Store(self.folder / STATE / "verdicts")

    @functools.cached_property
    def log(self) -> logging.Logger:
        """Where nbgrader says what it does; a person reads it when something went wrong."""
        handler = logging.FileHandler(self.folder / STATE / LOG, mode="w", encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handler.handleError = lambda record: None  # a full disk is said by what could not be kept
        logger = logging.Logger(STATE, logging.INFO)
        # nbgrader's gradebook speaks through tornado's logger, which without a handler writes to the terminal.
        for one in (logger, logging.getLogger("tornado.application")):
            one.addHandler(handler)
            one.propagate = False
        return logger

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of this course; raises CourseError where one is under way."""
        lock = FileLock(self.folder / STATE / "grading.lock")
        Path(lock.lock_file).parent.mkdir(exist_ok=True)
        try:
            with lock.acquire(timeout=0):
                yield
        except Timeout:
            raise CourseError(f"another run is grading {self.folder}: wait until it has ended") from None

    def submissions(self, exercises: Iterable[str] = (), students: Iterable[str] = ()) -> list[Submission]:
        """What was handed in, by exercise and student; raises CourseError for names that nothing goes by."""
        chosen, wanted = list(exercises) or course.names(), set(students)
        for name in set(chosen) - set(course.names()):
            course.exercise(name)  # says which one was meant
        found = [
            Submission(name, folder.parent.name, folder, basis.key_of(folder, name, self.settings))
            for name in chosen
            for folder in sorted(Path(self.directory.root, self.directory.submitted_directory).glob(f"*/{name}"))
            if folder.is_dir() and (not wanted or folder.parent.name in wanted)
        ]
        if missing := wanted - {submission.student for submission in found}:
            raise CourseError(f"nothing was handed in by {', '.join(sorted(missing))}: look into submitted/")
        if not found:
            raise CourseError(f"nothing was handed in in {self.folder}: put notebooks into submitted/STUDENT/EXERCISE/")
        return found

    def basis(self, exercise: str) -> dict[str, str]:
        """What verdicts on an exercise rest on here."""
        return basis.basis(exercise, self.settings)

    def recorded(self) -> dict[tuple[str, str], str]:
        """By exercise and student, the key of the verdict that the gradebook and `autograded/` have."""
        query = select(Assignment.name, SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
        with gradebook(self.folder) as book:
            known = book.db.execute(query.join(SubmittedAssignment.assignment)).all()
        found = {}
        for exercise, student, timestamp in known:
            folder = Path(self.directory.format_path(self.directory.submitted_directory, student, exercise))
            path = self._autograded(student, exercise) / FILE
            with contextlib.suppress(OSError, ValueError):
                if self.directory.get_existing_timestamp(folder) == timestamp:
                    found[exercise, student] = json.loads(path.read_text(encoding="utf-8")).get("key", "")
        return found

    def pending(self, submissions: Iterable[Submission]) -> list[Submission]:
        """Those that are not recorded as they are now."""
        recorded = self.recorded()
        return [one for one in submissions if recorded.get((one.exercise, one.student)) != one.key]

    def verdict(self, one: Submission) -> Verdict | None:
        """What is recorded of a submission."""
        return verdict_files.read(self._autograded(one.student, one.exercise))

    def keep_old(self, one: Submission, reason: str) -> None:
        """Put the verdict that is to be replaced aside, with the date and the reason."""
        old = self.verdict(one)
        if old and (old.edited or old.key != one.key):
            text = (self._autograded(one.student, one.exercise) / FILE).read_text(encoding="utf-8", errors="replace")
            now = datetime.datetime.now(datetime.UTC)
            kept = self.folder / STATE / "replaced" / one.exercise / one.student / f"{now:%Y%m%dT%H%M%S.%fZ}.json"
            replaced = {
                "replaced": now.isoformat(),
                "reason": reason,
                "verdict": text if old.edited else json.loads(text),
            }
            write_atomically(kept, json.dumps(replaced, indent=1, ensure_ascii=False) + "\n")

    def _autograded(self, student, exercise):
        return Path(self.directory.format_path(self.directory.autograded_directory, student, exercise))

    def judged(self, submissions: Iterable[Submission], runs: Executor, jobs: int) -> Iterator[Judged]:
        """Each submission's verdict and notebook, as soon as they are known."""
        from autograder.classroom import pool  # and torch: only where there is something to judge

        unknown = []
        for one in submissions:
            if kept := self.store.get(one.key) or self._no_notebook(one):
                yield Judged(one, *kept)
            else:
                unknown.append(one)
        for one, future in pool.judged(((one, self._work(one)) for one in unknown), runs, jobs):
            verdict, notebook = pool.result(future)
            verdict.key = one.key
            if not verdict.failure:
                self.store.put(one.key, verdict, notebook)
            yield Judged(one, verdict, notebook)

    def _work(self, one):
        from autograder.classroom import pool

        given = basis.to_json(*read_submission(one.folder, one.exercise))
        return pool.Work(one.exercise, given, self.settings, secret.get(), self.basis(one.exercise))

    def _no_notebook(self, one):
        """The verdict on what cannot be judged, which is soon made."""
        try:
            read_submission(one.folder, one.exercise)
        except NoNotebook as error:
            from autograder.judging.judge import undecided

            verdict, notebook = undecided(one.exercise, error.status, notes=[str(error)])
            verdict.key = one.key
            return verdict, notebook
        return None
