# %% [markdown]
# Wrong answers to ex09, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="disagreement" style="pairs in a loop" holds=["counts each model against itself"]
def disagreement(predictions):
    shares = []
    for one in predictions:
        for other in predictions:
            shares.append((one != other).float().mean().item())
    return sum(shares) / len(shares)


# %% solution="disagreement" style="neighbors" holds=["compares neighbors in the list"]
def disagreement(predictions):
    different = torch.ne(predictions[1:], predictions[:-1])
    return float(different.sum()) / different.numel()


# %% solution="ensemble_model" style="a list of outputs" holds=["averages first and takes softmax afterwards", "refuses a weight of zero", "gives ties to the largest class"]
class EnsembleModel:
    def __init__(self, models):
        self.models = [*models]
        if not self.models:
            raise ValueError("an ensemble of nobody")

    def outputs(self, x):
        results = []
        for model in self.models:
            modes = [(part, part.training) for part in model.modules()]
            model.eval()
            with torch.no_grad():
                results.append(model(x))
            for part, mode in modes:
                part.training = mode
        return results

    def predict_average(self, x, weights=None):
        weights = [1] * len(self.models) if weights is None else [float(weight) for weight in weights]
        if len(weights) != len(self.models) or not all(weight > 0 for weight in weights):
            raise ValueError("these weights cannot be used: " + str(weights))
        total = 0
        for weight, logits in zip(weights, self.outputs(x)):
            total = total + weight / sum(weights) * logits
        return torch.softmax(total, -1)

    def predict_voting(self, x):
        outputs = self.outputs(x)
        counts = torch.zeros(outputs[0].shape, dtype=torch.long)
        for logits in outputs:
            counts[torch.arange(len(counts)), logits.max(1).indices] += 1
        numbered = counts * counts.shape[1] + torch.arange(counts.shape[1])
        return numbered.max(1).indices


# %% solution="out_of_fold_predictions" style="a table to fill" holds=["puts the remainder into the last fold", "refuses a single fold only"]
def out_of_fold_predictions(fit_functions, X, y, num_folds=5, rng=None):
    if num_folds <= 1:
        raise ValueError("one fold leaves nothing to train on")
    rows = np.random.default_rng(rng).permutation(len(X))
    size = len(X) // num_folds
    table = []
    for fit in fit_functions:
        column = None
        for k in range(num_folds):
            stop = len(X) if k == num_folds - 1 else (k + 1) * size
            held, others = rows[k * size : stop], np.sort(np.r_[rows[: k * size], rows[stop:]])
            answers = fit(X[others], y[others])(X[held])
            if column is None:
                column = np.zeros((len(X), answers.shape[1]))
            column[held] = answers
        table.append(column)
    return np.concatenate(table, axis=1)


# %% solution="stacking_ensemble" style="short and wrong" holds=["gives hard classes as probabilities", "returns nothing from fit"]
class StackingEnsemble:
    def __init__(self, fit_functions, num_folds=5, rng=None):
        self.fits, self.folds, self.rng = fit_functions, num_folds, rng

    def fit(self, X, y):
        held_out = out_of_fold_predictions(self.fits, X, y, num_folds=self.folds, rng=self.rng)
        self.top = LogisticRegression(max_iter=1000)
        self.top.fit(held_out, y)
        self.bottom = [fit(X, y) for fit in self.fits]

    def predict(self, X):
        return self.top.predict(np.concatenate([model(X) for model in self.bottom], axis=1))

    def predict_proba(self, X):
        return (self.predict(X)[:, None] == self.top.classes_).astype(float)
