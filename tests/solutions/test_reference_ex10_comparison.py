"""The reference of ex10 against scipy, scikit-learn, simulation and the laws that an honest experiment obeys."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.preprocessing import StandardScaler

from autograder import course

reference = course.exercise("ex10_comparison").module()
rng = np.random.default_rng(0)
CONFIG = {"technique": "Baseline", "hidden": [16], "epochs": 4, "learning_rate": 0.01, "batch_size": 20}


def test_standardizing_is_that_of_scikit_learn():
    parts = [rng.normal(5, [1, 1e-9, 300], (rows, 3)) for rows in (9, 4, 3)]
    parts[0][:, 1] = 0.1
    scaler = StandardScaler().fit(parts[0])
    for found, part in zip(reference.standardize(*parts), parts, strict=True):
        np.testing.assert_allclose(found, scaler.transform(part), atol=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("n", [2, 5, 30])
def test_intervals_and_p_values_are_those_of_scipy(n, confidence):
    a, b = rng.normal(size=(2, n))
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(confidence)
    found = reference.paired_comparison(a, b, confidence)
    np.testing.assert_allclose(found, [np.mean(a - b), *interval, result.pvalue])
    np.testing.assert_allclose(reference.summarize(a - b, confidence), found[:3])


def test_lists_that_agree_everywhere_have_no_p_value_to_speak_of():
    assert reference.paired_comparison([0.5, 0.75], [0.5, 0.75]) == (0, 0, 0, 1)
    assert reference.paired_comparison([0.75, 1.0], [0.5, 0.75]) == (0.25, 0.25, 0.25, 0)
    assert reference.summarize([0.5, 0.5, 0.5]) == (0.5, 0.5, 0.5)


def test_ninety_five_of_a_hundred_intervals_hold_the_mean():
    intervals = [reference.summarize(sample)[1:] for sample in rng.normal(3, 2, (2000, 4))]
    assert 0.935 < np.mean([low < 3 < high for low, high in intervals]) < 0.965


@pytest.mark.parametrize("m", [0, 1, 2, 3, 4])
def test_holm_is_the_closed_test_of_bonferroni(m):
    """A hypothesis is rejected when Bonferroni rejects every set of hypotheses that it belongs to (Holm 1979)."""
    for p in rng.integers(0, 9, (20, m)) / 8:
        sets = [s for size in range(1, m + 1) for s in itertools.combinations(range(m), size)]
        closed = [max(min(1, len(s) * min(p[list(s)])) for s in sets if i in s) for i in range(m)]
        np.testing.assert_array_equal(reference.holm(p), closed)


def test_a_net_without_hidden_layers_learns_as_well_as_it_should():
    y = np.arange(300) % 3
    X = 4 * np.eye(3)[y] + rng.normal(size=(300, 3))
    result = reference.run_experiment({**CONFIG, "hidden": [], "epochs": 20, "learning_rate": 0.05}, 0, X, y)
    assert result["test_accuracy"] > 0.9
    assert result["train_loss"][-1] < result["train_loss"][0]


@pytest.mark.parametrize("technique", reference.TECHNIQUES)
def test_nothing_but_the_test_accuracy_knows_the_test_rows(technique):
    X, y = rng.normal(size=(10, 3)), np.arange(10) % 2
    config = {**CONFIG, "technique": technique, "epochs": 2}

    def seen(X):
        result = reference.run_experiment(config, 3, X, y)
        return result["train_loss"], result["val_accuracy"], result["best_epoch"]

    usual, train, unseen = seen(X), 0, 0
    for row in range(10):
        changed = X.copy()
        changed[row] = 1e6
        train += seen(changed)[0] != usual[0]
        unseen += seen(changed) == usual
    assert train == 6 and unseen >= 2


def test_the_seed_decides_everything():
    X, y = rng.normal(size=(50, 3)), np.arange(50) % 2
    config = {**CONFIG, "technique": "Dropout"}
    first, again, other = (reference.run_experiment(config, seed, X, y) for seed in (1, 1, 2))
    assert first == again != other


def test_the_table_agrees_with_its_parts():
    shared = rng.normal(0.7, 0.05, 6)
    results = {name: list(shared + rng.normal(0, 0.01, 6)) for name in ("Mixup", "Baseline", "He Init")}
    table = reference.create_comparison_table(results).set_index("Technique")
    p = [stats.ttest_rel(results[name], results["Baseline"]).pvalue for name in ("Mixup", "He Init")]
    expected = [min(1, max(2 * min(p), value if value > min(p) else 0)) for value in p]
    np.testing.assert_allclose(table.loc[["Mixup", "He Init"], "p (Holm)"], expected)
    np.testing.assert_allclose(table["Difference"], table["Accuracy"] - table.loc["Baseline", "Accuracy"], atol=1e-12)
    assert np.isnan(table.loc["Baseline", "p (Holm)"]) and list(table.index) == list(results)
