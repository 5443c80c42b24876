"""What several tests need."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
NODE = ROOT / ".venv" / "bin" / "node"

# A property is tried with few examples, the same ones in every run; --hypothesis-profile=long tries many, each time others.
settings.register_profile("ordinary", max_examples=40, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=400, deadline=None, print_blob=True)
settings.load_profile("ordinary")


@pytest.fixture(scope="session")
def javascript():
    """Run a module of tests/js with JSON on its standard input, and read JSON from its output."""

    def run(module: str, given):
        command = [NODE, ROOT / "tests" / "js" / module]
        answer = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return run


def pytest_collection_modifyitems(items):
    """The browser's tests last: they are the slowest, and Playwright leaves an event loop behind that others would find running."""
    items.sort(key=lambda item: "browser" in item.path.parts)
