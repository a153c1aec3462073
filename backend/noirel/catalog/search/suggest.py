"""What somebody may mean who has typed this much."""

from typing import Any

import numpy as np
import orjson

from noirel.catalog.present import tokens
from noirel.catalog.search import words
from noirel.catalog.search.columns import Columns
from noirel.catalog.search.listing import best_of, cards_of
from noirel.core.asking import now

_PRODUCTS, _CATEGORIES, _QUERIES = 6, 4, 4


def suggest(columns: Columns, q: str) -> tuple[dict[str, Any], bytes | None]:
    """Products, categories and queries, and the edition of what was read. Tolerates typos."""
    asked = tokens(q)
    if not asked:
        return {"products": [], "categories": [], "queries": []}, None
    found = (
        words.begun(columns, asked)
        if len(asked) == 1 and len(asked[0]) < words.GOES_ON_FROM
        else words.find(columns, q, is_typing=True)
    )
    best = best_of(found, columns, q, _PRODUCTS)
    edition, cards = now(cards_of(columns, best))
    meant = found.meant.split() or asked
    told = {
        "products": [_product(orjson.loads(card)) for card in cards],
        "categories": _categories(columns, meant),
        "queries": _queries(columns, meant),
    }
    return told, edition


def _product(card: dict[str, Any]) -> dict[str, Any]:
    told = {name: card[name] for name in ("slug", "name", "subtitle")}
    return told | {"image": next(iter(card["images"]), None)}


def _categories(columns: Columns, asked: list[str]) -> list[dict[str, str]]:
    """Those whose name has all the words, the last of them perhaps half typed."""
    return [
        {"slug": category.slug, "name": category.name}
        for category in columns.frame.categories.values()
        if _has(tokens(category.name), asked)
    ][:_CATEGORIES]


def _queries(columns: Columns, asked: list[str]) -> list[str]:
    """What products are said to be, of the shop's own facets, the most common first; then single words."""
    visible = columns.visible()
    counted: dict[str, int] = {}
    for facet in columns.facets.values():
        for at, (name, words_of) in enumerate(zip(facet.names, facet.words, strict=True)):
            if _has(words_of, asked):
                seen = int(np.count_nonzero(visible[facet.slots[facet.starts[at] : facet.starts[at + 1]]]))
                counted[name.lower()] = counted.get(name.lower(), 0) + seen
    told = sorted((name for name, n in counted.items() if n), key=lambda name: (-counted[name], name))
    if len(told) < _QUERIES:
        *before, last = asked
        more = (" ".join([*before, word]) for word in words.completions(last, _QUERIES))
        told = list(dict.fromkeys([*told, *more]))
    return told[:_QUERIES]


def _has(name: list[str], asked: list[str]) -> bool:
    *whole, last = asked
    return all(word in name for word in whole) and any(word.startswith(last) for word in name)
