"""Take the README's picture, assets/lab.png, from the built book: the main lab with the classic runs, in a real browser."""

from browser import BOOK, ROOT, launched

SETTING = "#scratch?batch=10&lr=0.05&axis=updates&logx=true&classics=true"


def main() -> None:
    with launched() as browser:
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        page.goto((BOOK / "chapters" / "scratch.html").as_uri() + SETTING)
        lab = page.locator("figure.lab[data-name=scratch]")
        lab.locator(".chart.live .legendtext", has_text="gradient descent").wait_for()
        lab.locator(".chart.live .legendtext", has_text="seeds").wait_for()
        lab.screenshot(path=ROOT / "assets" / "lab.png")


if __name__ == "__main__":
    main()
