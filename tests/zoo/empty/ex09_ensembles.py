# %% [markdown]
# An answer to ex09 without content: it refuses what is wrong and returns what has the right form.

# %% solution="ensemble_model"
class EnsembleModel:
    def __init__(self, models):
        if len(models) == 0:
            raise ValueError("models should not be empty, got []")
        self.models = models

    def predict_average(self, x, weights=None):
        if weights is not None:
            if len(weights) != len(self.models):
                raise ValueError(f"weights should have {len(self.models)} entries, got {weights}")
            if min(weights) < 0 or sum(weights) == 0:
                raise ValueError(f"weights should not be negative nor all 0, got {weights}")
        classes = self.models[0](x[:1]).shape[1]
        return torch.full((len(x), classes), 1 / classes)

    def predict_voting(self, x):
        return torch.zeros(len(x), dtype=torch.long)


# %% solution="disagreement"
def disagreement(predictions):
    return 0.0


# %% solution="out_of_fold_predictions"
def out_of_fold_predictions(fit_functions, X, y, num_folds=5, rng=None):
    if not 2 <= num_folds <= len(X):
        raise ValueError(f"num_folds should be from 2 to {len(X)}, got {num_folds}")
    classes = int(max(y)) + 1
    return np.full((len(X), len(fit_functions) * classes), 1 / classes)


# %% solution="stacking_ensemble"
class StackingEnsemble:
    def __init__(self, fit_functions, num_folds=5, rng=None):
        self.fit_functions = fit_functions
        self.num_folds = num_folds
        self.rng = rng

    def fit(self, X, y):
        if not 2 <= self.num_folds <= len(X):
            raise ValueError(f"num_folds should be from 2 to {len(X)}, got {self.num_folds}")
        self.classes = int(max(y)) + 1
        return self

    def predict_proba(self, X):
        return np.full((len(X), self.classes), 1 / self.classes)

    def predict(self, X):
        return np.zeros(len(X), dtype=int)
