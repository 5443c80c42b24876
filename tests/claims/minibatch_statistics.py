"""What the chapter on the statistics of minibatches claims."""

import math
from functools import cache
from itertools import pairwise

import numpy as np

from d2lmini.core import noise, theory

from .checks import Between, Holds, Prints, Proved, near
from .numbers import THETA, ZERO, A, G, Y, deviation, floor, race, reaches, recorded, run


def downhill(batch: int) -> float:
    return float((noise.draw_gradients(ZERO, batch, 3000, seed=8) @ G > 0).mean())


def uncertainty() -> float:
    """The deviation of the noise that 300 draws of batch 20 measure, as a part of it, over twenty seeds."""
    draws = (noise.draw_gradients(ZERO, 20, 300, seed=seed) for seed in range(20))
    return float(np.std([((one - G) ** 2).sum(axis=1).mean() ** 0.5 / deviation(20) for one in draws]))


def error(draws: int) -> float:
    """How far the mean of so many draws of batch 10 lies from the full gradient, in the root mean square."""
    means = noise.draw_gradients(ZERO, 10, 4000, seed=1).reshape(-1, draws, 6).mean(axis=1)
    return float(((means - G) ** 2).sum(axis=1).mean() ** 0.5)


def covariance_of_two_rows() -> float:
    """The mean product of the deviations of two different rows, over all pairs."""
    away = noise.gradients(ZERO) - G
    return float((away.sum(axis=0) ** 2).sum() - (away**2).sum()) / (1500 * 1499)


@cache
def exact_losses() -> list[float]:
    """The half loss at the start and after each of twelve exact steps at rate 0.5."""
    return run(1500, 0.5, 12, points_per_epoch=1).loss


@cache
def scales() -> list[float]:
    """The noise scale at the start and after each of twelve exact steps at rate 0.5."""
    path = run(1500, 0.5, 12, points_per_epoch=1).theta
    return [noise.noise_scale(theta) for theta in path]


def noise_after_twelve(batch: int) -> float:
    """The noise of so many rows without replacement after twelve exact steps, by the length of the gradient there."""
    theta = np.array(run(1500, 0.5, 12, points_per_epoch=1).theta[-1])
    return noise.gradient_variance(theta, batch) ** 0.5 / float(np.linalg.norm(noise.gradient(theta)))


def gain(batch: int) -> float:
    """How much an update lowers a round bowl at its best rate, as a part of what an exact one does: by trying all rates."""
    rates = np.linspace(0.001, 1, 2000)
    squared, noisy = float(G @ G), noise.gradient_variance(ZERO, batch, True)
    return float((rates * squared - rates**2 / 2 * (squared + noisy)).max() / (squared / 2))


@cache
def needed(batch: int) -> int:
    """The fewest updates to an expected half loss of 0.25, over rates below the limit."""
    rates = theory.stability_limit(batch) * 10 ** -np.arange(0.1, 1.6, 0.1)
    curves = [theory.expected_loss(batch, lr, 1000 // batch + 10) for lr in rates]
    return min(int(np.flatnonzero(curve <= 0.25)[0]) for curve in curves if curve.min() <= 0.25)


def normalised_share(batch: int) -> float:
    """The mean gradient of batches that are standardised on themselves, as a part of the full one."""

    def scaled(X):
        return (X - X.mean(axis=-2, keepdims=True)) / np.sqrt(X.var(axis=-2, keepdims=True) + 1e-5)

    whole = (scaled(A[:, :5]) * Y[:, None]).mean(axis=0)
    rows = np.random.default_rng(1).integers(1500, size=(10_000, batch))
    mean = (scaled(A[rows, :5]) * Y[rows, None]).mean(axis=(0, 1))
    return float(mean @ whole / (whole @ whole))


def finite(rows: int, batch: int) -> float:
    """The noise of a batch out of so many rows without replacement, as a part of that with replacement."""
    data = np.resize(A, (rows, 6)), np.resize(Y, rows)
    return (noise.gradient_variance(ZERO, batch, False, data) / noise.gradient_variance(ZERO, batch, True, data)) ** 0.5


def scale_of(length: float, trace: float) -> float:
    """The noise scale where the gradient has this length and the covariance of the examples' gradients this trace."""
    aside = trace**0.5
    gradients = np.array([[length, aside], [length, -aside]])
    return noise.noise_scale(np.zeros(2), (gradients, -np.ones(2)))  # with targets of −1 the rows are the gradients


CLAIMS = {
    "The ellipse is theory's and marks two standard deviations": Proved(),
    "it was about twenty at the start and grew to hundreds on the way to this loss": Between(
        200, lambda: next(scale for scale, loss in zip(scales(), exact_losses()) if loss <= 0.25), 999
    ),
    "Up to a hundred rows the two ways hardly differ": near(1, lambda: deviation(100) / deviation(100, True), 0.05),
    "Where the discount runs out, a larger batch no longer pays; the noise may set an end sooner": [
        Holds(lambda: recorded("torch", 150_000, 150_000) / 150_000 < recorded("torch", 100, 150_000) / 100 / 10),
        Holds(lambda: race("torch", 150_000)[100] < race("torch", 150_000)[150_000] / 2),
    ],
    "C: 333 rows": near(2, lambda: deviation(100) / deviation(333), 0.002),
    "half the noise takes four times as many; that would be B, and it is right for rows drawn with replacement": near(
        2, lambda: deviation(100, True) / deviation(400, True), 1e-9
    ),
    "all 1,500 rows have no noise at all": Proved(),
    "With 300 draws the measured noise is itself uncertain by a few per cent": Between(0.01, uncertainty, 0.05),
    "The mean is far shorter than the gradients it averages": Between(
        3, lambda: np.linalg.norm(noise.gradients(ZERO), axis=1).mean() / np.linalg.norm(G), 4
    ),
    "The minibatch gradient is unbiased, at every batch size, with replacement or without": Proved(),
    "A hundred times as many draws leave about a tenth of the error, give or take luck": Between(
        6, lambda: error(10) / error(1000), 16
    ),
    "their gradients, taken at the same weights, average to the full gradient exactly": Prints(
        "mean of 150 batches nearer to the full one than 1e-12: True"
    ),
    "two different rows have the covariance $-\\Sigma/(n-1)$": near(
        -noise.gradient_variance(ZERO, 1) / 1499, covariance_of_two_rows, 1e-9
    ),
    "At 750, half of the table, drawing without replacement has only $1/\\sqrt2$ of the noise": near(
        2**-0.5, lambda: deviation(750) / deviation(750, True)
    ),
    "whereas 1,500 rows with replacement miss some and repeat others": Proved(),
    "Ten examples take off two thirds of the noise, the other 1,490 the rest": Between(
        0.64, lambda: 1 - deviation(10) / deviation(1), 0.7
    ),
    "Doubling a small batch divides the noise by $\\sqrt2$ only": near(
        2**0.5, lambda: deviation(4) / deviation(8), 0.01
    ),
    "at ten rows the noise is longer than the full gradient itself": Between(
        1, lambda: deviation(10) / np.linalg.norm(G), 2
    ),
    "Nearly all. The noise is spread over six directions": Between(0.98, lambda: downhill(10), 1),
    "it is the batch size at which the noise is as long as the gradient": Proved(),
    "is where noise (with replacement) and gradient are of equal length": near(
        1, lambda: deviation(20, True) / float(np.linalg.norm(G)), 0.02
    ),
    "About twenty examples at the start": near(20.3, lambda: noise.noise_scale(ZERO), 0.003),
    "more than twice that half-way": Between(2, lambda: noise.noise_scale(THETA / 2) / noise.noise_scale(ZERO), 3),
    "at the optimum it is infinite": Holds(lambda: noise.noise_scale(THETA) == math.inf),
    "by $1/(1 + B/b)$ of what an exact one does": [
        near(1 / (1 + noise.noise_scale(ZERO) / b), lambda b=b: gain(b), 1e-3) for b in (2, 20, 400)
    ],
    "The noise scale grows in training: the gradient vanishes, the noise does not": Holds(
        lambda: all(a < b for a, b in pairwise(scales()))
    ),
    "Twelve updates later it takes thousands, drawn with replacement, or most of the table without": [
        Between(2000, lambda: scales()[-1], 9999),
        near(1, lambda: noise_after_twelve(1265), 1e-3),
        Prints("without replacement the last is 1,265 of the 1,500 rows"),
    ],
    "a small batch is almost nothing but noise": Between(10, lambda: noise_after_twelve(20), math.inf),
    "the largest rate at which training does not diverge in the mean": Holds(
        lambda: all(
            theory.final_loss(b, 0.999 * theory.stability_limit(b), 10**6) < 1e6
            and theory.expected_loss(b, 1.02 * theory.stability_limit(b), 1000)[-1] > 1e3
            for b in (1, 10, 100)
        )
    ),
    "a thousand come within a tenth": Prints("B = 21.8 (pairs: 1,000)"),
    "Both estimates are unbiased": Proved(),
    "Without it, the mean of the first estimate is $\\|\\mathbf{G}\\|^2 - \\operatorname{tr}\\Sigma/(n-1)$": Proved(),
    "As soon as the noise scale is larger than the table, it does so on average": Holds(
        lambda: (
            noise.noise_scale(0.95 * THETA) > 1500
            and noise.gradient(0.95 * THETA) @ noise.gradient(0.95 * THETA)
            < noise.gradient_variance(0.95 * THETA, 1, True) / 1499
        )
    ),
    "at small rates the floor goes with $\\eta/b$": Proved(),
    "About the same: at small rates the floor": near(1, lambda: floor(20, 0.05) / floor(10, 0.025), 0.05),
    "Up to 16 rows the updates halve with every doubling": [
        near(0.5, lambda b=b: needed(2 * b) / needed(b), 0.06) for b in (1, 2, 4, 8)
    ],
    "the examples, your cost, hardly change": Between(1, lambda: 16 * needed(16) / needed(1), 1.1),
    "Beyond, four updates are needed whatever you pay": Holds(lambda: needed(512) == needed(1024) == 4),
    "The classic runs of scratch, single runs at rates of their own, need about as many updates": [
        Between(0.6, lambda b=b, lr=lr: reaches(b, lr) / needed(b), 1.4)
        for b, lr in ((1, 0.005), (10, 0.05), (100, 0.4))
    ],
    "Hardly anything: it approaches the value with replacement": [
        Between(1, lambda: deviation(100, copies=100) / deviation(100), 1.05),
        near(1, lambda: deviation(100, copies=100) / deviation(100, True)),
    ],
    "With normalisation inside, small batches are biased": [
        Between(0.7, lambda: normalised_share(4), 0.85),
        Between(0.97, lambda: normalised_share(100), 1.02),
    ],
    "$\\sqrt{(10000-2500)/9999} \\approx \\sqrt{0.75} \\approx 0.87$: 13 % less noise": near(
        0.87, lambda: finite(10_000, 2500), 0.01
    ),
    "The noise scale is $4/0.1^2 = 400$ examples": near(400, lambda: scale_of(0.1, 4)),
}
