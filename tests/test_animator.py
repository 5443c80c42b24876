"""A figure that grows while a loop runs."""

import io
import json
import re
from contextlib import redirect_stdout
from itertools import pairwise

import nbclient
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2lmini import Animator, get_data, sgd, train

AXES = {"xlabel": "epochs", "ylabel": "loss"}


class Kernel:
    """What the Animator asks of a running kernel."""

    kernel = object()

    def __init__(self):
        self.events, self.at_the_end = self, []

    def register(self, event, callback):
        assert event == "post_run_cell"
        self.at_the_end.append(callback)

    def unregister(self, event, callback):
        self.at_the_end.remove(callback)

    def end_cell(self):
        for callback in list(self.at_the_end):
            callback(None)


class Display:
    """What was displayed, and what took its place."""

    made: list["Display"]

    def __init__(self):
        self.bundles = []
        self.made.append(self)

    def display(self, bundle, *, raw, metadata):
        assert raw
        self.bundles.append(bundle)

    update = display


@pytest.fixture
def kernel(monkeypatch):
    kernel = Kernel()
    monkeypatch.setattr("d2lmini.animator.get_ipython", lambda: kernel)
    monkeypatch.setattr(Display, "made", [], raising=False)
    monkeypatch.setattr("d2lmini.animator.DisplayHandle", Display)
    return kernel


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("d2lmini.animator.perf_counter", lambda: now[0])
    return now


def stored(bundle: dict) -> dict:
    """The figure that a page would show from what was displayed."""
    return json.loads(re.search(r'<script type="application/json">(.*)</script>', bundle["text/html"])[1])["figure"]


# The figure


def test_it_works_without_ipython_and_shows_nothing():
    said = io.StringIO()
    animator = Animator(**AXES, legend=["train"])
    with redirect_stdout(said):
        animator.add(0, 1.0)
        animator.add(1, 0.5)
    assert said.getvalue() == ""
    assert list(animator.figure.data[0].x) == [0, 1]
    assert list(animator.figure.data[0].y) == [1, 0.5]
    assert animator.figure.data[0].name == "train"


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=30))
def test_every_point_is_kept_in_order(points):
    animator = Animator()
    for i, (x, y) in enumerate(points):
        animator.add(x, y)
        (xs,), (ys,) = animator.X, animator.Y
        assert list(zip(xs, ys)) == points[: i + 1]
    assert list(zip(animator.figure.data[0].x, animator.figure.data[0].y)) == points


def test_several_lines_share_an_x_or_have_their_own():
    animator = Animator(legend=["a", "b"])
    animator.add(1, [10, 20])
    animator.add((2, 3), (30, 40))
    assert animator.X == [[1, 2], [1, 3]]
    assert animator.Y == [[10, 30], [20, 40]]
    assert [trace.name for trace in animator.figure.data] == ["a", "b"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_has_no_number_is_a_gap(value):
    animator = Animator()
    for x, y in enumerate([1, value, 2]):
        animator.add(x, y)
    assert animator.Y == [[1, None, 2]]


def test_axes_have_their_titles_ranges_and_scales():
    layout = Animator(**AXES, xlim=(0, 2), ylim=(0.1, 10), yscale="log").figure.layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("epochs", "loss")
    assert (layout.xaxis.type, layout.yaxis.type) == ("linear", "log")
    assert layout.xaxis.range == (0, 2)
    assert layout.yaxis.range == pytest.approx((-1, 1))


def test_without_limits_an_axis_grows_with_the_data():
    animator = Animator()
    animator.add(0, 1)
    assert animator.figure.layout.xaxis.range is None


def test_it_shows_a_training_run():
    data, d = get_data(100)
    animator = Animator(**AXES)
    history = train(sgd, None, {"lr": 0.1}, data, d, animator=animator)
    (xs,), (ys,) = animator.X, animator.Y
    assert xs == history.epochs.tolist()
    assert ys == history.loss.tolist()


# In a notebook


def test_it_grows_in_place_instead_of_being_shown_anew(kernel, clock):
    animator = Animator()
    for i in range(100):
        clock[0] = i
        animator.add(i, i)
    assert len(Display.made) == 1
    assert len(Display.made[0].bundles) == 1


def test_it_is_drawn_at_most_thirty_times_a_second(kernel, clock):
    animator = Animator()
    animator.add(0, 0)
    frames = []
    animator._chart.observe(lambda change: frames.append(clock[0]), "result")
    for i in range(1, 5001):
        clock[0] = i / 1000  # a point every millisecond, for five seconds
        animator.add(i, i)
    assert 5 * 25 <= len(frames) <= 5 * 30
    assert all(later - earlier >= 1 / 30 for earlier, later in pairwise(frames))


def test_nothing_is_lost_when_the_cell_ends_between_two_drawings(kernel, clock):
    animator = Animator()
    for i in range(1000):
        animator.add(i, -i)
    chart = animator._chart
    assert len(chart.result["traces"]["0"]["x"]) == 1
    kernel.end_cell()
    assert chart.result["traces"]["0"]["x"] == list(range(1000))
    last = stored(Display.made[0].bundles[-1])["data"][0]
    assert last["x"] == list(range(1000))
    assert last["y"] == [-i for i in range(1000)]


def test_after_its_cell_it_leaves_no_callback_and_can_be_used_in_the_next(kernel, clock):
    animator = Animator()
    animator.add(0, 5)
    kernel.end_cell()
    assert kernel.at_the_end == []
    animator.add(1, 6)
    kernel.end_cell()
    assert len(Display.made) == 2
    assert stored(Display.made[1].bundles[-1])["data"][0]["y"] == [5, 6]


def test_a_real_notebook_stores_one_output_with_every_point():
    code = """
from d2lmini import Animator
animator = Animator("x", "y", legend=["a", "b"])
for i in range(3000):
    animator.add(i, [i / 2, -i])
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    a, b = stored(output.data)["data"]
    assert output.output_type == "display_data"
    assert a["x"] == b["x"] == list(range(3000))
    assert a["y"] == [i / 2 for i in range(3000)]
    assert b["y"] == [-i for i in range(3000)]
