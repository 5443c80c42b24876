"""What readers and teachers take away: locked links, a lab in somebody else's page, pictures and numbers."""

import codecs
import csv
import io
import json
import re
import struct

import pytest
from PIL import Image
from test_every_chapter import SOME_WITH_LABS

from d2lmini.figures.plain import json_script
from tools.browser import BOOK, POLICY, Quiet, served
from tools.labs import Lab, labs_of

CHAPTER = "chapters/scratch.html"
UNKNOWN = "Some settings in this link are unknown here and were left at their defaults."


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
        with page.expect_console_message(lambda message: message.type == "error") as said:
            page.evaluate(
                "document.head.append(Object.assign(document.createElement('script'), { src: 'http://localhost:9/x.js' }))"
            )
        assert "Content Security Policy" in said.value.text


@pytest.mark.proves("`&lock=batch,lr` fixes controls that your students shall not move")
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


def test_a_lock_on_what_is_not_there_is_noted(opened):
    lab = opened("lock=nobody")
    for link in ("hide=<b>", "lock=batch,__proto__", "lock=toString"):
        lab.figure.get_by_text(UNKNOWN).wait_for()
        assert lab.settings()["batch"] == 10
        lab.page.evaluate("location.hash = '#scratch?seed=1'")
        lab.figure.get_by_text(UNKNOWN).wait_for(state="detached")
        lab.page.evaluate("link => (location.hash = `#scratch?${link}`)", link)
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


@pytest.mark.proves("a page shows that lab alone, for an iframe of your own")
def test_another_page_embeds_one_lab_that_works(framed):
    frame = framed(f"{CHAPTER}?embed=scratch#scratch?batch=100&lr=0.4&hide=whose")
    frame.locator(".chart.live").wait_for()
    frame.locator(".summary").filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()
    assert frame.locator("figure.lab:visible").count() == 1
    assert frame.locator("nav:visible, article:visible").count() == 0
    frame.get_by_label("Batch size", exact=True).press("ArrowLeft")
    frame.locator(".summary").filter(has_text="Batch size 64, ").wait_for()
    assert frame.get_by_role("link").get_attribute("href") == "/" + CHAPTER
    assert frame.get_by_role("link").get_attribute("target") == "_blank", "the book does not open in the frame"


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


@pytest.mark.proves("A lab's Copy link button gives you an address with its exact setting")
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
    """The file holds every point that is drawn, with all digits, each under the name of what it is."""
    with lab.page.expect_download() as started:
        lab.button("Download CSV").click()
    assert started.value.suggested_filename == f"{lab.name}.csv"
    data = started.value.path().read_bytes()
    assert data.startswith(codecs.BOM_UTF8), "or Excel takes it for another encoding"
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    drawn = lab.points()
    assert len(rows) == len(drawn) > 0
    has_panels = len({one["panel"] for one in drawn}) > 1
    for row, one in zip(rows, drawn):
        assert one["line"], "each line has a name"
        assert row.pop("line") == one["line"]
        assert row.pop("panel", None) == (one["panel"] if has_panels else None)
        numbers = {head: float(value) for head, value in row.items() if value}
        assert numbers == {head: value for head, value in one["numbers"].items() if value is not None}


def assert_picture(lab: Lab) -> None:
    """The file is twice as large as what is seen, on the colour of the page."""
    with lab.page.expect_download() as started:
        lab.button("Download PNG").click()
    picture = started.value.path().read_bytes()
    assert started.value.suggested_filename == f"{lab.name}.png"
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    box = lab.chart.bounding_box()
    assert (width, height) == (2 * round(box["width"]), 2 * round(box["height"]))
    ground = lab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    corner = Image.open(io.BytesIO(picture)).convert("RGBA").getpixel((0, 0))
    assert corner == (*map(int, re.findall(r"\d+", ground)), 255)


def test_the_picture_of_a_dark_page_is_dark(page, site):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/{CHAPTER}")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert_picture(Lab(page, "scratch"))


HOSTILE = {"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", 'a "b", c', "μ ≥ 0\r\n1"}


def test_names_stay_texts_in_a_spreadsheet_and_come_back_whole(page, site):
    def renamed(route):
        html = (BOOK / CHAPTER).read_text()
        begin = html.index('<script type="application/json">', html.index('data-name="scratch"')) + 32
        end = html.index("</script>", begin)
        description = json.loads(html[begin:end])
        del description["figure"]["layout"]["meta"]["names"]
        for trace, name in zip(description["figure"]["data"], sorted(HOSTILE), strict=True):
            trace["name"] = name
        route.fulfill(body=html[:begin] + json_script(description) + html[end:], content_type="text/html")

    page.route(f"**/{CHAPTER}*", renamed)
    page.goto(f"{site}/{CHAPTER}#scratch?classics=true")
    lab = Lab(page, "scratch")
    lab.settled()
    with page.expect_download() as started:
        lab.button("Download CSV").click()
    text = started.value.path().read_bytes().decode("utf-8-sig")
    names = {row[0] for row in csv.reader(io.StringIO(text, newline=""))} - {"line"}
    guarded = {f"'{name}" if re.match(r"[=+@\t\r-]", name) else name for name in HOSTILE}
    assert names == guarded, "an apostrophe keeps a spreadsheet from computing"
    lab.figure.get_by_text("The numbers", exact=True).click()
    firsts = lab.figure.locator("tbody tr").evaluate_all("rows => rows.map(({ cells }) => cells[0].textContent)")
    assert set(firsts) == HOSTILE
