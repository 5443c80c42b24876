"""Every chapter of the built book: its labs and figures alive, over http and from the disk, and light."""

from pathlib import Path

import pytest
import yaml
from labs import TWICE, Lab, wake
from measures import answers, sizes

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
CHAPTERS = [TOC["root"], *(chapter["file"] for chapter in TOC["chapters"])]
WITH_LABS = [chapter for chapter in CHAPTERS if not chapter.endswith(("benchmarks", "references"))]


@pytest.mark.parametrize("chapter", WITH_LABS)
def test_every_lab_shows_what_python_computes_before_and_after_a_slider_moved(page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    names = page.locator("figure.lab").evaluate_all("figures => figures.map(({ dataset }) => dataset.name)")
    assert names
    for name in names:
        lab = Lab(page, name)
        lab.settled()
        before = lab.summary.text_content()
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
        lab.settled()
        assert lab.summary.text_content() != before
    assert page.evaluate(TWICE) == []


@pytest.mark.parametrize("chapter", WITH_LABS)
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
BLOCKING = "() => [...document.querySelectorAll('head script[src]')].filter((one) => !one.defer && !one.async).length"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_page_read_to_its_end_asks_for_little_and_nothing_jumps(page, site, chapter):
    responses = answers(page)
    page.add_init_script(VITALS)
    page.goto(f"{site}/{chapter}.html")
    assert page.evaluate(BLOCKING) == 0
    page.wait_for_function("() => window.largest")  # told a moment after it was painted
    assert page.evaluate("() => !largest.closest('.live, canvas, video')"), "text, or the static picture"
    wake(page)
    for figure in page.locator("figure:visible").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".chart.live .main-svg").first.wait_for()
    page.wait_for_load_state("networkidle")
    size_of = sizes(responses)
    assert sum(size_of.values()) <= 700_000, sorted(((size, url) for url, size in size_of.items()), reverse=True)[:5]
    assert sum(size for url, size in size_of.items() if "/vendor/page.js" in url) <= 30_000
    assert sum(page.evaluate("shifts")) <= 0.02


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_window_is_scrolled_sideways(page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    for width in (320, 375, 768, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
