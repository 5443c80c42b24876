"""What readers see comes from tables of words, as whole sentences with named places: the book will be translated."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from described import labs, module
from hypothesis import given, settings
from hypothesis import strategies as st
from test_any_setting import some

from d2lmini.labs import schedules, scratch
from d2lmini.labs.runs import BAND_SEEDS

PACKAGE = Path(__file__).parents[1] / "d2lmini"
TABLES = {"SENTENCES", "WORDS", "LABELS", "CHOICES"}
FILES = sorted(path for room in ("labs", "figures") for path in (PACKAGE / room).glob("*.py"))
FILES.append(PACKAGE / "animator.py")
SEEN = {
    "name",
    "text",
    "title_text",
    "hovertemplate",
    "description",
    "alt",
    "caption",
    "title",
}  # by readers, in a chart or a form
PROSE = re.compile(r"[^\W\d_]{2,} [^\W\d_]+")
MARKUP = re.compile(r"[<>=]|^M-?\d|^row wrap$")  # and a word of CSS


def literals(node: ast.AST) -> list[str]:
    """The texts that an expression holds."""
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def breaches(source: str) -> list[str]:
    """Texts for readers that stand outside of a table: prose, and anything that is handed over as a name, a title or a label."""
    tree = ast.parse(source)
    tables, found = [], []
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id in TABLES for target in targets) or isinstance(
            node, ast.Raise
        ):
            tables += ast.walk(node)
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            tables += ast.walk(body[0])  # a docstring
    for node in ast.walk(tree):
        if node in tables:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [node.value] if PROSE.search(node.value) and not MARKUP.search(node.value) else []
        pairs = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            pairs = [(key.value, value) for key, value in zip(node.keys, node.values) if isinstance(key, ast.Constant)]
        for key, value in pairs:
            if key in SEEN and isinstance(value, (ast.Constant, ast.JoinedStr, ast.BinOp)):
                found += [text for text in literals(value) if re.search(r"[^\W\d_]", text)]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_word_for_readers_stands_outside_a_table(path):
    assert breaches(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "go.Scatter(meta='run', name='run')",
        "layout = {'title_text': 'epochs'}",
        "go.Scatter(name=f'{low} to {high}')",
        "say = 'it ' + 'diverged at once'",
        "x = {'text': WORDS['a'] + ' and more'}",
    ],
)
def test_the_search_finds_what_it_is_for(source):
    assert breaches(source)


@pytest.mark.parametrize(
    "source", ["WORDS = {'a': 'one word'}", "raise ValueError('two words')", "'''A text.'''", "x = 'run'"]
)
def test_the_search_leaves_alone_what_no_reader_sees(source):
    assert breaches(source) == []


def test_the_label_of_the_band_says_how_many_seeds_it_is_of():
    for lab in (scratch, schedules):
        assert lab.LABELS["band"] == f"{BAND_SEEDS} seeds"


@pytest.mark.parametrize("name", labs())
def test_every_place_of_a_sentence_has_a_name(name):
    for text in labs()[name]["sentences"].values():
        assert all(place and place.isidentifier() for _, place, _, _ in Formatter().parse(text) if place is not None)


def translated(value):
    """Words as a translation would bring them, to be known again."""
    if isinstance(value, dict):
        return {key: translated(one) for key, one in value.items()}
    return [translated(one) for one in value] if isinstance(value, list) else f"«{value}»"


def with_words_translated(fixed: dict) -> dict:
    words = {key: translated(fixed[key]) for key in ("titles", "names") if key in fixed}
    if "places" in fixed:
        words["places"] = {
            key: place | {"titles": translated(place["titles"])} for key, place in fixed["places"].items()
        }
    return fixed | words


@pytest.mark.parametrize("name", labs())
@settings(max_examples=10)
@given(data=st.data())
def test_no_key_gets_into_a_sentence_or_a_title(name, data):
    """A text in a result is a word from a table, an amount with its unit, or a name that is the same in every language."""
    lab = labs()[name]
    machine = lab["fixed"].get("table", {}).get("machine", {})
    proper = {
        "NumPy",
        "PyTorch",
        *machine.values(),
        *(f"{a} {b}" for a in ("NumPy", "PyTorch") for b in machine.values()),
    }
    results = module(name).compute(**with_words_translated(lab["fixed"]), **data.draw(some(name)))
    for result in filter(None, results):
        texts = [value for _, values in result["say"] for value in values.values() if isinstance(value, str)]
        texts += [axis["title"]["text"] for axis in result["layout"].values() if "title" in axis]
        for text in texts:
            assert text.startswith("«") or text in proper or re.fullmatch(r"[\d.]+ (s|ms|µs|[GMk]?FLOP)", text), text
