"""Decisions on the review queue: every item has its evidence and is resolved once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from noirel.accounts.services.tokens import access_token
from noirel.backoffice.models import Settlement, SettlementLine
from noirel.backoffice.reconciliation.runs import run_audit
from noirel.core.domain.money import inr
from noirel.core.models import AuditEntry, OutboxEvent
from noirel.inventory.models import StockItem
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order
from noirel.payments import jobs
from noirel.payments.models import Dispute, GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.razorpay import gateway as gateway_client
from tests.client import Client, with_key
from tests.make import make_staff, make_variant
from tests.shopping import LocalGateway, RunningShop, Shopper, order_path, wait_until
from tests.stories.test_payment_failures import captured_event, send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 12_500_00


@pytest.fixture
def underpaid(guest: Shopper, gateway: LocalGateway) -> dict[str, Any]:
    """An order that was underpaid by 500 rupees."""
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    gateway.fault("report", "change", amount_delta=-500_00, times=None)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "pending_payment"
    return placed | {"pay": payment_result["razorpay_payment_id"]}


def queue_items(staff: Client, query: str = "") -> list[dict[str, Any]]:
    response = staff.get(f"admin/desk{query}")
    assert response.status_code == 200, response.content
    return list(response.json()["results"])


def resolve(staff: Client, item: str, act: str, note: str = "") -> Any:
    return staff.post(f"admin/desk/{item}/resolve", {"act": act, "note": note}, **with_key(str(uuid.uuid4())))


def resolve_concurrently(shop: RunningShop, item: str, act: str) -> None:
    """Resolve an item by six concurrent requests with different keys, of which one succeeds."""
    token = access_token(make_staff())

    def send_request(_: int) -> int:
        call = Shopper(shop.url, access=token).call
        return call("POST", f"admin/desk/{item}/resolve", {"act": act}, Idempotency_Key=str(uuid.uuid4())).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(send_request, range(6)))
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {404, 409}


def refunded_at_gateway(gateway: LocalGateway) -> list[int]:
    return [refund["amount"] for refund in gateway.state()["refunds"] if refund["status"] != "failed"]


def test_a_payment_of_a_wrong_amount_is_shown_with_the_requested_amount_and_refunded_once(
    staff: Client, shop: RunningShop, underpaid: dict[str, Any], gateway: LocalGateway
) -> None:
    (item,) = queue_items(staff)
    assert (item["kind"], item["order"], item["subject"]) == ("mismatch", underpaid["order"]["number"], underpaid["pay"])
    assert item["amount"] == {"amount": PRICE - 500_00, "currency": "INR"}
    assert item["happened"].startswith("₹12,000 came in for order ")
    (amount,) = [evidence for evidence in item["evidence"] if evidence["name"] == "Amount"]
    assert amount == {"name": "Amount", "asked": "₹12,500", "told": "₹12,000", "differs": True}
    assert (item["proposed"], [act["act"] for act in item["acts"]]) == ("refund", ["refund"])
    assert staff.get("admin/desk").json()["counts"] == [{"kind": "mismatch", "count": 1}]
    assert staff.get(f"admin/desk/{item['id']}").json() == item

    resolve_concurrently(shop, item["id"], "refund")
    assert refunded_at_gateway(gateway) == [PRICE - 500_00]
    assert (UnmatchedPayment.objects.get().fate, queue_items(staff)) == ("returned", [])
    assert balances()[(Account.UNMATCHED, "INR")] == 0
    entry: Any = AuditEntry.objects.get(action="desk.refund")
    assert entry.target == f"desk:{item['id']}"
    assert entry.before["evidence"]["Amount"] == ["₹12,500", "₹12,000"]


def test_repeating_a_decision_returns_the_same_response(
    staff: Client, underpaid: dict[str, Any], gateway: LocalGateway
) -> None:
    (item,) = queue_items(staff)
    path, key = f"admin/desk/{item['id']}/resolve", with_key("once")
    first, second_payment = (staff.post(path, {"act": "refund"}, **key) for _ in range(2))
    assert (first.status_code, first.content) == (200, second_payment.content)
    assert first.json()["says"] == "₹12,000 is refunded to the payer, once, in 5 to 7 working days."
    assert refunded_at_gateway(gateway) == [PRICE - 500_00]


def test_a_payment_whose_refund_failed_returns_to_the_queue(
    staff: Client, underpaid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.fault("refund", "failed")
    resolve(staff, queue_items(staff)[0]["id"], "refund")
    process_refunds_now()
    (item,) = queue_items(staff)
    assert "It was sent back, but the gateway refused" in item["happened"]
    assert resolve(staff, item["id"], "refund").status_code == 200
    assert refunded_at_gateway(gateway) == [PRICE - 500_00]
    assert queue_items(staff) == []


def test_an_unmatched_authorization_is_left_to_lapse_and_refunded_if_captured_after_all(
    staff: Client, guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    gateway.fault("report", "change", amount_delta=-500_00, times=None)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"], "authorize")
    guest.verify(placed, payment_result)
    (item,) = queue_items(staff)
    unmatched = UnmatchedPayment.objects.get()
    assert item["deadline"] == (unmatched.created_at + timedelta(days=3)).isoformat().replace("+00:00", "Z")
    assert resolve(staff, item["id"], "refund").status_code == 200
    jobs.refund_unmatched_payments()
    assert (queue_items(staff), refunded_at_gateway(gateway)) == ([], [])
    gateway_client().capture(payment_result["razorpay_payment_id"], amount=PRICE, currency="INR")
    body = captured_event(
        placed["payment"]["gateway_order_id"], payment_id=payment_result["razorpay_payment_id"], amount=PRICE - 500_00
    )
    assert send(shop, body).status_code == 200
    jobs.refund_unmatched_payments()
    assert refunded_at_gateway(gateway) == [PRICE - 500_00]


def place_overpaid_order(guest: Shopper, gateway: LocalGateway, variant: Any) -> dict[str, Any]:
    """An order that was overpaid by 200 rupees."""
    gateway.without_webhooks()
    placed = guest.buy((variant.sku, 1))
    gateway.fault("report", "change", amount_delta=200_00, times=None)
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    assert guest.verify(placed, payment_result).json()["status"] == "pending_payment"
    return placed


def test_a_correct_payment_after_a_wrong_one_can_be_accepted_for_its_order(
    staff: Client, guest: Shopper, underpaid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    gateway.without_webhooks()
    second_payment = gateway.pay(underpaid["payment"]["gateway_order_id"], second=True)
    assert guest.verify(underpaid, second_payment).json()["status"] == "pending_payment"  # needs a decision by staff
    wrong_amount, right_amount = queue_items(staff)
    assert [item["proposed"] for item in (wrong_amount, right_amount)] == ["refund", "accept"]
    accepted = resolve(staff, right_amount["id"], "accept", "She rang.")
    assert (accepted.status_code, accepted.json()["order"]) == (200, underpaid["order"]["number"])
    order = guest.order(underpaid)
    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert resolve(staff, wrong_amount["id"], "refund").status_code == 200
    assert queue_items(staff) == []
    assert guest.order(underpaid)["payment_status"] == "paid"
    assert balances()[(Account.UNMATCHED, "INR")] == 0
    # It can be refunded like any other payment.
    number = underpaid["order"]["number"]
    refunded = staff.post(f"admin/orders/{number}/refund", {"reason": "broken"}, **with_key("r")).json()
    assert (refunded["payment_status"], refunded["refundable"]["amount"]) == ("refunded", 0)
    assert refunded_at_gateway(gateway) == [PRICE, PRICE - 500_00]


def test_accepting_an_overpayment_pays_for_the_order_and_refunds_the_excess(
    staff: Client, shop: RunningShop, guest: Shopper, gateway: LocalGateway
) -> None:
    placed = place_overpaid_order(guest, gateway, make_variant(price=inr(PRICE), on_hand=2))
    (item,) = queue_items(staff)
    assert [act["act"] for act in item["acts"]] == ["refund", "accept"]
    assert item["acts"][1]["says"].endswith("₹200 is too much and is refunded at once.")
    resolve_concurrently(shop, item["id"], "accept")
    order = guest.order(placed)
    assert (order["status"], order["payment_status"]) == ("paid", "paid")
    assert refunded_at_gateway(gateway) == [200_00]
    unmatched = UnmatchedPayment.objects.get()
    assert (unmatched.accepted_amount, unmatched.refunded_amount, unmatched.fate) == (PRICE, 200_00, "returned")
    jobs.refund_unmatched_payments()
    assert refunded_at_gateway(gateway) == [200_00]
    number = placed["order"]["number"]
    staff.post(f"admin/orders/{number}/cancel", {"reason": "asked"}, **with_key("c"))
    assert Payment.objects.get().refunded_amount == PRICE


def test_an_excess_whose_refund_failed_stays_on_the_queue(staff: Client, guest: Shopper, gateway: LocalGateway) -> None:
    placed = place_overpaid_order(guest, gateway, make_variant(price=inr(PRICE), on_hand=2))
    gateway.fault("refund", "failed")
    resolve(staff, queue_items(staff)[0]["id"], "accept")
    process_refunds_now()
    assert guest.order(placed)["status"] == "paid"
    (item,) = queue_items(staff)
    assert (item["amount"]["amount"], [act["act"] for act in item["acts"]]) == (200_00, ["refund"])
    assert item["happened"].startswith("₹200 more than order ")
    resolve(staff, item["id"], "refund")
    assert (queue_items(staff), refunded_at_gateway(gateway)) == ([], [200_00])


def test_an_expired_order_is_revived_only_if_its_stock_is_still_available(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=1)
    placed = place_overpaid_order(guest, gateway, variant)
    Order.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    jobs.expire_unpaid_orders()
    other = guest.buy((variant.sku, 1))
    (item,) = queue_items(staff)
    rejected = resolve(staff, item["id"], "accept")
    assert (rejected.status_code, rejected.json()["code"]) == (409, "out_of_stock")
    assert guest.order(placed)["status"] == "expired"
    assert not AuditEntry.objects.filter(action__startswith="desk").exists()
    guest.call("POST", order_path(other, "/cancel"), {})
    assert resolve(staff, item["id"], "accept").status_code == 200
    assert guest.order(placed)["status"] == "paid"


def test_a_payment_whose_state_at_the_gateway_has_changed_is_not_accepted(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    place_overpaid_order(guest, gateway, make_variant(price=inr(PRICE), on_hand=1))
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)  # the gateway now reports the exact amount
    refused = resolve(staff, queue_items(staff)[0]["id"], "accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_acceptable")
    assert Order.objects.get().paid_at is None


def test_a_failed_refund_is_requested_again_or_dismissed_with_a_note(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    for _ in range(2):
        gateway.fault("refund", "failed")
        body = {"reason": "broken", "amount": {"amount": 1_000_00, "currency": "INR"}}
        staff.post(f"admin/orders/{placed['order']['number']}/refund", body, **with_key(str(uuid.uuid4())))
    process_refunds_now()
    first_item, second_item = queue_items(staff, "?kind=refund_failed")
    assert [act["act"] for act in first_item["acts"]] == ["refund", "dismiss"]
    assert resolve(staff, first_item["id"], "refund").status_code == 200
    without_note = resolve(staff, second_item["id"], "dismiss", " ")
    assert (without_note.status_code, without_note.json()["errors"][0]["field"]) == (400, "note")
    assert resolve(staff, second_item["id"], "dismiss", "She took a voucher.").status_code == 200
    assert queue_items(staff) == []
    assert refunded_at_gateway(gateway) == [1_000_00]
    rejected = resolve(staff, second_item["id"], "refund")
    assert (rejected.status_code, rejected.json()["code"]) == (404, "not_found")


def test_the_failed_refund_of_a_cancelled_order_can_not_be_dismissed(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    guest.verify(placed, gateway.pay(placed["payment"]["gateway_order_id"]))
    gateway.fault("refund", "failed")
    staff.post(f"admin/orders/{placed['order']['number']}/cancel", {"reason": "asked"}, **with_key("c"))
    process_refunds_now()
    (item,) = queue_items(staff)
    assert [act["act"] for act in item["acts"]] == ["refund"]
    dismissed = resolve(staff, item["id"], "dismiss", "no")
    assert (dismissed.status_code, dismissed.json()["code"]) == (409, "act_not_allowed")
    assert resolve(staff, item["id"], "refund").status_code == 200
    assert refunded_at_gateway(gateway) == [PRICE]


def test_an_answered_dispute_returns_to_the_queue_when_the_bank_requires_more(
    staff: Client, guest: Shopper, gateway: LocalGateway
) -> None:
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    guest.verify(placed, payment_result)
    dispute = gateway.door(f"payments/{payment_result['razorpay_payment_id']}/dispute", reason="not_as_described")
    wait_until(lambda: queue_items(staff))
    (item,) = queue_items(staff, "?kind=dispute")
    assert (item["subject"], item["order"], item["proposed"]) == (dispute["id"], placed["order"]["number"], "respond")
    assert item["happened"] == "The buyer's bank wants ₹12,500 back: not as described."
    assert datetime.fromisoformat(item["deadline"]).timestamp() == dispute["respond_by"]
    assert resolve(staff, item["id"], "respond", "Sent the courier's proof.").status_code == 200
    assert queue_items(staff) == []
    Dispute.objects.update(told_at=F("told_at") + 60)  # as `action_required` does
    assert [row["subject"] for row in queue_items(staff)] == [dispute["id"]]


def test_all_webhooks_with_invalid_signatures_are_one_item(staff: Client, shop: RunningShop, gateway: LocalGateway) -> None:
    for number in range(3):
        body = captured_event(f"order_{number}", amount=5_00)
        assert send(shop, body, signature=f"{number}" * 64).status_code == 400
    (item,) = queue_items(staff)
    # Verifying them again has no effect while the secrets are the same.
    assert (item["kind"], [act["act"] for act in item["acts"]]) == ("webhook_parked", ["dismiss"])
    assert item["happened"].startswith("3 webhooks had a signature that doesn't match ours.")
    assert resolve(staff, item["id"], "retry").json()["code"] == "act_not_allowed"
    assert len(queue_items(staff)) == 1
    assert not GatewayEvent.objects.exists()
    assert resolve(staff, item["id"], "dismiss", "A script kiddie.").status_code == 200
    assert queue_items(staff) == []


@pytest.mark.unproved
def test_an_audit_finding_stays_on_the_queue_until_it_is_no_longer_found(staff: Client, gateway: LocalGateway) -> None:
    variant = make_variant(price=inr(PRICE), on_hand=2)
    StockItem.objects.filter(pk=variant.pk).update(on_hand=3)
    run_audit()
    (item,) = [row for row in queue_items(staff, "?kind=audit_finding") if "movements" in row["happened"]]
    assert (item["subject"], item["acts"][0]["act"]) == (variant.sku, "retry")
    assert item["happened"] == f"{variant.sku}: on hand 3, movements add up to 2."
    unchanged = resolve(staff, item["id"], "retry")
    assert (unchanged.status_code, unchanged.json()["code"]) == (409, "nothing_changed")
    assert unchanged.json()["detail"].endswith("on hand 3, movements add up to 2.")
    assert item["id"] in [row["id"] for row in queue_items(staff)]
    StockItem.objects.filter(pk=variant.pk).update(on_hand=2)
    assert resolve(staff, item["id"], "retry").status_code == 200
    assert queue_items(staff) == []


@pytest.mark.unproved
def test_an_unmatched_settlement_line_is_dismissed_with_an_explanation(staff: Client, gateway: LocalGateway) -> None:
    settlement = Settlement.objects.create(
        id="setl_1", amount=-90_00, fees=0, tax=0, currency="INR", utr="UTR9", created_at=timezone.now()
    )
    SettlementLine.objects.create(
        settlement=settlement, entity_id="adj_1", type="adjustment", amount=90_00, credit=0, debit=90_00, fee=0, tax=0,
        currency="INR", problem="We know of no adjustment like this.",
    )  # fmt: skip
    (item,) = queue_items(staff)
    assert (item["kind"], item["subject"], item["amount"]["amount"]) == ("settlement_unmatched", "adj_1", 90_00)
    assert resolve(staff, item["id"], "dismiss").status_code == 400
    assert resolve(staff, item["id"], "dismiss", "A fee for instant settlement.").status_code == 200
    assert queue_items(staff) == []


@pytest.mark.unproved
def test_a_parked_webhook_of_an_unknown_payment_can_be_retried_but_not_dismissed(
    staff: Client, guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=2).sku, 1))
    send(shop, captured_event("order_of_nobody", amount=5_00), event_id="ev_1")
    GatewayEvent.objects.update(retry_at=None, tries=12)
    (item,) = queue_items(staff)
    assert (item["kind"], item["subject"], item["amount"]["amount"]) == ("webhook_parked", "ev_1", 5_00)
    assert [act["act"] for act in item["acts"]] == ["retry"]
    Payment.objects.update(gateway_order_id="order_of_nobody")  # the attempt becomes known
    assert resolve(staff, item["id"], "retry").status_code == 200
    assert GatewayEvent.objects.get().applied_at is not None
    assert [row["kind"] for row in queue_items(staff)] == ["mismatch"]
    assert guest.order(placed)["status"] == "pending_payment"


@pytest.mark.unproved
def test_a_parked_event_is_delivered_again_or_dismissed_with_a_reason(staff: Client, gateway: LocalGateway) -> None:
    now = timezone.now()
    for name in ("order.delivered", "order.paid"):
        OutboxEvent.objects.create(name=name, key="NE-1", payload={}, attempts=12, parked_at=now, last_error="mail: down")
    first_item, second_item = queue_items(staff, "?kind=event_parked")
    assert resolve(staff, first_item["id"], "retry").status_code == 200
    failed = resolve(staff, second_item["id"], "retry")
    assert (failed.status_code, failed.json()["code"]) == (409, "nothing_changed")
    assert "KeyError" in failed.json()["detail"]
    assert resolve(staff, second_item["id"], "dismiss", "Told her by phone.").status_code == 200
    second_payment, dismissed = OutboxEvent.objects.order_by("id")
    assert (second_payment.parked_at, second_payment.last_error) == (None, "")
    assert second_payment.done_at is not None
    assert dismissed.done_at is not None
    assert queue_items(staff) == []
    after: Any = AuditEntry.objects.get(action="desk.dismiss").after
    assert after["note"] == "Told her by phone."


def test_the_review_queue_requires_permission_to_refund(staff_as: Any, client: Client, gateway: LocalGateway) -> None:
    for client_, status in ((staff_as("packer"), 403), (client, 401)):
        assert client_.get("admin/desk").status_code == status
        assert resolve(client_, f"stray-{uuid.uuid4()}", "refund").status_code == status
    owner = staff_as("owner")
    for unknown_id in ("stray-x", "refund-", "event-²", "event-99999999999999999999", "nobody-1", "x"):
        assert owner.get(f"admin/desk/{unknown_id}").status_code == 404
    assert owner.get("admin/desk?kind=gold").status_code == 400


def process_refunds_now() -> None:
    Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
    jobs.process_refunds()
