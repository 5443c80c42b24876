"""The exercise that builds momentum for ``train``, checked by the steps that it takes."""

from collections.abc import Callable

import torch

from . import trainers
from .answers import Verdict, never_raises
from .calls import no_function, raised
from .trainers import Path, path

SENTENCES = {
    "right": "Right. It takes the steps of torch.optim.SGD with nesterov=True.",
    "plain": "That is plain SGD: the velocity does not enter.",
    "forgotten": "The velocity is forgotten. Change it in place, v.mul_(…).add_(…): v = … only renames it.",
    "heavy_ball": "That is plain momentum. Update the velocity first, then step by gradient + momentum · the new velocity.",
    "no_gradient": "The gradient itself is missing: step by gradient + momentum · velocity.",
    "whole": "The velocity enters whole: multiply it by the momentum in the step too.",
    "swapped": "The other way round: gradient + momentum · velocity.",
    "averaged": "That is the averaged form, with (1 − momentum) · gradient. Here the gradient is added whole.",
    "climbs": "That climbs: the step is subtracted from p.",
    "never_fades": "The velocity never fades: multiply it by the momentum before the gradient is added.",
    "w_stays": "w stays where it was. Go through both parameters, each with its own velocity.",
    "b_stays": "b stays where it was. Go through both parameters, each with its own velocity.",
    "others": "Not these steps: v ← momentum·v + gradient, then p ← p − lr·(gradient + momentum·v), for w and for b.",
    "key": "{raised} hyperparams holds 'lr', 'momentum'.",
    "shape": "A parameter has another shape or type afterwards. Change each parameter in place, under torch.no_grad(): "
    "p -= …, or p.sub_(…).",
    "endless": "The parameters become infinite or nan within five updates: is there a division by zero?",
}
SETTINGS = {"lr": 0.1, "momentum": 0.9}


def _same(steps: Path, other: Path) -> bool:
    return all(torch.allclose(p, q, rtol=1e-6, atol=1e-9) for (p, _), (q, _) in zip(steps, other))


def _rule(step: Callable) -> Callable:
    """A trainer from a rule for one parameter: it changes the velocity v and gives the direction, step(p.grad, v, m)."""

    def trainer_fn(params: list[torch.Tensor], states: list[torch.Tensor], hyperparams: dict[str, float]) -> None:
        with torch.no_grad():
            for p, v in zip(params, states):
                p.sub_(hyperparams["lr"] * step(p.grad, v, hyperparams["momentum"]))

    return trainer_fn


def _kept(g: torch.Tensor, v: torch.Tensor, m: float) -> torch.Tensor:
    return v.mul_(m).add_(g)


SLIPS = [
    (lambda g, v, m: g, SENTENCES["plain"]),
    (lambda g, v, m: g + m * g, SENTENCES["forgotten"]),
    (_kept, SENTENCES["heavy_ball"]),
    (lambda g, v, m: m * _kept(g, v, m), SENTENCES["no_gradient"]),
    (lambda g, v, m: g + _kept(g, v, m), SENTENCES["whole"]),
    (lambda g, v, m: _kept(g, v, m) + m * g, SENTENCES["swapped"]),
    (lambda g, v, m: g + m * v.mul_(m).add_((1 - m) * g), SENTENCES["averaged"]),
    (lambda g, v, m: -(g + m * _kept(g, v, m)), SENTENCES["climbs"]),
    (lambda g, v, m: g + m * v.add_(g), SENTENCES["never_fades"]),
]


def _zeros() -> list[torch.Tensor]:
    return [torch.zeros(2, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)]


@never_raises
def check_momentum(trainer_fn: object = None) -> Verdict:
    """``trainer_fn(params, states, hyperparams)``: v ← m·v + gradient, p ← p − lr·(gradient + m·v), m = "momentum".

    That is Nesterov's form; states are velocities, of zeros at first.
    """
    if not callable(trainer_fn):
        return no_function(trainer_fn, trainers.SENTENCES["wanted"].format(kind=type(trainer_fn).__name__))
    taken = _tried(trainer_fn)
    if isinstance(taken, Verdict):
        return taken

    def takes(step: Callable) -> bool:
        return _same(taken, path(_rule(step), _zeros(), SETTINGS))

    if takes(lambda g, v, m: g + m * _kept(g, v, m)):
        return Verdict(True, SENTENCES["right"])
    for step, message in SLIPS:
        if takes(step):
            return Verdict(False, message)
    if all((at[:-1] == 1).all() for at, _ in taken):
        return Verdict(False, SENTENCES["w_stays"])
    if all((at[-1:] == 1).all() for at, _ in taken):
        return Verdict(False, SENTENCES["b_stays"])
    return Verdict(False, SENTENCES["others"])


def _tried(trainer_fn: Callable) -> Path | Verdict:
    """The path of a student's trainer from velocities of zero, or a verdict on why there is none."""
    try:
        taken = path(trainer_fn, _zeros(), SETTINGS)
    except KeyError as error:
        return Verdict(False, SENTENCES["key"].format(raised=raised(error)))
    except (Exception, SystemExit) as error:
        return trainers.failed(error)
    if not all(at.shape == (3,) and at.dtype == torch.float64 for at, _ in taken):
        return Verdict(False, SENTENCES["shape"])
    if not all(torch.isfinite(at).all() for at, _ in taken):
        return Verdict(False, SENTENCES["endless"])
    if all((at == 1).all() for at, _ in taken):
        return Verdict(False, trainers.SENTENCES["unmoved"])
    return taken
