"""Reads which dotted names a piece of code uses, behind aliases and however it spells them."""

import ast
import importlib

_MENTIONS_ONLY = {"isinstance", "issubclass"}
_STARRED = {"torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.autograd", "torch.func"}


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The dotted names behind the names that an import statement brings."""
    if isinstance(node, ast.Import):
        return {alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
                for alias in node.names}  # fmt: skip
    names = [alias.asname or alias.name for alias in node.names]
    if names == ["*"]:
        return {name: f"{node.module}.{name}" for name in _public(node.module)}
    return {name: f"{node.module}.{alias.name}" for name, alias in zip(names, node.names, strict=True)}


def _public(module):
    """What a star imports, from PyTorch only: nothing that a student names is imported here."""
    return dir(importlib.import_module(module)) if module in _STARRED else []


class Uses(ast.NodeVisitor):
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
        self._note(node)
        return self.generic_visit(node)

    def visit_Subscript(self, node):
        self._note(node)
        self.generic_visit(node)

    def _note(self, node):
        if dotted := self._dotted(node):
            self.dotted.add(dotted)

    def visit_Assign(self, node):
        for target in node.targets:
            self._assign(target, node.value)
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        self._assign(node.target, node.value)
        self.generic_visit(node)

    def _assign(self, target, value):
        if isinstance(target, ast.Name) and (dotted := self._dotted(value)):
            self.aliases[target.id] = dotted
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for pair in zip(target.elts, value.elts, strict=False):
                self._assign(*pair)

    def visit_Import(self, node):
        self.aliases |= imported(node)

    visit_ImportFrom = visit_Import

    def visit_arg(self, node):
        """An argument's annotation says nothing about what is called."""

    def visit_AnnAssign(self, node):
        if node.value:
            self._assign(node.target, node.value)
            self.visit(node.value)

    def visit_FunctionDef(self, node):
        for part in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults), *node.body]:
            self.visit(part)

    def _dotted(self, node):
        """The dotted name that an expression stands for, None where the text does not tell."""
        match node:
            case ast.Name(id=name):
                return self.aliases.get(name)
            case ast.NamedExpr(value=value):
                return self._dotted(value)
            case ast.Attribute(value=owner, attr=name):
                return self._member(owner, name)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, *_]):
                return self._member(owner, _constant(name))
            case ast.Subscript(value=ast.Call(func=ast.Name(id="vars"), args=[owner]), slice=name):
                return self._member(owner, _constant(name))
            case ast.Subscript(value=ast.Attribute(value=owner, attr="__dict__"), slice=name):
                return self._member(owner, _constant(name))
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"), args=[name, *_]):
                return _constant(name)
            case ast.Call(func=ast.Name(id="__import__"), args=[name, *_]):
                return (_constant(name) or "").split(".")[0] or None
            case ast.Subscript(value=ast.Attribute(attr="modules"), slice=name):
                return _constant(name)
        return None

    def _member(self, owner, name):
        dotted = self._dotted(owner)
        return f"{dotted}.{name}" if dotted and name else None


def _constant(node):
    """The text of a string that is written out, in pieces too; None for any other expression."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            parts = [_constant(left), _constant(right)]
            return None if None in parts else "".join(parts)
        case ast.JoinedStr(values=values):
            parts = [_constant(value) for value in values]
            return None if None in parts else "".join(parts)
        case ast.FormattedValue(value=value):
            return _constant(value)
    return None
