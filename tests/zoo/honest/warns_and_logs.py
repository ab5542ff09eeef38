# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Not an attack: right answers from a student who warns on stderr, logs, prints, tries out a command that there is not
# and leaves a broken scratch cell behind. None of it is wrong, so none of it costs a point.

# %%
# !nvidia-smi

# %%
# %no_such_magic

# %% solution="custom_batch_norm"
import logging
import sys
import warnings

warnings.simplefilter("always")


class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        warnings.warn("CustomBatchNorm is experimental", DeprecationWarning, stacklevel=2)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        print("x", tuple(x.shape), file=sys.stderr)
        logging.getLogger().warning("mean %s", x.mean().item())
        dims, shape = [0, *range(2, x.dim())], [1, -1] + [1] * (x.dim() - 2)
        mean, var = self.running_mean.view(shape), self.running_var.view(shape)
        if self.training:
            if x.numel() // x.shape[1] < 2:
                raise ValueError(f"x has a single value per channel: {tuple(x.shape)}")
            var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
            self.running_mean.lerp_(x.detach().mean(dims), self.momentum)
            self.running_var.lerp_(x.detach().var(dims), self.momentum)
        return (x - mean) / torch.sqrt(var + self.eps) * self.gamma.view(shape) + self.beta.view(shape)


# %%
layer = CustomBatchNorm(3)
print(layer(torch.randn(4, 3)))
print(scratch + 1)
