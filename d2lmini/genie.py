"""What copies of the data change: the lab of the exercises; the twin is js/genie.js."""

from bisect import bisect_right
from collections.abc import Generator

import numpy as np

from . import checks, engine, measure
from .compute import CEILING, TARGET, curve, duration, optimum, where
from .data import table

SENTENCES = {
    "once": "To a half loss of {target:.2f}, each row there once, in {axis}.",
    "copied": "To a half loss of {target:.2f}, from the plain table to {copies:,} copies of each row, in {axis}.",
    "count": "{name}: {now:,}.",
    "share": "{name}: {now:.2g}.",
    "time": "{name}: {now}.",
    "counts": "{name}: from {before:,} to {now:,}.",
    "shares": "{name}: from {before:.2g} to {now:.2g}.",
    "times": "{name}: from {before} to {now}.",
    "missed": "{name}: not within {updates:,} updates.",
    "working": "Training on {rows:,} rows.",
}
# meta of the trace: batch size (None: all rows), learning rate, updates
METHODS = {"gd": (None, 0.5, 10), "b100": (100, 0.4, 30), "b10": (10, 0.05, 300), "sgd": (1, 0.005, 3000)}
KINDS = {"epochs": "share", "examples": "count", "updates": "count", "seconds": "time"}


def genie(
    *,
    copies: int = 1,
    sampling: str = "reshuffled",
    method: str = "all",
    axis: str = "examples",
    whose: str = "torch",
    seed: int = 0,
    costs: dict,
    titles: dict[str, str],
    names: dict[str, str],
) -> Generator[dict | None, None, None]:
    """The same updates on the plain table and on one in which each row is there ``copies`` times.

    ``sampling`` is "reshuffled" or "replacement"; gradient descent, which reads all rows, knows no difference.
    ``method`` is one of METHODS or "all". On the axis of seconds an update costs what ``whose`` program was recorded to
    need for it (``costs`` is ``measure.recorded()["programs"]``), and a reshuffled epoch its shuffle as it begins.
    ``titles`` names the axes, ``names`` the methods.
    """
    checks.whole("copies", copies)
    checks.choice("axis", axis, tuple(KINDS))
    checks.choice("sampling", sampling, ("reshuffled", "replacement"))
    checks.choice("method", method, ("all", *METHODS))
    shown = [method] if method != "all" else list(METHODS)
    best = optimum()[1]
    ceiling = CEILING * engine.half_loss(engine.quadratic(*table()), np.zeros(table()[0].shape[1]))
    traces: dict[str, dict] = {
        f"{meta}{before}": {"x": [], "y": [], "mode": "lines"} for before in ("_before", "") for meta in METHODS
    }

    def place(meta: str, run: engine.Run) -> list[float]:
        batch = METHODS[meta][0] or run.n
        update, shuffle = measure.cost(costs, whose, run.n, batch) if axis == "seconds" else (0.0, 0.0)
        return where(run, batch, axis, (update, 0.0 if sampling == "replacement" else shuffle))

    def result(say: list) -> dict:
        ends = [x for trace in traces.values() if trace["x"] for x in (trace["x"][0], trace["x"][-1])]
        left, right = min(ends), max(ends)
        layout = {
            "xaxis": {
                "range": [float(np.log10(left)), float(np.log10(right))],
                "title": {"text": titles[axis]},
                "ticksuffix": "s" if axis == "seconds" else "",
            }
        }
        return {"traces": {**traces, "optimum": {"x": [left, right], "y": [best, best]}}, "layout": layout, "say": say}

    before = {}
    for meta in shown:
        run = yield from _run(1, meta, sampling, seed)
        x = place(meta, run)
        traces[f"{meta}_before"] = curve(run, x, True, ceiling)
        before[meta] = _reached(run, x)
    yield result([["working", {"rows": copies * len(table()[1])}]])
    now = {}
    for meta in shown:
        run = yield from _run(copies, meta, sampling, seed)
        x = place(meta, run)
        traces[meta] = curve(run, x, True, ceiling)
        now[meta] = _reached(run, x)
        yield None
    yield result(_say(copies, axis, names, before, now))


def _run(copies: int, method: str, sampling: str, seed: int) -> Generator[None, None, engine.Run]:
    """As many updates of a method as METHODS says, remembered; they may be a small part of an epoch."""
    key = (copies, method, sampling, seed)
    if key not in _runs:
        batch, lr, updates = METHODS[method]
        rows = copies * len(table()[1])
        run = engine.Run(rows)
        for run in engine.sgd(
            *table(),
            batch_size=batch or rows,
            lr=lr,
            epochs=-(-updates * (batch or rows) // rows),
            seed=seed,
            copies=copies,
            replacement=sampling == "replacement" and batch is not None,
            early=True,
        ):
            if run.updates[-1] >= updates:
                break
            yield None
        count = bisect_right(run.updates, updates)
        _runs[key] = engine.Run(rows, run.examples[:count], run.updates[:count], run.loss[:count], run.theta[:count])
        if len(_runs) > 100:
            del _runs[next(iter(_runs))]
    return _runs[key]


_runs: dict[tuple, engine.Run] = {}


def _reached(run: engine.Run, x: list[float]) -> float | None:
    """Where on the axis the loss was first recorded at the target or below; None if nowhere."""
    return next((at for at, loss in zip(x, run.loss) if loss <= TARGET), None)


def _say(copies: int, axis: str, names: dict, before: dict, now: dict) -> list:
    head = {"target": TARGET, "axis": axis}
    say: list = [["once", head]] if copies == 1 else [["copied", {**head, "copies": copies}]]
    kind = KINDS[axis]
    for meta in now:
        name = names[meta]
        if now[meta] is None or before[meta] is None:
            say.append(["missed", {"name": name, "updates": METHODS[meta][2]}])
            continue
        was, is_now = (duration(at[meta]) if axis == "seconds" else at[meta] for at in (before, now))
        if copies == 1:
            say.append([kind, {"name": name, "now": is_now}])
        else:
            say.append([f"{kind}s", {"name": name, "before": was, "now": is_now}])
    return say
