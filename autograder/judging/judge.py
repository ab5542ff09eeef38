"""Judges one submission: its cells run behind the fence; pytest, here, compares what comes back with the reference."""

import fnmatch
import functools
import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade

from autograder import CourseError, course
from autograder.course import build
from autograder.course.model import is_notebook_only
from autograder.course.problems import near
from autograder.course.testing import Forbidden
from autograder.judging import diagnosis
from autograder.judging.basis import versions
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student
from autograder.judging.fence.worker.call_watch import SWITCHED_OFF
from autograder.judging.hidden_tests import collecting
from autograder.judging.hidden_tests.running import hear
from autograder.judging.intake.given import Given, read
from autograder.judging.intake.repair import Mended, repair
from autograder.judging.rules import forbidden_calls
from autograder.judging.verdict import Mistake, TaskResult, Verdict, share


def judge(
    submitted: NotebookNode, name: str, sandbox: Sandbox, seconds: Seconds, seed: int | None = None
) -> tuple[Verdict, NotebookNode]:
    """The verdict on a submission, and its notebook as repaired, with the outputs of the cells that were run.

    `seed` is one of the `hearing.VARIANTS`; without it, the one that the submission's answers pick.
    """
    return _judge(repair(submitted, name), name, sandbox, seconds, seed)


def judge_file(path: Path, name: str, sandbox: Sandbox, seconds: Seconds) -> tuple[Verdict, NotebookNode]:
    """The verdict on what was handed in at `path`, a notebook or its folder, whatever that is; and its notebook."""
    return judge_given(read(path, name), name, sandbox, seconds)


def judge_given(given: Given, name: str, sandbox: Sandbox, seconds: Seconds) -> tuple[Verdict, NotebookNode]:
    """The verdict on what was handed in, and its notebook.

    What cannot be judged, and what the grader itself fails at, is a status of the verdict. Raises CourseError where
    nobody's submission could be judged: the course's own text is malformed, or walls cannot be had.
    """
    if not given.text:
        return undecided(name, given.status, notes=[given.note] * bool(given.note), failure=given.failure)
    mended = None
    try:
        submitted, found = given.notebook()
        mended = repair(submitted, name)
        mended.repairs[:0] = found
        return _judge(mended, name, sandbox, seconds)
    except CourseError:
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("Judging a submission of %s failed", name)
        return undecided(name, "needs_review", mended, failure=f"{type(error).__name__}: {error}"[:500])


def undecided(name: str, status: str, mended: Mended | None = None, **why) -> tuple[Verdict, NotebookNode]:
    """The verdict that gives no points: nothing to judge, or the grader itself failed."""
    mended = mended or Mended(build.release_notebook(name), [], [])
    tasks = [TaskResult(task.name, float(task.points), None, []) for task in course.exercise(name).tasks]
    return Verdict(name, status, tasks, mended.repairs, versions=versions(), **why), mended.notebook


def _judge(mended, name, sandbox, seconds, seed=None):
    started = time.monotonic()
    notebook = mended.notebook
    seed = variant(notebook) if seed is None else seed
    student = Student(sandbox, runnable(notebook), watched(name), seconds)
    try:
        _show_outputs(notebook, student.run_cells())
        heard = hear(name, student, seed)
    finally:
        student.end()
    verdict = Verdict(name, "graded", _results(name, student, heard), mended.repairs, mended.doubts)
    verdict.notes += _hidden_ways(student)
    verdict.status = _status(verdict, student)
    verdict.versions, verdict.seed, verdict.jail = versions(), seed, sandbox.tier
    verdict.seconds = round(time.monotonic() - started, 3)
    return verdict, notebook


def runnable(notebook: NotebookNode) -> list[tuple[str, str]]:
    """The cells that judging runs, by id: all code but experiments and visible checks, which change no grade."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and not is_notebook_only(cell)]
    return [(cell.id, cell.source) for cell in code if not is_grade(cell)]


def variant(notebook: NotebookNode) -> int:
    """Which of the seeds a submission gets: picked by its answers, so that the same answers get the same one."""
    answers = "\0".join(cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    return hashlib.sha256(answers.encode()).digest()[0] % collecting.VARIANTS


def differences(verdict: Verdict) -> list[str]:
    """In what this machine differs from the one that made a verdict, one line each."""
    here = versions()
    return [
        f"{name} was {known} and is {here.get(name)}: the numbers may differ"
        for name, known in verdict.versions.items()
        if here.get(name) != known
    ]


@functools.cache
def rules(name: str) -> Mapping[str, Mapping[str, Forbidden]]:
    """By task, what the names that its solution defines must not call."""
    declared = getattr(course.load(course.hidden_tests(name)), "FORBIDDEN", {})
    exercise = course.exercise(name)
    defined = {task.name: forbidden_calls.definitions(exercise.solutions[task.solution]) for task in exercise.tasks}
    known = sorted(set().union(*defined.values()))
    for key in set(declared) - set(known):
        where = f"autograder/hidden/test_{name}.py, FORBIDDEN"
        raise CourseError(f"{where}: no solution defines {key!r}{near(key, known)}")
    return {task: {key: rule for key, rule in declared.items() if key in names} for task, names in defined.items()}


def watched(name: str) -> dict[str, list[str]]:
    """By task, the patterns that are noticed when called."""
    return {task: [part for rule in found.values() for part in rule.names] for task, found in rules(name).items()}


def _show_outputs(notebook, ran):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [NotebookNode(output) for output in ran.get(cell.id, {}).get("outputs", [])]
            cell.execution_count = None


def _results(name, student, heard):
    results = []
    for task in course.exercise(name).tasks:
        tests = [one.result for one in heard.get(task.name, [])]
        result = TaskResult(task.name, float(task.points), None, tests)
        if tests and not any(test.outcome == "broken" for test in tests):
            result.points = share(task.points, result.passed, len(tests))
        if note := _broken_rule(name, task.name, student):
            result.note, result.points = note, 0.0
        else:
            found = diagnosis.find([(one.test, one.record) for one in heard.get(task.name, [])])
            result.mistakes = [Mistake(wrong.name, wrong.hint, found.partly) for wrong in found.mistakes]
        results.append(result)
    return results


def _broken_rule(name, task, student):
    """Why a task is lost whatever it computes, or "": a forbidden name in its text, or called while it was probed."""
    for key, rule in rules(name)[task].items():
        found = forbidden_calls.find([source for _, source in student.cells], key, rule.names)
        called = sorted(
            name
            for name in student.calls.get(task, ())
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in rule.names)
        )
        if used := found or called:
            return f"{key} uses {', '.join(used[:3])}, which is not allowed here: {rule.because}"
    return ""


def _hidden_ways(student):
    """What a person has to look at: calls that could not be watched."""
    return [
        f"{task}: the answer switches off what notices forbidden calls ({SWITCHED_OFF})"
        for task, calls in student.calls.items()
        if SWITCHED_OFF in calls
    ]


def _status(verdict, student):
    ended = {ran["ended"] for ran in student.ran.values()} | student.stopped
    if verdict.points is None or verdict.notes or verdict.failure:
        return "needs_review"
    return next((status for status in ("crashed", "timeout") if status in ended), "graded")
