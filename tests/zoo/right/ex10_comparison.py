# %% [markdown]
# Right answers to ex10, written in other ways. Every style keeps full marks.

# %% solution="standardize" style="lets scikit-learn and scipy do it"
def standardize(train, validation, test):
    scaler = StandardScaler().fit(train)
    return [scaler.transform(part) for part in (train, validation, test)]


# %% solution="summarize" style="lets scikit-learn and scipy do it"
def summarize(values, confidence=0.95):
    if len(values) < 2:
        raise ValueError(f"values: need two or more, have {len(values)}")
    result = stats.ttest_1samp(values, 0)
    interval = result.confidence_interval(confidence)
    return np.mean(values), interval.low, interval.high


# %% solution="paired_comparison" style="lets scikit-learn and scipy do it"
def paired_comparison(a, b, confidence=0.95):
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} values, b has {len(b)}")
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(confidence)
    return np.subtract(a, b).mean(), interval.low, interval.high, result.pvalue


# %% solution="holm" style="lets scikit-learn and scipy do it"
def holm(p_values):
    p = pd.Series(p_values, dtype=float)
    if not p.between(0, 1).all():
        raise ValueError(f"p_values outside [0, 1]: {p_values}")
    ranked = p.sort_values(kind="stable")
    return (ranked * range(len(p), 0, -1)).cummax().clip(upper=1).sort_index().to_numpy()


# %% solution="run_experiment" style="lets scikit-learn and scipy do it"
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


def run_experiment(config, seed, X, y):
    technique = config["technique"]
    if technique not in TECHNIQUES:
        raise ValueError(f"technique: {technique!r}")
    X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=0.6, random_state=seed)
    X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, train_size=0.5, random_state=seed)
    X_train, X_val, X_test = (torch.as_tensor(x).float() for x in standardize(X_train, X_val, X_test))
    y_train, y_val, y_test = (torch.as_tensor(y).long() for y in (y_train, y_val, y_test))
    state = torch.get_rng_state()
    try:
        torch.manual_seed(seed)
        count = 3 if technique == "Ensemble" else 1
        sizes = [X.shape[1], *config["hidden"], len(np.unique(y))]
        nets = nn.ModuleList(make_net(sizes, technique) for _ in range(count))
        optimizer = torch.optim.Adam(nets.parameters(), config["learning_rate"])
        one_left = len(X_train) % config["batch_size"] == 1
        loader = DataLoader(TensorDataset(X_train, y_train), config["batch_size"], shuffle=True, drop_last=one_left)

        def predict(x):
            nets.eval()
            with torch.inference_mode():
                return torch.stack([net(x).softmax(-1) for net in nets]).mean(0).argmax(-1)

        history = {"train_loss": [], "val_accuracy": [], "best_epoch": -1}
        best, waited = -1.0, 0
        for epoch in range(config["epochs"]):
            nets.train()
            total = []
            for xb, yb in loader:
                losses = [mixup_loss(n, xb, yb) if technique == "Mixup" else F.cross_entropy(n(xb), yb) for n in nets]
                optimizer.zero_grad()
                sum(losses).backward()
                optimizer.step()
                total.append(sum(losses).item() / count)
            history["train_loss"].append(float(np.mean(total)))
            history["val_accuracy"].append(float((predict(X_val) == y_val).float().mean()))
            waited += 1
            if history["val_accuracy"][-1] > best:
                best, waited = history["val_accuracy"][-1], 0
                history["best_epoch"] = epoch
                history["test_accuracy"] = float((predict(X_test) == y_test).float().mean())
            if technique == "Early Stopping" and waited == 5:
                break
        return history
    finally:
        torch.set_rng_state(state)


# %% solution="create_comparison_table" style="lets scikit-learn and scipy do it"
def create_comparison_table(results, baseline="Baseline"):
    if baseline not in results:
        raise ValueError(f"baseline {baseline!r} is not in {sorted(results)}")
    kinds = {
        "Initialization": ["Xavier Init", "He Init"],
        "Normalization": ["BatchNorm", "LayerNorm"],
        "Regularization": ["Dropout", "Early Stopping"],
        "Augmentation": ["Mixup"],
        "Ensemble": ["Ensemble"],
    }
    scores = pd.DataFrame(results)
    table = pd.DataFrame({"Technique": scores.columns})
    table["Type"] = [next((kind for kind, names in kinds.items() if name in names), "") for name in scores]
    table["Best For"], table["Key Benefit"] = "see the exercise", "see the exercise"
    table["Accuracy"] = scores.mean().to_numpy()
    half = scores.sem().to_numpy() * stats.t.ppf(0.975, len(scores) - 1)
    table["Low"], table["High"] = table["Accuracy"] - half, table["Accuracy"] + half
    table["Difference"] = table["Accuracy"] - scores[baseline].mean()
    p = np.array([stats.ttest_rel(scores[name], scores[baseline]).pvalue for name in scores if name != baseline])
    table.loc[(scores.columns != baseline), "p (Holm)"] = holm(p)
    return table


# %% solution="standardize" style="column by column, number by number"
def standardize(train, validation, test):
    results = [np.empty_like(train), np.empty_like(validation), np.empty_like(test)]
    for column in range(train.shape[1]):
        values = train[:, column]
        mean = sum(values) / len(values)
        std = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        if std <= 1e-12 * max(abs(values)):
            std = 1.0
        for part, result in zip((train, validation, test), results):
            for row in range(len(part)):
                result[row, column] = (part[row, column] - mean) / std
    return tuple(results)


# %% solution="summarize" style="column by column, number by number"
import statistics


def summarize(values, confidence=0.95):
    numbers = [float(value) for value in values]
    try:
        error = statistics.stdev(numbers) / len(numbers) ** 0.5
    except statistics.StatisticsError as problem:
        raise ValueError(f"values: {numbers}") from problem
    center = statistics.fmean(numbers)
    low, high = stats.t(len(numbers) - 1, center, error).interval(confidence)
    return center, low, high


# %% solution="paired_comparison" style="column by column, number by number"
def paired_comparison(a, b, confidence=0.95):
    try:
        differences = [float(x) - float(y) for x, y in zip(a, b, strict=True)]
    except ValueError as problem:
        raise ValueError("a and b have different lengths") from problem
    n = len(differences)
    mean = sum(differences) / n
    error = (sum((d - mean) ** 2 for d in differences) / (n - 1) / n) ** 0.5
    reach = -stats.t.isf((1 + confidence) / 2, n - 1) * error
    if error == 0:
        return mean, mean, mean, float(mean == 0)
    return mean, mean - reach, mean + reach, 2 * stats.t.cdf(-abs(mean / error), n - 1)


# %% solution="holm" style="column by column, number by number"
def holm(p_values):
    m = len(p_values)
    for p in p_values:
        if p < 0 or p > 1:
            raise ValueError(f"p_values holds {p}, which is not between 0 and 1")
    ranked = sorted(range(m), key=lambda i: p_values[i])
    answer = [0.0] * m
    highest = 0.0
    for rank, i in enumerate(ranked):
        highest = max(highest, (m - rank) * p_values[i])
        answer[i] = min(1.0, highest)
    return np.array(answer)


# %% solution="run_experiment" style="column by column, number by number"
class OneNet(nn.Module):
    """A net that makes everything itself, from one generator, and has its own dropout."""

    def __init__(self, sizes, technique, generator):
        super().__init__()
        self.technique, self.generator = technique, generator
        self.weights, self.biases, self.norms = nn.ParameterList(), nn.ParameterList(), nn.ModuleList()
        for i in range(len(sizes) - 1):
            n, m = sizes[i], sizes[i + 1]
            scale = {"He Init": (2 / n) ** 0.5, "Xavier Init": (2 / (n + m)) ** 0.5}.get(technique, (1 / n) ** 0.5)
            self.weights.append(nn.Parameter(torch.randn(n, m, generator=generator) * scale))
            self.biases.append(nn.Parameter(torch.zeros(m)))
            if technique == "BatchNorm":
                self.norms.append(nn.BatchNorm1d(m))
            elif technique == "LayerNorm":
                self.norms.append(nn.LayerNorm(m))
            else:
                self.norms.append(nn.Identity())

    def forward(self, x):
        last = len(self.weights) - 1
        for i in range(last + 1):
            x = x @ self.weights[i] + self.biases[i]
            if i < last:
                x = torch.relu(self.norms[i](x))
                if self.technique == "Dropout" and self.training:
                    x = x * (torch.rand(x.shape, generator=self.generator) > 0.3) / 0.7
        return x


def run_experiment(config, seed, X, y):
    technique = config["technique"]
    known = "Baseline/Xavier Init/He Init/BatchNorm/LayerNorm/Dropout/Mixup/Early Stopping/Ensemble".split("/")
    if technique not in known:
        raise ValueError("technique " + str(technique) + " is unknown")
    split = np.random.default_rng(seed)
    generator = torch.Generator()
    generator.manual_seed(seed)
    order = split.permutation(len(y))
    a, b = round(0.6 * len(y)), round(0.8 * len(y))
    train, val, test = order[:a], order[a:b], order[b:]
    x_train, x_val, x_test = standardize(X[train], X[val], X[test])
    x_train = torch.from_numpy(x_train).double().float()
    x_val = torch.from_numpy(x_val).float()
    x_test = torch.from_numpy(x_test).float()
    y_train, y_val, y_test = (torch.from_numpy(np.array(y[part], dtype=np.int64)) for part in (train, val, test))
    sizes = [X.shape[1]] + list(config["hidden"]) + [max(y) + 1]
    nets, optimizers = [], []
    for _ in range(3 if technique == "Ensemble" else 1):
        net = OneNet(sizes, technique, generator)
        nets.append(net)
        optimizers.append(torch.optim.Adam(net.parameters(), lr=config["learning_rate"]))

    def share_right(x, y):
        total = 0
        for net in nets:
            net.eval()
            with torch.no_grad():
                total = total + F.softmax(net(x), dim=1)
        for net in nets:
            net.train()
        return int((total.argmax(dim=1) == y).sum()) / len(y)

    losses, scores, best_epoch, kept = [], [], None, None
    for epoch in range(config["epochs"]):
        epoch_losses = []
        for net, optimizer in zip(nets, optimizers):
            shuffled = torch.randperm(len(x_train), generator=generator)
            for start in range(0, len(shuffled), config["batch_size"]):
                batch = shuffled[start : start + config["batch_size"]]
                if len(batch) == 1 and technique == "BatchNorm":
                    continue
                xb, yb = x_train[batch], y_train[batch]
                if technique == "Mixup":
                    lam = split.beta(0.4, 0.4)
                    partner = torch.from_numpy(split.permutation(len(batch)))
                    target = F.one_hot(yb, sizes[-1]).float()
                    target = lam * target + (1 - lam) * target[partner]
                    loss = F.cross_entropy(net(lam * xb + (1 - lam) * xb[partner]), target)
                else:
                    loss = F.cross_entropy(net(xb), yb)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                epoch_losses.append(loss.item())
        losses.append(sum(epoch_losses) / len(epoch_losses))
        scores.append(share_right(x_val, y_val))
        if best_epoch is None or scores[-1] > scores[best_epoch]:
            best_epoch = epoch
            kept = [{name: value.clone() for name, value in net.state_dict().items()} for net in nets]
        elif technique == "Early Stopping" and epoch == best_epoch + 5:
            break
    for net, state in zip(nets, kept):
        net.load_state_dict(state)
    return dict(
        train_loss=losses, val_accuracy=scores, best_epoch=best_epoch, test_accuracy=share_right(x_test, y_test)
    )


# %% solution="create_comparison_table" style="column by column, number by number"
def create_comparison_table(results, baseline="Baseline"):
    if baseline not in list(results.keys()):
        raise ValueError("there is no technique called " + repr(baseline))
    descriptions = [
        ["Xavier Init", "Initialization", "tanh", "stable variance"],
        ["He Init", "Initialization", "ReLU", "stable variance"],
        ["BatchNorm", "Normalization", "vision", "faster training"],
        ["LayerNorm", "Normalization", "text", "no batch needed"],
        ["Dropout", "Regularization", "big layers", "less co-adaptation"],
        ["Mixup", "Augmentation", "images", "smoother boundaries"],
        ["Early Stopping", "Regularization", "anything", "cheap"],
        ["Ensemble", "Ensemble", "competitions", "less variance"],
    ]
    p_values = []
    for name in results:
        if name != baseline:
            d, low, high, p = paired_comparison(results[name], results[baseline])
            p_values.append(p)
    p_values = list(holm(p_values))
    table = {}
    for column in "Technique,Type,Best For,Key Benefit,Accuracy,Low,High,Difference,p (Holm)".split(","):
        table[column] = []
    for name in results:
        description = [name, "Baseline", "comparison", "plain"]
        for candidate in descriptions:
            if candidate[0] == name:
                description = candidate
        mean, low, high = summarize(results[name])
        table["Technique"].append(name)
        table["Type"].append(description[1])
        table["Best For"].append(description[2])
        table["Key Benefit"].append(description[3])
        table["Accuracy"].append(mean)
        table["Low"].append(low)
        table["High"].append(high)
        if name == baseline:
            table["Difference"].append(0)
            table["p (Holm)"].append(None)
        else:
            table["Difference"].append(mean - summarize(results[baseline])[0])
            table["p (Holm)"].append(p_values.pop(0))
    frame = pd.DataFrame(table)
    frame["p (Holm)"] = frame["p (Holm)"].astype(float)
    return frame


# %% solution="standardize" style="masks and in-place steps on copies"
def standardize(train, validation, test):
    center = np.mean(train, axis=0, keepdims=True)
    spread = np.sqrt(np.mean((train - center) ** 2, axis=0, keepdims=True))
    spread[spread <= 1e-12 * np.max(np.abs(train), axis=0, keepdims=True)] = 1
    parts = [part.copy() for part in (train, validation, test)]
    for part in parts:
        part -= center
        part /= spread
    return parts


# %% solution="holm" style="masks and in-place steps on copies"
def holm(p_values):
    p = np.asarray(p_values, dtype=np.float64)
    if p.size and (p.min() < 0 or p.max() > 1):
        raise ValueError(f"p_values: {p}")
    stopped = np.where(p[None, :] <= p[:, None], (p[None, :] <= p[:, None]) * p[None, :], 0)
    remaining = (p[:, None] <= p[None, :]).sum(1)  # how many are at least as large
    return np.minimum(1, (stopped * remaining[None, :]).max(1))


# %% solution="summarize" style="masks and in-place steps on copies"
def summarize(values, confidence=0.95):
    sample = torch.as_tensor(np.asarray(values, dtype=float))
    if sample.numel() <= 1:
        raise ValueError(f"values has {sample.numel()} entries, two are needed")
    n = sample.numel()
    tail = (1 - confidence) / 2
    reach = float(stats.t.isf(tail, df=n - 1) * sample.std() / n**0.5)
    return sample.mean().item(), sample.mean().item() - reach, sample.mean().item() + reach


# %% solution="paired_comparison" style="masks and in-place steps on copies"
def paired_comparison(a, b, confidence=0.95):
    a, b = map(np.array, (a, b))
    if a.shape != b.shape:
        raise ValueError(f"a and b differ in shape: {a.shape}, {b.shape}")
    mean, low, high = summarize(a - b, confidence)
    # p is one minus the confidence at which the interval touches 0
    t = mean / (np.std(a - b, ddof=1) / np.sqrt(len(a)))
    return mean, low, high, 1 - (stats.t.cdf(abs(t), len(a) - 1) - stats.t.cdf(-abs(t), len(a) - 1))


# %% solution="run_experiment" style="everything in small functions"
def _check(technique):
    if technique not in TECHNIQUES:
        raise ValueError(f"no technique is called {technique}")


def _fit_one_epoch(net, optimizer, x, y, batch_size, loss_of):
    net.train()
    order = torch.randperm(len(x))
    starts = list(range(0, len(x), batch_size))
    if len(x) - starts[-1] == 1 and len(starts) > 1:
        starts.pop()  # the last batch takes the lonely row along
    ends = [*starts[1:], len(x)]
    losses = []
    for start, end in zip(starts, ends, strict=True):
        rows = order[start:end]
        optimizer.zero_grad(set_to_none=False)
        loss = loss_of(net, x[rows], y[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()


def _plain_loss(net, x, y):
    return nn.CrossEntropyLoss()(net(x), y)


@torch.no_grad()
def _accuracy(nets, x, y):
    outputs = []
    for net in nets:
        mode = net.training
        net.eval()
        outputs.append(torch.softmax(net(x), -1))
        net.train(mode)
    return float(np.mean(torch.stack(outputs).mean(0).argmax(-1).numpy() == y.numpy()))


def _train(config, x, y, sizes):
    technique = config["technique"]
    nets = [make_net(sizes, technique) for _ in range({"Ensemble": 3}.get(technique, 1))]
    optimizers = [torch.optim.Adam([*net.parameters()], lr=config["learning_rate"]) for net in nets]
    loss_of = mixup_loss if technique == "Mixup" else _plain_loss
    history = []
    for _ in range(config["epochs"]):
        losses = [
            _fit_one_epoch(net, optimizer, *x[0], config["batch_size"], loss_of)
            for net, optimizer in zip(nets, optimizers, strict=True)
        ]
        history.append((np.mean(losses).item(), _accuracy(nets, *x[1]), _accuracy(nets, *x[2])))
        best = int(np.argmax([validation for _, validation, _ in history]))
        if technique == "Early Stopping" and len(history) - best > 5:
            return history, best
    return history, best


def run_experiment(config, seed, X, y):
    _check(config["technique"])
    # The seed of the nets is drawn from the generator that has drawn the split.
    rng = np.random.default_rng([seed, 10])
    parts = np.array_split(rng.permutation(len(y)), 5)
    parts = [np.concatenate(parts[:3]), parts[3], parts[4]]
    scaled_parts = standardize(*[X[part] for part in parts])
    sets = [(torch.tensor(x).to(torch.float32), torch.tensor(y[part])) for x, part in zip(scaled_parts, parts)]
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        history, best = _train(config, sets, y, [X.shape[1], *config["hidden"], int(np.max(y)) + 1])
    losses, validation, test = map(list, zip(*history))
    return {"train_loss": losses, "val_accuracy": validation, "best_epoch": best, "test_accuracy": test[best]}


# %% solution="create_comparison_table" style="everything in small functions"
_TYPES = dict(
    zip(
        ["Xavier Init", "He Init", "BatchNorm", "LayerNorm", "Dropout", "Mixup", "Early Stopping", "Ensemble"],
        "Initialization Initialization Normalization Normalization Regularization Augmentation Regularization "
        "Ensemble".split(),
    )
)


def _row(name, values, reference):
    mean, low, high = summarize(values, confidence=0.95)
    return {
        "Technique": name,
        "Type": _TYPES.get(name, "-"),
        "Best For": f"what {name} is for",
        "Key Benefit": f"what {name} does",
        "Accuracy": mean,
        "Low": low,
        "High": high,
        "Difference": np.mean(values) - np.mean(reference),
    }


def create_comparison_table(results, baseline="Baseline"):
    try:
        reference = results[baseline]
    except KeyError:
        raise ValueError(f"baseline: {baseline!r}") from None
    table = pd.DataFrame.from_records([_row(*pair, reference) for pair in results.items()])
    table["p (Holm)"] = np.nan
    compared = table["Technique"] != baseline
    table.loc[compared, "p (Holm)"] = holm(
        [paired_comparison(results[name], reference)[-1] for name in table["Technique"][compared]]
    )
    return table


# %% solution="standardize" style="a functional one-liner or two"
def standardize(*parts):
    mean, std = parts[0].mean(axis=0), parts[0].std(axis=0)
    flat = np.isclose(std, 0, rtol=0, atol=1e-12 * np.abs(parts[0]).max(axis=0))
    return tuple(map(lambda part: np.divide(part - mean, std, out=part - mean, where=~flat), parts))


# %% solution="holm" style="a functional one-liner or two"
from itertools import accumulate


def holm(p_values):
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError(f"p_values: {list(p_values)}")
    ranked = sorted(enumerate(p_values), key=lambda pair: pair[1])
    steps = accumulate(((len(ranked) - i) * p for i, (_, p) in enumerate(ranked)), max)
    return np.array([value for _, value in sorted((index, min(1.0, s)) for (index, _), s in zip(ranked, steps))])


# %% solution="paired_comparison" style="a functional one-liner or two"
paired_comparison = lambda a, b, confidence=0.95: (  # noqa: E731
    (lambda r, i: (float(r._estimate), float(i.low), float(i.high), float(r.pvalue)))(
        stats.ttest_rel(*zip(*zip(a, b, strict=True))),
        stats.ttest_rel(*zip(*zip(a, b, strict=True))).confidence_interval(confidence),
    )
)


# %% solution="run_experiment" style="test rows first, one while loop"
def run_experiment(config, seed, X, y):
    if config["technique"] not in set(TECHNIQUES):
        raise ValueError(f"{config['technique']!r} is no technique")
    before = torch.random.get_rng_state()
    rng = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(X), generator=rng).tolist()
    cut = len(X) // 5
    rows = {"test": order[:cut], "val": order[cut : 2 * cut], "train": order[2 * cut :]}
    scaled = dict(zip(["train", "val", "test"], standardize(X[rows["train"]], X[rows["val"]], X[rows["test"]])))
    x = {part: torch.from_numpy(values.astype("float32")) for part, values in scaled.items()}
    t = {part: torch.from_numpy(y[rows[part]].astype("int64")) for part in rows}
    torch.manual_seed(seed + 1)
    members = 1 + 2 * (config["technique"] == "Ensemble")
    sizes = (X.shape[1], *config["hidden"], y.max().item() + 1)
    nets = [make_net(sizes, config["technique"]) for _ in range(members)]
    adam = [torch.optim.Adam(net.parameters(), lr=config["learning_rate"]) for net in nets]
    probabilities = lambda nets, x: torch.mean(torch.stack([n.eval()(x).softmax(1) for n in nets]), 0)  # noqa: E731
    out = {"train_loss": [], "val_accuracy": [], "best_epoch": 0}
    best = None
    epoch = 0
    while epoch < config["epochs"]:
        for net, optimizer in zip(nets, adam):
            net.train()
            for rows_of_batch in torch.randperm(len(x["train"])).split(config["batch_size"]):
                if len(rows_of_batch) < 2 <= len(x["train"]):
                    continue
                xb, yb = x["train"][rows_of_batch], t["train"][rows_of_batch]
                loss = (mixup_loss if config["technique"] == "Mixup" else lambda n, a, b: F.cross_entropy(n(a), b))(
                    net, xb, yb
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            # the loss over all of train, after the epoch
            out["train_loss"].append(F.nll_loss(probabilities(nets, x["train"]).log(), t["train"]).item())
            right = probabilities(nets, x["val"]).argmax(1) == t["val"]
            out["val_accuracy"].append(right.sum().item() / len(right))
        if out["val_accuracy"][epoch] > max(out["val_accuracy"][:epoch], default=-1):
            out["best_epoch"], best = epoch, copy.deepcopy(nets)
        if config["technique"] == "Early Stopping" and epoch - out["best_epoch"] == 5:
            break
        epoch += 1
    with torch.no_grad():
        right = probabilities(best, x["test"]).argmax(1) == t["test"]
    out["test_accuracy"] = right.sum().item() / len(right)
    torch.random.set_rng_state(before)
    return out


# %% solution="summarize" style="a functional one-liner or two"
def summarize(values, confidence=0.95):
    n, v = len(values), np.array(values, float)
    if n <= 1:
        raise ValueError(f"values: {n}")
    s = np.sqrt(((v - v.mean()) ** 2).sum() / (n - 1))
    return tuple(v.mean() + sign * stats.t.ppf(0.5 + confidence / 2, n - 1) * s / n**0.5 for sign in (0, -1, 1))


# %% solution="run_experiment" style="one net after the other"
from collections import Counter


def run_experiment(config, seed, X, y):
    technique, size = config["technique"], config["batch_size"]
    members = Counter({"Ensemble": 3, **dict.fromkeys(TECHNIQUES[:-1], 1)})[technique]
    if not members:
        raise ValueError(f"technique {technique!r} is not in {TECHNIQUES}")
    split, *streams = np.random.SeedSequence(seed).spawn(4)
    part = np.random.default_rng(split).permutation(np.arange(len(y)) * 5 // len(y))  # fifths: 0, 1, 2 train
    mean, std = X[part < 3].mean(0), X[part < 3].std(0)
    scaled_X = torch.tensor((X - mean) / np.where(std == 0, 1, std)).float()
    labels = torch.tensor(y).long()
    train_rows, (val_y, test_y) = torch.tensor(np.flatnonzero(part < 3)), (labels[part == 3], labels[part == 4])
    losses, val_logits, test_logits = [], [], []
    with torch.random.fork_rng():
        for stream in streams[:members]:
            torch.manual_seed(int(stream.generate_state(1)[0]))
            net = make_net([X.shape[1], *config["hidden"], len(set(y.tolist()))], technique)
            optimizer = torch.optim.Adam(net.parameters(), lr=config["learning_rate"])
            loss_of, val_of, test_of = [], [], []
            for _ in range(config["epochs"]):
                net.train()
                batches = train_rows[torch.randperm(len(train_rows))].split(size)
                step_losses = []
                for batch in batches:
                    if technique == "BatchNorm" and len(batch) == 1:
                        continue
                    optimizer.zero_grad()
                    loss = (
                        mixup_loss(net, scaled_X[batch], labels[batch])
                        if technique == "Mixup"
                        else F.cross_entropy(net(scaled_X[batch]), labels[batch])
                    )
                    loss.backward()
                    optimizer.step()
                    step_losses.append(float(loss.detach()))
                net.eval()
                with torch.no_grad():
                    val_of.append(net(scaled_X[part == 3]))
                    test_of.append(net(scaled_X[part == 4]))
                loss_of.append(sum(step_losses) / len(step_losses))
                right = [float((logits.argmax(1) == val_y).double().mean()) for logits in val_of]
                if technique == "Early Stopping" and len(right) - right.index(max(right)) == 6:
                    break
            losses.append(loss_of), val_logits.append(val_of), test_logits.append(test_of)
    val = [sum(logits).argmax(1) == val_y for logits in zip(*val_logits)]
    val_accuracy = [right.double().mean().item() for right in val]
    best = val_accuracy.index(max(val_accuracy))
    test = sum(logits[best] for logits in test_logits).argmax(1) == test_y
    return {
        "train_loss": np.mean(losses, axis=0).tolist(),
        "val_accuracy": val_accuracy,
        "best_epoch": best,
        "test_accuracy": test.double().mean().item(),
    }


# %% solution="create_comparison_table" style="masks and in-place steps on copies"
def create_comparison_table(results, baseline="Baseline"):
    names = list(results)
    if names.count(baseline) == 0:
        raise ValueError(f"baseline={baseline!r}, but the results are for {names}")
    accuracies = np.array([results[name] for name in names])
    compared = np.array(names) != baseline
    table = pd.DataFrame(index=range(len(names)))
    table["Technique"] = names
    table["Type"] = "Regularization"
    for kind, members in {
        "Initialization": ["Xavier Init", "He Init"],
        "Normalization": ["BatchNorm", "LayerNorm"],
        "Augmentation": ["Mixup"],
        "Ensemble": ["Ensemble"],
        "(none)": ["Baseline"],
    }.items():
        table.loc[table["Technique"].isin(members), "Type"] = kind
    table["Best For"] = ["nets like ours"] * len(names)
    table["Key Benefit"] = table["Technique"].str.upper()
    table[["Accuracy", "Low", "High"]] = [summarize(row) for row in accuracies]
    table["Difference"] = (accuracies - accuracies[names.index(baseline)]).mean(axis=1)
    table["p (Holm)"] = np.nan
    raw = [paired_comparison(row, accuracies[~compared][0])[3] for row in accuracies[compared]]
    table.loc[compared, "p (Holm)"] = np.asarray(holm(raw))
    return table


# %% solution="create_comparison_table" style="a functional one-liner or two"
def create_comparison_table(results, baseline="Baseline"):
    if (base := results.get(baseline)) is None:
        raise ValueError(f"no {baseline!r} among {', '.join(results)}")
    types = {"X": "Initialization", "H": "Initialization", "B": "Normalization", "L": "Normalization"}
    types |= {"D": "Regularization", "M": "Augmentation", "Ea": "Regularization", "En": "Ensemble"}
    pairs = {name: paired_comparison(values, base) for name, values in results.items() if name != baseline}
    adjusted = dict(zip(pairs, map(float, holm([p for *_, p in pairs.values()]))))
    return pd.DataFrame(
        {
            "Technique": name,
            "Type": types.get(name[:2]) or types.get(name[0], "Other"),
            "Best For": "you",
            "Key Benefit": "accuracy",
            **dict(zip(["Accuracy", "Low", "High"], summarize(values))),
            "Difference": pairs[name][0] if name in pairs else 0.0,
            "p (Holm)": adjusted.get(name, np.nan),
        }
        for name, values in results.items()
    )
