"""What the labs compute: pure functions of their settings, each with a twin of the same name in js/compute.js.

Each is a generator of results {"traces": {meta: changes}, "layout": changes, "say": [[sentence, values], …]}. The first
result is drawn at once, later ones when the sliders have come to rest; None only gives the caller time to breathe.
"""

from collections.abc import Generator
from functools import cache

import numpy as np

from . import checks, engine, measure
from .data import table

# A sentence about a result, by its key. {name:format} takes Python's format language; js/chart.js knows the part used here.
SENTENCES = {
    "trained": "Batch size {batch:,}, learning rate {lr:.2g}: half loss {loss:.3f} after {updates:,} updates, "
    "{above:.1f} % above the best possible.",
    "diverged": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged. The half loss passed a million at update {update:,}.",
    "peaked": "On the way the half loss rose to {peak:,.1f}.",
    "clipped": "The curve is cut off at {ceiling:.1f}.",
    "reached": "It first fell to {target:.2f} after {updates:,} updates, {time} of training.",
    "missed": "It never fell to {target:.2f}.",
    "working": "Training on {rows:,} rows: {done:.0f} % done.",
}
CEILING = 4  # times the first loss: what lies above is drawn at the edge, and a sentence says so
TARGET = 0.25  # the half loss that "whose seconds" races to
BAND_SEEDS = 30
QUICK_ROWS = 15_000  # a run over more rows is drawn as it grows; thirty more of it would keep a reader waiting
FEW_POINTS = 10
POINTS = 20  # recorded per epoch
# How an axis that does not, or does, hold seconds writes its ticks: 20ms, 50µs.
SECONDS = (
    {"ticksuffix": "", "exponentformat": "B", "minexponent": 3},
    {"ticksuffix": "s", "exponentformat": "SI", "minexponent": 2},
)
# meta of the trace: batch size (None: all rows), learning rate, epochs
CLASSICS = {"gd": (None, 1.0, 10), "sgd": (1, 0.005, 2), "b100": (100, 0.4, 2), "b10": (10, 0.05, 2)}


@cache
def optimum() -> tuple[list[float], float]:
    """The best weights (bias last) on the labs' rows, and their half loss."""
    H, c, s = engine.quadratic(*table())
    theta = np.linalg.solve(H, c)
    return theta.tolist(), engine.half_loss((H, c, s), theta)


def runs(rows: int, batch: int | None, lr: float, seed: int, epochs: int, points: int = POINTS) -> Generator:
    """A training run on the table repeated to ``rows`` rows, remembered: yields as the engine does, returns the Run."""
    key = (rows, batch, lr, seed, epochs, points)
    if key not in _runs:
        _runs[key] = yield from engine.sgd(
            *table(),
            batch_size=rows if batch is None else min(batch, rows),
            lr=lr,
            seed=seed,
            epochs=epochs,
            copies=rows // len(table()[1]),
            points_per_epoch=points,
            early=True,
        )
        if len(_runs) > 100:
            del _runs[next(iter(_runs))]
    return _runs[key]


_runs: dict[tuple, engine.Run] = {}


def breathing(run: Generator) -> Generator[None, None, engine.Run]:
    """A run that only breathes on the way: partial runs are not passed on."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value
        yield None


def duration(seconds: float) -> str:
    """Seconds as people say them: 38 µs, 1.2 ms, 4.9 s."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            value = seconds / size
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    raise AssertionError


def where(run: engine.Run, batch: int, axis: str, cost: tuple[float, float]) -> list[float]:
    """The recorded points, and the divergence if there was one, on the axis."""
    examples, updates = list(run.examples), list(run.updates)
    if run.diverged_at is not None:
        full, rest = divmod(run.diverged_at, -(-run.n // batch))
        examples.append(full * run.n + min(rest * batch, run.n))
        updates.append(run.diverged_at)
    match axis:
        case "epochs":
            return [e / run.n for e in examples]
        case "examples":
            return examples
        case "updates":
            return updates
        case "seconds":
            return [
                u * cost[0] + -(-e // run.n) * cost[1] for e, u in zip(examples, updates)
            ]  # an epoch begins with its shuffle
    raise ValueError(f"axis must be 'epochs', 'examples', 'updates' or 'seconds', not {axis!r}")


def curve(run: engine.Run, x: list[float], logx: bool, ceiling: float) -> dict:
    """What a trace shows of a run: its points, cut at the ceiling, as a line or, if they are few, with markers."""
    loss = run.loss if run.diverged_at is None else [*run.loss, ceiling]
    points = [(at, min(value, ceiling)) for at, value in zip(x, loss) if at > 0 or not logx]
    mode = "lines+markers" if len(points) < FEW_POINTS else "lines"
    return {"x": [at for at, _ in points], "y": [value for _, value in points], "mode": mode}


def training(
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
) -> Generator[dict | None, None, None]:
    """The main lab: one run, with the spread of thirty seeds and the classic runs beside it, on the axis asked for.

    ``batch`` is a size or "all"; ``costs`` is ``measure.recorded()["programs"]``, needed for the axis of seconds;
    ``titles`` names the axes.
    """
    checks.choice("rows", rows, measure.ROWS)
    checks.choice("axis", axis, tuple(titles))
    checks.positive("lr", lr)
    checks.whole("epochs", epochs)
    checks.whole("seed", seed, 0, 2**32 - 1)
    size = rows if batch == "all" else min(checks.whole("batch", batch), rows)
    best = optimum()[1]
    start = engine.half_loss(engine.quadratic(*table()), np.zeros(table()[0].shape[1]))
    ceiling = engine.DIVERGED if logy else CEILING * start

    def cost(b: int) -> tuple[float, float]:
        return measure.cost(costs, whose, rows, b) if axis == "seconds" else (0.0, 0.0)

    traces: dict[str, dict] = {meta: {"x": [], "y": []} for meta in ("run", "low", "high", *CLASSICS)}

    def result(say, end: float = 0) -> dict:
        lines = [trace for meta, trace in traces.items() if trace["x"]]
        xs = [end or lines[0]["x"][-1], *(at for line in lines for at in (line["x"][0], line["x"][-1]))]
        right = max(xs)
        left = 0 if not logx else min(xs) if min(xs) < right else right / 10  # the last is a run of one update
        top = max(1.05 * max(max(line["y"]) for line in lines), 0.55)
        layout = {
            "xaxis": {
                "type": "log" if logx else "linear",
                "range": [float(np.log10(left)), float(np.log10(right))] if logx else [left, right],
                "title": {"text": titles[axis]},
                **SECONDS[axis == "seconds"],
            },
            "yaxis": {
                "type": "log" if logy else "linear",
                "range": [float(np.log10(0.2)), float(np.log10(top))] if logy else [0.2, top],
            },
        }
        return {"traces": {**traces, "optimum": {"x": [left, right], "y": [best, best]}}, "layout": layout, "say": say}

    def add_classics() -> Generator[None, None, None]:
        for meta, (b, rate, budget) in CLASSICS.items():
            classic = yield from breathing(runs(rows, b, rate, seed, budget))
            own = rows if b is None else b
            traces[meta] = curve(classic, where(classic, own, axis, cost(own)), logx, ceiling)

    # The classic runs stay in sight while a slider moves, once they are known.
    known = all((rows, b, rate, seed, budget, POINTS) in _runs for b, rate, budget in CLASSICS.values())
    if classics and known:
        yield from add_classics()
    run = None
    generator = runs(rows, batch if batch != "all" else None, lr, seed, epochs)
    own_cost = cost(size)
    whole = engine.Run(rows, examples=[epochs * rows], updates=[epochs * -(-rows // size)])
    (end,) = where(whole, size, axis, own_cost)
    while True:
        try:
            run = next(generator)
        except StopIteration as finished:
            run = finished.value
            break
        if rows <= QUICK_ROWS or run.examples[-1] == 0:
            yield None
            continue
        traces["run"] = curve(run, where(run, size, axis, own_cost), logx, ceiling)
        done = 100 * run.examples[-1] / (epochs * rows)
        yield result([["working", {"rows": rows, "done": done}]], end) if traces["run"]["x"] else None
    x = where(run, size, axis, own_cost)
    traces["run"] = curve(run, x, logx, ceiling)
    say = _say(run, size, lr, best, ceiling, x if axis == "seconds" else None)
    yield result(say)

    if band and rows <= QUICK_ROWS:
        many = []
        for other in range(BAND_SEEDS):
            many.append((yield from breathing(runs(rows, batch if batch != "all" else None, lr, other, epochs))))
            yield None
        x = max((where(r, size, axis, own_cost) for r in many), key=len)
        padded = [[min(v, ceiling) for v in r.loss] + [ceiling] * (len(x) - len(r.loss)) for r in many]
        keep = [i for i, at in enumerate(x) if at > 0 or not logx]
        for meta, pick in (("low", min), ("high", max)):
            traces[meta] = {"x": [x[i] for i in keep], "y": [pick(losses[i] for losses in padded) for i in keep]}
        yield result(say)
    if classics and not known:
        yield from add_classics()
        yield result(say)


def _say(run: engine.Run, batch: int, lr: float, best: float, ceiling: float, seconds: list[float] | None) -> list:
    if run.diverged_at is not None:
        say = [["diverged", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
        return say if ceiling == engine.DIVERGED else [*say, ["clipped", {"ceiling": ceiling}]]
    loss, peak = run.loss[-1], max(run.loss)
    say = [
        [
            "trained",
            {"batch": batch, "lr": lr, "loss": loss, "updates": run.updates[-1], "above": 100 * (loss / best - 1)},
        ]
    ]
    if peak > 1.5 * run.loss[0]:
        say.append(["peaked", {"peak": peak}])
    if peak > ceiling:
        say.append(["clipped", {"ceiling": ceiling}])
    if seconds is not None:
        reached = next((i for i, value in enumerate(run.loss) if value <= TARGET), None)
        if reached is None:
            say.append(["missed", {"target": TARGET}])
        else:
            say.append(
                ["reached", {"target": TARGET, "updates": run.updates[reached], "time": duration(seconds[reached])}]
            )
    return say
