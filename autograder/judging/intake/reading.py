"""Reads what was handed in, in whatever state: a file or folder becomes a plain notebook, or is said to be none."""

import ast
import stat
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.judging.intake.choosing import Candidate, choose
from autograder.judging.intake.files import EXCHANGED, is_export, is_notebook, listed, read, unpacked
from autograder.judging.intake.parsing import NoNotebook, parse
from autograder.judging.intake.source import parsed, python

__all__ = ["EXCHANGED", "NoNotebook", "read_submission"]

_CANDIDATES = 50
_MODULE_BYTES = 1 << 20


def read_submission(path: Path, name: str) -> tuple[NotebookNode, list[str]]:
    """The notebook handed in at `path`, a file or the folder it was handed in in; and what was mended to read it.

    The same files give the same notebook. Raises NoNotebook.
    """
    if not path.is_dir():
        return choose(*_candidates({path.name: path}, lambda _: True), name, path.name)
    files = {file.relative_to(path).as_posix(): file for file in listed(path)}
    regular = {shown: file for shown, file in files.items() if stat.S_ISREG(file.lstat().st_mode)}
    found, problems = _candidates(regular, is_notebook)
    if not found and not problems:
        found, _ = _candidates(regular, lambda shown: is_notebook(shown) or is_export(shown))
    if not found and not problems:
        raise _nothing(files, f"{name}.ipynb")
    notebook, repairs = choose(found, problems, name, f"{name}.ipynb")
    return notebook, repairs + _with_modules(notebook, regular)


def _candidates(files: dict[str, Path], wanted: Callable[[str], bool]):
    """The notebooks among files and in their archives, and why others cannot be read."""
    found, problems = [], []
    for shown, path in files.items():
        if not wanted(shown):
            continue
        try:
            for file in unpacked(read(path, shown), wanted):
                found.append(Candidate(file.name, *parse(file.raw, file.name)))
        except NoNotebook as error:
            problems.append(error)
        if len(found) > _CANDIDATES:
            raise NoNotebook("needs_review", "there are too many notebooks: hand in the one that counts")
    return found, problems


def _nothing(files, wanted):
    if not files:
        return NoNotebook("absent", "nothing was handed in")
    shown = [f"{name}{' (a link)' if path.is_symlink() else ''}" for name, path in files.items()]
    only = ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")
    return NoNotebook("unreadable", f"there is no notebook, only {only}: hand in {wanted}")


def _with_modules(notebook, files):
    """Take along the modules beside the notebook that it imports: a first cell writes each of them."""
    trees = [parsed(python(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
    nodes = [node for tree in trees if tree for node in ast.walk(tree)]
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    modules = [path for path in files.values() if path.suffix == ".py" and path.stem in imported]
    for number, path in enumerate(modules):
        text = read(path, path.name).raw[:_MODULE_BYTES].decode(errors="replace")
        notebook.cells.insert(number, new_code_cell(f"%%writefile {path.name}\n{text}", id=f"module-{number}"))
    return [f"{path.name}, which the notebook imports, was taken along" for path in modules]
