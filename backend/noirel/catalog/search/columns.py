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

from noirel.catalog.search.arrays import Bools, Ints, ints, rows, words
from noirel.catalog.search.facets import Facet, Names
from noirel.catalog.search.memory import Memory
from noirel.catalog.search.met import Bits, Met
from noirel.catalog.search.ranking import Ranking
from noirel.core.asking import NotAtHand

EPOCH = 946_684_800.0  # PostgreSQL's clock begins with 2000
_NEVER = np.iinfo(np.int64).max
Made = TypeVar("Made")


class Definition(NamedTuple):
    name: str
    label: str
    is_facet: bool


class Place(NamedTuple):
    """A category."""

    id: int
    slug: str
    name: str
    parent: int


@dataclass(frozen=True)
class Frame:
    """What is small: all of it is read again when any of it changes."""

    categories: dict[int, Place]
    old_categories: dict[str, int]  # by former addresses
    collections: dict[str, int]
    definitions: list[Definition]
    boosts: dict[str, list[tuple[int, float]]]  # by query: product, weight
    synonyms: list[list[list[str]]]  # groups of terms that mean the same, each of them words

    @cached_property
    def names_of_categories(self) -> Names:
        """By their places in `categories`."""
        return Names([category.name for category in self.categories.values()])

    def below(self, slug: str) -> set[int]:
        """A category and all that stand below it."""
        roots = {k.id for k in self.categories.values() if k.slug == slug} | {self.old_categories.get(slug, 0)}
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
class Seen:
    """What can be seen from `since` to `until`, PostgreSQL's clock in microseconds, and what was made of all of it."""

    since: int
    until: int
    met: Met
    made: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self.made:
            self.made[key] = make()
        made: Made = self.made[key]
        return made


@dataclass(frozen=True)
class Columns:
    """One snapshot. All arrays are as long as `ids`, which rise; prices are in minor units, instants in microseconds."""

    edition: bytes
    horizon: int  # no change before this transaction is missing
    read_at: float  # by time.monotonic(), before it was read
    clock: float  # PostgreSQL's clock less ours, in seconds
    ids: Ints
    shown: Bools  # active and listed: on show, if its time has come
    begins: Ints
    ends: Ints
    category: Ints
    low: Ints
    high: Ints
    in_stock: Bools
    best: Bools
    sold: Ints
    currency: Ints
    currencies: list[str]
    facets: Mapping[str, Facet]
    frame: Frame
    # Kept as long as they stand: what collections hold by their id, what words find by the question.
    collections: dict[int, tuple[Ints, Ints]] = field(default_factory=dict)
    found: Memory[Any] = field(default_factory=Memory)
    rankings: dict[tuple[str, bool], Ranking] = field(default_factory=dict)  # as long as no product changes
    may_ask: bool = True  # the database, for what is not here yet
    _seen: "list[Seen]" = field(default_factory=list, init=False, repr=False)
    _met: Memory[Bits] = field(default_factory=Memory, init=False, repr=False)

    @cached_property
    def at_hand(self) -> "Columns":
        """The same, which raise NotAtHand where these would ask."""
        same = copy(self)
        object.__setattr__(same, "may_ask", False)
        return same

    def now(self) -> int:
        """PostgreSQL's instant."""
        return int((time.time() + self.clock - EPOCH) * 1_000_000)

    @cached_property
    def popular(self) -> Ints:
        """How much of each has been sold: 0 to 999, and twice as much is 80 more."""
        doubled = np.log2(1 + self.sold.astype(np.float64))
        return np.minimum(999, (80 * doubled).astype(np.int64))

    def ranking(self, column: str, *, descending: bool = True) -> Ranking:
        """All products by one of the columns."""
        if (ranking := self.rankings.get((column, descending))) is None:
            ranking = self.rankings[column, descending] = Ranking(getattr(self, column), descending=descending)
        return ranking

    def met(self, key: str, meet: Callable[[], Met]) -> Met:
        """What meets a condition, looked up once for an edition; key: all that `meet` knows of it."""
        if (bits := self._met.get(key)) is None:
            bits = meet().bits
            self._met.put(key, bits)
        return Met(bits, len(self.ids))

    def visible(self) -> Met:
        """What can be seen now."""
        return self.seen().met

    def counted(self, key: Hashable, met: Met, count: Callable[[], Made]) -> Made:
        """`count()`; once, if what is met is all that can be seen."""
        seen = self.seen()
        return seen.once(key, count) if met is seen.met else count()

    def values_of(self, facet: Facet, met: Met) -> Ints:
        """How many of these have each of its values."""
        return self.counted(("values", id(facet)), met, lambda: facet.count(met))

    def seen(self) -> "Seen":
        """The same with what is made of all of it, until the clock changes it."""
        now = self.now()
        if not self._seen or not self._seen[0].since <= now < self._seen[0].until:
            begun, over = self.begins <= now, self.ends <= now
            met = Met.of(self.shown & begun & ~over)
            turns = (self.begins[~begun], self.ends[~over])
            self._seen[:] = [Seen(now, min(int(turn.min(initial=_NEVER)) for turn in turns), met)]
        return self._seen[0]

    def located(self, ids: Ints) -> tuple[Ints, Bools]:
        """Where products stand, and which of them do: those that are not there are left out."""
        at = np.searchsorted(self.ids, ids)
        at[at == len(self.ids)] = 0
        there = self.ids[at] == ids if len(self.ids) else np.zeros(len(ids), bool)
        return at[there], there

    def collection(self, slug: str) -> tuple[Ints, Ints] | None:
        """The slots of what stands in it, which rise, and the positions; None if there is none."""
        if (number := self.frame.collections.get(slug)) is None:
            return None
        self.hold([number])
        members, positions_of = self.collections[number]
        slots, there = self.located(members)
        order = np.argsort(slots)
        return slots[order], positions_of[there][order]

    def hold(self, numbers: Iterable[int]) -> None:
        """Read what collections hold, those that have not been asked for yet: one statement, or none."""
        if missing := [number for number in numbers if number not in self.collections]:
            if not self.may_ask:
                raise NotAtHand
            held = {
                int(words(number)): (ints(ids), ints(positions))
                for number, ids, positions in rows(_ITEMS, {"collections": missing})
            }
            self.collections.update({number: held.get(number, _EMPTY) for number in missing})


_EMPTY = (np.empty(0, np.int64), np.empty(0, np.int64))
_ITEMS = """
SELECT collection_id::text, array_agg(product_id), array_agg(position::bigint) FROM catalog_collectionitem
WHERE collection_id = ANY(%(collections)s) GROUP BY 1
"""
