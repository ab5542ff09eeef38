"""Judges the judge: the invariants that make an exercise's grades trustworthy."""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from nbformat import NotebookNode

from autograder import course
from autograder.course.model import SEVERITIES
from autograder.judging.fence.sandbox import shared
from autograder.judging.fence.settings import Seconds, Settings
from autograder.judging.hidden_tests import collecting
from autograder.judging.hidden_tests.reference import namespace, ours
from autograder.judging.hidden_tests.running import attempt
from autograder.judging.judge import judge, judge_file
from autograder.judging.verdict import Verdict
from autograder.proof import zoo
from autograder.proof.zoo import do_nothing

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


@dataclass(frozen=True)
class Answer:
    """One answer to judge, and what to ask of its verdict; `task` and `holds` are as in `Checked`.

    `handed_in` is its notebook, or a case of the zoo that writes files.
    """

    kind: str
    name: str
    handed_in: NotebookNode | zoo.Attack
    problems: Callable[[Verdict], list[str]]
    task: str = ""
    holds: tuple[str, ...] = ()


def check(name: str, settings: Settings, run: Callable = map, every: int = 1) -> Iterator[Checked]:
    """Check that the reference and right answers earn everything, the untouched release nothing, and each misconception
    loses points in its own task only and is named; that a wrong answer in another style is called by its own name or
    by none; and that every hidden test is failed by a misconception.

    `run` is `map`, or a pool's that has the answers judged side by side. `every=8` looks at each eighth answer that is
    not a right one, and does not ask whether they fail every hidden test.
    """
    yield Checked("coverage", "the written files", _coverage(name))
    caught: set[str] = set()
    hidden: set[str] = set()
    for found, tests, failed in run(functools.partial(_checked, name, settings), _answers(name, every)):
        hidden |= tests
        if found.task:
            caught |= failed
        yield found
    if every == 1:
        where = f"autograder/misconceptions/{name}.py"
        uncaught = [f"no misconception fails {test}: write one into {where}" for test in sorted(hidden - caught)]
        yield Checked("coverage", "the hidden tests", uncaught)


def _answers(name, every):
    yield Answer("right", "the reference", zoo.reference(name), full)
    yield Answer("untouched", "the untouched release", zoo.submission(name, {}), nothing)
    for style in zoo.right_answers(name):
        yield Answer("right", style, zoo.right(name, style), full)
    for wrong in course.misconceptions(name)[::every]:
        problems = functools.partial(_only, wrong=wrong)
        yield Answer("misconception", wrong.name, zoo.wrong(name, wrong), problems, wrong.task)
    for answer in zoo.wrong_answers(name)[::every]:
        problems = functools.partial(_no_wrong_name, answer=answer)
        yield Answer("another style", answer.style, zoo.rewritten(name, answer), problems, holds=answer.holds)
    yield from (Answer(*one) for one in do_nothing.to_judge(name, every))
    for case in zoo.odd(name)[::every]:
        yield Answer("odd", case.name, case, functools.partial(_as_the_case_says, case=case))


def _checked(name, settings, answer):
    """An answer as checked, the names of the hidden tests, and of those that it fails."""
    # All on one seed: what misconceptions give has to be computed once for each seed, and takes the most time.
    verdict = _judged(name, settings, answer.handed_in, seed=0)
    if answer.task and answer.problems(verdict):
        # What is drawn at random may look like another mistake by chance: a second seed decides.
        verdict = _judged(name, settings, answer.handed_in, seed=1)
    tests = [test for found in verdict.tasks for test in found.tests]
    failed = {test.name for test in tests if test.outcome == "failed"}
    lost = tuple(found.name for found in verdict.tasks if found.points != found.max_points)
    named = tuple(mistake.name for found in verdict.tasks for mistake in found.mistakes)
    checked = Checked(answer.kind, answer.name, answer.problems(verdict), lost, answer.task, answer.holds, named)
    return checked, {test.name for test in tests}, failed


def _judged(name, settings, handed_in, seed):
    if isinstance(handed_in, zoo.Attack):
        with TemporaryDirectory() as folder:
            zoo.hand_in(handed_in, Path(folder))
            return judge_file(Path(folder), name, shared(settings), settings.seconds)[0]
    return judge(handed_in, name, shared(settings), settings.seconds, seed)[0]


def false_alarms(name: str, seeds: int, run: Callable = map) -> Iterator[Checked]:
    """For the reference and each right style: the hidden tests that it fails on any of so many seeds.

    Runs on this side of the fence, which takes a fraction of the time: the answers are our own. Nothing of it is kept:
    these seeds are not those of submissions.
    """
    return run(functools.partial(_alarms, name, seeds), {"the reference": {}, **zoo.right_answers(name)}.items())


def _alarms(name, seeds, answer):
    style, answers = answer
    names, right = namespace(name, answers), namespace(name, {})
    alarms = Counter(
        test.name
        for seed in range(seeds)
        for test in collecting.tests(name, seed)
        if not attempt(test, *(ours(side, test.seed) for side in (names, right)))[0].passed
    )
    problems = [f"{test} fails on {count} of {seeds} seeds" for test, count in alarms.items()]
    return Checked("right", f"{style}, {seeds} seeds", problems)


def _as_the_case_says(verdict, case):
    """What an odd submission's verdict has of its own, other than points, status and words that the case names."""
    said = [*verdict.repairs, *verdict.notes]
    problems = [f"earns {verdict.points} instead of {case.earns}"] if verdict.points != case.earns else []
    problems += [f"is {verdict.status}"] if verdict.status not in case.status.split() else []
    problems += [f"nothing says {case.says!r}"] if case.says not in " ".join(said) else []
    return [f"{problem} (it says {said}; {'; '.join(full(verdict)[:2])})" for problem in problems]


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


def _cost(verdict, task):
    """The share of a task's points that an answer loses, in percent."""
    return sum(100 * (1 - (one.points or 0) / one.max_points) for one in verdict.tasks if one.name == task)


def _only(verdict, wrong):
    problems = _wrong_status(verdict)
    if not wrong.fits(cost := _cost(verdict, wrong.task)):
        least, most = SEVERITIES[wrong.severity]
        problems.append(
            f"is {wrong.severity} and costs {cost:.0f} % of {wrong.task}, not {least} to {most} %: "
            "weigh the criteria or its severity again"
        )
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
    problems = [f"no misconception in {task.name}" for task in exercise.tasks if task.name not in wrong]
    graded = {task.solution for task in exercise.tasks}
    problems += [f"no right answer in another style for {solution}" for solution in sorted(graded - answered)]
    return problems + [f"a right answer for {solution}, which is no solution" for solution in sorted(answered - graded)]
