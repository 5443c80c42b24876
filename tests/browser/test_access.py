"""Pages that everyone can use: axe finds nothing, in either theme, on a phone, before and after a lab was used."""

from pathlib import Path

import pytest
from test_every_chapter import CHAPTERS, some

from tools.labs import CURVE, Lab, labs_of

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHECK = """async rules => (await axe.run(document, { runOnly: rules })).violations.map(
  ({ id, nodes }) => [id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary])"""


def violations(page) -> list:
    page.evaluate(AXE.read_text())
    return page.evaluate(CHECK, RULES)


REACHABLE = "() => [...document.querySelectorAll('pre')].every((one) => one.scrollWidth <= one.clientWidth || one.tabIndex === 0)"
OTHERS = ["search", "genindex", "404"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}


def use(page) -> None:
    """Move a slider of every lab, and open the last lab's table."""
    labs = labs_of(page)
    for lab in labs:
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
    if labs:
        lab.figure.locator("details").last.evaluate("details => (details.open = true)")
        lab.figure.locator("tbody tr").first.wait_for()


def resize(page, size: dict) -> None:
    """Change the window, and wait until the theme has made what now scrolls reachable by keyboard."""
    page.set_viewport_size(size)
    page.wait_for_function(REACHABLE)


def switch(page, theme: str) -> None:
    """Choose a theme by the page's own button, which goes through light, dark and the system's."""
    while page.locator("html").get_attribute("data-mode") != theme:
        page.locator("button.theme-switch-button").locator("visible=true").first.click()
    page.mouse.move(2, 2)


@pytest.mark.parametrize("name", OTHERS)
def test_axe_finds_nothing_on_a_page_of_no_chapter_as_it_comes(page, site, name):
    page.goto(f"{site}/{name}.html" + ("?q=batch" if name == "search" else ""))
    if name == "search":
        page.locator("#search-results li").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("name", [*some(CHAPTERS), *OTHERS])
def test_axe_finds_nothing_on_a_dark_phone_once_labs_were_used(new_page, site, name):
    page = new_page(viewport=PHONE, color_scheme="dark")
    page.goto(f"{site}/{name}.html" + ("?q=batch" if name == "search" else ""))
    if name == "search":
        page.locator("#search-results li").first.wait_for()
    resize(page, PHONE)
    use(page)
    assert violations(page) == []


@pytest.mark.long
@pytest.mark.parametrize("name", CHAPTERS)
def test_axe_finds_nothing_in_either_theme_at_either_width_before_and_after_labs_were_used(page, site, name):
    page.goto(f"{site}/{name}.html")
    for step in (lambda page: None, use):
        step(page)
        for size in (WIDE, PHONE):
            resize(page, size)
            for theme in ("light", "dark"):
                switch(page, theme)
                assert violations(page) == [], (step, size, theme)


FADING = """() => {
  const { dataset } = document.documentElement;
  dataset.theme = dataset.theme === 'dark' ? 'light' : 'dark';
  return document.getAnimations()
    .filter(({ transitionProperty, effect }) => transitionProperty === 'color' && effect.target.textContent.trim())
    .map(({ effect }) => effect.target.outerHTML);
}"""


def test_no_text_fades_into_the_other_theme(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    assert page.evaluate(FADING) == []


def test_more_contrast_gives_every_control_a_full_line(page, site):
    page.emulate_media(contrast="more")
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    for one in (lab.figure, lab.button("Reset"), lab.figure.locator(".control.buttons label").last):
        colours = one.evaluate("one => [getComputedStyle(one).borderTopColor, getComputedStyle(one).color]")
        assert colours[0] == colours[1]


def test_a_chart_takes_the_ink_of_forced_colours_that_are_switched_on(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    lab.settled()
    page.emulate_media(forced_colors="active")
    page.wait_for_function(
        """chart => {
             const { color } = getComputedStyle(chart);
             return color === getComputedStyle(document.body).color && getComputedStyle(chart.querySelector('.xtick text')).fill === color;
           }""",
        arg=lab.chart.element_handle(),
    )


def test_forced_colours_keep_what_is_chosen_where_the_focus_is_and_what_the_chart_shows(page, site):
    page.emulate_media(forced_colors="active")
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    style = "(one, names) => names.map((name) => getComputedStyle(one)[name])"
    chosen, other = (lab.figure.locator("label", has_text=text) for text in ("epochs", "examples"))
    assert chosen.last.evaluate(style, ["outlineStyle"]) != other.last.evaluate(style, ["outlineStyle"])
    assert lab.control("Batch size").evaluate(style, ["appearance"]) == ["auto"], "a track of backgrounds would vanish"
    lab.button("Reset").focus()
    page.keyboard.press("Tab")
    outline, width = lab.button("Copy link").evaluate(style, ["outlineStyle", "outlineWidth"])
    assert outline != "none" and float(width.removesuffix("px")) >= 2
    ink = lab.chart.locator(".xtick text").first.evaluate("one => getComputedStyle(one).fill")
    assert ink == page.evaluate("getComputedStyle(document.body).color")
    assert len(set(lab.chart.locator(CURVE).evaluate_all("all => all.map((one) => getComputedStyle(one).stroke)"))) > 1
