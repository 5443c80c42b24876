"""The exercises of the built page: answers checked without a kernel, solutions folded, and the genie's lab."""

import re

import pytest
from playwright.sync_api import expect

from d2lmini import exercises
from d2lmini.exercises.answers import QUESTIONS, WORDS
from tools.browser import BOOK
from tools.labs import Lab

CHAPTER = "chapters/exercises.html"


@pytest.fixture(params=["http", pytest.param("file", marks=pytest.mark.long)])
def address(request, site):
    return f"{site}/{CHAPTER}" if request.param == "http" else (BOOK / CHAPTER).as_uri()


class Form:
    """The form of a question."""

    def __init__(self, page, name: str):
        self.question = QUESTIONS[name]()
        self.form = page.locator(f"form.check[data-check={name}]")
        unit = f" ({self.question.unit})" if self.question.unit else ""
        self.field = self.form.get_by_label(f"{WORDS['label']}{unit}", exact=True)
        self.said = self.form.get_by_role("status")

    def answer(self, text: str) -> None:
        self.field.fill(text)
        self.form.get_by_role("button", name=WORDS["check"], exact=True).click()

    def says(self, message: str) -> None:
        self.said.filter(has_text=re.compile(f"^{re.escape(message)}$")).wait_for()


def test_a_right_number_is_right(page, site):
    page.goto(f"{site}/{CHAPTER}")
    for name in QUESTIONS:
        form = Form(page, name)
        form.answer(f"{form.question.right:.10g}")
        form.says(f"Right. {form.question.why}")
        assert form.field.get_attribute("aria-invalid") == "false"
        assert "right" in form.said.get_attribute("class")


def test_every_mistake_gets_its_message_over_http_and_from_the_disk(page, address):
    page.goto(address)
    for name in QUESTIONS:
        form = Form(page, name)
        for value, message in form.question.wrong:
            form.answer(repr(float(value)))
            form.says(message)
            assert form.field.get_attribute("aria-invalid") == "true"


def test_what_is_no_number_is_refused_kindly_and_never_becomes_markup(page, site):
    page.goto(f"{site}/{CHAPTER}")
    form = Form(page, "updates")
    form.answer("")
    form.says(WORDS["empty"])
    for text, part in [("many", "many"), ("<img src=x onerror=alert(1)>", "<img"), ("7 2", "2"), ("$&", "$&")]:
        form.answer(text)
        form.says(WORDS["unread"].format(part=part))
    form.answer("(" * 10_000)
    form.says(WORDS["long"])
    assert form.form.locator("img").count() == 0


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("half_noise_finite", ["12000/31", "12,000/31", "387"]),
        ("reach", ["10/3", "3,33"]),
        ("floor", ["1/140", "7.14e-3", "0,0071"]),
        ("distinct", ["948", "1500*(1-(1-1/1500)**1500)", "94836.5 %"]),
        ("gflop", ["0.13", "0,126", "0.126 GFLOP", "2 × 384 × 256 × 640 ÷ 10^9"]),
        ("batch_means", ["0.311", "0,311"]),
        ("half_noise", ["2**9 − 2**5", "4·120"]),
    ],
)
def test_an_answer_typed_as_people_write_it_is_right(page, site, name, texts):
    page.goto(f"{site}/{CHAPTER}")
    form = Form(page, name)
    for text in texts:
        form.field.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        form.says(f"Right. {form.question.why}")


def test_a_share_of_the_rows_is_told_from_their_number(page, site):
    page.goto(f"{site}/{CHAPTER}")
    form = Form(page, "distinct")
    form.answer("63.2 %")
    form.says("That is the share. The number of rows is asked for.")


def test_how_many_digits_are_wanted_stands_beside_each_field_and_describes_it(page, site):
    page.goto(f"{site}/{CHAPTER}")
    for name in QUESTIONS:
        form = Form(page, name)
        wanted = form.form.get_by_text(form.question.wanted, exact=True)
        expect(wanted).to_be_visible()
        box, field = wanted.bounding_box(), form.field.bounding_box()
        assert abs(box["y"] + box["height"] / 2 - field["y"] - field["height"] / 2) < 4, "in the same line"
        expect(form.field).to_have_accessible_description(form.question.wanted)
        form.answer("many")
        said = WORDS["unread"].format(part="many")
        expect(form.field).to_have_accessible_description(f"{form.question.wanted} {said}")


def test_an_answer_by_keyboard_stays_on_the_page(page, site):
    page.goto(f"{site}/{CHAPTER}")
    form = Form(page, "updates")
    form.field.focus()
    page.keyboard.type("1,503")
    page.keyboard.press("Enter")
    form.says(WORDS["large"])
    assert page.evaluate("document.activeElement.id") == "check-updates", "the reader can go on typing"
    assert page.url == f"{site}/{CHAPTER}"
    page.keyboard.press("Backspace")
    assert form.said.text_content() == "", "an old verdict does not stand beside a new answer"
    assert form.field.get_attribute("aria-invalid") is None
    mark = form.said.evaluate("said => getComputedStyle(said, '::before').content")
    assert mark == "none", "nor does its cross"


def test_the_wanted_digits_and_the_status_describe_the_field(page, site):
    page.goto(f"{site}/{CHAPTER}")
    for form in page.locator("form.check").all():
        field = form.locator("input")
        assert form.locator("label").get_attribute("for") == field.get_attribute("id")
        described = [form.locator("span").get_attribute("id"), form.get_by_role("status").get_attribute("id")]
        assert field.get_attribute("aria-describedby").split() == described
    assert page.locator("form.check").count() == len(QUESTIONS)


def test_without_javascript_each_exercise_says_how_to_answer(new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(f"{site}/{CHAPTER}")
    forms = page.locator("form.check")
    assert forms.count() == len(QUESTIONS)
    assert [form.locator("p").text_content() for form in forms.all()] == [
        QUESTIONS[form.get_attribute("data-check")]().missing for form in forms.all()
    ]
    assert forms.locator("input, button").count() == 0


def test_solutions_are_folded_until_asked_for(page, site):
    page.goto(f"{site}/{CHAPTER}")
    solutions = page.locator("details", has=page.get_by_text("Show the solution", exact=True))
    checks = [name for name in exercises.__all__ if name.startswith("check_")]
    assert solutions.count() >= len(checks) - 1, "two schedules share a solution"
    solution = page.locator("details", has=page.get_by_text("math.ceil(1503 / 64)")).last
    output = solution.get_by_text("Right. 24 an epoch")
    assert not output.is_visible()
    solution.locator("summary").click()
    output.wait_for()


def test_a_folded_chart_is_live_once_unfolded(page, site):
    page.goto(f"{site}/{CHAPTER}")
    fold = page.locator("details", has=page.locator("figure.plot")).first
    fold.locator("summary").first.click()
    fold.scroll_into_view_if_needed()
    chart = fold.locator("figure.plot .chart.live")
    chart.wait_for()
    assert chart.bounding_box()["width"] > 400


def test_the_forms_fit_a_phone(new_page, site):
    page = new_page(viewport={"width": 375, "height": 800})
    page.goto(f"{site}/{CHAPTER}")
    for form in page.locator("form.check").all():
        box = form.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 375
        assert form.locator("input").bounding_box()["height"] >= 32


def test_the_lab_shows_what_python_computes(page, site):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "genie")
    lab.settled()
    lab.slide("Copies", "1,000 of each row")
    lab.settled()
    for text in ("with replacement", "epochs", "updates", "seconds"):
        lab.control(text).check()
        lab.settled()
    for program in ("NumPy", "PyTorch with a DataLoader"):
        lab.control("Whose seconds").select_option(label=program)
        lab.settled()
    for method in ("Gradient descent", "One at a time"):
        lab.control("Method").select_option(label=method)
        result = lab.settled()
        assert [key for key, _ in result["say"]] == ["copied", "times"]
    lab.slide("Seed", "4")
    lab.slide("Copies", "none")
    lab.settled()


def test_a_link_in_the_text_sets_the_lab(page, site):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "genie")
    page.get_by_role("link", name="with replacement", exact=True).click()
    page.wait_for_function("() => location.hash.startsWith('#genie?')")
    lab.settled()
    assert lab.settings() | {"copies": 1000, "sampling": "replacement", "axis": "seconds"} == lab.settings()
