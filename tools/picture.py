"""Take the README's picture, assets/lab.png, from the built book: the main lab with the classic runs, in a real browser."""

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
SETTING = "#scratch?batch=10&lr=0.05&axis=updates&logx=true&classics=true"


def main() -> None:
    book = (ROOT / "_build" / "html" / "chapters" / "scratch.html").as_uri()
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=flags)
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.goto(book + SETTING)
        lab = page.locator("figure.lab[data-name=scratch]")
        lab.locator(".chart.live .legendtext", has_text="gradient descent").wait_for()
        lab.locator(".chart.live .legendtext", has_text="seeds").wait_for()
        lab.screenshot(path=ROOT / "assets" / "lab.png")
        browser.close()


if __name__ == "__main__":
    main()
