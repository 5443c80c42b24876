"""One regression written twice, from scratch and with a framework's parts; the twin of this module is js/twins.js."""

from collections.abc import Generator
from math import sqrt

import numpy as np

from . import engine
from .compute import CEILING, breathing, curve, optimum, where
from .data import table

SENTENCES = {
    "same": "The two curves are the same at every update. Both end at a half loss of {loss:.4f}.",
    "differ": "The largest difference between the two curves is {most:.2g}, at update {update:,}. At the end it is "
    "{left:.2g}.",
    "doubled": "Without the ½, the concise version takes the steps of a learning rate of {lr:.2g}.",
    "bias": "It starts from a bias of {bias:.3f}.",
    "concise_failed": "The concise version diverged at update {update:,}.",
    "scratch_failed": "The scratch version diverged at update {update:,}.",
    "clipped": "Curves are cut off at a half loss of {ceiling:.1f}.",
}
BIAS_DRAW = 10**9  # far beyond the draws that order the rows, so that bias and order have nothing in common
POINTS = 100  # recorded per epoch


def random_bias(seed: int, inputs: int) -> float:
    """A bias as ``nn.Linear`` draws it, uniform within ±1/√inputs, from draw number 10⁹ of the labs' generator."""
    uniform = int(engine.mulberry32(seed, BIAS_DRAW, 1)[0]) / 2**32
    return (2 * uniform - 1) / sqrt(inputs)


def concise(
    *, batch: int, lr: float, seed: int, half: bool, zero_bias: bool, epochs: int = 2
) -> Generator[dict | None, None, None]:
    """The loss of the scratch version and of the concise one, which see the same batches.

    Without ``half`` the concise version descends on the mean squared error, whose gradient is twice that of half of
    it: the step of twice the learning rate. Without ``zero_bias`` it starts from ``random_bias``. Both record the half
    squared loss.
    """
    A, y = table()
    bias = 0.0 if zero_bias else random_bias(seed, A.shape[1] - 1)
    init = np.array([0.0] * (A.shape[1] - 1) + [bias])
    settings = {"batch_size": batch, "seed": seed, "epochs": epochs, "points_per_epoch": POINTS}
    scratch = yield from breathing(engine.sgd(A, y, lr=lr, **settings))
    other = yield from breathing(engine.sgd(A, y, lr=lr if half else 2 * lr, init=init, **settings))
    best, ceiling = optimum()[1], CEILING * scratch.loss[0]
    curves = {
        meta: curve(run, where(run, batch, "epochs", (0.0, 0.0)), False, ceiling)
        for meta, run in (("scratch", scratch), ("concise", other))
    }
    top = max(0.55, 1.05 * max(*curves["scratch"]["y"], *curves["concise"]["y"]))
    traces = {**curves, "optimum": {"x": [0, epochs], "y": [best, best]}}
    layout = {"xaxis": {"range": [0, epochs]}, "yaxis": {"range": [0.2, top]}}
    say: list = []
    if scratch.diverged_at is not None:
        say.append(["scratch_failed", {"update": scratch.diverged_at}])
    if other.diverged_at is not None:
        say.append(["concise_failed", {"update": other.diverged_at}])
    if not say:
        apart = [abs(a - b) for a, b in zip(scratch.loss, other.loss)]
        most = max(apart)
        differ = ["differ", {"most": most, "update": scratch.updates[apart.index(most)], "left": apart[-1]}]
        say.append(differ if most > 0 else ["same", {"loss": scratch.loss[-1]}])
    if not half:
        say.append(["doubled", {"lr": 2 * lr}])
    if not zero_bias:
        say.append(["bias", {"bias": bias}])
    if any(run.diverged_at is not None or max(run.loss) > ceiling for run in (scratch, other)):
        say.append(["clipped", {"ceiling": ceiling}])
    yield {"traces": traces, "layout": layout, "say": say}
