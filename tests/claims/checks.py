"""The kinds of checks that a claim may have."""

from collections.abc import Callable
from dataclasses import dataclass

from book import printed

from .proofs import proofs


@dataclass
class Prints:
    """A cell of the chapter prints it; nbval holds what is stored to what the cell prints now."""

    what: str

    def check(self, chapter: str, _claim: str) -> None:
        assert " ".join(self.what.split()) in " ".join(printed(chapter).split())


@dataclass
class Proved:
    """A test that says so, `@pytest.mark.proves("the claim")`, and that runs each time."""

    def check(self, _chapter: str, claim: str) -> None:
        found = proofs().get(claim, [])
        assert found, "no test says that it proves this claim"
        assert any(proof.runs for proof in found), (
            f"`make test` need not run {', '.join(proof.test for proof in found)}"
        )


@dataclass
class Between:
    """A number computed here lies between bounds within which the sentence is true."""

    low: float
    compute: Callable[[], float]
    high: float

    def check(self, _chapter: str, _claim: str) -> None:
        value = self.compute()
        assert self.low <= value <= self.high, f"{value:.6g} is not between {self.low:.6g} and {self.high:.6g}"


class Timed(Between):
    """A ratio of two times, measured now with nothing beside it."""


def near(value: float, compute: Callable[[], float], rel: float = 1e-3) -> Between:
    return Between(value - abs(value) * rel, compute, value + abs(value) * rel)


@dataclass
class Holds:
    """What is computed here is so."""

    compute: Callable[[], bool]

    def check(self, _chapter: str, _claim: str) -> None:
        assert self.compute(), "what is computed is not so"


Check = Prints | Proved | Between | Holds
