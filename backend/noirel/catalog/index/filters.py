"""The filters, order and page of a product list, parsed from its query string."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from noirel.core.domain.errors import FieldError, Invalid
from noirel.core.http.pagination import limit_of
from noirel.core.http.strict import is_boolean, is_integer

SORTS = ["newest", "best_selling", "price", "-price", "relevance"]
BADGES = ["new", "best_seller"]
# The parameters of a list, and names that storefronts use in their own URLs. Attributes can't have these names.
PARAMETERS = {"category", "collection", "q", "sort", "min_price", "max_price", "in_stock", "badge", "limit", "cursor"}
RESERVED = PARAMETERS | {"price", "page", "after"}


@dataclass(frozen=True, slots=True)
class ListFilters:
    """min_price and max_price are in minor units. attributes: by name, the accepted values."""

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
        """Whether all products are selected, in whatever order."""
        return self == ListFilters(sort=self.sort, limit=self.limit, cursor=self.cursor)


def parse_filters(query: QueryDict, attributes: Iterable[str]) -> ListFilters:
    """Parse a query string. Raises Invalid with an error for every bad parameter.

    attributes: the names of attributes that can be filtered by.
    """
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

    others = set(query) - PARAMETERS
    by_attribute = others & set(attributes)
    errors += [
        FieldError(name, "unknown", "There is no such parameter or attribute.") for name in sorted(others - by_attribute)
    ]
    in_stock = query.get("in_stock", "")
    if in_stock and not is_boolean(in_stock):
        errors.append(FieldError("in_stock", "invalid", "Must be true or false."))
    filters = ListFilters(
        category=query.get("category", ""),
        collection=query.get("collection", ""),
        q=query.get("q", "")[:200],
        sort=one_of("sort", SORTS),
        min_price=amount("min_price"),
        max_price=amount("max_price"),
        in_stock=None if not in_stock else in_stock == "true",
        badge=one_of("badge", BADGES),
        attributes={name: query.getlist(name)[:50] for name in sorted(by_attribute)},
        limit=limit_of(query),
        cursor=query.get("cursor", ""),
    )
    if errors:
        raise Invalid(errors=errors)
    return filters
