# %% [markdown]
# An answer to ex08 without content: it refuses what is wrong, never stops and restores nothing.

# %% solution="early_stopping"
class EarlyStopping:
    def __init__(self, patience=10, min_delta=0.001, mode="min"):
        if mode not in ("min", "max"):
            raise ValueError(f"mode should be 'min' or 'max', got {mode!r}")
        if patience < 1:
            raise ValueError(f"patience should be 1 or more, got {patience}")
        if min_delta < 0:
            raise ValueError(f"min_delta should not be negative, got {min_delta}")
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.best_score = None
        self.best_epoch = None
        self.counter = 0
        self.early_stop = False
        self.saved = False

    def __call__(self, val_score, model=None):
        self.saved = self.saved or model is not None
        return self.early_stop

    def restore_best(self, model):
        if not self.saved:
            raise RuntimeError("no state was saved")


# %% solution="train_with_early_stopping"
def train_with_early_stopping(model, optimizer, train_epoch, validate, stopper, max_epochs):
    return {
        "train_loss": [0.0] * max_epochs,
        "val_score": [0.0] * max_epochs,
        "best_epoch": 0,
        "stopped_epoch": None,
    }
