# %% [markdown]
# # Layer, instance and group normalization
#
# Batch normalization lets the samples of a batch influence one another. Here you write the three normalizations
# that look at each sample alone, and you see with your own code what sets the four apart: nothing but the choice
# of cells that share a mean.
#
# **You will be able to**
#
# * write layer, instance and group normalization from their one common formula,
# * say for any normalization which cells of an $(N, C, H, W)$ block share their statistics, and prove it by a
#   Jacobian,
# * tell what a normalization makes a network blind to, and choose one for an architecture and a batch size,
# * explain two variations from research, AdaNorm and CrossNorm.
#
# **Time** about two hours. **Builds on** exercise 4 (batch normalization).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
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
# Take one handwritten digit and one channel of a random linear layer. Put the digit into 150 random batches,
# normalize each batch as in training, and write down the value that this one digit gets.

# %% tags=["active-ipynb"]
# digits = load_digits()
# generator = torch.Generator().manual_seed(0)
# images = torch.tensor(digits.data / 16)
# features = images @ torch.randn(64, 32, dtype=torch.float64, generator=generator)
# batch_sizes = [2, 4, 8, 16, 32, 64, 128]
#
# fig, ax = plt.subplots(figsize=(8, 3.8))
# for batch_size in batch_sizes:
#     values = []
#     for _ in range(150):
#         others = 1 + torch.randperm(len(features) - 1, generator=generator)[: batch_size - 1]
#         batch = torch.cat([features[:1], features[others]])
#         values.append(F.batch_norm(batch, None, None, training=True)[0, 0].item())
#     jitter = 2 ** (0.5 * (torch.rand(150, generator=generator) - 0.5))
#     ax.plot(batch_size * jitter, values, "o", color="#0072B2", markersize=3, alpha=0.4)
# alone = F.layer_norm(features[:1], (32,))[0, 0].item()
# ax.axhline(alone, color="#D55E00", linestyle="--", marker="")
# ax.annotate(
#     "LayerNorm: the same value in every batch",
#     (128 * 1.2, alone),
#     (0, 5),
#     textcoords="offset points",
#     ha="right",
#     color="#B04A00",
# )
# ax.set_xscale("log", base=2)
# ax.set_xticks(batch_sizes, batch_sizes)
# ax.set(
#     xlabel="batch size (samples)",
#     ylabel="normalized value of one digit",
#     title="BatchNorm gives the same digit another value in every batch",
# )
# plt.show()

# %% [markdown]
# A dot is one batch. With two samples BatchNorm keeps only which of the two was larger: the dots sit near $+1$
# and $-1$. The companions decide, not the digit. The rest of this notebook takes the companions out.
#
# ## The idea
#
# All four normalizations are one formula. For each cell $i$ of the input take a set $S_i$ of cells, and use its
# mean and variance:
#
# $$\mu_i = \frac{1}{|S_i|}\sum_{j \in S_i} x_j \qquad
# \sigma_i^2 = \frac{1}{|S_i|}\sum_{j \in S_i} (x_j - \mu_i)^2 \qquad
# y_i = \gamma\,\frac{x_i - \mu_i}{\sqrt{\sigma_i^2 + \epsilon}} + \beta$$
#
# Only the set differs. For an input of shape $(N, C, H, W)$:
#
# | | these cells share $\mu$ and $\sigma^2$ | paper |
# |---|---|---|
# | BatchNorm | one channel, all samples | Ioffe and Szegedy (2015), section 3 |
# | LayerNorm | one sample, all channels | Ba, Kiros and Hinton (2016), section 3 |
# | InstanceNorm | one sample, one channel | Ulyanov, Vedaldi and Lempitsky (2016), section 2 |
# | GroupNorm | one sample, a group of channels | Wu and He (2018), section 3 |
# | RMSNorm | one sample, the last dimension; $\mu$ is taken for 0 | Zhang and Sennrich (2019) |
#
# Why so many? Each came from a place where BatchNorm failed. A recurrent net would need statistics for each time
# step of sequences of any length, and an online learner has batches of one: LayerNorm. In style transfer the
# contrast of the content image should not reach the stylized image: InstanceNorm. In detection and segmentation
# only one or two of the large images fit into memory: GroupNorm, which goes between the two. Channels come in
# families, such as one edge in several orientations, and a family shares its scale.
#
# RMSNorm is LayerNorm with one step less: it subtracts no mean and divides by the root mean square,
# $y_i = \gamma\, x_i / \sqrt{\tfrac{1}{|S_i|}\sum_j x_j^2 + \epsilon}$, usually without a $\beta$. Most large language
# models of today use it: it does about as well, and costs less. The last experiment puts the two side by side.
#
# The last three never look beyond a sample. So they have no running statistics, they do the same in training and
# at inference, and the batch size is free. What they pay for it is part of the experiments below.
#
# ## Conventions
#
# | question | elsewhere | in this notebook |
# |---|---|---|
# | which variance | `x.var()` divides by $n - 1$, so does *The Annotated Transformer* | biased: divide by $n$ |
# | where $\epsilon$ goes | *The Annotated Transformer* adds it to $\sigma$ | inside: $\sqrt{\sigma^2 + \epsilon}$ |
# | how large $\epsilon$ is | Keras $10^{-3}$, BERT $10^{-12}$ | $10^{-5}$, as in torch |
# | LayerNorm's cells | transformers: the last dimension; Wu and He: $(C, H, W)$ | `normalized_shape` says it |
# | GroupNorm's number | sometimes channels per group | `num_groups`: how many groups |
# | $\gamma$ and $\beta$ | `nn.InstanceNorm2d` has none by default, the others do | both optional everywhere |

# %% [markdown]
# Four rules hold for every function in this notebook, as they do for torch's own. The result is a new tensor, and
# the input stays as it was. Shape and dtype follow the input. Gradients flow through everything, mean and
# variance too, unless a task says otherwise. Where a task tells you to refuse something, raise `ValueError` with a
# message that names the argument and its value; nothing else has to be refused. In the first three tasks you write
# the normalization yourself: torch's normalization layers and functions are not allowed there.
#
# ## Before you start: a helper for the checks
#
# The visible checks compare with numbers that you can work out on paper. If you arrive at the number of a
# well-known mistake, they name it.


# %%
def likely_cause(observed, known):
    """What is said in `known` about the number that was observed, if it is there."""
    return next((text for value, text in known.items() if abs(float(observed) - value) < 1e-4), "")


# %% [markdown]
# ## Task: layer normalization
#
# **Difficulty 2 of 3.** Met before: the biased variance and $\epsilon$ of exercise 4.
#
# Write `layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5)`. `normalized_shape` is the tail of
# `x.shape`: the dimensions that share their statistics. For `x` of shape `(N, T, D)`:
#
# * `layer_norm(x, (D,))` normalizes each of the $N \cdot T$ vectors by itself. `layer_norm(x, D)` is the same: an
#   int means one dimension.
# * `layer_norm(x, (T, D))` takes one mean for each of the $N$ samples.
#
# `weight` and `bias` have the shape `normalized_shape` and act cell by cell. Each of them may be missing. A
# `normalized_shape` that is not the tail of `x.shape` raises `ValueError`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Turn an int into a tuple first: then there is one case. How many dimensions you reduce over is the length of
# that tuple, and negative axis numbers count from the end. `keepdim=True` keeps the result ready for
# broadcasting. Look up what `unbiased` does in `torch.var`.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The batch is averaged over only if the shape says so. $\epsilon$ goes under the root. The weight multiplies
# before the bias is added, and either may come without the other. Compare the *whole* tail of the shape, not just
# its last size.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Make a tuple of an int. Refuse a tuple that is not the end of `x`'s shape. Take mean and biased variance over as
# many dimensions, counted from the end, as the tuple has, and keep these dimensions with size 1. Subtract, divide
# by the root, then the weight, then the bias, if they are there. Nothing in place, nothing detached.
#
# </details>


# %% solution="layer_norm"
def layer_norm(
    x: torch.Tensor,
    normalized_shape: int | tuple[int, ...],
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Normalize over the last dimensions of x.

    x                 (*, *normalized_shape)
    normalized_shape  the sizes of the last dimensions; an int means one dimension
    weight, bias      of shape normalized_shape, or None
    returns           weight * (x - mean) / sqrt(variance + eps) + bias, of x's shape; the variance is the biased one

    Raises ValueError if normalized_shape is not the tail of x's shape.
    """
    ### BEGIN SOLUTION
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise ValueError(f"normalized_shape {shape} is not the tail of x's shape {tuple(x.shape)}")
    axes = tuple(range(-len(shape), 0))
    mean = x.mean(axes, keepdim=True)
    variance = x.var(axes, keepdim=True, unbiased=False)
    y = (x - mean) / torch.sqrt(variance + eps)
    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
    return y
    ### END SOLUTION


# %% grades="layer_norm" points={"statistics over the given dimensions": 8, "weight and bias": 4, "gradients": 4, "variance and eps": 2, "arguments": 2}
x = torch.tensor([[1.0, 3.0, 5.0, 7.0], [9.0, 11.0, 13.0, 15.0]], dtype=torch.float64)
y = layer_norm(x, 4, eps=11.0)
assert isinstance(y, torch.Tensor) and y.shape == x.shape, (
    f"x has shape {tuple(x.shape)} and so should the result; yours is {getattr(y, 'shape', type(y).__name__)}. "
    "Did you forget the return?"
)
known = {
    -0.713746: "That is what the unbiased variance gives: look at what torch.var divides by.",
    -0.226654: "That is what eps outside of the root gives: it belongs to the variance, not to the standard deviation.",
    -0.769800: "That is the statistic of a column: you average over the batch. Each row has its own mean.",
    -1.341641: "That is what you get without eps. Do you use the argument?",
    -0.670820: "That divides by something larger than the root of variance plus eps. Work out this row on paper.",
}
assert abs(y[0, 0].item() + 0.75) < 1e-6, (
    f"the row 1, 3, 5, 7 has mean 4 and variance 5, so with eps=11 its first entry becomes (1 - 4) / sqrt(16) = -0.75; "
    f"yours is {y[0, 0].item():.6f}. {likely_cause(y[0, 0], known)}"
)
assert torch.allclose(y[1], y[0]), (
    f"the second row is the first one plus 8, so both become the same; yours are {y[0].tolist()} and {y[1].tolist()}. "
    "Does each row use its own mean?"
)
x = torch.arange(24, dtype=torch.float64).reshape(2, 3, 4) ** 2
y = layer_norm(x, (3, 4))
assert abs(y[0].mean().item()) < 1e-6 and abs(y[0, 0].mean().item()) > 0.1, (
    "with normalized_shape=(3, 4) the 12 cells of a sample share one mean: their average becomes 0, "
    "that of a single row does not. "
    f"Yours are {y[0].mean().item():.3f} and {y[0, 0].mean().item():.3f}. Over how many dimensions do you average?"
)
rows = layer_norm(x, 4).mean(-1)
assert rows.abs().max() < 1e-6, (
    f"with normalized_shape=4 each row of 4 cells has its own mean, so all averages become 0; yours are {rows.tolist()}"
)
weight = torch.tensor([1.0, 2.0, -1.0, 0.5], dtype=torch.float64)
scaled = layer_norm(x, 4, weight=weight) / layer_norm(x, 4)
assert torch.allclose(scaled, weight.expand_as(x)), (
    "a weight without a bias should scale each cell of the last dimension by its own factor"
)
shifted = layer_norm(x, 4, bias=weight) - layer_norm(x, 4)
assert torch.allclose(shifted, weight.expand_as(x)), (
    "a bias without a weight should shift each cell of the last dimension by its own amount"
)
try:
    layer_norm(x, 3)
    raised = "nothing"
except Exception as error:
    raised = type(error).__name__
assert raised == "ValueError", (
    f"x's last dimension has 4 entries, so normalized_shape=3 should raise ValueError; yours raises {raised}"
)
"layer_norm: the visible checks pass"

# %% [markdown]
# ## Task: instance normalization
#
# **Difficulty 1 of 3.** Met before: layer normalization, above; lining shapes up, exercise 4.
#
# Write `instance_norm(x, weight=None, bias=None, eps=1e-5)` for `x` of shape `(N, C, *spatial)`: sound `(N, C,
# L)`, images `(N, C, H, W)`, volumes `(N, C, D, H, W)`. Each channel of each sample has its own mean and
# variance, taken over all spatial dimensions. `weight` and `bias` have shape `(C,)`: one number per channel. Each
# may be missing.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The spatial dimensions are all from the third on: `x.dim()` tells how many there are. Broadcasting lines up
# shapes from the *right*: a weight of shape `(C,)` would meet the width of the image. Which shape makes it meet
# the channels?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Neither samples nor channels are averaged: for each pair of a sample and a channel there is one mean. Do not
# count on two spatial dimensions, and give weight and bias a size for the samples and for every spatial
# dimension.
#
# </details>


# %% solution="instance_norm"
def instance_norm(
    x: torch.Tensor,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Normalize each channel of each sample over its spatial dimensions.

    x             (N, C, *spatial), with one or more spatial dimensions
    weight, bias  (C,), or None
    returns       weight * (x - mean) / sqrt(variance + eps) + bias, of x's shape; the variance is the biased one
    """
    ### BEGIN SOLUTION
    axes = tuple(range(2, x.dim()))
    mean = x.mean(axes, keepdim=True)
    variance = x.var(axes, keepdim=True, unbiased=False)
    y = (x - mean) / torch.sqrt(variance + eps)
    per_channel = (1, -1) + (1,) * (x.dim() - 2)
    if weight is not None:
        y = y * weight.reshape(per_channel)
    if bias is not None:
        y = y + bias.reshape(per_channel)
    return y
    ### END SOLUTION


# %% grades="instance_norm" points={"statistics of each channel": 6, "weight and bias": 3, "gradients": 3, "variance and eps": 2, "arguments": 1}
plane = torch.tensor([[1.0, 3.0], [5.0, 7.0]], dtype=torch.float64)
x = torch.stack([plane, plane + 8, 2 * plane, -plane]).reshape(2, 2, 2, 2)
y = instance_norm(x, eps=11.0)
assert isinstance(y, torch.Tensor) and y.shape == x.shape, (
    f"x has shape {tuple(x.shape)} and so should the result; yours is {getattr(y, 'shape', type(y).__name__)}"
)
known = {
    -0.713746: "That is what the unbiased variance gives.",
    -0.226654: "That is what eps outside of the root gives.",
    -0.288675: "That is what a mean over the last dimension alone gives: a channel's rows share one mean.",
    -0.953463: "That is one mean for all samples: batch normalization.",
    -1.237437: "That is what one mean per sample gives: its channels are to be kept apart.",
}
assert abs(y[0, 0, 0, 0].item() + 0.75) < 1e-6, (
    "the first channel holds 1, 3, 5, 7: mean 4, variance 5, so with eps=11 its first cell becomes -0.75; "
    f"yours is {y[0, 0, 0, 0].item():.6f}. {likely_cause(y[0, 0, 0, 0], known)}"
)
assert torch.allclose(y[0, 1], y[0, 0]), (
    "the second channel is the first one plus 8, so both become the same: is each channel on its own?"
)
assert torch.allclose(y[1, 1], -y[0, 0]), (
    "the last channel of the second sample is the first one of the first sample times -1, "
    "and so is its result: is each sample on its own?"
)
weight, bias = torch.tensor([3.0, -1.0], dtype=torch.float64), torch.tensor([0.0, 10.0], dtype=torch.float64)
affine = instance_norm(x, weight, bias, eps=11.0)
assert torch.allclose(affine[:, 0], 3 * y[:, 0]) and torch.allclose(affine[:, 1], 10 - y[:, 1]), (
    "weight and bias belong to channels (dimension 1); here the width has 2 cells as well, so a weight that meets the "
    "last dimension raises no error. Look at the shape with which you multiply"
)
sound = torch.tensor([[[1.0, 3.0, 5.0, 7.0], [0.0, 0.0, 50.0, 0.0]]], dtype=torch.float64)
assert abs(instance_norm(sound, eps=11.0)[0, 0, 0].item() + 0.75) < 1e-6, (
    "with one spatial dimension, x of shape (1, 2, 4), the result is wrong: do you count on exactly two?"
)
"instance_norm: the visible checks pass"

# %% [markdown]
# ## Task: group normalization
#
# **Difficulty 2 of 3.** Met before: layer normalization, above.
#
# Write `group_norm(x, num_groups, weight=None, bias=None, eps=1e-5)` for `x` of shape `(N, C, *)`, with any
# number of further dimensions, or none. The channels form `num_groups` groups of neighbors: with $C = 6$ and 3
# groups these are channels 0 and 1, 2 and 3, 4 and 5. All cells of one sample in one group share one mean and
# variance. `weight` and `bias` are still one number per *channel*, as in instance normalization.
#
# A `num_groups` that does not divide $C$ raises `ValueError`. The input may come out of a transpose, so that its
# memory is not contiguous.
#
# Two corner cases let you test yourself: one group is layer normalization over $(C, H, W)$, and $C$ groups are
# instance normalization.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A reshape can give each group a row of its own: which three sizes make the cells of a group the last dimension?
# Reshape back before the affine part. `view` demands contiguous memory, `reshape` does not.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# `num_groups` is how many groups there are, not how many channels one has. Groups are neighbors, and every sample
# has its own. The affine part belongs to single channels, so it waits until the shape is the old one again.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse a number that does not divide the channels. Reshape to samples, groups, and everything else in one. Mean
# and biased variance over the last dimension, subtract, divide, reshape back. Then give weight and bias the shape
# in which they meet the channels.
#
# </details>


# %% solution="group_norm"
def group_norm(
    x: torch.Tensor,
    num_groups: int,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Normalize each sample within groups of neighboring channels.

    x             (N, C, *), contiguous in memory or not
    num_groups    number of groups, a divisor of C; group g holds channels g * C / num_groups and those that follow
    weight, bias  (C,), or None
    returns       weight * (x - mean) / sqrt(variance + eps) + bias, of x's shape; the variance is the biased one

    Raises ValueError if num_groups does not divide C.
    """
    ### BEGIN SOLUTION
    num_samples, num_channels = x.shape[:2]
    if num_groups < 1 or num_channels % num_groups:
        raise ValueError(f"num_groups {num_groups} does not divide the {num_channels} channels of x")
    grouped = x.reshape(num_samples, num_groups, -1)
    mean = grouped.mean(-1, keepdim=True)
    variance = grouped.var(-1, keepdim=True, unbiased=False)
    y = ((grouped - mean) / torch.sqrt(variance + eps)).reshape(x.shape)
    per_channel = (1, -1) + (1,) * (x.dim() - 2)
    if weight is not None:
        y = y * weight.reshape(per_channel)
    if bias is not None:
        y = y + bias.reshape(per_channel)
    return y
    ### END SOLUTION


# %% grades="group_norm" points={"statistics of each group": 10, "weight and bias": 5, "gradients": 5, "variance and eps": 2, "arguments": 3}
x = torch.tensor([1.0, 3.0, 5.0, 7.0, 20.0, 20.0, 60.0, 60.0, 0.0, 8.0, 0.0, 0.0], dtype=torch.float64)
x = torch.stack([x, 3 * x + 1]).reshape(2, 6, 2)
x_before = x.clone()
try:
    y = group_norm(x, 3, eps=11.0)
except ValueError as error:
    raise AssertionError(
        f"x of shape (2, 6, 2) has one spatial dimension, and your function raises: {error}. "
        "Do you count on exactly two?"
    ) from error
assert isinstance(y, torch.Tensor) and y.shape == x.shape, (
    f"x has shape {tuple(x.shape)} and so should the result; yours is {getattr(y, 'shape', type(y).__name__)}"
)
known = {
    -0.713746: "That is what the unbiased variance gives.",
    -0.226653: "That is what eps outside of the root gives.",
    -0.288675: "That is instance normalization: the two channels of a group share one mean.",
    -0.672039: "That is one mean for the whole sample: layer normalization.",
    -1.027482: "That is what a group of channels 0 and 3 gives: groups are neighbors.",
    -0.987441: "That is a group of three channels: num_groups is the number of groups.",
    -1.000000: "That is one mean for all samples: each sample has its own.",
}
assert abs(y[0, 0, 0].item() + 0.75) < 1e-6, (
    "six channels in three groups: channels 0 and 1 of the first sample hold 1, 3, 5, 7, with mean 4 and variance 5, "
    f"so with eps=11 the first cell becomes -0.75; yours is {y[0, 0, 0].item():.6f}. {likely_cause(y[0, 0, 0], known)}"
)
assert torch.equal(x, x_before), "your function has changed x itself: a reshape may share its memory with x"
weight = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], dtype=torch.float64)
try:
    scaled = group_norm(x, 3, weight)
except RuntimeError as error:
    raise AssertionError(
        f"the weight has an entry for each channel (dimension 1 of x), and your function raises: {error}. Which "
        "dimension of x does your weight meet?"
    ) from error
factors = (scaled / group_norm(x, 3))[0, :, 0]
assert torch.allclose(factors, weight), (
    f"channel c should be scaled by weight[c], 1 to 6; yours are scaled by {factors.tolist()}. "
    "Groups share a mean, not a weight"
)
assert torch.allclose(group_norm(x, 3, bias=weight) - group_norm(x, 3), weight.reshape(1, 6, 1).expand_as(x)), (
    "a bias without a weight should be added to each cell of its channel"
)
features = torch.tensor([[1.0, 3.0, 5.0, 7.0]], dtype=torch.float64)
assert torch.allclose(group_norm(features, 1, eps=11.0), (features - 4) / 4), (
    "x of shape (N, C), with no dimension after the channels, should work too"
)
transposed = x.unsqueeze(-1).transpose(0, 2).contiguous().transpose(0, 2)
try:
    y_transposed = group_norm(transposed, 3, eps=11.0)
except RuntimeError as error:
    raise AssertionError(f"x whose memory is not contiguous (it went through a transpose) raises: {error}") from error
assert torch.allclose(y_transposed.squeeze(-1), y), (
    "x whose memory is not contiguous (it went through a transpose) gives something else than the same numbers in a row"
)
try:
    group_norm(x, 4)
    raised = "nothing"
except Exception as error:
    raised = type(error).__name__
assert raised == "ValueError", (
    f"6 channels do not split into 4 groups: that should raise ValueError; yours raises {raised}"
)
"group_norm: the visible checks pass"

# %% [markdown]
# ## Task: compare the four
#
# **Difficulty 2 of 3.** Met before: the table in *The idea*, and your three functions.
#
# Write `compare_normalizations(x, num_groups=4)`: a table with the rows `BatchNorm`, `LayerNorm`, `InstanceNorm`
# and `GroupNorm` (the index) for a batch `x` of shape $(N, C, H, W)$, as in training, without weights and biases.
# LayerNorm runs over $(C, H, W)$. Torch's own layers and functions are welcome here.
#
# | column | what it holds |
# |---|---|
# | `mean`, `std` | mean and standard deviation of all cells of the output |
# | `shape` | the output's shape, a tuple |
# | `num_statistics` | how many means are computed: count the sets $S$ |
# | `depends_on_batch` | `True` if a sample's output changes with the other samples, else `False` |
#
# <details><summary>Hint 1: a nudge</summary>
#
# `F.batch_norm(x, None, None, training=True)` is batch normalization in training without any state. You can
# *measure* the last column: change all samples but the first and look at the first one's output. A list of dicts,
# one a row, makes a `pd.DataFrame`, with `index=` the four names.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# A statistic is a mean, so the column counts *sets*, not the cells of one set: how many channels, samples, pairs
# or groups of a sample are there? Measure the last column on a copy, and change the companions, not the sample
# that you look at.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# For each of the four, in order, get the output of the batch as in training. Note its mean, its deviation, its
# shape as a tuple, and the number of sets, a product of sizes of `x`. Then get the output of a copy in which only
# the first sample is the same, and compare the first rows.
#
# </details>


# %% solution="compare_normalizations"
def compare_normalizations(x: torch.Tensor, num_groups: int = 4) -> pd.DataFrame:
    """Put the four normalizations of a batch side by side, in training mode and without affine parameters.

    x           (N, C, H, W)
    num_groups  number of GroupNorm's groups
    returns     index BatchNorm, LayerNorm, InstanceNorm, GroupNorm; columns mean, std (floats, of the whole output),
                shape (a tuple), num_statistics (an int: how many means are computed), depends_on_batch (a bool)
    """
    ### BEGIN SOLUTION
    num_samples, num_channels, height, width = x.shape
    normalizations = {
        "BatchNorm": (lambda x: F.batch_norm(x, None, None, training=True), num_channels),
        "LayerNorm": (lambda x: F.layer_norm(x, (num_channels, height, width)), num_samples),
        "InstanceNorm": (lambda x: F.instance_norm(x), num_samples * num_channels),
        "GroupNorm": (lambda x: F.group_norm(x, num_groups), num_samples * num_groups),
    }
    other_company = x.clone()
    other_company[1:] = 2 * other_company[1:] + 1
    rows = []
    for normalize, num_statistics in normalizations.values():
        y = normalize(x)
        changed = not torch.allclose(y[0], normalize(other_company)[0])
        rows.append(
            {
                "mean": y.mean().item(),
                "std": y.std().item(),
                "shape": tuple(y.shape),
                "num_statistics": num_statistics,
                "depends_on_batch": changed,
            }
        )
    return pd.DataFrame(rows, index=list(normalizations))
    ### END SOLUTION


# %% grades="compare_normalizations" points={"spread of the outputs": 8, "number of statistics": 4, "dependence on the batch": 4, "mean, std, shape and names": 2, "given groups and batch": 2}
x = torch.sin(torch.arange(4 * 6 * 5 * 3.0) ** 2).reshape(4, 6, 5, 3)
try:
    comparison = compare_normalizations(x, num_groups=3)
except (RuntimeError, ValueError) as error:
    raise AssertionError(
        f"with 6 channels and num_groups=3 your function raises: {error}. Who gets num_groups?"
    ) from error
assert isinstance(comparison, pd.DataFrame), (
    f"the result should be a pandas DataFrame; yours is {type(comparison).__name__}"
)
assert set(comparison.index) == {"BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm"}, (
    f"the index should hold the four names; yours is {comparison.index.tolist()}. "
    "Names in a column of their own are not an index"
)
absent = {"mean", "std", "shape", "num_statistics", "depends_on_batch"} - set(comparison.columns)
assert not absent, f"these columns are missing: {sorted(absent)}"
assert all(isinstance(entry, tuple) for entry in comparison["shape"]), (
    "each shape should be a tuple, such as (4, 6, 5, 3)"
)
batch_means = int(comparison.loc["BatchNorm", "num_statistics"])
assert batch_means == 6, (
    f"BatchNorm computes one mean per channel, 6 for this x; yours says {batch_means}. "
    f"{likely_cause(batch_means, {4: 'That is one per sample.', 60: 'That is how many cells share one mean.'})}"
)
group_means = int(comparison.loc["GroupNorm", "num_statistics"])
assert group_means == 12, (
    f"4 samples with 3 groups each make 12 means; yours says {group_means}. "
    f"{likely_cause(group_means, {3: 'Are samples kept apart?', 16: 'Do you use num_groups?', 4: 'Are groups?'})}"
)
assert all(abs(entry - 1) < 0.05 for entry in comparison["std"]), (
    f"for this x every output has a standard deviation near 1; yours are {comparison['std'].tolist()}. "
    "Is everything in training mode?"
)
assert all(isinstance(entry, bool | np.bool_) for entry in comparison["depends_on_batch"]), (
    "depends_on_batch should hold True or False"
)
"compare_normalizations: the visible checks pass"

# %% tags=["active-ipynb"]
# x = 5 + 3 * torch.randn(8, 16, 4, 4, generator=torch.Generator().manual_seed(1))
# table = compare_normalizations(x)
# display(table)
# spread = table["std"].max() - table["std"].min()
# print(f"The four standard deviations differ by at most {spread:.0e}.")

# %% [markdown]
# Look at `mean` and `std`: by what most tutorials print, you could not tell the four apart. The last two columns
# can.

# %% [markdown]
# ## Task: recommend one
#
# **Difficulty 1 of 3.** Met before: *Why so many?*, above.
#
# Turn the rules of thumb into a function `recommend_normalization(architecture, batch_size)`.
#
# | architecture | answer | because |
# |---|---|---|
# | `"rnn"`, `"transformer"` | `"layer"` | sequences of any length, one step at a time |
# | `"style_transfer"`, `"gan"` | `"instance"` | from image to image: each image's own contrast should go |
# | `"detection"`, `"segmentation"` | `"group"` | large images, so few in a batch |
# | `"cnn"`, batch size 16 or more | `"batch"` | enough samples for good statistics |
# | `"cnn"`, batch size below 16 | `"group"` | too few of them |
#
# A rule of thumb is a beginning, no law. `"gan"` means conditional image translation here (as CycleGAN does it);
# nets that make images out of noise have mostly used batch normalization, or none. And a `"transformer"` of today
# often has RMSNorm, a kind of layer normalization.
#
# Any other architecture raises `ValueError`, and so does a batch size below 1, whatever the architecture. The
# message names the argument and its value.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Check the arguments first. A dict answers the rows that do not need the batch size. What does a dict raise for a
# key that is not there?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# A batch size of 0 is wrong for a transformer, too: look at both arguments before you answer. Only the `cnn` asks
# for the batch size, and 16 itself is enough.
#
# </details>


# %% solution="recommend_normalization"
def recommend_normalization(architecture: str, batch_size: int) -> str:
    """The usual normalization, "batch", "layer", "instance" or "group", for an architecture and a batch size.

    Raises ValueError for an architecture that is not in the table above, and for a batch_size below 1.
    """
    ### BEGIN SOLUTION
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if architecture in ("rnn", "transformer"):
        return "layer"
    if architecture in ("style_transfer", "gan"):
        return "instance"
    if architecture in ("detection", "segmentation"):
        return "group"
    if architecture == "cnn":
        return "batch" if batch_size >= 16 else "group"
    raise ValueError(f"architecture {architecture!r} is not one that this function knows")
    ### END SOLUTION


# %% grades="recommend_normalization" points={"by architecture": 6, "at every batch size": 2, "cnn from 16 on": 1, "bad input": 1}
for architecture, batch_size, expected in [
    ("transformer", 64, "layer"),
    ("style_transfer", 4, "instance"),
    ("detection", 2, "group"),
    ("cnn", 128, "batch"),
    ("cnn", 4, "group"),
]:
    observed = recommend_normalization(architecture, batch_size)
    assert observed == expected, (
        f"for a {architecture} with batch size {batch_size} the table says {expected!r}; yours says {observed!r}"
    )
for architecture, batch_size in [("toaster", 32), ("cnn", 0)]:
    try:
        raised = f"nothing and returns {recommend_normalization(architecture, batch_size)!r}"
    except Exception as error:
        raised = type(error).__name__
    assert raised == "ValueError", (
        f"architecture {architecture!r} with batch size {batch_size} should raise ValueError; yours raises {raised}"
    )
"recommend_normalization: the visible checks pass"

# %% [markdown]
# ## Going further: AdaNorm
#
# **Difficulty 2 of 3.** Met before: layer normalization, above; gradients through statistics, exercise 4.
#
# Xu et al. (2019, section 4) found that the weight and bias of LayerNorm can make over-fitting worse, and that
# its worth lies in the *gradients* that flow through the mean and the variance. Their AdaNorm replaces weight and
# bias by a factor that the data sets:
#
# $$z = c\,(1 - k\,y)\odot y, \qquad y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \text{ over the last dimension}$$
#
# Large values are damped, negative ones are amplified. The factor $1 - k y$ counts as a constant in the backward
# pass: no gradient flows through it. Through $\mu$ and $\sigma^2$ the gradient does flow.
#
# Write `ada_norm(x, k=0.1, c=1.0, eps=1e-5)`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `detach()` gives the same numbers outside of the graph. Ask yourself for each of the two $y$ in the formula
# whether it is to be in or out.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Of the two $y$, the one in the factor is a constant, the other carries the gradient, through mean and variance
# as well. Large values are damped: which sign does that need? The last dimension only, whatever the shape.
#
# </details>


# %% solution="ada_norm"
def ada_norm(x: torch.Tensor, k: float = 0.1, c: float = 1.0, eps: float = 1e-5) -> torch.Tensor:
    """AdaNorm: c * (1 - k * y) * y, where y is x layer-normalized over its last dimension.

    x        (*, D)
    returns  of x's shape; the factor 1 - k * y is a constant for the backward pass
    """
    ### BEGIN SOLUTION
    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, keepdim=True, unbiased=False)
    y = (x - mean) / torch.sqrt(variance + eps)
    factor = 1 - k * y.detach()
    return c * factor * y
    ### END SOLUTION


# %% grades="ada_norm" points={"values": 3, "gradient": 1, "c, eps and input": 1}
given = torch.tensor([[1.0, 3.0, 5.0, 7.0]], dtype=torch.float64)
x = given.clone().requires_grad_()
ada_norm(given, k=0.5, c=2.0, eps=11.0)
assert torch.equal(given, x), (
    "ada_norm has changed the tensor that it was given: -= and methods that end in _ work in place"
)
z = ada_norm(x, k=0.5, c=2.0, eps=11.0)
expected = torch.tensor([[-2.0625, -0.5625, 0.4375, 0.9375]], dtype=torch.float64)
assert isinstance(z, torch.Tensor) and z.shape == x.shape, (
    f"x has shape (1, 4) and so should the result; yours is {getattr(z, 'shape', type(z).__name__)}"
)
assert torch.allclose(z, expected), (
    f"y is -0.75, -0.25, 0.25, 0.75 here, and 2 * (1 - 0.5 * y) * y is {expected[0].tolist()}; "
    f"yours is {[round(value, 4) for value in z[0].tolist()]}. "
    f"{likely_cause(z[0, 0], {-0.9375: 'That is what a plus before k gives.', -1.03125: 'That is half: where is c?'})}"
)
assert z.requires_grad, "no gradient flows at all: only the factor 1 - k * y is to be a constant"
(grad,) = torch.autograd.grad(z[0, 0], x)
known = {
    0.533203: "That is what you get when the gradient flows through the factor as well.",
    0.6875: "That is what you get when mean and variance are constants too: they belong to the graph.",
    0.114258: "That is what you get when the factor is in the graph and the other y is not.",
}
assert abs(grad[0, 0].item() - 0.4189453125) < 1e-6, (
    "the derivative of z[0] by x[0] should be 0.418945, with the factor as a constant; "
    f"yours is {grad[0, 0].item():.6f}. "
    f"{likely_cause(grad[0, 0], known)}"
)
"ada_norm: the visible checks pass"

# %% [markdown]
# ## Going further: CrossNorm
#
# **Difficulty 2 of 3.** Met before: instance normalization, above.
#
# Mean and standard deviation of a channel hold much of an image's *style*: its light, its contrast, its color.
# Instance normalization throws them away. CrossNorm (Tang et al. 2021) exchanges them between the images of a
# batch, as an augmentation for training: what an image shows stays, and it appears in the style of another one.
#
# Write `cross_norm(x, permutation, eps=1e-5)` for `x` of shape `(N, C, *spatial)`, where `permutation` is a
# tensor of the $N$ sample numbers in some order. Each channel of sample $i$ is normalized by its own statistics,
# and takes the mean and the standard deviation of the same channel of sample $p_i$, where $p$ is the permutation:
#
# $$y_{i,c} = \frac{x_{i,c} - \mu_{i,c}}{\sigma_{i,c}}\,\sigma_{p_i,c} + \mu_{p_i,c},
# \qquad \sigma = \sqrt{\text{variance} + \epsilon}$$
#
# With the identity as permutation nothing changes, so the same $\sigma$ has to stand in both places.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `mean` and `std` have one row per sample. Indexing a tensor by another one, `mean[permutation]`, picks rows in a
# new order. Which of the tensors are to be picked, and which stay with sample $i$?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# What an image shows stays at its place $i$; what comes from elsewhere are two numbers a channel, and both come
# from the same sample. The permutation says *from where* sample $i$ takes them, not where it sends its own.
#
# </details>


# %% solution="cross_norm"
def cross_norm(x: torch.Tensor, permutation: torch.Tensor, eps: float = 1e-5) -> torch.Tensor:
    """CrossNorm: each channel of sample i takes mean and standard deviation of that channel of sample permutation[i].

    x            (N, C, *spatial)
    permutation  (N,), the numbers 0 ... N-1 in some order
    returns      of x's shape
    """
    ### BEGIN SOLUTION
    axes = tuple(range(2, x.dim()))
    mean = x.mean(axes, keepdim=True)
    std = torch.sqrt(x.var(axes, keepdim=True, unbiased=False) + eps)
    return (x - mean) / std * std[permutation] + mean[permutation]
    ### END SOLUTION


# %% grades="cross_norm" points={"mean and deviation of the other": 3, "direction": 1, "content, equal values and input": 1}
plane = torch.tensor([[1.0, 3.0], [5.0, 7.0]], dtype=torch.float64)
x = torch.stack([plane, 10 * plane, plane.T + 100]).reshape(3, 1, 2, 2)
y = cross_norm(x, torch.tensor([1, 2, 0]), eps=1e-12)
assert isinstance(y, torch.Tensor) and y.shape == x.shape, (
    f"x has shape {tuple(x.shape)} and so should the result; yours is {getattr(y, 'shape', type(y).__name__)}"
)
means = [round(value, 3) for value in y.mean((1, 2, 3)).tolist()]
expected = [round(value, 3) for value in x.mean((1, 2, 3))[[1, 2, 0]].tolist()]
known = {
    104.0: "Sample 0 takes from sample permutation[0], not from the one that has a 0 in the permutation.",
    4.0: "That is its own mean: the style should come from another sample, the content stay.",
}
assert means == expected, (
    f"with the permutation 1, 2, 0 the samples' means become {expected}; yours are {means}. "
    f"{likely_cause(means[0], known)}"
)
assert torch.allclose(y[0], 10 * plane), (
    "sample 0 in the style of sample 1 is 10 times itself here: 10, 30, 50, 70; "
    f"yours is {[round(value, 3) for value in y[0].flatten().tolist()]}. "
    "Which standard deviation does it lose, and which one does it take? Is it a standard deviation, and no variance?"
)
assert torch.allclose(y[2], plane.T), (
    "sample 2 in the style of sample 0 is 1, 5, 3, 7; "
    f"yours is {[round(value, 3) for value in y[2].flatten().tolist()]}. The content should stay where it is"
)
assert torch.allclose(cross_norm(x, torch.arange(3)), x), "with the identity as permutation nothing should change"
flat = torch.tensor([2.0, 2.0, 3.0, 5.0], dtype=torch.float64).reshape(2, 1, 1, 2)
assert torch.isfinite(cross_norm(flat, torch.tensor([1, 0]))).all(), (
    "a channel of equal values gives nan or infinity: where does eps go?"
)
"cross_norm: the visible checks pass"

# %% tags=["active-ipynb"]
# chosen = load_digits().images[[0, 1, 2, 3]] / 16
# contrast, brightness = np.array([1, 0.25, 0.5, 0.15]), np.array([0, 0.7, 0.25, 0.1])
# lit = torch.tensor(chosen * contrast[:, None, None] + brightness[:, None, None])[:, None]
# permutation = torch.tensor([1, 2, 3, 0])
# crossed = cross_norm(lit, permutation)
#
# fig, axes = plt.subplots(2, 4, figsize=(7.5, 4.3))
# for i in range(4):
#     for row, batch in enumerate([lit, crossed]):
#         axes[row, i].imshow(batch[i, 0], cmap="gray", vmin=0, vmax=1)
#         axes[row, i].set_axis_off()
#     axes[0, i].set_title(f"digit {i} in its own light", fontsize=9)
#     axes[1, i].set_title(f"... in the light of digit {permutation[i]}", fontsize=9)
# fig.suptitle("CrossNorm exchanges the light and keeps the content")
# plt.show()

# %% [markdown]
# ## Predict, then measure: which cells share a mean?
#
# Wu and He (2018, figure 2) explain normalization by a picture that is now in every course: a cube of cells, with
# those colored that share a mean. You do not have to draw it by hand: your code knows it. Cell $j$ helps to set
# the mean that output $i$ is normalized with exactly when $\partial y_i / \partial x_j \neq 0$. So one row of the
# Jacobian is the picture.
#
# Take $x$ of shape $(N, C, H, W) = (4, 6, 3, 3)$, 216 cells in all, and one cell of the output. How many input
# cells does it depend on? GroupNorm has 3 groups here. Write down four numbers before you run on.

# %% tags=["active-ipynb"]
# # A dict of four whole numbers, such as {"BatchNorm": 1, "LayerNorm": 1, "InstanceNorm": 1, "GroupNorm": 1}.
# predicted_cells = None


# %%
def footprint(normalize, x, cell):
    """The input cells that one cell of the output depends on, by a row of the Jacobian."""
    x = x.clone().requires_grad_()
    (row,) = torch.autograd.grad(normalize(x)[cell], x)
    return row != 0


# %% tags=["active-ipynb"]
# normalizations = {
#     "BatchNorm": nn.BatchNorm2d(6, affine=False, track_running_stats=False),
#     "LayerNorm": lambda x: layer_norm(x, x.shape[1:]),
#     "InstanceNorm": instance_norm,
#     "GroupNorm": lambda x: group_norm(x, 3),
# }
#
#
# x = torch.randn(4, 6, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
# cell = (0, 2, 1, 1)
# footprints = {name: footprint(normalize, x, cell) for name, normalize in normalizations.items()}
#
# fig, axes = plt.subplots(1, 4, figsize=(9, 3.6), subplot_kw={"projection": "3d"})
# for ax, (name, shared) in zip(axes, footprints.items(), strict=True):
#     colors = np.where(shared.numpy(), "#0072B2", "#EEEEEE")
#     colors[cell] = "#F0E442"
#     cube = np.moveaxis(colors.reshape(4, 6, 9), 0, 1)[:, :, ::-1]
#     ax.voxels(np.ones(cube.shape), facecolors=cube, edgecolor="#666666", linewidth=0.5, shade=False)
#     ax.set_box_aspect((6, 4, 5), zoom=1.1)
#     ax.view_init(22, -60)
#     ax.set_axis_off()
#     ax.text(3, -1.2, -1.6, "C", ha="center")
#     ax.text(7.2, 2, -1.0, "N", ha="center")
#     ax.text2D(0, 0.5, "H, W", rotation=90, ha="center", va="center", transform=ax.transAxes)
#     ax.set_title(f"{name}: {int(shared.sum())} cells", fontsize=10)
# fig.suptitle("Blue: the cells that set the mean of the yellow one, from the Jacobian of your code")
# plt.show()
# if (predicted := prediction("predicted_cells", dict)) is not None:
#     correct = [name for name, shared in footprints.items() if int(shared.sum()) == predicted.get(name)]
#     print(f"{len(correct)} of your 4 predictions hold: {', '.join(correct) or 'none'}.")
# alone = [name for name, shared in footprints.items() if not shared[1:].any()]
# print(f"These stay within their own sample: {', '.join(alone)}.")

# %% [markdown]
# ## What each normalization forgets
#
# A mean that is subtracted is gone: the network behind cannot see it any more. The data below differ between
# samples (think of the light in which each picture was taken), between channels, and from position to position.
# The bars show which share of the variance has which origin, before and after your functions.

# %% tags=["active-ipynb"]
# generator = torch.Generator().manual_seed(3)
# x = sum(
#     torch.randn(shape, dtype=torch.float64, generator=generator)
#     for shape in [(64, 1, 1, 1), (1, 6, 1, 1), (64, 6, 6, 6)]
# )
# normalizations["BatchNorm"] = nn.BatchNorm2d(6, affine=False, track_running_stats=False)
#
#
# def shares(x):
#     """How much of the variance of x lies between samples and between channels."""
#     between_samples = x.mean((1, 2, 3)).var(unbiased=False)
#     between_channels = x.mean((0, 2, 3)).var(unbiased=False)
#     return [float(part / x.var(unbiased=False)) for part in (between_samples, between_channels)]
#
#
# survives = {"input": shares(x)} | {name: shares(normalize(x)) for name, normalize in normalizations.items()}
# fig, ax = plt.subplots(figsize=(8, 3.6))
# positions = np.arange(len(survives))
# for offset, hatch, label, column in [(-0.2, "", "between samples", 0), (0.2, "///", "between channels", 1)]:
#     heights = [100 * pair[column] for pair in survives.values()]
#     bars = ax.bar(
#         positions + offset,
#         heights,
#         0.38,
#         hatch=hatch,
#         edgecolor="white",
#         color=["#0072B2", "#D55E00"][column],
#         label=label,
#     )
#     ax.bar_label(bars, [f"{height:.0f}%" for height in heights], padding=2, fontsize=9)
# ax.set_xticks(positions, list(survives))
# ax.set(
#     ylabel="share of the variance (%)", title="What survives: the differences that are left after each normalization"
# )
# ax.set_ylim(0, 1.2 * ax.get_ylim()[1])
# ax.legend(frameon=False)
# plt.show()
# blind = [name for name, (samples, channels) in survives.items() if max(samples, channels) < 0.005]
# print(f"No trace of either difference is left after: {', '.join(blind) or 'none of them'}.")

# %% [markdown]
# That is why instance normalization suits style transfer, where the light of a picture should go, and why it
# hurts where the strength of a response is what counts.
#
# ## Predict, then measure: accuracy against batch size
#
# Wu and He (2018, figure 1) trained a ResNet-50 on ImageNet with 32 down to 2 images per batch on each GPU. Here
# is the same experiment in a few seconds: a small net on 8 x 8 digits, once with torch's batch normalization and
# once with your `group_norm` (8 groups of 8 features). Every run sees the same number of samples; the learning
# rate grows with the batch size, as in the paper. Test accuracy is measured as it is used: one sample at a time
# would give the same, since BatchNorm now takes its running statistics.
#
# Write down two numbers: the test accuracy of batch normalization at batch size 2 (chance is 0.1), and the
# smallest of the batch sizes 2, 4, 8, 16, 32 at which it does at least as well as group normalization.

# %% tags=["active-ipynb"]
# predicted_accuracy_at_2 = None  # a number from 0 to 1, such as 0.5
# predicted_crossing = None  # one of the batch sizes, such as 2


# %%
def digits_as_tensors():
    """The 1797 images, as rows of 64 numbers from 0 to 1, and their labels."""
    digits = load_digits()
    return torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)


class GroupNormLayer(nn.Module):
    """Your group_norm with trainable weight and bias."""

    def __init__(self, num_groups, num_channels):
        super().__init__()
        self.num_groups = num_groups
        self.weight = nn.Parameter(torch.ones(num_channels))
        self.bias = nn.Parameter(torch.zeros(num_channels))

    def forward(self, x):
        return group_norm(x, self.num_groups, self.weight, self.bias)


# %% tags=["active-ipynb"]
# images, labels = digits_as_tensors()
#
#
# def test_accuracy(make_norm, batch_size, seed, epochs=2):
#     """Train on 1200 digits, test on the other 597."""
#     torch.manual_seed(seed)
#     order = torch.randperm(len(images))
#     train, test = order[:1200], order[1200:]
#     layers = [nn.Linear(64, 64), make_norm(), nn.ReLU(), nn.Linear(64, 64), make_norm(), nn.ReLU(), nn.Linear(64, 10)]
#     net = nn.Sequential(*layers)
#     optimizer = torch.optim.SGD(net.parameters(), lr=0.1 * batch_size / 32, momentum=0.9)
#     schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.01, epochs * len(train) // batch_size)
#     for _ in range(epochs):
#         # Equal batches: 1200 is not a multiple of 32, and the rest is left for the next epoch.
#         for batch in train[torch.randperm(len(train))].split(batch_size):
#             if len(batch) == batch_size:
#                 optimizer.zero_grad()
#                 F.cross_entropy(net(images[batch]), labels[batch]).backward()
#                 optimizer.step()
#                 schedule.step()
#     net.eval()
#     with torch.no_grad():
#         return (net(images[test]).argmax(1) == labels[test]).double().mean().item()
#
#
# batch_sizes = [2, 4, 8, 16, 32]
# makers = {"BatchNorm": lambda: nn.BatchNorm1d(64), "GroupNorm (yours)": lambda: GroupNormLayer(8, 64)}
# accuracy = {
#     name: np.array([[test_accuracy(make, size, seed) for seed in range(3)] for size in batch_sizes])
#     for name, make in makers.items()
# }

# %% tags=["active-ipynb"]
# fig, ax = plt.subplots(figsize=(8, 4))
# for (name, values), linestyle in zip(accuracy.items(), ["-", "--"], strict=True):
#     (line,) = ax.plot(batch_sizes, values.mean(1), linestyle=linestyle, label=name)
#     ax.fill_between(batch_sizes, values.min(1), values.max(1), color=line.get_color(), alpha=0.15, linewidth=0)
# if (predicted := prediction("predicted_accuracy_at_2")) is not None:
#     ax.plot(2, predicted, marker="*", markersize=14, color="black", linestyle="", label="your prediction")
# ax.set_xscale("log", base=2)
# ax.set_xticks(batch_sizes, batch_sizes)
# ax.set(
#     xlabel="batch size (samples)",
#     ylabel="test accuracy",
#     title="Who needs company? Three seeds each, shaded from worst to best",
# )
# ax.legend(frameon=False, loc="lower right")
# plt.show()
#
# batch_mean, group_mean = (values.mean(1) for values in accuracy.values())
# crossing = next((size for size, b, g in zip(batch_sizes, batch_mean, group_mean, strict=True) if b >= g), None)
# print(f"At batch size 2 BatchNorm reaches {batch_mean[0]:.3f}, GroupNorm {group_mean[0]:.3f}.")
# if predicted is not None:
#     print(f"  You predicted {predicted:g} for BatchNorm.")
# print(f"BatchNorm catches up at batch size {crossing}.")
# if (predicted := prediction("predicted_crossing")) is not None:
#     print(f"  You predicted {predicted}.")
# print(f"At batch size 32 BatchNorm minus GroupNorm is {batch_mean[-1] - group_mean[-1]:+.3f} (means of 3 seeds).")

# %% [markdown]
# Read the last line as well. GroupNorm is not the better normalization: it is the one that does not care about
# the batch size. Where batches are large enough, the usual finding is that batch normalization holds its own. One
# reason that is often given is the noise of the first picture: a little of it acts as a regularizer.

# %% [markdown]
# ## Something real: a transformer that reads, with LayerNorm and with RMSNorm
#
# A small transformer learns to guess the next character of English text: what scikit-learn says about its own data
# sets. Its seven normalizations are your `layer_norm` (or torch's, if yours is not right yet), an RMSNorm, or nothing.
# Two starts each; the same batches and steps for all. What do you expect RMSNorm to lose by leaving out the mean?

# %% tags=["active-ipynb"]
# from sklearn import datasets
#
#
# def layer_norm_is_right():
#     x = torch.randn(5, 3, 8)
#     try:
#         return torch.allclose(layer_norm(x, (8,)), F.layer_norm(x, (8,)), atol=1e-5)
#     except Exception:
#         return False
#
#
# class Normalization(nn.Module):
#     """One of three: LayerNorm, RMSNorm, or nothing, with a trainable weight (and bias)."""
#
#     def __init__(self, kind, width):
#         super().__init__()
#         self.kind, self.weight = kind, nn.Parameter(torch.ones(width))
#         self.bias = nn.Parameter(torch.zeros(width)) if kind == "LayerNorm" else None
#
#     def forward(self, x):
#         if self.kind == "LayerNorm":
#             return normalize(x, x.shape[-1:], self.weight, self.bias)
#         if self.kind == "RMSNorm":
#             return self.weight * x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()
#         return x
#
#
# class Block(nn.Module):
#     """Attention to what came before, and two layers, each added to what came in."""
#
#     def __init__(self, kind, width):
#         super().__init__()
#         self.first, self.second = Normalization(kind, width), Normalization(kind, width)
#         self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
#         self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
#
#     def forward(self, x):
#         parts = self.mix(self.first(x)).chunk(3, -1)
#         query, key, value = (part.unflatten(-1, (4, -1)).transpose(1, 2) for part in parts)
#         seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
#         x = x + self.out(seen.transpose(1, 2).flatten(2))
#         return x + self.think(self.second(x))
#
#
# class Reader(nn.Module):
#     """For each character, the logits of the next one."""
#
#     def __init__(self, kind, width=32, depth=3):
#         super().__init__()
#         self.letters, self.places = nn.Embedding(len(alphabet), width), nn.Embedding(length, width)
#         self.blocks = nn.Sequential(*[Block(kind, width) for _ in range(depth)], Normalization(kind, width))
#         self.head = nn.Linear(width, len(alphabet))
#
#     def forward(self, x):
#         return self.head(self.blocks(self.letters(x) + self.places.weight))
#
#
# def read(kind, seed, steps=150):
#     """The loss of each step, and that on text which was not trained on."""
#     torch.manual_seed(seed)
#     net, losses = Reader(kind), []
#     optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
#     for _ in range(steps):
#         rows = known[torch.randint(len(known) - length, (16, 1)) + torch.arange(length + 1)]
#         loss = F.cross_entropy(net(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
#         optimizer.zero_grad()
#         loss.backward()
#         optimizer.step()
#         losses.append(loss.item())
#     rows = unknown[: len(unknown) // (length + 1) * (length + 1)].view(-1, length + 1)
#     with torch.no_grad():
#         return losses, F.cross_entropy(net(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten()).item()
#
#
# normalize = layer_norm if layer_norm_is_right() else F.layer_norm
# print("LayerNorm is", "yours." if normalize is layer_norm else "torch's: yours is not right yet.")
# names = ["breast_cancer", "diabetes", "digits", "iris", "wine"]
# text = "".join(getattr(datasets, f"load_{name}")().DESCR for name in names)
# alphabet, length = sorted(set(text)), 32
# codes = torch.tensor([alphabet.index(letter) for letter in text])
# known, unknown = codes[: len(codes) * 9 // 10], codes[len(codes) * 9 // 10 :]
# readers = {kind: [read(kind, seed) for seed in range(2)] for kind in ["LayerNorm", "RMSNorm", "nothing"]}
#
# fig, ax = plt.subplots(figsize=(8, 4))
# for (kind, found), linestyle in zip(readers.items(), ["-", "--", ":"]):
#     curve = np.mean([losses for losses, _ in found], axis=0).reshape(-1, 10).mean(1)
#     ax.plot(range(5, 155, 10), curve, linestyle, label=kind, markersize=5)
# ax.axhline(np.log(len(alphabet)), color="0.4", linestyle="-.", linewidth=1, marker="")
# ax.text(150, np.log(len(alphabet)) + 0.04, "guessing", ha="right", color="0.3")
# ax.set(xlabel="step", ylabel="cross-entropy of the next character (nats)", ylim=(1.9, None))
# ax.set_title(f"A transformer reads {len(known)} characters: the mean of two starts")
# ax.legend()
# plt.show()
#
# unseen = {kind: np.array([loss for _, loss in found]) for kind, found in readers.items()}
# for kind, losses in unseen.items():
#     print(f"{kind}: {losses.mean():.2f} nats on unseen text ({losses.min():.2f} and {losses.max():.2f}).")
# gap, spread = abs(unseen["RMSNorm"].mean() - unseen["LayerNorm"].mean()), max(np.ptp(one) for one in unseen.values())
# print(f"RMSNorm and LayerNorm differ by {gap:.3f}, two starts of one kind by up to {spread:.3f}.")

# %% [markdown]
# Compare the last two numbers before you name a winner. Subtracting the mean is the part of LayerNorm that this net
# does not seem to need; and with three blocks it can even do without any normalization. Make it deeper, or its learning
# rate larger, and look who gives up first.
#
# ## Questions to think about
#
# 1. In the Jacobian of BatchNorm other samples' cells are not zero. What follows for a loss in which each sample
#    should be independent of the others, as in contrastive learning, where a network can cheat by telling who
#    shares its batch? Which of the four would you use?
# 2. In a convolutional net BatchNorm averages over $N \cdot H \cdot W$ cells. At which of its layers would you
#    expect a batch size of 2 to hurt most, the early ones with large maps or the late ones with small maps?
#    Change the experiment above and look.
# 3. Layer normalization over $(C, H, W)$ and over $C$ alone, at each position, are both called LayerNorm. Draw
#    the footprint of the second one by hand, then by `footprint`. Which of the two lets a network still see that
#    one corner of an image is brighter than the other?
#
# ## Further, if you are done
#
# Do transformers need a mean or a root at all? Replace every normalization of the transformer in the last figure by
# $\gamma \tanh(\alpha x) + \beta$ with a trainable number $\alpha$, and see how far it comes. J. Zhu, X. Chen, K.
# He, Y. LeCun, Z. Liu, *Transformers without Normalization* (CVPR 2025), tried it on large ones.
#
# ## Where to read on
#
# * J. L. Ba, J. R. Kiros, G. Hinton (2016), *Layer Normalization*. Section 5 is a table of which changes of
#   weights and data each normalization cannot see.
# * D. Ulyanov, A. Vedaldi, V. Lempitsky (2016), *Instance Normalization: The Missing Ingredient for Fast
#   Stylization*. Four pages; one change of axes made fast style transfer work.
# * Y. Wu, K. He (2018), *Group Normalization*. The cube, the curve over batch sizes, and what happens on
#   detection and video.
# * B. Zhang, R. Sennrich (2019), *Root Mean Square Layer Normalization*. What is left of LayerNorm without the mean.
# * J. Xu, X. Sun, Z. Zhang, G. Zhao, J. Lin (2019), *Understanding and Improving Layer Normalization*. Takes
#   LayerNorm apart: what detaching mean and variance costs, and AdaNorm.
# * Z. Tang, Y. Gao, Y. Zhu, Z. Zhang, M. Li, D. Metaxas (2021), *CrossNorm and SelfNorm for Generalization under
#   Distribution Shifts*. Exchanging statistics as an augmentation.
