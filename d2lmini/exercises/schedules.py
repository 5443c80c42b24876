"""Exercises that build learning-rate schedules, checked by asking them for factors."""

from collections.abc import Callable

from .answers import Verdict, near, never_raises
from .calls import no_function, raised
from .reading import number

SENTENCES = {
    "wanted": "A function that returns schedule(t, epoch) is wanted, not an object of type {kind}.",
    "number": "It has to return a function of (t, epoch), not a number: define one inside it and return it.",
    "gives_none": "At t = {t}, epoch = {epoch} it gives None: return a factor there.",
    "gives_no_number": "At t = {t}, epoch = {epoch} it gives no number: return a factor there.",
    "remembers": "It gives another factor when asked again. Let it depend on t and epoch alone, and remember nothing.",
    "scale": "The shape is right, the scale is not: return the factor alone, without the rate itself.",
    "same": "It gives the same factor always: let it use t or epoch.",
    "factor": "With {setting} it should give {wanted:.6g} at t = {t}, epoch = {epoch}, not {given:.6g}.",
    # check_step
    "step": "Right. The rate falls in stairs.",
    "step_each": "That divides after each epoch. k has to be used.",
    "step_updates": "That counts updates. It has to count epochs.",
    "step_up": "That multiplies by ten.",
    "step_early": "One epoch early: epochs count from 0.",
    "step_late": "One epoch late: epochs count from 0.",
    "step_once": "That divides once. It has to divide again and again.",
    "step_smooth": "That shrinks in each epoch. Use // for whole steps.",
    "step_count": "That divides by 10, 20, 30, …: by ten times the count, not ten to its power.",
    "step_back": "It goes back up: it divides only in every k-th epoch.",
    # check_power
    "power": "Right. Fast at first, then ever slower.",
    "power_rises": "That rises: alpha is negative already.",
    "power_late": "One update late: t counts from 1, so the first factor is 1.",
    "power_epochs": "That counts epochs. It has to count updates, t.",
    "power_of_alpha": "That is a power of alpha. Here t is raised to the power of alpha.",
    "power_times": "That multiplies. Raise t to the power of alpha: t ** alpha.",
    # check_exponential
    "exponential": "Right. The same share is lost with each update.",
    "exponential_early": "One update early: t counts from 1, and the first factor is 1.",
    "exponential_epochs": "That counts epochs. It has to count updates, t.",
    "exponential_of_t": "That is a power of t. Here alpha is raised to the power of t − 1.",
    "exponential_exp": "That is exp(−alpha · t). Here it is alpha ** (t − 1).",
    "exponential_rises": "That rises. Raise alpha to the power of t − 1, not of −t.",
    "exponential_times": "That multiplies. Raise alpha to the power of t − 1.",
}
NEAR = 2e-4  # relative: a power that is taken in float32 is right
# (t, epoch) with 150 updates an epoch: t counts from 1, epochs from 0.
MOMENTS = [(1, 0), (2, 0), (75, 0), (150, 0), (151, 1), (300, 1), (301, 2), (450, 2), (451, 3), (901, 6), (1051, 7)]


def _factors(make: Callable, setting: float) -> list[float] | str:
    """What a schedule gives at MOMENTS, or a sentence on why it gives nothing."""
    try:
        schedule = make(setting)
        if not callable(schedule):
            return SENTENCES["number"]
        first, second = ([schedule(t, epoch) for t, epoch in MOMENTS] for _ in range(2))
    except (Exception, SystemExit) as error:  # the student's own
        return raised(error)
    for values in (first, second):
        for i, ((t, epoch), value) in enumerate(zip(MOMENTS, values)):
            values[i] = number(value)
            if isinstance(values[i], str):
                key = "gives_none" if value is None else "gives_no_number"
                return SENTENCES[key].format(t=t, epoch=epoch)
    return first if _same(first, second) else SENTENCES["remembers"]


def _same(values: list[float], wanted: list[float]) -> bool:
    return all(near(value, goal, NEAR) for value, goal in zip(values, wanted))


def _schedule(
    make: object, settings: tuple, right: Callable, slips: list[tuple[Callable, str]], praise: str
) -> Verdict:
    if not callable(make):
        return no_function(make, SENTENCES["wanted"].format(kind=type(make).__name__))
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
        return Verdict(True, praise)
    for rule, message in slips:
        if _same(given, of(rule)):
            return Verdict(False, message)
    if given[0] and _same([value / given[0] for value in given], [goal / wanted[0] for goal in wanted]):
        return Verdict(False, SENTENCES["scale"])
    if len(set(given)) == 1:
        return Verdict(False, SENTENCES["same"])
    at = next(i for i, pair in enumerate(zip(given, wanted)) if not near(*pair, NEAR))
    setting, (t, epoch) = settings[at // len(MOMENTS)], MOMENTS[at % len(MOMENTS)]
    told = SENTENCES["factor"].format(setting=setting, wanted=wanted[at], t=t, epoch=epoch, given=given[at])
    return Verdict(False, told)


@never_raises
def check_step(make: object = None) -> Verdict:
    """``make(k)`` returns a schedule that divides the rate by ten after every k epochs."""
    slips = [
        (lambda k, t, epoch: 0.1**epoch, SENTENCES["step_each"]),
        (lambda k, t, epoch: 0.1 ** (t // k), SENTENCES["step_updates"]),
        (lambda k, t, epoch: 0.1 ** ((t - 1) // k), SENTENCES["step_updates"]),
        (lambda k, t, epoch: 10 ** (epoch // k), SENTENCES["step_up"]),
        (lambda k, t, epoch: 0.1 ** ((epoch + 1) // k), SENTENCES["step_early"]),
        (lambda k, t, epoch: 0.1 ** (max(epoch - 1, 0) // k), SENTENCES["step_late"]),
        (lambda k, t, epoch: 1.0 if epoch < k else 0.1, SENTENCES["step_once"]),
        (lambda k, t, epoch: 0.1 ** (epoch / k), SENTENCES["step_smooth"]),
        (lambda k, t, epoch: 1 / (10 * (epoch // k) or 1), SENTENCES["step_count"]),
        (lambda k, t, epoch: 0.1 if epoch and epoch % k == 0 else 1.0, SENTENCES["step_back"]),
    ]
    return _schedule(make, (2, 3), lambda k, t, epoch: 0.1 ** (epoch // k), slips, SENTENCES["step"])


@never_raises
def check_power(make: object = None) -> Verdict:
    """``make(alpha)`` returns a schedule with the factor t^alpha."""
    slips = [
        (lambda a, t, epoch: float(t) ** -a, SENTENCES["power_rises"]),
        (lambda a, t, epoch: (t + 1.0) ** a, SENTENCES["power_late"]),
        (lambda a, t, epoch: (epoch + 1.0) ** a, SENTENCES["power_epochs"]),
        (lambda a, t, epoch: abs(a) ** t, SENTENCES["power_of_alpha"]),
        (lambda a, t, epoch: a**t, SENTENCES["power_of_alpha"]),
        (lambda a, t, epoch: a * t, SENTENCES["power_times"]),
    ]
    return _schedule(make, (-1.0, -0.5), lambda a, t, epoch: float(t) ** a, slips, SENTENCES["power"])


@never_raises
def check_exponential(make: object = None) -> Verdict:
    """``make(alpha)`` returns a schedule with the factor alpha^(t − 1)."""
    slips = [
        (lambda a, t, epoch: a**t, SENTENCES["exponential_early"]),
        (lambda a, t, epoch: a**epoch, SENTENCES["exponential_epochs"]),
        (lambda a, t, epoch: float(t) ** a, SENTENCES["exponential_of_t"]),
        (lambda a, t, epoch: float(t) ** -a, SENTENCES["exponential_of_t"]),
        (lambda a, t, epoch: 2.718281828459045 ** (-a * t), SENTENCES["exponential_exp"]),
        (lambda a, t, epoch: a**-t, SENTENCES["exponential_rises"]),
        (lambda a, t, epoch: a * t, SENTENCES["exponential_times"]),
    ]
    return _schedule(make, (0.95, 0.99), lambda a, t, epoch: a ** (t - 1), slips, SENTENCES["exponential"])
