"""Hidden tests of ex08: what counts as better, when to stop, both modes, the state that comes back, the training loop.

Nothing here is random but some weights. Scores are dyadic numbers: what is better by exactly min_delta is so for every
way to write it. Each part keeps away from what the others judge: where the margin is not asked for, scores differ by
factors of four; the modes are judged by comparing an answer's max mode with its own min mode, signs turned.
A state tells its epoch: every entry of every parameter and buffer is set to it, in place, as an optimizer would.
"""

import math

import torch
from pytest import mark

from autograder.course.testing import assert_close


def best(answer, settings, scores):
    """After each call: best_score and best_epoch."""
    stopper, model, found = answer.EarlyStopping(**settings), nn.Linear(1, 1), []
    for score in scores:
        stopper(score, model)
        found.append([float(stopper.best_score), int(stopper.best_epoch)])
    return found


def watched(answer, settings, scores):
    """Before the first and after each call: counter and early_stop; and what the calls returned."""
    stopper, model = answer.EarlyStopping(**settings), nn.Linear(1, 1)
    found = {"counter": [stopper.counter], "early_stop": [stopper.early_stop], "returned": []}
    for score in scores:
        found["returned"].append(stopper(score, model))
        found["counter"].append(stopper.counter)
        found["early_stop"].append(stopper.early_stop)
    return found


def counted(answer, scores):
    """The counter and early_stop after some scores, with patience for all of them."""
    stopper, model = answer.EarlyStopping(patience=100, min_delta=0.25), nn.Linear(1, 1)
    for score in scores:
        stopper(score, model)
    return [stopper.counter, stopper.early_stop]


def restored(answer, scores):
    """The numbers in the parameters and in the buffers after restoring, where each epoch has set all to its own.

    After the last epoch all are set to -1: who has only a reference restores that.
    """
    model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.BatchNorm1d(2)))
    stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
    for epoch, score in enumerate(scores):
        for tensor in [*model.parameters(), *model.buffers()]:
            tensor.data.fill_(epoch)
        stopper(score, model)
    for tensor in [*model.parameters(), *model.buffers()]:
        tensor.data.fill_(-1)
    stopper.restore_best(model)
    return [
        sorted({float(number) for tensor in tensors for number in tensor.data.flatten()})
        for tensors in (model.parameters(), model.buffers())
    ]


# Improvement: these tests look at best_score and best_epoch, and at the counter only where no call is better.


def _bests(student, settings, scores, expected):
    """Compare best_score and best_epoch after each call with what is expected."""
    found = student(best, settings, scores)
    assert found == expected, f"for {settings} and the scores {scores}, the best are {found}, expected {expected}"


@mark.task("early_stopping_improvement", "the best so far")
def test_a_lower_score_becomes_the_best_and_epochs_count_from_zero(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [64.0, 16.0, 80.0, 2.0]
    _bests(student, settings, scores, [[64.0, 0], [16.0, 1], [16.0, 1], [2.0, 3]])


@mark.task("early_stopping_improvement", "the best so far")
def test_a_score_is_compared_with_the_best_not_with_the_last_one(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [4.0, 64.0, 16.0, 8.0]
    _bests(student, settings, scores, [[4.0, 0]] * 4)


@mark.task("early_stopping_improvement", "min_delta")
def test_better_by_exactly_min_delta_is_not_better_and_by_a_little_more_is(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [2.0, 1.75, 1.75 - 2**-10]
    _bests(student, settings, scores, [[2.0, 0], [2.0, 0], [1.75 - 2**-10, 2]])


@mark.task("early_stopping_improvement", "min_delta")
def test_small_steps_add_up_against_the_same_best_score(student):
    settings, scores = {"patience": 100, "min_delta": 0.5}, [4.0, 3.75, 3.5, 3.25, 3.0]
    _bests(student, settings, scores, [[4.0, 0], [4.0, 0], [4.0, 0], [3.25, 3], [3.25, 3]])


@mark.task("early_stopping_improvement", "min_delta")
def test_min_delta_is_a_difference_whatever_the_size_and_sign_of_the_scores(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [128.0, 127.5, 0.5, -0.5, -8.0, -8.5, -8.625]
    expected = [[128.0, 0], [127.5, 1], [0.5, 2], [-0.5, 3], [-8.0, 4], [-8.5, 5], [-8.5, 5]]
    _bests(student, settings, scores, expected)


@mark.task("early_stopping_improvement", "min_delta")
def test_min_delta_is_a_thousandth_unless_given(student):
    settings, scores = {}, [1.0, 1 - 2**-11, 1 - 2**-9]  # better by 0.0005, then by 0.002
    _bests(student, settings, scores, [[1.0, 0], [1.0, 0], [1 - 2**-9, 2]])


@mark.task("early_stopping_improvement", "NaN")
def test_nan_is_never_better_and_takes_an_epoch(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [16.0, math.nan, 2.0, math.nan, 8.0]
    _bests(student, settings, scores, [[16.0, 0], [16.0, 0], [2.0, 2], [2.0, 2], [2.0, 2]])


@mark.task("early_stopping_improvement", "NaN")
def test_nan_as_the_first_score_is_not_the_best(student):
    def probe(answer, scores):
        stopper, model, found = answer.EarlyStopping(patience=100, min_delta=0.25), nn.Linear(1, 1), []
        for score in scores:
            stopper(score, model)
            found.append([stopper.best_score, stopper.best_epoch])
        return [[float(score), int(epoch)] for score, epoch in found[2:]]

    assert_close(student(probe, [math.nan, math.nan, 16.0, 2.0]), [[16.0, 2], [2.0, 3]])


@mark.task("early_stopping_improvement", "NaN")
def test_nan_counts_as_a_call_without_improvement(student):
    for scores in ([2.0, math.nan, math.nan], [math.nan, math.nan]):
        counter, early_stop = student(counted, scores)
        assert counter == 2, f"after the scores {scores} the counter is {counter}, expected 2"
        assert not early_stop, f"after the scores {scores} early_stop is {early_stop}, with a patience of 100"


@mark.task("early_stopping_improvement", "min_delta")
def test_a_score_within_the_margin_counts_as_a_call_without_improvement(student):
    counter, _ = student(counted, [2.0, 1.875, 2.0, 2.125])
    assert counter == 3, f"after 2, 1.875, 2, 2.125 with min_delta=0.25 the counter is {counter}, expected 3"


@mark.task("early_stopping_improvement", "scores as tensors")
def test_a_score_may_be_a_tensor_without_dimensions(student):
    def probe(answer, scores):
        stopper, model, found = answer.EarlyStopping(patience=100, min_delta=0.25), nn.Linear(1, 1), []
        for score, dtype in zip(scores, [torch.float32, torch.float64, torch.float32, torch.float64], strict=True):
            stopper(torch.tensor(score, dtype=dtype), model)
            found.append([float(stopper.best_score), int(stopper.best_epoch)])
        return found

    assert_close(student(probe, [16.0, 15.75, 2.0, math.nan]), [[16.0, 0], [16.0, 0], [2.0, 2], [2.0, 2]])


@mark.task("early_stopping_improvement", "scores as tensors")
def test_the_best_score_stays_when_its_tensor_is_overwritten(student):
    def probe(answer, scores):
        stopper, model, score = answer.EarlyStopping(patience=100, min_delta=0.25), nn.Linear(1, 1), torch.zeros(())
        found = []
        for value in scores:
            stopper(score.fill_(value), model)
            score.fill_(-99.0)
            found.append([float(stopper.best_score), int(stopper.best_epoch)])
        return found

    assert_close(student(probe, [16.0, 2.0, 8.0]), [[16.0, 0], [2.0, 1], [2.0, 1]])


# Patience: here it is plain which scores are better.


def _follow(student, what, settings, scores, expected):
    """Compare `what` before and after each call with what is expected."""
    found = student(watched, settings, scores)[what]
    assert found == expected, f"for {settings} and the scores {scores}, {what} is {found}, expected {expected}"


@mark.task("early_stopping_patience", "counting to patience")
def test_the_counter_starts_at_zero_and_counts_the_calls_since_the_best_one(student):
    settings, scores = {"patience": 100, "min_delta": 0.25}, [64.0, 80.0, 90.0, 16.0, 70.0]
    _follow(student, "counter", settings, scores, [0, 0, 1, 2, 0, 1])


@mark.task("early_stopping_patience", "counting to patience")
def test_early_stop_becomes_true_when_the_counter_reaches_patience(student):
    settings, scores = {"patience": 3, "min_delta": 0.25}, [2.0, 64.0, 70.0, 80.0]
    _follow(student, "early_stop", settings, scores, [False] * 4 + [True])


@mark.task("early_stopping_patience", "what is returned")
def test_each_call_returns_early_stop(student):
    settings, scores = {"patience": 2, "min_delta": 0.25}, [64.0, 2.0, 70.0, 80.0, 90.0]
    _follow(student, "returned", settings, scores, [False] * 3 + [True] * 2)


@mark.task("early_stopping_patience", "once stopped, always")
def test_early_stop_stays_true_after_a_better_score(student):
    settings, scores = {"patience": 2, "min_delta": 0.25}, [64.0, 70.0, 80.0, 2.0, 70.0]
    _follow(student, "early_stop", settings, scores, [False] * 3 + [True] * 3)
    _follow(student, "returned", settings, scores, [False] * 2 + [True] * 3)


@mark.task("early_stopping_patience", "counting to patience")
def test_only_calls_in_a_row_use_up_patience(student):
    settings, scores = {"patience": 2, "min_delta": 0.25}, [256.0, 300.0, 64.0, 300.0, 16.0, 300.0, 4.0, 300.0]
    _follow(student, "early_stop", settings, scores, [False] * 9)


@mark.task("early_stopping_patience", "defaults")
def test_patience_is_ten_unless_given(student):
    _follow(student, "early_stop", {"min_delta": 0.25}, [2.0] + [64.0] * 11, [False] * 11 + [True] * 2)


@mark.task("early_stopping_patience", "defaults")
def test_two_stoppers_know_nothing_of_each_other(student):
    def probe(answer, scores):
        one, other = answer.EarlyStopping(patience=2), answer.EarlyStopping(patience=2)
        for score in scores:
            one(score, nn.Linear(1, 1))
        third = answer.EarlyStopping(patience=2)
        return [[stopper.counter, stopper.early_stop] for stopper in (one, other, third)]

    assert_close(student(probe, [2.0, 64.0, 70.0]), [[2, True], [0, False], [0, False]])


# Modes: an answer's max mode against its own min mode, on scores with their signs turned.


def _mirrored(student, scores):
    """What `best` gives in max mode, and what it gives in min mode for the mirror image, with the signs turned back."""
    settings = {"patience": 100, "min_delta": 0.25}
    mirror = student(best, settings, [-score for score in scores])
    found = student(best, settings | {"mode": "max"}, scores)
    assert found[-1][1] > 0, "in max mode, no score after the first one ever becomes the best"
    return found, [[-score, epoch] for score, epoch in mirror]


@mark.task("early_stopping_modes", "higher is better")
def test_in_max_mode_a_higher_score_is_better(student):
    assert_close(*_mirrored(student, [-64.0, -16.0, -80.0, -2.0]))


@mark.task("early_stopping_modes", "higher is better")
def test_positive_scores_are_judged_in_max_mode_too(student):
    assert_close(*_mirrored(student, [2.0, 64.0, 16.0, 256.0]))


@mark.task("early_stopping_modes", "margin, NaN and state")
def test_in_max_mode_the_margin_lies_above_the_best_score(student):
    assert_close(*_mirrored(student, [1.0, 1.125, 1.0625, 1.25, 1.375, 1.5, 3.0]))


@mark.task("early_stopping_modes", "margin, NaN and state")
def test_in_max_mode_nan_is_treated_as_in_min_mode(student):
    def probe(answer, mode, scores):
        stopper, model = answer.EarlyStopping(patience=100, min_delta=0.25, mode=mode), nn.Linear(1, 1)
        found = []
        for score in scores:
            stopper(score, model)
            unknown = stopper.best_epoch is None
            found.append("none yet" if unknown else [abs(float(stopper.best_score)), int(stopper.best_epoch)])
        return found[1:]

    scores = [math.nan, -16.0, math.nan, -2.0, math.nan]
    assert_close(student(probe, "max", scores), student(probe, "min", [-score for score in scores]))


@mark.task("early_stopping_modes", "higher is better")
def test_in_max_mode_patience_is_used_up_as_in_min_mode(student):
    scores, settings = [-64.0, -80.0, -16.0, -80.0, -90.0, -2.0], {"patience": 2, "min_delta": 0.25}
    mirror = student(watched, settings, [-score for score in scores])
    found = student(watched, settings | {"mode": "max"}, scores)
    assert any(found["counter"]), "in max mode, the counter never moves"
    assert_close(found, mirror)


@mark.task("early_stopping_modes", "margin, NaN and state")
def test_in_max_mode_the_state_of_the_highest_score_is_saved(student):
    def probe(answer, mode, scores):
        model = nn.Linear(2, 2)
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25, mode=mode)
        for epoch, score in enumerate(scores):
            for parameter in model.parameters():
                parameter.data.fill_(epoch)
            stopper(score, model)
        stopper.restore_best(model)
        return model.weight.data

    scores = [-64.0, -16.0, -2.0, -80.0, -90.0]
    assert_close(student(probe, "max", scores), student(probe, "min", [-score for score in scores]))


@mark.task("early_stopping_modes", "bad input")
def test_any_other_mode_raises_value_error(student):
    def probe(answer):
        return [error_of(answer.EarlyStopping, mode=mode) for mode in ["minimize", "auto", "mean", ""]]

    assert_close(student(probe), ["ValueError"] * 4)


@mark.task("early_stopping_modes", "bad input")
def test_a_patience_below_one_raises_value_error(student):
    def probe(answer):
        return [error_of(answer.EarlyStopping, patience=patience) for patience in (0, -1, -5)]

    assert_close(student(probe), ["ValueError"] * 3)


@mark.task("early_stopping_modes", "bad input")
def test_a_negative_min_delta_raises_value_error(student):
    def probe(answer):
        return [error_of(answer.EarlyStopping, min_delta=min_delta) for min_delta in (-0.25, -4.0)]

    assert_close(student(probe), ["ValueError"] * 2)


@mark.task("early_stopping_modes", "bad input")
def test_a_patience_of_one_and_a_min_delta_of_zero_are_fine(student):
    def probe(answer):
        return [error_of(answer.EarlyStopping, patience=1), error_of(answer.EarlyStopping, min_delta=0.0)]

    assert_close(student(probe), ["", ""])


@mark.task("early_stopping_modes", "messages")
def test_the_message_names_the_argument_and_its_value(student):
    def probe(answer):
        named = {}
        for name, value in [("mode", "minimize"), ("patience", -5), ("min_delta", -0.25)]:
            try:
                answer.EarlyStopping(**{name: value})
                named[name] = [False, False]
            except ValueError as error:
                named[name] = [name in str(error), str(value) in str(error)]
        return named

    for name, (argument, value) in student(probe).items():
        assert argument, f"for a bad {name}, the message of a ValueError does not name {name}"
        assert value, f"for a bad {name}, the message of a ValueError does not give its value"


# Restoring


@mark.task("early_stopping_restore", "the state at the best epoch")
def test_every_parameter_is_as_it_was_at_the_best_epoch(student):
    parameters, _ = student(restored, [64.0, 16.0, 2.0, 70.0, 80.0])
    assert parameters == [2.0], f"the best epoch is 2, the restored parameters are from {_epochs(parameters)}"


@mark.task("early_stopping_restore", "the state at the best epoch")
def test_every_buffer_is_as_it_was_at_the_best_epoch(student):
    _, buffers = student(restored, [64.0, 16.0, 2.0, 70.0, 80.0])
    assert buffers == [2.0], f"the best epoch is 2, the restored buffers are from {_epochs(buffers)}"


@mark.task("early_stopping_restore", "the state at the best epoch")
def test_the_first_and_the_last_epoch_may_be_the_best(student):
    first, _ = student(restored, [2.0, 64.0, 70.0])
    last, _ = student(restored, [64.0, 16.0, 2.0])
    assert first == [0.0], f"the best epoch is 0, the restored parameters are from {_epochs(first)}"
    assert last == [2.0], f"the best epoch is 2, the last one; the restored parameters are from {_epochs(last)}"


def _epochs(numbers):
    names = ["after the last call" if number == -1 else f"epoch {number:g}" for number in numbers[:5]]
    return " and ".join(names)


@mark.task("early_stopping_restore", "the state at the best epoch")
def test_values_come_back_to_the_last_bit_in_their_dtype(student):
    def probe(answer, weight, bias):
        model = nn.Linear(3, 2).double()
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        for score in [2.0, 64.0]:
            model.weight.data.copy_(weight).mul_(score / 2)
            model.bias.data.copy_(bias).mul_(score / 2)
            stopper(score, model)
        stopper.restore_best(model)
        return [model.weight, model.bias]

    values = torch.randn(2, 3, dtype=torch.float64), torch.randn(2, dtype=torch.float64)
    assert_close(student(probe, *values), list(values), rtol=0, atol=0)


@mark.task("early_stopping_restore", "the same objects")
def test_the_parameters_stay_the_same_objects(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.BatchNorm1d(2)))
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        before = dict(model.named_parameters())
        for score in [2.0, 64.0]:
            stopper(score, model)
        stopper.restore_best(model)
        return {name: parameter is before[name] for name, parameter in model.named_parameters()}

    same = student(probe)
    assert all(same.values()), f"{list(same.values()).count(False)} of {len(same)} parameters are new objects"


@mark.task("early_stopping_restore", "the same objects")
def test_an_optimizer_made_before_goes_on_from_the_restored_weights(student):
    def probe(answer):
        model = nn.Linear(3, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        for epoch, score in enumerate([64.0, 2.0, 70.0]):
            for parameter in model.parameters():
                parameter.data.fill_(epoch)
            stopper(score, model)
        stopper.restore_best(model)
        optimizer.zero_grad()
        model(torch.ones(1, 3)).sum().backward()
        optimizer.step()
        return model.weight.data

    assert_close(student(probe), torch.full((2, 3), 0.5))


@mark.task("early_stopping_restore", "the same objects")
def test_what_is_saved_survives_training_after_a_first_restoring(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        stopper, found = answer.EarlyStopping(patience=100, min_delta=0.25), []
        for number, score in enumerate([64.0, 2.0, 70.0, 80.0]):
            for tensor in [*model.parameters(), *model.buffers()]:
                tensor.data.fill_(number)
            stopper(score, model)
            if number >= 2:
                stopper.restore_best(model)
                state = model.state_dict().values()
                found.append(sorted({float(value) for tensor in state for value in tensor.flatten()}))
        return found

    assert_close(student(probe), [[1.0], [1.0]])


@mark.task("early_stopping_restore", "the same objects")
def test_the_state_goes_into_the_model_that_is_given(student):
    def probe(answer):
        watched, other = [nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)) for _ in range(2)]
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        for epoch, score in enumerate([64.0, 2.0, 70.0]):
            for tensor in [*watched.parameters(), *watched.buffers()]:
                tensor.data.fill_(epoch)
            stopper(score, watched)
        stopper.restore_best(other)
        states = [model.state_dict().values() for model in (watched, other)]
        return [sorted({float(value) for tensor in state for value in tensor.flatten()}) for state in states]

    watched, other = student(probe)
    assert other == [1.0], f"another model of the same shape gets the state of epoch {other}, not of epoch 1"
    assert watched == [2.0], f"restoring another model changed the one that was watched: epoch {watched}, not 2"


@mark.task("early_stopping_restore", "nothing saved")
def test_with_nothing_saved_it_raises_runtime_error(student):
    def probe(answer):
        fresh, without_model = answer.EarlyStopping(), answer.EarlyStopping()
        for score in [64.0, 2.0]:
            without_model(score)
        return [error_of(stopper.restore_best, nn.Linear(2, 2)) for stopper in (fresh, without_model)]

    assert_close(student(probe), ["RuntimeError", "RuntimeError"])


@mark.task("early_stopping_restore", "modes and gradients")
def test_watching_leaves_the_model_as_it_was(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        model[0].bias.requires_grad_(False)
        model[1].eval()
        model[0].weight.grad = torch.ones(2, 3)
        state, parameters = copy.deepcopy(model.state_dict()), list(model.parameters())
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        for score in [64.0, 2.0, 70.0]:
            stopper(score, model)
        return {
            "same values": all(torch.equal(state[name], value) for name, value in model.state_dict().items()),
            "same parameter objects": all(map(lambda one, other: one is other, parameters, model.parameters())),
            "modes": [module.training for module in model.modules()],
            "requires_grad": [parameter.requires_grad for parameter in model.parameters()],
            "gradient is there": model[0].weight.grad is not None,
        }

    modes, requires_grad = [True, True, False], [True, False, True, True]
    expected = {"same values": True, "same parameter objects": True, "gradient is there": True}
    assert_close(student(probe), expected | {"modes": modes, "requires_grad": requires_grad})


@mark.task("early_stopping_restore", "modes and gradients")
def test_restoring_changes_neither_modes_nor_what_is_trained(student):
    def probe(answer):
        model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        model[0].bias.requires_grad_(False)
        stopper = answer.EarlyStopping(patience=100, min_delta=0.25)
        stopper(2.0, model)
        model.eval()
        model[1].train()
        stopper.restore_best(model)
        return {
            "modes": [module.training for module in model.modules()],
            "requires_grad": [parameter.requires_grad for parameter in model.parameters()],
            "leaf": [parameter.is_leaf for parameter in model.parameters()],
        }

    expected = {"modes": [False, False, True], "requires_grad": [True, False, True, True], "leaf": [True] * 4}
    assert_close(student(probe), expected)


# The training loop. Its stopper plays a part that fits a min_delta of 0.25: epoch 1 is the best, although epoch 2 has a
# slightly lower score.


def training(answer, max_epochs, last):
    """All that can be seen of one training whose stopper says stop in epoch `last`."""

    class Stopper:
        best_score, best_epoch, counter, early_stop, epoch, saved = math.inf, None, 0, False, -1, None

        def __call__(self, val_score, model=None):
            self.epoch += 1
            seen["scores"].append(float(val_score))
            seen["stopper got the model"].append(model is net)
            self.counter += 1
            if self.epoch < 2:
                self.best_score, self.best_epoch, self.counter = val_score, self.epoch, 0
                self.saved = copy.deepcopy(net.state_dict())
            self.early_stop = self.epoch >= last
            return self.early_stop

        def restore_best(self, model):
            model.load_state_dict(self.saved)

    def numbers():
        return sorted({float(value) for tensor in net.state_dict().values() for value in tensor.flatten()})

    def train_epoch(*given):
        epoch = seen["events"].count("train")
        seen["events"].append("train")
        seen["train modes"].append([module.training for module in net.modules()])
        seen["train gradients"].append(torch.is_grad_enabled())
        seen["train got"].append(len(given) == 2 and given[0] is net and given[1] is optimizer)
        seen["trains on from"].append(numbers())
        for tensor in net.state_dict().values():
            tensor.fill_(epoch)
        return 16.0 - epoch

    def validate(*given):
        seen["events"].append("validate")
        seen["validation modes"].append([module.training for module in net.modules()])
        seen["validation gradients"].append(torch.is_grad_enabled())
        seen["validation got"].append(len(given) == 1 and given[0] is net)
        seen["validated"].append(numbers())
        return [4.0, 2.0, 1.9375, 8.0, 9.0, 10.0, 11.0, 12.0][min(seen["events"].count("validate") - 1, 7)]

    names = ["events", "scores", "stopper got the model", "trains on from", "validated", "train got", "validation got"]
    names += [f"{phase} {what}" for phase in ("train", "validation") for what in ("modes", "gradients")]
    seen = {name: [] for name in names}
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())).eval()
    for tensor in net.state_dict().values():
        tensor.fill_(-1)
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    history = answer.train_with_early_stopping(net, optimizer, train_epoch, validate, Stopper(), max_epochs)
    seen["gradients afterwards"] = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    return seen | {"history": dict(history), "model": numbers()}


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_each_epoch_trains_and_then_validates(student):
    seen = student(training, 6, 3)
    assert_close(seen["events"][:8], ["train", "validate"] * 4)
    assert_close(seen["validated"][:4], [[0.0], [1.0], [2.0], [3.0]])


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_train_epoch_gets_model_and_optimizer_and_validate_the_model(student):
    seen = student(training, 6, 3)
    assert all(seen["train got"]), "train_epoch did not get the model and the optimizer, in this order"
    assert all(seen["validation got"]), "validate did not get the model alone"


@mark.task("train_with_early_stopping", "modes and gradients")
def test_training_happens_in_training_mode_in_every_epoch(student):
    modes = student(training, 6, 3)["train modes"]
    wrong = [epoch for epoch, flags in enumerate(modes) if not all(flags)]
    assert modes and not wrong, f"modules in eval mode while training, in epochs {wrong[:8]}"


@mark.task("train_with_early_stopping", "modes and gradients")
def test_validation_happens_in_eval_mode_in_every_epoch(student):
    modes = student(training, 6, 3)["validation modes"]
    wrong = [epoch for epoch, flags in enumerate(modes) if any(flags)]
    assert modes and not wrong, f"modules in training mode while validating, in epochs {wrong[:8]}"


@mark.task("train_with_early_stopping", "modes and gradients")
def test_gradients_are_recorded_in_training_and_not_in_validation(student):
    seen = student(training, 6, 3)
    assert not any(seen["validation gradients"]), "gradients are recorded while validating"
    assert all(seen["train gradients"]), "gradients are switched off while training"
    assert seen["gradients afterwards"], "gradients are switched off after the function has returned"


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_the_stopper_gets_every_score_once_together_with_the_model(student):
    seen = student(training, 6, 3)
    assert_close(seen["scores"], [4.0, 2.0, 1.9375, 8.0])
    assert all(seen["stopper got the model"]), "the stopper did not get the model that is trained"


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_no_epoch_follows_the_one_in_which_the_stopper_says_stop(student):
    assert_close([student(training, 8, last)["events"].count("train") for last in (1, 4)], [2, 5])


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_there_are_never_more_than_max_epochs(student):
    assert_close([student(training, limit, 99)["events"].count("train") for limit in (1, 4)], [1, 4])


@mark.task("train_with_early_stopping", "train, validate, stop")
def test_every_epoch_trains_on_from_the_one_before(student):
    assert_close(student(training, 6, 3)["trains on from"], [[-1.0], [0.0], [1.0], [2.0]])


@mark.task("train_with_early_stopping", "the history")
def test_losses_and_scores_of_all_epochs_are_returned(student):
    history = student(training, 6, 3)["history"]
    found = {name: list(map(float, history[name])) for name in ("train_loss", "val_score")}
    assert_close(found, {"train_loss": [16.0, 15.0, 14.0, 13.0], "val_score": [4.0, 2.0, 1.9375, 8.0]})


@mark.task("train_with_early_stopping", "the history")
def test_best_epoch_is_what_the_stopper_calls_best(student):
    assert_close([student(training, limit, 3)["history"]["best_epoch"] for limit in (6, 3)], [1, 1])


@mark.task("train_with_early_stopping", "the history")
def test_stopped_epoch_is_the_epoch_of_the_stop_counted_from_zero(student):
    found = [student(training, limit, last)["history"]["stopped_epoch"] for limit, last in [(8, 2), (8, 4), (4, 3)]]
    assert_close(found, [2, 4, 3])


@mark.task("train_with_early_stopping", "the history")
def test_stopped_epoch_is_none_when_the_stopper_never_says_stop(student):
    assert_close(student(training, 4, 99)["history"]["stopped_epoch"], None)


@mark.task("train_with_early_stopping", "the best model")
def test_a_stopped_model_ends_in_its_best_state(student):
    assert_close(student(training, 6, 3)["model"], [1.0])


@mark.task("train_with_early_stopping", "the best model")
def test_a_model_that_ran_to_max_epochs_ends_in_its_best_state(student):
    assert_close(student(training, 4, 99)["model"], [1.0])
