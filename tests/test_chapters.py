"""The chapters as files: stored outputs, short cells, nothing of one machine or one session."""

import re
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl

import nbformat
import pytest
import yaml
from described import labs

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


# Links to labs

LINK = re.compile(r'<a\s+href="#(\w+)\?([^"]*)">(.*?)</a>|`[^`\s]*#(\w+)\?([^`]*)`', re.DOTALL)
LINKS = [
    pytest.param(lab or other, dict(parse_qsl(setting or another)), words, id=f"{path.stem}: {lab or other} {setting}")
    for path in CHAPTERS
    for cell in cells(path, "markdown")
    for lab, setting, words, other, another in LINK.findall(cell.source)
]


def means(text: str, label: str, value: object) -> bool:
    """Whether a text of an address is this option, to the last digit."""
    if isinstance(value, bool):
        return text == str(value).lower()
    return text in (label, str(value)) or (not isinstance(value, str) and text == f"{value:g}")


def chosen(lab: str, setting: dict[str, str]) -> dict[str, list]:
    """The options that a link chooses; nothing for what no option means exactly."""
    options = {control["key"]: control["options"] for control in labs()[lab]["controls"]}
    return {key: [one for one in options.get(key, []) if means(text, *one)] for key, text in setting.items()}


@pytest.mark.parametrize(("lab", "setting", "words"), LINKS)
def test_a_link_names_what_the_lab_has_and_its_words_the_same(lab, setting, words):
    setting = {key: text for key, text in setting.items() if key not in ("lock", "hide")}
    found = chosen(lab, setting)
    assert all(len(options) == 1 for options in found.values()), found
    starts = {control["key"]: control["options"][control["index"]] for control in labs()[lab]["controls"]}
    labels = {label for label, _ in [*(option for (option,) in found.values()), *starts.values()]}
    assert set(re.findall(r"\d+\.\d+", words)) <= labels


def test_a_value_between_two_steps_is_seen():
    assert len(LINKS) > 40
    assert chosen("schedules", {"lr": "1.2", "batch": "500", "speed": "9"}) == {
        "lr": [],
        "batch": [["500", 500]],
        "speed": [],
    }
