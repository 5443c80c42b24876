"""Every chapter of the built book: its labs and figures alive, over http and from the disk, and light."""

from pathlib import Path

import pytest
import yaml
from watch import watched

from tools.labs import TWICE, Lab, labs_of, wake
from tools.measures import answers, sizes

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
CHAPTERS = [TOC["root"], *(chapter["file"] for chapter in TOC["chapters"])]
WITH_LABS = [chapter for chapter in CHAPTERS if not chapter.endswith(("benchmarks", "references"))]


def some(chapters: list[str]) -> list:
    """The chapter with most labs in every run, the others in a long one: for what is the same code in each."""
    return [one if one == "chapters/scratch" else pytest.param(one, marks=pytest.mark.long) for one in chapters]


SOME_WITH_LABS = some(WITH_LABS)


@pytest.mark.proves("Every lab works there, on any device, without a network once the page is loaded")
@pytest.mark.parametrize("chapter", WITH_LABS)
def test_every_lab_works_on_a_phone_without_a_network_once_the_page_is_loaded(new_page, site, chapter):
    page = new_page(viewport={"width": 375, "height": 740}, is_mobile=True, has_touch=True)
    page.goto(f"{site}/{chapter}.html")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for lab in labs_of(page):
        lab.settled()
        before = lab.summary.text_content()
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
        lab.settled()
        assert lab.summary.text_content() != before


@pytest.mark.parametrize("chapter", SOME_WITH_LABS)
def test_a_lab_lives_on_a_page_opened_from_the_disk(page, chapter):
    page.goto((ROOT / "_build" / "html" / f"{chapter}.html").as_uri())
    lab = Lab(page, page.locator("figure.lab").first.get_attribute("data-name"))
    before = lab.summary.text_content()
    lab.figure.locator("input[type=range]").first.press("ArrowRight")
    page.wait_for_function("([node, text]) => node.textContent !== text", arg=[lab.summary.element_handle(), before])


# Notes what moves by itself, and what was the largest thing to be painted.
VITALS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().filter((one) => !one.hadRecentInput).map(({ value }) => value)))
  .observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => (window.largest = list.getEntries().at(-1).element))
  .observe({ type: 'largest-contentful-paint', buffered: true });
"""
# Of the 0.02 that a page may move in all, 0.005 are for the labs that wake.
SHIFTED = """async () => {
  await document.fonts.ready;
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done, 50));
  return shifts.reduce((sum, one) => sum + one, 0);
}"""
BLOCKING = "() => [...document.querySelectorAll('head script[src]')].filter((one) => !one.defer && !one.async).length"


def shifted(page) -> float:
    """How much of a page has moved since it was painted, its typefaces and last frames included."""
    return page.evaluate(SHIFTED)


class Reading:
    """A chapter that was read to its end: the page, what it asked for, and how it moved by itself."""

    def __init__(self, page, site: str, chapter: str):
        self.page, self.chapter = page, chapter
        responses = answers(page)
        page.add_init_script(VITALS)
        page.goto(f"{site}/{chapter}.html")
        self.blocking = page.evaluate(BLOCKING)
        page.wait_for_function("() => window.largest")  # told a moment after it was painted
        self.is_largest_still = page.evaluate("() => !largest.closest('.live, canvas, video')")
        self.moved_before = shifted(page)
        wake(page)
        for figure in page.locator("figure:visible").all():
            figure.scroll_into_view_if_needed()
            figure.locator(".chart.live .main-svg").first.wait_for()
        page.wait_for_load_state("networkidle")
        self.sizes = sizes(responses)
        self.moved_since = shifted(page) - self.moved_before


@pytest.fixture(scope="module", params=CHAPTERS)
def reading(request, chromium, site):
    with watched(chromium) as new_page:
        yield Reading(new_page(), site, request.param)


@pytest.mark.proves("Most of it is the drawing library")
def test_a_page_read_to_its_end_asks_for_little(reading):
    asked = reading.sizes
    assert sum(asked.values()) <= 700_000, sorted(((size, url) for url, size in asked.items()), reverse=True)[:5]
    assert sum(size for url, size in asked.items() if "/vendor/page.js" in url) <= 32_000
    drawing = sum(size for url, size in asked.items() if "/plotly" in url)
    is_most = drawing > sum(asked.values()) / 2
    assert is_most == (not reading.chapter.endswith("references")), "of what a page with charts asks for"


def test_nothing_waits_for_a_script_and_nothing_jumps(reading):
    assert reading.blocking == 0
    assert reading.is_largest_still, "text, or the static picture"
    assert reading.moved_before <= 0.015
    assert reading.moved_since <= 0.005


@pytest.mark.proves("Every lab works there, on any device, without a network once the page is loaded")
def test_every_lab_shows_what_python_computes_before_and_after_a_slider_moved(reading):
    labs = labs_of(reading.page)
    assert bool(labs) == (reading.chapter in WITH_LABS)
    for lab in labs:
        lab.settled()
        before = lab.summary.text_content()
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
        lab.settled()
        assert lab.summary.text_content() != before
    assert reading.page.evaluate(TWICE) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_javascript_each_figure_shows_picture_words_and_numbers_and_nothing_is_dead(new_page, site, chapter):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site}/{chapter}.html")
    figures = page.locator("figure:is(.lab, .plot)").locator("visible=true")
    for figure in figures.all():
        picture = figure.locator(".chart > svg")
        box = picture.bounding_box()
        assert box["width"] > 300 and box["height"] > 200
        assert picture.locator("path, circle").count() > 1
        figure.get_by_text("The numbers", exact=True).click()
        assert figure.locator("tbody tr").first.is_visible()
    for lab in page.locator("figure.lab").all():
        assert len(lab.locator(".summary").text_content()) > 40
        settings = lab.evaluate("figure => JSON.parse(figure.querySelector('script').textContent).controls")
        shown = lab.locator(".controls").inner_text()
        assert all(one["label"] in shown for one in settings)
    assert page.locator("button, input, select").locator("visible=true").count() == 0
    ink, link = (page.locator(one).first.evaluate("one => getComputedStyle(one).color") for one in ("p", "main p a"))
    assert ink != link, "the theme has colours"


PHONES = [(CHAPTERS[0], False), *(pytest.param(chapter, True, marks=pytest.mark.long) for chapter in CHAPTERS)]


@pytest.mark.parametrize(("chapter", "is_slow"), PHONES)
def test_nothing_jumps_on_a_phone(new_page, site, chapter, is_slow):
    page = new_page(viewport={"width": 375, "height": 740}, is_mobile=True, has_touch=True)
    if is_slow:
        devtools = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
        devtools.send("Network.emulateNetworkConditions", slow)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(VITALS)
    page.goto(f"{site}/{chapter}.html")
    page.wait_for_function("() => window.largest")  # told a moment after it was painted
    assert page.evaluate("() => !largest.closest('.live, canvas, video')"), "text, or the static picture"
    moved = shifted(page)
    assert moved <= 0.015
    page.locator("html").dispatch_event("pointerdown")
    for figure in page.locator("figure:visible").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".chart.live .main-svg").first.wait_for()
    assert shifted(page) - moved <= 0.005
