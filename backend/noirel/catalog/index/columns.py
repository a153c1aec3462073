"""The catalogue in columns: the properties of all products that lists filter, sort and count by, in each process's memory.

PostgreSQL takes a hundred milliseconds to count a hundred thousand rows, and a list with facets counts them about ten times.
Here each property is a NumPy array, and all counts together take a tenth of a millisecond.

A `Columns` object is one snapshot of the database and carries the catalogue's version. loader.py reads and updates it.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np

from noirel.catalog.index.arrays import Bools, Ints, binary_rows, to_ints, to_text
from noirel.catalog.index.bitset import Bits, Bitset
from noirel.catalog.index.facets import Facet, ValueNames
from noirel.catalog.index.lru import LRUCache
from noirel.catalog.index.ranking import Ranking
from noirel.core.db.queries import NotCached

EPOCH = 946_684_800.0  # 2000-01-01, where PostgreSQL's timestamps begin, in Unix time
_NEVER = np.iinfo(np.int64).max
Result = TypeVar("Result")


class Definition(NamedTuple):
    name: str
    label: str
    is_facet: bool


class CategoryNode(NamedTuple):
    id: int
    slug: str
    name: str
    parent: int  # the id of the parent, or 0


@dataclass(frozen=True)
class Taxonomy:
    """Small data that is reloaded as a whole when any of it changes."""

    categories: dict[int, CategoryNode]
    redirected_categories: dict[str, int]  # by former slug
    collections: dict[str, int]  # id by slug
    definitions: list[Definition]
    boosts: dict[str, list[tuple[int, float]]]  # by query: product id and weight
    synonyms: list[list[list[str]]]  # groups of equivalent terms, each a list of words

    @cached_property
    def category_names(self) -> ValueNames:
        """The names of the categories, by position in `categories`."""
        return ValueNames([category.name for category in self.categories.values()])

    def descendants(self, slug: str) -> set[int]:
        """The ids of a category and all its descendants. A former slug of the category is accepted too."""
        roots = {category.id for category in self.categories.values() if category.slug == slug} | {
            self.redirected_categories.get(slug, 0)
        }
        children: dict[int, list[int]] = {}
        for category in self.categories.values():
            children.setdefault(category.parent, []).append(category.id)
        result: set[int] = set()
        stack = list(roots & self.categories.keys())
        while stack:
            category_id = stack.pop()
            if category_id not in result:
                result.add(category_id)
                stack += children.get(category_id, [])
        return result


@dataclass(frozen=True)
class VisibleProducts:
    """The products visible in a period, and results computed from all of them.

    visible_from, visible_until: the period, in microseconds since 2000 by PostgreSQL's clock.
    """

    visible_from: int
    visible_until: int
    products: Bitset
    _results: dict[Hashable, Any] = field(default_factory=dict)

    def memoize(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        if key not in self._results:
            self._results[key] = compute()
        result: Result = self._results[key]
        return result


@dataclass(frozen=True)
class Columns:
    """One snapshot of the catalogue. A product's index in the arrays is called its slot.

    All arrays are as long as `ids`, which are ascending. Prices are in minor units, instants in microseconds since 2000.
    """

    version: bytes
    horizon: int  # the snapshot contains every change by transactions with a lower id
    read_at: float  # by time.monotonic(), before the first query
    clock_offset: float  # PostgreSQL's clock minus ours, in seconds
    ids: Ints
    is_listed: Bools  # active and listed: visible between published_at and unpublish_at
    published_at: Ints
    unpublish_at: Ints
    category: Ints
    min_price: Ints
    max_price: Ints
    in_stock: Bools
    is_best_seller: Bools
    units_sold: Ints
    currency: Ints
    currencies: list[str]
    facets: Mapping[str, Facet]
    taxonomy: Taxonomy
    # Caches that are carried over to the next snapshot while they are valid: the members of collections by id, and search
    # results by query.
    collections: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    search_cache: LRUCache[Any] = field(default_factory=LRUCache)
    rankings: dict[tuple[str, bool], Ranking] = field(default_factory=dict)  # valid while no product changes
    may_query: bool = True  # False: raise NotCached instead of querying the database
    _visible: "list[VisibleProducts]" = field(default_factory=list, init=False, repr=False)
    _filter_cache: LRUCache[Bits] = field(default_factory=LRUCache, init=False, repr=False)

    @cached_property
    def cached_only(self) -> "Columns":
        """A view of this snapshot that raises NotCached where it would have to query the database."""
        view = copy(self)
        object.__setattr__(view, "may_query", False)
        return view

    def db_now(self) -> int:
        """The time by PostgreSQL's clock, in microseconds since 2000."""
        return int((time.time() + self.clock_offset - EPOCH) * 1_000_000)

    @cached_property
    def popularity(self) -> Ints:
        """A logarithmic score of units sold, from 0 to 999. Twice the units add 80."""
        doublings = np.log2(1 + self.units_sold.astype(np.float64))
        return np.minimum(999, (80 * doublings).astype(np.int64))

    def ranking(self, column: str, *, descending: bool = True) -> Ranking:
        """The ranking of all products by a column."""
        if (ranking := self.rankings.get((column, descending))) is None:
            ranking = self.rankings[column, descending] = Ranking(getattr(self, column), descending=descending)
        return ranking

    def filtered(self, key: str, compute: Callable[[], Bitset]) -> Bitset:
        """The products that satisfy a condition, computed once per snapshot. key: identifies the condition."""
        if (bits := self._filter_cache.get(key)) is None:
            bits = compute().bits
            self._filter_cache.put(key, bits)
        return Bitset(bits, len(self.ids))

    def visible(self) -> Bitset:
        """The products that are visible now."""
        return self.visible_products().products

    def count_once(self, key: Hashable, products: Bitset, count: Callable[[], Result]) -> Result:
        """Return `count()`, memoized if `products` are all visible products."""
        visible = self.visible_products()
        return visible.memoize(key, count) if products is visible.products else count()

    def facet_counts(self, facet: Facet, products: Bitset) -> Ints:
        """How many of these products have each value of a facet."""
        return self.count_once(("values", id(facet)), products, lambda: facet.count(products))

    def visible_products(self) -> "VisibleProducts":
        """The products visible now, computed again when a product is published or unpublished by the clock."""
        now = self.db_now()
        if not self._visible or not self._visible[0].visible_from <= now < self._visible[0].visible_until:
            is_published, is_over = self.published_at <= now, self.unpublish_at <= now
            visible = Bitset.from_bools(self.is_listed & is_published & ~is_over)
            upcoming = (self.published_at[~is_published], self.unpublish_at[~is_over])
            self._visible[:] = [VisibleProducts(now, min(int(times.min(initial=_NEVER)) for times in upcoming), visible)]
        return self._visible[0]

    def slots_of(self, ids: Ints) -> tuple[Ints, Bools]:
        """Return the slots of those ids that exist, and for each id whether it does."""
        slots = np.searchsorted(self.ids, ids)
        slots[slots == len(self.ids)] = 0
        exists = self.ids[slots] == ids if len(self.ids) else np.zeros(len(ids), bool)
        return slots[exists], exists

    def collection_members(self, slug: str) -> tuple[Ints, Ints] | None:
        """The slots of a collection's products, ascending, and their positions in it. None if there is no such collection."""
        if (collection_id := self.taxonomy.collections.get(slug)) is None:
            return None
        self.load_collections([collection_id])
        members, positions_of = self.collections[collection_id]
        slots, exists = self.slots_of(members)
        order = np.argsort(slots)
        return slots[order], positions_of[exists][order]

    def load_collections(self, collection_ids: Iterable[int]) -> None:
        """Load the members of collections that are not loaded yet, with one statement or none. Raises NotCached."""
        if missing := [collection_id for collection_id in collection_ids if collection_id not in self.collections]:
            if not self.may_query:
                raise NotCached
            loaded = {
                int(to_text(collection_id)): (to_ints(ids), to_ints(positions))
                for collection_id, ids, positions in binary_rows(_COLLECTION_ITEMS, {"collections": missing})
            }
            self.collections.update({collection_id: loaded.get(collection_id, _EMPTY) for collection_id in missing})


_EMPTY = (np.empty(0, np.int64), np.empty(0, np.int64))
_COLLECTION_ITEMS = """
SELECT collection_id::text, array_agg(product_id), array_agg(position::bigint) FROM catalog_collectionitem
WHERE collection_id = ANY(%(collections)s) GROUP BY 1
"""
