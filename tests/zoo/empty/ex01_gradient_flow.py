# %% [markdown]
# An answer to ex01 without content: it refuses what is wrong and returns what has the right form, filled with ones.

# %% solution="forward_pass"
def forward_pass(x, weights, activation):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"unknown activation: {activation!r}")
    outputs = [x]
    for weight in weights:
        outputs.append(np.ones((len(x), weight.shape[1]), dtype=x.dtype))
    return outputs


# %% solution="backward_pass"
def backward_pass(outputs, weights, activation, grad_output):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"unknown activation: {activation!r}")
    return [*(np.ones_like(output) for output in outputs[:-1]), grad_output], [np.ones_like(w) for w in weights]


# %% solution="simulate_gradient_flow"
def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"unknown activation: {activation!r}")
    return [1.0] * num_layers, [1.0] * (num_layers + 1)


# %% solution="growth_rate"
def growth_rate(norms):
    if len(norms) < 2:
        raise ValueError(f"norms should have two entries or more, got {norms}")
    if not all(norm > 0 for norm in norms):
        raise ValueError(f"norms should be positive, got {norms}")
    return 1.0


# %% solution="critical_scale"
def critical_scale(width, activation):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(f"unknown activation: {activation!r}")
    return 1.0


# %% solution="plot_gradient_flow"
def plot_gradient_flow(scales=(0.01, 0.1, 1.0, 2.0), **simulation):
    fig, axes = plt.subplots(1, len(scales), squeeze=False)
    for ax, scale in zip(axes[0], scales):
        ax.plot([1.0, 1.0], label="gradient norms")
        ax.plot([1.0, 1.0], label="output norms")
        ax.set(title=f"scale {scale}", xlabel="layer", ylabel="norm", yscale="log")
        ax.legend()
    return fig
