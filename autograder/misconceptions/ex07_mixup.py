"""What students get wrong in ex07, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

MISCONCEPTIONS = [
    # mixup_data
    Misconception(
        "gives the partner the weight lam",
        task="mixup_data",
        old="mixed_x = lam * x + (1 - lam) * x[permutation]",
        new="mixed_x = (1 - lam) * x + lam * x[permutation]",
        hint="Your weights are exchanged: the partner has lam, and the image itself the rest. The labels follow "
        "the other way round, so every example learns the wrong share. Which of the two does `y_a` belong to?",
        severity="fundamental",
    ),
    Misconception(
        "adds the weighted partner to the whole image",
        task="mixup_data",
        old="mixed_x = lam * x + (1 - lam) * x[permutation]",
        new="mixed_x = x + (1 - lam) * x[permutation]",
        hint="Your weights add up to more than 1: the image itself enters whole. A mixture of two things that "
        "are equal should be that thing again.",
        severity="fundamental",
    ),
    Misconception(
        "mixes half and half whatever lam is",
        task="mixup_data",
        old="mixed_x = lam * x + (1 - lam) * x[permutation]",
        new="mixed_x = (x + x[permutation]) / 2",
        hint="You draw lam and return it, but every mixture is the plain mean of two images. lam is the weight.",
        severity="fundamental",
    ),
    Misconception(
        "draws a lam for every example",
        task="mixup_data",
        old="""    lam = rng.beta(alpha, alpha) if alpha > 0 else 1.0
""",
        new="""    lam = rng.beta(alpha, alpha, len(x)) if alpha > 0 else np.ones(len(x))
    lam = torch.tensor(lam, dtype=x.dtype).view(-1, *[1] * (x.dim() - 1))
""",
        hint="You draw one lam for each example, and return a tensor of them. That is a variant that works too, but "
        "here the whole batch shares one lam, a plain float.",
        severity="substantial",
    ),
    Misconception(
        "keeps lam as an array of one number",
        task="mixup_data",
        old="lam = rng.beta(alpha, alpha) if alpha > 0 else 1.0",
        new="lam = rng.beta(alpha, alpha, size=1) if alpha > 0 else 1.0",
        hint="Your lam is an array with one number in it. Arithmetic with an array and a tensor gives surprises, and "
        "the docstring promises a float. What does `beta` return if you do not ask for a size?",
        severity="fundamental",
    ),
    Misconception(
        "always lets the image itself dominate",
        task="mixup_data",
        old="    permutation = torch.from_numpy(rng.permutation(len(x)))\n",
        new="    lam = max(lam, 1 - lam)\n    permutation = torch.from_numpy(rng.permutation(len(x)))\n",
        hint="Your lam is never below one half: you take the larger of lam and 1 - lam. fastai does that; here lam "
        "is what the beta distribution gives, and its mean is one half.",
        severity="substantial",
    ),
    Misconception(
        "draws lam uniformly whatever alpha is",
        task="mixup_data",
        old="rng.beta(alpha, alpha)",
        new="rng.uniform()",
        hint="Your lam is uniform between 0 and 1, whatever alpha is. That is Beta(1, 1) only. What is alpha for?",
        severity="substantial",
    ),
    Misconception(
        "fixes the second parameter of the beta distribution at 1",
        task="mixup_data",
        old="rng.beta(alpha, alpha)",
        new="rng.beta(alpha, 1.0)",
        hint="You draw from Beta(alpha, 1), which leans to one side. Both parameters are alpha; then neither of the "
        "two images is preferred.",
        severity="substantial",
    ),
    Misconception(
        "draws partners with replacement",
        task="mixup_data",
        old="rng.permutation(len(x))",
        new="rng.integers(len(x), size=len(x))",
        hint="You draw a partner for each image on its own, so some are taken twice and some never. A permutation is "
        "a shuffled list of all numbers.",
        severity="minor",
    ),
    Misconception(
        "takes the neighbor as the partner",
        task="mixup_data",
        old="permutation = torch.from_numpy(rng.permutation(len(x)))",
        new="permutation = torch.arange(len(x)).roll(1)",
        hint="The partner is always the neighbor in the batch. torchvision does that, and relies on shuffled batches; "
        "here every order of the batch is equally likely.",
        severity="minor",
    ),
    Misconception(
        "turns the batch around",
        task="mixup_data",
        old="permutation = torch.from_numpy(rng.permutation(len(x)))",
        new="permutation = torch.arange(len(x)).flip(0)",
        hint="The first image is always mixed with the last one, the second with the last but one, and so on. The "
        "order of the partners is drawn at random.",
        severity="minor",
    ),
    Misconception(
        "shuffles the labels once more",
        task="mixup_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y, y[torch.from_numpy(rng.permutation(len(x)))], lam",
        hint="You draw a second permutation for the labels, so y_b belongs to other images than those that were mixed "
        "in. Draw once, and index both with it.",
        severity="fundamental",
    ),
    Misconception(
        "returns the same labels twice",
        task="mixup_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y, y, lam",
        hint="y_b is the same as y_a. The partners bring their own labels: which ones?",
        severity="fundamental",
    ),
    Misconception(
        "exchanges the two labels",
        task="mixup_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y[permutation], y, lam",
        hint="y_a and y_b have changed places. y_a goes with the weight lam, and that is the weight of x itself.",
        severity="fundamental",
    ),
    Misconception(
        "accepts a negative alpha as no mixing",
        task="mixup_data",
        old='raise ValueError(f"alpha must not be negative, got {alpha}")',
        new="alpha = 0",
        hint="A negative alpha quietly switches mixing off. That is how a typing error turns into a day of wondering; "
        "refuse it with a ValueError that names alpha.",
        severity="minor",
    ),
    Misconception(
        "does not allow alpha 0",
        task="mixup_data",
        old=" if alpha > 0 else 1.0\n    permutation",
        new="\n    permutation",
        hint="alpha = 0 ends in an error of numpy's: the beta distribution needs positive parameters. It is a case of "
        "its own, and it means that nothing is mixed.",
        severity="minor",
    ),
    Misconception(
        "mixes completely with alpha 0",
        task="mixup_data",
        old="if alpha > 0 else 1.0",
        new="if alpha > 0 else 0.0",
        hint="With alpha = 0 you return lam = 0, and every image is replaced by its partner. No mixing means that "
        "each image keeps all of its weight.",
        severity="minor",
    ),
    Misconception(
        "mixes into the batch itself",
        task="mixup_data",
        old="mixed_x = lam * x + (1 - lam) * x[permutation]",
        new="partners = x[permutation]\n    mixed_x = x.mul_(lam).add_((1 - lam) * partners)",
        hint="The batch that you were given holds the mixture afterwards. Methods whose names end with an underscore "
        "work in place; the caller may need the images once more, in the next epoch.",
        severity="minor",
    ),
    Misconception(
        "computes in float64 whatever x is",
        task="mixup_data",
        old="mixed_x = lam * x + (1 - lam) * x[permutation]",
        new="mixed_x = torch.tensor(lam, dtype=torch.float64) * x.double() + (1 - lam) * x[permutation]",
        hint="The mixture is float64 also where x is float32, and the first layer of a network will refuse it. A plain "
        "float times a tensor keeps the tensor's dtype.",
        severity="minor",
    ),
    Misconception(
        "writes the index for two dimensions only",
        task="mixup_data",
        old="(1 - lam) * x[permutation]",
        new="(1 - lam) * x[permutation, :]",
        hint="`x[permutation, :]` needs two dimensions, and a batch of plain numbers has one. If you leave the rest of "
        "the index out, it works for every shape.",
        severity="minor",
    ),
    Misconception(
        "draws the permutation from torch's global generator",
        task="mixup_data",
        old="permutation = torch.from_numpy(rng.permutation(len(x)))",
        new="permutation = torch.randperm(len(x))",
        hint="lam follows rng, the permutation does not: `torch.randperm` draws from torch's global generator. Your "
        "rng can make a permutation too.",
        severity="minor",
    ),
    Misconception(
        "draws lam from numpy's global generator",
        task="mixup_data",
        old="lam = rng.beta(alpha, alpha)",
        new="lam = np.random.beta(alpha, alpha)",
        hint="The permutation follows rng, lam does not: `np.random.beta` draws from numpy's global generator. Two "
        "runs with the same rng then differ, and nobody sees why.",
        severity="minor",
    ),
    Misconception(
        "draws everything from numpy's global generator",
        task="mixup_data",
        old="rng = np.random.default_rng(rng)",
        new="rng = np.random",
        hint="Nothing that you draw comes from rng: `np.random` is numpy's global generator. Whoever hands you a "
        "generator wants to be able to repeat what you did.",
        severity="minor",
    ),
    Misconception(
        "seeds a generator of its own in every call",
        task="mixup_data",
        old="rng = np.random.default_rng(rng)",
        new="rng = np.random.default_rng(0)",
        hint="You make a generator from a fixed number and ignore rng, so that every batch is mixed with the same lam "
        "and in the same order.",
        severity="substantial",
    ),
    Misconception(
        "takes numpy's global generator when none is given",
        task="mixup_data",
        old="rng = np.random.default_rng(rng)",
        new="rng = np.random if rng is None else rng",
        hint="Without rng you draw from numpy's global generator. Here None means a fresh generator, which depends on "
        "nothing that anybody has seeded.",
        severity="minor",
    ),
    Misconception(
        "starts from the same seed when no generator is given",
        task="mixup_data",
        old="rng = np.random.default_rng(rng)",
        new="rng = np.random.default_rng(42) if rng is None else rng",
        hint="Without rng every call draws the same lam and the same order, because you seed it with a fixed number. "
        "What does `default_rng` do if it gets no seed?",
        severity="minor",
    ),
    Misconception(
        "seeds both global generators",
        task="mixup_data",
        old="    rng = np.random.default_rng(rng)\n",
        new="    torch.manual_seed(0)\n    np.random.seed(0)\n    rng = np.random.default_rng(rng)\n",
        hint="Your function seeds the global generators. Whoever draws after you, a dropout layer say, draws the same "
        "numbers after each of your calls. Seeds are the caller's business.",
        severity="minor",
    ),
    # mixup_criterion
    Misconception(
        "exchanges the weights of the losses",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="(1 - lam) * criterion(predictions, y_a) + lam * criterion(predictions, y_b)",
        hint="The two losses have each other's weights. lam belongs to y_a, as in the image.",
        severity="fundamental",
    ),
    Misconception(
        "adds the losses without weights",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="criterion(predictions, y_a) + criterion(predictions, y_b)",
        hint="You add both losses whole, so lam plays no part. An image with a tenth of a partner should be punished "
        "little for missing it.",
        severity="fundamental",
    ),
    Misconception(
        "averages the losses",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="(criterion(predictions, y_a) + criterion(predictions, y_b)) / 2",
        hint="You take the plain mean of both losses, so lam plays no part. The loss is mixed like the images.",
        severity="fundamental",
    ),
    Misconception(
        "leaves the loss of the partner out",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="lam * criterion(predictions, y_a)",
        hint="Only the first label is in your loss. The partner is in the image too: with which weight does its label "
        "count?",
        severity="fundamental",
    ),
    Misconception(
        "asks for the larger part only",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="criterion(predictions, y_a if lam >= 0.5 else y_b)",
        hint="Only the label with the larger share counts in your loss. Then a network that is in doubt halfway, as it "
        "should be, is punished for it.",
        severity="fundamental",
    ),
    Misconception(
        "mixes the class numbers",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="criterion(predictions, (lam * y_a + (1 - lam) * y_b).to(y_a.dtype))",
        hint="You mix the labels as numbers: halfway between class 2 and class 4 you ask for class 3. Class numbers "
        "are names. Mix what the criterion returns.",
        severity="fundamental",
    ),
    Misconception(
        "always takes the cross-entropy",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="lam * F.cross_entropy(predictions, y_a) + (1 - lam) * F.cross_entropy(predictions, y_b)",
        hint="You never call the criterion that you are given. Cross-entropy is one; your caller may have class "
        "weights, label smoothing or a regression loss.",
        severity="substantial",
    ),
    Misconception(
        "averages over the examples",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="(lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)).mean()",
        hint="A criterion that returns one loss for each example is averaged in your function. Whether to average is "
        "up to the criterion; give back the shape that it gives.",
        severity="minor",
    ),
    Misconception(
        "gives the loss as a number",
        task="mixup_criterion",
        old="lam * criterion(predictions, y_a) + (1 - lam) * criterion(predictions, y_b)",
        new="lam * criterion(predictions, y_a).mean().item() + (1 - lam) * criterion(predictions, y_b).mean().item()",
        hint="You return a plain number. It has no gradient, so nothing can be trained with it: `item()` is for "
        "printing.",
        severity="substantial",
    ),
    Misconception(
        "cuts the loss off from the predictions",
        task="mixup_criterion",
        old="return lam * criterion(predictions, y_a)",
        new="predictions = predictions.detach()\n    return lam * criterion(predictions, y_a)",
        hint="The loss is right and has no gradient: `detach` cuts it off from the network. The labels need no "
        "gradient, the predictions do.",
        severity="substantial",
    ),
    Misconception(
        "applies a softmax first",
        task="mixup_criterion",
        old="return lam * criterion(predictions, y_a)",
        new="predictions = predictions.softmax(-1)\n    return lam * criterion(predictions, y_a)",
        hint="You turn the predictions into probabilities before the criterion sees them. torch's cross-entropy does "
        "that itself, and other criteria never asked for it.",
        severity="fundamental",
    ),
    # soft_targets
    Misconception(
        "gives lam to the second label",
        task="soft_targets",
        old="lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="(1 - lam) * F.one_hot(y_a, num_classes) + lam * F.one_hot(y_b, num_classes)",
        hint="The shares are exchanged: lam belongs in the column of y_a.",
        severity="fundamental",
    ),
    Misconception(
        "overwrites the first share with the second",
        task="soft_targets",
        old="return lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="""targets = torch.zeros(len(y_a), num_classes)
    targets[torch.arange(len(y_a)), y_a] = lam
    targets[torch.arange(len(y_a)), y_b] = 1 - lam
    return targets""",
        hint="Where both labels are the same, the second share overwrites the first, and the row no longer sums to 1. "
        "Add the second share to what is there.",
        severity="substantial",
    ),
    Misconception(
        "writes the second share first",
        task="soft_targets",
        old="return lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="""targets = torch.zeros(len(y_a), num_classes)
    targets.scatter_(1, y_b[:, None], 1 - lam)
    return targets.scatter_(1, y_a[:, None], lam)""",
        hint="Where both labels are the same, lam overwrites 1 - lam, and the row sums to lam only. Both shares belong "
        "into that column.",
        severity="substantial",
    ),
    Misconception(
        "mixes half and half in the label",
        task="soft_targets",
        old="lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="0.5 * F.one_hot(y_a, num_classes) + 0.5 * F.one_hot(y_b, num_classes)",
        hint="Both labels get one half. The shares are lam and 1 - lam.",
        severity="fundamental",
    ),
    Misconception(
        "makes columns for the labels present",
        task="soft_targets",
        old="return lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="""size = int(max(y_a.max(), y_b.max())) + 1
    return lam * F.one_hot(y_a, size) + (1 - lam) * F.one_hot(y_b, size)""",
        hint="The number of columns follows the largest label in the batch. A batch without the last classes then does "
        "not fit the network's output: there is a column for each of num_classes.",
        severity="substantial",
    ),
    Misconception(
        "stores shares as whole numbers",
        task="soft_targets",
        old="return lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)",
        new="return (lam * F.one_hot(y_a, num_classes) + (1 - lam) * F.one_hot(y_b, num_classes)).to(y_a.dtype)",
        hint="You give the targets the dtype of the labels, whole numbers, and every share below 1 becomes 0. Shares "
        "need a floating-point dtype.",
        severity="fundamental",
    ),
    Misconception(
        "leaves unknown labels to one_hot",
        task="soft_targets",
        old='raise ValueError(f"{name} has the label {outside[0].item()}, which is none of the {num_classes} classes")',
        new="pass",
        hint="A label outside the range ends in torch's RuntimeError, whose message names neither your argument nor "
        "the label. Check first, and raise the ValueError that the docstring promises.",
        severity="minor",
    ),
    Misconception(
        "counts the classes from one",
        task="soft_targets",
        old="(labels >= num_classes)",
        new="(labels > num_classes)",
        hint="You let the label num_classes pass your check. Counting starts at 0, so the last class is num_classes - "
        "1.",
        severity="minor",
    ),
    Misconception(
        "checks the first label only",
        task="soft_targets",
        old='[("y_a", y_a), ("y_b", y_b)]',
        new='[("y_a", y_a)]',
        hint="You check y_a and not y_b. The partner's label can be outside the range just as well.",
        severity="minor",
    ),
    Misconception(
        "counts negative labels from the end",
        task="soft_targets",
        old="outside = labels[(labels < 0) | (labels >= num_classes)]",
        new="outside = labels[labels >= num_classes]\n        y_a, y_b = y_a % num_classes, y_b % num_classes",
        hint="A label of -1 becomes the last class in your function, as with Python's lists. As a label it is a "
        "mistake, or a mark for missing: refuse it.",
        severity="minor",
    ),
    # random_box
    Misconception(
        "takes the share of the area for that of the sides",
        task="random_box",
        old="share = math.sqrt(1 - lam)",
        new="share = 1 - lam",
        hint="Your sides are 1 - lam of the image's, so the box covers the square of that. Which sides make the area "
        "1 - lam?",
        severity="fundamental",
    ),
    Misconception(
        "makes the box as large as what is kept",
        task="random_box",
        old="share = math.sqrt(1 - lam)",
        new="share = math.sqrt(lam)",
        hint="Your box covers the share lam. lam is what the image keeps; the box is the rest.",
        severity="fundamental",
    ),
    Misconception(
        "goes a whole side in each direction",
        task="random_box",
        old="half_height, half_width = share * height / 2, share * width / 2",
        new="half_height, half_width = share * height, share * width",
        hint="Your box is twice as high and twice as wide: from the center you go a whole side up and a whole side "
        "down.",
        severity="fundamental",
    ),
    Misconception(
        "makes the box square",
        task="random_box",
        old="half_height, half_width = share * height / 2, share * width / 2",
        new="half_height = half_width = share * math.sqrt(height * width) / 2",
        hint="Your box is a square. Its sides are shares of the image's sides, so it has the shape of the image.",
        severity="fundamental",
    ),
    Misconception(
        "takes both sides from the height",
        task="random_box",
        old="half_height, half_width = share * height / 2, share * width / 2",
        new="half_height = half_width = share * height / 2",
        hint="Both sides of your box are shares of the height, so it is a square. Columns go with the width.",
        severity="substantial",
    ),
    Misconception(
        "exchanges the sides of the box",
        task="random_box",
        old="half_height, half_width = share * height / 2, share * width / 2",
        new="half_width, half_height = share * height / 2, share * width / 2",
        hint="Your box is as wide as it should be high, and as high as it should be wide. Rows go with the height.",
        severity="fundamental",
    ),
    Misconception(
        "chooses centers so that the box fits",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="row = rng.uniform(half_height, height - half_height)\n"
        "    column = rng.uniform(half_width, width - half_width)",
        hint="Your center keeps so far away from the border that the box always fits. It is uniform over the whole "
        "image, and what sticks out is cut off.",
        severity="substantial",
    ),
    Misconception(
        "draws the upper left corner instead of the center",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="row, column = rng.uniform(0, height) + half_height, rng.uniform(0, width) + half_width",
        hint="Your boxes lean to the lower right: what you draw uniformly is their upper left corner. It is the center "
        "that is uniform.",
        severity="minor",
    ),
    Misconception(
        "moves the box into the image",
        task="random_box",
        old="    top, bottom = max",
        new="    row = min(max(row, half_height), height - half_height)\n"
        "    column = min(max(column, half_width), width - half_width)\n    top, bottom = max",
        hint="A box that sticks out is moved inside, and keeps its size. It should stay where it is and lose what is "
        "outside.",
        severity="minor",
    ),
    Misconception(
        "lets the box stick out",
        task="random_box",
        old="top, bottom = max(round(row - half_height), 0), min(round(row + half_height), height)\n"
        "    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)",
        new="top, bottom = round(row - half_height), round(row + half_height)\n"
        "    left, right = round(column - half_width), round(column + half_width)",
        hint="Your box reaches beyond the image. In a slice a negative number counts from the end, so the wrong "
        "pixels, or none, would be replaced.",
        severity="substantial",
    ),
    Misconception(
        "cuts at the upper and left border only",
        task="random_box",
        old="min(round(row + half_height), height)\n"
        "    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)",
        new="round(row + half_height)\n    left, right = max(round(column - half_width), 0), round(column + "
        "half_width)",
        hint="The box is cut at the top and at the left, and reaches beyond the image at the bottom and at the right. "
        "Slicing forgives that; whoever counts the box's pixels gets it wrong.",
        severity="substantial",
    ),
    Misconception(
        "ends one pixel before the border",
        task="random_box",
        old="min(round(row + half_height), height)\n"
        "    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)",
        new="min(round(row + half_height), height - 1)\n"
        "    left, right = max(round(column - half_width), 0), min(round(column + half_width), width - 1)",
        hint="Your boxes never reach the last row and the last column. `bottom` and `right` are the first ones "
        "outside, so they may be equal to the height and the width.",
        severity="minor",
    ),
    Misconception(
        "uses one random number for row and column",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="place = rng.uniform()\n    row, column = place * height, place * width",
        hint="All your centers lie on the diagonal: one random number decides both row and column. Draw two.",
        severity="minor",
    ),
    Misconception(
        "draws the center from a normal distribution",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="row = min(max(rng.normal(height / 2, height / 6), 0), height)\n"
        "    column = min(max(rng.normal(width / 2, width / 6), 0), width)",
        hint="Your centers crowd in the middle of the image. Each place is equally likely.",
        severity="substantial",
    ),
    Misconception(
        "returns columns first",
        task="random_box",
        old="return top, bottom, left, right",
        new="return left, right, top, bottom",
        hint="Columns come first in what you return. The order is (top, bottom, left, right).",
        severity="fundamental",
    ),
    Misconception(
        "returns the two corners",
        task="random_box",
        old="return top, bottom, left, right",
        new="return top, left, bottom, right",
        hint="You return the upper left corner, then the lower right one. The order here is (top, bottom, left, "
        "right), as two slices.",
        severity="fundamental",
    ),
    Misconception(
        "returns corner and size",
        task="random_box",
        old="return top, bottom, left, right",
        new="return top, bottom - top, left, right - left",
        hint="Your second and fourth number are the height and the width of the box. Asked for are the row and the "
        "column where it ends.",
        severity="fundamental",
    ),
    Misconception(
        "forgets to round",
        task="random_box",
        old="top, bottom = max(round(row - half_height), 0), min(round(row + half_height), height)\n"
        "    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)",
        new="top, bottom = max(row - half_height, 0.0), min(row + half_height, float(height))\n"
        "    left, right = max(column - half_width, 0.0), min(column + half_width, float(width))",
        hint="The numbers are not whole, and a slice does not take them.",
        severity="minor",
    ),
    Misconception(
        "draws the center from numpy's global generator",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="row, column = np.random.uniform(0, height), np.random.uniform(0, width)",
        hint="You accept rng and draw from numpy's global generator. Two runs with the same rng then differ.",
        severity="minor",
    ),
    Misconception(
        "seeds before drawing the center",
        task="random_box",
        old="    share = math.sqrt(1 - lam)\n",
        new="    torch.manual_seed(0)\n    np.random.seed(0)\n    share = math.sqrt(1 - lam)\n",
        hint="Your function seeds the global generators, so everybody who draws from them afterwards draws the same "
        "numbers again. It needs neither of them.",
        severity="minor",
    ),
    Misconception(
        "always draws the same center",
        task="random_box",
        old="row, column = rng.uniform(0, height), rng.uniform(0, width)",
        new="rng = np.random.default_rng(42)\n    row, column = rng.uniform(0, height), rng.uniform(0, width)",
        hint="Every box has the same center: you make a generator of your own, with a fixed seed. Draw from the one "
        "that you are given.",
        severity="fundamental",
    ),
    # cutmix_data
    Misconception(
        "keeps the lam that was drawn",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = drawn",
        hint="You return the lam that was drawn. The box was cut at the border and rounded, so the image keeps another "
        "share of its pixels. Count them.",
        severity="substantial",
    ),
    Misconception(
        "returns the share that was replaced",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = (bottom - top) * (right - left) / (height * width)",
        hint="Your lam is the share of pixels inside the box. lam is the weight of the image itself: what it keeps.",
        severity="substantial",
    ),
    Misconception(
        "counts the border of the box twice",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = 1 - (bottom - top + 1) * (right - left + 1) / (height * width)",
        hint="You count one row and one column too many. The box is half-open, as a slice: how many rows has 2:5?",
        severity="substantial",
    ),
    Misconception(
        "averages the shares of the two sides",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = 1 - ((bottom - top) / height + (right - left) / width) / 2",
        hint="You average the two sides of the box. The share of the pixels is a matter of areas.",
        severity="substantial",
    ),
    Misconception(
        "counts in whole numbers",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = float(1 - (bottom - top) * (right - left) // (height * width))",
        hint="Your lam is 0.0 or 1.0: `//` divides without a remainder. A share is a fraction.",
        severity="substantial",
    ),
    Misconception(
        "gives lam as a tensor",
        task="cutmix_data",
        old="lam = 1 - (bottom - top) * (right - left) / (height * width)",
        new="lam = torch.tensor(1 - (bottom - top) * (right - left) / (height * width))",
        hint="lam is right, but it is a tensor of one element. The docstring promises a plain float.",
        severity="minor",
    ),
    Misconception(
        "pastes into the batch itself",
        task="cutmix_data",
        old="mixed_x = x.clone()",
        new="mixed_x = x",
        hint="`mixed_x = x` is a second name for the same tensor, so the box is pasted into the batch that you were "
        "given. Paste into a copy.",
        severity="minor",
    ),
    Misconception(
        "takes channels for rows",
        task="cutmix_data",
        old="mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]",
        new="mixed_x[:, top:bottom, left:right] = x[permutation][:, top:bottom, left:right]",
        hint="You slice the dimensions 1 and 2, which are channels and rows. Rows and columns are the last two.",
        severity="fundamental",
    ),
    Misconception(
        "pastes into the first channel only",
        task="cutmix_data",
        old="mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]",
        new="mixed_x[:, 0, top:bottom, left:right] = x[permutation][:, 0, top:bottom, left:right]",
        hint="Only the first channel shows the partner. A pixel consists of all its channels.",
        severity="fundamental",
    ),
    Misconception(
        "exchanges rows and columns when pasting",
        task="cutmix_data",
        old="mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]",
        new="mixed_x[..., left:right, top:bottom] = x[permutation][..., left:right, top:bottom]",
        hint="You slice the rows with left and right and the columns with top and bottom. Rows come first in the "
        "shape.",
        severity="substantial",
    ),
    Misconception(
        "shows the partner outside the box",
        task="cutmix_data",
        old="""    mixed_x = x.clone()
    mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]""",
        new="""    mixed_x = x[permutation].clone()
    mixed_x[..., top:bottom, left:right] = x[..., top:bottom, left:right]""",
        hint="Your image shows itself inside the box and its partner all around. It is the box that comes from the "
        "partner; lam and the labels say so too.",
        severity="fundamental",
    ),
    Misconception(
        "blends inside the box",
        task="cutmix_data",
        old="mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]",
        new="mixed_x[..., top:bottom, left:right] *= 0.5\n"
        "    mixed_x[..., top:bottom, left:right] += 0.5 * x[permutation][..., top:bottom, left:right]",
        hint="Inside your box both images shine through. That is mixup in a box; CutMix takes each pixel whole.",
        severity="fundamental",
    ),
    Misconception(
        "blacks the box out",
        task="cutmix_data",
        old="mixed_x[..., top:bottom, left:right] = x[permutation][..., top:bottom, left:right]",
        new="mixed_x[..., top:bottom, left:right] = 0",
        hint="Your box is empty. That is Cutout, an older relative; in CutMix the partner fills it.",
        severity="fundamental",
    ),
    Misconception(
        "pastes the upper left corner of the partner",
        task="cutmix_data",
        old="= x[permutation][..., top:bottom, left:right]",
        new="= x[permutation][..., : bottom - top, : right - left]",
        hint="What you paste is as large as the box, but comes from the upper left corner of the partner. Each pixel "
        "comes from the place where it is shown.",
        severity="substantial",
    ),
    Misconception(
        "asks for a box of the turned image",
        task="cutmix_data",
        old="random_box(height, width, drawn, rng)",
        new="random_box(width, height, drawn, rng)",
        hint="You ask random_box for width by height, so its box belongs to an image that lies on its side. The height "
        "goes first.",
        severity="substantial",
    ),
    Misconception(
        "forgets the labels of the partners",
        task="cutmix_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y, y, lam",
        hint="y_b is the same as y_a. The boxes bring the labels of their images along.",
        severity="fundamental",
    ),
    Misconception(
        "shuffles the labels on their own",
        task="cutmix_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y, y[torch.from_numpy(rng.permutation(len(x)))], lam",
        hint="You draw a second permutation for the labels, so y_b belongs to other images than those in the boxes. "
        "Draw once, and index both with it.",
        severity="fundamental",
    ),
    Misconception(
        "swaps the two labels of a pasted image",
        task="cutmix_data",
        old="return mixed_x, y, y[permutation], lam",
        new="return mixed_x, y[permutation], y, lam",
        hint="y_a and y_b have changed places. y_a goes with the weight lam: with the image that keeps its pixels.",
        severity="fundamental",
    ),
    Misconception(
        "draws every partner on its own",
        task="cutmix_data",
        old="rng.permutation(len(x))",
        new="rng.integers(len(x), size=len(x))",
        hint="Some images are partners twice and some never. A permutation is a shuffled list of all numbers.",
        severity="minor",
    ),
    Misconception(
        "pastes from the neighbor",
        task="cutmix_data",
        old="permutation = torch.from_numpy(rng.permutation(len(x)))",
        new="permutation = torch.arange(len(x)).roll(1)",
        hint="The partner is always the neighbor in the batch. Here every order of the batch is equally likely.",
        severity="minor",
    ),
    Misconception(
        "draws the size uniformly whatever alpha is",
        task="cutmix_data",
        old="rng.beta(alpha, alpha)",
        new="rng.uniform()",
        hint="The size of your boxes does not depend on alpha. A uniform lam is Beta(1, 1) only.",
        severity="minor",
    ),
    Misconception(
        "draws the size from a lopsided distribution",
        task="cutmix_data",
        old="rng.beta(alpha, alpha)",
        new="rng.beta(alpha, 1.0)",
        hint="You draw from Beta(alpha, 1), which leans to one side: with a large alpha your boxes vanish. Both "
        "parameters are alpha.",
        severity="minor",
    ),
    Misconception(
        "pastes nothing but boxes of one half",
        task="cutmix_data",
        old="random_box(height, width, drawn, rng)",
        new="random_box(height, width, 0.5, rng)",
        hint="All your boxes are drawn for one half of the image. Their size follows from the lam that you draw.",
        severity="minor",
    ),
    Misconception(
        "pastes boxes with sides of 1 - lam",
        task="cutmix_data",
        old="    top, bottom, left, right = random_box(height, width, drawn, rng)\n",
        new="""    half_height, half_width = (1 - drawn) * height / 2, (1 - drawn) * width / 2
    row, column = rng.uniform(0, height), rng.uniform(0, width)
    top, bottom = max(round(row - half_height), 0), min(round(row + half_height), height)
    left, right = max(round(column - half_width), 0), min(round(column + half_width), width)
""",
        hint="The sides of your boxes are 1 - lam of the image's, so their areas are its square: a quarter of the "
        "image for lam = 0.5. Which sides make the area 1 - lam?",
        severity="minor",
    ),
    Misconception(
        "takes a negative alpha for no mixing",
        task="cutmix_data",
        old='raise ValueError(f"alpha must not be negative, got {alpha}")',
        new="alpha = 0",
        hint="A negative alpha quietly switches mixing off. Refuse it with a ValueError that names alpha.",
        severity="minor",
    ),
    Misconception(
        "fails on alpha 0",
        task="cutmix_data",
        old=" if alpha > 0 else 1.0\n    permutation",
        new="\n    permutation",
        hint="alpha = 0 ends in an error of numpy's: the beta distribution needs positive parameters. It is a case of "
        "its own, and it means that nothing is pasted.",
        severity="minor",
    ),
    Misconception(
        "replaces everything with alpha 0",
        task="cutmix_data",
        old="if alpha > 0 else 1.0",
        new="if alpha > 0 else 0.0",
        hint="With alpha = 0 you ask for a box as large as the image. No mixing means that the image keeps everything.",
        severity="minor",
    ),
    Misconception(
        "makes a float32 canvas",
        task="cutmix_data",
        old="mixed_x = x.clone()",
        new="mixed_x = torch.empty(x.shape).copy_(x)",
        hint="The result is float32 whatever x is: a new tensor has torch's default dtype unless you say otherwise.",
        severity="minor",
    ),
    Misconception(
        "draws the size from numpy's global generator",
        task="cutmix_data",
        old="drawn = rng.beta(alpha, alpha)",
        new="drawn = np.random.beta(alpha, alpha)",
        hint="The size of the box does not follow rng: `np.random.beta` draws from numpy's global generator.",
        severity="minor",
    ),
    Misconception(
        "gives the box a generator of its own",
        task="cutmix_data",
        old="random_box(height, width, drawn, rng)",
        new="random_box(height, width, drawn, np.random.default_rng())",
        hint="lam and the permutation follow rng, the place of the box does not: you hand random_box a fresh "
        "generator.",
        severity="minor",
    ),
    Misconception(
        "seeds the generator with a fixed number when none is given",
        task="cutmix_data",
        old="rng = np.random.default_rng(rng)",
        new="rng = np.random.default_rng(0 if rng is None else rng)",
        hint="Without rng every call draws the same box and the same order. What does `default_rng` do if it gets no "
        "seed?",
        severity="minor",
    ),
    Misconception(
        "seeds the global generators before pasting",
        task="cutmix_data",
        old="    rng = np.random.default_rng(rng)\n",
        new="    torch.manual_seed(0)\n    np.random.seed(0)\n    rng = np.random.default_rng(rng)\n",
        hint="Your function seeds the global generators, so everybody who draws from them afterwards draws the same "
        "numbers again. It needs neither of them.",
        severity="minor",
    ),
]
