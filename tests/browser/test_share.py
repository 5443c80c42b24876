"""What readers and teachers take away: locked links, a lab in somebody else's page, pictures and numbers."""

import csv
import struct

import pytest
from test_every_chapter import SOME_WITH_LABS

from tools.browser import POLICY, Quiet, served
from tools.labs import Lab, labs_of

CHAPTER = "chapters/scratch.html"
UNKNOWN = "Some settings in this link are unknown here and were left at their defaults."

# Every point of the lines that are seen, as the chart has it.
POINTS = """({ data }) => data.filter(({ x, visible }) => x?.length && visible !== false)
  .flatMap(({ name = "", x, y }) => Array.from(x, (at, i) => [name, at, y[i]]))
  .filter(([, x, y]) => x !== null && y !== null)"""


@pytest.fixture
def opened(page, site):
    """Open the main lab with a link."""

    def go(link: str) -> Lab:
        page.goto("about:blank")
        page.goto(f"{site}/{CHAPTER}#scratch?{link}")
        lab = Lab(page, "scratch")
        lab.settled()
        return lab

    return go


def test_the_policy_is_served_and_its_breach_would_be_noticed(chromium, site):
    with chromium.new_page() as page:
        errors = []
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        response = page.goto(f"{site}/{CHAPTER}")
        assert response.headers["content-security-policy"] == POLICY
        assert errors == []
        page.evaluate(
            "document.head.append(Object.assign(document.createElement('script'), { src: 'http://localhost:9/x.js' }))"
        )
        page.wait_for_timeout(200)
        assert "Content Security Policy" in errors[0]


def test_a_locked_control_stays_whatever_a_hand_does(opened):
    lab = opened("batch=64&lock=batch,seed")
    assert lab.settings()["batch"] == 64
    assert lab.control("Batch size").is_disabled() and lab.control("Seed").is_disabled()
    lab.control("Learning rate").press("ArrowRight")
    lab.settled()
    lab.button("Reset").click()
    lab.settled()
    assert lab.settings()["batch"] == 64
    assert lab.settings()["lr"] == 0.05
    lab.button("Copy link").click()
    assert lab.page.evaluate("navigator.clipboard.readText()").endswith("#scratch?batch=64&lock=batch,seed")


def test_the_map_does_not_move_a_locked_control(opened):
    lab = opened("batch=64&lock=batch")
    Lab(lab.page, "map").button("Load this run above").click()
    lab.settled()
    assert lab.settings()["batch"] == 64


def test_a_hidden_control_keeps_its_value_out_of_sight_and_another_link_brings_it_back(opened):
    lab = opened("seed=3&hide=seed,rows")
    assert not lab.control("Seed").is_visible() and not lab.control("Rows").is_visible()
    assert lab.settings()["seed"] == 3
    lab.page.evaluate("location.hash = '#scratch?batch=1'")
    lab.summary.filter(has_text="Batch size 1, ").wait_for()
    assert lab.control("Seed").is_visible() and not lab.control("Seed").is_disabled()
    assert lab.settings()["seed"] == 0


@pytest.mark.parametrize("link", ["lock=nobody", "hide=<b>", "lock=batch,__proto__", "lock=toString"])
def test_a_lock_on_what_is_not_there_is_noted(opened, link):
    lab = opened(link)
    lab.figure.get_by_text(UNKNOWN).wait_for()
    assert lab.settings()["batch"] == 10


@pytest.fixture
def framed(new_page, site, tmp_path):
    """Open a link to the book in a frame of a page on another port."""
    with served(tmp_path, Quiet) as elsewhere:

        def go(link: str):
            (tmp_path / "index.html").write_text(
                "<!doctype html><title>Theirs</title><link rel=icon href=data:,>"
                f'<iframe width=700 height=900 src="{site}/{link}"></iframe>'
            )
            page = new_page()
            page.goto(f"{elsewhere}/index.html")
            return page.frame_locator("iframe")

        yield go


@pytest.mark.parametrize(("chapter", "name"), [("minibatch-statistics", "cloud"), ("schedules", "schedules")])
def test_any_lab_lives_in_a_frame_of_another_page_without_settings_too(framed, chapter, name):
    frame = framed(f"chapters/{chapter}.html?embed={name}")
    summary = frame.locator(".summary")
    before = summary.text_content()
    frame.get_by_label("Batch size", exact=True).press("ArrowRight")
    frame.locator(".chart.live").wait_for()
    summary.filter(has_not_text=before).wait_for()
    assert frame.locator("figure.lab:visible").count() == 1


def test_another_page_embeds_one_lab_that_works(framed):
    frame = framed(f"{CHAPTER}?embed=scratch#scratch?batch=100&lr=0.4&hide=whose")
    frame.locator(".chart.live").wait_for()
    frame.locator(".summary").filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()
    assert frame.locator("figure.lab:visible").count() == 1
    assert frame.locator("nav:visible, article:visible").count() == 0
    frame.get_by_label("Batch size", exact=True).press("ArrowLeft")
    frame.locator(".summary").filter(has_text="Batch size 64, ").wait_for()
    assert frame.get_by_role("link").get_attribute("href") == "/" + CHAPTER


def moved(lab: Lab) -> None:
    """Move every control of a lab to another option, but to none that this browser would measure anew."""
    for one in lab.description["controls"]:
        index, options = lab.index(one), one["options"]
        others = [i for i, (text, _) in enumerate(options) if i != index and "here" not in text]
        if not others:
            continue
        wanted = min(others, key=lambda i: abs(i - index))
        match one["kind"]:
            case "range":
                lab.control(one["label"]).press("ArrowRight" if wanted > index else "ArrowLeft")
            case "menu":
                lab.control(one["label"]).select_option(index=wanted)
            case "box":
                lab.control(one["label"]).press("Space")
            case "buttons":
                lab.control(options[wanted][0]).check()
        assert lab.index(one) == wanted


@pytest.mark.parametrize("chapter", SOME_WITH_LABS)
def test_every_lab_survives_a_link_into_another_browser_and_hands_out_what_it_shows(page, new_page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    other = new_page()
    for lab in labs_of(page):
        moved(lab)
        lab.settled()
        lab.button("Copy link").click()
        lab.button("Link copied").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link.startswith(f"{site}/{chapter}.html#{lab.name}?")
        other.goto("about:blank")
        other.goto(link)
        opened = Lab(other, lab.name)
        opened.settled()
        assert opened.settings() == lab.settings()
        assert opened.summary.text_content() == lab.summary.text_content()
        assert opened.axes() == lab.axes()
        assert_numbers(lab)
        assert_picture(lab)


def assert_numbers(lab: Lab) -> None:
    """The file holds every point that is drawn, with all digits."""
    with lab.page.expect_download() as started:
        lab.button("Download CSV").click()
    assert started.value.suggested_filename == f"{lab.name}.csv"
    head, *rows = csv.reader(started.value.path().read_text(encoding="utf-8").splitlines())
    assert head[0] == "line" and len(head) == 3
    drawn = lab.chart.evaluate(POINTS)
    assert len(rows) == len(drawn) > 0
    for (line, x, y), (name, at, value) in zip(rows, drawn):
        assert line.lstrip("'") == name.lstrip("'")
        assert (type(at)(x), type(value)(y)) == (at, value)


def assert_picture(lab: Lab) -> None:
    """The file is twice as large as what is seen."""
    with lab.page.expect_download() as started:
        lab.button("Download PNG").click()
    picture = started.value.path().read_bytes()
    assert started.value.suggested_filename == f"{lab.name}.png"
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    box = lab.chart.bounding_box()
    assert (width, height) == (2 * round(box["width"]), 2 * round(box["height"]))
