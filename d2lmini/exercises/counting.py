"""Exercises that count: updates, examples, operations, and where a program counts wrong."""

from math import ceil

import numpy as np

from ..core.rows import table
from .answers import Question, asks
from .weights import early

SENTENCES = {
    "updates": "updates",
    "examples": "examples",
    "gflop": "GFLOP",
    "half_loss": "half loss",
    "epochs": "epochs",
    # check_updates
    "updates_why": "{each} an epoch, the last of them short.",
    "updates_full": "That leaves out the short last batch of each epoch. It is an update too.",
    "updates_flowing": "As if one epoch flowed into the next. Each ends with a short batch of its own.",
    "updates_part": "No update is made in part: a short last batch counts as a whole one.",
    "updates_epoch": "That is one epoch. There are three.",
    "updates_examples": "Those are the examples seen, not the updates.",
    # check_last_batch
    "last_why": "{full} full batches leave {rest} of {rows:,} rows.",
    "last_full": "That is a full batch. The last one takes what the full ones leave.",
    "last_lacks": "That is what the last batch lacks, not what it has.",
    "last_dropped": "As if the last batch were dropped. Here each row is used.",
    "last_number": "That is the number of full batches.",
    "last_rows": "That is for 1,500 rows. The file has 1,503.",
    "last_by_one": "Off by one: count the rows from 1.",
    # check_gflop
    "gflop_why": "Each of the m·n entries is a sum of k products: a multiplication and an addition each.",
    "gflop_products": "That is without the additions: a multiply-add is two operations.",
    "gflop_flop": "Those are FLOP. Giga stands for 10⁹.",
    "gflop_mega": "Those are MFLOP. Giga stands for 10⁹.",
    "gflop_binary": "That divides by 2³⁰. Giga stands for 10⁹ here.",
    "gflop_entries": "That counts one multiply-add an entry. Each entry of the product takes k = 256 of them.",
    "gflop_bytes": "Those are the gigabytes that the three matrices fill, in float32.",
    # check_batch_means
    "means_why": "Each batch counts for as many rows as it has.",
    "means_mean": "That is the mean of the means: 500 rows then weigh as much as 1,000.",
    "means_sum": "That is the sum of the means. Weight each with its share of the rows.",
    "means_swapped": "The weights are the wrong way round.",
    "means_half": "That is without the ½: the book's loss is half the squared error.",
    "means_total": "That is the sum over all rows. Divide by their number.",
    "means_first": "That is the first batch alone.",
    # check_axis
    "axis_why": "The newest batch is the short one, so the same examples count for more batches than there were.",
    "axis_meant": "That is where it should end. But the program divides by the size of the newest batch.",
    "axis_full": "That divides by a full batch. The newest one, at the end, is short.",
    "axis_epoch": "That is after one epoch. Training lasts two.",
    "axis_batch": "That is for batches of {other}. Here they are of {batch}.",
    "axis_batches": "There are {batches} batches an epoch: the short one counts.",
    "axis_updates": "Those are the updates. The axis is meant to count epochs.",
}


def updates_question() -> Question:
    """Updates in 3 epochs over 1,503 rows with a batch size of 64, the short last batch used."""
    n, batch, epochs = 1503, 64, 3
    return Question(
        "updates",
        epochs * ceil(n / batch),
        SENTENCES["updates_why"].format(each=ceil(n / batch)),
        [
            (epochs * (n // batch), SENTENCES["updates_full"]),
            (ceil(epochs * n / batch), SENTENCES["updates_flowing"]),
            (epochs * n / batch, SENTENCES["updates_part"]),
            (ceil(n / batch), SENTENCES["updates_epoch"]),
            (epochs * n, SENTENCES["updates_examples"]),
        ],
        SENTENCES["updates"],
    )


def last_batch_question() -> Question:
    """Examples in the last batch of an epoch over 1,503 rows with a batch size of 64."""
    n, batch = 1503, 64
    rest = n % batch
    return Question(
        "last_batch",
        rest,
        SENTENCES["last_why"].format(full=n // batch, rest=rest, rows=n),
        [
            (batch, SENTENCES["last_full"]),
            (batch - rest, SENTENCES["last_lacks"]),
            (0, SENTENCES["last_dropped"]),
            (n // batch, SENTENCES["last_number"]),
            (1500 % batch, SENTENCES["last_rows"]),
            (rest - 1, SENTENCES["last_by_one"]),
            (rest + 1, SENTENCES["last_by_one"]),
        ],
        SENTENCES["examples"],
    )


def gflop_question() -> Question:
    """GFLOP of the product of a 384 × 256 and a 256 × 640 matrix."""
    m, k, n = 384, 256, 640
    flop = 2 * m * k * n
    return Question(
        "gflop",
        flop / 1e9,
        SENTENCES["gflop_why"],
        [
            (flop / 2e9, SENTENCES["gflop_products"]),
            (flop, SENTENCES["gflop_flop"]),
            (flop / 1e6, SENTENCES["gflop_mega"]),
            (flop / 2**30, SENTENCES["gflop_binary"]),
            (2 * m * n / 1e9, SENTENCES["gflop_entries"]),
            (4 * (m * k + k * n + m * n) / 1e9, SENTENCES["gflop_bytes"]),
        ],
        SENTENCES["gflop"],
        2,
    )


def _half_losses() -> np.ndarray:
    A, y = table()
    return (A @ early() - y) ** 2 / 2


def batch_means() -> list[tuple[int, float]]:
    """(size, mean half loss) of each batch of an evaluation at the early weights: 1,500 rows, 1,000 at a time."""
    return [(len(part), float(part.mean())) for part in np.split(_half_losses(), [1000])]


def batch_means_question() -> Question:
    """The half loss over all rows, from the means of two batches of unequal size."""
    (large, a), (small, b) = batch_means()
    right = float(_half_losses().mean())
    return Question(
        "batch_means",
        right,
        SENTENCES["means_why"],
        [
            ((a + b) / 2, SENTENCES["means_mean"]),
            (a + b, SENTENCES["means_sum"]),
            ((small * a + large * b) / (large + small), SENTENCES["means_swapped"]),
            (2 * right, SENTENCES["means_half"]),
            (right * (large + small), SENTENCES["means_total"]),
            (a, SENTENCES["means_first"]),
        ],
        SENTENCES["half_loss"],
        3,
    )


def axis_question() -> Question:
    """Where a plot ends that computes epochs as examples / (size of the newest batch) / (batches an epoch)."""
    n, epochs, batch = 1500, 2, 96
    batches, last, other = ceil(n / batch), n % batch, 128
    return Question(
        "axis",
        epochs * n / last / batches,
        SENTENCES["axis_why"],
        [
            (epochs, SENTENCES["axis_meant"]),
            (epochs * n / batch / batches, SENTENCES["axis_full"]),
            (n / last / batches, SENTENCES["axis_epoch"]),
            (epochs * n / (n % other) / ceil(n / other), SENTENCES["axis_batch"].format(other=other, batch=batch)),
            (epochs * n / last / (n // batch), SENTENCES["axis_batches"].format(batches=batches)),
            (epochs * batches, SENTENCES["axis_updates"]),
        ],
        SENTENCES["epochs"],
        3,
    )


check_updates = asks(updates_question)
check_last_batch = asks(last_batch_question)
check_gflop = asks(gflop_question)
check_batch_means = asks(batch_means_question)
check_axis = asks(axis_question)
