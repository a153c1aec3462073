"""Sold before it is here: the bag says so, the promise waits for it, and the order keeps what was said."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from noirel.core.domain.money import inr
from noirel.orders.models import Order
from noirel.pricing.models import ShippingMethod
from tests.client import Client
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timezone.localdate() + timedelta(days=40)


def sells_ahead(staff: Client, *, on_hand: int, policy: str = "preorder", expected_on: date | None = DAY) -> str:
    variant = make_variant(price=inr(1_000_00), on_hand=on_hand)
    path = f"admin/inventory/{variant.sku}/terms"
    answer = staff.patch(path, {"policy": policy, "expected_on": expected_on and expected_on.isoformat()})
    assert answer.status_code == 200, answer.content
    return variant.sku


def test_what_is_not_here_yet_is_named_with_its_day_and_the_parcel_waits_for_it(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    sku = sells_ahead(staff, on_hand=1)
    here = make_variant(price=inr(500_00), on_hand=3).sku
    bag = guest.bag((sku, 3), (here, 1))
    ahead = {"policy": "preorder", "units": 2, "expected_on": DAY.isoformat()}
    assert [line["ahead"] for line in bag["lines"]] == [ahead, None]
    assert bag["warnings"] == []
    (method, *_) = guest.call("GET", f"carts/{bag['id']}/shipping-methods").json()["results"]
    days = timedelta(days=ShippingMethod.objects.get(code=method["code"]).min_days)
    assert date.fromisoformat(method["promise"]["earliest_on"]) >= DAY + days

    placed = guest.check_out(bag).json()
    assert [line["ahead"] for line in placed["order"]["lines"]] == [ahead, None]
    assert placed["order"]["shipping_method"]["promise"]["earliest_on"] >= DAY.isoformat()
    # What was said at the sale stays said, whatever staff hear later.
    staff.patch(f"admin/inventory/{sku}/terms", {"expected_on": (DAY + timedelta(days=9)).isoformat()})
    assert guest.order(placed)["lines"][0]["ahead"] == ahead


def test_as_long_as_it_is_on_the_shelf_nothing_is_sold_ahead(staff: Client, guest: Shopper) -> None:
    bag = guest.bag((sells_ahead(staff, on_hand=2, policy="backorder"), 2))
    assert bag["lines"][0]["ahead"] is None
    (method, *_) = guest.call("GET", f"carts/{bag['id']}/shipping-methods").json()["results"]
    assert method["promise"]["earliest_on"] < DAY.isoformat()


@pytest.mark.parametrize("expected_on", [None, timezone.localdate() - timedelta(days=3)])
def test_without_a_day_to_come_no_day_is_promised(
    expected_on: date | None, staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    bag = guest.bag((sells_ahead(staff, on_hand=0, policy="backorder", expected_on=expected_on), 1))
    assert bag["lines"][0]["ahead"] == {"policy": "backorder", "units": 1, "expected_on": None}
    placed = guest.check_out(bag).json()
    promise = {"earliest_on": None, "latest_on": None, "text": "Ships as soon as everything is in stock"}
    assert placed["order"]["shipping_method"]["promise"] == promise
    assert Order.objects.get().lines.get().ahead == {"policy": "backorder", "units": 1, "expected_on": None}
