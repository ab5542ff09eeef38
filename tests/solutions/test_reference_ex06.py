"""The reference of ex06 against torch's own dropout, exact binomial laws, closed forms, brute force and loops."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from autograder import course

reference = course.exercise("ex06_dropout").module()
ALPHA = 1e-6  # the draws are seeded: this is how unlikely the one sample may be that the test looks at


def variants(drop_prob, seed=0):
    return reference.DropoutVariants(drop_prob, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("drop_prob", [-0.1, 1.0, 2, float("nan")])
def test_a_bad_drop_prob_is_named(drop_prob):
    with pytest.raises(ValueError, match=r"drop_prob .*" + str(drop_prob)):
        reference.DropoutVariants(drop_prob)


@pytest.mark.parametrize("method", ["standard_dropout", "dropconnect"])
@pytest.mark.parametrize("drop_prob", [0.3, 0.8])
def test_entries_are_those_of_torchs_dropout_and_their_number_is_binomial(method, drop_prob):
    x = torch.linspace(1, 2, 60_000, dtype=torch.float64).reshape(200, 300)
    ours, theirs = getattr(variants(drop_prob), method)(x), F.dropout(x, drop_prob)
    both = (ours != 0) & (theirs != 0)
    torch.testing.assert_close(ours[both], theirs[both])
    assert stats.binomtest(int((ours == 0).sum()), x.numel(), drop_prob).pvalue > ALPHA
    for axis in (0, 1):  # the counts along rows and columns scatter as binomial ones do
        counts, n = (ours == 0).sum(axis).double(), x.shape[axis]
        statistic = ((counts - n * drop_prob) ** 2).sum() / (n * drop_prob * (1 - drop_prob))
        assert ALPHA < stats.chi2(len(counts)).cdf(statistic) < 1 - ALPHA


def test_dropconnect_has_the_mean_and_variance_of_the_closed_form():
    weight, v = torch.randn(5, 40, dtype=torch.float64), torch.randn(40, dtype=torch.float64)
    drop = variants(0.3)
    outputs = torch.stack([drop.dropconnect(weight) @ v for _ in range(4000)])
    variance = 0.3 / 0.7 * weight.square() @ v.square()
    assert ((outputs.mean(0) - weight @ v).abs() < 5 * (variance / 4000).sqrt()).all()
    torch.testing.assert_close(outputs.var(0), variance, rtol=0.15, atol=0)


@pytest.mark.parametrize(("height", "width", "size"), [(5, 7, 1), (5, 7, 2), (9, 4, 3), (6, 6, 6), (4, 9, 4)])
def test_blocks_are_those_that_loops_make_of_the_same_draws(height, width, size):
    x = torch.randn(3, 2, height, width, dtype=torch.float64)
    rows, columns = height - size + 1, width - size + 1
    gamma = 0.6 * height * width / size**2 / (rows * columns)
    draws = torch.rand(3, 2, rows, columns, generator=torch.Generator().manual_seed(4))
    kept = torch.ones_like(x)
    for n, c, i, j in itertools.product(*map(range, draws.shape)):
        if draws[n, c, i, j] < gamma:
            kept[n, c, i : i + size, j : j + size] = 0
    expected = x * kept * kept.numel() / max(kept.sum().item(), 1)
    torch.testing.assert_close(variants(0.6, 4).drop_block(x, size), expected)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_each_cell_is_dropped_as_often_as_the_number_of_blocks_over_it_says(size):
    """A cell under k possible blocks is kept with probability (1 - gamma)**k."""
    height, width, maps = 5, 8, 4000
    dropped = variants(0.5).drop_block(torch.ones(maps, 1, height, width), size) == 0
    rows, columns = height - size + 1, width - size + 1
    gamma = 0.5 * height * width / size**2 / (rows * columns)
    over = [[min(i + 1, size, n - i, n - size + 1) for i in range(n)] for n in (height, width)]
    for i, j in itertools.product(range(height), range(width)):
        chance = 1 - (1 - gamma) ** (over[0][i] * over[1][j])
        assert stats.binomtest(int(dropped[:, 0, i, j].sum()), maps, chance).pvalue > ALPHA


def test_where_blocks_cannot_overlap_gamma_drops_the_share_asked_for():
    """A block as large as the map: gamma is drop_prob itself, and so it is for blocks of one cell."""
    for size, x in [(4, torch.ones(3000, 1, 4, 4)), (1, torch.ones(10, 3, 10, 10))]:
        gone = variants(0.3).drop_block(x, size)[:, 0, 0, 0] == 0 if size == 4 else variants(0.3).drop_block(x, 1) == 0
        assert stats.binomtest(int(gone.sum()), gone.numel(), 0.3).pvalue > ALPHA


def test_blocks_keep_the_mean_of_ones_exactly_and_never_give_nan():
    for seed in range(100):
        y = variants(0.5, seed).drop_block(torch.ones(2, 1, 3, 3, dtype=torch.float64), 3)
        assert y.mean().item() in (0.0, pytest.approx(1))


@pytest.mark.parametrize("size", [0, -1, 5, 8])
def test_a_block_that_does_not_fit_is_named(size):
    with pytest.raises(ValueError, match=rf"block_size .*{size}"):
        variants(0.3).drop_block(torch.ones(1, 1, 4, 7), size)


@pytest.mark.parametrize(("method", "sizes"), [("standard_dropout", ()), ("dropconnect", ()), ("drop_block", (2,))])
def test_gradients_are_those_of_finite_differences(method, sizes):
    x = torch.randn(2, 2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: getattr(variants(0.4), method)(x, *sizes), x)


class Counter(nn.Module):
    """Gives x times the number of the pass."""

    passes = 0

    def forward(self, x):
        self.passes += 1
        return x * self.passes


def test_passes_are_counted_and_their_statistics_are_numpys():
    model, x = Counter(), torch.randn(6, 3, dtype=torch.float64)
    mean, std = reference.monte_carlo_predict(model, x, 5)
    passes = np.stack([x.numpy() * number for number in range(1, 6)])
    assert model.passes == 5
    torch.testing.assert_close(mean, torch.from_numpy(passes.mean(0)))
    torch.testing.assert_close(std, torch.from_numpy(passes.std(0, ddof=1)))


def test_a_linear_network_has_the_spread_of_the_closed_form():
    """Dropout before a linear layer: variance p / (1 - p) * sum of (w x)**2, around the output of eval mode."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Dropout(0.2), nn.Linear(30, 4)).eval().double(), torch.randn(3, 30, dtype=torch.float64)
    mean, std = reference.monte_carlo_predict(model, x, 5000)
    variance = 0.25 * x.square() @ model[1].weight.detach().square().T
    assert ((mean - model(x).detach()).abs() < 5 * (variance / 5000).sqrt()).all()
    torch.testing.assert_close(std, variance.sqrt(), rtol=0.06, atol=0)


def test_without_dropout_the_passes_agree_with_eval_mode():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))
    x, state = torch.randn(9, 4), {name: value.clone() for name, value in model.state_dict().items()}
    mean, std = reference.monte_carlo_predict(model, x, 3)
    assert model.training and all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    torch.testing.assert_close(mean, model.eval()(x).detach())
    assert not std.any() and not mean.requires_grad


def test_modes_come_back_even_when_the_batch_does_not_fit():
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)).train()
    model[1].eval()
    with pytest.raises(RuntimeError):
        reference.monte_carlo_predict(model, torch.randn(5, 9), 2)
    assert [module.training for module in model.modules()] == [True, True, False]


@pytest.mark.parametrize("number", [1, 0, -2])
def test_too_few_passes_are_named(number):
    with pytest.raises(ValueError, match=rf"num_samples .*{number}"):
        reference.monte_carlo_predict(nn.Linear(2, 2), torch.ones(1, 2), number)


def test_the_bounds_of_the_hidden_tests_leave_less_than_a_billionth():
    """The rounding borders that hidden tests rely on, by exact binomial and chi-square tails."""
    corners, gamma = 4000, 0.9 * 18 / 4 / 10
    inside = stats.binom(corners, gamma)
    assert inside.cdf(0.875 * gamma * corners) + inside.sf(math.ceil(1.125 * gamma * corners) - 1) < 1e-9
    for n, p in [(10_000, 0.5), (10_000, 0.3), (10_000, 0.8), (7500, 0.5)]:
        count = stats.binom(n, p)
        assert count.cdf((p - 0.05) * n) + count.sf((p + 0.05) * n - 1) < 1e-9
    assert stats.chi2(59).cdf(59 * 0.1) < 1e-9
