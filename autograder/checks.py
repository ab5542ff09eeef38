"""Judges the judge: the invariants that make an exercise's grades trustworthy."""

import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder import course, diagnose, hearing, sides, zoo
from autograder.judge import judge
from autograder.sandbox import Sandbox
from autograder.settings import Seconds
from autograder.verdict import Verdict

# These answers are known to end: on a busy machine they may take their time.
PATIENT = Seconds(cell=120, probe=60, submission=900)


@dataclass(frozen=True)
class Checked:
    """One answer that an exercise's written files make, or one question about them: what is wrong with its grade.

    `lost` are the tasks in which the answer loses points; `task` is the one in which a misconception should.
    `holds` are the known mistakes in a wrong answer of another style, and `named` those that were recognized.
    """

    kind: str
    name: str
    problems: list[str]
    lost: tuple[str, ...] = ()
    task: str = ""
    holds: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def check(name: str, sandbox: Sandbox, seconds: Seconds) -> Iterator[Checked]:
    """Check that the reference and right answers earn everything, the untouched release nothing, and each misconception
    loses points in its own task only and is named; that a wrong answer in another style is called by its own name or
    by none; and that every hidden test is failed by a misconception.
    """

    def checked(kind, what, notebook, problems, task="", holds=()):
        # All on one seed: what misconceptions give has to be computed once for each seed, and takes the most time.
        verdict = judge(notebook, name, sandbox, seconds, seed=0)[0]
        if task and problems(verdict):
            # What is drawn at random may look like another mistake by chance: a second seed decides.
            verdict = judge(notebook, name, sandbox, seconds, seed=1)[0]
        tests = [test for found in verdict.tasks for test in found.tests]
        hidden.update(test.name for test in tests)
        if task:
            caught.update(test.name for test in tests if test.outcome == "failed")
        lost = tuple(found.name for found in verdict.tasks if found.points != found.max_points)
        named = tuple(mistake.name for found in verdict.tasks for mistake in found.mistakes)
        return Checked(kind, what, problems(verdict), lost, task, holds, named)

    caught: set[str] = set()
    hidden: set[str] = set()
    yield Checked("coverage", "the written files", _coverage(name))
    yield checked("right", "the reference", zoo.reference(name), full)
    yield checked("untouched", "the untouched release", zoo.submission(name, {}), nothing)
    for style in zoo.right_answers(name):
        yield checked("right", style, zoo.right(name, style), full)
    for wrong in course.misconceptions(name):
        problems = functools.partial(_only, wrong=wrong)
        yield checked("misconception", wrong.name, zoo.wrong(name, wrong), problems, wrong.task)
    for answer in zoo.wrong_answers(name):
        problems = functools.partial(_no_wrong_name, answer=answer)
        yield checked("another style", answer.style, zoo.rewritten(name, answer), problems, holds=answer.holds)
    where = f"autograder/misconceptions/{name}.py"
    uncaught = [f"no misconception fails {test}: write one into {where}" for test in sorted(hidden - caught)]
    yield Checked("coverage", "the hidden tests", uncaught)


def false_alarms(name: str, seeds: int) -> Iterator[Checked]:
    """For the reference and each right style: the hidden tests that it fails on any of so many seeds.

    Runs on this side of the fence, which takes a fraction of the time: the answers are our own. Nothing of it is kept:
    these seeds are not those of submissions.
    """
    right = sides.namespace(name, {})
    for style, answers in {"the reference": {}, **zoo.right_answers(name)}.items():
        names = sides.namespace(name, answers)
        alarms = Counter(
            test.name
            for seed in range(seeds)
            for test in hearing.tests(name, seed)
            if not diagnose.attempt(test, *(sides.ours(side, test.seed) for side in (names, right)))[0].passed
        )
        problems = [f"{test} fails on {count} of {seeds} seeds" for test, count in alarms.items()]
        yield Checked("right", f"{style}, {seeds} seeds", problems)


def full(verdict: Verdict) -> list[str]:
    """What a right answer's verdict lacks for full marks."""
    return [
        *_wrong_status(verdict),
        *(
            f"{task.name}: {test.name} {test.outcome}: {test.message}"
            + (f"; it gives {test.observed} where {test.expected} is expected" if test.observed else "")
            for task in verdict.tasks
            for test in task.tests
            if test.outcome != "passed"
        ),
        *(f"{task.name}: {task.note}" for task in verdict.tasks if task.note),
    ]


def _wrong_status(verdict):
    return [] if verdict.status == "graded" else [f"status {verdict.status} {' '.join(verdict.notes)}"]


def nothing(verdict: Verdict) -> list[str]:
    """What an untouched release's verdict gives that it should not."""
    return _wrong_status(verdict) + [f"{task.name} earns {task.points}" for task in verdict.tasks if task.points != 0]


def _only(verdict, wrong):
    problems = _wrong_status(verdict)
    for task in verdict.tasks:
        if task.name != wrong.task and task.points != task.max_points:
            failed = [test.name for test in task.tests if test.outcome != "passed"]
            problems.append(
                f"loses points in {task.name} too: {', '.join(failed) or task.note}; a test of {task.name} must not "
                f"rest on {wrong.task}"
            )
        if task.name == wrong.task and task.points == task.max_points:
            problems.append(
                f"keeps full marks in {task.name}: write a test into autograder/hidden/test_{verdict.exercise}.py that "
                f"it fails, or take it out of autograder/misconceptions/{verdict.exercise}.py"
            )
        elif task.name == wrong.task and [mistake.name for mistake in task.mistakes] != [wrong.name]:
            problems.append(
                f"is diagnosed as {_names(task) or 'nothing'}: it must give other numbers than its neighbours, and the "
                "same ones each time"
            )
    return problems


def _no_wrong_name(verdict, answer):
    """A wrong answer in another style loses the tasks of the mistakes in it, which are named rightly or not at all."""
    known = {wrong.name: wrong.task for wrong in course.misconceptions(verdict.exercise)}
    problems = _wrong_status(verdict)
    problems += [f"holds {name!r}, which is no misconception" for name in answer.holds if name not in known]
    for task in verdict.tasks:
        held = {name for name in answer.holds if known.get(name) == task.name}
        if bool(held) == (task.points == task.max_points):
            problems.append(f"{'keeps full marks' if held else 'loses points'} in {task.name}")
        if {mistake.name for mistake in task.mistakes} - held:
            problems.append(f"is diagnosed as {_names(task)}")
    return problems


def _names(task):
    return " and ".join(mistake.name for mistake in task.mistakes)


def share_named(found: Iterable[Checked]) -> str:
    """How many of the mistakes in wrong answers of another style were named, in a sentence."""
    answers = [one for one in found if one.holds]
    held = sum(len(one.holds) for one in answers)
    named = sum(len(set(one.holds) & set(one.named)) for one in answers)
    if not answers:
        return "no wrong answer in another style was checked"
    return f"{named} of {held} mistakes ({named / held:.0%}) in {len(answers)} wrong answers of another style are named"


def _coverage(name):
    exercise = course.exercise(name)
    answered = {solution for cells in zoo.right_answers(name).values() for solution in cells}
    wrong = {misconception.task for misconception in course.misconceptions(name)}
    tested = {test.task for test in hearing.tests(name, 0)}
    problems = [f"no hidden test of {task.name}" for task in exercise.tasks if task.name not in tested]
    problems += [f"no misconception in {task.name}" for task in exercise.tasks if task.name not in wrong]
    graded = {task.solution for task in exercise.tasks}
    problems += [f"no right answer in another style for {solution}" for solution in sorted(graded - answered)]
    return problems + [f"a right answer for {solution}, which is no solution" for solution in sorted(answered - graded)]
