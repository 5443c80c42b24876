"""What the lab of the chapter on the concise version shows and says; test_labs_parity.py holds the page to it."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from d2lmini import get_data, sgd, train, train_concise
from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.labs import concise


def shown(**settings) -> dict:
    (result,) = [
        result
        for result in concise.compute(
            **{"batch": 10, "lr": 0.05, "seed": 0, "half": True, "zero_bias": True, **settings}
        )
        if result is not None
    ]
    return result


def said(result: dict) -> str:
    return " ".join(concise.SENTENCES[key].format(**values) for key, values in result["say"])


@given(st.integers(1, 1500), st.floats(0.001, 2), st.integers(0, 99), st.booleans(), st.booleans())
def test_a_result_fills_every_line_of_the_chart_with_finite_numbers(batch, lr, seed, half, zero_bias):
    result = shown(batch=batch, lr=lr, seed=seed, half=half, zero_bias=zero_bias)
    assert {trace.meta for trace in concise.figure().data} == set(result["traces"])
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert said(result)


@pytest.mark.proves("With both it is A")
@pytest.mark.proves("In the lab both curves come from one engine, so that the two switches are all that differs")
def test_with_both_switches_on_the_two_are_the_same():
    result = shown()
    assert result["traces"]["scratch"] == result["traces"]["concise"]
    assert said(result).startswith("The two curves are the same at every update.")


@pytest.mark.proves("In the lab both curves come from one engine, so that the two switches are all that differs")
def test_without_the_half_the_concise_version_is_the_scratch_version_at_twice_the_rate():
    assert shown(half=False)["traces"]["concise"] == shown(lr=0.1)["traces"]["scratch"]
    assert "a learning rate of 0.1." in said(shown(half=False))


@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("zero_bias", [True, False])
def test_the_curves_are_those_of_pytorch(half, zero_bias):
    result = shown(half=half, zero_bias=zero_bias, seed=4, batch=20)
    bias = 0.0 if zero_bias else concise.random_bias(4, 5)
    data, d = get_data(20, seed=4)
    zero, start = (torch.zeros(d, 1), torch.zeros(1)), (torch.zeros(d, 1), torch.tensor([bias]))
    scratch = train(sgd, None, {"lr": 0.05}, data, d, init=zero, points_per_epoch=100)
    theirs = train_concise(torch.optim.SGD, {"lr": 0.05}, data, init=start, half=half, points_per_epoch=100)
    np.testing.assert_allclose(result["traces"]["scratch"]["y"], scratch.loss, atol=1e-5)
    np.testing.assert_allclose(result["traces"]["concise"]["y"], theirs.loss, atol=1e-5)
    apart = np.abs(scratch.loss - theirs.loss).max()
    if not (half and zero_bias):
        assert result["say"][0][1]["most"] == pytest.approx(apart, abs=1e-5)


def test_the_bias_is_drawn_as_nn_linear_draws_it():
    ours = [concise.random_bias(seed, 5) for seed in range(2000)]
    torch.manual_seed(0)
    theirs = [torch.nn.Linear(5, 1).bias.item() for _ in range(2000)]
    assert stats.ks_2samp(ours, theirs).pvalue > 0.001
    assert max(map(abs, ours)) <= 5**-0.5


def test_a_random_bias_is_felt_at_the_start_and_then_forgotten():
    result = shown(zero_bias=False, lr=0.1)
    bias = concise.random_bias(0, 5)
    start = [trace["y"][0] for meta, trace in result["traces"].items() if meta != "optimum"]
    expected = engine.half_loss(engine.quadratic(*table()), np.array([0, 0, 0, 0, 0, bias]))
    assert expected in start
    _, values = result["say"][0]
    assert values["left"] < values["most"] / 100
    assert f"a bias of {bias:.3f}" in said(result)


def test_near_the_limit_only_the_version_without_the_half_diverges():
    result = shown(batch=1500, lr=0.79, half=False, epochs=20)
    assert [key for key, _ in result["say"]] == ["concise_diverged", "doubled", "clipped"]
    assert result["traces"]["concise"]["y"][-1] == pytest.approx(4 * result["traces"]["scratch"]["y"][0])
