"""A Sphinx extension: what each page tells search engines and previews, and names that assistive technology can use."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinxcontrib import katex

MENDED = {
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its own words say what it shows
    'role="doc-biblioentry"': 'role="listitem"',  # the first is deprecated, and no child of a list
}
STILL = re.compile(r'<noscript class="still">(.*?)</noscript>', re.S)  # d2lmini.figures says why
ALT = "The book's main lab: sliders for batch size and learning rate over a chart of the loss"
LONGEST = 160  # characters of a description that a search engine shows


def describe(doctree) -> str:
    """The first paragraph of a chapter, cut after a sentence."""
    text = " ".join(next(doctree.findall(nodes.paragraph)).astext().split())
    return re.match(rf".{{,{LONGEST - 1}}}[.?!](?= |$)|.{{,{LONGEST}}}", text)[0]


def mend(app, pagename, templatename, context, doctree) -> None:
    """Add a page's description for search engines and previews, and replace what is wrong in its body."""
    if doctree is None:  # the search page and its like
        return
    about = {"og:title": context["title"], "og:description": describe(doctree), "og:type": "article"}
    if app.config.html_baseurl:  # previews want whole addresses
        picture = f"{app.config.html_baseurl.rstrip('/')}/_static/lab.png"
        about |= {"og:url": context["pageurl"], "og:image": picture, "og:image:alt": ALT}
    tags = [f'<meta name="description" content="{escape(about["og:description"])}"/>']
    tags += [f'<meta property="{name}" content="{escape(text)}"/>' for name, text in about.items()]
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])
    body = STILL.sub(r"\1", context["body"])
    for wrong, right in MENDED.items():
        body = body.replace(wrong, right)
    context["body"] = body


def unblock(app, exception) -> None:
    """Let no script of the theme keep a reader waiting for the text: all run in their order, once the page is there.

    Without any script, the page is light.
    """
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text()
        text = re.sub(r"<script (?![^>]*\b(?:defer|async)\b)([^>]*\bsrc=)", r"<script defer \1", text)
        text = text.replace(
            "<script>DOCUMENTATION_OPTIONS.", '<script type="module">DOCUMENTATION_OPTIONS.'
        )  # needs one
        text = text.replace(' data-theme="auto"', ' data-theme="light"', 1)  # the theme has no colours for "auto"
        page.write_text(text)


def setup(app) -> dict:
    """Sphinx calls this when it loads the extension."""
    # The maths is drawn by a server. Its socket file is there a moment before it listens, and on a busy machine the build
    # fell into that moment; the way of the other systems waits.
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60
    app.connect("html-page-context", mend)
    app.connect("build-finished", unblock)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
