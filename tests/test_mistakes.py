"""Seventeen mistakes of earlier versions of this material: each is made here, and what the book does instead is right."""

import re

import numpy as np
import pytest
import torch
from book import printed, text
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import (
    Animator,
    History,
    Minibatches,
    airfoil,
    evaluate_loss,
    get_data,
    linreg,
    optimum,
    sgd,
    squared_loss,
    train,
    train_concise,
)
from d2lmini.core import noise
from d2lmini.core.rows import standardise
from d2lmini.labs import scratch
from d2lmini.labs.batches import buffer_order
from d2lmini.timing import products, roofline, rounds

SGD = torch.optim.SGD


def zero(d: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.zeros(d, 1), torch.zeros(1)


def trained(batch_size: int = 10, epochs: int = 2, n: int = 1500, lr: float = 0.05, **options) -> History:
    data, d = get_data(batch_size, n, seed=0)
    return train(sgd, None, {"lr": lr}, data, d, epochs, **{"init": zero(), **options})


# How fast


def test_a_product_is_not_two_gflop_whatever_its_shapes():
    seconds = 0.004
    (rate,) = roofline.rates(256, [seconds])
    assert rate == pytest.approx(256 * 256 * (256 + 256) / 1e9 / seconds)  # a multiplication and an addition each
    assert 2 / seconds / rate == pytest.approx(60, abs=0.5)
    assert products.gflop(384, 256, 640) == pytest.approx(384 * 640 * (256 + 256) / 1e9)


def test_a_cold_call_is_no_timing(monkeypatch):
    now, calls = [0.0], []

    def work():
        calls.append(len(calls))
        now[0] += 100 if len(calls) == 1 else 1

    monkeypatch.setattr(rounds, "CLOCK", lambda: now[0])
    work()
    cold = now[0]
    calls.clear()
    warm = rounds.in_turns({"": work}, 1)[""]
    assert (warm.best, warm.median) == (1, 1) and cold == 100


def test_seconds_of_an_epoch_are_neither_those_of_200_examples_nor_of_two_epochs(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("d2lmini.history.perf_counter", lambda: now[0])

    def a_second_long(params, states, hyperparams):
        now[0] += 1

    data, d = get_data(10)
    run = train(a_second_long, None, {}, data, d, 2)
    an_epoch = run.seconds[run.epochs == 1].item()
    assert an_epoch == 150
    assert an_epoch / 7.5 == 200 / 10 and run.seconds[-1] == an_epoch * 2
    assert str(run).endswith("after 2 epochs, 300 updates, 300 s of training")


def test_flop_per_cycle_are_no_bytes():
    cores, cycles, lanes = 16, 2e9, 64 // 4
    flop, bytes_needed = cores * cycles * lanes * 2, cores * cycles * lanes * 2 * 4
    told = printed("vectorization")
    assert float(re.search(r"with one unit each: ([\d.]+) TFLOP/s", told)[1]) == pytest.approx(flop / 1e12, abs=0.005)
    needed = float(re.search(r"([\d.]+) TB/s are needed", told)[1])
    assert needed == pytest.approx(bytes_needed / 1e12, abs=0.05)
    assert needed > 3 * flop / 1e12, "32 bytes a cycle would be a quarter of them"


# Where on the axis, and how often


@pytest.mark.parametrize(("batch_size", "n"), [(64, 1500), (128, 1500), (256, 1500), (64, 1503), (256, 1503)])
def test_looks_at_multiples_of_200_examples_leave_one_point_or_none(batch_size, n):
    data, _ = get_data(batch_size, n)
    seen = np.cumsum([len(X) for epoch in range(2) for X, _ in data.epoch(epoch, 0)])
    assert (seen % 200 == 0).sum() == (n == 1500)
    run = trained(batch_size, n=n)
    assert len(run.loss) >= 12 and run.examples[[0, -1]].tolist() == [0, 2 * n]


def test_an_axis_by_the_size_of_the_newest_batch_ends_in_the_wrong_place():
    data, _ = get_data(64)
    *_, (newest, _) = data
    run = trained(64)
    assert run.examples[-1] / len(newest) / len(data) == pytest.approx(4.46, abs=0.005)
    assert run.epochs[-1] == 2


def test_a_range_that_is_fixed_cuts_off_points():
    *_, chart = filter(None, scratch.compute(**scratch.fixed(), batch=100, lr=0.05))
    losses, axes = chart["traces"]["run"], chart["layout"]
    assert sum(not 0.22 <= loss <= 0.35 for loss in losses["y"]) > len(losses["y"]) / 3
    low, high = axes["yaxis"]["range"]
    assert all(low < loss < high for loss in losses["y"])
    assert axes["xaxis"]["range"] == [0, 2] == [losses["x"][0], losses["x"][-1]]
    animator = Animator()
    run = trained(100, animator=animator)
    assert [run.loss.tolist()] == animator.Y and animator.figure.layout.yaxis.range is None


# How the loss is looked at


def weights_of_a_loop(look: bool) -> torch.Tensor:
    """Two epochs of a loop that may look at the loss through the iterator that it trains with."""
    data, _ = get_data()
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(data.X, data.y), 10, shuffle=True)
    params = [p.requires_grad_() for p in zero()]
    for _ in range(2):
        for X, y in loader:
            squared_loss(linreg(X, *params), y).mean().backward()
            sgd(params, None, {"lr": 0.05})
            for p in params:
                p.grad = None
        if look:
            np.mean([evaluate_loss([p.detach() for p in params], X, y) for X, y in loader])
    return params[0].detach()


def test_a_look_through_the_training_iterator_changes_the_training():
    assert not torch.equal(weights_of_a_loop(False), weights_of_a_loop(True))
    data, d = get_data()
    for iterator in (data, DataLoader(TensorDataset(data.X, data.y), 10, shuffle=True)):
        seldom, often = (train(sgd, None, {"lr": 0.05}, iterator, d, points_per_epoch=n) for n in (1, 100))
        assert torch.equal(seldom.w, often.w) and not often.w.requires_grad


def test_the_mean_of_the_means_of_batches_is_not_the_loss(monkeypatch):
    data, _ = get_data()
    means = [evaluate_loss(zero(), X, y) for X, y in zip(data.X.split(1499), data.y.split(1499))]
    right = float((data.y.double() ** 2).mean() / 2)
    assert np.mean(means) == pytest.approx(1.5222, abs=1e-4) and right == pytest.approx(0.4933, abs=1e-4)
    monkeypatch.setattr("d2lmini.model.CHUNK", 1499)  # a last chunk of one row
    assert evaluate_loss(zero(), data.X, data.y) == pytest.approx(right)
    assert trained().loss[0] == pytest.approx(right)


# Two versions of one training


def apart(one: History, other: History) -> float:
    return np.abs(one.loss - other.loss).max()


def test_without_the_half_the_rate_is_doubled_in_secret():
    data, _ = get_data(seed=0)
    whole, half = (train_concise(SGD, {"lr": 0.05}, data, init=zero(), half=half) for half in (False, True))
    assert apart(whole, trained()) > 0.01 and apart(whole, trained(lr=0.1)) < 1e-6
    assert apart(half, trained()) < 1e-6


def test_a_random_bias_in_one_version_and_a_number_of_features_typed_in_part_the_two():
    data, d = get_data(num_features=4)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        torch.nn.Linear(5, 1)(data.X)
    ours = train(sgd, None, {"lr": 0.05}, data, d)
    random, from_zero = (train_concise(SGD, {"lr": 0.05}, data, zero_bias=it) for it in (False, True))
    assert apart(random, ours) > 0.01
    assert apart(from_zero, ours) < 1e-6


def test_gradient_descent_at_rate_1_does_not_stall():
    ten, long = (trained(1500, epochs, lr=1) for epochs in (10, 200))
    assert max(ten.loss[5:]) / min(ten.loss[5:]) < 1.02, "in ten epochs it looks as if it did"
    assert long.diverged and long.loss[-1] > 1e5
    assert f"update 40: half loss {long.loss[40]:.4f}" in printed("scratch")


# The data


def best_loss(rows: np.ndarray) -> float:
    """Of a line over the first 1,500 rows, whose last column is the target."""
    return optimum(rows[:1500, :-1], rows[:1500, -1])[2]


def test_the_slice_without_the_last_two_columns_has_four_features_not_five():
    table, (data, d) = airfoil(), get_data()
    four = list(table.iloc[:, :-2])
    assert len(four) == 4 and "displacement_thickness_m" not in four
    assert d == 5 and data.X.shape == (1500, 5) and "five features and one target" in text("reading-data")
    without, right = (best_loss(standardise(table.to_numpy())[:, columns]) for columns in ([0, 1, 2, 3, 5], range(6)))
    assert without == pytest.approx(0.25598, abs=1e-5)
    assert optimum(data.X, data.y)[2] == pytest.approx(right, rel=1e-6) and right < 0.242


def test_standardised_is_not_white():
    Z = get_data(n=1503)[0].X.double().numpy()
    covariance = np.cov(Z.T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    assert np.allclose(covariance.diagonal(), 1, atol=1e-5) and covariance[1, 4] == pytest.approx(0.753, abs=5e-4)
    assert np.allclose(np.cov((Z @ vectors / values**0.5).T, bias=True), np.eye(5), atol=1e-9)
    told = {
        name: float(ratio)
        for name, ratio in re.findall(r"(\w+) +steepest over flattest (\S+)", printed("reading-data"))
    }
    assert told["white"] == pytest.approx(1) and values[-1] / values[0] > 10
    assert "So the book's data is standardised, not whitened" in text("reading-data")


def test_rows_that_are_not_trained_on_change_the_unit_of_the_loss():
    rows = airfoil().to_numpy()
    on_1503, on_1500 = (best_loss((rows - part.mean(axis=0)) / part.std(axis=0)) for part in (rows, rows[:1500]))
    assert on_1500 / on_1503 > 1.01
    data, _ = get_data()
    assert optimum(data.X, data.y)[2] == pytest.approx(on_1503, rel=1e-6)
    decibels = [(2 * half) ** 0.5 * part.std() for half, part in ((on_1503, rows[:, 5]), (on_1500, rows[:1500, 5]))]
    assert decibels[0] == pytest.approx(decibels[1], rel=1e-9)
    for count, half, error in zip(("1,503", "1,500"), (on_1503, on_1500), decibels):
        assert f"on {count} rows: half loss {half:.8f}, error {error:.6f} dB" in printed("reading-data")


# Which rows


def test_rows_drawn_without_replacement_are_not_independent():
    start = np.zeros(6)
    independent = noise.gradient_variance(start, 1) / 750
    draws = noise.draw_gradients(start, 750, 400)
    measured = ((draws - noise.gradient(start)) ** 2).sum(axis=1).mean()
    assert independent / measured == pytest.approx(2, rel=0.15)
    assert noise.gradient_variance(start, 750) == pytest.approx(measured, rel=0.15)
    assert noise.gradient_variance(start, 1500) == 0 < independent / 2


def test_a_shuffle_buffer_does_not_bring_each_row_to_each_place():
    seeds, numbers = range(200), np.arange(1500.0)
    buffered = [buffer_order(1500, 1000, seed, 0)[0] for seed in seeds]
    shuffled = [int(next(iter(Minibatches(numbers, numbers, 10, seed=seed)))[0][0]) for seed in seeds]
    assert max(buffered) < 1000
    assert 0.25 < np.mean(np.array(shuffled) >= 1000) < 0.42
