"""The chart of the lab in ``exercises``."""

import plotly.graph_objects as go

from ..figures import COLOURS
from .scratch import LOSS, PROGRAMS

METHODS = {"gd": "Gradient descent", "b100": "Batch 100", "b10": "Batch 10", "sgd": "One at a time"}
COPIES = [("none", 1), ("10 of each row", 10), ("100 of each row", 100), ("1,000 of each row", 1000)]
SAMPLING = [("reshuffled", "reshuffled"), ("with replacement", "replacement")]
RECORDED = [program for program in PROGRAMS if program[1] != "here"]


def genie_figure() -> go.Figure:
    """For ``genie.genie``: each method on the copied table, on the plain one (thin), and the optimum."""
    styles = list(zip(METHODS.items(), COLOURS, ["solid", "dash", "dashdot", "dot"]))
    plain = [
        go.Scatter(
            meta=f"{meta}_before",
            name=f"{name}, plain table",
            mode="lines",
            line={"color": colour, "dash": dash, "width": 1.2},
            marker_size=4,
            showlegend=False,
        )
        for (meta, name), colour, dash in styles
    ]
    copied = [
        go.Scatter(meta=meta, name=name, mode="lines", line={"color": colour, "dash": dash, "width": 3}, marker_size=8)
        for (meta, name), colour, dash in styles
    ]
    best = go.Scatter(
        meta="optimum", name="best possible", mode="lines", line={"color": COLOURS[5], "dash": "dot", "width": 1.5}
    )
    return go.Figure(
        [best, *plain, *copied],
        layout={
            "xaxis": {"type": "log"},
            "yaxis": {"title_text": LOSS, "range": [0.2, 0.52]},
            "meta": {
                "alt": "Lines of the half squared loss for gradient descent and minibatches of 100, 10 and 1: thin on the plain table, "
                "thick on the copied one. The sentences below say where each first comes down to a half loss of 0.25.",
                "narrow": {"legend": {"font": {"size": 11}}, "yaxis": {"title": {"text": ""}}},
            },
        },
    )
