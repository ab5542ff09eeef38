"""The reference of ex05, checked against torch's own layers, autograd and identities."""

import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from autograder import course

ex05 = course.exercise("ex05_normalization").module()


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(5)


def close(observed, expected):
    torch.testing.assert_close(observed, expected, rtol=1e-9, atol=1e-9)


def data(*shape):
    return 3 * torch.randn(shape, dtype=torch.float64) + torch.arange(shape[-1])


def with_gradients(function, *tensors):
    tensors = [tensor.clone().requires_grad_() for tensor in tensors]
    y = function(*tensors)
    slope = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).reshape(y.shape)
    return y.detach(), *torch.autograd.grad((slope * y).sum(), tensors)


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5)])
def test_layer_norm_is_torchs_in_values_and_gradients(shape, eps):
    arguments = data(2, 3, 4, 5), data(*shape), data(*shape)
    ours = with_gradients(lambda x, w, b: ex05.layer_norm(x, shape, w, b, eps), *arguments)
    theirs = with_gradients(lambda x, w, b: F.layer_norm(x, shape, w, b, eps), *arguments)
    for pair in zip(ours, theirs, strict=True):
        close(*pair)


@pytest.mark.parametrize("shape", [(2, 6, 5), (2, 6, 3, 4), (2, 6, 2, 3, 4)])
def test_instance_norm_is_torchs_in_values_and_gradients(shape):
    arguments = data(*shape), data(6), data(6)
    ours = with_gradients(lambda x, w, b: ex05.instance_norm(x, w, b, 0.1), *arguments)
    theirs = with_gradients(lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=0.1), *arguments)
    for pair in zip(ours, theirs, strict=True):
        close(*pair)


@pytest.mark.parametrize("num_groups", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 6), (2, 6, 5), (2, 6, 3, 4), (2, 6, 2, 3, 4)])
def test_group_norm_is_torchs_in_values_and_gradients(shape, num_groups):
    arguments = data(*shape), data(6), data(6)
    ours = with_gradients(lambda x, w, b: ex05.group_norm(x, num_groups, w, b, 0.1), *arguments)
    theirs = with_gradients(lambda x, w, b: F.group_norm(x, num_groups, w, b, 0.1), *arguments)
    for pair in zip(ours, theirs, strict=True):
        close(*pair)


def test_the_corner_cases_of_group_norm_are_the_two_others():
    x = data(4, 6, 3, 2)
    close(ex05.group_norm(x, 1), ex05.layer_norm(x, (6, 3, 2)))
    close(ex05.group_norm(x, 6), ex05.instance_norm(x))
    close(ex05.instance_norm(x[:1]), F.batch_norm(x[:1], None, None, training=True))


def test_a_batch_is_its_samples():
    x = data(4, 6, 3, 2)
    for normalize in (lambda x: ex05.layer_norm(x, 2), ex05.instance_norm, lambda x: ex05.group_norm(x, 3)):
        close(normalize(x), torch.cat([normalize(sample) for sample in x.split(1)]))


@pytest.mark.parametrize("bad", [(), (2,), (5, 4), (1,), 4, (9, 2, 3, 4, 5)])
def test_layer_norm_refuses_what_is_no_tail(bad):
    with pytest.raises(ValueError, match="normalized_shape"):
        ex05.layer_norm(torch.zeros(2, 3, 4, 5), bad)


@pytest.mark.parametrize("bad", [-1, 0, 4, 12])
def test_group_norm_refuses_what_does_not_divide(bad):
    with pytest.raises(ValueError, match="num_groups"):
        ex05.group_norm(torch.zeros(2, 6, 4), bad)


def test_compare_normalizations_describes_torchs_layers():
    x = torch.randn(3, 8, 4, 5) * torch.logspace(-3, 0, 8).reshape(8, 1, 1)
    table = ex05.compare_normalizations(x, num_groups=2)
    layers = {
        "BatchNorm": torch.nn.BatchNorm2d(8),
        "LayerNorm": torch.nn.LayerNorm((8, 4, 5)),
        "InstanceNorm": torch.nn.InstanceNorm2d(8),
        "GroupNorm": torch.nn.GroupNorm(2, 8),
    }
    assert list(table.index) == list(layers)
    assert table["std"].to_dict() == pytest.approx({name: layer(x).std().item() for name, layer in layers.items()})
    assert table["mean"].tolist() == pytest.approx([0] * 4, abs=1e-5)
    assert table["shape"].tolist() == [(3, 8, 4, 5)] * 4
    assert table["num_statistics"].tolist() == [8, 3, 24, 6]
    assert table["depends_on_batch"].tolist() == [True, False, False, False]
    assert pd.api.types.is_bool_dtype(table["depends_on_batch"])
    assert pd.api.types.is_integer_dtype(table["num_statistics"])


def test_num_statistics_are_counted_by_the_ranks_of_jacobians():
    # Subtracting a mean loses one dimension, and dividing by a deviation another one, for each set of cells.
    x = torch.randn(2, 4, 1, 3, dtype=torch.float64)
    counts = ex05.compare_normalizations(x.float(), num_groups=2)["num_statistics"]
    functions = {
        "BatchNorm": lambda x: F.batch_norm(x, None, None, training=True, eps=1e-30),
        "LayerNorm": lambda x: ex05.layer_norm(x, (4, 1, 3), eps=0),
        "InstanceNorm": lambda x: ex05.instance_norm(x, eps=0),
        "GroupNorm": lambda x: ex05.group_norm(x, 2, eps=0),
    }
    for name, function in functions.items():
        jacobian = torch.autograd.functional.jacobian(function, x).reshape(24, 24)
        assert 24 - torch.linalg.matrix_rank(jacobian) == 2 * counts[name]


def test_ada_norm_is_the_paper_s_formula_with_a_constant_factor():
    x = data(3, 4, 5)
    y, slope = with_gradients(lambda x: ex05.ada_norm(x, k=0.3, c=2.0, eps=0.5), x)
    plain = F.layer_norm(x, (5,), eps=0.5)
    factor = 2.0 * (1 - 0.3 * plain)
    close(y, factor * plain)
    close(slope, with_gradients(lambda x: factor * F.layer_norm(x, (5,), eps=0.5), x)[1])


def test_cross_norm_exchanges_statistics_and_keeps_content():
    x, permutation = data(4, 3, 5, 2), torch.tensor([1, 2, 3, 0])
    y = ex05.cross_norm(x, permutation, eps=1e-12)
    for statistic in (torch.mean, torch.std):
        close(statistic(y, (2, 3)), statistic(x, (2, 3))[permutation])
    close(ex05.instance_norm(y, eps=0.0), ex05.instance_norm(x, eps=0.0))
    close(ex05.cross_norm(x, torch.arange(4)), x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_follows_the_input(dtype):
    x = torch.randn(2, 6, 4, dtype=dtype)
    results = [ex05.layer_norm(x, 4), ex05.instance_norm(x), ex05.group_norm(x, 2), ex05.ada_norm(x)]
    results.append(ex05.cross_norm(x, torch.tensor([1, 0])))
    assert {result.dtype for result in results} == {dtype}


def test_the_notebooks_numbers_are_torchs():
    x = torch.tensor([[1.0, 3.0, 5.0, 7.0]], dtype=torch.float64)
    close(F.layer_norm(x, (4,), eps=11.0), torch.tensor([[-0.75, -0.25, 0.25, 0.75]], dtype=torch.float64))
