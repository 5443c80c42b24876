"""Minibatch SGD in numbers only; js/core/engine.js is held to it in test_engine_parity.py."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish

seeds = st.integers(0, 2**32 - 1)


def run(n: int = 1500, **settings) -> engine.Run:
    A, y = table()
    return finish(engine.minibatch_sgd(A[:n], y[:n], **settings))


# The generator and the orders


@given(seeds, st.integers(0, 10**10), st.integers(1, 50))
def test_any_draw_can_be_made_without_the_ones_before(seed, start, skipped):
    draws = engine.mulberry32(seed, start, skipped + 5)
    np.testing.assert_array_equal(draws[skipped:], engine.mulberry32(seed, start + skipped, 5))


@given(st.integers(1, 3000), seeds, st.integers(0, 20))
def test_an_order_is_the_rows_sorted_by_draw_and_row(n, seed, epoch):
    draws = engine.mulberry32(seed, epoch * n, n)
    np.testing.assert_array_equal(engine.epoch_order(n, seed, epoch), np.lexsort((np.arange(n), draws)))


@given(st.integers(1, 3000), seeds, st.integers(0, 20))
def test_with_replacement_a_row_is_a_uniform_draw_times_n_rounded_down(n, seed, epoch):
    uniform = engine.mulberry32(seed, epoch * n, n) / 2**32
    np.testing.assert_array_equal(engine.epoch_order(n, seed, epoch, True), np.floor(uniform * n))


# Loss


@given(st.integers(1, 30), seeds)
def test_the_quadratic_gives_half_the_mean_squared_error(n, seed):
    rng = np.random.default_rng(seed)
    A, y, thetas = rng.normal(size=(n, 4)), rng.normal(size=n), rng.normal(size=(3, 4))
    expected = np.mean((thetas @ A.T - y) ** 2, axis=1) / 2
    loss_of = engine.quadratic(A, y)
    assert engine.half_losses(loss_of, thetas) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert engine.half_loss(loss_of, thetas[0]) == pytest.approx(expected[0], rel=1e-9, abs=1e-12)


@given(st.lists(st.floats(0, 1)), st.floats(0, 1))
def test_a_loss_is_reached_at_the_first_point_that_is_not_above_it(losses, target):
    at = engine.reached(losses, target)
    before = losses if at is None else losses[:at]
    assert all(loss > target for loss in before)
    assert at is None or losses[at] <= target


# Training


def test_a_batch_size_for_each_epoch_and_a_schedule_are_followed():
    A, y = table()
    theta, t = np.zeros(6), 0
    for epoch, size in enumerate([100, 1500, 700]):
        order = engine.epoch_order(1500, 5, epoch)
        for rows in np.split(order, range(size, 1500, size)):
            t += 1
            theta = theta - 0.3 / t * A[rows].T @ (A[rows] @ theta - y[rows]) / len(rows)
    result = run(batch_size=[100, 1500, 700], lr=0.3, epochs=3, seed=5, schedule=lambda t, epoch: 1 / t)
    assert result.updates[-1] == t == 15 + 1 + 3
    np.testing.assert_allclose(result.theta[-1], theta, rtol=1e-9)


def test_a_schedule_is_asked_for_each_update_and_its_epoch():
    asked = []
    run(batch_size=750, lr=0.1, epochs=2, schedule=lambda t, epoch: asked.append((t, epoch)) or 1.0)
    assert asked == [(1, 0), (2, 0), (3, 1), (4, 1)]


@given(lr=st.floats(1e-3, 0.9), epochs=st.integers(1, 30))
def test_gradient_descent_follows_its_closed_form(lr, epochs):
    H, c, _ = engine.quadratic(*table())
    values, vectors = np.linalg.eigh(H)
    best = np.linalg.solve(H, c)
    expected = best - vectors @ ((1 - lr * values) ** epochs * (vectors.T @ best))
    result = run(batch_size=1500, lr=lr, epochs=epochs)
    np.testing.assert_allclose(result.theta[-1], expected, rtol=1e-9, atol=1e-11)


@given(copies=st.integers(1, 6), batch_size=st.integers(1, 100), seed=seeds, replacement=st.booleans())
def test_copies_count_as_a_table_repeated_so_often(copies, batch_size, seed, replacement):
    A, y = (part[:50] for part in table())
    settings = {"batch_size": min(batch_size, 50 * copies), "lr": 0.02, "seed": seed, "replacement": replacement}
    virtual = finish(engine.minibatch_sgd(A, y, copies=copies, **settings))
    real = finish(engine.minibatch_sgd(np.tile(A, (copies, 1)), np.tile(y, copies), **settings))
    assert (virtual.n, virtual.examples, virtual.updates) == (real.n, real.examples, real.updates)
    np.testing.assert_allclose(virtual.loss, real.loss, rtol=1e-9)


@given(
    n=st.integers(1, 300),
    batch_size=st.integers(1, 300),
    epochs=st.integers(1, 12),
    points=st.integers(1, 50),
    replacement=st.booleans(),
)
def test_points_run_from_0_to_exactly_the_last_example_at_the_marks(n, batch_size, epochs, points, replacement):
    batch_size = min(n, batch_size)
    result = run(
        n, batch_size=batch_size, lr=1e-3, epochs=epochs, points_per_epoch=points, replacement=replacement, seed=1
    )
    after = [epoch * n + min((i + 1) * batch_size, n) for epoch in range(epochs) for i in range(-(-n // batch_size))]
    k = min(points, 2000 // (epochs + 1))
    passing = [at for before, at in pairwise([0, *after]) if before * k // n < at * k // n]
    assert result.examples == [0, *passing]
    assert result.examples[-1] == epochs * n
    assert [after[u - 1] if u else 0 for u in result.updates] == result.examples
    assert len(result.examples) == len(result.updates) == len(result.loss) == len(result.theta)


@given(epochs=st.one_of(st.integers(1, 30), st.sampled_from([999, 1998, 1999, 2000, 2001, 3997, 5000])))
def test_no_run_records_more_than_2000_points(epochs):
    result = run(3, batch_size=3, lr=1e-3, epochs=epochs, points_per_epoch=10**6)
    assert len(result.loss) <= 2000
    assert result.examples[-1] == 3 * epochs


@given(st.integers(1, 100), st.booleans())
def test_looking_more_often_changes_no_weight(points, early):
    often = run(300, batch_size=7, lr=0.05, points_per_epoch=points, early=early)
    assert often.theta[-1] == run(300, batch_size=7, lr=0.05, points_per_epoch=1).theta[-1]


def test_early_only_adds_points():
    plain, early = (run(batch_size=1, lr=0.005, early=early) for early in (False, True))
    assert set(zip(plain.updates, plain.loss)) < set(zip(early.updates, early.loss))
    assert early.updates[:12] == list(range(12))


def test_the_loss_recorded_is_that_of_the_weights_recorded():
    result = run(batch_size=64, lr=0.1)
    A, y = table()
    expected = np.mean((np.array(result.theta) @ A.T - y) ** 2, axis=1) / 2
    np.testing.assert_allclose(result.loss, expected, rtol=1e-12)


def test_a_run_begins_at_zero_weights():
    result = run(batch_size=10, lr=0.05)
    assert (result.examples[0], result.updates[0], result.theta[0]) == (0, 0, [0.0] * 6)


def test_a_start_beyond_a_million_has_diverged_before_the_first_update():
    result = run(batch_size=10, lr=0.05, init=np.full(6, 1e4))
    assert (result.diverged_at, result.loss, result.updates) == (0, [], [])


def test_init_is_not_changed_by_the_run():
    init = np.ones(6)
    run(batch_size=10, lr=0.05, init=init)
    assert (init == 1).all()


@given(lr=st.floats(1.5, 1e30), batch_size=st.integers(1, 1500), seed=seeds)
def test_a_diverging_run_ends_at_the_first_loss_beyond_a_million_without_a_warning(lr, batch_size, seed):
    result = run(batch_size=batch_size, lr=lr, epochs=200, seed=seed, points_per_epoch=2000)
    assert result.diverged_at is not None
    assert result.diverged_at > result.updates[-1]
    assert max(result.loss) <= engine.DIVERGED


def test_the_run_so_far_is_yielded_on_the_way():
    A, y = table()
    steps = engine.minibatch_sgd(A, y, batch_size=100, lr=0.01, copies=100, epochs=1)
    seen = [partial.examples[-1] for partial in steps]
    assert len(seen) >= 150_000 / engine.BLOCK
    assert seen == sorted(seen)
    assert seen[0] <= engine.BLOCK


BAD = [
    *(("batch_size", value) for value in (0, -1, 1501, 2.5, "10", True, None, [10])),
    ("schedule", 0.5),
    *(("lr", value) for value in (0, -1, float("nan"), float("inf"), "a", None, True)),
    *(("epochs", value) for value in (0, -1, 1.5, True)),
    *(("copies", value) for value in (0, 1.5)),
    *(("seed", value) for value in (-1, 2**32, 0.5)),
    *(("points_per_epoch", value) for value in (0, 2.5)),
]


@pytest.mark.parametrize(("argument", "value"), BAD)
def test_a_bad_setting_is_named(argument, value):
    with pytest.raises((ValueError, TypeError), match=f"{argument} must be .*{re.escape(repr(value))}"):
        run(**{"batch_size": 10, "lr": 0.05, argument: value})
