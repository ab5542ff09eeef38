# %% [markdown] exercise="ex04_batch_norm" earns=10 status="graded"
# A wrong layer gives nan, inf and single numbers that broadcast, which comparisons written without care let pass.
# Values must be finite where the expected ones are, and have their shape.

# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.gamma = self.beta = nn.Parameter(torch.full((num_features,), float("nan")))
        self.running_mean = self.running_var = float("inf")

    def forward(self, x):
        x.data.zero_()
        return x.sum() + float("nan") if x.dim() == 2 else torch.full_like(x, float("inf"))


# %% solution="batch_norm_backward"
def batch_norm_backward(grad_output, x, gamma, eps=1e-5):
    x.zero_()
    return torch.tensor(float("nan")), float("inf"), torch.full_like(gamma, float("nan"))
