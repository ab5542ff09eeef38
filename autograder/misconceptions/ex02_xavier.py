"""What students get wrong in ex02, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

MISCONCEPTIONS = [
    # fan_in_and_fan_out
    Misconception(
        "takes the first dimension for the fan-in",
        task="fan_in_and_fan_out",
        old="num_outputs, num_inputs, *kernel = weight.shape",
        new="num_inputs, num_outputs, *kernel = weight.shape",
        hint="Your two fans have changed places. torch stores a weight as (out, in, ...), the other way round from "
        "the order in which nn.Linear takes its sizes: print the shape of nn.Linear(3, 5).weight.",
        severity="fundamental",
    ),
    Misconception(
        "leaves the kernel out",
        task="fan_in_and_fan_out",
        old="receptive_field = math.prod(kernel)",
        new="receptive_field = 1",
        hint="You count channels only. One output of a convolution sums over every position of its kernel in every "
        "input channel: how many numbers are that for a kernel of 3 by 5?",
        severity="substantial",
    ),
    Misconception(
        "counts the kernel in the fan-in only",
        task="fan_in_and_fan_out",
        old="num_outputs * receptive_field",
        new="num_outputs",
        hint="Your fan-in is right, and your fan-out counts channels only. Follow one input pixel forward: it "
        "takes part in an output for every position of the kernel.",
        severity="substantial",
    ),
    Misconception(
        "takes every kernel to be square",
        task="fan_in_and_fan_out",
        old="receptive_field = math.prod(kernel)",
        new="receptive_field = kernel[0] ** 2 if kernel else 1",
        hint="You take one side of the kernel and square it. Kernels need be neither square nor two-dimensional: "
        "use all the sides.",
        severity="minor",
    ),
    Misconception(
        "knows two-dimensional kernels only",
        task="fan_in_and_fan_out",
        old="receptive_field = math.prod(kernel)",
        new="receptive_field = kernel[0] * kernel[1] if len(kernel) == 2 else 1",
        hint="For images your count is right; for sound (one kernel dimension) and video (three) it is not. Write "
        "it for however many dimensions follow the first two.",
        severity="minor",
    ),
    Misconception(
        "gives the fans as tensors",
        task="fan_in_and_fan_out",
        old="receptive_field = math.prod(kernel)",
        new="receptive_field = torch.tensor(kernel, dtype=torch.long).prod()",
        hint="The values are right, but they are tensors of one element. The sizes of a shape are plain ints, and "
        "their product can stay one.",
        severity="minor",
    ),
    Misconception(
        "gives a bias fans",
        task="fan_in_and_fan_out",
        old='raise ValueError(f"weight needs at least 2 dimensions to have fans, got shape {tuple(weight.shape)}")',
        new="return weight.numel(), weight.numel()",
        hint="For a vector you make up two fans. It has no inputs and outputs to count, and a caller who passes a "
        "bias by mistake should hear of it: see what the docstring says about fewer than 2 dimensions.",
        severity="minor",
    ),
    Misconception(
        "refuses a bias with an error of another kind",
        task="fan_in_and_fan_out",
        old='raise ValueError(f"weight needs at least 2 dimensions to have fans, got shape {tuple(weight.shape)}")',
        new='raise TypeError("weight needs at least 2 dimensions")',
        hint="You refuse a bias, but not with the error that the docstring promises. A tensor is the right type; "
        "it is its value that does not fit.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the weight in its error",
        "fan_in_and_fan_out",
        old='raise ValueError(f"weight needs at least 2 dimensions to have fans, got shape {tuple(weight.shape)}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    # xavier_uniform_
    Misconception(
        "looks at the fan-in only",
        task="xavier_uniform",
        old="bound = gain * math.sqrt(6 / (fan_in + fan_out))",
        new="bound = gain * math.sqrt(3 / fan_in)",
        hint="Your variance is 1 / fan_in. That keeps the signal on its way forward and forgets the gradient on "
        "its way back; Xavier's rule is the compromise between both fans.",
        severity="fundamental",
    ),
    Misconception(
        "takes the standard deviation for the bound",
        task="xavier_uniform",
        old="bound = gain * math.sqrt(6 / (fan_in + fan_out))",
        new="bound = gain * math.sqrt(2 / (fan_in + fan_out))",
        hint="You use the standard deviation as the bound. Draws from U(-a, a) rarely come near a, so their "
        "standard deviation is smaller than a: by which factor?",
        severity="fundamental",
    ),
    Misconception(
        "reads the fans off the first two dimensions",
        task="xavier_uniform",
        old="fan_in, fan_out = fan_in_and_fan_out(weight)",
        new="fan_out, fan_in = weight.shape[:2]",
        hint="Linear weights come out right and convolutions too large: you take the channels for the fans. You "
        "have written a function that counts the kernel too.",
        severity="substantial",
    ),
    Misconception(
        "puts the gain under the root",
        task="xavier_uniform",
        old="bound = gain * math.sqrt(6 / (fan_in + fan_out))",
        new="bound = math.sqrt(gain * 6 / (fan_in + fan_out))",
        hint="With a gain of 4 your weights are only twice as large. The gain multiplies the weights; look at what "
        "stands under the root in the formula, and what in front of it.",
        severity="minor",
    ),
    Misconception(
        "never uses the gain",
        task="xavier_uniform",
        old="bound = gain * math.sqrt(6 / (fan_in + fan_out))",
        new="bound = math.sqrt(6 / (fan_in + fan_out))",
        hint="Your weights are the same whatever the gain is. It is an argument of the function: where does the "
        "formula use it?",
        severity="minor",
    ),
    Misconception(
        "draws from a normal distribution",
        task="xavier_uniform",
        old="weight.uniform_(-bound, bound, generator=generator)",
        new="weight.normal_(0, bound / math.sqrt(3), generator=generator)",
        hint="The variance is right, but the draws are normal. The uniform rule has no draws beyond its bound and "
        "as many near the bound as near 0.",
        severity="substantial",
    ),
    Misconception(
        "draws positive weights only",
        task="xavier_uniform",
        old="weight.uniform_(-bound, bound, generator=generator)",
        new="weight.uniform_(0, bound, generator=generator)",
        hint="None of your weights is negative. The interval is (-a, a): with a mean that is not 0, every unit "
        "adds up the same sum of its inputs.",
        severity="fundamental",
    ),
    Misconception(
        "fills a copy",
        task="xavier_uniform",
        old="return weight.uniform_(-bound, bound, generator=generator)",
        new="return torch.empty_like(weight).uniform_(-bound, bound, generator=generator)",
        hint="You return a new tensor with the right values, and the one you were given still holds the old ones. "
        "A layer that owns that tensor never sees yours: what does the trailing underscore promise?",
        severity="substantial",
    ),
    Misconception(
        "returns nothing",
        task="xavier_uniform",
        old="return weight.uniform_(-bound, bound, generator=generator)",
        new="weight.uniform_(-bound, bound, generator=generator)",
        hint="The tensor is filled, but the function gives back None. torch's in-place functions also return the "
        "tensor that they changed, so that calls can be chained.",
        severity="minor",
    ),
    Misconception(
        "lets autograd watch",
        task="xavier_uniform",
        old="""    with torch.no_grad():
        return weight.uniform_(-bound, bound, generator=generator)""",
        new="""    return weight.uniform_(-bound, bound, generator=generator)""",
        hint="Your function works on a plain tensor and fails on the weight of a layer: autograd does not let a "
        "parameter be changed in place while it records. Tell it that this is no step of the computation.",
        severity="substantial",
    ),
    Misconception(
        "ignores the generator",
        task="xavier_uniform",
        old="generator=generator)",
        new="generator=None)",
        hint="You accept a generator and draw from torch's global one. Every function that draws takes a generator "
        "too: hand it on.",
        severity="minor",
    ),
    Misconception(
        "makes a fresh generator when none is given",
        task="xavier_uniform",
        old="generator=generator)",
        new="generator=generator or torch.Generator())",
        hint="Without a generator every call gives the same weight: a new torch.Generator always starts from the "
        "same state. None should mean torch's global generator, and torch's own functions already take it "
        "that way.",
        severity="minor",
    ),
    # xavier_normal_
    Misconception(
        "takes the variance for the standard deviation",
        task="xavier_normal",
        old="std = gain * math.sqrt(2 / (fan_in + fan_out))",
        new="std = gain * 2 / (fan_in + fan_out)",
        hint="Your weights are far too small: their standard deviation is what should be their variance. The "
        "second entry of N(0, v) in the formula is one, the second argument of torch's normal_ is the other.",
        severity="fundamental",
    ),
    Misconception(
        "keeps the 6 of the uniform bound",
        task="xavier_normal",
        old="std = gain * math.sqrt(2 / (fan_in + fan_out))",
        new="std = gain * math.sqrt(6 / (fan_in + fan_out))",
        hint="Your standard deviation is too large by the square root of 3. The 6 came from the variance a**2 / 3 "
        "of a uniform distribution; a normal one takes its variance as it is.",
        severity="fundamental",
    ),
    Misconception(
        "looks at the fan-out only",
        task="xavier_normal",
        old="std = gain * math.sqrt(2 / (fan_in + fan_out))",
        new="std = gain * math.sqrt(1 / fan_out)",
        hint="Your variance is 1 / fan_out, which suits the gradient alone. Xavier's rule takes the mean of both fans.",
        severity="fundamental",
    ),
    Misconception(
        "takes the channels for the fans",
        task="xavier_normal",
        old="fan_in, fan_out = fan_in_and_fan_out(weight)",
        new="fan_out, fan_in = weight.shape[0], weight.shape[1]",
        hint="Linear weights come out right and convolutions too large: the channels alone are not the fans. You "
        "have written a function that counts the kernel too.",
        severity="substantial",
    ),
    Misconception(
        "multiplies the standard deviation by the squared gain",
        task="xavier_normal",
        old="std = gain * math.sqrt(2 / (fan_in + fan_out))",
        new="std = gain**2 * math.sqrt(2 / (fan_in + fan_out))",
        hint="With a gain of 2 your weights are 4 times as large. The gain is squared in the variance; what "
        "becomes of it in the standard deviation?",
        severity="minor",
    ),
    Misconception(
        "draws from a uniform distribution",
        task="xavier_normal",
        old="weight.normal_(0, std, generator=generator)",
        new="weight.uniform_(-math.sqrt(3) * std, math.sqrt(3) * std, generator=generator)",
        hint="The variance is right, but the draws are uniform: none lies beyond 1.74 standard deviations. This "
        "rule asks for the normal distribution.",
        severity="substantial",
    ),
    Misconception(
        "adds the draws to the old values",
        task="xavier_normal",
        old="weight.normal_(0, std, generator=generator)",
        new="weight.add_(torch.empty_like(weight).normal_(0, std, generator=generator))",
        hint="What the weight held before is still in it: a weight of 3 stays near 3. Initializing replaces the "
        "old values.",
        severity="substantial",
    ),
    Misconception(
        "gives the name to a new tensor",
        task="xavier_normal",
        old="return weight.normal_(0, std, generator=generator)",
        new="""weight = std * torch.randn(weight.shape, generator=generator)
        return weight""",
        hint="`weight = ...` gives the name to a new tensor, in torch's default dtype; the caller's tensor still "
        "holds the old values. Put the draws into the tensor that you were given.",
        severity="substantial",
    ),
    Misconception(
        "lets autograd record the filling",
        task="xavier_normal",
        old="""    with torch.no_grad():
        return weight.normal_(0, std, generator=generator)""",
        new="""    return weight.normal_(0, std, generator=generator)""",
        hint="Your function works on a plain tensor and fails on the weight of a layer: autograd does not let a "
        "parameter be changed in place while it records. Tell it that this is no step of the computation.",
        severity="substantial",
    ),
    Misconception(
        "freezes the weight",
        task="xavier_normal",
        old="""    with torch.no_grad():
        return""",
        new="""    weight.requires_grad_(False)
    with torch.no_grad():
        return""",
        hint="After your function the parameter no longer asks for a gradient, so it never learns. Switching "
        "recording off for a moment is something else than switching it off for this tensor.",
        severity="substantial",
    ),
    Misconception(
        "draws from a generator of its own",
        task="xavier_normal",
        old="generator=generator)",
        new="generator=torch.Generator().manual_seed(42))",
        hint="Every call gives the same weight, whatever generator it is handed: you make one yourself, with a "
        "fixed seed. Then all layers of one shape start equal. Seeds are the caller's business.",
        severity="minor",
    ),
    Misconception(
        "seeds torch's global generator",
        task="xavier_normal",
        old="    with torch.no_grad():",
        new="    torch.manual_seed(42)\n    with torch.no_grad():",
        hint="Your function reseeds torch's global generator. Whoever draws after you, a dropout layer say, now "
        "draws the same numbers each time. Draw from what is there, and leave seeds to the caller.",
        severity="minor",
    ),
    # XavierInitNetwork, structure
    Misconception(
        "puts a Tanh after the output layer",
        task="xavier_init_network_structure",
        old="nn.Sequential(*layers[:-1])",
        new="nn.Sequential(*layers)",
        hint="Your network ends with a Tanh, so its outputs never leave (-1, 1). The output layer is a Linear with "
        "nothing behind it.",
        severity="substantial",
    ),
    Misconception(
        "activates with ReLU",
        task="xavier_init_network_structure",
        old="nn.Linear(num_inputs, num_outputs), nn.Tanh()]",
        new="nn.Linear(num_inputs, num_outputs), nn.ReLU()]",
        hint="The layers are in place, but the activation is not the one asked for. Xavier's derivation is about "
        "tanh; ReLU gets its own rule in the next exercise.",
        severity="substantial",
    ),
    Misconception(
        "makes all hidden layers as wide as the first",
        task="xavier_init_network_structure",
        old="sizes = [input_size, *hidden_sizes, output_size]",
        new="sizes = [input_size, *[hidden_sizes[0]] * len(hidden_sizes), output_size]",
        hint="Each hidden layer has the width of the first one. The list holds a width for each of them.",
        severity="substantial",
    ),
    Misconception(
        "forgets the last hidden layer",
        task="xavier_init_network_structure",
        old="sizes = [input_size, *hidden_sizes, output_size]",
        new="sizes = [input_size, *hidden_sizes[:-1], output_size]",
        hint="Your network is one hidden layer short. Three hidden layers mean four Linear layers: check where "
        "your loop over the sizes ends.",
        severity="substantial",
    ),
    Misconception(
        "squashes the output",
        task="xavier_init_network_structure",
        old="return self.network(x)",
        new="return torch.tanh(self.network(x))",
        hint="The layers are right, but `forward` applies something more to their output. What `network` gives is "
        "the result.",
        severity="substantial",
    ),
    Misconception(
        "appends to the caller's list",
        task="xavier_init_network_structure",
        old="sizes = [input_size, *hidden_sizes, output_size]",
        new="""hidden_sizes.append(output_size)
        sizes = [input_size, *hidden_sizes]""",
        hint="The list of hidden sizes is longer after your constructor than before. It belongs to the caller, who "
        "may build a second network from it: make a new list.",
        severity="minor",
    ),
    Misconception(
        "cuts the graph in forward",
        task="xavier_init_network_structure",
        old="return self.network(x)",
        new="""with torch.no_grad():
            return self.network(x)""",
        hint="No gradient comes out of your forward pass, so the network cannot be trained. Recording is switched "
        "off while weights are initialized, not while the network is used.",
        severity="substantial",
    ),
    # XavierInitNetwork, initialization
    Misconception(
        "adds a gain for tanh",
        "xavier_init_network_initialization",
        old="""xavier_uniform_(weight, generator=generator),
            "xavier_normal": lambda weight: xavier_normal_(weight, generator=generator)""",
        new="""xavier_uniform_(weight, gain=5 / 3, generator=generator),
            "xavier_normal": lambda weight: xavier_normal_(weight, gain=5 / 3, generator=generator)""",
        hint="Your weights are larger by the factor 5/3, the gain that torch recommends for tanh. Here the gain is "
        "1, as in the paper; see the table of conventions.",
        severity="substantial",
    ),
    Misconception(
        "leaves the output layer as torch made it",
        task="xavier_init_network_initialization",
        old="for layer in self.network[::2]:",
        new="for layer in self.network[:-1:2]:",
        hint="The hidden layers are right; the output layer still has the weights and the bias that nn.Linear gave "
        "it. Look at where your loop over the layers ends.",
        severity="substantial",
    ),
    Misconception(
        "uses the uniform rule for both",
        task="xavier_init_network_initialization",
        old="xavier_normal_(weight, generator=generator)",
        new="xavier_uniform_(weight, generator=generator)",
        hint="'xavier_normal' gives you uniform weights. The variance is the same, so no spread can show it: check "
        "which function that name leads to.",
        severity="substantial",
    ),
    Misconception(
        "makes zeros and lets them go",
        task="xavier_init_network_initialization",
        old="lambda weight: weight.zero_()",
        new="lambda weight: torch.zeros_like(weight)",
        hint="With 'zeros' the weights are still those of nn.Linear: you make a new tensor of zeros, and nobody "
        "keeps it. The layer's own weight has to change.",
        severity="substantial",
    ),
    Misconception(
        "takes 0.1 for a standard deviation",
        task="xavier_init_network_initialization",
        old="weight.uniform_(-0.1, 0.1, generator=generator)",
        new="weight.normal_(0, 0.1, generator=generator)",
        hint="'random' gives you normal draws with a standard deviation of 0.1. It asks for the uniform "
        "distribution on (-0.1, 0.1), and none of its draws lies outside.",
        severity="minor",
    ),
    Misconception(
        "draws between zero and a tenth",
        task="xavier_init_network_initialization",
        old="weight.uniform_(-0.1, 0.1, generator=generator)",
        new="weight.uniform_(0, 0.1, generator=generator)",
        hint="With 'random' no weight is negative. The range is from -0.1 to 0.1.",
        severity="minor",
    ),
    Misconception(
        "keeps nn.Linear's biases",
        task="xavier_init_network_initialization",
        old="""                initialize[init_type](layer.weight)
                layer.bias.zero_()""",
        new="""                initialize[init_type](layer.weight)""",
        hint="The weights are right, the biases are not 0: nn.Linear draws them when it is built. Set them too, "
        "whatever the init_type.",
        severity="minor",
    ),
    Misconception(
        "takes an unknown init_type for Xavier",
        task="xavier_init_network_initialization",
        old='raise ValueError(f"init_type should be one of {list(initialize)}, got {init_type!r}")',
        new='init_type = "xavier"',
        hint="An init_type that does not exist is accepted in silence, so a typing error gives a network that "
        "nobody asked for. Refuse it with a ValueError that names it.",
        severity="minor",
    ),
    Misconception(
        "lets the lookup fail on an unknown init_type",
        task="xavier_init_network_initialization",
        old='raise ValueError(f"init_type should be one of {list(initialize)}, got {init_type!r}")',
        new="raise KeyError(init_type)",
        hint="An unknown init_type ends in a KeyError, which tells your caller about a dictionary and not about "
        "the argument. Refuse it with a ValueError that names it.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the init_type in its error",
        "xavier_init_network_initialization",
        old='raise ValueError(f"init_type should be one of {list(initialize)}, got {init_type!r}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    Misconception(
        "forgets the generator for the fixed range",
        task="xavier_init_network_initialization",
        old="weight.uniform_(-0.1, 0.1, generator=generator)",
        new="weight.uniform_(-0.1, 0.1)",
        hint="The Xavier types follow the generator, 'random' does not: its draws come from torch's global "
        "generator. Hand the generator on there too.",
        severity="minor",
    ),
    Misconception(
        "seeds torch's global generator in the constructor",
        task="xavier_init_network_initialization",
        old="super().__init__()",
        new="super().__init__()\n        torch.manual_seed(42)",
        hint="Building your network reseeds torch's global generator, and everything that is drawn afterwards "
        "repeats itself. Whoever wants the same network twice passes a generator.",
        severity="minor",
    ),
    # activation_spread
    Misconception(
        "measures the Linear layers",
        task="activation_spread",
        old="isinstance(module, nn.Tanh)",
        new="isinstance(module, nn.Linear)",
        hint="You measure what the Linear layers give, the output layer's result among it. The question is what "
        "comes out of each Tanh.",
        severity="fundamental",
    ),
    Misconception(
        "measures what goes into the Tanh",
        task="activation_spread",
        old="output.std().item()",
        new="inputs[0].std().item()",
        hint="As many numbers as asked for, but each is taken before its Tanh. A hook gets both the inputs and the "
        "output of its module.",
        severity="fundamental",
    ),
    Misconception(
        "averages the units' deviations",
        task="activation_spread",
        old="output.std().item()",
        new="output.std(dim=0).mean().item()",
        hint="You compute a deviation for every unit and average. That forgets how the units differ from each "
        "other: all entries of the output count together.",
        severity="substantial",
    ),
    Misconception(
        "gives the variance",
        task="activation_spread",
        old="output.std().item()",
        new="output.var().item()",
        hint="Your numbers are the squares of those expected: a variance. A spread is in the units of the "
        "activations themselves.",
        severity="substantial",
    ),
    Misconception(
        "gives tensors",
        task="activation_spread",
        old="output.std().item()",
        new="output.std()",
        hint="The values are right, but the list holds tensors of one element. Turn each into a plain float; a "
        "tensor can do that itself.",
        severity="minor",
    ),
    Misconception(
        "rounds for display",
        task="activation_spread",
        old="output.std().item()",
        new="round(output.std().item(), 4)",
        hint="You round, and a signal that has faded to a millionth becomes 0. Keep all digits; rounding belongs "
        "to where numbers are shown.",
        severity="minor",
    ),
    Misconception(
        "leaves its hooks behind",
        task="activation_spread",
        old="handle.remove()",
        new="pass",
        hint="Your hooks are still on the network and fire at every later pass. Each registration returns a "
        "handle: what can it do?",
        severity="minor",
    ),
    Misconception(
        "sweeps away the hooks of others",
        task="activation_spread",
        old="""        for handle in handles:
            handle.remove()""",
        new="""        for module in network.modules():
            module._forward_hooks.clear()""",
        hint="You clear all hooks of the network, also those that were there before you came. Remove your own, "
        "each by the handle that you got for it.",
        severity="minor",
    ),
    Misconception(
        "freezes the parameters",
        task="activation_spread",
        old="        with torch.no_grad():",
        new="        network.requires_grad_(False)\n        with torch.no_grad():",
        hint="After you measured, the parameters no longer ask for gradients, so the network cannot be trained. "
        "Switch recording off around your forward pass, not on the parameters.",
        severity="minor",
    ),
    Misconception(
        "clears the gradients",
        task="activation_spread",
        old="            network(x)",
        new="            network(x)\n            network.zero_grad()",
        hint="Gradients that were there before you measured are gone. If your forward pass records nothing, there "
        "is nothing to clear.",
        severity="minor",
    ),
    Misconception(
        "leaves the network in eval mode",
        task="activation_spread",
        old="    spreads = []",
        new="    network.eval()\n    spreads = []",
        hint="A network that was training is in eval mode after you measured. Does measuring Linear and Tanh "
        "layers need a mode at all? If you change it, put it back.",
        severity="minor",
    ),
    Misconception(
        "always ends in training mode",
        task="activation_spread",
        old="    return spreads",
        new="    network.train()\n    return spreads",
        hint="A network in eval mode is in training mode after you measured. Put back the mode that it was in, "
        "whichever that was.",
        severity="minor",
    ),
    Misconception(
        "standardizes the batch in place",
        task="activation_spread",
        old="            network(x)",
        new="            network(x.sub_(x.mean(0)).div_(x.std(0)))",
        hint="You standardize the batch first, and in place: the caller's data has changed. Measure on the batch "
        "as it is.",
        severity="substantial",
    ),
]
