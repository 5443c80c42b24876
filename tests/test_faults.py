"""What is left when something fails under the package: a damaged file, a computation that raises, a name used twice."""

import asyncio

import ipywidgets
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from d2lmini import Lab, airfoil, get_data
from d2lmini.core import rows

CONTENT = rows.CSV.read_bytes()


# A data file with one byte changed


@given(at=st.integers(0, len(CONTENT) - 1), by=st.integers(1, 255))
@settings(deadline=None)
def test_a_table_with_one_byte_changed_is_refused_by_name_and_checksum(tmp_path_factory, at, by):
    damaged = tmp_path_factory.mktemp("damaged") / rows.CSV.name
    damaged.write_bytes(CONTENT[:at] + bytes([CONTENT[at] ^ by]) + CONTENT[at + 1 :])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "CSV", damaged)
        rows.measurements.cache_clear()
        with pytest.raises(
            OSError, match=rf"^{damaged} was changed: its SHA-256 is [0-9a-f]{{64}}, not {rows.CSV_SHA256}"
        ):
            airfoil()
        with pytest.raises(OSError, match="was changed"):
            get_data()
    assert airfoil().shape == (1503, 6)  # and with the right file it is there again


def test_a_table_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "CSV", tmp_path / "gone.csv")
    rows.measurements.cache_clear()
    with pytest.raises(FileNotFoundError, match=r"gone\.csv"):
        airfoil()
    monkeypatch.undo()
    assert airfoil().shape == (1503, 6)


# Labs


def result(total: float) -> dict:
    return {"traces": {"run": {"x": [0, 1], "y": [0, total]}}, "layout": {}, "say": []}


def inverse(*, a: int) -> dict:
    return result(1 / a)


def late(*, a: int):
    """Fails after its first result."""
    yield result(a)
    yield result(1 / a)


def lab(compute=inverse, name: str = "faulty", figure: go.Figure | None = None) -> Lab:
    figure = figure or go.Figure(go.Scatter(meta="run"))
    return Lab(name, "caption", {"a": ipywidgets.IntSlider(value=1, min=0, max=9)}, compute, figure)


def total_of(lab: Lab) -> float:
    return lab.result["traces"]["run"]["y"][1]


def chart_of(lab: Lab):
    return lab.children[-1]


def test_a_setting_that_fails_is_marked_and_the_next_one_that_works_takes_the_mark_away():
    one = lab()
    with pytest.raises(ZeroDivisionError):
        one.set(a=0)
    assert chart_of(one).failed
    assert total_of(one) == 1  # the chart is an earlier one's
    one.set(a=4)
    assert not chart_of(one).failed
    assert total_of(one) == 0.25
    with pytest.raises(ZeroDivisionError):
        one.set(a=0)
    one.set(a=4)  # back to the very result that is drawn
    assert not chart_of(one).failed


def test_in_a_notebook_a_failure_after_the_first_result_is_marked_too():
    async def session():
        one = lab(late)
        errors = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context["exception"]))
        one.set(a=0)
        assert not chart_of(one).failed
        async with asyncio.timeout(60):
            while not chart_of(one).failed:
                await asyncio.sleep(0.005)
        one._task = None  # forgotten tasks report what they raised
        one.set(a=2)
        async with asyncio.timeout(60):
            while total_of(one) != 0.5:
                await asyncio.sleep(0.005)
        assert not chart_of(one).failed
        return errors

    assert [type(error) for error in asyncio.run(session())] == [ZeroDivisionError]


def test_a_cell_that_ran_twice_leaves_two_labs_that_work_and_the_name_to_the_newer():
    older, newer = lab(name="twice"), lab(name="twice")
    older.set(a=5)
    newer.set(a=2)
    assert (total_of(older), total_of(newer)) == (0.2, 0.5)
    click = go.Figure(go.Scatter(meta="run"), layout={"meta": {"click": {"x": "a", "y": "a", "loads": "twice"}}})
    plane = lab(name="plane", figure=click)
    chart_of(plane)._receive(None, {"click": {"x": 8, "y": 8}}, None)
    assert (total_of(older), total_of(newer), total_of(plane)) == (0.2, 0.125, 0.125)
