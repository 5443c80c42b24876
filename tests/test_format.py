"""Sentences read the same in the page as in Python."""

from string import Formatter

from d2lmini import compute, landscape

# Exact ties such as 0.25 at ".1f" are left out: Python rounds them to even, JavaScript up, and no result is one.
FLOATS = [
    0.0,
    1e-9,
    0.04,
    0.05,
    0.0512,
    0.2481,
    0.999,
    0.9999,
    1.0,
    2.84,
    9.96,
    99.94,
    100.0,
    999.96,
    12345.678,
    987654321.9,
]
VALUES = {
    "": ["1.2 ms", "38 µs", 0, 7, 1500],
    ",": [0, 7, 999, 1000, 1500, 15_000, 300_000, 1_500_000, 12_345_678],
    ".0f": [0.0, 0.4, 0.6, 7.0, 49.7, 99.6, 100.0],
    ".1f": FLOATS,
    ",.1f": FLOATS,
    ".2f": FLOATS,
    ".3f": FLOATS,
    # every step of a learning rate's slider, and what lies beyond
    ".2g": [10 ** (step / 10) for step in range(-60, 41)] + [0.05, 0.0999, 0.995, 9.96, 99.6, 1e-4, 0.0],
}


def test_the_page_formats_numbers_as_python_does(javascript):
    jobs = [(value, spec) for spec, values in VALUES.items() for value in values]
    assert javascript("format.mjs", jobs) == [format(value, spec) for value, spec in jobs]


def test_every_format_that_a_sentence_uses_is_compared():
    used = {
        spec
        for text in (compute.SENTENCES | landscape.SENTENCES).values()
        for _, name, spec, _ in Formatter().parse(text)
        if name
    }
    assert used <= VALUES.keys()
