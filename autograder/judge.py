"""Judges one submission: its cells run behind the fence; pytest, here, compares what comes back with the reference."""

import fnmatch
import functools
import hashlib
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version

from nbformat import NotebookNode

from autograder import course, diagnose, forbidden, hearing
from autograder.repair import repair
from autograder.sandbox import Sandbox, Seconds
from autograder.student import Student
from autograder.testing import Forbidden
from autograder.verdict import TaskResult, Verdict, share


def judge(submitted: NotebookNode, name: str, sandbox: Sandbox, seconds: Seconds) -> tuple[Verdict, NotebookNode]:
    """The verdict on a submission, and its notebook as repaired, with the outputs of the cells that were run."""
    started = time.monotonic()
    notebook, repairs = repair(submitted, name)
    student = Student(sandbox, runnable(notebook), watched(name), seconds)
    try:
        _show_outputs(notebook, student.run_cells())
        heard = hearing.hear(name, student, variant(notebook))
    finally:
        student.end()
    verdict = Verdict(name, "graded", _results(name, student, heard), repairs)
    verdict.status = _status(verdict, student)
    verdict.versions, verdict.seed, verdict.jail = versions(), variant(notebook), sandbox.tier
    verdict.seconds = round(time.monotonic() - started, 3)
    return verdict, notebook


def broken(submitted: NotebookNode, name: str, error: Exception) -> tuple[Verdict, NotebookNode]:
    """The verdict where the grader itself failed: nothing decided, for a person to look at."""
    notebook, repairs = repair(submitted, name)
    tasks = [TaskResult(task.name, float(task.points), None, []) for task in course.exercise(name).tasks]
    note = f"the grader failed: {type(error).__name__}: {error}"[:500]
    return Verdict(name, "needs_review", tasks, repairs, [note], versions(), variant(notebook)), notebook


def runnable(notebook: NotebookNode) -> list[tuple[str, str]]:
    """The cells that judging runs, by id: all code but the experiments, which change no grade."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and not course.is_notebook_only(cell)]
    return [(cell.id, cell.source) for cell in code]


def variant(notebook: NotebookNode) -> int:
    """Which of the seeds a submission gets: picked by its answers, so that the same answers get the same one."""
    answers = "\0".join(cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    return hashlib.sha256(answers.encode()).digest()[0] % hearing.VARIANTS


@functools.cache
def versions() -> dict[str, str]:
    """The versions that a grade depends on."""
    names = ["autograder", "torch", "numpy", "matplotlib", "pandas", "scikit-learn", "ipython", "nbgrader"]
    return {"python": platform.python_version()} | {name: version(name) for name in names}


@functools.cache
def rules(name: str) -> Mapping[str, Mapping[str, Forbidden]]:
    """By task, what the names that its solution defines must not call."""
    declared = getattr(course.load(hearing.path(name)), "FORBIDDEN", {})
    exercise = course.exercise(name)
    defined = {task.name: forbidden.definitions(exercise.solutions[task.solution]) for task in exercise.tasks}
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
        elif wrong := diagnose.find([(one.test, one.record) for one in heard.get(task.name, [])]):
            result.misconception, result.hint = wrong.name, wrong.hint
        results.append(result)
    return results


def _broken_rule(name, task, student):
    """Why a task is lost whatever it computes, or "": a forbidden name in its text, or called while it was probed."""
    for key, rule in rules(name)[task].items():
        found = forbidden.find([source for _, source in student.cells], key, rule.names)
        called = sorted(
            name
            for name in student.calls.get(task, ())
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in rule.names)
        )
        if used := found or called:
            return f"{key} uses {', '.join(used[:3])}, which is not allowed here: {rule.because}"
    return ""


def _status(verdict, student):
    ended = {ran["ended"] for ran in student.ran.values()} | student.stopped
    if verdict.points is None or verdict.notes:
        return "needs_review"
    return next((status for status in ("crashed", "timeout") if status in ended), "graded")
