"""Timings, the recorded costs of an update, and the question whose seconds: which batch size is fastest, and for whom."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini import engine, gallery, measure
from d2lmini.compute import training
from d2lmini.data import table
from d2lmini.exercises.programs import MICROSECONDS, UPDATES

PROGRAMS = measure.recorded()["programs"]
RATES = {"all": 1.0, 100: 0.4, 10: 0.05, 1: 0.005}


def race(program: str, rows: int) -> dict:
    """Seconds to a half loss of 0.25 of the four classic runs."""
    return {b: measure.seconds_to(0.25, program, rows, rows if b == "all" else b, lr) for b, lr in RATES.items()}


def at(program: str, rows: int, batch: int) -> float:
    """Recorded seconds of an update."""
    known = PROGRAMS[program][str(rows)]
    return known["update"][known["batch"].index(batch)]


def test_a_cold_call_does_not_count(monkeypatch):
    now, durations = [0.0], iter([100, 100, 3, 1, 2])
    monkeypatch.setattr(measure, "perf_counter", lambda: now[0])

    def job():
        now[0] += next(durations)

    timing = measure.repeat(job, repeats=3, warm_up=2)
    assert (timing.best, timing.median, timing.repeats, timing.spread) == (1, 2, 3, 1)


def test_every_recorded_cost_is_the_best_of_several_in_turns(monkeypatch):
    seen = []

    def in_turns(functions, repeats):
        for function in functions.values():
            function()
        seen.append(repeats)
        return {key: measure.Timing.of([1e-3] * repeats) for key in functions}

    monkeypatch.setattr(measure, "in_turns", in_turns)
    costs = measure.program_costs(15_000)
    assert len(seen) == 1 + len(costs["torch"]["batch"])
    assert min(seen) >= 3 and seen[0] >= 20
    assert costs["numpy"]["update"][0] == pytest.approx(1e-3 / 1500), "a pass of 1,500 updates"


@pytest.mark.parametrize("batch", [1, 7, 64, 1000, 1500])
def test_timed_passes_read_distinct_rows_in_whole_batches(batch):
    samples = measure._samples(15_000, batch)
    rows = np.concatenate(samples)
    assert {len(sample) % batch for sample in samples} == {0}
    assert len(np.unique(rows)) == len(rows) > 13_000


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_larger_batch_is_recorded_as_much_cheaper(program):
    for rows in PROGRAMS[program].values():
        best_later = np.minimum.accumulate(rows["update"][::-1])[::-1]
        assert (np.array(rows["update"]) <= 1.5 * best_later).all(), rows


def test_a_cost_between_two_measured_sizes_lies_between_theirs_and_one_of_all_rows_needs_no_shuffle():
    update, shuffle = measure.cost(PROGRAMS, "torch", 15_000, 700)
    assert at("torch", 15_000, 500) < update < at("torch", 15_000, 1000)
    assert shuffle == PROGRAMS["torch"]["15000"]["epoch"]
    assert measure.cost(PROGRAMS, "torch", 15_000, 500) == (at("torch", 15_000, 500), shuffle)
    assert measure.cost(PROGRAMS, "torch", 15_000, 15_000) == (at("torch", 15_000, 15_000), 0)
    assert measure.cost(PROGRAMS, "here", 1500, 1500)[1] == 0


def test_seconds_are_updates_at_their_cost_and_a_shuffle_for_each_epoch_begun():
    update, epoch = measure.cost(PROGRAMS, "numpy", 1500, 64)
    run = engine.finish(engine.sgd(*table(), batch_size=64, lr=0.2, epochs=10, early=True))
    i = next(i for i, loss in enumerate(run.loss) if loss <= 0.25)
    seconds = run.updates[i] * update + -(-run.examples[i] // 1500) * epoch
    assert measure.seconds_to(0.25, "numpy", 1500, 64, 0.2) == pytest.approx(seconds)
    lab = list(training(batch=64, lr=0.2, axis="seconds", whose="numpy", costs=PROGRAMS, titles=gallery.AXES))[-1]
    drawn = lab["traces"]["run"]
    assert drawn["x"][0] == 0
    assert next(x for x, loss in zip(drawn["x"], drawn["y"]) if loss <= 0.25) == pytest.approx(seconds)


def test_a_loss_that_is_never_reached_has_no_seconds():
    assert measure.seconds_to(0.2, "numpy", 1500, 1500, 0.01) is None


def test_a_record_of_costs_is_whole_or_not_there_at_all(tmp_path, monkeypatch):
    path = tmp_path / "costs.json"
    path.write_text("old")
    monkeypatch.setattr(measure, "COSTS", path)
    costs = {"loader": {"epoch": 0.00123456, "batch": [1, 10], "update": [0.000123456, 0.1]}}
    monkeypatch.setattr(measure, "program_costs", lambda rows: costs)
    with monkeypatch.context() as patch:
        patch.setattr(measure, "machine", lambda: {"cannot be written": object()})
        with pytest.raises(TypeError):
            measure.record()
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    measure.record()
    written = json.loads(path.read_text())
    assert written["machine"] == measure.machine()
    assert written["programs"]["loader"].keys() == {str(rows) for rows in measure.ROWS}
    assert written["programs"]["loader"]["1500"] == {"epoch": 0.00123, "batch": [1, 10], "update": [0.000123, 0.1]}


def test_the_processor_has_a_name_where_linux_does_not_tell_it(monkeypatch):
    monkeypatch.setattr("platform.processor", lambda: "a processor of another system")
    monkeypatch.setattr(measure, "Path", lambda _: Path("/nowhere/at/all"))
    assert measure.machine()["processor"] == "a processor of another system"


# Any cost


@given(st.sampled_from(sorted(PROGRAMS)), st.sampled_from(measure.ROWS), st.data())
def test_a_cost_lies_between_those_of_the_sizes_measured_beside_it(program, rows, data):
    known = PROGRAMS[program][str(rows)]
    batch = data.draw(st.integers(1, rows))
    above = np.searchsorted(known["batch"], batch)
    neighbours = known["update"][max(0, above - 1) : above + 1]
    update, shuffle = measure.cost(PROGRAMS, program, rows, batch)
    assert min(neighbours) * (1 - 1e-12) <= update <= max(neighbours) * (1 + 1e-12)
    assert shuffle == (known["epoch"] if batch < rows else 0)


@given(st.floats(0.2425, 0.49), st.floats(0.2425, 0.49), st.sampled_from([10, 64, 100, 1500]))
def test_a_lower_target_takes_no_less_time(one, other, batch):
    low, high = sorted([one, other])
    times = [measure.seconds_to(target, "numpy", 1500, batch, 0.1) for target in (low, high)]
    assert times[0] is None or times[0] >= times[1]


@given(st.integers(1, 9), st.integers(0, 5))
def test_a_timing_calls_the_job_as_often_as_it_says(repeats, warm_up):
    calls = []
    timing = measure.repeat(lambda: calls.append(1), repeats, warm_up)
    assert len(calls) == repeats + warm_up
    assert timing.repeats == repeats and 0 <= timing.best <= timing.median


# Whose seconds


def test_the_best_batch_size_belongs_to_the_program():
    winners = {program: min(times := race(program, 1500), key=times.get) for program in PROGRAMS}
    winners["compiled"] = min(UPDATES, key=lambda size: UPDATES[size] * MICROSECONDS[size])
    assert len(set(winners.values())) >= 2, winners


@pytest.mark.parametrize("program", PROGRAMS)
def test_more_rows_cost_gradient_descent_and_hardly_batch_100(program):
    few, many = race(program, 1500), race(program, 150_000)
    assert many["all"] > 10 * few["all"]
    assert many["all"] / few["all"] > 4 * many[100] / few[100]
    assert at(program, 1_500_000, 100) < 3 * at(program, 1500, 100)


@pytest.mark.parametrize("batch", [1, 7, 10, 64, 100, 128, 1000, 1499, 1500])
def test_the_axis_of_epochs_ends_at_the_epochs_whatever_the_last_batch(batch):
    run = list(training(batch=batch, lr=0.005, titles=gallery.AXES))[-1]["traces"]["run"]
    assert run["x"][0] == 0 and run["x"][-1] == 2
