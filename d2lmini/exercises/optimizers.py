"""The exercise that builds an optimizer for ``train``, checked by how low it ends."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import torch

from ..core import engine
from ..core.rows import table
from ..core.steps import finish
from ..data import get_data
from ..model import optimum
from ..trainer import train
from . import trainers
from .answers import Verdict, never_raises
from .calls import no_function

SENTENCES = {
    "dict": "hyperparams is wanted as a dict, such as {example}.",
    "diverged": "It diverged at update {update}: try a smaller rate.",
    "plain": "That is plain SGD at a constant rate. It ends {excess:.4f} above the optimum. Plain SGD (best constant rate: "
    "{rate}) ends {floor:.4f} above. Let it remember something in states.",
    "right": "Right. It ends {excess:.4f} above the optimum. Plain SGD (best constant rate: {rate}) ends {floor:.4f} above.",
    "no_better": "It ends {excess:.4f} above the optimum. Plain SGD (best constant rate: {rate}) ends {floor:.4f} above. No "
    "better, within chance: shrink its steps towards the end, or average.",
    "higher": "It ends {excess:.4f} above the optimum. Plain SGD (best constant rate: {rate}) ends {floor:.4f} above. Try "
    "other rates: too small has not arrived yet, too large stays on a high floor.",
}
BATCH, EPOCHS, SEEDS = 10, 4, 4
CONSTANT = (0.005, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.03, 0.05)
MARGIN = 0.9


@cache
def lowest_floor() -> tuple[float, float]:
    """(rate, mean half loss above the optimum) of the best constant rate of plain SGD, batch 10, 4 epochs from zero."""
    best = _best()

    def excess(lr: float) -> float:
        runs = (
            finish(
                engine.minibatch_sgd(*table(), batch_size=BATCH, lr=lr, epochs=EPOCHS, seed=seed, points_per_epoch=1)
            )
            for seed in range(SEEDS)
        )
        return sum(run.loss[-1] - best for run in runs) / SEEDS

    rate = min(CONSTANT, key=excess)
    return rate, excess(rate)


@cache
def _best() -> float:
    data, _ = get_data(BATCH)
    return optimum(data.X, data.y)[2]


@never_raises
def check_optimizer(trainer_fn: object = None, states: object = None, hyperparams: object = None) -> Verdict:
    """``trainer_fn``, with states to start from and hyperparams, ends lower than plain SGD at its best constant rate.

    Trained with ``train`` from zero, batch size 10, 4 epochs; the mean over four orders of the rows.
    """
    if not callable(trainer_fn):
        return no_function(trainer_fn, trainers.SENTENCES["wanted"].format(kind=type(trainer_fn).__name__))
    if not isinstance(hyperparams, dict):
        return Verdict(False, SENTENCES["dict"].format(example={"lr": 0.05}))
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
            return trainers.failed(error)
        if run.diverged:
            return Verdict(False, SENTENCES["diverged"].format(update=run.diverged_at))
        if not (run.w.any() or run.b.any()):
            return Verdict(False, trainers.SENTENCES["unmoved"])
        excess += (float(run.loss[-1]) - _best()) / SEEDS
    rate, floor = lowest_floor()
    right = not plain and excess <= MARGIN * floor
    if plain:
        key = "plain"
    elif right:
        key = "right"
    else:
        key = "no_better" if excess <= floor / MARGIN else "higher"
    return Verdict(right, SENTENCES[key].format(excess=excess, rate=rate, floor=floor))


def _is_plain(trainer_fn: Callable, states: object, hyperparams: dict) -> bool:
    """Whether its steps are one and the same multiple of the gradient all along."""
    try:
        path = trainers.path(trainer_fn, deepcopy(states), hyperparams, 600, 5)
        points, gradients = (torch.stack(part) for part in zip(*path))
        steps = points.diff(dim=0, prepend=torch.ones_like(points[:1]))
        ratios = steps / gradients
        return bool(((ratios - ratios[0, 0]).abs() <= 1e-6 * ratios[0, 0].abs()).all())
    except (Exception, SystemExit):
        return False
