"""What lists are made from: the facts of all products that a list can ask for, column by column, in the memory of each process.

PostgreSQL counts a hundred thousand rows in a hundred milliseconds, and a list with facets has to count them ten times over.
Here a fact is a number in an array, and all of it is counted in a tenth of a millisecond.

Each `Columns` is one snapshot of the database and knows its edition; snapshots.py reads them.
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

EPOCH = 946_684_800.0  # PostgreSQL's clock begins with 2000
_NEVER = np.iinfo(np.int64).max
Result = TypeVar("Result")


class Definition(NamedTuple):
    name: str
    label: str
    is_facet: bool


class CategoryNode(NamedTuple):
    """A category."""

    id: int
    slug: str
    name: str
    parent: int


@dataclass(frozen=True)
class Taxonomy:
    """What is small: all of it is read again when any of it changes."""

    categories: dict[int, CategoryNode]
    redirected_categories: dict[str, int]  # by former addresses
    collections: dict[str, int]
    definitions: list[Definition]
    boosts: dict[str, list[tuple[int, float]]]  # by query: product, weight
    synonyms: list[list[list[str]]]  # groups of terms that mean the same, each of them words

    @cached_property
    def category_names(self) -> ValueNames:
        """By their places in `categories`."""
        return ValueNames([category.name for category in self.categories.values()])

    def descendants(self, slug: str) -> set[int]:
        """A category and all that stand below it."""
        roots = {k.id for k in self.categories.values() if k.slug == slug} | {self.redirected_categories.get(slug, 0)}
        children: dict[int, list[int]] = {}
        for category in self.categories.values():
            children.setdefault(category.parent, []).append(category.id)
        found: set[int] = set()
        left = list(roots & self.categories.keys())
        while left:
            at = left.pop()
            if at not in found:
                found.add(at)
                left += children.get(at, [])
        return found


@dataclass(frozen=True)
class VisibleProducts:
    """What can be seen from `since` to `until`, PostgreSQL's clock in microseconds, and what was made of all of it."""

    visible_from: int
    visible_until: int
    products: Bitset
    _results: dict[Hashable, Any] = field(default_factory=dict)

    def memoize(self, key: Hashable, make: Callable[[], Result]) -> Result:
        if key not in self._results:
            self._results[key] = make()
        made: Result = self._results[key]
        return made


@dataclass(frozen=True)
class Columns:
    """One snapshot. All arrays are as long as `ids`, which rise; prices are in minor units, instants in microseconds."""

    version: bytes
    horizon: int  # no change before this transaction is missing
    read_at: float  # by time.monotonic(), before it was read
    clock_offset: float  # PostgreSQL's clock less ours, in seconds
    ids: Ints
    is_listed: Bools  # active and listed: on show, if its time has come
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
    # Kept as long as they stand: what collections hold by their id, what words find by the question.
    collections: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    search_cache: LRUCache[Any] = field(default_factory=LRUCache)
    rankings: dict[tuple[str, bool], Ranking] = field(default_factory=dict)  # as long as no product changes
    may_query: bool = True  # the database, for what is not here yet
    _visible: "list[VisibleProducts]" = field(default_factory=list, init=False, repr=False)
    _filter_cache: LRUCache[Bits] = field(default_factory=LRUCache, init=False, repr=False)

    @cached_property
    def cached_only(self) -> "Columns":
        """The same, which raise NotAtHand where these would ask."""
        same = copy(self)
        object.__setattr__(same, "may_query", False)
        return same

    def db_now(self) -> int:
        """PostgreSQL's instant."""
        return int((time.time() + self.clock_offset - EPOCH) * 1_000_000)

    @cached_property
    def popularity(self) -> Ints:
        """How much of each has been sold: 0 to 999, and twice as much is 80 more."""
        doubled = np.log2(1 + self.units_sold.astype(np.float64))
        return np.minimum(999, (80 * doubled).astype(np.int64))

    def ranking(self, column: str, *, descending: bool = True) -> Ranking:
        """All products by one of the columns."""
        if (ranking := self.rankings.get((column, descending))) is None:
            ranking = self.rankings[column, descending] = Ranking(getattr(self, column), descending=descending)
        return ranking

    def filtered(self, key: str, meet: Callable[[], Bitset]) -> Bitset:
        """What meets a condition, looked up once for an edition; key: all that `meet` knows of it."""
        if (bits := self._filter_cache.get(key)) is None:
            bits = meet().bits
            self._filter_cache.put(key, bits)
        return Bitset(bits, len(self.ids))

    def visible(self) -> Bitset:
        """What can be seen now."""
        return self.visible_products().products

    def count_once(self, key: Hashable, met: Bitset, count: Callable[[], Result]) -> Result:
        """`count()`; once, if what is met is all that can be seen."""
        seen = self.visible_products()
        return seen.memoize(key, count) if met is seen.products else count()

    def facet_counts(self, facet: Facet, met: Bitset) -> Ints:
        """How many of these have each of its values."""
        return self.count_once(("values", id(facet)), met, lambda: facet.count(met))

    def visible_products(self) -> "VisibleProducts":
        """The same with what is made of all of it, until the clock changes it."""
        now = self.db_now()
        if not self._visible or not self._visible[0].visible_from <= now < self._visible[0].visible_until:
            begun, over = self.published_at <= now, self.unpublish_at <= now
            met = Bitset.from_bools(self.is_listed & begun & ~over)
            turns = (self.published_at[~begun], self.unpublish_at[~over])
            self._visible[:] = [VisibleProducts(now, min(int(turn.min(initial=_NEVER)) for turn in turns), met)]
        return self._visible[0]

    def slots_of(self, ids: Ints) -> tuple[Ints, Bools]:
        """Where products stand, and which of them do: those that are not there are left out."""
        at = np.searchsorted(self.ids, ids)
        at[at == len(self.ids)] = 0
        there = self.ids[at] == ids if len(self.ids) else np.zeros(len(ids), bool)
        return at[there], there

    def collection_members(self, slug: str) -> tuple[Ints, Ints] | None:
        """The slots of what stands in it, which rise, and the positions; None if there is none."""
        if (number := self.taxonomy.collections.get(slug)) is None:
            return None
        self.load_collections([number])
        members, positions_of = self.collections[number]
        slots, there = self.slots_of(members)
        order = np.argsort(slots)
        return slots[order], positions_of[there][order]

    def load_collections(self, numbers: Iterable[int]) -> None:
        """Read what collections hold, those that have not been asked for yet: one statement, or none."""
        if missing := [number for number in numbers if number not in self.collections]:
            if not self.may_query:
                raise NotCached
            held = {
                int(to_text(number)): (to_ints(ids), to_ints(positions))
                for number, ids, positions in binary_rows(_COLLECTION_ITEMS, {"collections": missing})
            }
            self.collections.update({number: held.get(number, _EMPTY) for number in missing})


_EMPTY = (np.empty(0, np.int64), np.empty(0, np.int64))
_COLLECTION_ITEMS = """
SELECT collection_id::text, array_agg(product_id), array_agg(position::bigint) FROM catalog_collectionitem
WHERE collection_id = ANY(%(collections)s) GROUP BY 1
"""
