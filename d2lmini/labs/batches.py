"""Which rows land in which batch of an epoch, and how often each is used; the twin is js/labs/batches.js."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from ..core import checks, engine
from ..figures.template import COLOURS, styled
from .runs import Results, Say, Trace, none

SENTENCES = {
    "one": "{rows} rows and a batch size of {rows}: one update an epoch.",
    "equal": "{rows} rows in batches of {batch}: {updates} updates an epoch.",
    "short": "{rows} rows in batches of {batch}: {updates} updates an epoch, the last with {last} of them.",
    "single": "{rows} rows in batches of {batch}: {updates} updates an epoch, the last with a single row.",
    "once": "Every row is used once.",
    "drawn": "Rows missed: {missed}, where {expected:.1f} are expected. Rows used more than once: {repeated}, up to "
    "{most} times.",
    "moved": "A row is {moved:.1f} places from where it stands in the table, on average; {full:.1f} are expected of a full "
    "shuffle.",
    "unmoved": "Each batch is a stretch of the table.",
    "reach": "The first example can only be one of the first {buffer} rows.",
}
LABELS = {"how": "Order", "buffer": "Buffer (rows)", "epoch": "Epoch"}
WORDS = {
    "odd": "batches 1, 3, 5 …",
    "even": "batches 2, 4, 6 …",
    "short": "short last batch",
    "batch": "batch",
    "edges": "end of a batch",
    "reach": "newest row in the buffer",
    "once": "used once",
    "missed": "missed",
    "repeated": "repeated",
    "place": "example of the epoch, in the order of use",
    "row": "row of the table",
    "times": "times used",
    "place_narrow": "example of the epoch",
    "times_narrow": "uses",
    "point": "batch %{customdata}, example %{x}: row %{y}<extra></extra>",
    "row_once": "row %{y}: used once<extra></extra>",
    "row_missed": "row %{y}: missed<extra></extra>",
    "row_repeated": "row %{y}: used %{x} times<extra></extra>",
    "alt": "Left: a point for each example of an epoch, its place in the epoch across and its row in the table up; "
    "dotted lines end the batches, and neighbouring batches differ in colour and shape. Right: how often each row is used.",
}
CHOICES: dict[str, list] = {
    "how": [
        ("in file order", "file"),
        ("shuffled", "shuffled"),
        ("through a buffer", "buffer"),
        ("with replacement", "replacement"),
    ]
}
HOW = tuple(value for _, value in CHOICES["how"])


def figure() -> go.Figure:
    """Each example of an epoch at its place and its row, and how often each row is used."""
    blue, amber, green, purple, red, grey = COLOURS
    kinds = {"odd": (blue, "circle"), "even": (amber, "diamond"), "short": (green, "square")}
    counts = {"once": (grey, "circle-open"), "missed": (red, "x"), "repeated": (purple, "triangle-up")}
    plain = {"mode": "lines", "hoverinfo": "skip"}
    edge, newest = {"color": grey, "width": 1, "dash": "dot"}, {"color": red, "width": 2, "dash": "dash"}
    left = [
        go.Scatter(
            meta=meta,
            name=WORDS[meta],
            mode="markers",
            marker={"color": colour, "size": 8, "symbol": symbol},
            hovertemplate=WORDS["point"],
        )
        for meta, (colour, symbol) in kinds.items()
    ]
    right = [
        go.Scatter(
            meta=meta,
            name=WORDS[meta],
            showlegend=meta != "once",
            mode="markers",
            marker={"color": colour, "size": 7, "symbol": symbol},
            hovertemplate=WORDS[f"row_{meta}"],
            xaxis="x2",
            yaxis="y2",
        )
        for meta, (colour, symbol) in counts.items()
    ]
    lines = [
        go.Scatter(meta="edges", name=WORDS["edges"], showlegend=False, line=edge, **plain),
        go.Scatter(meta="reach", name=WORDS["reach"], line=newest, **plain),
    ]
    bare = {"showgrid": False}
    layout = {
        "height": 440,
        "xaxis": {"domain": [0, 0.76], "title_text": WORDS["place"], **bare},
        "yaxis": {"title_text": WORDS["row"], **bare},
        "xaxis2": {"domain": [0.82, 1], "title_text": WORDS["times"], "anchor": "y2", "dtick": 1, **bare},
        "yaxis2": {"anchor": "x2", "matches": "y", "showticklabels": False, **bare},
        "meta": {
            "alt": WORDS["alt"],
            "customdata": dict.fromkeys(kinds, WORDS["batch"]),
            "narrow": {
                "legend": {"font": {"size": 11}},
                "xaxis": {"domain": [0, 0.7], "title": {"text": WORDS["place_narrow"]}},
                "xaxis2": {"domain": [0.78, 1], "title": {"text": WORDS["times_narrow"]}},
            },
        },
    }
    return styled([*lines, *left, *right], layout)


def buffer_order(n: int, buffer: int, seed: int, epoch: int) -> list[int]:
    """Which row each of the ``n`` examples of an epoch is, after shuffling through a buffer of ``buffer`` rows.

    The buffer is filled from the top of the table. Each example is drawn from it at random, with draw epoch·n + i of
    the seed for example i, and the next row of the table takes its place: row r comes at place r − buffer + 1 or later.
    With a buffer of n rows or more this is a full shuffle, with a buffer of one row none.
    """
    n, buffer = checks.whole("n", n), checks.whole("buffer", buffer)
    checks.whole("seed", seed, 0, 2**32 - 1)
    checks.whole("epoch", epoch, 0)
    waiting = list(range(min(buffer, n)))
    following = len(waiting)
    order = []
    for draw in engine.mulberry32(seed, epoch * n, n).tolist():
        place = draw * len(waiting) >> 32
        order.append(waiting[place])
        if following < n:
            waiting[place] = following
            following += 1
        else:
            waiting[place] = waiting[-1]
            waiting.pop()
    return order


def compute(*, rows: int, batch: int, how: str, buffer: int, seed: int, epoch: int) -> Results:
    """Every example of an epoch as a point: its place in the epoch, its row in the table, its batch; and how often each row is used.

    ``how`` is "file", "shuffled", "buffer" (of ``buffer`` rows) or "replacement"; epochs count from 1. A batch is never
    larger than the table. The order is that of ``Minibatches``, and of ``buffer_order``.
    """
    checks.choice("how", how, HOW)
    order = _order(rows, how, buffer, seed, epoch - 1)
    size = min(batch, rows)
    updates = -(-rows // size)
    last = rows - (updates - 1) * size
    used = Counter(order)
    traces = _points(order, size) | {
        "edges": _edges(rows, size),
        "reach": none(),
        **_counts([used[row] for row in range(rows)]),
    }
    if how == "buffer" and 1 < buffer < rows:  # the newest row that the buffer holds when an example is drawn
        traces["reach"] = {"x": list(range(1, rows + 1)), "y": [min(rows, place + buffer) - 1 for place in range(rows)]}
    most = max(used.values())
    layout = {
        "xaxis": {"range": [0, rows + 1]},
        "yaxis": {"range": [-1, rows]},
        "xaxis2": {"range": [-0.5, max(2, most) + 0.5]},
        "yaxis2": {"range": [-1, rows]},
    }
    say = [_counted(rows, size, updates, last), *_mixed(rows, how, buffer, order, traces, most)]
    yield {"traces": traces, "layout": layout, "say": say}


def _points(order: list[int], size: int) -> dict[str, Trace]:
    """The examples by their place and row, in batches that can be told apart."""
    traces: dict[str, Trace] = {name: {"x": [], "y": [], "customdata": []} for name in ("odd", "even", "short")}
    updates = -(-len(order) // size)
    for place, row in enumerate(order):
        number = place // size + 1
        kind = "short" if number == updates and len(order) % size else ("even", "odd")[number % 2]
        traces[kind]["x"].append(place + 1)
        traces[kind]["y"].append(row)
        traces[kind]["customdata"].append(number)
    return traces


def _edges(rows: int, size: int) -> Trace:
    """Vertical lines between the batches."""
    ends = [end + 0.5 for end in range(size, rows, size)]
    return {"x": [x for end in ends for x in (end, end, None)], "y": [y for _ in ends for y in (-1, rows, None)]}


def _counts(used: list[int]) -> dict[str, Trace]:
    """The rows by how often they are used."""

    def where(right: Callable[[int], bool]) -> Trace:
        chosen = [row for row, times in enumerate(used) if right(times)]
        return {"x": [used[row] for row in chosen], "y": chosen}

    return {
        "missed": where(lambda times: times == 0),
        "once": where(lambda times: times == 1),
        "repeated": where(lambda times: times > 1),
    }


def _order(rows: int, how: str, buffer: int, seed: int, epoch: int) -> list[int]:
    if how == "file":
        return list(range(rows))
    if how == "buffer":
        return buffer_order(rows, buffer, seed, epoch)
    return engine.epoch_order(rows, seed, epoch, how == "replacement").tolist()


def _counted(rows: int, batch: int, updates: int, last: int) -> list[Any]:
    """How many updates, and how long the last batch is."""
    if updates == 1:
        return ["one", {"rows": rows}]
    key = "equal" if last == batch else "single" if last == 1 else "short"
    return [key, {"rows": rows, "batch": batch, "updates": updates, "last": last}]


def _mixed(rows: int, how: str, buffer: int, order: list[int], traces: dict[str, Trace], most: int) -> Say:
    """How well the order mixes the rows."""
    if how == "replacement":
        missed, repeated = len(traces["missed"]["y"]), len(traces["repeated"]["y"])
        expected = rows * (1 - 1 / rows) ** rows
        return [["drawn", {"missed": missed, "expected": expected, "repeated": repeated, "most": most}]]
    if how == "file":
        return [["once", {}], ["unmoved", {}]]
    moved = sum(abs(row - place) for place, row in enumerate(order)) / rows
    say: Say = [["once", {}], ["moved", {"moved": moved, "full": (rows**2 - 1) / (3 * rows)}]]
    return [*say, ["reach", {"buffer": buffer}]] if how == "buffer" and 1 < buffer < rows else say
