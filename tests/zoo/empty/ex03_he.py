# %% [markdown]
# An answer to ex03 without content: it refuses what is wrong and returns what has the right form.

# %% solution="he_gain"
def he_gain(negative_slope=0.0):
    return 1.0


# %% solution="he_normal"
def he_normal_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"unknown mode: {mode!r}")
    if weight.dim() < 2:
        raise ValueError(f"weight should have two dimensions or more, got shape {tuple(weight.shape)}")
    with torch.no_grad():
        return weight.zero_()


# %% solution="he_uniform"
def he_uniform_(weight, negative_slope=0.0, mode="fan_in", generator=None):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"unknown mode: {mode!r}")
    if weight.dim() < 2:
        raise ValueError(f"weight should have two dimensions or more, got shape {tuple(weight.shape)}")
    with torch.no_grad():
        return weight.zero_()


# %% solution="activation_statistics"
def activation_statistics(layers, x):
    return [{"mean": 0.0, "std": 1.0, "dead": 0.0} for layer in layers]


# %% solution="lsuv_init"
def lsuv_init_(model, x, tol=0.1, max_iter=10):
    return model


# %% solution="plot_activation_distributions"
def plot_activation_distributions(init_methods, x):
    fig, axes = plt.subplots(1, len(init_methods), squeeze=False)
    for ax, name in zip(axes[0], init_methods):
        ax.hist([0.0, 1.0])
        ax.axvline(0, linestyle="--")
        ax.set(title=name, xlabel="activation", ylabel="count")
        ax.text(0.5, 0.5, "mean 0.00, std 1.00")
    return fig
