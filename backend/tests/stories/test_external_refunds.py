"""Refunds made on the gateway's dashboard, and refund events in any order, repeated or wrong: booked once, never too much."""

import hashlib
import hmac
import itertools
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noirel.core import events
from noirel.core.domain.money import inr
from noirel.inventory.models import Reservation, StockItem, StockMovement
from noirel.ledger.accounts import Account
from noirel.ledger.selectors import balances
from noirel.orders.models import Order, OrderEvent
from noirel.payments import jobs
from noirel.payments.lifecycle import RefundUpdate
from noirel.payments.models import GatewayEvent, Payment, Refund, UnmatchedPayment
from noirel.payments.services.apply_refund_update import apply_refund_update
from noirel.payments.services.reconcile import adopt_refunds
from tests.client import Client, with_key
from tests.make import make_variant
from tests.shopping import ACCOUNT, LocalGateway, RunningShop, Shopper, wait_until
from tests.stories.test_payment_failures import send

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 1_000_00


@pytest.fixture
def buy(guest: Shopper, gateway: LocalGateway) -> Callable[..., dict[str, Any]]:
    """Place a paid order of ten units. Webhooks are held back, and tests send them as they need."""

    def place_paid_order() -> dict[str, Any]:
        gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
        gateway.fault("webhook", "hold", times=None)
        variant = make_variant(price=inr(PRICE), on_hand=20)
        placed = guest.buy((variant.sku, 10))
        payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
        assert guest.verify(placed, payment_result).status_code == 200
        return placed | {
            "variant": variant.pk, "pay": payment_result["razorpay_payment_id"], "line": placed["order"]["lines"][0]["id"],
            "number": placed["order"]["number"],
        }  # fmt: skip

    return place_paid_order


@pytest.fixture
def paid(buy: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return buy()


def refund(staff: Client, placed: dict[str, Any], **body: Any) -> Any:
    return staff.post(f"admin/orders/{placed['number']}/refund", {"reason": "x"} | body, **with_key(str(uuid.uuid4())))


def refund_on_dashboard(gateway: LocalGateway, placed: dict[str, Any], amount: int | None = None) -> dict[str, Any]:
    more = {} if amount is None else {"amount": amount}
    return dict(gateway.door(f"payments/{placed['pay']}/refund", **more))


def order_of(placed: dict[str, Any]) -> Order:
    return Order.objects.get(number=placed["number"])


def uncommitted_units(placed: dict[str, Any]) -> int:
    """Units on hand that are not committed to orders."""
    item = StockItem.objects.get(pk=placed["variant"])
    return item.on_hand - item.committed


def refund_event(payment: str, amount: int, *, refund_id: str, receipt: str | None = None, status: str = "processed") -> bytes:
    entity = {
        "id": refund_id, "entity": "refund", "amount": amount, "currency": "INR", "payment_id": payment, "status": status,
        "receipt": receipt, "notes": [],
    }  # fmt: skip
    event = {"entity": "event", "account_id": ACCOUNT, "event": f"refund.{status}", "payload": {"refund": {"entity": entity}}}
    return json.dumps(event).encode()


def follow_up() -> None:
    for _ in range(3):
        Refund.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now())
        jobs.process_refunds()


@pytest.mark.parametrize("amounts", list(itertools.permutations([2, 3, 5])))
def test_refund_events_in_any_order_and_repeated_add_up(
    paid: dict[str, Any], shop: RunningShop, gateway: LocalGateway, amounts: tuple[int, ...]
) -> None:
    created = {units: refund_on_dashboard(gateway, paid, units * PRICE) for units in (2, 3, 5)}
    refund_events = [event for event in gateway.state()["webhooks"] if event["event"].startswith("refund.")]
    events_by_units = {units: [e for e in refund_events if created[units]["id"] in e["body"]] for units in created}
    for units in (*amounts, *amounts[::-1]):
        for event in events_by_units[units]:
            assert send(shop, event["body"].encode(), signature=event["signature"]).status_code == 200
    assert sorted(Refund.objects.values_list("amount", "status")) == [(n * PRICE, "processed") for n in (2, 3, 5)]
    total = paid["order"]["totals"]["total"]["amount"]
    status = "refunded" if total == 10 * PRICE else "partially_refunded"
    assert (order_of(paid).payment_status, Payment.objects.get().refunded_amount) == (status, 10 * PRICE)
    assert uncommitted_units(paid) == 10
    assert balances().get((Account.REFUNDS_DUE, "INR"), 0) == 0
    assert not OrderEvent.objects.filter(type="refund.quarantined").exists()


def test_a_refund_event_that_exceeds_what_is_left_is_quarantined_and_not_booked(
    paid: dict[str, Any], shop: RunningShop, gateway: LocalGateway, staff: Client
) -> None:
    total = paid["order"]["totals"]["total"]["amount"]
    refund_on_dashboard(gateway, paid, 9 * PRICE)
    adopt_refunds(paid["pay"])
    before = balances()
    for event_id in ("a", "b"):
        body = refund_event(paid["pay"], total - 9 * PRICE + 1, refund_id="rfnd_TooMuch0000000")
        assert send(shop, body, event_id=event_id).status_code == 200
    assert balances() == before
    quarantined = Refund.objects.get(gateway_refund_id="rfnd_TooMuch0000000")
    assert quarantined.status == "quarantined"
    assert Payment.objects.get().refunded_amount == 9 * PRICE
    assert OrderEvent.objects.filter(type="refund.quarantined").count() == 1
    shown = staff.get("admin/desk").json()
    assert str(quarantined.pk) in json.dumps(shown)
    assert len(order_of(paid).refunds) == 1


def test_a_refund_event_with_our_receipt_but_another_amount_is_quarantined(
    paid: dict[str, Any], shop: RunningShop, staff: Client, gateway: LocalGateway
) -> None:
    gateway.fault("refund.create", "error_503")
    assert refund(staff, paid, amount={"amount": 4 * PRICE, "currency": "INR"}).status_code == 201
    requested = Refund.objects.get()
    for amount in (3 * PRICE, 40 * PRICE):
        body = refund_event(paid["pay"], amount, refund_id=f"rfnd_Strange{amount:07d}", receipt=requested.key)
        assert send(shop, body).status_code == 200
    follow_up()
    requested.refresh_from_db()
    assert (requested.status, requested.amount) == ("processed", 4 * PRICE)
    assert Refund.objects.filter(status="quarantined").count() == 2
    assert Payment.objects.get().refunded_amount == 4 * PRICE


def test_a_refund_event_that_arrives_before_its_payment_applies_both(
    guest: Shopper, shop: RunningShop, gateway: LocalGateway
) -> None:
    gateway.fault("webhook", "hold", times=None)
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 2))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.door(f"payments/{payment_result['razorpay_payment_id']}/refund", amount=PRICE)
    refund_events = [event for event in gateway.state()["webhooks"] if event["event"].startswith("refund.")]
    for event in reversed(refund_events):
        send(shop, event["body"].encode(), signature=event["signature"])
    assert not GatewayEvent.objects.filter(applied_at=None).exists()
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("paid", "partially_refunded")


def test_polling_finds_a_payment_that_was_fully_refunded_meanwhile(guest: Shopper, gateway: LocalGateway) -> None:
    gateway.without_webhooks()
    placed = guest.buy((make_variant(price=inr(PRICE), on_hand=5).sku, 2))
    payment_result = gateway.pay(placed["payment"]["gateway_order_id"])
    gateway.door(f"payments/{payment_result['razorpay_payment_id']}/refund")
    Payment.objects.update(check_at=timezone.now())
    jobs.reconcile_payments()
    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("paid", "refunded")
    fee = Payment.objects.get().fee_amount
    assert fee
    assert balances()[(Account.GATEWAY, "INR")] == -fee


def test_an_order_refunded_on_the_dashboard_can_be_cancelled_and_is_restocked_once(
    paid: dict[str, Any], staff: Client, gateway: LocalGateway
) -> None:
    refund_on_dashboard(gateway, paid)
    adopt_refunds(paid["pay"])
    assert (order_of(paid).payment_status, uncommitted_units(paid)) == ("refunded", 10)
    for _ in range(2):
        response = staff.post(f"admin/orders/{paid['number']}/cancel", {"reason": "went back"})
        assert (response.status_code, response.json()["status"]) == (200, "cancelled"), response.content
    assert uncommitted_units(paid) == 20
    assert len(gateway.state()["refunds"]) == 1
    assert response.json()["lines"][0]["cancelled_quantity"] == 10


def test_units_are_restocked_once_if_their_refund_failed_and_is_repeated(
    paid: dict[str, Any], staff: Client, gateway: LocalGateway
) -> None:
    three = [{"id": paid["line"], "quantity": 3}]
    gateway.fault("refund", "failed")
    refund(staff, paid, lines=three, restock=True)
    follow_up()
    assert (Refund.objects.get().status, uncommitted_units(paid)) == ("failed", 13)
    repeated = refund(staff, paid, lines=[{"id": paid["line"], "quantity": 5}], restock=True)
    assert repeated.status_code == 201, repeated.content
    follow_up()
    assert uncommitted_units(paid) == 15
    assert repeated.json()["lines"][0]["cancelled_quantity"] == 5
    assert Reservation.objects.get().released == 5
    assert not StockMovement.objects.filter(reason="returned").exists()  # none of them had shipped
    assert refund(staff, paid, restock=True).status_code == 201
    assert uncommitted_units(paid) == 20
    follow_up()


def test_the_rest_of_an_unmatched_payment_is_refunded_after_a_partial_refund_on_the_dashboard(
    guest: Shopper, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    second = gateway.pay(paid["payment"]["gateway_order_id"], second=True)["razorpay_payment_id"]
    wait_until(UnmatchedPayment.objects.exists)
    gateway.door(f"payments/{second}/refund", amount=PRICE)
    wait_until(lambda: Refund.objects.filter(status="processed").exists())
    assert UnmatchedPayment.objects.get().fate == "to_return"
    jobs.refund_unmatched_payments()
    wait_until(lambda: UnmatchedPayment.objects.get().fate == "returned")
    assert UnmatchedPayment.objects.get().refunded_amount == UnmatchedPayment.objects.get().amount
    events.deliver_due()
    subjects = [message.subject for message in mail.outbox if "on its way back" in message.subject]
    assert len(subjects) == 2
    assert any("was paid twice" in str(message.body) for message in mail.outbox)
    assert Order.objects.get().payment_status == "paid"


def test_a_failed_refund_that_was_sent_after_all_is_quarantined_if_it_exceeds_what_is_left(
    paid: dict[str, Any], staff: Client, gateway: LocalGateway
) -> None:
    gateway.fault("refund", "failed")
    refund(staff, paid)
    follow_up()
    failed = Refund.objects.get()
    assert failed.status == "failed"
    assert refund(staff, paid).status_code == 201
    follow_up()
    before = balances()
    update = RefundUpdate(str(failed.gateway_refund_id), paid["pay"], failed.amount, "INR", "processed", key=failed.key)
    apply_refund_update(update, source="test")
    failed.refresh_from_db()
    assert failed.status == "quarantined"
    assert balances() == before


def test_a_quarantined_refund_that_failed_leaves_the_review_queue(paid: dict[str, Any], staff: Client) -> None:
    refund(staff, paid)
    follow_up()
    before = balances()
    for status, expected in (("pending", "quarantined"), ("failed", "failed"), ("pending", "failed"), ("failed", "failed")):
        apply_refund_update(RefundUpdate("rfnd_NeverLeft00000", paid["pay"], PRICE, "INR", status), source="test")
        quarantined = Refund.objects.get(gateway_refund_id="rfnd_NeverLeft00000")
        assert quarantined.status == expected
        assert (str(quarantined.pk) in json.dumps(staff.get("admin/desk").json())) == (expected == "quarantined")
    assert balances() == before


def test_an_order_number_alone_allows_no_refund_capture_or_cancellation(
    client: Client, paid: dict[str, Any], gateway: LocalGateway
) -> None:
    number = paid["number"]
    for path, body in (
        (f"admin/orders/{number}/refund", {"reason": "x"}), (f"admin/orders/{number}/capture", {}),
        (f"admin/orders/{number}/cancel", {"reason": "x"}),
    ):  # fmt: skip
        assert client.post(path, body, **with_key(str(uuid.uuid4()))).status_code == 401
    assert client.get(f"orders/{number}").status_code == 404
    assert gateway.state()["refunds"] == []


ORIGINS = st.sampled_from(["amount", "dashboard", "lines"])
FAULTS = st.sampled_from(["", "", "failed", "pending", "cut", "error_503"])
STEPS = st.lists(st.tuples(ORIGINS, st.integers(1, 50), FAULTS), min_size=1, max_size=6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_any_sequence_of_refunds_and_events_agrees_with_the_gateway_and_never_exceeds_the_payment(
    buy: Callable[..., dict[str, Any]], staff: Client, shop: RunningShop, gateway: LocalGateway,
    steps: list[tuple[str, int, str]], seed: int,
) -> None:  # fmt: skip
    placed, rng = buy(), random.Random(seed)
    total = placed["order"]["totals"]["total"]["amount"]
    for origin, tenths, fault in steps:
        amount = tenths * PRICE // 4
        if fault in {"failed", "pending"}:
            gateway.fault("refund", fault)
        elif fault and origin != "dashboard":
            gateway.fault("refund.create", fault)
        if origin == "dashboard":
            gateway.http.post(f"{gateway.url}/_test/payments/{placed['pay']}/refund", json={"amount": amount}, timeout=10)
        elif origin == "amount":
            refund(staff, placed, amount={"amount": amount, "currency": "INR"})
        else:
            refund(staff, placed, lines=[{"id": placed["line"], "quantity": tenths % 10 + 1}], restock=bool(tenths % 2))
    gateway.http.delete(f"{gateway.url}/_test/faults", timeout=10)
    follow_up()  # sends refunds that failed to be sent above
    for created in gateway.state()["refunds"]:
        if created["payment_id"] == placed["pay"] and created["status"] == "pending":
            gateway.door(f"refunds/{created['id']}/{rng.choice(['process', 'fail'])}")
    webhooks = [event for event in gateway.state()["webhooks"] if placed["pay"] in event["body"]] * 2
    rng.shuffle(webhooks)
    for n, event in enumerate(webhooks):
        body = event["body"].encode()
        signature = hmac.new(django_settings.RAZORPAY_WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert send(shop, body, signature=signature, event_id=f"{event['event_id']}-{n}").status_code == 200
    for _ in range(3):
        follow_up()
        GatewayEvent.objects.filter(applied_at=None).update(retry_at=timezone.now())
        jobs.retry_webhooks()
    gateway_refunds = [created for created in gateway.state()["refunds"] if created["payment_id"] == placed["pay"]]
    sent = sum(created["amount"] for created in gateway_refunds if created["status"] == "processed")
    payment = Payment.objects.get(gateway_payment_id=placed["pay"])
    assert payment.refunded_amount == sent <= total
    own_refunds = Refund.objects.filter(payment=payment)
    assert sum(row.amount for row in own_refunds if row.status == "processed") == sent
    assert not own_refunds.filter(status__in=["requested", "pending", "quarantined"]).exists()
    order_balances = balances(reference=placed["number"])
    assert order_balances.get((Account.REFUNDS_DUE, "INR"), 0) == 0
    assert order_balances[(Account.GATEWAY, "INR")] == total - (payment.fee_amount or 0) - sent
