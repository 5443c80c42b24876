"""The chart of a widget by itself: where its library cannot be loaded, and where Plotly fails."""

import pytest

from tools.browser import BOOK, ROOT, Quiet, served

PLOTLY = BOOK / "_static" / "vendor" / "plotly-basic.min.js"
FIGURE = {
    "data": [{"meta": "run", "x": [0, 1], "y": [0, 1]}],
    "layout": {"xaxis": {"range": [0, 9]}, "yaxis": {"range": [0, 9]}},
}

# A widget's model whose kernel brings a library, or where it brings none sends `owed` when it is asked; and its chart.
RENDER = """
window.made = [];
window.gone = [];
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (blob) => { const url = createObjectURL(blob); made.push(url); return url; };
URL.revokeObjectURL = (url) => { gone.push(url); revokeObjectURL(url); };
window.bytesOf = async (address) => new DataView(await (await fetch(address)).arrayBuffer());
window.shown = async (figure, library, owed) => {
  const heard = {};
  const values = { figure, result: { traces: {}, layout: {} }, said: 'said', words: { gone: '', failed: '' }, failed: false, library };
  const model = {
    get: (name) => values[name],
    set: (name, value) => { values[name] = value; heard[`change:${name}`]?.(); },
    on: (event, act) => (heard[event] = act),
    off: (event) => delete heard[event],
    send: () => owed && setTimeout(() => heard['msg:custom']?.('plotly', [owed])),
  };
  const el = document.body.appendChild(document.createElement('div'));
  const { default: widget } = await import('/js/figures/chart.js');
  await widget.render({ model, el });
  return { model, el };
};
"""


@pytest.fixture
def page(chromium, tmp_path):
    """A page with the module of the widget, and without Plotly; its errors are in ``page.faults``."""
    (tmp_path / "js").symlink_to(ROOT / "d2lmini" / "js")
    (tmp_path / "plotly.js").symlink_to(PLOTLY)
    (tmp_path / "broken.js").write_text("throw new Error('broken')")
    (tmp_path / "index.html").write_text(f"<!doctype html><link rel=icon href=data:,><script>{RENDER}</script>")
    with served(tmp_path, Quiet) as address:
        page = chromium.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{address}/index.html")
        yield page
        page.close()


FAILS = "async (figure) => { try { await shown(figure, await bytesOf('broken.js')); } catch ({ message }) { return message; } }"
ASKS = "async (figure) => { const { el } = await shown(figure, undefined, await bytesOf('plotly.js')); return el.querySelectorAll('.js-line').length; }"


def test_after_a_library_that_could_not_be_loaded_the_next_chart_asks_for_it_anew(page):
    assert page.evaluate(FAILS, FIGURE) == "Plotly could not be loaded"
    assert page.evaluate(ASKS, FIGURE) == 1
    assert page.evaluate("gone.length === 2 && made.every((url) => gone.includes(url))"), "no copy is kept twice"


def test_a_library_that_a_kernel_owes_keeps_no_chart_waiting_that_brings_its_own(page):
    page.evaluate("figure => void shown(figure, undefined)", FIGURE)  # its kernel never answers
    assert page.evaluate(ASKS.replace("undefined, await", "await"), FIGURE) == 1


@pytest.mark.parametrize(("reason", "faults"), [("new Error('theirs')", ["theirs"]), ("undefined", [])])
def test_an_error_of_plotly_is_reported_and_an_interruption_is_none(page, reason, faults):
    page.evaluate(ASKS.replace("const { el }", "const { el } = window.first"), FIGURE)
    move = "x => first.model.set('result', { traces: { run: { x: [0, x], y: [0, x] } }, layout: {} })"
    page.evaluate(move, 2)
    page.evaluate(f"() => (Plotly.animate = () => Promise.reject({reason}))")
    page.evaluate(move, 3)
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.faults == faults
