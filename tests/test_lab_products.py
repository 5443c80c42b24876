"""The lab of products: where its numbers come from, and that rate and time tell the same; test_roofline.py has the arithmetic."""

import pytest

from d2lmini.labs import products as products_lab
from d2lmini.labs.products import SENTENCES, amount, compute, fixed
from d2lmini.timing import bandwidth, records
from d2lmini.timing.products import gflop


def chosen(**settings) -> dict:
    """The lab's settings: as they are here, but for what is named."""
    given = {"n": 256, "width": 64, "library": "numpy", "show": "rate", "whose": "recorded"} | settings
    return given | fixed()


def sentence(result) -> str:
    return " ".join(SENTENCES[key].format(**values) for key, values in result["say"])


@pytest.mark.parametrize("show", ["rate", "time"])
def test_the_lab_says_where_its_numbers_come_from(show):
    machine = records.load("vectorization")["machine"]
    (result,) = compute(**chosen(show=show))
    assert sentence(result).endswith(
        f"Recorded on {machine['date']}: {machine['processor']}, one thread, NumPy {machine['numpy']}."
    )


def test_rate_and_time_tell_the_same():
    (rate,), (time,) = (compute(**chosen(show=show)) for show in ("rate", "time"))
    for meta, trace in rate["traces"].items():
        for a, b in zip(trace["y"], time["traces"][meta]["y"]):
            assert a is b is None or a * b == pytest.approx(gflop(256, 256, 256))


def test_a_block_as_wide_as_the_matrix_is_all_at_once_and_one_of_one_column_a_column():
    for width, same in ((1, "column"), (256, "whole"), (4096, "whole")):
        (result,) = compute(**chosen(width=width))
        assert result["traces"]["block"] == result["traces"][same]


def test_a_kernel_measures_its_own_machine(monkeypatch):
    monkeypatch.setattr(products_lab, "LARGE", 64)
    monkeypatch.setattr(bandwidth, "SIZES", bandwidth.SIZES[:14])
    monkeypatch.setattr(products_lab, "_ways", {})
    monkeypatch.setattr(products_lab, "_machine", {})
    first, *_, last = [r for r in compute(**chosen(n=16, whose="here")) if r is not None]
    assert sentence(first).endswith("Measuring here; until that is done you see the record.")
    assert sentence(last).endswith("Measured here: one thread, best of 20.")
    assert last["traces"]["element"]["y"] != first["traces"]["element"]["y"]
    (again,) = [r for r in compute(**chosen(n=16, whose="here")) if r is not None][1:]
    assert again == last


def test_a_page_says_that_it_cannot_measure(javascript):
    recorded, here = javascript("compute.mjs", [["products", chosen(whose=whose)] for whose in ("recorded", "here")])
    assert here["traces"] == recorded["traces"]
    assert "A page cannot time NumPy: you see what was recorded on 20" in sentence(here)
    assert sentence(here).endswith("Open the notebook to measure your own machine.")


@pytest.mark.parametrize(
    ("flop", "text"), [(2, "2 FLOP"), (1536, "1.5 kFLOP"), (33554432, "34 MFLOP"), (2e9, "2.0 GFLOP")]
)
def test_amounts_of_work_read_well(flop, text):
    assert amount(flop) == text
