"""What the chapter on vectorization claims."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np

from d2lmini import get_data, linreg
from d2lmini.labs.runs import BATCHES
from d2lmini.timing import bandwidth, products, records, roofline

from .checks import Between, Holds, Prints, Proved, Timed, near
from .numbers import A, times_as_long

RECORD = records.load("vectorization")


def speed(library: str, n: int, way: str | int) -> float:
    """Recorded GFLOP/s of a product: by "element" or "row", or in blocks of so many columns."""
    taken = RECORD["products"][library][str(n)]
    seconds = taken[way][0] if isinstance(way, str) else taken["best"][taken["widths"].index(way)]
    return 2 * n**3 / seconds / 1e9


def call(library: str) -> float:
    """The FLOP that the recorded machine does in the time of a call, at its peak."""
    return RECORD["call"][library]["block"] * RECORD["peak"] * 1e9


def sixteen_for_one(library: str) -> float:
    """How many times as long as a recorded call with one column of 16 numbers one with sixteen of them takes."""
    return speed(library, 16, 1) / speed(library, 16, 16) * 16


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


def sixteen_kib_for_six() -> float:
    """How many times as long as a recorded copy of six KiB one of sixteen takes."""
    sizes, rates = (np.array(RECORD["bandwidth"][key]) for key in ("bytes", "copy"))
    few, many = ((sizes / rates)[np.argmin(abs(sizes - kib * 1024))] for kib in (6, 16))
    return many / few


def columns_by_model() -> float:
    """GFLOP/s of NumPy's columns at n = 256 from the price of a call and the rate of the cache."""
    seconds = RECORD["call"]["numpy"]["block"] + 4 * 256**2 / (RECORD["levels"][0]["rate"] * 1e9)
    return 2 * 256**2 / seconds / 1e9


def product(slow: Callable, fast: Callable, library: str = "numpy", repeats: int = 5) -> float:
    """How many times as long one way to multiply two matrices of 256 takes."""
    B = products.matrices(library, 256)
    return times_as_long(lambda: slow(*B), lambda: fast(*B), repeats)


WAYS = [
    products.by_element,
    products.by_row,
    products.by_column,
    partial(products.by_block, width=4),  # a last block of two
    products.whole,
]


class Term:
    """A number that notes what is done with it."""

    def __init__(self, work: Counter, name: str = ""):
        self.work, self.name = work, name

    def __mul__(self, other: "Term") -> "Term":
        self.work[f"{self.name}·{other.name}"] += 1
        return Term(self.work)

    def __add__(self, other: "Term") -> "Term":
        self.work["+"] += 1
        return Term(self.work)


def work(way: Callable) -> Counter:
    """How often a product of two matrices of six adds, and multiplies which number by which."""
    done: Counter = Counter()
    B, C = ([[Term(done, f"{name}{i}{j}") for j in range(6)] for i in range(6)] for name in "BC")
    way(np.empty((6, 6), object), np.array(B), np.array(C))
    return done


def of_the_roof(library: str, width: int) -> float:
    """The part that a recorded product of 4,096 reaches of what the main memory and the arithmetic allow."""
    rate = RECORD["levels"][-1]["rate"]
    return speed(library, 4096, width) / roofline.roof(RECORD["peak"], rate, roofline.intensity(4096, width))


def widths(library: str) -> list[int]:
    return RECORD["products"][library]["4096"]["widths"]


def intensity_of_a_prediction(batch: int) -> float:
    """FLOP for each byte of the examples, the weights and the predictions, as the arrays take them."""
    (X, _), *_ = get_data(batch)[0]
    w, b = X.new_zeros(5, 1), X.new_zeros(1)
    return 2 * X.numel() / (X.nbytes + w.nbytes + linreg(X, w, b).nbytes)


def sums(side: int) -> float:
    """How many times as long as rows the columns of a matrix take to sum."""
    M = np.ones((side, side), np.float32)
    return times_as_long(lambda: bandwidth.add_up(M.T), lambda: bandwidth.add_up(M))


CLAIMS = {
    "L2 serves this thread hardly faster than L3": near(1, second_cache_against_third, 0.15),
    "All five do the same multiplications and additions": Holds(
        lambda: all(work(way) == work(products.whole) and work(way).total() > 6**3 for way in WAYS)
    ),
    "Do they compute the same, in both libraries?": Proved(),
    "In NumPy the whole product is hundreds of times as fast as element by element": [
        Between(150, lambda: speed("numpy", 256, 256) / speed("numpy", 256, "element"), 999),
        Timed(50, lambda: product(products.by_element, products.whole), 2000),
    ],
    "more than a thousand times": [
        Between(1000, lambda: speed("torch", 256, 256) / speed("torch", 256, "element"), 5000),
        Timed(200, lambda: product(products.by_element, products.whole, "torch", 3), 10_000),
    ],
    "whole columns are already far better, and blocks of 64 nearly as good as everything at once": [
        Between(20, lambda: speed("numpy", 256, 1) / speed("numpy", 256, "element"), 500),
        Between(0.8, lambda: speed("numpy", 256, 64) / speed("numpy", 256, 256), 1.1),
        Timed(10, lambda: product(products.by_element, products.by_column), 1000),
        Timed(0.8, lambda: product(products.by_block, products.whole, repeats=50), 2.5),
    ],
    "With matrices of 16 even the whole product stays far below its roof": Between(
        0, lambda: speed("numpy", 16, 16) / RECORD["peak"], 0.2
    ),
    "With matrices of 4,096 single columns meet a lower roof than before": Holds(
        lambda: roofline.steps(RECORD["bandwidth"])[-1].rate < roofline.steps(RECORD["bandwidth"])[0].rate
    ),
    "GFLOP: 2 / seconds would be": Prints("0.03355 GFLOP: 2 / seconds would be 60 times too much"),
    "a product has $2n^3$ floating-point operations": [
        near(
            products.gflop(6, 6, 6), lambda: 2 * (work(products.whole).total() - work(products.whole)["+"]) / 1e9, 1e-12
        ),
        Proved(),
    ],
    "The last step, to the whole, is small": Between(
        1, lambda: speed("torch", 256, 256) / speed("torch", 256, 64), 1.25
    ),
    "Most of the time is not spent on multiplication": [
        Between(0.5, lambda name=name: overhead(name), 1) for name in products.LIBRARIES
    ],
    "up to some size work is free, because the call costs the same anyway": [
        *(Between(0.5, lambda name=name: sixteen_for_one(name), 2) for name in products.LIBRARIES),
        Timed(
            0.3, lambda: times_as_long(lambda: np.ones(1000) @ np.ones(1000), lambda: np.ones(8) @ np.ones(8), 50), 4
        ),
    ],
    "The price of one call would have paid for hundreds of dot products": Between(
        100, lambda: min(map(call, products.LIBRARIES)) / (2 * 256), 999
    ),
    "in each cycle a unit can multiply two of them, number by number, and add the result to a third": Prints(
        "32 FLOP per cycle and unit; 16 cores with one unit each: 1.02 TFLOP/s"
    ),
    "A processor that fetched every number from memory would stand still nearly all the time": Prints(
        "41 times too few"
    ),
    "a copy is a call too, and a small one does not repay its price": Between(0.8, sixteen_kib_for_six, 1.5),
    "There is one step, a little before the size of L3": [
        Holds(lambda: len(RECORD["levels"]) == 2),
        Between(0.5, lambda: RECORD["levels"][0]["upto"] / RECORD["caches"]["L3"], 1),
    ],
    "slower by a factor of two or so": Between(
        1.5, lambda: RECORD["levels"][0]["rate"] / RECORD["levels"][-1]["rate"], 3
    ),
    "Three matrices of 256 fit a cache with ease": Between(
        0, lambda: roofline.working_set(256, 256) / RECORD["caches"]["L2"], 0.8
    ),
    "two things slow NumPy's columns down at $n = 256$: calls, and a cache that feeds too slowly": near(
        speed("numpy", 256, 1), columns_by_model, 0.1
    ),
    "From $n = 1024$ to 4096 single rows and columns lose about half of their speed, and the whole product hardly any": [
        *(Between(0.4, lambda w=w: speed("numpy", 4096, w) / speed("numpy", 1024, w), 0.65) for w in ("row", 1)),
        Between(0.9, lambda: speed("numpy", 4096, 4096) / speed("numpy", 1024, 1024), 1.1),
    ],
    "Columns cost far more than rows once the matrix outgrows the caches": [
        Between(2, lambda: RECORD["sums"]["columns"][-1] / RECORD["sums"]["rows"][-1], 20),
        Timed(1.5, lambda: sums(4000), 20),
    ],
    "in a cache the order matters little": Between(
        0.8, lambda: max(np.divide(RECORD["sums"]["columns"], RECORD["sums"]["rows"])[:4]), 1.5
    ),
    "`M.T` copies nothing": Holds(lambda: np.shares_memory(A, A.T)),
    "A single column uses each number of $B$ once: half a FLOP for each byte": near(
        0.5, lambda: roofline.intensity(4096, 1)
    ),
    "While $b$ is small against $n$, intensity is about $b/2$": near(8, lambda: roofline.intensity(4096, 16), 0.02),
    "Both libraries follow it at a distance": [
        *(
            Between(0, lambda name=name: max(of_the_roof(name, b) for b in widths(name)), 1.001)
            for name in products.LIBRARIES
        ),
        *(Between(0, lambda name=name: of_the_roof(name, 8), 0.5) for name in products.LIBRARIES),
        Prints("the roof is flat from b = 6 NumPy reaches 50% of the peak at b = 32"),
    ],
    "Two columns at a time are slower than one, and PyTorch leaps between 8 and 16": [
        Holds(lambda: all(speed(name, 4096, 2) < speed(name, 4096, 1) for name in products.LIBRARIES)),
        Between(2.5, lambda: speed("torch", 4096, 16) / speed("torch", 4096, 8), 50),
    ],
    "Its intensity never reaches a half": Between(0.4, lambda: max(map(intensity_of_a_prediction, BATCHES)), 0.5),
    "In the time that a call costs the processor could do a hundred thousand operations or more": [
        Between(1e5, lambda: min(map(call, products.LIBRARIES)), 1e7),
    ],
    "0.268 GFLOP, in 0.004 s: 67 GFLOP/s": near(67, lambda: roofline.rates(512, [0.004])[0], 0.01),
    "$50 \\cdot 0.5 = 25$ GFLOP/s are below the peak: memory": near(
        25, lambda: roofline.roof(100, 50, roofline.intensity(1000, 1)), 0.01
    ),
    "and $50 \\cdot 42$ is far above 100: arithmetic": [
        near(42, lambda: roofline.intensity(1000, 100), 0.01),
        Holds(lambda: roofline.roof(100, 50, roofline.intensity(1000, 100)) == 100),
    ],
}
