"""What the chapter on training at every batch size claims."""

import math
from functools import cache
from itertools import product

import numpy as np

from d2lmini import Minibatches, get_data
from d2lmini.core import engine, theory
from d2lmini.core.steps import finish
from d2lmini.exercises.programs import MICROSECONDS
from d2lmini.labs import map as loss_map
from d2lmini.labs import path, scratch

from .checks import Between, Holds, Prints, Proved, Timed, near
from .numbers import (
    BEST,
    CURVATURES,
    DIRECTIONS,
    LIMIT,
    PROGRAMS,
    THETA,
    A,
    Y,
    above,
    best_rate,
    condition,
    curvatures,
    descent,
    end,
    ends,
    floor,
    race,
    reaches,
    recorded,
    run,
    trained,
    update,
)


def band() -> list[list[float]]:
    """The lower and the upper edge of the lab's band at its first setting."""
    *_, last = filter(None, scratch.compute(**scratch.fixed(), band=True))
    return [last["traces"][meta]["y"] for meta in ("low", "high")]


def range_of_thirty() -> list[list[float]]:
    """The lowest and the highest loss of thirty runs at that setting, at each recorded point."""
    losses = np.array([run(10, 0.05, seed=seed, early=True).loss for seed in range(30)])
    return [losses.min(axis=0).tolist(), losses.max(axis=0).tolist()]


def rows_of_a_first_step(copies: int) -> int:
    """How many rows gradient descent reads of a table with so many copies before it takes a step."""
    data, _ = get_data()
    X, y = data.X.repeat(copies, 1), data.y.repeat(copies, 1)
    return len(next(iter(Minibatches(X, y, len(X))))[0])


def step_along_curvature(curvature: float, lr: float) -> float:
    """By what a step of the engine multiplies the distance to the optimum."""
    one_row = np.array([[curvature**0.5]]), np.zeros(1)
    return finish(engine.minibatch_sgd(*one_row, batch_size=1, lr=lr, epochs=1, init=np.ones(1))).theta[-1][0]


def moment_by_formula_and_by_trying(batch: int, lr: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """The second moment after the first update on twelve rows: as the text writes it, and over all batches that can be drawn."""
    a, y = A[:12], Y[:12]
    best = np.linalg.lstsq(a, y)[0]
    r, m, n = y - a @ best, -best, len(y)
    H, M = a.T @ a / n, np.outer(m, m)
    inner = np.einsum("ni,nj,n->ij", a, a, np.einsum("ni,ij,nj->n", a, M, a)) / n
    formula = M - lr * (H @ M + M @ H) + lr**2 * ((1 - 1 / batch) * H @ M @ H + inner / batch)
    formula += lr**2 / batch * np.einsum("n,ni,nj->ij", r**2 - 2 * r * (a @ m), a, a) / n
    tried = [m - lr * a[b].T @ (a[b] @ m - r[b]) / batch for b in map(list, product(range(n), repeat=batch))]
    return formula, np.einsum("ki,kj->ij", tried, tried) / len(tried)


def beyond(sizes: list[int]) -> list[tuple[int, float]]:
    """The cells of the map above its line."""
    return [(b, lr) for b in sizes for lr in loss_map.RATES if lr > theory.stability_limit(b)]


@cache
def cell(batch: int, lr: float, seed: int = 0) -> float:
    """How far above the best a run of the map ends, in per cent; infinite if it diverges."""
    one = run(batch, lr, 2, seed, points_per_epoch=1)
    return math.inf if one.diverged_at is not None else above(one.loss[-1])


def wild(replacement: bool) -> tuple[bool, float]:
    """Of thirty runs of single rows at 0.2, twenty epochs long: whether none diverges; how many come to 100 times the first loss."""
    runs = [run(1, 0.2, 20, seed, replacement=replacement) for seed in range(30)]
    high = [max(one.loss) > 100 * one.loss[0] for one in runs]
    return all(one.diverged_at is None for one in runs), float(np.mean(high))


CLAIMS = {
    "The faint band shows the range of thirty seeds": [
        Holds(lambda: band() == range_of_thirty()),
        Proved(),
    ],
    "Click a cell, or press the button, to load its run into the main lab": Proved(),
    "Is it the same training as the ten lines above?": Proved(),
    "Two exact steps are best at a rate near 1, and no rate makes two steps enough": [
        Between(0.9, lambda: max(np.linspace(0.1, 2, 191), key=lambda lr: -descent(lr, 2)), 1.2),
        Between(2, lambda: min(above(descent(lr, 2)) for lr in np.linspace(0.1, 2, 191)), 10),
    ],
    "The 300 noisy steps end closer to the best, and so do the 3,000 very noisy ones": [
        Between(0.3, lambda b=b, lr=lr: end(b, lr), 2) for b, lr in ((10, 0.025), (1, 0.0025))
    ],
    "there are 1,500 examples of five features, and 150 minibatches of ten in an epoch": Prints(
        "(torch.Size([1500, 5]), torch.Size([1500, 1]), 150)"
    ),
    "What is the loss before any training, and what is the best that training could reach?": [
        near(0.493259, lambda: (Y**2).mean() / 2, 2e-6),
        near(0.24168796, lambda: BEST, 1e-7),
        Prints("half loss at zero: 0.4933, at the optimum: 0.2417"),
    ],
    "Two epochs of ten rows at a time bring us near the optimum": Between(0, lambda: end(10, 0.05), 4),
    "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with "
    "the clock stopped": Proved(),
    "The four end close together": Holds(
        lambda: all(
            0.2424 < trained(*job).loss[-1] < 0.2548
            for job in ((1500, 1.0, 10), (1, 0.005, 2), (100, 0.4, 2), (10, 0.05, 2))
        )
    ),
    "Small batches need fewer examples (left), large ones fewer updates (right)": [
        Holds(lambda: reaches(1500, 1.0, 10) < reaches(100, 0.4) < reaches(10, 0.05) < reaches(1, 0.005)),
        Between(4, lambda: reaches(1500, 1.0, 10, "examples") / reaches(100, 0.4, what="examples"), math.inf),
    ],
    "How many does each need to come below a half loss of 0.25?": [
        near(3, lambda: reaches(1500, 1.0, 10)),
        near(8, lambda: reaches(100, 0.4), 0.3),
        near(62, lambda: reaches(10, 0.05), 0.3),
        near(620, lambda: reaches(1, 0.005), 0.3),
    ],
    "Gradient descent at rate 1: down for six steps, then up": [
        Holds(lambda: np.argmin([descent(1, t) for t in range(41)]) == 6),
        near(0.24508, lambda: descent(1, 6), 3e-5),
        near(0.2492, lambda: descent(1, 12), 3e-4),
        near(0.2750, lambda: descent(1, 20), 3e-4),
    ],
    "So gradient descent is stable only for $\\eta < 2/\\lambda_{\\max}$": [
        near(0.953, lambda: LIMIT, 5e-4),
        near(2.0985, lambda: CURVATURES[-1], 5e-5),
        Holds(lambda: descent(0.99 * LIMIT, 10**5) < BEST + 1e-9 < 1e6 < descent(1.01 * LIMIT, 10**4)),
    ],
    "Its square root says how many times longer than wide the valley is": [
        near(12.1, lambda: CURVATURES[-1] / CURVATURES[0], 0.005),
        Prints("condition number: 12.1, its square root: 3.5"),
    ],
    "Without the last feature the bowl is rounder, and the same rate is stable": [
        near(1.573, lambda: curvatures(A[:, :4])[-1], 5e-4),
        near(3.85, lambda: condition(A[:, :4]), 0.002),
    ],
    "at rate 1 gradient descent jumps from side to side": Between(-1.2, lambda: 1 - CURVATURES[-1], -1),
    "at 0.5 it does not": Between(-0.06, lambda: 1 - 0.5 * CURVATURES[-1], 1),
    "The wide axis is the direction in which a start from zero has most to lose, the other one the steepest of all": Holds(
        lambda: (
            abs(
                np.array(path.directions()["main"]["vector"])
                @ DIRECTIONS[:, np.argmax(CURVATURES * (DIRECTIONS.T @ THETA) ** 2)]
            )
            > 1 - 1e-9
        )
    ),
    "for all rows the largest stable rate is 0.953": near(0.953, lambda: LIMIT, 5e-4),
    "That gives each batch size its stability limit": Proved(),
    "some rows are far longer than the average one: a rate that suits the average overshoots on them": Between(
        4, lambda: (A**2).sum(axis=1).max() / (A**2).sum(axis=1).mean(), 8
    ),
    "\\operatorname{E}[(r^2 - 2 r\\, \\mathbf{a}^\\top \\mathbf{m})\\, \\mathbf{a}\\mathbf{a}^\\top]": [
        Holds(lambda b=b: np.allclose(*moment_by_formula_and_by_trying(b), rtol=1e-9)) for b in (1, 2, 3)
    ],
    "The limit is one in mean square, in the mean over all draws: beyond it that grows without bound": [
        Between(1e6, lambda: theory.expected_loss(1, 0.2, 3000)[-1], math.inf),
        Between(BEST, lambda: theory.final_loss(1, 0.17, 10**6), 10),
    ],
    "of thirty with one row at 0.2 none diverges in twenty epochs, but most come to a hundred times the first loss": [
        *(Holds(lambda drawn=drawn: wild(drawn)[0]) for drawn in (False, True)),
        *(Between(0.7, lambda drawn=drawn: wild(drawn)[1], 1) for drawn in (False, True)),
        Between(1.05, lambda: 0.2 / theory.stability_limit(1), 1.2),
    ],
    "Beyond it training diverges, sometimes slowly enough to look as if it stalled; a noisy run may hold out": [
        Between(0.9, lambda: above(descent(1, 9)) / above(descent(1, 5)), 2),
        Holds(lambda: wild(False)[0] and descent(1, 200) > 1e6),
    ],
    "Top left, beyond the line: divergence, or large losses": Between(
        20,
        lambda: min(cell(b, lr, seed) for b, lr in beyond([1, 2, 5, 10, 20, 50, 100]) for seed in range(10)),
        math.inf,
    ),
    "Top right: beyond it too, but two to six updates are too few to diverge": [
        Holds(lambda: [run(b, 0.1).updates[-1] for b in (1500, 1000, 500)] == [2, 4, 6]),
        Between(0, lambda: max(cell(b, lr, seed) for b, lr in beyond([500, 1000, 1500]) for seed in range(10)), 1e300),
    ],
    "There even lies the best cell of all, by luck: move the seed": [
        Holds(
            lambda: (
                min(((b, lr) for b in loss_map.SIZES for lr in loss_map.RATES), key=lambda c: cell(*c)) == (500, 1.0)
            )
        ),
        Between(1, lambda: 1 / theory.stability_limit(500), 1.1),
        Between(5, lambda: float(np.median([cell(500, 1.0, seed) for seed in range(10)])), 20),
    ],
    "past a hundred examples the limit hardly moves": Between(
        1, lambda: theory.stability_limit(1500) / theory.stability_limit(100), 1.02
    ),
    "these runs reshuffle, which is a little more stable": [
        Between(
            0.3,
            lambda lr=lr: np.median(ends(10, lr, 2, 150)) / np.median(ends(10, lr, 2, 150, replacement=True)),
            1,
        )
        for lr in (0.8, 0.9)
    ],
    "Double the batch, and you may double the rate, until the line flattens": [
        *(Between(1.7, lambda b=b: best_rate(2 * b) / best_rate(b), 2.1) for b in (1, 8, 32)),
        Between(1, lambda: best_rate(1500) / best_rate(750), 1.4),
    ],
    "gives the expected loss after each update": Proved(),
    "The theory meets the runs that draw with replacement": Prints(
        "second epoch, expected : 0.058 above the optimum second epoch, with replacement: 0.058 above the optimum"
    ),
    "It falls to a floor and stays there": [
        Holds(lambda: np.ptp(theory.expected_loss(10, 0.05, 6000)[3000:]) < 1e-9),
        Proved(),
    ],
    "A smaller rate or a bigger batch lowers the floor": Holds(
        lambda: floor(10, 0.05) > max(floor(10, 0.04), floor(12, 0.05))
    ),
    "at small batches PyTorch takes tens of times as long as NumPy": [
        *(
            Between(20, lambda p=p, b=b: recorded(p, b) / recorded("numpy", b), 100)
            for p in ("torch", "loader")
            for b in (1, 10)
        ),
        Timed(10, lambda: update("torch", 1, "numpy", 1), 200),
    ],
    "With sliced tensors a hundred rows cost hardly more than one": [
        Between(0.9, lambda: recorded("torch", 100) / recorded("torch", 1), 1.2),
        Timed(0.7, lambda: update("torch", 100, "torch", 1), 2),
    ],
    "A `DataLoader` collects a batch example by example, and with large batches that is most of its cost": [
        Between(10, lambda: recorded("loader", 1500) / recorded("torch", 1500), 100),
        Timed(4, lambda: update("loader", 1500, "torch", 1500), 100),
    ],
    "That one example at a time is slow is nearly all overhead of Python and the framework. Without it little is left": [
        near(2.6, lambda: MICROSECONDS[1] / (MICROSECONDS[1500] / 1500), 0.02),
        *(Between(30, lambda p=p: recorded(p, 1) / (recorded(p, 1500) / 1500), 2000) for p in PROGRAMS),
        Timed(30, lambda: 1500 * update("torch", 1, "torch", 1500), 3000),
    ],
    "The winner is the smallest number of a row, and it is not always in the same column": Holds(
        lambda: len({min(t := race(p), key=t.get) for p in PROGRAMS}) > 1
    ),
    "Gradient descent looks at every copy before it takes a step": [
        Holds(lambda: rows_of_a_first_step(100) == 150_000),
        Proved(),
    ],
    "The time of gradient descent grows with the table, once the arithmetic outweighs the overhead": [
        Between(5, lambda: race("torch", 1_500_000)[1_500_000] / race("torch", 150_000)[150_000], 20),
        Proved(),
    ],
    "The time of a small batch does not, until the table is so large that shuffling it is the main cost": [
        Between(0.7, lambda: race("torch", 150_000)[10] / race("torch", 1500)[10], 1.3),
        Between(0.5, lambda: PROGRAMS["torch"]["1500000"]["epoch"] / race("torch", 1_500_000)[10], 1),
    ],
    "The loss is looked at twenty times an epoch, so at batch 1 the answer comes in steps of 75 updates": Holds(
        lambda: set(np.diff(trained(1, 0.005, 2).updates)) == {75}
    ),
    "0.3 is beyond the limit of single examples: training diverges": Holds(
        lambda: all(run(1, 0.3, seed=s).diverged_at is not None for s in range(10))
    ),
    "0.03 is stable": Between(0.03, lambda: theory.stability_limit(1), 0.3),
    "The factor $1 - \\eta\\lambda$ is $-0.6$ at rate 0.4": near(-0.6, lambda: step_along_curvature(4, 0.4), 1e-12),
    "At 0.6 it is $-1.4$: the distance grows by 40 % a step": near(-1.4, lambda: step_along_curvature(4, 0.6), 1e-12),
    "so gradient descent is 225 times faster": near(
        225, lambda: trained(1, 0.005, 2).updates_to(0.25) / trained(1500, 1.0, 10).updates_to(0.25), 1e-9
    ),
}
