"""Orders for staff: finding, packing, shipping, delivery, notes and cancellation."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import transaction

from noirel.catalog.models import Variant
from noirel.catalog.sellable import sellable
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.inventory.models import StockItem
from noirel.orders.lifecycle import PaymentStatus, Status
from noirel.orders.models import Order, Shipment
from noirel.orders.selectors import link_token
from noirel.orders.services.place import Buyer, place_order
from noirel.orders.services.transition import add_timeline_entry, lock_order, set_payments, transition
from noirel.pricing.quote import QuoteLine, ShippingOption, build_quote
from tests.client import Client, signed_in
from tests.make import make_staff, make_variant
from tests.shopping import ADDRESS, all_lines

pytestmark = pytest.mark.django_db


def make_order(
    *quantities: tuple[Variant, int], email: str = "ira@example.com", engraving: str = "", paid: bool = True
) -> Order:
    items = sellable([variant.sku for variant, _ in quantities])
    lines = [QuoteLine(item=items[v.sku], quantity=units, engraving=engraving) for v, units in quantities]
    standard = ShippingOption(code="standard", name="Standard", price=inr(250_00))
    with transaction.atomic():
        placed = place_order(
            build_quote(lines, shipping=standard, discount=None, currency="INR"),
            buyer=Buyer(
                user_id=None, email=email, shipping_address=ADDRESS, billing_address=ADDRESS, note="",
                gift={"wrap": False, "message": "", "hide_prices": False}, samples=[],
            ),
            shipping_method={
                "code": "standard", "name": "Standard", "price": inr(250_00).json(),
                "promise": {"earliest_on": "2026-11-25", "latest_on": "2026-11-27", "text": "Arrives soon"},
            },
            cart_id=None,
            checkout_key="",
        )  # fmt: skip
        if paid:
            order = lock_order(placed.order.pk)
            set_payments(order, payments=[], payment_status=PaymentStatus.PAID)
            transition(order, Status.PAID)
    return Order.objects.get(pk=placed.order.pk)


def numbers(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["number"] for row in response.json()["results"]]


def test_the_list_is_filtered_searched_and_sorted(staff: Client) -> None:
    encre, ambre = make_variant(price=inr(12_500_00), name="Encre"), make_variant(price=inr(900_00), name="Ambre")
    first = make_order((encre, 1), engraving="Ira")
    second = make_order((ambre, 2), email="noor@example.com", paid=False)
    assert numbers(staff.get("admin/orders")) == [second.number, first.number]
    assert numbers(staff.get("admin/orders?sort=-total")) == [first.number, second.number]
    assert numbers(staff.get("admin/orders?status=paid")) == [first.number]
    assert numbers(staff.get("admin/orders?q=noor")) == [second.number]
    assert numbers(staff.get(f"admin/orders?q={first.number.lower()}")) == [first.number]
    assert numbers(staff.get(f"admin/orders?q={ambre.sku}")) == [second.number]
    assert numbers(staff.get("admin/orders?view=to_engrave")) == [first.number]
    assert numbers(staff.get("admin/orders?placed_after=2999-01-01")) == []
    page = staff.get("admin/orders?limit=1").json()
    assert page["total"] == 2
    assert numbers(staff.get(f"admin/orders?limit=1&cursor={page['next']}")) == [first.number]
    card = staff.get("admin/orders").json()["results"][1]
    assert card["items"] == "Encre 50 ml, engraved"
    assert card["customer"] == {"name": "Ira Sen", "email": "ira@example.com"}
    for query in ("status=lost", "sort=name", "placed_after=soon"):
        assert staff.get(f"admin/orders?{query}").status_code == 400


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([1], "Encre 50 ml"),
        ([3], "3 × Encre 50 ml"),
        ([1, 1], "Encre 50 ml and 1 more item"),
        ([2, 1, 4], "2 × Encre 50 ml and 5 more items"),
    ],
)
def test_a_card_summarizes_the_first_line_and_counts_the_other_items(staff: Client, units: list[int], expected: str) -> None:
    names = ["Encre", "Ambre", "Bois"]
    make_order(
        *((make_variant(price=inr(900_00), name=name), quantities) for name, quantities in zip(names, units, strict=False))
    )
    assert staff.get("admin/orders").json()["results"][0]["items"] == expected


def test_the_list_takes_a_constant_number_of_queries(staff: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    variant = make_variant(price=inr(900_00), on_hand=20)
    for _ in range(5):
        make_order((variant, 1))
    with django_assert_num_queries(4):  # the viewer and their permissions, the count, the orders, their lines
        assert len(numbers(staff.get("admin/orders"))) == 5


def test_an_order_is_packed_in_parts_shipped_and_delivered(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1), (make_variant(price=inr(700_00)), 2))
    path = f"admin/orders/{order.number}"
    lines = staff.get(path).json()["lines"]
    partial = staff.post(f"{path}/fulfil", {"lines": [{"id": lines[1]["id"], "quantity": 1}]}).json()
    assert (partial["status"], partial["fulfilment_status"]) == ("paid", "partial")
    too_many = staff.post(f"{path}/fulfil", {"lines": [{"id": lines[1]["id"], "quantity": 2}]})
    assert (too_many.status_code, too_many.json()["code"]) == (409, "nothing_to_fulfil")
    complete = staff.post(f"{path}/fulfil", all_lines(partial)).json()
    assert (complete["status"], complete["fulfilment_status"]) == ("fulfilled", "fulfilled")
    premature = staff.post(f"{path}/deliver", {})
    assert (premature.status_code, premature.json()["code"]) == (409, "order_state")
    shipped = staff.post(f"{path}/ship", {"carrier": "Blue Dart", "tracking_number": "BD 1"}).json()
    assert [parcel["tracking_number"] for parcel in shipped["shipments"]] == ["BD 1", "BD 1"]
    delivered = staff.post(f"{path}/deliver", {}).json()
    assert delivered["status"] == "delivered"
    assert all(parcel["delivered_at"] for parcel in delivered["shipments"])
    assert staff.post(f"{path}/deliver", {}).json()["status"] == "delivered"
    assert AuditEntry.objects.filter(target=f"order:{order.number}", action="orders.ship").count() == 1


def test_packing_with_a_carrier_ships_at_once(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"admin/orders/{order.number}"
    body = {"carrier": "Blue Dart", "tracking_number": "BD 2"} | all_lines(staff.get(path).json())
    done = staff.post(f"{path}/fulfil", body).json()
    assert done["shipments"][0]["shipped_at"]
    assert done["shipments"][0]["lines"] == [{"line_id": done["lines"][0]["id"], "quantity": 1}]


def test_notes_are_visible_to_staff_only_and_a_stale_edit_is_refused(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"admin/orders/{order.number}"
    tag = staff.get(path).headers["ETag"]
    response = staff.post(f"{path}/notes", {"text": "Ring twice"}, HTTP_IF_MATCH=tag)
    assert response.status_code == 201
    assert [note["text"] for note in response.json()["notes"]] == ["Ring twice"]
    assert "Ring twice" not in [entry["message"] for entry in response.json()["timeline"]]
    assert staff.post(f"{path}/fulfil", all_lines(response.json()), HTTP_IF_MATCH=tag).status_code == 412


@pytest.mark.parametrize("body", [None, "", {}, [], {"lines": None}, {"lines": []}, {"carrier": "Blue Dart"}])
def test_a_body_without_lines_packs_nothing(staff: Client, body: Any) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"admin/orders/{order.number}"
    refused = staff.post(f"{path}/fulfil", body) if body else staff.generic("POST", f"/api/v1/{path}/fulfil", body or "")
    assert refused.status_code == 400, refused.content
    assert staff.get(path).json()["fulfilment_status"] == "unfulfilled"
    assert not Shipment.objects.exists()


def test_a_chunked_body_that_the_server_did_not_decode_is_refused(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"/api/v1/admin/orders/{order.number}/fulfil"
    refused = staff.generic("POST", path, "", HTTP_TRANSFER_ENCODING="chunked")
    assert (refused.status_code, refused.json()["code"]) == (411, "length_required")
    assert not Shipment.objects.exists()


def test_a_day_in_a_filter_is_in_the_shops_time_zone(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=9)
    with time_machine.travel("2026-11-22T18:29:59Z", tick=False):
        make_order((variant, 1))
    with time_machine.travel("2026-11-22T18:30:00Z", tick=False):  # midnight in India
        after = make_order((variant, 1))
    assert numbers(staff.get("admin/orders?placed_after=2026-11-23")) == [after.number]
    assert numbers(staff.get("admin/orders?placed_after=2026-11-23T00:00")) == [after.number]
    assert staff.get("admin/orders?placed_after=0001-01-01").status_code == 400


def test_staff_read_timeline_entries_in_the_third_person(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    messages = {
        "₹900 is going back to you.": "₹900 is going back to the buyer.",
        "Your bank has authorised the payment.": "The buyer's bank has authorised the payment.",
        "Your payment arrived late. The money is going back to you.": "The buyer's payment arrived late. "
        "The money is going back to the buyer.",
    }
    for message in messages:
        add_timeline_entry(order, "payment.late", message)
    staff.post(f"admin/orders/{order.number}/notes", {"text": "Call you back"})
    shown = [event["message"] for event in staff.get(f"admin/orders/{order.number}").json()["events"]]
    assert shown[-4:] == [*messages.values(), "Call you back"]  # notes are not changed


def test_cancelling_an_unpaid_order_releases_its_stock(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=1)
    order = make_order((variant, 1), paid=False)
    cancelled = staff.post(f"admin/orders/{order.number}/cancel", {"reason": "asked by telephone"}).json()
    assert (cancelled["status"], cancelled["can_cancel"]) == ("cancelled", False)
    assert StockItem.objects.get(pk=variant.pk).available == 1


def test_the_buyer_reads_the_reason_of_a_cancellation_and_never_the_note(staff: Client, client: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1), paid=False)
    body = {"reason": "out of stock", "note": "Perhaps fraud."}
    cancelled = staff.post(f"admin/orders/{order.number}/cancel", body).json()
    assert [note["text"] for note in cancelled["notes"]] == ["Perhaps fraud."]
    token = link_token(Order.objects.get(pk=order.pk))
    read = client.get(f"orders/{order.number}?token={token}")
    assert "Order cancelled: out of stock" in [entry["message"] for entry in read.json()["timeline"]]
    assert "fraud" not in read.content.decode()
    assert AuditEntry.objects.get(action="orders.cancel").after == {
        "status": "cancelled", "reason": "out of stock", "note": "Perhaps fraud.",
    }  # fmt: skip


def test_the_history_names_staff_by_their_names(db: None) -> None:
    named = signed_in(make_staff(name="Ira Menon"))
    order = make_order((make_variant(price=inr(900_00)), 1))
    named.post(f"admin/orders/{order.number}/notes", {"text": "Called."})
    read = named.get(f"admin/orders/{order.number}").json()
    assert (read["notes"][0]["author"], read["events"][-1]["actor"]) == ("Ira Menon", "Ira Menon")


def test_a_partly_sent_order_can_not_be_cancelled(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00), on_hand=2), 2))
    line = order.lines.get()
    staff.post(f"admin/orders/{order.number}/fulfil", {"lines": [{"id": str(line.pk), "quantity": 1}]})
    refused = staff.post(f"admin/orders/{order.number}/cancel", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "refund_needed")


def test_only_staff_may_use_the_staff_endpoints(client: Client, shopper: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    for path in ("admin/orders", f"admin/orders/{order.number}"):
        assert (client.get(path).status_code, shopper.get(path).status_code) == (401, 403)
    assert shopper.post(f"admin/orders/{order.number}/fulfil", {}).status_code == 403
    assert shopper.get(f"orders/{order.number}").status_code == 404


def test_a_shopper_sees_only_their_own_orders(shopper: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    assert shopper.user is not None
    variant = make_variant(price=inr(900_00))
    own, _ = make_order((variant, 2)), make_order((variant, 1))
    Order.objects.filter(pk=own.pk).update(user=shopper.user)
    with django_assert_num_queries(4):
        assert numbers(shopper.get("me/orders")) == [own.number]
    assert shopper.get(f"orders/{own.number}").json()["lines"][0]["quantity"] == 2


def test_lookup_does_not_disclose_whether_an_order_exists(client: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    existing = client.post("orders/lookup", {"number": order.number, "email": "IRA@example.com"})
    query = client.post("orders/lookup", {"number": "NE-00000000", "email": "ira@example.com"})
    assert (existing.status_code, existing.content) == (query.status_code, query.content) == (202, existing.content)
