"""Reads the text of a cell: which Python it is once IPython's own syntax is out of it, and which names it binds."""

import ast
import functools
import re
import symtable
from collections.abc import Callable

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

_PARSED_CHARACTERS = 100_000
# IPython's transformer reads the whole cell again for each line that it changes.
_TRANSFORMED_CHARACTERS, _TRANSFORMED_LINES = 20_000, 20
_PYTHON_INSIDE = re.compile(r"\s*%%(time|capture|prun)\b.*(\n|$)")  # what such a cell binds stays bound
_IPYTHON_LINE = re.compile(r"\s*[%!?]|.*(\?|=\s*[%!].*)\s*$")
_REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError)
_LEFT, _RIGHT = re.compile(r"(<|&lt;){7}"), re.compile(r"(>|&gt;){7}")
_PARTS = 5  # of which a split cell is put together


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a text that is Python; None where it is not."""
    try:
        return ast.parse(source) if len(source) <= _PARSED_CHARACTERS else None
    except _REFUSED:
        return None


@functools.lru_cache(4096)
def python(source: str) -> str:
    """What IPython hands to Python of a cell; nothing of a cell in another language."""
    if parsed(source):
        return source
    body = _PYTHON_INSIDE.sub("", source, count=1) if _PYTHON_INSIDE.match(source) else source
    if body.lstrip().startswith("%%"):
        return ""
    lines = body.split("\n")
    special = [number for number, line in enumerate(lines) if _IPYTHON_LINE.match(line)]
    if len(body) > _TRANSFORMED_CHARACTERS or len(special) > _TRANSFORMED_LINES:
        return "\n".join("" if number in set(special) else line for number, line in enumerate(lines))
    try:
        # What `%time` runs is Python too, and binds its names in the notebook.
        return TransformerManager().transform_cell(re.sub(r"^(\s*)%time +", r"\1", body, flags=re.MULTILINE))
    except _REFUSED:
        return source


@functools.lru_cache(4096)
def bound(source: str) -> frozenset[str]:
    """The names that a cell binds at its top level; none where it cannot be parsed."""
    text = python(source)
    try:
        table = symtable.symtable(text, "cell", "exec") if len(text) <= _PARSED_CHARACTERS else None
    except _REFUSED:
        table = None
    symbols = table.get_symbols() if table else []
    return frozenset(one.get_name() for one in symbols if one.is_assigned() or one.is_imported())


@functools.lru_cache(4096)
def used(source: str) -> frozenset[str]:
    """The names that a cell mentions."""
    tree = parsed(python(source))
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) if tree else frozenset()


@functools.lru_cache(4096)
def code(source: str) -> str:
    """What a cell says to Python: the same for texts that differ in blanks, comments and docstrings only."""
    tree = parsed(python(source))
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    try:
        return ast.dump(tree) if tree else source.strip()
    except RecursionError:
        return source.strip()


def conflict(source: str) -> int:
    """The line at which git's marks of a conflict begin in a text that is no Python because of them; 0 for none."""
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines, 1) if _LEFT.search(line)), 0)
    return first if first and not parsed(python(source)) else 0


def joined(cells: list[NotebookNode], label: Callable[[NotebookNode], str | None]) -> list[NotebookNode]:
    """The cells, those put together again that were split in the middle of a statement.

    `label` names the exercise's cell that a cell was; a part has its first part's label or none.
    """
    left, found = list(cells), []
    while left:
        count = next((n for n in range(2, min(_PARTS, len(left)) + 1) if _were_one(left[:n], label)), 1)
        if count > 1:
            text = "\n".join(part.source for part in left[:count])
            left[:count] = [new_code_cell(text, id=left[0].id, metadata=left[0].metadata)]
        else:
            found.append(left.pop(0))
    return found


def _were_one(parts, label):
    """Whether code cells are Python only all together."""
    first, *others = parts
    if any(part.cell_type != "code" for part in parts) or any(label(one) not in (None, label(first)) for one in others):
        return False
    texts = [part.source for part in parts]
    for cut, lower in enumerate(others, 1):
        upper, rest = "\n".join(texts[:cut]), "\n".join(texts[cut:])
        if _stands_alone(upper) and _stands_alone(rest, may_be_indented=label(lower) is None):
            return False
    return bool(parsed(python("\n".join(texts))))


def _stands_alone(source, may_be_indented=False):
    """Whether a text is Python by itself; IPython takes an indented cell too, unless it is the rest of a block."""
    if not (tree := parsed(python(source))):
        return False
    if not source.strip("\n")[:1].isspace():
        return True
    is_rest = all(isinstance(node, ast.FunctionDef) for node in tree.body) or _returns(tree)
    return may_be_indented and not is_rest


def _returns(node):
    """Whether there is a `return` outside of functions."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    blocks = ast.stmt | ast.ExceptHandler | ast.match_case
    return isinstance(node, ast.Return) or any(
        _returns(one) for one in ast.iter_child_nodes(node) if isinstance(one, blocks)
    )
