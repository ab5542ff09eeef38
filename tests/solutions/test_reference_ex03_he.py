"""The reference of ex03 beside torch's own initializers, closed forms and the laws of the papers."""

import math

import pytest
import torch
from torch import nn

from autograder import course
from autograder.judging.fence.worker.probes import describe_figure

reference = course.exercise("ex03_he").module()
SHAPES = [(30, 20), (8, 3, 5, 2), (4, 6, 3)]


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.5, 1.0, -2.0])
def test_gain_is_torchs(slope):
    assert reference.he_gain(slope) == pytest.approx(nn.init.calculate_gain("leaky_relu", slope), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize(
    ("ours", "torchs"),
    [(reference.he_normal_, nn.init.kaiming_normal_), (reference.he_uniform_, nn.init.kaiming_uniform_)],
)
def test_weights_are_those_of_torch_for_the_same_generator(ours, torchs, mode, shape):
    weight, expected = nn.Parameter(torch.zeros(shape)), torch.zeros(shape)
    ours(weight, negative_slope=0.3, mode=mode, generator=torch.Generator().manual_seed(1))
    torchs(expected, a=0.3, mode=mode, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(weight.detach(), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_that_students_are_given_are_torchs(shape):
    weight = torch.empty(shape)
    assert reference.fan_in_and_fan_out(weight) == nn.init._calculate_fan_in_and_fan_out(weight)


def test_he_keeps_the_mean_square_through_twenty_layers():
    # mean log-ratio per layer -0.009 with a standard deviation of 0.026 over seeds; Xavier is at log(1/2) = -0.69
    generator = torch.Generator().manual_seed(0)
    layers = [nn.Linear(256, 256, bias=False) for _ in range(20)]
    for layer in layers:
        reference.he_normal_(layer.weight, generator=generator)
    found = reference.activation_statistics(layers, torch.randn(256, 256, generator=generator))
    squares = [entry["mean"] ** 2 + entry["std"] ** 2 for entry in found]
    assert abs(math.log(squares[-1] / squares[0]) / 19) < 0.16


def test_statistics_of_a_rectified_normal_are_the_closed_forms():
    layer = nn.Linear(1, 1, dtype=torch.float64)
    layer.load_state_dict({"weight": torch.ones(1, 1), "bias": torch.zeros(1)})
    quantiles = torch.special.ndtri((torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000)
    (found,) = reference.activation_statistics([layer], quantiles[:, None])
    mean = 1 / math.sqrt(2 * math.pi)
    assert found["mean"] == pytest.approx(mean, rel=1e-4)
    assert found["std"] == pytest.approx(math.sqrt(0.5 - mean**2), rel=1e-4)
    assert found["dead"] == 0


def test_statistics_follow_a_sequential_model():
    layers, x = [nn.Linear(4, 50), nn.Linear(50, 7)], torch.randn(3, 4)
    outputs = [nn.Sequential(layers[0], nn.ReLU())(x), nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU())(x)]
    for entry, output in zip(reference.activation_statistics(layers, x), outputs, strict=True):
        assert entry["mean"] == pytest.approx(output.mean().item(), rel=1e-6)
        assert entry["std"] == pytest.approx(output.var(correction=0).sqrt().item(), rel=1e-5)
        assert entry["dead"] == sum(unit.max().item() == 0 for unit in output.T) / output.shape[1]


class Branches(nn.Module):
    """Runs a convolution and two linear layers, one of them in a submodule, in another order than it lists them."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(10, 12)
        self.inner = nn.Sequential(nn.Linear(24, 10, bias=False), nn.ReLU(inplace=True))
        self.norm = nn.BatchNorm2d(6)
        self.conv = nn.Conv2d(3, 6, 3)

    def forward(self, x):
        return self.last(self.inner(torch.relu_(self.norm(self.conv(x))).flatten(1)))


@pytest.fixture
def branches():
    model = Branches().double()
    model.norm.running_var.fill_(5.0)
    model.norm.eval()
    return model


def test_lsuv_gives_each_layer_a_scaled_orthonormal_weight_and_unit_variance(branches):
    x = 3 * torch.randn(64, 3, 4, 4, dtype=torch.float64) + 1
    before = {name: value.clone() for name, value in branches.state_dict().items() if "norm" in name}
    kept = x.clone()
    assert reference.lsuv_init_(branches, x, tol=1e-6) is branches
    assert branches.training and not branches.norm.training
    assert torch.equal(x, kept)
    assert all(torch.equal(branches.state_dict()[name], value) for name, value in before.items())
    outputs = []
    for layer in (branches.conv, branches.inner[0], branches.last):
        layer.register_forward_hook(lambda layer, inputs, output: outputs.append(output.clone()))
        matrix = layer.weight.detach().flatten(1)
        matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
        gram = matrix @ matrix.T
        torch.testing.assert_close(gram, gram[0, 0] * torch.eye(len(gram), dtype=torch.float64))
    branches.eval()(x)
    assert [output.var(correction=0).item() for output in outputs] == pytest.approx([1, 1, 1], abs=1e-6)


def test_lsuv_divides_at_most_max_iter_times_and_never_by_zero():
    layer = nn.Sequential(nn.Linear(6, 4))
    for options in ({"max_iter": 0}, {"tol": 1e9}):
        weight = reference.lsuv_init_(layer, torch.randn(9, 6), **options)[0].weight.detach()
        torch.testing.assert_close(weight @ weight.T, torch.eye(4))
    weight = reference.lsuv_init_(layer, torch.zeros(9, 6))[0].weight.detach()
    torch.testing.assert_close(weight @ weight.T, torch.eye(4))


def test_plot_has_one_described_panel_a_method():
    x = torch.randn(500, 4)
    figure = reference.plot_activation_distributions({"eye": nn.init.eye_, "ones": nn.init.ones_}, x)
    for panel, name, activations in zip(
        describe_figure(figure), ["eye", "ones"], [x.relu(), x.sum(1).relu()], strict=True
    ):
        assert panel["title"] == name
        assert panel["texts"] == [f"mean {activations.mean():.2f}\nstd {activations.std(correction=0):.2f}"]
        assert [line["linestyle"] for line in panel["lines"]] == ["--"]
        assert sum(bar["height"] for bar in panel["bars"]) == 2000
