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


def outputs_of(answer, x, weights, activation):
    return list(answer.forward_pass(x, weights, activation))


def rate_of(answer, norms):
    return float(answer.growth_rate(norms))


def scale_of(answer, width, activation):
    return float(answer.critical_scale(width, activation))


def refusal(answer, name, words, *arguments):
    """Which error a function raises, and whether its message holds one of the words."""
    try:
        getattr(answer, name)(*arguments)
    except ValueError as error:
        return "ValueError", any(word in str(error) for word in words)
    return error_of(getattr(answer, name), *arguments), True


def assert_refused(student, name, described, *arguments):
    """The function raises ValueError for its arguments."""
    error, _ = student(refusal, name, [""], *arguments)
    assert error == "ValueError", f"{described} raises {error or 'nothing'} instead of ValueError"


def assert_named(student, name, words, *arguments):
    """If it raises ValueError the message holds one of the words; whether it does is asked elsewhere."""
    _, named = student(refusal, name, words, *arguments)
    assert named, f"the message of the ValueError holds none of: {', '.join(words)}"


# The forward pass


@mark.task("forward_pass", "layer after layer")
def test_every_layer_reads_the_one_before_it(student):
    x, weights = network(5, 6, 6, 6, 3)
    assert_close(student(outputs_of, x, weights, "linear")[-1], x @ weights[0] @ weights[1] @ weights[2])


@mark.task("forward_pass", "layer after layer")
def test_the_activation_acts_on_every_layer(student):
    x, weights = network(5, 6, 6, 6)
    assert_close(student(outputs_of, x, weights, "tanh")[-1], np.tanh(np.tanh(x @ weights[0]) @ weights[1]))


@mark.task("forward_pass", "list of all outputs")
def test_the_input_comes_first_and_then_every_layer(student):
    x, weights = network(5, 4, 7, 3)
    assert_close(student(outputs_of, x, weights, "linear"), [x, x @ weights[0], x @ weights[0] @ weights[1]])


@mark.task("forward_pass", "relu and sigmoid")
def test_relu_keeps_what_is_positive_and_nothing_else(student):
    x, weights = network(5, 6, 6)
    assert_close(student(outputs_of, x, weights, "relu")[-1], (x @ weights[0]).clip(min=0))


@mark.task("forward_pass", "relu and sigmoid")
def test_sigmoid_follows_its_formula(student):
    x, weights = network(5, 6, 6)
    assert_close(student(outputs_of, x, weights, "sigmoid")[-1], 1 / (1 + np.exp(-(x @ weights[0]))))


@mark.task("forward_pass", "input and dtype")
def test_sigmoid_stays_finite_for_large_inputs(student):
    expected = np.array([[1.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 1.0]])
    assert_close(student(outputs_of, np.eye(3), [np.diag([1000.0, -1000.0, 800.0])], "sigmoid")[-1], expected)


@mark.task("forward_pass", "input and dtype")
def test_an_activation_that_does_not_exist_raises_value_error(student):
    assert_refused(student, "forward_pass", "the activation 'swish'", *network(5, 6, 6), "swish")


@mark.task("forward_pass", "input and dtype")
def test_the_message_names_the_activation(student):
    assert_named(student, "forward_pass", ["activation", "swish"], *network(5, 6, 6), "swish")


@mark.task("forward_pass", "input and dtype")
def test_the_input_and_the_weights_are_left_as_they_were(student):
    def probe(answer, x, weights, activation):
        answer.forward_pass(x, weights, activation)
        return [x, *weights]

    x, weights = network(5, 6, 6, 6)
    for activation in ("relu", "sigmoid"):
        assert_close(student(probe, x, weights, activation), [x, *weights])


@mark.task("forward_pass", "input and dtype")
def test_float32_stays_float32(student):
    x, weights = network(5, 6, 6)
    for activation in ("tanh", "relu", "sigmoid", "linear"):
        dtype = student(outputs_of, x.astype("float32"), [weights[0].astype("float32")], activation)[-1].dtype
        assert dtype == "float32", f"for float32 arrays the output of {activation} has the dtype {dtype}"


# The backward pass. Each gradient is looked for in the whole list: their order and number have a test of their own.


def gradients_of(answer, *arguments):
    return [list(part) for part in answer.backward_pass(*arguments)]


def is_among(gradient, found):
    """Whether a list holds a gradient."""
    return any(one.shape == gradient.shape and np.allclose(one, gradient, rtol=1e-6, atol=1e-9) for one in found)


@mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@mark.task("backward_pass", "chain rule")
def test_gradients_go_back_through_slopes_and_weights(student, activation):
    arguments = passed(network(5, 6, 6, 6, 6), activation)
    first, second, *_ = autograd(*arguments)[0]
    found = student(gradients_of, *arguments)[0]
    assert is_among(first, found) or is_among(second, found), (
        f"of four {activation} layers, neither the input's gradient nor the first layer's output's is among yours"
    )


@mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@mark.task("backward_pass", "weight gradients")
def test_the_gradients_of_the_weights_are_right(student, activation):
    arguments = passed(network(5, 6, 6, 6), activation)
    found = student(gradients_of, *arguments)[1]
    for layer, gradient in enumerate(autograd(*arguments)[1]):
        assert is_among(gradient, found), (
            f"the gradient of weights[{layer}] of two {activation} layers is not among yours"
        )


@mark.task("backward_pass", "lists in order")
def test_both_lists_are_complete_and_stand_in_the_order_of_the_layers(student):
    # The sizes differ from layer to layer.
    for activation in ("tanh", "linear"):
        arguments = passed(network(5, 5, 7, 4, 3), activation)
        found, expected = student(gradients_of, *arguments), autograd(*arguments)
        shapes, right = ([one.shape for one in part] for part in (found[1], expected[1]))
        assert shapes == right, f"the gradients of the weights have the shapes {shapes}, first to last, not {right}"
        assert_close(found[0], expected[0], rtol=1e-6)


@mark.task("backward_pass", "input and dtype")
def test_an_unknown_activation_raises_value_error(student):
    outputs, weights, _, grad_output = passed(network(5, 6, 6), "linear")
    assert_refused(student, "backward_pass", "the activation 'swish'", outputs, weights, "swish", grad_output)


@mark.task("backward_pass", "input and dtype")
def test_the_message_names_the_unknown_activation(student):
    outputs, weights, _, grad_output = passed(network(5, 6, 6), "linear")
    assert_named(student, "backward_pass", ["activation", "swish"], outputs, weights, "swish", grad_output)


@mark.task("backward_pass", "input and dtype")
def test_no_argument_is_modified(student):
    def probe(answer, outputs, weights, activation, grad_output):
        answer.backward_pass(outputs, weights, activation, grad_output)
        return outputs, weights, activation, grad_output

    arguments = passed(network(5, 6, 6, 6), "tanh")
    assert_close(student(probe, *arguments), arguments)


@mark.task("backward_pass", "input and dtype")
def test_gradients_of_float32_arrays_are_float32(student):
    x, weights = network(5, 6, 6, 6)
    for activation in ("tanh", "relu", "sigmoid", "linear"):
        arguments = passed((x.astype("float32"), [weight.astype("float32") for weight in weights]), activation)
        dtypes = {str(gradient.dtype) for part in student(gradients_of, *arguments) for gradient in part}
        assert dtypes == {"float32"}, f"for float32 arrays the gradients of {activation} are not all float32"


# The simulation: correct passes stand in the place of the student's own


def right_passes(answer):
    """Correct passes in the place of the student's own."""

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


def right_simulation(answer):
    """A correct simulation in the place of the student's own."""

    def simulate_gradient_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
        rng = rng or np.random.default_rng(42)
        outputs = [torch.from_numpy(rng.standard_normal((batch_size, width))).requires_grad_()]
        for _ in range(num_layers):
            z = outputs[-1] @ torch.from_numpy(init_scale * rng.standard_normal((width, width)))
            outputs.append(z if activation == "linear" else getattr(torch, activation)(z))
        gradients = torch.autograd.grad(outputs[-1].sum(), outputs[:-1])
        return [float(gradient.norm()) for gradient in gradients], [float(output.norm()) for output in outputs]

    answer.simulate_gradient_flow = simulate_gradient_flow


STAND_INS = {"simulate_gradient_flow": right_passes, "plot_gradient_flow": right_simulation}


def flows(answer, global_seed, seeds, *arguments):
    """Both lists of norms for each seed of a generator (None: without one), and a global draw afterwards."""
    np.random.seed(global_seed)
    rngs = [{} if seed is None else {"rng": np.random.default_rng(seed)} for seed in seeds]
    found = [answer.simulate_gradient_flow(*arguments, **rng) for rng in rngs]
    norms = [[[float(norm) for norm in part] for part in parts] for parts in found]
    return {"norms": norms, "global draw": float(np.random.random())}


def per_layer(norms):
    """The factor by which norms grow from layer to layer, on average."""
    return (norms[-1] / norms[0]) ** (1 / (len(norms) - 1))


def flow(student, *arguments):
    """Both lists of norms of one simulation: gradients first."""
    return student(flows, 1, [int(torch.randint(1 << 30, ()))], *arguments)["norms"][0]


# Linear layers of 100 units and standard deviation s multiply norms by 10 s, up to 3 % over six layers.


@mark.task("simulate_gradient_flow", "growth from layer to layer")
def test_output_norms_grow_by_the_scale_times_the_root_of_the_width(student):
    rate = per_layer(flow(student, 0.06, 6, "linear", 100, 20)[1])
    assert abs(rate / 0.6 - 1) < 0.25, (
        "linear layers of 100 units at init_scale=0.06 multiply the outputs' norm by about 0.6 each, "
        f"yours by {rate:.3f}"
    )


@mark.task("simulate_gradient_flow", "growth from layer to layer")
def test_gradient_norms_grow_by_the_same_factor_on_the_way_back(student):
    rate = 1 / per_layer(flow(student, 0.06, 6, "linear", 100, 20)[0])
    assert abs(rate / 0.6 - 1) < 0.25, (
        "linear layers of 100 units at init_scale=0.06 multiply the gradient's norm by about 0.6 each on the way back, "
        f"so that the first layer has the smallest; yours by {rate:.3f}"
    )


@mark.task("simulate_gradient_flow", "size of the gradients")
def test_there_is_a_gradient_norm_for_the_input_of_each_layer(student):
    norms = flow(student, 0.02, 6, "linear", 64, 25)[0]
    assert len(norms) == 6, f"six layers have {len(norms)} gradient norms in your answer, not 6"
    # 0.02 * 64 * 5, whose relative standard deviation is 9 %
    assert 0.5 < norms[-1] / 6.4 < 1.6, (
        "the gradient of the sum at the input of the last of six linear layers (64 units, init_scale=0.02, 25 rows) "
        f"has a norm of about 6.4, yours {norms[-1]:.3g}"
    )


@mark.task("simulate_gradient_flow", "size of the outputs")
def test_output_norms_are_frobenius_norms_with_the_input_first(student):
    norms = flow(student, 3.0, 6, "tanh", 64, 25)[1]
    assert len(norms) == 7, f"six layers have {len(norms)} output norms in your answer, not 7 with the input's"
    # The root of 1600 squares of about 1: standard normal ones, and those of a saturated tanh.
    for name, norm in (("input", norms[0]), ("last output of saturated tanh layers", norms[-1])):
        assert abs(norm / 40 - 1) < 0.15, f"the {name}, 25 rows of 64, has a norm of about 40, yours {norm:.3g}"


@mark.task("simulate_gradient_flow", "draws")
def test_input_and_weights_are_drawn_in_the_stated_order(student, reference):
    seed = int(torch.randint(1 << 30, ()))
    for activation in ("tanh", "sigmoid"):
        arguments = 1, [seed], drawn(0.2, 0.6), 4, activation, 6, 5
        assert_close(student(flows, *arguments)["norms"], reference(flows, *arguments)["norms"])


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


@mark.task("simulate_gradient_flow", "draws")
def test_the_global_generator_is_neither_read_nor_reseeded(student):
    one, other = (student(flows, seed, [None, 7], 0.3) for seed in (987, 654))
    assert_close(one["norms"], other["norms"])
    assert one["global draw"] != other["global draw"], "after a call the global generator of NumPy is always the same"


# The growth rate


@mark.task("growth_rate", "geometric sequences")
def test_a_geometric_sequence_has_its_own_factor(student):
    factor, first = drawn(0.2, 0.7), drawn(2, 5)
    assert_close(student(rate_of, [first * factor**i for i in range(5)]), factor, rtol=1e-6)
    assert_close(student(rate_of, [first, first / factor]), 1 / factor, rtol=1e-6)


@mark.task("growth_rate", "least squares")
def test_all_norms_enter_the_least_squares_fit_of_their_logarithms(student):
    logarithms = np.array([0.0, 3.0, -1.0, 2.0, 0.5, 4.0]) + torch.randn(6).double().numpy()
    slope = np.cov(np.arange(6), logarithms)[0, 1] / 3.5
    assert_close(student(rate_of, np.exp(logarithms)), float(np.exp(slope)), rtol=1e-6)


@mark.task("growth_rate", "bad input")
def test_fewer_than_two_norms_raise_value_error(student):
    for norms in ([], [2.0]):
        assert_refused(student, "growth_rate", f"a list of {len(norms)} norms", norms)


@mark.task("growth_rate", "bad input")
def test_a_norm_that_is_not_positive_raises_value_error(student):
    for norms in ([1.0, 0.0, 2.0], [1.0, 2.0, -4.0]):
        assert_refused(student, "growth_rate", f"the list {norms}", norms)


@mark.task("growth_rate", "bad input")
def test_the_message_names_the_norms(student):
    assert_named(student, "growth_rate", ["norm", "1", "2"], [2.0])
    assert_named(student, "growth_rate", ["norm", "-4"], [1.0, 2.0, -4.0])


# The critical scale


@mark.task("critical_scale", "tanh and linear")
def test_tanh_and_linear_layers_need_one_over_the_root_of_the_width(student):
    width = int(torch.randint(20, 500, ()))
    found = [student(scale_of, width, activation) for activation in ("tanh", "linear")]
    assert_close(found, [width**-0.5, width**-0.5], rtol=1e-6)


@mark.task("critical_scale", "relu")
def test_relu_makes_up_for_the_half_that_it_drops(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(student(scale_of, width, "relu"), (2 / width) ** 0.5, rtol=1e-6)


@mark.task("critical_scale", "sigmoid")
def test_sigmoid_makes_up_for_its_slope(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(student(scale_of, width, "sigmoid"), 4 / width**0.5, rtol=1e-6)


@mark.task("critical_scale", "bad input")
def test_an_activation_without_a_rule_raises_value_error(student):
    assert_refused(student, "critical_scale", "the activation 'swish'", 16, "swish")


@mark.task("critical_scale", "bad input")
def test_the_message_names_the_activation_without_a_rule(student):
    assert_named(student, "critical_scale", ["activation", "swish"], 16, "swish")


# The plot: a correct simulation stands in the place of the student's own


def shown(answer, arguments, simulation):
    """The kind of what is returned, and the panels that have lines."""
    returned = answer.plot_gradient_flow(*arguments, **simulation)
    figure = returned if isinstance(returned, plt.Figure) else plt.gcf()
    panels = describe_figure(figure)
    for axes, panel in zip(figure.axes, panels, strict=True):
        # A label on an axis that panels share, or on the whole figure, is enough once.
        sharing = axes.get_shared_x_axes().get_siblings(axes), axes.get_shared_y_axes().get_siblings(axes)
        panel["x named"] = any([other.get_xlabel() != "" for other in sharing[0]]) or figure.get_supxlabel() != ""
        panel["y named"] = any([other.get_ylabel() != "" for other in sharing[1]]) or figure.get_supylabel() != ""
    kind = "Figure" if returned is figure else type(returned).__name__
    return {"returned": kind, "panels": [panel for panel in panels if panel["lines"]]}


def simulated(answer, scales, simulation):
    """The two lists of norms for each scale, as arrays."""
    flows = [answer.simulate_gradient_flow(scale, **simulation) for scale in scales]
    return [[np.array(norms) for norms in flow] for flow in flows]


def curves(panel, kind=""):
    """What the lines of a panel show, those whose label names a kind."""
    return [line["y"] for line in panel["lines"] if kind in line["label"].lower() and line["label"][:1] != "_"]


DEFAULT = (0.01, 0.1, 1.0, 2.0)


@mark.task("plot_gradient_flow", "both norms in each panel")
def test_each_panel_shows_the_norms_of_one_simulation(student, reference):
    panels = student(shown, [], {})["panels"]
    assert len(panels) == 4, f"the four scales that are the default give {len(panels)} panels with lines"
    for scale, panel, expected in zip(DEFAULT, panels, reference(simulated, DEFAULT, {}), strict=True):
        # The norms or their logarithms, whatever their labels: that is asked below.
        right = [form(norms) for norms in expected for form in (np.asarray, np.log, np.log10)]
        wrong = [y for y in curves(panel) if not is_among(y, right)]
        assert len(curves(panel)) == 2 and not wrong, (
            f"the panel for {scale} shows other lines than the two lists of norms"
        )


@mark.task("plot_gradient_flow", "both norms in each panel")
def test_the_labels_say_which_line_is_which_and_the_norms_stand_as_they_are(student, reference):
    panels = student(shown, [], {})["panels"]
    for scale, panel, expected in zip(DEFAULT, panels, reference(simulated, DEFAULT, {}), strict=True):
        for kind, norms in zip(("grad", "output"), expected, strict=True):
            found = curves(panel, kind)
            assert len(found) == 1, f"the panel for {scale} has {len(found)} lines whose label says '{kind}', not one"
            assert_close(found[0], norms, rtol=1e-5)


@mark.task("plot_gradient_flow", "panels")
def test_each_scale_has_a_panel(student):
    panels = student(shown, [(0.25, 1.5, 0.5)], {})["panels"]
    assert len(panels) == 3, f"three scales give {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "panels")
def test_a_single_scale_has_a_panel_too(student):
    panels = student(shown, [(0.25,)], {})["panels"]
    assert len(panels) == 1, f"one scale gives {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "arguments of the simulation")
def test_further_arguments_reach_the_simulation(student, reference):
    simulation = {"num_layers": 4, "activation": "relu", "width": 6, "batch_size": 5}
    panels, scales = student(shown, [], simulation)["panels"], DEFAULT
    for panel, expected in zip(panels, reference(simulated, scales, simulation), strict=True):
        lengths = [sorted(map(len, part)) for part in (curves(panel), expected)]
        assert lengths[0] == lengths[1], f"with num_layers=4 the lines have {lengths[0]} points, not {lengths[1]}"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_figure_is_returned(student):
    assert student(shown, [], {})["returned"] == "Figure", "what is returned is not a matplotlib figure"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_y_axis_of_every_panel_is_logarithmic(student):
    scales = [panel["yscale"] for panel in student(shown, [], {})["panels"]]
    assert set(scales) == {"log"}, "the y axis of a panel is not logarithmic"


@mark.task("plot_gradient_flow", "axes and titles")
def test_every_title_names_its_scale(student):
    for scale, panel in zip(DEFAULT, student(shown, [], {})["panels"], strict=False):
        numbers = re.findall(r"\d*\.?\d+(?:e[-+]?\d+)?", panel["title"].lower())
        assert scale in map(float, numbers), f"the title of the panel for {scale} does not have that number in it"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_axes_of_every_panel_are_named(student):
    for panel in student(shown, [], {})["panels"]:
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
