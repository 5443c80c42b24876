"""The map of batch size and learning rate, and the path of the weights; twins are in js/landscape.js."""

import itertools
from collections.abc import Generator
from math import cos, pi, sin, sqrt

from . import engine
from .compute import CEILING, breathing, optimum, runs
from .data import table

SENTENCES = {
    "cell": "Batch size {batch:,}, learning rate {lr:.2g}: final half loss {loss:.3f}, "
    "{above:.1f} % above the best possible.",
    "cell_diverged": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged.",
    "walked": "Batch size {batch:,}, learning rate {lr:.2g}: {updates:,} updates took the weights to a half loss of "
    "{loss:.3f}, {above:.1f} % above the best possible.",
    "lost": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged. The half loss passed a million at update "
    "{update:,}.",
    "outside": "Of the path {count:,} points lie outside the picture.",
    "clipped": "The curve of the loss is cut off at {ceiling:.1f}.",
}
# Bounds of the areas, in per cent above the best possible; what lies above them, and what diverged, have their own.
LEVELS = [1, 2, 5, 10, 20, 50]
PATH_POINTS = 200  # recorded per epoch, enough to see single steps
CONTOURS = [0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1]  # half loss above the optimum
RING = 72  # points on a contour
REACH = 30.0  # weights that diverge are cut off here, far outside the picture


def _edges(centres: list[float]) -> list[float]:
    """Boundaries half-way between neighbours on a log axis, and as far beyond the first and the last."""
    inner = [sqrt(a * b) for a, b in itertools.pairwise(centres)]
    return [centres[0] ** 2 / inner[0], *inner, centres[-1] ** 2 / inner[-1]]


def _level(above: float | None) -> str:
    if above is None:
        return "diverged"
    return next((f"level{i}" for i, bound in enumerate(LEVELS) if above <= bound), f"level{len(LEVELS)}")


def plane(
    *, batch: int, lr: float, seed: int, sizes: list[int], rates: list[float], epochs: int = 2
) -> Generator[dict | None, None, None]:
    """The final loss of a run for each of ``sizes`` × ``rates``, as areas of equal loss, and the run at (batch, lr) in it."""
    best = optimum()[1]
    chosen = yield from breathing(runs(1500, batch, lr, seed, epochs, 1))
    say = [["cell_diverged", {"batch": batch, "lr": lr}]]
    if chosen.diverged_at is None:
        loss = chosen.loss[-1]
        say = [["cell", {"batch": batch, "lr": lr, "loss": loss, "above": 100 * (loss / best - 1)}]]
    across, up = _edges(sizes), _edges(rates)
    areas: dict[str, dict] = {_level(bound): {"x": [], "y": []} for bound in [*LEVELS, 2 * LEVELS[-1], None]}
    cells: dict = {"x": [], "y": [], "customdata": []}
    result = {"traces": {**areas, "cells": cells, "chosen": {"x": [batch], "y": [lr]}}, "layout": {}, "say": say}
    for i, size in enumerate(sizes):
        new = (seed, size, epochs, *rates) not in _columns
        losses = yield from _column(seed, size, epochs, rates)
        for j, (rate, loss) in enumerate(zip(rates, losses)):
            area = areas[_level(None if loss is None else 100 * (loss / best - 1))]
            left, right, low, high = across[i], across[i + 1], up[j], up[j + 1]
            area["x"] += [left, right, right, left, left, None]
            area["y"] += [low, low, high, high, low, None]
            cells["x"].append(size)
            cells["y"].append(rate)
            cells["customdata"].append(loss)
        if new:
            yield result
    yield result


_columns: dict[tuple, list[float | None]] = {}


def _column(seed: int, size: int, epochs: int, rates: list[float]) -> Generator[None, None, list[float | None]]:
    """The final losses of one batch size, None where training diverged; remembered."""
    key = (seed, size, epochs, *rates)
    if key not in _columns:
        losses = []
        for rate in rates:
            run = yield from breathing(
                engine.sgd(*table(), batch_size=size, lr=rate, seed=seed, epochs=epochs, points_per_epoch=1)
            )
            losses.append(run.loss[-1] if run.diverged_at is None else None)
            yield None
        _columns[key] = losses
        if len(_columns) > 200:
            del _columns[next(iter(_columns))]
    return _columns[key]


def path(
    *,
    batch: int,
    lr: float,
    seed: int,
    across: str,
    directions: dict[str, dict],
    titles: dict[str, str],
    epochs: int = 2,
) -> Generator[dict | None, None, None]:
    """The weights of a run seen along two eigenvectors of the Hessian, over exact contours, and its loss beside them.

    ``directions`` holds for "main" and for each choice of ``across`` the unit ``vector``, the ``curvature`` along it
    and the ``range`` of the axis; coordinates are distances from the optimum, cut off far outside the picture, and a sentence counts what lies outside.
    """
    theta, best = optimum()
    run = yield from breathing(runs(1500, batch, lr, seed, epochs, PATH_POINTS))
    pair = [directions["main"], directions[across]]
    x, y = ([_clip(_along(one["vector"], point, theta)) for point in run.theta] for one in pair)
    (left, right), (low, high) = (one["range"] for one in pair)
    outside = sum(not (left <= a <= right and low <= b <= high) for a, b in zip(x, y))
    ceiling = CEILING * run.loss[0]
    rings: dict[str, list[float | None]] = {"x": [], "y": []}
    for level in CONTOURS:
        for key, one, turn in zip("xy", pair, (cos, sin)):
            radius = sqrt(2 * level / one["curvature"])
            rings[key] += [*(radius * turn(2 * pi * i / RING) for i in range(RING + 1)), None]
    above = 100 * (run.loss[-1] / best - 1)
    say: list = [["lost", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
    if run.diverged_at is None:
        walked = {"batch": batch, "lr": lr, "updates": run.updates[-1], "loss": run.loss[-1], "above": above}
        say = [["walked", walked]]
    if outside:
        say.append(["outside", {"count": outside}])
    if max(run.loss) > ceiling:
        say.append(["clipped", {"ceiling": ceiling}])
    traces = {
        "contours": rings,
        "path": {"x": x, "y": y},
        "start": {"x": x[:1], "y": y[:1]},
        "end": {"x": x[-1:], "y": y[-1:]},
        "curve": {"x": [e / run.n for e in run.examples], "y": [min(v, ceiling) for v in run.loss]},
    }
    layout = {
        "xaxis2": {"range": [0, epochs]},
        "yaxis2": {"range": [0.2, max(0.55, 1.05 * min(max(run.loss), ceiling))]},
        "yaxis": {"range": directions[across]["range"], "title": {"text": titles[across]}},
    }
    yield {"traces": traces, "layout": layout, "say": say}


def _along(vector: list[float], point: list[float], origin: list[float]) -> float:
    return sum(v * (p - o) for v, p, o in zip(vector, point, origin))


def _clip(value: float) -> float:
    return max(-REACH, min(REACH, value))
