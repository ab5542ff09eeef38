# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded"
# A right figure whose x axis has words on it, one for each layer, instead of numbers.

# %% solution="plot_gradient_flow"
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
        ax.plot([f"layer {number}" for number in range(len(outputs))], outputs, "--s", label="norm of the output")
        ax.plot([f"layer {number}" for number in range(len(gradients))], gradients, "-o", label="gradient norm at the layer's input")
        ax.legend(fontsize="small")
    return figure
