"""A Sphinx extension: what each page tells search engines and previews, and names that assistive technology can use."""

import posixpath
import re
from hashlib import sha256
from html import escape
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from subprocess import PIPE, Popen
from time import monotonic, sleep

from docutils import nodes
from sphinxcontrib import katex

MENDED = {  # where a page has them
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its own words say what it shows
    'role="doc-biblioentry"': 'role="listitem"',  # the first is deprecated, and no child of a list
}
STILL = re.compile(r'<noscript class="still">(.*?)</noscript>', re.S)  # d2lmini.figures says why
CAPTION = re.compile(r"(<figure [^>]*)><figcaption>([^<]*)<")  # names its figure, but browsers do not think so
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
    body = CAPTION.sub(r'\1 aria-label="\2"><figcaption>\2<', body)
    for wrong, right in MENDED.items():
        body = body.replace(wrong, right)
    context["body"] = body


DEAD = ".pst-js-only, .sidebar-toggle, form.bd-search, #pst-back-to-top"  # without scripts; not shown without them
SHEETS = re.compile(r'(?:<link [^>]*\brel="stylesheet"[^>]*>\s*)+')
ADDRESS = re.compile(
    r"""@charset[^;]+;|@import "(?P<imported>[^"]+)";|url\((?P<quote>["']?)(?!data:)(?P<address>[^"')]+)(?P=quote)\)"""
)
KEPT = "/* purgecss start ignore */\n{}\n/* purgecss end ignore */"  # it takes some of our selectors for unused
PRELOADS = re.compile(r'<link rel="preload" as="script"[^>]*>\s*')  # of scripts that nothing waits for


def unblock(app, exception) -> None:
    """Keep no reader waiting: one style sheet instead of ten, and scripts that run in their order once the page is there."""
    static = Path(app.outdir) / "_static"
    pages = {page: page.read_text() for page in sorted(Path(app.outdir).rglob("*.html")) if static not in page.parents}
    # Those with sheets of the theme: not the page that only leads on, and none that an earlier build has left.
    pages = {page: text for page, text in pages.items() if SHEETS.search(text) and "_static/all.css" not in text}
    if exception or not pages:
        return
    linked = {match[0]: None for text in pages.values() for match in re.finditer(r"_static/([^\"?]+\.css)", text)}
    sheets = {name: _sheet(static, Path(name.removeprefix("_static/"))) for name in linked}
    sheets["_static/book.css"] = KEPT.format(sheets["_static/book.css"])
    sheet = "\n".join(sheets.values())
    (static / "all.css").write_text(sheet)
    # Of the pages too, for the build then drops the rules that none of them needs.
    version = sha256("".join([sheet, *pages.values()]).encode()).hexdigest()[:8]
    for page, text in pages.items():
        root = "../" * len(page.relative_to(app.outdir).parent.parts)
        link = f'<link rel="stylesheet" href="{root}_static/all.css?v={version}"/>\n'
        before, *others = SHEETS.split(_unblocked(text))
        page.write_text("".join([before, link, *others]))


def _unblocked(text: str) -> str:
    """A page whose scripts wait for it, and which without scripts shows nothing that needs them."""
    text = PRELOADS.sub("", text)
    text = _replaced(text, ' data-theme="auto"', ' data-theme="light"')  # the theme has no colours for "auto"
    text = _replaced(text, ".pst-js-only {", f"{DEAD} {{")
    text = re.sub(r"<script (?![^>]*\b(?:defer|async)\b)([^>]*\bsrc=)", r"<script defer \1", text)
    return _replaced(text, "<script>DOCUMENTATION", '<script type="module">DOCUMENTATION')  # waits for another too


def _replaced(text: str, old: str, new: str) -> str:
    """The text with ``new`` in place of ``old``, which has to be there."""
    if old not in text:
        raise LookupError(f"a page of the theme no longer has {old!r}, in whose place tools/pages.py puts {new!r}")
    return text.replace(old, new)


def _sheet(static: Path, name: Path) -> str:
    """A style sheet with what it imports, and with the addresses in it as seen from ``static``."""

    def moved(match) -> str:
        if match["imported"]:
            return _sheet(static, Path(posixpath.normpath(name.parent / match["imported"])))
        return f"url({posixpath.normpath(name.parent / match['address'])})" if match["address"] else ""

    return ADDRESS.sub(moved, (static / name).read_text())


def _start_server(server, folder: Path, timeout: float) -> tuple[Popen, socket]:
    """The server that draws the maths, and a connection to it.

    Its socket file is there a moment before it listens; on a busy machine sphinxcontrib-katex falls into that moment.
    """
    address = folder / "katex.sock"
    process = Popen(server.build_command(socket=address), stdin=PIPE, stdout=PIPE, cwd=folder)
    until = monotonic() + timeout
    while monotonic() < until:
        connection = socket(AF_UNIX, SOCK_STREAM)
        try:
            connection.connect(str(address))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            sleep(0.01)
    process.kill()
    raise server.timeout_error(timeout)


def setup(app) -> dict:
    """Sphinx calls this when it loads the extension."""
    katex.KaTeXServer.start_server_process = classmethod(_start_server)
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60
    app.connect("html-page-context", mend)
    app.connect("build-finished", unblock, priority=900)  # once the theme has written all its sheets
    return {"parallel_read_safe": True, "parallel_write_safe": True}
