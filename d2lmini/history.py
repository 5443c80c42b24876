"""What a training run leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from .core.engine import DIVERGED, half_loss, marks, reached
from .model import moments

if TYPE_CHECKING:  # it brings Plotly and IPython along, which nobody needs who gives none
    from .animator import Animator

Number = TypeVar("Number", int, float)


@dataclass
class History:
    """A training run: equal-length arrays of what was recorded, and where it ended.

    ``loss`` is the mean half squared loss over all rows; ``seconds`` counts training (taking the batch, forward,
    backward, update), not evaluation and not drawing.
    """

    examples: np.ndarray
    epochs: np.ndarray  # examples / n
    updates: np.ndarray
    seconds: np.ndarray
    loss: np.ndarray
    w: torch.Tensor = field(repr=False)  # (d, 1), final
    b: torch.Tensor = field(repr=False)  # (1,), final
    diverged_at: int | None = None  # the update after which the loss was not finite or beyond a million

    @property
    def diverged(self) -> bool:
        """Whether training was stopped because the loss grew without limit."""
        return self.diverged_at is not None

    def time_to(self, loss: float) -> float | None:
        """Seconds of training at the first recorded point with at most this loss; None if there is none."""
        return self._where(loss, self.seconds, float)

    def updates_to(self, loss: float) -> int | None:
        """Updates at the first recorded point with at most this loss; None if there is none."""
        return self._where(loss, self.updates, int)

    def examples_to(self, loss: float) -> int | None:
        """Examples at the first recorded point with at most this loss; None if there is none."""
        return self._where(loss, self.examples, int)

    def _where(self, loss: float, values: np.ndarray, kind: type[Number]) -> Number | None:
        at = reached(self.loss, loss)
        return None if at is None else kind(values[at])

    def frame(self) -> pd.DataFrame:
        """The recorded points as a table."""
        return pd.DataFrame(
            {name: getattr(self, name) for name in ("examples", "epochs", "updates", "seconds", "loss")}
        )

    def __str__(self) -> str:
        if self.diverged:
            return f"diverged at update {self.diverged_at:,}: the loss grew without limit, so training was stopped"
        return (
            f"half loss {self.loss[-1]:.4f} after {self.epochs[-1]:g} epochs, "
            f"{self.updates[-1]:,} updates, {self.seconds[-1]:.3g} s of training"
        )


class Recorder:
    """Records at fixed fractions of an epoch, with the clock stopped, and makes the History.

    Looking changes nothing: no random number is drawn, and the loss over all rows comes from their moments.
    """

    def __init__(
        self,
        X: torch.Tensor,
        y: torch.Tensor,
        weights: Sequence[torch.Tensor],
        num_epochs: int,
        updates_per_epoch: int,
        points_per_epoch: int,
        animator: "Animator | None",
    ):
        self._n, self._animator = len(X), animator
        self._moments = moments(X, y)
        self._weights = weights  # w and b, which training changes in place
        self._next_point = marks(self._n, num_epochs, points_per_epoch)
        self._points: list[tuple[int, int, float, float]] = []
        self._elapsed = 0.0
        self._progress = tqdm(total=num_epochs * updates_per_epoch, unit="update", delay=1, leave=False)
        self.examples = self.updates = self._next = 0
        self.diverged_at: int | None = None
        self.record()
        if self.diverged_at is not None:
            raise ValueError(
                f"the half loss at the start must be at most {DIVERGED:,.0f}, or it counts as diverged: "
                "standardise X and y, or start from a smaller init"
            )

    def resume(self) -> None:
        """Start the clock."""
        self._began = perf_counter()

    def pause(self) -> None:
        """Stop the clock."""
        self._elapsed += perf_counter() - self._began

    def update(self, size: int) -> bool:
        """Count an update; False when training has diverged."""
        self.updates += 1
        self.examples += size
        if self.examples < self._next:
            return True
        self.pause()
        self.record()
        self.resume()
        return self.diverged_at is None

    def record(self) -> None:
        """Add a point, unless the loss is out of bounds."""
        w, b = self._weights
        theta = torch.cat([w.detach().reshape(-1), b.detach().reshape(-1)]).numpy().astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            loss = half_loss(self._moments, theta)
        self._progress.update(self.updates - self._progress.n)
        if not loss <= DIVERGED:
            self.diverged_at = self.updates
            return
        self._points.append((self.examples, self.updates, self._elapsed, loss))
        self._next = self._next_point(self.examples)
        if self._animator is not None:
            self._animator.add(self.examples / self._n, loss)

    def history(self) -> History:
        """What was recorded, with the final weights."""
        if self.diverged_at is None and self.examples > self._points[-1][0]:  # a DataLoader may leave some rows out
            self.pause()
            self.record()
        self._progress.close()
        w, b = self._weights
        examples, updates, seconds, loss = (np.array(column) for column in zip(*self._points))
        w, b = w.detach().reshape(-1, 1).clone(), b.detach().reshape(1).clone()
        return History(examples, examples / self._n, updates, seconds, loss, w, b, self.diverged_at)
