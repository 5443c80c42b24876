"""The airfoil table and how it becomes minibatches."""

import hashlib
from time import thread_time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import Minibatches, airfoil, get_data, load_array
from d2lmini.core.engine import epoch_order
from d2lmini.core.rows import CSV, standardise, table
from d2lmini.data import ORIGINALS

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


def numbered(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows that say which row they are: X (n, 2) and y (n, 1)."""
    y = torch.arange(n, dtype=torch.float32)[:, None]
    return torch.cat([y, -y], dim=1), y


def rows_of(batches) -> list[int]:
    """The rows an epoch visited, in order."""
    return [int(row) for _, y in batches for row in y.flatten()]


# The table


@pytest.mark.proves("The book embeds all 1,503 rows; the text of the values is unchanged")
def test_the_table_is_the_published_one():
    lines = CSV.read_text().splitlines()[1:]
    original = "".join(line.replace(",", "\t") + "\r\n" for line in lines).encode()
    assert len(original) == 59_984
    assert hashlib.sha1(original).hexdigest() == ORIGINALS["airfoil"][1] == "76e5be1548fd8222e5074cf0faae75edff8cf93f"


def test_the_table_has_1503_complete_rows_of_numbers():
    rows = airfoil()
    assert rows.shape == (1503, 6)
    assert np.isfinite(rows.to_numpy(dtype=float)).all()
    np.testing.assert_array_equal(rows.to_numpy(), np.loadtxt(CSV, delimiter=",", skiprows=1))


def test_each_column_names_its_unit():
    units = ("_hz", "_deg", "_m", "_m_per_s", "_m", "_db")
    assert all(name.endswith(unit) for name, unit in zip(airfoil().columns, units))


def test_changing_the_table_does_not_change_the_next_one():
    rows = airfoil()
    rows.iloc[:] = 0
    assert airfoil().iloc[0, 0] == 800


# get_data


@given(n=st.integers(1, 1503), features=st.integers(1, 5))
def test_get_data_is_the_first_rows_standardised_as_scikit_learn_does(n, features):
    batches, feature_dim = get_data(1, n, num_features=features)
    expected = StandardScaler().fit_transform(airfoil().to_numpy())[:n]
    assert feature_dim == features
    assert batches.X.shape == (n, features)
    assert batches.y.shape == (n, 1)
    assert batches.X.dtype == batches.y.dtype == torch.float32
    np.testing.assert_allclose(batches.X.numpy(), expected[:, :features], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(batches.y.numpy(), expected[:, 5:], rtol=1e-6, atol=1e-6)


def test_get_data_defaults_to_batches_of_10_from_1500_rows_of_5_features():
    batches, feature_dim = get_data()
    X, y = next(iter(batches))
    assert (X.shape, y.shape, feature_dim, len(batches)) == ((10, 5), (10, 1), 5, 150)


def test_four_features_leave_the_displacement_thickness_out():
    all_features, four = get_data(10)[0].X, get_data(10, num_features=4)[0].X
    assert airfoil().columns[4] == "displacement_thickness_m"
    assert torch.equal(four, all_features[:, :4])


def test_the_labs_table_is_get_data_in_double_precision_with_a_column_of_ones():
    A, y = table()
    batches, _ = get_data(1500)
    np.testing.assert_allclose(A[:, :5], batches.X, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(y[:, None], batches.y, rtol=1e-6, atol=1e-6)
    assert (A[:, 5] == 1).all()


@given(st.integers(2, 40), seeds)
def test_standardise_agrees_with_scikit_learn(n, seed):
    rows = np.random.default_rng(seed).normal(3, 7, (n, 3))
    np.testing.assert_allclose(standardise(rows), StandardScaler().fit_transform(rows), rtol=1e-9, atol=1e-9)


# Minibatches


@pytest.mark.proves("One pass over the data: $n$ examples, $\\lceil n/b \\rceil$ updates")
@pytest.mark.proves("Every row is used exactly once, and the training ends at a lower loss for it")
@given(sizes, seeds)
def test_every_row_is_used_exactly_once_an_epoch(size, seed):
    n, batch_size = size
    assert sorted(rows_of(Minibatches(*numbered(n), batch_size, seed=seed))) == list(range(n))


@given(sizes, seeds)
def test_features_and_targets_stay_together(size, seed):
    n, batch_size = size
    for X, y in Minibatches(*numbered(n), batch_size, seed=seed):
        assert torch.equal(X, torch.cat([y, -y], dim=1))


@pytest.mark.proves("One pass over the data: $n$ examples, $\\lceil n/b \\rceil$ updates")
@given(sizes, seeds, st.booleans())
def test_batches_are_as_long_as_a_data_loaders(size, seed, replacement):
    n, batch_size = size
    batches = Minibatches(*numbered(n), batch_size, replacement=replacement, seed=seed)
    loader = DataLoader(TensorDataset(*numbered(n)), batch_size)
    assert [(X.shape, y.shape) for X, y in batches] == [(X.shape, y.shape) for X, y in loader]
    assert len(batches) == len(loader)


@given(sizes)
def test_without_shuffling_the_batches_are_a_data_loaders(size):
    n, batch_size = size
    batches = Minibatches(*numbered(n), batch_size, shuffle=False)
    loader = DataLoader(TensorDataset(*numbered(n)), batch_size)
    assert all(torch.equal(a, b) for pair in zip(batches, loader, strict=True) for a, b in zip(*pair))


def test_a_short_last_batch_is_used_once():
    assert [len(y) for _, y in Minibatches(*numbered(1500), 64)] == [64] * 23 + [28]


@given(sizes, seeds)
def test_with_replacement_an_epoch_is_n_independent_draws(size, seed):
    n, batch_size = size
    drawn = rows_of(Minibatches(*numbered(n), batch_size, replacement=True, seed=seed))
    assert drawn == epoch_order(n, seed, 0, True).tolist()


@pytest.mark.proves("whereas 1,500 rows with replacement miss some and repeat others")
def test_with_replacement_some_rows_repeat_and_as_many_as_expected_are_missed():
    drawn = rows_of(Minibatches(*numbered(1500), 10, replacement=True, seed=0))
    assert len(drawn) == 1500
    assert abs(len(set(drawn)) / 1500 - (1 - np.exp(-1))) < 0.03


@given(sizes, seeds, st.booleans())
def test_the_kth_pass_has_the_order_of_seed_and_k(size, seed, replacement):
    n, batch_size = size
    batches = Minibatches(*numbered(n), batch_size, replacement=replacement, seed=seed)
    for k in range(3):
        assert rows_of(batches) == epoch_order(n, seed, k, replacement).tolist()


def test_two_iterators_with_one_seed_agree():
    one, other = (Minibatches(*numbered(100), 7, seed=5) for _ in range(2))
    assert [rows_of(one) for _ in range(3)] == [rows_of(other) for _ in range(3)]


def test_two_iterators_without_a_seed_differ():
    one, other = (Minibatches(*numbered(100), 7) for _ in range(2))
    assert rows_of(one) != rows_of(other)


def test_another_seed_is_another_order():
    assert rows_of(Minibatches(*numbered(100), 7, seed=0)) != rows_of(Minibatches(*numbered(100), 7, seed=1))


def test_two_loops_at_once_do_not_disturb_each_other():
    batches = Minibatches(*numbered(100), 7, seed=5)
    both = list(zip(batches, batches))
    assert rows_of(pair[0] for pair in both) == epoch_order(100, 5, 0).tolist()
    assert rows_of(pair[1] for pair in both) == epoch_order(100, 5, 1).tolist()


def test_epoch_gives_any_pass_without_advancing_the_iterator():
    batches = Minibatches(*numbered(100), 7, seed=5)
    assert rows_of(batches.epoch(8, 3)) == epoch_order(100, 3, 8).tolist()
    assert rows_of(batches) == epoch_order(100, 5, 0).tolist()


@pytest.mark.proves("`Minibatches`, the book's iterator, permutes and slices")
@pytest.mark.parametrize("options", [{"shuffle": False}, {"shuffle": True}, {"replacement": True}])
def test_the_batches_of_an_epoch_are_slices_of_one_tensor(options):
    X, y = numbered(100)
    for part, of in enumerate((X, y)):
        parts = [batch[part] for batch in Minibatches(X, y, 7, **options)]
        storages = {batch.untyped_storage().data_ptr() for batch in parts}
        assert len(storages) == 1
        assert parts[0].untyped_storage().nbytes() == of.untyped_storage().nbytes()


def test_without_shuffling_nothing_is_copied():
    X, y = numbered(100)
    Xb, yb = next(iter(Minibatches(X, y, 7, shuffle=False)))
    assert (Xb.data_ptr(), yb.data_ptr()) == (X.data_ptr(), y.data_ptr())


def test_shuffling_leaves_the_original_in_order():
    X, y = numbered(100)
    rows_of(Minibatches(X, y, 7))
    assert y.flatten().tolist() == list(range(100))


@pytest.mark.parametrize("make", [np.array, np.ndarray.tolist, torch.from_numpy])
def test_whole_numbers_become_float32(make):
    X = make(np.arange(6).reshape(3, 2))
    Xb, yb = next(iter(Minibatches(X, X, 3, shuffle=False)))
    assert Xb.dtype == yb.dtype == torch.float32
    assert Xb.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_double_precision_is_kept():
    assert Minibatches(np.ones((3, 2)), np.ones(3), 1).X.dtype == torch.float64


def test_a_pass_draws_nothing_from_the_global_generators():
    torch.manual_seed(0)
    np.random.seed(0)
    states = torch.get_rng_state(), np.random.get_state()[1].copy()
    rows_of(Minibatches(*numbered(100), 7))
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all()


# load_array


@given(sizes, seeds, st.sampled_from(["f4", "f8", "i4", "i8", "u1"]))
def test_arrays_of_any_kind_of_number_are_dealt_out_whole(size, seed, kind):
    n, batch_size = size
    X, y = np.arange(n).astype(kind)[:, None], np.arange(n).astype(kind)
    batches = list(load_array((X, y), batch_size, seed=seed))
    assert sorted(int(v) for X_b, _ in batches for v in X_b) == sorted(int(v) for v in y)
    assert all(torch.equal(X_b[:, 0], y_b) and X_b.is_floating_point() for X_b, y_b in batches)
    plain = list(load_array((X.tolist(), y.tolist()), batch_size, is_train=False))
    assert [len(y_b) for _, y_b in plain] == [len(y_b) for _, y_b in batches]


def test_load_array_shuffles_for_training():
    assert rows_of(load_array(numbered(100), 7, seed=4)) == epoch_order(100, 4, 0).tolist()


def test_load_array_keeps_the_order_for_testing():
    assert rows_of(load_array(numbered(100), 7, False)) == list(range(100))


# Speed


@pytest.mark.timed
def test_iterating_large_batches_is_fifty_times_faster_than_a_data_loader():
    batches, _ = get_data(1500)
    loader = DataLoader(TensorDataset(batches.X, batches.y), 1500, shuffle=True)

    def best(iterator, repeats: int) -> float:
        times = []
        for _ in range(repeats):
            began = thread_time()
            for _ in iterator:
                pass
            times.append(thread_time() - began)
        return min(times)

    assert best(loader, 6) / best(batches, 60) >= 50
