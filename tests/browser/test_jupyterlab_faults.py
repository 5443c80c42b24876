"""Labs in JupyterLab when their kernel ends and when a computation fails."""

import os
import random
import re
import signal
from pathlib import Path

import nbformat
import pytest
from described import labs
from test_jupyterlab import DEFAULT, Lab
from watch import covered

from d2lmini.labs.runs import BATCHES
from tools.lab_server import IDLE, RAN, jupyterlab_server, run

CHAPTER = Path(__file__).parents[2] / "chapters" / "scratch.ipynb"
FAULTY = """import os
import plotly.graph_objects as go

def inverse(*, a):
    return {"traces": {"run": {"x": [0, 1], "y": [0, 1 / a]}}, "layout": {}, "say": [["said", {"a": a}]]}

SENTENCES = {"said": "One through {a}."}
figure = go.Figure(go.Scatter(meta="run"))
print("process", os.getpid())
Lab("faulty", "One through a number", {"a": IntSlider(value=1, max=9, description="Number")}, inverse, figure)"""
SLOW = """import time
import plotly.graph_objects as go

def counting(*, a):
    for step in range(1 + 20_000 * a):
        time.sleep(0.005)
        yield {"traces": {"run": {"x": [0, 1], "y": [0, step]}}, "layout": {}, "say": [["counted", {"step": step}]]}

SENTENCES = {"counted": "Counted to {step}."}
figure = go.Figure(go.Scatter(meta="run"))
Lab("slow", "Counting", {"a": IntSlider(value=0, max=9, description="How far")}, counting, figure)"""
PATH = labs()["path"]
GONE = re.compile("^The kernel behind this chart has ended")
FAILED = re.compile("^This setting could not be computed")
PROMPTS = "() => [...document.querySelectorAll('.jp-InputPrompt')].map((node) => node.textContent)"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A JupyterLab with a small notebook: two labs of the chapter, one that is slow and one that cannot compute everything."""
    folder = tmp_path_factory.mktemp("notebooks")
    code = [cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "code"]
    cells = [code[0], *(cell for cell in code if re.search(r'\bLab\(\s*"(scratch|path)"', cell)), SLOW, FAULTY]
    assert len(cells) == 5
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = kernel
    nbformat.write(notebook, folder / "labs.ipynb")
    with jupyterlab_server(folder, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture(scope="module")
def notebook(chromium, server):
    """The notebook, run, in a window that is high enough for all of it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 3000})
    page = context.new_page()
    with covered(page):
        run(page, f"{server}/lab/tree/labs.ipynb")
        yield page
    context.close()


def test_after_a_storm_over_two_labs_each_shows_its_last_setting(notebook):
    rng = random.Random(0)
    scratch, path = Lab(notebook, "scratch"), Lab(notebook, "path")
    at = dict.fromkeys([scratch, path], BATCHES.index(10))
    for turn in range(60):
        lab = (scratch, path)[turn % 2]
        step = rng.choice((-1, 1))
        lab.slider("Batch size").press("ArrowRight" if step > 0 else "ArrowLeft")
        at[lab] = min(max(at[lab] + step, 0), len(BATCHES) - 1)
    scratch.shows(**{**DEFAULT, "batch": BATCHES[at[scratch]]})
    path.shows(PATH, batch=BATCHES[at[path]], lr=10 ** (-3 + 0.1 * 17), epochs=2, seed=0, across="steepest")


def run_again(page) -> None:
    """Run all cells; wait until each has."""
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(f"{PROMPTS[6:]}.some((text) => text.includes('*'))")
    page.wait_for_function(f"{RAN} && {IDLE}")


def test_a_setting_that_cannot_be_computed_is_said_to_be(notebook):
    lab = Lab(notebook, "faulty")
    lab.slider("Number").press("ArrowRight")
    lab.summary.filter(has_text="One through 2.").wait_for()
    lab.slider("Number").press("Home")
    lab.summary.filter(has_text=FAILED).wait_for()
    lab.slider("Number").press("ArrowRight")
    lab.summary.filter(has_text="One through 1.").wait_for()


def kill(page) -> None:
    os.kill(int(page.get_by_text(re.compile(r"^process \d+")).text_content().split()[1]), signal.SIGKILL)
    page.locator(".jp-Dialog", has_text="appears to have died").get_by_role("button", name="Ok").click()


def restart(page) -> None:
    page.evaluate("void jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")


def kill_at_work(page) -> None:
    """The kernel dies while it runs a cell."""
    page.evaluate(
        """() => {
             const { content } = jupyterapp.shell.currentWidget;
             content.activeCellIndex = content.widgets.length - 1;
             content.activeCell.model.sharedModel.setSource('import os; os.kill(os.getpid(), 9)');
             void jupyterapp.commands.execute('notebook:run-cell');
           }"""
    )
    page.locator(".jp-Dialog", has_text="appears to have died").get_by_role("button", name="Ok").click()
    page.evaluate(
        "source => jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(source)", FAULTY
    )


def kill_under_a_lab(page) -> None:
    """The kernel dies while a lab computes."""
    lab = Lab(page, "slow")
    lab.slider("How far").press("End")
    lab.summary.filter(has_text=re.compile(r"^Counted to \d\d+")).wait_for()
    kill(page)
    lab.cell.get_by_text(GONE).wait_for()


@pytest.mark.parametrize("end", [kill, restart, kill_under_a_lab, pytest.param(kill_at_work, marks=pytest.mark.long)])
def test_a_lab_whose_kernel_ended_says_so_and_lives_again_when_its_cells_have_run(notebook, end):
    lab = Lab(notebook, "scratch")
    said = lab.summary.text_content()
    end(notebook)
    lab.cell.get_by_text(GONE).wait_for()
    lab.slider("Batch size").press("ArrowRight")
    assert lab.summary.text_content() == said
    notebook.wait_for_function(IDLE)
    assert not any("*" in prompt for prompt in notebook.evaluate(PROMPTS)), "nothing seems to run"

    run_again(notebook)
    lab = Lab(notebook, "scratch")
    lab.shows(**DEFAULT)
    lab.slider("Batch size").press("ArrowRight")
    lab.shows(**{**DEFAULT, "batch": BATCHES[BATCHES.index(10) + 1]})
    Lab(notebook, "slow").summary.filter(has_text="Counted to 0.").wait_for()
    assert not notebook.get_by_text(GONE).filter(visible=True).count()


def test_a_cell_that_ran_twice_leaves_one_lab_that_works(notebook):
    Lab(notebook, "scratch").slider("Batch size").press("End")
    run_again(notebook)
    lab = Lab(notebook, "scratch")
    assert lab.cell.locator(".js-plotly-plot").count() == 1
    lab.shows(**DEFAULT)
    lab.slider("Batch size").press("ArrowRight")
    lab.shows(**{**DEFAULT, "batch": BATCHES[BATCHES.index(10) + 1]})
