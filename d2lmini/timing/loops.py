"""Minibatch SGD on linear regression as other programs write it: what costs and speeds are compared with.

Each makes one update for every whole batch of each of ``orders``, the rows' numbers in the order of an epoch, from zero
weights, and nothing else: nothing is checked, evaluated or recorded.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from ..model import linreg, squared_loss
from ..trainer import sgd


def torch_loader(X: torch.Tensor, y: torch.Tensor, batch_size: int, lr: float, orders: Iterable) -> None:
    """PyTorch with a DataLoader, which collates a batch example by example; X (n, d), y (n, 1)."""
    params = _zeros(X)
    for order in orders:
        for Xb, yb in DataLoader(TensorDataset(X, y), batch_size, sampler=order.tolist()):
            _update(params, Xb, yb, lr)


def torch_slices(X: torch.Tensor, y: torch.Tensor, batch_size: int, lr: float, orders: Iterable) -> None:
    """PyTorch over slices of tensors that were permuted once an epoch; X (n, d), y (n, 1)."""
    params = _zeros(X)
    for order in orders:
        order = torch.as_tensor(order)
        Xp, yp = X.index_select(0, order), y.index_select(0, order)
        for Xb, yb in zip(Xp.split(batch_size), yp.split(batch_size)):
            _update(params, Xb, yb, lr)


def _zeros(X: torch.Tensor) -> list[torch.Tensor]:
    return [torch.zeros(X.shape[1], 1, requires_grad=True), torch.zeros(1, requires_grad=True)]


def _update(params: list[torch.Tensor], Xb: torch.Tensor, yb: torch.Tensor, lr: float) -> None:
    for p in params:
        p.grad = None
    squared_loss(linreg(Xb, *params), yb).mean().backward()
    sgd(params, None, {"lr": lr})


def numpy_buffers(A: np.ndarray, y: np.ndarray, batch_size: int, lr: float, orders: Iterable) -> None:
    """NumPy: the analytic gradient, into buffers allocated once; A (n, d + 1) with a column of ones, y (n,)."""
    theta, gradient, error = np.zeros(A.shape[1]), np.empty(A.shape[1]), np.empty(batch_size)
    for order in orders:
        Ap, yp = A[order], y[order]
        for start in range(0, len(yp) - batch_size + 1, batch_size):
            Ab = Ap[start : start + batch_size]
            np.dot(Ab, theta, error)
            np.subtract(error, yp[start : start + batch_size], error)
            np.dot(error, Ab, gradient)
            np.multiply(gradient, lr / batch_size, gradient)
            np.subtract(theta, gradient, theta)
