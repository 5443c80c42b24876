"""A run whose learning rate falls, or whose batch grows, beside one at a constant rate; the twin is js/labs/schedules.js."""

from collections.abc import Generator
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go

from ..core import checks, engine, schedules
from ..core.engine import Run
from ..core.rows import TRAINING_ROWS, table
from ..core.steps import breathing
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from . import lines, runs, words

SENTENCES = words.SENTENCES | {
    "fell": "Batch size {batch:,}: in {updates:,} updates the learning rate went from {first:.2g} to {last:.2g} and the "
    "half loss to {loss:.4f}, {above:.3g} % above the best possible.",
    "grew": "Learning rate {lr:.2g}: in {updates:,} updates the batch grew from {batch:,} to {largest:,} and the half loss "
    "went to {loss:.4f}, {above:.3g} % above the best possible.",
    "steady": "At the constant rate it ended {above:.3g} % above, after {updates:,} updates.",
    "steady_diverged": "At the constant rate it diverged, at update {update:,}.",
    "outside": "The learning rate leaves the picture at {lowest:.1g}.",
}
LABELS = {
    "kind": "Schedule",
    "view": "Show",
    "divide": "Divide, or grow, by",
    "every": "Every … epochs",
    "gamma": "γ of the multiplication",
    "delay": "Delay in updates",
    "warm": "Warm-up in updates",
    "band": "30 seeds",
}
WORDS = {
    "loss": "half squared loss",
    "above": "half loss above the best",
    "steady": "at the constant rate",
    "run": "this run",
    "noise": "rate ÷ growth of the batch",
    "alt": "Left: the loss of the chosen run and of a run at the constant rate, against epochs, with the best "
    "possible loss as a dotted line. Right: the learning rate over the same epochs.",
}
CHOICES: dict[str, list] = {
    "kind": [
        ("constant", "constant"),
        ("divide every few epochs", "step"),
        ("t^−½", "sqrt"),
        ("t^−1", "inverse"),
        ("times γ after each epoch", "epoch"),
        ("times γ after each update", "update"),
        ("cosine", "cosine"),
        ("grow the batch instead", "grow"),
    ],
    "view": [("above the best", "above"), ("half loss", "loss")],
    "batch": [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500],
    "gamma": [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999],
    "delay": [0, 10, 30, 100, 300, 1000],
    "warm": [0, 10, 30, 100, 300, 1000],
}
KINDS = tuple(value for _, value in CHOICES["kind"])
LEAST = 1e-9  # above the best: less is rounding
LOWEST = 1e-7  # where an axis of the distance ends at the latest
SPAN = 2e6  # of the axis of the rates, at most


def figure() -> go.Figure:
    """The run, the range of other seeds and a run at the constant rate; beside them the rates."""
    blue, amber, green = COLOURS[:3]
    right = {"xaxis": "x2", "yaxis": "y2", "mode": "lines", "showlegend": False}
    steady = {"color": amber, "dash": "dash", "width": 1.5}
    thick, noise = {"color": blue, "width": 2.5}, {"color": green, "dash": "dashdot", "width": 2}
    traces = [
        *lines.seeds(),
        lines.optimum(),
        go.Scatter(meta="steady", name=WORDS["steady"], mode="lines", line=steady),
        go.Scatter(meta="run", name=WORDS["run"], mode="lines", line=thick),
        go.Scatter(meta="steady_rate", name=WORDS["steady"], line=steady, **right),
        go.Scatter(meta="noise", name=WORDS["noise"], line=noise, **right | {"showlegend": True}),
        go.Scatter(meta="rate", name=WORDS["run"], line=thick, **right),
    ]
    rates = {"type": "log", "title_text": words.WORDS["rate"], "exponentformat": "power", "nticks": 4}
    epochs = {"title_text": words.WORDS["epochs"]}
    layout = {
        "height": 420,
        "xaxis": {"domain": [0, 0.54], **epochs},
        "xaxis2": {"domain": [0.7, 1], "anchor": "y2", **epochs},
        "yaxis": {"exponentformat": "power"},
        "yaxis2": {"anchor": "x2", **rates},
        "meta": {
            "alt": WORDS["alt"],
            "play": ["run", "rate"],
            "names": lines.NAMES,
            "narrow": {
                "height": 620,
                "legend": {"font": {"size": 11}},
                "xaxis": {"domain": [0, 1], "title": {"text": ""}},
                "yaxis": {"domain": [0.42, 1]},
                "xaxis2": {"domain": [0, 1]},
                "yaxis2": {"domain": [0, 0.3]},
            },
        },
    }
    return styled(traces, layout)


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the words of both views."""
    return {"titles": {view: WORDS[view] for view in ("loss", "above")}}


def compute(
    *,
    kind: str,
    batch: int,
    lr: float,
    divide: int,
    every: int,
    gamma: float,
    delay: int,
    warm: int,
    epochs: int,
    seed: int,
    view: str = "loss",
    band: bool = False,
    titles: dict[str, str],
) -> runs.Results:
    """The loss and the learning rate over time, the range of thirty seeds, and the same run at a constant rate.

    ``kind`` is "constant", "sqrt" (t^−½) or "inverse" (t^−1) with ``delay`` updates, "epoch" or "update" (times
    ``gamma`` after each), "step" (by ``divide`` after ``every`` epochs), "cosine", or "grow": the batch times ``divide``
    after ``every`` epochs instead. ``warm`` is the number of updates of warm-up. ``view`` is "loss" or "above", the
    distance from the best possible on a log axis; ``titles`` names both.
    """
    checks.choice("kind", kind, KINDS)
    checks.choice("view", view, ("loss", "above"))
    grows = kind == "grow"
    sizes = schedules.growing(batch, epochs, divide, every, TRAINING_ROWS) if grows else [batch] * epochs
    schedule = _schedule(kind, divide, every, gamma, delay, warm, sum(-(-TRAINING_ROWS // size) for size in sizes))
    best, edge = best_possible()[1], runs.ceiling()
    traces = {meta: runs.none() for meta in ("low", "high", "steady", "run", "rate", "noise")}

    def shown(loss: float) -> float:
        return min(loss, edge) if view == "loss" else max(min(loss, edge) - best, LEAST)

    def result(say: runs.Say) -> runs.Result:
        optimum = runs.level(best, 0, epochs) if view == "loss" else runs.none()
        layout = _layout(traces, view, epochs, lr)
        layout["yaxis"]["title"] = {"text": titles[view]}
        return {
            "traces": {**traces, "optimum": optimum, "steady_rate": runs.level(lr, 0, epochs)},
            "layout": layout,
            "say": say,
        }

    def trained(seed: int) -> Generator[None, None, Run]:
        settings: runs.Settings = {"batch_size": sizes, "lr": lr, "seed": seed, "epochs": epochs, "schedule": schedule}
        return breathing(engine.minibatch_sgd(*table(), **settings, early=True))

    run = yield from trained(seed)
    traces["run"] = runs.curve(run, runs.where(run, sizes, "epochs"), shown)
    when = [(max(t, 1), max(e - 1, 0) // TRAINING_ROWS) for t, e in zip(run.updates, run.examples)]
    rates = [lr * schedule(t, epoch) for t, epoch in when]
    traces["rate"] = {"x": _epochs(run), "y": rates}
    if grows:
        alike = [rate * batch / sizes[epoch] for rate, (_, epoch) in zip(rates, when)]
        traces["noise"] = {"x": _epochs(run), "y": alike}
    say = _outcome(run, batch, lr, rates, sizes[-1] if grows else None)
    if min(rates) < lr / SPAN:
        say.append(["outside", {"lowest": lr / SPAN}])
    yield result(say)

    steady = yield from breathing(runs.runs(TRAINING_ROWS, batch, lr, seed, epochs))
    traces["steady"] = runs.curve(steady, runs.where(steady, batch, "epochs"), shown)
    if kind != "constant" or warm:
        say = [*say, *_beside(steady)]
    say = [*say, *runs.clipped([run, steady], edge)]
    yield result(say)

    if band:
        many = []
        for other in range(runs.BAND_SEEDS):
            many.append((yield from trained(other)))
            yield None
        traces |= runs.band(many, _epochs, shown)
        yield result(say)


def _schedule(
    kind: str, divide: int, every: int, gamma: float, delay: int, warm: int, updates: int
) -> schedules.Schedule:
    match kind:
        case "sqrt":
            shape = schedules.power(-0.5, delay)
        case "inverse":
            shape = schedules.power(-1, delay)
        case "epoch" | "update":
            shape = schedules.exponential(gamma, kind)
        case "step":
            shape = schedules.step(divide, every)
        case "cosine":
            shape = schedules.cosine(updates)
        case _:
            shape = schedules.constant()
    return schedules.warm_up(warm, shape)


def _outcome(run: Run, batch: int, lr: float, rates: list[float], largest: int | None) -> runs.Say:
    """How the run ended; ``largest`` is the batch that it grew to, if it did."""
    if run.diverged_at is not None:
        return [["diverged", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
    end = {"batch": batch, "updates": run.updates[-1], "loss": run.loss[-1], "above": runs.above(run.loss[-1])}
    if largest is not None:
        return [["grew", {**end, "lr": lr, "largest": largest}]]
    return [["fell", {**end, "first": rates[0], "last": rates[-1]}]]


def _beside(steady: Run) -> runs.Say:
    """How the run at the constant rate ended."""
    if steady.diverged_at is not None:
        return [["steady_diverged", {"update": steady.diverged_at}]]
    return [["steady", {"above": runs.above(steady.loss[-1]), "updates": steady.updates[-1]}]]


def _epochs(run: Run) -> list[float]:
    return [e / TRAINING_ROWS for e in run.examples]


def _layout(traces: dict[str, runs.Trace], view: str, epochs: int, lr: float) -> dict[str, Any]:
    """The ranges that hold the run, the constant one and the rates."""
    losses = [*traces["run"]["y"], *traces["steady"]["y"]]
    rates = [lr, *traces["rate"]["y"], *traces["noise"]["y"]]
    axis: dict[str, Any] = {"type": "linear", "range": [0.23, max(1.05 * max(losses), 0.3)]}
    if view == "above":
        lowest = max(min(losses), LOWEST)
        # two decades at a time, so that the axis stays while a slider moves
        axis = {"type": "log", "range": [2 * floor(log10(lowest) / 2), ceil(log10(max(losses)))], "dtick": 1}
    return {
        "xaxis": {"range": [0, epochs]},
        "xaxis2": {"range": [0, epochs]},
        "yaxis": axis,
        "yaxis2": {"range": [log10(max(min(rates) / 2, lr / SPAN)), log10(2 * lr)]},
    }
