"""Disputes, and events of another account."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import razorpay  # type: ignore[import-untyped]

from gateway.signatures import sign
from gateway.tests.conftest import WEBHOOK_SECRET, Gateway, Shop


def paid(gateway: Gateway) -> str:
    return str(gateway.door(f"orders/{gateway.order()['id']}/pay", outcome="success")["razorpay_payment_id"])


def test_a_dispute_takes_money_only_when_it_is_lost(gateway: Gateway, shop: Shop) -> None:
    payment = paid(gateway)
    shop.wait_for(3)
    dispute = gateway.door(f"payments/{payment}/dispute", amount=20_000, respond_within=60)
    assert (dispute["status"], dispute["amount"], dispute["amount_deducted"]) == ("open", 20_000, 0)
    assert dispute["respond_by"] == dispute["created_at"] + 60
    for act, status in (("under_review", "under_review"), ("action_required", "open"), ("lost", "lost")):
        assert gateway.door(f"disputes/{dispute['id']}/{act}")["status"] == status
    assert "has ended" in gateway.door(f"disputes/{dispute['id']}/won")["error"]["description"]
    assert gateway.client.dispute.fetch(dispute["id"])["amount_deducted"] == 20_000
    events = shop.wait_for(7)[3:]
    assert {event["event"].rpartition(".")[2] for event in events} == {
        "created", "under_review", "action_required", "lost",
    }  # fmt: skip
    assert all(event["contains"] == ["payment", "dispute"] for event in events)
    assert gateway.door("settlements")["amount"] == 50_000 - 1_180 - 20_000


def test_a_lost_dispute_is_an_adjustment_in_the_days_books(gateway: Gateway) -> None:
    payment = paid(gateway)
    dispute = gateway.door(f"payments/{payment}/dispute")
    gateway.door(f"disputes/{dispute['id']}/lost")
    settlement = gateway.door("settlements")
    day = datetime.fromtimestamp(settlement["created_at"], ZoneInfo("Asia/Kolkata"))
    rows = gateway.client.settlement.report({"year": day.year, "month": day.month, "day": day.day})["items"]
    (row,) = [row for row in rows if row["type"] == "adjustment"]
    assert (row["debit"], row["credit"], row["dispute_id"], row["payment_id"]) == (50_000, 0, dispute["id"], payment)
    assert sum(row["credit"] - row["debit"] for row in rows) == settlement["amount"]


@pytest.mark.parametrize("amount", [0, 50_001])
def test_more_than_was_paid_is_not_disputed(gateway: Gateway, amount: int) -> None:
    assert "error" in gateway.door(f"payments/{paid(gateway)}/dispute", amount=amount)
    with pytest.raises(razorpay.errors.BadRequestError):
        gateway.client.dispute.fetch("disp_00000000000000")


def test_an_event_of_another_account_is_rightly_signed(gateway: Gateway, shop: Shop) -> None:
    gateway.door("faults", on="webhook", do="as", account_id="acc_Somebody000000", event="payment.captured")
    paid(gateway)
    events = shop.wait_for(3)
    assert {event["account_id"] for event in events if event["event"] == "payment.captured"} == {"acc_Somebody000000"}
    assert all(headers["X-Razorpay-Signature"] == sign(body, WEBHOOK_SECRET) for headers, body in shop.came)
