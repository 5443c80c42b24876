"""A figure as a static picture: for paper, for readers without JavaScript, and until the live chart has loaded.

It draws what the book's figures use: lines with dashes, markers, areas, linear and log axes, side-by-side panels.
"""

from html import escape
from itertools import groupby
from math import ceil, floor, inf, log10

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, BOTTOM, LINE = 74, 12, 46, 22
DASHES = {"dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4", "longdash": "14 6"}

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


def numbers(values) -> list[float | None]:
    """A trace's x or y, with gaps for what is not finite."""
    return [None if v is None or v != v or v in (inf, -inf) else v for v in values or []]


def shown(figure: dict) -> list[dict]:
    """The traces that have something to show, with x and y as lists and a colour each."""
    template = figure["layout"].get("template") or {}
    colours = (template.get("layout") or {}).get("colorway") or ["currentColor"]
    traces = []
    for i, trace in enumerate(figure["data"]):
        x, y = numbers(trace.get("x")), numbers(trace.get("y"))
        if x and y and trace.get("visible", True) is True:
            colour = (trace.get("line") or {}).get("color") or (trace.get("marker") or {}).get("color")
            colour = colour if isinstance(colour, str) else colours[i % len(colours)]
            traces.append({**trace, "x": x, "y": y, "colour": colour})
    return traces


class Axis:
    """One axis of a panel: from values to pixels, and its ticks."""

    def __init__(self, layout: dict, values: list[float], start: float, end: float):
        self.log = layout.get("type") == "log"
        self.title = (layout.get("title") or {}).get("text") or ""
        self.prefix, self.suffix = layout.get("tickprefix") or "", layout.get("ticksuffix") or ""
        finite = [v for v in values if v is not None and (v > 0 or not self.log)] or [0.1 if self.log else 0, 1]
        self.tickvals, self.ticktext = layout.get("tickvals"), layout.get("ticktext")
        given = layout.get("range")
        low, high = given if given else [log10(v) if self.log else v for v in (min(finite), max(finite))]
        around = max(0.5, abs(low) / 1000)  # of a single value
        self.low, self.high = (low, high) if high > low else (low - around, low + around)
        self.start, self.end = start, end

    def at(self, value: float | None) -> float | None:
        """Where a value lies, in pixels, kept near the picture; None is nowhere, and so is 0 on a log axis."""
        if value is None or (self.log and value <= 0):
            return None
        return self.linear(log10(value) if self.log else value)

    def linear(self, place: float) -> float:
        """Where a place lies that is a logarithm already, if the axis is one of logarithms."""
        part = (place - self.low) / (self.high - self.low)
        return self.start + max(-2.0, min(3.0, part)) * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Places in pixels and labels."""
        if self.tickvals:
            texts = self.ticktext or [tick(v, bool(self.suffix)) for v in self.tickvals]
            pairs = [(self.at(v), self.prefix + text + self.suffix) for v, text in zip(self.tickvals, texts)]
            low, high = sorted((self.start, self.end))
            return [(at, text) for at, text in pairs if at is not None and low - 0.1 <= at <= high + 0.1]
        if self.log:
            decades = range(floor(self.low), ceil(self.high) + 1)
            steps = (1,) if self.high - self.low > 1.5 else (1, 2, 5)
            values = [step * 10.0**k for k in decades for step in steps]
            values = [v for v in values if self.low - 1e-9 <= log10(v) <= self.high + 1e-9]
        else:
            rough = (self.high - self.low) / 5
            unit = 10 ** floor(log10(rough))
            step = unit * next(m for m in (1, 2, 5, 10) if m * unit >= rough)
            values = [k * step for k in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]
        return [(self.at(v), self.prefix + tick(v, bool(self.suffix)) + self.suffix) for v in values]


def tick(value: float, si: bool = False) -> str:
    """A tick's label: 0.25, 1500, 1.5M; with ``si`` also 20m and 50µ."""
    if value == 0:
        return "0"
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k"), (1, "")) + (((1e-3, "m"), (1e-6, "µ")) if si else ()):
        if abs(value) >= size * (1 - 1e-9):
            return f"{value / (1e3 if letter == 'k' else size):.4g}{letter}"
    return f"{value:.4g}"


def picture(figure: dict) -> str:
    """The figure as one <svg>; colours of text and axes are those of the page."""
    layout, traces = figure["layout"], shown(figure)
    legend, top = _legend(traces)
    panels = []
    for number in sorted({(t.get("xaxis") or "x")[1:] for t in traces}):
        own = [t for t in traces if (t.get("xaxis") or "x")[1:] == number]
        panels.append(_panel(layout, own, number, top))
    notes = "".join(_note(note, top) for note in layout.get("annotations") or [] if note.get("xref") == "paper")
    attributes = (
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-size="13" fill="currentColor" aria-hidden="true" focusable="false"'
    )
    return f"<svg {attributes}>{''.join(panels)}{notes}{legend}</svg>"


def _note(note: dict, top: float) -> str:
    """A text placed on the whole picture, as the titles of panels are."""
    x = LEFT + note["x"] * (WIDTH - LEFT - RIGHT)
    y = top - 4 + (1 - note["y"]) * (HEIGHT - BOTTOM - top)
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(note["text"])}</text>'


def _panel(layout: dict, traces: list[dict], number: str, top: float) -> str:
    xs, ys = layout.get(f"xaxis{number}") or {}, layout.get(f"yaxis{number}") or {}
    first, last = xs.get("domain") or (0, 1)
    left, right = LEFT + first * (WIDTH - LEFT - RIGHT), LEFT + last * (WIDTH - LEFT - RIGHT)
    bottom = HEIGHT - BOTTOM
    xaxis = Axis(xs, [v for t in traces for v in t["x"]], left, right)
    yaxis = Axis(ys, [v for t in traces for v in t["y"]], bottom, top)
    grid, labels = [], []
    for at, label in xaxis.ticks():
        grid.append(f"M{at:.1f} {top:.0f}V{bottom}")
        middle = min(at, WIDTH - 4 * len(label))  # the last label stays whole
        labels.append(f'<text x="{middle:.1f}" y="{bottom + 18}" text-anchor="middle">{escape(label)}</text>')
    for at, label in yaxis.ticks():
        grid.append(f"M{left:.0f} {at:.1f}H{right:.0f}")
        labels.append(f'<text x="{left - 8:.0f}" y="{at + 4:.1f}" text-anchor="end">{escape(label)}</text>')
    middle = (top + bottom) / 2
    titles = (
        f'<text x="{(left + right) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(xaxis.title)}</text>'
        f'<text transform="translate({left - 60:.0f} {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(yaxis.title)}</text>'
    )
    drawn, before = [], None
    for note in layout.get("annotations") or []:
        if note.get("xref", "x") == f"x{number}":
            at, over = xaxis.linear(note["x"]), yaxis.linear(note["y"])
            labels.append(f'<text x="{at:.0f}" y="{over + 4:.0f}" font-size="12">{escape(note["text"])}</text>')
    for trace in traces:
        places = [(xaxis.at(x), yaxis.at(y)) for x, y in zip(trace["x"], trace["y"])]
        points = [(None, None) if None in place else place for place in places]
        drawn.append(_trace(trace, points, before))
        before = points
    # an inner <svg> cuts off what lies outside the panel
    frame = f'x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}"'
    box = f'viewBox="{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}"'
    gridlines = f'<path d="{"".join(grid)}" stroke="currentColor" stroke-opacity=".15" fill="none"/>'
    return f"{gridlines}<svg {frame} {box}>{''.join(drawn)}</svg>{''.join(labels)}{titles}"


def _trace(trace: dict, points: list, before: list | None) -> str:
    pieces = [list(group) for there, group in groupby(points, lambda p: p[0] is not None) if there]
    colour, fill = trace["colour"], trace.get("fill")
    parts = []

    def path(piece, digits=1) -> str:
        return "M" + "L".join(f"{x:.{digits}f} {y:.{digits}f}" for x, y in piece)

    if fill == "toself":
        area = "".join(path(piece, 0) + "Z" for piece in pieces)
        parts.append(f'<path d="{area}" fill="{trace.get("fillcolor") or colour}"/>')
    if fill == "tonexty" and before and pieces:
        area = path(pieces[0] + [p for p in reversed(before) if p[0] is not None])
        parts.append(f'<path d="{area}Z" fill="{trace.get("fillcolor") or colour}"/>')
    mode, line = trace.get("mode") or "lines", trace.get("line") or {}
    width = line.get("width", 2)
    if "lines" in mode and width:
        dash = DASHES.get(line.get("dash") or "")
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(
            f'<path d="{"".join(map(path, pieces))}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'
        )
    dots = "lines" in mode and (trace.get("marker") or {}).get("size") == DOT  # add nothing to a still line
    if "markers" in mode and trace.get("opacity", 1) and not dots:
        parts.append("".join(_marker(trace, x, y) for piece in pieces for x, y in piece))
    return "".join(parts)


def _marker(trace: dict, x: float, y: float) -> str:
    marker = trace.get("marker") or {}
    size, symbol = marker.get("size", 7), marker.get("symbol", "circle")
    radius = size / 2 if isinstance(size, (int, float)) else 3.5
    symbol = symbol if isinstance(symbol, str) else "circle"  # a list has one for each point
    shape, colour = SYMBOLS.get(symbol.removesuffix("-open")), trace["colour"]
    ink = f'fill="{colour}"'
    if symbol.endswith("-open"):
        ink = f'fill="none" stroke="{colour}" stroke-width="1.5" vector-effect="non-scaling-stroke"'
    if shape is None:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {ink}/>'
    return f'<path transform="translate({x:.1f} {y:.1f}) scale({radius:g})" d="{shape}" {ink}/>'


def _legend(traces: list[dict]) -> tuple[str, float]:
    """The legend's markup, and where the panels may begin below it."""
    x, y, parts = LEFT, 14, []
    for trace in traces:
        if trace.get("showlegend") is False or not trace.get("name"):
            continue
        name, width = trace["name"], 40 + 7 * len(trace["name"])
        if x > LEFT and x + width > WIDTH:
            x, y = LEFT, y + LINE
        area = trace.get("fill")
        dash = DASHES.get((trace.get("line") or {}).get("dash") or "")
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        colour = (trace.get("fillcolor") if trace.get("fill") else None) or trace["colour"]
        stroke = f'stroke="{colour}" stroke-width="{10 if area else 2}"{dashes}'
        mode = trace.get("mode") or "lines"
        sample = f'<path d="M{x} {y - 4}h24" {stroke}/>' if area or "lines" in mode else ""
        sample += _marker(trace, x + 12, y - 4) if "markers" in mode else ""
        parts.append(f'{sample}<text x="{x + 30}" y="{y}">{escape(name)}</text>')
        x += width
    return "".join(parts), (y + 22 if parts else 22)
