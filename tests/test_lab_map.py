"""The map of batch size against learning rate."""

import math

import pytest

from d2lmini.core import engine
from d2lmini.core.theory import stability_limit
from d2lmini.labs import map as loss_map
from d2lmini.labs.runs import above


def test_a_cell_of_the_map_costs_no_more_evaluations_than_its_epochs(monkeypatch):
    evaluations = []
    whole = engine.minibatch_sgd

    def counted(*args, **settings):
        run = yield from whole(*args, **settings)
        evaluations.append(len(run.loss))
        return run

    monkeypatch.setattr(engine, "minibatch_sgd", counted)
    list(loss_map.compute(batch=10, lr=0.05, seed=4711, sizes=[10, 100], rates=[0.01, 0.05], epochs=4))
    _chosen, *cells = evaluations
    assert cells == 4 * [1 + 4], "the start, and once an epoch"


@pytest.mark.parametrize("seed", [0, 9])
def test_above_the_line_those_of_small_batches_and_only_they_end_far_away_or_diverge(seed):
    assert (
        "above a line that rises and flattens those of small batches end far away or diverge" in loss_map.WORDS["alt"]
    )
    *_, last = filter(None, loss_map.compute(batch=10, lr=0.05, seed=seed, **loss_map.fixed()))
    near = {size for size, ends in above_the_line(last).items() if min(ends) < 20}
    assert near and min(near) >= 200
    assert all(max(ends) > 1000 for size, ends in above_the_line(last).items() if size <= 100)


def above_the_line(result: dict) -> dict[int, list[float]]:
    """How far above the best the runs beyond the stability limit end, in per cent, by batch size."""
    found: dict[int, list[float]] = {}
    cells = result["traces"]["cells"]
    for size, rate, loss in zip(cells["x"], cells["y"], cells["customdata"]):
        if rate > stability_limit(size):
            found.setdefault(size, []).append(math.inf if loss is None else above(loss))
    return found
