"""The labs of the built page, which run without a kernel, over http and from the disk."""

import io
import math
import re

import pytest
from PIL import Image
from test_access import switch
from watch import watched

from tools.browser import BOOK
from tools.labs import CURVE, Lab, results, sentence, wake

CHAPTER = "chapters/scratch.html"
LOSS_FELL = re.compile(r"It first fell to 0\.25 after [\d,]+ updates, [\d.]+ (µs|ms|s) of training\.$")
UNKNOWN = "Some settings in this link are unknown here"


@pytest.fixture(params=["http", pytest.param("file", marks=pytest.mark.long)])
def address(request, site):
    """The chapter's address, behind a server and on the disk."""
    return f"{site}/{CHAPTER}" if request.param == "http" else (BOOK / CHAPTER).as_uri()


@pytest.fixture(scope="module")
def shared(chromium, site):
    """The main lab, live on one page for several tests."""
    with watched(chromium) as new_page:
        page = new_page()
        page.goto(f"{site}/{CHAPTER}")
        yield Lab(page, "scratch")


@pytest.fixture
def lab(shared):
    """It at its defaults."""
    shared.button("Reset").click()
    shared.settled()
    return shared


@pytest.mark.parametrize(
    ("label", "there", "back"),
    [("Batch size", "ArrowRight", "ArrowLeft"), ("Learning rate", "ArrowLeft", "ArrowRight")],
)
def test_a_slider_moved_by_keyboard_redraws_the_curve(page, address, label, there, back):
    page.goto(address)
    lab = Lab(page, "scratch")
    lab.settled()
    curve, said = lab.drawn(), lab.summary.text_content()
    lab.control(label).focus()
    page.keyboard.press(there)
    lab.settled()
    assert lab.drawn() != curve
    assert lab.summary.text_content() != said
    page.keyboard.press(back)
    lab.settled()
    assert lab.drawn() == curve
    assert lab.summary.text_content() == said


@pytest.mark.parametrize("label", ["Batch size", "Learning rate"])
def test_a_slider_dragged_by_mouse_redraws_the_curve_on_the_way(page, address, label):
    page.goto(address)
    lab = Lab(page, "scratch")
    lab.settled()
    lab.control(label).scroll_into_view_if_needed()
    box = lab.control(label).bounding_box()
    seen = {lab.drawn()}
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in (0.1, 0.5, 0.8):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
        lab.settled()
        seen.add(lab.drawn())
    page.mouse.up()
    assert len(seen) == 4


def test_a_diverging_run_says_so(lab):
    """The watched page proves that nothing went wrong on the way."""
    lab.control("Learning rate").press("End")
    lab.settled()
    assert "training diverged" in lab.summary.text_content()
    assert max(lab.line("run")["y"]) < 3, "a diverging curve is cut off at the edge of the chart"
    lab.control("log y").check()
    lab.settled()
    assert lab.axes()["y"] == "log"


def test_the_axis_switches(lab):
    ends = {}
    for text, end in (("examples", 3000), ("updates", 300), ("seconds", None), ("epochs", 2)):
        lab.control(text).check()
        lab.settled()
        ends[text] = lab.line("run")["x"][-1]
        assert end is None or ends[text] == end
        assert lab.axes()["title"] == lab.description["fixed"]["titles"][text]
    assert 0 < ends["seconds"] < 60


def test_every_program_gives_a_time(lab):
    lab.control("seconds").check()
    menu = lab.control("Whose seconds")
    times = {}
    for text in menu.locator("option").all_text_contents():
        menu.select_option(label=text)
        if text == "right here":  # this browser's own: Python cannot know them
            lab.figure.locator(".summary:not([aria-busy])").wait_for()
        else:
            lab.settled()
        assert LOSS_FELL.search(lab.summary.text_content())
        times[text] = lab.line("run")["x"][-1]
    assert len(set(times.values())) == len(times) == 4
    assert all(0 < seconds < 60 for seconds in times.values())


def test_seconds_right_here_are_given_for_every_number_of_rows(lab):
    lab.control("seconds").check()
    lab.control("Whose seconds").select_option(label="right here")
    lab.control("Batch size").press("End")
    lab.slide("Learning rate", "1")
    for rows in ("15,000", "150,000", "1.5 million"):
        lab.slide("Rows", rows)
        lab.summary.filter(has_text=re.compile(r"after 2 updates.* It never fell to 0\.25\.$")).wait_for()
        lab.page.wait_for_function(
            "([chart, rows]) => chart.data.find(({ meta }) => meta === 'run').x.at(-1) > rows * 1e-9",
            arg=[lab.chart.element_handle(), int(lab.settings()["rows"])],
        )


def test_log_axes(lab):
    lab.control("log x").check()
    lab.control("log y").check()
    lab.settled()
    assert lab.axes() == {"x": "log", "y": "log", "title": "epochs"}
    assert min(lab.line("run")["x"]) > 0
    assert "NaN" not in lab.figure.inner_html()
    lab.control("log x").uncheck()
    lab.settled()
    assert lab.line("run")["x"][0] == 0


@pytest.mark.proves("The faint band shows the range of thirty seeds")
def test_the_band_holds_the_runs_of_its_seeds(lab):
    box = lab.control("30 seeds")
    assert box.is_checked()
    lab.slide("Seed", "7")
    lab.settled()
    low, run, high = (lab.line(meta)["y"] for meta in ("low", "run", "high"))
    assert all(a <= b <= c for a, b, c in zip(low, run, high))
    assert any(a < b < c for a, b, c in zip(low, run, high))
    box.uncheck()
    lab.settled()
    assert lab.line("low")["x"] == []


def test_the_classic_runs_have_their_classic_budgets(lab):
    lab.control("classic runs").check()
    lab.settled()
    assert {meta: lab.line(meta)["x"][-1] for meta in ("gd", "sgd", "b100", "b10")} == {
        "gd": 10,
        "sgd": 2,
        "b100": 2,
        "b10": 2,
    }
    lab.control("updates").check()
    lab.settled()
    assert {meta: lab.line(meta)["x"][-1] for meta in ("gd", "sgd", "b100", "b10")} == {
        "gd": 10,
        "sgd": 3000,
        "b100": 30,
        "b10": 300,
    }


def test_reset_brings_back_the_defaults(lab):
    start = lab.settings()
    lab.control("Batch size").press("End")
    lab.control("updates").check()
    lab.control("30 seeds").uncheck()
    lab.control("Whose seconds").select_option(index=0)
    lab.settled()
    lab.page.wait_for_url("**batch=all**")
    lab.button("Reset").click()
    lab.settled()
    assert lab.settings() == start
    lab.page.wait_for_url(lambda url: "=" not in url.partition("#")[2])


# Notes how many points of the run are drawn, each time that changes.
NOTE_LENGTHS = """chart => {
  const at = chart.data.findIndex(({ meta }) => meta === 'run');
  window.lengths = [];
  new MutationObserver(() => {
    if (lengths.at(-1) !== chart.calcdata[at].length) lengths.push(chart.calcdata[at].length);
  }).observe(chart, { subtree: true, childList: true, attributes: true });
}"""
# Acts as soon as a part of the run is drawn.
MEANWHILE = """([button, whole]) => new Promise((done) => {
  lengths.length = 0;
  button.click();
  const look = () => {
    if (!(lengths.at(-1) < whole)) return requestAnimationFrame(look);
    %s;
    done();
  };
  look();
})"""


def test_play_draws_the_run_from_its_beginning(lab):
    whole = len(lab.settled()["traces"]["run"]["x"])
    curve = lab.drawn()
    lab.chart.evaluate(NOTE_LENGTHS)
    play = lab.button("Play")
    node = play.element_handle()
    play.click()
    lab.button("Stop").wait_for()
    play.wait_for()  # it is over
    lengths = lab.page.evaluate("lengths")
    assert lengths == sorted(lengths)
    assert lengths[0] < whole == lengths[-1]
    lab.settled()
    assert lab.drawn() == curve

    lab.page.evaluate(MEANWHILE % "button.click(); lengths.length = 0", [node, whole])
    play.wait_for()
    lab.settled()
    assert lab.drawn() == curve
    lab.page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 200))")
    assert lab.page.evaluate("lengths") == [whole], "what was stopped does not go on"

    slider = lab.control("Batch size").element_handle()
    move = "slider.stepUp(); slider.dispatchEvent(new Event('input')); window.word = button.textContent"
    lab.page.evaluate(MEANWHILE.replace("whole]", "whole, slider]") % move, [node, whole, slider])
    assert lab.page.evaluate("word") == "Play", "a move ends it"
    lab.settled()
    assert lab.drawn() != curve


def test_a_link_inside_the_page_sets_the_lab(page, address):
    page.goto(f"{address}#scratch?batch=1&lr=0.005")
    lab = Lab(page, "scratch")
    lab.settled()
    assert lab.summary.text_content().startswith("Batch size 1, learning rate 0.005: ")
    page.evaluate("location.hash = '#scratch?batch=100&lr=0.4'")
    lab.summary.filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()
    lab.settled()
    page.evaluate("location.hash = '#scratch?seed=3'")  # what is missing is the default
    lab.summary.filter(has_text="Batch size 10, learning rate 0.05: ").wait_for()
    lab.settled()
    assert lab.settings()["seed"] == 3
    assert page.get_by_text(UNKNOWN).count() == 0
    page.go_back()
    lab.summary.filter(has_text="Batch size 100, learning rate 0.4: ").wait_for()


def test_an_address_that_names_no_lab_changes_nothing(page, site):
    page.goto(f"{site}/{CHAPTER}#nobody?batch=1")
    lab = Lab(page, "scratch")
    for text in ("#__proto__?batch=1", "#toString?a=b", "#?", "#%", "#scratch", "#"):
        lab.settled()
        assert lab.summary.text_content().startswith("Batch size 10, learning rate 0.05: ")
        page.evaluate(
            """hash => new Promise((followed) => {
                 addEventListener('hashchange', followed, { once: true });
                 location.hash = hash;
               })""",
            text,
        )
    lab.settled()
    assert lab.summary.text_content().startswith("Batch size 10, learning rate 0.05: ")


def _cell(chart, batch: float, rate: float) -> dict:
    """Where a run lies on the map, in pixels of the window."""
    return chart.evaluate(
        """(chart, [batch, rate]) => {
             const { xaxis, yaxis } = chart._fullLayout;
             const { left, top } = chart.querySelector('.main-svg').getBoundingClientRect();
             return { x: left + xaxis._offset + xaxis.d2p(batch), y: top + yaxis._offset + yaxis.d2p(rate) };
           }""",
        [batch, rate],
    )


def _is_loaded(main: Lab, batch: int, rate: float) -> None:
    main.summary.filter(has_text=f"Batch size {batch:,}, learning rate {rate:.2g}: ").wait_for()
    main.settled()
    assert main.settings()["batch"] == batch
    assert math.isclose(main.settings()["lr"], rate, rel_tol=0.01)


def test_every_line_of_the_map_lies_where_its_order_puts_it(page, site):
    page.goto(f"{site}/{CHAPTER}")
    plane = Lab(page, "map")
    for _ in range(2):
        plane.settled()
        order = plane.chart.locator(".scatterlayer .trace").evaluate_all(
            "traces => traces.map((one) => one.__data__[0].trace.index)"
        )
        assert len(order) > 9 and order == sorted(order), "the largest stable rate lies over the areas"
        plane.control("Seed").press("ArrowRight")


@pytest.mark.proves("Click a cell, or press the button, to load its run into the main lab")
def test_a_click_on_the_map_loads_that_run_into_the_main_lab(page, address):
    page.goto(address)
    main, plane = Lab(page, "scratch"), Lab(page, "map")
    plane.settled()
    sizes, rates = plane.description["fixed"]["sizes"], plane.description["fixed"]["rates"]
    batch, rate = sizes[6], rates[12]
    plane.chart.scroll_into_view_if_needed()
    page.mouse.click(**_cell(plane.chart, batch, rate))  # the very middle of its cell
    plane.says(sentence(plane.description, plane.expected()))
    assert plane.settings() == {"batch": batch, "lr": rate, "seed": 0}
    _is_loaded(main, batch, rate)


@pytest.mark.proves("Click a cell, or press the button, to load its run into the main lab")
def test_a_button_of_the_map_loads_its_run_into_the_main_lab(page, site):
    page.goto(f"{site}/{CHAPTER}")
    main, plane = Lab(page, "scratch"), Lab(page, "map")
    for size in plane.description["fixed"]["sizes"][3:6]:
        plane.slide("Batch size", str(size))
        plane.control("Learning rate").press("ArrowRight")
        plane.settled()
        plane.button("Load this run above").press("Enter")
        _is_loaded(main, size, plane.settings()["lr"])


def _is_loaded(main: Lab, batch: int, rate: float) -> None:
    main.summary.filter(has_text=f"Batch size {batch:,}, learning rate {rate:.2g}: ").wait_for()
    main.settled()
    assert main.settings()["batch"] == batch
    assert math.isclose(main.settings()["lr"], rate, rel_tol=0.01)


# Follows a link, and notes in `said` what a lab says from then on: until the page hears of it, the old setting is no wrong one.
LEAVE = """([summary, hash]) => {
  const note = () => {
    window.said = [];
    new MutationObserver(() => said.push(summary.textContent)).observe(summary, { childList: true, characterData: true, subtree: true });
  };
  addEventListener('hashchange', note, { capture: true, once: true });
  location.hash = hash;
}"""


@pytest.mark.parametrize(
    ("name", "slow", "quick"),
    [
        ("scratch", "rows=1500000&batch=1&seed=3", "batch=100&lr=0.4&seed=4"),
        ("map", "seed=5", "seed=6&batch=50"),
    ],
)
def test_after_a_move_nothing_is_said_or_drawn_of_a_setting_that_was_left(page, site, name, slow, quick):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, name)
    lab.settled()
    page.evaluate(f"location.hash = '#{name}?{slow}'")
    lab.figure.locator(".summary[aria-busy]").wait_for()  # it is at work
    page.evaluate(LEAVE, [lab.summary.element_handle(), f"#{name}?{quick}"])
    page.wait_for_function("() => window.said?.length")
    lab.settled()
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 1000))")
    lab.settled()
    own = {sentence(lab.description, result) for result in results(lab.description, lab.settings())}
    assert set(page.evaluate("said")) <= own


INK = """chart => {
  const { color } = getComputedStyle(chart);
  const texts = [...chart.querySelectorAll('.xtick text, .ytick text, .legendtext')];
  const grid = [...chart.querySelectorAll('.gridlayer path')]; // some charts have none
  return texts.length > 4 && texts.every((one) => getComputedStyle(one).fill === color)
    && grid.every((one) => getComputedStyle(one).stroke === color && getComputedStyle(one).strokeOpacity < 0.5);
}"""


def test_every_chart_takes_the_ink_of_the_theme_that_a_reader_switches_to(page, site):
    page.goto(f"{site}/{CHAPTER}")
    wake(page)
    charts = page.locator("figure:is(.lab, .plot) .chart")
    for chart in charts.all():
        chart.scroll_into_view_if_needed()
        page.wait_for_function(f"chart => chart.matches('.live') && ({INK})(chart)", arg=chart.element_handle())
    inks = set()
    for theme in ("light", "dark", "light"):
        switch(page, theme)
        inks.add(charts.first.evaluate("chart => getComputedStyle(chart).color"))
        for chart in charts.all():
            page.wait_for_function(INK, arg=chart.element_handle())
    assert len(inks) == 2


@pytest.mark.parametrize("name", ["scratch", "map", "path"])
def test_the_table_holds_the_numbers_of_the_chart(page, site, name):
    page.goto(f"{site}/{CHAPTER}")
    lab = Lab(page, name)
    lab.settled()
    lab.figure.get_by_text("The numbers", exact=True).click()
    lab.control("Batch size").press("ArrowRight")
    lab.settled()
    compare_table(lab)


def test_the_head_of_the_table_follows_the_axis(lab):
    lab.figure.get_by_text("The numbers", exact=True).click()
    lab.control("updates").check()
    lab.settled()
    assert lab.figure.locator("th").nth(1).text_content() == "updates"
    compare_table(lab)


def compare_table(lab: Lab) -> None:
    """Row by row, what the table says and what the chart draws."""
    rows = lab.figure.locator(".numbers table").evaluate_all(
        """tables => tables.flatMap((table) => {
             const heads = [...table.querySelectorAll('thead th')].map((one) => one.textContent);
             return [...table.tBodies[0].rows].map(({ cells }) => ({
               panel: table.caption?.textContent ?? null,
               cells: Object.fromEntries([...cells].map((one, i) => [heads[i], one.textContent])),
             }));
           })"""
    )
    drawn = lab.points()
    assert len(rows) == len(drawn) > 10
    has_panels = len({one["panel"] for one in drawn}) > 1
    for row, one in zip(rows, drawn):
        assert row["panel"] == (one["panel"] if has_panels else None)
        assert row["cells"].pop("line") == one["line"] != ""
        numbers = {head: float(text) for head, text in row["cells"].items() if text}
        wanted = {head: value for head, value in one["numbers"].items() if value is not None}
        assert numbers == pytest.approx(wanted, rel=1e-4)


def test_the_static_picture_gives_way_to_the_chart(lab):
    assert lab.chart.locator("svg.main-svg").count() > 0
    assert lab.figure.locator(CURVE).count() > 0
    assert lab.chart.locator("> svg").count() == 0
    lab.chart.hover()
    assert lab.chart.locator(".modebar-btn").count() == 0, "no tools of Plotly's over it"


def test_the_place_of_a_chart_is_as_high_as_the_chart_before_it_lives_and_when_a_phone_is_turned(new_page, site):
    page = new_page(viewport={"width": 375, "height": 740})
    page.goto(f"{site}/{CHAPTER}")
    chart = page.locator("figure.lab[data-name=path] .chart")
    before = chart.bounding_box()["height"]
    lab = Lab(page, "path")
    lab.settled()
    assert chart.bounding_box()["height"] == before == lab.description["figure"]["layout"]["meta"]["narrow"]["height"]
    page.set_viewport_size({"width": 740, "height": 375})
    page.wait_for_function(
        "([chart, height]) => chart.layout.height === height && chart.getBoundingClientRect().height === height",
        arg=[chart.element_handle(), lab.description["figure"]["layout"]["height"]],
    )


def test_a_slider_is_filled_up_to_its_thumb(lab):
    slider = lab.control("Seed")
    inks = {}
    for text in ("0", "50", "99"):
        lab.slide("Seed", text)
        picture = Image.open(io.BytesIO(slider.screenshot()))
        inks[text] = [picture.getpixel((part * picture.width // 4, picture.height // 2)) for part in (1, 3)]
    (empty, _), (filled, _) = inks["0"], inks["99"]
    assert empty != filled
    assert inks == {"0": [empty, empty], "50": [filled, empty], "99": [filled, filled]}


def test_a_chart_takes_the_width_that_a_hidden_contents_list_leaves(lab):
    fits = "([chart, least, most]) => [chart, chart.querySelector('.main-svg')].every(({ clientWidth }) => clientWidth >= least && clientWidth <= most)"
    lab.settled()
    chart = lab.chart.element_handle()
    narrow = chart.evaluate("({ clientWidth }) => clientWidth")
    toggle = lab.page.get_by_role("button", name="Toggle primary sidebar").locator("visible=true").first
    toggle.click()
    lab.page.wait_for_function(fits, arg=[chart, narrow + 100, narrow + 400])
    toggle.click()
    lab.page.wait_for_function(fits, arg=[chart, narrow - 1, narrow + 1])
