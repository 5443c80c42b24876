"""What `pytest --nbval` loads before it tests the chapters."""

import tests.closeness  # noqa: F401
