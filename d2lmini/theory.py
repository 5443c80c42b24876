"""What can be known about minibatch SGD on linear regression without running it."""

import numpy as np

from . import checks
from .data import table


def stability_limit(batch_size: int, A: np.ndarray | None = None) -> float:
    """The largest learning rate that is stable in mean square for batches drawn with replacement.

    The second moment P of the distance to the optimum follows
    P ← P − η(HP + PH) + η²(E[aaᵀ P aaᵀ]/b + (1 − 1/b) HPH) + noise, with H = E[aaᵀ] over the rows a of ``A``
    (n, width; by default the labs' rows). The limit is the η at which the spectral radius of this map is 1. Single
    runs may survive a little longer. Source: the second-moment analysis of least-squares SGD, as in Bach and
    Moulines, Non-strongly-convex smooth stochastic approximation, NeurIPS 2013, written out for a batch of b.
    """
    checks.whole("batch_size", batch_size)
    if A is None:
        A = table()[0]
    H, fourth = _moments(A)

    def radius(lr: float) -> float:
        return float(np.abs(np.linalg.eigvals(_second_moment_map(H, fourth, batch_size, lr))).max())

    stable, unstable = 0.0, 4 / float(np.linalg.eigvalsh(H)[-1])
    while unstable - stable > 1e-9:
        middle = (stable + unstable) / 2
        stable, unstable = (middle, unstable) if radius(middle) < 1 else (stable, middle)
    return stable


def _moments(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """H = E[aaᵀ], and the matrix that maps vec P to vec E[aaᵀ P aaᵀ]."""
    pairs = (A[:, :, None] * A[:, None, :]).reshape(len(A), -1)
    return A.T @ A / len(A), pairs.T @ pairs / len(A)


def _second_moment_map(H: np.ndarray, fourth: np.ndarray, batch_size: int, lr: float) -> np.ndarray:
    """The matrix of P ↦ P − η(HP + PH) + η²(E[aaᵀ P aaᵀ]/b + (1 − 1/b) HPH) on vec P."""
    unit = np.eye(len(H))
    drift = np.kron(H, unit) + np.kron(unit, H)
    spread = fourth / batch_size + (1 - 1 / batch_size) * np.kron(H, H)
    return np.eye(len(H) ** 2) - lr * drift + lr**2 * spread


def expected_loss(
    batch_size: int, lr: float, updates: int, data: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray:
    """The exact expected half loss before the first and after each of ``updates`` updates from zero: (updates + 1,).

    For batches drawn with replacement. The distance e to the optimum has mean m and second moment P; with the residuals
    r at the optimum, m ← (I − ηH)m and P ← map(P) + (η²/b)(E[r²aaᵀ] − 2E[r(aᵀm)aaᵀ]), and the expected loss is the best
    possible plus ½ tr(HP). ``data`` is (A, y) with a last column of ones in A; by default the labs' rows. Source: as for
    ``stability_limit``.
    """
    checks.whole("batch_size", batch_size)
    checks.positive("lr", lr)
    checks.whole("updates", updates, 0)
    A, y = table() if data is None else data
    H, fourth = _moments(A)
    theta = np.linalg.lstsq(A, y)[0]
    residual = y - A @ theta
    noise = (A * residual[:, None] ** 2).T @ A / len(y)
    # E[r a_i a_j a_k], so that its product with m is E[r (aᵀm) aaᵀ]
    third = np.einsum("n,ni,nj,nk->ijk", residual, A, A, A) / len(y)
    step = _second_moment_map(H, fourth, batch_size, lr)
    m, P = -theta, np.outer(theta, theta)
    best = float(residual @ residual) / len(y) / 2
    losses = [best + np.trace(H @ P) / 2]
    for _ in range(updates):
        P = (step @ P.ravel()).reshape(P.shape) + lr**2 / batch_size * (noise - 2 * third @ m)
        m = m - lr * H @ m
        losses.append(best + np.trace(H @ P) / 2)
    return np.array(losses)
