"""What the figures of labs share: the line of the best possible loss, the range of other seeds, and what changes on a phone."""

from typing import Any

import plotly.graph_objects as go

from ..figures.template import COLOURS
from .runs import BAND_SEEDS
from .words import WORDS

# A phone has no room for the title of the y-axis, which every chart of a loss bears.
NARROW: dict[str, Any] = {"legend": {"font": {"size": 11}}, "yaxis": {"title": {"text": ""}}}
# What a table calls the edge of the area that the legend names.
NAMES = {"high": WORDS["highest"].format(seeds=BAND_SEEDS)}


def optimum() -> go.Scatter:
    """The best possible loss."""
    line = {"color": COLOURS[5], "dash": "dot", "width": 1.5}
    return go.Scatter(meta="optimum", name=WORDS["optimum"], mode="lines", line=line)


def seeds() -> list[go.Scatter]:
    """The range of other seeds: its lower edge, and the area up to its upper one."""
    edge = {"mode": "lines", "line_width": 0, "hoverinfo": "skip"}
    area = {"line_color": COLOURS[0], "fill": "tonexty", "fillcolor": "rgba(59,130,246,0.18)"}
    name = WORDS["band"].format(seeds=BAND_SEEDS)
    low = go.Scatter(meta="low", name=WORDS["lowest"].format(seeds=BAND_SEEDS), showlegend=False, **edge)
    return [low, go.Scatter(meta="high", name=name, **area, **edge)]
