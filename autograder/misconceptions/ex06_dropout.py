"""What students get wrong in ex06, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

STANDARD = "standard_dropout"
CONNECT = "dropconnect"
BLOCK = "drop_block"
MONTE_CARLO = "monte_carlo_predict"

MISCONCEPTIONS = [
    # The constructor
    Misconception(
        "lets a drop_prob of one in",
        task=STANDARD,
        old="if not 0 <= drop_prob < 1:",
        new="if not 0 <= drop_prob <= 1:",
        hint="You accept a drop_prob of 1. Nothing would be kept, and the factor of what is kept would be 1 / 0.",
        severity="minor",
    ),
    Misconception(
        "refuses a drop_prob of zero",
        task=STANDARD,
        old="if not 0 <= drop_prob < 1:",
        new="if not 0 < drop_prob < 1:",
        hint="You refuse a drop_prob of 0. It means that nothing is dropped, which is how one compares with and "
        "without: look at which end of the interval belongs to it.",
        severity="minor",
    ),
    Misconception(
        "checks the upper end only",
        task=STANDARD,
        old="if not 0 <= drop_prob < 1:",
        new="if drop_prob >= 1:",
        hint="A negative drop_prob is accepted. A probability has two ends.",
        severity="minor",
    ),
    Misconception(
        "checks the lower end only",
        task=STANDARD,
        old="if not 0 <= drop_prob < 1:",
        new="if drop_prob < 0:",
        hint="A drop_prob of 1 or more is accepted. A probability has two ends.",
        severity="minor",
    ),
    Misconception(
        "asserts that drop_prob is good",
        task=STANDARD,
        old='raise ValueError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")',
        new='raise AssertionError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")',
        hint="A bad drop_prob ends in an AssertionError. Assertions are for what can never happen, and `python -O` "
        "leaves them out; a bad argument is a ValueError.",
        severity="minor",
    ),
    Misconception(
        "moves a bad drop_prob into the interval",
        task=STANDARD,
        old='raise ValueError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")',
        new="drop_prob = min(max(drop_prob, 0.0), 0.99)",
        hint="A bad drop_prob is replaced by a good one in silence, so a typing error trains a network that nobody "
        "asked for. Refuse it with a ValueError that names it.",
        severity="minor",
    ),
    Misconception(
        "says nothing of drop_prob in its error",
        STANDARD,
        old='raise ValueError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    Misconception(
        "is a plain class",
        task=STANDARD,
        old="class DropoutVariants(nn.Module):",
        new="class DropoutVariants:",
        hint="Your class is no nn.Module any more, so a network that holds it does not know it. The first line of "
        "the class says what it inherits from.",
        severity="minor",
    ),
    # standard_dropout
    Misconception(
        "does not rescale activations",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return x * kept",
        hint="What you keep stays as it is. Then the mean of an activation in training is 1 - p times what it is "
        "at inference, and the next layer meets sums that it has never seen. Which factor makes up for it?",
        severity="fundamental",
    ),
    Misconception(
        "multiplies by the chance to be kept",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return x * kept * (1 - self.drop_prob)",
        hint="You make the kept entries smaller. Dropping has already made the mean too small by the factor 1 - p: "
        "the rest must get larger.",
        severity="fundamental",
    ),
    Misconception(
        "divides by the chance to be dropped",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return x * kept / self.drop_prob",
        hint="You divide by p. At p = 0.5 nobody can tell, but with p = 0.1 your activations are nine times too "
        "large. Work out the mean of m x for a mask m that is 1 with probability 1 - p.",
        severity="fundamental",
    ),
    Misconception(
        "scales at inference as the paper did",
        task=STANDARD,
        old="""            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)""",
        new="""            return x * (1 - self.drop_prob)
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob
        return x * kept""",
        hint="This is the dropout of the paper, which scales at inference. It is right on average, but not what is "
        "asked for here: see the table of conventions for where the factor goes.",
        severity="fundamental",
    ),
    Misconception(
        "scales in training and at inference",
        task=STANDARD,
        old="            return x\n        kept",
        new="            return x * (1 - self.drop_prob)\n        kept",
        hint="Training is right. At inference you multiply by 1 - p as well, and so make up twice for the same thing.",
        severity="substantial",
    ),
    Misconception(
        "drops what should be kept",
        task=STANDARD,
        old="kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob",
        new="kept = torch.rand(x.shape, generator=self.generator, device=x.device) < self.drop_prob",
        hint="The dropped share is 1 - drop_prob. A number between 0 and 1 lies below 0.3 in 30 % of all cases: do "
        "these stay or go? Your factor is the right one.",
        severity="fundamental",
    ),
    Misconception(
        "takes drop_prob for the chance to be kept",
        task=STANDARD,
        old="""kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)""",
        new="""kept = torch.rand(x.shape, generator=self.generator, device=x.device) < self.drop_prob
        return x * kept / self.drop_prob""",
        hint="Your p is the chance to be kept, as in the dropout paper and in old TensorFlow. Here, as in torch, "
        "it is the chance to be dropped.",
        severity="fundamental",
    ),
    Misconception(
        "drops at inference too",
        task=STANDARD,
        old="""        if not training:
            return x
        kept""",
        new="        kept",
        hint="With training=False entries are still dropped. Where does your method look at that argument?",
        severity="substantial",
    ),
    Misconception(
        "asks the module's mode about dropout",
        task=STANDARD,
        old="""        if not training:
            return x
        kept""",
        new="""        if not self.training:
            return x
        kept""",
        hint="You ask self.training, the mode that train() and eval() set. Here the argument `training` decides; "
        "the two only look alike.",
        severity="substantial",
    ),
    Misconception(
        "draws one mask for all samples",
        task=STANDARD,
        old="torch.rand(x.shape, generator",
        new="torch.rand(x.shape[1:], generator",
        hint="All samples of a batch lose the same entries: your mask has no batch dimension and is broadcast over "
        "it. Then a step trains one thinned network instead of one for each sample.",
        severity="substantial",
    ),
    Misconception(
        "drops whole samples",
        task=STANDARD,
        old="torch.rand(x.shape, generator",
        new="torch.rand(x.shape[0], *[1] * (x.dim() - 1), generator",
        hint="You draw once for each sample, so a sample is there as a whole or not at all. Each entry needs its "
        "own draw.",
        severity="substantial",
    ),
    Misconception(
        "drops whole channels",
        task=STANDARD,
        old="torch.rand(x.shape, generator",
        new="torch.rand(*x.shape[:2], *[1] * (x.dim() - 2), generator",
        hint="You draw once for each channel, as nn.Dropout2d does. That is a useful layer, but here every entry "
        "is dropped on its own.",
        severity="substantial",
    ),
    Misconception(
        "drops a fixed number of entries",
        task=STANDARD,
        old="kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob",
        new="""order = torch.randperm(x.numel(), generator=self.generator).reshape(x.shape)
        kept = order >= round(self.drop_prob * x.numel())""",
        hint="In every call exactly the same number of entries goes, so they are not independent: once some are "
        "gone the others are safe. The formula draws for each entry; how many go is then left to chance.",
        severity="substantial",
    ),
    Misconception(
        "scales by the share that happened to be kept",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return x * kept * (kept.numel() / kept.sum())",
        hint="You divide by the share that this call happened to keep. That is DropBlock's rule; dropout divides "
        "by the probability, which is known before the draw.",
        severity="minor",
    ),
    Misconception(
        "multiplies by noise around one",
        task=STANDARD,
        old="""kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)""",
        new="""spread = (self.drop_prob / (1 - self.drop_prob)) ** 0.5
        return x * (1 + spread * torch.randn(x.shape, generator=self.generator))""",
        hint="You multiply by normal noise of the right mean and variance. That is Gaussian dropout (section 10 of "
        "the paper); here entries really become 0.",
        severity="fundamental",
    ),
    Misconception(
        "ignores the generator in dropout",
        task=STANDARD,
        old="torch.rand(x.shape, generator=self.generator, ",
        new="torch.rand(x.shape, ",
        hint="Your constructor gets a generator, and your draws come from torch's global one. Every function that "
        "draws takes a generator too.",
        severity="minor",
    ),
    Misconception(
        "makes a fresh generator for dropout when there is none",
        task=STANDARD,
        old="torch.rand(x.shape, generator=self.generator, ",
        new="torch.rand(x.shape, generator=self.generator or torch.Generator(), ",
        hint="Without a generator every call drops the same entries: a new torch.Generator always starts from the "
        "same state. None should mean torch's global generator, and torch's own functions take it that way.",
        severity="substantial",
    ),
    Misconception(
        "draws dropout from numpy",
        task=STANDARD,
        old="kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob",
        new="""import numpy as np
        kept = torch.from_numpy(np.random.rand(*x.shape)) >= self.drop_prob""",
        hint="Your draws come from numpy's global generator, so neither the generator that was passed nor torch's "
        "seed has any influence on them.",
        severity="minor",
    ),
    Misconception(
        "seeds before dropping",
        task=STANDARD,
        old="        kept = torch.rand(x.shape",
        new="        torch.manual_seed(42)\n        kept = torch.rand(x.shape",
        hint="You reseed torch's global generator in each call. Every call drops the same entries then, and "
        "everybody who draws after you gets the same numbers again. Seeds are the caller's business.",
        severity="substantial",
    ),
    Misconception(
        "keeps its first mask",
        task=STANDARD,
        old="kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob",
        new="""if getattr(self, "mask", torch.empty(0)).shape != x.shape:
            self.mask = torch.rand(x.shape, generator=self.generator) >= self.drop_prob
        kept = self.mask""",
        hint="The mask is drawn once and then used again, so some units never take part and the others never learn "
        "to do without them. Draw in every call.",
        severity="substantial",
    ),
    Misconception(
        "drops in the input itself",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="""x *= kept
        return x / (1 - self.drop_prob)""",
        hint="After your call the caller's tensor has holes: `*=` changes it in place, and autograd does not allow "
        "that either. Make a new tensor.",
        severity="substantial",
    ),
    Misconception(
        "cuts the graph in dropout",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return x.detach() * kept / (1 - self.drop_prob)",
        hint="No gradient comes back through your result, so nothing below this layer can learn. The mask is a "
        "constant; x is not.",
        severity="substantial",
    ),
    Misconception(
        "turns activations into float32",
        task=STANDARD,
        old="return x * kept / (1 - self.drop_prob)",
        new="return (x * kept / (1 - self.drop_prob)).float()",
        hint="float64 goes in, float32 comes out. Let the result have the dtype of x.",
        severity="minor",
    ),
    # dropconnect
    Misconception(
        "does not rescale weights",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return weight * connected",
        hint="The connections that stay keep their strength, so the mean over many calls is (1 - p) W, and "
        "training and inference disagree. Rescale what stays.",
        severity="fundamental",
    ),
    Misconception(
        "multiplies weights by the chance to stay",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return weight * connected * (1 - self.drop_prob)",
        hint="You weaken the connections that stay. Some are gone already, which made the mean too small: the "
        "others must get stronger.",
        severity="fundamental",
    ),
    Misconception(
        "divides weights by the chance to go",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return weight * connected / self.drop_prob",
        hint="You divide by p. At p = 0.5 nobody can tell. Work out the mean of m w for a mask m that is 1 with "
        "probability 1 - p.",
        severity="fundamental",
    ),
    Misconception(
        "scales the weights by the share that stayed",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return weight * connected * (connected.numel() / connected.sum())",
        hint="You divide by the share that this call happened to keep. Then the entries are not independent any "
        "more; use the probability, which is known before the draw.",
        severity="minor",
    ),
    Misconception(
        "scales weights down at inference",
        task=CONNECT,
        old="            return weight\n",
        new="            return weight * (1 - self.drop_prob)\n",
        hint="Training is right. At inference you multiply by 1 - p as well, and so make up twice for the same "
        "thing: see the table of conventions.",
        severity="substantial",
    ),
    Misconception(
        "keeps the connections that should go",
        task=CONNECT,
        old="connected = torch.rand(weight.shape, generator=self.generator, device=weight.device) >= self.drop_prob",
        new="connected = torch.rand(weight.shape, generator=self.generator, device=weight.device) < self.drop_prob",
        hint="The share of connections that go is 1 - drop_prob: your comparison is the wrong way round.",
        severity="fundamental",
    ),
    Misconception(
        "disconnects whole units",
        task=CONNECT,
        old="torch.rand(weight.shape, generator",
        new="torch.rand(weight.shape[0], *[1] * (weight.dim() - 1), generator",
        hint="You draw once for each row of the weight, so a unit loses all its inputs or none: that is dropout of "
        "the layer's outputs. DropConnect draws for each single connection.",
        severity="substantial",
    ),
    Misconception(
        "disconnects whole inputs",
        task=CONNECT,
        old="torch.rand(weight.shape, generator",
        new="torch.rand(1, *weight.shape[1:], generator",
        hint="All units lose the same inputs: your mask has no output dimension and is broadcast over it. That is "
        "dropout of the layer's inputs. DropConnect draws for each single connection.",
        severity="substantial",
    ),
    Misconception(
        "knows linear weights only",
        task=CONNECT,
        old="torch.rand(weight.shape, generator",
        new="torch.rand(weight.shape[0], weight.shape[1], generator",
        hint="Linear weights come out right; a convolution's, which has kernel dimensions behind the first two, "
        "does not. Take the whole shape for your mask.",
        severity="substantial",
    ),
    Misconception(
        "drops whole kernels",
        task=CONNECT,
        old="torch.rand(weight.shape, generator",
        new="torch.rand(*weight.shape[:2], *[1] * (weight.dim() - 2), generator",
        hint="Linear weights come out right; of a convolution you drop whole kernels. Every entry of a kernel is a "
        "connection of its own.",
        severity="substantial",
    ),
    Misconception(
        "disconnects at inference too",
        task=CONNECT,
        old="""        if not training:
            return weight
""",
        new="",
        hint="With training=False connections are still dropped. Where does your method look at that argument?",
        severity="substantial",
    ),
    Misconception(
        "asks the module's mode about the weights",
        task=CONNECT,
        old="""        if not training:
            return weight
""",
        new="""        if not self.training:
            return weight
""",
        hint="You ask self.training, the mode that train() and eval() set. Here the argument `training` decides.",
        severity="substantial",
    ),
    Misconception(
        "changes the parameter",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="""weight.data.mul_(connected).div_(1 - self.drop_prob)
        return weight""",
        hint="You drop in the weight itself. What is gone is gone for good: after a few calls nothing is left. The "
        "parameter stays, only the result has holes.",
        severity="substantial",
    ),
    Misconception(
        "makes a new parameter",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return nn.Parameter(weight * connected / (1 - self.drop_prob))",
        hint="You wrap the result in a new nn.Parameter. A parameter is where a graph begins, so the gradient "
        "stops there and never reaches the weight that the optimizer knows.",
        severity="substantial",
    ),
    Misconception(
        "cuts the weight off from the graph",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return weight.detach() * connected / (1 - self.drop_prob)",
        hint="No gradient reaches the weight through your result, so it cannot learn. The mask is a constant; the "
        "weight is not.",
        severity="substantial",
    ),
    Misconception(
        "gives the mask instead of the weight",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return connected.to(weight.dtype) / (1 - self.drop_prob)",
        hint="You return the scaled mask; the weight itself is not in it.",
        severity="fundamental",
    ),
    Misconception(
        "turns weights into float32",
        task=CONNECT,
        old="return weight * connected / (1 - self.drop_prob)",
        new="return (weight * connected / (1 - self.drop_prob)).float()",
        hint="A float64 weight goes in, float32 comes out. Let the result have the dtype of the weight.",
        severity="minor",
    ),
    Misconception(
        "drops a fixed number of connections",
        task=CONNECT,
        old="connected = torch.rand(weight.shape, generator=self.generator, device=weight.device) >= self.drop_prob",
        new="""order = torch.randperm(weight.numel(), generator=self.generator).reshape(weight.shape)
        connected = order >= round(self.drop_prob * weight.numel())""",
        hint="In every call exactly the same number of connections goes, so the draws are not independent. Draw "
        "for each connection; how many go is then left to chance.",
        severity="substantial",
    ),
    Misconception(
        "ignores the generator for the weights",
        task=CONNECT,
        old="torch.rand(weight.shape, generator=self.generator, ",
        new="torch.rand(weight.shape, ",
        hint="Your constructor gets a generator, and these draws come from torch's global one. Hand it on here too.",
        severity="minor",
    ),
    Misconception(
        "draws the same connections in each call",
        task=CONNECT,
        old="torch.rand(weight.shape, generator=self.generator, ",
        new="torch.rand(weight.shape, generator=torch.Generator().manual_seed(0), ",
        hint="Every call drops the same connections: you make a generator with a fixed seed each time. Draw from "
        "the one that the constructor got.",
        severity="substantial",
    ),
    Misconception(
        "seeds before disconnecting",
        task=CONNECT,
        old="        connected = torch.rand(weight.shape",
        new="        torch.manual_seed(42)\n        connected = torch.rand(weight.shape",
        hint="You reseed torch's global generator in each call, and everybody who draws after you gets the same "
        "numbers again. Seeds are the caller's business.",
        severity="substantial",
    ),
    # drop_block
    Misconception(
        "starts blocks with probability drop_prob",
        task=BLOCK,
        old="gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)",
        new="gamma = self.drop_prob",
        hint="At each place a block starts with probability drop_prob. But a block takes many cells with it, so "
        "far too much is dropped: that is what gamma is for.",
        severity="substantial",
    ),
    Misconception(
        "leaves the border out of gamma",
        task=BLOCK,
        old="gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)",
        new="gamma = self.drop_prob / block_size**2",
        hint="Your gamma is drop_prob / block_size**2. There are fewer places for a start than cells, so each of "
        "them must be a little more likely: look at the second factor of the formula.",
        severity="substantial",
    ),
    Misconception(
        "forgets that blocks have two sides",
        task=BLOCK,
        old="gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)",
        new="gamma = self.drop_prob * height * width / block_size / (rows * columns)",
        hint="You divide by block_size once. A block takes block_size * block_size cells with it.",
        severity="substantial",
    ),
    Misconception(
        "takes every map to be square in gamma",
        task=BLOCK,
        old="gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)",
        new="gamma = self.drop_prob * height**2 / block_size**2 / rows**2",
        hint="Your gamma uses the height twice. On square maps nobody can tell; write it for height and width.",
        severity="substantial",
    ),
    Misconception(
        "turns the border's share round",
        task=BLOCK,
        old="gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)",
        new="gamma = self.drop_prob / block_size**2 * (rows * columns) / (height * width)",
        hint="The second factor of your gamma is upside down: fewer places to start mean that each must be more "
        "likely, not less.",
        severity="substantial",
    ),
    Misconception(
        "lets blocks hang over the edge",
        task=BLOCK,
        old="""draws = torch.rand(*x.shape[:2], rows, columns, generator=self.generator, device=x.device)
        starts = (draws < gamma).to(x.dtype)
        # A cell is dropped if a block starts in the window of which it is the lower right corner.
        windows = F.pad(starts, [block_size - 1] * 4)""",
        new="""draws = torch.rand(x.shape, generator=self.generator, device=x.device)
        starts = (draws < gamma).to(x.dtype)
        windows = F.pad(starts, [block_size - 1, 0] * 2)""",
        hint="Blocks start at every cell, and those near the lower and right edge are cut off. Then the edges lose "
        "parts of blocks, and more is dropped than gamma was made for: start blocks only where they fit.",
        severity="substantial",
    ),
    Misconception(
        "never starts a block in the last row and column",
        task=BLOCK,
        old="""rows, columns, generator=self.generator, device=x.device)
        starts = (draws < gamma).to(x.dtype)""",
        new="""rows, columns, generator=self.generator, device=x.device)
        starts = (draws < gamma).to(x.dtype)
        if rows > 1 and columns > 1:
            starts[..., -1, :] = starts[..., -1] = 0""",
        hint="Your blocks never reach the last row and the last column. Count the places for a block of 2 in a row "
        "of 4 cells on your fingers: it is one more than 4 - 2.",
        severity="substantial",
    ),
    Misconception(
        "drops single cells",
        task=BLOCK,
        old="""windows = F.pad(starts, [block_size - 1] * 4)
        kept = 1 - F.max_pool2d(windows, block_size, stride=1)""",
        new="kept = 1 - F.pad(starts, [0, block_size - 1] * 2)",
        hint="Only the cell in which a block starts becomes 0. The rest of the square has to go with it.",
        severity="fundamental",
    ),
    Misconception(
        "drops rows of cells",
        task=BLOCK,
        old="""windows = F.pad(starts, [block_size - 1] * 4)
        kept = 1 - F.max_pool2d(windows, block_size, stride=1)""",
        new="""windows = F.pad(starts, [block_size - 1] * 2 + [0, block_size - 1])
        kept = 1 - F.max_pool2d(windows, (1, block_size), stride=1)""",
        hint="Your blocks are one cell high. They should be squares.",
        severity="fundamental",
    ),
    Misconception(
        "makes even blocks odd",
        task=BLOCK,
        old="kept = 1 - F.max_pool2d(windows, block_size, stride=1)",
        new="""half = block_size // 2
        kept = 1 - F.max_pool2d(windows, 2 * half + 1, stride=1, padding=half)
        kept = kept[..., half : half + height, half : half + width]""",
        hint="Blocks of 1 and 3 are right; blocks of 2 come out as 3 x 3 and those of 4 as 5 x 5. A window that "
        "reaches block_size // 2 to both sides has an odd size, always.",
        severity="substantial",
    ),
    Misconception(
        "keeps the blocks and drops the rest",
        task=BLOCK,
        old="kept = 1 - F.max_pool2d(windows, block_size, stride=1)",
        new="kept = F.max_pool2d(windows, block_size, stride=1)",
        hint="Your mask is the wrong way round: what lies in a block is all that survives.",
        severity="fundamental",
    ),
    Misconception(
        "swaps height and width",
        task=BLOCK,
        old="height, width = x.shape[-2:]",
        new="width, height = x.shape[-2:]",
        hint="Square maps work and others do not: x is (N, C, H, W), the height comes before the width.",
        severity="substantial",
    ),
    Misconception(
        "draws one block mask for all channels",
        task=BLOCK,
        old="draws = torch.rand(*x.shape[:2], rows, columns,",
        new="draws = torch.rand(x.shape[0], 1, rows, columns,",
        hint="All channels of a sample lose the same blocks. Some programs do that, but here each channel draws "
        "for itself: see the table of conventions.",
        severity="substantial",
    ),
    Misconception(
        "draws one block mask for all samples",
        task=BLOCK,
        old="draws = torch.rand(*x.shape[:2], rows, columns,",
        new="draws = torch.rand(1, x.shape[1], rows, columns,",
        hint="All samples of the batch lose the same blocks. Each sample draws for itself.",
        severity="substantial",
    ),
    Misconception(
        "divides by one minus drop_prob",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return x * kept / (1 - self.drop_prob)",
        hint="You divide by 1 - drop_prob, as in dropout. But blocks overlap, and less is dropped than drop_prob "
        "says: count what was kept.",
        severity="substantial",
    ),
    Misconception(
        "does not rescale maps",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return x * kept",
        hint="What you keep stays as it is, so the mean of the map shrinks by what was dropped. Make up for it "
        "with the share that was kept.",
        severity="substantial",
    ),
    Misconception(
        "scales each channel by itself",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return x * kept * (height * width / kept.sum((2, 3), keepdim=True).clamp(min=1))",
        hint="You scale every channel by the share that it kept. A channel that lost nearly everything is blown up "
        "then. Count over the whole tensor, or over a sample.",
        severity="minor",
    ),
    Misconception(
        "counts overlaps twice",
        task=BLOCK,
        old="kept.numel() / kept.sum().clamp(min=1)",
        new="kept.numel() / (kept.numel() - block_size**2 * starts.sum()).clamp(min=1)",
        hint="You count block_size**2 dropped cells for each start. Where blocks overlap, cells are counted twice: "
        "count the zeros of the finished mask.",
        severity="minor",
    ),
    Misconception(
        "divides by zero when nothing is kept",
        task=BLOCK,
        old="kept.sum().clamp(min=1)",
        new="kept.sum()",
        hint="Where everything was dropped, you divide by 0 and get 0 * infinity, which is not a number. Then the "
        "result should be 0.",
        severity="minor",
    ),
    Misconception(
        "keeps everything when nothing would be left",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return x * kept * (kept.numel() / kept.sum()) if kept.any() else x",
        hint="If everything would be dropped, you drop nothing. That is careful, but not what is asked for: the "
        "result is 0 then.",
        severity="minor",
    ),
    Misconception(
        "drops a fixed number of blocks",
        task=BLOCK,
        old="starts = (draws < gamma).to(x.dtype)",
        new="""count = round(gamma * rows * columns)
        starts = (draws.flatten(2).argsort(2).argsort(2) < count).reshape(draws.shape).to(x.dtype)""",
        hint="In every map the same number of blocks starts, so the starts are not independent. Draw for each "
        "place; how many blocks there are is then left to chance.",
        severity="substantial",
    ),
    Misconception(
        "drops blocks at inference too",
        task=BLOCK,
        old="""        if not training:
            return x
        rows""",
        new="        rows",
        hint="With training=False blocks are still dropped. Where does your method look at that argument?",
        severity="substantial",
    ),
    Misconception(
        "asks the module's mode about blocks",
        task=BLOCK,
        old="""        if not training:
            return x
        rows""",
        new="""        if not self.training:
            return x
        rows""",
        hint="You ask self.training, the mode that train() and eval() set. Here the argument `training` decides.",
        severity="substantial",
    ),
    Misconception(
        "checks the size of a block at the upper end only",
        task=BLOCK,
        old="if not 1 <= block_size <= min(height, width):",
        new="if block_size > min(height, width):",
        hint="A block_size of 0 or less is not refused as it should be. The smallest block is a single cell.",
        severity="minor",
    ),
    Misconception(
        "compares the block with the longer side",
        task=BLOCK,
        old="if not 1 <= block_size <= min(height, width):",
        new="if not 1 <= block_size <= max(height, width):",
        hint="A block that fits the longer side of the map only is let in. A square must fit both sides.",
        severity="minor",
    ),
    Misconception(
        "refuses a block that just fits",
        task=BLOCK,
        old="if not 1 <= block_size <= min(height, width):",
        new="if not 1 <= block_size < min(height, width):",
        hint="A block exactly as large as the map's shorter side is refused. It fits: there is a place for it.",
        severity="minor",
    ),
    Misconception(
        "shrinks a block that does not fit",
        task=BLOCK,
        old='raise ValueError(f"block_size should be from 1 to {min(height, width)} for this map, got {block_size}")',
        new="block_size = max(1, min(block_size, height, width))",
        hint="A block_size that does not fit is replaced by one that does, in silence. Refuse it with a ValueError.",
        severity="minor",
    ),
    Misconception(
        "says nothing of the block in its error",
        BLOCK,
        old='raise ValueError(f"block_size should be from 1 to {min(height, width)} for this map, got {block_size}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    Misconception(
        "ignores the generator for blocks",
        task=BLOCK,
        old="rows, columns, generator=self.generator, ",
        new="rows, columns, ",
        hint="Your constructor gets a generator, and the starts are drawn from torch's global one. Hand it on here "
        "too.",
        severity="minor",
    ),
    Misconception(
        "starts the same blocks in each call",
        task=BLOCK,
        old="rows, columns, generator=self.generator, ",
        new="rows, columns, generator=torch.Generator().manual_seed(0), ",
        hint="Every call drops the same blocks: you make a generator with a fixed seed each time. Draw from the "
        "one that the constructor got.",
        severity="substantial",
    ),
    Misconception(
        "seeds before starting blocks",
        task=BLOCK,
        old="        draws = torch.rand(",
        new="        torch.manual_seed(42)\n        draws = torch.rand(",
        hint="You reseed torch's global generator in each call, and everybody who draws after you gets the same "
        "numbers again. Seeds are the caller's business.",
        severity="substantial",
    ),
    Misconception(
        "drops blocks in the input itself",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="""x *= kept
        return x * (kept.numel() / kept.sum().clamp(min=1))""",
        hint="After your call the caller's maps have holes: `*=` changes them in place, and autograd does not "
        "allow that either. Make a new tensor.",
        severity="substantial",
    ),
    Misconception(
        "cuts the graph in the maps",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return x.detach() * kept * (kept.numel() / kept.sum().clamp(min=1))",
        hint="No gradient comes back through your result, so nothing below this layer can learn. The mask is a "
        "constant; x is not.",
        severity="substantial",
    ),
    Misconception(
        "turns maps into float32",
        task=BLOCK,
        old="return x * kept * (kept.numel() / kept.sum().clamp(min=1))",
        new="return (x * kept * (kept.numel() / kept.sum().clamp(min=1))).float()",
        hint="float64 goes in, float32 comes out. Let the result have the dtype of x.",
        severity="minor",
    ),
    # monte_carlo_predict
    Misconception(
        "leaves dropout switched off",
        task=MONTE_CARLO,
        old="module.training = isinstance(module, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d)",
        new="module.training = False",
        hint="All your passes give the same, so the spread is 0: everything is in eval mode, the dropout layers "
        "too. They are the ones that should be active.",
        severity="fundamental",
    ),
    Misconception(
        "puts the whole model into training mode",
        task=MONTE_CARLO,
        old="module.training = isinstance(module, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d)",
        new="module.training = True",
        hint="Every layer is in training mode, not only dropout. Batch normalization then uses the batch's "
        "statistics and changes its own: asking a network changes it.",
        severity="substantial",
    ),
    Misconception(
        "puts only batch normalization into eval mode",
        task=MONTE_CARLO,
        old="isinstance(module, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d)",
        new="not isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d)",
        hint="You take batch normalization out of training mode and leave everything else in. There are more "
        "layers with two modes, and anybody can write one: name those that should be active instead.",
        severity="substantial",
    ),
    Misconception(
        "knows one kind of dropout layer",
        task=MONTE_CARLO,
        old="nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d",
        new="nn.Dropout",
        hint="nn.Dropout is active, the layers for sequences, images and volumes are not. nn.Dropout2d is no "
        "nn.Dropout: the two only share an ancestor.",
        severity="substantial",
    ),
    Misconception(
        "looks at the model's own children only",
        task=MONTE_CARLO,
        old="for module in model.modules()}",
        new="for module in [model, *model.children()]}",
        hint="You find the layers directly below the model, and none that sit deeper, in a block say. There is a "
        "method that walks through all of them.",
        severity="substantial",
    ),
    Misconception(
        "switches on the model's own children only",
        task=MONTE_CARLO,
        old="module.training = isinstance(",
        new="module.training = module in [*model.children()] and isinstance(",
        hint="Everything is in eval mode but the dropout layers directly below the model; those that sit deeper, in a "
        "block say, stay switched off. There is a method that walks through all of them.",
        severity="substantial",
    ),
    Misconception(
        "divides by the number of passes",
        task=MONTE_CARLO,
        old="outputs.std(0)",
        new="outputs.std(0, unbiased=False)",
        hint="Your standard deviation divides by T. The spread around a mean that comes from the same passes is "
        "too small then; the unbiased one divides by T - 1.",
        severity="minor",
    ),
    Misconception(
        "gives the variance of the passes",
        task=MONTE_CARLO,
        old="outputs.std(0)",
        new="outputs.var(0)",
        hint="The second result is a variance. A standard deviation is in the units of the outputs.",
        severity="substantial",
    ),
    Misconception(
        "gives the error of the mean",
        task=MONTE_CARLO,
        old="outputs.std(0)",
        new="outputs.std(0) / num_samples**0.5",
        hint="You divide the standard deviation by the root of the number of passes. That is how well you know the "
        "mean, and it goes to 0 with more passes; the question is how far the passes lie apart.",
        severity="substantial",
    ),
    Misconception(
        "gives the spread first",
        task=MONTE_CARLO,
        old="return outputs.mean(0), outputs.std(0)",
        new="return outputs.std(0), outputs.mean(0)",
        hint="Both results are right, but they have changed places: mean first, then std.",
        severity="substantial",
    ),
    Misconception(
        "takes the spread over the batch",
        task=MONTE_CARLO,
        old="return outputs.mean(0), outputs.std(0)",
        new="return outputs.mean(1), outputs.std(1)",
        hint="You take mean and std over the rows of the batch. After stacking, the passes are the first dimension.",
        severity="fundamental",
    ),
    Misconception(
        "takes one spread over everything",
        task=MONTE_CARLO,
        old="outputs.std(0)",
        new="outputs.std().expand_as(outputs[0])",
        hint="Your std is the same number everywhere, taken over passes, rows and outputs together. Each output of "
        "each row has its own.",
        severity="substantial",
    ),
    Misconception(
        "makes one pass more",
        task=MONTE_CARLO,
        old="range(num_samples)]",
        new="range(num_samples + 1)]",
        hint="There is one pass more than num_samples behind your mean. Is there a first one that counts too?",
        severity="minor",
    ),
    Misconception(
        "makes one pass less",
        task=MONTE_CARLO,
        old="range(num_samples)]",
        new="range(1, num_samples)]",
        hint="There is one pass less than num_samples behind your mean. Where does your loop begin?",
        severity="minor",
    ),
    Misconception(
        "averages probabilities",
        task=MONTE_CARLO,
        old="torch.stack([model(x) for",
        new="torch.stack([model(x).softmax(-1) for",
        hint="You put a softmax behind the model. What it gives may not be logits at all (a regression, say): take "
        "the outputs as they are.",
        severity="fundamental",
    ),
    Misconception(
        "records a graph of every pass",
        task=MONTE_CARLO,
        old="with torch.no_grad():",
        new="with torch.enable_grad():",
        hint="Your results carry a graph of all passes, which costs memory for each of them. Nobody wants a "
        "gradient here; say so.",
        severity="minor",
    ),
    Misconception(
        "switches recording off for good",
        task=MONTE_CARLO,
        old="        with torch.no_grad():",
        new="        torch.set_grad_enabled(False)\n        if True:",
        hint="After your function no gradient is recorded anywhere any more, so the next training step fails. Switch "
        "it off for the passes only.",
        severity="minor",
    ),
    Misconception(
        "freezes the model",
        task=MONTE_CARLO,
        old="    try:",
        new="    model.requires_grad_(False)\n    try:",
        hint="After your function the model's parameters ask for no gradients any more, so it cannot be trained "
        "on. Switch recording off around the passes, not on the parameters.",
        severity="minor",
    ),
    Misconception(
        "leaves the model as it used it",
        task=MONTE_CARLO,
        old="            module.training = mode",
        new="            pass",
        hint="After your function the dropout layers are active and the others in eval mode, whatever they were "
        "before. Put the modes back.",
        severity="minor",
    ),
    Misconception(
        "leaves the model in eval mode",
        task=MONTE_CARLO,
        old="            module.training = mode",
        new="            module.training = False",
        hint="After your function the whole model is in eval mode, also if it was training before. Put back the "
        "modes that you found.",
        severity="minor",
    ),
    Misconception(
        "leaves the model in training mode",
        task=MONTE_CARLO,
        old="            module.training = mode",
        new="            module.training = True",
        hint="After your function the whole model is in training mode, also if it was not before. Put back the "
        "modes that you found.",
        severity="minor",
    ),
    Misconception(
        "puts back the mode of the whole",
        task=MONTE_CARLO,
        old="""        for module, mode in modes.items():
            module.training = mode""",
        new="        model.train(modes[model])",
        hint="You remember one mode and give it to every module. A frozen batch normalization in a model that "
        "trains has lost its own: remember a mode for each module.",
        severity="minor",
    ),
    Misconception(
        "seeds the passes",
        task=MONTE_CARLO,
        old="        with torch.no_grad():",
        new="        torch.manual_seed(42)\n        with torch.no_grad():",
        hint="You seed torch's global generator before the passes, so every prediction uses the same masks, and so "
        "does everybody who draws afterwards. Seeds are the caller's business.",
        severity="minor",
    ),
    Misconception(
        "gives all passes one seed",
        task=MONTE_CARLO,
        old="torch.stack([model(x) for",
        new="torch.stack([torch.manual_seed(42) and model(x) for",
        hint="You seed before each pass with the same number, so all passes use the same mask and the spread is 0.",
        severity="fundamental",
    ),
    Misconception(
        "takes one pass for enough",
        task=MONTE_CARLO,
        old="if num_samples < 2:",
        new="if num_samples < 1:",
        hint="A single pass is accepted, and its spread is 0 / 0. See what the docstring says about num_samples.",
        severity="minor",
    ),
    Misconception(
        "asserts that there are passes enough",
        task=MONTE_CARLO,
        old='raise ValueError(f"num_samples should be at least 2 for a spread, got {num_samples}")',
        new='raise AssertionError(f"num_samples should be at least 2 for a spread, got {num_samples}")',
        hint="Too few passes end in an AssertionError. A bad argument is a ValueError.",
        severity="minor",
    ),
    Misconception(
        "says nothing of num_samples in its error",
        MONTE_CARLO,
        old='raise ValueError(f"num_samples should be at least 2 for a spread, got {num_samples}")',
        new='raise ValueError("this does not work")',
        hint="Your ValueError leaves the reader alone: whoever meets it wants to know which argument is wrong, and "
        "what it was.",
        severity="minor",
    ),
    Misconception(
        "turns the results into float32",
        task=MONTE_CARLO,
        old="torch.stack([model(x) for",
        new="torch.stack([model(x).float() for",
        hint="A float64 model gives float64 outputs; your mean and std are float32.",
        severity="minor",
    ),
    Misconception(
        "spoils the batch",
        task=MONTE_CARLO,
        old="        with torch.no_grad():",
        new="        x.sub_(x.mean()).div_(x.std())\n        with torch.no_grad():",
        hint="You standardize the input first, and in place: the caller's data has changed. Predict for x as it is.",
        severity="fundamental",
    ),
]
