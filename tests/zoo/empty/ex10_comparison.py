# %% [markdown]
# An answer to ex10 without content: it refuses what is wrong and returns what has the right form.

# %% solution="standardize"
def standardize(train, validation, test):
    return train.copy(), validation.copy(), test.copy()


# %% solution="summarize"
def summarize(values, confidence=0.95):
    if len(values) < 2:
        raise ValueError(f"values should have two entries or more, got {values}")
    return 0.0, 0.0, 0.0


# %% solution="paired_comparison"
def paired_comparison(a, b, confidence=0.95):
    if len(a) != len(b):
        raise ValueError(f"a and b should be equally long, got {len(a)} and {len(b)}")
    if len(a) < 2:
        raise ValueError(f"a and b should have two entries or more, got {len(a)}")
    return 0.0, 0.0, 0.0, 1.0


# %% solution="holm"
def holm(p_values):
    p_values = np.array(p_values, dtype=float)
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise ValueError(f"p_values should be from 0 to 1, got {p_values}")
    return p_values


# %% solution="run_experiment"
def run_experiment(config, seed, X, y):
    techniques = ["Baseline", "Xavier Init", "He Init", "BatchNorm", "LayerNorm", "Dropout", "Mixup"]
    techniques += ["Early Stopping", "Ensemble"]
    if config["technique"] not in techniques:
        raise ValueError(f"unknown technique: {config['technique']!r}")
    epochs = config["epochs"]
    return {"train_loss": [0.0] * epochs, "val_accuracy": [0.0] * epochs, "best_epoch": 0, "test_accuracy": 0.0}


# %% solution="create_comparison_table"
def create_comparison_table(results, baseline="Baseline"):
    if baseline not in results:
        raise ValueError(f"there is no baseline {baseline!r} in results")
    if len({len(values) for values in results.values()}) > 1:
        raise ValueError("results should be equally long")
    row = {"Type": "-", "Best For": "-", "Key Benefit": "-", "Accuracy": 0.0, "Low": 0.0, "High": 0.0}
    row |= {"Difference": 0.0, "p (Holm)": float("nan")}
    return pd.DataFrame([{"Technique": technique, **row} for technique in results])
