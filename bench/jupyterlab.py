"""JupyterLab: from a key on a slider of the main lab to its new curve, computed in the kernel."""

from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from d2lmini.timing.rounds import Timing
from tools.browser import launched
from tools.lab_server import jupyterlab_server, run
from tools.labs import CURVE, WATCH

from . import ROOT

MOVES = 40
BATCHES = {10: 0, 1: 5}  # from the batch size that the lab starts at, so many steps to the left


def notebook() -> nbformat.NotebookNode:
    """The main lab alone, as its chapter has it."""
    cells = nbformat.read(ROOT / "chapters" / "scratch.ipynb", as_version=4).cells
    lab = next(i for i, cell in enumerate(cells) if cell.cell_type == "code" and cell.source.startswith("Lab("))
    imports = next(cell for cell in cells if cell.cell_type == "code")
    sources = [imports.source, cells[lab].source]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel})


def key_to_curve() -> dict[str, Timing]:
    """Seconds by batch size."""
    result = {}
    with TemporaryDirectory() as folder, TemporaryDirectory() as home, launched() as browser:
        nbformat.write(notebook(), Path(folder) / "lab.ipynb")
        with jupyterlab_server(Path(folder), Path(home)) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            run(page, f"{address}/lab/tree/lab.ipynb")
            chart = page.locator(".js-plotly-plot")
            chart.wait_for()
            size, rate = (
                page.locator(".widget-inline-hbox").filter(has_text=label).locator("[role=slider]")
                for label in ("Batch size", "Learning rate")
            )
            for batch, steps in BATCHES.items():
                for _ in range(steps):
                    size.press("ArrowLeft")
                page.get_by_text(f"Batch size {batch}, learning rate 0.05: ").wait_for()
                page.evaluate(WATCH, [chart.element_handle(), CURVE])
                for i in range(MOVES):
                    rate.press("ArrowLeft" if i % 20 < 10 else "ArrowRight")
                    page.wait_for_function("count => paints.length === count", arg=i + 1)
                result[str(batch)] = Timing.of([milliseconds / 1000 for milliseconds in page.evaluate("paints")])
            page.close()
    return result


def measure() -> dict:
    """All of it."""
    times = key_to_curve()
    return {"ratios": {"batch 1 / batch 10": times["1"].median / times["10"].median}, "curve": times}
