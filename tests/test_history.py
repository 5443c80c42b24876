"""What a training run leaves behind."""

import io
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tqdm import tqdm

from d2lmini import History, Minibatches, evaluate_loss, get_data, sgd, train
from d2lmini.core.engine import DIVERGED


def trained(batch_size: int = 10, num_epochs: int = 2, *, n: int = 1500, lr: float = 0.01, **options) -> History:
    replacement = options.pop("replacement", False)
    data, d = get_data(batch_size, n)
    data = Minibatches(data.X, data.y, batch_size, replacement=replacement)
    return train(sgd, None, {"lr": lr}, data, d, num_epochs, **options)


def recorded(loss: list[float]) -> History:
    """A history of points one update and ten examples apart, a second each."""
    steps = np.arange(len(loss))
    weights = torch.zeros(1, 1), torch.zeros(1)
    return History(steps * 10, steps / 10, steps, steps * 1.0, np.array(loss), *weights)


# What is recorded


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("num_epochs", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 7, 10, 64, 100, 128, 1000, 1499, 1500])
def test_a_history_runs_from_0_to_exactly_the_number_of_epochs(batch_size, num_epochs, replacement):
    history = trained(batch_size, num_epochs, lr=1e-4, replacement=replacement)
    columns = [history.examples, history.epochs, history.updates, history.seconds, history.loss]
    assert history.epochs[0] == 0
    assert history.epochs[-1] == num_epochs
    assert history.examples[-1] == num_epochs * 1500
    assert history.updates[-1] == num_epochs * -(-1500 // batch_size)
    assert len({len(column) for column in columns}) == 1
    assert all((np.diff(column) > 0).all() for column in columns[:4])


@pytest.mark.proves(
    "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with the clock stopped"
)
@pytest.mark.proves("Record the start, then whenever another fixed fraction of an epoch is full, and always the end")
@given(n=st.integers(1, 60), batch_size=st.integers(1, 60), epochs=st.integers(1, 4), points=st.integers(1, 30))
def test_a_point_is_recorded_at_each_update_that_reaches_a_mark(n, batch_size, epochs, points):
    batch_size = min(n, batch_size)
    history = trained(batch_size, epochs, n=n, lr=1e-4, points_per_epoch=points)
    after = [epoch * n + min((i + 1) * batch_size, n) for epoch in range(epochs) for i in range(-(-n // batch_size))]
    passing = [at for before, at in pairwise([0, *after]) if before * points // n < at * points // n]
    assert history.examples.tolist() == [0, *passing]


@pytest.mark.parametrize("batch_size", [64, 128, 256])
def test_batch_sizes_that_never_meet_a_multiple_of_200_have_a_curve_too(batch_size):
    assert len(trained(batch_size, 1).loss) > 5


@pytest.mark.proves(
    "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with the clock stopped"
)
def test_the_recorded_losses_are_those_of_the_weights():
    seen = {}
    history = trained(64, 2, on_update=lambda t, w, b: seen.update({t: (w.clone(), b.clone())}))
    data, _ = get_data()
    for update, loss in zip(history.updates[1:].tolist(), history.loss[1:]):
        assert loss == pytest.approx(evaluate_loss(seen[update], data.X, data.y), rel=1e-6)


def test_the_final_weights_have_the_final_loss():
    history = trained()
    data, d = get_data()
    assert (history.w.shape, history.b.shape) == ((d, 1), (1,))
    assert not (history.w.requires_grad or history.b.requires_grad)
    assert history.loss[-1] == pytest.approx(evaluate_loss((history.w, history.b), data.X, data.y), rel=1e-6)


@pytest.mark.proves("looking a hundred times as often gives the same weights to the last bit")
@pytest.mark.parametrize("points", [1, 3, 150, 10_000])
def test_looking_more_often_changes_no_weight(points):
    usual, other = trained(), trained(points_per_epoch=points)
    assert torch.equal(usual.w, other.w)
    assert torch.equal(usual.b, other.b)


@pytest.mark.parametrize("num_epochs", [1999, 2001, 5000])
def test_long_runs_record_no_more_than_2000_points(num_epochs):
    history = trained(2, num_epochs, n=2, points_per_epoch=10**6)
    assert 1000 < len(history.loss) <= 2000
    assert history.epochs[-1] == num_epochs


def test_seconds_never_run_backwards_and_begin_at_0():
    seconds = trained().seconds
    assert seconds[0] == 0
    assert (np.diff(seconds) > 0).all()


@pytest.mark.proves(
    "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with the clock stopped"
)
def test_seconds_leave_out_what_is_not_training(monkeypatch):
    """The clock of this test only moves in evaluation, drawing and on_update."""
    now = [0.0]
    monkeypatch.setattr("d2lmini.history.perf_counter", lambda: now[0])

    class SlowAnimator:
        def add(self, x, y):
            now[0] += 100

    def slow(t, w, b):
        now[0] += 100

    assert trained(500, 3, on_update=slow, animator=SlowAnimator()).seconds.max() == 0


def test_seconds_count_the_shuffle_and_the_step(monkeypatch):
    """The clock of this test moves by one in each epoch's shuffle and in each update."""
    now = [0]
    monkeypatch.setattr("d2lmini.history.perf_counter", lambda: now[0])
    epoch = Minibatches.epoch

    def shuffle(self, k, seed):
        now[0] += 1
        return epoch(self, k, seed)

    def step(params, states, hyperparams):
        now[0] += 1
        sgd(params, states, hyperparams)

    monkeypatch.setattr(Minibatches, "epoch", shuffle)
    data, d = get_data(500)
    assert train(step, None, {"lr": 0.1}, data, d, 2).seconds.tolist() == [0, 2, 3, 4, 6, 7, 8]


def test_the_bar_of_a_long_run_follows_its_updates_and_goes_with_the_run(monkeypatch):
    said = io.StringIO()
    at_once = {"delay": 0, "mininterval": 0, "file": said, "disable": False}
    monkeypatch.setattr("d2lmini.history.tqdm", lambda **options: tqdm(**options | at_once))
    trained(500)
    *_, last, cleared = said.getvalue().rstrip("\r").split("\r")
    assert " 6/6 " in last
    assert not cleared.strip()


# Divergence


def test_a_learning_rate_of_100_ends_diverged_with_the_curve_up_to_there():
    history = trained(lr=100.0)
    assert history.diverged is True
    assert history.diverged_at > history.updates[-1]
    assert len(history.loss) >= 1
    assert (history.loss <= DIVERGED).all()
    assert f"diverged at update {history.diverged_at}" in str(history)


@given(lr=st.floats(3, 1e38), batch_size=st.integers(1, 1500))
def test_any_diverging_rate_stops_without_a_warning(lr, batch_size):
    history = trained(batch_size, 100, lr=lr)
    assert history.diverged
    assert (history.loss <= DIVERGED).all()
    assert len(history.loss) == len(history.seconds) == len(history.updates)


def test_slow_divergence_of_gradient_descent_is_recorded_to_the_end():
    history = trained(1500, 200, lr=1.0)
    assert history.diverged
    assert history.loss[-1] > 1e5
    np.testing.assert_array_equal(history.updates, np.arange(history.diverged_at))


def test_a_run_that_ends_well_is_not_called_diverged():
    history = trained()
    assert history.diverged is False
    assert history.diverged_at is None
    assert str(history).startswith(f"half loss {history.loss[-1]:.4f} after 2 epochs, 300 updates")


# Questions to a history


def test_updates_to_a_loss_is_the_first_recorded_point_that_low():
    history = recorded([0.5, 0.3, 0.26, 0.25, 0.27, 0.24])
    assert history.updates_to(0.25) == 3
    assert history.examples_to(0.25) == 30
    assert history.time_to(0.25) == 3.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0, 1))
def test_reaching_a_loss_agrees_with_a_plain_search(losses, target):
    history = recorded(losses)
    expected = next((i for i, loss in enumerate(losses) if loss <= target), None)
    assert history.updates_to(target) == expected
    assert history.examples_to(target) == (None if expected is None else 10 * expected)
    assert history.time_to(target) == expected


def test_a_loss_that_was_never_reached_is_none():
    history = recorded([0.5, 0.3])
    assert history.updates_to(0.1) is None
    assert history.examples_to(0.1) is None
    assert history.time_to(0.1) is None


def test_a_history_as_a_table_has_a_row_a_point():
    history = trained()
    frame = history.frame()
    assert list(frame.columns) == ["examples", "epochs", "updates", "seconds", "loss"]
    for name in frame:
        np.testing.assert_array_equal(frame[name], getattr(history, name))
