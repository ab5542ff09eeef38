# %% [markdown]
# # Ensembles and stacking
#
# Ask nine networks instead of one, and the answer is usually better. In this notebook you measure how much better,
# find out what the gain is made of and what it costs, and then let a model learn *whom* to ask, without letting it
# cheat.
#
# You will be able to
#
# * combine networks by averaging and by voting, and leave no trace in them;
# * split the error of an ensemble into the error of its members and their disagreement, and check the sum;
# * say what averaging can cure (variance) and what it cannot (bias);
# * compute predictions for a training set that no model has seen, and stack models on top of them;
# * recognize a leak, and tell why a good test accuracy does not rule one out.
#
# **Time:** about two hours. **Builds on:** ex04 (training and inference mode); ex06 (dropout) is a relative.

# %%
from collections.abc import Callable, Sequence
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
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
# Draw 40 noisy points of a sine, fit a model, and do it again with 40 other points, sixty times in all. How far the
# *typical* fit is from the truth is the bias; how much the fits differ is the variance. Two models: a decision tree
# of full depth, which follows every point, and a tree with a single split. And for each the mean of 25 such trees,
# grown on 25 resamples of the same 40 points. Nothing here needs your code; run it and look.

# %% tags=["active-ipynb"]
# from sklearn.tree import DecisionTreeRegressor
#
# rng = np.random.default_rng(0)
# grid = np.linspace(0, 1, 101)[:, None]
# truth = np.sin(2 * np.pi * grid[:, 0])
#
#
# def fitted(depth, x, y):
#     """What a tree of that depth, fitted to the points, says on the grid."""
#     return DecisionTreeRegressor(max_depth=depth).fit(x, y).predict(grid)
#
#
# fits = {(depth, who): [] for depth in ("deep", "one split") for who in ("one tree", "mean of 25")}
# for _ in range(60):
#     x = rng.uniform(size=(40, 1))
#     y = np.sin(2 * np.pi * x[:, 0]) + 0.4 * rng.standard_normal(40)
#     resamples = rng.integers(40, size=(25, 40))
#     for name, depth in [("deep", None), ("one split", 1)]:
#         fits[name, "one tree"].append(fitted(depth, x, y))
#         fits[name, "mean of 25"].append(np.mean([fitted(depth, x[rows], y[rows]) for rows in resamples], axis=0))
# bias = {key: ((np.mean(values, axis=0) - truth) ** 2).mean() for key, values in fits.items()}
# variance = {key: np.var(values, axis=0).mean() for key, values in fits.items()}
#
# figure = plt.figure(figsize=(9.5, 4.4))
# axes = figure.subplot_mosaic([["deep one", "deep mean", "bars"], ["split one", "split mean", "bars"]])
# for key, panel in zip(fits, ["deep one", "deep mean", "split one", "split mean"]):
#     for values in fits[key][:12]:
#         axes[panel].plot(grid, values, color="#0072B2", alpha=0.35, linewidth=1, marker="")
#     axes[panel].plot(grid, truth, color="black", linestyle="--", marker="")
#     axes[panel].set(ylim=(-2.1, 2.1), yticks=[-1, 0, 1], xticks=[0, 0.5, 1])
#     axes[panel].set_title(f"{key[0]}: {key[1]}", fontsize=10)
#     axes[panel].set_xlabel("x" if "split" in panel else "")
# for panel in ["deep one", "split one"]:
#     axes[panel].set_ylabel("fit (dashed: truth)")
# places = [0, 1, 2.5, 3.5]
# low, high = list(bias.values()), list(variance.values())
# edge = {"width": 0.8, "edgecolor": "black"}
# axes["bars"].bar(places, low, color="#D55E00", label="bias²", **edge)
# bars = axes["bars"].bar(places, high, bottom=low, color="#0072B2", hatch="//", label="variance", **edge)
# axes["bars"].bar_label(bars, fmt="variance\n%.3f", padding=2, fontsize=8)
# names = ["one\ntree", "mean\nof 25", "one\ntree", "mean\nof 25"]
# axes["bars"].set_xticks(places, names)
# axes["bars"].set(ylabel="mean squared error (without the noise)", ylim=(0, 1.3 * max(np.add(low, high))))
# axes["bars"].set_yticks([0, 0.05, 0.1, 0.15])
# axes["bars"].set_xlabel("full depth" + " " * 14 + "one split")
# axes["bars"].grid(axis="x", visible=False)
# axes["bars"].legend()
# figure.suptitle("Averaging takes variance away and leaves the bias where it was")
# plt.show()
# for key in fits:
#     print(f"{key[0]}, {key[1]}: bias² {bias[key]:.3f}, variance {variance[key]:.3f}")

# %% [markdown]
# The deep trees are right on average and wild one by one: their mean is what you want. The trees with one split agree
# with each other and are wrong together, and averaging hardly bends them. Both halves of the picture matter: an
# ensemble is a medicine for one disease.
#
# ## The idea
#
# **What the gain is.** Let $f_1, \dots, f_M$ be models, $\bar f = \frac1M \sum_m f_m$ their mean, and $y$ the truth. On
# every single row, with no assumption whatever,
#
# $$\underbrace{(\bar f - y)^2}_{\text{error of the mean}}
# = \underbrace{\frac1M \sum_m (f_m - y)^2}_{\text{mean error}}
# - \underbrace{\frac1M \sum_m (f_m - \bar f)^2}_{\text{ambiguity}} .$$
#
# *Why:* write $f_m - y = (f_m - \bar f) + (\bar f - y)$ and square; the mixed terms add up to 0, since the deviations
# from a mean do. So the mean is never worse than the *average* member (it may well be worse than the best one), and
# it is better by exactly as much as the members scatter. Members that agree are worth one member. Anders Krogh and
# Jesper Vedelsby found this in 1995 and called the last term the ambiguity; it needs no labels. Summed over the
# classes, it holds for vectors of probabilities, whose squared error $\sum_c (p_c - y_c)^2$ is the *Brier score*.
#
# **What it can become.** Over many training sets the error is bias² plus variance (plus noise). The mean of $M$
# models, each with variance $\sigma^2$ and any two with correlation $\rho$, has
#
# $$\text{the same bias}, \qquad \text{variance} = \rho\,\sigma^2 + \frac{1 - \rho}{M}\,\sigma^2 .$$
#
# *Why:* the variance of a sum is the sum of all covariances, $M$ of them $\sigma^2$ and $M(M-1)$ of them
# $\rho\sigma^2$. More members remove the second term only. What is left is what they have in common, so an ensemble
# lives on members that are good *and* fail on different rows. Leo Breiman (1996) makes them differ by resampling the
# training rows (bagging); for networks, other initial weights often do (Lakshminarayanan, Pritzel and Blundell, 2017).
#
# **What a vote is.** Only the classes count, and how sure a model is plays no part. Lars Hansen and Peter Salamon
# (1990) studied it for networks: if each is right with a probability above one half, *independently of the others*,
# the majority is right more often than one, and almost always if there are many. The condition in italics is what
# never quite holds.
#
# **What stacking is.** Why should all members count the same? David Wolpert (1992) lets a second model learn how to
# combine the first ones: its inputs are their predictions. The catch is *which* predictions. On its own training rows a
# model that has learned them by heart looks perfect, and the second model will believe it. So the second model must
# be shown what the first ones say about rows that they have **not** seen.
#
# ## Conventions
#
# | Question | What you may meet elsewhere | Here |
# |---|---|---|
# | What is averaged? | logits, that is, a geometric mean of probabilities | probabilities |
# | What does a model return? | scikit-learn: probabilities | networks: logits; fit functions: probabilities |
# | A tie in a vote | the first model's class, or a random one | the smallest class (as in scikit-learn) |
# | Weights | must add up to 1 | are divided by their sum |
# | Disagreement | the share of rows on which not all agree | the mean over all pairs of models |
# | Folds | Wolpert: one row each; scikit-learn: five, stratified | `num_folds`, equally large or stratified |
# | Who predicts new rows? | the mean of the models of all folds | the base models, fitted once more on all rows |
# | Features of the second model | the classes; without the first column if there are two | all probabilities |
#
# ## Before you start: helpers for the checks


# %%
def raised_by(function, *arguments):
    """The name of the error that the call raises, "ValueError" for its kinds too, or "nothing"."""
    try:
        function(*arguments)
    except Exception as error:
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return "nothing"


def likely_cause(observed, causes, otherwise):
    """The sentence that `causes` has for the observed number, or `otherwise`."""
    return next((text for value, text in causes.items() if abs(float(observed) - value) < 1e-3), otherwise)


def check_no_traces(predict):
    """Asserts on what both ways to predict have to keep; `predict` takes a list of models and rows."""
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3)).double()
    network[1].eval()  # somebody has frozen its statistics
    before = [module.training for module in network.modules()]
    recorded = []
    network.register_forward_hook(lambda module, inputs, output: recorded.append(output.requires_grad))
    rows = torch.linspace(-1, 1, 800, dtype=torch.float64).reshape(200, 4)
    once, twice = predict([network], rows), predict([network], rows)
    assert torch.equal(once, twice), (
        "A network with dropout gives two answers to one question. In which mode does it run when you predict?"
    )
    assert not any(recorded), "While it predicts, the network records gradients that nobody will ask for."
    after = [module.training for module in network.modules()]
    assert after == before, (
        f"The training flags of the network and of what is in it were {before} before you predicted and are {after} "
        "afterwards. Who sets them, and do you know for each one what it was?"
    )


# %% [markdown]
# ## Task: the ensemble
#
# **Difficulty 2 of 3.** Met before: modes, exercises 4 and 6.
#
# Write `EnsembleModel(models)`. `models` is a list of networks that map `x` to logits of shape `(N, C)`; an empty list
# is a `ValueError`. You write one class with two ways to predict, and each has its own check:
#
# | method | result |
# |---|---|
# | `predict_average(x, weights=None)` | `(N, C)`: the weighted mean of the models' softmax *probabilities* |
# | `predict_voting(x)` | `(N,)`: the class that most models choose, integers; a tie goes to the smallest class |
#
# * Weights are plain numbers, one a model, and count in proportion: `[2, 1, 1]` and `[0.5, 0.25, 0.25]` are the same,
#   and `None` means equal weights. A negative weight, or weights that are all 0, are a `ValueError` that names
#   `weights` and their values.
# * Each model takes a class before the votes are counted, and all votes count the same.
# * Predicting runs every model in eval mode, with all that is inside it, and without recording a gradient. It leaves
#   no trace: afterwards every module *in* every model is in the mode that it was in. A network in training mode may
#   well hold a batch normalization layer that somebody has set to eval mode for good.
# * The result has the dtype of the models' outputs (float32 or float64); `x` and `weights` stay as they are.
#
# <details><summary>Hint 1: modes</summary>
#
# `model.eval()` speaks to the model and to every module inside it. `model.train(flag)` does so as well, and that is
# the trap: one flag for all of them. `model.modules()` lists them, and `module.training` is a plain attribute. Both
# methods need the same care, so a helper method of your own pays.
#
# </details>
#
# <details><summary>Hint 2: votes</summary>
#
# Turn each vote into a row with a single 1, and adding up is counting. Then look up what `argmax` does when two entries
# are equally large.
#
# </details>
#
# <details><summary>Hint 3: what is averaged</summary>
#
# Each model's logits become probabilities *over the classes* first, and only then are models averaged: the other
# order gives the geometric mean. Check the weights (no sign below 0, not all 0), divide by their sum, and leave
# the caller's list as it is.
#
# </details>


# %% solution="ensemble_model"
class EnsembleModel:
    """Several classifiers that answer as one.

    models: a list of networks that map x, shape (N, ...), to logits (N, C); an empty one raises ValueError.
    Every prediction runs all models in eval mode and without gradient, and leaves each module in the mode it was in.
    """

    def __init__(self, models: Sequence[nn.Module]):
        ### BEGIN SOLUTION
        if len(models) == 0:
            raise ValueError(f"models should hold at least one model, got {models}")
        self.models = list(models)

    def _logits(self, x):
        """The outputs (M, N, C) of all models in eval mode and without gradient; afterwards all modes are as before."""
        modes = {module: module.training for model in self.models for module in model.modules()}
        try:
            for model in self.models:
                model.eval()
            with torch.no_grad():
                return torch.stack([model(x) for model in self.models])
        finally:
            for module, mode in modes.items():
                module.training = mode
        ### END SOLUTION

    def predict_average(self, x: torch.Tensor, weights: Sequence[float] | None = None) -> torch.Tensor:
        """The mean of the models' softmax probabilities, shape (N, C): sum_m w_m softmax(logits_m) / sum_m w_m.

        weights: one number a model, None for equal ones; negative or all 0 raises ValueError.
        """
        ### BEGIN SOLUTION
        weights = [1.0] * len(self.models) if weights is None else weights
        if len(weights) != len(self.models) or min(weights) < 0 or sum(weights) == 0:
            raise ValueError(f"weights should be {len(self.models)} numbers, none negative, not all 0, got {weights}")
        probabilities = self._logits(x).softmax(dim=-1)
        shares = probabilities.new_tensor([weight / sum(weights) for weight in weights])
        return torch.einsum("m,mnc->nc", shares, probabilities)
        ### END SOLUTION

    def predict_voting(self, x: torch.Tensor) -> torch.Tensor:
        """The class that most models choose for each row, shape (N,), integers; the smallest one in a tie."""
        ### BEGIN SOLUTION
        logits = self._logits(x)
        votes = F.one_hot(logits.argmax(dim=-1), num_classes=logits.shape[-1])
        return votes.sum(dim=0).argmax(dim=-1)  # the first of the largest
        ### END SOLUTION


# %% [markdown]
# ### Check: averaging
#
# Three models that give fixed probabilities, two rows, three classes, so that you can follow on paper. For row 0 they
# say $(0.8, 0.1, 0.1)$, $(0.2, 0.6, 0.2)$ and $(0.2, 0.5, 0.3)$: the mean is $(0.4, 0.4, 0.2)$.


# %% grades="predict_average" points={"the mean of the probabilities": 8, "weights": 5, "eval mode": 5, "modes afterwards, gradients": 3.4, "form and bad input": 3.6}
def check_predict_average():
    table = [[[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], [[0.2, 0.6, 0.2], [0.6, 0.2, 0.2]], [[0.2, 0.5, 0.3], [0.1, 0.7, 0.2]]]
    logits = torch.tensor(table).log() + torch.tensor([[1.0], [3.0]])  # softmax does not see what is added to a row
    models = [nn.Embedding.from_pretrained(rows, freeze=False) for rows in logits]
    ensemble, x = EnsembleModel(models), torch.tensor([0, 1])
    average = ensemble.predict_average(x)
    assert isinstance(average, torch.Tensor) and average.shape == (2, 3), (
        "For two rows and three classes a tensor of shape (2, 3) should come back, yours is "
        f"{tuple(average.shape) if isinstance(average, torch.Tensor) else type(average).__name__}."
    )
    first = average[0, 0].item()
    causes = {
        logits.mean(0)[0, 0].item(): "It looks as if you average logits and leave it at that. Where does softmax go?",
        logits.mean(0).softmax(-1)[0, 0].item(): "It looks as if you average logits first. What should be averaged?",
        1.2: "It looks as if you add up and never divide.",
        logits.sigmoid().mean(0)[0, 0].item(): "A sigmoid looks at each class alone. What does softmax do?",
        logits.softmax(1).mean(0)[0, 0].item(): "Does softmax run over the classes, or over the rows?",
        logits.softmax(0).mean(0)[0, 0].item(): "Does softmax run over the classes, or over the models?",
    }
    assert abs(first - 0.4) < 1e-5, (
        f"Class 0 of row 0 should get (0.8 + 0.2 + 0.2) / 3 = 0.4, yours gets {first:.4f}. "
        f"{likely_cause(first, causes, 'Compare with the formula, step by step.')}"
    )
    for weights in ([2, 1, 1], [0.5, 0.25, 0.25]):
        first = ensemble.predict_average(x, list(weights))[0, 0].item()
        causes = {
            0.4: "It looks as if the weights play no part.",
            0.5 * sum(weights) / 3: "It looks as if you divide by the number of models. What do the shares add up to?",
        }
        assert abs(first - 0.5) < 1e-5, (
            f"With weights {weights}, class 0 of row 0 should get 0.8/2 + 0.2/4 + 0.2/4 = 0.5, yours gets {first:.4f}. "
            f"{likely_cause(first, causes, 'What share of the sum does each model have?')}"
        )
    for weights in ([1, -1, 2], [0, 0, 0]):
        raised = raised_by(ensemble.predict_average, x, weights)
        assert raised == "ValueError", f"Weights {weights} make no mean. Expected a ValueError; you raise {raised}."
    raised = raised_by(EnsembleModel, [])
    assert raised == "ValueError", f"An ensemble of no models: expected a ValueError; you raise {raised}."

    rows = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(5, 4)
    dtype = EnsembleModel([nn.Linear(4, 3).double()]).predict_average(rows).dtype
    assert dtype == torch.float64, f"The network works in float64, so the result should; yours is {dtype}."
    check_no_traces(lambda models, rows: EnsembleModel(models).predict_average(rows))


check_predict_average()
"predict_average: the visible checks pass"

# %% [markdown]
# ### Check: voting


# %% grades="predict_voting" points={"the majority": 8, "ties": 4, "eval mode": 4, "modes afterwards, gradients": 2, "form": 2}
def check_predict_voting():
    def vote(*choices, sure=None, num_classes=5):
        """The ensemble's class for one row on which the models choose these classes, `sure` of them very surely."""
        logits = torch.zeros(len(choices), 1, num_classes)
        for model, choice in enumerate(choices):
            logits[model, 0, choice] = 9.0 if model == sure else 1.0
        models = [nn.Embedding.from_pretrained(rows) for rows in logits]
        result = EnsembleModel(models).predict_voting(torch.tensor([0]))
        assert isinstance(result, torch.Tensor) and result.shape == (1,), (
            "For one row a tensor of shape (1,) should come back, yours is "
            f"{tuple(result.shape) if isinstance(result, torch.Tensor) else type(result).__name__}."
        )
        assert not result.is_floating_point(), f"Classes are integers; yours are {result.dtype}."
        return result.item()

    seen = vote(2, 4, 4)
    causes = {
        2: "2 is the first model's class, the smallest class, and also the number of votes for 4. Which is yours?",
        3: "Nobody votes for 3. Classes are names: 2 and 4 have no mean.",
    }
    assert seen == 4, f"Votes 2, 4, 4: the majority is class 4, yours is {seen}. {causes.get(seen, '')}"
    seen = vote(2, 4, 4, sure=0)
    assert seen == 4, (
        f"Votes 2, 4, 4, and the first model is very sure: still class 4, yours is {seen}. What does a vote know?"
    )
    for votes, winner in [((3, 1, 3, 1), 1), ((1, 3, 3, 1), 1), ((4, 2, 3), 2)]:
        seen = vote(*votes)
        assert seen == winner, (
            f"Votes {votes} are a tie, which goes to the smallest of the classes with the most votes, {winner}; yours "
            f"is {seen}. " + ("Did anybody vote for it?" if seen not in votes else "Who decides a tie in your code?")
        )

    check_no_traces(lambda models, rows: EnsembleModel(models).predict_voting(rows))


check_predict_voting()
"predict_voting: the visible checks pass"

# %% [markdown]
# ## Task: disagreement
#
# **Difficulty 1 of 3.** Met before: *What the gain is*, above.
#
# Write `disagreement(predictions)`. `predictions` is a tensor `(M, N)` of class labels, a row for each of the $M \ge 2$
# models. For each pair of *different* models take the share of the $N$ rows on which their classes differ, and return
# the mean over all pairs, a plain `float`:
#
# $$\frac{2}{M(M-1)} \sum_{i<j} \frac1N \sum_{n=1}^{N} [\, c_{in} \neq c_{jn} \,].$$
#
# It is 0 when all models say the same everywhere and 1 when no two ever do. Classes are names: 3 and 7 are no further
# apart than 3 and 4.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `itertools.combinations` lists the pairs. Or compare everything with everything by broadcasting, `(M, 1, N)` with
# `(1, M, N)`, and think about which of the comparisons should not count.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# No model is compared with itself, and each pair counts once. For a pair it is the *share* of rows with different
# classes; how far two classes lie apart does not matter, and neither does the majority.
#
# </details>


# %% solution="disagreement"
def disagreement(predictions: torch.Tensor) -> float:
    """The share of rows on which two different models choose different classes, averaged over all pairs of models.

    predictions: (M, N) class labels, M >= 2.
    """
    ### BEGIN SOLUTION
    num_models = len(predictions)
    differ = predictions[:, None] != predictions[None, :]  # (M, M, N); a model never differs from itself
    share = differ.double().mean(dim=-1)
    return share.sum().item() / (num_models * (num_models - 1))
    ### END SOLUTION


# %% grades="disagreement" points={"the mean over all pairs": 6, "classes are names": 2, "extremes and form": 2}
def check_disagreement():
    predictions = torch.tensor([[0, 1, 2, 8], [0, 1, 2, 3], [5, 5, 5, 3]])
    # The first pair differs on 1 of 4 rows, models 1 and 3 on 4, the last pair on 3: (1 + 4 + 3) / 4 / 3 = 2/3.
    seen = disagreement(predictions)
    causes = {
        4 / 9: "Do you count the pairs of a model with itself?",
        4 / 3: "Does your sum have each pair once or twice, and how many terms is that?",
        1.0: "That is the share of rows on which not all agree. Look at two models at a time.",
        2.0: "A mean over the pairs is wanted, not their sum.",
        5 / 8: "Do you compare everybody with the first model only?",
        1 / 2: "Do you compare neighbors only? Which pair do you leave out?",
        1 / 3: "Do you count where two models agree, or compare each of them with the majority?",
        8 / 3: "That is a count of rows, not a share of them.",
        34 / 12: "Do you measure how far two classes are apart? They are names.",
    }
    assert isinstance(seen, float), f"A plain float should come back, yours is of type {type(seen).__name__}."
    assert abs(seen - 2 / 3) < 1e-6, (
        "The three pairs of models differ on 1, 4 and 3 of 4 rows, which makes (1 + 4 + 3) / 4 / 3 = 0.6667; yours is "
        f"{seen:.4f}. {likely_cause(seen, causes, 'Work out one pair on paper first.')}"
    )
    same, never = torch.ones(4, 6, dtype=torch.long), torch.arange(4)[:, None].expand(4, 6)
    assert abs(disagreement(same)) < 1e-6, f"Four models that always agree: expected 0, got {disagreement(same):.4f}."
    assert abs(disagreement(never) - 1) < 1e-6, (
        f"Four models of which no two ever agree: expected 1, got {disagreement(never):.4f}. What do you divide by?"
    )


check_disagreement()
"disagreement: the visible checks pass"

# %% [markdown]
# ## Predict, then measure: nine networks
#
# Now on your own code. The next cell trains small networks on 300 digits and nothing else; there is nothing to fill
# in. Four ensembles of nine differ in what makes their members different:
#
# * **copies:** nothing. The same initial weights, the same rows.
# * **starts:** other initial weights, the same 300 rows.
# * **resamples:** other initial weights, and 300 rows drawn from the 300 with replacement (bagging).
# * **crumbs:** other initial weights, and 60 rows of the 300.

# %% tags=["active-ipynb"]
# from sklearn.datasets import load_digits
#
# digits = load_digits()
# order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(1))
# pixels = torch.tensor(digits.data / 16, dtype=torch.float32)[order]
# labels = torch.tensor(digits.target)[order]
# train_x, train_y, test_x, test_y = pixels[:300], labels[:300], pixels[300:], labels[300:]
#
#
# def trained_network(seed, rows):
#     """A network 64-64-10 that starts from `seed` and is trained on those rows of the training digits."""
#     network = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
#     start = torch.Generator().manual_seed(seed)
#     with torch.no_grad():
#         for parameter in network.parameters():
#             parameter.uniform_(-1 / 8, 1 / 8, generator=start)
#     optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
#     for _ in range(80):
#         optimizer.zero_grad()
#         F.cross_entropy(network(train_x[rows]), train_y[rows]).backward()
#         optimizer.step()
#     return network
#
#
# draw = torch.Generator().manual_seed(1)
# everything = torch.arange(300)
# networks = {
#     "copies": [trained_network(0, everything) for _ in range(9)],
#     "starts": [trained_network(seed, everything) for seed in range(9)],
#     "resamples": [trained_network(seed, torch.randint(300, (300,), generator=draw)) for seed in range(9)],
#     "crumbs": [trained_network(seed, torch.randperm(300, generator=draw)[:60]) for seed in range(9)],
# }

# %% [markdown]
# Which of the four has the most accurate *average*? Write its name. And of the nine networks of that ensemble, how many
# are better than the average of all nine?

# %% tags=["active-ipynb"]
# predicted_best = None  # a name, such as "copies"
# predicted_better = None  # a whole number from 0 to 9, such as 4

# %% tags=["active-ipynb"]
# truth = F.one_hot(test_y, 10)
#
#
# def brier(probabilities):
#     """The squared error of probabilities (..., N, 10), summed over classes, averaged over the test digits."""
#     return (probabilities - truth).square().sum(dim=-1).mean(dim=-1)
#
#
# member_error, mean_error, ambiguity, differ, better = {}, {}, {}, {}, {}
# for kind, members in networks.items():
#     single = torch.stack([EnsembleModel([member]).predict_average(test_x) for member in members])
#     average = EnsembleModel(members).predict_average(test_x)
#     member_error[kind] = brier(single).mean().item()
#     mean_error[kind] = brier(average).item()
#     ambiguity[kind] = (single - average).square().sum(dim=-1).mean().item()
#     differ[kind] = disagreement(single.argmax(dim=-1))
#     better[kind] = (brier(single) < brier(average)).sum().item()
#
# figure, ax = plt.subplots(figsize=(8, 4))
# low, high = list(mean_error.values()), list(ambiguity.values())
# ax.bar(list(networks), low, 0.6, color="#D55E00", edgecolor="black", label="error of the mean")
# ax.bar(list(networks), high, 0.6, bottom=low, color="#0072B2", hatch="//", edgecolor="black", label="ambiguity")
# ax.plot(range(4), list(member_error.values()), "D", color="black", label="mean error of the members", zorder=3)
# for place, kind in enumerate(networks):
#     ax.text(place, mean_error[kind] / 2, f"{mean_error[kind]:.3f}", ha="center", color="white", weight="bold")
# ax.set_xticks(range(4), [f"{kind}\ndisagreement {100 * differ[kind]:.1f} %" for kind in networks])
# ax.set_ylabel("Brier score (squared error of probabilities)")
# ax.grid(axis="x", visible=False)
# ax.legend(loc="upper left")
# ax.set_title("Disagreement is a gain, and is mostly paid for with worse members")
# plt.show()
#
# best = min(mean_error, key=mean_error.get)
# print(f"The best average is that of the {best}, {mean_error[best]:.4f}.")
# if (predicted := prediction("predicted_best", str)) is not None:
#     print(f"  You predicted the {predicted}.")
# print(f"Of its nine members {better[best]} are better than it.")
# if (predicted := prediction("predicted_better")) is not None:
#     print(f"  You predicted {predicted}.")
# gap = max(abs(member_error[kind] - ambiguity[kind] - mean_error[kind]) for kind in networks)
# print(f"Error of the mean = mean error - ambiguity: the four sums are off by {gap:.0e} at most.")
# for kind in networks:
#     removed = 100 * ambiguity[kind] / member_error[kind]
#     print(f"{kind}: averaging removes {removed:.0f} % of the members' error, {member_error[kind]:.4f}.")

# %% [markdown]
# The diamonds sit on the bars: the decomposition is an identity, and your code has just confirmed it. Then look from
# left to right. Each ensemble disagrees more than the one before it, and averaging removes a larger share of the
# error. Other initial weights cost nothing; resamples and crumbs make worse members, since each of them saw fewer
# different rows. Nine crumbs together are far better than one of them, and still worse than a single network that saw
# everything. Resampling wins a lot by averaging, and most of it only makes up for its weaker members. (Change the seed
# of `order` and run the cells again: the first place may pass from one of the two in the middle to the other.) "More
# diversity" is not a goal. Error is.
#
# And the average does not beat everybody. It beats the *average* member, always; which members are better than it, you
# only know once you have seen the test labels.
#
# ### The second model
#
# Fifteen networks on resamples. The average of all fifteen has a lower error than one of them: call the difference
# the whole gain. What share of it do you have with only *two* networks? Use the formula for the variance, or guess.

# %% tags=["active-ipynb"]
# predicted_share = None  # a number in percent, such as 10: how much of the gain of fifteen networks two of them bring

# %% tags=["active-ipynb"]
# more = [trained_network(seed, torch.randint(300, (300,), generator=draw)) for seed in range(9, 15)]
# fifteen = networks["resamples"] + more
# pick = np.random.default_rng(0)
# sizes = [1, 2, 3, 4, 5, 7, 9, 11, 13, 15]
# brier_scores, wrong = [], {"average": [], "vote": []}
# for size in sizes:
#     scores, missed = [], {"average": [], "vote": []}
#     for _ in range(40):
#         ensemble = EnsembleModel([fifteen[number] for number in pick.choice(15, size, replace=False)])
#         probabilities = ensemble.predict_average(test_x)
#         scores.append(brier(probabilities).item())
#         missed["average"].append((probabilities.argmax(dim=1) != test_y).double().mean().item())
#         missed["vote"].append((ensemble.predict_voting(test_x) != test_y).double().mean().item())
#     brier_scores.append(np.mean(scores))
#     for name, values in missed.items():
#         wrong[name].append(100 * np.mean(values))
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8))
# first, last = brier_scores[0], brier_scores[-1]
# limit = last - (first - last) / 14  # where a + b / M through the first and the last point ends
# curve = np.linspace(1, 15, 100)
# left.plot(sizes, brier_scores, "o", color="#0072B2", label="measured")
# left.plot(curve, limit + (first - limit) / curve, color="black", linestyle="--", marker="", label="a + b / M")
# left.axhline(limit, color="0.4", linestyle=":", linewidth=1.5, marker="")
# left.text(15, limit - 3e-4, "infinitely many", ha="right", va="top", color="0.3")
# left.set_ylim(limit - 0.004, first + 0.002)
# left.set(xlabel="number of networks M", ylabel="Brier score of the average")
# left.set_title("The average: half is won at M = 2")
# left.legend()
# for (name, values), style in zip(wrong.items(), ["-o", "--s"]):
#     right.plot(sizes, values, style, label=name)
# right.set(xlabel="number of networks M", ylabel="wrong test digits (%)", title="A vote comes close to the average")
# right.legend()
# plt.show()
#
# share = 100 * (brier_scores[0] - brier_scores[1]) / (brier_scores[0] - brier_scores[-1])
# print(f"Two networks bring {share:.0f} % of what fifteen bring.")
# if (predicted := prediction("predicted_share")) is not None:
#     print(f"You predicted {predicted:.0f} %.")
# for name, values in wrong.items():
#     steps = ", ".join(f"{size}: {value:.1f} %" for size, value in zip(sizes, values) if size in (1, 2, 3, 15))
#     print(f"wrong by {name}, {steps}")

# %% [markdown]
# The variance is $\rho\sigma^2$ plus something over $M$, so the gain of $M$ models is $1 - 1/M$ of what can be had:
# half with two, nine tenths with ten, and the curve on the left follows this law closely. The rest, $\rho\sigma^2$ and
# the bias, no number of models removes.
#
# Two voters are a curious case: they agree, or the smaller class wins. If a coin decided instead, the vote of two would
# be right exactly as often as one network (work it out), so the step from 1 to 2 in the right panel is what the smaller
# class happens to be worth on these digits. From three on voting works, and with many models it comes so close to
# averaging that these digits cannot tell the two apart: with enough votes, their share is a confidence too.

# %% [markdown]
# ## Task: out-of-fold predictions
#
# **Difficulty 3 of 3.** Met before: *What stacking is*, above; a generator that is given to you, exercise 7.
#
# Now to models that learn from models. From here on data are numpy arrays: rows `X` of shape `(n, features)`, labels
# `y` of shape `(n,)` that count the classes from 0. So that any kind of model fits in, a model comes as a **fit
# function**: it takes `(X, y)`, trains, and returns a *function* from rows to probabilities `(rows, classes)`.
#
# ```python
# predict = fit(X, y)            # trains
# probabilities = predict(rows)  # (len(rows), classes)
# ```
#
# Write `out_of_fold_predictions(fit_functions, X, y, num_folds=5, rng=None)`. Cut the rows into `num_folds` folds. For
# every fit function and every fold, train on the rows *outside* the fold and predict the rows *inside* it.
#
# * Row $i$ of the result holds what the models say about row $i$ of `X`: the probabilities of the first fit function,
#   then those of the second, and so on, `(n, models * classes)` in all.
# * **No entry comes from a model that has seen its row.** Every row is predicted once by each fit function, and each
#   training set is everything outside a fold.
# * The sizes of the folds differ by at most one. (Or stratify: then this holds for the rows of each class.)
# * Whether you shuffle is up to you. If you do, draw from `rng`, a `numpy.random.Generator` (`None`: a fresh one),
#   never from a global generator, and do not seed one.
# * `num_folds` below 2 or above `n` is a `ValueError` that names it. As many folds as rows is fine.
# * `X` and `y` stay as they are.
#
# <details><summary>Hint 1: folds</summary>
#
# `np.array_split` cuts an array of row numbers into parts of nearly equal size. The rows outside a part are the others:
# `np.setdiff1d`, or a mask of booleans.
#
# </details>
#
# <details><summary>Hint 2: the order of rows</summary>
#
# Fold after fold, the predictions come in the order of the folds. Either you write each into its place in a prepared
# array (how many columns does it need, and when do you know?), or you put them end to end and sort at the end.
# `np.argsort` of a permutation undoes it.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Check the number of folds. Put the row numbers into an order, shuffled or not, and cut it. For each fold, each
# fit function gets rows and labels from *outside* and is asked about the rows *inside*; set the answers of all
# models side by side. When all folds are done, bring the rows back into the order of `X`. Nothing is left over: a
# remainder makes some folds one row larger.
#
# </details>


# %% solution="out_of_fold_predictions"
def out_of_fold_predictions(
    fit_functions: Sequence[Callable],
    X: np.ndarray,
    y: np.ndarray,
    num_folds: int = 5,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """Predict every row of X by models that were trained without it.

    fit_functions: each takes (X, y) and returns a function from rows to probabilities (rows, classes).
    X: (n, features); y: (n,) labels from 0; num_folds below 2 or above n raises ValueError.
    rng: shuffles the rows into folds; None means a fresh generator.
    Returns (n, models * classes): the models' probabilities side by side, rows in the order of X.
    """
    ### BEGIN SOLUTION
    if not 2 <= num_folds <= len(X):
        raise ValueError(f"num_folds should be from 2 to the number of rows, {len(X)}, got {num_folds}")
    order = np.random.default_rng(rng).permutation(len(X))
    folds = np.array_split(order, num_folds)
    blocks = []
    for fit in fit_functions:
        parts = []
        for fold in folds:
            outside = np.setdiff1d(order, fold)
            predict = fit(X[outside], y[outside])
            parts.append(predict(X[fold]))
        blocks.append(np.concatenate(parts)[np.argsort(order)])
    return np.hstack(blocks)
    ### END SOLUTION


# %% [markdown]
# ### Check: out-of-fold predictions
#
# How do you find a leak? Not by accuracy. The base models of this check keep a record: column 0 of `X` is a row's
# number, each model notes which numbers it was trained on, and when it is asked about a row it tells whether it knows
# it.


# %% grades="out_of_fold_predictions" points={"predictions about unseen rows": 10, "the models side by side": 5, "all rows outside a fold train": 5, "folds": 3, "bad input, inputs and generators": 2}
def check_out_of_fold_predictions():
    num_rows = 11
    X = np.column_stack([np.arange(num_rows), 10.0 * np.arange(num_rows)])
    y = np.arange(num_rows) % 2
    trained_on = []

    def record_keeper(rows, labels):
        """Learns nothing; its models answer with (the number of the model, the number of the row)."""
        trained_on.append(dict(zip(rows[:, 0].tolist(), np.asarray(labels).tolist(), strict=True)))
        number = len(trained_on) - 1
        return lambda asked: np.column_stack([np.full(len(asked), float(number)), asked[:, 0]])

    before = X.copy(), y.copy()
    result = out_of_fold_predictions([record_keeper, record_keeper], X, y, num_folds=3)
    assert isinstance(result, np.ndarray) and result.shape == (11, 4), (
        "11 rows, 2 fit functions and 2 classes should give an array of shape (11, 4), yours is "
        f"{result.shape if isinstance(result, np.ndarray) else type(result).__name__}."
    )
    assert np.array_equal(X, before[0]) and np.array_equal(y, before[1]), "Your function has changed X or y."
    constant = [lambda rows, labels, p=p: lambda asked: np.tile(p, (len(asked), 1)) for p in ([0.9, 0.1], [0.4, 0.6])]
    columns = out_of_fold_predictions(constant, X, y, num_folds=3)[0].tolist()
    assert columns == [0.9, 0.1, 0.4, 0.6], (
        "The first fit function always says (0.9, 0.1), the second (0.4, 0.6), so each row should be "
        f"[0.9, 0.1, 0.4, 0.6]; yours is {columns}. Which of the two stays together, a model or a class?"
    )
    asked = result[:, 1].astype(int).tolist()
    assert asked == list(range(num_rows)), (
        f"Row i of the result should be about row i of X. Yours are about the rows {asked}: what is their order?"
    )
    for first in (0, 2):
        numbers = result[:, first].astype(int)
        known = [row for row, number in enumerate(numbers) if row in trained_on[number]]
        assert not known, (
            f"A leak: rows {known} were predicted by a model that had been trained on them. "
            "What does each model get to see?"
        )
        sizes = [int((numbers == number).sum()) for number in np.unique(numbers)]
        assert len(sizes) == 3, f"With num_folds=3 each fit function makes 3 models for the result, yours {len(sizes)}."
        assert max(sizes) - min(sizes) <= 1, (
            f"Your folds have {sizes} rows. 11 rows in 3 folds: the sizes should differ by at most one."
        )
        seen = [len(trained_on[number]) for number in np.unique(numbers)]
        assert all(count + size == num_rows for count, size in zip(seen, sizes, strict=True)), (
            f"A model is trained on all rows outside its fold. For folds of {sizes} rows, yours have seen {seen} of 11."
        )
    wrong = [row for seen in trained_on for row, label in seen.items() if label != y[int(row)]]
    assert not wrong, (
        "The labels that the models get are not those of their rows. What happens to y when X is shuffled?"
    )

    for num_folds in (1, 12):
        raised = raised_by(out_of_fold_predictions, constant, X, y, num_folds)
        assert raised == "ValueError", f"num_folds={num_folds} for 11 rows: expected a ValueError, you raise {raised}."


check_out_of_fold_predictions()
"out_of_fold_predictions: the visible checks pass"

# %% [markdown]
# ## Task: the stacking ensemble
#
# **Difficulty 2 of 3.** Met before: `out_of_fold_predictions`, above.
#
# Write `StackingEnsemble(fit_functions, num_folds=5, rng=None)`.
#
# * `fit(X, y)` computes the out-of-fold predictions (call your `out_of_fold_predictions`, with `num_folds` and `rng`),
#   trains the **meta-model** on them, a multinomial logistic regression, and then fits every base model once more on
#   *all* rows. It returns `self`.
# * `predict_proba(X)` gives `(n, classes)`: the meta-model's probabilities, from what the refitted base models say
#   about the rows of `X`.
# * `predict(X)` gives `(n,)`: the most probable class of each row.
#
# Only the base models' probabilities reach the meta-model, never the rows themselves. scikit-learn's
# `LogisticRegression` is multinomial as it is, and you may set its options as you like.
#
# The two halves of `fit` look alike and must not be mixed up. The models of the folds exist to *produce training data*
# for the meta-model; those trained on everything are the ones to use. Why not keep the former? Each has seen only
# $(k-1)/k$ of the rows.
#
# <details><summary>Hint 1: a nudge</summary>
#
# New rows need features that mean the same, column by column, as those that the meta-model was trained on. What a fit
# function returns is a function: keep these functions in a list.
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# If a model that knows its own rows by heart is believed, the meta-model was trained on answers about rows that
# had been seen. If new rows are answered by models of the folds, part of the data was never used. `fit` gives
# back the ensemble itself, so that calls can be chained.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Fitting has three steps: out-of-fold predictions of the training rows; a regression from these to the labels;
# every fit function once more on all rows, and what they return is kept. Asking about new rows has two: the kept
# functions side by side, in the same order, and the regression's probabilities. The class is the place of the
# largest of them.
#
# </details>


# %% solution="stacking_ensemble"
class StackingEnsemble:
    """Base models, and a multinomial logistic regression that learns from their out-of-fold predictions.

    fit_functions: each takes (X, y) and returns a function from rows to probabilities (rows, classes).
    num_folds, rng: as in out_of_fold_predictions.
    """

    def __init__(self, fit_functions: Sequence[Callable], num_folds: int = 5, rng: np.random.Generator | None = None):
        ### BEGIN SOLUTION
        self.fit_functions = list(fit_functions)
        self.num_folds = num_folds
        self.rng = rng
        ### END SOLUTION

    def fit(self, X: np.ndarray, y: np.ndarray) -> "StackingEnsemble":
        """Train the meta-model on out-of-fold predictions, then the base models on all rows; returns self."""
        ### BEGIN SOLUTION
        features = out_of_fold_predictions(self.fit_functions, X, y, self.num_folds, self.rng)
        self.meta_model = LogisticRegression(max_iter=1000).fit(features, y)
        self.base_models = [fit(X, y) for fit in self.fit_functions]
        return self
        ### END SOLUTION

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """The meta-model's probabilities (n, classes) for the rows of X."""
        ### BEGIN SOLUTION
        features = np.hstack([predict(X) for predict in self.base_models])
        return self.meta_model.predict_proba(features)
        ### END SOLUTION

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The most probable class (n,) of each row of X."""
        ### BEGIN SOLUTION
        return self.predict_proba(X).argmax(axis=1)
        ### END SOLUTION


# %% [markdown]
# ### Check: the stacking ensemble
#
# Two base models. One repeats a hint that stands in the row and is right three times out of four. The other knows the
# label of every row that it was trained on, and about any other row it says something that has nothing to do with the
# label. Whom should the meta-model believe?


# %% grades="stacking_ensemble" points={"learning from unseen rows": 5, "base models that have seen every row": 4, "probabilities of a multinomial regression": 4, "classes": 4, "fit, folds and data": 3}
def check_stacking_ensemble():
    y = np.arange(32) % 2
    hint = np.where(np.arange(32) % 8 < 6, y, 1 - y)  # right for six of eight rows
    guess = np.arange(32) // 8 % 2
    X = np.column_stack([np.arange(32.0), hint, guess])
    before = X.copy()
    new = np.column_stack([100 + np.arange(4), [0, 1, 0, 1], [1, 0, 0, 1]])
    asked = []

    def adviser(rows, labels):
        return lambda rows: 0.1 + 0.8 * np.eye(2)[rows[:, 1].astype(int)]

    def memoriser(rows, labels):
        memory = dict(zip(rows[:, 0].tolist(), labels.tolist(), strict=True))

        def predict(rows):
            asked.append(len(memory))
            return np.eye(2)[[memory.get(number, int(other)) for number, _, other in rows.tolist()]]

        return predict

    ensemble = StackingEnsemble([adviser, memoriser], num_folds=4)
    result = ensemble.fit(X, y)
    assert result is ensemble, f"fit should return the ensemble itself, yours returns {type(result).__name__}."
    assert np.array_equal(X, before), "fit has changed the X of its caller. -= and /= work in place."
    asked.clear()
    probabilities = ensemble.predict_proba(new)
    assert isinstance(probabilities, np.ndarray) and probabilities.shape == (4, 2), (
        "For 4 rows and 2 classes predict_proba should give an array of shape (4, 2), yours is "
        f"{probabilities.shape if isinstance(probabilities, np.ndarray) else type(probabilities).__name__}."
    )
    assert np.allclose(probabilities.sum(axis=1), 1), "Each row of predict_proba should add up to 1."
    assert asked, (
        "The second base model was never asked about the new rows: the meta-model needs what both of them say."
    )
    assert min(asked) == 32, (
        f"A model that answers for new rows has seen {min(asked)} of 32 training rows. Which models should answer, "
        "those of the folds or those fitted on everything?"
    )
    believed = probabilities.argmax(axis=1).tolist()
    assert believed != [1, 0, 0, 1], (
        "On new rows your ensemble follows the memoriser, who knows nothing about them. To a meta-model that has seen "
        "his answers about his own training rows he looks perfect: that is a leak. Which predictions is yours trained "
        "on, does it get the same columns in the same order when it predicts, and is it the meta-model that answers?"
    )
    assert believed == [0, 1, 0, 1], (
        f"The ensemble should follow the adviser, [0, 1, 0, 1], but says {believed}. Does the meta-model see what the "
        "base models say, and nothing else?"
    )
    classes = np.asarray(ensemble.predict(new))
    assert classes.shape == (4,), f"For 4 rows predict should give shape (4,), yours has {classes.shape}."
    assert classes.tolist() == believed, (
        f"predict should give the most probable class of each row, {believed}; yours gives "
        f"{classes.round(3).tolist()}. Whose probabilities, and is it a class?"
    )


# While this check runs, what its two base models say about unseen rows stands in for your out_of_fold_predictions.
with patch.dict(
    globals(),
    out_of_fold_predictions=lambda fit_functions, X, y, num_folds=5, rng=None: np.hstack(
        [0.1 + 0.8 * np.eye(2)[X[:, 1].astype(int)], np.eye(2)[X[:, 2].astype(int)]]
    ),
):
    check_stacking_ensemble()
"StackingEnsemble: the visible checks pass"

# %% [markdown]
# ## Predict, then measure: a leak
#
# Two moons, 300 rows to learn from, 300 to test. To the two coordinates we add five columns of pure noise. Base model
# one asks the 15 nearest neighbors in the two coordinates and does well. Base model two asks the *one* nearest
# neighbor in the five noise columns: a coin would do as well. But on a row that it was trained on, the nearest
# neighbor is the row itself.
#
# We stack the two, once with your `StackingEnsemble` and once leaking: the meta-model is trained on what base models
# say about their own training rows. **Your prediction:** what percentage of the test rows does the leaking stack get
# right?

# %% tags=["active-ipynb"]
# predicted_leaking = None  # a number in percent, such as 95: the accuracy of the leaking stack on the test rows

# %% tags=["active-ipynb"]
# from sklearn.datasets import make_moons
# from sklearn.neighbors import KNeighborsClassifier
#
#
# def neighbors(count, columns):
#     """A fit function: nearest neighbors in some of the columns."""
#
#     def fit(X, y):
#         model = KNeighborsClassifier(count).fit(X[:, columns], y)
#         return lambda rows: model.predict_proba(rows[:, columns])
#
#     return fit
#
#
# def moons(seed):
#     """Rows of two coordinates and five columns of noise: X, y to learn from, X, y to test."""
#     points, classes = make_moons(600, noise=0.25, random_state=seed)
#     rows = np.hstack([points, np.random.default_rng(seed).standard_normal((600, 5))])
#     return rows[:300], classes[:300], rows[300:], classes[300:]
#
#
# def answers(fit_functions, X, y, rows):
#     """What base models trained on X, y say about other rows, side by side."""
#     return np.hstack([fit(X, y)(rows) for fit in fit_functions])
#
#
# def leaking_stack(fit_functions, X, y):
#     """A stack whose meta-model learns from answers about the rows that the base models were trained on."""
#     meta_model = LogisticRegression().fit(answers(fit_functions, X, y, X), y)
#     return lambda rows: meta_model.predict_proba(answers(fit_functions, X, y, rows))
#
#
# good, noise = neighbors(15, slice(0, 2)), neighbors(1, slice(2, 7))
# accuracy = {"15 neighbors\nalone": [], "1 neighbor in\nnoise, alone": [], "your stack": [], "leaking stack": []}
# belief = {"your stack": [], "leaking stack": []}
# for seed in range(5):
#     X, y, test_X, test_labels = moons(seed)
#     stack = StackingEnsemble([good, noise], rng=np.random.default_rng(seed)).fit(X, y)
#     told = [good(X, y)(test_X), noise(X, y)(test_X), stack.predict_proba(test_X)]
#     told.append(leaking_stack([good, noise], X, y)(test_X))
#     for name, probabilities in zip(accuracy, told):
#         accuracy[name].append(100 * (probabilities.argmax(axis=1) == test_labels).mean())
#     unseen = out_of_fold_predictions([good, noise], X, y, rng=np.random.default_rng(seed))
#     for name, features in zip(belief, [unseen, answers([good, noise], X, y, X)]):
#         weights = LogisticRegression().fit(features, y).coef_[0]
#         belief[name].append([weights[1] - weights[0], weights[3] - weights[2]])
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.9), width_ratios=[1.5, 1])
# for place, (values, marker) in enumerate(zip(accuracy.values(), "os^D")):
#     left.plot([place] * 5, values, marker, markersize=8, alpha=0.6)
#     left.text(place + 0.12, np.mean(values), f"{np.mean(values):.0f} %", va="center")
# if (predicted := prediction("predicted_leaking")) is not None:
#     left.plot([2.8, 3.2], [predicted] * 2, color="black", linestyle=":", marker="")
#     left.text(3, predicted + 1.5, "your prediction", ha="center", fontsize=9)
# left.axhline(50, color="0.4", linestyle="--", linewidth=1, marker="")
# left.text(-0.4, 51, "coin", color="0.3")
# left.set_xticks(range(4), list(accuracy), fontsize=9)
# left.set(ylim=(40, 100), xlim=(-0.5, 3.5), ylabel="test accuracy (%), five data sets", title="What comes out")
# for offset, (name, hatch) in zip([-0.2, 0.2], {"your stack": "", "leaking stack": "//"}.items()):
#     heights = np.mean(belief[name], axis=0)
#     bars = right.bar([offset, 1 + offset], heights, 0.38, label=name, hatch=hatch, edgecolor="black")
#     right.bar_label(bars, fmt="%.1f", padding=2, fontsize=9)
# right.axhline(0, color="black", linewidth=1, marker="")
# right.set_xticks([0, 1], ["15 neighbors", "1 neighbor\nin noise"])
# right.set(ylabel="weight in the log-odds", ylim=(-0.8, 8), title="Whom the meta-model believes")
# right.grid(axis="x", visible=False)
# right.legend(fontsize=9)
# figure.suptitle("Shown its own training rows, a model of noise looks perfect")
# plt.show()
#
# leaking = np.mean(accuracy["leaking stack"])
# print(f"The leaking stack gets {leaking:.0f} % right.")
# if predicted is not None:
#     print(f"You predicted {predicted:.0f} %.")
# seen, unseen = answers([noise], X, y, X), out_of_fold_predictions([noise], X, y)
# print(f"The model of noise on rows that it has seen: {100 * (seen.argmax(axis=1) == y).mean():.0f} % right,")
# print(f"on rows that it has not seen: {100 * (unseen.argmax(axis=1) == y).mean():.0f} % right.")

# %% [markdown]
# The leaking stack had a base model that is right nine times out of ten, and it throws a coin instead. Adding a useless
# model made it useless, because that model lied about itself in training. Your stack gives it a weight near 0.
#
# ### A leak that accuracy does not see
#
# So one could test for leaks by accuracy? Replace the model of noise by another memoriser. It looks up the rows that it
# was trained on, and about all others it says, honestly, $(0.5, 0.5)$. Then we leak in the same way.

# %% tags=["active-ipynb"]
# def look_up(X, y):
#     """A fit function: knows the rows that it was trained on, and says (0.5, 0.5) about others."""
#     known = {row.tobytes(): label for row, label in zip(X, y)}
#     table = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
#     return lambda rows: table[[known.get(row.tobytes(), 2) for row in rows]]
#
#
# def count_known(fit_functions_to_features, X, y):
#     """How many rows are predicted by a base model that was trained on them."""
#
#     def record_keeper(rows, labels):
#         known = {row.tobytes() for row in rows}
#         return lambda asked: np.array([[row.tobytes() in known, 0.0] for row in asked], dtype=float)
#
#     return int(fit_functions_to_features([record_keeper], X, y)[:, 0].sum())
#
#
# rows_of_table = {"your stack": [], "leaking stack": []}
# for seed in range(5):
#     X, y, test_X, test_labels = moons(seed)
#     stack = StackingEnsemble([good, look_up], rng=np.random.default_rng(seed)).fit(X, y)
#     leaking = leaking_stack([good, look_up], X, y)
#     for name, probabilities in zip(rows_of_table, [stack.predict_proba(test_X), leaking(test_X)]):
#         right_ones = 100 * (probabilities.argmax(axis=1) == test_labels).mean()
#         log_loss = -np.log(probabilities[np.arange(len(test_X)), test_labels]).mean()
#         rows_of_table[name].append((right_ones, log_loss))
# known = {
#     "your stack": count_known(out_of_fold_predictions, X, y),
#     "leaking stack": count_known(lambda fits, X, y: answers(fits, X, y, X), X, y),
# }
# print("                test accuracy   log-loss   rows predicted by a model that had seen them")
# for name, values in rows_of_table.items():
#     right_ones, log_loss = np.mean(values, axis=0)
#     print(f"{name:14} {right_ones:11.1f} % {log_loss:11.3f}   {known[name]:6} of {len(X)}")

# %% [markdown]
# The accuracies are the same: on new rows the memoriser says nothing, so nobody can be misled by it. The damage is in
# the probabilities, which are too timid, because the meta-model had relied on somebody who is silent now. Whoever looks
# at accuracy alone finds no leak here. A base model that keeps a record finds it every time, and that is why the check
# above, and our grading, look at records.
#
# ### Is stacking worth it?
#
# Four honest base models on 200 digits, five draws of them. Is the stack better than the best base model, or than the
# plain mean of the four?

# %% tags=["active-ipynb"]
# from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
# from sklearn.naive_bayes import GaussianNB
# from sklearn.tree import DecisionTreeClassifier
#
#
# def fit_function(make):
#     """A fit function for ten classes from a function that makes a scikit-learn classifier."""
#
#     def fit(X, y):
#         model = make().fit(X, y)
#
#         def predict(rows):
#             probabilities = np.zeros((len(rows), 10))  # a class may be missing in a fold
#             probabilities[:, model.classes_] = model.predict_proba(rows)
#             return probabilities
#
#         return predict
#
#     return fit
#
#
# base = {
#     "tree": fit_function(lambda: DecisionTreeClassifier(max_depth=8, random_state=0)),
#     "naive Bayes": fit_function(lambda: GaussianNB(var_smoothing=1e-2)),
#     "5 neighbors": fit_function(lambda: KNeighborsClassifier(5)),
#     "linear": fit_function(lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")),
# }
# scores = {name: [] for name in [*base, "mean of the four", "your stack"]}
# for seed in range(5):
#     rng = np.random.default_rng(seed)
#     shuffled = rng.permutation(len(digits.target))
#     train, test = shuffled[:200], shuffled[200:]
#     X, y = digits.data[train] / 16, digits.target[train]
#     test_X, test_labels = digits.data[test] / 16, digits.target[test]
#     predicted = [fit(X, y)(test_X) for fit in base.values()]
#     stack = StackingEnsemble(list(base.values()), rng=rng).fit(X, y)
#     predicted += [np.mean(predicted, axis=0), stack.predict_proba(test_X)]
#     for name, probabilities in zip(scores, predicted):
#         scores[name].append(100 * (probabilities.argmax(axis=1) == test_labels).mean())
#
# figure, ax = plt.subplots(figsize=(8, 3.6))
# for place, (name, values) in enumerate(scores.items()):
#     ax.plot([place] * 5, values, "os^D"[place % 4], color="#0072B2" if name in base else "#D55E00", alpha=0.6)
#     ax.plot([place - 0.25, place + 0.25], [np.mean(values)] * 2, color="black", marker="")
#     ax.text(place + 0.28, np.mean(values), f"{np.mean(values):.1f}", va="center", fontsize=9)
# ax.set_xticks(range(6), list(scores))
# ax.set(ylabel="test accuracy (%), five draws", xlim=(-0.5, 5.7))
# best_base = max(base, key=lambda name: np.mean(scores[name]))
# gain = np.array(scores["your stack"]) - scores["mean of the four"]
# ax.set_title(f"Stack minus mean of the four: {gain.mean():+.1f} points, from {gain.min():+.1f} to {gain.max():+.1f}")
# plt.show()
# lead = np.array(scores["your stack"]) - scores[best_base]
# print(f"your stack minus the mean of the four: {', '.join(f'{value:+.1f}' for value in gain)}")
# print(f"your stack minus {best_base}, the best base model: {', '.join(f'{value:+.1f}' for value in lead)}")

# %% [markdown]
# Compare the differences with the spread of the dots before you conclude anything. Stacking learns weights, and weights
# have to be learned from data: with 200 rows a plain mean is hard to beat, even with one member as weak as the tree.
# The strength of stacking is the case before: it notices when a base model is worth nothing.
#
# ## Questions to think about
#
# 1. The ambiguity needs no labels. Suppose you have a thousand unlabeled rows: what can you find out about your
#    ensemble with them, and what can you not? Could you use the ambiguity to choose between two ensembles?
# 2. Logits $(10, 0, 0)$, $(0, 3, 0)$ and $(0, 3, 0)$: what do the mean of the logits, the mean of the probabilities
#    and the vote say? Which of the three would you want if one model may be broken, and which if all are well
#    calibrated?
# 3. Somebody standardizes all columns of `X` by mean and standard deviation of *all* rows, and only then calls
#    `out_of_fold_predictions`. Is that a leak? And if the standardization had used the labels, say by keeping the ten
#    columns that correlate best with `y`? Would the record-keeping base models notice?
#
# ## Further, if you are done
#
# Average *weights* instead of outputs: train one network for a while, continue five times with other batches and
# learning rates, and average the parameters of the five. It costs one forward pass. Then try it with five other
# *starts*, and explain the difference. M. Wortsman, G. Ilharco, S. Gadre and others, *Model soups: averaging weights
# of multiple fine-tuned models improves accuracy without increasing inference time* (ICML 2022).
#
# ## Where to read on
#
# * A. Krogh and J. Vedelsby, *Neural Network Ensembles, Cross Validation, and Active Learning* (NIPS 1995). The
#   ambiguity, and what one can do with it without labels.
# * L. K. Hansen and P. Salamon, *Neural Network Ensembles* (1990). Voting, and what independence would buy.
# * L. Breiman, *Bagging Predictors* (1996). Why resampling helps models that are unstable, such as deep trees.
# * D. H. Wolpert, *Stacked Generalization* (1992). The source of stacking; its folds are single rows.
# * K. M. Ting and I. H. Witten, *Issues in Stacked Generalization* (1999). Why the features should be probabilities,
#   and what to use as the meta-model.
# * B. Lakshminarayanan, A. Pritzel and C. Blundell, *Simple and Scalable Predictive Uncertainty Estimation using Deep
#   Ensembles* (NeurIPS 2017). Other initial weights are diversity enough.
