"""How fast the built page is; the bounds are the book's promises."""

import math
from itertools import pairwise
from statistics import median

import pytest

from tools.browser import BOOK
from tools.labs import Lab
from tools.measures import centile, live_after, paints

CHAPTER = "chapters/scratch.html"

pytestmark = pytest.mark.timed

MOVES = 60
ROUNDS = 3  # of a measurement; the best counts, for another program on the machine can only worsen one

# Notes in `gaps` the milliseconds between frames.
FRAMES = """() => {
  cancelAnimationFrame(window.counting);
  window.gaps = [];
  let last = performance.now();
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    window.counting = requestAnimationFrame(frame);
  };
  window.counting = requestAnimationFrame(frame);
}"""


@pytest.fixture
def lab(page, site):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, "scratch")
    lab.settled()
    return lab


@pytest.mark.parametrize("source", ["http", "file"])
def test_the_lab_is_live_within_a_second_and_a_half(new_page, site, source):
    address = f"{site}/{CHAPTER}" if source == "http" else (BOOK / CHAPTER).as_uri()
    best = math.inf
    for _ in range(ROUNDS):  # each in a context without a cache
        page = new_page()
        best = min(best, live_after(page, address))
        page.context.close()
        if best <= 1500:
            break
    print(f"live after {best:.0f} ms from {source}")
    assert best <= 1500


def _within(lab: Lab, most_median: float, most_centile: float) -> None:
    """Measure until a round keeps both bounds."""
    for _ in range(ROUNDS):
        times = paints(lab, MOVES)
        figures = (
            f"key to paint: median {median(times):.1f} ms, 95 of 100 within {centile(times):.1f}, worst {times[-1]:.1f}"
        )
        print(figures)
        if median(times) <= most_median and centile(times) <= most_centile:
            return
    raise AssertionError(figures)


def test_a_move_is_painted_within_two_frames(lab):
    _within(lab, 34, 50)


def test_a_slow_phone_paints_a_move_within_150_ms(lab):
    lab.page.context.new_cdp_session(lab.page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    _within(lab, math.inf, 150)


# Notes in `paints` the milliseconds from a key press to the frame after anything in the chart changed.
WATCH_ALL = """chart => {
  window.paints = [];
  let pressed = null;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), true);
  window.watching?.disconnect();
  window.watching = new MutationObserver(() => {
    if (pressed === null) return;
    const began = pressed;
    pressed = null;
    requestAnimationFrame(() => paints.push(performance.now() - began));
  });
  watching.observe(chart, { subtree: true, childList: true, attributes: true });
}"""
LABS = {"minibatch-statistics": ["gradients"], "schedules": ["schedules"]}  # the slowest, besides the main lab
OTHERS = {
    "index": ["start"],
    "vectorization": ["products"],
    "reading-data": ["batches"],
    "scratch": ["path", "map"],
    "concise": ["concise"],
    "exercises": ["genie"],
}


@pytest.mark.parametrize(
    ("chapter", "name"),
    [
        *((chapter, name) for chapter in LABS for name in LABS[chapter]),
        *(pytest.param(chapter, name, marks=pytest.mark.long) for chapter in OTHERS for name in OTHERS[chapter]),
    ],
)
def test_a_move_in_any_lab_is_painted_within_two_frames(page, site, chapter, name):
    page.goto(f"{site}/chapters/{chapter}.html")
    lab = Lab(page, name)
    lab.settled()
    sliders = lab.figure.locator("input[type=range]")
    most = sliders.evaluate_all("all => all.map(({ max, value }) => max - value)")
    sliders.nth(most.index(max(most))).focus()
    for _ in range(ROUNDS):
        page.evaluate(WATCH_ALL, lab.chart.element_handle())
        for i in range(MOVES):
            page.keyboard.press("ArrowRight" if i % 6 < 3 else "ArrowLeft")
            page.wait_for_function("count => paints.length >= count", arg=i + 1)
        times = sorted(page.evaluate("paints"))[:MOVES]
        figures = f"{name}: median {median(times):.1f} ms, 95 of 100 within {centile(times):.1f}, worst {times[-1]:.1f}"
        print(figures)
        if median(times) <= 34 and centile(times) <= 50:
            return
    raise AssertionError(figures)


def test_a_million_and_a_half_rows_leave_the_page_responsive(page, site):
    page.goto(f"{site}/{CHAPTER}#scratch?rows=1500000&batch=all&lr=0.5")
    lab = Lab(page, "scratch")
    worst = math.inf
    for batch in ("1000", "1500", "750")[:ROUNDS]:
        lab.settled()
        page.evaluate(FRAMES)
        lab.slide("Batch size", batch)
        lab.summary.filter(has_text="Training on 1,500,000 rows: ").wait_for()
        lab.summary.filter(has_text=f"after {3_000_000 // int(batch):,} updates, ").wait_for()
        worst = min(worst, max(page.evaluate("gaps")))
        if worst <= 100:
            break
    print(f"longest time without a frame: {worst:.0f} ms")
    assert worst <= 100


NOTE_DRAWINGS = """chart => {
  window.drawings = [];
  for (const name of ['react', 'animate']) {
    const draw = Plotly[name];
    Plotly[name] = (box, ...given) => {
      if (box === chart) drawings.push(performance.now());
      return draw.call(Plotly, box, ...given);
    };
  }
}"""


def test_a_result_that_grows_is_drawn_ten_times_a_second_at_most(lab):
    lab.page.evaluate(NOTE_DRAWINGS, lab.chart.element_handle())
    lab.slide("Rows", "1.5 million")
    lab.page.wait_for_function("summary => !summary.ariaBusy", arg=lab.summary.element_handle())
    times = lab.page.evaluate("drawings")
    waits = [after - before for before, after in pairwise(times)]
    assert len(waits) > 3, "of thirty seeds on many rows some are shown before the others are computed"
    assert sum(wait < 95 for wait in waits) <= 4, waits  # each step of the slider, and the last result, come at once
