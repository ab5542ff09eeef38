"""What is wrong with the files that authors write: each mistake with its place and what mends it."""

import difflib
import inspect
import re
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path


def near(word: str, words: Iterable[str]) -> str:
    """The end of a message on an unknown word: the nearest one that is known, or all of them."""
    words = list(words)
    found = difflib.get_close_matches(word, words, 1)
    return f"; did you mean {found[0]!r}?" if found else f"; there are: {', '.join(words) or 'none'}"


def syntax_error(source: str) -> SyntaxError | None:
    """Why a text is no Python, if it is none."""
    try:
        compile(source, "<text>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    return None


def failure(error: Exception, path: Path) -> str:
    """What stopped a file from being imported, and in which of its lines."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines, error = [error.lineno], SyntaxError(error.msg)
    return f"line {lines[-1] if lines else 1}: {type(error).__name__}: {error}"


def misconception_problems(path: Path, where: str, found: Iterable, exercise) -> Iterator[str]:
    """What is wrong with the misconceptions in a file."""
    text = path.read_text(encoding="utf-8").splitlines()
    names = [wrong.name for wrong in found]
    for wrong in found:
        line = next((number for number, one in enumerate(text, 1) if wrong.name in one), 1)
        place = f"{where}, line {line}, {wrong.name!r}"
        yield from (f"{place}: {problem}" for problem in _problems(wrong, exercise))
        if names.count(wrong.name) > 1:
            yield f"{place}: the name is taken; choose another"


def _problems(wrong, exercise):
    if not wrong.hint.strip():
        yield "there is no hint; write hint='...': what a student who makes this mistake should look at"
    if wrong.task not in (tasks := [task.name for task in exercise.tasks]):
        yield f"there is no task {wrong.task!r}{near(wrong.task, tasks)}"
        return
    solution = exercise.task(wrong.task).solution
    text = exercise.solutions[solution]
    if (count := text.count(wrong.old)) == 0:
        yield f"its old text is not in the solution {solution!r}; copy it from there, with line breaks and indentation"
    elif count > 1:
        yield f"its old text is {count} times in the solution {solution!r}; add what stands around it, to have it once"
    elif error := syntax_error(text.replace(wrong.old, wrong.new)):
        yield f"with its new text the solution is no Python ({error.msg}: {(error.text or '').strip()})"


# What pytest does around a test: judging only calls it, so that these would be left out without a word.
_AROUND = {"filterwarnings", "skip", "skipif", "usefixtures", "xfail"}
_SIDES = ("student", "reference")


def test_problems(items: Iterable, where: str, tasks: Iterable[str]) -> Iterator[str]:
    """What is wrong with hidden tests, as pytest collected them."""
    for item in items:
        place = f"{where}, line {item.location[1] + 1}, {item.name}"
        yield from (f"{place}: {problem}" for problem in [*_mark_problems(item, tasks), *_form_problems(item)])


def _mark_problems(item, tasks):
    mark = item.get_closest_marker("task")
    if mark is None or len(mark.args) != 1:
        yield f'it says no task; write @mark.task("...") above it{near("", tasks)}'
    elif mark.args[0] not in tasks:
        yield f"there is no task {mark.args[0]!r}{near(mark.args[0], tasks)}"
    for name in sorted({mark.name for mark in item.iter_markers()} & _AROUND):
        yield f"@mark.{name} is of no use: points stand on every hidden test; take the mark away"


def _form_problems(item):
    """What judging could not call, or would only seem to run."""
    if not inspect.isfunction(item.obj):
        yield "write it as a function, outside of a class"
    elif inspect.iscoroutinefunction(item.obj) or inspect.isasyncgenfunction(item.obj):
        yield "it would never be run; write def instead of async def"
    parameters = getattr(item, "callspec", None)
    known = {*_SIDES, *(parameters.params if parameters else ())}
    asked = [re.sub(r"_xunit_(setup_[a-z]+).*", r"\1", name) for name in item.fixturenames if name not in known]
    if asked := [name for name in asked if name != "request" or len(asked) == 1]:
        sides = " and ".join(_SIDES)
        yield f"judging has no {', '.join(sorted(asked))}, only {sides}; make what it needs in the test itself"
