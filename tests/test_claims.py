"""What the book claims is so. The claims lie in tests/claims, those of a chapter in the file that bears its name.

A claim is a piece of the text as it stands in its chapter: if the text loses it a test fails, so that text and check move
together. For the kinds of checks see claims/checks.py. A claim about speed is a ratio, recorded or timed anew, with bounds
that a noisy machine keeps and a wrong sentence does not.
"""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import CodeType

import claims as folder
import numpy as np
import pytest
from book import CHAPTERS, text
from claims.checks import Between, Holds, Proved, Timed
from claims.proofs import Proof, proofs, proofs_in

MODULES = {name: import_module(f"claims.{name}") for _, name, _ in pkgutil.iter_modules(folder.__path__)}
CLAIMS = {name.replace("_", "-"): module.CLAIMS for name, module in MODULES.items() if hasattr(module, "CLAIMS")}
CHECKS = [
    (chapter, claim, check)
    for chapter, claims in CLAIMS.items()
    for claim, checks in claims.items()
    for check in (checks if isinstance(checks, list) else [checks])
]


def test_every_chapter_has_a_file_of_claims_and_every_file_a_chapter():
    assert set(CLAIMS) == {path.stem for path in CHAPTERS}
    assert all(CLAIMS.values())


@pytest.mark.parametrize("chapter", CLAIMS)
def test_what_is_claimed_stands_in_the_chapter(chapter):
    lost = [claim for claim in CLAIMS[chapter] if claim not in text(chapter)]
    assert not lost, "the text has changed: change the claim, and look whether its check still fits"


@pytest.mark.parametrize(
    ("chapter", "claim", "check"),
    [
        pytest.param(*row, marks=pytest.mark.timed if isinstance(row[2], Timed) else (), id=f"{row[0]}: {row[1][:60]}")
        for row in CHECKS
    ],
)
def test_a_claim_holds(chapter, claim, check):
    check.check(chapter, claim)


def test_what_a_test_says_it_proves_is_a_claim_that_leans_on_it():
    left_over = set(proofs()) - {claim for _, claim, check in CHECKS if isinstance(check, Proved)}
    assert not left_over


# A check that can fail


ARITHMETIC = {"np", "math", "torch"}


def leans_on(code: CodeType, known: dict) -> Iterator[str]:
    """The names that a function takes from outside, libraries of arithmetic left out."""
    yield from set(code.co_names) & set(known) - ARITHMETIC
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from leans_on(inner, known)


def compares_something(compute: Callable) -> bool:
    return any(leans_on(compute.__code__, compute.__globals__))


def test_no_claim_is_checked_by_arithmetic_alone():
    computed = [(claim, check.compute) for _, claim, check in CHECKS if isinstance(check, Between | Holds)]
    assert [claim for claim, compute in computed if not compares_something(compute)] == []


def test_arithmetic_alone_is_seen():
    assert not compares_something(lambda: sum(0.1**k for k in range(99)) + np.sqrt(2))
    assert compares_something(lambda: [len(text(chapter)) for chapter in "ab"])


# Whose test runs each time

FILE = """
import numpy as np
import pytest
{module}

@pytest.mark.proves("one")
{decorator}
@pytest.mark.proves("another")
def test_it(size):
    pass
"""
CASES = "@pytest.mark.parametrize('size', [pytest.param(1, marks=pytest.mark.long), {other}])"


@pytest.mark.parametrize(
    ("module", "decorator", "runs"),
    [
        ("", "", True),
        ("pytestmark = pytest.mark.timeout(9)", "@given(st.integers())", True),
        ("", CASES.format(other="2"), True),
        ("", CASES.format(other="pytest.param(2, marks=[pytest.mark.timed])"), False),
        ("", "@pytest.mark.long", False),
        ("", "@pytest.mark.timed", False),
        ("", "@pytest.mark.skipif(True, reason='…')", False),
        ("slow = pytest.mark.long", "@slow", False),
        ("pytestmark = pytest.mark.timed", "", False),
        ("pytestmark = [pytest.mark.timeout(9), pytest.mark.xfail]", "", False),
    ],
)
def test_a_proof_is_a_test_that_runs_each_time(module, decorator, runs):
    found = list(proofs_in(FILE.format(module=module, decorator=decorator), "test_a.py"))
    assert found == [(claim, Proof("test_a.py::test_it", runs)) for claim in ("one", "another")]
