# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# A student who looks at everything: a hundred lines from each use of the layer, in cells and while it is probed.

# %% solution="fold_batch_norm"
def fold_batch_norm(linear, norm):
    for number in range(100):
        print("channel", number, norm.running_mean.sum().item())
    scale = norm.gamma / torch.sqrt(norm.running_var + norm.eps)
    folded = nn.Linear(linear.in_features, linear.out_features, dtype=linear.weight.dtype)
    with torch.no_grad():
        bias = 0 if linear.bias is None else linear.bias
        folded.weight.copy_(scale[:, None] * linear.weight)
        folded.bias.copy_(scale * (bias - norm.running_mean) + norm.beta)
    return folded


# %%
for number in range(100):
    print("line", number)
