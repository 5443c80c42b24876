"""Reading the numbers that an answer holds, or saying what to write instead."""

from decimal import Decimal
from itertools import islice
from math import isfinite
from numbers import Real
from typing import Any, TypeVar

import numpy as np
import torch

from . import written

Key = TypeVar("Key", int, str)
WORDS = {
    "missing": "No answer yet: put yours in place of None and run the cell again.",
    "quoted": "That is text. Write the number without quotes.",
    "truth": "That is True or False. A number is wanted.",
    "endless": "A finite number is wanted, not infinity and not nan.",
    "complex": "A real number is wanted, not a complex one.",
    "many": "One number is wanted, not several in a list or an array.",
}
# {name} is a key of the dict that is asked for, as a program writes it, and {names} are all of them.
SENTENCES = {
    "type": "A number is wanted, not an object of type {kind}.",
    "each": "Give one number for each of {names}: a list in this order, or a dict with these keys.",
    "one": "{name}: {said}",
    "between": ", ",
}


def number(answer: object, unit: str | None = None) -> float | str:
    """The number that an answer holds, or a sentence on what to write instead.

    int, float, fractions, decimals, NumPy scalars, and arrays and tensors of one element hold one; so does a text, for
    a question that has a unit, even an empty one.
    """
    try:
        return _number(answer, unit)
    except Exception:  # of the answer's own making: an object may do anything
        return SENTENCES["type"].format(kind=type(answer).__name__)


def _number(answer: object, unit: str | None) -> float | str:
    if isinstance(answer, (bool, np.bool_)):
        return WORDS["truth"]
    if isinstance(answer, str) and unit is not None:
        value = written.number(str(answer), unit)
        return value if isinstance(value, str) or isfinite(value) else WORDS["endless"]
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


def _float(answer: Real | Decimal) -> float:
    try:
        return float(answer)
    except OverflowError:  # a whole number that no float64 holds
        return float("inf")


def several(answer: Any, keys: tuple[Key, ...]) -> dict[Key, float] | str:  # Any: iter() takes it or raises
    """One number for each key, from a dict or from a list, tuple, array or tensor in the keys' order; or what is amiss."""
    if answer is None:
        return WORDS["missing"]
    try:
        if isinstance(answer, dict):
            given = [answer.get(key) for key in keys] if len(answer) == len(keys) else []
        else:
            unordered = isinstance(answer, (str, bytes, set, frozenset))
            given = [] if unordered else list(islice(iter(answer), len(keys) + 1))
    except Exception:  # of the answer's own making
        given = []
    if len(given) != len(keys) or any(value is None for value in given):
        names = SENTENCES["between"].join(map(str, keys))
        return SENTENCES["each"].format(names=names)
    numbers = {}
    for key, value in zip(keys, [number(part, unit="") for part in given]):
        if isinstance(value, str):
            return SENTENCES["one"].format(name=key, said=value)
        numbers[key] = value
    return numbers
