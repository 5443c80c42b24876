"""Run Lighthouse on pages of the built book: mobile preset, median of RUNS; fails below the bounds.

python tools/lighthouse.py [chapters/index chapters/scratch …]
"""

import gzip
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import BinaryIO

from browser import BOOK, CHROMIUM, FLAGS, ROOT, Quiet, served

PROGRAM = ROOT / "tools" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = ["chapters/index", "chapters/scratch"]
RUNS = 5
BOUNDS = {"performance": 90, "accessibility": 100, "best-practices": 100, "seo": 100}
TIMES = {  # what the performance is made of, in milliseconds, and the shift
    "FCP": "first-contentful-paint",
    "LCP": "largest-contentful-paint",
    "SI": "speed-index",
    "TBT": "total-blocking-time",
    "CLS": "cumulative-layout-shift",
}


class Zipped(Quiet):
    """Serves as a usual web server does: texts gzipped, files kept by the browser, one connection for several."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return super().send_head()
        body, kind = path.read_bytes(), self.guess_type(path)
        self.send_response(200)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml")):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=31536000" if "_static" in path.parts else "no-cache")
        self.end_headers()
        return BytesIO(body)


def run(address: str) -> dict:
    """One report; the preset is Lighthouse's default: a phone on a slow connection, simulated."""
    flags = " ".join(["--headless=new", *FLAGS])
    options = ["--output=json", "--quiet", "--no-enable-error-reporting", f"--chrome-flags={flags}"]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    answer = subprocess.run(
        ["node", PROGRAM, address, *options], env=environment, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        sys.exit(answer.stderr)
    return json.loads(answer.stdout)


def judged(name: str, reports: list[dict]) -> bool:
    """Print the medians of a page and what cost it points; whether it keeps the bounds."""
    scores = {key: median(100 * report["categories"][key]["score"] for report in reports) for key in BOUNDS}
    times = {key: median(report["audits"][audit]["numericValue"] for report in reports) for key, audit in TIMES.items()}
    cells = [f"{key} {score:.0f}" for key, score in scores.items()] + [
        f"{key} {value:.3g}" if key == "CLS" else f"{key} {value:.0f} ms" for key, value in times.items()
    ]
    print(f"{name:18}", " · ".join(cells), flush=True)
    for key, bound in BOUNDS.items():
        if scores[key] < bound:
            category, audits = reports[-1]["categories"][key], reports[-1]["audits"]
            for part in category["auditRefs"]:
                audit = audits[part["id"]]
                if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                    print(f"    {key}: {audit['title']} {audit.get('displayValue', '')}")
    return all(scores[key] >= bound for key, bound in BOUNDS.items())


def main(names: list[str]) -> None:
    with served(BOOK, Zipped) as site:
        kept = [judged(name, [run(f"{site}/{name}.html") for _ in range(RUNS)]) for name in names]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main(sys.argv[1:] or PAGES)
