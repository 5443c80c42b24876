"""nbval on any processor: what a chapter shows may differ from what is stored in the last digits of its numbers.

Every processor adds in an order of its own, and training hands the difference on.
"""

import re
from functools import partial

from nbval.plugin import IPyNbCell

NUMBER = re.compile(r"(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)")
RELATIVE, ABSOLUTE = 1e-4, 1e-7  # float32 knows seven digits, and a run that diverges multiplies what it rounds
NEIGHBOURS = 0.01  # relative: two neighbours of the digits shown are further apart only where few are shown
PIXEL = 0.5  # of a picture, whose coordinates have one decimal


def settled(new, stored):
    """What a cell shows, with the stored numbers in place of those that are close to them."""
    match new, stored:
        case dict(), dict():
            return {key: settled(part, stored.get(key)) for key, part in new.items()}
        case list(), list() if len(new) == len(stored):
            return [settled(*parts) for parts in zip(new, stored)]
        case float(), float() if _close(new, stored, 0):
            return stored
        case str(), str():
            words, others = NUMBER.split(new), NUMBER.split(stored)  # words and numbers in turn
            written = partial(_written_close, in_picture="<svg" in stored)
            if words[::2] == others[::2] and all(map(written, words[1::2], others[1::2])):
                return stored
    return new


def _written_close(new: str, stored: str, in_picture: bool) -> bool:
    decimals = max(len(text.partition(".")[2]) for text in (new, stored))
    step = 1.01 * 10**-decimals if decimals and "e" not in new + stored else 0
    if in_picture and decimals == 1:
        step = PIXEL
    return new == stored or _close(float(new), float(stored), step)


def _close(new: float, stored: float, step: float) -> bool:
    size = max(abs(new), abs(stored))
    return abs(new - stored) <= max(ABSOLUTE, RELATIVE * size, min(step, NEIGHBOURS * size))


exactly = IPyNbCell.compare_outputs


def compare_outputs(cell, new, stored, skip_compare=None) -> bool:
    """In place of nbval's own, which compares strings of characters."""
    if len(new) == len(stored):
        new = [type(output)(settled(output, other)) for output, other in zip(new, stored)]
    return exactly(cell, new, stored, skip_compare)


IPyNbCell.compare_outputs = compare_outputs
