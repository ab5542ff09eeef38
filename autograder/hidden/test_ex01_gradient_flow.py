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


def with_graph(x, weights, activation):
    """A network's outputs, the input first, and its weights, as torch's tensors that know where they come from."""
    leaves = [torch.from_numpy(weight).requires_grad_() for weight in weights]
    outputs = [torch.from_numpy(x).requires_grad_()]
    for leaf in leaves:
        z = outputs[-1] @ leaf
        outputs.append(z if activation == "linear" else getattr(torch, activation)(z))
    return outputs, leaves


def right_forward(x, weights, activation):
    """What forward_pass returns, by torch."""
    return [output.detach().numpy() for output in with_graph(x, weights, activation)[0]]


def right_backward(outputs, weights, activation, grad_output):
    """What backward_pass returns, by torch's autograd."""
    outputs, leaves = with_graph(outputs[0], weights, activation)
    gradients = torch.autograd.grad(outputs[-1], outputs + leaves, torch.from_numpy(grad_output).to(outputs[-1]))
    gradients = [gradient.numpy() for gradient in gradients]
    return gradients[: len(outputs)], gradients[len(outputs) :]


def right_flow(init_scale, num_layers=10, activation="tanh", width=10, batch_size=100, rng=None):
    """What simulate_gradient_flow returns, by torch's autograd."""
    rng = rng or np.random.default_rng(42)
    x = rng.standard_normal((batch_size, width))
    weights = [init_scale * rng.standard_normal((width, width)) for _ in range(num_layers)]
    outputs = right_forward(x, weights, activation)
    gradients, _ = right_backward(outputs, weights, activation, np.ones_like(x))
    return [float(np.linalg.norm(one)) for one in gradients[:-1]], [float(np.linalg.norm(one)) for one in outputs]


def right_passes(answer):
    """Correct passes in the place of the student's own."""
    answer.forward_pass, answer.backward_pass = right_forward, right_backward


def right_simulation(answer):
    """A correct simulation in the place of the student's own."""
    answer.simulate_gradient_flow = right_flow


STAND_INS = {"simulate_gradient_flow": right_passes, "plot_gradient_flow": right_simulation}


def drawn(low, high):
    """A number between two others, from the test's own seed."""
    return low + (high - low) * float(torch.rand((), dtype=torch.float64))


def network(rows, *widths):
    """An input and weights that keep its size, so that no activation is saturated or dead throughout."""
    weights = [torch.randn(n, m, dtype=torch.float64).numpy() / n**0.5 for n, m in itertools.pairwise(widths)]
    return torch.randn(rows, widths[0], dtype=torch.float64).numpy(), weights


def passed(rows, *widths, activation, dtype="float64"):
    """The arguments of backward_pass: a network's outputs, its weights, and a random gradient."""
    x, weights = network(rows, *widths)
    weights = [weight.astype(dtype) for weight in weights]
    grad_output = torch.randn(rows, widths[-1]).numpy().astype(dtype)
    return right_forward(x.astype(dtype), weights, activation), weights, activation, grad_output


def value(answer, name, *arguments):
    """What a function gives."""
    return getattr(answer, name)(*arguments)


def after(answer, name, *arguments):
    """The arguments after a call."""
    getattr(answer, name)(*arguments)
    return arguments


def refusal(answer, name, words, *arguments):
    """Which error a function raises, and whether its message holds one of the words."""
    try:
        getattr(answer, name)(*arguments)
    except ValueError as error:
        return "ValueError", any(word in str(error) for word in words)
    return error_of(getattr(answer, name), *arguments), True


def assert_refused(student, name, described, *arguments):
    error, _ = student(refusal, name, [], *arguments)
    assert error == "ValueError", f"{described} raises {error or 'nothing'} instead of ValueError"


def assert_named(student, name, words, *arguments):
    """If it raises ValueError the message holds one of the words; whether it does is asked elsewhere."""
    _, named = student(refusal, name, words, *arguments)
    assert named, f"the message of the ValueError holds none of: {', '.join(words)}"


@mark.task("forward_pass", "layer after layer")
def test_every_layer_reads_the_one_before_it(student):
    x, weights = network(5, 6, 6, 6, 3)
    assert_close(student(value, "forward_pass", x, weights, "linear")[-1], x @ weights[0] @ weights[1] @ weights[2])


@mark.task("forward_pass", "layer after layer")
def test_the_activation_acts_on_every_layer(student):
    x, weights = network(5, 6, 6, 6)
    assert_close(student(value, "forward_pass", x, weights, "tanh")[-1], np.tanh(np.tanh(x @ weights[0]) @ weights[1]))


@mark.task("forward_pass", "list of all outputs")
def test_the_input_comes_first_and_then_every_layer(student):
    x, weights = network(5, 4, 7, 3)
    assert_close(
        [*student(value, "forward_pass", x, weights, "linear")], [x, x @ weights[0], x @ weights[0] @ weights[1]]
    )


@mark.task("forward_pass", "relu and sigmoid")
def test_relu_keeps_what_is_positive_and_nothing_else(student):
    x, weights = network(5, 6, 6)
    assert_close(student(value, "forward_pass", x, weights, "relu")[-1], (x @ weights[0]).clip(min=0))


@mark.task("forward_pass", "relu and sigmoid")
def test_sigmoid_follows_its_formula(student):
    x, weights = network(5, 6, 6)
    assert_close(student(value, "forward_pass", x, weights, "sigmoid")[-1], 1 / (1 + np.exp(-(x @ weights[0]))))


@mark.task("forward_pass", "input and dtype")
def test_sigmoid_stays_finite_for_large_inputs(student):
    expected = np.array([[1.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 1.0]])
    assert_close(
        student(value, "forward_pass", np.eye(3), [np.diag([1000.0, -1000.0, 800.0])], "sigmoid")[-1], expected
    )


@mark.task("forward_pass", "input and dtype")
def test_an_activation_that_does_not_exist_raises_value_error(student):
    assert_refused(student, "forward_pass", "the activation 'swish'", *network(5, 6, 6), "swish")


@mark.task("forward_pass", "input and dtype")
def test_the_message_names_the_activation(student):
    assert_named(student, "forward_pass", ["activation", "swish"], *network(5, 6, 6), "swish")


@mark.task("forward_pass", "input and dtype")
def test_the_input_and_the_weights_are_left_as_they_were(student):
    for activation in ("relu", "sigmoid"):
        arguments = *network(5, 6, 6, 6), activation
        assert_close(student(after, "forward_pass", *arguments), arguments)


@mark.task("forward_pass", "input and dtype")
def test_float32_stays_float32(student):
    def probe(answer, x, weights, activations):
        return {name: str(answer.forward_pass(x, weights, name)[-1].dtype) for name in activations}

    x, (weight,) = network(5, 6, 6)
    names = "tanh", "relu", "sigmoid", "linear"
    for activation, dtype in student(probe, x.astype("float32"), [weight.astype("float32")], names).items():
        assert dtype == "float32", f"for float32 arrays the output of {activation} has the dtype {dtype}"


# The backward pass. Each gradient is looked for in the whole list: their order and number have a test of their own.


def is_among(gradient, found):
    """Whether a list holds a gradient."""
    return any(one.shape == gradient.shape and np.allclose(one, gradient, rtol=1e-6, atol=1e-9) for one in found)


@mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@mark.task("backward_pass", "chain rule")
def test_gradients_go_back_through_slopes_and_weights(student, activation):
    arguments = passed(5, 6, 6, 6, 6, activation=activation)
    found, right = student(value, "backward_pass", *arguments)[0], right_backward(*arguments)[0]
    assert is_among(right[0], found) or is_among(right[1], found), (
        f"of four {activation} layers, neither the input's gradient nor the first layer's output's is among yours"
    )


@mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@mark.task("backward_pass", "weight gradients")
def test_the_gradients_of_the_weights_are_right(student, activation):
    arguments = passed(5, 6, 6, 6, activation=activation)
    found = student(value, "backward_pass", *arguments)[1]
    for layer, gradient in enumerate(right_backward(*arguments)[1]):
        assert is_among(gradient, found), (
            f"the gradient of weights[{layer}] of two {activation} layers is not among yours"
        )


@mark.task("backward_pass", "lists in order")
def test_both_lists_are_complete_and_stand_in_the_order_of_the_layers(student):
    # The sizes differ from layer to layer.
    for activation in ("tanh", "linear"):
        arguments = passed(5, 5, 7, 4, 3, activation=activation)
        found, expected = student(value, "backward_pass", *arguments), right_backward(*arguments)
        shapes, right = ([one.shape for one in part] for part in (found[1], expected[1]))
        assert shapes == right, f"the gradients of the weights have the shapes {shapes}, first to last, not {right}"
        assert_close([*found[0]], expected[0], rtol=1e-6)


@mark.task("backward_pass", "input and dtype")
def test_an_unknown_activation_raises_value_error(student):
    outputs, weights, _, grad_output = passed(5, 6, 6, activation="linear")
    assert_refused(student, "backward_pass", "the activation 'swish'", outputs, weights, "swish", grad_output)


@mark.task("backward_pass", "input and dtype")
def test_the_message_names_the_unknown_activation(student):
    outputs, weights, _, grad_output = passed(5, 6, 6, activation="linear")
    assert_named(student, "backward_pass", ["activation", "swish"], outputs, weights, "swish", grad_output)


@mark.task("backward_pass", "input and dtype")
def test_no_argument_is_modified(student):
    arguments = passed(5, 6, 6, 6, activation="tanh")
    assert_close(student(after, "backward_pass", *arguments), arguments)


@mark.task("backward_pass", "input and dtype")
def test_gradients_of_float32_arrays_are_float32(student):
    for activation in ("tanh", "relu", "sigmoid", "linear"):
        found = student(value, "backward_pass", *passed(5, 6, 6, 6, activation=activation, dtype="float32"))
        dtypes = {str(gradient.dtype) for part in found for gradient in part}
        assert dtypes == {"float32"}, f"for float32 arrays the gradients of {activation} are not all float32"


def flows(answer, global_seed, seeds, *arguments):
    """Both lists of norms for each seed of a generator (None: without one), and a global draw afterwards."""
    np.random.seed(global_seed)
    rngs = [{} if seed is None else {"rng": np.random.default_rng(seed)} for seed in seeds]
    found = [answer.simulate_gradient_flow(*arguments, **rng) for rng in rngs]
    norms = [[[float(norm) for norm in part] for part in parts] for parts in found]
    return {"norms": norms, "global draw": float(np.random.random())}


def flow(student, *arguments):
    """Both lists of norms of one simulation: gradients first."""
    return student(flows, 1, [int(torch.randint(1 << 30, ()))], *arguments)["norms"][0]


def per_layer(norms):
    """The factor by which norms grow from layer to layer, on average."""
    return (norms[-1] / norms[0]) ** (1 / (len(norms) - 1))


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
def test_input_and_weights_are_drawn_in_the_stated_order(student):
    seed = int(torch.randint(1 << 30, ()))
    for activation in ("tanh", "sigmoid"):
        arguments = drawn(0.2, 0.6), 4, activation, 6, 5
        expected = [list(right_flow(*arguments, np.random.default_rng(seed)))]
        assert_close(student(flows, 1, [seed], *arguments)["norms"], expected)


@mark.task("simulate_gradient_flow", "draws")
def test_without_a_generator_every_call_starts_at_seed_42(student):
    first, second, given = student(flows, 1, [None, None, 42], 0.3, 10, "tanh", 10, 100)["norms"]
    # Its arguments are the defaults, too.
    (default,) = student(flows, 1, [None], 0.3)["norms"]
    assert_close([second, default, given], [first, first, first])


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


@mark.task("growth_rate", "geometric sequences")
def test_a_geometric_sequence_has_its_own_factor(student):
    factor, first = drawn(0.2, 0.7), drawn(2, 5)
    assert_close(float(student(value, "growth_rate", [first * factor**i for i in range(5)])), factor, rtol=1e-6)
    assert_close(float(student(value, "growth_rate", [first, first / factor])), 1 / factor, rtol=1e-6)


@mark.task("growth_rate", "least squares")
def test_all_norms_enter_the_least_squares_fit_of_their_logarithms(student):
    logarithms = np.array([0.0, 3.0, -1.0, 2.0, 0.5, 4.0]) + torch.randn(6).double().numpy()
    slope = np.cov(np.arange(6), logarithms)[0, 1] / 3.5
    assert_close(float(student(value, "growth_rate", np.exp(logarithms))), float(np.exp(slope)), rtol=1e-6)


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


@mark.task("critical_scale", "tanh and linear")
def test_tanh_and_linear_layers_need_one_over_the_root_of_the_width(student):
    width = int(torch.randint(20, 500, ()))
    found = [float(student(value, "critical_scale", width, activation)) for activation in ("tanh", "linear")]
    assert_close(found, [width**-0.5, width**-0.5], rtol=1e-6)


@mark.task("critical_scale", "relu")
def test_relu_makes_up_for_the_half_that_it_drops(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(float(student(value, "critical_scale", width, "relu")), (2 / width) ** 0.5, rtol=1e-6)


@mark.task("critical_scale", "sigmoid")
def test_sigmoid_makes_up_for_its_slope(student):
    width = int(torch.randint(20, 500, ()))
    assert_close(float(student(value, "critical_scale", width, "sigmoid")), 4 / width**0.5, rtol=1e-6)


@mark.task("critical_scale", "bad input")
def test_an_activation_without_a_rule_raises_value_error(student):
    assert_refused(student, "critical_scale", "the activation 'swish'", 16, "swish")


@mark.task("critical_scale", "bad input")
def test_the_message_names_the_activation_without_a_rule(student):
    assert_named(student, "critical_scale", ["activation", "swish"], 16, "swish")


# The plot. Each panel takes its time: two of the default scales will do where neither all nor others are asked for.
DEFAULT = (0.01, 0.1, 1.0, 2.0)
TWO = DEFAULT[:2]


def shown(answer, scales=(), simulation=()):
    """The kind of what is returned, and the panels that have lines."""
    returned = answer.plot_gradient_flow(*scales, **dict(simulation))
    figure = returned if isinstance(returned, plt.Figure) else plt.gcf()
    panels = describe_figure(figure)
    for axes, panel in zip(figure.axes, panels, strict=True):
        # A label on an axis that panels share, or on the whole figure, is enough once.
        x_axes, y_axes = (shared.get_siblings(axes) for shared in (axes.get_shared_x_axes(), axes.get_shared_y_axes()))
        panel["x named"] = any([*(one.get_xlabel() for one in x_axes), figure.get_supxlabel()])
        panel["y named"] = any([*(one.get_ylabel() for one in y_axes), figure.get_supylabel()])
    kind = "Figure" if returned is figure else type(returned).__name__
    return {"returned": kind, "panels": [panel for panel in panels if panel["lines"]]}


def curves(panel, kind=""):
    """What the lines of a panel show, those whose label names a kind."""
    return [line["y"] for line in panel["lines"] if kind in line["label"].lower() and line["label"][:1] != "_"]


@mark.task("plot_gradient_flow", "both norms in each panel")
def test_each_panel_shows_the_norms_of_one_simulation(student):
    panels = student(shown)["panels"]
    assert len(panels) == 4, f"the four scales that are the default give {len(panels)} panels with lines"
    for scale, panel in zip(DEFAULT, panels, strict=True):
        # The norms or their logarithms, whatever their labels: that is asked below.
        right = [form(norms) for norms in right_flow(scale) for form in (np.asarray, np.log, np.log10)]
        wrong = [y for y in curves(panel) if not is_among(y, right)]
        message = f"the panel for {scale} shows other lines than the two lists of norms"
        assert len(curves(panel)) == 2 and not wrong, message


@mark.task("plot_gradient_flow", "both norms in each panel")
def test_the_labels_say_which_line_is_which_and_the_norms_stand_as_they_are(student):
    for scale, panel in zip(TWO, student(shown, [TWO])["panels"][:2], strict=True):
        for kind, norms in zip(("grad", "output"), right_flow(scale), strict=True):
            found = curves(panel, kind)
            assert len(found) == 1, f"the panel for {scale} has {len(found)} lines whose label says '{kind}', not one"
            assert_close(found[0], np.array(norms), rtol=1e-5, atol=0)


@mark.task("plot_gradient_flow", "panels")
def test_each_scale_has_a_panel(student):
    panels = student(shown, [(0.25, 1.5, 0.5)])["panels"]
    assert len(panels) == 3, f"three scales give {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "panels")
def test_a_single_scale_has_a_panel_too(student):
    panels = student(shown, [(0.25,)])["panels"]
    assert len(panels) == 1, f"one scale gives {len(panels)} panels with lines"


@mark.task("plot_gradient_flow", "arguments of the simulation")
def test_further_arguments_reach_the_simulation(student):
    simulation = {"num_layers": 4, "activation": "relu", "width": 6, "batch_size": 5}
    panels = student(shown, [TWO], simulation)["panels"]
    lengths = {tuple(sorted(map(len, curves(panel)))) for panel in panels}
    assert lengths == {(4, 5)}, f"with num_layers=4 the two lines have {sorted(lengths)} points, not 4 and 5"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_figure_is_returned(student):
    assert student(shown, [TWO])["returned"] == "Figure", "what is returned is not a matplotlib figure"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_y_axis_of_every_panel_is_logarithmic(student):
    scales = [panel["yscale"] for panel in student(shown, [TWO])["panels"]]
    assert set(scales) == {"log"}, "the y axis of a panel is not logarithmic"


@mark.task("plot_gradient_flow", "axes and titles")
def test_every_title_names_its_scale(student):
    for scale, panel in zip(TWO, student(shown, [TWO])["panels"], strict=False):
        numbers = re.findall(r"\d*\.?\d+(?:e[-+]?\d+)?", panel["title"].lower())
        assert scale in map(float, numbers), f"the title of the panel for {scale} does not have that number in it"


@mark.task("plot_gradient_flow", "axes and titles")
def test_the_axes_of_every_panel_are_named(student):
    for panel in student(shown, [TWO])["panels"]:
        missing = [axis for axis in ("x", "y") if not panel[f"{axis} named"]]
        assert not missing, f"a panel has no label on its {' and '.join(missing)} axis"
