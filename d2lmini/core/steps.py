"""Generators that work in slices: they yield while they work, so that others can breathe, and return what they made."""

from collections.abc import Generator, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
Part = TypeVar("Part")


def finish(work: Generator[object, None, Made]) -> Made:
    """Let a generator run to its end and return what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def breathing(work: Generator[object, None, Made]) -> Generator[None, None, Made]:
    """The same work, which only breathes on the way: what it yields is not passed on."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
        yield None


def remembered(
    known: dict[Key, Made], key: Key, work: Generator[Part, None, Made], most: int = 100
) -> Generator[Part, None, Made]:
    """What ``work`` returns, kept in ``known`` under its key; done only if it is not there. Of more than ``most`` the oldest goes."""
    if key not in known:
        known[key] = yield from work
        if len(known) > most:
            del known[next(iter(known))]
    return known[key]
