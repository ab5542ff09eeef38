# %% [markdown]
# An answer to ex02 without content: it refuses what is wrong and returns what has the right form.

# %% solution="fan_in_and_fan_out"
def fan_in_and_fan_out(weight):
    if weight.dim() < 2:
        raise ValueError(f"weight should have two dimensions or more, got shape {tuple(weight.shape)}")
    return 1, 1


# %% solution="xavier_uniform"
def xavier_uniform_(weight, gain=1.0, generator=None):
    if weight.dim() < 2:
        raise ValueError(f"weight should have two dimensions or more, got shape {tuple(weight.shape)}")
    with torch.no_grad():
        return weight.zero_()


# %% solution="xavier_normal"
def xavier_normal_(weight, gain=1.0, generator=None):
    if weight.dim() < 2:
        raise ValueError(f"weight should have two dimensions or more, got shape {tuple(weight.shape)}")
    with torch.no_grad():
        return weight.zero_()


# %% solution="xavier_init_network"
class XavierInitNetwork(nn.Module):
    def __init__(self, input_size, hidden_sizes, output_size, init_type="xavier", generator=None):
        super().__init__()
        if init_type not in ("xavier", "xavier_normal", "zeros", "random"):
            raise ValueError(f"unknown init_type: {init_type!r}")
        self.network = nn.Sequential()
        self.output_size = output_size

    def forward(self, x):
        return x.new_zeros(len(x), self.output_size)


# %% solution="activation_spread"
def activation_spread(network, x):
    return [1.0 for layer in network.network if isinstance(layer, nn.Tanh)]
