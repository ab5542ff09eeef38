"""Finds forbidden calls in the text of an answer, through aliases and through the student's own helpers."""

import ast
import fnmatch
import functools
import symtable
from collections.abc import Iterable

from autograder.judging.rules.dotted_names import Uses, imported
from autograder.judging.rules.statements import statements


def find(cells: Iterable[str], name: str, patterns: list[str], later: Iterable[str] = ()) -> list[str]:
    """The forbidden names that the definition of `name`, or anything of the student's that it uses, makes use of.

    What `later` cells define counts only where the others do not define it.
    Comments, strings, annotations and `isinstance` are no use; other definitions in the notebook may use anything.
    """
    defined, aliases = (behind | here for here, behind in zip(_top_level(cells), _top_level(later), strict=True))
    found, seen, todo = set(), set(), [name]
    while todo:
        current = todo.pop()
        if current in seen or current not in defined:
            continue
        seen.add(current)
        for node in defined[current]:
            names = _global_names(node)
            used = Uses({alias: dotted for alias, dotted in aliases.items() if alias in names})
            used.visit(node)
            found |= used.dotted
            todo += names
    hits = (dotted for dotted in found for pattern in patterns if fnmatch.fnmatchcase(dotted, pattern))
    return sorted(set(hits))


def definitions(source: str) -> set[str]:
    """The functions and classes that a cell defines at its top level."""
    return {node.name for node in statements(source) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _top_level(cells):
    """What each top-level name of the notebook is defined by, and the dotted names behind imported ones."""
    defined: dict[str, list[ast.AST]] = {}
    aliases: dict[str, str] = {}
    for cell in cells:
        for node in statements(cell):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined[node.name] = [node]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                aliases |= imported(node)
            else:
                used = Uses(aliases)
                used.visit(node)  # `norm = nn` at top level makes an alias too
                aliases = used.aliases
                for name in _assigned(node):
                    defined.setdefault(name, []).append(node)
    return defined, aliases


@functools.lru_cache(4096)
def _global_names(node):
    """The names of the notebook's top level that a statement refers to: not its arguments, locals or loop variables."""
    top = _scopes(node)
    names = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced() or symbol.is_assigned()}
    todo = list(top.get_children())
    while todo:
        scope = todo.pop()
        names |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
        todo += scope.get_children()
    return names


def _scopes(node):
    return symtable.symtable(ast.unparse(ast.fix_missing_locations(node)), "answer", "exec")


@functools.lru_cache(4096)
def _assigned(statement):
    """The names that a statement gives a value, or whose attributes it does, as in `CustomBatchNorm.forward = ...`."""
    names = {symbol.get_name() for symbol in _scopes(statement).get_symbols() if symbol.is_assigned()}
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            while isinstance(node, ast.Attribute | ast.Subscript):
                node = node.value
            if isinstance(node, ast.Name):
                names.add(node.id)
    return names
