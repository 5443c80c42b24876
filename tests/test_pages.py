"""What tools/pages.py makes of a page: what search engines and previews are told, and names for assistive technology."""

from types import SimpleNamespace

from docutils import nodes

from tools.pages import mend

BODY = '<figure class="lab" data-name="a"><figcaption>Loss &amp; rate</figcaption><noscript class="still"><svg/></noscript></figure>'


def mended(text: str, baseurl: str = "", body: str = BODY) -> dict:
    """The context of a page whose chapter begins with a paragraph."""
    app = SimpleNamespace(config=SimpleNamespace(html_baseurl=baseurl))
    chapter = nodes.section("", nodes.title("", "Chapter"), nodes.paragraph("", text), nodes.paragraph("", "More."))
    context = {"title": "Chapter", "body": body, "pageurl": f"{baseurl}chapter.html", "metatags": "<theirs>"}
    mend(app, "chapter", "page.html", context, chapter)
    return context


def test_a_search_engine_is_told_the_first_sentences_of_a_chapter():
    tags = mended('Rates & "batches". They trade.')["metatags"]
    told = "Rates &amp; &quot;batches&quot;. They trade."
    assert tags.startswith("<theirs>\n")
    assert f'<meta name="description" content="{told}"/>' in tags
    assert f'<meta property="og:description" content="{told}"/>' in tags
    assert '<meta property="og:title" content="Chapter"/>' in tags
    assert "og:image" not in tags, "nobody has said where the book is served"


def test_a_description_ends_with_a_sentence_if_one_fits():
    assert 'content="It is short."' in mended(f"It is short. {'And this is long, ' * 20}")["metatags"]


def test_a_shared_link_shows_a_picture_where_the_book_has_an_address():
    tags = mended("Text.", "https://you.example/book/")["metatags"]
    assert '<meta property="og:url" content="https://you.example/book/chapter.html"/>' in tags
    assert '<meta property="og:image" content="https://you.example/book/_static/lab.png"/>' in tags


def test_a_figure_is_named_by_its_caption_and_its_picture_is_unwrapped():
    body = mended("Text.")["body"]
    assert '<figure class="lab" data-name="a" aria-label="Loss &amp; rate"><figcaption>' in body
    assert "<svg/>" in body and "noscript" not in body
