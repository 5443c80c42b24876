"""Helpers for the chapters of Minibatch Stochastic Gradient Descent, Live.

Importing this package loads nothing else: each name is loaded when it is first used (PEP 562).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same names, for tools that read and do not run
    from .animator import Animator as Animator
    from .data import Minibatches as Minibatches
    from .data import airfoil as airfoil
    from .data import download as download
    from .data import get_data as get_data
    from .data import load_array as load_array
    from .history import History as History
    from .labs.lab import Lab as Lab
    from .labs.scratch import compute as training  # noqa: F401
    from .model import evaluate_loss as evaluate_loss
    from .model import linreg as linreg
    from .model import optimum as optimum
    from .model import squared_loss as squared_loss
    from .timer import Timer as Timer
    from .trainer import sgd as sgd
    from .trainer import train as train
    from .trainer import train_concise as train_concise

# Each public name: the module that defines it, and its name there. No module of this package bears a public name, for a module
# that was imported would take the name's place.
_HOMES = {
    "Animator": ("animator", "Animator"),
    "History": ("history", "History"),
    "Lab": ("labs.lab", "Lab"),
    "Minibatches": ("data", "Minibatches"),
    "Timer": ("timer", "Timer"),
    "airfoil": ("data", "airfoil"),
    "download": ("data", "download"),
    "evaluate_loss": ("model", "evaluate_loss"),
    "get_data": ("data", "get_data"),
    "linreg": ("model", "linreg"),
    "load_array": ("data", "load_array"),
    "optimum": ("model", "optimum"),
    "sgd": ("trainer", "sgd"),
    "squared_loss": ("model", "squared_loss"),
    "train": ("trainer", "train"),
    "train_concise": ("trainer", "train_concise"),
    "training": ("labs.scratch", "compute"),
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own = _HOMES[name]
    globals()[name] = found = getattr(import_module(f"{__name__}.{module}"), own)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
