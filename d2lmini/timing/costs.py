"""What an update of each program costs on this machine, as recorded and, in NumPy, right here.

python -m d2lmini.timing.costs measures this machine, some minutes long, and keeps the record.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import cycle

import numpy as np
import torch

from ..core import checks, engine
from ..core.rows import table
from . import records
from .loops import numpy_buffers, torch_loader, torch_slices
from .rounds import in_turns

ROWS = (1500, 15_000, 150_000, 1_500_000)
LR = 1e-4  # of the timed updates: small enough for any batch size
BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500)


def cost(programs: dict, program: str, rows: int, batch: int) -> tuple[float, float]:
    """Seconds of one update and of one epoch's shuffle for a recorded program, log-log between the batch sizes measured.

    ``program`` "here" is NumPy in this kernel, measured now. A batch of all rows needs no shuffle.
    """
    checks.choice("program", program, (*programs, "here"))
    checks.choice("rows", rows, ROWS)
    checks.whole("batch", batch, 1, rows)
    if program == "here":
        update, epoch = here(rows, batch)
    else:
        known = programs[program][str(rows)]
        measured = dict(zip(known["batch"], known["update"]))
        between = np.interp(np.log(batch), np.log(known["batch"]), np.log(known["update"]))
        update, epoch = measured.get(batch) or float(np.exp(between)), known["epoch"]
    return update, epoch if batch < rows else 0.0


def seconds_to(target: float, program: str, rows: int, batch: int, lr: float, seed: int = 0) -> float | None:
    """Seconds a recorded program needs to the half loss ``target``, on the table repeated to ``rows`` rows; None if never.

    The updates are those of a run from zero over at most ten epochs, each at the recorded cost.
    """
    checks.positive("target", target)
    update, epoch = cost(records.load("costs")["programs"], program, rows, batch)
    A, y = table()
    runs = engine.minibatch_sgd(A, y, batch_size=batch, lr=lr, epochs=10, seed=seed, copies=rows // len(y), early=True)
    for run in runs:
        at = engine.reached(run.loss, target)
        if at is not None:
            shuffles = -(-run.examples[at] // rows)  # one when an epoch begins
            return run.updates[at] * update + shuffles * epoch
    return None


def _samples(rows: int, batch: int, examples: int = 1500) -> list[np.ndarray]:
    """The rows of an epoch in parts of whole batches: about ``examples`` rows each, or one batch."""
    size = max(1, min(rows, examples) // batch) * batch
    return np.split(engine.epoch_order(rows, 0, 0)[: rows // size * size], rows // size)


def program_costs(rows: int) -> dict[str, dict]:
    """Seconds of an update at each batch size, and of an epoch's shuffle, on the table repeated to ``rows`` rows.

    The programs: ``loader`` (PyTorch with a DataLoader), ``torch`` (slices of a permuted tensor, autograd) and
    ``numpy`` (analytic gradient, buffers allocated once). Each figure is the best of twenty passes over other rows, or of
    three if a pass takes seconds, after one that does not count: noise can only worsen them.
    """
    checks.choice("rows", rows, ROWS)
    A, y = table()
    A, y = np.tile(A, (rows // len(y), 1)), np.tile(y, rows // len(y))
    X32, y32 = torch.from_numpy(A[:, :-1].astype(np.float32)), torch.from_numpy(y.astype(np.float32)[:, None])
    programs = {
        "loader": partial(torch_loader, X32, y32),
        "torch": partial(torch_slices, X32, y32),
        "numpy": partial(numpy_buffers, A, y),
    }
    shuffles = {"engine": lambda: engine.epoch_order(rows, 0, 0), "torch": lambda: torch.randperm(rows).tolist()}
    shuffle = in_turns(shuffles, 20 if rows <= 15_000 else 3)
    batches = sorted({*BATCHES, rows, *(r for r in ROWS if r < rows)})
    updates: dict[str, list[float]] = {name: [] for name in programs}
    for batch in batches:
        samples = _samples(rows, batch)
        passes = {name: _passes(program, batch, samples) for name, program in programs.items()}
        for name, timing in in_turns(passes, 20 if batch <= 15_000 else 3).items():
            updates[name].append(timing.best / (len(samples[0]) // batch))
    return {
        name: {"epoch": shuffle["torch" if name == "loader" else "engine"].best, "batch": batches, "update": seconds}
        for name, seconds in updates.items()
    }


def _passes(program: Callable[..., None], batch: int, samples: list[np.ndarray]) -> Callable[[], None]:
    """A function whose calls go over one sample after the other, round and round."""
    orders = cycle(samples)
    return lambda: program(batch, LR, [next(orders)])


@cache
def here(rows: int, batch: int) -> tuple[float, float]:
    """Seconds of one update and of one epoch's shuffle in this kernel, in NumPy, on the repeated table."""
    A, y = table()
    size = min(batch, len(y))
    (order, *_) = _samples(len(y), size)
    times = in_turns({"updates": lambda: numpy_buffers(A, y, size, LR, [order])}, 15)
    times |= in_turns({"shuffle": lambda: engine.epoch_order(rows, 0, 0)}, 5)
    return times["updates"].best / (len(order) // size) * batch / size, times["shuffle"].best


def measure() -> dict:
    """What all programs cost on this machine, in numbers of three digits: the record that ``make notebooks`` keeps."""
    programs: dict[str, dict] = {}
    for rows in ROWS:
        for name, costs in program_costs(rows).items():
            programs.setdefault(name, {})[str(rows)] = costs
    return {"machine": records.machine(), "programs": records.rounded(programs, 3)}


if __name__ == "__main__":
    records.store("costs", measure())
