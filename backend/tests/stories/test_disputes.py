"""Disputes: a task with a deadline, at most one loss, and no refund beside it by mistake."""

import itertools
import json
import uuid
from typing import Any

import pytest

from noirel.core.domain.money import inr
from noirel.ledger.accounts import Account
from noirel.ledger.models import Entry
from noirel.ledger.selectors import balances
from noirel.orders.models import OrderEvent
from noirel.payments import jobs
from noirel.payments.lifecycle import DisputeUpdate
from noirel.payments.models import Dispute, GatewayEvent, Refund, UnmatchedPayment
from noirel.payments.services.apply_dispute_update import apply_dispute_update
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import LocalGateway, Shopper, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 1_000_00


@pytest.fixture
def paid(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """A paid order of two units."""
    variant = make_variant(price=inr(PRICE), on_hand=5)
    placed = guest.buy((variant.sku, 2))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).status_code == 200
    return placed | {"pay": payment_result["razorpay_payment_id"]}


def refund(staff: Client, placed: dict[str, Any], **body: Any) -> Any:
    path = f"admin/orders/{placed['order']['number']}/refund"
    return staff.post(path, {"reason": "asked"} | body, **with_key(str(uuid.uuid4())))


def events_of(gateway: LocalGateway, name: str) -> list[dict[str, Any]]:
    return [event for event in gateway.state()["webhooks"] if event["event"] == name]


def loss_entries(amount: int) -> list[Entry]:
    return list(Entry.objects.filter(kind="dispute_lost", postings__disputes=amount))


def test_a_dispute_is_shown_with_its_deadline_and_a_loss_is_booked_once_in_any_order(
    staff: Client, guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.fault("webhook", "hold", times=None)
    dispute = gateway.door(f"payments/{paid['pay']}/dispute", reason="not_as_described")
    gateway.door(f"disputes/{dispute['id']}/under_review")
    gateway.door(f"disputes/{dispute['id']}/lost")
    # In reverse order, and then all events again.
    for order in ("reversed", "created"):
        gateway.door("webhooks/replay", order=order)
        wait_until(lambda: all(event["state"] == "delivered" for event in gateway.state()["webhooks"]))
    wait_until(lambda: not GatewayEvent.objects.filter(applied_at=None).exists())
    row, total = Dispute.objects.get(), paid["order"]["totals"]["total"]["amount"]
    assert (row.status, row.amount_deducted, row.reason_code) == ("lost", total, "not_as_described")
    assert row.respond_by is not None
    assert row.respond_by.timestamp() == dispute["respond_by"]
    assert len(loss_entries(total)) == 1
    assert balances()[(Account.DISPUTES, "INR")] == total
    staff_order = staff.get(f"admin/orders/{paid['order']['number']}").json()
    assert [(entry["id"], entry["status"]) for entry in staff_order["disputes"]] == [(dispute["id"], "lost")]
    assert OrderEvent.objects.filter(type="dispute.lost").count() == 1
    assert not OrderEvent.objects.filter(type__startswith="dispute.", is_public=True).exists()
    # The buyer sees that the bank took the money, but no details of the dispute.
    buyers_view = guest.order(paid)
    assert (buyers_view["payment"]["dispute_status"], buyers_view["payment"]["taken_back"]["amount"]) == ("lost", total)
    assert not any(secret in json.dumps(buyers_view) for secret in (dispute["id"], "not_as_described", "dispute."))


def test_refunding_a_disputed_payment_requires_force(
    staff: Client, guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    dispute = gateway.door(f"payments/{paid['pay']}/dispute", amount=PRICE)
    wait_until(Dispute.objects.exists)
    refused = refund(staff, paid, amount={"amount": PRICE, "currency": "INR"})
    assert (refused.status_code, refused.json()["code"]) == (409, "dispute_open")
    assert refused.json()["disputes"] == [dispute["id"]]
    cancelled = staff.post(f"admin/orders/{paid['order']['number']}/cancel", {"reason": "asked"})
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "dispute_open")
    assert guest.order(paid)["status"] == "paid"
    assert not Refund.objects.exists()
    assert refund(staff, paid, amount={"amount": PRICE, "currency": "INR"}, force=True).status_code == 201
    gateway.door(f"disputes/{dispute['id']}/won")
    wait_until(lambda: Dispute.objects.get().status == "won")
    assert refund(staff, paid).status_code == 201
    assert not loss_entries(PRICE)


def test_money_lost_to_a_dispute_can_not_be_refunded(staff: Client, paid: dict[str, Any], gateway: LocalGateway) -> None:
    dispute = gateway.door(f"payments/{paid['pay']}/dispute")
    gateway.door(f"disputes/{dispute['id']}/lost")
    wait_until(lambda: Dispute.objects.filter(status="lost").exists())
    assert refund(staff, paid).json()["code"] == "dispute_lost"
    assert gateway.state()["refunds"] == []


def test_a_disputed_unmatched_payment_is_not_refunded_while_the_dispute_is_open(
    guest: Shopper, gateway: LocalGateway, paid: dict[str, Any]
) -> None:
    second = gateway.pay(paid["payment"]["gateway_order_id"], second=True)["razorpay_payment_id"]
    wait_until(UnmatchedPayment.objects.exists)
    dispute = gateway.door(f"payments/{second}/dispute")
    wait_until(Dispute.objects.exists)
    jobs.refund_unmatched_payments()
    assert gateway.state()["refunds"] == []
    gateway.door(f"disputes/{dispute['id']}/closed")
    wait_until(lambda: Dispute.objects.get().status == "closed")
    jobs.refund_unmatched_payments()
    wait_until(lambda: Refund.objects.filter(status="processed").exists())
    assert [entry["payment_id"] for entry in gateway.state()["refunds"]] == [second]


def test_a_dispute_reported_before_its_payment_is_applied_later(guest: Shopper, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=5)
    placed = guest.buy((variant.sku, 1))
    gateway.fault("webhook", "hold", event="payment.authorized")
    gateway.fault("webhook", "hold", event="payment.captured")
    gateway.fault("webhook", "hold", event="order.paid")
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.door(f"payments/{payment_result['razorpay_payment_id']}/dispute")
    wait_until(lambda: GatewayEvent.objects.filter(name="payment.dispute.created").exists())
    assert not Dispute.objects.exists()
    guest.verify(placed, payment_result)
    GatewayEvent.objects.filter(applied_at=None).update(retry_at="2020-01-01T00:00:00Z")
    jobs.retry_webhooks()
    assert Dispute.objects.get().order_id is not None


@pytest.mark.parametrize("steps", list(itertools.permutations([("open", 1), ("under_review", 2), ("open", 3), ("lost", 4)])))
def test_dispute_updates_in_any_order_have_the_same_result(paid: dict[str, Any], steps: tuple[tuple[str, int], ...]) -> None:
    for status, at in [*steps, *steps]:
        update = DisputeUpdate("disp_1", paid["pay"], PRICE, "INR", status, respond_by=1_900_000_000 + at, at=at)
        assert apply_dispute_update(update, source="test") is not None
    row = Dispute.objects.get()
    assert (row.status, row.amount_deducted) == ("lost", PRICE)
    assert len(loss_entries(PRICE)) == 1


def test_the_latest_update_of_an_undecided_dispute_counts(paid: dict[str, Any]) -> None:
    for status, at in [("open", 1), ("under_review", 5), ("open", 3), ("open", 9), ("under_review", 7)]:
        apply_dispute_update(
            DisputeUpdate("disp_1", paid["pay"], PRICE, "INR", status, respond_by=2_000 + at, at=at), source="test"
        )
    row = Dispute.objects.get()
    assert (row.status, row.respond_by.timestamp() if row.respond_by else 0) == ("open", 2_009)


def test_settlements_are_reduced_by_lost_disputes(paid: dict[str, Any], gateway: LocalGateway) -> None:
    dispute = gateway.door(f"payments/{paid['pay']}/dispute", amount=PRICE)
    gateway.door(f"disputes/{dispute['id']}/lost")
    wait_until(lambda: Dispute.objects.filter(status="lost").exists())
    settled = gateway.door("settlements")
    assert settled["amount"] == balances()[(Account.GATEWAY, "INR")]
    assert json.loads(events_of(gateway, "payment.dispute.lost")[0]["body"])["payload"]["dispute"]["entity"]["status"] == "lost"


@pytest.mark.parametrize("share", [100, 30])
def test_a_dispute_lost_over_an_unmatched_payment_is_no_loss_and_leaves_the_review_queue(
    guest: Shopper, staff: Client, gateway: LocalGateway, share: int
) -> None:
    """An order was paid twice, and the buyer's bank takes (part of) the second payment before it is refunded."""
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=1).sku, 1))
    first = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, first).json()["status"] == "paid"
    second = gateway.pay(placed["payment"]["gateway_order_id"], second=True)["razorpay_payment_id"]
    wait_until(UnmatchedPayment.objects.exists)
    total = placed["order"]["totals"]["total"]["amount"]
    disputed_amount = total * share // 100
    dispute = gateway.door(f"payments/{second}/dispute", amount=disputed_amount)
    gateway.door(f"disputes/{dispute['id']}/lost")
    wait_until(lambda: Dispute.objects.filter(status="lost").exists())
    jobs.refund_unmatched_payments()
    if disputed_amount < total:
        wait_until(lambda: UnmatchedPayment.objects.get().fate == "returned")
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.fate, unmatched.disputed_amount, unmatched.refunded_amount, unmatched.remaining_amount) == (
        "returned",
        disputed_amount,
        total - disputed_amount,
        0,
    )
    assert [refund["amount"] for refund in gateway.state()["refunds"]] == (
        [total - disputed_amount] if disputed_amount < total else []
    )
    assert balances().get((Account.UNMATCHED, "INR"), 0) == balances().get((Account.DISPUTES, "INR"), 0) == 0
    assert [item for item in staff.get("admin/desk").json()["results"] if item["kind"] != "dispute"] == []
    assert guest.order(placed)["payment_status"] == "paid"
