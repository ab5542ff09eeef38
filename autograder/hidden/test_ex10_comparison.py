"""Hidden tests of ex10: an honest experiment, and the statistics that say what it shows.

No accuracy is ever compared with the reference's: which numbers are drawn, and when, is free. The experiment is
judged by what must not change when something else does. Probes give facts, not measurements, so that a mistake is known
again in whatever style it comes. While paired_comparison, run_experiment and the table are judged, correct pieces stand
in the places of the student's own, and before each run the global generators are seeded: who depends on them loses
points where that is asked, not everywhere. Quick tests come first: a diagnosis tries all misconceptions on the first
one that fails.
"""

import numpy as np
import torch
from pytest import mark

from autograder.course.testing import assert_close


def normal(*shape):
    """Random values from the generator that the hearing has seeded."""
    return torch.randn(shape, dtype=torch.float64).numpy()


# Standardizing.


@mark.task("standardize", "exact values")
def test_train_gets_mean_zero_and_standard_deviation_one(student, reference):
    def probe(answer, *parts):
        return answer.standardize(*parts)[0]

    parts = [5 + np.array([1.0, 30.0, 0.1]) * normal(rows, 3) for rows in (7, 4, 3)]
    assert_close(student(probe, *parts), reference(probe, *parts), rtol=1e-6)


@mark.task("standardize", "by train's numbers")
def test_validation_and_test_go_by_the_numbers_of_train(student, reference):
    def probe(answer, *parts):
        return list(answer.standardize(*parts)[1:])

    parts = [shift + np.array([1.0, 30.0, 0.1]) * normal(7, 3) for shift in (5, -1, 9)]
    assert_close(student(probe, *parts), reference(probe, *parts), rtol=1e-6)


@mark.task("standardize", "constant columns")
def test_a_column_that_is_constant_in_train_is_only_centered(student):
    def probe(answer, *parts):
        return list(answer.standardize(*parts))

    value = np.array([0.1, 7e5 + 0.1, 3.0])  # the first two get a standard deviation above 0 by rounding
    shifts = normal(4, 3), normal(2, 3)
    train = np.tile(value, (7, 1))
    expected = [np.zeros((7, 3)), *((value + shift) - value for shift in shifts)]
    assert_close(student(probe, train, *(value + shift for shift in shifts)), expected, rtol=1e-7, atol=1e-8)


@mark.task("standardize", "constant columns")
def test_a_column_of_zeros_is_left_as_it_is(student):
    def probe(answer, *parts):
        return list(answer.standardize(*parts))

    parts = [np.zeros((6, 2)), normal(3, 2), normal(2, 2)]
    assert_close(student(probe, *parts), parts)


@mark.task("standardize", "constant columns")
def test_a_column_of_tiny_numbers_is_not_a_constant_one(student, reference):
    def probe(answer, *parts):
        return list(answer.standardize(*parts))

    parts = [np.array([1e-15, 1.0]) * (1 + normal(rows, 2)) for rows in (7, 4, 3)]
    assert_close(student(probe, *parts), reference(probe, *parts))


@mark.task("standardize", "arguments left alone")
def test_the_three_parts_stay_as_they_are(student):
    def probe(answer, *parts):
        answer.standardize(*parts)
        return list(parts)

    parts = [3 + normal(rows, 2) for rows in (6, 4, 3)]
    assert_close(student(probe, *parts), parts, rtol=0, atol=0)


# A mean and its interval.


@mark.task("summarize", "exact for few values")
def test_the_mean_comes_first(student):
    def probe(answer, values):
        return float(answer.summarize(values)[0])

    values = (normal(5) ** 2).tolist()  # skewed, so that the median is another number
    assert_close(student(probe, values), float(np.mean(values)))


@mark.task("summarize", "the interval's size")
def test_low_and_high_are_those_of_students_distribution(student, reference):
    def probe(answer, values):
        return [float(value) for value in answer.summarize(values)[1:]]

    values = 5 + normal(6)
    assert_close(student(probe, values), reference(probe, values), rtol=1e-7, atol=1e-7)


@mark.task("summarize", "confidence")
def test_the_confidence_decides_the_width(student):
    def probe(answer, values):
        widths = [float(np.subtract(*answer.summarize(values, confidence=c)[:0:-1])) for c in (0.5, 0.95, 0.99)]
        return [widths[0] / widths[1], widths[2] / widths[1]]

    # t at 3 degrees of freedom and 0.75, 0.975, 0.995. Any factor that the widths share has gone.
    expected = [0.7648923284 / 3.1824463053, 5.8409093097 / 3.1824463053]
    assert_close(student(probe, normal(4).tolist()), expected, rtol=1e-6)


@mark.task("summarize", "exact for few values")
def test_two_values_are_enough(student):
    def probe(answer, values):
        return [float(value) for value in answer.summarize(values)]

    mean, half = 0.75, 12.7062047362 * 0.25  # s / sqrt(2) is half the distance
    assert_close(student(probe, [0.5, 1.0]), [mean, mean - half, mean + half], rtol=1e-6)


@mark.task("summarize", "exact for few values")
def test_fewer_than_two_values_raise_value_error(student):
    def probe(answer):
        return [error_of(answer.summarize, values) for values in ([0.5], [], np.array([0.25]))]

    raised = student(probe)
    assert raised == ["ValueError"] * 3, f"[0.5], [] and an array with one entry raise {raised}, not ValueError each"


@mark.task("summarize", "bad input, values left alone")
def test_the_values_stay_as_they_are(student):
    def probe(answer, values):
        answer.summarize(values)
        return values

    values = 5 + normal(6)
    assert_close(student(probe, values), values, rtol=0, atol=0)


# Two techniques, seed by seed.


def pairs(n):
    """Accuracies of two techniques that share the luck of the seed: apart they wobble by 1, their difference by 0.2."""
    shared = normal(n)
    return (shared + 0.2 * normal(n) + 0.2).tolist(), (shared + 0.1 * normal(n)).tolist()


def compared(answer, a, b, confidence, wanted):
    """The wanted numbers of a comparison, while a correct summarize stands in the place of the student's own."""
    from scipy import stats

    def summarize(values, confidence=0.95):
        interval = stats.ttest_1samp(values, 0).confidence_interval(confidence)
        return float(np.mean(values)), float(interval.low), float(interval.high)

    answer.summarize = summarize
    result = answer.paired_comparison(a, b, **({"confidence": confidence} if confidence else {}))
    return [float(result[number]) for number in wanted]


@mark.task("paired_comparison", "paired differences")
def test_the_difference_is_a_minus_b(student):
    a, b = pairs(6)
    assert_close(student(compared, a, b, None, [0]), [float(np.mean(a) - np.mean(b))])


@mark.task("paired_comparison", "paired differences")
def test_the_interval_is_that_of_the_differences(student, reference):
    arguments = *pairs(6), None, [1, 2]
    assert_close(student(compared, *arguments), reference(compared, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("paired_comparison", "exact interval")
def test_the_interval_widens_with_the_confidence(student):
    a, b = pairs(4)
    (low, high), (narrow_low, narrow_high) = (student(compared, a, b, confidence, [1, 2]) for confidence in (0.95, 0.5))
    expected = 0.7648923284 / 3.1824463053  # t at 3 degrees of freedom and 0.75, 0.975
    assert_close((narrow_high - narrow_low) / (high - low), expected, rtol=1e-6)


@mark.task("paired_comparison", "p-value")
def test_the_p_value_is_that_of_the_paired_t_test(student, reference):
    arguments = *pairs(5), None, [3]
    assert_close(student(compared, *arguments), reference(compared, *arguments), rtol=1e-6, atol=1e-12)


@mark.task("paired_comparison", "p-value")
def test_the_p_value_does_not_care_who_is_called_a(student):
    a, b = pairs(5)
    forth, back = (student(compared, *lists, None, [3])[0] for lists in ((a, b), (b, a)))
    assert abs(forth - back) < 1e-9, (
        f"a against b gives p = {forth:.4g}, b against a gives {back:.4g}; the test is two-sided"
    )


@mark.task("paired_comparison", "bad input, lists left alone")
def test_lists_of_different_lengths_raise_value_error(student):
    def probe(answer, a, b):
        return [error_of(answer.paired_comparison, a, b[:4]), error_of(answer.paired_comparison, a[:3], b)]

    raised = student(probe, *pairs(5))
    assert raised == ["ValueError"] * 2, f"5 against 4 values and 3 against 5 raise {raised}, not ValueError each"


@mark.task("paired_comparison", "bad input, lists left alone")
def test_both_lists_stay_as_they_are(student):
    def probe(answer, a, b):
        answer.paired_comparison(a, b)
        return [a, b]

    given = [np.array(values) for values in pairs(5)]
    assert_close(student(probe, *given), given, rtol=0, atol=0)


# Holm's correction. p-values are multiples of 1/4096, so every product is exact.


@mark.task("holm", "Holm's factors")
def test_the_smallest_is_multiplied_by_their_number_the_next_by_one_less(student):
    def probe(answer, p):
        return np.sort(np.asarray(answer.holm(p), dtype=float))

    # Each is more than twice the one before, so the products climb by themselves and stay below 1.
    p = torch.randint(8, 16, (4,)).numpy() / 4096 * np.array([1, 4, 16, 64])
    assert_close(student(probe, p[[2, 0, 3, 1]].tolist()), p * [4, 3, 2, 1])


@mark.task("holm", "the given order")
def test_they_come_back_in_the_given_order(student):
    def probe(answer, p):
        return [int(place) for place in np.argsort(np.asarray(answer.holm(p), dtype=float))]

    p = [16 / 4096, 128 / 4096, 1024 / 4096, 2 / 4096]
    order = student(probe, p)
    assert order == [3, 0, 1, 2], f"of p = {p}, in order of size the results are those at {order}, not at [3, 0, 1, 2]"


@mark.task("holm", "none below a smaller one")
def test_a_larger_p_never_gets_a_smaller_result(student):
    def probe(answer, p):
        return np.asarray(answer.holm(p), dtype=float)

    p = np.array([80, 64, 72, 640]) / 4096  # times 2, 4, 3, 1: 160, 256, 216, 640
    assert_close(student(probe, p), np.array([256, 256, 256, 640]) / 4096)


@mark.task("holm", "bounds and form")
def test_no_result_is_larger_than_one(student):
    def probe(answer, p):
        return float(np.max(answer.holm(p)))

    largest = student(probe, [0.5, 0.625, 0.75, 0.875])
    assert largest == 1, f"of p = [0.5, 0.625, 0.75, 0.875] the largest result is {largest:.4g}, not 1"


@mark.task("holm", "bounds and form")
def test_values_outside_zero_to_one_raise_value_error(student):
    def probe(answer):
        return [error_of(answer.holm, p) for p in ([0.5, 1.25], [-0.125, 0.5], [0.0, 1.0])]

    raised = student(probe)
    expected = ["ValueError", "ValueError", ""]
    assert raised == expected, f"[0.5, 1.25], [-0.125, 0.5] and [0, 1] raise {raised}, not {expected}"


@mark.task("holm", "bounds and form")
def test_an_array_with_one_number_for_each_p_value_comes_back(student):
    def probe(answer, p):
        adjusted = answer.holm(p)
        return {"an array": isinstance(adjusted, np.ndarray), "shape": list(np.shape(adjusted))}

    assert_close(student(probe, [0.5, 0.0078125, 0.25]), {"an array": True, "shape": [3]})


@mark.task("holm", "bounds and form")
def test_the_given_p_values_stay_as_they_are(student):
    def probe(answer, p):
        as_list = p.tolist()
        answer.holm(p), answer.holm(as_list)
        return [p, np.array(as_list)]

    p = np.array([0.5, 0.0078125, 0.25, 0.03125])
    assert_close(student(probe, p), [p, p], rtol=0, atol=0)


# The experiment: its protocol. Label i of a row in {0, 1} is turned round by i ^ 1, so the rows of y ^ eye are y with
# one wrong label each: what a wrong label changes first says what its row is used for. The hidden layer is wide, as
# behind one without a living unit (a row in 256 at a width of 8, if biases start at 0) both labels cost the same.

CONFIG = {"technique": "Baseline", "hidden": [32], "epochs": 2, "learning_rate": 0.1, "batch_size": 100}
ONE_EPOCH = {**CONFIG, "epochs": 1}  # tells as much about which rows are used, in half the time


def data(rows):
    """Rows without any pattern, so that validation and test accuracies go up and down at random, in two classes."""
    return normal(rows, 3), torch.randperm(rows).numpy() % 2


def seed():
    """A seed for run_experiment."""
    return int(torch.randint(1 << 30, ()))


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_there_is_one_plain_number_per_epoch_and_accuracies_are_shares(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        result = answer.run_experiment(dict(config), seed, X, y)
        lists = [result["train_loss"], result["val_accuracy"]]
        accuracies = [*result["val_accuracy"], result["test_accuracy"]]
        return {
            "lengths": [len(values) for values in lists],
            "lists": all(isinstance(values, (list, tuple)) for values in lists),
            "floats": all(isinstance(value, (float, np.floating)) for value in [*accuracies, *result["train_loss"]]),
            "best_epoch is a whole number": isinstance(result["best_epoch"], (int, np.integer)),
            "accuracies are shares of four rows": all(float(value) in (0, 0.25, 0.5, 0.75, 1) for value in accuracies),
        }

    expected = {"lengths": [3, 3], "lists": True, "floats": True}
    expected |= {"best_epoch is a whole number": True, "accuracies are shares of four rows": True}
    assert_close(student(probe, {**CONFIG, "epochs": 3, "batch_size": 6}, seed(), *data(20)), expected)


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_of_equally_good_epochs_the_first_one_counts(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        result = answer.run_experiment(dict(config), seed, X, y)
        value = result["val_accuracy"][result["best_epoch"]]
        return int(result["best_epoch"]) - list(result["val_accuracy"]).index(value)

    late = student(probe, {**CONFIG, "epochs": 5, "learning_rate": 1e-6}, seed(), *data(20))
    assert late == 0, f"an epoch that is {late} earlier than best_epoch has the same validation accuracy"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_the_units_of_the_columns_play_no_part(student):
    def probe(answer, config, seed, X, y):
        def train_loss(X):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment(dict(config), seed, X, y)["train_loss"]

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        return bool(np.allclose(train_loss(X * [32, 1, 0.125] + [0, 16, 1]), train_loss(X), rtol=1e-3))

    same = student(probe, {**CONFIG, "epochs": 3}, seed(), *data(20))
    assert same, "the same data in other units give another train_loss, as if the columns were not standardized"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_sixty_percent_train_twenty_validate_and_twenty_test(student):
    def probe(answer, config, seed, X, y):
        def run(y):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment(dict(config), seed, X, y)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        keys, usual = ["train_loss", "val_accuracy", "test_accuracy"], run(y)
        counts = dict.fromkeys([*keys, "nothing"], 0)
        for wrong in y ^ np.eye(len(y), dtype=int):
            changed = run(wrong)
            counts[next((key for key in keys if changed[key] != usual[key]), "nothing")] += 1
        return counts

    counts = student(probe, ONE_EPOCH, seed(), *data(20))
    expected = {"train_loss": 12, "val_accuracy": 4, "test_accuracy": 4, "nothing": 0}
    assert counts == expected, f"of 20 rows, a wrong label matters first for: {counts}; expected is {expected}"


@mark.task("run_experiment_protocol", "rows in their roles")
def test_the_test_rows_influence_nothing_but_the_test_accuracy(student):
    def probe(answer, config, seed, X, y):
        def run(X, y, epochs=1):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment({**config, "epochs": epochs}, seed, X, y)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        usual, test = run(X, y), []
        for wrong in y ^ np.eye(len(y), dtype=int):
            changed = run(X, wrong)
            test.append(all(changed[key] == usual[key] for key in ("train_loss", "val_accuracy")))
        usual = run(X, y, 12)
        poisoned = [run(np.where(test, 1e6, X.T).T, y, 12), run(X, np.where(test, 1 - y, y), 12)]
        keys = ("train_loss", "val_accuracy", "best_epoch")
        return [key for key in keys if any(result[key] != usual[key] for result in poisoned)][:1]

    changed = student(probe, {**CONFIG, "learning_rate": 0.3}, seed(), *data(30))
    assert changed == [], f"when the test rows are replaced by garbage, {changed[0]} changes; not a bit of it should"


@mark.task("run_experiment_protocol", "rows in their roles")
def test_the_validation_rows_do_not_train(student):
    def probe(answer, config, seed, X, y):
        def train_loss(X, y, epochs=1):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment({**config, "epochs": epochs}, seed, X, y)["train_loss"]

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        usual = train_loss(X, y)
        train = [train_loss(X, wrong) != usual for wrong in y ^ np.eye(len(y), dtype=int)]
        return train_loss(np.where(train, X.T, 1e6).T, np.where(train, y, 1 - y), 3) == train_loss(X, y, 3)

    same = student(probe, CONFIG, seed(), *data(15))
    assert same, "when all rows but those that train are replaced by garbage, train_loss changes"


@mark.task("run_experiment_protocol", "the same split for all")
def test_all_techniques_get_the_same_split_for_a_seed(student):
    def probe(answer, config, seed, X, y):
        def train_loss(y, technique="Baseline"):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment({**config, "technique": technique}, seed, X, y)["train_loss"]

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        usual, names = train_loss(y), ["Xavier Init", "He Init", "BatchNorm", "LayerNorm", "Dropout", "Mixup"]
        train = [train_loss(wrong) != usual for wrong in y ^ np.eye(len(y), dtype=int)]
        others_wrong = np.where(train, y, 1 - y)
        return [n for n in [*names, "Early Stopping", "Ensemble"] if train_loss(others_wrong, n) != train_loss(y, n)]

    elsewhere = student(probe, ONE_EPOCH, seed(), *data(15))
    assert elsewhere == [], f"for one seed, these train on other rows than Baseline: {', '.join(elsewhere)}"


@mark.task("run_experiment_protocol", "the net of the best epoch")
def test_the_best_epoch_has_the_best_validation_accuracy(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        results = [answer.run_experiment(dict(config), seed + index, X, y) for index in range(6)]
        return all(result["val_accuracy"][result["best_epoch"]] == max(result["val_accuracy"]) for result in results)

    best = student(probe, {**CONFIG, "epochs": 8, "learning_rate": 0.3}, seed(), *data(50))
    assert best, "in some of six runs another epoch than best_epoch has a higher validation accuracy"


@mark.task("run_experiment_protocol", "the net of the best epoch")
def test_the_test_accuracy_is_that_of_the_net_at_the_best_epoch(student):
    def probe(answer, config, seed, X, y):
        def run(seed, epochs):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment({**config, "epochs": epochs}, seed, X, y)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        whole = {number: run(number, 8) for number in range(seed, seed + 8)}
        short = {number: run(number, int(result["best_epoch"]) + 1) for number, result in whole.items()}
        return all(short[number]["test_accuracy"] == whole[number]["test_accuracy"] for number in whole)

    same = student(probe, {**CONFIG, "learning_rate": 0.3}, seed(), *data(50))
    assert same, "a run that ends with its best epoch gets another test accuracy than one that goes on after it"


# The experiment: its reproducibility.


@mark.task("run_experiment_reproducibility", "the seed alone decides")
def test_an_experiment_in_between_changes_nothing(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        plans = [("Dropout", seed), ("Mixup", seed + 1), ("Baseline", seed), ("Dropout", seed)]
        results = [answer.run_experiment({**config, "technique": name}, number, X, y) for name, number in plans]
        return all(results[0][key] == results[-1][key] for key in ("train_loss", "val_accuracy", "test_accuracy"))

    same = student(probe, {**CONFIG, "batch_size": 10}, seed(), *data(30))
    assert same, "the same arguments give another result after two other experiments"


@mark.task("run_experiment_reproducibility", "the seed alone decides")
def test_the_same_arguments_give_the_same_result_whatever_the_global_generators_hold(student):
    def probe(answer, config, seed, X, y):
        import random

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        different = []
        for technique in ("Baseline", "He Init", "Dropout", "Mixup", "Ensemble"):
            results = []
            for state in (987, 321):
                torch.manual_seed(state), np.random.seed(state), random.seed(state)
                results.append(answer.run_experiment({**config, "technique": technique}, seed, X, y))
            keys = ("train_loss", "val_accuracy", "best_epoch", "test_accuracy")
            different += [technique] if any(results[0][key] != results[1][key] for key in keys) else []
        return different

    different = student(probe, {**CONFIG, "batch_size": 10}, seed(), *data(30))
    assert different == [], f"the same arguments give other results in another global state: {', '.join(different)}"


@mark.task("run_experiment_reproducibility", "global generators")
def test_the_global_generators_are_not_reseeded(student):
    def probe(answer, config, seed, X, y):
        import random

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        reseeded = set()
        for technique in ("Baseline", "Dropout", "Mixup", "Ensemble"):
            states = []
            for state in (987, 321):
                torch.manual_seed(state), np.random.seed(state), random.seed(state)
                torch.rand(3), np.random.rand(3), random.random()
                answer.run_experiment({**config, "technique": technique}, seed, X, y)
                states.append([torch.rand(4).tolist(), np.random.rand(4).tolist(), [random.random(), random.random()]])
            same = [one == other for one, other in zip(*states, strict=True)]
            reseeded |= {name for name, equal in zip(["torch", "numpy", "python"], same, strict=True) if equal}
        return sorted(reseeded)

    reseeded = student(probe, {**CONFIG, "batch_size": 10}, seed(), *data(20))
    assert reseeded == [], f"whatever was drawn before, afterwards the same numbers follow from {', '.join(reseeded)}"


@mark.task("run_experiment_reproducibility", "a split of its own")
def test_another_seed_gives_another_split_and_another_result(student):
    def probe(answer, config, seed, X, y):
        def train_loss(y, seed):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment(dict(config), seed, X, y)["train_loss"]

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        usual = [train_loss(y, seed + index) for index in range(4)]
        train = [train_loss(wrong, seed) != usual[0] for wrong in y ^ np.eye(len(y), dtype=int)]
        others_wrong = np.where(train, y, 1 - y)
        same_rows = [train_loss(others_wrong, seed + index) == usual[index] for index in range(4)]
        return {"another split": not all(same_rows), "another result": usual[1:] != usual[:1] * 3}

    # That 9 of 15 rows train with all of four seeds has a probability of (9! 6! / 15!)**3 = 8e-12.
    found = student(probe, ONE_EPOCH, seed(), *data(15))
    assert all(found.values()), f"what other seeds give: {found}; expected is True for both"


@mark.task("run_experiment_reproducibility", "arguments left alone")
def test_the_arguments_stay_as_they_are(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        changed = set()
        for technique in ("Baseline", "Dropout", "Mixup", "Early Stopping", "Ensemble"):
            given = {**config, "technique": technique, "hidden": [8, 4]}, X.copy(), y.copy()
            mine = copy.deepcopy(given)
            answer.run_experiment(mine[0], seed, *mine[1:])
            changed |= {name for name, *pair in zip(["config", "X", "y"], given, mine) if not np.array_equal(*pair)}  # noqa: B905
        return sorted(changed)

    changed = student(probe, CONFIG, seed(), *data(20))
    assert changed == [], f"after an experiment, these arguments are not what they were: {', '.join(changed)}"


# The experiment: its techniques. Hooks on torch's optimizers and modules see what is trained, and how.


@mark.task("run_experiment_techniques", "settings and names")
def test_an_unknown_technique_raises_value_error(student):
    def probe(answer, config, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        names = ("baseline", "Batch Norm", "SWA")
        return [error_of(answer.run_experiment, {**config, "technique": name}, 0, X, y) for name in names]

    raised = student(probe, CONFIG, *data(20))
    assert raised == ["ValueError"] * 3, f"the techniques baseline, Batch Norm and SWA raise {raised}, not ValueError"


@mark.task("run_experiment_techniques", "settings and names")
def test_batch_norm_survives_a_last_batch_of_one_row(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        return error_of(answer.run_experiment, dict(config), seed, X, y)

    raised = student(probe, {**CONFIG, "technique": "BatchNorm", "batch_size": 11}, seed(), *data(20))
    assert raised == "", f"with 12 rows to train on and a batch size of 11, BatchNorm raises {raised}"


@mark.task("run_experiment_techniques", "modes")
def test_every_step_is_taken_in_training_mode(student):
    def probe(answer, config, seed, X, y):
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        def forward(module, inputs):
            if not list(module.children()):
                modes.append(module.training)

        def step(optimizer, args, kwargs):
            steps.append(bool(modes) and modes[-1])

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        modes, steps = [], []
        hooks = [nn.modules.module.register_module_forward_pre_hook(forward), register_optimizer_step_pre_hook(step)]
        try:
            answer.run_experiment(dict(config), seed, X, y)
        finally:
            for hook in hooks:
                hook.remove()
        return all(steps)

    in_training = student(probe, {**CONFIG, "technique": "Dropout", "epochs": 3}, seed(), *data(20))
    assert in_training, "with Dropout, some steps are taken while the net is in eval mode"


@mark.task("run_experiment_techniques", "settings and names")
def test_training_goes_by_the_settings_in_config(student):
    def probe(answer, config, seed, X, y):
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        def step(optimizer, args, kwargs):
            facts["Adam"] = isinstance(optimizer, torch.optim.Adam)
            facts["learning_rate"] = float(optimizer.param_groups[0]["lr"])
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            facts["weights"] = sorted(p.numel() for p in parameters if p.ndim == 2)
            steps.append(batch_size)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        facts, steps = {"Adam": False, "learning_rate": 0.0, "weights": []}, []
        hook = register_optimizer_step_pre_hook(step)
        try:
            for batch_size in (10, 200):
                answer.run_experiment({**config, "batch_size": batch_size}, seed, X, y)
        finally:
            hook.remove()
        small, large = steps.count(10), steps.count(200)
        return {**facts, "three batches of all": large == 3, "many batches of ten": small >= 15 and small % 3 == 0}

    # 3 inputs, layers of 9 and 5 units, 2 classes; 60 of 100 rows make one batch of 200, or six of ten.
    expected = {"Adam": True, "learning_rate": 0.0625, "weights": [10, 27, 45]}
    expected |= {"three batches of all": True, "many batches of ten": True}
    config = {**CONFIG, "hidden": [9, 5], "epochs": 3, "learning_rate": 0.0625}
    assert_close(student(probe, config, seed(), *data(100)), expected)


@mark.task("run_experiment_techniques", "every technique learns")
def test_every_technique_learns(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        names = ["Baseline", "Xavier Init", "He Init", "BatchNorm", "LayerNorm"]
        names += ["Dropout", "Mixup", "Early Stopping", "Ensemble"]
        results = {name: answer.run_experiment({**config, "technique": name}, seed, X, y) for name in names}
        return [name for name, result in results.items() if max(result["val_accuracy"]) < 0.75]

    # Four clusters of points, of which opposite ones share a class: no net without a hidden layer learns them.
    corner = np.arange(100) % 4
    X = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])[corner] + 0.2 * normal(100, 2)
    config = {**CONFIG, "hidden": [32], "epochs": 8, "learning_rate": 0.05, "batch_size": 20}
    slow = student(probe, config, seed(), X, corner % 2)
    assert slow == [], f"on four clear clusters these get less than 75 % right: {', '.join(slow)}"


@mark.task("run_experiment_techniques", "every technique learns")
def test_every_technique_makes_a_difference(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        names, losses = ["Baseline", "Xavier Init", "He Init", "BatchNorm", "LayerNorm", "Dropout", "Mixup"], {}
        for name in names:
            torch.manual_seed(1), np.random.seed(1)
            losses[name] = answer.run_experiment({**config, "technique": name}, seed, X, y)["train_loss"]
        return [name for name in names[1:] if losses[name] == losses["Baseline"]]

    same = student(probe, {**CONFIG, "batch_size": 10}, seed(), *data(30))
    assert same == [], f"to the last bit, these train as the baseline does: {', '.join(same)}"


@mark.task("run_experiment_techniques", "modes")
def test_dropout_and_batch_norm_rest_while_a_net_is_judged(student):
    def probe(answer, config, seed, X, y):
        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        values = answer.run_experiment(dict(config), seed, X, y)["val_accuracy"]
        return max(values) - min(values) < 1e-9

    # A net that does not learn gives the same answers in every epoch, unless it is still dropping units.
    config = {**CONFIG, "technique": "Dropout", "hidden": [16, 16], "epochs": 10, "learning_rate": 0.0}
    constant = student(probe, {**config, "batch_size": 200}, seed(), *data(200))
    assert constant, "with Dropout and a learning rate of 0, val_accuracy changes from epoch to epoch"


@mark.task("run_experiment_techniques", "ensemble")
def test_an_ensemble_trains_three_different_nets_and_the_baseline_one(student):
    def probe(answer, config, seed, X, y):
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        def step(optimizer, args, kwargs):
            if not any(optimizer is other for other in optimizers):
                optimizers.append(optimizer)
                parameters = [p for group in optimizer.param_groups for p in group["params"]]
                weights.extend(float(p.detach().double().sum()) for p in parameters if p.ndim == 2)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        counts = {}
        for technique in ("Baseline", "Ensemble"):
            optimizers, weights = [], []
            hook = register_optimizer_step_pre_hook(step)
            try:
                answer.run_experiment({**config, "technique": technique}, seed, X, y)
            finally:
                hook.remove()
            counts[technique] = {"nets": len(weights) / 2, "different ones": len(set(weights)) / 2}
        return counts

    expected = {"Baseline": {"nets": 1.0, "different ones": 1.0}, "Ensemble": {"nets": 3.0, "different ones": 3.0}}
    counts = student(probe, CONFIG, seed(), *data(20))
    assert counts == expected, f"what is trained: {counts}; expected is {expected}"


@mark.task("run_experiment_techniques", "ensemble")
def test_the_mean_of_the_three_nets_decides(student):
    def probe(answer, config, seed, X):
        from torch.optim.optimizer import register_optimizer_step_post_hook

        def step(optimizer, args, kwargs):
            for parameter in (p for group in optimizer.param_groups for p in group["params"]):
                if parameter.shape == (4,):  # the bias of an output layer
                    biases.extend([] if any(parameter is bias for bias in biases) else [parameter])
                    number = next(index for index, bias in enumerate(biases) if parameter is bias)
                    parameter.data = torch.tensor(logits[number % 3])
                else:
                    parameter.data.zero_()

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        logits = [[-9.0, 0.0, -9.0, 0.2], [-9.0, 0.0, 0.2, -9.0], [0.2, 0.0, -9.0, -9.0]]
        predicted, hook = [], register_optimizer_step_post_hook(step)
        try:
            for common in range(4):  # 37 of 40 rows are of this class, so at least five of eight validation rows
                biases, y = [], np.where(np.arange(40) < 4, np.arange(40), common)
                result = answer.run_experiment(dict(config), seed, X, y)
                predicted += [common] if result["val_accuracy"][0] > 0.5 else []
        finally:
            hook.remove()
        return predicted

    # Each net is made to prefer a class of its own, just before class 1, which all of them find likely.
    config = {**CONFIG, "technique": "Ensemble", "hidden": [5]}
    predicted = student(probe, config, seed(), normal(40, 3))
    assert predicted == [1], (
        "the outputs of the three nets were set to ones that favor classes 3, 2 and 0, each just before class 1: "
        f"their mean favors 1, the ensemble says {', '.join(map(str, predicted)) or 'none of them'}"
    )


@mark.task("run_experiment_techniques", "early stopping")
def test_early_stopping_waits_five_epochs_and_the_others_do_not_stop(student):
    def probe(answer, config, seed, X, y):
        def run(technique, number, **settings):
            torch.manual_seed(1), np.random.seed(1)
            return answer.run_experiment({**config, "technique": technique, **settings}, number, X, y)

        answer.standardize = lambda a, *b: tuple((p - a.mean(0)) / a.std(0) for p in (a, *b))
        wrong = set()
        for number in range(seed, seed + 4):
            result = run("Early Stopping", number, epochs=40)
            epochs, after = len(result["val_accuracy"]), len(result["val_accuracy"]) - 1 - int(result["best_epoch"])
            if after != 5 and (epochs < 40 or after > 5):
                wrong.add(str(after) if epochs < 40 else "never stops")
        names = ("Baseline", "Dropout")
        others = {name: len(run(name, seed, epochs=9, learning_rate=0.0)["val_accuracy"]) for name in names}
        return {"epochs after the best, where not 5": sorted(wrong), "epochs of others": others}

    expected = {"epochs after the best, where not 5": [], "epochs of others": {"Baseline": 9, "Dropout": 9}}
    found = student(probe, {**CONFIG, "learning_rate": 0.3}, seed(), *data(50))
    assert found == expected, f"of 40 epochs, and of 9 for the others: {found}; expected is {expected}"


# The table. Correct pieces stand in the places of summarize, paired_comparison and holm.


def table(answer, results, baseline, wanted):
    """The wanted columns, which hold numbers, of each technique's row."""
    from scipy import stats

    def summarize(values, confidence=0.95):
        interval = stats.ttest_1samp(values, 0).confidence_interval(confidence)
        return float(np.mean(values)), float(interval.low), float(interval.high)

    def paired_comparison(a, b, confidence=0.95):
        if np.array_equal(a, b):
            return 0.0, 0.0, 0.0, 1.0
        return *summarize(np.subtract(a, b), confidence), float(stats.ttest_rel(a, b).pvalue)

    def holm(p_values):
        p = np.asarray(p_values, dtype=float)
        return np.array([max(min(1, (p >= q).sum() * q) for q in p[p <= own]) for own in p])

    answer.summarize, answer.paired_comparison, answer.holm = summarize, paired_comparison, holm
    made = answer.create_comparison_table(results, **({"baseline": baseline} if baseline else {}))
    rows = made.set_index("Technique")[wanted].to_dict("index")
    return {name: {column: float(value) for column, value in row.items()} for name, row in rows.items()}


DESCRIBED = {
    "Xavier Init": "Initialization",
    "He Init": "Initialization",
    "BatchNorm": "Normalization",
    "LayerNorm": "Normalization",
    "Dropout": "Regularization",
    "Mixup": "Augmentation",
    "Early Stopping": "Regularization",
    "Ensemble": "Ensemble",
}


def accuracies(*names):
    """Six seeds each: the seeds' luck is shared, and each technique adds an effect and some luck of its own."""
    shared = 0.7 + 0.05 * normal(6)
    effects = 0.01 * torch.randperm(len(names)).numpy()
    return {name: (shared + effect + 0.008 * normal(6)).tolist() for name, effect in zip(names, effects, strict=True)}


@mark.task("create_comparison_table", "rows and columns")
def test_the_rows_come_in_the_given_order(student):
    def probe(answer, results):
        answer.summarize = lambda values, confidence=0.95: (float(np.mean(values)), 0.0, 1.0)
        answer.paired_comparison = lambda a, b, confidence=0.95: (float(np.mean(a) - np.mean(b)), 0.0, 1.0, 0.5)
        answer.holm = lambda p_values: np.asarray(p_values, dtype=float)
        return list(answer.create_comparison_table(results)["Technique"])

    names = ["Mixup", "Dropout", "Baseline", "Xavier Init", "BatchNorm"]
    assert_close(student(probe, accuracies(*names)), names)


@mark.task("create_comparison_table", "rows and columns")
def test_the_columns_are_the_nine_asked_for(student):
    def probe(answer, results):
        answer.summarize = lambda values, confidence=0.95: (float(np.mean(values)), 0.0, 1.0)
        answer.paired_comparison = lambda a, b, confidence=0.95: (float(np.mean(a) - np.mean(b)), 0.0, 1.0, 0.5)
        answer.holm = lambda p_values: np.asarray(p_values, dtype=float)
        return list(answer.create_comparison_table(results).columns)

    numbers = ["Accuracy", "Low", "High", "Difference", "p (Holm)"]
    expected = ["Technique", "Type", "Best For", "Key Benefit", *numbers]
    columns = student(probe, accuracies("Baseline", "Mixup", "He Init"))
    assert columns == expected, f"the columns are {columns}, expected are {expected}"


@mark.task("create_comparison_table", "types and descriptions")
def test_each_technique_has_its_type_and_a_description(student):
    def probe(answer, results):
        answer.summarize = lambda values, confidence=0.95: (float(np.mean(values)), 0.0, 1.0)
        answer.paired_comparison = lambda a, b, confidence=0.95: (float(np.mean(a) - np.mean(b)), 0.0, 1.0, 0.5)
        answer.holm = lambda p_values: np.asarray(p_values, dtype=float)
        rows = (
            answer.create_comparison_table(results)
            .set_index("Technique")
            .drop("Baseline", errors="ignore")
            .to_dict("index")
        )
        texts = {name: (row["Best For"], row["Key Benefit"]) for name, row in rows.items()}
        filled = {name for name, pair in texts.items() if all(isinstance(t, str) and t.strip() for t in pair)}
        return {name: str(row["Type"]) for name, row in rows.items()}, sorted(set(rows) - filled)

    types, empty = student(probe, accuracies("Baseline", *DESCRIBED))
    assert types == DESCRIBED, f"Type is {types}; expected is {DESCRIBED}"
    assert not empty, f"Best For or Key Benefit is empty for {', '.join(empty)}"


@mark.task("create_comparison_table", "accuracy and interval")
def test_accuracy_low_and_high_are_mean_and_interval_of_the_technique(student, reference):
    arguments = accuracies("Baseline", "Mixup", "He Init"), None, ["Accuracy", "Low", "High"]
    assert_close(student(table, *arguments), reference(table, *arguments), rtol=1e-7, atol=1e-7)


@mark.task("create_comparison_table", "compared with the baseline")
def test_the_difference_is_technique_minus_baseline(student, reference):
    arguments = accuracies("Dropout", "Baseline", "Mixup", "He Init"), None, ["Difference"]
    assert_close(student(table, *arguments), reference(table, *arguments), rtol=1e-7, atol=1e-9)


@mark.task("create_comparison_table", "compared with the baseline")
def test_p_values_are_paired_and_adjusted_for_all_but_the_baseline(student, reference):
    arguments = accuracies("Dropout", "Baseline", "Mixup", "He Init", "Ensemble"), None, ["p (Holm)"]
    tables = student(table, *arguments), reference(table, *arguments)
    # The baseline's own is another question.
    found, expected = ({name: row for name, row in rows.items() if name != "Baseline"} for rows in tables)
    assert_close(found, expected, rtol=1e-6, atol=1e-9)


@mark.task("create_comparison_table", "rows and columns")
def test_the_baseline_differs_by_zero_and_has_no_p_value(student):
    found = student(table, accuracies("Mixup", "Baseline", "Dropout"), None, ["Difference", "p (Holm)"])
    assert_close(found.get("Baseline"), {"Difference": 0.0, "p (Holm)": float("nan")})


@mark.task("create_comparison_table", "rows and columns")
def test_any_technique_can_be_the_baseline(student, reference):
    arguments = accuracies("Baseline", "Mixup", "He Init"), "He Init", ["Difference", "p (Holm)"]
    assert_close(student(table, *arguments), reference(table, *arguments), rtol=1e-6, atol=1e-9)


@mark.task("create_comparison_table", "bad input, results left alone")
def test_a_missing_baseline_raises_value_error(student):
    def probe(answer, results):
        return [error_of(answer.create_comparison_table, results, name) for name in ("baseline", "Ensemble")]

    raised = student(probe, accuracies("Baseline", "Mixup", "He Init"))
    assert raised == ["ValueError"] * 2, f"the baselines 'baseline' and 'Ensemble', which are missing, raise {raised}"


@mark.task("create_comparison_table", "bad input, results left alone")
def test_the_results_stay_as_they_are(student):
    def probe(answer, results):
        answer.summarize = lambda values, confidence=0.95: (float(np.mean(values)), 0.0, 1.0)
        answer.paired_comparison = lambda a, b, confidence=0.95: (float(np.mean(a) - np.mean(b)), 0.0, 1.0, 0.5)
        answer.holm = lambda p_values: np.asarray(p_values, dtype=float)
        answer.create_comparison_table(results)
        return [results, list(results)]

    results = accuracies("Mixup", "Baseline", "He Init")
    assert_close(student(probe, results), [results, list(results)], rtol=0, atol=0)
