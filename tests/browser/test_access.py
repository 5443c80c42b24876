"""Pages that everyone can use: axe finds nothing, in either theme, on a phone, before and after a lab was used."""

from pathlib import Path

import pytest
from labs import Lab
from test_every_chapter import CHAPTERS

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHECK = """async rules => (await axe.run(document, { runOnly: rules })).violations.map(
  ({ id, nodes }) => [id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary])"""


def violations(page) -> list:
    page.evaluate(AXE.read_text())
    return page.evaluate(CHECK, RULES)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_axe_finds_nothing_on_a_page_as_it_comes(page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    assert violations(page) == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_axe_finds_nothing_on_a_dark_phone_after_the_labs_were_used(new_page, site, chapter):
    page = new_page(viewport={"width": 375, "height": 900}, color_scheme="dark")
    page.goto(f"{site}/{chapter}.html")
    names = page.locator("figure.lab").evaluate_all("figures => figures.map(({ dataset }) => dataset.name)")
    for name in names:
        lab = Lab(page, name)
        lab.figure.locator("input[type=range]").first.press("ArrowRight")
    if names:
        lab.figure.locator("details").last.evaluate("details => (details.open = true)")
        lab.figure.locator("tbody tr").first.wait_for()
    assert violations(page) == []
