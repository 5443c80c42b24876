"""What can be known about minibatch SGD on linear regression without running it."""

from functools import cache
from typing import NamedTuple

import numpy as np

from . import checks
from .checks import Data
from .engine import half_loss, quadratic
from .rows import kept, table


class Moments(NamedTuple):
    """What the theory needs of the rows a, targets and, at the optimum, residuals r; d is the number of weights."""

    hessian: np.ndarray  # E[aaᵀ], (d, d)
    fourth: np.ndarray  # maps vec P to vec E[aaᵀ P aaᵀ], (d², d²)
    theta: np.ndarray  # the best weights, (d,)
    noise: np.ndarray  # E[r²aaᵀ], the covariance of one example's gradient at the optimum, (d, d)
    third: np.ndarray  # E[r a_i a_j a_k], so that its product with m is E[r(aᵀm)aaᵀ], (d, d, d)
    best: float  # the half loss at the optimum


@cache
def best_possible() -> tuple[tuple[float, ...], float]:
    """The best weights (bias last) on the labs' rows, and their half loss."""
    H, c, s = quadratic(*table())
    theta = np.linalg.solve(H, c)
    return tuple(theta.tolist()), half_loss((H, c, s), theta)


def stability_limit(batch_size: int, A: np.ndarray | None = None) -> float:
    """The largest learning rate that is stable in mean square for batches drawn with replacement.

    The second moment P of the distance to the optimum follows
    P ← P − η(HP + PH) + η²(E[aaᵀ P aaᵀ]/b + (1 − 1/b) HPH) + what does not contain P (see ``expected_loss``), with
    H = E[aaᵀ] over the rows a of ``A`` (n, width; by default the labs' rows). The limit is the η at which the spectral
    radius of this map is 1. Single runs may survive a little longer. Source: the second-moment analysis of least-squares
    SGD, as in Bach and Moulines, Non-strongly-convex smooth stochastic approximation, NeurIPS 2013, for a batch of b.
    """
    checks.whole("batch_size", batch_size)
    H, fourth = _labs_moments()[:2] if A is None else _even_moments(checks.matrix("A", A))
    drift, spread = _second_moment_map(H, fourth, batch_size)
    stable, unstable = 0.0, 4 / float(np.linalg.eigvalsh(H)[-1])
    while unstable - stable > 1e-9:
        middle = (stable + unstable) / 2
        stable, unstable = (middle, unstable) if _radius(drift, spread, middle) <= 1 + 1e-12 else (stable, middle)
    return stable


def expected_loss(
    batch_size: int, lr: float, updates: int, data: Data | None = None, factors: np.ndarray | None = None
) -> np.ndarray:
    """The exact expected half loss before the first and after each of ``updates`` updates from zero: (updates + 1,).

    For batches drawn with replacement. The distance e to the optimum has mean m and second moment P; with the residuals
    r at the optimum, m ← (I − ηH)m and P ← map(P) + (η²/b)(E[r²aaᵀ] − 2E[r(aᵀm)aaᵀ]), and the expected loss is the best
    possible plus ½ tr(HP). ``data`` is (A, y) with a last column of ones in A; by default the labs' rows. ``factors``
    (updates,) multiply the learning rate, one for each update; see ``schedules.factors``. Source: as for
    ``stability_limit``.
    """
    _check(batch_size, lr, updates)
    rates = np.full(updates, float(lr))
    if factors is not None:
        rates = lr * checks.vector("factors", factors, updates)
    H, fourth, theta, noise, third, best = _moments(data)
    drift, spread = _second_moment_map(H, fourth, batch_size)
    m, P = -theta, np.outer(theta, theta).ravel()
    losses = [best + H.ravel() @ P / 2]
    for rate in rates:
        P = P - rate * (drift @ P) + rate**2 * (spread @ P + (noise - 2 * third @ m).ravel() / batch_size)
        m = m - rate * H @ m
        losses.append(best + H.ravel() @ P / 2)
    return np.array(losses)


def final_loss(batch_size: int, lr: float, updates: int, data: Data | None = None) -> float:
    """The last value of ``expected_loss`` at a constant rate, by squaring: a million updates take little longer than ten."""
    _check(batch_size, lr, updates)
    H, fourth, theta, noise, third, best = _moments(data)
    drift, spread = _second_moment_map(H, fourth, batch_size)
    d = len(H)
    step = np.eye(d * d + d + 1)  # of (vec P, m, 1)
    step[: d * d, : d * d] += lr**2 * spread - lr * drift
    step[: d * d, d * d : -1] = -2 * lr**2 / batch_size * third.reshape(d * d, d)
    step[: d * d, -1] = lr**2 / batch_size * noise.ravel()
    step[d * d : -1, d * d : -1] -= lr * H
    start = np.concatenate([np.outer(theta, theta).ravel(), -theta, [1]])
    return best + float(H.ravel() @ (np.linalg.matrix_power(step, updates) @ start)[: d * d]) / 2


def floor_loss(batch_size: int, lr: float, data: Data | None = None) -> float:
    """The expected half loss that a constant learning rate ends at: the limit of ``expected_loss``.

    Raises:
        ValueError: at or above ``stability_limit`` there is no such limit.
    """
    _check(batch_size, lr, 0)
    H, fourth, _, noise, _, best = _moments(data)
    drift, spread = _second_moment_map(H, fourth, batch_size)
    if _radius(drift, spread, lr) >= 1:
        limit = stability_limit(batch_size, None if data is None else data[0])
        raise ValueError(f"lr must be below the stability limit of batch size {batch_size}, {limit:.4g}, not {lr!r}")
    return best + float(H.ravel() @ np.linalg.solve(drift - lr * spread, lr / batch_size * noise.ravel())) / 2


def noisy_quadratic(batch_size: int, lr: float, updates: int, data: Data | None = None) -> np.ndarray:
    """``expected_loss`` as the noisy quadratic model has it: the gradient's noise stays what it is at the optimum.

    Along an eigenvector of the Hessian with curvature h and noise variance c the excess loss after t updates is
    ρᵗL₀ + (1 − ρᵗ)·ηc/(2b(2 − ηh)), ρ = (1 − ηh)². Good at small rates, too low at large ones, where weights far from
    the optimum make noise of their own. Source: Zhang et al., Which Algorithmic Choices Matter at Which Batch Sizes?,
    NeurIPS 2019, with the noise of these data instead of c = h.
    """
    _check(batch_size, lr, updates)
    H, _, theta, noise, _, best = _moments(data)
    curvature, vectors = np.linalg.eigh(H)
    variance = np.einsum("ik,ij,jk->k", vectors, noise, vectors)
    excess = curvature * (vectors.T @ theta) ** 2 / 2
    losses = [best + excess.sum()]
    for _ in range(updates):  # the recursion behind the formula, which has no value where ηh = 2
        excess = (1 - lr * curvature) ** 2 * excess + lr**2 * variance * curvature / (2 * batch_size)
        losses.append(best + excess.sum())
    return np.array(losses)


def _check(batch_size: int, lr: float, updates: int) -> None:
    checks.whole("batch_size", batch_size)
    checks.positive("lr", lr)
    checks.whole("updates", updates, 0)


def _moments(data: Data | None) -> Moments:
    if data is None:
        return _labs_moments()
    A, y = checks.regression(data)
    H, fourth = _even_moments(A)
    theta = np.linalg.lstsq(A, y, rcond=None)[0]
    residual = y - A @ theta
    noise = (A * residual[:, None] ** 2).T @ A / len(y)
    third = np.einsum("n,ni,nj,nk->ijk", residual, A, A, A) / len(y)
    return Moments(H, fourth, theta, noise, third, float(residual @ residual) / len(y) / 2)


@cache
def _labs_moments() -> Moments:
    hessian, fourth, theta, noise, third, best = _moments(table())
    return Moments(kept(hessian), kept(fourth), kept(theta), kept(noise), kept(third), best)


def _even_moments(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ``hessian`` and ``fourth`` of Moments."""
    pairs = (A[:, :, None] * A[:, None, :]).reshape(len(A), -1)
    return A.T @ A / len(A), pairs.T @ pairs / len(A)


def _second_moment_map(H: np.ndarray, fourth: np.ndarray, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """D and S of the map P ↦ P − ηDP + η²SP on vec P: DP = HP + PH and SP = E[aaᵀ P aaᵀ]/b + (1 − 1/b) HPH."""
    unit = np.eye(len(H))
    drift = np.kron(H, unit) + np.kron(unit, H)
    return drift, fourth / batch_size + (1 - 1 / batch_size) * np.kron(H, H)


def _radius(drift: np.ndarray, spread: np.ndarray, lr: float) -> float:
    """The spectral radius of the map of second moments; below 1 they stay finite."""
    return float(np.abs(np.linalg.eigvals(np.eye(len(drift)) - lr * drift + lr**2 * spread)).max())
