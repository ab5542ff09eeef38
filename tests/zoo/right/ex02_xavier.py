# %% solution="fan_in_and_fan_out" style="a beginner's loops"
def fan_in_and_fan_out(weight):
    shape = list(weight.shape)
    if len(shape) < 2:
        raise ValueError("weight must have two dimensions or more, but its shape is " + str(shape))
    fan_in = shape[1]
    fan_out = shape[0]
    for i in range(2, len(shape)):
        fan_in = fan_in * shape[i]
        fan_out = fan_out * shape[i]
    return (fan_in, fan_out)


# %% solution="xavier_uniform" style="a beginner's loops"
def xavier_uniform_(weight, gain=1.0, generator=None):
    fans = fan_in_and_fan_out(weight)
    n = fans[0] + fans[1]
    a = gain * (6 / n) ** 0.5
    numbers = torch.rand(weight.shape, generator=generator)
    numbers = numbers * 2 * a
    numbers = numbers - a
    weight.data[:] = numbers
    return weight


# %% solution="xavier_normal" style="a beginner's loops"
def xavier_normal_(weight, gain=1.0, generator=None):
    fans = fan_in_and_fan_out(weight)
    variance = gain * gain * 2 / (fans[0] + fans[1])
    with torch.no_grad():
        for i in range(weight.shape[0]):
            row = torch.randn(weight[i].shape, generator=generator)
            weight[i] = row * variance**0.5
    return weight


# %% solution="xavier_init_network" style="a beginner's loops"
class XavierInitNetwork(nn.Module):
    def __init__(self, input_size, hidden_sizes, output_size, init_type="xavier", generator=None):
        super().__init__()
        layers = []
        previous = input_size
        for size in hidden_sizes:
            layers.append(nn.Linear(previous, size))
            layers.append(nn.Tanh())
            previous = size
        layers.append(nn.Linear(previous, output_size))
        self.network = nn.Sequential(*layers)
        for layer in self.network:
            if isinstance(layer, nn.Linear):
                if init_type == "xavier":
                    xavier_uniform_(layer.weight, generator=generator)
                elif init_type == "xavier_normal":
                    xavier_normal_(layer.weight, generator=generator)
                elif init_type == "zeros":
                    layer.weight.data.zero_()
                elif init_type == "random":
                    layer.weight.data.copy_(torch.rand(layer.weight.shape, generator=generator) * 0.2 - 0.1)
                else:
                    raise ValueError("unknown init_type: " + repr(init_type))
                layer.bias.data.zero_()

    def forward(self, x):
        for layer in self.network:
            x = layer(x)
        return x


# %% solution="activation_spread" style="a beginner's loops"
def activation_spread(network, x):
    result = []
    with torch.no_grad():
        for layer in network.network:
            x = layer(x)
            if isinstance(layer, nn.Tanh):
                mean = x.mean()
                variance = ((x - mean) ** 2).mean()
                result.append(float(variance**0.5))
    return result


# %% solution="fan_in_and_fan_out" style="counted on the tensor"
def fan_in_and_fan_out(weight: torch.Tensor) -> tuple[int, int]:
    if weight.ndim <= 1:
        raise ValueError(f"weight: expected (out, in, ...), got {weight.ndim} dimension(s)")
    return weight[0].numel(), weight.select(1, 0).numel()


# %% solution="xavier_uniform" style="counted on the tensor"
@torch.no_grad()
def xavier_uniform_(weight, gain=1.0, generator=None):
    limit = gain * math.sqrt(6.0 / sum(fan_in_and_fan_out(weight)))
    unit = torch.empty_like(weight).uniform_(generator=generator)
    return weight.copy_(torch.lerp(torch.full_like(unit, -limit), torch.full_like(unit, limit), unit))


# %% solution="xavier_normal" style="counted on the tensor"
@torch.no_grad()
def xavier_normal_(weight, gain=1.0, generator=None):
    return weight.normal_(generator=generator).mul_(gain).mul_((2 / sum(fan_in_and_fan_out(weight))) ** 0.5)


# %% solution="xavier_init_network" style="counted on the tensor"
import functools


class XavierInitNetwork(nn.Module):
    def __init__(self, input_size, hidden_sizes, output_size, init_type="xavier", generator=None):
        super().__init__()
        widths = (input_size, *hidden_sizes)
        hidden = [part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), nn.Tanh())]
        self.network = nn.Sequential(*hidden, nn.Linear(widths[-1], output_size))
        self.apply(functools.partial(self._start, init_type=init_type, generator=generator))

    @staticmethod
    @torch.no_grad()
    def _start(module, init_type, generator):
        if not isinstance(module, nn.Linear):
            return
        module.bias.zero_()
        match init_type:
            case "xavier":
                xavier_uniform_(module.weight, 1.0, generator)
            case "xavier_normal":
                xavier_normal_(module.weight, 1.0, generator)
            case "zeros":
                module.weight.fill_(0)
            case "random":
                module.weight.uniform_(-0.1, 0.1, generator=generator)
            case _:
                raise ValueError(f"init_type={init_type!r} is unknown")

    def forward(self, x):
        return self.network(x)


# %% solution="activation_spread" style="counted on the tensor"
from contextlib import ExitStack


def activation_spread(network, x):
    found = {}
    with ExitStack() as stack, torch.inference_mode():
        for name, module in network.network.named_children():
            if isinstance(module, nn.Tanh):
                hook = module.register_forward_hook(lambda m, i, out, name=name: found.update({name: out.std()}))
                stack.callback(hook.remove)
        network(x)
    return [spread.item() for spread in found.values()]


# %% solution="xavier_uniform" style="a detour through numpy"
import numpy as np


def _numpy_rng(generator):
    """A numpy generator whose seed is drawn from torch's."""
    return np.random.default_rng(torch.randint(2**62, (2,), generator=generator).tolist())


def xavier_uniform_(weight, gain=1.0, generator=None):
    fan_in, fan_out = fan_in_and_fan_out(weight)
    a = gain * np.sqrt(6 / (fan_in + fan_out))
    values = _numpy_rng(generator).uniform(-a, a, size=tuple(weight.shape))
    weight.detach().copy_(torch.from_numpy(values))
    return weight


# %% solution="xavier_normal" style="a detour through numpy"
import numpy as np


def xavier_normal_(weight, gain=1.0, generator=None):
    fan_in, fan_out = fan_in_and_fan_out(weight)
    rng = np.random.default_rng(torch.randint(2**62, (2,), generator=generator).tolist())
    values = rng.normal(0, gain * np.sqrt(2 / (fan_in + fan_out)), size=tuple(weight.shape))
    weight.data.copy_(torch.as_tensor(values))
    return weight


# %% solution="activation_spread" style="a detour through numpy"
import numpy as np


def activation_spread(network, x):
    signal, spreads = x.detach().numpy(), []
    for layer in network.network:
        if isinstance(layer, nn.Linear):
            signal = signal @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        else:
            signal = np.tanh(signal)
            spreads.append(float(np.std(signal, ddof=1)))
    return spreads


# %% solution="fan_in_and_fan_out" style="one helper for both rules"
def fan_in_and_fan_out(weight):
    try:
        out_channels, in_channels = weight.shape[:2]
    except ValueError:
        raise ValueError(f"weight of shape {tuple(weight.shape)} has no fans") from None
    field = weight.numel() // (out_channels * in_channels)
    return in_channels * field, out_channels * field


# %% solution="xavier_uniform" style="one helper for both rules"
def _rescale(weight, draws, std):
    with torch.no_grad():
        weight.set_(draws.mul(std).to(weight))
    return weight


xavier_uniform_ = lambda weight, gain=1.0, generator=None: _rescale(  # noqa: E731
    weight,
    torch.rand(weight.shape, dtype=torch.float64, generator=generator).sub(0.5).mul(12**0.5),
    gain * (2 / sum(fan_in_and_fan_out(weight))) ** 0.5,
)


# %% solution="xavier_normal" style="one helper for both rules"
def _box_muller(shape, generator):
    """Normal draws from uniform ones."""
    radius = torch.rand(shape, dtype=torch.float64, generator=generator).neg().log1p().mul(-2).sqrt()
    angle = torch.rand(shape, dtype=torch.float64, generator=generator).mul(2 * math.pi)
    return radius * angle.cos()


def xavier_normal_(weight, gain=1.0, generator=None):
    std = math.sqrt(gain**2 * 2 / sum(fan_in_and_fan_out(weight)))
    weight.data = (std * _box_muller(weight.shape, generator)).to(weight.dtype)
    return weight


# %% solution="fan_in_and_fan_out" style="torch's own where it is allowed"
def fan_in_and_fan_out(weight):
    return nn.init._calculate_fan_in_and_fan_out(weight)


# %% solution="xavier_init_network" style="torch's own where it is allowed"
import functools


class XavierInitNetwork(nn.Module):
    def __init__(self, input_size, hidden_sizes, output_size, init_type="xavier", generator=None):
        super().__init__()
        rules = {
            "xavier": functools.partial(nn.init.xavier_uniform_, generator=generator),
            "xavier_normal": functools.partial(nn.init.xavier_normal_, generator=generator),
            "zeros": nn.init.zeros_,
            "random": functools.partial(nn.init.uniform_, a=-0.1, b=0.1, generator=generator),
        }
        try:
            rule = rules[init_type]
        except KeyError:
            raise ValueError(f"init_type: {init_type!r} is none of {', '.join(rules)}") from None
        sizes = [input_size, *list(hidden_sizes), output_size]
        self.network = nn.Sequential()
        for number in range(1, len(sizes)):
            linear = nn.Linear(sizes[number - 1], sizes[number])
            rule(linear.weight)
            nn.init.zeros_(linear.bias)
            self.network.add_module(f"linear{number}", linear)
            if number < len(sizes) - 1:
                self.network.add_module(f"tanh{number}", nn.Tanh())

    def forward(self, x):
        return self.network.forward(x)


# %% solution="activation_spread" style="torch's own where it is allowed"
import copy


def activation_spread(network, x):
    twin = copy.deepcopy(network).eval()
    outputs = []
    for module in twin.modules():
        if type(module) is nn.Tanh:
            module.register_forward_hook(lambda module, inputs, output: outputs.append(output.detach()))
    twin(x)
    return [torch.std_mean(output, correction=0)[0].item() for output in outputs]


# %% solution="xavier_init_network" style="a layer that initializes itself"
class _Linear(nn.Linear):
    """A Linear that knows how to start."""

    def __init__(self, n_in, n_out, start):
        self.start = start
        super().__init__(n_in, n_out)

    def reset_parameters(self):
        with torch.no_grad():
            self.bias.zero_()
            self.start(self.weight)


class XavierInitNetwork(nn.Module):
    def __init__(self, input_size, hidden_sizes, output_size, init_type="xavier", generator=None):
        super().__init__()
        if init_type not in ("xavier", "xavier_normal", "zeros", "random"):
            raise ValueError(f"no such init_type: {init_type}")

        def start(weight):
            if init_type.startswith("xavier"):
                rule = xavier_normal_ if init_type.endswith("normal") else xavier_uniform_
                return rule(weight, generator=generator)
            bound = 0.1 if init_type == "random" else 0.0
            return weight.copy_((2 * torch.rand(*weight.shape, generator=generator) - 1) * bound)

        layers, width = [], input_size
        for hidden in hidden_sizes:
            layers.extend([_Linear(width, hidden, start), nn.Tanh()])
            width = hidden
        self.network = nn.Sequential(*layers, _Linear(width, output_size, start))

    def forward(self, x):
        return self.network(x)


# %% solution="activation_spread" style="a layer that initializes itself"
@torch.no_grad()
def activation_spread(network, x):
    training = network.training
    network.eval()
    signals = itertools.accumulate(network.network, lambda signal, layer: layer(signal), initial=x)
    pairs = zip(network.network, itertools.islice(signals, 1, None), strict=True)
    spreads = [signal.std(correction=0).tolist() for layer, signal in pairs if isinstance(layer, nn.Tanh)]
    network.train(training)
    return spreads
