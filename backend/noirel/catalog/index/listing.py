"""Product lists. Selection, order and counts come from the in-memory index; only the cards are read from PostgreSQL."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from noirel.catalog.index import fulltext, loader
from noirel.catalog.index.arrays import Bools, Ints
from noirel.catalog.index.bitset import Bitset
from noirel.catalog.index.columns import Columns, VisibleProducts
from noirel.catalog.index.facets import Facet
from noirel.catalog.index.filters import ListFilters
from noirel.catalog.index.ranking import Ranking
from noirel.catalog.selectors import CARD_COLUMNS, NEW_FOR, document, new_since
from noirel.core.cache.responses import query_text
from noirel.core.cache.versions import SELECT_VERSION, VERSION_SQL
from noirel.core.db.queries import Query, QueryPlan
from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.pagination import decode_cursor, encode_cursor

MAX_NEAREST = 8
LOOKUP_TABLE_LIMIT = 100_000  # ids below this are looked up in an array instead of a hash or a sort
_NO_SLOTS = np.empty(0, np.int64)
Result = TypeVar("Result")
_CARDS = f"""
SELECT {VERSION_SQL}, {CARD_COLUMNS} FROM unnest(%s::bigint[]) WITH ORDINALITY w(id, nth) JOIN catalog_product p ON p.id = w.id
ORDER BY nth
"""


@dataclass(frozen=True)
class Selection:
    """The products that satisfy a list's filters.

    base: the products that satisfy all filters not belonging to a facet.
    by_facet: for each filter that belongs to a facet, the products that satisfy it.
    """

    columns: Columns
    visible: VisibleProducts
    base: Bitset
    by_facet: dict[str, Bitset]
    ranking: Ranking  # contains at least all selected products
    corrected_query: str  # what was searched for instead, after spelling corrections
    ignored: tuple[str, ...]  # the words left out of the search, because no product has them

    @cached_property
    def products(self) -> Bitset:
        """The products that satisfy all filters."""
        return self.without()

    def without(self, *facets: str) -> Bitset:
        """The products that satisfy all filters except those of these facets."""
        products = self.base
        for name, matching in self.by_facet.items():
            if name not in facets:
                products &= matching
        return products


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    cards: the products as JSON.
    next: the cursor of the next page.
    version: the catalogue's version in the snapshot of the cards; None if there are no cards.
    """

    cards: list[bytes]
    next: str | None
    version: bytes | None
    selection: Selection


def read_current(read: Callable[[Columns], tuple[Result, bytes | None]]) -> tuple[Result, Columns]:
    """Return the result of `read` on the current catalogue, and the columns it was computed from.

    read: returns its result and the version of the rows it read from PostgreSQL, or None if it read none.

    If that version differs from the columns', the columns are refreshed and `read` is called again. They are then newer than
    this call, which is all that is promised, so no third attempt is needed.
    """
    requested_at = time.monotonic()
    columns = loader.current()
    if columns.read_at < requested_at:
        try:
            result, version = read(columns)
        except Invalid:
            if query_text(SELECT_VERSION) == columns.version:
                raise
        else:
            if (version or query_text(SELECT_VERSION)) == columns.version:
                return result, columns
        columns = loader.refresh(requested_at)
    result, _ = read(columns)
    return result, columns


def list_products(filters: ListFilters, columns: Columns) -> QueryPlan[Listing]:
    """Read one page of a list with one query. Raises Invalid for a malformed cursor, and NotCached like the columns."""
    selection = select_products(filters, columns)
    if filters.is_unfiltered and not filters.cursor:
        slots, after = selection.visible.memoize((filters.sort, filters.limit), lambda: page_slots(selection, filters))
    else:
        slots, after = page_slots(selection, filters)
    version, cards = yield from fetch_cards(columns, slots)
    return Listing(cards=cards, next=after, version=version, selection=selection)


def page_slots(selection: Selection, filters: ListFilters) -> tuple[Ints, str | None]:
    """The slots of the products on a page, in order, and the cursor of the next page. Raises Invalid."""
    after = _after(filters.cursor, selection) if filters.cursor else None
    slots, keys = selection.ranking.top(selection.products, filters.limit + 1, after=after)
    if len(slots) <= filters.limit:
        return slots, None
    last = filters.limit - 1
    return slots[: filters.limit], encode_cursor([int(keys[last]), int(selection.columns.ids[slots[last]])])


def fetch_cards(columns: Columns, slots: Ints) -> QueryPlan[tuple[bytes | None, list[bytes]]]:
    """The catalogue's version and the cards of the products at these slots. The version is None if there are no cards."""
    if not len(slots):
        return None, []
    ids = ",".join(map(str, columns.ids[slots].tolist()))
    rows = yield Query(_CARDS, (new_since(), f"{{{ids}}}"))
    return (rows[0][0] if rows else None), [document(row[1:]) for row in rows]


def select_products(filters: ListFilters, columns: Columns) -> Selection:
    """Apply filters and choose the ranking."""
    visible = columns.visible_products()
    base = visible.products
    matches = fulltext.find(columns, filters.q) if filters.q else None
    if matches is not None:
        base &= matches.slots_in(columns).products
    members = None
    if filters.collection:
        members = columns.collection_members(filters.collection)
        base &= Bitset.from_slots(members[0] if members else _NO_SLOTS, len(columns.ids))
    if filters.in_stock is not None:
        base &= _in_stock(columns, filters.in_stock)
    if filters.badge == "new":
        base &= Bitset.from_bools(columns.published_at >= columns.db_now() - int(NEW_FOR.total_seconds() * 1_000_000))
    if filters.badge == "best_seller":
        base &= columns.filtered("best", lambda: Bitset.from_bools(columns.is_best_seller))
    by_facet: dict[str, Bitset] = {}
    if filters.category:
        by_facet["category"] = _in_category(columns, filters.category)
    if filters.min_price is not None or filters.max_price is not None:
        by_facet["#price"] = _in_price_range(columns, filters.min_price, filters.max_price)
    for name, values in filters.attributes.items():
        by_facet[name] = _with_value(columns, name, values)

    if filters.sort in {"price", "-price"}:
        ranking = columns.ranking("min_price", descending=filters.sort == "-price")
    elif filters.sort == "best_selling":
        ranking = columns.ranking("units_sold")
    elif matches is not None and filters.sort != "newest":
        ranking = matches.slots_in(columns).ranking(columns, filters.q)
    elif members is not None and not filters.sort:
        ranking = Ranking(members[1], members[0], descending=False)
    else:
        ranking = columns.ranking("published_at")
    return Selection(
        columns,
        visible,
        base,
        by_facet,
        ranking,
        matches.corrected_query if matches else "",
        matches.ignored if matches else (),
    )


def _in_stock(columns: Columns, in_stock: bool) -> Bitset:
    return columns.filtered(f"stock {in_stock}", lambda: Bitset.from_bools(columns.in_stock == in_stock))


def _in_category(columns: Columns, slug: str) -> Bitset:
    return columns.filtered(
        f"category {slug}", lambda: Bitset.from_bools(_is_in(columns.category, columns.taxonomy.descendants(slug)))
    )


def _in_price_range(columns: Columns, minimum: int | None, maximum: int | None) -> Bitset:
    is_within = np.ones(len(columns.ids), bool)
    if minimum is not None:
        is_within &= columns.max_price >= minimum
    if maximum is not None:
        is_within &= columns.min_price <= maximum
    return Bitset.from_bools(is_within)


def _is_in(numbers: Ints, values: Collection[int]) -> Bools:
    """For each number, whether it is one of the values."""
    maximum = int(numbers.max(initial=0))
    if maximum >= LOOKUP_TABLE_LIMIT:
        return np.isin(numbers, list(values))
    table = np.zeros(maximum + 1, bool)
    table[[value for value in values if value <= maximum]] = True
    return table[numbers]


def _with_value(columns: Columns, name: str, values: list[str]) -> Bitset:
    """The products with any of these values of an attribute."""
    products = Bitset.from_slots(_NO_SLOTS, len(columns.ids))
    if facet := columns.facets.get(name):
        for value in facet.index_by_name.keys() & set(values):
            products |= _with_option(columns, name, facet, value)
    return products


def _with_option(columns: Columns, name: str, facet: Facet, value: str) -> Bitset:
    return columns.filtered(f"value {name} {value}", lambda: Bitset.from_slots(facet.products_with(value), len(columns.ids)))


def _after(cursor: str, selection: Selection) -> tuple[int, float]:
    """The key and slot of the product in a cursor. If it no longer exists, the slot lies between those of its neighbours."""
    key, product_id = decode_cursor(cursor, length=2)
    if type(key) is not int or type(product_id) is not int or max(abs(key), abs(product_id)) >= 2**63:
        raise Invalid(errors=[FieldError("cursor", "invalid", "This cursor is not one of ours. Begin without it.")])
    begin, end = (int(np.searchsorted(selection.columns.ids, product_id, side=side)) for side in ("left", "right"))
    return key, (begin + end - 1) / 2


def best_matches(matches: fulltext.Matches, columns: Columns, q: str, limit: int) -> Ints:
    """The slots of the most relevant visible matches."""
    slots, _ = matches.slots_in(columns).ranking(columns, q).top(columns.visible(), limit)
    return slots


def nearest(filters: ListFilters, columns: Columns) -> QueryPlan[tuple[bytes | None, list[bytes]]]:
    """Alternatives for a search without results: its matches without filters, else partial matches, else best sellers."""
    for find in (fulltext.find, fulltext.nearest):
        best = best_matches(find(columns, filters.q), columns, filters.q, MAX_NEAREST)
        if len(best):
            return (yield from fetch_cards(columns, best))
    slots, _ = columns.ranking("units_sold").top(columns.visible(), MAX_NEAREST)
    return (yield from fetch_cards(columns, slots))
