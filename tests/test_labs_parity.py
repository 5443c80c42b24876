"""Every lab computes the same in JavaScript as in Python, for any setting of its controls and at those where things break."""

import json
import math
import random
from copy import deepcopy

import pytest
from described import given, labs, results

from d2lmini.labs import batches, runs, schedules

# Beside random settings of every lab: those at which something is cut off, empty, single or unusually long. What a setting
# does not name, is as the lab starts.
EDGES: dict[str, list[dict]] = {
    "scratch": [
        {"classics": True},
        {"batch": 7, "lr": 0.3, "seed": 5, "axis": "updates", "logx": True, "epochs": 3},
        {"batch": 30, "lr": 0.8, "axis": "examples", "logy": True, "band": False},
        {"batch": 3, "lr": 1.0},
        {"batch": "all", "lr": 1.0, "epochs": 1, "logx": True, "band": False},  # a single point
        {
            "batch": "all",
            "lr": 1.0,
            "rows": 15_000,
            "axis": "seconds",
            "whose": "numpy",
            "logx": True,
            "classics": True,
            "epochs": 10,
        },
        {"batch": 100, "lr": 0.4, "rows": 1_500_000, "axis": "seconds", "whose": "loader"},
        {"batch": 64, "lr": 0.2, "axis": "seconds", "whose": "torch", "band": False},
    ],
    "map": [
        {"batch": 16, "lr": 0.1, "seed": 3, "sizes": [1, 4, 16, 1500], "rates": [0.001, 0.01, 0.1, 1.0]},
        {"batch": 1, "lr": 1.0, "sizes": [1, 30], "rates": [0.01, 2.0]},
    ],
    "path": [{"seed": 3}, {"batch": 1, "lr": 3.0, "across": "flattest"}],
    "batches": [
        {"rows": rows, "batch": batch, "how": how, "buffer": buffer, "seed": rows * 7, "epoch": epoch}
        for rows, batch, buffer, epoch in ((40, 16, 10, 1), (60, 1, 1, 3), (10, 60, 60, 10))
        for how in batches.HOW
    ],
    "gradients": [
        {"batch": 10},
        {"batch": 10, "where": "half"},  # nothing else has changed
        {"batch": 1, "replacement": True, "where": "half", "seed": 7},
        {"batch": 750, "where": "optimum", "seed": 3, "zoom": True},
        {"batch": 1500, "seed": 1, "zoom": True},
        {"batch": 1500, "replacement": True, "where": "optimum", "seed": 1, "zoom": True},
    ],
    "schedules": [
        *(
            {"kind": kind, "every": 2, "gamma": 0.7, "delay": 30, "epochs": 5, "band": False}
            for kind in schedules.KINDS
        ),
        {"kind": "grow", "batch": 7, "lr": 0.6, "every": 2, "epochs": 5, "view": "loss", "warm": 100},
        {"kind": "step", "batch": 1, "lr": 0.3, "epochs": 5, "view": "loss", "every": 1},
        {"kind": "inverse", "batch": 100, "lr": 3.0, "delay": 1000, "view": "loss", "band": False},
        {"kind": "grow", "batch": 200, "lr": 3.0, "every": 2, "band": False},
    ],
    "concise": [
        {"half": True, "zero_bias": True},
        {"batch": 7, "lr": 0.2, "seed": 99, "half": True, "zero_bias": False, "epochs": 3},
        {"batch": 100, "lr": 0.79, "seed": 3, "half": False, "zero_bias": True, "epochs": 10},
        {"batch": 1, "lr": 3.0, "seed": 3, "half": False, "zero_bias": False},
    ],
    "products": [
        {"n": 256, "width": 64},
        {"n": 16, "width": 4096, "library": "torch", "show": "time"},
        {"n": 1024, "show": "time"},
        {"n": 4096, "width": 8, "library": "torch"},
    ],
    "genie": [
        *({"axis": axis, "whose": "numpy"} for axis in ("epochs", "examples", "updates", "seconds")),
        {"copies": 1, "sampling": "replacement", "seed": 2, "axis": "seconds", "whose": "loader"},
        {"copies": 1000, "method": "b10", "seed": 9, "axis": "epochs"},
        {"copies": 10, "method": "sgd", "sampling": "replacement", "seed": 5, "axis": "updates"},
        {"copies": 1000, "method": "gd", "axis": "seconds"},
    ],
}
CASES = [(name, settings) for name, some in EDGES.items() for settings in some]


def job(name: str, settings: dict) -> tuple[str, dict]:
    """What JavaScript is asked for: the module that computes, and all settings."""
    return labs()[name]["compute"], given(name, settings)


def difference(python, page, path=""):
    """Where two results differ by more than 1e-9 of their size, or near zero by 1e-10; or None."""
    if isinstance(python, dict):
        if python.keys() != page.keys():
            return f"{path}: keys {sorted(python)} and {sorted(page)}"
        return next((d for key in python if (d := difference(python[key], page[key], f"{path}/{key}"))), None)
    if isinstance(python, (list, tuple)):
        if len(python) != len(page):
            return f"{path}: {len(python)} and {len(page)} long"
        return next((d for i, (a, b) in enumerate(zip(python, page)) if (d := difference(a, b, f"{path}/{i}"))), None)
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (python, page))
    same = math.isclose(python, page, rel_tol=1e-9, abs_tol=1e-10) if numbers else python == page
    return None if same else f"{path}: {python!r} and {page!r}"


def compare(javascript, cases: list[tuple[str, dict]]) -> None:
    """Hold JavaScript's last result of each case to Python's."""
    for (name, settings), page in zip(cases, javascript("compute.mjs", [job(*case) for case in cases])):
        last = json.loads(json.dumps(results(name, **settings)[-1]))
        assert difference(last, page) is None, (name, settings, difference(last, page))


def test_every_lab_computes_the_same_in_the_page_and_in_the_kernel(javascript):
    compare(javascript, CASES)


def test_the_classic_runs_come_last_and_once_they_are_known_stay_in_sight(javascript):
    cases = [("scratch", {"lr": lr, "seed": 47, "classics": True, "band": False}) for lr in (0.05, 0.06)]
    kernel = [results(name, **settings) for name, settings in cases]
    for first, then in (kernel, javascript("compute.mjs", [(*job(*case), "all") for case in cases])):
        in_sight = [[bool(result["traces"]["sgd"]["x"]) for result in shown] for shown in (first, then)]
        assert in_sight == [[False, True], [True]]


def test_a_run_that_grows_does_so_on_the_axis_that_it_needs_in_the_end(javascript):
    cases = [
        ("scratch", {"rows": 150_000, "batch": 1000, "lr": 0.4}),
        ("scratch", {"rows": 150_000, "batch": 10_000, "lr": 1.0, "axis": "updates", "logx": True}),
    ]
    kernel = [results(name, **settings) for name, settings in cases]
    for *growing, whole in kernel + javascript("compute.mjs", [(*job(*case), "all") for case in cases]):
        done = [values["done"] for ((key, values),) in (result["say"] for result in growing) if key == "working"]
        assert len(done) == len(growing) > 2
        assert done == sorted(done) and 0 < done[0] < done[-1] <= 100
        assert all(result["layout"]["xaxis"] == whole["layout"]["xaxis"] for result in growing)


def test_what_comes_before_the_last_result_is_the_same_too(javascript):
    cases = [("genie", {"copies": 10}), ("schedules", {"kind": "step", "epochs": 5})]
    for (name, settings), page in zip(cases, javascript("compute.mjs", [(*job(*case), "all") for case in cases])):
        kernel = json.loads(json.dumps(results(name, **settings)))
        assert len(kernel) > 1
        assert difference(kernel, page) is None, (name, difference(kernel, page))


def test_a_result_that_was_handed_over_never_changes(javascript):
    handed_over = []
    for name, settings in CASES:
        for result in results(name, **settings):
            handed_over.append((name, result, deepcopy(result)))
    assert {name for name, result, then in handed_over if result != then} == set()
    assert len(handed_over) > len(CASES), "some labs hand over more than one"
    *_, changed = javascript("compute.mjs", [(*job(*case), "changed") for case in CASES])
    assert changed == []


SIZES = [
    pytest.param((20, 50_000), id="some"),
    pytest.param((200, 200_000), id="many", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


def some_settings(rng: random.Random, controls: list[dict], most: int) -> dict:
    """An option of each control, of which a computation takes no more than so many updates."""
    while True:
        given = {
            one["key"]: rng.choice([value for _, value in one["options"] if value != "here"])  # Python cannot know here
            for one in controls
        }
        batch = given["batch"] if isinstance(given.get("batch"), int) else 1500
        rows, times = given.get("rows", 1500), 1 + runs.BAND_SEEDS * given.get("band", False)
        classics = 2 * rows * given.get("classics", False)  # one of them takes one row at a time
        if rows / batch * given.get("epochs", 2) * times + classics <= most:
            return given


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", labs())
def test_every_lab_computes_the_same_for_any_setting_of_its_controls(javascript, name, size):
    times, most = size
    rng = random.Random(times)
    controls = labs()[name]["controls"]
    some = [some_settings(rng, controls, most) for _ in range(times)]
    compare(javascript, [(name, settings) for settings in some])
