"""What can be edited in a solution."""

import ast

import pytest

from autograder.proof.mutants.operators import edits

EDITED = [
    ("a - b * c", {"a + b * c", "a", "(b * c)", "a - b / c", "a - b", "a - c"}),
    ("(a + b) / 2", {"(a + b)", "(a - b) / 2", "(a) / 2", "(b) / 2", "(a + b) * 2", "2", "(a + b) / 3", "(a + b) / 1"}),
    ("a < b", {"a <= b", "a >= b"}),
    ("a is None", {"a is not None", "not a"}),
    ("a is not None", {"a is None", "a"}),
    ("a not in b", {"a in b"}),
    ("a and not b", {"a or (not b)", "a", "(not b)", "a and b"}),
    ("x.mean(1, keepdim=True)", {
        "x.mean(keepdim=True)", "x.mean(1)", "x", "x.sum(1, keepdim=True)", "x.mean(2, keepdim=True)",
        "x.mean(0, keepdim=True)", "x.mean(1, keepdim=False)",
    }),
    ("np.sqrt(v)", {"v", "np.square(v)"}),
    ("x[1:n]", {"x[:n]", "x[1:]", "x[2:n]", "x[0:n]"}),
    ("-eps", {"eps"}),
    ("f(0.5)", {"f(1.5)", "f(0.0)", "0.5"}),
    ("f('tanh')", {'f("XX")', "'tanh'"}),
    ("x if a else y", {"x", "y"}),
    ("[x for x in xs if x]", {"[x for x in xs if True]", "[x for x in xs if (not x)]"}),
    ("x += é", {"x -= é", "x = é", "pass"}),
    ("return x", {"return None"}),
    ("raise ValueError(f'{x} is bad')", {"pass", "raise Exception(f'{x} is bad')", 'raise ValueError("XX")'}),
    ("if a: b()", {"if True: b()", "if False: b()", "if not a: b()", "if a: pass"}),
    ("for x in xs: x.clear()", {"for x in list(xs)[:1]: x.clear()", "for x in xs: pass", "for x in xs: x"}),
    ("with torch.no_grad(): f()", {
        "with __import__('contextlib').nullcontext(): f()", "with torch.no_grad(): pass",
    }),
    ("def f(x: int = 1) -> str: 'It returns 1.'", {"def f(x: int = 2) -> str: 'It returns 1.'",
                                                  "def f(x: int = 0) -> str: 'It returns 1.'"}),
]  # fmt: skip


def _edited(source):
    for node, new in edits(source, {"np", "torch"}):
        text = source.encode()
        yield (text[: node.col_offset] + new.encode() + text[node.end_col_offset :]).decode()


@pytest.mark.parametrize(("source", "edited"), EDITED, ids=[source for source, _ in EDITED])
def test_a_line_is_edited_in_these_ways_and_no_other(source, edited):
    found = set(_edited(source)) - ({"pass"} if isinstance(ast.parse(source).body[0], ast.Expr) else set())
    assert found == edited
