"""A figure as a page holds it: caption, still picture, description, numbers, and JSON from which page.js brings it to life."""

import html

from .plain import Json, json_script
from .svg import picture, visible
from .table import number, points, tables, title
from .template import HEIGHT

# Of each line in a page's table, which is parsed whether it is opened or not; the live table has them all.
TABLE_ROWS = 20
# Words of the page that belong to no chapter.
WORDS = {
    "figure": "Figure",
    "numbers": "The numbers",
    "off_or_on": "{label}:",  # a box that is ticked or not, before there is a script
    "between": " ",  # sentences of one text
    "chart": "Chart of {y} against {x}.",
    "named": "{name}: {what}",
    "course": "from {first} at {left} to {last} at {right}.",
    "points": "{count} points, {least} to {most}.",
}


def figure_html(kind: str, name: str, caption: str, still: dict, summary: str = "", **description: Json) -> str:
    """A <figure> that page.js brings to life and that stands on its own without it.

    ``still`` is the figure that the static picture and the table show; ``description`` goes to page.js as JSON. Where it
    has ``controls``, their settings stand in their place until there is a script, which keeps the page from jumping. The
    picture is wrapped in <noscript>, which the book's build takes off again (tools/pages.py): viewers that strip <svg>
    from a stored notebook, as JupyterLab does from one it does not trust, would leave its labels behind as a row of words.
    """
    payload = json_script(description)
    alt = (still["layout"].get("meta") or {}).get("alt") or _described(still)
    height = still["layout"].get("height") or HEIGHT
    words = f'<p class="summary">{html.escape(summary)}</p><div class="actions"></div>' if summary else ""
    return (
        f'<figure class="{kind}" data-name="{html.escape(name)}">'
        f"<figcaption>{html.escape(caption)}</figcaption>"
        f"{_settings(description.get('controls', []))}"
        f'<div class="chart" role="img" aria-label="{html.escape(alt)}" style="min-height:{height}px">'
        f'<noscript class="still">{picture(still)}</noscript></div>'
        f"{words}"
        f"<details><summary>{WORDS['numbers']}</summary>"
        f'<div class="numbers" tabindex="0">{tables(still, TABLE_ROWS)}</div></details>'
        f'<script type="application/json">{payload}</script>'
        "</figure>"
    )


def _settings(controls: list[dict]) -> str:
    """What each control is set to, with the classes and so the size of the control that page.js makes of it."""
    panel: list[str] = []
    boxes: list[str] = []
    for control in controls:
        label, kind = html.escape(control["label"]), control["kind"]
        texts = [html.escape(text) for text, _ in control["options"]]
        chosen = control["index"]
        if kind == "buttons":
            options = [f"<b>{text}</b>" if i == chosen else text for i, text in enumerate(texts)]
            value = "".join(f'<span><span class="option">{option}</span></span>' for option in options)
        else:
            value = f"<output>{texts[chosen]}</output>"
        label = f"<span>{WORDS['off_or_on'].format(label=label) if kind == 'box' else label}</span>"
        (boxes if kind == "box" else panel).append(f'<div class="control {kind}">{label} {value}</div>')
    if boxes:
        panel.append(f'<div class="boxes">{"".join(boxes)}</div>')
    return f'<div class="controls">{"".join(panel)}</div>' if panel else ""


def _described(figure: dict) -> str:
    """What a chart shows, for those who cannot see it: its axes, and where each line begins and ends."""
    panels: dict[str, list[str]] = {}
    for trace in visible(figure):
        found = points(trace)
        if not found:
            continue
        (_, left, first), (_, right, last) = found[0], found[-1]
        course = {"first": first, "left": left, "last": last, "right": right}
        what = WORDS["course"].format(**{name: number(value) for name, value in course.items()})
        if "lines" not in trace.get("mode", "lines"):
            ends = [number(pick(y for _, _, y in found)) for pick in (min, max)]
            what = WORDS["points"].format(count=len(found), least=ends[0], most=ends[1])
        x, y = (title(figure["layout"], trace.get(f"{key}axis") or key) for key in "xy")
        line = WORDS["named"].format(name=trace["name"], what=what) if trace.get("name") else what
        panels.setdefault(WORDS["chart"].format(x=x, y=y), []).append(line)
    return WORDS["between"].join(text for chart, lines in panels.items() for text in (chart, *lines))


def page_figure(figure: dict) -> str:
    """An ordinary figure, made ``plain``, for the page."""
    layout = dict(figure["layout"])
    caption = (layout.pop("title", None) or {}).get("text") or WORDS["figure"]
    figure = {"data": figure["data"], "layout": layout}
    return figure_html("plot", "", caption, figure, figure=figure)
