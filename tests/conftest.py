"""What several tests need: Node, and for those in tests/browser the built book behind a local server and a real Chromium."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: on small problems two threads only wait for each other
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


@pytest.fixture(scope="session")
def site():
    """The address of the built book."""
    from tools.browser import BOOK, served  # not above: the core's tests run where no browser's parts are

    with served(BOOK) as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    from tools.browser import launched

    with launched() as browser:
        yield browser


@pytest.fixture
def new_page(chromium):
    """Make fresh pages for a test, as ``watched`` says."""
    from watch import watched

    with watched(chromium) as make:
        yield make


@pytest.fixture
def page(new_page):
    """A fresh page, watched as ``new_page`` says."""
    return new_page()


def pytest_collection_modifyitems(items):
    """Mark what runs JavaScript, and put the browser's tests last, for Playwright leaves an event loop behind.

    Of these the files with most tests come first, after those in JupyterLab: of two processes that share the files none is
    left with a long one in the end.
    """
    for item in items:
        if "browser" in item.path.parts or "javascript" in item.fixturenames:
            item.add_marker("javascript")
    count = Counter(item.path for item in items)

    def place(item) -> tuple:
        return ("jupyterlab" not in item.path.stem, -count[item.path]) if "browser" in item.path.parts else ()

    items.sort(key=place)
