"""What nbval takes for equal: numbers that differ as processors do, and nothing else."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.closeness import settled

ROOT = Path(__file__).parents[1]
PICTURE = '<svg><path d="M{} 214.3"/></svg> 1,500 rows, {}'


@pytest.mark.parametrize(
    ("new", "stored"),
    [
        ("half loss 0.2428 after 300 updates", "half loss 0.2427 after 300 updates"),
        ("0.30000000000000004", "0.3"),
        ('"vector":[0.09719296564967833]', '"vector":[0.09719296564967821]'),
        ("rounding leaves 3e-16", "rounding leaves -2e-17"),
        ({"y": [0.241688, None, 3]}, {"y": [0.241687, None, 3]}),
        ({"y": [0.70337]}, {"y": [0.70331]}),
        ({"data": {"text/plain": "0.2428"}}, {"data": {"text/plain": "0.2427"}}),
        (PICTURE.format(80.0, 0.2428), PICTURE.format(80.4, 0.2427)),
    ],
)
def test_numbers_that_differ_as_processors_do_are_settled(new, stored):
    assert settled(new, stored) == stored


@pytest.mark.parametrize(
    ("new", "stored"),
    [
        ("half loss 0.2430", "half loss 0.2427"),
        ("ratio 1.5", "ratio 1.4"),
        ("299 updates", "300 updates"),
        ("0.2427 s", "0.2427 ms"),
        ("0.2427 0.2427", "0.2427"),
        ("1e-3", "1e-4"),
        ({"y": [0.2417]}, {"y": [0.2416]}),
        ({"y": [0.2417, 1.0]}, {"y": [0.2417]}),
        ({"y": [None]}, {"y": [0.2416]}),
        ({"x": [0.2417]}, {"y": [0.2417]}),
        ({"y": 4}, {"y": 3}),
        (PICTURE.format(79.8, 0.2427), PICTURE.format(80.4, 0.2427)),
        (PICTURE.format(80.4, 0.2429), PICTURE.format(80.4, 0.2427)),
    ],
)
def test_others_are_not(new, stored):
    assert settled(new, stored) == new


def test_nbval_asks_here(tmp_path):
    """Of two cells, the one that shows a little more than what is stored passes, and the one that shows much more fails."""
    notebook = nbformat.v4.new_notebook()
    for shown in (0.2428, 0.2431):
        stored = nbformat.v4.new_output("stream", text="0.2427\n")
        notebook.cells.append(nbformat.v4.new_code_cell(f"print({shown})", outputs=[stored], execution_count=1))
    path = tmp_path / "two.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "tests.closeness", "-W", "default", path]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in answer.stdout, answer.stdout
    assert "two.ipynb::Cell 1 " in answer.stdout
