"""Chapters run as people run them: twice in a kernel, and out of order."""

import re
from pathlib import Path
from random import Random

import nbformat
import pytest
from nbclient import NotebookClient

CHAPTERS = sorted(
    path for path in (Path(__file__).parents[1] / "chapters").glob("*.ipynb") if path.stem != "references"
)
EXEMPT = "nbval-ignore-output"
CLEAR = re.compile(
    r"NameError: name '\w+' is not defined$"
    r"|OSError: airfoil could not be fetched from http://127"  # its server, a few cells on, was stopped already
    r"|TypeError: schedule\(t, epoch\) must be a finite number above 0, not None"  # the exercise was begun anew
)
ADDRESS = re.compile("0x[0-9a-f]{6,16}")

pytestmark = pytest.mark.timeout(1200)
each_chapter = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=[pytest.mark.long] * (path.stem != "index")) for path in CHAPTERS],
)


class Chapter:
    """A chapter in a kernel of its own."""

    def __init__(self, path: Path):
        self.notebook = nbformat.read(path, as_version=4)
        self.code = [i for i, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"]
        self.imports = [i for i in self.code if re.search(r"^(import|from) ", self.notebook.cells[i].source, re.M)]
        where = {"metadata": {"path": str(path.parent)}}
        self.client = NotebookClient(
            self.notebook, timeout=600, kernel_name="python3", resources=where, allow_errors=True
        )

    def run(self, order: list[int]) -> dict[int, str]:
        """Run cells in this order; the errors, by cell."""
        cells = {i: self.client.execute_cell(self.notebook.cells[i], i) for i in order}
        outputs = [(i, output) for i, cell in cells.items() for output in cell.outputs]
        return {i: f"{output.ename}: {output.evalue}" for i, output in outputs if output.output_type == "error"}

    def printed(self) -> dict[int, str]:
        """What each cell says, but for timings; what it prints may come in pieces."""
        cells = {i: self.notebook.cells[i] for i in self.code}
        return {
            i: ADDRESS.sub(
                "0x", "".join(output.get("text") or output.data.get("text/plain", "") for output in cell.outputs)
            )
            for i, cell in cells.items()
            if EXEMPT not in cell.metadata.get("tags", [])
        }


@pytest.fixture
def chapter(path, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    chapter = Chapter(path)
    with chapter.client.setup_kernel():
        yield chapter


@each_chapter
def test_a_chapter_that_runs_twice_in_one_kernel_says_the_same_twice(chapter):
    assert chapter.run(chapter.code) == {}
    first = chapter.printed()
    assert chapter.run(chapter.code) == {}
    assert chapter.printed() == first


@each_chapter
def test_cells_out_of_order_work_or_name_what_is_missing_and_then_the_chapter_runs(chapter):
    assert chapter.run(chapter.imports) == {}
    others = [i for i in chapter.code if i not in chapter.imports]
    for seed in range(2):
        Random(seed).shuffle(others)
        errors = chapter.run(others)
        assert [error for error in errors.items() if not CLEAR.match(error[1])] == []
    assert chapter.run(chapter.code) == {}
