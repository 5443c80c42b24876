"""Every lab computes the same in JavaScript as in Python."""

import json
import math
import random
import re
from pathlib import Path

import pytest
from described import labs

from d2lmini import batches, cloud, compute, decay, gallery, genie, landscape, measure, roofline, twins, vectorization
from d2lmini.figures import plain

COMPUTATIONS = Path(__file__).parents[1] / "d2lmini" / "js" / "computations.js"
PYTHON = {
    "training": compute.training,
    "plane": landscape.plane,
    "path": landscape.path,
    "batches": batches.batches,
    "cloud": cloud.cloud,
    "decay": decay.decay,
    "concise": twins.concise,
    "products_and_roofs": vectorization.products_and_roofs,
    "genie": genie.genie,
}
COSTS = measure.recorded()["programs"]
TITLES = gallery.AXES
PATH = {"directions": gallery.directions(), "titles": gallery.PATH_TITLES}
DECAY = {
    "divide": 10,
    "every": 2,
    "gamma": 0.7,
    "delay": 30,
    "warm": 0,
    "epochs": 5,
    "seed": 1,
    "titles": gallery.VIEW_TITLES,
}
CLOUD = {"places": gallery.places(), "sizes": gallery.BATCHES}
PRODUCTS = {"table": roofline.for_the_lab(), "titles": gallery.SPEED_TITLES}
GENIE = {"costs": COSTS, "titles": TITLES, "names": gallery.METHODS}
JOBS = [
    ("training", {"batch": 10, "lr": 0.05, "titles": TITLES, "band": True, "classics": True}),
    (
        "training",
        {
            "batch": 7,
            "lr": 0.3,
            "seed": 5,
            "axis": "updates",
            "logx": True,
            "band": True,
            "epochs": 3,
            "titles": TITLES,
        },
    ),
    ("training", {"batch": 30, "lr": 0.8, "axis": "examples", "logy": True, "titles": TITLES}),
    ("training", {"batch": 3, "lr": 1.0, "band": True, "titles": TITLES}),
    ("training", {"batch": "all", "lr": 1.0, "epochs": 1, "logx": True, "titles": TITLES}),  # a single point
    (
        "training",
        {
            "batch": "all",
            "lr": 1.0,
            "rows": 15_000,
            "axis": "seconds",
            "whose": "numpy",
            "costs": COSTS,
            "logx": True,
            "band": True,
            "classics": True,
            "epochs": 10,
            "titles": TITLES,
        },
    ),
    (
        "training",
        {
            "batch": 100,
            "lr": 0.4,
            "rows": 1_500_000,
            "axis": "seconds",
            "whose": "loader",
            "costs": COSTS,
            "titles": TITLES,
        },
    ),
    ("training", {"batch": 64, "lr": 0.2, "axis": "seconds", "whose": "torch", "costs": COSTS, "titles": TITLES}),
    ("plane", {"batch": 16, "lr": 0.1, "seed": 3, "sizes": [1, 4, 16, 1500], "rates": [0.001, 0.01, 0.1, 1.0]}),
    ("plane", {"batch": 1, "lr": 1.0, "seed": 0, "sizes": [1, 30], "rates": [0.01, 2.0]}),
    ("path", {"batch": 10, "lr": 0.05, "seed": 3, "across": "steepest", **PATH}),
    ("path", {"batch": 1, "lr": 3.0, "seed": 0, "across": "flattest", **PATH}),
    *(
        ("batches", {"rows": rows, "batch": batch, "how": how, "buffer": buffer, "seed": rows * 7, "epoch": epoch})
        for rows, batch, buffer, epoch in ((40, 16, 10, 1), (60, 1, 1, 3), (10, 60, 60, 10))
        for how in batches.HOW
    ),
    ("cloud", {"batch": 10, "replacement": False, "where": "the start", "seed": 0, "zoom": False, **CLOUD}),
    ("cloud", {"batch": 1, "replacement": True, "where": "half-way", "seed": 7, "zoom": False, **CLOUD}),
    ("cloud", {"batch": 750, "replacement": False, "where": "the optimum", "seed": 3, "zoom": True, **CLOUD}),
    ("cloud", {"batch": 1500, "replacement": False, "where": "the start", "seed": 1, "zoom": True, **CLOUD}),
    ("cloud", {"batch": 1500, "replacement": True, "where": "the optimum", "seed": 1, "zoom": True, **CLOUD}),
    *(("decay", {"kind": kind, "batch": 10, "lr": 0.4, "view": "above", **DECAY}) for kind in decay.KINDS),
    ("decay", {"kind": "grow", "batch": 7, "lr": 0.6, "band": True, **DECAY, "warm": 100}),
    ("decay", {"kind": "step", "batch": 1, "lr": 0.3, "band": True, **DECAY, "every": 1}),
    ("decay", {"kind": "inverse", "batch": 100, "lr": 3.0, **DECAY, "delay": 1000, "epochs": 20}),
    ("decay", {"kind": "grow", "batch": 200, "lr": 3.0, "view": "above", **DECAY, "epochs": 20}),
    ("concise", {"batch": 10, "lr": 0.05, "seed": 0, "half": True, "zero_bias": True}),
    ("concise", {"batch": 10, "lr": 0.05, "seed": 0, "half": False, "zero_bias": False}),
    ("concise", {"batch": 7, "lr": 0.2, "seed": 99, "half": True, "zero_bias": False, "epochs": 3}),
    ("concise", {"batch": 100, "lr": 0.79, "seed": 3, "half": False, "zero_bias": True, "epochs": 10}),
    ("concise", {"batch": 1, "lr": 3.0, "seed": 3, "half": False, "zero_bias": False}),
    *(
        (
            "products_and_roofs",
            {"n": n, "width": width, "library": library, "show": show, "whose": "recorded", **PRODUCTS},
        )
        for n, width, library, show in (
            (256, 64, "numpy", "rate"),
            (16, 4096, "torch", "time"),
            (1024, 1, "numpy", "time"),
            (4096, 8, "torch", "rate"),
        )
    ),
    *(("genie", {"copies": 100, "axis": axis, "whose": "numpy", **GENIE}) for axis in TITLES),
    ("genie", {"copies": 1, "sampling": "replacement", "seed": 2, "axis": "seconds", "whose": "loader", **GENIE}),
    ("genie", {"copies": 1000, "method": "b10", "seed": 9, "axis": "epochs", **GENIE}),
    ("genie", {"copies": 10, "method": "sgd", "sampling": "replacement", "seed": 5, "axis": "updates", **GENIE}),
    ("genie", {"copies": 1000, "method": "gd", "axis": "seconds", **GENIE}),
]


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


def test_every_lab_computes_the_same_in_the_page_and_in_the_kernel(javascript):
    for (name, settings), page in zip(JOBS, javascript("compute.mjs", JOBS)):
        last = [result for result in PYTHON[name](**settings) if result is not None][-1]
        assert difference(json.loads(json.dumps(last)), page) is None, (name, settings)


def test_the_classic_runs_come_last_and_once_they_are_known_stay_in_sight(javascript):
    jobs = [
        ("training", {"batch": 10, "lr": lr, "seed": 4711, "classics": True, "titles": TITLES}, True)
        for lr in (0.05, 0.06)
    ]
    kernel = [[result for result in compute.training(**settings) if result is not None] for _, settings, _ in jobs]
    for first, then in (kernel, javascript("compute.mjs", jobs)):
        in_sight = [[bool(result["traces"]["sgd"]["x"]) for result in results] for results in (first, then)]
        assert in_sight == [[False, True], [True]]


def test_every_computation_of_the_page_is_compared():
    exported = re.findall(r"export \{ ([\w, ]+) \}", COMPUTATIONS.read_text())
    assert sorted(name for names in exported for name in names.split(", ")) == sorted(PYTHON)


# Of a hundred random settings, how many go to each lab: more where one takes a millisecond than where it takes a second.
SHARES = {
    "batches": 20,
    "cloud": 4,
    "concise": 15,
    "genie": 4,
    "map": 1,
    "path": 8,
    "products": 15,
    "scratch": 16,
    "schedules": 7,
    "start": 10,
}
SIZES = [
    pytest.param((3, 50_000), id="300"),
    pytest.param((20, 200_000), id="2000", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


def some_settings(rng: random.Random, controls: list[dict], most: int) -> dict:
    """An option of each control, of which a computation takes no more than so many updates."""
    while True:
        given = {
            one["key"]: rng.choice([value for _, value in one["options"] if value != "here"])  # Python cannot know here
            for one in controls
        }
        batch = given["batch"] if isinstance(given.get("batch"), int) else 1500
        rows, runs = given.get("rows", 1500), 1 + compute.BAND_SEEDS * given.get("band", False)
        classics = 2 * rows * given.get("classics", False)  # one of them takes one row at a time
        if rows / batch * given.get("epochs", 2) * runs + classics <= most:
            return given


@pytest.mark.parametrize("size", SIZES)
def test_every_lab_computes_the_same_for_any_setting_of_its_controls(javascript, size):
    times, most = size
    described, rng = labs(), random.Random(times)
    assert described.keys() == SHARES.keys() and sum(SHARES.values()) == 100
    jobs = [
        (lab["compute"], lab["fixed"] | some_settings(rng, lab["controls"], most))
        for name, lab in described.items()
        for _ in range(times * SHARES[name])
    ]
    for (name, settings), page in zip(jobs, javascript("compute.mjs", jobs)):
        last = [result for result in PYTHON[name](**settings) if result is not None][-1]
        different = difference(json.loads(json.dumps(last)), page)
        assert different is None, (different, name, settings)


FIGURES = {
    "training": gallery.training_figure,
    "plane": lambda: gallery.plane_figure({1: 0.18, 1500: 0.95}),
    "path": gallery.path_figure,
    "batches": gallery.batches_figure,
    "cloud": gallery.cloud_figure,
    "decay": gallery.decay_figure,
    "concise": gallery.twins_figure,
    "products_and_roofs": gallery.products_figure,
    "genie": gallery.genie_figure,
}
# What a lab says when something lies outside its picture, or was cut off at its edge.
ADMITTED = {"clipped", "outside", "diverged", "lost", "concise_failed", "scratch_failed", "failed", "steady_failed"}
# These continue beyond the picture by their nature: contours, areas, noise that falls to zero on a log axis, and the line
# of "uphill" beside a cloud that is zoomed in.
BACKGROUND = {"contours", "flat", "others", "without", "diverged", *(f"level{i}" for i in range(7))}


def outside(figure: dict, result: dict) -> list[str]:
    """The traces of which a point lies outside the range of its axis."""
    found = []
    for trace in figure["data"]:
        change = result["traces"].get(trace.get("meta"))
        if change is None or trace["meta"] in BACKGROUND:
            continue
        for key in "xy":
            name = (trace.get(f"{key}axis") or key).replace(key, f"{key}axis")
            axis = (figure["layout"].get(name) or {}) | (result["layout"].get(name) or {})
            if "range" not in axis:
                continue
            low, high = sorted(10**end if axis.get("type") == "log" else end for end in axis["range"])
            slack = 1e-9 * (high - low)
            if any(v is not None and not low - slack <= v <= high + slack for v in change[key]):
                found.append(f"{trace['meta']}: {key} beyond {low:g} … {high:g}")
    return found


def test_no_point_lies_outside_its_picture_unsaid():
    for name, settings in JOBS:
        last = [result for result in PYTHON[name](**settings) if result is not None][-1]
        if not ADMITTED & {key for key, _ in last["say"]}:
            assert not outside(plain(FIGURES[name]()), last), (
                name,
                {k: v for k, v in settings.items() if k != "costs"},
            )
