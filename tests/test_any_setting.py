"""Whatever a lab's controls are set to: a whole chart of finite numbers, true to its own description, and the same each time.

Each setting is one that a reader can choose. test_labs_parity.py and its neighbours hold what the numbers are.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_labs_parity import ADMITTED, CLOUD, COSTS, FIGURES, GENIE, PATH, PRODUCTS, PYTHON, outside

from d2lmini import batches, cloud, compute, decay, gallery, genie, landscape, roofline, twins, vectorization
from d2lmini.figures import plain

one_of = st.sampled_from
seeds, booleans = st.integers(0, 99), st.booleans()


def values(options) -> st.SearchStrategy:
    """The values of a control's options, which may be (label, value)."""
    return one_of([option[1] if isinstance(option, tuple) else option for option in options])


def rates(low: float, high: float) -> st.SearchStrategy:
    """A log slider in steps of a tenth."""
    return st.integers(round(10 * low), round(10 * high)).map(lambda exponent: 10 ** (exponent / 10))


# Of each lab: its module, the controls, and what is fixed.
LABS = {
    "training": (
        compute,
        {
            "batch": values([*gallery.BATCHES, ("all rows", "all")]),
            "lr": rates(-4, 1),
            "epochs": st.integers(1, 4),
            "seed": seeds,
            "rows": one_of([1500, 15_000]),
            "whose": values(gallery.RECORDED),
            "axis": one_of(list(gallery.AXES)),
            "logx": booleans,
            "logy": booleans,
            "classics": booleans,
        },
        {"costs": COSTS, "titles": gallery.AXES},
    ),
    "plane": (
        landscape,
        {"batch": one_of([16, 64, 1500]), "lr": values(gallery.MAP_RATES), "seed": st.integers(0, 2)},
        {"sizes": [16, 64, 1500], "rates": gallery.MAP_RATES},
    ),
    "path": (
        landscape,
        {
            "batch": values(gallery.BATCHES),
            "lr": rates(-3, 0.3),
            "epochs": st.integers(1, 6),
            "seed": seeds,
            "across": one_of(["steepest", "flattest"]),
        },
        PATH,
    ),
    "batches": (
        batches,
        {
            "rows": st.integers(10, 60),
            "batch": st.integers(1, 60),
            "how": one_of(batches.HOW),
            "buffer": st.integers(1, 60),
            "epoch": st.integers(1, 10),
            "seed": seeds,
        },
        {},
    ),
    "cloud": (
        cloud,
        {
            "batch": values(gallery.BATCHES),
            "seed": st.integers(0, 3),
            "where": one_of(list(gallery.PLACES)),
            "replacement": booleans,
            "zoom": booleans,
        },
        CLOUD,
    ),
    "decay": (
        decay,
        {
            "kind": values(gallery.SCHEDULES),
            "batch": values(gallery.DECAY_BATCHES),
            "lr": rates(-3, 0.5),
            "divide": one_of([2, 5, 10]),
            "every": st.integers(1, 10),
            "gamma": values(gallery.GAMMAS),
            "delay": values(gallery.DELAYS),
            "warm": values(gallery.WARM_UPS),
            "epochs": st.integers(2, 8),
            "seed": seeds,
            "view": values(gallery.VIEWS),
        },
        {"titles": gallery.VIEW_TITLES},
    ),
    "concise": (
        twins,
        {
            "batch": values(gallery.BATCHES),
            "lr": rates(-3, 0.3),
            "seed": seeds,
            "half": booleans,
            "zero_bias": booleans,
        },
        {},
    ),
    "products_and_roofs": (
        vectorization,
        {
            "n": one_of(roofline.SIZES),
            "width": values(gallery.WIDTHS),
            "library": values(gallery.LIBRARIES),
            "show": values(gallery.SPEEDS),
            "whose": st.just("recorded"),
        },
        PRODUCTS,
    ),
    "genie": (
        genie,
        {
            "copies": one_of([1, 10]),
            "seed": st.integers(0, 9),
            "method": one_of(["all", *gallery.METHODS]),
            "whose": values(gallery.RECORDED),
            "sampling": values(gallery.SAMPLING),
            "axis": one_of(list(gallery.AXES)),
        },
        GENIE,
    ),
}
a_few = settings(max_examples=settings.default.max_examples // 3)  # two or three runs each
EACH = pytest.mark.parametrize("name", LABS)


def drawn(name: str, data) -> tuple[dict, dict]:
    """A setting, and the result that the computation ends with."""
    _, controls, fixed = LABS[name]
    setting = data.draw(st.fixed_dictionaries(controls))
    return setting, [result for result in PYTHON[name](**setting, **fixed) if result is not None][-1]


def test_every_lab_is_here():
    assert LABS.keys() == PYTHON.keys() == FIGURES.keys()


@EACH
@given(data=st.data())
def test_a_result_fills_the_chart_with_finite_numbers_and_says_it_in_whole_sentences(name, data):
    _, result = drawn(name, data)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert {trace.meta for trace in FIGURES[name]().data if trace.meta is not None} == set(result["traces"])
    for trace in result["traces"].values():
        assert len(trace["x"]) == len(trace["y"])
    assert result["say"]
    for key, words in result["say"]:
        assert "{" not in LABS[name][0].SENTENCES[key].format(**words)
    for axis in result["layout"].values():
        low, high = axis.get("range", (0, 1))
        assert low < high


@EACH
@a_few
@given(data=st.data())
def test_what_lies_outside_the_picture_is_said(name, data):
    _, result = drawn(name, data)
    if not ADMITTED & {key for key, _ in result["say"]}:
        assert not outside(plain(FIGURES[name]()), result)


@EACH
@a_few
@given(data=st.data())
def test_the_same_setting_gives_the_same_result_whatever_was_shown_before(name, data):
    setting, before = drawn(name, data)
    drawn(name, data)
    again = [result for result in PYTHON[name](**setting, **LABS[name][2]) if result is not None][-1]
    assert again == before
