"""A stopwatch."""

from itertools import accumulate
from time import perf_counter


class Timer:
    """A stopwatch that starts at once and keeps the seconds of each interval in ``times``.

    >>> with Timer() as timer:
    ...     total = sum(range(1000))
    >>> len(timer.times)
    1
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start()

    def start(self) -> None:
        """Begin an interval now, on a clock that never goes back."""
        self._began: float | None = perf_counter()

    def stop(self) -> float:
        """End the interval and return its seconds; call ``start`` before the next ``stop``."""
        now = perf_counter()
        if self._began is None:
            raise RuntimeError("the timer is not running: call start() before stop()")
        self.times.append(now - self._began)
        self._began = None
        return self.times[-1]

    def _recorded(self) -> list[float]:
        if not self.times:
            raise RuntimeError("no interval has been timed yet: call stop() first")
        return self.times

    def avg(self) -> float:
        """The mean of the intervals, in seconds."""
        return self.sum() / len(self.times)

    def sum(self) -> float:
        """All intervals together, in seconds."""
        return sum(self._recorded())

    def cumsum(self) -> list[float]:
        """The seconds after the first interval, after the first two, and so on."""
        return list(accumulate(self.times))

    def __enter__(self) -> "Timer":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
