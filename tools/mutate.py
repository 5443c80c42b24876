"""Make the faults that mutants.py lists, one at a time, and see that the test which it names turns red: `make mutants`.

python tools/mutate.py [a word of the file or of the fault, for some]

Everything happens in a copy of the tree, so that no interruption can leave a fault behind. At first, without any, all the tests
have to pass.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv" / "bin"
BUILT = ["_build/html", "assets/vendor"]
SHARED = [".venv", "node_modules", "tests/node_modules"]  # neither changed nor run from anywhere else
SCRIPT = "assets/vendor/page.js"


def copied(folder: Path) -> None:
    """The tree as git sees it, with the built book."""
    listed = subprocess.run(
        ["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    for name in BUILT:
        shutil.copytree(ROOT / name, folder / name)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def bundle(folder: Path) -> None:
    """Put the page's script, as it is now, into the built book."""
    made = run(folder, "make", "-s", "-o", "node_modules/ready", SCRIPT)
    assert made.returncode == 0, made.stderr
    shutil.copy(folder / SCRIPT, folder / "_build" / "html" / "_static" / "vendor" / "page.js")


def passes(folder: Path, *tests: str) -> bool:
    """Whether the tests pass; there has to be one, and it has to be a test that fails, not pytest."""
    tried = run(folder, "python", "-m", "pytest", "-x", "-q", "--tb=no", "-m", "not timed and not long", *tests)
    assert tried.returncode in (0, 1), tried.stdout
    return tried.returncode == 0


def is_noticed(folder: Path, mutant: Mutant) -> bool:
    path = folder / mutant.path
    whole = path.read_text()
    path.write_text(mutant.applied(whole))
    try:
        if path.suffix == ".js":
            bundle(folder)
        return not passes(folder, mutant.test)
    finally:
        path.write_text(whole)
        if path.suffix == ".js":
            bundle(folder)


def main(word: str = "") -> int:
    chosen = [one for one in MUTANTS if word in f"{one.path} {one.fault}"]
    survived = 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        assert passes(folder, *{one.test for one in chosen}), "the tests have to pass without any fault"
        for one in chosen:
            is_red = is_noticed(folder, one)
            survived += not is_red
            print(f"{'red' if is_red else 'SURVIVED':8} {one.path}: {one.fault}\n         {one.test}", flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} turned their test red")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
