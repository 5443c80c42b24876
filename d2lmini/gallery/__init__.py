"""The charts of the labs, empty: traces with the ``meta`` by which results fill them, titles, descriptions, choices."""

from .scratch import (
    AXES,
    BATCHES,
    MAP_RATES,
    MAP_SIZES,
    PATH_TITLES,
    PROGRAMS,
    ROWS,
    directions,
    path_figure,
    plane_figure,
    training_figure,
)

__all__ = [
    "AXES",
    "BATCHES",
    "MAP_RATES",
    "MAP_SIZES",
    "PATH_TITLES",
    "PROGRAMS",
    "ROWS",
    "directions",
    "path_figure",
    "plane_figure",
    "training_figure",
]
