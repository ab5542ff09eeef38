# %% [markdown]
# # Batch normalization
#
# A deep network is hard to train because every layer works on numbers whose scale all the layers below it
# decide. In this notebook you build the layer that takes this scale out of the game, derive its gradient by
# hand, and find out where it helps, what it costs and where it lets you down.
#
# You will be able to
#
# * write a batch normalization layer that behaves like the one in PyTorch, in training and at inference;
# * explain why it keeps two different variances, and why its statistics belong to the graph in one place and
#   not in the other;
# * carry a gradient by hand through a mean and a variance;
# * fold a trained layer into the linear layer before it, so that at inference it costs nothing.
#
# **Time:** about two hours. **Builds on:** ex01 (gradient flow) and ex03 (He initialization).

# %%
import copy

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)  # nets this small gain nothing from more
plt.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.constrained_layout.use": True,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 2,
        "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#009E73", "#CC79A7"])
        + plt.cycler(marker=["o", "s", "^", "D"]),
    }
)


def prediction(name, kind=(int, float)):
    """Your prediction of that name; where there is none, None and a sentence: nothing is compared then."""
    value = globals().get(name)
    if isinstance(value, kind):
        return value
    print(f"{name} holds no prediction, so nothing is compared with it: set it in the cell above, if you like.")
    return None


# %% [markdown]
# ## The problem in one picture
#
# The next cell holds what all experiments share: scikit-learn's images of handwritten digits, a deep network,
# a training loop and a measure of success. There is nothing to fill in. Read it once, so that you know what
# is measured.

# %%
digits = load_digits()
order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(0))
pixels = torch.tensor(digits.data / 16, dtype=torch.float32)[order]
labels = torch.tensor(digits.target)[order]
# Both parts are multiples of 64, so that no batch ends up with a single row.
train_x, train_y, test_x, test_y = pixels[:1152], labels[:1152], pixels[1152:1792], labels[1152:1792]


def deep_net(depth, norm=None, init_scale=None, width=64, seed=0):
    """`depth` times Linear, `norm(width)` if there is one, ReLU; then Linear to 10 classes. Biases start at 0.

    Weights are drawn from N(0, init_scale**2); without an `init_scale`, He's rule sets it.
    """
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for index in range(depth + 1):
        linear = nn.Linear(64 if index == 0 else width, width if index < depth else 10)
        nn.init.normal_(linear.weight, std=init_scale or (2 / linear.in_features) ** 0.5, generator=generator)
        nn.init.zeros_(linear.bias)
        layers += [linear, *([norm(width)] if norm and index < depth else []), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(net, learning_rate, epochs=5, batch_size=64, seed=0):
    """Train `net` on the digits with plain gradient descent on batches, and return it."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(net.parameters(), lr=learning_rate)
    net.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(train_x), generator=generator).split(batch_size):
            optimizer.zero_grad()
            F.cross_entropy(net(train_x[batch]), train_y[batch]).backward()
            optimizer.step()
    return net


@torch.no_grad()
def accuracy(net, batch_size=640, training=False):
    """Percentage of the test digits that `net` gets right when it sees `batch_size` of them at a time."""
    net = copy.deepcopy(net).train(training)  # a copy, because a forward pass in training mode can change the net
    right = [net(x).argmax(1) == y for x, y in zip(test_x.split(batch_size), test_y.split(batch_size), strict=True)]
    return 100 * torch.cat(right).double().mean().item()


def close(observed, expected):
    """Whether two tensors have the same shape and, up to rounding, the same values."""
    return observed.shape == expected.shape and torch.allclose(observed.double(), expected.double(), atol=1e-6)


def likely_cause(observed, causes):
    """The sentence that `causes` has for the observed number."""
    found = [sentence for number, sentence in causes.items() if abs(observed - number) < 1e-3]
    return found[0] if found else "Compare each step with the formula."


# %% [markdown]
# A network with five hidden layers learns to read digits. Nothing changes from run to run but the standard
# deviation of the weights at the start.

# %% tags=["active-ipynb"]
# init_scales = [0.001, 0.003, 0.01, 0.03, 0.1, 0.18, 0.3, 1.0, 3.0]
# plain_accuracy = [accuracy(train(deep_net(5, init_scale=scale), learning_rate=0.1)) for scale in init_scales]
# without = {"color": "C1", "marker": "s", "linestyle": "--"}
#
# learned = sum(value > 50 for value in plain_accuracy)
# fig, ax = plt.subplots(figsize=(7, 3.6))
# ax.semilogx(init_scales, plain_accuracy, **without)
# ax.axhline(10, color="0.4", linestyle=":", linewidth=1.5)
# ax.text(init_scales[0], 13, "guessing", color="0.3")
# ax.axvline((2 / 64) ** 0.5, color="0.4", linestyle="-.", linewidth=1.5)
# ax.text((2 / 64) ** 0.5 / 1.15, 95, "He's rule", color="0.3", ha="right")
# ax.set(ylim=(0, 105), xlabel="standard deviation of the initial weights", ylabel="test accuracy (%)")
# ax.set_title(f"Without normalization, {learned} of {len(init_scales)} starts get past 50 %")
# plt.show()

# %% [markdown]
# To the left of the peak the signal fades from layer to layer until the output is the same for every image.
# To the right it grows until the first step throws the weights far away. You have met the cure for this one
# network: He's rule finds the peak. But the rule holds for the first step only. After that the weights move,
# and nobody looks after the scale any more.

# %% [markdown]
# ## The idea
#
# If the scale of a layer's output causes the trouble, measure it and divide by it, in every forward pass. For
# each channel $c$, batch normalization takes the $n$ values that the batch has for it,
#
# $$\mu_c = \frac{1}{n}\sum_{i=1}^{n} x_{ic}, \qquad \sigma_c^2 = \frac{1}{n}\sum_{i=1}^{n} (x_{ic} - \mu_c)^2, \qquad
# \hat x_{ic} = \frac{x_{ic} - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}, \qquad y_{ic} = \gamma_c\,\hat x_{ic} + \beta_c .$$
#
# For a batch of rows, $n = N$. For images, all positions of a channel share one mean and one variance, so
# $n = N \cdot H \cdot W$. Three design decisions deserve a *why*.
#
# **Why should the gradient pass through $\mu$ and $\sigma$?** Take the bias $b$ of the linear layer before.
# $\mu$ moves along with $b$, so $b$ has no influence on the output. Treat $\mu$ as a constant, and gradient
# descent does not know that: each step moves $b$, the normalization takes it back, and $b$ grows for ever
# while the loss stays where it is. The same happens with $\sigma$ and the size of the weights. A gradient
# that passes through the statistics knows: it is 0 for $b$.
#
# **Why $\gamma$ and $\beta$?** Mean 0 and variance 1 are not right for every channel. The two parameters let
# the network learn which mean and which scale it wants, directly, instead of through all the weights below.
#
# **Why running statistics?** In training, the output for one image depends on the other images in its batch.
# At inference nobody wants that: the answer for a patient must not change with the patient who comes next. So
# training also keeps a slow average of what it has seen,
#
# $$\text{running} \leftarrow (1 - \text{momentum}) \cdot \text{running} + \text{momentum} \cdot \text{batch},$$
#
# and inference normalizes with it. The running variance stands for *all* the data, not for one batch. The
# variance of a batch around its own mean is on average too small by the factor $(n-1)/n$, so what goes into
# the running variance is the *unbiased* estimate, $\frac{1}{n-1}\sum_i (x_{ic} - \mu_c)^2$.
#
# **What does it buy?** Multiply the weights $W$ of the layer before by a number $a > 0$. Mean and deviation
# grow by $a$, and up to $\epsilon$ the output stays what it was: the function no longer depends on the size
# of $W$. Its gradient with respect to $W$ *shrinks* by $1/a$. So large weights take small steps, and a
# learning rate that is too high makes the weights large and thereby slows itself down.
#
# Sergey Ioffe and Christian Szegedy introduced all this in 2015: the drifting bias is in their section 2, the
# forward pass is Algorithm 1 in section 3, training and inference are Algorithm 2 in section 3.1, images are
# in section 3.2 and the learning rate in section 3.3. They explained the success by a reduced "internal
# covariate shift". That explanation did not survive a closer look (Santurkar et al., 2018); the layer did.

# %% [markdown]
# ## Conventions
#
# Books, courses and libraries disagree on almost every detail, and silently. Here is what you will meet, and
# what **we** use (PyTorch's choices, with the paper's names).
#
# | | elsewhere | here |
# |---|---|---|
# | variance that normalizes | unbiased in some tutorials | biased: divide by $n$ |
# | variance that is stored | biased in CS231n and d2l | unbiased: divide by $n - 1$ |
# | `momentum` | weight of the *old* value, 0.9 or 0.99 (CS231n, Keras) | weight of the *new* batch, 0.1 |
# | $\epsilon$ | added to the standard deviation in some code; $10^{-3}$ in Keras | inside the root, $10^{-5}$ |
# | first running variance | 0 in CS231n | 1 |
# | names of scale and shift | `weight`, `bias` (PyTorch) | `gamma`, `beta` |
# | what switches to inference | `torch.is_grad_enabled()` in d2l | `self.training`, set by `train()` and `eval()` |

# %% [markdown]
# ## Task: the batch normalization layer
#
# **Difficulty 3 of 3.** Met before: *The idea*, above; the variance of a layer in exercise 3.
#
# Write `CustomBatchNorm`, a module that works on `(N, C)` and on `(N, C, *)`, where `*` stands for any number
# of further dimensions. It has to behave like PyTorch's own layers, in its outputs, its gradients and its
# state. You write one class. It is judged in three parts, and each part has its own check below, so you can
# work on one after the other: training, with the settings and the parameters; the running statistics, what they
# hold and that they are buffers; and inference, for one row too.
#
# In training mode a channel that has a single value raises `ValueError`, with a message that names `x` or its
# shape. That is the only input that you have to refuse.
#
# `torch.nn.BatchNorm*`, `torch.nn.SyncBatchNorm`, `torch.nn.functional.batch_norm`, `torch.batch_norm` and
# `torch.nn.functional.instance_norm` are off limits here, under whatever name PyTorch has them: they are what
# you are building.
#
# <details><summary>Hint 1: which dimensions?</summary>
#
# Everything but dimension 1 is averaged away. Write down this list of dimensions for `(N, C)`, for
# `(N, C, L)` and for `(N, C, H, W)`, then find an expression in `x.dim()` that gives all three. `mean` and
# `var` accept such a list.
# </details>
#
# <details><summary>Hint 2: shapes that refuse to fit</summary>
#
# PyTorch lines shapes up from the *right*, so a tensor of shape `(C,)` meets the last dimension of
# `(N, C, H, W)`, which is the width. If the two sizes happen to be equal, it is wrong without a word. Bring
# `(C,)` into the shape `(1, C, 1, 1)` first.
# </details>
#
# <details><summary>Hint 3: what is a buffer?</summary>
#
# A tensor that belongs to the module but is not trained. It is saved with `state_dict()` and follows
# `to(...)` and `double()`. Look up `register_buffer`. It is not part of any graph either: an average over the
# whole training that remembered where it came from would keep every batch in memory.
# </details>
#
# <details><summary>Hint 4: an outline</summary>
#
# The constructor keeps the two settings and makes two parameters and two buffers. The forward pass first decides
# whose statistics to use. In training: those of the batch, biased and inside the graph, and the running ones move
# a step towards the mean and the *unbiased* variance, outside of it. At inference: the running ones, and nothing
# moves. From there on one formula serves both.
#
# </details>


# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    """Batch normalization of x, shape (N, C) or (N, C, *): one mean and one variance for each channel.

    Training:   y = gamma * (x - mean) / sqrt(biased variance + eps) + beta, with the statistics of the batch, and
                running = (1 - momentum) * running + momentum * batch, with the mean and the *unbiased* variance.
                A single value per channel raises ValueError.
    Inference:  the first formula with running_mean and running_var, which do not change.

    Attributes: num_features (that is C), eps and momentum.
    Parameters: gamma and beta, shape (C,), start at 1 and 0.
    Buffers:    running_mean and running_var, shape (C,), start at 0 and 1.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        ### BEGIN SOLUTION
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ### BEGIN SOLUTION
        dims = [0, *range(2, x.dim())]  # everything but the channels
        shape = [1, -1] + [1] * (x.dim() - 2)  # lets (C,) meet the channels of x
        if self.training:
            if x.numel() // self.num_features < 2:
                raise ValueError(f"x must have more than one value per channel in training, got {tuple(x.shape)}")
            with torch.no_grad():
                self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)
                self.running_var += self.momentum * (x.var(dims, unbiased=True) - self.running_var)
            mean = x.mean(dims, keepdim=True)
            var = x.var(dims, unbiased=False, keepdim=True)
            x_hat = (x - mean) / torch.sqrt(var + self.eps)
        else:
            std = torch.sqrt(self.running_var.view(shape) + self.eps)
            x_hat = (x - self.running_mean.view(shape)) / std
        return self.gamma.view(shape) * x_hat + self.beta.view(shape)
        ### END SOLUTION


# %% [markdown]
# ### Check: training
#
# Two channels with four values each, chosen so that you can follow on paper. Channel 0 has mean 2 and biased
# variance 9, channel 1 has mean 20 and biased variance 57. With $\epsilon = 7$ the two roots are 4 and 8.
# Such an $\epsilon$ is absurd in practice; here it shows where you put it.

# %% grades="custom_batch_norm_training" points={"statistics of each channel": 12, "gradients": 6, "gamma and beta": 6, "variance and eps": 4, "input": 2}
rows = torch.tensor([[7.0, 31.0], [-1.0, 13.0], [1.0, 13.0], [1.0, 23.0]], dtype=torch.float64)
normalized = torch.tensor([[1.25, 1.375], [-0.75, -0.875], [-0.25, -0.875], [-0.25, 0.375]], dtype=torch.float64)
before = rows.clone()
layer = CustomBatchNorm(2, eps=7.0).double()
y = layer(rows)

assert isinstance(y, torch.Tensor), f"forward should return a tensor, yours returns {type(y).__name__}."
assert y.shape == (4, 2), f"The output should have the input's shape (4, 2), yours has {tuple(y.shape)}."
causes = {
    5 / 19**0.5: "It looks as if you normalize with the unbiased variance. Which of the two belongs where?",
    5 / 10: "It looks as if you add eps to the root. What stands under the root in the formula?",
    5 / 16: "It looks as if you divide by variance + eps. Compare that with the formula.",
    5 / 3: "It looks as if your eps is tiny. This layer was built with eps=7.",
    7 / 8**0.5: "It looks as if you normalize with the running statistics. Which mode is the layer in?",
    6.8 / 9.1**0.5: "It looks as if you normalize with the running statistics. Which mode is the layer in?",
    -12 / 151**0.5: "It looks as if you average over the channels of a row. A channel has its mean over the rows.",
    -4 / 121**0.5: "It looks as if all channels share one mean. Each channel has its own.",
    0.0: "Does gamma start at 1?",
}
first = y[0, 0].item()
assert close(y, normalized), (
    f"Channel 0 of the first row should be (7 - 2) / 4 = 1.25, yours is {first:.4f}. {likely_cause(first, causes)}"
)
assert torch.equal(rows, before), "Your layer changed its input. Methods that end in _ do that, and so do -= and /=."

parameters = dict(layer.named_parameters())
assert {"gamma", "beta"} <= set(parameters), f"gamma and beta should be parameters, you have {list(parameters)}."
images = rows.T.reshape(1, 2, 2, 2)  # the same numbers as one image of 2 x 2 positions
gamma, beta = torch.tensor([2.0, -1.0]), torch.tensor([1.0, 0.5])
with torch.no_grad():
    layer.gamma.copy_(gamma)
    layer.beta.copy_(beta)
try:
    y = layer(images)
except ValueError as error:
    raise AssertionError(
        "One image of 2 x 2 positions has four values per channel, and your layer refuses it. What do you count?"
    ) from error
assert close(y, (gamma * normalized + beta).T.reshape(1, 2, 2, 2)), (
    "As one image of 2 x 2 positions, the same numbers should give the same output. Does the mean run over all "
    "positions of a channel? Do gamma and beta line up with the channels, or with the width?"
)

layer = CustomBatchNorm(2, eps=0.0).double()
x = rows.clone().requires_grad_()
(layer(x) * torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0], [0.0, 1.0]])).sum().backward()
assert x.grad is not None and close(x.grad.sum(0), torch.zeros(2)), (
    "Adding 1 to a whole channel does not change the output, so the gradients of a channel should add up to 0. "
    "Yours do not: is the mean cut off from the graph?"
)
assert close((x.grad * (rows - rows.mean(0))).sum(0), torch.zeros(2)), (
    "Stretching a whole channel does not change the output, so the gradient in that direction should be 0. "
    "Yours is not: is the variance cut off from the graph?"
)

for alone in (torch.ones(1, 2), torch.ones(1, 2, 1, 1)):
    try:
        CustomBatchNorm(2)(alone)
    except ValueError:
        continue
    raise AssertionError(
        f"Shape {tuple(alone.shape)} has a single value per channel, and a single value has no spread. "
        "In training mode that should raise ValueError."
    )
"custom_batch_norm, training: the visible checks pass"

# %% [markdown]
# ### Check: running statistics
#
# The same numbers, once, with a momentum of 1/8. The check looks at the buffers only.

# %% grades="custom_batch_norm_running_statistics" points={"average of the batches": 9, "momentum": 5, "unbiased variance": 5, "buffers outside the graph": 5, "start": 1}
rows = torch.tensor([[7.0, 31.0], [-1.0, 13.0], [1.0, 13.0], [1.0, 23.0]], dtype=torch.float64)
layer = CustomBatchNorm(2, momentum=0.125).double()
buffers = dict(layer.named_buffers())
assert {"running_mean", "running_var"} <= set(buffers), (
    f"running_mean and running_var should be buffers, you have {list(buffers)}. The third hint says what a buffer is."
)
start = [layer.running_mean.tolist(), layer.running_var.tolist()]
assert start == [[0, 0], [1, 1]], f"Mean and variance should start at [0, 0] and [1, 1], yours start at {start}."

layer(rows.clone().requires_grad_() * 1)
assert not layer.running_mean.requires_grad and not layer.running_var.requires_grad, (
    "After a forward pass your running statistics are part of the graph. They are records: nobody differentiates them."
)
causes = {
    0.0: "It did not move at all.",
    1.75: "It looks as if momentum weighs the old value. Here it is the weight of the new batch.",
    2.0: "It looks as if the last batch replaces the old value.",
}
seen = layer.running_mean[0].item()
assert close(layer.running_mean, torch.tensor([0.25, 2.5])), (
    "After a batch with mean 2 and a momentum of 1/8, running_mean should be 7/8 * 0 + 1/8 * 2 = 0.25, "
    f"yours is {seen:.4f}. {likely_cause(seen, causes)}"
)
causes = {
    1.0: "It did not move at all.",
    2.0: "It looks as if you store the biased variance, which is 9. The unbiased one is 12.",
    10.625: "It looks as if momentum weighs the old value. Here it is the weight of the new batch.",
    12.0: "It looks as if the last batch replaces the old value.",
    0.875 + 12**0.5 / 8: "It looks as if you store a standard deviation.",
    0.875 + (12 + 4 / 3 * 1.75**2) / 8: "It looks as if you measure the spread around the running mean.",
    0.875 + (9 + 1.75**2) / 8: "It looks as if you measure the spread around the running mean.",
}
seen = layer.running_var[0].item()
assert close(layer.running_var, torch.tensor([2.375, 10.375])), (
    "After a batch with unbiased variance 12 and a momentum of 1/8, running_var should be 7/8 * 1 + 1/8 * 12 = 2.375, "
    f"yours is {seen:.4f}. {likely_cause(seen, causes)}"
)
layer = CustomBatchNorm(2, momentum=0.125).double()
layer(rows.T.reshape(1, 2, 2, 2))
assert close(layer.running_var, torch.tensor([2.375, 10.375])), (
    "As one image of 2 x 2 positions, the same numbers should give the same running_var, [2.375, 10.375], "
    f"yours is {layer.running_var.tolist()}. What is n for an image?"
)
"custom_batch_norm, running statistics: the visible checks pass"

# %% [markdown]
# ### Check: inference
#
# Now the check writes running statistics, gamma and beta into your layer and calls `eval()`. This part is
# right or wrong whatever the other two do.

# %% grades="custom_batch_norm_inference" points={"running statistics in use": 6, "gamma, beta and eps": 3, "no other row has a say": 3, "gradients": 3}
rows = torch.tensor([[7.0, 31.0], [-1.0, 13.0], [1.0, 13.0], [1.0, 23.0]], dtype=torch.float64)
layer = CustomBatchNorm(2, eps=7.0).double().eval()
with torch.no_grad():
    layer.running_mean.copy_(torch.tensor([1.0, 11.0]))
    layer.running_var.copy_(torch.tensor([9.0, 57.0]))
    layer.gamma.copy_(torch.tensor([2.0, -1.0]))
    layer.beta.copy_(torch.tensor([1.0, 0.5]))
y = layer(rows)
causes = {
    1.5: "It looks as if gamma and beta are left out.",
    5.0: "It looks as if eps is left out.",
    3.5: "It looks as if you still use the statistics of the batch. How does a layer know that training is over?",
    2 * 6 / 19**0.5 + 1: "It looks as if you correct the running variance once more. It is unbiased already.",
}
first = y[0, 0].item()
assert abs(first - 4) < 1e-6, (
    f"Channel 0 of the first row should be 2 * (7 - 1) / 4 + 1 = 4, yours is {first:.4f}. {likely_cause(first, causes)}"
)
assert close(layer.running_mean, torch.tensor([1.0, 11.0])) and close(layer.running_var, torch.tensor([9.0, 57.0])), (
    "A forward pass after eval() changed the running statistics. At inference they are only read."
)
try:
    alone = layer(rows[:1])
except ValueError as error:
    raise AssertionError(
        "At inference one row is enough, and your layer refuses it. In which mode is it too few?"
    ) from error
assert close(alone, y[:1]), "A row alone should give what it gives in a batch: no other row has a say."
assert close(layer(rows.T.reshape(1, 2, 2, 2)), y.T.reshape(1, 2, 2, 2)), (
    "As one image of 2 x 2 positions, the same numbers should give the same output. "
    "Do the running statistics line up with the channels, or with the width?"
)
x = rows.clone().requires_grad_()
y = layer(x)
assert y.requires_grad, "The output should depend on gamma and beta for autograd too. Is forward under no_grad?"
y.sum().backward()
assert x.grad is not None, "At inference too, a gradient should come back to x. Where is x cut off from the graph?"
"custom_batch_norm, inference: the visible checks pass"

# %% [markdown]
# ## Task: the gradient by hand
#
# **Difficulty 3 of 3.** Met before: the chain rule of exercise 1.
#
# Autograd has just carried the gradient through your layer. Now do it yourself, once in your life, for
# `(N, C)`. Given the gradient of the loss with respect to $y$, return those with respect to $x$, $\gamma$ and
# $\beta$, in this order.
#
# The entry $x_{ic}$ reaches the loss in three ways: directly through its own $\hat x_{ic}$; through $\mu_c$,
# which moves *all* $\hat x_{jc}$ of the channel; and through $\sigma_c^2$, which stretches all of them. The
# chain rule adds the three:
#
# $$\frac{\partial L}{\partial x_{ic}} = \sum_{j=1}^{N} \frac{\partial L}{\partial \hat x_{jc}} \,
# \frac{\partial \hat x_{jc}}{\partial x_{ic}}, \qquad
# \frac{\partial L}{\partial \hat x_{jc}} = \gamma_c \, \frac{\partial L}{\partial y_{jc}} .$$
#
# Autograd (`torch.autograd`, `backward()`, `torch.func`) is off limits in this function.
#
# <details><summary>Hint 1: one channel on paper</summary>
#
# Drop the index $c$ and write $s = \sqrt{\sigma^2 + \epsilon}$. Work out $\partial \mu / \partial x_i$ and
# $\partial s / \partial x_i$ first; the second one is short when you write it with $\hat x_i$. Then
# differentiate $\hat x_j = (x_j - \mu) / s$ by the quotient rule.
# </details>
#
# <details><summary>Hint 2: what it must look like</summary>
#
# Each of the two indirect ways subtracts something from the direct one: the first the same number for every
# row of a channel, the second a multiple of $\hat x_i$. You can test your result by what it must satisfy: the
# gradients of a channel add up to 0.
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Compute mean, root and $\hat x$ again, as in the forward pass. The sums over the rows give the gradients of
# $\beta$ and $\gamma$. Then take the gradient with respect to $\hat x$, subtract its mean over the rows, subtract
# $\hat x$ times the mean of its product with $\hat x$, and divide what is left by the root.
#
# </details>


# %% solution="batch_norm_backward"
def batch_norm_backward(
    grad_output: torch.Tensor, x: torch.Tensor, gamma: torch.Tensor, eps: float = 1e-5
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients (grad_x, grad_gamma, grad_beta) of batch normalization in training mode, through its statistics.

    grad_output is dL/dy for y = gamma * (x - mean) / sqrt(biased variance + eps) + beta.
    Shapes: grad_output, x and grad_x (N, C); gamma, grad_gamma and grad_beta (C,).
    """
    ### BEGIN SOLUTION
    std = torch.sqrt(x.var(0, unbiased=False) + eps)
    x_hat = (x - x.mean(0)) / std
    grad_gamma = (grad_output * x_hat).sum(0)
    grad_beta = grad_output.sum(0)

    grad_x_hat = gamma * grad_output
    through_mean = grad_x_hat.mean(0)
    through_variance = x_hat * (grad_x_hat * x_hat).mean(0)
    grad_x = (grad_x_hat - through_mean - through_variance) / std
    return grad_x, grad_gamma, grad_beta
    ### END SOLUTION


# %% grades="batch_norm_backward" points={"ways through mean and variance": 8, "gamma and beta": 4, "size of grad_x": 4, "eps": 2, "arguments left alone": 2}
rows = torch.tensor([[7.0, 31.0], [-1.0, 13.0], [1.0, 13.0], [1.0, 23.0]], dtype=torch.float64)
upstream = torch.tensor([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 4.0]], dtype=torch.float64)
before = rows.clone(), upstream.clone()
gradients = batch_norm_backward(upstream, rows, torch.tensor([2.0, -1.0], dtype=torch.float64), eps=7.0)
assert len(gradients) == 3, f"Three tensors should come back: grad_x, grad_gamma, grad_beta. Yours: {len(gradients)}."
grad_x, grad_gamma, grad_beta = gradients
shapes = [tuple(gradient.shape) for gradient in gradients]
assert shapes == [(4, 2), (2,), (2,)], f"A gradient has the shape of what it belongs to. Yours have {shapes}."
assert torch.equal(rows, before[0]) and torch.equal(upstream, before[1]), "Your function changed one of its arguments."
assert close(grad_beta, torch.tensor([1.0, 6.0])), (
    f"grad_beta should be [1, 6], yours is {grad_beta.tolist()}. "
    "beta is added to every row: do all rows add to its gradient? Is the order of the three results right?"
)
causes = {
    5.0: "It looks as if you forget a division. What exactly does gamma multiply in the forward pass?",
    5 / 3: "It looks as if eps is left out.",
    5 / 19**0.5: "It looks as if you use the unbiased variance. Which one normalizes in training mode?",
    1.25 / 4: "It looks as if you average over the rows. Does each row have its own say in the loss?",
}
first = grad_gamma[0].item()
assert close(grad_gamma, torch.tensor([1.25, -0.25])), (
    f"grad_gamma should start with 1.25, yours with {first:.4f}. {likely_cause(first, causes)}"
)
causes = {
    -0.78125: "It looks as if the indirect ways are N times too strong. How far does mu move when one x moves?",
    0.5: "It looks as if only the direct way is there.",
    0.375: "It looks as if the way through the variance is missing.",
    1.21875 / 4: "It looks as if the way through the mean is missing.",
    0.08984375: "It looks as if gamma is missing.",
    0.71875 / 16: "It looks as if you divide by variance + eps. Compare that with the forward pass.",
}
expected = [[0.1796875, -0.0078125, -0.0859375, -0.0859375], [0.1767578125, -0.0556640625, 0.1943359375, -0.3154296875]]
first, totals = grad_x[0, 0].item(), [round(total, 4) for total in grad_x.sum(0).tolist()]
assert close(grad_x, torch.tensor(expected, dtype=torch.float64).T), (
    f"The first entry of grad_x should be 0.1797, yours is {first:.4f}. {likely_cause(first, causes)} "
    f"The channels of grad_x should add up to 0, yours add up to {totals}."
)
"batch_norm_backward: the visible checks pass"

# %% [markdown]
# ## Task: folding the layer away
#
# **Difficulty 2 of 3.** Met before: inference, above.
#
# At inference, batch normalization multiplies each channel by a fixed number and adds another. The linear
# layer before it multiplies and adds as well, so the two together are *one* linear layer. Write
# `fold_batch_norm`, which returns it as a **new** `nn.Linear` with a bias:
#
# $$\text{folded}(x) = \text{batch\_norm}(\text{linear}(x)) \quad \text{for every } x, \text{ at inference.}$$
#
# `linear` may have no bias. `batch_norm` is a layer with the names of yours: `gamma`, `beta`, `running_mean`,
# `running_var` and `eps`. The check brings its own, so your answer does not depend on your `CustomBatchNorm`.
# Leave both layers as they are, and let the new one have the dtype of the old.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the whole computation for one output channel $c$ on one line and collect what multiplies $x$ and what
# does not. Row $c$ of `linear.weight` produces channel $c$.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The factor divides by a root, with $\epsilon$ inside. It multiplies *rows*, since a row makes a channel. The old
# bias has gone through the normalization as well, so it is shifted and multiplied before $\beta$ is added.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# One factor a channel, from `gamma`, `running_var` and `eps`. New weight: each row times its factor. New bias:
# the old one, or 0 where there is none, minus the running mean, times the factor, plus `beta`. Copy both into a
# fresh layer of the same sizes and dtype.
#
# </details>


# %% solution="fold_batch_norm"
def fold_batch_norm(linear: nn.Linear, batch_norm: nn.Module) -> nn.Linear:
    """A new Linear, with a bias, that equals batch_norm(linear(x)) at inference.

    linear.weight has shape (C, inputs), linear.bias (C,) or it is None; gamma, beta, running_mean and running_var of
    batch_norm have shape (C,).
    """
    ### BEGIN SOLUTION
    weight = linear.weight
    bias = torch.zeros_like(batch_norm.running_mean) if linear.bias is None else linear.bias
    folded = nn.Linear(linear.in_features, linear.out_features, device=weight.device, dtype=weight.dtype)
    with torch.no_grad():
        scale = batch_norm.gamma / torch.sqrt(batch_norm.running_var + batch_norm.eps)
        folded.weight.copy_(scale[:, None] * weight)
        folded.bias.copy_(scale * (bias - batch_norm.running_mean) + batch_norm.beta)
    return folded
    ### END SOLUTION


# %% grades="fold_batch_norm" points={"weight": 4, "bias": 3, "eps": 1, "linear without bias": 1, "a new layer": 1}
batch_norm = nn.BatchNorm1d(2, eps=7.0).double().eval()  # PyTorch's layer, which gets our names for weight and bias
batch_norm.gamma, batch_norm.beta = batch_norm.weight, batch_norm.bias
linear = nn.Linear(3, 2).double()
with torch.no_grad():
    batch_norm.gamma.copy_(torch.tensor([2.0, -1.0]))
    batch_norm.beta.copy_(torch.tensor([1.0, 0.5]))
    batch_norm.running_mean.copy_(torch.tensor([1.0, 11.0]))
    batch_norm.running_var.copy_(torch.tensor([9.0, 57.0]))
    linear.weight.copy_(torch.tensor([[2.0, 4.0, -6.0], [8.0, -16.0, 24.0]]))
    linear.bias.copy_(torch.tensor([3.0, 5.0]))
try:
    folded = fold_batch_norm(linear, batch_norm)
except RuntimeError as error:
    raise AssertionError(
        f"The shapes do not fit: {error}. The weight has shape (2, 3), and there are 2 channels: which of its "
        "dimensions do they lie along?"
    ) from error
assert isinstance(folded, nn.Linear) and folded is not linear, "fold_batch_norm should return a new nn.Linear."
assert close(linear.bias, torch.tensor([3.0, 5.0])), "Your function changed the linear layer that it was given."
assert folded.weight.dtype == torch.float64, (
    f"The layers are in float64, so yours should be, not {folded.weight.dtype}."
)
causes = {
    4 / 3: "It looks as if eps is left out.",
    0.25: "It looks as if you divide by variance + eps. Compare that with the layer at inference.",
}
first = folded.weight[0, 0].item()
assert close(folded.weight, torch.tensor([[1.0, 2.0, -3.0], [-1.0, 2.0, -3.0]])), (
    "Channel 0 is multiplied by 2 / 4 and channel 1 by -1 / 8, so the weight should be [[1, 2, -3], [-1, 2, -3]]. "
    f"Yours starts with {first:.4f}. {likely_cause(first, causes)}"
)
assert folded.bias is not None, "The folded layer has no bias, but at x = 0 the two layers give [2, 1.25], not 0."
causes = {
    0.5: "It looks as if the linear layer's own bias is left out.",
    3.5: "It looks as if the linear layer's own bias is added as it is.",
    1.0: "It looks as if beta is left out.",
}
first = folded.bias[0].item()
assert close(folded.bias, torch.tensor([2.0, 1.25])), (
    f"The bias should be [2, 1.25], yours is {folded.bias.tolist()}. {likely_cause(first, causes)} "
    "Put x = 0 into both layers, one after the other: what comes out?"
)
try:
    bare = fold_batch_norm(nn.Linear(3, 2, bias=False).double(), batch_norm)
except (AttributeError, TypeError) as error:
    raise AssertionError(
        "A linear layer may have no bias: its `bias` is None then, and your function fails."
    ) from error
assert bare.bias is not None and close(bare.bias, torch.tensor([0.5, 1.875])), (
    "For a linear layer without a bias the new bias should be [0.5, 1.875], as for a bias of 0."
)
"fold_batch_norm: the visible checks pass"

# %% [markdown]
# ## Predict, then measure
#
# Everything from here on runs on your own layer. First the picture from the beginning again, this time with
# your `CustomBatchNorm` after every hidden linear layer. Nothing else has changed.

# %% tags=["active-ipynb"]
# your_accuracy = [accuracy(train(deep_net(5, CustomBatchNorm, scale), learning_rate=0.1)) for scale in init_scales]
#
# fig, ax = plt.subplots(figsize=(7, 3.6))
# ax.semilogx(init_scales, your_accuracy, label="with your CustomBatchNorm")
# ax.semilogx(init_scales, plain_accuracy, label="without", **without)
# ax.axhline(10, color="0.4", linestyle=":", linewidth=1.5)
# ax.text(init_scales[0], 13, "guessing", color="0.3")
# ax.set(ylim=(0, 105), xlabel="standard deviation of the initial weights", ylabel="test accuracy (%)")
# ax.set_title(f"With your layer the worst of the {len(init_scales)} starts reaches {min(your_accuracy):.0f} %")
# ax.legend(loc="center left")
# plt.show()

# %% [markdown]
# ### How much faster may it go?
#
# The layer was sold with a promise: higher learning rates. We put it to the test with a network of eight
# hidden layers, started by He's rule, trained for eight epochs at learning rates from 0.003 to 10. Call a
# learning rate *usable* if the network gets at least 70 % of the test digits right.
#
# **Your prediction:** how many times larger is the largest usable learning rate with batch normalization than
# without? Write down a number before you run the experiment. It is not graded. A wrong prediction teaches
# more than a right one.

# %% tags=["active-ipynb"]
# predicted_factor = None  # a number, such as 2: the largest usable learning rate with the layer over the one without

# %% tags=["active-ipynb"]
# import time
#
# rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
# runs, seconds = {}, {}
# for name, norm in {"with your CustomBatchNorm": CustomBatchNorm, "without": None}.items():
#     start = time.perf_counter()
#     runs[name] = torch.tensor([
#         [accuracy(train(deep_net(8, norm, seed=seed), rate, epochs=8, seed=seed)) for rate in rates]
#         for seed in (0, 1)
#     ])
#     seconds[name] = time.perf_counter() - start
# mean_accuracy = {name: values.mean(0).tolist() for name, values in runs.items()}
# largest = {
#     name: max((rate for rate, value in zip(rates, values) if value >= 70), default=float("nan"))
#     for name, values in mean_accuracy.items()
# }
#
# fig, ax = plt.subplots(figsize=(7.5, 4))
# for (name, values), style in zip(runs.items(), ["-", "--"]):
#     color = ax.semilogx(rates, mean_accuracy[name], label=name, linestyle=style)[0].get_color()
#     ax.fill_between(rates, values.min(0).values, values.max(0).values, color=color, alpha=0.2, linewidth=0)
#     ax.axvline(largest[name], color=color, linestyle=style, linewidth=1)
#     ax.text(largest[name] / 1.06, 25, f"{largest[name]:g} is usable", color=color, ha="right", rotation=90)
# if (predicted := prediction("predicted_factor")) is not None:
#     ax.axvline(largest["without"] * predicted, color="black", linestyle=":")
#     ax.text(largest["without"] * predicted / 1.06, 25, "your prediction", ha="right", rotation=90)
# ax.axhline(70, color="0.4", linestyle=":", linewidth=1.5)
# ax.text(0.6, 72, "usable", color="0.3", ha="center")
# factor = largest["with your CustomBatchNorm"] / largest["without"]
# ax.set(ylim=(0, 105), xlabel="learning rate", ylabel="test accuracy (%), mean and range of 2 runs")
# ax.set_title(f"The largest usable learning rate grows by a factor of {factor:.0f}")
# ax.legend(loc="lower left", fontsize=9)
# plt.show()
#
# yours, plain = mean_accuracy.values()
# print(f"The largest usable learning rate is {factor:.0f} times larger with the layer.")
# if predicted is not None:
#     print(f"You predicted {predicted:g} times.")
# print(f"Best accuracy over all rates: {max(yours):.0f} % with the layer, {max(plain):.0f} % without.")
# print(f"At the smallest rate, {rates[0]}, it is {yours[0]:.0f} % with the layer and {plain[0]:.0f} % without.")
# print(f"Training with it took {seconds['with your CustomBatchNorm'] / seconds['without']:.1f} times as long.")

# %% [markdown]
# Read the last two lines twice. Small steps do not get better: the two curves should rise together on the
# left and part where the plain network begins to diverge. What the layer buys is *large* steps, and it
# charges for every one of them.
#
# ### Does the company matter?
#
# Suppose somebody forgets `eval()`. The network below was trained on batches of 32 and is good. Then it reads
# the test digits while still in training mode, in batches of 2, of 4 and of 32, so that each digit is
# normalized together with its neighbors.
#
# **Your prediction:** what percentage does it get right in batches of 2?

# %% tags=["active-ipynb"]
# predicted_accuracy = None  # a number, such as 50: the test accuracy in training mode, in batches of 2, in percent

# %% tags=["active-ipynb"]
# sizes = [2, 4, 32]
# nets = {size: train(deep_net(3, CustomBatchNorm), learning_rate=0.1, epochs=3, batch_size=size) for size in sizes}
# good = nets[32]
# left = {
#     "train()": [accuracy(good, size, training=True) for size in sizes],
#     "eval()": [accuracy(good, size) for size in sizes],
# }
# right = {
#     "train()": [accuracy(net, size, training=True) for size, net in nets.items()],
#     "eval()": [accuracy(net, size) for size, net in nets.items()],
# }
#
# fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
# for ax, values in zip(axes, [left, right]):
#     for offset, (mode, hatch) in zip([-0.2, 0.2], {"train()": "//", "eval()": ""}.items()):
#         bars = ax.bar([x + offset for x in range(3)], values[mode], 0.38, label=mode, hatch=hatch, edgecolor="white")
#         ax.bar_label(bars, fmt="%.0f", padding=2, fontsize=9)
#     ax.set_xticks(range(3), sizes)
#     ax.grid(axis="x", visible=False)
# if (predicted := prediction("predicted_accuracy")) is not None:
#     axes[0].plot([-0.39, -0.01], [predicted] * 2, color="black", linestyle=":", marker="")
#     axes[0].text(-0.03, predicted + 1.5, "your\nprediction", ha="right", fontsize=9)
# axes[0].set(ylim=(0, 112), ylabel="test accuracy (%)", xlabel="batch size when tested")
# axes[0].set_title("Trained on batches of 32")
# axes[1].set(xlabel="batch size when trained and when tested", title="Trained on batches of this size")
# axes[1].legend(title="tested after", loc="upper left", fontsize=9)
# plt.show()
#
# print(f"In training mode, by twos, it gets {left['train()'][0]:.0f} % right.")
# if predicted is not None:
#     print(f"You predicted {predicted:g} %.")
# print(f"After eval() the same network gets {left['eval()'][0]:.0f} %, whatever the batch size.")
# with torch.no_grad():
#     net = copy.deepcopy(good).train()
#     answers = torch.stack([net(torch.stack([test_x[0], other])).argmax(1)[0] for other in test_x[1:]])
# print(f"The first digit is a {test_y[0]}. In training mode, next to each of {len(answers)} others, it is read as")
# print(", ".join(f"{digit} ({(answers == digit).sum()}×)" for digit in answers.unique()) + ".")

# %% [markdown]
# With two rows, each channel has two values, and normalized they are $+1$ and $-1$, whatever they were before
# (up to $\epsilon$). All that survives is *which of the two is larger*. In the left panel this happens at the
# test only, and `eval()` heals it. In the right panel it happens all through training, and nothing heals it
# afterwards. Batches of 4 lie in between: a network can learn from statistics that noisy, but it needs
# `eval()` to show what it has learned.
#
# ### What is left of it at inference?
#
# Nothing, says your `fold_batch_norm`. Fold the whole network and compare.

# %% tags=["active-ipynb"]
# layers, folded_layers = list(good.eval()), []
# for layer in layers:
#     if isinstance(layer, CustomBatchNorm):
#         folded_layers[-1] = fold_batch_norm(folded_layers[-1], layer)
#     else:
#         folded_layers.append(layer)
# folded_net = nn.Sequential(*folded_layers)
# with torch.no_grad():
#     difference = (folded_net(test_x) - good(test_x)).abs().max().item()
# print(f"{len(layers)} layers became {len(folded_layers)}. Their outputs differ by at most {difference:.1e}.")
# print(f"Accuracy before: {accuracy(good):.1f} %, after: {accuracy(folded_net):.1f} %.")

# %% [markdown]
# ## Questions to think about
#
# 1. Every linear layer in `deep_net` has a bias, also the ones that batch normalization follows. Which
#    gradient does such a bias get, and what would change if you deleted it? Which parameter does its work?
# 2. Your graphics card holds two images at a time. A friend suggests to add up the gradients of 16 such
#    batches before each step, "which is the same as a batch of 32". For which layers of the network is that
#    true, and for which is it not?
# 3. With batch normalization after it, a linear layer computes the same function for $W$ and for $2W$. What
#    then does weight decay on $W$ do? Think of the size of a step relative to the size of $W$.

# %% [markdown]
# ## Further, if you are done
#
# Batches of 2 are out of reach for your layer, in training as at inference. Correct each batch's statistics towards
# the running ones, by a factor and a shift that count as constants and are kept within bounds, and repeat the right
# panel of the experiment with batch sizes. S. Ioffe, *Batch Renormalization: Towards Reducing Minibatch Dependence
# in Batch-Normalized Models* (NIPS 2017), is the recipe.
#
# ## Where to read on
#
# * S. Ioffe and C. Szegedy, *Batch Normalization: Accelerating Deep Network Training by Reducing Internal
#   Covariate Shift* (ICML 2015). The source; section 3 is what you have built.
# * S. Santurkar, D. Tsipras, A. Ilyas and A. Mądry, *How Does Batch Normalization Help Optimization?*
#   (NeurIPS 2018). Adds covariate shift on purpose, sees no harm, and offers a smoother loss as the
#   explanation.
# * J. Bjorck, C. Gomes, B. Selman and K. Weinberger, *Understanding Batch Normalization* (NeurIPS 2018).
#   Traces the gain to the larger learning rates, as you did.
# * T. van Laarhoven, *L2 Regularization versus Batch and Weight Normalization* (2017). The answer to the
#   third question.
# * Y. Wu and J. Johnson, *Rethinking "Batch" in BatchNorm* (2021). All the ways in which the batch and the
#   data can differ, and what goes wrong then.
