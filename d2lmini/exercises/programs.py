"""An exercise about whose seconds: the best batch size from what updates cost and how many are needed."""

import pandas as pd

from .answers import Question, asks

# Of a compiled program on one machine: microseconds of an update, and the updates to a half loss of 0.25 in other
# orders of the rows than the labs'.
MICROSECONDS = {1: 0.012, 10: 0.072, 100: 0.74, 1500: 6.7}
UPDATES = {1: 620, 10: 62, 100: 8, 1500: 3}


def race() -> pd.DataFrame:
    """The table of the exercise, a row a batch size."""
    columns = {"µs per update": MICROSECONDS, "updates to 0.25": UPDATES}
    return pd.DataFrame(columns).rename_axis("batch size")


@asks
def check_best_batch() -> Question:
    """The batch size that reaches a half loss of 0.25 first, by the table of ``race``."""
    total = {size: MICROSECONDS[size] * UPDATES[size] for size in UPDATES}
    best = min(total, key=total.get)
    cheapest, fewest = min(MICROSECONDS, key=MICROSECONDS.get), min(UPDATES, key=UPDATES.get)
    wrong = [
        (cheapest, "Its updates are the cheapest, but it needs the most of them."),
        (fewest, "It needs the fewest updates, but each is the dearest."),
        (100, "It wins in other programs. This is a compiled one: multiply."),
        (total[best], "That is its time in microseconds. The batch size is asked for."),
        (UPDATES[best], "Those are its updates. The batch size is asked for."),
    ]
    return Question(
        "best_batch", best, "Cost times number is least there, for this program and no other.", wrong, "batch size"
    )
