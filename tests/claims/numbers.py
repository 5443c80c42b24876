"""The numbers that claims of several chapters are about; what one chapter alone needs stands in its own file.

They come from NumPy and torch where these can tell them, and from the package where it is the subject.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from d2lmini import airfoil, get_data, sgd, train
from d2lmini.core import engine, noise, theory
from d2lmini.core.rows import standardise, table
from d2lmini.core.steps import finish
from d2lmini.timing import costs, loops, records
from d2lmini.timing.rounds import in_turns

# The data

DATA = airfoil()
FEATURES, TARGET = DATA.to_numpy()[:, :5], standardise(DATA.to_numpy())[:, 5]
RECORDING = DATA.groupby(list(DATA.columns[1:5]), sort=False).ngroup().to_numpy()  # a run of the wind tunnel
A, Y = table()
QUADRATIC = engine.quadratic(A, Y)
CURVATURES, DIRECTIONS = np.linalg.eigh(QUADRATIC[0])
THETA = np.linalg.lstsq(A, Y)[0]
BEST = engine.half_loss(QUADRATIC, THETA)
ZERO = np.zeros(6)
G = noise.gradient(ZERO)
LIMIT = 2 / CURVATURES[-1]  # of the rate of gradient descent


def curvatures(features: np.ndarray) -> np.ndarray:
    """Of the half squared loss on these columns and a bias."""
    columns = np.column_stack([features, np.ones(len(features))])
    return np.linalg.eigvalsh(columns.T @ columns / len(columns))


def condition(features: np.ndarray) -> float:
    values = curvatures(features)
    return values[-1] / values[0]


def whitened() -> np.ndarray:
    Z = standardise(FEATURES)
    values, vectors = np.linalg.eigh(Z.T @ Z / len(Z))
    return Z @ vectors / np.sqrt(values)


# Training


@cache
def run(batch: int, lr: float, epochs: int = 2, seed: int = 0, **settings) -> engine.Run:
    """A run of the labs."""
    return finish(engine.minibatch_sgd(A, Y, batch_size=batch, lr=lr, epochs=epochs, seed=seed, **settings))


def above(loss: float) -> float:
    """Per cent above the best possible."""
    return 100 * (loss / BEST - 1)


def ends(batch, lr: float, epochs: int = 2, seeds: int = 10, **settings) -> np.ndarray:
    """The final half losses of many seeds."""
    settings = {"batch_size": batch, "lr": lr, "epochs": epochs, "points_per_epoch": 1} | settings
    return np.array([finish(engine.minibatch_sgd(A, Y, seed=seed, **settings)).loss[-1] for seed in range(seeds)])


def end(*job, **settings) -> float:
    """Where runs end, in per cent above the best; their median."""
    return above(float(np.median(ends(*job, **settings))))


def settled(copies: int = 1, **settings) -> float:
    """The mean half loss above the best in the second half of 3,000 updates, batch 10, rate 0.05, over ten seeds."""
    settings |= {
        "batch_size": 10,
        "lr": 0.05,
        "epochs": 20 // copies,
        "points_per_epoch": 10 * copies,
        "copies": copies,
    }
    runs = [finish(engine.minibatch_sgd(A, Y, seed=seed, **settings)) for seed in range(10)]
    return float(np.mean([np.mean(one.loss[len(one.loss) // 2 :]) for one in runs])) - BEST


def reaches(batch: int, lr: float, epochs: int = 2, what: str = "updates") -> float:
    """When the half loss is 0.25, in the median of ten seeds."""
    runs = [run(batch, lr, epochs, seed, early=True) for seed in range(10)]
    at = [next(i for i, loss in enumerate(one.loss) if loss <= 0.25) for one in runs]
    return float(np.median([getattr(one, what)[i] for one, i in zip(runs, at)]))


@cache
def trained(batch: int, lr: float, epochs: int):
    """As the chapters train: from zero, batches with seed 0."""
    data, d = get_data(batch, seed=0)
    return train(sgd, None, {"lr": lr}, data, d, epochs, init=(torch.zeros(d, 1), torch.zeros(1)))


def descent(lr: float, updates: int) -> float:
    """The half loss after exact steps from zero, in closed form."""
    distance = DIRECTIONS.T @ THETA * (1 - lr * CURVATURES) ** updates
    return BEST + float(CURVATURES @ distance**2) / 2


# Theory


def deviation(batch: int, replacement: bool = False, copies: int = 1) -> float:
    """The noise of a batch size at zero weights."""
    data = np.tile(A, (copies, 1)), np.tile(Y, copies)
    return noise.gradient_variance(ZERO, batch, replacement, data) ** 0.5


def floor(batch: int, lr: float) -> float:
    """In per cent above the best."""
    return above(theory.floor_loss(batch, lr))


def after(batch: int, lr: float, epochs: int) -> float:
    """The expected loss in per cent above the best."""
    return above(theory.final_loss(batch, lr, epochs * -(-1500 // batch)))


@cache
def best_rate(batch: int) -> float:
    """For two epochs, by the exact expected loss."""
    grid = np.geomspace(0.001, 0.999 * theory.stability_limit(batch), 200)
    return float(grid[np.argmin([after(batch, lr, 2) for lr in grid])])


# Costs: recorded, or timed now

PROGRAMS = records.load("costs")["programs"]


def recorded(program: str, batch: int, rows: int = 1500) -> float:
    """Seconds of an update."""
    return costs.cost(PROGRAMS, program, rows, batch)[0]


def race(program: str, rows: int = 1500) -> dict[int, float]:
    """Seconds to a half loss of 0.25 at the classic rates, by batch size."""
    rates = {rows: 1.0, 100: 0.4, 10: 0.05, 1: 0.005}
    return {batch: costs.seconds_to(0.25, program, rows, batch, lr) for batch, lr in rates.items()}


def times_as_long(slow: Callable, fast: Callable, repeats: int = 20) -> float:
    """The best of each, in turns on one thread."""
    timings = in_turns({"slow": slow, "fast": fast}, repeats)
    return timings["slow"].best / timings["fast"].best


def step(program: str, batch: int) -> Callable:
    """A pass of a program that ``measure`` records, over at most 1,500 rows and at most 150 updates."""
    X, y = torch.from_numpy(A[:, :5].astype(np.float32)), torch.from_numpy(Y.astype(np.float32)[:, None])
    order = engine.epoch_order(1500, 0, 0)[: min(1500, 150 * batch) // batch * batch]
    return {
        "loader": lambda: loops.torch_loader(X, y, batch, 1e-3, [order]),
        "torch": lambda: loops.torch_slices(X, y, batch, 1e-3, [order]),
        "numpy": lambda: loops.numpy_buffers(A, Y, batch, 1e-3, [order]),
    }[program]


def update(program: str, batch: int, other: str, size: int) -> float:
    """How many times as long as an update of the other program, of its size."""
    updates = {b: min(1500, 150 * b) // b for b in (batch, size)}
    return times_as_long(step(program, batch), step(other, size)) * updates[size] / updates[batch]
