"""What the chapter on costs claims of its record."""

import math
import re

import numpy as np
import torch

from d2lmini import get_data, linreg, squared_loss
from d2lmini.timing import records

from .checks import Between, Holds, Proved, Timed
from .numbers import times_as_long

RECORD = records.load("benchmarks")
UPDATES, EXAMPLES, CHAPTERS = RECORD["training"]["update"], RECORD["training"]["example"], RECORD["build"]["chapters"]


def largest_part(batch: str) -> str:
    """What takes the usual loop most of its time."""
    usual, undrawn, loader = (UPDATES[batch][name]["best"] for name in ("usual", "undrawn", "loader"))
    parts = {"training": loader, "looking": undrawn - loader, "drawing": usual - undrawn}
    return max(parts, key=parts.__getitem__)


def engine_to_numpy() -> float:
    """How many times as long as plain NumPy the engine takes, at the batch size where that is most."""
    return max(programs["engine"]["best"] / programs["numpy"]["best"] for programs in UPDATES.values())


def example(program: str, rows: int) -> float:
    """Seconds of an example in a table of so many rows."""
    return EXAMPLES[str(rows)][program]["best"]


def power_of_rows(program: str) -> float:
    """With which power of the rows the cost of an epoch grows in the two largest tables."""
    few, many = (rows * example(program, rows) for rows in (150_000, 1_500_000))
    return math.log10(many / few)


def three_times_the_chapters() -> float:
    """How many times as long a build takes with at least three times the chapters."""
    few, *_, many = CHAPTERS
    assert int(many) >= 3 * int(few)
    return CHAPTERS[many]["seconds"] / CHAPTERS[few]["seconds"]


def looks_of_an_update(batch: str) -> float:
    """Seconds of an update of the usual loop that are not training."""
    return UPDATES[batch]["usual"]["best"] - UPDATES[batch]["loader"]["best"]


def graph() -> float:
    """How many times as long an update takes with the loss in the graph as from the error of the predictions."""
    (X, y), *_ = get_data(10, seed=0)[0]
    w, b = torch.zeros(5, 1, requires_grad=True), torch.zeros(1, requires_grad=True)

    def from_the_error() -> None:
        predictions = linreg(X, w, b)
        predictions.backward((predictions.detach() - y) / len(y))

    return times_as_long(lambda: squared_loss(linreg(X, w, b), y).mean().backward(), from_the_error, 200)


def collecting(rows: int) -> float:
    """How many times as long as a hundred neighbours it takes to collect a hundred random rows of a table, over many hundreds."""
    table = np.zeros((rows, 6))
    order = np.random.default_rng(0).permutation(rows)[:15_000]
    some = np.arange(len(order))
    return times_as_long(lambda: table[order], lambda: table[some], 10)


CLAIMS = {
    "At a batch of 1 the ratio is smaller, for there the usual loop looks once in 200 updates, not once in two": Between(
        30, lambda: looks_of_an_update("100") / looks_of_an_update("1"), 110
    ),
    "That is the kind of machine": Holds(
        lambda: not any(re.search(r"\d", part["machine"]["processor"]) for part in RECORD.values())
    ),
    "so at small batches it takes less than slices with the loss in the graph": [
        Between(0.4, lambda: UPDATES["10"]["train"]["best"] / UPDATES["10"]["slices"]["best"], 0.9),
        Timed(1.2, graph, 4),
    ],
    "collecting a batch costs more once the table no longer fits into the caches": [
        Timed(1.5, lambda: collecting(1_500_000), 30),
        Timed(0.7, lambda: collecting(1500), 1.4),
    ],
    "In PyTorch's programs their own overhead hides that": Between(
        0.8, lambda: example("slices", 1_500_000) / example("slices", 1500), 1.2
    ),
    "At a batch of 1 it is looking: each look goes through all rows, one at a time. From a batch of 10 on it is drawing": Holds(
        lambda: [largest_part(batch) for batch in ("1", "10", "100", "1500")] == ["looking"] + 3 * ["drawing"]
    ),
    "still takes less than twice as long as plain NumPy that only updates": Between(0.5, engine_to_numpy, 2),
    "in the usual loop training is the smaller part": Between(
        0, lambda: max(one["loader"]["best"] / one["usual"]["best"] for one in UPDATES.values()), 0.5
    ),
    "Most of it is the drawing library": Proved(),
    "NumPy and the compiled program pay two to three times as much in the largest table as in the smallest": [
        Between(2, lambda p=p: example(p, 1_500_000) / example(p, 1500), 3) for p in ("numpy", "compiled")
    ],
    "Three times the chapters take less than twice the build": Between(1, three_times_the_chapters, 2),
    "the cost of an epoch grows with the square of the rows": Between(1.9, lambda: power_of_rows("usual"), 2.1),
}
