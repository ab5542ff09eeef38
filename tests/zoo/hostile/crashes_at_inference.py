# %% [markdown] exercise="ex04_batch_norm" earns=85 status="crashed"
# A layer that is right in training mode and reads address 0 after eval(), so that the kernel kills the process.
# The crash must cost the points for inference and nothing else: what was right before it and after it stays right.

# %% solution="custom_batch_norm"
import ctypes


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
            return ctypes.string_at(0)
        dims, shape = [0, *range(2, x.dim())], [1, -1] + [1] * (x.dim() - 2)
        if x.numel() // x.shape[1] < 2:
            raise ValueError(f"x has a single value per channel: {tuple(x.shape)}")
        with torch.no_grad():
            self.running_mean.lerp_(x.mean(dims), self.momentum)
            self.running_var.lerp_(x.var(dims), self.momentum)
        var, mean = torch.var_mean(x, dims, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(var + self.eps) * self.gamma.view(shape) + self.beta.view(shape)
