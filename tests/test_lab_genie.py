"""The lab of the exercises: what copies of the rows change, and what they do not."""

import json
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.labs import genie
from d2lmini.labs.runs import TARGET
from d2lmini.labs.words import AXES, TITLES
from d2lmini.timing import records

COSTS = records.load("costs")["programs"]
FIXED = genie.fixed()
MINIBATCHES = ("b100", "b10", "sgd")


def last(**settings):
    return [result for result in genie.compute(**FIXED, **settings) if result is not None][-1]


def sentence(result) -> str:
    return " ".join(genie.SENTENCES[key].format(**values) for key, values in result["say"])


def reached(result) -> dict[str, float]:
    """Where on the axis each copied line first lies at 0.25 or below."""
    found = {}
    for meta in genie.METHODS:
        trace = result["traces"][meta]
        found[meta] = next((x for x, y in zip(trace["x"], trace["y"]) if y <= TARGET), None)
    return found


@given(
    copies=st.sampled_from([1, 10, 100, 1000]),
    sampling=st.sampled_from(["reshuffled", "replacement"]),
    method=st.sampled_from(["all", "gd", "b100", "b10"]),
    axis=st.sampled_from([*AXES]),
    whose=st.sampled_from([program for _, program in genie.CHOICES["whose"]]),
    seed=st.integers(0, 99),
)
def test_every_setting_gives_a_chart_and_a_sentence(copies, sampling, method, axis, whose, seed):
    result = last(copies=copies, sampling=sampling, method=method, axis=axis, whose=whose, seed=seed)
    json.dumps(result, allow_nan=False)
    low, high = result["layout"]["xaxis"]["range"]
    for meta, trace in result["traces"].items():
        shown = method == "all" or meta == "optimum" or meta.removesuffix("_before") == method
        assert len(trace["x"]) == len(trace["y"]) and bool(trace["x"]) == shown
        assert all(isfinite(y) and 0.2 < y < 0.52 for y in trace["y"])
        assert all(low - 1e-9 <= np.log10(x) <= high + 1e-9 for x in trace["x"])
        assert trace["x"] == sorted(trace["x"])
    assert f"in {TITLES[axis]}." in sentence(result)


def test_the_figure_has_a_line_for_each_trace():
    metas = {trace.meta for trace in genie.figure().data}
    assert metas == set(last()["traces"])


@pytest.mark.proves("Against examples gradient descent alone moves, by the number of copies")
@pytest.mark.proves("Gradient descent looks at every copy before it takes a step")
@pytest.mark.parametrize("copies", [10, 100, 1000])
def test_gradient_descent_reads_each_copy_before_each_step(copies):
    plain, copied = (last(copies=c, method="gd")["traces"]["gd"] for c in (1, copies))
    assert copied["x"] == [copies * x for x in plain["x"]]
    assert copied["y"] == plain["y"]
    assert last(copies=copies, method="gd", axis="updates")["traces"]["gd"]["x"] == list(range(1, 11))


@pytest.mark.proves("Against examples gradient descent alone moves, by the number of copies")
@pytest.mark.parametrize("sampling", ["reshuffled", "replacement"])
def test_minibatches_do_not_notice_the_copies(sampling):
    mean = {
        copies: np.mean(
            [[reached(last(copies=copies, sampling=sampling, seed=s))[m] for m in MINIBATCHES] for s in range(5)],
            axis=0,
        )
        for copies in (1, 100)
    }  # fmt: skip
    assert mean[100] == pytest.approx(mean[1], rel=0.35)


@pytest.mark.proves(
    "gradient descent stays, and the minibatches need a small part of an epoch where they needed half of one"
)
def test_against_epochs_it_is_the_other_way_round():
    plain, copied = reached(last(copies=1, axis="epochs")), reached(last(copies=100, axis="epochs"))
    assert copied["gd"] == plain["gd"]
    for meta in MINIBATCHES:
        assert copied[meta] < plain[meta] / 50


def test_without_copies_thin_and_thick_lines_are_one():
    traces = last(copies=1)["traces"]
    for meta in genie.METHODS:
        assert traces[meta] == traces[f"{meta}_before"]


def test_with_one_copy_the_lines_are_those_of_the_engine():
    run = finish(engine.minibatch_sgd(*table(), batch_size=10, lr=0.05, epochs=2, seed=3, early=True))
    trace = last(copies=1, method="b10", seed=3)["traces"]["b10"]
    assert (trace["x"], trace["y"]) == (run.examples[1:], run.loss[1:])


@pytest.mark.parametrize("meta", genie.METHODS)
@pytest.mark.parametrize("copies", [1, 10, 1000])
def test_each_method_makes_its_updates_and_no_more(meta, copies):
    updates = last(copies=copies, method=meta, axis="updates")["traces"][meta]["x"]
    most = genie.METHODS[meta][2]
    assert 0.9 * most <= updates[-1] <= most


def test_seconds_are_updates_at_their_recorded_cost_and_the_shuffle_as_the_epoch_begins():
    known = COSTS["numpy"]["150000"]
    cost = known["update"][known["batch"].index(10)]
    shuffled, drawn = (
        last(copies=100, method="b10", sampling=sampling, axis="seconds", whose="numpy")["traces"]["b10"]["x"]
        for sampling in ("reshuffled", "replacement")
    )
    updates = last(copies=100, method="b10", axis="updates")["traces"]["b10"]["x"]
    assert shuffled == pytest.approx([u * cost + known["epoch"] for u in updates])
    assert drawn == pytest.approx([u * cost for u in updates])


def test_gradient_descent_shuffles_nothing():
    known = COSTS["torch"]["15000"]
    seconds = last(copies=10, method="gd", axis="seconds")["traces"]["gd"]["x"]
    assert seconds[0] == pytest.approx(known["update"][known["batch"].index(15_000)])


def test_the_sentence_says_from_where_to_where():
    result = last(copies=100)
    said, now, before = sentence(result), reached(result), reached(last(copies=1))
    assert said.startswith("To a half loss of 0.25, from the plain table to 100 copies of each row, in examples seen. ")
    for meta, name in FIXED["names"].items():
        assert f"{name}: from {before[meta]:,} to {now[meta]:,}." in said


def test_without_copies_the_sentence_names_one_place():
    assert (
        sentence(last(copies=1, method="gd"))
        == "To a half loss of 0.25, each row there once, in examples seen. Gradient descent: 7,500."
    )


def test_a_run_that_does_not_arrive_is_said_so(monkeypatch):
    monkeypatch.setattr(genie, "METHODS", {"sgd": (1, 0.0005, 500)})
    monkeypatch.setattr(genie, "_known", {})
    assert "One at a time: not within 500 updates." in sentence(last(copies=10, method="sgd"))


def test_the_first_result_comes_before_the_copies_are_touched():
    work = genie.compute(**FIXED, copies=1000, seed=77)
    first = next(result for result in work if result is not None)
    assert first["say"] == [["working", {"rows": 1_500_000}]]
    assert first["traces"]["sgd_before"]["x"] and not first["traces"]["sgd"]["x"]


@pytest.mark.parametrize(
    ("argument", "value"), [("sampling", "shuffled"), ("method", "adam"), ("axis", "hours"), ("copies", 0)]
)
def test_a_wrong_setting_is_named(argument, value):
    with pytest.raises(ValueError, match=f"^{argument} must be"):
        last(**{argument: value})
