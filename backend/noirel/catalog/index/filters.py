"""What a list is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.pagination import limit_of
from noirel.core.http.strict import is_boolean, is_integer

SORTS = ["newest", "best_selling", "price", "-price", "relevance"]
BADGES = ["new", "best_seller"]
# A list's own parameters, and what storefronts write beside them: no attribute can be asked for by such a name.
PARAMETERS = {"category", "collection", "q", "sort", "min_price", "max_price", "in_stock", "badge", "limit", "cursor"}
RESERVED = PARAMETERS | {"price", "page", "after"}


@dataclass(frozen=True, slots=True)
class ListFilters:
    """Amounts are in minor units, attributes by name with any of the values."""

    category: str = ""
    collection: str = ""
    q: str = ""
    sort: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None
    badge: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    limit: int = 24
    cursor: str = ""

    @property
    def is_unfiltered(self) -> bool:
        """Whether nothing is left out, whatever the order."""
        return self == ListFilters(sort=self.sort, limit=self.limit, cursor=self.cursor)


def parse_filters(query: QueryDict, attributes: Iterable[str]) -> ListFilters:
    """The list that a query string asks for. Raises Invalid with a line for every parameter that is not right."""
    if not query:
        return ListFilters()
    errors: list[FieldError] = []

    def amount(name: str) -> int | None:
        text = query.get(name, "")
        if text and not (is_integer(text) and 0 <= int(text) < 10**15):
            errors.append(FieldError(name, "invalid", "A whole number of minor units."))
            return None
        return int(text) if text else None

    def one_of(name: str, values: list[str]) -> str:
        text = query.get(name, "")
        if text and text not in values:
            errors.append(FieldError(name, "invalid", f"One of {', '.join(values)}."))
        return text

    unknown = set(query) - PARAMETERS
    known = unknown & set(attributes)
    errors += [FieldError(name, "unknown", "There is no such parameter or attribute.") for name in sorted(unknown - known)]
    in_stock = query.get("in_stock", "")
    if in_stock and not is_boolean(in_stock):
        errors.append(FieldError("in_stock", "invalid", "Must be true or false."))
    wanted = ListFilters(
        category=query.get("category", ""),
        collection=query.get("collection", ""),
        q=query.get("q", "")[:200],
        sort=one_of("sort", SORTS),
        min_price=amount("min_price"),
        max_price=amount("max_price"),
        in_stock=None if not in_stock else in_stock == "true",
        badge=one_of("badge", BADGES),
        attributes={name: query.getlist(name)[:50] for name in sorted(known)},
        limit=limit_of(query),
        cursor=query.get("cursor", ""),
    )
    if errors:
        raise Invalid(errors=errors)
    return wanted
