# %% [markdown]
# # Mixup and CutMix
#
# A network can learn sixty points by heart and then be certain of everything, everywhere. In this exercise you train it
# on what lies *between* its examples instead: on blends of two images and on collages of two images, with labels that
# say how much of each there is. Then you measure what that buys, and where it does harm.
#
# You will be able to
#
# * mix a batch with a shuffled copy of itself, and draw all randomness from a generator that you are given,
# * write the loss for a mixed label in two ways, and show that they are one,
# * cut a random box, clip it at the border, and correct the label for what was really pasted,
# * read a reliability curve: does a network that says 80 % get 80 % right?
# * say when mixup improves such a curve and when it spoils it.
#
# Time: about 90 minutes. Builds on cross-entropy and on exercise 6 (dropout), another way to keep a network from
# learning by heart.

# %%
import math
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import make_moons
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
# The next cell holds what all experiments share. There is nothing to fill in. Read `reliability`: it sorts predictions
# by their *confidence*, the probability that the network gives to its own answer, into ten equal bins, and asks in
# each bin how many of the answers are right. For a *calibrated* network the two agree. The *expected calibration error*
# (ECE) is the mean distance between them, over all predictions.


# %%
def moons(count, seed):
    """`count` points in two classes that overlap a little, as float32 points (count, 2) and labels."""
    points, labels = make_moons(count, noise=0.25, random_state=seed)
    return torch.tensor(points, dtype=torch.float32), torch.tensor(labels)


def plain_loss(net, x, y):
    """The cross-entropy of a batch as it is."""
    return F.cross_entropy(net(x), y)


def trained_net(x, y, classes, loss=plain_loss, epochs=400, batch_size=60, width=64, learning_rate=0.01, seed=0):
    """A ReLU net with two hidden layers, trained with Adam on `loss(net, x, y)` of every batch."""
    torch.manual_seed(seed)
    hidden = [nn.Linear(x[0].numel(), width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
    net = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, classes))
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(batch_size):
            optimizer.zero_grad()
            loss(net, x[batch], y[batch]).backward()
            optimizer.step()
    return net


@torch.no_grad()
def probabilities(net, x):
    """The probability of each class for each row of x, in float64."""
    return net(x).double().softmax(1)


def reliability(probability, y, bins=10):
    """Per bin of confidence that is not empty: the mean confidence, the share of right answers, the share of rows."""
    confidence, answer = probability.max(1)
    right = (answer == y).double()
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    rows = [bin_of == number for number in range(bins) if (bin_of == number).any()]
    return torch.tensor([[confidence[row].mean(), right[row].mean(), row.double().mean()] for row in rows]).T


def scores(probability, y):
    """The accuracy, the mean confidence, the cross-entropy in nats, and the ECE."""
    confidence, right, share = reliability(probability, y)
    return {
        "accuracy": (share * right).sum().item(),
        "confidence": (share * confidence).sum().item(),
        "cross-entropy": F.nll_loss(probability.clamp_min(1e-30).log(), y).item(),
        "ECE": (share * (confidence - right).abs()).sum().item(),
    }


def draw_map(panel, net, x, y):
    """The probability of class 1 over the plane, the border between the classes, and the training points."""
    shades = LinearSegmentedColormap.from_list("classes", ["#D55E00", "#FFFFFF", "#0072B2"])
    across, up = torch.linspace(-1.9, 2.9, 90), torch.linspace(-1.4, 1.9, 70)
    chance = probabilities(net, torch.cartesian_prod(across, up))[:, 1].reshape(90, 70).T
    panel.contourf(across, up, chance, levels=[0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1], cmap=shades, alpha=0.7)
    panel.contour(across, up, chance, levels=[0.01, 0.99], colors="black", linewidths=0.8, linestyles=":")
    panel.contour(across, up, chance, levels=[0.5], colors="black", linewidths=1.5)
    for label, marker, color in [(0, "s", "#D55E00"), (1, "o", "#0072B2")]:
        panel.scatter(*x[y == label].T, marker=marker, s=16, c=color, edgecolors="black", linewidths=0.5)
    panel.set(xlabel="first feature", ylabel="second feature", aspect="equal")
    panel.grid(False)


# %% tags=["active-ipynb"]
# few_x, few_y = moons(60, seed=1)
# many_x, many_y = moons(4000, seed=101)
# net = trained_net(few_x, few_y, classes=2, seed=1)
# found = probabilities(net, many_x)
# confidence, answer = found.max(1)
# wrong = answer != many_y
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=[1.25, 1])
# draw_map(left, net, few_x, few_y)
# known = (probabilities(net, few_x).argmax(1) == few_y).double().mean()
# left.set_title(f"{100 * known:.0f} % right on the 60 points it was trained on", fontsize=10)
# edges = torch.linspace(0.5, 1, 11)
# right.hist([confidence[~wrong], confidence[wrong]], bins=edges, color=["#0072B2", "#D55E00"],
#            hatch=["", "//"], edgecolor="white", label=["right", "wrong"])
# right.set(xlabel="confidence", ylabel="number of 4000 new points", yscale="log")
# accuracy, trust = 100 * (~wrong).double().mean(), 100 * confidence.mean()
# right.set_title(f"{accuracy:.0f} % right on new ones, {trust:.0f} % sure", fontsize=10)
# right.legend(loc="upper left")
# sure = 100 * (confidence[wrong] > 0.99).double().mean()
# figure.suptitle(f"Learned by heart: {sure:.0f} % of its mistakes are made with more than 99 % confidence")
# plt.show()

# %% [markdown]
# The border (solid) winds its way around single points, and between the two dotted lines, where the network admits any
# doubt at all, there is hardly any room. The data overlap; the network has not noticed. Nobody ever asked it what it
# thinks *between* two examples.
#
# ## The idea
#
# So ask. Take two examples $(x_i, y_i)$ and $(x_j, y_j)$, with the labels written as one-hot vectors, draw a number
# $\lambda$ between 0 and 1, and train on the mixture
#
# $$\tilde x = \lambda x_i + (1 - \lambda) x_j, \qquad \tilde y = \lambda y_i + (1 - \lambda) y_j, \qquad
# \lambda \sim \operatorname{Beta}(\alpha, \alpha).$$
#
# This is *mixup* (Zhang, Cissé, Dauphin, Lopez-Paz: *mixup: Beyond Empirical Risk Minimization*, ICLR 2018, section
# 2). Of all the things that a network could do between two examples, it is asked for the simplest: go from one answer
# to the other in a straight line. A network that is certain of both ends then has to be in doubt halfway. The number
# $\alpha$ says how far from the examples you go: near 0 almost every $\lambda$ is close to 0 or 1, with $\alpha = 1$
# all values are equally likely, and with a large $\alpha$ nearly everything is half and half. For
# ImageNet the authors recommend 0.1 to 0.4.
#
# **Where does the partner come from?** From the same batch: shuffle it, and mix each example with the one that has
# taken its place. That costs one random permutation and no second pass through the data.
#
# **What is the loss of a mixed label?** Cross-entropy is linear in the label, so
#
# $$\ell(p, \lambda y_i + (1 - \lambda) y_j) = \lambda\,\ell(p, y_i) + (1 - \lambda)\,\ell(p, y_j),$$
#
# and you need no one-hot vectors: evaluate the loss twice and mix the two numbers.
#
# **CutMix** (Yun and others: *CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features*,
# ICCV 2019, section 3) mixes pixels instead of colors. Blended images are ghosts that no camera ever sees. CutMix
# pastes a box from image $j$ into image $i$, so every pixel stays real, and $\lambda$ is the share of pixels that
# image $i$ keeps. A box whose sides are $\sqrt{1 - \lambda}$ of the image's covers the share $1 - \lambda$ of it, as
# long as it fits inside. Its center is uniform over the image, so often it sticks out, and what sticks out is cut off.
# Then the label has to follow the picture: $\lambda$ is computed anew, from the box that was really pasted.
#
# ## Conventions
#
# | Question | What you may meet elsewhere | Here |
# |---|---|---|
# | Which image has the weight $\lambda$ | fastai: always the one with more of it | `x`; its partner has $1 - \lambda$ |
# | How many $\lambda$ | fastai: one for each example | one for the batch, as in the authors' code |
# | Partner | torchvision: the neighbor in the batch (`roll`) | by a random permutation; it may be the image itself |
# | Labels | torchvision, Keras: one soft label an example | `y_a`, `y_b` and $\lambda$; or by `soft_targets` |
# | $\alpha = 0$ | numpy's `beta` refuses it | $\lambda = 1$: nothing is mixed |
# | $\alpha < 0$ | often silently no mixing | `ValueError` |
# | Order of a box | $(x_1, y_1, x_2, y_2)$ in many places | `(top, bottom, left, right)`: rows, then columns |
# | Last row and column of a box | sometimes part of it | half-open, like a slice: the first outside |
#
# ## Where the randomness comes from
#
# Every random number is drawn from `rng`, a `numpy.random.Generator`: it has the beta distribution, permutations and
# uniform numbers in one object. `rng=None` means a fresh one, which numpy seeds from the operating system. Neither
# numpy's nor torch's global generator is read, and nobody seeds them: that belongs to whoever calls you.
#
# How many numbers you draw, and in which order, is up to you: no test compares your draws with somebody else's. Tests
# give you images that show what you drew, or look at hundreds of draws at once, and a right answer fails them by chance
# less than once in a billion times.

# %% [markdown]
# ## Task: mix a batch
#
# **Difficulty 2 of 3.** Met before: *The idea*, above; a generator that is given to you, exercise 2.
#
# Write `mixup_data(x, y, alpha=1.0, rng=None)`. It returns four things: `mixed_x`, `y_a`, `y_b` and `lam`.
#
# * One `lam` from $\operatorname{Beta}(\alpha, \alpha)$ for the whole batch, as a plain `float`. If `alpha` is 0, it is
#   1.0. If `alpha` is negative, raise `ValueError`, naming `alpha` and its value.
# * One random permutation $\pi$, every order equally likely. Row $k$ of `mixed_x` is
#   $\lambda x_k + (1 - \lambda) x_{\pi(k)}$.
# * `y_a` are the labels `y`, and `y_b` are the labels of the partners.
# * `x` may have any shape `(N, ...)`: rows of features, images, or just `N` numbers. The mixture has the shape and the
#   dtype of `x`, and neither `x` nor `y` is changed.
#
# <details><summary>Hint 1: one line for `rng`</summary>
#
# `np.random.default_rng(...)` accepts a seed, or None, or a generator. Look up what it does with a generator.
#
# </details>
#
# <details><summary>Hint 2: the permutation</summary>
#
# The generator has a method that shuffles the numbers from 0 to $N - 1$ and returns them as an array. A tensor wants to
# be indexed with a tensor: `torch.from_numpy` makes one. The *same* permutation has to pick images and labels.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse a negative `alpha`. Get a generator from `rng`. `lam` is 1 when `alpha` is 0, otherwise one draw, as a
# plain float, so that it cannot change a dtype. Draw one permutation and make a tensor of it. Then the mixture of
# `x` and the reordered `x`, the labels, the reordered labels, and `lam`.
#
# </details>


# %% solution="mixup_data"
def mixup_data(
    x: torch.Tensor, y: torch.Tensor, alpha: float = 1.0, rng: np.random.Generator | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """Mix every example of a batch with a random partner: lam parts of itself, 1 - lam parts of the partner.

    x: (N, ...) of floats; y: (N,) labels. Neither is changed.
    alpha: lam is drawn once from Beta(alpha, alpha); 1.0 if alpha is 0. Raises ValueError if alpha is negative.
    rng: where all draws come from; None means a fresh numpy generator.
    Returns (mixed_x, y_a, y_b, lam): like x, the labels y, the labels of the partners, a float.
    """
    ### BEGIN SOLUTION
    if alpha < 0:
        raise ValueError(f"alpha must not be negative, got {alpha}")
    rng = np.random.default_rng(rng)
    lam = rng.beta(alpha, alpha) if alpha > 0 else 1.0
    permutation = torch.from_numpy(rng.permutation(len(x)))
    mixed_x = lam * x + (1 - lam) * x[permutation]
    return mixed_x, y, y[permutation], lam
    ### END SOLUTION


# %% grades="mixup_data" points={"the mixture and its labels": 16, "how lam is drawn": 6.4, "partners and sizes": 2.8, "draws from rng": 1.8, "edge cases and form": 3}
def check_mixup_data():
    x, y = torch.eye(8), torch.arange(10, 18)  # row i shows how much of each example is in mixture i
    try:
        result = mixup_data(x, y, alpha=20.0, rng=np.random.default_rng(0))
    except TypeError as error:
        raise AssertionError(f"Your function raises TypeError: {error}. Is lam one plain float?") from error
    assert isinstance(result, tuple | list) and len(result) == 4, (
        f"Expected four things back: mixed_x, y_a, y_b, lam. You return {type(result).__name__}"
        + (f" of {len(result)}." if isinstance(result, tuple | list) else ".")
    )
    mixed_x, y_a, y_b, lam = result
    assert isinstance(lam, float), f"`lam` should be one plain float for the batch, yours is a {type(lam).__name__}."
    assert torch.equal(x, torch.eye(8)), "Your function changed `x`. Compute a new tensor; which operation is in place?"
    assert mixed_x.shape == x.shape and mixed_x.dtype == x.dtype, (
        f"The mixture should be like x, {tuple(x.shape)} and {x.dtype}; yours is {tuple(mixed_x.shape)} and "
        f"{mixed_x.dtype}. Which of your numbers is not a plain float?"
    )
    others = mixed_x * (1 - torch.eye(8))
    partner = torch.where(others.amax(1) > 0, others.argmax(1), torch.arange(8))
    mixed = partner != torch.arange(8)
    assert mixed.any(), "With alpha=20 every example should be blended with a partner, yours all stay themselves."
    own = mixed_x.diagonal()[mixed]
    assert torch.allclose(own, torch.full_like(own, lam)), (
        f"You return lam = {lam:.3f}. Each example should have this weight in its own mixture; in yours they have "
        f"{[round(weight, 3) for weight in own.tolist()]}. Which of the two has the weight lam?"
    )
    assert torch.allclose(mixed_x.sum(1), torch.ones(8)), (
        f"The weights in a mixture should add up to 1, yours add up to {mixed_x.sum(1).tolist()}."
    )
    assert sorted(partner.tolist()) == list(range(8)), (
        f"Every example should be a partner exactly once; you took the numbers {partner.tolist()}. A permutation is "
        "something else than drawing numbers one by one."
    )
    assert torch.equal(y_a, y), f"`y_a` should be the labels of x, {y.tolist()}; yours are {y_a.tolist()}."
    assert torch.equal(y_b, y[partner]), (
        f"In your mixture the partners are {partner.tolist()}, so y_b should be {y[partner].tolist()}; yours is "
        f"{y_b.tolist()}. Do images and labels use the same permutation?"
    )
    try:
        line = mixup_data(torch.ones(8), y, rng=np.random.default_rng(0))[0]
    except IndexError as error:
        raise AssertionError(
            f"A batch of 8 plain numbers is a batch too, and your function raises IndexError: {error}. On how many "
            "dimensions of x do you count?"
        ) from error
    assert line.shape == (8,), f"A batch of 8 plain numbers gives a mixture of 8, yours is {tuple(line.shape)}."
    draws = [mixup_data(x, y, alpha=20.0, rng=np.random.default_rng(seed)) for seed in range(40)]
    mean, spread = np.mean([draw[3] for draw in draws]), np.std([draw[3] for draw in draws])
    assert abs(mean - 0.5) < 0.1 and 0.03 < spread < 0.16, (
        "With alpha=20 lam is one half on average, with a standard deviation of 0.08; 40 of yours have a mean of "
        f"{mean:.2f} and a standard deviation of {spread:.2f}. Are both parameters of the beta distribution alpha, and "
        "is it drawn anew, from the rng that you are given?"
    )
    assert len({tuple(draw[2].tolist()) for draw in draws}) > 30, (
        "Forty generators should give (nearly) forty orders. Are the partners drawn, or always the same?"
    )
    same = [mixup_data(x, y, rng=np.random.default_rng(5))[0] for _ in range(2)]
    assert torch.equal(*same), (
        "Two generators in the same state should give the same mixture. Do lam and the permutation both come from rng?"
    )
    lams = [mixup_data(x, y)[3] for _ in range(2)]
    assert lams[0] != lams[1], "Without rng two calls should draw two lams; yours are equal. Does something seed?"
    try:
        kept, _, _, lam = mixup_data(x, y, alpha=0.0)
    except ValueError as error:
        raise AssertionError(
            f"alpha=0 means that nothing is mixed, and your function raises ValueError: {error}. A beta distribution "
            "needs numbers above 0."
        ) from error
    assert lam == 1.0 and torch.equal(kept, x), f"With alpha=0 nothing is mixed and lam is 1.0; yours is {lam}."
    try:
        mixup_data(x, y, alpha=-1.0)
        raised = "nothing"
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    assert raised == "ValueError", f"alpha=-1.0 makes no sense. Expected a ValueError; your function raises {raised}."


check_mixup_data()
"mixup_data: the visible checks pass"

# %% [markdown]
# ## Task: the loss of a mixture
#
# **Difficulty 1 of 3.** Met before: *What is the loss of a mixed label?*, above.
#
# Write `mixup_criterion(criterion, predictions, y_a, y_b, lam)`: the loss against both labels, mixed like the images,
#
# $$\lambda\,\ell(p, y_a) + (1 - \lambda)\,\ell(p, y_b).$$
#
# `criterion` is any loss that is called as `criterion(predictions, labels)`: `F.cross_entropy`, an
# `nn.CrossEntropyLoss` with settings of its own, a regression loss. Use the one that you are given. What it returns is
# a tensor, one number or one for each example, and so is your result, with its gradient.
#
# <details><summary>Hint 1: a nudge</summary>
#
# The labels are class numbers. Half a cat and half a dog is not the class in the middle.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The criterion is called twice, each time with the predictions as they came: no softmax, and no average of what
# it gives. The weight of a loss is the weight of the image whose label it looks at.
#
# </details>


# %% solution="mixup_criterion"
def mixup_criterion(criterion, predictions: torch.Tensor, y_a: torch.Tensor, y_b: torch.Tensor, lam: float):
    """The mixture of the losses against two labels: lam parts of that of y_a, 1 - lam parts of that of y_b.

    criterion: a function of (predictions, labels) that returns a tensor; the result has its shape and a gradient.
    """
    ### BEGIN SOLUTION
    return lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)
    ### END SOLUTION


# %% grades="mixup_criterion" points={"the mixture of two losses": 9, "any criterion": 3, "gradient": 3}
def check_mixup_criterion():
    # Two classes with the probabilities 1/4 and 3/4: the losses are ln 4 for class 0 and ln(4/3) for class 1.
    predictions = torch.tensor([[1.0, 3.0]]).log().requires_grad_()
    a, b = torch.tensor([0]), torch.tensor([1])
    loss = mixup_criterion(F.cross_entropy, predictions, a, b, 0.9)
    assert isinstance(loss, torch.Tensor) and loss.requires_grad, (
        f"The loss should be a tensor that can be differentiated, yours is a {type(loss).__name__}"
        + (" without a gradient." if isinstance(loss, torch.Tensor) else ".")
    )
    known = {
        0.397536: "That is what you get with the weights exchanged: y_a has the weight lam.",
        1.386294: "That is the loss of y_a alone.",
        0.287682: "That is the loss of y_b alone.",
        0.836988: "That is the plain mean of the two losses.",
        1.673976: "That is the sum of the two losses, without weights.",
    }
    cause = next((text for value, text in known.items() if abs(loss.item() - value) < 1e-4), "")
    assert abs(loss.item() - 1.276433) < 1e-4, (
        f"The losses of the two labels are 1.3863 and 0.2877, so with lam=0.9 the mixture is 1.2764; yours is "
        f"{loss.item():.4f}. {cause or 'Evaluate the criterion for each label, on the predictions as they are.'}"
    )
    predictions, a, b = torch.tensor([2.0, 5.0]), torch.zeros(2), torch.ones(2)
    distance = mixup_criterion(lambda p, y: (p - y).abs(), predictions, a, b, 0.75)
    assert isinstance(distance, torch.Tensor) and torch.allclose(distance, torch.tensor([1.75, 4.75])), (
        "A criterion of our own gives the distances [2, 5] to y_a and [1, 4] to y_b, so with lam=0.75 the mixture is "
        f"[1.75, 4.75]; yours is {distance}. Do you call the criterion that you are given, and keep what it returns?"
    )


check_mixup_criterion()
"mixup_criterion: the visible checks pass"

# %% [markdown]
# ## Task: soft targets
#
# **Difficulty 1 of 3.** Met before: one-hot labels in *The idea*, above.
#
# The other form of the same label. Write `soft_targets(y_a, y_b, lam, num_classes)`: one row an example and one column
# a class, `lam` in the column of `y_a` and `1 - lam` in the column of `y_b`, zeros elsewhere. Each row sums to 1, also
# where both labels are the same.
#
# A label that is negative or not below `num_classes` raises `ValueError`, naming the argument and the label.
#
# <details><summary>Hint 1: a nudge</summary>
#
# What is the row when both labels are 3? A method that *writes* into a column overwrites what is there already.
# Something that *adds*, or `F.one_hot`, has no such trouble. And see what `F.one_hot` raises for a label that does
# not exist.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The number of columns is an argument; the labels that happen to occur say nothing about it. Shares are no whole
# numbers, so mind the dtype. Check both lists of labels at both ends before you build anything.
#
# </details>


# %% solution="soft_targets"
def soft_targets(y_a: torch.Tensor, y_b: torch.Tensor, lam: float, num_classes: int) -> torch.Tensor:
    """The mixture of two labels as probabilities of the classes.

    y_a, y_b: (N,) class numbers. Raises ValueError for a label outside 0, ..., num_classes - 1.
    Returns (N, num_classes) floats; every row sums to 1.
    """
    ### BEGIN SOLUTION
    for name, labels in [("y_a", y_a), ("y_b", y_b)]:
        outside = labels[(labels < 0) | (labels >= num_classes)]
        if len(outside) > 0:
            raise ValueError(f"{name} has the label {outside[0].item()}, which is none of the {num_classes} classes")
    return lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)
    ### END SOLUTION


# %% grades="soft_targets" points={"the shares": 5, "equal labels": 2, "absent classes": 2, "form and labels outside the range": 1}
def check_soft_targets():
    targets = soft_targets(torch.tensor([0, 3, 2]), torch.tensor([1, 0, 2]), 0.75, 5)
    assert isinstance(targets, torch.Tensor) and targets.shape == (3, 5), (
        f"Three examples and five classes should give a tensor of shape (3, 5); yours is "
        f"{tuple(targets.shape) if isinstance(targets, torch.Tensor) else type(targets).__name__}."
    )
    assert targets.is_floating_point(), f"Shares are floats, your targets are {targets.dtype}."
    first, second, both = (torch.tensor(row) for row in targets.tolist())
    assert torch.allclose(first, torch.tensor([0.75, 0.25, 0, 0, 0])), (
        f"y_a=0, y_b=1, lam=0.75: expected [0.75, 0.25, 0, 0, 0], yours is {first.tolist()}. Which label gets lam?"
    )
    assert torch.allclose(second, torch.tensor([0.25, 0, 0, 0.75, 0])), (
        f"y_a=3, y_b=0, lam=0.75: expected [0.25, 0, 0, 0.75, 0], yours is {second.tolist()}."
    )
    assert torch.allclose(both, torch.tensor([0, 0, 1.0, 0, 0])), (
        f"y_a=y_b=2: expected [0, 0, 1, 0, 0], yours is {both.tolist()}. Where do both shares go?"
    )
    for y_a, y_b in [([0, 5], [1, 1]), ([1, 1], [0, 5]), ([0, -1], [1, 1]), ([1, 1], [0, -1])]:
        try:
            soft_targets(torch.tensor(y_a), torch.tensor(y_b), 0.75, 5)
            raised = "nothing"
        except Exception as error:
            raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        assert raised == "ValueError", (
            f"With 5 classes the labels are 0 to 4. For y_a={y_a}, y_b={y_b} we expect a ValueError; your function "
            f"raises {raised}."
        )


check_soft_targets()
"soft_targets: the visible checks pass"

# %% [markdown]
# ## Task: a random box
#
# **Difficulty 2 of 3.** Met before: *CutMix* in *The idea*, above.
#
# Write `random_box(height, width, lam, rng)`. It returns `(top, bottom, left, right)`, four whole numbers for which
# `image[top:bottom, left:right]` is the box.
#
# 1. The center is uniform over the image.
# 2. The sides are $\sqrt{1 - \lambda}$ times the height and $\sqrt{1 - \lambda}$ times the width.
# 3. Whatever lies outside the image is cut off: $0 \le$ `top` $\le$ `bottom` $\le$ `height`, and likewise for the
#    columns.
#
# Rounding is up to you. Before cutting, each side has to be within two pixels of its formula. Here `rng` is always a
# generator.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Do rows first: a center, half a side up, half a side down, both rounded, both brought into the range from 0 to
# `height`. Then columns, with a number of their own. A box that sticks out stays where it is and loses what is outside:
# it is not moved.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The box covers the share $1 - \lambda$ of the *area*: a side takes the root of it, and both sides of the image
# their own. From the center it goes *half* a side each way. Two centers need two random numbers.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# For the rows: a center anywhere between 0 and the height, minus and plus half of the box's height, both made
# whole, both brought into the range from 0 to the height. The same for the columns with the width. Return four
# plain whole numbers, rows first.
#
# </details>


# %% solution="random_box"
def random_box(height: int, width: int, lam: float, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """A box with a uniform center whose sides are sqrt(1 - lam) of the image's, cut off at the border.

    Returns (top, bottom, left, right), half-open: 0 <= top <= bottom <= height and 0 <= left <= right <= width.
    """
    ### BEGIN SOLUTION
    share = math.sqrt(1 - lam)
    half_height, half_width = share * height / 2, share * width / 2
    row, column = rng.uniform(0, height), rng.uniform(0, width)
    top, bottom = max(round(row - half_height), 0), min(round(row + half_height), height)
    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)
    return top, bottom, left, right
    ### END SOLUTION


# %% grades="random_box" points={"sides": 6, "centers": 2, "cut at the border": 5, "whole numbers and generator": 2}
def check_random_box():
    rng = np.random.default_rng(0)
    box = random_box(40, 90, 0.5, rng)
    assert isinstance(box, tuple | list) and len(box) == 4, f"Expected (top, bottom, left, right), yours is {box!r}."
    try:
        rows, columns = range(40)[box[0] : box[1]], range(90)[box[2] : box[3]]
    except TypeError:
        raise AssertionError(f"The four numbers should be whole, to slice with; yours are {box}.") from None
    assert len(rows) > 0 and len(columns) > 0, (
        f"For an image of 40 by 90 and lam=0.5 your box is {tuple(map(int, box))}: as [top:bottom, left:right] this is "
        "empty. Look at the order of the four numbers, and at their signs."
    )
    boxes = np.array([random_box(400, 900, 0.75, rng) for _ in range(400)])
    top, bottom, left, right = boxes.T
    assert (top >= 0).all() and (top <= bottom).all() and (bottom <= 400).all(), (
        f"The rows of an image of 400 by 900 end at 400; yours go from {top.min()} to {bottom.max()}. "
        "The order is (top, bottom, left, right), and all four are borders, no sizes."
    )
    assert (left >= 0).all() and (left <= right).all() and (right <= 900).all(), (
        f"The columns of an image of 400 by 900 end at 900; yours go from {left.min()} to {right.max()}."
    )
    tall, wide = int((bottom - top).max()), int((right - left).max())
    causes = {
        (100, 225): "That is a share of 0.25 of each side, which leaves a share of 0.0625 of the area.",
        (346, 779): "That is the size of what should be kept.",
        (400, 900): "That is twice as much: a side reaches by one half of itself to each side of the center.",
        (300, 300): "That is as high as wide; the box has the image's proportions.",
        (400, 200): "Which of the two is the height?",
    }
    near = [text for size, text in causes.items() if abs(size[0] - tall) <= 3 and abs(size[1] - wide) <= 3]
    assert abs(tall - 200) <= 2 and abs(wide - 450) <= 2, (
        "With lam=0.75 the sides are sqrt(0.25), one half of the image's: the largest box of 400 on an image of 400 by "
        f"900 should be 200 high and 450 wide, yours is {tall} high and {wide} wide. "
        + (near or ["Does every box have a center of its own?"])[0]
    )
    cut = [int(n) for n in [(top == 0).sum(), (bottom == 400).sum(), (left == 0).sum(), (right == 900).sum()]]
    assert all(50 < count < 150 for count in cut), (
        "A box half as high as the image reaches beyond the upper border if its center is in the upper quarter. Of 400 "
        f"boxes about 100 should end at each border; yours end there (top, bottom, left, right) {cut} times. "
        "Where may a center lie, and where is the border?"
    )
    shorter = int((bottom - top < 180).sum())
    assert shorter > 100, (
        f"A box that sticks out loses what is outside: about 160 of 400 should be shorter than 180 rows, yours are "
        f"{shorter}. Do you move a box instead of cutting it?"
    )
    same = [random_box(4000, 9000, 0.5, np.random.default_rng(5)) for _ in range(2)]
    assert same[0] == same[1], "Two generators in the same state should give the same box. Do all draws come from rng?"


check_random_box()
"random_box: the visible checks pass"

# %% [markdown]
# ## Task: paste a box
#
# **Difficulty 2 of 3.** Met before: `mixup_data`, above.
#
# Write `cutmix_data(x, y, alpha=1.0, rng=None)` for images `x` of shape `(N, C, H, W)`. It returns the same four things
# as `mixup_data`, and `alpha` and `rng` mean the same.
#
# * Draw one $\lambda$ and one random permutation, and call `random_box` for one box. All images of the batch and all
#   their channels share it.
# * Inside the box `mixed_x` shows the partner, `x[permutation]`, at the same place. Outside it shows `x`.
# * The `lam` that you return is the share of pixels that were *kept*, counted after the box was cut at the border.
# * With `alpha` 0, $\lambda$ is 1 before the box is drawn. A negative `alpha` raises a `ValueError` that names it.
# * `x` and `y` stay as they are.
#
# The check and the hidden tests put a correct `random_box` in the place of yours.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Start from a copy. In `mixed_x[..., a:b, c:d]` the dots stand for all dimensions but the last two. How many pixels has
# a box, and how many has the image?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The `lam` that was drawn shapes the box and is then of no more use: what is returned is counted. Rows are the
# last dimension but one. Labels and images follow the *same* permutation, and $x$ itself is not painted on.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# As in `mixup_data` up to the permutation. Ask for one box. In a copy of the batch, set the box, in all channels,
# to what the reordered batch shows there. The share kept is 1 minus the box's pixels over the image's. Return
# copy, labels, reordered labels, and that share as a plain float.
#
# </details>


# %% solution="cutmix_data"
def cutmix_data(
    x: torch.Tensor, y: torch.Tensor, alpha: float = 1.0, rng: np.random.Generator | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """Paste into every image of a batch a box of a random partner, at the same place.

    x: (N, C, H, W); y: (N,) labels. Neither is changed.
    alpha: the box is random_box(H, W, l, rng) with l drawn from Beta(alpha, alpha); l = 1 if alpha is 0. Raises
    ValueError if alpha is negative.
    rng: where all draws come from; None means a fresh numpy generator.
    Returns (mixed_x, y_a, y_b, lam): like x, the labels y, the labels of the partners, the share of pixels kept.
    """
    ### BEGIN SOLUTION
    if alpha < 0:
        raise ValueError(f"alpha must not be negative, got {alpha}")
    rng = np.random.default_rng(rng)
    drawn = rng.beta(alpha, alpha) if alpha > 0 else 1.0
    permutation = torch.from_numpy(rng.permutation(len(x)))
    height, width = x.shape[-2:]
    top, bottom, left, right = random_box(height, width, drawn, rng)
    mixed_x = x.clone()
    mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]
    lam = 1 - (bottom - top) * (right - left) / (height * width)
    return mixed_x, y, y[permutation], lam
    ### END SOLUTION


# %% grades="cutmix_data" points={"the partner's box": 15, "lam is the share kept": 7.5, "partners and sizes": 2.7, "draws from rng": 1.8, "edge cases and form": 3}
def check_cutmix_data():
    # Image i holds the number i + 1 everywhere, so every pixel tells where it comes from.
    number, y = torch.arange(8), torch.arange(10, 18)
    x = (number + 1.0).double().reshape(8, 1, 1, 1).expand(8, 3, 6, 10).clone()
    before = x.clone()
    result = cutmix_data(x, y, alpha=20.0, rng=np.random.default_rng(0))
    assert isinstance(result, tuple | list) and len(result) == 4, (
        f"Expected four things back: mixed_x, y_a, y_b, lam. You return {type(result).__name__}"
        + (f" of {len(result)}." if isinstance(result, tuple | list) else ".")
    )
    mixed_x, y_a, y_b, lam = result
    assert torch.equal(x, before), "Your function changed `x`: the box was pasted into the batch that you were given."
    assert mixed_x.shape == x.shape and mixed_x.dtype == x.dtype, (
        f"The mixture should be like x, {tuple(x.shape)} and {x.dtype}; yours is {tuple(mixed_x.shape)} and "
        f"{mixed_x.dtype}."
    )
    assert torch.isin(mixed_x, x).all(), (
        "There are pixels that are in no image of the batch, blended or empty ones. CutMix takes each pixel whole."
    )
    foreign = mixed_x != x
    assert foreign.any(), "No image shows anything of another one. Is the box pasted?"
    assert torch.equal(foreign.any(1), foreign.all(1)), (
        "In some channels the box is missing or lies elsewhere. Which dimensions of (N, C, H, W) do you slice?"
    )
    # Two numbers are in a mixed image, its own and its partner's, each one more than the image's place in the batch.
    both, mixed = (mixed_x.amin((1, 2, 3)) + mixed_x.amax((1, 2, 3))).long() - 2, foreign.flatten(1).any(1)
    partner = torch.where(mixed, both - number, number)
    shown = foreign[mixed][0, 0].nonzero()
    rows, columns = shown[:, 0].unique().tolist(), shown[:, 1].unique().tolist()
    assert (rows, columns) == ([1, 2, 3], [4, 5, 6, 7, 8, 9]), (
        f"Our box is [1:4, 4:10] on 6 rows and 10 columns. Your image shows its partner in the rows {rows} and the "
        f"columns {columns}. Is random_box called with the height first, what do its four numbers mean, and is it the "
        "partner that shows inside?"
    )
    assert sorted(partner.tolist()) == list(range(8)), (
        f"Every image should be a partner exactly once; you took the numbers {partner.tolist()}."
    )
    assert torch.equal(y_a, y), f"`y_a` should be the labels of x, {y.tolist()}; yours are {y_a.tolist()}."
    assert torch.equal(y_b, y[partner]), (
        f"Your boxes come from the images {partner.tolist()}, so y_b should be {y[partner].tolist()}; yours is "
        f"{y_b.tolist()}. Do images and labels use the same permutation?"
    )
    assert isinstance(lam, float), f"`lam` should be one plain float for the batch, yours is a {type(lam).__name__}."
    cause = "That is the share that was replaced." if abs(lam - 0.3) < 1e-6 else "Count the pixels of the box."
    assert abs(lam - 0.7) < 1e-6, (
        f"The box has 18 of 60 pixels, so 0.7 of them are kept; your lam is {lam:.4f}. {cause}"
    )
    sizes = []

    def corner_box(height, width, lam, rng):
        sizes.append(float(lam))
        return 0, 1, 0, 1

    with patch.dict(globals(), random_box=corner_box):
        orders = [cutmix_data(x, y, alpha=20.0, rng=np.random.default_rng(seed))[2] for seed in range(40)]
        try:
            cutmix_data(x, y, alpha=0.0)
        except ValueError as error:
            raise AssertionError(
                f"alpha=0 means that nothing is mixed, and your function raises ValueError: {error}. A beta "
                "distribution needs numbers above 0."
            ) from error
    mean, spread = np.mean(sizes[:40]), np.std(sizes[:40])
    assert abs(mean - 0.5) < 0.1 and 0.03 < spread < 0.16, (
        "With alpha=20 random_box gets a lam of one half on average, with a standard deviation of 0.08; 40 of yours "
        f"have a mean of {mean:.2f} and a standard deviation of {spread:.2f}. Are both parameters of the beta "
        "distribution alpha, and does random_box get what you drew?"
    )
    assert len({tuple(order.tolist()) for order in orders}) > 30, (
        "Forty generators should give (nearly) forty orders. Are the partners drawn, or always the same?"
    )
    assert sizes[-1] == 1.0, f"With alpha=0 the box is drawn for lam=1; yours is drawn for {sizes[-1]}."
    same = [cutmix_data(x, y, rng=np.random.default_rng(5))[2] for _ in range(2)]
    assert torch.equal(*same), (
        "Two generators in the same state should give the same batch. Do all draws come from rng?"
    )
    try:
        cutmix_data(x, y, alpha=-1.0)
        raised = "nothing"
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    assert raised == "ValueError", f"alpha=-1.0 makes no sense. Expected a ValueError; your function raises {raised}."


# While this check runs, a box that is always the same stands in for your function: it judges this task alone.
with patch.dict(globals(), random_box=lambda height, width, *_: (height // 6, 2 * height // 3, 2 * width // 5, width)):
    check_cutmix_data()
"cutmix_data: the visible checks pass"

# %% [markdown]
# ## Look at what you have built
#
# Five digits, mixed both ways by your functions, each with the label that it is trained on, from your `soft_targets`.
# A digit whose partner is itself, or of the same class, keeps a single bar.

# %% tags=["active-ipynb"]
# from sklearn.datasets import load_digits
#
# digits = load_digits()
# images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]  # (1797, 1, 8, 8)
# labels = torch.tensor(digits.target)
# rows = [3, 7, 4, 9, 2]
# x, y = images[rows], labels[rows]
# mixed = {
#     "mixup": mixup_data(x, y, alpha=20.0, rng=np.random.default_rng(14)),
#     "CutMix": cutmix_data(x, y, alpha=20.0, rng=np.random.default_rng(14)),
# }
# # The same draws, on images that hold their own number everywhere, show where each pixel comes from.
# numbers = torch.arange(5.0)[:, None, None, None].expand(5, 1, 8, 8)
# pasted = cutmix_data(numbers, y, alpha=20.0, rng=np.random.default_rng(14))[0] != numbers
#
# figure, panels = plt.subplots(5, 5, figsize=(9, 7), height_ratios=[1, 1, 0.55, 1, 0.55])
# for column, image in enumerate(x):
#     panels[0, column].imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
#     panels[0, column].set_title(f"a {y[column]}", fontsize=10)
# for row, (name, (mixed_x, y_a, y_b, lam)) in zip([1, 3], mixed.items()):
#     targets = soft_targets(y_a, y_b, lam, 10)
#     for column, image in enumerate(mixed_x):
#         panels[row, column].imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
#         panels[row, column].set_title(f"{lam:.2f} × {y_a[column]} + {1 - lam:.2f} × {y_b[column]}", fontsize=10)
#         panels[row + 1, column].bar(range(10), targets[column], color="#0072B2" if row == 1 else "#D55E00")
#         panels[row + 1, column].set(ylim=(0, 1), xticks=range(10))
#         panels[row + 1, column].tick_params(labelsize=7)
#         panels[row + 1, column].grid(axis="x", visible=False)
#     panels[row, 0].set_ylabel(name)
#     panels[row + 1, 0].set_ylabel("label", fontsize=9)
# for panel, (mask,) in zip(panels[3], pasted):
#     if mask.any():
#         (top, left), (bottom, right) = mask.nonzero().amin(0) - 0.5, mask.nonzero().amax(0) + 0.5
#         frame = plt.Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor="#D55E00", linewidth=2)
#         panel.add_patch(frame)
# panels[0, 0].set_ylabel("batch")
# for row in [0, 1, 3]:
#     for panel in panels[row]:
#         panel.set(xticks=[], yticks=[])
#         panel.grid(False)
#         panel.spines[:].set_visible(False)
# panels[4, 2].set_xlabel("class")
# figure.suptitle("Mixup blends, CutMix pastes; the label says how much of each is there")
# plt.show()
#
# mixed_x, y_a, y_b, lam = mixed["mixup"]
# logits = torch.randn(len(y), 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
# two_losses = mixup_criterion(F.cross_entropy, logits, y_a, y_b, lam)
# one_loss = F.cross_entropy(logits, soft_targets(y_a, y_b, lam, 10).double())
# print(f"Loss by mixup_criterion {two_losses:.6f}, cross-entropy of the soft targets {one_loss:.6f}.")

# %% [markdown]
# The two losses are the same number, up to rounding: you have just seen that cross-entropy is linear in the label.
#
# ## Predict, then measure: how much does CutMix replace?
#
# With $\alpha = 1$ every $\lambda$ is equally likely, so on average the box is drawn to cover one half of the image.
# Boxes that stick out are cut. Which share of the image is replaced *in the end*, on average?

# %% tags=["active-ipynb"]
# predicted_replaced = None  # a number from 0 to 1, such as 0.5: the mean of 1 - lam over many calls

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(0)
# pair, pair_labels = torch.zeros(2, 1, 60, 100), torch.tensor([0, 1])
# replaced = np.array([1 - cutmix_data(pair, pair_labels, rng=rng)[3] for _ in range(5000)])
# alphas = np.logspace(-2, 2, 9)
# mixed_well = [
#     np.mean([0.05 < mixup_data(torch.zeros(2), pair_labels, alpha, rng)[3] < 0.95 for _ in range(600)])
#     for alpha in alphas
# ]
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
# left.hist(replaced, bins=20, range=(0, 1), density=True, color="#0072B2", alpha=0.6, edgecolor="white")
# left.axhline(1, color="#D55E00", linestyle="--")
# left.text(0.98, 1.06, "as drawn: all equally likely", color="#B04A00", ha="right", fontsize=9)
# left.axvline(replaced.mean(), color="#0072B2")
# left.text(replaced.mean() - 0.02, 2.6, f"mean {replaced.mean():.2f}", color="#0072B2", fontsize=9, ha="right")
# if (predicted := prediction("predicted_replaced")) is not None:
#     left.axvline(predicted, color="black", linestyle=":")
#     left.text(predicted + 0.02, 2.1, "your prediction", fontsize=9)
# left.set(xlabel="share of the image that is replaced", ylabel="density (5000 batches)", ylim=(0, 3.2))
# left.set_title("CutMix: the border cuts large boxes down", fontsize=10)
# right.semilogx(alphas, mixed_well)
# right.set(xlabel=r"$\alpha$", ylabel=r"share with $0.05 < \lambda < 0.95$", ylim=(0, 1.05))
# right.set_title(r"Mixup: a small $\alpha$ leaves most batches alone", fontsize=10)
# figure.suptitle(r"The border makes CutMix modest; a small $\alpha$ makes mixup rare")
# plt.show()
#
# print(f"Replaced on average: drawn 0.50, pasted {replaced.mean():.2f}.")
# if predicted is not None:
#     print(f"You predicted {predicted:.2f}.")
# print(f"More than 90 % of the image is replaced in {(replaced > 0.9).mean():.1%} of the batches, drawn in 10 %.")

# %% [markdown]
# A label that kept the $\lambda$ as drawn would claim, on average, half an image of the partner where there is less
# than a third. Nearly whole images are hardly ever pasted: such a box would have to sit right in the middle.
#
# ## Predict, then measure: the sixty points again
#
# The network of the first picture, the same sixty points, now mixed by your `mixup_data` in each step and scored by
# your `mixup_criterion`. Without mixup it gets about 90 % of new points right. By how many percentage points does the
# accuracy change with $\alpha = 0.2$?

# %% tags=["active-ipynb"]
# predicted_gain = None  # a number of percentage points, such as 2 or -2: accuracy with alpha = 0.2 minus without

# %% tags=["active-ipynb"]
# import pandas as pd
#
#
# def mixed_loss(mix, alpha, rng):
#     """The loss of a batch that `mix`, mixup_data or cutmix_data, has mixed."""
#
#     def loss(net, x, y):
#         mixed_x, y_a, y_b, lam = mix(x, y, alpha, rng)
#         return mixup_criterion(F.cross_entropy, net(mixed_x), y_a, y_b, lam)
#
#     return loss
#
#
# styles = [
#     dict(color="#D55E00", marker="s", linestyle="--"),
#     dict(color="#0072B2", marker="o", linestyle="-"),
#     dict(color="#009E73", marker="^", linestyle="-."),
#     dict(color="#CC79A7", marker="D", linestyle=":"),
# ]
#
#
# def draw_reliability(panel, curves):
#     """The reliability curve of each (probability, y), pooled over seeds; a marker's area is the bin's share, and bins
#     with less than 0.5 % are left out."""
#     panel.plot([0, 1], [0, 1], color="0.4", linewidth=1, marker="")
#     for (name, (probability, y)), style in zip(curves.items(), styles):
#         confidence, right, share = reliability(probability, y)
#         kept = share > 0.005
#         panel.plot(confidence[kept], right[kept], label=name, **style | {"marker": ""})
#         look = dict(marker=style["marker"], color=style["color"], edgecolor="white", zorder=3)
#         panel.scatter(confidence[kept], right[kept], s=12 + 500 * share[kept], **look)
#     panel.set(xlabel="confidence", ylabel="share of right answers", aspect="equal")
#
#
# seeds = [0, 1, 2, 3]
# moon_alphas = [0.0, 0.2, 1.0, 8.0]
# moon_nets, moon_scores, moon_curves = {}, {}, {}
# for alpha in moon_alphas:
#     found = []
#     for seed in seeds:
#         x, y = moons(60, seed)
#         loss = mixed_loss(mixup_data, alpha, np.random.default_rng(seed))
#         moon_nets[alpha, seed] = trained_net(x, y, classes=2, loss=loss, seed=seed)
#         new_x, new_y = moons(4000, 100 + seed)
#         found.append((probabilities(moon_nets[alpha, seed], new_x), new_y))
#     moon_scores[alpha] = pd.DataFrame([scores(*one) for one in found], index=seeds)
#     moon_curves[rf"$\alpha$ = {alpha:g}"] = tuple(map(torch.cat, zip(*found)))
#
# figure, panels = plt.subplots(1, 4, figsize=(9, 3.1), sharey=True)
# for panel, alpha in zip(panels, moon_alphas):
#     draw_map(panel, moon_nets[alpha, 1], *moons(60, seed=1))
#     loss = moon_scores[alpha].loc[1, "cross-entropy"]
#     panel.set_title(f"$\\alpha$ = {alpha:g}\ncross-entropy {loss:.2f}", fontsize=10)
# for panel in panels[1:]:
#     panel.set_ylabel("")
# figure.suptitle("With mixup there is room for doubt: it lies between the dotted lines")
# plt.show()
#
# gains = 100 * (moon_scores[0.2]["accuracy"] - moon_scores[0.0]["accuracy"])
# each = ", ".join(f"{gain:+.1f}" for gain in gains)
# print(f"Change of the accuracy with alpha = 0.2: {gains.mean():+.1f} points on average,")
# print(f"{each} in the {len(seeds)} samples of 60 points.")
# if (predicted := prediction("predicted_gain")) is not None:
#     print(f"You predicted {predicted:+.1f}.")
# print("Means over the samples, on 4000 new points each:")
# pd.DataFrame({alpha: found.mean() for alpha, found in moon_scores.items()}).T.rename_axis("alpha").round(3)

# %% tags=["active-ipynb"]
# figure, panel = plt.subplots(figsize=(5.2, 4.6))
# draw_reliability(panel, moon_curves)
# panel.set(xlim=(0.48, 1.01), ylim=(0.48, 1.01))
# panel.text(0.99, 0.5, "below the line: surer than right", fontsize=9, color="0.3", ha="right")
# panel.text(0.5, 0.93, "above the line:\nmore right than sure", fontsize=9, color="0.3")
# panel.legend(loc="center left", bbox_to_anchor=(0, 0.7), fontsize=9)
# panel.set_title("Some mixup cures over-confidence, more overdoes it", fontsize=10)
# plt.show()

# %% [markdown]
# Compare the rows. The accuracy stays where it was, within what four samples can tell. The cross-entropy, which
# punishes being sure *and* wrong, falls to a fraction, and the ECE with it. So here mixup does not find a better
# border; it learns how much to trust the one that it has. Too much of it blurs: with a large $\alpha$ the accuracy goes
# down a little, and the confidence falls below it: the network is now right more often than it believes.
#
# ## Predict, then measure: is that always so?
#
# "Mixup improves calibration" is a sentence that you will read. Put it to a harder test: 200 of scikit-learn's digits,
# clean, well separated. A network without mixup gets more than nine in ten of the other 1597 right, and its ECE is
# about 0.03. What is the ECE with mixup at $\alpha = 1$?

# %% tags=["active-ipynb"]
# predicted_ece = None  # a number from 0 to 1, such as 0.03: the ECE with mixup

# %% tags=["active-ipynb"]
# def digits_run(loss, noise, seed):
#     """Train on 200 digits, a share `noise` of them with random labels; the probabilities and labels of the rest."""
#     generator = torch.Generator().manual_seed(seed)
#     order = torch.randperm(len(images), generator=generator)
#     x, y = images[order[:200]], labels[order[:200]].clone()
#     relabelled = torch.rand(200, generator=generator) < noise
#     y[relabelled] = torch.randint(10, (int(relabelled.sum()),), generator=generator)
#     settings = dict(epochs=80, batch_size=50, width=128, learning_rate=0.003)
#     net = trained_net(x, y, classes=10, loss=loss, seed=seed, **settings)
#     return probabilities(net, images[order[200:]]), labels[order[200:]]
#
#
# methods = {"without": (mixup_data, 0.0), "mixup, α = 1": (mixup_data, 1.0), "CutMix, α = 1": (cutmix_data, 1.0)}
# runs, digit_scores = {}, {}
# for training, noise in [("clean labels", 0.0), ("40 % random labels", 0.4)]:
#     for name, (mix, alpha) in methods.items():
#         found = [digits_run(mixed_loss(mix, alpha, np.random.default_rng(seed)), noise, seed) for seed in seeds]
#         runs[training, name] = tuple(map(torch.cat, zip(*found)))
#         digit_scores[training, name] = pd.DataFrame([scores(*one) for one in found]).agg(["mean", "std"]).stack()
#
# figure, panels = plt.subplots(1, 2, figsize=(9, 4.4), sharey=True)
# for panel, training in zip(panels, ["clean labels", "40 % random labels"]):
#     draw_reliability(panel, {name: runs[training, name] for name in methods})
#     panel.set(xlim=(0, 1.02), ylim=(0, 1.02))
#     panel.set_title(f"200 digits, {training}", fontsize=10)
# panels[1].set_ylabel("")
# panels[0].legend(loc="lower right", fontsize=9)
# panels[1].text(0.62, 0.12, "surer than right", fontsize=9, color="0.3")
# panels[0].text(0.05, 0.9, "more right than sure", fontsize=9, color="0.3")
# figure.suptitle("Mixup lowers the confidence, whether it was too high or not (area: share of the digits)")
# plt.show()
#
# confidence, right, share = reliability(*runs["clean labels", "without"])
# print(f"Clean labels, without mixup: {share[-1]:.0%} of the digits are in the last bin, which is "
#       f"{confidence[-1]:.2f} sure and {right[-1]:.2f} right.")
# print(f"In the other bins it is surer than right by {(confidence - right)[share > 0.005][:-1].min():.2f} to "
#       f"{(confidence - right)[share > 0.005][:-1].max():.2f}.\n")
# digit_table = pd.DataFrame(digit_scores).T
# clean = digit_table.loc["clean labels"]["mean"]
# measured = clean.loc["mixup, α = 1", "ECE"]
# print(f"ECE on clean digits with mixup {measured:.3f}, without {clean.loc['without', 'ECE']:.3f}.")
# if (predicted := prediction("predicted_ece")) is not None:
#     print(f"You predicted {predicted:.3f} with mixup.")
# print(f"Mean over {len(seeds)} samples of 200 digits; spread (standard deviation) of the accuracy "
#       f"{digit_table['std']['accuracy'].min():.3f} to {digit_table['std']['accuracy'].max():.3f}:")
# digit_table["mean"].round(3)

# %% [markdown]
# On clean digits the sentence is wrong. The network without mixup has a small ECE, not because its curve lies on the
# line (it runs below it), but because nearly all digits are in the last bin, where data this easy deserve confidence;
# look at the sizes before you believe a curve. Mixup takes that confidence away all the same: the curve moves above
# the line, the ECE grows, and the accuracy stays where it was, within the spread between samples. With CutMix it is
# worse still.
#
# With wrong labels in the training set the picture turns round. The network without mixup learns each wrong label
# by heart and is far too sure. Mixup brings confidence and accuracy together. CutMix gets the most digits
# right of all three, and is again much too modest: the best classifier need not be the best calibrated one.
#
# So a better question than "does mixup calibrate?" is: *was the network over-confident, and by how much?* Mixup lowers
# confidence. That helps as far as there is too much of it. If accuracy is all you need, an under-confident network is
# no harm; if somebody acts on the probabilities, draw the curve.
#
# ## Questions to think about
#
# 1. Somebody uses mixup for regression with the squared error and mixes the *targets* instead of the losses. By how
#    much do the two losses differ, and does the difference matter for the gradient?
# 2. You diagnose lung scans, where a spot of few pixels decides between healthy and ill. What does the label of a
#    CutMix image say, and what does the image show? Would mixup be safer?
# 3. The training loss with mixup never gets near 0, however large the network. What is the smallest value that it can
#    reach for a given $\lambda$, and what would you plot instead to see whether training works?
#
# ## Further, if you are done
#
# Mix somewhere else: pass both batches through the first layer or layers, chosen at random in each step, mix there
# with the same $\lambda$, and go on with the rest. Draw the two-moons maps again. V. Verma, A. Lamb, C. Beckham and
# others, *Manifold Mixup: Better Representations by Interpolating Hidden States* (ICML 2019).
#
# ## Where to read on
#
# * H. Zhang, M. Cissé, Y. Dauphin, D. Lopez-Paz, *mixup: Beyond Empirical Risk Minimization*, ICLR 2018: the source;
#   its experiments with corrupted labels are the large relatives of yours.
# * S. Yun, D. Han, S. J. Oh, S. Chun, J. Choe, Y. Yoo, *CutMix: Regularization Strategy to Train Strong Classifiers
#   with Localizable Features*, ICCV 2019.
# * O. Chapelle, J. Weston, L. Bottou, V. Vapnik, *Vicinal Risk Minimization*, NIPS 2000: the principle that both
#   follow.
# * S. Thulasidasan and others, *On Mixup Training: Improved Calibration and Predictive Uncertainty for Deep Neural
#   Networks*, NeurIPS 2019: the case for it.
# * Y. Wen and others, *Combining Ensembles and Data Augmentation Can Harm Your Calibration*, ICLR 2021: the case
#   against, which you have seen on the digits; keep it in mind for exercise 9.
# * L. Carratino, M. Cissé, R. Jenatton, J.-P. Vert, *On Mixup Regularization*, JMLR 2022: why mixup pulls predictions
#   towards the middle.
# * C. Guo, G. Pleiss, Y. Sun, K. Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017: reliability curves,
#   ECE, and a cure for wrong confidence after training.
