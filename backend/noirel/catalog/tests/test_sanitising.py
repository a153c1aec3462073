"""No script gets through: whatever HTML comes in, what may stand in a story is words."""

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from noirel.catalog.story import left_out, pictures_in, sanitise, with_pictures

EVIL = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.example>", "</script>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<math><mi xlink:href='javascript:alert(1)'>",
    "<a href='javascript:alert(1)'>x</a>", "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>", "<a href='data:text/html,<script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<style>@import 'evil'</style>",
    "<p style='x:expression(alert(1))' onclick=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>", "<!--><img src=x onerror=alert(1)>-->", "<object data=x>",
    "<embed src=x>", "<form action=javascript:alert(1)><button>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "<link rel=stylesheet href=//evil>",
    "<table><td><script>alert(1)", "<textarea><script>", "<title><script>", "<plaintext>", "<xmp><script>",
    "\x00<scr\x00ipt>", "<b", ">", "&lt;script&gt;", "<![CDATA[<script>]]>", "'\"><script>", "<p>", "</p>", "<ul><li>",
    "words",
]  # fmt: skip
HARMLESS = {
    "p", "br", "strong", "em", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "code", "pre", "kbd", "abbr",
    "cite", "q", "ul", "ol", "li", "dl", "dt", "dd", "h2", "h3", "h4", "h5", "h6", "blockquote", "a", "hr", "table", "caption",
    "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", "span", "div", "img", "figure", "figcaption",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "rel"}, "abbr": {"title"}, "img": {"src", "alt", "width", "height"}, "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"}, "col": {"span"}, "colgroup": {"span"}, "ol": {"start"},
}  # fmt: skip
HTML = [
    "<dl><dt>a<dd>b</dl>", "<table><caption>c<tr><td colspan=2>x</table>", "<img src='//cdn.example/a.jpg?a=1&b=2' alt='\">'>",
    "<img src=javascript:alert(1)>", "<img src='data:image/svg+xml,<svg onload=x>'>", "<img alt=x>", "<figure><img src=http://a/b>",
    "<p><table>", "<pre>\n\n", "<li><li>", "<a><a>", "<q>", "<td>", "<caption>", "<col>", "<h2><h3>",
    "<math><mtext><table><mglyph>",
    "<style><!--</style>", "<svg></p><style>", "&amp;lt;", "&nbsp;",
]  # fmt: skip
html = st.lists(st.one_of(st.sampled_from(EVIL), st.sampled_from(HTML), st.text(max_size=8)), max_size=12).map("".join)


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@settings(max_examples=500)
@given(html)
def test_no_script_gets_through(text: str) -> None:
    clean = sanitise(text)
    seen = Seen()
    seen.feed(clean)
    for tag, attributes in seen.tags:
        assert tag in HARMLESS
        assert set(attributes) <= ATTRIBUTES.get(tag, set())
        assert tag != "img" or (attributes["src"] or "").lower().startswith(("http://", "https://"))
        href = attributes.get("href")
        assert href is None or ":" not in href.split("/")[0] or href.startswith(("http:", "https:", "mailto:"))


@settings(max_examples=500)
@given(html)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    clean = sanitise(text)
    assert sanitise(clean) == clean


def test_words_stay_and_what_a_script_says_goes() -> None:
    assert sanitise("<p>Cool.</p><script>location='https://evil.example'</script>once <b onclick=x>more</b>") == (
        "<p>Cool.</p>once <b>more</b>"
    )


def test_lists_captions_and_pictures_are_kept_and_what_is_left_out_is_named() -> None:
    body = (
        '<dl><dt>Top</dt><dd>Rose</dd></dl><table><caption>Notes</caption><tr><td colspan="2" style="x">1</td></tr></table>'
        "<img src='//cdn.example/a.jpg?v=1&w=2' alt='a > b \"q\"' onerror='x'><img src='data:x'><iframe src=x></iframe>"
        "<script>1</script><script>2</script>"
    )
    story = sanitise(body)
    assert story == (
        "<dl><dt>Top</dt><dd>Rose</dd></dl><table><caption>Notes</caption><tbody><tr>"
        '<td colspan="2">1</td></tr></tbody></table>'
        '<img src="https://cdn.example/a.jpg?v=1&amp;w=2" alt="a &gt; b &quot;q&quot;">'
    )
    assert left_out(body, story) == "iframe, img, script (2)"
    assert pictures_in(story) == {"https://cdn.example/a.jpg?v=1&w=2": 'a > b "q"'}


def test_a_story_shows_pictures_of_our_own_media_alone() -> None:
    story = sanitise('<p>a</p><img src="https://cdn.example/a.jpg" alt="A"><img src="https://cdn.example/b.jpg">')
    shown = with_pictures(story, {"https://cdn.example/a.jpg": ("/media/a.webp", 8, 6)}.get)
    assert shown == '<p>a</p><img src="/media/a.webp" alt="A" width="8" height="6" loading="lazy">'


@settings(max_examples=300)
@given(html)
def test_no_address_of_a_stranger_is_shown(text: str) -> None:
    assert "<img" not in with_pictures(sanitise(text), lambda _: None)
