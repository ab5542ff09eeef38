# %% [markdown]
# # Xavier initialization
#
# A deep network starts as a product of random matrices, and their scale decides whether any signal reaches the
# other end. In this exercise you follow Glorot and Bengio to the right scale, write it, and watch it work.
#
# You will be able to
#
# * count the fan-in and the fan-out of a linear and of a convolution weight,
# * turn a variance into the bound of a uniform and the standard deviation of a normal distribution,
# * build a network whose weights and biases start where you want them, from a generator that you control,
# * measure how a signal spreads through the depth, and explain why weights of zero never learn.
#
# Time: about 75 minutes. Builds on exercise 1 (gradient flow); exercise 3 does the same for ReLU.

# %%
import itertools
import math
from unittest.mock import patch

import matplotlib.pyplot as plt
import torch
from torch import nn

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
# Forty layers, 256 units each, tanh after every layer. The three networks differ in one number: the standard
# deviation of their weights is 0.5, 1 or 2 times $1/\sqrt{256}$. Nothing here needs your code; run it and look.

# %% tags=["active-ipynb"]
# width, depth = 256, 40
# generator = torch.Generator().manual_seed(0)
# spreads, last = {}, {}
# for factor in [2.0, 1.0, 0.5]:
#     signal = torch.randn(200, width, generator=generator)
#     spreads[factor] = []
#     for _ in range(depth):
#         matrix = factor / math.sqrt(width) * torch.randn(width, width, generator=generator)
#         signal = torch.tanh(signal @ matrix)
#         spreads[factor].append(signal.std().item())
#     last[factor] = signal.flatten()
#
# figure = plt.figure(figsize=(9, 4))
# axes = figure.subplot_mosaic([["depth", "2.0"], ["depth", "1.0"], ["depth", "0.5"]], width_ratios=[2.2, 1])
# names = {2.0: "twice: saturates", 1.0: "just right", 0.5: "half: fades"}
# for (factor, values), color, style in zip(spreads.items(), ["#D55E00", "#0072B2", "#009E73"], ["--", "-", ":"]):
#     axes["depth"].semilogy(range(1, depth + 1), values, style, color=color, markevery=4)
#     heights = {2.0: 3, 1.0: 0.012, 0.5: 1e-10}
#     axes["depth"].text(depth - 1, heights[factor], names[factor], color=color, ha="right")
#     axes[str(factor)].hist(last[factor], bins=41, range=(-1, 1), color=color, density=True)
#     stuck = (last[factor].abs() > 0.9).float().mean()
#     axes[str(factor)].set_title(f"{names[factor]} ({stuck:.0%} beyond 0.9)", fontsize=9, color=color)
#     axes[str(factor)].set_yticks([])
# axes["depth"].set(
#     title="Change the weights by a factor of two, lose the signal",
#     xlabel="layer",
#     ylabel="standard deviation of the activations",
#     ylim=(1e-14, 30),
# )
# axes["0.5"].set_xlabel(f"activation in layer {depth}")
# plt.show()

# %% [markdown]
# Half the right scale and the last layer hears nothing. Twice the right scale and the activations pile up at $-1$
# and $1$, where tanh is flat and passes hardly any gradient. Both networks are hard to train, for opposite reasons.
#
# ## The idea
#
# Take one linear layer $z_i = \sum_j W_{ij} x_j$ with independent weights of mean 0. Each of the $n_{in}$ terms adds
# the same variance, so
#
# $$\operatorname{Var}(z_i) = n_{in} \operatorname{Var}(W) \operatorname{E}[x^2].$$
#
# Near 0 tanh has slope 1 and lets the signal pass unchanged. The **forward** signal therefore keeps its size when
# $\operatorname{Var}(W) = 1 / n_{in}$. The gradient travels **backward** through $W^\top$: there each sum has
# $n_{out}$ terms, and by the same argument it keeps its size when $\operatorname{Var}(W) = 1 / n_{out}$.
#
# Unless the layer is square, you cannot have both. Xavier Glorot and Yoshua Bengio (*Understanding the difficulty of
# training deep feedforward neural networks*, AISTATS 2010, section 4.2.1) take the compromise in the middle, one over
# the mean of the two fans:
#
# $$\operatorname{Var}(W) = \frac{2}{n_{in} + n_{out}}.$$
#
# A normal distribution takes this variance as it is. A uniform distribution on $[-a, a]$ has variance $a^2/3$, which
# makes the bound
#
# $$a = \sqrt{\frac{6}{n_{in} + n_{out}}}.$$
#
# A **gain** $g$ in front multiplies the weights: $a$ and the standard deviation by $g$, the variance by $g^2$.
#
# ## Conventions
#
# | Question | What you may meet elsewhere | Here |
# |---|---|---|
# | Layout of a linear weight | Keras and many books: `(in, out)` | torch's: `(out, in)` |
# | Layout of a convolution weight | Keras: `(*kernel, in, out)` | torch's: `(out, in, *kernel)` |
# | Name | "Glorot" in Keras and JAX, "Xavier" in torch | the same thing; we say Xavier |
# | Second number in $\mathcal{N}(0, \cdot)$ | papers: the variance; code: often the standard deviation | the variance |
# | Shape of the normal | Keras cuts it off at two standard deviations | the full normal distribution |
# | Gain for tanh | 1 in the paper, 5/3 in `torch.nn.init.calculate_gain` | an argument, 1 unless given |
# | Spread of a batch | divide by $n$ or by $n - 1$ | either; with thousands of entries you cannot tell |

# %% [markdown]
# ## Task: count the fans
#
# **Difficulty 1 of 3.** Met before: exercise 1: how many terms a sum has decides its variance.
#
# Write `fan_in_and_fan_out(weight)`. The fan-in is the number of inputs that one output sums over; the fan-out is the
# number of outputs that one input feeds.
#
# * A linear weight has shape `(out, in)`.
# * A convolution weight has shape `(out, in, *kernel)` with any number of kernel dimensions. The kernel's entries,
#   all of them, are the *receptive field*: $r = \prod_k \text{kernel}_k$. Then $n_{in} = \text{in} \cdot r$ and
#   $n_{out} = \text{out} \cdot r$.
# * With fewer than 2 dimensions (a bias, say) there are no fans: raise `ValueError`, naming `weight` and its shape.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Only the shape matters, never the values. What is the product of no numbers at all? Python's `math.prod` knows, and
# with that a linear weight needs no case of its own.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# In a linear weight the number of inputs stands *second*. In a convolution every output sums over all positions
# of the kernel, and every input feeds as many: a kernel of 3 x 5 puts the factor 15 into both fans.
#
# </details>


# %% solution="fan_in_and_fan_out"
def fan_in_and_fan_out(weight: torch.Tensor) -> tuple[int, int]:
    """Count the inputs of an output (fan-in) and the outputs of an input (fan-out).

    weight: (out, in) or (out, in, *kernel).
    Returns (in * r, out * r) as plain ints, where r is the number of entries of the kernel (1 without one).
    Raises ValueError for fewer than 2 dimensions.
    """
    ### BEGIN SOLUTION
    if weight.dim() < 2:
        raise ValueError(f"weight needs at least 2 dimensions to have fans, got shape {tuple(weight.shape)}")
    num_outputs, num_inputs, *kernel = weight.shape
    receptive_field = math.prod(kernel)
    return num_inputs * receptive_field, num_outputs * receptive_field
    ### END SOLUTION


# %% grades="fan_in_and_fan_out" points={"linear weights": 8, "kernels": 8, "plain integers": 2, "bad input": 2}
def check_fans():
    def fans(*shape):
        return tuple(fan_in_and_fan_out(torch.zeros(*shape)))

    assert fans(5, 3) == (3, 5), (
        f"nn.Linear(3, 5) has a weight of shape (5, 3): 3 inputs, 5 outputs. You return {fans(5, 3)}; "
        "expected the fan-in first. Look at torch's layout in the table of conventions."
    )
    assert fans(8, 4, 3, 5) == (60, 120), (
        f"A kernel of 3 by 5 on 4 channels: each output sums 4 * 15 = 60 numbers. For shape (8, 4, 3, 5) you return "
        f"{fans(8, 4, 3, 5)}, expected (60, 120). Do both fans see the whole kernel?"
    )
    assert fans(8, 4, 3) == (12, 24), (
        f"A one-dimensional convolution has fans too: for shape (8, 4, 3) you return {fans(8, 4, 3)}, "
        "expected (12, 24). How many kernel dimensions do you count on?"
    )
    kinds = [type(fan).__name__ for fan in fan_in_and_fan_out(torch.zeros(8, 4, 3, 5))]
    assert kinds == ["int", "int"], f"The fans should be plain ints, yours are {kinds}."
    try:
        fan_in_and_fan_out(torch.zeros(5))
        raised = "nothing"
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    assert raised == "ValueError", (
        f"A bias of shape (5,) has no fans. Expected a ValueError; your function raises {raised}."
    )


check_fans()
"fan_in_and_fan_out: the visible checks pass"

# %% [markdown]
# ## Task: the uniform rule
#
# **Difficulty 2 of 3.** Met before: *The idea*, above: the variance of a uniform distribution.
#
# Write `xavier_uniform_(weight, gain=1.0, generator=None)`. It fills `weight` with draws from $U(-a, a)$,
#
# $$a = g \sqrt{\frac{6}{n_{in} + n_{out}}}.$$
#
# * The trailing underscore is torch's sign for *in place*: the tensor object you were given holds the new values, and
#   you return that same object.
# * The weight of a layer is a parameter. Filling it is not a step of the computation, so no gradient is recorded, and
#   afterwards the parameter can be trained as before.
# * Every random number comes from `generator`. With `None` it comes from torch's global generator. Never seed either:
#   who calls you decides about seeds.
# * Call your `fan_in_and_fan_out` for the fans. `torch.nn.init` would make this task pointless: it is not allowed here.
#
# How many numbers you draw, and in which order, is up to you: no test compares your draws with somebody else's. Tests
# look at many draws at once, and a right answer fails them by chance less than once in a billion times.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Every tensor has in-place random methods, and they take a `generator`. Autograd complains when you change a parameter
# in place, unless you tell it not to look; there is a context manager for that.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The bound is not the standard deviation. For $U(-a, a)$ that is $a / \sqrt3$, which is where the 6 comes from.
# Both signs have to occur, and a gain of 2 makes every weight twice as large, not $\sqrt2$ times.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Count the two fans, work out the bound, fill the very tensor that you were given with draws between minus and
# plus the bound, from the generator and unseen by autograd, and return that tensor.
#
# </details>


# %% solution="xavier_uniform"
def xavier_uniform_(weight: torch.Tensor, gain: float = 1.0, generator: torch.Generator | None = None) -> torch.Tensor:
    """Fill a weight, in place, with draws from U(-a, a), where a = gain * sqrt(6 / (fan_in + fan_out)).

    weight: (out, in) or (out, in, *kernel); a parameter stays a leaf without history.
    generator: where all draws come from; None means torch's global generator.
    Returns `weight` itself.
    """
    ### BEGIN SOLUTION
    fan_in, fan_out = fan_in_and_fan_out(weight)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    with torch.no_grad():
        return weight.uniform_(-bound, bound, generator=generator)
    ### END SOLUTION


# %% grades="xavier_uniform" points={"spread from both fans": 8, "distribution": 4, "in place": 4, "gain": 2, "generator": 2}
def check_xavier_uniform():
    generator = torch.Generator().manual_seed(0)
    layer = nn.Linear(100, 300)
    try:
        result = xavier_uniform_(layer.weight, generator=generator)
    except RuntimeError as error:
        raise AssertionError(
            f"Filling the weight of an nn.Linear failed: {error} To fill a weight is no step of the computation "
            "that is differentiated: who is recording?"
        ) from error
    assert result is layer.weight, (
        "Expected the very tensor that was passed in. You return something else, or nothing: fill it, then return it."
    )
    assert layer.weight.is_leaf and layer.weight.requires_grad, (
        "After the call the parameter can no longer be trained: it has a history, or its requires_grad is off."
    )
    draws = layer.weight.detach()
    ratio = draws.std().item() / math.sqrt(2 / 400)
    assert abs(ratio - 1) < 0.05, (
        f"For fans 100 and 300 the standard deviation should be sqrt(2 / 400); yours is {ratio:.2f} times that. "
        "Near 0.50: are both signs drawn? Near 0.58: a standard deviation is not a bound. "
        "Near 1.41 or 0.82: one of the fans is missing."
    )
    kernels = xavier_uniform_(torch.zeros(64, 32, 3, 5), generator=generator)
    ratio = kernels.std().item() / math.sqrt(2 / (480 + 960))
    assert abs(ratio - 1) < 0.05, (
        f"A convolution of shape (64, 32, 3, 5) has the fans 480 and 960; your standard deviation is {ratio:.2f} times "
        "the one of the formula. For a linear weight it is right. Which numbers do you take for the fans?"
    )
    reach = draws.abs().max().item() / math.sqrt(6 / 400)
    assert 0.99 < reach < 1.0001, (
        f"The largest of 30000 uniform draws lies just below the bound; yours lies at {reach:.2f} times the bound. "
        "Is it a uniform distribution that you draw from?"
    )
    wide = xavier_uniform_(torch.zeros(300, 100), gain=4.0, generator=generator).abs().max().item()
    assert abs(wide / math.sqrt(6 / 400) - 4) < 0.1, (
        f"With gain=4 the bound should be 4 times as large; yours is {wide / math.sqrt(6 / 400):.2f} times as large. "
        "What is the gain a factor of?"
    )
    same = [xavier_uniform_(torch.zeros(3, 2), generator=torch.Generator().manual_seed(5)) for _ in range(2)]
    assert torch.equal(*same), (
        "Two generators in the same state should give the same weight. Do all your draws come from `generator`?"
    )
    assert not torch.equal(xavier_uniform_(torch.zeros(3, 2)), xavier_uniform_(torch.zeros(3, 2))), (
        "Without a generator two calls should give two weights; yours are equal. Does something seed, or start anew?"
    )


# While this check runs, the fans of its shapes, counted by hand, stand in for your function: it judges this task alone.
with patch.dict(globals(), fan_in_and_fan_out=lambda weight: {300: (100, 300), 64: (480, 960), 3: (2, 3)}[len(weight)]):
    check_xavier_uniform()
"xavier_uniform_: the visible checks pass"

# %% [markdown]
# ## Task: the normal rule
#
# **Difficulty 1 of 3.** Met before: the uniform rule, above.
#
# Write `xavier_normal_(weight, gain=1.0, generator=None)`. The draws come from
#
# $$\mathcal{N}\left(0, \; g^2 \, \frac{2}{n_{in} + n_{out}}\right),$$
#
# where the second entry is the *variance*. All else is as in the uniform rule: in place, the same object back, no
# gradient, every draw from `generator`, no `torch.nn.init`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Look up what the second argument of the function that you draw with is called. Then work out what becomes of $g^2$.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The formula shows a variance; torch asks for a standard deviation. The root goes over everything, so over $g^2$
# as well. The number 6 belongs to the other distribution.
#
# </details>


# %% solution="xavier_normal"
def xavier_normal_(weight: torch.Tensor, gain: float = 1.0, generator: torch.Generator | None = None) -> torch.Tensor:
    """Fill a weight, in place, with draws from N(0, v), where the variance is v = gain**2 * 2 / (fan_in + fan_out).

    weight: (out, in) or (out, in, *kernel); a parameter stays a leaf without history.
    generator: where all draws come from; None means torch's global generator.
    Returns `weight` itself.
    """
    ### BEGIN SOLUTION
    fan_in, fan_out = fan_in_and_fan_out(weight)
    std = gain * math.sqrt(2 / (fan_in + fan_out))
    with torch.no_grad():
        return weight.normal_(0, std, generator=generator)
    ### END SOLUTION


# %% grades="xavier_normal" points={"spread from both fans": 8, "distribution": 4, "in place": 4, "gain": 2, "generator": 2}
def check_xavier_normal():
    generator = torch.Generator().manual_seed(0)
    layer = nn.Linear(100, 300)
    try:
        result = xavier_normal_(layer.weight, generator=generator)
    except RuntimeError as error:
        raise AssertionError(
            f"Filling the weight of an nn.Linear failed: {error} To fill a weight is no step of the computation "
            "that is differentiated: who is recording?"
        ) from error
    assert result is layer.weight, (
        "Expected the very tensor that was passed in. You return something else, or nothing: fill it, then return it."
    )
    assert layer.weight.is_leaf and layer.weight.requires_grad, (
        "After the call the parameter can no longer be trained: it has a history, or its requires_grad is off."
    )
    draws = layer.weight.detach()
    ratio = draws.std().item() / math.sqrt(2 / 400)
    assert abs(ratio - 1) < 0.05, (
        f"For fans 100 and 300 the standard deviation should be sqrt(2 / 400); yours is {ratio:.2f} times that. "
        "Near 0.07: is it a variance that you pass on? Near 1.73: that constant belongs to the uniform bound. "
        "Near 1.41 or 0.82: one of the fans is missing. Near 1.29: are old values left in it?"
    )
    kernels = xavier_normal_(torch.zeros(64, 32, 3, 5), generator=generator)
    ratio = kernels.std().item() / math.sqrt(2 / (480 + 960))
    assert abs(ratio - 1) < 0.05, (
        f"A convolution of shape (64, 32, 3, 5) has the fans 480 and 960; your standard deviation is {ratio:.2f} times "
        "the one of the formula. For a linear weight it is right. Which numbers do you take for the fans?"
    )
    share = (draws.abs() > 2 * draws.std()).float().mean().item()
    assert 0.03 < share < 0.06, (
        f"About 4.6 % of normal draws lie beyond two standard deviations; of yours {100 * share:.1f} % do. "
        "Is it a full normal distribution that you draw from?"
    )
    wide = xavier_normal_(torch.zeros(300, 100), gain=4.0, generator=generator).std().item() / math.sqrt(2 / 400)
    assert abs(wide - 4) < 0.2, (
        f"With gain=4 the standard deviation should be 4 times as large; yours is {wide:.2f} times as large. "
        "The formula has the gain squared, but in front of which quantity?"
    )
    same = [xavier_normal_(torch.zeros(3, 2), generator=torch.Generator().manual_seed(5)) for _ in range(2)]
    assert torch.equal(*same), (
        "Two generators in the same state should give the same weight. Do all your draws come from `generator`?"
    )
    assert not torch.equal(xavier_normal_(torch.zeros(3, 2)), xavier_normal_(torch.zeros(3, 2))), (
        "Without a generator two calls should give two weights; yours are equal. Does something seed, or start anew?"
    )


# As above: the fans, counted by hand.
with patch.dict(globals(), fan_in_and_fan_out=lambda weight: {300: (100, 300), 64: (480, 960), 3: (2, 3)}[len(weight)]):
    check_xavier_normal()
"xavier_normal_: the visible checks pass"

# %% [markdown]
# Your two rules side by side: different shapes, the same variance.

# %% tags=["active-ipynb"]
# generator = torch.Generator().manual_seed(0)
# expected, bound = math.sqrt(2 / 400), math.sqrt(6 / 400)
# figure, panels = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
# for panel, rule, color in zip(panels, [xavier_uniform_, xavier_normal_], ["#0072B2", "#D55E00"]):
#     draws = rule(torch.empty(300, 100), generator=generator).flatten()
#     panel.hist(draws, bins=50, range=(-2.5 * bound, 2.5 * bound), density=True, color=color, alpha=0.8)
#     for sign in (-1, 1):
#         panel.axvline(sign * expected, color="black", linestyle="--", linewidth=1, marker="")
#     panel.set(title=f"{rule.__name__}: standard deviation {draws.std():.4f}", xlabel="weight")
# panels[0].set_ylabel("density (per unit of weight)")
# panels[1].annotate(
#     "one standard deviation,\nby the formula",
#     xy=(expected, 4.8),
#     xytext=(0.11, 5.3),
#     arrowprops={"arrowstyle": "->"},
#     fontsize=8,
# )
# figure.suptitle("Two shapes, one variance: what matters for the signal is the same")
# plt.show()
# print(f"The formula says {expected:.4f}.")

# %% [markdown]
# ## Task: a network that starts where you say
#
# **Difficulty 2 of 3.** Met before: your two rules, above.
#
# Write `XavierInitNetwork(input_size, hidden_sizes, output_size, init_type="xavier", generator=None)`.
#
# * Structure: `self.network` is an `nn.Sequential` of `nn.Linear`, `nn.Tanh`, `nn.Linear`, `nn.Tanh`, ..., `nn.Linear`:
#   a tanh after every hidden layer, none after the output layer. `forward` applies it to `x` of shape
#   `(N, input_size)` and gives `(N, output_size)`. The caller's `hidden_sizes` stays as it was.
# * Initialization: the weight of *every* Linear, the output layer's too, as `init_type` says:
#
#   | `init_type` | weights |
#   |---|---|
#   | `"xavier"` | your `xavier_uniform_` |
#   | `"xavier_normal"` | your `xavier_normal_` |
#   | `"zeros"` | 0 |
#   | `"random"` | draws from $U(-0.1, 0.1)$, whatever the size of the layer |
#
#   The gain is 1. Any other `init_type` is a `ValueError` that names it. Every bias starts at 0. All draws for the
#   initial weights come from `generator` (`None`: torch's global one), so the same generator state gives the same
#   network. `nn.Linear` advances torch's global generator when it is built, which is fine.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Put all sizes into one list; neighbors in it are the two sizes of a layer. Collect layers in a list and hand it to
# `nn.Sequential` with a star. Initialize in a second pass over the finished layers: then none is forgotten.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Is the output layer as torch made it? Then the loop knew the hidden layers only. Are biases not 0? Torch draws
# them when it builds a layer. Is a Tanh the last module? There is one fewer of them than of linear layers.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse an unknown type first. For each pair of neighboring sizes build a linear layer, and put a Tanh behind
# every one but the last. Then go through the finished linear layers: the weight by the rule of the type, with the
# generator, and the bias to 0, both unseen by autograd.
#
# </details>


# %% solution="xavier_init_network"
class XavierInitNetwork(nn.Module):
    """A tanh network (Linear, Tanh, ..., Linear in `network`) that starts from the weights that `init_type` names.

    hidden_sizes: a list with the width of each hidden layer.
    init_type: "xavier", "xavier_normal", "zeros" or "random" (U(-0.1, 0.1)); others raise ValueError.
    generator: where all initial weights are drawn from; None means torch's global generator.
    Every bias starts at 0.
    """

    def __init__(
        self,
        input_size: int,
        hidden_sizes: list[int],
        output_size: int,
        init_type: str = "xavier",
        generator: torch.Generator | None = None,
    ):
        ### BEGIN SOLUTION
        super().__init__()
        initialize = {
            "xavier": lambda weight: xavier_uniform_(weight, generator=generator),
            "xavier_normal": lambda weight: xavier_normal_(weight, generator=generator),
            "zeros": lambda weight: weight.zero_(),
            "random": lambda weight: weight.uniform_(-0.1, 0.1, generator=generator),
        }
        if init_type not in initialize:
            raise ValueError(f"init_type should be one of {list(initialize)}, got {init_type!r}")
        sizes = [input_size, *hidden_sizes, output_size]
        layers = []
        for num_inputs, num_outputs in itertools.pairwise(sizes):
            layers += [nn.Linear(num_inputs, num_outputs), nn.Tanh()]
        self.network = nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for layer in self.network[::2]:
                initialize[init_type](layer.weight)
                layer.bias.zero_()
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map a batch (N, input_size) to (N, output_size)."""
        ### BEGIN SOLUTION
        return self.network(x)
        ### END SOLUTION


# %% grades="xavier_init_network_structure" points={"layers and sizes": 5, "forward": 2, "gradients": 2, "list of sizes": 1}
def check_network_structure():
    sizes = [4, 3]
    model = XavierInitNetwork(5, sizes, 2, init_type="zeros")
    assert isinstance(getattr(model, "network", None), nn.Sequential), "`self.network` should be an nn.Sequential."
    kinds = [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    assert len(model.network) == 5 and all(map(isinstance, model.network, kinds)), (
        "Two hidden layers should give Linear, Tanh, Linear, Tanh, Linear; yours are "
        f"{', '.join(type(layer).__name__ for layer in model.network)}."
    )
    shapes = [tuple(layer.weight.shape) for layer in model.network if isinstance(layer, nn.Linear)]
    assert shapes == [(4, 5), (3, 4), (2, 3)], (
        f"For sizes 5, [4, 3], 2 the weights should have shapes (4, 5), (3, 4), (2, 3); yours are {shapes}. "
        "Each layer reads what the one before it gives, and each has the width that the list says."
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.network[-1].bias.copy_(torch.tensor([3.0, -4.0]))
    output = model(torch.ones(1, 5))
    assert torch.equal(output, torch.tensor([[3.0, -4.0]])), (
        f"With all weights at 0 the output is the bias of the output layer, here 3 and -4; yours is {output.tolist()}. "
        "Does `forward` do anything after `self.network`?"
    )
    assert output.requires_grad, "No gradient can come back from the output. Who switches recording off in `forward`?"
    assert sizes == [4, 3], f"The caller's list was [4, 3] and is now {sizes}: build a new list instead."


check_network_structure()
"XavierInitNetwork, structure: the visible checks pass"


# %% grades="xavier_init_network_initialization" points={"spread of each type": 6, "uniform or normal": 3, "output layer": 3, "biases, generator and bad input": 3}
def check_network_initialization():
    def build(init_type, seed=0):
        return XavierInitNetwork(200, [100, 100], 50, init_type, generator=torch.Generator().manual_seed(seed))

    def weights(model):
        return [layer.weight.detach() for layer in model.network if isinstance(layer, nn.Linear)]

    for init_type in ["xavier", "xavier_normal"]:
        for number, weight in enumerate(weights(build(init_type)), 1):
            ratio = weight.std().item() / math.sqrt(2 / sum(weight.shape))
            assert abs(ratio - 1) < 0.1, (
                f"{init_type!r}: the standard deviation of Linear number {number} is {ratio:.2f} times the one of the "
                "formula. Near 1.67: the gain is 1 here. Near 0.5: does your loop reach this layer, and does it "
                "change the weight itself?"
            )
    ranges = [[round(weight.min().item(), 2), round(weight.max().item(), 2)] for weight in weights(build("random"))]
    assert all(limits == [-0.1, 0.1] for limits in ranges), (
        f"'random' draws from U(-0.1, 0.1); the ranges of your layers are {ranges}. "
        "0.1 is a bound, not a standard deviation, and half of the draws are negative."
    )
    largest = [round(weight.abs().max().item(), 3) for weight in weights(build("zeros"))]
    assert not any(largest), (
        f"'zeros' means weights of exactly 0, but the largest ones of your layers are {largest}. "
        "Do you change the layer's own weight, in every layer?"
    )
    for init_type in ["xavier", "zeros"]:
        biases = [layer.bias.abs().max().item() for layer in build(init_type).network if isinstance(layer, nn.Linear)]
        assert not any(biases), (
            f"{init_type!r}: every bias should be 0; the largest ones are {[round(bias, 3) for bias in biases]}. "
            "nn.Linear draws its biases when it is built."
        )
    for init_type in ["xavier", "random"]:
        one, two = weights(build(init_type, seed=7)), weights(build(init_type, seed=7))
        assert all(map(torch.equal, one, two)), (
            f"{init_type!r}: the same generator state gave two different networks. Do all layers draw from `generator`?"
        )
        assert not torch.equal(one[1], weights(build(init_type, seed=8))[1]), (
            f"{init_type!r}: two differently seeded generators gave the same network. Who else seeds here?"
        )
    try:
        build("he")
        raised = "nothing"
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    assert raised == "ValueError", f"There is no init_type 'he' here. Expected a ValueError; you raise {raised}."


# Correct rules, torch's, stand in for yours while this check runs, so that it judges this task alone.
with patch.dict(
    globals(),
    xavier_uniform_=lambda weight, gain=1.0, generator=None: nn.init.xavier_uniform_(weight, gain, generator),
    xavier_normal_=lambda weight, gain=1.0, generator=None: nn.init.xavier_normal_(weight, gain, generator),
):
    check_network_initialization()
"XavierInitNetwork, initialization: the visible checks pass"

# %% [markdown]
# ## Task: how far does the signal spread?
#
# **Difficulty 2 of 3.** Met before: the first picture of this notebook; modes return in exercise 4.
#
# Write `activation_spread(network, x)`. It sends the batch `x` through the network once and returns, for each `nn.Tanh`
# in order, the standard deviation of its output as a plain `float`. All entries count together, over the batch and
# over the units. Dividing by $n$ or by $n - 1$ is up to you.
#
# `network` is a module like yours: its attribute `network` is an `nn.Sequential` of Linear and Tanh layers, and its
# `forward` applies just that. Measuring leaves no trace: no hook of yours stays behind (and somebody else's stays where
# it is), no gradient appears or vanishes, the mode (`train` or `eval`) is as before, and so are `x` and the weights.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Two ways work. Walk through `network.network` layer by layer yourself, or look up `register_forward_hook`: what it
# returns is how you get rid of the hook. How do you say that no gradient is wanted here?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# It is what comes *out* of each Tanh that counts, and all its entries count together: the mean of the units'
# deviations is another number. A network that you have measured should train on as if you had never been there.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# With gradients off, begin with the batch and send it through the modules of the sequence in their order, one
# after the other. Behind each Tanh note the standard deviation of all entries as a plain float. This way there is
# no hook to remove and no mode to restore.
#
# </details>


# %% solution="activation_spread"
def activation_spread(network: nn.Module, x: torch.Tensor) -> list[float]:
    """Measure the standard deviation of the output of each Tanh for the batch x, in order.

    network: a module whose attribute `network` is an nn.Sequential of Linear and Tanh; it is left as it was.
    x: (N, input_size).
    """
    ### BEGIN SOLUTION
    spreads = []

    def record(module, inputs, output):
        spreads.append(output.std().item())

    handles = [module.register_forward_hook(record) for module in network.modules() if isinstance(module, nn.Tanh)]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for handle in handles:
            handle.remove()
    return spreads
    ### END SOLUTION


# %% grades="activation_spread" points={"after each Tanh": 7, "standard deviation": 3, "plain floats": 2, "network left alone": 3}
def check_activation_spread():
    class TwoTanh(nn.Module):
        """Two units: the first sees 2 or -2, the second always 1; then their sum, and the output layer."""

        def __init__(self):
            super().__init__()
            self.network = nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1), nn.Tanh(), nn.Linear(1, 3))
            values = [[[2.0], [0.0]], [0.0, 1.0], [[0.25, 0.25]], [0.0], [[1.0]] * 3, [0.0] * 3]
            for parameter, value in zip(self.parameters(), values, strict=True):
                parameter.data = torch.tensor(value)

        def forward(self, x):
            return self.network(x)

    model, x = TwoTanh(), torch.tensor([[1.0], [-1.0]]).repeat(1000, 1)
    spreads = activation_spread(model, x)
    assert isinstance(spreads, list) and len(spreads) == 2, (
        f"Two Tanh layers should give a list of two numbers; yours is a {type(spreads).__name__}"
        + (f" of {len(spreads)}. Which layers do you measure?" if isinstance(spreads, list) else ".")
    )
    assert all(isinstance(spread, float) for spread in spreads), (
        f"Expected plain floats, yours are of type {type(spreads[0]).__name__}."
    )
    a, b = math.tanh(2), math.tanh(1)
    high, low = math.tanh((a + b) / 4), math.tanh((b - a) / 4)
    expected = [math.sqrt((a**2 + b**2) / 2 - (b / 2) ** 2), (high - low) / 2]
    # The first layer's entries are a, -a, b, b: their mean is b / 2.
    assert abs(spreads[0] / expected[0] - 1) < 1e-2, (
        f"The first Tanh gives {a:.3f} or {-a:.3f} in one unit, always {b:.3f} in the other: a standard deviation of "
        f"{expected[0]:.3f} over all entries. Yours is {spreads[0]:.3f}. Near {a / 2:.3f}: the mean of the units' "
        f"deviations. Near {expected[0] ** 2:.3f}: a variance. Near 1.500: that is before the Tanh."
    )
    assert abs(spreads[1] / expected[1] - 1) < 1e-2, (
        f"The second Tanh has a standard deviation of {expected[1]:.3f}, yours is {spreads[1]:.3f}."
    )
    assert not any(module._forward_hooks for module in model.modules()), (
        "There is still a hook on the network. Each registered hook has a handle; where do you remove it?"
    )
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters()), (
        "Measuring should leave gradients alone: each `grad` was None and each `requires_grad` True before."
    )
    for mode in [True, False]:
        activation_spread(model.train(mode), x)
        assert model.training is mode, f"The network had training={mode} before you measured, and now it has not."


check_activation_spread()
"activation_spread: the visible checks pass"

# %% [markdown]
# ## Predict, then measure: twenty layers
#
# `"random"` draws every weight from $U(-0.1, 0.1)$, whatever the width. Take 20 hidden layers of 100 units. Once the
# signal is small, tanh does nothing to it, and each layer multiplies its spread by the same factor. Which one? Work it
# out with the formula for $\operatorname{Var}(z)$ from above, or guess; nobody grades it.

# %% tags=["active-ipynb"]
# predicted_factor = None  # a number, such as 0.9: what each layer multiplies the spread by

# %% tags=["active-ipynb"]
# depth = 20
# styles = {
#     "xavier": dict(color="#0072B2", linestyle="-", marker="o"),
#     "xavier_normal": dict(color="#D55E00", linestyle="--", marker="s"),
#     "random": dict(color="#009E73", linestyle="-.", marker="^"),
#     "xavier, gain 5/3": dict(color="#CC79A7", linestyle=":", marker="D"),
# }
# generator = torch.Generator().manual_seed(0)
# spreads = {}
# for width in [100, 300]:
#     signal = torch.randn(500, width, generator=generator)
#     for init_type in ["xavier", "xavier_normal", "random", "zeros"]:
#         model = XavierInitNetwork(width, [width] * depth, 10, init_type, generator=generator)
#         spreads[width, init_type] = activation_spread(model, signal)
#     model = XavierInitNetwork(width, [width] * depth, 10, "xavier", generator=generator)
#     for layer in model.network[::2]:
#         xavier_uniform_(layer.weight, gain=5 / 3, generator=generator)
#     spreads[width, "xavier, gain 5/3"] = activation_spread(model, signal)
#
# figure, panels = plt.subplots(1, 2, figsize=(9, 4.2), sharey=True)
# layers = list(range(1, depth + 1))
# for panel, width in zip(panels, [100, 300]):
#     for name, style in styles.items():
#         panel.semilogy(layers, spreads[width, name], label=name, markersize=5, **style)
#     zero = max(spreads[width, "zeros"])
#     panel.text(1, 2.5e-6, f"zeros: {zero:g} in every layer, below any log axis", fontsize=8)
#     panel.set(xlabel="layer", ylim=(1e-6, 3), xticks=[1, 5, 10, 15, 20], title=f"{width} units a layer")
# if (predicted := prediction("predicted_factor")) is not None:
#     line = [spreads[100, "random"][0] * predicted**step for step in range(depth)]
#     panels[0].semilogy(layers, line, color="gray", marker="", linewidth=1.2, label="your prediction for random")
# panels[0].set_ylabel("standard deviation after tanh")
# panels[0].legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 0.09))
# figure.suptitle("One fixed range fits one width only; Xavier follows the width")
# plt.show()
#
# fading = spreads[100, "random"]
# measured_factor = (fading[-1] / fading[5]) ** (1 / (depth - 6))
# print(f"random, 100 units: each layer multiplies the spread by {measured_factor:.3f}.")
# if predicted is not None:
#     print(f"You predicted {predicted:.3f}.")
# for name in ["xavier", "random", "xavier, gain 5/3"]:
#     narrow, wide = spreads[100, name][-1], spreads[300, name][-1]
#     print(f"{name}: after {depth} layers {narrow:.2g} with 100 units, {wide:.2g} with 300.")

# %% [markdown]
# Three things to see. `"random"` is right for exactly one width: $U(-0.1, 0.1)$ has variance $0.01/3$, which is
# $1/300$. The two Xavier rules cannot be told apart, since only the variance counts. And Xavier's own line is not
# flat: tanh squeezes every signal a little, so the spread still sinks, slowly. That is what the gain of 5/3 is for:
# with it the spread settles at a level of its own.

# %% [markdown]
# ## Predict, then measure: weights of zero
#
# Now train. Two moons, 150 points in one class and 100 in the other, a network 2-16-16-16-2 of yours, plain gradient
# descent. It has 8 parameter tensors: 4 weights and 4 biases. With `init_type="zeros"`, how many of the 8 have changed
# at all after 600 steps? Walk the chain rule backward from the loss before you answer.

# %% tags=["active-ipynb"]
# predicted_moving_tensors = None  # a whole number from 0 to 8, such as 8

# %% tags=["active-ipynb"]
# from sklearn.datasets import make_moons
#
# points, labels = make_moons((150, 100), noise=0.15, random_state=0)
# points, labels = torch.tensor(points, dtype=torch.float32), torch.tensor(labels)
# points = (points - points.mean(0)) / points.std(0)
#
#
# def start(init_type):
#     """Your network; "constant" is a network of zeros whose weights are then all set to 0.1."""
#     generator = torch.Generator().manual_seed(1)
#     if init_type != "constant":
#         return XavierInitNetwork(2, [16, 16, 16], 2, init_type, generator=generator)
#     model = XavierInitNetwork(2, [16, 16, 16], 2, "zeros")
#     with torch.no_grad():
#         for layer in model.network[::2]:
#             layer.weight.fill_(0.1)
#     return model
#
#
# def train(model, steps=600):
#     """The loss, and how many different units the second hidden layer has, after every step."""
#     optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
#     losses, units = [], []
#     for _ in range(steps):
#         loss = nn.functional.cross_entropy(model(points), labels)
#         optimizer.zero_grad()
#         loss.backward()
#         optimizer.step()
#         losses.append(loss.item())
#         rows = torch.cat([model.network[2].weight, model.network[2].bias[:, None]], dim=1)
#         units.append(len((rows.detach() * 1e5).round().unique(dim=0)))
#     return losses, units
#
#
# styles = {
#     "zeros": dict(color="#CC79A7", linestyle=":"),
#     "constant": dict(color="black", linestyle=(0, (1, 1))),
#     "random": dict(color="#009E73", linestyle="-."),
#     "xavier": dict(color="#0072B2", linestyle="-"),
#     "xavier_normal": dict(color="#D55E00", linestyle="--"),
# }
# models, losses, units = {}, {}, {}
# for init_type in styles:
#     models[init_type] = start(init_type)
#     losses[init_type], units[init_type] = train(models[init_type])
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
# for init_type, style in styles.items():
#     left.plot(losses[init_type], label=init_type, marker="", **style)
#     right.plot(units[init_type], label=init_type, marker="", **style)
# left.set(title="The loss", xlabel="step", ylabel="cross-entropy (nats)", ylim=(0, 0.9))
# left.legend(fontsize=8)
# for count in sorted({values[-1] for values in units.values()}):
#     names = ", ".join(name for name, values in units.items() if values[-1] == count)
#     right.text(300, count - 0.8 if count > 8 else count + 0.4, names, ha="center", fontsize=9)
# right.set(title="Different units among the 16 of a layer", xlabel="step", ylabel="number of units", ylim=(0, 17))
# figure.suptitle("Units that start equal stay equal: sixteen copies are one unit")
# plt.show()
#
# before, after = start("zeros").parameters(), models["zeros"].parameters()
# moved = sum(not torch.equal(*pair) for pair in zip(before, after))
# print(f"zeros: {moved} of 8 parameter tensors changed.")
# if (predicted := prediction("predicted_moving_tensors")) is not None:
#     print(f"You predicted {predicted}.")
# share = labels.bincount() / len(labels)
# cost = -(share * share.log()).sum()
# print(f"Its loss ends at {losses['zeros'][-1]:.3f}; always answering with the classes' shares costs {cost:.3f}.")
# print("Last loss: " + ", ".join(f"{name} {values[-1]:.3f}" for name, values in losses.items()) + ".")

# %% tags=["active-ipynb"]
# from matplotlib.colors import LinearSegmentedColormap
#
# shades = LinearSegmentedColormap.from_list("classes", ["#D55E00", "#FFFFFF", "#0072B2"])
# side = torch.linspace(-2.4, 2.4, 80)
# grid = torch.cartesian_prod(side, side)
# figure, panels = plt.subplots(1, 4, figsize=(9, 2.9), sharey=True)
# for panel, init_type in zip(panels, ["zeros", "constant", "random", "xavier"]):
#     with torch.no_grad():
#         chance = models[init_type](grid).softmax(1)[:, 1].reshape(80, 80).T
#         right_share = (models[init_type](points).argmax(1) == labels).float().mean()
#     panel.contourf(side, side, chance, levels=[0, 0.1, 0.3, 0.5, 0.7, 0.9, 1], cmap=shades, alpha=0.6)
#     panel.contour(side, side, chance, levels=[0.5], colors="black", linewidths=1)
#     for number, marker, color in [(0, "s", "#D55E00"), (1, "o", "#0072B2")]:
#         rows = points[labels == number]
#         panel.scatter(*rows.T, marker=marker, s=8, c=color, edgecolors="black", linewidths=0.3)
#     panel.set(title=f"{init_type}: {100 * right_share:.0f} % right", xlabel="first feature", aspect="equal")
#     panel.grid(False)
# panels[0].set_ylabel("second feature")
# figure.suptitle("One unit a layer can only draw a straight line")
# plt.show()

# %% [markdown]
# With zeros the hidden activations are 0, and no gradient passes the output layer's zero weights, so only the output
# bias moves: the network learns how frequent the classes are, and nothing else. A constant that is not 0 lets
# gradients through, and still the sixteen units of a layer get the same gradient forever. Only *different* starting
# weights break this symmetry.
#
# Different is not enough, though: look at `"random"`. All its units differ, yet three layers of 16 units pass on so
# little that it spends the whole run close to a straight line. Train it longer, or with Adam, before you call it
# hopeless: a bad start costs time, and on a small problem like this one it may cost nothing else.
#
# ## Questions to think about
#
# 1. A layer maps 1000 inputs to 10 outputs. By which factor does Xavier's rule change the variance of the forward
#    signal, and by which factor that of the gradient? Would you rather have one of the two exactly right?
# 2. The derivation uses that tanh has slope 1 at 0 and gives outputs around 0. Which step breaks for a sigmoid, and
#    which for a ReLU?
# 3. With weights of zero, would random *biases* break the symmetry? Follow one gradient through the first two layers.
#
# ## Further, if you are done
#
# Send *two* similar inputs through forty layers and plot the cosine between them, layer by layer, for gains from 0.8
# to 3 and biases of different sizes. Below some gain all inputs become alike, above it similar ones drift apart. S.
# Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein, *Deep Information Propagation* (ICLR 2017), predict the gain
# at which this turns, and the depth that can be trained around it.
#
# ## Where to read on
#
# * X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010: the
#   source; its figures of activations over depth and time are still worth the visit.
# * Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, *Efficient BackProp*, 1998: the fan-in rule twelve years earlier, and why
#   inputs are standardized.
# * A. Saxe, J. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
#   networks*, ICLR 2014: orthogonal weights keep every direction, not only the variance on average.
# * K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015: the same derivation for ReLU, which is
#   the next exercise.
# * PyTorch's documentation of `torch.nn.init`: what you have just written, with the gains for other activations.
