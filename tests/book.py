"""The book as tests read it: the text of its chapters, and what their cells print."""

import re
from functools import cache
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))


@cache
def notebook(chapter: str):
    return nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)


@cache
def printed(chapter: str) -> str:
    """All text that the chapter's cells print, as it is stored; nbval holds it to what they print now."""
    texts = []
    for cell in notebook(chapter).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts += [output.get("text", ""), data.get("text/plain", ""), data.get("text/markdown", "")]
    return "\n".join(texts)


@cache
def text(chapter: str) -> str:
    """What a reader reads: the text without its markup, and the cells' source, which holds the figures' titles."""
    words = "\n".join(cell.source for cell in notebook(chapter).cells)
    words = re.sub(r"</?(?:a|details|summary|b|em)\b[^>]*>", "", words)
    words = re.sub(r"\{term\}`([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", words)
    words = re.sub(r"\{(?:doc|eq|cite|cite:t)\}`([^`]+)`", r"\1", words)
    return " ".join(words.replace("*", "").split())
