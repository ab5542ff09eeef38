# %% [markdown]
# # Early stopping
#
# A network that trains long enough learns everything in its training set, the mistakes included. Early stopping is
# the cheapest regularizer there is: watch the model on data that it does not train on, stop when it no longer gets
# better, and go back to the best state. In this exercise you write the watcher, the way back, and the training loop
# around them, and you find out what each of its three knobs costs.
#
# You will be able to
#
# * decide, score by score, whether a model has become better: with a direction, a margin, and scores that are NaN,
# * stop after a number of calls without progress, and say which call was the best,
# * save a model's state so that training cannot touch it, and put it back so that its optimizer goes on,
# * write a training loop that switches modes and gradients where it should,
# * choose `patience` and `min_delta` for a noisy validation score, and say what they cost.
#
# Time: about 90 minutes. Builds on exercise 4 (batch normalization, whose buffers are part of a model's state).

# %%
import copy
import math
from collections.abc import Callable

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
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
# The next cell holds what the experiments share: scikit-learn's images of handwritten digits, of which 900 are for
# training, 300 for validation and 597 for the test. In the first two parts 40 % of the labels are wrong on purpose, as
# if somebody had typed them in a hurry; the test labels are right. There is nothing to fill in. Read it once: the
# two functions that `epoch_functions` returns are what your training loop will call later.

# %%
digits = load_digits()
pixels, truth = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
TRAIN, VALIDATION, TEST = slice(0, 900), slice(900, 1200), slice(1200, None)


def shuffled_digits(seed, noise=0.4):
    """Images, labels of which the share `noise` is wrong outside the test part, and the true labels, in one order."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(truth), generator=generator)
    wrong = (torch.rand(len(truth), generator=generator) < noise).long()
    wrong[TEST] = 0
    labels = (truth[order] + wrong * torch.randint(1, 10, (len(truth),), generator=generator)) % 10
    return pixels[order], labels, truth[order]


def fresh_net(seed, norm=nn.Identity):
    """64 pixels, two hidden layers of 256 ReLU units with `norm(256)` before each, 10 classes; He's rule."""
    generator = torch.Generator().manual_seed(seed)
    hidden = [nn.Linear(64, 256), norm(256), nn.ReLU(), nn.Linear(256, 256), norm(256), nn.ReLU()]
    net = nn.Sequential(*hidden, nn.Linear(256, 10))
    for layer in net[::3]:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(layer.bias)
    return net


def epoch_functions(images, labels, seed):
    """What a training loop calls once an epoch: train_epoch(model, optimizer) and validate(model); both give a loss."""
    generator = torch.Generator().manual_seed(seed)

    def train_epoch(model, optimizer):
        total = 0.0
        for batch in torch.randperm(900, generator=generator).split(100):
            loss = F.cross_entropy(model(images[TRAIN][batch]), labels[TRAIN][batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        return total / 900

    def validate(model):
        return F.cross_entropy(model(images[VALIDATION]), labels[VALIDATION]).item()

    return train_epoch, validate


@torch.no_grad()
def percent(model, images, labels):
    """Percentage of `images` for which `model`, in eval mode, answers with `labels`."""
    return 100 * (model.eval()(images).argmax(1) == labels).double().mean().item()


# %% [markdown]
# Sixty epochs of Adam, and nothing to hold the network back.

# %% tags=["active-ipynb"]
# def long_run(seed, noise=0.4, epochs=60):
#     """Train for all `epochs` and keep, for each of them, the losses and what the network answers."""
#     images, labels, true = shuffled_digits(seed, noise)
#     net, (train_epoch, _) = fresh_net(seed), epoch_functions(images, labels, seed)
#     optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
#     wrong = (labels != true)[TRAIN]
#     wrong_images, wrong_labels, hidden_truth = images[TRAIN][wrong], labels[TRAIN][wrong], true[TRAIN][wrong]
#     run = {"train": [], "validation": [], "test": [], "digit": [], "mistake": []}
#     for _ in range(epochs):
#         run["train"].append(train_epoch(net.train(), optimizer))
#         run["test"].append(percent(net, images[TEST], true[TEST]))
#         run["digit"].append(percent(net, wrong_images, hidden_truth))  # nan where no label is wrong
#         run["mistake"].append(percent(net, wrong_images, wrong_labels))
#         with torch.no_grad():
#             losses = F.cross_entropy(net(images[VALIDATION]), labels[VALIDATION], reduction="none")
#         run["validation"].append(losses)
#     run["validation"] = torch.stack(run["validation"])  # (epochs, 300): one loss for each image
#     return run
#
#
# runs = [long_run(seed) for seed in range(8)]
# first = runs[0]
# curve = first["validation"].mean(1).tolist()
# turn = curve.index(min(curve))
# epochs = range(len(curve))
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
# left.plot(epochs, first["train"], "--", marker="", label="training")
# left.plot(epochs, curve, marker="", label="validation")
# left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="One loss only ever falls, the other turns")
# left.legend()
# right.plot(epochs, first["test"], marker="", color="C2", label="test images read right")
# right.plot(epochs, first["digit"], "--", marker="", color="C0", label="wrong label, true digit read all the same")
# right.plot(epochs, first["mistake"], ":", marker="", color="C1", label="wrong label learned by heart")
# right.set(xlabel="epoch", ylabel="images (%)", ylim=(0, 135), yticks=range(0, 101, 20))
# right.set_title("First it learns digits, then it learns mistakes")
# right.legend(fontsize=8, loc="upper right")
# for panel in (left, right):
#     panel.axvline(turn, color="0.4", linewidth=1, linestyle="-.")
# left.text(turn + 1, left.get_ylim()[0] + 0.05, f"epoch {turn}", color="0.3")
# plt.show()
# print(f"Test images read right: {first['test'][turn]:.0f} % at the turn, {first['test'][-1]:.0f} % at the end.")

# %% [markdown]
# Look at the right panel. Of the training images with a wrong label, the network at first reads about nine in ten
# *right*, against its own teacher. Later it gives in, image by image, and the test images pay for it. The training loss
# in the left panel knows nothing of this. The validation loss does, although its labels are as bad as those of the
# training set: what is learned by heart does not fit other people's mistakes.
#
# ## The idea
#
# Why does a network learn digits *first*? Look at the simplest case, a loss that is a quadratic bowl. Along a
# direction with curvature $\lambda$, gradient descent with step size $\eta$ that starts at 0 has, after $t$ steps,
# covered the share
#
# $$1 - (1 - \eta\lambda)^t$$
#
# of the way to the minimum. Directions with a large $\lambda$ are those in which many examples pull together, what all
# threes have in common, say. They are done after a few steps. What only one image asks for has a small $\lambda$ and
# takes its time. Ridge regression (weight decay with strength $\alpha$) covers the share
# $\lambda / (\lambda + \alpha)$ instead, and for small $\eta\lambda$ the two behave alike with
#
# $$\alpha \approx \frac{1}{\eta t}:$$
#
# **the number of steps is a regularizer**, and training longer means regularizing less (Bishop, 1995; Goodfellow,
# Bengio and Courville, 2016, section 7.8). Deep networks are no quadratic bowls, but they too learn patterns before
# noise (Arpit et al., 2017).
#
# Early stopping chooses $t$ by looking. After each epoch it takes a *score* on validation data and keeps three rules:
#
# 1. **Better** means better than the best score so far, by *more than* `min_delta`:
#    $s < s_{best} - \text{min\_delta}$ for a loss, $s > s_{best} + \text{min\_delta}$ for an accuracy.
# 2. **Stop** when `patience` calls in a row were not better.
# 3. **Restore** the state of the best epoch. Those `patience` last epochs were spent to make sure, not to be kept.
#
# Why a patience at all? Because a real curve has bumps, and the first of them is rarely the turn. Lutz Prechelt
# (*Early Stopping, But When?*, 1998) compared 14 stopping rules in over a thousand trainings: the slower ones
# generalized slightly better, about 4 % on average, and took about four times as long. You will see how it is here.
#
# ## Conventions
#
# Everybody has early stopping, and no two mean the same.
#
# | Question | What you may meet elsewhere | Here |
# |---|---|---|
# | Better by exactly `min_delta` | counts in scikit-learn's `MLPClassifier` | does not count: *more than* |
# | `min_delta` | relative to the best score in torch's `ReduceLROnPlateau` (its `threshold`) | an absolute difference |
# | Small steps | never add up in `MLPClassifier`: its best score follows each | the best stays, so they add up |
# | When patience ends | one bad call later in `MLPClassifier` and `ReduceLROnPlateau` | at bad call number `patience` |
# | A NaN | stops at once in Lightning (`check_finite`) | is never better, and counts as a bad call |
# | At the end | Keras keeps the last weights unless told `restore_best_weights=True` | always the best ones |
# | First epoch | 1 in most logs | 0 |

# %% [markdown]
# ## Task: the early stopper
#
# **Difficulty 3 of 3.** Met before: the state of a module with buffers, exercise 4.
#
# Write the class `EarlyStopping(patience=10, min_delta=0.001, mode="min")`. You write one class. It is judged in four
# parts, each with its own check below, so you can work on one after the other:
#
# | part | what counts |
# |---|---|
# | improvement | `best_score` and `best_epoch` after each call; NaN; scores that are tensors |
# | patience | `counter`, `early_stop`, and what the call returns |
# | modes and bad input | `mode="max"`, and `ValueError` for the three settings below |
# | restoring | the state that `restore_best` puts back |
#
# **Calling it.** `stopper(val_score, model)` is called once an epoch, and returns `early_stop`.
#
# * `mode="min"`: lower is better; `mode="max"`: higher is better. The first score is the best so far, and a later one
#   is better by *more than* `min_delta` or not at all. The comparison is with the best score, not with the last one.
# * `best_score` and `best_epoch` belong to the best call so far; the first call is epoch 0.
# * `counter` is the number of calls since the best one. It starts at 0.
# * `early_stop` starts as `False`, becomes `True` when `counter` reaches `patience`, and stays `True` from then on,
#   whatever comes.
# * A score of NaN is never better, not even as the first one. It is an epoch like any other and counts as a bad call.
# * `val_score` may be a number or a 0-dimensional tensor. Its owner may write another value into that tensor later;
#   your `best_score` is still what it was.
# * `model` may be left out. Then nothing is saved.
#
# **Bad input.** Any other `mode`, a `patience` below 1 and a negative `min_delta` raise `ValueError`, with a message
# that names the argument and the value that it got.
#
# **Restoring.** `restore_best(model)` puts the state of the best epoch into `model`: every parameter and every buffer,
# as they were at that call. All training after that call must not have touched what you saved, and restoring must not
# either: somebody may restore, train on, and restore again. The parameters of `model` stay the same objects, because
# its optimizer holds on to them. Neither watching nor restoring changes anything else about the model. When no state
# was saved for the best epoch, raise `RuntimeError`.
#
# <details><summary>Hint 1: one comparison instead of four cases</summary>
#
# Think of the *gain* over the best score so far, a number that is positive when things get better, in either mode.
# Which start value of `best_score` makes the first gain larger than any margin? And what does Python say to
# `float("nan") > 0`? If you choose your comparison well, neither the first score nor NaN needs a case of its own.
#
# </details>
#
# <details><summary>Hint 2: what is a state?</summary>
#
# Every module can list its parameters and buffers by name, and can load such a list. Before you keep that list, find
# out whether it holds values or the very tensors that the optimizer is about to change. Change one entry of a weight in
# place and look.
#
# </details>
#
# <details><summary>Hint 3: what is counted</summary>
#
# The epoch is the number of calls before this one, whether they were better or not. The counter is the number of
# calls since the best one: a better call sets it to 0, every other adds one, however many good ones came before.
# Reaching the patience is enough.
#
# </details>
#
# <details><summary>Hint 4: an outline</summary>
#
# In a call: make a plain number of the score; compare it with the best one; if it is better, note score and
# epoch, set the counter to 0, and keep a copy of the model's state, or the fact that there is none; if not,
# count. Then compare the counter with the patience, remember a stop for good, return it. Restoring refuses if no
# state of the best epoch is there, and otherwise copies its values into the model's own tensors.
#
# </details>


# %% solution="early_stopping"
class EarlyStopping:
    """Watches a validation score, says when to stop, and brings the best state back.

    patience: after how many calls in a row without improvement to stop, at least 1.
    min_delta: a score is better by more than this, at least 0.
    mode: "min" (lower scores are better) or "max".
    Other values raise ValueError.

    Attributes: best_score and best_epoch (0 is the first call) of the best call so far, counter (calls since then),
    early_stop (whether counter has ever reached patience).
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.001, mode: str = "min"):
        ### BEGIN SOLUTION
        if mode not in ("min", "max"):
            raise ValueError(f"mode should be 'min' or 'max', got {mode!r}")
        if patience < 1:
            raise ValueError(f"patience should be at least 1, got {patience}")
        if min_delta < 0:
            raise ValueError(f"min_delta should not be negative, got {min_delta}")
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best_score = math.inf if mode == "min" else -math.inf
        self.best_epoch = None
        self.counter = 0
        self.early_stop = False
        self._epoch = -1
        self._best_state = None
        ### END SOLUTION

    def __call__(self, val_score: float | torch.Tensor, model: nn.Module | None = None) -> bool:
        """Take the score of one more epoch, save the state of `model` if it is the best, and return early_stop.

        val_score: a number or a 0-dimensional tensor; NaN is never better.
        """
        ### BEGIN SOLUTION
        score = float(val_score)
        self._epoch += 1
        gain = self.best_score - score if self.mode == "min" else score - self.best_score
        if gain > self.min_delta:  # infinite for the first score, and False for NaN
            self.best_score, self.best_epoch, self.counter = score, self._epoch, 0
            self._best_state = None if model is None else copy.deepcopy(model.state_dict())
        else:
            self.counter += 1
        if self.counter >= self.patience:
            self.early_stop = True
        return self.early_stop
        ### END SOLUTION

    def restore_best(self, model: nn.Module) -> None:
        """Put the parameters and buffers of the best epoch into `model`, whose parameters stay the same objects.

        Raises RuntimeError when no state was saved.
        """
        ### BEGIN SOLUTION
        if self._best_state is None:
            raise RuntimeError("no state was saved: pass the model along with its scores")
        model.load_state_dict(self._best_state)
        ### END SOLUTION


# %% [markdown]
# ### Check: improvement
#
# All numbers are sums of halves, quarters and eighths, which a computer stores exactly: at the border between better
# and not better, rounding must not decide.


# %% grades="early_stopping_improvement" points={"the best score so far": 5.8, "best_epoch": 5, "min_delta": 6.7, "NaN": 5, "zero, defaults and tensors": 2.5}
def check_improvement():
    def best_after_each(scores, **settings):
        stopper, model, found = EarlyStopping(**{"patience": 100, "min_delta": 0.25, **settings}), nn.Linear(1, 1), []
        for score in scores:
            stopper(score, model)
            found.append((float(stopper.best_score), stopper.best_epoch))
        return found

    found = best_after_each([4.0, 2.0, 3.0, 1.0])
    assert found[0] == (4.0, 0), (
        f"After the first score, 4, (best_score, best_epoch) should be (4.0, 0), yours is {found[0]}. "
        "Epochs count from 0."
    )
    assert found == [(4.0, 0), (2.0, 1), (2.0, 1), (1.0, 3)], (
        f"After the scores 4, 2, 3, 1 the best are (4, 0), (2, 1), (2, 1), (1, 3); yours are {found}. "
        "Is a lower score better? Does every call count as an epoch? Is it the best score that you compare with?"
    )
    found = best_after_each([2.0, 1.75, 1.625])
    assert found[1] == (2.0, 0), (
        f"With min_delta=0.25 the step from 2 to 1.75 is exactly min_delta, which is not more than it. The best stays "
        f"(2.0, 0), score and epoch, yours is {found[1]}. On which side of the best score does the margin lie?"
    )
    assert found[2] == (1.625, 2), (
        f"1.625 is better than 2 by 0.375, more than min_delta=0.25, so the best is (1.625, 2); yours is {found[2]}. "
        "Which score do you measure the gain from? Only a score that is better replaces it. Is min_delta a difference "
        "or a share?"
    )
    found = best_after_each([64.0, 63.5, -1.0, -1.5])
    assert found == [(64.0, 0), (63.5, 1), (-1.0, 2), (-1.5, 3)], (
        f"After 64, 63.5, -1, -1.5, each better by 0.5 or more, the best are (64, 0), (63.5, 1), (-1, 2), (-1.5, 3); "
        f"yours are {found}. min_delta is a difference, not a share of the score."
    )
    found = best_after_each([math.nan, 2.0, math.nan, 1.0])
    assert found[1:] == [(2.0, 1), (2.0, 1), (1.0, 3)], (
        f"After NaN, 2, NaN, 1 the best are nothing yet, (2, 1), (2, 1), (1, 3); from the second call on yours are "
        f"{found[1:]}. Every comparison with NaN is False: which of your branches does that lead to?"
    )
    stopper = EarlyStopping(patience=100)
    for score in [2.0, math.nan, math.nan]:
        stopper(score, nn.Linear(1, 1))
    assert stopper.counter == 2, (
        f"After 2, NaN, NaN the best is two calls ago, so counter should be 2; yours is {stopper.counter}."
    )
    assert not stopper.early_stop, (
        "With patience=100, two scores of NaN should not stop the training; in yours they do."
    )
    stopper, score = EarlyStopping(), torch.tensor(2.0)
    stopper(score, nn.Linear(1, 1))
    score.fill_(7.0)
    assert float(stopper.best_score) == 2.0, (
        f"The score was a tensor that held 2, and then its owner wrote 7 into it. Your best_score followed: it is "
        f"{float(stopper.best_score)}. Keep the number, not the tensor."
    )


check_improvement()
"EarlyStopping, improvement: the visible checks pass"

# %% [markdown]
# ### Check: patience
#
# Here every step is large, so that it is plain which scores are better.


# %% grades="early_stopping_patience" points={"calls in a row": 5.1, "the counter": 3, "exactly at patience": 3, "what a call returns": 3, "for good, by default, each its own": 0.9}
def check_patience():
    stopper = EarlyStopping(patience=3, min_delta=0.25)
    start = [stopper.counter, stopper.early_stop]
    assert start == [0, False], f"Before any call, counter and early_stop should be [0, False], yours are {start}."
    model, counters, returned, stopped = nn.Linear(1, 1), [], [], []
    for score in [8.0, 9.0, 9.0, 4.0, 5.0, 6.0, 7.0, 1.0, 2.0]:
        returned.append(stopper(score, model))
        counters.append(stopper.counter)
        stopped.append(stopper.early_stop)
    assert counters[:7] == [0, 1, 2, 0, 1, 2, 3], (
        f"For 8, 9, 9, 4, 5, 6, 7 the best is 0, 1, 2, 0, 1, 2, 3 calls ago; your counter says {counters[:7]}. "
        "What happens to it when a score is better?"
    )
    assert stopped[:7] == [False] * 6 + [True], (
        f"With patience=3, early_stop should become True in the call in which counter reaches 3, the seventh here; "
        f"after the seven calls yours is {stopped[:7]}."
    )
    assert stopped[7:] == [True, True], (
        f"Once True, early_stop stays True, even when a better score comes; yours goes on with {stopped[7:]}."
    )
    assert returned == stopped, f"Each call should return early_stop, {stopped} here; yours return {returned}."


check_patience()
"EarlyStopping, patience: the visible checks pass"

# %% [markdown]
# ### Check: modes and bad input
#
# `"max"` is the mirror image of `"min"`: with all signs turned, the same calls should be the best ones.


# %% grades="early_stopping_modes" points={"higher is better": 2.6, "negative scores": 2, "the margin and the state": 4, "NaN, patience and bad input": 1.4}
def check_modes():
    def best_after_each(mode, scores):
        stopper, model, found = EarlyStopping(patience=100, min_delta=0.25, mode=mode), nn.Linear(1, 1), []
        for score in scores:
            stopper(score, model)
            found.append((float(stopper.best_score), stopper.best_epoch))
        return found

    mirror = [(-score, epoch) for score, epoch in best_after_each("min", [4.0, 2.0, -1.0, 3.0])]
    found = best_after_each("max", [-4.0, -2.0, 1.0, -3.0])
    assert found == mirror, (
        f"In max mode, -4, -2, 1, -3 should be judged as 4, 2, -1, 3 are in min mode: the best should be {mirror}, "
        f"yours are {found}. Is higher better? What do you compare a negative first score with?"
    )
    mirror = [(-score, epoch) for score, epoch in best_after_each("min", [-1.0, -1.25, -1.5])]
    found = best_after_each("max", [1.0, 1.25, 1.5])
    assert found == mirror, (
        f"Your two modes are no mirror images at the border: for 1, 1.25, 1.5 with min_delta=0.25, max mode gives "
        f"{found}, and min mode, signs turned, {mirror}. On which side of the best score does the margin lie in each?"
    )
    for name, value in [("mode", "minimize"), ("patience", 0), ("min_delta", -0.25)]:
        try:
            EarlyStopping(**{name: value})
            raised, message = "nothing", ""
        except Exception as error:
            raised, message = "ValueError" if isinstance(error, ValueError) else type(error).__name__, str(error)
        assert raised == "ValueError", f"{name}={value!r} makes no sense. Expected a ValueError; yours raises {raised}."
        assert name in message and str(value) in message, (
            f"Whoever reads the error wants to know that it was {name}, and that it was {value!r}. "
            f"Your message is: {message!r}"
        )
    for name, value in [("patience", 1), ("min_delta", 0.0)]:
        try:
            EarlyStopping(**{name: value})
            raised = ""
        except Exception as error:
            raised = type(error).__name__
        assert not raised, f"{name}={value} is the smallest value that makes sense, and yours raises {raised}."


check_modes()
"EarlyStopping, modes and bad input: the visible checks pass"

# %% [markdown]
# ### Check: restoring
#
# How do you see *which* state came back? With a model whose every number is the epoch. The next cell has a tiny one
# with weights, a bias and the buffers of a batch normalization; `set_all(model, 4)` writes 4 into each, in place, as an
# optimizer would, and `numbers_in(tensors)` says which numbers there are.


# %%
def tiny_model():
    """Six parameters and buffers in layers within layers."""
    return nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.BatchNorm1d(2)))


def set_all(model, number):
    """Write `number` into every entry of every parameter and buffer."""
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor.fill_(number)


def numbers_in(tensors):
    """The different numbers that occur in some tensors, in order."""
    return sorted({float(number) for tensor in tensors for number in tensor.detach().flatten()})


# %% grades="early_stopping_restore" points={"the parameters of the best epoch": 7.8, "buffers": 6, "the model's and the saved tensors stay their own": 12, "nothing else changes": 4.2}
def check_restore():
    model, stopper = tiny_model(), EarlyStopping(min_delta=0.25)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    objects = [id(parameter) for parameter in model.parameters()]
    for epoch, score in enumerate([8.0, 6.0, 2.0, 7.0, 9.0]):
        set_all(model, epoch)
        stopper(score, model)
    assert numbers_in(model.parameters()) == [4.0], (
        f"The model was at epoch 4, and watching it has changed its weights to {numbers_in(model.parameters())}."
    )
    stopper.restore_best(model)
    weights, buffers = numbers_in(model.parameters()), numbers_in(model.buffers())
    assert weights == [2.0], (
        f"The scores 8, 6, 2, 7, 9 are best at epoch 2, so every weight should be 2 again; you restored {weights}. "
        "4 is the last epoch: is what you keep a copy, or does it train on with the model? "
        "Is a state saved only when its score is better, and is it this model that gets it back? "
        "0 is the first: is a better state saved over it? 3 comes after the best."
    )
    assert buffers == [2.0], (
        f"The weights are those of epoch 2, the buffers (running mean and variance) are {buffers}, and they should be "
        "of the same epoch. Which method of a module lists both?"
    )
    assert model.training, "The model was in training mode; your stopper has switched it to eval mode."
    assert [id(parameter) for parameter in model.parameters()] == objects, (
        "The model has new parameter objects now. Its optimizer still holds the old ones, and would train those."
    )
    model[0].weight.grad = torch.ones_like(model[0].weight)
    optimizer.step()
    assert numbers_in([model[0].weight]) == [1.0], (
        f"After restoring, a step of 1 down from 2 should give 1, it gives {numbers_in([model[0].weight])}. "
        "Does the optimizer still reach the weights?"
    )
    set_all(model, 5)
    stopper.restore_best(model)
    assert numbers_in(model.state_dict().values()) == [2.0], (
        f"Restored, trained on, and restored once more, the model should be back at 2; it has "
        f"{numbers_in(model.state_dict().values())}. Who else writes into what you saved?"
    )
    for calls in [[], [1.0, 2.0]]:
        stopper = EarlyStopping()
        try:
            for score in calls:
                stopper(score)
            stopper.restore_best(tiny_model())
            raised = "nothing"
        except Exception as error:
            raised = "RuntimeError" if isinstance(error, RuntimeError) else type(error).__name__
        assert raised == "RuntimeError", (
            f"After {len(calls)} calls without a model there is nothing to restore. Expected a RuntimeError from "
            f"restore_best; yours raises {raised}."
        )


check_restore()
"EarlyStopping, restoring: the visible checks pass"

# %% [markdown]
# ## Predict, then measure: what does patience cost?
#
# From here on your own stopper runs. It does not need to train again: the eight long runs from the beginning left their
# validation losses behind, and your `EarlyStopping` can watch a recorded curve as well as a live one. First one run,
# seen by three stoppers.

# %% tags=["active-ipynb"]
# def watched(scores, **settings):
#     """The best epoch and the last epoch of a recorded run under your stopper."""
#     stopper = EarlyStopping(**settings)
#     last = next((epoch for epoch, score in enumerate(scores) if stopper(score)), len(scores) - 1)
#     return stopper.best_epoch, last
#
#
# figure, axis = plt.subplots(figsize=(8, 3.6))
# axis.plot(curve, color="0.55", marker="")
# low, high = min(curve), max(curve[:40])
# for row, (patience, color, marker, size) in enumerate([(1, "C2", "^", 15), (3, "C1", "s", 10), (10, "C0", "o", 7)]):
#     best, last = watched(curve, patience=patience, min_delta=0.0)
#     height = high + (row + 1) * (high - low) / 5
#     axis.plot([0, last], [height, height], color=color, marker="", linewidth=4, solid_capstyle="butt")
#     axis.plot(best, height, marker, color=color, markersize=9)
#     axis.text(last + 0.7, height, f"patience {patience}: stops after epoch {last}, restores {best}", va="center")
#     axis.plot(best, curve[best], marker, markersize=size, markerfacecolor="none", markeredgecolor=color)
# axis.set(xlabel="epoch", ylabel="validation loss (nats)", xlim=(-1, 40), ylim=(low - (high - low) / 8, None))
# axis.set_title("Patience looks past a bump; restoring forgets what came after the best")
# plt.show()

# %% [markdown]
# Now all eight runs, and any patience from 1 to 30. Patience costs epochs, that is clear. But does it cost accuracy,
# now that the network has more time to learn mistakes?
#
# **Your prediction:** how many percentage points of test accuracy does a patience of 30 *lose* against a patience of 5,
# once with restoring, and once when you keep the last weights instead?

# %% tags=["active-ipynb"]
# predicted_loss_restored = None  # a number of percentage points, such as 1
# predicted_loss_last = None  # a number of percentage points, such as 1

# %% tags=["active-ipynb"]
# patiences = [1, 2, 3, 5, 7, 10, 15, 20, 30]
# table = {"restored": [], "last": [], "epochs": []}
# for patience in patiences:
#     ends = [watched(run["validation"].mean(1).tolist(), patience=patience, min_delta=0.0) for run in runs]
#     table["restored"].append([run["test"][best] for run, (best, _) in zip(runs, ends)])
#     table["last"].append([run["test"][last] for run, (_, last) in zip(runs, ends)])
#     table["epochs"].append([last + 1 for _, last in ends])
# mean = {name: torch.tensor(rows, dtype=torch.float64).mean(1).tolist() for name, rows in table.items()}
#
# figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
# for name, label, style in [("restored", "best weights restored", "-"), ("last", "last weights kept", "--")]:
#     rows = torch.tensor(table[name])
#     (line,) = left.plot(patiences, mean[name], style, label=label)
#     left.fill_between(patiences, rows.amin(1), rows.amax(1), color=line.get_color(), alpha=0.15, linewidth=0)
# left.set(xlabel="patience (epochs)", ylabel="test accuracy (%)")
# left.set_title("With restoring, patience costs no accuracy", fontsize=11)
# left.legend(loc="lower left")
# right.plot(patiences, mean["epochs"], color="C2", marker="^")
# right.set(xlabel="patience (epochs)", ylabel="epochs trained", ylim=(0, None), title="It costs epochs")
# figure.suptitle("Mean of eight runs (shaded: their range)", fontsize=10)
# plt.show()
#
# for name, label in [("restored", "with restoring"), ("last", "with the last weights")]:
#     loss = mean[name][patiences.index(5)] - mean[name][patiences.index(30)]
#     print(f"Patience 30 instead of 5, {label}: a loss of {loss:.1f} points.")
#     if (predicted := prediction(f"predicted_loss_{name}")) is not None:
#         print(f"  You predicted {predicted:g}.")
# print(f"All 60 epochs and no stopping: {torch.tensor([run['test'][-1] for run in runs]).mean():.1f} %.")
# for patience in [1, 5, 30]:
#     accuracy, length = mean["restored"][patiences.index(patience)], mean["epochs"][patiences.index(patience)]
#     print(f"Patience {patience}: {accuracy:.1f} % after {length:.0f} epochs.")

# %% [markdown]
# A patience of 1 trips over the first bump. From 2 or 3 on nothing is won here: these curves are smooth. And nothing
# is lost either, as long as you go back to the best epoch. A few epochs past the turn the last weights are just as
# good; after that, each epoch of waiting is an epoch of learning mistakes, and restoring is what makes patience safe.
# (Prechelt's slow rules did gain something. Curves differ.)
#
# ## Noise, and what `min_delta` is good for
#
# The curves are smooth although 300 images are few: from epoch to epoch they move by much less than the standard error
# of their height (the next cell prints both). That is no miracle. It is the *same* 300 images each epoch, so what is
# special about them shifts the whole curve up or down and does not disturb its shape. It is different when somebody
# saves time and validates on 30 images drawn anew in each epoch. Can a larger `min_delta` keep such noise from passing
# for progress?

# %% tags=["active-ipynb"]
# deltas = [0.0, 0.01, 0.03, 0.1, 0.3]
# generator = torch.Generator().manual_seed(0)
#
#
# def fresh_thirty(losses):
#     """For each epoch, the mean loss of 30 images drawn anew."""
#     chosen = torch.rand(losses.shape, generator=generator).argsort(1)[:, :30]
#     return losses.gather(1, chosen).mean(1).tolist()
#
#
# def same_all(losses):
#     """For each epoch, the mean loss of all 300 images."""
#     return losses.mean(1).tolist()
#
#
# def outcome(measure, patience, min_delta, repeats=10):
#     """Mean test accuracy (%), epochs trained, and how much too low the best score is (nats)."""
#     rows = []
#     for run in runs:
#         for _ in range(repeats):
#             scores = measure(run["validation"])
#             best, last = watched(scores, patience=patience, min_delta=min_delta)
#             rows.append([run["test"][best], last + 1, run["validation"][best].mean() - scores[best]])
#     return torch.tensor(rows, dtype=torch.float64).mean(0).tolist()
#
#
# figure = plt.figure(figsize=(9, 6))
# axes = figure.subplot_mosaic([["curve", "curve"], ["accuracy", "epochs"]])
# axes["curve"].plot(fresh_thirty(first["validation"]), "--", marker="", color="C1", label="30 images drawn anew")
# axes["curve"].plot(curve, marker="", color="C0", label="the same 300 images")
# axes["curve"].set(xlabel="epoch", ylabel="cross-entropy (nats)", title="One run, validated in two ways")
# axes["curve"].legend(loc="upper left")
# styles = [(same_all, 10, "C0", "-", "o"), (fresh_thirty, 10, "C1", "--", "s"), (fresh_thirty, 3, "C2", ":", "^")]
# results = {}
# for measure, patience, color, style, marker in styles:
#     name = f"{'the same 300' if measure is same_all else '30 anew'}, patience {patience}"
#     results[name] = [outcome(measure, patience, delta) for delta in deltas]
#     for panel, column in [("accuracy", 0), ("epochs", 1)]:
#         heights = [row[column] for row in results[name]]
#         axes[panel].plot(range(len(deltas)), heights, style, color=color, marker=marker, label=name)
# for panel in ["accuracy", "epochs"]:
#     axes[panel].set_xticks(range(len(deltas)), [f"{delta:g}" for delta in deltas])
#     axes[panel].set_xlabel("min_delta (nats)")
# axes["accuracy"].set(ylabel="test accuracy (%)", title="A large margin keeps an early, worse state")
# axes["epochs"].set(ylabel="epochs trained", ylim=(0, None), title="and saves few epochs")
# axes["epochs"].legend(fontsize=8)
# plt.show()
# steps = torch.tensor(curve[turn - 5 : turn + 6]).diff().abs().mean()
# error = first["validation"][turn].std() / 300**0.5
# print(f"Around its turn, the curve of the 300 moves by {steps:.3f} an epoch; its standard error is {error:.3f}.")
# for name, rows in results.items():
#     print(f"{name}: {rows[0][0]:.1f} % with min_delta=0, {rows[-1][0]:.1f} % with 0.3; ", end="")
#     print(f"its best score is {rows[0][2]:.2f} nats too low.")

# %% [markdown]
# Three honest findings. Against noise, *patience* helps: look at the two noisy lines. `min_delta` does not; it saves a
# few epochs, and what it costs is the state that you get back, since the small gains near the bottom no longer count.
# And the best of many noisy scores is a lucky one: it promises a loss far below the true one. So never report
# `best_score` as the quality of your model; that is what the test set is for.
#
# ### Slow but steady
#
# **Your prediction:** a score starts at 1 and falls by 1/64 in every epoch, `min_delta` is 8/64, and `patience` is 10.
# Each single step is far smaller than `min_delta`. After which epoch does your stopper stop, if ever?

# %% tags=["active-ipynb"]
# predicted_stop = None  # an epoch, such as 40, or "never"

# %% tags=["active-ipynb"]
# def stops_after(patience, min_delta, step=1 / 64, epochs=60):
#     """The epoch in which a score that falls by `step` an epoch is stopped, or None."""
#     stopper = EarlyStopping(patience=patience, min_delta=min_delta)
#     return next((epoch for epoch in range(epochs) if stopper(1 - step * epoch)), None)
#
#
# figure, axis = plt.subplots(figsize=(8.5, 4))
# for marker, color, wanted, label in [("o", "C0", None, "goes on"), ("X", "C1", "stop", "stops")]:
#     points = [
#         (patience, delta)
#         for patience in range(1, 17)
#         for delta in range(0, 17)
#         if (stops_after(patience, delta / 64) is None) == (wanted is None)
#     ]
#     axis.scatter(*zip(*points), marker=marker, color=color, s=30, label=label)
# axis.plot([0, 17], [0, 17], color="black", marker="", linewidth=1, label="min_delta = patience x step")
# axis.plot(10, 8, marker="o", markersize=16, markerfacecolor="none", markeredgecolor="black", linestyle="")
# axis.annotate(
#     "the question was about this one",
#     (10.2, 7.5),
#     (6.2, 1.5),
#     arrowprops={"arrowstyle": "->"},
#     bbox={"facecolor": "white", "edgecolor": "0.6"},
# )
# axis.set(xlabel="patience (epochs)", ylabel="min_delta (64ths)", xlim=(0, 17), ylim=(-0.7, 17))
# axis.set_title("Falling by 1/64 an epoch: min_delta / patience is the slowest pace you accept", fontsize=10)
# axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
# plt.show()
# for patience in (10, 8):
#     stop = stops_after(patience, 8 / 64)
#     print(f"Patience {patience}, min_delta 8/64: {'never stops' if stop is None else f'stops after epoch {stop}'}.")
# if (predicted := prediction("predicted_stop", (int, str))) is not None:
#     print(f"You predicted for patience 10: {predicted}.")

# %% [markdown]
# Because the best score stays where it was until it is beaten by more than `min_delta`, small steps add up. The two
# knobs act together: training goes on as long as the score gains more than `min_delta` within `patience` epochs. The
# quotient `min_delta / patience` is the slowest progress that you are willing to pay for, and that is a better way to
# choose it than "some small number". It is also why a fixed default such as 0.001 cannot be right for every score: it
# is nothing for a loss of 2, and everything for a loss of 0.0001.
#
# ## Predict, then measure: three ways to keep the best state
#
# Now a network with batch normalization, which over-fits faster. It trains for 40 epochs without any stop, and at each
# new best epoch its state is kept in three ways at once: as the `state_dict()` itself, as copies of the parameters
# only, and by your stopper. Afterwards each of the three is put back.
#
# **Your prediction:** the network is better at its best epoch than at its last one. How much of that lead, in percent,
# is back when `saved = model.state_dict()` has been loaded again?

# %% tags=["active-ipynb"]
# predicted_share = None  # a number in percent, such as 100

# %% tags=["active-ipynb"]
# images, labels, true = shuffled_digits(0)
# net = fresh_net(0, norm=nn.BatchNorm1d)
# train_epoch, validate = epoch_functions(images, labels, 0)
# optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
# stopper = EarlyStopping(patience=40, min_delta=0.0)
# accuracies = []
# for epoch in range(40):
#     train_epoch(net.train(), optimizer)
#     accuracies.append(percent(net, images[TEST], true[TEST]))
#     with torch.no_grad():
#         stopper(validate(net), net)
#     if stopper.best_epoch == epoch:
#         saved = net.state_dict()
#         parameters = [parameter.detach().clone() for parameter in net.parameters()]
#
# best = stopper.best_epoch
# measured = {f"epoch {best},\nthe best": accuracies[best], "epoch 39,\nthe last": accuracies[-1]}
# net.load_state_dict(saved)
# measured["saved =\nstate_dict()"] = percent(net, images[TEST], true[TEST])
# with torch.no_grad():
#     for parameter, copied in zip(net.parameters(), parameters):
#         parameter.copy_(copied)
# measured["copies of\nparameters only"] = percent(net, images[TEST], true[TEST])
# stopper.restore_best(net)
# measured["your\nrestore_best"] = percent(net, images[TEST], true[TEST])
#
# figure, axis = plt.subplots(figsize=(8, 3.8))
# colors, hatches = ["0.75", "0.75", "C1", "C3", "C0"], ["", "", "//", "..", ""]
# bars = axis.bar(list(measured), list(measured.values()), color=colors, edgecolor="white")
# for bar, hatch in zip(bars, hatches):
#     bar.set_hatch(hatch)
# axis.bar_label(bars, fmt="%.1f", padding=2)
# if (predicted := prediction("predicted_share")) is not None:
#     height = accuracies[-1] + predicted / 100 * (accuracies[best] - accuracies[-1])
#     axis.plot([1.5, 2.5], [height] * 2, color="black", linestyle="--", marker="", label="your prediction")
#     axis.legend(loc="upper center")
# axis.set(ylabel="test accuracy (%)", ylim=(0, 115))
# axis.set_title("A reference trains on with the model; parameters alone are half a state", fontsize=11)
# axis.grid(axis="x", visible=False)
# plt.show()
# share = 100 * (list(measured.values())[2] - accuracies[-1]) / (accuracies[best] - accuracies[-1])
# print(f"saved = state_dict() brings back {share:.0f} % of the lead.")
# if predicted is not None:
#     print(f"You predicted {predicted:g} %.")

# %% [markdown]
# `state_dict()` is a list of the tensors that the model uses, not of their values. The optimizer writes into these very
# tensors, so the "saved" state is the last one, whenever you look at it. No error, no warning, and the loop that does
# it has early stopping in name only. Parameters without buffers are closer, and still wrong: the weights of one epoch
# meet the running statistics of another. That is not a mixture of good and bad, but a network that never existed.

# %% [markdown]
# ## Task: the training loop
#
# **Difficulty 2 of 3.** Met before: the two modes, exercise 4; your stopper, above.
#
# Put it together: `train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs)`.
#
# * Each epoch: `train_epoch(model, optimizer)` with the model in training mode, then `validate(model)` with the model
#   in eval mode and no gradient recorded, then the stopper with the score and the model. Both functions return a
#   number.
# * The loop ends after the epoch in which the stopper says so, and after `max_epochs` at the latest.
# * At the end, stopped or not, the model is restored to its best state. Not before: what trains on is the current one.
# * The result is a dict: `"train_loss"` and `"val_score"`, lists with one number for each epoch that was run;
#   `"best_epoch"`, as the stopper sees it; `"stopped_epoch"`, the epoch in which the stopper said stop, counted from 0,
#   or `None` if it never did.
# * When the function returns, torch records gradients as before.
#
# `stopper` is an `EarlyStopping`. The check brings one of its own, which plays a fixed part, so this task does not
# depend on your class.
#
# <details><summary>Hint 1: a nudge</summary>
#
# Whoever writes `train_epoch` and `validate` may leave the model in any mode, so set it right before you call either.
# Stopping and running out of epochs can happen in the same epoch: what is `stopped_epoch` then?
#
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# The mode is set in every epoch, twice. The switch that turns gradients off must turn them on again before the
# next epoch trains. The stopper sees the validation score and the model. The model is restored once, when the
# loop is over, however it ended.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Two empty lists and no stopped epoch yet. In each epoch: training mode, train, note the loss; eval mode,
# validate without gradients, note the score; ask the stopper; if it says so, note this epoch and leave the loop.
# Then restore and put the dict together.
#
# </details>


# %% solution="train_with_early_stopping"
def train_with_early_stopping(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    train_epoch: Callable[[nn.Module, torch.optim.Optimizer], float],
    validate: Callable[[nn.Module], float],
    stopper: EarlyStopping,
    max_epochs: int,
) -> dict:
    """Train until `stopper` says stop, at most `max_epochs` epochs, and leave `model` in its best state.

    Returns train_loss and val_score (lists, one number an epoch), best_epoch (the stopper's) and stopped_epoch (the
    epoch, from 0, in which the stopper said stop; None if it never did).
    """
    ### BEGIN SOLUTION
    train_loss, val_score, stopped_epoch = [], [], None
    for epoch in range(max_epochs):
        model.train()
        train_loss.append(train_epoch(model, optimizer))
        model.eval()
        with torch.no_grad():
            val_score.append(validate(model))
        if stopper(val_score[-1], model):
            stopped_epoch = epoch
            break
    stopper.restore_best(model)
    return {
        "train_loss": train_loss,
        "val_score": val_score,
        "best_epoch": stopper.best_epoch,
        "stopped_epoch": stopped_epoch,
    }
    ### END SOLUTION


# %% grades="train_with_early_stopping" points={"train, validate, ask the stopper": 5, "modes": 4, "each epoch in order": 4, "the best model at the end": 4, "the history, the limit, validation": 3}
class ScriptedStopper:
    """Plays a part: whatever the scores, epoch 1 is the best one, and epoch 3 is the one to stop in."""

    def __init__(self):
        self.best_score, self.best_epoch, self.counter, self.early_stop = None, None, 0, False
        self.scores, self.models = [], []

    def __call__(self, val_score, model=None):
        self.scores.append(val_score)
        self.models.append(model)
        epoch = len(self.scores) - 1
        self.best_epoch, self.counter, self.early_stop = min(epoch, 1), max(epoch - 1, 0), epoch >= 3
        self.best_score = self.scores[self.best_epoch]
        return self.early_stop

    def restore_best(self, model):
        set_all(model, self.best_epoch)


def check_training(max_epochs):
    """Train a tiny model whose every number is its epoch, and look at everything on the way."""
    model, stopper, seen, scores = tiny_model(), ScriptedStopper(), [], [5.0, 3.0, 2.75, 4.0, 6.0, 7.0]
    optimizer, trained, validated = torch.optim.SGD(model.parameters(), lr=1.0), [], []

    def train_epoch(model, optimizer=None):
        assert optimizer is not None, "train_epoch should be called with the model and the optimizer."
        trained.append([model.training, torch.is_grad_enabled()])
        seen.append(numbers_in(model.parameters()))
        set_all(model, len(trained) - 1)
        return 10.0 - len(trained)

    def validate(model):
        validated.append([model.training, torch.is_grad_enabled(), numbers_in(model.parameters())])
        return scores[(len(validated) - 1) % len(scores)]

    history = train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs)
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    epochs, stopped = min(max_epochs, 4), 3 if max_epochs >= 4 else None
    situation = f"With max_epochs={max_epochs} and a stopper that says stop in epoch 3, "
    assert len(trained) == epochs, (
        f"{situation}{epochs} epochs should be trained; yours trains {len(trained)}. Where do you ask the stopper?"
    )
    assert all(mode for mode, _ in trained), (
        f"train_epoch should find the model in training mode in every epoch; in yours the modes are "
        f"{['train' if mode else 'eval' for mode, _ in trained]}."
    )
    assert all(gradient for _, gradient in trained), "train_epoch found gradients switched off: it could not train."
    assert [numbers for *_, numbers in validated] == [[float(epoch)] for epoch in range(epochs)], (
        "validate should see the model that train_epoch has just trained, once an epoch. In which order do you call?"
    )
    assert not any(mode for mode, *_ in validated), (
        "validate found the model in training mode. Dropout would be active."
    )
    assert not any(gradient for _, gradient, _ in validated), (
        "validate found torch recording gradients, which costs memory and nobody needs here."
    )
    assert stopper.scores == scores[:epochs], (
        f"The stopper should get each validation score once: {scores[:epochs]}. Yours got {stopper.scores}."
    )
    assert all(seen_model is model for seen_model in stopper.models), (
        "The stopper can only save a state when it gets the model along with the score."
    )
    assert seen[1:] == [[float(epoch)] for epoch in range(epochs - 1)], (
        "Each epoch should train on from where the last one ended. Is something restored before the end?"
    )
    assert isinstance(history, dict) and {"train_loss", "val_score", "best_epoch", "stopped_epoch"} <= set(history), (
        "The result should be a dict with the keys train_loss, val_score, best_epoch and stopped_epoch."
    )
    losses = [9.0 - epoch for epoch in range(epochs)]
    assert history["train_loss"] == losses and history["val_score"] == scores[:epochs], (
        f"{situation}train_loss and val_score should be {losses} and {scores[:epochs]}; "
        f"yours are {history['train_loss']} and {history['val_score']}."
    )
    assert history["best_epoch"] == 1, (
        f"This stopper says that epoch 1 is the best, your best_epoch is {history['best_epoch']}. "
        "Ask it: with a min_delta, the best epoch need not be the one with the lowest score."
    )
    assert history["stopped_epoch"] == stopped, (
        f"{situation}stopped_epoch should be {stopped}; yours is {history['stopped_epoch']}. It is the epoch, counted "
        "from 0, after which the stopper said stop, and None if it never did."
    )
    assert numbers_in(model.state_dict().values()) == [1.0], (
        f"{situation}the model should end as it was in epoch 1; yours is from {numbers_in(model.parameters())}. "
        "The stopper can restore it, whether it said stop or not."
    )
    assert recording, "After your function has returned, torch no longer records gradients."


for max_epochs in [6, 4, 3]:
    check_training(max_epochs)
"train_with_early_stopping: the visible checks pass"

# %% [markdown]
# ## The same network, the same data, with and without you
#
# The last experiment uses all that you wrote. Four levels of label noise, three runs each: your loop with a patience of
# 5, against 60 epochs to the end.

# %% tags=["active-ipynb"]
# noises, outcomes = [0.0, 0.2, 0.4, 0.6], {"stopped": [], "to the end": [], "epochs": []}
# for noise in noises:
#     rows = {name: [] for name in outcomes}
#     for seed in range(3):
#         images, labels, true = shuffled_digits(seed, noise)
#         net, (train_epoch, validate) = fresh_net(seed), epoch_functions(images, labels, seed)
#         optimizer, stopper = torch.optim.Adam(net.parameters(), lr=1e-3), EarlyStopping(patience=5)
#         history = train_with_early_stopping(net, optimizer, train_epoch, validate, stopper, max_epochs=60)
#         rows["epochs"].append(len(history["val_score"]))
#         rows["stopped"].append(percent(net, images[TEST], true[TEST]))
#         long = runs[seed] if noise == 0.4 else long_run(seed, noise)
#         rows["to the end"].append(long["test"][-1])
#     for name in outcomes:
#         outcomes[name].append(rows[name])
#
# figure, axis = plt.subplots(figsize=(8, 3.8))
# for name, offset, hatch in [("stopped", -0.2, ""), ("to the end", 0.2, "//")]:
#     rows = torch.tensor(outcomes[name])
#     places = [position + offset for position in range(len(noises))]
#     reach = torch.stack([rows.mean(1) - rows.amin(1), rows.amax(1) - rows.mean(1)])
#     bars = axis.bar(places, rows.mean(1), 0.38, yerr=reach, capsize=4, hatch=hatch, edgecolor="white", label=name)
#     axis.bar_label(bars, fmt="%.1f", label_type="center", bbox={"facecolor": "white", "linewidth": 0, "pad": 2})
# means = [sum(row) / len(row) for row in outcomes["epochs"]]
# labels_below = [f"{100 * noise:.0f} %\n({mean:.0f} epochs)" for noise, mean in zip(noises, means)]
# axis.set_xticks(range(len(noises)), labels_below)
# axis.set(xlabel="wrong labels (and epochs until your stop, instead of 60)", ylabel="test accuracy (%)", ylim=(0, 118))
# axis.set_title("The dirtier the labels, the more early stopping is worth; on clean ones, only time")
# axis.legend(ncols=2, loc="upper right")
# axis.grid(axis="x", visible=False)
# plt.show()

# %% [markdown]
# On clean labels there is hardly anything bad to learn, and stopping early wins no accuracy. It saves epochs, which is
# also something. Early stopping is a remedy against learning what does not generalize, and it helps as much as there is
# of that.
#
# ## Questions to think about
#
# 1. You watch the validation *accuracy* instead of the loss. It moves in steps of 1/300 and stays the same for several
#    epochs at a time. What do "more than", `min_delta=0.001` and your patience do then? And may the epoch with the best
#    accuracy be another one than that with the best loss?
# 2. You restore the best model, but the optimizer (Adam, with its running means) is that of the last epoch. When does
#    that matter, and what would you have to save in addition?
# 3. The learning rate is divided by ten at epoch 30, and the validation loss drops once more. What does a patience of 5
#    do to such a schedule? What would you change?
#
# ## Further, if you are done
#
# Give the validation images back to training and stop by looking at the gradients: as long as their mean over a
# batch stands out from their spread, there is something to learn for all; when it no longer does, what is left is
# noise. Compare the epoch with the one that your stopper chose. M. Mahsereci, L. Balles, C. Lassner, P. Hennig,
# *Early Stopping without a Validation Set* (arXiv 1703.09580, 2017).
#
# ## Where to read on
#
# * L. Prechelt, *Early Stopping, But When?*, in *Neural Networks: Tricks of the Trade*, Springer, 1998: stopping rules
#   measured against each other, and why the curves in textbooks are too smooth.
# * N. Morgan and H. Bourlard, *Generalization and Parameter Estimation in Feedforward Nets: Some Experiments*, NIPS
#   1989: among the first to stop by cross-validation.
# * C. Bishop, *Regularization and Complexity Control in Feed-forward Networks*, 1995: stopping as weight decay.
# * I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016, section 7.8: the quadratic bowl, step
#   by step.
# * D. Arpit et al., *A Closer Look at Memorization in Deep Networks*, ICML 2017: patterns first, noise later.
# * M. Li, M. Soltanolkotabi and S. Oymak, *Gradient Descent with Early Stopping is Provably Robust to Label Noise*,
#   AISTATS 2020: the first picture of this notebook, as a theorem.
# * P. Nakkiran et al., *Deep Double Descent*, ICLR 2020: networks whose validation error falls, rises, and falls
#   *again*. What would your stopper do there?
