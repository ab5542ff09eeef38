# %% [markdown]
# # Dropout and its relatives
#
# Dropout throws numbers away at random, and the network that is left over learns better. In this exercise you write
# three ways to throw away (single activations, weights, whole blocks of an image), and a fourth use of the same
# randomness: asking a network how sure it is.
#
# You will be able to
#
# * write dropout, DropConnect and DropBlock so that training and inference agree on average,
# * say which randomness a method uses: what is drawn, how often, for which cells together,
# * test code that is random, without knowing what it will draw,
# * turn a network with dropout into one that reports its own uncertainty, and say what that number is worth.
#
# Time: about 100 minutes. Builds on exercise 4 (training mode and inference).

# %%
import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
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
# The next cell holds what the experiments share: scikit-learn's handwritten digits, a share of labels that are
# replaced by random ones, and a training loop. There is nothing to fill in; read it once, so that you know what is
# measured.

# %%
digits = load_digits()
order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(0))
pixels = torch.tensor(digits.data / 16, dtype=torch.float32)[order]
labels = torch.tensor(digits.target)[order]
train_x, train_y, test_x, test_y = pixels[:500], labels[:500], pixels[1000:], labels[1000:]


def with_noise(targets, share, seed=0):
    """The labels, of which a random `share` are replaced by a random class (which may be the right one)."""
    generator = torch.Generator().manual_seed(seed)
    replaced = torch.rand(len(targets), generator=generator) < share
    return torch.where(replaced, torch.randint(10, targets.shape, generator=generator), targets)


@torch.no_grad()
def accuracy(net, x, y):
    """The percentage of rows that `net` gets right, in eval mode."""
    net.eval()
    return 100 * (net(x).argmax(1) == y).double().mean().item()


def train(net, x, y, epochs=40, seed=0, watch=lambda: None):
    """Train `net` with Adam on batches of 50; returns what `watch` gives after each epoch."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    seen = []
    for _ in range(epochs):
        net.train()
        for batch in torch.randperm(len(x), generator=generator).split(50):
            optimizer.zero_grad()
            F.cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()
        seen.append(watch())
    return seen


# %% [markdown]
# 500 training digits. Two in five got their label replaced by a random one, as happens when labels are bought
# cheaply. The test labels are clean. A network with two hidden layers of 256 units trains for 40 epochs.

# %% tags=["active-ipynb"]
# torch.manual_seed(0)
# noisy_y = with_noise(train_y, 0.4)
# plain = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
# wrong = noisy_y != train_y
# curves = train(
#     plain,
#     train_x,
#     noisy_y,
#     watch=lambda: (
#         accuracy(plain, train_x[wrong], noisy_y[wrong]),
#         accuracy(plain, test_x, test_y),
#     ),
# )
# learned, tested = map(list, zip(*curves))
# best = tested.index(max(tested))
#
# fig, ax = plt.subplots(figsize=(7.5, 3.8))
# epochs = range(1, len(tested) + 1)
# ax.plot(epochs, tested, markevery=3, label="test digits that it reads correctly")
# ax.plot(epochs, learned, "--", markevery=3, label="wrong training labels that it repeats")
# ax.text(best + 1, tested[best] + 4, f"best: {tested[best]:.0f} %", ha="center", color="#0072B2")
# ax.text(41, tested[-1], f"{tested[-1]:.0f} %", va="center", color="#0072B2")
# ax.set(xlabel="epoch", ylabel="percent", xlim=(0, 44), ylim=(0, 103))
# ax.set_title("What a network learns last is the noise, by heart")
# ax.legend(loc="lower right", fontsize=9)
# plt.show()
# print(f"{wrong.sum()} of {len(wrong)} training labels are wrong. After the best epoch the test accuracy falls from")
# print(f"{tested[best]:.0f} to {tested[-1]:.0f} %; by then {learned[-1]:.0f} % of the wrong labels have been learned.")

# %% [markdown]
# First it learns what the digits have in common, and it reads test digits well. Then it turns to the exceptions: units
# team up to recognize single training images and attach the wrong label to each. Nothing in the loss says that this
# is not what we wanted.
#
# ## The idea
#
# Teams need members who can count on each other. **Dropout** (Srivastava, Hinton, Krizhevsky, Sutskever and
# Salakhutdinov, *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, JMLR 2014, section 4) takes that
# away: in every training step each activation is set to 0 with probability $p$, independently of all others. A unit
# that helps only in the company of certain others helps rarely. With a mask $m_i \in \{0, 1\}$, which is 0 with
# probability $p$,
#
# $$y_i = \frac{m_i\, x_i}{1 - p}, \qquad \operatorname{E}[y_i] = \frac{(1 - p)\, x_i}{1 - p} = x_i .$$
#
# Why the division? At inference nobody wants a random answer, so nothing is dropped. The next layer would suddenly see
# sums that are larger by a factor of $1/(1-p)$ than those it was trained on. With the division it sees the same
# numbers **on average**, and inference needs no change at all. The paper multiplied by $1 - p$ at inference instead
# and mentions this *inverted* form in section 10; today every library has the inverted one.
#
# **DropConnect** (Wan, Zeiler, Zhang, LeCun and Fergus, *Regularization of Neural Networks using DropConnect*, ICML
# 2013) drops *weights* instead: a unit stays, but loses some of its connections.
#
# $$W'_{ij} = \frac{m_{ij}\, W_{ij}}{1 - p}, \qquad \operatorname{E}[W'] = W .$$
#
# Dropping an input $j$ is dropping the whole column $j$ of $W$, so there are far more different masks now:
# $2^{\text{entries}}$ rather than $2^{\text{columns}}$.
#
# **DropBlock** (Ghiasi, Lin and Le, *DropBlock: A regularization method for convolutional networks*, NeurIPS 2018,
# section 3 and algorithm 1) is for images. In a feature map of shape `(N, C, H, W)` neighbors are alike: drop single
# cells, and the next convolution reads from the neighbors what was there. So whole squares of $b \times b$ cells go.
# One draw for each place where a square can **start** (its upper left corner) decides whether a square starts there:
# it does with probability $\gamma$. For each square to fit, there are $(H - b + 1)(W - b + 1)$ such places in each
# channel of each image. How large must $\gamma$ be to drop a share of $p$? A start takes $b^2$ cells with it; if
# squares never overlapped, the dropped share would be $\gamma\, b^2\, (H-b+1)(W-b+1) / (HW)$. Set that to $p$:
#
# $$\gamma = \frac{p}{b^2} \cdot \frac{H\,W}{(H - b + 1)(W - b + 1)} .$$
#
# Squares do overlap, so the true share is smaller and known only after the draw. Therefore what is left is not divided
# by $1 - p$ but by the share that was really kept: multiply by (number of entries) / (number of entries kept).
#
# ## Conventions
#
# | Question | What you may meet elsewhere | Here |
# |---|---|---|
# | What is $p$? | the dropout paper, TensorFlow 1: the chance to be *kept* | the chance to be *dropped* |
# | Where is the factor? | the paper: $1 - p$ at inference | $1/(1-p)$ in training, nothing at inference |
# | DropConnect at inference | the paper: samples from a normal approximation | the weights as they are |
# | How many DropConnect masks? | the paper: one for each training example | one a call, as only weights come in |
# | A block's place | the paper draws centers | its upper left corner; the squares are the same |
# | DropBlock's channels | the paper has both; some code shares one mask | each channel draws for itself |
# | DropBlock's scale | torchvision: over the whole tensor | over the tensor, or for each sample |
# | Who says "training"? | torch: the module's mode | in the three methods: the argument `training` |

# %% [markdown]
# ## Task: three ways to drop
#
# **Difficulty 3 of 3.** Met before: training and inference, exercise 4.
#
# Write the class `DropoutVariants`. You write one class; each method has its own check below and is judged on its
# own, so write one, run its check, come back for the next.
#
# `standard_dropout` drops single entries of `x`, `dropconnect` single entries of a weight, `drop_block` whole blocks
# of feature maps. The constructor counts with `standard_dropout`.
#
# Begin with the constructor: it checks `drop_prob` and keeps what the methods will need. The rules for all three:
#
# * With `training=False` the input's values come back unchanged. The argument decides, not the module's mode.
# * Every random number comes from the `generator` that the constructor got; with `None`, from torch's global one.
#   Never seed either: whoever calls you decides about seeds. Each call draws anew.
# * A `drop_prob` outside of $[0, 1)$ and a `block_size` that does not fit raise `ValueError`, with a message that names
#   the argument and its value.
# * The result has the shape and the dtype of the input, gradients flow through what was kept, and the input itself
#   stays as it was.
# * `nn.Dropout*`, `torch.nn.functional.dropout*` and `torch.dropout` are off limits in this class: they are what you
#   are building. As it is one class, a use in one method costs all three.
#
# How many numbers you draw, and in which order, is up to you. No test compares your draws with somebody else's: tests
# feed in numbers that show what was dropped, and count. A right answer fails one by chance less than once in a billion
# times.
#
# <details><summary>Hint 1: a mask</summary>
#
# `torch.rand` gives numbers that are spread evenly between 0 and 1 and takes a `generator`. Which share of them lies
# below 0.3? A comparison of tensors gives a tensor of `True` and `False`, and you can calculate with that.
# </details>
#
# <details><summary>Hint 2: from starts to blocks</summary>
#
# Turn the question round. A cell is dropped if a block starts at the cell itself, or up to $b - 1$ rows above, or up
# to $b - 1$ columns to its left: if there is a start *somewhere in a window* of $b \times b$ cells. A known layer
# looks for the largest value in each window. There are fewer starts than cells; `F.pad` puts zeros around them. Draw
# a map of 4 x 4 cells on paper, with $b = 2$ and its 3 x 3 starts: how many zeros on each side make 4 x 4 windows?
# Two plain loops over the rows and columns of a block, each shifting the starts by one, do it as well.
# </details>
#
# <details><summary>Hint 3: what is drawn</summary>
#
# Dropout draws one number for each entry of `x`, DropConnect one for each entry of the weight, DropBlock one for
# each place where a block can start, in each channel of each image. All are fresh in every call. The first two
# divide by the *chance* to be kept, the third by the *share* that was kept. Of 1000 entries, about how many
# survive at $p = 0.3$?
#
# </details>
#
# <details><summary>Hint 4: an outline of DropBlock</summary>
#
# Refuse a block that does not fit, whatever the mode. At inference, give the values back. Work out $\gamma$ from
# $p$, both sides of the map and both numbers of places. Draw the starts, turn them into blocks, and keep what
# lies in none. Multiply the map by that, and by the number of entries over the number kept, unless nothing is
# kept.
#
# </details>


# %% solution="dropout_variants"
class DropoutVariants(nn.Module):
    """Dropout, DropConnect and DropBlock, each with the chance `drop_prob` to drop.

    drop_prob: at least 0 and below 1; anything else raises ValueError.
    generator: where all draws come from; None means torch's global generator.
    """

    def __init__(self, drop_prob: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        ### BEGIN SOLUTION
        if not 0 <= drop_prob < 1:
            raise ValueError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")
        self.drop_prob = drop_prob
        self.generator = generator
        ### END SOLUTION

    def standard_dropout(self, x: Tensor, training: bool = True) -> Tensor:
        """Each entry of x (any shape) is 0 with probability drop_prob, otherwise x / (1 - drop_prob)."""
        ### BEGIN SOLUTION
        if not training:
            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.drop_prob
        return x * kept / (1 - self.drop_prob)
        ### END SOLUTION

    def dropconnect(self, weight: Tensor, training: bool = True) -> Tensor:
        """Each entry of weight, (out, in) or (out, in, *kernel), is 0 or rescaled; its expectation is the entry."""
        ### BEGIN SOLUTION
        if not training:
            return weight
        connected = torch.rand(weight.shape, generator=self.generator, device=weight.device) >= self.drop_prob
        return weight * connected / (1 - self.drop_prob)
        ### END SOLUTION

    def drop_block(self, x: Tensor, block_size: int, training: bool = True) -> Tensor:
        """In each channel of x, (N, C, H, W), squares of block_size x block_size cells are 0.

        A block starts with probability gamma at each place where it fits,
        gamma = drop_prob * H * W / block_size**2 / ((H - block_size + 1) * (W - block_size + 1)).
        What is left is multiplied by (entries / entries kept), counted over the tensor or for each sample; where
        nothing is kept the result is 0. Raises ValueError for a block_size below 1, or larger than H or W.
        """
        ### BEGIN SOLUTION
        height, width = x.shape[-2:]
        if not 1 <= block_size <= min(height, width):
            raise ValueError(f"block_size should be from 1 to {min(height, width)} for this map, got {block_size}")
        if not training:
            return x
        rows, columns = height - block_size + 1, width - block_size + 1
        gamma = self.drop_prob * height * width / block_size**2 / (rows * columns)
        draws = torch.rand(*x.shape[:2], rows, columns, generator=self.generator, device=x.device)
        starts = (draws < gamma).to(x.dtype)
        # A cell is dropped if a block starts in the window of which it is the lower right corner.
        windows = F.pad(starts, [block_size - 1] * 4)
        kept = 1 - F.max_pool2d(windows, block_size, stride=1)
        return x * kept * (kept.numel() / kept.sum().clamp(min=1))
        ### END SOLUTION


# %% [markdown]
# ### Check: dropout
#
# The input is 1, 2, 3, ... Whatever was drawn, each entry of the result tells what happened to it.


# %% grades="standard_dropout" points={"scale and expectation": 8, "independent draws": 6, "nothing at inference": 6, "gradients": 6, "input and generators": 4}
def check_standard_dropout():
    def generator(seed=0):
        return torch.Generator().manual_seed(seed)

    x = torch.arange(1, 20001, dtype=torch.float64).reshape(50, 80, 5)
    y = DropoutVariants(0.3, generator()).standard_dropout(x)
    assert isinstance(y, Tensor) and y.shape == x.shape and y.dtype == x.dtype, (
        f"A tensor of shape {tuple(x.shape)} and dtype {x.dtype} goes in, and should come out. Yours gives "
        f"{(tuple(y.shape), y.dtype) if isinstance(y, Tensor) else type(y).__name__}."
    )
    assert torch.equal(x.flatten(), torch.arange(1, 20001, dtype=torch.float64)), (
        "Your method changed its input. Methods that end in _ do that, and so do `*=` and an assignment to `x[...]`."
    )
    share = (y == 0).double().mean().item()
    assert abs(share - 0.3) < 0.05, (
        f"With drop_prob=0.3 about 30 % of the entries should be 0; {100 * share:.1f} % of yours are. "
        "Near 70 %: is it the chance to drop or to keep that you compare with? Near 0 %: kept or dropped, there is "
        "nothing between. Neither: does every entry have a draw of its own, or are they dropped together?"
    )
    ratios = (y / x)[y != 0]
    assert torch.allclose(ratios, torch.full_like(ratios, 1 / 0.7), rtol=1e-6), (
        f"With drop_prob=0.3 a kept entry x should become x / 0.7 = 1.4286 x. Yours becomes {ratios[0]:.4f} x, "
        f"the next one {ratios[1]:.4f} x. Which number makes the average over many draws equal to x? "
        "It is made of drop_prob, not of what happened to be dropped this time."
    )
    y = DropoutVariants(0.5, generator()).standard_dropout(torch.ones(50, 80, 5))
    for axis, name in enumerate(["samples", "rows", "columns"]):
        first, second = y.narrow(axis, 0, y.shape[axis] - 1), y.narrow(axis, 1, y.shape[axis] - 1)
        alike = ((first == 0) == (second == 0)).double().mean().item()
        assert abs(alike - 0.5) < 0.05, (
            f"With drop_prob=0.5, neighbors along the {name} should share their fate half of the time; yours do so in "
            f"{100 * alike:.0f} % of all cases. Does every entry have a draw of its own?"
        )
    layer = DropoutVariants(0.5, generator())
    one, two = layer.standard_dropout(torch.ones(100)), layer.standard_dropout(torch.ones(100))
    assert not torch.equal(one, two), "Two calls in a row drop the same 100 entries. Each call should draw anew."
    again = DropoutVariants(0.5, generator()).standard_dropout(torch.ones(100))
    assert torch.equal(one, again), (
        "Two generators in the same state should give the same result. Do all your draws come from `generator`?"
    )
    assert torch.equal(layer.standard_dropout(x, training=False), x), (
        "With training=False every value should come back unchanged: no drop, no factor. The argument decides, not the "
        "mode of the module."
    )
    x = torch.ones(100, requires_grad=True)
    y = layer.standard_dropout(x)
    assert y.requires_grad, "No gradient can come back from the result. Where do you leave the graph?"
    for bad in (-0.25, 1.0, 1.5):
        try:
            DropoutVariants(bad)
            raised = "nothing"
        except Exception as error:
            raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        assert raised == "ValueError", (
            f"drop_prob={bad} should raise a ValueError; yours raises {raised}. Which values make sense, and what "
            "would happen to the kept entries at 1?"
        )


check_standard_dropout()
"standard_dropout: the visible checks pass"


# %% [markdown]
# ### Check: DropConnect
#
# Multiply the identity matrix by a weight, and the weight itself comes out: that is how you *see* which connections
# are gone. While this check runs, a correct `standard_dropout` stands in for yours, in case you call it.


# %% grades="dropconnect" points={"scale and expectation": 6, "independent draws": 4, "nothing at inference": 4, "gradients": 4, "input and generators": 2}
def check_dropconnect():
    generator = torch.Generator().manual_seed(0)

    class WithCorrectDropout(DropoutVariants):
        def standard_dropout(self, x, training=True):
            dropped = torch.rand(x.shape, generator=generator) < 0.3
            return torch.where(dropped, 0 * x, x / 0.7) if training else x

    layer = WithCorrectDropout(0.3, generator)
    weight = nn.Parameter(torch.linspace(1, 2, 160 * 100).reshape(160, 100))
    before = weight.detach().clone()
    result = layer.dropconnect(weight)
    assert isinstance(result, Tensor) and result.shape == weight.shape, (
        "The result should be a weight of the same shape, (160, 100), ready for F.linear; yours is "
        f"{tuple(result.shape) if isinstance(result, Tensor) else type(result).__name__}."
    )
    assert torch.equal(weight, before), "The parameter itself has changed. Only the result should have."
    seen = F.linear(torch.eye(100), result).T.detach()
    share = (seen == 0).double().mean().item()
    assert abs(share - 0.3) < 0.05, (
        f"With drop_prob=0.3 about 30 % of the connections should be gone; {100 * share:.1f} % of yours are. Near "
        "70 %: is it the chance to go or to stay? Neither: does each connection have a draw of its own?"
    )
    ratio = (seen / before)[seen != 0]
    assert torch.allclose(ratio, torch.full_like(ratio, 1 / 0.7), rtol=1e-4), (
        f"Connections that stay become {ratio.min():.4f} to {ratio.max():.4f} times as strong; expected 1 / 0.7 = "
        "1.4286 times, all of them. What is the mean of a weight over many calls? It is made of drop_prob, not of what "
        "happened to be dropped this time."
    )
    for axis, name in enumerate(["units", "inputs"]):
        most = (seen == 0).double().mean(axis).max().item()
        assert most < 0.75, (
            f"Look along the {name}: somewhere {100 * most:.0f} % of the connections went together. Each connection "
            "should have a draw of its own; dropping whole rows or columns is dropout of units."
        )
    assert not torch.equal(layer.dropconnect(weight), layer.dropconnect(weight)), (
        "Two calls in a row drop the same connections. Each call should draw anew."
    )
    assert torch.equal(layer.dropconnect(weight, training=False), before), (
        "With training=False the weight should come back unchanged: no drop, no factor. The argument decides, not the "
        "mode of the module."
    )
    if result.requires_grad:
        result.sum().backward()
    assert weight.grad is not None and weight.grad.count_nonzero() == result.count_nonzero(), (
        "The connections that stayed, and only those, should get a gradient. Yours do not: where is the weight cut off "
        "from the graph?"
    )


check_dropconnect()
"dropconnect: the visible checks pass"


# %% [markdown]
# ### Check: DropBlock
#
# Feature maps full of ones. The zeros must form squares; the check looks for every place where a full square of zeros
# fits, fills these squares, and compares.


# %% grades="drop_block" points={"squares of zeros": 8, "rate gamma in every map": 6, "scale and gradients": 6, "nothing at inference": 6, "input and generators": 4}
def check_drop_block():
    def generator():
        return torch.Generator().manual_seed(0)

    def squares(zeros, size):
        """The cells of `zeros`, (N, C, H, W), that belong to a full square of zeros."""
        starts = 1 - F.max_pool2d(1 - zeros, size, stride=1)
        return F.max_pool2d(F.pad(starts, [size - 1] * 4), size, stride=1)

    for size in (1, 2, 3):
        try:
            y = DropoutVariants(0.3, generator()).drop_block(torch.ones(20, 5, 6, 9), size)
        except RuntimeError as error:
            raise AssertionError(
                f"Maps of shape (20, 5, 6, 9) are 6 high and 9 wide, and your method raises: {error}. Which is which?"
            ) from error
        assert isinstance(y, Tensor) and y.shape == (20, 5, 6, 9), (
            f"Maps of shape (20, 5, 6, 9) go in and should come out; with block_size={size} yours are "
            f"{tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__}. How many cells do your windows see?"
        )
        zeros = (y == 0).float()
        stray = (zeros - squares(zeros, size)).sum().item()
        assert stray == 0 and 0 < zeros.mean() < 1, (
            f"With block_size={size}, every 0 should belong to a square of {size} x {size} zeros. Of your "
            f"{zeros.sum().item():.0f} zeros {stray:.0f} belong to none. Print one channel and look: are the blocks "
            "squares, and do they start only where they fit? Is it the blocks that are 0, or the rest?"
        )
    # A corner belongs to one block only: it is 0 exactly if a block starts there.
    y = DropoutVariants(0.9, generator()).drop_block(torch.ones(50, 20, 3, 6), 2)
    gamma = 0.9 * 18 / 4 / 10
    for name, corner in {"upper left": y[..., 0, 0], "lower right": y[..., -1, -1]}.items():
        share = (corner == 0).double().mean().item()
        assert abs(share / gamma - 1) < 0.25, (
            f"Maps of 3 x 6, blocks of 2 x 2, drop_prob=0.9: gamma is {gamma:.3f}, so the {name} corner is 0 in "
            f"{100 * gamma:.0f} % of the maps; in {100 * share:.0f} % of yours. Compute gamma for this case on paper "
            "(there are 2 x 5 places for a start), then print yours. Near 90 %: that is drop_prob itself. Near 80 %: a "
            "block has an area, not a side. Near 23 % or 12 %: where does the share of the places for a start belong? "
            "Near 0 %: may no block start in the last places? Otherwise: how large are your blocks?"
        )
    together = ((y[:, 1:, 0, 0] == 0) == (y[:, :-1, 0, 0] == 0)).double().mean().item()
    assert together < 0.75, (
        f"In {100 * together:.0f} % of all cases two channels agree on whether a block starts in their corner. Each "
        "channel of each sample should draw for itself."
    )
    y = DropoutVariants(0.3, generator()).drop_block(torch.ones(4, 3, 8, 8, dtype=torch.float64), 3)
    kept, scale = (y != 0).double(), y.max().item()
    expected = [1 / kept.mean().item(), 1 / kept[0].mean().item()]
    assert y.dtype == torch.float64, f"float64 goes in, {y.dtype} comes out."
    assert torch.allclose(y, kept / kept.mean()) or torch.allclose(y, kept / kept.mean((1, 2, 3), keepdim=True)), (
        f"A share of {kept.mean().item():.3f} of all entries was kept, so they should be multiplied by "
        f"{expected[0]:.4f} (or, in the first sample, by {expected[1]:.4f}); your largest factor is {scale:.4f}. "
        "Near 1.4286: that is 1 / (1 - drop_prob), which is right only if exactly that share was dropped. Above: does "
        "each channel have a factor of its own? Below: do you count a cell twice that two blocks cover?"
    )
    layer = DropoutVariants(0.9, generator())
    try:
        results = [layer.drop_block(torch.ones(1, 1, 3, 3), 3) for _ in range(50)]
    except ValueError as error:
        raise AssertionError(
            f"A block of 3 x 3 just fits into a map of 3 x 3, and your method raises ValueError: {error}"
        ) from error
    assert all(result.isfinite().all() for result in results), (
        "A block as large as the map takes everything. Then the result should be 0, yours is not a number. What do you "
        "divide by when nothing was kept?"
    )
    x = torch.arange(36.0).reshape(1, 1, 6, 6)
    assert torch.equal(layer.drop_block(x, 2, training=False), x), (
        "With training=False every value should come back unchanged: no drop, no factor. The argument decides, not the "
        "mode of the module."
    )
    for bad in (0, 7):
        try:
            layer.drop_block(torch.ones(1, 1, 6, 9), bad)
            raised = "nothing"
        except Exception as error:
            raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        assert raised == "ValueError", (
            f"On maps of 6 x 9, block_size={bad} should raise a ValueError; yours raises {raised}. Which sizes fit?"
        )


check_drop_block()
"drop_block: the visible checks pass"

# %% [markdown]
# ## One feature map, three ways to lose parts of it
#
# From here on everything runs on your own code. The digit below is enlarged to 28 x 28 pixels, and a convolution that
# looks for edges, followed by ReLU, turns it into a feature map. Each method gets $p = 0.3$ and two draws. Dropout and
# DropBlock act on the map, DropConnect on the 3 x 3 kernel that computes it.

# %% tags=["active-ipynb"]
# digit = F.interpolate(torch.tensor(digits.images[[3]] / 16, dtype=torch.float32)[None], size=(28, 28), mode="bicubic")
# kernel = torch.tensor([[[[-2.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]]])
#
#
# def feature_map(kernel):
#     # A trace of light everywhere, so that a 0 in what a method returns is a cell that it dropped.
#     return F.relu(F.conv2d(digit, kernel, padding=1)) + 1e-6
#
#
# drop = DropoutVariants(0.3, torch.Generator().manual_seed(0))
# original, kernels = feature_map(kernel), [drop.dropconnect(kernel) for _ in range(2)]
# columns = {
#     "standard_dropout": [drop.standard_dropout(original) for _ in range(2)],
#     "drop_block, blocks of 7": [drop.drop_block(original, 7) for _ in range(2)],
#     "dropconnect": [feature_map(one) for one in kernels],
# }
# look = {"cmap": plt.get_cmap("viridis").with_extremes(bad="0.85"), "vmin": 0, "vmax": original.max() / 0.7}
# fig, axes = plt.subplots(2, 4, figsize=(9, 5))
# axes[0, 0].imshow(digit[0, 0], cmap="gray")
# axes[0, 0].set_title("the digit", fontsize=10)
# axes[1, 0].imshow(original[0, 0], **look)
# axes[1, 0].set_xlabel("its feature map, nothing dropped", fontsize=8)
# for column, (name, draws) in zip(axes.T[1:], columns.items()):
#     column[0].set_title(name, fontsize=10)
#     for ax, draw, used in zip(column, draws, kernels):
#         ax.imshow(torch.where(draw == 0, torch.nan, draw)[0, 0], **look)
#         gone = (used == 0) & (kernel != 0)
#         weights = f"{gone.sum()} of {kernel.count_nonzero()} weights of the filter dropped"
#         cells = f"{100 * (draw == 0).double().mean():.0f} % of the cells dropped (gray)"
#         ax.set_xlabel(weights if name == "dropconnect" else cells, fontsize=8)
# for ax in axes.flat:
#     ax.set(xticks=[], yticks=[])
#     ax.spines[:].set_visible(False)
#     ax.grid(False)
# fig.suptitle("Dropout makes holes, DropBlock takes parts away, DropConnect bends the filter")
# plt.show()

# %% [markdown]
# DropConnect is different in kind: no cell is missing, but the filter itself is another one in every call, and with it
# the whole map.
#
# ### How much does a hole hide?
#
# The authors of DropBlock claim that single holes hide next to nothing, since the neighbors still show what was
# there. We can measure that: fill each dropped cell with the mean of the kept cells around it (working inward until
# all is filled), and compare with the truth. What the filling gets right was never lost. We count it in shares of the
# variance: 100 % is a perfect reconstruction, 0 % is as good as filling in the mean.
#
# **Your prediction:** at $p = 0.3$, which share of the dropped cells' variance comes back after dropout, and after
# DropBlock with blocks of 7? In percent, ungraded.

# %% tags=["active-ipynb"]
# predicted_after_dropout = None  # a number in percent, such as 50
# predicted_after_drop_block = None  # a number in percent, such as 50

# %% tags=["active-ipynb"]
# def fill(values, kept):
#     """Fill the cells that were not kept from their neighbors, ring by ring."""
#     values, kept = values * kept, kept.double()
#     while not kept.all():
#         weight = F.avg_pool2d(kept, 3, stride=1, padding=1)
#         mean = F.avg_pool2d(values * kept, 3, stride=1, padding=1) / weight.clamp(min=1e-9)
#         values = torch.where(kept > 0, values, mean)
#         kept = (weight > 0).double()
#     return values
#
#
# def recovered(dropped):
#     """Percentage of the variance of the dropped cells that filling brings back; `dropped` drops from a tensor."""
#     images = F.interpolate(torch.tensor(digits.images[:200] / 16)[:, None], size=(28, 28), mode="bicubic")
#     maps = F.relu(F.conv2d(images, kernel.double(), padding=1)) + 1e-6
#     kept = dropped(maps) != 0
#     wrong = (fill(maps, kept) - maps)[~kept]
#     return 100 * (1 - wrong.square().mean() / maps[~kept].var()).item()
#
#
# sizes = [1, 2, 3, 5, 7, 9, 11]
# drop = DropoutVariants(0.3, torch.Generator().manual_seed(0))
# by_size = [recovered(lambda maps, size=size: drop.drop_block(maps, size)) for size in sizes]
# by_dropout = recovered(drop.standard_dropout)
#
# fig, ax = plt.subplots(figsize=(7, 3.6))
# ax.plot(sizes, by_size, label="drop_block")
# ax.plot([1], [by_dropout], "s", markersize=11, markerfacecolor="none", label="standard_dropout", color="#D55E00")
# seven = by_size[sizes.index(7)]
# for name, size, measured in [("predicted_after_dropout", 1, by_dropout), ("predicted_after_drop_block", 7, seven)]:
#     if (predicted := prediction(name)) is not None:
#         ax.plot([size], [predicted], "x", color="black", markersize=9, markeredgewidth=2, label=f"your {name}")
#         print(f"{name}: {predicted:g} %, measured {measured:.0f} %.")
# ax.axhline(0, color="0.4", linewidth=1, marker="")
# ax.set(xlabel="block size (cells)", ylabel="variance recovered (%)", ylim=(None, 105), xticks=sizes)
# ax.set_title("Neighbors give single cells away; of large blocks they know little")
# ax.legend(fontsize=9)
# plt.show()
# print(f"Recovered after standard_dropout: {by_dropout:.0f} %, after drop_block with blocks of 7: {seven:.0f} %.")

# %% [markdown]
# ### What is dropped in the end?
#
# One more look at DropBlock, at a detail that its name for $p$ hides. Maps of 8 x 8 cells, $p = 0.5$, blocks of 3.
#
# **Your prediction:** which share of all cells is really dropped? Remember what $\gamma$ was derived from.

# %% tags=["active-ipynb"]
# predicted_dropped_share = None  # a number from 0 to 1, such as 0.3

# %% tags=["active-ipynb"]
# drop = DropoutVariants(0.5, torch.Generator().manual_seed(0))
# maps = torch.ones(100, 50, 8, 8)
# by_size = [(drop.drop_block(maps, size) == 0).double().mean().item() for size in range(1, 9)]
# where = (drop.drop_block(maps, 3) == 0).double().mean((0, 1))
#
# fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.7), width_ratios=[1, 1.25])
# shown = left.imshow(where, cmap="viridis", vmin=0, vmax=1)
# for row in range(8):
#     for column in range(8):
#         share = where[row, column].item()
#         color = "black" if share > 0.6 else "white"
#         left.text(column, row, f"{share:.2f}".lstrip("0"), ha="center", va="center", fontsize=7, color=color)
# left.set(title="Blocks of 3: how often each cell is dropped", xlabel="column", ylabel="row")
# left.grid(False)
# right.plot(range(1, 9), by_size, label="measured")
# right.axhline(0.5, color="0.4", linestyle=":", marker="", label="drop_prob")
# cross = {"color": "black", "linestyle": "", "marker": "x", "markersize": 9, "markeredgewidth": 2}
# if (predicted := prediction("predicted_dropped_share")) is not None:
#     right.plot([3], [predicted], label="your prediction", **cross)
# right.set(xlabel="block size (cells)", ylabel="share of all cells dropped", ylim=(0.3, 0.55))
# right.set_title("Overlaps drop less than asked for")
# right.legend(fontsize=9, loc="lower right")
# plt.show()
# print(f"With blocks of 3, {by_size[2]:.3f} of all cells are dropped.")
# if predicted is not None:
#     print(f"You predicted {predicted:.3f}.")
# middle = where[3:5, 3:5].mean()
# print(f"A corner is dropped with probability {where[0, 0]:.3f}, a cell in the middle with {middle:.3f}.")

# %% [markdown]
# A corner can be hit by one block only, a cell in the middle by nine. So "drop_prob" is a name for an intention. That
# is why the scale counts what was kept, and why you should compare DropBlock runs by the measured share.
#
# ## Predict, then measure: does it help?
#
# Back to the digits with 40 % random labels. Your methods go into the same network as before, with $p$ from 0 to
# 0.9: `standard_dropout` after both hidden layers, or `dropconnect` on the weights of the second hidden and the
# output layer. Three runs each. For comparison: the same with dropout on **clean** labels.
#
# **Your prediction:** by how many percentage points does dropout with $p = 0.5$ change the test accuracy, on noisy
# labels, and on clean ones?

# %% tags=["active-ipynb"]
# predicted_gain_noisy = None  # a number of percentage points, such as 0 or -3
# predicted_gain_clean = None  # a number of percentage points, such as 0 or -3


# %%
class DigitNet(nn.Module):
    """64-256-256-10 with ReLU; `drop` is a DropoutVariants, used on activations or (connect=True) on weights."""

    def __init__(self, drop, connect=False):
        super().__init__()
        self.drop, self.connect = drop, connect
        self.layers = nn.ModuleList([nn.Linear(64, 256), nn.Linear(256, 256), nn.Linear(256, 10)])

    def forward(self, x):
        first, *others = self.layers
        x = first(x)
        for layer in others:
            x = torch.relu(x)
            if self.connect:
                x = F.linear(x, self.drop.dropconnect(layer.weight, self.training), layer.bias)
            else:
                x = layer(self.drop.standard_dropout(x, self.training))
        return x


def test_accuracies(drop_prob, noise, connect=False, seeds=(0, 1, 2)):
    """Test accuracy after 40 epochs on 500 digits with a share `noise` of random labels, one number a seed."""
    found = []
    for seed in seeds:
        torch.manual_seed(seed)
        net = DigitNet(DropoutVariants(drop_prob, torch.Generator().manual_seed(seed)), connect)
        train(net, train_x, with_noise(train_y, noise, seed), seed=seed)
        found.append(accuracy(net, test_x, test_y))
    return found


# %% tags=["active-ipynb"]
# chances = [0, 0.5, 0.75, 0.9]
# runs = {
#     "standard_dropout, noisy labels": torch.tensor([test_accuracies(p, 0.4) for p in chances]),
#     "dropconnect, noisy labels": torch.tensor([test_accuracies(p, 0.4, connect=True) for p in chances]),
#     "standard_dropout, clean labels": torch.tensor([test_accuracies(p, 0.0) for p in chances]),
# }
# means = {name: found.mean(1).tolist() for name, found in runs.items()}
#
# fig, ax = plt.subplots(figsize=(7.5, 4.2))
# for (name, found), style in zip(runs.items(), ["-", "--", "-."]):
#     color = ax.plot(chances, means[name], style, label=name)[0].get_color()
#     ax.fill_between(chances, found.amin(1), found.amax(1), color=color, alpha=0.2, linewidth=0)
# ax.axhline(max(tested), color="0.4", linestyle=":", marker="", linewidth=1.5)
# ax.text(0, max(tested) + 0.6, "no dropout, noisy labels, stopped at its best epoch", fontsize=8, color="0.3")
# ax.set(xlabel="drop_prob", ylabel="test accuracy (%), mean and range of 3 runs", xticks=chances, ylim=(48, 100))
# ax.set_title("Dropout rescues from noisy labels; on clean ones it is idle, then a burden")
# ax.legend(fontsize=9, loc="lower left")
# plt.show()
#
# for name, key in [("standard_dropout, noisy labels", "noisy"), ("standard_dropout, clean labels", "clean")]:
#     gain, spread = means[name][1] - means[name][0], (runs[name].amax(1) - runs[name].amin(1)).max()
#     most = means[name][3] - means[name][0]
#     print(f"{key}: p = 0.5 changes the accuracy by {gain:+.1f} points, p = 0.9 by {most:+.1f}")
#     print(f"  (runs with the same p differ by up to {spread:.1f}).")
#     if (predicted := prediction(f"predicted_gain_{key}")) is not None:
#         print(f"  You predicted {predicted:+g} points at p = 0.5.")
# best_mean, best_p = max(zip(means["standard_dropout, noisy labels"], chances))
# print(f"On noisy labels the best p is {best_p}: {best_mean:.1f} %.")
# print(f"The network without any dropout, stopped at its best epoch, had {max(tested):.1f} %.")

# %% [markdown]
# Three lessons, two of them unwelcome. Against wrong labels dropout is worth a lot, if $p$ is right. On clean digits no
# $p$ helps: at first nothing changes that you could tell from the spread between runs, then the network has too little
# left to work with. A textbook figure of "with and without dropout" would be false here. And look at the dotted line:
# simply *stopping early* does about as well on this problem (that line is flattered a little, as its epoch was picked
# on the test digits themselves). Regularizers are often substitutes; exercise 8 is about stopping, exercise 10 about
# comparing honestly.
#
# ## Monte-Carlo dropout: the idea
#
# At inference dropout is switched off, and a network gives one number, no matter how strange the question is. Gal and
# Ghahramani (*Dropout as a Bayesian Approximation*, ICML 2016, section 4) leave it **on** instead and ask the same
# question $T$ times. Each pass uses another mask, that is, another thinned network. Where the data has taught all of
# them the same, they agree; where nothing was taught, each has its own opinion. For the outputs
# $f_1(x), \dots, f_T(x)$,
#
# $$\bar f(x) = \frac1T \sum_{t} f_t(x), \qquad s(x) = \sqrt{\frac{1}{T-1} \sum_{t} (f_t(x) - \bar f(x))^2} .$$
#
# With few passes, dividing by $T$ would make the spread too small, so here it is the unbiased $T - 1$.

# %% [markdown]
# ## Task: Monte-Carlo dropout
#
# **Difficulty 2 of 3.** Met before: the mode of a module, exercise 4.
#
# Write `monte_carlo_predict(model, x, num_samples)`. It makes `num_samples` passes and returns the pair
# `(mean, std)`, each of the shape of `model(x)`.
#
# * The layers `nn.Dropout`, `nn.Dropout1d`, `nn.Dropout2d` and `nn.Dropout3d`, wherever they sit in the model, are
#   active. *Every other layer* is in eval mode: a batch normalization layer must neither use nor change its
#   statistics as in training.
# * Afterwards each module is in the mode it was in, also if modes were mixed before. No gradient is recorded.
# * The layers draw from torch's global generator, as they always do. Do not seed it.
# * A spread needs two passes: `num_samples` below 2 raises a `ValueError` that names it and its value.
#
# <details><summary>Hint 1: a nudge</summary>
#
# `model.modules()` walks through everything, the model itself included; `model.eval()` sets the mode of everything.
# Remember a mode for *each* module before you change any. And mind that `model.train()` also reaches all children of a
# module: which attribute holds the mode of one module alone?
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# One call that sets the whole model into training mode also wakes the batch normalization. The spread is taken
# over the passes, for each output by itself. The global generator is read, and nobody seeds it, or all passes
# would be the same.
#
# </details>
#
# <details><summary>Hint 3: an outline</summary>
#
# Refuse too few samples. Remember the mode of every module. Put everything into eval mode, then switch on the
# dropout layers alone. Make the passes without gradients and stack them. Give every module its own mode back,
# also after an error. Mean and unbiased deviation over the passes.
#
# </details>


# %% solution="monte_carlo_predict"
def monte_carlo_predict(model: nn.Module, x: Tensor, num_samples: int) -> tuple[Tensor, Tensor]:
    """The mean and the unbiased standard deviation of model(x) over num_samples passes with active dropout layers.

    Only nn.Dropout, nn.Dropout1d, 2d and 3d are active, every other module is in eval mode; all modes are as before
    afterwards, and no gradient is recorded. Both results have the shape of model(x).
    Raises ValueError for num_samples below 2.
    """
    ### BEGIN SOLUTION
    if num_samples < 2:
        raise ValueError(f"num_samples should be at least 2 for a spread, got {num_samples}")
    modes = {module: module.training for module in model.modules()}
    try:
        for module in modes:
            module.training = isinstance(module, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d)
        with torch.no_grad():
            outputs = torch.stack([model(x) for _ in range(num_samples)])
    finally:
        for module, mode in modes.items():
            module.training = mode
    return outputs.mean(0), outputs.std(0)
    ### END SOLUTION


# %% grades="monte_carlo_predict" points={"mean and spread of active passes": 8, "other layers in eval mode": 4, "every dropout layer": 4, "model left alone": 2, "details": 2}
def check_monte_carlo_predict():
    torch.manual_seed(0)
    found = monte_carlo_predict(nn.Sequential(nn.Dropout(0.5)).eval(), torch.ones(100, 3), 4)
    assert isinstance(found, tuple) and len(found) == 2, "The result should be a tuple of two tensors: mean and std."
    mean, std = found
    assert mean.shape == std.shape == (100, 3), (
        f"100 rows of 3 outputs: mean and std should have shape (100, 3). Yours have {tuple(mean.shape)} and "
        f"{tuple(std.shape)}. Over which dimension do you take them?"
    )
    assert std.any(), (
        "Ones went through nn.Dropout(0.5) in 4 passes, and no output differs between passes. Is the layer active? "
        "Does each pass draw anew?"
    )
    kept = 2 * mean  # each of the 4 passes gives 0 or 2
    assert torch.equal(kept, kept.round()), (
        "Each of the 4 passes gives 0 or 2, so every mean should be 0, 0.5, 1, 1.5 or 2. Yours are not, the "
        f"largest is {mean.max():.4f}. Are there exactly num_samples passes behind it? Is it the mean that comes "
        "first, of the outputs as they are, for inputs that stay as they are?"
    )
    half = std[mean == 1]  # 0, 0, 2, 2
    assert torch.allclose(half, torch.full_like(half, (4 / 3) ** 0.5), rtol=1e-4), (
        f"The passes 0, 0, 2, 2 have the unbiased standard deviation sqrt(4 / 3) = 1.1547; yours is {half[0]:.4f}. "
        "Exactly 1: you divide by T. Near 1.3333: a variance. Near 0.5774: that is the error of the mean. Does every "
        "output have a spread of its own?"
    )

    class Spy(nn.Module):
        """Adds 100 to everything if it is in training mode."""

        def forward(self, x):
            return x + 100 * self.training

    model = nn.Sequential(nn.BatchNorm2d(3), Spy(), nn.Sequential(nn.Dropout2d(0.5), nn.Conv2d(3, 2, 1)))
    model.eval()[0].train()
    before = [module.training for module in model.modules()]
    mean, std = monte_carlo_predict(model, torch.randn(8, 3, 4, 4), 6)
    assert mean.abs().max() < 50, (
        "A layer that is no dropout layer was in training mode while you predicted. Which modules do you switch?"
    )
    assert std.any(), (
        "The dropout layer of this model is an nn.Dropout2d inside of an nn.Sequential, and it was not active. How do "
        "you find the dropout layers?"
    )
    assert [module.training for module in model.modules()] == before, (
        "One module was in training mode and the others in eval mode. After your prediction that has changed. Put back "
        "each module's own mode."
    )
    assert not mean.requires_grad and not std.requires_grad, "A gradient was recorded. Nobody is going to need it."
    try:
        monte_carlo_predict(model, torch.ones(8, 3, 4, 4), 1)
        raised = "nothing"
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    assert raised == "ValueError", (
        f"One pass has no spread, so num_samples=1 should raise a ValueError; yours raises {raised}."
    )


check_monte_carlo_predict()
"monte_carlo_predict: the visible checks pass"

# %% [markdown]
# ## Predict, then measure: does it know what it does not know?
#
# Points of a sine curve with a little noise, from $-3$ to $-1$ and from 1 to 3, and nothing elsewhere. A network with
# dropout ($p = 0.1$) learns them. Then your `monte_carlo_predict` asks it, 200 passes, from $-8$ to 8.
#
# **Your prediction:** how many times larger is the standard deviation at a distance of 5 from the data than among the
# data? And in the gap, how often does the truth lie within two standard deviations of the mean, in percent? (It would
# be about 95 if the number were what it looks like.)

# %% tags=["active-ipynb"]
# predicted_ratio = None  # a number, such as 2: the std far away over the one among the data
# predicted_coverage = None  # a number in percent, such as 95: how often the truth lies within two std in the gap

# %% tags=["active-ipynb"]
# def sine_net(seed, count=100, drop_prob=0.1, steps=1500):
#     """A regression network with dropout, trained on `count` noisy points of a sine with a gap in the middle."""
#     torch.manual_seed(seed)
#     points = (torch.rand(count, 1) * 2 + 1) * torch.tensor([1.0, -1.0]).repeat(count // 2)[:, None]
#     values = torch.sin(2 * points) + 0.1 * torch.randn(count, 1)
#     layers = [nn.Linear(1, 100), nn.ReLU(), nn.Dropout(drop_prob), nn.Linear(100, 100), nn.ReLU()]
#     net = nn.Sequential(*layers, nn.Dropout(drop_prob), nn.Linear(100, 1))
#     optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
#     for _ in range(steps):
#         optimizer.zero_grad()
#         F.mse_loss(net(points), values).backward()
#         optimizer.step()
#     return net, points, values
#
#
# grid = torch.linspace(-8, 8, 321)[:, None]
# truth = torch.sin(2 * grid)
# fits = [sine_net(seed) for seed in range(4)]
# answers = [monte_carlo_predict(net, grid, 200) for net, *_ in fits]
# stds = torch.stack([std for _, std in answers])[..., 0]
# errors = torch.stack([(mean - truth).abs() for mean, _ in answers])[..., 0]
# position = grid[:, 0].abs()
# among, gap, far = (position >= 1) & (position <= 3), position < 0.7, position > 7.5
#
# fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.9), width_ratios=[1.25, 1])
# (net, points, values), (mean, std) = fits[0], answers[0]
# left.plot(grid, truth, ":", color="black", marker="", label="truth", linewidth=1.5)
# left.plot(grid, mean, color="#0072B2", marker="", label="mean of 200 passes")
# low, high = (mean - 2 * std)[:, 0], (mean + 2 * std)[:, 0]
# left.fill_between(grid[:, 0], low, high, color="#0072B2", alpha=0.25, linewidth=0, label="± 2 std")
# left.plot(points, values, "o", color="#D55E00", markersize=3, label="data")
# left.set(xlabel="x", ylabel="y", title="One network's answers", ylim=(-4.5, 5.5))
# left.legend(fontsize=8, ncols=2, loc="upper center")
# for name, found, style in [("std", stds, "-"), ("true error", errors, "--")]:
#     right.plot(grid, found.mean(0), style, label=name, markevery=24)
# for side in (-3, 1):
#     right.axvspan(side, side + 2, color="0.85", zorder=0)
# right.text(-2, right.get_ylim()[1] * 0.92, "data", ha="center", fontsize=9)
# right.text(2, right.get_ylim()[1] * 0.92, "data", ha="center", fontsize=9)
# right.set(xlabel="x", ylabel="mean of 4 networks (units of y)", title="How unsure, and how wrong")
# right.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, 0.9))
# fig.suptitle("Far from the data the spread grows, but it does not know how wrong the network is")
# plt.show()
#
# ratio = (stds[:, far].mean() / stds[:, among].mean()).item()
# inside = (errors < 2 * stds).double()
# coverage = {"data": 100 * inside[:, among].mean(), "gap": 100 * inside[:, gap].mean()}
# each = (stds[:, far].mean(1) / stds[:, among].mean(1)).tolist()
# print(f"Far from the data the std is {ratio:.1f} times as large as among it.")
# if (predicted := prediction("predicted_ratio")) is not None:
#     print(f"  You predicted {predicted:g} times.")
# print("The four networks one by one: " + ", ".join(f"{value:.1f}" for value in each) + ".")
# print(f"Truth within 2 std, among the data: {coverage['data']:.0f} %; in the gap: {coverage['gap']:.0f} %.")
# if (predicted := prediction("predicted_coverage")) is not None:
#     print(f"  You predicted {predicted:g} % in the gap.")
#
# def std_among(net):
#     return monte_carlo_predict(net, grid, 200)[1][among].mean().item()
#
#
# usual = std_among(fits[0][0])
# more_data, more_dropout = std_among(sine_net(0, count=1000)[0]), std_among(sine_net(0, drop_prob=0.3)[0])
# print(f"With ten times as much data the std among the data is {more_data / usual:.2f} times as large")
# print(f"(an error bar on a mean would shrink to {0.1**0.5:.2f}), with p = 0.3 {more_dropout / usual:.2f} times.")

# %% [markdown]
# Read it both ways. The spread is small where there was data and larger where there was none: as a *ranking* of inputs,
# "this one is unlike what I was trained on", it is useful and costs a few lines. As a *number* it is not what it looks
# like. In the gap the truth is often outside of the band, the networks disagree with each other about their own
# uncertainty far away, and ten times as much data narrows the band much less than it should: its width says as much
# about the $p$ that you chose as about what is known. Exercise 9 has another way to many opinions, networks that were
# trained separately.
#
# ## Questions to think about
#
# 1. With inverted dropout the *mean* of an activation is the same in training and at inference. What about its
#    variance? Suppose a batch normalization layer follows: which of the two variances do its running statistics hold,
#    and which one does it meet at inference?
# 2. DropConnect at inference uses the mean weight. For a linear layer that gives exactly the mean output. Why not any
#    more if a ReLU follows? What would `monte_carlo_predict` do instead, and what does it cost?
# 3. Your tests could not know which entries would be dropped. Which of the properties they used are *exact* (no
#    correct answer can violate them), and which hold only with overwhelming probability? How many entries would you
#    need to tell $p = 0.30$ from $p = 0.31$?
#
# ## Further, if you are done
#
# The width of your uncertainty depended on the $p$ that you chose. Make $p$ a parameter: replace the hard mask by a
# sigmoid of noise that is nearly 0 or 1, so that a gradient reaches $p$, and add the entropy term. Does it become
# smaller when there is more data? Y. Gal, J. Hron, A. Kendall, *Concrete Dropout* (NIPS 2017).
#
# ## Where to read on
#
# * N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, *Dropout: A Simple Way to Prevent Neural
#   Networks from Overfitting*, JMLR 2014: section 7 shows what it does to the features, and appendix A is a practical
#   guide.
# * L. Wan, M. Zeiler, S. Zhang, Y. LeCun, R. Fergus, *Regularization of Neural Networks using DropConnect*, ICML
#   2013: how inference can do better than the mean weight.
# * G. Ghiasi, T.-Y. Lin, Q. Le, *DropBlock: A regularization method for convolutional networks*, NeurIPS 2018: also
#   why $p$ should grow slowly during training.
# * Y. Gal, Z. Ghahramani, *Dropout as a Bayesian Approximation*, ICML 2016, and against it I. Osband, *Risk versus
#   Uncertainty in Deep Learning*, 2016: why the spread does not shrink with more data.
# * X. Li, S. Chen, X. Hu, J. Yang, *Understanding the Disharmony between Dropout and Batch Normalization by Variance
#   Shift*, CVPR 2019: the answer to the first question.
