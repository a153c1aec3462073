"""The table of every route x method x role in routes.csv, and the routes that there are.

`python -m tests.contract.routes` prints the rows that are missing with what the views declare: look at each before adding it.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from noirel.accounts.permissions import ROLES

TABLE = Path(__file__).with_name("routes.csv")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CALLERS = ("anonymous", "shopper", *sorted(ROLES, key=lambda role: len(ROLES[role][1])))


class Route(NamedTuple):
    """An address as Django writes it (`api/v1/carts/<uuid:cart_id>`), and what answers it."""

    address: str
    view: Any  # the view class, or the function

    @property
    def methods(self) -> tuple[str, ...]:
        if not isinstance(self.view, type):
            return tuple(getattr(self.view, "methods", ("GET",)))
        return tuple(method for method in METHODS if hasattr(self.view, method.lower()))


def routes(patterns: Any = None, prefix: str = "") -> Iterator[Route]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield Route(address, getattr(pattern.callback, "view_class", pattern.callback))


def expectations() -> dict[tuple[str, str], dict[str, str]]:
    """By address and method: what each caller is to get. A row names one method, or those that the address doesn't have."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    with TABLE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for method in row["methods"].split():
                key = (row["route"], method)
                assert key not in found, f"{method} {row['route']} is in the table twice"
                found[key] = {caller: row[caller] for caller in CALLERS}
    return found


def declared(route: Route, method: str, caller: str) -> str:
    """What the view's own declaration gives a caller."""
    view = route.view
    if isinstance(view, type) and hasattr(view, "permission_for"):
        needed = view().permission_for(method)
        if needed and caller == "anonymous":
            return "401"
        has = ROLES[caller][1] if caller in ROLES else frozenset()
        if needed and needed != "signed_in" and not (needed == "staff" and caller in ROLES) and needed not in has:
            return "403"
    return "allowed" if method in route.methods else "405"


def main() -> None:
    import django

    django.setup()
    known = expectations() if TABLE.exists() else {}
    if not known:
        print("route,methods," + ",".join(CALLERS))
    for route in sorted(routes()):
        rows: dict[tuple[str, ...], list[str]] = {}
        for method in METHODS:
            if (route.address, method) not in known:
                cells = tuple(declared(route, method, caller) for caller in CALLERS)
                rows.setdefault(cells if method not in route.methods else (*cells, method), []).append(method)
        for cells, methods in sorted(rows.items(), key=lambda row: METHODS.index(row[1][0])):
            print(",".join([route.address, " ".join(methods), *cells[: len(CALLERS)]]))


if __name__ == "__main__":
    main()
