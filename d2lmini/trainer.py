"""Training linear regression: from scratch with any ``trainer_fn``, and with PyTorch's own parts."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from . import tensors
from .core import checks
from .data import Minibatches
from .history import History, Recorder
from .model import Weights, linreg

if TYPE_CHECKING:  # see history
    from .animator import Animator

Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]
Step = Callable[[torch.Tensor, torch.Tensor, int], None]  # an update with X_b and y_b in an epoch


def sgd(params: list, states: object, hyperparams: dict) -> None:
    """One step of minibatch SGD, in place: p ← p − lr · p.grad."""
    with torch.no_grad():
        for p in params:
            p.sub_(p.grad, alpha=hyperparams["lr"])


def train(
    trainer_fn: Callable,
    states: object,
    hyperparams: dict,
    data_iter: Minibatches | DataLoader,
    feature_dim: int,
    num_epochs: int = 2,
    *,
    seed: int = 0,
    init: tuple | None = None,
    points_per_epoch: int = 20,
    schedule: Callable[[int, int], float] | None = None,
    on_update: Callable | None = None,
    animator: "Animator | None" = None,
) -> History:
    """Train linear regression with ``trainer_fn``, a pure function of its arguments.

    Args:
        trainer_fn: ``trainer_fn(params, states, hyperparams)`` changes params [w (d, 1), b (1,)] in place, reading each
            ``p.grad``, the gradient of the mean half squared loss of the minibatch; it returns nothing.
        states: whatever trainer_fn keeps between updates; None for plain SGD.
        hyperparams: for trainer_fn; ``"lr"``, if there, is the learning rate.
        data_iter: Minibatches, used from pass 0 of its seed (of ``seed`` if it has none), or a DataLoader over a
            TensorDataset (X, y), whose own random draws are then seeded with ``seed``.
        feature_dim: d, the number of columns of X.
        num_epochs: passes over the data; each is exactly n examples.
        seed: draws the initial weights, N(0, 0.01²); the bias starts at zero.
        init: (w, b) to start from instead.
        points_per_epoch: how often the loss over all rows is recorded; it changes nothing else.
        schedule: ``schedule(t, epoch)`` gives a factor on the learning rate for update t (from 1) in ``epoch`` (from 0).
        on_update: ``on_update(t, w, b)`` is called after each update, outside the clock.
        animator: an Animator to which each recorded point is added, against epochs.

    Raises:
        TypeError, ValueError: an argument is not what it should be.
    """
    checks.called("trainer_fn", trainer_fn, "a function of (params, states, hyperparams)", optional=False)
    checks.called("schedule", schedule, "a function of (t, epoch) or None")
    checks.called("on_update", on_update, "a function of (t, w, b) or None")
    hyperparams = _hyperparams(hyperparams)
    if (trainer_fn is sgd or schedule is not None) and "lr" not in hyperparams:
        raise ValueError(f"hyperparams must hold the learning rate, as in {{'lr': 0.05}}, not {hyperparams!r}")
    X, y = _rows(data_iter)
    num_epochs, points_per_epoch = _counts(num_epochs, points_per_epoch, seed)
    if checks.whole("feature_dim", feature_dim) != X.shape[1]:
        raise ValueError(f"feature_dim must be the number of columns of X, {X.shape[1]}, not {feature_dim!r}")
    w, b = (p.requires_grad_() for p in _start(X, seed, init))
    params = [w, b]
    recorder = Recorder(X, y, params, num_epochs, len(data_iter), points_per_epoch, animator)

    def step(Xb: torch.Tensor, yb: torch.Tensor, epoch: int) -> None:
        w.grad = b.grad = None
        y_hat = linreg(Xb, w, b)
        # The derivative of the mean half squared loss by ŷ. As squared_loss(y_hat, yb).mean().backward(), in half the time.
        y_hat.backward((y_hat.detach() - yb.reshape(y_hat.shape)) / len(yb))
        now = hyperparams
        if schedule is not None:
            factor = checks.positive("schedule(t, epoch)", schedule(recorder.updates + 1, epoch))
            now = {**hyperparams, "lr": hyperparams["lr"] * factor}
        trainer_fn(params, states, now)
        if on_update is not None:
            recorder.pause()
            on_update(recorder.updates + 1, w.detach(), b.detach())
            recorder.resume()

    return _run(data_iter, num_epochs, seed, recorder, step)


def train_concise(
    optimizer_class: Callable,
    hyperparams: dict,
    data_iter: Minibatches | DataLoader,
    num_epochs: int = 2,
    *,
    seed: int = 0,
    init: tuple | None = None,
    half: bool = True,
    zero_bias: bool = True,
    scheduler: Callable | None = None,
    points_per_epoch: int = 20,
    animator: "Animator | None" = None,
) -> History:
    """Train ``nn.Linear`` with ``nn.MSELoss`` and an optimizer class of ``torch.optim``.

    With the defaults each step is that of ``train`` with ``sgd``, to 1e-6. The recorded loss is always the half squared one.

    Args:
        optimizer_class: called as ``optimizer_class(parameters, **hyperparams)``.
        half: train on half the mean squared error; False trains on ``MSELoss`` itself, which doubles the step of SGD.
        zero_bias: start the bias at zero; False leaves the random bias that ``nn.Linear`` begins with.
        scheduler: ``scheduler(optimizer)`` gives a scheduler of ``torch.optim.lr_scheduler``, stepped after each epoch.
        data_iter, num_epochs, seed, init, points_per_epoch, animator: as in ``train``.
    """
    checks.called("optimizer_class", optimizer_class, "an optimizer class such as torch.optim.SGD", optional=False)
    checks.called("scheduler", scheduler, "a function of the optimizer or None")
    hyperparams = _hyperparams(hyperparams)
    X, y = _rows(data_iter)
    num_epochs, points_per_epoch = _counts(num_epochs, points_per_epoch, seed)
    with torch.random.fork_rng():  # nn.Linear draws from torch's global generator
        torch.manual_seed(seed)
        net = nn.Linear(X.shape[1], 1, dtype=X.dtype)
    w, b = _start(X, seed, init)
    with torch.no_grad():
        net.weight.copy_(w.T)
        if zero_bias or init is not None:
            net.bias.copy_(b)
    optimizer = optimizer_class(net.parameters(), **hyperparams)
    rates = scheduler(optimizer) if scheduler is not None else None
    mean_squared_error = nn.MSELoss()
    factor = 0.5 if half else 1.0
    recorder = Recorder(X, y, (net.weight, net.bias), num_epochs, len(data_iter), points_per_epoch, animator)
    last_epoch = 0

    def step(Xb: torch.Tensor, yb: torch.Tensor, epoch: int) -> None:
        nonlocal last_epoch
        if rates is not None and epoch > last_epoch:
            rates.step()
        last_epoch = epoch
        optimizer.zero_grad()
        y_hat = net(Xb)
        (factor * mean_squared_error(y_hat, yb.reshape(y_hat.shape))).backward()
        optimizer.step()

    return _run(data_iter, num_epochs, seed, recorder, step)


def _hyperparams(hyperparams: object) -> dict:
    if not isinstance(hyperparams, dict):
        raise TypeError(
            f"hyperparams must be a dict such as {{'lr': 0.05}}, not {hyperparams!r} ({type(hyperparams).__name__})"
        )
    if "lr" in hyperparams:
        checks.positive("hyperparams['lr'], the learning rate,", hyperparams["lr"])
    return hyperparams


def _rows(data_iter: object) -> tuple[torch.Tensor, torch.Tensor]:
    """The whole data behind an iterator: X (n, d) and y (n, 1)."""
    match data_iter:
        case DataLoader(dataset=TensorDataset(tensors=(X, y)), batch_sampler=None):
            raise ValueError("data_iter must be a DataLoader that makes batches: give it a batch_size, not None")
        case Minibatches(X=X, y=y) | DataLoader(dataset=TensorDataset(tensors=(X, y))):
            return tensors.matrix("X", X), tensors.column(tensors.tensor("y", y))
    raise TypeError(
        f"data_iter must be Minibatches or a DataLoader over TensorDataset(X, y), not {type(data_iter).__name__}"
    )


def _counts(num_epochs: int, points_per_epoch: int, seed: int) -> tuple[int, int]:
    """The counts of a run, checked, and the seed too."""
    checks.whole("seed", seed, 0, 2**32 - 1)
    return checks.whole("num_epochs", num_epochs), checks.whole("points_per_epoch", points_per_epoch)


def _start(X: torch.Tensor, seed: int, init: tuple | None) -> Weights:
    """w (d, 1) and b (1,), from ``init`` or from the seed."""
    d = X.shape[1]
    if init is None:
        w = 0.01 * torch.randn(d, 1, generator=torch.Generator().manual_seed(seed))
        return w.to(X.dtype), torch.zeros(1, dtype=X.dtype)
    try:
        w, b = init
    except (TypeError, ValueError):
        raise TypeError(f"init must be a pair (w, b), not {type(init).__name__}") from None
    w, b = tensors.tensor("init w", w), tensors.tensor("init b", b.reshape(-1) if torch.is_tensor(b) else np.ravel(b))
    if w.numel() != d or b.numel() != 1:
        raise ValueError(f"init must hold w of {d} numbers and b of one, not {w.numel()} and {b.numel()}")
    return w.detach().reshape(d, 1).to(X.dtype).clone(), b.detach().to(X.dtype).clone()


def _passes(data_iter: Minibatches | DataLoader, num_epochs: int, seed: int) -> Iterator[Batches]:
    """The batches of each epoch, the same ones for the same arguments."""
    if isinstance(data_iter, DataLoader):
        return _passes_of_loader(data_iter, num_epochs, seed)
    own = data_iter.seed if data_iter.seed is not None else seed
    return (data_iter.epoch(k, own) for k in range(num_epochs))


def _passes_of_loader(loader: DataLoader, num_epochs: int, seed: int) -> Iterator[Batches]:
    """Seeds the generators that a DataLoader draws from, PyTorch's and its own, and brings them back to where they were."""
    generators = [one for one in (torch.default_generator, loader.generator) if one is not None]
    states = [one.get_state() for one in generators]
    try:
        for one in generators:
            one.manual_seed(seed)
        for _ in range(num_epochs):
            yield iter(loader)
    finally:
        for one, state in zip(generators, states):
            one.set_state(state)


def _run(data_iter: Minibatches | DataLoader, num_epochs: int, seed: int, recorder: Recorder, step: Step) -> History:
    recorder.resume()
    for epoch, batches in enumerate(_passes(data_iter, num_epochs, seed)):
        if not _train_on(batches, epoch, recorder, step):
            break
    return recorder.history()


def _train_on(batches: Batches, epoch: int, recorder: Recorder, step: Step) -> bool:
    """One epoch; False if training has diverged.

    A function of its own, for its batches are views of the whole permuted data, and the next epoch makes its own.
    """
    for Xb, yb in batches:
        step(Xb, yb, epoch)
        if not recorder.update(len(Xb)):
            return False
    return True
