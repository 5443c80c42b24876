"""The look of the book's figures: colours and Plotly template."""

from collections.abc import Iterable

import plotly.graph_objects as go

# Told apart by colour-blind readers too, and each with a contrast of 3:1 or more on the light and on the dark page.
COLOURS = ["#3b82f6", "#d97706", "#059669", "#a855f7", "#e11d48", "#64748b"]
HEIGHT = 380
_AXIS = {
    "showline": True,
    "ticks": "",
    "automargin": True,
    "fixedrange": True,
    "zeroline": False,
    "title": {"standoff": 8},
}
TEMPLATE = go.layout.Template(
    layout={
        "colorway": COLOURS,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "height": HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 20, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "font": {"size": 13},
        "hovermode": "closest",
        "dragmode": False,
        "separators": ".\u202f",
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    }
)


def styled(traces: Iterable[go.Scatter], layout: dict) -> go.Figure:
    """A figure in the book's look, whatever Plotly's defaults are where it is made."""
    return go.Figure(list(traces), layout={"template": TEMPLATE, **layout})
