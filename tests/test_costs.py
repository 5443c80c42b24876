"""Timings, the recorded costs of an update, and the question whose seconds: which batch size is fastest, and for whom."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.exercises.programs import MICROSECONDS, UPDATES
from d2lmini.labs.scratch import compute as training
from d2lmini.labs.words import TITLES
from d2lmini.timing import costs, records
from d2lmini.timing.rounds import Timing

PROGRAMS = records.load("costs")["programs"]
RATES = {"all": 1.0, 100: 0.4, 10: 0.05, 1: 0.005}


def race(program: str, rows: int) -> dict:
    """Seconds to a half loss of 0.25 of the four classic runs."""
    return {b: costs.seconds_to(0.25, program, rows, rows if b == "all" else b, lr) for b, lr in RATES.items()}


def at(program: str, rows: int, batch: int) -> float:
    """Recorded seconds of an update."""
    known = PROGRAMS[program][str(rows)]
    return known["update"][known["batch"].index(batch)]


def test_every_recorded_cost_is_the_best_of_several_in_turns(monkeypatch):
    seen = []

    def in_turns(functions, repeats):
        for function in functions.values():
            function()
        seen.append(repeats)
        return {key: Timing.of([1e-3] * repeats) for key in functions}

    monkeypatch.setattr(costs, "in_turns", in_turns)
    found = costs.program_costs(15_000)
    assert len(seen) == 1 + len(found["torch"]["batch"])
    assert min(seen) >= 3 and seen[0] >= 20
    assert found["numpy"]["update"][0] == pytest.approx(1e-3 / 1500), "a pass of 1,500 updates"


@pytest.mark.parametrize("batch", [1, 7, 64, 1000, 1500])
def test_timed_passes_read_distinct_rows_in_whole_batches(batch):
    samples = costs._samples(15_000, batch)
    rows = np.concatenate(samples)
    assert {len(sample) % batch for sample in samples} == {0}
    assert len(np.unique(rows)) == len(rows) > 13_000


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_larger_batch_is_recorded_as_much_cheaper(program):
    for rows in PROGRAMS[program].values():
        best_later = np.minimum.accumulate(rows["update"][::-1])[::-1]
        assert (np.array(rows["update"]) <= 1.5 * best_later).all(), rows


def test_a_cost_between_two_measured_sizes_lies_between_theirs_and_one_of_all_rows_needs_no_shuffle():
    update, shuffle = costs.cost(PROGRAMS, "torch", 15_000, 700)
    assert at("torch", 15_000, 500) < update < at("torch", 15_000, 1000)
    assert shuffle == PROGRAMS["torch"]["15000"]["epoch"]
    assert costs.cost(PROGRAMS, "torch", 15_000, 500) == (at("torch", 15_000, 500), shuffle)
    assert costs.cost(PROGRAMS, "torch", 15_000, 15_000) == (at("torch", 15_000, 15_000), 0)
    assert costs.cost(PROGRAMS, "here", 1500, 1500)[1] == 0


def test_seconds_are_updates_at_their_cost_and_a_shuffle_for_each_epoch_begun():
    update, epoch = costs.cost(PROGRAMS, "numpy", 1500, 64)
    run = finish(engine.minibatch_sgd(*table(), batch_size=64, lr=0.2, epochs=10, early=True))
    i = next(i for i, loss in enumerate(run.loss) if loss <= 0.25)
    seconds = run.updates[i] * update + -(-run.examples[i] // 1500) * epoch
    assert costs.seconds_to(0.25, "numpy", 1500, 64, 0.2) == pytest.approx(seconds)
    lab = list(training(batch=64, lr=0.2, axis="seconds", whose="numpy", costs=PROGRAMS, titles=TITLES))[-1]
    drawn = lab["traces"]["run"]
    assert drawn["x"][0] == 0
    assert next(x for x, loss in zip(drawn["x"], drawn["y"]) if loss <= 0.25) == pytest.approx(seconds)


def test_a_loss_that_is_never_reached_has_no_seconds():
    assert costs.seconds_to(0.2, "numpy", 1500, 1500, 0.01) is None


def test_a_record_of_costs_has_all_rows_and_numbers_of_three_digits(monkeypatch):
    found = {"loader": {"epoch": 0.00123456, "batch": [1, 10], "update": [0.000123456, 0.1]}}
    monkeypatch.setattr(costs, "program_costs", lambda rows: found)
    measured = costs.measure()
    assert measured["machine"] == records.machine()
    assert measured["programs"]["loader"].keys() == {str(rows) for rows in costs.ROWS}
    assert measured["programs"]["loader"]["1500"] == {"epoch": 0.00123, "batch": [1, 10], "update": [0.000123, 0.1]}


def test_the_processor_has_a_name_where_linux_does_not_tell_it(monkeypatch):
    monkeypatch.setattr("platform.processor", lambda: "a processor of another system")
    monkeypatch.setattr(records, "Path", lambda _: Path("/nowhere/at/all"))
    assert records.machine()["processor"] == "a processor of another system"


# Any cost


@given(st.sampled_from(sorted(PROGRAMS)), st.sampled_from(costs.ROWS), st.data())
def test_a_cost_lies_between_those_of_the_sizes_measured_beside_it(program, rows, data):
    known = PROGRAMS[program][str(rows)]
    batch = data.draw(st.integers(1, rows))
    above = np.searchsorted(known["batch"], batch)
    neighbours = known["update"][max(0, above - 1) : above + 1]
    update, shuffle = costs.cost(PROGRAMS, program, rows, batch)
    assert min(neighbours) * (1 - 1e-12) <= update <= max(neighbours) * (1 + 1e-12)
    assert shuffle == (known["epoch"] if batch < rows else 0)


@given(st.floats(0.2425, 0.49), st.floats(0.2425, 0.49), st.sampled_from([10, 64, 100, 1500]))
def test_a_lower_target_takes_no_less_time(one, other, batch):
    low, high = sorted([one, other])
    times = [costs.seconds_to(target, "numpy", 1500, batch, 0.1) for target in (low, high)]
    assert times[0] is None or times[0] >= times[1]


# Whose seconds


def test_the_best_batch_size_belongs_to_the_program():
    winners = {program: min(times := race(program, 1500), key=times.get) for program in PROGRAMS}
    winners["compiled"] = min(UPDATES, key=lambda size: UPDATES[size] * MICROSECONDS[size])
    assert len(set(winners.values())) >= 2, winners


@pytest.mark.proves("The time of gradient descent grows with the table, once the arithmetic outweighs the overhead")
@pytest.mark.parametrize("program", PROGRAMS)
def test_more_rows_cost_gradient_descent_and_hardly_batch_100(program):
    few, many = race(program, 1500), race(program, 150_000)
    assert many["all"] > 10 * few["all"]
    assert many["all"] / few["all"] > 4 * many[100] / few[100]
    assert at(program, 1_500_000, 100) < 3 * at(program, 1500, 100)


@pytest.mark.parametrize("batch", [1, 7, 10, 64, 100, 128, 1000, 1499, 1500])
def test_the_axis_of_epochs_ends_at_the_epochs_whatever_the_last_batch(batch):
    run = list(training(batch=batch, lr=0.005, titles=TITLES))[-1]["traces"]["run"]
    assert run["x"][0] == 0 and run["x"][-1] == 2
