"""Hidden tests of ex06: dropout, DropConnect, DropBlock and Monte-Carlo dropout.

Everything is random, so the inputs show what was dropped, and what comes back is the same for every right answer: exact
invariants, and shares rounded so coarsely that only a wrong answer rounds to another number. A right one fails a test
less than once in 1e9 times; z is the distance to the next rounding border in standard errors, and the normal
distribution leaves 1e-9 beyond z = 6.1.
"""

import torch
from pytest import mark, param

from autograder.course.testing import Forbidden, assert_close

FORBIDDEN = {
    "DropoutVariants": Forbidden(
        [
            "torch.nn.Dropout*",
            "torch.nn.AlphaDropout",
            "torch.nn.FeatureAlphaDropout",
            "torch.nn.functional.*dropout*",
            "torch.nn.modules.dropout.*Dropout*",
            "torch.dropout*",
            "torch.alpha_dropout*",
            "torch.feature_dropout*",
            "torch.feature_alpha_dropout*",
            "torch.native_dropout",
            "torch.ops.aten.*dropout*",
        ],
        because="dropping is what you are asked to write",
    ),
}


def _of(name, criterion):
    blocks = {"independent draws": "rate gamma in every map", "gradients": "scale and gradients"}
    return blocks.get(criterion, criterion) if name == "drop_block" else criterion


def all_three(criterion):
    """A test of the three methods."""
    methods = (
        ("standard_dropout", (), "dropout"),
        ("dropconnect", (), "dropconnect"),
        ("drop_block", (2,), "drop_block"),
    )
    rows = [param(name, sizes, id=i, marks=mark.task(name, _of(name, criterion))) for name, sizes, i in methods]
    return mark.parametrize(("method", "sizes"), rows)


# standard_dropout


@mark.task("standard_dropout", "scale and expectation")
def test_an_entry_that_is_kept_becomes_x_divided_by_the_chance_to_be_kept(student):
    def probe(answer):
        x = torch.arange(1, 2001, dtype=torch.float64)
        ratio = answer.DropoutVariants(0.3).standard_dropout(x) * 0.7 / x
        kept = ratio[ratio != 0]
        return bool((kept - 1).abs().lt(1e-6).all()), round(float(kept.median()), 1)

    all_right, typical = student(probe)
    assert all_right, f"with drop_prob=0.3, kept entries are not x / 0.7 but about {typical / 0.7:.2f} x"


@mark.task("standard_dropout", "scale and expectation")
def test_an_entry_is_dropped_with_probability_drop_prob(student):
    def probe(answer):
        layers = [answer.DropoutVariants(), answer.DropoutVariants(0.3), answer.DropoutVariants(drop_prob=0.8)]
        x = torch.ones(20, 25, 4, 5)
        return [round(float((layer.standard_dropout(x) == 0).double().mean()), 1) for layer in layers]

    # 10 000 entries: a standard error is at most 0.005, and 0.05 at least z = 10.
    shares = student(probe)
    assert shares == [0.5, 0.3, 0.8], f"for drop_prob 0.5 (the default), 0.3 and 0.8 the dropped shares are {shares}"


@mark.task("standard_dropout", "independent draws")
def test_every_entry_has_a_draw_of_its_own(student):
    def probe(answer):
        dropped = answer.DropoutVariants(0.5).standard_dropout(torch.ones(20, 25, 5, 6)) == 0
        pairs = [(dropped.narrow(d, 0, n - 1), dropped.narrow(d, 1, n - 1)) for d, n in enumerate(dropped.shape)]
        return [round(float((one == other).double().mean()), 1) for one, other in pairs]

    # At p = 0.5 pairs agree independently of each other: 12 000 pairs or more, 0.05 is z = 10.
    alike = student(probe)
    message = f"along the four dimensions, neighbors share their fate in {alike} of all cases, expected half of them"
    assert alike == [0.5] * 4, message


@mark.task("standard_dropout", "input and generators")
def test_a_drop_prob_of_zero_changes_nothing(student):
    def probe(answer, x):
        return int((answer.DropoutVariants(0.0).standard_dropout(x) != x).sum()) > 1

    # `rand > 0` is as good as `rand >= 0`, but a draw of exactly 0 has probability 2**-24: one entry of 50 is forgiven.
    assert not student(probe, torch.randn(10, 5)), "with drop_prob=0, entries of the result differ from the input's"


@mark.task("standard_dropout", "input and generators")
def test_a_drop_prob_outside_zero_to_one_is_refused_and_one_itself_too(student):
    def probe(answer):
        return [error_of(answer.DropoutVariants, drop_prob) for drop_prob in [-0.25, 1.0, 1, 1.5, 0, 0.0, 0.99]]

    raised, expected = student(probe), ["ValueError"] * 4 + [""] * 3
    assert raised == expected, f"drop_prob -0.25, 1.0, 1, 1.5, 0, 0.0 and 0.99 raise {raised}, not {expected}"


@mark.task("standard_dropout", "input and generators")
def test_the_layer_is_a_module_that_another_module_can_hold(student):
    def probe(answer):
        holder = nn.Module()
        holder.drop = answer.DropoutVariants(0.3)
        return isinstance(holder.drop, nn.Module), len(list(holder.children()))

    assert_close(student(probe), (True, 1))


# dropconnect: torch's dropout stands in for standard_dropout, in case that an answer calls it


@mark.task("dropconnect", "scale and expectation")
def test_a_connection_that_stays_is_rescaled_so_that_the_mean_is_the_weight(student):
    def probe(answer):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.3, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct)(0.3)
        weight = torch.linspace(1, 2, 2000, dtype=torch.float64).reshape(50, 40)
        ratio = layer.dropconnect(weight) * 0.7 / weight
        kept = ratio[ratio != 0]
        return bool((kept - 1).abs().lt(1e-6).all()), round(float(kept.median()), 1)

    all_right, typical = student(probe)
    assert all_right, f"with drop_prob=0.3, weights that stay are not w / 0.7 but about {typical / 0.7:.2f} w"


@mark.task("dropconnect", "scale and expectation")
def test_a_connection_goes_with_probability_drop_prob(student):
    def probe(answer):
        shares = []
        for p in [0.3, 0.8]:
            correct = {"standard_dropout": lambda self, x, training=True, p=p: F.dropout(x, p, training)}
            layer = type("Layer", (answer.DropoutVariants,), correct)(p)
            shares.append(round(float((layer.dropconnect(torch.ones(125, 80)) == 0).double().mean()), 1))
        return shares

    # 10 000 entries: a standard error is 0.0046, and 0.05 is z = 10.
    shares = student(probe)
    assert shares == [0.3, 0.8], f"for drop_prob 0.3 and 0.8 the shares of connections that go are {shares}"


@mark.task("dropconnect", "independent draws")
def test_every_connection_of_a_linear_or_convolution_weight_has_a_draw_of_its_own(student):
    def probe(answer):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.5, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct)(0.5)
        alike = []
        for shape in [(125, 80), (20, 25, 4, 5)]:
            gone = layer.dropconnect(torch.ones(shape)) == 0
            pairs = [(gone.narrow(d, 0, n - 1), gone.narrow(d, 1, n - 1)) for d, n in enumerate(shape)]
            alike.append([round(float((one == other).double().mean()), 1) for one, other in pairs])
        return alike

    # At p = 0.5 pairs agree independently of each other: 7500 pairs or more, 0.05 is z = 8.
    linear, convolution = student(probe)
    assert linear == [0.5] * 2, (
        f"(out, in): along the two, neighbors share their fate in {linear} of all cases, not half"
    )
    assert convolution == [0.5] * 4, f"(out, in, *kernel): neighbors share their fate in {convolution} of all cases"


# drop_block: a corner belongs to one block only, so it shows whether a block started there


@mark.task("drop_block", "squares of zeros")
def test_what_is_dropped_are_full_squares_inside_the_map(student):
    def probe(answer):
        found = {}
        for size in [1, 2, 3, 4]:
            dropped = (answer.DropoutVariants(0.3).drop_block(torch.ones(5, 3, 9, 14), size) == 0).float()
            starts = 1 - F.max_pool2d(1 - dropped, size, stride=1)
            squares = F.max_pool2d(F.pad(starts, [size - 1] * 4), size, stride=1)
            found[f"blocks of {size}"] = torch.equal(squares, dropped) and 0 < float(dropped.mean()) < 1
        return found

    # Nothing dropped: with probability (1 - 0.036)**990 < 1e-15; everything: less.
    wrong = [size for size, right in student(probe).items() if not right]
    assert not wrong, f"the zeros are no squares, or there are none, or nothing else, for {', '.join(wrong)}"


@mark.task("drop_block", "rate gamma in every map")
def test_blocks_start_at_the_rate_gamma(student):
    def probe(answer):
        dropped = answer.DropoutVariants(0.9).drop_block(torch.ones(50, 20, 3, 6), 2) == 0
        share = float(dropped[..., [0, 0, -1, -1], [0, -1, 0, -1]].double().mean())
        return round(4 * share / (0.9 * 18 / 4 / 10)) / 4

    # 4000 corners, gamma = 0.405: the standard error of the ratio is 0.0192, and 0.125 is z = 6.5.
    ratio = student(probe)
    assert ratio == 1.0, (
        f"maps of 3 x 6, blocks of 2, drop_prob=0.9: blocks start about {ratio:g} times as often as gamma"
    )


@mark.task("drop_block", "input and generators")
def test_blocks_start_wherever_they_fit_up_to_the_last_row_and_column(student):
    def probe(answer):
        dropped = answer.DropoutVariants(0.9).drop_block(torch.ones(50, 20, 3, 6), 2) == 0
        return [bool(dropped[..., row, column].any()) for row, column in [(0, 0), (0, -1), (-1, 0), (-1, -1)]]

    # 1000 maps, gamma = 0.405: a corner is never dropped with probability 0.595**1000.
    corners = dict(zip(["upper left", "upper right", "lower left", "lower right"], student(probe), strict=True))
    never = [name for name, hit in corners.items() if not hit]
    assert not never, f"in 1000 maps no block ever covers the {', '.join(never)} corner"


@mark.task("drop_block", "squares of zeros")
def test_channels_and_samples_draw_for_themselves(student):
    def probe(answer):
        dropped = answer.DropoutVariants(0.5).drop_block(torch.ones(20, 20, 5, 6), 1) == 0
        pairs = [(dropped.narrow(d, 0, n - 1), dropped.narrow(d, 1, n - 1)) for d, n in enumerate(dropped.shape)]
        return [round(float((one == other).double().mean()), 1) for one, other in pairs]

    # Blocks of 1 at p = 0.5: gamma is 0.5, pairs agree independently; 9600 of them or more, 0.05 is z = 9.
    alike = student(probe)
    assert alike == [0.5] * 4, (
        f"block_size=1, drop_prob=0.5: along (N, C, H, W), neighbors share their fate in {alike} of all cases, not half"
    )


@mark.task("drop_block", "scale and gradients")
def test_what_is_left_is_scaled_by_the_share_that_was_kept(student):
    def probe(answer):
        y = answer.DropoutVariants(0.3).drop_block(torch.ones(6, 3, 9, 14, dtype=torch.float64), 3)
        kept = (y != 0).double()
        rules = {
            "the tensor": kept.mean(),
            "each sample": kept.mean((1, 2, 3), keepdim=True),
            "each channel of a sample": kept.mean((2, 3), keepdim=True),
            "each channel": kept.mean((0, 2, 3), keepdim=True),
            "1 - drop_prob, whatever was kept": torch.tensor(0.7),
            "nothing": torch.tensor(1.0),
        }
        return [name for name, share in rules.items() if torch.allclose(y, kept / share, rtol=1e-5)]

    # The rules agree by chance only if all samples keep the same number of cells; then a right answer fits anyway.
    found = student(probe)
    scaled = " and ".join(found) or "another number"
    message = f"what is left is divided by the share of {scaled}, expected the share kept, of the tensor or a sample"
    assert {"the tensor", "each sample"} & set(found), message


@mark.task("drop_block", "input and generators")
def test_a_block_as_large_as_the_map_takes_all_or_nothing_without_a_nan(student):
    def probe(answer):
        layer = answer.DropoutVariants(0.5)
        results = torch.stack([layer.drop_block(torch.ones(1, 1, 4, 4), 4) for _ in range(100)])
        finite = results.isfinite()
        return bool(finite.all()), [round(float(value), 1) for value in results[finite].unique()]

    # All 100 draws the same: with probability 2 * 0.5**100.
    finite, values = student(probe)
    assert finite, "where the block takes everything, the result is nan or infinite, not 0"
    assert values == [0.0, 1.0], (
        f"a map of ones becomes {values}; expected 0 if it is dropped as a whole, 1 if it is not"
    )


@mark.task("drop_block", "input and generators")
def test_a_block_below_one_or_larger_than_a_side_is_refused(student):
    def probe(answer):
        layer, wide, high = answer.DropoutVariants(0.3), torch.ones(2, 3, 4, 7), torch.ones(2, 3, 7, 4)
        return [error_of(layer.drop_block, x, size) for x in (wide, high) for size in (0, -2, 5, 8, 4, 1)]

    raised, expected = student(probe), (["ValueError"] * 4 + [""] * 2) * 2
    assert raised == expected, (
        f"on maps of 4 x 7, then of 7 x 4, block_size 0, -2, 5, 8, 4 and 1 raise {raised}, not {expected}"
    )


# What the three have in common


@all_three("nothing at inference")
def test_without_training_every_value_comes_back_unchanged(student, method, sizes):
    def probe(answer, x, method, sizes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.8, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.8)
        found = []
        for mode in (True, False):
            layer.training = mode
            result = getattr(layer, method)(x, *sizes, training=False)
            changed = "partly 0" if bool((result == 0).any()) else f"{float((result / x).median()):.1f} times x"
            found.append("x" if torch.equal(result, x) else changed)
        return found

    found = student(probe, 1 + torch.rand(4, 3, 5, 6, dtype=torch.float64), method, sizes)
    message = f"with training=False comes {found[0]} (and {found[1]} if the module is in eval mode too)"
    assert found == ["x", "x"], message


@all_three("independent draws")
def test_how_many_entries_go_is_left_to_chance(student, method, sizes):
    def probe(answer, method, sizes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.5, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.5)
        results = [getattr(layer, method)(torch.ones(5, 5, 4, 5), *sizes) for _ in range(60)]
        return bool(np.var([float((result == 0).sum()) for result in results]) > 12.5)

    # The variance of a count is 125; chi-square with 59 degrees of freedom: below a tenth of it with probability 1e-24.
    sizes = [1 for _ in sizes]  # single cells in drop_block too
    assert student(probe, method, sizes), "60 calls on 500 entries drop (almost) the same number each time"


@all_three("independent draws")
def test_every_call_draws_anew(student, method, sizes):
    def probe(answer, method, sizes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.5, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.5)
        one, two, three = [getattr(layer, method)(torch.ones(6, 5, 7, 8), *sizes) == 0 for _ in range(3)]
        return torch.equal(one, two) or torch.equal(two, three) or torch.equal(one, three)

    # More than 1000 independent draws of a probability between 0.1 and 0.5 agree with probability below 0.82**1000.
    assert not student(probe, method, sizes), "of three calls on one layer, two drop exactly the same entries"


@all_three("gradients")
def test_gradients_pass_through_what_was_kept_with_its_factor(student, method, sizes):
    def probe(answer, x, upstream, method, sizes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.3, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.3)
        y = getattr(layer, method)(x.requires_grad_(), *sizes)
        if not y.requires_grad:
            return "none at all"
        (y * upstream).sum().backward()
        if x.grad is None:
            return "none that gets through"
        return "right" if torch.allclose(x.grad, upstream * y / x, rtol=1e-5) else "wrong"

    x = 1 + torch.rand(4, 3, 5, 6, dtype=torch.float64)
    found = student(probe, x, torch.randn(4, 3, 5, 6, dtype=torch.float64), method, sizes)
    assert found == "right", f"the gradient of the input: {found}"


@all_three("input and generators")
def test_the_result_has_the_shape_and_the_dtype_of_the_input(student, method, sizes):
    def probe(answer, method, sizes, shapes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.3, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.3)
        found = []
        for dtype in (torch.float32, torch.float64):
            for shape in shapes:
                y = getattr(layer, method)(torch.ones(shape, dtype=dtype), *sizes)
                found.append([str(y.dtype), *y.shape])
        return found

    shapes = {"standard_dropout": [[7], [4, 3], [2, 3, 5]], "dropconnect": [[4, 3], [5, 4, 3], [6, 4, 2, 3]]}
    shapes = shapes.get(method, [[2, 3, 5, 4], [1, 2, 3, 7]])
    expected = [[f"torch.{dtype}", *shape] for dtype in ("float32", "float64") for shape in shapes]
    assert_close(student(probe, method, sizes, shapes), expected)


@all_three("input and generators")
def test_the_input_stays_as_it_was(student, method, sizes):
    def probe(answer, x, method, sizes):
        correct = {"standard_dropout": lambda self, x, training=True: F.dropout(x, 0.3, training)}
        layer = type("Layer", (answer.DropoutVariants,), correct if method == "dropconnect" else {})(0.3)
        before = x.clone()
        getattr(layer, method)(x, *sizes)
        return torch.equal(x, before)

    assert student(probe, torch.randn(4, 3, 5, 6), method, sizes), "the tensor that was passed in has changed"


@all_three("input and generators")
def test_every_draw_comes_from_the_given_generator(student, method, sizes):
    def probe(answer, seed, method, sizes):
        def two_results(seed, elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            generator = torch.Generator().manual_seed(seed)

            def correct(self, x, training=True):
                return torch.where(torch.rand(x.shape, generator=generator) < 0.5, 0 * x, 2 * x) if training else x

            own = {"standard_dropout": correct} if method == "dropconnect" else {}
            layer = type("Layer", (answer.DropoutVariants,), own)(0.5, generator=generator)
            return torch.stack([getattr(layer, method)(torch.ones(6, 5, 7, 8), *sizes) for _ in range(2)])

        one, same, other = two_results(seed, 987), two_results(seed, 654), two_results(seed + 1, 987)
        return torch.equal(one, same), torch.equal(one[0], other[0])

    same_state, other_seed = student(probe, int(torch.randint(1 << 30, ())), method, sizes)
    assert same_state, "two generators in the same state give different results"
    assert not other_seed, "two generators with different seeds give the same result"


@all_three("input and generators")
def test_the_global_generator_is_the_default_and_is_never_reseeded(student, method, sizes):
    def probe(answer, seed, method, sizes):
        def result(seed, elsewhere, generator=None):
            torch.manual_seed(seed)
            np.random.seed(elsewhere)

            def correct(self, x, training=True):
                return torch.where(torch.rand(x.shape, generator=generator) < 0.5, 0 * x, 2 * x) if training else x

            own = {"standard_dropout": correct} if method == "dropconnect" else {}
            layer = type("Layer", (answer.DropoutVariants,), own)(0.5, generator=generator)
            return getattr(layer, method)(torch.ones(6, 5, 7, 8), *sizes), torch.get_rng_state()

        (one, state), (same, _), (unlike, other) = result(seed, 1), result(seed, 2), result(seed + 1, 1)
        states = [result(seed + k, 1, torch.Generator().manual_seed(3))[1] for k in (0, 1)]
        return torch.equal(one, same), torch.equal(one, unlike), torch.equal(state, other) or torch.equal(*states)

    same_state, other_state, reseeded = student(probe, int(torch.randint(1 << 30, ())), method, sizes)
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "without a generator, the same state of torch's global one gives different results"
    assert not other_state, "without a generator, two states of torch's global one give the same result"


# monte_carlo_predict: dropout on ones shows in each mean how many of the passes kept that entry


@mark.task("monte_carlo_predict", "mean and spread of active passes")
def test_the_mean_is_over_exactly_num_samples_passes_of_every_output(student):
    def probe(answer):
        mean, _ = answer.monte_carlo_predict(nn.Sequential(nn.Dropout(0.5)), torch.ones(80, 5), 3)
        kept = 3 * mean.double() / 2
        return list(mean.shape), bool((kept - kept.round()).abs().max() < 1e-4)

    # 400 entries: passes of another number give only multiples of 1/3 with probability below 0.8**400.
    shape, whole = student(probe)
    assert shape == [80, 5], f"for an output of shape (80, 5) the mean has shape {tuple(shape)}"
    assert whole, "nn.Dropout(0.5) makes ones 0 or 2; a mean of 3 passes is 0, 2/3, 4/3 or 2, and some of yours are not"


@mark.task("monte_carlo_predict", "mean and spread of active passes")
def test_the_standard_deviation_over_the_passes_is_the_unbiased_one(student):
    def probe(answer):
        _, std = answer.monte_carlo_predict(nn.Sequential(nn.Dropout(0.5)), torch.ones(80, 5), 3)
        return [round(float(value), 2) for value in (100 * std.double()).round().unique() / 100]

    # Among 400 entries, one that 0 or 3 passes keep or one that 1 or 2 keep is missing with probability 0.75**400.
    found = student(probe)
    assert found == [0.0, 1.15], f"of 3 passes on ones (each gives 0 or 2) the standard deviations are {found[:4]}"


@mark.task("monte_carlo_predict", "every dropout layer")
def test_dropout_layers_of_every_kind_are_active_however_deep_they_sit(student):
    def probe(answer):
        quiet = []
        for kind, shape in [(nn.Dropout, (9, 8)), (nn.Dropout1d, (9, 8, 2)), (nn.Dropout2d, (9, 8, 2, 2))]:
            model = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Sequential(kind(0.5)), nn.ReLU())).eval()
            if not answer.monte_carlo_predict(model, torch.ones(shape), 4)[1].any():
                quiet.append(kind.__name__)
        _, std = answer.monte_carlo_predict(nn.Dropout3d(0.5).eval(), torch.ones(9, 8, 2, 2, 2), 4)
        return quiet if std.any() else [*quiet, "Dropout3d"]

    # 72 channels that are all kept or all dropped in each of 4 passes: with probability 0.125**72.
    quiet = student(probe)
    assert not quiet, f"the passes do not differ in a model that was in eval mode, with {', '.join(quiet)} in it"


@mark.task("monte_carlo_predict", "other layers in eval mode")
def test_every_other_layer_works_as_in_eval_mode(student, reference):
    def probe(answer, x):
        class Spy(nn.Module):
            def forward(self, x):
                return x + 100 * self.training

        model = nn.Sequential(Spy(), nn.BatchNorm1d(3, eps=1.0), nn.Sequential(Spy(), nn.Dropout(0.0))).double()
        model[1].running_mean.fill_(1.0)
        model[1].running_var.fill_(3.0)
        return list(answer.monte_carlo_predict(model.train(), x, 3))

    x = torch.randn(6, 3, dtype=torch.float64)
    assert_close(student(probe, x), reference(probe, x))


@mark.task("monte_carlo_predict", "model left alone")
def test_each_module_is_in_its_own_mode_again_afterwards(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Sequential(nn.Dropout(0.3), nn.Dropout(0.3)))
        after = []
        for mode in (True, False):
            model.train(mode)
            model[1].train(not mode)
            model[2][0].train(not mode)
            answer.monte_carlo_predict(model, torch.randn(6, 4), 2)
            after.append([module.training for module in model.modules()])
        return after

    modes = [True, True, False, True, False, True]
    expected = [modes, [not mode for mode in modes]]
    message = "the model had some modules in training and some in eval mode, and has others in each afterwards"
    assert student(probe) == expected, message


@mark.task("monte_carlo_predict", "model left alone")
def test_no_gradient_is_recorded_and_recording_goes_on_afterwards(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(4, 2), nn.Dropout(0.3))
        results = answer.monte_carlo_predict(model, torch.randn(6, 4), 2)
        enabled = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        return {
            "results with a graph": sum(result.requires_grad for result in results),
            "trainable parameters": sum(parameter.requires_grad for parameter in model.parameters()),
            "recording": enabled,
        }

    expected = {"results with a graph": 0, "trainable parameters": 2, "recording": True}
    found = student(probe)
    assert found == expected, f"afterwards there are {found}, expected {expected}"


@mark.task("monte_carlo_predict", "model left alone")
def test_the_model_and_its_input_stay_as_they_were(student):
    def probe(answer, x):
        model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.3))
        state, batch = copy.deepcopy(model.state_dict()), x.clone()
        answer.monte_carlo_predict(model, x, 2)
        same = {name: torch.equal(value, state[name]) for name, value in model.state_dict().items()}
        chances = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
        return {**same, "the input": torch.equal(x, batch), "the dropout layers": chances == [0.3]}

    changed = [name for name, same in student(probe, torch.randn(6, 4)).items() if not same]
    assert not changed, f"after the prediction these have changed: {', '.join(changed)}"


@mark.task("monte_carlo_predict", "details")
def test_both_results_have_the_shape_and_the_dtype_of_an_output(student):
    def probe(answer):
        model = nn.Sequential(nn.Conv2d(3, 5, (2, 3)), nn.Dropout(0.5)).double()
        results = answer.monte_carlo_predict(model, torch.randn(4, 3, 6, 7, dtype=torch.float64), 2)
        return [[str(result.dtype), *result.shape] for result in results]

    assert_close(student(probe), [["torch.float64", 4, 5, 5, 5]] * 2)


@mark.task("monte_carlo_predict", "details")
def test_fewer_than_two_passes_are_refused(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(4, 2), nn.Dropout(0.3))
        return [error_of(answer.monte_carlo_predict, model, torch.randn(6, 4), number) for number in (1, 0, -1, 2)]

    raised = student(probe)
    expected = ["ValueError"] * 3 + [""]
    assert raised == expected, f"num_samples 1, 0, -1 and 2 raise {raised}, not {expected}"


@mark.task("monte_carlo_predict", "details")
def test_the_passes_draw_from_the_global_generator_and_never_reseed_it(student):
    def probe(answer, seed):
        def means(seed, elsewhere):
            torch.manual_seed(seed)
            np.random.seed(elsewhere)
            model = nn.Sequential(nn.Dropout(0.5))
            found = [answer.monte_carlo_predict(model, torch.ones(40, 5), 2)[0] for _ in range(2)]
            return torch.stack(found), torch.get_rng_state()

        (one, state), (same, _), (_, other) = means(seed, 1), means(seed, 2), means(seed + 1, 1)
        return torch.equal(one, same), torch.equal(*one), torch.equal(state, other)

    same_state, in_a_row, reseeded = student(probe, int(torch.randint(1 << 30, ())))
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "the same state of torch's global generator gives different results"
    assert not in_a_row, "two predictions in a row give exactly the same"
