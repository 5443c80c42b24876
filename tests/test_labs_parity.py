"""Every lab computes the same in JavaScript as in Python."""

import json
import math

from d2lmini import compute, gallery, landscape, measure

COSTS = measure.recorded()["programs"]
TITLES = gallery.AXES
PATH = {"directions": gallery.directions(), "titles": gallery.PATH_TITLES}
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
]


def difference(python, page, path=""):
    """Where two results differ by more than 1e-9, or None."""
    if isinstance(python, dict):
        if python.keys() != page.keys():
            return f"{path}: keys {sorted(python)} and {sorted(page)}"
        return next((d for key in python if (d := difference(python[key], page[key], f"{path}/{key}"))), None)
    if isinstance(python, (list, tuple)):
        if len(python) != len(page):
            return f"{path}: {len(python)} and {len(page)} long"
        return next((d for i, (a, b) in enumerate(zip(python, page)) if (d := difference(a, b, f"{path}/{i}"))), None)
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (python, page))
    same = math.isclose(python, page, rel_tol=1e-9, abs_tol=1e-12) if numbers else python == page
    return None if same else f"{path}: {python!r} and {page!r}"


def test_every_lab_computes_the_same_in_the_page_and_in_the_kernel(javascript):
    for (name, settings), page in zip(JOBS, javascript("compute.mjs", JOBS)):
        python = getattr(compute, name, None) or getattr(landscape, name)
        last = [result for result in python(**settings) if result is not None][-1]
        assert difference(json.loads(json.dumps(last)), page) is None, (name, settings)
