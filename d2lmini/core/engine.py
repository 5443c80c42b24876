"""Minibatch SGD on linear regression in numbers only: float64 NumPy, no torch, no widgets.

js/core/engine.js is this module in JavaScript, and tests hold the two to 1e-9 of each other. Both are
generators: they yield the run so far every few milliseconds, so that a page or a kernel can draw it,
breathe, or drop it for a newer setting.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from math import inf

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


Quadratic = tuple[np.ndarray, np.ndarray, float]


def quadratic(A: np.ndarray, y: np.ndarray) -> Quadratic:
    """H, c and s of the half squared loss ½ θᵀHθ − cᵀθ + s: one pass over the rows serves every later evaluation."""
    n = len(y)
    return A.T @ A / n, A.T @ y / n, float(y @ y) / n / 2


def half_loss(quadratic: Quadratic, theta: np.ndarray) -> float:
    """The half squared loss of ``theta`` over the rows that ``quadratic`` was made from."""
    H, c, s = quadratic
    return float(H.dot(theta).dot(theta) / 2 - c.dot(theta)) + s  # with @ it takes twice as long


def half_losses(quadratic: Quadratic, thetas: np.ndarray) -> np.ndarray:
    """The half loss of each row of ``thetas`` (k, width), as an array (k,)."""
    H, c, s = quadratic
    return (thetas.dot(H) * thetas).sum(1) / 2 - thetas.dot(c) + s


def reached(losses: Sequence[float] | np.ndarray, target: float) -> int | None:
    """The first recorded point with at most this half loss; None if there is none."""
    return next((at for at, loss in enumerate(losses) if loss <= target), None)


def mulberry32(seed: int, start: int, count: int) -> np.ndarray:
    """Draws start … start + count − 1 of the generator for ``seed``: uint32, uniform once divided by 2³².

    The generator is Tommy Ettinger's mulberry32 (public domain): a counter and a hash, so that any draw
    can be made without the ones before it.
    """
    seed, start = checks.whole("seed", seed, 0, 2**32 - 1), checks.whole("start", start, 0)
    count = checks.whole("count", count)
    counter = np.arange(start + 1, start + count + 1, dtype=np.uint64)
    counter *= np.uint64(0x6D2B79F5)
    counter += np.uint64(seed)
    state = counter.astype(np.uint32)
    t = (state ^ (state >> 15)) * (state | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    return t ^ (t >> 14)


def epoch_order(n: int, seed: int, epoch: int, replacement: bool = False) -> np.ndarray:
    """The shuffle: which row each of the ``n`` examples of an epoch is, (n,) int64.

    The rows sorted by (draw, row), with draws epoch·n … epoch·n + n − 1 of the seed; with replacement,
    row = ⌊u·n⌋ for each uniform draw u.
    """
    n, epoch = checks.whole("n", n), checks.whole("epoch", epoch, 0)
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


def marks(n: int, epochs: int, points_per_epoch: int) -> Callable[[int], int]:
    """The function that tells, of the examples seen so far, at how many of them the next point is recorded.

    Points come whenever the examples reach a multiple of s·n/k, and at the end; at most MOST_POINTS in all.
    """
    k = max(1, min(points_per_epoch, MOST_POINTS // (epochs + 1)))
    s = -(-epochs // (MOST_POINTS - 2)) if k == 1 else 1
    return lambda examples: min(-(-(examples * k // (n * s) + 1) * n * s // k), epochs * n)


class _Record:
    """Writes a run down: counts and weights at each mark, and the losses of several such points all at once."""

    def __init__(self, run: Run, loss_of: Quadratic, next_point: Callable[[int], int], early: bool):
        self.run, self._loss_of, self._next_point, self._early = run, loss_of, next_point, early
        self._unread: list[np.ndarray] = []  # weights whose loss is not known yet
        self.due: float = 0  # at so many examples, or at so many updates, the next point is
        self.early_due: float = 0

    def add(self, examples: int, updates: int, theta: np.ndarray) -> None:
        """Note a point whose loss is read later."""
        self.run.examples.append(examples)
        self.run.updates.append(updates)
        self._unread.append(theta.copy())
        self.due = self._next_point(examples)
        self.early_due = updates + max(1, updates // 12) if self._early else inf

    def read(self) -> bool:
        """The losses of the points noted since the last time; False if the run ends before one of them."""
        if not self._unread:
            return True
        run, thetas = self.run, np.array(self._unread)
        self._unread.clear()
        losses = half_losses(self._loss_of, thetas)
        if not losses.max() <= DIVERGED:
            whole = int((losses <= DIVERGED).argmin())
            first = len(run.loss) + whole
            run.diverged_at = run.updates[first]
            del run.examples[first:], run.updates[first:]
            losses, thetas = losses[:whole], thetas[:whole]
        run.loss += losses.tolist()
        run.theta += thetas.tolist()
        return run.diverged_at is None


def minibatch_sgd(
    A: np.ndarray,
    y: np.ndarray,
    *,
    batch_size: int | list[int],
    lr: float,
    epochs: int = 2,
    seed: int = 0,
    schedule: Callable[[int, int], float] | None = None,
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
    A list of batch sizes holds one for each epoch. ``schedule(t, epoch)`` gives a factor on the learning rate for update
    t (from 1) in ``epoch`` (from 0); see core.schedules.
    """
    A, y = checks.regression((A, y), "A, y")
    m, width = A.shape
    n = m * checks.whole("copies", copies)
    checks.whole("epochs", epochs)
    sizes = _sizes(batch_size, n, epochs)
    checks.positive("lr", lr)
    checks.called("schedule", schedule, "a function of (t, epoch) or None")
    checks.whole("seed", seed, 0, 2**32 - 1)
    next_point = marks(n, epochs, checks.whole("points_per_epoch", points_per_epoch))
    theta = np.zeros(width) if init is None else checks.vector("init", init, width)
    gradient = np.empty(width)
    run = Run(n)
    record = _Record(run, quadratic(A, y), next_point, early)
    examples = updates = 0

    record.add(examples, updates, theta)
    for epoch, Ab, yb, size in _blocks(A, y, n, sizes, seed, replacement):
        rows = Ab.shape[1]
        steps: Iterable[float] = repeat(lr / rows)
        if schedule is not None:
            steps = [lr * schedule(t, epoch) / rows for t in range(updates + 1, updates + 1 + len(Ab))]
        error = np.empty(rows)
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging run is no cause for a storm of warnings
            for Xb, tb, step in zip(Ab, yb, steps):
                np.dot(Xb, theta, error)  # into buffers: half the time of a small update is allocation
                np.subtract(error, tb, error)
                np.dot(error, Xb, gradient)
                np.multiply(gradient, step, gradient)
                np.subtract(theta, gradient, theta)
                updates += 1
                examples += size
                if examples >= record.due or updates >= record.early_due:
                    record.add(examples, updates, theta)
            if not record.read():
                return run
        yield run
    return run


def _sizes(batch_size: int | list[int], n: int, epochs: int) -> list[int]:
    """The checked batch size of each epoch."""
    if not isinstance(batch_size, (list, tuple)):
        return [checks.whole("batch_size", batch_size, 1, n)] * epochs
    if len(batch_size) != epochs:
        raise ValueError(
            f"batch_size must be a number or a list of one for each of {epochs} epochs, not {batch_size!r}"
        )
    return [checks.whole(f"batch_size[{epoch}]", size, 1, n) for epoch, size in enumerate(batch_size)]


def _blocks(
    A: np.ndarray, y: np.ndarray, n: int, sizes: list[int], seed: int, replacement: bool
) -> Iterator[tuple[int, np.ndarray, np.ndarray, int]]:
    """The epoch, its gathered batches, (batches, rows, width) and (batches, rows), and how many examples each counts for.

    The short last batch comes by itself.
    """
    for epoch, size in enumerate(sizes):
        if size == n and not replacement:
            # A batch of all rows has one gradient whatever their order, and copies of the table do not change its mean.
            yield epoch, A[None], y[None], n
            continue
        stride = max(1, BLOCK // size) * size
        order = epoch_order(n, seed, epoch, replacement)
        if n > len(y):
            order %= len(y)
        for start in range(0, n, stride):
            rows = order[start : start + stride]
            whole = len(rows) // size * size
            if whole:
                picked = rows[:whole].reshape(-1, size)
                yield epoch, A.take(picked, axis=0), y.take(picked), size
            if whole < len(rows):
                yield epoch, A[None, rows[whole:]], y[None, rows[whole:]], len(rows) - whole
