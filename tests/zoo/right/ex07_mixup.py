# %% [markdown]
# Right answers to ex07, written in other ways. Every style keeps full marks.

# %% solution="mixup_data" style="a beginner's loops"
def mixup_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError("alpha is negative: " + str(alpha))
    if rng is None:
        rng = np.random.default_rng()
    if alpha == 0:
        lam = 1.0
    else:
        lam = float(rng.beta(alpha, alpha))
    order = list(range(len(x)))
    rng.shuffle(order)
    mixed = []
    y_b = []
    for i in range(len(x)):
        j = order[i]
        mixed.append(lam * x[i] + (1 - lam) * x[j])
        y_b.append(y[j])
    return torch.stack(mixed), y.clone(), torch.stack(y_b), lam


# %% solution="mixup_criterion" style="a beginner's loops"
def mixup_criterion(criterion, predictions, y_a, y_b, lam):
    loss_a = criterion(predictions, y_a)
    loss_b = criterion(predictions, y_b)
    loss = loss_a * lam
    loss = loss + loss_b * (1.0 - lam)
    return loss


# %% solution="soft_targets" style="a beginner's loops"
def soft_targets(y_a, y_b, lam, num_classes):
    targets = torch.zeros(len(y_a), num_classes)
    for i in range(len(y_a)):
        a = int(y_a[i])
        b = int(y_b[i])
        for label in (a, b):
            if label < 0 or label >= num_classes:
                raise ValueError("label " + str(label) + " does not fit num_classes " + str(num_classes))
        targets[i, a] += lam
        targets[i, b] += 1 - lam
    return targets


# %% solution="random_box" style="a beginner's loops"
def random_box(height, width, lam, rng):
    cut_height = int(height * (1 - lam) ** 0.5)
    cut_width = int(width * (1 - lam) ** 0.5)
    center_y = rng.integers(height)
    center_x = rng.integers(width)
    top = center_y - cut_height // 2
    bottom = center_y + cut_height // 2
    left = center_x - cut_width // 2
    right = center_x + cut_width // 2
    if top < 0:
        top = 0
    if bottom > height:
        bottom = height
    if left < 0:
        left = 0
    if right > width:
        right = width
    return top, bottom, left, right


# %% solution="cutmix_data" style="a beginner's loops"
def cutmix_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError("alpha is negative: " + str(alpha))
    if rng is None:
        rng = np.random.default_rng()
    order = rng.permutation(len(x)).tolist()
    lam = 1.0
    if alpha > 0:
        lam = rng.beta(alpha, alpha)
    height, width = x.shape[2], x.shape[3]
    top, bottom, left, right = random_box(height, width, lam, rng)
    mixed = torch.zeros_like(x)
    y_b = torch.zeros_like(y)
    for i in range(len(x)):
        mixed[i] = x[i]
        mixed[i, :, top:bottom, left:right] = x[order[i], :, top:bottom, left:right]
        y_b[i] = y[order[i]]
    pixels = 0
    for row in range(height):
        for column in range(width):
            if not (top <= row < bottom and left <= column < right):
                pixels += 1
    return mixed, y, y_b, pixels / (height * width)


# %% solution="mixup_data" style="in numpy, order drawn first"
def mixup_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha={alpha!r} is negative")
    rng = np.random.default_rng() if rng is None else rng
    index = np.argsort(rng.random(len(x)))
    lam = np.float64(1.0) if alpha == 0 else np.float64(rng.beta(alpha, alpha))
    images = x.detach().cpu().numpy()
    mixed = (lam * images + (1 - lam) * images[index]).astype(images.dtype)
    return torch.from_numpy(mixed), y, torch.from_numpy(y.numpy()[index]), lam


# %% solution="mixup_criterion" style="in numpy, order drawn first"
def mixup_criterion(criterion, predictions, y_a, y_b, lam):
    return sum(weight * criterion(predictions, y) for weight, y in zip((lam, 1 - lam), (y_a, y_b), strict=True))


# %% solution="soft_targets" style="in numpy, order drawn first"
def soft_targets(y_a, y_b, lam, num_classes):
    labels = np.stack([y_a.numpy(), y_b.numpy()])
    if labels.size and (labels.min() < 0 or labels.max() > num_classes - 1):
        raise ValueError(f"labels {labels.min()} to {labels.max()} are not all in range({num_classes})")
    targets = np.zeros((len(y_a), num_classes))
    np.add.at(targets, (np.arange(len(y_a)), labels[0]), lam)
    np.add.at(targets, (np.arange(len(y_a)), labels[1]), 1 - lam)
    return torch.from_numpy(targets)


# %% solution="random_box" style="in numpy, order drawn first"
def random_box(height, width, lam, rng):
    size = np.array([height, width])
    center = rng.random(2) * size
    half = 0.5 * np.sqrt(1 - lam) * size
    edges = np.stack([center - half, center + half], axis=1)
    return tuple(np.clip(np.rint(edges), 0, size[:, None]).astype(int).ravel().tolist())


# %% solution="cutmix_data" style="in numpy, order drawn first"
def cutmix_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha={alpha!r} is negative")
    rng = np.random.default_rng(rng)
    index = rng.choice(len(x), size=len(x), replace=False)
    lam = 1.0 if alpha == 0 else rng.beta(alpha, alpha)
    images = x.numpy()
    height, width = images.shape[2:]
    top, bottom, left, right = random_box(height, width, lam, rng)
    rows, columns = np.arange(height), np.arange(width)
    box = np.outer((rows >= top) & (rows < bottom), (columns >= left) & (columns < right))
    mixed = np.where(box, images[index], images)
    return torch.from_numpy(mixed), y, y[index], float(1 - box.mean())


# %% solution="mixup_data" style="lerp and einsum"
def mixup_data(x, y, alpha=1.0, rng=None):
    match alpha:
        case a if a < 0:
            raise ValueError(f"alpha: {alpha} < 0")
        case 0:
            lam = 1.0
        case _:
            lam = (rng := np.random.default_rng(rng)).beta(alpha, alpha)
    rng = np.random.default_rng(rng)
    partners = torch.as_tensor(rng.permutation(x.size(0)), device=x.device)
    return torch.lerp(x.index_select(0, partners), x, lam), y, y.index_select(0, partners), lam


# %% solution="mixup_criterion" style="lerp and einsum"
def mixup_criterion(criterion, predictions, y_a, y_b, lam):
    return torch.lerp(criterion(predictions, y_b), criterion(predictions, y_a), lam)


# %% solution="soft_targets" style="lerp and einsum"
def soft_targets(y_a, y_b, lam, num_classes):
    both = torch.stack([y_a, y_b])
    if not torch.isin(both, torch.arange(num_classes, device=both.device)).all():
        raise ValueError(f"y_a or y_b has a label outside 0..{num_classes - 1}: {both.tolist()}")
    one_hot = torch.eye(num_classes, device=both.device)[both]
    return torch.einsum("l,lnc->nc", torch.tensor([lam, 1 - lam], device=both.device), one_hot)


# %% solution="random_box" style="lerp and einsum"
def random_box(height, width, lam, rng):
    def interval(length):
        side = round(math.sqrt(1 - lam) * length)
        start = int(rng.integers(length)) - side // 2
        return max(start, 0), min(start + side, length)

    return *interval(height), *interval(width)


# %% solution="cutmix_data" style="lerp and einsum"
def cutmix_data(x, y, alpha=1.0, rng=None):
    if not alpha >= 0:
        raise ValueError(f"alpha: {alpha} < 0")
    rng = np.random.default_rng(rng)
    lam = rng.beta(alpha, alpha) if alpha else 1.0
    height, width = x.shape[-2:]
    top, bottom, left, right = random_box(height, width, lam, rng)
    inside = torch.zeros(height, width, dtype=torch.bool, device=x.device)
    inside[top:bottom, left:right] = True
    partners = torch.as_tensor(rng.permutation(x.size(0)), device=x.device)
    kept = inside.logical_not().double().mean().item()
    return torch.where(inside, x[partners], x), y, y[partners], kept


# %% solution="mixup_data" style="one class for both"
class Mixer:
    """Draws what both ways to mix have in common."""

    def __init__(self, x, y, alpha, rng):
        if alpha < 0:
            raise ValueError(f"alpha must be at least 0 but is {alpha}")
        self.rng = rng if rng is not None else np.random.Generator(np.random.PCG64())
        self.lam = self.rng.beta(alpha, alpha) if alpha != 0 else 1.0
        self.order = torch.tensor(self.rng.permutation(x.shape[0]))
        self.x, self.y = x, y

    def blend(self):
        return self.lam * self.x + (1 - self.lam) * self.x[self.order, ...], self.lam

    def paste(self, box):
        (top, bottom, left, right), (height, width) = box, self.x.shape[2:]
        mixed = self.x.detach().clone()
        mixed[:, :, top:bottom, left:right] = self.x[self.order][:, :, top:bottom, left:right]
        return mixed, ((height * width) - (bottom - top) * (right - left)) / (height * width)

    def labels(self):
        return self.y, self.y[self.order]


def mixup_data(x, y, alpha=1.0, rng=None):
    mixer = Mixer(x, y, alpha, rng)
    mixed, lam = mixer.blend()
    return mixed, *mixer.labels(), lam


# %% solution="cutmix_data" style="one class for both"
class Paster:
    def __init__(self, alpha, rng):
        if alpha < 0:
            raise ValueError(f"alpha must be at least 0 but is {alpha}")
        self.alpha = alpha
        self.rng = rng if rng is not None else np.random.Generator(np.random.PCG64())

    def __call__(self, x, y):
        lam = self.rng.beta(self.alpha, self.alpha) if self.alpha != 0 else 1.0
        order = torch.tensor(self.rng.permutation(x.shape[0]))
        height, width = x.shape[2:]
        top, bottom, left, right = random_box(height, width, lam, self.rng)
        mixed = x.detach().clone()
        mixed[:, :, slice(top, bottom), slice(left, right)] = x[order][:, :, slice(top, bottom), slice(left, right)]
        kept = (height * width - (bottom - top) * (right - left)) / (height * width)
        return mixed, y, y[order], kept


def cutmix_data(x, y, alpha=1.0, rng=None):
    return Paster(alpha, rng)(x, y)


# %% solution="soft_targets" style="one class for both"
def soft_targets(y_a, y_b, lam, num_classes):
    targets = torch.zeros((y_a.shape[0], num_classes), dtype=torch.float64)
    for name, labels, share in (("y_a", y_a, lam), ("y_b", y_b, 1 - lam)):
        if any(not 0 <= label < num_classes for label in labels.tolist()):
            raise ValueError(f"{name}={labels.tolist()} has labels outside of {num_classes} classes")
        targets.scatter_add_(1, labels.long().unsqueeze(1), torch.full((len(labels), 1), share, dtype=torch.float64))
    return targets


# %% solution="mixup_data" style="beta by two gammas, seeds from rng"
def mixup_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha: expected 0 or more, got {alpha}")
    if rng is None:
        rng = np.random.default_rng()
    lam = 1.0
    if alpha > 0:
        a, b = rng.gamma(alpha, size=2)
        lam = float(a / (a + b))
    torch_rng = torch.Generator().manual_seed(int(rng.integers(2**62)))
    index = torch.randperm(x.shape[0], generator=torch_rng)
    return x.mul(lam).add(x[index], alpha=1 - lam), y, y[index], lam


# %% solution="random_box" style="beta by two gammas, seeds from rng"
def random_box(height, width, lam, rng):
    ratio = math.sqrt(1.0 - lam)
    h, w = math.ceil(ratio * height), math.ceil(ratio * width)
    y, x = rng.integers(0, [height, width])
    top, left = int(y) - h // 2, int(x) - w // 2
    rows = range(max(top, 0), min(top + h, height))
    columns = range(max(left, 0), min(left + w, width))
    return rows.start, rows.stop, columns.start, columns.stop


# %% solution="cutmix_data" style="beta by two gammas, seeds from rng"
def cutmix_data(x, y, alpha=1.0, rng=None):
    if alpha < 0:
        raise ValueError(f"alpha: expected 0 or more, got {alpha}")
    if rng is None:
        rng = np.random.default_rng()
    lam = 1.0
    if alpha > 0:  # log-space: tiny gammas may both underflow
        a, b = np.log(rng.random(2)) / alpha + np.log(rng.gamma(alpha + 1, size=2))
        lam = float(1 / (1 + np.exp(b - a)))
    torch_rng = torch.Generator().manual_seed(int(rng.integers(2**62)))
    index = torch.randperm(x.shape[0], generator=torch_rng)
    box = random_box(*x.shape[-2:], lam, rng)
    keep = torch.ones(x.shape[-2:], dtype=torch.bool)
    keep[box[0] : box[1], box[2] : box[3]] = False
    mixed = x * keep + x[index] * ~keep
    return mixed, y, y[index], keep.float().mean().item()


# %% solution="cutmix_data" style="its own box, without random_box"
def cutmix_data(x, y, alpha=1.0, rng=None):
    """Everything inline, as in many repositories: integer center, sides rounded down to even numbers."""
    if alpha < 0:
        raise ValueError(f"alpha = {alpha}")
    rng = rng or np.random.default_rng()
    lam = rng.beta(alpha, alpha) if alpha > 0 else 1.0
    index = torch.from_numpy(rng.permutation(x.size(0)))
    H, W = x.size(2), x.size(3)
    cut_h, cut_w = int(H * np.sqrt(1.0 - lam)), int(W * np.sqrt(1.0 - lam))
    cy, cx = rng.integers(H), rng.integers(W)
    y1, y2 = np.clip(cy - cut_h // 2, 0, H), np.clip(cy + cut_h // 2, 0, H)
    x1, x2 = np.clip(cx - cut_w // 2, 0, W), np.clip(cx + cut_w // 2, 0, W)
    mixed_x = x.clone()
    mixed_x[:, :, y1:y2, x1:x2] = x[index, :, y1:y2, x1:x2]
    return mixed_x, y, y[index], 1.0 - (y2 - y1) * (x2 - x1) / (H * W)


# %% solution="random_box" style="its own box, without random_box"
def random_box(height, width, lam, rng):
    """As many repositories have it, with numpy's integers."""
    cut_h, cut_w = int(height * np.sqrt(1.0 - lam)), int(width * np.sqrt(1.0 - lam))
    cy, cx = rng.integers(height), rng.integers(width)
    y1, y2 = np.clip(cy - cut_h // 2, 0, height), np.clip(cy + cut_h // 2, 0, height)
    x1, x2 = np.clip(cx - cut_w // 2, 0, width), np.clip(cx + cut_w // 2, 0, width)
    return [y1, y2, x1, x2]


# %% solution="mixup_data" style="its own box, without random_box"
def mixup_data(x, y, alpha=1.0, rng=None):
    """As many repositories have it."""
    if alpha < 0:
        raise ValueError(f"alpha = {alpha}")
    rng = rng or np.random.default_rng()
    if alpha > 0:
        lam = rng.beta(alpha, alpha)
    else:
        lam = 1.0
    index = rng.permutation(x.size()[0])
    mixed_x = lam * x + (1 - lam) * x[index]
    y_a, y_b = y, y[index]
    return mixed_x, y_a, y_b, lam
