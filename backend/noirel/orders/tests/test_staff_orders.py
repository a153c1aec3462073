"""Orders at the packing table: found, packed, shipped, delivered, noted."""

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
from noirel.orders.services.place import Buyer, place_order
from noirel.orders.services.transition import add_timeline_entry, lock_order, set_payments, transition
from noirel.pricing.quote import QuoteLine, ShippingOption, build_quote
from tests.client import Client
from tests.make import make_variant
from tests.shopping import ADDRESS, all_lines

pytestmark = pytest.mark.django_db


def make_order(*wanted: tuple[Variant, int], email: str = "ira@example.com", engraving: str = "", paid: bool = True) -> Order:
    items = sellable([variant.sku for variant, _ in wanted])
    lines = [QuoteLine(item=items[v.sku], quantity=units, engraving=engraving) for v, units in wanted]
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


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


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
    for wrong in ("status=lost", "sort=name", "placed_after=soon"):
        assert staff.get(f"admin/orders?{wrong}").status_code == 400


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ([1], "Encre 50 ml"),
        ([3], "3 × Encre 50 ml"),
        ([1, 1], "Encre 50 ml and 1 more item"),
        ([2, 1, 4], "2 × Encre 50 ml and 5 more items"),
    ],
)
def test_a_card_says_how_many_of_the_first_thing_and_how_many_others(staff: Client, units: list[int], words: str) -> None:
    names = ["Encre", "Ambre", "Bois"]
    make_order(*((make_variant(price=inr(900_00), name=name), wanted) for name, wanted in zip(names, units, strict=False)))
    assert staff.get("admin/orders").json()["results"][0]["items"] == words


def test_the_list_costs_the_same_however_many_orders(staff: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    variant = make_variant(price=inr(900_00), on_hand=20)
    for _ in range(5):
        make_order((variant, 1))
    with django_assert_num_queries(4):  # who asks and what they may, how many, the orders, their lines
        assert len(numbers(staff.get("admin/orders"))) == 5


def test_an_order_goes_from_the_table_to_the_door(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1), (make_variant(price=inr(700_00)), 2))
    path = f"admin/orders/{order.number}"
    lines = staff.get(path).json()["lines"]
    part = staff.post(f"{path}/fulfil", {"lines": [{"id": lines[1]["id"], "quantity": 1}]}).json()
    assert (part["status"], part["fulfilment_status"]) == ("paid", "partial")
    too_many = staff.post(f"{path}/fulfil", {"lines": [{"id": lines[1]["id"], "quantity": 2}]})
    assert (too_many.status_code, too_many.json()["code"]) == (409, "nothing_to_fulfil")
    whole = staff.post(f"{path}/fulfil", all_lines(part)).json()
    assert (whole["status"], whole["fulfilment_status"]) == ("fulfilled", "fulfilled")
    early = staff.post(f"{path}/deliver", {})
    assert (early.status_code, early.json()["code"]) == (409, "order_state")
    shipped = staff.post(f"{path}/ship", {"carrier": "Blue Dart", "tracking_number": "BD 1"}).json()
    assert [parcel["tracking_number"] for parcel in shipped["shipments"]] == ["BD 1", "BD 1"]
    delivered = staff.post(f"{path}/deliver", {}).json()
    assert delivered["status"] == "delivered"
    assert all(parcel["delivered_at"] for parcel in delivered["shipments"])
    assert staff.post(f"{path}/deliver", {}).json()["status"] == "delivered"
    assert AuditEntry.objects.filter(target=f"order:{order.number}", action="orders.ship").count() == 1


def test_fulfil_with_a_carrier_ships_at_once(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"admin/orders/{order.number}"
    body = {"carrier": "Blue Dart", "tracking_number": "BD 2"} | all_lines(staff.get(path).json())
    done = staff.post(f"{path}/fulfil", body).json()
    assert done["shipments"][0]["shipped_at"]
    assert done["shipments"][0]["lines"] == [{"line_id": done["lines"][0]["id"], "quantity": 1}]


def test_notes_are_for_staff_and_a_stale_edit_is_refused(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    path = f"admin/orders/{order.number}"
    tag = staff.get(path).headers["ETag"]
    noted = staff.post(f"{path}/notes", {"text": "Ring twice"}, HTTP_IF_MATCH=tag)
    assert noted.status_code == 201
    assert [note["text"] for note in noted.json()["notes"]] == ["Ring twice"]
    assert "Ring twice" not in [entry["message"] for entry in noted.json()["timeline"]]
    assert staff.post(f"{path}/fulfil", all_lines(noted.json()), HTTP_IF_MATCH=tag).status_code == 412


@pytest.mark.parametrize("body", [None, "", {}, [], {"lines": None}, {"lines": []}, {"carrier": "Blue Dart"}])
def test_a_body_without_lines_sends_nothing(staff: Client, body: Any) -> None:
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


def test_a_day_in_a_filter_is_the_shops_day(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=9)
    with time_machine.travel("2026-11-22T18:29:59Z", tick=False):
        make_order((variant, 1))
    with time_machine.travel("2026-11-22T18:30:00Z", tick=False):  # midnight in India
        after = make_order((variant, 1))
    assert numbers(staff.get("admin/orders?placed_after=2026-11-23")) == [after.number]
    assert numbers(staff.get("admin/orders?placed_after=2026-11-23T00:00")) == [after.number]
    assert staff.get("admin/orders?placed_after=0001-01-01").status_code == 400


def test_staff_are_not_addressed_as_the_buyer(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    told = {
        "₹900 is going back to you.": "₹900 is going back to the buyer.",
        "Your bank has set the sum aside.": "The buyer's bank has set the sum aside.",
        "Your payment arrived late. The money is going back to you.": "The buyer's payment arrived late. "
        "The money is going back to the buyer.",
    }
    for message in told:
        add_timeline_entry(order, "payment.late", message)
    staff.post(f"admin/orders/{order.number}/notes", {"text": "Call you back"})
    read = [event["message"] for event in staff.get(f"admin/orders/{order.number}").json()["events"]]
    assert read[-4:] == [*told.values(), "Call you back"]  # what a person wrote stays


def test_staff_cancel_what_is_unpaid_and_the_stock_is_free(staff: Client) -> None:
    variant = make_variant(price=inr(900_00), on_hand=1)
    order = make_order((variant, 1), paid=False)
    cancelled = staff.post(f"admin/orders/{order.number}/cancel", {"reason": "asked by telephone"}).json()
    assert (cancelled["status"], cancelled["can_cancel"]) == ("cancelled", False)
    assert StockItem.objects.get(pk=variant.pk).available == 1


def test_what_was_sent_in_part_is_not_cancelled(staff: Client) -> None:
    order = make_order((make_variant(price=inr(900_00), on_hand=2), 2))
    line = order.lines.get()
    staff.post(f"admin/orders/{order.number}/fulfil", {"lines": [{"id": str(line.pk), "quantity": 1}]})
    refused = staff.post(f"admin/orders/{order.number}/cancel", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "refund_needed")


def test_who_is_not_staff_may_nothing(client: Client, shopper: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    for path in ("admin/orders", f"admin/orders/{order.number}"):
        assert (client.get(path).status_code, shopper.get(path).status_code) == (401, 403)
    assert shopper.post(f"admin/orders/{order.number}/fulfil", {}).status_code == 403
    assert shopper.get(f"orders/{order.number}").status_code == 404


def test_a_shopper_sees_their_own_orders(shopper: Client, django_assert_num_queries: Callable[..., Any]) -> None:
    assert shopper.user is not None
    variant = make_variant(price=inr(900_00))
    mine, _ = make_order((variant, 2)), make_order((variant, 1))
    Order.objects.filter(pk=mine.pk).update(user=shopper.user)
    with django_assert_num_queries(4):
        assert numbers(shopper.get("me/orders")) == [mine.number]
    assert shopper.get(f"orders/{mine.number}").json()["lines"][0]["quantity"] == 2


def test_lookup_answers_the_same_whether_or_not_there_is_one(client: Client) -> None:
    order = make_order((make_variant(price=inr(900_00)), 1))
    right = client.post("orders/lookup", {"number": order.number, "email": "IRA@example.com"})
    wrong = client.post("orders/lookup", {"number": "NE-00000000", "email": "ira@example.com"})
    assert (right.status_code, right.content) == (wrong.status_code, wrong.content) == (202, right.content)
