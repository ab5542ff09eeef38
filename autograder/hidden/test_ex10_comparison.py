"""Hidden tests of ex10: an honest experiment, and the statistics that say what it shows.

No accuracy is ever compared with the reference's: which numbers are drawn, and when, is free. The experiment is
judged by what must not change when something else does. Probes give facts, not measurements, so that a mistake is known
again in whatever style it comes. Before each run the global generators are seeded: who depends on them loses points
where that is asked, not everywhere. Quick tests come first: a diagnosis tries all misconceptions on the first one that
fails.
"""

import numpy as np
import torch
from pytest import mark

from autograder.course.testing import assert_close


def normal(*shape):
    """Random values from the generator that the hearing has seeded."""
    return torch.randn(shape, dtype=torch.float64).numpy()


# Correct pieces in the places of the student's own, where a task builds on others.


def true_summary(values, confidence=0.95):
    """What summarize should give, by scipy."""
    from scipy import stats

    mean, error = np.mean(values), stats.sem(values)
    low, high = stats.t.interval(confidence, len(values) - 1, mean, error) if error else (mean, mean)
    return float(mean), float(low), float(high)


def true_comparison(a, b, confidence=0.95):
    """What paired_comparison should give, by scipy."""
    from scipy import stats

    p_value = 1.0 if np.array_equal(a, b) else float(stats.ttest_rel(a, b).pvalue)
    return *true_summary(np.subtract(a, b), confidence), p_value


def true_holm(p_values):
    """What holm should give, by the formula."""
    p = np.asarray(p_values, dtype=float)
    return np.array([max(min(1, (p >= q).sum() * q) for q in p[p <= own]) for own in p])


def with_summarize(answer):
    """While paired_comparison is judged."""
    answer.summarize = true_summary


def with_statistics(answer):
    """While the table is judged."""
    answer.summarize, answer.paired_comparison, answer.holm = true_summary, true_comparison, true_holm


def with_standardize(answer):
    """While the experiment is judged."""
    answer.standardize = lambda train, *others: tuple((x - train.mean(0)) / train.std(0) for x in (train, *others))


_PARTS = ["run_experiment_protocol", "run_experiment_reproducibility", "run_experiment_techniques"]
STAND_INS = {
    "paired_comparison": with_summarize,
    **dict.fromkeys(_PARTS, with_standardize),
    "create_comparison_table": with_statistics,
}


def refusals(answer, name, *cases):
    """The name of the error that each call raises, or ""."""
    return [error_of(getattr(answer, name), *case) for case in cases]


def arguments_after(answer, name, *arguments):
    """What the arguments are after a call."""
    getattr(answer, name)(*arguments)
    return list(arguments)


def assert_arguments_stay(student, name, *arguments):
    """A call leaves each argument as it is."""
    assert_close(student(arguments_after, name, *arguments), list(arguments), rtol=0, atol=0)


# Standardizing.


def standardized(answer, *parts):
    """The three parts: train, validation and test."""
    return list(answer.standardize(*parts))


def shifted(rows, *shifts):
    """A train, a validation and a test part whose columns differ in size, and which differ in mean and spread."""
    return [shift + (1 + shift / 4) * np.array([1.0, 30.0, 0.1]) * normal(rows, 3) for shift in shifts]


def assert_about_equal(student, reference, part, parts):
    """One part is like the reference's, with so many rows that n and n - 1 do not matter."""
    assert_close(student(standardized, *parts)[part], reference(standardized, *parts)[part], rtol=0.01, atol=0.01)


def assert_only_centered(student, rows, column, tolerance):
    """A train part whose rows are all equal to `column` shifts the other parts and does not scale them."""
    shifts = normal(4, 2), normal(2, 2)
    found = student(standardized, np.tile(column, (rows, 1)), *(column + shift for shift in shifts))
    assert_close(found[1:], [(column + shift) - column for shift in shifts], **tolerance)


@mark.task("standardize", "by train's numbers")
def test_validation_goes_by_the_numbers_of_train(student, reference):
    assert_about_equal(student, reference, 1, shifted(400, 1, 5, 9))


@mark.task("standardize", "by train's numbers")
def test_the_test_part_goes_by_the_numbers_of_train(student, reference):
    assert_about_equal(student, reference, 2, shifted(400, 1, 5, 9))


@mark.task("standardize", "exact values")
def test_train_gets_mean_zero_and_a_standard_deviation_that_divides_by_n(student, reference):
    parts = shifted(7, 5, 5, 5)
    assert_close(student(standardized, *parts)[0], reference(standardized, *parts)[0], rtol=1e-6)


@mark.task("standardize", "constant columns")
def test_a_column_that_is_constant_in_train_is_only_centered(student):
    assert_only_centered(student, 8, np.array([3.0, -3.0]), {})


@mark.task("standardize", "constant columns")
def test_a_column_that_is_constant_up_to_rounding_is_only_centered(student):
    # Their standard deviations are above 0 by rounding.
    assert_only_centered(student, 7, np.array([0.1, 7e5 + 0.1]), {"rtol": 1e-7, "atol": 1e-8})


@mark.task("standardize", "constant columns")
def test_a_column_of_zeros_is_left_as_it_is(student):
    parts = [np.zeros((6, 2)), normal(3, 2), normal(2, 2)]
    assert_close(student(standardized, *parts), parts)


@mark.task("standardize", "constant columns")
def test_a_column_of_tiny_numbers_is_not_a_constant_one(student, reference):
    assert_about_equal(student, reference, 1, [1e-15 * (1 + normal(rows, 2)) for rows in (400, 4, 3)])


@mark.task("standardize", "arguments left alone")
def test_the_three_parts_stay_as_they_are(student):
    assert_arguments_stay(student, "standardize", *(3 + normal(rows, 2) for rows in (6, 4, 3)))


# A mean and its interval.


def summarized(answer, values, confidence=None):
    """mean, low and high, as plain floats."""
    return list(map(float, answer.summarize(values, **({"confidence": confidence} if confidence else {}))))


def assert_half_widths(found, expected, least, most):
    """Low and high lie on their sides of the mean, `least` to `most` of the expected half width away."""
    mean, low, high = found
    shares = (mean - low) / expected, (high - mean) / expected
    assert all(least < share < most for share in shares), (
        f"mean, low and high are {mean:.4g}, {low:.4g} and {high:.4g}; both ends should be about {expected:.3g} away "
        "from the mean"
    )


@mark.task("summarize", "the interval of the mean")
def test_the_mean_of_many_values_is_known_within_two_standard_errors(student):
    values = 5 + normal(400)
    assert_half_widths(student(summarized, values), 1.966 * values.std() / 20, 0.8, 1.2)


@mark.task("summarize", "the interval of the mean")
def test_two_values_leave_a_very_wide_interval(student):
    first, distance = 5 + normal(2)
    assert_half_widths(student(summarized, [first, first + distance]), 6.353 * abs(distance), 0.3, 1.3)


@mark.task("summarize", "exact for few values")
def test_the_mean_comes_first(student):
    values = (normal(5) ** 2).tolist()  # skewed, so that the median is another number
    assert_close(student(summarized, values)[0], float(np.mean(values)))


@mark.task("summarize", "exact for few values")
def test_low_and_high_are_those_of_students_distribution(student, reference):
    values = 5 + normal(6)
    assert_close(student(summarized, values)[1:], reference(summarized, values)[1:], rtol=1e-7, atol=1e-7)


@mark.task("summarize", "exact for few values")
def test_two_values_have_one_degree_of_freedom(student):
    mean, half = 0.75, 12.7062047362 * 0.25  # s / sqrt(2) is half the distance
    assert_close(student(summarized, [0.5, 1.0]), [mean, mean - half, mean + half], rtol=1e-6)


@mark.task("summarize", "confidence")
def test_the_confidence_decides_the_width(student):
    values = normal(4).tolist()
    narrow, usual, wide = (np.ptp(student(summarized, values, confidence)[1:]) for confidence in (0.5, 0.95, 0.99))
    # t at 3 degrees of freedom and 0.75, 0.975, 0.995. Any factor that the widths share has gone.
    expected = [0.7648923284 / 3.1824463053, 5.8409093097 / 3.1824463053]
    assert_close([float(narrow / usual), float(wide / usual)], expected, rtol=1e-6)


@mark.task("summarize", "bad input, values left alone")
def test_fewer_than_two_values_raise_value_error(student):
    raised = student(refusals, "summarize", [[0.5]], [[]], [np.array([0.25])])
    assert raised == ["ValueError"] * 3, f"[0.5], [] and an array with one entry raise {raised}, not ValueError each"


@mark.task("summarize", "bad input, values left alone")
def test_the_values_stay_as_they_are(student):
    assert_arguments_stay(student, "summarize", 5 + normal(6))


# Two techniques, seed by seed.


def pairs(n, difference=0.2):
    """Accuracies of two techniques that share the luck of the seed: apart they wobble by 3, their difference by 0.2."""
    shared = 3 * normal(n)
    return (shared + 0.2 * normal(n) + difference).tolist(), (shared + 0.1 * normal(n)).tolist()


def compared(answer, a, b, confidence=None):
    """difference, low, high and p_value, as plain floats."""
    given = {"confidence": confidence} if confidence else {}
    difference, low, high, p_value = answer.paired_comparison(a, b, **given)
    return [float(difference), float(low), float(high), float(p_value)]


@mark.task("paired_comparison", "paired differences")
def test_the_difference_is_a_minus_b(student):
    for a, b in (pairs(6, difference=0.5), pairs(6, difference=-0.5)):
        assert_close(student(compared, a, b)[0], float(np.mean(a) - np.mean(b)))


@mark.task("paired_comparison", "paired differences")
def test_the_luck_that_both_share_does_not_widen_the_interval(student, reference):
    lists = pairs(8)
    width, expected = (float(np.ptp(ask(compared, *lists)[1:3])) for ask in (student, reference))
    assert 0.5 < width / expected < 2, f"from low to high it is {width:.3g}, should be {expected:.3g}"


@mark.task("paired_comparison", "paired differences")
def test_a_difference_at_every_seed_is_seen(student):
    p_value = student(compared, *pairs(8, difference=1.5))[3]
    assert 0 < p_value < 0.05, f"a is larger at each of 8 seeds, by 1.1 and more, and p is {p_value:.3g}"


@mark.task("paired_comparison", "exact interval")
def test_the_interval_is_that_of_the_differences(student, reference):
    lists = pairs(6, difference=-0.5)
    assert_close(student(compared, *lists)[1:3], reference(compared, *lists)[1:3], rtol=1e-7, atol=1e-7)


@mark.task("paired_comparison", "exact interval")
def test_the_interval_widens_with_the_confidence(student):
    lists = pairs(4)
    usual, narrow = (np.ptp(student(compared, *lists, confidence)[1:3]) for confidence in (0.95, 0.5))
    # t at 3 degrees of freedom and 0.75, 0.975
    assert_close(float(narrow / usual), 0.7648923284 / 3.1824463053, rtol=1e-6)


@mark.task("paired_comparison", "p-value")
def test_the_p_value_is_that_of_the_paired_t_test(student, reference):
    lists = pairs(5)
    assert_close(student(compared, *lists)[3], reference(compared, *lists)[3], rtol=1e-6, atol=1e-12)


@mark.task("paired_comparison", "p-value")
def test_the_p_value_is_two_sided_where_b_is_larger_too(student, reference):
    a, b = pairs(5, difference=-0.2)
    assert_close(student(compared, a, b)[3], reference(compared, a, b)[3], rtol=1e-6, atol=1e-12)


@mark.task("paired_comparison", "bad input, lists left alone")
def test_lists_of_different_lengths_raise_value_error(student):
    a, b = pairs(5)
    raised = student(refusals, "paired_comparison", [a, b[:4]], [a[:3], b])
    assert raised == ["ValueError"] * 2, f"5 against 4 values and 3 against 5 raise {raised}, not ValueError each"


@mark.task("paired_comparison", "bad input, lists left alone")
def test_a_single_value_is_no_partner_for_all(student):
    a, b = pairs(5)
    raised = student(refusals, "paired_comparison", [a, b[:1]], [a[:1], b])
    assert raised == ["ValueError"] * 2, f"5 values against 1 and 1 against 5 raise {raised}, not ValueError each"


@mark.task("paired_comparison", "bad input, lists left alone")
def test_both_lists_stay_as_they_are(student):
    assert_arguments_stay(student, "paired_comparison", *map(np.array, pairs(5)))


# Holm's correction. p-values are multiples of 1/4096, so every product is exact.


def adjusted(answer, p):
    """Holm's p-values as an array."""
    return np.asarray(answer.holm(p), dtype=float).ravel()  # the form is asked elsewhere


@mark.task("holm", "Holm's factors")
def test_the_smallest_is_multiplied_by_their_number_the_next_by_one_less(student):
    # Each is more than twice the one before, so the products climb by themselves and stay below 1.
    p = torch.randint(8, 16, (4,)).numpy() / 4096 * np.array([1, 4, 16, 64])
    assert_close(student(adjusted, p.tolist()), p * [4, 3, 2, 1])


@mark.task("holm", "Holm's factors")
def test_of_three_the_smallest_is_tripled_the_next_doubled_and_the_largest_stays(student):
    p = torch.randint(8, 16, (3,)).numpy() / 4096 * np.array([1, 8, 64])
    assert_close(student(adjusted, p.tolist()), p * [3, 2, 1])


@mark.task("holm", "the given order")
def test_they_come_back_in_the_given_order(student):
    p = [16 / 4096, 128 / 4096, 1024 / 4096, 2 / 4096]
    order = [int(place) for place in np.argsort(student(adjusted, p))]
    assert order == [3, 0, 1, 2], f"of p = {p}, in order of size the results are those at {order}, not at [3, 0, 1, 2]"


@mark.task("holm", "none below a smaller one")
def test_a_larger_p_never_gets_a_smaller_result(student):
    p = np.array([80, 64, 72, 640]) / 4096  # times 2, 4, 3, 1: 160, 256, 216, 640
    assert_close(np.sort(student(adjusted, p)), np.array([256, 256, 256, 640]) / 4096)


@mark.task("holm", "bounds and form")
def test_no_result_is_larger_than_one(student):
    largest = float(np.max(student(adjusted, [0.5, 0.625, 0.75, 0.875])))
    assert largest == 1, f"of p = [0.5, 0.625, 0.75, 0.875] the largest result is {largest:.4g}, not 1"


@mark.task("holm", "bounds and form")
def test_values_outside_zero_to_one_raise_value_error(student):
    raised = student(refusals, "holm", [[0.5, 1.25]], [[-0.125, 0.5]], [[0.0, 1.0]])
    expected = ["ValueError", "ValueError", ""]
    assert raised == expected, f"[0.5, 1.25], [-0.125, 0.5] and [0, 1] raise {raised}, not {expected}"


@mark.task("holm", "bounds and form")
def test_an_array_with_one_number_for_each_p_value_comes_back(student):
    def probe(answer, p):
        result = answer.holm(p)
        return isinstance(result, np.ndarray), list(np.shape(result))

    is_array, shape = student(probe, [0.5, 0.0078125, 0.25])
    assert is_array, "for a list of three p-values, the result is no array"
    assert shape == [3], f"for three p-values, the result has shape {tuple(shape)}, not (3,)"


@mark.task("holm", "bounds and form")
def test_the_given_p_values_stay_as_they_are(student):
    p = [0.5, 0.0078125, 0.25, 0.03125]
    for given in (np.array(p), p):
        assert_arguments_stay(student, "holm", given)


# The experiment. Label i of a row in {0, 1} is turned round by i ^ 1, so the rows of y ^ eye are y with one wrong label
# each: what a wrong label changes first says what its row is used for. The hidden layer is wide, as behind one without
# a living unit (a row in 256 at a width of 8, if biases start at 0) both labels cost the same.

CONFIG = {"technique": "Baseline", "hidden": [32], "epochs": 2, "learning_rate": 0.1, "batch_size": 100}
SINGLE = ["Baseline", "Xavier Init", "He Init", "BatchNorm", "LayerNorm", "Dropout", "Mixup"]


def data(rows):
    """Rows without any pattern, so that validation and test accuracies go up and down at random, in two classes."""
    return normal(rows, 3), torch.randperm(rows).numpy() % 2


def clusters():
    """Four clusters of points, of which opposite ones share a class: no net without a hidden layer learns them."""
    corner = np.arange(100) % 4
    return np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])[corner] + 0.2 * normal(100, 2), corner % 2


def seed():
    """A seed for run_experiment."""
    return int(torch.randint(1 << 30, ()))


def asked(student, probe, rows, **settings):
    """What a probe gives for a seed and the rows (X, y), with CONFIG and what is set otherwise."""
    return student(probe, {**CONFIG, **settings}, seed(), *rows)


def assert_holds(found, story):
    """Each of the named facts is true."""
    wrong = [name for name, right in found.items() if not right]
    assert not wrong, f"{story}: {', '.join(wrong)}"


def run(answer, config, seed, X, y, **settings):
    """What run_experiment gives on copies of the arguments, with the global generators in one state before it."""
    torch.default_generator.manual_seed(1), np.random.seed(1)
    return answer.run_experiment({**config, **settings}, seed, X.copy(), y.copy())


def loss(*arguments, **settings):
    """The train_loss of a run."""
    return run(*arguments, **settings)["train_loss"]


def roles(answer, config, seed, X, y):
    """For each row: the entry of the result that a wrong label changes first, after one epoch."""
    keys = ["train_loss", "val_accuracy", "test_accuracy"]
    usual, found = run(answer, config, seed, X, y, epochs=1), []
    for wrong in y ^ np.eye(len(y), dtype=int):
        changed = run(answer, config, seed, X, wrong, epochs=1)
        found.append(next((key for key in keys if changed[key] != usual[key]), "nothing"))
    return np.array(found)


def missing_roles(found):
    """The entries for which no row matters first."""
    return [key for key in ("train_loss", "val_accuracy", "test_accuracy") if key not in found]


def assert_no_role_is_missing(missing):
    """Some rows train, some validate, some test."""
    assert not missing, (
        f"there is no row for which a wrong label changes {missing[0]} first, so no rows are kept for it"
    )


# Its protocol.


@mark.task("run_experiment_protocol", "rows in their roles")
def test_the_test_rows_influence_nothing_but_the_test_accuracy(student):
    def probe(answer, config, seed, X, y):
        found = roles(answer, config, seed, X, y)
        test, usual = found == "test_accuracy", run(answer, config, seed, X, y)
        garbage = [(np.where(test, 1e6, X.T).T, y), (X, np.where(test, 0, y)), (X, np.where(test, 1, y))]
        poisoned = [run(answer, config, seed, *pair) for pair in garbage]
        keys = ("train_loss", "val_accuracy", "best_epoch")
        changed = [key for key in keys if any(result[key] != usual[key] for result in poisoned)]
        return missing_roles(found), changed[:1]

    missing, changed = asked(student, probe, data(20), epochs=12, learning_rate=0.3)
    assert_no_role_is_missing(missing)
    assert changed == [], f"when the test rows are replaced by garbage, {changed[0]} changes; not a bit of it should"


@mark.task("run_experiment_protocol", "rows in their roles")
def test_the_validation_rows_choose_the_epoch_and_do_not_train(student):
    def probe(answer, config, seed, X, y):
        few, labels = X[:15], y[:15]
        found = roles(answer, config, seed, few, labels)
        train = found == "train_loss"
        others = np.where(train, few.T, 1e6).T, np.where(train, labels, 1 - labels)
        same = loss(answer, config, seed, *others) == loss(answer, config, seed, few, labels)
        chosen = [run(answer, config, seed + index, X, y, epochs=8, learning_rate=0.3) for index in range(4)]
        best = [result["val_accuracy"][result["best_epoch"]] == max(result["val_accuracy"]) for result in chosen]
        return missing_roles(found), same, all(best)

    missing, same, best = asked(student, probe, data(200), batch_size=200)
    assert_no_role_is_missing(missing)
    assert same, "when all rows but those that train are replaced by garbage, train_loss changes"
    assert best, "in some of four runs another epoch than best_epoch has a higher validation accuracy"


@mark.task("run_experiment_protocol", "the net of the best epoch")
def test_the_test_accuracy_is_that_of_the_net_at_the_best_epoch(student):
    def probe(answer, config, seed, X, y):
        same = []
        for number in range(seed, seed + 8):
            whole = run(answer, config, number, X, y)
            values = list(whole["val_accuracy"])
            last_best = len(values) - values[::-1].index(max(values))  # which of equals counts is asked elsewhere
            if last_best < len(values):
                short = run(answer, config, number, X, y, epochs=last_best)
                same.append(short["test_accuracy"] == whole["test_accuracy"])
            if len(same) == 3:
                break
        return all(same)

    same = asked(student, probe, data(1000), epochs=8, learning_rate=0.3, batch_size=1000)
    assert same, "a run that ends with its best epoch gets another test accuracy than one that goes on after it"


@mark.task("run_experiment_protocol", "the same split for all")
def test_all_techniques_get_the_same_split_for_a_seed(student):
    def probe(answer, config, seed, X, y, names):
        others_wrong = np.where(roles(answer, config, seed, X, y) == "train_loss", y, 1 - y)
        pairs = {
            name: [loss(answer, config, seed, X, one, technique=name) for one in (y, others_wrong)] for name in names
        }
        return [name for name, (one, other) in pairs.items() if one != other]

    names = ["Xavier Init", "BatchNorm", "Dropout", "Mixup", "Early Stopping", "Ensemble"]
    elsewhere = student(probe, {**CONFIG, "epochs": 1}, seed(), *data(10), names)
    assert elsewhere == [], f"for one seed, these train on other rows than Baseline: {', '.join(elsewhere)}"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_sixty_percent_train_twenty_validate_and_twenty_test(student):
    def probe(*arguments):
        found = roles(*arguments).tolist()
        return {name: found.count(name) for name in ("train_loss", "val_accuracy", "test_accuracy", "nothing")}

    counts = asked(student, probe, data(15))
    expected = {"train_loss": 9, "val_accuracy": 3, "test_accuracy": 3, "nothing": 0}
    assert counts == expected, f"of 15 rows, a wrong label matters first for: {counts}; expected is {expected}"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_the_units_of_the_columns_play_no_part(student):
    def probe(answer, config, seed, X, y):
        losses = [loss(answer, config, seed, data, y) for data in (X * [32, 1, 0.125] + [0, 16, 1], X)]
        return bool(np.allclose(*losses, rtol=1e-3))

    same = asked(student, probe, data(20), epochs=3)
    assert same, "the same data in other units give another train_loss, as if the columns were not standardized"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_there_is_one_plain_number_per_epoch_and_accuracies_are_shares(student):
    def probe(*arguments):
        result = run(*arguments)
        lists = [result["train_loss"], result["val_accuracy"]]
        accuracies = [*result["val_accuracy"], result["test_accuracy"]]
        return {
            "lists with an entry for each epoch": all(isinstance(v, (list, tuple)) and len(v) == 3 for v in lists),
            "floats": all(isinstance(value, (float, np.floating)) for value in [*accuracies, *result["train_loss"]]),
            "best_epoch is a whole number": isinstance(result["best_epoch"], (int, np.integer)),
            "accuracies are shares of four rows": all(float(value) in (0, 0.25, 0.5, 0.75, 1) for value in accuracies),
        }

    found = asked(student, probe, data(20), epochs=3, batch_size=6)
    assert_holds(found, "after three epochs this should hold for the result and does not")


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_train_loss_is_the_mean_for_one_row_and_of_three_nets(student):
    def probe(*arguments):
        plans = [{"batch_size": 3}, {"batch_size": 100}, {"technique": "Ensemble"}]
        return [0.4 < loss(*arguments, **plan)[0] < 1.3 for plan in plans]

    # A net that has not learned anything is wrong about two classes by about log 2 = 0.69.
    right = asked(student, probe, data(40), epochs=1, learning_rate=0.0, hidden=[64])
    stories = ["eight batches", "one batch", "an ensemble of three"]
    wrong = [story for story, near in zip(stories, right, strict=True) if not near]
    assert not wrong, (
        f"with two classes and a learning rate of 0, train_loss should be about 0.7; not so with {wrong[0]}"
    )


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_of_equally_good_epochs_the_first_one_counts(student):
    def probe(*arguments):
        result = run(*arguments)
        value = result["val_accuracy"][result["best_epoch"]]
        return int(result["best_epoch"]) - list(result["val_accuracy"]).index(value)

    late = asked(student, probe, data(20), epochs=5, learning_rate=1e-6)
    assert late == 0, f"an epoch that is {late} earlier than best_epoch has the same validation accuracy"


@mark.task("run_experiment_protocol", "sizes, scaling and form")
def test_an_accuracy_of_zero_can_be_the_best_one(student):
    def probe(*arguments):
        result = run(*arguments)
        return float(max(result["val_accuracy"])), int(result["best_epoch"]) - int(np.argmax(result["val_accuracy"]))

    # Every row has a class of its own, so nothing that is learned is of use for the others.
    best, late = asked(student, probe, (normal(40, 3), np.arange(40)), epochs=3)
    assert late == 0, f"the best of three accuracies is {best:.3g}, and best_epoch is {late:+d} from it"


# Its reproducibility.


@mark.task("run_experiment_reproducibility", "the seed alone decides")
def test_an_experiment_in_between_changes_nothing_and_another_seed_does(student):
    def probe(answer, config, seed, X, y):
        plans = [("Dropout", seed), ("Mixup", seed + 1), ("Baseline", seed), ("Dropout", seed), ("Dropout", seed + 1)]
        first, *_, again, other = [answer.run_experiment({**config, "technique": t}, s, X, y) for t, s in plans]
        keys = ("train_loss", "val_accuracy", "test_accuracy")
        return all(first[key] == again[key] for key in keys), again["train_loss"] != other["train_loss"]

    same, other = asked(student, probe, data(30), batch_size=10)
    assert same, "the same arguments give another result after two other experiments"
    assert other, "another seed gives the same train_loss, to the last bit"


def after(answer, state, config, seed, X, y, technique):
    """What an experiment gives where all global generators have been seeded with `state`, and what they draw next."""
    import random

    torch.default_generator.manual_seed(state), np.random.seed(state), random.seed(state)
    torch.rand(3), np.random.rand(3), random.random()
    result = answer.run_experiment({**config, "technique": technique}, seed, X.copy(), y.copy())
    drawn = {"numpy": np.random.rand(4).tolist(), "python": random.random(), "torch": torch.rand(4).tolist()}
    return {key: result[key] for key in ("train_loss", "val_accuracy", "best_epoch", "test_accuracy")}, drawn


@mark.task("run_experiment_reproducibility", "the seed alone decides")
def test_the_same_arguments_give_the_same_result_whatever_the_global_generators_hold(student):
    def probe(answer, config, seed, X, y):
        different, same = [], []
        for technique in ("Baseline", "Dropout", "Mixup", "Ensemble"):
            one, two = (after(answer, state, config, seed, X, y, technique)[0] for state in (987, 321))
            different += [technique] if one != two else []
            if technique in ("Baseline", "Mixup"):
                other = after(answer, 987, config, seed + 1, X, y, technique)[0]
                same += [technique] if one["train_loss"] == other["train_loss"] else []
        return different, same

    different, same = asked(student, probe, data(30), batch_size=10)
    assert different == [], f"the same arguments give other results in another global state: {', '.join(different)}"
    assert same == [], f"another seed gives the same train_loss, to the last bit: {', '.join(same)}"


@mark.task("run_experiment_reproducibility", "a split of its own for each seed")
def test_another_seed_gives_another_split(student):
    def probe(answer, config, seed, X, y):
        others_wrong = np.where(roles(answer, config, seed, X, y) == "train_loss", y, 1 - y)
        seeds = range(seed + 1, seed + 4)
        return all(loss(answer, config, s, X, y) == loss(answer, config, s, X, others_wrong) for s in seeds)

    # That 6 of 10 rows train with all of four seeds has a probability of (6! 4! / 10!)**3 = 1e-7.
    same = asked(student, probe, data(10), epochs=1)
    assert not same, "four seeds train on the same rows"


@mark.task("run_experiment_reproducibility", "global generators")
def test_the_global_generators_are_not_reseeded(student):
    def probe(answer, config, seed, X, y):
        reseeded = set()
        for technique in ("Baseline", "Dropout", "Mixup", "Ensemble"):
            one, two = (after(answer, state, config, seed, X, y, technique)[1] for state in (987, 321))
            reseeded |= {name for name in one if one[name] == two[name]}
        return sorted(reseeded)

    reseeded = asked(student, probe, data(20), epochs=1)
    assert reseeded == [], f"whatever was drawn before, afterwards the same numbers follow from {', '.join(reseeded)}"


@mark.task("run_experiment_reproducibility", "arguments left alone")
def test_the_arguments_stay_as_they_are(student):
    def probe(answer, config, seed, X, y):
        changed = set()
        for technique in ("Baseline", "Dropout", "Mixup", "Early Stopping", "Ensemble"):
            given = {**config, "technique": technique}, X.copy(), y.copy()
            mine = copy.deepcopy(given)
            answer.run_experiment(mine[0], seed, *mine[1:])
            changed |= {name for name, *pair in zip(["config", "X", "y"], given, mine) if not np.array_equal(*pair)}  # noqa: B905
        return sorted(changed)

    changed = asked(student, probe, data(20), hidden=[8, 4], epochs=1)
    assert changed == [], f"after an experiment, these arguments are not what they were: {', '.join(changed)}"


# Its techniques. At a learning rate of 0 a net stays what it is: what still changes from epoch to epoch says how it is
# trained and judged.


@mark.task("run_experiment_techniques", "every technique learns")
def test_the_loss_falls_with_every_technique(student):
    def probe(answer, config, seed, X, y, names):
        losses = {name: loss(answer, config, seed, X, y, technique=name) for name in names}
        return [name for name, values in losses.items() if not min(values[-4:]) < values[0] - 0.002]

    # Neighbors share a class here, so that mixtures of rows can be learned as well.
    config = {**CONFIG, "epochs": 6, "learning_rate": 0.05}
    slow = student(probe, config, seed(), clusters()[0], np.arange(100) % 4 // 2, [*SINGLE, "Ensemble"])
    assert slow == [], f"on four clear clusters the training loss of these does not fall: {', '.join(slow)}"


@mark.task("run_experiment_techniques", "every technique learns")
def test_every_technique_makes_a_difference(student):
    def probe(answer, config, seed, X, y, names):
        losses = {name: loss(answer, config, seed, X, y, technique=name) for name in names}
        return [name for name in names[1:] if losses[name] == losses["Baseline"]]

    same = student(probe, {**CONFIG, "epochs": 1}, seed(), *data(30), SINGLE)
    assert same == [], f"to the last bit, these train as the baseline does: {', '.join(same)}"


@mark.task("run_experiment_techniques", "the training loop")
def test_a_net_trains_in_training_mode_and_is_judged_in_eval_mode(student):
    def probe(*arguments):
        from torch.nn.modules.module import register_module_forward_pre_hook
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        def forward(module, inputs):
            modes.extend([] if list(module.children()) else [module.training])

        def step(optimizer, args, kwargs):
            steps.append(not modes or modes[-1])  # a net need not be made of modules

        modes, steps = [], []
        with register_module_forward_pre_hook(forward), register_optimizer_step_pre_hook(step):
            values = run(*arguments)["val_accuracy"]
        return all(steps), max(values) - min(values) < 0.06

    # A net that does not learn gives the same answers in every epoch, unless it is still dropping units. Two of the 40
    # rows may change: a net that learns a little, against its learning rate, is another mistake.
    settings = {"technique": "Dropout", "hidden": [64], "epochs": 4, "learning_rate": 0.0, "batch_size": 200}
    in_training, constant = asked(student, probe, data(200), **settings)
    assert in_training, "with Dropout, some steps are taken while the net is in eval mode"
    assert constant, "with Dropout and a learning rate of 0, val_accuracy changes from epoch to epoch"


@mark.task("run_experiment_techniques", "the training loop")
def test_adam_descends_along_the_gradient_of_the_cross_entropy(student):
    def probe(answer, config, seed, X, y):
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        def step(optimizer, args, kwargs):
            found.append([isinstance(optimizer, torch.optim.Adam), float(optimizer.param_groups[0]["lr"])])

        found = []
        with register_optimizer_step_pre_hook(step):
            losses = [loss(answer, config, number, X, y) for number in (seed, seed + 1)]
        return {
            "every step is Adam's": bool(found) and all(adam for adam, _ in found),
            "with the learning rate of config": all(rate == config["learning_rate"] for _, rate in found),
            "the loss falls below 0.2": max(map(min, losses)) < 0.2,
            "and stays there": max(max(values[-40:]) for values in losses) < 0.25,
        }

    # Of softmax outputs that are fed to the cross-entropy, two classes cost 0.31 at least.
    found = asked(student, probe, clusters(), learning_rate=0.25, epochs=60)
    assert_holds(found, "on four clear clusters this should hold and does not")


@mark.task("run_experiment_techniques", "the ensemble")
def test_the_mean_of_three_nets_of_their_own_decides(student):
    def probe(answer, config, seed, X, favored):
        from torch.optim.optimizer import register_optimizer_step_post_hook

        def step(optimizer, args, kwargs):
            for parameter in (p for group in optimizer.param_groups for p in group["params"]):
                new = not any(parameter is known for known in parameters)
                parameters.extend([parameter] if new else [])
                sums.extend([round(float(parameter.detach().double().sum()), 3)] if new and parameter.ndim == 2 else [])
                if parameter.shape == (4,):  # the bias of an output layer
                    biases.extend([parameter] if new else [])
                    number = next(index for index, bias in enumerate(biases) if parameter is bias)
                    parameter.data = torch.tensor(favored[number % 3])
                else:
                    parameter.data.zero_()

        predicted, nets = [], []
        with register_optimizer_step_post_hook(step):
            for common in range(4):  # seven rows in ten are of this class, one in ten of each other
                parameters, biases, sums = [], [], []
                y = np.where(np.arange(len(X)) % 10 < 7, common, np.arange(len(X)) // 10 % 4)
                result = answer.run_experiment(dict(config), seed, X, y)
                predicted += [common] if result["val_accuracy"][0] > 0.45 else []
                nets.append(len(set(sums)) / 2)
        return nets, predicted

    # Each net is made to prefer a class of its own, just before class 1, which all of them find likely.
    favored = [[-9.0, 0.0, -9.0, 0.2], [-9.0, 0.0, 0.2, -9.0], [0.2, 0.0, -9.0, -9.0]]
    config = {**CONFIG, "technique": "Ensemble", "hidden": [5], "epochs": 1, "batch_size": 1000}
    nets, predicted = student(probe, config, seed(), normal(600, 3), favored)
    assert max(nets) >= 3, f"the number of different nets that are trained is {max(nets):g}, not 3"
    assert predicted == [1], (
        "the outputs of the three nets were set to ones that favor classes 3, 2 and 0, each just before class 1: "
        f"their mean favors 1, the ensemble says {', '.join(map(str, predicted)) or 'none of them'}"
    )


@mark.task("run_experiment_techniques", "early stopping, settings and names")
def test_an_unknown_technique_raises_value_error(student):
    cases = [[{**CONFIG, "technique": name}, seed(), *data(20)] for name in ("baseline", "Batch Norm", "SWA")]
    raised = student(refusals, "run_experiment", *cases)
    assert raised == ["ValueError"] * 3, f"the techniques baseline, Batch Norm and SWA raise {raised}, not ValueError"


@mark.task("run_experiment_techniques", "early stopping, settings and names")
def test_batch_norm_survives_a_last_batch_of_one_row(student):
    case = [{**CONFIG, "technique": "BatchNorm", "batch_size": 11}, seed(), *data(20)]
    (raised,) = student(refusals, "run_experiment", case)
    assert raised == "", f"with 12 rows to train on and a batch size of 11, BatchNorm raises {raised}"


@mark.task("run_experiment_techniques", "early stopping, settings and names")
def test_layers_and_batches_have_the_sizes_in_config(student):
    def probe(*arguments):
        others = {"the first layer": {"hidden": [8, 6]}, "the second layer": {"hidden": [9, 5]}}
        others |= {"a third layer": {"hidden": [9, 6, 4]}, "batches": {"batch_size": 8}}
        usual = loss(*arguments)
        return [name for name, other in others.items() if loss(*arguments, **other) == usual]

    same = asked(student, probe, data(40), hidden=[9, 6], batch_size=12, epochs=1)
    assert same == [], f"with other sizes in config, train_loss is the same to the last bit: {', '.join(same)}"


@mark.task("run_experiment_techniques", "early stopping, settings and names")
def test_each_epoch_puts_its_batches_together_anew(student):
    def probe(*arguments):
        return float(np.ptp(loss(*arguments))) > 1e-9

    # BatchNorm sees who is in a batch with whom, and a net at a learning rate of 0 sees nothing else.
    anew = asked(student, probe, data(50), technique="BatchNorm", learning_rate=0.0, batch_size=10)
    assert anew, "with BatchNorm and a learning rate of 0, all epochs have the same train_loss: their batches are equal"


@mark.task("run_experiment_techniques", "early stopping, settings and names")
def test_early_stopping_waits_five_epochs_and_the_others_do_not_stop(student):
    def probe(answer, config, seed, X, y):
        wrong = set()
        for number in (seed, seed + 1):
            result = run(answer, config, number, X, y, technique="Early Stopping", epochs=40)
            epochs, after = len(result["val_accuracy"]), len(result["val_accuracy"]) - 1 - int(result["best_epoch"])
            if after != 5 and (epochs < 40 or after > 5):
                wrong.add(str(after) if epochs < 40 else "never stops")
        names = ("Baseline", "Dropout")
        results = [loss(answer, config, seed, X, y, technique=name, epochs=8, learning_rate=0.0) for name in names]
        return sorted(wrong), [len(result) for result in results]

    waited, others = asked(student, probe, data(50), learning_rate=0.3)
    assert not waited, f"of 40 epochs, the number of epochs after the best one should be 5; it is {', '.join(waited)}"
    assert others == [8, 8], f"Baseline and Dropout trained {others[0]} and {others[1]} of 8 epochs"


# The table.


def column(answer, results, name, baseline=None):
    """By technique, the number in the column whose name begins so."""
    made = answer.create_comparison_table(results, **({"baseline": baseline} if baseline else {}))
    name = next(label for label in made.columns if str(label).startswith(name))
    return dict(zip(made["Technique"], map(float, made[name]), strict=True))


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
    """Six seeds each: their luck is shared, and by turns a technique is better and worse than the baseline."""
    shared = 0.7 + 0.05 * normal(6)
    effects = [0.0 if name == "Baseline" else 0.01 * (2 + place) * (-1) ** place for place, name in enumerate(names)]
    return {name: (shared + effect + 0.008 * normal(6)).tolist() for name, effect in zip(names, effects, strict=True)}


def assert_columns(student, reference, arguments, without=()):
    """The numbers of a column are those of the reference, in every row but some."""
    tables = student(column, *arguments), reference(column, *arguments)
    found, expected = ({name: row for name, row in rows.items() if name not in without} for rows in tables)
    assert_close(found, expected, rtol=1e-6, atol=1e-9)


@mark.task("create_comparison_table", "compared with the baseline")
def test_the_difference_is_technique_minus_baseline(student, reference):
    results = accuracies("Dropout", "Baseline", "Mixup", "He Init")
    assert_columns(student, reference, (results, "Difference"), without=["Baseline"])


@mark.task("create_comparison_table", "compared with the baseline")
def test_p_values_are_paired_and_adjusted_for_all_but_the_baseline(student, reference):
    results = accuracies("Dropout", "Baseline", "Mixup", "He Init", "Ensemble")
    assert_columns(student, reference, (results, "p"), without=["Baseline"])


@mark.task("create_comparison_table", "accuracy and interval")
def test_accuracy_low_and_high_are_mean_and_interval_of_the_technique(student, reference):
    results = accuracies("Baseline", "Mixup", "He Init")
    for name in ("Accuracy", "Low", "High"):
        assert_columns(student, reference, (results, name), without=["Baseline"])


@mark.task("create_comparison_table", "rows and columns")
def test_the_rows_come_in_the_given_order(student):
    names = ["Mixup", "Dropout", "Baseline", "Xavier Init", "BatchNorm"]
    rows = list(student(column, accuracies(*names), "Accuracy"))
    assert rows == names, f"the rows are {rows}, expected are {names}"


@mark.task("create_comparison_table", "rows and columns")
def test_the_columns_are_the_nine_asked_for(student):
    def probe(answer, results):
        return list(map(str, answer.create_comparison_table(results).columns))

    numbers = ["Accuracy", "Low", "High", "Difference", "p (Holm)"]
    expected = ["Technique", "Type", "Best For", "Key Benefit", *numbers]
    columns = student(probe, accuracies("Baseline", "Mixup", "He Init"))
    assert columns == expected, f"the columns are {columns}, expected are {expected}"


@mark.task("create_comparison_table", "rows and columns")
def test_the_baseline_differs_by_zero_and_has_no_p_value(student):
    results = accuracies("Mixup", "Baseline", "Dropout")
    difference, p_value = (student(column, results, name).get("Baseline", 1.0) for name in ("Difference", "p"))
    assert abs(difference) < 1e-12, f"in the row of Baseline, Difference is {difference:.4g}, or the row is missing"
    assert np.isnan(p_value), f"in the row of Baseline, p is {p_value:.4g}, not NaN"


@mark.task("create_comparison_table", "rows and columns")
def test_any_technique_can_be_the_baseline(student, reference):
    results = accuracies("Baseline", "Mixup", "He Init")
    assert_columns(student, reference, (results, "Difference", "He Init"), without=["He Init"])


@mark.task("create_comparison_table", "types and descriptions")
def test_each_technique_has_its_type(student):
    def probe(answer, results):
        made = answer.create_comparison_table(results)
        return dict(zip(made["Technique"], map(str, made["Type"]), strict=True))

    types = student(probe, accuracies("Baseline", *DESCRIBED))
    wrong = [f"{name} is {types.get(name)}, not {kind}" for name, kind in DESCRIBED.items() if types.get(name) != kind]
    assert not wrong, f"Type: {', '.join(wrong)}"


@mark.task("create_comparison_table", "types and descriptions")
def test_each_technique_has_a_description(student):
    def probe(answer, results):
        rows = answer.create_comparison_table(results).to_dict("records")
        texts = {
            row["Technique"]: (row["Best For"], row["Key Benefit"]) for row in rows if row["Technique"] != "Baseline"
        }
        return sorted(name for name, pair in texts.items() if not all(isinstance(t, str) and t.strip() for t in pair))

    empty = student(probe, accuracies("Baseline", *DESCRIBED))
    assert not empty, f"Best For or Key Benefit is empty for {', '.join(empty)}"


@mark.task("create_comparison_table", "bad input, results left alone")
def test_a_missing_baseline_raises_value_error(student):
    results = accuracies("Baseline", "Mixup", "He Init")
    raised = student(refusals, "create_comparison_table", [results, "baseline"], [results, "Ensemble"])
    assert raised == ["ValueError"] * 2, f"the baselines 'baseline' and 'Ensemble', which are missing, raise {raised}"


@mark.task("create_comparison_table", "bad input, results left alone")
def test_the_results_stay_as_they_are(student):
    def probe(answer, results):
        answer.create_comparison_table(results)
        return [results, list(results)]

    results = accuracies("Mixup", "Baseline", "He Init")
    assert_close(student(probe, results), [results, list(results)], rtol=0, atol=0)
