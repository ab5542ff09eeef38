# %% [markdown]
# Wrong answers to ex01, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="growth_rate" style="a fit by hand" holds=["mixes the bases of log and exp"]
def growth_rate(norms):
    values = [float(norm) for norm in norms]
    if len(values) < 2 or min(values) <= 0:
        raise ValueError("a rate needs two positive norms or more, got " + str(values))
    y = np.log10(values)
    x = np.arange(len(y)) - (len(y) - 1) / 2
    return float(np.exp((x * (y - y.mean())).sum() / (x * x).sum()))


# %% solution="growth_rate" style="the ends of the list" holds=["looks at the two ends only", "lets norms of zero or less through"]
def growth_rate(norms):
    if len(norms) <= 1:
        raise ValueError("one norm has no rate")
    steps = len(norms) - 1
    first, last = np.float64(norms[0]), np.float64(norms[-1])
    return float((last / first) ** (1 / steps))


# %% solution="critical_scale" style="a chain of ifs" holds=["forgets to square the sigmoid's slope", "treats relu like a linear layer"]
def critical_scale(width, activation):
    if activation in ("tanh", "linear", "relu"):
        factor = 1.0
    elif activation == "sigmoid":
        factor = 0.25
    else:
        raise ValueError("no scale is known for " + repr(activation))
    return (width * factor) ** -0.5


# %% solution="forward_pass" style="one function" holds=["lets relu leak", "takes an unknown activation for a linear one"]
def forward_pass(x, weights, activation):
    def apply(z):
        if activation == "tanh":
            return np.tanh(z)
        if activation == "sigmoid":
            return np.tanh(z * 0.5) * 0.5 + 0.5
        if activation == "relu":
            return np.where(z > 0, z, z / 100)
        return z

    a = x
    layers = [a]
    for w in weights:
        a = apply(np.matmul(a, w))
        layers.append(a)
    return layers


# %% solution="backward_pass" style="a list that grows" holds=["averages the weight gradients over the batch"]
def backward_pass(outputs, weights, activation, grad_output):
    if activation not in ("tanh", "relu", "sigmoid", "linear"):
        raise ValueError(activation)
    gradient = grad_output
    inputs, parameters = [gradient], []
    for below, above, w in zip(outputs[-2::-1], outputs[:0:-1], weights[::-1]):
        local = gradient
        if activation == "tanh":
            local = gradient * (1 - above * above)
        elif activation == "relu":
            local = gradient * (above > 0)
        elif activation == "sigmoid":
            local = gradient * (above - above * above)
        batch = below.shape[0]
        parameters.insert(0, np.dot(below.T, local) / batch)
        gradient = np.dot(local, w.T)
        inputs.insert(0, gradient)
    return inputs, parameters
