"""What the chapter on schedules claims."""

import math
from collections.abc import Callable

import numpy as np
from described import results

from d2lmini import get_data
from d2lmini.core import engine, noise, schedules, theory
from d2lmini.core.steps import finish

from .checks import Between, Holds, Prints, Proved, near
from .numbers import (
    BEST,
    CURVATURES,
    DIRECTIONS,
    LIMIT,
    THETA,
    A,
    Y,
    above,
    after,
    best_rate,
    descent,
    end,
    ends,
    floor,
)

EVERY_FIVE, GROWING = schedules.step(10, 5), schedules.growing(10, 20, 10, 5)
EACH_EPOCH = schedules.exponential(0.95)
LAST_FACTOR = schedules.factors(EACH_EPOCH, 3000, 150)[-1]


def mean_end(*job, **settings) -> float:
    """Where runs end, in per cent above the best; their mean over twenty seeds."""
    return above(float(np.mean(ends(*job, seeds=20, **settings))))


def scheduled(plan: Callable, lr: float = 0.4) -> np.ndarray:
    """The expected curve of twenty epochs, batch 10, in per cent above the best."""
    factors = np.array([plan(t, (t - 1) // 150) for t in range(1, 3001)])
    return above(theory.expected_loss(10, lr, 3000, factors=factors))


def second_half(plan: Callable) -> float:
    """By what factor the distance from the best falls in the last ten of twenty epochs."""
    curve = scheduled(plan)
    return curve[1500] / curve[3000]


def updates_above_the_limit() -> int:
    """For how many updates a rate of 1/t that begins at ½ over the smallest curvature is not stable, batch 10."""
    limit = theory.stability_limit(10)
    return sum(0.5 / CURVATURES[0] / t > limit for t in range(1, 3001))


def left(plan: Callable, begin: int = 0) -> float:
    """The part of a distance along the flattest direction that a plan leaves, from an update on."""
    return float(np.prod([1 - 0.4 * plan(t, (t - 1) // 150) * CURVATURES[0] for t in range(begin + 1, 3001)]))


def kick(batch: int, lr: float) -> float:
    """How far an update from the optimum goes in the mean square, over 1,000 runs of the engine, by η²/b."""
    settings = {"batch_size": batch, "lr": lr, "epochs": 1, "replacement": True, "init": THETA}
    runs = (engine.minibatch_sgd(A, Y, **settings, seed=seed, points_per_epoch=1500) for seed in range(1000))
    steps = np.array([next(run).theta[1] for run in runs]) - THETA
    return float((steps**2).sum(axis=1).mean()) * batch / lr**2


def share_of_updates() -> float:
    """How many updates the growing batch makes, as a part of those of batches of ten."""
    growing, ten = (finish(engine.minibatch_sgd(A, Y, batch_size=b, lr=0.4, epochs=20)) for b in (GROWING, 10))
    return growing.updates[-1] / ten.updates[-1]


def updates_to_go_half_way(lr: float) -> int:
    """How many exact steps take the loss half of the way to the best."""
    return next(t for t in range(100_000) if descent(lr, t) - BEST < (descent(lr, 0) - BEST) / 2)


def epoch_of(batch: int) -> list:
    """The batches of an epoch."""
    return list(get_data(batch)[0])


def linked() -> list[str]:
    """What the lab says where the text links to it at a rate of 1.3: the keys of its sentences."""
    settings = {"kind": "constant", "batch": 500, "lr": 10**0.1, "warm": 30}
    return [key for key, _ in results("schedules", **settings)[-1]["say"]]


CLAIMS = {
    "The constant rate ends far above the best possible loss": Between(15, lambda: end(10, 0.4, 20), 35),
    "C. A shrinks so early that the weights never get there, and B too": [
        Holds(
            lambda: (
                scheduled(EVERY_FIVE)[-1]
                < min(scheduled(plan)[-1] for plan in (schedules.power(-1), schedules.step(10, 1), EACH_EPOCH))
            )
        )
    ],
    "Each update adds noise, of variance proportional to $\\eta^2/b$": [
        near(noise.gradient_variance(THETA, 1, True), lambda b=b, lr=lr: kick(b, lr), 0.1)
        for b, lr in ((10, 0.1), (10, 0.2), (40, 0.1))
    ],
    "Halving the rate halves the floor, and more than halves it at large rates": [
        Between(0.45, lambda: floor(10, 0.0125) / floor(10, 0.025), 0.5),
        Between(0.2, lambda: floor(10, 0.2) / floor(10, 0.4), 0.4),
    ],
    "each column has its own best rate, and the longer you train the smaller it is": Holds(
        lambda: (
            [min((0.4, 0.2, 0.1, 0.05, 0.025, 0.0125), key=lambda lr: after(10, lr, epochs)) for epochs in (1, 2, 20)]
            == [0.05, 0.025, 0.0125]
        )
    ),
    "has a closed form, the noisy quadratic model": Proved(),
    "At small rates the two agree. At large ones the model is too low": [
        near(
            1,
            lambda: (theory.noisy_quadratic(10, 0.05, 3000)[-1] - BEST) / (theory.floor_loss(10, 0.05) - BEST),
            0.03,
        ),
        near(0.0043, lambda: theory.floor_loss(10, 0.05) - BEST, 0.01),
        near(0.0921, lambda: theory.floor_loss(10, 0.5) - BEST, 0.001),
        near(0.0635, lambda: theory.noisy_quadratic(10, 0.5, 3000)[-1] - BEST, 0.002),
        Proved(),
    ],
    "the exact floor goes to infinity": Between(
        1e3, lambda: floor(10, (1 - 1e-6) * theory.stability_limit(10)), math.inf
    ),
    "takes about $d$ updates to fall to a half when $\\alpha = -1$": near(
        0.5, lambda: schedules.power(-1, delay=100)(101, 0), 0.01
    ),
    "The best ends more than two hundred times closer than the constant rate": Between(
        200, lambda: scheduled(schedules.constant())[-1] / scheduled(EVERY_FIVE)[-1], 400
    ),
    "Two schedules creep or stand still, two go on falling": [
        *(
            Between(1, lambda p=p: second_half(p), 1.3)
            for p in (schedules.power(-1), schedules.exponential(0.95, "update"))
        ),
        *(Between(1.4, lambda p=p: second_half(p), 99) for p in (schedules.power(-0.5), EVERY_FIVE)),
    ],
    "If the sum is finite, a part of the start remains for ever": [
        near(0.549, lambda: left(schedules.power(-1)), 2e-3),
        near(0.243, lambda: left(schedules.exponential(0.95, "update")), 3e-3),
        Between(0, lambda: left(schedules.step(10, 1)), 5e-4),
    ],
    "adds up to $1/(1 - 0.95) = 20$ full steps, whether you train for one epoch or a hundred": [
        *(
            near(20, lambda n=n: schedules.factors(schedules.exponential(0.95, "update"), 150 * n, 150).sum())
            for n in (1, 100)
        ),
        Proved(),
    ],
    "Not with one epoch at each rate. With five, yes": [
        near(0.313, lambda: left(schedules.step(10, 1), 150), 2e-3),
        near(0.003, lambda: left(EVERY_FIVE, 750), 0.2),
    ],
    "For it to fall like $1/t$, $\\eta \\lambda$ has to be at least $\\frac{1}{2}$ even along the flattest direction": near(
        2.88, lambda: 0.5 / CURVATURES[0], 2e-3
    ),
    "It is not, but only for a moment": Holds(lambda: updates_above_the_limit() == 3),
    "the expected half loss shoots up to about 32 before it falls": near(
        32, lambda: BEST * (1 + scheduled(schedules.power(-1), 0.5 / CURVATURES[0]).max() / 100), 0.02
    ),
    "After 20 epochs the factor is still near 0.4, and the loss is near the floor of that rate": [
        near(0.4, lambda: LAST_FACTOR, 0.06),
        near(1, lambda: scheduled(EACH_EPOCH)[-1] / floor(10, 0.4 * LAST_FACTOR), 0.05),
    ],
    "t^−½ from a rate ten times smaller is worse than from 0.4": Between(
        2, lambda: scheduled(schedules.power(-0.5), 0.04)[-1] / scheduled(schedules.power(-0.5))[-1], math.inf
    ),
    "At the constant rate it helps a little, with a falling one a lot": [
        Between(0.8, lambda: mean_end(10, 0.4, 20) / floor(10, 0.4), 0.99),
        Between(0, lambda: mean_end(10, 0.4, 20, schedule=EVERY_FIVE) / scheduled(EVERY_FIVE)[-1], 0.2),
    ],
    "the 90 updates after the fifth epoch move the weights as far as the 2,250 of the divided rates": [
        near(90, lambda: sum(len(epoch_of(size)) for size in GROWING[5:]), 1e-9),
        near(90, lambda: schedules.factors(EVERY_FIVE, 3000, 150)[750:].sum(), 0.1),
        near(2250, lambda: len(schedules.factors(EVERY_FIVE, 3000, 150)[750:]), 1e-9),
    ],
    "Little more than a quarter of the updates, and a result at least as good": [
        near(0.28, share_of_updates),
        Between(0, lambda: mean_end(GROWING, 0.4, 20) / mean_end(10, 0.4, 20, schedule=EVERY_FIVE), 1),
    ],
    "From batch 1 to about 100 the linear rule is right": [
        Between(0.999, lambda b=b: after(b, best_rate(10) * b / 10, 2) / after(b, best_rate(b), 2), 1.03)
        for b in (1, 5, 20, 100)
    ],
    "The square-root rule is too bold below batch 10, from which both start, and too timid above it": Holds(
        lambda: 10**-0.5 * best_rate(10) > best_rate(1) and 10**0.5 * best_rate(10) < best_rate(100)
    ),
    "it asks for a rate beyond the stability limit, where the curvature decides and no batch size helps": Holds(
        lambda: 50 * best_rate(10) > max(LIMIT, theory.stability_limit(500))
    ),
    "The best rate bends away below it": Between(1.2, lambda: 50 * best_rate(10) / best_rate(500), 3),
    "It diverges all the same, a little later": [
        Prints("rate 1.21 at once: diverged at update 26 rate 1.21 with warm-up: diverged at update 48"),
        Proved(),
    ],
    "the lab shows it at 1.3": Holds(lambda: "diverged" in linked()),
    "It grows with the distance from the optimum, because the residuals do": Holds(
        lambda: all(
            np.diff([noise.gradient_variance(THETA + far * way, 1, True) for far in (0, 1, 2, 4)]).min() > 0
            for way in (THETA, -THETA, *DIRECTIONS.T, *-DIRECTIONS.T)
        )
    ),
    "$100 \\cdot 0.1 \\cdot (1 + \\frac{1}{2} + \\frac{1}{4} + \\dots) = 20$": near(
        20, lambda: 0.1 * sum(schedules.exponential(0.5)(t, (t - 1) // 100) for t in range(1, 10_001)), 1e-6
    ),
    "such as batch 10 at rate 0.01, or batch 100 at rate 0.1": [
        near(1, lambda b=b, lr=lr: floor(b, lr) / floor(20, 0.02), 0.1) for b, lr in ((10, 0.01), (100, 0.1))
    ],
    "The drop is the noise going away": Between(
        0, lambda: (descent(0.4, 3000) - BEST) / (theory.floor_loss(10, 0.4) - BEST), 1e-6
    ),
    "the weights would have taken ten times as long to come to this place": near(
        10, lambda: updates_to_go_half_way(0.001) / updates_to_go_half_way(0.01), 0.05
    ),
}
