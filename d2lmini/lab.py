"""A lab: sliders, a chart, and a description from which the built page runs it without a kernel."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import perf_counter
from weakref import WeakValueDictionary

import plotly.graph_objects as go
from ipywidgets import (
    Button,
    Checkbox,
    Dropdown,
    FloatLogSlider,
    HBox,
    IntSlider,
    Label,
    SelectionSlider,
    ToggleButtons,
    VBox,
)

from .chart import Chart, filled
from .figures import figure_html, plain

Control = SelectionSlider | FloatLogSlider | IntSlider | ToggleButtons | Dropdown | Checkbox

REST = 0.15  # seconds without a new value before anything more than the first result is computed
SLICE = 0.02  # seconds of computing between two looks at the sliders
FRAME = 0.1  # seconds between two drawings of a result that grows
WORDS = {"reset": "Reset", "play": "Play"}
# The label of a slider that has no description, by its key.
LABELS = {
    "batch": "Batch size",
    "lr": "Learning rate",
    "epochs": "Epochs",
    "seed": "Seed",
    "rows": "Rows",
    "whose": "Whose seconds",
    "axis": "Against",
    "across": "Upwards",
    "logx": "log x",
    "logy": "log y",
    "band": "30 seeds",
    "classics": "classic runs",
    "half": "with the ½",
    "zero_bias": "bias from zero",
    "kind": "Schedule",
    "view": "Show",
    "divide": "Divide, or grow, by",
    "every": "Every … epochs",
    "gamma": "γ of the multiplication",
    "delay": "Delay in updates",
    "warm": "Warm-up in updates",
}

_labs: WeakValueDictionary[str, "Lab"] = WeakValueDictionary()


class Lab(VBox):
    """Moving a slider computes again and redraws: in Python here, in JavaScript in the built page.

    Args:
        name: unique in the book; the page's address of a setting begins with it (``#name?key=value``).
        caption: one sentence that says what the chart shows.
        sliders: ipywidgets by the name of the parameter that each one sets; one without a description takes its label
            from LABELS.
        compute: a function of the sliders' values and of ``fixed``, with a twin of the same name in d2lmini/js. It
            returns a result, or yields better and better ones; see d2lmini.compute. What a result says is put into words
            by the ``SENTENCES`` of its module.
        figure: the chart; the traces that results fill have a ``meta`` by which results name them. In ``layout.meta``:
            ``alt`` describes the chart to those who cannot see it, ``narrow`` holds changes for a phone, ``play`` the meta
            of traces that Play draws from their beginning, ``click`` = {"x": slider, "y": slider, "loads": lab} what a
            click on a point sets.
        fixed: further arguments of compute, as JSON.
    """

    def __init__(
        self, name: str, caption: str, sliders: dict[str, Control], compute: Callable, figure: go.Figure, **fixed
    ):
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(
                f"name must be letters, digits and underscores, so that an address can hold it, not {name!r}"
            )
        for key, slider in sliders.items():
            if not isinstance(slider, Control):
                raise TypeError(f"sliders[{key!r}] must be one of {_kinds()}, not {type(slider).__name__}")
            slider.description = slider.description or LABELS.get(key, key)
        self._name, self._caption, self._sliders = name, caption, sliders
        self._compute, self._fixed = compute, fixed
        self._sentences = getattr(sys.modules[compute.__module__], "SENTENCES", {})
        self._start = {key: slider.value for key, slider in sliders.items()}
        self._work: Generator | None = None
        self._task: asyncio.Task | None = None
        self._click = (figure.layout.meta or {}).get("click") or {}
        layout = plain(figure)
        self._chart = Chart(layout, self._whole_result(), self._sentences, on_click=self._clicked)
        super().__init__([Label(caption), *self._panel(), self._chart])
        for slider in sliders.values():
            slider.observe(self._changed, "value")
        _labs[name] = self

    def set(self, **values) -> None:
        """Move sliders, as a hand would."""
        for key, value in values.items():
            if key not in self._sliders:
                raise ValueError(f"{key!r} is no slider of {self._name!r}: there are {', '.join(self._sliders)}")
            self._sliders[key].value = value

    @property
    def result(self) -> dict:
        """The newest result."""
        return self._chart.result

    def _panel(self) -> list:
        reset, play = (Button(description=WORDS[word], layout={"width": "6em"}) for word in ("reset", "play"))
        reset.on_click(lambda _: self.set(**self._start))
        play.on_click(lambda _: self._chart.play())
        for slider in self._sliders.values():
            if isinstance(slider, Checkbox):
                slider.indent, slider.layout.width = False, "auto"
            else:
                slider.style.description_width = "8em"
            if isinstance(slider, (SelectionSlider, FloatLogSlider, IntSlider)):
                slider.layout.width = "34em"
        boxes = [slider for slider in self._sliders.values() if isinstance(slider, Checkbox)]
        others = [slider for slider in self._sliders.values() if not isinstance(slider, Checkbox)]
        can_play = bool((self._chart.figure["layout"].get("meta") or {}).get("play"))
        return [*others, HBox([*boxes, reset, *([play] if can_play else [])], layout={"flex_flow": "row wrap"})]

    def _begin(self) -> Generator:
        result = self._compute(**{key: slider.value for key, slider in self._sliders.items()}, **self._fixed)
        return result if inspect.isgenerator(result) else iter([result])

    def _whole_result(self) -> dict:
        """What the computation ends with."""
        last = None
        for result in self._begin():
            last = result or last
        return last

    def _changed(self, _change) -> None:
        """Draw the first result for the new values at once; what an older value left to compute is dropped."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # no event loop, as in a script: nobody waits, so everything is computed now
            with self._or_say_so():
                self._chart.result = self._whole_result()
            return
        with self._or_say_so():
            self._work = self._begin()
            began = perf_counter()
            for result in self._work:
                if result is not None:
                    self._chart.result = result
                    break
                if perf_counter() - began > REST:
                    break
        self._task = asyncio.ensure_future(self._finish(self._work))

    async def _finish(self, work: Generator) -> None:
        """The rest, in slices between which newer values are heard."""
        await asyncio.sleep(REST)
        newest, sliced, drawn = None, perf_counter(), 0.0
        with self._or_say_so():
            for result in work:
                newest = result or newest
                now = perf_counter()
                if newest is not None and now - drawn > FRAME:
                    self._chart.result, newest, drawn = newest, None, now
                if now - sliced > SLICE:
                    await asyncio.sleep(0.001)
                    sliced = perf_counter()
            if newest is not None:
                self._chart.result = newest

    @contextmanager
    def _or_say_so(self):
        """Where a computation fails, the sentence of an older setting must not pass for that of the new one."""
        try:
            yield
        except Exception:
            self._chart.failed = True
            raise
        self._chart.failed = False

    def _clicked(self, x, y) -> None:
        if self._click:
            values = {self._click["x"]: x, self._click["y"]: y}
            self.set(**values)
            other = _labs.get(self._click.get("loads"))
            if other is not None:
                other.set(**values)

    def _repr_mimebundle_(self, **kwargs) -> dict:
        figure = self._chart.figure
        result = self._chart.result
        said = " ".join(self._sentences[key].format(**values) for key, values in result["say"])
        description = {
            "compute": self._compute.__name__,
            "controls": [_control(key, slider, self._start[key]) for key, slider in self._sliders.items()],
            "fixed": self._fixed,
            "figure": figure,
            "sentences": self._sentences,
        }
        page = figure_html("lab", self._name, self._caption, filled(figure, result), said, **description)
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/html": page, "text/plain": f"{self._caption} {said}"}


def _kinds() -> str:
    return ", ".join(kind.__name__ for kind in Control.__args__)


def _control(key: str, control: Control, start) -> dict:
    """A control as the page rebuilds it: a list of [label, value], and which one it starts at."""
    match control:
        case SelectionSlider() | Dropdown() | ToggleButtons():
            options = [list(pair) if isinstance(pair, (tuple, list)) else [str(pair), pair] for pair in control.options]
        case IntSlider():
            options = [[str(value), value] for value in range(control.min, control.max + 1, control.step)]
        case FloatLogSlider():
            steps = range(round((control.max - control.min) / control.step) + 1)
            values = [control.base ** (control.min + step * control.step) for step in steps]
            options = [[format(value, control.readout_format), value] for value in values]
        case Checkbox():
            options = [["off", False], ["on", True]]
    values = [value for _, value in options]
    if start in values:
        index = values.index(start)
    else:  # a log slider may start between two steps: the nearest gives way
        index = min(range(len(values)), key=lambda i: abs(values[i] - start))
        options[index] = [format(start, control.readout_format), start]
    kind = {
        SelectionSlider: "range",
        IntSlider: "range",
        FloatLogSlider: "range",
        Dropdown: "menu",
        ToggleButtons: "buttons",
        Checkbox: "box",
    }
    return {"key": key, "kind": kind[type(control)], "label": control.description, "options": options, "index": index}
