"""Exercises that build optimizers for ``train``, checked by running them."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import torch

from .. import engine
from ..data import get_data, table
from ..linreg import optimum
from ..training import train
from .answers import Verdict, never_raises
from .calls import not_callable, raised

IN_PLACE = "Change each parameter in place, under torch.no_grad(): p -= …, or p.sub_(…)."
STILL_OFF = "Gradients were left switched off: use `with torch.no_grad():`, which switches them on again where it ends."


def _path(trainer_fn: Callable, states, hyperparams: dict, steps: int = 5, features: int = 2) -> list[tuple]:
    """The parameters after each of a few updates from ones, and the gradients that these were given.

    As in ``train`` the lists and the dict are the same ones at each update, but they are no one else's: a trainer that
    changes them changes its own steps and nothing that these are compared with.
    """
    w, b = torch.ones(features, 1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    own = [w.requires_grad_(), b.requires_grad_()]
    params, hyperparams = list(own), dict(hyperparams)
    kinds = [(p.shape, p.dtype) for p in own]
    path = []
    for t in range(1, steps + 1):
        w.grad = torch.linspace(1, 2, features, dtype=torch.float64)[:, None] * (1 + 1 / t)
        b.grad = torch.tensor([(-1.0) ** t * 1.7], dtype=torch.float64)
        gradient = torch.cat([w.grad.flatten(), b.grad])
        trainer_fn(params, states, hyperparams)
        path.append((torch.cat([p.detach().flatten() for p in own]), gradient))
        if [(p.shape, p.dtype) for p in own] != kinds:
            break  # no gradient fits any more
    return path


def _same(path: list[tuple], other: list[tuple]) -> bool:
    return all(torch.allclose(p, q, rtol=1e-6, atol=1e-9) for (p, _), (q, _) in zip(path, other))


def _rule(step: Callable) -> Callable:
    """A trainer from a rule for one parameter: it changes the velocity v and gives the direction, step(p.grad, v, m)."""

    def trainer_fn(params, states, hyperparams):
        with torch.no_grad():
            for p, v in zip(params, states):
                p.sub_(hyperparams["lr"] * step(p.grad, v, hyperparams["momentum"]))

    return trainer_fn


def _kept(g, v, m):
    return v.mul_(m).add_(g)


MOMENTUM_SLIPS = [
    (lambda g, v, m: g, "That is plain SGD: the velocity does not enter."),
    (
        lambda g, v, m: g + m * g,
        "The velocity is forgotten. Change it in place, v.mul_(…).add_(…): v = … only renames it.",
    ),
    (
        _kept,
        "That is plain momentum. Update the velocity first, then step by gradient + momentum · the new velocity.",
    ),
    (lambda g, v, m: m * _kept(g, v, m), "The gradient itself is missing: step by gradient + momentum · velocity."),
    (lambda g, v, m: g + _kept(g, v, m), "The velocity enters whole: multiply it by the momentum in the step too."),
    (lambda g, v, m: _kept(g, v, m) + m * g, "The other way round: gradient + momentum · velocity."),
    (
        lambda g, v, m: g + m * v.mul_(m).add_((1 - m) * g),
        "That is the averaged form, with (1 − momentum) · gradient. Here the gradient is added whole.",
    ),
    (lambda g, v, m: -(g + m * _kept(g, v, m)), "That climbs: the step is subtracted from p."),
    (
        lambda g, v, m: g + m * v.add_(g),
        "The velocity never fades: multiply it by the momentum before the gradient is added.",
    ),
]


def _zeros() -> list[torch.Tensor]:
    return [torch.zeros(2, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)]


@never_raises
def check_momentum(trainer_fn=None) -> Verdict:
    """``trainer_fn(params, states, hyperparams)``: v ← m·v + gradient, p ← p − lr·(gradient + m·v), m = "momentum".

    That is Nesterov's form; states are velocities, of zeros at first.
    """
    refused = not_callable(trainer_fn, "A function of (params, states, hyperparams)")
    if refused is not None:
        return refused
    settings = {"lr": 0.1, "momentum": 0.9}
    path = _tried(trainer_fn, settings)
    if isinstance(path, Verdict):
        return path

    def takes(step: Callable) -> bool:
        return _same(path, _path(_rule(step), _zeros(), settings))

    if takes(lambda g, v, m: g + m * _kept(g, v, m)):
        return Verdict(True, "Right. It takes the steps of torch.optim.SGD with nesterov=True.")
    for step, message in MOMENTUM_SLIPS:
        if takes(step):
            return Verdict(False, message)
    for name, part in (("w", slice(0, -1)), ("b", slice(-1, None))):
        if all((at[part] == 1).all() for at, _ in path):
            return Verdict(False, f"{name} stays where it was. Go through both parameters, each with its own velocity.")
    return Verdict(
        False, "Not these steps: v ← momentum·v + gradient, then p ← p − lr·(gradient + momentum·v), for w and for b."
    )


def _tried(trainer_fn: Callable, hyperparams: dict) -> list | Verdict:
    """The path of a student's trainer from velocities of zero, or a verdict on why there is none."""
    try:
        path = _path(trainer_fn, _zeros(), hyperparams)
    except KeyError as error:
        return Verdict(False, f"{raised(error)} hyperparams holds {', '.join(map(repr, hyperparams))}.")
    except (Exception, SystemExit) as error:
        return _failed(error)
    if not all(at.shape == (3,) and at.dtype == torch.float64 for at, _ in path):
        return Verdict(False, f"A parameter has another shape or type afterwards. {IN_PLACE}")
    if not all(torch.isfinite(at).all() for at, _ in path):
        return Verdict(False, "The parameters become infinite or nan within five updates: is there a division by zero?")
    if all((at == 1).all() for at, _ in path):
        return Verdict(False, f"No parameter has moved. {IN_PLACE}")
    return path


def _failed(error: BaseException) -> Verdict:
    said = raised(error)
    hint = IN_PLACE if "leaf" in said else STILL_OFF if "does not require grad" in said else ""
    return Verdict(False, f"{said} {hint}".rstrip())


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


@never_raises
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
            return _failed(error)
        if run.diverged:
            return Verdict(False, f"It diverged at update {run.diverged_at}: try a smaller rate.")
        if not (run.w.any() or run.b.any()):
            return Verdict(False, f"No parameter has moved. {IN_PLACE}")
        excess += (float(run.loss[-1]) - _best()) / SEEDS
    rate, floor = lowest_floor()
    ends = f"It ends {excess:.4f} above the optimum. Plain SGD (best constant rate: {rate}) ends {floor:.4f} above"
    if plain:
        return Verdict(False, f"That is plain SGD at a constant rate. {ends}. Let it remember something in states.")
    if excess <= MARGIN * floor:
        return Verdict(True, f"Right. {ends}.")
    if excess <= floor / MARGIN:
        return Verdict(False, f"{ends}. No better, within chance: shrink its steps towards the end, or average.")
    return Verdict(False, f"{ends}. Try other rates: too small has not arrived yet, too large stays on a high floor.")


def _is_plain(trainer_fn: Callable, states, hyperparams: dict) -> bool:
    """Whether its steps are one and the same multiple of the gradient all along."""
    try:
        path = _path(trainer_fn, deepcopy(states), hyperparams, 600, 5)
        points, gradients = (torch.stack(part) for part in zip(*path))
        steps = points.diff(dim=0, prepend=torch.ones_like(points[:1]))
        ratios = steps / gradients
        return bool(((ratios - ratios[0, 0]).abs() <= 1e-6 * ratios[0, 0].abs()).all())
    except (Exception, SystemExit):
        return False
