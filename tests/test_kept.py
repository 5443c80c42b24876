"""What is computed once and handed to everybody can be changed by nobody."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import MappingProxyType

import numpy as np
import pytest

import d2lmini


def cached() -> Iterator:
    """The functions of the package that keep what they return, and need no argument."""
    for _, name, _ in pkgutil.walk_packages(d2lmini.__path__, "d2lmini."):
        if name.endswith("__main__"):
            continue
        module = import_module(name)
        for one in vars(module).values():
            if hasattr(one, "cache_info") and one.__module__ == name:
                given = inspect.signature(one).parameters.values()
                if all(one.default is not inspect.Parameter.empty for one in given):
                    yield one


def changeable(value) -> list[str]:
    """What of a value could be changed in place."""
    match value:
        case np.ndarray():
            return ["an array"] if value.flags.writeable else []
        case list() | dict() | set() | bytearray():
            return [f"a {type(value).__name__}"]
        case tuple():
            return [what for part in value for what in changeable(part)]
        case MappingProxyType():
            return [what for part in value.values() for what in changeable(part)]
    return []


@pytest.mark.parametrize("function", list(cached()), ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_what_a_function_keeps_cannot_be_changed(function):
    assert changeable(function()) == []


def test_what_can_be_changed_is_seen():
    assert changeable((1, ("a", np.zeros(2)), MappingProxyType({1: [2]}))) == ["an array", "a list"]
