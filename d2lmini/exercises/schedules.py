"""Exercises that build learning-rate schedules, checked by asking them for factors."""

from collections.abc import Callable

from .answers import Verdict, near, never_raises, number
from .calls import not_callable, raised

NEAR = 2e-4  # relative: a power that is taken in float32 is right
# (t, epoch) with 150 updates an epoch: t counts from 1, epochs from 0.
MOMENTS = [(1, 0), (2, 0), (75, 0), (150, 0), (151, 1), (300, 1), (301, 2), (450, 2), (451, 3), (901, 6), (1051, 7)]


def _factors(make: Callable, setting: float) -> list[float] | str:
    """What a schedule gives at MOMENTS, or a sentence on why it gives nothing."""
    try:
        schedule = make(setting)
        if not callable(schedule):
            return "It has to return a function of (t, epoch), not a number: define one inside it and return it."
        first, second = ([schedule(t, epoch) for t, epoch in MOMENTS] for _ in range(2))
    except (Exception, SystemExit) as error:  # the student's own
        return raised(error)
    for values in (first, second):
        for i, (moment, value) in enumerate(zip(MOMENTS, values)):
            values[i] = number(value)
            if isinstance(values[i], str):
                given = "None" if value is None else "no number"
                return f"At t = {moment[0]}, epoch = {moment[1]} it gives {given}: return a factor there."
    if not _same(first, second):
        return "It gives another factor when asked again. Let it depend on t and epoch alone, and remember nothing."
    return first


def _same(values: list[float], wanted: list[float]) -> bool:
    return all(near(value, goal, NEAR) for value, goal in zip(values, wanted))


def _schedule(make, settings: tuple, right: Callable, slips: list[tuple[Callable, str]], why: str) -> Verdict:
    refused = not_callable(make, "A function that returns schedule(t, epoch)")
    if refused is not None:
        return refused
    given = []
    for setting in settings:
        factors = _factors(make, setting)
        if isinstance(factors, str):
            return Verdict(False, factors)
        given += factors

    def of(rule: Callable) -> list[float]:
        return [rule(setting, t, epoch) for setting in settings for t, epoch in MOMENTS]

    wanted = of(right)
    if _same(given, wanted):
        return Verdict(True, f"Right. {why}")
    for rule, message in slips:
        if _same(given, of(rule)):
            return Verdict(False, message)
    if given[0] and _same([value / given[0] for value in given], [goal / wanted[0] for goal in wanted]):
        return Verdict(False, "The shape is right, the scale is not: return the factor alone, without the rate itself.")
    if len(set(given)) == 1:
        return Verdict(False, "It gives the same factor always: let it use t or epoch.")
    at = next(i for i, pair in enumerate(zip(given, wanted)) if not near(*pair, NEAR))
    setting, (t, epoch) = settings[at // len(MOMENTS)], MOMENTS[at % len(MOMENTS)]
    return Verdict(
        False, f"With {setting} it should give {wanted[at]:.6g} at t = {t}, epoch = {epoch}, not {given[at]:.6g}."
    )


@never_raises
def check_step(make=None) -> Verdict:
    """``make(k)`` returns a schedule that divides the rate by ten after every k epochs."""
    slips = [
        (lambda k, t, epoch: 0.1**epoch, "That divides after each epoch. k has to be used."),
        (lambda k, t, epoch: 0.1 ** (t // k), "That counts updates. It has to count epochs."),
        (lambda k, t, epoch: 0.1 ** ((t - 1) // k), "That counts updates. It has to count epochs."),
        (lambda k, t, epoch: 10 ** (epoch // k), "That multiplies by ten."),
        (lambda k, t, epoch: 0.1 ** ((epoch + 1) // k), "One epoch early: epochs count from 0."),
        (lambda k, t, epoch: 0.1 ** (max(epoch - 1, 0) // k), "One epoch late: epochs count from 0."),
        (lambda k, t, epoch: 1.0 if epoch < k else 0.1, "That divides once. It has to divide again and again."),
        (lambda k, t, epoch: 0.1 ** (epoch / k), "That shrinks in each epoch. Use // for whole steps."),
        (
            lambda k, t, epoch: 1 / (10 * (epoch // k) or 1),
            "That divides by 10, 20, 30, …: by ten times the count, not ten to its power.",
        ),
        (
            lambda k, t, epoch: 0.1 if epoch and epoch % k == 0 else 1.0,
            "It goes back up: it divides only in every k-th epoch.",
        ),
    ]
    return _schedule(make, (2, 3), lambda k, t, epoch: 0.1 ** (epoch // k), slips, "The rate falls in stairs.")


@never_raises
def check_power(make=None) -> Verdict:
    """``make(alpha)`` returns a schedule with the factor t^alpha."""
    slips = [
        (lambda a, t, epoch: float(t) ** -a, "That rises: alpha is negative already."),
        (lambda a, t, epoch: (t + 1.0) ** a, "One update late: t counts from 1, so the first factor is 1."),
        (lambda a, t, epoch: (epoch + 1.0) ** a, "That counts epochs. It has to count updates, t."),
        (lambda a, t, epoch: abs(a) ** t, "That is a power of alpha. Here t is raised to the power of alpha."),
        (lambda a, t, epoch: a**t, "That is a power of alpha. Here t is raised to the power of alpha."),
        (lambda a, t, epoch: a * t, "That multiplies. Raise t to the power of alpha: t ** alpha."),
    ]
    return _schedule(make, (-1.0, -0.5), lambda a, t, epoch: float(t) ** a, slips, "Fast at first, then ever slower.")


@never_raises
def check_exponential(make=None) -> Verdict:
    """``make(alpha)`` returns a schedule with the factor alpha^(t − 1)."""
    slips = [
        (lambda a, t, epoch: a**t, "One update early: t counts from 1, and the first factor is 1."),
        (lambda a, t, epoch: a**epoch, "That counts epochs. It has to count updates, t."),
        (lambda a, t, epoch: float(t) ** a, "That is a power of t. Here alpha is raised to the power of t − 1."),
        (lambda a, t, epoch: float(t) ** -a, "That is a power of t. Here alpha is raised to the power of t − 1."),
        (lambda a, t, epoch: 2.718281828459045 ** (-a * t), "That is exp(−alpha · t). Here it is alpha ** (t − 1)."),
        (lambda a, t, epoch: a**-t, "That rises. Raise alpha to the power of t − 1, not of −t."),
        (lambda a, t, epoch: a * t, "That multiplies. Raise alpha to the power of t − 1."),
    ]
    return _schedule(
        make, (0.95, 0.99), lambda a, t, epoch: a ** (t - 1), slips, "The same share is lost with each update."
    )
