"""Training: the book's ``train`` and ``minibatch_sgd`` against the usual teaching loop, other programs, and the limit."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import plotly.graph_objects as go
import torch

from d2lmini import Minibatches, sgd, train
from d2lmini.core.engine import epoch_order, minibatch_sgd
from d2lmini.core.rows import table
from d2lmini.core.steps import finish
from d2lmini.figures.plain import plain
from d2lmini.figures.still import page_figure
from d2lmini.timing.loops import numpy_buffers, torch_loader, torch_slices
from d2lmini.timing.rounds import Timing, in_turns

from . import teaching_loop
from .compiled import compiled

RATES = {1: 0.005, 10: 0.05, 100: 0.4, 1500: 0.9}
REPEATS = {1: 5, 10: 7, 100: 9, 1500: 15}
COPIES = (1, 10, 100, 1000)  # of the table of 1,500 rows
EPOCHS = 2
NAMES = {
    "usual": "the usual teaching loop",
    "undrawn": "the usual loop, nothing drawn",
    "loader": "DataLoader, only training",
    "slices": "PyTorch, slices",
    "train": "train, this book's",
    "figure": "train, its figure drawn once",
    "numpy": "NumPy, allocated once",
    "engine": "engine.minibatch_sgd, this book's",
    "shuffle": "shuffling alone",
    "compiled": "compiled: the limit",
}


def data(copies: int) -> tuple[np.ndarray, np.ndarray, torch.Tensor, torch.Tensor]:
    """The table so often: A with its column of ones and y in float64, X and y in float32."""
    A, y = (np.tile(part, (copies,) + (1,) * (part.ndim - 1)) for part in table())
    return A, y, torch.from_numpy(A[:, :-1].astype(np.float32)), torch.from_numpy(y.astype(np.float32)[:, None])


def orders(rows: int, epochs: int) -> Iterator[np.ndarray]:
    """The orders of some epochs, made when they are asked for."""
    return (epoch_order(rows, 0, epoch) for epoch in range(epochs))


def with_figure(run: Callable) -> None:
    """A training run, and then its curve as the page shows it."""
    history = run()
    curve = go.Scatter(x=history.epochs, y=history.loss)
    page_figure(plain(go.Figure(curve, layout={"xaxis_title": "epochs", "yaxis_title": "half loss"})))


def programs(copies: int, batch_size: int, lr: float, epochs: int) -> dict[str, Callable]:
    """Every program as one whole call."""
    A, y, X32, y32 = data(copies)
    n = len(y)
    ours = partial(train, sgd, None, {"lr": lr}, Minibatches(X32, y32, batch_size, seed=0), X32.shape[1], epochs)
    by_hand = {
        "loader": (torch_loader, X32, y32),
        "slices": (torch_slices, X32, y32),
        "numpy": (numpy_buffers, A, y),
        "compiled": (compiled, A, y),
    }
    return {
        "usual": lambda: teaching_loop.train(X32, y32, batch_size, lr, epochs),
        "undrawn": lambda: teaching_loop.train(X32, y32, batch_size, lr, epochs, plot=False),
        "train": ours,
        "figure": lambda: with_figure(ours),
        "engine": lambda: finish(minibatch_sgd(A, y, batch_size=batch_size, lr=lr, epochs=epochs)),
        "shuffle": lambda: list(orders(n, epochs)),
        **{
            name: lambda loop=loop, rows=rows, targets=targets: loop(rows, targets, batch_size, lr, orders(n, epochs))
            for name, (loop, rows, targets) in by_hand.items()
        },
    }


def by_batch() -> dict[str, dict[str, Timing]]:
    """Seconds of whole calls: {batch size: {program: …}}."""
    return {str(b): in_turns(programs(1, b, lr, EPOCHS), REPEATS[b]) for b, lr in RATES.items()}


def by_rows(batch_size: int = 100) -> dict[str, dict[str, Timing]]:
    """Seconds per example of one epoch, from few rows to many: {rows: {program: …}}.

    Of the usual loop four updates are timed, two of which look at the loss as it does, each at all rows.
    """
    result = {}
    for copies in COPIES:
        rows = copies * len(table()[1])
        chosen = programs(copies, batch_size, 0.01, 1)
        known = {name: chosen[name] for name in ("slices", "train", "numpy", "engine", "compiled")}
        timings = in_turns(known, 3 if copies == COPIES[-1] else 7)
        result[str(rows)] = {name: timing.per(rows) for name, timing in timings.items()}
        _, _, X, y = data(copies)
        few = partial(teaching_loop.train, X, y, batch_size, 0.01, 1, updates=4)
        result[str(rows)]["usual"] = in_turns({"usual": few}, 3)["usual"].per(4 * batch_size)
    return result


def measure() -> dict:
    """All of it, ratios of the bests first."""
    batches = by_batch()

    def ratio(slow: str, fast: str) -> dict[str, float]:
        return {b: timings[slow].best / timings[fast].best for b, timings in batches.items()}

    updates = {b: EPOCHS * -(-len(table()[1]) // int(b)) for b in batches}
    return {
        "ratios": {
            "usual / train": ratio("usual", "train"),
            "usual / train and its figure": ratio("usual", "figure"),
            "usual / engine": ratio("usual", "engine"),
            "train / slices": ratio("train", "slices"),
            "engine / numpy": ratio("engine", "numpy"),
            "engine / compiled": ratio("engine", "compiled"),
        },
        "names": NAMES,
        "updates": updates,
        "update": {b: {name: t.per(updates[b]) for name, t in timings.items()} for b, timings in batches.items()},
        "example": by_rows(),
    }
