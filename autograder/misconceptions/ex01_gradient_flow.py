"""What students get wrong in ex01, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

_SILENT = (
    "Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and what it was."
)

FORWARD = [
    Misconception(
        "leaves the input out of the list",
        task="forward_pass",
        old="""return outputs""",
        new="""return outputs[1:]""",
        hint="Your list starts with the first layer's output. The input is what the first layer reads, and its "
        "weight's gradient needs it: count how many arrays len(weights) + 1 are.",
        severity="substantial",
    ),
    Misconception(
        "returns only the last output",
        task="forward_pass",
        old="""return outputs""",
        new="""return outputs[-1:]""",
        hint="The prediction of a network is its last output, but the chain rule needs every one of them on the "
        "way back. Return all that the loop has made.",
        severity="substantial",
    ),
    Misconception(
        "keeps what enters the activation",
        task="forward_pass",
        old="""outputs.append(f(outputs[-1] @ weight))""",
        new="""outputs.append((f(outputs[-1]) if len(outputs) > 1 else x) @ weight)""",
        hint="Your list holds the values z before the activation; a layer's output is f(z). Some courses keep "
        "both: look at which one the docstring calls a[i + 1].",
        severity="substantial",
    ),
    Misconception(
        "leaves the last layer linear",
        task="forward_pass",
        old="""outputs.append(f(outputs[-1] @ weight))""",
        new="""outputs.append((f if len(outputs) < len(weights) else (lambda z: z))(outputs[-1] @ weight))""",
        hint="You leave out the activation of the last layer, as one does in a classifier. In this exercise all "
        "layers are alike: a[i + 1] = f(a[i] @ W[i]) for every i.",
        severity="substantial",
    ),
    Misconception(
        "feeds the input to every layer",
        task="forward_pass",
        old="""outputs.append(f(outputs[-1] @ weight))""",
        new="""outputs.append(f(x @ weight))""",
        hint="Every layer of yours reads x. What does layer i read, according to the formula? Square weights "
        "would have hidden this; here the shapes do not fit.",
        severity="fundamental",
    ),
    Misconception(
        "stores weights the way that torch does",
        task="forward_pass",
        old="""outputs.append(f(outputs[-1] @ weight))""",
        new="""outputs.append(f(outputs[-1] @ weight.T))""",
        hint="You transpose the weights. torch.nn.Linear stores (out, in) and has to; here a weight is (in, "
        "out). The table of conventions has both.",
        severity="fundamental",
    ),
    Misconception(
        "overflows in the sigmoid",
        task="forward_pass",
        old="""(1 + np.tanh(z / 2)) / 2,""",
        new="""np.exp(z) / (1 + np.exp(z)),""",
        hint="For z = 1000 your sigmoid divides infinity by infinity, which is nan. Divide numerator and "
        "denominator by exp(z) on paper and see where the exponential ends up.",
        severity="minor",
    ),
    Misconception(
        "flips the sign in the sigmoid",
        task="forward_pass",
        old="""(1 + np.tanh(z / 2)) / 2,""",
        new="""(1 - np.tanh(z / 2)) / 2,""",
        hint="Your sigmoid falls where it should rise: it is sigmoid(-z). Which sign does z have in the exponent?",
        severity="minor",
    ),
    Misconception(
        "lets relu leak",
        task="forward_pass",
        old="""np.maximum(z, 0),""",
        new="""np.maximum(z, 0.01 * z),""",
        hint="Your relu passes a hundredth of what is negative: that is the leaky relu. This one gives 0 there.",
        severity="minor",
    ),
    Misconception(
        "takes an unknown activation for a linear one",
        task="forward_pass",
        old="""raise ValueError(f"activation must be one of {sorted(functions)}, got {activation!r}")""",
        new="""activation = "linear\"""",
        hint="An activation that you do not know silently becomes a linear layer, so a typing mistake would "
        "train another network than the one asked for. Say so with a ValueError.",
        severity="minor",
    ),
    Misconception(
        "looks an unknown activation up in a dictionary",
        task="forward_pass",
        old="""if activation not in functions:""",
        new="""if not functions:""",
        hint="A dictionary raises KeyError for a name that it does not have. A bad argument is a ValueError: "
        "check the name first, or translate the error.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the activation in its error",
        "forward_pass",
        old='raise ValueError(f"activation must be one of {sorted(functions)}, got {activation!r}")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
    Misconception(
        "empties the caller's list of weights",
        task="forward_pass",
        old="""    for weight in weights:
        outputs.append(f(outputs[-1] @ weight))""",
        new="""    while len(weights):
        outputs.append(f(outputs[-1] @ weights.pop(0)))""",
        hint="pop takes the weights out of the list that your caller still needs, for the backward pass say. Go "
        "through the list without changing it.",
        severity="minor",
    ),
    Misconception(
        "turns everything into float64",
        task="forward_pass",
        old="""outputs = [x]""",
        new="""outputs = [np.asarray(x, dtype=np.float64)]""",
        hint="You convert the input to float64, and from there everything is float64. Let NumPy keep the dtype "
        "it is given.",
        severity="minor",
    ),
]

BACKWARD = [
    Misconception(
        "applies the slope of tanh to its output",
        task="backward_pass",
        old="""1 - a**2,""",
        new="""1 - np.tanh(a) ** 2,""",
        hint="You compute 1 - tanh(a)**2 from the output a, which already is tanh(z): tanh is taken twice. What "
        "is tanh(z) in terms of a?",
        severity="substantial",
    ),
    Misconception(
        "applies the slope of the sigmoid to its output",
        task="backward_pass",
        old="""a * (1 - a),""",
        new="""np.exp(-a) / (1 + np.exp(-a)) ** 2,""",
        hint="You pass the output a through the sigmoid once more before you take the slope. The output is "
        "sigmoid(z) already: the slope needs nothing else.",
        severity="substantial",
    ),
    Misconception(
        "lets units pass that relu turned off",
        task="backward_pass",
        old="""a > 0,""",
        new="""a >= 0,""",
        hint="Every output of a relu is at least 0, so your condition is always true and the slope always 1. A "
        "unit that gives exactly 0 is off.",
        severity="substantial",
    ),
    Misconception(
        "forgets the activation on the way back",
        task="backward_pass",
        old="""delta = grad_outputs[i + 1] * slope(outputs[i + 1])""",
        new="""delta = grad_outputs[i + 1]""",
        hint="Your gradients are those of a linear network. Between the output of a layer and its product with "
        "the weight lies the activation: its slope is a factor of the chain.",
        severity="fundamental",
    ),
    Misconception(
        "leaves the slope out of the weight gradients",
        task="backward_pass",
        old="""outputs[i].T @ delta""",
        new="""outputs[i].T @ grad_outputs[i + 1]""",
        hint="Your gradients of the outputs are right, those of the weights lack the slope. The weight acts "
        "before the activation: which of your two gradients belongs to that place?",
        severity="substantial",
    ),
    Misconception(
        "averages the weight gradients over the batch",
        task="backward_pass",
        old="""outputs[i].T @ delta""",
        new="""outputs[i].T @ delta / len(delta)""",
        hint="Your weight gradients are divided by the number of rows. A mean over the batch belongs to the "
        "loss, and if there is one, grad_output has it in it already.",
        severity="substantial",
    ),
    Misconception(
        "pairs a weight with the output that it makes",
        task="backward_pass",
        old="""outputs[i].T @ delta""",
        new="""outputs[i + 1].T @ delta""",
        hint="You multiply with the output that the weight makes instead of the one that it reads. Write the "
        "shapes of z_i = a_i W_i beside your product.",
        severity="substantial",
    ),
    Misconception(
        "transposes the weight gradients",
        task="backward_pass",
        old="""outputs[i].T @ delta""",
        new="""delta.T @ outputs[i]""",
        hint="Your weight gradients have the shape (out, in), which is right for torch.nn.Linear. Here the "
        "weights are (in, out), and a gradient has the shape of its weight.",
        severity="substantial",
    ),
    Misconception(
        "goes back through the weight itself",
        task="backward_pass",
        old="""weights[i].T""",
        new="""weights[i]""",
        hint="On the way back you multiply with the weight as on the way forward. It takes the gradient from the "
        "outputs of a layer to its inputs: write down the two shapes.",
        severity="fundamental",
    ),
    Misconception(
        "leaves out the gradient of the input",
        task="backward_pass",
        old="""return grad_outputs, grad_weights""",
        new="""return grad_outputs[1:], grad_weights""",
        hint="Your list stops before the input. Training does not need that gradient, but this exercise measures"
        " it: there is one for each of the outputs, and outputs[0] is x.",
        severity="substantial",
    ),
    Misconception(
        "returns the gradients in the order of the way back",
        task="backward_pass",
        old="""return grad_outputs, grad_weights""",
        new="""return grad_outputs[::-1], grad_weights[::-1]""",
        hint="Your gradients are all there, last layer first, as the loop made them. grad_weights[i] belongs to "
        "weights[i]: which end of the list should grow?",
        severity="substantial",
    ),
    Misconception(
        "starts every layer from the gradient of the loss",
        task="backward_pass",
        old="""delta = grad_outputs[i + 1] * slope(outputs[i + 1])""",
        new="""delta = grad_output * slope(outputs[i + 1])""",
        hint="Each layer of yours starts from grad_output, which belongs to the last output alone. What arrives "
        "at a layer is what the layer after it has passed back.",
        severity="fundamental",
    ),
    Misconception(
        "takes the slope at the layer's input",
        task="backward_pass",
        old="""slope(outputs[i + 1])""",
        new="""slope(outputs[i])""",
        hint="You take the slope at the output that layer i reads. Its own activation made the one after it, "
        "outputs[i + 1]. With square weights the shapes would not have told you.",
        severity="fundamental",
    ),
    Misconception(
        "works on the given gradient in place",
        task="backward_pass",
        old="""        delta = grad_outputs[i + 1] * slope(outputs[i + 1])""",
        new="""        delta = grad_outputs[i + 1]
        delta *= slope(outputs[i + 1])""",
        hint="delta *= ... writes into the very array that stands in your list, and for the last layer into the "
        "caller's grad_output. Both change under their owners: make a new array.",
        severity="substantial",
    ),
    Misconception(
        "takes the outputs out of the caller's list",
        task="backward_pass",
        old="""slope(outputs[i + 1])""",
        new="""slope(outputs.pop())""",
        hint="pop is a handy way to walk backward, but the list belongs to your caller and is empty afterwards. "
        "Walk with an index, or over a reversed copy.",
        severity="minor",
    ),
    Misconception(
        "gives linear layers a float64 slope",
        task="backward_pass",
        old=""""linear": lambda a: 1,""",
        new=""""linear": lambda a: np.ones(a.shape),""",
        hint="np.ones makes float64, and float32 times float64 is float64. np.ones_like follows the dtype of its"
        " argument; a plain 1 does too.",
        severity="minor",
    ),
    Misconception(
        "differentiates an unknown activation as a linear one",
        task="backward_pass",
        old="""raise ValueError(f"activation must be one of {sorted(slopes)}, got {activation!r}")""",
        new="""activation = "linear\"""",
        hint="For an activation that you do not know you use the slope 1, and nobody hears of it. Say so with a "
        "ValueError.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the unknown activation",
        "backward_pass",
        old='raise ValueError(f"activation must be one of {sorted(slopes)}, got {activation!r}")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
]

SIMULATION = [
    Misconception(
        "averages the last outputs instead of summing them",
        task="simulate_gradient_flow",
        old="""np.ones_like(outputs[-1])""",
        new="""np.ones_like(outputs[-1]) / outputs[-1].size""",
        hint="Your gradients are those of the mean of the last outputs. The loss is their sum: what is its "
        "derivative with respect to one of them?",
        severity="substantial",
    ),
    Misconception(
        "measures the gradient at the output of each layer",
        task="simulate_gradient_flow",
        old="""for gradient in grad_outputs[:-1]""",
        new="""for gradient in grad_outputs[1:]""",
        hint="There are num_layers + 1 gradients and you drop the first; so your entry i belongs to the output "
        "of layer i. The one at its input has the index of that input in outputs.",
        severity="substantial",
    ),
    Misconception(
        "measures the gradients of the weights",
        task="simulate_gradient_flow",
        old="""    gradient_norms = [float(np.linalg.norm(gradient)) for gradient in grad_outputs[:-1]]""",
        new="""    gradient_norms = [float(np.linalg.norm(gradient)) for gradient in _]""",
        hint="These are norms of weight gradients. They tell another story, and you get to it below; here we ask"
        " for the gradient with respect to the input of each layer.",
        severity="substantial",
    ),
    Misconception(
        "keeps the gradient of the last output",
        task="simulate_gradient_flow",
        old="""for gradient in grad_outputs[:-1]""",
        new="""for gradient in grad_outputs""",
        hint="You return one gradient norm too many. The gradient at the last output is the matrix of ones that "
        "you put in; no layer has that output as its input.",
        severity="substantial",
    ),
    Misconception(
        "lists the last layer first",
        task="simulate_gradient_flow",
        old="""for gradient in grad_outputs[:-1]""",
        new="""for gradient in grad_outputs[-2::-1]""",
        hint="Your gradient norms stand in the order in which they were computed. In the list the first layer "
        "comes first.",
        severity="substantial",
    ),
    Misconception(
        "takes the largest singular value for the norm",
        task="simulate_gradient_flow",
        old="""float(np.linalg.norm(output))""",
        new="""float(np.linalg.norm(output, 2))""",
        hint="For a matrix np.linalg.norm(a, 2) is the largest singular value. The Frobenius norm is its "
        "default: the root of the sum of all squares.",
        severity="substantial",
    ),
    Misconception(
        "averages the norms of the rows",
        task="simulate_gradient_flow",
        old="""float(np.linalg.norm(output))""",
        new="""float(np.linalg.norm(output, axis=1).mean())""",
        hint="You take one norm a sample and average. That is a fine thing to watch, since it does not grow with"
        " the batch, but we ask for one norm of the whole matrix.",
        severity="substantial",
    ),
    Misconception(
        "leaves out the norm of the input",
        task="simulate_gradient_flow",
        old="""for output in outputs]""",
        new="""for output in outputs[1:]]""",
        hint="Your output norms start after the first layer. outputs[0], the input itself, counts as well: it is"
        " what all others are compared with.",
        severity="substantial",
    ),
    Misconception(
        "draws the weights before the input",
        task="simulate_gradient_flow",
        old="""    x = rng.standard_normal((batch_size, width))
    weights = [init_scale * rng.standard_normal((width, width)) for _ in range(num_layers)]
""",
        new="""    weights = [init_scale * rng.standard_normal((width, width)) for _ in range(num_layers)]
    x = rng.standard_normal((batch_size, width))
""",
        hint="Your weights are drawn before x. A seed fixes the sequence of numbers, not what they are used for:"
        " the docstring states the order so that two people get the same network.",
        severity="minor",
    ),
    Misconception(
        "takes the scale for a variance",
        task="simulate_gradient_flow",
        old="""init_scale * rng.standard_normal((width, width))""",
        new="""np.sqrt(init_scale) * rng.standard_normal((width, width))""",
        hint="You multiply by the root of init_scale, as if it were a variance. It is the standard deviation of "
        "an entry.",
        severity="fundamental",
    ),
    Misconception(
        "scales the input as well",
        task="simulate_gradient_flow",
        old="""x = rng.standard_normal((batch_size, width))""",
        new="""x = init_scale * rng.standard_normal((batch_size, width))""",
        hint="You scale the input too. init_scale is about the weights; x is standard normal whatever it is.",
        severity="substantial",
    ),
    Misconception(
        "divides by the root of the width too",
        task="simulate_gradient_flow",
        old="""init_scale * rng.standard_normal((width, width))""",
        new="""init_scale / np.sqrt(width) * rng.standard_normal((width, width))""",
        hint="You have built the remedy in already: a weight here is init_scale times a standard normal number, "
        "and finding out that 1/sqrt(width) belongs there is the point of the exercise.",
        severity="fundamental",
    ),
    Misconception(
        "ignores the generator that it is given",
        task="simulate_gradient_flow",
        old="""np.random.default_rng(42) if rng is None else rng""",
        new="""np.random.default_rng(42)""",
        hint="Your network is the same whatever rng is. Seed 42 is for a caller who gives no generator: what "
        "does your first line do with one that is given?",
        severity="minor",
    ),
    Misconception(
        "reseeds NumPy's global generator",
        task="simulate_gradient_flow",
        old="""    rng = np.random.default_rng(42) if rng is None else rng
""",
        new="""    if rng is None:
        np.random.seed(42)
        rng = np.random
""",
        hint="np.random.seed changes the state that all code in the process shares, and gives other numbers than"
        " np.random.default_rng(42). Make a generator of your own.",
        severity="minor",
    ),
    Misconception(
        "draws from NumPy's global generator",
        task="simulate_gradient_flow",
        old="""np.random.default_rng(42) if rng is None else rng""",
        new="""np.random if rng is None else rng""",
        hint="Without rng you draw from the state that all code in the process shares, so that the result "
        "depends on what ran before. None stands for a fresh np.random.default_rng(42).",
        severity="minor",
    ),
]

RATE = [
    Misconception(
        "returns the slope itself",
        task="growth_rate",
        old="""float(np.exp(slope))""",
        new="""float(slope)""",
        hint="You return the slope of the logarithms. A slope of log(2) is a factor of 2 per layer: undo the "
        "logarithm.",
        severity="fundamental",
    ),
    Misconception(
        "mixes the bases of log and exp",
        task="growth_rate",
        old="""np.log(norms)""",
        new="""np.log10(norms)""",
        hint="You take the logarithm to base 10 and undo it to base e. Any base will do, as long as it is the "
        "same twice.",
        severity="fundamental",
    ),
    Misconception(
        "looks at the two ends only",
        task="growth_rate",
        old="""slope, _ = np.polyfit(np.arange(len(norms)), np.log(norms), deg=1)""",
        new="""slope = np.log(norms[-1] / norms[0]) / (len(norms) - 1)""",
        hint="Your rate follows from the first and the last norm alone, so one odd layer at an end decides it. A"
        " least-squares line uses every entry.",
        severity="substantial",
    ),
    Misconception(
        "averages the ratios of neighbors",
        task="growth_rate",
        old="""return float(np.exp(slope))""",
        new="""return float(np.mean(norms[1:] / norms[:-1]))""",
        hint="You average the ratios of neighboring norms. For factors 10 and 1/10 that mean is 5.05, yet "
        "nothing has grown: fit a line through the logarithms instead.",
        severity="substantial",
    ),
    Misconception(
        "counts from the last entry to the first",
        task="growth_rate",
        old="""float(np.exp(slope))""",
        new="""float(np.exp(-slope))""",
        hint="Your rate is one over ours: you follow the gradient on its way back. The function counts from the "
        "first entry to the last, and the caller reverses the list if need be.",
        severity="fundamental",
    ),
    Misconception(
        "lets norms of zero or less through",
        task="growth_rate",
        old="""if not np.all(norms > 0):""",
        new="""if np.any(np.isnan(norms)):""",
        hint="The logarithm of 0 is minus infinity and that of a negative number does not exist; your function "
        "returns something all the same. Look at the norms before you take logarithms.",
        severity="minor",
    ),
    Misconception(
        "calls a single norm constant",
        task="growth_rate",
        old="""raise ValueError(f"norms must have at least two entries, got {len(norms)}")""",
        new="""return 1.0""",
        hint="Through one point there is a line of any slope, so a single norm has no rate, not even 1: say so "
        "with a ValueError.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the norms in its error",
        "growth_rate",
        old='raise ValueError(f"norms must all be positive, got {norms}")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
]

SCALE = [
    Misconception(
        "gives the variance",
        task="critical_scale",
        old="""1 / np.sqrt(width * squared_slope[activation])""",
        new="""1 / (width * squared_slope[activation])""",
        hint="You return the variance of the weights. init_scale is their standard deviation.",
        severity="fundamental",
    ),
    Misconception(
        "uses one scale for all activations",
        task="critical_scale",
        old="""1 / np.sqrt(width * squared_slope[activation])""",
        new="""1 / np.sqrt(width)""",
        hint="1/sqrt(width) is right where the slope is 1. Relu loses half of the signal and the sigmoid's slope"
        " is 1/4: the weights have to make up for that.",
        severity="substantial",
    ),
    Misconception(
        "treats relu like a linear layer",
        task="critical_scale",
        old=""""relu": 1 / 2,""",
        new=""""relu": 1,""",
        hint="For relu you return 1/sqrt(width). Half of its units are off, at random: what does that do to the "
        "mean square of what comes out?",
        severity="substantial",
    ),
    Misconception(
        "puts relu's factor of two outside the root",
        task="critical_scale",
        old=""""relu": 1 / 2,""",
        new=""""relu": 1 / 4,""",
        hint="For relu you make the weights twice as large, sqrt(2) times is enough. It is the *variance* that "
        "is halved.",
        severity="substantial",
    ),
    Misconception(
        "forgets to square the sigmoid's slope",
        task="critical_scale",
        old="""(1 / 4) ** 2""",
        new="""1 / 4""",
        hint="For the sigmoid you return 2/sqrt(width). A variance is multiplied by the slope squared: 1/4 is "
        "the slope itself.",
        severity="substantial",
    ),
    Misconception(
        "shrinks the weights of the sigmoid",
        task="critical_scale",
        old="""(1 / 4) ** 2""",
        new="""4**2""",
        hint="For the sigmoid you make the weights four times smaller, and its slope of 1/4 makes the gradient "
        "smaller still. The weights should make up for the slope.",
        severity="substantial",
    ),
    Misconception(
        "has a scale for activations that do not exist",
        task="critical_scale",
        old="""raise ValueError(f"activation must be one of {sorted(squared_slope)}, got {activation!r}")""",
        new="""activation = "linear\"""",
        hint="For an activation that you do not know you return a number as if you did. Say so with a ValueError.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the activation without a rule",
        "critical_scale",
        old='raise ValueError(f"activation must be one of {sorted(squared_slope)}, got {activation!r}")',
        new='raise ValueError("this does not work")',
        hint=_SILENT,
        severity="minor",
    ),
]

PLOT = [
    Misconception(
        "returns no figure",
        task="plot_gradient_flow",
        old="""return figure""",
        new="""figure.canvas.draw_idle()""",
        hint="The notebook shows your figure even if the function returns nothing, so this is easy to miss. A "
        "caller who wants to save it needs it: return the figure.",
        severity="minor",
    ),
    Misconception(
        "returns figure and axes",
        task="plot_gradient_flow",
        old="""return figure""",
        new="""return figure, axes""",
        hint="You return what plt.subplots returned, a tuple. The figure alone is asked for; its axes are in "
        "figure.axes.",
        severity="minor",
    ),
    Misconception(
        "always makes four panels",
        task="plot_gradient_flow",
        old="""    count = len(scales)
    figure, axes = plt.subplots(1, count, figsize=(2.4 * count, 3.2), sharey=True, squeeze=False)
    for ax, scale in zip(axes[0], scales, strict=True):""",
        new="""    figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), sharey=True, squeeze=False)
    for ax, scale in zip(axes[0], (0.01, 0.1, 1.0, 2.0), strict=True):""",
        hint="You draw the four default scales whatever the caller asks for. The number of panels and what they "
        "show follow from the argument scales.",
        severity="minor",
    ),
    Misconception(
        "breaks when there is one scale",
        task="plot_gradient_flow",
        old="""sharey=True, squeeze=False)
    for ax, scale in zip(axes[0], scales, strict=True):""",
        new="""sharey=True)
    for ax, scale in zip(axes, scales, strict=True):""",
        hint="For a single panel plt.subplots gives a bare axes and no array of them. Ask it to keep the array "
        "(squeeze), or wrap it with np.atleast_1d.",
        severity="minor",
    ),
    Misconception(
        "simulates the first scale for every panel",
        "plot_gradient_flow",
        old="gradient_norms, output_norms = simulate_gradient_flow(scale, **simulation)",
        new="gradient_norms, output_norms = simulate_gradient_flow(scales[0], **simulation)",
        hint="All your panels show the same two lines, those of the first scale. The titles differ: which scale does "
        "each simulation get?",
        severity="fundamental",
    ),
    Misconception(
        "swaps the two lists of norms",
        task="plot_gradient_flow",
        old="""gradient_norms, output_norms = simulate_gradient_flow""",
        new="""output_norms, gradient_norms = simulate_gradient_flow""",
        hint="The line labeled gradient norms shows the output norms and the other way round. In which order "
        "does the simulation return them?",
        severity="substantial",
    ),
    Misconception(
        "plots the logarithm of the norms",
        task="plot_gradient_flow",
        old="""        ax.plot(gradient_norms, label="gradient norms")
        ax.plot(output_norms, linestyle="--", label="output norms")""",
        new="""        ax.plot(np.log10(gradient_norms), label="gradient norms")
        ax.plot(np.log10(output_norms), linestyle="--", label="output norms")""",
        hint="You take the logarithm yourself and then plot it on an axis that takes it again. Hand over the "
        "norms as they are and let the axis do it.",
        severity="substantial",
    ),
    Misconception(
        "keeps the simulation's arguments to itself",
        task="plot_gradient_flow",
        old="""simulate_gradient_flow(scale, **simulation)
""",
        new="""simulate_gradient_flow(scale)
""",
        hint="Whatever the caller asks for, you simulate ten layers of tanh. Pass the keyword arguments on.",
        severity="substantial",
    ),
    Misconception(
        "keeps the linear y axis",
        task="plot_gradient_flow",
        old="""ax.set_yscale("log")""",
        new="""ax.set_yscale("linear")""",
        hint="On a linear axis all norms but the largest look like zero, and a factor per layer is a curve. On a"
        " logarithmic one it is a straight line.",
        severity="minor",
    ),
    Misconception(
        "rounds the scale in the title",
        task="plot_gradient_flow",
        old="""{scale}\"""",
        new="""{scale:.0f}\"""",
        hint="Your titles round the scale, so that 0.01 and 0.1 both read 0. Show enough digits to tell them apart.",
        severity="minor",
    ),
    Misconception(
        "names the axes of the last panel only",
        task="plot_gradient_flow",
        old="""        ax.set_xlabel("layer (0 is the input)")
        ax.set_ylabel("Frobenius norm")
        ax.set_yscale("log")
""",
        new="""        ax.set_yscale("log")
    plt.xlabel("layer (0 is the input)")
    plt.ylabel("Frobenius norm")
""",
        hint="plt.xlabel after the loop reaches only the panel that was made last. Label each panel inside the "
        "loop, by the methods of its own axes.",
        severity="minor",
    ),
]

MISCONCEPTIONS = [*FORWARD, *BACKWARD, *SIMULATION, *RATE, *SCALE, *PLOT]
