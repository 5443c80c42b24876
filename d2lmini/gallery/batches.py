"""The chart of the lab in ``reading-data``."""

import plotly.graph_objects as go

from ..figures import COLOURS

ORDERS = [
    ("in file order", "file"),
    ("shuffled", "shuffled"),
    ("through a buffer", "buffer"),
    ("with replacement", "replacement"),
]


def batches_figure() -> go.Figure:
    """For ``batches.batches``: each example of an epoch at its place and its row, and how often each row is used."""
    blue, amber, green, purple, red, grey = COLOURS
    hover = "batch %{customdata}, example %{x}: row %{y}<extra></extra>"
    kinds = {
        "odd": ("batches 1, 3, 5 …", blue, "circle"),
        "even": ("batches 2, 4, 6 …", amber, "diamond"),
        "short": ("short last batch", green, "square"),
    }
    counts = {
        "once": ("used once", grey, "circle-open", "used once"),
        "missed": ("missed", red, "x", "missed"),
        "repeated": ("repeated", purple, "triangle-up", "used %{x} times"),
    }
    return go.Figure(
        [
            go.Scatter(
                meta="edges",
                name="end of a batch",
                mode="lines",
                line={"color": grey, "width": 1, "dash": "dot"},
                showlegend=False,
                hoverinfo="skip",
            ),
            go.Scatter(
                meta="reach",
                name="newest row in the buffer",
                mode="lines",
                line={"color": red, "width": 2, "dash": "dash"},
                hoverinfo="skip",
            ),
            *(
                go.Scatter(
                    meta=meta,
                    name=name,
                    mode="markers",
                    marker={"color": colour, "size": 8, "symbol": symbol},
                    hovertemplate=hover,
                )
                for meta, (name, colour, symbol) in kinds.items()
            ),
            *(
                go.Scatter(
                    meta=meta,
                    name=name,
                    showlegend=meta != "once",
                    mode="markers",
                    marker={"color": colour, "size": 7, "symbol": symbol},
                    hovertemplate=f"row %{{y}}: {text}<extra></extra>",
                    xaxis="x2",
                    yaxis="y2",
                )
                for meta, (name, colour, symbol, text) in counts.items()
            ),
        ],
        layout={
            "height": 440,
            "xaxis": {
                "domain": [0, 0.76],
                "title_text": "example of the epoch, in the order of use",
                "showgrid": False,
            },
            "yaxis": {"title_text": "row of the table", "showgrid": False},
            "xaxis2": {"domain": [0.82, 1], "title_text": "times used", "anchor": "y2", "dtick": 1, "showgrid": False},
            "yaxis2": {"anchor": "x2", "showticklabels": False, "showgrid": False},
            "meta": {
                "alt": "Left: a point for each example of an epoch, its place in the epoch across and its row in the table up; "
                "dotted lines end the batches, and neighbouring batches differ in colour and shape. Right: how often each row is used.",
                "narrow": {
                    "legend": {"font": {"size": 11}},
                    "xaxis": {"domain": [0, 0.7], "title": {"text": "example of the epoch"}},
                    "xaxis2": {"domain": [0.78, 1], "title": {"text": "uses"}},
                },
            },
        },
    )
