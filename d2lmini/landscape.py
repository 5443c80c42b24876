"""The map of batch size and learning rate, and the path of the weights: computations of two labs, with twins in js/landscape.js."""

import itertools
from collections.abc import Generator
from math import sqrt

from . import engine
from .compute import breathing, optimum, runs
from .data import table

LEVELS = [
    1,
    2,
    5,
    10,
    20,
    50,
]  # per cent above the best possible; what lies above them, and what diverged, have areas of their own
PATH_POINTS = 200  # recorded per epoch, enough to see single steps


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
    *, batch: int, lr: float, seed: int, directions: list[list[float]], epochs: int = 2, reach: float = 30.0
) -> Generator[dict | None, None, None]:
    """The weights of a run seen along two ``directions`` from the optimum, and its loss beside them.

    Coordinates are cut off at ``reach``, far outside the picture.
    """
    theta, best = optimum()
    run = yield from breathing(runs(1500, batch, lr, seed, epochs, PATH_POINTS))
    x, y = (
        [max(-reach, min(reach, sum(d * (t - o) for d, t, o in zip(direction, point, theta)))) for point in run.theta]
        for direction in directions
    )
    values = {
        "batch": batch,
        "lr": lr,
        "updates": run.updates[-1],
        "loss": run.loss[-1],
        "above": 100 * (run.loss[-1] / best - 1),
    }
    say = (
        [["walked", values]]
        if run.diverged_at is None
        else [["diverged", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
    )
    traces = {
        "path": {"x": x, "y": y},
        "start": {"x": x[:1], "y": y[:1]},
        "end": {"x": x[-1:], "y": y[-1:]},
        "curve": {"x": [e / run.n for e in run.examples], "y": [min(v, 2.0) for v in run.loss]},
    }
    yield {"traces": traces, "layout": {}, "say": say}
