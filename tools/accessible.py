"""A Sphinx extension: mends names and roles that Jupyter Book's parts write and assistive technology cannot use."""

MENDED = {
    '<summary aria-label="Toggle hidden content">': "<summary>",  # its own words say what it shows
    'role="doc-biblioentry"': 'role="listitem"',  # the first is deprecated, and no child of a list
}


def mend(app, pagename, templatename, context, doctree) -> None:
    """Replace what is wrong in a page's body."""
    for wrong, right in MENDED.items():
        context["body"] = context.get("body", "").replace(wrong, right)


def setup(app) -> dict:
    """Sphinx calls this when it loads the extension."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
