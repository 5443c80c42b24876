"""What the first page claims."""

import math

import numpy as np
import torch

from d2lmini import get_data, linreg, squared_loss
from d2lmini.core import noise, theory
from d2lmini.labs import scratch, start
from d2lmini.timing import records

from .checks import Between, Holds, Prints, Proved, Timed, near
from .numbers import BEST, LIMIT, PROGRAMS, ZERO, A, G, Y, descent, deviation, end, recorded, run, update


def to_go(lr: float, updates: int) -> float:
    """What exact steps leave of the way from the first loss to the best."""
    return (descent(lr, updates) - BEST) / (descent(lr, 0) - BEST)


def jump(lr: float) -> float:
    """By how much the loss goes up and down at the end of a run of single examples: highest over lowest."""
    last = run(1, lr).loss[-20:]
    return max(last) / min(last)


def angle(batch: int) -> float:
    """Degrees between the gradient of a random minibatch and the full one, in the median."""
    g = noise.draw_gradients(ZERO, batch, 2000, seed=9)
    return float(np.median(np.degrees(np.arccos(g @ G / np.linalg.norm(g, axis=1) / np.linalg.norm(G)))))


def thin_lines() -> dict[str, int]:
    """Where each line of the first lab that is thinner than yours ends, in updates."""
    *_, last = filter(None, start.compute(**start.fixed(), batch=3, lr=0.01))
    width = {trace.meta: trace.line.width or 0 for trace in start.figure().data}
    thin = [meta for meta in start.PLACES if 0 < width[meta] < width["run"]]
    return {meta: last["traces"][meta]["x"][-1] for meta in thin}


def of_all_devices(devices: int) -> np.ndarray:
    """The mean of what devices say that computed the gradient of two examples each."""
    own = noise.gradients(ZERO)[: 2 * devices].reshape(devices, 2, 6).mean(axis=1)
    return own.mean(axis=0)


def clock() -> float:
    """Where the main lab's first run ends on its axis of seconds, in PyTorch."""
    *_, last = filter(None, scratch.compute(**scratch.fixed(), batch=10, lr=0.05, axis="seconds", whose="torch"))
    return last["traces"]["run"]["x"][-1]


def in_pieces(size: int) -> torch.Tensor:
    """The gradient of the weights over the first 64 rows, added up over pieces of so many."""
    data, _ = get_data()
    w, b = torch.zeros(5, 1, requires_grad=True), torch.zeros(1)
    for X, y in zip(data.X[:64].split(size), data.y[:64].split(size)):
        (squared_loss(linreg(X, w, b), y).sum() / 64).backward()
    return w.grad


def ratios_between_records() -> np.ndarray:
    """By what factor two records differ in how many times as long as NumPy's an update in PyTorch takes, by batch size."""
    other = records.load("benchmarks")["training"]["update"]
    there = [other[str(b)]["slices"]["best"] / other[str(b)]["numpy"]["best"] for b in (1, 10, 100, 1500)]
    return np.array([recorded("torch", b) / recorded("numpy", b) for b in (1, 10, 100, 1500)]) / there


CLAIMS = {
    "The thin lines are the two extremes and two runs between them": Holds(
        lambda: thin_lines() == {"gd": 10, "sgd": 3000, "b100": 30, "b10": 300}
    ),
    "that of all rows passes through the data ten times, at a rate of 1, a little too large": [
        near(1, lambda: scratch.CLASSICS["gd"][1], 1e-9),
        Between(1, lambda: scratch.CLASSICS["gd"][1] / LIMIT, 1.1),
        Holds(lambda: all(lr < theory.stability_limit(b) / 2 for b, lr, _ in scratch.CLASSICS.values() if b)),
    ],
    "A larger batch goes through in pieces whose gradients are added up": Holds(
        lambda: torch.allclose(in_pieces(10), in_pieces(64), atol=1e-6)
    ),
    "memory the largest that goes through at once": Holds(
        lambda: torch.allclose(in_pieces(1), in_pieces(64), atol=1e-6)
    ),
    "The costs behind every axis of seconds are those of this record": [
        near(300 * recorded("torch", 10) + 2 * PROGRAMS["torch"]["1500"]["epoch"], clock, 1e-9),
        Prints(records.load("costs")["machine"]["date"]),
    ],
    "Your times will differ, and the ratios too": Between(
        1.1, lambda: np.exp(np.abs(np.log(ratios_between_records()))).max(), math.inf
    ),
    "Every lab works there, on any device, without a network once the page is loaded": Proved(),
    "A lab's Copy link button gives you an address with its exact setting": Proved(),
    "`&lock=batch,lr` fixes controls that your students shall not move": Proved(),
    "a page shows that lab alone, for an iframe of your own": Proved(),
    "Every time, speed, size, share and loss in the text, puzzles aside, is printed by a cell that you can run, or "
    "cited": Proved(),
    "at 0.05 it jumps about": Between(1.3, lambda: jump(0.05), 3),
    "three thousand small steps end close to the best possible": Between(0, lambda: end(1, 0.005), 4),
    "at 0.2 it leaves the picture": Between(4, lambda: max(run(1, 0.2).loss) / run(1, 0.2).loss[0], math.inf),
    "two updates at 0.05 hardly move": Between(0.8, lambda: to_go(0.05, 2), 1),
    "come much closer": Between(0, lambda: to_go(0.79, 2) / to_go(0.05, 2), 0.2),
    "3,000 updates of one example, 300 of ten, 2 of all": Holds(
        lambda: [run(b, 0.005).updates[-1] for b in (1, 10, 1500)] == [3000, 300, 2]
    ),
    "Averaging over $b$ examples divides the noise, the standard deviation of the gradient, by about $\\sqrt{b}$": near(
        10, lambda: deviation(1) / deviation(100), 0.05
    ),
    "ten times less noise takes a hundred times more examples": near(
        10, lambda: deviation(1, True) / deviation(100, True)
    ),
    "a hundred examples as one matrix product cost far less than a hundred times one": [
        Between(0.5, lambda: recorded("numpy", 100) / recorded("numpy", 1), 20),
        Timed(0.5, lambda: update("numpy", 100, "numpy", 1), 20),
    ],
    "An exact gradient would now cost a hundred times more and be the same gradient": Holds(
        lambda: np.allclose(noise.gradient(ZERO, (np.tile(A, (100, 1)), np.tile(Y, 100))), G, rtol=1e-10)
    ),
    "A single example is little better than a guess": Between(70, lambda: angle(1), 85),
    "Ten already point roughly the right way, for less than a hundredth of the work": Between(
        40, lambda: angle(10), 60
    ),
    "The last factor of ten, from a hundred to a thousand, buys the least for the most": Holds(
        lambda: np.argmin(-np.diff([angle(b) for b in (1, 10, 100, 1000)])) == 2
    ),
    "Each device computes the gradient of its own examples, and the gradients are averaged": Holds(
        lambda: np.allclose(of_all_devices(128), noise.gradient(ZERO, (A[:256], Y[:256])), rtol=1e-12)
    ),
    "a cluster sets a smallest useful batch": Prints("at least 128 examples in a minibatch"),
    "About sixteen times": near(4, lambda: deviation(10, True) / deviation(160, True)),
    "That of ten random rows costs the same as before and is about as noisy as before": near(
        1, lambda: deviation(10, copies=10) / deviation(10), 0.01
    ),
}
