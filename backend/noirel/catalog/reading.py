"""How the catalogue's bytes get out: what a query string asks for, read and put together, with the state they are of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import connection
from django.http import QueryDict

from noirel.catalog import product_page
from noirel.catalog.search import listing
from noirel.catalog.search.columns import Columns
from noirel.catalog.search.suggest import suggest
from noirel.catalog.search.wanted import Wanted, wanted_of
from noirel.core.editions import ASK_EDITION
from noirel.core.json import dumps
from noirel.core.kept import Told, ask, part

# A change to anything that a list could show: one name for them all.
CATALOGUE = "catalogue"


def product(slug: str) -> Told:
    """A page, by one statement; known to caches by every product that is on it."""
    page = product_page.product_page(slug)
    keys = " ".join(f"product:{slug}" for slug in [slug, *page.related])
    return Told(page.body, keys, page.state, (product_page.ASK_PAGE, page.product_id))


def of_edition(read: Callable[[], Any]) -> Told:
    """What `read` says, for as long as the catalogue stays as it is."""
    # Asked before: what is read after it may be newer, and then whoever asks next finds another edition.
    edition = None if connection.in_atomic_block else ask(ASK_EDITION)
    return Told(dumps(read()), CATALOGUE, edition, (ASK_EDITION,))


def product_list(query: QueryDict) -> Told:
    """A list with its facets: one statement, two where words have to be found. Raises Invalid."""

    def read(columns: Columns) -> tuple[bytes, bytes | None]:
        wanted = wanted_of(query, (definition.name for definition in columns.frame.definitions))
        page = listing.listing(wanted, columns)
        edition, nearest = page.edition, list[bytes]()
        if wanted.q and not page.cards and not wanted.cursor:
            edition, nearest = listing.nearest(wanted, columns)
        body = b'{"results":[%b],"next":%b,%b,"did_you_mean":%b,"nearest":[%b]}' % (
            b",".join(page.cards), dumps(page.next), _counts(wanted, page.chosen), dumps(page.chosen.meant or None),
            b",".join(nearest),
        )  # fmt: skip
        return body, edition

    body, columns = listing.of_catalogue(read)
    return Told(body, CATALOGUE, columns.edition, (ASK_EDITION,))


def suggestions(q: str) -> Told:
    """What somebody may mean: one statement for its products, and those that find words."""
    told, columns = listing.of_catalogue(lambda columns: suggest(columns, q))
    return Told(dumps(told), CATALOGUE, columns.edition, (ASK_EDITION,))


def _counts(wanted: Wanted, chosen: listing.Chosen) -> bytes:
    """The total and the facets, which are the same in any order and on every page: counted once for an edition."""

    def count() -> bytes:
        total, facets = listing.counts(chosen)
        return b'"total":%d,"facets":%b' % (total, dumps(facets))

    return part(f"counts of {replace(wanted, sort='', limit=0, cursor='')}", chosen.columns.edition, count)
