"""The stopwatch."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini import Timer

durations = st.lists(st.floats(0, 1e6), min_size=1, max_size=20)


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets by hand."""
    now = [0.0]
    monkeypatch.setattr("d2lmini.timer.perf_counter", lambda: now[0])
    return now


def timed(seconds: list[float]) -> Timer:
    """A timer whose intervals last exactly ``seconds``."""
    with pytest.MonkeyPatch.context() as patch:
        readings = iter([0.0, *(reading for s in seconds for reading in (0.0, s))])
        patch.setattr("d2lmini.timer.perf_counter", lambda: next(readings))
        timer = Timer()
        for _ in seconds:
            timer.start()
            timer.stop()
    return timer


def test_a_timer_runs_as_soon_as_it_is_made(clock):
    timer = Timer()
    clock[0] = 2.5
    assert timer.stop() == 2.5


def test_an_interval_lies_within_what_a_clock_around_it_measures():
    before = perf_counter()
    timer = Timer()
    sum(range(10_000))
    inside = timer.stop()
    assert 0 < inside <= perf_counter() - before


def test_start_begins_anew_and_forgets_the_unfinished_interval(clock):
    timer = Timer()
    clock[0] = 10
    timer.start()
    clock[0] = 11
    assert timer.stop() == 1
    assert timer.times == [1]


@given(durations)
def test_sums_and_mean_are_those_of_numpy(seconds):
    timer = timed(seconds)
    assert timer.times == seconds
    np.testing.assert_allclose(timer.sum(), np.sum(seconds), rtol=1e-12)
    np.testing.assert_allclose(timer.avg(), np.mean(seconds), rtol=1e-12)
    np.testing.assert_allclose(timer.cumsum(), np.cumsum(seconds), rtol=1e-12)


def test_a_with_block_is_one_interval(clock):
    with Timer() as timer:
        clock[0] = 4
    assert timer.times == [4]


def test_a_with_block_that_fails_is_still_timed(clock):
    with pytest.raises(KeyError), Timer() as timer:
        clock[0] = 4
        raise KeyError
    assert timer.times == [4]


def test_stopping_twice_says_to_start_first():
    timer = Timer()
    timer.stop()
    with pytest.raises(RuntimeError, match=r"start\(\)"):
        timer.stop()
    assert len(timer.times) == 1


@pytest.mark.parametrize("summary", [Timer.avg, Timer.sum])
def test_a_summary_of_no_interval_says_to_stop_first(summary):
    with pytest.raises(RuntimeError, match=r"stop\(\)"):
        summary(Timer())


def test_the_running_sum_of_no_interval_is_empty():
    assert Timer().cumsum() == []
