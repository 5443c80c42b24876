"""Checks of what users pass in: each error names the argument, its value and what would be right."""

from numbers import Integral, Real

import numpy as np
import torch

LARGEST = torch.finfo(torch.float32).max


def whole(name: str, value, low: int = 1, high: int | None = None) -> int:
    """``value`` as an int, if it is a whole number from ``low`` to ``high``; True and 2.0 are not."""
    wanted = f"a whole number from {low:,} to {high:,}" if high is not None else f"a whole number of at least {low:,}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    return int(value)


def positive(name: str, value) -> float:
    """``value`` as a float, if it is a number above zero that float32 can hold."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a finite number above 0, not {value!r} ({type(value).__name__})")
    if not 0 < value <= LARGEST:
        raise ValueError(f"{name} must be a finite number above 0, at most {LARGEST:.3g}, not {value!r}")
    return float(value)


def finite(name: str, value) -> float:
    """``value`` as a float, if it is a finite number."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a finite number, not {value!r} ({type(value).__name__})")
    if not -LARGEST <= value <= LARGEST:
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return float(value)


def choice(name: str, value, allowed: tuple) -> None:
    """Refuse a value that is not one of the allowed ones."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")


def called(name: str, value, wanted: str, optional: bool = True) -> None:
    """Refuse what cannot be called."""
    if not (callable(value) or (optional and value is None)):
        raise TypeError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")


def tensor(name: str, value) -> torch.Tensor:
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


def matrix(name: str, value) -> torch.Tensor:
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


def vector(name: str, value, length: int) -> np.ndarray:
    """A copy of ``value`` as a float64 array (length,), if it holds so many numbers and all are finite."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise TypeError(f"{name} must be an array of numbers, not {type(value).__name__}: {error}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, not of {array.dtype}")
    array = array.astype(float)
    if array.shape != (length,):
        raise ValueError(f"{name} must hold {length:,} numbers, not an array of shape {array.shape}")
    if not np.isfinite(array).all():
        at = int(np.isfinite(array).argmin())
        raise ValueError(f"{name} must hold finite numbers only, but number {at} is {array[at]}")
    return array


def regression(data, name: str = "data") -> tuple[np.ndarray, np.ndarray]:
    """``data`` as (A, y), A (n, d) and y (n,) in float64, if all of it is finite and there is some."""
    try:
        A, y = (np.asarray(part, dtype=float) for part in data)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} must be a pair (A, y) of arrays of numbers, not {type(data).__name__}: {error}"
        ) from None
    if A.ndim != 2 or A.size == 0 or y.shape != A.shape[:1] or not (np.isfinite(A).all() and np.isfinite(y).all()):
        raise ValueError(f"{name} must be finite, of shapes (n, d) and (n,), not {A.shape} and {y.shape}")
    return A, y
