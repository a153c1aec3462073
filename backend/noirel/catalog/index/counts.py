"""How many products are where: what stands beside a list."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from noirel.catalog.index.bitset import Bitset
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.listing import LOOKUP_TABLE_LIMIT, Selection
from noirel.core.http.json import dumps


def total_and_facets(chosen: Selection) -> tuple[int, bytes]:
    """The total, and each facet counted under all filters but its own, as JSON: Facet[]."""
    columns = chosen.columns

    def without(facet: str) -> Bitset:
        return chosen.without(facet) if facet in chosen.by_facet else chosen.products

    told = [_facet("category", "Category", _category_facet(columns, without("category")))]
    for definition in columns.taxonomy.definitions:
        if definition.is_facet:
            values: list[tuple[int, _FacetLabel]] = []
            if facet := columns.facets.get(definition.name):
                numbers = columns.facet_counts(facet, without(definition.name)).tolist()
                values = [(n, _facet_label(name, name)) for n, name in zip(numbers, facet.names, strict=True) if n]
            told.append(_facet(definition.name, definition.label, values))
    told.append(dumps({"name": "price", "label": "Price", "values": []} | _price_facet(columns, without("#price"))))
    return chosen.products.count, b"[%b]" % b",".join(told)


class _FacetLabel(NamedTuple):
    """A value's label, and its JSON up to its count."""

    label: str
    head: bytes


@lru_cache(20_000)  # the same come again with each list
def _facet_label(value: str, label: str) -> _FacetLabel:
    label = label[:1].upper() + label[1:]
    return _FacetLabel(label, dumps({"value": value, "label": label})[:-1] + b',"count":')


def _facet(name: str, label: str, values: Iterable[tuple[int, _FacetLabel]]) -> bytes:
    """The most common first, then by their labels."""
    ordered = sorted((-n, said) for n, said in values)
    told = b",".join([b"%b%d}" % (said.head, -n) for n, said in ordered])
    return b'{"name":%b,"label":%b,"values":[%b],"min":null,"max":null}' % (dumps(name), dumps(label), told)


def _category_facet(columns: Columns, met: Bitset) -> list[tuple[int, _FacetLabel]]:
    places = columns.taxonomy.categories
    counted = by_category(columns, met).items()
    return [(n, _facet_label(place.slug, place.name)) for number, n in counted if (place := places.get(number))]


def _price_facet(columns: Columns, met: Bitset) -> dict[str, Any]:
    if not met.count:
        return {"min": None, "max": None}
    currency = _currency(columns, met)
    _, lowest = columns.ranking("min_price", descending=False).top(met, 1)
    _, highest = columns.ranking("max_price").top(met, 1)
    return {
        "min": {"amount": int(lowest[0]), "currency": currency},
        "max": {"amount": int(highest[0]), "currency": currency},
    }


def _currency(columns: Columns, met: Bitset) -> str:
    if len(columns.currencies) == 1:
        return columns.currencies[0]
    return int(columns.currency[met.slots].max()).to_bytes(3, "big").decode("ascii")


def by_category(columns: Columns, met: Bitset) -> dict[int, int]:
    """How many of these stand in each category itself, by its id; 0 is none at all."""
    return columns.count_once("category", met, lambda: _by_category(columns, met))


def _by_category(columns: Columns, met: Bitset) -> dict[int, int]:
    found = columns.category.take(met.slots)
    if len(found) and found.max() < LOOKUP_TABLE_LIMIT:
        amounts = np.bincount(found)
        numbers = np.flatnonzero(amounts)
        amounts = amounts[numbers]
    else:
        numbers, amounts = np.unique(found, return_counts=True)
    return dict(zip(numbers.tolist(), amounts.tolist(), strict=True))


def by_collection(columns: Columns) -> dict[str, int]:
    """How many that can be seen stand in each collection, by its slug."""
    visible, numbers = columns.visible(), columns.taxonomy.collections
    columns.load_collections(numbers.values())
    held = {slug: columns.slots_of(columns.collections[number][0])[0] for slug, number in numbers.items()}
    return {slug: int(np.count_nonzero(visible.as_bools[slots])) for slug, slots in held.items()}
