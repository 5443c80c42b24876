"""Judging an answer: right, or wrong in a way that has a name.

In Python here; in the page js/exercises/answers.js says the same.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from math import ceil, floor, log10

import torch

from ..figures.plain import json_script
from . import reading, written

SLIP = 0.005  # a number as near as this to a typical mistake is taken for it
# What a form says; the page takes these words.
WORDS = (
    reading.WORDS
    | written.WORDS
    | {
        "label": "Your answer",
        "check": "Check",
        "comma": "A comma before three digits separates thousands. Write a point before decimals.",
        "negative": "Not right: it cannot be below zero.",
        "power_large": "The digits are right, but it is a power of ten too large. Look at the units.",
        "power_small": "The digits are right, but it is a power of ten too small. Look at the units.",
        "large": "Not right: too large.",
        "small": "Not right: too small.",
    }
)
SENTENCES = {
    "whole": "a whole number",
    "two": "two digits",
    "three": "three digits",
    "missing": "No answer yet: put yours ({wanted}) in place of None and run the cell again.",
    "nearly": "Near, but not right to {wanted}. Round once, at the end.",
    "right": "Right. {why}",
    "unreadable": "This answer cannot be read. Give what the exercise asks for.",
    "form": "The page asks here for a number ({unit}, {wanted}).",
}
WANTED = {None: SENTENCES["whole"], 2: SENTENCES["two"], 3: SENTENCES["three"]}
MARKUP = (
    '<form class="check" data-check="{name}"><p>{missing}</p><script type="application/json">{question}</script></form>'
)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and a sentence about it; an answer not given yet brings the page's form with it."""

    right: bool
    message: str
    form: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.message

    __repr__ = __str__

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return {"text/plain": self.message} | ({"text/html": self.form} if self.form else {})


@dataclass(frozen=True)
class Question:
    """A question with one number for an answer.

    Args:
        name: unique in the book, for the page.
        right: the answer; why: said of it.
        wrong: typical mistakes, each the number it leads to and what to say of it.
        unit: what the number counts, for the label of the page's field.
        digits: as many significant ones are asked for, and what is right to them is right; None: a whole number is.
    """

    name: str
    right: float
    why: str
    wrong: list[tuple[float, str]]
    unit: str = ""
    digits: int | None = None

    @property
    def wanted(self) -> str:
        """What is asked for, in words."""
        return WANTED[self.digits]

    @property
    def missing(self) -> str:
        """What is said until there is an answer."""
        return SENTENCES["missing"].format(wanted=self.wanted)

    def check(self, answer: object = None) -> Verdict:
        """The verdict on anything at all."""
        if answer is None:
            return Verdict(False, self.missing, self.form())
        value = reading.number(answer, self.unit)
        if isinstance(value, str):
            return Verdict(False, value)
        verdict = self.judge(value)
        if not verdict and isinstance(answer, str) and "," in answer:
            other = reading.number(answer.replace(",", "."), self.unit)
            if isinstance(other, float) and self.judge(other):
                return Verdict(False, WORDS["comma"])
        return verdict

    def judge(self, value: float) -> Verdict:
        """The verdict on a number."""
        right = _short(self.right)
        off = abs(value - right)
        if off <= self._within:
            return Verdict(True, self._praise())
        slips = [slip for slip in self._slips if near(value, slip[0], SLIP) and abs(value - slip[0]) < off]
        if slips:
            return Verdict(False, min(slips, key=lambda slip: abs(value - slip[0]))[1])
        if value < 0:
            return Verdict(False, WORDS["negative"])
        is_large = value > right
        powers = log10(value) - log10(right) if value else 0.5
        if abs(powers) > 0.5 and abs(powers - round(powers)) < SLIP:
            return Verdict(False, WORDS["power_large" if is_large else "power_small"])
        return Verdict(False, WORDS["large" if is_large else "small"])

    @property
    def _place(self) -> int:
        """The power of ten of the last digit that is asked for."""
        return floor(log10(self.right)) + 1 - (self.digits or 9)

    @cached_property
    def _within(self) -> float:
        """Half of the last digit, and what a computer needs to say that 3.12 is as near as that to 3.125."""
        return _short(10.0**self._place / 2 * (1 + 1e-8))

    @cached_property
    def _slips(self) -> list[tuple[float, str]]:
        """The typical mistakes, and those of rounding: to fewer digits, or the wrong way."""
        wrong = [(_short(value), message) for value, message in self.wrong]
        if self.digits is None:
            return wrong
        unit = 10.0**self._place
        rounded = [floor(self.right / unit) * unit, ceil(self.right / unit) * unit]
        rounded += [round(self.right, -place) for place in range(self._place + 1, self._place + self.digits)]
        nearly = SENTENCES["nearly"].format(wanted=self.wanted)
        return wrong + [(_short(value), nearly) for value in rounded if abs(value - self.right) > self._within]

    def _praise(self) -> str:
        return SENTENCES["right"].format(why=self.why)

    def form(self) -> str:
        """A field and a button for the page, which js/page/forms.js makes: elsewhere there is only the message."""
        given = {
            "right": _short(self.right),
            "within": self._within,
            "slip": SLIP,
            "why": self._praise(),
            "wrong": self._slips,
            "unit": self.unit,
            "wanted": self.wanted,
            "words": WORDS,
        }
        name, missing = html.escape(self.name), html.escape(self.missing)
        return MARKUP.format(name=name, missing=missing, question=json_script(given))


class Form:
    """A question's form, for the page."""

    def __init__(self, question: Question):
        self._question = question

    def __repr__(self) -> str:
        return SENTENCES["form"].format(unit=self._question.unit, wanted=self._question.wanted)

    def _repr_html_(self) -> str:
        return self._question.form()


QUESTIONS: dict[str, Callable[[], Question]] = {}


def never_raises(check: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """The check, with a verdict even on an object that raises when it is looked at.

    Gradients that a student's code switches off in torch are switched on again.
    """

    @wraps(check)
    def guarded(*args: object, **kwargs: object) -> Verdict:
        try:
            with torch.enable_grad():
                return check(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException:  # of the answer's own making: an object may do anything
            return Verdict(False, SENTENCES["unreadable"])

    return guarded


def asks(question: Callable[[], Question]) -> Callable[..., Verdict]:
    """The function ``check_<name>`` that judges answers to what ``<name>_question`` makes, on first use.

    Its docstring is that of ``<name>_question``.
    """
    made = cache(question)
    name = question.__name__.removesuffix("_question")

    def check(answer: object = None) -> Verdict:
        return made().check(answer)

    check.__name__ = check.__qualname__ = f"check_{name}"
    check.__doc__, check.__module__ = question.__doc__, question.__module__
    QUESTIONS[name] = made
    return never_raises(check)


def near(value: float, wanted: float, tolerance: float) -> bool:
    """Whether a value differs from the wanted one by at most this part of it."""
    return abs(value - wanted) <= tolerance * abs(wanted)


def _short(value: float) -> float:
    """What is stored in a page is the same on every machine."""
    return float(format(value, ".10g"))
