"""Whatever is wrong is refused, by every public function that takes a size, a rate, an array or a schedule.

The error is a ValueError or TypeError that names the argument, shows the value and says what it must be. The wrong values
come from Hypothesis; test_bad_input.py has the ones that people give.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from d2lmini import (
    Minibatches,
    download,
    evaluate_loss,
    get_data,
    load_array,
    optimum,
    sgd,
    train,
    train_concise,
    training,
)
from d2lmini.core import engine, noise, schedules, theory
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.labs.batches import buffer_order
from d2lmini.labs.words import TITLES
from d2lmini.timing import bandwidth, costs, products, roofline, rounds

X, Y = torch.zeros(30, 2), torch.zeros(30, 1)
ZERO = np.zeros(6)
STEADY = schedules.constant()

# Of each, for there are more than a hundred arguments.
a_few = settings(max_examples=settings.default.max_examples // 4)


def nothing() -> None:
    """A function to time."""


# Kinds of arguments, and the values that are wrong for each

OTHER = st.one_of(st.none(), st.text(), st.binary(), st.complex_numbers(), st.lists(st.integers()), st.booleans())
ANY_FLOAT = st.floats()


def whole(low: int = 1, high: int | None = None) -> st.SearchStrategy:
    """All but whole numbers from ``low`` to ``high``; 2.0 is none, and neither is True."""
    numbers = [st.integers(max_value=low - 1)] + ([st.integers(min_value=high + 1)] if high is not None else [])
    return st.one_of(*numbers, ANY_FLOAT, OTHER)


SEED = whole(0, 2**32 - 1)
POSITIVE = st.one_of(st.integers(max_value=0), ANY_FLOAT.filter(lambda x: not 0 < x <= 3.4028234663852886e38), OTHER)
FUNCTION = st.one_of(OTHER.filter(lambda value: value is not None), ANY_FLOAT, st.integers())


def outside(allowed) -> st.SearchStrategy:
    """All numbers but those allowed, and all that are none."""
    return st.one_of(st.integers(), ANY_FLOAT).filter(lambda x: not allowed(x)) | OTHER


@dataclass
class Argument:
    """How to give a function a value of an argument; the values that are wrong; what the error calls it."""

    give: Callable
    wrong: st.SearchStrategy


def scratch(**changes):
    given = {"hyperparams": {"lr": 0.1}, "data_iter": Minibatches(X, Y, 30), "feature_dim": 2, "num_epochs": 1}
    return train(sgd, None, **{**given, **changes})


def concise(**changes):
    given = {"hyperparams": {"lr": 0.1}, "data_iter": Minibatches(X, Y, 30), "num_epochs": 1}
    return train_concise(torch.optim.SGD, **{**given, **changes})


def run(**changes):
    return finish(engine.minibatch_sgd(*table(), **{"batch_size": 1500, "lr": 0.1, "epochs": 1, **changes}))


def lab(**changes):
    return list(training(**{"batch": 1500, "epochs": 1, "titles": TITLES, **changes}))


def curve(function, **changes):
    return function(**{"batch_size": 10, "lr": 0.1, "updates": 3, **changes})


LR = "hyperparams['lr'], the learning rate,"
ARGUMENTS = {
    "Minibatches: batch_size": Argument(lambda v: Minibatches(X, Y, v), whole(1, 30)),
    "Minibatches: seed": Argument(lambda v: Minibatches(X, Y, 1, seed=v), SEED.filter(lambda v: v is not None)),
    "load_array: batch_size": Argument(lambda v: load_array((X, Y), v), whole(1, 30)),
    "get_data: batch_size": Argument(lambda v: get_data(v, 100), whole(1, 100)),
    "get_data: n": Argument(lambda v: get_data(1, v), whole(1, 1503)),
    "get_data: num_features": Argument(lambda v: get_data(num_features=v), whole(1, 5)),
    "download: timeout": Argument(lambda v: download(timeout=v), POSITIVE),
    f"train: {LR}": Argument(lambda v: scratch(hyperparams={"lr": v}), POSITIVE),
    "train: feature_dim": Argument(lambda v: scratch(feature_dim=v), whole(2, 2)),
    "train: num_epochs": Argument(lambda v: scratch(num_epochs=v), whole()),
    "train: points_per_epoch": Argument(lambda v: scratch(points_per_epoch=v), whole()),
    "train: seed": Argument(lambda v: scratch(seed=v), SEED),
    "train: schedule": Argument(lambda v: scratch(schedule=v), FUNCTION),
    "train: schedule(t, epoch)": Argument(lambda v: scratch(schedule=lambda t, epoch: v), POSITIVE),
    "train: on_update": Argument(lambda v: scratch(on_update=v), FUNCTION),
    f"train_concise: {LR}": Argument(lambda v: concise(hyperparams={"lr": v}), POSITIVE),
    "train_concise: num_epochs": Argument(lambda v: concise(num_epochs=v), whole()),
    "train_concise: points_per_epoch": Argument(lambda v: concise(points_per_epoch=v), whole()),
    "train_concise: seed": Argument(lambda v: concise(seed=v), SEED),
    "train_concise: scheduler": Argument(lambda v: concise(scheduler=v), FUNCTION),
    "engine.minibatch_sgd: batch_size": Argument(
        lambda v: run(batch_size=v), whole(1, 1500).filter(lambda v: not isinstance(v, list))
    ),
    "engine.minibatch_sgd: batch_size[0]": Argument(lambda v: run(batch_size=[v]), whole(1, 1500)),
    "engine.minibatch_sgd: lr": Argument(lambda v: run(lr=v), POSITIVE),
    "engine.minibatch_sgd: epochs": Argument(lambda v: run(epochs=v), whole()),
    "engine.minibatch_sgd: seed": Argument(lambda v: run(seed=v), SEED),
    "engine.minibatch_sgd: copies": Argument(lambda v: run(copies=v), whole()),
    "engine.epoch_order: n": Argument(lambda v: engine.epoch_order(v, 0, 0), whole()),
    "engine.epoch_order: seed": Argument(lambda v: engine.epoch_order(9, v, 0), SEED),
    "engine.epoch_order: epoch": Argument(lambda v: engine.epoch_order(9, 0, v), whole(0)),
    "engine.mulberry32: seed": Argument(lambda v: engine.mulberry32(v, 0, 1), SEED),
    "engine.mulberry32: start": Argument(lambda v: engine.mulberry32(0, v, 1), whole(0)),
    "engine.mulberry32: count": Argument(lambda v: engine.mulberry32(0, 0, v), whole()),
    "engine.minibatch_sgd: points_per_epoch": Argument(lambda v: run(points_per_epoch=v), whole()),
    "engine.minibatch_sgd: schedule": Argument(lambda v: run(schedule=v), FUNCTION),
    "training: batch": Argument(lambda v: lab(batch=v), whole().filter(lambda v: v != "all")),
    "training: lr": Argument(lambda v: lab(lr=v), POSITIVE),
    "training: rows": Argument(lambda v: lab(rows=v), outside(lambda v: v in costs.ROWS)),
    "training: seed": Argument(lambda v: lab(seed=v), SEED),
    "training: epochs": Argument(lambda v: lab(epochs=v), whole()),
    "training: axis": Argument(lambda v: lab(axis=v), OTHER),
    "schedules.power: alpha": Argument(schedules.power, outside(lambda x: -3.4e38 < x < 0)),
    "schedules.power: delay": Argument(lambda v: schedules.power(-1, v), whole(0)),
    "schedules.exponential: gamma": Argument(schedules.exponential, outside(lambda x: 0 < x <= 1)),
    "schedules.exponential: per": Argument(lambda v: schedules.exponential(0.5, v), OTHER),
    "schedules.step: divide": Argument(schedules.step, outside(lambda x: 1 <= x < 3.4e38)),
    "schedules.step: every": Argument(lambda v: schedules.step(10, v), whole()),
    "schedules.cosine: updates": Argument(schedules.cosine, whole()),
    "schedules.warm_up: updates": Argument(schedules.warm_up, whole(0)),
    "schedules.warm_up: then": Argument(lambda v: schedules.warm_up(3, v), FUNCTION),
    "schedules.growing: batch_size": Argument(lambda v: schedules.growing(v, 3), whole(1, 1500)),
    "schedules.growing: epochs": Argument(lambda v: schedules.growing(10, v), whole()),
    "schedules.growing: factor": Argument(lambda v: schedules.growing(10, 3, v), whole(2)),
    "schedules.growing: every": Argument(lambda v: schedules.growing(10, 3, 2, v), whole()),
    "schedules.growing: largest": Argument(lambda v: schedules.growing(1, 3, largest=v), whole()),
    "schedules.factors: schedule": Argument(lambda v: schedules.factors(v, 3, 1), FUNCTION | st.none()),
    "schedules.factors: updates": Argument(lambda v: schedules.factors(STEADY, v, 1), whole(0)),
    "schedules.factors: updates_per_epoch": Argument(lambda v: schedules.factors(STEADY, 3, v), whole()),
    "theory.stability_limit: batch_size": Argument(theory.stability_limit, whole()),
    **{
        f"theory.{function.__name__}: {name}": Argument(lambda v, f=function, n=name: curve(f, **{n: v}), wrong)
        for function in (theory.expected_loss, theory.final_loss, theory.noisy_quadratic)
        for name, wrong in (("batch_size", whole()), ("lr", POSITIVE), ("updates", whole(0)))
    },
    "theory.floor_loss: batch_size": Argument(lambda v: theory.floor_loss(v, 0.1), whole()),
    "theory.floor_loss: lr": Argument(lambda v: theory.floor_loss(10, v), POSITIVE),
    "noise.gradient_variance: batch_size": Argument(lambda v: noise.gradient_variance(ZERO, v), whole(1, 1500)),
    "noise.draw_gradients: batch_size": Argument(lambda v: noise.draw_gradients(ZERO, v, 1), whole(1, 1500)),
    "noise.draw_gradients: draws": Argument(lambda v: noise.draw_gradients(ZERO, 1, v), whole()),
    "noise.draw_gradients: seed": Argument(lambda v: noise.draw_gradients(ZERO, 1, 1, seed=v), SEED),
    "noise.estimate_noise: small_size": Argument(lambda v: noise.estimate_noise(ZERO, ZERO, v, 10), whole()),
    "noise.estimate_noise: large_size": Argument(lambda v: noise.estimate_noise(ZERO, ZERO, 3, v), whole(4)),
    "costs.program_costs: rows": Argument(costs.program_costs, outside(lambda v: v in costs.ROWS)),
    "costs.seconds_to: target": Argument(lambda v: costs.seconds_to(v, "numpy", 1500, 10, 0.05), POSITIVE),
    "costs.seconds_to: rows": Argument(
        lambda v: costs.seconds_to(0.25, "numpy", v, 10, 0.05), outside(lambda v: v in costs.ROWS)
    ),
    "costs.seconds_to: batch": Argument(lambda v: costs.seconds_to(0.25, "numpy", 1500, v, 0.05), whole(1, 1500)),
    "costs.seconds_to: lr": Argument(lambda v: costs.seconds_to(0.25, "numpy", 1500, 10, v), POSITIVE),
    "rounds.in_turns: repeats": Argument(lambda v: rounds.in_turns({"it": nothing}, v), whole()),
    "rounds.in_turns: functions['it']": Argument(lambda v: rounds.in_turns({"it": v}, 1), FUNCTION | st.none()),
    "products.gflop: rows": Argument(lambda v: products.gflop(v, 1, 1), whole()),
    "products.gflop: inner": Argument(lambda v: products.gflop(1, v, 1), whole()),
    "products.gflop: columns": Argument(lambda v: products.gflop(1, 1, v), whole()),
    "products.matrices: library": Argument(lambda v: products.matrices(v, 3), OTHER),
    "products.matrices: n": Argument(lambda v: products.matrices("numpy", v), whole()),
    "products.time_ways: n": Argument(lambda v: finish(products.time_ways("numpy", v)), whole()),
    "products.time_ways: block_widths": Argument(lambda v: finish(products.time_ways("numpy", 4, [v])), whole(1, 4)),
    "bandwidth.staircase: sizes": Argument(lambda v: finish(bandwidth.staircase([v])), whole(8)),
    "bandwidth.sums: sides": Argument(lambda v: finish(bandwidth.sums((v,))), whole()),
    "roofline.intensity: n": Argument(lambda v: roofline.intensity(v, 1), whole()),
    "roofline.intensity: width": Argument(lambda v: roofline.intensity(1, v), whole()),
    "roofline.element_intensity: n": Argument(roofline.element_intensity, whole()),
    "roofline.working_set: n": Argument(lambda v: roofline.working_set(v, 1), whole()),
    "roofline.working_set: width": Argument(lambda v: roofline.working_set(1, v), whole()),
    "roofline.roof: peak": Argument(lambda v: roofline.roof(v, 1, 1), POSITIVE),
    "roofline.roof: rate": Argument(lambda v: roofline.roof(1, v, 1), POSITIVE),
    "roofline.roof: flop_per_byte": Argument(lambda v: roofline.roof(1, 1, v), POSITIVE),
    "batches.buffer_order: n": Argument(lambda v: buffer_order(v, 1, 0, 0), whole()),
    "batches.buffer_order: buffer": Argument(lambda v: buffer_order(9, v, 0, 0), whole()),
    "batches.buffer_order: seed": Argument(lambda v: buffer_order(9, 3, v, 0), SEED),
    "batches.buffer_order: epoch": Argument(lambda v: buffer_order(9, 3, 0, v), whole(0)),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
@a_few
@given(data=st.data())
def test_a_wrong_value_is_refused_with_the_argument_s_name_and_what_it_must_be(argument, data):
    given = ARGUMENTS[argument]
    value = data.draw(given.wrong)
    with pytest.raises((ValueError, TypeError)) as caught:
        given.give(value)
    message = str(caught.value)
    assert message.startswith(f"{argument.split(': ')[1]} must be "), message
    assert repr(value) in message


# Arrays

NOT_FINITE = st.sampled_from([np.nan, np.inf, -np.inf])
SPOILED = arrays(np.float64, st.tuples(st.integers(2, 9), st.integers(1, 3)), elements=st.floats(-9, 9)).flatmap(
    lambda array: st.builds(
        lambda at, value: np.where(np.arange(array.size).reshape(array.shape) == at, value, array),
        st.integers(0, array.size - 1),
        NOT_FINITE,
    )
)
EMPTY = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)).filter(lambda a: a.size == 0)
OTHER_ARRAYS = st.sampled_from([np.bool_, np.complex128, "U3"]).flatmap(lambda dtype: arrays(dtype, (3, 1)))
NO_NUMBERS = st.one_of(st.none(), st.text(), OTHER_ARRAYS, st.just([[1.0], [2.0, 3.0]]))
BAD_ARRAYS = st.one_of(SPOILED, EMPTY, NO_NUMBERS)
TAKE_ARRAYS = {
    "Minibatches": lambda X, y: Minibatches(X, y, 1),
    "load_array": lambda X, y: load_array((X, y), 1),
    "evaluate_loss": lambda X, y: evaluate_loss(lambda rows: rows[:, :1], X, y),
    "optimum": optimum,
}
TAKE_DATA = {
    "noise.gradients": lambda data: noise.gradients(np.zeros(2), data),
    "noise.gradient": lambda data: noise.gradient(np.zeros(2), data),
    "noise.covariance": lambda data: noise.covariance(np.zeros(2), data),
    "noise.noise_scale": lambda data: noise.noise_scale(np.zeros(2), data),
    "noise.gradient_variance": lambda data: noise.gradient_variance(np.zeros(2), 1, True, data),
    "noise.draw_gradients": lambda data: noise.draw_gradients(np.zeros(2), 1, 1, data=data),
    "theory.stability_limit": lambda data: theory.stability_limit(10, data[0]),
    "engine.minibatch_sgd": lambda data: finish(engine.minibatch_sgd(*data, batch_size=1, lr=0.1, epochs=1)),
    "theory.expected_loss": lambda data: theory.expected_loss(10, 0.1, 3, data),
    "theory.final_loss": lambda data: theory.final_loss(10, 0.1, 3, data),
    "theory.floor_loss": lambda data: theory.floor_loss(10, 0.1, data),
    "theory.noisy_quadratic": lambda data: theory.noisy_quadratic(10, 0.1, 3, data),
}


@pytest.mark.parametrize("call", TAKE_ARRAYS.values(), ids=TAKE_ARRAYS)
@pytest.mark.parametrize("name", ["X", "y"])
@a_few
@given(bad=BAD_ARRAYS)
def test_an_array_that_is_none_is_refused_by_its_name(call, name, bad):
    with pytest.raises((ValueError, TypeError), match=rf"^{name} must (hold|be)"):
        call(**{"X": torch.zeros(3, 2), "y": torch.zeros(3, 1), name: bad})


@pytest.mark.parametrize("call", TAKE_ARRAYS.values(), ids=TAKE_ARRAYS)
@given(st.integers(1, 20), st.integers(1, 20))
def test_arrays_of_different_length_are_refused_with_both_lengths(call, rows, targets):
    if rows != targets:
        with pytest.raises(ValueError, match=rf"^X and y must .* {rows} and {targets} rows"):
            call(torch.zeros(rows, 2), torch.zeros(targets, 1))


@pytest.mark.parametrize("call", TAKE_DATA.values(), ids=TAKE_DATA)
@a_few
@given(bad=st.one_of(SPOILED, EMPTY))
def test_data_that_is_not_finite_or_not_there_is_refused(call, bad):
    with pytest.raises(ValueError, match=r"^(data|A|A, y) must (be finite|hold|have shape)"):
        call((bad, np.zeros(len(bad))))


# Vectors

SPOILED_VECTOR = st.builds(
    lambda at, value: np.where(np.arange(6) == at, value, 0.5), st.integers(0, 5), NOT_FINITE
) | arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7)).filter(lambda a: a.shape != (6,))
TAKE_VECTORS = {
    "init": lambda vector: run(init=vector),
    "factors": lambda vector: theory.expected_loss(10, 0.1, 6, factors=vector),
}


@pytest.mark.parametrize("name", TAKE_VECTORS)
@a_few
@given(
    bad=SPOILED_VECTOR
    | NO_NUMBERS.filter(lambda value: value is not None)
    | st.sampled_from([np.full(6, 1j), np.full(6, "1"), np.full(6, True), [10**400] * 6])
)
def test_a_vector_that_is_not_of_its_length_or_not_finite_is_refused_by_its_name(name, bad):
    with pytest.raises((ValueError, TypeError), match=rf"^{name} must (hold|be)"):
        TAKE_VECTORS[name](bad)
