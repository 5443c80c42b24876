"""The labs as the chapters describe them to the page."""

import json
import re
from pathlib import Path

import nbformat

CHAPTERS = Path(__file__).parents[1] / "chapters"
FIGURE = re.compile(
    r'<figure class="lab" data-name="(\w+)".*?<script type="application/json">(.*?)</script>', re.DOTALL
)


def labs() -> dict[str, dict]:
    """Each lab's description by the lab's name."""
    found = {}
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                for name, description in FIGURE.findall(output.get("data", {}).get("text/html", "")):
                    found[name] = json.loads(description)
    return found
