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
    n, width = A.shape
    H = A.T @ A / n
    pairs = (A[:, :, None] * A[:, None, :]).reshape(n, -1)
    fourth = pairs.T @ pairs / n  # E[aaᵀ ⊗ aaᵀ]: maps vec P to vec E[aaᵀ P aaᵀ]
    unit = np.eye(width)
    drift = np.kron(H, unit) + np.kron(unit, H)
    spread = fourth / batch_size + (1 - 1 / batch_size) * np.kron(H, H)

    def radius(lr: float) -> float:
        return float(np.abs(np.linalg.eigvals(np.eye(width**2) - lr * drift + lr**2 * spread)).max())

    stable, unstable = 0.0, 4 / float(np.linalg.eigvalsh(H)[-1])
    while unstable - stable > 1e-9:
        middle = (stable + unstable) / 2
        stable, unstable = (middle, unstable) if radius(middle) < 1 else (stable, middle)
    return stable
