"""The numbers behind a figure, a table for each of its panels; the twin is js/page/table.js."""

import html
from dataclasses import dataclass

from .plain import Json
from .svg import visible

# Words of the page that belong to no chapter.
WORDS = {"line": "line", "panel": "{y} against {x}"}


@dataclass
class Panel:
    """The points of the lines that share their axes; ``heads`` says what each column of ``rows`` holds."""

    name: str
    heads: list[str]
    rows: list[list[Json]]


def title(layout: dict, axis: str) -> str:
    """The title of the axis "x", "y", "x2", … of a layout, of one that it matches, or its letter."""
    found = layout.get(f"{axis[0]}axis{axis[1:]}") or {}
    own = (found.get("title") or {}).get("text")
    return own or (title(layout, found["matches"]) if "matches" in found else axis[0])


def points(trace: dict) -> list[tuple[int, Json, Json]]:
    """Place, x and y of the points that are there."""
    return [(i, x, y) for i, (x, y) in enumerate(zip(trace["x"], trace["y"])) if x is not None and y is not None]


def panels(figure: dict, most: int) -> list[Panel]:
    """The figure's numbers, some ``most`` of each line and its last; areas of a colour have none, but their points have.

    In ``layout.meta``, ``customdata`` says what that of a trace holds, and ``names`` what to call a line whose name in the
    legend is that of an area, both by the trace's ``meta``.
    """
    layout = figure["layout"]
    found: dict[str, list[dict]] = {}
    for trace in visible(figure):
        if trace.get("fill") != "toself":
            found.setdefault(trace.get("xaxis") or "x", []).append(trace)
    return [_panel(traces, layout, most) for traces in found.values()]


def _panel(traces: list[dict], layout: dict, most: int) -> Panel:
    meta = layout.get("meta") or {}
    names, held = meta.get("names") or {}, meta.get("customdata") or {}
    x, y = (traces[0].get(f"{key}axis") or key for key in "xy")
    heading = _heading(layout, x)
    across, up = title(layout, x), title(layout, y)
    up = heading or up if up == "y" else up
    more = list(dict.fromkeys(held[trace["meta"]] for trace in traces if trace.get("meta") in held))
    rows = []
    for trace in traces:
        key = trace.get("meta")
        name, holds, values = names.get(key) or trace.get("name") or "", held.get(key), trace.get("customdata") or []
        places = points(trace)
        step = max(1, -(-len(places) // most))
        for i, at, value in [*places[:-1:step], *places[-1:]]:
            rows.append([name, at, value, *((values[i] if head == holds else None) for head in more)])
    return Panel(heading or WORDS["panel"].format(x=across, y=up), [WORDS["line"], across, up, *more], rows)


def _heading(layout: dict, axis: str) -> str:
    """What stands above the panel of an x-axis; panels stand side by side."""
    left, right = (layout.get(f"xaxis{axis[1:]}") or {}).get("domain") or (0, 1)
    notes = (note for note in layout.get("annotations") or [] if note.get("xref") == note.get("yref") == "paper")
    return next((note["text"] for note in notes if left <= note["x"] <= right), "")


def tables(figure: dict, most: int) -> str:
    """The figure's numbers as a <table> for each panel, which has a caption where there are several."""
    found = panels(figure, most)
    return "".join(_table(panel, has_caption=len(found) > 1) for panel in found)


def _table(panel: Panel, has_caption: bool) -> str:
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in panel.heads)
    rows = ("".join(f"<td>{html.escape(number(value))}</td>" for value in row) for row in panel.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    caption = f"<caption>{html.escape(panel.name)}</caption>" if has_caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def number(value: str | float | None) -> str:
    """A value as the table has it."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.5g}"
