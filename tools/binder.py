"""What Binder installs, without Binder: binder/requirements.txt with PyPI's PyTorch, and whether the book can live on it.

python tools/binder.py list > .envs/binder.txt && .envs/binder/bin/pip install -r .envs/binder.txt
.envs/binder/bin/python tools/binder.py check
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 1.6  # GB
OURS = [  # both have to be there, once
    (r"^--extra-index-url https://download\.pytorch\.org/whl/cpu\n", ""),
    (r"^(torch==[\d.]+)\+cpu$", r"\1"),
]
# JupyterLab puts an X in the place of OK to jupyterlab-myst 2.7.0, which was built for an older @jupyter/ydoc than comes with
# JupyterLab 4.6, and loads it all the same; that it draws the chapters is for tests/browser/test_jupyterlab.py to see.
EXTENSIONS = {
    "@jupyter-widgets/jupyterlab-manager": "enabled OK",
    "anywidget": "enabled OK",
    "jupyterlab-plotly": "enabled OK",
    "jupyterlab-myst": "enabled",
}


def requirements() -> str:
    """What Binder installs, with the PyTorch of PyPI for that of PyTorch's own index."""
    text = (ROOT / "binder/requirements.txt").read_text()
    for pattern, replacement in OURS:
        text, times = re.subn(pattern, replacement, text, flags=re.M)
        if times != 1:
            sys.exit(f"binder/requirements.txt: {times} lines are like {pattern}")
    return text


def check_extensions() -> None:
    process = subprocess.run([f"{sys.prefix}/bin/jupyter", "labextension", "list"], capture_output=True, text=True)
    listed = re.sub(r"\x1b\[\d*m", "", process.stdout + process.stderr)
    for name, state in EXTENSIONS.items():
        if not re.search(rf"^\s+{name} v\S+ {state}\b", listed, flags=re.M):
            sys.exit(f"JupyterLab lacks {name} ({state}):\n{listed}")


def check_size() -> None:
    """The bytes in all files; blocks of 4 KB make a tenth more of it on a disk."""
    import torch

    size = sum(path.lstat().st_size for path in Path(sys.prefix).rglob("*") if not path.is_dir()) / 1e9
    print(f"Installed: {size:.2f} GB")
    if torch.version.cuda:  # as PyPI has it for most of Linux
        print("This PyTorch brings CUDA, Binder's does not: nothing to compare")
        return
    if size > LIMIT:
        sys.exit(f"That is more than {LIMIT} GB")
    (said,) = re.findall(r"`binder/` says what to install there:\s+([\d.]+) GB", (ROOT / "README.md").read_text())
    if abs(float(said) - size) > 0.1 * size:
        sys.exit(f"README.md says {said} GB")


if __name__ == "__main__":
    if sys.argv[1] == "list":
        print(requirements(), end="")
    else:
        check_extensions()
        check_size()
