"""Helpers for the chapters of Minibatch Stochastic Gradient Descent, Live."""

from . import figures as _figures
from .animator import Animator
from .compute import training
from .data import Minibatches, airfoil, download, get_data, load_array
from .history import History
from .lab import Lab
from .linreg import evaluate_loss, linreg, optimum, squared_loss
from .timer import Timer
from .training import sgd, train, train_concise

_figures.install()

__all__ = [
    "Animator",
    "History",
    "Lab",
    "Minibatches",
    "Timer",
    "airfoil",
    "download",
    "evaluate_loss",
    "get_data",
    "linreg",
    "load_array",
    "optimum",
    "sgd",
    "squared_loss",
    "train",
    "train_concise",
    "training",
]
