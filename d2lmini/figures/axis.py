"""An axis of a static picture: where values lie in pixels, and its ticks."""

from math import ceil, floor, log10

Values = list[float | None]  # None is a gap

NEAREST, FARTHEST = -2.0, 3.0  # in lengths of the axis: what lies farther off is drawn there, outside any picture
INTERVALS = 5  # between the ticks of a linear axis, at most
FEW_DECADES = 1.5  # up to so many a log axis has ticks between the powers of ten
SLACK = 0.1  # pixels that a tick may lie outside the axis
ROUNDING = 1e-9  # relative: how far a computed number may lie from the round one that is meant

# From which size on, divided by what, with which letter. From ten thousand on, thousands have a letter; 1,500 is 1500.
SIZES = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"), (1, 1, ""))
SMALL_SIZES = ((1e-3, 1e-3, "m"), (1e-6, 1e-6, "µ"))


class Axis:
    """One axis of a panel, from ``start`` to ``end`` in pixels, as the ``layout`` of a figure says and its ``values`` need."""

    def __init__(self, layout: dict, values: Values, start: float, end: float):
        self.log = layout.get("type") == "log"
        self.title = (layout.get("title") or {}).get("text") or ""
        self.prefix, self.suffix = layout.get("tickprefix") or "", layout.get("ticksuffix") or ""
        self.tickvals, self.ticktext = layout.get("tickvals"), layout.get("ticktext")
        self.low, self.high = self._ends(layout.get("range"), values)
        self.start, self.end = start, end

    def _ends(self, given: list[float] | None, values: Values) -> tuple[float, float]:
        """The lowest and the highest place, as logarithms on an axis of logarithms."""
        if given:
            low, high = given
        else:
            finite = [v for v in values if v is not None and (v > 0 or not self.log)] or [0.1 if self.log else 0, 1]
            low, high = (log10(v) if self.log else v for v in (min(finite), max(finite)))
        if high > low:
            return low, high
        around = max(0.5, abs(low) / 1000)  # of a single value
        return low - around, low + around

    def at(self, value: float | None) -> float | None:
        """Where a value lies, in pixels; None is nowhere, and so is 0 on a log axis."""
        if value is None or (self.log and value <= 0):
            return None
        return self.linear(log10(value) if self.log else value)

    def linear(self, place: float) -> float:
        """Where a place lies that is a logarithm already, if the axis is one of logarithms."""
        part = (place - self.low) / (self.high - self.low)
        return self.start + max(NEAREST, min(FARTHEST, part)) * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Places in pixels and labels."""
        values = self.tickvals or (self._powers() if self.log else self._steps())
        texts = (self.tickvals and self.ticktext) or [tick(v, bool(self.suffix)) for v in values]
        places = [(self.at(v), self.prefix + text + self.suffix) for v, text in zip(values, texts)]
        low, high = sorted((self.start, self.end))
        return [(at, text) for at, text in places if at is not None and low - SLACK <= at <= high + SLACK]

    def _powers(self) -> list[float]:
        decades = range(floor(self.low), ceil(self.high) + 1)
        between = (1, 2, 5) if self.high - self.low <= FEW_DECADES else (1,)
        values = [digit * 10.0**k for k in decades for digit in between]
        return [v for v in values if self.low - ROUNDING <= log10(v) <= self.high + ROUNDING]

    def _steps(self) -> list[float]:
        least = (self.high - self.low) / INTERVALS
        unit = 10 ** floor(log10(least))
        step = unit * next(digit for digit in (1, 2, 5, 10) if digit * unit >= least)
        return [k * step for k in range(ceil(self.low / step - ROUNDING), floor(self.high / step + ROUNDING) + 1)]


def tick(value: float, si: bool = False) -> str:
    """A tick's label: 0.25, 1500, 1.5M; with ``si`` also 20m and 50µ."""
    if value == 0:
        return "0"
    for least, divisor, letter in (*SIZES, *SMALL_SIZES) if si else SIZES:
        if abs(value) >= least * (1 - ROUNDING):
            return f"{value / divisor:.4g}{letter}"
    return f"{value:.4g}"
