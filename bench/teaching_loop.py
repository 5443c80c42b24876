"""Minibatch SGD as it is usually taught: what the book's own loop is measured against.

Everything here works, and much of it is slow. Batches come from a DataLoader, which collates them example by example;
every 200 examples the loss is averaged over the batches of that same loader; and for each new point the whole figure is
drawn anew and handed over as a PNG, which is what a notebook shows.
"""

from io import BytesIO
from itertools import islice

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

EVERY = 200  # examples between two looks at the loss


def predict(X: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(X, w) + b


def loss(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def mean_loss(w: Tensor, b: Tensor, loader: DataLoader) -> float:
    """The loss over all examples, through the loader."""
    total, count = 0.0, 0
    for X, y in loader:
        losses = loss(predict(X, w, b), y)
        total += losses.sum().item()
        count += losses.numel()
    return total / count


class LivePlot:
    """A curve that is drawn from nothing whenever it gets a point."""

    def __init__(self, xlabel: str, ylabel: str, xlim: list[float]):
        self.figure = Figure(figsize=(3.5, 2.5))
        self.axes = self.figure.subplots()
        self.xlabel, self.ylabel, self.xlim = xlabel, ylabel, xlim
        self.x, self.y = [], []

    def add(self, x: float, y: float) -> None:
        self.x.append(x)
        self.y.append(y)
        self.axes.cla()
        self.axes.plot(self.x, self.y)
        self.axes.set(xlabel=self.xlabel, ylabel=self.ylabel, xlim=self.xlim)
        self.axes.grid()
        picture = BytesIO()
        self.figure.savefig(picture, format="png")
        self.png = picture.getvalue()


def train(
    X: Tensor,
    y: Tensor,
    batch_size: int,
    lr: float,
    num_epochs: int = 2,
    *,
    updates: int | None = None,
    plot: bool = True,
) -> tuple[Tensor, Tensor, list[float]]:
    """Train for some epochs, or only for so many ``updates`` in each; (w, b, the recorded losses)."""
    loader = DataLoader(TensorDataset(X, y), batch_size, shuffle=True)
    w = torch.normal(0.0, 0.01, size=(X.shape[1], 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    live = LivePlot("epoch", "loss", [0, num_epochs]) if plot else None
    losses, seen = [], 0
    for _ in range(num_epochs):
        for Xb, yb in islice(loader, updates):
            loss(predict(Xb, w, b), yb).mean().backward()
            with torch.no_grad():
                for p in (w, b):
                    p -= lr * p.grad
                    p.grad.zero_()
            seen += len(Xb)
            if seen % EVERY == 0:
                losses.append(mean_loss(w, b, loader))
                if plot:
                    live.add(seen / len(X), losses[-1])
    return w, b, losses
