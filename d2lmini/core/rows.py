"""The airfoil data as arrays: the file, its checksum, standardised columns, and the rows that the labs train on."""

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from .checks import Data

CSV = Path(__file__).parents[1] / "data" / "airfoil_self_noise.csv"
CSV_SHA256 = "23add05ccfc07906a2dce6c60573f32347ad3f6d1b54951db727bd3bc07245e3"
FEATURES = 5
TRAINING_ROWS = 1500


@cache
def measurements() -> tuple[tuple[str, ...], np.ndarray]:
    """The names of the columns, and the numbers of the file, (1503, 6), which may only be read: five features and the target.

    Raises:
        OSError: the file is missing, or a byte of it was changed.
    """
    content = CSV.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != CSV_SHA256:
        raise OSError(
            f"{CSV} was changed: its SHA-256 is {found}, not {CSV_SHA256}. Bring the original back: install d2lmini "
            f"anew, or in a clone run `git checkout {CSV.name}` in that folder"
        )
    names, *lines = content.decode().splitlines()
    return tuple(names.split(",")), kept(np.array([line.split(",") for line in lines], dtype=float))


def standardise(rows: np.ndarray) -> np.ndarray:
    """Columns shifted and scaled to mean 0 and population standard deviation 1. Correlations between columns stay."""
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


@cache
def table() -> Data:
    """The labs' training rows in float64, to be read only: (1500, 6) standardised features and, last, ones; (1500,) targets."""
    rows = standardise(measurements()[1])[:TRAINING_ROWS]
    return kept(np.column_stack([rows[:, :-1], np.ones(len(rows))])), kept(rows[:, -1].copy())


def kept(array: np.ndarray) -> np.ndarray:
    """An array that everybody shares, and so nobody may write to."""
    array.flags.writeable = False
    return array
