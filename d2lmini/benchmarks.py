"""The last recorded result of ``make bench``: what this book costs, and what it would cost otherwise."""

import json
from functools import cache
from pathlib import Path

BENCHMARKS = Path(__file__).parent / "data" / "benchmarks.json"


@cache
def recorded() -> dict[str, dict]:
    """{part: its ratios, its machine with versions and date, its measurements}; the parts are those of bench/__main__.py.

    A timing is {"best", "median", "spread", "repeats"} in seconds; the spread is how far the middle half lies apart.
    """
    return json.loads(BENCHMARKS.read_text())
