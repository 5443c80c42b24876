"""A run whose learning rate falls, or whose batch grows, beside one at a constant rate; the twin is js/decay.js."""

from collections.abc import Generator
from math import ceil, floor, log10

from . import checks, engine, schedules
from .compute import BAND_SEEDS, CEILING, breathing, optimum, runs
from .data import table

SENTENCES = {
    "fell": "Batch size {batch:,}: in {updates:,} updates the learning rate went from {first:.2g} to {last:.2g} and the "
    "half loss to {loss:.4f}, {above:.3g} % above the best possible.",
    "grew": "Learning rate {lr:.2g}: in {updates:,} updates the batch grew from {batch:,} to {largest:,} and the half loss "
    "went to {loss:.4f}, {above:.3g} % above the best possible.",
    "failed": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged. The half loss passed a million at update "
    "{update:,}.",
    "steady": "At the constant rate it ended {above:.3g} % above, after {updates:,} updates.",
    "steady_failed": "At the constant rate it diverged, at update {update:,}.",
    "clipped": "Curves are cut off at a half loss of {ceiling:.1f}.",
    "outside": "The learning rate leaves the picture at {lowest:.1g}.",
}
KINDS = ("constant", "sqrt", "inverse", "epoch", "update", "step", "cosine", "grow")
ROWS = 1500
LEAST = 1e-9  # above the best: less is rounding
LOWEST = 1e-7  # where an axis of the distance ends at the latest
SPAN = 2e6  # of the axis of the rates, at most


def decay(
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
) -> Generator[dict | None, None, None]:
    """The loss and the learning rate over time, the range of thirty seeds, and the same run at a constant rate.

    ``kind`` is "constant", "sqrt" (t^−½) or "inverse" (t^−1) with ``delay`` updates, "epoch" or "update" (times
    ``gamma`` after each), "step" (by ``divide`` after ``every`` epochs), "cosine", or "grow": the batch times ``divide``
    after ``every`` epochs instead. ``warm`` is the number of updates of warm-up. ``view`` is "loss" or "above", the
    distance from the best possible on a log axis; ``titles`` names both.
    """
    checks.choice("kind", kind, KINDS)
    checks.choice("view", view, ("loss", "above"))
    grows = kind == "grow"
    sizes = schedules.growing(batch, epochs, divide, every, ROWS) if grows else [batch] * epochs
    schedule = _schedule(kind, divide, every, gamma, delay, warm, sum(-(-ROWS // size) for size in sizes))
    best = optimum()[1]
    ceiling = CEILING * engine.quadratic(*table())[2]  # the loss at zero weights is its constant
    traces: dict[str, dict] = {meta: {"x": [], "y": []} for meta in ("low", "high", "steady", "run", "rate", "noise")}

    def shown(loss: float) -> float:
        return min(loss, ceiling) if view == "loss" else max(min(loss, ceiling) - best, LEAST)

    def curve(run: engine.Run, sizes: list[int]) -> dict:
        x, y = [e / ROWS for e in run.examples], [shown(loss) for loss in run.loss]
        if run.diverged_at is not None:
            x, y = [*x, _epochs(run.diverged_at, sizes)], [*y, shown(ceiling)]
        return {"x": x, "y": y}

    def result(say: list) -> dict:
        level = {"x": [0, epochs], "y": [best, best]} if view == "loss" else {"x": [], "y": []}
        layout = _layout(traces, view, epochs, lr)
        layout["yaxis"]["title"] = {"text": titles[view]}
        all_traces = {**traces, "optimum": level, "steady_rate": {"x": [0, epochs], "y": [lr, lr]}}
        return {"traces": all_traces, "layout": layout, "say": say}

    def trained(seed: int) -> Generator:
        settings = {"batch_size": sizes, "lr": lr, "seed": seed, "epochs": epochs, "schedule": schedule}
        return breathing(engine.sgd(*table(), **settings, early=True))

    run = yield from trained(seed)
    traces["run"] = curve(run, sizes)
    when = [(max(t, 1), max(e - 1, 0) // ROWS) for t, e in zip(run.updates, run.examples)]
    rates = [lr * schedule(t, epoch) for t, epoch in when]
    traces["rate"] = {"x": [e / ROWS for e in run.examples], "y": rates}
    if grows:
        alike = [rate * batch / sizes[epoch] for rate, (_, epoch) in zip(rates, when)]
        traces["noise"] = {"x": traces["rate"]["x"], "y": alike}
    say: list = [["failed", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
    if run.diverged_at is None:
        end = {"batch": batch, "updates": run.updates[-1], "loss": run.loss[-1], "above": _above(run, best)}
        more = {"lr": lr, "largest": sizes[-1]} if grows else {"first": rates[0], "last": rates[-1]}
        say = [["grew" if grows else "fell", {**end, **more}]]
    if min(rates) < lr / SPAN:
        say.append(["outside", {"lowest": lr / SPAN}])
    yield result(say)

    steady = yield from breathing(runs(ROWS, batch, lr, seed, epochs))
    traces["steady"] = curve(steady, [batch] * epochs)
    if kind != "constant" or warm:
        if steady.diverged_at is None:
            say = [*say, ["steady", {"above": _above(steady, best), "updates": steady.updates[-1]}]]
        else:
            say = [*say, ["steady_failed", {"update": steady.diverged_at}]]
    if any(one.diverged_at is not None or max(one.loss) > ceiling for one in (run, steady)):
        say = [*say, ["clipped", {"ceiling": ceiling}]]
    yield result(say)

    if band:
        many = []
        for other in range(BAND_SEEDS):
            many.append((yield from trained(other)))
            yield None
        x = max((one.examples for one in many), key=len)
        losses = [[*map(shown, one.loss), *[shown(ceiling)] * (len(x) - len(one.loss))] for one in many]
        for meta, pick in (("low", min), ("high", max)):
            traces[meta] = {"x": [e / ROWS for e in x], "y": [pick(points) for points in zip(*losses)]}
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


def _above(run: engine.Run, best: float) -> float:
    return 100 * (run.loss[-1] / best - 1)


def _epochs(update: int, sizes: list[int]) -> float:
    """Where an update ends, in epochs."""
    for epoch, size in enumerate(sizes):
        steps = -(-ROWS // size)
        if update <= steps:
            return epoch + min(update * size, ROWS) / ROWS
        update -= steps
    return len(sizes)


def _layout(traces: dict[str, dict], view: str, epochs: int, lr: float) -> dict:
    """The ranges that hold the run, the constant one and the rates."""
    losses = [*traces["run"]["y"], *traces["steady"]["y"]]
    rates = [lr, *traces["rate"]["y"], *traces["noise"]["y"]]
    axis = {"type": "linear", "range": [0.23, max(1.05 * max(losses), 0.3)]}
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
