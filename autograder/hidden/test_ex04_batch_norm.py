"""Hidden tests of ex04: batch normalization in training, its state, at inference, its gradient, and folding it away."""

import torch
from pytest import mark

from autograder.course.testing import Forbidden, assert_close

FORBIDDEN = {
    "CustomBatchNorm": Forbidden(
        [
            "torch.nn.BatchNorm*",
            "torch.nn.LazyBatchNorm*",
            "torch.nn.SyncBatchNorm",
            "torch.nn.InstanceNorm*",
            "torch.nn.LazyInstanceNorm*",
            "torch.nn.functional.batch_norm",
            "torch.nn.functional.instance_norm",
            "torch.nn.modules.batchnorm.*BatchNorm*",
            "torch.nn.modules.instancenorm.*InstanceNorm*",
            "torch.batch_norm*",
            "torch.native_batch_norm*",
            "torch._native_batch_norm*",
            "torch.instance_norm",
            "torch.ops.aten.*batch_norm*",
            "torch.ops.aten.*instance_norm*",
        ],
        because="batch normalization is what you are asked to write",
    ),
    "batch_norm_backward": Forbidden(
        [
            "torch.autograd.grad",
            "torch.autograd.backward",
            "torch.autograd.functional.jacobian",
            "torch.autograd.functional.vjp",
            "torch.autograd.functional.jvp",
            "torch.autograd.functional.hessian",
            "torch.autograd.forward_ad.make_dual",
            "torch.Tensor.backward",
            "torch.func.grad*",
            "torch.func.vjp",
            "torch.func.jvp",
            "torch.func.jac*",
            "torch.func.hessian",
            "torch.func.linearize",
            "torch.ops.aten.*batch_norm*",
        ],
        because="you are asked to carry the gradient by hand",
    ),
}

GAMMA = torch.tensor([-2.0, 0.5, 1.25, 3.0])
BETA = torch.tensor([1.0, -0.75, 0.0, 2.0])


def batch(*shape):
    """Random values of shape (N, 4, *) whose channels differ in mean (-5 to 20) and in scale (0.5 to 8)."""
    wide = [1, 4] + [1] * (len(shape) - 2)
    mean, scale = torch.tensor([-5.0, 3.0, 20.0, 0.5]), torch.tensor([0.5, 8.0, 2.0, 1.0])
    return (mean.view(wide) + scale.view(wide) * torch.randn(shape)).double()


def state():
    """Values for everything that a layer with four channels holds.

    They are exact in float32, and so is the root of running_var + 0.5: buffers that did not follow `double()` lose
    points where that is asked, not at inference.
    """
    return {
        "gamma": GAMMA,
        "beta": BETA,
        "running_mean": torch.randint(-40, 40, (4,)) / 4,
        "running_var": torch.randint(1, 6, (4,)) ** 2 - 0.5,
    }


# Training: these tests never look at the buffers.


@mark.task("custom_batch_norm_training", "statistics of each channel")
def test_each_channel_is_normalized_with_the_mean_and_biased_variance_of_the_batch(student, reference):
    def probe(answer, x):
        return answer.CustomBatchNorm(4, eps=0.5).double()(x)

    x = batch(7, 4)
    assert_close(student(probe, x), reference(probe, x))


@mark.task("custom_batch_norm_training", "statistics of each channel")
def test_images_and_sequences_share_their_statistics_over_all_positions(student, reference):
    def probe(answer, x):
        layer = answer.CustomBatchNorm(4, eps=0.5).to(x.dtype)
        with torch.no_grad():
            layer.gamma.copy_(torch.tensor([-2.0, 0.5, 1.25, 3.0]))
            layer.beta.copy_(torch.tensor([1.0, -0.75, 0.0, 2.0]))
        return layer(x)

    # As many columns as channels: what lines up with the wrong dimension goes on without an error.
    images, sequences = batch(3, 4, 2, 4), 1 + 2 * torch.randn(2, 4, 4)
    assert_close(student(probe, images), reference(probe, images))
    assert_close(student(probe, sequences), reference(probe, sequences))


@mark.task("custom_batch_norm_training", "gamma and beta")
def test_gamma_and_beta_are_parameters_that_start_at_one_and_zero(student):
    def probe(answer):
        layer = answer.CustomBatchNorm(5, eps=0.25, momentum=0.3)
        settings = [getattr(layer, name, None) for name in ("num_features", "eps", "momentum")]
        return settings, {name: p for name, p in layer.named_parameters() if name in ("gamma", "beta")}

    settings, parameters = student(probe)
    assert settings == [5, 0.25, 0.3], f"num_features, eps and momentum are {settings}, not [5, 0.25, 0.3]"
    assert_close(parameters, {"gamma": torch.ones(5), "beta": torch.zeros(5)})


@mark.task("custom_batch_norm_training", "gradients")
def test_gradients_reach_gamma_and_beta_and_pass_through_the_statistics(student, reference):
    def probe(answer, x, weight):
        layer = answer.CustomBatchNorm(4, eps=0.5).double()
        x.requires_grad_()
        (layer(x) * weight).sum().backward()
        return {"x": x.grad, "gamma": layer.gamma.grad, "beta": layer.beta.grad}

    x, weight = batch(6, 4), torch.randn(6, 4, dtype=torch.float64)
    assert_close(student(probe, x, weight), reference(probe, x, weight), rtol=1e-7, atol=1e-7)


@mark.task("custom_batch_norm_training", "variance and eps")
def test_a_single_value_per_channel_raises_value_error_and_two_do_not(student):
    def probe(answer, *shapes):
        layer = answer.CustomBatchNorm(4)
        return [error_of(layer, torch.randn(shape)) for shape in shapes]

    raised = student(probe, (1, 4), (1, 4, 1, 1), (2, 4), (1, 4, 2), (1, 4, 1, 3))
    expected = ["ValueError", "ValueError", "", "", ""]
    shapes = "(1, 4), (1, 4, 1, 1), (2, 4), (1, 4, 2) and (1, 4, 1, 3)"
    assert raised == expected, f"in training mode, shapes {shapes} raise {raised}, not {expected}"


@mark.task("custom_batch_norm_training", "input")
def test_the_input_stays_as_it_is(student):
    def probe(answer, x):
        answer.CustomBatchNorm(4).double()(x)
        return x

    x = batch(5, 4)
    assert_close(student(probe, x), x, rtol=0, atol=0)


# Running statistics: these tests never look at the output, and never leave training mode.


@mark.task("custom_batch_norm_running_statistics", "average of the batches")
def test_running_mean_moves_towards_each_batch_by_the_share_momentum(student, reference):
    def probe(answer, *batches):
        layer = answer.CustomBatchNorm(4, momentum=0.3).double()
        for x in batches:
            layer(x)
        return layer.running_mean

    batches = batch(5, 4), batch(3, 4)
    assert_close(student(probe, *batches), reference(probe, *batches))


@mark.task("custom_batch_norm_running_statistics", "unbiased variance")
def test_running_variance_moves_towards_the_unbiased_one(student, reference):
    def probe(answer, *batches):
        layer = answer.CustomBatchNorm(4, momentum=0.3).double()
        for x in batches:
            layer(x)
        return layer.running_var

    batches = batch(5, 4), batch(3, 4)
    assert_close(student(probe, *batches), reference(probe, *batches))


@mark.task("custom_batch_norm_running_statistics", "momentum")
def test_every_position_of_an_image_counts(student, reference):
    def probe(answer, x):
        layer = answer.CustomBatchNorm(4, momentum=0.3).double()
        layer(x)
        return {"running_mean": layer.running_mean, "running_var": layer.running_var}

    x = batch(2, 4, 3, 2)
    assert_close(student(probe, x), reference(probe, x))


@mark.task("custom_batch_norm_running_statistics", "buffers outside the graph")
def test_running_statistics_carry_no_graph(student):
    def probe(answer, x):
        layer = answer.CustomBatchNorm(4).double()
        layer(x.requires_grad_() * 1)
        tracked = [layer.running_mean.requires_grad, layer.running_var.requires_grad]
        return tracked, error_of(copy.deepcopy, layer)

    tracked, raised = student(probe, batch(5, 4))
    assert tracked == [False, False], f"after a batch, requires_grad of running_mean and running_var is {tracked}"
    assert raised == "", f"copying the layer after a batch raises {raised}"


@mark.task("custom_batch_norm_running_statistics", "start")
def test_running_statistics_are_buffers_that_start_at_zero_and_one(student):
    def probe(answer, x):
        layer = answer.CustomBatchNorm(4)
        buffers = {name: buffer.clone() for name, buffer in layer.named_buffers() if name.startswith("running")}
        layer.double()(x)
        saved = {name: value for name, value in layer.state_dict().items() if name.startswith("running")}
        other = answer.CustomBatchNorm(4).double()
        other.load_state_dict(layer.state_dict())
        loaded = {"running_mean": other.running_mean, "running_var": other.running_var}
        dtypes = [str(value.dtype) for value in (layer.running_mean, layer.running_var)]
        return buffers, saved, loaded, dtypes

    buffers, saved, loaded, dtypes = student(probe, batch(5, 4))
    assert_close(buffers, {"running_mean": torch.zeros(4), "running_var": torch.ones(4)})
    assert_close(saved, loaded)
    assert dtypes == ["torch.float64"] * 2, f"after double(), running_mean and running_var are in {dtypes}"


# Inference: these tests set everything that the output depends on.


@mark.task("custom_batch_norm_inference", "running statistics in use")
def test_rows_are_normalized_with_the_running_statistics(student, reference):
    def probe(answer, values, x):
        layer = answer.CustomBatchNorm(4, eps=0.5).double().eval()
        with torch.no_grad():
            for name, value in values.items():
                getattr(layer, name).copy_(value)
        return layer(x)

    values, x = state(), batch(6, 4)
    assert_close(student(probe, values, x), reference(probe, values, x))


@mark.task("custom_batch_norm_inference", "running statistics in use")
def test_images_are_normalized_channel_by_channel(student, reference):
    def probe(answer, values, x):
        layer = answer.CustomBatchNorm(4, eps=0.5).double().eval()
        with torch.no_grad():
            for name, value in values.items():
                getattr(layer, name).copy_(value)
        return layer(x)

    values, x = state(), batch(2, 4, 3, 4)
    assert_close(student(probe, values, x), reference(probe, values, x))


@mark.task("custom_batch_norm_inference", "no other row has a say")
def test_a_row_alone_gives_what_it_gives_in_company(student, reference):
    def probe(answer, values, x):
        layer = answer.CustomBatchNorm(4, eps=0.5).double().eval()
        with torch.no_grad():
            for name, value in values.items():
                getattr(layer, name).copy_(value)
        return [layer(row[None]) for row in x]

    values, x = state(), batch(3, 4)
    assert_close(student(probe, values, x), reference(probe, values, x))


@mark.task("custom_batch_norm_inference", "gamma and beta")
def test_the_running_statistics_are_left_alone(student):
    def probe(answer, values, x):
        layer = answer.CustomBatchNorm(4).double().eval()
        with torch.no_grad():
            for name, value in values.items():
                getattr(layer, name).copy_(value)
        layer(x)
        return {name: getattr(layer, name).double() for name in values}

    values = state()
    expected = {name: value.double() for name, value in values.items()}
    assert_close(student(probe, values, batch(6, 4)), expected, rtol=0, atol=0)


@mark.task("custom_batch_norm_inference", "eps and gradients")
def test_gradients_flow_at_inference_too(student, reference):
    def probe(answer, values, x, weight):
        layer = answer.CustomBatchNorm(4, eps=0.5).double().eval()
        with torch.no_grad():
            for name, value in values.items():
                getattr(layer, name).copy_(value)
        x.requires_grad_()
        (layer(x) * weight).sum().backward()
        return x.grad

    values, x, weight = state(), batch(5, 4), torch.randn(5, 4, dtype=torch.float64)
    assert_close(student(probe, values, x, weight), reference(probe, values, x, weight), rtol=1e-7, atol=1e-7)


# The gradient by hand.


@mark.task("batch_norm_backward", "ways through mean and variance")
def test_the_gradient_of_x_passes_through_mean_and_variance(student, reference):
    def probe(answer, grad_output, x, gamma):
        return answer.batch_norm_backward(grad_output, x, gamma)[0]

    arguments = torch.randn(7, 4, dtype=torch.float64) + 1, batch(7, 4), GAMMA.double()
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=1e-7, atol=1e-9)


@mark.task("batch_norm_backward", "gamma and beta")
def test_the_gradient_of_gamma_is_right(student, reference):
    def probe(answer, grad_output, x, gamma):
        return answer.batch_norm_backward(grad_output, x, gamma)[1]

    arguments = torch.randn(7, 4, dtype=torch.float64) + 1, batch(7, 4), GAMMA.double()
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("batch_norm_backward", "size of grad_x")
def test_the_gradient_of_beta_is_right(student, reference):
    def probe(answer, grad_output, x, gamma):
        return answer.batch_norm_backward(grad_output, x, gamma)[2]

    arguments = torch.randn(7, 4, dtype=torch.float64) + 1, batch(7, 4), GAMMA.double()
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("batch_norm_backward", "eps")
def test_eps_takes_part_in_the_gradients(student, reference):
    def probe(answer, grad_output, x, gamma):
        return list(answer.batch_norm_backward(grad_output, x, gamma, eps=0.5))

    arguments = torch.randn(5, 4, dtype=torch.float64), batch(5, 4), GAMMA.double()
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("batch_norm_backward", "arguments left alone")
def test_the_arguments_stay_as_they_are(student):
    def probe(answer, grad_output, x, gamma):
        answer.batch_norm_backward(grad_output, x, gamma)
        return [grad_output, x, gamma]

    arguments = [torch.randn(5, 4, dtype=torch.float64), batch(5, 4), GAMMA.double()]
    assert_close(student(probe, *arguments), arguments, rtol=0, atol=0)


# Folding. The batch normalization that is folded is PyTorch's own, under our names.


@mark.task("fold_batch_norm", "bias")
def test_the_folded_layer_equals_the_two_layers_at_inference(student, reference):
    def probe(answer, values, weight, bias, x):
        linear, norm = nn.Linear(3, 4).double(), nn.BatchNorm1d(4, eps=0.5).double().eval()
        norm.gamma, norm.beta = norm.weight, norm.bias
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.copy_(bias)
            for name, value in values.items():
                getattr(norm, name).copy_(value)
            return answer.fold_batch_norm(linear, norm)(x)

    arguments = state(), torch.randn(4, 3), torch.randn(4), torch.randn(5, 3, dtype=torch.float64)
    assert_close(student(probe, *arguments), reference(probe, *arguments))


@mark.task("fold_batch_norm", "weight")
def test_a_square_layer_is_scaled_by_output_channel(student, reference):
    def probe(answer, values, weight, x):
        linear, norm = nn.Linear(4, 4).double(), nn.BatchNorm1d(4, eps=0.5).double().eval()
        norm.gamma, norm.beta = norm.weight, norm.bias
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.zero_()
            for name, value in values.items():
                getattr(norm, name).copy_(value)
            folded = answer.fold_batch_norm(linear, norm)
            return folded(x) - folded(torch.zeros_like(x))

    arguments = state(), torch.randn(4, 4), torch.randn(5, 4, dtype=torch.float64)
    assert_close(student(probe, *arguments), reference(probe, *arguments))


@mark.task("fold_batch_norm", "linear without bias")
def test_a_linear_layer_without_bias_is_folded_too(student, reference):
    def probe(answer, values, weight, x):
        linear = nn.Linear(3, 4, bias=False).double()
        norm = nn.BatchNorm1d(4, eps=0.5).double().eval()
        norm.gamma, norm.beta = norm.weight, norm.bias
        with torch.no_grad():
            linear.weight.copy_(weight)
            for name, value in values.items():
                getattr(norm, name).copy_(value)
            return answer.fold_batch_norm(linear, norm)(x)

    arguments = state(), torch.randn(4, 3), torch.randn(5, 3, dtype=torch.float64)
    assert_close(student(probe, *arguments), reference(probe, *arguments))


@mark.task("fold_batch_norm", "eps")
def test_the_result_is_a_linear_layer_with_a_bias_in_the_dtype_of_the_old_one(student):
    def probe(answer):
        linear, norm = nn.Linear(3, 4, bias=False).double(), nn.BatchNorm1d(4).double().eval()
        norm.gamma, norm.beta = norm.weight, norm.bias
        folded = answer.fold_batch_norm(linear, norm)
        shapes = {name: [str(p.dtype), *p.shape] for name, p in folded.named_parameters()}
        return isinstance(folded, nn.Linear), shapes

    is_linear, shapes = student(probe)
    assert is_linear, "the result is no nn.Linear"
    expected = {"weight": ["torch.float64", 4, 3], "bias": ["torch.float64", 4]}
    assert shapes == expected, f"the parameters of the result are {str(shapes)[:200]}, not {expected}"


@mark.task("fold_batch_norm", "a new layer")
def test_both_layers_stay_as_they_are(student):
    def probe(answer, values, weight, bias):
        linear, norm = nn.Linear(3, 4), nn.BatchNorm1d(4)
        norm.gamma, norm.beta = norm.weight, norm.bias
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.copy_(bias)
            for name, value in values.items():
                getattr(norm, name).copy_(value)
        folded = answer.fold_batch_norm(linear, norm)
        with torch.no_grad():
            folded.weight.fill_(7)
            folded.bias.fill_(7)
        after = {name: getattr(norm, name) for name in values}
        return linear.weight, linear.bias, after, norm.training

    values, weight, bias = state(), torch.randn(4, 3), torch.randn(4)
    linear_weight, linear_bias, after, training = student(probe, values, weight, bias)
    assert_close([linear_weight, linear_bias], [weight, bias], rtol=0, atol=0)
    assert_close(after, values, rtol=0, atol=0)
    assert training, "batch_norm was in training mode before, and is no longer"
