"""Many moves at once, many labs on a page, many pages: the last setting wins, and each lab is its own."""

from random import Random

import pytest

from tools.browser import BOOK
from tools.labs import TWICE, Lab, sentence
from tools.measures import heap

CHAPTER = "chapters/scratch.html"
MOVES = {"scratch": 20, "reading-data": 20}  # in a chapter
LONG = ["index", "vectorization", "minibatch-statistics", "concise", "schedules", "exercises"]
SLOW = {"rows"}  # a million and a half rows have a test of their own
KEYS = ["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"]

# What a browser does to a page in the background, which a browser without a window never has: no frames.
AWAY = """
const ask = window.requestAnimationFrame.bind(window);
const dropped = new Set();
let asked = 0;
window.away = false;
window.frames_seen = 0;
window.requestAnimationFrame = (act) => {
  const id = ++asked;
  const wait = (now) => {
    if (window.away) ask(wait);
    else if (!dropped.has(id)) act(now);
  };
  ask(wait);
  return id;
};
window.cancelAnimationFrame = (id) => dropped.add(id);
Object.defineProperty(document, 'hidden', { get: () => window.away });
Object.defineProperty(document, 'visibilityState', { get: () => (window.away ? 'hidden' : 'visible') });
window.go = (away) => {
  window.away = away;
  document.dispatchEvent(new Event('visibilitychange'));
};
const count = () => ask(() => (window.frames_seen++, count()));
count();
"""

# Notes in `lengths` how much of a run is drawn in each frame.
LENGTHS = """chart => {
  window.lengths = new Set();
  const note = () => {
    lengths.add(chart.data.find(({ meta }) => meta === 'run').x.length);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}"""

# Safari's limit.
LIMIT = """
const replace = history.replaceState.bind(history);
const times = [];
history.replaceState = (...given) => {
  const now = performance.now();
  times.push(now);
  if (times.filter((time) => now - time < 30_000).length > 100) throw new DOMException('more than 100 times per 30 seconds', 'SecurityError');
  replace(...given);
};
"""


def move(lab: Lab, random: Random) -> None:
    """Move one of a lab's controls as a hand would: by key or by pointer."""
    control = random.choice([one for one in lab.description["controls"] if one["key"] not in SLOW])
    texts = [text for text, value in control["options"] if value != "here"]  # what this machine takes differs each time
    match control["kind"]:
        case "range" if random.random() < 0.3:
            slider = lab.control(control["label"])
            box = slider.bounding_box()
            y = box["y"] + box["height"] / 2
            lab.page.mouse.move(box["x"] + random.random() * box["width"], y)
            lab.page.mouse.down()
            lab.page.mouse.move(box["x"] + random.random() * box["width"], y, steps=5)
            lab.page.mouse.up()
        case "range":
            lab.control(control["label"]).focus()
            for _ in range(5):
                lab.page.keyboard.press(random.choice(KEYS))
        case "menu":
            lab.control(control["label"]).select_option(label=random.choice(texts))
        case "box":
            lab.control(control["label"]).press("Space")
        case "buttons":
            lab.control(random.choice(texts)).check()


@pytest.mark.parametrize("chapter", [*MOVES, *(pytest.param(chapter, marks=pytest.mark.long) for chapter in LONG)])
def test_after_a_storm_over_all_labs_of_a_page_each_shows_its_last_setting(page, site, chapter):
    page.goto(f"{site}/chapters/{chapter}.html")
    names = page.locator("figure.lab").evaluate_all("figures => figures.map(({ dataset }) => dataset.name)")
    labs = [Lab(page, name) for name in names]
    page.evaluate("addEventListener('change', ({ target }) => (window.moved = target.closest('figure').dataset.name))")
    random = Random(chapter)
    for _ in range(MOVES.get(chapter, 60)):
        lab = random.choice(labs)
        lab.figure.locator(".controls").scroll_into_view_if_needed()
        move(lab, random)
    for lab in labs:
        lab.settled()
    page.wait_for_function("location.hash.startsWith(`#${moved}?`)")


def test_an_arrow_key_held_down_leaves_the_last_setting_in_the_address_of_safari_too(page, site):
    page.add_init_script(LIMIT)
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    slider = lab.control("Learning rate")
    slider.evaluate(
        """slider => new Promise((resolve) => {
             let left = 120;
             const beat = setInterval(() => {
               slider.value = left % 2 ? slider.max : slider.max - (left % 20);
               for (const type of ['input', 'change']) slider.dispatchEvent(new Event(type, { bubbles: true }));
               if (!left--) resolve(clearInterval(beat));
             }, 16);
           })"""
    )
    lab.settled()
    page.wait_for_function(
        "lr => Number(new URLSearchParams(location.hash.split('?')[1]).get('lr')) === lr", arg=lab.settings()["lr"]
    )


@pytest.mark.parametrize("hundreds", [3, pytest.param(10, marks=pytest.mark.long)])
def test_hundreds_of_moves_leave_the_last_curve_and_no_litter(page, site, hundreds):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    random = Random(0)
    labels = ("Batch size", "Learning rate")
    for label in labels:  # what is made once is made now
        lab.control(label).press("ArrowRight")
        lab.settled()
    before = heap(page)
    for _ in range(5 * hundreds):
        lab.control(random.choice(labels)).focus()
        for _ in range(20):
            page.keyboard.press(random.choice(["ArrowLeft", "ArrowRight"]))
    lab.settled()
    grown = heap(page) - before
    print(f"heap grew by {grown / 1e6:.1f} MB")
    assert grown < 1e6 * hundreds


def test_of_settings_that_take_long_the_newest_wins_and_nothing_of_an_older_one_comes_after_it(page, site):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    lab.slide("Rows", "1.5 million")
    lab.summary.filter(has_text="Training on 1,500,000 rows: ").wait_for()
    lab.control("Batch size").press("End")
    lab.slide("Learning rate", "1")
    said = sentence(lab.description, lab.expected())
    assert " after 2 updates, " in said
    lab.says(said)
    page.evaluate(
        "() => { let left = 30; (function count() { if (left--) requestAnimationFrame(count); else window.counted = true; })(); }"
    )
    page.wait_for_function("() => window.counted")
    lab.settled()


@pytest.fixture
def twice(page, site):
    """The chapter with its main lab a second time."""

    def doubled(route):
        html = (BOOK / CHAPTER).read_text()
        begin = html.index('<figure class="lab" data-name="scratch"')
        end = html.index("</figure>", begin) + len("</figure>")
        route.fulfill(body=html[:end] + html[begin:end] + html[end:], content_type="text/html")

    page.route(f"**/{CHAPTER}*", doubled)
    page.goto(f"{site}/{CHAPTER}#scratch?batch=1")
    return Lab(page, "scratch"), Lab(page, "scratch-2")


def test_the_same_lab_twice_on_a_page_is_two_labs(twice):
    page = twice[0].page
    assert page.evaluate(TWICE) == []
    assert [lab.settings()["batch"] for lab in twice] == [1, 10], "the address is the first one's"
    for lab, setting in zip(twice, ("updates", "seconds")):
        lab.figure.get_by_text(setting, exact=True).first.locator("xpath=..").click()  # by its label
        lab.control("Batch size").press("ArrowRight")
    for lab in twice:
        lab.settled()
    assert [lab.settings()["axis"] for lab in twice] == ["updates", "seconds"]
    twice[1].button("Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    again = Lab(page, "scratch-2")
    again.settled()
    assert again.settings()["axis"] == "seconds"
    assert Lab(page, "scratch").settings()["axis"] == "epochs"


def test_the_map_loads_its_run_into_the_first_of_two_labs_of_a_name(twice):
    first, second = twice
    plane = Lab(first.page, "map")
    plane.control("Batch size").press("ArrowRight")
    plane.button("Load this run above").press("Enter")
    first.settled()
    assert first.settings()["batch"] == plane.settings()["batch"] != second.settings()["batch"] == 10


def test_a_run_that_was_left_in_a_background_tab_is_finished_when_the_reader_is_back(page, site):
    page.add_init_script(AWAY)
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    lab.settled()
    before = lab.line("high")
    page.evaluate("go(true)")
    page.evaluate("location.hash = '#scratch?batch=100&lr=0.4'")
    page.wait_for_function("seen => frames_seen > seen + 30", arg=page.evaluate("frames_seen"), polling=50)
    assert lab.line("high") in (before, {"x": [], "y": []}), "the thirty seeds wait"
    page.evaluate("go(false)")
    lab.summary.filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()
    lab.settled()
    assert lab.line("high") not in (before, {"x": [], "y": []})


def test_a_run_that_plays_in_a_background_tab_is_whole_when_the_reader_is_back(page, site):
    page.add_init_script(AWAY)
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    whole = len(lab.settled()["traces"]["run"]["x"])
    lab.button("Play").click()
    page.wait_for_function(
        "([chart, whole]) => chart.data.find(({ meta }) => meta === 'run').x.length < whole",
        arg=[lab.chart.element_handle(), whole],
    )
    page.evaluate("go(true)")
    page.wait_for_timeout(3000)  # as long as it plays
    left = len(lab.line("run")["x"])
    page.evaluate(LENGTHS, lab.chart.element_handle())
    page.evaluate("go(false)")
    lab.button("Play").wait_for()
    page.wait_for_function("whole => lengths.has(whole)", arg=whole)
    assert set(page.evaluate("[...lengths]")) <= {left, whole}, "it does not go on playing"


def test_two_tabs_of_a_page_keep_their_own_settings(page, site):
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{site}/{CHAPTER}")
    here, there = Lab(page, "scratch"), Lab(other, "scratch")
    here.control("Batch size").press("ArrowLeft")
    there.control("Batch size").press("ArrowRight")
    for lab in (here, there):
        lab.settled()
    assert here.settings()["batch"] < 10 < there.settings()["batch"]
    for lab in (here, there):
        lab.page.reload()
    assert Lab(page, "scratch").settings()["batch"] < 10 < Lab(other, "scratch").settings()["batch"]
