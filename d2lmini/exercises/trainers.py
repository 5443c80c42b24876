"""Trying a student's trainer: the steps that it takes, or why it takes none."""

from collections.abc import Callable

import torch

from .answers import Verdict
from .calls import raised

SENTENCES = {
    "wanted": "A function of (params, states, hyperparams) is wanted, not an object of type {kind}.",
    "unmoved": "No parameter has moved. Change each parameter in place, under torch.no_grad(): p -= …, or p.sub_(…).",
    "leaf": "{raised} Change each parameter in place, under torch.no_grad(): p -= …, or p.sub_(…).",
    "off": "{raised} Gradients were left switched off: use `with torch.no_grad():`, which switches them on again where it "
    "ends.",
}
Path = list[tuple[torch.Tensor, torch.Tensor]]


def path(trainer_fn: Callable, states: object, hyperparams: dict, steps: int = 5, features: int = 2) -> Path:
    """The parameters after each of a few updates from ones, and the gradients that these were given.

    As in ``train`` the lists and the dict are the same ones at each update, but they are no one else's: a trainer that
    changes them changes its own steps and nothing that these are compared with.
    """
    w, b = torch.ones(features, 1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    own = [w.requires_grad_(), b.requires_grad_()]
    params, hyperparams = list(own), dict(hyperparams)
    kinds = [(p.shape, p.dtype) for p in own]
    taken = []
    for t in range(1, steps + 1):
        w.grad = torch.linspace(1, 2, features, dtype=torch.float64)[:, None] * (1 + 1 / t)
        b.grad = torch.tensor([(-1.0) ** t * 1.7], dtype=torch.float64)
        gradient = torch.cat([w.grad.flatten(), b.grad])
        trainer_fn(params, states, hyperparams)
        taken.append((torch.cat([p.detach().flatten() for p in own]), gradient))
        if [(p.shape, p.dtype) for p in own] != kinds:
            break  # no gradient fits any more
    return taken


def failed(error: BaseException) -> Verdict:
    """The verdict on a trainer that raised this, with a hint if it is one of torch's usual complaints."""
    said = raised(error)
    if "leaf" in said:
        return Verdict(False, SENTENCES["leaf"].format(raised=said))
    if "does not require grad" in said:
        return Verdict(False, SENTENCES["off"].format(raised=said))
    return Verdict(False, said)
