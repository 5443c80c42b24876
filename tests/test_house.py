"""The house: modules of one idea, arrows that point one way, names that are there whatever was imported before, twins."""

import ast
import json
import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import nbformat
import pytest
from described import labs

import d2lmini

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "d2lmini"
JS = PACKAGE / "js"
# Who may import whom: each only what stands before it.
FLOORS = [
    "core", "timer", "tensors", "figures", "animator", "model", "data", "history", "trainer", "timing", "labs", "exercises",
]  # fmt: skip
JS_FLOORS = ["core", "figures", "timing", "labs", "exercises", "page"]
HEAVY = ("torch", "pandas", "plotly", "ipywidgets", "anywidget")


def run(program: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
SCRIPTS = sorted(JS.rglob("*.js"))


def imported(module: str) -> set[str]:
    """The modules of the package that a module imports when it is loaded or used."""
    path, found = MODULES[module], set()
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            home = ".".join(package[: len(package) - node.level + 1] + ([node.module] if node.module else []))
            inner = {f"{home}.{alias.name}" for alias in node.names}
            found |= (inner & MODULES.keys()) | ({home} - {"d2lmini"} if inner - MODULES.keys() else set())
    return found


def floor(module: str) -> str:
    return module.split(".")[1]


# One idea, one way


@pytest.mark.parametrize("path", [*MODULES.values(), *SCRIPTS], ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_holds_one_idea(path):
    assert len(path.read_text().splitlines()) <= 250


def test_every_room_has_its_floor():
    assert {floor(module) for module in MODULES if "." in module} == set(FLOORS)
    assert {path.parent.name for path in SCRIPTS} == set(JS_FLOORS)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "d2lmini"])
def test_arrows_point_down(module):
    for other in imported(module):
        assert FLOORS.index(floor(other)) <= FLOORS.index(floor(module)), f"{module} imports {other}"


def scripts_imported(path: Path) -> set[Path]:
    found = re.findall(r'^(?:import|export)\b[^;]*?from "(\.[^"]+)"|^import "(\.[^"]+)"', path.read_text(), re.M)
    paths = {(path.parent / (one or other)).resolve() for one, other in found}
    return {other for other in paths if other.suffix == ".js"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(JS)))
def test_arrows_point_down_in_javascript_too(path):
    for other in scripts_imported(path):
        assert JS_FLOORS.index(other.parent.name) <= JS_FLOORS.index(path.parent.name), f"{path} imports {other}"


def circle(of: dict) -> list | None:
    """Some who import each other all around; None if nobody does."""
    done = set()

    def visit(one, above: list) -> list | None:
        if one in above:
            return above[above.index(one) :]
        if one in done:
            return None
        for other in of[one]:
            if found := visit(other, [*above, one]):
                return found
        done.add(one)
        return None

    return next((found for one in of if (found := visit(one, []))), None)


def test_nobody_imports_itself_all_around():
    assert circle({module: imported(module) - {"d2lmini"} for module in MODULES if module != "d2lmini"}) is None
    assert circle({path: scripts_imported(path) for path in SCRIPTS}) is None
    assert circle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c"]


# Names


def test_importing_the_package_or_its_core_loads_nothing_that_is_large():
    heavy = (*HEAVY, "numpy")
    loaded = run(f"import sys, d2lmini, d2lmini.core; print([name for name in {heavy} if name in sys.modules])")
    assert loaded.strip() == "[]"


def test_the_core_works_where_nothing_but_numpy_can_be_imported():
    names = [module for module in MODULES if module.startswith("d2lmini.core")]
    run(
        f"import sys\nfor name in {HEAVY}: sys.modules[name] = None\nfrom importlib import import_module\n"
        f"for name in {names}: import_module(name)\n"
        "from d2lmini.core import engine, rows, steps, theory\n"
        "run = steps.finish(engine.minibatch_sgd(*rows.table(), batch_size=10, lr=0.05))\n"
        "assert 0 < run.loss[-1] - theory.best_possible()[1] < 0.1"
    )


@pytest.fixture(scope="module")
def loaded() -> dict:
    """What a Python of its own tells that imports everything: Plotly's defaults before and after, and names that were not the same."""
    program = f"""
import json, sys
from importlib import import_module
import plotly.io as pio

def state():
    return [pio.templates.default, str(pio.renderers.default), sorted(pio.templates), sorted(pio.renderers)]

told = {{"before": state(), "others": []}}
import d2lmini
for name in {list(MODULES)}:
    import_module(name)
told["after"] = state()
for pair in {list(permutations(d2lmini.__all__, 2))}:
    for name in d2lmini._HOMES:
        d2lmini.__dict__.pop(name, None)  # as if it had not been used yet
    for name in pair:
        space = {{}}
        exec(f"from d2lmini import {{name}}", space)
        home, own = d2lmini._HOMES[name]
        if space[name] is not getattr(sys.modules[f"d2lmini.{{home}}"], own):
            told["others"].append([name, pair])
print(json.dumps(told))
"""
    return json.loads(run(program))


def test_every_public_name_is_the_same_object_in_every_order_of_two(loaded):
    assert loaded["others"] == []


def test_no_module_bears_a_public_name():
    modules = {module.rpartition(".")[2] for module in MODULES if module.count(".") == 1}
    assert not modules & set(d2lmini.__all__)


def test_tools_that_only_read_find_the_same_names():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    read = {alias.asname or alias.name: (node.module, alias.name) for node in block.body for alias in node.names}
    assert read == d2lmini._HOMES


def test_an_unknown_name_is_refused_and_all_known_ones_are_listed():
    with pytest.raises(AttributeError, match="no attribute 'gallery'"):
        d2lmini.gallery  # noqa: B018
    assert set(d2lmini.__all__) <= set(dir(d2lmini))


# Nothing global


def test_importing_changes_no_default_of_plotly(loaded):
    assert loaded["before"] == loaded["after"]


def chapters_that_draw() -> list:
    """(chapter, code) of each chapter that imports anything of the package."""
    found = []
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        sources = [cell.source for cell in cells if cell.cell_type == "code"]
        found += [(path.stem, sources)] if any("d2lmini" in source for source in sources) else []
    return found


@pytest.mark.parametrize(
    ("chapter", "sources"), chapters_that_draw(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_chapter_sets_template_and_renderer_in_one_line_of_an_import_cell_before_it_draws(chapter, sources):
    (at,) = [i for i, source in enumerate(sources) if "install()" in source]
    assert "from d2lmini import Lab, figures" in sources[at] or "from d2lmini import figures" in sources[at]
    assert "\nfigures.install()" in sources[at]
    assert not any(re.search(r"\.show\(\)|^Lab\(|go\.Figure", source, re.M) for source in sources[:at])


# Twins


def test_a_lab_s_name_is_its_module_and_its_twin():
    for lab, description in labs().items():
        home = description["compute"]
        assert (PACKAGE / "labs" / f"{lab}.py").exists() and (JS / "labs" / f"{home}.js").exists()
        assert home == lab or f"compute = {home}.compute" in (PACKAGE / "labs" / f"{lab}.py").read_text()


@pytest.mark.parametrize(
    "path",
    [
        path for path in SCRIPTS if path.parent.name not in ("page", "figures") and path.name != "format.js"
    ],  # Python has str.format
    ids=lambda path: path.stem,
)
def test_a_twin_bears_its_module_s_name(path):
    other = PACKAGE / path.relative_to(JS).with_suffix(".py")
    assert other.exists() and f"d2lmini/{other.relative_to(PACKAGE)}" in path.read_text().split("\n")[0]
