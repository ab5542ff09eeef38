"""Packs what students are handed: one zip for each exercise and one of all, the same bytes every time, no leak."""

import ast
import io
import re
import stat
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import CourseError, course
from autograder.course import build
from autograder.course.model import BEGIN, END
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.judge import judge
from autograder.judging.rules import dotted_names
from autograder.proof import invariants, zoo

ALL = "all_exercises"
_README = course.PACKAGE / "pages" / "templates" / "release.md"
_SOLUTION = re.compile(rf"{BEGIN}\n(.*?){END}", re.DOTALL)
_TELLING = 24  # a line of more characters than this is no chance likeness


def write(folder: Path) -> Iterator[Path]:
    """Pack all exercises into `folder`; yields each zip's path. Raises CourseError, before it writes anything."""
    _refuse(build.drift(), "source/ and release/ differ from solutions/: run `course build`")
    names = course.names()
    _refuse([line for name in names for line in leaks(name, _notebook(name))], "mend that, then run `course build`")
    with Sandbox() as sandbox:
        unsound = [line for name in names for line in _unsound(name, sandbox)]
    _refuse(unsound, "mend that, then run `course check`, which says more")
    folder.mkdir(parents=True, exist_ok=True)
    for title, packed in {**{name: [name] for name in names}, ALL: names}.items():
        path = folder / f"{title}.zip"
        path.write_bytes(pack(files(title, packed)))
        yield path


def _refuse(problems, mend):
    if problems:
        raise CourseError("\n".join([*problems, f"nothing is packed: {mend}"]))


def _text(name):
    return (course.ROOT / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")


def _notebook(name):
    return nbformat.reads(_text(name), as_version=4)


def leaks(name: str, notebook: NotebookNode) -> list[str]:
    """The lines of solutions, hidden tests and misconceptions that can be read in a notebook for students."""
    exercise = course.exercise(name)
    public = _SOLUTION.sub("", "\n".join(cell.source for cell in exercise.cells))
    secrets = {
        "a solution": "\n".join(_SOLUTION.findall("\n".join(exercise.solutions.values()))),
        "a hidden test": course.hidden_tests(name).read_text(encoding="utf-8"),
        "a misconception": "\n".join(f"{wrong.new}\n{wrong.hint}" for wrong in course.misconceptions(name)),
    }
    found = []
    for cell in notebook.cells:
        where = f"release/{name}, cell {cell.id}"
        if "SOLUTION" in cell.source:
            found.append(f"{where}: a marker of a solution is left")
        for what, text in secrets.items():
            lines = {line.strip() for line in text.splitlines()}
            telling = [line for line in lines if len(line) > _TELLING and line not in public]
            found += [f"{where}: shows a line of {what}: {line}" for line in sorted(telling) if line in cell.source]
    return found


def _unsound(name, sandbox):
    """Whether the reference earns everything and the release nothing, as `course check` asks among much else."""
    for what, notebook, problems in [
        ("the reference", zoo.reference(name), invariants.full),
        ("the untouched release", zoo.submission(name, {}), invariants.nothing),
    ]:
        verdict, _ = judge(notebook, name, sandbox, invariants.PATIENT, seed=0)
        yield from (f"{name}, {what}: {problem}" for problem in problems(verdict))


def files(title: str, names: list[str]) -> dict[str, str]:
    """What is packed as `title`: each path in the zip, and its text."""
    several = len(names) > 1
    readme = _README.read_text(encoding="utf-8").format(
        title="All exercises" if several else course.exercise(names[0]).title,
        contents="a folder with a notebook for each exercise" if several else f"the notebook `{names[0]}.ipynb`",
        above="this folder" if several else "the folder above this one",
        name=names[0],
    )
    packed = {"README.md": readme, "requirements.txt": requirements(map(_notebook, names))}
    for name in names:
        packed[f"{name}/{name}.ipynb" if several else f"{name}.ipynb"] = _text(name)
    return {f"{title}/{path}": text for path, text in packed.items()}


def requirements(notebooks: Iterable[NotebookNode]) -> str:
    """The packages that notebooks import, and the kernel that runs them, in the versions that grading uses."""
    lines = (course.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower(): line for line in lines if "==" in line}
    modules = {module for notebook in notebooks for module in _imported(notebook)} - sys.stdlib_module_names
    distributions = packages_distributions()
    wanted = {"ipykernel", *(distributions[module][0].lower() for module in modules)}
    return "".join(f"{pinned[name]}\n" for name in sorted(wanted))


def _imported(notebook):
    """The top-level modules that a notebook's code imports."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield from (dotted.partition(".")[0] for dotted in dotted_names.imported(node).values())


def pack(packed: Mapping[str, str]) -> bytes:
    """A zip of texts that depends on nothing else: no clock, and no compression, which differs between libraries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(packed):
            entry = zipfile.ZipInfo(path)  # dated 1980, where the format's time begins
            entry.create_system = 3  # Unix, whatever this runs on
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, packed[path])
    return buffer.getvalue()
