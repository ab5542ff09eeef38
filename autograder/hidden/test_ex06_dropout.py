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
            "torch.nn.*Dropout*",
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


def right_dropout(answer):
    """A correct standard_dropout in the place of the student's: dropconnect may call it."""
    theirs = answer.DropoutVariants

    class DropoutVariants(theirs):
        def __init__(self, drop_prob=0.5, generator=None):
            super().__init__(drop_prob, generator=generator)
            self.given = drop_prob, generator

        def standard_dropout(self, x, training=True):
            p, generator = self.given
            return torch.where(torch.rand(x.shape, generator=generator) < p, 0 * x, x / (1 - p)) if training else x

    answer.DropoutVariants = DropoutVariants


STAND_INS = {"dropconnect": right_dropout}


def of_each(criterion, *methods):
    """A test of some of the methods, with the further arguments that they need."""
    sizes = {"standard_dropout": (), "dropconnect": (), "drop_block": (2,)}
    rows = [param(name, sizes[name], id=name, marks=mark.task(name, criterion)) for name in methods or sizes]
    return mark.parametrize(("method", "sizes"), rows)


def refusals(function, cases, telling, words):
    """What a function raises in each case, and whether the ValueError of the telling one holds one of the words."""
    raised = [error_of(function, *case) for case in cases]
    try:
        function(*telling)
    except ValueError as error:
        return raised, any(word in str(error) for word in words)
    except Exception:
        pass
    return raised, True


def reseed(in_torch, in_numpy):
    """Seed the global generators; torch.manual_seed would take a hundred times as long."""
    torch.default_generator.manual_seed(in_torch)
    np.random.seed(in_numpy)


def alike(dropped):
    """For each dimension, the share of neighbors that are both dropped or both kept, to one decimal."""
    pairs = [(dropped.narrow(d, 0, n - 1), dropped.narrow(d, 1, n - 1)) for d, n in enumerate(dropped.shape)]
    return [round(float((one == other).double().mean()), 1) for one, other in pairs]


def counts_vary(layer, method, shape, *sizes):
    """Whether calls on 500 ones at p = 0.5 drop different numbers of them."""
    counts = [float((getattr(layer, method)(torch.ones(shape), *sizes) == 0).sum()) for _ in range(14)]
    # The variance is 125; below a hundredth of it with probability 2e-11 (chi-square, 13 degrees of freedom).
    return bool(np.var(counts) > 1.25)


# Scale and expectation. 15 calls on 100 x 100 entries: even where whole rows share their fate, the share of zeros is
# off by less than 0.012 in a standard error.


def factors(answer, method):
    """The share of zeros at drop_prob=0.3, the bounds of the other factors times 0.7, and the mean of all factors.

    To one decimal: what is the same for all who make the same mistake can be recognized.
    """
    x = torch.linspace(1, 2, 10000, dtype=torch.float64).reshape(100, 100)
    ratios = torch.stack([getattr(answer.DropoutVariants(0.3), method)(x.clone()) / x for _ in range(15)])
    kept = 0.7 * ratios[ratios != 0]
    return [round(float(one), 1) for one in ((ratios == 0).double().mean(), kept.min(), kept.max(), ratios.mean())]


@of_each("scale and expectation", "standard_dropout", "dropconnect")
def test_an_entry_is_dropped_or_divided_by_the_chance_to_be_kept(student, method, sizes):
    dropped, low, high, _ = student(factors, method)
    assert abs(dropped - 0.3) < 0.12, f"at drop_prob=0.3 a share of {dropped} is 0"
    assert 0.85 < low <= high < 1.15, f"at drop_prob=0.3 what is kept is {low} to {high} times x / 0.7"


@of_each("scale and expectation", "standard_dropout", "dropconnect")
def test_the_expectation_is_the_entry_itself(student, method, sizes):
    dropped, _, _, mean = student(factors, method)
    assert abs(dropped - 0.3) < 0.12, f"at drop_prob=0.3 a share of {dropped} is 0"
    assert abs(mean - 1) < 0.15, f"over many calls an entry becomes {mean} times itself on average, zeros included"


# Independent draws. At p = 0.5 pairs agree independently of each other: with 7500 pairs or more, 0.05 is z = 8.


@of_each("independent draws", "standard_dropout", "dropconnect")
def test_entries_and_calls_draw_independently_of_each_other(student, method, sizes):
    def probe(answer, method, shapes):
        layer = answer.DropoutVariants(0.5)
        neighbors = [alike(getattr(layer, method)(torch.ones(shape)) == 0) for shape in shapes]
        one, two, three = [getattr(layer, method)(torch.ones(30, 40)) == 0 for _ in range(3)]
        same = [torch.equal(one, two), torch.equal(two, three), torch.equal(one, three)]
        return neighbors, same, counts_vary(layer, method, (25, 20))

    neighbors, same, varies = student(probe, method, [(125, 80), (20, 25, 4, 5)])
    for found in neighbors:
        assert set(found) == {0.5}, (
            f"along the {len(found)} dimensions, neighbors share their fate in {found} of all cases, expected half"
        )
    # More than 1000 independent draws agree with probability below 2**-1000.
    assert not any(same), "of three calls on one layer, two drop exactly the same entries"
    assert varies, "14 calls on 500 entries drop (almost) the same number each time"


# Blocks


def blocks(answer, size, drop_prob=0.3, shape=(5, 3, 12, 12)):
    """1 where drop_block drops, 0 elsewhere."""
    return (answer.DropoutVariants(drop_prob).drop_block(torch.ones(shape), size) == 0).float()


def squares(dropped, size):
    """The cells of all full squares of that size in what is dropped."""
    starts = 1 - F.max_pool2d(1 - dropped, size, stride=1)
    return F.max_pool2d(F.pad(starts, [size - 1] * 4), size, stride=1)


def corners(maps):
    """The four corners of each map."""
    return maps[..., [0, 0, -1, -1], [0, -1, 0, -1]]


def are_squares(answer, sizes):
    """By block size, whether what is dropped are squares; at the edge of the map parts of squares will do."""
    found = []
    for size in sizes:
        dropped, edge = blocks(answer, size), size - 1
        around = squares(F.pad(dropped, [edge] * 4, value=1.0), size)
        found.append(torch.equal(F.pad(around, [-edge] * 4), dropped) and 0 < float(dropped.mean()) < 1)
    return found


# Nothing dropped: with probability (1 - 0.036)**990 < 1e-15; everything: less.
@mark.parametrize("sizes", [(3, 5), (2, 4)], ids=["odd sizes", "even sizes"])
@mark.task("drop_block", "squares of zeros")
def test_what_is_dropped_are_full_squares(student, sizes):
    wrong = [str(size) for size, right in zip(sizes, student(are_squares, sizes), strict=True) if not right]
    assert not wrong, f"the zeros are no squares, or there are none, or nothing else, for blocks of {', '.join(wrong)}"


# A corner belongs to one block only, so it shows whether a block started there.
@mark.task("drop_block", "rate gamma in every map")
def test_blocks_start_at_the_rate_gamma_independently_in_every_map_and_call(student):
    def probe(answer):
        layer = answer.DropoutVariants(0.9)
        one, two = [layer.drop_block(torch.ones(25, 20, 3, 6), 2) == 0 for _ in range(2)]
        half = answer.DropoutVariants(0.5)
        maps = alike(half.drop_block(torch.ones(20, 20, 5, 6), 1) == 0)
        # 4000 corners, gamma = 0.405: the standard error of the ratio is 0.0192, and 0.125 is z = 6.5.
        ratio = round(4 * float(corners(torch.stack([one, two])).double().mean()) / (0.9 * 18 / 4 / 10)) / 4
        return ratio, torch.equal(one, two), maps, counts_vary(half, "drop_block", (5, 5, 4, 5), 1)

    ratio, same, maps, varies = student(probe)
    assert ratio == 1.0, (
        f"maps of 3 x 6, blocks of 2, drop_prob=0.9: blocks start about {ratio:g} times as often as gamma"
    )
    # Blocks of 1 at p = 0.5: gamma is 0.5, pairs agree independently; 9600 of them or more, 0.05 is z = 9.
    assert maps == [0.5] * 4, (
        f"block_size=1, drop_prob=0.5: along (N, C, H, W), neighbors share their fate in {maps} of all cases, not half"
    )
    assert not same, "two calls on one layer drop exactly the same cells"
    assert varies, "14 calls on 500 cells drop (almost) the same number each time"


@mark.task("drop_block", "scale and gradients")
def test_what_is_left_and_its_gradient_are_scaled_by_the_share_that_was_kept(student):
    def probe(answer, x, upstream):
        y = answer.DropoutVariants(0.3).drop_block(x.requires_grad_(), 3)
        kept = (y != 0).double()
        rules = {
            "the tensor": kept.mean(),
            "each sample": kept.mean((1, 2, 3), keepdim=True),
            "each channel of a sample": kept.mean((2, 3), keepdim=True),
            "1 - drop_prob, whatever was kept": torch.tensor(0.7),
            "nothing": torch.tensor(1.0),
        }
        found = [name for name, share in rules.items() if torch.allclose(y.double(), x * kept / share, rtol=1e-5)]
        if y.requires_grad:
            (y * upstream).sum().backward()
        return found, x.grad is not None and torch.allclose(x.grad, upstream * y / x, rtol=1e-5)

    # The rules agree by chance only if all samples keep the same number of cells; then a right answer fits anyway.
    x = 1 + torch.rand(6, 3, 12, 12, dtype=torch.float64)
    found, passes = student(probe, x, torch.randn(6, 3, 12, 12, dtype=torch.float64))
    scaled = " and ".join(found) or "another number"
    message = f"what is left is divided by the share of {scaled}, expected the share kept, of the tensor or a sample"
    assert {"the tensor", "each sample"} & set(found), message
    assert passes, "the gradient does not come back to what was kept with the same factor"


@mark.task("drop_block", "input and generators")
def test_blocks_lie_inside_the_map_and_start_wherever_they_fit(student):
    def probe(answer):
        dropped = {size: blocks(answer, size, shape=(5, 3, 9, 14)) for size in (1, 2, 3, 4)}
        inside = all(torch.equal(squares(one, size), one) for size, one in dropped.items())
        hits = corners(blocks(answer, 2, 0.9, (50, 20, 3, 6))).flatten(0, 1).any(0)
        return inside, [bool(hit) for hit in hits]

    inside, hits = student(probe)
    assert inside, "some blocks hang over the edge of the map"
    # 1000 maps, gamma = 0.405: a corner is never dropped with probability 0.595**1000.
    names = ["upper left", "upper right", "lower left", "lower right"]
    never = [name for name, hit in zip(names, hits, strict=True) if not hit]
    assert not never, f"in 1000 maps no block ever covers the {', '.join(never)} corner"


@mark.task("drop_block", "input and generators")
def test_a_block_as_large_as_the_map_takes_all_or_nothing_without_a_nan(student):
    def probe(answer):
        layer = answer.DropoutVariants(0.5)
        maps, cells = (
            torch.stack([layer.drop_block(torch.ones(1, 1, size, size), size) for _ in range(times)])
            for size, times in [(4, 32), (1, 12)]
        )
        values = [round(float(value), 1) for value in maps[maps.isfinite()].unique()]
        return bool(maps.isfinite().all()), values, bool(((cells == 0) | (cells == 1)).all())

    # All 32 draws the same: with probability 2 * 0.5**32 = 5e-10.
    finite, values, alone = student(probe)
    assert finite, "where the block takes everything, the result is nan or infinite, not 0"
    assert values == [0.0, 1.0], (
        f"a map of ones becomes {values}; expected 0 if it is dropped as a whole, 1 if it is not"
    )
    assert alone, "a map of a single 1 becomes something else than 0 or 1"


@mark.task("drop_block", "input and generators")
def test_a_block_below_one_or_larger_than_a_side_is_refused_by_name_or_size(student):
    def probe(answer):
        layer, wide, high = answer.DropoutVariants(0.3), torch.ones(2, 3, 4, 7), torch.ones(2, 3, 7, 4)
        cases = [(x, size) for x in (wide, high) for size in (0, -2, 5, 8, 4, 1)]
        return refusals(layer.drop_block, cases, (wide, 8), ["block", "8"])

    (raised, named), expected = student(probe), (["ValueError"] * 4 + [""] * 2) * 2
    assert raised == expected, (
        f"on maps of 4 x 7, then of 7 x 4, block_size 0, -2, 5, 8, 4 and 1 raise {raised}, not {expected}"
    )
    assert named, "for block_size=8 on a map of 4 x 7 the message names neither the argument nor its value"


# What the three have in common


def shape_for(sizes):
    """Square maps for blocks, a matrix for the other two."""
    return (6, 5, 8, 8) if sizes else (40, 45)


@of_each("nothing at inference")
def test_without_training_or_a_chance_to_drop_every_value_comes_back(student, method, sizes):
    def probe(answer, x, method, sizes):
        layer, found = answer.DropoutVariants(0.8), []
        for mode in (True, False):
            layer.training = mode
            result = getattr(layer, method)(x, *sizes, training=False)
            changed = "partly 0" if bool((result == 0).any()) else f"{float((result / x).median()):.1f} times x"
            found.append("x" if torch.equal(result.double(), x) else changed)
        if error_of(answer.DropoutVariants, 0.0):
            return found, 0  # whether it may be 0 is asked elsewhere
        never = answer.DropoutVariants(0.0)
        never.training = True
        return found, int((getattr(never, method)(x, *sizes).double() - x).abs().gt(1e-6).sum())

    found, changed = student(probe, 1 + torch.rand(shape_for(sizes), dtype=torch.float64), method, sizes)
    message = f"with training=False comes {found[0]} (and {found[1]} if the module is in eval mode too)"
    assert found == ["x", "x"], message
    # `rand > 0` is as good as `rand >= 0`, but a draw of exactly 0 has probability 2**-24: one entry is forgiven.
    assert changed < 2, "with drop_prob=0, entries of the result differ from the input's"


@of_each("gradients", "standard_dropout", "dropconnect")
def test_gradients_pass_through_what_was_kept_with_exactly_its_factor(student, method, sizes):
    def probe(answer, x, upstream, method):
        y = getattr(answer.DropoutVariants(0.3), method)(x.requires_grad_())
        if not y.requires_grad:
            return "is not recorded at all"
        (y * upstream).sum().backward()
        if x.grad is None:
            return "does not come back"
        exact = bool(((y == 0) | (0.7 * y / x - 1).abs().lt(1e-5)).all())
        right = exact and torch.allclose(x.grad, upstream * y / x, rtol=1e-5)
        return "right" if right else "is wrong, or the factor of what was kept is not exactly 1 / 0.7"

    x = 1 + torch.rand(shape_for(sizes), dtype=torch.float64)
    found = student(probe, x, torch.randn(shape_for(sizes), dtype=torch.float64), method)
    assert found == "right", f"the gradient of the input {found}"


@of_each("input and generators")
def test_the_input_stays_as_it_was_and_gives_the_result_its_shape_and_dtype(student, method, sizes):
    def probe(answer, xs, method, sizes):
        found = []
        for x in xs:
            before = x.clone()
            y = getattr(answer.DropoutVariants(0.3), method)(x, *sizes)
            found.append([torch.equal(x, before) and not x.requires_grad, str(y.dtype), list(y.shape)])
        return found

    shapes = {"standard_dropout": [(7,), (4, 3), (2, 3, 5)], "dropconnect": [(4, 3), (5, 4, 3), (6, 4, 2, 3)]}
    shapes = shapes.get(method, [(2, 3, 5, 4), (1, 2, 3, 7)])
    xs = [torch.randn(shape, dtype=dtype) for dtype in (torch.float32, torch.float64) for shape in shapes]
    for x, (left_alone, dtype, shape) in zip(xs, student(probe, xs, method, sizes), strict=True):
        assert left_alone, "the tensor that was passed in has changed, or records gradients now"
        found, expected = (dtype, shape), (str(x.dtype), list(x.shape))
        assert found == expected, f"for an input of dtype and shape {expected} the result has {found}"


@of_each("input and generators")
def test_every_draw_comes_from_the_given_generator(student, method, sizes):
    def probe(answer, seed, method, sizes, shape):
        def two_results(seed, elsewhere):
            reseed(elsewhere, elsewhere)
            layer = answer.DropoutVariants(0.5, generator=torch.Generator().manual_seed(seed))
            return torch.stack([getattr(layer, method)(torch.ones(shape), *sizes) for _ in range(2)])

        one, same, other = two_results(seed, 987), two_results(seed, 654), two_results(seed + 1, 987)
        return torch.equal(one, same), torch.equal(one[0], other[0])

    same_state, other_seed = student(probe, int(torch.randint(1 << 30, ())), method, sizes, shape_for(sizes))
    assert same_state, "two generators in the same state give different results"
    assert not other_seed, "two generators with different seeds give the same result"


@of_each("input and generators")
def test_the_global_generator_is_the_default_and_is_never_reseeded(student, method, sizes):
    def probe(answer, seed, method, sizes, shape):
        def result(seed, elsewhere, generator=None):
            reseed(seed, elsewhere)
            layer = answer.DropoutVariants(0.5, generator=generator)
            return getattr(layer, method)(torch.ones(shape), *sizes), torch.get_rng_state()

        (one, state), (same, _), (unlike, other) = result(seed, 1), result(seed, 2), result(seed + 1, 1)
        states = [result(seed + k, 1, torch.Generator().manual_seed(3))[1] for k in (0, 1)]
        return torch.equal(one, same), torch.equal(one, unlike), torch.equal(state, other) or torch.equal(*states)

    same_state, other_state, reseeded = student(probe, int(torch.randint(1 << 30, ())), method, sizes, shape_for(sizes))
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "without a generator, the same state of torch's global one gives different results"
    assert not other_state, "without a generator, two states of torch's global one give the same result"


@mark.task("standard_dropout", "input and generators")
def test_a_drop_prob_outside_zero_to_one_is_refused_by_name_or_value_and_one_itself_too(student):
    def probe(answer):
        cases = [(drop_prob,) for drop_prob in (-0.25, 1.0, 1, 1.5, 0, 0.0, 0.99)]
        return refusals(answer.DropoutVariants, cases, (1.5,), ["drop_prob", "1.5"])

    (raised, named), expected = student(probe), ["ValueError"] * 4 + [""] * 3
    assert raised == expected, f"drop_prob -0.25, 1.0, 1, 1.5, 0, 0.0 and 0.99 raise {raised}, not {expected}"
    assert named, "for drop_prob=1.5 the message names neither the argument nor its value"


@mark.task("standard_dropout", "input and generators")
def test_the_layer_is_a_module_that_drops_half_unless_told_otherwise(student):
    def probe(answer):
        holder = nn.Module()
        holder.drop = answer.DropoutVariants()
        share = float((holder.drop.standard_dropout(torch.ones(10000)) == 0).double().mean())
        return isinstance(holder.drop, nn.Module) and len(list(holder.children())), round(share, 1)

    held, share = student(probe)
    assert held, "DropoutVariants is no nn.Module, so that another module cannot hold it"
    assert share == 0.5, f"by default a share of {share} is dropped, not 0.5"


# monte_carlo_predict. Entries c of which one in four is kept, as 4 c, have the mean c and the standard deviation
# 1.73 c; over 100 passes both are off by 10 % of that at most in a standard error, and there are 320 rows.


def looks_like(result, factor):
    """Whether the columns of a result are on average the multiple of 1, 2 and 5, and vary a little from row to row."""
    if tuple(result.shape) != (320, 3):
        return False
    scaled = result.double() / torch.tensor([1.0, 2.0, 5.0])
    return bool((scaled.mean(0) / factor - 1).abs().max() < 0.1) and 0.001 < float(scaled.std()) < 0.5


def of_many_passes(answer):
    """Which of the two results are the mean over 100 passes, and which are the standard deviation."""
    x = torch.tensor([1.0, 2.0, 5.0]).expand(320, 3).clone()
    results = answer.monte_carlo_predict(nn.Sequential(nn.Dropout(0.75)), x, 100)
    return [[looks_like(result, factor) for result in results] for factor in (1.0, 3**0.5)]


@mark.task("monte_carlo_predict", "mean and spread of active passes")
def test_the_mean_is_over_passes_that_differ(student):
    assert any(student(of_many_passes)[0]), "behind nn.Dropout(0.75) none of the results is the mean over 100 passes"


@mark.task("monte_carlo_predict", "mean and spread of active passes")
def test_the_spread_is_the_standard_deviation_over_the_passes_for_each_output(student):
    message = "behind nn.Dropout(0.75) none of the results is the standard deviation over 100 passes"
    assert any(student(of_many_passes)[1]), message


def of_three_passes(answer):
    """The thirds of 2 that the means are, and the standard deviations, of 3 passes that make ones 0 or 2."""
    mean, std = answer.monte_carlo_predict(nn.Sequential(nn.Dropout(0.5)), torch.ones(80, 5), 3)
    kept = 3 * mean.double() / 2
    spreads = [round(float(value), 2) for value in (100 * std.double()).round().unique() / 100]
    return bool((kept - kept.round()).abs().max() < 1e-4), spreads


@mark.task("monte_carlo_predict", "details")
def test_the_mean_comes_first_and_is_over_exactly_num_samples_passes(student):
    # 400 entries: passes of another number give only multiples of 1/3 with probability below 0.8**400.
    message = "nn.Dropout(0.5) makes ones 0 or 2; a mean of 3 passes is 0, 2/3, 4/3 or 2, and some of yours are not"
    assert student(of_three_passes)[0], message


@mark.task("monte_carlo_predict", "details")
def test_the_standard_deviation_over_the_passes_is_the_unbiased_one(student):
    # Among 400 entries, one that 0 or 3 passes keep or one that 1 or 2 keep is missing with probability 0.75**400.
    found = student(of_three_passes)[1]
    assert found == [0.0, 1.15], f"of 3 passes on ones (each gives 0 or 2) the standard deviations are {found[:4]}"


@mark.task("monte_carlo_predict", "every dropout layer")
def test_dropout_layers_of_every_kind_are_active_however_deep_they_sit(student):
    def probe(answer):
        kinds = {nn.Dropout: (9, 8), nn.Dropout1d: (9, 8, 2), nn.Dropout2d: (9, 8, 2, 2), nn.Dropout3d: (9, 8, 2, 2, 2)}
        quiet = []
        for kind, shape in kinds.items():
            deep = nn.Sequential(nn.ReLU(), nn.Sequential(nn.Sequential(kind(0.5)), nn.ReLU()))
            model = kind(0.5) if kind is nn.Dropout3d else deep
            results = answer.monte_carlo_predict(model.eval(), torch.ones(shape), 4)
            quiet += [] if max(result.std() for result in results) > 0 else [kind.__name__]
        return quiet

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
        return [result.double() for result in answer.monte_carlo_predict(model.train(), x, 3)]

    x = torch.randn(6, 3, dtype=torch.float64)
    assert_close(student(probe, x), reference(probe, x), rtol=1e-5, atol=1e-5)


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
        model, x = nn.Sequential(nn.Linear(4, 2), nn.Dropout(0.3)), torch.randn(6, 4)
        results = answer.monte_carlo_predict(model, x, 2)
        enabled = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        return {
            "results with a graph": sum(result.requires_grad for result in results),
            "trainable parameters": sum(parameter.requires_grad for parameter in model.parameters()),
            "recording": enabled,
            "recording of x": x.requires_grad,
        }

    expected = {"results with a graph": 0, "trainable parameters": 2, "recording": True, "recording of x": False}
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

    found = student(probe)
    message = f"for outputs of shape (4, 5, 5, 5) in float64, dtypes and shapes of the two results are {found}"
    assert found == [["torch.float64", 4, 5, 5, 5]] * 2, message


@mark.task("monte_carlo_predict", "details")
def test_fewer_than_two_passes_are_refused_by_name_or_number(student):
    def probe(answer):
        model, x = nn.Sequential(nn.Linear(4, 2), nn.Dropout(0.3)), torch.randn(6, 4)
        cases = [(model, x, number) for number in (1, 0, -17, 2)]
        return refusals(answer.monte_carlo_predict, cases, (model, x, -17), ["num_samples", "17"])

    (raised, named), expected = student(probe), ["ValueError"] * 3 + [""]
    assert raised == expected, f"num_samples 1, 0, -17 and 2 raise {raised}, not {expected}"
    assert named, "for num_samples=-17 the message names neither the argument nor its value"


@mark.task("monte_carlo_predict", "details")
def test_the_passes_draw_from_the_global_generator_and_never_reseed_it(student):
    def probe(answer, seed):
        def means(seed, elsewhere):
            reseed(seed, elsewhere)
            model = nn.Sequential(nn.Dropout(0.5))
            found = [answer.monte_carlo_predict(model, torch.ones(40, 5), 2)[0] for _ in range(2)]
            return torch.stack(found), torch.get_rng_state()

        (one, state), (same, _), (_, other) = means(seed, 1), means(seed, 2), means(seed + 1, 1)
        return torch.equal(one, same), torch.equal(*one), torch.equal(state, other)

    same_state, in_a_row, reseeded = student(probe, int(torch.randint(1 << 30, ())))
    assert not reseeded, "torch's global generator was in two different states, and is in the same one after the call"
    assert same_state, "the same state of torch's global generator gives different results"
    assert not in_a_row, "two predictions in a row give exactly the same"
