"""What the book costs, measured: `make bench`, or one part alone as in `python -m bench training`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / ".bench"))  # numba
