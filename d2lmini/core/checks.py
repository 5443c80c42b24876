"""Checks of what users pass in: each error names the argument, its value and what would be right."""

from math import inf
from numbers import Integral, Real

import numpy as np

LARGEST = float(np.finfo(np.float32).max)
Data = tuple[np.ndarray, np.ndarray]  # the rows A (n, d) and the targets y (n,)


def whole(name: str, value: object, low: int = 1, high: int | None = None) -> int:
    """``value`` as an int, if it is a whole number from ``low`` to ``high``; True and 2.0 are not."""
    wanted = f"a whole number from {low:,} to {high:,}" if high is not None else f"a whole number of at least {low:,}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")
    number = int(value)
    if number < low or (high is not None and number > high):
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    return number


def positive(name: str, value: object) -> float:
    """``value`` as a float, if it is a number above zero that float32 can hold."""
    number = _number(name, value, "a finite number above 0")
    if number <= 0:
        raise ValueError(f"{name} must be a finite number above 0, not {value!r}")
    return number


def finite(name: str, value: object) -> float:
    """``value`` as a float, if it is a finite number."""
    return _number(name, value, "a finite number")


def _number(name: str, value: object, wanted: str) -> float:
    """``value`` as a float, if it is a number that float32 can hold."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")
    try:
        number = float(value)
    except OverflowError:  # a whole number of more digits than a float has room for
        number = inf
    if not abs(number) <= LARGEST:
        raise ValueError(f"{name} must be {wanted}, at most {LARGEST:.3g} in size, not {value!r}")
    return number


def choice(name: str, value: object, allowed: tuple) -> None:
    """Refuse a value that is not one of the allowed ones."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")


def called(name: str, value: object, wanted: str, optional: bool = True) -> None:
    """Refuse what cannot be called."""
    if not (callable(value) or (optional and value is None)):
        raise TypeError(f"{name} must be {wanted}, not {value!r} ({type(value).__name__})")


def vector(name: str, value: object, length: int) -> np.ndarray:
    """A copy of ``value`` as a float64 array (length,), if it holds so many numbers and all are finite."""
    array = _real(name, value)
    if array.shape != (length,):
        raise ValueError(f"{name} must hold {length:,} numbers, not an array of shape {array.shape}")
    if not np.isfinite(array).all():
        at = int(np.isfinite(array).argmin())
        raise ValueError(f"{name} must hold finite numbers only, but number {at} is {array[at]}")
    return array


def matrix(name: str, value: object) -> np.ndarray:
    """A copy of ``value`` as a float64 array (rows, columns), if it has some of both and all of it is finite."""
    array = _real(name, value)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must have shape (rows, columns), one of each at least, not {array.shape}")
    if not np.isfinite(array).all():
        row = int(np.isfinite(array).all(axis=1).argmin())
        raise ValueError(
            f"{name} must hold finite numbers only, but row {row} is {array[row].tolist()}: drop or repair it"
        )
    return array


def _real(name: str, value: object) -> np.ndarray:
    """A copy in float64 of what holds real numbers."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise TypeError(f"{name} must be an array of numbers, not {type(value).__name__}: {error}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, not of {array.dtype}")
    return array.astype(float)


def regression(data: Data, name: str = "data") -> Data:
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
