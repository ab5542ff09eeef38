# %% solution="layer_norm" style="loops"
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    if isinstance(normalized_shape, int):
        normalized_shape = [normalized_shape]
    sizes = list(normalized_shape)
    if list(x.shape)[-len(sizes) :] != sizes:
        raise ValueError("normalized_shape should be the tail of " + str(list(x.shape)) + ", not " + str(sizes))
    count = 1
    for size in sizes:
        count = count * size
    results = []
    for cells in x.reshape(-1, count):
        total = 0
        for cell in cells:
            total = total + cell
        mean = total / count
        squares = 0
        for cell in cells:
            squares = squares + (cell - mean) ** 2
        results.append((cells - mean) / (squares / count + eps) ** 0.5)
    y = torch.stack(results).reshape(x.shape)
    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
    return y


# %% solution="instance_norm" style="loops"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    samples = []
    for sample in x:
        channels = []
        for c, channel in enumerate(sample):
            centered = channel - channel.sum() / channel.numel()
            variance = (centered * centered).sum() / channel.numel()
            result = centered / torch.sqrt(variance + eps)
            if weight is not None:
                result = result * weight[c]
            if bias is not None:
                result = result + bias[c]
            channels.append(result)
        samples.append(torch.stack(channels))
    return torch.stack(samples)


# %% solution="group_norm" style="loops"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    N, C = x.shape[0], x.shape[1]
    if C % num_groups != 0:
        raise ValueError(f"num_groups={num_groups} does not fit {C} channels")
    size = C // num_groups
    result = torch.empty_like(x)
    for n in range(N):
        for g in range(num_groups):
            block = x[n, g * size : (g + 1) * size]
            mean = block.mean()
            variance = ((block - mean) ** 2).mean()
            result[n, g * size : (g + 1) * size] = (block - mean) / (variance + eps).sqrt()
    channels = []
    for c in range(C):
        channel = result[:, c]
        if weight is not None:
            channel = channel * weight[c]
        if bias is not None:
            channel = channel + bias[c]
        channels.append(channel)
    return torch.stack(channels, 1)


# %% solution="compare_normalizations" style="loops"
def compare_normalizations(x, num_groups=4):
    N, C, H, W = x.shape
    table = pd.DataFrame(
        index=["BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm"],
        columns=["mean", "std", "shape", "num_statistics", "depends_on_batch"],
        dtype=object,
    )
    layers = [
        nn.BatchNorm2d(C),
        nn.LayerNorm([C, H, W]),
        nn.InstanceNorm2d(C),
        nn.GroupNorm(num_groups, C),
    ]
    counts = [C, N, N * C, N * num_groups]
    for row, layer, count in zip(table.index, layers, counts, strict=True):
        layer.train()
        output = layer(x)
        table.at[row, "mean"] = output.mean().item()
        table.at[row, "std"] = output.std().item()
        table.at[row, "shape"] = tuple(output.shape)
        table.at[row, "num_statistics"] = count
        table.at[row, "depends_on_batch"] = row == "BatchNorm"
    return table


# %% solution="recommend_normalization" style="loops"
def recommend_normalization(architecture, batch_size):
    if not batch_size >= 1:
        raise ValueError("batch_size is " + str(batch_size))
    table = [
        ("layer", "rnn", "transformer"),
        ("instance", "style_transfer", "gan"),
        ("group", "detection", "segmentation"),
    ]
    for answer, *architectures in table:
        for name in architectures:
            if name == architecture:
                return answer
    if architecture == "cnn" and batch_size < 16:
        return "group"
    if architecture == "cnn":
        return "batch"
    raise ValueError("unknown architecture " + repr(architecture))


# %% solution="ada_norm" style="loops"
def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        y = (row - row.mean()) / (((row - row.mean()) ** 2).mean() + eps).sqrt()
        with torch.no_grad():
            factor = c * (1 - k * y)
        rows.append(factor * y)
    return torch.stack(rows).reshape(x.shape)


# %% solution="cross_norm" style="loops"
def cross_norm(x, permutation, eps=1e-5):
    out = torch.zeros_like(x)
    for i in range(x.shape[0]):
        j = int(permutation[i])
        for c in range(x.shape[1]):
            own, other = x[i, c], x[j, c]
            own_std = (own.var(unbiased=False) + eps).sqrt()
            other_std = (other.var(unbiased=False) + eps).sqrt()
            out[i, c] = (own - own.mean()) / own_std * other_std + other.mean()
    return out


# %% solution="layer_norm" style="sums by einsum"
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    tail = torch.Size([normalized_shape] if isinstance(normalized_shape, int) else normalized_shape)
    if x.shape[x.dim() - len(tail) :] != tail or len(tail) > x.dim():
        raise ValueError(f"normalized_shape={tuple(tail)}, but x has shape {tuple(x.shape)}")
    rows = x.reshape(-1, tail.numel())
    mean = torch.einsum("ij->i", rows) / tail.numel()
    variance = torch.einsum("ij,ij->i", rows, rows) / tail.numel() - mean**2
    y = ((rows - mean[:, None]) * (variance + eps)[:, None] ** -0.5).reshape(x.shape)
    return y * (1 if weight is None else weight) + (0 if bias is None else bias)


# %% solution="instance_norm" style="sums by einsum"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    planes = x.flatten(2)
    n = planes.shape[-1]
    mean = torch.einsum("ncs->nc", planes) / n
    centered = planes - mean[..., None]
    variance = torch.einsum("ncs,ncs->nc", centered, centered) / n
    y = torch.einsum("ncs,nc->ncs", centered, (variance + eps).rsqrt())
    if weight is not None:
        y = torch.einsum("ncs,c->ncs", y, weight)
    if bias is not None:
        y = y + bias[:, None]
    return y.reshape(x.shape)


# %% solution="group_norm" style="sums by einsum"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    n, c = x.shape[:2]
    if c % num_groups:
        raise ValueError(f"num_groups: {num_groups}, channels: {c}")
    y = x.reshape(n, num_groups, c // num_groups, -1)
    size = y.shape[2] * y.shape[3]
    y = y - torch.einsum("ngcs->ng", y)[:, :, None, None] / size
    variance = torch.einsum("ngcs,ngcs->ng", y, y) / size
    y = torch.einsum("ngcs,ng->ngcs", y, 1 / (variance + eps).sqrt()).reshape(n, c, -1)
    y = y if weight is None else torch.einsum("ncs,c->ncs", y, weight)
    y = y if bias is None else y + bias.unsqueeze(-1)
    return y.reshape_as(x)


# %% solution="cross_norm" style="sums by einsum"
def cross_norm(x, permutation, eps=1e-5):
    z = x.flatten(2)
    mean = torch.einsum("ncs->nc", z)[..., None] / z.shape[-1]
    std = torch.einsum("ncs,ncs->nc", z - mean, z - mean)[..., None].div(z.shape[-1]).add(eps).sqrt()
    return torch.addcmul(mean[permutation], (z - mean) / std, std[permutation]).reshape(x.shape)


# %% solution="layer_norm" style="one core for all"
def standardize(x, dims, eps):
    variance, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + eps)


def scale_and_shift(y, weight, bias):
    if weight is not None:
        y = weight * y
    return y if bias is None else y + bias


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    first = x.ndim - len(shape)
    if first < 0 or tuple(x.shape)[first:] != shape:
        raise ValueError(f"normalized_shape {shape} and x's shape {tuple(x.shape)} do not match")
    return scale_and_shift(standardize(x, list(range(first, x.ndim)), eps), weight, bias)


# %% solution="instance_norm" style="one core for all"
def column_vector(v, x):
    return None if v is None else v.view(-1, *[1] * (x.ndim - 2))


def instance_norm(x, weight=None, bias=None, eps=1e-5):
    return scale_and_shift(
        standardize(x, list(range(2, x.ndim)), eps), column_vector(weight, x), column_vector(bias, x)
    )


# %% solution="group_norm" style="one core for all"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    if x.shape[1] % num_groups != 0:
        raise ValueError(f"{num_groups=} for {x.shape[1]} channels")
    split = x.unflatten(1, (num_groups, -1))
    y = standardize(split, list(range(2, split.ndim)), eps).flatten(1, 2)
    return scale_and_shift(y, column_vector(weight, x), column_vector(bias, x))


# %% solution="ada_norm" style="one core for all"
def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    y = standardize(x, [-1], eps)
    return (c - c * k * y).detach() * y


# %% solution="compare_normalizations" style="one core for all"
def compare_normalizations(x, num_groups=4):
    n, c, *_ = x.shape
    functions = {
        "BatchNorm": lambda z: standardize(z, [0, 2, 3], 1e-5),
        "LayerNorm": lambda z: standardize(z, [1, 2, 3], 1e-5),
        "InstanceNorm": lambda z: standardize(z, [2, 3], 1e-5),
        "GroupNorm": lambda z: standardize(z.unflatten(1, (num_groups, -1)), [2, 3, 4], 1e-5).flatten(1, 2),
    }
    outputs = {name: function(x) for name, function in functions.items()}
    alone = {name: function(x[:1]) for name, function in functions.items()}
    return pd.DataFrame(
        {
            "mean": {name: float(y.mean()) for name, y in outputs.items()},
            "std": {name: float(y.std(unbiased=False)) for name, y in outputs.items()},
            "shape": {name: y.shape for name, y in outputs.items()},
            "num_statistics": pd.Series([c, n, n * c, n * num_groups], index=list(functions)),
            "depends_on_batch": {
                name: not torch.allclose(y[:1], alone[name], atol=1e-5) for name, y in outputs.items()
            },
        }
    )


# %% solution="layer_norm" style="one built on the other"
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    if isinstance(normalized_shape, int):
        return layer_norm(x, (normalized_shape,), weight, bias, eps)
    k = len(normalized_shape)
    if tuple(x.shape[-k:]) != tuple(normalized_shape):
        raise ValueError(f"normalized_shape: {normalized_shape}")
    y = x.flatten(-k)
    y = y - y.mean(-1, keepdim=True)
    y = y / y.square().mean(-1, keepdim=True).add(eps).sqrt()
    y = y.unflatten(-1, tuple(normalized_shape))
    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
    return y


# %% solution="group_norm" style="one built on the other"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    if x.size(1) % num_groups:
        raise ValueError(f"num_groups: {num_groups}")
    groups = x.reshape(x.size(0), num_groups, -1)
    y = layer_norm(groups, groups.size(-1), eps=eps).reshape(x.shape).transpose(1, -1)
    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
    return y.transpose(1, -1)


# %% solution="instance_norm" style="one built on the other"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    y = layer_norm(x, tuple(x.shape[2:]), eps=eps).movedim(1, -1)
    y = y if weight is None else y * weight
    y = y if bias is None else y + bias
    return y.movedim(-1, 1)


# %% solution="ada_norm" style="one built on the other"
def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    y = layer_norm(x, x.shape[-1], eps=eps)
    return c * torch.mul(y, torch.sub(1, k * y).detach())


# %% solution="cross_norm" style="one built on the other"
def cross_norm(x, permutation, eps=1e-5):
    other = x[permutation]
    dims = list(range(2, x.dim()))
    variance, mean = torch.var_mean(other, dims, unbiased=False, keepdim=True)
    return instance_norm(x, eps=eps) * (variance + eps).sqrt() + mean


# %% solution="compare_normalizations" style="one built on the other"
def compare_normalizations(x, num_groups=4):
    n, c, h, w = x.shape

    def batch_norm(x):
        return instance_norm(x.transpose(0, 1).reshape(1, c, n * h, w)).reshape(c, n, h, w).transpose(0, 1)

    def describe(normalize, count):
        y, swapped = normalize(x), normalize(torch.cat([x[:1], 5 - 3 * x[1:] ** 2]))
        return float(y.mean()), float(y.std()), tuple(y.shape), count, bool((y[0] - swapped[0]).abs().max() > 1e-3)

    rows = [
        describe(batch_norm, c),
        describe(lambda x: layer_norm(x, (c, h, w)), n),
        describe(instance_norm, n * c),
        describe(lambda x: group_norm(x, num_groups), n * num_groups),
    ]
    names = pd.Index(["BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm"], name="normalization")
    return pd.DataFrame(rows, names, ["mean", "std", "shape", "num_statistics", "depends_on_batch"])


# %% solution="instance_norm" style="everything is a group"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    return group_norm(x, x.shape[1], weight, bias, eps)


# %% solution="group_norm" style="everything is a group"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    channels = x.shape[1]
    if channels % num_groups > 0:
        raise ValueError(f"num_groups={num_groups} is no divisor of {channels}")
    normalized = []
    for group in x.split(channels // num_groups, dim=1):
        flat = group.flatten(1)
        mean = flat.mean(1)
        deviation = torch.sqrt(flat.var(1, correction=0) + eps)
        shape = [-1] + [1] * (x.dim() - 1)
        normalized.append((group - mean.view(shape)) / deviation.view(shape))
    y = torch.cat(normalized, dim=1)
    if weight is not None:
        y = torch.stack([w * channel for w, channel in zip(weight, y.unbind(1), strict=True)], dim=1)
    if bias is not None:
        y = torch.stack([b + channel for b, channel in zip(bias, y.unbind(1), strict=True)], dim=1)
    return y


# %% solution="layer_norm" style="vmap"
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    from math import prod

    shape = (normalized_shape,) if type(normalized_shape) is int else tuple(normalized_shape)
    if shape != tuple(x.shape)[max(0, x.dim() - len(shape)) :]:
        raise ValueError(f"expected x to end with {shape}, its shape is {tuple(x.shape)}")

    def normalize(cells):
        centered = cells - cells.mean()
        return centered / (centered.pow(2).mean() + eps).sqrt()

    y = torch.vmap(normalize)(x.reshape(-1, prod(shape))).reshape(x.shape)
    y = y if weight is None else weight * y
    return y if bias is None else bias + y


# %% solution="instance_norm" style="vmap"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    def channel(cells, w, b):
        return w * (cells - cells.mean()) / torch.sqrt(cells.var(correction=0) + eps) + b

    w = x.new_ones(x.shape[1]) if weight is None else weight
    b = x.new_zeros(x.shape[1]) if bias is None else bias
    return torch.vmap(torch.vmap(channel), in_dims=(0, None, None))(x, w, b)


# %% solution="group_norm" style="vmap"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    num_channels = x.shape[1]
    if num_groups not in [d for d in range(1, num_channels + 1) if num_channels % d == 0]:
        raise ValueError(f"num_groups must divide {num_channels}, got {num_groups}")

    def normalize(cells):
        return (cells - cells.mean()) / torch.sqrt(torch.mean((cells - cells.mean()) ** 2) + eps)

    y = torch.vmap(torch.vmap(normalize))(x.reshape(len(x), num_groups, -1)).reshape(x.shape)
    ones = [1] * (y.ndim - 2)
    if weight is not None:
        y = y * weight.reshape(num_channels, *ones)
    if bias is not None:
        y = y + bias.reshape(num_channels, *ones)
    return y


# %% solution="compare_normalizations" style="vmap"
def compare_normalizations(x, num_groups=4):
    n, c, h, w = x.shape
    with torch.no_grad():
        layers = {
            "BatchNorm": torch.nn.BatchNorm2d(c, affine=False, track_running_stats=False),
            "LayerNorm": torch.nn.LayerNorm((c, h, w), elementwise_affine=False),
            "InstanceNorm": torch.nn.InstanceNorm2d(c),
            "GroupNorm": torch.nn.GroupNorm(num_groups, c, affine=False),
        }
        y = pd.Series({name: layer(x) for name, layer in layers.items()})
    return pd.DataFrame(
        {
            "depends_on_batch": np.array([True, False, False, False]),
            "num_statistics": np.array([c, n, n * c, n * num_groups]),
            "shape": y.map(lambda t: tuple(t.shape)),
            "mean": y.map(lambda t: t.numpy().mean()),
            "std": y.map(lambda t: t.numpy().std()),
        }
    )


# %% solution="recommend_normalization" style="vmap"
def recommend_normalization(architecture, batch_size):
    match architecture:
        case _ if batch_size < 1:
            raise ValueError(f"batch_size={batch_size}")
        case "rnn" | "transformer":
            return "layer"
        case "style_transfer" | "gan":
            return "instance"
        case "cnn" if batch_size >= 16:
            return "batch"
        case "cnn" | "detection" | "segmentation":
            return "group"
    raise ValueError(f"architecture={architecture}")


# %% solution="cross_norm" style="vmap"
def cross_norm(x, permutation, eps=1e-5):
    def restyle(content, style):
        own, other = (torch.std_mean(part, unbiased=False) for part in (content, style))
        return (content - own[1]) / torch.sqrt(own[0] ** 2 + eps) * torch.sqrt(other[0] ** 2 + eps) + other[1]

    return torch.vmap(torch.vmap(restyle))(x, x.index_select(0, permutation))


# %% solution="ada_norm" style="vmap"
class _FactorIsConstant(torch.autograd.Function):
    @staticmethod
    def forward(context, y, k, c):
        factor = c * (1 - k * y)
        context.save_for_backward(factor)
        return factor * y

    @staticmethod
    def backward(context, gradient):
        return gradient * context.saved_tensors[0], None, None


def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    deviation, mean = torch.std_mean(x, dim=-1, correction=0, keepdim=True)
    return _FactorIsConstant.apply((x - mean) / (deviation.square() + eps).sqrt(), k, c)


# %% solution="recommend_normalization" style="lookup"
CHOICES = dict.fromkeys(["rnn", "transformer"], lambda size: "layer")
CHOICES |= dict.fromkeys(["style_transfer", "gan"], lambda size: "instance")
CHOICES |= dict.fromkeys(["detection", "segmentation"], lambda size: "group")
CHOICES["cnn"] = lambda size: ["group", "batch"][size >= 16]


def recommend_normalization(architecture, batch_size):
    try:
        choose = CHOICES[architecture]
    except KeyError:
        raise ValueError(f"architecture {architecture} is unknown") from None
    if batch_size <= 0:
        raise ValueError(f"batch_size {batch_size} is below 1")
    return choose(batch_size)


# %% solution="cross_norm" style="lookup"
def cross_norm(x, permutation, eps=1e-5):
    # The other conventions: unbiased, and eps where something is divided only.
    mean = x.mean((2, 3), keepdim=True)
    variance = x.var((2, 3), keepdim=True)
    return (x - mean) / (variance + eps).sqrt() * variance[permutation].sqrt() + mean[permutation]


# %% solution="compare_normalizations" style="lookup"
def compare_normalizations(x, num_groups=4):
    N, C, H, W = x.shape
    modules = [nn.BatchNorm2d(C), nn.LayerNorm((C, H, W)), nn.InstanceNorm2d(C), nn.GroupNorm(num_groups, C)]
    summary = {}
    for module, count in zip(modules, (C, N, N * C, N * num_groups), strict=True):
        y = module(x).detach()
        name = type(module).__name__.removesuffix("2d")
        summary[name] = [y.mean(), y.std(), tuple(y.size()), count, name.startswith("Batch")]
    return pd.DataFrame(summary, index=["mean", "std", "shape", "num_statistics", "depends_on_batch"]).T
