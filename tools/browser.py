"""A Chromium to read the built book with, and a server of it: for the tests, for `make bench` and for the tools beside this one."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "_build" / "html"
PATIENCE = 180  # seconds after which what has not come never will, on a machine with eight busy programs beside, too
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Chromium prepares menus for the address bar of each window, which nobody sees here and which cost as much as a page. They
# are switched off beside what Playwright switches off itself, for of two such lists only the last one counts.
PLAYWRIGHTS = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join([*PLAYWRIGHTS, 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'])}",
]
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'"
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves, and logs nothing."""

    def log_message(self, *args: object) -> None:
        pass


class Strict(Quiet):
    """Serves under a policy that allows nobody else's host and no eval; Chromium logs an error for each breach."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = Strict) -> Iterator[str]:
    """The address of a server of a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def launched() -> Iterator["Browser"]:
    """A Chromium of its own."""
    from playwright.sync_api import sync_playwright  # not above: the tests of the core have to run without it

    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser:
        browser.on("context", lambda context: context.set_default_timeout(1000 * PATIENCE))
        yield browser
