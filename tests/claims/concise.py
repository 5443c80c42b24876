"""What the chapter on PyTorch's own parts claims."""

import math

import numpy as np
import torch
from scipy import stats
from torch.optim.lr_scheduler import StepLR

from d2lmini import get_data, linreg, squared_loss, train_concise
from d2lmini.core import schedules
from d2lmini.labs import concise

from .checks import Between, Holds, Prints, Proved, near
from .numbers import BEST, CURVATURES, DIRECTIONS, LIMIT, end


def from_parts(lr: float, epochs: int = 2, batch: int = 10, momentum: float = 0.0, **settings):
    """A run of PyTorch's SGD, with the batches of seed 0."""
    hyperparams = {"lr": lr, "momentum": momentum}
    return train_concise(torch.optim.SGD, hyperparams, get_data(batch, seed=0)[0], epochs, **settings)


def momentum_gain() -> float:
    """How many times closer ten exact steps with the best momentum come than ten without, each at its best rate."""
    low, high = CURVATURES[[0, -1]] ** 0.5
    plain = from_parts(2 / (low**2 + high**2), 10, 1500).loss[-1]
    heavy = from_parts(4 / (low + high) ** 2, 10, 1500, ((high - low) / (high + low)) ** 2).loss[-1]
    return (plain - BEST) / (heavy - BEST)


def shown(**switches) -> dict:
    """What the lab shows with PyTorch's defaults, but for these switches."""
    settings = {"batch": 10, "lr": 0.05, "seed": 0, "half": False, "zero_bias": False}
    return list(concise.compute(**settings | switches))[-1]


def apart(**switches) -> np.ndarray:
    """Between the curves of the lab's two versions, at each recorded point."""
    traces = shown(**switches)["traces"]
    one, other = (np.array(traces[name]["y"]) for name in ("scratch", "concise"))
    n = min(len(one), len(other))
    return np.abs(one[:n] - other[:n])


def in_the_long_run() -> list[str]:
    """What the lab says of a rate of 0.5 with all rows after two hundred epochs, the ½ left out."""
    return [key for key, _ in shown(batch=1500, lr=0.5, zero_bias=True, epochs=200)["say"]]


def evenly_drawn(name: str, inputs: int) -> bool:
    """Whether two thousand layers have drawn this parameter evenly from ±1/√inputs, by the test of Kolmogorov and Smirnov."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [getattr(torch.nn.Linear(inputs, 1), name).detach().numpy().ravel() for _ in range(2000)]
    edge = inputs**-0.5
    return stats.kstest(np.concatenate(layers), stats.uniform(-edge, 2 * edge).cdf).pvalue > 0.01


def sum_against_mean(batch: int) -> float:
    """How many times as large the gradient of the summed loss of a batch is as that of its mean."""
    (X, y), *_ = get_data(batch, seed=0)[0]
    sizes = []
    for whole in (torch.sum, torch.mean):
        w, b = torch.zeros(5, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
        whole(squared_loss(linreg(X, w, b), y)).backward()
        sizes.append(float(w.grad.norm()))
    return sizes[0] / sizes[1]


def halved(updates: int) -> float:
    """What is left of a rate when PyTorch's scheduler has halved it after each update."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    for _ in range(updates):
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"]


CLAIMS = {
    "In the lab both curves come from one engine, so that the two switches are all that differs": Proved(),
    "from rest, one step gives it the gradient, and that was still the sum of the three backward passes": Prints(
        "{'momentum_buffer': tensor([1.1816])}"
    ),
    "There the direction of the smallest curvature forgets last": near(
        0.418, lambda: (1 - 0.05 * CURVATURES[0]) ** 100, 2e-3
    ),
    "In a linear regression the start does not matter in the end": Between(
        0, lambda: abs(from_parts(0.05, 20, zero_bias=False).loss[-1] / from_parts(0.05, 20).loss[-1] - 1), 1e-4
    ),
    "Switch on the bias alone, and the curves start together and part": Holds(
        lambda: apart(zero_bias=True)[0] == 0 and apart(zero_bias=True)[-20:].mean() > 0.002
    ),
    "Switch on the ½ alone, and they start apart and soon meet": Holds(
        lambda: apart(half=True)[0] > 0.01 and apart(half=True)[-20:].max() < 1e-3
    ),
    "With both it is A": Proved(),
    "one version trains, the other is about to diverge": Holds(
        lambda: in_the_long_run() == ["concise_diverged", "doubled", "clipped"]
    ),
    "Weight and bias are drawn evenly from $\\pm 1/\\sqrt{d}$ for $d$ inputs": [
        Prints("from -0.447 to 0.447"),
        Holds(lambda: all(evenly_drawn(name, d) for name in ("weight", "bias") for d in (1, 5, 20))),
    ],
    "The gradient of the same batch is added each time": Prints("0.3939 0.7877 1.1816"),
    "So the framework does nothing that you did not do": Proved(),
    "So dropping the ½ should do exactly what doubling the rate does": Proved(),
    "Take 0.6 for 200 epochs, with the ½ and without": [
        Holds(lambda: not from_parts(0.6, 200, 1500).diverged and from_parts(0.6, 200, 1500, half=False).diverged),
        Holds(lambda: 0.6 < LIMIT < 1.2),
    ],
    "A random bias is soon forgotten, a doubled rate is not": Holds(
        lambda: apart(half=True)[-1] < 0.02 * apart(zero_bias=True)[-1]
    ),
    "the distance of the bias shrinks by the factor $1 - \\eta$ at each update": [
        Holds(lambda: abs(DIRECTIONS[5, np.argmin(abs(CURVATURES - 1))]) > 0.999),
        Prints("bias: times 0.950 an update, 0.006 in 100"),
    ],
    "$\\mu = 0.9$ acts like a rate ten times as large": near(
        1, lambda: from_parts(0.005, momentum=0.9).loss[-1] / from_parts(0.05).loss[-1], 0.03
    ),
    "so the root says how many times as long as wide the bowl is": Prints("condition number: 12.1, its root: 3.5"),
    "after ten updates the loss is more than a hundred times closer": Between(100, momentum_gain, 300),
    "With ten rows at a time the noise decides, and momentum does not make it smaller": Prints(
        "momentum, rate 0.005: 0.2443 plain SGD, rate 0.05: 0.2450"
    ),
    "Are they the same too?": Proved(),
    "Very much so. Why, and which schedule to choose, is the next question": Between(
        10, lambda: end(10, 0.4, 6) / end(10, 0.4, 6, schedule=schedules.step(2, 1)), math.inf
    ),
    "$0.1/64 \\approx 0.0016$": near(0.0016, lambda: 0.1 / sum_against_mean(64), 0.03),
    "After 20 updates it is a millionth of what it was": near(1e-6, lambda: halved(20), 0.06),
}
