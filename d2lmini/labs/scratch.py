"""The main lab: a run at any batch size and learning rate, beside the classic ones; the twin is js/labs/scratch.js."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from math import log10
from typing import Any

import plotly.graph_objects as go

from ..core import checks, engine
from ..core.engine import Run
from ..core.steps import breathing
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from ..timing import records
from ..timing.costs import cost
from . import lines, runs, words
from .lines import NAMES, NARROW
from .words import TITLES, duration

SENTENCES = words.SENTENCES | {
    "trained": "Batch size {batch:,}, learning rate {lr:.2g}: half loss {loss:.3f} after {updates:,} updates, "
    "{above:.1f} % above the best possible.",
    "peaked": "On the way the half loss rose to {peak:,.1f}.",
    "reached": "It first fell to {target:.2f} after {updates:,} updates, {time} of training.",
    "missed": "It never fell to {target:.2f}.",
    "working": "Training on {rows:,} rows: {done:.0f} % done.",
}
LABELS = {"logx": "log x", "logy": "log y", "band": "30 seeds", "classics": "classic runs"}
WORDS = {
    "gd": "gradient descent: all rows, rate 1, 10 epochs",
    "sgd": "one at a time: batch 1, rate 0.005, 2 epochs",
    "b100": "batch 100, rate 0.4, 2 epochs",
    "b10": "batch 10, rate 0.05, 2 epochs",
    "run": "this run",
    "alt": "Line chart of the half squared loss over all rows while the chosen run trains, with the best possible loss "
    "as a dotted line; the sentence below the chart says how the run ended.",
}
CHOICES: dict[str, list] = {
    "batch": [*((f"{size}", size) for size in runs.BATCHES), ("all rows", "all")],
    "rows": [("1,500", 1500), ("15,000", 15_000), ("150,000", 150_000), ("1.5 million", 1_500_000)],
    "whose": [
        ("PyTorch with a DataLoader", "loader"),
        ("PyTorch, sliced tensors", "torch"),
        ("NumPy", "numpy"),
        ("right here", "here"),
    ],
    "axis": [("epochs", "epochs"), ("examples", "examples"), ("updates", "updates"), ("seconds", "seconds")],
}
QUICK_ROWS = 15_000  # a run over more rows is drawn as it grows; thirty more of it would keep a reader waiting
# meta of the trace: batch size (None: all rows), learning rate, epochs
CLASSICS = {"gd": (None, 1.0, 10), "sgd": (1, 0.005, 2), "b100": (100, 0.4, 2), "b10": (10, 0.05, 2)}


def figure() -> go.Figure:
    """The run, the range of other seeds, the optimum and the classic runs."""
    looks = zip(("gd", "sgd", "b100", "b10"), COLOURS[1:], ("dash", "dashdot", "longdash", "dot"))
    classics = [
        go.Scatter(meta=meta, name=WORDS[meta], mode="lines", line={"color": colour, "dash": dash, "width": 1.5})
        for meta, colour, dash in looks
    ]
    thick = {"color": COLOURS[0], "width": 3}
    run = go.Scatter(meta="run", name=WORDS["run"], mode="lines", line=thick, marker_size=8)
    meta = {"alt": WORDS["alt"], "play": ["run"], "names": NAMES, "narrow": NARROW}
    layout = {"yaxis_title_text": words.WORDS["loss"], "meta": meta}
    return styled([*lines.seeds(), lines.optimum(), *classics, run], layout)


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the recorded costs and the words of the axes."""
    return {"costs": records.load("costs")["programs"], "titles": TITLES}


@dataclass
class _View:
    """On which axes a run is seen, and what it costs there."""

    rows: int
    axis: str
    whose: str
    costs: dict[str, Any] | None
    logx: bool
    logy: bool
    titles: dict[str, str]

    @property
    def edge(self) -> float:
        """The half loss at which curves are cut off."""
        return engine.DIVERGED if self.logy else runs.ceiling()

    def place(self, run: Run, size: int) -> list[float]:
        """Where the run's points lie."""
        per = cost(self.costs or {}, self.whose, self.rows, size) if self.axis == "seconds" else (0.0, 0.0)
        return runs.where(run, size, self.axis, per)

    def line(self, run: Run, size: int) -> runs.Trace:
        """What a trace shows of a run."""
        return runs.curve(run, self.place(run, size), runs.below(self.edge), self.logx)

    def band(self, many: list[Run], size: int) -> dict[str, runs.Trace]:
        """The range of many runs."""
        traces = runs.band(many, lambda run: self.place(run, size), runs.below(self.edge))
        first = next(i for i, at in enumerate(traces["low"]["x"]) if at > 0 or not self.logx)
        return {meta: {key: values[first:] for key, values in trace.items()} for meta, trace in traces.items()}

    def result(self, traces: dict[str, runs.Trace], say: runs.Say, end: float = 0) -> runs.Result:
        """The chart with these lines; it reaches at least to ``end``, or to where the run ends."""
        shown = [trace for trace in traces.values() if trace["x"]]
        ends = [end or shown[0]["x"][-1], *(at for line in shown for at in (line["x"][0], line["x"][-1]))]
        right = max(ends)
        left = 0 if not self.logx else min(ends) if min(ends) < right else right / 10  # the last is a run of one update
        top = max(1.05 * max(max(line["y"]) for line in shown), 0.55)
        xaxis: dict[str, Any] = {"type": "linear", "range": [left, right]}
        if self.logx:
            xaxis = {"type": "log", "range": [log10(left), log10(right)]}
        yaxis: dict[str, Any] = {"type": "linear", "range": [0.2, top]}
        if self.logy:
            yaxis = {"type": "log", "range": [log10(0.2), log10(top)]}
        xaxis |= {"title": {"text": self.titles[self.axis]}, **runs.SECONDS[self.axis == "seconds"]}
        best = runs.level(best_possible()[1], left, right)
        return {"traces": {**traces, "optimum": best}, "layout": {"xaxis": xaxis, "yaxis": yaxis}, "say": say}


def compute(
    *,
    rows: int = 1500,
    batch: int | str = 10,
    lr: float = 0.05,
    seed: int = 0,
    axis: str = "epochs",
    whose: str = "torch",
    logx: bool = False,
    logy: bool = False,
    band: bool = False,
    classics: bool = False,
    epochs: int = 2,
    costs: dict | None = None,
    titles: dict[str, str],
) -> runs.Results:
    """One run, with the spread of thirty seeds and the classic runs beside it, on the axis asked for.

    ``batch`` is a size or "all"; ``costs`` is ``records.load("costs")["programs"]``, needed for the axis of seconds;
    ``titles`` names the axes.
    """
    checks.choice("rows", rows, tuple(value for _, value in CHOICES["rows"]))
    checks.choice("axis", axis, tuple(titles))
    checks.positive("lr", lr)
    checks.whole("epochs", epochs)
    checks.whole("seed", seed, 0, 2**32 - 1)
    size = rows if batch == "all" else min(checks.whole("batch", batch), rows)
    view = _View(rows, axis, whose, costs, logx, logy, titles)
    traces: dict[str, runs.Trace] = {meta: runs.none() for meta in ("run", "low", "high", *CLASSICS)}

    # The classic runs stay in sight while a slider moves, once they are known.
    classic = {meta: (b or rows, rate, seed, budget) for meta, (b, rate, budget) in CLASSICS.items()}
    known = all(runs.is_known(rows, *settings) for settings in classic.values())
    if classics and known:
        yield from _add(traces, view, classic)
    whole = Run(rows, examples=[epochs * rows], updates=[epochs * -(-rows // size)])
    (end,) = view.place(whole, size)

    def drawn(part: Run) -> runs.Result | None:
        line = view.line(part, size)
        done = 100 * part.examples[-1] / (epochs * rows)
        return (
            view.result({**traces, "run": line}, [["working", {"rows": rows, "done": done}]], end)
            if line["x"]
            else None
        )

    run = yield from _growing(runs.runs(rows, size, lr, seed, epochs), rows, drawn)
    traces["run"] = view.line(run, size)
    say = _outcome(run, size, lr, view)
    yield view.result(traces, say)

    if band and rows <= QUICK_ROWS:
        many = []
        for other in range(runs.BAND_SEEDS):
            many.append((yield from breathing(runs.runs(rows, size, lr, other, epochs))))
            yield None
        traces |= view.band(many, size)
        yield view.result(traces, say)
    if classics and not known:
        yield from _add(traces, view, classic)
        yield view.result(traces, say)


def _add(
    traces: dict[str, runs.Trace], view: _View, settings: dict[str, tuple[int, float, int, int]]
) -> Generator[None, None, None]:
    """Run each of these and draw it."""
    for meta, (size, lr, seed, epochs) in settings.items():
        run = yield from breathing(runs.runs(view.rows, size, lr, seed, epochs))
        traces[meta] = view.line(run, size)


def _growing(
    work: Generator[Run, None, Run], rows: int, drawn: Callable[[Run], runs.Result | None]
) -> Generator[runs.Result | None, None, Run]:
    """A run that is drawn while it grows, if it is over many rows."""
    while True:
        try:
            part = next(work)
        except StopIteration as finished:
            return finished.value
        yield None if rows <= QUICK_ROWS or part.examples[-1] == 0 else drawn(part)


def _outcome(run: Run, size: int, lr: float, view: _View) -> runs.Say:
    """How a run ended, and when it was good enough."""
    if run.diverged_at is not None:
        say: runs.Say = [["diverged", {"batch": size, "lr": lr, "update": run.diverged_at}]]
        return say if view.logy else [*say, *runs.clipped([run], view.edge)]
    loss, peak = run.loss[-1], max(run.loss)
    ended = {"batch": size, "lr": lr, "loss": loss, "updates": run.updates[-1], "above": runs.above(loss)}
    say = [["trained", ended]]
    if peak > 1.5 * run.loss[0]:
        say.append(["peaked", {"peak": peak}])
    say += runs.clipped([run], view.edge)
    if view.axis == "seconds":
        at = engine.reached(run.loss, runs.TARGET)
        if at is None:
            return [*say, ["missed", {"target": runs.TARGET}]]
        time = duration(view.place(run, size)[at])
        say.append(["reached", {"target": runs.TARGET, "updates": run.updates[at], "time": time}])
    return say
