"""A cloud of minibatch gradients around the full one, beside its noise at every batch size; the twin is js/cloud.js."""

from collections.abc import Generator
from math import cos, log10, pi, sin, sqrt

import numpy as np

from . import engine, noise

SENTENCES = {
    "spread": "Batch size {batch:,}: the {draws} minibatch gradients lie {measured:.3f} from the full one, as a root mean "
    "square. Theory says {theory:.3f}; the ratio is {ratio:.3f}.",
    "exact": "Batch size {batch:,}, without replacement: every draw is the full gradient. Theory says a noise "
    "of 0, and rounding leaves {measured:.1g}.",
    "signal": "The full gradient is {signal:.3f} long, and {downhill:.1f} % of the draws point downhill.",
    "noise": "The full gradient is zero here: what a minibatch sees is nothing but noise.",
    "outside": "Draws outside the picture: {count}.",
}
DRAWS = 300
TURNS = 72  # points on the ellipse
SIGMAS = 2  # standard deviations that the ellipse shows
REACH = 4  # standard deviations of this batch size to the edge of the picture, with ``zoom``
FIXED = 10  # without, the picture keeps the scale that suits this batch size for all larger ones
LOWEST = 0.003  # of the axis of spreads; what is smaller lies below the picture


def cloud(
    *,
    batch: int,
    replacement: bool,
    where: str,
    seed: int,
    zoom: bool,
    places: dict[str, dict],
    sizes: list[int],
) -> Generator[dict | None, None, None]:
    """300 minibatch gradients seen along two directions, theory's ellipse, and the measured spread at all ``sizes``.

    ``places[where]`` holds ``theta``, the unit vectors ``along`` and ``across``, and the ``titles`` of their axes. The
    same draws serve every batch size: a smaller batch is the beginning of a larger one.
    """
    place = places[where]
    rows = noise.gradients(np.array(place["theta"]))
    full = rows.mean(axis=0)
    away = rows - full
    n, trace = len(rows), float((away**2).sum()) / len(rows)
    signal = float(full @ np.array(place["along"]))
    is_zero = float(full @ full) <= noise.ROUNDING**2 * trace
    pair = np.array([place["along"], place["across"]])
    flat = away @ pair.T
    variance, covariance, other = (float((flat[:, i] * flat[:, j]).mean()) for i, j in ((0, 0), (0, 1), (1, 1)))

    def spread(b: int, replacement: bool) -> float:
        return sqrt(trace / b * (1 if replacement else (n - b) / (n - 1)))

    draws = yield from _draws(away, seed, replacement, place["theta"], sizes)  # (draws, sizes, d)
    measured = [float(v) for v in np.sqrt((draws**2).sum(axis=2).mean(axis=0))]
    theory = [spread(b, replacement) for b in sizes]
    chosen = sizes.index(batch)
    seen = draws[:, chosen] @ pair.T + [signal, 0.0]
    scale = spread(batch, replacement) / sqrt(trace)  # of this batch, against a single example
    shown = scale if zoom and scale > 0 else 1 / sqrt(min(batch, FIXED))
    radius = REACH * sqrt(max(variance, other)) * shown
    slant = covariance / sqrt(variance)
    rest = sqrt(max(other - slant**2, 0.0))
    ring: dict[str, list[float]] = {"x": [], "y": []}
    for i in range(TURNS + 1 if scale > 0 else 0):
        u, v = cos(2 * pi * i / TURNS), sin(2 * pi * i / TURNS)
        ring["x"].append(signal + SIGMAS * scale * sqrt(variance) * u)
        ring["y"].append(SIGMAS * scale * (slant * u + rest * v))

    some = [i for i, value in enumerate(theory) if value > 0]
    ends = [sizes[0], sizes[-1]]
    level = [] if is_zero else [signal, signal]
    curve = sorted({*sizes, *(n - gap for gap in (400, 300, 200, 100, 50, 20, 10, 5, 3, 2, 1))})
    traces = {
        "ellipse": ring,
        "draws": {"x": seen[:, 0].tolist(), "y": seen[:, 1].tolist()},
        "flat": {"x": [] if is_zero else [0, 0], "y": [] if is_zero else [-radius, radius]},
        "full": {"x": [signal], "y": [0]},
        "with": {"x": ends, "y": [spread(b, True) for b in ends]},
        "without": {"x": curve[:-1], "y": [spread(b, False) for b in curve[:-1]]},
        "signal": {"x": ends if level else [], "y": level},
        "measured": {"x": [sizes[i] for i in some], "y": [measured[i] for i in some]},
        "chosen": {"x": [batch] if scale > 0 else [], "y": [measured[chosen]] if scale > 0 else []},
    }
    xtitle, ytitle = place["titles"]
    layout = {
        "xaxis": {"range": [signal - radius, signal + radius], "title": {"text": xtitle}},
        "yaxis": {"range": [-radius, radius], "title": {"text": ytitle}},
        "yaxis2": {"range": [log10(LOWEST), log10(1.5 * sqrt(trace))]},
    }
    values = {"batch": batch, "draws": DRAWS, "measured": measured[chosen], "theory": theory[chosen]}
    say: list = [["exact", {"batch": batch, "measured": measured[chosen]}]]
    if scale > 0:
        say = [["spread", values | {"ratio": measured[chosen] / theory[chosen]}]]
    if is_zero:
        say.append(["noise", {}])
    else:
        say.append(["signal", {"signal": signal, "downhill": 100 * float((seen[:, 0] > 0).mean())}])
    outside = int(((abs(seen[:, 0] - signal) > radius) | (abs(seen[:, 1]) > radius)).sum())
    if outside:
        say.append(["outside", {"count": outside}])
    yield {"traces": traces, "layout": layout, "say": say}


_known: dict[tuple, np.ndarray] = {}


def _draws(
    away: np.ndarray, seed: int, replacement: bool, theta: list[float], sizes: list[int]
) -> Generator[None, None, np.ndarray]:
    """Each draw's distance from the full gradient at every size, (draws, sizes, d); remembered."""
    key = (seed, replacement, *theta, *sizes)
    if key not in _known:
        draws = np.empty((DRAWS, len(sizes), away.shape[1]))
        for k in range(DRAWS):
            sums = away[engine.epoch_order(len(away), seed, k, replacement)].cumsum(axis=0)
            draws[k] = sums[[b - 1 for b in sizes]] / np.array(sizes)[:, None]
            if k % 5 == 4:
                yield None
        _known[key] = draws
        if len(_known) > 20:
            del _known[next(iter(_known))]
    return _known[key]
