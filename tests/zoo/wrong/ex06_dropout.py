# %% [markdown]
# Wrong answers to ex06, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="dropout_variants" style="where and masks" holds=["does not rescale activations", "disconnects whole units", "starts blocks with probability drop_prob"]
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if drop_prob < 0 or drop_prob >= 1:
            raise ValueError("no chance to drop: " + str(drop_prob))
        self.chance, self.source = drop_prob, generator

    def dropped(self, *size):
        return torch.rand(size, generator=self.source) < self.chance

    def standard_dropout(self, x, training=True):
        return torch.where(self.dropped(*x.shape), torch.zeros_like(x), x) if training else x

    def dropconnect(self, weight, training=True):
        if not training:
            return weight
        ones = [1] * (weight.dim() - 1)
        return weight.masked_fill(self.dropped(len(weight), *ones), 0) / (1 - self.chance)

    def drop_block(self, x, block_size, training=True):
        n, c, h, w = x.shape
        if block_size < 1 or block_size > h or block_size > w:
            raise ValueError("the block does not fit: " + str(block_size))
        if not training:
            return x
        mask = torch.ones_like(x)
        for place in self.dropped(n, c, h - block_size + 1, w - block_size + 1).nonzero().tolist():
            a, b, i, j = place
            mask[a, b, i : i + block_size, j : j + block_size] = 0
        if not mask.any():
            return mask * x
        return x * mask / mask.mean()


# %% solution="dropout_variants" style="a keep probability" holds=["divides by the chance to be dropped", "refuses a drop_prob of zero", "gives the mask instead of the weight"]
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        nn.Module.__init__(self)
        if not (drop_prob > 0 and drop_prob < 1):
            raise ValueError(drop_prob)
        self.keep = 1 - drop_prob
        self.generator = generator

    def mask(self, like):
        return (torch.rand(like.size(), generator=self.generator) < self.keep).type(like.dtype)

    def standard_dropout(self, x, training=True):
        if training:
            return self.mask(x) * x / (1 - self.keep)
        return x

    def dropconnect(self, weight, training=True):
        if training:
            return self.mask(weight) / self.keep
        return weight

    def drop_block(self, x, block_size, training=True):
        rows, columns = x.size(2), x.size(3)
        if block_size not in range(1, min(rows, columns) + 1):
            raise ValueError(block_size)
        if not training:
            return x
        places = (rows - block_size + 1) * (columns - block_size + 1)
        gamma = (1 - self.keep) * rows * columns / (places * block_size * block_size)
        size = (x.size(0), x.size(1), rows - block_size + 1, columns - block_size + 1)
        hit = (torch.rand(size, generator=self.generator) < gamma).type(x.dtype)
        kernel = torch.ones(1, 1, block_size, block_size, dtype=x.dtype)
        covered = F.conv_transpose2d(hit.flatten(0, 1)[:, None], kernel).reshape(x.shape)
        left = (covered < 0.5).type(x.dtype)
        return x * left * (left.numel() / max(float(left.sum()), 1.0))


# %% solution="monte_carlo_predict" style="running sums" holds=["divides by the number of passes", "leaves the model in eval mode"]
def monte_carlo_predict(model, x, num_samples):
    if num_samples < 2:
        raise ValueError("a spread needs two passes, num_samples is too small")
    model.eval()
    layers = [m for m in model.modules() if type(m).__name__ in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d")]
    for layer in layers:
        layer.train()
    with torch.no_grad():
        outputs = [model(x) for _ in range(num_samples)]
    model.eval()
    mean = sum(outputs) / num_samples
    return mean, (sum((output - mean) ** 2 for output in outputs) / num_samples).sqrt()


# %% solution="monte_carlo_predict" style="numpy at the end" holds=["takes one pass for enough", "gives the variance of the passes"]
def monte_carlo_predict(model, x, num_samples):
    if num_samples <= 0:
        raise ValueError("num_samples leaves no passes")
    kinds = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
    modes = [(m, m.training) for m in model.modules()]
    for m, _ in modes:
        m.training = isinstance(m, kinds)
    passes = torch.stack([model(x).detach() for _ in range(num_samples)])
    for m, mode in modes:
        m.training = mode
    mean = passes.mean(0)
    return mean, (passes - mean).square().sum(0) / (num_samples - 1)
