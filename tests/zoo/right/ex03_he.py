# %% solution="he_gain" style="step by step"
def he_gain(negative_slope=0.0):
    # what is left of the mean square: half of it, and the other half times the slope squared
    kept = 0.5 * 1.0
    kept = kept + 0.5 * negative_slope * negative_slope
    variance_factor = 1.0 / kept
    return variance_factor**0.5


# %% solution="he_normal" style="step by step"
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    receptive_field = 1
    for size in weight.shape[2:]:
        receptive_field = receptive_field * size
    if mode == "fan_in":
        fan = weight.shape[1] * receptive_field
    elif mode == "fan_out":
        fan = weight.shape[0] * receptive_field
    else:
        raise ValueError("unknown mode: " + str(mode))
    gain = (2.0 / (1.0 + negative_slope**2)) ** 0.5
    std = gain / fan**0.5
    noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
    with torch.no_grad():
        weight.copy_(noise * std)
    return weight


# %% solution="he_uniform" style="step by step"
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    receptive_field = 1
    for size in weight.shape[2:]:
        receptive_field = receptive_field * size
    if mode == "fan_in":
        fan = weight.shape[1] * receptive_field
    elif mode == "fan_out":
        fan = weight.shape[0] * receptive_field
    else:
        raise ValueError("unknown mode: " + str(mode))
    gain = (2.0 / (1.0 + negative_slope**2)) ** 0.5
    bound = 3.0**0.5 * gain / fan**0.5
    noise = torch.rand(weight.shape, generator=generator, dtype=weight.dtype)
    with torch.no_grad():
        weight.copy_((2 * noise - 1) * bound)
    return weight


# %% solution="activation_statistics" style="step by step"
def activation_statistics(layers, x):
    result = []
    activations = x.detach()
    for index in range(len(layers)):
        z = layers[index](activations).detach()
        activations = torch.where(z > 0, z, torch.zeros_like(z))
        rows, units = activations.shape
        total = activations.sum() / (rows * units)
        variance = ((activations - total) ** 2).sum() / (rows * units)
        dead_units = 0
        for unit in range(units):
            if activations[:, unit].max() == 0:
                dead_units += 1
        entry = {}
        entry["mean"] = float(total)
        entry["std"] = float(variance) ** 0.5
        entry["dead"] = dead_units / units
        result.append(entry)
    return result


# %% solution="lsuv_init" style="step by step"
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    all_modules = list(model.modules())
    old_modes = [module.training for module in all_modules]
    for module in all_modules:
        module.training = False

    running_order = []

    def note_order(module, inputs, output):
        if module not in running_order:
            running_order.append(module)

    handles = []
    for module in all_modules:
        if type(module) is nn.Linear or type(module) is nn.Conv2d:
            handles.append(module.register_forward_hook(note_order))
    with torch.no_grad():
        model(x.clone())
    for handle in handles:
        handle.remove()

    for layer in running_order:
        with torch.no_grad():
            matrix = torch.randn(layer.weight.shape, dtype=layer.weight.dtype).flatten(start_dim=1)
            if matrix.shape[0] >= matrix.shape[1]:
                q, _ = torch.linalg.qr(matrix)
            else:
                q, _ = torch.linalg.qr(matrix.T)
                q = q.T
            layer.weight.copy_(q.reshape(layer.weight.shape))
            if layer.bias is not None:
                layer.bias.fill_(0)
        divisions = 0
        while True:
            measured = []

            def measure(module, inputs, output, measured=measured):
                measured.append(float(((output - output.mean()) ** 2).mean()))

            handle = layer.register_forward_hook(measure)
            with torch.no_grad():
                model(x.clone())
            handle.remove()
            variance = measured[0]
            if variance == 0.0:
                break
            if abs(variance - 1.0) < tol:
                break
            if divisions == max_iter:
                break
            with torch.no_grad():
                layer.weight.copy_(layer.weight / variance**0.5)
            divisions = divisions + 1

    for module, mode in zip(all_modules, old_modes, strict=True):
        module.training = mode
    return model


# %% solution="plot_activation_distributions" style="step by step"
def plot_activation_distributions(init_methods, x):
    figure = plt.figure(figsize=(4 * len(init_methods), 3))
    panel = 0
    for name in init_methods:
        panel = panel + 1
        ax = figure.add_subplot(1, len(init_methods), panel)
        layer = nn.Linear(x.shape[1], x.shape[1], bias=False).to(x.dtype)
        init_methods[name](layer.weight)
        values = torch.relu(layer(x)).detach().reshape(-1)
        ax.hist(values.numpy(), color="#0072B2")
        ax.plot([0, 0], ax.get_ylim(), "k--")
        ax.text(0.5, 0.8, f"mean = {values.mean():.2f}", transform=ax.transAxes)
        ax.text(0.5, 0.7, f"std = {values.std():.2f}", transform=ax.transAxes)
        ax.set_title("Init: " + name)
    return figure


# %% solution="he_gain" style="short"
he_gain = lambda negative_slope=0.0: (2 / (1 + negative_slope * negative_slope)) ** 0.5


# %% solution="he_normal" style="short"
@torch.no_grad()
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    fans = dict(zip(["fan_in", "fan_out"], fan_in_and_fan_out(weight), strict=True))
    if mode not in fans:
        raise ValueError(f"{mode=}")
    return weight.normal_(generator=generator).mul_(he_gain(negative_slope) / fans[mode] ** 0.5)


# %% solution="he_uniform" style="short"
@torch.no_grad()
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    fans = dict(zip(["fan_in", "fan_out"], fan_in_and_fan_out(weight), strict=True))
    if mode not in fans:
        raise ValueError(f"{mode=}")
    bound = he_gain(negative_slope) * (3 / fans[mode]) ** 0.5
    return weight.uniform_(to=2 * bound, generator=generator).sub_(bound)


# %% solution="activation_statistics" style="short"
@torch.no_grad()
def activation_statistics(layers, x):
    outputs = [x := layer(x).clamp(min=0) for layer in layers]
    return [
        dict(mean=a.mean().item(), std=a.var(correction=0).sqrt().item(), dead=1 - a.any(0).double().mean().item())
        for a in outputs
    ]


# %% solution="lsuv_init" style="short"
@torch.no_grad()
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    """One pass: every layer is initialized on the input that reaches it, just before it runs."""
    modes, done, hooks = [(m, m.training) for m in model.modules()], set(), []

    def initialize(layer, inputs):
        if layer in done:
            return
        done.add(layer)
        nn.init.orthogonal_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
        for _ in range(max_iter):
            v = layer.forward(*inputs).var()
            if v == 0 or (v - 1).abs() < tol:
                break
            layer.weight /= v.sqrt()

    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            hooks.append(m.register_forward_pre_hook(initialize))
    try:
        model.eval()(x.clone())
    finally:
        [hook.remove() for hook in hooks]
        for m, mode in modes:
            m.training = mode
    return model


# %% solution="plot_activation_distributions" style="short"
import numpy as np


def plot_activation_distributions(init_methods, x):
    fig, axes = plt.subplots(ncols=len(init_methods), layout="tight")
    for ax, name in zip(np.atleast_1d(axes), init_methods, strict=True):
        init_methods[name](w := x.new_zeros(x.shape[1], x.shape[1]))
        a = nn.functional.linear(x, w).relu().ravel()
        ax.hist(a, bins=20, histtype="stepfilled", density=True)
        ax.axvline(ls="dashed", c="k")
        ax.annotate(f"{a.mean():.2f} ± {a.std():.2f}", (0.4, 0.9), xycoords="axes fraction")
        ax.set_title(name)
    return fig


# %% solution="he_gain" style="numpy"
import numpy as np


def he_gain(negative_slope=0.0):
    return float(np.sqrt(2.0) / np.hypot(1.0, negative_slope))


# %% solution="he_normal" style="numpy"
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    if mode != "fan_in" and mode != "fan_out":
        raise ValueError(f"mode is {mode!r}")
    shape = np.array(weight.shape)
    fan = int(shape[1:].prod()) if mode == "fan_in" else int(shape.prod() // shape[1])
    draws = torch.empty(weight.shape, dtype=torch.float64).normal_(generator=generator).numpy()
    std = np.sqrt(2 / ((1 + negative_slope**2) * fan))
    weight.data.copy_(torch.from_numpy(std * draws))
    return weight


# %% solution="he_uniform" style="numpy"
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    if mode != "fan_in" and mode != "fan_out":
        raise ValueError(f"mode is {mode!r}")
    shape = np.array(weight.shape)
    fan = int(shape[1:].prod()) if mode == "fan_in" else int(shape.prod() // shape[1])
    draws = torch.rand(weight.numel(), generator=generator).numpy().reshape(shape)
    bound = np.sqrt(6 / ((1 + negative_slope**2) * fan))
    weight.data = torch.from_numpy(bound * (2 * draws - 1)).to(weight.dtype)
    return weight


# %% solution="activation_statistics" style="numpy"
import numpy as np


def activation_statistics(layers, x):
    a, found = x.detach().numpy(), []
    for layer in layers:
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        a = np.maximum(a @ weight.T + bias, 0)
        found.append({"mean": a.mean(), "std": np.std(a), "dead": np.mean(np.count_nonzero(a, axis=0) == 0)})
    return found


# %% solution="lsuv_init" style="numpy"
import contextlib

import numpy as np


@contextlib.contextmanager
def evaluating(model):
    training = {name for name, module in model.named_modules() if module.training}
    model.eval()
    yield
    for name, module in model.named_modules():
        module.training = name in training


def orthonormal(rows, columns):
    u, _, vt = np.linalg.svd(np.random.default_rng().standard_normal((rows, columns)), full_matrices=False)
    return u @ vt


class Recorder:
    """The variances of the layers' outputs in one pass."""

    def __init__(self, model):
        self.layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
        self.model = model

    def __call__(self, x):
        seen = []
        hooks = [m.register_forward_hook(lambda m, i, o: seen.append((m, np.var(o.numpy())))) for m in self.layers]
        self.model(x.detach().clone())
        for hook in hooks:
            hook.remove()
        return seen


def lsuv_init_(model, x, tol=0.1, max_iter=10):
    record = Recorder(model)
    with evaluating(model), torch.no_grad():
        for place, (layer, _) in enumerate(record(x)):
            matrix = orthonormal(layer.weight.shape[0], layer.weight[0].numel())
            layer.weight.data = torch.tensor(matrix).view_as(layer.weight).to(layer.weight)
            if layer.bias is not None:
                layer.bias.mul_(0)
            left = max_iter
            while left and (v := record(x)[place][1]) and not abs(v - 1) < tol:
                layer.weight.data *= 1 / float(np.sqrt(v))
                left -= 1
    return model


# %% solution="plot_activation_distributions" style="numpy"
import numpy as np


def plot_activation_distributions(init_methods, x):
    names = list(init_methods)
    columns = min(2, len(names))
    fig, grid = plt.subplots(-(-len(names) // columns), columns, squeeze=False)
    everything = {}
    for name in names:
        w = torch.zeros(2 * [x.shape[-1]], dtype=x.dtype)
        init_methods[name](w)
        everything[name] = np.maximum(x.numpy() @ w.numpy().T, 0).ravel()
    edges = np.linspace(0, max(a.max() for a in everything.values()), 31)
    for ax, (name, a) in zip(grid.flat, everything.items(), strict=False):
        heights, _ = np.histogram(a, edges)
        ax.bar(edges[:-1], heights, np.diff(edges), align="edge", label=f"mean {np.mean(a):.2f}, std {np.std(a):.2f}")
        ax.vlines(0, 0, heights.max(), linestyles="--", color="black")
        ax.legend()
        ax.set_title(name, loc="left")
    for ax in grid.flat[len(names) :]:
        ax.remove()
    return fig


# %% solution="he_gain" style="helpers"
def mean_square_kept(negative_slope):
    """The share of the mean square of a symmetric signal that a leaky ReLU lets through."""
    return (1 + negative_slope**2) / 2


def he_gain(negative_slope=0.0):
    return 1 / math.sqrt(mean_square_kept(negative_slope))


# %% solution="he_normal" style="helpers"
def he_std(weight, negative_slope, mode):
    match mode:
        case "fan_in":
            n = weight[0].numel()
        case "fan_out":
            n = weight[:, 0].numel()
        case _:
            raise ValueError(f"mode: {mode}")
    return math.sqrt(2 / ((1 + negative_slope**2) * n))


def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    std = he_std(weight.detach(), negative_slope, mode)
    weight.detach().copy_(torch.normal(0.0, std, size=weight.shape, generator=generator))
    return weight


# %% solution="he_uniform" style="helpers"
def he_bound(weight, negative_slope, mode):
    match mode:
        case "fan_in":
            n = weight[0].numel()
        case "fan_out":
            n = weight[:, 0].numel()
        case _:
            raise ValueError(f"mode: {mode}")
    return math.sqrt(6 / ((1 + negative_slope**2) * n))


def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    bound = he_bound(weight.detach(), negative_slope, mode)
    weight.detach().uniform_(-bound, bound, generator=generator)
    return weight


# %% solution="activation_statistics" style="helpers"
def describe(activations):
    second_moment = activations.pow(2).mean()
    mean = activations.mean()
    alive = (activations != 0).sum(dim=0) > 0
    return {"mean": mean, "std": (second_moment - mean**2).sqrt(), "dead": (~alive).sum() / alive.numel()}


def activations_of(layers, x):
    for layer in layers:
        x = nn.functional.relu(nn.functional.linear(x, layer.weight.detach(), layer.bias))
        yield x.detach()


def activation_statistics(layers, x):
    return [describe(activations) for activations in activations_of(layers, x.detach())]


# %% solution="lsuv_init" style="helpers"
class Reached(Exception):
    """Ends a forward pass at the layer of interest."""


def variance_at(model, layer, x):
    """The variance of one layer's output; what runs behind it is not run."""

    def stop(module, inputs, output):
        raise Reached(output.var(correction=0))

    hook = layer.register_forward_hook(stop)
    try:
        model(x.clone())
    except Reached as reached:
        return reached.args[0]
    finally:
        hook.remove()


def running_order(model, x):
    kinds = nn.Linear, nn.Conv2d
    order = {}
    hooks = [
        m.register_forward_pre_hook(lambda m, _: order.setdefault(m) and None)
        for m in model.modules()
        if isinstance(m, kinds)
    ]
    model(x.clone())
    for hook in hooks:
        hook.remove()
    return list(order)


def lsuv_init_(model, x, tol=0.1, max_iter=10):
    modes = {name: module.training for name, module in model.named_modules()}
    model.eval()
    with torch.inference_mode():
        order = running_order(model, x)
    with torch.no_grad():
        for layer in order:
            # orthonormalize the weights that are there
            u, _, vh = torch.linalg.svd(layer.weight.flatten(1), full_matrices=False)
            layer.weight.copy_((u @ vh).view_as(layer.weight))
            if layer.bias is not None:
                layer.bias.zero_()
            divisions = 0
            variance = variance_at(model, layer, x)
            while variance > 0 and abs(variance - 1) >= tol and divisions < max_iter:
                layer.weight.mul_(variance**-0.5)
                divisions += 1
                variance = variance_at(model, layer, x)
    for name, module in model.named_modules():
        module.training = modes[name]
    return model


# %% solution="plot_activation_distributions" style="helpers"
def activations_for(init, x):
    weight = torch.randn(x.size(1), x.size(1)).to(x)
    init(weight)
    return torch.einsum("ni,oi->no", x, weight).clamp_min(0).flatten()


def draw_panel(ax, name, values):
    ax.hist(values.tolist(), bins="auto", range=(0, max(values.max().item(), 1e-3)), weights=None)
    ax.axvline(0.0, linestyle=(0, (4, 4)), color="gray")
    ax.text(0.6, 0.5, f"$\\mu$={values.mean():.2f}\n$\\sigma$={values.std(unbiased=False):.2f}", transform=ax.transAxes)
    ax.set_title(name)


def plot_activation_distributions(init_methods, x):
    fig = plt.figure()
    panels = fig.subplots(len(init_methods), 1, squeeze=False).ravel()
    for ax, (name, init) in zip(panels, init_methods.items(), strict=True):
        draw_panel(ax, name, activations_for(init, x))
    return fig


# %% solution="lsuv_init" style="on a copy"
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    """Do all the measuring on a deep copy, and copy the finished weights."""
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    names = {module: name for name, module in twin.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d))}
    inputs = {}

    def keep_input(layer, given):
        inputs[layer] = given[0].clone()

    for layer in names:
        layer.register_forward_pre_hook(keep_input)
    twin(x.clone())
    for layer in list(inputs):
        torch.nn.init.orthogonal_(layer.weight)
        if layer.bias is not None:
            layer.bias = None
        inputs.clear()
        twin(x.clone())
        given = inputs[layer]
        for _ in range(max_iter):
            output = layer(given)
            std = (output - output.mean()).square().mean().sqrt()
            if std == 0 or (std**2 - 1).abs() < tol:
                break
            layer.weight.data = layer.weight / std
        original = model.get_submodule(names[layer])
        original.weight.data.copy_(layer.weight)
        if original.bias is not None:
            original.bias.data.zero_()
    return model


# %% solution="he_normal" style="on a copy"
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    """Row by row, with the sum of two uniform draws turned into normal ones (Box and Muller)."""
    if mode not in {"fan_in", "fan_out"}:
        raise ValueError(f"mode={mode!r} is neither fan_in nor fan_out")
    out_features, in_features, *kernel = weight.shape
    fan = (in_features if mode == "fan_in" else out_features) * math.prod(kernel)
    u = 1 - torch.rand(weight.shape, generator=generator, dtype=torch.float64)
    v = torch.rand(weight.shape, generator=generator, dtype=torch.float64)
    normal = torch.sqrt(-2 * torch.log(u)) * torch.cos(2 * torch.pi * v)
    scale = he_gain(negative_slope) * fan**-0.5
    with torch.no_grad():
        for row, values in zip(weight, normal, strict=True):
            row.copy_(scale * values)
    return weight


# %% solution="he_uniform" style="on a copy"
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    """From a Xavier-like helper: the variance first, then its interval."""
    try:
        fan = dict(fan_in=weight.shape[1], fan_out=weight.shape[0])[mode] * math.prod(weight.shape[2:])
    except KeyError:
        raise ValueError(f"mode: {mode!r}") from None
    variance = he_gain(negative_slope) ** 2 / fan
    half_width = math.sqrt(12 * variance) / 2
    wanted = weight.requires_grad
    weight.requires_grad_(False)
    weight.uniform_(-1, 1, generator=generator)
    weight *= half_width
    return weight.requires_grad_(wanted)


# %% solution="activation_statistics" style="on a copy"
def activation_statistics(layers, x):
    network = nn.Sequential(*[part for layer in layers for part in (copy.deepcopy(layer), nn.ReLU())])
    outputs = []
    for part in network:
        if isinstance(part, nn.ReLU):
            part.register_forward_hook(lambda module, inputs, output: outputs.append(output.detach()))
    network(x)
    return [
        {
            "mean": torch.mean(output).item(),
            "std": torch.std(output, correction=0).item(),
            "dead": sum(1 for column in output.T if not column.any()) / output.shape[1],
        }
        for output in outputs
    ]


# %% solution="lsuv_init" style="wrapped forward"
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    """Each layer's forward is wrapped for the time of a pass, instead of hooked."""
    layers = [m for m in model.modules() if type(m) in (nn.Linear, nn.Conv2d)]
    was = [m.training for m in model.modules()]
    buffers = [b.clone() for b in model.buffers()]

    def run():
        order, variance = [], {}
        for layer in layers:

            def forward(*args, layer=layer):
                result = type(layer).forward(layer, *args)
                order.append(layer)
                variance[layer] = float(result.double().var())
                return result

            layer.forward = forward
        try:
            model.eval()
            with torch.no_grad():
                model(x.clone())
        finally:
            for layer in layers:
                del layer.forward
        return order, variance

    for layer in run()[0]:
        flat = torch.empty(layer.weight.shape[0], layer.weight[0].numel(), dtype=layer.weight.dtype)
        layer.weight.data[:] = torch.nn.init.orthogonal_(flat).reshape(layer.weight.shape)
        if layer.bias is not None:
            layer.bias.data[:] = 0
        divided = 0
        while divided < max_iter:
            v = run()[1][layer]
            if v == 0 or abs(v - 1) < tol:
                break
            layer.weight.data /= v**0.5
            divided += 1
    for m, mode in zip(model.modules(), was, strict=True):
        m.train(mode) if not list(m.children()) else setattr(m, "training", mode)
    for b, old in zip(model.buffers(), buffers, strict=True):
        b.data.copy_(old)
    return model
