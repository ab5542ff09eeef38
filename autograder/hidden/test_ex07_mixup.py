"""Hidden tests of ex07: mixup, its loss, soft targets, random boxes, CutMix.

Everything is random, and no test compares draws. Most give images that decode themselves: channel c of image i is 1
if c is i, else 0. The means over the pixels of a mixture, one row an image, are then lam * I + (1 - lam) * P, for mixup
and for CutMix alike, and P shows the permutation. What probes return is the same for every right answer, and wherever
chance takes part, a right answer fails with a probability below 1e-9, stated beside the test.
"""

import torch
from pytest import mark, param
from torch.nn import functional as F

from autograder.course.testing import assert_close


def any_seed():
    """A seed for the generator of a probe; it follows from the seed of the test."""
    return int(torch.randint(1 << 30, ()))


MIXUP = param("mixup_data", id="mixup", marks=mark.task("mixup_data"))
CUTMIX = param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data"))


# Both ways to mix. In the place of random_box stands a box in the lower left corner, the wider the smaller lam is.


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "the mixture and its labels")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "the pasted box")),
    ],
)
def test_lam_is_the_weight_of_each_image_and_the_rest_that_of_its_partner(student, mix):
    def probe(answer, mix, seed):
        answer.random_box, rng = lambda height, width, lam, rng: (3, 5, 4, 16), np.random.default_rng(seed)
        x, lams, found = torch.eye(6).double()[:, :, None, None].expand(6, 6, 10, 20), [], []
        for _ in range(20):
            mixed, _, _, lam = getattr(answer, mix)(x.clone(), torch.arange(6), 1000.0, rng)
            weights = mixed.double().mean((2, 3))
            own, rest = weights.diagonal(), (weights * (1 - torch.eye(6))).amax(1)
            blended = rest > 1e-9
            right = (own - lam)[blended].abs() < 1e-6, (rest - 1 + lam)[blended].abs() < 1e-6
            exchanged = (own - 1 + lam)[blended].abs() < 1e-6
            lams.append(float(lam))
            found.append([bool(flags.all()) for flags in (*right, exchanged)])
        return [all(column) for column in zip(*found, strict=True)], round(float(np.mean(lams)), 1)

    (own, rest, exchanged), _ = student(probe, mix, any_seed())
    assert not exchanged, "the lam that you return is the share of the partner"
    assert own, "the share of an image in its own mixture is not the lam that you return"
    assert rest, "the share of the partner is not 1 - lam"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "the mixture and its labels")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "the pasted box")),
    ],
)
def test_y_a_holds_the_labels_and_y_b_those_of_the_partners_in_the_mixture(student, mix):
    def probe(answer, mix, seed):
        rng = np.random.default_rng(seed)
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, y, found = torch.eye(6)[:, :, None, None].expand(6, 6, 5, 7), 3 * torch.arange(6) + 1, []
        for _ in range(20):
            mixed, y_a, y_b, _ = getattr(answer, mix)(x.clone(), y.clone(), rng=rng)
            others = mixed.mean((2, 3)) * (1 - torch.eye(6))
            blended = others.amax(1) > 1e-6
            right = torch.equal(y_b[blended], y[others.argmax(1)][blended])
            found.append([torch.equal(y_a, y), right and y_b.shape == y.shape, torch.equal(y_b, y)])
        return [all(column) for column in zip(*found, strict=True)]

    right_a, right_b, twice = student(probe, mix, any_seed())
    assert right_a, "y_a is not y"
    assert not twice, "y_b is y, whatever is mixed in"
    assert right_b, "y_b does not hold the labels of the partners that the mixture shows"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "partners")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "partners")),
    ],
)
def test_every_image_is_the_partner_of_exactly_one(student, mix):
    def probe(answer, mix, seed):
        rng = np.random.default_rng(seed)
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, once = torch.eye(9)[:, :, None, None].expand(9, 9, 20, 20), True
        for _ in range(10):
            # With alpha = 1000 lam lies between 0.4 and 0.6, and a box that is 2 pixels off still shows its image.
            mixed = getattr(answer, mix)(x.clone(), torch.arange(9), 1000.0, rng)[0]
            others = mixed.mean((2, 3)) * (1 - torch.eye(9))
            partner = torch.where(others.amax(1) > 1e-6, others.argmax(1), torch.arange(9))
            once &= partner.sort().values.tolist() == list(range(9))
        return once

    assert student(probe, mix, any_seed()), "some image is the partner of two others, and some of none"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "partners")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "partners")),
    ],
)
def test_every_order_of_the_partners_occurs(student, mix):
    def probe(answer, mix, seed):
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, rng, seen = torch.eye(3)[:, :, None, None].expand(3, 3, 12, 12).clone(), np.random.default_rng(seed), set()
        for _ in range(200):
            others = getattr(answer, mix)(x, torch.arange(3), 1000.0, rng)[0].sum((2, 3)) * (1 - torch.eye(3))
            partner = torch.where(others.amax(1) > 1e-6, others.argmax(1), torch.arange(3))
            seen.add(tuple(partner.tolist()))
        return [order in seen for order in itertools.permutations(range(3))]

    # Where all are equally likely, one of the six is missing with a probability below 6 * (5/6)**200 = 9e-16.
    seen = student(probe, mix, any_seed())
    assert all(seen), f"only {sum(seen)} of the 6 orders of a batch of 3 occur in 200 batches"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "edge cases and form")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "edge cases and form")),
    ],
)
def test_lam_is_one_plain_float(student, mix):
    def probe(answer, mix):
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        return isinstance(getattr(answer, mix)(torch.zeros(4, 1, 5, 7), torch.arange(4))[3], float)

    assert student(probe, mix), "lam is not a float"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "edge cases and form")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "edge cases and form")),
    ],
)
def test_a_negative_alpha_is_refused(student, mix):
    def probe(answer, mix):
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, y = torch.zeros(4, 1, 5, 7), torch.arange(4)
        return [error_of(getattr(answer, mix), x, y, alpha) for alpha in (-0.5, -1.0)]

    assert_close(student(probe, mix), ["ValueError", "ValueError"])


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "edge cases and form")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "edge cases and form")),
    ],
)
def test_the_batch_stays_as_it_was(student, mix):
    def probe(answer, mix, seed):
        rng = np.random.default_rng(seed)
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, y = torch.arange(420.0).reshape(6, 2, 5, 7), torch.arange(6)
        images, labels = x.clone(), y.clone()
        for _ in range(5):
            getattr(answer, mix)(x, y, 2.0, rng)
        return torch.equal(x, images), torch.equal(y, labels)

    images, labels = student(probe, mix, any_seed())
    assert images, "x was changed"
    assert labels, "y was changed"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "draws from rng")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "draws from rng")),
    ],
)
def test_every_draw_comes_from_the_given_generator(student, mix):
    def probe(answer, mix, seed):
        def random_box(height, width, lam, rng):
            return int(np.random.default_rng(rng).integers(height)), height, 0, 1 + int((width - 1) * (1 - lam))

        def two_batches(seed, elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            x, y, rng = (
                torch.eye(16)[:, :, None, None].expand(16, 16, 30, 50),
                torch.arange(16),
                np.random.default_rng(seed),
            )
            results = [getattr(answer, mix)(x.clone(), y, rng=rng) for _ in range(6)]
            # The last row shows the size of the box and not where it begins.
            return [[y_b, mixed[:, :, -1], mixed] for mixed, _, y_b, _ in results]

        answer.random_box = random_box
        one, same, other = two_batches(seed, 987), two_batches(seed, 654), two_batches(seed + 1, 987)
        in_step = [list(map(torch.equal, *pair)) for pair in zip(one, same, strict=True)]
        same_state = [all(flags) for flags in zip(*in_step, strict=True)]
        return same_state, list(map(torch.equal, one[0], other[0])), list(map(torch.equal, one[0], one[1]))

    # The labels alone agree by chance once in 16! = 2e13 times. A box drawn from elsewhere begins in the same one of 30
    # rows in all six batches once in 30**6 = 7e8 times.
    same_state, other_seed, in_a_row = student(probe, mix, any_seed())
    assert all(same_state), "two generators in the same state give different batches"
    assert not all(other_seed), "two generators with different seeds give the same batch"
    assert not all(in_a_row), "two calls in a row with one generator give the same batch"


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "draws from rng")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "draws from rng")),
    ],
)
def test_without_a_generator_every_call_draws_afresh(student, mix):
    def probe(answer, mix, seed):
        def random_box(height, width, lam, rng):
            return int(np.random.default_rng(rng).integers(height)), height, 0, 1 + int((width - 1) * (1 - lam))

        def batch(elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            x, y = torch.eye(16)[:, :, None, None].expand(16, 16, 5, 7).clone(), torch.arange(16)
            mixed, _, y_b, _ = getattr(answer, mix)(x, y)
            return torch.cat([mixed.flatten(), y_b])

        answer.random_box = random_box
        return torch.equal(batch(seed), batch(seed)), torch.equal(batch(seed), batch(seed + 1))

    # The labels alone agree by chance once in 16! = 2e13 times.
    same_state, other_state = student(probe, mix, any_seed())
    assert not other_state, "without rng, two calls give the same batch"
    assert not same_state, (
        "without rng, two calls that find the global generators in the same state give the same batch"
    )


@mark.parametrize(
    "mix",
    [
        param("mixup_data", id="mixup", marks=mark.task("mixup_data", "draws from rng")),
        param("cutmix_data", id="cutmix", marks=mark.task("cutmix_data", "draws from rng")),
    ],
)
def test_the_global_generators_are_never_reseeded(student, mix):
    def probe(answer, mix, seed):
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))

        def states(elsewhere, rng):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            getattr(answer, mix)(torch.zeros(4, 1, 5, 7), torch.arange(4), rng=rng)
            return torch.get_rng_state(), torch.from_numpy(np.random.get_state()[1].astype("int64"))

        makers = [lambda: np.random.default_rng(3), lambda: None]
        pairs = [zip(states(seed, make()), states(seed + 1, make()), strict=True) for make in makers]
        torch_pairs, numpy_pairs = zip(*pairs, strict=True)
        return [any(torch.equal(*pair) for pair in pairs) for pairs in (torch_pairs, numpy_pairs)]

    in_torch, in_numpy = student(probe, mix, any_seed())
    assert not in_torch, "torch's global generator was in two different states, and is in the same one after the call"
    assert not in_numpy, "numpy's global generator was in two different states, and is in the same one after the call"


# mixup_data


@mark.task("mixup_data", "edge cases and form")
def test_the_mixture_has_the_shape_and_dtype_of_x(student):
    def probe(answer):
        shapes, dtypes = [(5,), (5, 3), (4, 2, 3, 5)], [torch.float32, torch.float64]
        found = []
        for shape, dtype in itertools.product(shapes, dtypes):
            mixed = answer.mixup_data(torch.ones(shape, dtype=dtype), torch.arange(shape[0]))[0]
            found.append([list(mixed.shape), str(mixed.dtype)])
        return found

    shapes, dtypes = [[5], [5, 3], [4, 2, 3, 5]], ["torch.float32", "torch.float64"]
    assert_close(student(probe), [[shape, dtype] for shape in shapes for dtype in dtypes])


@mark.task("mixup_data", "lam")
def test_lam_follows_the_beta_distribution_of_alpha(student):
    def probe(answer, seed):
        found, x, y = [], torch.zeros(2), torch.arange(2)
        for alpha in (0.2, 4.5):
            rng = np.random.default_rng(seed)
            lams = np.array([float(answer.mixup_data(x, y, alpha, rng)[3]) for _ in range(300)])
            found.append([bool(0.3 < lams.mean() < 0.7), float(np.mean((2 * lams - 1) ** 2))])
        (middle, wide), (also_middle, narrow) = found
        return [middle and also_middle, middle, wide > 0.52, narrow < 0.2]

    # Four times the variance is 1 / (2 * alpha + 1): 0.71 and 0.1, with uniform lams 0.33. Bernstein's inequality for
    # 300 draws: beyond these bounds with a probability below 2e-12, for means and variances.
    middle, _, wide, narrow = student(probe, any_seed())
    assert middle, "the mean of 300 lams is not one half"
    assert wide, "with alpha=0.2, lam is not spread as Beta(0.2, 0.2) is, mostly near 0 and 1"
    assert narrow, "with alpha=4.5, lam is not spread as Beta(4.5, 4.5) is, mostly near one half"


@mark.task("mixup_data", "edge cases and form")
def test_with_alpha_0_nothing_is_mixed_and_lam_is_1(student):
    def probe(answer):
        x, found = torch.eye(6).double(), []
        for alpha in (0, 0.0):
            mixed, _, _, lam = answer.mixup_data(x.clone(), torch.arange(6), alpha)
            found.append([torch.equal(mixed, x), float(lam) == 1.0])
        return found

    for unchanged, one in student(probe):
        assert unchanged, "with alpha=0 the mixture differs from x"
        assert one, "with alpha=0 lam is not 1.0"


# mixup_criterion


@mark.task("mixup_criterion", "the mixture of two losses")
def test_it_is_the_mixture_of_the_two_losses(student):
    def probe(answer, predictions, a, b):
        return [answer.mixup_criterion(F.cross_entropy, predictions, a, b, lam) for lam in (0.0, 0.3, 0.875, 1.0)]

    predictions, a, b = 2 * torch.randn(7, 4).double(), torch.tensor([0, 1, 2, 3, 0, 1, 2]), torch.arange(7) % 4 // 2
    loss_a, loss_b = F.cross_entropy(predictions, a), F.cross_entropy(predictions, b)
    assert_close(
        student(probe, predictions, a, b), [lam * loss_a + (1 - lam) * loss_b for lam in (0.0, 0.3, 0.875, 1.0)]
    )


@mark.task("mixup_criterion", "any criterion")
def test_the_loss_is_the_criterion_that_was_given(student):
    def probe(answer, predictions, a, b):
        return answer.mixup_criterion(lambda p, y: (p - y).abs().pow(3).mean(), predictions, a, b, 0.3)

    predictions, a, b = torch.randn(3, 9).double()
    cubes = [(predictions - y).abs().pow(3).mean() for y in (a, b)]
    assert_close(student(probe, predictions, a, b), 0.3 * cubes[0] + 0.7 * cubes[1])


@mark.task("mixup_criterion", "any criterion")
def test_a_loss_for_each_example_stays_one_for_each(student):
    def probe(answer, predictions, a, b):
        return answer.mixup_criterion(nn.CrossEntropyLoss(reduction="none"), predictions, a, b, 0.3)

    predictions, a, b = torch.randn(5, 4).double(), torch.tensor([0, 1, 2, 3, 0]), torch.tensor([1, 1, 0, 2, 3])
    losses = [F.cross_entropy(predictions, y, reduction="none") for y in (a, b)]
    assert_close(student(probe, predictions, a, b), 0.3 * losses[0] + 0.7 * losses[1])


@mark.task("mixup_criterion", "gradient")
def test_the_gradient_reaches_the_predictions(student):
    def probe(answer, predictions, a, b):
        predictions.requires_grad_()
        answer.mixup_criterion(F.cross_entropy, predictions, a, b, 0.3).backward()
        return predictions.grad

    predictions, a, b = torch.randn(5, 4).double(), torch.tensor([0, 1, 2, 3, 0]), torch.tensor([1, 1, 0, 2, 3])
    target = 0.3 * F.one_hot(a, 4) + 0.7 * F.one_hot(b, 4)
    assert_close(student(probe, predictions, a, b), (predictions.softmax(1) - target) / 5, rtol=1e-7, atol=1e-7)


# soft_targets


@mark.task("soft_targets", "the shares")
def test_the_first_label_has_lam_and_the_second_the_rest(student):
    def probe(answer):
        return answer.soft_targets(torch.tensor([0, 3, 2]), torch.tensor([1, 0, 3]), 0.3, 4).double()

    assert_close(
        student(probe), torch.tensor([[0.3, 0.7, 0, 0], [0.7, 0, 0, 0.3], [0, 0, 0.3, 0.7]]).double(), atol=1e-6
    )


@mark.task("soft_targets", "the shares")
def test_two_equal_labels_make_a_whole_one(student):
    def probe(answer):
        return answer.soft_targets(torch.tensor([1, 0, 2]), torch.tensor([1, 0, 2]), 0.3, 3).double()

    assert_close(student(probe), torch.eye(3)[[1, 0, 2]].double(), atol=1e-6)


@mark.task("soft_targets", "columns and numbers")
def test_there_is_a_column_for_every_class_present_or_not(student):
    def probe(answer):
        return list(answer.soft_targets(torch.tensor([0, 1, 0, 1]), torch.tensor([1, 0, 1, 0]), 0.3, 7).shape)

    assert_close(student(probe), [4, 7])


@mark.task("soft_targets", "columns and numbers")
def test_the_shares_are_floats(student):
    def probe(answer):
        return answer.soft_targets(torch.tensor([0, 1]), torch.tensor([1, 0]), 1.0, 3).is_floating_point()

    assert student(probe), "the targets are not floating-point numbers"


@mark.task("soft_targets", "labels outside the range")
def test_a_label_beyond_the_classes_is_refused_and_the_last_one_is_not(student):
    def probe(answer):
        pairs = [([0, 3], [1, 2]), ([1, 2], [0, 3]), ([0, 2], [2, 1])]
        return [error_of(answer.soft_targets, torch.tensor(a), torch.tensor(b), 0.3, 3) for a, b in pairs]

    raised = student(probe)
    assert raised[:2] == ["ValueError"] * 2, f"a label 3 of 3 classes, in y_a and in y_b, raises {raised[:2]}"
    assert raised[2] == "", f"labels 0 to 2 of 3 classes raise {raised[2]}"


@mark.task("soft_targets", "labels outside the range")
def test_a_negative_label_is_refused(student):
    def probe(answer):
        pairs = [([0, -1], [1, 2]), ([1, 2], [0, -1])]
        return [error_of(answer.soft_targets, torch.tensor(a), torch.tensor(b), 0.3, 3) for a, b in pairs]

    raised = student(probe)
    assert raised == ["ValueError"] * 2, f"a label -1, in y_a and in y_b, raises {raised}"


# random_box, on large images, so that every rounding is right


@mark.task("random_box", "whole numbers and generator")
def test_the_box_is_four_whole_numbers_inside_the_image(student):
    def probe(answer, seed):
        rng, found = np.random.default_rng(seed), {"whole": True, "in order": True, "inside": True}
        for lam in [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0] * 40:
            top, bottom, left, right = box = answer.random_box(37, 61, lam, rng)
            found["whole"] &= not any(error_of(range, edge) for edge in box)
            found["in order"] &= bool(top <= bottom and left <= right)
            found["inside"] &= bool(min(top, left) >= 0 and max(top, bottom) <= 37 and max(left, right) <= 61)
        return found

    found = student(probe, any_seed())
    assert found["whole"], "one of the four numbers cannot be used in a slice"
    assert found["in order"], "bottom is above top, or right is left of left"
    assert found["inside"], "the box reaches beyond the image"


@mark.task("random_box", "sides")
def test_the_sides_are_the_root_of_1_minus_lam_times_the_images(student):
    def probe(answer, seed):
        rng, found = np.random.default_rng(seed), {}
        for lam in (0.96, 0.75, 0.51):
            boxes = np.array([answer.random_box(900, 400, lam, rng) for _ in range(100)], dtype=float)
            for name, (low, high), length in [("height", boxes[:, :2].T, 900), ("width", boxes[:, 2:].T, 400)]:
                uncut = (low > 0) & (high < length)
                sides, side = (high - low)[uncut], math.sqrt(1 - lam) * length
                # What touches no border was not cut. Of 100 boxes all are cut with a probability below 0.7**100.
                within = bool(len(sides) and (abs(sides - side) <= 2).all())
                ratio = round(float(np.median(sides) / side), 1) if len(sides) else 0.0
                found[f"{name}, lam={lam}"] = [within, ratio]
        return found

    for where, (within, ratio) in student(probe, any_seed()).items():
        assert within, f"{where}: the uncut sides are more than 2 pixels off, about {ratio} times as long as expected"


@mark.task("random_box", "cut at the border")
def test_boxes_reach_every_border(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        boxes = np.array([answer.random_box(400, 600, 0.75, rng) for _ in range(1000)], dtype=float)
        ends = boxes == np.array([0, 400, 0, 600])
        return [round(4 * float(share)) for share in ends.mean(0)]

    # Expected is one quarter at each border; Hoeffding: off by 1/8 with a probability below 2 exp(-31) = 6e-14.
    shares = student(probe, any_seed())
    message = (
        "with sides of one half, a quarter of the boxes should end at each border; at top, bottom, left and right "
    )
    assert shares == [1] * 4, message + f"yours are about {[share / 4 for share in shares]}"


@mark.task("random_box", "cut at the border")
def test_a_box_that_sticks_out_is_cut_and_not_moved(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        boxes = np.array([answer.random_box(400, 600, 0.75, rng) for _ in range(1000)], dtype=float)
        shorter = (boxes[:, 1] - boxes[:, 0] < 180, boxes[:, 3] - boxes[:, 2] < 270)
        return [bool(part.mean() > 0.25) for part in shorter]

    # A box half as long as the image loses a tenth or more if its center is in the outer 0.2 at either end: 40 % do.
    # Hoeffding: fewer than 25 % of 1000 with a probability below exp(-45).
    high, wide = student(probe, any_seed())
    assert high and wide, "hardly any box is shorter than sqrt(1 - lam) times the image"


@mark.task("random_box", "centers")
def test_the_center_is_uniform_over_rows_and_columns(student):
    def probe(answer, seed):
        rng, shares = np.random.default_rng(seed), []
        boxes = np.array([answer.random_box(2000, 3000, 0.9999, rng) for _ in range(1000)], dtype=float)
        for center, length in [(boxes[:, :2].mean(1), 2000), (boxes[:, 2:].mean(1), 3000)]:
            shares.append([round(int(part) / 200) for part in np.histogram(center, 5, (0, length))[0]])
        return shares

    # Expected are 200 of 1000 each. Chernoff: 100 or fewer, or 300 or more, in any of the ten: below 1e-11.
    for shares, side in zip(student(probe, any_seed()), ["height", "width"], strict=True):
        assert shares == [1] * 5, f"the fifths of the {side} hold about {[n / 5 for n in shares]} of the centers"


@mark.task("random_box", "centers")
def test_row_and_column_of_the_center_are_drawn_independently(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        boxes = np.array([answer.random_box(2000, 3000, 0.9999, rng) for _ in range(1000)], dtype=float)
        low, left = boxes[:, :2].mean(1) > 1000, boxes[:, 2:].mean(1) < 1500
        return [round(4 * float((rows & columns).mean())) for rows in (~low, low) for columns in (left, ~left)]

    # Hoeffding: a quarter is off by 1/8 with a probability below 2 exp(-31) = 6e-14.
    shares = student(probe, any_seed())
    assert shares == [1] * 4, f"the four quarters of the image hold about {[n / 4 for n in shares]} of the centers"


@mark.task("random_box", "whole numbers and generator")
def test_the_box_is_drawn_from_the_given_generator(student):
    def probe(answer, seed):
        def boxes(seed, elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            rng = np.random.default_rng(seed)
            return [[int(edge) for edge in answer.random_box(2000, 3000, 0.9, rng)] for _ in range(10)]

        one, same, other = boxes(seed, 987), boxes(seed, 654), boxes(seed + 1, 987)
        return one == same, one == other, one[:5] == one[5:]

    # Two boxes agree by chance less than once in 5e5 times, five pairs of them less than once in 1e28.
    same_state, other_seed, in_a_row = student(probe, any_seed())
    assert same_state, "two generators in the same state give different boxes"
    assert not other_seed, "two generators with different seeds give the same boxes"
    assert not in_a_row, "one generator gives the same boxes again and again"


@mark.task("random_box", "whole numbers and generator")
def test_drawing_a_box_reseeds_no_global_generator(student):
    def probe(answer, seed):
        def states(elsewhere):
            torch.manual_seed(elsewhere)
            np.random.seed(elsewhere)
            answer.random_box(40, 60, 0.5, np.random.default_rng(3))
            return torch.get_rng_state(), torch.from_numpy(np.random.get_state()[1].astype("int64"))

        return list(map(torch.equal, states(seed), states(seed + 1)))

    in_torch, in_numpy = student(probe, any_seed())
    assert not in_torch, "torch's global generator was in two different states, and is in the same one after the call"
    assert not in_numpy, "numpy's global generator was in two different states, and is in the same one after the call"


# cutmix_data. Where every entry of the batch has a number of its own, a mixture tells where each one comes from.


@mark.task("cutmix_data", "the pasted box")
def test_every_pixel_is_taken_whole_from_the_same_place_of_an_image(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, whole, place = torch.arange(6 * 105).reshape(6, 3, 5, 7).double(), True, True
        for _ in range(20):
            mixed = answer.cutmix_data(x.clone(), torch.arange(6), rng=rng)[0]
            whole &= bool((mixed == mixed.round()).all())
            place &= bool((mixed % 105 == x[0]).all())
        return whole, place

    whole, place = student(probe, any_seed())
    assert whole, "there are pixels that are in no image of the batch: blended ones"
    assert place, "there are pixels that come from another place, or another channel, than where they are shown"


@mark.task("cutmix_data", "the pasted box")
def test_the_partner_fills_one_rectangle_in_all_channels(student):
    def probe(answer, seed):
        rng = np.random.default_rng(seed)
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        x, boxes, channels = torch.arange(6.0)[:, None, None, None].expand(6, 3, 5, 7), True, True
        for _ in range(20):
            foreign = answer.cutmix_data(x.clone(), torch.arange(6), rng=rng)[0] != x
            channels &= torch.equal(foreign.any(1), foreign.all(1))
            rows, columns = foreign.any(3, keepdim=True), foreign.any(2, keepdim=True)
            boxes &= torch.equal(foreign, rows & columns)
            for line in (rows.flatten(2), columns.flatten(2)):  # in one piece: it begins once at most
                boxes &= bool((line.int().diff(prepend=torch.zeros(6, 3, 1).int()) == 1).sum(2).max() <= 1)
        return boxes, channels

    boxes, channels = student(probe, any_seed())
    assert boxes, "what the partner fills is not one rectangle"
    assert channels, "the partner does not fill the same pixels in all channels"


@mark.task("cutmix_data", "the box's size")
def test_the_box_may_lie_anywhere_in_the_image(student):
    def probe(answer, seed):
        def random_box(height, width, lam, rng):
            half = math.sqrt(1 - lam) / 2 * np.array([height, width])
            center = np.random.default_rng(rng).uniform(0, [height, width])
            low, high = np.maximum(center - half, 0), np.minimum(center + half, [height, width])
            return round(low[0]), round(high[0]), round(low[1]), round(high[1])

        answer.random_box, rng, covered = random_box, np.random.default_rng(seed), torch.zeros(12, 30, dtype=torch.bool)
        x = torch.arange(12.0)[:, None, None, None].expand(12, 1, 12, 30)
        for _ in range(300):
            covered |= (answer.cutmix_data(x.clone(), torch.arange(12), rng=rng)[0] != x).any(0)[0]
        return covered[[0, 0, -1, -1], [0, -1, 0, -1]]

    # A corner is covered with a probability of (1 - lam) / 4, less rounding, on average above 0.1: 0.9**300 = 2e-14.
    corners = dict(
        zip(["top left", "top right", "bottom left", "bottom right"], student(probe, any_seed()), strict=True)
    )
    missed = [name for name, covered in corners.items() if not covered]
    assert not missed, f"in 300 batches no box covers the corner: {', '.join(missed)}"


@mark.task("cutmix_data", "the box's size")
def test_alpha_decides_how_large_the_boxes_are(student):
    def probe(answer, seed):
        answer.random_box = lambda height, width, lam, rng: (
            *(0, round(height * math.sqrt(1 - lam))),
            *(0, round(width * math.sqrt(1 - lam))),
        )
        x = torch.arange(16.0)[:, None, None, None].expand(16, 1, 30, 40)

        def replaced(alpha, times):
            rng, y = np.random.default_rng(seed), torch.arange(16)
            masks = [answer.cutmix_data(x.clone(), y, alpha, rng)[0] != x for _ in range(times)]
            return np.array([float(mask.any(0).double().mean()) for mask in masks])

        often, always = replaced(0.02, 250), replaced(1000.0, 40)
        half = bool(((always > 0.08) & (always < 0.66)).all())
        return round(2 * float((often < 0.05).mean())), half, round(2 * float(always.mean()))

    # Beta(0.02, 0.02) is above 0.95 with probability 0.47: fewer than a quarter of 250, or more than three quarters,
    # below 1e-11. Beta(1000, 1000) is off by 0.08 with 6e-13, in 40 batches below 3e-11, and the border takes at most
    # three quarters of a box. That every image of a batch is its own partner has a probability of 1 in 16!.
    seldom, half, _ = student(probe, any_seed())
    assert seldom == 1, "with alpha=0.02 about half of the boxes should be nearly empty"
    assert half, "with alpha=1000 every box should cover about half of the image, less what the border cuts off"


@mark.task("cutmix_data", "edge cases and form")
def test_with_alpha_0_the_box_is_drawn_for_a_lam_of_1(student):
    def probe(answer):
        answer.random_box = lambda height, width, lam, rng: (0, round(height * math.sqrt(1 - lam)), 0, width)
        x, found = torch.arange(6.0)[:, None, None, None].expand(6, 1, 40, 60), []
        for alpha in (0, 0.0):
            mixed, _, _, lam = answer.cutmix_data(x.clone(), torch.arange(6), alpha)
            found += [bool((mixed != x).double().mean() < 0.01), float(lam) > 0.99]
        return all(found)

    assert student(probe), "with alpha=0 a part of the image is replaced"


@mark.task("cutmix_data", "edge cases and form")
def test_the_pasted_batch_has_the_shape_and_dtype_of_x(student):
    def probe(answer):
        answer.random_box = lambda height, width, lam, rng: (height // 3, height, 0, 1 + int((width - 1) * (1 - lam)))
        found = []
        for shape, dtype in itertools.product([(4, 1, 6, 9), (5, 3, 7, 4)], [torch.float32, torch.float64]):
            mixed = answer.cutmix_data(torch.ones(shape, dtype=dtype), torch.arange(shape[0]))[0]
            found.append([list(mixed.shape), str(mixed.dtype)])
        return found

    shapes, dtypes = [[4, 1, 6, 9], [5, 3, 7, 4]], ["torch.float32", "torch.float64"]
    assert_close(student(probe), [[shape, dtype] for shape in shapes for dtype in dtypes])
