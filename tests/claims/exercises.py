"""What the exercises and their solutions claim."""

import math

import numpy as np
from book import text

from d2lmini import Minibatches, exercises, get_data
from d2lmini.core import engine, noise, schedules
from d2lmini.exercises.programs import MICROSECONDS, UPDATES
from d2lmini.labs import genie
from d2lmini.labs.runs import TARGET
from d2lmini.timing import products, records

from .checks import Between, Holds, Prints, Proved, Timed, near
from .numbers import LIMIT, PROGRAMS, A, descent, deviation, end, floor, recorded, run, settled, update


def scale_after_three_steps() -> float:
    """The noise scale after three exact steps at rate 0.3."""
    return noise.noise_scale(np.array(run(1500, 0.3, 3, points_per_epoch=1).theta[-1]))


def arrives(axis: str, method: str, copies: int, seeds: int = 5) -> float:
    """Where on an axis of the genie's lab a method comes to a half loss of 0.25, in the mean over some seeds."""
    found = []
    for seed in range(seeds):
        *_, last = filter(None, genie.compute(**genie.fixed(), method=method, copies=copies, axis=axis, seed=seed))
        trace = last["traces"][method]
        found.append(trace["x"][engine.reached(trace["y"], TARGET)])
    return float(np.mean(found))


def grows(method: str) -> float:
    """By what factor the examples that a method reads grow when each row is there a hundred times."""
    return arrives("examples", method, 100) / arrives("examples", method, 1)


def epoch_of_1503() -> list[int]:
    """The sizes of an epoch's batches of 64 over all rows of the table."""
    return [len(X) for X, _ in get_data(64, 1503)[0]]


def updates_of_an_epoch(copies: int) -> int:
    """With batches of 50, over so many copies of the table."""
    data, _ = get_data(50)
    return sum(1 for _ in Minibatches(data.X.repeat(copies, 1), data.y.repeat(copies, 1), 50))


def epochs_at_the_first_rate(every: int) -> float:
    """How many epochs the factors of a rate add up to that is divided by ten after so many, for ever."""
    return schedules.factors(schedules.step(10, every), 60, 1).sum()


def distinct() -> float:
    """How many rows an epoch of 1,500 draws with replacement sees, in the mean over 400 epochs."""
    return float(np.mean([len(set(engine.epoch_order(1500, 0, epoch, True))) for epoch in range(400)]))


def compiled(batch: int) -> float:
    """Recorded microseconds of an update of the compiled program, without shuffling."""
    cost = records.load("benchmarks")["training"]["update"][str(batch)]
    return 1e6 * (cost["compiled"]["best"] - cost["shuffle"]["best"])


def at(batch: int) -> list[int]:
    """After how many updates the half loss is 0.25 at the classic rate, in ten orders of the rows."""
    rate = {1: 0.005, 10: 0.05, 100: 0.4, 1500: 1.0}[batch]
    runs = [run(batch, rate, 10 if batch == 1500 else 2, seed, early=True) for seed in range(10)]
    return [one.updates[engine.reached(one.loss, TARGET)] for one in runs]


CLAIMS = {
    "Here are twenty exercises": Holds(lambda: text("exercises").count("### ") == 20),
    "0.5 for gradient descent, 0.4 for batches of 100, 0.05 for batches of ten, 0.005 for one at a time": Holds(
        lambda: [lr for _, lr, _ in genie.METHODS.values()] == [0.5, 0.4, 0.05, 0.005]
    ),
    "By what factor does the number of examples that each of them reads grow, roughly?": Holds(
        lambda: exercises.check_genie([grows(name) for name in ("gd", "b10", "sgd")]).right
    ),
    "What is the half loss over all rows?": Holds(lambda: exercises.check_batch_means(descent(0.3, 3)).right),
    "What is the largest stable rate of gradient descent on the other four and a bias?": Holds(
        lambda: exercises.check_stable_rate(2 / np.linalg.eigvalsh(A[:, 1:].T @ A[:, 1:] / 1500)[-1]).right
    ),
    "What is the largest stable rate of gradient descent now?": Holds(
        lambda: exercises.check_without_half(LIMIT / 2).right
    ),
    "What is the gradient noise scale": Holds(lambda: exercises.check_noise_scale(scale_after_three_steps()).right),
    "Against examples gradient descent alone moves, by the number of copies": Proved(),
    "gradient descent stays, and the minibatches need a small part of an epoch where they needed half of one": [
        *(Between(0.3, lambda name=name: arrives("epochs", name, 1), 0.6) for name in ("b100", "b10", "sgd")),
        Proved(),
    ],
    "How many updates is that?": Holds(lambda: exercises.check_updates(3 * len(epoch_of_1503())).right),
    "how many examples does the last batch of an epoch have?": Holds(
        lambda: exercises.check_last_batch(epoch_of_1503()[-1]).right
    ),
    "How many GFLOP is that?": Holds(lambda: exercises.check_gflop(products.gflop(384, 256, 640)).right),
    "A compiled program's updates cost this, recorded for benchmarks and the shuffling taken off": [
        Between(2 / 3, lambda b=b: MICROSECONDS[b] / compiled(b), 3 / 2) for b in MICROSECONDS
    ],
    "the counts are from another order of the rows": [
        Between(0.8 * min(at(b)), lambda b=b: UPDATES[b], 1.2 * max(at(b))) for b in UPDATES
    ],
    "Some of the advantage of reshuffling goes. What she does lose": Holds(
        lambda: settled() < settled(copies=2) < settled(replacement=True)
    ),
    "From one row to ten an update costs about the same, so the epoch takes about a tenth of the time": [
        *(Between(0.08, lambda p=p: recorded(p, 10) / recorded(p, 1) / 10, 0.125) for p in PROGRAMS),
        Timed(0.6, lambda: update("numpy", 10, "numpy", 1), 1.7),
    ],
    "Ten times less, again and again": Holds(lambda: exercises.check_reach(epochs_at_the_first_rate(3)).right),
    "all later epochs together are worth a ninth of it": near(10 / 9, lambda: epochs_at_the_first_rate(1), 1e-9),
    "dividing after each epoch freezes the weights early": Holds(
        lambda: (
            end(10, 0.02, 9, schedule=schedules.step(10, 3))
            < end(10, 0.02, 9)
            < end(10, 0.02, 9, schedule=schedules.step(10, 1))
        )
    ),
    "its factors add up to at most $1/(1 - 0.95) = 20$, however long it runs": near(
        20, lambda: schedules.factors(schedules.exponential(0.95, "update"), 10_000, 150).sum(), 1e-9
    ),
    "for $1/t$ it grows so slowly that four epochs are not enough": Between(
        10, lambda: end(10, 0.2, 4, schedule=schedules.power(-1)), 30
    ),
    "how many does an epoch of 1,500 draws see at least once, on average?": [
        near(948, distinct),
        Holds(lambda: exercises.check_distinct(948).right),
    ],
    "Reshuffling ends lower": Prints("reshuffled 0.00342 with replacement 0.00421"),
    "With many copies of each row, to shuffle is as good as to draw with replacement": near(
        1, lambda: settled(copies=10) / settled(replacement=True), 0.1
    ),
    "Which batch size has half its noise?": [
        near(0.5, lambda: deviation(480, True) / deviation(120, True), 1e-9),
        Holds(lambda: exercises.check_half_noise(480).right),
    ],
    "The same question without replacement, from $n$ = 1,500 rows": [
        near(0.5, lambda: deviation(387) / deviation(120), 1e-3),
        Holds(lambda: exercises.check_half_noise_finite(387.1).right),
    ],
    "Which batch size comes to a half loss of 0.25 first": [
        Holds(lambda: min(UPDATES, key=lambda b: UPDATES[b] * MICROSECONDS[b]) == 10),
        Holds(lambda: exercises.check_best_batch(exercises.race().prod(axis=1).idxmin()).right),
    ],
    "a shuffle of 150,000 rows takes about as long as those three updates": Between(
        1 / 3,
        lambda: PROGRAMS["numpy"]["150000"]["epoch"] / (UPDATES[1500] * 100 * MICROSECONDS[1500] * 1e-6),
        3,
    ),
    "The winner stays": Holds(
        lambda: (
            min(costs := {**MICROSECONDS, 1500: 100 * MICROSECONDS[1500]}, key=lambda b: UPDATES[b] * costs[b]) == 10
        )
    ),
    "On what floor, the expected loss above the optimum, does it settle": [
        Prints("simulated 0.00714 derived 0.00714"),
        Holds(lambda: exercises.check_floor(0.00714).right),
        Proved(),
    ],
    "it ends on nearly the same floor": Prints("SGD, rate 0.05: 0.2457 Nesterov, rate 0.005: 0.2454"),
    "AdaGrad does it. Averaging does it better still": Prints("It ends 0.0003 above the optimum."),
    "an epoch takes twice as long and makes twice as many updates": Holds(
        lambda: updates_of_an_epoch(2) == 2 * updates_of_an_epoch(1)
    ),
    "More noise it cannot be: the larger batch has less, and the lower floor": Holds(
        lambda: deviation(64) < deviation(32) and floor(64, 0.1) < floor(32, 0.1)
    ),
    "at the same rate its weights have travelled half as far: it has not arrived": Between(
        1.2, lambda: end(64, 0.1, 1) / end(32, 0.1, 1), math.inf
    ),
}
