"""A lab: sliders, a chart, and a description from which the built page runs it without a kernel."""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from weakref import WeakValueDictionary

import plotly.graph_objects as go
from ipywidgets import Button, Label, VBox
from traitlets import TraitError

from ..figures.chart import Chart, filled
from ..figures.plain import plain
from ..figures.still import figure_html
from . import controls, words
from .controls import Control
from .runs import Result

REST = 0.15  # seconds without a new value before anything more than the first result is computed
SLICE = 0.02  # seconds of computing between two looks at the sliders
FRAME = 0.1  # seconds between two drawings of a result that grows
WORDS = {"reset": "Reset", "play": "Play", "between": " "}

_labs: WeakValueDictionary[str, "Lab"] = WeakValueDictionary()


class Lab(VBox):
    """Moving a slider computes again and redraws: in Python here, in JavaScript in the built page.

    Args:
        name: unique in the book; the page's address of a setting begins with it (``#name?key=value``).
        caption: one sentence that says what the chart shows.
        sliders: ipywidgets by the name of the parameter that each one sets. The lab lays them out: it sets their widths, and
            the description of one that has none, from the ``LABELS`` of the computation's module or those that labs share.
        compute: a function of the sliders' values and of ``fixed``. It returns a result, or yields better and better ones;
            see d2lmini.labs.runs. What a result says is put into words by the ``SENTENCES`` of its module. In a page, where
            there is no kernel, the module of the same name in d2lmini/js/labs computes instead.
        figure: the chart; the traces that results fill have a ``meta`` by which results name them. In ``layout.meta``:
            ``alt`` describes the chart to those who cannot see it, ``narrow`` holds changes for a phone, ``play`` the meta
            of traces that Play draws from their beginning, ``click`` = {"x": slider, "y": slider, "loads": lab} what a
            click on a point sets.
        fixed: further arguments of compute, as JSON.
    """

    def __init__(
        self,
        name: str,
        caption: str,
        sliders: dict[str, Control],
        compute: Callable[..., Result | Iterable[Result | None]],
        figure: go.Figure,
        **fixed: object,
    ):
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(
                f"name must be letters, digits and underscores, so that an address can hold it, not {name!r}"
            )
        home = inspect.getmodule(compute)
        labels = words.LABELS | getattr(home, "LABELS", {})
        for key, slider in sliders.items():
            controls.check(key, slider)
            slider.description = slider.description or labels.get(key, key)
        self._name, self._caption, self._sliders = name, caption, sliders
        self._compute, self._fixed = compute, fixed
        self._sentences = getattr(home, "SENTENCES", {})
        self._start = {key: slider.value for key, slider in sliders.items()}
        self._task: asyncio.Task[None] | None = None
        self._is_deaf = False  # while sliders are set together
        self._click = (figure.layout.meta or {}).get("click") or {}
        layout = plain(figure)
        result = self._whole_result()
        self._chart = Chart(layout, result, self._said(result), on_click=self._clicked)
        super().__init__([Label(caption), *self._panel(), self._chart])
        for slider in sliders.values():
            slider.observe(self._heard, "value")
        _labs[name] = self

    def set(self, **values: object) -> None:
        """Move sliders, as a hand would, but all at once: what is computed is computed for all of them together.

        Raises:
            ValueError: a slider is not there, or cannot stand at its value. Then none has moved.
        """
        for key in values:
            if key not in self._sliders:
                raise ValueError(f"{key!r} is no slider of {self._name!r}: there are {', '.join(self._sliders)}")
        before = self._settings()
        self._is_deaf = True
        try:
            for key, value in values.items():
                self._move(key, value)
        except ValueError:
            for key in values:
                self._sliders[key].value = before[key]
            raise
        finally:
            self._is_deaf = False
        if self._settings() != before:
            self._changed()

    def _settings(self) -> dict[str, Any]:
        return {key: slider.value for key, slider in self._sliders.items()}

    def _move(self, key: str, value: object) -> None:
        try:
            self._sliders[key].value = value
        except (TraitError, ValueError) as error:
            raise ValueError(f"{key!r} of {self._name!r} cannot be {value!r}: {error}") from error

    def _heard(self, _change: object) -> None:
        if not self._is_deaf:
            self._changed()

    @property
    def result(self) -> Result:
        """The newest result."""
        return self._chart.result

    def _panel(self) -> list:
        reset, play = (Button(description=WORDS[word], layout={"width": "6em"}) for word in ("reset", "play"))
        reset.on_click(lambda _: self.set(**self._start))
        play.on_click(lambda _: self._chart.play())
        can_play = (self._chart.figure["layout"].get("meta") or {}).get("play")
        return controls.panel(list(self._sliders.values()), [reset, play] if can_play else [reset])

    def _begin(self) -> Iterator[Result | None]:
        result = self._compute(**self._settings(), **self._fixed)
        return iter([result] if isinstance(result, dict) else result)

    def _whole_result(self) -> Result:
        """What the computation ends with."""
        return [result for result in self._begin() if result is not None][-1]

    def _changed(self) -> None:
        """Draw the first result for the new values at once; what an older value left to compute is dropped."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # no event loop, as in a script: nobody waits, so everything is computed now
            with self._or_say_so():
                self._show(self._whole_result())
            return
        with self._or_say_so():
            work = self._begin()
            began = perf_counter()
            for result in work:
                if result is not None:
                    self._show(result)
                    break
                if perf_counter() - began > REST:
                    break
        self._task = asyncio.ensure_future(self._finish(work))

    async def _finish(self, work: Iterator[Result | None]) -> None:
        """The rest, in slices between which newer values are heard."""
        await asyncio.sleep(REST)
        newest, sliced, drawn = None, perf_counter(), 0.0
        with self._or_say_so():
            for result in work:
                newest = result or newest
                now = perf_counter()
                if newest is not None and now - drawn > FRAME:
                    self._show(newest)
                    newest, drawn = None, now
                if now - sliced > SLICE:
                    await asyncio.sleep(0.001)
                    sliced = perf_counter()
            if newest is not None:
                self._show(newest)

    def _show(self, result: Result) -> None:
        self._chart.show(result, self._said(result))

    def _said(self, result: Result) -> str:
        """What is said of a result."""
        return WORDS["between"].join(self._sentences[key].format(**values) for key, values in result["say"])

    @contextmanager
    def _or_say_so(self) -> Iterator[None]:
        """Where a computation fails, the sentence of an older setting must not pass for that of the new one."""
        try:
            yield
        except Exception:
            self._chart.failed = True
            raise
        self._chart.failed = False

    def _clicked(self, x: object, y: object) -> None:
        if self._click:
            values = {self._click["x"]: x, self._click["y"]: y}
            self.set(**values)
            other = _labs.get(self._click.get("loads", ""))
            if other is not None:
                other.set(**values)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        figure = self._chart.figure
        result = self._chart.result
        said = self._said(result)
        description = {
            "compute": self._compute.__module__.rpartition(".")[2],
            "controls": [controls.described(key, slider, self._start[key]) for key, slider in self._sliders.items()],
            "fixed": self._fixed,
            "figure": figure,
            "sentences": self._sentences,
        }
        page = figure_html("lab", self._name, self._caption, filled(figure, result), said, **description)
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/html": page, "text/plain": f"{self._caption} {said}"}
