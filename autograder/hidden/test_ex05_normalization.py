"""Hidden tests of ex05: layer, instance and group normalization, their comparison, AdaNorm and CrossNorm."""

import torch
from pytest import mark
from torch.nn import functional as F

from autograder.course.testing import Forbidden, assert_close

_LAYERS = Forbidden(
    [
        *["torch.nn.*Norm*", "torch.nn.functional.rms_norm", "torch.nn.functional.local_response_norm"],
        *[f"torch.{kind}_norm" for kind in ("layer", "instance", "group", "rms")],
        *["torch.batch_norm*", "torch.native_layer_norm", "torch.native_group_norm", "torch.native_batch_norm"],
        *[f"torch.nn.functional.{kind}_norm" for kind in ("layer", "instance", "group", "batch")],
        *[f"torch.ops.aten.*{kind}_norm*" for kind in ("layer", "group", "batch", "instance", "rms")],
    ],
    because="you are asked to write the normalization yourself",
)
FORBIDDEN = {"layer_norm": _LAYERS, "instance_norm": _LAYERS, "group_norm": _LAYERS}


def right_ones_but(answer, name):
    """Correct normalizations in the place of the student's, but for one: each may be built on another."""

    def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        return F.layer_norm(x, shape, weight, bias, eps)

    def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
        groups = x.reshape(len(x), num_groups, -1)
        y = F.layer_norm(groups, groups.shape[-1:], eps=eps).reshape(x.shape)
        per_channel = (1, -1) + (1,) * (x.dim() - 2)
        y = y if weight is None else y * weight.reshape(per_channel)
        return y if bias is None else y + bias.reshape(per_channel)

    def instance_norm(x, weight=None, bias=None, eps=1e-5):
        return group_norm(x, x.shape[1], weight, bias, eps)

    for right in (layer_norm, group_norm, instance_norm):
        if right.__name__ != name:
            setattr(answer, right.__name__, right)


def around_layer_norm(answer):
    right_ones_but(answer, "layer_norm")


def around_instance_norm(answer):
    right_ones_but(answer, "instance_norm")


def around_group_norm(answer):
    right_ones_but(answer, "group_norm")


def all_right(answer):
    right_ones_but(answer, "")


STAND_INS = {
    "layer_norm": around_layer_norm,
    "instance_norm": around_instance_norm,
    "group_norm": around_group_norm,
    **dict.fromkeys(["compare_normalizations", "ada_norm", "cross_norm"], all_right),
}


def value(answer, name, *arguments):
    """What a function gives."""
    return getattr(answer, name)(*arguments)


def refusal(answer, name, words, *arguments):
    """What is wrong with how a function refuses its arguments, or "": a message holds one of the words."""
    try:
        getattr(answer, name)(*arguments)
    except ValueError as error:
        return "" if any(word in str(error) for word in words) else "names neither the argument nor its value"
    except Exception:
        return f"raises {error_of(getattr(answer, name), *arguments)}, not ValueError"
    return "raises nothing, not ValueError"


def afterwards(answer, name, x, *rest):
    """The first argument after a call, whether it records gradients, and the result's dtype."""
    y = getattr(answer, name)(x, *rest)
    return x.detach(), x.requires_grad, str(y.dtype)


def gradients_are_right(answer, name, *arguments):
    """Whether the gradients of a function are those of its values, by finite differences along a random direction."""
    tensors = [one.requires_grad_() if isinstance(one, torch.Tensor) else one for one in arguments]
    return torch.autograd.gradcheck(getattr(answer, name), tuple(tensors), raise_exception=False, fast_mode=True)


def assert_gradients(student, name, *arguments):
    """Gradients flow through the statistics."""
    message = "the gradients are not those of the function that you compute: finite differences give others"
    assert student(gradients_are_right, name, *arguments), message


def assert_input_stays(student, name, x, *rest):
    """The call leaves x alone, and float32 gives float32."""
    after, recorded, dtype = student(afterwards, name, x, *rest)
    assert torch.equal(after, x), "your function has changed the tensor that it was given"
    assert not recorded, "your function has switched on requires_grad of the tensor that it was given"
    assert dtype == str(x.dtype), f"the result for {x.dtype} should be of that dtype too, not {dtype}"


def assert_refused(student, name, words, cases):
    """Each case, by its description, raises ValueError; where words are given the message holds one of them."""
    for described, arguments in cases.items():
        problem = student(refusal, name, words, *arguments)
        assert not problem or ("names" in problem and words == [""]), f"{described} {problem}"


def offset_data(*shape):
    """Cells whose scale and mean differ along every dimension."""
    x = torch.randn(shape, dtype=torch.float64)
    for dimension, size in enumerate(shape):
        along = [-1 if d == dimension else 1 for d in range(len(shape))]
        x = x * torch.linspace(1, 2, size, dtype=torch.float64).reshape(along)
        x = x + torch.linspace(0, 3, size, dtype=torch.float64).reshape(along)
    return x


def right_group_norm(x, num_groups, eps=1e-5):
    """What torch gives; with the number of channels it is instance normalization."""
    return F.group_norm(x, num_groups, eps=eps)


def assert_like(found, expected):
    """With 40 or more cells to each mean, neither the kind of variance nor the place of a tiny eps matters."""
    assert_close(found, expected, rtol=0.03, atol=0.03)


def check_affine(student, name, x, shape, wide, *given):
    """Weight and bias against the plain result; eps is tiny, so that its place makes no difference."""
    weight, bias = torch.randn(2, *shape, dtype=torch.float64)
    plain = student(value, name, x, *given, None, None, 1e-12)
    found = student(value, name, x, *given, weight, bias, 1e-12)
    assert_close(found, plain * weight.reshape(wide) + bias.reshape(wide))


def check_missing(student, name, x, shape, wide, *given):
    """Weight or bias alone against the plain result."""
    weight, bias = torch.randn(2, *shape, dtype=torch.float64)
    plain = student(value, name, x, *given, None, None, 1e-12)
    found = [student(value, name, x, *given, *choice, 1e-12) for choice in [(weight, None), (None, bias)]]
    assert_close(found, [plain * weight.reshape(wide), plain + bias.reshape(wide)])


@mark.task("layer_norm", "statistics over the given dimensions")
def test_all_given_dimensions_share_their_statistics_and_no_others(student):
    x = offset_data(3, 2, 5, 10)
    assert_like(student(value, "layer_norm", x, (5, 10)), F.layer_norm(x, (5, 10)))


@mark.task("layer_norm", "statistics over the given dimensions")
def test_an_int_means_the_last_dimension(student):
    x = offset_data(3, 4, 50)
    assert_like(student(value, "layer_norm", x, 50), F.layer_norm(x, (50,)))


@mark.task("layer_norm", "variance and eps")
def test_variance_is_the_biased_one(student):
    x = 4 * offset_data(2, 3)
    assert_close(student(value, "layer_norm", x, (3,), None, None, 1e-12), F.layer_norm(x, (3,), eps=1e-12))


@mark.task("layer_norm", "variance and eps")
def test_eps_is_added_to_the_variance(student):
    x = offset_data(3, 50)
    assert_like(student(value, "layer_norm", x, (50,), None, None, 2.0), F.layer_norm(x, (50,), eps=2.0))


@mark.task("layer_norm", "weight and bias")
def test_weight_and_bias_act_cell_by_cell(student):
    check_affine(student, "layer_norm", offset_data(2, 3, 4), (3, 4), (3, 4), (3, 4))


@mark.task("layer_norm", "arguments")
def test_weight_and_bias_may_each_be_missing(student):
    check_missing(student, "layer_norm", offset_data(2, 3, 4), (3, 4), (3, 4), (3, 4))


@mark.task("layer_norm", "gradients")
def test_gradients_flow_through_mean_and_variance(student):
    x, weight, bias = offset_data(2, 2, 3), *torch.randn(2, 2, 3, dtype=torch.float64)
    assert_gradients(student, "layer_norm", x, (2, 3), weight, bias)


@mark.task("layer_norm", "arguments")
def test_a_shape_that_is_not_the_tail_raises_value_error(student):
    shapes = [(4,), (1,), (3, 5), (2, 3, 4, 5), 3]
    cases = {f"x of shape (3, 4, 5) with normalized_shape={shape}": (torch.randn(3, 4, 5), shape) for shape in shapes}
    assert_refused(student, "layer_norm", [""], cases)


@mark.task("layer_norm", "arguments")
def test_the_message_names_the_shape_or_its_value(student):
    case = {"x of shape (3, 4, 5) with normalized_shape=(4, 7)": (torch.randn(3, 4, 5), (4, 7))}
    assert_refused(student, "layer_norm", ["shape", "7"], case)


@mark.task("layer_norm", "arguments")
def test_the_input_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "layer_norm", torch.randn(3, 5) + 2, 5)


@mark.task("instance_norm", "statistics of each channel")
def test_each_channel_of_each_sample_has_its_own_statistics(student):
    x = offset_data(3, 4, 5, 10)
    assert_like(student(value, "instance_norm", x), right_group_norm(x, 4))


@mark.task("instance_norm", "statistics of each channel")
def test_any_number_of_spatial_dimensions_will_do(student):
    for shape in [(2, 3, 50), (2, 3, 2, 5, 5)]:
        x = offset_data(*shape)
        assert_like(student(value, "instance_norm", x), right_group_norm(x, 3))


@mark.task("instance_norm", "variance and eps")
def test_each_cell_is_divided_by_the_root_of_the_biased_variance(student):
    x = 4 * offset_data(2, 3, 1, 4)
    assert_close(student(value, "instance_norm", x, None, None, 1e-12), right_group_norm(x, 3, 1e-12))


@mark.task("instance_norm", "variance and eps")
def test_eps_is_added_below_the_root(student):
    x = offset_data(2, 3, 5, 10)
    assert_like(student(value, "instance_norm", x, None, None, 2.0), right_group_norm(x, 3, 2.0))


# The width equals the number of channels, so that a weight along the width goes unnoticed by torch.
@mark.task("instance_norm", "weight and bias")
def test_a_channel_has_one_weight_and_one_bias(student):
    check_affine(student, "instance_norm", offset_data(2, 4, 3, 4), (4,), (4, 1, 1))


@mark.task("instance_norm", "arguments")
def test_a_weight_or_a_bias_alone_will_do(student):
    check_missing(student, "instance_norm", offset_data(2, 3, 4), (3,), (3, 1))


@mark.task("instance_norm", "gradients")
def test_gradients_flow_through_each_channels_statistics(student):
    assert_gradients(student, "instance_norm", offset_data(2, 2, 2, 3), *torch.randn(2, 2, dtype=torch.float64))


@mark.task("instance_norm", "arguments")
def test_the_batch_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "instance_norm", torch.randn(2, 3, 4, 2) + 2)


@mark.task("group_norm", "statistics of each group")
def test_a_group_is_made_of_neighboring_channels_of_one_sample(student):
    x = offset_data(3, 6, 4, 5)
    for num_groups in (1, 2, 3):
        assert_like(student(value, "group_norm", x, num_groups), right_group_norm(x, num_groups))


@mark.task("group_norm", "statistics of each group")
def test_any_number_of_dimensions_may_follow_the_channels(student):
    for shape in [(3, 120), (3, 6, 20), (3, 6, 1, 4, 5)]:
        x = offset_data(*shape)
        assert_like(student(value, "group_norm", x, 3), right_group_norm(x, 3))


@mark.task("group_norm", "variance and eps")
def test_each_cell_is_divided_by_the_root_of_its_groups_biased_variance(student):
    x = 4 * offset_data(2, 6, 2, 1)
    assert_close(student(value, "group_norm", x, 3, None, None, 1e-12), right_group_norm(x, 3, 1e-12))


@mark.task("group_norm", "variance and eps")
def test_eps_is_added_to_the_variance_of_each_group(student):
    x = offset_data(2, 6, 4, 5)
    assert_like(student(value, "group_norm", x, 2, None, None, 2.0), right_group_norm(x, 2, 2.0))


# The width equals the number of channels here, too.
@mark.task("group_norm", "weight and bias")
def test_weight_and_bias_belong_to_channels_not_to_groups(student):
    check_affine(student, "group_norm", offset_data(2, 4, 3, 4), (4,), (4, 1, 1), 2)


@mark.task("group_norm", "arguments")
def test_weight_or_bias_may_be_missing(student):
    check_missing(student, "group_norm", offset_data(2, 4, 3), (4,), (4, 1), 2)


@mark.task("group_norm", "gradients")
def test_gradients_flow_through_each_groups_statistics(student):
    assert_gradients(student, "group_norm", offset_data(2, 4, 2, 2), 2, *torch.randn(2, 4, dtype=torch.float64))


@mark.task("group_norm", "arguments")
def test_a_number_of_groups_that_does_not_divide_the_channels_raises_value_error(student):
    x = torch.randn(2, 6, 10, 2)
    cases = {f"6 channels in {number} groups": (x, number) for number in (4, 5, 12)}
    assert_refused(student, "group_norm", [""], cases)


@mark.task("group_norm", "arguments")
def test_the_message_names_the_groups_or_their_number(student):
    assert_refused(student, "group_norm", ["group", "4"], {"6 channels in 4 groups": (torch.randn(2, 6, 10, 2), 4)})


@mark.task("group_norm", "arguments")
def test_memory_that_is_not_contiguous_makes_no_difference(student):
    def probe(answer, x):
        return answer.group_norm(x.transpose(0, -1).contiguous().transpose(0, -1), 3)

    x = offset_data(3, 6, 2, 4)
    assert_close(student(probe, x), student(value, "group_norm", x, 3))


@mark.task("group_norm", "arguments")
def test_the_given_batch_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "group_norm", torch.randn(2, 6, 3) + 2, 3)


def column(answer, name, x, *num_groups):
    """One column of the table, by row name, whether the names are the index or stand in a column."""
    frame = answer.compare_normalizations(x, *num_groups)
    names = [frame.index, *(frame[other] for other in frame.columns)]
    names = next((list(map(str, one)) for one in names if "BatchNorm" in list(one)), [])
    return dict(zip(names, frame[name].tolist(), strict=True))


def dim_images(num_channels=12):
    """A batch so dim that eps tells the four normalizations apart, with an offset."""
    scale = torch.logspace(-3, -2, 2 * num_channels).reshape(2, num_channels, 1, 1)
    return scale * torch.randn(2, num_channels, 3, 5) + 0.25


def right_outputs(x, num_groups):
    """What the four normalizations give, by torch."""
    return {
        "BatchNorm": F.batch_norm(x, None, None, training=True),
        "LayerNorm": F.layer_norm(x, x.shape[1:]),
        "InstanceNorm": F.instance_norm(x),
        "GroupNorm": F.group_norm(x, num_groups),
    }


def check_spread(student, rows, squares_too):
    """The column std by row; dividing by n or by n - 1 = 359 makes no difference."""
    x = dim_images()
    found = student(column, "std", x, 4)
    for row, y in right_outputs(x, 4).items():
        ratio = float(found[row]) / y.std().item()
        right = abs(ratio - 1) < 5e-3 or (squares_too and abs(ratio / y.std().item() - 1) < 1e-2)
        assert row not in rows or right, (
            f"{row}'s output has a standard deviation of {y.std().item():.4f} for a batch of dim images, "
            f"your table says {float(found[row]):.4f}"
        )


@mark.task("compare_normalizations", "spread of the outputs")
def test_batch_and_instance_normalization_are_as_in_training(student):
    check_spread(student, ["BatchNorm", "InstanceNorm"], True)


@mark.task("compare_normalizations", "spread of the outputs")
def test_layer_and_group_normalization_share_what_they_should(student):
    check_spread(student, ["LayerNorm", "GroupNorm"], True)


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_std_is_the_standard_deviation(student):
    check_spread(student, right_outputs(dim_images(), 4), False)


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_rows_and_columns_have_the_agreed_names(student):
    def probe(answer, x):
        frame = answer.compare_normalizations(x, 3)
        return sorted(map(str, frame.index)), sorted(map(str, frame.columns))

    rows, columns = student(probe, dim_images())
    assert rows == ["BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm"], f"the index holds {rows}"[:200]
    missing = {"mean", "std", "shape", "num_statistics", "depends_on_batch"} - set(columns)
    assert not missing, f"these columns are missing: {sorted(missing)}"


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_mean_is_that_of_each_output(student):
    found = student(column, "mean", dim_images(), 4)
    for row in right_outputs(dim_images(), 4):
        assert abs(float(found[row])) < 1e-2, f"{row}'s output has the mean 0, your table says {float(found[row]):.4f}"


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_shape_is_the_outputs_shape_as_a_tuple(student):
    observed = student(column, "shape", dim_images(), 4)
    assert_close([observed[row] for row in right_outputs(dim_images(), 4)], [(2, 12, 3, 5)] * 4)


@mark.task("compare_normalizations", "number of statistics")
def test_one_statistic_is_counted_for_each_set_of_cells(student):
    observed = student(column, "num_statistics", dim_images(), 4)
    for row, expected in {"BatchNorm": 12, "LayerNorm": 2, "InstanceNorm": 24, "GroupNorm": 8}.items():
        assert observed[row] == expected, (
            f"{row} of x of shape (2, 12, 3, 5), with 4 groups where there are groups, computes {expected} means; "
            f"your table says {float(observed[row]):g}"
        )


@mark.task("compare_normalizations", "given groups and batch")
def test_the_number_of_groups_is_the_one_given_and_four_otherwise(student):
    # As shares of what the default counts, so that who counts otherwise fails above alone.
    counts = [student(column, "num_statistics", dim_images(8), *given)["GroupNorm"] for given in [(), (4,), (2,), (1,)]]
    shares = [float(count) / float(counts[0]) for count in counts[1:]]
    assert shares == [1.0, 0.5, 0.25], (
        f"with 4, 2 and 1 groups GroupNorm computes 1, 0.5 and 0.25 times as many means as by default, yours {shares}"
    )


@mark.task("compare_normalizations", "dependence on the batch")
def test_only_batch_normalization_depends_on_the_batch(student):
    observed = student(column, "depends_on_batch", torch.randn(4, 8, 3, 5))
    assert_close([observed[row] for row in right_outputs(torch.randn(4, 8, 3, 5), 4)], [True, False, False, False])


@mark.task("compare_normalizations", "given groups and batch")
def test_the_compared_batch_stays_as_it_was(student):
    def probe(answer, x):
        answer.compare_normalizations(x)
        return x

    x = torch.randn(3, 8, 2, 2)
    assert torch.equal(student(probe, x), x), "your function has changed the batch that it was given"


def recommended(answer, *cases):
    """The recommendations for pairs of an architecture and a batch size."""
    return [answer.recommend_normalization(*case) for case in cases]


def assert_recommends(student, expected):
    """The recommendations by architecture and batch size."""
    for case, right, given in zip(expected, expected.values(), student(recommended, *expected), strict=True):
        assert given == right, f"a {case[0]} with batch size {case[1]} should get {right!r}, not {given!r}"[:200]


@mark.task("recommend_normalization", "by architecture")
def test_a_recurrent_net_gets_layer_normalization_and_a_convolutional_one_not(student):
    assert_recommends(student, {("rnn", 64): "layer", ("cnn", 64): "batch"})


@mark.task("recommend_normalization", "by architecture")
def test_a_transformer_gets_layer_normalization_and_segmentation_not(student):
    assert_recommends(student, {("transformer", 8): "layer", ("segmentation", 8): "group"})


@mark.task("recommend_normalization", "by architecture")
def test_style_transfer_gets_instance_normalization_and_detection_not(student):
    assert_recommends(student, {("style_transfer", 64): "instance", ("detection", 64): "group"})


@mark.task("recommend_normalization", "by architecture")
def test_a_gan_gets_instance_normalization_and_a_transformer_not(student):
    assert_recommends(student, {("gan", 64): "instance", ("transformer", 64): "layer"})


@mark.task("recommend_normalization", "at every batch size")
def test_the_batch_size_matters_to_convolutional_nets_alone(student):
    right = {"rnn": "layer", "transformer": "layer", "style_transfer": "instance", "detection": "group"}
    right["segmentation"] = "group"
    assert_recommends(student, {(name, size): kind for name, kind in right.items() for size in (1, 8, 256)})


@mark.task("recommend_normalization", "cnn from 16 on")
def test_convolutional_nets_get_batch_normalization_from_sixteen_samples_on(student):
    sizes = {1: "group", 15: "group", 16: "batch", 17: "batch", 256: "batch"}
    assert_recommends(student, {("cnn", size): kind for size, kind in sizes.items()})


@mark.task("recommend_normalization", "bad input")
def test_an_unknown_architecture_raises_value_error(student):
    cases = {f"the architecture {name!r}": (name, 32) for name in ("mlp", "", "layer")}
    assert_refused(student, "recommend_normalization", [""], cases)


@mark.task("recommend_normalization", "bad input")
def test_a_batch_size_below_one_raises_value_error_for_every_architecture(student):
    names = ("cnn", "rnn", "gan", "detection")
    cases = {f"a {name} with batch size {size}": (name, size) for name in names for size in (0, -16)}
    assert_refused(student, "recommend_normalization", [""], cases)


@mark.task("recommend_normalization", "bad input")
def test_the_message_names_the_argument_or_its_value(student):
    assert_refused(student, "recommend_normalization", ["arch", "mlp"], {"the architecture 'mlp'": ("mlp", 32)})
    assert_refused(student, "recommend_normalization", ["batch", "16"], {"a cnn with batch size -16": ("cnn", -16)})


def right_ada_norm(x, k, c, eps):
    """The formula, by torch."""
    y = F.layer_norm(x, x.shape[-1:], eps=eps)
    return c * (1 - k * y.detach()) * y


@mark.task("ada_norm", "values")
def test_each_vector_is_normalized_and_its_large_values_damped(student):
    for shape in [(3, 4, 50), (2, 2, 2, 50)]:
        x = offset_data(*shape)
        assert_like(student(value, "ada_norm", x, 0.25, 1.0), right_ada_norm(x, 0.25, 1.0, 1e-5))


@mark.task("ada_norm", "c, eps and input")
def test_the_factor_c_scales_the_result(student):
    x = offset_data(3, 4)
    once, thrice = (student(value, "ada_norm", x, 0.25, c) for c in (1.0, 3.0))
    assert_close(thrice, 3 * once)


@mark.task("ada_norm", "c, eps and input")
def test_the_biased_variance_plus_eps_stands_below_the_root(student):
    x = offset_data(2, 3, 4)
    assert_close(student(value, "ada_norm", x, 0.25, 1.0, 0.5), right_ada_norm(x, 0.25, 1.0, 0.5))


@mark.task("ada_norm", "c, eps and input")
def test_the_input_is_left_alone(student):
    assert_input_stays(student, "ada_norm", torch.randn(3, 5) + 2)


@mark.task("ada_norm", "gradient")
def test_the_gradient_takes_the_factor_as_a_constant_and_the_statistics_not(student):
    def probe(answer, x, upstream):
        return torch.autograd.grad((answer.ada_norm(x.requires_grad_(), 0.25, 1.0) * upstream).sum(), x)[0]

    x, upstream = offset_data(3, 50), 3 * torch.rand(3, 50, dtype=torch.float64)
    y = right_ada_norm(x.requires_grad_(), 0.25, 1.0, 1e-5)
    assert_like(student(probe, x.detach(), upstream), torch.autograd.grad((y * upstream).sum(), x)[0])


def statistics(x):
    """Mean and standard deviation of each channel of each sample."""
    return x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True)


# With eps=1e-12 it does not matter whether a variance is biased, or where eps stands. Pairs that swap are the same
# in both directions.
@mark.task("cross_norm", "mean and deviation of the other")
def test_each_channel_takes_the_mean_of_the_other_sample(student):
    x, swap = offset_data(4, 3, 2, 5), torch.tensor([1, 0, 3, 2])
    mean, _ = statistics(student(value, "cross_norm", x, swap, 1e-12))
    assert_close(mean, statistics(x)[0][swap], rtol=1e-4, atol=1e-4)


@mark.task("cross_norm", "mean and deviation of the other")
def test_each_channel_takes_the_deviation_of_the_other_sample(student):
    x, swap = offset_data(4, 3, 2, 5), torch.tensor([1, 0, 3, 2])
    _, deviation = statistics(student(value, "cross_norm", x, swap, 1e-12))
    assert_close(deviation, statistics(x)[1][swap], rtol=1e-4, atol=1e-4)


@mark.task("cross_norm", "direction")
def test_sample_i_takes_from_the_sample_that_stands_at_i_in_the_permutation(student):
    x, permutation = offset_data(4, 3, 2, 5), torch.tensor([1, 2, 3, 0])
    mean, _ = statistics(student(value, "cross_norm", x, permutation, 1e-12))
    assert_close(mean, statistics(x)[0][permutation], rtol=1e-4, atol=1e-4)


@mark.task("cross_norm", "content, equal values and input")
def test_each_sample_keeps_its_own_content(student):
    x = offset_data(4, 3, 2, 5)
    y = student(value, "cross_norm", x, torch.tensor([1, 2, 3, 0]), 1e-12)
    contents = [(z - statistics(z)[0]) / statistics(z)[1] for z in (y, x)]
    assert_close(*contents, rtol=1e-4, atol=1e-4)


@mark.task("cross_norm", "content, equal values and input")
def test_a_channel_of_equal_values_stays_finite(student):
    x = offset_data(3, 2, 2, 2)
    x[0, 1] = 2.0
    y = student(value, "cross_norm", x, torch.tensor([1, 2, 0]))
    assert torch.isfinite(y).all(), "a channel in which all values are equal gives nan or infinity"
    assert_close(y[0, 1], x[1, 1].mean().expand(2, 2).clone(), rtol=1e-6, atol=1e-6)


@mark.task("cross_norm", "content, equal values and input")
def test_the_batch_is_left_alone(student):
    assert_input_stays(student, "cross_norm", torch.randn(3, 2, 4, 2) + 2, torch.tensor([1, 2, 0]))
