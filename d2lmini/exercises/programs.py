"""An exercise about whose seconds: the best batch size from what updates cost and how many are needed."""

import pandas as pd

from .answers import Question, asks

SENTENCES = {
    "batch": "batch size",
    "cost": "µs per update",
    "needed": "updates to 0.25",
    "why": "Cost times number is least there, for this program and no other.",
    "cheapest": "Its updates are the cheapest, but it needs the most of them.",
    "fewest": "It needs the fewest updates, but each is the dearest.",
    "elsewhere": "It wins in other programs. This is a compiled one: multiply.",
    "time": "That is its time in microseconds. The batch size is asked for.",
    "updates": "Those are its updates. The batch size is asked for.",
}
# Of a compiled program: microseconds of an update, "compiled" less "shuffle" of ``make bench`` on 2026-11-26, as
# data/benchmarks.json has them; and the updates to a half loss of 0.25 in another order of the rows than the labs'.
MICROSECONDS = {1: 0.013, 10: 0.067, 100: 0.57, 1500: 7.5}
UPDATES = {1: 620, 10: 62, 100: 8, 1500: 3}


def race() -> pd.DataFrame:
    """The table of the exercise, a row a batch size."""
    columns = {SENTENCES["cost"]: MICROSECONDS, SENTENCES["needed"]: UPDATES}
    return pd.DataFrame(columns).rename_axis(SENTENCES["batch"])


def best_batch_question() -> Question:
    """The batch size that reaches a half loss of 0.25 first, by the table of ``race``."""
    total = {size: MICROSECONDS[size] * UPDATES[size] for size in UPDATES}
    best = min(total, key=total.__getitem__)
    wrong = [
        (min(MICROSECONDS, key=MICROSECONDS.__getitem__), SENTENCES["cheapest"]),
        (min(UPDATES, key=UPDATES.__getitem__), SENTENCES["fewest"]),
        (100, SENTENCES["elsewhere"]),
        (total[best], SENTENCES["time"]),
        (UPDATES[best], SENTENCES["updates"]),
    ]
    return Question("best_batch", best, SENTENCES["why"], wrong, SENTENCES["batch"])


check_best_batch = asks(best_batch_question)
