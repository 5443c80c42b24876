"""The airfoil data and how it becomes minibatches."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
import requests
import torch

from . import tensors
from .core import checks, rows
from .core.engine import epoch_order
from .tensors import Numbers

# name: (address, SHA-1) of the original tab-separated files. The checksum is the one that "Dive into Deep Learning" publishes.
ORIGINALS = {
    "airfoil": (
        "https://d2l-data.s3-accelerate.amazonaws.com/airfoil_self_noise.dat",
        "76e5be1548fd8222e5074cf0faae75edff8cf93f",
    )
}


def airfoil() -> pd.DataFrame:
    """NASA's airfoil self-noise measurements, from the bundled file: 1,503 rows, five features and, last, the target.

    Column names carry the units: Hz, degrees, metres, metres per second, metres, decibels. Source: Brooks, Pope and
    Marcolini, NASA RP-1218, 1989; UCI Machine Learning Repository, doi 10.24432/C5VW2C; CC BY 4.0.

    Raises:
        OSError: the file is missing, or a byte of it was changed.
    """
    names, numbers = rows.measurements()
    return pd.DataFrame(numbers.copy(), columns=names)


def download(
    name: str = "airfoil", *, url: str | None = None, cache: str | Path | None = None, timeout: float = 10
) -> Path:
    """The path of the original data file in the user's cache, fetched if it is not there yet.

    What arrives is kept only if its checksum is right, and takes its place in one step: an error page, a broken
    connection or a full disk leaves nothing behind and an earlier good copy untouched.

    Args:
        name: which data set; ``"airfoil"`` is the one there is.
        url: fetch from here instead of the original address; the same bytes are expected.
        cache: a folder to keep the file in instead of the user's cache.
        timeout: seconds of silence after which to give up.

    Raises:
        OSError: the file could not be fetched, stored, or was not the expected one.
    """
    checks.choice("name", name, tuple(ORIGINALS))
    checks.positive("timeout", timeout)
    address, sha1 = ORIGINALS[name]
    address = address if url is None else url
    if not isinstance(address, str) or not address.startswith(("http://", "https://")):
        raise ValueError(f"url must start with http:// or https://, not {url!r}")
    folder = Path(cache) if cache is not None else pooch.os_cache("d2lmini")
    try:
        path = pooch.retrieve(
            address, f"sha1:{sha1}", fname=f"{name}.dat", path=folder, downloader=pooch.HTTPDownloader(timeout=timeout)
        )
    except requests.RequestException as error:
        raise OSError(
            f"{name} could not be fetched from {address}: {error}. Check the address and the network, then try again"
        ) from error
    except ValueError as error:  # pooch's word for a wrong checksum
        raise OSError(
            f"what {address} sent is not the {name} data (its SHA-1 is not {sha1}); nothing was kept"
        ) from error
    except OSError as error:
        raise OSError(
            f"{name} could not be stored in {folder}: {error}. Free some space or pass another cache folder"
        ) from error
    return Path(path)


class Minibatches:
    """Minibatches (X_b, y_b) of one epoch at a time: permuted once, then sliced without copying.

    The last batch may be short; an epoch is always exactly n examples. The k-th pass over the iterator (from 0) with
    seed s uses the order (s, k) of ``engine.epoch_order``, so that two iterators with one seed agree; without a seed
    one is drawn at random.

    Args:
        X: (n, …) features; y: (n, …) targets. Arrays that are not floating-point become float32.
        batch_size: examples in a batch, 1 to n.
        shuffle: a new random order each epoch; False keeps the rows' own.
        replacement: each example drawn from all rows, so that an epoch may repeat some and miss others.
        seed: a whole number from 0 to 2³² − 1, or None.
    """

    def __init__(
        self,
        X: Numbers,
        y: Numbers,
        batch_size: int,
        *,
        shuffle: bool = True,
        replacement: bool = False,
        seed: int | None = None,
    ):
        self.X, self.y = tensors.tensor("X", X), tensors.tensor("y", y)
        self.n = tensors.same_length(self.X, self.y)
        self.batch_size = checks.whole("batch_size", batch_size, 1, self.n)
        if replacement and not shuffle:
            raise ValueError("replacement=True draws at random, so it needs shuffle=True, not shuffle=False")
        if seed is not None:
            checks.whole("seed", seed, 0, 2**32 - 1)
        self.shuffle, self.replacement, self.seed = bool(shuffle), bool(replacement), seed
        self._own_seed = seed if seed is not None else int(np.random.default_rng().integers(2**32))
        self._pass = 0

    def __len__(self) -> int:
        """Updates in an epoch."""
        return -(-self.n // self.batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        self._pass += 1
        return self.epoch(self._pass - 1, self._own_seed)

    def epoch(self, k: int, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """The batches of pass ``k`` with ``seed``; the passes of ``iter`` are not advanced."""
        X, y = self.X, self.y
        if self.shuffle:
            order = torch.from_numpy(epoch_order(self.n, seed, k, self.replacement))
            X, y = X.index_select(0, order), y.index_select(0, order)
            del order
        some = 1000 * self.batch_size  # a slice is an object of its own: a million at once would outweigh the data
        for Xs, ys in zip(X.split(some), y.split(some)):
            yield from zip(Xs.split(self.batch_size), ys.split(self.batch_size))


def load_array(
    arrays: tuple[Numbers, Numbers], batch_size: int, is_train: bool = True, *, seed: int | None = None
) -> Minibatches:
    """The classic name: minibatches of ``arrays = (X, y)``, shuffled if ``is_train``."""
    try:
        X, y = arrays
    except (TypeError, ValueError):
        raise TypeError(f"arrays must be a pair (X, y), not {type(arrays).__name__}") from None
    return Minibatches(X, y, batch_size, shuffle=bool(is_train), seed=seed)


def get_data(
    batch_size: int = 10, n: int = 1500, *, num_features: int = 5, seed: int | None = None
) -> tuple[Minibatches, int]:
    """Minibatches of the first ``n`` rows of the airfoil data, and the number of features.

    X is (n, num_features) and y (n, 1), float32, standardised with mean and population standard deviation of all
    1,503 rows, as the literature does. ``num_features=4`` leaves the displacement thickness out.
    """
    whole = rows.standardise(rows.measurements()[1])
    n = checks.whole("n", n, 1, len(whole))
    num_features = checks.whole("num_features", num_features, 1, rows.FEATURES)
    part = torch.from_numpy(whole[:n]).to(torch.float32)
    batches = Minibatches(part[:, :num_features].contiguous(), part[:, -1:].contiguous(), batch_size, seed=seed)
    return batches, num_features
