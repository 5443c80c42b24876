"""Figures that work with a kernel and, as a static picture and a table, without one."""

import html
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
from described import labs, results
from hypothesis import given
from hypothesis import strategies as st
from plotly.subplots import make_subplots

from d2lmini.figures import install
from d2lmini.figures.axis import tick
from d2lmini.figures.chart import filled
from d2lmini.figures.plain import plain
from d2lmini.figures.renderer import BookRenderer
from d2lmini.figures.still import figure_html, page_figure
from d2lmini.figures.svg import picture
from d2lmini.figures.table import panels

numbers = st.one_of(
    st.floats(1e-300, 1e300),
    st.floats(-1e300, -1e-300),
    st.sampled_from([0.0, -0.0, 1.0, 1e17, float("nan"), float("inf"), -float("inf")]),
)
MARKUP = "</script><script>alert('1 < 2 & \"3\"')</script><!--<script>"


class Page(HTMLParser):
    """The tags, the texts and the attributes of a page."""

    def __init__(self, markup: str):
        super().__init__()
        self.tags, self.texts, self.attributes = [], [], {}
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for key, value in attrs:
            self.attributes.setdefault((tag, key), []).append(value)

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def description(self) -> dict:
        return json.loads(next(text for text in self.texts if text.startswith("{")))


def line(x, y, scale: str = "linear", **options) -> go.Figure:
    layout = {"xaxis": {"type": scale, "title_text": "examples"}, "yaxis": {"type": scale, "title_text": "loss"}}
    return go.Figure(go.Scatter(x=x, y=y, **options), layout=layout)


def coordinates(svg: str) -> list[float]:
    """Every number that places something; reading them proves that they are numbers."""
    ElementTree.fromstring(svg)
    places = re.findall(r' (?:d|x|y|cx|cy|r|width|height|viewBox|transform)="([^"]*)"', svg)
    words = [word for place in places for word in re.split(r"[MLZVHh\s(),]|rotate|translate", place) if word]
    return [float(word) for word in words]


@given(st.lists(st.tuples(numbers, numbers), max_size=6), st.sampled_from(["linear", "log"]), st.booleans())
def test_a_static_picture_places_everything_at_a_number(points, scale, as_arrays):
    x, y = ([point[i] for point in points] for i in (0, 1))
    if as_arrays:
        x, y = np.array(x), np.array(y)
    svg = picture(plain(line(x, y, scale, mode="lines+markers", name="run")))
    assert np.isfinite(coordinates(svg)).all()


@pytest.mark.parametrize("kind", ["toself", "tonexty"])
def test_areas_with_gaps_are_pictured(kind):
    figure = go.Figure([go.Scatter(x=[0, 1], y=[0, 0]), go.Scatter(x=[0, None, 1], y=[1, 2, np.nan], fill=kind)])
    assert np.isfinite(coordinates(picture(plain(figure)))).all()


def test_a_gap_breaks_the_line():
    svg = picture(plain(line([0, 1, 2, 3], [1, 2, None, 3], mode="lines", line_color="#123456")))
    (path,) = re.findall(r'<path d="([^"]*)" fill="none" stroke="#123456"', svg)
    assert path.count("M") == 2


def test_a_line_runs_from_the_left_to_the_right_and_upwards():
    svg = picture(plain(line([0, 1], [5, 7], mode="lines", line_color="#123456")))
    (path,) = re.findall(r'<path d="M([^"]*)" fill="none" stroke="#123456"', svg)
    (x0, y0), (x1, y1) = (map(float, point.split()) for point in path.split("L"))
    assert x0 < x1
    assert y0 > y1  # pixels count downwards


def test_a_hidden_trace_is_not_pictured():
    assert "#123456" not in picture(plain(line([0, 1], [5, 7], line_color="#123456", visible=False)))


@pytest.mark.parametrize(
    ("value", "label"), [(0, "0"), (0.25, "0.25"), (1500, "1500"), (1.5e6, "1.5M"), (20_000, "20k"), (-3, "-3")]
)
def test_ticks_are_labelled_as_people_write(value, label):
    assert tick(value) == label


def test_ticks_of_seconds_have_prefixes():
    assert (tick(0.02, si=True), tick(5e-5, si=True)) == ("20m", "50µ")


# In a page


def test_markup_in_words_stays_words():
    figure = line([0, 1], [1, 2], name=MARKUP)
    figure.update_layout(title_text=MARKUP, xaxis_title_text=MARKUP, yaxis_title_text=MARKUP, meta={"alt": MARKUP})
    figure.data[0].showlegend = True
    page = Page(page_figure(plain(figure)))
    assert page.tags.count("script") == 1
    assert page.texts.count(MARKUP) >= 4  # the caption, the legend, the titles of two axes
    assert page.attributes["div", "aria-label"] == [MARKUP]
    assert page.description["figure"]["data"][0]["name"] == MARKUP


def test_markup_in_a_name_and_a_summary_stays_words():
    page = Page(figure_html("lab", MARKUP, MARKUP, plain(line([0, 1], [1, 2])), MARKUP, fixed={"note": MARKUP}))
    assert page.tags.count("script") == 1
    assert page.attributes["figure", "data-name"] == [MARKUP]
    assert page.description == {"fixed": {"note": MARKUP}}


@pytest.mark.parametrize("kind", ["range", "menu", "buttons", "box"])
def test_markup_in_a_control_stays_words(kind):
    control = {"key": "a", "kind": kind, "label": MARKUP, "options": [[MARKUP, 1], ["other", 2]], "index": 0}
    page = Page(figure_html("lab", "a", "b", plain(line([0, 1], [1, 2])), controls=[control]))
    assert page.tags.count("script") == 1
    assert [text.removesuffix(":") for text in page.texts].count(MARKUP) == 2, "what it stands for, and at"


def test_no_text_can_end_or_swallow_the_description():
    markup = figure_html("lab", "a", "b", plain(line([0], [1])), note=MARKUP)
    payload = markup.split('<script type="application/json">')[1].removesuffix("</script></figure>")
    assert "</" not in payload
    assert "<!--" not in payload


def test_a_name_in_the_table_is_escaped():
    markup = page_figure(plain(line([0], [1], name=MARKUP, showlegend=False)))
    assert html.unescape(re.findall(r"<td>(.*?)</td>", markup)[0]) == MARKUP
    assert MARKUP in Page(markup).texts


def test_the_table_holds_the_points_of_the_figure():
    markup = page_figure(plain(line([0, 1, 2], [0.5, None, 0.25], name="run")))
    assert re.findall(r"<td>(.*?)</td>", markup) == ["run", "0", "0.5", "run", "2", "0.25"]


def rows_of(markup: str) -> list[list[list[str]]]:
    """Of each table its caption, its head and its rows."""
    tables = ElementTree.fromstring(f"<all>{''.join(re.findall('<table>.*?</table>', markup))}</all>")
    return [
        [[c.text or "" for c in table.iter(kind)] for kind in ("caption", "th")]
        + [[c.text or "" for c in row] for row in table.find("tbody")]
        for table in tables
    ]


def test_each_panel_has_a_table_that_names_its_axes_and_what_colours_hold():
    figure = make_subplots(1, 2, shared_yaxes=True)
    figure.add_scatter(x=[1], y=[2], name="corners", fill="toself", row=1, col=1)
    figure.add_scatter(x=[1, 2], y=[3, 4], name="cells", meta="cells", customdata=[0.5, None], row=1, col=1)
    figure.add_scatter(x=[1], y=[5], name="range", meta="high", row=1, col=1)
    figure.add_scatter(x=[6], y=[7], name="<b>", row=1, col=2)
    meta = {"customdata": {"cells": "loss"}, "names": {"high": "highest"}}
    figure.update_layout(xaxis_title_text="batch", xaxis2_title_text="updates", yaxis_title_text="rate", meta=meta)
    assert rows_of(page_figure(plain(figure))) == [
        [
            ["rate against batch"],
            ["line", "batch", "rate", "loss"],
            ["cells", "1", "3", "0.5"],
            ["cells", "2", "4", ""],
            ["highest", "1", "5", ""],
        ],
        [["rate against updates"], ["line", "updates", "rate"], ["<b>", "6", "7"]],
    ]


def test_a_heading_names_its_panel_and_what_its_axis_does_not():
    figure = make_subplots(1, 2, subplot_titles=["chord in m", "angle in degrees"])
    for column in (1, 2):
        figure.add_scatter(x=[0], y=[column], name="run", row=1, col=column)
    figure.update_xaxes(title_text="row")
    assert rows_of(page_figure(plain(figure))) == [
        [["chord in m"], ["line", "row", "chord in m"], ["run", "0", "1"]],
        [["angle in degrees"], ["line", "row", "angle in degrees"], ["run", "0", "2"]],
    ]


@pytest.mark.parametrize("name", labs())
def test_every_line_of_a_lab_and_every_quantity_in_its_table_has_a_name(name):
    for result in results(name):
        for panel in panels(filled(labs()[name]["figure"], result), 9):
            assert len(set(panel.heads)) == len(panel.heads) and not {"x", "y", ""} & set(panel.heads)
            assert all(row[0] for row in panel.rows)


def test_the_page_tabulates_as_the_still_picture_does(javascript):
    figures = [filled(labs()[name]["figure"], results(name)[-1]) for name in labs()]
    told = [[vars(panel) for panel in panels(figure, 7)] for figure in figures]
    assert javascript("table.mjs", [[figure, 7] for figure in figures]) == told


def test_a_long_line_is_thinned_in_the_table_but_whole_in_the_description():
    page = Page(page_figure(plain(line(list(range(1000)), list(range(1000))))))
    assert page.tags.count("tr") <= 22
    assert "999" in page.texts, "with its end"
    assert page.description["figure"]["data"][0]["x"] == list(range(1000))


def test_the_last_tick_s_label_stays_in_the_static_picture():
    svg = ElementTree.fromstring(picture(plain(line([0, 100_000], [1, 2]))))
    width = float(svg.get("viewBox").split()[2])
    (label,) = [e for e in svg.iter() if e.tag.endswith("text") and e.text == "100k"]
    assert width - 20 < float(label.get("x")) <= width - 4 * len("100k"), "half of each digit is less than 4 wide"


def test_titles_of_panels_stand_in_the_static_picture():
    figure = make_subplots(1, 2, subplot_titles=["left & <small>", "right"])
    for col in (1, 2):
        figure.add_scatter(x=[0, 1], y=[1, 2], row=1, col=col)
    svg = picture(plain(figure))
    texts = {element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")}
    assert {"left & <small>", "right"} <= texts


@given(st.lists(st.text("abc def", min_size=1, max_size=30), min_size=1, max_size=12))
def test_no_name_in_the_legend_of_a_static_picture_begins_outside_it_or_upon_another(names):
    figure = go.Figure([go.Scatter(x=[0, 1], y=[1, 2], name=name) for name in names])
    svg = ElementTree.fromstring(picture(plain(figure)))
    width = float(svg.get("viewBox").split()[2])
    legend = [e for e in svg.iter() if e.tag.endswith("text") and e.get("text-anchor") is None and e.text in names]
    places = [(float(e.get("x")), float(e.get("y"))) for e in legend]
    assert len(places) == len(set(places)) == len(names)
    assert all(0 <= x < width for x, _ in places)


def test_the_title_is_the_caption_and_the_alternative_text_says_what_is_drawn():
    figure = line([0, 1], [1, 2])
    figure.add_scatter(name="<seen>", x=[3, 1, 2], y=[5, None, 9], mode="markers")
    figure.update_layout(title_text="Loss rises")
    page = Page(page_figure(plain(figure)))
    assert "Loss rises" in page.texts
    said = "Chart of loss against examples. from 1 at 0 to 2 at 1. <seen>: 2 points, 5 to 9."
    assert page.attributes["div", "aria-label"] == [said]
    assert "title" not in page.description["figure"]["layout"]


def test_what_is_neither_finite_nor_there_is_null_in_the_description():
    page = Page(page_figure(plain(line([0, 1, 2, 3], [1.0, float("nan"), float("inf"), None]))))
    assert page.description["figure"]["data"][0]["y"] == [1, None, None, None]


@pytest.fixture
def installed():
    """The book's template and renderer as Plotly's defaults, until the test ends."""
    before = pio.templates.default, pio.renderers.default
    install()
    yield
    pio.templates.default, pio.renderers.default = before


@pytest.mark.filterwarnings("ignore:.*scattermapbox.*:DeprecationWarning")  # Plotly 6.0's, of a template of its own
def test_show_gives_jupyterlab_plotly_and_the_page_a_figure(installed):
    assert isinstance(pio.renderers[pio.renderers.default], BookRenderer)
    bundle = pio.renderers[pio.renderers.default].to_mimebundle(line([0, 1], [1, 2]).to_dict())
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/html"}
    assert bundle["text/html"].startswith('<figure class="plot"')


def test_a_static_picture_tells_lines_apart_by_their_markers():
    figure = line([1, 2], [1, 2], mode="markers", marker={"symbol": "square", "size": 10}, name="one")
    figure.add_scatter(x=[1], y=[2], mode="markers", marker={"symbol": "diamond-open"}, name="other")
    figure.add_scatter(x=[1], y=[1], mode="markers", marker={"symbol": "circle"})
    shapes = re.findall(r'scale\([\d.]+\)" d="([^"]*)" fill="([^"]*)"', picture(plain(figure)))
    assert len(shapes) == 5, "two points and one, and a sample in the legend for each"
    assert len({shape for shape, _ in shapes}) == 2
    assert [fill == "none" for _, fill in shapes].count(True) == 2
    assert picture(plain(figure)).count("<circle") == 1


def test_a_value_that_a_log_axis_cannot_show_is_a_gap():
    figure = line([1, 10, 100, 1000], [1, 0, 10, 100], scale="log")
    drawn = re.search(r'<path d="(M[^"]*)" fill="none" stroke="#', picture(plain(figure)))[1]
    assert drawn.count("M") == 2 and drawn.count("L") == 1


def test_ticks_that_a_figure_names_are_those_of_its_static_picture():
    figure = line([1, 10, 1000], [1, 2, 3], scale="log")
    figure.update_xaxes(tickvals=[1, 30, 5000], ticktext=["one", "thirty", "far outside"])
    texts = re.findall(r">([^<]+)</text>", picture(plain(figure)))
    assert "one" in texts and "thirty" in texts and "far outside" not in texts


def test_a_note_stands_once_in_its_own_panel_and_a_heading_above_all():
    figure = make_subplots(1, 2, subplot_titles=["left half", "right half"])
    for column in (1, 2):
        figure.add_scatter(x=[0, 1], y=[0, 1], row=1, col=column)
        figure.add_annotation(x=0.5, y=0.5, text=f"note {column}", row=1, col=column)
    svg = picture(plain(figure))
    at = {text: float(x) for x, text in re.findall(r'<text x="([\d.]+)"[^>]*>((?:note|left|right) \w+)</text>', svg)}
    assert svg.count(">note 1<") == svg.count(">note 2<") == svg.count(">left half<") == 1
    width = float(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    assert at["note 1"] < width / 2 < at["note 2"]
    assert at["left half"] < width / 2 < at["right half"]
