# %% [markdown]
# An answer to ex05 without content: it refuses what is wrong and returns what has the right form.

# %% solution="layer_norm"
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise ValueError(f"normalized_shape {shape} is not the tail of x's shape {tuple(x.shape)}")
    return x.clone()


# %% solution="instance_norm"
def instance_norm(x, weight=None, bias=None, eps=1e-5):
    if x.dim() < 3:
        raise ValueError(f"x should have spatial dimensions, got shape {tuple(x.shape)}")
    return x.clone()


# %% solution="group_norm"
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    if num_groups < 1 or x.shape[1] % num_groups:
        raise ValueError(f"num_groups {num_groups} does not divide the {x.shape[1]} channels of x")
    return x.clone()


# %% solution="compare_normalizations"
def compare_normalizations(x, num_groups=4):
    if x.shape[1] % num_groups:
        raise ValueError(f"num_groups {num_groups} does not divide the {x.shape[1]} channels of x")
    row = {"mean": 0.0, "std": 1.0, "shape": tuple(x.shape), "num_statistics": 1, "depends_on_batch": False}
    return pd.DataFrame([row] * 4, index=["BatchNorm", "LayerNorm", "InstanceNorm", "GroupNorm"])


# %% solution="recommend_normalization"
def recommend_normalization(architecture, batch_size):
    known = ("rnn", "transformer", "style_transfer", "gan", "detection", "segmentation", "cnn")
    if architecture not in known:
        raise ValueError(f"unknown architecture: {architecture!r}")
    if batch_size < 1:
        raise ValueError(f"batch_size should be 1 or more, got {batch_size}")
    return "batch"


# %% solution="ada_norm"
def ada_norm(x, k=0.1, c=1.0, eps=1e-5):
    return x.clone()


# %% solution="cross_norm"
def cross_norm(x, permutation, eps=1e-5):
    if len(permutation) != len(x):
        raise ValueError(f"permutation should have {len(x)} entries, got {len(permutation)}")
    return x.clone()
