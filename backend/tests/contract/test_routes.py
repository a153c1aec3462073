"""routes.csv says what each caller gets from each route by each method: every cell is tried, and no route is missing.

`allowed` means that the caller reaches the view's method; 404 means that what the address names belongs to somebody else.
"""

import uuid
from typing import Any

import pytest
from django.http import HttpResponse

from noirel.accounts.models import SavedAddress
from noirel.core.domain.money import inr
from noirel.core.http.json import dumps
from noirel.orders.models import Order
from tests.client import Client, signed_in
from tests.contract.routes import CALLERS, METHODS, Route, expectations, routes
from tests.make import GIFT, make_drop, make_staff, make_user, make_variant
from tests.shopping import ADDRESS

ROUTES = {route.address: route for route in routes()}
EXPECTED = expectations()
# What a call that looks something up needs in its body to get as far as that.
BODIES: dict[str, dict[str, Any]] = {
    "api/v1/me/addresses/<uuid:address_id>": {**ADDRESS},
    "api/v1/drops/<str:slug>/entries/<uuid:entry_id>/confirm": {"token": "of somebody else"},
    "api/v1/orders/<str:number>/payment/verify": {
        "razorpay_order_id": "order_1", "razorpay_payment_id": "pay_1", "razorpay_signature": "0" * 64,
    },
}  # fmt: skip
OUTCOMES = {"allowed", "401", "403", "404", "405"}


def test_every_route_and_method_is_in_the_table_and_nothing_else() -> None:
    there = {(address, method) for address in ROUTES for method in METHODS}
    missing, gone = sorted(there - set(EXPECTED)), sorted(set(EXPECTED) - there)
    assert not missing, f"not in routes.csv (see tests/contract/routes.py): {missing}"
    assert not gone, f"in routes.csv, and no route: {gone}"


def test_every_cell_names_an_outcome() -> None:
    assert {outcome for cells in EXPECTED.values() for outcome in cells.values()} <= OUTCOMES


@pytest.fixture
def others(db: None) -> dict[str, str]:
    """What belongs to somebody who is none of the callers, by the name of the parameter."""
    owner = make_user()
    address = SavedAddress.objects.create(user=owner, name="Ira", line1="1 Lane", city="Pune", postcode="411001", country="IN")
    variant = make_variant(price=inr(12_500_00), on_hand=5)
    order = Order.objects.create(
        number="NE-OTHERS00", user=owner, email=owner.email, currency="INR", subtotal_amount=100, discount_amount=0,
        shipping_amount=0, tax_amount=0, total_amount=100, item_count=1, shipping_address=ADDRESS, billing_address=ADDRESS,
        gift=GIFT,
        shipping_method={
            "code": "standard", "name": "Standard", "price": {"amount": 0, "currency": "INR"},
            "promise": {"earliest_on": None, "latest_on": None, "text": ""},
        },
    )  # fmt: skip
    return {
        "number": order.number,
        "address_id": str(address.pk),
        "sku": variant.sku,
        "drop": make_drop(variant).slug,
        "slug": variant.product.slug,
        "kind": "products",  # of a sitemap
    }


@pytest.fixture
def callers(db: None) -> dict[str, Client]:
    staff = {role: signed_in(make_staff(role=role)) for role in CALLERS[2:]}
    return {"anonymous": Client(), "shopper": signed_in(make_user()), **staff}


def _path(route: Route, names: dict[str, str]) -> str:
    """The address of something of somebody else's, as far as names knows one."""
    parts = []
    for part in route.address.split("/"):
        if "<" not in part:
            parts.append(part)
            continue
        before, _, rest = part.partition("<")
        converter, _, rest = rest.partition(":")
        name, _, after = rest.partition(">")
        unknown = {"uuid": str(uuid.UUID(int=0)), "natural": "1"}.get(converter, "x")
        name = "drop" if parts[-1:] == ["drops"] else name
        named = unknown if converter == "natural" else names.get(name, unknown)
        parts.append(before + named + after.replace("<natural:number>", "1"))
    return "/" + "/".join(parts)


def _outcome(answer: Any, reached: list[str]) -> str:
    if reached or answer.status_code < 400:
        return "allowed"
    return str(answer.status_code)


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_every_caller_gets_what_the_table_says(
    address: str, others: dict[str, str], callers: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    route = ROUTES[address]
    path = _path(route, others)
    reached: list[str] = []

    def reach(view: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        reached.append(request.method)
        return HttpResponse(status=204)

    wrong = []
    for method in METHODS:
        expected = EXPECTED[address, method]
        for caller, client in callers.items():
            reached.clear()
            with monkeypatch.context() as patched:
                # What is looked up by its name is asked for in earnest; else the method itself would be the answer.
                if isinstance(route.view, type) and method in route.methods and expected[caller] not in {"403", "404"}:
                    patched.setattr(route.view, method.lower(), reach)
                answer = client.generic_unchecked(method, path, dumps(BODIES.get(address, {})), content_type="application/json")
            if (found := _outcome(answer, reached)) != expected[caller]:
                wrong.append(f"{method} as {caller}: {found} ({answer.status_code}), and not {expected[caller]}")
    assert not wrong, f"{address}: {wrong}"


def test_what_belongs_to_a_caller_is_given_to_that_caller(others: dict[str, str]) -> None:
    """The other side of each 404 in the table."""
    order = Order.objects.get(number=others["number"])
    assert order.user is not None
    owner = signed_in(order.user)
    assert owner.get(f"orders/{order.number}").status_code == 200
    assert owner.delete(f"me/addresses/{others['address_id']}").status_code == 204
