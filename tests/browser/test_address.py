"""Addresses: any setting of any lab goes into one and comes back from it, and nothing else gets from one into the page."""

import json
from random import Random
from urllib.parse import quote

import pytest
from test_every_chapter import SOME_WITH_LABS, WITH_LABS
from watch import watched

from tools.browser import BOOK, POLICY, Quiet, served
from tools.labs import Lab

UNKNOWN = "Some settings in this link are unknown here and were left at their defaults."
COUNTS = [10, pytest.param(500, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]  # settings of each lab

# Lets a script in the page handle a lab. A state is the index of each control's option.
HANDLE = """
{
  const later = window.setTimeout; // a lab waits 350 ms before it writes its address; here it does so at once
  window.setTimeout = (act, delay, ...more) => (delay === 350 ? act() : later(act, delay, ...more));
}
window.labNamed = (name) => {
  const figure = document.querySelector(`figure.lab[data-name=${name}]`);
  const { controls } = JSON.parse(figure.querySelector('script').textContent);
  const at = (id) => document.getElementById(`${name}-${id}`);
  const inputs = ({ key, kind, options }) => (kind === 'buttons' ? options.map((_, i) => at(`${key}-${i}`)) : [at(key)]);
  const kinds = {
    range: [([one]) => Number(one.value), ([one], i) => (one.value = i)],
    menu: [([one]) => one.selectedIndex, ([one], i) => (one.selectedIndex = i)],
    box: [([one]) => Number(one.checked), ([one], i) => (one.checked = Boolean(i))],
    buttons: [(all) => all.findIndex(({ checked }) => checked), (all, i) => (all[i].checked = true)],
  };
  const named = (right) => controls.filter((one) => inputs(one).every(right)).map(({ key }) => key);
  const state = () => controls.map((one) => kinds[one.kind][0](inputs(one)));
  const address = () => {
    figure.querySelector('.controls').dispatchEvent(new Event('change'));
    return location.hash;
  };
  const go = async (hash) => {
    const before = location.hash;
    const followed = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    location.hash = hash;
    if (location.hash !== before) await followed; // two draws may be the same
  };
  /** The address that the page shows once a hand has moved each control. */
  const moved = (to) => {
    controls.forEach((one, i) => {
      kinds[one.kind][1](inputs(one), to[i]);
      inputs(one)[0].dispatchEvent(new Event('input'));
    });
    return address();
  };
  /** What an address leads to. */
  const followed = async (hash) => {
    await go(hash);
    const locked = named(({ disabled }) => disabled);
    const hidden = named((input) => input.closest('.control').hidden);
    return { state: state(), locked, hidden, note: figure.querySelector('.note').textContent, address: address() };
  };
  const now = () => ({ state: state(), note: figure.querySelector('.note').textContent });
  return { moved, followed, now };
};
"""
MOVED = "([name, states]) => states.map((state) => labNamed(name).moved(state))"
FOLLOWED = """async ([name, hashes, from]) => {
  const seen = [];
  for (const hash of hashes) {
    if (from) labNamed(name).moved(from);
    seen.push(await labNamed(name).followed(hash));
  }
  return seen;
}"""


PLOTLY = "**/plotly-basic.min.js"


def blank(route) -> None:
    """Instead of Plotly what draws nothing: drawing takes longer than computing."""
    plotly = "window.Plotly = { react: (box) => (box.on = () => {}), animate: async () => {} };"
    route.fulfill(body=plotly, content_type="text/javascript")


class Named:
    """A lab of an open page, its charts not yet drawn."""

    def __init__(self, page, name: str):
        self.page, self.name = page, name
        description = page.locator(f"figure.lab[data-name={name}] > script").text_content()
        self.controls = json.loads(description)["controls"]
        self.keys = [one["key"] for one in self.controls]
        self.defaults = [one["index"] for one in self.controls]

    def some_state(self, rng: Random) -> list[int]:
        return [rng.choice([one["index"], rng.randrange(len(one["options"]))]) for one in self.controls]

    def now(self) -> dict:
        return self.page.evaluate("name => labNamed(name).now()", self.name)

    def moved(self, states: list[list[int]]) -> list[str]:
        return self.page.evaluate(MOVED, [self.name, states])

    def followed(self, hashes: list[str], came_from: list[int] | None = None) -> list[dict]:
        return self.page.evaluate(FOLLOWED, [self.name, hashes, came_from])


def labs_of(page, address: str) -> list[Named]:
    """Open a chapter and give its labs."""
    page.add_init_script(HANDLE)
    page.goto(address)
    names = page.locator("figure.lab").evaluate_all("figures => figures.map(({ dataset }) => dataset.name)")
    assert names
    return [Named(page, name) for name in names]


@pytest.fixture(scope="module", params=WITH_LABS)
def undrawn(request, chromium, site):
    """The labs of a chapter, on one page for several tests. They compute, but nothing is drawn."""
    with watched(chromium) as new_page:
        page = new_page()
        page.route(PLOTLY, blank)
        yield labs_of(page, f"{site}/{request.param}.html")


@pytest.fixture
def labs(undrawn):
    """These labs at their defaults, and nothing locked."""
    for lab in undrawn:
        lab.followed([f"#{lab.name}?"])
    return undrawn


@pytest.mark.parametrize("count", COUNTS)
def test_any_setting_and_any_locks_go_into_the_address_and_come_back(labs, count):
    rng = Random(count)
    for lab in labs:
        states = [lab.some_state(rng) for _ in range(count)]
        links = lab.moved(states)
        assert len(set(links)) == len(set(map(tuple, states)))
        wanted = []
        for state, link in zip(states, links):
            hidden, locked = ([key for key in lab.keys if rng.random() < share] for share in (0.1, 0.2))
            words = {"lock": [key for key in locked if key not in hidden], "hide": hidden}
            kept = "&".join(f"{word}={','.join(keys)}" for word, keys in words.items() if keys)
            link += "&" * (bool(kept) and not link.endswith("?")) + kept
            fixed = [key for key in lab.keys if key in locked or key in hidden]
            wanted.append({"state": state, "locked": fixed, "hidden": hidden, "note": "", "address": link})
        assert lab.followed([one["address"] for one in wanted]) == wanted


def test_the_first_and_the_last_number_of_a_control_may_be_written_in_any_way(labs):
    for lab in labs:
        for i, one in enumerate(lab.controls):
            numbers = {index: value for index, (_, value) in enumerate(one["options"]) if type(value) in (int, float)}
            if not numbers:
                continue
            ends = [min(numbers, key=numbers.get), max(numbers, key=numbers.get)]
            links = [f"#{lab.name}?{one['key']}={quote(format(numbers[end], '.17e'))}" for end in ends]
            for end, seen in zip(ends, lab.followed(links)):
                assert (seen["state"][i], seen["note"]) == (end, ""), one["key"]


@pytest.mark.parametrize("way", ["opened", "followed"])
def test_a_link_brings_its_lab_into_sight(page, site, way):
    page.goto(f"{site}/chapters/scratch.html" + ("#map?seed=3" if way == "opened" else ""))
    if way == "followed":
        page.evaluate("location.hash = '#map?seed=3'")
    lab = Lab(page, "map", scroll=False)
    lab.settled()
    page.wait_for_function(
        "figure => { const { top } = figure.getBoundingClientRect(); return top >= 0 && top < innerHeight / 2; }",
        arg=lab.figure.element_handle(),
    )


def test_a_label_or_the_nearest_number_in_an_address_means_an_option(labs):
    rng = Random(1)
    for lab in labs:
        hashes, states = [], []
        for place, one in enumerate(lab.controls):
            values = [value for _, value in one["options"]]
            some = rng.randrange(len(values))
            texts = {one["options"][some][0]: some}
            if all(type(value) in (int, float) for value in values):
                number = rng.uniform(min(values), max(values))
                texts[repr(number)] = min(range(len(values)), key=lambda i: abs(values[i] - number))
            for text, index in texts.items():
                hashes.append(f"#{lab.name}?{one['key']}={quote(text, safe='')}")
                states.append([*lab.defaults[:place], index, *lab.defaults[place + 1 :]])
        seen = lab.followed(hashes)
        assert [(one["note"], one["state"]) for one in seen] == [("", state) for state in states]


MARK = "rQ7z"  # in what an address says, so that it would be found wherever it got to
TEXTS = [
    f"<img src=x onerror=alert('{MARK}')>",
    quote(f"<img src=x onerror=alert('{MARK}')>"),
    f"<script>alert('{MARK}')</script>",
    f"<svg/onload=alert('{MARK}')>",
    f'"><iframe srcdoc="<p>{MARK}</p>"></iframe>',
    f"' onmouseover='alert({MARK})",
    f"&lt;b&gt;{MARK}&lt;/b&gt;",
    f"javascript:alert('{MARK}')",
    f"${{alert('{MARK}')}}",
    f"{{{{{MARK}}}}}",
    f"{MARK}\u202e\u0000\U0001f600",
]
VALUES = [
    *TEXTS,
    "",
    " ",
    "-1",
    "-0.05",
    "1e999",
    "-Infinity",
    "NaN",
    "999999999999",
    "null",
    "[object Object]",
    "maybe",
    "%",
    "%E0%A4%A",
    "%00",
    "9" * 1_000_000,
    f"<b>{MARK}" * 100_000,
]
REST = [  # what is no value of a control
    f"{MARK}=1",
    f"<b>{MARK}</b>=1",
    "__proto__=1",
    "constructor=1",
    "toString=1",
    f"lock={MARK}",
    f"hide=<b>{MARK}</b>",
    "lock=__proto__,constructor",
    "lr=0",
    "batch=10&batch=x",
    "=",
]

# Every text that is about to become markup or code passes here: the browser asks, whichever way it came.
GUARD = """
window.sinks = [];
const noted = (text, type, sink) => {
  sinks.push({ text: String(text), sink, isOurs: new Error().stack.includes('/page.js') });
  return text;
};
trustedTypes.createPolicy('default', { createHTML: noted, createScript: noted, createScriptURL: noted });
"""


class Guarded(Quiet):
    """Serves under a policy by which the browser hands no text to innerHTML and its like unasked."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", f"{POLICY}; require-trusted-types-for 'script'")
        super().end_headers()


@pytest.fixture(scope="module")
def guarded():
    with served(BOOK, Guarded) as address:
        yield address


@pytest.mark.parametrize("chapter", SOME_WITH_LABS)
def test_nothing_of_a_hostile_address_reaches_a_lab_or_the_markup(guarded, page, chapter):
    page.add_init_script(GUARD)
    for lab in labs_of(page, f"{guarded}/{chapter}.html"):
        moved = [(one["index"] + 1) % len(one["options"]) for one in lab.controls]
        hostile = [f"{lab.keys[i % len(lab.keys)]}={value}" for i, value in enumerate(VALUES)] + REST
        shown = {"state": lab.defaults, "locked": [], "hidden": [], "note": UNKNOWN, "address": f"#{lab.name}?"}
        for text, seen in zip(hostile, lab.followed([f"#{lab.name}?{one}" for one in hostile], moved)):
            assert seen == shown, text[:80]
    page.locator(".chart.live").first.wait_for()
    assert_no_trace(page)
    ours = page.evaluate("sinks.filter(({ isOurs }) => isOurs)")
    assert [one["sink"] for one in ours] == ["HTMLScriptElement src"] and ours[0]["text"].endswith(
        "/plotly-basic.min.js"
    )


def assert_no_trace(page) -> None:
    """Nothing with the mark became markup or code; and would be noticed if it did."""
    traces = (
        "mark => sinks.filter(({ text }) => text.includes(mark)).map(({ text, sink }) => [sink, text.slice(0, 200)])"
    )
    assert page.evaluate(traces, MARK) == []
    assert page.locator("[onerror], [onload], [onmouseover], [srcdoc], img[src=x], a[href^=javascript]").count() == 0
    page.evaluate("mark => document.body.insertAdjacentHTML('beforeend', `<i>${mark}</i>`)", MARK)
    assert page.evaluate(traces, MARK) == [["Element insertAdjacentHTML", f"<i>{MARK}</i>"]]


@pytest.mark.parametrize(
    "address", ["chapters/index.html?embed={}#start?{}", "chapters/index.html#{}?a=1", "search.html?q={}&highlight={}"]
)
def test_no_other_part_of_an_address_becomes_markup(page, guarded, address):
    page.add_init_script(GUARD)
    page.goto(f"{guarded}/{address.replace('{}', quote(' '.join(TEXTS)))}")
    page.wait_for_load_state("networkidle")
    assert_no_trace(page)


def test_an_address_of_ten_million_letters_leaves_the_defaults(page, site):
    page.goto(f"{site}/chapters/index.html")
    lab = Lab(page, "start")
    lab.settled()
    page.evaluate("location.hash = '#start?batch=' + '9'.repeat(10_000_000)")
    lab.settled()
    assert lab.settings()["batch"] == 10


# Every address that a lab ever had, with a setting in the words of that time: its chapter, and the lab and setting it opens.
EARLIER = {
    "#start?batch=100&lr=0.4": ("index", "start", {"batch": 100}),
    "#products?n=512&library=torch": ("vectorization", "products", {"n": 512, "library": "torch"}),
    "#batches?how=buffer&batch=10": ("reading-data", "batches", {"how": "buffer", "batch": 10}),
    "#cloud?batch=100&where=the+optimum&replacement=true": (
        "minibatch-statistics",
        "gradients",
        {"batch": 100, "where": "optimum", "replacement": True},
    ),
    "#scratch?batch=64&axis=seconds&whose=numpy": (
        "scratch",
        "scratch",
        {"batch": 64, "axis": "seconds", "whose": "numpy"},
    ),
    "#path?across=flattest": ("scratch", "path", {"across": "flattest"}),
    "#map?batch=20&seed=3": ("scratch", "map", {"batch": 20, "seed": 3}),
    "#concise?half=true": ("concise", "concise", {"half": True}),
    "#schedules?kind=grow&view=loss": ("schedules", "schedules", {"kind": "grow", "view": "loss"}),
    "#genie?axis=seconds&sampling=replacement": ("exercises", "genie", {"axis": "seconds", "sampling": "replacement"}),
}


@pytest.mark.parametrize("address", EARLIER)
def test_an_address_of_an_earlier_book_opens_its_lab_still(page, site, address):
    chapter, name, settings = EARLIER[address]
    page.route(PLOTLY, blank)
    (lab,) = (one for one in labs_of(page, f"{site}/chapters/{chapter}.html{address}") if one.name == name)
    now = lab.now()
    shown = {one["key"]: one["options"][index][1] for one, index in zip(lab.controls, now["state"])}
    assert shown | settings == shown
    assert now["note"] == ""
    page.wait_for_function(
        "figure => Math.abs(figure.getBoundingClientRect().top) < innerHeight",
        arg=page.locator(f"figure.lab[data-name={name}]").element_handle(),
    )
