"""Schedules, and training with them."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from d2lmini import engine, get_data, schedules, sgd, train
from d2lmini.data import table

UPDATES, PER_EPOCH = 60, 12
ANY = st.one_of(
    st.builds(schedules.constant),
    st.builds(schedules.power, st.floats(-3, -0.01), st.integers(0, 1000)),
    st.builds(schedules.exponential, st.floats(0.01, 1), st.sampled_from(schedules.UNITS)),
    st.builds(schedules.step, st.floats(1, 100), st.integers(1, 10)),
    st.builds(schedules.cosine, st.integers(1, 1000)),
)


def in_torch(make, per_epoch: bool) -> list[float]:
    """The factors that a scheduler of torch gives, stepped after each epoch or after each update."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for t in range(1, UPDATES + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not per_epoch or t % PER_EPOCH == 0:
            scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("ours", "theirs", "per_epoch"),
    [
        (schedules.step(10, 1), lambda o: lr_scheduler.StepLR(o, 1, 0.1), True),
        (schedules.step(2, 3), lambda o: lr_scheduler.StepLR(o, 3, 0.5), True),
        (schedules.exponential(0.95), lambda o: lr_scheduler.ExponentialLR(o, 0.95), True),
        (schedules.exponential(0.95, "update"), lambda o: lr_scheduler.ExponentialLR(o, 0.95), False),
        (schedules.cosine(UPDATES), lambda o: lr_scheduler.CosineAnnealingLR(o, UPDATES), False),
        (schedules.warm_up(8), lambda o: lr_scheduler.LinearLR(o, 1 / 8, total_iters=7), False),
        (schedules.power(-0.5), lambda o: lr_scheduler.LambdaLR(o, lambda k: (k + 1) ** -0.5), False),
    ],
    ids=["÷10 each epoch", "÷2 every 3", "×.95 each epoch", "×.95 each update", "cosine", "warm-up", "t^-½"],
)
def test_the_factors_are_those_of_torchs_schedulers(ours, theirs, per_epoch):
    expected = in_torch(theirs, per_epoch)
    np.testing.assert_allclose(schedules.factors(ours, UPDATES, PER_EPOCH), expected, rtol=1e-9, atol=1e-12)


@given(ANY)
def test_a_schedule_begins_at_1_and_never_rises(schedule):
    factors = schedules.factors(schedule, UPDATES, PER_EPOCH)
    assert factors[0] == pytest.approx(1)
    assert (np.diff(factors) <= 1e-12).all()


@given(ANY, st.integers(1, 10**9), st.integers(0, 10**7))
def test_a_factor_is_above_zero_however_late(schedule, t, epoch):
    assert 0 < schedule(t, epoch) <= 1


@given(ANY, st.integers(1, 50))
def test_a_warm_up_rises_in_equal_steps_and_then_leaves_the_schedule_alone(schedule, updates):
    plain = schedules.factors(schedule, UPDATES, PER_EPOCH)
    warmed = schedules.factors(schedules.warm_up(updates, schedule), UPDATES, PER_EPOCH)
    np.testing.assert_allclose(warmed, plain * np.minimum(1, np.arange(1, UPDATES + 1) / updates), rtol=1e-12)


def test_a_delay_holds_the_rate_and_then_falls_like_the_power():
    delayed = schedules.power(-1, delay=100)
    assert delayed(1, 0) == 1
    assert delayed(102, 0) == pytest.approx(0.5)
    assert delayed(2_000_000, 0) / delayed(1_000_000, 0) == pytest.approx(0.5, rel=1e-3)


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


def weights(sizes, lr: float, epochs: int, seed: int, schedule) -> np.ndarray:
    """The final weights by torch.optim.SGD in double precision, with a batch size for each epoch."""
    A, y = (torch.from_numpy(part) for part in table())
    theta = torch.zeros(A.shape[1], dtype=torch.float64, requires_grad=True)
    t = 0
    for epoch in range(epochs):
        for rows in torch.from_numpy(engine.epoch_order(len(y), seed, epoch)).split(sizes[epoch]):
            t += 1
            optimizer = torch.optim.SGD([theta], lr=lr * schedule(t, epoch))
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(A[rows] @ theta, y[rows]) / 2).backward()
            optimizer.step()
    return theta.detach().numpy()


@pytest.mark.parametrize("schedule", [schedules.power(-0.5), schedules.step(10, 2), schedules.cosine(100)])
@pytest.mark.parametrize("sizes", [[64] * 4, [30, 30, 300, 1500], [1500, 7, 100, 1499]])
def test_the_engine_follows_schedules_and_batch_sizes_as_torch_does(schedule, sizes):
    run = engine.finish(engine.sgd(*table(), batch_size=sizes, lr=0.1, epochs=4, seed=5, schedule=schedule))
    np.testing.assert_allclose(run.theta[-1], weights(sizes, 0.1, 4, 5, schedule), rtol=1e-9, atol=1e-11)
    assert run.updates[-1] == sum(-(-1500 // size) for size in sizes)


@given(ANY, st.integers(20, 1500), st.integers(1, 5), st.integers(0, 9))
def test_train_follows_any_schedule_as_the_engine_does(schedule, batch_size, epochs, seed):
    data, d = get_data(batch_size, seed=seed)
    history = train(sgd, None, {"lr": 0.1}, data, d, epochs, init=(torch.zeros(d, 1), 0.0), schedule=schedule)
    run = engine.finish(
        engine.sgd(*table(), batch_size=batch_size, lr=0.1, epochs=epochs, seed=seed, schedule=schedule)
    )
    np.testing.assert_allclose(history.loss, run.loss, rtol=1e-4)


@given(st.lists(st.integers(20, 1500), min_size=1, max_size=4), ANY, st.integers(0, 9))
def test_the_engine_follows_any_sizes_and_schedule_as_torch_does(sizes, schedule, seed):
    run = engine.finish(engine.sgd(*table(), batch_size=sizes, lr=0.1, epochs=len(sizes), seed=seed, schedule=schedule))
    np.testing.assert_allclose(run.theta[-1], weights(sizes, 0.1, len(sizes), seed, schedule), rtol=1e-8, atol=1e-10)


def test_a_constant_schedule_and_a_list_of_equal_sizes_change_nothing():
    settings = {"lr": 0.1, "epochs": 3, "seed": 2}
    plain = engine.finish(engine.sgd(*table(), batch_size=64, **settings))
    same = engine.finish(engine.sgd(*table(), batch_size=[64] * 3, schedule=schedules.constant(), **settings))
    assert plain == same


def test_train_and_the_engine_agree_on_a_schedule():
    data, d = get_data(20, seed=3)
    schedule = schedules.step(5, 2)
    zero = torch.zeros(d, 1), torch.zeros(1)
    history = train(sgd, None, {"lr": 0.2}, data, d, 5, init=zero, schedule=schedule)
    run = engine.finish(engine.sgd(*table(), batch_size=20, lr=0.2, epochs=5, seed=3, schedule=schedule))
    np.testing.assert_allclose(history.loss, run.loss, atol=1e-5)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("batch_size", []), ("batch_size", [10]), ("batch_size", [10, 0]), ("batch_size", [10, 1501]), ("schedule", 0.5)],
)
def test_the_engine_names_a_bad_list_or_schedule(argument, value):
    with pytest.raises((TypeError, ValueError), match=f"^{argument}.* must be"):
        engine.finish(engine.sgd(*table(), **{"batch_size": 10, "lr": 0.1, "epochs": 2, argument: value}))


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
