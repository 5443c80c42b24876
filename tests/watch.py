"""Fresh pages for tests, which fail where a page complains; and what its scripts run, for `make coverage-js`."""

import json
import os
import re
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from tools.browser import BOOK, ROOT

BUNDLE = BOOK / "_static" / "vendor" / "page.js"
CHART = ROOT / "d2lmini" / "js" / "figures" / "chart.js"


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


def _local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "file://", "data:", "blob:"))


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
    devtools.send("Debugger.enable")  # it gives sources
    known = {path.read_text(): path.as_uri() for path in (BUNDLE, CHART)}
    ours = []
    for script in scripts:
        if re.match(
            r"blob:|.*/vendor/page\.js(\?|$)", script["url"]
        ):  # a widget's module has no name, a copy's bundle the same
            source = devtools.send("Debugger.getScriptSource", {"scriptId": script["scriptId"]})["scriptSource"]
            ours += [script | {"url": known[source]}] if source in known else []
    Path(folder, f"browser-{uuid4()}.json").write_text(json.dumps({"result": ours}))
