"""How far a minibatch gradient lies from the full one: its spread, and the gradient noise scale.

Everything is for linear regression with the half squared loss, at weights ``theta`` (the bias last) that the caller
names, because the noise depends on where it is taken. ``data`` is (A, y), A (n, d) with a last column of ones and
y (n,); by default the labs' rows.
"""

from math import inf
from typing import NamedTuple

import numpy as np

from . import checks, engine
from .checks import Data
from .rows import table

ROUNDING = 1e-12  # a full gradient that is shorter than this part of its examples' spread is zero but for rounding


def gradients(theta: np.ndarray, data: Data | None = None) -> np.ndarray:
    """The gradient of each example's half squared loss at ``theta``, aᵢ(aᵢᵀθ − yᵢ): (n, d)."""
    A, y, theta = _checked(theta, data)
    return A * (A @ theta - y)[:, None]


def gradient(theta: np.ndarray, data: Data | None = None) -> np.ndarray:
    """The full gradient G at ``theta``, the mean of the examples' gradients: (d,)."""
    return gradients(theta, data).mean(axis=0)


def covariance(theta: np.ndarray, data: Data | None = None) -> np.ndarray:
    """The covariance Σ of the examples' gradients at ``theta``, with divisor n: (d, d)."""
    away = _deviations(theta, data)
    return away.T @ away / len(away)


def gradient_variance(theta: np.ndarray, batch_size: int, replacement: bool = False, data: Data | None = None) -> float:
    """The mean squared distance between the gradient of a random minibatch and the full one at ``theta``.

    With replacement tr Σ/b. Without, (tr Σ/b)(n − b)/(n − 1), which is 0 for a batch of all n rows. Source: the
    variance of the mean of a simple random sample, as in Cochran, Sampling Techniques, 3rd ed., Wiley 1977, chapter 2,
    where the variance has the divisor n − 1.
    """
    away = _deviations(theta, data)
    n = len(away)
    batch_size = checks.whole("batch_size", batch_size, 1, None if replacement else n)
    variance = float((away**2).sum()) / n / batch_size
    if replacement:
        return variance
    return variance * (n - batch_size) / (n - 1) if n > 1 else 0.0


def noise_scale(theta: np.ndarray, data: Data | None = None) -> float:
    """The gradient noise scale B = tr Σ/‖G‖² at ``theta``, in examples; infinite where the full gradient is zero.

    At a batch size of B, drawn with replacement, the noise of a minibatch gradient is as long as the gradient. Source:
    McCandlish, Kaplan, Amodei and the OpenAI Dota Team, An Empirical Model of Large-Batch Training, 2018,
    arXiv:1812.06162, section 2.2, where it is called the simple noise scale.
    """
    full = gradient(theta, data)
    squared = float(full @ full)
    trace = gradient_variance(theta, 1, True, data)
    return inf if squared <= ROUNDING**2 * trace else trace / squared


class Estimate(NamedTuple):
    """What two minibatch gradients tell: ‖G‖² and tr Σ, each unbiased; either may come out negative."""

    squared_norm: float
    trace: float

    @property
    def scale(self) -> float:
        """tr Σ/‖G‖²: a ratio of two unbiased estimates, and therefore not itself unbiased."""
        return self.trace / self.squared_norm if self.squared_norm else inf


def estimate_noise(small: np.ndarray, large: np.ndarray, small_size: int, large_size: int) -> Estimate:
    """‖G‖² and tr Σ from gradients of minibatches of two sizes, averaged over the pairs: no per-example gradients.

    ``small`` and ``large`` are gradients of ``small_size`` and ``large_size`` examples, (d,) each, or (pairs, d).
    With b₁ < b₂, ‖G‖² ≈ (b₂‖g₂‖² − b₁‖g₁‖²)/(b₂ − b₁) and tr Σ ≈ (‖g₁‖² − ‖g₂‖²)/(1/b₁ − 1/b₂), unbiased for batches drawn
    with replacement. Without, from n rows, they have the means ‖G‖² − tr Σ/(n − 1) and tr Σ · n/(n − 1). Source:
    McCandlish et al., arXiv:1812.06162, appendix A.1.
    """
    small_size = checks.whole("small_size", small_size)
    large_size = checks.whole("large_size", large_size, small_size + 1)
    squares = [_mean_square(name, g) for name, g in (("small", small), ("large", large))]
    return Estimate(
        (large_size * squares[1] - small_size * squares[0]) / (large_size - small_size),
        (squares[0] - squares[1]) / (1 / small_size - 1 / large_size),
    )


def draw_gradients(
    theta: np.ndarray,
    batch_size: int,
    draws: int,
    replacement: bool = False,
    seed: int = 0,
    data: Data | None = None,
) -> np.ndarray:
    """The gradients at ``theta`` of ``draws`` random minibatches: (draws, d).

    Draw k is the first ``batch_size`` rows of epoch k in the order of ``engine.epoch_order``.
    """
    rows = gradients(theta, data)
    n = len(rows)
    batch_size = checks.whole("batch_size", batch_size, 1, n)
    checks.whole("draws", draws)
    checks.whole("seed", seed, 0, 2**32 - 1)
    orders = (engine.epoch_order(n, seed, k, replacement)[:batch_size] for k in range(draws))
    return np.array([rows[order].mean(axis=0) for order in orders])


def _deviations(theta: np.ndarray, data: Data | None) -> np.ndarray:
    rows = gradients(theta, data)
    return rows - rows.mean(axis=0)


def _mean_square(name: str, gradients: np.ndarray) -> float:
    g = np.asarray(gradients, dtype=float)
    if g.ndim not in (1, 2) or g.size == 0 or not np.isfinite(g).all():
        raise ValueError(f"{name} must be finite gradients of shape (d,) or (pairs, d), not shape {g.shape}: {g!r}")
    return float((g**2).sum(axis=-1).mean())


def _checked(theta: np.ndarray, data: Data | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    A, y = checks.regression(table() if data is None else data)
    theta = np.asarray(theta, dtype=float)
    if theta.shape != (A.shape[1],) or not np.isfinite(theta).all():
        raise ValueError(
            f"theta must be {A.shape[1]} finite numbers, the weights and, last, the bias, not {theta.tolist()!r}"
        )
    return A, y, theta
