"""The reference of ex02 against torch's own initialization, numpy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from autograder import course

reference = course.exercise("ex02_xavier").module()
SHAPES = [(7, 4), (300, 100), (6, 4, 3), (32, 16, 3, 5), (6, 4, 2, 3, 5)]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("shape", SHAPES)
def test_fans_are_torchs(shape):
    weight = torch.empty(shape)
    assert reference.fan_in_and_fan_out(weight) == nn.init._calculate_fan_in_and_fan_out(weight)


@pytest.mark.parametrize("layer", [nn.Linear(3, 5), nn.Conv2d(3, 5, (2, 4)), nn.Conv3d(2, 5, (2, 3, 4))])
def test_fan_in_is_how_many_inputs_an_output_depends_on(layer):
    size = (1, 3) if isinstance(layer, nn.Linear) else (1, layer.in_channels, *layer.kernel_size)
    x = torch.ones(size, requires_grad=True)
    layer(x).flatten()[0].backward()
    assert reference.fan_in_and_fan_out(layer.weight)[0] == x.grad.count_nonzero()


@pytest.mark.parametrize("shape", [(), (5,)])
def test_too_few_dimensions_are_named(shape):
    with pytest.raises(ValueError, match=r"weight .*\(.*\)"):
        reference.fan_in_and_fan_out(torch.empty(shape))


@pytest.mark.parametrize("rule", ["xavier_uniform_", "xavier_normal_"])
@pytest.mark.parametrize("gain", [1.0, 5 / 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_rules_draw_what_torch_draws(rule, gain, shape):
    ours, theirs = nn.Parameter(torch.empty(shape)), torch.empty(shape)
    assert getattr(reference, rule)(ours, gain, generator(3)) is ours
    getattr(nn.init, rule)(theirs, gain, generator(3))
    torch.testing.assert_close(ours.detach(), theirs)
    assert ours.requires_grad and ours.is_leaf and ours.grad is None


def test_draws_follow_the_papers_distributions():
    fans = 16 * 15 + 32 * 15
    uniform = reference.xavier_uniform_(torch.empty(32, 16, 3, 5), generator=generator()).flatten().numpy()
    normal = reference.xavier_normal_(torch.empty(32, 16, 3, 5), generator=generator()).flatten().numpy()
    bound = math.sqrt(6 / fans)
    assert stats.kstest(uniform, stats.uniform(-bound, 2 * bound).cdf).pvalue > 1e-3
    assert stats.kstest(normal, stats.norm(0, math.sqrt(2 / fans)).cdf).pvalue > 1e-3


def test_a_square_linear_layer_keeps_the_variance_both_ways():
    weight = reference.xavier_normal_(torch.empty(400, 400, dtype=torch.float64), generator=generator())
    x = torch.randn(500, 400, dtype=torch.float64, generator=generator(1))
    assert (x @ weight.T).var() == pytest.approx(1, rel=0.03)
    assert (x @ weight).var() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("init_type", ["xavier", "xavier_normal", "zeros", "random"])
def test_the_network_is_what_torch_builds_from_the_same_draws(init_type):
    torch_rules = {
        "xavier": nn.init.xavier_uniform_,
        "xavier_normal": nn.init.xavier_normal_,
        "zeros": lambda weight, generator: nn.init.zeros_(weight),
        "random": lambda weight, generator: nn.init.uniform_(weight, -0.1, 0.1, generator),
    }
    ours = reference.XavierInitNetwork(6, [7, 4], 3, init_type, generator(5))
    theirs = nn.Sequential(nn.Linear(6, 7), nn.Tanh(), nn.Linear(7, 4), nn.Tanh(), nn.Linear(4, 3))
    draws = generator(5)
    for layer in theirs[::2]:
        torch_rules[init_type](layer.weight, generator=draws)
        nn.init.zeros_(layer.bias)
    x = torch.randn(8, 6)
    torch.testing.assert_close(ours(x), theirs(x))
    assert list(map(type, ours.network)) == list(map(type, theirs))


def test_an_unknown_init_type_is_named():
    with pytest.raises(ValueError, match=r"init_type .*'he'"):
        reference.XavierInitNetwork(2, [3], 1, "he")


def test_spread_is_numpys_standard_deviation_and_leaves_no_trace():
    model = reference.XavierInitNetwork(6, [7, 4], 3, generator=generator())
    x = torch.randn(50, 6, generator=generator(1))
    signal, expected = x.numpy(), []
    for layer in model.network[:-1:2]:
        signal = np.tanh(signal @ layer.weight.detach().numpy().T)
        expected.append(signal.std(ddof=1))
    assert reference.activation_spread(model, x) == pytest.approx(expected, rel=1e-5)
    assert model.training and not any(module._forward_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_hooks_go_even_when_the_batch_does_not_fit():
    model = reference.XavierInitNetwork(6, [7], 3)
    with pytest.raises(RuntimeError):
        reference.activation_spread(model, torch.randn(5, 9))
    assert not any(module._forward_hooks for module in model.modules())
