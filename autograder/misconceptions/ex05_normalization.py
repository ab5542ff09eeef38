"""What students get wrong in ex05, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

_BIASED = (
    "You use the unbiased variance. torch's var divides by n - 1 unless told otherwise; here every variance "
    "is the mean of the squared deviations. Look up the arguments of torch.var."
)
_EPS = (
    "You add eps to the standard deviation. It belongs to the variance, before the root is taken: compare "
    "your denominator with the formula, symbol by symbol."
)
_DETACHED = (
    "Your forward pass is right, but you treat mean and variance as constants of the backward pass. They "
    "depend on x, so gradients have to flow through them. Look for detach, no_grad or .data in your code."
)
_IN_PLACE = (
    "Your function overwrites the tensor that it is given: x belongs to the caller, who may need it again. "
    "Look for operators such as -= or names ending in an underscore, on x or on a view of it."
)
_ALONG_WIDTH = (
    "Your weight and bias run along the last dimension. Broadcasting lines up shapes from the right, so a "
    "vector of length C meets the width, and no error is raised when the width happens to be C. Give it a "
    "shape that meets the channels."
)
_SILENT = (
    "Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and what it was."
)

MISCONCEPTIONS = [
    Misconception(
        "divides by n - 1",
        task="layer_norm",
        old="unbiased=False",
        new="unbiased=True",
        hint=_BIASED,
        severity="minor",
    ),
    Misconception(
        "adds eps to the standard deviation",
        task="layer_norm",
        old="torch.sqrt(variance + eps)",
        new="(torch.sqrt(variance) + eps)",
        hint=_EPS,
        severity="minor",
    ),
    Misconception(
        "normalizes over the batch",
        task="layer_norm",
        old="axes = tuple(range(-len(shape), 0))",
        new="axes = (0,)",
        hint=(
            "You average over the samples, as batch normalization does. In layer normalization a sample never sees "
            "another one: over which dimensions does normalized_shape tell you to average?"
        ),
        severity="fundamental",
    ),
    Misconception(
        "normalizes the last dimension only",
        task="layer_norm",
        old="axes = tuple(range(-len(shape), 0))",
        new="axes = (-1,)",
        hint=(
            "You average over the last dimension however long normalized_shape is. With normalized_shape=(3, 4) all "
            "12 cells share one mean: how many dimensions is that?"
        ),
        severity="substantial",
    ),
    Misconception(
        "takes an int for all features of a sample",
        task="layer_norm",
        old="(normalized_shape,) if isinstance(normalized_shape, int)",
        new="tuple(x.shape[1:]) if isinstance(normalized_shape, int)",
        hint=(
            "With an int you normalize over all dimensions but the first. An int stands for one dimension, the last: "
            "in a transformer each token has its own mean."
        ),
        severity="substantial",
    ),
    Misconception(
        "compares the last size only",
        task="layer_norm",
        old="if not shape or tuple(x.shape[-len(shape) :]) != shape:",
        new="if x.shape[-1] != shape[-1]:",
        hint=(
            "You check one size of normalized_shape. All of its sizes have to agree with x's last sizes, and it "
            "cannot be longer than x's shape: try a normalized_shape whose first size is wrong."
        ),
        severity="minor",
    ),
    Misconception(
        "lets torch find the wrong shape",
        task="layer_norm",
        old="""    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise ValueError(f"normalized_shape {shape} is not the tail of x's shape {tuple(x.shape)}")
""",
        new="",
        hint=(
            "You do not check normalized_shape against x. torch complains about few of the wrong ones, and without a "
            "weight about none at all: what does your function do with a shape that is not x's tail?"
        ),
        severity="minor",
    ),
    Misconception(
        "says nothing of the shape in its error",
        task="layer_norm",
        old='raise ValueError(f"normalized_shape {shape} is not the tail of x\'s shape {tuple(x.shape)}")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
    Misconception(
        "adds the bias only where there is a weight",
        task="layer_norm",
        old="if bias is not None:",
        new="if weight is not None and bias is not None:",
        hint=(
            "Your bias is lost when no weight is given. Each of the two may come alone: follow your code with "
            "weight=None and a bias."
        ),
        severity="minor",
    ),
    Misconception(
        "scales after it shifts",
        task="layer_norm",
        old="""    if weight is not None:
        y = y * weight
    if bias is not None:
        y = y + bias
""",
        new="""    if bias is not None:
        y = y + bias
    if weight is not None:
        y = y * weight
""",
        hint=(
            "You add the bias first and then multiply the sum, bias included, by the weight. In which order does the "
            "formula do it?"
        ),
        severity="substantial",
    ),
    Misconception(
        "detaches the statistics",
        task="layer_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="y = (x - mean.detach()) / torch.sqrt(variance.detach() + eps)",
        hint=_DETACHED,
        severity="substantial",
    ),
    Misconception(
        "centers the input in place",
        task="layer_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="x -= mean\n    y = x / torch.sqrt(variance + eps)",
        hint=_IN_PLACE,
        severity="substantial",
    ),
    Misconception(
        "asks autograd to watch the input",
        task="layer_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="y = (x.requires_grad_(x.is_floating_point()) - mean) / torch.sqrt(variance + eps)",
        hint=(
            "After a call the tensor that you were given records gradients, and nobody asked for that. Whoever wants "
            "a gradient switches it on before the call."
        ),
        severity="minor",
    ),
    Misconception(
        "averages over the samples too",
        task="instance_norm",
        old="axes = tuple(range(2, x.dim()))",
        new="axes = (0, *range(2, x.dim()))",
        hint=(
            "You have written batch normalization without its running statistics: one mean per channel for the whole "
            "batch. Here each sample has its own."
        ),
        severity="fundamental",
    ),
    Misconception(
        "averages over the channels too",
        task="instance_norm",
        old="axes = tuple(range(2, x.dim()))",
        new="axes = tuple(range(1, x.dim()))",
        hint=(
            "You have written layer normalization: one mean per sample, shared by all its channels. Here each channel "
            "of a sample has its own."
        ),
        severity="fundamental",
    ),
    Misconception(
        "counts on two spatial dimensions",
        task="instance_norm",
        old="axes = tuple(range(2, x.dim()))",
        new="axes = (-2, -1)",
        hint=(
            "Your code is right for images and for nothing else. The input may be sound (N, C, L) or a volume (N, C, "
            "D, H, W): which dimensions come after the channels, whatever their number?"
        ),
        severity="substantial",
    ),
    Misconception(
        "divides by the unbiased deviation",
        task="instance_norm",
        old="unbiased=False",
        new="unbiased=True",
        hint=_BIASED,
        severity="minor",
    ),
    Misconception(
        "puts eps outside of the root",
        task="instance_norm",
        old="torch.sqrt(variance + eps)",
        new="(torch.sqrt(variance) + eps)",
        hint=_EPS,
        severity="minor",
    ),
    Misconception(
        "scales along the width",
        task="instance_norm",
        old="per_channel = (1, -1) + (1,) * (x.dim() - 2)",
        new="per_channel = (-1,)",
        hint=_ALONG_WIDTH,
        severity="substantial",
    ),
    Misconception(
        "stops the gradient at the statistics",
        task="instance_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="y = (x - mean.detach()) / torch.sqrt(variance.detach() + eps)",
        hint=_DETACHED,
        severity="substantial",
    ),
    Misconception(
        "overwrites the batch",
        task="instance_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="x -= mean\n    y = x / torch.sqrt(variance + eps)",
        hint=_IN_PLACE,
        severity="substantial",
    ),
    Misconception(
        "ignores a bias without a weight",
        task="instance_norm",
        old="if bias is not None:",
        new="if weight is not None and bias is not None:",
        hint=(
            "Your bias is lost when no weight is given. Each of the two may come alone: follow your code with "
            "weight=None and a bias."
        ),
        severity="minor",
    ),
    Misconception(
        "takes num_groups for the channels in a group",
        task="group_norm",
        old="grouped = x.reshape(num_samples, num_groups, -1)",
        new="grouped = x.reshape(num_samples, num_channels // num_groups, -1)",
        hint=(
            "Your groups have num_groups channels each. num_groups is how many groups there are: with 6 channels and "
            "2 groups, how many channels make a group?"
        ),
        severity="fundamental",
    ),
    Misconception(
        "deals the channels out in turn",
        task="group_norm",
        old="""    grouped = x.reshape(num_samples, num_groups, -1)
    mean = grouped.mean(-1, keepdim=True)
    variance = grouped.var(-1, keepdim=True, unbiased=False)
""",
        new="""    grouped = x.reshape(num_samples, num_channels // num_groups, num_groups, -1)
    mean = grouped.mean((1, 3), keepdim=True)
    variance = grouped.var((1, 3), keepdim=True, unbiased=False)
""",
        hint=(
            "Your groups take every num_groups-th channel. Groups are neighbors: with 6 channels and 3 groups, "
            "channels 0 and 1 belong together. Which of the two new sizes has to come first in the reshape?"
        ),
        severity="fundamental",
    ),
    Misconception(
        "shares a group's statistics among the samples",
        task="group_norm",
        old="""    mean = grouped.mean(-1, keepdim=True)
    variance = grouped.var(-1, keepdim=True, unbiased=False)
""",
        new="""    mean = grouped.mean((0, -1), keepdim=True)
    variance = grouped.var((0, -1), keepdim=True, unbiased=False)
""",
        hint=(
            "Your means run over all samples, so the batch is back. In group normalization each sample has its own "
            "statistics for each of its groups."
        ),
        severity="fundamental",
    ),
    Misconception(
        "uses the unbiased variance",
        task="group_norm",
        old="unbiased=False",
        new="unbiased=True",
        hint=_BIASED,
        severity="minor",
    ),
    Misconception(
        "adds eps after the root",
        task="group_norm",
        old="torch.sqrt(variance + eps)",
        new="(torch.sqrt(variance) + eps)",
        hint=_EPS,
        severity="minor",
    ),
    Misconception(
        "broadcasts weight and bias along the width",
        task="group_norm",
        old="per_channel = (1, -1) + (1,) * (x.dim() - 2)",
        new="per_channel = (-1,)",
        hint=_ALONG_WIDTH,
        severity="substantial",
    ),
    Misconception(
        "gives each group one weight",
        task="group_norm",
        old="y = y * weight.reshape(per_channel)",
        new="""one = weight[:num_groups].repeat_interleave(num_channels // num_groups)
        y = y * one.reshape(per_channel)""",
        hint=(
            "Channels of one group get the same weight from you. Only the statistics belong to groups; weight and "
            "bias have one number per channel, all of which are used."
        ),
        severity="substantial",
    ),
    Misconception(
        "unpacks exactly four sizes",
        task="group_norm",
        old="num_samples, num_channels = x.shape[:2]",
        new="num_samples, num_channels, height, width = x.shape",
        hint=(
            "Your code demands four dimensions. After (N, C) there may be none, one, two or more: which of the sizes "
            "do you really need?"
        ),
        severity="substantial",
    ),
    Misconception(
        "uses view",
        task="group_norm",
        old="x.reshape(num_samples, num_groups, -1)",
        new="x.view(num_samples, num_groups, -1)",
        hint=(
            "view works only if the numbers lie in memory in the order of the dimensions. After a transpose they do "
            "not. Which relative of view copies when it must?"
        ),
        severity="minor",
    ),
    Misconception(
        "treats the statistics as constants",
        task="group_norm",
        old="y = ((grouped - mean) / torch.sqrt(variance + eps)).reshape(x.shape)",
        new="y = ((grouped - mean.detach()) / torch.sqrt(variance.detach() + eps)).reshape(x.shape)",
        hint=_DETACHED,
        severity="substantial",
    ),
    Misconception(
        "lets any number of groups pass",
        task="group_norm",
        old="if num_groups < 1 or num_channels % num_groups:",
        new="if num_groups > num_channels:",
        hint=(
            "You do not notice a num_groups that leaves channels over. With large enough images a reshape does not "
            "either: it cuts through the middle of a channel. What has to hold for num_groups and C?"
        ),
        severity="minor",
    ),
    Misconception(
        "checks the groups by an assertion",
        task="group_norm",
        old="raise ValueError(",
        new="raise AssertionError(",
        hint=(
            "A bad num_groups gives AssertionError. assert is for what cannot happen, and python -O removes it; a "
            "wrong argument is ValueError's business."
        ),
        severity="minor",
    ),
    Misconception(
        "says nothing of the groups in its error",
        task="group_norm",
        old='raise ValueError(f"num_groups {num_groups} does not divide the {num_channels} channels of x")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
    Misconception(
        "centers the groups in place",
        task="group_norm",
        old="y = ((grouped - mean) / torch.sqrt(variance + eps)).reshape(x.shape)",
        new="grouped -= mean\n    y = (grouped / torch.sqrt(variance + eps)).reshape(x.shape)",
        hint=(
            "A reshape often shares its memory with x, so what you do to the groups in place happens to the caller's "
            "tensor. Look for operators such as -=."
        ),
        severity="substantial",
    ),
    Misconception(
        "adds the bias only where the channels have a weight",
        task="group_norm",
        old="if bias is not None:",
        new="if weight is not None and bias is not None:",
        hint=(
            "Your bias is lost when no weight is given. Each of the two may come alone: follow your code with "
            "weight=None and a bias."
        ),
        severity="minor",
    ),
    Misconception(
        "leaves batch normalization in eval mode",
        task="compare_normalizations",
        old="F.batch_norm(x, None, None, training=True)",
        new="F.batch_norm(x, x.new_zeros(num_channels), x.new_ones(num_channels), training=False)",
        hint=(
            "Your BatchNorm row is that of a fresh layer in eval mode: it divides by its initial running variance, 1, "
            "and changes almost nothing. The comparison is about training."
        ),
        severity="substantial",
    ),
    Misconception(
        "runs LayerNorm over the width",
        task="compare_normalizations",
        old="F.layer_norm(x, (num_channels, height, width))",
        new="F.layer_norm(x, (width,))",
        hint=(
            "Your LayerNorm normalizes each image row by itself. For the comparison it runs over (C, H, W): one mean "
            "per sample."
        ),
        severity="substantial",
    ),
    Misconception(
        "counts the cells of one mean",
        task="compare_normalizations",
        old="training=True), num_channels)",
        new="training=True), num_samples * height * width)",
        hint=(
            "In BatchNorm's row you count how many cells share a mean. Asked is how many means there are: the number "
            "of cells of x divided by yours."
        ),
        severity="substantial",
    ),
    Misconception(
        "forgets that each sample has its groups",
        task="compare_normalizations",
        old="F.group_norm(x, num_groups), num_samples * num_groups)",
        new="F.group_norm(x, num_groups), num_groups)",
        hint=(
            "You count the groups of one sample. GroupNorm keeps samples apart: how many means does it compute for "
            "the whole batch?"
        ),
        severity="substantial",
    ),
    Misconception(
        "always uses four groups",
        task="compare_normalizations",
        old="F.group_norm(x, num_groups), num_samples * num_groups)",
        new="F.group_norm(x, 4), num_samples * 4)",
        hint="GroupNorm's row does not change with num_groups. 4 is only what the argument is when it is not given.",
        severity="minor",
    ),
    Misconception(
        "reports the mean of the input",
        task="compare_normalizations",
        old='"mean": y.mean().item()',
        new='"mean": x.mean().item()',
        hint="The mean in your table is that of x. The table is about what comes out of each normalization.",
        severity="minor",
    ),
    Misconception(
        "reports the variance as std",
        task="compare_normalizations",
        old="y.std().item()",
        new="y.var().item()",
        hint="The std in your table is a variance: its root is missing. For outputs near 1 the two look alike.",
        severity="minor",
    ),
    Misconception(
        "writes the shape as a list",
        task="compare_normalizations",
        old="tuple(y.shape)",
        new="list(y.shape)",
        hint=(
            "The column shape holds lists. A tuple is asked for: it cannot be changed by accident, and it compares "
            "equal to other shapes."
        ),
        severity="minor",
    ),
    Misconception(
        "answers yes or no in words",
        task="compare_normalizations",
        old='"depends_on_batch": changed,',
        new='"depends_on_batch": "yes" if changed else "no",',
        hint=(
            'depends_on_batch holds texts. A column that is to be used in a condition needs True and False: "no" '
            "counts as true there."
        ),
        severity="minor",
    ),
    Misconception(
        "changes the sample itself",
        task="compare_normalizations",
        old="other_company[1:] = 2 * other_company[1:] + 1",
        new="other_company[:1] = other_company[:1] ** 3",
        hint=(
            "Your measurement changes the very sample that it looks at, so every output changes. Keep that sample, "
            "and change the others."
        ),
        severity="substantial",
    ),
    Misconception(
        "measures on the caller's batch",
        task="compare_normalizations",
        old="other_company = x.clone()",
        new="other_company = x",
        hint=(
            "Your measurement writes into x itself: an assignment gives a tensor a second name, not a second memory. "
            "So both of your outputs come from the same changed batch."
        ),
        severity="fundamental",
    ),
    Misconception(
        "keeps the names in a column",
        task="compare_normalizations",
        old="return pd.DataFrame(rows, index=list(normalizations))",
        new="return pd.DataFrame(rows).assign(normalization=list(normalizations))",
        hint=(
            "Your rows are numbered 0 to 3 and the names stand in a column. Make them the index, so that "
            'table.loc["GroupNorm"] finds its row.'
        ),
        severity="minor",
    ),
    Misconception(
        "looks at the batch size first",
        task="recommend_normalization",
        old="""    if architecture in ("rnn", "transformer"):
""",
        new="""    if batch_size < 16:
        return "group"
    if architecture in ("rnn", "transformer"):
""",
        hint=(
            "For small batches you recommend group normalization to everyone, even to architectures that you do not "
            "know. The batch size matters for one architecture only."
        ),
        severity="substantial",
    ),
    Misconception(
        "gives recurrent nets batch normalization",
        task="recommend_normalization",
        old="""    if architecture in ("rnn", "transformer"):
        return "layer"
""",
        new="""    if architecture == "transformer":
        return "layer"
    if architecture == "rnn":
        return "batch"
""",
        hint=(
            "A recurrent net would need statistics for each time step, of sequences of any length. Read the first row "
            "of this task's table."
        ),
        severity="substantial",
    ),
    Misconception(
        "gives gans batch normalization",
        task="recommend_normalization",
        old="""    if architecture in ("style_transfer", "gan"):
        return "instance"
""",
        new="""    if architecture == "style_transfer":
        return "instance"
    if architecture == "gan":
        return "batch"
""",
        hint=(
            "Some well-known generators do use batch normalization. The table of this task recommends another one for "
            '"gan": read its second row.'
        ),
        severity="minor",
    ),
    Misconception(
        "goes back to batch normalization for large batches",
        task="recommend_normalization",
        old="""        return "group"
    if architecture == "cnn":
""",
        new="""        return "batch" if batch_size >= 16 else "group"
    if architecture == "cnn":
""",
        hint=(
            "You treat detection and segmentation as you treat a cnn. Their row of the table does not mention a batch "
            "size."
        ),
        severity="substantial",
    ),
    Misconception(
        "starts batch normalization above sixteen",
        task="recommend_normalization",
        old="batch_size >= 16",
        new="batch_size > 16",
        hint="Try a cnn with a batch size of exactly 16. Does the table count it as large or as small?",
        severity="minor",
    ),
    Misconception(
        "recommends something to everyone",
        task="recommend_normalization",
        old="""    raise ValueError(f"architecture {architecture!r} is not one that this function knows")
""",
        new="""    return "batch"
""",
        hint=(
            "An architecture that you do not know gets a recommendation all the same. A misspelled name should not "
            "pass unnoticed."
        ),
        severity="minor",
    ),
    Misconception(
        "checks the batch size of a cnn only",
        task="recommend_normalization",
        old="    if batch_size < 1:",
        new='    if architecture == "cnn" and batch_size < 1:',
        hint=(
            "A batch size of 0 is wrong for every architecture, also for those whose answer does not depend on it. "
            "Where in the function should the check stand?"
        ),
        severity="minor",
    ),
    Misconception(
        "says nothing of the architecture in its error",
        task="recommend_normalization",
        old='raise ValueError(f"architecture {architecture!r} is not one that this function knows")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
    Misconception(
        "lets the gradient through the factor",
        task="ada_norm",
        old="k * y.detach()",
        new="k * y",
        hint=(
            "Your values are right, your gradient is not: it flows through 1 - k * y as well. AdaNorm takes that "
            "factor as a constant of the backward pass."
        ),
        severity="substantial",
    ),
    Misconception(
        "detaches the other y",
        task="ada_norm",
        old="""    factor = 1 - k * y.detach()
    return c * factor * y
""",
        new="""    factor = 1 - k * y
    return c * factor * y.detach()
""",
        hint=(
            "You have the two y in the formula the wrong way round: the factor is to be the constant, and the "
            "gradient flows through the y behind it."
        ),
        severity="substantial",
    ),
    Misconception(
        "takes mean and variance as constants",
        task="ada_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="y = (x - mean.detach()) / torch.sqrt(variance.detach() + eps)",
        hint=(
            "The factor is the only constant. You detach mean and variance as well, and lose the gradients through "
            "them, which the paper found to be what makes layer normalization work."
        ),
        severity="substantial",
    ),
    Misconception(
        "flips the sign in the factor",
        task="ada_norm",
        old="factor = 1 - k",
        new="factor = 1 + k",
        hint="Your factor amplifies large values: it should damp them. Look at its sign.",
        severity="fundamental",
    ),
    Misconception(
        "forgets c",
        task="ada_norm",
        old="return c * factor * y",
        new="return factor * y",
        hint="Your result does not change with c. Where does it stand in the formula?",
        severity="minor",
    ),
    Misconception(
        "normalizes over the whole sample",
        task="ada_norm",
        old="""    mean = x.mean(-1, keepdim=True)
    variance = x.var(-1, keepdim=True, unbiased=False)
""",
        new="""    mean = x.mean(tuple(range(1, x.dim())), keepdim=True)
    variance = x.var(tuple(range(1, x.dim())), keepdim=True, unbiased=False)
""",
        hint=(
            "You normalize over all dimensions but the first. AdaNorm was made for transformers: each vector along "
            "the last dimension stands alone."
        ),
        severity="fundamental",
    ),
    Misconception(
        "normalizes with the unbiased variance",
        task="ada_norm",
        old="unbiased=False",
        new="unbiased=True",
        hint=_BIASED,
        severity="minor",
    ),
    Misconception(
        "centers each vector in place",
        task="ada_norm",
        old="y = (x - mean) / torch.sqrt(variance + eps)",
        new="x -= mean\n    y = x / torch.sqrt(variance + eps)",
        hint=_IN_PLACE,
        severity="substantial",
    ),
    Misconception(
        "uses the permutation backwards",
        task="cross_norm",
        old="std[permutation] + mean[permutation]",
        new="std[permutation.argsort()] + mean[permutation.argsort()]",
        hint=(
            "You give sample i's statistics to sample permutation[i]. It is the other way round: sample i takes from "
            "sample permutation[i]. A permutation that swaps pairs would not show the difference."
        ),
        severity="substantial",
    ),
    Misconception(
        "moves the content instead of the style",
        task="cross_norm",
        old="return (x - mean) / std * std[permutation] + mean[permutation]",
        new="return ((x - mean) / std)[permutation] * std + mean",
        hint=(
            "The images have changed places and their statistics have stayed. What should stay is the content; mean "
            "and standard deviation come from the other sample."
        ),
        severity="fundamental",
    ),
    Misconception(
        "exchanges the mean only",
        task="cross_norm",
        old="/ std * std[permutation]",
        new="/ std * std",
        hint=(
            "Each sample keeps its own standard deviation. Both statistics come from the other sample, the mean and "
            "the standard deviation."
        ),
        severity="substantial",
    ),
    Misconception(
        "takes one style per sample",
        task="cross_norm",
        old="axes = tuple(range(2, x.dim()))",
        new="axes = tuple(range(1, x.dim()))",
        hint=(
            "You compute one mean for all channels of a sample. The style is in the single channels: each has its own "
            "mean and standard deviation."
        ),
        severity="fundamental",
    ),
    Misconception(
        "divides by a deviation that may be zero",
        task="cross_norm",
        old="unbiased=False) + eps)",
        new="unbiased=False))",
        hint=(
            "A channel in which all values are equal has the standard deviation 0, and you divide by it. What is the "
            "argument eps for?"
        ),
        severity="minor",
    ),
    Misconception(
        "multiplies by the variance",
        task="cross_norm",
        old="/ std * std[permutation]",
        new="/ std * std[permutation] ** 2",
        hint=(
            "You divide by a standard deviation and multiply by a variance. With the identity as permutation nothing "
            "may change: try it with a channel whose standard deviation is far from 1."
        ),
        severity="substantial",
    ),
    Misconception(
        "swaps the two deviations",
        task="cross_norm",
        old="(x - mean) / std * std[permutation]",
        new="(x - mean) / std[permutation] * std",
        hint=(
            "You divide by the other sample's standard deviation and multiply by the own one. Normalizing takes the "
            "own style off first; then the other one is put on."
        ),
        severity="substantial",
    ),
    Misconception(
        "works in the batch itself",
        task="cross_norm",
        old="return (x - mean) / std * std[permutation] + mean[permutation]",
        new="return x.sub_(mean).div_(std).mul_(std[permutation]).add_(mean[permutation])",
        hint=_IN_PLACE,
        severity="minor",
    ),
]
