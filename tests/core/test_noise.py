"""The noise of a minibatch gradient: its spread against the formula, and the gradient noise scale."""

from itertools import combinations, product
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine, noise
from d2lmini.core.rows import table
from d2lmini.core.theory import best_possible

START = np.zeros(6)
BEST = np.array(best_possible()[0])


@st.composite
def problems(draw, fewest=2):
    """A small table and weights, (theta, (A, y))."""
    n, width = draw(st.integers(fewest, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    A = np.column_stack([rng.normal(size=(n, width - 1)), np.ones(n)])
    return rng.normal(size=width), (A, rng.normal(size=n))


def every_batch(theta, data, batch_size: int, replacement: bool) -> np.ndarray:
    """The gradients of all batches that can be drawn, each as often as it is likely."""
    rows = noise.gradients(theta, data)
    batches = (
        product(range(len(rows)), repeat=batch_size) if replacement else combinations(range(len(rows)), batch_size)
    )
    return np.array([rows[list(batch)].mean(axis=0) for batch in batches])


# Gradients


def test_the_full_gradient_is_the_slope_of_the_loss():
    H, c, _ = engine.quadratic(*table())
    theta = np.arange(6) / 10
    assert noise.gradient(theta) == pytest.approx(H @ theta - c, abs=1e-13)
    assert noise.gradient(BEST) == pytest.approx(np.zeros(6), abs=1e-13)


@given(problem=problems())
def test_the_covariance_has_the_divisor_n(problem):
    expected = np.cov(noise.gradients(*problem).T, bias=True)
    assert noise.covariance(*problem) == pytest.approx(np.atleast_2d(expected), abs=1e-12)


# The variance of a minibatch gradient


@pytest.mark.proves("The minibatch gradient is unbiased, at every batch size, with replacement or without")
@given(problem=problems(), replacement=st.booleans(), data=st.data())
def test_over_all_possible_batches_the_gradient_is_unbiased_and_spreads_as_the_formula_says(problem, replacement, data):
    theta, table = problem
    batch_size = data.draw(st.integers(1, min(4, len(table[1]))))
    batches = every_batch(theta, table, batch_size, replacement)
    full = noise.gradient(theta, table)
    assert batches.mean(axis=0) == pytest.approx(full, abs=1e-12)
    measured = ((batches - full) ** 2).sum(axis=1).mean()
    assert noise.gradient_variance(theta, batch_size, replacement, table) == pytest.approx(measured, abs=1e-12)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 10, 100, 750])
def test_on_the_real_data_the_measured_spread_is_within_three_standard_errors(batch_size, replacement):
    draws = noise.draw_gradients(START, batch_size, 2000, replacement, seed=1)
    squares = ((draws - noise.gradient(START)) ** 2).sum(axis=1)
    error = squares.std() / len(squares) ** 0.5
    assert abs(squares.mean() - noise.gradient_variance(START, batch_size, replacement)) < 3 * error


@given(problem=problems(), factor=st.floats(0.1, 10))
def test_the_unit_of_the_target_does_not_change_the_noise_scale(problem, factor):
    theta, (A, y) = problem
    scale = noise.noise_scale(theta, (A, y))
    assert noise.noise_scale(theta * factor, (A, y * factor)) == pytest.approx(scale, rel=1e-6)


@given(problem=problems())
def test_the_variance_is_the_trace_of_the_covariance_which_has_no_negative_eigenvalue(problem):
    spread = noise.covariance(*problem)
    assert np.trace(spread) == pytest.approx(noise.gradient_variance(problem[0], 1, True, problem[1]), abs=1e-12)
    assert np.linalg.eigvalsh(spread)[0] >= -1e-9 * max(1, np.trace(spread))


@given(st.floats(0, 100), st.floats(0, 100), st.integers(1, 50), st.integers(1, 50))
def test_from_exact_mean_squares_the_estimate_is_exact(squared, trace, small, more):
    large = small + more
    pair = [np.array([(squared + trace / size) ** 0.5]) for size in (small, large)]
    estimate = noise.estimate_noise(*pair, small, large)
    assert estimate.squared_norm == pytest.approx(squared, abs=1e-9 * (1 + squared + trace))
    assert estimate.trace == pytest.approx(trace, abs=1e-8 * (1 + squared + trace) * large)


@pytest.mark.proves("all 1,500 rows have no noise at all")
@pytest.mark.parametrize("theta", [START, BEST], ids=["start", "optimum"])
def test_a_batch_of_all_rows_without_replacement_has_no_noise(theta):
    draws = noise.draw_gradients(theta, 1500, 20)
    assert ((draws - noise.gradient(theta)) ** 2).sum(axis=1).mean() <= 1e-12
    assert noise.gradient_variance(theta, 1500) == 0


def test_one_row_has_no_noise():
    assert noise.gradient_variance(np.ones(1), 1, data=(np.ones((1, 1)), np.zeros(1))) == 0


@given(problem=problems(), batch_size=st.integers(1, 6), copies=st.integers(2, 50))
def test_copies_of_the_table_change_no_noise_with_replacement(problem, batch_size, copies):
    theta, (A, y) = problem
    more = np.tile(A, (copies, 1)), np.tile(y, copies)
    before = noise.gradient_variance(theta, batch_size, True, (A, y))
    assert noise.gradient_variance(theta, batch_size, True, more) == pytest.approx(before, abs=1e-12)


@pytest.mark.proves("The factor $(n-b)/(n-1)$ by which drawing without replacement lowers the variance")
@given(batch_size=st.integers(1, 1499))
def test_without_replacement_there_is_less_noise_and_the_factor_is_that_of_a_finite_population(batch_size):
    ratio = noise.gradient_variance(START, batch_size) / noise.gradient_variance(START, batch_size, True)
    assert ratio == pytest.approx((1500 - batch_size) / 1499)


# Draws


@given(seed=st.integers(0, 2**32 - 1), batch_size=st.integers(1, 1500))
def test_without_replacement_the_batches_of_an_order_hold_no_row_twice(seed, batch_size):
    A = np.column_stack([np.arange(1500.0), np.ones(1500)])
    first = noise.draw_gradients(np.array([0.0, 1.0]), batch_size, 1, seed=seed, data=(A, np.zeros(1500)))[0]
    rows = engine.epoch_order(1500, seed, 0)[:batch_size]
    assert len(set(rows.tolist())) == batch_size
    assert first == pytest.approx([rows.mean(), 1.0])


def test_draws_repeat_for_a_seed_and_differ_between_seeds():
    a, b, c = (noise.draw_gradients(START, 10, 5, seed=seed) for seed in (3, 3, 4))
    assert (a == b).all()
    assert (a != c).all()


# The noise scale


def test_the_noise_scale_at_zero_is_that_of_the_book():
    assert noise.gradient_variance(START, 1, True) == pytest.approx(6.716, abs=5e-4)
    assert noise.noise_scale(START) == pytest.approx(20.3, rel=0.01)


def test_the_noise_scale_at_the_optimum_is_infinite():
    assert noise.noise_scale(BEST) == inf


@pytest.mark.parametrize(("part", "scale"), [(0.9e-12, inf), (1.1e-12, pytest.approx(1.1e-12**-2, rel=1e-3))])
def test_a_gradient_below_a_trillionth_of_the_spread_counts_as_zero(part, scale):
    nearly_opposite = np.ones((2, 1)), np.array([1.0, -1 - 2 * part])
    assert noise.noise_scale(np.zeros(1), nearly_opposite) == scale


@pytest.mark.proves("it is the batch size at which the noise is as long as the gradient")
@given(problem=problems())
def test_at_the_noise_scale_the_noise_is_as_long_as_the_gradient(problem):
    scale = noise.noise_scale(*problem)
    full = noise.gradient(*problem)
    assert noise.gradient_variance(problem[0], 1, True, problem[1]) / scale == pytest.approx(full @ full)


@pytest.mark.proves("Both estimates are unbiased")
@given(problem=problems(), sizes=st.sampled_from([(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)]))
def test_over_all_possible_pairs_of_batches_with_replacement_the_estimate_is_unbiased(problem, sizes):
    small, large = (every_batch(*problem, size, True) for size in sizes)
    estimate = noise.estimate_noise(small, large, *sizes)
    full = noise.gradient(*problem)
    assert estimate.squared_norm == pytest.approx(full @ full, abs=1e-10)
    assert estimate.trace == pytest.approx(noise.gradient_variance(problem[0], 1, True, problem[1]), abs=1e-10)


@pytest.mark.proves(
    "Without it, the mean of the first estimate is $\\|\\mathbf{G}\\|^2 - \\operatorname{tr}\\Sigma/(n-1)$"
)
@given(problem=problems(4), sizes=st.sampled_from([(1, 2), (1, 4), (2, 3)]))
def test_without_replacement_the_estimate_is_off_by_what_its_docstring_says(problem, sizes):
    small, large = (every_batch(*problem, size, False) for size in sizes)
    estimate = noise.estimate_noise(small, large, *sizes)
    full, n = noise.gradient(*problem), len(problem[1][1])
    trace = noise.gradient_variance(problem[0], 1, True, problem[1])
    assert estimate.squared_norm == pytest.approx(full @ full - trace / (n - 1), abs=1e-10)
    assert estimate.trace == pytest.approx(trace * n / (n - 1), abs=1e-10)


def test_on_the_real_data_the_estimate_finds_the_exact_scale():
    small, large = (noise.draw_gradients(START, size, 2000, True, seed=size) for size in (10, 100))
    estimates = [noise.estimate_noise(*pair, 10, 100) for pair in zip(small, large)]
    G = noise.gradient(START)
    for found, exact in ((0, G @ G), (1, noise.gradient_variance(START, 1, True))):
        values = np.array([estimate[found] for estimate in estimates])
        assert abs(values.mean() - exact) < 3 * values.std() / len(values) ** 0.5
    assert noise.estimate_noise(small, large, 10, 100).scale == pytest.approx(noise.noise_scale(START), rel=0.05)


def test_an_estimate_without_a_gradient_has_an_infinite_scale():
    assert noise.Estimate(0.0, 1.0).scale == inf


# Input


@pytest.mark.parametrize("value", [0, 1501, 2.5, True, "10", None])
def test_a_bad_batch_size_is_named(value):
    for function in (noise.gradient_variance, lambda theta, size: noise.draw_gradients(theta, size, 5)):
        with pytest.raises((ValueError, TypeError), match=f"batch_size must be .*{value!r}"):
            function(START, value)


@pytest.mark.parametrize("theta", [np.zeros(5), np.zeros((6, 1)), np.full(6, np.nan), 0.0], ids=str)
def test_weights_of_another_shape_or_with_nan_are_refused(theta):
    for function in (noise.gradients, noise.gradient, noise.covariance, noise.noise_scale):
        with pytest.raises(ValueError, match="theta must be 6 finite numbers"):
            function(theta)


@pytest.mark.parametrize(
    "data",
    [
        (np.ones((3, 2)), np.ones(4)),
        (np.ones(3), np.ones(3)),
        (np.ones((0, 2)), np.ones(0)),
        (np.ones((1, 2)), [np.inf]),
    ],
    ids=["unequal", "flat", "empty", "infinite"],
)
def test_bad_data_is_refused(data):
    with pytest.raises(ValueError, match="data must be finite"):
        noise.gradients(np.zeros(2), data)


def test_two_batch_sizes_must_differ_and_come_in_order():
    with pytest.raises(ValueError, match=r"large_size must be a whole number of at least 11, not 10"):
        noise.estimate_noise(START, START, 10, 10)
    with pytest.raises(ValueError, match="large must be finite gradients"):
        noise.estimate_noise(START, START * np.nan, 1, 10)
