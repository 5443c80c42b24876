"""What test_claims.py checks the book's claims with: kinds of checks, and the numbers that the claims are about.

The numbers come from NumPy, scikit-learn and torch where these can tell them, and from the package where it is the subject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import perf_counter, sleep

import numpy as np
import torch
from book import functions, printed
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import Minibatches, airfoil, get_data, sgd, train, train_concise
from d2lmini.core import engine, noise, theory
from d2lmini.core.rows import standardise, table
from d2lmini.core.steps import finish
from d2lmini.labs import concise
from d2lmini.labs.batches import buffer_order
from d2lmini.timing import costs, loops, products, records
from d2lmini.timing.rounds import in_turns

# Kinds of checks


@dataclass
class Prints:
    """A cell of the chapter prints it; nbval holds what is stored to what the cell prints now."""

    what: str

    def check(self, chapter: str) -> None:
        assert " ".join(self.what.split()) in " ".join(printed(chapter).split())


@dataclass
class Proved:
    """A test proves it."""

    by: str

    def check(self, _chapter: str) -> None:
        file, function = self.by.split("::")
        assert function in functions(file)


@dataclass
class Between:
    """A number computed here lies between bounds within which the sentence is true."""

    low: float
    compute: Callable[[], float]
    high: float

    def check(self, _chapter: str) -> None:
        value = self.compute()
        assert self.low <= value <= self.high, f"{value:.6g} is not between {self.low:.6g} and {self.high:.6g}"


class Timed(Between):
    """A ratio of two times, measured now with nothing beside it."""


def near(value: float, compute: Callable[[], float], rel: float = 1e-3) -> Between:
    return Between(value - abs(value) * rel, compute, value + abs(value) * rel)


@dataclass
class Holds:
    """What is computed here is so."""

    compute: Callable[[], bool]

    def check(self, _chapter: str) -> None:
        assert self.compute(), "what is computed is not so"


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


def best_line(scaled_on: int) -> tuple[float, float]:
    """The half loss of the best line over 1,500 rows, and its error in decibels, if so many rows say how to standardise."""
    rows = DATA.to_numpy()
    part = rows[:scaled_on]
    scaled = ((rows - part.mean(axis=0)) / part.std(axis=0))[:1500]
    line = LinearRegression().fit(scaled[:, :5], scaled[:, 5])
    squared = ((line.predict(scaled[:, :5]) - scaled[:, 5]) ** 2).mean()
    return squared / 2, squared**0.5 * part.std(axis=0)[5]


@cache
def held_out(model: Callable, groups: str) -> float:
    """The mean half loss on a held-out fifth of the "rows" or of the "runs", over twenty splits; scikit-learn does it all."""
    label = RECORDING if groups == "runs" else np.arange(len(DATA))
    losses = []
    for kept, held in GroupShuffleSplit(20, test_size=0.2, random_state=0).split(FEATURES, TARGET, label):
        fitted = make_pipeline(StandardScaler(), model()).fit(FEATURES[kept], TARGET[kept])
        losses.append(((fitted.predict(FEATURES[held]) - TARGET[held]) ** 2).mean() / 2)
    return float(np.mean(losses))


def neighbour():
    return KNeighborsRegressor(1)


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


def mean_end(*job, **settings) -> float:
    """Where runs end, in per cent above the best; their mean over twenty seeds."""
    return above(float(np.mean(ends(*job, seeds=20, **settings))))


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


def to_go(lr: float, updates: int) -> float:
    """What exact steps leave of the way from the first loss to the best."""
    return (descent(lr, updates) - BEST) / (descent(lr, 0) - BEST)


def jump(lr: float) -> float:
    """By how much the loss goes up and down at the end of a run of single examples: highest over lowest."""
    last = run(1, lr).loss[-20:]
    return max(last) / min(last)


def from_parts(lr: float, epochs: int = 2, batch: int = 10, momentum: float = 0.0, **settings):
    """A run of PyTorch's SGD, with the batches of seed 0."""
    hyperparams = {"lr": lr, "momentum": momentum}
    return train_concise(torch.optim.SGD, hyperparams, get_data(batch, seed=0)[0], epochs, **settings)


def momentum_gain() -> float:
    """How many times closer ten exact steps with the best momentum come than ten without, each at its best rate."""
    low, high = CURVATURES[[0, -1]] ** 0.5
    plain = from_parts(2 / (low**2 + high**2), 10, 1500).loss[-1]
    heavy = from_parts(4 / (low + high) ** 2, 10, 1500, ((high - low) / (high + low)) ** 2).loss[-1]
    return (plain - BEST) / (heavy - BEST)


def batches_of_ten(size: int, seed: int, epoch: int) -> np.ndarray:
    """The rows of an epoch over the sorted file through a shuffle buffer, a batch a row: (150, 10)."""
    return np.array(buffer_order(1500, size, seed, epoch)).reshape(-1, 10)


@cache
def buffered(size: int) -> float:
    """The half loss after two epochs over the sorted file through a shuffle buffer, in the median of 15 seeds."""
    losses = []
    for seed in range(15):
        theta = np.zeros(6)
        for epoch in range(2):
            for rows in batches_of_ten(size, seed, epoch):
                theta -= 0.05 * A[rows].T @ (A[rows] @ theta - Y[rows]) / 10
        losses.append(engine.half_loss(QUADRATIC, theta))
    return float(np.median(losses))


def runs_in_a_batch(size: int) -> float:
    """How many runs of the wind tunnel a batch of ten holds on average, in an epoch through a buffer."""
    return float(np.mean([len(set(RECORDING[rows])) for rows in batches_of_ten(size, 0, 0)]))


def begins_late(size: int) -> float:
    """The share of 400 epochs through a buffer that begin with one of the last 500 of 1,500 rows."""
    return float(np.mean([buffer_order(1500, size, seed, 0)[0] >= 1000 for seed in range(400)]))


def apart(**switches) -> np.ndarray:
    """Between the curves of the lab's two versions, at each recorded point."""
    settings = {"batch": 10, "lr": 0.05, "seed": 0, "half": False, "zero_bias": False}
    traces = list(concise.compute(**settings | switches))[-1]["traces"]
    one, other = (np.array(traces[name]["y"]) for name in ("scratch", "concise"))
    n = min(len(one), len(other))
    return np.abs(one[:n] - other[:n])


# Noise


def angle(batch: int) -> float:
    """Degrees between the gradient of a random minibatch and the full one, in the median."""
    g = noise.draw_gradients(ZERO, batch, 2000, seed=9)
    return float(np.median(np.degrees(np.arccos(g @ G / np.linalg.norm(g, axis=1) / np.linalg.norm(G)))))


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


def steepest_and_flattest() -> list[int]:
    """The columns of the raw table that the steepest and the flattest direction run along."""
    columns = np.column_stack([FEATURES, np.ones(len(FEATURES))])
    vectors = np.linalg.eigh(columns.T @ columns)[1]
    return [int(np.abs(vectors[:, i]).argmax()) for i in (-1, 0)]


def deviation(batch: int, replacement: bool = False, copies: int = 1) -> float:
    """The noise of a batch size at zero weights."""
    data = np.tile(A, (copies, 1)), np.tile(Y, copies)
    return noise.gradient_variance(ZERO, batch, replacement, data) ** 0.5


@cache
def exact_losses() -> list[float]:
    """The half loss at the start and after each of twelve exact steps at rate 0.5."""
    return run(1500, 0.5, 12, points_per_epoch=1).loss


def scale_after_three_steps() -> float:
    """The noise scale after three exact steps at rate 0.3."""
    return noise.noise_scale(np.array(run(1500, 0.3, 3, points_per_epoch=1).theta[-1]))


@cache
def scales() -> list[float]:
    """The noise scale at the start and after each of twelve exact steps at rate 0.5."""
    path = run(1500, 0.5, 12, points_per_epoch=1).theta
    return [noise.noise_scale(theta) for theta in path]


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


# Schedules


def floor(batch: int, lr: float) -> float:
    """In per cent above the best."""
    return above(theory.floor_loss(batch, lr))


def after(batch: int, lr: float, epochs: int) -> float:
    """The expected loss in per cent above the best."""
    return above(theory.final_loss(batch, lr, epochs * -(-1500 // batch)))


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


@cache
def best_rate(batch: int) -> float:
    """For two epochs, by the exact expected loss."""
    grid = np.geomspace(0.001, 0.999 * theory.stability_limit(batch), 200)
    return float(grid[np.argmin([after(batch, lr, 2) for lr in grid])])


# Costs: recorded, or timed now

RECORD = records.load("vectorization")
PROGRAMS = records.load("costs")["programs"]


def recorded(program: str, batch: int, rows: int = 1500) -> float:
    """Seconds of an update."""
    return costs.cost(PROGRAMS, program, rows, batch)[0]


def race(program: str, rows: int = 1500) -> dict[int, float]:
    """Seconds to a half loss of 0.25 at the classic rates, by batch size."""
    rates = {rows: 1.0, 100: 0.4, 10: 0.05, 1: 0.005}
    return {batch: costs.seconds_to(0.25, program, rows, batch, lr) for batch, lr in rates.items()}


def speed(library: str, n: int, way: str | int) -> float:
    """Recorded GFLOP/s of a product: by "element" or "row", or in blocks of so many columns."""
    taken = RECORD["products"][library][str(n)]
    seconds = taken[way][0] if isinstance(way, str) else taken["best"][taken["widths"].index(way)]
    return 2 * n**3 / seconds / 1e9


def call(library: str) -> float:
    """The FLOP that the recorded machine does in the time of a call, at its peak."""
    return RECORD["call"][library]["block"] * RECORD["peak"] * 1e9


def overhead(library: str) -> float:
    """The share of a recorded product by element that steps without arithmetic would take too."""
    return 256**2 * RECORD["call"][library]["element"] / RECORD["products"][library]["256"]["element"][0]


def second_cache_against_third() -> float:
    """The fastest recorded copy that fits the second cache, by the fastest that fits only the third."""
    sizes, rates, caches = (
        np.array(RECORD["bandwidth"]["bytes"]),
        np.array(RECORD["bandwidth"]["copy"]),
        RECORD["caches"],
    )
    second = sizes <= caches["L2"]
    return rates[second].max() / rates[~second & (sizes <= caches["L3"])].max()


def columns_by_model() -> float:
    """GFLOP/s of NumPy's columns at n = 256 from the price of a call and the rate of the cache."""
    seconds = RECORD["call"]["numpy"]["block"] + 4 * 256**2 / (RECORD["levels"][0]["rate"] * 1e9)
    return 2 * 256**2 / seconds / 1e9


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


def loading(batch: int) -> float:
    """How many times as long as slices a DataLoader takes for a pass over the table."""
    data, _ = get_data(batch, seed=0)
    loader = DataLoader(TensorDataset(data.X, data.y), batch, shuffle=True)
    slices = Minibatches(data.X, data.y, batch, seed=0)
    return times_as_long(lambda: sum(1 for _ in loader), lambda: sum(1 for _ in slices))


def waiting(workers: int) -> float:
    """Seconds in which a loader fetches 200 examples that take 5 ms each: a second of waiting in all."""
    loader = DataLoader([0.005] * 200, batch_size=None, collate_fn=sleep, num_workers=workers)
    times = []
    for _ in range(3):
        began = perf_counter()
        list(loader)
        times.append(perf_counter() - began)
    return min(times)


def product(slow: Callable, fast: Callable, library: str = "numpy", repeats: int = 5) -> float:
    """How many times as long one way to multiply two matrices of 256 takes."""
    B = products.matrices(library, 256)
    return times_as_long(lambda: slow(*B), lambda: fast(*B), repeats)
