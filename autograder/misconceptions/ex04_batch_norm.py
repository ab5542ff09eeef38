"""What students get wrong in ex04, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

TRAINING = "custom_batch_norm_training"
RUNNING = "custom_batch_norm_running_statistics"
INFERENCE = "custom_batch_norm_inference"
BACKWARD = "batch_norm_backward"
FOLD = "fold_batch_norm"

MISCONCEPTIONS = [
    # Training
    Misconception(
        "normalizes with the unbiased variance",
        task=TRAINING,
        old="x.var(dims, unbiased=False, keepdim=True)",
        new="x.var(dims, unbiased=True, keepdim=True)",
        hint="In training mode you divide by the unbiased variance, which is what `var` computes unless told "
        "otherwise. What is normalized is this batch, not an estimate of all data: look at the formula for "
        "sigma squared.",
        severity="minor",
    ),
    Misconception(
        "adds eps outside the square root in training",
        task=TRAINING,
        old="x_hat = (x - mean) / torch.sqrt(var + self.eps)",
        new="x_hat = (x - mean) / (torch.sqrt(var) + self.eps)",
        hint="Your output is what comes out when eps is added to the standard deviation. Look at what stands "
        "under the root in the formula.",
        severity="minor",
    ),
    Misconception(
        "divides by the variance in training",
        task=TRAINING,
        old="x_hat = (x - mean) / torch.sqrt(var + self.eps)",
        new="x_hat = (x - mean) / (var + self.eps)",
        hint="You divide by the variance plus eps, not by a standard deviation. If x is in meters, in which unit "
        "is your output?",
        severity="fundamental",
    ),
    Misconception(
        "ignores the eps that the layer was built with",
        task=TRAINING,
        old="x_hat = (x - mean) / torch.sqrt(var + self.eps)",
        new="x_hat = (x - mean) / torch.sqrt(var + 1e-5)",
        hint="Your output is what eps=1e-5 gives, whatever eps the layer was built with. Look for a number where "
        "the setting should stand.",
        severity="minor",
    ),
    Misconception(
        "treats the batch statistics as constants",
        task=TRAINING,
        old="var = x.var(dims, unbiased=False, keepdim=True)",
        new="var = x.var(dims, unbiased=False, keepdim=True).detach()\n            mean = mean.detach()",
        hint="Your outputs are right, but your gradients are those of a layer whose mean and variance are fixed "
        "numbers. They depend on x: which part of your code cuts them off from the graph?",
        severity="substantial",
    ),
    Misconception(
        "cuts only the variance off from the graph",
        task=TRAINING,
        old="var = x.var(dims, unbiased=False, keepdim=True)",
        new="var = x.detach().var(dims, unbiased=False, keepdim=True)",
        hint="The gradient passes through your mean, but not through your variance. Trace how x gets into the "
        "variance, and look for what stops the gradient there.",
        severity="substantial",
    ),
    Misconception(
        "averages images over the batch only",
        task=TRAINING,
        old="mean = x.mean(dims, keepdim=True)\n            var = x.var(dims, unbiased=False, keepdim=True)",
        new="mean = x.mean(0, keepdim=True)\n            var = x.var(0, unbiased=False, keepdim=True)",
        hint="Rows come out right, images do not: each position gets a mean of its own. In an image all "
        "positions of a channel share one mean and one variance; count how many means you compute.",
        severity="substantial",
    ),
    Misconception(
        "normalizes each sample over its channels",
        task=TRAINING,
        old="mean = x.mean(dims, keepdim=True)\n            var = x.var(dims, unbiased=False, keepdim=True)",
        new="mean = x.mean(1, keepdim=True)\n            var = x.var(1, unbiased=False, keepdim=True)",
        hint="You average over dimension 1, the channels, so each row is normalized by itself. That is a good "
        "layer too, but another one (layer normalization). Which dimension should be left over after "
        "averaging?",
        severity="fundamental",
    ),
    Misconception(
        "uses one mean and variance for all channels",
        task=TRAINING,
        old="mean = x.mean(dims, keepdim=True)\n            var = x.var(dims, unbiased=False, keepdim=True)",
        new="mean = x.mean()\n            var = x.var(unbiased=False)",
        hint="All channels share one mean and one variance in your code. How many means does a batch with C "
        "channels have? Tell `mean` and `var` which dimensions to average.",
        severity="fundamental",
    ),
    Misconception(
        "normalizes with the running statistics in training",
        task=TRAINING,
        old="mean = x.mean(dims, keepdim=True)\n            var = x.var(dims, unbiased=False, keepdim=True)",
        new="mean, var = self.running_mean.view(shape).clone(), self.running_var.view(shape).clone()",
        hint="In training mode you normalize with the running statistics. They are only recorded then; what "
        "normalizes is the batch itself, otherwise no gradient could pass through the statistics.",
        severity="fundamental",
    ),
    Misconception(
        "keeps gamma as a plain tensor",
        task=TRAINING,
        old="self.gamma = nn.Parameter(torch.ones(num_features))",
        new="self.gamma = torch.ones(num_features)",
        hint="gamma is a plain tensor in your layer, so no optimizer will ever find it. What turns a tensor into "
        "something that a module trains?",
        severity="substantial",
    ),
    Misconception(
        "starts gamma at zero",
        task=TRAINING,
        old="self.gamma = nn.Parameter(torch.ones(num_features))",
        new="self.gamma = nn.Parameter(torch.zeros(num_features))",
        hint="Your gamma starts at 0, so a fresh layer gives the same output for every input. A scale that "
        "changes nothing is 1, a shift that changes nothing is 0.",
        severity="substantial",
    ),
    Misconception(
        "accepts a single value per channel",
        task=TRAINING,
        old="if x.numel() // self.num_features < 2:",
        new="if x.numel() == 0:",
        hint="With one value per channel in training mode the mean is that value and the output is beta, "
        "whatever x was. This should be an error (ValueError), not an answer.",
        severity="minor",
    ),
    Misconception(
        "refuses a batch of one image",
        task=TRAINING,
        old="if x.numel() // self.num_features < 2:",
        new="if len(x) < 2:",
        hint="You count rows. One image with several positions has several values per channel, and that is "
        "enough: what has to be at least 2 is the number n in the formulas.",
        severity="minor",
    ),
    Misconception(
        "subtracts the mean in place",
        task=TRAINING,
        old="x_hat = (x - mean) / torch.sqrt(var + self.eps)",
        new="x_hat = x.sub_(mean) / torch.sqrt(var + self.eps)",
        hint="Your layer overwrites its input, which belongs to whoever called it. Look for operations that end "
        "in an underscore, and for -= and /=.",
        severity="substantial",
    ),
    Misconception(
        "says nothing of x in its error",
        task=TRAINING,
        old='raise ValueError(f"x must have more than one value per channel in training, got {tuple(x.shape)}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    Misconception(
        "asks autograd to watch the input",
        task=TRAINING,
        old="x_hat = (x - mean) / torch.sqrt(var + self.eps)",
        new="x_hat = (x.requires_grad_() - mean) / torch.sqrt(var + self.eps)",
        hint="After a forward pass the tensor that you were given records gradients, and nobody asked for that. "
        "Gradients reach gamma and beta without it: they are parameters.",
        severity="minor",
    ),
    # Running statistics
    Misconception(
        "keeps the biased variance",
        task=RUNNING,
        old="x.var(dims, unbiased=True)",
        new="x.var(dims, unbiased=False)",
        hint="Your running variance is the average of *biased* variances. Normalizing uses the biased one, but "
        "what is kept is an estimate for all data, and the spread around a batch's own mean is too small on "
        "average.",
        severity="substantial",
    ),
    Misconception(
        "takes momentum as the weight of the old value",
        task=RUNNING,
        old="""self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)
                self.running_var += self.momentum * (x.var(dims, unbiased=True) - self.running_var)""",
        new="""self.running_mean += (1 - self.momentum) * (x.mean(dims) - self.running_mean)
                self.running_var += (1 - self.momentum) * (x.var(dims, unbiased=True) - self.running_var)""",
        hint="Your momentum is the weight of the old value, as in Keras. Here it is the weight of the new batch: "
        "the table of conventions says so.",
        severity="substantial",
    ),
    Misconception(
        "keeps the last batch instead of an average",
        task=RUNNING,
        old="""self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)
                self.running_var += self.momentum * (x.var(dims, unbiased=True) - self.running_var)""",
        new="""self.running_mean += x.mean(dims) - self.running_mean
                self.running_var += x.var(dims, unbiased=True) - self.running_var""",
        hint="Your running statistics are those of the last batch. They should move towards it by the share "
        "`momentum` only, so that all batches together leave their mark.",
        severity="fundamental",
    ),
    Misconception(
        "updates the running mean only",
        task=RUNNING,
        old="self.running_var += self.momentum * (x.var(dims, unbiased=True) - self.running_var)",
        new="pass",
        hint="Your running variance never moves. Inference needs both statistics: look at what follows the "
        "update of the mean.",
        severity="substantial",
    ),
    Misconception(
        "keeps the standard deviation",
        task=RUNNING,
        old="x.var(dims, unbiased=True)",
        new="x.std(dims, unbiased=True)",
        hint="What your running_var averages is the standard deviation. The average of roots is not the root of "
        "the average: keep the variance and take the root where you divide.",
        severity="substantial",
    ),
    Misconception(
        "counts rows instead of values in the unbiased variance",
        task=RUNNING,
        old="x.var(dims, unbiased=True)",
        new="x.var(dims, unbiased=False) * len(x) / (len(x) - 1)",
        hint="Right for rows, too large for images: your factor n / (n - 1) takes the number of images for n. n "
        "is the number of values that a channel has in the batch, all positions included.",
        severity="minor",
    ),
    Misconception(
        "measures the spread around the running mean",
        task=RUNNING,
        old="x.var(dims, unbiased=True)",
        new="((x - self.running_mean.view(shape)) ** 2).mean(dims)",
        hint="Your variance is taken around the running mean, which is far from the batch's mean at first. The "
        "variance of a batch is the spread around the batch's own mean.",
        severity="substantial",
    ),
    Misconception(
        "starts the running variance at zero",
        task=RUNNING,
        old='self.register_buffer("running_var", torch.ones(num_features))',
        new='self.register_buffer("running_var", torch.zeros(num_features))',
        hint="Your running variance starts at 0. Without any data a layer should leave its input alone, and that "
        "takes mean 0 and variance 1.",
        severity="minor",
    ),
    Misconception(
        "keeps the running statistics as plain attributes",
        task=RUNNING,
        old="""self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))""",
        new="""self.running_mean = torch.zeros(num_features)
        self.running_var = torch.ones(num_features)""",
        hint="Your running statistics are plain attributes, so they are neither saved with the module nor moved "
        "to its device or dtype. The hint on buffers in the notebook says how a module is told about a "
        "tensor.",
        severity="substantial",
    ),
    Misconception(
        "makes the running statistics parameters",
        task=RUNNING,
        old="""self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))""",
        new="""self.running_mean = nn.Parameter(torch.zeros(num_features))
        self.running_var = nn.Parameter(torch.ones(num_features))""",
        hint="Your running statistics are parameters, so an optimizer would train them (weight decay alone would "
        "pull them to 0). They are records: saved with the module, but not learned.",
        severity="substantial",
    ),
    Misconception(
        "keeps the graph in the running statistics",
        task=RUNNING,
        old="""with torch.no_grad():
                self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)
                self.running_var += self.momentum * (x.var(dims, unbiased=True) - self.running_var)""",
        new="""m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.mean(dims)
            self.running_var = (1 - m) * self.running_var + m * x.var(dims, unbiased=True)""",
        hint="The numbers are right, but your running statistics remember the graph they came from. It grows "
        "with every batch, and the layer can no longer be copied. Update them outside the graph.",
        severity="substantial",
    ),
    # Inference
    Misconception(
        "uses the statistics of the batch at inference",
        task=INFERENCE,
        old="""std = torch.sqrt(self.running_var.view(shape) + self.eps)
            x_hat = (x - self.running_mean.view(shape)) / std""",
        new="""std = torch.sqrt(x.var(dims, unbiased=False, keepdim=True) + self.eps)
            x_hat = (x - x.mean(dims, keepdim=True)) / std""",
        hint="After eval() you still normalize with the batch, so a prediction depends on its neighbors. What "
        "were the running statistics collected for?",
        severity="fundamental",
    ),
    Misconception(
        "switches on gradients instead of the mode",
        task=INFERENCE,
        old="if self.training:",
        new="if torch.is_grad_enabled():",
        hint="Your layer takes the training branch after eval() whenever gradients are on. Whether somebody "
        "wants a gradient and whether the model is in training are two questions: a module knows its mode.",
        severity="substantial",
    ),
    Misconception(
        "leaves eps out at inference",
        task=INFERENCE,
        old="std = torch.sqrt(self.running_var.view(shape) + self.eps)",
        new="std = torch.sqrt(self.running_var.view(shape))",
        hint="Your inference does without eps. The formula is the same as in training, with other statistics: "
        "otherwise a channel that never varies divides by zero.",
        severity="minor",
    ),
    Misconception(
        "corrects the running variance once more",
        task=INFERENCE,
        old="std = torch.sqrt(self.running_var.view(shape) + self.eps)",
        new="n = max(2, x.numel() // self.num_features)\n"
        "            std = torch.sqrt(self.running_var.view(shape) * n / (n - 1) + self.eps)",
        hint="You multiply the running variance by n / (n - 1). That correction was made when it was stored, and "
        "now it makes the output depend on the size of the batch.",
        severity="substantial",
    ),
    Misconception(
        "lines the running statistics up with the last dimension",
        task=INFERENCE,
        old="""std = torch.sqrt(self.running_var.view(shape) + self.eps)
            x_hat = (x - self.running_mean.view(shape)) / std""",
        new="""std = torch.sqrt(self.running_var + self.eps)
            x_hat = (x - self.running_mean) / std""",
        hint="Rows come out right, images do not: your running statistics of shape (C,) meet the last dimension, "
        "which is the width of an image. The hint on shapes in the notebook is about this.",
        severity="substantial",
    ),
    Misconception(
        "forgets gamma and beta at inference",
        task=INFERENCE,
        old="x_hat = (x - self.running_mean.view(shape)) / std",
        new="return (x - self.running_mean.view(shape)) / std",
        hint="At inference your output is only normalized. What gamma and beta have learned belongs to the layer "
        "in both modes.",
        severity="substantial",
    ),
    Misconception(
        "updates the running statistics at inference",
        task=INFERENCE,
        old="x_hat = (x - self.running_mean.view(shape)) / std",
        new="""x_hat = (x - self.running_mean.view(shape)) / std
            with torch.no_grad():
                self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)""",
        hint="A forward pass after eval() changes your running statistics, so a prediction depends on the ones "
        "made before it. At inference they are only read.",
        severity="substantial",
    ),
    Misconception(
        "refuses a single row at inference",
        task=INFERENCE,
        old="std = torch.sqrt(self.running_var.view(shape) + self.eps)",
        new="""if x.numel() // self.num_features < 2:
                raise ValueError(f"more than one value per channel is needed, got {tuple(x.shape)}")
            std = torch.sqrt(self.running_var.view(shape) + self.eps)""",
        hint="Your layer refuses a single row after eval(). The check is about estimating a spread from a batch, "
        "and at inference nothing is estimated.",
        severity="substantial",
    ),
    Misconception(
        "cuts the graph at inference",
        task=INFERENCE,
        old="x_hat = (x - self.running_mean.view(shape)) / std",
        new="x_hat = (x.detach() - self.running_mean.view(shape)) / std",
        hint="At inference no gradient comes back to x. Only the statistics are constants then; saliency maps "
        "and fine-tuning with frozen statistics need the way to x.",
        severity="substantial",
    ),
    # The gradient by hand
    Misconception(
        "treats mean and variance as constants in the gradient",
        task=BACKWARD,
        old="(grad_x_hat - through_mean - through_variance) / std",
        new="grad_x_hat / std",
        hint="Your grad_x has only the direct way. Moving one x also moves the mean and the variance of its "
        "channel, and with them every other row.",
        severity="fundamental",
    ),
    Misconception(
        "forgets the way through the mean",
        task=BACKWARD,
        old="(grad_x_hat - through_mean - through_variance) / std",
        new="(grad_x_hat - through_variance) / std",
        hint="The way through the mean is missing in your grad_x. Adding a number to a whole channel changes "
        "nothing in y: what must the gradients of a channel add up to?",
        severity="substantial",
    ),
    Misconception(
        "forgets the way through the variance",
        task=BACKWARD,
        old="(grad_x_hat - through_mean - through_variance) / std",
        new="(grad_x_hat - through_mean) / std",
        hint="The way through the variance is missing in your grad_x. An x far from the mean widens the spread, "
        "and that shrinks every x_hat of the channel.",
        severity="substantial",
    ),
    Misconception(
        "sums where the mean belongs in grad_x",
        task=BACKWARD,
        old="""through_mean = grad_x_hat.mean(0)
    through_variance = x_hat * (grad_x_hat * x_hat).mean(0)""",
        new="""through_mean = grad_x_hat.sum(0)
    through_variance = x_hat * (grad_x_hat * x_hat).sum(0)""",
        hint="Your two indirect ways are N times too strong. One x moves the mean of its channel by only 1/N of "
        "its own step.",
        severity="fundamental",
    ),
    Misconception(
        "differentiates the unbiased variance",
        task=BACKWARD,
        old="x.var(0, unbiased=False)",
        new="x.var(0, unbiased=True)",
        hint="Your gradients belong to a layer that divides by the unbiased variance. Go back to the forward "
        "pass in training mode: by what is the sum of squares divided?",
        severity="substantial",
    ),
    Misconception(
        "leaves eps out of the gradient",
        task=BACKWARD,
        old="std = torch.sqrt(x.var(0, unbiased=False) + eps)",
        new="std = torch.sqrt(x.var(0, unbiased=False))",
        hint="Your gradients are those for eps=0. eps stands under the root in the forward pass, so it takes "
        "part in every derivative of that root.",
        severity="minor",
    ),
    Misconception(
        "forgets gamma in grad_x",
        task=BACKWARD,
        old="grad_x_hat = gamma * grad_output",
        new="grad_x_hat = grad_output",
        hint="Your grad_x is right for gamma = 1. y is gamma times x_hat plus beta: what is the derivative of y "
        "with respect to x_hat?",
        severity="substantial",
    ),
    Misconception(
        "multiplies grad_gamma by the centered x",
        task=BACKWARD,
        old="grad_gamma = (grad_output * x_hat).sum(0)",
        new="grad_gamma = (grad_output * (x - x.mean(0))).sum(0)",
        hint="Your grad_gamma takes x minus its mean. What does gamma multiply in the forward pass, before or "
        "after the division?",
        severity="substantial",
    ),
    Misconception(
        "averages grad_gamma and grad_beta over the rows",
        task=BACKWARD,
        old="""grad_gamma = (grad_output * x_hat).sum(0)
    grad_beta = grad_output.sum(0)""",
        new="""grad_gamma = (grad_output * x_hat).mean(0)
    grad_beta = grad_output.mean(0)""",
        hint="Your grad_gamma and grad_beta are too small by the factor N. Every row uses the same gamma and the "
        "same beta, and the chain rule adds the ways. Whether the loss is an average is already in "
        "grad_output.",
        severity="substantial",
    ),
    Misconception(
        "returns grad_beta before grad_gamma",
        task=BACKWARD,
        old="return grad_x, grad_gamma, grad_beta",
        new="return grad_x, grad_beta, grad_gamma",
        hint="grad_gamma and grad_beta have changed places. The order is that of the arguments of the layer: x, "
        "gamma, beta.",
        severity="substantial",
    ),
    Misconception(
        "overwrites grad_output",
        task=BACKWARD,
        old="grad_x_hat = gamma * grad_output",
        new="grad_x_hat = grad_output.mul_(gamma)",
        hint="Your function changes grad_output, which belongs to the caller and may be needed by other layers. "
        "Look for operations that end in an underscore, and for *= and -=.",
        severity="minor",
    ),
    # Folding
    Misconception(
        "drops the bias of the linear layer",
        task=FOLD,
        old="scale * (bias - batch_norm.running_mean) + batch_norm.beta",
        new="batch_norm.beta - scale * batch_norm.running_mean",
        hint="The bias of the linear layer is missing from your new bias. Put x = 0 into both layers and follow "
        "what comes out.",
        severity="substantial",
    ),
    Misconception(
        "does not scale the bias of the linear layer",
        task=FOLD,
        old="scale * (bias - batch_norm.running_mean) + batch_norm.beta",
        new="bias - scale * batch_norm.running_mean + batch_norm.beta",
        hint="You add the old bias as it is. It is part of what goes *into* the normalization, so it is scaled "
        "like everything else.",
        severity="substantial",
    ),
    Misconception(
        "forgets beta in the new bias",
        task=FOLD,
        old="scale * (bias - batch_norm.running_mean) + batch_norm.beta",
        new="scale * (bias - batch_norm.running_mean)",
        hint="beta is missing from your new bias. Put x = 0 into both layers and follow what comes out.",
        severity="substantial",
    ),
    Misconception(
        "scales the columns of the weight",
        task=FOLD,
        old="scale[:, None] * weight",
        new="scale * weight",
        hint="Your scale meets the last dimension of the weight, which counts inputs. An output channel is a row "
        "of it.",
        severity="fundamental",
    ),
    Misconception(
        "leaves eps out when folding",
        task=FOLD,
        old="torch.sqrt(batch_norm.running_var + batch_norm.eps)",
        new="torch.sqrt(batch_norm.running_var)",
        hint="Your folded layer divides by a root without eps. The layer that it replaces has one.",
        severity="minor",
    ),
    Misconception(
        "divides by the running variance when folding",
        task=FOLD,
        old="torch.sqrt(batch_norm.running_var + batch_norm.eps)",
        new="(batch_norm.running_var + batch_norm.eps)",
        hint="You divide by the variance plus eps. Compare that with what the layer does at inference.",
        severity="fundamental",
    ),
    Misconception(
        "expects every linear layer to have a bias",
        task=FOLD,
        old="torch.zeros_like(batch_norm.running_mean) if linear.bias is None else linear.bias",
        new="linear.bias",
        hint="A Linear without bias has `bias = None`, and with None there is no arithmetic. What number stands "
        "for no bias?",
        severity="minor",
    ),
    Misconception(
        "folds into the given layer",
        task=FOLD,
        old="folded = nn.Linear(linear.in_features, linear.out_features, device=weight.device, dtype=weight.dtype)",
        new="folded = linear\n    folded.bias = nn.Parameter(bias.detach())",
        hint="Your function changes the layer that it was given, so folding twice goes wrong and training cannot "
        "go on. Make a new layer.",
        severity="minor",
    ),
    Misconception(
        "always folds to float32",
        task=FOLD,
        old=", device=weight.device, dtype=weight.dtype)",
        new=")",
        hint="Your new layer is in float32 whatever the old one is in. Look at the arguments that `nn.Linear` "
        "takes beside the two sizes.",
        severity="minor",
    ),
]
