"""Minibatch SGD on linear regression, compiled: the limit that nothing on one thread of this machine goes below by much."""

from collections.abc import Iterable

import numpy as np
from numba import njit


@njit(fastmath=True)
def epoch(
    A: np.ndarray, y: np.ndarray, order: np.ndarray, batch_size: int, lr: float, theta: np.ndarray, gradient: np.ndarray
) -> None:
    """One update of theta, in place, for every batch of the rows in ``order``."""
    width = len(theta)
    for start in range(0, len(order), batch_size):
        stop = min(start + batch_size, len(order))
        gradient[:] = 0.0
        for i in range(start, stop):
            row = order[i]
            error = -y[row]
            for k in range(width):
                error += A[row, k] * theta[k]
            for k in range(width):
                gradient[k] += error * A[row, k]
        for k in range(width):
            theta[k] -= lr / (stop - start) * gradient[k]


def compiled(A: np.ndarray, y: np.ndarray, batch_size: int, lr: float, orders: Iterable[np.ndarray]) -> np.ndarray:
    """As the loops of d2lmini.timing.loops: from zero weights, an epoch for each of ``orders``; the weights and, last, the bias."""
    theta, gradient = np.zeros(A.shape[1]), np.empty(A.shape[1])
    for order in orders:
        epoch(A, y, order, batch_size, lr, theta, gradient)
    return theta
