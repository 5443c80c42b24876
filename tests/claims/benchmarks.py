"""What the chapter on costs claims of its record."""

import math

from d2lmini.timing import records

from .checks import Between, Holds, Proved

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


CLAIMS = {
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
