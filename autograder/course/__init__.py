"""What the course is: its exercises, read from the texts in `solutions/`."""

from __future__ import annotations

import difflib
import functools
import importlib.util
import types
from pathlib import Path

from autograder import CourseError
from autograder.course.model import Exercise, Misconception
from autograder.course.problems import failure, misconception_problems

PACKAGE = Path(__file__).parents[1]


def _root():
    """The clone that holds this package; where it was installed apart from one, the clone that we work in."""
    if _is_course(PACKAGE.parent):
        return PACKAGE.parent
    here = Path.cwd()
    return next(filter(_is_course, (here, *here.parents)), here)


def _is_course(folder):
    return (folder / "autograder" / "hidden").is_dir()


ROOT = _root()
HIDDEN = ROOT / "autograder" / "hidden"
MISCONCEPTIONS = ROOT / "autograder" / "misconceptions"


def names() -> list[str]:
    """The names of all exercises, in order; raises CourseError where there is no course."""
    if not (ROOT / "solutions").is_dir():
        raise CourseError(
            f"{ROOT} lies in no clone of the course, where the exercises are, in solutions/: work in the clone, or run "
            "`pip install --editable .` there, after which they are found from everywhere"
        )
    return sorted(path.stem for path in (ROOT / "solutions").glob("*.py"))


def hidden_tests(name: str) -> Path:
    """The file of an exercise's hidden tests."""
    return HIDDEN / f"test_{name}.py"


@functools.cache
def exercise(name: str) -> Exercise:
    """The exercise of that name; raises CourseError with every mistake found in its text."""
    path = ROOT / "solutions" / f"{name}.py"
    if not path.is_file():
        near = difflib.get_close_matches(name, names(), 1, 0)
        raise CourseError(f"there is no exercise {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    from autograder.course.text import parse  # and jupytext, a second that the completion of words has no need of

    return parse(name, path.read_text(encoding="utf-8"))


@functools.cache
def misconceptions(name: str) -> tuple[Misconception, ...]:
    """The known wrong answers of an exercise; raises CourseError for one that does not fit its text."""
    path = MISCONCEPTIONS / f"{name}.py"
    if not path.is_file():
        return ()
    found = getattr(load(path), "MISCONCEPTIONS", None)
    if found is None:
        raise CourseError(f"{_relative(path)}: there is no list MISCONCEPTIONS; write MISCONCEPTIONS = [...]")
    if problems := list(misconception_problems(path, _relative(path), found, exercise(name))):
        raise CourseError("\n".join(problems))
    return tuple(found)


def answer_with(name: str, wrong: Misconception) -> dict[str, str]:
    """The solution cell, by name, that a misconception gives."""
    solution = exercise(name).task(wrong.task).solution
    return {solution: exercise(name).solutions[solution].replace(wrong.old, wrong.new)}


def load(path: Path) -> types.ModuleType:
    """Import the file at `path`, under no name of its own; raises CourseError where that fails."""
    if not path.is_file():
        raise CourseError(f"there is no {_relative(path)}: write it (docs/adding-an-exercise.md shows how)")
    spec = importlib.util.spec_from_file_location(f"_autograder_{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CourseError(f"{_relative(path)}, {failure(error, path)}") from error
    return module


def _relative(path):
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
