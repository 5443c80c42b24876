"""Exercises that count: updates, examples, operations, and where a program counts wrong."""

from math import ceil

import numpy as np

from ..data import table
from .answers import Question, asks
from .place import early


@asks
def check_updates() -> Question:
    """Updates in 3 epochs over 1,503 rows with a batch size of 64, the short last batch used."""
    n, batch, epochs = 1503, 64, 3
    return Question(
        "updates",
        epochs * ceil(n / batch),
        f"{ceil(n / batch)} an epoch, the last of them short.",
        [
            (epochs * (n // batch), "That leaves out the short last batch of each epoch. It is an update too."),
            (
                ceil(epochs * n / batch),
                "As if one epoch flowed into the next. Each ends with a short batch of its own.",
            ),
            (epochs * n / batch, "No update is made in part: a short last batch counts as a whole one."),
            (ceil(n / batch), "That is one epoch. There are three."),
            (epochs * n, "Those are the examples seen, not the updates."),
        ],
        "updates",
    )


@asks
def check_last_batch() -> Question:
    """Examples in the last batch of an epoch over 1,503 rows with a batch size of 64."""
    n, batch = 1503, 64
    rest = n % batch
    return Question(
        "last_batch",
        rest,
        f"{n // batch} full batches leave {rest} of {n:,} rows.",
        [
            (batch, "That is a full batch. The last one takes what the full ones leave."),
            (batch - rest, "That is what the last batch lacks, not what it has."),
            (0, "As if the last batch were dropped. Here each row is used."),
            (n // batch, "That is the number of full batches."),
            (1500 % batch, "That is for 1,500 rows. The file has 1,503."),
            (rest - 1, "Off by one: count the rows from 1."),
            (rest + 1, "Off by one: count the rows from 1."),
        ],
        "examples",
    )


@asks
def check_gflop() -> Question:
    """GFLOP of the product of a 384 × 256 and a 256 × 640 matrix."""
    m, k, n = 384, 256, 640
    flop = 2 * m * k * n
    return Question(
        "gflop",
        flop / 1e9,
        "Each of the m·n entries is a sum of k products: a multiplication and an addition each.",
        [
            (flop / 2e9, "That is without the additions: a multiply-add is two operations."),
            (flop, "Those are FLOP. Giga stands for 10⁹."),
            (flop / 1e6, "Those are MFLOP. Giga stands for 10⁹."),
            (flop / 2**30, "That divides by 2³⁰. Giga stands for 10⁹ here."),
            (
                2 * m * n / 1e9,
                "That counts one multiply-add an entry. Each entry of the product takes k = 256 of them.",
            ),
            (4 * (m * k + k * n + m * n) / 1e9, "Those are the gigabytes that the three matrices fill, in float32."),
        ],
        "GFLOP",
        0.01,
    )


def _half_losses() -> np.ndarray:
    A, y = table()
    return (A @ early() - y) ** 2 / 2


def batch_means() -> list[tuple[int, float]]:
    """(size, mean half loss) of each batch of an evaluation at the early weights: 1,500 rows, 1,000 at a time."""
    return [(len(part), float(part.mean())) for part in np.split(_half_losses(), [1000])]


@asks
def check_batch_means() -> Question:
    """The half loss over all rows, from the means of two batches of unequal size."""
    (large, a), (small, b) = batch_means()
    right = float(_half_losses().mean())
    return Question(
        "batch_means",
        right,
        "Each batch counts for as many rows as it has.",
        [
            ((a + b) / 2, "That is the mean of the means: 500 rows then weigh as much as 1,000."),
            (a + b, "That is the sum of the means. Weight each with its share of the rows."),
            ((small * a + large * b) / (large + small), "The weights are the wrong way round."),
            (2 * right, "That is without the ½: the book's loss is half the squared error."),
            (right * (large + small), "That is the sum over all rows. Divide by their number."),
            (a, "That is the first batch alone."),
        ],
        "half loss",
        0.001,
    )


@asks
def check_axis() -> Question:
    """Where a plot ends that computes epochs as examples / (size of the newest batch) / (batches an epoch)."""
    n, epochs, batch = 1500, 2, 96
    batches, last, other = ceil(n / batch), n % batch, 128
    return Question(
        "axis",
        epochs * n / last / batches,
        "The newest batch is the short one, so the same examples count for more batches than there were.",
        [
            (epochs, "That is where it should end. But the program divides by the size of the newest batch."),
            (epochs * n / batch / batches, "That divides by a full batch. The newest one, at the end, is short."),
            (n / last / batches, "That is after one epoch. Training lasts two."),
            (epochs * n / (n % other) / ceil(n / other), f"That is for batches of {other}. Here they are of {batch}."),
            (epochs * n / last / (n // batch), f"There are {batches} batches an epoch: the short one counts."),
            (epochs * batches, "Those are the updates. The axis is meant to count epochs."),
        ],
        "epochs",
        0.002,
    )
