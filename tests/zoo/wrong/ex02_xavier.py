# %% [markdown]
# Wrong answers to ex02, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="fan_in_and_fan_out" style="a case a shape" holds=["knows two-dimensional kernels only", "gives a bias fans"]
def fan_in_and_fan_out(weight):
    if weight.ndim < 2:
        count = weight.numel()
        return count, count
    cells = 1
    if weight.ndim == 4:
        cells = weight.size(2) * weight.size(3)
    return weight.size(1) * cells, weight.size(0) * cells


# %% solution="fan_in_and_fan_out" style="slices" holds=["takes the first dimension for the fan-in"]
def fan_in_and_fan_out(weight):
    shape = tuple(weight.shape)
    if len(shape) in (0, 1):
        raise ValueError("weight has too few dimensions: " + str(shape))
    return weight[:, 0].numel(), weight[0].numel()


# %% solution="xavier_uniform" style="draws from zero to one" holds=["takes the standard deviation for the bound"]
def xavier_uniform_(weight, gain=1.0, generator=None):
    spread = gain * (2 / sum(fan_in_and_fan_out(weight))) ** 0.5
    draws = torch.rand(weight.shape, generator=generator)
    weight.detach().copy_((2 * draws - 1) * spread)
    return weight


# %% solution="xavier_normal" style="scaled standard normals" holds=["multiplies the standard deviation by the squared gain", "adds the draws to the old values"]
def xavier_normal_(weight, gain=1.0, generator=None):
    fans = fan_in_and_fan_out(weight)
    noise = torch.randn(weight.shape, generator=generator) * (2 / (fans[0] + fans[1])) ** 0.5
    weight.data += noise * gain * gain
    return weight


# %% solution="activation_spread" style="layer by layer" holds=["gives the variance", "leaves the network in eval mode"]
def activation_spread(network, x):
    network.eval()
    found = []
    with torch.no_grad():
        signal = x
        for layer in network.network:
            signal = layer(signal)
            if type(layer) is nn.Tanh:
                found.append(float(torch.var(signal)))
    return found
