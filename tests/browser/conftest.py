"""The built book behind a local server, and a real Chromium to read it with."""

import json
import os
import re
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "_build" / "html"
CHART = ROOT / "d2lmini" / "js" / "chart.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'"
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Strict(Quiet):
    """Serves under a policy that allows nobody else's host and no eval; Chromium logs an error for each breach."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@contextmanager
def served(folder: Path, handler=Strict):
    """The address of a server of a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def site():
    """The address of the built book."""
    with served(BOOK) as address:
        yield address


@contextmanager
def launched():
    """A Chromium of its own, for the tests and for what `make bench` measures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium():
    with launched() as browser:
        yield browser


@contextmanager
def watched(chromium):
    """Make fresh pages; at the end, fails if one logged an error, failed a request, or asked another host for anything."""
    contexts, faults, coverage = [], [], ExitStack()

    def make(**options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        # Chromium calls aborted what a reader who goes on no longer needs, and without script what was only preloaded.
        page.on(
            "requestfailed",
            lambda request: (
                request.failure == "net::ERR_ABORTED" or faults.append(f"failed: {request.url}: {request.failure}")
            ),
        )
        page.on(
            "response", lambda response: response.status < 400 or faults.append(f"{response.status}: {response.url}")
        )
        page.on("request", lambda request: _local(request.url) or faults.append(f"asked elsewhere: {request.url}"))
        coverage.enter_context(covered(page))
        return page

    with coverage:
        yield make
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def new_page(chromium):
    """Make fresh pages for a test, as ``watched`` says."""
    with watched(chromium) as make:
        yield make


@contextmanager
def covered(page):
    """Note which functions and lines of our scripts a page runs, where Node's own variable for that says."""
    folder = os.environ.get("NODE_V8_COVERAGE")
    if folder is None:
        yield
        return
    devtools = page.context.new_cdp_session(page)
    devtools.send("Profiler.enable")
    devtools.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})
    yield
    if page.is_closed():
        return
    scripts = devtools.send("Profiler.takePreciseCoverage")["result"]
    blobs = [
        script for script in scripts if script["url"].startswith("blob:")
    ]  # a widget's module has no name of its own
    if blobs:
        devtools.send("Debugger.enable")  # it gives sources
    for script in blobs:
        source = devtools.send("Debugger.getScriptSource", {"scriptId": script["scriptId"]})["scriptSource"]
        script["url"] = CHART.as_uri() if source == CHART.read_text() else ""
    ours = [script for script in scripts if re.search(r"/(vendor/page|js/chart)\.js(\?|$)", script["url"])]
    Path(folder, f"browser-{uuid4()}.json").write_text(json.dumps({"result": ours}))


@pytest.fixture
def page(new_page):
    """A fresh page, watched as ``new_page`` says."""
    return new_page()


def _local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "file://", "data:", "blob:"))
