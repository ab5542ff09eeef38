"""The reference of ex07 against scipy's beta distribution, closed forms, loops over pixels and torch's own losses."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from autograder import course

reference = course.exercise("ex07_mixup").module()


def batch(count=6, shape=(3, 5, 8), seed=0):
    """Images of independent noise, so that no two entries are equal, and labels."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, *shape, dtype=torch.float64, generator=generator), torch.arange(count) * 2


def partners(mixed_y, y):
    """The permutation, read off labels that are all different."""
    return [y.tolist().index(label) for label in mixed_y.tolist()]


@pytest.mark.parametrize("shape", [(), (4,), (3, 5, 8)])
@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_mixup_is_its_formula_example_by_example(shape, alpha):
    (x, y), rng = batch(6, shape), np.random.default_rng(1)
    mixed, y_a, y_b, lam = reference.mixup_data(x, y, alpha, rng)
    assert type(lam) is float and torch.equal(y_a, y)
    for i, j in enumerate(partners(y_b, y)):
        torch.testing.assert_close(mixed[i], lam * x[i] + (1 - lam) * x[j], rtol=0, atol=1e-15)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.5])
def test_lam_is_scipys_beta(alpha):
    rng, (x, y) = np.random.default_rng(2), batch(2, ())
    lams = [reference.mixup_data(x, y, alpha, rng)[3] for _ in range(2000)]
    assert stats.kstest(lams, stats.beta(alpha, alpha).cdf).pvalue > 1e-3


@pytest.mark.parametrize("mix", ["mixup_data", "cutmix_data"])
def test_every_permutation_is_equally_likely(mix):
    rng, (x, y) = np.random.default_rng(3), batch(3, (1, 4, 4))
    orders = [tuple(partners(getattr(reference, mix)(x, y, rng=rng)[2], y)) for _ in range(1200)]
    counts = [orders.count(order) for order in itertools.permutations(range(3))]
    assert sum(counts) == 1200 and stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("mix", ["mixup_data", "cutmix_data"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_alpha_0_changes_nothing_a_negative_one_is_refused_and_inputs_stay(mix, dtype):
    x, y = batch()
    x = x.to(dtype)
    before = x.clone()
    mixed, _, _, lam = getattr(reference, mix)(x, y, 0)
    assert torch.equal(mixed, x) and lam == 1.0 and type(lam) is float and mixed.dtype == dtype
    with pytest.raises(ValueError, match=r"alpha .*-0\.5"):
        getattr(reference, mix)(x, y, -0.5)
    getattr(reference, mix)(x, y, 1.0)
    assert torch.equal(x, before)


@pytest.mark.parametrize("mix", ["mixup_data", "cutmix_data"])
def test_only_the_given_generator_is_used(mix):
    x, y = batch()
    states = torch.get_rng_state(), np.random.get_state()[1].copy()
    one, two = (getattr(reference, mix)(x, y, rng=np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(one[0], two[0]) and one[3] == two[3]
    # Boxes are made of few pixels: two of them may have the same size by chance, not all of thirty.
    assert len({float(getattr(reference, mix)(x, y)[3]) for _ in range(30)}) > 1
    assert torch.equal(states[0], torch.get_rng_state()) and (states[1] == np.random.get_state()[1]).all()


@pytest.mark.parametrize("lam", [0.0, 0.3, 1.0])
def test_the_mixed_loss_is_the_cross_entropy_of_the_soft_targets(lam):
    generator = torch.Generator().manual_seed(5)
    logits = torch.randn(9, 4, dtype=torch.float64, generator=generator)
    y_a, y_b = torch.randint(4, (2, 9), generator=generator)
    targets = reference.soft_targets(y_a, y_b, lam, 4)
    torch.testing.assert_close(targets.sum(1), torch.ones(9))
    loss = reference.mixup_criterion(F.cross_entropy, logits, y_a, y_b, lam)
    torch.testing.assert_close(loss, F.cross_entropy(logits, targets.double()), rtol=1e-6, atol=1e-6)


def test_mixing_squared_errors_differs_from_mixing_targets_by_their_variance():
    prediction, a, b = torch.tensor([0.7, -2.0, 5.0]).double()
    mixed = reference.mixup_criterion(lambda p, y: (p - y) ** 2, prediction, a, b, 0.3)
    torch.testing.assert_close(mixed, (prediction - 0.3 * a - 0.7 * b) ** 2 + 0.3 * 0.7 * (a - b) ** 2)


@pytest.mark.parametrize("labels", [[0, 5], [-1, 0]])
@pytest.mark.parametrize("name", ["y_a", "y_b"])
def test_a_label_without_a_class_is_named(labels, name):
    arguments = {"y_a": torch.tensor([0, 1]), "y_b": torch.tensor([0, 1]), name: torch.tensor(labels)}
    with pytest.raises(ValueError, match=f"{name} .*(5|-1)"):
        reference.soft_targets(**arguments, lam=0.5, num_classes=5)


@pytest.mark.parametrize("lam", [0.0, 0.19, 0.75, 0.99, 1.0])
def test_boxes_have_the_area_that_integrating_over_the_center_gives(lam):
    side = math.sqrt(1 - lam)
    # A side s around a uniform center in [0, 1] loses, at each end, (s / 2)**2 / 2 on average.
    expected = (side - side**2 / 4) ** 2
    rng, size = np.random.default_rng(6), (1000, 3000)
    boxes = np.array([reference.random_box(*size, lam, rng) for _ in range(4000)])
    assert boxes.min() >= 0 and (boxes[:, 1] <= 1000).all() and (boxes[:, 3] <= 3000).all()
    areas = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2]) / 3e6
    assert areas.mean() == pytest.approx(expected, abs=0.01)


def test_small_boxes_have_uniform_centers():
    rng = np.random.default_rng(7)
    boxes = np.array([reference.random_box(10_000, 30_000, 0.999999, rng) for _ in range(3000)])
    for center, length in [(boxes[:, :2].mean(1), 10_000), (boxes[:, 2:].mean(1), 30_000)]:
        assert stats.kstest(center, stats.uniform(0, length).cdf).pvalue > 1e-3


def test_cutmix_is_what_a_loop_over_the_pixels_gives(monkeypatch):
    (x, y), boxes = batch(), []
    draw = reference.random_box
    monkeypatch.setattr(reference, "random_box", lambda *args: boxes.append(draw(*args)) or boxes[-1])
    for seed in range(20):
        mixed, y_a, y_b, lam = reference.cutmix_data(x, y, rng=np.random.default_rng(seed))
        top, bottom, left, right = boxes[-1]
        kept = [
            not (top <= row < bottom and left <= column < right)
            for row, column in itertools.product(range(5), range(8))
        ]
        assert lam == pytest.approx(sum(kept) / 40) and torch.equal(y_a, y)
        source = [[image if keep else partner for keep in kept] for image, partner in enumerate(partners(y_b, y))]
        for image, channel in itertools.product(range(6), range(3)):
            pixels = [x[s, channel].flatten()[place] for place, s in enumerate(source[image])]
            assert torch.equal(mixed[image, channel].flatten(), torch.stack(pixels))
