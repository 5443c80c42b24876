"""Run notebooks in place and store what they show, and nothing that differs from run to run without a reason.

python tools/run_notebooks.py chapters/scratch.ipynb …
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def run(path: Path) -> None:
    """Execute a notebook in its own folder; the file changes only if every cell ran."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    normalise(notebook)
    whole = path.with_suffix(".part")
    nbformat.write(notebook, whole)
    whole.replace(path)


def normalise(notebook) -> None:
    """Keep outputs, drop what belongs to one session: widget state, model ids, times, Plotly's saved PNGs."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            data = output.get("data", {})
            if "application/vnd.plotly.v1+json" in data:
                data.pop("image/png", None)
            widget = data.get("application/vnd.jupyter.widget-view+json")
            if widget is not None:
                widget["model_id"] = f"cell-{number}"


def _joined(outputs: list) -> list:
    """Neighbouring pieces of one stream as one: how they were cut is chance."""
    joined = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


if __name__ == "__main__":
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar that appears on a slow day is nothing to store
    for name in sys.argv[1:]:
        print(name, flush=True)
        run(Path(name))
