"""What is slow the first time in a process, and done once for all submissions: libraries, fonts, gradients."""

# Every notebook draws figures and takes gradients. The last line has no value: it would stay in every student's `Out`.
ALWAYS = """
import matplotlib.pyplot as plt, torch
plt.plot([1, 2])
plt.title("$x^2$")
plt.show()
layer = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4), torch.nn.ReLU())
layer(torch.randn(8, 4)).sum().backward()
torch.nn.Conv2d(2, 2, 3)(torch.randn(2, 2, 5, 5)).sum().backward()
q, r = torch.linalg.qr(torch.randn(3, 3))
right = torch.autograd.gradcheck(torch.sin, torch.ones(1, dtype=torch.float64, requires_grad=True))
"""

# The rest is done for the first submission whose code has the word in it.
ON_DEMAND = {
    "pandas": "import pandas",
    "scipy": "import scipy.stats",
    "sklearn": "import sklearn.datasets, sklearn.linear_model, sklearn.preprocessing",
    "jit": "import torch._dynamo",  # which a mode that watches TorchScript asks for
    "optim": "import torch; torch.optim.Adam([torch.zeros(1, requires_grad=True)]).step()",
}
