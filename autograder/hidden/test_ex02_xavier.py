"""Hidden tests of ex02: Xavier initialization.

What is random is judged by numbers that are the same for every right answer: ratios and shares of 30 000 draws, rounded
to one decimal. Rounding forgives an error of 0.05, and each test says how far away, in standard errors, that is.
"""

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


# fan_in_and_fan_out


@mark.task("fan_in_and_fan_out", "linear weights")
def test_a_linear_weight_has_its_inputs_in_the_second_dimension(student):
    def probe(answer):
        return [int(fan) for fan in answer.fan_in_and_fan_out(torch.zeros(7, 4))]

    assert_close(student(probe), [4, 7])


@mark.task("fan_in_and_fan_out", "kernels")
def test_a_convolution_counts_every_entry_of_its_kernel_in_both_fans(student):
    def probe(answer):
        return [int(fan) for fan in answer.fan_in_and_fan_out(torch.zeros(6, 4, 3, 5))]

    assert_close(student(probe), [60, 90])


@mark.task("fan_in_and_fan_out", "kernels")
def test_kernels_may_have_one_dimension_or_three(student):
    def probe(answer):
        shapes = [(6, 4, 3), (6, 4, 2, 3, 5)]
        return [[int(fan) for fan in answer.fan_in_and_fan_out(torch.zeros(shape))] for shape in shapes]

    assert_close(student(probe), [[12, 18], [120, 180]])


@mark.task("fan_in_and_fan_out", "plain integers")
def test_both_fans_are_plain_integers(student):
    def probe(answer):
        pairs = [answer.fan_in_and_fan_out(torch.zeros(shape)) for shape in [(7, 4), (6, 4, 3, 5)]]
        return [[len(pair), *(type(fan) is int for fan in pair)] for pair in pairs]

    assert student(probe) == [[2, True, True]] * 2, "expected two plain ints, for a linear weight and for a convolution"


@mark.task("fan_in_and_fan_out", "bad input")
def test_a_weight_with_fewer_than_two_dimensions_is_refused(student):
    def probe(answer):
        return [error_of(answer.fan_in_and_fan_out, torch.zeros(shape)) for shape in [(5,), ()]]

    assert_close(student(probe), ["ValueError", "ValueError"])


# Both rules. The relative standard error of a standard deviation of n draws is sqrt(0.2 / n) for uniform ones, 0.26 %
# of 30 000, and sqrt(0.5 / n) for normal ones, 0.41 %: rounding to one decimal forgives 12 of them or more.


def both(criterion):
    """A test of both rules."""
    rules = ("xavier_uniform_", "uniform", "xavier_uniform"), ("xavier_normal_", "normal", "xavier_normal")
    return mark.parametrize("rule", [param(r, id=i, marks=mark.task(task, criterion)) for r, i, task in rules])


@both("spread from both fans")
def test_the_spread_of_a_linear_weight_follows_from_both_fans(student, rule):
    def probe(answer, rule):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = torch.zeros(300, 100)
        filled = getattr(answer, rule)(weight)
        filled = weight if filled is None else filled
        return round(float(filled.std()) / math.sqrt(2 / 400), 1)

    ratio = student(probe, rule)
    assert ratio == 1.0, f"with fans 100 and 300 the standard deviation is {ratio} times the one of the formula"


@both("spread from both fans")
def test_the_spread_of_a_convolution_follows_from_its_receptive_field(student, rule):
    def probe(answer, rule):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = torch.zeros(64, 32, 3, 5)
        filled = getattr(answer, rule)(weight)
        filled = weight if filled is None else filled
        return round(float(filled.std()) / math.sqrt(2 / 1440), 1)

    ratio = student(probe, rule)
    assert ratio == 1.0, f"with fans 480 and 960 the standard deviation is {ratio} times the one of the formula"


@both("gain")
def test_the_gain_is_a_factor_of_the_weights(student, rule):
    def probe(answer, rule):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weights = [torch.zeros(300, 100), torch.zeros(300, 100)]
        filled = [getattr(answer, rule)(weight, gain=gain) for weight, gain in zip(weights, [1.0, 5.0], strict=True)]
        one, five = [float((w if f is None else f).std()) for w, f in zip(weights, filled, strict=True)]
        return round(five / one / 5, 1)

    ratio = student(probe, rule)  # 0.05 is 8.7 standard errors of a ratio of two normal ones
    assert ratio == 1.0, f"gain=5 makes the weights {5 * ratio:g} times as large as gain=1, expected 5 times"


@mark.task("xavier_uniform", "distribution")
def test_the_values_are_spread_evenly_on_both_sides_of_zero(student):
    def probe(answer):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = torch.full((300, 100), 3.0)
        filled = answer.xavier_uniform_(weight)
        filled = (weight if filled is None else filled).float()
        reach = float(filled.abs().max())
        shares = torch.histc(filled, bins=5, min=-reach, max=reach) / filled.numel()
        return [round(float(share), 1) for share in shares]

    # Hoeffding: a share of 30 000 is off by 0.05 with a probability below 2 exp(-2 * 30000 * 0.05**2) < 1e-64.
    shares = student(probe)
    assert shares == [0.2] * 5, f"from lowest to highest, the fifths of the range hold {shares}, expected 0.2 each"


@mark.task("xavier_normal", "distribution")
def test_the_values_are_normal_around_zero_with_their_tails(student):
    def probe(answer):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = torch.full((300, 100), 3.0)
        filled = answer.xavier_normal_(weight)
        filled = weight if filled is None else filled
        scaled = filled / filled.std()
        return {
            "mean, in standard deviations": round(float(scaled.mean()), 1) + 0.0,
            "share within one standard deviation": round(float((scaled.abs() < 1).double().mean()), 1),
            "some beyond three": bool((scaled.abs() > 3).any()),
        }

    # Mean: 0.05 is 8.7 standard errors. The share is 0.683: 0.65 is 12 away. None beyond 3: 0.9973**30000 < 1e-34.
    names = ["mean, in standard deviations", "share within one standard deviation", "some beyond three"]
    assert_close(student(probe), dict(zip(names, [0.0, 0.7, True], strict=True)))


@both("in place")
def test_the_same_tensor_is_filled_and_returned(student, rule):
    def probe(answer, rule):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = torch.zeros(5, 3, 2, dtype=torch.float64)
        returned = getattr(answer, rule)(weight)
        return {"same": returned is weight, "filled": bool(weight.all()), "float64": weight.dtype == torch.float64}

    assert_close(student(probe, rule), {"same": True, "filled": True, "float64": True})


@both("in place")
def test_a_parameter_can_be_filled_and_trained_afterwards(student, rule):
    def probe(answer, rule):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())
        weight = nn.Parameter(torch.zeros(5, 3))
        getattr(answer, rule)(weight)
        return {"requires_grad": weight.requires_grad, "is_leaf": weight.is_leaf, "grad": weight.grad is not None}

    assert_close(student(probe, rule), {"requires_grad": True, "is_leaf": True, "grad": False})


@both("generator")
def test_every_draw_comes_from_the_given_generator(student, rule):
    def probe(answer, rule, seed):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())

        def two_weights(seed, elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            generator, weights = torch.Generator().manual_seed(seed), [torch.zeros(5, 3), torch.zeros(5, 3)]
            filled = [getattr(answer, rule)(weight, generator=generator) for weight in weights]
            return torch.stack([w if f is None else f for w, f in zip(weights, filled, strict=True)])

        one, same, other = two_weights(seed, 987), two_weights(seed, 654), two_weights(seed + 1, 987)
        return torch.equal(one, same), torch.equal(one[0], other[0]), torch.equal(one[0], one[1])

    same_state, other_seed, in_a_row = student(probe, rule, int(torch.randint(1 << 30, ())))
    assert same_state, "two generators in the same state give different weights"
    assert not other_seed, "two generators with different seeds give the same weight"
    assert not in_a_row, "two calls in a row with one generator give the same weight"


@both("generator")
def test_the_global_generator_is_the_default_and_is_never_reseeded(student, rule):
    def probe(answer, rule, seed):
        answer.fan_in_and_fan_out = lambda weight: (weight[0].numel(), weight[:, 0].numel())

        def two_weights(seed, elsewhere, generator=None):
            torch.manual_seed(seed)
            np.random.seed(elsewhere)
            weights = [torch.zeros(5, 3), torch.zeros(5, 3)]
            filled = [getattr(answer, rule)(weight, generator=generator) for weight in weights]
            filled = [w if f is None else f for w, f in zip(weights, filled, strict=True)]
            return torch.stack(filled), torch.get_rng_state()

        (one, state), (same, _), (_, other) = two_weights(seed, 1), two_weights(seed, 2), two_weights(seed + 1, 1)
        states = [two_weights(seed + k, 1, torch.Generator().manual_seed(3))[1] for k in (0, 1)]
        reseeded = torch.equal(state, other) or torch.equal(*states)
        return torch.equal(one, same), torch.equal(one[0], one[1]), reseeded

    same_state, in_a_row, reseeded = student(probe, rule, int(torch.randint(1 << 30, ())))
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "without a generator, the same state of torch's global one gives different weights"
    assert not in_a_row, "without a generator, two calls in a row give the same weight"


# XavierInitNetwork, structure: weights are set by the probe, so that how they were initialized plays no part


@mark.task("xavier_init_network_structure", "layers and sizes")
def test_a_tanh_follows_every_linear_layer_but_the_last(student):
    def probe(answer):
        network = answer.XavierInitNetwork(6, [7, 4, 5], 3, init_type="zeros").network
        kinds = [("Linear", nn.Linear), ("Tanh", nn.Tanh), ("another", nn.Module)]
        names = [next(name for name, kind in kinds if isinstance(layer, kind)) for layer in network]
        return isinstance(network, nn.Sequential), " ".join(names)

    is_sequential, names = student(probe)
    assert is_sequential, "`network` is not an nn.Sequential"
    assert_close(names, "Linear Tanh Linear Tanh Linear Tanh Linear")


@mark.task("xavier_init_network_structure", "layers and sizes")
def test_the_layers_have_the_sizes_asked_for(student):
    def probe(answer):
        model = answer.XavierInitNetwork(6, [7, 4, 5], 3, init_type="zeros")
        return [list(parameter.shape) for parameter in model.network.parameters()]

    assert_close(student(probe), [[7, 6], [7], [4, 7], [4], [5, 4], [5], [3, 5], [3]])


@mark.task("xavier_init_network_structure", "forward")
def test_forward_applies_the_network_and_nothing_else(student):
    def probe(answer, x):
        model = answer.XavierInitNetwork(6, [7, 4, 5], 3, init_type="zeros")
        for parameter in model.parameters():
            parameter.data.copy_(torch.linspace(-1, 1, parameter.numel()).view_as(parameter))
        return model(x), model.network(x)

    observed, expected = student(probe, torch.randn(9, 6))
    assert_close(observed, expected)


@mark.task("xavier_init_network_structure", "list of sizes")
def test_the_list_of_hidden_sizes_stays_as_it_was(student):
    def probe(answer):
        sizes = [7, 4, 5]
        answer.XavierInitNetwork(6, sizes, 3, init_type="zeros")
        return sizes

    assert_close(student(probe), [7, 4, 5])


@mark.task("xavier_init_network_structure", "gradients")
def test_gradients_reach_every_weight_and_bias(student):
    def probe(answer, x):
        model = answer.XavierInitNetwork(6, [7, 4, 5], 3, init_type="zeros")
        for parameter in model.parameters():
            parameter.data.copy_(torch.linspace(-1, 1, parameter.numel()).view_as(parameter))
        output = model(x)
        if output.requires_grad:
            output.square().sum().backward()
        return [parameter.grad is not None and bool(parameter.grad.any()) for parameter in model.parameters()]

    reached = student(probe, torch.randn(9, 6))
    assert reached and all(reached), f"only {sum(reached)} of {len(reached)} parameters get a gradient that is not 0"


# XavierInitNetwork, initialization: correct xavier functions stand in for the student's


@mark.task("xavier_init_network_initialization", "spread of each type")
def test_both_xavier_types_give_each_hidden_layer_the_spread_of_its_own_fans(student):
    def probe(answer):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        answer.xavier_normal_ = lambda weight, gain=1, generator=None: nn.init.xavier_normal_(weight, gain, generator)
        ratios = []
        for chosen in [{}, {"init_type": "xavier_normal"}]:
            model = answer.XavierInitNetwork(120, [250, 200], 160, **chosen)
            weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
            found = [round(float(w.detach().std()) / math.sqrt(2 / sum(w.shape)), 1) for w in weights[:-1]]
            ratios.append([min(found), max(found)])
        return dict(zip(["xavier (the default)", "xavier_normal"], ratios, strict=True))

    for name, ratios in student(probe).items():  # 0.05 is 12 standard errors or more
        message = f"{name}: the standard deviations are {ratios[0]} to {ratios[1]} times the ones of the formula"
        assert ratios == [1.0, 1.0], message


@mark.task("xavier_init_network_initialization", "output layer")
def test_the_output_layer_is_initialized_too(student):
    def probe(answer):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        spreads = []
        for name in ["xavier", "zeros"]:
            model = answer.XavierInitNetwork(9, [200, 200], 160, init_type=name)
            *_, last = (layer.weight.detach() for layer in model.modules() if isinstance(layer, nn.Linear))
            spreads.append(round(float(last.std()) / math.sqrt(2 / sum(last.shape)), 1))
        return spreads

    xavier, zeros = student(probe)  # 32 000 draws: 0.05 is 20 standard errors
    assert xavier == 1.0, f"'xavier': the output layer's standard deviation is {xavier} times the one of the formula"
    assert zeros == 0.0, "'zeros': the output layer's weights are not all 0"


@mark.task("xavier_init_network_initialization", "uniform or normal")
def test_xavier_is_the_uniform_rule_and_xavier_normal_the_normal_one(student):
    def probe(answer):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        answer.xavier_normal_ = lambda weight, gain=1, generator=None: nn.init.xavier_normal_(weight, gain, generator)
        kinds = {}
        for name in ["xavier", "xavier_normal"]:
            model = answer.XavierInitNetwork(120, [250, 3], 3, init_type=name)
            weight = next(layer for layer in model.modules() if isinstance(layer, nn.Linear)).weight.detach()
            kinds[name] = "normal" if bool((weight.abs() > 3 * weight.std()).any()) else "uniform"
        return kinds

    # Uniform draws end at 1.73 standard deviations; 30 000 normal ones go beyond 3 but with probability 1e-34.
    assert_close(student(probe), {"xavier": "uniform", "xavier_normal": "normal"})


@mark.task("xavier_init_network_initialization", "spread of each type")
def test_zeros_makes_every_hidden_weight_exactly_zero(student):
    def probe(answer):
        model = answer.XavierInitNetwork(6, [7, 4], 3, init_type="zeros")
        weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
        return sum(int(weight.count_nonzero()) for weight in weights[:-1])

    count = student(probe)
    assert count == 0, f"{count} weights of the hidden layers are not 0"


@mark.task("xavier_init_network_initialization", "spread of each type")
def test_random_spreads_weights_evenly_from_minus_a_tenth_to_a_tenth(student):
    def probe(answer):
        model = answer.XavierInitNetwork(120, [250, 3], 3, init_type="random")
        weight = next(layer for layer in model.modules() if isinstance(layer, nn.Linear)).weight.detach()
        shares = torch.histc(weight, bins=5, min=-0.1, max=0.1) / weight.numel()
        return [round(float(share), 1) for share in shares]

    # Hoeffding: a share of 30 000 is off by 0.05 with a probability below 2 exp(-2 * 30000 * 0.05**2) < 1e-64.
    shares = student(probe)
    assert shares == [0.2] * 5, f"the fifths of the range from -0.1 to 0.1 hold shares of {shares}, expected 0.2 each"


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_every_bias_starts_at_zero(student):
    def probe(answer):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        answer.xavier_normal_ = lambda weight, gain=1, generator=None: nn.init.xavier_normal_(weight, gain, generator)
        counts = {}
        for name in ["xavier", "xavier_normal", "zeros", "random"]:
            model = answer.XavierInitNetwork(6, [7, 4], 3, init_type=name)
            biases = [layer.bias for layer in model.modules() if isinstance(layer, nn.Linear)]
            counts[name] = sum(bool(bias.any()) for bias in biases)
        return counts

    for name, count in student(probe).items():
        assert count == 0, f"{name}: {count} of 3 layers have a bias that is not 0"


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_an_unknown_init_type_is_refused(student):
    def probe(answer):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        build = answer.XavierInitNetwork
        return [error_of(build, 6, [7], 3, init_type=name) for name in ["he", "normal", ""]]

    assert_close(student(probe), ["ValueError"] * 3)


@mark.task("xavier_init_network_initialization", "biases, generator and bad input")
def test_all_initial_weights_are_drawn_from_the_generator(student):
    def probe(answer, seed):
        answer.xavier_uniform_ = lambda weight, gain=1, generator=None: nn.init.xavier_uniform_(weight, gain, generator)
        answer.xavier_normal_ = lambda weight, gain=1, generator=None: nn.init.xavier_normal_(weight, gain, generator)

        def weights(name, generator, elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            model = answer.XavierInitNetwork(4, [6, 6, 6], 3, init_type=name, generator=generator)
            found = [layer.weight.detach() for layer in model.modules() if isinstance(layer, nn.Linear)]
            return found, torch.get_rng_state()

        reports = {}
        for name in ["xavier", "xavier_normal", "random"]:
            one, state = weights(name, torch.Generator().manual_seed(seed), 987)
            same, moved = weights(name, torch.Generator().manual_seed(seed), 654)
            other, _ = weights(name, torch.Generator().manual_seed(seed + 1), 987)
            reports[name] = {
                "same generator state, same weights": all(map(torch.equal, one, same)),
                "another seed, same weights": any(map(torch.equal, one, other)),
                "two layers, same weights": torch.equal(one[1], one[2]),
                "no generator, same global state, same weights": all(
                    map(torch.equal, weights(name, None, seed)[0], weights(name, None, seed)[0])
                ),
                "global generator reseeded": torch.equal(state, moved),
            }
        return reports

    for name, report in student(probe, int(torch.randint(1 << 30, ()))).items():
        for question, observed in report.items():
            expected = question.startswith(("same generator", "no generator"))
            assert observed is expected, f"{name}: {question}: {observed}, expected {expected}"


# activation_spread: dividing by n or by n - 1 are both right, hence tolerances of 1e-3 and 2000 entries or more


@mark.task("activation_spread", "after each Tanh")
def test_each_number_is_the_standard_deviation_over_all_entries_after_a_tanh(student, reference):
    def probe(answer, x, values):
        model = nn.Sequential()
        layers = [nn.Linear(6, 30), nn.Tanh(), nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 10), nn.Tanh()]
        model.network = nn.Sequential(*layers, nn.Linear(10, 2)).double()
        torch.nn.utils.vector_to_parameters(values, model.parameters())
        return [float(spread) for spread in answer.activation_spread(model, x)]

    x, values = torch.randn(400, 6, dtype=torch.float64), 0.3 * torch.randn(1062, dtype=torch.float64)
    assert_close(student(probe, x, values), reference(probe, x, values), rtol=1e-3, atol=0.0)


@mark.task("activation_spread", "plain floats")
def test_the_result_is_a_list_with_one_plain_float_for_each_tanh(student):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
        spreads = answer.activation_spread(model, x)
        return isinstance(spreads, list), len(spreads), all(isinstance(spread, float) for spread in spreads)

    is_list, length, are_floats = student(probe, torch.randn(9, 6))
    assert is_list, "the result is not a list"
    assert length == 2, f"a network with 2 Tanh layers gives {length} numbers"
    assert are_floats, "the entries are not plain floats"


@mark.task("activation_spread", "standard deviation")
def test_a_spread_of_a_millionth_keeps_its_digits(student, reference):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 10), nn.Tanh(), nn.Linear(10, 2)).double()
        for parameter in model.parameters():
            parameter.data.copy_(1e-6 * torch.linspace(-1, 1, parameter.numel()).view_as(parameter))
        return [float(spread) for spread in answer.activation_spread(model, x)]

    x = torch.randn(400, 6, dtype=torch.float64)
    assert_close(student(probe, x)[:1], reference(probe, x), rtol=1e-3, atol=0.0)


@mark.task("activation_spread", "network left alone")
def test_no_hook_stays_and_none_of_others_goes(student):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
        model.network[1].register_forward_hook(lambda module, inputs, output: None)
        answer.activation_spread(model, x)
        return [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()]

    hooks = student(probe, torch.randn(9, 6))
    message = f"there was one hook of somebody else's, on the first Tanh; afterwards there are {sum(hooks)}"
    assert hooks == [0, 0, 0, 1, 0, 0, 0], message


@mark.task("activation_spread", "network left alone")
def test_gradients_and_what_may_have_one_stay_as_they_were(student):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2)).requires_grad_(True)
        model.network[2].bias.requires_grad_(False)
        model.network[0].bias.grad = torch.ones(5)
        answer.activation_spread(model, x)
        enabled = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        gradients = ["none" if p.grad is None else f"sum {float(p.grad.sum()):g}" for p in model.parameters()]
        return {
            "gradients": gradients,
            "trainable": [p.requires_grad for p in model.parameters()],
            "recording": enabled,
        }

    gradients, trainable = ["none", "sum 5", "none", "none"], [True, True, True, False]
    expected = {"gradients": gradients, "trainable": trainable, "recording": True}
    assert_close(student(probe, torch.randn(9, 6)), expected)


@mark.task("activation_spread", "network left alone")
def test_the_network_stays_in_the_mode_it_was_in(student):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
        modes = []
        for mode in [True, False]:
            answer.activation_spread(model.train(mode), x)
            modes.append([module.training for module in model.modules()])
        return modes

    for before, after in zip([True, False], student(probe, torch.randn(9, 6)), strict=True):
        assert set(after) == {before}, f"with training={before} before, {after.count(not before)} of 5 modules changed"


@mark.task("activation_spread", "network left alone")
def test_the_batch_and_the_weights_stay_as_they_were(student):
    def probe(answer, x):
        model = nn.Sequential()
        model.network = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2))
        state, batch = copy.deepcopy(model.state_dict()), x.clone()
        answer.activation_spread(model, x)
        return [torch.equal(x, batch), *(torch.equal(state[key], value) for key, value in model.state_dict().items())]

    same = student(probe, 3 + 2 * torch.randn(9, 6))
    assert same[0], "the batch `x` was changed"
    assert all(same), f"{same.count(False)} of 4 weights and biases were changed"
