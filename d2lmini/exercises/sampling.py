"""Exercises about sampling: the genie's copies, replacement, noise, and the floor it leaves."""

from math import sqrt

from .. import noise
from ..data import table
from .answers import Question, Verdict, asks, near, never_raises, several
from .place import early

METHODS = ("gd", "minibatch", "sgd")
ROUGHLY = 0.3  # a factor of the genie is asked for roughly: one that a run shows has the luck of its seed


@never_raises
def check_genie(answer=None) -> Verdict:
    """By what factor, roughly, the examples read until a given loss grow when each row is there 100 times.

    A dict of factors for "gd", "minibatch" and "sgd", or the three factors in this order.
    """
    factors = several(answer, METHODS)
    if isinstance(factors, Verdict):
        return factors
    copies = 100

    def are(gd: float, minibatch: float, sgd: float) -> bool:
        return all(near(factors[name], factor, ROUGHLY) for name, factor in zip(METHODS, (gd, minibatch, sgd)))

    if are(copies, 1, 1):
        return Verdict(
            True, "Right. Gradient descent reads every copy before each step; a sample is as good as it was before."
        )
    if are(1, 1, 1):
        return Verdict(
            False, "That holds for updates. Examples are asked for, and a step of gradient descent reads them all."
        )
    if are(copies, copies, copies):
        return Verdict(False, "As if each method had to read all copies. Which ones wait for the end of the table?")
    if are(1, copies, copies):
        return Verdict(False, "The other way round: who reads the whole table before a step?")
    if any(near(factor, 1 / copies, ROUGHLY) for factor in factors.values()):
        return Verdict(False, "That holds for epochs, which are now 100 times as long. Examples are asked for.")
    right = zip(METHODS, (copies, 1, 1))
    name = next(name for name, factor in right if not near(factors[name], factor, ROUGHLY))
    return Verdict(
        False,
        f"Not right for {name!r}: how many examples does one of its updates read, and how many updates does it make?",
    )


@asks
def check_distinct() -> Question:
    """How many of 1,500 rows an epoch of 1,500 draws with replacement is expected to see."""
    n = len(table()[1])
    missed = n * (1 - 1 / n) ** n
    return Question(
        "distinct",
        n - missed,
        "A row is missed with probability (1 − 1/n)ⁿ, which is close to 1/e.",
        [
            (n, "That is an epoch that reshuffles. A draw with replacement may hit the same row again."),
            (missed, "Those are the rows that are missed."),
            (1 - missed / n, "That is the share. The number of rows is asked for."),
            (missed / n, "That is the share that is missed. The number of rows seen is asked for."),
            (n / 2, "Not half of them. With what probability do all n draws miss a given row?"),
            (n - 1, "One draw misses a row with probability 1 − 1/n. There are n draws."),
        ],
        "rows",
        0.002,
    )


@asks
def check_half_noise() -> Question:
    """The batch size with half the noise (standard deviation) of a batch of 120, drawn with replacement."""
    batch = 120
    return Question(
        "half_noise",
        4 * batch,
        "The standard deviation falls with the square root of the batch size.",
        [
            (
                2 * batch,
                "That halves the variance. The standard deviation falls with the square root of the batch size.",
            ),
            (batch / 2, "A smaller batch is noisier."),
            (batch / 4, "The other way round: a smaller batch is noisier."),
            (batch * sqrt(2), f"That divides the noise by the fourth root of 2. Solve 1/√b = ½ · 1/√{batch}."),
            (batch**2, "That is the square. The batch has to grow by a factor of 2²."),
            (_half_without_replacement(batch, 0.25), "As if sampled without replacement from 1,500 rows."),
        ],
        "examples",
    )


def _half_without_replacement(batch: int, part: float) -> float:
    """The batch size b with (n − b)/b = part · (n − batch)/batch, rows drawn without replacement from the table."""
    n = len(table()[1])
    return 1 / (part / batch + (1 - part) / n)


@asks
def check_half_noise_finite() -> Question:
    """The batch size with half the noise of a batch of 120, drawn without replacement from 1,500 rows."""
    batch = 120
    right = _half_without_replacement(batch, 0.25)
    return Question(
        "half_noise_finite",
        right,
        "1/b − 1/n must fall to a quarter: each row that is already in the batch cannot be drawn again.",
        [
            (4 * batch, "As if sampled with replacement. Without it the factor (n − b)/(n − 1) helps."),
            (
                _half_without_replacement(batch, 0.5),
                "That halves the variance. Half the standard deviation is a quarter of it.",
            ),
            (2 * batch, "That halves the variance, and is as if sampled with replacement."),
            (
                _half_without_replacement(batch, 1 / 16),
                "That is a quarter of the standard deviation: half of it is a quarter of the variance.",
            ),
            (len(table()[1]), "A batch of all rows has no noise at all. Half is enough."),
            (batch / 2, "A smaller batch is noisier."),
        ],
        "examples",
        0.003,
    )


def squared_norms() -> dict[int, float]:
    """The mean of ‖g‖² at the early weights, for minibatches of 10 and 100 rows with replacement, to four digits."""
    length = float((noise.gradient(early()) ** 2).sum())
    return {size: round(length + noise.gradient_variance(early(), size, True), 4) for size in (10, 100)}


@asks
def check_noise_scale() -> Question:
    """The gradient noise scale tr Σ/‖G‖² at the early weights, from the mean squared norms of two batch sizes."""
    (b1, n1), (b2, n2) = squared_norms().items()

    def estimate(n1: float, n2: float) -> tuple[float, float]:
        return (n1 - n2) / (1 / b1 - 1 / b2), (b2 * n2 - b1 * n1) / (b2 - b1)

    trace, length = estimate(n1, n2)
    wrong_trace, wrong_length = estimate(sqrt(n1), sqrt(n2))
    return Question(
        "noise_scale",
        trace / length,
        "At that batch size the noise of a minibatch gradient is as long as the gradient itself.",
        [
            (trace, "That is tr Σ. Divide by ‖G‖²."),
            (length, "That is ‖G‖². The noise scale is tr Σ divided by it."),
            (length / trace, "That is upside down."),
            (trace / sqrt(length), "That divides by ‖G‖. It has to be squared."),
            (trace / n2, "As if the norm at 100 rows were ‖G‖². It still holds tr Σ/100."),
            (wrong_trace / wrong_length, "That puts norms where their squares belong."),
        ],
        "examples",
        0.02,
    )


@asks
def check_floor() -> Question:
    """The expected loss above the optimum at which constant-rate SGD stays, in one dimension."""
    rate, curvature, variance, batch = 0.2, 3.0, 1.0, 10
    spread = rate * variance / (batch * curvature * (2 - rate * curvature))
    right = curvature * spread / 2
    return Question(
        "floor",
        right,
        "The variance repeats itself when v = (1 − ηλ)²v + η²c/b, and the excess loss is ½λv.",
        [
            (2 * right, "That is without the ½: the excess loss is ½ · λ · v."),
            (spread, "That is the variance of the weight. The excess loss is ½ · λ times it."),
            (right * batch, "That leaves out the batch: averaging over b examples divides the variance by b."),
            (
                rate * variance / (4 * batch),
                "That is the small-rate limit ηc/(4b). Here ηλ is 0.6, and (1 − ηλ)² keeps its square.",
            ),
            (right / batch, "That divides by the batch size twice."),
            (rate * variance / (2 * batch * (1 - rate * curvature)), "1 − (1 − ηλ)² is ηλ(2 − ηλ), not ηλ(1 − ηλ)."),
            (right / rate, "One factor of η is missing: the noise enters as η²c/b."),
        ],
        "half loss",
        0.025,
    )
