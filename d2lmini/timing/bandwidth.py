"""How fast memory delivers: copies and dot products over growing arrays, and sums with and against the order of storage."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ..core import checks
from .rounds import turns

Calls = dict[tuple[str, int], Callable[[], object]]  # what to time: its kind, and how large it is
SIZES = [int(2 ** (k / 2)) for k in range(24, 57)]  # bytes: 4 KiB to 256 MiB, two sizes for each doubling
SIDES = (100, 200, 400, 800, 1600, 3200)  # not powers of two, whose columns would crowd into a few places of a cache
LINES = 400  # of a larger matrix so many are summed
NEAR = 0.85  # the first level begins at the first size whose rate is at least this part of the highest
SPLIT = 0.15  # what one more level costs when levels are fitted to the squared logarithms of the rates
DROP = 1.25  # by which factor the rate must fall from level to level
SHORT = 3  # sizes that a level has at least


@dataclass
class Level:
    """A level of the memory hierarchy as a program sees it: up to how many bytes (None: any), and its rate in GB/s."""

    upto: float | None
    rate: float


def staircase(sizes: Sequence[int] = SIZES, repeats: int = 20) -> Generator[None, None, dict[str, list[float]]]:
    """GB/s of copying one array to another ("copy") and of their dot product ("dot"), both together "bytes" large.

    float32, one thread, the best of ``repeats`` rounds. Bytes are those the program reads and writes. Yields None on the way.
    """
    sizes = [checks.whole("sizes", size, 8) for size in sizes]
    source, target = (np.ones(max(sizes) // 8, np.float32) for _ in range(2))
    calls: Calls = {}
    for size in sizes:
        a, b = source[: size // 8], target[: size // 8]
        calls["copy", size], calls["dot", size] = partial(np.copyto, b, a), partial(np.dot, a, b)
    timings = yield from turns(calls, repeats)
    rates = {kind: [size / timings[kind, size].best / 1e9 for size in sizes] for kind in ("copy", "dot")}
    return {"bytes": [*sizes], **rates}


def levels(sizes: ArrayLike, rates: ArrayLike) -> list[Level]:
    """The steps of a bandwidth staircase: levels of about equal rate, each slower than the one before.

    The rise at small sizes, where calling takes longer than reading, is no level. From the first size near the top rate on,
    levels are fitted to the logarithms by least squares, with a price for each. A level ends half-way (in logarithms) to the
    first size of the next, and its rate is the median.
    """
    at, rate = np.asarray(sizes, float), np.asarray(rates, float)
    if at.ndim != 1 or at.shape != rate.shape or len(at) < SHORT:
        raise ValueError(
            f"sizes and rates must be lists of the same length, {SHORT} or more, not {at.shape} and {rate.shape}"
        )
    if not (np.isfinite(at).all() and np.isfinite(rate).all() and rate.min() > 0 and at[0] > 0):
        raise ValueError("sizes and rates must be finite and above 0")
    if (np.diff(at) <= 0).any():
        raise ValueError("sizes must grow: sort them, and name each once")
    first = min(int(np.argmax(rate >= NEAR * rate.max())), len(rate) - SHORT)
    heights = np.log(rate[first:])
    bounds = [first + bound for bound in _merged(heights, _split(heights))]
    ends = [float(np.sqrt(at[end - 1] * at[end])) for end in bounds[1:-1]]
    return [Level(end, float(np.median(rate[a:b]))) for end, (a, b) in zip([*ends, None], pairwise(bounds))]


def _split(y: np.ndarray) -> list[int]:
    """Bounds of the pieces that minimise the squared distance from their means plus the price of the pieces."""
    sums, squares = (np.concatenate([[0.0], np.cumsum(values)]) for values in (y, y**2))
    least, before = [0.0], [0]
    for end in range(1, len(y) + 1):
        costs = [
            np.inf
            if end - begin < SHORT
            else least[begin] + squares[end] - squares[begin] - (sums[end] - sums[begin]) ** 2 / (end - begin) + SPLIT
            for begin in range(end)
        ]
        before.append(int(np.argmin(costs)))
        least.append(float(min(costs)))
    bounds = [len(y)]
    while bounds[0] > 0:
        bounds.insert(0, before[bounds[0]])
    return bounds


def _merged(y: np.ndarray, bounds: list[int]) -> list[int]:
    """The bounds across which the mean falls by DROP at least; the weakest is given up first."""
    while len(bounds) > 2:
        means = [y[a:b].mean() for a, b in pairwise(bounds)]
        falls = [high - low for high, low in pairwise(means)]
        weakest = int(np.argmin(falls))
        if falls[weakest] >= np.log(DROP):
            break
        bounds = bounds[: weakest + 1] + bounds[weakest + 2 :]
    return bounds


def add_up(lines: Iterable[np.ndarray]) -> None:
    """Sum each row of a matrix; of A.T, each column of A."""
    for line in lines:
        line.sum()


def sums(sides: Sequence[int] = SIDES, repeats: int = 20) -> Generator[None, None, dict[str, list[float]]]:
    """Nanoseconds per number of summing square float32 matrices row by row and column by column; yields None on the way."""
    sides = [checks.whole("sides", side) for side in sides]
    calls: Calls = {}
    for side in sides:
        A = np.ones((side, side), np.float32)
        start = max(0, side - LINES) // 2
        middle = slice(start, start + LINES)
        calls["rows", side], calls["columns", side] = partial(add_up, A[middle]), partial(add_up, A.T[middle])
    timings = yield from turns(calls, repeats)
    numbers = {side: min(side, LINES) * side for side in sides}
    each = {way: [timings[way, side].best / numbers[side] * 1e9 for side in sides] for way in ("rows", "columns")}
    return {"side": [*sides], **each}


def caches() -> dict[str, int]:
    """Bytes of the data caches of the first core as the system tells them, {"L1": …, "L2": …}; empty where it does not."""
    told = {}
    for cache in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            kind, level, size = ((cache / name).read_text().strip() for name in ("type", "level", "size"))
        except OSError:
            continue
        if kind != "Instruction":
            told[f"L{level}"] = int(size.rstrip("KMG")) * {"K": 2**10, "M": 2**20, "G": 2**30}.get(size[-1], 1)
    return told
