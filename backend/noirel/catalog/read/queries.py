"""How the catalogue's bytes get out: what a query string asks for, read and put together, with the state they are of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from noirel.catalog import selectors
from noirel.catalog.index import counts, listing
from noirel.catalog.index.columns import Columns
from noirel.catalog.index.filters import ListFilters, parse_filters
from noirel.catalog.index.loader import current, current_if_cached
from noirel.catalog.index.suggest import suggest
from noirel.catalog.read import product_query
from noirel.catalog.read.redirects import redirect_or_not_found
from noirel.core.cache.responses import Payload, fragment
from noirel.core.cache.surrogate_keys import LISTS, PAGES
from noirel.core.cache.versions import SELECT_VERSION
from noirel.core.db.queries import Query, QueryPlan, run_sync
from noirel.core.http.json import dumps


def product(slug: str) -> Payload:
    """As `product_steps`. Raises NotFound for a draft, an archived, a future or a past one, and Moved for an old address."""
    told = run_sync(product_steps(slug))
    if told is None:
        raise redirect_or_not_found("product", slug)
    return told


def product_steps(slug: str) -> QueryPlan[Payload | None]:
    """A page, by one statement; known to caches by every product that is on it. None: there is no such page."""
    page = yield from product_query.product_page(slug)
    if page is None:
        return None
    keys = " ".join([PAGES, *(f"product:{slug}" for slug in [slug, *page.related])])
    return Payload(page.body, keys, page.state, page.product_id.encode(), (product_query.SELECT_PAGE, page.product_id))


def categories() -> Payload:
    """The tree: two statements."""
    return _of_columns(lambda columns: _page(selectors.category_tree(_counts_of_categories(columns))))


def category(slug: str) -> Payload:
    """One of the tree: two statements. Raises NotFound and Moved."""
    return _of_columns(lambda columns: selectors.category(slug, _counts_of_categories(columns)))


def collections() -> Payload:
    """All of them: two statements, and one for what they hold, where that has changed."""
    return _of_columns(lambda columns: _page(selectors.collections(counts.by_collection(columns))))


def collection(slug: str) -> Payload:
    """As `collections`. Raises NotFound and Moved."""
    return _of_columns(lambda columns: selectors.collection(slug, counts.by_collection(columns)))


def _of_columns(read: Callable[[Columns], Any]) -> Payload:
    body, columns = listing.read_current(lambda columns: (dumps(read(columns)), None))
    return Payload(body, LISTS, columns.version)


def _counts_of_categories(columns: Columns) -> dict[int, int]:
    return counts.by_category(columns, columns.visible())


def _page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": results, "next": None, "total": len(results)}


def prepare() -> None:
    """Read the columns, which takes a second or two where products are many."""
    current()


def product_list(query: QueryDict) -> Payload:
    """A list with its facets: one statement, two where words have to be found. Raises Invalid."""
    body, columns = listing.read_current(lambda columns: run_sync(_list(query, columns)))
    return Payload(body, LISTS, columns.version)


def product_list_steps(query: QueryDict) -> QueryPlan[Payload | None]:
    """The same out of what is at hand. None, if that is of another edition than the cards. Raises NotAtHand."""
    return _at_hand(lambda columns: _list(query, columns))


def _at_hand(read: Callable[[Columns], QueryPlan[tuple[bytes, bytes | None]]]) -> QueryPlan[Payload | None]:
    columns = current_if_cached()
    body, edition = yield from read(columns)
    if edition is None:
        ((edition,),) = yield Query(SELECT_VERSION)
    return Payload(body, LISTS, edition) if edition == columns.version else None


def _list(query: QueryDict, columns: Columns) -> QueryPlan[tuple[bytes, bytes | None]]:
    wanted = parse_filters(query, (definition.name for definition in columns.taxonomy.definitions))
    page = yield from listing.list_products(wanted, columns)
    edition, nearest = page.version, list[bytes]()
    if wanted.q and not page.cards and not wanted.cursor:
        edition, nearest = yield from listing.nearest(wanted, columns)
    body = b'{"results":[%b],"next":%b,%b,"did_you_mean":%b,"ignored":%b,"nearest":[%b]}' % (
        b",".join(page.cards), dumps(page.next), _counts(wanted, page.selection), dumps(page.selection.corrected_query or None),
        dumps(page.selection.ignored),
        b",".join(nearest),
    )  # fmt: skip
    return body, edition


def suggestions(q: str) -> Payload:
    """What somebody may mean: one statement for its products, and those that find words."""
    body, columns = listing.read_current(lambda columns: run_sync(_suggestions(q, columns)))
    return Payload(body, LISTS, columns.version)


def suggestion_steps(q: str) -> QueryPlan[Payload | None]:
    """As `product_list_steps`."""
    return _at_hand(lambda columns: _suggestions(q, columns))


def _suggestions(q: str, columns: Columns) -> QueryPlan[tuple[bytes, bytes | None]]:
    told, edition = yield from suggest(columns, q)
    return dumps(told), edition


def _counts(wanted: ListFilters, chosen: listing.Selection) -> bytes:
    """The total and the facets, which are the same in any order and on every page: counted once for an edition."""

    def count() -> bytes:
        return b'"total":%d,"facets":%b' % counts.total_and_facets(chosen)

    if wanted.is_unfiltered:
        return chosen.visible.memoize("counts", count)
    return fragment(f"counts of {replace(wanted, sort='', limit=0, cursor='')}", chosen.columns.version, count)
