"""The chart of the lab in ``minibatch-statistics``, and the places at which it takes gradients."""

import numpy as np
import plotly.graph_objects as go

from .. import noise
from ..compute import optimum
from ..figures import COLOURS

PLACES = {
    "the start": 0.0,
    "half-way": 0.5,
    "the optimum": 1.0,
}  # how far from zero to the best weights, in a straight line
ACROSS = "widest direction across it"


def places() -> dict[str, dict]:
    """For ``cloud.cloud``: weights, and the two directions in which to look at the gradients there.

    ``along`` is the full gradient's direction, ``across`` the one of largest variance among those at right angles to
    it. At the optimum there is no full gradient, and they are the two directions of largest variance.
    """
    found = {}
    for name, part in PLACES.items():
        theta = part * np.array(optimum()[0])
        spread = noise.covariance(theta)
        titles = ["along the full gradient", ACROSS]
        if np.isfinite(noise.noise_scale(theta)):
            full = noise.gradient(theta)
            along = full / np.linalg.norm(full)
            rest = np.eye(len(theta)) - np.outer(along, along)
            across = np.linalg.eigh(rest @ spread @ rest)[1][:, -1]
        else:
            across, along = np.linalg.eigh(spread)[1][:, -2:].T
            titles = ["widest direction of all", ACROSS]
        across = across * np.sign(across[np.abs(across).argmax()])  # an eigenvector's sign is arbitrary
        found[name] = {"theta": theta.tolist(), "along": along.tolist(), "across": across.tolist(), "titles": titles}
    return found


def cloud_figure() -> go.Figure:
    """For ``cloud.cloud``: the draws around the full gradient, and beside them the spread at every batch size."""
    cloud, theory, grey = COLOURS[0], COLOURS[1], COLOURS[5]
    right = {"xaxis": "x2", "yaxis": "y2", "legend": "legend2"}
    return go.Figure(
        [
            go.Scatter(
                meta="draws",
                name="a minibatch gradient",
                mode="markers",
                opacity=0.55,
                marker={"size": 5, "color": cloud},
            ),
            go.Scatter(
                meta="ellipse",
                name="theory: two standard deviations",
                mode="lines",
                line={"color": theory, "width": 2.5},
                hoverinfo="skip",
            ),
            go.Scatter(
                meta="flat",
                name="left of it: uphill",
                mode="lines",
                line={"color": grey, "dash": "dot", "width": 1.5},
                hoverinfo="skip",
            ),
            go.Scatter(
                meta="full",
                name="the full gradient",
                mode="markers",
                marker={"size": 12, "color": COLOURS[4], "symbol": "x"},
            ),
            go.Scatter(meta="with", name="theory, with replacement", mode="lines", line_color=theory, **right),
            go.Scatter(
                meta="without",
                name="theory, without",
                mode="lines",
                line={"color": COLOURS[2], "dash": "dash"},
                **right,
            ),
            go.Scatter(
                meta="signal",
                name="length of the full gradient",
                mode="lines",
                line={"color": COLOURS[4], "dash": "longdash", "width": 1.5},
                **right,
            ),
            go.Scatter(meta="measured", name="measured", mode="markers", marker={"size": 7, "color": cloud}, **right),
            go.Scatter(
                meta="chosen",
                name="this batch size",
                mode="markers",
                marker={"size": 14, "color": COLOURS[3], "symbol": "diamond-open", "line": {"width": 3}},
                **right,
            ),
        ],
        layout={
            "height": 500,
            "legend": {"orientation": "v", "x": 0},
            "legend2": {"orientation": "v", "x": 0.6, "y": 1.02, "yanchor": "bottom"},
            "xaxis": {"domain": [0, 0.46]},
            "xaxis2": {
                "domain": [0.6, 1],
                "anchor": "y2",
                "type": "log",
                "title_text": "batch size",
                "range": [-0.1, np.log10(1500) + 0.12],
                "tickvals": [1, 10, 100, 1000],
            },
            "yaxis2": {
                "anchor": "x2",
                "type": "log",
                "title_text": "noise of the minibatch gradient",
                "tickvals": [0.01, 0.1, 1],
            },
            "meta": {
                "alt": "Left: 300 minibatch gradients as points around the full gradient, with the ellipse that theory "
                "predicts. Right: their noise against the batch size on log axes; with replacement a straight line with "
                "a slope of minus one half, without replacement one that bends down to zero at all 1,500 rows.",
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
        },
    )
