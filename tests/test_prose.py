"""Numbers with a unit of time, speed, size or loss in the chapters' text: each is printed by a cell, cited, or allowed here."""

import re

import pytest
from book import CHAPTERS, notebook, printed

UNIT = (
    r"(?:µs|us|ms|ns|seconds?|minutes?|hours?|milliseconds?|microseconds?|G?FLOPS?(?:/s)?|GFLOP/s|[KMG]i?B(?:/s)?|bytes?(?:/s)?"
    r"|GHz|MHz|per cent|%|times (?:faster|slower|more|less|cheaper))"
)
NUMBER = r"\d[\d,.]*\d|\d"
MEASURED = re.compile(rf"({NUMBER})[ \u00a0]?{UNIT}(?![\w-])|loss (?:of|is|below|near|to) ({NUMBER})")

# (chapter, number): why it needs neither a cell nor a source.
ALLOWED = {
    ("exercises", "0.25"): "the target that methods race to, a choice",
    ("minibatch-statistics", "0.25"): "the target that updates are counted to, a choice",
    ("scratch", "0.25"): "the target that the race is run to, a choice",
}


def statements(text: str) -> list[tuple[str, str]]:
    """(number, sentence) of each number with a unit; code, formulas and addresses are not prose."""
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|href=\"[^\"]*\"", " ", text, flags=re.S)
    found = []
    for sentence in re.split(r"(?<=[.?!:])\s+(?=[A-Z*<])", text):
        found += [(match.group(1) or match.group(2), sentence) for match in MEASURED.finditer(sentence)]
    return found


@pytest.mark.proves(
    "Every time, speed, size, share and loss in the text, puzzles aside, is printed by a cell that you can run, or cited"
)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_measured_number_in_the_text_is_computed_or_cited(path):
    numbers = set(re.findall(NUMBER, printed(path.stem)))
    loose = []
    for cell in notebook(path.stem).cells:
        # "Check yourself" holds small puzzles: what they give is made up, what they ask follows from it.
        if cell.cell_type == "markdown" and not cell.source.startswith("## Check yourself"):
            for number, sentence in statements(cell.source):
                known = number in numbers or "{cite" in sentence or (path.stem, number) in ALLOWED
                if not known:
                    loose.append((number, " ".join(sentence.split())))
    assert not loose, loose


def test_the_search_finds_what_it_is_for():
    text = "It took 3.5 ms. The loss of 0.31 was low, at 40 GB/s. A batch of 64 examples in `7 ms` and $5$ seconds."
    assert [number for number, _ in statements(text)] == ["3.5", "0.31", "40"]


def test_what_is_allowed_is_still_in_the_book():
    written = {
        (path.stem, n)
        for path in CHAPTERS
        for c in notebook(path.stem).cells
        if c.cell_type == "markdown"
        for n, _ in statements(c.source)
    }
    assert set(ALLOWED) <= written
