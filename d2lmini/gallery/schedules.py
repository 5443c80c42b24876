"""The chart and the choices of the lab in ``schedules``."""

import plotly.graph_objects as go

from ..compute import BAND_SEEDS
from ..figures import COLOURS

SCHEDULES = [
    ("constant", "constant"),
    ("divide every few epochs", "step"),
    ("t^−½", "sqrt"),
    ("t^−1", "inverse"),
    ("times γ after each epoch", "epoch"),
    ("times γ after each update", "update"),
    ("cosine", "cosine"),
    ("grow the batch instead", "grow"),
]
VIEWS = [("above the best", "above"), ("half loss", "loss")]
VIEW_TITLES = {"loss": "half squared loss", "above": "half loss above the best"}
DECAY_BATCHES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500]
GAMMAS = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999]
DELAYS = [0, 10, 30, 100, 300, 1000]
WARM_UPS = [0, 10, 30, 100, 300, 1000]


def decay_figure() -> go.Figure:
    """For ``decay.decay``: the run, the range of other seeds and a run at the constant rate; beside them the rates."""
    blue, amber, green, grey = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[5]
    right = {"xaxis": "x2", "yaxis": "y2", "mode": "lines"}
    none = {"mode": "lines", "line_width": 0, "hoverinfo": "skip"}
    return go.Figure(
        [
            go.Scatter(meta="low", showlegend=False, **none),
            go.Scatter(
                meta="high",
                name=f"range of {BAND_SEEDS} seeds",
                line_color=blue,
                fill="tonexty",
                fillcolor="rgba(59,130,246,0.18)",
                **none,
            ),
            go.Scatter(
                meta="optimum", name="best possible", mode="lines", line={"color": grey, "dash": "dot", "width": 1.5}
            ),
            go.Scatter(
                meta="steady",
                name="at the constant rate",
                mode="lines",
                line={"color": amber, "dash": "dash", "width": 1.5},
            ),
            go.Scatter(meta="run", name="this run", mode="lines", line={"color": blue, "width": 2.5}),
            go.Scatter(
                meta="steady_rate", showlegend=False, line={"color": amber, "dash": "dash", "width": 1.5}, **right
            ),
            go.Scatter(
                meta="noise",
                name="rate ÷ growth of the batch",
                line={"color": green, "dash": "dashdot", "width": 2},
                **right,
            ),
            go.Scatter(meta="rate", showlegend=False, line={"color": blue, "width": 2.5}, **right),
        ],
        layout={
            "height": 420,
            "xaxis": {"domain": [0, 0.54], "title_text": "epochs"},
            "xaxis2": {"domain": [0.7, 1], "title_text": "epochs", "anchor": "y2"},
            "yaxis": {"exponentformat": "power"},
            "yaxis2": {
                "anchor": "x2",
                "type": "log",
                "title_text": "learning rate",
                "exponentformat": "power",
                "nticks": 4,
            },
            "meta": {
                "alt": "Left: the loss of the chosen run and of a run at the constant rate, against epochs, with the best "
                "possible loss as a dotted line. Right: the learning rate over the same epochs.",
                "play": ["run", "rate"],
                "narrow": {
                    "height": 620,
                    "legend": {"font": {"size": 11}},
                    "xaxis": {"domain": [0, 1], "title": {"text": ""}},
                    "yaxis": {"domain": [0.42, 1]},
                    "xaxis2": {"domain": [0, 1]},
                    "yaxis2": {"domain": [0, 0.3]},
                },
            },
        },
    )
