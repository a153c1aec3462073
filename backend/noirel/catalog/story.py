"""The HTML of a product's description: what is kept of it, and its pictures. Pure."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

import nh3

_TAGS = {
    "p", "br", "strong", "em", "b", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "code", "pre", "kbd", "abbr",
    "cite", "q", "ul", "ol", "li", "dl", "dt", "dd", "h2", "h3", "h4", "h5", "h6", "blockquote", "a", "hr", "table", "caption",
    "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th", "span", "div", "img", "figure", "figcaption",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start"},
}
_NUMBERS = {"width", "height", "colspan", "rowspan", "span", "start"}
MAX_SOURCE = 1000  # characters of a picture's address
# As nh3 writes them: attributes in double quotes, with the quotes inside escaped.
_IMG = re.compile(r'<img((?:\s+[\w-]+="[^"]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r'\s([\w-]+)="([^"]*)"')
# Elements of a whole page, which say nothing about a description.
_OF_A_PAGE = {"html", "head", "body", "meta"}


def sanitise(html: str) -> str:
    """Keep text, lists, tables, pictures with an http(s) address, and links to http(s) and mail; idempotent.

    Scripts and styles are removed with their text, other elements are removed and their text stays.
    """
    for _ in range(8):
        clean = _IMG.sub(lambda found: found[0] if ' src="' in found[0] else "", _clean(html))
        if clean == html:
            return clean
        html = clean
    return str(nh3.clean_text(html))  # no markup that keeps changing is worth a risk


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        source = value.strip()
        source = f"https:{source}" if source.startswith("//") else source
        return source if re.match(r"https?://", source, re.IGNORECASE) and len(source) <= MAX_SOURCE else None
    if name in _NUMBERS:
        return value if re.fullmatch(r"\d{1,5}", value, re.ASCII) else None
    return value


def attribute_value(text: str) -> str:
    """As nh3 writes it between double quotes."""
    return escape(text, quote=False).replace('"', "&quot;")


def pictures_in(story: str) -> dict[str, str]:
    """The addresses of the pictures in a sanitised story, each with its alternative text."""
    pictures: dict[str, str] = {}
    for found in _IMG.finditer(story):
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        if source := unescape(attributes.get("src", "")):
            pictures.setdefault(source, unescape(attributes.get("alt", ""))[:400])
    return pictures


def with_pictures(story: str, rendition_of: Callable[[str], tuple[str, int, int] | None]) -> str:
    """The story as the shop shows it: with pictures of our own media, and without those that aren't fetched yet.

    rendition_of: address, width and height of the rendition of a source.
    """

    def shown(found: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        rendition = rendition_of(unescape(attributes.get("src", "")))
        if rendition is None:
            return ""
        url, width, height = rendition
        alt = attributes.get("alt", "")
        return f'<img src="{escape(url)}" alt="{alt}" width="{width}" height="{height}" loading="lazy">'

    return _IMG.sub(shown, story)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] += 1


def _elements(html: str) -> Counter[str]:
    parser = _Elements()
    parser.feed(html)
    return parser.counts


def left_out(html: str, story: str) -> str:
    """Which elements of the HTML are not in the story that was made of it: "iframe, script (2)"; empty if none."""
    if "<" not in html:
        return ""
    lost = _elements(html) - _elements(story)
    return ", ".join(f"{tag} ({count})" if count > 1 else tag for tag, count in sorted(lost.items()) if tag not in _OF_A_PAGE)
