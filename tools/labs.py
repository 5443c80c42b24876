"""A lab of the built page, as tests and `make bench` handle it."""

import json
import re
from importlib import import_module
from types import ModuleType

from playwright.sync_api import Locator, Page

CURVE = ".scatterlayer .trace path.js-line"

# The ids that come more than once on a page.
TWICE = (
    """() => [...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, i, all) => all.indexOf(id) !== i)"""
)

# Whether a chart's lines are these: {meta: [x, y]}, to what a float64 keeps.
SAME = """([chart, lines]) => chart.data.every(({ meta, x, y }) => {
  const near = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.abs(b) + 1e-12;
  const same = (list, wanted) => list.length === wanted.length && wanted.every((value, i) => near(list[i], value));
  return !(meta in lines) || (same(x, lines[meta][0]) && same(y, lines[meta][1]));
})"""

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

    def __init__(self, page: Page, name: str):
        self.page, self.name = page, name
        self.figure = page.locator(f"figure.lab[data-name={name}]")
        self.description = json.loads(self.figure.locator("script").text_content())
        self.summary = self.figure.locator(".summary")
        self.chart = self.figure.locator(".chart")
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

    def settled(self, timeout: float = 30_000) -> dict:
        """Wait until the page shows the last result that Python computes for its settings: sentence and all lines."""
        result = self.expected()
        self.says(sentence(self.description, result), timeout)
        lines = {meta: [trace["x"], trace["y"]] for meta, trace in result["traces"].items()}
        self.page.wait_for_function(SAME, arg=[self.chart.element_handle(), lines], timeout=timeout)
        return result

    def says(self, text: str, timeout: float = 30_000) -> None:
        self.summary.filter(has_text=re.compile(f"^{re.escape(text)}$")).wait_for(timeout=timeout)

    def line(self, meta: str) -> dict:
        """A line of the chart: its points, and the path that was drawn for it."""
        return self.chart.evaluate(
            "(chart, meta) => { const { x, y } = chart.data.find((trace) => trace.meta === meta); return { x: [...x], y: [...y] }; }",
            meta,
        )

    def drawn(self) -> str | None:
        """The path of the curve as it is drawn: the last line."""
        return self.figure.locator(CURVE).last.get_attribute("d")

    def axes(self) -> dict:
        return self.chart.evaluate(
            "({ layout: { xaxis, yaxis } }) => ({ x: xaxis.type, y: yaxis.type, title: xaxis.title.text })"
        )
