"""The weights at which some exercises look: on the way, so that no chapter has printed the answer."""

from functools import cache

import numpy as np

from ..core import engine
from ..core.rows import kept, table
from ..core.steps import finish

STEPS, RATE = 3, 0.3


@cache
def early() -> np.ndarray:
    """The weights and, last, the bias after three steps of gradient descent at rate 0.3 from zero: (6,)."""
    A, y = table()
    return kept(np.array(finish(engine.minibatch_sgd(A, y, batch_size=len(y), lr=RATE, epochs=STEPS)).theta[-1]))
