"""What labs share in words: the labels of their sliders, the names of axes, and how amounts are said."""

from collections.abc import Sequence

# The label of a slider, by its key; a lab's module may have LABELS of its own.
LABELS = {
    "batch": "Batch size",
    "lr": "Learning rate",
    "epochs": "Epochs",
    "seed": "Seed",
    "rows": "Rows",
    "whose": "Whose seconds",
    "axis": "Against",
}
WORDS = {
    "epochs": "epochs",
    "examples": "examples seen",
    "updates": "updates",
    "seconds": "seconds of training",
    "loss": "half squared loss",
    "rate": "learning rate",
    "batch": "batch size",
    "optimum": "best possible",
    "band": "range of {seeds} seeds",
    "lowest": "lowest of {seeds} seeds",
    "highest": "highest of {seeds} seeds",
}
# Of results of several labs; {name:format} takes Python's format language, of which js/core/format.js knows the part used here.
SENTENCES = {
    "diverged": "Batch size {batch:,}, learning rate {lr:.2g}: training diverged. The half loss passed a million at update {update:,}.",
    "clipped": "Curves are cut off at a half loss of {ceiling:.1f}.",
}
AXES = ("epochs", "examples", "updates", "seconds")
TITLES = {axis: WORDS[axis] for axis in AXES}


def scaled(value: float, units: Sequence[tuple[str, float]]) -> str:
    """An amount in the largest of ``units`` (symbol, size; falling) that it fills, or in the last; below 10 with a decimal."""
    symbol, size = next((unit for unit in units if value >= unit[1]), units[-1])
    number = value / size
    return f"{number:.{0 if number >= 10 else 1}f} {symbol}"


def duration(seconds: float) -> str:
    """Seconds as people say them: 38 µs, 1.2 ms, 4.9 s."""
    return scaled(seconds, (("s", 1), ("ms", 1e-3), ("µs", 1e-6)))
