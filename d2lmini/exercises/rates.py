"""Exercises about the learning rate: how large it may be, which one is best, and how it shrinks."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from ..core import engine
from ..core.rows import kept, table
from ..core.steps import finish
from .answers import Question, Verdict, asks, near, never_raises
from .reading import several

SENTENCES = {
    "rate": "learning rate",
    "epochs": "epochs",
    # check_stable_rate
    "stable_why": "Beyond 2/λ of the largest eigenvalue the factor 1 − ηλ is below −1.",
    "stable_one_step": "That is 1/λ: there the steepest direction is done in one step. It stays stable up to twice that.",
    "stable_five": "That is with five features. Leave the first one out.",
    "stable_fifth": "That is without the fifth feature. Leave the first one out, the frequency.",
    "stable_near": "Very near, but a little beyond it. Give three digits.",
    "stable_smallest": "That is the smallest eigenvalue. The steepest direction, the largest one, becomes unstable first.",
    "stable_eigenvalue": "That is the eigenvalue itself. The rate is 2 divided by it.",
    "stable_sum": "As if the loss were a sum over the rows. It is a mean: divide AᵀA by their number.",
    # check_without_half
    "half_why": "Without the ½ each gradient is twice as long, so the rate bears half as much.",
    "half_with": "That is with the ½. MSELoss is without it.",
    "half_doubled": "The other way round: the gradient doubles, so the rate must halve.",
    "half_twice": "That halves twice. The gradient only doubles.",
    "half_four": "That is with four features. Here are all five.",
    # check_best_rates
    "best_right": "Right. Ten times the batch bears ten times the rate, as long as the curvature allows it.",
    "best_unknown": "Batch {size}: choose one of the rates {rates}.",
    "best_one": "One rate for all cannot be best: small batches are noisy and bear only small steps.",
    "best_reversed": "The other way round: the larger the batch, the larger the rate that it bears.",
    "best_stable": "Those are the largest rates that do not diverge. The best ones lie below them.",
    "best_diverges": "Batch {size} diverges at {rate}.",
    "best_large": "Batch {size}: {rate} is too large: the noise lifts the floor.",
    "best_small": "Batch {size}: {rate} is too small: it does not get there in an epoch.",
    "between": ", ",
    # check_reach
    "reach_why": "The rates add up to 3 · (1 + 1/10 + 1/100 + …) = 3/(1 − 1/10): the tail is worth a third of an epoch.",
    "reach_each": "That is for a division after each epoch. Here it comes after every three.",
    "reach_three": "That is the first three epochs alone. The rest adds a little.",
    "reach_six": "That is six epochs. The later ones add a little more.",
    "reach_tenfold": "That multiplies by ten. Add up 3 · (1 + 1/10 + 1/100 + …).",
    "reach_times": "Divide by 1 − 1/10 instead of multiplying with it.",
    "reach_third": "The second three epochs go at a tenth of the rate, not at a third.",
}


@cache
def _eigenvalues(dropped: int | None = None) -> np.ndarray:
    """Of the Hessian, rising; all features and the bias, or all but one feature."""
    A = table()[0]
    if dropped is not None:
        A = np.delete(A, dropped, axis=1)
    return kept(np.linalg.eigvalsh(A.T @ A / len(A)))


def stable_rate_question() -> Question:
    """The largest stable rate of gradient descent without the first feature: four features and a bias."""
    four, n = _eigenvalues(0), len(table()[1])
    return Question(
        "stable_rate",
        2 / four[-1],
        SENTENCES["stable_why"],
        [
            (1 / four[-1], SENTENCES["stable_one_step"]),
            (2 / _eigenvalues()[-1], SENTENCES["stable_five"]),
            (2 / _eigenvalues(4)[-1], SENTENCES["stable_fifth"]),
            (1.0, SENTENCES["stable_near"]),
            (2 / four[0], SENTENCES["stable_smallest"]),
            (four[-1], SENTENCES["stable_eigenvalue"]),
            (2 / four[-1] / n, SENTENCES["stable_sum"]),
        ],
        SENTENCES["rate"],
        3,
    )


def without_half_question() -> Question:
    """The largest stable rate of gradient descent on MSELoss, which has no ½, with five features."""
    limit = 2 / _eigenvalues()[-1]
    return Question(
        "without_half",
        limit / 2,
        SENTENCES["half_why"],
        [
            (limit, SENTENCES["half_with"]),
            (2 * limit, SENTENCES["half_doubled"]),
            (limit / 4, SENTENCES["half_twice"]),
            (1 / _eigenvalues(0)[-1], SENTENCES["half_four"]),
        ],
        SENTENCES["rate"],
        2,
    )


RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SIZES = (1, 10, 100)


@cache
def losses_after_an_epoch() -> Mapping[int, Mapping[float, float]]:
    """The mean half loss after one epoch from zero, over ten seeds, by batch size and rate; inf if a run diverged."""
    losses = {size: {rate: _mean_loss(size, rate) for rate in RATES} for size in SIZES}
    return MappingProxyType({size: MappingProxyType(by_rate) for size, by_rate in losses.items()})


def _mean_loss(batch_size: int, lr: float, seeds: int = 10) -> float:
    runs = [
        finish(engine.minibatch_sgd(*table(), batch_size=batch_size, lr=lr, epochs=1, points_per_epoch=1, seed=seed))
        for seed in range(seeds)
    ]
    return sum(run.loss[-1] if run.diverged_at is None else float("inf") for run in runs) / seeds


@never_raises
def check_best_rates(answer: object = None) -> Verdict:
    """For the batch sizes 1, 10 and 100, the one of RATES with the lowest mean loss after an epoch.

    A dict of rates by batch size, or the three rates in this order.
    """
    given = several(answer, SIZES)
    if isinstance(given, str):
        return Verdict(False, given)
    rates = {}
    for size, value in given.items():
        known = [rate for rate in RATES if near(value, rate, 1e-3)]  # float16 rounds
        if not known:
            choice = SENTENCES["between"].join(map(str, RATES))
            return Verdict(False, SENTENCES["best_unknown"].format(size=size, rates=choice))
        rates[size] = known[0]
    return _judged(rates, losses_after_an_epoch())


def _judged(rates: dict[int, float], losses: Mapping[int, Mapping[float, float]]) -> Verdict:
    best = {size: min(row, key=row.__getitem__) for size, row in losses.items()}
    if rates == best:
        return Verdict(True, SENTENCES["best_right"])
    if len(set(rates.values())) == 1:
        return Verdict(False, SENTENCES["best_one"])
    if list(rates.values()) == [*best.values()][::-1]:
        return Verdict(False, SENTENCES["best_reversed"])
    stable = {size: max(rate for rate in RATES if losses[size][rate] < 1e6) for size in SIZES}
    if rates == stable:
        return Verdict(False, SENTENCES["best_stable"])
    size = next(size for size in SIZES if rates[size] != best[size])
    if losses[size][rates[size]] >= 1e6:
        key = "best_diverges"
    else:
        key = "best_large" if rates[size] > best[size] else "best_small"
    return Verdict(False, SENTENCES[key].format(size=size, rate=rates[size]))


def reach_question() -> Question:
    """How many epochs at the first rate move as far as endless training with the rate ÷10 after every 3 epochs."""
    k, part = 3, 0.1
    whole = k / (1 - part)
    return Question(
        "reach",
        whole,
        SENTENCES["reach_why"],
        [
            (1 / (1 - part), SENTENCES["reach_each"]),
            (k, SENTENCES["reach_three"]),
            (k * (1 + part), SENTENCES["reach_six"]),
            (k / part, SENTENCES["reach_tenfold"]),
            (k * (1 - part), SENTENCES["reach_times"]),
            (k + 1, SENTENCES["reach_third"]),
        ],
        SENTENCES["epochs"],
        3,
    )


check_stable_rate = asks(stable_rate_question)
check_without_half = asks(without_half_question)
check_reach = asks(reach_question)
