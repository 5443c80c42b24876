"""What the glossary and the page on the data claim."""

import numpy as np

from d2lmini.core import theory

from .checks import Holds, Proved
from .numbers import run, whitened

CLAIMS = {
    "One pass over the data: $n$ examples, $\\lceil n/b \\rceil$ updates": Proved(),
    "The factor $(n-b)/(n-1)$ by which drawing without replacement lowers the variance": Proved(),
    "training diverges in mean square, the mean over all draws, though a single run may hold out": Holds(
        lambda: (
            theory.expected_loss(1, 0.2, 3000)[-1] > 1e6
            and all(run(1, 0.2, 20, seed).diverged_at is None for seed in range(10))
        )
    ),
    "$2/\\lambda_{\\max}$ for full gradients, less for small batches": Proved(),
    "Turning and scaling the features so that each has variance 1 and no two are correlated": Holds(
        lambda: np.allclose(np.cov(whitened().T, bias=True), np.eye(5), atol=1e-9)
    ),
    "The book embeds all 1,503 rows; the text of the values is unchanged": Proved(),
}
