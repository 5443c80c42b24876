"""A lab of the built page, as tests and `make bench` handle it."""

import json
import re
from importlib import import_module
from types import ModuleType

from playwright.sync_api import Locator, Page, TimeoutError

CURVE = ".scatterlayer .trace path.js-line"

# The ids that come more than once on a page.
TWICE = (
    """() => [...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, i, all) => all.indexOf(id) !== i)"""
)

# In what a chart, as it is drawn, differs from the traces of a result: {meta: {x, y, customdata}}; "" where it shows them.
# It looks at what Plotly drew from, to what a float64 keeps, and at the lines, areas and markers that are on the screen.
DIFFERENCE = """([chart, traces]) => {
  const near = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.abs(b) + 1e-12;
  const places = (path) => path.getAttribute('d').match(/-?[\\d.]+(?:e-?\\d+)?/g).map(Number);
  const subpaths = (paths) => [...paths].reduce((sum, path) => sum + path.getAttribute('d').split('M').length - 1, 0);
  const differs = ([{ trace, ...first }, ...others], { x, y, customdata = [] }) => {
    const node = chart.querySelector(`.trace${trace.uid}`);
    if (!x.length) return node && 'is drawn, though there is nothing to draw';
    const points = [first, ...others];
    if (!trace.visible || !node) return 'is not drawn';
    if (points.length !== x.length) return `has ${points.length} points instead of ${x.length}`;
    const axes = ['x', 'y'].map((key) => chart._fullLayout[trace[`${key}axis`].replace(key, `${key}axis`)]);
    const isPlaced = (i) => [x, y].every((values, k) => typeof values[i] === 'number' && (axes[k].type !== 'log' || values[i] > 0));
    const isAt = ({ x: across, y: up, data }, i) => near(across, x[i]) && near(up, y[i]) && near(data, customdata[i] ?? data);
    const wrong = points.findIndex((point, i) => isPlaced(i) && !isAt(point, i));
    if (wrong >= 0) return `has point ${wrong} at ${points[wrong].x}, ${points[wrong].y} instead of ${x[wrong]}, ${y[wrong]}`;
    const pixels = (i) => axes.map((axis, k) => axis.d2p([x, y][k][i]));
    const isSeen = (i) => pixels(i).every((at, k) => at >= -0.01 && at <= axes[k]._length + 0.01);
    const runs = [];
    x.forEach((_, i) => isPlaced(i) && (isPlaced(i - 1) ? runs.at(-1).push(i) : runs.push([i])));
    const markers = node.querySelectorAll('.points > path').length;
    const placed = runs.flat().length;
    if (trace.mode.includes('markers') && markers !== placed) return `shows ${markers} markers instead of ${placed}`;
    if (!runs.flat().every(isSeen)) return ''; // of what lies outside, Plotly draws as it likes
    const areas = subpaths(chart.querySelectorAll(`.trace${trace.uid} .js-fill`));
    if (trace.fill === 'toself' && areas !== runs.length) return `shows ${areas} areas instead of ${runs.length}`;
    const long = runs.filter((run) => run.length > 1);
    const lines = [...node.querySelectorAll('path.js-line')];
    if (!trace.mode.includes('lines')) return '';
    if (lines.length !== long.length) return `shows ${lines.length} lines instead of ${long.length}`;
    const end = lines.findIndex((line, i) => {
      const drawn = places(line);
      const wanted = [...pixels(long[i][0]), ...pixels(long[i].at(-1))];
      return [...drawn.slice(0, 2), ...drawn.slice(-2)].some((at, k) => Math.abs(at - wanted[k]) > 0.02);
    });
    return end < 0 ? '' : `has a line ${end} that begins or ends elsewhere: ${lines[end].getAttribute('d').slice(0, 60)}`;
  };
  if (!chart.calcdata) return 'nothing is drawn';
  for (const [i, { meta }] of chart.data.entries()) {
    const what = meta in traces && differs(chart.calcdata[i], traces[meta]);
    if (what) return `${meta} ${what}`;
  }
  return '';
}"""

# The points that a line was drawn from.
LINE = """(chart, meta) => {
  const i = chart.data.findIndex((trace) => trace.meta === meta);
  const points = chart.calcdata[i].filter(({ x }) => typeof x === 'number');
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}"""

# Every point that is drawn, but corners of areas: its line, and its numbers by the names of what they are.
POINTS = """({ calcdata, layout }) => {
  const { names = {}, customdata = {} } = layout.meta ?? {};
  const titleOf = (key) => {
    const { title, matches } = layout[key.replace(/^[xy]/, '$&axis')];
    return title?.text || titleOf(matches);
  };
  return calcdata.filter(([{ trace }]) => trace.visible && trace.fill !== 'toself').flatMap((points) => {
    const { meta, name, xaxis, yaxis } = points[0].trace._input;
    const [x, y] = [titleOf(xaxis ?? 'x'), titleOf(yaxis ?? 'y')];
    const seen = points.filter((point) => typeof point.x === 'number' && typeof point.y === 'number');
    return seen.map((point) => ({
      panel: `${y} against ${x}`,
      line: names[meta] ?? name,
      numbers: { [x]: point.x, [y]: point.y, ...(meta in customdata && { [customdata[meta]]: point.data }) },
    }));
  });
}"""

# Which of its options each control stands at.
INDICES = """(figure, controls) => controls.map(([key, kind]) => {
  const inputs = [...figure.querySelectorAll(`[id="${figure.dataset.name}-${key}"], [name="${figure.dataset.name}-${key}"]`)];
  const by = { range: ([{ value }]) => Number(value), menu: ([{ selectedIndex }]) => selectedIndex,
    box: ([{ checked }]) => Number(checked), buttons: (all) => all.findIndex(({ checked }) => checked) };
  return by[kind](inputs);
})"""

# Notes in `paints` the milliseconds from a key press to the frame after the curve changed.
WATCH = """([chart, curve]) => {
  const path = () => [...chart.querySelectorAll(curve)].at(-1)?.getAttribute('d');
  window.paints = [];
  let shown = path();
  let pressed = null;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), true);
  window.watching?.disconnect();
  window.watching = new MutationObserver(() => {
    if (pressed === null || path() === shown) return;
    const began = pressed;
    shown = path();
    pressed = null;
    requestAnimationFrame(() => paints.push(performance.now() - began));
  });
  watching.observe(chart, { subtree: true, childList: true, attributes: true });
}"""


def results(description: dict, settings: dict) -> list[dict]:
    """What d2lmini computes in Python for a lab's settings."""
    given = description["fixed"] | settings
    return [result for result in _module(description).compute(**given) if result is not None]


def sentence(description: dict, result: dict) -> str:
    """What a lab says of a result."""
    return " ".join(_module(description).SENTENCES[key].format(**values) for key, values in result["say"])


def _module(description: dict) -> ModuleType:
    return import_module(f"d2lmini.labs.{description['compute']}")


def shows(page: Page, chart: Locator, result: dict) -> None:
    """Wait until a chart is drawn as a result says."""
    given = [chart.element_handle(), result["traces"]]
    try:
        page.wait_for_function(f"given => !({DIFFERENCE})(given)", arg=given)
    except TimeoutError:
        raise AssertionError(page.evaluate(DIFFERENCE, given)) from None


def seen(page: Page) -> None:
    """Wait until a page was painted: what is pressed or moved before, Chromium drops."""
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")


def wake(page: Page) -> None:
    """A sign that somebody is there: no chart comes alive before."""
    seen(page)
    page.mouse.move(2, 2)
    page.mouse.move(3, 3)


def labs_of(page: Page) -> list["Lab"]:
    """All labs of a page, live."""
    names = page.locator("figure.lab").evaluate_all("figures => figures.map(({ dataset }) => dataset.name)")
    return [Lab(page, name) for name in names]


class Lab:
    """A lab that is live: its controls by their labels, and what Python says to their settings."""

    def __init__(self, page: Page, name: str, scroll: bool = True):
        self.page, self.name = page, name
        self.figure = page.locator(f"figure.lab[data-name={name}]")
        self.description = json.loads(self.figure.locator("script").text_content())
        self.summary = self.figure.locator(".summary")
        self.chart = self.figure.locator(".chart")
        if scroll:
            self.figure.scroll_into_view_if_needed()
            wake(page)
        self.figure.locator(".chart.live").wait_for()

    def control(self, label: str) -> Locator:
        return self.figure.get_by_label(label, exact=True)

    def button(self, name: str) -> Locator:
        return self.figure.get_by_role("button", name=name, exact=True)

    def slide(self, label: str, option: str) -> None:
        """Move a slider to the option that reads so, by keyboard: from its start, step by step."""
        control = next(one for one in self.description["controls"] if one["label"] == label)
        index = [text for text, _ in control["options"]].index(option)
        slider = self.control(label)
        slider.focus()
        now = int(slider.input_value())
        for _ in range(abs(index - now)):
            self.page.keyboard.press("ArrowRight" if index > now else "ArrowLeft")

    def settings(self) -> dict:
        """The value that each control stands at."""
        controls = self.description["controls"]
        return {one["key"]: one["options"][index][1] for one, index in zip(controls, self._indices(controls))}

    def index(self, control: dict) -> int:
        """Which of its options a control stands at."""
        return self._indices([control])[0]

    def _indices(self, controls: list[dict]) -> list[int]:
        return self.figure.evaluate(INDICES, [[one["key"], one["kind"]] for one in controls])

    def expected(self) -> dict:
        """The last result that Python computes for the settings of the page."""
        return results(self.description, self.settings())[-1]

    def settled(self) -> dict:
        """Wait until the page shows the last result that Python computes for its settings: sentence and all lines."""
        result = self.expected()
        self.says(sentence(self.description, result))
        shows(self.page, self.chart, result)
        return result

    def says(self, text: str) -> None:
        self.summary.filter(has_text=re.compile(f"^{re.escape(text)}$")).wait_for()

    def line(self, meta: str) -> dict:
        """The points that a line of the chart was drawn from."""
        return self.chart.evaluate(LINE, meta)

    def points(self) -> list[dict]:
        """Every point that is drawn: its panel, its line, and its numbers by the names of what they are."""
        return self.chart.evaluate(POINTS)

    def drawn(self) -> str | None:
        """The path of the curve as it is drawn: the last line."""
        return self.figure.locator(CURVE).last.get_attribute("d")

    def axes(self) -> dict:
        return self.chart.evaluate(
            "({ layout: { xaxis, yaxis } }) => ({ x: xaxis.type, y: yaxis.type, title: xaxis.title.text })"
        )
