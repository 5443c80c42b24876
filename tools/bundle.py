"""Make the page's script: python tools/bundle.py TARGET [options of esbuild].

What a lab of a chapter computes has a twin in d2lmini/js/labs, for a page has no kernel; where one is missing, nothing is made.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
JS = ROOT / "d2lmini" / "js"
COMPUTE = re.compile(
    r'<figure class=\\"lab\\".*?<script type=\\"application/json\\">\{\\"compute\\":\\"(\w+)\\"', re.DOTALL
)


def labs() -> list[str]:
    """The names of the modules that compute: those of the package, and those that the chapters' labs name."""
    modules = [path.stem for path in (ROOT / "d2lmini" / "labs").glob("*.py") if "\ndef compute(" in path.read_text()]
    chapters = [path.read_text() for path in (ROOT / "chapters").glob("*.ipynb")]
    return sorted({*modules, *(name for chapter in chapters for name in COMPUTE.findall(chapter))})


def entry() -> str:
    """The script that starts the page with all twins."""
    names = labs()
    for name in names:
        if not (JS / "labs" / f"{name}.js").exists():
            sys.exit(
                f"The lab {name} has no twin: write d2lmini/js/labs/{name}.js, which computes where there is no kernel."
            )
    lines = [f'import * as {name} from "./labs/{name}.js";' for name in names]
    return "\n".join([*lines, 'import { start } from "./page/page.js";', f"start({{ {', '.join(names)} }});"])


if __name__ == "__main__":
    target, *options = sys.argv[1:]
    command = [
        str(ROOT / "node_modules" / ".bin" / "esbuild"),
        "--bundle",
        "--minify",
        "--format=iife",
        "--target=es2022",
    ]
    command += ["--loader:.csv=text", "--log-level=warning", "--sourcefile=page.js", f"--outfile={target}", *options]
    sys.exit(subprocess.run(command, cwd=JS, input=entry(), text=True, check=False).returncode)
