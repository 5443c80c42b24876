"""Which rows land in which batch of an epoch: what the lab of the chapter on reading data draws; the twin is js/batches.js."""

from collections import Counter
from collections.abc import Generator

from . import checks, engine

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
HOW = ("file", "shuffled", "buffer", "replacement")


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


def batches(*, rows: int, batch: int, how: str, buffer: int, seed: int, epoch: int) -> Generator[dict, None, None]:
    """Every example of an epoch as a point: its place in the epoch, its row in the table, its batch; and how often each row is used.

    ``how`` is "file", "shuffled", "buffer" (of ``buffer`` rows) or "replacement"; epochs count from 1. A batch is never
    larger than the table. The order is that of ``Minibatches``, and of ``buffer_order``.
    """
    checks.choice("how", how, HOW)
    order = _order(rows, how, buffer, seed, epoch - 1)
    size = min(batch, rows)
    updates = -(-rows // size)
    last = rows - (updates - 1) * size
    points: dict[str, dict] = {name: {"x": [], "y": [], "customdata": []} for name in ("odd", "even", "short")}
    for place, row in enumerate(order):
        number = place // size + 1
        kind = "short" if number == updates and last < size else ("even", "odd")[number % 2]
        points[kind]["x"].append(place + 1)
        points[kind]["y"].append(row)
        points[kind]["customdata"].append(number)
    ends = [end + 0.5 for end in range(size, rows, size)]
    used = Counter(order)
    traces = {
        **points,
        "edges": {
            "x": [x for end in ends for x in (end, end, None)],
            "y": [y for _ in ends for y in (-1, rows, None)],
        },
        "reach": {"x": [], "y": []},
        **{
            name: {"x": [used[row] for row in chosen], "y": chosen}
            for name, chosen in (
                ("missed", [row for row in range(rows) if used[row] == 0]),
                ("once", [row for row in range(rows) if used[row] == 1]),
                ("repeated", [row for row in range(rows) if used[row] > 1]),
            )
        },
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


def _order(rows: int, how: str, buffer: int, seed: int, epoch: int) -> list[int]:
    if how == "file":
        return list(range(rows))
    if how == "buffer":
        return buffer_order(rows, buffer, seed, epoch)
    return engine.epoch_order(rows, seed, epoch, how == "replacement").tolist()


def _counted(rows: int, batch: int, updates: int, last: int) -> list:
    """How many updates, and how long the last batch is."""
    if updates == 1:
        return ["one", {"rows": rows}]
    key = "equal" if last == batch else "single" if last == 1 else "short"
    return [key, {"rows": rows, "batch": batch, "updates": updates, "last": last}]


def _mixed(rows: int, how: str, buffer: int, order: list[int], traces: dict, most: int) -> list[list]:
    """How well the order mixes the rows."""
    if how == "replacement":
        missed, repeated = len(traces["missed"]["y"]), len(traces["repeated"]["y"])
        expected = rows * (1 - 1 / rows) ** rows
        return [["drawn", {"missed": missed, "expected": expected, "repeated": repeated, "most": most}]]
    if how == "file":
        return [["once", {}], ["unmoved", {}]]
    moved = sum(abs(row - place) for place, row in enumerate(order)) / rows
    say: list[list] = [["once", {}], ["moved", {"moved": moved, "full": (rows**2 - 1) / (3 * rows)}]]
    return [*say, ["reach", {"buffer": buffer}]] if how == "buffer" and 1 < buffer < rows else say
