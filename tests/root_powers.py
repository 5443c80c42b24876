"""What to write before a command so that permissions hold for it: for root they do not, unless it gives its powers up."""

import os

POWERS = "-dac_override,-dac_read_search"
AS_ANYBODY = () if os.geteuid() else ("setpriv", f"--inh-caps={POWERS}", f"--bounding-set={POWERS}", "--")
