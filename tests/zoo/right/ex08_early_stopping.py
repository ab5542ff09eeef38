# %% [markdown]
# Right answers to ex08, written in other ways. Every style keeps full marks.

# %% solution="early_stopping" style="a beginner's ifs"
class EarlyStopping:
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        if mode != "min" and mode != "max":
            raise ValueError("mode must be min or max but is " + repr(mode))
        if patience <= 0:
            raise ValueError("patience must be 1 or more but is " + str(patience))
        if min_delta < 0:
            raise ValueError("min_delta must be 0 or more but is " + str(min_delta))
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best_score = None
        self.best_epoch = None
        self.counter = 0
        self.early_stop = False
        self.calls = 0
        self.saved = {}

    def __call__(self, val_score, model=None):
        if isinstance(val_score, torch.Tensor):
            val_score = val_score.item()
        better = False
        if val_score == val_score:  # False for nan
            if self.best_score is None:
                better = True
            elif self.mode == "min":
                if val_score < self.best_score - self.min_delta:
                    better = True
            else:
                if val_score > self.best_score + self.min_delta:
                    better = True
        if better:
            self.best_score = val_score
            self.best_epoch = self.calls
            self.counter = 0
            if model is not None:
                self.saved = {}
                for name, tensor in model.state_dict().items():
                    self.saved[name] = tensor.clone()
        else:
            self.counter = self.counter + 1
        self.calls = self.calls + 1
        if self.counter == self.patience:
            self.early_stop = True
        return self.early_stop

    def restore_best(self, model):
        if len(self.saved) == 0:
            raise RuntimeError("nothing was saved")
        with torch.no_grad():
            state = model.state_dict()
            for name in self.saved:
                state[name].copy_(self.saved[name])


# %% solution="train_with_early_stopping" style="a beginner's ifs"
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    history = {"train_loss": [], "val_score": [], "best_epoch": None, "stopped_epoch": None}
    epoch = 0
    while epoch < max_epochs:
        model.train()
        loss = train_epoch(model, optimizer)
        history["train_loss"].append(loss)
        model.eval()
        with torch.no_grad():
            score = validate(model)
        history["val_score"].append(score)
        stopper(score, model)
        if stopper.early_stop:
            history["stopped_epoch"] = epoch
            break
        epoch += 1
    history["best_epoch"] = stopper.best_epoch
    stopper.restore_best(model)
    return history


# %% solution="early_stopping" style="one sign for both modes, the state as bytes"
import io


class EarlyStopping:
    def __init__(self, patience: int = 10, min_delta: float = 0.001, mode: str = "min"):
        try:
            self._sign = {"min": -1.0, "max": 1.0}[mode]
        except KeyError:
            raise ValueError(f"mode={mode!r} is neither 'min' nor 'max'") from None
        for name, value, least in [("patience", patience, 1), ("min_delta", min_delta, 0)]:
            if value < least:
                raise ValueError(f"{name}={value} is below {least}")
        self.patience, self.min_delta = patience, min_delta
        self._best, self._calls, self._file = -math.inf, 0, None
        self.best_epoch, self.counter, self.early_stop = -1, 0, False

    @property
    def best_score(self):
        return self._sign * self._best

    def __call__(self, val_score, model=None):
        score = self._sign * float(val_score)
        if score > self._best + self.min_delta:
            self._best, self.best_epoch, self.counter = score, self._calls, 0
            self._file = None
            if model is not None:
                self._file = io.BytesIO()
                torch.save(model.state_dict(), self._file)
        else:
            self.counter += 1
        self._calls += 1
        self.early_stop |= self.counter >= self.patience
        return self.early_stop

    def restore_best(self, model):
        if not self._file:
            raise RuntimeError("there is no saved state")
        self._file.seek(0)
        model.load_state_dict(torch.load(self._file, weights_only=True))


# %% solution="train_with_early_stopping" style="one sign for both modes, the state as bytes"
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    train_loss, val_score = [], []
    for epoch in range(max_epochs):
        train_loss.append(train_epoch(model.train(), optimizer))
        with torch.inference_mode():
            val_score.append(validate(model.eval()))
        if stopper(val_score=val_score[-1], model=model):
            stopped_epoch = epoch
            break
    else:
        stopped_epoch = None
    stopper.restore_best(model)
    return dict(
        train_loss=train_loss, val_score=val_score, best_epoch=stopper.best_epoch, stopped_epoch=stopped_epoch
    )


# %% solution="early_stopping" style="a twin of the whole model"
import operator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class EarlyStopping:
    patience: int = 10
    min_delta: float = 0.001
    mode: str = "min"
    best_score: float = field(default=None, init=False)
    best_epoch: int = field(default=None, init=False)
    counter: int = field(default=0, init=False)
    early_stop: bool = field(default=False, init=False)
    twin: Any = field(default=None, init=False, repr=False)
    seen: int = field(default=0, init=False)

    def __post_init__(self):
        if self.mode not in {"min", "max"}:
            raise ValueError(f"unknown mode: {self.mode}")
        if not self.patience >= 1:
            raise ValueError(f"patience = {self.patience}, but at least 1 is needed")
        if not self.min_delta >= 0:
            raise ValueError(f"min_delta = {self.min_delta}, but it may not be negative")

    def improves(self, score):
        if math.isnan(score):
            return False
        if self.best_epoch is None:
            return True
        compare, margin = {"min": (operator.lt, -self.min_delta), "max": (operator.gt, self.min_delta)}[self.mode]
        return compare(score, self.best_score + margin)

    def __call__(self, val_score, model=None):
        epoch, self.seen = self.seen, self.seen + 1
        if self.improves(val_score):
            self.best_score = val_score.detach().clone() if torch.is_tensor(val_score) else val_score
            self.best_epoch = epoch
            self.twin = copy.deepcopy(model)
        self.counter = self.seen if self.best_epoch is None else epoch - self.best_epoch
        if self.counter >= self.patience:
            self.early_stop = True
        return self.early_stop

    def restore_best(self, model):
        if self.twin is None:
            raise RuntimeError("no model was ever passed at a best epoch")
        for ours, theirs in zip(model.parameters(), self.twin.parameters(), strict=True):
            ours.data.copy_(theirs.data)
        for ours, theirs in zip(model.buffers(), self.twin.buffers(), strict=True):
            ours.data.copy_(theirs.data)


# %% solution="train_with_early_stopping" style="a twin of the whole model"
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    @torch.no_grad()
    def score_of(model):
        model.train(False)
        return validate(model)

    losses, scores = [], []
    while len(scores) < max_epochs and not stopper.early_stop:
        model.train(True)
        losses += [train_epoch(model, optimizer)]
        scores += [score_of(model)]
        stopper(scores[-1], model)
    stopper.restore_best(model)
    return {
        "train_loss": losses,
        "val_score": scores,
        "best_epoch": stopper.best_epoch,
        "stopped_epoch": len(scores) - 1 if stopper.early_stop else None,
    }


# %% solution="early_stopping" style="keeps all scores and looks back"
class EarlyStopping:
    """Everything follows from the list of scores; nothing is updated by hand."""

    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        if mode not in ["min", "max"]:
            raise ValueError(f"mode: {mode}")
        if patience < 1:
            raise ValueError(f"patience: {patience}")
        if min_delta < 0:
            raise ValueError(f"min_delta: {min_delta}")
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        self.scores = []
        self.states = {}

    def _bests(self):
        """The epochs that were the best when they came."""
        bests = []
        for epoch, score in enumerate(self.scores):
            if score != score:
                continue
            if bests:
                best = self.scores[bests[-1]]
                if self.mode == "min" and not score + self.min_delta < best:
                    continue
                if self.mode == "max" and not score - self.min_delta > best:
                    continue
            bests.append(epoch)
        return bests

    @property
    def best_epoch(self):
        bests = self._bests()
        return bests[-1] if bests else None

    @property
    def best_score(self):
        return None if self.best_epoch is None else self.scores[self.best_epoch]

    @property
    def counter(self):
        last = -1 if self.best_epoch is None else self.best_epoch
        return len(self.scores) - 1 - last if self.scores else 0

    @property
    def early_stop(self):
        marks = [-1, *self._bests(), len(self.scores)]
        return any(later - earlier > self.patience for earlier, later in zip(marks, marks[1:]))

    def __call__(self, val_score, model=None):
        self.scores.append(float(val_score))
        if model is not None and self.best_epoch == len(self.scores) - 1:
            self.states = {self.best_epoch: {k: v.detach().clone() for k, v in model.state_dict().items()}}
        return self.early_stop

    def restore_best(self, model):
        if self.best_epoch not in self.states:
            raise RuntimeError(f"no state for epoch {self.best_epoch}")
        model.load_state_dict(self.states[self.best_epoch])


# %% solution="train_with_early_stopping" style="keeps all scores and looks back"
import itertools


def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    def epochs():
        for number in itertools.count():
            model.train()
            loss = train_epoch(model, optimizer)
            model.eval()
            recording = torch.is_grad_enabled()
            torch.set_grad_enabled(False)
            try:
                score = validate(model)
            finally:
                torch.set_grad_enabled(recording)
            stop = stopper(score, model)
            yield number, loss, score, stop
            if stop:
                return

    rows = list(itertools.islice(epochs(), max_epochs))
    stopper.restore_best(model)
    return {
        "train_loss": [loss for _, loss, _, _ in rows],
        "val_score": [score for _, _, score, _ in rows],
        "best_epoch": stopper.best_epoch,
        "stopped_epoch": next((number for number, *_, stop in rows if stop), None),
    }


# %% solution="early_stopping" style="a detour through numpy"
import numpy as np


class EarlyStopping:
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        checks = {
            "mode": (mode, mode in ("min", "max")),
            "patience": (patience, patience >= 1),
            "min_delta": (min_delta, min_delta >= 0),
        }
        wrong = [f"{name}={value!r}" for name, (value, fine) in checks.items() if not fine]
        if wrong:
            raise ValueError("bad argument " + ", ".join(wrong))
        self.patience, self.min_delta = patience, min_delta
        self.better = {"min": np.less, "max": np.greater}[mode]
        self.margin = {"min": -min_delta, "max": min_delta}[mode]
        self.best_score = {"min": np.inf, "max": -np.inf}[mode]
        self.best_epoch, self.counter, self.early_stop, self.epoch, self.arrays = None, 0, False, 0, None

    def __call__(self, val_score, model=None):
        score = np.array(val_score, dtype=np.float64)
        if self.better(score, self.best_score + self.margin):
            self.best_score = score.item()
            self.best_epoch = self.epoch
            self.counter = 0
            self.arrays = model and [tensor.numpy().copy() for tensor in self._tensors(model)]
        else:
            self.counter += 1
        self.epoch += 1
        self.early_stop = bool(self.early_stop or self.counter >= self.patience)
        return self.early_stop

    @staticmethod
    def _tensors(model):
        return [tensor.detach() for tensor in [*model.parameters(), *model.buffers()]]

    def restore_best(self, model):
        if self.arrays is None:
            raise RuntimeError("restore_best before anything was saved")
        for tensor, array in zip(self._tensors(model), self.arrays):
            tensor[...] = torch.from_numpy(np.asarray(array))


# %% solution="train_with_early_stopping" style="a detour through numpy"
import numpy as np


def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    numbers = np.full((max_epochs, 2), np.nan)
    stopped = None
    for epoch in range(max_epochs):
        for module in model.modules():
            module.training = True
        numbers[epoch, 0] = train_epoch(model, optimizer)
        for module in model.modules():
            module.training = False
        with torch.set_grad_enabled(False):
            numbers[epoch, 1] = validate(model)
        if stopper(float(numbers[epoch, 1]), model):
            stopped = epoch
            break
    stopper.restore_best(model)
    train_loss, val_score = numbers[: epoch + 1].T.tolist()
    return {
        "train_loss": train_loss,
        "val_score": val_score,
        "best_epoch": stopper.best_epoch,
        "stopped_epoch": stopped,
    }


# %% solution="early_stopping" style="a base class, and the state in one vector"
from torch.nn.utils import parameters_to_vector, vector_to_parameters


class _Snapshot:
    """The parameters of a model in one vector, its buffers by name."""

    def __init__(self, model):
        with torch.no_grad():
            self.vector = parameters_to_vector(model.parameters())
        self.buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}

    def into(self, model):
        vector_to_parameters(self.vector.clone(), model.parameters())
        for name, buffer in model.named_buffers():
            buffer.copy_(self.buffers[name])


class _Bad(RuntimeError):
    pass


class _Watch:
    def __init__(self, patience):
        self.patience = patience
        self.counter = 0
        self.early_stop = False
        self.calls = -1
        self.snapshot = None

    def restore_best(self, model):
        try:
            self.snapshot.into(model)
        except AttributeError:
            raise _Bad("no snapshot was taken") from None


class EarlyStopping(_Watch):
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        match mode:
            case "min":
                self.limit = lambda: self.best_score - self.min_delta
                self.is_past = lambda score, limit: score < limit
                self.best_score = float("inf")
            case "max":
                self.limit = lambda: self.best_score + self.min_delta
                self.is_past = lambda score, limit: score > limit
                self.best_score = float("-inf")
            case _:
                raise ValueError(f"'{mode}' is not a mode")
        if patience < 1:
            raise ValueError(f"patience ({patience}) has to be positive")
        if min_delta < 0:
            raise ValueError(f"min_delta ({min_delta}) has to be zero or positive")
        super().__init__(patience)
        self.min_delta, self.best_epoch = min_delta, 0

    def __call__(self, val_score, model=None):
        score = torch.as_tensor(val_score, dtype=torch.float64).item()
        self.calls += 1
        self.counter += 1
        if self.is_past(score, self.limit()):
            self.best_score, self.best_epoch, self.counter = score, self.calls, 0
            self.snapshot = model and _Snapshot(model)
        if self.early_stop is False:
            self.early_stop = not self.counter < self.patience
        return self.early_stop


# %% solution="train_with_early_stopping" style="a base class, and the state in one vector"
from contextlib import contextmanager


@contextmanager
def _phase(model, training):
    model.train(training)
    with torch.set_grad_enabled(training):
        yield


def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    history = {"train_loss": [], "val_score": []}
    stop = False
    while not stop and len(history["val_score"]) != max_epochs:
        with _phase(model, True):
            history["train_loss"].append(train_epoch(model, optimizer))
        with _phase(model, False):
            history["val_score"].append(validate(model))
        stop = stopper(history["val_score"][-1], model)
    stopper.restore_best(model)
    history["best_epoch"] = stopper.best_epoch
    history["stopped_epoch"] = len(history["val_score"]) - 1 if stop else None
    return history
