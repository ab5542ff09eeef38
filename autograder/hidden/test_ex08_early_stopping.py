"""Hidden tests of ex08: what counts as better, when to stop, both modes, the state that comes back, the training loop.

Nothing here is random but some weights. Scores are dyadic numbers: what is better by exactly min_delta is so for every
way to write it. Each part keeps away from what the others judge: where the margin is not asked for, scores differ by
factors of two and more; the modes are judged by comparing an answer's max mode with its own min mode, signs turned.
A state tells its epoch: every entry of every parameter and buffer is set to it, in place, as an optimizer would.
"""

import math

import numpy as np
import torch
from pytest import mark

from autograder.course.testing import assert_close

PATIENT = {"patience": 100, "min_delta": 0.25}


def after(answer, what, settings, scores):
    """An attribute of the stopper after each call, or what the calls returned."""
    stopper, model, found = answer.EarlyStopping(**settings), nn.Linear(1, 1), []
    for score in scores:
        returned = stopper(score, model)
        found.append(returned if what == "returned" else getattr(stopper, what))
    convert = {"best_score": float, "best_epoch": int}.get(what, lambda value: value)
    return [None if value is None else convert(value) for value in found]


def set_to(model, number):
    """Every entry of every parameter and buffer, in place."""
    for tensor in [*model.parameters(), *model.buffers()]:
        tensor.data.fill_(number)


def numbers(tensors):
    """All that stands in the tensors, each number once."""
    return sorted({number for tensor in tensors for number in tensor.detach().double().flatten().tolist()})


def watched(answer, model, scores, **settings):
    """A stopper after these scores, where each epoch has set all of the model to its number."""
    stopper = answer.EarlyStopping(**{"patience": 100, "min_delta": 0.25, **settings})
    for epoch, score in enumerate(scores):
        set_to(model, epoch)
        stopper(score, model)
    return stopper


def assert_after(student, what, settings, scores, expected):
    """Compare an attribute after each call, or what the calls returned, with what is expected."""
    found = student(after, what, settings, scores)
    name = "what the calls return" if what == "returned" else what
    assert found == expected, f"for {settings} and the scores {scores}, {name} is {found}, expected {expected}"


# Improvement: these tests look at best_score and best_epoch, and at the counter only where no call is better.


@mark.task("early_stopping_improvement", "the best score so far")
def test_a_lower_score_becomes_the_best(student):
    assert_after(student, "best_score", PATIENT, [64.0, 16.0, 80.0, 32.0, 2.0], [64.0, 16.0, 16.0, 16.0, 2.0])


@mark.task("early_stopping_improvement", "the best score so far")
def test_a_score_is_compared_with_the_best_not_with_the_last_one(student):
    assert_after(student, "best_score", PATIENT, [32.0, 8.0, 64.0, 16.0, 12.0], [32.0] + [8.0] * 4)


@mark.task("early_stopping_improvement", "best_epoch")
def test_best_epoch_is_the_number_of_the_best_call(student):
    scores = [64.0, 80.0, 16.0, 90.0, 90.0, 2.0]
    epochs = student(after, "best_epoch", PATIENT, scores)
    found = [epoch - epochs[0] for epoch in epochs]  # where counting starts is asked elsewhere
    expected = [0, 0, 2, 2, 2, 5]
    assert found == expected, f"for the scores {scores}, best_epoch moved on by {found}, not {expected}"


@mark.task("early_stopping_improvement", "min_delta")
def test_better_by_exactly_min_delta_is_not_better_and_by_a_little_more_is(student):
    assert_after(student, "best_score", PATIENT, [2.0, 1.75, 1.75 - 2**-10], [2.0, 2.0, 1.75 - 2**-10])


@mark.task("early_stopping_improvement", "min_delta")
def test_small_steps_add_up_against_the_same_best_score(student):
    settings, scores = {"patience": 100, "min_delta": 0.5}, [4.0, 3.75, 3.625, 3.25, 3.0]
    assert_after(student, "best_score", settings, scores, [4.0, 4.0, 4.0, 3.25, 3.25])


@mark.task("early_stopping_improvement", "min_delta")
def test_min_delta_is_a_difference_whatever_the_size_and_sign_of_the_scores(student):
    scores = [128.0, 127.5, 0.5, -0.5, -8.0, -8.5, -8.625]
    assert_after(student, "best_score", PATIENT, scores, [128.0, 127.5, 0.5, -0.5, -8.0, -8.5, -8.5])


@mark.task("early_stopping_improvement", "min_delta")
def test_a_score_within_the_margin_counts_as_a_call_without_improvement(student):
    assert_after(student, "counter", PATIENT, [2.0, 1.875, 2.0, 2.125], [0, 1, 2, 3])


@mark.task("early_stopping_improvement", "NaN")
def test_nan_is_never_better(student):
    assert_after(student, "best_score", PATIENT, [16.0, math.nan, 2.0, math.nan, 8.0], [16.0, 16.0, 2.0, 2.0, 2.0])


@mark.task("early_stopping_improvement", "NaN")
def test_nan_takes_an_epoch(student):
    found = student(after, "best_epoch", PATIENT, [16.0, math.nan, 2.0, math.nan, 1.0])
    steps = [found[2] - found[0], found[4] - found[2]]
    assert steps == [2, 2], f"from one best score over a NaN to the next, best_epoch moves on by {steps}, not by 2 each"


@mark.task("early_stopping_improvement", "NaN")
def test_nan_as_the_first_score_is_not_the_best(student):
    found = student(after, "best_score", PATIENT, [math.nan, math.nan, 16.0, 2.0])
    assert found[2:] == [16.0, 2.0], f"after NaN, NaN, 16 and 2, best_score was {found[2:]} in the end, not [16, 2]"


@mark.task("early_stopping_improvement", "NaN")
def test_nan_counts_as_a_call_without_improvement(student):
    for scores, counts in (([2.0, math.nan, math.nan], [0, 1, 2]), ([math.nan, math.nan], [1, 2])):
        assert_after(student, "counter", PATIENT, scores, counts)
        assert_after(student, "early_stop", PATIENT, scores, [False] * len(scores))


@mark.task("early_stopping_improvement", "zero, defaults and tensors")
def test_epochs_count_from_zero(student):
    assert_after(student, "best_epoch", PATIENT, [64.0, 2.0], [0, 1])


@mark.task("early_stopping_improvement", "zero, defaults and tensors")
def test_a_best_score_of_zero_is_a_score_like_any_other(student):
    assert_after(student, "best_score", PATIENT, [4.0, 0.0, 2.0, 64.0], [4.0, 0.0, 0.0, 0.0])


@mark.task("early_stopping_improvement", "zero, defaults and tensors")
def test_min_delta_is_a_thousandth_unless_given(student):
    scores = [1.0, 1 - 2**-11, 1 - 2**-9]  # better by 0.0005, then by 0.002
    assert_after(student, "best_score", {}, scores, [1.0, 1.0, 1 - 2**-9])


@mark.task("early_stopping_improvement", "zero, defaults and tensors")
def test_a_score_may_be_a_tensor_without_dimensions(student):
    def probe(answer, settings, scores):
        dtypes = [torch.float32, torch.float64, torch.float32]
        tensors = [torch.tensor(score, dtype=dtype) for score, dtype in zip(scores, dtypes, strict=True)]
        return after(answer, "best_score", settings, tensors)

    assert_close(student(probe, PATIENT, [16.0, 20.0, 2.0]), [16.0, 16.0, 2.0])


@mark.task("early_stopping_improvement", "zero, defaults and tensors")
def test_the_best_score_stays_when_its_tensor_is_overwritten(student):
    def probe(answer, settings, scores):
        stopper, model, score, found = answer.EarlyStopping(**settings), nn.Linear(1, 1), torch.zeros(()), []
        for value in scores:
            stopper(score.fill_(value), model)
            score.fill_(-99.0)
            found.append(float(stopper.best_score))
        return found

    assert_close(student(probe, PATIENT, [16.0, 2.0, 8.0]), [16.0, 2.0, 2.0])


# Patience: here it is plain which scores are better.


@mark.task("early_stopping_patience", "calls in a row")
def test_only_calls_in_a_row_use_up_patience_and_then_it_is_used_up(student):
    scores = [256.0, 300.0, 64.0, 300.0, 16.0, 300.0, 4.0, 300.0, 1.0, 300.0, *[400.0] * 8]
    found = student(after, "early_stop", {"patience": 4, "min_delta": 0.25}, scores)
    assert not any(found[:10]), "with a patience of 4, early_stop is true although every second score is better"
    assert all(found[-3:]), "with a patience of 4, early_stop is not true after eight calls without improvement"


@mark.task("early_stopping_patience", "the counter")
def test_the_counter_counts_the_calls_since_the_best_one(student):
    scores = [64.0, 80.0, 90.0, 99.0, 16.0, 70.0]
    assert_after(student, "counter", PATIENT, scores, [0, 1, 2, 3, 0, 1])


@mark.task("early_stopping_patience", "exactly at patience")
def test_early_stop_becomes_true_when_the_counter_reaches_patience(student):
    settings, scores = {"patience": 3, "min_delta": 0.25}, [2.0, 64.0, 70.0, 80.0]
    assert_after(student, "early_stop", settings, scores, [False] * 3 + [True])


@mark.task("early_stopping_patience", "what a call returns")
def test_each_call_returns_early_stop(student):
    def probe(answer, settings, scores):
        stopper, model = answer.EarlyStopping(**settings), nn.Linear(1, 1)
        found = [[stopper(score, model), stopper.early_stop] for score in scores]
        return [returned == early_stop and returned is not None for returned, early_stop in found], found[-1]

    same, last = student(probe, {"patience": 2, "min_delta": 0.25}, [64.0, 2.0, 70.0, 80.0, 90.0, 99.0])
    assert all(same), "a call returns something else than early_stop"
    assert last[0], "after four calls without improvement and a patience of 2, a call does not return True"


@mark.task("early_stopping_patience", "for good, by default, each its own")
def test_early_stop_stays_true_after_a_better_score(student):
    settings, scores = {"patience": 2, "min_delta": 0.25}, [64.0, 70.0, 80.0, 90.0, 2.0, 70.0]
    assert_after(student, "early_stop", settings, scores, [False] * 2 + [True] * 4)


@mark.task("early_stopping_patience", "for good, by default, each its own")
def test_patience_is_ten_unless_given(student):
    assert_after(student, "early_stop", {"min_delta": 0.25}, [2.0] + [64.0] * 11, [False] * 10 + [True] * 2)


@mark.task("early_stopping_patience", "for good, by default, each its own")
def test_two_stoppers_know_nothing_of_each_other_and_the_counter_goes_on(student):
    def probe(answer, scores):
        one, other = answer.EarlyStopping(patience=2), answer.EarlyStopping(patience=2)
        for score in scores:
            one(score, nn.Linear(1, 1))
        third = answer.EarlyStopping(patience=2)
        return [[stopper.counter, stopper.early_stop] for stopper in (one, other, third)]

    one, other, third = student(probe, [2.0, 64.0, 70.0, 80.0])
    assert one == [3, True], f"after three calls without improvement, counter and early_stop are {one}, not [3, True]"
    assert other == third == [0, False], f"counter and early_stop of stoppers that were never called: {other}, {third}"


# Modes: an answer's max mode against its own min mode, on scores with their signs turned.


def assert_mirrored(student, scores):
    """In max mode the best scores are those that min mode has for the mirror image."""
    mirror = student(after, "best_score", PATIENT, [-score for score in scores])
    found = student(after, "best_score", PATIENT | {"mode": "max"}, scores)
    expected = [-score for score in mirror]
    assert found == expected, f"in max mode, for the scores {scores} best_score is {found}, expected {expected}"
    assert found[-1] > found[0], "no score after the first one ever becomes the best"


@mark.task("early_stopping_modes", "higher is better")
def test_in_max_mode_a_higher_score_is_better(student):
    assert_mirrored(student, [2.0, 64.0, 16.0, 256.0])


@mark.task("early_stopping_modes", "negative scores")
def test_negative_scores_are_judged_in_max_mode_too(student):
    assert_mirrored(student, [-64.0, -16.0, -80.0, -2.0])


@mark.task("early_stopping_modes", "the margin and the state")
def test_in_max_mode_the_margin_lies_above_the_best_score(student):
    assert_mirrored(student, [1.0, 1.125, 1.0625, 1.25, 1.375, 1.5, 3.0])


@mark.task("early_stopping_modes", "the margin and the state")
def test_in_max_mode_the_state_of_the_highest_score_is_saved(student):
    def probe(answer, mode, scores):
        model = nn.Linear(2, 2)
        watched(answer, model, scores, mode=mode).restore_best(model)
        return model.weight.data

    scores = [4.0, 64.0, 256.0, 16.0, 8.0]
    assert_close(student(probe, "max", scores), student(probe, "min", [-score for score in scores]))


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_in_max_mode_nan_is_never_better(student):
    scores = [4.0, math.nan, 64.0, math.nan]
    mirror = student(after, "best_score", PATIENT, [-score for score in scores])
    found = student(after, "best_score", PATIENT | {"mode": "max"}, scores)
    assert_close(np.abs(found), np.abs(mirror))


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_in_max_mode_patience_is_used_up_as_in_min_mode(student):
    scores, settings = [64.0, 16.0, 80.0, 4.0, 8.0, 256.0], {"patience": 2, "min_delta": 0.25}
    mirror = student(after, "counter", settings, [-score for score in scores])
    assert_close(student(after, "counter", settings | {"mode": "max"}, scores), mirror)


def refusal(answer, name, value):
    """What EarlyStopping raises for a value of one argument, and whether the message holds the name and the value."""
    try:
        answer.EarlyStopping(**{name: value})
    except Exception as error:
        named = name in str(error) and str(value) in str(error)
        return error_of(answer.EarlyStopping, **{name: value}), named
    return "", False


def assert_refused(student, name, values):
    """Each value raises ValueError."""
    for value in values:
        raised, _ = student(refusal, name, value)
        assert raised == "ValueError", f"{name}={value!r} raises {raised or 'nothing'}, not ValueError"


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_any_other_mode_raises_value_error(student):
    assert_refused(student, "mode", ["minimize", "auto", "mean", ""])


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_a_patience_below_one_raises_value_error(student):
    assert_refused(student, "patience", [0, -1, -5])


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_a_negative_min_delta_raises_value_error(student):
    assert_refused(student, "min_delta", [-0.25, -4.0])


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_a_patience_of_one_and_a_min_delta_of_zero_are_fine(student):
    def probe(answer):
        return [error_of(answer.EarlyStopping, patience=1), error_of(answer.EarlyStopping, min_delta=0.0)]

    assert_close(student(probe), ["", ""])


@mark.task("early_stopping_modes", "NaN, patience and bad input")
def test_the_message_names_the_argument_and_its_value(student):
    for name, value in [("mode", "minimize"), ("patience", -5), ("min_delta", -0.25)]:
        raised, named = student(refusal, name, value)
        assert named or raised != "ValueError", f"the message for {name}={value!r} does not hold the name and the value"
        assert raised, f"{name}={value!r} raises nothing"


# Restoring


def restored(answer, scores, what):
    """The numbers in parameters, buffers or counters after restoring, where each epoch has set all to its own.

    After the last epoch all are set to -1: who has only a reference restores that.
    """
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.BatchNorm1d(2)))
    stopper = watched(answer, model, scores)
    set_to(model, -1)
    stopper.restore_best(model)
    whole = [tensor for tensor in model.buffers() if not tensor.is_floating_point()]
    floats = [tensor for tensor in model.buffers() if tensor.is_floating_point()]
    return numbers({"parameters": model.parameters(), "buffers": floats, "buffers of whole numbers": whole}[what])


def assert_from_epoch(student, best, scores, what="parameters"):
    """All that was restored is from the best epoch."""
    found = student(restored, scores, what)
    epochs = ["after the last call" if number == -1 else f"epoch {number:g}" for number in found[:5]]
    assert found == [best], f"the best epoch is {best}, the restored {what} are from {' and '.join(epochs)}"


@mark.task("early_stopping_restore", "the parameters of the best epoch")
def test_every_parameter_is_as_it_was_at_the_best_epoch(student):
    assert_from_epoch(student, 2, [64.0, 16.0, 2.0, 70.0, 80.0])


@mark.task("early_stopping_restore", "the parameters of the best epoch")
def test_the_best_epoch_may_follow_bad_ones(student):
    assert_from_epoch(student, 3, [64.0, 16.0, 70.0, 2.0, 90.0])


@mark.task("early_stopping_restore", "buffers")
def test_every_buffer_is_as_it_was_at_the_best_epoch(student):
    assert_from_epoch(student, 2, [64.0, 16.0, 2.0, 70.0, 80.0], "buffers")


@mark.task("early_stopping_restore", "the model's and the saved tensors stay their own")
def test_the_parameters_stay_the_same_objects_and_their_optimizer_goes_on(student):
    def probe(answer):
        model = nn.Linear(3, 2)
        optimizer, before = torch.optim.SGD(model.parameters(), lr=0.5), list(model.parameters())
        watched(answer, model, [64.0, 2.0, 70.0]).restore_best(model)
        same = [parameter is known for parameter, known in zip(model.parameters(), before, strict=True)]
        weight = model.weight.detach().clone()
        optimizer.zero_grad()
        model(torch.ones(1, 3)).sum().backward()
        optimizer.step()
        return same, float((model.weight.detach() - weight).max())

    same, moved = student(probe)
    assert all(same), f"{same.count(False)} of {len(same)} parameters are new objects"
    assert moved == -0.5, "a step of the optimizer that was made before training does not move the restored weights"


@mark.task("early_stopping_restore", "the model's and the saved tensors stay their own")
def test_what_is_saved_survives_training_after_a_first_restoring(student):
    def probe(answer):
        model = nn.Linear(3, 2)
        stopper, found = watched(answer, model, [64.0, 2.0, 70.0]), []
        for number in (3, 4):
            stopper.restore_best(model)
            found.append(numbers(model.parameters()))
            set_to(model, number)
            stopper(80.0, model)
        return found

    first, second = student(probe)
    message = "restored, trained on, and restored again, the parameters are from epoch"
    assert second == first, f"{message} {second}, after the first restoring they were from epoch {first}"


@mark.task("early_stopping_restore", "nothing else changes")
def test_whole_numbers_among_the_buffers_come_back_too(student):
    assert_from_epoch(student, 2, [64.0, 16.0, 2.0, 70.0, 80.0], "buffers of whole numbers")


@mark.task("early_stopping_restore", "nothing else changes")
def test_the_first_and_the_last_epoch_may_be_the_best(student):
    assert_from_epoch(student, 0, [2.0, 64.0, 70.0])
    assert_from_epoch(student, 2, [64.0, 16.0, 2.0])


@mark.task("early_stopping_restore", "nothing else changes")
def test_values_come_back_to_the_last_bit_in_their_dtype(student):
    def probe(answer, weight, bias):
        model, stopper = nn.Linear(3, 2).double(), answer.EarlyStopping(patience=100, min_delta=0.25)
        for score in [2.0, 64.0]:
            model.weight.data.copy_(weight).mul_(score / 2)
            model.bias.data.copy_(bias).mul_(score / 2)
            stopper(score, model)
        stopper.restore_best(model)
        return [model.weight, model.bias]

    values = torch.randn(2, 3, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
    assert_close(student(probe, *values), list(values), rtol=0, atol=0)


@mark.task("early_stopping_restore", "nothing else changes")
def test_the_state_goes_into_the_model_that_is_given(student):
    def probe(answer):
        models = nn.Linear(3, 2), nn.Linear(3, 2)
        watched(answer, models[0], [64.0, 2.0, 70.0]).restore_best(models[1])
        return [numbers(model.parameters()) for model in models]

    own, other = student(probe)
    assert other == [1.0], f"another model of the same shape gets the state of epoch {other}, not of epoch 1"
    assert own == [2.0], f"restoring another model changed the one that was watched: epoch {own}, not 2"


@mark.task("early_stopping_restore", "nothing else changes")
def test_with_nothing_saved_it_raises_runtime_error(student):
    def probe(answer):
        without_model = answer.EarlyStopping()
        without_model(64.0), without_model(2.0)
        return [error_of(one.restore_best, nn.Linear(2, 2)) for one in (answer.EarlyStopping(), without_model)]

    raised = student(probe)
    assert raised == ["RuntimeError"] * 2, f"before any call and after calls without a model, it raises {raised}"


def features(model):
    """What must stay as it is, whoever watches or restores."""
    return {
        "modes": [module.training for module in model.modules()],
        "requires_grad": [parameter.requires_grad for parameter in model.parameters()],
        "leaves": [parameter.is_leaf for parameter in model.parameters()],
        "gradients": [parameter.grad is not None for parameter in model.parameters()],
    }


def assert_unchanged(before, after_it):
    """Names what is not what it was."""
    changed = [name for name in before if before[name] != after_it[name]]
    assert not changed, f"of the model, {' and '.join(changed)} are not what they were"


@mark.task("early_stopping_restore", "nothing else changes")
def test_watching_leaves_the_model_as_it_was(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        model[0].bias.requires_grad_(False)
        model[1].eval()
        model[0].weight.grad = torch.ones(2, 3)
        state, parameters, before = copy.deepcopy(model.state_dict()), list(model.parameters()), features(model)
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        for score in [64.0, 2.0, 70.0]:
            stopper(score, model)
        same = all(torch.equal(state[name], value) for name, value in model.state_dict().items())
        same &= all(one is other for one, other in zip(parameters, model.parameters(), strict=True))
        return same, before, features(model)

    same, *both = student(probe)
    assert same, "after calls of the stopper, the model has other values, or other parameter objects"
    assert_unchanged(*both)


@mark.task("early_stopping_restore", "nothing else changes")
def test_restoring_changes_neither_modes_nor_what_is_trained(student):
    def probe(answer):
        model, stopper = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), answer.EarlyStopping(patience=100)
        model[0].bias.requires_grad_(False)
        stopper(2.0, model)
        model.eval()
        model[1].train()
        before = features(model)
        stopper.restore_best(model)
        return before, features(model)

    assert_unchanged(*student(probe))


# The training loop. Its stopper plays a part that fits a min_delta of 0.25: epoch 1 is the best, although epoch 2 has a
# slightly lower score.


def training(answer, max_epochs, last, scores):
    """All that can be seen of one training whose stopper says stop in epoch `last`."""

    class Stopper:
        best_score, best_epoch, counter, early_stop, epoch, saved = math.inf, None, 0, False, -1, None

        def __call__(self, val_score, model=None):
            self.epoch += 1
            seen["stopper got the model"].append(model is net)
            seen["scores"].append(float(val_score))
            self.counter += 1
            if self.epoch < 2:
                self.best_score, self.best_epoch, self.counter = val_score, self.epoch, 0
                self.saved = copy.deepcopy(net.state_dict())
            self.early_stop = self.epoch >= last
            return self.early_stop

        def restore_best(self, model):
            model.load_state_dict(self.saved)

    def note(phase, right):
        seen["events"].append(phase)
        seen[f"{phase} got"].append(right)
        seen[f"{phase} modes"].append([module.training for module in net.modules()])
        seen[f"{phase} gradients"].append(torch.is_grad_enabled())
        seen[f"{phase} finds"].append(numbers(net.state_dict().values()))
        return seen["events"].count(phase) - 1

    def train_epoch(*given):
        epoch = note("train", len(given) == 2 and given[0] is net and given[1] is optimizer)
        set_to(net, epoch)
        return 16.0 - epoch

    def validate(*given):
        epoch = note("validate", len(given) == 1 and given[0] is net)
        return scores[min(epoch, 7)]

    seen = {name: [] for name in ("events", "scores", "stopper got the model")}
    seen |= {
        f"{phase} {what}": [] for phase in ("train", "validate") for what in ("got", "modes", "gradients", "finds")
    }
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.BatchNorm1d(1), nn.Dropout())).eval()
    set_to(net, -1)
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    history = answer.train_with_early_stopping(net, optimizer, train_epoch, validate, Stopper(), max_epochs)
    seen["gradients afterwards"] = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return seen | {"history": dict(history), "model": numbers(net.state_dict().values())}


SCORES = [4.0, 2.0, 1.9375, 8.0, 9.0, 10.0, 11.0, 12.0]  # what validate gives, epoch by epoch


def seen_in_training(student, *limits):
    """What can be seen of a training with these limits: the epochs, and when the stopper says stop."""
    return student(training, *limits, SCORES)


@mark.task("train_with_early_stopping", "train, validate, ask the stopper")
def test_epochs_train_and_validate_until_the_stopper_says_stop(student):
    seen = seen_in_training(student, 9, 3)
    assert seen["train got"] and all(seen["train got"]), (
        "train_epoch did not get the model and the optimizer, in this order"
    )
    assert all(seen["train gradients"]), "gradients are switched off while training"
    assert all(seen["stopper got the model"]), "the stopper did not get the model that is trained"
    assert set(seen["scores"]) <= set(SCORES), "the stopper gets numbers that are no validation scores"
    trained = seen["events"].count("train")
    message = f"the stopper says stop at its fourth call, and {trained} epochs were trained"
    assert trained == len(seen["scores"]) == 4, message


@mark.task("train_with_early_stopping", "modes")
def test_training_happens_in_training_mode_and_validation_in_eval_mode_in_every_epoch(student):
    seen = seen_in_training(student, 6, 3)
    training_wrong = [epoch for epoch, flags in enumerate(seen["train modes"]) if not all(flags)]
    assert not training_wrong, f"modules in eval mode while training, in epochs {training_wrong[:8]}"
    wrong = [epoch for epoch, flags in enumerate(seen["validate modes"]) if any(flags)]
    assert seen["validate modes"] and not wrong, f"modules in training mode while validating, in epochs {wrong[:8]}"


@mark.task("train_with_early_stopping", "each epoch in order")
def test_each_epoch_trains_on_from_the_one_before_and_then_validates_once(student):
    seen = seen_in_training(student, 6, 3)
    assert_close(seen["events"][:8], ["train", "validate"] * 4)
    trained, validated = ([numbers[0] for numbers in seen[name][:4]] for name in ("train finds", "validate finds"))
    assert trained == [-1, 0, 1, 2], f"the states in which training begins are from epochs {trained}, not [-1, 0, 1, 2]"
    assert validated == [0, 1, 2, 3], f"the states that are validated are from epochs {validated}, not [0, 1, 2, 3]"
    given = seen["scores"][:4]
    assert given == SCORES[:4], f"the scores of the first epochs are {SCORES[:4]}, the stopper gets {given}"


@mark.task("train_with_early_stopping", "the best model at the end")
def test_the_model_ends_in_its_best_state_stopped_or_not(student):
    stories = {"stopped after epoch 3": (6, 3), "that ran to max_epochs": (4, 99)}
    ends = {story: seen_in_training(student, *limits)["model"] for story, limits in stories.items()}
    for story, found in ends.items():
        assert found == [1.0], f"a training {story} ends with the model of epoch {found}, the best one is 1"


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_there_are_never_more_than_max_epochs(student):
    found = [seen_in_training(student, limit, 99)["events"].count("train") for limit in (1, 4)]
    assert found == [1, 4], f"with max_epochs of 1 and 4, {found} epochs were trained"


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_losses_and_scores_of_all_epochs_are_returned(student):
    history = seen_in_training(student, 6, 3)["history"]
    for name, expected in {"train_loss": [16.0, 15.0, 14.0, 13.0], "val_score": SCORES[:4]}.items():
        found = list(map(float, history[name]))
        assert found == expected, f"{name} is {found}, expected {expected}"


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_best_epoch_is_what_the_stopper_calls_best(student):
    found = [seen_in_training(student, limit, 3)["history"]["best_epoch"] for limit in (6, 3)]
    assert found == [1, 1], f"stopped and not, best_epoch is {found}; the stopper says 1"


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_stopped_epoch_is_the_epoch_of_the_stop_counted_from_zero(student):
    found = [
        seen_in_training(student, limit, last)["history"]["stopped_epoch"] for limit, last in [(8, 2), (8, 4), (4, 3)]
    ]
    assert found == [2, 4, 3], f"for stops in epochs 2, 4, and 3 (the last of four), stopped_epoch is {found}"


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_stopped_epoch_is_none_when_the_stopper_never_says_stop(student):
    assert_close(seen_in_training(student, 4, 99)["history"]["stopped_epoch"], None)


@mark.task("train_with_early_stopping", "the history, the limit, validation")
def test_validation_gets_the_model_and_records_no_gradients(student):
    seen = seen_in_training(student, 6, 3)
    assert all(seen["validate got"]), "validate did not get the model alone"
    assert not any(seen["validate gradients"]), "gradients are recorded while validating"
    assert seen["gradients afterwards"], "gradients are switched off after the function has returned"
