"""What a student's function is and does: whether it can be called, and what it raised."""

from . import reading
from .answers import Verdict

SENTENCES = {
    "raised": "It raised {kind}.",
    "raised_with": "It raised {kind}: {text}.",
}


def no_function(answer: object, said: str) -> Verdict:
    """The verdict on what cannot be called: that nothing is there yet, or what is said."""
    return Verdict(False, reading.WORDS["missing"] if answer is None else said)


def raised(error: BaseException) -> str:
    """What a student's function raised, in a sentence."""
    try:
        text = str(error)
    except Exception:
        text = ""
    key = "raised_with" if text else "raised"
    return SENTENCES[key].format(kind=type(error).__name__, text=text)
