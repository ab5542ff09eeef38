"""Hidden tests of ex01: gradient flow, judged against torch's autograd, closed forms and the reference."""

import itertools
import re

import numpy as np
import torch
from pytest import mark

from autograder.course.testing import Forbidden, assert_close

FORBIDDEN = {
    # Names under torch.Tensor are left out: to the text, any method of any array is one of those.
    "backward_pass": Forbidden(
        ["torch.[!T]*", "torch.Tensor"], because="you are asked to apply the chain rule yourself, in NumPy"
    ),
}


# The forward pass


def outputs_of(answer, x, weights, activation):
    return list(answer.forward_pass(x, weights, activation))


def last_output_of(answer, x, weights, activation):
    return answer.forward_pass(x, weights, activation)[-1]


@mark.task("forward_pass", "list of all outputs")
def test_the_input_comes_first_and_then_every_layer(student):
    x, weights = network(5, 4, 7, 3)
    assert_close(student(outputs_of, x, weights, "linear"), [x, x @ weights[0], x @ weights[0] @ weights[1]])


@mark.task("forward_pass", "layer after layer")
def test_the_activation_acts_on_every_layer(student):
    x, weights = network(5, 6, 6, 6)
    expected = np.tanh(np.tanh(x @ weights[0]) @ weights[1])
    assert_close(student(outputs_of, x, weights, "tanh")[-1], expected)


@mark.task("forward_pass", "relu and sigmoid")
def test_relu_keeps_what_is_positive_and_nothing_else(student):
    x, weights = symmetric(5, 6)
    assert_close(student(last_output_of, x, weights, "relu"), (x @ weights[0]).clip(min=0))


@mark.task("forward_pass", "relu and sigmoid")
def test_sigmoid_follows_its_formula(student):
    x, weights = symmetric(5, 6)
    assert_close(student(last_output_of, x, weights, "sigmoid"), 1 / (1 + np.exp(-(x @ weights[0]))))


@mark.task("forward_pass", "input and dtype")
def test_sigmoid_stays_finite_for_large_inputs(student):
    expected = np.array([[1.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 1.0]])
    assert_close(student(last_output_of, np.eye(3), [np.diag([1000.0, -1000.0, 800.0])], "sigmoid"), expected)


@mark.task("forward_pass", "input and dtype")
def test_an_activation_that_does_not_exist_raises_value_error(student):
    def probe(answer, x, weights):
        return error_of(answer.forward_pass, x, weights, "swish")

    error = student(probe, *symmetric(5, 6))
    assert error == "ValueError", f"the activation 'swish' raises {error or 'nothing'} instead of ValueError"


@mark.task("forward_pass", "input and dtype")
def test_the_input_and_the_weights_are_left_as_they_were(student):
    def probe(answer, x, weights, activation):
        answer.forward_pass(x, weights, activation)
        return [x, *weights]

    x, weights = symmetric(5, 6, 6)
    for activation in ("relu", "sigmoid"):
        assert_close(student(probe, x, weights, activation), [x, *weights])


@mark.task("forward_pass", "input and dtype")
def test_float32_stays_float32(student):
    def probe(answer, x, weights, activation):
        return str(answer.forward_pass(x, weights, activation)[-1].dtype)

    x, weights = symmetric(5, 6)
    for activation in ("tanh", "relu", "sigmoid", "linear"):
        dtype = student(probe, x.astype("float32"), [weights[0].astype("float32")], activation)
        assert dtype == "float32", f"for float32 arrays the output of {activation} has the dtype {dtype[:20]}"


# The backward pass


def grad_outputs_of(answer, *arguments):
    return list(answer.backward_pass(*arguments)[0])


def grad_weights_of(answer, *arguments):
    return list(answer.backward_pass(*arguments)[1])


def hidden_gradient_of(answer, *arguments):
    # Of a network with two layers: in the middle of the list, whatever else stands in it.
    return answer.backward_pass(*arguments)[0][-2]


@mark.task("backward_pass", "lists in order")
def test_gradients_chain_through_all_layers_in_the_order_of_the_layers(student):
    arguments = passed(network(5, 5, 7, 4, 6, 3), "linear")
    assert_close(student(grad_outputs_of, *arguments), autograd(*arguments)[0], rtol=1e-7)


@mark.task("backward_pass", "weight gradients")
def test_weight_gradients_are_summed_over_the_batch(student):
    arguments = passed(network(5, 5, 7, 4, 6, 3), "linear")
    assert_close(student(grad_weights_of, *arguments), autograd(*arguments)[1], rtol=1e-7)


@mark.task("backward_pass", "weight gradients")
def test_weight_gradients_go_through_the_slope(student):
    arguments = passed(network(5, 6, 6, 6), "tanh")
    assert_close(student(grad_weights_of, *arguments), autograd(*arguments)[1], rtol=1e-7)


@mark.task("backward_pass", "chain rule")
def test_the_slope_of_tanh_follows_from_its_output(student):
    arguments = passed(symmetric(5, 6, 6), "tanh")
    assert_close(student(hidden_gradient_of, *arguments), autograd(*arguments)[0][1], rtol=1e-7)


@mark.task("backward_pass", "chain rule")
def test_the_slope_of_sigmoid_follows_from_its_output(student):
    arguments = passed(symmetric(5, 6, 6), "sigmoid")
    assert_close(student(hidden_gradient_of, *arguments), autograd(*arguments)[0][1], rtol=1e-7)


@mark.task("backward_pass", "chain rule")
def test_units_that_relu_turned_off_pass_nothing_back(student):
    arguments = passed(symmetric(5, 6, 6), "relu")
    assert_close(student(hidden_gradient_of, *arguments), autograd(*arguments)[0][1], rtol=1e-7)


@mark.task("backward_pass", "input and dtype")
def test_the_last_gradient_is_the_one_that_was_given(student):
    arguments = passed(symmetric(5, 6, 6), "tanh")
    # At whichever end of the list it stands: the order has a test of its own.
    found = [np.allclose(gradient, arguments[-1]) for gradient in student(grad_outputs_of, *arguments)]
    assert any(found), "none of the gradients is the grad_output that was given"


@mark.task("backward_pass", "input and dtype")
def test_an_unknown_activation_raises_value_error(student):
    def probe(answer, outputs, weights, activation, grad_output):
        return error_of(answer.backward_pass, outputs, weights, "swish", grad_output)

    error = student(probe, *passed(symmetric(5, 6), "linear"))
    assert error == "ValueError", f"the activation 'swish' raises {error or 'nothing'} instead of ValueError"


@mark.task("backward_pass", "input and dtype")
def test_no_argument_is_modified(student):
    def probe(answer, outputs, weights, activation, grad_output):
        answer.backward_pass(outputs, weights, activation, grad_output)
        return outputs, weights, activation, grad_output

    arguments = passed(symmetric(5, 6, 6), "tanh")
    assert_close(student(probe, *arguments), arguments)


@mark.task("backward_pass", "input and dtype")
def test_gradients_of_float32_arrays_are_float32(student):
    def probe(answer, *arguments):
        return [str(gradient.dtype) for part in answer.backward_pass(*arguments) for gradient in part]

    x, weights = symmetric(5, 6, 6)
    for activation in ("tanh", "relu", "sigmoid", "linear"):
        arguments = passed((x.astype("float32"), [weight.astype("float32") for weight in weights]), activation)
        dtypes = set(student(probe, *arguments))
        assert dtypes == {"float32"}, f"for float32 arrays the gradients of {activation} are not all float32"


# The simulation: correct passes stand in the place of the student's own


def flows(answer, global_seed, seeds, *arguments):
    def forward_pass(x, weights, activation):
        functions = {"tanh": np.tanh, "relu": lambda z: z * (z > 0), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
        outputs = [x]
        for weight in weights:
            outputs.append(functions.get(activation, lambda z: z)(outputs[-1] @ weight))
        return outputs

    def backward_pass(outputs, weights, activation, grad_output):
        slopes = {"tanh": lambda a: 1 - a * a, "relu": lambda a: a > 0, "sigmoid": lambda a: a * (1 - a)}
        grad_outputs, grad_weights = [grad_output], []
        for i in range(len(weights) - 1, -1, -1):
            delta = grad_outputs[0] * slopes.get(activation, lambda a: 1)(outputs[i + 1])
            grad_outputs.insert(0, delta @ weights[i].T)
            grad_weights.insert(0, outputs[i].T @ delta)
        return grad_outputs, grad_weights

    answer.forward_pass, answer.backward_pass = forward_pass, backward_pass
    np.random.seed(global_seed)
    rngs = [{} if seed is None else {"rng": np.random.default_rng(seed)} for seed in seeds]
    found = [answer.simulate_gradient_flow(*arguments, **rng) for rng in rngs]
    norms = [[[float(norm) for norm in part] for part in parts] for parts in found]
    return {"norms": norms, "global draw": float(np.random.random())}


# Their numbers are those of seed 42 as a given generator, so that who takes another one by mistake fails below alone.


@mark.task("simulate_gradient_flow", "size of the outputs")
def test_output_norms_are_those_of_all_outputs_with_the_input_first(student, reference):
    arguments = 1, [42], drawn(0.2, 0.6), 4, "tanh", 6, 5
    assert_close(student(flows, *arguments)["norms"][0][1], reference(flows, *arguments)["norms"][0][1])


@mark.task("simulate_gradient_flow", "growth from layer to layer")
def test_gradient_norms_are_those_at_the_input_of_each_layer(student, reference):
    arguments = 1, [42], drawn(0.2, 0.6), 4, "sigmoid", 6, 5
    assert_close(student(flows, *arguments)["norms"][0][0], reference(flows, *arguments)["norms"][0][0])


@mark.task("simulate_gradient_flow", "draws")
def test_without_a_generator_every_call_starts_at_seed_42(student):
    first, second, given = student(flows, 1, [None, None, 42], 0.3, 10, "tanh", 10, 100)["norms"]
    # Its arguments are the defaults, too.
    (default,) = student(flows, 1, [None], 0.3)["norms"]
    assert_close([second, default], [first, first])
    assert_close(first, given)


@mark.task("simulate_gradient_flow", "draws")
def test_the_numbers_come_from_the_generator_that_is_given(student):
    seed = int(torch.randint(1 << 30, ()))
    first, again, other = student(flows, 1, [seed, seed, seed + 1], 0.3, 4, "relu", 6, 5)["norms"]
    assert_close(again, first)
    assert first != other, "two generators with different seeds give the same norms"


@mark.task("simulate_gradient_flow", "size of the gradients")
def test_the_global_generator_is_neither_read_nor_reseeded(student):
    one, other = (student(flows, seed, [None, 7], 0.3) for seed in (987, 654))
    assert_close(one["norms"], other["norms"])
    assert one["global draw"] != other["global draw"], "after a call the global generator of NumPy is always the same"


# The growth rate


def rate_of(answer, norms):
    return float(answer.growth_rate(norms))


@mark.task("growth_rate", "geometric sequences")
def test_a_geometric_sequence_has_its_own_factor(student):
    factor, first = drawn(0.2, 0.7), drawn(2, 5)
    assert_close(student(rate_of, [first * factor**i for i in range(5)]), factor)


@mark.task("growth_rate", "least squares")
def test_all_norms_enter_the_least_squares_fit_of_their_logarithms(student):
    logarithms = np.array([0.0, 3.0, -1.0, 2.0, 0.5, 4.0]) + torch.randn(6).double().numpy()
    slope = np.cov(np.arange(6), logarithms)[0, 1] / 3.5
    assert_close(student(rate_of, np.exp(logarithms)), float(np.exp(slope)))


@mark.task("growth_rate", "bad input")
def test_fewer_than_two_norms_raise_value_error(student):
    def probe(answer, norms):
        return error_of(answer.growth_rate, norms)

    for norms in ([], [2.0]):
        error = student(probe, norms)
        assert error == "ValueError", f"{len(norms)} norms raise {error or 'nothing'} instead of ValueError"


@mark.task("growth_rate", "bad input")
def test_a_norm_that_is_not_positive_raises_value_error(student):
    def probe(answer, norms):
        return error_of(answer.growth_rate, norms)

    for norms in ([1.0, 0.0, 2.0], [1.0, 2.0, -4.0]):
        error = student(probe, norms)
        assert error == "ValueError", f"the norms {norms} raise {error or 'nothing'} instead of ValueError"


# The critical scale


def scale_of(answer, width, activation):
    return float(answer.critical_scale(width, activation))


@mark.task("critical_scale", "tanh and linear")
def test_tanh_and_linear_layers_need_one_over_the_root_of_the_width(student):
    width = int(torch.randint(20, 500, ()))
    found = [student(scale_of, width, activation) for activation in ("tanh", "linear")]
    assert_close(found, [width**-0.5, width**-0.5])


@mark.task("critical_scale", "relu")
def test_relu_makes_up_for_the_half_that_it_drops(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(student(scale_of, width, "relu"), (2 / width) ** 0.5)


@mark.task("critical_scale", "sigmoid")
def test_sigmoid_makes_up_for_its_slope(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(student(scale_of, width, "sigmoid"), 4 / width**0.5)


@mark.task("critical_scale", "bad input")
def test_an_activation_without_a_rule_raises_value_error(student):
    def probe(answer):
        return error_of(answer.critical_scale, 16, "swish")

    error = student(probe)
    assert error == "ValueError", f"the activation 'swish' raises {error or 'nothing'} instead of ValueError"


# The plot: a correct simulation stands in the place of the student's own


def shown(answer, arguments, simulation):
    def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
        rng = rng or np.random.default_rng(42)
        outputs = [torch.from_numpy(rng.standard_normal((batch_size, width))).requires_grad_()]
        for _ in range(num_layers):
            z = outputs[-1] @ torch.from_numpy(init_scale * rng.standard_normal((width, width)))
            outputs.append(z if activation == "linear" else getattr(torch, activation)(z))
        gradients = torch.autograd.grad(outputs[-1].sum(), outputs[:-1])
        return [float(gradient.norm()) for gradient in gradients], [float(output.norm()) for output in outputs]

    answer.simulate_gradient_flow = simulate_gradient_flow
    returned = answer.plot_gradient_flow(*arguments, **simulation)
    figure = returned if isinstance(returned, plt.Figure) else plt.gcf()
    panels = describe_figure(figure)
    for axes, panel in zip(figure.axes, panels, strict=True):
        # A label on an axis that panels share, or on the whole figure, is enough once.
        sharing = axes.get_shared_x_axes().get_siblings(axes), axes.get_shared_y_axes().get_siblings(axes)
        panel["x named"] = any([other.get_xlabel() != "" for other in sharing[0]]) or figure.get_supxlabel() != ""
        panel["y named"] = any([other.get_ylabel() != "" for other in sharing[1]]) or figure.get_supylabel() != ""
    return {
        "returned": "Figure" if returned is figure else type(returned).__name__,
        "panels": [panel for panel in panels if panel["lines"]],
    }


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_figure_is_returned(student):
    returned = student(shown, [(0.25, 1.5)], {})["returned"]
    assert returned == "Figure", "what is returned is not a matplotlib figure"


@mark.task("plot_gradient_flow", "panels")
def test_each_scale_has_a_panel(student):
    panels = student(shown, [(0.25, 1.5, 0.5)], {})["panels"]
    assert len(panels) == 3, f"three scales give {len(panels)} panels with lines"
    panels = student(shown, [], {})["panels"]
    assert len(panels) == 4, f"the four scales that are the default give {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "panels")
def test_a_single_scale_has_a_panel_too(student):
    panels = student(shown, [(0.25,)], {})["panels"]
    assert len(panels) == 1, f"one scale gives {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "both norms in each panel")
def test_the_lines_show_exactly_the_norms_of_the_simulation(student, reference):
    panels = student(shown, [(0.25, 1.5)], {})["panels"]
    assert_close([norms_in(panel) for panel in panels], [simulated(reference, scale, {}) for scale in (0.25, 1.5)])


@mark.task("plot_gradient_flow", "arguments of the simulation")
def test_further_arguments_reach_the_simulation(student, reference):
    simulation = {"num_layers": 4, "activation": "relu", "width": 6, "batch_size": 5}
    panels = student(shown, [(0.25, 1.5)], simulation)["panels"]
    expected = [simulated(reference, scale, simulation) for scale in (0.25, 1.5)]
    found = [[line["y"] for line in panel["lines"] if not line["label"].startswith("_")] for panel in panels]
    for norms in zip(found, expected, strict=True):
        lengths = [sorted(len(line) for line in part) for part in norms]
        assert lengths[0] == lengths[1], f"with num_layers=4 the lines have {lengths[0]} points, not {lengths[1]}"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_y_axis_of_every_panel_is_logarithmic(student):
    scales = [panel["yscale"] for panel in student(shown, [(0.25, 1.5)], {})["panels"]]
    assert set(scales) == {"log"}, "the y axis of a panel is not logarithmic"


@mark.task("plot_gradient_flow", "axes and titles")
def test_every_title_names_its_scale(student):
    for scale, panel in zip((0.25, 1.5), student(shown, [(0.25, 1.5)], {})["panels"], strict=False):
        numbers = re.findall(r"\d*\.?\d+(?:e[-+]?\d+)?", panel["title"].lower())
        assert scale in map(float, numbers), f"the title of the panel for {scale} does not have that number in it"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_axes_of_every_panel_are_named(student):
    for panel in student(shown, [(0.25, 1.5)], {})["panels"]:
        missing = [axis for axis in ("x", "y") if not panel[f"{axis} named"]]
        assert not missing, f"a panel has no label on its {' and '.join(missing)} axis"


# What the tests above share


def drawn(low, high):
    """A number between two others, from the test's own seed."""
    return low + (high - low) * float(torch.rand((), dtype=torch.float64))


def network(rows, *widths):
    """An input and weights that keep its size, so that no activation is saturated or dead throughout."""
    weights = [torch.randn(n, m, dtype=torch.float64).numpy() / n**0.5 for n, m in itertools.pairwise(widths)]
    return torch.randn(rows, widths[0], dtype=torch.float64).numpy(), weights


def symmetric(rows, *widths):
    """An input and as many square weights, to which a transpose does nothing: other tests are about that."""
    weights = [torch.randn(n, n, dtype=torch.float64).numpy() / (2 * n) ** 0.5 for n in widths]
    x = torch.randn(rows, widths[0], dtype=torch.float64).numpy()
    return x, [weight + weight.T for weight in weights]


def passed(network, activation):
    """The arguments of backward_pass: a network's outputs, by torch, its weights, and a random gradient."""
    x, weights = network
    outputs = [x]
    for weight in weights:
        outputs.append(layer(torch.from_numpy(outputs[-1]), torch.from_numpy(weight), activation).numpy())
    return outputs, weights, activation, torch.randn(outputs[-1].shape).numpy().astype(x.dtype)


def layer(a, weight, activation):
    z = a @ weight
    return z if activation == "linear" else getattr(torch, activation)(z)


def autograd(outputs, weights, activation, grad_output):
    """What backward_pass returns, by torch's autograd."""
    leaves = [torch.from_numpy(weight).requires_grad_() for weight in weights]
    found = [torch.from_numpy(outputs[0]).requires_grad_()]
    for leaf in leaves:
        found.append(layer(found[-1], leaf, activation))
    gradients = torch.autograd.grad(found[-1], found + leaves, torch.from_numpy(grad_output))
    gradients = [gradient.numpy() for gradient in gradients]
    return gradients[: len(found)], gradients[len(found) :]


def norms_in(panel):
    """The gradient norms and the output norms that a panel shows, told apart by the labels of its lines."""
    labels = [line["label"].lower() for line in panel["lines"]]
    kinds = ["gradient" if "grad" in label else "output" if "output" in label else "" for label in labels]
    assert sorted(filter(None, kinds)) == ["gradient", "output"], (
        "a panel does not have one line labeled as gradient norms and one labeled as output norms"
    )
    return [panel["lines"][kinds.index(kind)]["y"] for kind in ("gradient", "output")]


def simulated(reference, scale, simulation):
    """The two lists of norms that the reference's simulation gives, as arrays."""

    def probe(answer, scale, simulation):
        return [np.array(norms) for norms in answer.simulate_gradient_flow(scale, **simulation)]

    return reference(probe, scale, simulation)
