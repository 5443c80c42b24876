"""The engine gives the same in JavaScript as in Python."""

import math
import random
from collections import Counter

import numpy as np
import pytest

from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish

ROWS = [1, 2, 7, 100, 1499, 1500]
SEEDS = [0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1]
SETTINGS = [300, pytest.param(2000, marks=pytest.mark.long)]


def some_settings(rng: random.Random) -> tuple[int, dict]:
    """A number of rows and settings of a run over them, kept short enough for a test."""
    n = rng.choice(ROWS)
    copies = rng.choice([1, 1, 1, 2, 3, 10, 100])
    rows, epochs = n * copies, rng.randint(1, 3)
    batch_size = min(rows, rng.choice([1, 2, 7, 10, 64, 100, 1500, rows - 1 or 1, rows, rng.randint(1, rows)]))
    batch_size = max(batch_size, rows // 3000)  # no more than 9,000 updates
    settings = {
        "batch_size": batch_size,
        "lr": rng.choice([0.005, 0.05, 0.4, 0.95, 1.0, 1.5, 3.0, 100.0, 10 ** rng.uniform(-4, 1)]),
        "epochs": epochs,
        "seed": rng.choice([*SEEDS, rng.randrange(2**32)]),
        "copies": copies,
        "replacement": rng.random() < 0.3,
        "early": rng.random() < 0.3,
        "points_per_epoch": rng.choice([1, 3, 20, 200]),
    }
    if rng.random() < 0.2:
        settings["batch_size"] = [rng.choice([batch_size, rows]) for _ in range(epochs)]
    if rng.random() < 0.2:
        settings["schedule"] = "harmonic"  # as engine.mjs knows it
    if rng.random() < 0.3:
        settings["init"] = [rng.gauss(0, 1) for _ in range(table()[0].shape[1])]
    return n, settings


def run(n: int, schedule: str | None = None, **settings) -> engine.Run:
    A, y = table()
    harmonic = None if schedule is None else lambda t, epoch: 0.5**epoch / (1 + 0.01 * t)
    return finish(engine.minibatch_sgd(A[:n], y[:n], schedule=harmonic, **settings))


@pytest.fixture(scope="module", params=SETTINGS)
def both(javascript, request) -> list[tuple[dict, engine.Run, dict]]:
    """Random settings, the run of each in Python and in JavaScript."""
    rng = random.Random(request.param)
    drawn = [some_settings(rng) for _ in range(request.param)]
    pages = javascript("engine.mjs", [{"what": "run", "n": n, "settings": settings} for n, settings in drawn])
    runs = [run(n, **settings) for n, settings in drawn]
    return [({"rows": n, **settings}, run, page) for (n, settings), run, page in zip(drawn, runs, pages)]


def test_the_settings_cover_what_matters(both):
    """So that agreement means something."""
    some = len(both) / 10
    ends = Counter(run.diverged_at is None for _, run, _ in both)
    assert min(ends[True], ends[False]) > some
    assert {settings["rows"] for settings, _, _ in both} == set(ROWS)
    for flag in ("replacement", "early"):
        assert len({settings[flag] for settings, _, _ in both}) == 2
    sizes = [(s["rows"] * s["copies"], s["batch_size"]) for s, _, _ in both]
    assert sum(isinstance(size, list) for _, size in sizes) > some
    assert sum(isinstance(size, int) and rows % size > 0 for rows, size in sizes) > some
    assert sum("schedule" in settings for settings, _, _ in both) > some


@pytest.mark.parametrize("counts", ["n", "examples", "updates", "diverged_at"])
def test_the_points_recorded_are_exactly_the_same(both, counts):
    for settings, run, page in both:
        assert getattr(run, counts) == page[counts], settings


def test_the_curves_agree_to_1e_9(both):
    # A run over fewer rows than weights falls to a loss of zero, of which rounding leaves ±1e-17: hence the absolute part.
    for settings, run, page in both:
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-14) for a, b in zip(run.loss, page["loss"])), settings


def test_the_weights_agree_to_1e_9(both):
    for settings, run, page in both:
        np.testing.assert_allclose(run.theta, page["theta"], rtol=1e-9, atol=1e-9, err_msg=str(settings))


def test_the_table_is_standardised_alike(javascript):
    (page,) = javascript("engine.mjs", [{"what": "table"}])
    A, y = table()
    assert (page["m"], page["width"]) == A.shape
    np.testing.assert_allclose(np.reshape(page["A"], A.shape), A, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(page["y"], y, rtol=1e-12, atol=1e-12)


def test_the_draws_are_those_of_the_published_generator(javascript):
    """In both languages, without the state that the published one keeps."""
    count = 5000
    published = javascript("engine.mjs", [{"what": "published", "seed": seed, "count": count} for seed in SEEDS])
    page = javascript("engine.mjs", [{"what": "draws", "seed": seed, "start": 0, "count": count} for seed in SEEDS])
    assert page == published
    assert [engine.mulberry32(seed, 0, count).tolist() for seed in SEEDS] == published


def test_draws_far_from_the_start_agree(javascript):
    """Where the number of the draw times the generator's constant is no longer a whole number in a float64."""
    starts = [15_000_000, 2**31 - 3, 2**32 - 3, 10**10]
    jobs = [{"what": "draws", "seed": seed, "start": start, "count": 10} for seed in SEEDS for start in starts]
    expected = [engine.mulberry32(seed, start, 10).tolist() for seed in SEEDS for start in starts]
    assert javascript("engine.mjs", jobs) == expected


@pytest.mark.parametrize("replacement", [False, True])
def test_the_orders_of_epochs_are_exactly_the_same(javascript, replacement):
    rng = random.Random(7)
    sizes = [1, 2, 3, 7, 1500, 15_000, 32_767, 32_768, 32_769, 65_537, *(rng.randint(1, 3000) for _ in range(50))]
    jobs = [
        {"what": "order", "n": n, "seed": rng.choice([*SEEDS, rng.randrange(2**32)]), "epoch": rng.randrange(5)}
        | {"replacement": replacement}
        for n in sizes
    ]
    for job, page in zip(jobs, javascript("engine.mjs", jobs)):
        assert engine.epoch_order(job["n"], job["seed"], job["epoch"], replacement).tolist() == page, job


@pytest.mark.parametrize("replacement", [False, True])
def test_the_order_of_one_and_a_half_million_rows_is_exactly_the_same(javascript, replacement):
    n, seed, epoch = 1_500_000, 3_141_592_653, 2
    (page,) = javascript(
        "engine.mjs", [{"what": "order", "n": n, "seed": seed, "epoch": epoch, "replacement": replacement}]
    )
    np.testing.assert_array_equal(engine.epoch_order(n, seed, epoch, replacement), page)
