"""Schedules, and training with them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SCHEDULES

from d2lmini.core import engine, schedules
from d2lmini.core.rows import table
from d2lmini.core.steps import finish

UPDATES, PER_EPOCH = 60, 12


@given(SCHEDULES)
def test_a_schedule_begins_at_1_and_never_rises(schedule):
    factors = schedules.factors(schedule, UPDATES, PER_EPOCH)
    assert factors[0] == pytest.approx(1)
    assert (np.diff(factors) <= 1e-12).all()


@given(SCHEDULES, st.integers(1, 10**9), st.integers(0, 10**7))
def test_a_factor_is_above_zero_however_late(schedule, t, epoch):
    assert 0 < schedule(t, epoch) <= 1


@given(SCHEDULES, st.integers(1, 50))
def test_a_warm_up_rises_in_equal_steps_and_then_leaves_the_schedule_alone(schedule, updates):
    plain = schedules.factors(schedule, UPDATES, PER_EPOCH)
    warmed = schedules.factors(schedules.warm_up(updates, schedule), UPDATES, PER_EPOCH)
    np.testing.assert_allclose(warmed, plain * np.minimum(1, np.arange(1, UPDATES + 1) / updates), rtol=1e-12)


def test_a_delay_holds_the_rate_and_then_falls_like_the_power():
    delayed = schedules.power(-1, delay=100)
    assert delayed(1, 0) == 1
    assert delayed(102, 0) == pytest.approx(0.5)
    assert delayed(2_000_000, 0) / delayed(1_000_000, 0) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.proves("adds up to $1/(1 - 0.95) = 20$ full steps, whether you train for one epoch or a hundred")
def test_multiplying_by_95_hundredths_each_update_adds_up_to_twenty_full_steps():
    assert schedules.factors(schedules.exponential(0.95, "update"), 3000, 150).sum() == pytest.approx(20)


@given(st.integers(1, 1500), st.integers(1, 30), st.integers(2, 10), st.integers(1, 10))
def test_a_growing_batch_makes_the_noise_of_a_falling_rate_until_it_holds_all_rows(batch_size, epochs, factor, every):
    sizes = schedules.growing(batch_size, epochs, factor, every)
    falling = schedules.step(factor, every)
    assert len(sizes) == epochs
    for epoch, size in enumerate(sizes):
        assert size == 1500 or batch_size / size == pytest.approx(falling(1, epoch), rel=1e-9)


BAD = [
    *((schedules.power, {"alpha": value}) for value in (0, 1, float("nan"), "a", True, None)),
    *((schedules.power, {"alpha": -1, "delay": value}) for value in (-1, 1.5)),
    *((schedules.exponential, {"gamma": value}) for value in (0, -1, 1.1, float("inf"), "a")),
    (schedules.exponential, {"gamma": 0.9, "per": "step"}),
    *((schedules.step, {"divide": value}) for value in (0, 0.5, "10", float("nan"))),
    *((schedules.step, {"every": value}) for value in (0, 1.5, True)),
    *((schedules.cosine, {"updates": value}) for value in (0, -1, 2.5)),
    *((schedules.warm_up, {"updates": value}) for value in (-1, 2.5)),
    (schedules.warm_up, {"updates": 3, "then": 0.5}),
    *((schedules.growing, {"batch_size": value, "epochs": 3}) for value in (0, 1501, 2.5)),
    *((schedules.growing, {"batch_size": 10, "epochs": value}) for value in (0, "3")),
    *((schedules.growing, {"batch_size": 10, "epochs": 3, "factor": value}) for value in (1, 2.5)),
    *((schedules.growing, {"batch_size": 10, "epochs": 3, "every": value}) for value in (0,)),
    *((schedules.factors, {"schedule": value, "updates": 3, "updates_per_epoch": 1}) for value in (None, 0.5)),
]


@pytest.mark.parametrize(("function", "arguments"), BAD)
def test_a_bad_argument_is_named(function, arguments):
    named = "|".join(arguments)
    with pytest.raises((TypeError, ValueError), match=rf"^({named}) must be"):
        function(**arguments)


# Training with them


def test_a_constant_schedule_and_a_list_of_equal_sizes_change_nothing():
    settings = {"lr": 0.1, "epochs": 3, "seed": 2}
    plain = finish(engine.minibatch_sgd(*table(), batch_size=64, **settings))
    same = finish(engine.minibatch_sgd(*table(), batch_size=[64] * 3, schedule=schedules.constant(), **settings))
    assert plain == same


@pytest.mark.parametrize(
    ("argument", "value"),
    [("batch_size", []), ("batch_size", [10]), ("batch_size", [10, 0]), ("batch_size", [10, 1501]), ("schedule", 0.5)],
)
def test_the_engine_names_a_bad_list_or_schedule(argument, value):
    with pytest.raises((TypeError, ValueError), match=f"^{argument}.* must be"):
        finish(engine.minibatch_sgd(*table(), **{"batch_size": 10, "lr": 0.1, "epochs": 2, argument: value}))


def test_the_same_schedules_in_javascript(javascript):
    """For times far beyond those that the labs reach."""
    times = [[1, 0], [2, 0], [150, 0], [151, 1], [3000, 19], [10**6, 10**4]]
    calls = [
        ("constant", "constant", []),
        ("power", "power", [-0.5]),
        ("power", "power", [-1, 30]),
        ("exponential", "exponential", [0.7]),
        ("exponential", "exponential", [0.95, "update"]),
        ("step", "step", [10, 3]),
        ("cosine", "cosine", [3000]),
        ("warm_up", "warmUp", [100]),
    ]
    page = javascript("schedules.mjs", [[name, arguments, times] for _, name, arguments in calls])
    ours = [[getattr(schedules, name)(*arguments)(*at) for at in times] for name, _, arguments in calls]
    np.testing.assert_allclose(json.loads(json.dumps(page)), ours, rtol=1e-9, atol=1e-15)
