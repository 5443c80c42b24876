"""The records of what was measured: a file of JSON each in the package's data folder, with the machine it was measured on.

"costs" (``make notebooks``): {"machine", "programs": {name: {rows: {"epoch", "batch", "update"}}}}, in seconds; see costs.
"vectorization" (``make notebooks``): "machine", "repeats" (at least), "caches" (bytes, as the system tells them), "bandwidth"
("bytes", "copy" and "dot" in GB/s), "levels" ("upto" bytes or None, "rate" in GB/s), "sums" ("side", "rows" and "columns" in ns
per number), "call" (by library), "peak" (GFLOP/s, the largest rate seen) and "products" {library: {n: ways}} in seconds of the
whole (n × n)(n × n) product; see roofline.
"benchmarks" (``make bench``): {part: its ratios, its machine with versions and date, its measurements}; the parts are those of
bench/__main__.py. A timing is {"best", "median", "spread", "repeats"} in seconds; the spread is how far the middle half lies apart.
"""

import json
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ..core import checks

FOLDER = Path(__file__).parents[1] / "data"
NAMES = ("costs", "vectorization", "benchmarks")


def load(name: str) -> dict:
    """The record of this name, read anew, so that nobody changes another's."""
    checks.choice("name", name, NAMES)
    return json.loads((FOLDER / f"{name}.json").read_text())


def store(name: str, record: dict) -> None:
    """Put a record in the place of the old one, in one step: an interrupted run leaves the old one there."""
    checks.choice("name", name, NAMES)
    whole = FOLDER / f"{name}.part"
    whole.write_text(json.dumps(record, indent=1) + "\n")
    whole.replace(FOLDER / f"{name}.json")


def rounded(record: dict, digits: int = 4) -> dict:
    """A record as JSON holds it, its numbers to a few digits: more would be noise."""
    return json.loads(json.dumps(record), parse_float=lambda number: float(f"{float(number):.{digits}g}"))


def machine() -> dict[str, str]:
    """What the numbers of a record depend on: processor, cores, system, versions and the date."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": version("torch"),
        "date": date.today().isoformat(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
