# %% [markdown]
# # Does it really help?
#
# Nine exercises have given you a shelf full of techniques, and each came with a reason why it helps. In this
# notebook you build the instrument that finds out whether it does: an experiment that cannot cheat, and the
# statistics that say how far its numbers can be trusted.
#
# You will be able to
#
# * write an experiment that gives the same answer twice and keeps its test rows out of every decision;
# * put an interval around a mean over seeds, and compare two techniques seed by seed;
# * correct for having asked eight questions at once;
# * read a table of results, your own included, without fooling yourself.
#
# **Time:** about three hours. **Builds on:** all the others. If you have skipped some: this notebook brings
# every technique along.

# %%
import copy
import itertools
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)  # nets this small gain nothing from more
plt.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.constrained_layout.use": True,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 2,
        "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#009E73", "#CC79A7"])
        + plt.cycler(marker=["o", "s", "^", "D"]),
    }
)


def prediction(name, kind=(int, float)):
    """Your prediction of that name; where there is none, None and a sentence: nothing is compared then."""
    value = globals().get(name)
    if isinstance(value, kind):
        return value
    print(f"{name} holds no prediction, so nothing is compared with it: set it in the cell above, if you like.")
    return None


# %% [markdown]
# ## The problem in one picture
#
# The data of this notebook: 1000 of scikit-learn's handwritten digits. To make it a problem on which
# techniques have something to do, 30 % of the labels are drawn anew, at random. That goes for every row,
# also for those that we test on, so nobody can get much more than 73 % right.

# %%
digits = load_digits()
noise = np.random.default_rng(0)
pixels, labels = digits.data[:1000], digits.target[:1000].copy()
noisy = noise.random(1000) < 0.3
labels[noisy] = noise.integers(0, 10, noisy.sum())

# %% [markdown]
# Take *one* network and *one* way to train it. Run it with 30 seeds: the seed decides which rows it is tested
# on and from which weights it starts. Then do what many papers do, and report the mean of three seeds.

# %% tags=["active-ipynb"]
# import warnings
#
# from sklearn.exceptions import ConvergenceWarning
# from sklearn.model_selection import train_test_split
# from sklearn.neural_network import MLPClassifier
#
#
# def accuracy_of_one_run(seed):
#     parts = train_test_split(pixels / 16, labels, test_size=0.2, random_state=seed)
#     net = MLPClassifier((64,), batch_size=100, learning_rate_init=0.005, max_iter=6, random_state=seed)
#     return 100 * net.fit(parts[0], parts[2]).score(parts[1], parts[3])
#
#
# with warnings.catch_warnings():
#     warnings.simplefilter("ignore", ConvergenceWarning)  # six epochs are all it gets
#     runs = np.array([accuracy_of_one_run(seed) for seed in range(30)]).reshape(10, 3)
# means = runs.mean(1)
# best, worst = means.argmax(), means.argmin()
#
# fig, ax = plt.subplots(figsize=(7.5, 3.6))
# ax.plot(np.repeat(range(1, 11), 3), runs.ravel(), linestyle="", alpha=0.6, label="one run")
# ax.plot(range(1, 11), means, linestyle="", marker="_", markersize=26, markeredgewidth=3, label="mean of three")
# for index, word, shift in [(best, "best", 1.2), (worst, "worst", -1.2)]:
#     va = "bottom" if shift > 0 else "top"
#     ax.text(index + 1, (runs[index].max() if shift > 0 else runs[index].min()) + shift, word, ha="center", va=va)
# ax.set(xticks=range(1, 11), ylim=(runs.min() - 5, runs.max() + 5))
# ax.set(xlabel="group of three seeds", ylabel="test accuracy (%)")
# ax.set_title(f"Ten reports on one and the same network: {means[best] - means[worst]:.1f} points apart")
# ax.legend(loc="lower left", ncols=2, fontsize=9)
# plt.show()

# %% [markdown]
# Nothing differs between the groups but luck. Yet if the best group were called "with our technique" and the
# worst "without", it would make a fine table. Keep the size of this gap in mind until you see your own table. A
# table of means says nothing until it also says how far the means could have moved by themselves.
#
# ## The idea
#
# **A seed is one measurement.** Let $v_1, \dots, v_n$ be the accuracies of $n$ seeds, $\bar v$ their mean and
# $s^2 = \frac{1}{n-1}\sum_i (v_i - \bar v)^2$ their variance. The mean of $n$ values wobbles less than one
# value: by $s/\sqrt n$. But $s$ is itself estimated from a handful of values, and it is often too small by
# chance. William Gosset, who had to judge barley from tiny samples and published as "Student" (1908), found
# how much wider the interval must be for that:
#
# $$\bar v \;\pm\; t_{n-1}\!\left(\tfrac{1 + c}{2}\right) \frac{s}{\sqrt n}, \qquad c = 0.95 .$$
#
# $t_{n-1}(q)$ is the value below which a share $q$ of Student's distribution with $n - 1$ degrees of freedom
# lies. For five seeds it is 2.78 instead of the 1.96 of the normal distribution, for two seeds 12.7.
#
# **Compare seed by seed.** Some seeds get an easy test set, some a hard one, and this moves *both* techniques.
# Give both the same seeds, so the same splits, and take the difference $d_i = a_i - b_i$ for each seed: the
# luck that they share cancels. The interval of the $d_i$ and the test of "the mean difference is 0",
#
# $$t = \frac{\bar d}{s_d / \sqrt n}, \qquad p = 2\, P(T_{n-1} > |t|),$$
#
# need no more runs than you have made anyway. How much more sharply they see, you will measure.
#
# **Many questions need a correction.** A $p$ below 0.05 turns up once in 20 tries where there is nothing to
# find. Ask eight independent questions, and the chance of at least one false "discovery" is
# $1 - 0.95^8 = 34\,\%$. Sture Holm (1979) mends this: the smallest of $m$ p-values is multiplied by $m$,
# the next by $m - 1$, and so on down to 1. Then the chance of *any* false discovery is at most 5 %, whatever the
# questions have to do with each other, and nobody has a reason left to use Bonferroni's rule, which multiplies
# all of them by $m$.
#
# **And all of it is worthless if the experiment leaks.** The training rows decide on the weights and the scaling,
# the validation rows on the epoch at which to stop. The test rows are for one number, at the very end.

# %% [markdown]
# ## Conventions
#
# | | elsewhere | here |
# |---|---|---|
# | what $\pm$ means | a standard deviation, a standard error, often unsaid | a 95 % interval, `Low` to `High` |
# | quantile for the interval | 1.96, whatever $n$ | Student's, with $n - 1$ degrees of freedom |
# | standard deviation | divided by $n$ (numpy's default) or $n - 1$ (pandas) | $n$ to standardize, $n - 1$ to infer |
# | test | one-sided, "because it can only help" | two-sided: it can hurt |
# | samples | independent | paired: the same seeds for all |
# | several comparisons | uncorrected | Holm, over all techniques but the baseline |
# | reported epoch | the last, or the best *on the test rows* | the first best on the validation rows |
# | what a seed changes | the weights, on one fixed split | everything: split, weights, batches, masks |

# %% [markdown]
# ## Before you start: two tools for the checks
#
# The visible checks compare with numbers that you can work out on paper. If you arrive at the number of a well-known
# mistake, they name it.


# %%
def likely_cause(observed, causes):
    """The sentence that `causes` has for a number near the one observed."""
    found = [sentence for number, sentence in causes.items() if abs(observed - number) < 1e-3]
    return found[0] if found else "Compare each step with the formula."


def raised_by(function, *arguments):
    """The name of the error that a call raises, or "no error"."""
    try:
        function(*arguments)
    except Exception as error:
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return "no error"


# %% [markdown]
# ## Task: standardize
#
# **Difficulty 1 of 3.** Met before: the statistics of a batch, exercise 4.
#
# Write `standardize`. It takes three parts of one data set, arrays of shape `(rows, columns)`, and gives back
# all three, each column shifted and scaled so that **train** has mean 0 and standard deviation 1:
#
# $$\frac{x - \mu_\text{train}}{\sigma_\text{train}}, \qquad \sigma^2 = \frac1n \sum_i (x_i - \mu)^2 .$$
#
# The other two parts go along with train's numbers: had they a say, the experiment would leak.
#
# A column that is constant in train has no spread to divide by. It is only centered. Some pixels at the
# edge of the digits are 0 in every image, so this is no rarity. And rounding can give a constant column a standard
# deviation of $10^{-17}$, so ask whether $\sigma$ is at most $10^{-12}$ times the largest absolute value of
# the column in train.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Make a divisor that equals the standard deviation where there is one and 1 where there is none. `np.where`
# picks, column by column. "At most" and "less than" differ for a column of zeros.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Only train has a say, and each column has its own two numbers. The deviation divides by $n$. A small number
# added to every deviation would change the columns that are fine; decide instead, column by column, relative to
# the column's size.
#
# </details>


# %% solution="standardize"
def standardize(
    train: np.ndarray, validation: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three parts, each (rows, columns), minus train's mean and over train's standard deviation, by column.

    The standard deviation divides by n. Where it is at most 1e-12 times the largest absolute value of train's column,
    the column is constant: it is only centered. The arguments stay as they are.
    """
    ### BEGIN SOLUTION
    mean, std = train.mean(0), train.std(0)
    constant = std <= 1e-12 * np.abs(train).max(0)
    scale = np.where(constant, 1, std)
    return (train - mean) / scale, (validation - mean) / scale, (test - mean) / scale
    ### END SOLUTION


# %% [markdown]
# ### Check
#
# Column 0 of train has mean 3 and standard deviation 2, column 1 is 0.1 everywhere, column 2 is 0.


# %% grades="standardize" points={"by train's numbers": 4, "constant columns": 2.4, "exact values": 0.8, "arguments left alone": 0.8}
def check_standardize():
    train = np.array([[1.0, 0.1, 0.0], [5.0, 0.1, 0.0]] * 3)
    others = np.array([[7.0, 0.1, 0.0], [11.0, 1.1, 2.0]]), np.array([[-3.0, 0.6, -4.0]])
    before = train.copy()
    parts = standardize(train, *others)
    assert len(parts) == 3, f"standardize should return three arrays, yours returns {len(parts)}."
    assert np.array_equal(train, before), "Your function changed train. -= and /= work in place."
    scaled_train, scaled_validation, scaled_test = map(np.asarray, parts)
    causes = {
        -1 / 1.2**0.5: "It looks as if you divide by n - 1. The formula divides by n.",
        -0.5: "It looks as if you divide by the variance.",
        0.0: "It looks as if you scale to the range from 0 to 1.",
        -0.6860: "It looks as if mean and deviation are those of all rows. Which rows is a net allowed to know?",
        -0.0184: "It looks as if all columns share one mean and deviation.",
    }
    first = float(scaled_train[0, 0])
    assert np.allclose(scaled_train[:, 0], [-1, 1, -1, 1, -1, 1]), (
        f"Column 0 of train should become -1, 1, -1, ...; yours starts with {first:.4f}. {likely_cause(first, causes)}"
    )
    assert np.allclose(scaled_validation[:, 0], [2, 4]) and np.allclose(scaled_test[:, 0], [-3]), (
        "Column 0 of the other parts should become [2, 4] and [-3], by train's mean 3 and standard deviation 2; yours "
        f"became {scaled_validation[:, 0].tolist()} and {scaled_test[:, 0].tolist()}. Whose mean is it?"
    )
    assert np.isfinite(scaled_validation).all(), (
        "Your result has nan or infinite entries. Column 2 of train is 0 everywhere: what do you divide by there?"
    )
    assert np.allclose(scaled_train[:, 1:], 0) and np.allclose(scaled_validation[:, 1:], [[0, 0], [1, 2]]), (
        "Columns 1 and 2 are constant in train, so they are only centered: validation should become [[0, 0], [1, 2]] "
        f"there, yours became {scaled_validation[:, 1:].tolist()}. Very large? Then look closely at train.std(0)."
    )


check_standardize()
"standardize: the visible checks pass"

# %% [markdown]
# ## Task: a mean and how far to trust it
#
# **Difficulty 1 of 3.** Met before: *A seed is one measurement*, above.
#
# Write `summarize`: the mean of some values and Student's interval around it,
#
# $$\bar v \pm t_{n-1}\!\left(\tfrac{1 + c}{2}\right) \frac{s}{\sqrt n},$$
#
# with $c$ the `confidence` and $s$ the standard deviation that divides by $n - 1$. From fewer than two values
# nothing can be learned about spread, so that is a `ValueError`. `values` may be a list or an array, and belongs
# to the caller: leave it as it is, here and in the next two tasks.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `stats.t.ppf(q, df)` is the value below which a share `q` lies. An interval that holds 95 % leaves 2.5 % on
# *each* side, so which `q` is that? And numpy's `std` has an argument that decides what it divides by.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The interval of a mean is narrower than that of one value: by which factor? $n$ values leave $n - 1$ degrees of
# freedom, and the doubt is split between two tails.
#
# </details>


# %% solution="summarize"
def summarize(values, confidence: float = 0.95) -> tuple[float, float, float]:
    """(mean, low, high): the mean of n values, and Student's t interval around it.

    Half its width is t * s / sqrt(n): s divides by n - 1, and t leaves (1 - confidence) / 2 on each side at n - 1
    degrees of freedom. Fewer than two values raise ValueError. The values stay as they are.
    """
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype=float)
    n = len(values)
    if n < 2:
        raise ValueError(f"values must hold at least two numbers, got {n}")
    mean = values.mean()
    standard_error = values.std(ddof=1) / np.sqrt(n)
    half = stats.t.ppf((1 + confidence) / 2, n - 1) * standard_error
    return float(mean), float(mean - half), float(mean + half)
    ### END SOLUTION


# %% [markdown]
# ### Check
#
# The values 2, 4, 9 have mean 5 and $s^2 = (9 + 1 + 16)/2 = 13$. At 2 degrees of freedom the table says
# $t = 4.303$.


# %% grades="summarize" points={"the interval of the mean": 5.6, "exact for few values": 4, "confidence": 1.2, "bad input, values left alone": 1.2}
def check_summarize():
    answer = summarize([2, 4, 9])
    assert len(answer) == 3, f"summarize should return (mean, low, high), yours returns {len(answer)} values."
    mean, low, high = map(float, answer)
    causes = {4.0: "That is the median.", 5 - 8.957: "That is the lower end. The order is mean, low, high."}
    assert abs(mean - 5) < 1e-9, (
        f"The mean of 2, 4, 9 should come first and be 5, yours is {mean:.4f}. {likely_cause(mean, causes)}"
    )
    assert abs(low + high - 10) < 1e-9, (
        f"Low and high should lie evenly around 5, yours are {low:.3f} and {high:.3f}. Both are ends of the interval."
    )
    error, half = (13 / 3) ** 0.5, (high - low) / 2
    causes = {
        1.95996 * error: "It looks as if you use the normal distribution. With three values s is a guess too.",
        4.30265 * (26 / 9) ** 0.5: "It looks as if your standard deviation divides by n.",
        4.30265 * 13**0.5: "It looks as if sqrt(n) is missing: that is where *one* value may lie.",
        2.91999 * error: "It looks as if you leave 5 % on each side, so that the interval holds 90 %.",
        3.18245 * error: "It looks as if you use n degrees of freedom.",
        error: "It looks as if you add and subtract one standard error.",
    }
    assert abs(half - 4.30265 * error) < 1e-3, (
        f"Half the width should be 4.303 * sqrt(13 / 3) = 8.957, yours is {half:.3f}. {likely_cause(half, causes)}"
    )
    t = (summarize(np.array([2.0, 4.0, 9.0]), confidence=0.5)[2] - 5) / error
    assert abs(t - 0.8165) < 1e-3, f"At a confidence of 0.5, t is 0.816; yours is {t:.3f}. Where does confidence go?"
    for few in ([0.7], []):
        raised = raised_by(summarize, few)
        assert raised == "ValueError", (
            f"{len(few)} values tell nothing about their spread: summarize({few}) should raise ValueError; "
            f"yours raises {raised}."
        )


check_summarize()
"summarize: the visible checks pass"

# %% [markdown]
# ## Task: compare two techniques seed by seed
#
# **Difficulty 2 of 3.** Met before: *Compare seed by seed*, above.
#
# Write `paired_comparison`. `a[i]` and `b[i]` come from the same seed. With $d_i = a_i - b_i$, return the mean
# difference, its interval as in `summarize`, and the two-sided p-value of the paired t test,
#
# $$t = \frac{\bar d}{s_d / \sqrt n}, \qquad p = 2\,P(T_{n-1} > |t|).$$
#
# Different lengths cannot be pairs, one value against five neither: `ValueError`.
#
# One trap will be waiting in the experiment below: two techniques may agree on *every* seed, and then the
# formula says 0/0. Libraries answer NaN, and NaN is no use in a table. So decide: if all differences are equal,
# the interval has no width, and p is 1 if they are 0, and 0 if they are not. (Your points do not depend on this
# case, but the experiment does.)
#
# <details><summary>Hint 1: a nudge</summary>
#
# Once the differences are taken, this is a problem with *one* list of numbers, which you have just solved: call your
# `summarize` if you like. While this task is judged, a correct one stands in its place.
# `stats.t.sf(t, df)` is the share that lies above `t`.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Two groups that are not paired give another, wider interval: subtract first, then forget the two lists. The sign
# of $t$ must not matter for $p$, and one tail is only half of it.
#
# </details>


# %% solution="paired_comparison"
def paired_comparison(a, b, confidence: float = 0.95) -> tuple[float, float, float, float]:
    """(difference, low, high, p_value) of the paired t test of a - b, two-sided.

    a and b are equally long, and a[i] and b[i] come from the same seed; other lengths raise ValueError. They stay as
    they are. If all differences are equal, low and high are equal too, and p_value is 1 where they are 0, else 0.
    """
    ### BEGIN SOLUTION
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if len(a) != len(b) or len(a) < 2:
        raise ValueError(f"a and b must be equally long, with at least two values, got {len(a)} and {len(b)}")
    differences, n = a - b, len(a)
    difference = differences.mean()
    standard_error = differences.std(ddof=1) / np.sqrt(n)
    half = stats.t.ppf((1 + confidence) / 2, n - 1) * standard_error
    if standard_error > 0:
        p_value = 2 * stats.t.sf(abs(difference) / standard_error, n - 1)
    else:
        p_value = 1.0 if difference == 0 else 0.0
    return float(difference), float(difference - half), float(difference + half), float(p_value)
    ### END SOLUTION


# %% [markdown]
# ### Check
#
# The differences are 2, 4, 9 again, so mean and interval are known. $t = 5 / \sqrt{13/3} = 2.402$, and at 2
# degrees of freedom that is $p = 0.138$.


# %% grades="paired_comparison" points={"paired differences": 4.8, "p-value": 3.2, "exact interval": 2.4, "bad input, lists left alone": 1.6}
def check_paired_comparison():
    a, b = np.array([12.0, 54.0, 29.0]), np.array([10.0, 50.0, 20.0])
    answer = paired_comparison(a, b)
    assert len(answer) == 4, f"Four values should come back (difference, low, high, p_value), yours are {len(answer)}."
    assert a.tolist() == [12, 54, 29], "Your function changed a. -= works in place."
    difference, low, high, p_value = map(float, answer)
    assert abs(difference - 5) < 1e-9, f"The difference a - b should be 5, yours is {difference:.4f}."
    error, half = (13 / 3) ** 0.5, (high - low) / 2
    causes = {
        1.95996 * error: "It looks as if you use the normal distribution.",
        2.77645 * error: "It looks as if you use 2 n - 2 degrees of freedom. How many differences are there?",
        4.30265 * (26 / 9) ** 0.5: "It looks as if your standard deviation divides by n.",
        47.5431: "It looks as if you treat a and b as two groups that have nothing to do with each other.",
    }
    assert abs(half - 4.30265 * error) < 1e-3 and abs(low + high - 10) < 1e-9, (
        f"The interval should be 5 - 8.957 to 5 + 8.957, yours is {low:.3f} to {high:.3f}. {likely_cause(half, causes)}"
    )
    causes = {
        0.06909: "It looks as if you count one side only.",
        0.93091: "It looks as if you count the wrong side.",
        0.01631: "It looks as if you use the normal distribution. With three differences s is a guess too.",
        0.25: "It looks as if you rank the differences. Here their sizes count.",
        0.78481: "It looks as if you treat a and b as two groups that have nothing to do with each other.",
    }
    assert abs(p_value - 0.13818) < 1e-4, f"p should be 0.138, yours is {p_value:.3f}. {likely_cause(p_value, causes)}"
    t = (paired_comparison(a, b, confidence=0.5)[2] - 5) / error
    assert abs(t - 0.8165) < 1e-3, f"At a confidence of 0.5, t is 0.816; yours is {t:.3f}. Where does confidence go?"
    back = float(paired_comparison(b, a)[3])
    assert abs(back - p_value) < 1e-9, (
        f"The test is two-sided: b against a should have the same p, {p_value:.3f}, yours has {back:.3f}."
    )
    raised = raised_by(paired_comparison, [0.5, 0.75, 0.25], [0.5, 0.5])
    assert raised == "ValueError", (
        f"Three values against two should raise ValueError, yours raises {raised}. Which of them are pairs?"
    )
    equal = [float(value) for value in paired_comparison([0.5, 0.75], [0.5, 0.75])]
    assert equal == [0, 0, 0, 1], (
        "For two techniques that agree on every seed, (0, 0, 0, 1) should come back: no difference, and nothing that "
        f"speaks for one. Yours is {equal}. What is 0 / 0?"
    )


# While this check runs, and when your answer is judged, a correct summarize stands in for yours: if you call it, a
# mistake in it does not count twice.
with patch.dict(
    globals(),
    summarize=lambda values, confidence=0.95: (
        (np.mean(values), *stats.ttest_1samp(values, 0).confidence_interval(confidence))
        if np.ptp(values)
        else (np.mean(values),) * 3
    ),
):
    check_paired_comparison()
"paired_comparison: the visible checks pass"

# %% [markdown]
# ## Task: pay for asking many questions
#
# **Difficulty 2 of 3.** Met before: *Many questions need a correction*, above.
#
# Write `holm`. Let $p_{(1)} \le p_{(2)} \le \dots \le p_{(m)}$ be the p-values in order of size. The adjusted
# ones are
#
# $$\tilde p_{(i)} = \max_{j \le i}\; \min\bigl(1,\; (m - j + 1)\, p_{(j)}\bigr),$$
#
# and they are returned as an array **in the order in which the p-values were given**. The maximum keeps the
# ranking: nothing may count as significant that has a larger p than something that does not. A number outside
# $[0, 1]$ is no p-value: `ValueError`.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `np.argsort` says who comes first, second, ... `np.maximum.accumulate` is a running maximum. The way back:
# `order` lists, for each place in the sorted row, the place where its p-value was given, and there it belongs again.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The *smallest* p gets the largest factor. The running maximum is taken in order of size, before the way back. No
# result is larger than 1.
#
# </details>


# %% solution="holm"
def holm(p_values) -> np.ndarray:
    """Holm's adjusted p-values, shape (m,), in the given order.

    The smallest of the m is multiplied by m, the next by m - 1, ..., the largest by 1; then none is smaller than one
    before it, nor larger than 1. A value outside [0, 1] raises ValueError. p_values stays as it is.
    """
    ### BEGIN SOLUTION
    p = np.array(p_values, dtype=float)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p_values must lie between 0 and 1, got {p.tolist()}")
    order = np.argsort(p)
    factors = np.arange(len(p), 0, -1)
    climbing = np.maximum.accumulate(factors * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(climbing, 1)
    return adjusted
    ### END SOLUTION


# %% grades="holm" points={"Holm's factors": 4, "the given order": 1.6, "none below a smaller one": 1.6, "bounds and form": 0.8}
def check_holm():
    p_values = [0.25, 0.015625, 0.0625, 0.03125]
    adjusted = holm(p_values)
    assert isinstance(adjusted, np.ndarray) and adjusted.shape == (4,), (
        f"Four p-values should give an array of shape (4,); yours is a {type(adjusted).__name__}"
        f" of shape {np.shape(adjusted)}."
    )
    assert p_values == [0.25, 0.015625, 0.0625, 0.03125], "Your function changed its argument. Does it sort in place?"
    known = {
        "The values are right, but sorted: whose is which?": [0.0625, 0.09375, 0.125, 0.25],
        "That multiplies all by 4, which is Bonferroni's rule.": [1, 0.0625, 0.25, 0.125],
        "That looks like Benjamini and Hochberg's rule.": [0.25, 0.0625, 0.25 / 3, 0.0625],
        "That gives the smallest p the factor 1. Which one is to be doubted most?": [1, 0.015625, 0.1875, 0.0625],
        "The running maximum goes from the smallest p to the largest.": [0.25, 0.25, 0.25, 0.25],
        "The values are right, but at the wrong places. What does argsort say, and what its inverse?": [
            0.09375,
            0.25,
            0.125,
            0.0625,
        ],
    }
    cause = next((text for text, values in known.items() if np.allclose(adjusted, values)), "")
    assert np.allclose(adjusted, [0.25, 0.0625, 0.125, 0.09375]), (
        "In order of size the factors are 4, 3, 2, 1, so in the given order the result should be "
        f"[0.25, 0.0625, 0.125, 0.09375], yours is {adjusted.tolist()}. {cause}"
    )
    adjusted = holm([0.375, 0.3125, 0.875, 0.34375])
    assert np.max(adjusted) <= 1, f"No p-value is larger than 1, yours go up to {np.max(adjusted)}."
    assert np.allclose(adjusted, [1, 1, 1, 1]), (
        "4 * 0.3125 is above 1 already, so no other can be below 1: holm([0.375, 0.3125, 0.875, 0.34375]) should be "
        f"1 everywhere, yours is {adjusted.tolist()}. What does the maximum in the formula do?"
    )
    for bad in ([0.5, 1.5], [-0.25]):
        raised = raised_by(holm, bad)
        assert raised == "ValueError", (
            f"A p-value lies between 0 and 1: holm({bad}) should raise ValueError, yours raises {raised}."
        )


check_holm()
"holm: the visible checks pass"

# %% [markdown]
# ## Task: an experiment that cannot cheat
#
# **Difficulty 3 of 3.** Met before: modes and BatchNorm, exercise 4; the best state, exercise 8; averaging,
# exercise 9.
#
# Now the instrument itself. The next cell brings the techniques along, in short forms of what you built in the
# other exercises: `make_net` knows the initializations, the normalizations and dropout, `mixup_loss` knows
# mixup. Both draw from torch's **global** generator, as most code out there does. Living with that is part of
# the task. The remaining two techniques, early stopping and the ensemble, change the experiment itself, so they
# are yours.

# %%
TECHNIQUES = [
    *["Baseline", "Xavier Init", "He Init", "BatchNorm", "LayerNorm"],
    *["Dropout", "Mixup", "Early Stopping", "Ensemble"],
]


def make_net(sizes, technique):
    """A ReLU net with layers of `sizes`, inputs first, classes last. A name that it does not know gives a plain net."""
    norm = {"BatchNorm": nn.BatchNorm1d, "LayerNorm": nn.LayerNorm}.get(technique)
    layers = []
    for index, (inputs, outputs) in enumerate(itertools.pairwise(sizes), 2):
        linear = nn.Linear(inputs, outputs)
        if technique == "Xavier Init":
            nn.init.xavier_uniform_(linear.weight)
        if technique == "He Init":
            nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        layers.append(linear)
        if index < len(sizes):  # a hidden layer
            layers += [norm(outputs), nn.ReLU()] if norm else [nn.ReLU()]
            layers += [nn.Dropout(0.5)] if technique == "Dropout" else []
    return nn.Sequential(*layers)


def mixup_loss(net, x, y):
    """The loss of `net` on mixtures of the rows of a batch, and of their labels."""
    share, partner = torch.rand(()), torch.randperm(len(x))  # Beta(1, 1) is uniform
    logits = net(share * x + (1 - share) * x[partner])
    return share * F.cross_entropy(logits, y) + (1 - share) * F.cross_entropy(logits, y[partner])


# %% [markdown]
# Write `run_experiment(config, seed, X, y)`. `X` is an array `(rows, columns)`, `y` an array of classes
# 0, 1, ..., and `config` has the keys `technique`, `hidden` (a list of layer sizes), `epochs`, `learning_rate`
# and `batch_size`. The function
#
# 1. splits the rows at random into 60 % train, 20 % validation and 20 % test. The seed alone decides who goes
#    where: neither `X` nor `y` nor the technique has a say (so no stratification);
# 2. calls `standardize`;
# 3. trains a ReLU net with cross-entropy and `torch.optim.Adam`, on batches in a new random order each epoch;
# 4. measures, after every epoch, the share of validation rows that the net gets right;
# 5. keeps the net of the epoch with the best validation accuracy (of equals, the first) and, at the very end,
#    measures that one on the test rows.
#
# It returns a dict: `train_loss` and `val_accuracy` (lists with a float per epoch; the loss is the mean over
# the epoch's batches, or over its rows), `best_epoch` (counted from 0) and `test_accuracy` (a float).
#
# | technique | what is special |
# |---|---|
# | `Xavier Init`, `He Init`, `BatchNorm`, `LayerNorm`, `Dropout` | `make_net` does it; mind the two modes of a net |
# | `Mixup` | the loss of a batch is `mixup_loss` |
# | `Early Stopping` | stops as soon as five epochs in a row have brought no new best validation accuracy |
# | `Ensemble` | three nets with their own weights; the mean of their softmax outputs predicts (or of their logits) |
# | any other name | `ValueError` |
#
# An ensemble's `train_loss` is the mean of the three. Its epochs run side by side, so that there is one
# validation accuracy, and one best epoch, for the ensemble as a whole.
#
# The function is judged in three parts, each with its own check below: the *protocol* (the split, nothing
# leaks, the right epoch), *reproducibility*, and the *techniques* (all nine run and learn, in the right mode, with the
# settings of `config`).
#
# "The same" means to the last bit, whatever state the global generators of torch, numpy and python are in.
# Afterwards these are as before, or have merely moved on, as they do when a net is built; they are not reseeded.
# The arguments stay as they are. And with BatchNorm, training survives a last batch of a single row.
#
# How can somebody check a leak from the outside? By changing what must not matter. If the test rows are
# replaced by garbage and `train_loss` moves by a single bit, then they have been used. The hidden tests work
# like that. No test compares your accuracies with ours: which numbers you draw, and when, is up to you.
#
# <details><summary>Hint 1: random numbers</summary>
#
# `torch.manual_seed(seed)` makes `make_net`, dropout and mixup repeatable, but it throws away the state of
# everybody else's experiment. Look up `torch.random.fork_rng`: inside its `with` block you may do with the
# global generator what you like, because it is put back afterwards.
# </details>
#
# <details><summary>Hint 2: one net or three</summary>
#
# Always work with a *list* of nets, which has one entry or three. Then the mean of the softmax outputs is one
# line, and it is right for both.
# </details>
#
# <details><summary>Hint 3: the best epoch</summary>
#
# `net.state_dict()` hands out the tensors themselves, and these train on. What would be a photograph of the
# net instead of a window on it?
# </details>
#
# <details><summary>Hint 4: one row</summary>
#
# BatchNorm in training mode refuses a batch of one row. You may leave that batch out or let its row join the
# batch before. For a normalization of one row there is no right answer.
# </details>


# %% solution="run_experiment"
def run_experiment(config: dict, seed: int, X: np.ndarray, y: np.ndarray) -> dict:
    """Train and judge one technique on one split; returns train_loss, val_accuracy, best_epoch and test_accuracy.

    config: technique, hidden (sizes), epochs, learning_rate, batch_size. X: (rows, columns). y: (rows,), classes
    0, 1, ... The seed decides everything that is random, and global generators are not reseeded. An unknown technique
    raises ValueError. Test rows influence nothing but test_accuracy.
    """
    ### BEGIN SOLUTION
    technique = config["technique"]
    if technique not in TECHNIQUES:
        raise ValueError(f"technique must be one of {', '.join(TECHNIQUES)}; got {technique!r}")

    def batches(n):
        """Row numbers in random order, batch by batch; a last batch of one row joins the one before."""
        parts = list(torch.randperm(n).split(config["batch_size"]))
        if len(parts) > 1 and len(parts[-1]) == 1:
            parts[-2:] = [torch.cat(parts[-2:])]
        return parts

    def train_one_epoch(net, optimizer, x, y):
        net.train()
        total = 0.0
        for rows in batches(len(x)):
            mixed = technique == "Mixup"
            loss = mixup_loss(net, x[rows], y[rows]) if mixed else F.cross_entropy(net(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        return total / len(x)

    @torch.no_grad()
    def accuracy(nets, x, y):
        probabilities = sum(net.eval()(x).softmax(1) for net in nets) / len(nets)
        return (probabilities.argmax(1) == y).double().mean().item()

    with torch.random.fork_rng(devices=[]):  # at its end the global generator is what it was
        torch.manual_seed(seed)
        n = len(y)
        rows = np.split(torch.randperm(n).numpy(), [n * 6 // 10, n * 8 // 10])
        inputs = standardize(*(X[part] for part in rows))
        (x_train, x_val, x_test) = (torch.tensor(x, dtype=torch.float32) for x in inputs)
        (y_train, y_val, y_test) = (torch.tensor(y[part], dtype=torch.int64) for part in rows)

        sizes = [X.shape[1], *config["hidden"], int(y.max()) + 1]
        nets = [make_net(sizes, technique) for _ in range(3 if technique == "Ensemble" else 1)]
        optimizers = [torch.optim.Adam(net.parameters(), lr=config["learning_rate"]) for net in nets]
        train_loss, val_accuracy = [], []
        for epoch in range(config["epochs"]):
            losses = [train_one_epoch(*pair, x_train, y_train) for pair in zip(nets, optimizers, strict=True)]
            train_loss.append(sum(losses) / len(losses))
            val_accuracy.append(accuracy(nets, x_val, y_val))
            best_epoch = val_accuracy.index(max(val_accuracy))
            if best_epoch == epoch:
                best_nets = copy.deepcopy(nets)
            if technique == "Early Stopping" and epoch - best_epoch >= 5:
                break
        return {
            "train_loss": train_loss,
            "val_accuracy": val_accuracy,
            "best_epoch": best_epoch,
            "test_accuracy": accuracy(best_nets, x_test, y_test),
        }
    ### END SOLUTION


# %% [markdown]
# The checks share a few tools. `experiment` runs your function on 20 rows, with scikit-learn's scaler in the place of
# your `standardize`, so that one mistake does not count twice. `roles` is a little detective: it finds out what your
# function does with each row by turning its label round and looking at what changes.

# %%
tiny = np.random.default_rng(1)
tiny_X, tiny_y = tiny.normal(size=(20, 3)), np.arange(20) % 2


def scaled(train, validation, test):
    """What `standardize` should do, by scikit-learn."""
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(validation), scaler.transform(test)


def experiment(technique="Baseline", seed=0, X=tiny_X, y=tiny_y, **settings):
    """The result of run_experiment with small settings; those given come on top. Global generators start the same."""
    config = {"technique": technique, "hidden": [8], "epochs": 2, "learning_rate": 0.01, "batch_size": 20, **settings}
    torch.manual_seed(7)
    np.random.seed(7)
    with patch.dict(globals(), standardize=scaled):
        return run_experiment(config, seed, X, y)


def roles(seed=0):
    """For each of the 20 rows: the entry of the result that a wrong label changes first."""
    keys = ["train_loss", "val_accuracy", "test_accuracy"]
    usual, found = experiment(seed=seed, hidden=[16]), []
    for wrong in tiny_y ^ np.eye(20, dtype=int):  # in row i of this, the label of row i is turned round
        changed = experiment(seed=seed, hidden=[16], y=wrong)
        found.append(next((key for key in keys if changed[key] != usual[key]), "nothing"))
    return np.array(found)


def trains_on(rows, technique="Baseline", seed=0):
    """Whether those rows are all that train: the labels of the others may be wrong, and train_loss stays."""
    right, others_wrong = (
        experiment(technique, seed, y=y, hidden=[16]) for y in (tiny_y, np.where(rows, tiny_y, 1 - tiny_y))
    )
    return others_wrong["train_loss"] == right["train_loss"]


# %% [markdown]
# ### Check: protocol


# %% grades="run_experiment_protocol" points={"rows in their roles": 8.4, "the net of the best epoch": 4.2, "the same split for all": 4.2, "sizes, scaling and form": 3.2}
def check_protocol():
    result = experiment(epochs=4)
    names = {"best_epoch", "test_accuracy", "train_loss", "val_accuracy"}
    assert isinstance(result, dict) and names <= set(result), f"The result should be a dict with the keys {names}."
    for name in ("train_loss", "val_accuracy"):
        assert len(result[name]) == 4, f"Four epochs should give four entries of {name}, yours has {len(result[name])}."
        kinds = {type(value).__name__ for value in result[name] if not isinstance(value, float)}
        assert not kinds, f"{name} should hold plain floats, yours holds {kinds}. A tensor has .item()."
    shares = [*result["val_accuracy"], result["test_accuracy"]]
    assert all(0 <= share <= 1 for share in shares), f"Accuracies should be shares from 0 to 1, yours are {shares}."

    found = roles()
    counts = [int((found == name).sum()) for name in ("train_loss", "val_accuracy", "test_accuracy", "nothing")]
    assert counts == [12, 4, 4, 0], (
        "Of 20 rows, 12 should matter for train_loss, 4 for val_accuracy and 4 for test_accuracy only. "
        f"Yours: {counts[0]}, {counts[1]} and {counts[2]}, and {counts[3]} matter for nothing."
    )
    elsewhere = [technique for technique in TECHNIQUES if not trains_on(found == "train_loss", technique)]
    assert not elsewhere, (
        f"For the same seed, {', '.join(elsewhere)} trains on other rows than Baseline, so the two cannot be compared "
        "seed by seed. In which order do you draw the split and the weights?"
    )
    for name, hint in [
        ("test_accuracy", "What are the test rows used for?"),
        ("val_accuracy", "Whose mean scales them?"),
    ]:
        garbage = np.where(found == name, 1e6, tiny_X.T).T
        assert experiment(X=garbage, epochs=4)["train_loss"] == result["train_loss"], (
            f"When the rows that should matter for {name} are replaced by garbage, your train_loss changes. {hint}"
        )
    rescaled = experiment(X=100 + 32 * tiny_X, epochs=4)["train_loss"]
    assert np.allclose(rescaled, result["train_loss"], rtol=1e-3), (
        "The same data in other units gives another train_loss. Which of the steps makes units irrelevant?"
    )
    for seed in range(6):
        result = experiment(seed=seed, learning_rate=0.3, epochs=8)
        best = int(np.argmax(result["val_accuracy"]))
        assert result["best_epoch"] == best, (
            f"With val_accuracy {result['val_accuracy']} the best epoch is {best}, yours is {result['best_epoch']}. "
            "The validation rows decide, and of equally good epochs the first."
        )
        short = experiment(seed=seed, learning_rate=0.3, epochs=best + 1)
        assert result["test_accuracy"] == short["test_accuracy"], (
            f"The best of 8 epochs is number {best}. A run that ends right there gets a test accuracy of "
            f"{short['test_accuracy']}, yours reports {result['test_accuracy']}. Which net do you test?"
        )


check_protocol()
"run_experiment, protocol: the visible checks pass"

# %% [markdown]
# ### Check: reproducibility


# %% grades="run_experiment_reproducibility" points={"the seed alone decides": 6, "a split of its own for each seed": 2.4, "global generators": 2.4, "arguments left alone": 1.2}
def check_reproducibility():
    for technique in ("Baseline", "Dropout", "Mixup", "Ensemble"):
        config = {"technique": technique, "hidden": [4], "epochs": 2, "learning_rate": 0.01, "batch_size": 6}
        arguments = config, 3, tiny_X.copy(), tiny_y.copy()
        before = copy.deepcopy(arguments)
        results, states = [], []
        for start in (11, 12):
            experiment()  # any other experiment in between
            torch.manual_seed(start)
            np.random.seed(start)
            with patch.dict(globals(), standardize=scaled):
                results.append(run_experiment(*arguments))
            states.append([torch.get_rng_state().tolist(), np.random.get_state()[1].tolist()])
            names = zip(["config", "seed", "X", "y"], arguments, before, strict=True)
            changed = [name for name, now, then in names if not np.array_equal(now, then)]
            assert not changed, f"{technique}: your function changes its arguments, here {', '.join(changed)}."
        assert results[0] == results[1], (
            f"{technique}: the same arguments gave two results, depending on the global generators of torch and numpy. "
            "Which of your draws does the seed not reach?"
        )
        for library, one, other in zip(["torch", "numpy"], *states, strict=True):
            assert one != other, (
                f"{technique}: after your function the global generator of {library} is in the same state wherever it "
                "started, so it was reseeded. Whoever draws next gets your numbers."
            )
    rows = roles(seed=0) == "train_loss"
    assert not all(trains_on(rows, seed=seed) for seed in (1, 2)), (
        "Seeds 0, 1 and 2 split the rows in the same way. What is the seed for?"
    )


check_reproducibility()
"run_experiment, reproducibility: the visible checks pass"

# %% [markdown]
# ### Check: techniques
#
# Four clusters of points, of which opposite ones share a class. A net without a hidden layer cannot learn it.


# %% grades="run_experiment_techniques" points={"every technique learns": 3.6, "the training loop": 7.2, "the ensemble": 3.6, "early stopping, settings and names": 3.6}
def check_techniques():
    corner = np.arange(100) % 4
    X = 3.0 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[corner] + tiny_X[np.arange(100) % 20, :2]
    clusters = {"X": X, "y": corner % 2, "hidden": [32], "epochs": 8, "learning_rate": 0.03, "batch_size": 20}
    for technique in TECHNIQUES:
        best = max(experiment(technique, **clusters)["val_accuracy"])
        assert best > 0.65, (
            f"{technique} gets {best:.0%} of the validation rows right at best. Does it learn? "
            "Is it Adam that takes the steps, with the learning_rate of config?"
        )
    raised = raised_by(experiment, "Magic")
    assert raised == "ValueError", (
        f'The technique "Magic" should raise ValueError, yours raises {raised}: nobody wants a table with a mistyped '
        "name in it."
    )
    losses = {technique: experiment(technique, batch_size=6)["train_loss"] for technique in TECHNIQUES[:7]}
    for technique in TECHNIQUES[1:7]:
        assert losses[technique] != losses["Baseline"], (
            f"{technique} and Baseline have the same train_loss: is it in use?"
        )
    for name, value in {"hidden": [4, 4], "learning_rate": 0.02, "batch_size": 4}.items():
        assert experiment(**{"batch_size": 6, name: value})["train_loss"] != losses["Baseline"], (
            f"With another {name} your train_loss is the same to the last bit. Does the setting reach its place?"
        )
    raised = raised_by(lambda: experiment("BatchNorm", batch_size=11))  # 12 rows for training: batches of 11 and 1
    assert raised == "no error", f"BatchNorm should survive a last batch of a single row, yours raises {raised}."
    frozen = experiment("Dropout", X=X, y=corner % 2, hidden=[16, 16], epochs=8, learning_rate=0.0)["val_accuracy"]
    assert max(frozen) - min(frozen) < 1e-9, (
        "At a learning rate of 0 the net stays what it is, yet your val_accuracy changes from epoch to epoch. "
        "In which mode is a net with dropout judged?"
    )
    epochs = len(experiment("Baseline", epochs=9, learning_rate=0.0)["train_loss"])
    assert epochs == 9, f"Only Early Stopping may stop early: Baseline trained {epochs} of 9 epochs."
    for seed in range(3):
        result = experiment("Early Stopping", seed, learning_rate=0.1, epochs=40)
        waited = len(result["val_accuracy"]) - 1 - result["best_epoch"]
        assert waited == 5 or (waited < 5 and len(result["val_accuracy"]) == 40), (
            f"Early Stopping should stop five epochs after the best one, yours trained {waited} epochs after it."
        )


check_techniques()
"run_experiment, techniques: the visible checks pass"

# %% [markdown]
# ## Task: the table
#
# **Difficulty 2 of 3.** Met before: your three functions, above.
#
# Write `create_comparison_table`. `results` maps the name of a technique to its accuracies, one for each seed,
# in the same order of seeds for all. The table has one row per technique, in the given order, and these
# columns:
#
# | column | what stands there |
# |---|---|
# | `Technique` | the name |
# | `Type` | see below |
# | `Best For`, `Key Benefit` | your own words, at most a line each: what would you tell a colleague? |
# | `Accuracy`, `Low`, `High` | mean and 95 % interval of the accuracies (`summarize`) |
# | `Difference` | mean of technique minus baseline; 0 for the baseline itself |
# | `p (Holm)` | p of the paired comparison with the baseline, adjusted by Holm; NaN for the baseline itself |
#
# `Type` is *Initialization* for Xavier Init and He Init, *Normalization* for BatchNorm and LayerNorm,
# *Regularization* for Dropout and Early Stopping, *Augmentation* for Mixup and *Ensemble* for Ensemble. What
# you write for Baseline in these three columns is up to you. A `baseline` that is not among the results:
# `ValueError`.
#
# Use your three functions from above. If one of them is wrong, you lose its own points only: while this task
# is judged, correct ones stand in their places.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `holm` has to see all p-values at once, so you need them before the first row is written. How many are there
# if the table has nine rows?
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The difference is technique minus baseline, seed by seed. The baseline is not compared with itself, so it is not
# among the p-values. The interval in the table is that of the accuracy, not of the difference.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse a missing baseline. Compare every other technique with it, and adjust all p-values together. Then write
# one row a technique in the given order, with its words, its mean and interval, its difference and its adjusted
# p; the baseline's last two are fixed.
#
# </details>


# %% solution="create_comparison_table"
def create_comparison_table(results: dict[str, list[float]], baseline: str = "Baseline") -> pd.DataFrame:
    """One row per technique, in the given order, with what it is, how good it is, and how it compares.

    Columns: Technique, Type, Best For, Key Benefit, Accuracy, Low, High, Difference, p (Holm). Differences are
    technique minus baseline; the baseline has 0 and NaN. A missing baseline raises ValueError.
    """
    ### BEGIN SOLUTION
    about = {
        "Xavier Init": ("Initialization", "deep tanh and linear nets", "keeps signal and gradient at one scale"),
        "He Init": ("Initialization", "deep ReLU nets", "makes up for the half that ReLU cuts off"),
        "BatchNorm": ("Normalization", "convolutional nets, large batches", "allows larger learning rates"),
        "LayerNorm": ("Normalization", "transformers, small batches", "does not depend on the batch"),
        "Dropout": ("Regularization", "wide layers, few data", "no unit can rely on another"),
        "Mixup": ("Augmentation", "noisy labels, image classes", "smooth predictions between classes"),
        "Early Stopping": ("Regularization", "everything that over-fits", "saves epochs"),
        "Ensemble": ("Ensemble", "whenever three times the work is no problem", "averages the luck of a start away"),
    }
    if baseline not in results:
        raise ValueError(f"baseline must be one of {', '.join(results)}; got {baseline!r}")
    others = [name for name in results if name != baseline]
    comparisons = {name: paired_comparison(results[name], results[baseline]) for name in others}
    adjusted = holm([comparisons[name][3] for name in others])
    p_values = dict(zip(others, adjusted, strict=True))
    rows = []
    for name, accuracies in results.items():
        mean, low, high = summarize(accuracies)
        difference = comparisons[name][0] if name in comparisons else 0.0
        p_value = p_values.get(name, float("nan"))
        rows.append([name, *about.get(name, ("none",) * 3), mean, low, high, difference, p_value])
    columns = ["Technique", "Type", "Best For", "Key Benefit", "Accuracy", "Low", "High", "Difference", "p (Holm)"]
    return pd.DataFrame(rows, columns=columns)
    ### END SOLUTION


# %% [markdown]
# ### Check
#
# Three techniques with four seeds each. Dropout gains 0.25, 0.125, 0.125, 0.125 over the baseline, Early Stopping
# 0, 0.125, -0.125, 0.


# %% grades="create_comparison_table" points={"compared with the baseline": 4.5, "accuracy and interval": 2.5, "rows and columns": 1.5, "types and descriptions": 1, "bad input, results left alone": 0.5}
def check_comparison_table():
    results = {
        "Dropout": [0.75, 0.875, 0.625, 0.75],
        "Baseline": [0.5, 0.75, 0.5, 0.625],
        "Early Stopping": [0.5, 0.875, 0.375, 0.625],
    }
    table = create_comparison_table(results)
    columns = ["Technique", "Type", "Best For", "Key Benefit", "Accuracy", "Low", "High", "Difference", "p (Holm)"]
    assert isinstance(table, pd.DataFrame), f"A DataFrame should come back, yours is a {type(table).__name__}."
    assert list(table.columns) == columns, f"The columns should be {columns}, yours are {list(table.columns)}."
    names = table["Technique"].tolist()
    assert names == list(results), f"The rows should come in the given order, {list(results)}, yours are {names}."
    kinds = table["Type"].tolist()
    assert kinds[0] == kinds[2] == "Regularization", f"Dropout and Early Stopping are regularization, yours: {kinds}."
    row = table.set_index("Technique").loc["Dropout"]
    empty = [name for name in ("Best For", "Key Benefit") if not str(row[name]).strip()]
    assert not empty, f"Dropout has nothing to say in {' and '.join(empty)}. What would you tell a colleague?"
    expected, observed = summarize(results["Dropout"]), row[["Accuracy", "Low", "High"]].astype(float).tolist()
    assert np.allclose(observed, expected), (
        f"Accuracy, Low and High of Dropout should be what summarize gives, {np.round(expected, 4).tolist()}; "
        f"yours are {np.round(observed, 4).tolist()}."
    )
    differences = table["Difference"].tolist()
    assert np.allclose(differences, [0.15625, 0, 0]), (
        f"The differences to Baseline should be [0.15625, 0, 0], yours are {differences}. Technique minus baseline? "
        "It is the baseline that is subtracted, not the best one, also from itself."
    )
    raw = [paired_comparison(results[name], results["Baseline"])[3] for name in ("Dropout", "Early Stopping")]
    expected, (first, base, last) = holm(raw), table["p (Holm)"].astype(float)
    assert np.isnan(base), f"The baseline is compared with nothing, so its p should be NaN, yours is {base}."
    assert np.allclose([first, last], expected), (
        f"p of Dropout and Early Stopping should be holm({np.round(raw, 4).tolist()}), "
        f"{np.round(expected, 4).tolist()}; yours are {np.round([first, last], 4).tolist()}. "
        "Which p-values does holm get to see?"
    )
    other = create_comparison_table(results, baseline="Dropout").set_index("Technique")
    assert np.isclose(other.loc["Baseline", "Difference"], -0.15625) and np.isnan(other.loc["Dropout", "p (Holm)"]), (
        'With baseline="Dropout" the row of Dropout should have no p, and the difference of Baseline be -0.15625; '
        f"yours are {other.loc['Dropout', 'p (Holm)']} and {other.loc['Baseline', 'Difference']}."
    )
    raised = raised_by(create_comparison_table, results, "baseline")
    assert raised == "ValueError", f'There is no result for "baseline", so expect ValueError; yours raises {raised}.'


def interval(values, confidence=0.95):
    """What `summarize` should give, by scipy."""
    return np.mean(values), *stats.ttest_1samp(values, 0).confidence_interval(confidence)


# While this check runs, correct pieces stand in for your three functions, so that it judges this task alone. For the
# p-values that turn up here, Holm's rule and Bonferroni's agree.
with patch.dict(
    globals(),
    summarize=interval,
    paired_comparison=lambda a, b, confidence=0.95: (
        (*interval(np.subtract(a, b)), stats.ttest_rel(a, b).pvalue) if np.any(np.subtract(a, b)) else (0, 0, 0, 1)
    ),
    holm=lambda p_values: np.minimum(1, len(p_values) * np.asarray(p_values)),
):
    check_comparison_table()
"create_comparison_table: the visible checks pass"

# %% [markdown]
# ## Predict, then measure
#
# ### Eight techniques that do nothing
#
# Before you point the instrument at real techniques, point it at nothing. We invent studies: a baseline and
# eight techniques, five seeds each, where every technique does *exactly* as well as the baseline. Accuracies
# wobble by 2 points with the seed's split, which all share, and by 1 point with everything else. Each technique
# is compared with the baseline by your `paired_comparison`.
#
# **Your prediction:** in how many of 100 such studies is at least one of the eight useless techniques
# "significantly different", with p below 0.05? It is not graded. (Would they be independent, it were 34. But
# all eight meet the same baseline.)

# %% tags=["active-ipynb"]
# predicted_studies = None  # a number from 0 to 100, such as 5

# %% tags=["active-ipynb"]
# rng = np.random.default_rng(0)
# raw_p = np.empty((500, 8))
# for study in range(len(raw_p)):
#     accuracies = 0.7 + 0.02 * rng.normal(size=5) + 0.01 * rng.normal(size=(9, 5))
#     raw_p[study] = [paired_comparison(technique, accuracies[0])[3] for technique in accuracies[1:]]
# holm_p = np.array([holm(p) for p in raw_p])
# shares = {
#     "each p as it is": 100 * (raw_p.min(1) < 0.05).mean(),
#     "after your holm": 100 * (holm_p.min(1) < 0.05).mean(),
# }
#
# fig, ax = plt.subplots(figsize=(7.5, 2.6))
# bars = ax.barh(list(shares), list(shares.values()), 0.6, color=["C1", "C0"], hatch=["//", ""], edgecolor="white")
# ax.bar_label(bars, fmt="%.0f", padding=12)
# if (predicted := prediction("predicted_studies")) is not None:
#     ax.axvline(predicted, color="black", linestyle=":", marker="")
#     ax.text(predicted + 0.4, 1.42, "your prediction", va="bottom")
# ax.axvline(5, color="0.4", linestyle="--", linewidth=1.5, marker="")
# ax.text(5.4, 1.42, "promised: at most 5", va="bottom", color="0.3")
# ax.set(xlim=(0, 45), ylim=(1.8, -0.5), xlabel="studies with a false discovery, of 100")
# ax.grid(axis="y", visible=False)
# ax.set_title("Eight techniques that do nothing: how often does one 'help'?")
# plt.show()
#
# print(f"{shares['each p as it is']:.0f} of 100 studies find something.")
# if predicted is not None:
#     print(f"You predicted {predicted:g}.")
# print(f"Any single one of the eight is 'significant' in {100 * (raw_p < 0.05).mean():.1f} % of the studies.")
# print(f"With Holm's correction {shares['after your holm']:.1f} of 100 studies find something.")

# %% [markdown]
# Each single test keeps its promise: about 5 % false alarms. It is the *choice among eight* that breaks it.
# Whoever tries eight ideas and publishes the one with a small p has done nothing unusual, and nothing right.
#
# ### Nine techniques on noisy digits
#
# Now the real thing: all nine techniques, ten seeds each, on the noisy digits, with your `run_experiment`. It
# trains 110 networks with two hidden layers of 128 units, for up to 20 epochs, and takes about half a minute.
# The technique is all that changes.
#
# **Your prediction:** how many of the eight techniques differ from the baseline so clearly that the p after
# Holm's correction is below 0.05? And which has the highest accuracy?

# %% tags=["active-ipynb"]
# predicted_significant = None  # a whole number from 0 to 8, such as 8
# predicted_best = None  # a technique with the highest mean accuracy, such as "He Init"

# %% tags=["active-ipynb"]
# import time
#
# settings = {"hidden": [128, 128], "epochs": 20, "learning_rate": 0.003, "batch_size": 64}
# seeds, start = range(10), time.perf_counter()
# runs = {
#     technique: [run_experiment({"technique": technique, **settings}, seed, pixels, labels) for seed in seeds]
#     for technique in TECHNIQUES
# }
# results = {technique: [run["test_accuracy"] for run in runs[technique]] for technique in TECHNIQUES}
# table = create_comparison_table(results)
# print(f"{len(TECHNIQUES) * len(seeds)} experiments in {time.perf_counter() - start:.0f} seconds.")
#
# percent = ["Accuracy", "Low", "High"]
# formats = {name: "{:.1%}" for name in percent} | {"Difference": "{:+.1%}", "p (Holm)": "{:.3f}"}
# styled = table.style.hide(axis="index").format(formats, na_rep="")
# styled = styled.bar(subset=["Difference"], align="zero", color=["#E8B08A", "#8FBBDD"], vmin=-0.06, vmax=0.06)
# styled = styled.apply(
#     lambda row: ["font-weight: bold" if row["p (Holm)"] < 0.05 else ""] * len(row), axis="columns"
# ).set_caption("Noisy digits, ten seeds; bold where the p after Holm's correction is below 0.05")
# display(styled)

# %% [markdown]
# The table can be read in two ways. Read down the column `Accuracy`, as one does, and there is a winner, a
# runner-up and a loser. Read `Low` and `High` along with it, and look for two techniques whose intervals do not
# overlap. The next figure asks the question properly, seed by seed.

# %% tags=["active-ipynb"]
# names = TECHNIQUES[1:]
# baseline = np.array(results["Baseline"])
# compared = {name: paired_comparison(results[name], baseline) for name in names}
# adjusted = dict(zip(names, holm([compared[name][3] for name in names])))
# spread = 100 * baseline.std(ddof=1)
#
# fig, ax = plt.subplots(figsize=(8, 4.6))
# ax.axvspan(-spread, spread, color="0.92", zorder=0)
# ax.axvline(0, color="0.3", linewidth=1, marker="")
# for height, name in enumerate(reversed(names)):
#     difference, low, high, _ = (100 * value for value in compared[name])
#     clear = adjusted[name] < 0.05
#     color = "C1" if clear else "C0"
#     points = 100 * (np.array(results[name]) - baseline)
#     ax.plot(points, np.full(len(points), height - 0.2), "|", color="0.45", markersize=7, markeredgewidth=1.2)
#     ax.plot([low, high], [height + 0.08] * 2, color=color, marker="")
#     ax.plot(difference, height + 0.08, marker="s" if clear else "o", markersize=8, color=color,
#             markerfacecolor=color if clear else "white", markeredgewidth=2)
#     ax.text(1.01, height, f"p = {adjusted[name]:.3f}", transform=ax.get_yaxis_transform(), va="center",
#             weight="bold" if clear else "normal")
# ax.set(yticks=range(len(names)), ylim=(-0.6, len(names) + 0.1))
# ax.set_yticklabels(reversed(names))
# top, grey = len(names) - 0.35, {"color": "0.35", "fontsize": 9, "va": "center"}
# ax.text(0, top, f"spread of the baseline over seeds: ±{spread:.1f}", ha="center", **grey)
# ax.text(1.01, top, "after Holm", transform=ax.get_yaxis_transform(), **grey)
# ax.grid(axis="y", visible=False)
# ax.set_xlabel("test accuracy minus the baseline's, same seeds (points; 95 % interval, ticks are seeds)")
# smaller = sum(abs(100 * compared[name][0]) < spread for name in names)
# ax.set_title(f"{smaller} of {len(names)} differences are smaller than the spread over seeds")
# plt.show()

# %% [markdown]
# ### What may you conclude?
#
# Let the numbers say it. Then compare with your neighbor's. Both of you may have a right `run_experiment`, with other
# draws in another order, and so other splits and other weights. Is the same technique on top? Are the same ones
# significant? Note on which sentences you agree *before* you explain the others: what two right experiments disagree
# about, neither has shown.

# %% tags=["active-ipynb"]
# better = [name for name in names if adjusted[name] < 0.05 and compared[name][0] > 0]
# worse = [name for name in names if adjusted[name] < 0.05 and compared[name][0] < 0]
# undecided = [name for name in names if adjusted[name] >= 0.05]
# tempting = [name for name in undecided if compared[name][3] < 0.05]
# means = {name: float(np.mean(values)) for name, values in results.items()}
# best = max(means, key=means.get)
# stopped = np.mean([len(run["val_accuracy"]) for run in runs["Early Stopping"]])
# half = [100 * (compared[name][2] - compared[name][1]) / 2 for name in undecided]
#
# print(f"{len(better) + len(worse)} of the 8 differences are significant.")
# if (predicted := prediction("predicted_significant")) is not None:
#     print(f"  You predicted {predicted}.")
# print(f"{best} has the highest mean ({means[best]:.1%}).")
# if (predicted := prediction("predicted_best", str)) is not None:
#     print(f"  You predicted {predicted}.")
# print(f"Significantly better than the baseline: {', '.join(better) or 'nobody'}.")
# print(f"Significantly worse than the baseline:  {', '.join(worse) or 'nobody'}.")
# print(f"Undecided: {', '.join(undecided) or 'nobody'}.")
# print(f"Would have passed without Holm's correction: {', '.join(tempting) or 'nobody'}.")
# if half:
#     print(f"\nUndecided does not mean equal: these intervals reach {max(half):.1f} points to either side at most,")
#     print("so an effect of that size, good or bad, could hide there.")
# same = sum(one == other for one, other in zip(results["Early Stopping"], results["Baseline"]))
# print(f"\nEarly Stopping trained {stopped:.1f} of {settings['epochs']} epochs, and on {same} of {len(seeds)} seeds")
# print("its test accuracy is the baseline's, to the last digit.\n")
# for name in ["Baseline", "He Init"]:
#     start = make_net([64, 128, 128, 10], name)[2].weight.std()
#     epoch = np.mean([run["best_epoch"] for run in runs[name]])
#     print(f"{name}: the second layer starts with a standard deviation of {start:.3f}; best epoch {epoch:.1f}.")

# %% [markdown]
# Look at Early Stopping once more. Is it useless? It cannot win here: our protocol already reports *every*
# technique at its best epoch on the validation rows, so the baseline enjoys the main benefit of early stopping
# for free. What is left is the time saved. A technique has no effect as such. It has an effect *compared with
# something, in a protocol*. The same holds for He's rule. It keeps a signal alive through many layers. Here
# there are two, so there is nothing to rescue, and what remains is a start from larger weights than PyTorch's.
#
# ### What pairing bought, and how many seeds it takes
#
# The same numbers once more, as if you had stopped after two seeds, after three, and so on. A difference that
# is smaller than half the width of its interval cannot be told from 0. Expect jumps at the left: there the
# spread itself is estimated from very few runs.

# %% tags=["active-ipynb"]
# counts = list(range(2, len(seeds) + 1))
# paired, separate = [], []
# for n in counts:
#     t = stats.t.ppf(0.975, 2 * n - 2)
#     widths = [paired_comparison(results[name][:n], baseline[:n])[1:3] for name in names if name != "Early Stopping"]
#     paired.append(100 * np.mean([(high - low) / 2 for low, high in widths]))
#     errors = [
#         np.sqrt((np.var(results[name][:n], ddof=1) + np.var(baseline[:n], ddof=1)) / n)
#         for name in names if name != "Early Stopping"
#     ]
#     separate.append(100 * t * np.mean(errors))
# biggest = max(abs(100 * compared[name][0]) for name in names)
# typical = np.median([abs(100 * compared[name][0]) for name in names])
#
# fig, ax = plt.subplots(figsize=(7.5, 3.8))
# ax.semilogy(counts, separate, color="C1", marker="s", linestyle="--")
# ax.semilogy(counts, paired, color="C0", marker="o")
# ax.text(counts[-2], separate[-2] * 1.2, "two separate groups", color="C1", ha="center")
# ax.text(counts[-5], paired[-5] / 1.2, "paired", color="C0", ha="center", va="top")
# for value, word in [(biggest, "largest"), (typical, "median")]:
#     ax.plot([2, counts[-1] + 0.3], [value] * 2, color="0.4", linestyle=":", linewidth=1.5, marker="")
#     ax.text(counts[-1] + 0.4, value, f"{word} difference\nfound: {value:.1f}", color="0.3", fontsize=9, va="center")
# ax.set(xlim=(1.8, counts[-1] + 2.3), xticks=counts, ylim=(typical / 2, None))
# ax.set_yticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
# ax.minorticks_off()
# ax.set(xlabel="number of seeds", ylabel="half width of the\n95 % interval (points)")
# ax.set_title(f"At {counts[-1]} seeds, pairing leaves {paired[-1] / separate[-1]:.0%} of the interval's width")
# plt.show()
#
# enough = [n for n, width in zip(counts, paired) if width < typical]
# print(f"To see the median difference of {typical:.1f} points it would take", end=" ")
# print(f"about {enough[0]} seeds." if enough else f"more than {counts[-1]} seeds.")
# print(f"With three seeds the average paired interval reaches {paired[1]:.1f} points to either side.")

# %% [markdown]
# This is the honest end of the course. On this problem, with this net and this budget, most techniques do
# little or nothing that ten seeds can see. That is no verdict on them: in a deep enough net it is the
# initialization or the normalization that decides whether anything is learned at all. It is a verdict on tables
# that hand out prizes for half a point.
#
# One thing the intervals do *not* say. Your ten splits are drawn from the same 1000 rows, so the runs are not
# fully independent, and the intervals are somewhat too narrow (Nadeau and Bengio, 2003). They speak about other seeds
# on these digits, not about other data.

# %% [markdown]
# ## Questions to think about
#
# 1. Suppose you look at the table, find that p = 0.08 for your favorite, and add seeds until it drops below
#    0.05. Then you stop. What is the chance of a false discovery now, and what could you have done instead?
# 2. All techniques ran at one learning rate, chosen for the baseline. Which techniques does that put at a
#    disadvantage? If you tune the learning rate for each of them: on which rows, and what must you report?
# 3. Mixup and dropout both calm an over-fitting net. Suppose each brought 2 points alone. Would you bet that
#    the two together bring 4? Which runs would you need to find out, and how many questions is that?

# %% [markdown]
# ## Further, if you are done
#
# A p-value never says that two techniques are equal. Choose a difference that you would call negligible, say half a
# point, and compute how probable it is that technique and baseline differ by less, by more upwards, by more
# downwards, from the same paired differences. A. Benavoli, G. Corani, J. Demšar, M. Zaffalon, *Time for a Change: a
# Tutorial for Comparing Multiple Classifiers Through Bayesian Analysis* (JMLR 2017).
#
# ## Where to read on
#
# * S. Holm, *A Simple Sequentially Rejective Multiple Test Procedure* (Scandinavian Journal of Statistics,
#   1979). Six pages, and the proof fits on half of one.
# * J. Demšar, *Statistical Comparisons of Classifiers over Multiple Data Sets* (JMLR 2006). What changes when
#   you compare on many data sets instead of many seeds.
# * C. Nadeau and Y. Bengio, *Inference for the Generalization Error* (Machine Learning, 2003). How much too
#   narrow intervals from overlapping splits are, and a correction.
# * X. Bouthillier and others, *Accounting for Variance in Machine Learning Benchmarks* (MLSys 2021). Measures
#   where the luck comes from: splits, weights, order, hyperparameters.
# * G. Melis, C. Dyer and P. Blunsom, *On the State of the Art of Evaluation in Neural Language Models* (ICLR
#   2018). The plain baseline, tuned as carefully as its rivals, beats them.
