"""Without a mouse: the keyboard reaches and moves everything, the focus shows, and what happened is said once."""

from itertools import pairwise

import pytest
from test_every_chapter import CHAPTERS, WITH_LABS
from watch import watched

from tools.labs import Lab, labs_of, seen

# What can be focused in a figure, in the order of the document: of a group of radio buttons the one that is chosen.
STOPS = """figure => [...figure.querySelectorAll('input, select, button, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility() && !one.disabled && !(one.type === 'radio' && !one.checked)).length"""

# After a Tab: where the focus is, and whether what it left looks otherwise now.
STEP = """() => {
  const look = (node) => [node, ...(node.labels ?? [])].map((one) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(one);
    return outlineStyle === 'none' ? boxShadow : [outlineWidth, outlineColor, boxShadow];
  }).join();
  const left = window.focused;
  const node = document.activeElement;
  window.focused = { node, look: look(node) };
  const { left: x, top, bottom } = node.getBoundingClientRect();
  return {
    text: (node.labels?.[0] ?? node).textContent.trim(),
    lab: node.closest('figure.lab')?.dataset.name ?? null,
    stoodOut: !left || left.node === node || !left.node.isConnected || look(left.node) !== left.look,
    x, top: top + scrollY, bottom: bottom + scrollY,
  };
}"""


# The next Tab is the first one.
TO_THE_TOP = """() => {
  const { body } = document;
  body.tabIndex = -1;
  body.focus();
  body.blur();
  body.removeAttribute('tabindex');
  scrollTo(0, 0);
}"""
IN_SIGHT = """() => {
  const { top, bottom } = document.activeElement.getBoundingClientRect();
  return document.activeElement.checkVisibility() && bottom > 0 && top < innerHeight;
}"""


def walk(page, count: int) -> list[dict]:
    """The stops of ``count`` Tabs; each has to be in sight and to look otherwise than without the focus."""
    seen(page)
    stops = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STEP))
        page.wait_for_function(IN_SIGHT)
    assert [before["text"] for before, stop in pairwise(stops) if not stop["stoodOut"]] == []
    return stops


@pytest.fixture(scope="module", params=WITH_LABS)
def labs(request, chromium, site):
    """All labs of a chapter, on one page for several tests: each leaves them at their defaults."""
    with watched(chromium) as new_page:
        page = new_page()
        page.goto(f"{site}/{request.param}.html")
        yield labs_of(page)


def test_tab_goes_through_each_lab_in_the_order_seen_and_out_again(labs):
    for lab in labs:
        page = lab.page
        page.evaluate("window.focused = undefined")
        lab.figure.evaluate("figure => { figure.tabIndex = -1; figure.focus(); figure.removeAttribute('tabindex'); }")
        *inside, outside = walk(page, lab.figure.evaluate(STOPS) + 1)
        assert [stop["lab"] for stop in inside] == [lab.name] * len(inside)
        assert outside["lab"] != lab.name
        for before, stop in pairwise(inside):  # further down, or on the same line and further right
            assert stop["top"] >= before["bottom"] - 2 or stop["x"] > before["x"], (before, stop)


def test_keys_move_every_control_of_every_lab(labs):
    for lab in labs:
        start, said = lab.settings(), lab.summary.text_content()
        for one in lab.description["controls"]:
            before = lab.settings()
            key = {"range": "ArrowRight", "menu": "ArrowDown", "box": "Space", "buttons": "ArrowRight"}[one["kind"]]
            back = {"ArrowRight": "ArrowLeft", "ArrowDown": "ArrowUp"}.get(key, key)
            index = lab.index(one)
            label = one["options"][index][0] if one["kind"] == "buttons" else one["label"]
            lab.control(label).press(back if index == len(one["options"]) - 1 else key)
            assert lab.settings() == before | {one["key"]: one["options"][lab.index(one)][1]} != before
        lab.button("Reset").press("Enter")
        lab.says(said)
        assert lab.settings() == start
        numbers = lab.figure.get_by_text("The numbers", exact=True)
        numbers.press("Enter")
        assert lab.figure.locator(".numbers").is_visible()
        numbers.press("Enter")
        assert not lab.figure.locator(".numbers").is_visible()


@pytest.mark.long
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_tab_goes_from_the_top_of_a_page_to_its_end_and_is_caught_nowhere(page, site, chapter):
    page.goto(f"{site}/{chapter}.html")
    names = [lab.name for lab in labs_of(page)]
    page.evaluate(TO_THE_TOP)
    walk(page, 1)
    stops = []
    while page.evaluate("document.activeElement !== document.body"):
        stops.append(walk(page, 1)[0]["lab"])
        assert len(stops) < 500
    assert [name for name in dict.fromkeys(stops) if name] == names


def test_a_screen_reader_hears_what_each_slider_stands_at_and_what_each_figure_is(labs):
    page = labs[0].page
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    names = [(node.get("role", {}).get("value"), node.get("name", {}).get("value")) for node in nodes]
    for lab in labs:
        for one in lab.description["controls"]:
            if one["kind"] == "range":
                assert ("slider", one["label"]) in names
                said = f"{one['label']} {one['options'][lab.index(one)][0]}"
                assert lab.control(one["label"]).get_attribute("aria-valuetext") == said
            elif one["kind"] == "buttons":
                assert ("group", one["label"]) in names
    assert names.count(("group", "Settings")) == len(labs)
    live = [node for node in nodes if any(one["name"] == "live" for one in node.get("properties", []))]
    assert len(live) == len(labs) + page.locator("form.check").count(), "a slider alone says what it stands at"
    figures = page.locator("figure:is(.lab, .plot)").locator("visible=true").all()
    assert len(figures) >= len(labs)
    for figure in figures:
        assert ("figure", figure.locator("figcaption").text_content()) in names
        description = figure.locator(".chart").get_attribute("aria-label")
        assert len(description) > 40 and ("image", description) in names
        assert figure.locator("thead th[scope=col]").count() >= 3 * figure.locator(".numbers table").count() > 0
        assert figure.locator("tbody tr").count() > 1


# A move in each of a dozen frames.
BURST = """async (slider) => {
  for (let i = 0; i < 12; i++) {
    slider.stepUp();
    slider.dispatchEvent(new Event('input'));
    await new Promise(requestAnimationFrame);
  }
}"""


def test_the_end_of_a_burst_of_moves_is_announced(page, site):
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    status = lab.figure.locator("p[role=status]")
    assert status.text_content() == "", "what a page shows by itself is not announced"
    status.evaluate(
        "node => new MutationObserver(() => (window.spoken ??= []).push(node.textContent)).observe(node, { childList: true })"
    )
    lab.control("Batch size").evaluate(BURST)
    lab.settled()
    said = lab.summary.text_content()
    page.wait_for_function("said => window.spoken?.at(-1) === said", arg=said)


# What waits for the reader to be quiet is done when the test says so.
HELD = """
const [later, never] = [setTimeout, clearTimeout];
window.held = new Map();
window.setTimeout = (act, delay, ...more) => {
  const id = later(delay === 700 ? () => {} : act, delay, ...more);
  if (delay === 700) held.set(id, act);
  return id;
};
window.clearTimeout = (id) => {
  held.delete(id);
  never(id);
};
"""


def test_what_a_page_shows_by_itself_is_not_announced_and_of_two_moves_the_second_is(page, site):
    page.add_init_script(HELD)
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    done = lab.figure.locator(".summary:not([aria-busy])")
    lab.settled()
    done.wait_for()
    assert page.evaluate("held.size") == 0
    for _ in range(2):
        lab.control("Batch size").press("ArrowRight")
        lab.settled()
        done.wait_for()
    assert page.evaluate("held.size") == 1, "the first is not announced any more"
    page.evaluate("held.forEach((act) => act())")
    assert lab.figure.locator("p[role=status]").text_content() == lab.summary.text_content()


def test_play_is_calm_where_motion_is_unwelcome(new_page, site):
    page = new_page(reduced_motion="reduce")
    page.goto(f"{site}/chapters/scratch.html")
    lab = Lab(page, "scratch")
    lab.settled()
    lab.chart.evaluate("""chart => {
      const path = () => [...chart.querySelectorAll('.scatterlayer .trace path.js-line')].at(-1).getAttribute('d');
      window.drawn = new Set([path()]);
      new MutationObserver(() => drawn.add(path())).observe(chart, { subtree: true, childList: true, attributes: true });
    }""")
    lab.button("Play").click()
    lab.button("Stop").wait_for()
    lab.button("Play").wait_for()
    assert 2 <= page.evaluate("drawn.size") <= 6, "three seconds at a picture each three quarters of a second"
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
