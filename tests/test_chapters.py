"""The chapters as files: stored outputs, short cells, nothing of one machine or one session."""

import re
from pathlib import Path
from statistics import median

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
EXEMPT = "nbval-ignore-output"

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def test_every_chapter_is_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [toc["root"], *(chapter["file"] for chapter in toc["chapters"])]
    assert sorted(listed) == [f"chapters/{path.stem}" for path in CHAPTERS]


@each_chapter
def test_outputs_are_stored_without_errors_and_without_a_session(path):
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert "execution" not in cell.metadata
        for output in cell.get("outputs", []):
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source
            assert "image/png" not in output.get("data", {})


@each_chapter
def test_a_chapter_is_small(path):
    assert path.stat().st_size <= 400_000


def lines(cell) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def test_code_cells_are_short():
    lengths = [lines(cell) for path in CHAPTERS for cell in cells(path, "code")]
    assert median(lengths) <= 5 and max(lengths) <= 20, sorted(lengths)


@each_chapter
def test_a_lab_takes_at_most_fifteen_lines(path):
    for cell in cells(path, "code"):
        if re.search(r"^Lab\(", cell.source, re.M):
            assert len(cell.source.splitlines()) <= 15, cell.source


@each_chapter
def test_cells_import_by_name_install_nothing_and_know_no_machine(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not re.search(r"import \*|^[!%]|(?<![\w.])/(home|root|work|tmp|Users)/", cell.source, re.M), cell.source
        for output in cell.get("outputs", []):
            assert not re.search(r"(?<![\w.])/(home|root|work|Users)/", str(output)), output


@each_chapter
def test_only_timings_are_exempt_from_comparison_and_a_compared_cell_follows(path):
    code = cells(path, "code")
    exempt = [i for i, cell in enumerate(code) if EXEMPT in tags(cell)]
    everything = nbformat.read(path, as_version=4).cells
    assert len(exempt) <= 0.15 * len(everything)
    for i in exempt:
        following = next(cell for cell in code[i + 1 :] if cell.outputs)
        assert EXEMPT not in tags(following), code[i].source
