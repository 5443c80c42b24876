"""Labs with a kernel: sliders that compute again in Python."""

import asyncio
import json
import re

import ipywidgets
import plotly.graph_objects as go
import pytest

from d2lmini import Lab, training
from d2lmini.figures.chart import Chart
from d2lmini.labs import lab as lab_module
from d2lmini.labs import scratch
from d2lmini.labs.words import TITLES

SENTENCES = {"sum": "The sum is {total:d}."}  # Lab finds these by the module of the computation


def result(total: int) -> dict:
    return {"traces": {"run": {"x": [0, 1], "y": [0, total]}}, "layout": {}, "say": [["sum", {"total": total}]]}


def total_of(lab: Lab) -> int:
    return lab.result["traces"]["run"]["y"][1]


def addition(*, a: int, b: int, more: int = 0) -> dict:
    return result(a + b + more)


def slowly(*, a: int, b: int = 0):
    """Two partial results, and a whole one after many steps."""
    steps.append((a, "begun"))
    yield result(-1)
    for _ in range(300):
        steps.append((a, "step"))
        yield None
    yield result(-2)
    yield result(a + b)
    steps.append((a, "ended"))


steps: list[tuple[int, str]] = []


def make(compute=addition, **fixed) -> Lab:
    figure = go.Figure(go.Scatter(meta="run", name="run"))
    sliders = {"a": ipywidgets.IntSlider(value=1, min=0, max=100, description="first")}
    if compute in (addition, counted):
        sliders["b"] = ipywidgets.SelectionSlider(options=[("two", 2), ("ten", 10)], value=2, description="second")
    return Lab("sums", "A sum & its parts", sliders, compute, figure, **fixed)


def main_lab() -> Lab:
    sliders = {
        "batch": ipywidgets.SelectionSlider(options=[1, 10, 100, 1500], value=10, description="Batch size"),
        "lr": ipywidgets.FloatLogSlider(value=0.05, min=-3, max=1, step=0.1, description="Learning rate"),
        "band": ipywidgets.Checkbox(value=False, description="Spread"),
    }
    return Lab("scratch", "Training", sliders, training, scratch.figure(), titles=TITLES)


def slider(lab: Lab, label: str):
    """The slider that a reader sees under this label."""
    return next(child for child in lab.children if getattr(child, "description", None) == label)


def button(lab: Lab, label: str):
    """The button that a reader sees under this label."""
    buttons = [box for row in lab.children if hasattr(row, "children") for box in row.children]
    return next(one for one in buttons if one.description == label)


def page(lab: Lab) -> str:
    return lab._repr_mimebundle_()["text/html"]


def description(lab: Lab) -> dict:
    return json.loads(re.search(r'<script type="application/json">(.*)</script>', page(lab))[1])


# Sliders


def test_the_first_chart_of_a_kernel_brings_plotly_along_and_no_other_does(monkeypatch):
    monkeypatch.setattr(Chart, "_has_sent", False)
    figure = json.loads(scratch.figure().to_json())
    first, second = (Chart(figure, {"traces": {}, "layout": {}}) for _ in range(2))
    assert b"Plotly" in first.library and second.library == b""


def test_a_lab_begins_with_the_result_of_its_sliders():
    assert total_of(make()) == 3


def test_a_computation_may_be_a_plain_function_with_fixed_arguments():
    assert total_of(make(more=100)) == 103


def test_the_caption_stands_above_the_sliders():
    caption, first, *_ = make().children
    assert (caption.value, first.description) == ("A sum & its parts", "first")


def test_moving_a_slider_computes_again():
    lab = make()
    slider(lab, "first").value = 50
    assert total_of(lab) == 52


def test_set_moves_sliders_by_their_values():
    lab = make()
    lab.set(a=7, b=10)
    assert total_of(lab) == 17
    assert slider(lab, "second").label == "ten"


def counted(a: int, b: int):
    """An addition that is counted."""
    steps.append((a, b))
    return result(a + b)


def test_set_and_reset_compute_once_for_all_sliders_together():
    lab = make(counted)
    steps.clear()
    lab.set(a=7, b=10)
    assert steps == [(7, 10)]
    lab.set(a=7, b=10)
    assert steps == [(7, 10)], "nothing has moved"
    button(lab, "Reset").click()
    assert steps == [(7, 10), (1, 2)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": 5, "z": 3}, "'z' is no slider of 'sums': there are a, b"),
        ({"a": 5, "b": 7}, "'b' of 'sums' cannot be 7"),
        ({"b": 10, "a": "five"}, "'a' of 'sums' cannot be 'five'"),
        ({"b": 10, "a": None}, "'a' of 'sums' cannot be None"),
    ],
)
def test_where_one_value_means_nothing_no_slider_moves(values, message):
    lab = make(counted)
    steps.clear()
    with pytest.raises(ValueError, match=re.escape(message)):
        lab.set(**values)
    assert (slider(lab, "first").value, slider(lab, "second").value) == (1, 2)
    assert steps == [] and total_of(lab) == 3
    slider(lab, "first").value = 4
    assert total_of(lab) == 6, "a hand moves them still"


def test_setting_nothing_new_changes_nothing():
    lab = make()
    before = lab.result
    lab.set(a=1)
    assert lab.result == before


def test_of_a_generator_the_last_result_counts():
    assert total_of(make(slowly)) == 1


def test_the_main_lab_shows_what_its_computation_gives():
    lab = main_lab()
    before = lab.result
    lab.set(batch=100, lr=10**-0.4)
    expected = list(training(batch=100, lr=10**-0.4, titles=TITLES))[-1]
    assert lab.result == expected
    assert lab.result["traces"]["run"]["y"] != before["traces"]["run"]["y"]
    lab.set(band=True)
    assert len(lab.result["traces"]["high"]["x"]) > 0


def test_reset_goes_back_to_where_the_sliders_began():
    lab = make()
    lab.set(a=70, b=10)
    button(lab, "Reset").click()
    assert total_of(lab) == 3


# While an event loop runs, as in a notebook


def in_a_notebook(drag) -> Lab:
    """Let ``drag`` move the sliders of a lab in an event loop, and wait until the whole result is there."""
    steps.clear()

    async def session():
        lab = make(slowly)
        await drag(lab)
        async with asyncio.timeout(60):
            while (slider(lab, "first").value, "ended") not in steps or total_of(lab) < 0:
                await asyncio.sleep(0.005)
        return lab

    return asyncio.run(session())


def test_of_many_changes_the_newest_wins():
    async def drag(lab):
        for a in range(2, 60):
            lab.set(a=a)
            await asyncio.sleep(0)

    lab = in_a_notebook(drag)
    assert total_of(lab) == 59
    assert [a for a, event in steps if event == "ended"] == [1, 59]  # what lay between was dropped


def test_a_value_that_comes_while_an_older_one_is_computed_replaces_it(monkeypatch):
    monkeypatch.setattr(lab_module, "SLICE", 0)  # seconds: every step is one of a long computation

    async def drag(lab):
        lab.set(a=40)
        async with asyncio.timeout(60):
            while (40, "step") not in steps:
                await asyncio.sleep(0.005)
        lab.set(a=41)

    lab = in_a_notebook(drag)
    assert total_of(lab) == 41
    assert (40, "ended") not in steps
    later = steps[steps.index((41, "begun")) :]
    assert {a for a, _ in later} == {41}


def test_the_first_result_is_drawn_at_once():
    seen = []

    async def drag(lab):
        lab.set(a=40)
        seen.append(total_of(lab))

    in_a_notebook(drag)
    assert seen == [-1]


def test_while_values_come_nothing_more_than_the_first_result_is_computed(monkeypatch):
    monkeypatch.setattr(lab_module, "REST", 3600)  # seconds: they come faster
    steps.clear()

    async def drag():
        lab = make(slowly)
        steps.clear()
        for a in range(2, 9):
            lab.set(a=a)
            await asyncio.sleep(0.02)

    asyncio.run(drag())
    assert steps == [(a, "begun") for a in range(2, 9)]


# What the page gets


def test_the_page_gets_a_figure_of_that_name_with_caption_and_sentence():
    markup = page(make())
    assert markup.startswith('<figure class="lab" data-name="sums">')
    assert "<figcaption>A sum &amp; its parts</figcaption>" in markup
    assert "The sum is 3." in markup


def test_the_description_names_the_computation_its_controls_and_fixed_arguments():
    told = description(make(more=5))
    assert told["compute"] == "test_lab", "the module, whose twin computes in the page"
    assert told["fixed"] == {"more": 5}
    first, second = told["controls"]
    assert (first["key"], first["kind"], first["label"], first["index"]) == ("a", "range", "first", 1)
    assert first["options"][first["index"]] == ["1", 1]
    assert second["options"] == [["two", 2], ["ten", 10]]


@pytest.mark.parametrize(
    ("control", "kind", "start"),
    [
        (ipywidgets.IntSlider(value=4, min=0, max=10, step=2), "range", 4),
        (ipywidgets.FloatLogSlider(value=0.05, min=-3, max=1, step=0.1), "range", 0.05),
        (ipywidgets.SelectionSlider(options=[1, 2, 3], value=2), "range", 2),
        (ipywidgets.Dropdown(options=["x", "y"], value="y"), "menu", "y"),
        (ipywidgets.ToggleButtons(options=[("X", 1), ("Y", 2)], value=2), "buttons", 2),
        (ipywidgets.Checkbox(value=True), "box", True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_control_starts_in_the_page_where_it_starts_in_the_kernel(control, kind, start):
    def computation(a):
        return result(0)

    lab = Lab("kinds", "caption", {"a": control}, computation, go.Figure(go.Scatter(meta="run")))
    (told,) = description(lab)["controls"]
    assert told["kind"] == kind
    assert told["options"][told["index"]][1] == start


def test_the_page_starts_at_the_first_setting_even_after_a_slider_moved():
    lab = make()
    lab.set(a=90)
    assert description(lab)["controls"][0]["index"] == 1


# Bad input


@pytest.mark.parametrize("name", ["two words", "", "a-b", "1st", '"><script>', None, 3])
def test_a_name_that_an_address_cannot_hold_is_refused(name):
    with pytest.raises(ValueError, match="name must be"):
        Lab(name, "caption", {}, addition, go.Figure())


@pytest.mark.parametrize("control", [ipywidgets.FloatSlider(), ipywidgets.Text(), ipywidgets.Button(), 5, None])
def test_a_control_that_the_page_cannot_rebuild_is_refused(control):
    with pytest.raises(TypeError, match=rf"sliders\['a'\] must be one of .*IntSlider.*, not {type(control).__name__}"):
        Lab("sums", "caption", {"a": control}, addition, go.Figure())


def test_setting_a_slider_that_is_not_there_names_those_that_are():
    lab = make()
    with pytest.raises(ValueError, match="'c' is no slider of 'sums': there are a, b"):
        lab.set(c=1)
    assert total_of(lab) == 3


# The chart in JupyterLab, by the messages that it sends


def pair_of_labs() -> tuple[Lab, Lab]:
    """Two labs; a click on a point of the first sets its sliders a and b, and those of the second."""
    figure = go.Figure(go.Scatter(meta="run"), layout={"meta": {"click": {"x": "a", "y": "b", "loads": "sums"}}})
    sliders = {"a": ipywidgets.IntSlider(1, 0, 100), "b": ipywidgets.IntSlider(2, 0, 100)}
    other = {"a": ipywidgets.IntSlider(5, 0, 100), "b": ipywidgets.IntSlider(6, 0, 100)}
    return Lab("map", "A map", sliders, addition, figure), Lab("sums", "Sums", other, addition, go.Figure(figure.data))


def test_a_click_on_a_point_sets_the_sliders_it_names_and_those_of_the_lab_it_loads():
    clicked, loaded = pair_of_labs()
    clicked._chart._receive(None, {"click": {"x": 20, "y": 30}}, [])
    assert total_of(clicked) == total_of(loaded) == 50


def test_a_click_on_a_chart_that_sets_nothing_changes_nothing():
    lab = make()
    lab._chart._receive(None, {"click": {"x": 20, "y": 30}}, [])
    assert total_of(lab) == 3


def test_a_chart_on_a_page_that_was_loaded_anew_is_sent_the_library_and_play_reaches_it(monkeypatch):
    sent = []
    monkeypatch.setattr(Chart, "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    lab = main_lab()
    lab._chart._receive(None, "plotly", [])
    slider_of_play = next(box for box in lab.children if isinstance(box, ipywidgets.HBox)).children[-1]
    slider_of_play.click()
    (library, (script,)), (play, _) = sent
    assert (library, play) == ("plotly", "play")
    assert b"plotly.js v" in script[:300]
