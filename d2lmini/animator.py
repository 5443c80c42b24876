"""A figure that grows while a loop runs."""

import math
from collections.abc import Callable, Sequence
from time import perf_counter

import plotly.graph_objects as go
from IPython import get_ipython
from IPython.core.events import EventManager
from IPython.display import DisplayHandle

from .core import checks
from .figures.chart import Chart, filled
from .figures.plain import plain
from .figures.still import page_figure
from .figures.template import styled

WORDS = {"grew": "A figure that grew while its cell ran"}
FRAME = 1 / 30  # seconds between two drawings


class Animator:
    """A Plotly figure that grows in place, at most thirty times a second.

    In a notebook the figure is shown at the first ``add`` and lives until its cell ends; what is stored then is the
    whole figure. Elsewhere nothing is shown and ``figure`` holds the result.

    Args:
        xlabel, ylabel: titles of the axes.
        legend: the lines' names, one for each y that ``add`` takes.
        xlim, ylim: (low, high) of an axis; without them it grows with the data.
        xscale, yscale: "linear" or "log".
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        legend: Sequence[str] = (),
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        xscale: str = "linear",
        yscale: str = "linear",
    ):
        if isinstance(legend, str):
            raise TypeError(f"legend must be a list of names such as [{legend!r}], not the text {legend!r}")
        self._legend = list(legend)
        self._layout = {"xaxis": _axis("x", xlabel, xlim, xscale), "yaxis": _axis("y", ylabel, ylim, yscale)}
        self.X: list[list[float]] = []
        self.Y: list[list[float | None]] = []
        self._chart: Chart | None = None  # until the cell ends that shows it
        self._drawn_at = 0.0

    def add(self, x: float | list | tuple, y: float | list | tuple | None) -> None:
        """Add a point to each line: y is a number or one for each line, x likewise or one for all.

        A y that is None, infinite or not a number leaves a gap.
        """
        ys = list(y) if isinstance(y, (list, tuple)) else [y]
        xs = list(x) if isinstance(x, (list, tuple)) else [x] * len(ys)
        if self.X and len(ys) != len(self.Y):
            raise ValueError(f"y must hold one number for each of the {len(self.Y)} lines, not {len(ys)}")
        if self._legend and len(ys) != len(self._legend):
            raise ValueError(f"y must hold one number for each name in legend, {len(self._legend)}, not {len(ys)}")
        if len(xs) != len(ys):
            raise ValueError(f"x must hold one number for each line, {len(ys)}, not {len(xs)}")
        points = [(float(a), None if b is None or not math.isfinite(b) else float(b)) for a, b in zip(xs, ys)]
        if not self.X:
            self.X, self.Y = [[] for _ in ys], [[] for _ in ys]
        for (a, b), line_x, line_y in zip(points, self.X, self.Y):
            line_x.append(a)
            line_y.append(b)
        self._draw()

    @property
    def figure(self) -> go.Figure:
        """The figure as it stands."""
        return go.Figure(**filled(self._empty(), self._result()))

    def _names(self) -> list[str]:
        return self._legend or [""] * len(self.Y)

    def _empty(self) -> dict:
        lines = [
            go.Scatter(x=[], y=[], meta=str(i), name=name, showlegend=bool(name))
            for i, name in enumerate(self._names())
        ]
        return plain(styled(lines, self._layout))

    def _result(self) -> dict:
        lines = {str(i): {"x": list(x), "y": list(y), "mode": "lines"} for i, (x, y) in enumerate(zip(self.X, self.Y))}
        return {"traces": lines, "layout": {}}

    def _draw(self) -> None:
        now = perf_counter()
        if self._chart is None:
            shell = get_ipython()
            if shell is None or not hasattr(shell, "kernel"):
                return
            self._chart = self._begin(shell.events)
        elif now - self._drawn_at >= FRAME:
            self._chart.result = self._result()
        else:
            return
        self._drawn_at = now

    def _begin(self, events: EventManager) -> Chart:
        """Show the figure, and when the cell ends all its points; what is stored then is the figure as it is."""
        chart, handle = Chart(self._empty(), self._result()), DisplayHandle()
        self._show(chart, handle.display)

        def finish(*_result: object) -> None:
            events.unregister("post_run_cell", finish)
            chart.result = self._result()
            self._show(chart, handle.update)
            self._chart = None

        events.register("post_run_cell", finish)
        return chart

    def _show(self, chart: Chart, show: Callable) -> None:
        """Hand the chart, and the page's figure beside it, to ``show``."""
        data, metadata = chart._repr_mimebundle_() or ({}, {})  # none of a widget without a view, which this one has
        page = page_figure(plain(filled(self._empty(), self._result())))
        words = {"text/html": page, "text/plain": WORDS["grew"]}
        show(data | words, raw=True, metadata=metadata)


def _axis(name: str, label: str | None, limits: tuple[float, float] | None, scale: str) -> dict:
    checks.choice(f"{name}scale", scale, ("linear", "log"))
    axis: dict = {"type": scale, "title": {"text": label or ""}}
    if limits is not None:
        try:
            low, high = (float(limit) for limit in limits)
        except (TypeError, ValueError):
            raise TypeError(f"{name}lim must be a pair (low, high), not {limits!r}") from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high) or (scale == "log" and low <= 0):
            raise ValueError(
                f"{name}lim must be finite with low < high{', above 0 on a log axis' if scale == 'log' else ''}, not {limits!r}"
            )
        axis["range"] = [math.log10(low), math.log10(high)] if scale == "log" else [low, high]
    return axis
