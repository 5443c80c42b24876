"""Exercises about the learning rate: how large it may be, which one is best, and how it shrinks."""

from functools import cache

import numpy as np

from .. import engine
from ..data import table
from .answers import Question, Verdict, asks, near, never_raises, several


@cache
def _eigenvalues(dropped: int | None = None) -> np.ndarray:
    """Of the Hessian, rising; all features and the bias, or all but one feature."""
    A = table()[0]
    if dropped is not None:
        A = np.delete(A, dropped, axis=1)
    return np.linalg.eigvalsh(A.T @ A / len(A))


@asks
def check_stable_rate() -> Question:
    """The largest stable rate of gradient descent without the first feature: four features and a bias."""
    four, n = _eigenvalues(0), len(table()[1])
    return Question(
        "stable_rate",
        2 / four[-1],
        "Beyond 2/λ of the largest eigenvalue the factor 1 − ηλ is below −1.",
        [
            (
                1 / four[-1],
                "That is 1/λ: there the steepest direction is done in one step. It stays stable up to twice that.",
            ),
            (2 / _eigenvalues()[-1], "That is with five features. Leave the first one out."),
            (2 / _eigenvalues(4)[-1], "That is without the fifth feature. Leave the first one out, the frequency."),
            (1.0, "Very near, but a little beyond it. Give three digits."),
            (
                2 / four[0],
                "That is the smallest eigenvalue. The steepest direction, the largest one, becomes unstable first.",
            ),
            (four[-1], "That is the eigenvalue itself. The rate is 2 divided by it."),
            (2 / four[-1] / n, "As if the loss were a sum over the rows. It is a mean: divide AᵀA by their number."),
        ],
        "learning rate",
        0.001,
    )


@asks
def check_without_half() -> Question:
    """The largest stable rate of gradient descent on MSELoss, which has no ½, with five features."""
    limit = 2 / _eigenvalues()[-1]
    return Question(
        "without_half",
        limit / 2,
        "Without the ½ each gradient is twice as long, so the rate bears half as much.",
        [
            (limit, "That is with the ½. MSELoss is without it."),
            (2 * limit, "The other way round: the gradient doubles, so the rate must halve."),
            (limit / 4, "That halves twice. The gradient only doubles."),
            (1 / _eigenvalues(0)[-1], "That is with four features. Here are all five."),
        ],
        "learning rate",
        0.01,
    )


RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SIZES = (1, 10, 100)


@cache
def losses_after_an_epoch() -> dict[int, dict[float, float]]:
    """The mean half loss after one epoch from zero, over ten seeds, by batch size and rate; inf if a run diverged."""
    return {size: {rate: _mean_loss(size, rate) for rate in RATES} for size in SIZES}


def _mean_loss(batch_size: int, lr: float, seeds: int = 10) -> float:
    settings = {"batch_size": batch_size, "lr": lr, "epochs": 1, "points_per_epoch": 1}
    runs = [engine.finish(engine.sgd(*table(), seed=seed, **settings)) for seed in range(seeds)]
    return sum(run.loss[-1] if run.diverged_at is None else float("inf") for run in runs) / seeds


@never_raises
def check_best_rates(answer=None) -> Verdict:
    """For the batch sizes 1, 10 and 100, the one of RATES with the lowest mean loss after an epoch.

    A dict of rates by batch size, or the three rates in this order.
    """
    rates = several(answer, SIZES)
    if isinstance(rates, Verdict):
        return rates
    known = losses_after_an_epoch()
    for size, value in rates.items():
        rates[size] = next((rate for rate in RATES if near(value, rate, 1e-3)), None)  # float16 rounds
        if rates[size] is None:
            return Verdict(False, f"Batch {size}: choose one of the rates {', '.join(map(str, RATES))}.")
    best = {size: min(known[size], key=known[size].get) for size in SIZES}
    if rates == best:
        return Verdict(True, "Right. Ten times the batch bears ten times the rate, as long as the curvature allows it.")
    if len(set(rates.values())) == 1:
        return Verdict(False, "One rate for all cannot be best: small batches are noisy and bear only small steps.")
    if list(rates.values()) == [*best.values()][::-1]:
        return Verdict(False, "The other way round: the larger the batch, the larger the rate that it bears.")
    stable = {size: max(rate for rate in RATES if known[size][rate] < 1e6) for size in SIZES}
    if rates == stable:
        return Verdict(False, "Those are the largest rates that do not diverge. The best ones lie below them.")
    size = next(size for size in SIZES if rates[size] != best[size])
    if known[size][rates[size]] >= 1e6:
        return Verdict(False, f"Batch {size} diverges at {rates[size]}.")
    side = (
        "large: the noise lifts the floor" if rates[size] > best[size] else "small: it does not get there in an epoch"
    )
    return Verdict(False, f"Batch {size}: {rates[size]} is too {side}.")


@asks
def check_reach() -> Question:
    """How many epochs at the first rate move as far as endless training with the rate ÷10 after every 3 epochs."""
    k, part = 3, 0.1
    whole = k / (1 - part)
    return Question(
        "reach",
        whole,
        "The rates add up to 3 · (1 + 1/10 + 1/100 + …) = 3/(1 − 1/10): the tail is worth a third of an epoch.",
        [
            (1 / (1 - part), "That is for a division after each epoch. Here it comes after every three."),
            (k, "That is the first three epochs alone. The rest adds a little."),
            (k * (1 + part), "That is six epochs. The later ones add a little more."),
            (k / part, "That multiplies by ten. Add up 3 · (1 + 1/10 + 1/100 + …)."),
            (k * (1 - part), "Divide by 1 − 1/10 instead of multiplying with it."),
            (k + 1, "The second three epochs go at a tenth of the rate, not at a third."),
        ],
        "epochs",
        0.002,
    )
