"""The reference of ex08 against its definition by brute force, torch's plateau scheduler, and training by hand."""

import copy
import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from autograder import course

reference = course.exercise("ex08_early_stopping").module()
EIGHTHS = st.integers(-40, 40).map(lambda number: number / 8)
SCORES = st.lists(EIGHTHS | st.just(math.nan), min_size=1, max_size=20)
unhurried = settings(deadline=None)  # the first optimizer takes seconds: torch imports half of itself


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small gain nothing from more threads, and on a busy machine they lose a lot."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def watch(scores, **knobs):
    """A stopper after some scores, and early_stop after each."""
    stopper = reference.EarlyStopping(**knobs)
    return stopper, [stopper(score) for score in scores]


def bests_by_definition(scores, min_delta, mode):
    """Every epoch whose score is a number and beats the last of these epochs by more than min_delta."""
    sign = 1 if mode == "max" else -1
    bests = []
    for epoch, score in enumerate(scores):
        if not math.isnan(score) and (not bests or sign * (score - scores[bests[-1]]) > min_delta):
            bests.append(epoch)
    return bests


@unhurried
@given(SCORES, st.sampled_from([0.0, 0.125, 0.5]), st.sampled_from(["min", "max"]), st.integers(1, 5))
def test_best_counter_and_stop_follow_from_the_definition(scores, min_delta, mode, patience):
    stopper, stops = watch(scores, patience=patience, min_delta=min_delta, mode=mode)
    bests = bests_by_definition(scores, min_delta, mode)
    if bests:
        assert (stopper.best_score, stopper.best_epoch) == (scores[bests[-1]], bests[-1])
    assert stopper.counter == len(scores) - 1 - (bests[-1] if bests else -1)
    gaps = [later - earlier - 1 for earlier, later in itertools.pairwise([-1, *bests, len(scores)])]
    assert stops[-1] == (max(gaps) >= patience)
    assert stops == sorted(stops)  # once True, always True


@unhurried
@given(st.lists(EIGHTHS, min_size=1, max_size=20), st.sampled_from(["min", "max"]), st.integers(1, 4))
def test_the_stop_is_that_of_torchs_plateau_scheduler_with_one_patience_less(scores, mode, patience):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode=mode, patience=patience - 1, threshold=0.25, threshold_mode="abs"
    )
    stopper = reference.EarlyStopping(patience=patience, min_delta=0.25, mode=mode)
    for score in scores:
        scheduler.step(score)
        stopped = stopper(score)
        assert stopped == (optimizer.param_groups[0]["lr"] < 1.0)
        if stopped:
            break
        assert stopper.best_score == scheduler.best and stopper.counter == scheduler.num_bad_epochs


@unhurried
@given(SCORES)
def test_max_mode_is_min_mode_with_all_signs_turned(scores):
    low, low_stops = watch(scores, patience=3, min_delta=0.25)
    high, high_stops = watch([-score for score in scores], patience=3, min_delta=0.25, mode="max")
    assert low_stops == high_stops
    assert (low.best_score, low.best_epoch, low.counter) == (-high.best_score, high.best_epoch, high.counter)


@pytest.mark.parametrize(
    ("knobs", "named"),
    [
        ({"mode": "minimize"}, "mode .*'minimize'"),
        ({"patience": 0}, "patience .*0"),
        ({"min_delta": -0.5}, "min_delta .*-0.5"),
    ],
)
def test_bad_settings_are_named(knobs, named):
    with pytest.raises(ValueError, match=named):
        reference.EarlyStopping(**knobs)


def test_a_tensor_score_is_copied():
    stopper, score = reference.EarlyStopping(), torch.tensor(2.0, requires_grad=True)
    stopper(score.detach())
    score.data.fill_(-5.0)
    assert stopper.best_score == 2.0 and type(stopper.best_score) is float


def trained_net(stopper, scores):
    """A network with batch normalization, trained for as many steps as there are scores; its state after each."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1)).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    states = []
    for score in scores:
        step(net, optimizer)
        stopper(score, net)
        states.append(copy.deepcopy(net.state_dict()))
    return net, optimizer, states


def step(net, optimizer):
    optimizer.zero_grad()
    net(torch.randn(8, 3, dtype=torch.float64)).square().mean().backward()
    optimizer.step()


def same(state, other):
    return state.keys() == other.keys() and all(torch.equal(state[name], other[name]) for name in state)


@pytest.mark.parametrize("scores", [[3.0, 1.0, 2.0, 5.0], [1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [math.nan, 4.0, 9.0]])
def test_the_state_that_comes_back_is_the_best_one_bit_by_bit(scores):
    stopper = reference.EarlyStopping()
    net, optimizer, states = trained_net(stopper, scores)
    best = min((score, epoch) for epoch, score in enumerate(scores) if not math.isnan(score))[1]
    for _ in range(2):
        stopper.restore_best(net)
        assert same(net.state_dict(), states[best])
        step(net, optimizer)
        assert not same(net.state_dict(), states[best])


def test_restoring_and_going_on_is_going_on_from_a_copy_of_that_time():
    stopper = reference.EarlyStopping()
    net, _, states = trained_net(stopper, [3.0, 1.0, 2.0])
    stopper.restore_best(net)
    twin = copy.deepcopy(net)
    twin.load_state_dict(states[1])
    for model in (net, twin):
        torch.manual_seed(1)
        step(model, torch.optim.SGD(model.parameters(), lr=0.1))
    assert same(net.state_dict(), twin.state_dict())


def test_nothing_saved_is_said():
    stopper = reference.EarlyStopping()
    net = nn.Linear(1, 1)
    with pytest.raises(RuntimeError, match="no state"):
        stopper.restore_best(net)
    stopper(2.0, net)
    stopper(1.0)  # better, but its state is unknown: the older one would be a wrong answer
    with pytest.raises(RuntimeError, match="no state"):
        stopper.restore_best(net)


@pytest.mark.parametrize(("max_epochs", "stops"), [(3, False), (60, True)])
def test_the_loop_is_training_by_hand_to_the_best_epoch(max_epochs, stops):
    images, labels, _ = reference.shuffled_digits(0)

    def parts():
        net = reference.fresh_net(0, nn.BatchNorm1d)
        return net, torch.optim.Adam(net.parameters(), lr=1e-3), *reference.epoch_functions(images, labels, 0)

    net, optimizer, train_epoch, validate = parts()
    stopper = reference.EarlyStopping(patience=3)
    history = reference.train_with_early_stopping(net, optimizer, train_epoch, validate, stopper, max_epochs)
    epochs, best = len(history["val_score"]), history["best_epoch"]
    assert history["stopped_epoch"] == (epochs - 1 if stops else None)
    assert epochs == len(history["train_loss"]) == (best + 4 if stops else max_epochs)

    by_hand, optimizer, train_epoch, validate = parts()
    for epoch in range(best + 1):
        assert train_epoch(by_hand.train(), optimizer) == history["train_loss"][epoch]
        assert validate(by_hand.eval()) == pytest.approx(history["val_score"][epoch])
    assert same(net.state_dict(), by_hand.state_dict())
    assert torch.is_grad_enabled()
