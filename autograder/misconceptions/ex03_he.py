"""What students get wrong in ex03, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

MISCONCEPTIONS = [
    Misconception(
        "takes the slope without its square",
        task="he_gain",
        old="return math.sqrt(2 / (1 + negative_slope**2))",
        new="return math.sqrt(2 / (1 + negative_slope))",
        hint="The slope enters your gain once. A signal scaled by the slope has a mean square scaled by what? "
        "The gain repairs a mean square.",
        severity="substantial",
    ),
    Misconception(
        "gives the variance instead of its root",
        task="he_gain",
        old="return math.sqrt(2 / (1 + negative_slope**2))",
        new="return 2 / (1 + negative_slope**2)",
        hint="This is the factor for variances. The gain multiplies a standard deviation: std = gain / sqrt(fan).",
        severity="fundamental",
    ),
    Misconception(
        "ignores the slope",
        task="he_gain",
        old="return math.sqrt(2 / (1 + negative_slope**2))",
        new="return math.sqrt(2)",
        hint="Your gain is that of ReLU whatever the slope. A leaky ReLU loses less of the signal, and with a "
        "slope of 1 nothing at all: what should the gain be then?",
        severity="substantial",
    ),
    Misconception(
        "squares the sum instead of the slope",
        task="he_gain",
        old="return math.sqrt(2 / (1 + negative_slope**2))",
        new="return math.sqrt(2 / (1 + negative_slope) ** 2)",
        hint="You square 1 + slope. The two halves of the axis contribute separately to the mean square, 1 and "
        "slope squared: look at where your parenthesis closes.",
        severity="substantial",
    ),
    Misconception(
        "passes the variance where a standard deviation belongs",
        task="he_normal",
        old="std = he_gain(negative_slope) / math.sqrt(fan)",
        new="std = he_gain(negative_slope) ** 2 / fan",
        hint="Your weights are far too small: N(0, 2/n) names the variance, but what does the second argument of"
        " normal_ stand for?",
        severity="fundamental",
    ),
    Misconception(
        "takes the mean of both fans",
        task="he_normal",
        old='    fan = fan_in if mode == "fan_in" else fan_out',
        new="    fan = (fan_in + fan_out) / 2",
        hint="You average the fans, as Xavier does. He keeps the signal in one direction: mode says in which, "
        "and that fan alone divides.",
        severity="fundamental",
    ),
    Misconception(
        "confuses inputs and outputs",
        task="he_normal",
        old="fan_in, fan_out = fan_in_and_fan_out(weight)",
        new="fan_out, fan_in = fan_in_and_fan_out(weight)",
        hint="Your two fans are swapped. A linear layer stores its weight as (out, in): check which dimension "
        "one output sums over.",
        severity="fundamental",
    ),
    Misconception(
        "always divides by fan-in",
        task="he_normal",
        old='fan = fan_in if mode == "fan_in" else fan_out',
        new="fan = fan_in",
        hint='With mode="fan_out" you still divide by the inputs. Follow mode from the argument to the place '
        "where the fan is chosen.",
        severity="substantial",
    ),
    Misconception(
        "forgets the kernel's positions",
        task="he_normal",
        old="fan_in, fan_out = fan_in_and_fan_out(weight)",
        new="fan_out, fan_in = weight.shape[:2]",
        hint="For a convolution you count channels only. One output sums over all input channels at every "
        "position of the kernel.",
        severity="substantial",
    ),
    Misconception(
        "draws from a uniform distribution",
        task="he_normal",
        old="weight.normal_(0.0, std, generator=generator)",
        new="weight.uniform_(-math.sqrt(3) * std, math.sqrt(3) * std, generator=generator)",
        hint="The variance is right, the shape is not: your weights stop at sqrt(3) standard deviations. This is"
        " the uniform variant; here a normal distribution is asked for.",
        severity="substantial",
    ),
    Misconception(
        "does not use the generator",
        task="he_normal",
        old="weight.normal_(0.0, std, generator=generator)",
        new="weight.normal_(0.0, std)",
        hint="The draws ignore the generator that was given, so nobody can repeat them. Look at the arguments of"
        " the call that draws.",
        severity="minor",
    ),
    Misconception(
        "sets a seed of its own",
        task="he_normal",
        old="    with torch.no_grad():",
        new="""    if generator is None:
        generator = torch.Generator().manual_seed(0)
    with torch.no_grad():""",
        hint="Without a generator your weights are the same in every call: you seed one yourself. Which "
        "generator is meant when none is given?",
        severity="minor",
    ),
    Misconception(
        "fills a new tensor",
        task="he_normal",
        old="        weight.normal_(0.0, std, generator=generator)",
        new="        weight = torch.empty_like(weight).normal_(0.0, std, generator=generator)",
        hint="You return a new tensor and leave the given one as it was. The trailing underscore promises that "
        "the layer which owns this weight sees the new values.",
        severity="minor",
    ),
    Misconception(
        "takes any other mode for fan-out",
        task="he_normal",
        old='if mode not in ("fan_in", "fan_out"):',
        new="if mode is None:",
        hint="A mode that does not exist is taken for one of the two. A typo should raise a ValueError, not "
        "change the weights silently.",
        severity="minor",
    ),
    Misconception(
        "does not say which mode it got",
        task="he_normal",
        old="""raise ValueError(f"mode must be 'fan_in' or 'fan_out', not {mode!r}")""",
        new="""raise ValueError("mode must be 'fan_in' or 'fan_out'")""",
        hint="The message of your ValueError does not hold the mode that it got. Whoever reads it has to go and look "
        "for "
        "the typo.",
        severity="minor",
    ),
    Misconception(
        "stops at one standard deviation",
        task="he_uniform",
        old="math.sqrt(3) * he_gain",
        new="he_gain",
        hint="Your interval ends at the standard deviation. A flat distribution on [-b, b] has the variance b "
        "squared over 3: which b has the variance we want?",
        severity="fundamental",
    ),
    Misconception(
        "forgets the slope in the bound",
        task="he_uniform",
        old="he_gain(negative_slope)",
        new="he_gain()",
        hint="The interval does not change with negative_slope. It has to reach the gain.",
        severity="substantial",
    ),
    Misconception(
        "uses fan-in for both modes",
        task="he_uniform",
        old='fan = fan_in if mode == "fan_in" else fan_out',
        new="fan = fan_in",
        hint='With mode="fan_out" your interval is still that of the inputs. Follow mode to where the fan is chosen.',
        severity="substantial",
    ),
    Misconception(
        "scales normal draws",
        task="he_uniform",
        old="weight.uniform_(-bound, bound, generator=generator)",
        new="weight.normal_(0.0, bound / math.sqrt(3), generator=generator)",
        hint="Your weights are normal: they crowd around 0 and have tails beyond the bound. Each value between "
        "the two ends should be equally likely.",
        severity="fundamental",
    ),
    Misconception(
        "seeds the global generator with the given one",
        task="he_uniform",
        old="        weight.uniform_(-bound, bound, generator=generator)",
        new="        if generator is not None:\n            torch.manual_seed(generator.initial_seed())\n"
        "        weight.uniform_(-bound, bound)",
        hint="You copy the generator's seed into PyTorch's global generator. So two calls in a row give the same"
        " weights, and everybody else's draws start over. Pass the generator to the call that draws.",
        severity="minor",
    ),
    Misconception(
        "calls manual_seed for repeatable weights",
        task="he_uniform",
        old="    with torch.no_grad():",
        new="    if generator is None:\n        torch.manual_seed(42)\n    with torch.no_grad():",
        hint="You reseed PyTorch's global generator. That makes your weights repeat, and every later draw in the"
        " whole program too. Seeding is the caller's business.",
        severity="minor",
    ),
    Misconception(
        "returns nothing",
        task="he_uniform",
        old="    return weight\n",
        new="",
        hint="The weight is filled, but your function returns None. In-place functions of PyTorch return the "
        "tensor that they changed.",
        severity="minor",
    ),
    Misconception(
        "lets every tensor want gradients",
        task="he_uniform",
        old="    return weight\n",
        new="    return weight.requires_grad_()\n",
        hint="A plain tensor comes back with requires_grad switched on. Whether it is to be trained is its owner's "
        "choice.",
        severity="minor",
    ),
    Misconception(
        "answers a wrong mode with a KeyError",
        task="he_uniform",
        old="raise ValueError(",
        new="raise KeyError(",
        hint="A mode that does not exist does raise, but not a ValueError. Look up which kind of error means a "
        "bad argument value.",
        severity="minor",
    ),
    Misconception(
        "feeds the next layer with z",
        task="activation_statistics",
        old="        for layer in layers:\n            x = torch.relu(layer(x))\n",
        new="        z = x\n        for layer in layers:\n            z = layer(z)\n            x = torch.relu(z)\n",
        hint="Your second layer gets z, the first layer's output before ReLU. Every layer takes the activations "
        "of the one before it.",
        severity="fundamental",
    ),
    Misconception(
        "divides by n - 1",
        task="activation_statistics",
        old="x.std(unbiased=False)",
        new="x.std()",
        hint="Your standard deviation is the unbiased estimate, the default of tensor.std. Here the activations "
        "are all there is: divide by their number.",
        severity="minor",
    ),
    Misconception(
        "averages the active units only",
        task="activation_statistics",
        old="x.mean().item()",
        new="x[x > 0].mean().item()",
        hint="Your mean leaves the zeros out. They are activations too, and they are what He's factor of 2 is about.",
        severity="substantial",
    ),
    Misconception(
        "counts zeros instead of dead units",
        task="activation_statistics",
        old="dead = (x == 0).all(dim=0)",
        new="dead = x == 0",
        hint="This is the share of zero entries, about one half in any ReLU layer. A unit is dead only if all "
        "rows of its column are 0.",
        severity="substantial",
    ),
    Misconception(
        "calls a unit dead after a single zero",
        task="activation_statistics",
        old=".all(dim=0)",
        new=".any(dim=0)",
        hint="You call a unit dead as soon as it is 0 for one row. Dead means 0 for every row: not one of them "
        "can wake it.",
        severity="substantial",
    ),
    Misconception(
        "calls small activations dead",
        task="activation_statistics",
        old="(x == 0)",
        new="(x < 1e-6)",
        hint="You compare with a threshold. A tiny activation still passes its gradient on; ReLU's zeros are exact.",
        severity="minor",
    ),
    Misconception(
        "empties the list of layers",
        task="activation_statistics",
        old="        for layer in layers:\n",
        new="        while layers:\n            layer = layers.pop(0)\n",
        hint="After your function the caller's list of layers is another one. Read it without taking anything out.",
        severity="minor",
    ),
    Misconception(
        "gives one dict of lists",
        task="activation_statistics",
        old="    return statistics\n",
        new='    return {key: [entry[key] for entry in statistics] for key in ("mean", "std", "dead")}\n',
        hint="You return one dict with a list for each name. We expect it the other way around: a list with one "
        "dict for each layer.",
        severity="fundamental",
    ),
    Misconception(
        "divides by the variance",
        task="lsuv_init",
        old="layer.weight.div_(math.sqrt(variance))",
        new="layer.weight.div_(variance)",
        hint="You divide the weight by the variance. Dividing a layer's weight by c divides its output's "
        "variance by c squared: your loop jumps from v to 1/v and back.",
        severity="fundamental",
    ),
    Misconception(
        "measures behind the activation",
        task="lsuv_init",
        old="variances[layer] = output.var(unbiased=False).item()",
        new="variances[layer] = torch.relu(output).var(unbiased=False).item()",
        hint="You make the variance behind ReLU 1. The LSUV of the paper looks at the layer's own output, before"
        " any activation.",
        severity="fundamental",
    ),
    Misconception(
        "measures when the pass is over",
        task="lsuv_init",
        old="""            variances[layer] = output.var(unbiased=False).item()

        hooks = [layer.register_forward_hook(measure) for layer in layers]
        model(x.clone())
        for hook in hooks:
            hook.remove()
        return variances
""",
        new="""            variances[layer] = output

        hooks = [layer.register_forward_hook(measure) for layer in layers]
        model(x.clone())
        for hook in hooks:
            hook.remove()
        return {layer: output.var(unbiased=False).item() for layer, output in variances.items()}
""",
        hint="You keep each output and measure it after the pass. A ReLU that works in place has overwritten it "
        "by then: measure at the moment when the layer has run.",
        severity="minor",
    ),
    Misconception(
        "follows the order of registration",
        task="lsuv_init",
        old="for layer in output_variances():",
        new="for layer in layers:",
        hint="You visit the layers as the model lists them. If it runs them in another order, a later visit "
        "changes the input of a layer that was done: let a forward pass tell you the order.",
        severity="substantial",
    ),
    Misconception(
        "starts from normal instead of orthonormal weights",
        task="lsuv_init",
        old="nn.init.orthogonal_(layer.weight)",
        new="nn.init.normal_(layer.weight)",
        hint="The variances are right, but your weights are not orthonormal to begin with. Look for a way to "
        "turn a random matrix into one with orthonormal rows or columns.",
        severity="substantial",
    ),
    Misconception(
        "keeps the biases",
        task="lsuv_init",
        old="                layer.bias.zero_()",
        new="                pass",
        hint="The biases still have their old values. They must be 0: a bias adds variance of its own, which "
        "scaling the weight cannot remove.",
        severity="minor",
    ),
    Misconception(
        "measures in training mode",
        task="lsuv_init",
        old="    model.eval()\n",
        new="    model.train()\n",
        hint="Your passes run in training mode: dropout distorts what you measure, and batch norm updates its "
        "running statistics. Measure in eval mode.",
        severity="substantial",
    ),
    Misconception(
        "leaves the model in eval mode",
        task="lsuv_init",
        old="        module.training = mode\n",
        new="        pass\n",
        hint="After your function the model is in eval mode, and the training that follows would run without "
        "dropout. Put back every module's mode.",
        severity="minor",
    ),
    Misconception(
        "leaves its hooks behind",
        task="lsuv_init",
        old="            hook.remove()",
        new="            pass",
        hint="Your hooks are still on the layers and run in every forward pass from now on. Registering gives "
        "you a handle that takes the hook away.",
        severity="minor",
    ),
    Misconception(
        "makes new parameters",
        task="lsuv_init",
        old="layer.weight.div_(math.sqrt(variance))",
        new="layer.weight = nn.Parameter(layer.weight / math.sqrt(variance))",
        hint="You replace the Parameter objects. An optimizer that was made before goes on updating the old "
        "ones, and the model never trains: change the values in place.",
        severity="minor",
    ),
    Misconception(
        "repeats without an end",
        task="lsuv_init",
        old="for _ in range(max_iter):",
        new="while True:",
        hint="max_iter has no effect: if the variance never comes within tol, your loop never ends.",
        severity="minor",
    ),
    Misconception(
        "adds a small number to a zero variance",
        task="lsuv_init",
        old="                if variance == 0 or abs(variance - 1) < tol:\n                    break\n"
        "                layer.weight.div_(math.sqrt(variance))",
        new="                if abs(variance - 1) < tol:\n                    break\n"
        "                layer.weight.div_(math.sqrt(variance) + 1e-8)",
        hint="Your epsilon prevents the division by zero, not what follows from it: a layer whose output has no "
        "variance gets enormous weights. There is nothing to scale, leave it.",
        severity="minor",
    ),
    Misconception(
        "draws before ReLU",
        task="plot_activation_distributions",
        old="torch.relu(x @ weight.T)",
        new="x @ weight.T",
        hint="Your histograms show negative numbers: the ReLU is missing.",
        severity="fundamental",
    ),
    Misconception(
        "forgets the transpose",
        task="plot_activation_distributions",
        old="x @ weight.T",
        new="x @ weight",
        hint="You multiply by W, but a weight is (out, in): a layer computes x @ W.T. With a square weight "
        "nothing complains.",
        severity="fundamental",
    ),
    Misconception(
        "draws a solid line",
        task="plot_activation_distributions",
        old='linestyle="--", ',
        new="",
        hint="The line at 0 is solid; a dashed one is asked for, which nobody takes for data.",
        severity="minor",
    ),
    Misconception(
        "rounds to one decimal",
        task="plot_activation_distributions",
        old='f"mean {activations.mean():.2f}\\nstd {activations.std(unbiased=False):.2f}"',
        new='f"mean {activations.mean():.1f}\\nstd {activations.std(unbiased=False):.1f}"',
        hint="Your text has one decimal. Two are asked for: look at the format behind the colon.",
        severity="minor",
    ),
    Misconception(
        "cannot draw a single panel",
        task="plot_activation_distributions",
        old="sharey=True, squeeze=False)",
        new="sharey=True)\n    axes = axes[None, :]",
        hint="With a single method plt.subplots gives you one axes, not an array of them. It has an argument for that.",
        severity="minor",
    ),
    Misconception(
        "takes what the method returns for the weight",
        task="plot_activation_distributions",
        old="            init(weight)",
        new="            weight = init(weight)",
        hint="You replace the weight by what the init method returns, and a method that works in place may "
        "return nothing.",
        severity="minor",
    ),
    Misconception(
        "forgets the titles",
        task="plot_activation_distributions",
        old="ax.set(title=name, xlabel",
        new="ax.set(xlabel",
        hint="Your panels have no titles: nobody can tell which method is which.",
        severity="minor",
    ),
]
