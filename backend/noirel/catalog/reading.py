"""How the catalogue's bytes get out: what a query string asks for, read and put together, with the state they are of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from django.db import connection
from django.http import QueryDict

from noirel.catalog import product_page, selectors
from noirel.catalog.models import Attribute
from noirel.core.api.pagination import limit_of
from noirel.core.editions import ASK_EDITION
from noirel.core.errors import FieldError, Invalid
from noirel.core.json import dumps
from noirel.core.kept import Told, ask, part

# A change to anything that a list could show: one name for them all.
CATALOGUE = "catalogue"
_OWN = {"category", "collection", "q", "sort", "min_price", "max_price", "in_stock", "badge", "limit", "cursor"}


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


class _Defined(NamedTuple):
    edition: bytes | None
    definitions: list[Attribute]


_defined: _Defined | None = None


def product_list(query: QueryDict) -> Told:
    """A list with its facets: two statements, three for a search. Raises Invalid."""
    global _defined
    if connection.in_atomic_block:
        return _product_list(query, list(Attribute.objects.all()))
    if _defined is not None:
        try:
            told = _product_list(query, _defined.definitions)
        except Invalid:
            pass  # perhaps by an attribute that we have not heard of yet
        else:
            if told.state is not None and told.state == _defined.edition:  # of the same edition: so they still stand
                return told
    _defined = fresh = _Defined(ask(ASK_EDITION), list(Attribute.objects.all()))
    return _product_list(query, fresh.definitions)


def _product_list(query: QueryDict, definitions: list[Attribute]) -> Told:
    wanted = wanted_of(query, definitions)
    listing = selectors.listing(wanted)
    body = b'{"results":[%b],"next":%b,%b}' % (
        b",".join(listing.cards), dumps(listing.next), _counts(wanted, listing, definitions),
    )  # fmt: skip
    return Told(body, CATALOGUE, listing.edition, (ASK_EDITION,))


def _counts(wanted: selectors.Wanted, listing: selectors.Listing, definitions: list[Attribute]) -> bytes:
    """The total and the facets, which are the same in any order and on every page: counted once for an edition."""

    def count() -> bytes:
        total, facets = selectors.facets_of(listing, definitions)
        return b'"total":%d,"facets":%b' % (total, dumps(facets))

    return part(f"counts of {replace(wanted, sort='', limit=0, cursor='')}", listing.edition, count)


def wanted_of(query: QueryDict, definitions: list[Attribute]) -> selectors.Wanted:
    """The list that a query string asks for. Raises Invalid with a line for every parameter that is not right."""
    errors: list[FieldError] = []

    def amount(name: str) -> int | None:
        text = query.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 16):
            errors.append(FieldError(name, "invalid", "A whole number of minor units."))
            return None
        return int(text) if text else None

    def one_of(name: str, values: list[str]) -> str:
        text = query.get(name, "")
        if text and text not in values:
            errors.append(FieldError(name, "invalid", f"One of {', '.join(values)}."))
        return text

    unknown = set(query) - _OWN
    known = unknown & {definition.name for definition in definitions}
    errors += [FieldError(name, "unknown", "There is no such parameter or attribute.") for name in sorted(unknown - known)]
    in_stock = one_of("in_stock", ["true", "false"])
    wanted = selectors.Wanted(
        category=query.get("category", ""),
        collection=query.get("collection", ""),
        q=query.get("q", "")[:200],
        sort=one_of("sort", selectors.SORTS),
        min_price=amount("min_price"),
        max_price=amount("max_price"),
        in_stock=None if not in_stock else in_stock == "true",
        badge=one_of("badge", ["new", "best_seller"]),
        attributes={name: query.getlist(name)[:50] for name in sorted(known)},
        limit=limit_of(query),
        cursor=query.get("cursor", ""),
    )
    if errors:
        raise Invalid(errors=errors)
    return wanted
