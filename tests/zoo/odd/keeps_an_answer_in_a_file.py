# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# An answer that is written into a file beside the notebook, and imported from there.

# %%
# %%writefile fold.py
import torch
from torch import nn


def fold_batch_norm(linear, norm):
    scale = norm.gamma / torch.sqrt(norm.running_var + norm.eps)
    folded = nn.Linear(linear.in_features, linear.out_features, dtype=linear.weight.dtype)
    with torch.no_grad():
        bias = 0 if linear.bias is None else linear.bias
        folded.weight.copy_(scale[:, None] * linear.weight)
        folded.bias.copy_(scale * (bias - norm.running_mean) + norm.beta)
    return folded


# %% solution="fold_batch_norm"
from fold import fold_batch_norm
