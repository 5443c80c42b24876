"""The checks of the exercises: a right answer in any form, each typical mistake by its name, and nothing ever raised."""

import ast
import importlib
import json
import pydoc
import re
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import inf, nan
from pathlib import Path
from string import Formatter

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2lmini import exercises, get_data, sgd, train
from d2lmini.exercises.answers import QUESTIONS, SENTENCES, WORDS, Question
from d2lmini.exercises.optimizers import lowest_floor
from d2lmini.exercises.rates import losses_after_an_epoch

CHAPTER = Path(__file__).parents[1] / "chapters" / "exercises.ipynb"
UNREADABLE = SENTENCES["unreadable"]
NUMERIC = sorted(QUESTIONS)
CHECKS = sorted(name for name in exercises.__all__ if name.startswith("check_"))
SEVERAL = {"check_best_rates": {1: 0.003, 10: 0.03, 100: 0.3}, "check_genie": {"gd": 100, "minibatch": 1, "sgd": 1}}
FORMS = [
    float,
    np.float64,
    np.float32,
    np.float16,
    np.array,
    lambda value: np.array([value], dtype=np.float32),
    lambda value: np.array(value, dtype=np.float16),
    lambda value: np.array([[value]]),
    lambda value: torch.tensor(value, dtype=torch.float64),
    lambda value: torch.tensor([value], dtype=torch.float64, requires_grad=True),
    lambda value: torch.tensor(value, dtype=torch.float32),
    lambda value: torch.tensor([[value]], dtype=torch.float16),
    lambda value: pd.Series([value]),
    Fraction,
    Decimal,
]


def check(name: str):
    return getattr(exercises, name if name.startswith("check_") else f"check_{name}")


# ---- Questions with one number ----


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("form", FORMS)
def test_a_right_number_is_right_in_every_form(name, form):
    verdict = check(name)(form(float(QUESTIONS[name]().right)))
    assert verdict.right and verdict
    assert str(verdict).startswith("Right. ")


@pytest.mark.parametrize("name", NUMERIC)
def test_whole_numbers_are_right_as_whole_numbers(name):
    right = QUESTIONS[name]().right
    if right == int(right):
        for form in (int, np.int32, np.uint16, torch.tensor):
            assert check(name)(form(int(right))).right


@pytest.mark.parametrize("name", NUMERIC)
def test_every_typical_mistake_has_its_own_name(name):
    question = QUESTIONS[name]()
    said = {}
    for value, _ in question.wrong:
        verdict = check(name)(value)
        assert not verdict.right
        said[float(value)] = str(verdict)
        assert verdict.message in [message for _, message in question.wrong]
    assert len(said) == len(question.wrong) >= 3
    assert [*said.values()] == [message for _, message in question.wrong], "two mistakes are too near each other"
    assert len(set(said.values())) >= 3


# Written by hand: what the answers are, and what a reader may give for them.
WANTED = {
    "updates": ("a whole number", ["72"], ["71.9", "73"]),
    "last_batch": ("a whole number", ["31"], ["31.5", "29"]),
    "gflop": ("two digits", ["0.13", "0.126", "0.1258", "0,125829"], ["0.12", "0.1", "0.14"]),
    "batch_means": ("three digits", ["0.311", "0.3113", "0.31132"], ["0.31", "0.3", "0.312"]),
    "axis": ("three digits", ["3.12", "3.13", "3.125", "25/8"], ["3.1", "3", "3.14"]),
    "stable_rate": ("three digits", ["0.997", "0.9974"], ["0.99", "0.998", "0.996", "1"]),
    "without_half": ("two digits", ["0.48", "0.477", "0.476", "0.953/2"], ["0.47", "0.5", "0.49"]),
    "reach": ("three digits", ["3.33", "10/3", "3.3333"], ["3.34", "3.3", "3"]),
    "distinct": ("three digits", ["948", "948.4", "1500*(1-(1-1/1500)**1500)"], ["949", "950", "900", "947"]),
    "half_noise": ("a whole number", ["480", "4 * 120"], ["481", "479"]),
    "half_noise_finite": ("three digits", ["387", "387.1", "12000/31"], ["388", "390", "400", "386"]),
    "noise_scale": ("two digits", ["46", "46.4", "46.44"], ["47", "50", "45"]),
    "floor": ("two digits", ["0.0071", "0.00714", "1/140", "7.1e-3"], ["0.0072", "0.007", "0.01", "0.0070"]),
    "best_batch": ("a whole number", ["10"], ["10.5", "9"]),
}


@pytest.mark.parametrize("name", NUMERIC)
def test_every_answer_right_to_the_digits_asked_for_is_right_and_no_other(name):
    wanted, right, wrong = WANTED[name]
    assert QUESTIONS[name]().wanted == wanted
    assert wanted in check(name)().message
    for text in right:
        assert check(name)(text), text
    for text in wrong:
        assert not check(name)(text), text


@pytest.mark.parametrize("name", [name for name in NUMERIC if QUESTIONS[name]().digits])
def test_the_right_answer_rounded_is_right_and_rounded_to_less_it_is_near_or_has_a_name(name):
    question = QUESTIONS[name]()
    named = [message for _, message in question.wrong]
    nearly = SENTENCES["nearly"].format(wanted=question.wanted)
    for digits in range(1, 9):
        verdict = check(name)(f"{question.right:.{digits}g}")
        assert verdict.right or (digits < question.digits and verdict.message in [nearly, *named]), digits


@given(st.sampled_from(NUMERIC), st.floats(-0.9999, 0.9999))
def test_a_number_is_right_if_it_is_off_by_half_the_last_digit_at_most(name, part):
    question = QUESTIONS[name]()
    if not question.digits:
        return
    leading = Decimal(float(question.right)).adjusted()  # of the first digit, the power of ten
    half = 10.0 ** (leading - question.digits + 1) / 2
    assert check(name)(question.right + part * half)
    assert not check(name)(question.right + (1.001 + abs(part)) * half)
    assert not check(name)(question.right - (1.001 + abs(part)) * half)


@pytest.mark.parametrize(
    ("name", "text"),
    [("half_noise_finite", "388"), ("distinct", "949"), ("reach", "3.34"), ("gflop", "0.12"), ("without_half", "0.47")],
)
def test_a_number_rounded_the_wrong_way_is_near(name, text):
    question = QUESTIONS[name]()
    assert check(name)(text).message == SENTENCES["nearly"].format(wanted=question.wanted)


def test_a_number_nearer_to_the_answer_than_to_a_mistake_is_not_taken_for_the_mistake():
    assert "a little beyond" in exercises.check_stable_rate(0.9995).message
    assert exercises.check_stable_rate(0.996).message == WORDS["small"]


@pytest.mark.parametrize("name", NUMERIC)
def test_other_wrong_numbers_are_too_large_or_too_small_or_off_by_a_power_of_ten(name):
    question = QUESTIONS[name]()
    assert check(name)(question.right * 1e12).message == WORDS["power_large"]
    assert check(name)(question.right * 1e-12).message == WORDS["power_small"]
    assert check(name)(question.right * 7.3e12).message == WORDS["large"]
    assert check(name)(question.right * 7.3e-12).message == WORDS["small"]
    assert check(name)(-question.right).message == WORDS["negative"]


@pytest.mark.parametrize("name", NUMERIC)
def test_no_message_to_a_wrong_answer_contains_the_right_one(name):
    question = QUESTIONS[name]()
    shown = re.compile(rf"(?<![\d.]){re.escape(f'{question.right:.4g}')}(?![\d.])")
    assert not [message for _, message in question.wrong if shown.search(message)]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"72", WORDS["quoted"]),
        (np.array("72"), WORDS["quoted"]),
        (True, WORDS["truth"]),
        (np.bool_(True), WORDS["truth"]),
        (torch.tensor(True), WORDS["truth"]),
        (nan, WORDS["endless"]),
        (inf, WORDS["endless"]),
        (10**400, WORDS["endless"]),
        (torch.tensor(nan), WORDS["endless"]),
        (72 + 0j, WORDS["complex"]),
        (torch.tensor(72 + 0j), WORDS["complex"]),
        ([72], WORDS["many"]),
        ((72, 73), WORDS["many"]),
        ({"updates": 72}, WORDS["many"]),
        (np.arange(3), WORDS["many"]),
        (torch.zeros(0), WORDS["many"]),
        (pd.DataFrame({"a": [1, 2]}), WORDS["many"]),
        (object(), "A number is wanted, not an object of type object."),
        (len, "A number is wanted, not an object of type builtin_function_or_method."),
        (Ellipsis, "A number is wanted, not an object of type ellipsis."),
    ],
)
def test_what_is_no_number_is_refused_kindly(answer, said):
    verdict = exercises.check_updates(answer)
    assert not verdict.right
    assert verdict.message == said


@given(st.one_of(st.floats(), st.integers(), st.text(), st.binary(), st.lists(st.floats()), st.complex_numbers()))
def test_nothing_is_raised_whatever_is_given(answer):
    for name in NUMERIC:
        assert check(name)(answer).message


# ---- All checks ----


class Hostile:
    """Raises whenever it is touched."""

    def _raise(self, *args, **kwargs):
        raise RuntimeError("touched")

    __float__ = __int__ = __index__ = __repr__ = __str__ = __eq__ = __iter__ = __len__ = __bool__ = __call__ = _raise
    __array__ = __getitem__ = __hash__ = __neg__ = _raise


class Unnamed(type):
    """Of classes that do not tell their name."""

    __name__ = property(Hostile._raise)


class HostileAndUnnamed(Hostile, metaclass=Unnamed):
    pass


class Classless(Hostile):
    """isinstance asks for its class."""

    __class__ = property(Hostile._raise)


class Leaving(Hostile):
    """Ends the program when it is read."""

    def _leave(self, *args, **kwargs):
        raise SystemExit("mine")

    __float__ = __array__ = __iter__ = __call__ = _leave


class UnnamedError(Exception, metaclass=Unnamed):
    def __str__(self):
        raise RuntimeError("touched")


class HostileDict(dict):
    get = __getitem__ = __iter__ = __len__ = Hostile._raise


class HostileFloat(float):
    __float__ = Hostile._raise


def raising(*args, **kwargs):
    raise ValueError("mine")


def leaving(*args, **kwargs):
    sys.exit("mine")


def unnamed(*args, **kwargs):
    raise UnnamedError


def step(params, lr: float = 0.1) -> None:
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad


def clearing_hyperparams(params, states, hyperparams):
    step(params, hyperparams["lr"])
    hyperparams.clear()


def stopping_everyone(params, states, hyperparams):
    hyperparams.update(lr=0.0, momentum=0.0)


def shrinking_for_everyone(params, states, hyperparams):
    hyperparams["lr"] /= 2
    hyperparams["momentum"] = 0.0
    step(params, hyperparams["lr"])


def clearing_params(params, states, hyperparams):
    step(params)
    params.clear()


def replacing_params(params, states, hyperparams):
    params[:] = [p.detach() - 1 for p in params]


def clearing_states(params, states, hyperparams):
    step(params)
    states.clear()


def reshaping(params, states, hyperparams):
    params[0].data = params[0].data.repeat(2, 1)


def half_precision(params, states, hyperparams):
    for p in params:
        p.data = (p.data - 1).half()


def complex_numbers(params, states, hyperparams):
    for p in params:
        p.data = p.data + 1j


def switching_gradients_off(params, states, hyperparams):
    torch.set_grad_enabled(False)
    for p in params:
        p -= 0.1 * p.grad


MUTATING = [
    clearing_hyperparams,
    stopping_everyone,
    shrinking_for_everyone,
    clearing_params,
    replacing_params,
    clearing_states,
    reshaping,
    half_precision,
    complex_numbers,
    switching_gradients_off,
]


ANYTHING = [
    None,
    "text",
    "",
    b"",
    [],
    [None],
    [1, 2, 3],
    ["a", "b", "c"],
    {},
    {1: None},
    {1: "a", 10: 2, 100: 3},
    nan,
    inf,
    -1,
    0,
    10**500,
    1j,
    True,
    object(),
    Hostile(),
    HostileAndUnnamed(),
    Classless(),
    Leaving(),
    [Hostile(), Classless(), Leaving()],
    HostileDict(a=1),
    HostileFloat(3),
    np.array([]),
    np.array([object()]),
    torch.zeros(3, requires_grad=True),
    count(),
    raising,
    leaving,
    unnamed,
    *MUTATING,
    lambda: None,
    lambda *_: raising,
    lambda *_: lambda *_: Hostile(),
    lambda *_: lambda *_: Classless(),
    lambda *_: lambda *_: None,
    print,
    Hostile,
    int,
]


@pytest.mark.parametrize("place", range(len(ANYTHING)))  # by number: pytest would touch the objects themselves
@pytest.mark.parametrize("name", CHECKS)
def test_a_check_gives_a_verdict_on_anything(name, place, capsys):
    verdict = check(name)(ANYTHING[place])
    assert verdict.right is False
    assert verdict.message and str(verdict) == repr(verdict) == verdict.message
    assert not bool(verdict)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_given_too_much_says_so_instead_of_raising(name):
    assert check(name)(1, 2, 3, 4, 5).message == UNREADABLE


def test_a_reader_may_interrupt_a_check():
    def interrupted(*args):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercises.check_momentum(interrupted)


@pytest.mark.parametrize("name", CHECKS)
def test_without_an_answer_a_check_says_what_to_do(name):
    short = name.removeprefix("check_")
    missing = QUESTIONS[short]().missing if short in QUESTIONS else WORDS["missing"]
    assert check(name)(None).message == check(name)().message == missing
    assert check(name).__doc__


@pytest.mark.parametrize("name", CHECKS)
def test_help_shows_the_name_and_the_docstring_of_a_check(name):
    shown = pydoc.plain(pydoc.render_doc(check(name)))
    assert f"\n{name}(" in shown
    assert check(name).__doc__.splitlines()[0] in shown


# ---- Several numbers ----


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize(
    "form", [dict, lambda d: list(d.values()), lambda d: tuple(d.values()), lambda d: np.array([*d.values()]),
             lambda d: torch.tensor([*d.values()]), lambda d: np.float16([*d.values()]), lambda d: pd.Series([*d.values()]), lambda d: iter(d.values()),
             lambda d: {key: torch.tensor([value]) for key, value in reversed(d.items())}, lambda d: [str(value) for value in d.values()]]
)  # fmt: skip
def test_several_right_numbers_are_right_in_every_form(name, form):
    assert check(name)(form(SEVERAL[name])).right


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ([0.03, 0.03, 0.03], "One rate for all"),
        ([0.3, 0.03, 0.003], "The other way round"),
        ([0.1, 0.3, 1.0], "the largest rates that do not diverge"),
        ([1.0, 0.03, 0.3], "Batch 1 diverges at 1.0"),
        ([0.003, 0.1, 0.3], "Batch 10: 0.1 is too large"),
        ([0.003, 0.03, 0.1], "Batch 100: 0.1 is too small"),
        ([0.003, 0.05, 0.3], "Batch 10: choose one of the rates"),
        ([0.003, 0.03], "one number for each of 1, 10, 100"),
        ({1: 0.003, 10: 0.03, 1500: 1.0}, "one number for each of 1, 10, 100"),
        ({1: b"0.003", 10: 0.03, 100: 0.3}, f"1: {WORDS['quoted']}"),
        ({1: "0.003", 10: "three", 100: 0.3}, "10: “three” cannot be read here."),
        ({1: "0.003", 10: "0.03", 100: ""}, f"100: {WORDS['empty']}"),
    ],
)
def test_wrong_rates_are_told_apart(answer, part):
    verdict = exercises.check_best_rates(answer)
    assert not verdict.right and part in verdict.message


def test_the_best_rates_are_those_of_the_runs():
    losses = losses_after_an_epoch()
    assert {size: min(row, key=row.get) for size, row in losses.items()} == SEVERAL["check_best_rates"]


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ([1, 1, 1], "holds for updates"),
        ([100, 100, 100], "all copies"),
        ([1, 100, 100], "The other way round"),
        ([1, 0.01, 0.01], "holds for epochs"),
        ([100, 1, 100], "Not right for 'sgd'"),
        ([100, 10, 1], "Not right for 'minibatch'"),
        ([7500, 1, 1], "Not right for 'gd'"),
        ([1.14, 0.86, 1.01], "holds for updates"),
        ([99, 110, 80], "all copies"),
        ([1.2, 101, 100], "The other way round"),
        ([1, 0.012, 0.009], "holds for epochs"),
        ([100, 1.4, 1], "Not right for 'minibatch'"),
        ([140, 1, 1], "Not right for 'gd'"),
    ],
)
def test_wrong_factors_of_the_genie_are_told_apart(answer, part):
    verdict = exercises.check_genie(answer)
    assert not verdict.right and part in verdict.message


@pytest.mark.parametrize(
    "answer", [[99, 1, 1], [100, 1.1, 0.95], (128, 0.71, 1.29), {"sgd": 1.01, "gd": 72, "minibatch": 0.86}]
)
def test_factors_of_the_genie_are_asked_for_roughly(answer):
    assert exercises.check_genie(answer).right


# ---- Schedules ----


def rule(function):
    """What a student writes: make(setting) → schedule(t, epoch)."""
    return lambda setting: lambda t, epoch: function(setting, t, epoch)


RIGHT_SCHEDULES = {
    "step": [
        lambda k, t, epoch: 10 ** -(epoch // k),
        lambda k, t, epoch: 10.0 ** -float(epoch // k),
        lambda k, t, epoch: torch.tensor(0.1, dtype=torch.float64) ** (epoch // k),
    ],
    "power": [lambda a, t, epoch: t**a, lambda a, t, epoch: np.power(float(t), a)],
    "exponential": [
        lambda a, t, epoch: a ** (t - 1),
        lambda a, t, epoch: np.exp((t - 1) * np.log(a)),
        lambda a, t, epoch: torch.tensor(a) ** (t - 1),
    ],
}
WRONG_SCHEDULES = {
    "step": [
        (lambda k, t, epoch: 0.1**epoch, "k has to be used"),
        (lambda k, t, epoch: 0.1 ** (t // k), "counts updates"),
        (lambda k, t, epoch: 0.1 ** ((t - 1) // k), "counts updates"),
        (lambda k, t, epoch: 10 ** (epoch // k), "multiplies by ten"),
        (lambda k, t, epoch: 0.1 ** ((epoch + 1) // k), "One epoch early"),
        (lambda k, t, epoch: 0.1 ** (max(0, epoch - 1) // k), "One epoch late"),
        (lambda k, t, epoch: 0.1 if epoch in range(k, 99, k) else 1.0, "It goes back up"),
        (lambda k, t, epoch: 0.1 if epoch >= k else 1, "divides once"),
        (lambda k, t, epoch: 0.1 ** (epoch / k), "whole steps"),
        (lambda k, t, epoch: 1 / (10 * (epoch // k)) if epoch >= k else 1, "10, 20, 30"),
        (lambda k, t, epoch: 0.05 * 0.1 ** (epoch // k), "the scale is not"),
        (lambda k, t, epoch: 1.0, "same factor always"),
        (lambda k, t, epoch: 0.5 ** (epoch // k), "With 2 it should give 0.1 at t = 301, epoch = 2, not 0.5"),
        (lambda k, t, epoch: None, "gives None"),
        (lambda k, t, epoch: "0.1", "gives no number"),
        (lambda k, t, epoch: k / 0, "ZeroDivisionError"),
    ],
    "power": [
        (lambda a, t, epoch: t**-a, "That rises"),
        (lambda a, t, epoch: (t + 1) ** a, "One update late"),
        (lambda a, t, epoch: (epoch + 1) ** a, "counts epochs"),
        (lambda a, t, epoch: abs(a) ** t, "power of alpha"),
        (lambda a, t, epoch: a**t, "power of alpha"),
        (lambda a, t, epoch: a * t, "That multiplies"),
        (lambda a, t, epoch: (t - 1) ** a, "ZeroDivisionError"),
        (lambda a, t, epoch: 0.2 * t**a, "the scale is not"),
    ],
    "exponential": [
        (lambda a, t, epoch: a**t, "One update early"),
        (lambda a, t, epoch: a**epoch, "counts epochs"),
        (lambda a, t, epoch: t**a, "power of t"),
        (lambda a, t, epoch: t**-a, "power of t"),
        (lambda a, t, epoch: np.exp(-a * t), "exp(−alpha"),
        (lambda a, t, epoch: a**-t, "That rises"),
        (lambda a, t, epoch: a * t, "That multiplies"),
    ],
}


@pytest.mark.parametrize(("name", "function"), [(n, f) for n, rules in RIGHT_SCHEDULES.items() for f in rules])
def test_a_right_schedule_is_right(name, function):
    assert check(name)(rule(function)).right


@pytest.mark.parametrize(("name", "function", "part"), [(n, f, p) for n, rs in WRONG_SCHEDULES.items() for f, p in rs])
def test_a_wrong_schedule_is_told_what_it_does(name, function, part):
    verdict = check(name)(rule(function))
    assert not verdict.right and part in verdict.message


def test_a_schedule_that_remembers_is_found_out():
    def make(alpha):
        rate = 1.0

        def schedule(t, epoch):
            nonlocal rate
            rate *= alpha
            return rate

        return schedule

    assert "another factor when asked again" in exercises.check_exponential(make).message


def test_a_schedule_itself_instead_of_its_maker_is_found_out():
    assert "return a function of (t, epoch)" in exercises.check_power(lambda alpha: alpha).message
    assert "TypeError" in exercises.check_power(lambda t, epoch: 1 / t).message


# ---- Optimizers ----


def trainer(direction):
    """A trainer from what it steps by: direction(gradient, velocity, momentum)."""

    def trainer_fn(params, states, hyperparams):
        with torch.no_grad():
            for p, v in zip(params, states):
                p.sub_(hyperparams["lr"] * direction(p.grad, v, hyperparams["momentum"]))

    return trainer_fn


nesterov = trainer(lambda g, v, m: g + m * v.mul_(m).add_(g))
heavy_ball = trainer(lambda g, v, m: v.mul_(m).add_(g))


def nesterov_with_the_rate_inside(params, states, hyperparams):
    lr, m = hyperparams["lr"], hyperparams["momentum"]
    with torch.no_grad():
        for p, v in zip(params, states):
            v.mul_(m).add_(lr * p.grad)
            p.sub_(lr * p.grad + m * v)


def nesterov_with_new_velocities(params, states, hyperparams):
    with torch.no_grad():
        for i, p in enumerate(params):
            states[i] = hyperparams["momentum"] * states[i] + p.grad
            p.sub_(hyperparams["lr"] * (p.grad + hyperparams["momentum"] * states[i]))


def nesterov_with_a_note(params, states, hyperparams):
    hyperparams["updates"] = hyperparams.get("updates", 0) + 1
    nesterov(params, states, hyperparams)


def torch_nesterov(params, states, hyperparams):
    """An oracle: the optimizer of PyTorch, with its buffers."""
    lr, momentum = hyperparams["lr"], hyperparams["momentum"]
    optimizer = torch.optim.SGD(params, lr=lr, momentum=momentum, nesterov=True)
    for p, v in zip(params, states):
        optimizer.state[p]["momentum_buffer"] = v
    optimizer.step()


@pytest.mark.parametrize(
    "function",
    [nesterov, nesterov_with_the_rate_inside, nesterov_with_new_velocities, nesterov_with_a_note, torch_nesterov],
)
def test_momentum_is_right_however_it_is_written(function):
    assert exercises.check_momentum(function).right


@pytest.mark.parametrize("function", MUTATING)
def test_a_trainer_that_changes_its_arguments_is_compared_with_unchanged_ones(function):
    """Twice: nothing is left of the first time."""
    first, second = exercises.check_momentum(function), exercises.check_momentum(function)
    assert not first.right and first == second
    assert first.message != UNREADABLE
    assert exercises.check_momentum(nesterov).right


@pytest.mark.parametrize("function", MUTATING)
def test_changed_arguments_do_not_outlive_a_check_of_an_optimizer(function):
    states, settings = zeros(), {"lr": 0.05, "momentum": 0.9}
    verdict = exercises.check_optimizer(function, states, settings)
    assert not verdict.right and verdict.message != UNREADABLE
    assert len(states) == 2 and not any(v.any() for v in states)
    assert settings == {"lr": 0.05, "momentum": 0.9}
    assert torch.is_grad_enabled()


def test_settings_that_cannot_be_read_get_a_verdict():
    for hyperparams in (Hostile(), Classless(), HostileDict(lr=1), {"lr": Hostile()}, {Hostile: 1}):
        for states in (None, Hostile(), Classless(), [Hostile()]):
            assert exercises.check_optimizer(nesterov, states, hyperparams).right is False


def test_gradients_are_there_for_a_check_and_as_before_afterwards():
    with torch.no_grad():
        assert exercises.check_optimizer(decaying, {"t": 0}, {"lr": 0.1}).right
        assert not torch.is_grad_enabled()
    assert "with torch.no_grad():" in exercises.check_optimizer(switching_gradients_off, None, {}).message


def rebound(params, states, hyperparams):
    with torch.no_grad():
        for p, v in zip(params, states):
            v = hyperparams["momentum"] * v + p.grad
            p.sub_(hyperparams["lr"] * (p.grad + hyperparams["momentum"] * v))


def old_velocity(params, states, hyperparams):
    with torch.no_grad():
        for p, v in zip(params, states):
            p.sub_(hyperparams["lr"] * (p.grad + hyperparams["momentum"] * v))
            v.mul_(hyperparams["momentum"]).add_(p.grad)


def renamed(params, states, hyperparams):
    for p, v in zip(params, states):
        p = p - hyperparams["lr"] * v


def only_the_weights(params, states, hyperparams):
    nesterov(params[:1], states[:1], hyperparams)


def with_gradients(params, states, hyperparams):
    for p in params:
        p -= hyperparams["lr"] * p.grad


def another_key(params, states, hyperparams):
    return hyperparams["beta"]


MOMENTA = [
    (sgd, "plain SGD"),
    (rebound, "The velocity is forgotten"),
    (heavy_ball, "That is plain momentum"),
    (old_velocity, "That is plain momentum"),
    (trainer(lambda g, v, m: m * v.mul_(m).add_(g)), "The gradient itself is missing"),
    (trainer(lambda g, v, m: g + v.mul_(m).add_(g)), "The velocity enters whole"),
    (trainer(lambda g, v, m: m * g + v.mul_(m).add_(g)), "The other way round"),
    (trainer(lambda g, v, m: g + m * v.mul_(m).add_((1 - m) * g)), "the averaged form"),
    (trainer(lambda g, v, m: -g - m * v.mul_(m).add_(g)), "That climbs"),
    (trainer(lambda g, v, m: g + m * v.add_(g)), "never fades"),
    (renamed, "No parameter has moved"),
    (trainer(lambda g, v, m: g / 0), "infinite or nan"),
    (trainer(lambda g, v, m: g**2 + m * v.mul_(m).add_(g)), "Not these steps"),
    (shrinking_for_everyone, "Not these steps"),
    (stopping_everyone, "No parameter has moved"),
    (clearing_hyperparams, "hyperparams holds 'lr', 'momentum'"),
    (reshaping, "another shape or type"),
    (complex_numbers, "another shape or type"),
    (only_the_weights, "b stays where it was"),
    (with_gradients, "under torch.no_grad()"),
    (another_key, "hyperparams holds 'lr', 'momentum'"),
    (raising, "It raised ValueError: mine."),
    (unnamed, UNREADABLE),
    (lambda: None, "It raised TypeError"),
    (3, "is wanted, not an object of type int"),
]


@pytest.mark.parametrize(("function", "part"), MOMENTA)
def test_wrong_momentum_is_told_what_it_is(function, part):
    verdict = exercises.check_momentum(function)
    assert not verdict.right and part in verdict.message


def zeros():
    return [torch.zeros(5, 1), torch.zeros(1)]


def plain(params, states, hyperparams):
    with torch.no_grad():
        for p in params:
            p -= hyperparams["lr"] * p.grad


def decaying(params, states, hyperparams):
    states["t"] += 1
    plain(params, None, {"lr": hyperparams["lr"] / (1 + states["t"] / 50)})


def test_an_optimizer_whose_steps_shrink_is_right_and_its_states_are_left_alone():
    states = {"t": 0}
    assert exercises.check_optimizer(decaying, states, {"lr": 0.1}).right
    assert states == {"t": 0}


@pytest.mark.parametrize(
    ("function", "states", "hyperparams", "part"),
    [
        (plain, None, {"lr": lowest_floor()[0]}, "That is plain SGD"),
        (nesterov, zeros(), {"lr": 0.02, "momentum": 0.9}, "Try other rates"),
        (nesterov, zeros(), {"lr": 0.7 * lowest_floor()[0], "momentum": 0.3}, "No better, within chance"),
        (decaying, {"t": 0}, {"lr": 0.001}, "Try other rates"),
        (plain, None, {"lr": 50.0}, "It diverged at update"),
        (plain, None, {"lr": -1.0}, "the learning rate"),
        (plain, None, None, "hyperparams is wanted as a dict"),
        (lambda *_: None, None, {"lr": 0.05}, "No parameter has moved"),
        (with_gradients, None, {"lr": 0.05}, "under torch.no_grad()"),
        (decaying, (i for i in ()), {"lr": 0.05}, "It raised TypeError"),
        (raising, None, {}, "It raised ValueError: mine."),
    ],
)
def test_an_optimizer_that_does_not_beat_the_floor_is_told_why(function, states, hyperparams, part):
    verdict = exercises.check_optimizer(function, states, hyperparams)
    assert not verdict.right and part in verdict.message


def test_the_floor_to_beat_is_what_train_gives_with_plain_sgd():
    rate, floor = lowest_floor()
    ends = []
    for seed in range(4):
        data, features = get_data(10, seed=seed)
        run = train(plain, None, {"lr": rate}, data, features, 4, init=(torch.zeros(5, 1), torch.zeros(1)))
        ends.append(run.loss[-1] - 0.24168796)
    assert np.mean(ends) == pytest.approx(floor, rel=1e-3)


# ---- What the answers should be, from elsewhere ----


def test_known_answers():
    right = {name: question().right for name, question in QUESTIONS.items()}
    X, y = (part.double() for part in (get_data(1500)[0].X, get_data(1500)[0].y))
    steps = train(plain, None, {"lr": 0.3}, get_data(1500)[0], 5, 3, init=zeros())
    early = torch.cat([steps.w, steps.b[:, None]]).double()
    A = torch.cat([X, torch.ones(1500, 1)], dim=1)
    sampled = np.random.default_rng(0).integers(1500, size=(2000, 1500))
    assert right["updates"] == len(get_data(64, n=1503)[0]) * 3
    assert right["last_batch"] == [len(part) for part, _ in get_data(64, n=1503)[0]][-1]
    assert right["batch_means"] == pytest.approx(steps.loss[-1], rel=1e-6)
    assert right["axis"] == pytest.approx(2 * 1500 / 60 / 16)
    assert right["stable_rate"] == pytest.approx(2 / torch.linalg.matrix_norm(A[:, 1:], 2).item() ** 2 * 1500)
    assert right["without_half"] == pytest.approx(0.953 / 2, rel=1e-3)
    assert right["reach"] == pytest.approx(sum(3 * 0.1**k for k in range(50)))
    assert right["distinct"] == pytest.approx(np.mean([len(np.unique(draw)) for draw in sampled]), rel=1e-3)
    examples = A * (A @ early - y.reshape(-1, 1))
    noise_scale = torch.cov(examples.T, correction=0).trace() / examples.mean(dim=0).norm() ** 2
    assert right["noise_scale"] == pytest.approx(noise_scale.item(), rel=2e-3)
    assert right["best_batch"] == 10
    assert len(X) == 1500


def test_half_the_noise_is_half_in_simulation():
    values = np.random.default_rng(0).normal(size=1500)
    rng = np.random.default_rng(1)

    def spread(batch, replace):
        return np.std([rng.choice(values, batch, replace=replace).mean() for _ in range(4000)])

    assert spread(480, True) / spread(120, True) == pytest.approx(0.5, rel=0.05)
    assert spread(387, False) / spread(120, False) == pytest.approx(0.5, rel=0.05)


@pytest.mark.proves("On what floor, the expected loss above the optimum, does it settle")
def test_the_floor_is_that_of_a_simulation():
    e, total = 0.0, 0.0
    for noise in np.random.default_rng(0).normal(0, np.sqrt(1 / 10), 100_000):
        e -= 0.2 * (3 * e + noise)
        total += 3 * e * e / 2
    assert total / 100_000 == pytest.approx(QUESTIONS["floor"]().right, rel=0.02)


# ---- The page ----


@pytest.mark.parametrize("name", NUMERIC)
def test_the_page_judges_as_the_kernel_does(name, javascript):
    question = QUESTIONS[name]()
    given = json.loads(re.search(r"<script[^>]*>(.*)</script>", question.form()).group(1))
    scales = [
        1,
        1.0007,
        1.002,
        1.015,
        0.985,
        1e300,
        1e-300,
        0.9993,
        1.0041,
        0.5,
        2,
        10,
        0.1,
        1000,
        999.5,
        1e-6,
        1e6,
        3.3,
        31.62,
        -1,
        0,
    ]
    edges = [given["right"] + side * given["within"] * part for side in (-1, 1) for part in (1 - 1e-7, 1, 1 + 1e-7)]
    values = (
        [question.right * scale for scale in scales]
        + [1.7e308, 5e-324, *edges]
        + [value for value, _ in question.wrong]
    )
    (page,) = javascript("check.mjs", [{"question": given, "values": [float(value) for value in values]}])
    kernel = [check(name)(float(value)) for value in values]
    assert page["values"] == [{"right": verdict.right, "message": verdict.message} for verdict in kernel]


def test_a_form_is_inert_without_the_page():
    """JupyterLab shows it too: no field or button there, only what to do."""
    html = exercises.form("updates")._repr_html_()
    assert "<input" not in html and "<button" not in html and "action" not in html
    assert QUESTIONS["updates"]().missing in html
    assert html == exercises.check_updates(None)._repr_mimebundle_()["text/html"]
    assert "text/html" not in exercises.check_updates(72)._repr_mimebundle_()
    assert repr(exercises.form("best_batch")) == "The page asks here for a number (batch size, a whole number)."
    assert repr(exercises.form("floor")) == "The page asks here for a number (half loss, two digits)."


def test_a_form_for_an_unknown_question_names_the_known_ones():
    with pytest.raises(ValueError, match=r"one of .*updates.*, not 'upd'"):
        exercises.form("upd")


def test_what_a_page_holds_cannot_end_its_script():
    hostile = Question("hostile", 1, "</script>", [(2, "<!-- <script>")])
    for question in (hostile, *(make() for make in QUESTIONS.values())):
        assert question.form().count("</") == 3
        assert "<!--" not in question.form()


# ---- The words ----

MODULES = sorted(path.stem for path in Path(exercises.__file__).parent.glob("[!_]*.py"))
TABLES = ("SENTENCES", "WORDS")
SHAPES = ("MARKUP", "SPACES", "THOUSANDS", "PLAIN", "TOKEN")  # of a page's form, and of what a reader may write


def tree_of(module: str) -> ast.Module:
    return ast.parse(Path(exercises.__file__).with_name(f"{module}.py").read_text())


def is_table(node: ast.AST, names=TABLES) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets)


def dicts(module: str) -> list[ast.Dict]:
    """The tables at the top level of a module."""
    return [
        part for node in tree_of(module).body if is_table(node) for part in ast.walk(node) if isinstance(part, ast.Dict)
    ]


class Loose(ast.NodeVisitor):
    """Finds what could be said to a reader and is no whole template of a table.

    What is raised is for who writes a chapter, and what is compared is another program's.
    """

    def __init__(self, tree: ast.AST):
        self.found: list[str] = []
        self.visit(tree)

    def see(self, node: ast.AST) -> None:
        self.found.append(ast.unparse(node))

    def visit_Raise(self, node):
        pass

    def visit_Module(self, node):
        for part in node.body:
            if not is_table(part, (*TABLES, *SHAPES)):
                self.visit(part)

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.visit(node.value)

    def visit_Compare(self, node):
        for side in (node.left, *node.comparators):
            if not isinstance(side, ast.Constant):
                self.visit(side)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and " " in node.value:
            self.see(node)

    def visit_JoinedStr(self, node):
        """It may make a name, such as check_updates."""
        fixed = [part.value for part in node.values if isinstance(part, ast.Constant)]
        if not fixed or not all(part.isidentifier() for part in fixed):
            self.see(node)

    def visit_BinOp(self, node):
        texts = (ast.JoinedStr, ast.Constant, ast.Name)
        for part in ast.walk(node) if isinstance(node.op, (ast.Add, ast.Mod)) else ():
            if isinstance(part, texts) and (
                getattr(part, "id", "") in TABLES or isinstance(getattr(part, "value", 0), str)
            ):
                self.see(node)
        self.generic_visit(node)

    def visit_Call(self, node):
        match node:
            case ast.Call(func=ast.Attribute(attr="join" | "format", value=ast.Constant())):
                self.see(node)
            case ast.Call(func=ast.Name(id="Verdict"), args=[_, said, *_]):
                self.message(said)
            case ast.Call(func=ast.Name(id="Question"), args=[_, _, *said]):
                for part in said:
                    self.message(part)
        self.generic_visit(node)

    def message(self, node: ast.AST) -> None:
        if isinstance(node, ast.List):
            for slip in node.elts:
                self.message(slip.elts[1])
        elif isinstance(node, ast.BinOp) or isinstance(getattr(node, "value", 0), str):
            self.see(node)


@pytest.mark.parametrize("module", MODULES)
def test_what_a_reader_is_told_is_a_whole_template_of_a_table(module):
    assert not Loose(tree_of(module)).found
    for table in dicts(module):
        assert all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in table.values)


@pytest.mark.parametrize(
    "code",
    [
        'Verdict(False, "Not right.")',
        'Verdict(False, "Wrong")',
        'Verdict(False, f"{key}: {value}")',
        'Verdict(False, f"{said}{hint}")',
        "Verdict(False, said + hint)",
        'Verdict(False, SENTENCES["a"].format(b=b) + hint)',
        'Verdict(False, "%s" % said)',
        'Verdict(False, ", ".join(names))',
        'Verdict(False, "{}{}".format(said, hint))',
        'Question("a", 1, "Why.", [])',
        'Question("a", 1, why, [], "rows")',
        'Question("a", 1, why, [(2, "Twice.")])',
        'Question("a", 1, why, [(2, said + hint)])',
        'said = "It raised " + name',
        'side = SENTENCES["large"] + SENTENCES["floor"]',
        'def f():\n    SENTENCES = {"a": "A sentence."}',
    ],
)
def test_a_loose_sentence_is_seen(code):
    assert Loose(ast.parse(code)).found


def looked_up(node: ast.AST, module: str) -> tuple[str, str, str] | None:
    """(module, table, key) if a node takes a sentence out of a table."""
    match node:
        case ast.Subscript(value=ast.Name(id=table), slice=ast.Constant(value=str(key))) if table in TABLES:
            return module, table, key
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id=home), attr=table), slice=ast.Constant(value=str(key))
        ) if table in TABLES:
            return home, table, key
    return None


def uses(module: str) -> set[tuple[str, str, str]]:
    return {found for node in ast.walk(tree_of(module)) if (found := looked_up(node, module))}


def said_by_the_page() -> set[str]:
    scripts = "".join(path.read_text() for path in sorted(CHAPTER.parents[1].glob("d2lmini/js/**/*.js")))
    taken = ",".join(re.findall(r"\{([^}]*)\} = question\.words", scripts))
    return {*re.findall(r"\bwords\.(\w+)", scripts), *re.findall(r"\w+", taken)}


@pytest.mark.parametrize("module", MODULES)
def test_every_sentence_is_said_somewhere(module):
    keys = {key.value for table in dicts(module) for key in table.keys}
    apart = [node for node in tree_of(module).body if not is_table(node)]
    here = {part.value for node in apart for part in ast.walk(node) if isinstance(part, ast.Constant)}
    elsewhere = {key for other in MODULES for home, _, key in uses(other) if home == module}
    page = said_by_the_page() if module == "answers" else set()
    assert keys <= here | elsewhere | page


@pytest.mark.parametrize("module", MODULES)
def test_the_places_of_a_sentence_are_filled_where_it_is_said(module):
    nodes = list(ast.walk(tree_of(module)))
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    given = {id(call.func.value): {k.arg for k in call.keywords} for call in calls if call.func.attr == "format"}
    for node in nodes:
        if found := looked_up(node, module):
            home, table, key = found
            text = getattr(importlib.import_module(f"d2lmini.exercises.{home}"), table)[key]
            places = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            assert places == given.get(id(node), set()), text


# ---- The chapter ----


def cells():
    return [cell for cell in nbformat.read(CHAPTER, as_version=4).cells if cell.cell_type == "code"]


def said(cell) -> str:
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join(texts)


def is_solution(cell) -> bool:
    return "hide-cell" in cell.metadata.get("tags", [])


@pytest.mark.parametrize("name", CHECKS)
def test_the_solution_in_the_chapter_is_right_and_hidden(name):
    solutions = [cell for cell in cells() if is_solution(cell) and f"{name}(" in cell.source]
    assert solutions
    for cell in solutions:
        assert said(cell).count("Right. ") == cell.source.count("check_")
        assert cell.metadata["jupyter"]["source_hidden"]


@pytest.mark.parametrize("name", CHECKS)
def test_the_students_cell_waits_for_an_answer(name):
    open_cells = [cell for cell in cells() if not is_solution(cell) and f"{name}(" in cell.source]
    assert len(open_cells) == 1
    assert "Right" not in said(open_cells[0])
    waiting = ("No answer yet: put yours ", "gives None", "No parameter has moved")
    assert any(text in said(open_cells[0]) for text in waiting)


def test_every_question_with_one_number_has_its_form_in_the_page():
    pages = "".join(output.get("data", {}).get("text/html", "") for cell in cells() for output in cell.outputs)
    assert sorted(re.findall(r'data-check="(\w+)"', pages)) == NUMERIC


def test_the_table_of_a_compiled_program_is_what_the_best_batch_size_follows_from():
    table = exercises.race()
    assert table.index.tolist() == [1, 10, 100, 1500]
    assert exercises.check_best_batch(table.prod(axis=1).idxmin()).right
