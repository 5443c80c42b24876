"""Measure what the book costs, keep the result in d2lmini/data/benchmarks.json, and print it.

python -m bench [training] [page] [jupyterlab] [build]    (all, if none is named; `make bench` installs what they need)
"""

import argparse
import json
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

from d2lmini.timing import records

# The parts, and the packages whose versions matter to each, beside those that ``machine`` names.
PARTS = {
    "training": ("numba", "matplotlib"),
    "page": ("playwright",),
    "jupyterlab": ("jupyterlab", "ipywidgets", "anywidget"),
    "build": ("jupyter-book", "sphinx", "myst-nb"),
}


def plain(result: dict) -> dict:
    """As JSON can hold it: timings as dictionaries, numbers to four digits."""
    return records.rounded(json.loads(json.dumps(result, default=asdict)))


def measured(part: str) -> dict:
    """A part's ratios, then the machine, then its measurements."""
    result = plain(import_module(f"bench.{part}").measure())
    versions = {package: version(package) for package in PARTS[part]}
    return {"ratios": result.pop("ratios"), "machine": records.machine() | versions, **result}


def keep(part: str, result: dict) -> None:
    """Put a part's result into the record; an interrupted run leaves the old one in place."""
    record = records.load("benchmarks") | {part: result}
    records.store("benchmarks", {name: record[name] for name in PARTS if name in record})


def lines(value: Any, name: str = "") -> list[str]:
    """A result as a table: a line for each number, its name first."""
    if isinstance(value, dict) and "best" in value:
        figures = "".join(f"{seconds(value[key]):>12}" for key in ("best", "median", "spread"))
        return [f"{name:44}{figures}{value['repeats']:>9}"]
    if isinstance(value, dict):
        return [line for key, one in value.items() for line in lines(one, f"{name}  {key}".strip())]
    return [f"{name:44}{value:>12,}" if isinstance(value, (int, float)) else f"{name:44}{value}"]


def seconds(value: float) -> str:
    """A time with three digits and a unit that suits it."""
    unit, factor = next((pair for pair in (("s", 1), ("ms", 1e3), ("µs", 1e6)) if value * pair[1] >= 1), ("ns", 1e9))
    return f"{value * factor:.3g} {unit}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all, if none is named")
    parts = parser.parse_args().parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for part in parts:
        began = perf_counter()
        result = measured(part)
        keep(part, result)
        print(f"\n{part.upper()}, measured in {perf_counter() - began:.0f} s\n")
        print(f"{'':44}{'best':>12}{'median':>12}{'spread':>12}{'repeats':>9}")
        print("\n".join(lines(result)), flush=True)


if __name__ == "__main__":
    main()
