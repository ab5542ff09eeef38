"""Hidden tests of ex03: He initialization, activation statistics, LSUV and the histograms.

What is measured of drawn weights is rounded so that it does not depend on the draws: 131 072 normal draws have a
variance with a relative standard deviation of sqrt(2 / 131072) = 0.39 %, and the rounding is at least 6.4 of those
away from the true value (false alarms below 2e-10; uniform draws are closer still).
"""

import copy
import itertools
import math
import re

import numpy as np
import torch
from pytest import mark
from torch import nn

from autograder.course.testing import Forbidden, assert_close

# Whatever draws or counts fans. calculate_gain is left out: he_gain may use it, and these two may call he_gain.
_INIT = Forbidden(
    ["torch.nn.init.*normal*", "torch.nn.init.*uniform*", "torch.nn.init._*"],
    because="you are asked to write the initialization yourself",
)
FORBIDDEN = {"he_normal_": _INIT, "he_uniform_": _INIT}


def with_gain(answer):
    """While the two initializers are judged, which may call it."""
    answer.he_gain = lambda negative_slope=0.0: math.sqrt(2 / (1 + negative_slope**2))


STAND_INS = {"he_normal": with_gain, "he_uniform": with_gain}


def assert_all(found):
    """Every entry is True; names those that are not."""
    wrong = [name for name, right in found.items() if right is not True]
    assert not wrong, f"this should hold and does not: {'; '.join(wrong)}"


def gains(answer, *arguments):
    return [answer.he_gain(*one) for one in arguments]


@mark.task("he_gain", "ReLU")
def test_relu_needs_the_square_root_of_two(student):
    assert_close(student(gains, []), [math.sqrt(2)])


@mark.task("he_gain", "other slopes")
def test_slope_counts_with_its_square(student, reference):
    slopes = [0.25], [0.5], [3.0]
    assert_close(student(gains, *slopes), reference(gains, *slopes))


@mark.task("he_gain", "other slopes")
def test_slope_of_one_loses_nothing(student):
    assert_close(student(gains, [1.0]), [1.0])


@mark.task("he_gain", "other slopes")
def test_sign_of_the_slope_does_not_matter(student):
    def probe(answer):
        return [answer.he_gain(-0.5), answer.he_gain(negative_slope=-1.0)]

    assert_close(student(probe), [math.sqrt(1.6), 1.0])


# Both random initializers


def filled(answer, function, *shape, **options):
    """A new weight; what comes back as no tensor, or as another one, costs the test of exactly that."""
    weight = torch.zeros(shape)
    result = getattr(answer, function)(weight, **options)
    return (result if isinstance(result, torch.Tensor) else weight).detach()


def scaled_variance(answer, function, shape, fan, options):
    return round(fan * filled(answer, function, *shape, **options).var().item(), 1)


def scaled_bounds(answer, function, shape, fan, options):
    weight = filled(answer, function, *shape, **options)
    return tuple(round(math.sqrt(fan) * bound.item(), 2) for bound in (weight.max(), weight.min()))


def distribution(answer, function, shape):
    draws = filled(answer, function, *shape).flatten().sort().values
    ranks = (torch.arange(len(draws)) + 0.5) / len(draws)
    normal = torch.special.ndtr(draws / draws.std())
    flat = (draws / draws.abs().max() + 1) / 2
    return {
        "normal": bool((normal - ranks).abs().max() < 0.02),
        "uniform": bool((flat - ranks).abs().max() < 0.02),
        "a draw for each weight": bool((draws.diff() > 0).double().mean() > 0.9),
    }


def given_generator(answer, function):
    def fill(seed, elsewhere):
        torch.default_generator.manual_seed(elsewhere)
        generator = torch.Generator().manual_seed(seed)
        weights = [filled(answer, function, 6, 5, generator=generator) for _ in range(2)]
        return torch.stack(weights), torch.get_rng_state()

    (weights, state), (same, other_state), (other, _) = fill(5, 987), fill(5, 654), fill(6, 987)
    return {
        "the same state gives the same weights": torch.equal(weights, same),
        "the next call gives others": not torch.equal(*weights),
        "another seed gives others": not torch.equal(weights, other),
        "the global generator keeps its own state": not torch.equal(state, other_state),
    }


def global_generator(answer, function):
    def fill(seed):
        torch.default_generator.manual_seed(seed)
        return filled(answer, function, 6, 5), torch.get_rng_state()

    (first, state), (other, other_state), (again, _) = fill(987), fill(654), fill(987)
    return {
        "its state decides": torch.equal(first, again) and not torch.equal(first, other),
        "it is not reseeded": not torch.equal(state, other_state),
    }


def identity(answer, function):
    weight, plain = nn.Parameter(torch.ones(6, 4, dtype=torch.float64)), torch.ones(6, 4)
    result = getattr(answer, function)(weight)
    getattr(answer, function)(plain)
    return {
        "the weight itself is returned": result is weight,
        "it is filled": bool((weight != 1).all()),
        "a parameter stays a leaf that wants gradients": weight.is_leaf and weight.requires_grad,
        "a plain tensor wants none": not plain.requires_grad,
        "float64 stays float64": weight.dtype == torch.float64,
    }


def refused_modes(answer, function):
    """By unknown mode, the error that it raises, and whether the message names it."""
    found = {}
    for mode in ("fan_avg", "fanin", "mean"):
        call = functools.partial(getattr(answer, function), torch.ones(4, 3), mode=mode)
        found[mode] = error_of(call), False
        try:
            call()
        except Exception as error:
            found[mode] = error_of(call), mode in str(error)
    return found


def assert_modes_refused(found):
    for mode, (raised, named) in found.items():
        assert raised == "ValueError", f"mode={mode!r} raises {raised or 'nothing'}, not ValueError"
        assert named, f"the message for mode={mode!r} does not name it"


@mark.task("he_normal", "the variance")
def test_variance_is_the_squared_gain_over_the_inputs(student):
    slopes = {"negative_slope": 0.0}, {"negative_slope": 0.5}
    found = [student(scaled_variance, "he_normal_", (512, 256), 256, slope) for slope in slopes]
    assert found == [2.0, 1.6], (
        f"for a (512, 256) weight, 256 * variance is about {found[0]} with negative_slope=0, which should be 2.0, "
        f"and about {found[1]} with negative_slope=0.5, which should be 1.6"
    )


@mark.task("he_normal", "fans")
def test_mode_fan_out_divides_by_the_outputs(student):
    found = student(scaled_variance, "he_normal_", (512, 256), 512, {"mode": "fan_out"})
    assert found == 2.0, f"for a (512, 256) weight, 512 * variance is about {found}, which should be 2.0"


@mark.task("he_normal", "fans")
def test_convolution_counts_every_position_of_the_kernel(student):
    for mode, fan in {"fan_in": 64 * 16, "fan_out": 128 * 16}.items():
        found = student(scaled_variance, "he_normal_", (128, 64, 2, 8), fan, {"mode": mode})
        assert found == 2.0, f"for a (128, 64, 2, 8) weight and {mode}, {fan} * variance is about {found}, not 2.0"


@mark.task("he_normal", "normal draws, one by one")
def test_weights_are_normal_and_drawn_one_by_one(student):
    # Dvoretzky-Kiefer-Wolfowitz: a distance of 0.017 has probability 2 exp(-2 * 65536 * 0.017**2) < 1e-16, and
    # estimating the standard deviation (0.3 %) moves the curve by less than 0.003. A uniform one is 0.057 away.
    found = student(distribution, "he_normal_", (512, 128))
    assert found["normal"], "the histogram of the weights is not that of a normal distribution with mean 0"
    assert found["a draw for each weight"], "many weights are equal: each one needs its own draw"


@mark.task("he_normal", "generators, in place, bad input")
def test_given_generator_alone_decides(student):
    assert_all(student(given_generator, "he_normal_"))


@mark.task("he_normal", "generators, in place, bad input")
def test_without_a_generator_the_global_one_is_used_and_not_reseeded(student):
    assert_all(student(global_generator, "he_normal_"))


@mark.task("he_normal", "generators, in place, bad input")
def test_parameter_is_filled_in_place_and_returned(student):
    assert_all(student(identity, "he_normal_"))


@mark.task("he_normal", "generators, in place, bad input")
def test_unknown_mode_raises_value_error(student):
    assert_modes_refused(student(refused_modes, "he_normal_"))


# The chance that 131 072 uniform draws stay 0.2 % away from the end is 0.998**131072 < 1e-100.


@mark.task("he_uniform", "the interval")
def test_interval_ends_at_the_square_root_of_three_standard_deviations(student):
    found = student(scaled_bounds, "he_uniform_", (512, 256), 256, {})
    bound = round(math.sqrt(6), 2)
    assert found == (bound, -bound), (
        f"for a (512, 256) weight, 16 times the largest and the smallest weight are about {found[0]} and {found[1]}; "
        f"they should be {bound} and {-bound}"
    )


@mark.task("he_uniform", "slope and fans")
def test_negative_slope_narrows_the_interval(student):
    found, _ = student(scaled_bounds, "he_uniform_", (512, 256), 256, {"negative_slope": 2.0})
    expected = round(math.sqrt(6 / 5), 2)
    assert found == expected, (
        f"for a (512, 256) weight and negative_slope=2, 16 times the largest weight is about {found}, not {expected}"
    )


@mark.task("he_uniform", "slope and fans")
def test_each_mode_has_its_fan_for_convolutions_too(student):
    bound = round(math.sqrt(6), 2)
    for mode, fan in {"fan_in": 64 * 15, "fan_out": 128 * 15}.items():
        found = student(scaled_bounds, "he_uniform_", (128, 64, 3, 5), fan, {"mode": mode})
        assert found == (bound, -bound), (
            f"for a (128, 64, 3, 5) weight and {mode}, sqrt({fan}) times the largest and the smallest weight are about "
            f"{found[0]} and {found[1]}; they should be {bound} and {-bound}"
        )


@mark.task("he_uniform", "flat draws, one by one")
def test_weights_are_flat_over_the_interval_and_drawn_one_by_one(student):
    # The same bound as for the normal ones; a normal distribution is more than 0.2 away from its own range's uniform
    found = student(distribution, "he_uniform_", (512, 128))
    assert found["uniform"], "the histogram of the weights is not flat from the smallest to the largest"
    assert found["a draw for each weight"], "many weights are equal: each one needs its own draw"


@mark.task("he_uniform", "generators, in place, bad input")
def test_generator_that_is_given_decides_everything(student):
    assert_all(student(given_generator, "he_uniform_"))


@mark.task("he_uniform", "generators, in place, bad input")
def test_global_generator_is_the_default_and_not_reseeded(student):
    assert_all(student(global_generator, "he_uniform_"))


@mark.task("he_uniform", "generators, in place, bad input")
def test_same_parameter_comes_back_filled(student):
    assert_all(student(identity, "he_uniform_"))


@mark.task("he_uniform", "generators, in place, bad input")
def test_mode_that_does_not_exist_raises_value_error(student):
    assert_modes_refused(student(refused_modes, "he_uniform_"))


def statistics(answer, parameters, x, key):
    """One entry of each layer's dict, for linear layers with these weights and biases."""
    layers = []
    for weight, bias in parameters:
        layers.append(nn.Linear(*weight.T.shape, dtype=weight.dtype))
        layers[-1].load_state_dict({"weight": weight, "bias": bias})
    return [float(entry[key]) for entry in answer.activation_statistics(layers, x)]


def random_parameters(*sizes):
    """Weights and biases of linear layers with these widths."""
    pairs = itertools.pairwise(sizes)
    return [(torch.randn(m, n, dtype=torch.float64), torch.randn(m, dtype=torch.float64)) for n, m in pairs]


@mark.task("activation_statistics", "form")
def test_there_is_one_dict_a_layer_with_three_entries(student):
    def probe(answer, x):
        found = answer.activation_statistics([nn.Linear(5, 3), nn.Linear(3, 4)], x)
        return [sorted(entry) for entry in found], list(answer.activation_statistics([], x))

    entries, nothing = student(probe, torch.randn(6, 5))
    assert entries == [["dead", "mean", "std"]] * 2, f"for two layers, the entries of the dicts are {entries}"
    assert nothing == [], f"for no layers there are {len(nothing)} dicts"


@mark.task("activation_statistics", "mean")
def test_mean_is_that_of_all_activations_zeros_included(student, reference):
    arguments = random_parameters(5, 7), torch.randn(9, 5, dtype=torch.float64), "mean"
    assert_close(student(statistics, *arguments), reference(statistics, *arguments))


@mark.task("activation_statistics", "layer after layer")
def test_each_layer_takes_the_activations_of_the_one_before(student, reference):
    # positive weights and a negative first row in x: nothing dies, and what ReLU removes matters
    parameters = [(weight.abs(), bias.abs()) for weight, bias in random_parameters(5, 5, 5, 5)]
    x = torch.randn(9, 5, dtype=torch.float64).abs()
    x[0] = -20
    observed, expected = (ask(statistics, parameters, x, "mean")[1:] for ask in (student, reference))
    assert_close(observed, expected, rtol=1e-5)


@mark.task("activation_statistics", "standard deviation")
def test_std_takes_all_activations_together_and_divides_by_their_number(student):
    unit = torch.eye(3, dtype=torch.float64), torch.zeros(3)
    x = torch.randn(2, 3, dtype=torch.float64).abs() + torch.tensor([1.0, 3.0, 9.0])
    assert_close(student(statistics, [unit], x, "std"), [x.std(unbiased=False).item()])


@mark.task("activation_statistics", "dead units")
def test_dead_is_the_share_of_units_that_are_zero_for_every_row(student):
    # 8 units: two dead, three off for some rows (half, all but one, one), three always on; then 5 units, all on
    weight = torch.tensor([0.0, 1.0, 1.0, 1.0, -1.0, 0.0, 0.0, 1.0]).reshape(8, 1)
    bias = torch.tensor([-1.0, -9.0, -2.5, -3.5, 3.5, 1.0, 2.0, 5.0])
    parameters, x = [(weight, bias), (torch.ones(5, 8), torch.ones(5))], torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    assert_close(student(statistics, parameters, x, "dead"), [0.25, 0.0])


@mark.task("activation_statistics", "form")
def test_unit_with_tiny_activations_is_alive(student):
    tiny, x = torch.full((4, 2), 1e-12, dtype=torch.float64), torch.rand(5, 2, dtype=torch.float64) + 0.5
    assert_close(student(statistics, [(tiny, torch.zeros(4))], x, "dead"), [0.0])


@mark.task("activation_statistics", "form")
def test_layers_and_batch_stay_as_they_are(student):
    def probe(answer, x):
        layers, batch = [nn.Linear(4, 6), nn.Linear(6, 3)], x.clone()
        before = [(layer, copy.deepcopy(layer.state_dict())) for layer in layers]
        found = answer.activation_statistics(layers, batch)
        kept = [torch.equal(layer.state_dict()[key], state[key]) for layer, state in before for key in state]
        numbers = [value for entry in list(found) for value in dict(entry).values()]
        return {
            "the batch keeps its values": torch.equal(batch, x),
            "the list keeps its layers": layers == [layer for layer, _ in before],
            "the layers keep their parameters": all(kept),
            "no gradient is recorded": not any(getattr(number, "requires_grad", False) for number in numbers),
        }

    assert_all(student(probe, torch.randn(7, 4)))


# LSUV. Weights and x are drawn so that no variance is near 1 before; what is returned does not depend on the draws.
# A variance within 0.01 of 1 leaves room for tol=1e-3 and for either way to divide, by n or n - 1, for n > 1000.


def near_one(model, x):
    """For each module that runs: whether it is a layer, is its output's variance near 1, and is its mean square."""
    found = []

    def note(module, inputs, output):
        numbers = output.detach().var(), output.detach().square().mean()
        found.append([hasattr(module, "weight"), *(bool(abs(number - 1) < 0.01) for number in numbers)])

    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(note)
    model.eval()(x.clone())
    return found


def assert_unit_variances(found, question):
    """The variance of each layer's own output is near 1."""
    right = [variance for is_layer, variance, _ in found if is_layer]
    assert all(right), f"{question} {', '.join('yes' if one else 'no' for one in right)}"


def convolution_and_linear_layers(answer, x, inplace):
    model = nn.Sequential(
        *[nn.Conv2d(2, 6, 3), nn.ReLU(inplace=inplace), nn.Flatten()],
        *[nn.Linear(6 * 3 * 5, 20), nn.Tanh(), nn.Linear(20, 12)],
    ).double()
    answer.lsuv_init_(model, x.clone(), tol=1e-3)
    return near_one(model, x)


def check_of_variances(student, name, inplace):
    x = 3 * torch.randn(150, 2, 5, 7, dtype=torch.float64) + 2
    question = f"a convolution, a {name}, a linear layer, a tanh, a linear layer: is the variance of the output 1?"
    assert_unit_variances(student(convolution_and_linear_layers, x, inplace), question)


@mark.task("lsuv_init", "unit variance")
def test_own_output_of_every_layer_has_unit_variance(student):
    check_of_variances(student, "ReLU", False)


@mark.task("lsuv_init", "traces, ends and biases")
def test_an_activation_in_place_does_not_change_what_is_measured(student):
    check_of_variances(student, "ReLU in place", True)


@mark.task("lsuv_init", "running order")
def test_layers_are_visited_in_the_order_in_which_they_run(student):
    def probe(answer, x):
        class Network(nn.ModuleList):
            def forward(self, x):
                third, first, second = self
                return third(torch.relu(second(torch.relu(first(x)))))

        model = Network([nn.Linear(7, 8), nn.Sequential(nn.Linear(5, 9)), nn.Linear(9, 7)]).double()
        answer.lsuv_init_(model, x, tol=1e-3)
        return near_one(model, x)

    question = "a model runs three layers in another order than it lists them: in running order, is the variance 1?"
    assert_unit_variances(student(probe, 4 * torch.randn(200, 5, dtype=torch.float64) + 1), question)


def start(answer, x):
    """For each of four layers: whether its weight is a multiple of an orthonormal one, and its bias 0."""
    layers = {
        "convolution (12, 1, 2, 3), 12 x 6": nn.Conv2d(1, 12, (2, 3)),
        "convolution (6, 12, 3, 3), 6 x 108, no bias": nn.Conv2d(12, 6, 3, bias=False),
        "flat": nn.Flatten(),
        "linear, 130 x 96": nn.Linear(96, 130),
        "linear, 7 x 130": nn.Linear(130, 7),
    }
    answer.lsuv_init_(nn.Sequential(*layers.values()).double(), x)
    del layers["flat"]
    unbiased = {name: layer.bias is None or not layer.bias.any() for name, layer in layers.items()}
    return {"weights": {name: is_orthonormal(layer.weight) for name, layer in layers.items()}, "biases": unbiased}


def is_orthonormal(weight, diagonal=None):
    """Whether a weight is, along its shorter side, a multiple of an orthonormal one, or has this diagonal."""
    rows = weight.detach().flatten(1)
    gram = rows @ rows.T if rows.shape[0] <= rows.shape[1] else rows.T @ rows
    identity = torch.eye(len(gram), dtype=torch.float64)
    return bool((gram / (diagonal or gram.diagonal().mean()) - identity).abs().max() < 1e-4)


def check_of_start(student, what, words):
    found = student(start, torch.randn(20, 1, 7, 8, dtype=torch.float64) + 1)[what]
    wrong = [name for name, right in found.items() if not right]
    assert not wrong, f"the {what} should be {words}, and those of these layers are not: {'; '.join(wrong)}"


@mark.task("lsuv_init", "orthonormal start")
def test_weights_are_orthonormal_along_the_shorter_side(student):
    check_of_start(student, "weights", "multiples of orthonormal ones")


@mark.task("lsuv_init", "traces, ends and biases")
def test_biases_are_zero(student):
    check_of_start(student, "biases", "0")


@mark.task("lsuv_init", "eval mode")
def test_measures_in_eval_mode(student):
    def probe(answer, x):
        norm = nn.BatchNorm1d(24)
        model = nn.Sequential(nn.Linear(6, 24), norm, nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 12)).double()
        statistics = {"running_mean": torch.full((24,), -2.0), "running_var": torch.full((24,), 9.0)}
        norm.load_state_dict(statistics, strict=False)
        answer.lsuv_init_(model.train(), x, tol=1e-3)
        norm.load_state_dict(statistics, strict=False)
        return [near_one(model, x)[i] for i in (0, 4)]

    question = "with batch norm and dropout between two layers: is the variance of both 1 in eval mode?"
    assert_unit_variances(student(probe, 3 * torch.randn(150, 6, dtype=torch.float64) + 1), question)


@mark.task("lsuv_init", "traces, ends and biases")
def test_modes_buffers_and_batch_are_as_before(student):
    def probe(answer, x):
        model = nn.Sequential(
            *[nn.LeakyReLU(0.5, inplace=True), nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Dropout(0.3)],
            *[nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)],
        ).double()
        model[5].eval()
        before, batch = copy.deepcopy(model.state_dict()), x.clone()
        answer.lsuv_init_(model, batch)
        kept = {key: torch.equal(value, before[key]) for key, value in model.state_dict().items()}
        return {
            "modes": [module.training for module in model.modules()],
            "buffers": all(kept[key] for key in kept if "running" in key or "num_batches" in key),
            "the batch norms' parameters": all(kept[f"{i}.{name}"] for i in (2, 5) for name in ("weight", "bias")),
            "x": torch.equal(batch, x),
        }

    found = student(probe, torch.randn(30, 5, dtype=torch.float64))
    found["the mode of each module (one was in eval mode)"] = found.pop("modes") == [True] * 6 + [False, True]
    assert_all(found)


@mark.task("lsuv_init", "traces, ends and biases")
def test_parameters_stay_the_same_objects_without_hooks_or_gradients(student):
    def probe(answer, x):
        model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
        model[0].weight.grad = torch.ones(6, 4)
        model[2].bias.requires_grad_(False)
        model[2].register_forward_hook(lambda layer, inputs, output: None)
        before = list(model.parameters())
        result = answer.lsuv_init_(model, x)
        after = list(model.parameters())
        hooks = [len(layer._forward_hooks) + len(layer._forward_pre_hooks) for layer in model.modules()]
        return {
            "the parameters are the same objects": all(new is old for new, old in zip(after, before, strict=True)),
            "they are leaves and want gradients as before": [p.is_leaf and p.requires_grad for p in after]
            == [True, True, True, False],
            "their gradients are as before": [p.grad is None for p in before] == [False, True, True, True]
            and bool((before[0].grad == 1).all()),
            "the hooks are as before": hooks == [0, 0, 0, 1],
            "the model comes back": result is model,
        }

    assert_all(student(probe, torch.randn(20, 4)))


@mark.task("lsuv_init", "traces, ends and biases")
def test_division_ends_within_the_tolerance_or_after_max_iter(student):
    def probe(answer, x):
        class Impatient(nn.ModuleList):
            passes = 0

            def forward(self, x):
                self.passes += 1
                if self.passes > 200:
                    raise RuntimeError("too many passes")
                return self[0](x)

        def layer(**options):
            return answer.lsuv_init_(nn.Sequential(nn.Linear(5, 4)).double(), x, **options)[0]

        def is_undivided(**options):
            return is_orthonormal(layer(**options).weight, diagonal=1.0)

        once = layer(tol=0.2, max_iter=1)(x).var(unbiased=False)
        endless = functools.partial(answer.lsuv_init_, Impatient([nn.Linear(5, 4)]).double(), x)
        # For these rows every orthonormal weight gives an output with a variance of 1.3.
        return {
            "no division when the variance, here 1.3, is within tol=0.4 of 1": is_undivided(tol=0.4),
            "a division by its root when it is not, with tol=0.2": bool(abs(once - 1) < 0.05),
            "no division with max_iter=0": is_undivided(max_iter=0),
            "an end after max_iter=3 divisions with tol=0": error_of(endless, tol=0.0, max_iter=3) == "",
        }

    rows = torch.randn(200, 5, dtype=torch.float64)
    even = torch.linalg.qr(rows - rows.mean(0)).Q  # centered columns of length 1, at right angles
    assert_all(student(probe, math.sqrt(1.3 * 200) * even))


@mark.task("lsuv_init", "traces, ends and biases")
def test_layer_without_output_variance_is_left_as_it_is(student):
    def probe(answer, x):
        class Network(nn.ModuleList):
            def forward(self, x):
                alive, silent, last = self
                return last(torch.relu(alive(x)) + silent(0 * x))

        model = Network([nn.Linear(6, 10), nn.Linear(6, 10), nn.Linear(10, 9)]).double()
        before = model[1].weight.detach().clone()
        answer.lsuv_init_(model, x, tol=1e-3)
        after = model[1].weight
        (_, alive, _), _, (_, last, _) = near_one(model, x)
        return {
            "the weight of a layer that gets only zeros is not divided": is_orthonormal(after, diagonal=1.0)
            or torch.equal(after, before),
            "the layer before has variance 1": alive,
            "the layer behind has variance 1": last,
        }

    assert_all(student(probe, 3 * torch.randn(150, 6, dtype=torch.float64) + 1))


# Histograms


def drawn(answer, matrices, x):
    """The panels with something in them, as axes and described; these matrices are the methods."""

    def copying(matrix):
        return torch.no_grad()(lambda weight: weight.copy_(matrix))

    figure = answer.plot_activation_distributions({name: copying(m) for name, m in matrices.items()}, x)
    return [pair for pair in zip(figure.axes, describe_figure(figure), strict=True) if pair[0].has_data()]


def titles(*arguments):
    return [panel["title"] for _, panel in drawn(*arguments)]


def texts(*arguments):
    return [" ".join([*panel["texts"], *panel["legend"], panel["title"]]) for _, panel in drawn(*arguments)]


def have_dashed_line(*arguments):
    """Whether each panel has a dashed vertical line at 0."""
    found = []
    for axes, panel in drawn(*arguments):
        at_zero = [line["linestyle"] for line in panel["lines"] if len(line["x"]) and not np.any(line["x"])]
        for lines in axes.collections:  # axes.vlines
            if hasattr(lines, "get_segments") and not any(np.any(segment[:, 0]) for segment in lines.get_segments()):
                at_zero += ["--" if dashes[1] else "-" for dashes in lines.get_linestyle()]
        found.append("--" in at_zero)
    return found


def histograms(*arguments):
    """Of each panel's histogram the left end, the center and the width of a bar."""
    found = []
    for axes, _ in drawn(*arguments):
        area = moment = 0.0
        ends, widths = [], []
        for patch in axes.patches:  # bars or the outline of steps: the area's center is the mean
            points = patch.get_patch_transform().transform(patch.get_path().vertices)
            (x0, y0), (x1, y1) = points.T, np.roll(points, -1, axis=0).T
            cross = x0 * y1 - x1 * y0
            area, moment = area + cross.sum() / 2, moment + ((x0 + x1) * cross).sum() / 6
            if abs(cross.sum()) > 0:
                ends += [x0.min(), x0.max()]
            widths.append(np.ptp(x0))
        width = max(widths, default=0.0) if len(widths) > 2 else np.ptp(ends or [0.0]) / 10
        found.append([float(min(ends, default=0.0)), float(moment / area) if area else 0.0, float(width)])
    return found


MATRICES = {
    "one row": torch.tensor([[2.0, 2.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
    "two signs": torch.tensor([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]),
}


def batch():
    """400 rows of three positive columns of different size."""
    return torch.rand(400, 3) + torch.tensor([0.5, 2.0, 5.0])


@mark.task("plot_activation_distributions", "titles and text")
def test_panels_are_titled_with_the_names_in_order(student):
    found = student(titles, MATRICES, batch())
    named = sum(name in title for name, title in zip(MATRICES, found, strict=False))
    assert len(found) == named == 2, (
        f"for two methods there are {len(found)} panels with something in them, and {named} of these have the title of "
        "the method in this place"
    )


@mark.task("plot_activation_distributions", "histograms")
def test_histograms_show_what_relu_makes_of_the_batch(student):
    x = batch()
    found = student(histograms, MATRICES, x)
    for (name, matrix), (left, center, width) in zip(MATRICES.items(), found, strict=True):
        mean = torch.relu(x @ matrix.T).mean().item()
        assert left > -width, f"the histogram for {name!r} begins at {left:.3g}, but no activation is negative"
        assert abs(center - mean) <= width, (
            f"the center of the histogram for {name!r} is {center:.3g}; that of relu(x @ W.T) is {mean:.3g}"
        )


@mark.task("plot_activation_distributions", "the line at 0")
def test_dashed_line_marks_zero_in_each_panel(student):
    found = student(have_dashed_line, MATRICES, batch())
    assert found == [True] * 2, f"{found.count(True)} of {len(found)} panels have a dashed vertical line at 0"


@mark.task("plot_activation_distributions", "titles and text")
def test_text_gives_mean_and_std_to_two_decimals(student):
    # biased and unbiased standard deviations of 1200 numbers around 4 differ by 0.002
    x = batch()
    found = student(texts, MATRICES, x)
    for (name, matrix), text in zip(MATRICES.items(), found, strict=True):
        numbers = [float(number) for number in re.findall(r"(?<![\d.])\d+\.\d\d(?!\d)", text)]
        activations = torch.relu(x @ matrix.T)
        for what, expected in [("mean", activations.mean().item()), ("standard deviation", activations.std().item())]:
            assert any(abs(number - expected) < 0.0101 for number in numbers), (
                f"the numbers with two decimals for {name!r} are {numbers[:4]}; the {what} {expected:.2f} is missing"
            )


@mark.task("plot_activation_distributions", "any methods")
def test_single_method_gives_a_single_panel(student):
    found = student(titles, {"alone": MATRICES["two signs"]}, batch())
    assert len(found) == 1, f"there are {len(found)} panels with something in them; 1 is right"


@mark.task("plot_activation_distributions", "any methods")
def test_methods_fill_a_square_weight_and_need_not_return_it(student):
    def probe(answer, x):
        shapes = []

        def init(weight):
            shapes.append(list(weight.shape))
            with torch.no_grad():
                weight.fill_(0.5)

        answer.plot_activation_distributions({"first": init, "second": init}, x)
        return shapes

    assert_close(student(probe, torch.rand(20, 5, dtype=torch.float64)), [[5, 5], [5, 5]])
