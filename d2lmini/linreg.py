"""Linear regression in torch."""

from collections.abc import Callable

import torch

from . import checks

CHUNK = 65_536  # rows evaluated at a time


def linreg(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The predictions X w + b: X (n, d), w (d, 1), b (1,) → (n, 1)."""
    for name, value in (("X", X), ("w", w), ("b", b)):
        _is_tensor(name, value)
    if X.shape[-1] != w.shape[0]:
        raise ValueError(f"w must have one row for each of the {X.shape[-1]} columns of X, not shape {tuple(w.shape)}")
    return torch.addmm(b, X, w)  # X w + b in one operation, one for autograd too


def _is_tensor(name: str, value) -> None:
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, not {type(value).__name__}: torch.as_tensor makes one")


def squared_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half the squared error of each example, ½(ŷ − y)²; y is reshaped to ŷ, so that (n,) and (n, 1) do not broadcast."""
    _is_tensor("y_hat", y_hat)
    _is_tensor("y", y)
    if y.numel() != y_hat.numel():
        raise ValueError(f"y must hold one target for each of the {y_hat.numel()} predictions, not {y.numel()}")
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def evaluate_loss(model: tuple[torch.Tensor, torch.Tensor] | Callable, X, y) -> float:
    """The mean half squared loss over all rows, in chunks and without a graph.

    Args:
        model: (w, b) of shapes (d, 1) and (1,), or anything that maps X (n, d) to predictions (n, 1).
        X: (n, d) features; y: (n,) or (n, 1) targets.
    """
    X, y = checks.matrix("X", X), checks.column(checks.tensor("y", y))
    n = checks.same_length(X, y)
    if callable(model):
        predict = model
    else:
        try:
            w, b = model
        except (TypeError, ValueError):
            raise TypeError(f"model must be (w, b) or a callable of X, not {type(model).__name__}") from None

        def predict(rows):
            return linreg(rows, w, b)

    with torch.no_grad():
        parts = zip(X.split(CHUNK), y.split(CHUNK))
        return sum(float(squared_loss(predict(Xc), yc).sum(dtype=torch.float64)) for Xc, yc in parts) / n


def moments(X: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """H, c and s of the mean half squared loss ½ θᵀHθ − cᵀθ + s for θ = (w, b), in float64 and in chunks.

    H is the Hessian, (d + 1, d + 1). With them one evaluation over all rows costs the same however many rows there are.
    """
    d = X.shape[1]
    H, c, s = torch.zeros(d + 1, d + 1, dtype=torch.float64), torch.zeros(d + 1, dtype=torch.float64), 0.0
    for Xc, yc in zip(X.split(CHUNK), y.split(CHUNK)):
        A = torch.ones(len(Xc), d + 1, dtype=torch.float64)
        A[:, :d] = Xc
        t = yc.reshape(-1).to(torch.float64)
        H += A.T @ A
        c += A.T @ t
        s += float(t @ t)
    return H / len(X), c / len(X), s / len(X) / 2


def optimum(X, y) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The best weights (d, 1), bias (1,) and their half squared loss, by least squares in float64.

    Of several equally good solutions (dependent columns, fewer rows than columns) the one of least norm.
    """
    X, y = checks.matrix("X", X), checks.column(checks.tensor("y", y))
    n = checks.same_length(X, y)
    A = torch.cat([X.to(torch.float64), torch.ones(n, 1, dtype=torch.float64)], dim=1)
    theta = torch.linalg.lstsq(A, y.to(torch.float64), driver="gelsd").solution
    return theta[:-1], theta[-1], evaluate_loss((theta[:-1], theta[-1]), X.to(torch.float64), y.to(torch.float64))
