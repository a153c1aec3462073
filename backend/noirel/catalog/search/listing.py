"""Lists: which products, in which order, and how many of each kind. Only the cards are asked of PostgreSQL."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from noirel.catalog.search import snapshots, words
from noirel.catalog.search.arrays import Bools, Ints
from noirel.catalog.search.columns import Columns, Seen
from noirel.catalog.search.facets import Facet
from noirel.catalog.search.met import Met
from noirel.catalog.search.ranking import Ranking
from noirel.catalog.search.wanted import Wanted
from noirel.catalog.selectors import CARD, NEW_FOR, document, new_since
from noirel.core.api.pagination import decode_cursor, encode_cursor
from noirel.core.asking import Question, Steps
from noirel.core.editions import ASK_EDITION, EDITION
from noirel.core.errors import FieldError, Invalid
from noirel.core.kept import ask

NEAREST = 8
FEW = 100_000  # ids below it are looked up in an array of that length
_NOWHERE = np.empty(0, np.int64)
Made = TypeVar("Made")
_CARDS = f"""
SELECT {EDITION}, {CARD} FROM unnest(%s::bigint[]) WITH ORDINALITY w(id, nth) JOIN catalog_product p ON p.id = w.id
ORDER BY nth
"""


@dataclass(frozen=True)
class Chosen:
    """What meets a list's filters. by_facet: for each filter that belongs to a facet, what meets it."""

    columns: Columns
    seen: Seen
    base: Met
    by_facet: dict[str, Met]
    ranking: Ranking  # of all that is chosen, at least
    meant: str  # the words that were searched for, where nothing has those that were asked for
    ignored: tuple[str, ...]  # the words that were left out, because nothing has them

    @cached_property
    def met(self) -> Met:
        """What meets all filters."""
        return self.without()

    def without(self, *facets: str) -> Met:
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
    edition: bytes | None
    chosen: Chosen


def of_catalogue(read: Callable[[Columns], tuple[Made, bytes | None]]) -> tuple[Made, Columns]:
    """What `read` makes of the catalogue as it is now, and of which columns.

    read answers with the edition of what it asked PostgreSQL for; None: it asked for nothing. Is that another one than the
    columns', they are renewed, and it reads again: then they are of an instant after this was asked for, which is all that
    is promised.
    """
    asked = time.monotonic()
    columns = snapshots.current()
    if columns.read_at < asked:
        try:
            made, edition = read(columns)
        except Invalid:
            if ask(ASK_EDITION) == columns.edition:
                raise
        else:
            if (edition or ask(ASK_EDITION)) == columns.edition:
                return made, columns
        columns = snapshots.renewed(asked)
    made, _ = read(columns)
    return made, columns


def listing(wanted: Wanted, columns: Columns) -> Steps[Listing]:
    """One page: one question. Raises Invalid for a cursor that isn't ours, and NotAtHand where the columns do."""
    chosen = choose(wanted, columns)
    if wanted.is_for_all and not wanted.cursor:
        slots, after = chosen.seen.once((wanted.sort, wanted.limit), lambda: page_of(chosen, wanted))
    else:
        slots, after = page_of(chosen, wanted)
    edition, cards = yield from cards_of(columns, slots)
    return Listing(cards=cards, next=after, edition=edition, chosen=chosen)


def page_of(chosen: Chosen, wanted: Wanted) -> tuple[Ints, str | None]:
    """Which products stand on a page, in their order, and the cursor after them. Raises Invalid."""
    after = _after(wanted.cursor, chosen) if wanted.cursor else None
    slots, keys = chosen.ranking.first(chosen.met, wanted.limit + 1, after=after)
    if len(slots) <= wanted.limit:
        return slots, None
    last = wanted.limit - 1
    return slots[: wanted.limit], encode_cursor([int(keys[last]), int(chosen.columns.ids[slots[last]])])


def cards_of(columns: Columns, slots: Ints) -> Steps[tuple[bytes | None, list[bytes]]]:
    """Their cards, and the edition they are of; None if there are no cards."""
    if not len(slots):
        return None, []
    ids = ",".join(map(str, columns.ids[slots].tolist()))
    rows = yield Question(_CARDS, (new_since(), f"{{{ids}}}"))
    return (rows[0][0] if rows else None), [document(row[1:]) for row in rows]


def choose(wanted: Wanted, columns: Columns) -> Chosen:
    """What meets the filters, and by what it is ordered."""
    seen = columns.seen()
    base = seen.met
    found = words.find(columns, wanted.q) if wanted.q else None
    if found is not None:
        base &= found.placed(columns).met
    held = None
    if wanted.collection:
        held = columns.collection(wanted.collection)
        base &= Met.at(held[0] if held else _NOWHERE, len(columns.ids))
    if wanted.in_stock is not None:
        base &= _in_stock(columns, wanted.in_stock)
    if wanted.badge == "new":
        base &= Met.of(columns.begins >= columns.now() - int(NEW_FOR.total_seconds() * 1_000_000))
    if wanted.badge == "best_seller":
        base &= columns.met("best", lambda: Met.of(columns.best))
    by_facet: dict[str, Met] = {}
    if wanted.category:
        by_facet["category"] = _below(columns, wanted.category)
    if wanted.min_price is not None or wanted.max_price is not None:
        by_facet["#price"] = _within(columns, wanted.min_price, wanted.max_price)
    for name, values in wanted.attributes.items():
        by_facet[name] = _with_value(columns, name, values)

    if wanted.sort in {"price", "-price"}:
        ranking = columns.ranking("low", descending=wanted.sort == "-price")
    elif wanted.sort == "best_selling":
        ranking = columns.ranking("sold")
    elif found is not None and wanted.sort != "newest":
        ranking = found.placed(columns).ranking(columns, wanted.q)
    elif held is not None and not wanted.sort:
        ranking = Ranking(held[1], held[0], descending=False)
    else:
        ranking = columns.ranking("begins")
    return Chosen(columns, seen, base, by_facet, ranking, found.meant if found else "", found.ignored if found else ())


def _in_stock(columns: Columns, wanted: bool) -> Met:
    return columns.met(f"stock {wanted}", lambda: Met.of(columns.in_stock == wanted))


def _below(columns: Columns, slug: str) -> Met:
    return columns.met(f"category {slug}", lambda: Met.of(_among(columns.category, columns.frame.below(slug))))


def _within(columns: Columns, least: int | None, most: int | None) -> Met:
    within = np.ones(len(columns.ids), bool)
    if least is not None:
        within &= columns.high >= least
    if most is not None:
        within &= columns.low <= most
    return Met.of(within)


def _among(numbers: Ints, wanted: Collection[int]) -> Bools:
    """Which of these numbers are wanted."""
    most = int(numbers.max(initial=0))
    if most >= FEW:
        return np.isin(numbers, list(wanted))
    table = np.zeros(most + 1, bool)
    table[[number for number in wanted if number <= most]] = True
    return table[numbers]


def _with_value(columns: Columns, name: str, values: list[str]) -> Met:
    """Those with any of them."""
    met = Met.at(_NOWHERE, len(columns.ids))
    if facet := columns.facets.get(name):
        for value in facet.places.keys() & set(values):
            met |= _having(columns, name, facet, value)
    return met


def _having(columns: Columns, name: str, facet: Facet, value: str) -> Met:
    return columns.met(f"value {name} {value}", lambda: Met.at(facet.having(value), len(columns.ids)))


def _after(cursor: str, chosen: Chosen) -> tuple[int, float]:
    """The key of the product that a cursor names and its place; if it is not there any more, one between its neighbours'."""
    key, last = decode_cursor(cursor, length=2)
    if type(key) is not int or type(last) is not int or max(abs(key), abs(last)) >= 2**63:
        raise Invalid(errors=[FieldError("cursor", "invalid", "This cursor is not one of ours. Begin without it.")])
    begin, end = (int(np.searchsorted(chosen.columns.ids, last, side=side)) for side in ("left", "right"))
    return key, (begin + end - 1) / 2


def best_of(found: words.Found, columns: Columns, q: str, most: int) -> Ints:
    """The best of what words have found that can be seen."""
    slots, _ = found.placed(columns).ranking(columns, q).first(columns.visible(), most)
    return slots


def nearest(wanted: Wanted, columns: Columns) -> Steps[tuple[bytes | None, list[bytes]]]:
    """For a search that found nothing: what is found without its filters, else what has some of the words, else what sells."""
    for find in (words.find, words.nearest):
        best = best_of(find(columns, wanted.q), columns, wanted.q, NEAREST)
        if len(best):
            return (yield from cards_of(columns, best))
    slots, _ = columns.ranking("sold").first(columns.visible(), NEAREST)
    return (yield from cards_of(columns, slots))
