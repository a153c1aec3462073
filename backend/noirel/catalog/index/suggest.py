"""What somebody may mean who has typed this much."""

from typing import Any

import orjson

from noirel.catalog.index import fulltext
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import best_matches, fetch_cards
from noirel.catalog.text import tokens
from noirel.core.db.queries import QueryPlan

_PRODUCTS, _CATEGORIES, _QUERIES = 6, 4, fulltext.MAX_COMPLETIONS


def suggest(columns: Columns, q: str) -> QueryPlan[tuple[dict[str, Any], bytes | None]]:
    """Products, categories and queries, and the edition of what was read. Tolerates typos.

    One question, where the same letters were typed since words changed; up to four statements more where they were not. Raises
    NotAtHand where the columns do.
    """
    asked = tokens(q)
    if not asked:
        return {"products": [], "categories": [], "queries": []}, None
    found = (
        fulltext.name_prefix_matches(columns, asked)
        if len(asked) == 1 and len(asked[0]) < fulltext.MIN_PREFIX_LENGTH
        else fulltext.find(columns, q, is_typing=True)
    )
    meant = found.corrected_query.split() or [word for word in asked if word not in found.ignored]
    queries = _queries(columns, meant)
    edition, cards = yield from fetch_cards(columns, best_matches(found, columns, q, _PRODUCTS))
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
    categories = [*columns.taxonomy.categories.values()]
    found = columns.taxonomy.category_names.matching(asked)[:_CATEGORIES]
    return [{"slug": categories[at].slug, "name": categories[at].name} for at in found]


def _queries(columns: Columns, asked: list[str]) -> list[str]:
    """What products are said to be, of the shop's own facets, the most common first; then single words."""
    counted: dict[str, int] = {}
    for facet in columns.facets.values():
        if found := facet.labels.matching(asked):
            numbers = columns.facet_counts(facet, columns.visible())
            for at in found:
                name = facet.names[at].lower()
                counted[name] = counted.get(name, 0) + int(numbers[at])
    told = sorted((name for name, n in counted.items() if n), key=lambda name: (-counted[name], name))
    if len(told) < _QUERIES:
        *before, last = asked
        more = (" ".join([*before, word]) for word in fulltext.completions(columns, last))
        told = list(dict.fromkeys([*told, *more]))
    return told[:_QUERIES]
