"""The labs as the chapters describe them to the page, and what Python computes for them: nobody keeps a list of them."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import nbformat

CHAPTERS = Path(__file__).parents[1] / "chapters"
FIGURE = re.compile(
    r'<figure class="lab" data-name="(\w+)".*?<script type="application/json">(.*?)</script>', re.DOTALL
)


@cache
def labs() -> dict[str, dict]:
    """Each lab's description by the lab's name."""
    return {name: json.loads(description) for name, description in _stored()}


def _stored() -> Iterator[tuple[str, str]]:
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                yield from FIGURE.findall(output.get("data", {}).get("text/html", ""))


def module(name: str) -> ModuleType:
    """The module that computes for a lab."""
    return import_module(f"d2lmini.labs.{labs()[name]['compute']}")


def given(name: str, settings: dict) -> dict:
    """All that the lab's computation gets: these settings, and for all others what the lab starts with."""
    lab = labs()[name]
    return lab["fixed"] | {one["key"]: one["options"][one["index"]][1] for one in lab["controls"]} | settings


def results(name: str, **settings) -> list[dict]:
    """What the lab's computation gives for these settings, and its own for all others."""
    return [result for result in module(name).compute(**given(name, settings)) if result is not None]


def said(name: str, result: dict) -> str:
    """What the lab says of a result."""
    return " ".join(labs()[name]["sentences"][key].format(**values) for key, values in result["say"])
