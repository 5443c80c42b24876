"""What a reader sees when something fails: the network, the storage, the clipboard, a script, a computation."""

import re

import pytest

from tools.browser import BOOK, Quiet, served
from tools.labs import Lab, wake

CHAPTER = "chapters/scratch.html"
PLOTLY = "**/plotly-basic.min.js"
STILL = re.compile("^The live chart could not be loaded")
FAILED = re.compile("^This setting could not be computed here")
BLOCKED = """for (const name of ['localStorage', 'sessionStorage'])
  Object.defineProperty(window, name, { configurable: true, get() { throw new DOMException('Access is denied.', 'SecurityError'); } });"""


@pytest.fixture
def faulty_page(chromium):
    """A page on which errors are expected: they are collected in ``page.faults``."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()


def changed(page, change) -> None:
    """Let the chapter arrive with other markup than the book's."""
    html = change((BOOK / CHAPTER).read_text())
    page.route(f"**/{CHAPTER}*", lambda route: route.fulfill(body=html, content_type="text/html"))


NO_PLOTLY = {
    "no answer": lambda route: route.abort(),
    "an error page": lambda route: route.fulfill(status=503, body="<!doctype html>"),
    "the wrong file": lambda route: route.fulfill(body="window.other = 1", content_type="text/javascript"),
}


@pytest.mark.parametrize("answer", NO_PLOTLY.values(), ids=NO_PLOTLY)
def test_without_plotly_the_picture_stays_and_a_note_says_why(faulty_page, site, answer):
    faulty_page.route(PLOTLY, answer)
    faulty_page.goto(f"{site}/{CHAPTER}#scratch?batch=1")
    figure = faulty_page.locator("figure.lab[data-name=scratch]")
    figure.get_by_text(STILL).wait_for()
    assert figure.locator(".chart > svg").is_visible()
    assert faulty_page.faults == []


def test_without_plotly_sentence_and_numbers_follow_and_a_move_wakes_all_charts_once_it_is_back(faulty_page, site):
    page = faulty_page
    page.route(PLOTLY, lambda route: route.abort())
    page.goto(f"{site}/{CHAPTER}")
    wake(page)
    figure = page.locator("figure.lab[data-name=scratch]")
    figure.get_by_text(STILL).wait_for()
    figure.get_by_text("The numbers", exact=True).click()
    figure.get_by_label("Batch size", exact=True).press("End")
    figure.locator(".summary").filter(has_text=re.compile("^Batch size 1,500, ")).wait_for()
    lines = figure.locator("tbody").evaluate(
        "body => new Set([...body.rows].map(({ cells }) => cells[0].textContent)).size"
    )
    assert lines >= 2
    for name in ("Play", "Download PNG"):
        figure.get_by_role("button", name=name, exact=True).click()
    assert figure.get_by_role("button", name="There is no live chart").count() == 2
    figure.get_by_role("button", name="Play", exact=True).wait_for()

    plot = page.locator("figure.plot").first
    plot.scroll_into_view_if_needed()
    plot.get_by_text(STILL).wait_for()
    page.wait_for_timeout(1100)  # a failed request is not repeated within a second
    page.unroute(PLOTLY)
    figure.get_by_label("Batch size", exact=True).press("ArrowLeft")
    Lab(page, "scratch").settled()
    plot.locator(".chart.live").wait_for()
    page.get_by_text(STILL).first.wait_for(state="detached")
    assert page.faults == []


def test_a_picture_that_is_asked_for_before_the_chart_lives_is_handed_out_once_it_does(page, site):
    waiting, is_held = [], True
    page.route(PLOTLY, lambda route: waiting.append(route) if is_held else route.continue_())
    page.goto(f"{site}/{CHAPTER}")
    button = page.locator("figure.lab[data-name=scratch]").get_by_role("button", name="Download PNG")
    with page.expect_download() as started:
        button.click()
        assert button.text_content() == "Download PNG"
        is_held = False
        for route in waiting:
            route.continue_()
    assert started.value.path().read_bytes().startswith(b"\x89PNG")


def test_charts_of_a_page_that_went_offline_wake_when_the_network_is_back(faulty_page, site):
    page = faulty_page
    page.set_viewport_size({"width": 1280, "height": 300})
    page.route(PLOTLY, lambda route: route.abort())  # nor was it fetched ahead
    page.goto(f"{site}/{CHAPTER}")
    page.context.set_offline(True)
    assert page.evaluate("window.Plotly") is None, "no chart was near yet"
    figure = page.locator("figure.lab[data-name=scratch]")
    figure.scroll_into_view_if_needed()
    figure.get_by_text(STILL).wait_for()
    page.wait_for_timeout(1100)  # a failed request is not repeated within a second
    page.unroute(PLOTLY)
    page.context.set_offline(False)
    Lab(page, "scratch").settled()
    assert page.get_by_text(STILL).count() == 0
    assert page.faults == []


def test_a_page_that_goes_offline_once_a_chart_lived_loses_nothing(page, site):
    page.goto(f"{site}/{CHAPTER}")
    Lab(page, "scratch")
    page.context.set_offline(True)
    lab = Lab(page, "path")
    lab.figure.locator("input[type=range]").first.press("ArrowRight")
    lab.settled()


def test_without_storage_the_theme_the_search_and_the_labs_work(page, site):
    page.add_init_script(BLOCKED)
    page.goto(f"{site}/{CHAPTER}")
    switch = page.locator("button.theme-switch-button:visible").first
    themes = set()
    for _ in range(3):
        switch.click()
        themes.add(page.locator("html").get_attribute("data-mode"))
    assert themes == {"light", "dark", "auto"}
    Lab(page, "scratch").settled()
    page.locator("button.search-button-field:visible").first.click()
    page.locator("dialog[open] input").fill("momentum")
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()


def test_in_a_frame_that_is_allowed_nothing_a_lab_works_and_shows_the_link_it_may_not_copy(faulty_page, site, tmp_path):
    page = faulty_page
    address = f"{site}/{CHAPTER}?embed=scratch"
    (tmp_path / "index.html").write_text(
        f"<!doctype html><title>Theirs</title><link rel=icon href=data:,><iframe width=900 height=800 "
        f'sandbox="allow-scripts" src="{address}"></iframe>'
    )
    with served(tmp_path, Quiet) as elsewhere:
        page.goto(f"{elsewhere}/index.html")
        frame = page.frame_locator("iframe")
        frame.locator("figure.lab[data-name=scratch]").hover()
        frame.locator(".chart.live").wait_for()
        frame.get_by_label("Batch size", exact=True).press("End")
        frame.locator(".summary").filter(has_text="Batch size 1,500, ").wait_for()
        frame.get_by_role("button", name="Copy link").click()
        link = frame.locator(".note a")
        assert link.get_attribute("href") == link.text_content() == f"{address}#scratch?batch=all"
        assert link.get_attribute("target") == "_blank", "it leaves the frame"
        frame.get_by_label("Batch size", exact=True).press("ArrowLeft")
        link.wait_for(state="detached")  # it would be the link of another setting
    assert page.faults == []


def test_a_clipboard_that_refuses_leaves_the_link_in_the_address_bar(page, site):
    page.add_init_script(
        "navigator.clipboard.writeText = async () => { throw new DOMException('no', 'NotAllowedError'); };"
    )
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    lab.control("Batch size").press("Home")
    button = lab.figure.locator("button", has_text=re.compile("link", re.I)).first
    button.click()
    lab.button("The link is in the address bar").wait_for()
    assert page.url.endswith("#scratch?batch=1")
    button.click()  # and twice in a row
    lab.button("Copy link").wait_for()
    page.wait_for_timeout(2100)  # as long as another word stands there
    lab.button("Copy link").wait_for()


def test_a_figure_that_is_broken_leaves_the_others_alive(faulty_page, site):
    page = faulty_page
    changed(page, lambda html: html.replace('<script type="application/json">', '<script type="application/json">}', 1))
    page.goto(f"{site}/{CHAPTER}")
    first = page.locator("figure.lab, figure.plot").first
    assert first.locator(".chart > svg").is_visible()
    name = "path" if first.get_attribute("data-name") == "scratch" else "scratch"
    Lab(page, name).settled()
    assert len(page.faults) == 1 and "JSON" in page.faults[0]


def test_a_script_of_the_theme_that_fails_leaves_the_labs_alive(faulty_page, site):
    page = faulty_page
    page.route(
        "**/pydata-sphinx-theme.js*",
        lambda route: route.fulfill(body="throw Error('theirs')", content_type="text/javascript"),
    )
    page.goto(f"{site}/{CHAPTER}")
    Lab(page, "scratch").settled()
    assert page.faults == ["theirs"]


def test_a_setting_that_cannot_be_computed_is_said_to_be_and_the_next_one_works(faulty_page, site):
    page = faulty_page
    changed(page, lambda html: html.replace('"diverged":', '"nothing":', 1))  # the sentence for a run that diverges
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    assert "nothing" in lab.description["sentences"]
    lab.control("Learning rate").press("End")
    lab.figure.locator(".summary").get_by_text(FAILED).wait_for()
    lab.figure.get_by_role("status").get_by_text(FAILED).wait_for()
    assert lab.summary.get_attribute("aria-busy") is None, "nobody is kept waiting"
    assert page.faults
    lab.control("Learning rate").press("Home")
    lab.settled()
