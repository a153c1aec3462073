"""Orders with a disputed payment: what staff may do while the dispute is open and after it has ended."""

import uuid
from typing import Any

import pytest
from django.core import mail

from noirel.backoffice.audit import run_checks
from noirel.core import events
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry
from noirel.inventory.models import StockItem
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.lifecycle import DisputeUpdate
from noirel.payments.models import Dispute, Refund
from noirel.payments.services.apply_dispute_update import apply_dispute_update
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper, all_lines, order_path

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 1_000_00
PARCEL = {"carrier": "Blue Dart", "tracking_number": "BD1"}


@pytest.fixture
def paid(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """A paid order of three units."""
    gateway.without_webhooks()
    variant = make_variant(price=inr(PRICE), on_hand=5)
    placed = guest.buy((variant.sku, 3))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).status_code == 200
    total = placed["order"]["totals"]["total"]["amount"]
    return placed | {"pay": payment_result["razorpay_payment_id"], "variant": variant.pk, "total": total}


def dispute(paid: dict[str, Any], status: str, *, amount: int = 0, at: int = 1) -> None:
    fact = DisputeUpdate("disp_1", paid["pay"], amount or paid["total"], "INR", status, reason_code="fraud", at=at)
    assert apply_dispute_update(fact, source="test") is not None


def order_action(staff: Client, paid: dict[str, Any], action: str, **body: Any) -> Any:
    body = (all_lines(paid["order"]) if action == "fulfil" else {}) | body
    return staff.post(f"admin/orders/{paid['order']['number']}/{action}", body, **with_key(str(uuid.uuid4())))


def available(paid: dict[str, Any]) -> int:
    return int(StockItem.objects.get(pk=paid["variant"]).available)


def numbers_in_view(staff: Client, view: str) -> list[str]:
    return [row["number"] for row in staff.get(f"admin/orders?view={view}").json()["results"]]


def of_one_unit(paid: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": paid["order"]["lines"][0]["id"], "quantity": 1}]


def test_a_disputed_order_is_marked_and_not_packed_without_force(staff: Client, guest: Shopper, paid: dict[str, Any]) -> None:
    number = paid["order"]["number"]
    assert (numbers_in_view(staff, "unfulfilled"), numbers_in_view(staff, "disputed")) == ([number], [])
    dispute(paid, "open")
    shown = staff.get(f"admin/orders/{number}").json()
    assert (shown["dispute_status"], shown["payment_status"]) == ("open", "paid")
    assert [row["dispute_status"] for row in staff.get("admin/orders").json()["results"]] == ["open"]
    assert (numbers_in_view(staff, "unfulfilled"), numbers_in_view(staff, "disputed")) == ([], [number])
    for action, body in (("fulfil", {}), ("ship", PARCEL | {"lines": of_one_unit(paid)}), ("cancel", {"reason": "asked"})):
        refused = order_action(staff, paid, action, **body)
        assert (refused.status_code, refused.json()["code"], refused.json()["disputes"]) == (409, "dispute_open", ["disp_1"])
        assert "is reviewing a dispute" in refused.json()["detail"]
    assert not guest.order(paid)["can_cancel"]
    refused = guest.call("POST", order_path(paid, "/cancel"), {})
    assert (refused.status_code, refused.json()["code"]) == (409, "dispute_open")
    assert Order.objects.get().fulfilment_status == "unfulfilled"
    assert order_action(staff, paid, "fulfil", force=True, **PARCEL).json()["status"] == "fulfilled"


@pytest.mark.parametrize("end", ["won", "closed"])
def test_an_order_whose_dispute_was_won_is_processed_as_before(staff: Client, paid: dict[str, Any], end: str) -> None:
    dispute(paid, "open")
    dispute(paid, end, at=2)
    assert (numbers_in_view(staff, "unfulfilled"), numbers_in_view(staff, "disputed")) == ([paid["order"]["number"]], [])
    sent = order_action(staff, paid, "fulfil", **PARCEL)
    assert (sent.json()["status"], sent.json()["dispute_status"]) == ("fulfilled", "won")
    assert sent.json()["refundable"]["amount"] == paid["total"]


def test_an_unsent_order_that_lost_its_dispute_can_only_be_cancelled_which_releases_its_stock(
    staff: Client, staff_as: Any, guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    dispute(paid, "open")
    dispute(paid, "lost", at=2)
    number = paid["order"]["number"]
    shown = staff.get(f"admin/orders/{number}").json()
    assert (shown["dispute_status"], shown["refundable"]["amount"]) == ("lost", 0)
    assert (numbers_in_view(staff, "unfulfilled"), numbers_in_view(staff, "disputed")) == ([], [number])
    for is_forced in (False, True):
        refused = order_action(staff, paid, "fulfil", force=is_forced)
        assert (refused.status_code, refused.json()["code"]) == (409, "dispute_lost")
        assert refused.json()["detail"].startswith("The buyer's bank has taken ₹3,")
        refused = order_action(staff, paid, "refund", reason="asked", force=is_forced)
        assert (refused.status_code, refused.json()["code"]) == (409, "dispute_lost")
        assert refused.json()["detail"].endswith("Nothing is left to refund.")
    assert available(paid) == 2
    # No money moves: whoever may edit orders may close it.
    cancelled = order_action(staff_as("packer"), paid, "cancel", reason="chargeback")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled"), cancelled.content
    assert available(paid) == 5
    assert not Refund.objects.exists()
    assert gateway.state()["refunds"] == []
    assert numbers_in_view(staff, "disputed") == []
    assert balances()[(Account.DISPUTES, "INR")] == paid["total"]
    events.deliver_due()
    assert mail.outbox[-1].subject == f"Order {number} is cancelled"
    assert "Your bank has returned" in str(mail.outbox[-1].body)
    payment_result = guest.order(paid)
    assert (payment_result["status"], payment_result["payment"]["taken_back"]["amount"]) == ("cancelled", paid["total"])


def test_cancelling_an_unsent_order_refunds_what_the_bank_has_left(
    staff: Client, staff_as: Any, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    dispute(paid, "lost", amount=PRICE)
    read = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert read["refundable"]["amount"] == paid["total"] - PRICE
    # Cancelling would send back what is left: it isn't advised as a way to release stock.
    assert read["events"][-1]["message"].endswith("is left. Send the order, or cancel it and refund the rest.")
    too_much = order_action(staff, paid, "refund", reason="asked", amount={"amount": paid["total"], "currency": "INR"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_too_large")
    assert order_action(staff, paid, "fulfil").json()["code"] == "dispute_lost"
    assert order_action(staff_as("packer"), paid, "cancel", reason="asked").status_code == 403
    assert order_action(staff, paid, "cancel", reason="asked").json()["status"] == "cancelled"
    jobs.process_refunds()
    assert [refund["amount"] for refund in gateway.state()["refunds"]] == [paid["total"] - PRICE]
    assert available(paid) == 5


def test_a_rest_below_the_gateways_minimum_does_not_prevent_cancellation(staff: Client, paid: dict[str, Any]) -> None:
    dispute(paid, "lost", amount=paid["total"] - 99)
    assert order_action(staff, paid, "cancel", reason="asked").json()["status"] == "cancelled"
    assert (Refund.objects.exists(), available(paid)) == (False, 5)


def test_an_order_that_lost_part_of_its_payment_can_be_sent_with_force(staff: Client, paid: dict[str, Any]) -> None:
    dispute(paid, "lost", amount=PRICE)
    assert order_action(staff, paid, "fulfil", force=True, **PARCEL).json()["status"] == "fulfilled"


def test_a_partly_sent_order_that_lost_its_payment_ends_with_what_was_sent(staff: Client, paid: dict[str, Any]) -> None:
    assert order_action(staff, paid, "ship", lines=of_one_unit(paid), **PARCEL).json()["fulfilment_status"] == "partial"
    assert order_action(staff, paid, "cancel", reason="asked").json()["code"] == "refund_needed"
    dispute(paid, "lost")
    ended = order_action(staff, paid, "cancel", reason="chargeback").json()
    assert (ended["status"], ended["fulfilment_status"]) == ("fulfilled", "fulfilled")
    assert ended["lines"][0]["cancelled_quantity"] == 2
    assert (available(paid), Refund.objects.exists()) == (4, False)
    assert numbers_in_view(staff, "disputed") == []
    assert order_action(staff, paid, "deliver").json()["status"] == "delivered"


def test_unsent_units_of_a_partly_lost_order_are_refunded_up_to_what_is_left(
    staff: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    order_action(staff, paid, "ship", lines=of_one_unit(paid), **PARCEL)
    dispute(paid, "lost", amount=paid["total"] - PRICE - 500_00)
    assert order_action(staff, paid, "cancel", reason="asked").json()["status"] == "fulfilled"
    jobs.process_refunds()
    assert [refund["amount"] for refund in gateway.state()["refunds"]] == [PRICE + 500_00]
    assert available(paid) == 4


def test_what_was_sent_before_a_dispute_was_lost_is_written_off(staff: Client, paid: dict[str, Any]) -> None:
    order_action(staff, paid, "fulfil", **PARCEL)
    dispute(paid, "lost")
    assert OrderEvent.objects.get(type="dispute.lost").message.endswith("What was sent is written off.")
    assert numbers_in_view(staff, "disputed") == []  # nothing is left to do
    assert order_action(staff, paid, "cancel", reason="asked").json()["code"] == "order_state"
    assert order_action(staff, paid, "deliver").json()["status"] == "delivered"
    assert (available(paid), balances()[(Account.DISPUTES, "INR")]) == (2, paid["total"])


def test_an_order_shown_as_of_an_earlier_moment_has_no_later_dispute(staff: Client, paid: dict[str, Any]) -> None:
    before = OrderEvent.objects.latest("id").at
    dispute(paid, "lost")
    then = staff.get(f"admin/orders/{paid['order']['number']}", {"at": before.isoformat()}).json()
    assert (then["dispute_status"], then["refundable"]["amount"]) == ("none", paid["total"])


@pytest.mark.unproved
def test_the_audit_reports_an_order_without_its_dispute(paid: dict[str, Any]) -> None:
    dispute(paid, "lost")
    Order.objects.update(dispute_status="none")
    (found,) = [finding for finding in run_checks() if finding.check == "orders.disputes"]
    assert found.detail == "dispute status none, its disputes say lost"


def test_a_dispute_known_before_its_order_is_assigned_to_the_order_later(paid: dict[str, Any]) -> None:
    dispute(paid, "open")
    Dispute.objects.update(order=None, payment=None)
    dispute(paid, "lost", at=2)
    assert Dispute.objects.get().order == Order.objects.get()
    assert Order.objects.get().dispute_status == "lost"


def parcel_of(staff: Client, paid: dict[str, Any]) -> str:
    (parcel,) = staff.get(f"admin/orders/{paid['order']['number']}").json()["shipments"]
    return f"admin/shipments/{parcel['id']}"


def test_a_packed_parcel_of_a_disputed_order_does_not_ship_without_force(staff: Client, paid: dict[str, Any]) -> None:
    assert order_action(staff, paid, "fulfil").json()["status"] == "fulfilled"
    parcel = parcel_of(staff, paid)
    dispute(paid, "open")
    for refused in (staff.post(f"{parcel}/ship", PARCEL), order_action(staff, paid, "ship", **PARCEL)):
        assert (refused.status_code, refused.json()["code"], refused.json()["disputes"]) == (409, "dispute_open", ["disp_1"])
    assert StockItem.objects.get().on_hand == 5
    assert staff.post(f"{parcel}/ship", PARCEL | {"force": True}).json()["shipments"][0]["status"] == "in_transit"
    # What has left is corrected freely: nothing more leaves.
    assert staff.post(f"{parcel}/ship", PARCEL | {"tracking_number": "BD2"}).status_code == 200


def test_a_packed_parcel_whose_payment_was_lost_can_be_unpacked_and_its_order_cancelled(
    staff: Client, staff_as: Any, paid: dict[str, Any]
) -> None:
    order_action(staff, paid, "fulfil")
    parcel = parcel_of(staff, paid)
    dispute(paid, "lost")
    assert numbers_in_view(staff, "disputed") == [paid["order"]["number"]]
    for is_forced in (False, True):
        refused = staff.post(f"{parcel}/ship", PARCEL | {"force": is_forced})
        assert (refused.status_code, refused.json()["code"]) == (409, "dispute_lost")
        assert refused.json()["detail"].endswith("Unpack it, then cancel it to release its stock.")
    stock = StockItem.objects.get()
    before = (stock.on_hand, stock.committed, stock.available)
    for _ in range(2):
        unpacked = staff_as("packer").post(f"{parcel}/unpack", {}).json()
        assert (unpacked["status"], unpacked["fulfilment_status"], unpacked["shipments"]) == ("paid", "unfulfilled", [])
    stock.refresh_from_db()
    assert (stock.on_hand, stock.committed, stock.available) == before == (5, 3, 2)
    entry = AuditEntry.objects.get(action="orders.unpack")
    assert entry.after is not None
    assert entry.after["lines"] == [{"sku": paid["order"]["lines"][0]["sku"], "quantity": 3}]
    assert [event["type"] for event in unpacked["events"]].count("order.unpacked") == 1
    assert order_action(staff, paid, "cancel", reason="chargeback").json()["status"] == "cancelled"
    stock.refresh_from_db()
    assert (stock.on_hand, stock.committed, stock.available) == (5, 0, 5)


def test_a_partly_sent_order_is_not_cancelled_while_a_packed_parcel_waits(staff: Client, paid: dict[str, Any]) -> None:
    order_action(staff, paid, "ship", lines=of_one_unit(paid), **PARCEL)
    packed = order_action(staff, paid, "fulfil", lines=of_one_unit(paid)).json()["shipments"][1]
    dispute(paid, "lost")
    refused = order_action(staff, paid, "cancel", reason="chargeback")
    assert (refused.status_code, refused.json()["detail"]) == (409, "A packed parcel has not shipped. Unpack it first.")
    assert staff.post(f"admin/shipments/{packed['id']}/unpack", {}).json()["fulfilment_status"] == "partial"
    assert order_action(staff, paid, "cancel", reason="chargeback").json()["status"] == "fulfilled"
    assert available(paid) == 4


def test_unpacked_units_can_be_packed_again_and_a_shipped_parcel_not_unpacked(staff: Client, paid: dict[str, Any]) -> None:
    order_action(staff, paid, "fulfil")
    assert staff.post(f"{parcel_of(staff, paid)}/unpack", {}).json()["lines"][0]["fulfilled_quantity"] == 0
    assert order_action(staff, paid, "fulfil", **PARCEL).json()["status"] == "fulfilled"
    refused = staff.post(f"{parcel_of(staff, paid)}/unpack", {})
    assert (refused.status_code, refused.json()["detail"]) == (409, "This parcel has left already.")
    assert order_action(staff, paid, "deliver").json()["status"] == "delivered"


def test_a_partly_sent_order_is_completed_when_its_rest_is_refunded_by_line(staff: Client, paid: dict[str, Any]) -> None:
    order_action(staff, paid, "ship", lines=of_one_unit(paid), **PARCEL)
    for _ in range(2):
        answer = order_action(staff, paid, "refund", lines=of_one_unit(paid), reason="asked", restock=True)
        assert answer.status_code == 201, answer.content
    shown = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert (shown["status"], shown["fulfilment_status"]) == ("fulfilled", "fulfilled")
    assert order_action(staff, paid, "deliver").json()["status"] == "delivered"
    assert available(paid) == 4


def test_an_order_whose_only_parcel_was_delivered_is_completed_when_its_rest_is_refunded(
    staff: Client, paid: dict[str, Any]
) -> None:
    order_action(staff, paid, "ship", lines=of_one_unit(paid), **PARCEL)
    staff.post(f"{parcel_of(staff, paid)}/deliver", {})
    two = [of_one_unit(paid)[0] | {"quantity": 2}]
    assert order_action(staff, paid, "refund", lines=two, reason="asked", restock=True).json()["status"] == "delivered"
