"""The lab of products: how fast each way to multiply is, against the roofs; its twin is in js/vectorization.js.

A browser cannot time NumPy, so the page replays what ``d2lmini.roofline`` recorded. A kernel can measure its own machine.
"""

from collections.abc import Generator
from math import log10

from . import bandwidth, products
from .bandwidth import Level
from .compute import duration
from .roofline import best_only, element_intensity, holding, intensity, rates, roof, steps, ways_of, working_set

SENTENCES = {
    "rate": "{library}, n = {n:,}, block width {width:,} ({calls:,} × {work}): {rate:.3g} GFLOP/s, {share:.0f} % of the roof "
    "(memory: {memory:.0f} GB/s), {times:,.0f} times as fast as element by element.",
    "time": "{library}, n = {n:,}, block width {width:,} ({calls:,} × {work}): {time} for the whole product, {share:.0f} % of the "
    "roof's speed (memory: {memory:.0f} GB/s), {times:,.0f} times as fast as element by element.",
    "recorded": "Recorded on {date}: {processor}, one thread, {version}.",
    "page": "A page cannot time {library}: you see what was recorded on {date} ({processor}, one thread, {version}). "
    "Open the notebook to measure your own machine.",
    "measuring": "Measuring here; until that is done you see the record.",
    "here": "Measured here: one thread, best of {repeats}.",
}
WAYS = ("element", "row", "column", "block", "whole")
LARGE = 1024  # the size of the product that sets the arithmetic's roof here


def amount(flop: float) -> str:
    """FLOP as people say them: 512 FLOP, 131 kFLOP, 8.4 MFLOP."""
    for unit, size in (("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3), ("FLOP", 1)):
        if flop >= size or size == 1:
            value = flop / size
            return f"{value:.0f} {unit}" if value >= 10 or size == 1 else f"{value:.1f} {unit}"
    raise AssertionError


def products_and_roofs(
    *, n: int, width: int, library: str, show: str, whose: str, table: dict, titles: dict[str, str]
) -> Generator[dict | None, None, None]:
    """GFLOP/s, or seconds, of each way to multiply (n × n)(n × n) against FLOP per byte, under the roofs of the memory.

    ``table`` is ``roofline.for_the_lab()``; ``show`` is "rate" or "time", ``whose`` "recorded" or "here"; ``titles``
    names the y-axis of each ``show``. A block is ``width`` columns wide, n at most.
    """
    machine = table["machine"]
    source = {
        "date": machine["date"],
        "processor": machine["processor"],
        "version": f"{products.LIBRARIES[library]} {machine[library]}",
    }
    frame = _frame(table)
    if whose == "here":
        yield _drawn(n, width, library, show, table, frame, titles, ["measuring", {}])
        measured, repeats = yield from _here(n, library)
        yield _drawn(n, width, library, show, measured, frame, titles, ["here", {"repeats": repeats}])
    else:
        yield _drawn(n, width, library, show, table, frame, titles, ["recorded", source])


def _frame(table: dict) -> tuple[float, float, float, float]:
    """Least and largest FLOP per byte and GFLOP/s of the chart: those of the record, whatever is shown."""
    sizes = [(int(n), ways) for one in table["products"].values() for n, ways in one.items()]
    slowest = min(rates(n, [ways["element"]])[0] for n, ways in sizes)
    largest = max(n for n, _ in sizes)
    return 0.6 * element_intensity(largest), 1.5 * intensity(largest, largest), slowest / 1.5, 2 * table["peak"]


def _drawn(
    n: int, width: int, library: str, show: str, table: dict, frame: tuple, titles: dict[str, str], origin: list
) -> dict:
    """The chart of one table of timings."""
    ways, levels = table["products"][library][str(n)], [Level(**level) for level in table["levels"]]
    width = min(width, n)
    by_width = dict(zip(ways["widths"], rates(n, ways["seconds"])))
    element, row = rates(n, [ways["element"], ways["row"]])
    x = {"element": element_intensity(n), "row": intensity(n, 1), "column": intensity(n, 1)}
    x |= {"block": intensity(n, width), "whole": intensity(n, n)}
    y = {"element": element, "row": row, "column": by_width[1], "block": by_width[width], "whole": by_width[n]}
    left, right, slowest, fastest = frame
    own = holding(levels, working_set(n, width))

    def shown(rate: float) -> float:
        return rate if show == "rate" else 2 * n**3 / (rate * 1e9)

    def roofline(rate: float) -> dict[str, list]:
        ridge = min(max(table["peak"] / rate, left), right)
        return {"x": [left, ridge, right], "y": [shown(roof(table["peak"], rate, at)) for at in (left, ridge, right)]}

    others: dict[str, list] = {"x": [], "y": []}
    for level in levels:
        if level is not own:
            for key, values in roofline(level.rate).items():
                others[key] += [*values, None]
    traces = {
        "others": others,
        "roof": roofline(own.rate),
        "curve": {"x": [intensity(n, b) for b in by_width], "y": [shown(rate) for rate in by_width.values()]},
        **{way: {"x": [x[way]], "y": [shown(y[way])]} for way in WAYS},
    }
    bounds = sorted([shown(slowest), shown(fastest)])
    layout = {
        "xaxis": {"range": [log10(left), log10(right)]},
        "yaxis": {
            "range": [log10(bound) for bound in bounds],
            "title": {"text": titles[show]},
            "ticksuffix": "" if show == "rate" else "s",
        },
    }
    said = {"rate": y["block"]} if show == "rate" else {"time": duration(shown(y["block"]))}
    said |= {"library": products.LIBRARIES[library], "n": n, "width": width, "calls": -(-n // width)}
    said |= {"work": amount(2 * n * n * width), "times": y["block"] / element}
    said |= {"memory": own.rate, "share": 100 * y["block"] / roof(table["peak"], own.rate, x["block"])}
    return {"traces": traces, "layout": layout, "say": [[show, said], origin]}


_known: dict = {}  # what was measured here: the levels, the peak, the ways by library and size


def _here(n: int, library: str) -> Generator[None, None, tuple[dict, int]]:
    """A table of this kernel's machine with the product asked for, measured once; and the rounds it took."""
    repeats = max(3, min(20, 10 * LARGE // n))
    if not _known:
        largest = yield from products.time_ways("numpy", LARGE, [LARGE], 10)
        stairs = yield from bandwidth.staircase(bandwidth.SIZES[8:], 5)
        _known.update(levels=steps(stairs), peak=rates(LARGE, [largest[LARGE].best])[0])
    if (library, n) not in _known:
        _known[library, n] = best_only(ways_of((yield from products.time_ways(library, n, repeats=repeats))))
    ways = _known[library, n]
    table = {
        "levels": [vars(level) for level in _known["levels"]],
        "peak": max(_known["peak"], *rates(n, ways["seconds"])),
        "products": {library: {str(n): ways}},
    }
    return table, repeats
