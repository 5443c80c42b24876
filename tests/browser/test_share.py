"""What readers and teachers take away: locked links, a lab in somebody else's page, pictures and numbers."""

import csv
import struct

import pytest
from conftest import POLICY, Quiet, served
from labs import Lab

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


def test_another_page_embeds_one_lab_that_works(new_page, site, tmp_path):
    link = f"{site}/{CHAPTER}?embed=scratch#scratch?batch=100&lr=0.4&hide=whose"
    (tmp_path / "index.html").write_text(
        f'<!doctype html><title>Theirs</title><link rel=icon href=data:,><iframe width=700 height=900 src="{link}"></iframe>'
    )
    page = new_page()
    with served(tmp_path, Quiet) as elsewhere:
        page.goto(f"{elsewhere}/index.html")
        frame = page.frame_locator("iframe")
        frame.locator(".chart.live").wait_for()
        frame.locator(".summary").filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()
        assert frame.locator("figure.lab:visible").count() == 1
        assert frame.locator("nav:visible, article:visible").count() == 0
        frame.get_by_label("Batch size", exact=True).press("ArrowLeft")
        frame.locator(".summary").filter(has_text="Batch size 64, ").wait_for()
        assert frame.get_by_role("link").get_attribute("href") == "/" + CHAPTER


def test_the_numbers_are_downloaded_with_all_their_digits(opened):
    lab = opened("batch=100&lr=0.4")
    with lab.page.expect_download() as started:
        lab.button("Download CSV").click()
    assert started.value.suggested_filename == "scratch.csv"
    head, *rows = csv.reader(started.value.path().read_text(encoding="utf-8").splitlines())
    assert head == ["line", "epochs", "half squared loss"]
    run = [(float(x), float(y)) for line, x, y in rows if line == "this run"]
    drawn = lab.line("run")
    assert run == list(zip(drawn["x"], drawn["y"]))


def test_the_picture_is_downloaded_twice_as_large_as_it_is_seen(opened):
    lab = opened("batch=100&lr=0.4")
    with lab.page.expect_download() as started:
        lab.button("Download PNG").click()
    picture = started.value.path().read_bytes()
    assert started.value.suggested_filename == "scratch.png"
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    box = lab.chart.bounding_box()
    assert (width, height) == (2 * round(box["width"]), 2 * round(box["height"]))
