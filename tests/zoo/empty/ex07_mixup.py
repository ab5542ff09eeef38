# %% [markdown]
# An answer to ex07 without content: it refuses what is wrong and mixes nothing.

# %% solution="mixup_data"
def mixup_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha should not be negative, got {alpha}")
    return x.clone(), y, y.clone(), 1.0


# %% solution="mixup_criterion"
def mixup_criterion(criterion, predictions, y_a, y_b, lam):
    return criterion(predictions, y_a)


# %% solution="soft_targets"
def soft_targets(y_a, y_b, lam, num_classes):
    for labels in (y_a, y_b):
        if len(labels) and (labels.min() < 0 or labels.max() >= num_classes):
            raise ValueError(f"labels should be from 0 to {num_classes - 1}, got {labels.tolist()}")
    return torch.full((len(y_a), num_classes), 1 / num_classes)


# %% solution="random_box"
def random_box(height, width, lam, rng):
    return 0, height, 0, width


# %% solution="cutmix_data"
def cutmix_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha should not be negative, got {alpha}")
    return x.clone(), y, y.clone(), 1.0
