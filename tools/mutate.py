"""Break lines of the package, one at a time, and see which test notices: `make mutants`, or with a SEED of your own.

python tools/mutate.py --seed 1 --count 30 --may-survive 2 [--first 12]

Everything happens in a copy of the tree, so that no interruption can leave a broken line behind.
A line is eligible if `mutants.py` knows a change for it; one of its changes is made, and the tests run in the order of what they
cost, until one fails: those that name the module, the others, the chapters, the browser. A failure counts only if the same
test passes without the change.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import mutants

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv" / "bin"
BOOK = Path("_build") / "html"
SHARED = [".venv", "node_modules", "tests/node_modules"]  # neither changed nor run from anywhere else
PYTEST = ["python", "-m", "pytest", "-x", "-q", "--tb=no", "--timeout=200"]
LIKELY = {"test_page": 0, "test_access": 2, "test_find": 2, "test_paper": 2}  # to notice; the browser's other tests: 1
QUICK = ["-m", "not alone and not long"]
STORED = ["-p", "tests.closeness", "--nbval", "--nbval-sanitize-with", "tests/nbval.cfg", "-W", "default"]
CHAPTERS = [*STORED, "--dist", "loadfile", "chapters"]
LONGEST = 3600  # seconds of a stage


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
    shutil.copytree(ROOT / BOOK, folder / BOOK)
    shutil.copytree(ROOT / "assets" / "vendor", folder / "assets" / "vendor")


class Tree:
    """A copy of the tree, in which a line is broken and mended."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.unsound: list[str] = []
        self.env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "TQDM_DISABLE": "1"}
        self.env["PATH"] = f"{BIN}:{self.env['PATH']}"
        where = self.run(["python", "-c", "import d2lmini; print(d2lmini.__file__)"])[1]
        assert Path(where.strip()).is_relative_to(folder), where

    def run(self, command: list, longest: float | None = None) -> tuple[int | None, str]:
        """Exit code, None if it took too long, and output."""
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            output, _ = process.communicate(timeout=longest)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def stages(self, path: Path) -> list[list[str]]:
        """What to run, the cheapest first."""
        tests = sorted(
            str(test.relative_to(self.folder))
            for test in (self.folder / "tests").rglob("test_*.py")
            if "browser" not in test.parts
        )
        word = path.stem if path.suffix == ".py" else ".mjs"
        counts = {test: (self.folder / test).read_text().count(word) for test in tests}
        named = sorted((test for test in tests if counts[test]), key=counts.get, reverse=True)
        others = [test for test in tests if test not in named]
        pages = sorted(
            (self.folder / "tests" / "browser").glob("test_*.py"), key=lambda test: (LIKELY.get(test.stem, 1), test)
        )
        pages = [str(page.relative_to(self.folder)) for page in pages]
        browser = [["-n2", *QUICK, *pages], ["-m", "alone and not long", *pages]]
        if path.suffix == ".js":
            return [["-n2", *QUICK, *named], *browser]
        return [["-n2", *QUICK, *named], ["-n2", *QUICK, *others], ["-n2", *CHAPTERS], *browser]

    def failed(self) -> list[str]:
        """The tests that failed last."""
        cache = self.folder / ".pytest_cache" / "v" / "cache" / "lastfailed"
        return sorted(json.loads(cache.read_text())) if cache.exists() else []

    def bundle(self) -> None:
        """Put the page's script, as it is now, into the built book."""
        script = "assets/vendor/page.js"
        code, output = self.run(["make", "-s", "-o", "node_modules/ready", script])
        assert code == 0, output
        shutil.copy(self.folder / script, self.folder / BOOK / "_static" / "vendor" / "page.js")

    def verdict(self, mutant: mutants.Mutant) -> str | None:
        """What notices the change; None if nothing does."""
        stages = self.stages(self.folder / mutant.path.relative_to(ROOT))
        while stages:
            code, output = self.tested(stages[0], mutant)
            if code in (0, 5):  # all passed, or there was nothing to run
                stages.pop(0)
                continue
            if code is None:
                return "takes for ever"
            failed = self.failed()
            if not failed:
                return f"pytest cannot start: {output.strip().splitlines()[-1]}"
            notebooks = sorted({test.partition("::")[0] for test in failed if ".ipynb::" in test})
            again = [*CHAPTERS[:-1], *notebooks] if notebooks else ["--lf", *stages[0]]  # no cell works by itself
            if self.tested([part for part in again if part != "-n2"])[0] == 0:
                return failed[0]
            print(f"   fails without the change, too, and is left out from now on: {notebooks or failed}", flush=True)
            self.unsound += notebooks or failed
        return None

    def tested(self, stage: list[str], mutant: mutants.Mutant | None = None) -> tuple[int | None, str]:
        """What pytest says, of the tree as it is or with a change."""
        command = [
            *PYTEST,
            *(f"--deselect={test}" for test in self.unsound),
            *([] if "--lf" in stage else ["--cache-clear"]),
            *stage,
        ]
        if mutant is None:
            return self.run(command, LONGEST)
        path = self.folder / mutant.path.relative_to(ROOT)
        whole = path.read_bytes()
        is_built = path.suffix == ".js" and any("tests/browser" in part for part in stage)
        try:
            path.write_bytes(mutant.applied(whole))
            if is_built:
                self.bundle()
            return self.run(command, LONGEST)
        finally:
            path.write_bytes(whole)
            if is_built:
                self.bundle()


def every_mutant() -> dict[tuple[Path, int], list[mutants.Mutant]]:
    """All mutants by their line."""
    found = defaultdict(list)
    scripts = sorted((ROOT / "d2lmini" / "js").rglob("*.js"))
    for path in sorted((ROOT / "d2lmini").rglob("*.py")):
        for mutant in mutants.of_python(path):
            found[path, mutant.line].append(mutant)
    for mutant in mutants.of_javascript(scripts, BIN / "node"):
        found[mutant.path, mutant.line].append(mutant)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--may-survive", type=int, default=2)
    parser.add_argument("--first", type=int, default=1, help="go on where a run of the same seed was interrupted")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    lines = every_mutant()
    chosen = [rng.choice(lines[line]) for line in rng.sample(sorted(lines), given.count)]
    print(f"seed {given.seed}: {given.count} of {len(lines)} lines", flush=True)
    survived = 0
    with TemporaryDirectory() as folder:
        copied(Path(folder))
        tree = Tree(Path(folder))
        for number, mutant in enumerate(chosen[given.first - 1 :], given.first):
            line = mutant.path.read_text().splitlines()[mutant.line - 1].strip()
            print(f"{number:2} {mutant.path.relative_to(ROOT)}:{mutant.line}: {mutant}   in   {line}", flush=True)
            by = tree.verdict(mutant)
            survived += by is None
            print(f"   {by or 'SURVIVED'}", flush=True)
    tried = given.count - given.first + 1
    print(f"{tried - survived} of {tried} were caught (seed {given.seed})")
    return int(survived > given.may_survive)


if __name__ == "__main__":
    sys.exit(main())
