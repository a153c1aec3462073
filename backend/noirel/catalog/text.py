"""The words and shapes that a product is shown in: pure, made when a fact changes."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any


class _Letters(dict[int, str | None]):
    """A table for str.translate that learns each character when it first meets it."""

    def __init__(self, what_of: Callable[[str], str | None]) -> None:
        super().__init__()
        self._what_of = what_of

    def __missing__(self, code: int) -> str | None:
        self[code] = found = self._what_of(chr(code))
        return found


# Letters that Unicode does not take apart, as people type them.
_TYPED = {"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "’": "'"}
_WITHOUT_ACCENTS = _Letters(lambda c: None if unicodedata.combining(c) else _TYPED.get(c, c))
_WORDS_ALONE = _Letters(lambda c: c if unicodedata.category(c)[0] in "LMN" else " ")


def fold(text: str) -> str:
    """Lower case, no accents, single blanks: what is searched and what is asked meet here."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).translate(_WITHOUT_ACCENTS)
    return " ".join(plain.split())


def tokens(text: str) -> list[str]:
    """The words of a text, folded: letters, digits and the marks that belong to them."""
    return fold(text).translate(_WORDS_ALONE).split()


def text_values(value: Any) -> Iterable[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from text_values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from text_values(inner)


def attribute_text(attributes: Mapping[str, Any]) -> Iterable[str]:
    """The words of a product's attributes; figures of plates and curves are none."""
    return text_values([value for key, value in attributes.items() if key not in {"plate", "drydown"}])


def search_text(
    *, name: str, subtitle: str, vendor: str, category: str, tags: list[str], attributes: Mapping[str, Any], skus: list[str]
) -> str:
    return fold(" ".join([name, subtitle, vendor, category, *tags, *attribute_text(attributes), *skus]))[:8000]
