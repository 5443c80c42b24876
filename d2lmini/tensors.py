"""Checks of tensors that users pass in, as core.checks has them for numbers and arrays."""

import numpy as np
import torch
from numpy.typing import ArrayLike

Numbers = torch.Tensor | ArrayLike  # what ``tensor`` takes


def tensor(name: str, value: object) -> torch.Tensor:
    """``value`` as a tensor of finite floating-point numbers with at least one row; no copy of one that is already so."""
    try:
        array = value if isinstance(value, torch.Tensor) else torch.as_tensor(np.asarray(value))
    except (TypeError, ValueError) as error:  # objects, text, ragged lists
        raise TypeError(f"{name} must be an array of numbers, not {type(value).__name__}: {error}") from None
    if array.dtype == torch.bool or array.is_complex():
        raise TypeError(f"{name} must be an array of real numbers, not of {array.dtype}")
    if array.ndim == 0 or len(array) == 0 or array.numel() == 0:
        raise ValueError(f"{name} must hold at least one row and one column, not shape {tuple(array.shape)}")
    if not array.is_floating_point():
        array = array.to(torch.float32)
    if not all(torch.isfinite(part).all() for part in array.split(65_536)):  # in parts: no second copy of large data
        row = int((~torch.isfinite(array)).reshape(len(array), -1).any(1).nonzero()[0, 0])
        raise ValueError(
            f"{name} must hold finite numbers only, but row {row} is {array[row].tolist()}: drop or repair it"
        )
    return array


def matrix(name: str, value: object) -> torch.Tensor:
    """``value`` as a finite tensor of shape (rows, columns)."""
    array = tensor(name, value)
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape (rows, columns), not {tuple(array.shape)}")
    return array


def same_length(X: torch.Tensor, y: torch.Tensor) -> int:
    """The common number of rows of X and y."""
    if len(X) != len(y):
        raise ValueError(f"X and y must have one row for each example, not {len(X):,} and {len(y):,} rows")
    return len(X)


def column(y: torch.Tensor) -> torch.Tensor:
    """Targets of shape (n,) or (n, 1), as (n, 1)."""
    if y.numel() != len(y):
        raise ValueError(f"y must hold one target for each row, shape (n,) or (n, 1), not {tuple(y.shape)}")
    return y.reshape(-1, 1)
