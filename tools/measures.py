"""What a page costs its reader, as tests and `make bench` measure it."""

import gzip

from playwright.sync_api import Page, Response

from .labs import CURVE, WATCH, Lab

# Notes when the first lab comes alive, as the page's own clock has it, for a reader whose hand is on the mouse already.
ALIVE = """addEventListener('DOMContentLoaded', () => dispatchEvent(new Event('pointermove')));
new MutationObserver((_, observer) => {
  if (!document.querySelector('figure.lab .chart.live')) return;
  observer.disconnect();
  window.aliveAt = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });"""


def live_after(page: Page, address: str) -> float:
    """Go to a page that nothing was loaded of before; milliseconds until its first lab is alive."""
    page.add_init_script(ALIVE)
    page.goto(address)
    return page.wait_for_function("() => window.aliveAt").json_value()


def answers(page: Page) -> list[Response]:
    """A list that grows with each answer the page gets."""
    responses = []
    page.on("response", lambda response: responses.append(response))  # Playwright takes no built-in method
    return responses


def sizes(responses: list[Response]) -> dict[str, int]:
    """Bytes of each answer as a server that compresses sends it, by address."""
    asked = {response.url for response in responses if not _fetched_ahead(response)}
    bodies = {  # Chromium may have forgotten what it fetched ahead once it was asked for
        response.url: response.body()
        for response in responses
        if not (_fetched_ahead(response) and response.url in asked)
    }
    return {url: len(gzip.compress(body, 9)) for url, body in bodies.items()}


def _fetched_ahead(response: Response) -> bool:
    return response.request.all_headers().get("sec-purpose") == "prefetch"


def paints(lab: Lab, moves: int = 60) -> list[float]:
    """Milliseconds from key to painted curve, for moves of both sliders of the main lab, sorted."""
    page = lab.page
    page.evaluate(WATCH, [lab.chart.element_handle(), CURVE])
    keys = ["ArrowRight"] * 5 + ["ArrowLeft"] * 10 + ["ArrowRight"] * 5
    for turn in range(moves // 10):
        lab.control(("Batch size", "Learning rate")[turn % 2]).focus()
        for i in range(10):
            page.keyboard.press(keys[(turn // 2 * 10 + i) % len(keys)])
            page.wait_for_function("count => paints.length === count", arg=turn * 10 + i + 1)
    return sorted(page.evaluate("paints"))


def centile(times: list[float]) -> float:
    """The 95th of 100 sorted times."""
    return times[round(0.95 * len(times)) - 1]


def heap(page: Page) -> float:
    """Bytes that the page's script keeps, after the rest was thrown away."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used
