"""Linear regression in torch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error

from d2lmini import airfoil, evaluate_loss, get_data, linreg, optimum, squared_loss
from d2lmini.core.engine import half_loss
from d2lmini.core.rows import standardise, table
from d2lmini.model import CHUNK, moments

seeds = st.integers(0, 2**32 - 1)


def random_job(n: int, d: int, seed: int):
    """X, y, w and b in double precision."""
    rng = np.random.default_rng(seed)
    return tuple(torch.from_numpy(rng.normal(size=shape)) for shape in ((n, d), (n, 1), (d, 1), (1,)))


# Model and loss


@given(st.integers(1, 20), st.integers(1, 6), seeds)
def test_linreg_is_torchs_linear_layer(n, d, seed):
    X, _, w, b = random_job(n, d, seed)
    torch.testing.assert_close(linreg(X, w, b), torch.nn.functional.linear(X, w.T, b))


@given(st.integers(1, 20), seeds)
def test_squared_loss_is_half_of_torchs_example_by_example(n, seed):
    _, y, _, _ = random_job(n, 1, seed)
    y_hat = y.flip(0)
    expected = torch.nn.functional.mse_loss(y_hat, y, reduction="none") / 2
    torch.testing.assert_close(squared_loss(y_hat, y), expected)


@given(st.integers(2, 20), seeds)
def test_targets_are_reshaped_to_the_predictions_instead_of_broadcast(n, seed):
    _, y, _, _ = random_job(n, 1, seed)
    y_hat = y.flip(0)
    assert torch.equal(squared_loss(y_hat, y.flatten()), squared_loss(y_hat, y))
    assert squared_loss(y_hat.flatten(), y).shape == (n,)


def test_the_gradient_of_squared_loss_is_the_error():
    y_hat = torch.tensor([3.0, -1.0], requires_grad=True)
    squared_loss(y_hat, torch.tensor([1.0, 1.0])).sum().backward()
    assert y_hat.grad.tolist() == [2, -2]


# Evaluation


@given(st.integers(1, 50), st.integers(1, 6), seeds, st.booleans())
def test_evaluation_is_half_of_scikit_learns_mean_squared_error(n, d, seed, flat):
    X, y, w, b = random_job(n, d, seed)
    expected = mean_squared_error(y, X @ w + b) / 2
    assert evaluate_loss((w, b), X, y.flatten() if flat else y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3])
def test_a_short_last_chunk_has_the_weight_of_its_rows(n):
    X, y, w, b = random_job(n, 2, 0)
    y[CHUNK:] += 100  # what lies in the later chunks is unlike the rest
    assert evaluate_loss((w, b), X, y) == pytest.approx(mean_squared_error(y, X @ w + b) / 2, rel=1e-12)


def test_evaluation_looks_at_no_more_than_a_chunk_at_a_time():
    X, y, w, b = random_job(2 * CHUNK + 3, 2, 0)
    seen = []

    def model(rows):
        seen.append(len(rows))
        return linreg(rows, w, b)

    assert evaluate_loss(model, X, y) == pytest.approx(evaluate_loss((w, b), X, y), rel=1e-15)
    assert seen == [CHUNK, CHUNK, 3]


def test_a_large_evaluation_in_float32_does_not_lose_precision():
    X, y = torch.zeros(1_000_000, 1), torch.full((1_000_000, 1), 0.1)
    loss = evaluate_loss((torch.zeros(1, 1), torch.zeros(1)), X, y)
    assert loss == pytest.approx(0.1**2 / 2, rel=1e-6)


def test_a_model_may_be_a_torch_module_and_builds_no_graph():
    batches, d = get_data()
    net = torch.nn.Linear(d, 1)
    graphs = []
    net.register_forward_hook(lambda _net, _inputs, output: graphs.append(output.requires_grad))
    loss = evaluate_loss(net, batches.X, batches.y)
    assert graphs == [False]
    assert loss == pytest.approx(torch.nn.functional.mse_loss(net(batches.X), batches.y).item() / 2, rel=1e-6)


def test_weights_that_ask_for_gradients_get_none_from_evaluation():
    X, y, w, b = random_job(10, 3, 0)
    w.requires_grad_()
    assert isinstance(evaluate_loss((w, b), X, y), float)
    assert w.grad is None


def test_arrays_of_numpy_are_evaluated_too():
    X, y, w, b = random_job(10, 3, 0)
    assert evaluate_loss((w, b), X.numpy(), y.numpy()) == evaluate_loss((w, b), X, y)


@given(st.integers(1, 50), st.integers(1, 6), seeds)
def test_the_moments_give_the_loss_of_any_weights(n, d, seed):
    X, y, w, b = random_job(n, d, seed)
    loss = half_loss(moments(X, y), torch.cat([w[:, 0], b]).numpy())
    assert loss == pytest.approx(evaluate_loss((w, b), X, y), rel=1e-9)


def test_the_moments_of_more_rows_than_a_chunk_are_numpys():
    X, y, _, _ = random_job(CHUNK + 5, 2, 0)
    A = np.column_stack([X, np.ones(len(X))])
    H, c, s = moments(X, y)
    np.testing.assert_allclose(H, A.T @ A / len(A), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(c, A.T @ y[:, 0].numpy() / len(A), rtol=1e-10, atol=1e-12)
    assert s == pytest.approx(float((y**2).mean()) / 2, rel=1e-12)


# Optimum


@given(st.integers(1, 40), st.integers(1, 6), seeds)
def test_the_optimum_is_numpys_least_squares_solution(n, d, seed):
    X, y, _, _ = random_job(n, d, seed)
    w, b, loss = optimum(X, y)
    expected = np.linalg.lstsq(np.column_stack([X, np.ones(n)]), y.numpy())[0]
    assert (w.shape, b.shape) == ((d, 1), (1,))
    np.testing.assert_allclose(torch.cat([w, b[None]]), expected, rtol=1e-7, atol=1e-9)
    assert loss == pytest.approx(evaluate_loss((w, b), X, y), rel=1e-12, abs=1e-20)


def test_the_optimum_of_the_airfoil_data_is_scikit_learns():
    X, y = get_data()[0].X, get_data()[0].y
    w, b, loss = optimum(X, y)
    fit = LinearRegression().fit(X.double(), y.double())
    np.testing.assert_allclose(w.T, fit.coef_, rtol=1e-8)
    np.testing.assert_allclose(b, fit.intercept_, rtol=1e-8)
    assert loss == pytest.approx(mean_squared_error(y, fit.predict(X.double())) / 2, rel=1e-8)


def test_of_equally_good_solutions_the_one_of_least_norm_is_given():
    X = torch.ones(5, 3)
    w, b, loss = optimum(X, torch.full((5, 1), 4.0))
    assert torch.cat([w[:, 0], b]).tolist() == pytest.approx([1, 1, 1, 1])
    assert loss == pytest.approx(0, abs=1e-20)


# The exact figures of the book's data


def airfoil_job(num_features: int = 5):
    """X and y of the chapters, in double precision."""
    A, y = table()
    return torch.tensor(A[:, :num_features]), torch.tensor(y)


def test_the_half_loss_at_zero():
    batches, _ = get_data()
    zero = torch.zeros(5, 1), torch.zeros(1)
    assert evaluate_loss(zero, batches.X, batches.y) == pytest.approx(0.493259, abs=5e-7)


@pytest.mark.parametrize(("features", "half_loss"), [(5, 0.24168796), (4, 0.25598485)])
def test_the_half_loss_at_the_optimum(features, half_loss):
    assert optimum(*airfoil_job(features))[2] == pytest.approx(half_loss, abs=5e-9)


def test_the_mean_squared_error_at_the_optimum_is_twice_the_half_loss():
    assert 2 * optimum(*airfoil_job())[2] == pytest.approx(0.48337591, abs=5e-9)


def test_the_weights_at_the_optimum():
    w, b, _ = optimum(*airfoil_job())
    expected = [-0.583178, -0.365512, -0.484334, 0.223865, -0.271330, 0.001964]
    assert [*w[:, 0].tolist(), b.item()] == pytest.approx(expected, abs=5e-7)


def test_the_half_loss_at_the_optimum_when_only_the_1500_rows_are_standardised():
    rows = standardise(airfoil().to_numpy()[:1500])
    assert optimum(rows[:, :5], rows[:, 5])[2] == pytest.approx(0.24499860, abs=5e-9)


@pytest.mark.parametrize(
    ("features", "largest", "tolerance", "condition"), [(5, 2.0985, 5e-5, 12.1), (4, 1.573, 5e-4, 3.85)]
)
def test_the_largest_eigenvalue_and_the_condition_number_of_the_hessian(features, largest, tolerance, condition):
    H, _, _ = moments(*airfoil_job(features))
    values = np.linalg.eigvalsh(H)
    assert values[-1] == pytest.approx(largest, abs=tolerance)
    assert values[-1] / values[0] == pytest.approx(condition, rel=5e-3)
