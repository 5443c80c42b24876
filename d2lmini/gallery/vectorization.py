"""The chart of the lab in ``vectorization``."""

import plotly.graph_objects as go

from ..figures import COLOURS
from ..roofline import SIZES

LIBRARIES = [("NumPy", "numpy"), ("PyTorch", "torch")]
SPEED_TITLES = {"rate": "GFLOP/s", "time": "time of the whole product"}
SPEEDS = [("GFLOP/s", "rate"), ("time", "time")]
TIMINGS = [("recorded", "recorded"), ("measured here", "here")]
WIDTHS = [2**k for k in range(SIZES[-1].bit_length())]


def products_figure() -> go.Figure:
    """For ``vectorization.products_and_roofs``: each way to multiply as a marker, all widths as a line, under the roofs."""
    names = {
        "block": "blocks of b",  # the largest marker, below the others
        "element": "elements",
        "row": "rows",
        "column": "columns",
        "whole": "all at once",
    }
    symbols = ["square", "circle", "triangle-up", "triangle-down", "diamond"]
    grey, thin = {"color": COLOURS[5], "width": 3}, {"color": COLOURS[5], "width": 1.5, "dash": "dot"}
    lines = [
        go.Scatter(meta="others", name="other roofs", mode="lines", line=thin, hoverinfo="skip"),
        go.Scatter(meta="roof", name="the roof", mode="lines", line=grey, hoverinfo="skip"),
        go.Scatter(meta="curve", name="any width b", mode="lines", line={"color": COLOURS[0], "width": 1.5}),
    ]
    colours = [COLOURS[0], COLOURS[4], COLOURS[1], COLOURS[2], COLOURS[3]]
    points = [
        go.Scatter(
            meta=meta,
            name=name,
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 17 if meta == "block" else 10},
            hovertemplate="%{y:.3s} at %{x:.3g} FLOP per byte",
        )
        for (meta, name), colour, symbol in zip(names.items(), colours, symbols)
    ]
    return go.Figure(
        [*lines, *points],
        layout={
            "height": 480,
            "xaxis": {"type": "log", "dtick": 1, "title_text": "FLOP per byte that a call has to move"},
            "yaxis": {"type": "log", "dtick": 1, "title_text": SPEED_TITLES["rate"]},
            "meta": {
                "alt": "Roofline chart: speed of five ways to multiply two matrices against floating-point operations per byte. Element by "
                "element lies far below the roof; the wider the blocks, the farther right and the nearer to the roof a product lies.",
                "narrow": {
                    "legend": {"font": {"size": 11}, "entrywidth": 0.46, "entrywidthmode": "fraction"},
                    "xaxis": {"title": {"text": "FLOP per byte"}},
                    "yaxis": {"title": {"text": ""}},
                },
            },
        },
    )
