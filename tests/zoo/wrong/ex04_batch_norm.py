# %% [markdown]
# Wrong answers to ex04, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="custom_batch_norm" style="channels first" holds=["keeps the biased variance", "adds eps outside the square root in training", "says nothing of x in its error"]
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma = nn.Parameter(torch.full((num_features,), 1.0))
        self.beta = nn.Parameter(torch.full((num_features,), 0.0))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        rows = x.transpose(0, 1).flatten(1)
        if self.training:
            if rows.shape[1] == 1:
                raise ValueError("one value has no variance")
            center = rows.mean(1)
            spread = ((rows - center[:, None]) ** 2).mean(1)
            for old, new in [(self.running_mean, center), (self.running_var, spread)]:
                old.copy_(old * (1 - self.momentum) + self.momentum * new.detach())
            below = spread.sqrt() + self.eps
        else:
            center, below = self.running_mean, (self.running_var + self.eps).sqrt()
        y = (rows - center[:, None]) / below[:, None] * self.gamma[:, None] + self.beta[:, None]
        return y.unflatten(1, [x.shape[0], *x.shape[2:]]).transpose(0, 1)


# %% solution="custom_batch_norm" style="moved axes" holds=["keeps the last batch instead of an average", "starts the running variance at zero", "leaves eps out at inference"]
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.zeros(num_features))

    def forward(self, x):
        last = x.movedim(1, -1)
        flat = last.reshape(-1, self.num_features)
        if not self.training:
            return (self.gamma * (last - self.running_mean) * self.running_var.rsqrt() + self.beta).movedim(-1, 1)
        if len(flat) < 2:
            raise ValueError("x needs more than one value a channel")
        mean, var = flat.mean(0), flat.var(0, correction=0)
        self.running_mean.copy_(mean.detach())
        self.running_var.copy_(var.detach() * len(flat) / (len(flat) - 1))
        return (self.gamma * (last - mean) * (var + self.eps).rsqrt() + self.beta).movedim(-1, 1)


# %% solution="batch_norm_backward" style="the paper's chain rule" holds=["forgets gamma in grad_x", "returns grad_beta before grad_gamma"]
def batch_norm_backward(grad_output, x, gamma, eps=1e-5):
    n = len(x)
    centered = x - x.sum(0) / n
    inverse = (centered.pow(2).sum(0) / n + eps).pow(-0.5)
    to_variance = (grad_output * centered).sum(0) * -0.5 * inverse**3
    to_mean = -(grad_output * inverse).sum(0)
    grad_x = grad_output * inverse + to_variance * 2 * centered / n + to_mean / n
    return grad_x, grad_output.sum(0), (grad_output * centered * inverse).sum(0)


# %% solution="batch_norm_backward" style="the n in front" holds=["forgets the way through the mean"]
def batch_norm_backward(grad_output, x, gamma, eps=1e-5):
    n = x.shape[0]
    std = ((x - x.mean(0)).square().mean(0) + eps).sqrt()
    normal = (x - x.mean(0)) / std
    d_gamma = torch.einsum("nc,nc->c", grad_output, normal)
    d_beta = torch.einsum("nc->c", grad_output)
    d_x = gamma / (n * std) * (n * grad_output - normal * d_gamma)
    return d_x, d_gamma, d_beta


# %% solution="fold_batch_norm" style="ratios" holds=["drops the bias of the linear layer"]
def fold_batch_norm(linear, batch_norm):
    ratio = batch_norm.gamma.detach() * (batch_norm.running_var + batch_norm.eps).rsqrt()
    result = nn.Linear(linear.weight.shape[1], linear.weight.shape[0]).to(linear.weight.dtype)
    result.weight.data = (linear.weight.detach().T * ratio).T.contiguous()
    result.bias.data = batch_norm.beta.detach() - batch_norm.running_mean * ratio
    return result
