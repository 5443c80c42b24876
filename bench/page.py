"""The built page: bytes, time to the first live lab, from key to paint, memory; and how they grow."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from playwright.sync_api import Browser, Page

from d2lmini.timing.rounds import Timing
from tools.browser import BOOK, launched, served
from tools.labs import Lab, wake
from tools.measures import answers, centile, heap, live_after, paints, sizes

from . import ROOT, many_labs

COUNTS = (1, 2, 5, 10)
ROUNDS = 7
MOVES = 400


@contextmanager
def fresh(browser: Browser) -> Iterator[Page]:
    """A page without a cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def weight(page: Page, address: str) -> dict[str, int]:
    """Bytes of a page read to its end, compressed: of the page itself, and of all it asks for."""
    responses = answers(page)
    page.goto(address)
    wake(page)
    for figure in page.locator("figure:visible").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".chart.live .main-svg").first.wait_for()
    page.wait_for_load_state("networkidle")
    by_address = sizes(responses)
    return {"page": by_address[address], "all": sum(by_address.values())}


def by_chapter(browser: Browser) -> dict[str, dict[str, int]]:
    """Bytes of every chapter."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    result = {}
    with served(BOOK) as site:
        for chapter in (toc["root"], *(chapter["file"] for chapter in toc["chapters"])):
            with fresh(browser) as page:
                result[chapter.removeprefix("chapters/")] = weight(page, f"{site}/{chapter}.html")
    return result


def by_labs(browser: Browser) -> dict[str, dict]:
    """What pages with few and many labs cost; the times in seconds."""
    result: dict[str, dict] = {str(count): {} for count in COUNTS}
    live: dict[str, list[float]] = {count: [] for count in result}
    with TemporaryDirectory() as folder, served(Path(folder)) as site:
        many_labs.write(Path(folder), COUNTS)
        address = {count: f"{site}/chapters/labs-{count}.html" for count in result}
        for _ in range(ROUNDS):
            for count in result:
                with fresh(browser) as page:
                    live[count].append(live_after(page, address[count]) / 1000)
        for count in result:
            with fresh(browser) as page:
                result[count]["bytes"] = weight(page, address[count])["all"]
                result[count]["live"] = Timing.of(live[count])
                lab = Lab(page, "scratch")
                paints(lab, 60)  # the first moves pay for what later ones find ready
                before = heap(page)
                times = [milliseconds / 1000 for milliseconds in paints(lab, MOVES)]
                result[count] |= {"paint": Timing.of(times), "paint95": centile(times)}
                result[count] |= {"heap": heap(page), "grown": heap(page) - before}
    return result


def engine() -> dict[str, dict[str, Timing]]:
    """Seconds of two epochs in the page's engine, run by Node: {rows: {batch size: …}}."""
    command = [ROOT / ".venv" / "bin" / "node", ROOT / "bench" / "page_run.mjs"]
    taken = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {rows: {batch: Timing.of(times) for batch, times in sizes.items()} for rows, sizes in taken.items()}


def measure() -> dict:
    """All of it, ratios first."""
    with launched() as browser:
        labs, chapters, version = by_labs(browser), by_chapter(browser), browser.version
    one, most = labs[str(COUNTS[0])], labs[str(COUNTS[-1])]
    return {
        "ratios": {
            f"bytes, {COUNTS[-1]} labs / 1": most["bytes"] / one["bytes"],
            f"first live lab, {COUNTS[-1]} labs / 1": most["live"].best / one["live"].best,
        },
        "chromium": version,
        "labs": labs,
        "chapters": chapters,
        "engine": engine(),
    }
