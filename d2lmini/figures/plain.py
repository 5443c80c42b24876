"""A figure as JSON that is the same on every processor, and JSON that may stand in a page."""

import base64
import json
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

Json = Any  # what JSON holds: texts, numbers, and lists and dictionaries of them
DIGITS = 6  # of a figure's numbers, more than it can show; the last of the sixteen computed differ by processor


def plain(figure: go.Figure | dict) -> dict:
    """A figure as plain JSON: lists instead of arrays, numbers of ``DIGITS`` digits."""
    whole = figure.to_plotly_json() if isinstance(figure, go.Figure) else figure
    return _rounded(json.loads(json.dumps(whole, cls=PlotlyJSONEncoder)))


def _rounded(value: Json) -> Json:
    match value:
        case {"dtype": kind, "bdata": code}:  # as Plotly writes an array
            array = np.frombuffer(base64.b64decode(code), kind)
            shape = value.get("shape", "-1")
            return _rounded(array.reshape([int(length) for length in shape.split(",")]).tolist())
        case dict():
            return {key: _rounded(part) for key, part in value.items()}
        case list():
            return [_rounded(part) for part in value]
        case float():
            return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
    return value


def json_script(value: Json) -> str:
    """JSON as it may stand in a <script> of a page: nothing in it ends or swallows the script."""
    text = json.dumps(value, cls=PlotlyJSONEncoder, separators=(",", ":"), sort_keys=True)
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")
