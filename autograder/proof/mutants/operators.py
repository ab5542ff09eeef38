"""What can be edited in a solution, as text: operators, numbers, calls, conditions, statements, one at a time.

Kept tools were tried first: cosmic-ray and mutmut mutate files of a package and run a command on each, delete no
statements, negate no conditions, and know nothing of what goes wrong in array code (an argument or a `.detach()` left
out, `sum` for `mean`); here an edit is a few characters of a cell, and everything around it stays as it was written.
"""

import ast
from collections.abc import Iterator

_SWAPPED = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.Pow: ("**", "*"),
    ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "//"), ast.MatMult: ("@", "*"), ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"), ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"), ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
_PAIRS = [("mean", "sum"), ("min", "max"), ("any", "all"), ("argmin", "argmax"), ("zeros", "ones"), ("floor", "ceil")]
_PAIRS += [("zeros_like", "ones_like"), ("train", "eval"), ("std", "var"), ("sqrt", "square"), ("exp", "log")]
_RENAMED = dict(_PAIRS) | {new: old for old, new in _PAIRS}
_SIMPLE = ast.Constant | ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.List | ast.Tuple | ast.Dict
_DELETED = ast.Expr | ast.Assign | ast.AugAssign | ast.Raise | ast.Delete | ast.Break | ast.Continue


class _Operators(ast.NodeVisitor):
    """Collects `edits` of a source."""

    def __init__(self, source: str, modules: set[str]):
        self.edits: list[tuple[ast.AST, str]] = []
        self._modules = modules
        self._lines = [line.encode() for line in source.split("\n")]
        self.visit(ast.parse(source))

    def _text(self, node):
        """A node's own text."""
        return self._between((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))

    def _between(self, start, end):
        lines = self._lines[start[0] - 1 : end[0]]
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        return b"\n".join(lines).decode()

    def _operand(self, node):
        return self._text(node) if isinstance(node, _SIMPLE) else f"({self._text(node)})"

    def _edit(self, node, *texts):
        self.edits += [(node, text) for text in texts]

    def visit(self, node):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, _DELETED):
            self._edit(node, "pass")
        super().visit(node)

    def visit_BinOp(self, node):
        old, *new = _SWAPPED.get(type(node.op), [""])
        self._swap(node, node.left, old, new, node.right)
        self._edit(node, self._operand(node.left), self._operand(node.right))
        self.generic_visit(node)

    def _swap(self, node, left, old, new, right):
        """Other operators between two operands; the whole expression is what changes."""
        sides = (left.end_lineno, left.end_col_offset), (right.lineno, right.col_offset)
        before = self._between((node.lineno, node.col_offset), sides[0])
        after = self._between(sides[1], (node.end_lineno, node.end_col_offset))
        for other in new:
            self._edit(node, before + self._between(*sides).replace(old, other, 1) + after)

    def visit_AugAssign(self, node):
        old, *new = _SWAPPED.get(type(node.op), [""])
        self._swap(node, node.target, f"{old}=", [f"{other}=" for other in ("", *new)], node.value)
        self.generic_visit(node)

    def visit_Compare(self, node):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, node.comparators, strict=False):
            old, *new = _SWAPPED[type(operator)]
            self._swap(node, left, old, new, right)
        for side in sides:
            if isinstance(side, ast.Constant) and side.value is None:  # 0 and [] are easily taken for None
                value = self._operand(node.left)
                self._edit(node, f"not {value}" if isinstance(node.ops[0], ast.Is) else value)
            else:
                self.visit(side)

    def visit_BoolOp(self, node):
        values = [self._operand(value) for value in node.values]
        old, new = (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
        self._edit(node, new.join(values))
        self._edit(node, *(old.join(values[:i] + values[i + 1 :]) for i in range(len(values))))
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        self._edit(node, self._operand(node.operand))
        self.generic_visit(node)

    def visit_Constant(self, node):
        value = node.value
        if value is None:
            self._edit(node, "0")
        elif isinstance(value, bool):
            self._edit(node, str(not value))
        elif isinstance(value, int):
            self._edit(node, str(value + 1), str(value - 1))
        elif isinstance(value, float):
            self._edit(node, str(value + 1), "0.0")
        elif isinstance(value, str):
            self._edit(node, '"XX"')

    def visit_JoinedStr(self, node):
        self._edit(node, '"XX"')

    def visit_Call(self, node):
        arguments = [*node.args, *node.keywords]
        texts = [self._text(argument) for argument in arguments]
        for i in range(len(texts)):
            if len(texts) > 1 or node.keywords:
                self._edit(node, f"{self._text(node.func)}({', '.join(texts[:i] + texts[i + 1 :])})")
        if isinstance(node.func, ast.Attribute) and not self._is_module(node.func.value):
            self._edit(node, self._operand(node.func.value))
        elif node.args and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
            self._edit(node, self._operand(node.args[0]))
        self.generic_visit(node)

    def _is_module(self, node):
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._modules

    def visit_Attribute(self, node):
        if node.attr in _RENAMED:
            self._edit(node, f"{self._text(node.value)}.{_RENAMED[node.attr]}")
        self.generic_visit(node)

    def visit_Name(self, node):
        if node.id in ("min", "max", "any", "all"):
            self._edit(node, _RENAMED[node.id])

    def visit_Slice(self, node):
        parts = [self._text(part) if part else "" for part in (node.lower, node.upper, node.step)]
        for i in (i for i, part in enumerate(parts) if part):
            lower, upper, step = (*parts[:i], "", *parts[i + 1 :])
            self._edit(node, f"{lower}:{upper}" + (f":{step}" if step else ""))
        self.generic_visit(node)

    def visit_If(self, node):
        self._edit(node.test, "True", "False")
        if not (isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)):
            self._edit(node.test, f"not {self._operand(node.test)}")
        self.generic_visit(node)

    def visit_While(self, node):
        self._edit(node.test, "False")
        self.generic_visit(node)

    def visit_IfExp(self, node):
        self._edit(node, self._operand(node.body), self._operand(node.orelse))
        self.generic_visit(node)

    def visit_For(self, node):
        self._edit(node.iter, f"list({self._text(node.iter)})[:1]")
        self.generic_visit(node)

    def visit_comprehension(self, node):
        for test in node.ifs:
            self._edit(test, "True", f"(not {self._operand(test)})")
        self.generic_visit(node)

    def visit_Return(self, node):
        if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._edit(node, "return None")
        self.generic_visit(node)

    def visit_Raise(self, node):
        """Another error, and the right one with nothing to read; the words themselves are the author's to choose."""
        if isinstance(node.exc, ast.Call):
            self._edit(node.exc.func, "Exception")
            self._edit(node.exc, f'{self._text(node.exc.func)}("XX")')

    def visit_With(self, node):
        for item in node.items:
            if item.optional_vars is None:
                self._edit(item.context_expr, "__import__('contextlib').nullcontext()")
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        for decorator in node.decorator_list:
            self._edit(decorator, "(lambda undecorated: undecorated)")
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node):
        if node.value:
            self.visit(node.value)


def edits(source: str, modules: set[str]) -> Iterator[tuple[ast.AST, str]]:
    """Every edit of a source: the node, and the text that takes its place.

    `modules` are the names that stand for modules: what is called on one has no receiver that could be its result.
    """
    yield from _Operators(source, modules).edits
