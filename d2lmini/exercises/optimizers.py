"""Exercises that build optimizers for ``train``, checked by running them."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import torch

from .. import engine
from ..data import get_data, table
from ..linreg import optimum
from ..training import train
from .answers import Verdict, not_callable, raised

IN_PLACE = "Change each parameter in place, under torch.no_grad(): p -= …, or p.sub_(…)."


def _path(trainer_fn: Callable, states, hyperparams: dict, steps: int = 5, features: int = 2) -> list[tuple]:
    """The parameters after each of a few updates with given gradients, and the ratios of step and gradient."""
    w, b = torch.ones(features, 1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    params = [w.requires_grad_(), b.requires_grad_()]
    path = []
    for t in range(1, steps + 1):
        before = _flat(params)
        w.grad = torch.linspace(1, 2, features, dtype=torch.float64)[:, None] * (1 + 1 / t)
        b.grad = torch.tensor([(-1.0) ** t * 1.7], dtype=torch.float64)
        gradient = torch.cat([w.grad.flatten(), b.grad])
        trainer_fn(params, states, hyperparams)
        path.append((_flat(params), (_flat(params) - before) / gradient))
    return path


def _flat(params: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in params])


def _same(path: list[tuple], other: list[tuple]) -> bool:
    return all(torch.allclose(p, q, rtol=1e-6, atol=1e-9) for (p, _), (q, _) in zip(path, other))


def _rule(step: Callable) -> Callable:
    """A trainer from a rule for one parameter and its velocity: step(p, v, hyperparams)."""

    def trainer_fn(params, states, hyperparams):
        with torch.no_grad():
            for p, v in zip(params, states):
                step(p, v, hyperparams)

    return trainer_fn


def _right(p, v, h):
    v.mul_(h["beta"]).add_(p.grad)
    p.sub_(h["lr"] * v)


def _averaged(p, v, h):
    v.mul_(h["beta"]).add_((1 - h["beta"]) * p.grad)
    p.sub_(h["lr"] * v)


def _uphill(p, v, h):
    v.mul_(h["beta"]).add_(p.grad)
    p.add_(h["lr"] * v)


def _nesterov(p, v, h):
    v.mul_(h["beta"]).add_(p.grad)
    p.sub_(h["lr"] * (p.grad + h["beta"] * v))


def _old(p, v, h):
    p.sub_(h["lr"] * v)
    v.mul_(h["beta"]).add_(p.grad)


def _summed(p, v, h):
    v.add_(p.grad)
    p.sub_(h["lr"] * v)


def _plain(p, v, h):
    p.sub_(h["lr"] * p.grad)


MOMENTUM_SLIPS = [
    (
        _plain,
        "That is plain SGD: the velocity is forgotten. Change it in place, v.mul_(…).add_(…): v = … only renames it.",
    ),
    (_averaged, "That is the averaged form, with (1 − beta) · gradient. Here the gradient is added whole."),
    (_uphill, "That climbs: the velocity is subtracted from p."),
    (_nesterov, "That is Nesterov's form, which looks ahead. Plain momentum steps by the velocity alone."),
    (_old, "The step uses the old velocity. Update the velocity first."),
    (_summed, "The velocity never fades: multiply it by beta before the gradient is added."),
]


def _zeros() -> list[torch.Tensor]:
    return [torch.zeros(2, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)]


def check_momentum(trainer_fn=None) -> Verdict:
    """``trainer_fn(params, states, hyperparams)``: v ← beta·v + gradient, p ← p − lr·v; states are velocities of zeros."""
    refused = not_callable(trainer_fn, "A function of (params, states, hyperparams)")
    if refused is not None:
        return refused
    settings = {"lr": 0.1, "beta": 0.9}
    path = _tried(trainer_fn, _zeros(), settings)
    if isinstance(path, Verdict):
        return path
    if _same(path, _path(_rule(_right), _zeros(), settings)):
        return Verdict(True, "Right. It takes the steps of torch.optim.SGD with momentum.")
    for step, message in MOMENTUM_SLIPS:
        if _same(path, _path(_rule(step), _zeros(), settings)):
            return Verdict(False, message)
    for name, part in (("w", slice(0, -1)), ("b", slice(-1, None))):
        if all((at[part] == 1).all() for at, _ in path):
            return Verdict(False, f"{name} stays where it was. Go through both parameters, each with its own velocity.")
    return Verdict(False, "Not the steps of momentum: v ← beta·v + gradient, then p ← p − lr·v, for w and for b.")


def _tried(trainer_fn: Callable, states, hyperparams: dict) -> list | Verdict:
    """The path of a student's trainer, or a verdict on why there is none."""
    try:
        path = _path(trainer_fn, states, hyperparams)
    except KeyError as error:
        return Verdict(False, f"{raised(error)} hyperparams holds {', '.join(map(repr, hyperparams))}.")
    except (Exception, SystemExit) as error:
        hint = f" {IN_PLACE}" if "leaf" in raised(error) else ""
        return Verdict(False, f"{raised(error)}{hint}")
    if not all(torch.isfinite(at).all() for at, _ in path):
        return Verdict(False, "The parameters become infinite or nan within five updates: is there a division by zero?")
    if all((at == 1).all() for at, _ in path):
        return Verdict(False, f"No parameter has moved. {IN_PLACE}")
    return path


BATCH, EPOCHS, SEEDS = 10, 4, 4
CONSTANT = (0.005, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.03, 0.05)
MARGIN = 0.9


@cache
def lowest_floor() -> tuple[float, float]:
    """(rate, mean half loss above the optimum) of the best constant rate of plain SGD, batch 10, 4 epochs from zero."""
    best = _best()
    settings = {"batch_size": BATCH, "epochs": EPOCHS, "points_per_epoch": 1}

    def excess(lr: float) -> float:
        runs = (engine.finish(engine.sgd(*table(), lr=lr, seed=seed, **settings)) for seed in range(SEEDS))
        return sum(run.loss[-1] - best for run in runs) / SEEDS

    rate = min(CONSTANT, key=excess)
    return rate, excess(rate)


@cache
def _best() -> float:
    data, _ = get_data(BATCH)
    return optimum(data.X, data.y)[2]


def check_optimizer(trainer_fn=None, states=None, hyperparams=None) -> Verdict:
    """``trainer_fn``, with states to start from and hyperparams, ends lower than plain SGD at its best constant rate.

    Trained with ``train`` from zero, batch size 10, 4 epochs; the mean over four orders of the rows.
    """
    refused = not_callable(trainer_fn, "A function of (params, states, hyperparams)")
    if refused is not None:
        return refused
    if not isinstance(hyperparams, dict):
        return Verdict(False, "hyperparams is wanted as a dict, such as {'lr': 0.05}.")
    plain = _is_plain(trainer_fn, states, hyperparams)
    zero = torch.zeros(5, 1), torch.zeros(1)
    excess = 0.0
    for seed in range(SEEDS):
        data, features = get_data(BATCH, seed=seed)
        try:
            run = train(
                trainer_fn, deepcopy(states), dict(hyperparams), data, features, EPOCHS, init=zero, points_per_epoch=1
            )
        except (Exception, SystemExit) as error:
            hint = f" {IN_PLACE}" if "leaf" in raised(error) else ""
            return Verdict(False, f"{raised(error)}{hint}")
        if run.diverged:
            return Verdict(False, f"It diverged at update {run.diverged_at}: try a smaller rate.")
        if not (run.w.any() or run.b.any()):
            return Verdict(False, f"No parameter has moved. {IN_PLACE}")
        excess += (float(run.loss[-1]) - _best()) / SEEDS
    rate, floor = lowest_floor()
    ends = f"It ends {excess:.4f} above the optimum, plain SGD at its best constant rate, {rate}, {floor:.4f}"
    if plain:
        return Verdict(False, f"That is plain SGD at a constant rate. {ends}. Let it remember something in states.")
    if excess <= MARGIN * floor:
        return Verdict(True, f"Right. {ends}.")
    if excess <= floor / MARGIN:
        return Verdict(False, f"{ends}: no better, within chance. Shrink its steps towards the end, or average.")
    return Verdict(False, f"{ends}. Try other rates: too small has not arrived yet, too large stays on a high floor.")


def _is_plain(trainer_fn: Callable, states, hyperparams: dict) -> bool:
    """Whether its steps are one and the same multiple of the gradient all along."""
    try:
        path = _path(trainer_fn, deepcopy(states), dict(hyperparams), 600, 5)
    except (Exception, SystemExit):
        return False
    ratios = torch.cat([ratio for _, ratio in path])
    return bool(((ratios - ratios[0]).abs() <= 1e-6 * ratios[0].abs()).all())
