"""What a list is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from noirel.core.api.pagination import limit_of
from noirel.core.api.strict import is_boolean, is_integer
from noirel.core.errors import FieldError, Invalid

SORTS = ["newest", "best_selling", "price", "-price", "relevance"]
BADGES = ["new", "best_seller"]
# A list's own parameters, and what storefronts write beside them: no attribute can be asked for by such a name.
OWN = {"category", "collection", "q", "sort", "min_price", "max_price", "in_stock", "badge", "limit", "cursor"}
RESERVED = OWN | {"price", "page", "after"}


@dataclass(frozen=True, slots=True)
class Wanted:
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
    def is_for_all(self) -> bool:
        """Whether nothing is left out, whatever the order."""
        return self == Wanted(sort=self.sort, limit=self.limit, cursor=self.cursor)


def wanted_of(query: QueryDict, attributes: Iterable[str]) -> Wanted:
    """The list that a query string asks for. Raises Invalid with a line for every parameter that is not right."""
    if not query:
        return Wanted()
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

    unknown = set(query) - OWN
    known = unknown & set(attributes)
    errors += [FieldError(name, "unknown", "There is no such parameter or attribute.") for name in sorted(unknown - known)]
    in_stock = query.get("in_stock", "")
    if in_stock and not is_boolean(in_stock):
        errors.append(FieldError("in_stock", "invalid", "Must be true or false."))
    wanted = Wanted(
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
