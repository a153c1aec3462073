"""Product counts: the total and facets of a list, and the sizes of categories and collections."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from noirel.catalog.index.bitset import Bitset
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import LOOKUP_TABLE_LIMIT, Selection
from noirel.core.http.json import dumps


def total_and_facets(selection: Selection) -> tuple[int, bytes]:
    """Return the total and the facets as a JSON array. Each facet is counted under all filters except its own."""
    columns = selection.columns

    def without(facet: str) -> Bitset:
        return selection.without(facet) if facet in selection.by_facet else selection.products

    facets = [_facet("category", "Category", _category_facet(columns, without("category")))]
    for definition in columns.taxonomy.definitions:
        if definition.is_facet:
            values: list[tuple[int, _FacetLabel]] = []
            if facet := columns.facets.get(definition.name):
                numbers = columns.facet_counts(facet, without(definition.name)).tolist()
                values = [(n, _facet_label(name, name)) for n, name in zip(numbers, facet.names, strict=True) if n]
            facets.append(_facet(definition.name, definition.label, values))
    facets.append(dumps({"name": "price", "label": "Price", "values": []} | _price_facet(columns, without("#price"))))
    return selection.products.count, b"[%b]" % b",".join(facets)


class _FacetLabel(NamedTuple):
    """The label of a value, and its JSON object up to the count."""

    label: str
    head: bytes


@lru_cache(20_000)  # the same values recur in every list
def _facet_label(value: str, label: str) -> _FacetLabel:
    label = label[:1].upper() + label[1:]
    return _FacetLabel(label, dumps({"value": value, "label": label})[:-1] + b',"count":')


def _facet(name: str, label: str, values: Iterable[tuple[int, _FacetLabel]]) -> bytes:
    """A facet as JSON. Its values are ordered by count, then by label."""
    ordered = sorted((-n, value) for n, value in values)
    items = b",".join([b"%b%d}" % (value.head, -n) for n, value in ordered])
    return b'{"name":%b,"label":%b,"values":[%b],"min":null,"max":null}' % (dumps(name), dumps(label), items)


def _category_facet(columns: Columns, products: Bitset) -> list[tuple[int, _FacetLabel]]:
    categories = columns.taxonomy.categories
    counts = by_category(columns, products).items()
    return [(n, _facet_label(category.slug, category.name)) for id_, n in counts if (category := categories.get(id_))]


def _price_facet(columns: Columns, products: Bitset) -> dict[str, Any]:
    if not products.count:
        return {"min": None, "max": None}
    currency = _currency(columns, products)
    _, lowest = columns.ranking("min_price", descending=False).top(products, 1)
    _, highest = columns.ranking("max_price").top(products, 1)
    return {
        "min": {"amount": int(lowest[0]), "currency": currency},
        "max": {"amount": int(highest[0]), "currency": currency},
    }


def _currency(columns: Columns, products: Bitset) -> str:
    if len(columns.currencies) == 1:
        return columns.currencies[0]
    return int(columns.currency[products.slots].max()).to_bytes(3, "big").decode("ascii")


def by_category(columns: Columns, products: Bitset) -> dict[int, int]:
    """The number of these products in each category itself, by its id. Products without a category are counted under 0."""
    return columns.count_once("category", products, lambda: _by_category(columns, products))


def _by_category(columns: Columns, products: Bitset) -> dict[int, int]:
    category_ids = columns.category.take(products.slots)
    if len(category_ids) and category_ids.max() < LOOKUP_TABLE_LIMIT:
        all_counts = np.bincount(category_ids)
        used_ids = np.flatnonzero(all_counts)
        counts = all_counts[used_ids]
    else:
        used_ids, counts = np.unique(category_ids, return_counts=True)
    return dict(zip(used_ids.tolist(), counts.tolist(), strict=True))


def by_collection(columns: Columns) -> dict[str, int]:
    """The number of visible products in each collection, by its slug."""
    visible, collections = columns.visible(), columns.taxonomy.collections
    columns.load_collections(collections.values())
    members = {slug: columns.slots_of(columns.collections[id_][0])[0] for slug, id_ in collections.items()}
    return {slug: int(np.count_nonzero(visible.as_bools[slots])) for slug, slots in members.items()}
