"""The labs and the Animator in a real JupyterLab, with a kernel behind them."""

import json
import re
import shutil
from pathlib import Path
from statistics import median

import nbformat
import pytest
from described import given, labs
from watch import covered

from d2lmini.labs import map as loss_map
from d2lmini.labs import scratch
from d2lmini.labs.runs import BATCHES
from tools.lab_server import IDLE, RAN, jupyterlab_server, run
from tools.labs import CURVE, WATCH, results, sentence, shows

CHAPTERS = Path(__file__).parents[2] / "chapters"
MAIN = labs()["scratch"]
HANDLE = "[role=slider]"
ANIMATED = """from pathlib import Path
from time import sleep

from d2lmini import Animator, get_data, sgd, train

def wait(update, w, b):
    while update % 3_000 == 0 and not Path(f"shown-{update}").exists():
        sleep(0.01)

data_iter, feature_dim = get_data(1, seed=0)
animator = Animator(xlabel="epochs", ylabel="half squared loss", legend=["this run"])
history = train(sgd, None, {"lr": 0.005}, data_iter, feature_dim, 10, animator=animator, on_update=wait)
print(len(history.loss), "points")"""
THEIRS = "/static/lab/"  # a file of JupyterLab itself


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the chapters without outputs, and a small notebook with an Animator."""
    root = tmp_path_factory.mktemp("chapters")
    shutil.copytree(CHAPTERS, root, dirs_exist_ok=True)
    for path in root.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ANIMATED)], metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "animator.ipynb")
    return root


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    with jupyterlab_server(folder, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture(scope="module")
def jupyterlab(chromium, server):
    """A page on JupyterLab, and the errors it logs."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.faults = []
    page.on("console", lambda m: m.type == "error" and not _is_about_theirs(m) and page.faults.append(m.text))
    page.on("pageerror", lambda error: _is_theirs(error.stack) or page.faults.append(f"{error}\n{error.stack}"))
    page.on("request", lambda one: one.url.startswith((server, "data:", "blob:")) or page.faults.append(one.url))
    with covered(page):
        yield page
    context.close()


def _is_about_theirs(message) -> bool:
    """Whether an error is JupyterLab's own, or that a notebook cannot see the glossary in another one."""
    return THEIRS in message.location["url"] or message.text.startswith("Cross reference target was not found: term-")


def _is_theirs(stack: str) -> bool:
    """Whether an error passed through files of JupyterLab only: none of ours, of Plotly, or of the widgets."""
    files = re.findall(r"https?://\S+|blob:\S+|<anonymous>", stack)
    return bool(files) and all(THEIRS in file for file in files)


@pytest.fixture(scope="module")
def chapter(jupyterlab, server):
    """The chapter, run."""
    run(jupyterlab, f"{server}/lab/tree/scratch.ipynb")
    return jupyterlab


class Lab:
    """A lab in JupyterLab, by its name."""

    def __init__(self, page, name: str):
        self.page = page
        index = page.evaluate(
            """name => jupyterapp.shell.currentWidget.content.widgets.findIndex(({ model }) =>
                 model.type === 'code' && new RegExp(`\\\\bLab\\\\(\\\\s*"${name}"`).test(model.sharedModel.source))""",
            name,
        )
        page.evaluate("index => jupyterapp.shell.currentWidget.content.scrollToItem(index, 'start')", index)
        self.cell = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        self.chart = self.cell.locator(".js-plotly-plot")
        self.chart.wait_for()
        self.summary = self.cell.locator(".widget-vbox p").last

    def slider(self, label: str):
        return self.cell.locator(".widget-inline-hbox").filter(has_text=label).locator(HANDLE)

    def button(self, name: str):
        return self.cell.get_by_role("button", name=name, exact=True)

    def shows(self, lab: dict = MAIN, **settings) -> str:
        """Wait for what Python computes for the settings: the sentence and every line."""
        result = results(lab, settings)[-1]
        said = sentence(lab, result)
        self.summary.filter(has_text=re.compile(f"^{re.escape(said)}$")).wait_for()
        shows(self.page, self.chart, result)
        assert self.chart.bounding_box()["height"] == lab["figure"]["layout"].get("height", 380)
        return said


RATES = [
    10 ** (-4 + 0.1 * step) for step in range(51)
]  # the slider of ipywidgets goes to its steps only, also when set to 0.05
DEFAULT = {"batch": 10, "lr": RATES[27], "band": True}


@pytest.fixture
def main(chapter):
    """The main lab, moved and reset."""
    lab = Lab(chapter, "scratch")
    lab.slider("Learning rate").press("ArrowRight")
    lab.summary.filter(has_not_text="learning rate 0.05:").wait_for()
    lab.button("Reset").click()
    lab.shows(**DEFAULT)
    return lab


def test_the_main_lab_shows_what_python_computes_and_reset_brings_it_back(main):
    main.slider("Batch size").press("ArrowRight")
    main.shows(**{**DEFAULT, "batch": BATCHES[BATCHES.index(10) + 1]})
    main.slider("Learning rate").press("ArrowRight")
    main.slider("Seed").press("ArrowRight")
    main.summary.filter(has_text="learning rate 0.063").wait_for()
    main.button("Reset").click()
    main.shows(**DEFAULT)


@pytest.mark.timed
@pytest.mark.parametrize(("moves", "batch", "most"), [(0, 10, 150), (-5, 1, 300)])
def test_the_curve_follows_a_key(main, moves, batch, most):
    page = main.page
    assert BATCHES.index(10) + moves == BATCHES.index(batch)
    slider = main.slider("Batch size")
    for _ in range(abs(moves)):
        slider.press("ArrowLeft")
    main.shows(**{**DEFAULT, "batch": batch})
    page.evaluate(WATCH, [main.chart.element_handle(), CURVE])
    for i in range(12):
        main.slider("Learning rate").press("ArrowLeft" if i < 6 else "ArrowRight")
        page.wait_for_function("count => paints.length === count", arg=i + 1)
    times = page.evaluate("paints")
    print(f"key to curve at batch {batch}: median {median(times):.0f} ms, worst {max(times):.0f}")
    assert median(times) <= most, times


def test_sixty_quick_moves_end_on_the_last_value_with_nothing_queued(main):
    page = main.page
    slider = main.slider("Learning rate")
    slider.focus()
    steps = [*["ArrowLeft"] * 8, *["ArrowRight"] * 8] * 3 + ["ArrowLeft"] * 12
    for key in steps:
        page.keyboard.press(key, delay=25)
    assert len(steps) == 60
    main.shows(**{**DEFAULT, "lr": RATES[27 - 12]})
    page.wait_for_function(IDLE)
    page.evaluate(
        """summary => {
             window.later = [];
             window.frames = 0;
             new MutationObserver(() => later.push(summary.textContent)).observe(summary, { childList: true, characterData: true, subtree: true });
             const count = () => { frames++; requestAnimationFrame(count); };
             count();
           }""",
        main.summary.element_handle(),
    )
    page.wait_for_function("frames > 60")
    assert page.evaluate("later") == []
    assert page.evaluate(IDLE)


def test_play_draws_the_run_from_its_beginning(main):
    chart = main.chart.element_handle()
    length = "chart => chart.data.find(({ meta }) => meta === 'run').x.length"
    whole = main.page.evaluate(length, chart)
    curve = main.chart.locator(CURVE).last
    drawn = curve.get_attribute("d")
    main.button("Play").click()
    main.page.wait_for_function(f"([chart, whole]) => ({length})(chart) < whole", arg=[chart, whole])
    main.page.wait_for_function(f"([chart, whole]) => ({length})(chart) === whole", arg=[chart, whole])
    main.chart.locator(".points path").first.wait_for(state="detached")  # the marker of what is still to come
    main.shows(**DEFAULT)
    assert curve.get_attribute("d") == drawn


def test_a_move_stops_a_run_that_is_being_drawn(main):
    page, chart = main.page, main.chart.element_handle()
    length = "chart => chart.data.find(({ meta }) => meta === 'run').x.length"
    whole = page.evaluate(length, chart)
    main.button("Play").click()
    page.wait_for_function(f"([chart, whole]) => ({length})(chart) < whole", arg=[chart, whole])
    main.slider("Batch size").press("ArrowRight")
    main.shows(**{**DEFAULT, "batch": BATCHES[BATCHES.index(10) + 1]})
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    main.shows(**{**DEFAULT, "batch": BATCHES[BATCHES.index(10) + 1]})


def test_a_chart_follows_the_width_of_its_notebook(main):
    page, chart = main.page, main.chart.element_handle()
    title = """([chart, text]) => chart.layout.yaxis.title.text === text
      && Math.abs(chart.querySelector('.main-svg').clientWidth - chart.clientWidth) <= 1"""
    wide = page.viewport_size
    page.wait_for_function(title, arg=[chart, scratch.figure().layout.yaxis.title.text])
    page.set_viewport_size({"width": 760, "height": wide["height"]})
    page.wait_for_function(title, arg=[chart, ""])  # as on a phone
    page.set_viewport_size(wide)
    page.wait_for_function(title, arg=[chart, scratch.figure().layout.yaxis.title.text])


def test_the_map_is_drawn_whole_when_its_seed_moves(chapter):
    plane = Lab(chapter, "map")
    for seed in (1, 2):
        plane.slider("Seed").press("ArrowRight")
        plane.shows(labs()["map"], **given("map", {"seed": seed}))
        areas = plane.chart.locator(".fills .js-fill").evaluate_all(
            "all => all.reduce((sum, one) => sum + one.getAttribute('d').split('M').length - 1, 0)"
        )
        assert areas == len(loss_map.SIZES) * len(loss_map.RATES) == 385


def test_a_click_on_the_map_sets_the_main_lab(chapter):
    plane = Lab(chapter, "map")
    plane.chart.scroll_into_view_if_needed()
    batch, rate = loss_map.SIZES[3], loss_map.RATES[12]
    at = plane.chart.evaluate(
        """(chart, [batch, rate]) => {
             const { xaxis, yaxis } = chart._fullLayout;
             const { left, top } = chart.querySelector('.main-svg').getBoundingClientRect();
             return { x: left + xaxis._offset + xaxis.d2p(batch), y: top + yaxis._offset + yaxis.d2p(rate) };
           }""",
        [batch, rate],
    )
    chapter.mouse.click(**at)
    plane.summary.filter(has_text=f"Batch size {batch}, learning rate {rate:.2g}: ").wait_for()
    Lab(chapter, "scratch").summary.filter(has_text=f"Batch size {batch}, learning rate {rate:.2g}: ").wait_for()


def test_a_chart_whose_cell_runs_again_gives_back_what_it_held(main):
    page, old = main.page, main.chart.element_handle()
    index = int(main.cell.get_attribute("data-windowed-list-index"))
    page.evaluate("index => (jupyterapp.shell.currentWidget.content.activeCellIndex = index)", index)
    page.evaluate("void jupyterapp.commands.execute('notebook:run-cell')")
    page.wait_for_function("chart => !chart.isConnected && !chart.data && !chart._fullLayout", arg=old)
    Lab(page, "scratch").shows(**DEFAULT)


def test_directives_are_rendered(chapter):
    notebook = nbformat.read(CHAPTERS / "scratch.ipynb", as_version=4)
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        chapter.evaluate("index => jupyterapp.shell.currentWidget.content.scrollToItem(index, 'start')", index)
        shown = chapter.locator(f'.jp-Cell[data-windowed-list-index="{index}"] .myst')
        shown.wait_for()
        text = shown.text_content()
        assert not re.search(r":::|```|\{(cite|eq|note)", text), text
        if ":::{" in cell.source or "```{" in cell.source:
            assert shown.locator("aside, .admonition").count() > 0, cell.source


def test_an_animator_grows_in_place_and_is_stored_whole(chapter, folder):
    page = chapter
    page.evaluate("void jupyterapp.commands.execute('docmanager:open', { path: 'animator.ipynb' })")
    page.wait_for_function(f"jupyterapp.shell.currentWidget?.context?.path === 'animator.ipynb' && {IDLE}")
    page.evaluate(
        """() => {
             const { node } = jupyterapp.shell.currentWidget;
             window.charts = () => node.querySelectorAll('.js-plotly-plot');
             window.most = 0;
             const frame = () => {
               most = Math.max(most, charts().length);
               requestAnimationFrame(frame);
             };
             frame();
           }"""
    )
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    length = "charts()[0]?.data?.[0].x.length"
    shown = 0
    for update in range(3_000, 15_001, 3_000):  # the run waits each time until it has grown in the page
        shown = page.wait_for_function(f"shown => {length} > shown && {length}", arg=shown).json_value()
        (folder / f"shown-{update}").touch()
    page.wait_for_function(f"{RAN} && {IDLE}")
    points = int(
        page.locator(".jp-OutputArea-output").filter(has_text=re.compile(r"^\d+ points\s*$")).text_content().split()[0]
    )
    page.wait_for_function(f"points => {length} === points", arg=points)
    assert page.evaluate("most") == 1, "the figure grows in place"

    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("jupyterapp.shell.currentWidget.close()")
    outputs = nbformat.read(folder / "animator.ipynb", as_version=4).cells[0].outputs
    html = next(output.data["text/html"] for output in outputs if "text/html" in output.get("data", {}))
    stored = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1])
    assert len(stored["figure"]["data"][0]["x"]) == points
    assert "<svg" in html


def test_our_code_logs_no_errors(chapter):
    """After all that was done above."""
    assert chapter.faults == []
