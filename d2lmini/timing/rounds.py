"""Timings that are to be compared: taken in turns, on one thread, so that a busy moment of the machine hits all alike."""

import sys
from collections.abc import Callable, Generator, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from statistics import quantiles
from time import perf_counter, thread_time
from typing import TypeVar

import torch
from threadpoolctl import ThreadpoolController

from ..core import checks
from ..core.steps import finish

Key = TypeVar("Key", bound=Hashable)
# Time that the processor gave to this thread: what other programs took meanwhile on a shared machine is not in it. On
# Windows that clock ticks too seldom.
CLOCK = perf_counter if sys.platform == "win32" else thread_time
SHORTEST = 5e-5  # seconds; what takes less is called several times between two looks at the clock
LONG = 5e-3  # seconds; what takes longer fills the caches by itself, long before it ends


@dataclass
class Timing:
    """Seconds of one call: the best and the median of the repeats, and how far the middle half of them lies apart."""

    best: float
    median: float
    repeats: int
    spread: float

    @classmethod
    def of(cls, times: list[float]) -> "Timing":
        """The summary of some repeats."""
        low, middle, high = quantiles(times, n=4, method="inclusive") if len(times) > 1 else times * 3
        return cls(min(times), middle, len(times), high - low)

    def per(self, count: float) -> "Timing":
        """The same for one of the ``count`` parts that a call does."""
        return replace(self, best=self.best / count, median=self.median / count, spread=self.spread / count)


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch and NumPy's BLAS on one thread, and back to what they were before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with _pools().limit(limits=1):
            yield
    finally:
        torch.set_num_threads(threads)


@cache
def _pools() -> ThreadpoolController:
    """The thread pools of all loaded libraries; finding them takes longer than setting them."""
    return ThreadpoolController()


def in_turns(functions: Mapping[Key, Callable[[], object]], repeats: int = 20) -> dict[Key, Timing]:
    """Seconds of a call of each function: after a warm-up each is called once a round, for ``repeats`` rounds, on one thread.

    What is so short that the clock would blur it is called several times in a row, and the time divided.
    """
    return finish(turns(functions, repeats))


def turns(functions: Mapping[Key, Callable[[], object]], repeats: int = 20) -> Generator[None, None, dict[Key, Timing]]:
    """``in_turns`` for those who have other things to do: yields None after each call that it timed."""
    checks.whole("repeats", repeats)
    for key, function in functions.items():
        checks.called(f"functions[{key!r}]", function, "a function without arguments", optional=False)
    once: dict[Key, float] = {}
    times: dict[Key, list[float]] = {key: [] for key in functions}
    for key, function in functions.items():
        with one_thread():
            function()  # a first call pays for what later ones find ready
            once[key] = _seconds(function, 1)
        yield None  # with the threads as they were: who waits may have other work, or never come back
    for _ in range(repeats):
        for key, function in functions.items():
            with one_thread():
                if once[key] < LONG:
                    function()  # brings back to the caches what the others have pushed out
                times[key].append(_seconds(function, max(1, round(SHORTEST / once[key]))))
            yield None
    return {key: Timing.of(taken) for key, taken in times.items()}


def _seconds(function: Callable[[], object], calls: int) -> float:
    began = CLOCK()
    for _ in range(calls):
        function()
    return max(CLOCK() - began, 1e-9) / calls
