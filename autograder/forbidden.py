"""Finds forbidden calls in the text of an answer, through aliases and through the student's own helpers."""

import ast
import fnmatch
import functools
import symtable
from collections.abc import Iterable

_MENTIONS_ONLY = {"isinstance", "issubclass"}


def find(cells: Iterable[str], name: str, patterns: list[str]) -> list[str]:
    """The forbidden names that the definition of `name`, or anything of the student's that it uses, makes use of.

    Comments, strings, annotations and `isinstance` are no use; other definitions in the notebook may use anything.
    """
    defined, aliases = _top_level(cells)
    found, seen, todo = set(), set(), [name]
    while todo:
        current = todo.pop()
        if current in seen or current not in defined:
            continue
        seen.add(current)
        for node in defined[current]:
            names = _global_names(node)
            used = _Uses({alias: dotted for alias, dotted in aliases.items() if alias in names})
            used.visit(node)
            found |= used.dotted
            todo += names
    hits = (dotted for dotted in found for pattern in patterns if fnmatch.fnmatchcase(dotted, pattern))
    return sorted(set(hits))


def definitions(source: str) -> set[str]:
    """The functions and classes that a cell defines at its top level."""
    return {node.name for node in _statements(source) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _top_level(cells):
    """What each top-level name of the notebook is defined by, and the dotted names behind imported ones."""
    defined: dict[str, list[ast.AST]] = {}
    aliases: dict[str, str] = {}
    for cell in cells:
        for node in _statements(cell):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined[node.name] = [node]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                aliases |= _imported(node)
            else:
                used = _Uses(aliases)
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
    return symtable.symtable(ast.unparse(node), "answer", "exec")


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


@functools.lru_cache(1024)
def _statements(cell):
    try:
        return ast.parse(cell).body
    except SyntaxError:
        plain = [line if not line.lstrip().startswith(("%", "!", "?")) else "" for line in cell.splitlines()]
        try:
            return ast.parse("\n".join(plain)).body
        except SyntaxError:
            return []


def _imported(node):
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
                for alias in node.names}  # fmt: skip
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}


class _Uses(ast.NodeVisitor):
    """Collects the dotted names that a piece of code uses."""

    def __init__(self, aliases):
        self.aliases, self.dotted = aliases, set()

    def visit_Attribute(self, node):
        if dotted := self._dotted(node):
            self.dotted.add(dotted)
        else:
            # A method of something unknown: torch.Tensor's, for all that the text says.
            self.dotted.add(f"torch.Tensor.{node.attr}")
        self.generic_visit(node)

    def visit_Name(self, node):
        if node.id in self.aliases:
            self.dotted.add(self.aliases[node.id])

    def visit_Call(self, node):
        function = node.func
        if isinstance(function, ast.Name) and function.id in _MENTIONS_ONLY:
            return self.visit(node.args[0]) if node.args else None
        if isinstance(function, ast.Name) and function.id == "getattr" and len(node.args) > 1:
            owner, name = self._dotted(node.args[0]), node.args[1]
            if owner and isinstance(name, ast.Constant):
                self.dotted.add(f"{owner}.{name.value}")
        return self.generic_visit(node)

    def visit_Assign(self, node):
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and (dotted := self._dotted(node.value)):
            self.aliases[node.targets[0].id] = dotted
        self.generic_visit(node)

    def visit_Import(self, node):
        self.aliases |= _imported(node)

    visit_ImportFrom = visit_Import

    def visit_arg(self, node):
        """An argument's annotation says nothing about what is called."""

    def visit_AnnAssign(self, node):
        if node.value:
            self.visit(node.value)

    def visit_FunctionDef(self, node):
        for part in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]:
            self.visit(part)

    def _dotted(self, node):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in self.aliases:
            return ".".join([self.aliases[node.id], *reversed(parts)])
        return None
