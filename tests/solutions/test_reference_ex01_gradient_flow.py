"""The reference of ex01 against autograd, finite differences, closed forms and the law that it teaches."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from autograder import course

reference = course.exercise("ex01_gradient_flow").module()
ACTIVATIONS = ["tanh", "relu", "sigmoid", "linear"]
IN_TORCH = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": lambda z: z}


def network(*widths, rows=6):
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((n, m)) for n, m in itertools.pairwise(widths)]
    return rng.standard_normal((rows, widths[0])), weights, rng.standard_normal((rows, widths[-1]))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_passes_equal_autograd(activation):
    x, weights, grad_output = network(5, 7, 4, 6, 3)
    leaves = [torch.tensor(weight, requires_grad=True) for weight in weights]
    expected = [torch.tensor(x, requires_grad=True)]
    for leaf in leaves:
        expected.append(IN_TORCH[activation](expected[-1] @ leaf))
    gradients = torch.autograd.grad(expected[-1], expected + leaves, torch.tensor(grad_output))

    outputs = reference.forward_pass(x, weights, activation)
    grad_outputs, grad_weights = reference.backward_pass(outputs, weights, activation, grad_output)
    for observed, wanted in zip(outputs + grad_outputs + grad_weights, [*expected, *gradients], strict=True):
        np.testing.assert_allclose(observed, wanted.detach(), rtol=1e-10, atol=1e-12)


def test_a_weight_gradient_is_a_finite_difference():
    x, weights, grad_output = network(4, 3, 2)
    outputs = reference.forward_pass(x, weights, "tanh")
    gradient = reference.backward_pass(outputs, weights, "tanh", grad_output)[1][0]
    step = np.zeros_like(weights[0])
    step[1, 2] = 1e-6
    up, down = (reference.forward_pass(x, [weights[0] + s, weights[1]], "tanh")[-1] for s in (step, -step))
    assert gradient[1, 2] == pytest.approx(((up - down) * grad_output).sum() / 2e-6, rel=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_stays_and_inputs_are_left_alone(activation):
    x, weights, grad_output = network(5, 4, 3)
    x, *weights, grad_output = (array.astype("float32") for array in (x, *weights, grad_output))
    before = [array.copy() for array in (x, *weights, grad_output)]
    outputs = reference.forward_pass(x, weights, activation)
    grad_outputs, grad_weights = reference.backward_pass(outputs, weights, activation, grad_output)
    found = [*outputs, *grad_outputs, *grad_weights]
    assert {array.dtype for array in found} == {np.dtype("float32")}
    assert all(np.array_equal(*pair) for pair in zip(before, (x, *weights, grad_output), strict=True))


def test_sigmoid_survives_large_inputs_without_a_warning(recwarn):
    last = reference.forward_pass(np.array([[1.0]]), [np.array([[1e4, -1e4]])], "sigmoid")[-1]
    assert last.tolist() == [[1.0, 0.0]]
    assert not recwarn


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_simulation_equals_autograd_on_the_same_draws(activation):
    rng = np.random.default_rng(42)
    outputs = [torch.tensor(rng.standard_normal((5, 6)), requires_grad=True)]
    for _ in range(4):
        outputs.append(IN_TORCH[activation](outputs[-1] @ torch.tensor(0.3 * rng.standard_normal((6, 6)))))
    gradients = torch.autograd.grad(outputs[-1].sum(), outputs[:-1])

    found = reference.simulate_gradient_flow(0.3, num_layers=4, activation=activation, width=6, batch_size=5)
    expected = [[float(part.detach().norm()) for part in parts] for parts in (gradients, outputs)]
    assert found == (pytest.approx(expected[0]), pytest.approx(expected[1]))


def test_growth_rate_is_the_exponential_of_the_regression_slope():
    norms = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    expected = np.exp(stats.linregress(range(6), np.log(norms)).slope)
    assert reference.growth_rate(norms) == pytest.approx(expected)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_critical_scale_keeps_the_gradient_of_a_wide_network(activation):
    # Over 30 seeds the rates lay between 0.92 and 1.03; a wrong factor of two in the variance gives 0.7 or 1.4.
    scale = reference.critical_scale(256, activation)
    norms, _ = reference.simulate_gradient_flow(scale, 20, activation, 256, 50, np.random.default_rng(1))
    assert reference.growth_rate(norms) == pytest.approx(1, abs=0.1)


def test_the_critical_scale_is_glorots_and_hes():
    weight = torch.empty(50, 50)
    for activation, gain in [("linear", "linear"), ("relu", "relu")]:
        std = torch.nn.init.calculate_gain(gain) / 50**0.5
        assert reference.critical_scale(50, activation) == pytest.approx(std)
    torch.nn.init.xavier_normal_(weight, generator=torch.Generator().manual_seed(0))
    assert reference.critical_scale(50, "tanh") == pytest.approx(float(weight.std()), rel=0.1)
    assert reference.critical_scale(16, "sigmoid") == 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("forward_pass", [np.ones((1, 1)), [np.ones((1, 1))], "swish"]),
        ("backward_pass", [[np.ones((1, 1))] * 2, [np.ones((1, 1))], "swish", np.ones((1, 1))]),
        ("simulate_gradient_flow", [1.0, 2, "swish"]),
        ("critical_scale", [4, "swish"]),
        ("growth_rate", [[1.0]]),
        ("growth_rate", [[1.0, 0.0]]),
        ("growth_rate", [[1.0, float("nan")]]),
    ],
)
def test_bad_arguments_are_named(name, arguments):
    with pytest.raises(ValueError, match=r"activation.*swish|norms"):
        getattr(reference, name)(*arguments)


def test_the_plot_shows_the_simulation():
    figure = reference.plot_gradient_flow((0.25, 1.5), num_layers=3, activation="relu")
    for axes, scale in zip(figure.axes, (0.25, 1.5), strict=True):
        lines = {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}
        gradients, outputs = reference.simulate_gradient_flow(scale, num_layers=3, activation="relu")
        assert lines == {"gradient norms": gradients, "output norms": outputs}
        assert axes.get_yscale() == "log"
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert str(scale) in axes.get_title()
    reference.plt.close(figure)
