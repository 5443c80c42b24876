"""Expected losses: the exact recursion, its end, its limit, and the noisy quadratic model beside it."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine, schedules
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.core.theory import best_possible, expected_loss, final_loss, floor_loss, noisy_quadratic, stability_limit

BEST = best_possible()[1]


def by_enumeration(A, y, batch_size: int, rates) -> float:
    """The mean final loss over every sequence of batches that can be drawn with replacement."""
    batches = list(product(range(len(y)), repeat=batch_size))
    losses = []
    for sequence in product(batches, repeat=len(rates)):
        theta = np.zeros(A.shape[1])
        for rows, rate in zip(sequence, rates):
            rows = list(rows)
            theta = theta - rate * A[rows].T @ (A[rows] @ theta - y[rows]) / batch_size
        losses.append(np.mean((A @ theta - y) ** 2) / 2)
    return float(np.mean(losses))


def formula(batch_size: int, lr: float, t: float) -> float:
    """The noisy quadratic model in closed form."""
    A, y = table()
    H, c, _ = engine.quadratic(A, y)
    theta = np.linalg.solve(H, c)
    h, V = np.linalg.eigh(H)
    variance = np.diag(V.T @ (A * (y - A @ theta)[:, None] ** 2).T @ A @ V) / len(y)
    rho = (1 - lr * h) ** 2
    start, floor = h * (V.T @ theta) ** 2 / 2, lr * variance / (2 * batch_size * (2 - lr * h))
    return BEST + float(np.sum(rho**t * start + (1 - rho**t) * floor))


@pytest.mark.parametrize(("batch_size", "updates"), [(1, 1), (1, 4), (2, 2)])
@pytest.mark.parametrize("schedule", [schedules.constant(), schedules.power(-1)])
def test_the_expected_loss_is_the_mean_over_all_that_can_happen(batch_size, updates, schedule):
    rng = np.random.default_rng(batch_size + updates)
    A, y = np.column_stack([rng.normal(size=(4, 2)), np.ones(4)]), rng.normal(size=4)
    factors = schedules.factors(schedule, updates, 2)
    expected = by_enumeration(A, y, batch_size, 0.3 * factors)
    assert expected_loss(batch_size, 0.3, updates, (A, y), factors)[-1] == pytest.approx(expected, rel=1e-9)


@given(st.integers(1, 1500), st.floats(1e-4, 0.15), st.integers(0, 200))
def test_the_final_loss_is_the_last_of_the_expected_ones(batch_size, lr, updates):
    assert final_loss(batch_size, lr, updates) == pytest.approx(expected_loss(batch_size, lr, updates)[-1], rel=1e-9)


@pytest.mark.parametrize(("batch_size", "lr"), [(1, 0.01), (10, 0.05), (10, 0.5), (100, 0.4), (1500, 0.9)])
def test_the_floor_is_where_a_long_run_ends(batch_size, lr):
    assert floor_loss(batch_size, lr) == pytest.approx(final_loss(batch_size, lr, 100_000), rel=1e-9)


def test_a_floor_exists_just_below_the_stability_limit_and_not_above():
    limit = stability_limit(10)
    assert floor_loss(10, 0.999 * limit) > BEST
    with pytest.raises(ValueError, match=r"lr must be below the stability limit of batch size 10, 0\.7965"):
        floor_loss(10, 1.001 * limit)


@pytest.mark.proves("at small rates the floor goes with $\\eta/b$")
@pytest.mark.parametrize(("batch_size", "lr"), [(1, 0.001), (10, 0.01), (100, 0.1)])
def test_at_small_rates_the_floor_belongs_to_rate_over_batch_size(batch_size, lr):
    assert floor_loss(batch_size, lr) - BEST == pytest.approx(0.00084, rel=0.08)


@pytest.mark.proves("has a closed form, the noisy quadratic model")
def test_the_noisy_quadratic_model_is_its_formula():
    for batch_size, lr, t in ((10, 0.05, 300), (100, 0.4, 7), (3, 1.5, 5)):
        assert noisy_quadratic(batch_size, lr, t)[-1] == pytest.approx(formula(batch_size, lr, t), rel=1e-9)


@pytest.mark.parametrize(
    ("batch_size", "lr", "model", "exact"),
    [(10, 0.05, 0.0042, 0.0043), (100, 0.4, 0.0046, 0.0047), (10, 0.5, 0.064, 0.092)],
)
def test_the_excess_after_two_epochs_is_what_the_book_says(batch_size, lr, model, exact):
    updates = 2 * 1500 // batch_size
    assert noisy_quadratic(batch_size, lr, updates)[-1] - BEST == pytest.approx(model, rel=0.02)
    assert final_loss(batch_size, lr, updates) - BEST == pytest.approx(exact, rel=0.02)


@given(st.floats(1e-3, 0.9), st.integers(0, 30))
def test_without_noise_all_are_gradient_descent(lr, updates):
    run = finish(engine.minibatch_sgd(*table(), batch_size=1500, lr=lr, epochs=max(updates, 1)))
    loss = run.loss[updates]
    many = 10**12  # rows in a batch: the noise is gone
    assert noisy_quadratic(many, lr, updates)[-1] == pytest.approx(loss, rel=1e-9)
    assert final_loss(many, lr, updates) == pytest.approx(loss, rel=1e-9)


@pytest.mark.proves("At small rates the two agree. At large ones the model is too low")
@given(st.integers(1, 1500), st.floats(0.001, 0.17))
def test_the_model_s_floor_is_too_low(batch_size, lr):
    """Weights away from the optimum make noise of their own, which the model leaves out."""
    assert formula(batch_size, lr, np.inf) <= floor_loss(batch_size, lr) * (1 + 1e-9)


@pytest.mark.parametrize("schedule", [schedules.constant(), schedules.step(10, 2), schedules.power(-0.5)])
def test_the_mean_of_many_runs_with_replacement_is_the_expected_loss(schedule):
    settings = {"batch_size": 50, "lr": 0.3, "epochs": 4, "schedule": schedule, "replacement": True}
    runs = [finish(engine.minibatch_sgd(*table(), seed=s, points_per_epoch=1, **settings)) for s in range(300)]
    ends = np.array([run.loss[-1] for run in runs])
    expected = expected_loss(50, 0.3, 120, factors=schedules.factors(schedule, 120, 30))[-1]
    assert abs(ends.mean() - expected) < 4 * ends.std() / np.sqrt(len(ends))


@pytest.mark.parametrize("function", [expected_loss, final_loss, noisy_quadratic])
@pytest.mark.parametrize(
    ("argument", "value"),
    [("batch_size", 0), ("batch_size", 1.5), ("lr", 0), ("lr", "a"), ("updates", -1), ("updates", 2.5)],
)
def test_a_bad_argument_is_named(function, argument, value):
    with pytest.raises((TypeError, ValueError), match=f"^{argument} must be .*{value!r}"):
        function(**{"batch_size": 10, "lr": 0.1, "updates": 5, argument: value})


def test_factors_of_another_length_are_refused():
    with pytest.raises(ValueError, match="factors must hold 5 numbers, not an array of shape"):
        expected_loss(10, 0.1, 5, factors=np.ones(4))
