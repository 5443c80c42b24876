"""The chart of the lab in ``concise``."""

import plotly.graph_objects as go

from ..figures import COLOURS


def twins_figure() -> go.Figure:
    """For ``twins.concise``: the loss of the scratch version, of the concise one over it, and the optimum."""
    blue, amber, grey = COLOURS[0], COLOURS[1], COLOURS[5]
    lines = {
        "optimum": ("best possible", {"color": grey, "dash": "dot", "width": 1.5}),
        "scratch": ("from scratch", {"color": blue, "width": 5}),
        "concise": ("with PyTorch's parts", {"color": amber, "dash": "dash", "width": 2.5}),
    }
    return go.Figure(
        [go.Scatter(meta=meta, name=name, mode="lines", line=line) for meta, (name, line) in lines.items()],
        layout={
            "xaxis_title_text": "epochs",
            "yaxis_title_text": "half squared loss",
            "meta": {
                "alt": "Line chart of the half squared loss of two versions of one training run, the scratch version as a "
                "thick line and the concise one as a dashed line over it; the sentence below says how far apart they are.",
                "play": ["scratch", "concise"],
                "narrow": {"legend": {"font": {"size": 11}}, "yaxis": {"title": {"text": ""}}},
            },
        },
    )
