# %% [markdown]
# # He initialization and LSUV
#
# Fifty ReLU layers in a row: most weight scales make the signal vanish or explode, one keeps it. You derive that
# scale, see what exactly it keeps and what it does not, and then write a method that needs no derivation at all.
#
# You will be able to
# * say why ReLU needs twice the weight variance, and what a slope on the negative side changes,
# * write He's normal and uniform initialization for linear layers and convolutions,
# * measure a deep network: activation size and dead units, layer by layer,
# * initialize a network from data, with orthonormal weights and unit variance (LSUV).
#
# Time: about 2 hours. Builds on exercise 1 (signal and gradient flow) and exercise 2 (Xavier initialization, fans).

# %%
import copy
import math
from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

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
# 256 random inputs go through 50 linear layers of width 256, each followed by ReLU. The three recipes are the ones
# you have met: Xavier, PyTorch's default for `nn.Linear`, and one fixed number for every layer.

# %% tags=["active-ipynb"]
# recipes = {
#     "Xavier": nn.init.xavier_normal_,
#     "PyTorch's default": lambda weight: nn.init.kaiming_uniform_(weight, a=math.sqrt(5)),
#     "normal, std 0.12": lambda weight: nn.init.normal_(weight, std=0.12),
# }
# torch.manual_seed(3)
# fig, ax = plt.subplots(figsize=(7.2, 3.6))
# for name, init in recipes.items():
#     signal, spread = torch.randn(256, 256, dtype=torch.float64), []
#     for _ in range(50):
#         signal = torch.relu(signal @ init(torch.empty(256, 256, dtype=torch.float64)).T)
#         spread.append(signal.std().item())
#     ax.semilogy(range(1, 51), spread, markevery=7)
#     ax.annotate(name, (50, spread[-1]), xytext=(8, 0), textcoords="offset points", va="center")
# ax.axhline(1, color="0.4", linewidth=1, linestyle="--")
# ax.set(xlabel="layer", ylabel="std of the activations", xlim=(0, 66), xticks=range(0, 51, 10))
# ax.set_title("ReLU layers: every familiar recipe loses the signal or blows it up")
# plt.show()

# %% [markdown]
# ## The idea
#
# Layer $l$ computes $z_l = W_l\,a_{l-1}$ from $n$ inputs, then $a_l = \mathrm{relu}(z_l)$. The weights are independent
# with mean 0. One output is a sum of $n$ products, so its variance is
#
# $$\mathrm{Var}(z_l) = n \,\mathrm{Var}(W)\; E[a_{l-1}^2].$$
#
# Mind the last factor. It is the mean *square*, not the variance, because activations after ReLU do not have mean 0.
# Now $z_{l-1}$ is symmetric around 0, and ReLU throws away one half of it, so
# $E[a_{l-1}^2] = \tfrac12 \mathrm{Var}(z_{l-1})$. If the negative half is kept with a slope $s$ (leaky ReLU), it
# contributes $s^2$ times as much: $E[a_{l-1}^2] = \tfrac{1 + s^2}{2} \mathrm{Var}(z_{l-1})$. Together:
#
# $$\mathrm{Var}(z_l) = \underbrace{n \,\mathrm{Var}(W)\,\tfrac{1 + s^2}{2}}_{\text{make this } 1}
# \;\mathrm{Var}(z_{l-1}) \qquad\Longrightarrow\qquad \mathrm{Var}(W) = \frac{2}{(1 + s^2)\, n}.$$
#
# This is the initialization of He, Zhang, Ren and Sun, *Delving Deep into Rectifiers* (2015), section 2.2. Two
# consequences are easy to miss:
#
# * What stays the same from layer to layer is $\mathrm{Var}(z)$, and with it $E[a^2]$. The *standard deviation of the
#   activations* is not 1: a part of $E[a^2] = \mathrm{mean}^2 + \mathrm{std}^2$ sits in the mean.
# * The input $x$ of the network has not been through a ReLU. With $E[x^2] = 1$ the first layer gives
#   $\mathrm{Var}(z_1) = 2$, and from there on it stays at 2.
#
# The rule holds for ReLU layers in a chain. For anything else (gates, pooling, inputs of another size) you would have
# to derive a new one. Mishkin and Matas, *All you need is a good init* (2016), section 3, measure instead: send a
# batch through the network and divide each layer's weight by the standard deviation of its output. That is LSUV,
# layer-sequential unit variance.

# %% [markdown]
# ## Conventions
#
# | Question | Elsewhere | Here |
# |---|---|---|
# | Which fan? | He et al. accept either; `HeNormal` in Keras: fan-in | `mode="fan_in"` unless told otherwise |
# | "He normal" | Keras: a *truncated* normal; PyTorch: a normal | a normal |
# | Default slope | `nn.Linear` passes $\sqrt5$, so that $n \mathrm{Var}(W) = 1/3$ | `negative_slope=0.0`: ReLU |
# | The first layer | some courses use gain 1, as its input is not rectified | the same rule for every layer |
# | LSUV normalizes | fastai: the activations, and it shifts the bias | the layer's own output; bias 0 |
# | Standard deviation | `tensor.std()` divides by $n - 1$ | divide by $n$ (`unbiased=False`) |
#
# The next cell gives you the two fans, as you wrote them in exercise 2. Use it where you like.


# %%
def fan_in_and_fan_out(weight: Tensor) -> tuple[int, int]:
    """The inputs that one output sums over, and the outputs that one input reaches.

    A linear weight is (out, in), a convolution's (out, in, *kernel): every position of the kernel counts.
    """
    if weight.dim() < 2:
        raise ValueError(f"weight needs at least 2 dimensions, not {weight.dim()}")
    receptive_field = math.prod(weight.shape[2:])
    return weight.shape[1] * receptive_field, weight.shape[0] * receptive_field


# %% [markdown]
# ## Task: the gain
#
# **Difficulty 1 of 3.** Met before: the gain of exercise 2.
#
# Write $\mathrm{Var}(W) = \mathrm{gain}^2 / n$. The gain is then the part of the formula that depends on the
# activation only:
#
# $$\mathrm{gain} = \sqrt{\frac{2}{1 + s^2}} \qquad (s \text{ is the slope for negative inputs; ReLU has } s = 0).$$
#
# The next two tasks may call it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Try the two ends first. A slope of 1 is no kink at all, and the gain must be 1. A slope of 0 throws half of the
# mean square away, and the gain must make up for a factor of 2 in the *variance*.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The slope acts on values, so on a mean *square* it acts by its square: square the slope itself, before anything
# is added. And a gain multiplies weights, so it is the root of the factor in the variance.
#
# </details>


# %% solution="he_gain"
def he_gain(negative_slope: float = 0.0) -> float:
    """The gain of He initialization for a (leaky) ReLU: sqrt(2 / (1 + negative_slope**2)).

    negative_slope: the slope for negative inputs, 0 for ReLU.
    """
    ### BEGIN SOLUTION
    return math.sqrt(2 / (1 + negative_slope**2))
    ### END SOLUTION


# %% grades="he_gain" points={"ReLU": 6, "other slopes": 4}
_gain = he_gain()
assert isinstance(_gain, float), f"he_gain() gives a {type(_gain).__name__}, we expect a float"
assert abs(_gain - 1.41421356) < 1e-6, (
    f"he_gain() is {_gain:.4g}, we expect 1.414 for ReLU. "
    "The gain scales standard deviations: the factor of 2 above is one of the variance."
)
_gain = he_gain(1.0)
assert abs(_gain - 1) < 1e-6, (
    f"he_gain(1.0) is {_gain:.4g}, we expect 1: a slope of 1 is no kink, nothing is lost. "
    "Does negative_slope have an effect, and what exactly do you square?"
)
_gain = he_gain(0.5)
assert abs(_gain - 1.26491106) < 1e-6, (
    f"he_gain(0.5) is {_gain:.4g}, we expect 1.265. If he_gain(0) and he_gain(1) are right and this is not, "
    "look at how the slope enters: halving a number leaves a quarter of its square."
)
"he_gain: the visible checks pass"

# %% [markdown]
# ## Task: He's normal initialization
#
# **Difficulty 2 of 3.** Met before: the normal rule of exercise 2.
#
# Fill `weight` with draws from a normal distribution with mean 0 and
#
# $$\mathrm{std} = \frac{\mathrm{gain}}{\sqrt{\mathrm{fan}}}.$$
#
# `mode` chooses the fan. `"fan_in"` keeps the size of the signal on its way forward, `"fan_out"` that of the gradient
# on its way back. Any other mode raises a `ValueError` that names it. Linear weights are `(out, in)`, convolutions
# `(out, in, *kernel)`.
#
# The trailing underscore is PyTorch's sign for *in place*: the tensor that comes in holds the new values and is
# returned. That has to work for an `nn.Parameter`, too, without becoming a part of anybody's graph. All randomness
# comes from `generator`; if it is None, PyTorch's global generator takes its place. Do not set any seed.
#
# Not allowed here, in `he_normal_` and what it calls: the initializers of `torch.nn.init`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A tensor has a method `normal_` that fills it in place and takes a generator. Its second argument: a standard
# deviation or a variance? And what does `with torch.no_grad():` do for a parameter that you change?
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The fan-out stands first in a shape, the fan-in second. A kernel's positions count in both. One fan is chosen,
# never their mean, which was Xavier's compromise.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse a mode that is neither of the two, and name it. Choose the fan. Divide the gain by the root of the fan:
# that is a standard deviation already. Fill the given tensor with it, from the generator and outside of the
# graph, and return the same tensor.
#
# </details>


# %% solution="he_normal"
def he_normal_(
    weight: Tensor, negative_slope: float = 0.0, mode: str = "fan_in", generator: torch.Generator | None = None
) -> Tensor:
    """Fill `weight` in place from N(0, std**2) with std = gain / sqrt(fan), and return it.

    weight: (out, in) or (out, in, *kernel), a tensor or parameter; keeps its dtype. No gradient is recorded.
    mode: "fan_in" or "fan_out"; others raise ValueError.
    """
    ### BEGIN SOLUTION
    fan_in, fan_out = fan_in_and_fan_out(weight)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', not {mode!r}")
    fan = fan_in if mode == "fan_in" else fan_out
    std = he_gain(negative_slope) / math.sqrt(fan)
    with torch.no_grad():
        weight.normal_(0.0, std, generator=generator)
    return weight
    ### END SOLUTION


# %% grades="he_normal" points={"the variance": 6, "fans": 8, "normal draws, one by one": 4, "generators, in place, bad input": 2}
# 131072 draws: the measured variance is within 3 % of the true one, in all but one of 10**13 runs.
_weight = torch.zeros(512, 256, dtype=torch.float64)
_result = he_normal_(_weight, generator=torch.Generator().manual_seed(1))
assert _result is _weight, (
    "he_normal_ must return the tensor that it was given, now with new values. "
    f"It returned {'None' if _result is None else 'another object'}: look at the last line, and at what you fill."
)
_observed = 256 * _weight.var().item()
_causes = {
    0.0: "The weights are far too small: `normal_` takes a standard deviation, not a variance.",
    0.667: "That is Xavier's variance, 2 / (fan_in + fan_out). He's looks at one fan only.",
    1.0: "Half of what it should be: (out, in) is the order of the dimensions, and the gain of ReLU is not 1.",
    1.333: "That is what the mean of both fans gives. He's rule takes the one that `mode` names.",
    512.0: "That is far too much: the fan does not divide.",
}
_cause = next((text for value, text in _causes.items() if abs(_observed - value) < 0.05 * value + 0.02), "")
assert abs(_observed - 2) < 0.06, f"A (512, 256) weight: fan_in * variance is {_observed:.3g}, we expect 2. {_cause}"
he_normal_(_weight, mode="fan_out", generator=torch.Generator().manual_seed(2))
_observed = 512 * _weight.var().item()
assert abs(_observed - 2) < 0.06, (
    f'A (512, 256) weight with mode="fan_out": fan_out * variance is {_observed:.3g}, we expect 2. '
    "Is `mode` used, and which of the two numbers is the outputs?"
)
_weight = nn.Parameter(torch.zeros(64, 32, 5, 13))
_result = he_normal_(_weight, generator=torch.Generator().manual_seed(3))
assert _result is _weight and _weight.is_leaf, "A parameter must stay the leaf that it is: do not record a graph."
_observed = 2080 * _weight.var().item()
assert abs(_observed - 2) < 0.06, (
    f"A convolution's weight (64, 32, 5, 13): fan_in * variance is {_observed:.3g}, we expect 2. "
    "One output sums over all input channels and over all positions of the kernel."
)
_twice = [he_normal_(torch.zeros(3, 2), generator=torch.Generator().manual_seed(4)) for _ in range(2)]
assert torch.equal(*_twice), "Two generators with the same seed give different weights: does the draw use `generator`?"
try:
    he_normal_(torch.zeros(4, 3), mode="fan_avg")
except ValueError as error:
    assert "fan_avg" in str(error), f"The message of your ValueError must name the mode; it says: {error}"
else:
    raise AssertionError('mode="fan_avg" must raise a ValueError: a typo should not choose a fan silently.')
"he_normal_: the visible checks pass"

# %% [markdown]
# ## Task: He's uniform initialization
#
# **Difficulty 1 of 3.** Met before: the uniform rule of exercise 2, and the task above.
#
# The same standard deviation, from a flat distribution on $[-b, b]$. Its variance is $b^2 / 3$, so
#
# $$b = \sqrt3 \cdot \mathrm{std} = \sqrt3 \cdot \frac{\mathrm{gain}}{\sqrt{\mathrm{fan}}}.$$
#
# Everything else is as in the task before, `torch.nn.init` included: not allowed. Write this function so that it
# stands on its own: do not call `he_normal_`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `torch.rand` is not centered. The tensor method `uniform_` takes both ends of the interval.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# An interval that ends at one standard deviation has a third of the variance that you want. The slope and the
# mode do what they did in the normal rule, and both ends of the interval depend on them.
#
# </details>


# %% solution="he_uniform"
def he_uniform_(
    weight: Tensor, negative_slope: float = 0.0, mode: str = "fan_in", generator: torch.Generator | None = None
) -> Tensor:
    """Fill `weight` in place from U(-bound, bound) with bound = sqrt(3) * gain / sqrt(fan), and return it.

    weight: (out, in) or (out, in, *kernel), a tensor or parameter; keeps its dtype. No gradient is recorded.
    mode: "fan_in" or "fan_out"; others raise ValueError.
    """
    ### BEGIN SOLUTION
    fan_in, fan_out = fan_in_and_fan_out(weight)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', not {mode!r}")
    fan = fan_in if mode == "fan_in" else fan_out
    bound = math.sqrt(3) * he_gain(negative_slope) / math.sqrt(fan)
    with torch.no_grad():
        weight.uniform_(-bound, bound, generator=generator)
    return weight
    ### END SOLUTION


# %% grades="he_uniform" points={"the interval": 6, "slope and fans": 6, "flat draws, one by one": 1.2, "generators, in place, bad input": 1.8}
_weight = torch.zeros(128, 54, dtype=torch.float64)
_result = he_uniform_(_weight, generator=torch.Generator().manual_seed(1))
assert _result is _weight, "he_uniform_ must fill the tensor that it is given, and return that same object."
_low, _high = _weight.min().item(), _weight.max().item()
assert _low < -0.01, f"The smallest of 6912 weights is {_low:.3g}: the interval must be centered at 0."
_causes = {
    0.192: "That is the standard deviation: a uniform distribution that wide has a third of the variance we want.",
    0.577: "The square root of 3 seems to count twice.",
    0.182: "That is Xavier's bound: He's rule looks at one fan only.",
    0.217: "That looks like the other fan: (out, in) is the order of the dimensions.",
}
_beyond = "Some draws lie beyond the bound. Is the distribution flat?" if _high > 0.34 else ""
_cause = next((text for value, text in _causes.items() if abs(_high - value) < 0.004), _beyond)
assert 0.325 < _high <= 0.333334, (
    f"A (128, 54) weight: the largest of 6912 draws is {_high:.3g}, we expect just below 1/3. {_cause}"
)
he_uniform_(_weight, negative_slope=1.0, mode="fan_out", generator=torch.Generator().manual_seed(2))
_high = _weight.abs().max().item()
assert 0.150 < _high <= 0.153094, (
    f'A (128, 54) weight, negative_slope=1.0, mode="fan_out": the largest size is {_high:.3g}, we expect just below '
    "0.1531. Are both arguments used?"
)
_weight = nn.Parameter(torch.zeros(32, 16, 3, 8))
assert he_uniform_(_weight, generator=torch.Generator().manual_seed(3)) is _weight, "A parameter must come back itself."
_high = _weight.abs().max().item()
assert 0.122 < _high <= 0.125001, (
    f"A convolution's weight (32, 16, 3, 8): the largest size is {_high:.3g}, we expect just below 0.125. "
    "The fan counts every position of the kernel."
)
"he_uniform_: the visible checks pass"

# %% [markdown]
# ## Task: measure a network
#
# **Difficulty 2 of 3.** Met before: the spread of activations in exercise 2.
#
# A claim about fifty layers is worth measuring. Send a batch through linear layers with a ReLU after each, and note
# what each ReLU gives: the mean and the standard deviation of all its entries together (divide by their number), and
# the share of *dead* units.
#
# A unit is one column of the activations. It is dead on a batch if it is 0 for *every* row: no row of this batch gives
# its weights any gradient. A unit that is 0 for some rows is alive, that is what ReLU is for.
#
# The layers, the list and `x` stay as they are, and no gradient is recorded.
#
# <details><summary>Hint 1: a nudge</summary>
#
# For the dead units first make a table of the same shape as the activations that says where they are 0. Which
# dimension are the rows? `all` takes a `dim`.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The next layer reads what the ReLU gave, not $z$. Mean and deviation count the zeros, too. Dead is said of a
# *column*: zero in all of its rows, not in one, and not just small.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# With gradients off, the signal starts as `x`. For each layer of the list: apply it, apply ReLU, note three plain
# numbers in a dict of their own, and let the signal go on to the next layer. The list is only read.
#
# </details>


# %% solution="activation_statistics"
def activation_statistics(layers: list[nn.Linear], x: Tensor) -> list[dict[str, float]]:
    """The activations behind each layer, as numbers: one dict per layer, first layer first.

    layers: linear layers, each followed by a ReLU; layer i+1 takes the activations of layer i.
    x: (N, inputs of the first layer)

    "mean", "std": of all N * units activations of the layer (std divides by their number).
    "dead": the share of units, from 0 to 1, that are 0 for every row of the batch.
    """
    ### BEGIN SOLUTION
    statistics = []
    with torch.no_grad():
        for layer in layers:
            x = torch.relu(layer(x))
            dead = (x == 0).all(dim=0)
            statistics.append(
                {
                    "mean": x.mean().item(),
                    "std": x.std(unbiased=False).item(),
                    "dead": dead.double().mean().item(),
                }
            )
    return statistics
    ### END SOLUTION


# %% grades="activation_statistics" points={"layer after layer": 7, "mean": 4, "dead units": 4, "standard deviation": 3, "form": 2}
def _linear(weight, bias):
    """A linear layer with these numbers."""
    weight = torch.tensor(weight, dtype=torch.float64)
    layer = nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.tensor(bias))
    return layer


# The first layer gives [[2, 0, 0, 1], [0, 3, 0, 1]] after ReLU, the second [[4], [8]].
_layers = [
    _linear([[1, 0], [0, 1], [-1, -1], [0, 0]], [0.0, 0.0, -0.5, 1.0]),
    _linear([[1.0, 2.0, 5.0, 2.0]], [0.0]),
]
_x = torch.tensor([[2.0, -1.0], [-2.0, 3.0]], dtype=torch.float64)
_found = activation_statistics(_layers, _x)
assert isinstance(_found, list) and len(_found) == 2, "We expect a list with one dict for each of the two layers."
assert set(_found[0]) == {"mean", "std", "dead"}, f"The keys are {sorted(_found[0])}, we expect mean, std and dead."
_observed = float(_found[0]["mean"])
assert abs(_observed - 0.875) < 1e-6, (
    f"The mean behind the first ReLU is {_observed:.4g}, we expect 7/8: zeros count, negative numbers are gone."
)
_observed = float(_found[0]["std"])
_cause = "That is the estimate that divides by n - 1. " if abs(_observed - 1.1259916) < 1e-5 else ""
assert abs(_observed - 1.0532687) < 1e-6, (
    f"The std behind the first ReLU is {_observed:.4g}, we expect 1.053. {_cause}"
    "Take all 8 activations as one set of numbers, and divide by how many they are."
)
_observed = float(_found[0]["dead"])
_causes = {0.5: "Half of the *entries* are 0.", 0.75: "Three units are 0 for *some* row.", 1.0: "A share, not a count."}
assert abs(_observed - 0.25) < 1e-6, (
    f"The dead share behind the first ReLU is {_observed:.4g}, we expect 1/4: one unit of four is 0 for both rows. "
    f"{_causes.get(_observed, 'Which dimension are the units?')}"
)
_observed = float(_found[1]["mean"]), float(_found[1]["std"])
assert abs(_observed[0] - 6) < 1e-6 and abs(_observed[1] - 2) < 1e-6, (
    f"Behind the second ReLU mean and std are {_observed[0]:.4g} and {_observed[1]:.4g}, we expect 6 and 2. "
    "The second layer takes what the first ReLU gives."
)
assert len(_layers) == 2 and _x[0, 1] == -1, "The list of layers and x must stay as they are."
"activation_statistics: the visible checks pass"

# %% [markdown]
# ## Task: LSUV
#
# **Difficulty 3 of 3.** Met before: `activation_statistics`, above; hooks were an option in exercise 2.
#
# He's rule comes from a calculation about ReLU chains. LSUV measures instead. For each `nn.Linear` and `nn.Conv2d`:
#
# 1. Make the weight orthonormal. Seen as a matrix of `out` rows, with everything else as columns, its rows are
#    orthonormal if there are at most as many rows as columns, else its columns are. The bias, if there is one, is 0.
# 2. Send `x` through the network and measure $v$, the variance of *this layer's own output*: before any activation,
#    over all its entries.
# 3. Stop if $|v - 1| < \mathtt{tol}$, or if $v = 0$ (there is nothing to scale), or after `max_iter` divisions.
#    Otherwise divide the weight by $\sqrt v$ and go back to 2.
#
# The sequence matters. A layer's input is settled only when all layers *that run before it* are done, and a network
# may run its layers in another order than `model.modules()` lists them.
#
# Initialization must leave no traces. Measure in eval mode and without gradients. At the end every module is in the
# mode that it was in (some may have been in eval mode all along), and buffers, hooks, `.grad`, all other
# parameters and `x` are as before. Weights and biases are still the same `Parameter` objects, since an optimizer may
# already hold them. Some networks work in place, as with `nn.ReLU(inplace=True)`: neither your `x` nor the output
# that you measure may suffer from that.
#
# `torch.nn.init.orthogonal_` is fine here. LSUV draws from PyTorch's global generator; do not set its seed.
#
# <details><summary>Hint 1: a nudge</summary>
#
# A forward hook (`module.register_forward_hook`) is called with the layer, its inputs and its output at the very
# moment when the layer has run. What you note there comes in running order. Measure inside the hook, and let it return
# nothing: what a hook returns takes the output's place. The handle that registering gives you removes the hook.
#
# Write a small inner function first: one pass, which gives the variance of every layer that ran.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# $v$ is a variance and the weight is divided by a deviation. A layer's own output is what it gives before any
# activation. A layer that runs first may be registered last. And a ReLU that works in place changes an output
# that you only look at when the pass is over.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Remember the mode of every module, then set all of them to eval. One pass tells which layers run, and in what
# order. For each in that order: an orthonormal weight, a bias of 0, and then measure, compare, divide, until it
# is close enough, or has no variance, or has been divided often enough. In the end, even after an error, hooks go
# and every module gets *its own* mode back.
#
# </details>


# %% solution="lsuv_init"
def lsuv_init_(model: nn.Module, x: Tensor, tol: float = 0.1, max_iter: int = 10) -> nn.Module:
    """Layer-sequential unit-variance initialization of `model` in place, on the batch `x`; returns `model`.

    For every nn.Linear and nn.Conv2d, in the order in which they run: orthonormal weight (rows or columns, whichever
    are fewer), bias 0. Then, while the variance v of the layer's own output has |v - 1| >= tol and is not 0, and at
    most max_iter times: weight /= sqrt(v).

    The passes run in eval mode, without gradients. Afterwards each module's mode, buffers, hooks, .grad, other
    parameters and x are as before; weights and biases are the same Parameter objects.
    """
    ### BEGIN SOLUTION
    layers = [module for module in model.modules() if isinstance(module, nn.Linear | nn.Conv2d)]

    def output_variances():
        """The variance of each layer's output on x, by layer, in the order in which they run."""
        variances = {}

        def measure(layer, inputs, output):
            variances[layer] = output.var(unbiased=False).item()

        hooks = [layer.register_forward_hook(measure) for layer in layers]
        model(x.clone())
        for hook in hooks:
            hook.remove()
        return variances

    modes = {module: module.training for module in model.modules()}
    model.eval()
    with torch.no_grad():
        for layer in output_variances():
            nn.init.orthogonal_(layer.weight)
            if layer.bias is not None:
                layer.bias.zero_()
            for _ in range(max_iter):
                variance = output_variances()[layer]
                if variance == 0 or abs(variance - 1) < tol:
                    break
                layer.weight.div_(math.sqrt(variance))
    for module, mode in modes.items():
        module.training = mode
    return model
    ### END SOLUTION


# %% grades="lsuv_init" points={"unit variance": 7, "running order": 5, "orthonormal start": 5, "eval mode": 5, "traces, ends and biases": 3}
class _Backwards(nn.Module):
    """Lists its layers in another order than it runs them."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(12, 5, dtype=torch.float64)
        self.norm = nn.BatchNorm1d(12, dtype=torch.float64)
        self.first = nn.Linear(8, 12, dtype=torch.float64)
        self.outputs = {}

    def forward(self, x):
        self.outputs["first"] = self.first(x)
        self.outputs["relu"] = torch.relu(self.norm(self.outputs["first"]))
        self.outputs["last"] = self.last(self.outputs["relu"])
        return self.outputs["last"]


_model = _Backwards()
_model.norm.running_var.fill_(16.0)
_before = copy.deepcopy(_model.state_dict()), list(_model.parameters())
_x = 3 * torch.randn(200, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) + 2
_result = lsuv_init_(_model, _x, tol=1e-3)
assert _result is _model, "lsuv_init_ must return the model that it was given."
assert _model.training and _model.norm.training, "The model was in training mode and is not any more."
assert all(new is old for new, old in zip(_model.parameters(), _before[1], strict=True)), (
    "The model has new Parameter objects: an optimizer that holds the old ones would train nothing. "
    "Change the values in place."
)
for _name in ("running_mean", "running_var"):
    assert torch.equal(getattr(_model.norm, _name), _before[0][f"norm.{_name}"]), (
        f"The batch norm's {_name} has changed: measure in eval mode."
    )
assert not any(module._forward_hooks for module in _model.modules()), "There are hooks left on the model's layers."
with torch.no_grad():
    _model.eval()(_x)
for _name in ("first", "last"):
    _output = _model.outputs[_name]
    _cause = "`first` runs before `last` but is listed behind it. Check the order of your visits, and eval mode."
    if abs(_output.relu().var() - 1) < 0.01:
        _cause = "The variance of its ReLU is 1: measure the layer's own output, before any activation."
    elif abs(_output.square().mean() - 1) < 0.01:
        _cause = "Its mean square is 1. That is the variance only where the mean is 0."
    elif _name == "first":
        _cause = "Nothing runs before it, so the order is not to blame: what do you divide the weight by?"
    assert abs(_output.var() - 1) < 0.01, (
        f"The output of the layer `{_name}` has a variance of {_output.var():.4g}, we expect 1. {_cause}"
    )
    _weight = getattr(_model, _name).weight
    _gram = _weight @ _weight.T if _weight.shape[0] <= _weight.shape[1] else _weight.T @ _weight
    _gram = _gram.detach() / _gram.diagonal().mean().item()
    assert torch.allclose(_gram, torch.eye(len(_gram), dtype=torch.float64), atol=1e-4), (
        f"The weight of `{_name}`, shape {tuple(_weight.shape)}, is not a multiple of an orthonormal one: "
        f"its {'rows' if _weight.shape[0] <= _weight.shape[1] else 'columns'} must be orthogonal and equally long."
    )
    _bias = getattr(_model, _name).bias
    assert not _bias.any(), (
        f"The bias of `{_name}` must be 0; its largest entry is {_bias.abs().max():.3g}. "
        "nn.Linear draws it when it is built."
    )
_model = lsuv_init_(nn.Sequential(nn.Linear(4, 3)), torch.zeros(5, 4))
assert _model[0].weight.isfinite().all() and _model[0].weight.abs().max() < 2, (
    "On a batch of zeros the output has no variance: there is nothing to divide by, and the weight must stay as it is."
)
_model = lsuv_init_(nn.Sequential(nn.Linear(4, 3)), 9 * torch.eye(4), max_iter=0)
assert abs(_model[0].weight.square().sum() - 3) < 1e-3, (
    "With max_iter=0 nothing may be divided: the three rows of a (3, 4) weight keep the length 1."
)
"lsuv_init_: the visible checks pass"

# %% [markdown]
# ## Task: look at the distributions
#
# **Difficulty 1 of 3.** Met before: the plot of exercise 1.
#
# One number per layer hides a lot. Draw what one layer makes of `x`, for several initializations side by side.
#
# For each entry of `init_methods`, in order, one panel: make a square weight of `x`'s width and dtype, initialize it,
# and draw the histogram of all entries of `relu(x @ W.T)`. The panel's title is the name, a dashed vertical line marks
# 0, and a text gives mean and standard deviation with two decimals. An init method fills a weight in place, do not
# rely on what it returns. There may be a single one. Return the figure.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `plt.subplots` returns a bare axes for one panel and an array for more; `squeeze=False` makes it always an array.
# `ax.text` with `transform=ax.transAxes` takes positions from 0 to 1 inside the panel.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# A row of `x` is a sample, a row of a weight is a unit, so one of them is transposed. ReLU comes before the
# histogram, and the two numbers describe what the histogram shows. What counts is the weight that was filled, not
# what the function gives back.
#
# </details>


# %% solution="plot_activation_distributions"
def plot_activation_distributions(init_methods: dict[str, Callable[[Tensor], object]], x: Tensor) -> Figure:
    """Histograms of relu(x @ W.T), one panel for each way to initialize the square weight W.

    init_methods: name -> function that initializes a weight in place.
    x: (N, width)

    Each panel: title with the name, dashed line at 0, a text with mean and std of the activations to two decimals.
    """
    ### BEGIN SOLUTION
    width, count = x.shape[1], len(init_methods)
    fig, axes = plt.subplots(1, count, figsize=(2.3 * count, 2.8), sharey=True, squeeze=False)
    for ax, (name, init) in zip(axes.flat, init_methods.items(), strict=True):
        weight = torch.empty(width, width, dtype=x.dtype)
        with torch.no_grad():
            init(weight)
            activations = torch.relu(x @ weight.T)
        ax.hist(activations.flatten().numpy(), bins=30)
        ax.axvline(0, color="black", linestyle="--", marker="")
        numbers = f"mean {activations.mean():.2f}\nstd {activations.std(unbiased=False):.2f}"
        ax.text(0.95, 0.95, numbers, transform=ax.transAxes, ha="right", va="top")
        ax.set(title=name, xlabel="activation")
    axes[0, 0].set_ylabel("count")
    return fig
    ### END SOLUTION


# %% grades="plot_activation_distributions" points={"histograms": 5, "titles and text": 3, "the line at 0": 1, "any methods": 1}
def _identity(weight):
    weight.detach().copy_(torch.eye(2))


def _turn(weight):
    """Turns (-1, 3) into (-3, -1), of which ReLU leaves nothing."""
    weight.detach().copy_(torch.tensor([[0.0, -1.0], [1.0, 0.0]]))


_methods = {"identity": _identity, "turned": _turn}
_x = torch.tensor([[-1.0, 3.0]] * 4)
try:
    _figure = plot_activation_distributions(_methods, _x)
except (AttributeError, TypeError) as _error:
    raise AssertionError(
        f"Your function raises {type(_error).__name__}: {_error}. The two methods here fill the weight that they are "
        "given, and return nothing."
    ) from _error
assert isinstance(_figure, Figure), f"We expect a matplotlib figure, not a {type(_figure).__name__}: return it."
plt.close(_figure)
_panels = [ax for ax in _figure.axes if ax.has_data()]
_titles = ["".join(map(ax.get_title, ("left", "center", "right"))) for ax in _panels]
assert len(_panels) == 2 and all(name in title for name, title in zip(_methods, _titles, strict=True)), (
    f"The panels' titles are {_titles}, we expect one panel a method, with the names {list(_methods)}."
)
_words = [[*ax.texts, *(ax.get_legend().get_texts() if ax.get_legend() else [])] for ax in _panels]
_texts = [" ".join(text.get_text() for text in words) for words in _words]
assert "1.50" in _texts[0], (
    f"The text in the first panel is {_texts[0]!r}. relu(x @ W.T) is 0 and 3 in turn there: mean and std are 1.50."
)
assert "0.00" in _texts[1] and "1.00" not in _texts[1], (
    f"The text in the second panel is {_texts[1]!r}. relu(x @ W.T) is 0 everywhere there. Mind the transpose, and ReLU."
)
assert all("--" in [line.get_linestyle() for line in ax.get_lines()] for ax in _panels) or all(
    ax.collections for ax in _panels
), "We do not see the dashed vertical line at 0 in each panel."
try:
    _figure = plot_activation_distributions({"identity": _identity}, _x)
except (AttributeError, TypeError) as _error:
    raise AssertionError(
        f"For a single method your function raises {type(_error).__name__}: {_error}. What does plt.subplots give for "
        "one panel?"
    ) from _error
assert len([ax for ax in _figure.axes if ax.has_data()]) == 1, "A single method must give a single panel."
plt.close(_figure)
"plot_activation_distributions: the visible checks pass"

# %% [markdown]
# Here is your figure for four initializations and one layer of width 256.

# %% tags=["active-ipynb"]
# torch.manual_seed(0)
# methods = {
#     "He normal": he_normal_,
#     "He uniform": he_uniform_,
#     "Xavier": nn.init.xavier_normal_,
#     "normal, std 0.05": lambda weight: nn.init.normal_(weight, std=0.05),
# }
# figure = plot_activation_distributions(methods, torch.randn(256, 256))
# figure.suptitle("One layer: only the scale differs, and half of every histogram is the bar at 0")
# plt.show()

# %% [markdown]
# ## Predict, then measure
#
# ### Fifty layers
#
# One layer proves little: the four panels look alike. Before you measure fifty, write down two numbers.
#
# * Xavier on square layers has $n \mathrm{Var}(W) = 1$. By which *factor* does it change $E[a^2]$ per ReLU layer?
# * With He's weights, which share of the units of layer 50 is dead, from 0 to 1? There are 256 rows of random inputs.

# %% tags=["active-ipynb"]
# predicted_factor = None  # a number, such as 0.9: what Xavier multiplies E[a^2] by, per layer
# predicted_dead_share = None  # a number from 0 to 1, such as 0.25: the dead units of layer 50, with He

# %% tags=["active-ipynb"]
# depth, width = 50, 256
# generator = torch.Generator().manual_seed(7)
# recipes = {
#     "He": lambda weight: he_normal_(weight, generator=generator),
#     "Xavier": lambda weight: nn.init.xavier_normal_(weight, generator=generator),
#     "small (std 0.05)": lambda weight: nn.init.normal_(weight, std=0.05, generator=generator),
#     "large (std 0.12)": lambda weight: nn.init.normal_(weight, std=0.12, generator=generator),
# }
# x = torch.randn(256, width, dtype=torch.float64, generator=generator)
# layers, measured = {}, {}
# for name, init in recipes.items():
#     layers[name] = [nn.Linear(width, width, bias=False, dtype=torch.float64) for _ in range(depth)]
#     for layer in layers[name]:
#         init(layer.weight)
#     measured[name] = activation_statistics(layers[name], x)
#
# fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), width_ratios=[1.25, 1])
# for number, (name, statistics) in enumerate(measured.items()):
#     std = [entry["std"] for entry in statistics]
#     left.semilogy(range(1, depth + 1), std, markevery=(2 * number, 8))
#     left.annotate(name, (depth, std[-1]), xytext=(8, 0), textcoords="offset points", va="center")
#     right.plot(range(1, depth + 1), [entry["dead"] for entry in statistics], markevery=(2 * number, 8), label=name)
# left.set(xlabel="layer", ylabel="std of the activations", xlim=(0, 72), xticks=range(0, 51, 10))
# left.set_title("The scale decides whether the signal survives ...")
# if (predicted := prediction("predicted_dead_share")) is not None:
#     right.axhline(predicted, color="0.3", linestyle=":", marker="", label="your prediction")
# right.set(xlabel="layer", ylabel="share of dead units", ylim=(-0.02, 1))
# right.set_title("... but not how many units are dead")
# right.legend()
# plt.show()

# %% tags=["active-ipynb"]
# def mean_square(entry):
#     return entry["mean"] ** 2 + entry["std"] ** 2
#
#
# def similarity(layers, x, count):
#     """The mean cosine between two rows of the activations behind `count` layers."""
#     with torch.no_grad():
#         for layer in layers[:count]:
#             x = torch.relu(layer(x))
#     rows = nn.functional.normalize(x[x.any(dim=1)])
#     return (rows @ rows.T).mean().item()
#
#
# xavier, he = measured["Xavier"], measured["He"]
# factor = (mean_square(xavier[-1]) / mean_square(xavier[0])) ** (1 / (depth - 1))
# print(f"Xavier: E[a^2] changes by a factor of {factor:.3f} per layer.")
# if (predicted := prediction("predicted_factor")) is not None:
#     print(f"  You predicted {predicted:g}.")
# print(f"He: {he[-1]['dead']:.0%} of the units of layer {depth} are dead.")
# if (predicted := prediction("predicted_dead_share")) is not None:
#     print(f"  You predicted {predicted:.0%}.")
# dead = ", ".join(f"{name} {entries[-1]['dead']:.0%}" for name, entries in measured.items())
# print(f"All four recipes, layer {depth}: {dead}.")
# print(f"Mean cosine between two rows (He): {similarity(layers['He'], x, 1):.2f} behind layer 1, "
#       f"{similarity(layers['He'], x, depth):.2f} behind layer {depth}.")
# with torch.no_grad():
#     first = layers["He"][0](x)
#     second = layers["He"][1](torch.relu(first))
# print(f"He: Var(z) is {first.var():.2f} in layer 1 and {second.var():.2f} in layer 2, for an input of variance "
#       f"{x.var():.2f}.")
# print(f"He: behind layer 2 the activations have std {he[1]['std']:.2f} and mean {he[1]['mean']:.2f}, "
#       f"together E[a^2] = {mean_square(he[1]):.2f}.")

# %% [markdown]
# Three things to take from these numbers.
#
# * Xavier is He's rule without the factor 2, so every layer costs one half of $E[a^2]$.
# * He keeps $E[a^2]$, not the standard deviation of the activations. The first layer doubles the variance, since no
#   ReLU has halved its input. The curve still wanders: the rule holds on average, a finite width adds chance at
#   every layer.
# * The share of dead units does not depend on the scale, because $\mathrm{relu}(c z) = c\,\mathrm{relu}(z)$ for
#   $c > 0$. It grows with depth: the rows become more and more alike, so a unit that is off for one row tends to be off
#   for all. He's rule keeps the *size* of the signal. It does not keep the *differences* between inputs.

# %% [markdown]
# ### A network that neither rule fits
#
# A gated layer gives $u \cdot \mathrm{sigmoid}(g)$, where one linear layer computes both $u$ and $g$. Take twelve of
# them, and feed raw pixels from 0 to 16 that nobody has standardized. Neither Xavier nor He was derived for that.
#
# LSUV divides by a measured standard deviation until the variance fits. How many divisions does a layer need at most
# until its variance is right to three decimals (`tol=1e-3`)?

# %% tags=["active-ipynb"]
# predicted_divisions = None  # a whole number, such as 10

# %% tags=["active-ipynb"]
# from sklearn.datasets import load_digits
#
# images, labels = load_digits(return_X_y=True)
# shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
# pixels, labels = torch.tensor(images, dtype=torch.float32)[shuffled], torch.tensor(labels)[shuffled]
#
#
# class GatedNetwork(nn.Module):
#     """`depth` gated layers of width 64, then a linear one: 64 pixels to 10 classes."""
#
#     def __init__(self, depth):
#         super().__init__()
#         self.layers = nn.ModuleList(nn.Linear(64, 128) for _ in range(depth))
#         self.head = nn.Linear(64, 10)
#
#     def forward(self, x):
#         for layer in self.layers:
#             x = nn.functional.glu(layer(x))
#         return self.head(x)
#
#
# def initialize_each(init):
#     """A function that applies `init` to every linear layer of a model, whatever the batch, and sets biases to 0."""
#
#     def initialize(model, x):
#         for layer in model.modules():
#             if isinstance(layer, nn.Linear):
#                 init(layer.weight)
#                 nn.init.zeros_(layer.bias)
#         return model
#
#     return initialize
#
#
# def layer_variances(model, x):
#     """The variance of each linear layer's output, first layer first (these models run them as they list them)."""
#     found = []
#     hooks = [
#         layer.register_forward_hook(lambda layer, inputs, output: found.append(output.var(unbiased=False).item()))
#         for layer in model.modules()
#         if isinstance(layer, nn.Linear)
#     ]
#     with torch.no_grad():
#         model(x)
#     for hook in hooks:
#         hook.remove()
#     return found
#
#
# initializations = {
#     "He": initialize_each(he_normal_),
#     "Xavier": initialize_each(nn.init.xavier_normal_),
#     "LSUV": lsuv_init_,
# }
# torch.manual_seed(0)
# batch = pixels[:256]
# fig, ax = plt.subplots(figsize=(7.2, 3.6))
# for name, initialize in initializations.items():
#     variances = layer_variances(initialize(GatedNetwork(12), batch), batch)
#     ax.semilogy(range(1, len(variances) + 1), variances)
#     ax.annotate(name, (len(variances), variances[-1]), xytext=(8, 0), textcoords="offset points", va="center")
# ax.set(xlabel="layer (the last one is the classifier)", ylabel="variance of its output", xlim=(0.5, 15))
# ax.set(xticks=range(1, 14, 2))
# ax.set_title("Gated layers, raw pixels: LSUV measures what the rules cannot know")
# plt.show()
#
# worst = {}
# for divisions in range(5):
#     torch.manual_seed(0)
#     model = lsuv_init_(GatedNetwork(12), batch, tol=1e-3, max_iter=divisions)
#     worst[divisions] = max(abs(variance - 1) for variance in layer_variances(model, batch))
# enough = next(divisions for divisions, error in worst.items() if error < 2e-3)
# print("Largest |variance - 1| of all layers, by the number of divisions allowed:")
# print(", ".join(f"{divisions}: {error:.1e}" for divisions, error in worst.items()))
# print(f"{enough} division(s) are enough.")
# if (predicted := prediction("predicted_divisions")) is not None:
#     print(f"You predicted {predicted}.")

# %% [markdown]
# With its bias at 0, a layer's output is linear in its weight: divide the weight by $\sqrt v$ and the variance is
# divided by $v$, exactly. The loop is there for rounding, and for layers that are not that simple.

# %% [markdown]
# ### Does it train better?
#
# Variances are a means. What counts is what training makes of them: three networks on the digits, three seeds each,
# the same Adam for all. Read the result without hoping for a winner.

# %% tags=["active-ipynb"]
# def relu_network(depth):
#     """`depth` ReLU layers of width 64, then a linear one: 64 pixels to 10 classes."""
#     hidden = [module for _ in range(depth) for module in (nn.Linear(64, 64), nn.ReLU())]
#     return nn.Sequential(*hidden, nn.Linear(64, 10))
#
#
# def test_accuracy(model, x, epochs=6):
#     """Accuracy on the last 597 images after training on the first 1200."""
#     optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
#     for _ in range(epochs):
#         for rows in torch.randperm(1200).split(64):
#             optimizer.zero_grad()
#             nn.functional.cross_entropy(model(x[rows]), labels[rows]).backward()
#             optimizer.step()
#     with torch.no_grad():
#         return (model(x[1200:]).argmax(dim=1) == labels[1200:]).double().mean().item()
#
#
# standardized = (pixels - pixels[:1200].mean()) / pixels[:1200].std()
# cases = {
#     "20 ReLU layers,\nstandardized pixels": (lambda: relu_network(20), standardized),
#     "12 gated layers,\nraw pixels": (lambda: GatedNetwork(12), pixels),
#     "20 gated layers,\nstandardized pixels": (lambda: GatedNetwork(20), standardized),
# }
# fig, ax = plt.subplots(figsize=(7.2, 3.6))
# summary, winners = [], set()
# for column, (case, (build, x)) in enumerate(cases.items()):
#     means = {}
#     for number, (name, initialize) in enumerate(initializations.items()):
#         accuracies = []
#         for seed in range(3):
#             torch.manual_seed(seed)
#             accuracies.append(test_accuracy(initialize(build(), x[:256]), x))
#         means[name] = sum(accuracies) / 3
#         style = {"color": f"C{number}", "marker": "os^"[number], "linestyle": ""}
#         position = column + 0.22 * (number - 1)
#         ax.plot([position] * 3, accuracies, markersize=8, label=name if column == 0 else None, **style)
#     ranking = sorted(means, key=means.get, reverse=True)
#     winners.add(ranking[0])
#     summary.append(case.replace("\n", " ") + ": " + ", ".join(f"{name} {means[name]:.2f}" for name in ranking))
# ax.axhline(0.1, color="0.4", linewidth=1, linestyle="--", marker="")
# ax.annotate("guessing", (1.45, 0.1), xytext=(0, 4), textcoords="offset points", ha="center")
# ax.set(ylabel="test accuracy", ylim=(0, 1.02), xlim=(-0.5, 2.5))
# ax.set_xticks(range(3), list(cases))
# ax.legend(loc="center left")
# verdict = "no recipe wins everywhere" if len(winners) > 1 else f"{min(winners)} wins everywhere"
# ax.set_title(f"Three networks, three seeds: {verdict}")
# plt.show()
# print("Mean test accuracy:", *summary, sep="\n")

# %% [markdown]
# Where LSUV is not ahead, remember what it promises: variance 1 on the way *forward*, on one batch, before the first
# step. It never looks at a gradient. And where a network trains although its variances are far from 1, the optimizer
# has done the work: Adam rescales every weight's step.

# %% [markdown]
# ### Something real: a deep residual net
#
# Sixty-four residual blocks, each $x + f(x)$ with $f$ two linear layers and a ReLU between them, read digits. He's
# rule was derived for a chain, and here it is used inside of $f$: what does the sum do to the size of the signal, from
# block to block? Three ways out: let the last layer of every $f$ start at zero, so that the net starts as the identity;
# divide that layer by $\sqrt{64}$; or normalize what enters $f$ (exercise 4). The weights come from your `he_normal_`,
# if it is right, otherwise from torch's.

# %% tags=["active-ipynb"]
# class ResidualBlock(nn.Module):
#     """x + f(x); `last` multiplies the weights of the last layer of f."""
#
#     def __init__(self, width, last, norm):
#         super().__init__()
#         first, second = nn.Linear(width, width), nn.Linear(width, width)
#         for layer in (first, second):
#             fill(layer.weight)
#             nn.init.zeros_(layer.bias)
#         with torch.no_grad():
#             second.weight.mul_(last)
#         self.f = nn.Sequential(norm(width), first, nn.ReLU(), second)
#
#     def forward(self, x):
#         return x + self.f(x)
#
#
# def residual_net(last, norm, seed, depth=64, width=64):
#     torch.manual_seed(seed)
#     return nn.Sequential(*[ResidualBlock(width, last, norm) for _ in range(depth)], norm(width), nn.Linear(width, 10))
#
#
# def accuracy_after_training(net, learning_rate, passes=3):
#     """The test accuracy after some passes over 1200 digits."""
#     optimizer = torch.optim.SGD(net.parameters(), learning_rate)
#     for batch in torch.cat([torch.randperm(1200) for _ in range(passes)]).split(50):
#         optimizer.zero_grad()
#         nn.functional.cross_entropy(net(digit_rows[batch]), digit_labels[batch]).backward()
#         optimizer.step()
#     with torch.no_grad():
#         return (net.eval()(digit_rows[1200:]).argmax(1) == digit_labels[1200:]).double().mean().item()
#
#
# def he_normal_is_right():
#     try:
#         return abs(he_normal_(torch.empty(400, 200)).std().item() - 0.1) < 0.005
#     except Exception:
#         return False
#
#
# fill = he_normal_ if he_normal_is_right() else nn.init.kaiming_normal_
# print("The weights are filled by", "your he_normal_." if fill is he_normal_ else "torch: yours is not right yet.")
# pixels, digit_labels = load_digits(return_X_y=True)
# digit_rows = torch.tensor((pixels - pixels.mean()) / pixels.std(), dtype=torch.float32)
# digit_labels = torch.tensor(digit_labels)
# ways = {
#     "He": (1.0, nn.Identity),
#     "He, last layer zero": (0.0, nn.Identity),
#     "He, last layer / √64": (1 / 8, nn.Identity),
#     "He, normalized": (1.0, nn.BatchNorm1d),
# }
# rates = {0.003: "", 0.01: "//"}
# fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.9))
# for place, ((name, (last, norm)), style) in enumerate(zip(ways.items(), ["-", "--", "-.", ":"])):
#     net, sizes, x = residual_net(last, norm, seed=0), [], digit_rows[:200]
#     with torch.no_grad():
#         for block in net[:-2]:
#             x = block(x)
#             sizes.append(x.square().mean().item())
#     (line,) = left.semilogy(range(1, 65), sizes, style, markevery=8, label=name)
#     reached = [accuracy_after_training(residual_net(last, norm, seed=0), rate) for rate in rates]
#     for offset, accuracy, hatch in zip([-0.2, 0.2], reached, rates.values()):
#         right.bar(place + offset, accuracy, 0.38, color=line.get_color(), hatch=hatch, edgecolor="white")
#         right.text(place + offset, accuracy + 0.02, f"{accuracy:.2f}", ha="center", fontsize=9)
#     print(f"{name}: mean square {sizes[-1]:.2g} after 64 blocks.")
# left.set(xlabel="block", ylabel="mean square of the signal", title="At the start")
# left.legend(fontsize=9)
# right.bar([0], [0], color="0.6", label="learning rate 0.003")
# right.bar([0], [0], color="0.6", hatch="//", edgecolor="white", label="learning rate 0.01")
# right.set_xticks(range(4), [name.replace(", ", ",\n") for name in ways], fontsize=9)
# right.set(ylabel="test accuracy", ylim=(0, 1.2), title="After three passes (0.1 is guessing)")
# right.grid(axis="x", visible=False)
# right.legend(fontsize=9, ncols=2, loc="upper center")
# fig.suptitle("64 residual blocks: what keeps a chain alive blows a sum up")
# plt.show()

# %% [markdown]
# Every block adds a branch to its own input, and at He's scale the branch is about as large as what it is added to, so
# the mean square multiplies from block to block. The scale that is right inside the branch is wrong for the sum. Depth
# alone did not decide; initialization or normalization did. And a signal of the right size is not all: compare the two
# bars of each net. How large a step it survives is another question, and exercise 4 is about that one. (It is one
# start each: change the seed before you rank those that learn.)
#
# ## Questions to think about
#
# 1. A network's widths go 256, 64, 256, 64 and so on. With `mode="fan_in"`, what happens to the size of the *gradient*
#    on its way back through one such pair of layers, and through twenty pairs? Why does it not matter much which mode
#    you choose, as long as it is the same everywhere?
# 2. A residual block computes $x + f(x)$, and He's rule inside $f$ keeps the mean square of what it gets. How does the
#    mean square grow over 50 blocks? Name two ways to stop it.
# 3. You run LSUV on a batch of 256 images that all show the digit 3. Which of its promises still hold on the next
#    batch? Compare with a method that would normalize every batch anew: what would it cost, what would it gain?
#
# ## Further, if you are done
#
# Question 2 asks how a residual net grows. Take the residual net of the last figure, and try to train it as well as
# with normalization by its initialization alone: scale the first layer of each branch by a power of the depth, start
# the last one at zero, and add single scalar biases. H. Zhang, Y. Dauphin, T. Ma, *Fixup Initialization: Residual
# Learning Without Normalization* (ICLR 2019), derive which power.
#
# ## Where to read on
#
# * K. He, X. Zhang, S. Ren, J. Sun, *Delving Deep into Rectifiers* (2015): section 2.2 is the derivation above,
#   forward and backward, and a figure shows a 30-layer network that trains only with it.
# * D. Mishkin, J. Matas, *All you need is a good init* (2016): LSUV, with experiments on many activations.
# * A. Saxe, J. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
#   networks* (2014): why one would start from orthonormal weights.
# * B. Hanin, D. Rolnick, *How to Start Training: The Effect of Initialization and Architecture* (2018): why the
#   curve of He's rule wanders, and how width tames it.
# * L. Lu, Y. Shin, Y. Su, G. Karniadakis, *Dying ReLU and Initialization* (2020): how likely it is that a deep and
#   narrow ReLU network is dead before training starts.
