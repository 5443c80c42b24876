"""Exercises about sampling: the genie's copies, replacement, noise, and the floor it leaves."""

from math import sqrt

from ..core import noise
from ..core.rows import table
from .answers import Question, Verdict, asks, near, never_raises
from .reading import several
from .weights import early

SENTENCES = {
    "rows": "rows",
    "examples": "examples",
    "half_loss": "half loss",
    # check_genie
    "genie": "Right. Gradient descent reads every copy before each step; a sample is as good as it was before.",
    "genie_updates": "That holds for updates. Examples are asked for, and a step of gradient descent reads them all.",
    "genie_all": "As if each method had to read all copies. Which ones wait for the end of the table?",
    "genie_reversed": "The other way round: who reads the whole table before a step?",
    "genie_epochs": "That holds for epochs, which are now 100 times as long. Examples are asked for.",
    "gd": "Not right for 'gd': how many examples does one of its updates read, and how many updates does it make?",
    "minibatch": "Not right for 'minibatch': how many examples does one of its updates read, and how many updates does it "
    "make?",
    "sgd": "Not right for 'sgd': how many examples does one of its updates read, and how many updates does it make?",
    # check_distinct
    "distinct_why": "A row is missed with probability (1 − 1/n)ⁿ, which is close to 1/e.",
    "distinct_all": "That is an epoch that reshuffles. A draw with replacement may hit the same row again.",
    "distinct_missed": "Those are the rows that are missed.",
    "distinct_share": "That is the share. The number of rows is asked for.",
    "distinct_missed_share": "That is the share that is missed. The number of rows seen is asked for.",
    "distinct_half": "Not half of them. With what probability do all n draws miss a given row?",
    "distinct_one": "One draw misses a row with probability 1 − 1/n. There are n draws.",
    # check_half_noise
    "noise_why": "The standard deviation falls with the square root of the batch size.",
    "noise_variance": "That halves the variance. The standard deviation falls with the square root of the batch size.",
    "noisier": "A smaller batch is noisier.",
    "noise_reversed": "The other way round: a smaller batch is noisier.",
    "noise_root": "That divides the noise by the fourth root of 2. Solve 1/√b = ½ · 1/√{batch}.",
    "noise_square": "That is the square. The batch has to grow by a factor of 2².",
    "noise_finite": "As if sampled without replacement from 1,500 rows.",
    # check_half_noise_finite
    "finite_why": "1/b − 1/n must fall to a quarter: each row that is already in the batch cannot be drawn again.",
    "finite_replaced": "As if sampled with replacement. Without it the factor (n − b)/(n − 1) helps.",
    "finite_variance": "That halves the variance. Half the standard deviation is a quarter of it.",
    "finite_both": "That halves the variance, and is as if sampled with replacement.",
    "finite_quarter": "That is a quarter of the standard deviation: half of it is a quarter of the variance.",
    "finite_all": "A batch of all rows has no noise at all. Half is enough.",
    # check_noise_scale
    "scale_why": "At that batch size the noise of a minibatch gradient is as long as the gradient itself.",
    "scale_trace": "That is tr Σ. Divide by ‖G‖².",
    "scale_length": "That is ‖G‖². The noise scale is tr Σ divided by it.",
    "scale_inverse": "That is upside down.",
    "scale_root": "That divides by ‖G‖. It has to be squared.",
    "scale_norm": "As if the norm at 100 rows were ‖G‖². It still holds tr Σ/100.",
    "scale_norms": "That puts norms where their squares belong.",
    # check_floor
    "floor_why": "The variance repeats itself when v = (1 − ηλ)²v + η²c/b, and the excess loss is ½λv.",
    "floor_half": "That is without the ½: the excess loss is ½ · λ · v.",
    "floor_variance": "That is the variance of the weight. The excess loss is ½ · λ times it.",
    "floor_batch": "That leaves out the batch: averaging over b examples divides the variance by b.",
    "floor_limit": "That is the small-rate limit ηc/(4b). Here ηλ is 0.6, and (1 − ηλ)² keeps its square.",
    "floor_twice": "That divides by the batch size twice.",
    "floor_square": "1 − (1 − ηλ)² is ηλ(2 − ηλ), not ηλ(1 − ηλ).",
    "floor_rate": "One factor of η is missing: the noise enters as η²c/b.",
}
METHODS = ("gd", "minibatch", "sgd")
ROUGHLY = 0.3  # a factor of the genie is asked for roughly: one that a run shows has the luck of its seed


@never_raises
def check_genie(answer: object = None) -> Verdict:
    """By what factor, roughly, the examples read until a given loss grow when each row is there 100 times.

    A dict of factors for "gd", "minibatch" and "sgd", or the three factors in this order.
    """
    factors = several(answer, METHODS)
    if isinstance(factors, str):
        return Verdict(False, factors)
    copies = 100

    def are(gd: float, minibatch: float, sgd: float) -> bool:
        return all(near(factors[name], factor, ROUGHLY) for name, factor in zip(METHODS, (gd, minibatch, sgd)))

    if are(copies, 1, 1):
        return Verdict(True, SENTENCES["genie"])
    if are(1, 1, 1):
        return Verdict(False, SENTENCES["genie_updates"])
    if are(copies, copies, copies):
        return Verdict(False, SENTENCES["genie_all"])
    if are(1, copies, copies):
        return Verdict(False, SENTENCES["genie_reversed"])
    if any(near(factor, 1 / copies, ROUGHLY) for factor in factors.values()):
        return Verdict(False, SENTENCES["genie_epochs"])
    right = zip(METHODS, (copies, 1, 1))
    wrong = next(name for name, factor in right if not near(factors[name], factor, ROUGHLY))
    return Verdict(False, SENTENCES[wrong])


def distinct_question() -> Question:
    """How many of 1,500 rows an epoch of 1,500 draws with replacement is expected to see."""
    n = len(table()[1])
    missed = n * (1 - 1 / n) ** n
    return Question(
        "distinct",
        n - missed,
        SENTENCES["distinct_why"],
        [
            (n, SENTENCES["distinct_all"]),
            (missed, SENTENCES["distinct_missed"]),
            (1 - missed / n, SENTENCES["distinct_share"]),
            (missed / n, SENTENCES["distinct_missed_share"]),
            (n / 2, SENTENCES["distinct_half"]),
            (n - 1, SENTENCES["distinct_one"]),
        ],
        SENTENCES["rows"],
        3,
    )


def half_noise_question() -> Question:
    """The batch size with half the noise (standard deviation) of a batch of 120, drawn with replacement."""
    batch = 120
    return Question(
        "half_noise",
        4 * batch,
        SENTENCES["noise_why"],
        [
            (2 * batch, SENTENCES["noise_variance"]),
            (batch / 2, SENTENCES["noisier"]),
            (batch / 4, SENTENCES["noise_reversed"]),
            (batch * sqrt(2), SENTENCES["noise_root"].format(batch=batch)),
            (batch**2, SENTENCES["noise_square"]),
            (_half_without_replacement(batch, 0.25), SENTENCES["noise_finite"]),
        ],
        SENTENCES["examples"],
    )


def _half_without_replacement(batch: int, part: float) -> float:
    """The batch size b with (n − b)/b = part · (n − batch)/batch, rows drawn without replacement from the table."""
    n = len(table()[1])
    return 1 / (part / batch + (1 - part) / n)


def half_noise_finite_question() -> Question:
    """The batch size with half the noise of a batch of 120, drawn without replacement from 1,500 rows."""
    batch = 120
    return Question(
        "half_noise_finite",
        _half_without_replacement(batch, 0.25),
        SENTENCES["finite_why"],
        [
            (4 * batch, SENTENCES["finite_replaced"]),
            (_half_without_replacement(batch, 0.5), SENTENCES["finite_variance"]),
            (2 * batch, SENTENCES["finite_both"]),
            (_half_without_replacement(batch, 1 / 16), SENTENCES["finite_quarter"]),
            (len(table()[1]), SENTENCES["finite_all"]),
            (batch / 2, SENTENCES["noisier"]),
        ],
        SENTENCES["examples"],
        3,
    )


def squared_norms() -> dict[int, float]:
    """The mean of ‖g‖² at the early weights, for minibatches of 10 and 100 rows with replacement, to four digits."""
    length = float((noise.gradient(early()) ** 2).sum())
    return {size: round(length + noise.gradient_variance(early(), size, True), 4) for size in (10, 100)}


def noise_scale_question() -> Question:
    """The gradient noise scale tr Σ/‖G‖² at the early weights, from the mean squared norms of two batch sizes."""
    (b1, n1), (b2, n2) = squared_norms().items()

    def estimate(n1: float, n2: float) -> tuple[float, float]:
        return (n1 - n2) / (1 / b1 - 1 / b2), (b2 * n2 - b1 * n1) / (b2 - b1)

    trace, length = estimate(n1, n2)
    wrong_trace, wrong_length = estimate(sqrt(n1), sqrt(n2))
    return Question(
        "noise_scale",
        trace / length,
        SENTENCES["scale_why"],
        [
            (trace, SENTENCES["scale_trace"]),
            (length, SENTENCES["scale_length"]),
            (length / trace, SENTENCES["scale_inverse"]),
            (trace / sqrt(length), SENTENCES["scale_root"]),
            (trace / n2, SENTENCES["scale_norm"]),
            (wrong_trace / wrong_length, SENTENCES["scale_norms"]),
        ],
        SENTENCES["examples"],
        2,
    )


def floor_question() -> Question:
    """The expected loss above the optimum at which constant-rate SGD stays, in one dimension."""
    rate, curvature, variance, batch = 0.2, 3.0, 1.0, 10
    spread = rate * variance / (batch * curvature * (2 - rate * curvature))
    right = curvature * spread / 2
    return Question(
        "floor",
        right,
        SENTENCES["floor_why"],
        [
            (2 * right, SENTENCES["floor_half"]),
            (spread, SENTENCES["floor_variance"]),
            (right * batch, SENTENCES["floor_batch"]),
            (rate * variance / (4 * batch), SENTENCES["floor_limit"]),
            (right / batch, SENTENCES["floor_twice"]),
            (rate * variance / (2 * batch * (1 - rate * curvature)), SENTENCES["floor_square"]),
            (right / rate, SENTENCES["floor_rate"]),
        ],
        SENTENCES["half_loss"],
        2,
    )


check_distinct = asks(distinct_question)
check_half_noise = asks(half_noise_question)
check_half_noise_finite = asks(half_noise_finite_question)
check_noise_scale = asks(noise_scale_question)
check_floor = asks(floor_question)
