"""What several tests need."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NODE = ROOT / ".venv" / "bin" / "node"


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
