"""A figure as a static picture: for paper, for readers without JavaScript, and until the live chart has loaded.

It draws what the book's figures use: lines with dashes, markers, areas, linear and log axes, side-by-side panels.
"""

from collections.abc import Iterable
from html import escape
from itertools import groupby
from math import isfinite

from .axis import Axis, Values
from .template import HEIGHT

Point = tuple[float, float]  # in pixels; downwards grows y

WIDTH = 720
LEFT, RIGHT, BOTTOM = 74, 12, 46  # around the panels: room for labels and titles
ACROSS, FOOT = WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM  # the width of all panels, and where they end
FONT, NOTE_FONT = 13, 12
MIDDLE = 4  # from a text's middle down to its baseline
HALF_DIGIT, LETTER = 4, 7  # widths, rather too large than too small
BELOW, BESIDE = 18, 8  # from a panel to the labels of its axes
TITLE_BELOW, TITLE_BESIDE = 40, 60  # from a panel to the titles of its axes
HEADING = 4  # from a heading down to its panel
# The legend: the height of a line, its first baseline, a sample's length, and the room before and after a name.
LINE, FIRST, SAMPLE, GAP, APART = 22, 14, 24, 6, 10

STROKE, OPEN, AREA = 2, 1.5, 10  # widths: of lines, as in Plotly, of open markers, and of an area's sample
DASHES = {"dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4", "longdash": "14 6"}
MARKER = 7  # the size of markers that name none or many
DOT = 3  # pixels: markers that show single steps when one looks closely
# Plotly's markers of radius 1, by their symbols' names; others are drawn as circles.
SYMBOLS = {
    "square": "M-.9-.9H.9V.9H-.9Z",
    "diamond": "M0-1.3L1.3 0L0 1.3L-1.3 0Z",
    "triangle-up": "M0-1.2L1.1.8H-1.1Z",
    "triangle-down": "M0 1.2L1.1-.8H-1.1Z",
    "cross": "M-1.2-.4H-.4V-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2Z",
    "x": "M-1.1-.7L-.7-1.1L0-.4L.7-1.1L1.1-.7L.4 0L1.1.7L.7 1.1L0 .4L-.7 1.1L-1.1.7L-.4 0Z",
}


def visible(figure: dict) -> list[dict]:
    """The traces that have something to show, with x and y as lists and a colour each."""
    template = figure["layout"].get("template") or {}
    colours = (template.get("layout") or {}).get("colorway") or ["currentColor"]
    traces = []
    for i, trace in enumerate(figure["data"]):
        x, y = _with_gaps(trace.get("x")), _with_gaps(trace.get("y"))
        if x and y and trace.get("visible", True) is True:
            colour = (trace.get("line") or {}).get("color") or (trace.get("marker") or {}).get("color")
            colour = colour if isinstance(colour, str) else colours[i % len(colours)]
            traces.append({**trace, "x": x, "y": y, "colour": colour})
    return traces


def _with_gaps(values: Iterable[float | None] | None) -> Values:
    return [v if v is not None and isfinite(v) else None for v in values or []]


def picture(figure: dict) -> str:
    """The figure as one <svg>; colours of text and axes are those of the page."""
    layout, traces = figure["layout"], visible(figure)
    notes = layout.get("annotations") or []
    legend, top = _legend(traces)
    panels: dict[str, list[dict]] = {}
    for trace in traces:
        panels.setdefault((trace.get("xaxis") or "x")[1:], []).append(trace)
    parts = [_panel(layout, panels[number], notes, number, top) for number in sorted(panels)]
    headings = [_heading(note, top) for note in notes if note.get("xref") == "paper"]
    attributes = (
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-size="{FONT}" fill="currentColor" aria-hidden="true" focusable="false"'
    )
    return f"<svg {attributes}>{''.join(parts + headings)}{legend}</svg>"


def _text(attributes: str, text: str) -> str:
    return f"<text {attributes}>{escape(text)}</text>"


def _heading(note: dict, top: float) -> str:
    """A text placed on the whole picture, as the titles of panels are."""
    x, y = LEFT + note["x"] * ACROSS, top - HEADING + (1 - note["y"]) * (FOOT - top)
    return _text(f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle"', note["text"])


# A panel


def _panel(layout: dict, traces: list[dict], notes: list[dict], number: str, top: float) -> str:
    """Axes and traces of the axes of this number, "" or "2", "3", …"""
    xs, ys = (layout.get(f"{name}axis{number}") or {} for name in "xy")
    left, right = (LEFT + part * ACROSS for part in xs.get("domain") or (0, 1))
    x = Axis(xs, [v for trace in traces for v in trace["x"]], left, right)
    y = Axis(ys, [v for trace in traces for v in trace["y"]], FOOT, top)
    own = [note for note in notes if note.get("xref", "x") == f"x{number}"]
    texts = [_labels(x, y), *(_note(note, x, y) for note in own), _titles(x, y)]
    return _grid(x, y) + _inside(traces, x, y) + "".join(texts)


def _grid(x: Axis, y: Axis) -> str:
    lines = [f"M{at:.1f} {y.end:.0f}V{FOOT}" for at, _ in x.ticks()]
    lines += [f"M{x.start:.0f} {at:.1f}H{x.end:.0f}" for at, _ in y.ticks()]
    return f'<path d="{"".join(lines)}" stroke="currentColor" stroke-opacity=".15" fill="none"/>'


def _labels(x: Axis, y: Axis) -> str:
    parts = []
    for at, label in x.ticks():
        middle = min(at, WIDTH - HALF_DIGIT * len(label))  # the last label stays whole
        parts.append(_text(f'x="{middle:.1f}" y="{FOOT + BELOW}" text-anchor="middle"', label))
    for at, label in y.ticks():
        parts.append(_text(f'x="{x.start - BESIDE:.0f}" y="{at + MIDDLE:.1f}" text-anchor="end"', label))
    return "".join(parts)


def _note(note: dict, x: Axis, y: Axis) -> str:
    left, middle = x.linear(note["x"]), y.linear(note["y"])
    return _text(f'x="{left:.0f}" y="{middle + MIDDLE:.0f}" font-size="{NOTE_FONT}"', note["text"])


def _titles(x: Axis, y: Axis) -> str:
    left, middle = x.start - TITLE_BESIDE, (y.end + FOOT) / 2
    below = _text(f'x="{(x.start + x.end) / 2:.0f}" y="{FOOT + TITLE_BELOW}" text-anchor="middle"', x.title)
    upwards = f'transform="translate({left:.0f} {middle:.0f}) rotate(-90)" text-anchor="middle"'
    return below + _text(upwards, y.title)


def _inside(traces: list[dict], x: Axis, y: Axis) -> str:
    """The traces in an <svg> of their own, which cuts off what lies outside the panel."""
    parts, before = [], None
    for trace in traces:
        places = [(x.at(a), y.at(b)) for a, b in zip(trace["x"], trace["y"])]
        points = [None if a is None or b is None else (a, b) for a, b in places]
        pieces = _pieces(points)
        parts += [_area(trace, pieces, before), _line(trace, pieces), _markers(trace, points)]
        before = points
    left, top, width, height = (f"{v:.0f}" for v in (x.start, y.end, x.end - x.start, FOOT - y.end))
    frame = f'x="{left}" y="{top}" width="{width}" height="{height}" viewBox="{left} {top} {width} {height}"'
    return f"<svg {frame}>{''.join(parts)}</svg>"


# A trace


def _pieces(points: list[Point | None]) -> list[list[Point]]:
    """What lies between the gaps."""
    pieces = ([point for point in group if point is not None] for _, group in groupby(points, bool))
    return [piece for piece in pieces if piece]


def _path(piece: list[Point], digits: int = 1) -> str:
    return "M" + "L".join(f"{x:.{digits}f} {y:.{digits}f}" for x, y in piece)


def _area(trace: dict, pieces: list[list[Point]], before: list[Point | None] | None) -> str:
    """What lies within the trace, or between it and the one before."""
    match trace.get("fill"):
        case "toself":
            outline = "".join(_path(piece, 0) + "Z" for piece in pieces)
        case "tonexty" if before and pieces:
            outline = _path(pieces[0] + [point for point in reversed(before) if point is not None]) + "Z"
        case _:
            return ""
    return f'<path d="{outline}" fill="{trace.get("fillcolor") or trace["colour"]}"/>'


def _line(trace: dict, pieces: list[list[Point]]) -> str:
    width = (trace.get("line") or {}).get("width", STROKE)
    if "lines" not in _mode(trace) or not width:
        return ""
    path = "".join(map(_path, pieces))
    return f'<path d="{path}" fill="none" stroke="{trace["colour"]}" stroke-width="{width}"{_dashes(trace)}/>'


def _markers(trace: dict, points: list[Point | None]) -> str:
    dots = "lines" in _mode(trace) and (trace.get("marker") or {}).get("size") == DOT  # add nothing to a still line
    if "markers" not in _mode(trace) or not trace.get("opacity", 1) or dots:
        return ""
    return "".join(_marker(trace, *point) for point in points if point is not None)


def _marker(trace: dict, x: float, y: float) -> str:
    marker = trace.get("marker") or {}
    size, symbol = marker.get("size", MARKER), marker.get("symbol", "circle")
    # A list has one for each point.
    radius = (size if isinstance(size, (int, float)) else MARKER) / 2
    symbol = symbol if isinstance(symbol, str) else "circle"
    shape, colour = SYMBOLS.get(symbol.removesuffix("-open")), trace["colour"]
    ink = f'fill="{colour}"'
    if symbol.endswith("-open"):
        ink = f'fill="none" stroke="{colour}" stroke-width="{OPEN}" vector-effect="non-scaling-stroke"'
    if shape is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {ink}/>'
    return f'<path transform="translate({x:.1f} {y:.1f}) scale({radius:g})" d="{shape}" {ink}/>'


def _mode(trace: dict) -> str:
    return trace.get("mode") or "lines"


def _dashes(trace: dict) -> str:
    dash = DASHES.get((trace.get("line") or {}).get("dash") or "")
    return f' stroke-dasharray="{dash}"' if dash else ""


# The legend


def _legend(traces: list[dict]) -> tuple[str, float]:
    """The legend's markup, and where the panels may begin below it."""
    x, y, parts = LEFT, FIRST, []
    for trace in traces:
        name = trace.get("name")
        if not name or trace.get("showlegend") is False:
            continue
        width = SAMPLE + GAP + LETTER * len(name) + APART
        if x > LEFT and x + width > WIDTH:
            x, y = LEFT, y + LINE
        parts.append(_sample(trace, x, y - MIDDLE) + _text(f'x="{x + SAMPLE + GAP}" y="{y}"', name))
        x += width
    return "".join(parts), (y + LINE if parts else LINE)


def _sample(trace: dict, x: float, y: float) -> str:
    """How the trace looks, beside its name."""
    area, mode = trace.get("fill"), _mode(trace)
    colour = (area and trace.get("fillcolor")) or trace["colour"]
    stroke = f'stroke="{colour}" stroke-width="{AREA if area else STROKE}"{_dashes(trace)}'
    line = f'<path d="M{x} {y}h{SAMPLE}" {stroke}/>' if area or "lines" in mode else ""
    return line + (_marker(trace, x + SAMPLE // 2, y) if "markers" in mode else "")
