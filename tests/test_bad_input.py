"""What is not right is refused, with its name, its value and what would be right."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, TensorDataset

from d2lmini import (
    Animator,
    Minibatches,
    download,
    evaluate_loss,
    get_data,
    linreg,
    load_array,
    optimum,
    sgd,
    squared_loss,
    train,
    train_concise,
)
from d2lmini.core.theory import expected_loss
from d2lmini.timing.rounds import in_turns

X, Y = torch.zeros(1500, 5), torch.zeros(1500, 1)
WEIGHTS = torch.zeros(5, 1), torch.zeros(1)
NAN, INF = float("nan"), float("inf")


def refused(call, *words) -> str:
    """The call raises ValueError or TypeError with all the words in its message."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message, f"{word!r} is not in: {message}"
    return message


def from_scratch(**changes):
    settings = {"trainer_fn": sgd, "states": None, "hyperparams": {"lr": 0.1}, "data_iter": Minibatches(X, Y, 1500)}
    return train(**{**settings, "feature_dim": 5, **changes})


def concise(**changes):
    settings = {"optimizer_class": torch.optim.SGD, "hyperparams": {"lr": 0.1}, "data_iter": Minibatches(X, Y, 1500)}
    return train_concise(**{**settings, **changes})


BOTH = pytest.mark.parametrize("call", [from_scratch, concise])


# Batch sizes and other whole numbers

BATCHES = {
    "Minibatches": lambda size: Minibatches(X, Y, size),
    "Minibatches in order": lambda size: Minibatches(X, Y, size, shuffle=False),
    "load_array": lambda size: load_array((X, Y), size),
    "get_data": get_data,
}


@pytest.mark.parametrize("size", [0, -1, 1501, 2.5, 10.0, "10", True, None, NAN, [10], np.bool_(True)], ids=repr)
@pytest.mark.parametrize("make", BATCHES.values(), ids=BATCHES)
def test_a_batch_size_is_a_whole_number_from_1_to_n(make, size):
    refused(lambda: make(size), "batch_size must be a whole number from 1 to 1,500", repr(size))


@pytest.mark.parametrize("size", [1, 1500, np.int64(10), np.int32(10)], ids=repr)
@pytest.mark.parametrize("make", BATCHES.values(), ids=BATCHES)
def test_a_good_batch_size_is_taken_whatever_its_kind(make, size):
    assert make(size) is not None


@given(st.integers(1, 50), st.integers())
def test_exactly_the_sizes_from_1_to_n_are_taken(n, size):
    def make():
        return Minibatches(X[:n], Y[:n], size)

    if 1 <= size <= n:
        assert len(make()) == -(-n // size)
    else:
        refused(make, "batch_size", str(size))


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "2", True, None, INF], ids=repr)
@BOTH
def test_epochs_are_a_whole_number_of_at_least_1(call, epochs):
    refused(lambda: call(num_epochs=epochs), "num_epochs must be a whole number of at least 1", repr(epochs))


@pytest.mark.parametrize("points", [0, -1, 1.5, "2", True], ids=repr)
@BOTH
def test_points_per_epoch_are_a_whole_number_of_at_least_1(call, points):
    refused(lambda: call(points_per_epoch=points), "points_per_epoch must be a whole number", repr(points))


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, "0", True], ids=repr)
@pytest.mark.parametrize(
    "call",
    [from_scratch, concise, lambda seed: Minibatches(X, Y, 10, seed=seed), lambda seed: get_data(seed=seed)],
)
def test_a_seed_is_a_whole_number_of_32_bits(call, seed):
    refused(lambda: call(seed=seed), "seed must be a whole number from 0 to 4,294,967,295", repr(seed))


@pytest.mark.parametrize("n", [0, -1, 1504, 2.5, "10", True], ids=repr)
def test_rows_are_a_whole_number_up_to_1503(n):
    refused(lambda: get_data(1, n), "n must be a whole number from 1 to 1,503", repr(n))


@pytest.mark.parametrize("features", [0, 6, 4.0, True], ids=repr)
def test_features_are_a_whole_number_up_to_5(features):
    refused(lambda: get_data(num_features=features), "num_features must be a whole number from 1 to 5", repr(features))


@pytest.mark.parametrize("d", [0, 4, 6, 5.0, "5", True], ids=repr)
def test_the_feature_dim_is_the_number_of_columns(d):
    refused(lambda: from_scratch(feature_dim=d), "feature_dim must be", repr(d))


# Learning rates


@pytest.mark.parametrize(
    "lr", [0, -1, NAN, INF, -INF, "a", None, True, [0.1], 1e39, 10**400], ids=lambda v: repr(v)[:9]
)
@BOTH
def test_a_learning_rate_is_a_finite_number_above_0(call, lr):
    refused(lambda: call(hyperparams={"lr": lr}), "learning rate, must be a finite number above 0", repr(lr))


@pytest.mark.parametrize("lr", [1, 1e-30, 0.1, np.float16(0.1), np.float32(0.1), np.float64(0.1)], ids=repr)
@BOTH
def test_a_good_learning_rate_is_taken_whatever_its_kind(call, lr):
    assert call(hyperparams={"lr": lr}).epochs[-1] == 2


@pytest.mark.parametrize("hyperparams", [None, 0.1, ["lr"], "lr"], ids=repr)
@BOTH
def test_hyperparams_are_a_dict(call, hyperparams):
    refused(lambda: call(hyperparams=hyperparams), "hyperparams must be a dict such as {'lr': 0.05}", repr(hyperparams))


@pytest.mark.parametrize("extra", [{}, {"trainer_fn": lambda *_: None, "schedule": lambda t, epoch: 1.0}])
def test_a_learning_rate_that_is_needed_is_asked_for(extra):
    refused(lambda: from_scratch(hyperparams={"momentum": 0.9}, **extra), "hyperparams", "'lr'", "momentum")


@pytest.mark.parametrize("factor", [0, -1, NAN, "half", None], ids=repr)
def test_a_schedule_gives_a_factor_above_0(factor):
    refused(lambda: from_scratch(schedule=lambda t, epoch: factor), "schedule(t, epoch) must be", repr(factor))


# Arrays

ARRAYS = {
    "Minibatches": lambda X, y: Minibatches(X, y, 1),
    "load_array": lambda X, y: load_array((X, y), 1),
    "evaluate_loss": lambda X, y: evaluate_loss(lambda rows: rows[:, :1], X, y),
    "optimum": optimum,
}
EACH = pytest.mark.parametrize("call", ARRAYS.values(), ids=ARRAYS)


@EACH
def test_arrays_have_one_row_for_each_example(call):
    refused(lambda: call(X[:7], Y[:8]), "X and y must have one row for each example", "7", "8")


@EACH
@pytest.mark.parametrize("name", ["X", "y"])
@pytest.mark.parametrize(
    "empty", [torch.zeros(0, 1), np.zeros((0, 1)), [], torch.zeros(3, 0), torch.tensor(1.0)], ids=str
)
def test_arrays_are_not_empty(call, name, empty):
    given = {"X": torch.zeros(3, 5), "y": torch.zeros(3, 1), name: empty}
    refused(lambda: call(**given), f"{name} must hold at least one row", str(tuple(torch.as_tensor(empty).shape)))


@EACH
@pytest.mark.parametrize("name", ["X", "y"])
@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("kind", [torch.tensor, np.array, list])
def test_arrays_hold_finite_numbers(call, name, bad, kind):
    given = {"X": kind([[1.0], [2.0], [3.0]]), "y": kind([[1.0], [2.0], [3.0]]), name: kind([[1.0], [2.0], [bad]])}
    refused(lambda: call(**given), f"{name} must hold finite numbers only", "row 2", repr(bad), "drop or repair")


@EACH
@pytest.mark.parametrize("name", ["X", "y"])
@pytest.mark.parametrize(
    "bad",
    [
        np.array([[object()], [1]], dtype=object),
        [["a"], ["b"]],
        [[1.0], [2.0, 3.0]],
        np.array([["a"], ["b"]]),
        [[1j], [2j]],
        [[True], [False]],
        None,
        "text",
        {"a": 1},
    ],
)
def test_arrays_hold_real_numbers(call, name, bad):
    given = {"X": torch.zeros(2, 1), "y": torch.zeros(2, 1), name: bad}
    refused(lambda: call(**given), f"{name} must be an array of")


@pytest.mark.parametrize("call", [ARRAYS["evaluate_loss"], optimum])
def test_features_have_rows_and_columns(call):
    refused(lambda: call(torch.zeros(3), torch.zeros(3)), "X must have shape (rows, columns), not (3,)")


@pytest.mark.parametrize("call", [ARRAYS["evaluate_loss"], optimum])
def test_targets_have_one_number_a_row(call):
    refused(lambda: call(torch.zeros(3, 5), torch.zeros(3, 2)), "y must hold one target for each row", "(3, 2)")


@BOTH
def test_training_needs_one_target_a_row(call):
    refused(lambda: call(data_iter=Minibatches(X, torch.zeros(1500, 2), 10)), "y must hold one target", "(1500, 2)")


@pytest.mark.parametrize("arrays", [X, 5, None, (X,), (X, Y, Y)], ids=lambda value: type(value).__name__)
def test_load_array_takes_a_pair(arrays):
    refused(lambda: load_array(arrays, 10), "arrays must be a pair (X, y)")


# What trains, and on what


@pytest.mark.parametrize("data_iter", [None, X, [(X, Y)], 5, iter([(X, Y)])], ids=lambda value: type(value).__name__)
@BOTH
def test_training_needs_minibatches_or_a_data_loader(call, data_iter):
    refused(lambda: call(data_iter=data_iter), "data_iter must be Minibatches", type(data_iter).__name__)


class Unknown(Dataset):
    def __len__(self):
        return 3

    def __getitem__(self, i):
        return X[i], Y[i]


@pytest.mark.parametrize("dataset", [Unknown(), TensorDataset(X), TensorDataset(X, Y, Y)])
@BOTH
def test_a_data_loader_must_show_its_two_tensors(call, dataset):
    refused(lambda: call(data_iter=DataLoader(dataset, 2)), "data_iter must be", "TensorDataset(X, y)", "DataLoader")


@BOTH
def test_a_data_loader_must_make_batches(call):
    refused(lambda: call(data_iter=DataLoader(TensorDataset(X, Y), batch_size=None)), "batch_size, not None")


def test_a_trainer_is_a_function():
    refused(lambda: from_scratch(trainer_fn="sgd"), "trainer_fn must be a function", "'sgd'")
    refused(lambda: from_scratch(trainer_fn=None), "trainer_fn must be a function", "None")


@pytest.mark.parametrize("name", ["schedule", "on_update"])
def test_what_train_calls_can_be_called(name):
    refused(lambda: from_scratch(**{name: 0.5}), f"{name} must be a function", "0.5")


@pytest.mark.parametrize("name", ["optimizer_class", "scheduler"])
def test_what_train_concise_calls_can_be_called(name):
    refused(lambda: concise(**{name: "SGD"}), f"{name} must be", "'SGD'")


@pytest.mark.parametrize(
    ("init", "words"),
    [
        (5, ["init must be a pair (w, b)", "int"]),
        (torch.zeros(6), ["init must be a pair (w, b)", "Tensor"]),
        ((torch.zeros(4, 1), 0.0), ["init must hold w of 5 numbers", "4"]),
        ((torch.zeros(5, 1), torch.zeros(2)), ["b of one", "2"]),
        ((torch.full((5, 1), NAN), 0.0), ["init w must hold finite numbers"]),
        ((torch.zeros(5, 1), INF), ["init b must hold finite numbers"]),
        ((torch.zeros(5, 1), "zero"), ["init b must be"]),
        ((None, 0.0), ["init w must be"]),
    ],
    ids=lambda value: "",
)
@BOTH
def test_a_start_is_five_weights_and_a_bias(call, init, words):
    refused(lambda: call(init=init), *words)


@BOTH
def test_a_start_that_counts_as_diverged_asks_for_another(call):
    message = refused(lambda: call(init=(torch.zeros(5, 1), 1e4)), "loss at the start", "1,000,000")
    assert "standardise" in message


def test_shuffling_and_replacement_go_together():
    refused(lambda: Minibatches(X, Y, 10, shuffle=False, replacement=True), "replacement=True", "shuffle=True")


@pytest.mark.parametrize("model", [None, 5, WEIGHTS[0], (1, 2, 3)], ids=lambda value: type(value).__name__)
def test_a_model_is_weights_or_can_be_called(model):
    refused(lambda: evaluate_loss(model, X, Y), "model must be (w, b) or a callable", type(model).__name__)


# The rest


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "wine"}, ["name must be one of 'airfoil'", "'wine'"]),
        ({"url": "ftp://example.org/a"}, ["url must start with http:// or https://", "ftp://example.org/a"]),
        ({"url": "airfoil.dat"}, ["url must start with", "airfoil.dat"]),
        ({"url": 5}, ["url must start with", "5"]),
        ({"timeout": 0}, ["timeout must be a finite number above 0", "0"]),
        ({"timeout": NAN}, ["timeout must be", "nan"]),
        ({"timeout": "10"}, ["timeout must be", "'10'"]),
    ],
    ids=str,
)
def test_download_refuses_before_it_fetches(tmp_path, arguments, words):
    refused(lambda: download(cache=tmp_path / "cache", **arguments), *words)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"legend": "train"}, ["legend must be a list of names", "'train'"]),
        ({"xscale": "cubic"}, ["xscale must be one of 'linear', 'log'", "'cubic'"]),
        ({"yscale": None}, ["yscale must be one of", "None"]),
        ({"xlim": 5}, ["xlim must be a pair (low, high)", "5"]),
        ({"ylim": ("a", "b")}, ["ylim must be a pair", "'a'"]),
        ({"ylim": (1, 2, 3)}, ["ylim must be a pair", "(1, 2, 3)"]),
        ({"xlim": (2, 1)}, ["xlim must be finite with low < high", "(2, 1)"]),
        ({"xlim": (0, INF)}, ["xlim must be finite", "inf"]),
        ({"ylim": (0, 1), "yscale": "log"}, ["ylim must be", "above 0 on a log axis", "(0, 1)"]),
    ],
    ids=str,
)
def test_an_animator_says_what_it_cannot_draw(arguments, words):
    refused(lambda: Animator(**arguments), *words)


@pytest.mark.parametrize(("x", "y"), [(0, [1]), (0, [1, 2, 3]), ([0], [1, 2]), (0, 1)])
def test_an_animator_wants_a_y_for_each_line(x, y):
    animator = Animator(legend=["a", "b"])
    animator.add(0, [1, 2])
    message = refused(lambda: animator.add(x, y))
    assert re.match(r"[xy] must hold one number for each", message)
    assert animator.X == [[0], [0]]


@pytest.mark.parametrize("y", ["high", object(), [1, "high"]])
def test_an_animator_keeps_its_points_when_one_is_refused(y):
    animator = Animator()
    refused(lambda: animator.add(0, y))
    assert animator.X == animator.Y == []


def test_timing_wants_functions_and_repeats():
    refused(lambda: in_turns({"it": 5}), "functions['it'] must be a function", "5")
    refused(lambda: in_turns({"it": lambda: None}, 0), "repeats must be a whole number of at least 1", "0")


@pytest.mark.parametrize(("name", "value"), [("batch_size", 0), ("lr", -1), ("updates", -1), ("updates", 2.5)])
def test_the_expected_curve_names_what_is_wrong(name, value):
    refused(lambda: expected_loss(**{"batch_size": 10, "lr": 0.1, "updates": 3, name: value}), name, repr(value))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: squared_loss(torch.zeros(3, 1), torch.zeros(2)), "y"),
        (lambda: squared_loss([1.0], torch.zeros(1)), "y_hat"),
        (lambda: squared_loss(torch.zeros(1), None), "y"),
        (lambda: linreg(torch.zeros(4, 3), torch.zeros(2, 1), torch.zeros(1)), "w"),
        (lambda: linreg("X", torch.zeros(2, 1), torch.zeros(1)), "X"),
        (lambda: linreg(torch.zeros(4, 2), torch.zeros(2, 1), 0.0), "b"),
    ],
)
def test_the_formulas_name_an_argument_of_the_wrong_shape_or_kind(call, argument):
    with pytest.raises((TypeError, ValueError), match=rf"^{argument} must"):
        call()
