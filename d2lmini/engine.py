"""Minibatch SGD on linear regression in numbers only: float64 NumPy, no torch, no widgets.

js/engine.js is this module in JavaScript, and tests hold the two to 1e-9 of each other. Both are
generators: they yield the run so far every few milliseconds, so that a page or a kernel can draw it,
breathe, or drop it for a newer setting.
"""

from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np

from . import checks

BLOCK = 32_768  # examples between two yields: a few milliseconds
DIVERGED = 1e6  # a half loss above this ends a run; standardised data starts near 0.5
MOST_POINTS = 2000


@dataclass
class Run:
    """What was recorded of one training run over ``n`` rows; the lists are equally long."""

    n: int
    examples: list[int] = field(default_factory=list)
    updates: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # half squared loss over all rows
    theta: list[list[float]] = field(default_factory=list)  # the weights and, last, the bias
    diverged_at: int | None = None  # the update after which the loss was beyond DIVERGED


def quadratic(A: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """H, c and s of the half squared loss ½ θᵀHθ − cᵀθ + s: one pass over the rows serves every later evaluation."""
    n = len(y)
    return A.T @ A / n, A.T @ y / n, float(y @ y) / n / 2


def half_loss(quadratic: tuple[np.ndarray, np.ndarray, float], theta: np.ndarray) -> float:
    """The half squared loss of ``theta`` over the rows that ``quadratic`` was made from."""
    H, c, s = quadratic
    return float((H @ theta / 2 - c) @ theta) + s


def mulberry32(seed: int, start: int, count: int) -> np.ndarray:
    """Draws start … start + count − 1 of the generator for ``seed``: uint32, uniform once divided by 2³².

    The generator is Tommy Ettinger's mulberry32 (public domain): a counter and a hash, so that any draw
    can be made without the ones before it.
    """
    counter = np.arange(start + 1, start + count + 1, dtype=np.uint64)
    counter *= np.uint64(0x6D2B79F5)
    counter += np.uint64(seed)
    state = counter.astype(np.uint32)
    t = (state ^ (state >> 15)) * (state | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    return t ^ (t >> 14)


def epoch_order(n: int, seed: int, epoch: int, replacement: bool = False) -> np.ndarray:
    """Which row each of the ``n`` examples of an epoch is: (n,) int64.

    The rows sorted by (draw, row), with draws epoch·n … epoch·n + n − 1 of the seed; with replacement,
    row = ⌊u·n⌋ for each uniform draw u.
    """
    keys = mulberry32(seed, epoch * n, n).astype(np.uint64)
    if replacement:
        keys *= np.uint64(n)
        keys >>= np.uint64(32)
    else:
        keys <<= np.uint64(32)
        keys |= np.arange(n, dtype=np.uint64)
        keys.sort()
        keys &= np.uint64(2**32 - 1)
    return keys.view(np.int64)


def marks(n: int, epochs: int, points_per_epoch: int) -> tuple[int, int]:
    """(k, s): a point is recorded whenever the examples reach a multiple of s·n/k; at most MOST_POINTS in all."""
    k = max(1, min(points_per_epoch, MOST_POINTS // (epochs + 1)))
    return k, -(-epochs // (MOST_POINTS - 2)) if k == 1 else 1


def sgd(
    A: np.ndarray,
    y: np.ndarray,
    *,
    batch_size: int,
    lr: float,
    epochs: int = 2,
    seed: int = 0,
    copies: int = 1,
    replacement: bool = False,
    init: np.ndarray | None = None,
    points_per_epoch: int = 20,
    early: bool = False,
) -> Generator[Run, None, Run]:
    """Minibatch gradient descent on the half squared loss, from ``init`` or from zero.

    ``A`` (m, d + 1) holds the features and, last, ones; ``y`` (m,) the targets. With ``copies`` the rows count
    as a table repeated so often, n = copies·m, without being copied. The loss over all rows is recorded at the
    start, at fixed fractions of an epoch and after the last update; one that is not finite, or above DIVERGED,
    ends the run unrecorded. ``early`` adds points at every twelfth more updates, which matter where an epoch is long.
    """
    m, width = A.shape
    n = m * checks.whole("copies", copies)
    batch_size = checks.whole("batch_size", batch_size, 1, n)
    checks.positive("lr", lr)
    checks.whole("epochs", epochs)
    checks.whole("seed", seed, 0, 2**32 - 1)
    k, s = marks(n, epochs, checks.whole("points_per_epoch", points_per_epoch))
    loss_of = quadratic(A, y)
    theta = np.zeros(width) if init is None else np.array(init, dtype=float)
    gradient = np.empty(width)
    run = Run(n)
    examples = updates = next_point = next_early = 0

    def record() -> bool:
        nonlocal next_point, next_early
        loss = half_loss(loss_of, theta)
        if not loss <= DIVERGED:
            run.diverged_at = updates
            return False
        run.examples.append(examples)
        run.updates.append(updates)
        run.loss.append(loss)
        run.theta.append(theta.tolist())
        points = examples * k // (n * s)
        next_point = min(-(-(points + 1) * n * s // k), epochs * n)
        next_early = updates + max(1, updates // 12) if early else epochs * n + 1
        return True

    if not record():
        return run
    blocks = _full_batches if batch_size == n and not replacement else _blocks
    for Ab, yb in blocks(A, y, n, batch_size, epochs, seed, replacement):
        step = lr / Ab.shape[1]
        size = n if blocks is _full_batches else Ab.shape[1]
        error = np.empty(Ab.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is no cause for a storm of warnings
            for Xb, tb in zip(Ab, yb):
                np.dot(Xb, theta, error)  # into buffers: half the time of a small update is allocation
                np.subtract(error, tb, error)
                np.dot(error, Xb, gradient)
                np.multiply(gradient, step, gradient)
                np.subtract(theta, gradient, theta)
                updates += 1
                examples += size
                if (examples >= next_point or updates >= next_early) and not record():
                    return run
        yield run
    return run


def _blocks(A, y, n, batch_size, epochs, seed, replacement):
    """Gathered batches, (batches, batch size, width) and (batches, batch size); the short last batch by itself."""
    stride = max(1, BLOCK // batch_size) * batch_size
    for epoch in range(epochs):
        order = epoch_order(n, seed, epoch, replacement)
        for start in range(0, n, stride):
            rows = order[start : start + stride] % len(y)
            whole = len(rows) // batch_size * batch_size
            if whole:
                picked = rows[:whole].reshape(-1, batch_size)
                yield A[picked], y[picked]
            if whole < len(rows):
                yield A[None, rows[whole:]], y[None, rows[whole:]]


def _full_batches(A, y, n, batch_size, epochs, seed, replacement):
    """A batch of all rows has one gradient whatever their order, and copies of the table do not change its mean."""
    for _ in range(epochs):
        yield A[None], y[None]


def finish(run: Generator[Run, None, Run]) -> Run:
    """Let a generator run to its end and return what it returns."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value
