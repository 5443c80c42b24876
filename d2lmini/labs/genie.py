"""What copies of the data change: the lab of the exercises; the twin is js/labs/genie.js."""

from bisect import bisect_right
from collections.abc import Generator
from math import log10
from typing import Any

import plotly.graph_objects as go

from ..core import checks, engine
from ..core.engine import Run
from ..core.rows import TRAINING_ROWS, table
from ..core.steps import remembered
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from ..timing import records
from ..timing.costs import cost
from . import lines, scratch, words
from .runs import SECONDS, TARGET, Result, Results, Say, below, ceiling, curve, level, where
from .words import AXES, TITLES, duration

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
LABELS = {"copies": "Copies", "method": "Method", "sampling": "Sampling"}
WORDS = {
    "gd": "Gradient descent",
    "b100": "Batch 100",
    "b10": "Batch 10",
    "sgd": "One at a time",
    "plain": "{name}, plain table",
    "alt": "Lines of the half squared loss for gradient descent and minibatches of 100, 10 and 1: thin on the plain table, "
    "thick on the copied one. The sentences below say where each first comes down to a half loss of 0.25.",
}
# meta of the trace: batch size (None: all rows), learning rate, updates
METHODS = {"gd": (None, 0.5, 10), "b100": (100, 0.4, 30), "b10": (10, 0.05, 300), "sgd": (1, 0.005, 3000)}
CHOICES: dict[str, list] = {
    "copies": [("none", 1), ("10 of each row", 10), ("100 of each row", 100), ("1,000 of each row", 1000)],
    "method": [("all at once", "all"), *((WORDS[method], method) for method in METHODS)],
    "sampling": [("reshuffled", "reshuffled"), ("with replacement", "replacement")],
    "whose": [program for program in scratch.CHOICES["whose"] if program[1] != "here"],
    "axis": scratch.CHOICES["axis"],
}
KINDS = {"epochs": "share", "examples": "count", "updates": "count", "seconds": "time"}


def figure() -> go.Figure:
    """Each method on the copied table, on the plain one (thin), and the optimum."""
    styles = list(zip(METHODS, COLOURS, ["solid", "dash", "dashdot", "dot"]))
    plain = [
        go.Scatter(
            meta=f"{meta}_before",
            name=WORDS["plain"].format(name=WORDS[meta]),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 1.2},
            marker_size=4,
            showlegend=False,
        )
        for meta, colour, dash in styles
    ]
    copied = [
        go.Scatter(
            meta=meta, name=WORDS[meta], mode="lines", line={"color": colour, "dash": dash, "width": 3}, marker_size=8
        )
        for meta, colour, dash in styles
    ]
    layout = {
        "xaxis": {"type": "log"},
        "yaxis": {"title_text": words.WORDS["loss"], "range": [0.2, 0.52]},
        "meta": {
            "alt": WORDS["alt"],
            "narrow": lines.NARROW,
        },
    }
    return styled([lines.optimum(), *plain, *copied], layout)


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the recorded costs, the words of the axes and methods."""
    names = {method: WORDS[method] for method in METHODS}
    return {"costs": records.load("costs")["programs"], "titles": TITLES, "names": names}


def compute(
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
) -> Results:
    """The same updates on the plain table and on one in which each row is there ``copies`` times.

    ``sampling`` is "reshuffled" or "replacement"; gradient descent, which reads all rows, knows no difference.
    ``method`` is one of METHODS or "all". On the axis of seconds an update costs what ``whose`` program was recorded to
    need for it (``costs`` is ``records.load("costs")["programs"]``), and a reshuffled epoch its shuffle as it begins.
    ``titles`` names the axes, ``names`` the methods.
    """
    checks.whole("copies", copies)
    checks.choice("axis", axis, AXES)
    checks.choice("sampling", sampling, ("reshuffled", "replacement"))
    checks.choice("method", method, ("all", *METHODS))
    shown = [method] if method != "all" else list(METHODS)
    traces: dict[str, dict] = {
        f"{meta}{before}": {"x": [], "y": [], "mode": "lines"} for before in ("_before", "") for meta in METHODS
    }

    def place(meta: str, run: Run) -> list[float]:
        size = METHODS[meta][0] or run.n
        update, shuffle = cost(costs, whose, run.n, size) if axis == "seconds" else (0.0, 0.0)
        return where(run, size, axis, (update, 0.0 if sampling == "replacement" else shuffle))

    def result(say: Say) -> Result:
        ends = [x for trace in traces.values() if trace["x"] for x in (trace["x"][0], trace["x"][-1])]
        left, right = min(ends), max(ends)
        xaxis = {"range": [log10(left), log10(right)], "title": {"text": titles[axis]}, **SECONDS[axis == "seconds"]}
        return {
            "traces": {**traces, "optimum": level(best_possible()[1], left, right)},
            "layout": {"xaxis": xaxis},
            "say": say,
        }

    before, now = {}, {}
    for meta in shown:
        run = yield from _run(1, meta, sampling, seed)
        x, at = place(meta, run), engine.reached(run.loss, TARGET)
        traces[f"{meta}_before"] = curve(run, x, below(ceiling()), True)
        before[meta] = None if at is None else x[at]
    yield result([["working", {"rows": copies * TRAINING_ROWS}]])
    for meta in shown:
        run = yield from _run(copies, meta, sampling, seed)
        x, at = place(meta, run), engine.reached(run.loss, TARGET)
        traces[meta] = curve(run, x, below(ceiling()), True)
        now[meta] = None if at is None else x[at]
        yield None
    yield result(_outcome(copies, axis, titles, names, before, now))


_known: dict[tuple, Run] = {}


def _run(copies: int, method: str, sampling: str, seed: int) -> Generator[None, None, Run]:
    """As many updates of a method as METHODS says, remembered."""
    return remembered(_known, (copies, method, sampling, seed), _updates(copies, method, sampling, seed))


def _updates(copies: int, method: str, sampling: str, seed: int) -> Generator[None, None, Run]:
    """As many updates of a method as METHODS says; they may be a small part of an epoch."""
    size, lr, updates = METHODS[method]
    rows = copies * TRAINING_ROWS
    run = Run(rows)
    for run in engine.minibatch_sgd(
        *table(),
        batch_size=size or rows,
        lr=lr,
        epochs=-(-updates * (size or rows) // rows),
        seed=seed,
        copies=copies,
        replacement=sampling == "replacement" and size is not None,
        early=True,
    ):
        if run.updates[-1] >= updates:
            break
        yield None
    count = bisect_right(run.updates, updates)
    return Run(rows, run.examples[:count], run.updates[:count], run.loss[:count], run.theta[:count])


def _outcome(
    copies: int,
    axis: str,
    titles: dict[str, str],
    names: dict[str, str],
    before: dict[str, float | None],
    now: dict[str, float | None],
) -> Say:
    """Where on the axis each method came down to the target, on the plain table and on the copied one."""
    head = {"target": TARGET, "axis": titles[axis]}
    say: Say = [["once", head]] if copies == 1 else [["copied", {**head, "copies": copies}]]
    for meta, at in now.items():
        name, was = names[meta], before[meta]
        if was is None or at is None:
            say.append(["missed", {"name": name, "updates": METHODS[meta][2]}])
            continue
        amounts = [duration(amount) if axis == "seconds" else amount for amount in (was, at)]
        if copies == 1:
            say.append([KINDS[axis], {"name": name, "now": amounts[1]}])
        else:
            say.append([f"{KINDS[axis]}s", {"name": name, "before": amounts[0], "now": amounts[1]}])
    return say
