# %% [markdown]
# An answer to ex04 without content: it refuses what is wrong and returns what has the right form.

# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        if x.dim() < 2 or x.shape[1] != self.num_features:
            raise ValueError(f"x should have {self.num_features} channels, got shape {tuple(x.shape)}")
        if self.training and x.numel() == x.shape[1]:
            raise ValueError(f"x should have more than one value per channel, got shape {tuple(x.shape)}")
        return x


# %% solution="batch_norm_backward"
def batch_norm_backward(grad_output, x, gamma, eps=1e-5):
    return torch.zeros_like(x), torch.zeros_like(gamma), torch.zeros_like(gamma)


# %% solution="fold_batch_norm"
def fold_batch_norm(linear, batch_norm):
    return nn.Linear(linear.in_features, linear.out_features, dtype=linear.weight.dtype)
