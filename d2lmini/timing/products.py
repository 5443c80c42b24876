"""Ways to compute A = BC that do the same arithmetic in pieces of different size, and how fast each is."""

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import numpy as np
import torch

from ..core import checks
from .rounds import Timing, turns

Matrix = Any  # an array of NumPy or a tensor of PyTorch, which is all the same to these functions
Call = Callable[[], None]
LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch"}
ELEMENTS, SAMPLE = 2048, 2**25  # dot products, and FLOP, beyond which small calls are timed on a part of A


def by_element(A: Matrix, B: Matrix, C: Matrix) -> None:
    """One element of A at a time: a row of B times a column of C."""
    for i in range(len(B)):
        for j in range(C.shape[1]):
            A[i, j] = B[i] @ C[:, j]


def by_row(A: Matrix, B: Matrix, C: Matrix) -> None:
    """One row of A at a time: a row of B times all of C."""
    for i in range(len(B)):
        A[i] = B[i] @ C


def by_column(A: Matrix, B: Matrix, C: Matrix) -> None:
    """One column of A at a time: all of B times a column of C."""
    for j in range(C.shape[1]):
        A[:, j] = B @ C[:, j]


def by_block(A: Matrix, B: Matrix, C: Matrix, width: int = 64) -> None:
    """A block of columns of A at a time: all of B times ``width`` columns of C."""
    for j in range(0, C.shape[1], width):
        A[:, j : j + width] = B @ C[:, j : j + width]


def whole(A: Matrix, B: Matrix, C: Matrix) -> None:
    """All of A in one call."""
    A[:] = B @ C


def gflop(rows: int, inner: int, columns: int) -> float:
    """The work of a (rows × inner)(inner × columns) product in GFLOP: a multiplication and an addition for each triple."""
    sizes = {"rows": rows, "inner": inner, "columns": columns}
    rows, inner, columns = (checks.whole(name, size) for name, size in sizes.items())
    return 2 * rows * inner * columns / 1e9


def matrices(library: str, n: int) -> tuple[Matrix, Matrix, Matrix]:
    """A of zeros, and B and C of random numbers from a fixed seed, float32 of shape (n, n)."""
    checks.choice("library", library, tuple(LIBRARIES))
    rng = np.random.default_rng(0)
    A = np.zeros((checks.whole("n", n), n), np.float32)
    B, C = (rng.standard_normal((n, n), np.float32) for _ in range(2))
    return (A, B, C) if library == "numpy" else (torch.from_numpy(A), torch.from_numpy(B), torch.from_numpy(C))


def widths(n: int) -> list[int]:
    """The powers of two from 1 to n, and n."""
    return sorted({2**k for k in range(n.bit_length()) if 2**k < n} | {n})


def calls_of(A: Matrix, B: Matrix, C: Matrix, block_widths: list[int]) -> dict[str | int, tuple[Call, float]]:
    """Each way as a function to time, with the share of A that a call of it computes; blocks by their width.

    A width of 1 goes column by column and one of n does all at once. What takes many calls computes a part of A only.
    """
    n = len(B)
    rows = max(1, min(n, ELEMENTS // n))
    some = max(2, SAMPLE // (2 * n * n))  # rows or columns of A that make up a sample
    few = min(n, some)
    ways: dict[str | int, tuple[Call, float]] = {
        "element": (partial(by_element, A[:rows], B[:rows], C), rows / n),
        "row": (partial(by_row, A[:few], B[:few], C), few / n),
    }
    for width in block_widths:
        part = min(n, max(1, some // width) * width)
        columns = (A[:, :part], B, C[:, :part])
        if width == n:
            ways[width] = (partial(whole, A, B, C), 1.0)
        elif width == 1:
            ways[width] = (partial(by_column, *columns), part / n)
        else:
            ways[width] = (partial(by_block, *columns, width), part / n)
    return ways


def time_ways(
    library: str, n: int, block_widths: list[int] | None = None, repeats: int = 20
) -> Generator[None, None, dict[str | int, Timing]]:
    """Seconds of the whole (n × n)(n × n) product, for "element", "row" and each width of block (1: columns, n: whole).

    One thread, best and median of ``repeats`` rounds; yields None on the way.
    """
    chosen = widths(checks.whole("n", n)) if block_widths is None else block_widths
    for width in chosen:
        checks.whole("block_widths", width, 1, n)
    ways = calls_of(*matrices(library, n), chosen)
    timings = yield from turns({way: call for way, (call, _) in ways.items()}, repeats)
    return {way: taken.per(ways[way][1]) for way, taken in timings.items()}
