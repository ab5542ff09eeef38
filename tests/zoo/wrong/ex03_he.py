# %% [markdown]
# Wrong answers to ex03, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="he_gain" style="powers" holds=["squares the sum instead of the slope"]
def he_gain(negative_slope=0.0):
    total = (negative_slope + 1) ** 2
    return (2 / total) ** 0.5


# %% solution="he_normal" style="a dictionary of fans" holds=["takes the mean of both fans"]
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    if mode not in {"fan_in", "fan_out"}:
        raise ValueError("unknown mode " + repr(mode))
    fan = sum(fan_in_and_fan_out(weight)) / 2
    draws = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
    weight.data.copy_(draws * he_gain(negative_slope) * fan**-0.5)
    return weight


# %% solution="he_uniform" style="a dictionary of fans" holds=["stops at one standard deviation", "answers a wrong mode with a KeyError"]
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    fans = dict(zip(("fan_in", "fan_out"), fan_in_and_fan_out(weight)))
    half = he_gain(negative_slope) * fans[mode] ** -0.5
    draws = torch.rand(weight.shape, generator=generator, dtype=weight.dtype)
    with torch.no_grad():
        weight.copy_(draws * 2 * half - half)
    return weight


# %% solution="activation_statistics" style="numpy" holds=["calls a unit dead after a single zero", "divides by n - 1"]
def activation_statistics(layers, x):
    rows = []
    signal = x
    for layer in layers:
        signal = layer(signal).clamp(min=0).detach()
        values = signal.numpy()
        lowest = values.min(axis=0)
        rows.append(
            {"mean": float(values.mean()), "std": float(values.std(ddof=1)), "dead": float((lowest == 0).mean())}
        )
    return rows


# %% solution="lsuv_init" style="one layer at a time" holds=["divides by the variance"]
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    seen, kept = [], {}

    def remember(layer, _, output):
        seen.append(layer)
        kept[layer] = float(((output - output.mean()) ** 2).mean())

    def run():
        handles = [m.register_forward_hook(remember) for m in model.modules() if type(m) in (nn.Linear, nn.Conv2d)]
        model(x.clone())
        for handle in handles:
            handle.remove()

    before = [(m, m.training) for m in model.modules()]
    model.eval()
    with torch.no_grad():
        run()
        for layer in list(dict.fromkeys(seen)):
            nn.init.orthogonal_(layer.weight)
            if layer.bias is not None:
                layer.bias.fill_(0)
            steps = 0
            run()
            while steps < max_iter and kept[layer] != 0 and abs(kept[layer] - 1) >= tol:
                layer.weight.mul_(1 / kept[layer])
                run()
                steps += 1
    for m, training in before:
        m.training = training
    return model
