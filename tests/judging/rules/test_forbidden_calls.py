"""Forbidden calls are found through aliases and helpers, and nowhere else."""

import pytest

from autograder.judging.rules.forbidden_calls import find

SETUP = "import torch\nimport torch.nn as N\nfrom torch import nn\nfrom torch.nn import functional as F\n"
PATTERNS = ["torch.nn.BatchNorm*", "torch.nn.functional.batch_norm", "torch.batch_norm", "torch.Tensor.backward"]
PATTERNS += ["torch.ops.aten.*batch_norm*"]

USED = [
    "norm = nn.BatchNorm1d(3)\nclass A:\n    def forward(self, x):\n        return [norm(row) for row in x]",
    "class A(nn.Module):\n    def forward(self, x):\n        return N.BatchNorm1d(3)(x)",
    "class A(nn.BatchNorm1d):\n    pass",
    "def helper(x):\n    return F.batch_norm(x)\nclass A:\n    def forward(self, x):\n        return helper(x)",
    "layers = nn\nclass A:\n    def forward(self, x):\n        return layers.BatchNorm2d(x)",
    "class A:\n    def forward(self, x):\n        return getattr(nn, 'BatchNorm1d')(x)",
    "class A:\n    def forward(self, x):\n        f = F\n        return f.batch_norm(x)",
    "norm = F.batch_norm\nclass A:\n    def forward(self, x):\n        return norm(x)",
    "class A:\n    pass\nA.forward = lambda self, x: F.batch_norm(x)",
    "from torch import batch_norm as bn\nclass A:\n    def forward(self, x):\n        return bn(x)",
    "class A:\n    def forward(self, x):\n        from torch.nn import BatchNorm1d\n        return BatchNorm1d(3)(x)",
    "import functools\nclass A:\n    def forward(self, x):\n        return functools.partial(F.batch_norm, x)()",
    "class A:\n    def forward(self, x):\n        x.backward()",
    "class A:\n    def forward(self, x):\n        return getattr(F, 'batch_' + f\"{'norm'}\")(x)",
    "class A:\n    def forward(self, x):\n        return vars(F)['batch_norm'](x)",
    "class A:\n    def forward(self, x):\n        return nn.functional.__dict__['batch_norm'](x)",
    "class A:\n    def forward(self, x):\n        return __import__('torch').batch_norm(x)",
    "class A:\n    def forward(self, x):\n        return importlib.import_module('torch.nn').BatchNorm1d(3)(x)",
    "import sys\nclass A:\n    def forward(self, x):\n        return sys.modules['torch.nn'].BatchNorm1d(3)(x)",
    "from torch.nn.functional import *\nclass A:\n    def forward(self, x):\n        return batch_norm(x)",
    "class A:\n    def forward(self, x):\n        f, g = F, nn\n        return f.batch_norm(x)",
    "class A:\n    def forward(self, x):\n        return (f := F).batch_norm(x)",
    "class A:\n    def forward(self, x, norm=F.batch_norm):\n        return norm(x)",
    "class A:\n    norm = staticmethod(F.batch_norm)\n    def forward(self, x):\n        return self.norm(x)",
    "class A:\n    def forward(self, x):\n        return torch.ops.aten.native_batch_norm.default(x)[0]",
    "norm = functools.partial(F.batch_norm)\nclass A:\n    def forward(self, x):\n        return norm(x)",
    "nn.Linear?\nclass A:\n    def forward(self, x):\n        return F.batch_norm(x)",
    "\n%%time\nclass A:\n    def forward(self, x):\n        return F.batch_norm(x)",
    "%%capture shown\n%%time\nclass A:\n    def forward(self, x):\n        return F.batch_norm(x)",
    "norm = %time F.batch_norm\nclass A:\n    def forward(self, x):\n        return norm(x)",
    "if True:\n    %time norm = F.batch_norm\nclass A:\n    def forward(self, x):\n        return norm(x)",
    "%%writefile own.py\nclass A:\n    def forward(self, x):\n        return F.batch_norm(x)",
    "    class A:\n        def forward(self, x):\n            return F.batch_norm(x)\n    files = !ls",
    "%matplotlib inline\nclass A:\n    def forward(self, x):\n        return F.batch_norm(x)",
]
MENTIONED = [
    "y = F.batch_norm(x)\nclass A:\n    def forward(self, x):\n        y = x * 2\n        return y",
    "x = nn.BatchNorm1d(3)\nclass A:\n    def forward(self, x):\n        return [row for row in x]",
    "row = nn.BatchNorm1d(3)\nclass A:\n    def forward(self, x):\n        return [row for row in x]",
    "class A:\n    def forward(self, F):\n        return F.batch_norm",
    "z = [A()(value) for value in [nn.BatchNorm1d(3)]]\nclass A:\n    def forward(self, value):\n        return value",
    "text = 'F.batch_norm'\nclass A:\n    def forward(self, x):\n        return x if text else getattr(self, text)(x)",
    "class A:\n    def forward(self, x):\n        # like nn.BatchNorm1d\n        return x",
    'class A:\n    """As nn.BatchNorm1d and F.batch_norm do."""\n    def forward(self, x):\n        return x',
    "class A:\n    def forward(self, x: nn.BatchNorm1d) -> nn.BatchNorm1d:\n        return x",
    "class A:\n    def forward(self, x):\n        return isinstance(x, nn.BatchNorm1d)",
    "class A:\n    def forward(self, x):\n        return x\nlayer = nn.BatchNorm1d(3)\nprint(A().forward(layer))",
    "class A:\n    def forward(self, x):\n        return x\ndef compare(x):\n    return A()(x) - nn.BatchNorm1d(3)(x)",
]


@pytest.mark.parametrize("code", USED)
def test_a_use_is_found(code):
    assert find([SETUP, code], "A", PATTERNS)


@pytest.mark.parametrize("code", MENTIONED)
def test_a_mention_is_no_use(code):
    assert find([SETUP, code], "A", PATTERNS) == []


def test_what_is_bound_again_below_the_check_is_not_the_answer():
    answer = "class A:\n    def forward(self, x):\n        return helper(x)"
    assert find([SETUP, answer], "A", PATTERNS, later=["A = nn.BatchNorm1d"]) == []
    assert find([SETUP, answer], "A", PATTERNS, later=["def helper(x):\n    return F.batch_norm(x)"])


@pytest.mark.parametrize("refused", ["f = lambda a, a: a", "x = 1\nglobal x", "nonlocal x", "def f(:", "(" * 999])
def test_a_cell_that_python_refuses_defines_nothing(refused):
    answer = "class A:\n    def forward(self, x):\n        return F.batch_norm(x)"
    assert find([SETUP, answer, refused], "A", PATTERNS)
    assert find([SETUP, f"{refused}\n{answer}"], "A", PATTERNS) == []
