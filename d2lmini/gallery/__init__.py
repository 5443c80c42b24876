"""The charts of the labs, empty: traces with the ``meta`` by which results fill them, titles, descriptions, choices."""

from .batches import ORDERS, batches_figure
from .concise import twins_figure
from .genie import COPIES, METHODS, RECORDED, SAMPLING, genie_figure
from .minibatch_statistics import PLACES, cloud_figure, places
from .schedules import DECAY_BATCHES, DELAYS, GAMMAS, SCHEDULES, VIEW_TITLES, VIEWS, WARM_UPS, decay_figure
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
    start_figure,
    training_figure,
)
from .vectorization import LIBRARIES, SPEED_TITLES, SPEEDS, TIMINGS, WIDTHS, products_figure

__all__ = [
    "AXES",
    "BATCHES",
    "COPIES",
    "DECAY_BATCHES",
    "DELAYS",
    "GAMMAS",
    "LIBRARIES",
    "MAP_RATES",
    "MAP_SIZES",
    "METHODS",
    "ORDERS",
    "PATH_TITLES",
    "PLACES",
    "PROGRAMS",
    "RECORDED",
    "ROWS",
    "SAMPLING",
    "SCHEDULES",
    "SPEEDS",
    "SPEED_TITLES",
    "TIMINGS",
    "VIEWS",
    "VIEW_TITLES",
    "WARM_UPS",
    "WIDTHS",
    "batches_figure",
    "cloud_figure",
    "decay_figure",
    "directions",
    "genie_figure",
    "path_figure",
    "places",
    "plane_figure",
    "products_figure",
    "start_figure",
    "training_figure",
    "twins_figure",
]
