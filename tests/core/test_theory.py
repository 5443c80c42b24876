"""What can be known without running, and the exact figures that the book states."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.core.theory import expected_loss, final_loss, floor_loss, noisy_quadratic, stability_limit


def gradient_descent(steps: int, features: int = 5, **settings) -> engine.Run:
    A, y = table()
    A = np.column_stack([A[:, :features], A[:, -1]])
    return finish(engine.minibatch_sgd(A, y, batch_size=1500, lr=1.0, epochs=steps, **settings))


def map_of_second_moments(A: np.ndarray, batch_size: int, lr: float) -> np.ndarray:
    """The map of vec P, by going through every batch that can be drawn."""
    n, d = A.shape
    whole = np.zeros((d * d, d * d))
    for rows in product(range(n), repeat=batch_size):
        step = np.eye(d) - lr * A[list(rows)].T @ A[list(rows)] / batch_size
        whole += np.kron(step, step) / n**batch_size
    return whole


# Stability


@pytest.mark.proves("That gives each batch size its stability limit")
@given(n=st.integers(2, 4), batch_size=st.integers(1, 3), seed=st.integers(0, 1000))
def test_at_the_stability_limit_the_second_moment_neither_grows_nor_shrinks(n, batch_size, seed):
    A = np.random.default_rng(seed).normal(size=(n, 2))
    limit = stability_limit(batch_size, A)
    radii = [np.abs(np.linalg.eigvals(map_of_second_moments(A, batch_size, limit * f))).max() for f in (0.99, 1, 1.01)]
    assert radii[0] < 1 < radii[2]
    assert radii[1] == pytest.approx(1, abs=1e-6)


@pytest.mark.proves("That gives each batch size its stability limit")
@pytest.mark.parametrize(("batch_size", "limit"), [(1, 0.180), (2, 0.324), (10, 0.797), (100, 0.941), (1500, 0.952)])
def test_the_largest_stable_rates_of_the_book(batch_size, limit):
    assert stability_limit(batch_size) == pytest.approx(limit, abs=6e-4)


@pytest.mark.proves("$2/\\lambda_{\\max}$ for full gradients, less for small batches")
def test_larger_batches_are_stable_at_larger_rates_up_to_that_of_gradient_descent():
    limits = [stability_limit(batch_size) for batch_size in (1, 2, 10, 100, 1500, 10**9)]
    assert limits == sorted(limits)
    assert limits[-1] == pytest.approx(2 / np.linalg.eigvalsh(engine.quadratic(*table())[0])[-1], rel=1e-6)
    assert limits[-1] == pytest.approx(0.953, abs=5e-4)


@pytest.mark.parametrize("value", [0, -1, 2.5, "10", True, None])
def test_a_bad_batch_size_is_named(value):
    with pytest.raises((ValueError, TypeError), match=f"batch_size must be .*{re.escape(repr(value))}"):
        stability_limit(value)


# The expected curve

small = st.tuples(st.integers(2, 3), st.integers(1, 2), st.floats(0.01, 0.4), st.integers(0, 1000))


def small_table(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(size=n), np.ones(n)]), rng.normal(size=n)


@pytest.mark.proves("gives the expected loss after each update")
@given(small)
def test_the_expected_curve_is_the_mean_over_all_that_can_be_drawn(job):
    n, batch_size, lr, seed = job
    A, y = small_table(n, seed)
    loss_of, runs = engine.quadratic(A, y), [np.zeros(2)]
    batches = [list(rows) for rows in product(range(n), repeat=batch_size)]
    expected = [engine.half_loss(loss_of, runs[0])]
    for _ in range(3):
        runs = [theta - lr * A[r].T @ (A[r] @ theta - y[r]) / batch_size for theta in runs for r in batches]
        expected.append(np.mean([engine.half_loss(loss_of, theta) for theta in runs]))
    np.testing.assert_allclose(expected_loss(batch_size, lr, 3, (A, y)), expected, rtol=1e-9, atol=1e-12)


@given(small, st.integers(0, 40))
def test_the_end_of_the_expected_curve_needs_no_curve(job, updates):
    n, batch_size, lr, seed = job
    data = small_table(n, seed)
    assert final_loss(batch_size, lr, updates, data) == pytest.approx(
        expected_loss(batch_size, lr, updates, data)[-1], rel=1e-7, abs=1e-12
    )


@pytest.mark.proves("It falls to a floor and stays there")
@pytest.mark.parametrize(("batch_size", "lr"), [(10, 0.05), (100, 0.4), (10, 0.5), (1, 0.1)])
def test_the_expected_curve_ends_at_its_floor(batch_size, lr):
    assert final_loss(batch_size, lr, 100_000) == pytest.approx(floor_loss(batch_size, lr), rel=1e-9)


def test_there_is_no_floor_above_the_stability_limit():
    with pytest.raises(ValueError, match=r"lr must be below the stability limit of batch size 10, 0\.7965, not 0\.8"):
        floor_loss(10, 0.8)


@pytest.mark.parametrize(("batch_size", "lr", "formula"), [(10, 0.05, 0.0042), (100, 0.4, 0.0046), (10, 0.5, 0.064)])
def test_the_noisy_quadratic_model_ends_where_the_book_says(batch_size, lr, formula):
    best = engine.half_loss(loss_of := engine.quadratic(*table()), np.linalg.solve(*loss_of[:2]))
    assert noisy_quadratic(batch_size, lr, 3000 // batch_size)[-1] - best == pytest.approx(formula, abs=5e-4)


def test_the_exact_curve_ends_far_above_the_model_at_a_large_rate():
    best = engine.half_loss(loss_of := engine.quadratic(*table()), np.linalg.solve(*loss_of[:2]))
    assert expected_loss(10, 0.5, 300)[-1] - best == pytest.approx(0.092, abs=5e-4)


@pytest.mark.proves("gives the expected loss after each update")
def test_the_mean_of_many_runs_follows_the_expected_curve():
    settings = {"batch_size": 10, "lr": 0.2, "epochs": 1, "replacement": True}
    runs = [finish(engine.minibatch_sgd(*table(), seed=seed, **settings)) for seed in range(400)]
    losses = np.array([run.loss for run in runs])
    expected = expected_loss(10, 0.2, 150)[runs[0].updates]
    error = losses.std(axis=0) / np.sqrt(len(runs))
    assert (np.abs(losses.mean(axis=0) - expected) <= 4 * error + 1e-12).all()


data_sets = st.builds(small_table, st.integers(3, 30), st.integers(0, 1000))


@given(data_sets, st.integers(1, 20), st.floats(0.1, 10))
def test_features_that_are_so_many_times_as_large_bear_the_square_less_of_a_rate(data, batch_size, factor):
    A, _ = data
    assert stability_limit(batch_size, A * factor) * factor**2 == pytest.approx(
        stability_limit(batch_size, A), rel=1e-4
    )


@given(data_sets, st.integers(1, 20), st.floats(0.01, 0.9), st.floats(0.1, 10))
def test_targets_that_are_so_many_times_as_large_have_the_square_of_the_loss(data, batch_size, share, factor):
    A, y = data
    lr = share * stability_limit(batch_size, A)
    for theory in (expected_loss, noisy_quadratic):
        curves = [theory(batch_size, lr, 9, (A, targets)) for targets in (y, y * factor)]
        np.testing.assert_allclose(curves[1], curves[0] * factor**2, rtol=1e-7, atol=1e-12)
    assert floor_loss(batch_size, lr, (A, y * factor)) == pytest.approx(
        floor_loss(batch_size, lr, (A, y)) * factor**2, rel=1e-6, abs=1e-12
    )


@given(data_sets, st.integers(1, 20), st.floats(0.01, 0.9))
def test_no_loss_is_expected_below_that_of_the_best_line(data, batch_size, share):
    A, y = data
    best = ((y - A @ np.linalg.lstsq(A, y, rcond=None)[0]) ** 2).mean() / 2
    lr = share * stability_limit(batch_size, A)
    assert floor_loss(batch_size, lr, data) >= best - 1e-12
    assert expected_loss(batch_size, lr, 20, data).min() >= best - 1e-12


# Gradient descent at a learning rate of 1


def test_with_five_features_it_is_lowest_at_step_6_and_then_rises():
    loss = gradient_descent(20).loss
    assert int(np.argmin(loss)) == 6
    assert loss[6] == pytest.approx(0.24508, abs=5e-6)
    assert loss[12] == pytest.approx(0.2492, abs=5e-5)
    assert loss[20] == pytest.approx(0.2750, abs=5e-5)


@pytest.mark.proves(
    "Without the thickness the bowl is rounder, and a rate of 1 is stable. With all five features it diverges"
)
def test_with_five_features_it_goes_on_to_diverge():
    assert gradient_descent(1000).diverged_at is not None


def test_from_most_random_starts_the_lowest_step_is_the_4th_to_the_7th():
    rng = np.random.default_rng(0)
    starts = [np.append(rng.normal(0, 0.01, 5), 0) for _ in range(500)]
    lowest = [int(np.argmin(gradient_descent(20, init=init).loss)) for init in starts]
    assert np.median(lowest) in (5, 6)
    assert np.mean([4 <= step <= 7 for step in lowest]) > 0.8


@pytest.mark.proves(
    "Without the thickness the bowl is rounder, and a rate of 1 is stable. With all five features it diverges"
)
def test_with_four_features_it_is_stable_and_ends_where_the_book_says():
    assert gradient_descent(6, features=4).loss[-1] == pytest.approx(0.256366, abs=5e-7)
    assert gradient_descent(1000, features=4).diverged_at is None


def test_with_four_features_random_starts_end_within_a_hair():
    rng = np.random.default_rng(0)
    ends = [gradient_descent(6, 4, init=np.append(rng.normal(0, 0.01, 4), 0)).loss[-1] for _ in range(100)]
    assert 0.25634 < min(ends) < max(ends) < 0.25639


# The four classic runs


# Batch size, learning rate, epochs, and the half losses below which 5, 50 and 95 of 100 seeds end.
CLASSICS = [
    pytest.param(1500, 1.0, 10, (0.2430, 0.2473, 0.2548), id="gradient descent"),
    pytest.param(1, 0.005, 2, (0.2424, 0.2443, 0.2496), id="one at a time"),
    pytest.param(100, 0.4, 2, (0.2425, 0.2447, 0.2511), id="batches of 100"),
    pytest.param(10, 0.05, 2, (0.2424, 0.2445, 0.2494), id="batches of 10"),
]


def ends(batch_size: int, lr: float, epochs: int, seeds: int) -> np.ndarray:
    """The final half losses from random starts N(0, 0.01²), the bias at zero."""
    losses = []
    for seed in range(seeds):
        init = np.append(np.random.default_rng(seed).normal(0, 0.01, 5), 0)
        run = engine.minibatch_sgd(
            *table(), batch_size=batch_size, lr=lr, epochs=epochs, seed=seed, init=init, points_per_epoch=1
        )
        losses.append(finish(run).loss[-1])
    return np.array(losses)


@pytest.mark.parametrize(("batch_size", "lr", "epochs", "percentiles"), CLASSICS)
def test_the_median_of_a_classic_run_lies_where_the_book_says(batch_size, lr, epochs, percentiles):
    losses = ends(batch_size, lr, epochs, 200)
    low, _, high = percentiles
    assert low < np.median(losses) < high
    assert np.mean((losses >= low) & (losses <= high)) == pytest.approx(0.9, abs=0.08)


@pytest.mark.long
@pytest.mark.parametrize(("batch_size", "lr", "epochs", "percentiles"), CLASSICS)
def test_a_thousand_seeds_of_a_classic_run_have_the_percentiles_of_the_book(batch_size, lr, epochs, percentiles):
    losses = ends(batch_size, lr, epochs, 1000)
    for share, value in zip((0.05, 0.5, 0.95), percentiles):
        # The figures come from a thousand seeds of their own: two samples, each with a deviation of √(p(1 − p)/1000).
        error = np.sqrt(2 * share * (1 - share) / len(losses))
        below, above = np.mean(losses < value - 5e-5), np.mean(losses < value + 5e-5)  # they are given to four digits
        assert below - 4 * error <= share <= above + 4 * error, (share, below, above)


def test_a_feature_that_never_varies_does_not_change_the_stability_limit():
    A = table()[0]
    twice = np.column_stack([A, np.zeros(len(A))])
    assert stability_limit(10, twice) == pytest.approx(stability_limit(10, A), abs=1e-6)
