"""Timing: repeats after a warm-up, and what an update of each program costs on this machine."""

import json
import os
import platform
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from . import checks, engine
from .data import table
from .loops import numpy_buffers, torch_loader, torch_slices
from .rounds import Timing, in_turns

COSTS = Path(__file__).parent / "data" / "costs.json"
ROWS = (1500, 15_000, 150_000, 1_500_000)
LR = 1e-4  # of the timed updates: small enough for any batch size
BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500)


def repeat(function: Callable[[], object], repeats: int = 20, warm_up: int = 2) -> Timing:
    """Time a call ``repeats`` times after ``warm_up`` calls that do not count."""
    checks.called("function", function, "a function without arguments", optional=False)
    checks.whole("repeats", repeats)
    for _ in range(checks.whole("warm_up", warm_up, 0)):
        function()
    times = []
    for _ in range(repeats):
        began = perf_counter()
        function()
        times.append(perf_counter() - began)
    return Timing.of(times)


def machine() -> dict[str, str]:
    """What the numbers of a page depend on: processor, cores, system, versions and the date."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": version("torch"),
        "date": date.today().isoformat(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


@cache
def recorded() -> dict:
    """The costs that ``make notebooks`` recorded: {"machine": …, "programs": {name: {rows: {"epoch", "batch", "update"}}}}."""
    return json.loads(COSTS.read_text())


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
    A, y = table()
    update, epoch = cost(recorded()["programs"], program, rows, batch)
    for run in engine.sgd(A, y, batch_size=batch, lr=lr, epochs=10, seed=seed, copies=rows // len(y), early=True):
        reached = next((i for i, loss in enumerate(run.loss) if loss <= target), None)
        if reached is not None:
            begun = -(-run.examples[reached] // rows)  # an epoch is shuffled when it begins
            return run.updates[reached] * update + begun * epoch
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
    A, y = (np.tile(part, (rows // len(table()[1]),) + (1,) * (part.ndim - 1)) for part in table())
    X32, y32 = torch.from_numpy(A[:, :-1].astype(np.float32)), torch.from_numpy(y.astype(np.float32)[:, None])
    few = 20 if rows <= 15_000 else 3
    shuffles = {"engine": lambda: engine.epoch_order(rows, 0, 0), "torch": lambda: torch.randperm(rows).tolist()}
    shuffle = in_turns(shuffles, few)
    batches = sorted({*BATCHES, rows, *(r for r in ROWS if r < rows)})
    costs = {
        name: {"epoch": shuffle[how].best, "batch": batches, "update": []}
        for name, how in (("loader", "torch"), ("torch", "engine"), ("numpy", "engine"))
    }
    for batch in batches:
        samples = _samples(rows, batch)
        parts = {name: cycle(samples) for name in costs}
        passes = {
            "loader": lambda: torch_loader(X32, y32, batch, LR, [next(parts["loader"])]),  # noqa: B023  called in this round
            "torch": lambda: torch_slices(X32, y32, batch, LR, [next(parts["torch"])]),  # noqa: B023
            "numpy": lambda: numpy_buffers(A, y, batch, LR, [next(parts["numpy"])]),  # noqa: B023
        }
        for name, timing in in_turns(passes, 20 if batch <= 15_000 else 3).items():
            costs[name]["update"].append(timing.best / (len(samples[0]) // batch))
    return costs


@cache
def here(rows: int, batch: int) -> tuple[float, float]:
    """Seconds of one update and of one epoch's shuffle in this kernel, in NumPy, on the repeated table."""
    A, y = table()
    size = min(batch, len(y))
    (order, *_) = _samples(len(y), size)
    update = repeat(lambda: numpy_buffers(A, y, size, LR, [order]), 15).best / (len(order) // size)
    shuffle = repeat(lambda: engine.epoch_order(rows, 0, 0), 5, 1).best
    return update * batch / size, shuffle


def record() -> None:
    """Measure all programs on this machine and keep the result in the package's data folder."""
    programs: dict[str, dict] = {}
    for rows in ROWS:
        for name, costs in program_costs(rows).items():
            programs.setdefault(name, {})[str(rows)] = costs | {
                "epoch": float(f"{costs['epoch']:.3g}"),
                "update": [float(f"{seconds:.3g}") for seconds in costs["update"]],
            }
    whole = COSTS.with_suffix(".part")  # an interrupted run leaves the old record in place
    whole.write_text(json.dumps({"machine": machine(), "programs": programs}, indent=1) + "\n")
    whole.replace(COSTS)


if __name__ == "__main__":
    record()
