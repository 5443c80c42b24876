"""Finding one's way: search, previous and next, the chapter as a notebook, and an address that leads nowhere."""

import pytest
from conftest import BOOK
from test_every_chapter import CHAPTERS


def test_search_finds_a_word_over_http_and_leads_to_its_place(page, site):
    page.goto(f"{site}/search.html?q=whitening")
    page.locator("#search-results a").first.wait_for()
    page.locator("#search-results a", has_text="minibatches").first.click()
    page.wait_for_url("**/chapters/reading-data.html*")


def test_search_works_from_the_disk(chromium):
    with (
        chromium.new_page() as page
    ):  # unwatched: for want of a server Sphinx shows no excerpts, and the browser logs that
        page.goto((BOOK / "search.html").as_uri() + "?q=whitening")
        page.locator("#search-results a").first.wait_for()


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
