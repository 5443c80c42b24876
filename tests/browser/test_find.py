"""Finding one's way: search, previous and next, headings, the chapter as a notebook, and an address that leads nowhere."""

import os
import re
import shutil
import subprocess

import pytest
from test_every_chapter import CHAPTERS

from tools.browser import BOOK, ROOT

# What a button can change: the theme, what is open, what is shown, where the focus is.
STATE = """() => [document.documentElement.outerHTML.match(/^<html[^>]*>/)[0], document.querySelectorAll('dialog[open]').length,
  document.querySelector('#pst-primary-sidebar').className, document.fullscreenElement !== null].join()"""


def test_search_finds_a_word_over_http_and_leads_to_its_place(page, site):
    page.goto(f"{site}/search.html?q=whitening")
    page.locator("#search-results a").first.wait_for()
    page.locator("#search-results a", has_text="minibatches").first.click()
    page.wait_for_url("**/chapters/reading-data.html*")


def test_a_result_quotes_the_text_of_its_page(page, site):
    page.goto(f"{site}/search.html?q=genie")
    quoted = page.locator("#search-results li", has_text="Can you now do it?").locator("p.context")
    quoted.wait_for()
    assert "genie" in quoted.inner_text().lower()
    assert "Download" not in quoted.inner_text() and "Contents" not in quoted.inner_text()
    page.goto(f"{site}/search.html?q=whitening")
    term = page.locator("#search-results li", has=page.locator("a[href$='#term-Whitening']"))
    assert term.locator("a").inner_text() == "Whitening, in References"
    assert "Turning and scaling the features" in term.locator("p.context").inner_text()


def test_search_works_from_the_disk(page):
    page.goto((BOOK / "search.html").as_uri() + "?q=minibatch")
    page.locator("#search-results a").first.wait_for()
    term = page.locator("#search-results li", has=page.locator("a[href$='#term-Minibatch']"))
    assert term.inner_text() == "Minibatch, in References", "no excerpt, for want of a server"


def test_the_cards_for_previous_and_next_stand_below_the_text_and_show_all_their_words(page, site):
    page.goto(f"{site}/chapters/vectorization.html")
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        cards = page.locator(".prev-next-area a").all()
        assert [card.evaluate("card => card.scrollHeight <= card.clientHeight") for card in cards] == [True, True]
        first, last = (card.bounding_box() for card in cards)
        text = page.locator("article p").last.bounding_box()
        assert abs(first["x"] - text["x"]) < 1
        assert abs(last["x"] + last["width"] - text["x"] - text["width"]) < 1
        if width > 1000:
            assert first["height"] == last["height"]


@pytest.mark.parametrize("name", ["search", "genindex", "chapters/index"])
def test_every_page_has_the_book_s_typeface(page, site, name):
    page.goto(f"{site}/{name}.html")
    page.wait_for_function("() => document.fonts.ready")
    faces = page.evaluate("[...document.fonts].filter(({ status }) => status === 'loaded').map(({ family }) => family)")
    assert "Figtree" in faces


def test_the_search_button_opens_a_field(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("whitening")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=whitening*")
    page.locator("#search-results a").first.wait_for()


def test_one_can_read_from_the_first_page_to_the_last(page, site):
    page.goto(f"{site}/{CHAPTERS[0]}.html")
    for chapter in CHAPTERS[1:]:
        page.locator("a.right-next").click()
        page.wait_for_url(f"**/{chapter}.html")


def test_a_folded_cell_unfolds(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    cell = page.locator("div.cell details").first
    assert not cell.locator("pre").is_visible()
    cell.locator("summary").first.click()
    assert cell.locator("pre").first.is_visible()


@pytest.mark.parametrize("address", ["nothing.html", "chapters/nothing.html"])
def test_the_page_for_a_wrong_address_leads_back(page, site, address):
    body = (BOOK / "404.html").read_text()
    page.route(f"{site}/{address}", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{site}/{address}")
    page.get_by_role("link").click()
    page.wait_for_url(f"{site}/chapters/index.html")


@pytest.mark.parametrize("width", [1280, 375])
def test_every_button_above_the_text_does_something(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/chapters/scratch.html")
    buttons = page.locator(".bd-header-article button").locator("visible=true")
    assert buttons.count() >= 2
    for i in range(buttons.count()):
        before = page.evaluate(STATE)
        buttons.nth(i).click()
        page.wait_for_function(f"before => ({STATE})() !== before", arg=before)
        page.keyboard.press("Escape")  # out of what it opened
        page.wait_for_function("() => !document.querySelector('dialog[open]')")


@pytest.mark.long
def test_with_a_repository_in_the_settings_each_page_offers_to_run_its_chapter(tmp_path):
    for name in ("assets", "chapters", "tools/pages.py", "_config.yml", "_toc.yml", "references.bib"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    config = tmp_path / "_config.yml"
    config.write_text(re.sub(r"^# (repository|launch_buttons)", r"\1", config.read_text(), flags=re.M))
    subprocess.run(
        [ROOT / ".venv" / "bin" / "jupyter-book", "build", tmp_path, "-W", "-q"],
        check=True,
        env={**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"},
    )
    for chapter in CHAPTERS:
        html = (tmp_path / "_build" / "html" / f"{chapter}.html").read_text()
        (address,) = re.findall(r'class="header-link" href="([^"]*mybinder[^"]*)"', html)
        assert address.startswith("https://mybinder.org/v2/gh/you/your-copy/main?")
        assert address.endswith(f"{chapter}.ipynb")
