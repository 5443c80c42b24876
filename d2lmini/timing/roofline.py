"""The roofline of this machine: what a product may reach at most, and the record of what it does reach.

python -m d2lmini.timing.roofline measures this machine, some minutes long, and keeps the record that the chapter shows.
"""

from functools import partial

from ..core import checks
from ..core.steps import finish
from . import bandwidth, products, records
from .bandwidth import Level
from .rounds import in_turns

NUMBER = 4  # bytes of a float32
SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
REPEATS = 20  # rounds of the longest measurements; short ones take more, to meet a quiet moment too


def intensity(n: int, width: int) -> float:
    """FLOP per byte of an (n × n)(n × width) product in float32, each matrix moved once: n·b/(2(n + 2b)).

    Source: the operational intensity of Williams, Waterman and Patterson, Roofline, 2009, for compulsory traffic only.
    """
    n, width = checks.whole("n", n), checks.whole("width", width)
    return n * width / (2 * (n + 2 * width))


def element_intensity(n: int) -> float:
    """FLOP per byte of one element of A: a dot product of 2n FLOP reads 2n numbers and writes one."""
    return 2 * checks.whole("n", n) / (NUMBER * (2 * n + 1))


def working_set(n: int, width: int) -> int:
    """Bytes of the three float32 matrices of an (n × n)(n × width) product."""
    n, width = checks.whole("n", n), checks.whole("width", width)
    return NUMBER * (n * n + 2 * n * width)


def holding(levels: list[Level], size: float) -> Level:
    """The first, and so the fastest, level that holds so many bytes."""
    return next(level for level in levels if level.upto is None or size <= level.upto)


def roof(peak: float, rate: float, flop_per_byte: float) -> float:
    """GFLOP/s that neither the arithmetic (``peak``, GFLOP/s) nor the memory (``rate``, GB/s) lets a product exceed."""
    return min(
        checks.positive("peak", peak), checks.positive("rate", rate) * checks.positive("flop_per_byte", flop_per_byte)
    )


def steps(stairs: dict[str, list[float]]) -> list[Level]:
    """The levels of a measured staircase: of copy and dot the faster one, at each size."""
    return bandwidth.levels(stairs["bytes"], [max(pair) for pair in zip(stairs["copy"], stairs["dot"])])


def rates(n: int, seconds: list[float]) -> list[float]:
    """GFLOP/s of (n × n)(n × n) products that took so many seconds."""
    return [products.gflop(n, n, n) / one for one in seconds]


def peak(libraries: dict[str, dict]) -> float:
    """The largest rate in GFLOP/s among measured products {library: {n: {"best": seconds, …}}}."""
    return max(max(rates(int(n), ways["best"])) for sizes in libraries.values() for n, ways in sizes.items())


def ways_of(timings: dict) -> dict[str, list[float]]:
    """Timings of ``products.time_ways`` as lists: "element" and "row" as [best, median], "best" and "median" by "widths"."""
    blocks = [width for width in timings if isinstance(width, int)]
    return {
        "element": [timings["element"].best, timings["element"].median],
        "row": [timings["row"].best, timings["row"].median],
        "widths": blocks,
        "best": [timings[width].best for width in blocks],
        "median": [timings[width].median for width in blocks],
    }


def smallest_steps(repeats: int = REPEATS) -> dict[str, dict[str, float]]:
    """Seconds of a step by element and of one by block if there is next to no work: each multiplies two numbers."""
    many = 16
    functions = {}
    for library in products.LIBRARIES:
        A, B, C = products.matrices(library, many)
        functions[library, "element"] = partial(products.by_element, A, B[:, :1], C[:1])
        functions[library, "block"] = partial(products.by_block, A[:1], B[:1, :1], C[:1], 1)
    timings = in_turns(functions, repeats)
    steps = {"element": many**2, "block": many}
    return {
        library: {way: timings[library, way].best / count for way, count in steps.items()}
        for library in products.LIBRARIES
    }


def measure(sizes: tuple[int, ...] = SIZES, repeats: int = REPEATS) -> dict:
    """All that the chapter shows, measured on this machine, one thread, in numbers of four digits: see ``records``."""
    stairs = finish(bandwidth.staircase(bandwidth.SIZES, 2 * repeats))
    libraries = {
        library: {
            str(n): ways_of(finish(products.time_ways(library, n, repeats=repeats * min(20, max(1, 1024 // n)))))
            for n in sizes
        }
        for library in products.LIBRARIES
    }
    result = {
        "machine": records.machine(),
        "repeats": repeats,
        "caches": bandwidth.caches(),
        "bandwidth": stairs,
        "levels": [vars(level) for level in steps(stairs)],
        "sums": finish(bandwidth.sums(bandwidth.SIDES, 2 * repeats)),
        "call": smallest_steps(20 * repeats),
        "peak": peak(libraries),
        "products": libraries,
    }
    return records.rounded(result)


def best_only(ways: dict[str, list]) -> dict:
    """The best seconds of each way: "element", "row", and "seconds" by "widths"."""
    return {
        "element": ways["element"][0],
        "row": ways["row"][0],
        "widths": ways["widths"],
        "seconds": ways["best"],
    }


def for_the_lab() -> dict:
    """The part of the record that the lab replays: machine, levels, peak and the best times of the products."""
    whole = records.load("vectorization")
    libraries = {
        library: {n: best_only(ways) for n, ways in sizes.items()} for library, sizes in whole["products"].items()
    }
    return {key: whole[key] for key in ("machine", "levels", "peak")} | {"products": libraries}


if __name__ == "__main__":
    records.store("vectorization", measure())
