"""The core held to what others wrote: PyTorch's optimizers, schedulers and autograd, and SciPy's tests of chance."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import SCHEDULES
from torch.optim import lr_scheduler

from d2lmini import get_data, linreg, sgd, squared_loss, train
from d2lmini.core import engine, noise, schedules
from d2lmini.core.rows import table
from d2lmini.core.steps import finish

UPDATES, PER_EPOCH = 60, 12


def weights_in_torch(n: int, batch_size: int, lr: float, epochs: int, seed: int, replacement: bool = False, init=None):
    """The final weights, by torch.optim.SGD in double precision."""
    A, y = (torch.tensor(part[:n]) for part in table())
    theta = torch.zeros(A.shape[1], dtype=torch.float64) if init is None else torch.tensor(init, dtype=torch.float64)
    theta.requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=lr)
    for epoch in range(epochs):
        for rows in torch.from_numpy(engine.epoch_order(n, seed, epoch, replacement)).split(batch_size):
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(A[rows] @ theta, y[rows]) / 2).backward()
            optimizer.step()
    return theta.detach().numpy()


def test_the_draws_are_uniform():
    draws = engine.mulberry32(7, 0, 100_000) / 2**32
    assert stats.kstest(draws, "uniform").pvalue > 0.001


@pytest.mark.parametrize("replacement", [False, True])
def test_each_row_comes_first_equally_often(replacement):
    first = [engine.epoch_order(20, seed, 0, replacement)[0] for seed in range(4000)]
    assert stats.chisquare(np.bincount(first, minlength=20)).pvalue > 0.001


def test_the_orders_of_two_epochs_are_unrelated():
    one, other = (engine.epoch_order(1500, 0, epoch) for epoch in (0, 1))
    assert abs(stats.spearmanr(one, other).statistic) < 0.1


@given(
    n=st.integers(1, 60),
    batch_size=st.integers(1, 60),
    lr=st.floats(1e-4, 0.3),
    epochs=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
    replacement=st.booleans(),
)
def test_the_weights_are_those_of_torch(n, batch_size, lr, epochs, seed, replacement):
    batch_size = min(n, batch_size)
    settings = {"batch_size": batch_size, "lr": lr, "epochs": epochs, "seed": seed, "replacement": replacement}
    A, y = table()
    result = finish(engine.minibatch_sgd(A[:n], y[:n], **settings))
    if result.diverged_at is None:
        np.testing.assert_allclose(result.theta[-1], weights_in_torch(n, **settings), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("batch_size", [1, 7, 100, 1500])
def test_on_all_rows_the_weights_are_those_of_torch(batch_size):
    settings = {"batch_size": batch_size, "lr": 0.01, "epochs": 2, "seed": 3, "init": [0.5, 0, -1, 2, 0, 1]}
    run = finish(engine.minibatch_sgd(*table(), **settings))
    np.testing.assert_allclose(run.theta[-1], weights_in_torch(1500, **settings), rtol=1e-9, atol=1e-11)


@given(st.integers(2, 6), st.integers(1, 3), st.integers(0, 10_000))
def test_the_gradients_are_those_of_autograd(n, width, seed):
    rng = np.random.default_rng(seed)
    A, y = np.column_stack([rng.normal(size=(n, width - 1)), np.ones(n)]), rng.normal(size=n)
    theta = rng.normal(size=width)
    for gradient, a, target in zip(noise.gradients(theta, (A, y)), A, y):
        w = torch.tensor(theta[:-1, None], requires_grad=True)
        b = torch.tensor(theta[-1:], requires_grad=True)
        row = torch.from_numpy(a[None, :-1])
        squared_loss(linreg(row, w, b), torch.tensor([[target]])).sum().backward()
        assert gradient == pytest.approx(np.append(w.grad, b.grad), abs=1e-12)


def factors_in_torch(make, per_epoch: bool) -> list[float]:
    """The factors that a scheduler of torch gives, stepped after each epoch or after each update."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for t in range(1, UPDATES + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not per_epoch or t % PER_EPOCH == 0:
            scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("ours", "theirs", "per_epoch"),
    [
        (schedules.step(10, 1), lambda o: lr_scheduler.StepLR(o, 1, 0.1), True),
        (schedules.step(2, 3), lambda o: lr_scheduler.StepLR(o, 3, 0.5), True),
        (schedules.exponential(0.95), lambda o: lr_scheduler.ExponentialLR(o, 0.95), True),
        (schedules.exponential(0.95, "update"), lambda o: lr_scheduler.ExponentialLR(o, 0.95), False),
        (schedules.cosine(UPDATES), lambda o: lr_scheduler.CosineAnnealingLR(o, UPDATES), False),
        (schedules.warm_up(8), lambda o: lr_scheduler.LinearLR(o, 1 / 8, total_iters=7), False),
        (schedules.power(-0.5), lambda o: lr_scheduler.LambdaLR(o, lambda k: (k + 1) ** -0.5), False),
    ],
    ids=["÷10 each epoch", "÷2 every 3", "×.95 each epoch", "×.95 each update", "cosine", "warm-up", "t^-½"],
)
def test_the_factors_are_those_of_torchs_schedulers(ours, theirs, per_epoch):
    expected = factors_in_torch(theirs, per_epoch)
    np.testing.assert_allclose(schedules.factors(ours, UPDATES, PER_EPOCH), expected, rtol=1e-9, atol=1e-12)


def weights_with_schedule(sizes, lr: float, epochs: int, seed: int, schedule) -> np.ndarray:
    """The final weights by torch.optim.SGD in double precision, with a batch size for each epoch."""
    A, y = (torch.tensor(part) for part in table())
    theta = torch.zeros(A.shape[1], dtype=torch.float64, requires_grad=True)
    t = 0
    for epoch in range(epochs):
        for rows in torch.from_numpy(engine.epoch_order(len(y), seed, epoch)).split(sizes[epoch]):
            t += 1
            optimizer = torch.optim.SGD([theta], lr=lr * schedule(t, epoch))
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(A[rows] @ theta, y[rows]) / 2).backward()
            optimizer.step()
    return theta.detach().numpy()


@given(SCHEDULES, st.integers(20, 1500), st.integers(1, 5), st.integers(0, 9))
def test_train_follows_any_schedule_as_the_engine_does(schedule, batch_size, epochs, seed):
    data, d = get_data(batch_size, seed=seed)
    history = train(sgd, None, {"lr": 0.1}, data, d, epochs, init=(torch.zeros(d, 1), 0.0), schedule=schedule)
    run = finish(
        engine.minibatch_sgd(*table(), batch_size=batch_size, lr=0.1, epochs=epochs, seed=seed, schedule=schedule)
    )
    np.testing.assert_allclose(history.loss, run.loss, rtol=1e-4)


def test_train_and_the_engine_agree_on_a_schedule():
    data, d = get_data(20, seed=3)
    schedule = schedules.step(5, 2)
    zero = torch.zeros(d, 1), torch.zeros(1)
    history = train(sgd, None, {"lr": 0.2}, data, d, 5, init=zero, schedule=schedule)
    run = finish(engine.minibatch_sgd(*table(), batch_size=20, lr=0.2, epochs=5, seed=3, schedule=schedule))
    np.testing.assert_allclose(history.loss, run.loss, atol=1e-5)


def test_train_descends_as_the_book_says():
    data, d = get_data(1500)
    history = train(sgd, None, {"lr": 1.0}, data, d, 20, init=(np.zeros(d), 0.0))
    assert int(np.argmin(history.loss)) == 6
    assert history.loss[[6, 12, 20]] == pytest.approx([0.24508, 0.2492, 0.2750], abs=5e-5)


@pytest.mark.parametrize("schedule", [schedules.power(-0.5), schedules.step(10, 2), schedules.cosine(100)])
@pytest.mark.parametrize("sizes", [[64] * 4, [30, 30, 300, 1500], [1500, 7, 100, 1499]])
def test_the_engine_follows_schedules_and_batch_sizes_as_torch_does(schedule, sizes):
    run = finish(engine.minibatch_sgd(*table(), batch_size=sizes, lr=0.1, epochs=4, seed=5, schedule=schedule))
    np.testing.assert_allclose(run.theta[-1], weights_with_schedule(sizes, 0.1, 4, 5, schedule), rtol=1e-9, atol=1e-11)
    assert run.updates[-1] == sum(-(-1500 // size) for size in sizes)


@given(st.lists(st.integers(20, 1500), min_size=1, max_size=4), SCHEDULES, st.integers(0, 9))
def test_the_engine_follows_any_sizes_and_schedule_as_torch_does(sizes, schedule, seed):
    run = finish(
        engine.minibatch_sgd(*table(), batch_size=sizes, lr=0.1, epochs=len(sizes), seed=seed, schedule=schedule)
    )
    np.testing.assert_allclose(
        run.theta[-1], weights_with_schedule(sizes, 0.1, len(sizes), seed, schedule), rtol=1e-8, atol=1e-10
    )
