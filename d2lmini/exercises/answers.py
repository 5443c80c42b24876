"""Judging an answer: right, or wrong in a way that has a name. Here in Python, and the same in the page by js/check.js."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, wraps
from itertools import islice
from math import isfinite, log10
from numbers import Real

import numpy as np
import torch

UNREADABLE = "This answer cannot be read. Give what the exercise asks for."
SLIP = 0.005  # a number as near as this to a typical mistake is taken for it
# What is said of any number or of none; js/check.js takes the same words.
WORDS = {
    "missing": "No answer yet: put yours in place of None and run the cell again.",
    "label": "Your answer",
    "check": "Check",
    "empty": "Type a number first.",
    "text": "That is not a number. Write it in digits, with a point before decimals.",
    "negative": "Not right: it cannot be below zero.",
    "power_large": "The digits are right, but it is a power of ten too large. Look at the units.",
    "power_small": "The digits are right, but it is a power of ten too small. Look at the units.",
    "large": "Not right: too large.",
    "small": "Not right: too small.",
    "quoted": "That is text. Write the number without quotes.",
    "truth": "That is True or False. A number is wanted.",
    "endless": "A finite number is wanted, not infinity and not nan.",
    "complex": "A real number is wanted, not a complex one.",
    "many": "One number is wanted, not several in a list or an array.",
}


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

    def _repr_mimebundle_(self, **kwargs) -> dict[str, str]:
        return {"text/plain": self.message} | ({"text/html": self.form} if self.form else {})


@dataclass(frozen=True)
class Question:
    """A question with one number for an answer.

    Args:
        name: unique in the book, for the page.
        right: the answer; why: said of it.
        wrong: typical mistakes, each the number it leads to and what to say of it.
        unit: what the number counts, for the label of the page's field.
        tolerance: relative; what is as near as this to ``right`` is right.
    """

    name: str
    right: float
    why: str
    wrong: list[tuple[float, str]]
    unit: str = ""
    tolerance: float = 1e-9

    def check(self, answer=None) -> Verdict:
        """The verdict on anything at all."""
        if answer is None:
            return Verdict(False, WORDS["missing"], self.form())
        value = number(answer)
        return Verdict(False, value) if isinstance(value, str) else self.judge(value)

    def judge(self, value: float) -> Verdict:
        """The verdict on a number."""
        if near(value, self.right, self.tolerance):
            return Verdict(True, f"Right. {self.why}")
        slips = [slip for slip in self.wrong if near(value, slip[0], SLIP)]
        if slips:
            return Verdict(False, min(slips, key=lambda slip: abs(value - slip[0]))[1])
        if value < 0:
            return Verdict(False, WORDS["negative"])
        size = "large" if value > self.right else "small"
        powers = log10(value / self.right) if value else 0.5
        is_power = abs(powers) > 0.5 and abs(powers - round(powers)) < SLIP
        return Verdict(False, WORDS[f"power_{size}" if is_power else size])

    def form(self) -> str:
        """A field and a button for the page, which js/check.js makes: elsewhere there is only the message."""
        given = {
            "right": _short(self.right),
            "tolerance": self.tolerance,
            "slip": SLIP,
            "why": f"Right. {self.why}",
            "wrong": [[_short(value), message] for value, message in self.wrong],
            "unit": self.unit,
            "words": WORDS,
        }
        payload = json.dumps(given, separators=(",", ":"), sort_keys=True).replace("</", "<\\/")
        return (
            f'<form class="check" data-check="{html.escape(self.name)}"><p>{html.escape(WORDS["missing"])}</p>'
            f'<script type="application/json">{payload}</script></form>'
        )


class Form:
    """A question's form, for the page."""

    def __init__(self, question: Question):
        self._question = question

    def __repr__(self) -> str:
        return f"The page asks here for {self._question.name}."

    def _repr_html_(self) -> str:
        return self._question.form()


QUESTIONS: dict[str, Callable[[], Question]] = {}


def never_raises(check: Callable[..., Verdict]) -> Callable[..., Verdict]:
    """The check, with a verdict even on an object that raises when it is looked at.

    Gradients that a student's code switches off in torch are switched on again.
    """

    @wraps(check)
    def guarded(*args, **kwargs) -> Verdict:
        try:
            with torch.enable_grad():
                return check(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException:  # of the answer's own making: an object may do anything
            return Verdict(False, UNREADABLE)

    return guarded


def asks(question: Callable[[], Question]) -> Callable[..., Verdict]:
    """Make the function that checks answers out of the one that makes the question, on first use."""
    made = cache(question)

    @never_raises
    def check(answer=None) -> Verdict:
        return made().check(answer)

    check.__name__, check.__doc__, check.__module__ = question.__name__, question.__doc__, question.__module__
    QUESTIONS[question.__name__.removeprefix("check_")] = made
    return check


def number(answer) -> float | str:
    """The number that an answer holds, or a sentence on what to write instead.

    int, float, fractions, decimals, NumPy scalars, and arrays and tensors of one element hold one.
    """
    try:
        return _number(answer)
    except Exception:  # of the answer's own making: an object may do anything
        return f"A number is wanted, not an object of type {type(answer).__name__}."


def _number(answer) -> float | str:
    if isinstance(answer, (bool, np.bool_)):
        return WORDS["truth"]
    if isinstance(answer, (str, bytes)):
        return WORDS["quoted"]
    if isinstance(answer, (list, tuple, set, dict)):
        return WORDS["many"]
    if isinstance(answer, torch.Tensor):
        answer = answer.detach().cpu()
        answer = answer.numpy() if answer.dtype != torch.bfloat16 else answer.float().numpy()
    if isinstance(answer, (Real, Decimal)) and not isinstance(answer, np.generic):
        value = _float(answer)
    else:
        array = np.asarray(answer)
        refused = {"b": "truth", "c": "complex", "S": "quoted", "U": "quoted"}.get(array.dtype.kind)
        if refused is None and array.dtype.kind not in "iuf":
            raise TypeError(array.dtype)
        if refused or array.size != 1:
            return WORDS[refused or "many"]
        value = float(array.item())
    return value if isfinite(value) else WORDS["endless"]


def _float(answer) -> float:
    try:
        return float(answer)
    except OverflowError:  # a whole number that no float64 holds
        return float("inf")


def near(value: float, wanted: float, tolerance: float) -> bool:
    """Whether a value differs from the wanted one by at most this part of it."""
    return abs(value - wanted) <= tolerance * abs(wanted)


def _short(value: float) -> float:
    """What is stored in a page is the same on every machine."""
    return float(f"{value:.10g}")


def several(answer, keys: tuple) -> dict | Verdict:
    """One number for each key, from a dict or from a list, tuple, array or tensor in the keys' order; or what is amiss."""
    if answer is None:
        return Verdict(False, WORDS["missing"])
    try:
        if isinstance(answer, dict):
            given = [answer.get(key) for key in keys] if len(answer) == len(keys) else []
        else:
            unordered = isinstance(answer, (str, bytes, set, frozenset))
            given = [] if unordered else list(islice(iter(answer), len(keys) + 1))
    except Exception:  # of the answer's own making
        given = []
    if len(given) != len(keys) or any(value is None for value in given):
        names = ", ".join(map(str, keys))
        return Verdict(False, f"Give one number for each of {names}: a list in this order, or a dict with these keys.")
    numbers = [number(value) for value in given]
    for key, value in zip(keys, numbers):
        if isinstance(value, str):
            return Verdict(False, f"{key}: {value}")
    return dict(zip(keys, numbers))
