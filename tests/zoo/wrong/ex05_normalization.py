# %% [markdown]
# Wrong answers to ex05, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="layer_norm" style="flattened rows" holds=["adds eps to the standard deviation", "scales after it shifts"]
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    tail = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
    if not tail or list(x.shape)[-len(tail) :] != tail:
        raise ValueError("x does not end in " + str(tail))
    rows = x.flatten(-len(tail))
    centered = rows - rows.mean(-1, keepdim=True)
    y = (centered / (centered.square().mean(-1, keepdim=True).sqrt() + eps)).reshape(x.shape)
    y = y if bias is None else y + bias
    return y if weight is None else y * weight


# %% solution="group_norm" style="split and joined" holds=["uses the unbiased variance", "checks the groups by an assertion"]
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    channels = x.shape[1]
    assert num_groups >= 1 and channels % num_groups == 0, "the groups do not fit"
    parts = []
    for part in x.split(channels // num_groups, dim=1):
        dims = list(range(1, x.dim()))
        variance, mean = torch.var_mean(part, dims, keepdim=True)
        parts.append((part - mean) * (variance + eps) ** -0.5)
    y = torch.cat(parts, dim=1).movedim(1, -1)
    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
    return y.movedim(-1, 1)


# %% solution="recommend_normalization" style="a table" holds=["starts batch normalization above sixteen", "recommends something to everyone"]
def recommend_normalization(architecture, batch_size):
    if not batch_size > 0:
        raise ValueError("there is no batch of " + str(batch_size))
    table = {"rnn": "layer", "transformer": "layer", "style_transfer": "instance", "gan": "instance"}
    table |= {"detection": "group", "segmentation": "group", "cnn": "group" if batch_size <= 16 else "batch"}
    return table.get(architecture, "batch")


# %% solution="ada_norm" style="moments" holds=["forgets c"]
def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    first, second = x.mean(-1, keepdim=True), (x * x).mean(-1, keepdim=True)
    y = (x - first) * torch.rsqrt(second - first**2 + eps)
    with torch.no_grad():
        factor = 1 - y * k
    return y * factor


# %% solution="cross_norm" style="samples in a loop" holds=["moves the content instead of the style"]
def cross_norm(x, permutation, eps=1e-5):
    flat = x.flatten(2)
    mean = flat.mean(2)
    std = (flat.var(2, correction=0) + eps).sqrt()
    mixed = []
    for own, other in enumerate(permutation.tolist()):
        content = (flat[other] - mean[other][:, None]) / std[other][:, None]
        mixed.append(content * std[own][:, None] + mean[own][:, None])
    return torch.stack(mixed).reshape(x.shape)
