"""The words and shapes that a product is shown in: pure, made when a fact changes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any


def folded(text: str) -> str:
    """Lower case, no accents, single blanks: what is searched and what is asked meet here."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'").split())


def words_of(value: Any) -> Iterable[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)


def search_text(
    *, name: str, subtitle: str, vendor: str, category: str, tags: list[str], attributes: Mapping[str, Any], skus: list[str]
) -> str:
    told = [value for key, value in attributes.items() if key not in {"plate", "drydown"}]
    return folded(" ".join([name, subtitle, vendor, category, *tags, *words_of(told), *skus]))[:8000]


def slugged(text: str) -> str:
    """letters, digits, dashes; empty when there is none of them."""
    return re.sub(r"[^\w]+", "-", folded(text), flags=re.UNICODE).replace("_", "-").strip("-")[:180]
