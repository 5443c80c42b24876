"""How fast memory delivers: copies and dot products over growing arrays, and sums with and against the order of storage."""

from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from . import checks
from .rounds import rounds

SIZES = [int(2 ** (k / 2)) for k in range(24, 57)]  # bytes: 4 KiB to 256 MiB, two sizes for each doubling
SIDES = (100, 200, 400, 800, 1600, 3200)  # not powers of two, whose columns would crowd into a few places of a cache
SPLIT = 0.15  # what one more level costs when levels are fitted to the squared logarithms of the rates
DROP = 1.25  # by which factor the rate must fall from level to level
SHORT = 3  # sizes that a level has at least


@dataclass
class Level:
    """A level of the memory hierarchy as a program sees it: up to how many bytes (None: any), and its rate in GB/s."""

    upto: float | None
    rate: float


def staircase(sizes: list[int] | None = None, repeats: int = 20) -> Generator[None, None, dict[str, list[float]]]:
    """GB/s of copying one array to another ("copy") and of their dot product ("dot"), both together "bytes" large.

    float32, one thread, the best of ``repeats`` rounds. Bytes are those the program reads and writes. Yields None on the way.
    """
    sizes = [checks.whole("sizes", size, 8) for size in (SIZES if sizes is None else sizes)]
    source, target = (np.ones(max(sizes) // 8, np.float32) for _ in range(2))
    functions = {}
    for size in sizes:
        a, b = source[: size // 8], target[: size // 8]
        functions["copy", size] = lambda a=a, b=b: np.copyto(b, a)
        functions["dot", size] = lambda a=a, b=b: np.dot(a, b)
    timings = yield from rounds(functions, repeats)
    rates = {kind: [size / timings[kind, size].best / 1e9 for size in sizes] for kind in ("copy", "dot")}
    return {"bytes": sizes, **rates}


def levels(sizes: list[float], rates: list[float]) -> list[Level]:
    """The steps of a bandwidth staircase: levels of about equal rate, each slower than the one before.

    The rise at small sizes, where calling takes longer than reading, is no level. From the first size near the top rate on,
    levels are fitted to the logarithms by least squares, with a price for each. A level ends half-way (in logarithms) to the
    first size of the next, and its rate is the median.
    """
    sizes, rates = (np.asarray(values, float) for values in (sizes, rates))
    if sizes.ndim != 1 or sizes.shape != rates.shape or len(sizes) < SHORT:
        raise ValueError(
            f"sizes and rates must be lists of the same length, {SHORT} or more, not {sizes.shape} and {rates.shape}"
        )
    if not (np.isfinite(sizes).all() and np.isfinite(rates).all() and rates.min() > 0 and sizes[0] > 0):
        raise ValueError("sizes and rates must be finite and above 0")
    if (np.diff(sizes) <= 0).any():
        raise ValueError("sizes must grow: sort them, and name each once")
    first = min(int(np.argmax(rates >= 0.85 * rates.max())), len(rates) - SHORT)
    bounds = [first + bound for bound in _merged(np.log(rates[first:]), _split(np.log(rates[first:])))]
    found = []
    for begin, end in pairwise(bounds):
        upto = None if end == len(sizes) else float(np.sqrt(sizes[end - 1] * sizes[end]))
        found.append(Level(upto, float(np.median(rates[begin:end]))))
    return found


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


def add_up(lines) -> None:
    """Sum each row of a matrix; of A.T, each column of A."""
    for line in lines:
        line.sum()


def sums(sides: tuple[int, ...] | None = None, repeats: int = 20) -> Generator[None, None, dict[str, list]]:
    """Nanoseconds per number of summing square float32 matrices row by row and column by column; yields None on the way."""
    sides = [checks.whole("sides", side) for side in (SIDES if sides is None else sides)]
    functions = {}
    for side in sides:
        A = np.ones((side, side), np.float32)
        lines = min(side, 400)  # of a large matrix a part, from its middle
        part = slice((side - lines) // 2, (side + lines) // 2)
        functions["rows", side] = lambda A=A, part=part: add_up(A[part])
        functions["columns", side] = lambda A=A, part=part: add_up(A.T[part])
    timings = yield from rounds(functions, repeats)
    numbers = {side: min(side, 400) // 2 * 2 * side for side in sides}
    return {
        "side": sides,
        **{way: [timings[way, side].best / numbers[side] * 1e9 for side in sides] for way in ("rows", "columns")},
    }


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
