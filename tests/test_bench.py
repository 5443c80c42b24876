"""What `make bench` recorded, and how it keeps a record; what it may lean on; the build's promises."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import __main__ as bench
from bench import build
from d2lmini.timing import records
from d2lmini.timing.rounds import Timing
from tools import browser

RECORD = records.load("benchmarks")


def test_every_part_is_recorded_with_its_ratios_first_and_its_machine():
    assert list(RECORD) == list(bench.PARTS)
    for part, result in RECORD.items():
        assert next(iter(result)) == "ratios"
        assert {"processor", "cores", "system", "python", "date", *bench.PARTS[part]} <= set(result["machine"])


def test_each_part_finds_what_it_measures_with_outside_of_pytest():
    parts = [f"bench.{part}" for part in bench.PARTS if part != "training"]  # that one needs numba
    subprocess.run([sys.executable, "-c", f"import {', '.join(parts)}"], cwd=build.ROOT, check=True)


def nodes(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    """All that the Python files of some folders hold, each with the file's name."""
    for path in sorted(path for folder in folders for path in (build.ROOT / folder).rglob("*.py")):
        name = str(path.relative_to(build.ROOT))
        if "node_modules" not in name:
            for node in ast.walk(ast.parse(path.read_text())):
                yield name, node


def test_one_module_launches_the_browser_and_knows_its_flags():
    def launches(node):
        match node:
            case ast.Constant(str(text)):
                return any(flag in text for flag in browser.FLAGS)
            case ast.Attribute(attr="launch" | "launch_persistent_context"):
                return True
        return False

    found = {name for name, node in nodes("bench", "tools", "tests") if launches(node)}
    assert found == {"tools/browser.py"}


def test_neither_bench_nor_tools_lean_on_the_tests():
    tests = {"tests", *(name.split("/")[-1].removesuffix(".py") for name, _ in nodes("tests"))}
    for name, node in nodes("bench", "tools"):
        match node:
            case ast.Import(names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case _:
                continue
        assert not tests & {module.partition(".")[0] for module in modules}, name


def timings(value) -> list[dict]:
    if not isinstance(value, dict):
        return []
    return [value] if "best" in value else [timing for one in value.values() for timing in timings(one)]


@pytest.mark.parametrize("part", bench.PARTS)
def test_a_timing_has_its_best_below_its_median_and_its_spread(part):
    found = timings(RECORD[part])
    assert found
    for timing in found:
        assert 0 < timing["best"] <= timing["median"] and timing["spread"] >= 0 and timing["repeats"] >= 3


def test_the_record_bears_out_what_the_chapter_says_of_it():
    training, page, jupyterlab, make = RECORD.values()
    ratios = training["ratios"]["usual / train"]
    assert ratios["1"] == min(ratios[batch] for batch in ("1", "10", "100")) and ratios["100"] >= 100
    for batch, programs in training["update"].items():
        cost = {name: timing["best"] for name, timing in programs.items()}
        assert max(cost, key=cost.get) == "usual"
        looking, drawing = cost["undrawn"] - cost["loader"], cost["usual"] - cost["undrawn"]
        assert (looking if batch == "1" else drawing) > cost["usual"] / 3
        assert cost["loader"] < cost["usual"] / 2
        assert cost["engine"] <= 2 * cost["numpy"]
    few, many = (training["example"][rows]["usual"]["best"] for rows in ("15000", "150000"))
    assert many > 5 * few, "each look reads all rows, and the looks are as many as the examples ask for"
    least, most = (
        {name: timing["best"] for name, timing in training["example"][rows].items()} for rows in ("1500", "1500000")
    )
    for name in ("numpy", "compiled"):
        assert 1.8 < most[name] / least[name] < 3.5
    assert 0.7 < most["slices"] / least["slices"] < 1.4, "the overhead hides it"
    assert most["train"] < least["train"], (
        "what it does once a call, or some times an epoch, is shared by more examples"
    )
    few, *_, many = make["chapters"]
    assert int(many) >= 3 * int(few) and make["chapters"][many]["seconds"] < 2 * make["chapters"][few]["seconds"]
    assert page["ratios"]["bytes, 10 labs / 1"] <= 1.5 and page["ratios"]["first live lab, 10 labs / 1"] <= 2
    assert jupyterlab["curve"]["10"]["median"] > page["labs"]["1"]["paint"]["median"]
    assert make["make"]["nothing"]["median"] <= 10 and make["make"]["edited"]["median"] <= 30


def test_the_record_is_small():
    assert (records.FOLDER / "benchmarks.json").stat().st_size < 100_000


def test_a_part_measured_alone_leaves_the_others_as_they_were(tmp_path, monkeypatch):
    path = tmp_path / "benchmarks.json"
    path.write_text(json.dumps({"page": {"ratios": {}}, "build": {"ratios": {"old": 1}}}))
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    bench.keep("build", {"ratios": {"new": 2}})
    bench.keep("training", {"ratios": {"third": 3}})
    record = json.loads(path.read_text())
    assert list(record) == ["training", "page", "build"]
    assert record["build"] == {"ratios": {"new": 2}} and record["page"] == {"ratios": {}}
    assert list(tmp_path.iterdir()) == [path]


def test_a_result_is_printed_a_line_a_number():
    result = bench.plain({"ratios": {"a / b": 2.34567}, "update": {"1": {"a": Timing.of([0.002, 0.001, 0.003])}}})
    first, second = bench.lines(result)
    assert first.split() == ["ratios", "a", "/", "b", "2.346"]
    assert second.split() == ["update", "1", "a", "1", "ms", "2", "ms", "1", "ms", "3"]


def test_an_unknown_part_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "trainning"])
    with pytest.raises(SystemExit):
        bench.main()
    assert "no such part: trainning" in capsys.readouterr().err


def test_the_book_is_built_again_once_a_chapter_was_edited_and_not_before():
    with build.copy(built=True) as tree:
        ask = ["make", "-q", "-o", ".venv/ready", "-o", "node_modules/ready", "_build/html/ready"]
        assert subprocess.run(ask, cwd=tree, check=False).returncode == 0
        build.edit(tree / "chapters" / "concise.ipynb")
        assert subprocess.run(ask, cwd=tree, check=False).returncode == 1


@pytest.mark.timed
def test_a_build_with_nothing_changed_takes_ten_seconds_at_most_and_one_edited_chapter_thirty():
    with build.copy(built=True) as tree:
        index = tree / "_build" / "html" / "chapters" / "index.html"
        before = index.stat().st_mtime_ns
        nothing = build.make(tree)
        assert index.stat().st_mtime_ns == before, "nothing was built"
        build.edit(tree / "chapters" / "concise.ipynb")
        edited = build.make(tree)
        assert "One more sentence." in (tree / "_build" / "html" / "chapters" / "concise.html").read_text()
    print(f"nothing changed {nothing:.1f} s, one chapter edited {edited:.1f} s")
    assert nothing <= 10 and edited <= 30
