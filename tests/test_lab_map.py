"""The map of batch size against learning rate."""

from d2lmini.core import engine
from d2lmini.labs import map as loss_map


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
