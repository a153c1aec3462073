"""Lists: which products, in which order, and how many of each kind. Only the cards are asked of PostgreSQL."""

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
LOOKUP_TABLE_LIMIT = 100_000  # ids below it are looked up in an array of that length
_NO_SLOTS = np.empty(0, np.int64)
Result = TypeVar("Result")
_CARDS = f"""
SELECT {VERSION_SQL}, {CARD_COLUMNS} FROM unnest(%s::bigint[]) WITH ORDINALITY w(id, nth) JOIN catalog_product p ON p.id = w.id
ORDER BY nth
"""


@dataclass(frozen=True)
class Selection:
    """What meets a list's filters. by_facet: for each filter that belongs to a facet, what meets it."""

    columns: Columns
    visible: VisibleProducts
    base: Bitset
    by_facet: dict[str, Bitset]
    ranking: Ranking  # of all that is chosen, at least
    corrected_query: str  # the words that were searched for, where nothing has those that were asked for
    ignored: tuple[str, ...]  # the words that were left out, because nothing has them

    @cached_property
    def products(self) -> Bitset:
        """What meets all filters."""
        return self.without()

    def without(self, *facets: str) -> Bitset:
        """What meets all filters but those of these facets."""
        met = self.base
        for name, these in self.by_facet.items():
            if name not in facets:
                met &= these
        return met


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list: its cards as JSON, the cursor after them, and the edition that the cards are of; None without any."""

    cards: list[bytes]
    next: str | None
    version: bytes | None
    selection: Selection


def read_current(read: Callable[[Columns], tuple[Result, bytes | None]]) -> tuple[Result, Columns]:
    """What `read` makes of the catalogue as it is now, and of which columns.

    read answers with the edition of what it asked PostgreSQL for; None: it asked for nothing. Is that another one than the
    columns', they are renewed, and it reads again: then they are of an instant after this was asked for, which is all that
    is promised.
    """
    asked = time.monotonic()
    columns = loader.current()
    if columns.read_at < asked:
        try:
            made, edition = read(columns)
        except Invalid:
            if query_text(SELECT_VERSION) == columns.version:
                raise
        else:
            if (edition or query_text(SELECT_VERSION)) == columns.version:
                return made, columns
        columns = loader.refresh(asked)
    made, _ = read(columns)
    return made, columns


def list_products(wanted: ListFilters, columns: Columns) -> QueryPlan[Listing]:
    """One page: one question. Raises Invalid for a cursor that isn't ours, and NotAtHand where the columns do."""
    chosen = select_products(wanted, columns)
    if wanted.is_unfiltered and not wanted.cursor:
        slots, after = chosen.visible.memoize((wanted.sort, wanted.limit), lambda: page_slots(chosen, wanted))
    else:
        slots, after = page_slots(chosen, wanted)
    edition, cards = yield from fetch_cards(columns, slots)
    return Listing(cards=cards, next=after, version=edition, selection=chosen)


def page_slots(chosen: Selection, wanted: ListFilters) -> tuple[Ints, str | None]:
    """Which products stand on a page, in their order, and the cursor after them. Raises Invalid."""
    after = _after(wanted.cursor, chosen) if wanted.cursor else None
    slots, keys = chosen.ranking.top(chosen.products, wanted.limit + 1, after=after)
    if len(slots) <= wanted.limit:
        return slots, None
    last = wanted.limit - 1
    return slots[: wanted.limit], encode_cursor([int(keys[last]), int(chosen.columns.ids[slots[last]])])


def fetch_cards(columns: Columns, slots: Ints) -> QueryPlan[tuple[bytes | None, list[bytes]]]:
    """Their cards, and the edition they are of; None if there are no cards."""
    if not len(slots):
        return None, []
    ids = ",".join(map(str, columns.ids[slots].tolist()))
    rows = yield Query(_CARDS, (new_since(), f"{{{ids}}}"))
    return (rows[0][0] if rows else None), [document(row[1:]) for row in rows]


def select_products(wanted: ListFilters, columns: Columns) -> Selection:
    """What meets the filters, and by what it is ordered."""
    seen = columns.visible_products()
    base = seen.products
    found = fulltext.find(columns, wanted.q) if wanted.q else None
    if found is not None:
        base &= found.slots_in(columns).met
    held = None
    if wanted.collection:
        held = columns.collection_members(wanted.collection)
        base &= Bitset.from_slots(held[0] if held else _NO_SLOTS, len(columns.ids))
    if wanted.in_stock is not None:
        base &= _in_stock(columns, wanted.in_stock)
    if wanted.badge == "new":
        base &= Bitset.from_bools(columns.published_at >= columns.db_now() - int(NEW_FOR.total_seconds() * 1_000_000))
    if wanted.badge == "best_seller":
        base &= columns.filtered("best", lambda: Bitset.from_bools(columns.is_best_seller))
    by_facet: dict[str, Bitset] = {}
    if wanted.category:
        by_facet["category"] = _in_category(columns, wanted.category)
    if wanted.min_price is not None or wanted.max_price is not None:
        by_facet["#price"] = _in_price_range(columns, wanted.min_price, wanted.max_price)
    for name, values in wanted.attributes.items():
        by_facet[name] = _with_value(columns, name, values)

    if wanted.sort in {"price", "-price"}:
        ranking = columns.ranking("min_price", descending=wanted.sort == "-price")
    elif wanted.sort == "best_selling":
        ranking = columns.ranking("units_sold")
    elif found is not None and wanted.sort != "newest":
        ranking = found.slots_in(columns).ranking(columns, wanted.q)
    elif held is not None and not wanted.sort:
        ranking = Ranking(held[1], held[0], descending=False)
    else:
        ranking = columns.ranking("published_at")
    return Selection(
        columns, seen, base, by_facet, ranking, found.corrected_query if found else "", found.ignored if found else ()
    )


def _in_stock(columns: Columns, wanted: bool) -> Bitset:
    return columns.filtered(f"stock {wanted}", lambda: Bitset.from_bools(columns.in_stock == wanted))


def _in_category(columns: Columns, slug: str) -> Bitset:
    return columns.filtered(
        f"category {slug}", lambda: Bitset.from_bools(_is_in(columns.category, columns.taxonomy.descendants(slug)))
    )


def _in_price_range(columns: Columns, least: int | None, most: int | None) -> Bitset:
    within = np.ones(len(columns.ids), bool)
    if least is not None:
        within &= columns.max_price >= least
    if most is not None:
        within &= columns.min_price <= most
    return Bitset.from_bools(within)


def _is_in(numbers: Ints, wanted: Collection[int]) -> Bools:
    """Which of these numbers are wanted."""
    most = int(numbers.max(initial=0))
    if most >= LOOKUP_TABLE_LIMIT:
        return np.isin(numbers, list(wanted))
    table = np.zeros(most + 1, bool)
    table[[number for number in wanted if number <= most]] = True
    return table[numbers]


def _with_value(columns: Columns, name: str, values: list[str]) -> Bitset:
    """Those with any of them."""
    met = Bitset.from_slots(_NO_SLOTS, len(columns.ids))
    if facet := columns.facets.get(name):
        for value in facet.places.keys() & set(values):
            met |= _with_option(columns, name, facet, value)
    return met


def _with_option(columns: Columns, name: str, facet: Facet, value: str) -> Bitset:
    return columns.filtered(f"value {name} {value}", lambda: Bitset.from_slots(facet.products_with(value), len(columns.ids)))


def _after(cursor: str, chosen: Selection) -> tuple[int, float]:
    """The key of the product that a cursor names and its place; if it is not there any more, one between its neighbours'."""
    key, last = decode_cursor(cursor, length=2)
    if type(key) is not int or type(last) is not int or max(abs(key), abs(last)) >= 2**63:
        raise Invalid(errors=[FieldError("cursor", "invalid", "This cursor is not one of ours. Begin without it.")])
    begin, end = (int(np.searchsorted(chosen.columns.ids, last, side=side)) for side in ("left", "right"))
    return key, (begin + end - 1) / 2


def best_matches(found: fulltext.Matches, columns: Columns, q: str, most: int) -> Ints:
    """The best of what words have found that can be seen."""
    slots, _ = found.slots_in(columns).ranking(columns, q).top(columns.visible(), most)
    return slots


def nearest(wanted: ListFilters, columns: Columns) -> QueryPlan[tuple[bytes | None, list[bytes]]]:
    """For a search that found nothing: what is found without its filters, else what has some of the words, else what sells."""
    for find in (fulltext.find, fulltext.nearest):
        best = best_matches(find(columns, wanted.q), columns, wanted.q, MAX_NEAREST)
        if len(best):
            return (yield from fetch_cards(columns, best))
    slots, _ = columns.ranking("units_sold").top(columns.visible(), MAX_NEAREST)
    return (yield from fetch_cards(columns, slots))
