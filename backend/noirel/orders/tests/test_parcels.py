"""Parcels: packing in parts, shipping with or without tracking, delivery, and staff's work lists."""

from typing import Any

import pytest
from django.core import mail

from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry, IdempotencyRecord
from noirel.inventory.models import StockItem
from noirel.orders.models import Order
from noirel.orders.tests.test_staff_orders import make_order, numbers
from noirel.orders.tests.test_stock_leaves_at_dispatch import line_quantities
from tests.client import Client
from tests.make import make_variant

pytestmark = pytest.mark.django_db
TRACKING = {"carrier": "Blue Dart", "tracking_number": "BD1"}
LISTS = ("unfulfilled", "to_ship", "in_transit")


def fulfil(staff: Client, order: Order, *quantities: int, **more: Any) -> dict[str, Any]:
    response = staff.post(f"admin/orders/{order.number}/fulfil", {"lines": line_quantities(order, *quantities)} | more)
    assert response.status_code == 200, response.content
    return dict(response.json())


def parcel_action(staff: Client, parcel: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
    response = staff.post(f"admin/shipments/{parcel['id']}/{action}", body)
    assert response.status_code == 200, response.content
    return dict(response.json())


def lists(staff: Client, order: Order) -> set[str]:
    return {view for view in LISTS if order.number in numbers(staff.get(f"admin/orders?view={view}"))}


def test_an_order_is_on_the_work_list_of_every_action_it_needs_until_it_is_done(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 2), (make_variant(price=inr(700_00)), 1))
    make_order((make_variant(price=inr(500_00)), 1), paid=False)
    assert lists(staff, order) == {"unfulfilled"}
    first = fulfil(staff, order, 1, 0)["shipments"][0]
    assert lists(staff, order) == {"unfulfilled", "to_ship"}
    parcel_action(staff, first, "ship", **TRACKING)
    assert lists(staff, order) == {"unfulfilled", "in_transit"}
    completed = fulfil(staff, order, 1, 1)
    assert (completed["status"], lists(staff, order)) == ("fulfilled", {"to_ship", "in_transit"})
    assert parcel_action(staff, first, "deliver")["status"] == "fulfilled"
    assert lists(staff, order) == {"to_ship"}
    second = completed["shipments"][1]
    parcel_action(staff, second, "ship", carrier="Own courier")
    assert lists(staff, order) == {"in_transit"}
    delivered = parcel_action(staff, second, "deliver")
    assert (delivered["status"], lists(staff, order)) == ("delivered", set())
    assert [parcel["status"] for parcel in delivered["shipments"]] == ["delivered", "delivered"]
    assert parcel_action(staff, second, "deliver") == delivered


def test_the_dashboard_counts_the_orders_on_the_work_lists(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 2))
    fulfil(staff, order, 1)
    kinds = {entry["kind"]: entry for entry in staff.get("admin/analytics/summary").json()["needs_you"]}
    assert (kinds["to_fulfil"]["count"], kinds["to_ship"]["count"]) == (1, 1)
    assert kinds["to_ship"]["link"] == "/orders?view=to_ship"


def test_each_parcel_has_a_mail_that_lists_its_contents(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00), name="Encre"), 2), (make_variant(price=inr(700_00), name="Ambre"), 1))
    fulfil(staff, order, 1, 1, **TRACKING)
    fulfil(staff, order, 1, 0, carrier="Delhivery")
    while events.deliver_due():
        pass
    first_mail, second_mail = [letter.body for letter in mail.outbox if letter.subject == f"Order {order.number} is on its way"]
    assert "1 × Encre, 50 ml\n1 × Ambre, 50 ml\n" in first_mail
    assert "Blue Dart, number BD1" in first_mail
    assert "1 × Encre, 50 ml\n" in second_mail
    assert "Ambre" not in second_mail.partition("Delhivery")[2]
    assert "follows in another parcel" not in second_mail


def test_the_shipping_mail_says_that_the_rest_follows(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00), name="Encre"), 3))
    fulfil(staff, order, 1, **TRACKING)
    while events.deliver_due():
        pass
    (letter,) = [letter for letter in mail.outbox if "on its way" in letter.subject]
    assert "The rest of your order, 2 items, follows in another parcel." in letter.body


def test_correcting_a_tracking_number_takes_effect_once_and_moves_no_stock(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=5)
    order = make_order((variant, 1))
    (parcel,) = fulfil(staff, order, 1, **TRACKING)["shipments"]
    while events.deliver_due():
        pass
    for _ in range(2):
        changed = parcel_action(staff, parcel, "ship", carrier="Blue Dart", tracking_number="BD2")
    assert changed["shipments"][0]["tracking_number"] == "BD2"
    assert [event["type"] for event in changed["events"]].count("order.tracking_changed") == 1
    assert StockItem.objects.get(pk=variant.pk).on_hand == 4
    while events.deliver_due():
        pass
    assert [letter.subject for letter in mail.outbox if "BD2" in letter.body] == [
        f"New tracking number for order {order.number}"
    ]
    parcel_action(staff, parcel, "deliver")
    rejected = staff.post(f"admin/shipments/{parcel['id']}/ship", TRACKING)
    assert (rejected.status_code, rejected.json()["code"]) == (409, "order_state")
    assert AuditEntry.objects.filter(action="orders.tracking", target=f"order:{order.number}").count() == 1


def test_invalid_actions_on_a_parcel_are_refused_and_change_nothing(staff: Client, shopper: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 2))
    path = f"admin/orders/{order.number}"
    bodies: list[dict[str, Any]] = [
        {},
        {"lines": []},
        {"lines": line_quantities(order, 1), "colour": "red"},
        {"carrier": "Blue Dart"},
    ]
    for body in bodies:
        assert staff.post(f"{path}/fulfil", body).status_code == 400
    (parcel,) = fulfil(staff, order, 1)["shipments"]
    early = staff.post(f"admin/shipments/{parcel['id']}/deliver", {})
    assert (early.status_code, early.json()["code"]) == (409, "order_state")
    assert staff.post(f"admin/shipments/{parcel['id']}/ship", {}).status_code == 400
    assert staff.post(f"admin/shipments/{order.lines.get().pk}/ship", TRACKING).status_code == 404
    assert shopper.post(f"admin/shipments/{parcel['id']}/ship", TRACKING).status_code == 403
    tag = staff.get(path).headers["ETag"]
    staff.post(f"{path}/notes", {"text": "Ring twice"})
    assert staff.post(f"admin/shipments/{parcel['id']}/ship", TRACKING, HTTP_IF_MATCH=tag).status_code == 412
    assert staff.get(path).json()["shipments"] == [parcel]


def test_repeating_a_request_packs_no_second_parcel(staff: Client) -> None:
    """Even if the process died before it stored its response."""
    order = make_order((make_variant(price=inr(900_00)), 2))
    body = {"lines": line_quantities(order, 1)}
    for _ in range(2):
        response = staff.post(f"admin/orders/{order.number}/fulfil", body, HTTP_IDEMPOTENCY_KEY="pack-one")
        IdempotencyRecord.objects.all().delete()
    assert response.json()["lines"][0]["fulfilled_quantity"] == 1
    assert order.shipments.count() == 1


def test_an_idempotency_key_is_refused_with_other_lines(staff: Client) -> None:
    """Even if the process died before it stored its response: the key belongs to the body it was sent with."""
    order = make_order((make_variant(price=inr(900_00)), 3))
    path = f"admin/orders/{order.number}/fulfil"
    assert staff.post(path, {"lines": line_quantities(order, 1)}, HTTP_IDEMPOTENCY_KEY="pack-one").status_code == 200
    IdempotencyRecord.objects.all().delete()
    refused = staff.post(path, {"lines": line_quantities(order, 2)}, HTTP_IDEMPOTENCY_KEY="pack-one")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert order.shipments.count() == 1
    assert staff.get(f"admin/orders/{order.number}").json()["lines"][0]["fulfilled_quantity"] == 1
