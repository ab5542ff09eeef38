# %% [markdown]
# Wrong answers to ex08, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="early_stopping" style="a signed score" holds=["stops one call too late", "takes exactly min_delta for better"]
class EarlyStopping:
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        if mode not in {"min": -1, "max": 1}:
            raise ValueError("no such mode: " + str(mode))
        if not patience >= 1:
            raise ValueError("no such patience: " + str(patience))
        if not min_delta >= 0:
            raise ValueError("no such min_delta: " + str(min_delta))
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        self.best_score = float("inf") if mode == "min" else float("-inf")
        self.best_epoch, self.counter, self.early_stop = None, 0, False
        self.epochs, self.best = 0, None

    def __call__(self, val_score, model=None):
        value = float(val_score)
        if self.mode == "max":
            better = value - self.best_score >= self.min_delta
        else:
            better = self.best_score - value >= self.min_delta
        self.counter = 0 if better else self.counter + 1
        if better:
            self.best_score, self.best_epoch = value, self.epochs
            self.best = {k: v.clone() for k, v in model.state_dict().items()} if model is not None else None
        self.epochs += 1
        self.early_stop = self.early_stop or self.counter > self.patience
        return self.early_stop

    def restore_best(self, model):
        if not self.best:
            raise RuntimeError("there is no best state yet")
        model.load_state_dict(self.best)


# %% solution="early_stopping" style="a history" holds=["counts epochs from one", "takes the stop back when a better score comes", "restores the parameters only"]
class EarlyStopping:
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        problems = {"mode": mode not in ["min", "max"], "patience": patience < 1, "min_delta": min_delta < 0}
        for name, wrong in problems.items():
            if wrong:
                raise ValueError(f"{name} cannot be {locals()[name]!r}")
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.history = []
        self.best_score = {"min": math.inf, "max": -math.inf}[mode]
        self.best_epoch = None
        self.counter = 0
        self.early_stop = False
        self.weights = None

    def __call__(self, val_score, model=None):
        self.history.append(float(val_score))
        step = self.history[-1] - self.best_score
        if self.mode == "min":
            step = -step
        if step > self.min_delta:
            self.best_score, self.best_epoch = self.history[-1], len(self.history)
            self.weights = None if model is None else [copy.deepcopy(p.data) for p in model.parameters()]
            self.counter = 0
        else:
            self.counter += 1
        self.early_stop = not self.counter < self.patience
        return self.early_stop

    def restore_best(self, model):
        if self.weights is None:
            raise RuntimeError("nothing to go back to")
        for parameter, best in zip(model.parameters(), self.weights):
            parameter.data.copy_(best)


# %% solution="train_with_early_stopping" style="a while loop" holds=["counts the stopped epoch from one", "validates twice an epoch"]
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    losses, scores, stopped = [], [], None
    while len(losses) < max_epochs and stopped is None:
        losses.append(train_epoch(model.train(), optimizer))
        model.eval()
        with torch.no_grad():
            scores.append(validate(model))
            if stopper(validate(model), model):
                stopped = len(losses)
    stopper.restore_best(model)
    return dict(train_loss=losses, val_score=scores, best_epoch=stopper.best_epoch, stopped_epoch=stopped)


# %% solution="train_with_early_stopping" style="one dictionary" holds=["restores only after a stop"]
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    result = {"train_loss": [], "val_score": [], "stopped_epoch": None}
    for number in range(max_epochs):
        model.train(True)
        result["train_loss"] += [train_epoch(model, optimizer)]
        model.train(False)
        with torch.no_grad():
            score = validate(model)
        result["val_score"] += [score]
        stopper(score, model)
        if stopper.early_stop:
            result["stopped_epoch"] = number
            stopper.restore_best(model)
            break
    result["best_epoch"] = stopper.best_epoch
    return result
