"""The lab of the first page: what ``scratch`` computes, against the logarithm of updates, its classic runs named in the chart."""

from math import log10
from typing import Any

import plotly.graph_objects as go

from . import scratch
from .runs import BATCHES
from .words import TITLES

compute = scratch.compute
WORDS = {
    "gd": "all rows",
    "b100": "100 examples",
    "b10": "10 examples",
    "sgd": "1 example",
    "gd_narrow": "all",
    "b100_narrow": "100",
    "b10_narrow": "10",
    "sgd_narrow": "1",
}
CHOICES = {"batch": BATCHES}
PLACES = {"gd": (1.06, 0.303), "b100": (1.4, 0.388), "b10": (10.5, 0.4), "sgd": (235, 0.352)}  # updates, half loss


def figure() -> go.Figure:
    """The chart of ``scratch``; each classic run is named where it passes, not in a legend."""
    figure = scratch.figure()
    for meta, (updates, loss) in PLACES.items():
        figure.update_traces({"showlegend": False}, {"meta": meta})
        figure.add_annotation(x=log10(updates), y=loss, text=WORDS[meta], showarrow=False, xanchor="left", font_size=12)
    notes = [
        note.to_plotly_json() | {"text": WORDS[f"{meta}_narrow"]}
        for meta, note in zip(PLACES, figure.layout.annotations)
    ]
    figure.layout.meta["narrow"] = {**figure.layout.meta["narrow"], "annotations": notes}
    return figure


def fixed() -> dict[str, Any]:
    """What the first page's lab hands to ``compute`` beside its sliders."""
    return {"titles": TITLES, "axis": "updates", "logx": True, "classics": True}
