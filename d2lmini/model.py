"""Linear regression in torch."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from . import tensors
from .core.engine import Quadratic, quadratic
from .tensors import Numbers

Weights = tuple[torch.Tensor, torch.Tensor]  # w (d, 1) and b (1,)
Predict = Callable[[torch.Tensor], torch.Tensor]
CHUNK = 65_536  # rows evaluated at a time


def linreg(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The predictions X w + b: X (n, d), w (d, 1), b (1,) → (n, 1)."""
    for name, value in (("X", X), ("w", w), ("b", b)):
        _is_tensor(name, value)
    if X.shape[-1] != w.shape[0]:
        raise ValueError(f"w must have one row for each of the {X.shape[-1]} columns of X, not shape {tuple(w.shape)}")
    return torch.addmm(b, X, w)  # X w + b in one operation, one for autograd too


def _is_tensor(name: str, value: object) -> None:
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, not {type(value).__name__}: torch.as_tensor makes one")


def squared_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half the squared error of each example, ½(ŷ − y)²; y is reshaped to ŷ, so that (n,) and (n, 1) do not broadcast."""
    _is_tensor("y_hat", y_hat)
    _is_tensor("y", y)
    if y.numel() != y_hat.numel():
        raise ValueError(f"y must hold one target for each of the {y_hat.numel()} predictions, not {y.numel()}")
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def evaluate_loss(model: Weights | Predict, X: Numbers, y: Numbers) -> float:
    """The mean half squared loss over all rows, in chunks and without a graph.

    Args:
        model: (w, b) of shapes (d, 1) and (1,), or anything that maps X (n, d) to predictions (n, 1).
        X: (n, d) features; y: (n,) or (n, 1) targets.
    """
    X, y = _checked(X, y)
    predict = _predictor(model)
    with torch.no_grad():
        return sum(float(squared_loss(predict(Xc), yc).sum(dtype=torch.float64)) for Xc, yc in _chunks(X, y)) / len(y)


def _checked(X: Numbers, y: Numbers) -> tuple[torch.Tensor, torch.Tensor]:
    """X (n, d) and y (n, 1)."""
    X, y = tensors.matrix("X", X), tensors.column(tensors.tensor("y", y))
    tensors.same_length(X, y)
    return X, y


def _predictor(model: Weights | Predict) -> Predict:
    """A model as the function of X that it is."""
    if callable(model):
        return model
    try:
        w, b = model
    except (TypeError, ValueError):
        raise TypeError(f"model must be (w, b) or a callable of X, not {type(model).__name__}") from None
    return lambda X: linreg(X, w, b)


def _chunks(X: torch.Tensor, y: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The rows in parts that are small, however many there are."""
    return zip(X.split(CHUNK), y.split(CHUNK))


def _with_ones(X: torch.Tensor) -> torch.Tensor:
    """X (n, d) in float64 with a 1 after each row, which the bias multiplies: (n, d + 1)."""
    return torch.cat([X.to(torch.float64), torch.ones(len(X), 1, dtype=torch.float64)], dim=1)


def moments(X: torch.Tensor, y: torch.Tensor) -> Quadratic:
    """``engine.quadratic`` for θ = (w, b) and X (n, d), y (n, 1), in float64 and in chunks: H is (d + 1, d + 1).

    With it one evaluation over all rows costs the same however many rows there are.
    """
    width = X.shape[1] + 1
    H, c, s = np.zeros((width, width)), np.zeros(width), 0.0
    for Xc, yc in _chunks(X, y):
        share = len(yc) / len(y)
        Hc, cc, sc = quadratic(_with_ones(Xc).numpy(), yc.reshape(-1).to(torch.float64).numpy())
        H, c, s = H + share * Hc, c + share * cc, s + share * sc
    return H, c, s


def optimum(X: Numbers, y: Numbers) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The best weights (d, 1), bias (1,) and their half squared loss, by least squares in float64.

    Of several equally good solutions (dependent columns, fewer rows than columns) the one of least norm.
    """
    X, y = (part.to(torch.float64) for part in _checked(X, y))
    theta = torch.linalg.lstsq(_with_ones(X), y, driver="gelsd").solution
    return theta[:-1], theta[-1], evaluate_loss((theta[:-1], theta[-1]), X, y)
