"""A JupyterLab of its own, for tests and for `make bench`."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

from playwright.sync_api import Page

from .browser import PATIENCE

NO_NEWS = {
    "disabledExtensions": {
        "@jupyterlab/apputils-extension:announcements": True,
        "@jupyterlab/extensionmanager-extension": True,
    }
}
IDLE = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RAN = "jupyterapp.shell.currentWidget.content.widgets.every(({ model }) => model.type !== 'code' || model.executionCount > 0)"


@contextmanager
def jupyterlab_server(folder: Path, home: Path) -> Iterator[str]:
    """The address of a JupyterLab that shows ``folder``, knows nothing of this machine's settings and asks the network for nothing.

    What it writes goes to ``home``.
    """
    names = ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"]
    folders = {f"JUPYTER_{name}": str(home / name) for name in names}
    folders |= {f"JUPYTERLAB_{name}": str(home / name) for name in ("SETTINGS_DIR", "WORKSPACES_DIR")}
    (home / "CONFIG_DIR" / "labconfig").mkdir(parents=True)
    (home / "CONFIG_DIR" / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly"]
    options += ["--LabApp.expose_app_in_browser=True"]  # for the tests: window.jupyterapp
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **folders, "IPYTHONDIR": str(home / "ipython")},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(process, f"{address}/api/status", home / "log")
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _until_it_answers(process: subprocess.Popen, url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def run(page: Page, address: str) -> None:
    """Open a notebook, and run all its cells."""
    page.goto(address)
    page.wait_for_function(f"window.jupyterapp && {IDLE}")
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(f"{RAN} && {IDLE}")
