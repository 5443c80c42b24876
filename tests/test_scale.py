"""Large data; and speed as ratios within one run.

The best of several repeats on one thread, by that thread's own clock, which stands still while others have the processor.
"""

import subprocess
import sys
from collections.abc import Callable
from time import thread_time

import numpy as np
import pytest
import torch

from bench import teaching_loop
from d2lmini import Minibatches, evaluate_loss, get_data, sgd, train
from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.timing.loops import numpy_buffers, torch_slices

COPIES = 1000


def seconds(function: Callable) -> float:
    began = thread_time()
    function()
    return thread_time() - began


def ratio(one: Callable, other: Callable, repeats: int) -> float:
    """The best of each, taken in turns, so that both meet the same moments of a busy machine."""
    one(), other()
    times = [(seconds(one), seconds(other)) for _ in range(repeats)]
    return min(a for a, _ in times) / min(b for _, b in times)


@pytest.fixture(scope="module")
def large() -> tuple[torch.Tensor, torch.Tensor]:
    """The table a thousand times over: 1.5 million rows."""
    data, _ = get_data()
    return data.X.repeat(COPIES, 1), data.y.repeat(COPIES, 1)


# Against the usual teaching loop


@pytest.mark.timed
@pytest.mark.parametrize(("batch_size", "epochs", "repeats", "times"), [(1, 1, 3, 5), (100, 2, 7, 50)])
def test_train_is_many_times_as_fast_as_the_usual_teaching_loop(batch_size, epochs, repeats, times):
    data, d = get_data(batch_size)
    slower = ratio(
        lambda: teaching_loop.train(data.X, data.y, batch_size, 0.005, epochs),
        lambda: train(sgd, None, {"lr": 0.005}, data, d, epochs),
        repeats,
    )
    print(f"batch {batch_size}: the usual loop takes {slower:.1f} times as long as train")
    assert slower >= times


def test_the_usual_teaching_loop_trains_and_looks_every_200_examples():
    data, _ = get_data()
    w, b, losses = teaching_loop.train(data.X, data.y, 100, 0.4)
    assert len(losses) == 15
    assert losses[-1] == pytest.approx(evaluate_loss((w.detach(), b.detach()), data.X, data.y), rel=1e-5)
    assert losses[-1] < 0.26


# Against the same updates by hand


@pytest.mark.timed
@pytest.mark.parametrize(("batch_size", "limit", "repeats"), [(1, 1.5, 5), (10, 1.5, 15), (100, 2.5, 40)])
def test_train_with_all_its_recording_costs_little_more_than_its_updates(batch_size, limit, repeats):
    data, d = get_data(batch_size)
    spent = ratio(
        lambda: train(sgd, None, {"lr": 0.005}, data, d, 2),
        lambda: torch_slices(data.X, data.y, batch_size, 0.005, (torch.randperm(data.n) for _ in range(2))),
        repeats,
    )
    assert spent <= limit


@pytest.mark.timed
@pytest.mark.parametrize(("batch_size", "repeats"), [(1, 30), (10, 100), (100, 200)])
def test_the_engine_takes_at_most_twice_as_long_as_its_arithmetic(batch_size, repeats):
    A, y = table()
    rng = np.random.default_rng(0)
    spent = ratio(
        lambda: finish(engine.minibatch_sgd(A, y, batch_size=batch_size, lr=0.005)),
        lambda: numpy_buffers(A, y, batch_size, 0.005, (rng.permutation(len(y)) for _ in range(2))),
        repeats,
    )
    assert spent <= 2


# One and a half million rows


@pytest.mark.timed
@pytest.mark.parametrize(("batch_size", "limit"), [(100, 1.3), (1500, 2.0)])
def test_an_example_costs_about_the_same_among_a_thousand_times_as_many_rows(large, batch_size, limit, monkeypatch):
    monkeypatch.setattr("d2lmini.history.perf_counter", thread_time)
    few, d = get_data(batch_size)
    many = Minibatches(*large, batch_size)

    def cost(data, epochs: int) -> float:
        history = train(sgd, None, {"lr": 0.01}, data, d, epochs)
        return history.seconds[-1] / history.examples[-1]

    costs = [(cost(many, 1), cost(few, 100)) for _ in range(5)]
    assert min(a for a, _ in costs) / min(b for _, b in costs) <= limit


def test_one_and_a_half_million_rows_end_at_the_same_optimum(large):
    history = train(sgd, None, {"lr": 0.01}, Minibatches(*large, 1500), 5, 2)
    assert history.epochs[-1] == 2
    assert history.examples[-1] == 3_000_000
    assert history.loss[-1] == pytest.approx(0.24168796, rel=1e-3)


MEMORY = """
import re, sys
import torch
from d2lmini import Minibatches, get_data, sgd, train

def memory(kind):
    return 1024 * int(re.search(kind + r":\\s*(\\d+)", open("/proc/self/status").read())[1])

batch_size, updates = map(int, sys.argv[1:])
torch.set_num_threads(1)
small, d = get_data(100)
train(sgd, None, {"lr": 0.01}, small, d)
X, y = small.X.repeat(1000, 1), small.y.repeat(1000, 1)
data = Minibatches(X, y, batch_size)
open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here
before = memory("VmRSS")

class Enough(Exception):
    pass

def step(params, states, hyperparams):
    global updates
    updates -= 1
    if updates < 0:
        raise Enough
    sgd(params, states, hyperparams)

try:
    train(step, None, {"lr": 0.01}, data, d, 2)
except Enough:
    pass
size = 4 * (X.numel() + y.numel())
print((memory("VmHWM") - before + size) / size)
"""


@pytest.mark.parametrize(
    ("batch_size", "updates"), [(1500, 2000), (1, 1000)], ids=["two whole epochs", "a million slices"]
)
def test_training_needs_at_most_three_times_the_memory_of_the_data(batch_size, updates):
    answer = subprocess.run(
        [sys.executable, "-c", MEMORY, str(batch_size), str(updates)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert 1 < float(answer.stdout) <= 3
