"""The tests that say which claim they prove, `@pytest.mark.proves("the claim")`, and whether `make test` runs them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
# Tests that a clock decides, long ones, and those that may not run at all: what rests on one of them alone is not proved.
NOT_EACH_TIME = {"alone", "long", "skip", "skipif", "timed", "xfail"}


@dataclass(frozen=True)
class Proof:
    """A test that carries a claim, and whether `make test` runs it whatever the clock says."""

    test: str
    runs: bool


@cache
def proofs() -> dict[str, list[Proof]]:
    """Of each claim that is proved, the tests."""
    found: dict[str, list[Proof]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if "node_modules" not in path.parts:
            for claim, proof in proofs_in(path.read_text(), str(path.relative_to(TESTS))):
                found.setdefault(claim, []).append(proof)
    return found


def proofs_in(source: str, file: str) -> Iterator[tuple[str, Proof]]:
    """Each claim that a test of this file proves."""
    body = ast.parse(source).body
    named = {node.targets[0].id: node.value for node in body if is_name(node)}
    of_all = marks(named.get("pytestmark"), named)
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [mark for decorator in node.decorator_list for mark in marks(decorator, named)]
            runs = not any(name in NOT_EACH_TIME or leaves_nothing(call, named) for name, call in own + of_all)
            for name, call in own:
                if name == "proves":
                    yield ast.literal_eval(call.args[0]), Proof(f"{file}::{node.name}", runs)


def is_name(node: ast.stmt) -> bool:
    """Whether a statement gives something a name."""
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def marks(node: ast.expr | None, named: dict[str, ast.expr]) -> list[tuple[str, ast.expr]]:
    """The marks that an expression stands for, `pytest.mark.long` or a list of such: the name of each, and all of it."""
    match node:
        case ast.Name(name) if name in named:
            return marks(named[name], named)
        case ast.List(several) | ast.Tuple(several):
            return [mark for one in several for mark in marks(one, named)]
        case ast.Attribute(ast.Attribute(ast.Name("pytest"), "mark"), name):
            return [(name, node)]
        case ast.Call(ast.Attribute() as mark):
            return [(name, node) for name, _ in marks(mark, named)]
    return []


def leaves_nothing(call: ast.expr, named: dict[str, ast.expr]) -> bool:
    """Whether every case of a `parametrize` has a mark that keeps it from running each time."""
    match call:
        case ast.Call(ast.Attribute(attr="parametrize"), [_, ast.List(cases) | ast.Tuple(cases), *_]):
            return all(
                any(name in NOT_EACH_TIME for word in keywords(case) for name, _ in marks(word, named))
                for case in cases
            )
    return False


def keywords(case: ast.expr) -> list[ast.expr]:
    """The marks of a case, as in `pytest.param(1, marks=pytest.mark.long)`."""
    return [word.value for word in case.keywords if word.arg == "marks"] if isinstance(case, ast.Call) else []
