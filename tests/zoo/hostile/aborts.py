# %% [markdown] exercise="ex04_batch_norm" earns=85 status="crashed"
# A right layer whose inference ends the process by `abort`, which no handler of Python's sees.
# That costs inference its points; training, the statistics and the other tasks are heard in fresh processes.

# %% solution="custom_batch_norm"
import os


class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        if not self.training:
            os.abort()
        dims, shape = [0, *range(2, x.dim())], [1, -1] + [1] * (x.dim() - 2)
        if x.numel() // x.shape[1] < 2:
            raise ValueError(f"x has a single value per channel: {tuple(x.shape)}")
        with torch.no_grad():
            self.running_mean.lerp_(x.mean(dims), self.momentum)
            self.running_var.lerp_(x.var(dims), self.momentum)
        var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(var + self.eps) * self.gamma.view(shape) + self.beta.view(shape)
