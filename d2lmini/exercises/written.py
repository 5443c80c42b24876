"""The number that a text says, as people write it.

Digits with a point or a comma before decimals (0.126, 0,126), an exponent (1e-3), and what + - * / and powers (2**8 or
2^8) make of such numbers, with parentheses and with the signs that books print: − × · ÷. A comma before three digits
groups thousands (1,500 is fifteen hundred), unless what stands before it is zero, starts with one or has more than three
digits (0,126 and 1500,250 are decimals). A % at the end divides by 100. The question's unit at the end says nothing.

In Python here; in the page js/exercises/written.js reads the same, to the last bit, so nothing in it is left to a
library that rounds as it likes: powers are products, and exponents whole numbers or halves.
"""

import re
from math import nan, sqrt

LONGEST = 100  # characters; nor can parentheses lie deeper
WORDS = {
    "empty": "Type a number first.",
    "long": "That is too long. A number is wanted, or a short calculation such as 7/3.",
    "unread": "“{part}” cannot be read here. Write a number, such as 0.25, 1e-3 or 62.5 %, or a calculation, such as 7/3 or "
    "2**8.",
    "end": "Something is missing at the end: a number, or a closing parenthesis.",
    "zero": "That divides by zero.",
    "exponent": "The exponent of a power has to be a whole number here, or half of one.",
}
SPACES = " \t\n\r\u00a0\u2009\u202f"
THOUSANDS = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9,])"
PLAIN = rf"(?:{THOUSANDS}(?:\.[0-9]*)?|[0-9]+[.,][0-9]+|[0-9]+\.?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
TOKEN = re.compile(rf"{PLAIN}|[-+*/^()]|[^{SPACES}0-9+*/^()-]{{1,20}}")
LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}  # what binds more strongly is higher


class _Refused(Exception):
    """Its text is what the reader is told."""


def number(text: str, unit: str = "") -> float | str:
    """The number that a text says, infinity and nan if it is too large, or a sentence on why it says none."""
    if len(text) > LONGEST:
        return WORDS["long"]
    rest = text.strip(SPACES)
    if rest[-len(unit) :].lower() == unit.lower():
        rest = rest[: -len(unit)].rstrip(SPACES)
    whole = 1
    if rest.endswith("%"):
        rest, whole = rest[:-1].rstrip(SPACES), 100
    if not rest:
        return WORDS["empty"]
    for shape, sign in {"[−–]": "-", "[×·⋅]": "*", "÷": "/", r"\*\*": "^"}.items():
        rest = re.sub(shape, sign, rest)
    try:
        return _Reader(TOKEN.findall(rest)).whole() / whole
    except _Refused as refused:
        return str(refused)


class _Reader:
    """Goes through the parts of a text once, from left to right."""

    def __init__(self, tokens: list[str]):
        self.tokens = tokens[::-1]

    def whole(self) -> float:
        """What all of it says."""
        value = self._value(1)
        if self.tokens:
            raise self._unread(self.tokens[-1])
        return value

    def _value(self, level: int) -> float:
        """What the next parts say, up to a sign that binds less strongly than this."""
        token = self._next()
        if token in ("+", "-"):
            value = self._value(LEVEL["^"])
            value = -value if token == "-" else value
        elif token == "(":
            value = self._value(1)
            token = self._next()
            if token != ")":
                raise self._unread(token)
        elif re.match("[.,]?[0-9]", token):
            value = float(token.replace(",", "" if re.match(THOUSANDS, token) else "."))
        else:
            raise self._unread(token)
        while self.tokens and LEVEL.get(self.tokens[-1], 0) >= level:
            sign = self.tokens.pop()
            value = _joined(value, sign, self._value(min(LEVEL[sign] + 1, LEVEL["^"])))
        return value

    def _next(self) -> str:
        if not self.tokens:
            raise _Refused(WORDS["end"])
        return self.tokens.pop()

    @staticmethod
    def _unread(part: str) -> _Refused:
        return _Refused(WORDS["unread"].format(part=part))


def _joined(a: float, sign: str, b: float) -> float:
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return _ratio(a, b)
    return _power(a, b)


def _ratio(a: float, b: float) -> float:
    if b == 0:
        raise _Refused(WORDS["zero"])
    return a / b


def _power(base: float, exponent: float) -> float:
    left, value = abs(exponent), 1.0
    if left % 1 == 0.5:
        base, left = sqrt(base) if base >= 0 else nan, left * 2
    if left % 1 != 0:  # nan too, of an infinite one
        raise _Refused(WORDS["exponent"])
    while left:
        if left % 2:
            value *= base
        base *= base
        left = (left - left % 2) / 2
    return _ratio(1, value) if exponent < 0 else value
