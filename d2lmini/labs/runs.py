"""What the labs of training share: runs that are remembered, and how they are drawn. The twin is js/labs/runs.js.

What a lab computes is a pure function of its settings, with a twin of the same name in JavaScript. It is a generator of results
{"traces": {meta: changes}, "layout": changes, "say": [[sentence, values], …]}. The first result is drawn at once, later ones when
the sliders have come to rest; None only gives the caller time to breathe. A result that was handed over never changes.
"""

from collections.abc import Callable, Generator, Iterable
from functools import cache
from typing import Any

from ..core import engine
from ..core.engine import Run
from ..core.rows import TRAINING_ROWS, table
from ..core.steps import remembered
from ..core.theory import best_possible

Trace = dict[str, Any]  # Any: x and y are lists, mode is a text
Result = dict[str, Any]  # Any: JSON, as the docstring of this module describes it
Results = Generator[Result | None, None, None]
Settings = dict[str, Any]  # Any: arguments of the engine, each of its own type
Say = list[list[Any]]  # Any: a key and a dictionary of what its sentence names

CEILING = 4  # times the first loss: what lies above is drawn at the edge, and a sentence says so
TARGET = 0.25  # the half loss that methods race to
BAND_SEEDS = 30
FEW_POINTS = 10
POINTS = 20  # recorded per epoch
BATCHES = [1, 2, 3, 5, 7, 10, 20, 30, 50, 64, 100, 128, 200, 256, 500, 750, 1000, 1500]
# How an axis that does not, or does, hold seconds writes its ticks: 20ms, 50µs.
SECONDS = (
    {"ticksuffix": "", "exponentformat": "B", "minexponent": 3},
    {"ticksuffix": "s", "exponentformat": "SI", "minexponent": 2},
)

_known: dict[tuple, Run] = {}


def runs(rows: int, size: int, lr: float, seed: int, epochs: int, points: int = POINTS) -> Generator[Run, None, Run]:
    """A training run on the table repeated to ``rows`` rows, remembered: yields as the engine does, returns the Run."""
    settings: Settings = {"batch_size": size, "lr": lr, "seed": seed, "epochs": epochs, "points_per_epoch": points}
    work = engine.minibatch_sgd(*table(), **settings, copies=rows // TRAINING_ROWS, early=True)
    return remembered(_known, (rows, size, lr, seed, epochs, points), work)


def is_known(rows: int, size: int, lr: float, seed: int, epochs: int) -> bool:
    """Whether ``runs`` would answer at once."""
    return (rows, size, lr, seed, epochs, POINTS) in _known


@cache
def ceiling() -> float:
    """The half loss at which curves are cut off."""
    return CEILING * engine.quadratic(*table())[2]  # the loss at zero weights is its constant


def above(loss: float) -> float:
    """How many per cent a half loss lies above the best possible."""
    return 100 * (loss / best_possible()[1] - 1)


def clipped(some: Iterable[Run], edge: float) -> Say:
    """The sentence about curves that leave the picture, if one does."""
    leaves = any(run.diverged_at is not None or max(run.loss) > edge for run in some)
    return [["clipped", {"ceiling": edge}]] if leaves else []


def where(run: Run, sizes: int | list[int], axis: str, cost: tuple[float, float] = (0.0, 0.0)) -> list[float]:
    """The recorded points, and the divergence if there was one, on the axis.

    ``sizes`` is the batch size, or one for each epoch; ``cost`` is that of an update and of a shuffle.
    """
    examples, updates = list(run.examples), list(run.updates)
    if run.diverged_at is not None:
        examples.append(_seen(run.n, sizes, run.diverged_at))
        updates.append(run.diverged_at)
    if axis == "epochs":
        return [e / run.n for e in examples]
    if axis == "examples":
        return [*examples]
    if axis == "updates":
        return [*updates]
    return [
        u * cost[0] + -(-e // run.n) * cost[1] for e, u in zip(examples, updates)
    ]  # an epoch begins with its shuffle


def _seen(n: int, sizes: int | list[int], update: int) -> int:
    """The examples seen after so many updates."""
    if isinstance(sizes, int):
        full, rest = divmod(update, -(-n // sizes))
        return full * n + min(rest * sizes, n)
    for epoch, size in enumerate(sizes):
        steps = -(-n // size)
        if update <= steps:
            return epoch * n + min(update * size, n)
        update -= steps
    return len(sizes) * n


def none() -> Trace:
    """What a trace shows that shows nothing."""
    return {"x": [], "y": []}


def level(at: float, left: float, right: float) -> Trace:
    """A horizontal line."""
    return {"x": [left, right], "y": [at, at]}


def below(edge: float) -> Callable[[float], float]:
    """How a loss is drawn that must not lie above the edge."""
    return lambda loss: min(loss, edge)


def curve(run: Run, x: list[float], shown: Callable[[float], float], logx: bool = False) -> Trace:
    """What a trace shows of a run: its points, one that diverged going up as high as it may; markers too, if they are few."""
    loss = run.loss if run.diverged_at is None else [*run.loss, engine.DIVERGED]
    points = [(at, shown(value)) for at, value in zip(x, loss) if at > 0 or not logx]
    mode = "lines+markers" if len(points) < FEW_POINTS else "lines"
    return {"x": [at for at, _ in points], "y": [value for _, value in points], "mode": mode}


def band(many: list[Run], place: Callable[[Run], list[float]], shown: Callable[[float], float]) -> dict[str, Trace]:
    """ "low" and "high" of several runs, over the points of the longest; one that diverged counts as endlessly high."""
    x = max((place(run) for run in many), key=len)
    losses = [[*map(shown, run.loss), *[shown(engine.DIVERGED)] * (len(x) - len(run.loss))] for run in many]
    return {
        meta: {"x": list(x), "y": [pick(points) for points in zip(*losses)]}
        for meta, pick in (("low", min), ("high", max))
    }
