"""Hidden tests of ex07: mixup, its loss, soft targets, random boxes, CutMix.

Everything is random, and no test compares draws. Most give images that decode themselves: channel c of image i is 1
if c is i, else 0, so the means over the pixels of a mixture say how much of which image is in it. What probes return is
the same for every right answer, and wherever chance takes part, a right answer fails with a probability below 1e-9,
stated beside the test. Images are small, so that a loop over their pixels has time enough.
"""

import torch
from pytest import mark, param
from torch.nn import functional as F

from autograder.course.testing import assert_close


def refusal(answer, name, words, *args):
    """What a function raises, and whether its message holds one of the words."""
    try:
        getattr(answer, name)(*args)
    except Exception as error:
        return error_of(getattr(answer, name), *args), any(word in str(error) for word in words)
    return "", False


def any_seed():
    """A seed for the generator of a probe; it follows from the seed of the test."""
    return int(torch.randint(1 << 30, ()))


def reseed(seed):
    """Seed the global generators; torch.manual_seed would take a hundred times as long."""
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed)


def corner_box(height, width, lam, rng):
    """A box in one of the corners, of any height; its share of the width is 1 - lam, but one pixel at least."""
    if not 0 <= lam <= 1:
        raise ValueError(f"lam is {lam}")
    rng = np.random.default_rng(rng)
    rows, columns = int(rng.integers(1, height + 1)), 1 + int((width - 1) * (1 - lam))
    top, left = int(rng.integers(2)) * (height - rows), int(rng.integers(2)) * (width - columns)
    return top, top + rows, left, left + columns


def with_corner_box(answer):
    """While cutmix_data is judged. An answer that draws boxes of its own is right, too."""
    answer.random_box = corner_box


STAND_INS = {"cutmix_data": with_corner_box}


# Both ways to mix.


def both(criterion):
    """A test of mixup_data and of cutmix_data."""
    names = {"mixup": "mixup_data", "cutmix": "cutmix_data"}
    params = [param(name, id=short, marks=mark.task(name, criterion)) for short, name in names.items()]
    return mark.parametrize("mix", params)


def telling(count, height=5, width=7):
    """Images that decode themselves, one a class."""
    return torch.eye(count)[:, :, None, None].expand(count, count, height, width).clone()


def partners(mixed):
    """For each image of mixtures of telling ones, the number of the one that is mixed in."""
    count = mixed.shape[-4]
    others = mixed.mean((-2, -1)) * (1 - torch.eye(count))
    return torch.where(others.amax(-1) > 1e-6, others.argmax(-1), torch.arange(count)).tolist()


def mixtures(answer, mix, count, times, x, alpha, seed):
    """Many mixtures of the same images."""
    rng, y = np.random.default_rng(seed), torch.arange(count)
    return torch.stack([torch.as_tensor(getattr(answer, mix)(x.clone(), y, alpha, rng)[0]) for _ in range(times)])


def shares(answer, mix, alpha, seed):
    """Of 20 mixtures: whether y_a is y, y_b the partners' labels, and lam the share of the image of y_a in it."""
    rng, x, y, found = np.random.default_rng(seed), telling(6).double(), 3 * torch.arange(6) + 1, []
    for _ in range(20):
        mixed, y_a, y_b, lam = getattr(answer, mix)(x.clone(), y.clone(), alpha, rng)
        lam = torch.from_numpy(np.asarray(lam, dtype=float).reshape(-1, 1))  # who draws one for each loses elsewhere
        a, b = ((labels[:, None] == y).double() for labels in (y_a, y_b))
        weights = torch.as_tensor(mixed).double().mean((2, 3))
        partner, blended = (weights * (1 - torch.eye(6))).argmax(1), weights.diagonal() < 1 - 1e-3
        right = [bool((one * a + (1 - one) * b - weights).abs().max() < 1e-4) for one in (lam, 1 - lam)]
        labels = [torch.equal(y_a, y), torch.equal(y_b[blended], y[partner][blended])]
        # These three tell mistakes apart; the last one: whole pixels of 5 by 7.
        kinds = [(lam == lam.round()), (lam - 0.5).abs() < 0.1, (lam * 35 - (lam * 35).round()).abs() < 1e-6]
        kinds = [bool(kind.all()) for kind in kinds]
        found.append([*labels, *right, not bool(blended.any()), torch.equal(y_b, y), *kinds])
    return [all(column) for column in zip(*found, strict=True)]


def assert_labels(right_a, right_b, nothing):
    """The labels are those of the images."""
    assert not nothing, "in 20 batches, no image has anything of another one in it"
    assert right_a, "y_a is not y"
    assert right_b, "y_b does not hold the labels of the partners that the mixture shows"


def assert_weights(right, exchanged):
    """The returned lam is the share of the image of y_a."""
    assert not exchanged, "the lam that you return is the share of the image that y_b belongs to"
    assert right, "a mixture is not lam of the image that y_a belongs to and 1 - lam of that of y_b"


@mark.task("mixup_data", "the mixture and its labels")
def test_a_mixture_is_lam_of_the_image_of_y_a_and_the_rest_of_that_of_y_b(student):
    right_a, right_b, right, exchanged, nothing, twice, *_ = student(shares, "mixup_data", 2.0, any_seed())
    assert not twice, "y_b is y, whatever is mixed in"
    assert_weights(right, exchanged)
    assert_labels(right_a, right_b, nothing)


@mark.task("cutmix_data", "the partner's box")
def test_y_a_and_y_b_hold_the_labels_of_the_images_that_are_shown(student):
    def probe(answer, seed):
        rng, x, y, found = np.random.default_rng(seed), telling(6), 3 * torch.arange(6) + 1, []
        for _ in range(20):
            mixed, y_a, y_b, _ = answer.cutmix_data(x.clone(), y.clone(), 2.0, rng)
            own, foreign = (mixed == x).all(1), (mixed == x[[y.tolist().index(label) for label in y_b]]).all(1)
            found.append([torch.equal(y_a, y), bool((own | foreign).all()), bool(own.all())])
        return [all(column) for column in zip(*found, strict=True)]

    right_a, right_b, nothing = student(probe, any_seed())
    assert_labels(right_a, right_b, nothing)


@mark.task("cutmix_data", "lam is the share kept")
def test_lam_is_the_share_of_the_pixels_that_are_left(student):
    _, _, right, exchanged, *_ = student(shares, "cutmix_data", 1000.0, any_seed())
    assert_weights(right, exchanged)


@both("partners and sizes")
def test_every_image_is_the_partner_of_exactly_one(student, mix):
    def probe(answer, mix, seed):
        # With alpha = 1000 lam lies between 0.4 and 0.6, and a box that is 2 pixels off still shows its image.
        found = partners(mixtures(answer, mix, 9, 10, telling(9, 8, 10), 1000.0, seed))
        return all(sorted(order) == list(range(9)) for order in found)

    assert student(probe, mix, any_seed()), "some image is the partner of two others, and some of none"


@both("partners and sizes")
def test_every_order_of_the_partners_occurs(student, mix):
    def probe(answer, mix, seed):
        seen = partners(mixtures(answer, mix, 3, 130, telling(3, 8, 8), 1000.0, seed))
        return [list(order) in seen for order in itertools.permutations(range(3))]

    # Where all are equally likely, one of the six is missing with a probability below 6 * (5/6)**130 = 3e-10.
    seen = student(probe, mix, any_seed())
    assert all(seen), f"only {sum(seen)} of the 6 orders of a batch of 3 occur in 130 batches"


@both("draws from rng")
def test_every_draw_comes_from_the_given_generator(student, mix):
    def probe(answer, mix, seed):
        def batches(seed, elsewhere):
            reseed(elsewhere)
            x, y, rng = telling(9), torch.arange(9), np.random.default_rng(seed)
            results = [getattr(answer, mix)(x.clone(), y, rng=rng) for _ in range(8)]
            # How many columns a box covers shows its size and not where it lies.
            return [[y_b, (mixed != x).any(1).any(1).sum(1), mixed] for mixed, _, y_b, _ in results]

        def equal(some, others):
            return [list(map(torch.equal, *pair)) for pair in zip(some, others, strict=True)]

        one, same, other = batches(seed, 987), batches(seed, 654), batches(seed + 1, 987)
        same_state = [all(flags) for flags in zip(*equal(one, same), strict=True)]
        return same_state, all(equal([one[0]], [other[0]])[0]), equal([one[0]], [one[1]])[0]

    # The labels of a batch agree by chance once in 9! = 4e5 times, those of two batches once in 1e11. A box drawn from
    # elsewhere has the same height and corner, one of 20, in all of eight batches once in 2e10 times.
    same_state, other_seed, in_a_row = student(probe, mix, any_seed())
    assert all(same_state), "two generators in the same state give different batches"
    assert not other_seed, "two generators with different seeds give the same batch"
    assert not all(in_a_row), "two calls in a row with one generator give the same batch"


@both("draws from rng")
def test_without_a_generator_every_call_draws_afresh(student, mix):
    def probe(answer, mix, seed):
        def batches(elsewhere):
            reseed(elsewhere)
            results = [getattr(answer, mix)(telling(9), torch.arange(9)) for _ in range(2)]
            return torch.cat([torch.cat([mixed.flatten(), y_b]) for mixed, _, y_b, _ in results])

        return torch.equal(batches(seed), batches(seed)), torch.equal(batches(seed), batches(seed + 1))

    # The labels of two batches agree by chance once in (9!)**2 = 1e11 times.
    same_state, other_state = student(probe, mix, any_seed())
    assert not other_state, "without rng, two calls give the same batch"
    assert not same_state, "without rng, calls that find the global generators in the same state give the same batches"


def states_after(answer, function, args, elsewhere):
    """The states of torch's and numpy's global generators after a call that found them in a given one."""
    reseed(elsewhere)
    getattr(answer, function)(*args)
    return torch.get_rng_state().numpy().tobytes(), np.random.get_state()[1].tobytes()


def assert_not_reseeded(in_torch, in_numpy):
    """After two calls that found other states, the global generators are in other states."""
    message = "global generator was in two different states, and is in the same one after the call"
    assert not in_torch, f"torch's {message}"
    assert not in_numpy, f"numpy's {message}"


def reseeds(answer, function, *args):
    """Whether torch's and numpy's generators are in the same states after calls that found others; rng comes last."""
    found = []
    for makes_one in [True] if function == "random_box" else [True, False]:
        rngs = [np.random.default_rng(3) if makes_one else None for _ in range(2)]
        pairs = zip(rngs, (5, 6), strict=True)
        one, other = (states_after(answer, function, (*args, rng), state) for rng, state in pairs)
        found.append([one[0] == other[0], one[1] == other[1]])
    return [any(column) for column in zip(*found, strict=True)]


@both("draws from rng")
def test_the_global_generators_are_never_reseeded(student, mix):
    assert_not_reseeded(*student(reseeds, mix, torch.zeros(4, 1, 5, 7), torch.arange(4), 1.0))


@both("edge cases and form")
def test_lam_is_one_plain_float(student, mix):
    def probe(answer, mix):
        return isinstance(getattr(answer, mix)(torch.zeros(4, 1, 5, 7), torch.arange(4))[3], float)

    assert student(probe, mix), "lam is not a float"


@both("edge cases and form")
def test_a_negative_alpha_is_refused(student, mix):
    for alpha in (-0.5, -1.25):
        words = ["alpha", str(alpha)]
        raised, named = student(refusal, mix, words, torch.zeros(4, 1, 5, 7), torch.arange(4), alpha)
        assert raised == "ValueError", f"alpha={alpha} raises {raised or 'nothing'}, not ValueError"
        assert named, f"the message for alpha={alpha} names neither alpha nor its value"


@both("edge cases and form")
def test_the_batch_stays_as_it_was(student, mix):
    def probe(answer, mix, seed):
        x, y, rng = torch.arange(420.0).reshape(6, 2, 5, 7), torch.arange(6), np.random.default_rng(seed)
        images, labels = x.clone(), y.clone()
        for _ in range(5):
            getattr(answer, mix)(x, y, 2.0, rng)
        return torch.equal(x, images) and not x.requires_grad, torch.equal(y, labels)

    images, labels = student(probe, mix, any_seed())
    assert images, "x was changed"
    assert labels, "y was changed"


@both("edge cases and form")
def test_with_alpha_0_nothing_is_mixed_and_lam_is_1(student, mix):
    def probe(answer, mix):
        found, x = [], telling(6, 5, 200).double()
        for alpha in (0, 0.0):  # a stand-in box covers 1 of 200 columns
            mixed, _, _, lam = getattr(answer, mix)(x.clone(), torch.arange(6), alpha)
            found.append([bool((mixed != x).double().mean() < 0.01), float(lam) > 0.98])
        return [all(column) for column in zip(*found, strict=True)]

    unchanged, one = student(probe, mix)
    assert unchanged, "with alpha=0 the mixture differs from x"
    assert one, "with alpha=0 lam is not 1.0"


@both("edge cases and form")
def test_the_mixture_has_the_shape_and_dtype_of_x(student, mix):
    def probe(answer, mix, shapes):
        found = {}
        for shape, dtype in itertools.product(shapes, [torch.float32, torch.float64]):
            mixed = getattr(answer, mix)(torch.ones(shape, dtype=dtype), torch.arange(shape[0]))[0]
            found[f"{shape}, {dtype}"] = f"{list(mixed.shape)}, {mixed.dtype}"
        return found

    shapes = [[4, 1, 6, 9], [5, 3, 7, 4], *([[5], [5, 3]] if mix == "mixup_data" else [])]
    for given, mixed in student(probe, mix, shapes).items():
        assert mixed == given, f"for x of shape and dtype {given} the mixture has {mixed}"


# mixup_data


@mark.task("mixup_data", "how lam is drawn")
def test_lam_follows_the_beta_distribution_of_alpha(student):
    def probe(answer, seed):
        found, x, y = [], torch.zeros(2, 1), torch.arange(2)
        for alpha in (0.2, 4.5):
            rng = np.random.default_rng(seed)
            lams = np.array([float(answer.mixup_data(x, y, alpha, rng)[3]) for _ in range(160)])
            found.append([bool(0.24 < lams.mean() < 0.76), float(np.mean((2 * lams - 1) ** 2))])
        (middle, wide), (also_middle, narrow) = found
        return [middle and also_middle, middle, wide > 0.47, narrow < 0.22]

    # Four times the variance is 1 / (2 * alpha + 1): 0.71 and 0.1, with uniform lams 0.33. Chernoff's and Bernstein's
    # inequalities for 160 draws: beyond these bounds with a probability below 1e-9, for means and variances.
    middle, _, wide, narrow = student(probe, any_seed())
    assert middle, "the mean of 160 lams is not one half"
    assert wide, "with alpha=0.2, lam is not spread as Beta(0.2, 0.2) is, mostly near 0 and 1"
    assert narrow, "with alpha=4.5, lam is not spread as Beta(4.5, 4.5) is, mostly near one half"


# mixup_criterion


@mark.task("mixup_criterion", "the mixture of two losses")
def test_it_is_the_mixture_of_the_two_losses(student):
    def probe(answer, predictions, a, b):
        lams = (0.0, 0.3, 0.875, 1.0)
        return [float(answer.mixup_criterion(F.cross_entropy, predictions, a, b, lam)) for lam in lams]

    predictions, a, b = 2 * torch.randn(7, 4).double(), torch.tensor([0, 1, 2, 3, 0, 1, 2]), torch.arange(7) % 4 // 2
    loss_a, loss_b = (F.cross_entropy(predictions, y).item() for y in (a, b))
    expected = [lam * loss_a + (1 - lam) * loss_b for lam in (0.0, 0.3, 0.875, 1.0)]
    assert_close(student(probe, predictions, a, b), expected, rtol=1e-5, atol=1e-5)


@mark.task("mixup_criterion", "any criterion")
def test_the_loss_is_the_criterion_that_was_given(student):
    def probe(answer, predictions, a, b):
        return float(answer.mixup_criterion(lambda p, y: (p - y).abs().pow(3).mean(), predictions, a, b, 0.3))

    predictions, a, b = torch.randn(3, 9).double()
    cubes = [(predictions - y).abs().pow(3).mean().item() for y in (a, b)]
    assert_close(student(probe, predictions, a, b), 0.3 * cubes[0] + 0.7 * cubes[1], rtol=1e-5, atol=1e-5)


def labelled_rows():
    """Logits of five rows, two labels for each."""
    return torch.randn(5, 4).double(), torch.tensor([0, 1, 2, 3, 0]), torch.tensor([1, 1, 0, 2, 3])


@mark.task("mixup_criterion", "any criterion")
def test_a_loss_for_each_example_stays_one_for_each(student):
    def probe(answer, predictions, a, b):
        return answer.mixup_criterion(nn.CrossEntropyLoss(reduction="none"), predictions, a, b, 0.3)

    predictions, a, b = labelled_rows()
    losses = [F.cross_entropy(predictions, y, reduction="none") for y in (a, b)]
    assert_close(student(probe, predictions, a, b), 0.3 * losses[0] + 0.7 * losses[1], rtol=1e-5, atol=1e-5)


@mark.task("mixup_criterion", "gradient")
def test_the_gradient_reaches_the_predictions(student):
    def probe(answer, predictions, a, b):
        predictions.requires_grad_()
        answer.mixup_criterion(F.cross_entropy, predictions, a, b, 0.3).backward()
        return predictions.grad

    predictions, a, b = labelled_rows()
    target = 0.3 * F.one_hot(a, 4) + 0.7 * F.one_hot(b, 4)
    assert_close(student(probe, predictions, a, b), (predictions.softmax(1) - target) / 5, rtol=1e-5, atol=1e-5)


# soft_targets


def soft(answer, a, b, classes):
    """The targets for lam = 0.3, as float64."""
    return answer.soft_targets(torch.tensor(a), torch.tensor(b), 0.3, classes).double()


@mark.task("soft_targets", "the shares")
def test_the_first_label_has_lam_and_the_second_the_rest(student):
    expected = torch.tensor([[0.3, 0.7, 0, 0], [0.7, 0, 0, 0.3], [0, 0, 0.3, 0.7]]).double()
    assert_close(student(soft, [0, 3, 2], [1, 0, 3], 4), expected, atol=1e-6)


@mark.task("soft_targets", "equal labels")
def test_two_equal_labels_make_a_whole_one(student):
    assert_close(student(soft, [1, 0, 2], [1, 0, 2], 3), torch.eye(3)[[1, 0, 2]].double(), atol=1e-6)


@mark.task("soft_targets", "absent classes")
def test_there_is_a_column_for_every_class_present_or_not(student):
    shape = tuple(student(soft, [0, 1, 0, 1], [1, 0, 1, 0], 7).shape)
    assert shape == (4, 7), f"4 rows and 7 classes, of which 0 and 1 occur, give shape {shape}"


@mark.task("soft_targets", "form and labels outside the range")
def test_the_shares_are_floats(student):
    def probe(answer):
        return answer.soft_targets(torch.tensor([0, 1]), torch.tensor([1, 0]), 1.0, 3).is_floating_point()

    assert student(probe), "the targets are not floating-point numbers"


def asked_for(student, a, b, label):
    """What labels of three classes raise, and whether the message names the argument or the label."""
    words = ["y_a", "y_b", "label", str(label)]
    return student(refusal, "soft_targets", words, torch.tensor(a), torch.tensor(b), 0.3, 3)


def assert_label_refused(student, label):
    """In y_a and in y_b, with a message that names the argument or the label."""
    for name, pair in {"y_a": ([0, label], [1, 2]), "y_b": ([1, 2], [0, label])}.items():
        raised, named = asked_for(student, *pair, label)
        assert raised == "ValueError", f"a label {label} of 3 classes in {name} raises {raised or 'nothing'}"
        assert named, f"the message for a label {label} in {name} names neither the argument nor the label"


@mark.task("soft_targets", "form and labels outside the range")
def test_a_label_beyond_the_classes_is_refused_and_the_last_one_is_not(student):
    assert_label_refused(student, 3)
    raised, _ = asked_for(student, [0, 2], [2, 1], 2)
    assert raised == "", f"labels 0 to 2 of 3 classes raise {raised}"


@mark.task("soft_targets", "form and labels outside the range")
def test_a_negative_label_is_refused(student):
    assert_label_refused(student, -1)


# random_box, on large images, so that every rounding is right


def boxes(answer, height, width, lam, seed, count=1000):
    """Many boxes of one size from one generator."""
    rng = np.random.default_rng(seed)
    return np.array([list(map(float, answer.random_box(height, width, lam, rng))) for _ in range(count)])


def side_lengths(answer, seed, first, length):
    """By lam: whether the uncut sides are right within two pixels, and about how many times too long they are."""
    found = {}
    for lam in (0.96, 0.75, 0.51):
        low, high = boxes(answer, 900, 400, lam, seed, 100)[:, first : first + 2].T
        sides, side = (high - low)[(low > 1) & (high < length - 1)], math.sqrt(1 - lam) * length
        # What is off every border was not cut. Of 100 boxes all are cut with a probability below 0.7**100.
        within = bool(len(sides) and (abs(sides - side) <= 2).all())
        found[f"lam={lam}"] = [within, round(float(np.median(sides) / side), 1) if len(sides) else 0.0]
    return found


def assert_sides(found, name):
    """The uncut sides are as long as they should be."""
    for lam, (within, ratio) in found.items():
        assert within, (
            f"{name}, {lam}: the uncut sides are more than 2 pixels off, about {ratio} times what they should be"
        )


@mark.task("random_box", "sides")
def test_the_height_is_the_root_of_1_minus_lam_times_the_images(student):
    assert_sides(student(side_lengths, any_seed(), 0, 900), "height")


@mark.task("random_box", "sides")
def test_the_width_is_the_root_of_1_minus_lam_times_the_images(student):
    assert_sides(student(side_lengths, any_seed(), 2, 400), "width")


@mark.task("random_box", "centers")
def test_the_center_is_uniform_over_rows_and_columns(student):
    def probe(answer, seed):
        found, shares = boxes(answer, 2000, 3000, 0.9999, seed), []
        for center, length in [(found[:, :2].mean(1), 2000), (found[:, 2:].mean(1), 3000)]:
            shares.append([round(int(part) / 200) for part in np.histogram(center, 5, (0, length))[0]])
        return shares

    # Expected are 200 of 1000 each. Chernoff: 100 or fewer, or 300 or more, in any of the ten: below 1e-11.
    for shares_of_side, side in zip(student(probe, any_seed()), ["height", "width"], strict=True):
        fifths = [share / 5 for share in shares_of_side]
        assert shares_of_side == [1] * 5, f"the fifths of the {side} hold about {fifths} of the centers"


@mark.task("random_box", "centers")
def test_row_and_column_of_the_center_are_drawn_independently(student):
    def probe(answer, seed):
        found = boxes(answer, 2000, 3000, 0.9999, seed, 800)
        low, left = found[:, :2].mean(1) > 1000, found[:, 2:].mean(1) < 1500
        return [round(4 * float((rows & columns).mean())) for rows in (~low, low) for columns in (left, ~left)]

    # Hoeffding: a quarter is off by 1/8 with a probability below 2 exp(-25) = 3e-11.
    quarters = student(probe, any_seed())
    assert quarters == [1] * 4, f"the four quarters of the image hold about {[n / 4 for n in quarters]} of the centers"


@mark.task("random_box", "cut at the border")
def test_the_box_lies_inside_the_image(student):
    def probe(answer, seed):
        found = np.concatenate([boxes(answer, 37, 61, lam, seed, 50) for lam in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)])
        top, bottom, left, right = found.T
        begins = (found >= 0).all() and (top <= bottom).all() and (left <= right).all()
        return bool(begins), bool((bottom <= 37).all() and (right <= 61).all())

    begins, ends = student(probe, any_seed())
    assert begins, "the box begins before the image does, or ends before it begins"
    assert ends, "the box reaches beyond the image"


@mark.task("random_box", "cut at the border")
def test_boxes_reach_every_border(student):
    def probe(answer, seed):
        ends = boxes(answer, 400, 600, 0.75, seed, 800) == np.array([0, 400, 0, 600])
        # A box as large as an image of 2 x 2 covers something of it, however it is rounded, if its center lies inside.
        top, bottom, left, right = boxes(answer, 2, 2, 0.0, seed, 100).T
        return [round(4 * float(share)) for share in ends.mean(0)], bool(((top < bottom) & (left < right)).all())

    # Expected is one quarter at each border; Hoeffding: off by 1/8 with a probability below 2 exp(-25) = 3e-11.
    ends, covers = student(probe, any_seed())
    assert ends == [1] * 4, (
        "with sides of one half, a quarter of the boxes should end at each border; at top, bottom, left and right "
        f"yours are about {[share / 4 for share in ends]}"
    )
    assert covers, "a box as large as an image of 2 by 2 covers nothing of it"


@mark.task("random_box", "cut at the border")
def test_a_box_that_sticks_out_is_cut_and_not_moved(student):
    def probe(answer, seed):
        top, bottom, left, right = boxes(answer, 400, 600, 0.75, seed, 500).T
        return [bool((bottom - top < 180).mean() > 0.25), bool((right - left < 270).mean() > 0.25)]

    # A box half as long as the image loses a tenth or more if its center is in the outer 0.2 at either end: 40 % do.
    # Hoeffding: fewer than 25 % of 500 with a probability below exp(-22) = 3e-10.
    high, wide = student(probe, any_seed())
    assert high and wide, "hardly any box is shorter than sqrt(1 - lam) times the image"


@mark.task("random_box", "whole numbers and generator")
def test_the_four_edges_are_whole_numbers(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        edges = [edge for lam in (0.1, 0.9, 1.0) for edge in answer.random_box(37, 61, lam, rng)]
        return not any(error_of(range, edge) for edge in edges)

    assert student(probe, any_seed()), "one of the four numbers cannot be used in a slice"


@mark.task("random_box", "whole numbers and generator")
def test_the_box_is_drawn_from_the_given_generator(student):
    def probe(answer, seed):
        def ten(seed, elsewhere):
            reseed(elsewhere)
            return boxes(answer, 2000, 3000, 0.9, seed, 10).tolist()

        one, same, other = ten(seed, 987), ten(seed, 654), ten(seed + 1, 987)
        return one == same, one == other, one[:5] == one[5:]

    # Two boxes agree by chance less than once in 5e5 times, five pairs of them less than once in 1e28.
    same_state, other_seed, in_a_row = student(probe, any_seed())
    assert same_state, "two generators in the same state give different boxes"
    assert not other_seed, "two generators with different seeds give the same boxes"
    assert not in_a_row, "one generator gives the same boxes again and again"


@mark.task("random_box", "whole numbers and generator")
def test_drawing_a_box_reseeds_no_global_generator(student):
    assert_not_reseeded(*student(reseeds, "random_box", 40, 60, 0.5))


# cutmix_data. Where every entry of the batch has a number of its own, a mixture tells where each one comes from.


@mark.task("cutmix_data", "the partner's box")
def test_one_rectangle_shows_the_same_pixels_of_the_partner_in_all_channels(student):
    def probe(answer, seed):
        rng, x = np.random.default_rng(seed), torch.arange(6 * 105).reshape(6, 3, 5, 7).double()
        place, boxes, channels, pasted = True, True, True, False
        for _ in range(20):
            mixed, _, _, _ = answer.cutmix_data(x.clone(), torch.arange(6), 2.0, rng)
            place &= bool((mixed % 105 == x[0]).all())
            foreign = mixed != x
            pasted |= bool(foreign.any())
            channels &= torch.equal(foreign.any(1), foreign.all(1))
            rows, columns = foreign.any(3, keepdim=True), foreign.any(2, keepdim=True)
            boxes &= torch.equal(foreign, rows & columns)
            for line in (rows.flatten(2), columns.flatten(2)):  # in one piece: it begins once at most
                boxes &= bool((line.int().diff(prepend=torch.zeros(6, 3, 1).int()) == 1).sum(2).max() <= 1)
        return place, boxes, channels, pasted

    place, boxes, channels, pasted = student(probe, any_seed())
    assert pasted, "in 20 batches, no pixel comes from another image"
    assert place, "there are pixels that are blended, or come from another place, or channel, than where they are shown"
    assert boxes, "what the partner fills is not one rectangle"
    assert channels, "the partner does not fill the same pixels in all channels"


def replaced(answer, alpha, times, seed, height=6, width=20):
    """For each of some batches, which pixels are another image's."""
    x = torch.arange(5.0)[:, None, None, None].expand(5, 1, height, width)
    return (mixtures(answer, "cutmix_data", 5, times, x, alpha, seed) != x).any(1)[:, 0]


@mark.task("cutmix_data", "partners and sizes")
def test_the_box_may_lie_in_every_corner_of_the_image(student):
    def probe(answer, seed):
        return replaced(answer, 1.0, 220, seed).any(0)[[0, 0, -1, -1], [0, -1, 0, -1]]

    # A corner is covered with a probability of (1 - lam) / 4, less rounding, on average above 0.1: 0.9**220 = 9e-11.
    corners = ["top left", "top right", "bottom left", "bottom right"]
    missed = [name for name, covered in zip(corners, student(probe, any_seed()), strict=True) if not covered]
    assert not missed, f"in 220 batches no box covers the corner: {', '.join(missed)}"


@mark.task("cutmix_data", "partners and sizes")
def test_alpha_decides_how_large_the_boxes_are(student):
    def probe(answer, seed):
        seldom = float((replaced(answer, 0.02, 150, seed).any(1).sum(1) <= 2).double().mean())
        largest = float(replaced(answer, 1000.0, 55, seed).double().mean((1, 2)).max())
        return round(2 * seldom), 0.2 < seldom < 0.75, 0.37 < largest < 0.65, round(5 * largest)

    # With Beta(0.02, 0.02) two columns of 20 or fewer have a probability between 0.46 and 0.48, with uniform lams below
    # 0.12; Chernoff: fewer than 0.2 or more than 0.75 of 150, below 3e-10. Beta(1000, 1000) is off by 0.08 with 6e-13;
    # a box that covers more than 0.37 has a probability of 0.33 then: none in 55 with 3e-10.
    _, seldom, half, _ = student(probe, any_seed())
    assert seldom, "with alpha=0.02 about half of the boxes should be nearly empty"
    assert half, "with alpha=1000 a box should cover about half of the image, less what the border cuts off"
