"""The map of batch size and learning rate, coloured by the loss that a run ends with; the twin is js/labs/map.js."""

from collections.abc import Generator
from copy import deepcopy
from itertools import pairwise
from math import log10, sqrt
from typing import Any

import plotly.graph_objects as go

from ..core import engine
from ..core.rows import TRAINING_ROWS, table
from ..core.steps import breathing, remembered
from ..core.theory import stability_limit
from ..figures.template import styled
from . import words
from .runs import Results, Say, Settings, Trace, above, none, runs

SENTENCES = {
    "cell": "Batch size {batch:,}, learning rate {lr:.2g}: final half loss {loss:.3f}, {above:.1f} % above the best possible.",
    "cell_diverged": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged.",
}
WORDS = {
    "between": "{low}–{high} %",
    "over": "over {high} %",
    "diverged": "diverged",
    "limit": "stability limit",
    "chosen": "chosen run",
    "map": "runs of the map",
    "final": "final half squared loss",
    "cells": "batch %{x}, rate %{y:.2g}: %{customdata:.4f}<extra></extra>",
    "alt": "Map of batch size against learning rate, coloured by the loss after two epochs. The best runs lie on a band that "
    "rises from small batches with small rates to large batches with large rates; above a line that rises and flattens those of small batches end far away or diverge.",
}
SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500]  # among those of the main lab, which loads them
RATES = [float(f"{10 ** (power / 10):.4g}") for power in range(-30, 5)]
CHOICES: dict[str, list] = {"batch": SIZES, "lr": RATES}
# Bounds of the areas, in per cent above the best possible; what lies above them, and what diverged, have their own.
LEVELS = [1, 2, 5, 10, 20, 50]
# Areas from the best to the worst, told apart by lightness alone too; the last is for runs that diverged.
AREAS = ["#fde725", "#a5d836", "#4ec36b", "#1f9a8a", "#2c728e", "#3e4a89", "#440154", "#9ca3af"]
MOST_COLUMNS = 200


def figure() -> go.Figure:
    """Areas of equal final loss, the largest stable rate of each batch size, and the chosen run."""
    names = [WORDS["between"].format(low=low, high=high) for low, high in pairwise([0, *LEVELS])]
    names += [WORDS["over"].format(high=LEVELS[-1]), WORDS["diverged"]]
    metas = [*(f"level{i}" for i in range(len(LEVELS) + 1)), "diverged"]
    plain = {"mode": "lines", "line_width": 0, "fill": "toself", "hoverinfo": "skip"}
    areas = [
        go.Scatter(meta=meta, name=name, line_color=colour, fillcolor=colour, **plain)
        for meta, name, colour in zip(metas, names, AREAS)
    ]
    limit = go.Scatter(
        x=SIZES,
        y=[stability_limit(size) for size in SIZES],
        name=WORDS["limit"],
        line={"color": "#e11d48", "width": 3},
        hoverinfo="skip",
    )
    cells = go.Scatter(
        meta="cells",
        mode="markers",
        name=WORDS["map"],
        marker={"size": 6, "color": "#888"},  # the nearest counts, not one that happens to reach here
        opacity=0,
        showlegend=False,
        hovertemplate=WORDS["cells"],
    )
    ring = {"size": 13, "color": "#ffffff", "line": {"color": "#111111", "width": 3}}
    chosen = go.Scatter(meta="chosen", name=WORDS["chosen"], mode="markers", hoverinfo="skip", marker=ring)
    axis = {"type": "log", "showgrid": False}
    layout = {
        "height": 460,
        "xaxis": axis
        | {
            "title_text": words.WORDS["batch"],
            "range": [log10(SIZES[0]) - 0.15, log10(SIZES[-1]) + 0.1],
            "tickvals": [1, 10, 100, 1000],
        },
        "yaxis": axis | {"title_text": words.WORDS["rate"], "range": [-3.05, 0.45], "tickvals": [0.001, 0.01, 0.1, 1]},
        "meta": {
            "alt": WORDS["alt"],
            "customdata": {"cells": WORDS["final"]},
            "click": {"x": "batch", "y": "lr", "loads": "scratch"},
            "narrow": {"legend": {"font": {"size": 10}, "entrywidth": 0.46, "entrywidthmode": "fraction"}},
        },
    }
    return styled([*areas, limit, cells, chosen], layout)


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the columns and the rows of the map."""
    return {"sizes": SIZES, "rates": RATES}


def compute(*, batch: int, lr: float, seed: int, sizes: list[int], rates: list[float], epochs: int = 2) -> Results:
    """The final loss of a run for each of ``sizes`` × ``rates``, as areas of equal loss, and the run at (batch, lr) in it."""
    chosen = yield from breathing(runs(TRAINING_ROWS, batch, lr, seed, epochs, 1))
    say: Say = [["cell_diverged", {"batch": batch, "lr": lr}]]
    if chosen.diverged_at is None:
        loss = chosen.loss[-1]
        say = [["cell", {"batch": batch, "lr": lr, "loss": loss, "above": above(loss)}]]
    across, up = _edges(sizes), _edges(rates)
    areas = {_level(bound): none() for bound in [*LEVELS, 2 * LEVELS[-1], None]}
    cells: Trace = {"x": [], "y": [], "customdata": []}
    result = {"traces": {**areas, "cells": cells, "chosen": {"x": [batch], "y": [lr]}}, "layout": {}, "say": say}
    for i, size in enumerate(sizes):
        new = (seed, size, epochs, *rates) not in _columns
        losses = yield from remembered(
            _columns, (seed, size, epochs, *rates), _column(seed, size, epochs, rates), MOST_COLUMNS
        )
        for j, (rate, final) in enumerate(zip(rates, losses)):
            area = areas[_level(None if final is None else above(final))]
            left, right, low, high = across[i], across[i + 1], up[j], up[j + 1]
            area["x"] += [left, right, right, left, left, None]
            area["y"] += [low, low, high, high, low, None]
            cells["x"].append(size)
            cells["y"].append(rate)
            cells["customdata"].append(final)
        if new:
            yield deepcopy(result)  # what was handed over does not grow
    yield result


_columns: dict[tuple, list[float | None]] = {}


def _column(seed: int, size: int, epochs: int, rates: list[float]) -> Generator[None, None, list[float | None]]:
    """The final losses of one batch size, None where training diverged."""
    losses: list[float | None] = []
    settings: Settings = {"batch_size": size, "seed": seed, "epochs": epochs, "points_per_epoch": 1}
    for rate in rates:
        run = yield from breathing(engine.minibatch_sgd(*table(), lr=rate, **settings))
        losses.append(run.loss[-1] if run.diverged_at is None else None)
        yield None
    return losses


def _edges(centres: list[int] | list[float]) -> list[float]:
    """Boundaries half-way between neighbours on a log axis, and as far beyond the first and the last."""
    inner = [sqrt(a * b) for a, b in pairwise(centres)]
    return [centres[0] ** 2 / inner[0], *inner, centres[-1] ** 2 / inner[-1]]


def _level(above: float | None) -> str:
    """The area of a loss so many per cent above the best possible."""
    if above is None:
        return "diverged"
    return next((f"level{i}" for i, bound in enumerate(LEVELS) if above <= bound), f"level{len(LEVELS)}")
