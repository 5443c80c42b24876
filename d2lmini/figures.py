"""The book's Plotly template, and figures that work in JupyterLab and, without a kernel, in the built page."""

import base64
import html
import json
from math import isfinite

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from plotly.io.base_renderers import MimetypeRenderer
from plotly.utils import PlotlyJSONEncoder

from .svg import picture, shown

# Told apart by colour-blind readers too, and each with a contrast of 3:1 or more on the light and on the dark page.
COLOURS = ["#3b82f6", "#d97706", "#059669", "#a855f7", "#e11d48", "#64748b"]
HEIGHT = 380
DIGITS = 6  # of a figure's numbers, more than it can show; the last of the sixteen computed differ by processor
TABLE_ROWS = (
    20  # of each line in a page's table, which is parsed whether it is opened or not; the live table has them all
)

# Words of the page that belong to no chapter.
WORDS = {"numbers": "The numbers", "line": "line", "of": "every {step}th of {rows} points"}

_axis = {
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
        "xaxis": _axis,
        "yaxis": _axis,
    }
)


def figure_html(kind: str, name: str, caption: str, still: dict, summary: str = "", **description) -> str:
    """A <figure> that page.js brings to life and that stands on its own without it.

    ``still`` is the figure that the static picture and the table show; ``description`` goes to page.js as JSON. Where it
    has ``controls``, their settings stand in their place until there is a script, which keeps the page from jumping. The
    picture is wrapped in <noscript>, which the book's build takes off again (tools/pages.py): viewers that strip <svg>
    from a stored notebook, as JupyterLab does from one it does not trust, would leave its labels behind as a row of words.
    """
    payload = json.dumps(description, cls=PlotlyJSONEncoder, separators=(",", ":"), sort_keys=True)
    payload = payload.replace("</", "<\\/").replace("<!--", "<\\u0021--")  # either could end or swallow the script
    alt = (still["layout"].get("meta") or {}).get("alt") or _described(still)
    height = still["layout"].get("height") or HEIGHT
    said = f'<p class="summary">{html.escape(summary)}</p><div class="actions"></div>' if summary else ""
    return (
        f'<figure class="{kind}" data-name="{html.escape(name)}">'
        f"<figcaption>{html.escape(caption)}</figcaption>"
        f"{_settings(description.get('controls', []))}"
        f'<div class="chart" role="img" aria-label="{html.escape(alt)}" style="min-height:{height}px">'
        f'<noscript class="still">{picture(still)}</noscript></div>'
        f"{said}"
        f"<details><summary>{WORDS['numbers']}</summary>{_table(still)}</details>"
        f'<script type="application/json">{payload}</script>'
        "</figure>"
    )


def _settings(controls: list[dict]) -> str:
    """What each control is set to, with the classes and so the size of the control that page.js makes of it."""
    panel, boxes = [], []
    for control in controls:
        label, kind = html.escape(control["label"]), control["kind"]
        texts = [html.escape(text) for text, _ in control["options"]]
        chosen = control["index"]
        if kind == "buttons":
            options = [f"<b>{text}</b>" if i == chosen else text for i, text in enumerate(texts)]
            value = "".join(f'<span><span class="option">{option}</span></span>' for option in options)
        else:
            value = f"<output>{texts[chosen]}</output>"
        label = f"<span>{label}</span>" if kind != "box" else f"<span>{label}:</span>"
        (boxes if kind == "box" else panel).append(f'<div class="control {kind}">{label} {value}</div>')
    if boxes:
        panel.append(f'<div class="boxes">{"".join(boxes)}</div>')
    return f'<div class="controls">{"".join(panel)}</div>' if panel else ""


def _described(figure: dict) -> str:
    """What a chart shows, for those who cannot see it: its axes, and where each line begins and ends."""
    panels: dict[str, list[str]] = {}
    for trace in shown(figure):
        points = _points(trace)
        if not points:
            continue
        (left, first), (right, last) = points[0], points[-1]
        where = f"from {_number(first)} at {_number(left)} to {_number(last)} at {_number(right)}"
        if "lines" not in trace.get("mode", "lines"):
            where = (
                f"{len(points)} points, {_number(min(y for _, y in points))} to {_number(max(y for _, y in points))}"
            )
        axes = [_title(figure, trace.get(key) or key[0]) for key in ("yaxis", "xaxis")]
        panels.setdefault(" against ".join(axes), []).append(
            f"{trace['name']}: {where}" if trace.get("name") else where
        )
    return " ".join(f"Chart of {axes}. {'; '.join(lines)}." for axes, lines in panels.items())


def _title(figure: dict, axis: str) -> str:
    """The title of the axis "x", "y", "x2", …"""
    return ((figure["layout"].get(f"{axis[0]}axis{axis[1:]}") or {}).get("title") or {}).get("text") or axis


def _points(trace: dict) -> list[tuple]:
    return [(x, y) for x, y in zip(trace["x"], trace["y"]) if x is not None and y is not None]


def _table(figure: dict) -> str:
    """The figure's numbers: a row a point, thinned where there are many."""
    heads = [WORDS["line"], _title(figure, "x"), _title(figure, "y")]
    rows = []
    for trace in shown(figure):
        name = html.escape(trace.get("name") or "")
        points = _points(trace)
        step = -(-len(points) // TABLE_ROWS)
        for x, y in points[:: step or 1]:
            rows.append(f"<tr><td>{name}</td><td>{html.escape(_number(x))}</td><td>{html.escape(_number(y))}</td></tr>")
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    return f'<div class="numbers" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _number(value) -> str:
    return value if isinstance(value, str) else f"{value:.5g}"


def plain(figure: go.Figure | dict) -> dict:
    """A figure as plain JSON, the same on every processor: lists instead of arrays, numbers of ``DIGITS`` digits."""
    whole = figure.to_plotly_json() if isinstance(figure, go.Figure) else figure
    return _rounded(json.loads(json.dumps(whole, cls=PlotlyJSONEncoder)))


def _rounded(value):
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


class BookRenderer(MimetypeRenderer):
    """``fig.show()`` gives JupyterLab the Plotly MIME type, and the page a <figure> with the title as its caption."""

    def to_mimebundle(self, fig_dict):
        figure = plain(fig_dict)
        bundle = pio.renderers["plotly_mimetype"].to_mimebundle(figure)
        return bundle | {"text/html": page_figure(figure)}


def page_figure(figure: dict) -> str:
    """An ordinary figure, made ``plain``, for the page."""
    layout = dict(figure["layout"])
    caption = (layout.pop("title", None) or {}).get("text") or "Figure"
    figure = {"data": figure["data"], "layout": layout}
    return figure_html("plot", "", caption, figure, figure=figure)


def install() -> None:
    """Make the template and the renderer Plotly's defaults."""
    pio.templates["d2lmini"] = TEMPLATE
    pio.templates.default = "d2lmini"
    pio.renderers["d2lmini"] = BookRenderer()
    pio.renderers.default = "d2lmini"
