"""Pages with one lab, two, five and ten, made of the built book's own pieces."""

import re
from pathlib import Path

import yaml

from tools.browser import BOOK

from . import ROOT

LAB = re.compile(r'<figure class="lab".*?</figure>', re.S)
BODY = re.compile(r'(<article class="bd-article">).*(</article>)', re.S)
MAIN = "chapters/scratch"  # lends its page, and its labs come first


def labs() -> list[str]:
    """Every lab of the book, the main one first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    others = [toc["root"], *(chapter["file"] for chapter in toc["chapters"] if chapter["file"] != MAIN)]
    return [lab for page in (MAIN, *others) for lab in LAB.findall((BOOK / f"{page}.html").read_text())]


def write(folder: Path, counts: tuple[int, ...]) -> None:
    """Fill a folder to be served: chapters/labs-N.html for each N, and a link to the book's static files."""
    known = labs()
    if max(counts) > len(known):
        raise ValueError(f"counts must be at most {len(known)}, the labs that the book has, not {max(counts)}")
    shell = (BOOK / f"{MAIN}.html").read_text()
    shell = re.sub(r'href="#[^"]*"', 'href="#main-content"', shell)  # the theme looks for what the contents list
    (folder / "_static").symlink_to(BOOK / "_static")
    (folder / "chapters").mkdir()
    for count in counts:
        body = "\n".join(["<h1>Labs</h1>", *known[:count]])
        page = BODY.sub(lambda match, body=body: f"{match[1]}{body}{match[2]}", shell)
        (folder / "chapters" / f"labs-{count}.html").write_text(page)
