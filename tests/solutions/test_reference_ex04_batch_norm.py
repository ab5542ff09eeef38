"""The reference of ex04 against PyTorch's own layers, autograd and the laws that batch normalization obeys."""

import copy

import pytest
import torch
from torch import nn

from autograder import course

reference = course.exercise("ex04_batch_norm").module()
LAYERS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
SHAPES = [(7, 4), (2, 4), (3, 4, 5), (1, 4, 2), (2, 4, 3, 5), (1, 4, 4, 4), (2, 4, 2, 3, 2)]


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def twins(shape, **settings):
    """Our layer and PyTorch's, in float64, with the same gamma and beta."""
    ours = reference.CustomBatchNorm(4, **settings).double()
    theirs = LAYERS[len(shape)](4, **settings).double()
    with torch.no_grad():
        for mine, other in [(ours.gamma, theirs.weight), (ours.beta, theirs.bias)]:
            other.copy_(mine.copy_(torch.randn(4)))
    return ours, theirs


def outputs_and_gradients(layer, x, weight):
    layer.zero_grad()
    x = x.clone().requires_grad_()
    y = layer(x)
    (y * weight).sum().backward()
    return [y, x.grad, *(parameter.grad for parameter in layer.parameters())]


@pytest.mark.parametrize("shape", SHAPES)
def test_values_gradients_and_state_are_those_of_pytorch_in_training_and_at_inference(shape):
    ours, theirs = twins(shape, eps=0.1, momentum=0.3)
    for training in (True, True, False):
        ours.train(training), theirs.train(training)
        x, weight = 5 + 3 * torch.randn(shape).double(), torch.randn(shape).double()
        found, expected = (outputs_and_gradients(layer, x, weight) for layer in (ours, theirs))
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other)
        torch.testing.assert_close(ours.running_mean, theirs.running_mean)
        torch.testing.assert_close(ours.running_var, theirs.running_var)


def test_the_defaults_are_those_of_pytorch():
    ours, theirs, x = reference.CustomBatchNorm(4), nn.BatchNorm1d(4), torch.randn(6, 4)
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.running_var, theirs.running_var)
    assert (ours.eps, ours.momentum, ours.num_features) == (theirs.eps, theirs.momentum, theirs.num_features)


@pytest.mark.parametrize("shape", [(1, 4), (1, 4, 1), (1, 4, 1, 1)])
def test_a_single_value_per_channel_is_refused_in_training_only(shape):
    ours, theirs = twins(shape)
    for layer in (ours, theirs):
        with pytest.raises(ValueError, match="more than"):
            layer(torch.randn(shape).double())
    x = torch.randn(shape).double()
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


def test_the_state_is_no_part_of_a_graph_and_can_be_copied_and_loaded():
    layer = nn.Sequential(nn.Linear(3, 4), reference.CustomBatchNorm(4))
    layer(torch.randn(5, 3)).sum().backward()
    other = nn.Sequential(nn.Linear(3, 4), reference.CustomBatchNorm(4))
    other.load_state_dict(copy.deepcopy(layer).state_dict())
    x = torch.randn(1, 3)
    torch.testing.assert_close(layer.eval()(x), other.eval()(x), rtol=0, atol=0)
    assert list(dict(layer[1].named_buffers())) == ["running_mean", "running_var"]
    assert not any(buffer.requires_grad for buffer in layer.buffers())


def test_the_size_of_the_weights_before_it_does_not_matter():
    linear = nn.Linear(5, 4, bias=False).double()
    layer, x, weight = reference.CustomBatchNorm(4, eps=0.0).double(), torch.randn(6, 5).double(), torch.randn(6, 4)
    gradients = []
    for scale in (1.0, 10.0):
        w = (scale * linear.weight.detach()).requires_grad_()
        (layer(x @ w.T) * weight).sum().backward()
        gradients.append(w.grad)
    torch.testing.assert_close(gradients[0], 10 * gradients[1])


@pytest.mark.parametrize("rows", [2, 3, 9])
def test_the_gradient_by_hand_is_that_of_autograd(rows):
    x, gamma, beta = torch.randn(rows, 4).double() + 3, torch.randn(4).double(), torch.randn(4).double()
    inputs = [tensor.requires_grad_() for tensor in (x, gamma, beta)]
    grad_output = torch.randn(rows, 4).double()
    y = nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=0.1)
    expected = torch.autograd.grad(y, inputs, grad_output)
    with torch.no_grad():
        found = reference.batch_norm_backward(grad_output, x, gamma, eps=0.1)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_folded_layer_is_the_two_layers_at_inference(bias, dtype):
    linear = nn.Linear(3, 4, bias=bias)
    net = nn.Sequential(linear, reference.CustomBatchNorm(4, eps=0.1)).to(dtype)
    for _ in range(5):
        net(torch.randn(6, 3, dtype=dtype))
    before = copy.deepcopy(net.state_dict())
    folded, x = reference.fold_batch_norm(*net), torch.randn(7, 3, dtype=dtype)
    torch.testing.assert_close(folded(x), net.eval()(x))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
