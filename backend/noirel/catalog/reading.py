"""How the catalogue's bytes get out: what a query string asks for, read and put together, with the state they are of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from noirel.catalog import product_page, selectors
from noirel.catalog.moved import gone
from noirel.catalog.search import counts, listing
from noirel.catalog.search.columns import Columns
from noirel.catalog.search.snapshots import at_hand, current
from noirel.catalog.search.suggest import suggest
from noirel.catalog.search.wanted import Wanted, wanted_of
from noirel.core.asking import Question, Steps, now
from noirel.core.editions import ASK_EDITION
from noirel.core.json import dumps
from noirel.core.kept import Told, part
from noirel.core.surrogates import LISTS, PAGES


def product(slug: str) -> Told:
    """As `product_steps`. Raises NotFound for a draft, an archived, a future or a past one, and Moved for an old address."""
    told = now(product_steps(slug))
    if told is None:
        raise gone("product", slug)
    return told


def product_steps(slug: str) -> Steps[Told | None]:
    """A page, by one statement; known to caches by every product that is on it. None: there is no such page."""
    page = yield from product_page.product_page(slug)
    if page is None:
        return None
    keys = " ".join([PAGES, *(f"product:{slug}" for slug in [slug, *page.related])])
    return Told(page.body, keys, page.state, page.product_id.encode(), (product_page.ASK_PAGE, page.product_id))


def categories() -> Told:
    """The tree: two statements."""
    return _of_columns(lambda columns: _page(selectors.category_tree(_counts_of_categories(columns))))


def category(slug: str) -> Told:
    """One of the tree: two statements. Raises NotFound and Moved."""
    return _of_columns(lambda columns: selectors.category(slug, _counts_of_categories(columns)))


def collections() -> Told:
    """All of them: two statements, and one for what they hold, where that has changed."""
    return _of_columns(lambda columns: _page(selectors.collections(counts.by_collection(columns))))


def collection(slug: str) -> Told:
    """As `collections`. Raises NotFound and Moved."""
    return _of_columns(lambda columns: selectors.collection(slug, counts.by_collection(columns)))


def _of_columns(read: Callable[[Columns], Any]) -> Told:
    body, columns = listing.of_catalogue(lambda columns: (dumps(read(columns)), None))
    return Told(body, LISTS, columns.edition)


def _counts_of_categories(columns: Columns) -> dict[int, int]:
    return counts.by_category(columns, columns.visible())


def _page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": results, "next": None, "total": len(results)}


def prepare() -> None:
    """Read the columns, which takes a second or two where products are many."""
    current()


def product_list(query: QueryDict) -> Told:
    """A list with its facets: one statement, two where words have to be found. Raises Invalid."""
    body, columns = listing.of_catalogue(lambda columns: now(_list(query, columns)))
    return Told(body, LISTS, columns.edition)


def product_list_steps(query: QueryDict) -> Steps[Told | None]:
    """The same out of what is at hand. None, if that is of another edition than the cards. Raises NotAtHand."""
    return _at_hand(lambda columns: _list(query, columns))


def _at_hand(read: Callable[[Columns], Steps[tuple[bytes, bytes | None]]]) -> Steps[Told | None]:
    columns = at_hand()
    body, edition = yield from read(columns)
    if edition is None:
        ((edition,),) = yield Question(ASK_EDITION)
    return Told(body, LISTS, edition) if edition == columns.edition else None


def _list(query: QueryDict, columns: Columns) -> Steps[tuple[bytes, bytes | None]]:
    wanted = wanted_of(query, (definition.name for definition in columns.frame.definitions))
    page = yield from listing.listing(wanted, columns)
    edition, nearest = page.edition, list[bytes]()
    if wanted.q and not page.cards and not wanted.cursor:
        edition, nearest = yield from listing.nearest(wanted, columns)
    body = b'{"results":[%b],"next":%b,%b,"did_you_mean":%b,"ignored":%b,"nearest":[%b]}' % (
        b",".join(page.cards), dumps(page.next), _counts(wanted, page.chosen), dumps(page.chosen.meant or None),
        dumps(page.chosen.ignored),
        b",".join(nearest),
    )  # fmt: skip
    return body, edition


def suggestions(q: str) -> Told:
    """What somebody may mean: one statement for its products, and those that find words."""
    body, columns = listing.of_catalogue(lambda columns: now(_suggestions(q, columns)))
    return Told(body, LISTS, columns.edition)


def suggestion_steps(q: str) -> Steps[Told | None]:
    """As `product_list_steps`."""
    return _at_hand(lambda columns: _suggestions(q, columns))


def _suggestions(q: str, columns: Columns) -> Steps[tuple[bytes, bytes | None]]:
    told, edition = yield from suggest(columns, q)
    return dumps(told), edition


def _counts(wanted: Wanted, chosen: listing.Chosen) -> bytes:
    """The total and the facets, which are the same in any order and on every page: counted once for an edition."""

    def count() -> bytes:
        return b'"total":%d,"facets":%b' % counts.counts(chosen)

    if wanted.is_for_all:
        return chosen.seen.once("counts", count)
    return part(f"counts of {replace(wanted, sort='', limit=0, cursor='')}", chosen.columns.edition, count)
