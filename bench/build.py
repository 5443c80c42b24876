"""The build: from nothing, again, with nothing changed, with one chapter edited; and with more chapters."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import yaml

from d2lmini.timing.rounds import Timing

from . import ROOT

REPEATS = 3
TIMES = (1, 2, 4)  # as many chapters
INSTALLED = (".venv", "node_modules")  # linked into a copy, not copied
BUILT = ("_build", "assets/vendor")
NOT_COPIED = (*INSTALLED, ".git", ".bench", ".envs", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")


@contextmanager
def copy(built: bool = False) -> Iterator[Path]:
    """A copy of the book in a folder of its own, with everything installed, and with what was built or without."""
    left_out = (*NOT_COPIED, *(() if built else BUILT))
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "book"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*(Path(name).name for name in left_out)))
        for name in INSTALLED:
            (tree / name).symlink_to(ROOT / name)
        yield tree


def make(tree: Path) -> float:
    """Seconds of `make book` in a copy; what is installed counts as up to date."""
    kept = [word for name in INSTALLED for word in ("-o", f"{name}/ready")]
    log = tree.with_suffix(".log")
    began = perf_counter()
    with log.open("w") as output:
        done = subprocess.run(["make", *kept, "book"], cwd=tree, stdout=output, stderr=output, check=False)
    taken = perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"make book failed:\n{log.read_text()[-4000:]}")
    return taken


def clean(tree: Path) -> None:
    """Remove what was built."""
    for name in BUILT:
        shutil.rmtree(tree / name, ignore_errors=True)


def edit(chapter: Path) -> None:
    """Add a sentence to a chapter."""
    notebook = json.loads(chapter.read_text())
    words = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    words["source"] = ["".join(words["source"]) + "\n\nOne more sentence."]
    chapter.write_text(json.dumps(notebook))


def multiply(tree: Path, times: int) -> int:
    """Copy each chapter but the first and the last until there are so many times as many; how many there are then."""
    toc = yaml.safe_load((tree / "_toc.yml").read_text())
    *chapters, references = toc["chapters"]
    copies = []
    for number in range(2, times + 1):
        for chapter in chapters:
            name = f"{chapter['file']}-{number}"
            text = (tree / f"{chapter['file']}.ipynb").read_text()
            text = text.replace("eq-", f"eq{number}-")  # an equation's name is unique in the book
            (tree / f"{name}.ipynb").write_text(text)
            copies.append({"file": name})
    toc["chapters"] = [*chapters, *copies, references]
    (tree / "_toc.yml").write_text(yaml.safe_dump(toc))
    return 1 + len(toc["chapters"])


def compressed(page: Path) -> int:
    return len(gzip.compress(page.read_bytes(), 9))


def seconds() -> dict[str, Timing]:
    """Of `make book`, by what there is to do."""
    taken: dict[str, list[float]] = {"cold": [], "again": [], "nothing": [], "edited": []}
    with copy() as tree:
        for _ in range(REPEATS):
            clean(tree)
            taken["cold"].append(make(tree))
            (tree / "_build" / "html" / "ready").unlink()
            taken["again"].append(make(tree))
            taken["nothing"].append(make(tree))
            edit(tree / "chapters" / "concise.ipynb")
            taken["edited"].append(make(tree))
    return {what: Timing.of(times) for what, times in taken.items()}


def by_chapters() -> dict[str, dict]:
    """A cold build, the first page and the whole book, by the number of chapters."""
    result = {}
    for times in TIMES:
        with copy() as tree:
            count = multiply(tree, times)
            built = tree / "_build" / "html"
            result[str(count)] = {
                "seconds": make(tree),
                "page": compressed(built / "chapters" / "index.html"),
                "book": sum(compressed(path) for path in built.rglob("*") if path.is_file()),
            }
    return result


def measure() -> dict:
    """All of it, ratios first."""
    taken, chapters = seconds(), by_chapters()
    few, *_, many = chapters
    return {
        "ratios": {
            "nothing changed / cold": taken["nothing"].median / taken["cold"].median,
            "one chapter edited / cold": taken["edited"].median / taken["cold"].median,
            f"a chapter's time, {many} chapters / {few}": chapters[many]["seconds"]
            / int(many)
            / (chapters[few]["seconds"] / int(few)),
        },
        "make": taken,
        "chapters": chapters,
    }
