"""Reads a cell as IPython does: magics and questions out of the way, and what they run or write in its place."""

import ast
import contextlib
import functools
import re
import symtable

from IPython.core.inputtransformer2 import TransformerManager

_RUNS_ITS_TEXT = {"time", "timeit", "prun", "capture"}
_OPTIONS = re.compile(r"\s*(-\w+\s*\d*\s+)*")
_SPECIAL = re.compile(r"\s*[%!?]|.*\?\s*$")
_CHARACTERS, _LINES = 20_000, 50  # IPython's transformer reads the whole cell again for each line that it changes
_REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError)


@functools.lru_cache(1024)
def statements(cell: str) -> list[ast.stmt]:
    """The statements of a cell; none of one that Python refuses, as nothing of it is ever run."""
    try:
        tree = _Unwrapped().visit(ast.parse(_python(cell)))
        symtable.symtable(ast.unparse(tree), "cell", "exec")  # refuses what the parser lets pass: `lambda a, a: a`
    except _REFUSED:
        return []
    return tree.body


def _python(cell):
    with contextlib.suppress(*_REFUSED):
        ast.parse(cell)
        return cell
    special = [line for line in cell.split("\n") if _SPECIAL.match(line)]
    if len(cell) > _CHARACTERS or len(special) > _LINES:
        return "\n".join("" if _SPECIAL.match(line) else line for line in cell.split("\n"))
    return TransformerManager().transform_cell(cell)


class _Unwrapped(ast.NodeTransformer):
    """Puts what a magic runs or writes in the place of its call."""

    def visit_Expr(self, node):
        run = _run(node.value)
        return node if run is None else run

    def visit_Call(self, node):
        match _run(node):
            case [ast.Expr(value=value)]:
                return value
        self.generic_visit(node)
        return node


def _run(node):
    """The statements that a call of a magic stands for, None for any other call."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value=name), ast.Constant(value=text)]
        ):
            return statements(_OPTIONS.sub("", text, count=1)) or [ast.Pass()] if name in _RUNS_ITS_TEXT else None
        case ast.Call(
            func=ast.Attribute(attr="run_cell_magic"),
            args=[ast.Constant(value=name), ast.Constant(value=line), ast.Constant(value=body)],
        ):
            runs = name in _RUNS_ITS_TEXT or (name == "writefile" and line.strip().endswith(".py"))
            return statements(body) or [ast.Pass()] if runs else None
    return None
