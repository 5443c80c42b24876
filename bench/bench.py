"""The book's speed as ratios, each measured in one run: `make bench` prints the table.

A ratio of two medians of interleaved repeats stands a noisy machine; absolute times are beside it for orientation.
"""

import subprocess
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import Minibatches, engine, get_data, linreg, measure, sgd, squared_loss, train
from d2lmini.data import table

ROOT = Path(__file__).parents[1]
CLASSIC = {1: 0.005, 10: 0.05, 100: 0.4}


def seconds(function) -> float:
    began = perf_counter()
    function()
    return perf_counter() - began


def ratio(ours, other, repeats: int) -> tuple[float, float, float]:
    """Medians of both, interleaved after a warm-up, and their ratio."""
    ours(), other()
    pairs = [(seconds(ours), seconds(other)) for _ in range(repeats)]
    a, b = (median(times) for times in zip(*pairs))
    return a, b, a / b


def autograd_slices(batch_size: int, lr: float) -> None:
    """The same updates as ``train`` makes in two epochs, over slices of a permuted tensor, and nothing else."""
    X, y = get_data(batch_size)[0].X, get_data(batch_size)[0].y
    w, b = torch.zeros(X.shape[1], 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    for _ in range(2):
        order = torch.randperm(len(X))
        Xp, yp = X[order], y[order]
        for i in range(0, len(X), batch_size):
            w.grad = b.grad = None
            squared_loss(linreg(Xp[i : i + batch_size], w, b), yp[i : i + batch_size]).mean().backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad


def numpy_loop(batch_size: int, lr: float) -> None:
    """The same updates as ``engine.sgd`` makes in two epochs, buffers allocated once."""
    A, y = table()
    rng = np.random.default_rng(0)
    theta, gradient, error = np.zeros(A.shape[1]), np.empty(A.shape[1]), np.empty(batch_size)
    for _ in range(2):
        order = rng.permutation(len(y))
        Ap, yp = A[order], y[order]
        for i in range(0, len(y), batch_size):
            Ab = Ap[i : i + batch_size]
            np.dot(Ab, theta, error)
            np.subtract(error, yp[i : i + batch_size], error)
            np.dot(error, Ab, gradient)
            np.multiply(gradient, lr / batch_size, gradient)
            np.subtract(theta, gradient, theta)


def per_example(rows: int, batch_size: int, epochs: int) -> float:
    """Seconds of training per example in torch, on the table repeated to ``rows`` rows."""
    A, y = table()
    copies = rows // len(y)
    X = torch.from_numpy(np.tile(A[:, :-1], (copies, 1)).astype(np.float32))
    data = Minibatches(X, np.tile(y, copies).astype(np.float32)[:, None], batch_size, seed=0)
    history = train(sgd, None, {"lr": 0.01}, data, 5, epochs)
    return history.seconds[-1] / history.examples[-1]


def main() -> None:
    print({**measure.machine(), "threads": torch.get_num_threads()})
    rows = []
    for batch_size, lr in CLASSIC.items():
        data, d = get_data(batch_size, seed=0)

        def ours(data=data, d=d, lr=lr):
            train(sgd, None, {"lr": lr}, data, d)

        figures = ratio(ours, lambda b=batch_size, r=lr: autograd_slices(b, r), 5 if batch_size == 1 else 15)
        rows.append((f"train / autograd over slices, batch {batch_size}", *figures, 2.5 if batch_size == 100 else 1.5))
    for batch_size, lr in CLASSIC.items():

        def ours(batch_size=batch_size, lr=lr):
            engine.finish(engine.sgd(*table(), batch_size=batch_size, lr=lr))

        rows.append(
            (
                f"engine / NumPy loop, batch {batch_size}",
                *ratio(ours, lambda b=batch_size, r=lr: numpy_loop(b, r), 25),
                2,
            )
        )
    data, _ = get_data(1500, seed=0)
    loader = DataLoader(TensorDataset(data.X, data.y), 1500, shuffle=True)
    rows.append(("Minibatches / DataLoader, batch 1500", *ratio(lambda: list(data), lambda: list(loader), 15), 1 / 50))
    for batch_size, limit in ((100, 1.3), (1500, 2)):
        large = [per_example(1_500_000, batch_size, 1) for _ in range(3)]
        small = [per_example(1500, batch_size, 50) for _ in range(9)]
        a, b = median(large), median(small)
        rows.append((f"per example, 1.5 million rows / 1,500, batch {batch_size}", a, b, a / b, limit))
    for name, ours, other, quotient, limit in rows:
        print(f"{name:52} {1e3 * ours:10.4f} ms {1e3 * other:10.4f} ms   ratio {quotient:6.3f}   wanted ≤ {limit:.3g}")
    node = ROOT / ".venv" / "bin" / "node"
    print(
        subprocess.run([node, ROOT / "bench" / "page_run.mjs"], capture_output=True, text=True, check=True).stdout,
        end="",
    )


if __name__ == "__main__":
    main()
