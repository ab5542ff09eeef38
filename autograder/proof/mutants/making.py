"""Makes the first-order mutants of an exercise: each solution cell with one edit between its solution's markers."""

import functools
import types
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder import course
from autograder.course.model import BEGIN, END
from autograder.judging.hidden_tests.reference import namespace
from autograder.proof.mutants.operators import edits


@dataclass(frozen=True)
class Edit:
    """Lines of a solution as they were and as they are edited, by their words: line numbers change too easily.

    Where one solution has the same lines more than once, `number` counts them.
    """

    solution: str
    old: str
    new: str
    number: int = 1


@dataclass(frozen=True)
class Mutant:
    """A solution cell with one edit; `line` is the first edited one of the exercise's text."""

    exercise: str
    edit: Edit
    line: int
    source: str = field(repr=False)


def mutants(name: str) -> list[Mutant]:
    """The mutants of all solutions of an exercise that are judged, in the order of its text."""
    text = (course.ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    return [
        Mutant(name, edit, text[: text.index(source)].count("\n") + line, mutated)
        for solution, source in course.exercise(name).solutions.items()
        if course.exercise(name).tasks_of(solution)
        for edit, line, mutated in _of_solution(solution, source, _modules(name))
    ]


@functools.cache
def _modules(name):
    return frozenset(key for key, value in namespace(name, {}).items() if isinstance(value, types.ModuleType))


def _of_solution(solution, source, modules) -> Iterator[tuple[Edit, int, str]]:
    lines, seen, counts = source.split("\n"), {source}, Counter()
    within = _within(lines)
    for node, new in edits(source, modules):
        first, last = node.lineno - 1, node.end_lineno
        head = lines[first].encode()[: node.col_offset].decode()
        tail = lines[last - 1].encode()[node.end_col_offset :].decode()
        edited = f"{head}{new}{tail}".split("\n")
        mutated = "\n".join([*lines[:first], *edited, *lines[last:]])
        if within.issuperset(range(first, last)) and mutated not in seen and _is_python(mutated):
            seen.add(mutated)
            words = _words(lines[first:last]), _words(edited)
            counts[words] += 1
            yield Edit(solution, *words, counts[words]), first + 1, mutated


def _within(lines):
    """The indices of the lines between the markers of a solution."""
    inside, found = False, set()
    for index, line in enumerate(lines):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            found.add(index)
    return found


def _words(lines):
    return " ".join(line.strip() for line in lines)


def _is_python(source):
    try:
        compile(source, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True
