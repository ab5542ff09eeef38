# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# A right answer whose cell begins with commands, as notebooks for Colab do. None is run, and none is needed.

# %% solution="fold_batch_norm"
# !nvidia-smi
# %pip install -q torchinfo
# files = !ls
# %ls
# %cd .
# !! ls
if True:
    # !mkdir -p data
    pass


def fold_batch_norm(linear, norm):
    scale = norm.gamma / torch.sqrt(norm.running_var + norm.eps)
    folded = nn.Linear(linear.in_features, linear.out_features, dtype=linear.weight.dtype)
    with torch.no_grad():
        bias = 0 if linear.bias is None else linear.bias
        folded.weight.copy_(scale[:, None] * linear.weight)
        folded.bias.copy_(scale * (bias - norm.running_mean) + norm.beta)
    return folded
