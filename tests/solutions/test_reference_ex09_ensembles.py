"""The reference of ex09 against scikit-learn, scipy, brute force and the identities that the papers state."""

import itertools
import statistics

import numpy as np
import pytest
import torch
from scipy import special, stats
from scipy.spatial.distance import pdist
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import LabelEncoder
from torch import nn

from autograder import course

reference = course.exercise("ex09_ensembles").module()


def tables(num_models=4, num_rows=9, num_classes=5, dtype=torch.float64):
    """Logits, the models that answer with them, and the rows to ask about."""
    logits = 2 * torch.randn(num_models, num_rows, num_classes, dtype=dtype, generator=torch.Generator().manual_seed(0))
    return logits, [nn.Embedding.from_pretrained(table) for table in logits], torch.arange(num_rows)


@pytest.mark.parametrize("weights", [None, [3, 1, 0, 2], [0.2, 0.2, 0.5, 0.1]])
def test_average_is_numpys_of_scipys_softmax(weights):
    logits, models, rows = tables()
    average = reference.EnsembleModel(models).predict_average(rows, weights)
    expected = np.average(special.softmax(logits.numpy(), axis=-1), axis=0, weights=weights)
    np.testing.assert_allclose(average, expected, rtol=1e-6)
    assert average.dtype == torch.float64


def test_ambiguity_decomposition_holds_row_by_row():
    logits, models, rows = tables()
    average, truth = reference.EnsembleModel(models).predict_average(rows), torch.eye(5, dtype=torch.float64)[rows % 5]
    members = logits.softmax(-1)
    member_error = (members - truth).square().sum(-1).mean(0)
    ambiguity = (members - average).square().sum(-1).mean(0)
    torch.testing.assert_close((average - truth).square().sum(-1), member_error - ambiguity)


@pytest.mark.parametrize("num_models", range(1, 6))
def test_vote_is_the_smallest_mode_of_all_possible_votes(num_models):
    votes = torch.tensor(list(itertools.product(range(3), repeat=num_models)))  # every pattern, a row each
    models = [nn.Embedding.from_pretrained(5.0 * torch.eye(3)[choices]) for choices in votes.T]
    winners = reference.EnsembleModel(models).predict_voting(torch.arange(len(votes)))
    assert winners.tolist() == [min(statistics.multimode(row)) for row in votes.tolist()]
    assert winners.tolist() == stats.mode(votes.numpy(), axis=1).mode.tolist()


def test_vote_is_scikit_learns_hard_one():
    class Fixed:
        def __init__(self, classes):
            self.classes = classes

        def predict(self, rows):
            return self.classes

    logits, models, rows = tables()
    voting = VotingClassifier([])
    voting.estimators_, voting.weights = [Fixed(table.argmax(-1).numpy()) for table in logits], None
    voting.le_ = LabelEncoder().fit(np.arange(5))
    assert reference.EnsembleModel(models).predict_voting(rows).tolist() == voting.predict(rows).tolist()


@pytest.mark.parametrize("method", ["predict_average", "predict_voting"])
def test_modes_come_back_even_when_a_model_fails(method):
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4).eval(), nn.Linear(3, 2)).train()
    model[1].eval()
    with pytest.raises(RuntimeError):
        getattr(reference.EnsembleModel([model]), method)(torch.randn(5, 4))
    assert [module.training for module in model.modules()] == [True, True, False, True]
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("weights", [[1, 2, 3], [1, 2, 3, -1], [0, 0, 0, 0]])
def test_bad_weights_are_named(weights):
    _, models, rows = tables()
    with pytest.raises(ValueError, match=r"weights .*\["):
        reference.EnsembleModel(models).predict_average(rows, weights)


def test_an_empty_ensemble_is_named():
    with pytest.raises(ValueError, match="models"):
        reference.EnsembleModel([])


def test_disagreement_is_scipys_hamming_distance_between_models():
    predictions = torch.randint(4, (6, 31), generator=torch.Generator().manual_seed(0))
    assert reference.disagreement(predictions) == pytest.approx(pdist(predictions, "hamming").mean())


def clusters(count=90, classes=3):
    """Rows of four features around a center for each class."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(count) % classes)
    return rng.standard_normal((count, 4)) + y[:, None] * [1.0, -0.5, 0.3, 0.0], y


def fit_function(classifier):
    return lambda X, y: type(classifier)(**classifier.get_params()).fit(X, y).predict_proba


@pytest.mark.parametrize("num_folds", [2, 7, 90])
def test_out_of_fold_predictions_are_scikit_learns_on_the_same_folds(num_folds):
    X, y = clusters()
    bases = [GaussianNB(), KNeighborsClassifier(5)]
    ours = reference.out_of_fold_predictions(list(map(fit_function, bases)), X, y, num_folds, np.random.default_rng(3))
    order = np.random.default_rng(3).permutation(len(X))
    folds = [(order[train], order[test]) for train, test in KFold(num_folds).split(order)]
    theirs = [cross_val_predict(base, X, y, cv=folds, method="predict_proba") for base in bases]
    np.testing.assert_allclose(ours, np.hstack(theirs))


@pytest.mark.parametrize("num_folds", [-1, 0, 1, 91])
def test_a_bad_number_of_folds_is_named(num_folds):
    with pytest.raises(ValueError, match=f"num_folds .*{num_folds}"):
        reference.out_of_fold_predictions([fit_function(GaussianNB())], *clusters(), num_folds)


def test_a_memoriser_is_no_better_than_a_coin_out_of_fold():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((400, 3)), rng.integers(2, size=400)
    memoriser = fit_function(KNeighborsClassifier(1))
    unseen = reference.out_of_fold_predictions([memoriser], X, y, rng=rng)
    assert (memoriser(X, y)(X).argmax(1) == y).all()
    assert abs((unseen.argmax(1) == y).mean() - 0.5) < 0.164  # Hoeffding: 1e-9


def test_the_stack_is_scikit_learns_on_the_same_folds():
    X, y = clusters()
    bases = [GaussianNB(), KNeighborsClassifier(5)]
    ours = reference.StackingEnsemble(list(map(fit_function, bases)), 6, np.random.default_rng(3)).fit(X, y)
    order = np.random.default_rng(3).permutation(len(X))
    folds = [(order[train], order[test]) for train, test in KFold(6).split(order)]
    theirs = StackingClassifier(
        [("bayes", bases[0]), ("neighbors", bases[1])], LogisticRegression(max_iter=1000), cv=folds
    ).fit(X, y)
    new = X + 0.3
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), rtol=1e-3, atol=1e-4)
    assert ours.predict(new).tolist() == theirs.predict(new).tolist()
