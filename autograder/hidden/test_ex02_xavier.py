"""Hidden tests of ex02: Xavier initialization.

What is random is judged by numbers that are the same for every right answer: ratios and shares of 30 000 draws, rounded
to one decimal. Rounding forgives an error of 0.05, and each test says how far away, in standard errors, that is.
"""

import itertools

import torch
from pytest import mark, param

from autograder.course.testing import Forbidden, assert_close

_INIT = Forbidden(
    [
        "torch.nn.init.[!_]*",
        "torch.nn.init._no_grad_*",
        # Known by another path, it is noticed when called but not when read: fan_in_and_fan_out may use it.
        "torch.nn.modules.linear.init._calculate_*",
    ],
    because="you are asked to write the rule yourself",
)
FORBIDDEN = {"xavier_uniform_": _INIT, "xavier_normal_": _INIT}


def right_fans(answer):
    """A correct count in the place of the student's."""
    answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())


def right_rules(answer):
    """Correct rules in the place of the student's."""
    answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
    answer.xavier_normal_ = lambda weight, gain=1, generator=None: nn.init.xavier_normal_(weight, gain, generator)


STAND_INS = {
    "xavier_uniform": right_fans,
    "xavier_normal": right_fans,
    "xavier_init_network_initialization": right_rules,
}


def refusal(function, words, *args, **kwargs):
    """Which error a call raises, and whether a ValueError's message holds one of the words."""
    try:
        function(*args, **kwargs)
    except ValueError as error:
        return "ValueError", any(word in str(error) for word in words)
    except Exception:
        return error_of(function, *args, **kwargs), True
    return "", True


# fan_in_and_fan_out


def fans(answer, *shapes):
    return [[int(fan) for fan in answer.fan_in_and_fan_out(torch.zeros(shape))] for shape in shapes]


@mark.task("fan_in_and_fan_out", "linear weights")
def test_a_linear_weight_has_its_inputs_in_the_second_dimension(student):
    assert_close(student(fans, (7, 4)), [[4, 7]])


@mark.task("fan_in_and_fan_out", "kernels")
def test_a_convolution_counts_every_entry_of_its_kernel_in_both_fans(student):
    assert_close(student(fans, (6, 4, 3, 3)), [[36, 54]])


@mark.task("fan_in_and_fan_out", "kernels")
def test_kernels_may_be_oblong_and_have_one_dimension_or_three(student):
    assert_close(student(fans, (6, 4, 3, 5), (6, 4, 3), (6, 4, 2, 3, 5)), [[60, 90], [12, 18], [120, 180]])


@mark.task("fan_in_and_fan_out", "plain integers")
def test_both_fans_are_plain_integers(student):
    def probe(answer):
        pairs = [answer.fan_in_and_fan_out(torch.zeros(shape)) for shape in [(7, 4), (6, 4, 3, 5)]]
        return [[len(pair), *(type(fan) is int for fan in pair)] for pair in pairs]

    assert student(probe) == [[2, True, True]] * 2, "expected two plain ints, for a linear weight and for a convolution"


def refused_weights(answer, *shapes):
    words = "weight", "dim", "shape", "5"
    return [refusal(answer.fan_in_and_fan_out, words, torch.zeros(shape)) for shape in shapes]


@mark.task("fan_in_and_fan_out", "bad input")
def test_a_weight_with_fewer_than_two_dimensions_is_refused(student):
    raised = [error for error, _ in student(refused_weights, (5,), ())]
    assert raised == ["ValueError"] * 2, f"weights of shapes (5,) and () raise {raised}, not a ValueError each"


@mark.task("fan_in_and_fan_out", "bad input")
def test_the_message_names_the_weight_or_its_shape(student):
    [(_, named)] = student(refused_weights, (5,))
    assert named, "for a weight of shape (5,) the message names neither the weight nor its shape"


# Both rules. The relative standard error of a standard deviation of n draws is sqrt(0.2 / n) for uniform ones, 0.26 %
# of 30 000, and sqrt(0.5 / n) for normal ones, 0.41 %: rounding to one decimal forgives 12 of them or more.


def both(criterion):
    """A test of both rules."""
    rules = ("xavier_uniform_", "uniform", "xavier_uniform"), ("xavier_normal_", "normal", "xavier_normal")
    return mark.parametrize(
        "rule", [param(name, id=kind, marks=mark.task(task, criterion)) for name, kind, task in rules]
    )


def filled(answer, rule, weight, **options):
    """The weight once it is filled, in place or not: where is asked by one test alone."""
    result = getattr(answer, rule)(weight, **options)
    return (weight if result is None else result).detach()


def spread(answer, rule, shape, options):
    return float(filled(answer, rule, torch.zeros(shape), **options).std())


@both("spread from both fans")
def test_the_spread_of_a_linear_weight_follows_from_both_fans(student, rule):
    ratio = round(student(spread, rule, (300, 100), {}) / (2 / 400) ** 0.5, 1)
    assert ratio == 1.0, f"with fans 100 and 300 the standard deviation is {ratio} times the one of the formula"


@both("spread from both fans")
def test_the_spread_of_a_convolution_follows_from_its_receptive_field(student, rule):
    ratio = round(student(spread, rule, (64, 32, 3, 5), {}) / (2 / 1440) ** 0.5, 1)
    assert ratio == 1.0, f"with fans 480 and 960 the standard deviation is {ratio} times the one of the formula"


@both("gain")
def test_the_gain_is_a_factor_of_the_weights(student, rule):
    one, five = (student(spread, rule, (300, 100), {"gain": gain}) for gain in (1.0, 5.0))
    ratio = round(five / one / 5, 1)  # 0.05 is 8.7 standard errors of a ratio of two normal ones
    assert ratio == 1.0, f"gain=5 makes the weights {5 * ratio:g} times as large as gain=1, expected 5 times"


@mark.task("xavier_uniform", "distribution")
def test_the_values_are_spread_evenly_on_both_sides_of_zero(student):
    def probe(answer):
        values = filled(answer, "xavier_uniform_", torch.full((300, 100), 3.0)).float()
        reach = float(values.abs().max())
        shares = torch.histc(values, bins=5, min=-reach, max=reach) / values.numel()
        return [round(float(share), 1) for share in shares]

    # Hoeffding: a share of 30 000 is off by 0.05 with a probability below 2 exp(-2 * 30000 * 0.05**2) < 1e-64.
    shares = student(probe)
    assert shares == [0.2] * 5, f"from lowest to highest, the fifths of the range hold {shares}, expected 0.2 each"


@mark.task("xavier_normal", "distribution")
def test_the_values_are_normal_around_zero_with_their_tails(student):
    def probe(answer):
        values = filled(answer, "xavier_normal_", torch.full((300, 100), 3.0))
        scaled = values / values.std()
        return {
            "mean, in standard deviations": round(float(scaled.mean()), 1) + 0.0,
            "share within one standard deviation": round(float((scaled.abs() < 1).double().mean()), 1),
            "some beyond three": bool((scaled.abs() > 3).any()),
        }

    # Mean: 0.05 is 8.7 standard errors. The share is 0.683: 0.65 is 12 away. None beyond 3: 0.9973**30000 < 1e-34.
    names = ["mean, in standard deviations", "share within one standard deviation", "some beyond three"]
    assert_close(student(probe), dict(zip(names, [0.0, 0.7, True], strict=True)))


@both("in place")
def test_the_parameter_itself_is_filled_and_returned_and_can_be_trained_afterwards(student, rule):
    def probe(answer, rule):
        weight = nn.Parameter(torch.full((5, 3, 2), 9.0, dtype=torch.float64))
        returned = getattr(answer, rule)(weight)
        return {
            "the parameter is returned": returned is weight,
            "every entry is new": not bool((weight == 9).any()),
            "it is in float64 as before": weight.dtype == torch.float64,
            "it requires a gradient": weight.requires_grad,
            "it is a leaf without a gradient": weight.is_leaf and weight.grad is None,
        }

    for question, found in student(probe, rule).items():
        assert found, f"given a parameter of shape (5, 3, 2): {question}: no"


def two_weights(answer, rule, torch_seed, numpy_seed, seed=None):
    """Two weights in a row, with or without a generator of their own, and torch's global state afterwards."""
    torch.default_generator.manual_seed(torch_seed)
    np.random.seed(numpy_seed)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    weights = [filled(answer, rule, torch.zeros(5, 3), generator=generator) for _ in range(2)]
    return torch.stack(weights), torch.get_rng_state()


@both("generator")
def test_every_draw_comes_from_the_given_generator(student, rule):
    def probe(answer, rule, seed):
        seeds = (987, 987, seed), (654, 654, seed), (987, 987, seed + 1)
        one, same, other = (two_weights(answer, rule, *three)[0] for three in seeds)
        return torch.equal(one, same), torch.equal(one[0], other[0]), torch.equal(*one)

    same_state, other_seed, in_a_row = student(probe, rule, int(torch.randint(1 << 30, ())))
    assert same_state, "two generators in the same state give different weights"
    assert not other_seed, "two generators with different seeds give the same weight"
    assert not in_a_row, "two calls in a row with one generator give the same weight"


@both("generator")
def test_the_global_generator_is_the_default_and_is_never_reseeded(student, rule):
    def probe(answer, rule, seed):
        seeds = (seed, 1), (seed, 2), (seed + 1, 1), (seed, 1, 3), (seed + 1, 1, 3)
        (one, *states), (same, _), *others = (two_weights(answer, rule, *some) for some in seeds)
        states += [state for _, state in others]
        reseeded = torch.equal(*states[:2]) or torch.equal(*states[2:])
        return torch.equal(one, same), torch.equal(*one), reseeded

    same_state, in_a_row, reseeded = student(probe, rule, int(torch.randint(1 << 30, ())))
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "without a generator, the same state of torch's global one gives different weights"
    assert not in_a_row, "without a generator, two calls in a row give the same weight"


# XavierInitNetwork, structure: weights are set by the probe, so that how they were initialized plays no part


def network(answer, *sizes, **options):
    return answer.XavierInitNetwork(sizes[0], [*sizes[1:-1]], sizes[-1], **options)


def filled_network(answer):
    """A network of the student's class whose parameters are all set."""
    model = network(answer, 6, 7, 4, 5, 3, init_type="zeros")
    for parameter in model.parameters():
        parameter.data.copy_(torch.linspace(-1, 1, parameter.numel()).view_as(parameter))
    return model


@mark.task("xavier_init_network_structure", "layers and sizes")
def test_a_tanh_follows_every_linear_layer_but_the_last(student):
    def probe(answer):
        layers = network(answer, 6, 7, 4, 5, 3, init_type="zeros").network
        kinds = {"Linear": nn.Linear, "Tanh": nn.Tanh, "another": nn.Module}
        names = [next(name for name, kind in kinds.items() if isinstance(layer, kind)) for layer in layers]
        return isinstance(layers, nn.Sequential), names

    is_sequential, names = student(probe)
    assert is_sequential, "`network` is not an nn.Sequential"
    # How many there are is asked below.
    expected = ["Linear", *["Tanh", "Linear"] * (len(names) // 2)]
    assert len(names) > 2 and names == expected, f"the layers are {' '.join(names)}, not Linear, Tanh, ..., Linear"


@mark.task("xavier_init_network_structure", "layers and sizes")
def test_the_layers_have_the_sizes_asked_for(student):
    def probe(answer):
        return [
            list(parameter.shape)
            for parameter in network(answer, 6, 7, 4, 5, 3, init_type="zeros").network.parameters()
        ]

    shapes, expected = student(probe), [[7, 6], [7], [4, 7], [4], [5, 4], [5], [3, 5], [3]]
    assert shapes == expected, f"XavierInitNetwork(6, [7, 4, 5], 3) has weights and biases of shapes {shapes}"


@mark.task("xavier_init_network_structure", "forward")
def test_forward_applies_the_network_and_nothing_else(student):
    def probe(answer, x):
        model = filled_network(answer)
        return model(x), model.network(x)

    assert_close(*student(probe, torch.randn(9, 6)))


@mark.task("xavier_init_network_structure", "list of sizes")
def test_the_list_of_hidden_sizes_stays_as_it_was(student):
    def probe(answer):
        sizes = [7, 4, 5]
        answer.XavierInitNetwork(6, sizes, 3, init_type="zeros")
        return sizes

    sizes = student(probe)
    assert sizes == [7, 4, 5], f"the list [7, 4, 5] of hidden sizes is {sizes} after the call"


@mark.task("xavier_init_network_structure", "gradients")
def test_gradients_reach_every_weight_and_bias(student):
    def probe(answer, x):
        model = filled_network(answer)
        output = model(x)
        if output.requires_grad:
            output.square().sum().backward()
        return [parameter.grad is not None and bool(parameter.grad.any()) for parameter in model.parameters()]

    reached = student(probe, torch.randn(9, 6))
    assert reached and all(reached), f"only {sum(reached)} of {len(reached)} parameters get a gradient that is not 0"


# XavierInitNetwork, initialization: correct rules stand in for the student's


def weights_of(answer, sizes, options):
    """The weights of all linear layers."""
    model = network(answer, *sizes, **options)
    return [layer.weight.detach() for layer in model.modules() if isinstance(layer, nn.Linear)]


def ratio_to_formula(weight):
    """A standard deviation as a multiple of the formula's, to one decimal: 0.05 is 12 standard errors or more."""
    return round(float(weight.std()) / (2 / sum(weight.shape)) ** 0.5, 1)


@mark.parametrize("options", [{}, {"init_type": "xavier_normal"}], ids=["xavier", "xavier_normal"])
@mark.task("xavier_init_network_initialization", "spread of each type")
def test_each_hidden_layer_has_the_spread_of_its_own_fans(student, options):
    found = [ratio_to_formula(weight) for weight in student(weights_of, [120, 250, 200, 160], options)[:-1]]
    assert set(found) == {1.0}, f"the standard deviations are {found} times the ones of the formula"


@mark.task("xavier_init_network_initialization", "spread of each type")
def test_zeros_makes_every_hidden_weight_exactly_zero(student):
    weights = student(weights_of, [6, 7, 4, 3], {"init_type": "zeros"})
    assert len(weights) > 1, "there are no layers with weights"
    count = sum(int(weight.count_nonzero()) for weight in weights[:-1])
    assert count == 0, f"{count} weights of the hidden layers are not 0"


@mark.task("xavier_init_network_initialization", "spread of each type")
def test_random_spreads_weights_evenly_from_minus_a_tenth_to_a_tenth(student):
    weight = student(weights_of, [120, 250, 3, 3], {"init_type": "random"})[0]
    shares = [round(float(share), 1) for share in torch.histc(weight, bins=5, min=-0.1, max=0.1) / weight.numel()]
    # Hoeffding: a share of 30 000 is off by 0.05 with a probability below 2 exp(-2 * 30000 * 0.05**2) < 1e-64.
    assert shares == [0.2] * 5, f"the fifths of the range from -0.1 to 0.1 hold shares of {shares}, expected 0.2 each"


@mark.task("xavier_init_network_initialization", "output layer")
def test_the_output_layer_is_initialized_too(student):
    types = "xavier", "zeros"
    found = [ratio_to_formula(student(weights_of, [9, 200, 200, 160], {"init_type": one})[-1]) for one in types]
    message = f"'xavier': the output layer's standard deviation is {found[0]} times the one of the formula"
    assert found[0] == 1.0, message
    assert found[1] == 0.0, "'zeros': the output layer's weights are not all 0"


@mark.task("xavier_init_network_initialization", "uniform or normal")
def test_xavier_is_the_uniform_rule_and_xavier_normal_the_normal_one(student):
    # Uniform draws end at 1.73 standard deviations; 30 000 normal ones go beyond 3 but with probability 1e-34.
    for name, tails in {"xavier": False, "xavier_normal": True}.items():
        weight = student(weights_of, [120, 250, 3, 3], {"init_type": name})[0]
        found = bool((weight.abs() > 3 * weight.std()).any())
        assert found == tails, f"the weights of {name!r} are {'normal' if found else 'uniform'}"


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_every_bias_starts_at_zero(student):
    def probe(answer, name):
        model = network(answer, 6, 7, 4, 3, init_type=name)
        return sum(bool(layer.bias.any()) for layer in model.modules() if isinstance(layer, nn.Linear))

    for name in ["xavier", "xavier_normal", "zeros", "random"]:
        count = student(probe, name)
        assert count == 0, f"{name}: {count} of 3 layers have a bias that is not 0"


def refused_types(answer, *names):
    words = "init_type", "kaiming"
    return [refusal(answer.XavierInitNetwork, words, 6, [7], 3, init_type=name) for name in names]


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_an_unknown_init_type_is_refused(student):
    raised = [error for error, _ in student(refused_types, "he", "normal", "")]
    assert raised == ["ValueError"] * 3, f"the init_types 'he', 'normal' and '' raise {raised}, not a ValueError each"


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_the_message_names_the_init_type(student):
    [(_, named)] = student(refused_types, "kaiming")
    assert named, "for init_type='kaiming' the message names neither the argument nor its value"


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_all_initial_weights_are_drawn_from_the_generator(student):
    def probe(answer, name, seed):
        def weights(elsewhere, seed=None):
            torch.default_generator.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            generator = None if seed is None else torch.Generator().manual_seed(seed)
            return weights_of(answer, [4, 6, 6, 6, 3], {"init_type": name, "generator": generator})

        one, state = weights(987, seed), torch.get_rng_state()
        same, moved = weights(654, seed), torch.get_rng_state()
        return {
            "same generator state, same weights": all(map(torch.equal, one, same)),
            "another seed, same weights": any(map(torch.equal, one, weights(987, seed + 1))),
            "two layers, same weights": torch.equal(one[1], one[2]),
            "no generator, same global state, same weights": all(map(torch.equal, weights(seed), weights(seed))),
            "global generator reseeded": torch.equal(state, moved),
        }

    for name in ["xavier", "xavier_normal", "random"]:
        for question, observed in student(probe, name, int(torch.randint(1 << 30, ()))).items():
            expected = question.startswith(("same generator", "no generator"))
            assert observed is expected, f"{name}: {question}: {observed}, expected {expected}"


# activation_spread: dividing by n or by n - 1 are both right, hence tolerances of 1e-3 and 2000 entries or more


def chain(sizes, weights, biases):
    """A module whose `network` has a Tanh after each layer but the last, with these parameters."""
    model, layers = nn.Module(), []
    for n, m in itertools.pairwise(sizes):
        layers += [nn.Linear(n, m, dtype=torch.float64), nn.Tanh()]
    model.network = nn.Sequential(*layers[:-1])
    model.forward = model.network.forward
    for layer, weight, bias in zip(layers[::2], weights, biases, strict=True):
        layer.load_state_dict({"weight": weight, "bias": bias})
    return model


def spreads(answer, x, sizes, weights, biases):
    return [float(one) for one in answer.activation_spread(chain(sizes, weights, biases), x)]


def drawn(sizes, scales, bias=0.0, rows=400):
    """A batch, and what makes a chain: its sizes, weights of these scales, and biases."""
    pairs = list(itertools.pairwise(sizes))
    weights = [s * torch.randn(m, n, dtype=torch.float64) for s, (n, m) in zip(scales, pairs, strict=True)]
    biases = [bias * torch.randn(m, dtype=torch.float64) for _, m in pairs]
    return torch.randn(rows, sizes[0], dtype=torch.float64), sizes, weights, biases


def small(*sizes):
    """A batch of nine rows, and what makes a chain of these sizes."""
    return drawn(sizes, [1.0] * (len(sizes) - 1), rows=9)


# Behind large weights nearly all of tanh's values are 1 or -1, behind tiny ones they are tiny: standard deviation or
# variance, over all entries or by unit, this can be told from everything that enters a Tanh.


@mark.parametrize("scales", [(20.0, 0.02, 1.0), (0.02, 50.0, 1.0)], ids=["saturated first", "saturated last"])
@mark.task("activation_spread", "after each Tanh")
def test_each_number_is_measured_behind_its_tanh(student, scales):
    found = student(spreads, *drawn([6, 30, 20, 2], scales))
    large, small = found[:2] if scales[0] > 1 else found[1::-1]
    assert 0.7 < large < 1.01 and 1e-4 < small < 0.4, (
        f"a Tanh behind very large weights and one behind tiny weights spread by {large:.3g} and {small:.3g} in your "
        "answer; expected nearly 1 and much less"
    )


@mark.task("activation_spread", "standard deviation")
def test_it_is_the_standard_deviation_over_all_entries(student, reference):
    arguments = drawn([6, 30, 20, 10, 2], (0.3, 0.3, 0.3, 0.3), bias=0.3)
    assert_close(student(spreads, *arguments), reference(spreads, *arguments), rtol=1e-3, atol=0.0)


@mark.task("activation_spread", "plain floats")
def test_the_result_is_a_list_with_one_plain_float_for_each_tanh(student):
    def probe(answer, x, *network):
        found = answer.activation_spread(chain(*network), x)
        return isinstance(found, list), len(found), all(isinstance(spread, float) for spread in found)

    is_list, length, are_floats = student(probe, *small(6, 5, 4, 2))
    assert is_list, "the result is not a list"
    assert length == 2, f"a network with 2 Tanh layers gives {length} numbers"
    assert are_floats, "the entries are not plain floats"


@mark.task("activation_spread", "plain floats")
def test_a_spread_of_a_millionth_keeps_its_digits(student):
    x, sizes, weights, biases = drawn([6, 10, 2], (1e-6, 1.0))
    # Shares of ten thousand times the weights: what is measured otherwise is measured otherwise in both.
    small, large = (student(spreads, x, sizes, [s * weights[0], weights[1]], biases)[0] for s in (1, 1e4))
    assert_close(1e4 * small / large, 1.0, rtol=1e-2, atol=0.0)


def left(answer, part, mode, x, *network):
    """How a call leaves the batch and a network that has a hook, a gradient and a frozen bias of somebody else's."""
    model = chain(*network).train(mode)
    model.network[1].register_forward_hook(lambda module, inputs, output: None)
    model.network[0].bias.grad = torch.ones(5).double()
    model.network[2].bias.requires_grad_(False)
    before = copy.deepcopy({"batch": x, **model.state_dict()})
    answer.activation_spread(model, x)
    enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return {
        "hooks": [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()],
        "gradients": ["none" if p.grad is None else f"sum {float(p.grad.sum()):g}" for p in model.parameters()],
        "trainable": [p.requires_grad for p in model.parameters()],
        "recording": [enabled, x.requires_grad],
        "modes": [module.training for module in model.modules()],
        "values": [torch.equal(before[name], now) for name, now in {"batch": x, **model.state_dict()}.items()],
    }[part]


@mark.task("activation_spread", "network left alone")
def test_no_hook_stays_and_none_of_others_goes(student):
    hooks = student(left, "hooks", True, *small(6, 5, 4, 2))
    message = f"there was one hook of somebody else's, on the first Tanh; afterwards there are {sum(hooks)}"
    assert hooks == [0, 0, 0, 1, 0, 0, 0], message


@mark.task("activation_spread", "network left alone")
def test_gradients_and_what_may_have_one_stay_as_they_were(student):
    expected = {"gradients": ["none", "sum 5", "none", "none"], "trainable": [True, True, True, False]}
    expected["recording"] = [True, False]  # everywhere, and what becomes of the input
    for question, right in expected.items():
        found = student(left, question, True, *small(6, 5, 2))
        assert found == right, f"{question}, afterwards: {found}, expected {right}"


@mark.task("activation_spread", "network left alone")
def test_the_network_stays_in_the_mode_it_was_in(student):
    for mode in [True, False]:
        after = student(left, "modes", mode, *small(6, 5, 2))
        assert set(after) == {mode}, f"with training={mode} before, {after.count(not mode)} of 5 modules changed"


@mark.task("activation_spread", "network left alone")
def test_the_batch_and_the_weights_stay_as_they_were(student):
    same = student(left, "values", True, *small(6, 5, 2))
    assert same[0], "the batch `x` was changed"
    assert all(same), f"{same.count(False)} of 4 weights and biases were changed"
