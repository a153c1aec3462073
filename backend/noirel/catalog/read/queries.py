"""The public reads of the catalogue. Each returns a Payload: the JSON body and the state of the data it was built from."""

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
    """A product page. Raises NotFound for a product that is not visible, and Moved for a former slug."""
    payload = run_sync(product_steps(slug))
    if payload is None:
        raise redirect_or_not_found("product", slug)
    return payload


def product_steps(slug: str) -> QueryPlan[Payload | None]:
    """A product page, with one query. Its surrogate keys name every product on it. None if there is no such page."""
    page = yield from product_query.product_page(slug)
    if page is None:
        return None
    keys = " ".join([PAGES, *(f"product:{slug}" for slug in [slug, *page.related])])
    return Payload(page.body, keys, page.state, page.product_id.encode(), (product_query.SELECT_PAGE, page.product_id))


def categories() -> Payload:
    """The category tree, with two statements."""
    return _from_columns(lambda columns: _as_page(selectors.category_tree(_category_counts(columns))))


def category(slug: str) -> Payload:
    """A category, with two statements. Raises NotFound and Moved."""
    return _from_columns(lambda columns: selectors.category(slug, _category_counts(columns)))


def collections() -> Payload:
    """All collections, with two statements, and a third if their members changed."""
    return _from_columns(lambda columns: _as_page(selectors.collections(counts.by_collection(columns))))


def collection(slug: str) -> Payload:
    """A collection, with the same statements as `collections`. Raises NotFound and Moved."""
    return _from_columns(lambda columns: selectors.collection(slug, counts.by_collection(columns)))


def _from_columns(read: Callable[[Columns], Any]) -> Payload:
    body, columns = listing.read_current(lambda columns: (dumps(read(columns)), None))
    return Payload(body, LISTS, columns.version)


def _category_counts(columns: Columns) -> dict[int, int]:
    return counts.by_category(columns, columns.visible())


def _as_page(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": results, "next": None, "total": len(results)}


def prepare() -> None:
    """Load the catalogue index, which takes a second or two for a large catalogue."""
    current()


def product_list(query: QueryDict) -> Payload:
    """A product list with its facets, with one statement, or two if search terms have to be looked up. Raises Invalid."""
    body, columns = listing.read_current(lambda columns: run_sync(_list(query, columns)))
    return Payload(body, LISTS, columns.version)


def product_list_steps(query: QueryDict) -> QueryPlan[Payload | None]:
    """Like `product_list`, from data in memory. None if that is older than the cards. Raises Invalid and NotCached."""
    return _from_cache(lambda columns: _list(query, columns))


def _from_cache(read: Callable[[Columns], QueryPlan[tuple[bytes, bytes | None]]]) -> QueryPlan[Payload | None]:
    columns = current_if_cached()
    body, version = yield from read(columns)
    if version is None:
        ((version,),) = yield Query(SELECT_VERSION)
    return Payload(body, LISTS, version) if version == columns.version else None


def _list(query: QueryDict, columns: Columns) -> QueryPlan[tuple[bytes, bytes | None]]:
    filters = parse_filters(query, (definition.name for definition in columns.taxonomy.definitions))
    page = yield from listing.list_products(filters, columns)
    version, nearest = page.version, list[bytes]()
    if filters.q and not page.cards and not filters.cursor:
        version, nearest = yield from listing.nearest(filters, columns)
    body = b'{"results":[%b],"next":%b,%b,"did_you_mean":%b,"ignored":%b,"nearest":[%b]}' % (
        b",".join(page.cards), dumps(page.next), _counts(filters, page.selection),
        dumps(page.selection.corrected_query or None), dumps(page.selection.ignored), b",".join(nearest),
    )  # fmt: skip
    return body, version


def suggestions(q: str) -> Payload:
    """Search suggestions, with one statement for the products and those of the search itself."""
    body, columns = listing.read_current(lambda columns: run_sync(_suggestions(q, columns)))
    return Payload(body, LISTS, columns.version)


def suggestion_steps(q: str) -> QueryPlan[Payload | None]:
    """Like `suggestions`, from data in memory. None if that is older than the cards. Raises NotCached."""
    return _from_cache(lambda columns: _suggestions(q, columns))


def _suggestions(q: str, columns: Columns) -> QueryPlan[tuple[bytes, bytes | None]]:
    suggested, version = yield from suggest(columns, q)
    return dumps(suggested), version


def _counts(filters: ListFilters, selection: listing.Selection) -> bytes:
    """The total and the facets as JSON members. The same for all orders and pages."""

    def count() -> bytes:
        return b'"total":%d,"facets":%b' % counts.total_and_facets(selection)

    if filters.is_unfiltered:
        return selection.visible.memoize("counts", count)
    return fragment(f"counts of {replace(filters, sort='', limit=0, cursor='')}", selection.columns.version, count)
