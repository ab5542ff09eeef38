# %% solution="forward_pass" style="plain loops"
def forward_pass(x, weights, activation):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError("unknown activation: " + str(activation))
    outputs = []
    outputs.append(x)
    a = x
    for layer in range(len(weights)):
        W = weights[layer]
        rows, columns = a.shape[0], W.shape[1]
        z = np.zeros((rows, columns), dtype=a.dtype)
        for row in range(rows):
            for column in range(columns):
                z[row, column] = np.sum(a[row] * W[:, column])
        if activation == "tanh":
            a = np.tanh(z)
        elif activation == "relu":
            a = z.copy()
            a[a < 0] = 0
        elif activation == "sigmoid":
            a = 1 / (1 + np.exp(-z))
        else:
            a = z
        outputs.append(a)
    return outputs


# %% solution="backward_pass" style="plain loops"
def backward_pass(outputs, weights, activation, grad_output):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError("unknown activation: " + str(activation))
    grad_outputs = []
    grad_weights = []
    current = grad_output
    grad_outputs.append(current)
    layer = len(weights) - 1
    while layer >= 0:
        a = outputs[layer + 1]
        delta = np.zeros_like(a)
        for row in range(a.shape[0]):
            for unit in range(a.shape[1]):
                if activation == "tanh":
                    slope = 1 - a[row, unit] ** 2
                elif activation == "relu":
                    slope = 1 if a[row, unit] > 0 else 0
                elif activation == "sigmoid":
                    slope = a[row, unit] * (1 - a[row, unit])
                else:
                    slope = 1
                delta[row, unit] = current[row, unit] * slope
        gradient = np.zeros_like(weights[layer])
        for row in range(a.shape[0]):
            gradient = gradient + np.outer(outputs[layer][row], delta[row])
        grad_weights.append(gradient)
        current = np.matmul(delta, np.transpose(weights[layer]))
        grad_outputs.append(current)
        layer = layer - 1
    grad_outputs.reverse()
    grad_weights.reverse()
    return grad_outputs, grad_weights


# %% solution="simulate_gradient_flow" style="plain loops"
def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    if rng is None:
        rng = np.random.default_rng(seed=42)
    x = rng.standard_normal(size=(batch_size, width))
    weights = []
    for _ in range(num_layers):
        weights.append(rng.standard_normal(size=(width, width)) * init_scale)
    outputs = forward_pass(x, weights, activation)
    ones = np.ones((batch_size, width))
    gradients = backward_pass(outputs, weights, activation, ones)[0]
    gradient_norms = []
    output_norms = []
    for i in range(num_layers):
        gradient_norms.append(np.sqrt(np.sum(gradients[i] ** 2)))
    for i in range(num_layers + 1):
        output_norms.append(np.sqrt(np.sum(outputs[i] ** 2)))
    return gradient_norms, output_norms


# %% solution="growth_rate" style="plain loops"
import math


def growth_rate(norms):
    n = len(norms)
    if n < 2:
        raise ValueError(f"norms has {n} entries, but at least 2 are needed")
    logs = []
    for norm in norms:
        if norm <= 0:
            raise ValueError(f"norms has the entry {norm}, which is not positive")
        logs.append(math.log(norm))
    mean_index = (n - 1) / 2
    mean_log = sum(logs) / n
    above = 0.0
    below = 0.0
    for i in range(n):
        above += (i - mean_index) * (logs[i] - mean_log)
        below += (i - mean_index) ** 2
    return math.exp(above / below)


# %% solution="critical_scale" style="plain loops"
def critical_scale(width, activation):
    if activation == "tanh" or activation == "linear":
        return 1 / width**0.5
    if activation == "relu":
        return (2 / width) ** 0.5
    if activation == "sigmoid":
        return 4 / width**0.5
    raise ValueError(f"activation is {activation}")


# %% solution="plot_gradient_flow" style="plain loops"
def plot_gradient_flow(scales=(0.01, 0.1, 1.0, 2.0), **simulation):
    fig = plt.figure(figsize=(4 * len(scales), 4))
    for i in range(len(scales)):
        plt.subplot(1, len(scales), i + 1)
        norms = simulate_gradient_flow(scales[i], **simulation)
        plt.semilogy(range(len(norms[0])), norms[0], "b-", label="Gradient norms")
        plt.semilogy(range(len(norms[1])), norms[1], "r--", label="Output norms")
        plt.title("Scale: " + str(scales[i]))
        plt.xlabel("Layer")
        plt.ylabel("Norm")
        plt.legend()
    return fig


# %% solution="forward_pass" style="einsum"
def forward_pass(x, weights, activation):
    try:
        f = {
            "tanh": np.tanh,
            "relu": lambda z: np.where(z > 0, z, 0),
            "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
            "linear": np.positive,
        }[activation]
    except KeyError:
        raise ValueError(f"activation={activation!r}") from None
    outputs = [x.copy()]
    for w in weights:
        outputs += [f(np.einsum("ni,ij->nj", outputs[-1], w))]
    return outputs


# %% solution="backward_pass" style="einsum"
def backward_pass(outputs, weights, activation, grad_output):
    match activation:
        case "tanh":
            slopes = [1 - np.square(a) for a in outputs]
        case "relu":
            slopes = [np.sign(a) for a in outputs]
        case "sigmoid":
            slopes = [a - a * a for a in outputs]
        case "linear":
            slopes = [np.ones_like(a) for a in outputs]
        case _:
            raise ValueError(f"activation={activation!r}")
    grads, weight_grads = {len(weights): grad_output.copy()}, {}
    for i in range(len(weights))[::-1]:
        weight_grads[i] = np.einsum("ni,nj,nj->ij", outputs[i], grads[i + 1], slopes[i + 1])
        grads[i] = np.einsum("nj,nj,ij->ni", grads[i + 1], slopes[i + 1], weights[i])
    return [grads[i] for i in sorted(grads)], [weight_grads[i] for i in sorted(weight_grads)]


# %% solution="simulate_gradient_flow" style="einsum"
def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    rng = rng if rng is not None else np.random.default_rng(42)
    x = rng.normal(size=(batch_size, width))
    weights = init_scale * rng.standard_normal((num_layers, width, width))  # the same numbers in the same order
    outputs = forward_pass(x=x, weights=weights, activation=activation)
    gradients, _ = backward_pass(
        outputs=outputs, weights=weights, activation=activation, grad_output=np.ones(outputs[-1].shape)
    )
    norms = [np.sqrt(np.einsum("knw,knw->k", stack, stack)) for stack in (np.array(gradients), np.array(outputs))]
    return norms[0][:num_layers].tolist(), norms[1].tolist()


# %% solution="growth_rate" style="einsum"
def growth_rate(norms):
    norms = np.array(norms, dtype=np.float64)
    if norms.size < 2 or (norms <= 0).any():
        raise ValueError(f"norms = {norms}")
    design = np.stack([np.arange(norms.size), np.ones(norms.size)], axis=1)
    solution, *_ = np.linalg.lstsq(design, np.log(norms), rcond=None)
    return np.exp(solution[0])


# %% solution="critical_scale" style="einsum"
critical_scale_slopes = {"tanh": 1.0, "linear": 1.0, "relu": 0.5**0.5, "sigmoid": 0.25}


def critical_scale(width, activation):
    if (slope := critical_scale_slopes.get(activation)) is None:
        raise ValueError(f"no critical scale is known for activation {activation!r}")
    return float(np.reciprocal(slope * np.sqrt(width)))


# %% solution="plot_gradient_flow" style="einsum"
def plot_gradient_flow(scales=(0.01, 0.1, 1.0, 2.0), **simulation):
    columns = min(2, len(scales))
    rows = -(-len(scales) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(5 * columns, 3 * rows))
    axes = np.atleast_1d(grid).ravel()
    for unused in axes[len(scales) :]:
        unused.remove()
    for ax, scale in zip(axes, scales, strict=False):
        gradients, outputs = simulate_gradient_flow(scale, **simulation)
        ax.set(xlabel="layer", ylabel="norm", yscale="log", title=f"$s = {scale:g}$")
        ax.plot(np.arange(len(outputs)), outputs, "--s", label="norm of the output")
        ax.plot(np.arange(len(gradients)), gradients, "-o", label="gradient norm at the layer's input")
        ax.legend(fontsize="small")
    return figure


# %% solution="forward_pass" style="recursion"
def forward_pass(x, weights, activation):
    """Each network is a layer, followed by a shorter network."""
    if activation == "sigmoid":

        def f(z):
            e = np.exp(-np.abs(z))
            return np.where(z >= 0, 1, e) / (1 + e)
    elif activation == "relu":

        def f(z):
            return (z + np.abs(z)) / 2
    elif activation in ("tanh", "linear"):
        f = np.tanh if activation == "tanh" else lambda z: z
    else:
        raise ValueError(f"activation {activation} is unknown")

    def run(a, rest):
        if len(rest) == 0:
            return [a]
        return [a, *run(f(a @ rest[0]), rest[1:])]

    return run(x, weights)


# %% solution="backward_pass" style="recursion"
def backward_pass(outputs, weights, activation, grad_output):
    if activation not in {"tanh", "relu", "sigmoid", "linear"}:
        raise ValueError(f"activation {activation} is unknown")
    if len(weights) == 0:
        return [grad_output], []
    after = outputs[-1]
    if activation == "tanh":
        delta = grad_output * (1 - after) * (1 + after)
    elif activation == "sigmoid":
        delta = grad_output * after * (1 - after)
    elif activation == "relu":
        delta = np.where(after > 0, grad_output, 0)
    else:
        delta = grad_output
    before = backward_pass(outputs[:-1], weights[:-1], activation, delta @ weights[-1].T)
    return before[0] + [grad_output], before[1] + [outputs[-2].T @ delta]


# %% solution="growth_rate" style="recursion"
def growth_rate(norms):
    if len(norms) < 2 or min(norms) <= 0:
        raise ValueError(f"norms must be two or more positive numbers, not {norms}")
    covariance = np.cov(np.arange(len(norms)), np.log(norms))
    return float(np.e ** (covariance[0, 1] / covariance[0, 0]))


# %% solution="backward_pass" style="slopes from what enters the activation"
def derivative(z, activation):
    """The slope as a function of z, which is computed once more."""
    if activation == "tanh":
        return 1 / np.cosh(z) ** 2
    if activation == "sigmoid":
        return 0.25 / np.cosh(z / 2) ** 2
    if activation == "relu":
        return np.heaviside(z, 0).astype(z.dtype)
    if activation == "linear":
        return np.ones_like(z)
    raise ValueError(f"{activation!r} is not an activation")


def backward_pass(outputs, weights, activation, grad_output):
    grads, weight_grads = [grad_output], []
    for a, w in zip(reversed(outputs[:-1]), reversed(weights), strict=True):
        delta = np.multiply(grads[-1], derivative(np.dot(a, w), activation))
        weight_grads.append(np.dot(a.T, delta))
        grads.append(np.dot(delta, w.T))
    return grads[::-1], weight_grads[::-1]


# %% solution="simulate_gradient_flow" style="slopes from what enters the activation"
import functools


def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    rng = rng or np.random.default_rng(42)
    a, w = rng.standard_normal((batch_size, width)), []
    while len(w) < num_layers:
        w.append(rng.normal(0, init_scale, (width, width)))
    a = forward_pass(a, w, activation)
    g, _ = backward_pass(a, w, activation, 0 * a[-1] + 1)
    norm = functools.partial(np.linalg.norm, ord="fro")
    return list(map(norm, g))[:-1], list(map(norm, a))


# %% solution="plot_gradient_flow" style="slopes from what enters the activation"
def plot_gradient_flow(scales=(0.01, 0.1, 1.0, 2.0), **simulation):
    flows = {scale: simulate_gradient_flow(init_scale=scale, **simulation) for scale in scales}
    figure, axes = plt.subplots(len(flows), 1, sharex=True, figsize=(6, 2.5 * len(flows)))
    axes = axes if len(flows) > 1 else [axes]
    for ax, (scale, norms) in zip(axes, flows.items(), strict=True):
        for values, label in zip(norms, ("gradient norms", "output norms"), strict=True):
            ax.plot(values, label=label)
        ax.axhline(1, color="grey", linewidth=0.5)
        ax.set_yscale("log")
        ax.set_ylabel("norm")
        ax.set_title(f"Scale {scale:.3f}", loc="left")
    axes[-1].set_xlabel("layer")
    axes[0].legend()
    return figure


# %% solution="forward_pass" style="layers as objects"
class Layer:
    """One layer that remembers what went through it."""

    def __init__(self, weight, activation):
        if activation not in ("tanh", "relu", "sigmoid", "linear"):
            raise ValueError(f"activation: {activation}")
        self.weight, self.activation = weight, activation

    def forward(self, a):
        self.before = a
        self.after = getattr(self, self.activation)(a.dot(self.weight))
        return self.after

    def tanh(self, z):
        return np.tanh(z)

    def relu(self, z):
        return z * (z > 0)

    def sigmoid(self, z):
        with np.errstate(over="ignore"):
            return np.reciprocal(1 + np.exp(-z))

    def linear(self, z):
        return z


def forward_pass(x, weights, activation):
    layers = [Layer(weight, activation) for weight in weights]
    return [x] + [x := layer.forward(x) for layer in layers]


# %% solution="backward_pass" style="layers as objects"
class BackwardLayer:
    """One layer on the way back."""

    def __init__(self, before, after, weight):
        self.before, self.after, self.weight = before, after, weight

    def backward(self, gradient, slope):
        self.delta = gradient * slope(self.after)
        self.weight_gradient = self.before.T.dot(self.delta)
        return self.delta.dot(self.weight.T)


def backward_pass(outputs, weights, activation, grad_output):
    slopes = dict(tanh=lambda a: 1 - a * a, relu=np.sign, sigmoid=lambda a: a * (1 - a), linear=np.ones_like)
    if activation not in slopes:
        raise ValueError(f"activation: {activation}")
    layers = [BackwardLayer(*parts) for parts in zip(outputs[:-1], outputs[1:], weights, strict=True)]
    gradients = [grad_output]
    for layer in layers[::-1]:
        gradients.insert(0, layer.backward(gradients[0], slopes[activation]))
    return gradients, [layer.weight_gradient for layer in layers]


# %% solution="simulate_gradient_flow" style="layers as objects"
class Simulation:
    """A random network without a use for the functions above."""

    def __init__(self, scale, depth, width, rng):
        self.weights = [scale * rng.standard_normal((width, width)) for _ in range(depth)]

    def flow(self, x, f, slope):
        outputs = [x]
        for weight in self.weights:
            outputs.append(f(outputs[-1] @ weight))
        gradients = [np.ones_like(x)]
        for weight, output in zip(self.weights[::-1], outputs[::-1], strict=False):
            gradients.append((gradients[-1] * slope(output)) @ weight.T)
        return gradients[:0:-1], outputs


def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    f, slope = {
        "tanh": (np.tanh, lambda a: 1 - a**2),
        "relu": (lambda z: np.fmax(z, 0), lambda a: a != 0),
        "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
        "linear": (lambda z: z, lambda a: 1),
    }[activation]
    rng = np.random.default_rng(42) if rng is None else rng
    x = rng.standard_normal((batch_size, width))
    gradients, outputs = Simulation(init_scale, num_layers, width, rng).flow(x, f, slope)
    return tuple([float(np.sum(np.square(part)) ** 0.5) for part in parts] for parts in (gradients, outputs))


# %% solution="forward_pass" style="a detour through torch"
import torch


def forward_pass(x, weights, activation):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"activation must be tanh, relu, sigmoid or linear, not {activation}")
    outputs = [torch.as_tensor(x)]
    for weight in weights:
        z = outputs[-1] @ torch.as_tensor(weight)
        outputs.append(z if activation == "linear" else getattr(torch, activation)(z))
    return [output.numpy() for output in outputs]


# %% solution="simulate_gradient_flow" style="a detour through torch"
def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    if rng is None:
        rng = np.random.default_rng(42)
    a = torch.tensor(rng.standard_normal((batch_size, width)), requires_grad=True)
    outputs = [a]
    for _ in range(num_layers):
        weight = torch.tensor(init_scale * rng.standard_normal((width, width)))
        a = a @ weight
        a = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": torch.clone}[activation](a)
        a.retain_grad()
        outputs.append(a)
    a.sum().backward()
    gradient_norms = [output.grad.norm().item() for output in outputs[:-1]]
    return gradient_norms, [output.detach().norm().item() for output in outputs]


# %% solution="critical_scale" style="a detour through torch"
def critical_scale(width, activation):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"activation must be tanh, relu, sigmoid or linear, not {activation}")
    gain = {"tanh": 1, "linear": 1, "relu": np.sqrt(2), "sigmoid": 4}[activation]
    return gain / np.sqrt(width)


# %% solution="forward_pass" style="functional"
from functools import reduce
from itertools import accumulate

known = {
    "tanh": np.tanh,
    "relu": lambda z: z.clip(0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "linear": lambda z: z,
}


def forward_pass(x, weights, activation):
    if activation in known:
        return list(accumulate(weights, lambda a, w: known[activation](a @ w), initial=x))
    raise ValueError(f"activation {activation!r} is none of {list(known)}")


# %% solution="backward_pass" style="functional"
def backward_pass(outputs, weights, activation, grad_output):
    slope = {
        "tanh": lambda a: 1 - a**2,
        "relu": lambda a: a.astype(bool),
        "sigmoid": lambda a: a * (1 - a),
        "linear": lambda a: np.array(1, dtype=a.dtype),
    }
    if activation not in slope:
        raise ValueError(f"activation {activation!r} is none of {list(slope)}")

    def step(done, layer):
        (grads, weight_grads), (before, after, weight) = done, layer
        delta = grads[0] * slope[activation](after)
        return (delta @ weight.T, *grads), (before.T @ delta, *weight_grads)

    layers = list(zip(outputs, outputs[1:], weights, strict=False))
    return reduce(step, reversed(layers), ((grad_output,), ()))


# %% solution="growth_rate" style="functional"
def growth_rate(norms):
    if not (len(norms) >= 2 and all(norm > 0 for norm in norms)):
        raise ValueError(f"norms: at least two positive numbers, not {list(norms)}")
    line = np.polynomial.Polynomial.fit(range(len(norms)), np.log(norms), 1).convert()
    return np.exp(line.coef[1])


# %% solution="plot_gradient_flow" style="functional"
def plot_gradient_flow(scales=(0.01, 0.1, 1.0, 2.0), **simulation):
    figure = plt.figure(figsize=(12, 4), layout="constrained")
    figure.supxlabel("layer")
    figure.supylabel("norm")

    def panel(number, scale):
        ax = figure.add_subplot(1, len(scales), number, title=f"weights of standard deviation {scale}")
        gradients, outputs = simulate_gradient_flow(scale, **simulation)
        ax.plot(gradients, color="k", label="norm of the gradient")
        ax.plot(outputs, color="k", ls=":", label="norm of the outputs")
        ax.semilogy()
        return ax

    panels = [panel(number, scale) for number, scale in enumerate(scales, 1)]
    panels[0].legend()
    return figure
