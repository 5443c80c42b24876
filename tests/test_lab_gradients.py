"""The cloud of minibatch gradients: what the lab shows is what the noise module computes."""

import numpy as np
import pytest

from d2lmini.core import noise
from d2lmini.labs import gradients
from d2lmini.labs.runs import BATCHES

PLACES = gradients.places()


def shown(**settings) -> dict:
    given = {"batch": 10, "replacement": False, "where": "start", "seed": 0, "zoom": False} | settings
    return [result for result in gradients.compute(**given, places=PLACES, sizes=BATCHES) if result is not None][-1]


def said(result: dict) -> dict:
    return dict(result["say"])


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize(("batch", "replacement"), [(1, False), (10, True), (750, False), (1500, True)])
def test_the_measured_noise_and_theory_are_those_of_the_noise_module(where, batch, replacement):
    theta = np.array(PLACES[where]["theta"])
    draws = noise.draw_gradients(theta, batch, 300, replacement, seed=4)
    spread = said(shown(batch=batch, replacement=replacement, where=where, seed=4))["spread"]
    measured = np.sqrt(((draws - noise.gradient(theta)) ** 2).sum(axis=1).mean())
    assert spread["measured"] == pytest.approx(measured, rel=1e-9)
    assert spread["theory"] == pytest.approx(noise.gradient_variance(theta, batch, replacement) ** 0.5, rel=1e-9)


def test_the_points_are_the_draws_seen_along_the_two_directions():
    place = PLACES["start"]
    draws = noise.draw_gradients(np.array(place["theta"]), 10, 300)
    points = shown()["traces"]["draws"]
    assert points["x"] == pytest.approx(draws @ place["along"], abs=1e-12)
    assert points["y"] == pytest.approx(draws @ place["across"], abs=1e-12)


@pytest.mark.proves("The ellipse is theory's and marks two standard deviations")
def test_the_ellipse_has_the_covariance_of_theory():
    place, ring = PLACES["half"], shown(where="half", batch=100)["traces"]["ellipse"]
    theta, pair = np.array(place["theta"]), np.array([place["along"], place["across"]])
    covariance = pair @ noise.covariance(theta) @ pair.T / 100 * 1400 / 1499
    around = np.array([ring["x"], ring["y"]]) - pair @ noise.gradient(theta)[:, None]
    distances = np.einsum("ik,ij,jk->k", around, np.linalg.inv(covariance), around)
    assert distances == pytest.approx(np.full(73, 4.0))  # two standard deviations, squared


def test_all_rows_without_replacement_are_the_full_gradient():
    result = shown(batch=1500)
    assert said(result)["exact"]["measured"] <= 1e-12
    assert result["traces"]["ellipse"]["x"] == result["traces"]["chosen"]["x"] == []
    assert result["traces"]["draws"]["x"] == pytest.approx([result["traces"]["full"]["x"][0]] * 300)


def test_at_the_optimum_there_is_no_signal():
    result = shown(where="optimum")
    assert "noise" in said(result)
    assert "signal" not in said(result)
    assert result["traces"]["signal"]["x"] == result["traces"]["flat"]["x"] == []


def test_draws_outside_the_picture_are_counted():
    result = shown(batch=1, seed=1)
    (left, right), (low, high) = (result["layout"][axis]["range"] for axis in ("xaxis", "yaxis"))
    points = zip(result["traces"]["draws"]["x"], result["traces"]["draws"]["y"])
    outside = sum(not (left <= x <= right and low <= y <= high) for x, y in points)
    assert said(result).get("outside", {"count": 0})["count"] == outside > 0


def test_a_result_fills_every_trace_of_the_figure():
    assert {trace.meta for trace in gradients.figure().data} == shown()["traces"].keys()


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_the_second_direction_is_the_widest_at_right_angles_to_the_first(place):
    along, across, spread = np.array(place["along"]), np.array(place["across"]), noise.covariance(place["theta"])
    assert [along @ along, across @ across, along @ across] == pytest.approx([1, 1, 0], abs=1e-9)
    others = np.random.default_rng(0).normal(size=(500, 6))
    others -= np.outer(others @ along, along)
    widths = np.einsum("ki,ij,kj->k", others, spread, others) / (others**2).sum(axis=1)
    assert widths.max() <= across @ spread @ across + 1e-9
