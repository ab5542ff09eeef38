"""What students get wrong in ex10, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

PROTOCOL = "run_experiment_protocol"
REPRODUCIBILITY = "run_experiment_reproducibility"
TECHNIQUES = "run_experiment_techniques"
TABLE = "create_comparison_table"

MISCONCEPTIONS = [
    # Standardizing
    Misconception(
        "standardizes each part by itself",
        task="standardize",
        old="return (train - mean) / scale, (validation - mean) / scale, (test - mean) / scale",
        new="parts = train, validation, test\n"
        "    return tuple((part - part.mean(0)) / np.where(constant, 1, part.std(0)) for part in parts)",
        hint="Each of your parts has mean 0 by itself, so the same image gets other numbers in validation than in "
        "train. A net reads all parts with one set of weights: whose mean and deviation must all of them use?",
        severity="fundamental",
    ),
    Misconception(
        "takes mean and deviation from all rows",
        task="standardize",
        old="mean, std = train.mean(0), train.std(0)",
        new="rows = np.concatenate([train, validation, test])\n    mean, std = rows.mean(0), rows.std(0)",
        hint="Your mean and deviation come from all three parts. That is a leak: what is scaled like this knows "
        "something about the rows it will be tested on.",
        severity="fundamental",
    ),
    Misconception(
        "standardizes with n - 1",
        task="standardize",
        old="train.std(0)",
        new="train.std(0, ddof=1)",
        hint="Your standard deviation divides by n - 1. That is for inferring; here the column is described as it "
        "is, and the formula divides by n.",
        severity="minor",
    ),
    Misconception(
        "divides by the variance",
        task="standardize",
        old="train.std(0)",
        new="train.var(0)",
        hint="You divide by the variance. If a column is in meters, in which unit is your result?",
        severity="fundamental",
    ),
    Misconception(
        "uses one mean and deviation for all columns",
        task="standardize",
        old="mean, std = train.mean(0), train.std(0)",
        new="mean, std = train.mean(), train.std()",
        hint="All your columns share one mean and one deviation. A column in meters and one in years have nothing in "
        "common: over which axis do you average?",
        severity="fundamental",
    ),
    Misconception(
        "divides constant columns by zero",
        task="standardize",
        old="scale = np.where(constant, 1, std)",
        new="scale = std",
        hint="A column that is constant in train gives nan or enormous numbers: you divide by a deviation of 0, or of "
        "10 to the power of -17. Such a column is only centered.",
        severity="substantial",
    ),
    Misconception(
        "adds a small number to the deviation",
        task="standardize",
        old="scale = np.where(constant, 1, std)",
        new="scale = std + 1e-8",
        hint="You add a small number to the deviation. Nothing divides by zero then, but a column that is constant in "
        "train is blown up a hundred million times in the other parts, and a column of tiny numbers is flattened.",
        severity="substantial",
    ),
    Misconception(
        "compares the deviation with exactly zero",
        task="standardize",
        old="constant = std <= 1e-12 * np.abs(train).max(0)",
        new="constant = std == 0",
        hint="You look for a deviation of exactly 0. The mean of seven times 0.1 is not exactly 0.1, so a constant "
        "column can have a deviation of 1e-17. Compare with the size of the column instead.",
        severity="minor",
    ),
    Misconception(
        "compares the deviation with a fixed small number",
        task="standardize",
        old="constant = std <= 1e-12 * np.abs(train).max(0)",
        new="constant = std <= 1e-12",
        hint="You call a column constant when its deviation is below a fixed number. That depends on its unit: "
        "lengths of atoms, in meters, are all tiny, and large constants wobble by more. Small compared with what?",
        severity="minor",
    ),
    Misconception(
        "overlooks that a column of zeros has size zero",
        task="standardize",
        old="constant = std <= 1e-12 * np.abs(train).max(0)",
        new="constant = std < 1e-12 * np.abs(train).max(0)",
        hint="A column of zeros gives nan. Put its deviation and its size into your comparison: is 0 less than 0?",
        severity="minor",
    ),
    Misconception(
        "replaces constant columns by zeros",
        task="standardize",
        old="return (train - mean) / scale, (validation - mean) / scale, (test - mean) / scale",
        new="return tuple((part - mean) / scale * ~constant for part in (train, validation, test))",
        hint="Where train is constant, you set the column to 0 in all parts. In validation and test it may hold other "
        "values; it is centered by train's mean, no more.",
        severity="substantial",
    ),
    Misconception(
        "standardizes in place",
        task="standardize",
        old="return (train - mean) / scale, (validation - mean) / scale, (test - mean) / scale",
        new="train -= mean\n    train /= scale\n    return train, (validation - mean) / scale, (test - mean) / scale",
        hint="Your function changes the array that it was given, so a second call with it gives something else. "
        "Look for -= and /=.",
        severity="minor",
    ),
    # A mean and its interval
    Misconception(
        "takes the normal distribution for Student's",
        task="summarize",
        old="stats.t.ppf((1 + confidence) / 2, n - 1)",
        new="stats.norm.ppf((1 + confidence) / 2)",
        hint="Your interval takes the normal distribution, as if s were known. From a few values s is a guess, often "
        "too small, and Student's distribution makes up for it.",
        severity="fundamental",
    ),
    Misconception(
        "infers with a deviation that divides by n",
        task="summarize",
        old="values.std(ddof=1)",
        new="values.std()",
        hint="Your standard deviation divides by n, which is numpy's default. To infer from a sample divide by n - 1: "
        "the values lie closer to their own mean than to the true one.",
        severity="substantial",
    ),
    Misconception(
        "gives the interval of one value, not of the mean",
        task="summarize",
        old="values.std(ddof=1) / np.sqrt(n)",
        new="values.std(ddof=1)",
        hint="Your interval does not shrink with n: it says where one more value may lie. The mean of n values wobbles "
        "less than a single one. By how much?",
        severity="fundamental",
    ),
    Misconception(
        "leaves all of the doubt on each side",
        task="summarize",
        old="(1 + confidence) / 2",
        new="confidence",
        hint="Your interval leaves 1 - confidence on each side, so it holds too little. The doubt is shared by two "
        "sides: which quantile leaves half of it above?",
        severity="substantial",
    ),
    Misconception(
        "counts n degrees of freedom",
        task="summarize",
        old="stats.t.ppf((1 + confidence) / 2, n - 1)",
        new="stats.t.ppf((1 + confidence) / 2, n)",
        hint="You use n degrees of freedom. One is spent on the mean: with a single value there would be none left to "
        "tell the spread.",
        severity="substantial",
    ),
    Misconception(
        "ignores the confidence that was asked for",
        task="summarize",
        old="(1 + confidence) / 2",
        new="0.975",
        hint="Your interval is the same for every confidence. Look for a number where the argument should stand.",
        severity="minor",
    ),
    Misconception(
        "adds and subtracts one standard error",
        task="summarize",
        old="half = stats.t.ppf((1 + confidence) / 2, n - 1) * standard_error",
        new="half = standard_error",
        hint="You add and subtract one standard error. That holds the true mean about 68 times in 100, with few values "
        "even less often: a quantile of Student's distribution is missing.",
        severity="fundamental",
    ),
    Misconception(
        "gives low, mean, high",
        task="summarize",
        old="return float(mean), float(mean - half), float(mean + half)",
        new="return float(mean - half), float(mean), float(mean + half)",
        hint="The three numbers come in another order: the mean is first, then low, then high.",
        severity="fundamental",
    ),
    Misconception(
        "gives the half width for high",
        task="summarize",
        old="return float(mean), float(mean - half), float(mean + half)",
        new="return float(mean), float(mean - half), float(half)",
        hint="The third number is half the width, not the upper end of the interval.",
        severity="fundamental",
    ),
    Misconception(
        "takes the median for the mean",
        task="summarize",
        old="mean = values.mean()",
        new="mean = np.median(values)",
        hint="Your first number is the median. It is less sensitive to outliers, but Student's interval belongs to the "
        "mean.",
        severity="substantial",
    ),
    Misconception(
        "summarizes a single value",
        task="summarize",
        old="if n < 2:",
        new="if n < 1:",
        hint="A single value gives nan for its interval instead of an error. It says nothing about spread, and a nan "
        "travels far before somebody notices.",
        severity="minor",
    ),
    Misconception(
        "subtracts the mean from the caller's values",
        task="summarize",
        old="    mean = values.mean()\n",
        new="    mean = values.mean()\n    values -= mean\n",
        hint="After your function the values are no longer what they were: -= works in place, and an array of floats "
        "is not copied by `np.asarray`.",
        severity="minor",
    ),
    # Two techniques, seed by seed
    Misconception(
        "compares two separate groups",
        task="paired_comparison",
        old="""standard_error = differences.std(ddof=1) / np.sqrt(n)
    half = stats.t.ppf((1 + confidence) / 2, n - 1) * standard_error
    if standard_error > 0:
        p_value = 2 * stats.t.sf(abs(difference) / standard_error, n - 1)""",
        new="""standard_error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    half = stats.t.ppf((1 + confidence) / 2, 2 * n - 2) * standard_error
    if standard_error > 0:
        p_value = 2 * stats.t.sf(abs(difference) / standard_error, 2 * n - 2)""",
        hint="You compare a and b as two groups that have nothing to do with each other. They share their seeds: take "
        "the difference for each seed first, and the luck that they share is gone.",
        severity="fundamental",
    ),
    Misconception(
        "takes the p-value of two separate groups",
        task="paired_comparison",
        old="2 * stats.t.sf(abs(difference) / standard_error, n - 1)",
        new="stats.ttest_ind(a, b).pvalue",
        hint="Your interval is that of the differences, but your p-value comes from a test for two groups that have "
        "nothing to do with each other. a and b share their seeds.",
        severity="substantial",
    ),
    Misconception(
        "takes b minus a",
        task="paired_comparison",
        old="differences, n = a - b, len(a)",
        new="differences, n = b - a, len(a)",
        hint="Your sign is turned round: a positive difference should mean that a is larger.",
        severity="substantial",
    ),
    Misconception(
        "asks in one direction only",
        task="paired_comparison",
        old="2 * stats.t.sf(abs(difference) / standard_error, n - 1)",
        new="stats.t.sf(difference / standard_error, n - 1)",
        hint="Your p-value looks in one direction: at a being better. Whoever decides on the direction after seeing "
        "the data has two chances, so both tails count.",
        severity="substantial",
    ),
    Misconception(
        "forgets to double the tail",
        task="paired_comparison",
        old="2 * stats.t.sf(abs(difference) / standard_error, n - 1)",
        new="stats.t.sf(abs(difference) / standard_error, n - 1)",
        hint="Your p-value is half as large as it should be. A difference as large as this one in the *other* "
        "direction would have surprised you as much.",
        severity="substantial",
    ),
    Misconception(
        "takes the p-value from the normal distribution",
        task="paired_comparison",
        old="2 * stats.t.sf(abs(difference) / standard_error, n - 1)",
        new="2 * stats.norm.sf(abs(difference) / standard_error)",
        hint="Your p-value comes from the normal distribution and is too small. The standard error is estimated from a "
        "few differences: which distribution knows that?",
        severity="substantial",
    ),
    Misconception(
        "counts both lists in the degrees of freedom",
        task="paired_comparison",
        old="""half = stats.t.ppf((1 + confidence) / 2, n - 1) * standard_error
    if standard_error > 0:
        p_value = 2 * stats.t.sf(abs(difference) / standard_error, n - 1)""",
        new="""half = stats.t.ppf((1 + confidence) / 2, 2 * n - 2) * standard_error
    if standard_error > 0:
        p_value = 2 * stats.t.sf(abs(difference) / standard_error, 2 * n - 2)""",
        hint="You count 2 n - 2 degrees of freedom. Once the differences are taken there are n numbers, and one mean.",
        severity="substantial",
    ),
    Misconception(
        "takes the deviation of the differences over n",
        task="paired_comparison",
        old="differences.std(ddof=1)",
        new="differences.std()",
        hint="The standard deviation of your differences divides by n, which is numpy's default. To infer, divide by "
        "n - 1.",
        severity="substantial",
    ),
    Misconception(
        "always gives a 95 % interval",
        task="paired_comparison",
        old="(1 + confidence) / 2",
        new="0.975",
        hint="Your interval is the same for every confidence. Look for a number where the argument should stand.",
        severity="minor",
    ),
    Misconception(
        "compares as many seeds as both have",
        task="paired_comparison",
        old="""if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"a and b must be equally long, with at least two values, got {len(a)} and {len(b)}")
""",
        new="""a, b = a[: len(b)], b[: len(a)]
""",
        hint="Lists of different lengths are cut to the shorter one without a word. Then nobody knows which seeds were "
        "compared; it may be that one run failed in the middle and all pairs after it are wrong.",
        severity="minor",
    ),
    Misconception(
        "ranks the differences instead",
        task="paired_comparison",
        old="2 * stats.t.sf(abs(difference) / standard_error, n - 1)",
        new="stats.wilcoxon(differences).pvalue",
        hint="Your p-value is that of Wilcoxon's test, which looks at ranks only. It is a good test, but another one; "
        "with five seeds it cannot get below 0.0625, whatever the differences.",
        severity="substantial",
    ),
    Misconception(
        "takes the differences in place",
        task="paired_comparison",
        old="differences, n = a - b, len(a)",
        new="a -= b\n    differences, n = a, len(a)",
        hint="After your function the first array holds the differences: -= works in place, and an array of floats is "
        "not copied by `np.asarray`. The next comparison starts from wrong accuracies.",
        severity="minor",
    ),
    Misconception(
        "takes the absolute difference",
        task="paired_comparison",
        old="difference = differences.mean()",
        new="difference = abs(differences.mean())",
        hint="Your difference is never negative. Then a technique that hurts looks like one that helps: the sign says "
        "who "
        "is better.",
        severity="substantial",
    ),
    Misconception(
        "compares a single value with all of the other list",
        task="paired_comparison",
        old="if len(a) != len(b) or len(a) < 2:",
        new="if len(a) != len(b) and 1 not in (len(a), len(b)):",
        hint="A list with one value is compared with every entry of the other one, because numpy stretches it without "
        "a "
        "word. One run has no partner for five.",
        severity="minor",
    ),
    # Holm's correction
    Misconception(
        "multiplies all by their number",
        task="holm",
        old="factors = np.arange(len(p), 0, -1)",
        new="factors = np.full(len(p), len(p))",
        hint="You multiply every p-value by m, which is Bonferroni's rule: valid, but needlessly strict. Once the "
        "smallest has passed, how many questions are left?",
        severity="fundamental",
    ),
    Misconception(
        "gives the largest factor to the largest p",
        task="holm",
        old="factors = np.arange(len(p), 0, -1)",
        new="factors = np.arange(1, len(p) + 1)",
        hint="Your factors run the wrong way: the smallest p-value has had the most chances to be small by luck, so it "
        "pays the most.",
        severity="fundamental",
    ),
    Misconception(
        "controls the rate of false discoveries instead",
        task="holm",
        old="""factors = np.arange(len(p), 0, -1)
    climbing = np.maximum.accumulate(factors * p[order])""",
        new="""factors = len(p) / np.arange(1, len(p) + 1)
    climbing = np.minimum.accumulate((factors * p[order])[::-1])[::-1]""",
        hint="That is the rule of Benjamini and Hochberg. It limits the *share* of false discoveries among all; Holm's "
        "limits the chance of even one, and so is stricter.",
        severity="fundamental",
    ),
    Misconception(
        "lets a larger p overtake a smaller one",
        task="holm",
        old="climbing = np.maximum.accumulate(factors * p[order])",
        new="climbing = factors * p[order]",
        hint="A larger p-value can get a smaller result than one before it, because its factor is smaller. Holm stops "
        "at the first one that fails: what does that mean for all after it?",
        severity="substantial",
    ),
    Misconception(
        "takes the running maximum in the given order",
        task="holm",
        old="""climbing = np.maximum.accumulate(factors * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(climbing, 1)
    return adjusted""",
        new="""climbing = factors * p[order]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(climbing, 1)
    return np.maximum.accumulate(adjusted)""",
        hint="Your running maximum goes along the given order. It has to go along the order of size, so it comes "
        "before the way back.",
        severity="substantial",
    ),
    Misconception(
        "lets p-values grow beyond one",
        task="holm",
        old="adjusted[order] = np.minimum(climbing, 1)",
        new="adjusted[order] = climbing",
        hint="Some of your results are larger than 1. They are probabilities still.",
        severity="minor",
    ),
    Misconception(
        "gives them back in order of size",
        task="holm",
        old="adjusted[order] = np.minimum(climbing, 1)",
        new="adjusted[:] = np.minimum(climbing, 1)",
        hint="Your results are in order of size, so each lands at somebody else's technique. Where is the way back to "
        "the given order?",
        severity="substantial",
    ),
    Misconception(
        "sorts with the way there instead of the way back",
        task="holm",
        old="adjusted[order] = np.minimum(climbing, 1)",
        new="adjusted[:] = np.minimum(climbing, 1)[order]",
        hint="On the way back you apply the same reordering a second time. `order` says where each sorted value came "
        "from; the way back *puts* it there.",
        severity="substantial",
    ),
    Misconception(
        "takes any number for a p-value",
        task="holm",
        old="""    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p_values must lie between 0 and 1, got {p.tolist()}")
""",
        new="",
        hint="Numbers outside 0 to 1 pass without an error. Somebody who hands over t values by mistake should hear "
        "about it.",
        severity="minor",
    ),
    Misconception(
        "sorts the list that it was given",
        task="holm",
        old="""order = np.argsort(p)
""",
        new="""order = np.argsort(p)
    p_values.sort()
""",
        hint="After your function the caller's p-values are sorted, and no longer belong to their techniques. Sort a "
        "copy, or work with positions.",
        severity="minor",
    ),
    Misconception(
        "gives a list",
        task="holm",
        old="return adjusted",
        new="return adjusted.tolist()",
        hint="Your values are right, but they come in a list. An array was asked for, so that `holm(p) < 0.05` works "
        "on all of them at once.",
        severity="minor",
    ),
    Misconception(
        "gives a column",
        task="holm",
        old="return adjusted",
        new="return adjusted[:, None]",
        hint="Your values are right, but they stand in a column of shape (m, 1). One number for each p-value is an "
        "array "
        "of shape (m,).",
        severity="minor",
    ),
    # The experiment's protocol
    Misconception(
        "standardizes before it splits",
        task=PROTOCOL,
        old="inputs = standardize(*(X[part] for part in rows))",
        new="inputs = [standardize(X, X, X)[0][part] for part in rows]",
        hint="You scale all rows together, so the test rows have a say in what the net is trained on. Split first, "
        "then scale, by train alone.",
        severity="fundamental",
    ),
    Misconception(
        "does not standardize",
        task=PROTOCOL,
        old="inputs = standardize(*(X[part] for part in rows))",
        new="inputs = [X[part] for part in rows]",
        hint="The same data in other units trains another net: your columns go in as they are. One step of the five "
        "is missing.",
        severity="minor",
    ),
    Misconception(
        "lets the validation rows take part in the scaling",
        task=PROTOCOL,
        old="inputs = standardize(*(X[part] for part in rows))",
        new="inputs = standardize(X[np.concatenate(rows[:2])], X[rows[1]], X[rows[2]])\n"
        "        inputs = [inputs[0][: len(rows[0])], *inputs[1:]]",
        hint="The validation rows take part in the mean and the deviation. They are there to tell how the net does on "
        "rows that it has not met in any way.",
        severity="substantial",
    ),
    Misconception(
        "splits 80 10 10",
        task=PROTOCOL,
        old="[n * 6 // 10, n * 8 // 10]",
        new="[n * 8 // 10, n * 9 // 10]",
        hint="Your parts have other sizes than 60, 20 and 20 %. The numbers that cut an array are positions, not "
        "sizes.",
        severity="minor",
    ),
    Misconception(
        "validates on rows that it trains on",
        task=PROTOCOL,
        old="rows = np.split(torch.randperm(n).numpy(), [n * 6 // 10, n * 8 // 10])",
        new="order = torch.randperm(n).numpy()\n"
        "        rows = [order[: n * 6 // 10], order[: n * 2 // 10], order[n * 8 // 10 :]]",
        hint="Your validation rows are among those that train, so the best epoch is the one that has learned them by "
        "heart. Look at where each part begins and ends.",
        severity="fundamental",
    ),
    Misconception(
        "draws the split after the weights",
        task=PROTOCOL,
        old="""        rows = np.split(torch.randperm(n).numpy(), [n * 6 // 10, n * 8 // 10])
""",
        new="""        make_net([X.shape[1], *config["hidden"], int(y.max()) + 1], technique)
        rows = np.split(torch.randperm(n).numpy(), [n * 6 // 10, n * 8 // 10])
""",
        hint="The split depends on the technique, because other nets draw more or fewer numbers before it. Then the "
        "seeds of two techniques are no pairs. Draw the split first, or from a generator of its own.",
        severity="substantial",
    ),
    Misconception(
        "tests the net of the last epoch",
        task=PROTOCOL,
        old="best_nets = copy.deepcopy(nets)",
        new="best_nets = nets",
        hint="Your test accuracy is that of the net after the last epoch. Either the best net was never kept, or what "
        "was kept is not a copy and went on training.",
        severity="substantial",
    ),
    Misconception(
        "chooses the epoch by the training loss",
        task=PROTOCOL,
        old="best_epoch = val_accuracy.index(max(val_accuracy))",
        new="best_epoch = train_loss.index(min(train_loss))",
        hint="Your best epoch is the one with the lowest training loss. That one knows the training rows best; what "
        "were the validation rows set aside for?",
        severity="substantial",
    ),
    Misconception(
        "chooses the epoch on the test rows",
        task=PROTOCOL,
        old="best_epoch = val_accuracy.index(max(val_accuracy))",
        new="peeked = [*(peeked if epoch else []), accuracy(nets, x_test, y_test)]\n"
        "            best_epoch = peeked.index(max(peeked))",
        hint="Your best epoch is the best one on the test rows. Then the test accuracy is a maximum over epochs, and "
        "too good: the test rows may be used once, when everything is decided.",
        severity="fundamental",
    ),
    Misconception(
        "takes the last of equally good epochs",
        task=PROTOCOL,
        old="best_epoch = val_accuracy.index(max(val_accuracy))",
        new="best_epoch = epoch - val_accuracy[::-1].index(max(val_accuracy))",
        hint="Of equally good epochs you take the last one. Trained longer without getting better is not better: the "
        "first one counts. Compare >= with >.",
        severity="minor",
    ),
    Misconception(
        "keeps tensors instead of numbers",
        task=PROTOCOL,
        old="return (probabilities.argmax(1) == y).double().mean().item()",
        new="return (probabilities.argmax(1) == y).double().mean()",
        hint="Your lists hold tensors, not plain numbers. They cannot be written to a file as they are, and compare in "
        "surprising ways.",
        severity="minor",
    ),
    Misconception(
        "keeps the loss of every batch",
        task=PROTOCOL,
        old="train_loss.append(sum(losses) / len(losses))",
        new="train_loss.extend(losses * len(batches(len(x_train))))",
        hint="train_loss has more entries than there are epochs. One number an epoch: the mean over its batches, or "
        "over its rows.",
        severity="minor",
    ),
    Misconception(
        "takes the second share of what is left",
        task=PROTOCOL,
        old="[n * 6 // 10, n * 8 // 10]",
        new="[n * 6 // 10, n * 6 // 10 + n * 4 // 10 // 5]",
        hint="Your train part is right, the other two are not: the second cut takes 20 % of what the first one has "
        "left. 20 % of all rows is half of them.",
        severity="minor",
    ),
    Misconception(
        "adds up the losses of all batches",
        task=PROTOCOL,
        old="return total / len(x)",
        new="return total",
        hint="train_loss grows with the number of rows, or of batches, or of nets: it is a sum. One number an epoch, "
        "the mean "
        "over its batches or over its rows.",
        severity="minor",
    ),
    Misconception(
        "takes an accuracy of zero for none",
        task=PROTOCOL,
        old='"best_epoch": best_epoch,',
        new='"best_epoch": best_epoch if max(val_accuracy) else None,',
        hint="Your experiment fails, or reports a wrong epoch, where no validation row is right in any epoch. Zero is "
        "an "
        "accuracy too: `if not best` and a start at 0 mistake it for none.",
        severity="minor",
    ),
    # The experiment's reproducibility
    Misconception(
        "seeds nothing",
        task=REPRODUCIBILITY,
        old="""with torch.random.fork_rng(devices=[]):  # at its end the global generator is what it was
        torch.manual_seed(seed)
""",
        new="""if True:
""",
        hint="The same arguments give other results when the global generator is in another state, and another seed "
        "gives the same split: your function does nothing with `seed`.",
        severity="fundamental",
    ),
    Misconception(
        "seeds the split only",
        task=REPRODUCIBILITY,
        old="""with torch.random.fork_rng(devices=[]):  # at its end the global generator is what it was
        torch.manual_seed(seed)
        n = len(y)
        rows = np.split(torch.randperm(n).numpy(), [""",
        new="""if True:
        n = len(y)
        rows = np.split(torch.randperm(n, generator=torch.Generator().manual_seed(seed)).numpy(), [""",
        hint="The split follows the seed, the rest does not: weights, masks and the order of batches are drawn from "
        "the global generator in whatever state it is.",
        severity="fundamental",
    ),
    Misconception(
        "reseeds everybody's generator",
        task=REPRODUCIBILITY,
        old="with torch.random.fork_rng(devices=[]):  # at its end the global generator is what it was",
        new="if True:",
        hint="Your function seeds torch's global generator and leaves it at that. Whoever draws after it gets the same "
        "numbers every time, without knowing. The first hint in the notebook says how to put it back.",
        severity="substantial",
    ),
    Misconception(
        "draws the split from numpy's global generator",
        task=REPRODUCIBILITY,
        old="torch.randperm(n).numpy(), [",
        new="np.random.permutation(n), [",
        hint="Your split comes from numpy's global generator, which the seed does not reach: torch and numpy each have "
        "their own.",
        severity="fundamental",
    ),
    Misconception(
        "seeds numpy's global generator for the split",
        task=REPRODUCIBILITY,
        old="        n = len(y)\n",
        new="        n = len(y)\n        np.random.seed(seed)\n",
        hint="Your function seeds numpy's global generator, so everything that is drawn from it afterwards repeats "
        "itself. `np.random.default_rng(seed)` makes one of your own.",
        severity="substantial",
    ),
    Misconception(
        "uses the same split for every seed",
        task=REPRODUCIBILITY,
        old="torch.randperm(n).numpy(), [",
        new="torch.randperm(n, generator=torch.Generator().manual_seed(42)).numpy(), [",
        hint="All your seeds share one split. Then the spread over seeds leaves out the largest part of the luck, who "
        "happens to be in the test rows, and your intervals are too narrow.",
        severity="substantial",
    ),
    Misconception(
        "ignores the seed",
        task=REPRODUCIBILITY,
        old="torch.manual_seed(seed)\n",
        new="torch.manual_seed(42)\n",
        hint="Every seed gives the same result, so ten seeds are one run reported ten times. Look for a number where "
        "the argument should stand.",
        severity="fundamental",
    ),
    Misconception(
        "scales the rows that it was given",
        task=REPRODUCIBILITY,
        old="inputs = standardize(*(X[part] for part in rows))",
        new="X[rows[0]], X[rows[1]], X[rows[2]] = inputs = standardize(*(X[part] for part in rows))",
        hint="After your function, X is not what it was: the next seed starts from rows that were scaled by this one's "
        "split. Write the scaled rows somewhere else.",
        severity="minor",
    ),
    Misconception(
        "takes the technique out of config",
        task=REPRODUCIBILITY,
        old="""technique = config["technique"]
""",
        new="""technique = config.pop("technique")
""",
        hint="Your function changes config, so a second call with it fails or does something else. `pop` takes away "
        "what it reads.",
        severity="minor",
    ),
    # The experiment's techniques
    Misconception(
        "takes an unknown technique for the baseline",
        task=TECHNIQUES,
        old="""    if technique not in TECHNIQUES:
        raise ValueError(f"technique must be one of {', '.join(TECHNIQUES)}; got {technique!r}")
""",
        new="",
        hint="A technique that you do not know is trained as a plain net. So a typing error gives a table in which "
        '"BatchNrom" does exactly as well as the baseline.',
        severity="minor",
    ),
    Misconception(
        "computes gradients but takes no step",
        task=TECHNIQUES,
        old="""            optimizer.step()
""",
        new="",
        hint="Nothing is learned: the weights never move. Go through the three lines that belong to every batch.",
        severity="fundamental",
    ),
    Misconception(
        "breaks on a last batch of one row",
        task=TECHNIQUES,
        old="if len(parts) > 1 and len(parts[-1]) == 1:",
        new="if False:",
        hint="A last batch with a single row stops BatchNorm, which cannot normalize one value. The last hint in the "
        "notebook names two ways out.",
        severity="minor",
    ),
    Misconception(
        "judges the net in training mode",
        task=TECHNIQUES,
        old="net.eval()(x)",
        new="net(x)",
        hint="Your net is judged in training mode: dropout still drops units, and batch normalization lets the rows "
        "that are judged influence each other. `torch.no_grad()` does not change the mode.",
        severity="substantial",
    ),
    Misconception(
        "never goes back to training mode",
        task=TECHNIQUES,
        old="""        net.train()
        total = 0.0""",
        new="""        total = 0.0""",
        hint="After the first validation your net stays in eval mode, so from the second epoch on there is no dropout "
        "and no batch statistics. A mode stays until somebody changes it.",
        severity="substantial",
    ),
    Misconception(
        "never mixes anything up",
        task=TECHNIQUES,
        old="""mixed = technique == "Mixup"
""",
        new="""mixed = technique == "mixup"
""",
        hint="Mixup trains exactly as the baseline does. Compare the name that you look for with the one in the list, "
        "letter by letter.",
        severity="minor",
    ),
    Misconception(
        "makes an ensemble of one net",
        task=TECHNIQUES,
        old="""range(3 if technique == "Ensemble" else 1)""",
        new="""range(1)""",
        hint="Your ensemble trains a single net. Three are needed before anything can be averaged.",
        severity="substantial",
    ),
    Misconception(
        "makes an ensemble of three equal nets",
        task=TECHNIQUES,
        old="""        optimizers = [""",
        new="""        nets = [copy.deepcopy(nets[0]) for net in nets]
        optimizers = [""",
        hint="The three nets of your ensemble start from the same weights. An ensemble lives from the differences "
        "between its members: do you copy one, or seed again before each?",
        severity="substantial",
    ),
    Misconception(
        "asks the first of the three nets",
        task=TECHNIQUES,
        old="sum(net.eval()(x).softmax(1) for net in nets) / len(nets)",
        new="[net.eval()(x).softmax(1) for net in nets][0]",
        hint="Your ensemble trains three nets, and only the first one answers. Each should have its share in the mean.",
        severity="substantial",
    ),
    Misconception(
        "keeps what the last net says",
        task=TECHNIQUES,
        old="sum(net.eval()(x).softmax(1) for net in nets) / len(nets)",
        new="[net.eval()(x).softmax(1) for net in nets][-1]",
        hint="Your ensemble trains three nets, and only the last one answers. Does a loop over the nets overwrite what "
        "the ones before have said?",
        severity="substantial",
    ),
    Misconception(
        "averages three accuracies",
        task=TECHNIQUES,
        old="""        probabilities = sum(net.eval()(x).softmax(1) for net in nets) / len(nets)
        return (probabilities.argmax(1) == y).double().mean().item()""",
        new="""        answers = [net.eval()(x).argmax(1) for net in nets]
        return sum((answer == y).double().mean().item() for answer in answers) / len(nets)""",
        hint="You average the accuracies of three nets. That tells how good one of them is; an ensemble averages what "
        "they *say*, and is judged on that.",
        severity="substantial",
    ),
    Misconception(
        "never stops early",
        task=TECHNIQUES,
        old="""if technique == "Early Stopping" and epoch - best_epoch >= 5:
                break""",
        new="",
        hint="Early Stopping trains through all epochs. Which of your lines could end the loop?",
        severity="minor",
    ),
    Misconception(
        "waits one epoch too long",
        task=TECHNIQUES,
        old="epoch - best_epoch >= 5",
        new="epoch - best_epoch > 5",
        hint="You stop six epochs after the best one. Count on your fingers: the fifth epoch in a row without "
        "improvement is the last.",
        severity="minor",
    ),
    Misconception(
        "stops every technique early",
        task=TECHNIQUES,
        old="""technique == "Early Stopping" and epoch""",
        new="""epoch""",
        hint="All your techniques stop early. Then Early Stopping is compared with itself.",
        severity="substantial",
    ),
    Misconception(
        "descends without Adam",
        task=TECHNIQUES,
        old="torch.optim.Adam(",
        new="torch.optim.SGD(",
        hint="You train by another method than Adam. With the same learning rate, that is another experiment.",
        severity="substantial",
    ),
    Misconception(
        "uses the default learning rate",
        task=TECHNIQUES,
        old=""", lr=config["learning_rate"])""",
        new=""")""",
        hint="Your optimizer does not get the learning rate from config, and takes its default.",
        severity="minor",
    ),
    Misconception(
        "uses batches of a fixed size",
        task=TECHNIQUES,
        old="""split(config["batch_size"])""",
        new="""split(32)""",
        hint="The number of steps per epoch does not fit the batch size in config. Look for a number where a setting "
        "should stand.",
        severity="minor",
    ),
    Misconception(
        "builds the first hidden layer only",
        task=TECHNIQUES,
        old="""*config["hidden"],""",
        new="""config["hidden"][0],""",
        hint="Your net has one hidden layer, whatever config asks for. `hidden` is a list, with one size per layer.",
        severity="minor",
    ),
    Misconception(
        "never sets the gradients back",
        task=TECHNIQUES,
        old="            optimizer.zero_grad()\n",
        new="",
        hint="Your training does not settle: the gradients of all batches so far add up. Which of the lines that "
        "belong to "
        "every batch is missing?",
        severity="substantial",
    ),
    Misconception(
        "applies a softmax before the cross-entropy",
        task=TECHNIQUES,
        old="F.cross_entropy(net(x[rows]), y[rows])",
        new="F.cross_entropy(net(x[rows]).softmax(1), y[rows])",
        hint="Your training loss cannot fall to zero: `cross_entropy` takes logits and applies the softmax itself.",
        severity="substantial",
    ),
    Misconception(
        "trains on the same batches in every epoch",
        task=TECHNIQUES,
        old="parts = list(torch.randperm(n).split(",
        new="parts = list(torch.arange(n).split(",
        hint="Your batches are the same in every epoch. The notebook asks for a new random order each time.",
        severity="minor",
    ),
    # The table
    Misconception(
        "takes baseline minus technique",
        task=TABLE,
        old="difference = comparisons[name][0] if name in comparisons else 0.0",
        new="difference = -comparisons[name][0] if name in comparisons else 0.0",
        hint="Your differences have the wrong sign: a technique that helps should have a positive one.",
        severity="substantial",
    ),
    Misconception(
        "writes the size of the difference",
        task=TABLE,
        old="difference = comparisons[name][0] if name in comparisons else 0.0",
        new="difference = abs(comparisons[name][0]) if name in comparisons else 0.0",
        hint="Your differences are never negative: a technique that hurts looks as if it helped.",
        severity="substantial",
    ),
    Misconception(
        "leaves the p-values uncorrected",
        task=TABLE,
        old="adjusted = holm([comparisons[name][3] for name in others])",
        new="adjusted = [comparisons[name][3] for name in others]",
        hint="Your p-values are those of single comparisons. The column promises Holm's: so many techniques, so many "
        "chances for a small p by luck.",
        severity="substantial",
    ),
    Misconception(
        "corrects by Bonferroni's rule",
        task=TABLE,
        old="adjusted = holm([comparisons[name][3] for name in others])",
        new="adjusted = [min(1, len(others) * comparisons[name][3]) for name in others]",
        hint="Your p-values are all multiplied by the number of comparisons. The column promises Holm's, which is just "
        "as safe and finds more.",
        severity="substantial",
    ),
    Misconception(
        "compares the baseline with itself",
        task=TABLE,
        old="others = [name for name in results if name != baseline]",
        new="others = list(results)",
        hint="You compare the baseline with itself too. That is no question, but holm counts it as one, and all the "
        "others pay; and a p-value of 1 is an answer where nobody has asked.",
        severity="substantial",
    ),
    Misconception(
        "counts the baseline among the comparisons",
        task=TABLE,
        old="adjusted = holm([comparisons[name][3] for name in others])",
        new="adjusted = holm([*(comparisons[name][3] for name in others), 1.0])[:-1]",
        hint="Your correction counts one comparison too many. The baseline is not compared with itself, so it does not "
        "pay.",
        severity="substantial",
    ),
    Misconception(
        "writes the interval of the difference",
        task=TABLE,
        old="mean, low, high = summarize(accuracies)",
        new="mean, low, high = summarize(accuracies)\n        low, high = comparisons.get(name, (0.0, 0.0, 0.0))[1:3]",
        hint="Low and High hold the interval of the difference. They stand beside Accuracy and belong to it.",
        severity="substantial",
    ),
    Misconception(
        "writes mean minus and plus one standard deviation",
        task=TABLE,
        old="mean, low, high = summarize(accuracies)",
        new="mean, low, high = summarize(accuracies)\n"
        "        low, high = mean - np.std(accuracies, ddof=1), mean + np.std(accuracies, ddof=1)",
        hint="Low and High are one standard deviation away from the mean. That is where single runs lie, not how far "
        "the mean can be trusted.",
        severity="substantial",
    ),
    Misconception(
        "sorts the table by accuracy",
        task=TABLE,
        old="return pd.DataFrame(rows, columns=columns)",
        new='return pd.DataFrame(rows, columns=columns).sort_values("Accuracy", ascending=False, ignore_index=True)',
        hint="Your rows are sorted by accuracy. They should come in the given order: a ranking suggests that "
        "neighbors differ, which is what we are about to find out.",
        severity="minor",
    ),
    Misconception(
        "gives the baseline a p-value of one",
        task=TABLE,
        old="""float("nan")""",
        new="""1.0""",
        hint="Your baseline has a p-value, though it was not compared with anything. NaN says just that.",
        severity="minor",
    ),
    Misconception(
        "leaves the baseline's difference empty",
        task=TABLE,
        old="else 0.0",
        new="""else float("nan")""",
        hint="The difference of the baseline is missing. It differs from itself by 0; only its p is empty.",
        severity="minor",
    ),
    Misconception(
        "leaves the baseline out",
        task=TABLE,
        old="for name, accuracies in results.items():",
        new="for name, accuracies in [(name, results[name]) for name in others]:",
        hint="The baseline has no row. A reader wants to see what everything else is compared with.",
        severity="minor",
    ),
    Misconception(
        "insists on the name Baseline",
        task=TABLE,
        old="""others = [name for name in results if name != baseline]
""",
        new="""baseline = "Baseline"
    others = [name for name in results if name != baseline]
""",
        hint="Your table compares with the technique called Baseline, whatever the argument `baseline` says.",
        severity="minor",
    ),
    Misconception(
        "meets a missing baseline with a KeyError",
        task=TABLE,
        old="""if baseline not in results:
        raise ValueError(f"baseline must be one of {', '.join(results)}; got {baseline!r}")
""",
        new="""results[baseline]
""",
        hint="A missing baseline ends in another error than ValueError. Look before you use it, and say in the "
        "message which names there are.",
        severity="minor",
    ),
    Misconception(
        "compares with the best technique",
        task=TABLE,
        old="""comparisons = {name: paired_comparison(results[name], results[baseline]) for name in others}
""",
        new="""best = max(results, key=lambda name: np.mean(results[name]))
    comparisons = {name: paired_comparison(results[name], results[best]) for name in others}
""",
        hint="Your differences are to the best technique in the table. Which one that is depends on luck; the baseline "
        "was chosen before.",
        severity="fundamental",
    ),
    Misconception(
        "takes early stopping for something of its own",
        task=TABLE,
        old="""("Regularization", "everything that over-fits", "saves epochs")""",
        new="""("Training", "everything that over-fits", "saves epochs")""",
        hint="One of your types is not the one in the notebook. Stopping early keeps the weights near their start, "
        "which limits what the net can fit: to which family does that belong?",
        severity="minor",
    ),
    Misconception(
        "leaves the descriptions empty",
        task=TABLE,
        old="""rows.append([name, *about.get(name, ("none",) * 3),""",
        new="""rows.append([name, about.get(name, ("none",))[0], "", "",""",
        hint="Best For and Key Benefit are empty. A table is read by people who have not taken this course.",
        severity="minor",
    ),
    Misconception(
        "writes accuracies in percent",
        task=TABLE,
        old="mean, low, high, difference, p_value])",
        new="100 * mean, 100 * low, 100 * high, difference, p_value])",
        hint="Accuracy, Low and High are percentages. The table holds shares; how they are printed is a matter of its "
        "style.",
        severity="substantial",
    ),
    Misconception(
        "names a column as it likes",
        task=TABLE,
        old=""""p (Holm)"]""",
        new=""""p"]""",
        hint="The columns are not the nine in the notebook. Whoever reads your table by program looks for their names, "
        "letter by letter.",
        severity="minor",
    ),
    Misconception(
        "takes the baseline out of the results",
        task=TABLE,
        old="""others = [name for name in results if name != baseline]
""",
        new="""results[baseline] = results.pop(baseline)
    others = [name for name in results if name != baseline]
""",
        hint="After your function the results are in another order than before: `pop` takes away what it reads. They "
        "belong to the caller.",
        severity="minor",
    ),
]
