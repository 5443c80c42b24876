"""A new lab is a cell, a module and its twin, and nothing else: it works in Python, in Node and in the page, and is tested."""

import os
import subprocess
import sys

import nbformat
import pytest
from tree import Tree
from watch import watched

from tools.browser import BOOK, served
from tools.labs import wake

MODULE = '''"""How often a number can be halved; the twin is js/labs/halving.js."""

import plotly.graph_objects as go

from ..figures.template import styled
from .runs import Results

SENTENCES = {"halved": "Halved {times} times, {first:,} is {last:.3g}."}
LABELS = {"times": "Times"}
WORDS = {"line": "what is left", "axis": "halvings"}


def figure() -> go.Figure:
    """One line."""
    line = go.Scatter(meta="left", name=WORDS["line"], mode="lines+markers")
    return styled([line], {"xaxis_title_text": WORDS["axis"]})


def fixed() -> dict[str, int]:
    """The number."""
    return {"first": 1000}


def compute(*, times: int, first: int) -> Results:
    """The number after each halving."""
    y = [first / 2**i for i in range(times + 1)]
    say = [["halved", {"times": times, "first": first, "last": y[-1]}]]
    yield {"traces": {"left": {"x": list(range(times + 1)), "y": y}}, "layout": {"xaxis": {"range": [0, 10]}}, "say": say}
'''
TWIN = """// How often a number can be halved; the twin of d2lmini/labs/halving.py.

/** @import { Results } from "../types" */

/**
 * The number after each halving; see d2lmini.labs.halving.
 * @param {{ times: number, first: number }} settings
 * @returns {Results}
 */
export function* compute({ times, first }) {
  const x = Array.from({ length: times + 1 }, (_, i) => i);
  const y = x.map((i) => first / 2 ** i);
  yield { traces: { left: { x, y } }, layout: { xaxis: { range: [0, 10] } }, say: [["halved", { times, first, last: y[times] }]] };
}
"""
CELL = """from d2lmini import Lab
from d2lmini.labs import halving
from ipywidgets import IntSlider

Lab("halving", "A number, halved again and again",
    {"times": IntSlider(value=4, min=1, max=10)},
    halving.compute, halving.figure(), **halving.fixed())"""
CHAPTER = "chapters/references.ipynb"
PAGE = "chapters/references.html"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources with a new lab in its last chapter."""
    tree = Tree(tmp_path_factory.mktemp("new") / "book")
    (tree / "d2lmini/labs/halving.py").write_text(MODULE)
    (tree / "d2lmini/js/labs/halving.js").write_text(TWIN)
    notebook = nbformat.read(tree / CHAPTER, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(CELL, id="halving"))
    nbformat.write(notebook, tree / CHAPTER)
    run(tree, "tools/run_notebooks.py", CHAPTER)
    return tree


def run(tree: Tree, *command: str) -> str:
    """A Python that takes the package from the copy."""
    env = os.environ | {"PYTHONPATH": str(tree.root)}
    done = subprocess.run(
        [sys.executable, *command], cwd=tree.root, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_lab_is_held_to_its_twin_and_to_its_chart_by_the_tests_that_are_there(tree):
    files = ["tests/test_labs_parity.py", "tests/test_any_setting.py", "tests/test_format.py", "tests/test_house.py"]
    chosen = "halving or format or lab_s_name"
    told = run(tree, "-m", "pytest", "-p", "no:cacheprovider", *files, "-k", chosen, "-m", "not long", "-vv")
    for test in (
        "computes_the_same_for_any_setting",
        "fills_the_chart",
        "format_that_a_sentence_uses",
        "bears_its_module_s_name",
    ):
        assert test in told
    assert "halving" in told and "failed" not in told


def test_a_new_lab_lives_in_a_page(tree, site, new_page):
    """The figure that its cell has stored and the script that its twin went into, on a page that was built before."""
    status, output = tree.make("assets/vendor/page.js")
    assert status == 0, output
    (stored,) = nbformat.read(tree / CHAPTER, as_version=4).cells[-1].outputs
    html = (BOOK / PAGE).read_text()
    end = html.index("</article>")
    html = html[:end] + stored.data["text/html"] + html[end:]
    page = new_page()
    page.route(f"**/{PAGE}*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/page.js*", lambda route: route.fulfill(path=tree / "assets/vendor/page.js"))
    assert_alive(page, site)


@pytest.mark.long
def test_a_new_lab_is_in_the_book(tree, chromium):
    status, output = tree.make("book")
    assert status == 0, output
    with served(tree / "_build/html") as site, watched(chromium) as new_page:
        assert_alive(new_page(), site)


def assert_alive(page, site: str) -> None:
    page.goto(f"{site}/{PAGE}#halving?times=3")
    figure = page.locator("figure.lab[data-name=halving]")
    figure.scroll_into_view_if_needed()
    wake(page)
    figure.locator(".chart.live").wait_for()
    slider = figure.get_by_label("Times", exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    figure.get_by_text("Halved 4 times, 1,000 is 62.5.").first.wait_for()
    assert figure.locator(".scatterlayer .trace path.point").count() == 5


def test_a_lab_without_a_twin_stops_the_build_with_one_sentence(tree):
    twin = tree / "d2lmini/js/labs/halving.js"
    twin.unlink()
    (tree / "d2lmini/labs/halving.py").touch()  # just written, as it were
    status, output = tree.make("assets/vendor/page.js")
    twin.write_text(TWIN)
    said = "The lab halving has no twin: write d2lmini/js/labs/halving.js, which computes where there is no kernel."
    assert status != 0 and said in output and "Traceback" not in output
