"""Search suggestions for a partly typed query."""

from typing import Any

import orjson

from noirel.catalog.index import fulltext
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import best_matches, fetch_cards
from noirel.catalog.text import tokens
from noirel.core.db.queries import QueryPlan

_PRODUCTS, _CATEGORIES, _QUERIES = 6, 4, fulltext.MAX_COMPLETIONS


def suggest(columns: Columns, q: str) -> QueryPlan[tuple[dict[str, Any], bytes | None]]:
    """Return suggested products, categories and queries, and the version of the data. Tolerates typos.

    One query if the same text was searched for since the vocabulary changed, otherwise up to four statements more. Raises
    NotCached if the columns must not query the database.
    """
    words = tokens(q)
    if not words:
        return {"products": [], "categories": [], "queries": []}, None
    matches = (
        fulltext.name_prefix_matches(columns, words)
        if len(words) == 1 and len(words[0]) < fulltext.MIN_PREFIX_LENGTH
        else fulltext.find(columns, q, is_typing=True)
    )
    searched = matches.corrected_query.split() or [word for word in words if word not in matches.ignored]
    queries = _queries(columns, searched)
    version, cards = yield from fetch_cards(columns, best_matches(matches, columns, q, _PRODUCTS))
    result = {
        "products": [_product(orjson.loads(card)) for card in cards],
        "categories": _categories(columns, searched),
        "queries": queries,
    }
    return result, version


def _product(card: dict[str, Any]) -> dict[str, Any]:
    product = {name: card[name] for name in ("slug", "name", "subtitle")}
    return product | {"image": next(iter(card["images"]), None)}


def _categories(columns: Columns, words: list[str]) -> list[dict[str, str]]:
    """Categories whose name contains all the words, the last of them as a prefix."""
    categories = [*columns.taxonomy.categories.values()]
    matching = columns.taxonomy.category_names.matching(words)[:_CATEGORIES]
    return [{"slug": categories[index].slug, "name": categories[index].name} for index in matching]


def _queries(columns: Columns, words: list[str]) -> list[str]:
    """Facet values that contain the words, the most common first; then single words from the vocabulary."""
    counts: dict[str, int] = {}
    for facet in columns.facets.values():
        if matching := facet.labels.matching(words):
            numbers = columns.facet_counts(facet, columns.visible())
            for index in matching:
                name = facet.names[index].lower()
                counts[name] = counts.get(name, 0) + int(numbers[index])
    queries = sorted((name for name, n in counts.items() if n), key=lambda name: (-counts[name], name))
    if len(queries) < _QUERIES:
        *before, last = words
        completed = (" ".join([*before, word]) for word in fulltext.completions(columns, last))
        queries = list(dict.fromkeys([*queries, *completed]))
    return queries[:_QUERIES]
