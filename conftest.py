"""For the chapters too, which `pytest --nbval chapters` tests from here."""

pytest_plugins = ["tests.closeness"]
