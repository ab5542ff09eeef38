"""Hidden tests of ex05: layer, instance and group normalization, their comparison, AdaNorm and CrossNorm."""

import torch
from pytest import mark
from torch.nn import functional as F

from autograder.course.testing import Forbidden, assert_close

_LAYERS = Forbidden(
    [
        "torch.nn.*Norm*",
        "torch.nn.functional.layer_norm",
        "torch.nn.functional.instance_norm",
        "torch.nn.functional.group_norm",
        "torch.nn.functional.batch_norm",
        "torch.nn.functional.rms_norm",
        "torch.nn.functional.local_response_norm",
        "torch.layer_norm",
        "torch.instance_norm",
        "torch.group_norm",
        "torch.batch_norm*",
        "torch.rms_norm",
        "torch.native_layer_norm",
        "torch.native_group_norm",
        "torch.native_batch_norm",
        "torch.ops.aten.*layer_norm*",
        "torch.ops.aten.*group_norm*",
        "torch.ops.aten.*batch_norm*",
        "torch.ops.aten.*instance_norm*",
        "torch.ops.aten.*rms_norm*",
    ],
    because="you are asked to write the normalization yourself",
)
FORBIDDEN = {"layer_norm": _LAYERS, "instance_norm": _LAYERS, "group_norm": _LAYERS}


def ask(answer, what, name, *arguments):
    """What one function does with its arguments, while the normalizations it may be built on are known to be right."""

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

    function = getattr(answer, name)
    for right in (layer_norm, group_norm, instance_norm):
        if right.__name__ != name:
            setattr(answer, right.__name__, right)
    x, *rest = arguments
    if what == "error":
        return error_of(function, *arguments)
    if what == "gradients are right":
        tensors = [a.requires_grad_() if isinstance(a, torch.Tensor) else a for a in arguments]
        return torch.autograd.gradcheck(function, tuple(tensors), raise_exception=False)
    if what == "slope":
        y = function(x.requires_grad_(), *rest)
        return torch.autograd.grad((y * torch.linspace(-1, 2, y.numel()).reshape(y.shape)).sum(), x)[0]
    if what == "value of a transposed input":
        return function(x.transpose(0, -1).contiguous().transpose(0, -1), *rest)
    value = function(*arguments)
    return x if what == "input afterwards" else value


def touched(student, name, x, cell, *rest):
    """Which cells of the output change when one cell of the input does.

    A cell that shares the mean changes by less than 1e-13 with a probability below 1e-12, and each test looks at
    fewer than 200 of them.
    """
    other = x.clone()
    other[cell] += 10
    change = student(ask, "value", name, other, *rest) - student(ask, "value", name, x, *rest)
    return change.abs() > 1e-13


def assert_touches(observed, expected):
    """The cells that changed are those that should."""
    wrong = int((observed & ~expected).sum()), int((expected & ~observed).sum())
    assert torch.equal(observed, expected), (
        f"changing one cell of x should change the {int(expected.sum())} outputs that share its mean; "
        f"it changed {int(observed.sum())}: {wrong[0]} that do not belong to them, and {wrong[1]} of them stayed"
    )


def assert_input_stays(student, name, x, *rest):
    """The call leaves x alone, and float32 gives float32."""
    after = student(ask, "input afterwards", name, x, *rest)
    assert torch.equal(after, x), "your function has changed the tensor that it was given"
    kind = student(ask, "value", name, x, *rest).dtype
    assert kind == x.dtype, f"the result for {x.dtype} should be of that dtype too, not {kind}"


def offset_data(*shape):
    """Cells whose scale and mean differ along every dimension."""
    x = torch.randn(shape, dtype=torch.float64)
    for dimension, size in enumerate(shape):
        along = [-1 if d == dimension else 1 for d in range(len(shape))]
        x = x * torch.linspace(1, 2, size, dtype=torch.float64).reshape(along)
        x = x + torch.linspace(0, 3, size, dtype=torch.float64).reshape(along)
    return x


@mark.task("layer_norm", "statistics over the given dimensions")
def test_statistics_are_shared_by_exactly_the_given_dimensions(student):
    expected = torch.zeros(3, 4, 5, 2, dtype=torch.bool)
    expected[1, 2] = True
    assert_touches(touched(student, "layer_norm", offset_data(3, 4, 5, 2), (1, 2, 3, 0), (5, 2)), expected)


@mark.task("layer_norm", "statistics over the given dimensions")
def test_an_int_means_the_last_dimension(student):
    x = offset_data(3, 4, 5)
    of_int, of_tuple = student(ask, "value", "layer_norm", x, 5), student(ask, "value", "layer_norm", x, (5,))
    assert_close(of_int, of_tuple)


@mark.task("layer_norm", "variance and eps")
def test_variance_is_the_biased_one(student, reference):
    arguments = "value", "layer_norm", 4 * offset_data(2, 3), (3,), None, None, 1e-12
    assert_close(student(ask, *arguments), reference(ask, *arguments))


@mark.task("layer_norm", "variance and eps")
def test_eps_is_added_to_the_variance(student):
    x = torch.tensor([[-3.0, 1.0, 0.0, 2.0]], dtype=torch.float64) * (1 + torch.rand(1, dtype=torch.float64))
    small, large = ((x / student(ask, "value", "layer_norm", x, 4, None, None, eps))[0, 0] for eps in (0.5, 2.0))
    growth = float(large**2 - small**2)
    assert abs(growth - 1.5) < 1e-6, (
        f"with eps=2 you divide by the root of 1.5 more than with eps=0.5, not {growth:.4g}"
    )


@mark.task("layer_norm", "weight and bias")
def test_weight_and_bias_act_cell_by_cell_and_each_may_be_missing(student):
    x, weight, bias = offset_data(2, 3, 4), *torch.randn(2, 3, 4, dtype=torch.float64)
    plain = student(ask, "value", "layer_norm", x, (3, 4))
    choices = [(weight, bias), (weight, None), (None, bias)]
    observed = [student(ask, "value", "layer_norm", x, (3, 4), *choice) for choice in choices]
    assert_close(observed, [plain * weight + bias, plain * weight, plain + bias])


@mark.task("layer_norm", "gradients")
def test_gradients_flow_through_mean_and_variance(student):
    x, weight, bias = offset_data(2, 2, 3), *torch.randn(2, 2, 3, dtype=torch.float64)
    right = student(ask, "gradients are right", "layer_norm", x, (2, 3), weight, bias)
    assert right, "the gradients are not those of the function that you compute: finite differences give others"


@mark.task("layer_norm", "input")
def test_a_shape_that_is_not_the_tail_raises_value_error(student):
    for shape in [(4,), (1,), (3, 5), (2, 3, 4, 5), 3]:
        raised = student(ask, "error", "layer_norm", torch.randn(3, 4, 5), shape)
        assert raised == "ValueError", (
            f"x of shape (3, 4, 5) with normalized_shape={shape} should raise ValueError, not {raised or 'nothing'}"
        )


@mark.task("layer_norm", "input")
def test_the_input_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "layer_norm", torch.randn(3, 5) + 2, 5)


@mark.task("instance_norm", "statistics of each channel")
def test_each_channel_of_each_sample_has_its_own_statistics(student):
    expected = torch.zeros(3, 4, 2, 5, dtype=torch.bool)
    expected[1, 2] = True
    assert_touches(touched(student, "instance_norm", offset_data(3, 4, 2, 5), (1, 2, 0, 3)), expected)


@mark.task("instance_norm", "statistics of each channel")
def test_any_number_of_spatial_dimensions_will_do(student):
    x = offset_data(2, 3, 4, 6)
    images = student(ask, "value", "instance_norm", x)
    for shape in [(2, 3, 24), (2, 3, 2, 2, 6)]:
        assert_close(student(ask, "value", "instance_norm", x.reshape(shape)), images.reshape(shape))


@mark.task("instance_norm", "variance and eps")
def test_each_cell_is_divided_by_the_root_of_the_biased_variance_plus_eps(student, reference):
    arguments = "value", "instance_norm", offset_data(2, 3, 1, 4), None, None, 0.5
    assert_close(student(ask, *arguments), reference(ask, *arguments))


@mark.task("instance_norm", "weight and bias")
def test_a_channel_has_one_weight_and_one_bias(student):
    # The width equals the number of channels, so that a weight along the width goes unnoticed by torch.
    x, weight, bias = offset_data(2, 4, 3, 4), *torch.randn(2, 4, dtype=torch.float64)
    plain, a, b = student(ask, "value", "instance_norm", x), weight.reshape(1, 4, 1, 1), bias.reshape(1, 4, 1, 1)
    choices = [(weight, bias), (weight, None), (None, bias)]
    observed = [student(ask, "value", "instance_norm", x, *choice) for choice in choices]
    assert_close(observed, [plain * a + b, plain * a, plain + b])


@mark.task("instance_norm", "gradients")
def test_gradients_flow_through_each_channels_statistics(student):
    x, weight, bias = offset_data(2, 2, 2, 3), *torch.randn(2, 2, dtype=torch.float64)
    right = student(ask, "gradients are right", "instance_norm", x, weight, bias)
    assert right, "the gradients are not those of the function that you compute: finite differences give others"


@mark.task("instance_norm", "input")
def test_the_batch_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "instance_norm", torch.randn(2, 3, 4, 2) + 2)


@mark.task("group_norm", "statistics of each group")
def test_a_group_is_made_of_neighboring_channels_of_one_sample(student):
    for num_groups, group in [(2, slice(0, 3)), (3, slice(2, 4))]:
        expected = torch.zeros(2, 6, 2, 3, dtype=torch.bool)
        expected[1, group] = True
        observed = touched(student, "group_norm", offset_data(2, 6, 2, 3), (1, 2, 1, 0), num_groups)
        assert_touches(observed, expected)


@mark.task("group_norm", "statistics of each group")
def test_any_number_of_dimensions_may_follow_the_channels(student):
    for shape in [(2, 6), (2, 6, 4), (2, 6, 1, 2, 2)]:
        x = offset_data(*shape)
        images = student(ask, "value", "group_norm", x.reshape(2, 6, -1, 1), 3)
        assert_close(student(ask, "value", "group_norm", x, 3), images.reshape(shape))


@mark.task("group_norm", "variance and eps")
def test_each_cell_is_divided_by_the_root_of_its_groups_biased_variance_plus_eps(student, reference):
    arguments = "value", "group_norm", offset_data(2, 6, 2, 1), 3, None, None, 0.5
    assert_close(student(ask, *arguments), reference(ask, *arguments))


@mark.task("group_norm", "weight and bias")
def test_weight_and_bias_belong_to_channels_not_to_groups(student):
    # The width equals the number of channels, so that a weight along the width goes unnoticed by torch.
    x, weight, bias = offset_data(2, 4, 3, 4), *torch.randn(2, 4, dtype=torch.float64)
    plain, a, b = student(ask, "value", "group_norm", x, 2), weight.reshape(1, 4, 1, 1), bias.reshape(1, 4, 1, 1)
    choices = [(weight, bias), (weight, None), (None, bias)]
    observed = [student(ask, "value", "group_norm", x, 2, *choice) for choice in choices]
    assert_close(observed, [plain * a + b, plain * a, plain + b])


@mark.task("group_norm", "gradients")
def test_gradients_flow_through_each_groups_statistics(student):
    x, weight, bias = offset_data(2, 4, 2, 2), *torch.randn(2, 4, dtype=torch.float64)
    right = student(ask, "gradients are right", "group_norm", x, 2, weight, bias)
    assert right, "the gradients are not those of the function that you compute: finite differences give others"


@mark.task("group_norm", "input")
def test_a_number_of_groups_that_does_not_divide_the_channels_raises_value_error(student):
    for num_groups in (4, 5, 12):
        raised = student(ask, "error", "group_norm", torch.randn(2, 6, 10, 2), num_groups)
        assert raised == "ValueError", (
            f"6 channels in {num_groups} groups should raise ValueError, not {raised or 'nothing'}"
        )


@mark.task("group_norm", "input")
def test_memory_that_is_not_contiguous_makes_no_difference(student):
    x = offset_data(3, 6, 2, 4)
    transposed = student(ask, "value of a transposed input", "group_norm", x, 3)
    assert_close(transposed, student(ask, "value", "group_norm", x, 3))


@mark.task("group_norm", "input")
def test_the_given_batch_stays_as_it_was_and_its_dtype_too(student):
    assert_input_stays(student, "group_norm", torch.randn(2, 6, 3) + 2, 3)


def column(answer, name, x, *num_groups):
    """One column of the table, by row name; `None` gives the names of rows and columns."""
    frame = answer.compare_normalizations(x, *num_groups)
    if name is None:
        return [sorted(map(str, frame.index)), sorted(map(str, frame.columns))]
    return dict(zip(map(str, frame.index), frame[name].tolist(), strict=True))


def dim_images(num_channels=12):
    """A batch so dim that eps tells the four normalizations apart, with an offset."""
    scale = torch.logspace(-3, -1, 2 * num_channels).reshape(2, num_channels, 1, 1)
    return scale * torch.randn(2, num_channels, 3, 5) + 0.25


def right_outputs(x, num_groups):
    """What the four normalizations give, by torch."""
    return {
        "BatchNorm": F.batch_norm(x, None, None, training=True),
        "LayerNorm": F.layer_norm(x, x.shape[1:]),
        "InstanceNorm": F.instance_norm(x),
        "GroupNorm": F.group_norm(x, num_groups),
    }


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_rows_and_columns_have_the_agreed_names(student):
    rows, columns = student(column, None, dim_images(), 3)
    assert rows == ["BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm"], f"the index holds {rows}"[:200]
    missing = {"mean", "std", "shape", "num_statistics", "depends_on_batch"} - set(columns)
    assert not missing, f"these columns are missing: {sorted(missing)}"


@mark.task("compare_normalizations", "spread of the outputs")
def test_std_is_that_of_each_output_in_training_mode(student):
    x = dim_images()
    observed = {row: float(std) for row, std in student(column, "std", x, 3).items()}
    for row, y in right_outputs(x, 3).items():
        # Dividing by n or by n - 1 = 359 makes no difference here.
        assert abs(observed[row] / y.std().item() - 1) < 5e-3, (
            f"{row}'s output has a standard deviation of {y.std().item():.4f} for a batch of dim images, "
            f"your table says {observed[row]:.4f}"
        )


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_mean_is_that_of_each_output(student):
    observed = student(column, "mean", dim_images(), 3)
    for row in right_outputs(dim_images(), 3):
        assert abs(float(observed[row])) < 1e-2, (
            f"{row}'s output has the mean 0, your table says {float(observed[row]):.4f}"
        )


@mark.task("compare_normalizations", "mean, std, shape and names")
def test_shape_is_the_outputs_shape_as_a_tuple(student):
    observed = student(column, "shape", dim_images(), 3)
    assert_close([observed[row] for row in right_outputs(dim_images(), 3)], [(2, 12, 3, 5)] * 4)


@mark.task("compare_normalizations", "number of statistics")
def test_one_statistic_is_counted_for_each_set_of_cells(student):
    observed = student(column, "num_statistics", dim_images(), 3)
    for row, expected in {"BatchNorm": 12, "LayerNorm": 2, "InstanceNorm": 24, "GroupNorm": 6}.items():
        assert observed[row] == expected, (
            f"{row} of x of shape (2, 12, 3, 5), with 3 groups where there are groups, computes {expected} means; "
            f"your table says {float(observed[row]):g}"
        )


@mark.task("compare_normalizations", "given groups and batch")
def test_the_number_of_groups_is_the_one_given_and_four_otherwise(student):
    x = dim_images(8)
    observed = [student(column, "num_statistics", x, *given)["GroupNorm"] for given in [(), (4,), (2,), (1,)]]
    assert observed == [8, 8, 4, 2], (
        f"2 samples of 8 channels with the default, 4, 2 and 1 groups make 8, 8, 4 and 2 means; yours say {observed}"[
            :200
        ]
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


def recommended(answer, architecture, batch_sizes):
    """The recommendations for one architecture."""
    return [answer.recommend_normalization(architecture, size) for size in batch_sizes]


def refused(answer, architecture, batch_size):
    """The error that a recommendation raises."""
    return error_of(answer.recommend_normalization, architecture, batch_size)


def assert_recommends(student, architecture, expected):
    """The recommendations by batch size."""
    observed = student(recommended, architecture, list(expected))
    for batch_size, right, given in zip(expected, expected.values(), observed, strict=True):
        assert given == right, f"a {architecture} with batch size {batch_size} should get {right!r}, not {given!r}"[
            :200
        ]


@mark.task("recommend_normalization", "by architecture")
def test_sequence_models_get_layer_normalization_at_every_batch_size(student):
    for architecture in ["rnn", "transformer"]:
        assert_recommends(student, architecture, {1: "layer", 8: "layer", 256: "layer"})


@mark.task("recommend_normalization", "by architecture")
def test_image_generators_get_instance_normalization_at_every_batch_size(student):
    for architecture in ["style_transfer", "gan"]:
        assert_recommends(student, architecture, {1: "instance", 8: "instance", 256: "instance"})


@mark.task("recommend_normalization", "at every batch size")
def test_detection_and_segmentation_get_group_normalization_at_every_batch_size(student):
    for architecture in ["detection", "segmentation"]:
        assert_recommends(student, architecture, {1: "group", 8: "group", 256: "group"})


@mark.task("recommend_normalization", "cnn from 16 on")
def test_convolutional_nets_get_batch_normalization_from_sixteen_samples_on(student):
    assert_recommends(student, "cnn", {1: "group", 15: "group", 16: "batch", 17: "batch", 256: "batch"})


@mark.task("recommend_normalization", "bad input")
def test_an_unknown_architecture_raises_value_error(student):
    for architecture in ("mlp", "", "layer"):
        raised = student(refused, architecture, 32)
        assert raised == "ValueError", (
            f"the architecture {architecture!r} should raise ValueError, not {raised or 'nothing'}"
        )


@mark.task("recommend_normalization", "bad input")
def test_a_batch_size_below_one_raises_value_error_for_every_architecture(student):
    for architecture in ("cnn", "rnn", "gan", "detection"):
        for batch_size in (0, -16):
            raised = student(refused, architecture, batch_size)
            assert raised == "ValueError", (
                f"a {architecture} with batch size {batch_size} should raise ValueError, not {raised or 'nothing'}"
            )


@mark.task("ada_norm", "values")
def test_values_follow_the_formula(student, reference):
    arguments = "value", "ada_norm", offset_data(2, 3, 4), 0.25, 1.0, 0.5
    assert_close(student(ask, *arguments), reference(ask, *arguments))


@mark.task("ada_norm", "c, eps and input")
def test_the_factor_c_scales_the_result(student):
    x = offset_data(3, 4)
    once, thrice = (student(ask, "value", "ada_norm", x, 0.25, c) for c in (1.0, 3.0))
    assert_close(thrice, 3 * once)


@mark.task("ada_norm", "values")
def test_the_last_dimension_alone_is_normalized(student):
    expected = torch.zeros(2, 3, 4, dtype=torch.bool)
    expected[1, 2] = True
    assert_touches(touched(student, "ada_norm", offset_data(2, 3, 4), (1, 2, 1)), expected)


@mark.task("ada_norm", "gradient")
def test_the_gradient_takes_the_factor_as_a_constant_and_the_statistics_not(student, reference):
    arguments = "slope", "ada_norm", offset_data(3, 4), 0.25, 1.5, 0.5
    assert_close(student(ask, *arguments), reference(ask, *arguments), rtol=1e-7, atol=1e-7)


def statistics(x):
    """Mean and standard deviation of each channel of each sample."""
    return x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True)


# With eps=1e-12 it does not matter whether a variance is biased, or where eps stands.
@mark.task("cross_norm", "mean and deviation of the other")
def test_each_channel_takes_mean_and_deviation_of_the_chosen_sample(student):
    x, permutation = offset_data(4, 3, 2, 5), torch.tensor([1, 2, 3, 0])
    y = student(ask, "value", "cross_norm", x, permutation, 1e-12)
    assert_close(list(statistics(y)), [part[permutation] for part in statistics(x)], rtol=1e-7, atol=1e-7)


@mark.task("cross_norm", "direction")
def test_each_sample_keeps_its_own_content(student):
    x = offset_data(4, 3, 2, 5)
    y = student(ask, "value", "cross_norm", x, torch.tensor([1, 2, 3, 0]), 1e-12)
    contents = [(z - statistics(z)[0]) / statistics(z)[1] for z in (y, x)]
    assert_close(*contents, rtol=1e-7, atol=1e-7)


@mark.task("cross_norm", "content, equal values and input")
def test_the_identity_changes_nothing(student):
    x = 10 * offset_data(3, 2, 4, 3)
    assert_close(student(ask, "value", "cross_norm", x, torch.arange(3)), x, rtol=1e-3, atol=1e-3)


@mark.task("cross_norm", "content, equal values and input")
def test_a_channel_of_equal_values_stays_finite(student):
    x = offset_data(3, 2, 2, 2)
    x[0, 1] = 2.0
    y = student(ask, "value", "cross_norm", x, torch.tensor([1, 2, 0]))
    assert torch.isfinite(y).all(), "a channel in which all values are equal gives nan or infinity"
    assert_close(y[0, 1], x[1, 1].mean().expand(2, 2).clone(), rtol=1e-6, atol=1e-6)
