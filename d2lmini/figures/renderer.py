"""How ``fig.show()`` shows a figure in the book's notebooks."""

import plotly.io as pio
from plotly.io.base_renderers import MimetypeRenderer

from .plain import plain
from .still import page_figure
from .template import TEMPLATE


class BookRenderer(MimetypeRenderer):
    """``fig.show()`` gives JupyterLab the Plotly MIME type, and the page a <figure> with the title as its caption."""

    def to_mimebundle(self, fig_dict: dict) -> dict:
        """The figure as a notebook stores it."""
        figure = plain(fig_dict)
        bundle = pio.renderers["plotly_mimetype"].to_mimebundle(figure)
        return bundle | {"text/html": page_figure(figure)}


def install() -> None:
    """Make the book's template and renderer Plotly's defaults in this kernel."""
    pio.templates["d2lmini"] = TEMPLATE
    pio.templates.default = "d2lmini"
    pio.renderers["d2lmini"] = BookRenderer()
    pio.renderers.default = "d2lmini"
