"""Learning-rate schedules: functions of (t, epoch) for ``train`` and the engine; js/core/schedules.js is this module in JavaScript.

t counts updates from 1, epoch counts passes from 0, and the value is a factor on the learning rate, never below TINY,
so that a rate can become negligible but not zero.
"""

from collections.abc import Callable
from math import cos, pi

import numpy as np

from . import checks

Schedule = Callable[[int, int], float]

TINY = 1e-30
UNITS = ("update", "epoch")


def constant() -> Schedule:
    """Always 1."""
    return lambda t, epoch: 1.0


def power(alpha: float, delay: int = 0) -> Schedule:
    """t^alpha; with a delay ((t + delay)/(1 + delay))^alpha, which begins at 1 too but holds for about ``delay`` updates.

    Args:
        alpha: the power, below 0: −1 and −½ are the usual ones.
        delay: updates, 0 or more.
    """
    if checks.finite("alpha", alpha) >= 0:
        raise ValueError(f"alpha must be below 0, so that the rate falls, not {alpha!r}")
    checks.whole("delay", delay, 0)
    return lambda t, epoch: max(((t + delay) / (1 + delay)) ** alpha, TINY)


def exponential(gamma: float, per: str = "epoch") -> Schedule:
    """gamma once more after each epoch, or with ``per="update"`` after each update: γ^epoch or γ^(t − 1)."""
    if not 0 < checks.finite("gamma", gamma) <= 1:
        raise ValueError(f"gamma must be above 0 and at most 1, not {gamma!r}")
    checks.choice("per", per, UNITS)
    return lambda t, epoch: max(gamma ** (epoch if per == "epoch" else t - 1), TINY)


def step(divide: float = 10, every: int = 1) -> Schedule:
    """Divided by ``divide`` after ``every`` epochs, and again after as many more; the classic is by 10 after each epoch."""
    if checks.finite("divide", divide) < 1:
        raise ValueError(f"divide must be at least 1, not {divide!r}")
    checks.whole("every", every)
    return lambda t, epoch: max((1 / divide) ** (epoch // every), TINY)


def cosine(updates: int) -> Schedule:
    """Half a cosine: from 1 at the first update down to almost 0 at the last of ``updates``; it stays there."""
    checks.whole("updates", updates)
    return lambda t, epoch: max((1 + cos(pi * (min(t, updates) - 1) / updates)) / 2, TINY)


def warm_up(updates: int, then: Schedule | None = None) -> Schedule:
    """In equal steps up to 1 at update ``updates``, multiplied by ``then``; 0 updates are no warm-up."""
    checks.whole("updates", updates, 0)
    checks.called("then", then, "a schedule or None")
    after = then if then is not None else constant()
    return lambda t, epoch: min(1.0, t / updates if updates else 1.0) * after(t, epoch)


def growing(batch_size: int, epochs: int, factor: int = 10, every: int = 1, largest: int = 1500) -> list[int]:
    """The batch size of each epoch if it is multiplied by ``factor`` after each ``every`` epochs, at most ``largest``."""
    checks.whole("batch_size", batch_size, 1, checks.whole("largest", largest))
    checks.whole("epochs", epochs)
    checks.whole("factor", factor, 2)
    checks.whole("every", every)
    return [min(largest, batch_size * factor ** (epoch // every)) for epoch in range(epochs)]


def factors(schedule: Schedule, updates: int, updates_per_epoch: int) -> np.ndarray:
    """The factors of the first ``updates`` updates: (updates,), to draw or to pass to ``theory.expected_loss``."""
    checks.called("schedule", schedule, "a function of (t, epoch)", optional=False)
    checks.whole("updates", updates, 0)
    checks.whole("updates_per_epoch", updates_per_epoch)
    return np.array([schedule(t, (t - 1) // updates_per_epoch) for t in range(1, updates + 1)], dtype=float)
