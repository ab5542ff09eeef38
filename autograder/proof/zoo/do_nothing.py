"""Answers that do nothing, made from signatures alone, and answers without content: both have to earn little."""

import ast
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from autograder import course
from autograder.course import build
from autograder.judging.verdict import Verdict
from autograder.proof import zoo

SHARE = 0.05  # of any task's points, for doing nothing
CONTENT_FREE = 20  # of an exercise's points, for all errors and shapes right and nothing else
_CONSTANTS = ["None", "0", "0.0", "1", "1.0", "True", "False", '""', "[]", "{}"]


def to_judge(name: str, every: int = 1) -> Iterator[tuple[str, str, NotebookNode, Callable[[Verdict], list[str]]]]:
    """Each such answer: its kind, its name, the whole notebook, and what to ask of its verdict."""
    for style, cells in list(answers(name).items())[::every]:
        yield "do nothing", style, zoo.submission(name, cells), _task_problems
    if cells := zoo.content_free(name):
        yield "content free", "errors and shapes alone", zoo.submission(name, cells), _sum_problems


def _task_problems(verdict):
    return [
        f"{task.name} gives {task.points} of {task.max_points:g} for doing nothing, at most {SHARE:.0%} should be"
        for task in verdict.tasks
        if task.points is None or task.points > SHARE * task.max_points
    ]


def _sum_problems(verdict):
    earned = ", ".join(f"{task.name} {task.points}" for task in verdict.tasks if task.points)
    high = verdict.points is None or verdict.points > CONTENT_FREE
    return [f"earns {verdict.points} without content, at most {CONTENT_FREE} should be: {earned}"] * high


def answers(name: str) -> dict[str, dict[str, str]]:
    """By what they do, the solution cells of answers that do nothing: all functions of an exercise do the same.

    No task may rest on another, so that one submission shows what each of them gives for it.
    """
    released = build.release_notebook(name).cells
    stubs = {
        solution: next(cell.source for cell in released if cell.id == build.ANSWER.format(solution))
        for solution in course.exercise(name).solutions
        if course.exercise(name).tasks_of(solution)
    }
    most = max(len(_arguments(one)) for text in stubs.values() for one in _functions(ast.parse(text)))
    return {
        style: {solution: _filled(text, body, in_constructors) for solution, text in stubs.items()}
        for style, body, in_constructors in _styles(most)
    }


def _styles(most):
    """What functions may do: its name, a body made of their arguments, and whether constructors have it too."""
    for constant in _CONSTANTS:
        yield f"returns {constant}", lambda arguments, constant=constant: f"return {constant}", False
    for i in range(most):
        for words, form in [("", "{}"), ("zeros like ", "0 * {}"), ("ones like ", "0 * {} + 1")]:
            yield (
                f"returns {words}argument {i + 1}",
                lambda arguments, i=i, form=form: f"return {form.format(arguments[i]) if i < len(arguments) else None}",
                False,
            )
    for where, in_constructors in [("", False), (", in constructors too", True)]:
        yield (
            f"always raises ValueError{where}",
            lambda arguments: (
                f"raise ValueError(f'{', '.join(f'{name} is {{{name}}}' for name in arguments if name != 'self')}')"
            ),
            in_constructors,
        )


def _functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _arguments(function):
    """The names that a call's values have inside; a method's `self` is one of them, and comes last."""
    names = [one.arg for one in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]]
    return sorted(names, key=lambda name: name == "self")


def _filled(stub, body, in_constructors):
    """A stub with a body in each function; a constructor keeps its arguments, unless it is to do the same."""
    tree = ast.parse(stub)
    for function in _functions(tree):
        arguments = _arguments(function)
        text = body(arguments)
        if function.name == "__init__" and not in_constructors:
            text = "\n".join(["super().__init__()", *(f"self.{name} = {name}" for name in arguments if name != "self")])
        function.body = ast.parse(text).body
    return ast.unparse(tree)
