"""Hidden tests of ex04: batch normalization in training, its state, at inference, its gradient, and folding it away."""

import torch
from pytest import mark

from autograder.course.testing import Forbidden, assert_close

FORBIDDEN = {
    "CustomBatchNorm": Forbidden(
        [
            *["torch.nn.BatchNorm*", "torch.nn.LazyBatchNorm*", "torch.nn.SyncBatchNorm"],
            *["torch.nn.InstanceNorm*", "torch.nn.LazyInstanceNorm*"],
            *["torch.nn.functional.batch_norm", "torch.nn.functional.instance_norm"],
            *["torch.nn.modules.batchnorm.*BatchNorm*", "torch.nn.modules.instancenorm.*InstanceNorm*"],
            *["torch.batch_norm*", "torch.native_batch_norm*", "torch._native_batch_norm*", "torch.instance_norm"],
            *["torch.ops.aten.*batch_norm*", "torch.ops.aten.*instance_norm*"],
        ],
        because="batch normalization is what you are asked to write",
    ),
    "batch_norm_backward": Forbidden(
        [
            *["torch.autograd.grad", "torch.autograd.backward", "torch.autograd.forward_ad.make_dual"],
            *["torch.autograd.functional.jacobian", "torch.autograd.functional.hessian"],
            *["torch.autograd.functional.vjp", "torch.autograd.functional.jvp", "torch.Tensor.backward"],
            *["torch.func.grad*", "torch.func.vjp", "torch.func.jvp", "torch.func.jac*", "torch.func.hessian"],
            *["torch.func.linearize", "torch.ops.aten.*batch_norm*"],
        ],
        because="you are asked to carry the gradient by hand",
    ),
}

GAMMA = torch.tensor([-2.0, 0.5, 1.25, 3.0])
BETA = torch.tensor([1.0, -0.75, 0.0, 2.0])
AFFINE = {"gamma": GAMMA, "beta": BETA}
PLAIN = {"gamma": torch.ones(4), "beta": torch.zeros(4)}


def wide(values, x):
    """A value for each channel, in a shape that lines up with the channels of x."""
    return values.double().view(1, 4, *[1] * (x.dim() - 2))


def batch(*shape):
    """Random values of shape (N, 4, *) whose channels differ in mean (-5 to 20) and in scale (0.5 to 8)."""
    x = torch.randn(shape)
    mean, scale = torch.tensor([-5.0, 3.0, 20.0, 0.5]), torch.tensor([0.5, 8.0, 2.0, 1.0])
    return wide(mean, x) + wide(scale, x) * x


def state():
    """Running statistics far from 0 and 1, exact in float32."""
    return {"running_mean": torch.randint(-40, 40, (4,)) / 4, "running_var": torch.randint(1, 6, (4,)) ** 2 - 0.5}


def normalized(x, mean, variance, gamma=GAMMA, beta=BETA):
    """The formula of the layer."""
    return wide(gamma, x) * (x - wide(mean, x)) / wide(variance, x).sqrt() + wide(beta, x)


def layer_of(answer, values, *settings):
    """A layer in float64 that holds the given values: what it starts with plays no part."""
    layer = answer.CustomBatchNorm(4, *settings).double()
    with torch.no_grad():
        for name, value in values.items():
            getattr(layer, name).copy_(value)
    return layer


# Training. With 400 values for each channel it hardly matters which variance divides, and whether there is an eps.


def trained(answer, values, x, *settings):
    """The output in training mode."""
    return layer_of(answer, values, *settings)(x)


def check_of_training(student, x, *eps, rtol=0.01, atol=0.02):
    """Each channel is normalized with its own mean and biased variance over all else."""
    dims = [0, *range(2, x.dim())]
    expected = normalized(x, x.mean(dims), x.var(dims, unbiased=False) + sum(eps))
    assert_close(student(trained, AFFINE, x, *eps), expected, rtol=rtol, atol=atol)


@mark.task("custom_batch_norm_training", "statistics of each channel")
def test_rows_are_normalized_with_the_mean_and_variance_of_each_channel(student):
    check_of_training(student, batch(400, 4))


@mark.task("custom_batch_norm_training", "statistics of each channel")
def test_images_and_sequences_share_their_statistics_over_all_positions(student):
    # As many columns as channels: what lines up with the wrong dimension goes on without an error.
    check_of_training(student, batch(25, 4, 4, 4))
    check_of_training(student, batch(100, 4, 4))


@mark.task("custom_batch_norm_training", "gamma and beta")
def test_gamma_and_beta_are_parameters_that_start_at_one_and_zero(student):
    def probe(answer):
        layer = answer.CustomBatchNorm(5, eps=0.25, momentum=0.3)
        settings = [getattr(layer, name, None) for name in ("num_features", "eps", "momentum")]
        return settings, {name: p for name, p in layer.named_parameters() if name in ("gamma", "beta")}

    settings, parameters = student(probe)
    assert settings == [5, 0.25, 0.3], f"num_features, eps and momentum are {settings}, not [5, 0.25, 0.3]"[:200]
    assert_close(parameters, {"gamma": torch.ones(5), "beta": torch.zeros(5)})


@mark.task("custom_batch_norm_training", "gradients")
def test_gradients_reach_gamma_and_beta_and_pass_through_the_statistics(student, reference):
    def probe(answer, values, x, weight):
        layer = layer_of(answer, values)
        x.requires_grad_()
        (layer(x * 1) * weight).sum().backward()
        # Their directions: which variance divides is asked elsewhere.
        gradients = {"x": x.grad, "gamma": layer.gamma.grad, "beta": layer.beta.grad}
        return {name: gradient / gradient.norm(dim=0) for name, gradient in gradients.items()}

    arguments = AFFINE, batch(6, 4), torch.randn(6, 4, dtype=torch.float64)
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=1e-3, atol=1e-3)


@mark.task("custom_batch_norm_training", "variance and eps")
def test_what_divides_is_the_biased_variance(student):
    check_of_training(student, batch(5, 4), 1e-12, rtol=1e-4, atol=1e-4)


@mark.task("custom_batch_norm_training", "variance and eps")
def test_the_given_eps_is_added_to_the_variance(student):
    check_of_training(student, batch(400, 4), 0.5)


@mark.task("custom_batch_norm_training", "input")
def test_a_single_value_per_channel_raises_value_error_and_two_do_not(student):
    def probe(answer, shapes):
        layer = answer.CustomBatchNorm(4)
        return [error_of(layer, torch.randn(shape)) for shape in shapes]

    raised = student(probe, [(1, 4), (1, 4, 1, 1), (2, 4), (1, 4, 2), (1, 4, 1, 3)])
    expected = ["ValueError", "ValueError", "", "", ""]
    shapes = "(1, 4), (1, 4, 1, 1), (2, 4), (1, 4, 2) and (1, 4, 1, 3)"
    assert raised == expected, f"in training mode, shapes {shapes} raise {raised}, not {expected}"


@mark.task("custom_batch_norm_training", "input")
def test_the_error_names_x_or_its_size(student):
    def probe(answer):
        try:
            answer.CustomBatchNorm(4)(torch.randn(1, 4))
        except Exception as error:
            words = "".join(letter if letter.isalnum() else " " for letter in str(error)).split()
            return bool({"x", "1", "4"} & set(words))
        return True  # whether an error comes at all is asked above

    assert student(probe), "for x of shape (1, 4) the error's message names neither x nor how many values it has"


@mark.task("custom_batch_norm_training", "input")
def test_the_input_stays_as_it_is(student):
    def probe(answer, x):
        answer.CustomBatchNorm(4).double()(x)
        return x, x.requires_grad

    x = batch(5, 4)
    after, recorded = student(probe, x)
    assert_close(after, x, rtol=0, atol=0)
    assert not recorded, "your layer has switched on requires_grad of the tensor that it was given"


# Running statistics: these tests never look at the output, and never leave training mode.


def averaged(answer, name, values, momentum, *batches):
    """One of the running statistics after some batches."""
    layer = layer_of(answer, values, 1e-5, momentum)
    for x in batches:
        layer(x)
    return getattr(layer, name).detach().double()


def assert_moves(student, name, momentum, batches, rtol=1e-4):
    """The running mean, or the running variance, follows from where it was and the batches."""
    values = state()
    expected = values[name]
    for x in batches:
        rows = x.transpose(0, 1).flatten(1)
        statistic = rows.mean(1) if name == "running_mean" else rows.var(1)
        expected = (1 - momentum) * expected + momentum * statistic
    assert_close(student(averaged, name, values, momentum, *batches), expected, rtol=rtol, atol=rtol)


@mark.task("custom_batch_norm_running_statistics", "average of the batches")
def test_running_mean_moves_towards_each_batch(student):
    assert_moves(student, "running_mean", 0.5, [batch(100, 4), batch(50, 4, 2, 3), batch(100, 4)])


@mark.task("custom_batch_norm_running_statistics", "average of the batches")
def test_running_variance_moves_towards_each_batch(student):
    assert_moves(student, "running_var", 0.5, [batch(200, 4), batch(100, 4, 2, 3), batch(200, 4)], rtol=0.02)


@mark.task("custom_batch_norm_running_statistics", "momentum")
def test_momentum_is_the_weight_of_the_new_batch_in_the_mean(student):
    assert_moves(student, "running_mean", 0.3, [batch(5, 4), batch(3, 4)])


@mark.task("custom_batch_norm_running_statistics", "momentum")
def test_momentum_is_the_weight_of_the_new_batch_in_the_variance(student):
    assert_moves(student, "running_var", 0.1, [batch(200, 4), batch(200, 4)], rtol=0.02)


@mark.task("custom_batch_norm_running_statistics", "unbiased variance")
def test_running_variance_is_the_unbiased_one(student):
    assert_moves(student, "running_var", 0.5, [batch(5, 4), batch(3, 4)])


@mark.task("custom_batch_norm_running_statistics", "unbiased variance")
def test_every_position_of_an_image_counts(student):
    assert_moves(student, "running_var", 0.5, [batch(2, 4, 3, 2)])


@mark.task("custom_batch_norm_running_statistics", "buffers outside the graph")
def test_running_statistics_are_buffers_and_carry_no_graph(student):
    def probe(answer, x):
        layer = answer.CustomBatchNorm(4)
        found = {"buffers": sorted(name for name, _ in layer.named_buffers() if name.startswith("running"))}
        layer.double()(x.requires_grad_() * 1)
        both = layer.running_mean, layer.running_var
        found["dtypes after double()"] = [str(one.dtype) for one in both]
        found["requires_grad after a batch"] = [one.requires_grad for one in both]
        found["error of copying the layer"] = error_of(copy.deepcopy, layer)
        other = answer.CustomBatchNorm(4).double()
        other.load_state_dict({name: value.detach() for name, value in layer.state_dict().items()})
        found["saved and loaded"] = [torch.equal(other.running_mean, both[0]), torch.equal(other.running_var, both[1])]
        return found

    expected = {
        "buffers": ["running_mean", "running_var"],
        "dtypes after double()": ["torch.float64"] * 2,
        "requires_grad after a batch": [False, False],
        "error of copying the layer": "",
        "saved and loaded": [True, True],
    }
    for question, found in student(probe, batch(5, 4)).items():
        assert found == expected[question], f"{question}: {found}, expected {expected[question]}"


@mark.task("custom_batch_norm_running_statistics", "start")
def test_they_start_at_zero_and_one(student):
    def probe(answer):
        layer = answer.CustomBatchNorm(4)
        return {name: getattr(layer, name).detach() for name in ("running_mean", "running_var")}

    assert_close(student(probe), {"running_mean": torch.zeros(4), "running_var": torch.ones(4)})


# Inference: these tests set everything that the output depends on.


def inferred(answer, values, x, *settings):
    """The output at inference, without gradients."""
    layer = layer_of(answer, values, *settings).eval()
    with torch.no_grad():
        return layer(x)


def check_of_inference(student, x, affine, *eps):
    """The running statistics normalize, whatever the batch."""
    values = state()
    expected = normalized(x, values["running_mean"], values["running_var"] + sum(eps), **affine)
    assert_close(student(inferred, values | affine, x, *eps), expected, rtol=0.01, atol=0.01)


@mark.task("custom_batch_norm_inference", "running statistics in use")
def test_rows_are_normalized_with_the_running_statistics(student):
    check_of_inference(student, batch(400, 4), PLAIN)


@mark.task("custom_batch_norm_inference", "running statistics in use")
def test_images_are_normalized_channel_by_channel(student):
    check_of_inference(student, batch(25, 4, 4, 4), PLAIN)


@mark.task("custom_batch_norm_inference", "gamma, beta and eps")
def test_gamma_beta_and_eps_work_as_in_training(student):
    check_of_inference(student, batch(400, 4), AFFINE, 0.5)


@mark.task("custom_batch_norm_inference", "no other row has a say")
def test_a_row_gives_the_same_alone_in_company_and_after_others(student):
    def probe(answer, values, x, others):
        layer = layer_of(answer, values).eval()
        with torch.no_grad():
            together, alone = layer(x), torch.cat([layer(row[None]) for row in x])
            layer(others)
            return together, {"alone": alone, "after others": layer(x)}

    together, found = student(probe, state() | PLAIN, batch(3, 4), batch(6, 4))
    assert_close(found, {"alone": together, "after others": together}, rtol=1e-5, atol=1e-5)


@mark.task("custom_batch_norm_inference", "gradients")
def test_gradients_flow_at_inference_too(student, reference):
    def probe(answer, values, x, weight):
        layer = layer_of(answer, values).eval()
        x.requires_grad_()
        (layer(x) * weight).sum().backward()
        return x.grad

    arguments = state() | PLAIN, batch(200, 4), torch.randn(200, 4, dtype=torch.float64)
    assert_close(student(probe, *arguments), reference(probe, *arguments), rtol=0.01, atol=0.01)


# The gradient by hand. What comes back has no part along 1 and along x_hat; the rest of it follows grad_output.


def by_hand(answer, names, *arguments):
    """Some of the three gradients, by their names."""
    found = dict(zip(("grad_x", "grad_gamma", "grad_beta"), answer.batch_norm_backward(*arguments), strict=True))
    return {name: found[name] for name in names}


def parts(gradient, x):
    """By channel: the shares of a gradient's length along 1 and along x_hat, and the direction of its rest."""
    length = gradient.norm(dim=0)
    x_hat = (x - x.mean(0)) / (x - x.mean(0)).norm(dim=0)
    along = [gradient.sum(0) / len(x) ** 0.5, (gradient * x_hat).sum(0)]
    rest = gradient - along[0] / len(x) ** 0.5 - along[1] * x_hat
    return along[0] / length, along[1] / length, rest / rest.norm(dim=0)


def check_of_grad_x(student, index):
    """Asks for grad_x, and that neither 1 (index 0) nor x_hat (index 1) has a part in it."""
    x, gamma = batch(50, 4), GAMMA.double().abs()
    grad_output = torch.randn(50, 4, dtype=torch.float64) + 1 + (x - x.mean(0)) / x.std(0)
    found = parts(student(by_hand, ["grad_x"], grad_output, x, gamma)["grad_x"], x)
    assert_close(found[2], parts(grad_output, x)[2], rtol=0.01, atol=0.01)
    name = "1: a shift of the whole channel" if index == 0 else "x_hat: a stretch of the whole channel"
    worst = float(found[index].abs().max())
    assert worst < 0.01, f"{worst:.0%} of grad_x's length lies along {name} changes nothing in y"


@mark.task("batch_norm_backward", "ways through mean and variance")
def test_the_gradient_of_x_passes_through_the_mean(student):
    check_of_grad_x(student, 0)


@mark.task("batch_norm_backward", "ways through mean and variance")
def test_the_gradient_of_x_passes_through_the_variance(student):
    check_of_grad_x(student, 1)


@mark.task("batch_norm_backward", "gamma and beta")
def test_the_gradients_of_gamma_and_beta_add_up_over_the_rows(student, reference):
    names = ["grad_gamma", "grad_beta"]
    arguments = names, torch.randn(50, 4, dtype=torch.float64) + 1, batch(50, 4), GAMMA.double()
    assert_close(student(by_hand, *arguments), reference(by_hand, *arguments), rtol=0.02, atol=0.1)


@mark.task("batch_norm_backward", "size of grad_x")
def test_gamma_and_the_biased_deviation_set_the_size_of_the_gradient_of_x(student, reference):
    arguments = ["grad_x"], torch.randn(7, 4, dtype=torch.float64) + 1, batch(7, 4), GAMMA.double()
    assert_close(student(by_hand, *arguments), reference(by_hand, *arguments), rtol=1e-3, atol=1e-3)


@mark.task("batch_norm_backward", "eps")
def test_eps_takes_part_in_the_gradient_of_x(student, reference):
    arguments = ["grad_x"], torch.randn(5, 4, dtype=torch.float64), batch(5, 4), GAMMA.double(), 0.5
    assert_close(student(by_hand, *arguments), reference(by_hand, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("batch_norm_backward", "arguments left alone")
def test_the_arguments_stay_as_they_are(student):
    def probe(answer, grad_output, x, gamma):
        answer.batch_norm_backward(grad_output, x, gamma)
        return [grad_output, x, gamma]

    arguments = [torch.randn(5, 4, dtype=torch.float64), batch(5, 4), GAMMA.double()]
    assert_close(student(probe, *arguments), arguments, rtol=0, atol=0)


# Folding. The batch normalization that is folded is PyTorch's own, under our names.


def two_layers(weight, bias, values, eps):
    """A linear layer, and a batch normalization behind it."""
    linear, norm = nn.Linear(*weight.T.shape, bias=bias is not None), nn.BatchNorm1d(len(weight), eps=eps).eval()
    norm.gamma, norm.beta = norm.weight, norm.bias
    with torch.no_grad():
        linear.weight.copy_(weight)
        if bias is not None:
            linear.bias.copy_(bias)
        for name, value in values.items():
            getattr(norm, name).copy_(value)
    return linear, norm


def at_zero_and_beyond(answer, weight, bias, values, eps, x):
    """What the folded layer gives for x = 0, and what x adds to that."""
    with torch.no_grad():
        folded = answer.fold_batch_norm(*two_layers(weight, bias, values, eps))
        at_zero = folded(torch.zeros_like(x))
        return at_zero, folded(x) - at_zero


def check_of_folding(student, parts, inputs=3, bias=True, eps=1e-5):
    """Compares what is given for x = 0 (part 0) and what x adds (part 1) with the two layers."""
    values = state() | AFFINE
    weight, bias, x = torch.randn(4, inputs), torch.randn(4) if bias else None, torch.randn(5, inputs)
    found = student(at_zero_and_beyond, weight, bias, values, eps, x)
    scale = GAMMA / (values["running_var"] + eps).sqrt()
    shift = BETA + scale * ((0 if bias is None else bias) - values["running_mean"])
    expected = shift.expand(5, 4).clone(), x @ (scale[:, None] * weight).T
    for part in parts:
        assert_close(found[part], expected[part], rtol=1e-3, atol=1e-3)


@mark.task("fold_batch_norm", "weight")
def test_the_weight_is_scaled_by_output_channel(student):
    check_of_folding(student, [1])


@mark.task("fold_batch_norm", "weight")
def test_a_square_weight_too(student):
    check_of_folding(student, [1], inputs=4)


@mark.task("fold_batch_norm", "bias")
def test_at_zero_the_folded_layer_gives_what_the_two_layers_give(student):
    check_of_folding(student, [0])


@mark.task("fold_batch_norm", "eps")
def test_the_layers_eps_takes_part(student):
    check_of_folding(student, [0, 1], eps=0.5)


@mark.task("fold_batch_norm", "linear without bias")
def test_a_linear_layer_without_bias_is_folded_too(student):
    check_of_folding(student, [0, 1], bias=False)


@mark.task("fold_batch_norm", "a new layer")
def test_the_result_is_a_linear_layer_with_a_bias_in_the_dtype_of_the_old_one(student):
    def probe(answer, weight):
        linear, norm = two_layers(weight, torch.zeros(4), {}, 1e-5)
        folded = answer.fold_batch_norm(linear.double(), norm.double())
        return isinstance(folded, nn.Linear), {name: [str(p.dtype), *p.shape] for name, p in folded.named_parameters()}

    is_linear, shapes = student(probe, torch.randn(4, 3))
    assert is_linear, "the result is no nn.Linear"
    expected = {"weight": ["torch.float64", 4, 3], "bias": ["torch.float64", 4]}
    assert shapes == expected, f"the parameters of the result are {str(shapes)[:200]}, not {expected}"


@mark.task("fold_batch_norm", "a new layer")
def test_both_layers_stay_as_they_are(student):
    def probe(answer, weight, bias, values):
        linear, norm = two_layers(weight, bias, values, 1e-5)
        folded = answer.fold_batch_norm(linear, norm.train())
        with torch.no_grad():
            folded.weight.fill_(7)
            folded.bias.fill_(7)
        return linear.weight, linear.bias, {name: getattr(norm, name) for name in values}, norm.training

    values, weight, bias = state() | AFFINE, torch.randn(4, 3), torch.randn(4)
    linear_weight, linear_bias, after, training = student(probe, weight, bias, values)
    assert_close([linear_weight, linear_bias], [weight, bias], rtol=0, atol=0)
    assert_close(after, values, rtol=0, atol=0)
    assert training, "batch_norm was in training mode before, and is no longer"
