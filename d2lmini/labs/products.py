"""How fast each way to multiply two matrices is, against the roofs; the twin is js/labs/products.js.

A browser cannot time NumPy, so the page replays what ``timing.roofline`` recorded. A kernel can measure its own machine.
"""

from collections.abc import Generator
from math import log10
from typing import Any

import plotly.graph_objects as go

from ..core.steps import remembered
from ..figures.template import COLOURS, styled
from ..timing import bandwidth, products, roofline
from ..timing.bandwidth import Level
from ..timing.roofline import element_intensity, holding, intensity, rates, roof, working_set
from .runs import Result, Results, Trace
from .words import duration, scaled

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
LABELS = {"n": "Size n", "width": "Block width b", "library": "Library", "show": "Show", "whose": "Timings"}
WORDS = {
    "rate": "GFLOP/s",
    "time": "time of the whole product",
    "intensity": "FLOP per byte that a call has to move",
    "intensity_narrow": "FLOP per byte",
    "others": "other roofs",
    "roof": "the roof",
    "curve": "any width b",
    "block": "blocks of b",
    "element": "elements",
    "row": "rows",
    "column": "columns",
    "whole": "all at once",
    "point": "%{y:.3s} at %{x:.3g} FLOP per byte",
    "alt": "Roofline chart: speed of five ways to multiply two matrices against floating-point operations per byte. Element by "
    "element lies far below the roof; the wider the blocks, the farther right and the nearer to the roof a product lies.",
}
CHOICES: dict[str, list] = {
    "n": list(roofline.SIZES),
    "width": [2**k for k in range(roofline.SIZES[-1].bit_length())],
    "library": [(name, library) for library, name in products.LIBRARIES.items()],
    "show": [("GFLOP/s", "rate"), ("time", "time")],
    "whose": [("recorded", "recorded"), ("measured here", "here")],
}
WAYS = ("element", "row", "column", "block", "whole")
Frame = tuple[float, float, float, float]  # least and largest FLOP per byte, least and largest GFLOP/s
LARGE = 1024  # the size of the product that sets the arithmetic's roof here


def figure() -> go.Figure:
    """Each way to multiply as a marker, all widths as a line, under the roofs."""
    # the largest marker, of the blocks, lies below the others
    looks = {
        "block": (COLOURS[0], "square"),
        "element": (COLOURS[4], "circle"),
        "row": (COLOURS[1], "triangle-up"),
        "column": (COLOURS[2], "triangle-down"),
        "whole": (COLOURS[3], "diamond"),
    }
    grey, thin = {"color": COLOURS[5], "width": 3}, {"color": COLOURS[5], "width": 1.5, "dash": "dot"}
    lines = [
        go.Scatter(meta="others", name=WORDS["others"], mode="lines", line=thin, hoverinfo="skip"),
        go.Scatter(meta="roof", name=WORDS["roof"], mode="lines", line=grey, hoverinfo="skip"),
        go.Scatter(meta="curve", name=WORDS["curve"], mode="lines", line={"color": COLOURS[0], "width": 1.5}),
    ]
    points = [
        go.Scatter(
            meta=meta,
            name=WORDS[meta],
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 17 if meta == "block" else 10},
            hovertemplate=WORDS["point"],
        )
        for meta, (colour, symbol) in looks.items()
    ]
    layout = {
        "height": 480,
        "xaxis": {"type": "log", "dtick": 1, "title_text": WORDS["intensity"]},
        "yaxis": {"type": "log", "dtick": 1, "title_text": WORDS["rate"]},
        "meta": {
            "alt": WORDS["alt"],
            "narrow": {
                "legend": {"font": {"size": 11}, "entrywidth": 0.46, "entrywidthmode": "fraction"},
                "xaxis": {"title": {"text": WORDS["intensity_narrow"]}},
                "yaxis": {"title": {"text": ""}},
            },
        },
    }
    return styled([*lines, *points], layout)


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the record, and the words of the y-axis."""
    return {"table": roofline.for_the_lab(), "titles": {show: WORDS[show] for show in ("rate", "time")}}


def amount(flop: int) -> str:
    """FLOP as people say them: 512 FLOP, 131 kFLOP, 8.4 MFLOP."""
    if flop < 1000:
        return f"{flop} FLOP"
    return scaled(flop, (("GFLOP", 1e9), ("MFLOP", 1e6), ("kFLOP", 1e3)))


def compute(*, n: int, width: int, library: str, show: str, whose: str, table: dict, titles: dict[str, str]) -> Results:
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


def _frame(table: dict) -> Frame:
    """Least and largest FLOP per byte and GFLOP/s of the chart: those of the record, whatever is shown."""
    sizes = [(int(n), ways) for one in table["products"].values() for n, ways in one.items()]
    slowest = min(rates(n, [ways["element"]])[0] for n, ways in sizes)
    largest = max(n for n, _ in sizes)
    return 0.6 * element_intensity(largest), 1.5 * intensity(largest, largest), slowest / 1.5, 2 * table["peak"]


def _drawn(
    n: int, width: int, library: str, show: str, table: dict, frame: Frame, titles: dict[str, str], origin: list[Any]
) -> Result:
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

    def line(rate: float) -> Trace:
        """The roof that a memory of this rate makes."""
        ridge = min(max(table["peak"] / rate, left), right)
        return {"x": [left, ridge, right], "y": [shown(roof(table["peak"], rate, at)) for at in (left, ridge, right)]}

    others: Trace = {"x": [], "y": []}
    for level in levels:
        if level is not own:
            for key, values in line(level.rate).items():
                others[key] += [*values, None]
    traces = {
        "others": others,
        "roof": line(own.rate),
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


_ways: dict[tuple[str, int], dict] = {}  # what was measured here, by library and size
_machine: dict[str, tuple[list[Level], float]] = {}  # its levels, and its peak in GFLOP/s


def _here(n: int, library: str) -> Generator[None, None, tuple[dict, int]]:
    """A table of this kernel's machine with the product asked for, measured once; and the rounds it took."""
    repeats = max(3, min(20, 10 * LARGE // n))
    levels, peak = yield from remembered(_machine, "here", _measured())
    ways = yield from remembered(_ways, (library, n), _timed(library, n, repeats))
    table = {
        "levels": [vars(level) for level in levels],
        "peak": max(peak, *rates(n, ways["seconds"])),
        "products": {library: {str(n): ways}},
    }
    return table, repeats


def _measured() -> Generator[None, None, tuple[list[Level], float]]:
    largest = yield from products.time_ways("numpy", LARGE, [LARGE], 10)
    stairs = yield from bandwidth.staircase(bandwidth.SIZES[8:], 5)
    return roofline.steps(stairs), rates(LARGE, [largest[LARGE].best])[0]


def _timed(library: str, n: int, repeats: int) -> Generator[None, None, dict]:
    return roofline.best_only(roofline.ways_of((yield from products.time_ways(library, n, repeats=repeats))))
