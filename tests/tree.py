"""A copy of the sources in which tests break, add and build; what was installed is shared."""

import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tools.browser import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "node_modules", "_build", "vendor", "__pycache__", "*.egg-info")


class Tree:
    """A copy of the sources that shares what was installed; nothing of it is installed anew."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(ROOT, root, ignore=LEFT_OUT)
        for name in (".venv", "node_modules"):
            (root / name).symlink_to(ROOT / name)

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def start(self, *targets: str, limit: int | None = None, before: tuple = ()) -> subprocess.Popen:
        """``make``, in a group of its own; with ``limit``, no file may grow beyond so many bytes, as on a full disk."""

        def prepare():
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
        return subprocess.Popen(
            [*before, "make", "-o", ".venv/ready", "-o", "node_modules/ready", *targets],
            cwd=self.root,
            env={key: value for key, value in os.environ.items() if key not in outer} | {"LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=prepare,
        )

    def make(self, *targets: str, **options) -> tuple[int, str]:
        """Exit status and output of ``make``."""
        process = self.start(*targets, **options)
        output, _ = process.communicate()
        return process.returncode, output

    def interrupt(self, moment, how: signal.Signals, *targets: str) -> None:
        """Start ``make`` and send its whole group a signal when the moment has come, as a terminal does."""
        process = self.start(*targets)
        assert not moment(self, process), "what is waited for has not happened yet"
        while not moment(self, process):
            assert process.poll() is None, process.communicate()
            time.sleep(0.005)
        os.killpg(process.pid, how)
        process.communicate()
        assert process.returncode != 0
        until = time.monotonic() + 30
        with pytest.raises(ProcessLookupError):  # nobody of the group goes on
            while time.monotonic() < until:  # those who were killed are there until the system has buried them
                os.killpg(process.pid, 0)
                time.sleep(0.01)
