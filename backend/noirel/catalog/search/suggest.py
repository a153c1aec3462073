"""What somebody may mean who has typed this much."""

from typing import Any

import orjson

from noirel.catalog.present import tokens
from noirel.catalog.search import words
from noirel.catalog.search.columns import Columns
from noirel.catalog.search.listing import best_of, cards_of
from noirel.core.asking import Steps

_PRODUCTS, _CATEGORIES, _QUERIES = 6, 4, words.MOST_COMPLETIONS


def suggest(columns: Columns, q: str) -> Steps[tuple[dict[str, Any], bytes | None]]:
    """Products, categories and queries, and the edition of what was read. Tolerates typos.

    One question, where the same letters were typed since words changed; up to four statements more where they were not. Raises
    NotAtHand where the columns do.
    """
    asked = tokens(q)
    if not asked:
        return {"products": [], "categories": [], "queries": []}, None
    found = (
        words.begun(columns, asked)
        if len(asked) == 1 and len(asked[0]) < words.GOES_ON_FROM
        else words.find(columns, q, is_typing=True)
    )
    meant = found.meant.split() or [word for word in asked if word not in found.ignored]
    queries = _queries(columns, meant)
    edition, cards = yield from cards_of(columns, best_of(found, columns, q, _PRODUCTS))
    told = {
        "products": [_product(orjson.loads(card)) for card in cards],
        "categories": _categories(columns, meant),
        "queries": queries,
    }
    return told, edition


def _product(card: dict[str, Any]) -> dict[str, Any]:
    told = {name: card[name] for name in ("slug", "name", "subtitle")}
    return told | {"image": next(iter(card["images"]), None)}


def _categories(columns: Columns, asked: list[str]) -> list[dict[str, str]]:
    """Those whose name has all the words, the last of them perhaps half typed."""
    categories = [*columns.frame.categories.values()]
    found = columns.frame.names_of_categories.having(asked)[:_CATEGORIES]
    return [{"slug": categories[at].slug, "name": categories[at].name} for at in found]


def _queries(columns: Columns, asked: list[str]) -> list[str]:
    """What products are said to be, of the shop's own facets, the most common first; then single words."""
    counted: dict[str, int] = {}
    for facet in columns.facets.values():
        if found := facet.said.having(asked):
            numbers = columns.values_of(facet, columns.visible())
            for at in found:
                name = facet.names[at].lower()
                counted[name] = counted.get(name, 0) + int(numbers[at])
    told = sorted((name for name, n in counted.items() if n), key=lambda name: (-counted[name], name))
    if len(told) < _QUERIES:
        *before, last = asked
        more = (" ".join([*before, word]) for word in words.completions(columns, last))
        told = list(dict.fromkeys([*told, *more]))
    return told[:_QUERIES]
