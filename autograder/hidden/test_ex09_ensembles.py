"""Hidden tests of ex09: averaging and voting, disagreement, out-of-fold predictions, stacking.

Models are tables of logits (`nn.Embedding`, asked about rows 0, 1, 2, ...), so that what they say is known exactly.
A leak is found by base learners that keep a record: column 0 of X is the row's number, and a model tells, for each
row that it is asked about, whether it has been trained on it. Nothing here depends on an accuracy.
"""

import numpy as np
import torch
from pytest import mark, param

from autograder.course.testing import assert_close


def ensemble(answer, logits):
    """An ensemble of models whose outputs are known."""
    return answer.EnsembleModel([nn.Embedding.from_pretrained(table) for table in logits])


def message_of(function, *args):
    """The name of the error that a call raises, or "", and its message."""
    try:
        function(*args)
    except Exception as error:
        return error_of(function, *args), str(error)
    return "", ""


# Averaging. Weights may be float32 on their way: hence 1e-5.


def averaged(answer, logits, weights=None):
    """The mean of the models' probabilities, as float64."""
    model, rows = ensemble(answer, logits), torch.arange(logits.shape[1])
    return (model.predict_average(rows) if weights is None else model.predict_average(rows, weights)).double()


@mark.task("predict_average", "the mean of the probabilities")
def test_probabilities_are_averaged_and_not_logits(student, reference):
    logits = 3 * torch.randn(4, 6, 5, dtype=torch.float64)
    assert_close(student(averaged, logits), reference(averaged, logits), rtol=1e-5, atol=1e-5)


@mark.task("predict_average", "weights")
def test_each_model_counts_by_its_share_of_the_weights(student, reference):
    logits = 3 * torch.randn(3, 6, 5, dtype=torch.float64)
    for weights in ([2, 1, 5], [0.25, 0.5, 0.25], [20.0, 10.0, 50.0]):
        assert_close(student(averaged, logits, weights), reference(averaged, logits, weights), rtol=1e-5, atol=1e-5)


@mark.task("predict_average", "form and bad input")
def test_negative_weights_and_weights_that_are_all_zero_are_refused(student):
    def probe(answer, logits):
        model = ensemble(answer, logits)
        cases = [[2.0, -1.0, 3.0], [-1.0, -2.0, -1.0], [0.0, 0.0, 0.0]]
        return {str(weights): message_of(model.predict_average, torch.arange(4), weights) for weights in cases}

    for weights, (raised, text) in student(probe, torch.randn(3, 4, 5)).items():
        assert raised == "ValueError", f"weights {weights}: {raised or 'no error'}, expected ValueError"
        assert "weights" in text or weights.strip("[]") in text, (
            f"the message for weights {weights} names neither `weights` nor their values"
        )


@mark.task("predict_average", "form and bad input")
def test_a_weight_of_zero_is_fine_for_some(student, reference):
    logits = torch.randn(3, 4, 5, dtype=torch.float64)
    for weights in ([0.0, 0.0, 4.0], [0.25, 0.0, 0.75]):
        assert_close(student(averaged, logits, weights), reference(averaged, logits, weights), rtol=1e-5, atol=1e-5)


@mark.task("predict_average", "form and bad input")
def test_an_ensemble_of_no_models_is_refused(student):
    def probe(answer):
        return error_of(answer.EnsembleModel, [])

    raised = student(probe)
    assert raised == "ValueError", f"EnsembleModel([]): {raised or 'no error'}, expected ValueError"


@mark.task("predict_average", "form and bad input")
def test_float64_stays_float64_and_float32_stays_float32(student):
    def probe(answer, logits):
        models = [ensemble(answer, tables) for tables in (logits.double(), logits.float())]
        weights = (None, [1.0, 3.0])
        return [str(model.predict_average(torch.arange(4), w).dtype) for model in models for w in weights]

    dtypes = student(probe, torch.randn(2, 4, 5))
    expected = ["torch.float64"] * 2 + ["torch.float32"] * 2
    assert dtypes == expected, f"models in float64, then float32, without and with weights: {dtypes}"


@mark.task("predict_average", "form and bad input")
def test_one_row_and_one_model_keep_their_place_in_the_shape(student):
    shapes = [tuple(student(averaged, torch.randn(models, 1, 5)).shape) for models in (3, 1)]
    assert shapes == [(1, 5)] * 2, f"one row and 5 classes, by three models and by one: shapes {shapes}"


@mark.task("predict_average", "form and bad input")
def test_what_is_passed_in_stays_as_it_is(student):
    def probe(answer, x):
        weights, models = [2.0, 6.0], [nn.Linear(4, 3), nn.Linear(4, 3)]
        state = [parameter.clone() for model in models for parameter in model.parameters()]
        batch, given = x.clone(), list(models)
        answer.EnsembleModel(given).predict_average(batch, weights)
        parameters = [parameter for model in models for parameter in model.parameters()]
        return {
            "x": torch.equal(x, batch) and not batch.requires_grad,
            "weights": weights == [2.0, 6.0],
            "models": len(given) == 2 and all(map(torch.equal, state, parameters)),
            "requires_grad of the models": all(parameter.requires_grad for parameter in parameters),
        }

    for name, unchanged in student(probe, 3 + torch.randn(5, 4)).items():
        assert unchanged, f"`{name}` is not what it was before"


# Both ways to predict leave no trace. What counts is seen from inside the models, whoever asks.


def both(criterion):
    """A test of predict_average and of predict_voting."""
    names = {"average": "predict_average", "voting": "predict_voting"}
    params = [param(name, id=short, marks=mark.task(name, criterion)) for short, name in names.items()]
    return mark.parametrize("method", params)


@both("eval mode")
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


@both("modes afterwards, gradients")
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
    stories = ["training mode with one layer in eval mode", "eval mode", "eval mode with one layer in training mode"]
    for story, old, new in zip(stories, before, after, strict=True):
        changed = sum(one != other for one, other in zip(old, new, strict=True))
        assert not changed, f"of a model in {story}, {changed} of {len(old)} modules are in another mode afterwards"


@both("modes afterwards, gradients")
def test_no_gradient_is_recorded_while_the_models_run(student, method):
    def probe(answer, method, x):
        recorded = set()

        class Witness(nn.Linear):
            def forward(self, x):
                output = super().forward(x)
                recorded.add(output.requires_grad)
                return output

        result = getattr(answer.EnsembleModel([Witness(4, 5), Witness(4, 5)]), method)(x)
        return {"recorded": sorted(recorded), "result": result.requires_grad, "enabled": torch.is_grad_enabled()}

    found = student(probe, method, torch.randn(6, 4))
    assert found["recorded"] == [False], "the outputs of the models require a gradient"
    assert not found["result"], "the result requires a gradient"
    assert found["enabled"], "after the prediction, recording is switched off for everybody"


# Voting


def voted(answer, logits):
    """The class of each row, as a plain number."""
    return [int(choice) for choice in ensemble(answer, logits).predict_voting(torch.arange(logits.shape[1]))]


def assert_votes(student, votes, logits, expected):
    """Each row of votes gives the expected class."""
    for votes_of_row, choice, right in zip(votes, student(voted, logits), expected, strict=True):
        assert choice == right, f"votes {votes_of_row}: class {choice}, expected {right}"


@mark.task("predict_voting", "the majority")
def test_the_class_with_most_votes_wins_however_sure_the_others_are(student):
    votes = torch.tensor([[5, 5, 2, 0, 2, 5, 1], [4, 1, 1, 4, 3, 1, 6], [6, 0, 6, 0, 3, 6, 6]])  # (rows, models)
    logits = 2.0 * torch.nn.functional.one_hot(votes.T, 7) + torch.rand(7, 3, 7)
    logits[3:5] *= 20
    assert_votes(student, votes.tolist(), logits, [5, 1, 6])


@mark.task("predict_voting", "ties")
def test_a_tie_goes_to_the_smallest_of_the_classes_with_most_votes(student):
    # Four ties: one that the first model is no part of, and one of five.
    votes = torch.tensor([[4, 2, 4, 2, 0], [1, 5, 5, 3, 3], [3, 5, 2, 4, 1], [5, 5, 3, 3, 0], [1, 5, 3, 3, 4]])
    logits = 4.0 * torch.nn.functional.one_hot(votes.T, 6) + torch.rand(5, 5, 6)
    assert_votes(student, votes.tolist(), logits, [2, 3, 1, 3, 3])


@mark.task("predict_voting", "form")
def test_the_result_is_one_integer_for_each_row(student):
    def probe(answer, logits):
        result = ensemble(answer, logits).predict_voting(torch.arange(logits.shape[1]))
        return list(result.shape), not result.dtype.is_floating_point

    for logits in (torch.randn(3, 4, 5), torch.randn(1, 1, 5)):
        (shape, whole), rows = student(probe, logits), logits.shape[1]
        assert shape == [rows], f"{rows} rows give a result of shape {tuple(shape)}"
        assert whole, "the classes come as floating point numbers"


# Disagreement


def disagreed(answer, predictions):
    """The disagreement as a plain float."""
    return float(answer.disagreement(predictions))


def stairs(rows, *counts):
    """Labels 0 and 1: model i says 1 on the first counts[i] rows, in random order."""
    order = torch.randperm(rows)
    return torch.stack([(order < count).long() for count in counts])


@mark.task("disagreement", "the mean over all pairs")
def test_it_is_the_mean_over_all_pairs_of_different_models(student):
    observed = student(disagreed, stairs(12, 3, 0, 1, 9, 10))
    assert_close(observed, 56 / 10 / 12, rtol=1e-5, atol=1e-6)  # the ten pairs differ on 56 rows


@mark.task("disagreement", "the mean over all pairs")
def test_three_models_make_three_pairs(student):
    observed = student(disagreed, stairs(8, 5, 0, 1))
    assert_close(observed, 10 / 3 / 8, rtol=1e-5, atol=1e-6)  # on 5, 4 and 1 rows


@mark.task("disagreement", "classes are names")
def test_classes_are_names_and_not_numbers(student):
    predictions = torch.randint(3, (3, 8))
    names, other_names = (student(disagreed, labels) for labels in (predictions, 10 * predictions))
    assert_close(other_names, names, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "extremes and form")
def test_two_models_disagree_on_the_share_of_rows_where_their_classes_differ(student):
    assert_close(student(disagreed, stairs(8, 3, 0)), 0.375, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "extremes and form")
def test_it_is_zero_for_models_that_agree_and_one_for_models_that_never_do(student):
    same = torch.randint(5, (9,)).expand(4, 9).contiguous()
    never = (torch.arange(4)[:, None] + torch.randint(5, (9,))) % 5
    for predictions, expected in ((same, 0.0), (never, 1.0)):
        assert_close(student(disagreed, predictions), expected, rtol=1e-5, atol=1e-6)


@mark.task("disagreement", "extremes and form")
def test_the_result_is_a_plain_float_and_the_predictions_stay(student):
    def probe(answer, predictions):
        before = predictions.clone()
        return isinstance(answer.disagreement(predictions), float), torch.equal(before, predictions)

    is_float, unchanged = student(probe, torch.randint(3, (3, 8)))
    assert is_float, "the result is not a plain float"
    assert unchanged, "`predictions` is not what it was before"


# Out-of-fold predictions. Numbers of rows in column 0 of X are not positions, and labels follow from them.


def numbered_rows(count, classes):
    """X of shape (count, 3) with a number from 100 on in column 0, in random order, and y that follows from it."""
    numbers = 100 + torch.randperm(count).numpy()
    return np.column_stack([numbers, torch.randn(count, 2).numpy()]), numbers % classes


def constant(*probabilities):
    """A fit function whose models say the same about every row."""
    return lambda rows, labels: lambda asked: np.tile(probabilities, (len(asked), 1)).astype(float)


def numbered_models():
    """A fit function whose models say which of them they are."""
    counter = itertools.count()

    def fit(rows, labels):
        number = float(next(counter))
        return lambda asked: np.full((len(asked), 2), number)

    return fit


@mark.task("out_of_fold_predictions", "predictions about unseen rows")
def test_each_row_is_predicted_in_its_place_by_a_model_that_has_not_seen_it(student):
    def probe(answer, X, y):
        def teller(tell):
            def fit(rows, labels):
                matching.append(len(rows) == len(labels) and bool((rows[:, 0] % 2 == np.asarray(labels)).all()))
                seen = set(rows[:, 0].tolist())
                return lambda asked: np.eye(2)[[int(tell(number, seen)) for number in asked[:, 0]]]

            return fit

        matching = []
        leaks = answer.out_of_fold_predictions([teller(lambda number, seen: number in seen)], X, y, 3)
        place = [
            answer.out_of_fold_predictions([teller(lambda number, seen, bit=bit: number // bit % 2)], X, y, 3)
            for bit in (1, 2, 4)
        ]
        lengths = sorted({len(result) for result in (leaks, *place)})
        in_place = [
            np.array_equal(result[:, 1], X[:, 0] // bit % 2) for result, bit in zip(place, (1, 2, 4), strict=True)
        ]
        return lengths, int(leaks[:, 1].sum()), all(in_place), all(matching)

    lengths, leaks, in_place, matching = student(probe, *numbered_rows(19, 2))
    assert lengths == [19], f"19 rows give a result of {lengths[0]} rows"
    assert leaks == 0, f"of 19 rows, {leaks} were predicted by a model that had been trained on them"
    assert in_place, "predictions stand in rows that they are not about"
    assert matching, "models get labels that do not belong to their rows"


@mark.task("out_of_fold_predictions", "the models side by side")
def test_the_models_stand_side_by_side_in_order_with_all_their_classes(student):
    def probe(answer, X, y):
        result = answer.out_of_fold_predictions([constant(0.5, 0.3, 0.2), constant(0.1, 0.65, 0.25)], X, y, 3)
        return result if isinstance(result, np.ndarray) else type(result).__name__

    result = student(probe, *numbered_rows(12, 3))
    assert not isinstance(result, str), f"the result is of type {result}, expected a numpy array"
    assert_close(result, np.tile([0.5, 0.3, 0.2, 0.1, 0.65, 0.25], (12, 1)).astype(result.dtype), rtol=1e-6)


@mark.task("out_of_fold_predictions", "all rows outside a fold train")
def test_each_model_learns_from_all_rows_outside_its_fold(student):
    def probe(answer, X, y):
        found = []

        def fit(rows, labels):
            found.append([len(rows), len(set(rows[:, 0].tolist()))])
            return lambda asked: np.full((len(asked), 2), 0.5)

        answer.out_of_fold_predictions([fit], X, y)
        return sorted(set(map(tuple, found)))

    trained = student(probe, *numbered_rows(20, 2))
    assert trained == [(16, 16)], (
        "of 20 rows in five folds, which is the default, 16 lie outside each; models were given "
        f"{' and '.join(f'{given} rows, {different} different ones' for given, different in trained)}"
    )


@mark.task("out_of_fold_predictions", "folds")
def test_there_are_num_folds_folds_whose_sizes_differ_by_at_most_one(student):
    def probe(answer, X, y):
        result = answer.out_of_fold_predictions([numbered_models()], X, y, 4)[:, 0]
        numbers = np.unique(result)
        by_class = [[int((result[y == c] == number).sum()) for number in numbers] for c in (0, 1)]
        sizes = sorted(map(sum, zip(*by_class, strict=True)))
        stratified = all(max(counts) - min(counts) <= 1 for counts in by_class)
        return sizes, max(sizes) - min(sizes) <= 1 or stratified

    # 19 = 4 * 4 + 3: whatever the classes are, one fold with all of the remainder is too large to be stratified.
    sizes, fair = student(probe, *numbered_rows(19, 2))
    assert len(sizes) == 4, f"19 rows, 4 folds asked for: {len(sizes)} models"
    assert fair, f"19 rows, 4 folds: their sizes are {sizes}"


@mark.task("out_of_fold_predictions", "folds")
def test_there_may_be_two_folds_or_as_many_as_rows(student):
    def probe(answer, X, folds):
        # All labels are equal, so that stratified folds are possible too.
        fit = lambda rows, labels: lambda asked: np.full((len(asked), 1), float(len(rows)))  # noqa: E731
        result = answer.out_of_fold_predictions([fit], X, np.zeros(6, dtype=int), folds)
        return sorted(set(np.ravel(result).tolist()))

    for folds, expected in ((6, 5.0), (2, 3.0)):
        seen = student(probe, numbered_rows(6, 2)[0], folds)
        assert seen == [expected], f"6 rows in {folds} folds: models have seen {seen} rows, expected {expected:g}"


@mark.task("out_of_fold_predictions", "bad input, inputs and generators")
def test_fewer_than_two_folds_and_more_folds_than_rows_are_refused(student):
    def probe(answer, X, y):
        return [
            message_of(answer.out_of_fold_predictions, [constant(0.5, 0.5)], X, y, folds) for folds in (1, 0, -3, 7)
        ]

    for folds, (raised, text) in zip([1, 0, -3, 7], student(probe, *numbered_rows(6, 2)), strict=True):
        assert raised == "ValueError", f"num_folds={folds} for 6 rows: {raised or 'no error'}, expected ValueError"
        assert "fold" in text or str(folds) in text, (
            f"the message for num_folds={folds} names neither num_folds nor {folds}"
        )


@mark.task("out_of_fold_predictions", "bad input, inputs and generators")
def test_rows_and_labels_stay_as_they_are(student):
    def probe(answer, X, y):
        given = X.copy(), y.copy()
        answer.out_of_fold_predictions([constant(0.5, 0.5)] * 2, *given, 3, np.random.default_rng(0))
        return {"X": np.array_equal(given[0], X), "y": np.array_equal(given[1], y)}

    for name, unchanged in student(probe, *numbered_rows(30, 2)).items():
        assert unchanged, f"`{name}` is not what it was before"


@mark.task("out_of_fold_predictions", "bad input, inputs and generators")
def test_folds_depend_on_rng_alone_and_no_generator_is_seeded(student):
    def probe(answer, X, y, seed):
        def folds(elsewhere, rng):
            np.random.seed(elsewhere), torch.manual_seed(elsewhere)
            result = answer.out_of_fold_predictions([numbered_models()], X, y, 3, rng)
            return result[:, 0], np.random.get_state()[1], torch.get_rng_state().numpy()

        (one, *states), (same, *others) = (folds(elsewhere, np.random.default_rng(seed)) for elsewhere in (987, 654))
        without = [folds(elsewhere, None)[1:] for elsewhere in (987, 654)]
        pairs = [*zip(states, others, strict=True), *zip(*without, strict=True)]
        return np.array_equal(one, same), any(np.array_equal(*pair) for pair in pairs)

    same_folds, seeded = student(probe, *numbered_rows(30, 2), int(torch.randint(1 << 30, ())))
    assert same_folds, "two generators in the same state, as `rng`, give different folds"
    assert not seeded, "a global generator was in two different states, and is in the same one after the call"


# Stacking. What the base models say about rows that they have not seen stands in the rows themselves, in columns 1 to 3
# and 4 to 6, and is put in the place of the student's out_of_fold_predictions: each test holds for an own one as well.


def with_known_predictions(answer):
    """While the stacking ensemble is judged."""
    answer.out_of_fold_predictions = lambda fit_functions, X, y, num_folds=5, rng=None: X[:, 1:7].copy()


STAND_INS = {"stacking_ensemble": with_known_predictions}


def stacked(answer, X, y):
    """A fitted ensemble of two base models that repeat what stands in the rows."""
    result = answer.StackingEnsemble([lambda rows, labels, a=a: lambda asked: asked[:, a : a + 3] for a in (1, 4)])
    result.fit(X, y)
    return result


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
        adviser = lambda rows, labels: lambda asked: asked[:, 1:4]  # noqa: E731

        def memoriser(rows, labels):
            seen = dict(zip(rows[:, 0].tolist(), labels.tolist(), strict=True))
            return lambda asked: np.stack([np.eye(3)[seen[r[0]]] if r[0] in seen else r[4:7] for r in asked])

        model = answer.StackingEnsemble([adviser, memoriser])
        model.fit(X, y)
        return [int(choice) for choice in model.predict_proba(new).argmax(axis=1)]

    good, other = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    new = np.column_stack([np.arange(6) / 1000, advice(good, 0), np.eye(3)[other]])  # numbers that nobody has seen
    choices = student(probe, *balanced_rows(), new)
    message = "on new rows the ensemble follows the base model that had only learned its training rows by heart"
    assert choices != other.tolist(), message
    assert choices == good.tolist(), f"on new rows the good base model says {good.tolist()}, the ensemble {choices}"


@mark.task("stacking_ensemble", "base models that have seen every row")
def test_new_rows_are_answered_by_base_models_that_have_seen_every_row(student):
    def probe(answer, X, y, new):
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

        model = answer.StackingEnsemble([record_keeper(slice(1, 4)), record_keeper(slice(4, 7))])
        model.fit(X, y)
        asked_models.clear()
        model.predict_proba(new)
        return sorted(map(list, set(map(tuple, asked_models))))

    X, y = balanced_rows()
    models = student(probe, X, y, X[:5] + np.array([900.0, 0, 0, 0, 0, 0, 0]))
    assert sorted({start for start, *_ in models}) == [1, 4], "new rows are not shown to both base models"
    assert {seen for _, seen, _ in models} == {36}, f"of 36 rows, they have seen {sorted({m[1] for m in models})}"
    assert all(right for *_, right in models), "they were trained with labels that are not those of their rows"


@mark.task("stacking_ensemble", "probabilities of a multinomial regression")
def test_the_log_odds_are_linear_in_the_base_models_probabilities(student):
    def probe(answer, X, y, new):
        result = np.asarray(stacked(answer, X, y).predict_proba(new))
        logs = np.log(np.clip(result, 1e-300, None))
        odds = logs - logs[:, :1]
        return {
            "each row has a probability for each of three classes, and they add up to one": result.shape == (4, 3)
            and bool((result >= 0).all() and (np.abs(result.sum(axis=1) - 1) < 1e-6).all()),
            "not every probability is 0 or 1": not bool(np.isin(result, [0, 1]).all()),
            "when the base models' probabilities change a little, they change": bool(
                np.abs(result[0] - result[3]).max() > 1e-9
            ),
            "half-way between two rows' base predictions the log-odds are half-way": bool(
                np.abs(odds[2] - odds[:2].mean(axis=0)).max() < 1e-5
            ),
        }

    X, y = balanced_rows()
    ends = np.array([[0, 0.9, 0.05, 0.05, 0.2, 0.7, 0.1], [0, 0.1, 0.1, 0.8, 0.6, 0.3, 0.1]])
    between = [share * ends[0] + (1 - share) * ends[1] for share in (0.5, 0.99)]
    wrong = [name for name, right in student(probe, X, y, np.vstack([ends, between])).items() if not right]
    assert not wrong, f"of a multinomial logistic regression this holds, of predict_proba it does not: {wrong[0]}"


@mark.task("stacking_ensemble", "classes")
def test_predict_gives_the_most_probable_class_of_each_row(student):
    def probe(answer, X, y, new):
        model = stacked(answer, X, y)
        classes = np.asarray(model.predict(new))
        same = bool(np.array_equal(classes, np.asarray(model.predict_proba(new)).argmax(axis=-1)))
        return list(classes.shape), classes.dtype.kind, same

    # Here the louder base model is the one that is never right, so that their mean is no substitute.
    X, y = balanced_rows()
    new = np.column_stack([900 + np.arange(4), advice(np.array([0, 1, 2, 1]), 0), np.eye(3)[[1, 2, 0, 0]]])
    shape, _, same = student(probe, X, y, new)
    assert shape == [4], f"4 rows give classes of shape {tuple(shape)}"
    assert same, "the classes are not those with the largest probabilities of `predict_proba`"


@mark.task("stacking_ensemble", "fit, folds and data")
def test_the_rows_themselves_have_no_say(student):
    def probe(answer, X, y):
        model, shift = stacked(answer, X, y), np.array([950, 0, 0, 0, 0, 0, 0])
        one, other = (model.predict_proba(rows) for rows in (X[:5], X[:5] - shift))
        return bool(np.allclose(one, other, rtol=0, atol=1e-9))

    assert student(probe, *balanced_rows()), "a column that no base model looks at changes the ensemble's probabilities"


@mark.task("stacking_ensemble", "fit, folds and data")
def test_fit_returns_the_ensemble_itself(student):
    def probe(answer, X, y):
        model = answer.StackingEnsemble([lambda rows, labels: lambda asked: asked[:, 1:4]])
        result = model.fit(X, y)
        return result is model, type(result).__name__

    same, kind = student(probe, *balanced_rows())
    assert same, f"fit returns something else, of type {kind}"


@mark.task("stacking_ensemble", "fit, folds and data")
def test_num_folds_and_rng_decide_about_the_folds(student):
    def probe(answer, X, y, seed):
        def folds_by_rng(fit_functions, X, y, num_folds=5, rng=None):
            fold = np.random.default_rng(rng).permutation(len(X)) % num_folds
            models = [[fit(X[fold != k], y[fold != k]) for k in range(num_folds)] for fit in fit_functions]
            return np.array([np.concatenate([m[k](X[i : i + 1])[0] for m in models]) for i, k in enumerate(fold)])

        def training_sets(elsewhere):
            np.random.seed(elsewhere), torch.manual_seed(elsewhere)
            seen = []

            def record_keeper(rows, labels):
                seen.append(sorted(rows[:, 0].tolist()))
                return lambda asked: asked[:, 1:4]

            answer.StackingEnsemble([record_keeper], num_folds=3, rng=np.random.default_rng(seed)).fit(X, y)
            return seen, np.random.get_state()[1]

        answer.out_of_fold_predictions = folds_by_rng
        (one, state), (same, other) = training_sets(987), training_sets(654)
        return sorted({len(rows) for rows in one}), one == same, np.array_equal(state, other)

    sizes, same, seeded = student(probe, *balanced_rows(), int(torch.randint(1 << 30, ())))
    assert sizes == [24, 36], f"36 rows and num_folds=3: base models were trained on {sizes} rows, expected 24 and 36"
    assert same, "two generators in the same state, as `rng`, give different folds"
    assert not seeded, "numpy's global generator was in two different states, and is in the same one after the call"


@mark.task("stacking_ensemble", "fit, folds and data")
def test_the_training_data_stay_as_they_are(student):
    def probe(answer, X, y):
        given = X.copy(), y.copy()
        stacked(answer, *given).predict(given[0])
        return {"X": np.array_equal(given[0], X), "y": np.array_equal(given[1], y)}

    for name, unchanged in student(probe, *balanced_rows()).items():
        assert unchanged, f"`{name}` is not what it was before"
