"""A Plotly figure in JupyterLab that can be changed in place."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import anywidget
import traitlets
from plotly.offline import get_plotlyjs

from .plain import Json

WORDS = {
    "failed": "This setting could not be computed: the chart is that of an earlier one.",
    "gone": "The kernel behind this chart has ended: run the cell again to bring it back to life.",
}


@cache
def _plotly() -> bytes:
    return get_plotlyjs().encode()


class Chart(anywidget.AnyWidget):
    """A Plotly figure, and the newest result that its traces show.

    FigureWidget would put 5 MB of Plotly into every notebook. Here the first chart of a kernel brings it along, for a
    kernel that runs a cell answers nothing; a chart on a page that was loaded anew asks for it.
    """

    _has_sent = False
    _esm = Path(__file__).parents[1] / "js" / "figures" / "chart.js"
    _css = ".gone { display: none } .jupyter-widgets-disconnected .gone { display: block }"  # a class of ipywidgets
    figure = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    library = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        figure: dict,
        result: dict,
        said: str = "",
        on_click: Callable[..., object] | None = None,
    ):
        library = b"" if Chart._has_sent else _plotly()
        super().__init__(figure=figure, result=result, said=said, library=library)
        Chart._has_sent = True
        self._on_click = on_click
        self.on_msg(self._receive)

    def _receive(self, _widget: object, message: Json, _buffers: object) -> None:
        if message == "plotly":
            self.send("plotly", buffers=[_plotly()])
        elif self._on_click is not None:
            self._on_click(**message["click"])

    def show(self, result: dict, said: str) -> None:
        """Draw a result, and what is said of it below."""
        with self.hold_sync():  # both in one message
            self.result, self.said = result, said

    def play(self) -> None:
        """Draw the newest run from its beginning."""
        self.send("play")


def filled(figure: dict, result: dict) -> dict:
    """The figure with a result in it, as ``filled`` in js/figures/chart.js makes it."""
    data = []
    for trace in figure["data"]:
        change = result["traces"].get(trace.get("meta"))
        data.append(trace if change is None else {**trace, **change, "visible": len(change["x"]) > 0})
    return {"data": data, "layout": _merged(figure["layout"], result["layout"])}


def _merged(target: dict, changes: dict) -> dict:
    result = dict(target)
    for key, value in changes.items():
        result[key] = _merged(target.get(key) or {}, value) if isinstance(value, dict) else value
    return result
