"""Which rows land in which batch: what the lab draws is what ``Minibatches`` does."""

import json
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2lmini import Minibatches
from d2lmini.labs.batches import CHOICES, HOW, SENTENCES, buffer_order, compute, figure

KINDS = ("odd", "even", "short")
seeds = st.integers(0, 2**32 - 1)
tables = st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))
jobs = st.fixed_dictionaries(
    {
        "rows": st.integers(1, 60),
        "batch": st.integers(1, 70),
        "how": st.sampled_from(HOW),
        "buffer": st.integers(1, 70),
        "seed": seeds,
        "epoch": st.integers(1, 10),
    }
)


def result(rows=40, batch=16, how="shuffled", buffer=10, seed=0, epoch=1):
    """What the lab draws."""
    (drawn,) = compute(rows=rows, batch=batch, how=how, buffer=buffer, seed=seed, epoch=epoch)
    return drawn


def points(drawn) -> list[tuple[int, int, int]]:
    """(place, row, batch) of each example, by place."""
    traces = [drawn["traces"][kind] for kind in KINDS]
    return sorted(point for t in traces for point in zip(t["x"], t["y"], t["customdata"]))


def said(drawn) -> str:
    return " ".join(SENTENCES[key].format(**values) for key, values in drawn["say"])


# The lab


@pytest.mark.parametrize("how", ["file", "shuffled", "replacement"])
@given(job=jobs)
def test_each_batch_holds_the_rows_that_minibatches_gives(how, job):
    drawn = points(result(**job | {"how": how}))
    y = torch.arange(job["rows"], dtype=torch.float32)[:, None]
    options = {"shuffle": how != "file", "replacement": how == "replacement"}
    epoch = Minibatches(y, y, min(job["batch"], job["rows"]), **options).epoch(job["epoch"] - 1, job["seed"])
    expected = [(int(row), number) for number, (_, rows) in enumerate(epoch, 1) for row in rows.flatten()]
    assert [(row, number) for _, row, number in drawn] == expected


@given(jobs)
def test_an_epoch_has_an_example_at_each_place_and_as_many_as_the_table_has_rows(job):
    assert [place for place, _, _ in points(result(**job))] == list(range(1, job["rows"] + 1))


@given(jobs)
def test_the_right_panel_counts_how_often_each_row_is_used(job):
    drawn = result(**job)
    used = Counter(row for _, row, _ in points(drawn))
    counts = {row: times for kind in ("missed", "once", "repeated") for times, row in zip(*_xy(drawn, kind))}
    assert counts == {row: used[row] for row in range(job["rows"])}
    assert set(drawn["traces"]["missed"]["x"]) <= {0}
    assert set(drawn["traces"]["once"]["x"]) <= {1}
    assert min(drawn["traces"]["repeated"]["x"], default=2) >= 2


@given(jobs)
def test_only_drawing_with_replacement_misses_rows(job):
    drawn = result(**job)
    if job["how"] != "replacement":
        assert drawn["traces"]["missed"]["y"] == drawn["traces"]["repeated"]["y"] == []


@given(jobs)
def test_an_edge_lies_between_two_batches(job):
    drawn = result(**job)
    batch_of = {place: number for place, _, number in points(drawn)}
    edges = drawn["traces"]["edges"]["x"][::3]
    assert edges == [place + 0.5 for place in range(1, job["rows"]) if batch_of[place] != batch_of[place + 1]]


@given(jobs)
def test_a_short_batch_is_the_last_one_and_neighbours_look_different(job):
    drawn = result(**job)
    sizes = Counter(number for _, _, number in points(drawn))
    size = min(job["batch"], job["rows"])
    short = set(drawn["traces"]["short"]["customdata"])
    assert short == {number for number in sizes if sizes[number] < size} <= {max(sizes)}
    assert all(number % 2 for number in drawn["traces"]["odd"]["customdata"])
    assert not any(number % 2 for number in drawn["traces"]["even"]["customdata"])


@given(jobs)
def test_every_trace_has_its_place_in_the_figure_and_every_sentence_its_values(job):
    drawn = result(**job)
    assert {trace.meta for trace in figure().data} == drawn["traces"].keys()
    assert said(drawn)
    json.dumps(drawn, allow_nan=False)


def test_the_buttons_are_the_orders_there_are():
    assert tuple(value for _, value in CHOICES["how"]) == HOW


@pytest.mark.parametrize(
    ("rows", "batch", "sentence"),
    [
        (40, 16, "40 rows in batches of 16: 3 updates an epoch, the last with 8 of them."),
        (40, 10, "40 rows in batches of 10: 4 updates an epoch."),
        (40, 13, "40 rows in batches of 13: 4 updates an epoch, the last with a single row."),
        (40, 1, "40 rows in batches of 1: 40 updates an epoch."),
        (40, 50, "40 rows and a batch size of 40: one update an epoch."),
    ],
)
def test_the_sentence_counts_updates_and_the_last_batch(rows, batch, sentence):
    assert said(result(rows, batch)).startswith(sentence)


def test_the_sentence_counts_missed_and_repeated_rows():
    drawn = result(how="replacement")
    used = Counter(row for _, row, _ in points(drawn))
    missed, repeated = 40 - len(used), sum(times > 1 for times in used.values())
    assert f"Rows missed: {missed}, where 14.5 are expected." in said(drawn)
    assert f"more than once: {repeated}, up to {max(used.values())} times." in said(drawn)


def test_the_line_of_the_buffer_bounds_every_row_and_is_touched():
    drawn = result(60, 16, "buffer", 10)
    newest = dict(zip(*_xy(drawn, "reach")))
    assert all(row <= newest[place] for place, row, _ in points(drawn))
    assert any(row == newest[place] for place, row, _ in points(drawn))


@pytest.mark.parametrize(("how", "buffer"), [("file", 10), ("shuffled", 10), ("buffer", 1), ("buffer", 40)])
def test_without_a_bound_there_is_no_line(how, buffer):
    assert result(how=how, buffer=buffer)["traces"]["reach"]["x"] == []


def test_an_unknown_order_is_refused():
    with pytest.raises(
        ValueError, match="how must be one of 'file', 'shuffled', 'buffer', 'replacement', not 'random'"
    ):
        result(how="random")


# A shuffle buffer


@given(tables, seeds, st.integers(0, 9))
def test_a_buffer_gives_each_row_once(table, seed, epoch):
    n, buffer = table
    assert sorted(buffer_order(n, buffer, seed, epoch)) == list(range(n))


@given(tables, seeds, st.integers(0, 9))
def test_no_row_comes_before_the_buffer_has_reached_it(table, seed, epoch):
    n, buffer = table
    assert all(row < place + buffer for place, row in enumerate(buffer_order(n, buffer, seed, epoch)))


@given(st.integers(1, 60), seeds)
def test_a_buffer_of_one_row_shuffles_nothing(n, seed):
    assert buffer_order(n, 1, seed, 0) == list(range(n))


@given(st.integers(1, 60), st.integers(0, 100), seeds)
def test_a_buffer_larger_than_the_table_is_one_of_its_size(n, more, seed):
    assert buffer_order(n, n + more, seed, 0) == buffer_order(n, n, seed, 0)


def test_a_buffer_of_the_whole_table_gives_every_order_equally_often():
    counts = Counter(tuple(buffer_order(3, 3, seed, 0)) for seed in range(6000))
    assert len(counts) == 6
    assert all(abs(count - 1000) < 150 for count in counts.values())  # five standard deviations


def test_a_buffer_draws_the_first_example_from_its_rows_equally_often():
    counts = Counter(buffer_order(30, 5, seed, 0)[0] for seed in range(5000))
    assert sorted(counts) == [0, 1, 2, 3, 4]
    assert all(abs(count - 1000) < 150 for count in counts.values())


def test_another_epoch_and_another_seed_are_other_orders():
    orders = {tuple(buffer_order(60, 20, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(orders) == 9


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be a whole number of at least 1, not 0"),
        ({"buffer": 0}, ValueError, "buffer must be a whole number of at least 1, not 0"),
        ({"buffer": 2.0}, TypeError, "buffer must be a whole number"),
        ({"n": True}, TypeError, "n must be a whole number"),
        ({"seed": -1}, ValueError, "seed must be a whole number from 0"),
        ({"epoch": -1}, ValueError, "epoch must be a whole number of at least 0"),
    ],
)
def test_a_bad_argument_of_a_buffer_is_named(bad, error, message):
    with pytest.raises(error, match=message):
        buffer_order(**{"n": 10, "buffer": 3, "seed": 0, "epoch": 0} | bad)


def _xy(drawn, meta):
    return drawn["traces"][meta]["x"], drawn["traces"][meta]["y"]
