"""Printed: the text, the picture of each lab as it stands, what it is set to, and its numbers."""

import re

import pypdfium2
import pytest
from test_every_chapter import WITH_LABS

from tools.labs import Lab, labs_of

# What is seen of a chart, live or still: its width, the ink of its words, and its lines.
CHART = """chart => ({
  width: chart.querySelector('svg').getBoundingClientRect().width,
  ink: getComputedStyle(chart.querySelector('svg text')).fill,
  lines: [...chart.querySelectorAll('svg path')].map((path) => path.getAttribute('d')).join(),
})"""


class Words(str):
    """A text in which others are looked for without regard to spaces and hyphens, for lines break there."""

    def __contains__(self, text: str) -> bool:
        return squeezed(text) in squeezed(self)


def squeezed(text: str) -> str:
    return re.sub(r"[^\w.,%×]", "", text)


def sheets(page) -> list[Words]:
    """The words on each sheet."""
    return [Words(one.get_textpage().get_text_bounded()) for one in pypdfium2.PdfDocument(page.pdf(format="A4"))]


def printed(page) -> Words:
    """The words on all sheets."""
    return Words(" ".join(sheets(page)))


def assert_on_paper(words: Words, lab: Lab) -> None:
    """A lab's caption, sentence, settings, and the head of its table."""
    assert lab.figure.locator("figcaption").text_content() in words
    assert lab.summary.text_content() in words
    for one in lab.description["controls"]:
        text, _ = one["options"][lab.index(one)]
        match one["kind"]:
            case "range":
                assert f"{one['label']} {text}" in words
            case "buttons":
                assert text in words
            case "box":
                assert text == "off" or one["label"] in words
    heads = lab.figure.locator("th").all_text_contents()
    assert all(head in words for head in heads)


def test_a_page_on_paper_shows_each_lab_as_it_stands_also_one_never_seen_and_from_the_dark(new_page, site):
    page = new_page(color_scheme="dark", viewport={"width": 1280, "height": 700})
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    unseen = page.locator("figure.lab[data-name=map]")
    assert unseen.locator(".chart > svg").count() == 1, "no reader came near it"
    lab.slide("Batch size", "100")
    lab.slide("Learning rate", "0.4")
    lab.control("updates").check()
    lab.settled()
    on_screen, said = lab.chart.evaluate(CHART), lab.summary.text_content()
    words = printed(page)
    assert_on_paper(words, lab)
    for text in ("Training at every batch size", "What to remember", unseen.locator(".summary").text_content()):
        assert text in words
    drawn = lab.line("run")
    last = f"this run {drawn['x'][-1]:g} {drawn['y'][-1]:.5g}"
    assert last in words
    assert lab.chart.evaluate(CHART) == on_screen, "afterwards the page is as it was"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert not lab.figure.locator(".numbers").is_visible()
    assert lab.summary.text_content() == said

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for name in ("scratch", "path", "map"):
        box = page.locator(f"figure.lab[data-name={name}] .chart")
        chart = box.evaluate(CHART)
        is_still = box.locator("> svg").count() == 1
        assert is_still <= (name != "scratch")
        assert chart["width"] <= 660 or is_still, "a still picture gives way to the sheet by itself"
        assert sum(int(part) for part in chart["ink"].removeprefix("rgb(").removesuffix(")").split(",")) < 200
        assert chart["lines"]


def test_paper_has_some_points_of_each_line_and_every_answer_and_the_screen_is_as_it_was(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    lab.figure.get_by_text("The numbers", exact=True).click()
    lab.settled()
    rows = lab.figure.locator("tbody tr")
    whole, lines = rows.count(), len({one["line"] for one in lab.points()})
    answers = page.locator("details.answer")
    assert whole > 30 * lines and answers.count() > 2
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert lines < rows.count() <= 9 * lines
    assert answers.evaluate_all("all => all.every(({ open }) => open)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert rows.count() == whole
    assert rows.first.is_visible(), "a reader had opened it"
    assert not answers.evaluate_all("all => all.some(({ open }) => open)")


def test_a_lab_that_was_set_before_a_reader_came_to_it_is_on_paper_as_it_stands(page, site):
    page.goto(f"{site}/chapters/scratch.html#map?batch=100")
    Lab(page, "map", scroll=False).button("Load this run above").click()
    main = page.locator("figure.lab[data-name=scratch]")
    main.locator(".summary").filter(has_text="Batch size 100, ").wait_for()
    assert main.locator(".chart > svg").count() == 1, "no reader came near it"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    lab = Lab(page, "scratch", scroll=False)
    lab.settled()
    assert lab.settings()["batch"] == 100


@pytest.mark.parametrize("chapter", ["vectorization", "schedules"])
def test_a_figure_s_title_stays_with_its_chart(page, site, chapter):
    page.goto(f"{site}/chapters/{chapter}.html")
    titles = page.locator("figure.plot figcaption").all_text_contents()
    axes = [svg.locator("text").last.text_content() for svg in page.locator("figure.plot .chart > svg").all()]
    assert len(titles) == len(axes) > 1
    pages = sheets(page)
    for title, axis in zip(titles, axes):
        *_, sheet = (words for words in pages if title in words)  # after the code, which names it too
        assert axis in sheet


def test_an_exercise_on_paper_has_room_for_the_answer_and_no_button(page, site):
    page.goto(f"{site}/chapters/exercises.html")
    page.emulate_media(media="print")
    forms = page.locator("form.check").all()
    assert len(forms) == 14
    for form in forms:
        assert form.locator("input").is_visible() and not form.locator("button").is_visible()


@pytest.mark.long
@pytest.mark.parametrize("chapter", WITH_LABS)
def test_every_lab_is_on_paper_before_a_reader_came_and_after_it_was_moved(page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    captions = page.locator("figure.lab figcaption").all_text_contents()
    sentences = page.locator("figure.lab .summary").all_text_contents()
    words = printed(page)
    assert [text for text in captions + sentences if text not in words] == []
    labs = labs_of(page)
    for lab in labs:
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
        lab.settled()
    words = printed(page)
    for lab in labs:
        assert_on_paper(words, lab)
