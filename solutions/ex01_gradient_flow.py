# %% [markdown]
# # Gradient flow: vanishing and exploding gradients
#
# A deep network multiplies its signal by one matrix after another, forward and backward. You write both
# passes in NumPy, measure what arrives at each layer, and find the one scale of the weights at which it
# neither dies nor blows up.
#
# You will be able to
# * compute every gradient of a deep network by hand, with the chain rule and nothing else;
# * tell from a plot of norms by layer whether a signal vanishes, explodes, or saturates;
# * derive the scale of the weights that keeps a signal alive, and say where the formula stops being true;
# * explain why the gradient of a *weight* tells another story than the gradient of an *activation*.
#
# Time: about two hours. Builds on: nothing but matrix products and the chain rule; it is the first exercise.

# %%
import re

import matplotlib.pyplot as plt
import numpy as np

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


def raised_by(function, *arguments):
    """The name of the exception that a call raises, or "nothing": the checks below use it."""
    try:
        function(*arguments)
    except ValueError:
        return "ValueError"
    except Exception as error:
        return type(error).__name__
    return "nothing"


# %% [markdown]
# ## The problem in one picture
#
# Each row below is one network of 30 layers, 64 units wide, with random weights. Only the standard deviation
# of the weights changes from row to row. The color is the size of the gradient that each layer's weights
# receive: the only thing that an optimizer ever sees. The frame marks the scale that is healthy by the formula
# that you derive below. On the right a network from each row, made for digits, has been trained for seven
# passes, all with the same settings. (PyTorch computes the gradients for this picture. From here on you
# compute them.)

# %% tags=["active-ipynb"]
# import torch
# from sklearn.datasets import load_digits
# from torch import nn
#
# torch.set_num_threads(1)  # nets this small gain nothing from more
#
#
# def weight_gradients(activation, multiple, width=64, depth=30):
#     """The log10 of the norm of each layer's weight gradient, at init scale multiple / sqrt(width)."""
#     torch.manual_seed(0)
#     layers = [nn.Linear(width, width, bias=False, dtype=torch.float64) for _ in range(depth)]
#     for layer in layers:
#         nn.init.normal_(layer.weight, std=multiple / width**0.5)
#     network = nn.Sequential(*[part for layer in layers for part in (layer, activation())])
#     network(torch.randn(100, width, dtype=torch.float64)).sum().backward()
#     return [layer.weight.grad.norm().log10().item() for layer in layers]
#
#
# def accuracy_after_training(activation, multiple, width=64, depth=30):
#     """The test accuracy on scikit-learn's digits after seven passes over 1200 of them, from that scale."""
#     torch.manual_seed(0)
#     network = nn.Sequential(*[part for _ in range(depth) for part in (nn.Linear(64, width), activation())])
#     network.append(nn.Linear(width, 10))
#     for layer in network[:-1:2]:
#         nn.init.normal_(layer.weight, std=multiple / width**0.5)
#     optimizer = torch.optim.SGD(network.parameters(), lr=0.005, momentum=0.9)
#     for batch in torch.cat([torch.randperm(1200) for _ in range(7)]).split(50):
#         optimizer.zero_grad()
#         nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
#         optimizer.step()
#     with torch.no_grad():
#         return (network(images[1200:]).argmax(1) == labels[1200:]).double().mean().item()
#
#
# pixels, classes = load_digits(return_X_y=True)
# images, labels = torch.tensor((pixels - pixels.mean()) / pixels.std(), dtype=torch.float32), torch.tensor(classes)
# healthy = {nn.Tanh: 1, nn.ReLU: 2**0.5}  # times 1 / sqrt(width): what you derive below
# multiples = [3, 2, 1.6, 2**0.5, 1.2, 1, 0.8, 0.5]
# figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), sharey=True)
# for ax, activation in zip(axes, healthy):
#     rows = np.array([weight_gradients(activation, multiple) for multiple in multiples])
#     image = ax.imshow(rows, aspect="auto", cmap="cividis", vmin=-8, vmax=8)
#     place = multiples.index(healthy[activation])
#     ax.add_patch(plt.Rectangle((-0.4, place - 0.5), 29.8, 1, fill=False, edgecolor="black", linewidth=2.5))
#     accuracies = [accuracy_after_training(activation, multiple) for multiple in multiples]
#     (line,) = axes[2].plot(accuracies, range(8), label=activation.__name__)
#     axes[2].plot(accuracies[place], place, "o", markersize=14, markerfacecolor="none", color="black")
#     print(f"{activation.__name__}: " + ", ".join(f"{m:.3g}: {a:.2f}" for m, a in zip(multiples, accuracies)))
#     for row, column in [(i, j) for i in range(len(multiples)) for j in (1, 14, 28)]:
#         value = rows[row, column]
#         color = "white" if value < 0 else "black"
#         ax.text(column, row, f"{value:+.0f}", ha="center", va="center", color=color, fontsize=9)
#     ax.grid(False)
#     ax.set(title=activation.__name__, xlabel="layer", xticks=[0, 9, 19, 29], xticklabels=[1, 10, 20, 30])
# axes[0].set(ylabel=r"init scale $\times \sqrt{\mathrm{width}}$", yticks=range(8))
# axes[0].set_yticklabels([f"{multiple:.3g}" for multiple in multiples])
# axes[2].set(title="... and after training", xlabel="test accuracy (0.1 is guessing)", xlim=(0, 1))
# axes[2].legend(loc="lower right")
# figure.colorbar(image, ax=axes[:2], extend="both", label=r"$\log_{10}$ of the gradient's norm", pad=0.02)
# figure.suptitle("The scale of the weights decides whether 30 layers learn (framed: the healthy scale)")
# plt.show()

# %% [markdown]
# Read it from the bottom. At small scales every gradient is nothing: an optimizer cannot tell $10^{-18}$ from
# zero. At large scales ReLU's gradients explode. In between lies a narrow band, at another height for each
# activation, and only networks from there learn (tanh best a little above its frame: it saturates, and so needs
# more). Look also *along* a row: the color hardly changes from the first layer to the last, unless tanh
# works at a large scale. Why does nothing change along a row, if gradients are said to vanish "on the way to
# the first layers"? You find out below.

# %% [markdown]
# ## The idea
#
# The network has $L$ layers and no biases. A batch of $N$ rows goes in, and layer $i$ computes
#
# $$z_i = a_i W_i, \qquad a_{i+1} = f(z_i), \qquad a_0 = x .$$
#
# The chain rule walks back from the gradient of the loss with respect to the last output:
#
# $$\delta_i = \frac{\partial \mathcal L}{\partial a_{i+1}} \odot f'(z_i), \qquad
# \frac{\partial \mathcal L}{\partial W_i} = a_i^\top \delta_i, \qquad
# \frac{\partial \mathcal L}{\partial a_i} = \delta_i W_i^\top .$$
#
# **Why a scale decides.** Let the entries of $W_i$ be independent with mean 0 and standard deviation $s$. One
# entry of $z_i$ is a sum of $n$ products, and the variances of independent terms add up. Backward it is the
# same sum over a row of $W_i$:
#
# $$\mathbb E\,z_i^2 = n s^2 \; \mathbb E\,a_i^2, \qquad
# \mathbb E\Big\|\frac{\partial \mathcal L}{\partial a_i}\Big\|^2
# = n s^2 \; \mathbb E\big[f'(z_i)^2\big] \;
# \mathbb E\Big\|\frac{\partial \mathcal L}{\partial a_{i+1}}\Big\|^2 .$$
#
# So each layer multiplies the norm by about $\rho = s\sqrt{n\,\mathbb E f'^2}$, and $L$ layers by $\rho^L$.
# With $\rho = 0.9$ and $L = 100$ that is $3 \cdot 10^{-5}$; with $\rho = 1.1$ it is $1.4 \cdot 10^{4}$. Only
# $\rho = 1$ survives depth.
#
# The effect was described by Hochreiter in his diploma thesis (1991) and by Bengio, Simard and Frasconi
# (1994) for recurrent networks. Glorot and Bengio (2010, section 4.2) made the variance argument for the
# layers of a feed-forward network, and He, Zhang, Ren and Sun (2015, section 2.2) for ReLU. There half of the
# units are off, so $\mathbb E f'^2 = 1/2$ going back, and $\mathbb E\,a^2$ is half of $\mathbb E\,z^2$ going
# forward: both directions agree on $\rho$.

# %% [markdown]
# ## Conventions
#
# | question | elsewhere | here |
# |---|---|---|
# | What is a row? | many books write $Wx$ with columns | a row is a sample; a layer is `f(a @ W)` |
# | A weight's shape? | `torch.nn.Linear` stores `(out, in)` | `(in, out)` |
# | Which layer is which? | layers count from 1 | `weights[i]` maps `outputs[i]` to `outputs[i + 1]` |
# | The scale? | papers write $\mathcal N(0, \text{variance})$ | `init_scale` is the standard *deviation* |
# | A matrix's norm? | its largest singular value, or a mean over rows | Frobenius, over the whole batch |
# | The loss? | a mean over the batch | in the simulation the *sum* of the last outputs |
# | ReLU's slope at 0? | anything in $[0, 1]$ | 0, as in PyTorch |
# | Which way does a rate count? | from the loss back to the input | from a list's first entry to its last |
# | An argument that a task says to refuse? | whatever happens | `ValueError`, naming the argument and its value |

# %% [markdown]
# ## Task: the forward pass
#
# **Difficulty 1 of 3.** Met before: nowhere yet; the formula stands in *The idea*.
#
# Write `forward_pass`. It returns *all* outputs, because the backward pass needs each of them. The
# activations are
#
# $$\tanh(z), \qquad \mathrm{relu}(z) = \max(z, 0), \qquad
# \mathrm{sigmoid}(z) = \frac{1}{1 + e^{-z}}, \qquad \mathrm{linear}(z) = z .$$
#
# The activation acts on every layer, the last one too. An entry of $z$ may be as large as $\pm 1000$. A name that
# is none of the four raises a `ValueError` that names `activation` and its value.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Start with a list that holds `x`, and let it grow by one array per weight; its last entry is always what the
# next layer reads. For the sigmoid look at what $e^{1000}$ is in floating point, and in which forms of the
# formula it ends up in a numerator *and* a denominator.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# If shapes do not fit: does each layer read the latest output, or `x` again and again? If the list is too short:
# the input is an output as well. And the list keeps what comes out of the activation, not $z$.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# First find the function that belongs to the name, and refuse a name that has none. Begin a list with `x`. For
# each weight in turn, multiply the last entry of the list by it, apply the function, and put the result at the
# end. The last layer is a layer like all others.
#
# </details>


# %% solution="forward_pass"
def forward_pass(x: np.ndarray, weights: list[np.ndarray], activation: str) -> list[np.ndarray]:
    """All outputs of a network without biases, the input first: a[i + 1] = f(a[i] @ W[i]).

    x has shape (N, n_0) and weights[i] has shape (n_i, n_{i+1}); the result holds len(weights) + 1 arrays.
    activation is "tanh", "relu", "sigmoid" or "linear"; anything else raises ValueError.
    x and weights are left as they are, and float32 stays float32.
    """
    ### BEGIN SOLUTION
    functions = {
        "tanh": np.tanh,
        "relu": lambda z: np.maximum(z, 0),
        "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,  # the same curve, and no exponential that overflows
        "linear": lambda z: z,
    }
    if activation not in functions:
        raise ValueError(f"activation must be one of {sorted(functions)}, got {activation!r}")
    f = functions[activation]
    outputs = [x]
    for weight in weights:
        outputs.append(f(outputs[-1] @ weight))
    return outputs
    ### END SOLUTION


# %% grades="forward_pass" points={"layer after layer": 9, "list of all outputs": 4, "relu and sigmoid": 5, "input and dtype": 2}
def check_forward_pass():
    x = np.array([[1.0, -2.0], [2.0, 1.0]])
    weights = [np.array([[0.5, -1.0, 2.0], [0.5, 0.25, -0.5]]), np.array([[1.0], [2.0], [0.5]])]

    assert raised_by(forward_pass, x, list(weights), "linear") != "ValueError", (
        "The shapes in one of your products do not fit. Layer i reads outputs[i], of shape (N, n_i), and weights[i] "
        "has shape (n_i, n_{i+1}): what do you multiply with what?"
    )
    outputs = forward_pass(x, weights, "linear")
    assert len(weights) == 2, "forward_pass has changed the list of weights of its caller: read it, take nothing out."
    assert len(outputs) == 3, (
        f"Two weights give three outputs, with x itself as the first; your list has {len(outputs)}. "
        "What does it hold before the first layer?"
    )
    assert np.array_equal(outputs[0], x), "outputs[0] is x itself, as it came in."
    np.testing.assert_allclose(
        outputs[1],
        [[-0.5, -1.5, 3.0], [1.5, -1.75, 3.5]],
        atol=1e-6,
        err_msg="With the linear activation outputs[1] is x @ weights[0]: a row is a sample, W is (in, out).",
    )
    np.testing.assert_allclose(
        outputs[2],
        [[-2.0], [-0.25]],
        atol=1e-6,
        err_msg="outputs[2] is made of outputs[1] and weights[1]. Does every layer read the one before it?",
    )

    outputs = forward_pass(x, weights, "relu")
    assert np.all(outputs[1] >= 0), (
        f"relu leaves nothing below 0, yet the smallest entry of outputs[1] is {np.min(outputs[1]):g}. "
        "Does the list hold f(z), or z?"
    )
    np.testing.assert_allclose(outputs[2], [[1.5], [3.25]], atol=1e-6, err_msg="The second ReLU layer is off.")
    last = forward_pass(np.array([[1.0]]), [np.array([[-2.0]])], "relu")[-1].item()
    assert last == 0, f"relu(-2) is 0, you give {last:g}. The activation acts on the last layer too."

    for name, z, expected in [
        ("tanh", np.log(2), 0.6),
        ("sigmoid", np.log(3), 0.75),
        ("sigmoid", -np.log(3), 0.25),
    ]:
        found = forward_pass(np.array([[1.0]]), [np.array([[z]])], name)[-1].item()
        assert abs(found - expected) < 1e-6, (
            f"{name}({z:.4f}) is {expected}, you give {found:.4f}. Compare with the formula, sign by sign."
        )
    with np.errstate(all="ignore"):
        found = forward_pass(np.array([[1.0]]), [np.array([[1000.0, -1000.0]])], "sigmoid")[-1]
    assert np.allclose(found, [[1.0, 0.0]]), (
        f"sigmoid(1000) is 1 and sigmoid(-1000) is 0, you give {found[0, 0]:g} and {found[0, 1]:g}. "
        "An infinity divided by an infinity is nan: which exponential becomes infinite here?"
    )
    raised = raised_by(forward_pass, x, weights, "swish")
    assert raised == "ValueError", (
        f"The activation 'swish' is not one of the four: we expect a ValueError that names it, and got {raised}."
    )
    found = forward_pass(x.astype("float32"), [weight.astype("float32") for weight in weights], "sigmoid")[-1].dtype
    assert found == np.float32, f"float32 stays float32; your output has the dtype {found}. Where is it converted?"


check_forward_pass()
"forward_pass: the visible checks pass"

# %% [markdown]
# ## Task: the backward pass
#
# **Difficulty 3 of 3.** Met before: *The idea* has the three formulas, the task above has the outputs.
#
# Write `backward_pass`. It gets what `forward_pass` returned, the weights, and the gradient with respect to
# the last output, and returns two lists that stand in the order of the layers, first layer first: the
# gradients with respect to all outputs, and with respect to all weights.
#
# You know $a = f(z)$ and not $z$. That is enough, because each of the four slopes can be written in terms of
# the output:
#
# $$\tanh' = 1 - a^2, \qquad \mathrm{relu}' = [a > 0], \qquad
# \mathrm{sigmoid}' = a\,(1 - a), \qquad \mathrm{linear}' = 1 .$$
#
# PyTorch and automatic differentiation are not allowed in this task: they are what you are building. An unknown
# activation raises the same `ValueError` as in the forward pass.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Write the shapes beside the three formulas of "The idea" before you write code. With $N = 5$ and a weight of
# shape $(7, 4)$, $\delta$ has shape $(5, 4)$, and only one arrangement of transposes gives $(7, 4)$ for the
# weight and $(5, 7)$ for the input. Which entry of `outputs` belongs to the slope of layer $i$: the one that
# the layer reads, or the one that it writes?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Try two layers of one unit on paper: four numbers. The gradient at a layer's output meets the slope first, and
# only then splits, one part for the weight and one for the input. If a part skips the slope, it is right for
# linear layers only. A sum over the batch needs no extra step: the product of matrices is one.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Prepare two lists of the final length; the last gradient is the one that you were given. Walk from the last
# layer to the first. In each: the gradient at its output, times the slope at its output, is $\delta$; $\delta$
# and the layer's input give the weight's gradient; $\delta$ and the weight give the gradient one place further
# down. Who writes into a place never has to turn a list round.
#
# </details>


# %% solution="backward_pass"
def backward_pass(
    outputs: list[np.ndarray], weights: list[np.ndarray], activation: str, grad_output: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The gradients with respect to all outputs and all weights: (grad_outputs, grad_weights).

    outputs is what forward_pass gave; grad_output is the gradient with respect to outputs[-1], of its shape.
    grad_outputs[i] has the shape of outputs[i], and its last entry is grad_output itself;
    grad_weights[i] has the shape of weights[i] and is summed over the batch.
    An unknown activation raises ValueError. No argument is modified, and float32 stays float32.
    """
    ### BEGIN SOLUTION
    slopes = {
        "tanh": lambda a: 1 - a**2,
        "relu": lambda a: a > 0,
        "sigmoid": lambda a: a * (1 - a),
        "linear": lambda a: 1,
    }
    if activation not in slopes:
        raise ValueError(f"activation must be one of {sorted(slopes)}, got {activation!r}")
    slope = slopes[activation]
    grad_outputs = [grad_output] * len(outputs)
    grad_weights = [None] * len(weights)
    for i in reversed(range(len(weights))):
        delta = grad_outputs[i + 1] * slope(outputs[i + 1])
        grad_weights[i] = outputs[i].T @ delta
        grad_outputs[i] = delta @ weights[i].T
    return grad_outputs, grad_weights
    ### END SOLUTION


# %% grades="backward_pass" points={"chain rule": 12, "weight gradients": 6, "lists in order": 6, "input and dtype": 6}
def check_backward_pass():
    outputs = [
        np.array([[1.0, -2.0], [2.0, 1.0]]),
        np.array([[-0.5, -1.5, 3.0], [1.5, -1.75, 3.5]]),
        np.array([[-2.0], [-0.25]]),
    ]
    weights = [np.array([[0.5, -1.0, 2.0], [0.5, 0.25, -0.5]]), np.array([[1.0], [2.0], [0.5]])]
    grad_output = np.array([[1.0], [-1.0]])

    assert raised_by(backward_pass, list(outputs), list(weights), "linear", grad_output) != "ValueError", (
        "The shapes in one of your products do not fit. Write them beside the formulas: a transpose may be missing, or "
        "a layer starts from a gradient that belongs to another one."
    )
    grads, weight_grads = backward_pass(outputs, weights, "linear", grad_output)
    assert len(outputs) == 3 and len(weights) == 2, (
        "backward_pass has changed a list of its caller: read from the lists, take nothing out."
    )
    assert len(grads) == 3 and len(weight_grads) == 2, (
        f"Three outputs and two weights have three and two gradients; you return {len(grads)} and "
        f"{len(weight_grads)}. The input has a gradient too."
    )
    for i in range(3):
        assert grads[i].shape == outputs[i].shape, (
            f"grad_outputs[{i}] has the shape of outputs[{i}], {outputs[i].shape}; "
            f"yours is {grads[i].shape}. The first layer comes first. Is a transpose missing?"
        )
    for i in range(2):
        assert weight_grads[i].shape == weights[i].shape, (
            f"grad_weights[{i}] has the shape of weights[{i}], {weights[i].shape}; "
            f"yours is {weight_grads[i].shape}. Which factor is transposed? Which output does the weight read?"
        )
    assert np.array_equal(grads[2], grad_output), "grad_outputs[-1] is grad_output itself, unchanged."
    half = np.array([[-1.0], [0.125], [-0.25]])
    assert not np.allclose(weight_grads[1], half), (
        "Your weight gradient is half of what we expect, and the batch has two rows: "
        "it is a sum over the batch, not a mean."
    )
    np.testing.assert_allclose(weight_grads[1], 2 * half, atol=1e-6, err_msg="The last weight's gradient is off.")
    np.testing.assert_allclose(
        grads[1], [[1.0, 2.0, 0.5], [-1.0, -2.0, -0.5]], atol=1e-6, err_msg="The gradient at outputs[1] is off."
    )
    np.testing.assert_allclose(
        grads[0],
        [[-0.5, 0.75], [0.5, -0.75]],
        atol=1e-6,
        err_msg="The gradient at x is off: does it go through grad_outputs[1]?",
    )

    for name, weight, output, slope, confused in [
        ("tanh", np.log(2), 0.6, 0.64, 1 - np.tanh(0.6) ** 2),
        ("sigmoid", np.log(3), 0.75, 0.1875, np.exp(-0.75) / (1 + np.exp(-0.75)) ** 2),
    ]:
        one_output = [np.array([[1.0]]), np.array([[output]])]
        grads, weight_grads = backward_pass(one_output, [np.array([[weight]])], name, np.array([[1.0]]))
        found = weight_grads[0].item()
        assert abs(found - confused) > 1e-6, (
            f"For {name} your slope at the output a = {output} is {found:.4f}: you apply the formula in z to a, "
            f"so {name} is taken twice. The output is all that you need."
        )
        assert abs(found - 1) > 1e-6, (
            f"For {name} the weight's gradient shows a slope of 1: it goes through the slope as well."
        )
        assert abs(found - slope) < 1e-6, (
            f"For {name} the slope at the output a = {output} is {slope}, you give {found:.4f}. "
            "Is it the output of the layer that you are in?"
        )
        found, expected = grads[0].item(), slope * weight
        assert abs(found - expected) < 1e-6, (
            f"For {name} the gradient at x is slope times weight, {expected:.4f}; you give {found:.4f}."
        )

    one_output = [np.array([[1.0]]), np.array([[0.0, 3.0]])]
    grad_output = np.array([[5.0, 7.0]])
    found = backward_pass(one_output, [np.array([[-2.0, 3.0]])], "relu", grad_output)[1][0]
    assert np.array_equal(found, [[0.0, 7.0]]), (
        f"A ReLU unit that gives 0 is off and passes nothing back. We expect [[0, 7]] and got {found.tolist()}."
    )
    assert np.array_equal(grad_output, [[5.0, 7.0]]), (
        "backward_pass has changed the grad_output of its caller: do not work in place."
    )
    raised = raised_by(backward_pass, one_output, [np.array([[-2.0, 3.0]])], "swish", grad_output)
    assert raised == "ValueError", (
        f"The activation 'swish' is not one of the four: we expect a ValueError that names it, and got {raised}."
    )
    halves = [[array.astype("float32") for array in arrays] for arrays in (outputs, weights, [half[:2]])]
    found = {gradient.dtype.name for part in backward_pass(*halves[:2], "linear", *halves[2]) for gradient in part}
    assert found == {"float32"}, f"float32 stays float32; your gradients have the dtypes {sorted(found)}."


check_backward_pass()
"backward_pass: the visible checks pass"

# %% [markdown]
# ## Task: the simulation
#
# **Difficulty 2 of 3.** Met before: the two tasks above; the loss of a sum is met here for the first time.
#
# Write `simulate_gradient_flow`. It builds one random network, sends a batch forward and the gradient of the
# loss back, and returns two lists of norms. The loss is the sum of all entries of the last output: which
# matrix is its gradient?
#
# The order of the draws is part of the task, so that two people with the same seed see the same network:
# first $x$, then $W_0, W_1, \dots$
#
# Use your `forward_pass` and `backward_pass`. When this task is graded, correct ones stand in their place, so
# a mistake up there costs nothing down here. The check below has only yours, so let them pass their checks
# first.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Everything random comes out of one `rng`; there is no `np.random.seed` anywhere. There are $L + 1$ outputs
# and as many gradients with respect to them, and you return only $L$ gradient norms: read again which ones.
# `np.linalg.norm` of a matrix is the Frobenius norm when you give it nothing but the matrix.
#
# </details>
#
# <details><summary>Hint 2: an outline</summary>
#
# Draw `x`, then the weights, each a square matrix of standard normal numbers times the scale; nothing else is
# scaled. Go forward. If one entry of the last output grows by a little, their sum grows by as much: that tells
# the gradient to start from. Go back. Then list the norms: of every output, and of every gradient except the one
# that you started from.
#
# </details>


# %% solution="simulate_gradient_flow"
def simulate_gradient_flow(
    init_scale: float,
    num_layers: int = 10,
    activation: str = "tanh",
    width: int = 10,
    batch_size: int = 100,
    rng: np.random.Generator | None = None,
) -> tuple[list[float], list[float]]:
    """The norms of gradients and outputs, layer by layer: (gradient_norms, output_norms).

    Draws from rng (None means np.random.default_rng(42)), in this order: x = standard_normal((batch_size, width)),
    then for each layer W = init_scale * standard_normal((width, width)). The loss is the sum of the last output.
    gradient_norms[i] is the Frobenius norm of the gradient with respect to the input of layer i: num_layers
    floats, first layer first. output_norms holds the norms of all outputs, that of x first: num_layers + 1 floats.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(42) if rng is None else rng
    x = rng.standard_normal((batch_size, width))
    weights = [init_scale * rng.standard_normal((width, width)) for _ in range(num_layers)]
    outputs = forward_pass(x, weights, activation)
    grad_outputs, _ = backward_pass(outputs, weights, activation, np.ones_like(outputs[-1]))
    gradient_norms = [float(np.linalg.norm(gradient)) for gradient in grad_outputs[:-1]]
    output_norms = [float(np.linalg.norm(output)) for output in outputs]
    return gradient_norms, output_norms
    ### END SOLUTION


# %% grades="simulate_gradient_flow" points={"growth from layer to layer": 8, "size of the gradients": 4, "size of the outputs": 4, "draws": 4}
def check_simulate_gradient_flow():
    # One unit per layer: everything is a number, and you can follow each of them by hand.
    draws = np.random.default_rng(7).standard_normal(6)
    size_x, w_0, w_1 = np.linalg.norm(draws[:4]), abs(0.5 * draws[4]), abs(0.5 * draws[5])
    found = simulate_gradient_flow(
        0.5, num_layers=2, activation="linear", width=1, batch_size=4, rng=np.random.default_rng(7)
    )
    gradient_norms, output_norms = found
    assert len(gradient_norms) == 2 and len(output_norms) == 3, (
        f"Two layers have two gradient norms and three output norms; you return {len(gradient_norms)} and "
        f"{len(output_norms)}. Gradient norms come first, and x counts as an output."
    )
    assert abs(output_norms[0] - size_x) < 1e-6, (
        f"output_norms[0] is the norm of x, {size_x:.4f} here; you give {output_norms[0]:.4f}. "
        "x is the first thing drawn from rng, it is not scaled, and its norm is over the whole batch."
    )
    assert abs(output_norms[1] - w_0 * size_x) < 1e-6, (
        f"output_norms[1] is {w_0 * size_x:.4f} here, you give {output_norms[1]:.4f}. "
        "The first weight is drawn right after x, and init_scale is its standard deviation, not its variance."
    )
    assert abs(output_norms[2] - w_1 * w_0 * size_x) < 1e-6, (
        "output_norms[2] is off: the second weight is drawn after the first."
    )
    assert abs(gradient_norms[1] - 2) > 1e-6, (
        "Your last gradient norm is 2, the norm of four ones: that is the gradient with respect to the *output* "
        "of the last layer. We want the one with respect to the input of each layer."
    )
    assert abs(gradient_norms[1] - w_1 / 2) > 1e-6, (
        "Your gradients are those of the mean of the four last outputs: the loss is their sum."
    )
    assert abs(gradient_norms[1] - 2 * w_1) < 1e-6, (
        "The gradient that reaches the input of the last layer is w_1 in each of 4 rows, so its norm is "
        f"2 |w_1| = {2 * w_1:.4f}; you give {gradient_norms[1]:.4f}. First layer first. "
        "Do forward_pass and backward_pass pass their checks?"
    )
    assert abs(gradient_norms[0] - 2 * w_1 * w_0) < 1e-6, (
        "gradient_norms[0] belongs to x: it has gone through both weights."
    )

    twin = np.random.default_rng(7)
    x, w = twin.standard_normal((4, 3)), 0.5 * twin.standard_normal((3, 3))
    expected = np.sqrt([np.sum(x**2), np.sum((x @ w) ** 2)])
    found = simulate_gradient_flow(0.5, 1, "linear", width=3, batch_size=4, rng=np.random.default_rng(7))[1]
    assert np.allclose(found, expected), (
        f"With one linear layer of width 3 the output norms are {expected[0]:.4f} and {expected[1]:.4f}, you give "
        f"{found[0]:.4f} and {found[1]:.4f}. The norm is the root of the sum of *all* squares, and a weight is "
        "init_scale times a standard normal number, whatever the width."
    )

    first, second = simulate_gradient_flow(0.5), simulate_gradient_flow(0.5, rng=np.random.default_rng(42))
    assert np.allclose(first[1], second[1]), (
        "Without rng the numbers are those of np.random.default_rng(42), at every call."
    )
    other = simulate_gradient_flow(0.5, rng=np.random.default_rng(0))
    assert not np.allclose(first[1], other[1]), "Another rng gives another network; yours is the same for both."
    assert len(first[0]) == 10, f"By default there are 10 layers, you give {len(first[0])} gradient norms."


check_simulate_gradient_flow()
"simulate_gradient_flow: the visible checks pass"

# %% [markdown]
# ## Task: the growth rate
#
# **Difficulty 1 of 3.** Met before: the factor $\rho$ in *The idea*.
#
# A list of norms that grows by the same factor at every layer is a straight line once you take logarithms.
# `growth_rate` fits that line by least squares and gives the factor: $\exp$ of the slope of
# $\log(\text{norm})$ against the index $0, 1, 2, \dots$
#
# A rate above 1 says that the norms grow from the first entry to the last. Gradients travel the other way:
# for the factor per layer on the way *back*, hand over the list reversed.
#
# Fewer than two norms, or a norm that is not positive, raise a `ValueError` that names `norms` and what is wrong.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `np.polyfit` with degree 1 fits a line and returns its slope first. You can also write the slope yourself:
# covariance over variance.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# A slope is a number to add in each step, a rate is a number to multiply by: one more function lies between them,
# and it has to be the inverse of the logarithm that you took. Check the norms before you take logarithms: first
# how many, then their signs.
#
# </details>


# %% solution="growth_rate"
def growth_rate(norms: list[float]) -> float:
    """The factor per layer, from the first entry to the last: exp of the least-squares slope of log(norm).

    Fewer than two norms, or a norm that is not positive, raise ValueError. Lists and arrays are both fine.
    """
    ### BEGIN SOLUTION
    norms = np.asarray(norms, dtype=float)
    if len(norms) < 2:
        raise ValueError(f"norms must have at least two entries, got {len(norms)}")
    if not np.all(norms > 0):
        raise ValueError(f"norms must all be positive, got {norms}")
    slope, _ = np.polyfit(np.arange(len(norms)), np.log(norms), deg=1)
    return float(np.exp(slope))
    ### END SOLUTION


# %% grades="growth_rate" points={"geometric sequences": 5, "least squares": 3, "bad input": 2}
def check_growth_rate():
    found = growth_rate([1.0, 2.0, 4.0, 8.0])
    assert abs(found - np.log(2)) > 1e-6, "You return the slope, log(2) here. The factor per layer is exp of it."
    assert abs(found - 0.5) > 1e-6, (
        "You count from the last entry to the first: [1, 2, 4, 8] grows by a factor of 2, not of 1/2."
    )
    assert abs(found - 2) < 1e-6, (
        f"[1, 2, 4, 8] doubles at every step: we expect 2 and got {found:.4f}. Do log and exp have the same base?"
    )
    found, expected = growth_rate([1.0, 4.0, 4.0, 16.0]), 2**1.2
    assert abs(found - 2 ** (4 / 3)) > 1e-6, (
        "You use only the first and the last norm of [1, 4, 4, 16]: a fit uses all of them."
    )
    assert abs(found - expected) < 1e-6, (
        "For [1, 4, 4, 16] the logarithms are 0, 2, 2, 4 times log(2), and the line through them has a slope of "
        f"1.2 log(2): we expect {expected:.4f} and got {found:.4f}. Do you fit the logarithms, by least squares?"
    )
    assert abs(growth_rate(np.array([3.0, 1.5])) - 0.5) < 1e-6, (
        "[3, 1.5] halves: we expect 0.5. Two norms are enough, and arrays are fine."
    )
    for bad in ([1.0], [1.0, 0.0, 2.0], [1.0, -1.0]):
        with np.errstate(all="ignore"):
            raised = raised_by(growth_rate, bad)
        assert raised == "ValueError", f"growth_rate({bad}) has no answer: we expect a ValueError, and got {raised}."


check_growth_rate()
"growth_rate: the visible checks pass"

# %% [markdown]
# ## Task: the critical scale
#
# **Difficulty 1 of 3.** Met before: *Why a scale decides*, above.
#
# Set the factor per layer to one, $n s^2\, \mathbb E f'^2 = 1$, and solve for $s$. In the *linear regime* the
# signal is so small, or the function so simple, that $f'$ is easy:
# * tanh and linear: the slope is 1 around 0;
# * ReLU: the slope is 1 for half of the units and 0 for the other half, so $\mathbb E f'^2 = 1/2$;
# * sigmoid: the slope at 0 is $1/4$, and that is as steep as it gets.
#
# Any other activation raises a `ValueError` that names it.
#
# <details><summary>Hint 1: a nudge</summary>
#
# $s = 1 / \sqrt{n\, \mathbb E f'^2}$. Put the three values of $\mathbb E f'^2$ in; for the sigmoid remember
# to square the slope.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The scale is a standard deviation, and the condition holds its square. Solve for $s^2$ first, then take the root
# of the whole right-hand side: a factor of 2 that is inside belongs under the root, too.
#
# </details>


# %% solution="critical_scale"
def critical_scale(width: int, activation: str) -> float:
    """The init_scale that keeps the variance in the linear regime, s = 1 / sqrt(width * E[f'^2]).

    width is the number of inputs of a unit. activation is "tanh", "relu", "sigmoid" or "linear"; anything else
    raises ValueError. For the sigmoid it is the gradient's variance that is kept.
    """
    ### BEGIN SOLUTION
    squared_slope = {"tanh": 1, "linear": 1, "relu": 1 / 2, "sigmoid": (1 / 4) ** 2}
    if activation not in squared_slope:
        raise ValueError(f"activation must be one of {sorted(squared_slope)}, got {activation!r}")
    return float(1 / np.sqrt(width * squared_slope[activation]))
    ### END SOLUTION


# %% grades="critical_scale" points={"tanh and linear": 4, "relu": 2.5, "sigmoid": 2.5, "bad input": 1}
def check_critical_scale():
    found = critical_scale(16, "tanh")
    assert abs(found - 1 / 16) > 1e-6, (
        "1/16 is the variance of the weights at width 16; init_scale is their standard deviation."
    )
    assert abs(found - 0.25) < 1e-6, f"For tanh at width 16 we expect 0.25 and got {found:.4f}."
    assert abs(critical_scale(16, "linear") - 0.25) < 1e-6, "A linear layer has slope 1, like tanh around 0."
    found = critical_scale(8, "relu")
    assert abs(found - 8**-0.5) > 1e-6, "For relu half of the units are off: the weights make up for that."
    assert abs(found - 0.5) < 1e-6, (
        f"For relu at width 8 we expect 0.5 and got {found:.4f}. Is the 2 inside the square root?"
    )
    found = critical_scale(16, "sigmoid")
    assert abs(found - 1 / 16) > 1e-6, (
        "For sigmoid you make the weights smaller. A slope of 1/4 shrinks the gradient: what makes up for that?"
    )
    assert abs(found - 1) < 1e-6, (
        f"For sigmoid at width 16 we expect 1 and got {found:.4f}: the slope at 0 is 1/4. "
        "What is its square, and is that under the root?"
    )
    raised = raised_by(critical_scale, 16, "swish")
    assert raised == "ValueError", f"For the activation 'swish' we expect a ValueError, and got {raised}."


check_critical_scale()
"critical_scale: the visible checks pass"

# %% [markdown]
# ## Task: the plot
#
# **Difficulty 2 of 3.** Met before: the simulation, above.
#
# Write `plot_gradient_flow`: one panel for each scale, with the gradient norms and the output norms that
# `simulate_gradient_flow(scale, **simulation)` gives. Whatever else the caller passes goes on to the
# simulation.
#
# Each panel has a title with the scale's value, a logarithmic y axis, labeled axes (a label on an axis that
# panels share is enough once), and two lines, one whose label says "gradient norms" and one whose label says
# "output norms". Plot the norms themselves, and let the axis take the logarithm. Call
# `simulate_gradient_flow` by its name: when this task is graded, a correct one stands there.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `plt.subplots(1, n)` gives an array of axes, except for $n = 1$. Its argument `squeeze` changes that.
#
# </details>
#
# <details><summary>Hint 2: an outline</summary>
#
# One row of as many panels as scales. For each panel simulate with *its* scale and hand on the other arguments as
# they came. Draw gradient norms and output norms as they are, each with its label; put the scale into the title,
# make the y axis logarithmic, label the axes. Give back the figure, and nothing beside it.
#
# </details>


# %% solution="plot_gradient_flow"
def plot_gradient_flow(scales: tuple[float, ...] = (0.01, 0.1, 1.0, 2.0), **simulation) -> plt.Figure:
    """A figure with one panel a scale: gradient norms and output norms by layer, on a logarithmic y axis.

    simulation goes on to simulate_gradient_flow(scale, **simulation), say num_layers=20 or activation="relu".
    """
    ### BEGIN SOLUTION
    count = len(scales)
    figure, axes = plt.subplots(1, count, figsize=(2.4 * count, 3.2), sharey=True, squeeze=False)
    for ax, scale in zip(axes[0], scales, strict=True):
        gradient_norms, output_norms = simulate_gradient_flow(scale, **simulation)
        ax.plot(gradient_norms, label="gradient norms")
        ax.plot(output_norms, linestyle="--", label="output norms")
        ax.set_title(f"init_scale = {scale}")
        ax.set_xlabel("layer (0 is the input)")
        ax.set_ylabel("Frobenius norm")
        ax.set_yscale("log")
    figure.axes[0].legend()
    return figure
    ### END SOLUTION


# %% grades="plot_gradient_flow" points={"both norms in each panel": 5, "panels": 2, "arguments of the simulation": 2, "axes and titles": 1}
def check_plot_gradient_flow():
    global simulate_gradient_flow

    def stand_in(init_scale, num_layers=10, **others):
        gradient_norms = [init_scale * 2.0**i for i in range(num_layers)]
        return gradient_norms, [*gradient_norms, 100.0]

    # While this check runs, a stand-in with made-up numbers takes the place of your simulation.
    yours, simulate_gradient_flow = simulate_gradient_flow, stand_in
    try:
        figures = [plot_gradient_flow((0.25, 1.5), num_layers=3)]
        raised = raised_by(plot_gradient_flow, (0.75,))
        assert raised == "nothing", (
            f"For a single scale your function raises {raised}. What does plt.subplots give for one panel?"
        )
        figures.append(plot_gradient_flow((0.75,), num_layers=3))
    finally:
        simulate_gradient_flow = yours
        plt.close("all")

    assert all(isinstance(figure, plt.Figure) for figure in figures), (
        f"plot_gradient_flow returns the figure; yours returns {type(figures[0]).__name__}."
    )
    for figure, scales in zip(figures, [(0.25, 1.5), (0.75,)], strict=True):
        panels = [ax for ax in figure.axes if ax.get_lines()]
        assert len(panels) == len(scales), f"Each of {len(scales)} scales has a panel, you draw {len(panels)}."
        for ax, scale in zip(panels, scales, strict=True):
            title = " ".join(ax.get_title(loc=where) for where in ("left", "center", "right")).strip()
            numbers = re.findall(r"\d*\.?\d+(?:e[-+]?\d+)?", title.lower())
            assert scale in map(float, numbers), (
                f"The title of the panel for {scale} names that value; yours says {title!r}."
            )
            assert ax.get_yscale() == "log", f"The y axis is logarithmic; yours is {ax.get_yscale()}."
            sharing_x, sharing_y = (
                shared().get_siblings(ax) for shared in (ax.get_shared_x_axes, ax.get_shared_y_axes)
            )
            assert figure.get_supxlabel() or any(other.get_xlabel() for other in sharing_x), (
                f"The x axis of the panel for {scale} has no label. Is each panel labeled inside the loop?"
            )
            assert figure.get_supylabel() or any(other.get_ylabel() for other in sharing_y), (
                f"The y axis of the panel for {scale} has no label. Is each panel labeled inside the loop?"
            )
            lines = {line.get_label().lower(): np.asarray(line.get_ydata()).tolist() for line in ax.get_lines()}
            gradient_lines = [y for label, y in lines.items() if "grad" in label]
            output_lines = [y for label, y in lines.items() if "output" in label and "grad" not in label]
            assert len(gradient_lines) == len(output_lines) == 1, (
                "Each panel has one line labeled 'gradient norms' and one labeled 'output norms'; "
                f"your labels are {sorted(lines)}."
            )
            assert len(gradient_lines[0]) == 3, (
                f"With num_layers=3 there are 3 gradient norms; your line has {len(gradient_lines[0])} points. "
                "Do the arguments go on to simulate_gradient_flow? Are the two lines labeled the right way round?"
            )
            assert np.allclose(gradient_lines[0], [scale, 2 * scale, 4 * scale]), (
                f"The gradient norms for {scale} are [{scale}, {2 * scale}, {4 * scale}] here; "
                f"you plot {gradient_lines[0]}. First layer first, and no logarithm: the axis takes it."
            )
            assert np.allclose(output_lines[0], [scale, 2 * scale, 4 * scale, 100]), (
                f"You plot the output norms {output_lines[0]}."
            )


check_plot_gradient_flow()
"plot_gradient_flow: the visible checks pass"

# %% [markdown]
# ## Predict, then measure
#
# From here on nothing is graded. Each experiment runs your own functions, and it is worth most if you commit
# to a number before you look.
#
# ### Norms by layer
#
# Four scales, ten tanh layers, ten units wide. Outputs travel from left to right, gradients from right to
# left.

# %% tags=["active-ipynb"]
# figure = plot_gradient_flow()
# figure.suptitle("Small scales lose both signals; at large ones outputs look healthy while gradients grow")
# plt.show()
# for scale in (0.01, 0.1, 1.0, 2.0):
#     gradient_norms, output_norms = simulate_gradient_flow(scale)
#     print(
#         f"init_scale {scale:4}: outputs change by a factor {growth_rate(output_norms):7.3f} per layer, "
#         f"gradients on their way back by {growth_rate(gradient_norms[::-1]):7.3f}"
#     )
# print(f"critical_scale(10, 'tanh') = {critical_scale(10, 'tanh'):.3f}: none of the four.")

# %% [markdown]
# It is tempting to call everything between 0.1 and 1.0 "stable". The numbers disagree: at 0.1 the gradient
# shrinks at every layer, and at 1.0 it grows. The stable scale lies in between, and it is a point, not a
# range.
#
# ### Tanh hides it, ReLU does not
#
# Look at the panel for 1.0 again: the output norms are flat. Now replace tanh by ReLU, with the same scale,
# width and depth. By what factor do the *outputs* grow from the input to the tenth layer? Use the formula of
# "The idea".

# %% tags=["active-ipynb"]
# predicted_relu_growth = None  # a number, such as 25: the norm of the last output over that of the input

# %% tags=["active-ipynb"]
# figure, axes = plt.subplots(1, 2, figsize=(10, 3.4), sharey=True)
# for activation, linestyle in [("relu", "-"), ("tanh", "--")]:
#     generators = [np.random.default_rng(seed) for seed in range(20)]
#     runs = [simulate_gradient_flow(1.0, activation=activation, rng=rng) for rng in generators]
#     gradients, outputs = (np.median([run[part] for run in runs], axis=0) for part in (0, 1))
#     axes[0].plot(outputs, linestyle=linestyle)
#     axes[1].plot(gradients, linestyle=linestyle)
#     print(
#         f"{activation}: going forward the outputs change by a factor of {outputs[-1] / outputs[0]:.3g}, "
#         f"going back the gradients by {gradients[0] / gradients[-1]:.3g}"
#     )
#     axes[0].annotate(f"  {activation}", (10, outputs[-1]), va="center")
#     axes[1].annotate(f"{activation}  ", (0, gradients[0]), va="center", ha="right")
# axes[0].set(title="outputs, going forward", xlabel="layer (0 is the input)", yscale="log")
# axes[1].set(title="gradients, going back", xlabel="layer (0 is the input)")
# axes[0].set_ylabel("Frobenius norm, median of 20 networks")
# axes[0].set_xlim(-1, 11.5)
# axes[1].set_xlim(-1.5, 10)
# figure.suptitle("At a scale of 1.0 and width 10 both networks explode, and tanh hides it in its outputs")
# plt.show()
# if (predicted := prediction("predicted_relu_growth")) is not None:
#     print(f"you predicted {predicted:.3g} for the outputs of relu")

# %% [markdown]
# A tanh cannot give more than 1, so its outputs stay put: the units sit at $\pm 1$, saturated. The gradient
# has no such bound. A monitor that watches only activations calls this network healthy.
#
# The median over twenty networks stays below the formula. The formula is right for the *mean* of the squares,
# and at width 10 a few large networks make most of that mean. The typical network lies lower.
#
# ### Which gradient?
#
# The panel for 0.01 showed gradients with respect to *activations*. They fall by many orders of magnitude
# from the last layer to the first, and one reads that "the first layers do not learn, the last ones do". But
# an optimizer moves weights. How many times larger is the gradient of the last *weight* than that of the
# first one, at a scale of 0.01?

# %% tags=["active-ipynb"]
# predicted_weight_ratio = None  # a number, such as 1e6: the gradient norm of the last weight over that of the first

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(42)
# x = rng.standard_normal((100, 10))
# weights = [0.01 * rng.standard_normal((10, 10)) for _ in range(10)]
# outputs = forward_pass(x, weights, "tanh")
# grad_outputs, grad_weights = backward_pass(outputs, weights, "tanh", np.ones_like(outputs[-1]))
# activation_norms = [np.linalg.norm(gradient) for gradient in grad_outputs[:-1]]
# weight_norms = [np.linalg.norm(gradient) for gradient in grad_weights]
#
# figure, ax = plt.subplots(figsize=(7, 3.6))
# ax.plot([np.linalg.norm(output) for output in outputs[:-1]], linestyle="--", label="outputs $a_i$")
# ax.plot(activation_norms, label=r"activation gradients $\partial\mathcal{L}/\partial a_i$")
# ax.plot(weight_norms, linestyle="-.", label=r"weight gradients $\partial\mathcal{L}/\partial W_i$")
# ax.set(xlabel="layer $i$", ylabel="Frobenius norm", yscale="log", xticks=range(10))
# ax.set_title("Every layer's weights get the same nothing")
# ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
# plt.show()
# print(f"activation gradients, last layer over first: {activation_norms[-1] / activation_norms[0]:.2g}")
# print(f"weight gradients, last layer over first:     {weight_norms[-1] / weight_norms[0]:.2g}")
# if (predicted := prediction("predicted_weight_ratio")) is not None:
#     print(f"your prediction for the weight gradients:    {predicted:.2g}")
# print(f"the weight gradients lie between {min(weight_norms):.1e} and {max(weight_norms):.1e}")

# %% [markdown]
# The gradient of $W_i$ is $a_i^\top \delta_i$. Going to the right, the outputs lose a factor per layer; going
# to the left, the gradients lose the same factor. Their product has lost $L - 1$ of these factors wherever
# you stand. That is why the rows of the first picture have one color: vanishing does not spare the last
# layers. Only saturation breaks the balance, because it holds the outputs where they are.
#
# ### The critical scale, by experiment
#
# Forget the formula. Try many scales, measure the factor per layer of the gradient on its way back, and look
# where it crosses 1.

# %% tags=["active-ipynb"]
# import pandas as pd
#
# width, num_layers = 64, 20
#
#
# def backward_rate(scale, activation):
#     """The gradient's factor per layer on its way back: the geometric mean over three networks."""
#     rates = []
#     for seed in range(3):
#         rng = np.random.default_rng(seed)
#         gradient_norms, _ = simulate_gradient_flow(scale, num_layers, activation, width, 50, rng)
#         rates.append(growth_rate(gradient_norms[::-1]))
#     return np.exp(np.mean(np.log(rates)))
#
#
# figure, ax = plt.subplots(figsize=(8, 4))
# multiples = np.geomspace(0.5, 16, 26)
# rows = []
# for activation, linestyle in [("linear", "-"), ("tanh", "--"), ("relu", "-."), ("sigmoid", ":")]:
#     rates = np.array([backward_rate(multiple / np.sqrt(width), activation) for multiple in multiples])
#     (line,) = ax.plot(multiples, rates, linestyle, markersize=4, label=activation)
#     formula = critical_scale(width, activation) * np.sqrt(width)
#     ax.plot(formula, 1, "*", color=line.get_color(), markersize=16, markeredgecolor="black", zorder=5)
#     measured = np.exp(np.interp(0, np.log(rates), np.log(multiples)))
#     rows.append([activation, formula / np.sqrt(width), measured / np.sqrt(width), measured / formula])
#     ax.annotate(f" {activation}", (multiples[-1], rates[-1]), va="center")
# ax.axhline(1, color="black", linewidth=1, marker="")
# ticks = [0.5, 1, 2, 4, 8, 16]
# ax.set(xscale="log", yscale="log", xlim=(0.45, 26), xticks=ticks, xticklabels=ticks)
# ax.set(xlabel=r"init scale $\times \sqrt{\mathrm{width}}$", ylabel="factor per layer, going back")
# ax.set_title("The gradient survives where a curve crosses 1 (stars: the formula)")
# plt.show()
# columns = ["activation", "formula", "measured", "ratio"]
# table = pd.DataFrame(rows, columns=columns).set_index("activation")
# display(table.round(3))
# worst = (table["ratio"] - 1).abs().idxmax()
# print(f"The formula is furthest off for {worst}: you measure {table['ratio'][worst]:.1f} times what it says.")

# %% [markdown]
# The formula holds where its assumption does. Linear and ReLU layers give straight lines (linear and tanh
# share a star). Tanh bends: at large scales it saturates, its slope drops, and the gradient grows less than
# the weights promise. For the sigmoid the formula fails, and it is worth seeing why: its outputs sit around
# $1/2$, not around 0. They push the next layer's $z$ far from 0 at just the scale that the formula asks for,
# and there the slope is well below $1/4$. There is no linear regime to stay in, which is one reason why
# nobody builds deep networks of sigmoids.
#
# ### A hundred layers
#
# A ReLU network is 64 units wide and 100 layers deep. Which `init_scale` do you choose? Your gradient should
# change by less than a factor of ten over all hundred layers. Write a number with as many digits as you think
# it takes.

# %% tags=["active-ipynb"]
# predicted_scale = None  # a number, such as 0.1: an init_scale

# %% tags=["active-ipynb"]
# def change_on_the_way_back(scale, depth):
#     """By what factor the gradient changes from the last layer to the first: the median of five networks."""
#     changes = []
#     for seed in range(5):
#         rng = np.random.default_rng(seed)
#         gradient_norms, _ = simulate_gradient_flow(scale, depth, "relu", 64, 20, rng)
#         changes.append(gradient_norms[0] / gradient_norms[-1])
#     return np.median(changes)
#
#
# figure, ax = plt.subplots(figsize=(8, 4))
# scales = critical_scale(64, "relu") * np.geomspace(0.7, 1 / 0.7, 15)
# ax.axhspan(0.1, 10, color="0.85", label="within a factor of ten")
# for depth, linestyle in [(10, "-"), (30, "--"), (100, "-.")]:
#     changes = [change_on_the_way_back(scale, depth) for scale in scales]
#     ax.plot(scales, changes, linestyle, markersize=4, label=f"{depth} layers")
#     low, high = np.exp(np.interp(np.log([0.1, 10]), np.log(changes), np.log(scales)))
#     print(f"{depth:3} layers: within a factor of ten for scales from {low:.4f} to {high:.4f}")
# if (predicted := prediction("predicted_scale")) is not None:
#     ax.axvline(predicted, color="black", linewidth=1, marker="", label="your prediction")
#     measured = change_on_the_way_back(predicted, 100)
#     print(f"at your {predicted:.4f} the gradient changes by a factor {measured:.2g} over 100 layers")
# ax.set(yscale="log", xlabel="init scale", ylabel="gradient norm, first layer over last")
# ax.set_title("The deeper the network, the fewer scales it survives")
# ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
# plt.show()

# %% [markdown]
# The tolerance on $s$ shrinks like $10^{\pm 1/L}$: at a hundred layers it is about two percent on either
# side. Choosing a scale carefully is the subject of the next two exercises. Networks that do not depend on
# such a choice, because they set the scale anew at every layer, are the subject of the two after them.

# %% [markdown]
# ## Questions to think about
#
# 1. At a scale of 0.01 every weight gradient is about $10^{-12}$. A learning rate of $10^{12}$ would make the
#    steps large, and Adam divides by the gradient's own size. Would either of them train this network? What
#    would happen in float32?
# 2. A gradient norm that stays the same over all layers is an average over directions. Could the gradient
#    still vanish in most directions and grow in a few? Which matrices keep *every* direction's length?
# 3. You watch one number per layer during training and can choose which. Outputs, activation gradients, or
#    weight gradients: which of the failures on this page does each of them miss?

# %% [markdown]
# ## Further, if you are done
#
# Replace the random weights of `simulate_gradient_flow` by random *orthogonal* ones (the Q of a QR decomposition)
# times a scale, and look at all singular values of the product of thirty layers instead of one norm: with tanh, at
# which scale do they stay together? J. Pennington, S. Schoenholz, S. Ganguli, *Resurrecting the sigmoid in deep
# learning through dynamical isometry: theory and practice* (NIPS 2017), work out when a network keeps every
# direction, not only the average one.
#
# ## Where to read on
#
# * Bengio, Simard, Frasconi: *Learning long-term dependencies with gradient descent is difficult* (1994). The
#   same product of matrices, over time in place of depth.
# * Glorot, Bengio: *Understanding the difficulty of training deep feedforward neural networks* (2010).
#   Section 4.2 is the variance argument; the figures show saturation layer by layer.
# * He, Zhang, Ren, Sun: *Delving deep into rectifiers* (2015). Section 2.2 does it again for ReLU, and trains
#   30 layers with the result.
# * Saxe, McClelland, Ganguli: *Exact solutions to the nonlinear dynamics of learning in deep linear neural
#   networks* (2014). Why an average norm is not enough, and what orthogonal matrices do about it.
# * Hanin: *Which neural net architectures give rise to exploding and vanishing gradients?* (2018). Why wide
#   networks behave like the formula and narrow ones scatter around it.
