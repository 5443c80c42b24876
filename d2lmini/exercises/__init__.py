"""The exercises' checks: each says whether an answer is right, and if not which mistake it looks like.

A check takes anything, a text such as "12/7" too, and never raises. The right answers, and those that mistakes lead to,
are computed in the modules here, one for each theme.
"""

from .answers import QUESTIONS, Form, Verdict
from .counting import batch_means, check_axis, check_batch_means, check_gflop, check_last_batch, check_updates
from .momentum import check_momentum
from .optimizers import check_optimizer
from .programs import check_best_batch, race
from .rates import RATES, check_best_rates, check_reach, check_stable_rate, check_without_half
from .sampling import (
    check_distinct,
    check_floor,
    check_genie,
    check_half_noise,
    check_half_noise_finite,
    check_noise_scale,
    squared_norms,
)
from .schedules import check_exponential, check_power, check_step

__all__ = [
    "RATES",
    "Verdict",
    "batch_means",
    "check_axis",
    "check_batch_means",
    "check_best_batch",
    "check_best_rates",
    "check_distinct",
    "check_exponential",
    "check_floor",
    "check_genie",
    "check_gflop",
    "check_half_noise",
    "check_half_noise_finite",
    "check_last_batch",
    "check_momentum",
    "check_noise_scale",
    "check_optimizer",
    "check_power",
    "check_reach",
    "check_stable_rate",
    "check_step",
    "check_updates",
    "check_without_half",
    "form",
    "race",
    "squared_norms",
]


def form(name: str) -> Form:
    """The form in which a reader of the page answers what ``check_<name>`` checks, for questions with one number."""
    if name not in QUESTIONS:
        raise ValueError(f"name must be one of {', '.join(QUESTIONS)}, not {name!r}")
    return Form(QUESTIONS[name]())
