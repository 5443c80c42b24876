"""Photograph every page of the built book the ways it is met, into _build/shots/PAGE-MODE.png; or only those named.

Labs are live and settled, each has been moved once in the dark; `paper` is what the printer gets.
"""

import sys
from concurrent.futures import ProcessPoolExecutor

import pypdfium2
from browser import BOOK, launched
from PIL import Image
from playwright.sync_api import Browser, Page

SHOTS = BOOK.parent / "shots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
NOTHING = {"color_scheme": "light", "forced_colors": "none", "media": "screen"}

# Whether every chart is drawn, in the colours and the width of its surroundings, and every lab has ended its work.
SETTLED = """() => {
  const boxes = [...document.querySelectorAll('figure .chart')].filter((box) => box.checkVisibility());
  const moving = document.getAnimations().some(({ playState }) => playState === 'running');
  return !moving && !document.querySelector('[aria-busy=true]') && boxes.every((box) => box.matches('.live') &&
    box._fullLayout.font.color === getComputedStyle(box).color && Math.abs(box._fullLayout.width - box.clientWidth) <= 1);
}"""


def settle(page: Page) -> None:
    """Wake every figure by reading to the end, and wait until all are drawn."""
    page.mouse.move(1, 1)  # somebody is there
    for figure in page.locator("figure:is(.lab, .plot):visible").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".chart.live").wait_for()
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.wait_for_function(SETTLED)


def shoot(browser: Browser, name: str) -> None:
    """All modes of one page; only the last needs another load."""
    address = (BOOK / f"{name}.html").as_uri() + ("?q=batch" if name == "search" else "")
    stem = str(SHOTS / name.split("/")[-1])

    def take(mode: str) -> None:
        settle(page)
        page.screenshot(path=f"{stem}-{mode}.png", full_page=True)

    page = browser.new_page(viewport=WIDE)
    page.goto(address)
    if name == "search":
        page.locator("#search-results li").first.wait_for()
    take("light")
    page.emulate_media(**NOTHING | {"forced_colors": "active"})
    take("forced")
    page.emulate_media(**NOTHING | {"media": "print"})
    page.screenshot(path=f"{stem}-print.png", full_page=True)
    page.emulate_media(**NOTHING | {"color_scheme": "dark"})
    for slider in page.locator("figure.lab:visible .controls").all():
        slider.locator("input[type=range]").first.press("ArrowRight")
    page.evaluate("document.activeElement.blur()")
    take("dark")
    page.emulate_media(**NOTHING | {"color_scheme": "dark", "media": "null"})
    paper(page.pdf(format="A4"), f"{stem}-paper.png")
    page.set_viewport_size(PHONE)
    take("dark-phone")
    page.emulate_media(**NOTHING)
    take("phone")
    page.close()
    page = browser.new_page(viewport=WIDE, java_script_enabled=False)
    page.goto(address)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(WIDE | {"height": height})  # figures out of sight are not drawn
    page.screenshot(path=f"{stem}-noscript.png", full_page=True)
    page.close()


def paper(pdf: bytes, path: str) -> None:
    """The sheets of a document side by side, four in a row."""
    sheets = [sheet.render(scale=1.2).to_pil() for sheet in pypdfium2.PdfDocument(pdf)]
    width, height = sheets[0].size
    whole = Image.new("RGB", (4 * width, -(-len(sheets) // 4) * height), "grey")
    for i, sheet in enumerate(sheets):
        whole.paste(sheet, (i % 4 * width, i // 4 * height))
    whole.save(path)


def shoot_all(names: list[str]) -> None:
    with launched() as browser:
        for name in names:
            shoot(browser, name)
            print(name, flush=True)


if __name__ == "__main__":
    SHOTS.mkdir(exist_ok=True)
    pages = sorted(str(page.relative_to(BOOK).with_suffix("")) for page in BOOK.glob("**/*.html"))
    pages = [page for page in pages if page != "index" and not page.startswith("_")]  # the first only leads on
    named = {name.split("/")[-1] for name in sys.argv[1:]}
    wanted = [page for page in pages if not named or page.split("/")[-1] in named]
    with ProcessPoolExecutor(2) as workers:
        list(workers.map(shoot_all, [wanted[::2], wanted[1::2]]))
