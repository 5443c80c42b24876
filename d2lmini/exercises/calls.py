"""What a student's function is and does: whether it can be called, and what it raised."""

from .answers import WORDS, Verdict


def not_callable(function, wanted: str) -> Verdict | None:
    """A verdict on what cannot be called; None if it can."""
    if function is None:
        return Verdict(False, WORDS["missing"])
    if not callable(function):
        return Verdict(False, f"{wanted} is wanted, not an object of type {type(function).__name__}.")
    return None


def raised(error: BaseException) -> str:
    """What a student's function raised, in a sentence."""
    try:
        said = str(error)
    except Exception:
        said = ""
    return f"It raised {type(error).__name__}" + (f": {said}." if said else ".")
