"""What the lab of the chapter on schedules shows and says; test_labs_parity.py holds the page to it."""

import json

import numpy as np
import pytest

from d2lmini.core import engine, schedules
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.core.theory import best_possible
from d2lmini.labs import schedules as lab

DEFAULTS = {
    "kind": "step", "batch": 10, "lr": 0.4, "divide": 10, "every": 2, "gamma": 0.7, "delay": 30, "warm": 0,
    "epochs": 6, "seed": 0, **lab.fixed(),
}  # fmt: skip


def shown(**settings) -> dict:
    """The last result."""
    return [result for result in lab.compute(**{**DEFAULTS, **settings}) if result is not None][-1]


def said(result: dict) -> str:
    return " ".join(lab.SENTENCES[key].format(**values) for key, values in result["say"])


@pytest.mark.parametrize("kind", lab.KINDS)
@pytest.mark.parametrize("view", ["loss", "above"])
def test_a_result_fills_every_line_of_the_chart_with_finite_numbers(kind, view):
    result = shown(kind=kind, view=view, band=True)
    assert {trace.meta for trace in lab.figure().data} == set(result["traces"])
    text = json.dumps(result, allow_nan=False)
    assert json.loads(text) == result
    assert all(len(trace["x"]) == len(trace["y"]) for trace in result["traces"].values())
    assert "{" not in said(result)


def test_every_choice_of_the_lab_is_one_the_computation_knows():
    assert {value for _, value in lab.CHOICES["kind"]} == set(lab.KINDS)
    assert {value for _, value in lab.CHOICES["view"]} == set(lab.fixed()["titles"]) == {"loss", "above"}


@pytest.mark.parametrize(("divide", "every"), [(10, 1), (10, 3), (2, 2)])
def test_the_rate_is_divided_after_every_so_many_epochs(divide, every):
    rate = shown(divide=divide, every=every)["traces"]["rate"]
    for at, value in zip(rate["x"], rate["y"]):
        epoch = max(0, int(np.ceil(at)) - 1)  # a point at the end of an epoch shows the rate that led to it
        assert value == pytest.approx(0.4 / divide ** (epoch // every))


def test_the_curve_is_the_engine_s_run_and_the_dashed_one_that_without_a_schedule():
    traces = shown(kind="sqrt", delay=0)["traces"]
    settings = {"batch_size": 10, "lr": 0.4, "epochs": 6, "early": True}
    for meta, schedule in (("run", schedules.power(-0.5)), ("steady", None)):
        run = finish(engine.minibatch_sgd(*table(), schedule=schedule, **settings))
        assert traces[meta]["y"] == run.loss
        assert traces[meta]["x"] == [e / 1500 for e in run.examples]


def test_a_constant_schedule_is_the_constant_run():
    result = shown(kind="constant")
    assert result["traces"]["run"] == result["traces"]["steady"]
    assert "At the constant rate" not in said(result)


def test_a_growing_batch_keeps_the_rate_and_makes_fewer_updates():
    result = shown(kind="grow")
    assert set(result["traces"]["rate"]["y"]) == {0.4}
    assert result["traces"]["noise"]["y"][-1] == pytest.approx(0.4 * 10 / 1000)
    assert result["say"][0][1]["updates"] == 2 * (150 + 15 + 2)
    assert "from 10 to 1,000" in said(result)


def test_the_view_above_the_best_is_the_distance_to_the_optimum():
    loss, above = (shown(view=view)["traces"] for view in ("loss", "above"))
    np.testing.assert_allclose(np.array(loss["run"]["y"]) - best_possible()[1], above["run"]["y"], rtol=1e-9)
    assert loss["optimum"]["y"] == [best_possible()[1]] * 2
    assert above["optimum"]["x"] == []


def test_the_band_holds_the_curves_of_its_seeds():
    traces = shown(band=True, kind="cosine", seed=7)["traces"]
    run, low, high = (np.array(traces[meta]["y"]) for meta in ("run", "low", "high"))
    assert (low <= run).all()
    assert (run <= high).all()


def test_a_diverging_run_goes_up_to_the_edge_and_the_sentence_says_when():
    result = shown(kind="constant", batch=500, lr=3.0, epochs=20, band=True)
    update = result["say"][0][1]["update"]
    run = result["traces"]["run"]
    assert run["x"][-1] == pytest.approx(update / 3)
    assert run["y"][-1] == max(run["y"]) == pytest.approx(4 * engine.quadratic(*table())[2])
    assert f"at update {update}" in said(result)


@pytest.mark.proves("It diverges all the same, a little later")
def test_a_warm_up_only_puts_divergence_off():
    at_once, warmed = (shown(kind="constant", batch=500, lr=1.21, epochs=20, warm=warm)["say"] for warm in (0, 30))
    assert at_once[0][0] == warmed[0][0] == "diverged"
    assert at_once[0][1]["update"] < warmed[0][1]["update"]
    assert warmed[1][0] == "steady_diverged"


@pytest.mark.parametrize("argument", ["kind", "view"])
def test_an_unknown_choice_is_named(argument):
    with pytest.raises(ValueError, match=f"{argument} must be one of"):
        shown(**{argument: "steps"})
