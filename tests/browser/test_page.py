"""The main lab of the built page."""


def test_a_moved_slider_redraws_the_curve(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    lab = page.locator("figure.lab[data-name=scratch]")
    lab.locator(".chart.live").wait_for()
    before = lab.locator(".summary").text_content()
    curve = lab.locator(".scatterlayer .trace path.js-line").last.get_attribute("d")
    page.get_by_label("Batch size").first.focus()
    page.keyboard.press("ArrowRight")
    lab.locator(".summary").filter(has_text="Batch size 20").wait_for()
    assert lab.locator(".summary").text_content() != before
    assert lab.locator(".scatterlayer .trace path.js-line").last.get_attribute("d") != curve
