# %% [markdown]
# Wrong answers to ex07, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="mixup_criterion" style="lerp" holds=["exchanges the weights of the losses"]
def mixup_criterion(criterion, predictions, y_a, y_b, lam):
    first, second = (criterion(predictions, labels) for labels in (y_a, y_b))
    return first + lam * (second - first)


# %% solution="soft_targets" style="rows of the identity" holds=["counts the classes from one", "gives lam to the second label"]
def soft_targets(y_a, y_b, lam, num_classes):
    for labels in (y_a, y_b):
        if labels.min() < 0 or labels.max() > num_classes:
            raise ValueError("unknown class")
    identity = torch.eye(num_classes)
    return torch.lerp(identity[y_a], identity[y_b], lam)


# %% solution="soft_targets" style="a loop that assigns" holds=["overwrites the first share with the second"]
def soft_targets(y_a, y_b, lam, num_classes):
    if not all(0 <= label < num_classes for label in y_a.tolist() + y_b.tolist()):
        raise ValueError("a label is none of the classes")
    table = torch.zeros(len(y_a), num_classes)
    for row, (a, b) in enumerate(zip(y_a.tolist(), y_b.tolist())):
        table[row, a] = lam
        table[row, b] = 1 - lam
    return table


# %% solution="mixup_data" style="numpy indices" holds=["exchanges the two labels", "accepts a negative alpha as no mixing"]
def mixup_data(x, y, alpha=1.0, rng=None):
    if rng is None:
        rng = np.random.default_rng()
    lam = 1.0
    if alpha > 0:
        lam = float(rng.beta(alpha, alpha))
    partner = rng.permutation(x.shape[0]).tolist()
    return torch.lerp(x[partner], x, lam), y[partner], y, lam


# %% solution="random_box" style="clipped edges" holds=["takes the share of the area for that of the sides"]
def random_box(height, width, lam, rng):
    edges = []
    for size in (height, width):
        middle = rng.random() * size
        reach = (1 - lam) * size / 2
        low, high = np.clip([round(middle - reach), round(middle + reach)], 0, size)
        edges += [int(low), int(high)]
    return tuple(edges)
