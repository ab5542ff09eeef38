# %% [markdown]
# Right answers to ex06, written in other ways. Every style keeps full marks.

# %% solution="dropout_variants" style="a beginner's loops"
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if drop_prob < 0 or drop_prob >= 1:
            raise ValueError("drop_prob must be in [0, 1), but it is " + str(drop_prob))
        self.p = drop_prob
        self.rng = generator

    def standard_dropout(self, x, training=True):
        if training == False:
            return x
        random_numbers = torch.rand(x.shape, generator=self.rng)
        mask = torch.ones(x.shape, dtype=x.dtype)
        mask[random_numbers < self.p] = 0
        return mask * x / (1 - self.p)

    def dropconnect(self, weight, training=True):
        if training == False:
            return weight
        rows = []
        for i in range(weight.shape[0]):
            keep = torch.rand(weight[i].shape, generator=self.rng) > self.p
            rows.append(weight[i] * keep)
        return torch.stack(rows) / (1 - self.p)

    def drop_block(self, x, block_size, training=True):
        n, c, h, w = x.shape
        if block_size < 1 or block_size > h or block_size > w:
            raise ValueError("block_size " + str(block_size) + " does not fit")
        if training == False:
            return x
        gamma = self.p * h * w / block_size**2 / ((h - block_size + 1) * (w - block_size + 1))
        mask = torch.ones(n, c, h, w, dtype=x.dtype)
        for a in range(n):
            for b in range(c):
                for i in range(h - block_size + 1):
                    for j in range(w - block_size + 1):
                        if torch.rand(1, generator=self.rng) < gamma:
                            mask[a, b, i : i + block_size, j : j + block_size] = 0
        kept = mask.sum()
        if kept == 0:
            return x * 0
        return x * mask * (mask.numel() / kept)


# %% solution="monte_carlo_predict" style="a beginner's loops"
def monte_carlo_predict(model, x, num_samples):
    if num_samples <= 1:
        raise ValueError("num_samples must be 2 or more, not " + str(num_samples))
    old = []
    for m in model.modules():
        old.append(m.training)
    model.eval()
    for m in model.modules():
        if type(m) in [nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d]:
            m.train()
    outputs = []
    for i in range(num_samples):
        outputs.append(model(x).detach())
    mean = sum(outputs) / num_samples
    variance = 0
    for o in outputs:
        variance = variance + (o - mean) ** 2
    variance = variance / (num_samples - 1)
    k = 0
    for m in model.modules():
        m.training = old[k]
        k = k + 1
    return (mean, variance**0.5)


# %% solution="dropout_variants" style="in-place random methods"
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        if not (drop_prob >= 0 and drop_prob < 1):
            raise ValueError(f"drop_prob: {drop_prob!r}")
        self.keep_prob, self.generator = 1.0 - drop_prob, generator

    def _scaled_mask(self, like):
        return torch.empty_like(like, requires_grad=False).bernoulli_(self.keep_prob, generator=self.generator).div_(self.keep_prob)

    def standard_dropout(self, x, training=True):
        return x.mul(self._scaled_mask(x)) if training else x.clone()

    def dropconnect(self, weight, training=True):
        return weight.mul(self._scaled_mask(weight)) if training else weight.clone()

    def drop_block(self, x, block_size, training=True):
        H, W = x.size(2), x.size(3)
        if not 0 < block_size <= H or not 0 < block_size <= W:
            raise ValueError(f"block_size: {block_size!r} on {H} x {W}")
        if not training:
            return x.clone()
        valid = (H - block_size + 1) * (W - block_size + 1)
        gamma = (1 - self.keep_prob) / block_size**2 * H * W / valid
        seeds = x.new_zeros(x.size(0), x.size(1), H - block_size + 1, W - block_size + 1)
        seeds.bernoulli_(gamma, generator=self.generator)
        # A transposed convolution stamps a square for each seed.
        stamp = x.new_ones(x.size(1), 1, block_size, block_size)
        mask = F.conv_transpose2d(seeds, stamp, groups=x.size(1)).lt(0.5).to(x)
        kept = mask.sum((1, 2, 3), keepdim=True)
        factor = torch.where(kept > 0, mask[0].numel() / kept, torch.zeros_like(kept))
        return x * mask * factor


# %% solution="monte_carlo_predict" style="in-place random methods"
@torch.no_grad()
def monte_carlo_predict(model, x, num_samples):
    if not num_samples > 1:
        raise ValueError(f"num_samples: {num_samples!r}")
    was = [(module, module.training) for module in model.modules()]
    model.train(False)
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.train(True)
    std, mean = torch.std_mean(torch.stack([model(x) for _ in range(num_samples)]), dim=0)
    for module, training in was:
        module.training = training
    return mean, std


# %% solution="dropout_variants" style="one method does it, the others call it"
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if drop_prob not in _UnitInterval():
            raise ValueError(f"{drop_prob=} is no probability below 1")
        self.drop_prob = float(drop_prob)
        self.generator = generator

    def forward(self, x):
        return self.standard_dropout(x, self.training)

    def extra_repr(self):
        return f"drop_prob={self.drop_prob}"

    def _draw(self, shape, chance):
        """True with the given chance."""
        return torch.rand(tuple(shape), generator=self.generator, dtype=torch.float64) < chance

    def standard_dropout(self, x, training=True):
        if training:
            return torch.where(self._draw(x.shape, self.drop_prob), torch.zeros_like(x), x / (1 - self.drop_prob))
        return x

    def dropconnect(self, weight, training=True):
        return self.standard_dropout(weight, training=training)

    def drop_block(self, x, block_size, training=True):
        *batch, height, width = x.shape
        if block_size not in range(1, min(height, width) + 1):
            raise ValueError(f"{block_size=} for a map of {height} x {width}")
        if training and self.drop_prob > 0:
            places = [side - block_size + 1 for side in (height, width)]
            gamma = self.drop_prob * x[0, 0].numel() / block_size**2 / (places[0] * places[1])
            starts = self._draw((*batch, *places), gamma)
            dropped = torch.zeros(x.shape, dtype=torch.bool)
            for down in range(block_size):
                for right in range(block_size):
                    dropped[..., down : down + places[0], right : right + places[1]] |= starts
            left = (~dropped).double().mean().item()
            x = x.masked_fill(dropped, 0.0) / (left or 1.0)
        return x


class _UnitInterval:
    """The numbers from 0, included, to 1, excluded."""

    def __contains__(self, number):
        return 0 <= number < 1


# %% solution="monte_carlo_predict" style="one method does it, the others call it"
import contextlib


@contextlib.contextmanager
def _only_dropout_active(model):
    modes = {name: module.training for name, module in model.named_modules()}
    try:
        for module in model.eval().modules():
            if type(module).__name__.startswith("Dropout"):
                module.train()
        yield model
    finally:
        for name, module in model.named_modules():
            module.training = modes[name]


def monte_carlo_predict(model, x, num_samples):
    if num_samples in (0, 1) or num_samples < 0:
        raise ValueError(f"{num_samples=}: two passes are the least")
    with _only_dropout_active(model), torch.inference_mode():
        passes = torch.stack([model(x) for _ in range(num_samples)], dim=-1)
    return passes.mean(-1), passes.std(-1)


# %% solution="dropout_variants" style="a detour through numpy"
import numpy as np


class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if np.clip(drop_prob, 0, np.nextafter(1, 0)) != drop_prob:
            raise ValueError(f"drop_prob={drop_prob}")
        self.drop_prob = drop_prob
        self.generator = generator

    def _numpy_rng(self):
        """A numpy generator whose seed is drawn from torch's."""
        return np.random.default_rng(torch.randint(2**62, (2,), generator=self.generator).tolist())

    def standard_dropout(self, x, training=True):
        if not training:
            return x
        mask = self._numpy_rng().binomial(1, 1 - self.drop_prob, size=tuple(x.shape))
        return x * torch.from_numpy(mask).to(x.dtype) / (1 - self.drop_prob)

    def dropconnect(self, weight, training=True):
        if not training:
            return weight
        mask = self._numpy_rng().random(tuple(weight.shape)) >= self.drop_prob
        return weight * torch.tensor(mask / (1 - self.drop_prob), dtype=weight.dtype)

    def drop_block(self, x, block_size, training=True):
        n, c, h, w = x.shape
        if not 1 <= block_size <= min(h, w):
            raise ValueError(f"block_size={block_size}")
        if not training:
            return x
        rows, columns = h - block_size + 1, w - block_size + 1
        gamma = self.drop_prob * h * w / block_size**2 / rows / columns
        mask = np.ones((n, c, h, w))
        for place in np.argwhere(self._numpy_rng().random((n, c, rows, columns)) < gamma):
            sample, channel, top, left = place
            mask[sample, channel, top : top + block_size, left : left + block_size] = 0
        for sample in mask:
            if sample.any():
                sample *= sample.size / sample.sum()
        return x * torch.from_numpy(mask).to(x)


# %% solution="monte_carlo_predict" style="a detour through numpy"
import numpy as np


def monte_carlo_predict(model, x, num_samples):
    if num_samples < 2:
        raise ValueError(f"num_samples={num_samples}")
    modes = [module.training for module in model.modules()]
    model.eval()
    for module in model.modules():
        if isinstance(module, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)):
            module.training = True
    with torch.no_grad():
        passes = np.stack([model(x).numpy() for _ in range(num_samples)])
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    return torch.from_numpy(passes.mean(axis=0)), torch.from_numpy(passes.std(axis=0, ddof=1))


# %% solution="dropout_variants" style="gradients written by hand"
class _Masked(torch.autograd.Function):
    """x times a fixed factor, cell by cell."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(factor)
        return x * factor

    @staticmethod
    def backward(ctx, upstream):
        (factor,) = ctx.saved_tensors
        return upstream * factor, None


class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if drop_prob < 0:
            raise ValueError(f"drop_prob is negative: {drop_prob}")
        if drop_prob >= 1:
            raise ValueError(f"drop_prob leaves nothing: {drop_prob}")
        self.drop_prob = drop_prob
        self.generator = generator

    def standard_dropout(self, x, training=True):
        p = self.drop_prob if training else 0.0
        # Rounding down after adding 1 - p: the classical trick.
        keep = torch.floor(torch.rand(x.shape, generator=self.generator).to(x.dtype) + (1 - p))
        return _Masked.apply(x, keep / (1 - p))

    def dropconnect(self, weight, training=True):
        p = self.drop_prob if training else 0.0
        chances = torch.full(weight.shape, 1 - p, dtype=weight.dtype)
        keep = torch.bernoulli(chances, generator=self.generator)
        return _Masked.apply(weight, keep / (1 - p))

    def drop_block(self, x, block_size, training=True):
        height, width = x.shape[2:]
        if block_size < 1 or max(block_size - height, block_size - width) > 0:
            raise ValueError(f"a block of {block_size} on {height} x {width}")
        p = self.drop_prob if training else 0.0
        rows, columns = height - block_size + 1, width - block_size + 1
        gamma = p * height * width / (block_size**2 * rows * columns)
        # Draw for the whole map, and forget what would hang over.
        starts = torch.rand(x.shape, generator=self.generator, dtype=torch.float64) < gamma
        starts[:, :, rows:] = False
        starts[:, :, :, columns:] = False
        # How many starts lie in the window up to each cell: differences of sums over everything above and to the left.
        sums = F.pad(starts.to(torch.int64), (1, 0, 1, 0)).cumsum(2).cumsum(3)
        top = (torch.arange(1, height + 1) - block_size).clamp(min=0)
        left = (torch.arange(1, width + 1) - block_size).clamp(min=0)
        covered = sums[:, :, 1:, 1:] - sums[:, :, top, 1:] - sums[:, :, 1:, left] + sums[:, :, top][..., left]
        kept = (covered == 0).to(x.dtype)
        total = kept.sum()
        return _Masked.apply(x, kept * kept.numel() / total) if total > 0 else _Masked.apply(x, kept)


# %% solution="monte_carlo_predict" style="on a copy of the model"
import copy


def monte_carlo_predict(model, x, num_samples):
    if num_samples < 2:
        raise ValueError(f"num_samples should be 2 or more: {num_samples}")
    twin = copy.deepcopy(model).eval()
    twin.apply(lambda module: module.train() if isinstance(module, (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)) else None)
    total = squares = 0
    with torch.no_grad():
        outputs = torch.cat([twin(x)[None] for _ in range(num_samples)])
    mean = torch.mean(outputs, dim=0)
    return mean, torch.sqrt(((outputs - mean) ** 2).sum(dim=0) / (num_samples - 1))


# %% solution="dropout_variants" style="einsum and unfolding"
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        match drop_prob:
            case p if 0 <= p < 1:
                self.register_buffer("drop_prob", torch.tensor(float(p), dtype=torch.float64))
            case p:
                raise ValueError(f"drop_prob = {p}")
        self.generator = generator

    def _uniform(self, *shape):
        source = torch.empty(shape, dtype=torch.float64)
        return source.uniform_(generator=self.generator) if self.generator is not None else source.uniform_()

    def standard_dropout(self, x, training=True):
        if not training:
            return x * 1
        p = self.drop_prob.item()
        flat = x.reshape(-1)
        kept = self._uniform(flat.numel()).ge(p)
        y = torch.zeros_like(flat)
        y[kept] = flat[kept] / (1 - p)
        return y.reshape(x.shape)

    def dropconnect(self, weight, training=True):
        if not training:
            return weight * 1
        p = self.drop_prob.item()
        # Drawn column by column, from the last to the first.
        columns = [self._uniform(*weight.shape[:1], *weight.shape[2:]) >= p for _ in range(weight.shape[1])]
        return weight * torch.stack(columns[::-1], 1) / (1 - p)

    def drop_block(self, x, block_size, training=True):
        size = torch.tensor(x.shape[2:])
        if block_size <= 0 or bool((size < block_size).any()):
            raise ValueError(f"block_size = {block_size}")
        if not training:
            return x * 1
        places = size - block_size + 1
        gamma = self.drop_prob.item() * size.prod() / block_size**2 / places.prod()
        starts = self._uniform(*x.shape[:2], *places.tolist()) < gamma
        # down[i, r] says whether a block that starts in row r covers row i.
        down, across = [
            ((torch.arange(n)[:, None] - torch.arange(m)).clamp(-1, block_size).remainder(block_size + 1) < block_size)
            & (torch.arange(n)[:, None] >= torch.arange(m))
            for n, m in zip(size.tolist(), places.tolist())
        ]
        hits = torch.einsum("ncrs,ir,js->ncij", starts.double(), down.double(), across.double())
        kept = (hits < 0.5).to(x.dtype)
        share = kept.flatten(1).mean(1)[:, None, None, None]
        return torch.nan_to_num(x * kept / share, nan=0.0)


# %% solution="monte_carlo_predict" style="all passes in one batch"
def monte_carlo_predict(model, x, num_samples):
    """The rows of a batch have masks of their own, so one pass over T copies of it is T passes."""
    if num_samples < 2:
        raise ValueError(f"num_samples = {num_samples}")
    kinds = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
    active = [module for module in model.modules() if isinstance(module, kinds)]
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    for module in active:
        module.train()
    with torch.no_grad():
        together = model(x.repeat(num_samples, *[1] * (x.dim() - 1)))
    for module, mode in modes:
        module.training = mode
    passes = together.unflatten(0, (num_samples, len(x)))
    return passes.mean(0), passes.std(0, correction=1)
