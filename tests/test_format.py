"""Sentences read the same in the page as in Python."""

from string import Formatter

from described import labs

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
    *(n / 16 for n in range(-40, 41)),  # ties among them: 11.25 is as near to 11.2 as to 11.3
    11.25,
    1234.125,
]
# every step of a learning rate's slider, what lies beyond, and ties
GENERAL = [10 ** (step / 10) for step in range(-60, 41)] + [0.05, 0.0999, 0.995, 9.96, 99.6, 1e-4, 0.0]
GENERAL += [n / 16 for n in range(1, 160)]
GENERAL += [n * 10**power for n in range(5, 1000, 10) for power in range(5)] + [-125_000, 1.25e-5, 1.15e-5, 125_000.5]
VALUES = {
    "": ["1.2 ms", "38 µs", 0, 7, 1500],
    ",": [0, 7, 999, 1000, 1500, 15_000, 300_000, 1_500_000, 12_345_678],
    ".0f": [0.0, 0.4, 0.5, 0.6, 1.5, 2.5, 7.0, 49.5, 49.7, 99.6, 100.0],
    ".1f": FLOATS,
    ",.1f": FLOATS,
    ".2f": FLOATS,
    ".3f": FLOATS,
    ",.0f": [0.5, 1.5, 2.5, 999.5, 1000.5, 12345.6],
    ".4f": FLOATS,
    ".1g": GENERAL,
    ".2g": GENERAL,
    ".3g": GENERAL,
}


def test_the_page_formats_numbers_as_python_does(javascript):
    jobs = [(value, spec) for spec, values in VALUES.items() for value in values]
    assert javascript("format.mjs", jobs) == [format(value, spec) for value, spec in jobs]


def test_every_format_that_a_sentence_uses_is_compared():
    sentences = [text for lab in labs().values() for text in lab["sentences"].values()]
    assert {spec for text in sentences for _, name, spec, _ in Formatter().parse(text) if name} <= VALUES.keys()
