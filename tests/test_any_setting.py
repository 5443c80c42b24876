"""Whatever a lab's controls are set to: a whole chart of finite numbers, true to its own description, and the same each time.

Each setting is one that a reader can choose. test_labs_parity.py and its neighbours hold what the numbers are.
"""

import json

import pytest
from described import labs, results, said
from hypothesis import given, settings
from hypothesis import strategies as st
from test_labs_parity import CASES

a_few = settings(max_examples=settings.default.max_examples // 3)  # two or three runs each
EACH = pytest.mark.parametrize("name", labs())
LONGEST = {"epochs": 8, "rows": 15_000}  # of what makes a run long; longer ones show nothing else
QUICK = {"band": [False], "seed": range(4)}  # thirty runs of a band, or another draw: nor do these
# What a lab says when something lies outside its picture, or was cut off at its edge.
ADMITTED = {"clipped", "outside", "diverged", "concise_diverged", "scratch_diverged", "steady_diverged"}
# These continue beyond the picture by their nature: contours, areas, noise that falls to zero on a log axis, and the line
# of "uphill" beside a cloud that is zoomed in.
BACKGROUND = {"contours", "flat", "others", "without", "diverged", *(f"level{i}" for i in range(7))}


def options(control: dict) -> list:
    """The values that a control can take, but for those that only take longer."""
    key, values = control["key"], [value for _, value in control["options"] if value != "here"]
    most = LONGEST.get(key, float("inf"))
    return [value for value in values if value in QUICK.get(key, values) and (isinstance(value, str) or value <= most)]


def some(name: str) -> st.SearchStrategy[dict]:
    """Any setting of a lab's controls."""
    return st.fixed_dictionaries({one["key"]: st.sampled_from(options(one)) for one in labs()[name]["controls"]})


def outside(figure: dict, result: dict) -> list[str]:
    """The traces of which a point lies outside the range of its axis."""
    found = []
    for trace in figure["data"]:
        change = result["traces"].get(trace.get("meta"))
        if change is None or trace["meta"] in BACKGROUND:
            continue
        for key in "xy":
            name = (trace.get(f"{key}axis") or key).replace(key, f"{key}axis")
            axis = (figure["layout"].get(name) or {}) | (result["layout"].get(name) or {})
            if "range" not in axis:
                continue
            low, high = sorted(10**end if axis.get("type") == "log" else end for end in axis["range"])
            slack = 1e-9 * (high - low)
            if any(v is not None and not low - slack <= v <= high + slack for v in change[key]):
                found.append(f"{trace['meta']}: {key} beyond {low:g} … {high:g}")
    return found


@EACH
@given(data=st.data())
def test_a_result_fills_the_chart_with_finite_numbers_and_says_it_in_whole_sentences(name, data):
    result = results(name, **data.draw(some(name)))[-1]
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    metas = {trace["meta"] for trace in labs()[name]["figure"]["data"] if "meta" in trace}
    assert metas == set(result["traces"])
    for trace in result["traces"].values():
        assert len(trace["x"]) == len(trace["y"])
    assert result["say"]
    assert "{" not in said(name, result)
    for axis in result["layout"].values():
        low, high = axis.get("range", (0, 1))
        assert low < high


def says_nothing_of_it(result: dict) -> bool:
    return not ADMITTED & {key for key, _ in result["say"]}


@EACH
@a_few
@given(data=st.data())
def test_what_lies_outside_the_picture_is_said(name, data):
    result = results(name, **data.draw(some(name)))[-1]
    if says_nothing_of_it(result):
        assert not outside(labs()[name]["figure"], result)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_what_lies_outside_the_picture_is_said_at_the_edges_too(name, settings):
    result = results(name, **settings)[-1]
    if says_nothing_of_it(result):
        assert not outside(labs()[name]["figure"], result)


@EACH
@a_few
@given(data=st.data())
def test_the_same_setting_gives_the_same_result_whatever_was_shown_before(name, data):
    setting = data.draw(some(name))
    before = results(name, **setting)[-1]
    results(name, **data.draw(some(name)))
    assert results(name, **setting)[-1] == before
