"""Numbers as people write them: what a text says, the same in Python and in the page, and what is refused in a sentence."""

import json
import re
from math import isfinite, isnan
from time import perf_counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from d2lmini import exercises
from d2lmini.exercises.answers import QUESTIONS, WORDS, Question
from d2lmini.exercises.written import LONGEST, number

GOOD = {
    "72": 72, " 72 ": 72, "+72": 72, "72.": 72, "72.0": 72, "7.2e1": 72, "7,2E+1": 72, "5.e3": 5000, ".5": 0.5, ",5": 0.5,
    "-3": -3, "−3": -3, "–3": -3, "\u00a072\u202f": 72,
    "1,500": 1500, "12,000/31": 12000 / 31, "1,234,567.5": 1234567.5, "1,500e3": 1.5e6, "1,500.": 1500,
    "0,126": 0.126, "1,5": 1.5, "15,00": 15, "1500,250": 1500.25, "01,500": 1.5, "1,5000": 1.5, "0,268e-1": 0.0268,
    "1e-3": 1e-3, "2**8": 256, "2^8": 256, "2 ** 8": 256, "2**-1": 0.5, "2^3^2": 512, "-2**2": -4, "(-2)**2": 4, "2*3^2": 18,
    "4**0.5": 2, "4**-0.5": 0.5, "4**1,5": 8, "0**0": 1, "8×9": 72, "8·9": 72, "8⋅9": 72, "7÷2": 3.5,
    "7/2/2": 1.75, "7-2-1": 4, "7-(2-1)": 6, "2+3*4": 14, "(2+3)*4": 20, "2*-3": -6, "3--1": 4, "((((72))))": 72,
    "63.2 %": 0.632, "63.2%": 0.632, "63,2\u202f%": 0.632, "100 - 36.8 %": 0.632, "200 / 2 %": 1,
    "1" * LONGEST: float("1" * LONGEST), "(" * 49 + "72" + ")" * 49: 72,
}  # fmt: skip
BAD = {
    "": "empty", "  ": "empty", "\t": "empty", "%": "empty",
    "abc": "abc", "7 2": "2", "1,2,3": ",3", "1.500,25": ",25", "1,23,456": ",456", "1,500,": ",", "1.2.3": ".3", "5,": ",",
    "0x10": "x", "NaN": "NaN", "Infinity": "Infinity", "1_000": "_", "<b>72</b>": "<b>", "٧٢": "٧٢", "７": "７", "½": "½",
    "72 apples": "apples", "{0}": "{", "3*/2": "/", "2***3": "*", ")": ")", "(1)2": "2", "72)": ")", "1e": "e", "$72": "$",
    "5 % 3": "%", "5 %%": "%", "😀": "😀", "😀" * 60: "😀" * 20, "$&": "$&", "sqrt(2)": "sqrt", "72\u2003": "\u2003", "x" * 50: "x" * 20,
    "-": "end", "3/": "end", "2**": "end", "(1": "end", "((1)": "end", "(": "end", "(" * LONGEST: "end", "-" * LONGEST: "end",
    "1/0": "zero", "1/(2-2)": "zero", "0**-1": "zero", "1/-0": "zero",
    "2**0.3": "exponent", "2**(1/3)": "exponent", "2**1e999": "exponent",
    "9**9**9": "endless", "1e999": "endless", "-1e999": "endless", "1e999-1e999": "endless", "(-1)**0.5": "endless",
    "1" * (LONGEST + 1): "long", "(" * 10_000 + "1" + ")" * 10_000: "long", " " * 1_000_000: "long", "9**" * 1000: "long",
    "😀" * (LONGEST + 1): "long",
}  # fmt: skip


def sentence(key: str) -> str:
    return WORDS[key] if key in WORDS else WORDS["unread"].format(part=key)


def given_to_the_page(question: Question) -> dict:
    return json.loads(re.search(r"<script[^>]*>(.*)</script>", question.form()).group(1))


PLAIN = Question("plain", 72, "So it is.", [(71, "That is one less."), (0.632, "That is a share.")], "dogs")
SHARE = Question("share", 62.5, "So it is.", [(0.625, "That is a share.")], "%", 3)
EXACT = Question("exact", 3.125, "So it is.", [(3, "Near.")], "", 3)


def both(javascript, question: Question, texts: list[str]) -> list[str]:
    """The verdicts' sentences on texts, alike in Python and the page."""
    (page,) = javascript("check.mjs", [{"question": given_to_the_page(question), "texts": texts}])
    for text, there in zip(texts, page["texts"], strict=True):
        here, verdict = number(text, question.unit), question.check(text)
        if isinstance(here, str):
            assert there["read"] == {"said": here}, text
        else:
            read = float(there["read"]["number"])
            assert read == here or (isnan(read) and isnan(here)), text
        assert (there["right"], there["message"]) == (verdict.right, verdict.message), text
    return [there["message"] for there in page["texts"]]


@pytest.mark.parametrize("text", GOOD)
def test_a_text_says_the_number_that_people_mean(text):
    assert number(text) == GOOD[text]


def test_the_page_reads_what_python_reads(javascript):
    both(javascript, PLAIN, [*GOOD])


def test_what_is_no_number_is_refused_in_a_sentence_that_says_why_and_quickly(javascript):
    start = perf_counter()
    told = both(javascript, PLAIN, [*BAD])
    assert dict(zip(BAD, told)) == {text: sentence(key) for text, key in BAD.items()}
    assert perf_counter() - start < 5


@pytest.mark.parametrize(
    ("text", "value"), [("72 dogs", 72), ("72dogs", 72), ("72 DOGS ", 72), ("dogs", "empty"), ("72 cats", "cats")]
)
def test_the_unit_of_the_question_may_stand_behind_the_number(text, value):
    assert number(text, "dogs") == (value if isinstance(value, int) else sentence(value))


def test_a_per_cent_sign_divides_by_100_unless_per_cents_are_asked_for(javascript):
    assert both(javascript, PLAIN, ["63.2 %", "7200%"]) == ["That is a share.", "Right. So it is."]
    assert all(both(javascript, PLAIN, [f"{value} %" for value in range(100)]))
    assert both(javascript, SHARE, ["62.5 %", "62,5", "0.625"]) == ["Right. So it is."] * 2 + ["That is a share."]


def test_a_comma_that_was_meant_as_a_point_and_read_otherwise_is_explained(javascript):
    assert both(javascript, EXACT, ["3,125", "3,12", "3,126", "3,225"]) == [
        WORDS["comma"], "Right. So it is.", WORDS["comma"], WORDS["large"]
    ]  # fmt: skip


def test_in_python_a_check_takes_what_the_page_takes():
    for name, text in [("half_noise_finite", "12000/31"), ("reach", "10/3"), ("floor", "1/140"), ("gflop", "0,126")]:
        assert getattr(exercises, f"check_{name}")(text)
    assert "the share" in exercises.check_distinct("63.2 %").message
    assert exercises.check_genie(["100", "2/2", "1"])


# ---- Any text ----

SIGNS = [
    *"0123456789.,()+-*/^%eE −–×·÷⋅",
    "**",
    "\u00a0",
    "\u2009",
    "dogs",
    "1,500",
    "0,5",
    "1e-3",
    "1/0",
    "72",
    "😀",
    "\x1c",
    "\ufeff",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(SIGNS), max_size=30).map("".join))
CALCULATIONS = st.recursive(
    st.one_of(
        st.integers(0, 2000).map(str), st.floats(0, 1e6).map(repr), st.sampled_from(["0,5", "1,500", "12", "3", "2"])
    ),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from([*"+-*/", "**", "^", " × ", "−"]), part).map("".join),
        part.map("({})".format),
        part.map("-{}".format),
    ),
    max_leaves=8,
)


@given(st.lists(st.one_of(TEXTS, CALCULATIONS), min_size=40, max_size=80), st.sampled_from([PLAIN, SHARE, EXACT]))
def test_python_and_the_page_say_the_same_to_any_text(javascript, texts, question):
    assert all(both(javascript, question, texts))


@given(CALCULATIONS)
@example("2**3**2")
@example("-2**2")
@example("2**-1*3")
def test_a_calculation_gives_what_python_gives(text):
    text = re.sub(r"\d+,\d+", "3", text)
    said = number(text)
    assume(len(text) <= LONGEST and isinstance(said, float) and isfinite(said))
    python = text.replace("^", "**").replace("×", "*").replace("−", "-")
    try:
        wanted = eval(re.sub(r"[\d.]+(e[+-]?\d+)?", lambda found: repr(float(found[0])), python), {"__builtins__": {}})
    except (ZeroDivisionError, OverflowError):
        assume(False)
    assume(isinstance(wanted, float) and isfinite(wanted))
    assert said == pytest.approx(wanted, rel=1e-9, abs=1e-300)


def test_every_question_takes_its_own_unit(javascript):
    for make in QUESTIONS.values():
        question = make()
        assert both(javascript, question, [f"{question.right:.9g} {question.unit}"])[0].startswith("Right. ")
