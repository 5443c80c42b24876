"""Every chapter as it comes, before a reader does anything: on one page for all tests of it, and all but the last leave it so."""

import pytest
from docutils.nodes import make_id
from test_access import PHONE, WIDE, resize, violations
from test_every_chapter import CHAPTERS
from test_keyboard import TO_THE_TOP, walk
from watch import watched

from tools.browser import ROOT

# Of these, what is smaller than 24 pixels either way, with its label, which can be pressed as well.
SMALL = """all => all.filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.closest('main')).filter((one) => {
  const boxes = [one, ...(one.labels ?? [])].map((part) => part.getBoundingClientRect());
  const across = Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
  const down = Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
  return across < 24 || down < 24;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def page(chapter, chromium, site):
    with watched(chromium) as new_page:
        page = new_page(viewport=WIDE)
        page.goto(f"{site}/{chapter}.html")
        yield page


def test_axe_finds_nothing(page):
    assert violations(page) == []


def test_no_window_is_scrolled_sideways(page):
    for width in (320, 375, 768, 2560):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(WIDE)


def test_everything_one_can_press_is_large_enough_for_a_finger(page):
    resize(page, PHONE)
    assert page.locator("button, select, summary, input, .header-link").evaluate_all(SMALL) == []
    resize(page, WIDE)


def test_the_address_of_a_heading_is_made_of_its_words_alone(page):
    headings = page.locator("main section[id] > :is(h1, h2, h3)").evaluate_all(
        """all => all.map((one) => {
          const words = one.cloneNode(true);
          words.querySelector('.headerlink').remove();
          return [one.parentNode.id, words.textContent];
        })"""
    )
    assert len(headings) > 3
    as_written = [[make_id(title.replace("’", "'")), title] for _, title in headings]
    assert headings == as_written, "no number took the place of words"


def test_the_notebook_of_a_chapter_is_handed_out(page, chapter):
    with page.expect_download() as started:
        page.get_by_role("link", name="Download notebook").click()
    name = chapter.split("/")[-1]
    assert started.value.suggested_filename == f"{name}.ipynb"
    assert started.value.path().read_bytes() == (ROOT / f"{chapter}.ipynb").read_bytes()
    assert page.get_by_role("link", name="Run on Binder").count() == 0, "nobody has said where"


def test_the_first_tab_offers_to_skip_to_the_text(page):
    page.evaluate(TO_THE_TOP)
    (skip,) = walk(page, 1)
    assert skip["text"] == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
