"""Every address has a schema, says who may come in, how often, and who may keep the answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView as DRFView

from noirel.accounts.permissions import PERMISSIONS
from noirel.core.http import APIView
from noirel.core.http.problems import MEDIA_TYPE
from tests.client import Client

# Worth guessing or flooding: each has a limit of its own.
THROTTLED = {
    "auth/login": "login", "auth/register": "register", "auth/refresh": "refresh", "auth/password/forgot": "password",
    "auth/password/reset": "password", "auth/password/change": "password", "auth/verify-email": "password",
    "carts": "carts", "checkout": "checkout", "carts/<uuid:cart_id>/coupon": "coupon", "orders/lookup": "lookup",
    "drops/<slug:slug>/entries": "drop_entry", "carts/<uuid:cart_id>/rights": "drop_entry",
    "media/uploads/<uuid:upload_id>": "upload",
}  # fmt: skip


def _addresses(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, type[Any]]]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, where)
        elif isinstance(pattern, URLPattern) and where.startswith("api/v1/"):
            yield where.removeprefix("api/v1/"), vars(pattern.callback)["view_class"]


ADDRESSES = dict(_addresses())
every_address = pytest.mark.parametrize("where", sorted(ADDRESSES))


@pytest.fixture(scope="module")
def schema() -> Any:
    generator: Any = SchemaGenerator  # it has no types
    return generator().get_schema(request=None, public=True)


@every_address
def test_it_is_a_view_of_ours(where: str) -> None:
    assert issubclass(ADDRESSES[where], APIView), f"{where} has problems, viewers and caching of its own"


@every_address
def test_it_says_who_may_come_in(where: str) -> None:
    view = ADDRESSES[where]()
    for method in view.allowed_methods:
        needed = view.permission_for(method)
        if where.startswith("admin/"):
            assert needed in PERMISSIONS or needed == "staff", f"{method} {where} asks for {needed!r}"
        else:
            assert needed in {None, "signed_in"}, f"{method} {where} asks for {needed!r}"


@every_address
def test_what_is_worth_guessing_is_throttled(where: str) -> None:
    scope = ADDRESSES[where].throttle_scope
    assert scope is None or scope in settings.THROTTLES
    if where in THROTTLED:
        assert scope == THROTTLED[where]


@every_address
def test_personal_and_staff_answers_are_kept_by_nobody(where: str) -> None:
    view = ADDRESSES[where]
    if where.startswith(("admin/", "me", "auth/", "cart", "orders", "checkout")):
        assert view.caching == "private"
    assert view.caching in {"public", "private"}


@every_address
def test_it_is_in_the_schema_with_its_answers_and_problems(where: str, schema: Any) -> None:
    path = "/" + where
    for converter in ("uuid:", "slug:", "str:", "natural:", "path:"):
        path = path.replace(f"<{converter}", "<")
    operations = schema["paths"][path.replace("<", "{").replace(">", "}")]
    view: type[DRFView] = ADDRESSES[where]
    for method in {"get", "post", "put", "patch", "delete"} & set(dir(view)):
        responses = operations[method]["responses"]
        assert any(status[0] in "23" for status in responses)
        assert MEDIA_TYPE in responses["default"]["content"]


@pytest.mark.django_db
@pytest.mark.parametrize("where", sorted(where for where in ADDRESSES if where.startswith("admin/")))
def test_staff_addresses_are_closed_to_guests_and_shoppers(where: str, client: Client, shopper: Client) -> None:
    path = where
    for part in where.split("/"):
        if part.startswith("<"):
            kind = part.strip("<>").split(":")[0]
            path = path.replace(part, {"uuid": "0190a6b0-0000-7000-8000-000000000000", "natural": "1"}.get(kind, "x"))
    for method in ADDRESSES[where]().allowed_methods:
        if method != "OPTIONS":
            assert client.generic(method, path).status_code == 401
            assert shopper.generic(method, path).status_code == 403


def test_the_contracts_names_are_the_schemas_names(schema: Any) -> None:
    components = schema["components"]["schemas"]
    assert {"User", "Session", "Problem", "FieldError"} <= set(components)
    assert not [name for name in components if name.endswith("Out") and name != "CheckoutOut"]
