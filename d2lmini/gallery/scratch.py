"""The charts of the labs in ``index`` and ``scratch``."""

import itertools

import numpy as np
import plotly.graph_objects as go

from .. import engine
from ..compute import BAND_SEEDS, optimum
from ..data import table
from ..figures import COLOURS
from ..landscape import LEVELS

AXES = {"epochs": "epochs", "examples": "examples seen", "updates": "updates", "seconds": "seconds of training"}
PATH_TITLES = {
    "main": "distance along the main direction",
    "steepest": "along the steepest",
    "flattest": "along the flattest",
}
LOSS = "half squared loss"
PROGRAMS = [
    ("PyTorch with a DataLoader", "loader"),
    ("PyTorch, sliced tensors", "torch"),
    ("NumPy", "numpy"),
    ("right here", "here"),
]
ROWS = [("1,500", 1500), ("15,000", 15_000), ("150,000", 150_000), ("1.5 million", 1_500_000)]
BATCHES = [1, 2, 3, 5, 7, 10, 20, 30, 50, 64, 100, 128, 200, 256, 500, 750, 1000, 1500]
MAP_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1500]  # among BATCHES: the main lab loads them
MAP_RATES = [float(f"{10**power:.4g}") for power in np.arange(-3, 0.401, 0.1)]
# Areas from the best to the worst, told apart by lightness alone too; the last is for runs that diverged.
AREAS = ["#fde725", "#a5d836", "#4ec36b", "#1f9a8a", "#2c728e", "#3e4a89", "#440154", "#9ca3af"]


def training_figure() -> go.Figure:
    """For ``compute.training``: the run, the range of other seeds, the optimum and the classic runs."""
    run, faint = COLOURS[0], "rgba(59,130,246,0.18)"
    names = {
        "gd": "gradient descent: all rows, rate 1, 10 epochs",
        "sgd": "one at a time: batch 1, rate 0.005, 2 epochs",
        "b100": "batch 100, rate 0.4, 2 epochs",
        "b10": "batch 10, rate 0.05, 2 epochs",
    }
    dashes = ["dash", "dashdot", "longdash", "dot"]
    lines = [
        go.Scatter(meta="low", mode="lines", line_width=0, showlegend=False, hoverinfo="skip"),
        go.Scatter(
            meta="high",
            name=f"range of {BAND_SEEDS} seeds",
            mode="lines",
            line_width=0,
            line_color=run,
            fill="tonexty",
            fillcolor=faint,
            hoverinfo="skip",
        ),
        go.Scatter(
            meta="optimum", name="best possible", mode="lines", line={"color": COLOURS[5], "dash": "dot", "width": 1.5}
        ),
        *(
            go.Scatter(
                meta=meta, name=names[meta], mode="lines", line={"color": COLOURS[i + 1], "dash": dash, "width": 1.5}
            )
            for i, (meta, dash) in enumerate(zip(names, dashes))
        ),
        go.Scatter(meta="run", name="this run", mode="lines", line={"color": run, "width": 3}, marker_size=8),
    ]
    return go.Figure(
        lines,
        layout={
            "yaxis_title_text": LOSS,
            "meta": {
                "alt": "Line chart of the half squared loss over all rows while the chosen run trains, with the best possible loss "
                "as a dotted line; the sentence below the chart says how the run ended.",
                "play": ["run"],
                "narrow": {"legend": {"font": {"size": 11}}, "yaxis": {"title": {"text": ""}}},
            },
        },
    )


# On the first page each classic run is named where it passes: words, updates, half loss.
NAMED = {
    "gd": ("all rows", 1.06, 0.303),
    "b100": ("100 examples", 1.4, 0.388),
    "b10": ("10 examples", 10.5, 0.4),
    "sgd": ("1 example", 235, 0.352),
}


def start_figure() -> go.Figure:
    """For ``compute.training`` against the logarithm of updates: the classic runs named in the chart, not in a legend."""
    figure = training_figure()
    for meta, (words, updates, loss) in NAMED.items():
        figure.update_traces({"showlegend": False}, {"meta": meta})
        figure.add_annotation(x=np.log10(updates), y=loss, text=words, showarrow=False, xanchor="left", font_size=12)
    narrow = [{**note.to_plotly_json(), "text": note.text.split()[0]} for note in figure.layout.annotations]
    figure.layout.meta["narrow"]["annotations"] = narrow
    return figure


def plane_figure(limits: dict[int, float]) -> go.Figure:
    """For ``landscape.plane``: areas of equal final loss, the largest stable rate of each batch size, and the chosen run."""
    bounds = ["0", *map(str, LEVELS)]
    names = [f"{a}–{b} %" for a, b in itertools.pairwise(bounds)] + [f"over {LEVELS[-1]} %", "diverged"]
    metas = [f"level{i}" for i in range(len(LEVELS) + 1)] + ["diverged"]
    areas = [
        go.Scatter(
            meta=meta,
            name=name,
            mode="lines",
            line_width=0,
            line_color=colour,
            fill="toself",
            fillcolor=colour,
            hoverinfo="skip",
        )
        for meta, name, colour in zip(metas, names, AREAS)
    ]
    over = [
        go.Scatter(
            x=list(limits),
            y=list(limits.values()),
            name="stability limit",
            line={"color": "#e11d48", "width": 3},
            hoverinfo="skip",
        ),
        go.Scatter(
            meta="cells",
            mode="markers",
            marker={"size": 6, "color": "#888"},  # the nearest counts, not one that happens to reach here
            opacity=0,
            showlegend=False,
            hovertemplate="batch %{x}, rate %{y:.2g}: %{customdata:.4f}<extra></extra>",
        ),
        go.Scatter(
            meta="chosen",
            name="chosen run",
            mode="markers",
            hoverinfo="skip",
            marker={"size": 13, "color": "#ffffff", "line": {"color": "#111111", "width": 3}},
        ),
    ]
    span = [np.log10(MAP_SIZES[0]) - 0.15, np.log10(MAP_SIZES[-1]) + 0.1]
    return go.Figure(
        [*areas, *over],
        layout={
            "height": 460,
            "xaxis": {
                "type": "log",
                "title_text": "batch size",
                "range": span,
                "tickvals": [1, 10, 100, 1000],
                "showgrid": False,
            },
            "yaxis": {
                "type": "log",
                "title_text": "learning rate",
                "range": [-3.05, 0.45],
                "tickvals": [0.001, 0.01, 0.1, 1],
                "showgrid": False,
            },
            "meta": {
                "alt": "Map of batch size against learning rate, coloured by the loss after two epochs. The best runs lie on a band that "
                "rises from small batches with small rates to large batches with large rates; above a line that rises and flattens runs diverge.",
                "click": {"x": "batch", "y": "lr", "loads": "scratch"},
                "narrow": {"legend": {"font": {"size": 10}, "entrywidth": 0.46, "entrywidthmode": "fraction"}},
            },
        },
    )


def directions() -> dict[str, dict]:
    """Eigenvectors of the labs' Hessian, (6,) each, with their curvature, the second derivative of the loss.

    "main" is the one along which a start from zero has most to lose, "steepest" the one that becomes unstable first,
    "flattest" the one along which training is slowest.
    """
    values, vectors = np.linalg.eigh(engine.quadratic(*table())[0])
    start = vectors.T @ -np.array(optimum()[0])
    vectors = vectors * np.sign(start)  # the start lies on the positive side of each
    excess = values * start**2 / 2
    chosen = {"main": int(excess.argmax()), "steepest": len(values) - 1, "flattest": 0}
    ranges = {"main": [-0.35, 1.0], "steepest": [-0.57, 0.57], "flattest": [-0.45, 0.7]}
    return {
        name: {"vector": vectors[:, k].tolist(), "curvature": float(values[k]), "range": ranges[name]}
        for name, k in chosen.items()
    }


def path_figure() -> go.Figure:
    """For ``landscape.path``: contours of the loss, the path over them, and the loss of the same run."""
    run, grey = COLOURS[0], {"color": COLOURS[5], "width": 1}
    square, diamond = ({"size": 11, "color": COLOURS[i], "symbol": s} for i, s in ((1, "square"), (2, "diamond")))
    return go.Figure(
        [
            go.Scatter(meta="contours", mode="lines", name="equal loss", line=grey, hoverinfo="skip"),
            go.Scatter(
                meta="path", mode="lines+markers", name="the weights", line={"color": run, "width": 1.5}, marker_size=3
            ),
            go.Scatter(meta="start", mode="markers", name="start", marker=square),
            go.Scatter(meta="end", mode="markers", name="end", marker=diamond),
            go.Scatter(
                meta="curve", mode="lines", showlegend=False, line={"color": run, "width": 2}, xaxis="x2", yaxis="y2"
            ),
        ],
        layout={
            "height": 420,
            "xaxis": {"domain": [0, 0.58], "title_text": PATH_TITLES["main"], "range": [-0.35, 1.0]},
            "xaxis2": {"domain": [0.7, 1], "title_text": AXES["epochs"], "anchor": "y2", "range": [0, 2]},
            "yaxis2": {"anchor": "x2", "title_text": LOSS, "range": [0.2, 0.55]},
            "meta": {
                "alt": "Left: the path of the weights over ellipses of equal loss, from the start towards the optimum at "
                "the origin. Right: the loss of the same run against epochs.",
                "play": ["path", "curve"],
                "narrow": {
                    "height": 620,
                    "xaxis": {"domain": [0, 1]},
                    "yaxis": {"domain": [0.45, 1]},
                    "xaxis2": {"domain": [0, 1]},
                    "yaxis2": {"domain": [0, 0.3]},
                },
            },
        },
    )
