"""What the glossary and the page on the data claim."""

import numpy as np

from .checks import Holds, Proved
from .numbers import whitened

CLAIMS = {
    "One pass over the data: $n$ examples, $\\lceil n/b \\rceil$ updates": Proved(),
    "The factor $(n-b)/(n-1)$ by which drawing without replacement lowers the variance": Proved(),
    "$2/\\lambda_{\\max}$ for full gradients, less for small batches": Proved(),
    "Turning and scaling the features so that each has variance 1 and no two are correlated": Holds(
        lambda: np.allclose(np.cov(whitened().T, bias=True), np.eye(5), atol=1e-9)
    ),
    "The book embeds all 1,503 rows; the text of the values is unchanged": Proved(),
}
