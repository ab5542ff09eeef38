"""Hidden tests of ex09: averaging and voting, disagreement, out-of-fold predictions, stacking.

Models are tables of logits (`nn.Embedding`, asked about rows 0, 1, 2, ...), so that what they say is known exactly.
A leak is found by base learners that keep a record: column 0 of X is the row's number, and a model tells, for each
row that it is asked about, whether it has been trained on it. Nothing here depends on an accuracy.
"""

import numpy as np
import torch
from pytest import mark, param

from autograder.course.testing import assert_close

# Averaging. Weights may be float32 on their way: hence 1e-6, and weights whose shares are exact.


@mark.task("predict_average", "the mean of the probabilities")
def test_probabilities_are_averaged_and_not_logits(student, reference):
    def probe(answer, logits):
        models = [nn.Embedding.from_pretrained(table) for table in logits]
        return answer.EnsembleModel(models).predict_average(torch.arange(logits.shape[1]))

    logits = 3 * torch.randn(4, 6, 5, dtype=torch.float64)
    assert_close(student(probe, logits), reference(probe, logits), rtol=1e-6, atol=1e-6)


@mark.task("predict_average", "weights")
def test_each_model_counts_by_its_share_of_the_weights(student, reference):
    def probe(answer, logits):
        ensemble = answer.EnsembleModel([nn.Embedding.from_pretrained(table) for table in logits])
        rows = torch.arange(logits.shape[1])
        return [ensemble.predict_average(rows, weights=weights) for weights in ([2, 1, 5], [0.25, 0.0, 0.75])]

    logits = 3 * torch.randn(3, 6, 5, dtype=torch.float64)
    names = ["weights [2, 1, 5]", "weights [0.25, 0, 0.75]"]
    observed, expected = (dict(zip(names, ask(probe, logits), strict=True)) for ask in (student, reference))
    assert_close(observed, expected, rtol=1e-6, atol=1e-6)


@mark.task("predict_average", "bad input")
def test_negative_weights_and_weights_that_are_all_zero_are_refused(student):
    def probe(answer, logits):
        ensemble = answer.EnsembleModel([nn.Embedding.from_pretrained(table) for table in logits])
        cases = [[2.0, -1.0, 3.0], [-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]
        return {str(weights): error_of(ensemble.predict_average, torch.arange(4), weights) for weights in cases}

    for weights, raised in student(probe, torch.randn(3, 4, 5)).items():
        expected = "" if weights == "[0.0, 0.0, 4.0]" else "ValueError"
        assert raised == expected, f"weights {weights}: {raised or 'no error'}, expected {expected or 'no error'}"


@mark.task("predict_average", "bad input")
def test_an_ensemble_of_no_models_is_refused(student):
    def probe(answer):
        return error_of(answer.EnsembleModel, [])

    raised = student(probe)
    assert raised == "ValueError", f"EnsembleModel([]): {raised or 'no error'}, expected ValueError"


@mark.task("predict_average", "dtype and shape")
def test_float64_stays_float64_and_float32_stays_float32(student):
    def probe(answer, logits):
        dtypes = []
        for tables in (logits.double(), logits.float()):
            ensemble = answer.EnsembleModel([nn.Embedding.from_pretrained(table) for table in tables])
            dtypes += [ensemble.predict_average(torch.arange(4), weights).dtype for weights in (None, [1.0, 3.0])]
        return [str(dtype) for dtype in dtypes]

    dtypes = student(probe, torch.randn(2, 4, 5))
    expected = ["torch.float64"] * 2 + ["torch.float32"] * 2
    assert dtypes == expected, f"models in float64, then float32, without and with weights: {dtypes}"


@mark.task("predict_average", "dtype and shape")
def test_one_row_and_one_model_keep_their_place_in_the_shape(student):
    def probe(answer, logits):
        ensembles = [answer.EnsembleModel([nn.Embedding.from_pretrained(table) for table in part]) for part in logits]
        return [list(ensemble.predict_average(torch.tensor([0])).shape) for ensemble in ensembles]

    shapes = student(probe, [torch.randn(3, 1, 5), torch.randn(1, 1, 5)])
    assert shapes == [[1, 5], [1, 5]], f"one row and 5 classes, by three models and by one: shapes {shapes}"


@mark.task("predict_average", "dtype and shape")
def test_what_is_passed_in_stays_as_it_is(student):
    def probe(answer, x):
        weights, models = [2.0, 6.0], [nn.Linear(4, 3), nn.Linear(4, 3)]
        state = [parameter.clone() for model in models for parameter in model.parameters()]
        batch, given = x.clone(), list(models)
        answer.EnsembleModel(given).predict_average(batch, weights)
        same = all(map(torch.equal, state, [parameter for model in models for parameter in model.parameters()]))
        trainable = all(parameter.requires_grad for model in models for parameter in model.parameters())
        return {
            "x": torch.equal(x, batch),
            "weights": weights == [2.0, 6.0],
            "models": len(given) == 2 and same and trainable,
        }

    for name, unchanged in student(probe, 3 + torch.randn(5, 4)).items():
        assert unchanged, f"`{name}` is not what it was before"


# Both ways to predict leave no trace. What counts is seen from inside the models, whoever asks.

AVERAGE = param("predict_average", id="average", marks=mark.task("predict_average"))
VOTING = param("predict_voting", id="voting", marks=mark.task("predict_voting"))


@mark.parametrize(
    "method",
    [
        param("predict_average", id="average", marks=mark.task("predict_average", "modes and gradients")),
        param("predict_voting", id="voting", marks=mark.task("predict_voting", "modes and gradients")),
    ],
)
def test_every_module_of_every_model_runs_in_eval_mode(student, method):
    def probe(answer, method, x):
        flags = set()

        class Witness(nn.Module):
            def forward(self, x):
                flags.add(self.training)
                return x

        models = [nn.Sequential(nn.Linear(4, 5), nn.Sequential(Witness()), Witness()).train() for _ in range(2)]
        models[1].eval()[1].train()
        getattr(answer.EnsembleModel(models), method)(x)
        return sorted(flags)

    flags = student(probe, method, torch.randn(6, 4))
    assert flags == [False], f"while the models run, their modules have training={' and '.join(map(str, flags))}"


@mark.parametrize(
    "method",
    [
        param("predict_average", id="average", marks=mark.task("predict_average", "modes and gradients")),
        param("predict_voting", id="voting", marks=mark.task("predict_voting", "modes and gradients")),
    ],
)
def test_every_module_stays_in_the_mode_that_it_was_in(student, method):
    def probe(answer, method, x):
        models = [nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(), nn.Linear(6, 3)) for _ in range(3)]
        models[0][1].eval()
        models[1].eval()
        models[2].eval()[2].train()
        before = [[module.training for module in model.modules()] for model in models]
        getattr(answer.EnsembleModel(models), method)(x)
        return before, [[module.training for module in model.modules()] for model in models]

    before, after = student(probe, method, torch.randn(7, 4))
    stories = [
        "in training mode with one layer in eval mode",
        "in eval mode",
        "in eval mode with one layer in training",
    ]
    for story, old, new in zip(stories, before, after, strict=True):
        changed = sum(one != other for one, other in zip(old, new, strict=True))
        assert not changed, f"of a model {story}, {changed} of {len(old)} modules are in another mode afterwards"


@mark.parametrize(
    "method",
    [
        param("predict_average", id="average", marks=mark.task("predict_average", "modes and gradients")),
        param("predict_voting", id="voting", marks=mark.task("predict_voting", "modes and gradients")),
    ],
)
def test_no_gradient_is_recorded_while_the_models_run(student, method):
    def probe(answer, method, x):
        torch.set_grad_enabled(True)
        recorded = set()

        class Witness(nn.Linear):
            def forward(self, x):
                output = super().forward(x)
                recorded.add(output.requires_grad)
                return output

        result = getattr(answer.EnsembleModel([Witness(4, 5), Witness(4, 5)]), method)(x)
        enabled = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        return {"recorded": sorted(recorded), "result": result.requires_grad, "enabled": enabled}

    found = student(probe, method, torch.randn(6, 4))
    assert found["recorded"] == [False], "the outputs of the models require a gradient"
    assert not found["result"], "the result requires a gradient"
    assert found["enabled"], "after the prediction, recording is switched off for everybody"


# Voting


@mark.task("predict_voting", "the majority")
def test_the_class_with_most_votes_wins_however_sure_the_others_are(student):
    def probe(answer, logits):
        models = [nn.Embedding.from_pretrained(table) for table in logits]
        return [int(choice) for choice in answer.EnsembleModel(models).predict_voting(torch.arange(3))]

    votes = torch.tensor([[5, 5, 2, 0, 2, 5, 1], [4, 1, 1, 4, 3, 1, 6], [6, 0, 6, 0, 3, 6, 6]]).T  # (models, rows)
    logits = 2.0 * torch.nn.functional.one_hot(votes, 7) + torch.rand(7, 3, 7)
    logits[3:5] *= 20
    choices = student(probe, logits)
    for votes_of_row, choice, expected in zip(votes.T.tolist(), choices, [5, 1, 6], strict=True):
        assert choice == expected, f"votes {votes_of_row}: class {choice}, expected {expected}"


@mark.task("predict_voting", "ties")
def test_a_tie_goes_to_the_smallest_of_the_classes_with_most_votes(student):
    def probe(answer, logits):
        models = [nn.Embedding.from_pretrained(table) for table in logits]
        return [int(choice) for choice in answer.EnsembleModel(models).predict_voting(torch.arange(len(logits[0])))]

    # Four ties: one that the first model is no part of, and one of five.
    votes = torch.tensor([[4, 2, 4, 2, 0], [1, 5, 5, 3, 3], [3, 5, 2, 4, 1], [5, 5, 3, 3, 0], [1, 5, 3, 3, 4]])
    logits = 4.0 * torch.nn.functional.one_hot(votes.T, 6) + torch.rand(5, 5, 6)
    choices = student(probe, logits)
    for votes_of_row, choice, expected in zip(votes.tolist(), choices, [2, 3, 1, 3, 3], strict=True):
        assert choice == expected, f"votes {votes_of_row}: class {choice}, expected {expected}"


@mark.task("predict_voting", "form")
def test_the_result_is_one_integer_for_each_row(student):
    def probe(answer, logits):
        results = []
        for part in logits:
            models = [nn.Embedding.from_pretrained(table) for table in part]
            results.append(answer.EnsembleModel(models).predict_voting(torch.arange(part.shape[1])))
        return [[list(result.shape), not result.dtype.is_floating_point] for result in results]

    for rows, (shape, whole) in zip([4, 1], student(probe, [torch.randn(3, 4, 5), torch.randn(1, 1, 5)]), strict=True):
        assert shape == [rows], f"{rows} rows give a result of shape {tuple(shape)}"
        assert whole, "the classes come as floating point numbers"


# Disagreement


@mark.task("disagreement", "the mean over pairs")
def test_it_is_the_mean_over_all_pairs_of_different_models(student, reference):
    def probe(answer, predictions):
        return float(answer.disagreement(predictions))

    # Each model is a little further from the first one: no pair stands for the others.
    predictions = torch.zeros(5, 12, dtype=torch.long)
    for model, changed in enumerate([1, 4, 2, 7], 1):
        predictions[model, torch.randperm(12)[:changed]] = model
    assert_close(student(probe, predictions), reference(probe, predictions), rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "the mean over pairs")
def test_two_models_disagree_on_the_share_of_rows_where_their_classes_differ(student):
    def probe(answer, predictions):
        return float(answer.disagreement(predictions))

    predictions = torch.zeros(2, 8, dtype=torch.long)
    predictions[1, torch.randperm(8)[:3]] = 1
    assert_close(student(probe, predictions), 0.375, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "the mean over pairs")
def test_it_is_zero_for_models_that_agree_and_one_for_models_that_never_do(student):
    def probe(answer, same, never):
        return {"always agree": float(answer.disagreement(same)), "never agree": float(answer.disagreement(never))}

    same = torch.randint(5, (9,)).expand(4, 9).contiguous()
    never = (torch.arange(4)[:, None] + torch.randint(5, (9,))) % 5
    assert_close(student(probe, same, never), {"always agree": 0.0, "never agree": 1.0}, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "classes are names")
def test_classes_are_names_and_not_numbers(student):
    def probe(answer, predictions):
        return [float(answer.disagreement(part)) for part in (predictions, 10 * predictions)]

    names, other_names = student(probe, torch.randint(3, (3, 8)))
    assert_close(other_names, names, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "form")
def test_the_result_is_a_plain_float_and_the_predictions_stay(student):
    def probe(answer, predictions):
        before = predictions.clone()
        result = answer.disagreement(predictions)
        return isinstance(result, float), torch.equal(before, predictions)

    is_float, unchanged = student(probe, torch.randint(3, (3, 8)))
    assert is_float, "the result is not a plain float"
    assert unchanged, "`predictions` is not what it was before"


# Out-of-fold predictions. Numbers of rows in column 0 of X are not positions, and labels follow from them.


def numbered_rows(count, classes):
    """X of shape (count, 3) with a number from 100 on in column 0, in random order, and y that follows from it."""
    numbers = 100 + torch.randperm(count).numpy()
    return np.column_stack([numbers, torch.randn(count, 2).numpy()]), numbers % classes


@mark.task("out_of_fold_predictions", "models have not seen their rows")
def test_no_entry_comes_from_a_model_that_has_seen_its_row(student):
    def probe(answer, X, y):
        def record_keeper(rows, labels):
            seen = set(rows[:, 0].tolist())
            return lambda asked: np.array([[number in seen] * 2 for number in asked[:, 0]], dtype=float)

        result = answer.out_of_fold_predictions([record_keeper, record_keeper], X, y, 3)
        return int(result.any(axis=-1).sum())

    leaks = student(probe, *numbered_rows(12, 2))
    assert leaks == 0, f"of 12 rows, {leaks} were predicted by a model that had been trained on them"


@mark.task("out_of_fold_predictions", "models have not seen their rows")
def test_each_model_learns_from_all_rows_outside_its_fold(student):
    def probe(answer, X, y):
        found = []
        for count in (len, lambda rows: len(set(rows[:, 0].tolist()))):

            def counter(rows, labels, count=count):
                size = float(count(rows))
                return lambda asked: np.full((len(asked), 2), size)

            result = answer.out_of_fold_predictions([counter], X, y, 3)
            found.append(sorted(set(np.ravel(result).tolist())))
        return found

    given, different = student(probe, *numbered_rows(12, 2))
    assert given == [8.0], f"of 12 rows in 3 folds, models were given {given}, expected 8"
    assert different == [8.0], f"of 12 rows in 3 folds, models were given 8, of which {different} are different ones"


@mark.task("out_of_fold_predictions", "folds")
def test_there_are_num_folds_folds_whose_sizes_differ_by_at_most_one(student):
    def probe(answer, X, y):
        counter = itertools.count()

        def numbered_model(rows, labels):
            number = next(counter)
            return lambda asked: np.full((len(asked), 2), float(number))

        reports = []
        for arguments in [(4,), ()]:
            result = answer.out_of_fold_predictions([numbered_model], X, y, *arguments)
            numbers = np.unique(result[:, 0])
            sizes = sorted(int((result[:, 0] == number).sum()) for number in numbers)
            by_class = [[int((result[y == c, 0] == number).sum()) for number in numbers] for c in (0, 1)]
            stratified = all(max(counts) - min(counts) <= 1 for counts in by_class)
            reports.append([sizes, max(sizes) - min(sizes) <= 1 or stratified])
        return reports

    # 19 = 4 * 4 + 3: whatever the classes are, one fold with all of the remainder is too large to be stratified.
    for folds, (sizes, fair) in zip([4, 5], student(probe, *numbered_rows(19, 2)), strict=True):
        assert len(sizes) == folds, (
            f"19 rows, {folds} folds asked for{' by default' * (folds == 5)}: {len(sizes)} models"
        )
        assert fair, f"19 rows, {folds} folds: their sizes are {sizes}"


@mark.task("out_of_fold_predictions", "places")
def test_row_i_of_the_result_is_about_row_i_of_x(student):
    def probe(answer, X, y):
        fit = lambda rows, labels: lambda asked: np.column_stack([asked[:, 0], asked[:, 0]])  # noqa: E731
        result = answer.out_of_fold_predictions([fit, fit], X, y, 4)
        return len(result), bool((result == X[:, :1]).all())

    length, in_place = student(probe, *numbered_rows(18, 2))
    assert length == 18, f"18 rows give a result of {length} rows"
    assert in_place, "predictions stand in rows that they are not about"


@mark.task("out_of_fold_predictions", "places")
def test_the_models_stand_side_by_side_in_order_with_all_their_classes(student):
    def probe(answer, X, y):
        tables = [[0.5, 0.3, 0.2], [0.1, 0.65, 0.25]]
        fits = [lambda rows, labels, p=p: lambda asked: np.tile(p, (len(asked), 1)) for p in tables]
        result = answer.out_of_fold_predictions(fits, X, y, 3)
        return result if isinstance(result, np.ndarray) else type(result).__name__

    result = student(probe, *numbered_rows(12, 3))
    assert not isinstance(result, str), f"the result is of type {result}, expected a numpy array"
    assert_close(result, np.tile([0.5, 0.3, 0.2, 0.1, 0.65, 0.25], (12, 1)).astype(result.dtype), rtol=1e-6)


@mark.task("out_of_fold_predictions", "models have not seen their rows")
def test_every_model_gets_the_labels_of_its_own_rows(student):
    def probe(answer, X, y):
        matching = []

        def record_keeper(rows, labels):
            matching.append(len(rows) == len(labels) and bool((rows[:, 0] % 3 == np.asarray(labels)).all()))
            return lambda asked: np.full((len(asked), 3), 1 / 3)

        answer.out_of_fold_predictions([record_keeper, record_keeper], X, y, 3)
        return all(matching)

    assert student(probe, *numbered_rows(24, 3)), "models get labels that do not belong to their rows"


@mark.task("out_of_fold_predictions", "bad input")
def test_fewer_than_two_folds_and_more_folds_than_rows_are_refused(student):
    def probe(answer, X, y):
        fit = lambda rows, labels: lambda asked: np.full((len(asked), 2), 0.5)  # noqa: E731
        return [error_of(answer.out_of_fold_predictions, [fit], X, y, folds) for folds in (1, 0, -3, 7)]

    for folds, raised in zip([1, 0, -3, 7], student(probe, *numbered_rows(6, 2)), strict=True):
        assert raised == "ValueError", f"num_folds={folds} for 6 rows: {raised or 'no error'}, expected ValueError"


@mark.task("out_of_fold_predictions", "folds")
def test_there_may_be_as_many_folds_as_rows(student):
    def probe(answer, X):
        # All labels are equal, so that stratified folds are possible too.
        fit = lambda rows, labels: lambda asked: np.full((len(asked), 1), float(len(rows)))  # noqa: E731
        result = answer.out_of_fold_predictions([fit], X, np.zeros(6, dtype=int), 6)
        return sorted(set(np.ravel(result).tolist()))

    seen = student(probe, numbered_rows(6, 2)[0])
    assert seen == [5.0], f"6 rows in 6 folds: models have seen {seen} rows, expected 5"


@mark.task("out_of_fold_predictions", "inputs and generators")
def test_rows_and_labels_stay_as_they_are(student):
    def probe(answer, X, y):
        given = X.copy(), y.copy()
        fit = lambda rows, labels: lambda asked: np.full((len(asked), 2), 0.5)  # noqa: E731
        answer.out_of_fold_predictions([fit, fit], *given, 3, np.random.default_rng(0))
        return {"X": np.array_equal(given[0], X), "y": np.array_equal(given[1], y)}

    for name, unchanged in student(probe, *numbered_rows(30, 2)).items():
        assert unchanged, f"`{name}` is not what it was before"


@mark.task("out_of_fold_predictions", "inputs and generators")
def test_folds_depend_on_rng_alone_and_no_generator_is_seeded(student):
    def probe(answer, X, y, seed):
        def folds(elsewhere, rng):
            np.random.seed(elsewhere)
            torch.manual_seed(elsewhere)
            counter = itertools.count()

            def numbered_model(rows, labels):
                number = next(counter)
                return lambda asked: np.full((len(asked), 2), float(number))

            result = answer.out_of_fold_predictions([numbered_model], X, y, 3, rng)
            return result[:, 0], np.random.get_state()[1], torch.get_rng_state()

        (one, *states), (same, *others) = (folds(elsewhere, np.random.default_rng(seed)) for elsewhere in (987, 654))
        without = [folds(elsewhere, None)[1:] for elsewhere in (987, 654)]
        pairs = [(states[0], others[0]), (states[1].numpy(), others[1].numpy()), (without[0][0], without[1][0])]
        return np.array_equal(one, same), any(np.array_equal(*pair) for pair in pairs)

    same_folds, seeded = student(probe, *numbered_rows(30, 2), int(torch.randint(1 << 30, ())))
    assert same_folds, "two generators in the same state, as `rng`, give different folds"
    assert not seeded, "a global generator was in two different states, and is in the same one after the call"


# Stacking. What the base models say about rows that they have not seen stands in the rows themselves, in columns 1 to 3
# and 4 to 6, and is put in the place of the student's out_of_fold_predictions: each test holds for an own one as well.


def advice(labels, mistakes):
    """Columns for three classes: 0.8 for a class that is the label, or shifted from it by `mistakes`, else 0.1."""
    return 0.1 + 0.7 * np.eye(3)[(labels + mistakes) % 3]


def balanced_rows():
    """36 rows: label y; columns 1 to 3 favour y in half of them; columns 4 to 6 have nothing to do with either."""
    y, other, mistakes = (part.ravel() for part in np.meshgrid(np.arange(3), np.arange(3), [0, 0, 1, 2]))
    order = torch.randperm(36).numpy()
    X = np.column_stack([100 + np.arange(36), advice(y, mistakes), advice(other, 0)])
    return X[order], y[order]


@mark.task("stacking_ensemble", "learning from unseen rows")
def test_the_meta_model_learns_from_predictions_about_unseen_rows(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        adviser = lambda rows, labels: lambda asked: asked[:, 1:4]  # noqa: E731

        def memoriser(rows, labels):
            seen = dict(zip(rows[:, 0].tolist(), labels.tolist(), strict=True))
            return lambda asked: np.stack([np.eye(3)[seen[r[0]]] if r[0] in seen else r[4:7] for r in asked])

        ensemble = answer.StackingEnsemble([adviser, memoriser])
        ensemble.fit(X, y)
        return [int(choice) for choice in ensemble.predict_proba(new).argmax(axis=1)]

    good = np.array([0, 0, 1, 1, 2, 2])
    other = np.array([1, 2, 0, 2, 0, 1])
    new = np.column_stack([900 + np.arange(6), advice(good, 0), np.eye(3)[other]])
    choices = student(probe, *balanced_rows(), new)
    message = "on new rows the ensemble follows the base model that had only learned its training rows by heart"
    assert choices != other.tolist(), message
    assert choices == good.tolist(), f"on new rows the good base model says {good.tolist()}, the ensemble {choices}"


@mark.task("stacking_ensemble", "learning from unseen rows")
def test_new_rows_are_answered_by_base_models_that_have_seen_every_row(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        asked_models = []

        def record_keeper(columns):
            def fit(rows, labels):
                seen = len(set(rows[:, 0].tolist()))
                right = bool((np.asarray(labels) == y[[X[:, 0].tolist().index(n) for n in rows[:, 0]]]).all())

                def predict(asked):
                    asked_models.append([columns.start, seen, right])
                    return asked[:, columns]

                return predict

            return fit

        ensemble = answer.StackingEnsemble([record_keeper(slice(1, 4)), record_keeper(slice(4, 7))])
        ensemble.fit(X, y)
        asked_models.clear()
        ensemble.predict_proba(new)
        return sorted(map(list, set(map(tuple, asked_models))))

    X, y = balanced_rows()
    models = student(probe, X, y, X[:5] + np.array([900.0, 0, 0, 0, 0, 0, 0]))
    assert sorted({start for start, *_ in models}) == [1, 4], "new rows are not shown to both base models"
    assert {seen for _, seen, _ in models} == {36}, f"of 36 rows, they have seen {sorted({m[1] for m in models})}"
    assert all(right for *_, right in models), "they were trained with labels that are not those of their rows"


@mark.task("stacking_ensemble", "the regression")
def test_the_log_odds_are_linear_in_the_base_models_probabilities(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        ensemble = answer.StackingEnsemble(fits)
        ensemble.fit(X, y)
        result = np.asarray(ensemble.predict_proba(new))
        logs = np.log(np.clip(result, 1e-300, None))
        odds = logs - logs[:, :1]
        return {
            "hard": bool(np.isin(result, [0, 1]).all()),
            "moves": bool(np.abs(result[0] - result[3]).max() > 1e-9),
            "linear": bool(np.abs(odds[2] - odds[:2].mean(axis=0)).max() < 1e-5),
        }

    X, y = balanced_rows()
    ends = np.array([[0, 0.9, 0.05, 0.05, 0.2, 0.7, 0.1], [0, 0.1, 0.1, 0.8, 0.6, 0.3, 0.1]])
    between = [share * ends[0] + (1 - share) * ends[1] for share in (0.5, 0.99)]
    found = student(probe, X, y, np.vstack([ends, between]))
    assert not found["hard"], "every probability is 0 or 1"
    assert found["moves"], "when the base models' probabilities change a little, the ensemble's do not change at all"
    message = "half-way between two rows' base predictions, the log-odds are not half-way, as they are in a "
    assert found["linear"], message + "multinomial logistic regression"


@mark.task("stacking_ensemble", "the regression")
def test_the_rows_themselves_have_no_say(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        ensemble = answer.StackingEnsemble(fits)
        ensemble.fit(X, y)
        one, other = ensemble.predict_proba(new), ensemble.predict_proba(new - np.array([950, 0, 0, 0, 0, 0, 0]))
        return bool(np.allclose(one, other, rtol=0, atol=1e-9))

    X, y = balanced_rows()
    assert student(probe, X, y, X[:5]), "a column that no base model looks at changes the ensemble's probabilities"


@mark.task("stacking_ensemble", "predictions")
def test_every_row_gets_probabilities_that_add_up_to_one(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        ensemble = answer.StackingEnsemble(fits)
        ensemble.fit(X, y)
        result = np.asarray(ensemble.predict_proba(new))
        sums = result.sum(axis=-1)
        return list(result.shape), bool((result >= 0).all() and (np.abs(sums - 1) < 1e-6).all())

    X, y = balanced_rows()
    shape, proper = student(probe, X, y, X[:5])
    assert shape == [5, 3], f"5 rows and 3 classes give shape {tuple(shape)}"
    assert proper, "there are negative entries, or rows that do not add up to 1"


@mark.task("stacking_ensemble", "predictions")
def test_predict_gives_the_most_probable_class_of_each_row(student):
    def probe(answer, X, y, new):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        ensemble = answer.StackingEnsemble(fits)
        ensemble.fit(X, y)
        classes = np.asarray(ensemble.predict(new))
        most_probable = np.asarray(ensemble.predict_proba(new)).argmax(axis=-1)
        return list(classes.shape), classes.dtype.kind, bool(np.array_equal(classes, most_probable))

    # Here the louder base model is the one that is never right, so that their mean is no substitute.
    X, y = balanced_rows()
    new = np.column_stack([900 + np.arange(4), advice(np.array([0, 1, 2, 1]), 0), np.eye(3)[[1, 2, 0, 0]]])
    shape, _, same = student(probe, X, y, new)
    assert shape == [4], f"4 rows give classes of shape {tuple(shape)}"
    assert same, "the classes are not those with the largest probabilities of `predict_proba`"


@mark.task("stacking_ensemble", "folds and data")
def test_fit_returns_the_ensemble_itself(student):
    def probe(answer, X, y):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7]
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        ensemble = answer.StackingEnsemble(fits)
        result = ensemble.fit(X, y)
        return result is ensemble, type(result).__name__

    same, kind = student(probe, *balanced_rows())
    assert same, f"fit returns something else, of type {kind}"


@mark.task("stacking_ensemble", "folds and data")
def test_num_folds_and_rng_decide_about_the_folds(student):
    def probe(answer, X, y, seed):
        def folds_by_rng(fit_functions, X, y, num_folds=5, rng=None):
            fold = np.random.default_rng(rng).permutation(len(X)) % num_folds
            models = [[fit(X[fold != k], y[fold != k]) for k in range(num_folds)] for fit in fit_functions]
            return np.array([np.concatenate([m[k](X[i : i + 1])[0] for m in models]) for i, k in enumerate(fold)])

        answer.out_of_fold_predictions = folds_by_rng

        def training_sets(elsewhere):
            np.random.seed(elsewhere)
            torch.manual_seed(elsewhere)
            seen = []

            def record_keeper(rows, labels):
                seen.append(sorted(rows[:, 0].tolist()))
                return lambda asked: asked[:, 1:4]

            answer.StackingEnsemble([record_keeper], num_folds=3, rng=np.random.default_rng(seed)).fit(X, y)
            return seen, np.random.get_state()[1]

        (one, state), (same, other) = training_sets(987), training_sets(654)
        return sorted({len(rows) for rows in one}), one == same, np.array_equal(state, other)

    sizes, same, seeded = student(probe, *balanced_rows(), int(torch.randint(1 << 30, ())))
    assert sizes == [24, 36], f"36 rows and num_folds=3: base models were trained on {sizes} rows, expected 24 and 36"
    assert same, "two generators in the same state, as `rng`, give different folds"
    assert not seeded, "numpy's global generator was in two different states, and is in the same one after the call"


@mark.task("stacking_ensemble", "folds and data")
def test_the_training_data_stay_as_they_are(student):
    def probe(answer, X, y):
        answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7].copy()
        fits = [lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)]
        given = X.copy(), y.copy()
        ensemble = answer.StackingEnsemble(fits)
        ensemble.fit(*given)
        ensemble.predict(given[0])
        return {"X": np.array_equal(given[0], X), "y": np.array_equal(given[1], y)}

    for name, unchanged in student(probe, *balanced_rows()).items():
        assert unchanged, f"`{name}` is not what it was before"
