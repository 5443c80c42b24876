"""What can be broken in a line of code, one small change at a time, so that it still parses.

Comments and texts are left alone, and so are annotations, imports, what runs only as a script (under ``if __name__ == …``),
and the numbers that say how a chart looks: LOOKS has their names. ``mutants.mjs`` does the same for JavaScript.
"""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

SWAPS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.And: "or",
    ast.Or: "and",
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor", "argmin": "argmax"}
LOOKS = {
    "width",
    "line_width",
    "height",
    "size",
    "marker_size",
    "opacity",
    "x",
    "y",
    "l",
    "r",
    "t",
    "b",
    "domain",
    "tickvals",
    "dtick",
    "columns",
}


@dataclass(frozen=True, order=True)
class Mutant:
    """A file with one change: ``new`` instead of ``old`` from byte ``start`` on."""

    path: Path
    line: int
    start: int
    old: str
    new: str

    def applied(self, source: bytes) -> bytes:
        end = self.start + len(self.old.encode())
        assert source[self.start : end] == self.old.encode()
        return source[: self.start] + self.new.encode() + source[end:]

    def __str__(self) -> str:
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{old[:60]} → {new[:60] or 'nothing'}"


def of_python(path: Path) -> Iterator[Mutant]:
    """Every mutant of a Python file."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    def begin(node) -> int:
        return place(node.lineno, node.col_offset)

    def end(node) -> int:
        return place(node.end_lineno, node.end_col_offset)

    def change(start: int, stop: int, new: str) -> Mutant:
        line = source.count(b"\n", 0, start) + 1
        return Mutant(path, line, start, source[start:stop].decode(), new)

    def between(left, right, operator) -> Iterator[Mutant]:
        """The operator between two operands, if it is one that has an opposite."""
        if type(operator) in SWAPS:
            found = re.search(rb"[^\s()#\\]+(?: +(?:in|not)\b)?", source[end(left) : begin(right)])
            start = end(left) + found.start()
            yield change(start, start + len(found[0]), SWAPS[type(operator)])

    for node in _counted(ast.parse(source)):
        match node:
            case ast.BinOp(left, operator, right):
                yield from between(left, right, operator)
            case ast.Compare(left, operators, comparators):
                for a, operator, b in zip([left, *comparators], operators, comparators):
                    yield from between(a, b, operator)
            case ast.BoolOp(operator, values):
                for a, b in pairwise(values):
                    yield from between(a, b, operator)
            case ast.UnaryOp(ast.Not()):
                yield change(begin(node), begin(node) + len("not"), "")
            case ast.UnaryOp(ast.USub()):
                yield change(begin(node), begin(node) + len("-"), "")
            case ast.Constant(value=bool() as value):
                yield change(begin(node), end(node), str(not value))
            case ast.Constant(value=int() as value):
                yield change(begin(node), end(node), str(value + 1))
            case ast.Constant(value=float() as value):
                yield change(begin(node), end(node), repr(2 * value or 1.0))
            case ast.Call(ast.Name(name) as called) if name in NAMES:
                yield change(begin(called), end(called), NAMES[name])
            case ast.Call(ast.Attribute(attr=name) as called) if name in NAMES:
                yield change(end(called) - len(name), end(called), NAMES[name])
            case ast.If(test) | ast.While(test) | ast.IfExp(test) if isinstance(
                test, (ast.Name, ast.Call, ast.Attribute)
            ):
                yield change(begin(test), begin(test), "not ")
            case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
                yield change(begin(value), end(value), "None")
            case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
                yield change(begin(node), end(node), "pass")


def _counted(node, key: str = "") -> Iterator[ast.AST]:
    """The nodes that count, the outer first."""
    is_script = isinstance(node, ast.If) and ast.unparse(node.test).startswith("__name__ ==")
    is_number = (
        isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    )
    if is_script or isinstance(node, ast.JoinedStr) or (is_number and key in LOOKS):
        return
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        if isinstance(node, ast.Dict) and field == "values":
            for name, one in zip(node.keys, value):
                yield from _counted(one, name.value if isinstance(name, ast.Constant) else "")
            continue
        is_list = isinstance(node, ast.List) and key in ("domain", "tickvals")
        inner = node.arg or "" if isinstance(node, ast.keyword) else key if is_list else ""
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, ast.AST):
                yield from _counted(one, inner)


def of_javascript(paths: list[Path], node: Path) -> Iterator[Mutant]:
    """Every mutant of JavaScript modules."""
    tool = Path(__file__).with_name("mutants.mjs")
    answer = subprocess.run([node, tool, *paths], capture_output=True, text=True, check=True)
    for path, changes in zip(paths, json.loads(answer.stdout)):
        source = path.read_text()
        for start, stop, new in changes:
            line = source.count("\n", 0, start) + 1
            yield Mutant(path, line, len(source[:start].encode()), source[start:stop], new)
