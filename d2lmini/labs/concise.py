"""One regression written twice, from scratch and with a framework's parts; the twin is js/labs/concise.js."""

from math import sqrt

import numpy as np
import plotly.graph_objects as go

from ..core import engine
from ..core.engine import Run
from ..core.rows import table
from ..core.steps import breathing
from ..core.theory import best_possible
from ..figures.template import COLOURS, styled
from . import lines, words
from .runs import BATCHES, Results, Say, Settings, below, ceiling, clipped, curve, level, where

SENTENCES = words.SENTENCES | {
    "same": "The two curves are the same at every update. Both end at a half loss of {loss:.4f}.",
    "differ": "The largest difference between the two curves is {most:.2g}, at update {update:,}. At the end it is "
    "{left:.2g}.",
    "doubled": "Without the ½, the concise version takes the steps of a learning rate of {lr:.2g}.",
    "bias": "It starts from a bias of {bias:.3f}.",
    "concise_diverged": "The concise version diverged at update {update:,}.",
    "scratch_diverged": "The scratch version diverged at update {update:,}.",
}
LABELS = {"half": "with the ½", "zero_bias": "bias from zero"}
WORDS = {
    "scratch": "from scratch",
    "concise": "with PyTorch's parts",
    "alt": "Line chart of the half squared loss of two versions of one training run, the scratch version as a "
    "thick line and the concise one as a dashed line over it; the sentence below says how far apart they are.",
}
CHOICES = {"batch": BATCHES}
BIAS_DRAW = 10**9  # far beyond the draws that order the rows, so that bias and order have nothing in common
POINTS = 100  # recorded per epoch


def figure() -> go.Figure:
    """The loss of the scratch version, of the concise one over it, and the optimum."""
    looks = {
        "scratch": {"color": COLOURS[0], "width": 5},
        "concise": {"color": COLOURS[1], "dash": "dash", "width": 2.5},
    }
    curves = [go.Scatter(meta=meta, name=WORDS[meta], mode="lines", line=line) for meta, line in looks.items()]
    meta = {
        "alt": WORDS["alt"],
        "play": ["scratch", "concise"],
        "narrow": lines.NARROW,
    }
    titles = {"xaxis_title_text": words.WORDS["epochs"], "yaxis_title_text": words.WORDS["loss"]}
    return styled([lines.optimum(), *curves], {**titles, "meta": meta})


def random_bias(seed: int, inputs: int) -> float:
    """A bias as ``nn.Linear`` draws it, uniform within ±1/√inputs, from draw number 10⁹ of the labs' generator."""
    uniform = int(engine.mulberry32(seed, BIAS_DRAW, 1)[0]) / 2**32
    return (2 * uniform - 1) / sqrt(inputs)


def compute(*, batch: int, lr: float, seed: int, half: bool, zero_bias: bool, epochs: int = 2) -> Results:
    """The loss of the scratch version and of the concise one, which see the same batches.

    Without ``half`` the concise version descends on the mean squared error, whose gradient is twice that of half of
    it: the step of twice the learning rate. Without ``zero_bias`` it starts from ``random_bias``. Both record the half
    squared loss.
    """
    A, y = table()
    bias = 0.0 if zero_bias else random_bias(seed, A.shape[1] - 1)
    init = np.array([0.0] * (A.shape[1] - 1) + [bias])
    settings: Settings = {"batch_size": batch, "seed": seed, "epochs": epochs, "points_per_epoch": POINTS}
    scratch = yield from breathing(engine.minibatch_sgd(A, y, lr=lr, **settings))
    concise = yield from breathing(engine.minibatch_sgd(A, y, lr=lr if half else 2 * lr, init=init, **settings))
    edge = ceiling()
    curves = {
        meta: curve(run, where(run, batch, "epochs"), below(edge))
        for meta, run in (("scratch", scratch), ("concise", concise))
    }
    top = max(0.55, 1.05 * max(*curves["scratch"]["y"], *curves["concise"]["y"]))
    traces = {**curves, "optimum": level(best_possible()[1], 0, epochs)}
    layout = {"xaxis": {"range": [0, epochs]}, "yaxis": {"range": [0.2, top]}}
    say = _compared(scratch, concise)
    if not half:
        say.append(["doubled", {"lr": 2 * lr}])
    if not zero_bias:
        say.append(["bias", {"bias": bias}])
    yield {"traces": traces, "layout": layout, "say": [*say, *clipped([scratch, concise], edge)]}


def _compared(scratch: Run, concise: Run) -> Say:
    """How far apart the two curves are, or which of them diverged."""
    failed = {"scratch_diverged": scratch.diverged_at, "concise_diverged": concise.diverged_at}
    say: Say = [[key, {"update": update}] for key, update in failed.items() if update is not None]
    if say:
        return say
    apart = [abs(a - b) for a, b in zip(scratch.loss, concise.loss)]
    most = max(apart)
    if most == 0:
        return [["same", {"loss": scratch.loss[-1]}]]
    return [["differ", {"most": most, "update": scratch.updates[apart.index(most)], "left": apart[-1]}]]
