"""300 minibatch gradients around the full one, beside their noise at every batch size; the twin is js/labs/gradients.js."""

from collections.abc import Generator
from math import cos, log10, pi, sin, sqrt
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..core import engine, noise
from ..core.steps import remembered
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from . import words
from .runs import BATCHES, Results, Say, Trace, level, none

SENTENCES = {
    "spread": "Batch size {batch:,}: the {draws} minibatch gradients lie {measured:.3f} from the full one, as a root mean "
    "square. Theory says {theory:.3f}; the ratio is {ratio:.3f}.",
    "exact": "Batch size {batch:,}, without replacement: every draw is the full gradient. Theory says a noise "
    "of 0, and rounding leaves {measured:.1g}.",
    "signal": "The full gradient is {signal:.3f} long, and {downhill:.1f} % of the draws point downhill.",
    "noise": "The full gradient is zero here: what a minibatch sees is nothing but noise.",
    "outside": "Draws outside the picture: {count}.",
}
LABELS = {"where": "Gradients at", "replacement": "with replacement", "zoom": "zoom in on the cloud"}
WORDS = {
    "draws": "a minibatch gradient",
    "ellipse": "theory: two standard deviations",
    "flat": "left of it: uphill",
    "full": "the full gradient",
    "with": "theory, with replacement",
    "without": "theory, without",
    "signal": "length of the full gradient",
    "measured": "measured",
    "chosen": "this batch size",
    "noise": "noise of the minibatch gradient",
    "along": "along the full gradient",
    "across": "widest direction across it",
    "widest": "widest direction of all",
    "alt": "Left: 300 minibatch gradients as points around the full gradient, with the ellipse that theory "
    "predicts. Right: their noise against the batch size on log axes; with replacement a straight line with "
    "a slope of minus one half, without replacement one that bends down to zero at all 1,500 rows.",
}
CHOICES: dict[str, list] = {
    "batch": BATCHES,
    "where": [("the start", "start"), ("half-way", "half"), ("the optimum", "optimum")],
}
PARTS = {"start": 0.0, "half": 0.5, "optimum": 1.0}  # how far from zero to the best weights, in a straight line
DRAWS = 300
MOST_DRAWS = 20  # kept: each takes two thirds of a megabyte
TURNS = 72  # points on the ellipse
SIGMAS = 2  # standard deviations that the ellipse shows
REACH = 4  # standard deviations of this batch size to the edge of the picture, with ``zoom``
FIXED = 10  # without, the picture keeps the scale that suits this batch size for all larger ones
GAPS = (400, 300, 200, 100, 50, 20, 10, 5, 3, 2, 1)  # to all rows, at which theory's curve has points too
LOWEST = 0.003  # of the axis of spreads; what is smaller lies below the picture


def figure() -> go.Figure:
    """The draws around the full gradient, and beside them the noise at every batch size."""
    cloud, theory, green, purple, red, grey = COLOURS
    left = {"mode": "lines", "hoverinfo": "skip"}
    right = {"xaxis": "x2", "yaxis": "y2", "legend": "legend2"}
    flat = {"color": grey, "dash": "dot", "width": 1.5}
    length = {"color": red, "dash": "longdash", "width": 1.5}
    diamond = {"size": 14, "color": purple, "symbol": "diamond-open", "line": {"width": 3}}
    draws = {"mode": "markers", "opacity": 0.55, "marker": {"size": 5, "color": cloud}}
    full = {"mode": "markers", "marker": {"size": 12, "color": red, "symbol": "x"}}
    looks: dict[str, dict[str, Any]] = {
        "draws": draws,
        "ellipse": {"line": {"color": theory, "width": 2.5}, **left},
        "flat": {"line": flat, **left},
        "full": full,
        "with": {"mode": "lines", "line_color": theory, **right},
        "without": {"mode": "lines", "line": {"color": green, "dash": "dash"}, **right},
        "signal": {"mode": "lines", "line": length, **right},
        "measured": {"mode": "markers", "marker": {"size": 7, "color": cloud}, **right},
        "chosen": {"mode": "markers", "marker": diamond, **right},
    }
    spread = {"type": "log", "title_text": WORDS["noise"], "tickvals": [0.01, 0.1, 1]}
    sizes = {"type": "log", "title_text": words.WORDS["batch"], "tickvals": [1, 10, 100, 1000]}
    layout = {
        "height": 500,
        "legend": {"orientation": "v", "x": 0},
        "legend2": {"orientation": "v", "x": 0.6, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"domain": [0, 0.46]},
        "xaxis2": {"domain": [0.6, 1], "anchor": "y2", "range": [-0.1, log10(1500) + 0.12], **sizes},
        "yaxis2": {"anchor": "x2", **spread},
        "meta": {
            "alt": WORDS["alt"],
            "narrow": {
                "height": 860,
                "legend": {"font": {"size": 11}},
                "legend2": {"font": {"size": 11}, "x": 0, "y": 0.36},
                "xaxis": {"domain": [0, 1]},
                "yaxis": {"domain": [0.57, 1]},
                "xaxis2": {"domain": [0, 1]},
                "yaxis2": {"domain": [0, 0.34]},
            },
        },
    }
    return styled((go.Scatter(meta=meta, name=WORDS[meta], **look) for meta, look in looks.items()), layout)


def places() -> dict[str, dict[str, Any]]:
    """Weights at which to look at gradients, and the two directions in which to look at them there.

    ``along`` is the full gradient's direction, ``across`` the one of largest variance among those at right angles to
    it. At the optimum there is no full gradient, and they are the two directions of largest variance.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, part in PARTS.items():
        theta = part * np.array(best_possible()[0])
        spread = noise.covariance(theta)
        titles = [WORDS["along"], WORDS["across"]]
        if np.isfinite(noise.noise_scale(theta)):
            full = noise.gradient(theta)
            along = full / np.linalg.norm(full)
            rest = np.eye(len(theta)) - np.outer(along, along)
            across = np.linalg.eigh(rest @ spread @ rest)[1][:, -1]
        else:
            across, along = np.linalg.eigh(spread)[1][:, -2:].T
            titles[0] = WORDS["widest"]
        across = across * np.sign(across[np.abs(across).argmax()])  # an eigenvector's sign is arbitrary
        found[name] = {"theta": theta.tolist(), "along": along.tolist(), "across": across.tolist(), "titles": titles}
    return found


def fixed() -> dict[str, Any]:
    """What the chapter's lab hands to ``compute`` beside its sliders: where to look, and the batch sizes to measure."""
    return {"places": places(), "sizes": BATCHES}


def compute(
    *,
    batch: int,
    replacement: bool,
    where: str,
    seed: int,
    zoom: bool,
    places: dict[str, dict],
    sizes: list[int],
) -> Results:
    """300 minibatch gradients seen along two directions, theory's ellipse, and the measured noise at all ``sizes``.

    ``places[where]`` holds ``theta``, the unit vectors ``along`` and ``across``, and the ``titles`` of their axes. The
    same draws serve every batch size: a smaller batch is the beginning of a larger one.
    """
    place = places[where]
    rows = noise.gradients(np.array(place["theta"]))
    full = rows.mean(axis=0)
    away = rows - full
    n, trace = len(rows), float((away**2).sum()) / len(rows)
    pair = np.array([place["along"], place["across"]])
    signal = float(full @ pair[0])
    is_zero = float(full @ full) <= noise.ROUNDING**2 * trace

    def spread(b: int, replacement: bool) -> float:
        return sqrt(trace / b * (1 if replacement else (n - b) / (n - 1)))

    key = (seed, replacement, *place["theta"], *sizes)
    draws = yield from remembered(_known, key, _draws(away, seed, replacement, sizes), MOST_DRAWS)
    measured = [float(v) for v in np.sqrt((draws**2).sum(axis=2).mean(axis=0))]
    theory = [spread(b, replacement) for b in sizes]
    chosen = sizes.index(batch)
    seen = draws[:, chosen] @ pair.T + [signal, 0.0]
    scale = spread(batch, replacement) / sqrt(trace)  # of this batch, against a single example
    flat = away @ pair.T
    radius = REACH * sqrt(max((flat**2).mean(axis=0))) * (scale if zoom and scale > 0 else 1 / sqrt(min(batch, FIXED)))
    some = [i for i, value in enumerate(theory) if value > 0]
    ends = sizes[0], sizes[-1]
    curve = sorted({*sizes, *(n - gap for gap in GAPS)})[:-1]
    traces = {
        "ellipse": _ellipse(flat, scale, signal),
        "draws": {"x": seen[:, 0].tolist(), "y": seen[:, 1].tolist()},
        "flat": none() if is_zero else {"x": [0, 0], "y": [-radius, radius]},
        "full": {"x": [signal], "y": [0]},
        "with": {"x": [*ends], "y": [spread(b, True) for b in ends]},
        "without": {"x": curve, "y": [spread(b, False) for b in curve]},
        "signal": none() if is_zero else level(signal, *ends),
        "measured": {"x": [sizes[i] for i in some], "y": [measured[i] for i in some]},
        "chosen": {"x": [batch], "y": [measured[chosen]]} if scale > 0 else none(),
    }
    xtitle, ytitle = place["titles"]
    layout = {
        "xaxis": {"range": [signal - radius, signal + radius], "title": {"text": xtitle}},
        "yaxis": {"range": [-radius, radius], "title": {"text": ytitle}},
        "yaxis2": {"range": [log10(LOWEST), log10(1.5 * sqrt(trace))]},
    }
    say = _noise(batch, measured[chosen], theory[chosen])
    downhill = 100 * float((seen[:, 0] > 0).mean())
    say.append(["noise", {}] if is_zero else ["signal", {"signal": signal, "downhill": downhill}])
    outside = int(((abs(seen[:, 0] - signal) > radius) | (abs(seen[:, 1]) > radius)).sum())
    if outside:
        say.append(["outside", {"count": outside}])
    yield {"traces": traces, "layout": layout, "say": say}


_known: dict[tuple, np.ndarray] = {}


def _draws(away: np.ndarray, seed: int, replacement: bool, sizes: list[int]) -> Generator[None, None, np.ndarray]:
    """Each draw's distance from the full gradient at every size, (draws, sizes, d)."""
    draws = np.empty((DRAWS, len(sizes), away.shape[1]))
    for k in range(DRAWS):
        sums = away[engine.epoch_order(len(away), seed, k, replacement)].cumsum(axis=0)
        draws[k] = sums[[b - 1 for b in sizes]] / np.array(sizes)[:, None]
        if k % 5 == 4:
            yield None
    return draws


def _ellipse(flat: np.ndarray, scale: float, signal: float) -> Trace:
    """Where theory expects the draws: SIGMAS standard deviations around the full gradient; ``flat`` (n, 2) are single examples."""
    variance, covariance, other = (float((flat[:, i] * flat[:, j]).mean()) for i, j in ((0, 0), (0, 1), (1, 1)))
    slant = covariance / sqrt(variance)
    rest = sqrt(max(other - slant**2, 0.0))
    ring = none()
    for i in range(TURNS + 1 if scale > 0 else 0):
        u, v = cos(2 * pi * i / TURNS), sin(2 * pi * i / TURNS)
        ring["x"].append(signal + SIGMAS * scale * sqrt(variance) * u)
        ring["y"].append(SIGMAS * scale * (slant * u + rest * v))
    return ring


def _noise(batch: int, measured: float, theory: float) -> Say:
    """How far the draws lie from the full gradient, and how far theory says."""
    if theory == 0:
        return [["exact", {"batch": batch, "measured": measured}]]
    values = {"batch": batch, "draws": DRAWS, "measured": measured, "theory": theory, "ratio": measured / theory}
    return [["spread", values]]
