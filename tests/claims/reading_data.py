"""What the chapter on the data and its minibatches claims."""

import hashlib
import re
from collections.abc import Callable
from functools import cache, partial
from time import perf_counter, sleep, thread_time

import numpy as np
from book import printed
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import Minibatches, get_data
from d2lmini.core import engine, noise
from d2lmini.core.rows import CSV, standardise
from d2lmini.data import ORIGINALS
from d2lmini.labs.batches import buffer_order

from .checks import Between, Holds, Prints, Proved, Timed, near
from .numbers import (
    BEST,
    DATA,
    FEATURES,
    QUADRATIC,
    RECORDING,
    TARGET,
    THETA,
    A,
    Y,
    condition,
    curvatures,
    settled,
    times_as_long,
    whitened,
)


def best_line(scaled_on: int) -> tuple[float, float]:
    """The half loss of the best line over 1,500 rows, and its error in decibels, if so many rows say how to standardise."""
    rows = DATA.to_numpy()
    part = rows[:scaled_on]
    scaled = ((rows - part.mean(axis=0)) / part.std(axis=0))[:1500]
    line = LinearRegression().fit(scaled[:, :5], scaled[:, 5])
    squared = ((line.predict(scaled[:, :5]) - scaled[:, 5]) ** 2).mean()
    return squared / 2, squared**0.5 * part.std(axis=0)[5]


@cache
def held_out(model: Callable, groups: str) -> float:
    """The mean half loss on a held-out fifth of the "rows" or of the "runs", over twenty splits; scikit-learn does it all."""
    label = RECORDING if groups == "runs" else np.arange(len(DATA))
    losses = []
    for kept, held in GroupShuffleSplit(20, test_size=0.2, random_state=0).split(FEATURES, TARGET, label):
        fitted = make_pipeline(StandardScaler(), model()).fit(FEATURES[kept], TARGET[kept])
        losses.append(((fitted.predict(FEATURES[held]) - TARGET[held]) ** 2).mean() / 2)
    return float(np.mean(losses))


def neighbour():
    return KNeighborsRegressor(1)


# From one that remembers each row to those that remember only means of many.
FORGETFUL = [partial(KNeighborsRegressor, k) for k in (1, 3, 10, 30, 100)]


def batches_of_ten(size: int, seed: int, epoch: int) -> np.ndarray:
    """The rows of an epoch over the sorted file through a shuffle buffer, a batch a row: (150, 10)."""
    return np.array(buffer_order(1500, size, seed, epoch)).reshape(-1, 10)


@cache
def buffered(size: int) -> float:
    """The half loss after two epochs over the sorted file through a shuffle buffer, in the median of 15 seeds."""
    losses = []
    for seed in range(15):
        theta = np.zeros(6)
        for epoch in range(2):
            for rows in batches_of_ten(size, seed, epoch):
                theta -= 0.05 * A[rows].T @ (A[rows] @ theta - Y[rows]) / 10
        losses.append(engine.half_loss(QUADRATIC, theta))
    return float(np.median(losses))


def runs_in_a_batch(size: int) -> float:
    """How many runs of the wind tunnel a batch of ten holds on average, in an epoch through a buffer."""
    return float(np.mean([len(set(RECORDING[rows])) for rows in batches_of_ten(size, 0, 0)]))


def begins_late(size: int) -> float:
    """The share of 400 epochs through a buffer that begin with one of the last 500 of 1,500 rows."""
    return float(np.mean([buffer_order(1500, size, seed, 0)[0] >= 1000 for seed in range(400)]))


def steepest_and_flattest() -> list[int]:
    """The columns of the raw table that the steepest and the flattest direction run along."""
    columns = np.column_stack([FEATURES, np.ones(len(FEATURES))])
    vectors = np.linalg.eigh(columns.T @ columns)[1]
    return [int(np.abs(vectors[:, i]).argmax()) for i in (-1, 0)]


def sizes(rows: int, batch: int) -> list[int]:
    """How many rows each batch of an epoch has."""
    return [len(X) for X, _ in Minibatches(np.zeros((rows, 1)), np.zeros(rows), batch)]


def missed(rows: int) -> float:
    """How many rows an epoch with replacement misses, in the mean over 5,000 epochs."""
    return float(np.mean([rows - len(set(engine.epoch_order(rows, 0, epoch, True))) for epoch in range(5000)]))


def runs_in_a_stretch(size: int) -> float:
    """How many runs of the wind tunnel so many neighbouring rows of the file hold on average."""
    return float(np.mean([len(set(RECORDING[i : i + size])) for i in range(len(RECORDING) - size)]))


def told(batch: int) -> float:
    """How many times as long as slices a DataLoader takes, as the chapter prints it."""
    return float(re.search(rf"batch +{batch:,}: +(\d+) times as long as with slices", printed("reading-data"))[1])


def loading(batch: int) -> float:
    """How many times as long as slices a DataLoader takes for a pass over the table."""
    data, _ = get_data(batch, seed=0)
    loader = DataLoader(TensorDataset(data.X, data.y), batch, shuffle=True)
    slices = Minibatches(data.X, data.y, batch, seed=0)
    return times_as_long(lambda: sum(1 for _ in loader), lambda: sum(1 for _ in slices))


def told_waiting(workers: int) -> float:
    """How many times as long as the waiting itself so many workers take, as the chapter prints it."""
    return float(re.search(rf"{workers} workers: ([\d.]+) times the waiting", printed("reading-data"))[1])


def processor(seconds: float) -> float:
    """What part of a wait the processor spends on it."""
    began = thread_time()
    sleep(seconds)
    return (thread_time() - began) / seconds


def pull_of_a_wing() -> float:
    """The squared gradient at the optimum of all rows of a wing, by that of as many random rows: the median of the six."""
    gradients, wing = noise.gradients(THETA), FEATURES[:1500, 2]
    random = (gradients**2).sum(axis=1).mean()
    means = [(gradients[wing == one].mean(axis=0), (wing == one).sum()) for one in np.unique(wing)]
    return float(np.median([size * mean @ mean / random for mean, size in means]))


def bands_apart_by_one() -> float:
    """How often the nearest of all other rows is of the same run, and the next row in it or the one before."""
    scaled = standardise(FEATURES)
    nearest = KNeighborsRegressor(2).fit(scaled, TARGET).kneighbors(scaled, return_distance=False)
    rows = np.arange(len(scaled))
    other = np.where(nearest[:, 0] == rows, nearest[:, 1], nearest[:, 0])
    return float(((RECORDING[other] == RECORDING[rows]) & (abs(other - rows) == 1)).mean())


def waiting(workers: int) -> float:
    """Seconds in which a loader fetches 200 examples that take 5 ms each: a second of waiting in all."""
    loader = DataLoader([0.005] * 200, batch_size=None, collate_fn=sleep, num_workers=workers)
    times = []
    for _ in range(3):
        began = perf_counter()
        list(loader)
        times.append(perf_counter() - began)
    return min(times)


CLAIMS = {
    "Three updates. Two batches of 16 use 32 rows, and the last batch is short: it has the 8 that are left": Prints(
        "3 updates an epoch, the last with 8 of them"
    ),
    "About 15. Drawn with replacement": Between(14, lambda: missed(40), 15),
    "more than a third": Between(1 / 3, lambda: missed(40) / 40, 0.4),
    "There are 1,503 rows, five features and one target": Holds(lambda: DATA.shape == (1503, 6)),
    "six chord lengths, four velocities": Holds(lambda: DATA.nunique().iloc[[2, 3]].tolist() == [6, 4]),
    "wherever the frequency starts again from low, and nowhere else, a new run begins": [
        Holds(lambda: ((np.diff(RECORDING) != 0) == (np.diff(FEATURES[:, 0]) < 0)).all()),
        Prints("106 runs of 8 to 19 rows"),
    ],
    "It is sorted: wing by wing, and for each wing by rising angle": Holds(
        lambda: (
            (np.diff(FEATURES[:, 2]) != 0).sum() == 5
            and (np.diff(FEATURES[:, 1])[np.diff(FEATURES[:, 2]) == 0] >= 0).all()
        )
    ),
    "the steepest direction is the frequency, thousands of hertz, and the flattest the thickness": Holds(
        lambda: steepest_and_flattest() == [0, 4]
    ),
    "After standardising, one learning rate serves all": [
        near(12.1, lambda: condition(standardise(FEATURES)), 0.005),
        Between(1e11, lambda: condition(FEATURES), 1e12),
    ],
    "angle and thickness still move together with a correlation of 0.753": near(
        0.753, lambda: np.corrcoef(FEATURES[:, 1], FEATURES[:, 4])[0, 1]
    ),
    "For a linear model white data would make the bowl perfectly round": near(1, lambda: condition(whitened()), 1e-9),
    "The best possible loss differs by more than one per cent": [
        Between(1.01, lambda: best_line(1500)[0] / best_line(1503)[0], 1.02),
        near(0.24168796, lambda: best_line(1503)[0], 1e-7),
        near(0.24499860, lambda: best_line(1500)[0], 1e-7),
    ],
    "in decibels the fit is the same": near(1, lambda: best_line(1500)[1] / best_line(1503)[1], 1e-9),
    "Without the thickness the bowl is rounder, and a rate of 1 is stable. With all five features it diverges": [
        near(1.27, lambda: 2 / curvatures(standardise(FEATURES)[:, :4])[-1], 0.005),
        near(0.95, lambda: 2 / curvatures(standardise(FEATURES))[-1], 0.005),
        Proved(),
    ],
    "Every row is used exactly once, and the training ends at a lower loss for it": [
        Proved(),
        Between(0.6, lambda: settled() / settled(replacement=True), 0.95),
    ],
    "a slice of a tensor, as PyTorch calls its arrays, is not a copy": [
        Prints("slice 0.00, copy 4.16"),
        Holds(lambda: (X := get_data(64)[0].X)[64:128].untyped_storage().data_ptr() == X.untyped_storage().data_ptr()),
    ],
    "`Minibatches`, the book's iterator, permutes and slices": Proved(),
    "Its gradient averages over 28 rows instead of 64, so each of them counts more than twice as much": Holds(
        lambda: set(sizes(1500, 64)[:-1]) == {64} and sizes(1500, 64)[-1] == 28 < 64 / 2
    ),
    "1,500 rows give it a single point, at the very end": Prints(
        "1500 rows, batch 64: 1 recorded, the last at epoch 4.46"
    ),
    "With 1,503 rows there is no point at all": Prints("1503 rows, batch 64: 0 recorded"),
    "Record the start, then whenever another fixed fraction of an epoch is full, and always the end": Proved(),
    "Three times the loss!": Between(
        2.8,
        lambda: ((Y[:1499] ** 2).mean() + Y[1499] ** 2) / 2 / (Y**2).mean(),
        3.3,
    ),
    "looking a hundred times as often gives the same weights to the last bit": Proved(),
    "Never: when the first example is drawn, those rows have not been read": Holds(lambda: begins_late(1000) == 0),
    "In a full shuffle about a third of all epochs begin so": Between(0.26, lambda: begins_late(1500), 0.41),
    "A buffer of one row is file order, and ten rows are hardly better": [
        Between(0.8, lambda: (buffered(10) - BEST) / (buffered(1) - BEST), 1),
    ],
    "a batch still comes from a few neighbouring runs": [
        Between(1, lambda: runs_in_a_batch(1), 2),
        Between(2, lambda: runs_in_a_batch(10), 4),
        Between(8, lambda: runs_in_a_batch(1500), 10),
    ],
    "With three hundred rows, some twenty runs, little is left of the damage": [
        Between(0, lambda: (buffered(300) - buffered(1500)) / (buffered(1) - buffered(1500)), 0.15),
        Between(19, lambda: runs_in_a_stretch(300), 23),
    ],
    "With one batch an epoch there should be the least to do, and yet the factor is larger there than for batches of ten": [
        Between(1.2, lambda: told(1500) / told(10), 20),
        Timed(1.2, lambda: loading(1500) / loading(10), 20),
    ],
    "1,500 little Python calls where one slice would do": Prints("requests for one batch of 1,500: 1500"),
    "Without workers the loader's own cost is small beside the waiting": [
        Between(1, lambda: told_waiting(0), 1.25),
        Timed(1, lambda: waiting(0), 1.25),
    ],
    "Two workers do much of the waiting at the same time": [
        Between(0.5, lambda: told_waiting(2), 0.9),
        Timed(0.5, lambda: waiting(2), 0.9),
    ],
    "By the clock on the wall, as waiting takes no time of the processor's": Between(0, lambda: processor(0.1), 0.01),
    "each wing pulls the weights its own way": Between(3, pull_of_a_wing, 10),
    "the model finds a neighbour from the same sweep, a band higher or lower": Between(0.5, bands_apart_by_one, 1),
    "The error looks less than half of what a new run will show": Between(
        0.3, lambda: held_out(neighbour, "rows") / held_out(neighbour, "runs"), 0.5
    ),
    "Hardly. A line with six numbers cannot remember 106 runs": Between(
        1, lambda: held_out(LinearRegression, "runs") / held_out(LinearRegression, "rows"), 1.15
    ),
    "The more a model can remember, the more a careless split flatters it": Holds(
        lambda: (np.diff([held_out(model, "rows") / held_out(model, "runs") for model in FORGETFUL]) > 0.02).all()
    ),
    "nearest neighbour beats the line by a factor of three on leaky data, and by much less on new runs": [
        Between(2.7, lambda: held_out(LinearRegression, "rows") / held_out(neighbour, "rows"), 3.3),
        Between(1.1, lambda: held_out(LinearRegression, "runs") / held_out(neighbour, "runs"), 1.8),
    ],
    "these are the numbers that everyone else uses": Holds(
        lambda: (
            hashlib.sha1(
                "".join(f"{line}\r\n" for line in CSV.read_text().replace(",", "\t").splitlines()[1:]).encode()
            ).hexdigest()
            == ORIGINALS["airfoil"][1]
        )
    ),
    "`download` writes to a temporary file, verifies, and only then gives the file its name": Proved(),
    "A good copy that was there before would have stayed, too": Proved(),
    "so each has the weight $1/100$ instead of $1/300$ in its update: three times as much": Holds(
        lambda: sizes(1000, 300) == [300, 300, 300, 100]
    ),
    "When the hundredth example is drawn, only 10,099 rows have been read": Holds(
        lambda: max(buffer_order(20_000, 10_000, 0, 0)[:100]) < 10_099
    ),
}
