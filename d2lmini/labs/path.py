"""The path of the weights over contours of the loss, and the loss of the same run; the twin is js/labs/path.js."""

from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..core import engine
from ..core.rows import TRAINING_ROWS, table
from ..core.steps import breathing
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from . import words
from .runs import BATCHES, Results, Say, Trace, above, below, ceiling, clipped, curve, runs, where

SENTENCES = words.SENTENCES | {
    "walked": "Batch size {batch:,}, learning rate {lr:.2g}: {updates:,} updates took the weights to a half loss of "
    "{loss:.3f}, {above:.1f} % above the best possible.",
    "outside": "Of the path {count:,} points lie outside the picture.",
}
LABELS = {"across": "Upwards"}
WORDS = {
    "main": "distance along the main direction",
    "steepest": "along the steepest",
    "flattest": "along the flattest",
    "contours": "equal loss",
    "level": "half loss above the best",
    "path": "the weights",
    "start": "start",
    "end": "end",
    "alt": "Left: the path of the weights over ellipses of equal loss, from the start towards the optimum at "
    "the origin. Right: the loss of the same run against epochs.",
}
CHOICES: dict[str, list] = {"batch": BATCHES, "across": [("steepest", "steepest"), ("flattest", "flattest")]}
# What is seen of each direction: the start lies on its positive side.
RANGES = {"main": [-0.35, 1.0], "steepest": [-0.57, 0.57], "flattest": [-0.45, 0.7]}
POINTS = 200  # recorded per epoch, enough to see single steps
CONTOURS = [0.003, 0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 1]  # half loss above the optimum
RING = 72  # points on a contour
REACH = 30.0  # weights that diverge are cut off here, far outside the picture


def figure() -> go.Figure:
    """Contours of the loss, the path over them, and the loss of the same run."""
    run, grey = COLOURS[0], {"color": COLOURS[5], "width": 1}
    path = {"mode": "lines+markers", "line": {"color": run, "width": 1.5}, "marker_size": 3}
    square, diamond = ({"size": 11, "color": COLOURS[i], "symbol": s} for i, s in ((1, "square"), (2, "diamond")))
    right = {"mode": "lines", "showlegend": False, "line": {"color": run, "width": 2}, "xaxis": "x2", "yaxis": "y2"}
    traces = [
        go.Scatter(meta="contours", name=WORDS["contours"], mode="lines", line=grey, hoverinfo="skip"),
        go.Scatter(meta="path", name=WORDS["path"], **path),
        go.Scatter(meta="start", name=WORDS["start"], mode="markers", marker=square),
        go.Scatter(meta="end", name=WORDS["end"], mode="markers", marker=diamond),
        go.Scatter(meta="curve", name=WORDS["path"], **right),
    ]
    layout = {
        "height": 420,
        "xaxis": {"domain": [0, 0.58], "title_text": WORDS["main"], "range": RANGES["main"]},
        "xaxis2": {"domain": [0.7, 1], "title_text": words.WORDS["epochs"], "anchor": "y2", "range": [0, 2]},
        "yaxis2": {"anchor": "x2", "title_text": words.WORDS["loss"], "range": [0.2, 0.55]},
        "meta": {
            "alt": WORDS["alt"],
            "play": ["path", "curve"],
            "customdata": {"contours": WORDS["level"]},
            "narrow": {
                "height": 620,
                "xaxis": {"domain": [0, 1]},
                "yaxis": {"domain": [0.45, 1]},
                "xaxis2": {"domain": [0, 1]},
                "yaxis2": {"domain": [0, 0.3]},
            },
        },
    }
    return styled(traces, layout)


def directions() -> dict[str, dict[str, Any]]:
    """Eigenvectors of the labs' Hessian, (6,) each, with their curvature, the second derivative of the loss.

    "main" is the one along which a start from zero has most to lose, "steepest" the one that becomes unstable first,
    "flattest" the one along which training is slowest.
    """
    values, vectors = np.linalg.eigh(engine.quadratic(*table())[0])
    start = vectors.T @ -np.array(best_possible()[0])
    vectors = vectors * np.sign(start)
    excess = values * start**2 / 2
    chosen = {"main": int(excess.argmax()), "steepest": len(values) - 1, "flattest": 0}
    return {
        name: {"vector": vectors[:, k].tolist(), "curvature": float(values[k]), "range": RANGES[name]}
        for name, k in chosen.items()
    }


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: the directions, and the words of their axes."""
    return {"directions": directions(), "titles": {name: WORDS[name] for name in RANGES}}


def compute(
    *,
    batch: int,
    lr: float,
    seed: int,
    across: str,
    directions: dict[str, dict],
    titles: dict[str, str],
    epochs: int = 2,
) -> Results:
    """The weights of a run seen along two eigenvectors of the Hessian, over exact contours, and its loss beside them.

    ``directions`` holds for "main" and for each choice of ``across`` the unit ``vector``, the ``curvature`` along it and the
    ``range`` of the axis; coordinates are distances from the optimum, cut off far outside the picture, and a sentence counts
    what lies outside.
    """
    run = yield from breathing(runs(TRAINING_ROWS, batch, lr, seed, epochs, POINTS))
    pair = [directions["main"], directions[across]]
    x, y = ([_clip(_along(one["vector"], point)) for point in run.theta] for one in pair)
    (left, right), (low, high) = (one["range"] for one in pair)
    outside = sum(not (left <= a <= right and low <= b <= high) for a, b in zip(x, y))
    rings: Trace = {"x": [], "y": [], "customdata": []}
    for level in CONTOURS:
        for key, one, turn in zip("xy", pair, (cos, sin)):
            radius = sqrt(2 * level / one["curvature"])
            rings[key] += [*(radius * turn(2 * pi * i / RING) for i in range(RING + 1)), None]
        rings["customdata"] += [*[level] * (RING + 1), None]
    edge, loss = ceiling(), run.loss[-1]
    say: Say = [["diverged", {"batch": batch, "lr": lr, "update": run.diverged_at}]]
    if run.diverged_at is None:
        walked = {"batch": batch, "lr": lr, "updates": run.updates[-1], "loss": loss, "above": above(loss)}
        say = [["walked", walked]]
    if outside:
        say.append(["outside", {"count": outside}])
    say += clipped([run], edge)
    losses = curve(run, where(run, batch, "epochs"), below(edge))
    traces = {
        "contours": rings,
        "path": {"x": x, "y": y},
        "start": {"x": x[:1], "y": y[:1]},
        "end": {"x": x[-1:], "y": y[-1:]},
        "curve": losses,
    }
    layout = {
        "xaxis2": {"range": [0, epochs]},
        "yaxis2": {"range": [0.2, max(0.55, 1.05 * max(losses["y"]))]},
        "yaxis": {"range": directions[across]["range"], "title": {"text": titles[across]}},
    }
    yield {"traces": traces, "layout": layout, "say": say}


def _along(vector: list[float], point: list[float]) -> float:
    """How far the weights lie from the best ones in this direction."""
    return sum(v * (p - o) for v, p, o in zip(vector, point, best_possible()[0]))


def _clip(value: float) -> float:
    return max(-REACH, min(REACH, value))
